//! Words of the program itself: what commands print, what administrators read,
//! and the plain page. Chinese; English only where it is the name of a command
//! or of an option.

pub mod linkage;
pub mod rules;

use crate::backup::Manifest;
use std::fmt::Display;
use std::path::Path;

/// Name of the product.
pub const PRODUCT: &str = "走访";
/// Who changed something from the command line, in the audit log.
pub const MACHINE: &str = "本机命令行";

// Passphrase and keys.
/// The passphrase does not fit.
pub const WRONG_PASSPHRASE: &str =
    "口令不对，打不开密钥文件。请核对 ZOUFANG_PASSPHRASE 或口令文件。";
/// The key file is damaged.
pub const DAMAGED_KEY_FILE: &str = "密钥文件已损坏，请用备份里的密钥文件恢复。";
/// Question.
pub const ASK_PASSPHRASE: &str = "请输入口令：";
/// Question.
pub const ASK_NEW_PASSPHRASE: &str =
    "请设置口令（至少 12 个字符；忘记了数据就打不开，请封存一份）：";
/// Question.
pub const ASK_PASSPHRASE_AGAIN: &str = "请再输入一次：";
/// Two different answers.
pub const PASSPHRASES_DIFFER: &str = "两次输入的口令不一样，请重新运行。";
/// No terminal to ask on.
pub const NO_PASSPHRASE: &str = "没有口令：请设置环境变量 ZOUFANG_PASSPHRASE，或在数据文件夹里放只有本人可读的口令文件 passphrase。";
/// The keys of the data folder are not those of the database in use.
pub const OTHER_KEYS: &str = "数据文件夹里的密钥文件不是这个数据库的，请检查 --data。";

/// The passphrase is short.
pub fn passphrase_short(least: usize) -> String {
    format!("口令至少要 {least} 个字符。")
}
/// The passphrase file is readable for others.
pub fn passphrase_file_open(path: &Path) -> String {
    format!(
        "口令文件 {} 别人也能读。请运行：chmod 600 {0}",
        path.display()
    )
}
/// A key file is readable for others.
pub fn key_file_open(path: &Path) -> String {
    format!(
        "密钥文件 {} 别人也能读。请运行：chmod 600 {0}",
        path.display()
    )
}
/// There is a key file already.
pub fn key_file_exists(path: &Path) -> String {
    format!("{} 已经有密钥文件，不会覆盖。", path.display())
}
/// There is no key file.
pub fn no_key_file(path: &Path) -> String {
    format!(
        "没有找到密钥文件 {}。第一次使用请运行 zoufang init（正式）或 zoufang demo（演示）。",
        path.display()
    )
}

// Files and configuration.
/// A compressed file that holds more than any input may.
pub fn file_unpacks_too_large(path: &Path) -> String {
    format!(
        "{} 解压后超过 512 MB，不是可用的数据文件。请检查压缩包，或拆分成几个文件。",
        path.display()
    )
}

/// A file cannot be read.
pub fn file_unreadable(path: &Path, why: &str) -> String {
    format!("读不了文件 {}：{why}", path.display())
}
/// A file is there already.
pub fn file_exists(path: &Path) -> String {
    format!("文件 {} 已经有了，不会覆盖，请换一个名字。", path.display())
}
/// The configuration cannot be read.
pub fn config_unreadable(path: &Path, why: &str) -> String {
    format!("读不了配置文件 {}：{why}", path.display())
}
/// The configuration is wrong.
pub fn config_wrong(why: &str) -> String {
    format!("配置文件 zoufang.toml 有错：{why}")
}
/// A variable is wrong.
pub fn env_wrong(name: &str) -> String {
    format!("环境变量 {name} 的值不对。")
}
/// There is no database.
pub fn no_database(path: &Path) -> String {
    format!(
        "没有找到数据库 {}。第一次使用请运行 zoufang init（正式）或 zoufang demo（演示）；数据在别处请用 --data 指明。",
        path.display()
    )
}
/// Migrations are missing.
pub fn migrate_first(missing: &[String]) -> String {
    format!(
        "数据库结构还没更新（缺 {}）。请先备份，再运行：zoufang db migrate",
        missing.join("、")
    )
}
/// There is no head unit.
pub const NOT_SET_UP: &str = "还没有初始化，请先运行 zoufang init。";

