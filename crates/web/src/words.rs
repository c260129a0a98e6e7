//! Sentences for error codes, Chinese first. Each says what to do. `{name}` is
//! replaced by an argument of the refusal. A test checks that every code of
//! the base has a sentence.

/// Title of the OpenAPI document.
pub const API_TITLE: &str = "Zoufang 走访";

/// Title and sentence of an error code.
pub fn sentence(code: &str) -> (&'static str, &'static str) {
    match code {
        "auth.required" => ("请先登录", "请先登录，再打开这个页面。"),
        "auth.failed" => ("登录没有成功", "用户名、密码或验证码不对，请再输一次。"),
        "auth.expired" => ("登录已过期", "时间长没有操作，请重新登录。"),
        "auth.totp_required" => ("还要验证码", "请输入手机验证器上的 6 位数字。"),
        "auth.locked" => (
            "暂时锁定",
            "输错次数太多，{until} 之后再试，或请安全管理员解锁。",
        ),
        "auth.throttled" => ("请稍等", "尝试太频繁，请过几分钟再试。"),
        "auth.password_weak" => ("密码太简单", "请换一个更长、不好猜的密码。"),
        "auth.password_expired" => ("请先改密码", "第一次登录或密码已重置，请先设一个新密码。"),
        "auth.demo_remote" => ("演示账号", "演示账号只能在这台电脑上使用。"),
        "auth.csrf" => ("请求来源不对", "请从本系统的页面操作。"),
        "permission.denied" => (
            "没有这项权限",
            "您的岗位没有这项权限。需要的话请联系安全管理员。",
        ),
        "permission.exclusive" => (
            "角色不能兼任",
            "系统、安全、审计三个管理员不能由同一个人担任。",
        ),
        "permission.second_person" => {
            ("要由别人来做", "这件事不能由本人办理，请另一位管理员操作。")
        }
        "not_found" => ("没有找到", "没有找到，可能已删除，或不在您的管辖范围。"),
        "unit.not_found" => ("没有这个机构", "没有找到这个机构，或不在您的管辖范围。"),
        "unit.in_use" => ("机构还在用", "这个机构还有人员、客户或下级，请先移走。"),
        "unit.tree" => ("上级不对", "下级机构的级别要比上级低，请检查上级机构。"),
        "staff.not_found" => ("没有这位员工", "没有找到这位员工，或不在您的管辖范围。"),
        "user.not_found" => ("没有这个用户", "没有找到这个用户，或不在您的管辖范围。"),
        "customer.not_found" => ("没有这位客户", "没有找到这位客户，或不在您的管辖范围。"),
        "merge.changed" => (
            "合并后又改过",
            "合并以后，保留的客户又改过：{fields}。撤销合并会丢掉这些改动，确定要撤销就再确认一次。",
        ),
        "merge.stuck" => (
            "现在还不能撤销",
            "保留的客户已经不在原处（又合并了、迁走了或按本人要求删除）。请先撤销那一步。",
        ),
        "transfer.taken" => (
            "客户号在对方已有",
            "{count} 个客户号在对方网点已经有了，请先到“疑似重复”里合并，再迁移。",
        ),
        "closing.left" => (
            "还有没移走的",
            "还有 {count} 位客户没能移走（客户号在接收网点已有）。请先合并重复，再点“继续”。",
        ),
        "program.not_found" => ("没有这个活动", "没有找到这个活动，或不在您的管辖范围。"),
        "program.infeasible" => (
            "还不能启动",
            "活动可行性体检还有没解决的问题，请先按建议修改。",
        ),
        "program.not_approved" => (
            "还没有批准",
            "第 {version} 版还没有人批准。请由县局另一位有审批权的人在“报送与审批”里批准，再开始。",
        ),
        "plan.not_found" => ("没有这份计划", "这一周还没有排计划。"),
        "plan.released" => ("计划已确认", "计划已确认。要改，请先点“重新打开”。"),
        "form.not_found" => ("没有这张表单", "没有找到这张表单。"),
        "form.published" => ("表单已发布", "已发布的表单不能改，请另存一个新版本。"),
        "import.not_found" => ("没有这次导入", "没有找到这次导入，或不在您的管辖范围。"),
        "import.file" => ("文件读不了", "{why}"),
        "import.columns" => (
            "列名对不上",
            "缺少必须的列：{columns}。请下载模板，对照列名再试。",
        ),
        "import.too_large" => ("文件太大", "一次最多 100 万行、512 MB，请分成几个文件。"),
        "import.state" => (
            "现在不能这样做",
            "这次导入正在进行或已经结束，请刷新页面看看。",
        ),
        "import.file_gone" => (
            "文件已经清除",
            "上传的文件只保留 7 天，请重新选择文件导入；已导入的行不会重复。",
        ),
        "import.datum" => (
            "请选坐标系",
            "文件里有经纬度，请先选它们用的坐标系：WGS84、GCJ02 或 BD09。",
        ),
        "import.running" => ("正在导入", "有一个同类导入还没完成，请等它结束。"),
        "job.not_found" => ("没有这项任务", "没有找到这项后台任务。"),
        "job.canceled" => ("已停止", "任务已按要求停止。"),
        "input.invalid" => ("有内容要改", "有几项内容需要改，见下面的提示。"),
        "input.malformed" => ("内容读不了", "提交的内容格式不对，请刷新页面再试。"),
        "input.too_large" => ("内容太多", "提交的内容太大，请分几次提交。"),
        "input.media_type" => ("格式不对", "提交的格式不对，请刷新页面再试。"),
        "method_not_allowed" => ("不支持这种操作", "这个地址不支持这种操作。"),
        "cursor.invalid" => ("翻页位置不对", "请回到第一页重新查看。"),
        "conflict" => ("已有变化", "别人刚刚改过，或编号已经存在。请刷新后再试。"),
        "duplicate" => ("编号重复", "这个编号已经有了，请换一个。"),
        "export.state" => (
            "现在不能这样做",
            "这次导出已经处理过了，请刷新后再看它的状态。",
        ),
        "export.gone" => (
            "文件已不再保留",
            "导出的文件过了保留期，或下载次数已用完；需要时请重新申请导出。",
        ),
        "reveal.reason" => ("请写原因", "查看完整信息要写明原因。"),
        "reveal.limit" => ("次数到了", "这一小时查看完整信息的次数已用完，请稍后再看。"),
        "vault.unreadable" => ("数据打不开", "这条数据解不开，请联系系统管理员检查密钥。"),
        "audit.damaged" => (
            "审计日志不完整",
            "这个机构的审计日志被改动过，没有保存。请联系系统管理员，运行 zoufang audit verify 检查。",
        ),
        "vault.locked" => ("密钥未打开", "系统密钥还没打开，请联系系统管理员。"),
        "disk.full" => (
            "服务器磁盘写满了",
            "服务器的磁盘写满了，这一次没有存上。已经存在手机里的记录和照片还在手机里，请不要删除。请告诉系统管理员清出磁盘空间；清出来以后系统自己会继续，手机会自动再传。",
        ),
        "busy" => ("系统正忙", "系统正忙，请过几秒再试。"),
        "device.code" => (
            "绑定码不对",
            "绑定码不对、已经用过或已经过期。请支局长重新生成一个，用本人账号登录后再扫。",
        ),
        "device.unknown" => (
            "手机没有绑定",
            "这台手机没有绑定到您的账号。请到网点找支局长扫码绑定。",
        ),
        "device.revoked" => (
            "手机已停用",
            "这台手机已经停用，不能再取资料；没传完的记录仍可以上传。请找支局长。",
        ),
        "sync.resync" => (
            "要重新取资料",
            "手机离线太久，需要重新取一遍资料，请保持联网。",
        ),
        "desk.same_typist" => (
            "要换一位同事",
            "这张采集表第一次是您录的，复录要换一位同事来做。",
        ),
        "quarantine.still" => (
            "还收不回来",
            "这条记录现在仍然读不出来，或和已有的记录重复。系统升级或资料补齐后再试；确认不要的，请写明原因后放弃。",
        ),
        "task.state" => (
            "现在不能这样处理",
            "这个任务现在的状态不能做这一步，请刷新后再看：可能别人已经处理，或者任务在暂停中。",
        ),
        "task.children" => (
            "还有子任务",
            "这个任务还有没办完的子任务，请先办完或取消子任务。",
        ),
        "blob.offset" => ("接着传", "照片要从上次传到的地方接着传，手机会自动处理。"),
        "blob.checksum" => ("照片没传完整", "照片在路上损坏了，手机会自动重传。"),
        "blob.gone" => ("要重新传", "这次上传已经过期，手机会重新开始传这张照片。"),
        "timeout" => ("时间太长", "这次操作时间太长，请缩小范围再试。"),
        "stopping" => ("正在停机", "系统正在停机或重启，请稍后再试。"),
        _ => (
            "系统出错",
            "系统出错了，已经记下。请过一会儿再试；还不行，把编号 {request_id} 告诉系统管理员。",
        ),
    }
}

