//! Words of this room: why a visit needs a look, why an operation was kept
//! aside. Codes are stored; sentences are made here, in the words that are
//! allowed on screen. Knows no visit and no database.

/// Codes of what somebody must look at.
pub mod review {
    /// A required answer is missing.
    pub const MISSING: &str = "missing";
    /// An answer breaks a rule of the form.
    pub const CONSTRAINT: &str = "constraint";
    /// The outcome is not one of the known ones.
    pub const OUTCOME: &str = "outcome";
    /// The day lies in the future.
    pub const FUTURE: &str = "future";
    /// The day lies outside of the campaign.
    pub const OUTSIDE: &str = "outside";
    /// The household is not the branch's (any more).
    pub const HOUSEHOLD: &str = "household";
    /// The customer is not the branch's (any more).
    pub const PERSON: &str = "person";
    /// The customer has refused visits.
    pub const REFUSES: &str = "refuses";
    /// Somebody else visited the household on the same day.
    pub const SAME_DAY: &str = "same_day";
    /// Amended at two places at once.
    pub const AMENDED_TWICE: &str = "amended_twice";
    /// Being written when its phone was given up.
    pub const UNFINISHED: &str = "unfinished";
    /// The village group is not the branch's.
    pub const GROUP: &str = "group";
    /// More was handed out than one person may get.
    pub const OVER_CAP: &str = "over_cap";
    /// Something about people that the branch confirms.
    pub const PROPOSAL: &str = "proposal";
    /// The phone belongs to a customer of the branch.
    pub const DUPLICATE: &str = "duplicate";
    /// The door was pinned elsewhere before.
    pub const OTHER_DOOR: &str = "other_door";
}

/// Why a visit needs a look, in a sentence.
pub fn review_reason(code: &str) -> &'static str {
    match code {
        review::MISSING => "有必填项没有填",
        review::CONSTRAINT => "有的答案不符合表单的要求",
        review::OUTCOME => "没有写清见面情况",
        review::FUTURE => "走访日期晚于今天",
        review::OUTSIDE => "走访日期不在活动期间",
        review::HOUSEHOLD => "这一户不在本网点名下，可能已经移走或合并",
        review::PERSON => "这位客户不在本网点名下，可能已经移走或合并",
        review::REFUSES => "客户已经表示不接受走访",
        review::SAME_DAY => "同一天还有一条这一户的走访记录",
        review::UNFINISHED => "手机上没有写完提交，由网点取出，请核对后再算",
        review::GROUP => "这个村组不在本网点名下",
        review::OVER_CAP => "发放数量超过了每人上限",
        review::PROPOSAL => "走访时登记的户或客户信息，请核对后确认",
        review::DUPLICATE => "电话与本网点一位客户相同，可能重复",
        review::OTHER_DOOR => "门口位置和以前标的相差较远",
        review::AMENDED_TWICE => "两个地方都改过这条记录",
        _ => "需要人工核对",
    }
}

/// What a phone noticed about place and time, by name; it explains, and keeps nobody from anything.
pub const SIGNALS: [(&str, &str); 4] = [
    ("accuracy_zero", "手机给出的定位误差为零，不像真实定位"),
    ("constant", "几次定位完全一样，手机可能没有真正定位"),
    ("jump", "两次定位之间相距太远，超过路上能走的速度"),
    ("stale", "定位早于这次走访"),
];

/// Why a visit was amended after its form was typed twice.
pub const DOUBLE_REASON: &str = "复录核对后改正";

/// Why an operation was kept aside, in a sentence.
pub fn quarantine_reason(code: &str) -> &'static str {
    match code {
        "op_changed" => "同一个编号传来了两份不同的内容，两份都留着",
        "entity_exists" => "这条记录已经有了，新传来的一份另外留着",
        "visit_exists" => "这条走访记录已经有了，新传来的一份另外留着",
        "visit_unknown" => "要更正的走访记录还没有传上来",
        "op_unreadable" => "传来的内容不成一条记录，已经原样留下",
        "payload_unreadable" => "内容不完整，读不出来",
        "program_unknown" => "走访所属的活动不存在",
        "form_unknown" => "采集表的版本不认识",
        "kind_unknown" => "手机端的版本比系统新，请先升级系统",
        "too_large" => "内容太大",
        "device_revoked" => "这台手机已经停用",
        _ => "系统处理不了，已经原样留下",
    }
}