// Serving.
/// Half of a pair.
pub const TLS_HALF: &str = "证书和私钥要一起给：--tls-cert 和 --tls-key。";
/// A demo stays here.
pub const DEMO_LOOPBACK: &str = "演示数据只能在本机使用（127.0.0.1），不能对外提供服务。";
/// Plain HTTP stays here.
pub const PLAIN_LOOPBACK: &str = "不加密的 HTTP 只能在本机使用。对外请用 --tls-cert 和 --tls-key（证书可用 zoufang cert 生成），或放在行里的网关后面并加 --behind-gateway。";
/// The port is taken or forbidden.
pub fn cannot_listen(address: impl Display, why: &str) -> String {
    format!("不能在 {address} 上提供服务（{why}）。端口可能被占用，请换一个：--port")
}
/// The server takes requests.
pub fn serving(address: &str) -> String {
    format!("已启动：{address}    （按 Ctrl-C 停止）")
}
/// The page without pages.
pub const NO_PAGES: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>走访</title></head>\
<body style=\"font-family:sans-serif;max-width:40em;margin:4em auto;line-height:1.8\"><h1>页面还没有构建</h1>\
<p>服务器和接口已经可以使用，但这个程序在编译时没有包含网页。</p>\
<p>请安装 Node 20.19 或更高版本，在源码目录运行 <code>make build</code>，再重新启动。</p>\
<p>接口说明：<a href=\"/api/openapi.json\">/api/openapi.json</a></p></body></html>";

// Backup.
/// Not ours.
pub const NOT_A_BACKUP: &str = "这个文件不是走访的备份文件。";
/// Damaged.
pub const BACKUP_DAMAGED: &str = "备份文件不完整或被改动过，不能使用。";
/// The audit chain differs.
pub const BACKUP_AUDIT_DIFFERS: &str = "审计链或数据库结构与备份清单不一致。";
/// Rows are missing.
pub fn rows_differ(table: &str, told: u64, found: u64) -> String {
    format!("表 {table}：清单 {told} 行，实际 {found} 行")
}
/// The keys were changed again and again.
pub const KEYS_CHANGING: &str = "备份期间一直在更换密钥，没有备份成。请换完密钥再备份。";
/// Which photo, of which branch, and what is wrong with it.
pub fn photo_not_whole(branch: &str, day: Option<&str>, id: &str, what: &str) -> String {
    let day = day.map_or(String::new(), |d| format!(" {d} 走访的"));
    format!("照片不完整：{branch}{day}照片 {id}，{what}")
}
/// No piece of it is there.
pub const PHOTO_MISSING: &str =
    "备份里没有它的内容。若备份期间正好按要求删除了这张照片，请重新备份一次。";
/// Another content.
pub const PHOTO_OTHER: &str = "内容与登记的校验值不符。";
/// A piece does not open.
pub fn photo_piece_broken(at: u64) -> String {
    format!("从第 {at} 字节起的一段已损坏，打不开。")
}
/// Pieces are missing.
pub fn photo_short(found: u64, size: u64) -> String {
    format!("只有 {found} 字节，应有 {size} 字节。")
}
/// Not all are named.
pub fn photos_more(n: u64) -> String {
    format!("另有 {n} 张照片不完整。")
}
/// How many photos there are.
pub fn photos_kept(n: Option<u64>) -> String {
    match n {
        Some(n) => format!("照片 {n} 张"),
        None => "不含照片（旧版程序的备份）".to_owned(),
    }
}
/// Restored but for these.
pub fn restored_without(n: usize) -> String {
    format!("其他数据都已恢复，但有下列照片不完整（{n} 条）：")
}
/// Restoring never overwrites.
pub fn folder_taken(path: &Path) -> String {
    format!(
        "{} 里已经有数据，不会覆盖。请恢复到一个空文件夹。",
        path.display()
    )
}
/// Done.
pub fn backup_made(path: &Path, m: &Manifest, megabytes: f64, seconds: f64) -> String {
    let (rows, photos) = (m.total_rows(), photos_kept(m.photos));
    format!(
        "已备份到 {}：{rows} 行，{photos}，{megabytes:.1} MB，用时 {seconds:.1} 秒。请把文件和口令分开保管。",
        path.display()
    )
}
/// Done.
pub fn backup_good(m: &Manifest) -> String {
    let (at, rows, photos) = (m.made_at, m.total_rows(), photos_kept(m.photos));
    let events = m.audit_events;
    format!("备份完好：{at} 制作，{rows} 行，{photos}，审计记录 {events} 条逐条核对无误。")
}
/// Done.
pub fn restored(path: &Path, m: &Manifest) -> String {
    let (rows, photos) = (m.total_rows(), photos_kept(m.photos));
    format!(
        "已恢复到 {}：{rows} 行，{photos}。启动：zoufang serve --data {0}",
        path.display()
    )
}