/// Sentence of a wrong field.
pub fn field_sentence(code: &str) -> &'static str {
    match code {
        "field.required" => "请填写，且不要超过规定长度。",
        "field.not_in_list" => "请从列表里选一项。",
        "field.too_long" => "太长了，请缩短。",
        "field.range" => "超出允许的范围，请检查。",
        "field.day" => "日期写法如 2026-11-23。",
        "field.place" => "经纬度不对，请检查。",
        "unit.level_not_below_parent" => "级别要比上级机构低。",
        "unit.too_deep" => "层级太深。",
        "staff.post_unknown" => "没有这个岗位，请从列表里选。",
        "user.login_form" => "用户名用 2 到 40 个字母、数字、点或横线。",
        "role.unknown" => "没有这个角色。",
        "role.level" => "这个角色不能授在这一级机构，请换一个机构或角色。",
        "password.too_short" => "密码至少 {length} 个字符。",
        "password.weak" => "密码太好猜，不要用连续数字、常见词或用户名。",
        "password.wrong" => "原来的密码不对。",
        "password.same" => "新密码不能和原来的一样。",
        "totp.wrong" => "验证码不对或已过期，请看手机上的最新数字。",
        "phone.invalid" => "电话号码不对，请检查位数。",
        "export.empty" => "没有符合条件的客户，请换一个条件。",
        "export.too_many" => "一次导出的行数太多，请分网点或按群体导出。",
        "receipt.columns" => "回执里找不到流水号或处理结果这一列，请检查表头。",
        "receipt.unreadable" => "回执打不开，请另存为 xlsx 或 csv 再传。",
        "reason.personal" => "原因会记入日志，请不要写姓名、号码或住址。",
        "id_number.invalid" => "证件号码不对，请检查位数和最后一位。",
        "customer_no.moved" => {
            "这位客户已转到{to}，不能在这里另建。要改资料请找那边；要转回来请办客户迁移。"
        }
        "customer_no.merged" => {
            "这个客户号已并入另一位客户，不能另建。请按姓名或电话查到那位客户再改；并错了请到“疑似重复”撤销合并。"
        }
        "customer_no.erased" => {
            "本人要求删除，资料已删，这个客户号不能再建档。本人要重新办理，请联系合规人员。"
        }
        "channel.needs_basis" => {
            "这个来源要先有经两人批准、在有效期内的合法来源记录，请到“合法来源”登记。"
        }
        "tag.needs_basis" => {
            "这个群体的名单要先有经两人批准、在有效期内的合法来源记录，请到“合法来源”登记。"
        }
        "rule.invalid" => "规则写得不对，请看预览里的提示，改好再保存。",
        "basis.expiry" => "有效期要在今天以后，且不超过规定的最长年限。",
        "card.space" => "卡上印不下：最多 8 行，每行最多 24 个字。",
        "map.format" => "这不是地图文件。请上传 GeoJSON（.geojson、.json）或 PMTiles（.pmtiles）。",
        "map.tiles" => {
            "这个 PMTiles 文件读不出来：需要第 3 版，瓦片为图片或 MVT。请让提供方重新导出。"
        }
        "map.coordinates" => "文件里的坐标不是经纬度（可能是米制投影坐标）。请按经纬度重新导出。",
        "map.empty" => "文件里没有可以画出来的图形。请检查导出的内容。",
        "text.personal" => "这里不要写姓名、号码或住址。",
        "request.erased" => "这位客户的资料已按要求删除，不能再登记。",
        "request.correction" => "更正要写明改哪一项，以及改成什么。",
        "agreement.k" => "每格最少人数不能低于规定。",
        "week.form" => "周的写法如 2026-W48。",
        "plan.locked" => "这里已锁定，先解锁再改。",
        "plan.other_kind" => "初步走访的村组和上门走访的户不能排在同一个小组里。",
        "plan.taken" => "这个半天已经排了别的村组。",
        "plan.over" => "已经开始或过去的走访不能再改。",
        "plan.add_there" => "这户本周已经在计划里；划掉的请用“恢复”。",
        "plan.add_refused" => "这户表示不愿被走访，不能加入。",
        "plan.add_left" => "这户已不在走访对象名单，不能加入。请先更新走访对象。",
        "plan.add_source" => "这户资料的合法来源已失效，不能再据此走访。",
        "plan.add_elsewhere" => "这户已排在别的周。要换到本周，请先在那一周划掉。",
        "plan.add_window" => {
            "加进去以后，这个小组在时段内赶不回网点。请换一个小组，或选“加入并腾出时间”。"
        }
        "plan.add_shift" => "这个小组不能走这户：不归它的距离圈、缺岗位或有人请假。请换一个小组。",
        "plan.add_nowhere" => {
            "本周没有哪个小组能在时段内排下这户。可以自己选一个小组并腾出时间，或先划掉一户。"
        }
        "plan.day_none" => {
            "这一天没有能走它的小组：不归距离圈、缺岗位、有人请假，或半天已排了村组。"
        }
        "plan.outside_week" => "日期要在这一周里，后一天不早于前一天。",
        "plan.unknown" => "没有这一项，请重新选。",
        "stock.too_few" => "库存没有这么多，请先登记到货或收货，再看一下数量。",
        "stock.confirmed" => "对方已经确认，不能再更正；请让对方退回，或登记盘点差额。",
        "program.paused" => "活动暂停中，恢复以后才能生成走访对象、排计划。",
        "toml.invalid" => "活动文件有错，请检查。",
        _ => "这一项不对，请检查。",
    }
}

