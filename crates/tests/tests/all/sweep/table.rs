//! Who may do what: the oracle of the permission sweep, written by hand from
//! what the posts of the campaign are for. It knows nothing of the packs; when
//! a role or an operation changes, somebody must change it here too.

use Reach::*;

/// Where an operation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anybody.
    Public,
    /// The caller's own account, whatever the role.
    Own,
    /// One unit, or something of one: out of scope is 404.
    Unit,
    /// A list: what is out of scope is not in it.
    Filtered,
    /// The same for the whole installation, or bound to units later: see the note.
    Whole,
}

/// One operation.
pub struct Row {
    /// Operation id.
    pub op: &'static str,
    /// `x-permission` of the document.
    pub permission: &'static str,
    /// Where it reaches.
    pub reach: Reach,
    /// Roles that may; nobody else.
    pub roles: &'static [&'static str],
}

const fn row(
    op: &'static str,
    permission: &'static str,
    reach: Reach,
    roles: &'static [&'static str],
) -> Row {
    Row {
        op,
        permission,
        reach,
        roles,
    }
}

/// Every role.
pub const ROLES: [&str; 10] = [
    "market_department",
    "branch_head",
    "visitor",
    "inspector",
    "city_coordinator",
    "director",
    "compliance",
    "system_admin",
    "security_admin",
    "audit_admin",
];

const MARKET: &[&str] = &["market_department"];
const SYSTEM: &[&str] = &["system_admin"];
const SECURITY: &[&str] = &["security_admin"];
const AUDIT: &[&str] = &["audit_admin"];
const SEES_UNITS: &[&str] = &[
    "market_department",
    "branch_head",
    "inspector",
    "city_coordinator",
    "director",
    "system_admin",
    "security_admin",
    "compliance",
];
const CHANGES_UNITS: &[&str] = &["market_department", "system_admin"];
const SEES_STAFF: &[&str] = &[
    "market_department",
    "branch_head",
    "inspector",
    "city_coordinator",
    "director",
    "security_admin",
    "compliance",
];
const SEES_CUSTOMERS: &[&str] = &[
    "market_department",
    "branch_head",
    "visitor",
    "inspector",
    "compliance",
];
const CHANGES_CUSTOMERS: &[&str] = &["market_department", "branch_head", "visitor"];
const REVEALS: &[&str] = &["branch_head", "visitor", "inspector", "compliance"];
const SEES_PROGRAMS: &[&str] = &[
    "market_department",
    "branch_head",
    "visitor",
    "inspector",
    "city_coordinator",
    "director",
];
const SEES_OVERVIEW: &[&str] = &[
    "market_department",
    "branch_head",
    "inspector",
    "city_coordinator",
    "director",
];
const WRITES_PRIVACY: &[&str] = &["market_department", "branch_head", "compliance"];
const SEES_PRIVACY: &[&str] = &["market_department", "branch_head", "director", "compliance"];
const SEES_GROUPS: &[&str] = &["market_department", "branch_head", "director", "compliance"];
const APPROVES: &[&str] = &["director", "compliance"];
const PLANS: &[&str] = &["market_department", "branch_head"];
const DIRECTOR: &[&str] = &["director"];
const VISITS: &[&str] = &["branch_head", "visitor"];
const SEES_VISITS: &[&str] = &["market_department", "branch_head", "visitor", "inspector"];
const ENROLS: &[&str] = &["branch_head", "system_admin"];
const HEAD: &[&str] = &["branch_head"];
const SEES_CALENDAR: &[&str] = &[
    "market_department",
    "branch_head",
    "visitor",
    "inspector",
    "city_coordinator",
    "director",
    "system_admin",
];
const SEES_PACKS: &[&str] = &["market_department", "city_coordinator", "system_admin"];
const SEES_FORMS: &[&str] = &[
    "market_department",
    "branch_head",
    "visitor",
    "inspector",
    "city_coordinator",
    "system_admin",
];
const SEES_INDICATORS: &[&str] = &[
    "market_department",
    "branch_head",
    "inspector",
    "city_coordinator",
    "director",
    "system_admin",
];