// Audit.
/// What is wrong with a chain, by the stable name of the damage.
pub fn chain_problem(kind: &str) -> &'static str {
    match kind {
        "changed" => "这一条被改动、插入或移动过",
        "missing" => "这一条之前有记录被删除",
        "out_of_order" => "这一条重复或顺序不对",
        "truncated" => "末尾有记录被删除",
        "beyond_head" => "末尾多出了没有登记的记录",
        "head_differs" => "最后一条与登记的不一致",
        "head_forged" => "链头不是本系统写的",
        "head_missing" => "有记录但没有链头",
        _ => "审计链不完整",
    }
}
/// Where a damage is.
pub fn chain_place(unit: impl Display, stream: u8, seq: i64, text: &str) -> String {
    format!("机构 {unit} 第 {stream} 链第 {seq} 条：{text}")
}
/// The chain holds.
pub fn chain_good(events: u64, streams: usize) -> String {
    format!("审计链完好：{streams} 条链，{events} 条记录逐条核对无误。")
}

// Doctor.
/// Clock.
pub fn clock(now: &str, sane: bool) -> String {
    if sane {
        now.to_owned()
    } else {
        format!("{now}：电脑时间不对，请先校准。")
    }
}
/// Data folder.
pub fn folder_open(path: &Path) -> String {
    format!("{} 别人也能进入。建议运行：chmod 700 {0}", path.display())
}
/// Durability.
pub fn fsync(micros: u64) -> String {
    format!("写盘 {micros} 微秒")
}
/// Durability.
pub fn fsync_too_fast(micros: u64) -> String {
    format!("写盘只要 {micros} 微秒，快得不真实：断电时可能丢数据，请检查磁盘缓存。")
}
/// Disk.
pub fn disk_free(megabytes: u64, percent: u64) -> String {
    format!("剩余 {megabytes} MB（{percent}%）")
}
/// Key file.
pub fn key_file(fingerprint: &str, suite: &str, id: u32) -> String {
    format!("指纹 {fingerprint}，套件 {suite}，第 {id} 代")
}
/// Not checked.
pub const PASSPHRASE_UNCHECKED: &str = "没有给口令，没有检查能否打开密钥。";
/// Checked.
pub const PASSPHRASE_FITS: &str = "口令能打开密钥文件";
/// Pages.
pub const PAGES_BUILT_IN: &str = "网页已包含在程序里";
/// Pages.
pub const PAGES_MISSING: &str = "程序里没有网页，请用 make build 重新构建。";
/// Calendar.
pub fn calendar(last: &str, known: bool) -> String {
    match known {
        true => format!("节假日已知到 {last}"),
        false => {
            format!("节假日只知道到 {last}：今年的放假安排不全，请升级程序或在“工作日历”里补录。")
        }
    }
}
/// Demo.
pub fn demo_flag(demo: bool) -> &'static str {
    if demo {
        "这是演示数据库，不能用于真实客户。"
    } else {
        "正式数据库"
    }
}
/// Backup age.
pub const BACKUP_NEVER: &str = "还没有备份过。请运行：zoufang backup create";
/// Backup age.
pub fn backup_age(at: &str, hours: i64) -> String {
    format!("上次备份 {at}（{hours} 小时前）")
}

// Certificates.
/// Name of the issuer.
pub const CERT_ISSUER: &str = "走访 本机根证书（只签发这一张）";
/// Name of the server.
pub const CERT_SERVER: &str = "走访 服务器";
/// Names are needed.
pub const CERT_NAMES: &str =
    "请写明手机和电脑用来访问的名称或 IP，例如：--name zoufang.local --name 192.168.1.20";