/// What an action of the audit log is called.
pub fn action(code: &str) -> String {
    let known = match code {
        "unit.add" => "新增机构",
        "unit.change" => "修改机构",
        "staff.add" => "新增员工",
        "staff.change" => "修改员工",
        "customer.add" => "新增客户",
        "customer.change" => "修改客户",
        "customer.import" => "导入客户",
        "import.mapping" => "记住导入文件的列",
        "import.refused" => "下载退回的行（完整内容）",
        "customer.reveal" => "查看完整信息",
        "customer.merge_ask" => "提出合并",
        "customer.merge_answer" => "答复合并",
        "customer.merge" => "合并进另一条记录",
        "customer.merge_away" => "并入另一条记录",
        "customer.merge_undo" => "撤销合并",
        "customer.merge_state" => "合并进度",
        "duplicate.scan" => "查找重复客户",
        "duplicate.find" => "登记疑似重复",
        "duplicate.decide" => "处理疑似重复",
        "transfer.ask" => "提出客户迁移",
        "transfer.leave" => "客户迁出",
        "transfer.arrive" => "客户迁入",
        "transfer.undo" => "撤销客户迁移",
        "transfer.state" => "迁移进度",
        "unit.close_ask" => "提出撤并网点",
        "unit.close_step" => "网点撤并进度",
        "unit.closed" => "网点已撤并",
        "village_group.put" => "导入村组",
        "village_group.assign" => "按地址归入村组",
        "place.put" => "导入村、乡镇的位置",
        "customer.pin" => "标记门户位置",
        "customer.unpin" => "取消门户位置标记",
        "user.add" => "新增用户",
        "user.reset" => "重置密码",
        "user.unlock" => "解锁用户",
        "user.retire" => "停用用户",
        "user.password" => "修改密码",
        "user.sign_in" => "登录",
        "user.sign_in_failed" => "登录失败",
        "user.sign_out" => "退出",
        "user.totp_begin" => "准备启用验证码",
        "user.totp_on" => "启用验证码",
        "user.totp_off" => "停用验证码",
        "grant.set" => "调整角色",
        "task.open" => "新建任务",
        "task.assign" => "交接任务",
        "task.submit" => "提交任务",
        "task.return" => "退回任务",
        "task.close" => "办结任务",
        "task.cancel" => "取消任务",
        "task.reopen" => "重开任务",
        "task.comment" => "任务留言",
        "task.pause" => "暂停任务计时",
        "task.resume" => "恢复任务计时",
        "task.remind" => "提醒任务",
        "task.escalate" => "上报超期任务",
        "routine.set" => "调整例行工作",
        "routine.run" => "例行工作排期",
        "calendar.correct" => "调整工作日",
        "calendar.restore" => "恢复工作日",
        "setting.set" => "修改设置",
        "program.create" => "新建活动",
        "program.change" => "修改活动",
        "program.start" => "启动活动",
        "program.close" => "结束活动",
        "program.approve" => "批准活动",
        "filing.hand_in" => "报送走访计划",
        "filing.accept" => "同意走访计划",
        "filing.return" => "退回走访计划",
        "visit_count.put" => "填报走访户数",
        "sweep.put" => "登记初步走访",
        "program.pause" => "暂停活动",
        "program.resume" => "恢复活动",
        "program.step" => "登记活动准备",
        "program.delete" => "删除活动草稿",
        "program.unit" => "修改网点参数",
        "target.build" => "生成走访对象",
        "group.draft" => "修改必访群体规则草稿",
        "group.draft_drop" => "放弃必访群体规则草稿",
        "group.publish" => "发布必访群体规则",
        "group.refresh" => "更新必访群体名单",
        "tick.save" => "勾选必访群体",
        "tick.names" => "勾选名单显示姓名",
        "tick.print" => "打印勾选名单",
        "plan.make" => "编制周计划",
        "plan.confirm" => "确认周计划",
        "visit.read" => "查看走访记录",
        "visit.write" => "录入走访记录",
        "visit.review" => "处理待核对的走访记录",
        "device.write" => "绑定和停用手机",
        "plan.reopen" => "重新打开周计划",
        "plan.strike" => "划去一户",
        "plan.restore" => "恢复一户",
        "plan.add" => "加入一户走访",
        "plan.move" => "移动一户",
        "plan.lock" => "锁定或解锁计划",
        "plan.undo" => "撤销计划改动",
        "plan.away" => "登记请假或停走",
        "plan.back" => "取消请假或停走",
        "plan.print" => "打印周计划",
        "keys.rotate" => "更换密钥",
        "keys.reseal" => "用新密钥重新加密",
        "customer.lookup" => "查找客户",
        "household.propose" => "生成户的建议",
        "household.accept" => "确认为一户",
        "household.reject" => "不采纳户的建议",
        "household.undo" => "撤销户的确认",
        "household.move" => "调整家庭成员",
        "household.split" => "分户",
        "household.change" => "修改户的资料",
        "basis.propose" => "登记合法来源",
        "basis.approve" => "同意合法来源",
        "basis.reject" => "退回合法来源",
        "basis.withdraw" => "撤回合法来源",
        "source.end" => "停用失去合法来源的数据",
        "consent.record" => "登记同意或拒绝",
        "standing.end" => "拒绝到期，恢复走访",
        "request.open" => "登记客户请求",
        "request.end" => "办结客户请求",
        "request.move" => "客户请求转到其他网点",
        "request.report" => "打印客户资料说明",
        "customer.erase" => "删除客户资料",
        "retention.list" => "列出到期资料",
        "retention.decide" => "审批到期资料",
        "agreement.make" => "登记数据提供协议",
        "agreement.decide" => "审批数据提供协议",
        "agreement.share" => "对外提供汇总数",
        "target.refused" => "客户拒绝，移出走访对象",
        "plan.refused" => "客户拒绝，划去走访",
        "target.left" => "客户已不在本网点，移出走访对象",
        "plan.left" => "客户已不在本网点，划去走访",
        "target.source_ended" => "合法来源已失效，移出走访对象",
        "plan.source_ended" => "合法来源已失效，划去走访",
        "target.lead" => "走访对象换了户主",
        "sync.push" => "上传走访记录",
        "sync.pull" => "手机取走访资料",
        "sync.shown" => "登记手机资料的改动",
        "sync.trim" => "清理手机资料的改动记录",
        "visit.reveal" => "查看走访记录全文",
        "device.code" => "生成手机绑定码",
        "device.code_failed" => "手机绑定码不对",
        "device.enrol" => "绑定手机",
        "device.revoke" => "停用手机",
        "review.accept" => "核对通过",
        "review.reject" => "核对不通过",
        "quarantine.take" => "收回搁置的记录",
        "quarantine.drop" => "搁置的记录不再处理",
        "photo.put" => "收到走访照片",
        "photo.view" => "查看走访照片",
        "desk.second" => "复录采集表",
        "desk.decide" => "核定复录差异",
        "photo.expire" => "清除没传完的照片",
        "photo.erase" => "删除走访照片",
        "visit.erase" => "删除走访里的个人信息",
        "rescue.key" => "生成应急密钥",
        "rescue.put" => "收到应急上传",
        "rescue.open" => "打开应急上传",
        other => return other.to_owned(),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_base::code::ErrorCode;

    #[test]
    fn every_code_has_its_own_sentence() {
        let fallback = sentence("no such code");
        for code in ErrorCode::ALL.iter().filter(|c| c.code != "internal") {
            assert_ne!(sentence(code.code), fallback, "{code}");
        }
    }
}