/// The table. An import is bound to units row by row when it runs (see the
/// tests of imports), and a template, a post, a pack or a form is the same for
/// everybody: these are `Whole`.
pub const TABLE: &[Row] = &[
    row("sign_in_hints", "public", Public, &[]),
    row("sign_in", "public", Public, &[]),
    row("sign_out", "own", Own, &[]),
    row("me_get", "own", Own, &[]),
    row("preferences_put", "own", Own, &[]),
    row("password_change", "own", Own, &[]),
    row("totp_begin", "own", Own, &[]),
    row("totp_confirm", "own", Own, &[]),
    row("totp_off", "own", Own, &[]),
    row("user_list", "user.read", Filtered, SECURITY),
    row("user_create", "user.write", Unit, SECURITY),
    row("user_reset", "user.write", Unit, SECURITY),
    row("user_unlock", "user.write", Unit, SECURITY),
    row("user_roles", "grant.write", Unit, SECURITY),
    row("user_retire", "user.write", Unit, SECURITY),
    row("role_list", "user.read", Whole, SECURITY),
    row("audit_list", "audit.read", Filtered, AUDIT),
    row("audit_verify", "audit.verify", Unit, AUDIT),
    row(
        "job_get",
        "job.read",
        Unit,
        &["market_department", "branch_head", "system_admin"],
    ),
    row(
        "job_cancel",
        "job.read",
        Unit,
        &["market_department", "branch_head", "system_admin"],
    ),
    row("pack_list", "pack.read", Whole, SEES_PACKS),
    row("form_list", "form.read", Whole, SEES_FORMS),
    row("form_get", "form.read", Whole, SEES_FORMS),
    row("indicator_list", "indicator.read", Whole, SEES_INDICATORS),
    row("system_get", "system.read", Whole, SYSTEM),
    row("unit_list", "unit.read", Filtered, SEES_UNITS),
    row("unit_create", "unit.write", Unit, CHANGES_UNITS),
    row("unit_get", "unit.read", Unit, SEES_UNITS),
    row("unit_update", "unit.write", Unit, CHANGES_UNITS),
    row("post_list", "staff.read", Whole, SEES_STAFF),
    row("staff_list", "staff.read", Unit, SEES_STAFF),
    row("staff_create", "staff.write", Unit, MARKET),
    row("staff_update", "staff.write", Unit, MARKET),
    row("calendar_list", "calendar.read", Whole, SEES_CALENDAR),
    row("calendar_put", "calendar.write", Unit, SYSTEM),
    row("calendar_delete", "calendar.write", Unit, SYSTEM),
    row("village_group_list", "customer.read", Unit, SEES_CUSTOMERS),
    row(
        "village_group_assign",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row("customer_place_get", "customer.read", Unit, SEES_CUSTOMERS),
    row(
        "customer_place_put",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row(
        "customer_place_delete",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row("customer_list", "customer.read", Unit, SEES_CUSTOMERS),
    row("customer_lookup", "customer.read", Filtered, SEES_CUSTOMERS),
    row("customer_get", "customer.read", Unit, SEES_CUSTOMERS),
    row("customer_create", "customer.write", Unit, CHANGES_CUSTOMERS),
    row("customer_update", "customer.write", Unit, CHANGES_CUSTOMERS),
    row("customer_reveal", "customer.reveal", Unit, REVEALS),
    row("household_propose", "customer.merge", Unit, PLANS),
    row(
        "household_proposal_list",
        "customer.read",
        Unit,
        SEES_CUSTOMERS,
    ),
    row("household_decide", "customer.merge", Unit, PLANS),
    row("household_undo", "customer.merge", Unit, PLANS),
    row("household_counts", "customer.read", Unit, SEES_CUSTOMERS),
    row("household_list", "customer.read", Unit, SEES_CUSTOMERS),
    row("household_get", "customer.read", Unit, SEES_CUSTOMERS),
    row("household_timeline", "customer.read", Unit, SEES_CUSTOMERS),
    row("customer_tag_list", "customer.read", Whole, SEES_CUSTOMERS),
    row("reveal_quota", "customer.reveal", Whole, REVEALS),
    row(
        "household_create",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row("household_join", "customer.write", Unit, CHANGES_CUSTOMERS),
    row(
        "household_update",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row("duplicate_list", "customer.merge", Unit, PLANS),
    row("duplicate_get", "customer.merge", Unit, PLANS),
    row("duplicate_decide", "customer.merge", Unit, PLANS),
    row("duplicate_agree", "customer.merge", Unit, PLANS),
    row("duplicate_merge", "customer.merge", Unit, PLANS),
    row("duplicate_scan_get", "customer.merge", Unit, PLANS),
    row("duplicate_scan", "customer.merge", Unit, PLANS),
    row("duplicate_check", "customer.write", Unit, CHANGES_CUSTOMERS),
    row("merge_list", "customer.merge", Unit, PLANS),
    row("merge_undo", "customer.merge", Unit, PLANS),
    row("transfer_list", "customer.transfer", Unit, MARKET),
    row("transfer_create", "customer.transfer", Unit, MARKET),
    row("transfer_get", "customer.transfer", Unit, MARKET),
    row("transfer_undo", "customer.transfer", Unit, MARKET),
    row("unit_closing_get", "customer.transfer", Unit, MARKET),
    row("unit_closing_start", "customer.transfer", Unit, MARKET),
    row("import_list", "import.read", Filtered, MARKET),
    row("import_create", "import.write", Whole, MARKET),
    row("import_get", "import.read", Unit, MARKET),
    row("import_cancel", "import.write", Unit, MARKET),
    row("customer_privacy_get", "privacy.read", Unit, SEES_PRIVACY),
    row("privacy_rules", "privacy.read", Whole, SEES_PRIVACY),
    row("source_list", "privacy.read", Whole, SEES_PRIVACY),
    row("basis_list", "privacy.read", Filtered, SEES_PRIVACY),
    row("basis_propose", "privacy.write", Unit, WRITES_PRIVACY),
    row("basis_decide", "privacy.approve", Unit, APPROVES),
    row("basis_withdraw", "privacy.write", Unit, WRITES_PRIVACY),
    row("consent_record", "privacy.write", Unit, WRITES_PRIVACY),
    row("request_list", "privacy.read", Filtered, SEES_PRIVACY),
    row("request_open", "privacy.write", Unit, WRITES_PRIVACY),
    row("request_end", "privacy.write", Unit, WRITES_PRIVACY),
    row("request_erase", "privacy.approve", Unit, APPROVES),
    row(
        "customer_report",
        "customer.reveal",
        Unit,
        &["branch_head", "compliance"],
    ),
    row("certificate_get", "privacy.read", Unit, SEES_PRIVACY),
    row("retention_preview", "privacy.read", Unit, SEES_PRIVACY),
    row("retention_list", "privacy.read", Filtered, SEES_PRIVACY),
    row("retention_decide", "privacy.approve", Unit, APPROVES),
    row("agreement_list", "privacy.read", Filtered, SEES_PRIVACY),
    row("agreement_make", "privacy.write", Unit, WRITES_PRIVACY),
    row("agreement_decide", "privacy.approve", Unit, APPROVES),
    row("agreement_share", "privacy.write", Unit, WRITES_PRIVACY),
    row("policy_parameters", "privacy.read", Whole, SEES_PRIVACY),
    row("customer_products", "customer.read", Unit, SEES_CUSTOMERS),
    row(
        "customer_products_set",
        "customer.write",
        Unit,
        CHANGES_CUSTOMERS,
    ),
    row("product_counts", "customer.read", Unit, SEES_CUSTOMERS),
    row("quality_get", "overview.read", Filtered, SEES_OVERVIEW),
    row("quality_workbook", "overview.read", Filtered, SEES_OVERVIEW),
    row("export_policy", "privacy.read", Whole, SEES_PRIVACY),
    row("export_list", "privacy.read", Filtered, SEES_PRIVACY),
    row("export_get", "privacy.read", Unit, SEES_PRIVACY),
    row("export_create", "customer.export", Unit, PLANS),
    row("export_decide", "export.approve", Unit, APPROVES),
    row("export_withdraw", "customer.export", Unit, PLANS),
    row("export_file", "customer.export", Unit, PLANS),
    row("export_receipts", "customer.export", Unit, PLANS),
    row("import_preview", "import.write", Unit, MARKET),
    row("import_start", "import.write", Unit, MARKET),
    row("import_resume", "import.write", Unit, MARKET),
    row("import_discard", "import.write", Unit, MARKET),
    row("import_refused_rows", "import.write", Unit, MARKET),
    row("import_channels", "import.write", Whole, MARKET),
    row("import_errors_workbook", "import.read", Unit, MARKET),
    row("import_template", "import.read", Whole, MARKET),
    row("overview_get", "overview.read", Unit, SEES_OVERVIEW),
    row("program_preset_list", "program.read", Whole, SEES_PROGRAMS),
    row("program_list", "program.read", Filtered, SEES_PROGRAMS),
    row("program_create", "program.write", Unit, MARKET),
    row("program_get", "program.read", Unit, SEES_PROGRAMS),
    row("program_update", "program.write", Unit, MARKET),
    row("program_form", "program.read", Whole, SEES_PROGRAMS),
    row("program_file_read", "program.write", Whole, MARKET),
    row("program_parameters", "program.read", Unit, SEES_PROGRAMS),
    row("program_version_get", "program.read", Unit, SEES_PROGRAMS),
    row("program_version_diff", "program.read", Unit, SEES_PROGRAMS),
    row("program_version_restore", "program.write", Unit, MARKET),
    row("program_clone", "program.write", Unit, MARKET),
    row("program_life", "program.read", Unit, SEES_PROGRAMS),
    row(
        "program_calendar_changes",
        "program.read",
        Unit,
        SEES_PROGRAMS,
    ),
    row("program_step_put", "program.write", Unit, MARKET),
    row("program_check", "program.read", Unit, SEES_PROGRAMS),
    row("program_unit_list", "program.read", Unit, SEES_PROGRAMS),
    row("program_unit_update", "program.write", Unit, MARKET),
    row("target_build", "program.write", Unit, MARKET),
    row("group_list", "group.read", Unit, SEES_GROUPS),
    row("group_preview", "group.read", Unit, SEES_GROUPS),
    row("group_versions", "group.read", Unit, SEES_GROUPS),
    row("group_draft", "group.write", Unit, MARKET),
    row("group_draft_drop", "group.write", Unit, MARKET),
    row("group_publish", "group.write", Unit, MARKET),
    row("tick_progress", "customer.read", Unit, SEES_CUSTOMERS),
    row("tick_rows", "customer.read", Unit, SEES_CUSTOMERS),
    row("tick_save", "customer.write", Unit, CHANGES_CUSTOMERS),
    row("tick_names", "customer.reveal", Unit, REVEALS),
    row("tick_sheet_print", "customer.export", Unit, PLANS),
    row("tick_sheet_get", "customer.read", Unit, SEES_CUSTOMERS),
    row("tick_sheet_book", "customer.export", Unit, PLANS),
    row("household_reasons", "customer.read", Unit, SEES_CUSTOMERS),
    row("collection_form_print", "customer.reveal", Unit, REVEALS),
    row("service_card_get", "plan.read", Unit, SEES_PROGRAMS),
    row("service_card_put", "plan.write", Unit, PLANS),
    row("map_layer_list", "plan.read", Unit, SEES_PROGRAMS),
    row("map_layer_content", "plan.read", Unit, SEES_PROGRAMS),
    row("map_layer_create", "unit.write", Unit, CHANGES_UNITS),
    row("map_layer_update", "unit.write", Unit, CHANGES_UNITS),
    row("map_layer_delete", "unit.write", Unit, CHANGES_UNITS),
    row("target_list", "plan.read", Unit, SEES_PROGRAMS),
    row("week_plan_make", "plan.write", Unit, PLANS),
    row("week_plan_list", "plan.read", Unit, SEES_PROGRAMS),
    row("week_plan_get", "plan.read", Unit, SEES_PROGRAMS),
    row("week_plan_confirm", "plan.confirm", Unit, HEAD),
    row("week_plan_reopen", "plan.confirm", Unit, HEAD),
    row("week_plan_strike", "plan.write", Unit, PLANS),
    row("week_plan_restore", "plan.write", Unit, PLANS),
    row("week_plan_desk", "plan.read", Unit, SEES_PROGRAMS),
    row("week_plan_admissible", "plan.read", Unit, SEES_PROGRAMS),
    row("week_plan_edit", "plan.write", Unit, PLANS),
    row("week_plan_undo", "plan.write", Unit, PLANS),
    row("week_plan_again", "plan.write", Unit, PLANS),
    row("week_plan_away", "plan.write", Unit, PLANS),
    row("week_plan_back", "plan.write", Unit, PLANS),
    row("week_plan_book", "customer.export", Unit, PLANS),
    row("week_plan_print", "customer.reveal", Unit, REVEALS),
    row("program_approve", "program.approve", Unit, DIRECTOR),
    row("program_repair", "program.write", Unit, MARKET),
    row("filing_list", "program.read", Unit, SEES_PROGRAMS),
    row("filing_get", "program.read", Unit, SEES_PROGRAMS),
    row("filing_put", "plan.confirm", Unit, HEAD),
    row("filing_decide", "program.write", Unit, MARKET),
    row("shortfall_list", "plan.read", Unit, SEES_PROGRAMS),
    row("shortfall_book", "plan.read", Unit, SEES_PROGRAMS),
    row("shortfall_get", "plan.read", Unit, SEES_PROGRAMS),
    row("visit_count_put", "plan.confirm", Unit, HEAD),
    row("sweep_list", "plan.read", Unit, SEES_PROGRAMS),
    row("sweep_put", "plan.confirm", Unit, HEAD),
    row("sync_push", "visit.write", Unit, VISITS),
    row("sync_pull", "visit.write", Whole, VISITS),
    row("blob_create", "visit.write", Whole, VISITS),
    row("blob_head", "visit.write", Unit, VISITS),
    row("blob_patch", "visit.write", Unit, VISITS),
    row("visit_photos", "visit.read", Unit, SEES_VISITS),
    row("visit_photo_get", "visit.read", Unit, SEES_VISITS),
    row("device_users", "device.write", Unit, ENROLS),
    row("device_code_create", "device.write", Unit, ENROLS),
    row("device_list", "device.write", Unit, ENROLS),
    row("device_revoke", "device.write", Unit, ENROLS),
    row("device_enrol", "visit.write", Whole, VISITS),
    row("desk_day_get", "visit.write", Unit, VISITS),
    row("visit_list", "visit.read", Unit, SEES_VISITS),
    row("visit_get", "visit.read", Unit, SEES_VISITS),
    row("visit_reveal", "customer.reveal", Unit, REVEALS),
    row("program_start", "program.approve", Unit, DIRECTOR),
    row("program_pause", "program.approve", Unit, DIRECTOR),
    row("program_resume", "program.approve", Unit, DIRECTOR),
    row("program_close", "program.approve", Unit, DIRECTOR),
    row("program_delete", "program.write", Unit, MARKET),
];