/// Failure.
pub fn cert_failed(why: &str) -> String {
    format!("证书没有做成：{why}。名称只能用字母、数字、点、横线，或 IP 地址。")
}
/// What to do with the files.
pub fn cert_steps(issuer: &Path, cert: &Path, key: &Path, last_day: &str, address: &str) -> String {
    format!(
        "已生成三个文件（有效期到 {last_day}）：
  {issuer}   根证书，装到每部手机和每台电脑
  {cert}   服务器证书
  {key}   服务器私钥，只留在服务器上，不要外发

启动服务器：
  zoufang serve --listen 0.0.0.0:8443 --tls-cert {cert} --tls-key {key}
然后访问：https://{address}:8443

让手机和电脑信任根证书（每台设备做一次；请当面核对文件来自这台服务器）：
  安卓：把 zoufang-issuer.crt 传到手机，设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书，选中该文件。
  苹果：用隔空投送或邮件打开文件，设置 → 通用 → VPN 与设备管理 → 安装；
        再到 设置 → 通用 → 关于本机 → 证书信任设置，打开“完全信任”。
  Windows：双击文件 → 安装证书 → 本地计算机 → 将所有的证书都放入下列存储 → 受信任的根证书颁发机构。
  统信、麒麟：复制到 /usr/local/share/ca-certificates/，运行 sudo update-ca-certificates，再在浏览器设置里导入。

根证书的私钥没有保存：没有人能再用它签发别的证书。到期前重新运行本命令，并在设备上重新信任。",
        issuer = issuer.display(),
        cert = cert.display(),
        key = key.display(),
    )
}

// Demo.
/// A folder with real data.
pub fn not_a_demo(path: &Path) -> String {
    format!(
        "{} 里是正式数据，不会装入演示数据。请换一个文件夹：--data",
        path.display()
    )
}
/// What `zoufang sample` has written.
pub fn sample_written(folder: &Path, rows: usize, wrong: usize, twice: usize) -> String {
    format!(
        "练习文件在 {}：共 {rows} 行，其中 {wrong} 行有错，{twice} 人有两个客户号；答案在 truth.json",
        folder.display()
    )
}
/// Step.
pub const DEMO_GENERATE: &str = "正在生成演示数据";
/// Step.
pub const DEMO_ACCOUNTS: &str = "正在建立演示账号";
/// Why the demo campaign is approved before the branches have filed their plans.
pub const DEMO_APPROVAL: &str = "演示活动，网点计划没有报送";
/// A fault of ours.
pub const DEMO_REFUSED: &str = "演示数据没有全部装入，请删除数据文件夹后重试。";
/// Name of a demo account.
pub fn demo_person(role: &str) -> String {
    format!("演示·{role}")
}
/// Head of the list of logins.
pub const DEMO_LOGINS: &str = "演示账号（只能在本机使用；数据都是虚构的）：";
/// First start.
pub fn demo_ready(seconds: f64) -> String {
    format!("演示数据已备好，用时 {seconds:.1} 秒。")
}

// Imports.
/// What a file holds.
pub fn import_kind(kind: &str) -> &'static str {
    match kind {
        "units" => "机构",
        "staff" => "员工",
        "village_groups" => "村组",
        _ => "客户",
    }
}
/// Result of an import.
pub fn import_done(what: &str, c: &zf_network::import::Counts) -> String {
    format!(
        "{what}：读 {} 行，新增 {}，更新 {}，不变 {}，有错 {}",
        c.done, c.new, c.changed, c.same, c.bad
    )
}
/// One refused cell.
pub fn import_error(row: i64, column: &str, key: &str, reason: &str, masked: &str) -> String {
    format!("第 {row} 行 [{column}] {key}：{reason}（{masked}）")
}
/// Where the list is.
pub fn errors_written(path: &Path) -> String {
    format!("有错的格和原因已写入 {}（内容已脱敏）。", path.display())
}
/// Where the refused rows are.
pub fn refused_written(path: &Path) -> String {
    format!(
        "退回的行已写入 {}，改好后只导这个文件即可。里面是完整的客户资料，用完请删除。",
        path.display()
    )
}
/// An encoding is unknown.
pub fn bad_encoding(text: &str) -> String {
    format!("编码 {text} 不认识，请用 utf-8、gb18030、utf-16le 或 utf-16be。")
}
/// A file of columns cannot be read.
pub fn bad_mapping(path: &Path, why: &str) -> String {
    format!(
        "列对应文件 {} 不对：{why}。写法：[columns] 下面每行 \"列名\" = \"字段\"，不要的列写 \"\"。",
        path.display()
    )
}
/// The import of this file was broken off before.
pub const IMPORT_GOES_ON: &str = "这个文件上次没有导完，接着导。";
/// Nothing was written.
pub const DRY_RUN: &str = "（只检查，没有写入）";
/// A unit code is unknown.
pub fn no_such_unit(code: &str) -> String {
    format!("没有机构编码 {code}。")
}
/// A login is unknown.
pub fn no_such_user(login: &str) -> String {
    format!("没有用户 {login}。")
}
/// A datum is unknown.
pub fn bad_datum(text: &str) -> String {
    format!("坐标系 {text} 不认识，请用 wgs84、gcj02 或 bd09。")
}
/// A file cannot be written.
pub fn file_unwritable(path: &Path, why: &str) -> String {
    format!("写不了文件 {}：{why}", path.display())
}
/// Some rows did not go in.
pub fn rows_refused(n: i64) -> String {
    format!("有 {n} 行没有导入，原因见上。")
}

// First start.
/// Only once.
pub const INIT_TWICE: &str = "已经初始化过了，不会重来。";
/// Form of the file.
pub const PASSWORD_FILE_FORM: &str =
    "口令文件要有三行，依次是系统、安全、审计管理员，每行写成 用户名:密码，用户名不能相同。";
/// Done.
pub fn init_done(key_file: &Path, lines: &str) -> String {
    format!(
        "初始化完成。三位管理员（初始密码只显示这一次，第一次登录要改）：\n{lines}\n\n密钥文件：{}（没有口令打不开；请把口令封存）。\n下一步：zoufang serve；由系统管理员导入机构和员工，由安全管理员开设账号。",
        key_file.display()
    )
}

// Databases.
/// Done.
pub fn copied(tables: usize, rows: u64, to: &str, seconds: f64) -> String {
    format!(
        "已复制 {tables} 张表、{rows} 行到 {to}，用时 {seconds:.1} 秒。以后启动请用 --db 或 ZOUFANG_DB_URL 指向新库。"
    )
}

/// Something is broken.
pub fn doctor_broken(n: usize) -> String {
    format!("有 {n} 项不正常，请先处理标 FAIL 的项目。")
}
/// A line of input is wrong.
pub fn line_fault(line: usize, what: &str) -> String {
    format!("第 {line} 行：{what}")
}

// Accounts and keys.
/// Nothing was done.
pub fn would_change(login: &str) -> String {
    format!("（只演练）将处理用户 {login}，没有写入。")
}
/// Done.
pub fn user_changed(login: &str) -> String {
    format!("用户 {login} 已处理。")
}
/// Shown once.
pub fn initial_password(login: &str, password: &str) -> String {
    format!("用户 {login} 的初始密码：{password}（只显示这一次，第一次登录要改）")
}
/// Nothing was done.
pub fn would_rotate(id: u32) -> String {
    format!("（只演练）将启用第 {id} 代密钥，没有写入。")
}
/// Done.
pub fn rotated(id: u32) -> String {
    format!(
        "已启用第 {id} 代密钥，旧数据由后台任务重新加密。请马上做一次备份：zoufang backup create"
    )
}

// Routes and figures.
/// Usage.
pub const SECONDS_POSITIVE: &str = "--seconds 要大于 0。";
/// Usage.
pub const ROUTE_ROWS: &str = "--row 可以是 zf-S、zf-M、zf-L 或 again。";
/// Done.
pub fn route_solved(visits: usize, routes: usize, cost: i64, travel: i64, to: &Path) -> String {
    format!(
        "安排 {visits} 户，{routes} 条线路，代价 {cost}，在途 {travel} 秒；已写入 {}",
        to.display()
    )
}
/// Good.
pub fn route_good(visits: usize, routes: usize, cost: i64, travel: i64) -> String {
    format!("可行：{visits} 户，{routes} 条线路，代价 {cost}，在途 {travel} 秒。")
}

// Campaigns and plans.
/// Step.
pub const DEMO_TARGETS: &str = "正在筛选走访对象";
/// Step.
pub const DEMO_PLANS: &str = "正在排本周走访计划";
/// Who has approved the demo campaign.
pub const DEMO_APPROVER: &str = "局长（演示）";
/// Name of the demo campaign.
pub const DEMO_CAMPAIGN: &str = "百万客户大走访（演示）";
/// The days were moved.
pub fn demo_campaign(first: impl Display, last: impl Display) -> String {
    format!("演示活动：按预设建立，日期已平移为 {first} 至 {last}，使本周落在第一阶段。")
}
/// Branches that cannot reach the quota got one they can.
pub fn demo_quotas(lowered: &[(&str, i64)]) -> String {
    let each: Vec<String> = lowered
        .iter()
        .map(|(name, quota)| format!("{name} {quota} 户"))
        .collect();
    format!(
        "可行性体检：{} 个网点人手或时间不够，已按体检建议调低每天任务：{}。",
        lowered.len(),
        each.join("、")
    )
}
/// The campaign is not started.
pub const DEMO_NOT_STARTED: &str =
    "演示活动的可行性体检还有问题，先保存为草稿；请在“活动”页面查看。";
/// A file was loaded.
pub fn campaign_loaded(code: &str, version: i64, how: &str) -> String {
    format!("活动 {code}：{how}，现在是第 {version} 版。")
}
/// What loading did.
pub const LOADED_NEW: &str = "新建";
/// What loading did.
pub const LOADED_CHANGED: &str = "已更新";
/// What loading did.
pub const LOADED_SAME: &str = "没有变化";
/// There are errors.
pub fn check_errors(n: usize) -> String {
    format!("体检发现 {n} 个必须先解决的问题。")
}
/// A column is missing.
pub fn columns_missing(path: &Path, columns: &str) -> String {
    format!("文件 {} 缺少列：{columns}", path.display())
}
/// A cell is wrong.
pub fn cell_wrong(path: &Path, row: u64, column: &str) -> String {
    format!("文件 {} 第 {row} 行 [{column}] 不对", path.display())
}
/// A week is wrong.
pub fn bad_week(text: &str) -> String {
    format!("周 {text} 写法不对，请写成 2026-W48。")
}
/// One branch of a week.
pub fn branch_planned(code: &str, name: &str, b: (i64, i64, i64), state: &str) -> String {
    format!(
        "{code}  {name}  计划 {} 户，任务 {} 户，还差 {} 户  {state}",
        b.0, b.1, b.2
    )
}
/// State of a branch's plan.
pub fn became(what: &str) -> &'static str {
    match what {
        "planned" => "已排（草稿）",
        "confirmed" => "已确认，未改动",
        _ => "没有坐标，未排",
    }
}
/// The whole week.
pub fn week_planned(
    week: impl Display,
    branches: usize,
    planned: i64,
    needed: i64,
    seconds: f64,
) -> String {
    format!(
        "{week}：{branches} 个网点，计划 {planned} 户，任务 {needed} 户，用时 {seconds:.1} 秒。"
    )
}
/// Files.
pub fn workbooks_written(n: usize, to: &Path) -> String {
    format!("已写出 {n} 份走访计划表到 {}。", to.display())
}
/// Figures.
pub fn bench_plan(branches: usize, seconds: f64, reference: f64) -> String {
    format!(
        "排 {branches} 个网点一周计划用时 {seconds:.2} 秒；只求解不读写 {reference:.2} 秒；比值 {:.2}",
        seconds / reference
    )
}

/// Planning one branch again.
pub fn bench_again(median_ms: f64) -> String {
    format!("一个网点重新编排一周：{median_ms:.0} 毫秒（中位数）")
}

/// Histories of the simulator.
pub const SIM_HISTORIES: &str = "模拟";
/// `bench sim` found something.
pub const SIM_UNSOUND: &str = "模拟发现记录丢失、重复、缺号或者有误，见上面的 faults";
/// An unknown `--control`.
pub const CONTROL_UNKNOWN: &str =
    "--control 只能是 none、no-idempotency、answer-before-commit、delete-on-send";
/// An unknown `--control` of `bench kill`.
pub const RULE_UNKNOWN: &str = "--control 只能是 none、no-idempotency、delete-on-send";
/// `bench kill` or `bench full-disk` found something.
pub const KILL_UNSOUND: &str = "有记录或照片丢失、重复、缺号，或者拒绝时没有说清楚，见上面的数字";
