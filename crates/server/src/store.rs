//! SQL of the server itself: counting the rows of every table for the backup's
//! manifest, and a question to the database for the health check. A test
//! compares the list with the tables of the schema.

use crate::error::Result;
use std::collections::BTreeMap;
use zf_store::{Db, params, statements};

statements! {
    /// Any answer means that the database lives.
    ALIVE: reference = "SELECT COUNT(*) FROM schema_migration";
    /// Ends of all audit chains, for the backup's manifest.
    AUDIT_HEADS: cross = "SELECT unit_id, stream, seq, hash FROM event_head ORDER BY unit_id, stream";
    /// Rows of a table.
    COUNT_AGREEMENT: cross = "SELECT COUNT(*) FROM agreement";
    /// Rows of a table.
    COUNT_AGREEMENT_SHARE: cross = "SELECT COUNT(*) FROM agreement_share";
    /// Rows of a table.
    COUNT_AUDIT_ROOT: reference = "SELECT COUNT(*) FROM audit_root";
    /// Rows of a table.
    COUNT_CALENDAR_DAY: reference = "SELECT COUNT(*) FROM calendar_day";
    /// Rows of a table.
    COUNT_CONSENT: cross = "SELECT COUNT(*) FROM consent";
    /// Rows of a table.
    COUNT_CORE_HANDOVER: cross = "SELECT COUNT(*) FROM core_handover";
    /// Rows of a table.
    COUNT_CUSTOMER: cross = "SELECT COUNT(*) FROM customer";
    /// Rows of a table.
    COUNT_CUSTOMER_BEFORE: cross = "SELECT COUNT(*) FROM customer_before";
    /// Rows of a table.
    COUNT_CUSTOMER_MERGE: cross = "SELECT COUNT(*) FROM customer_merge";
    /// Rows of a table.
    COUNT_CUSTOMER_PAST: cross = "SELECT COUNT(*) FROM customer_past";
    /// Rows of a table.
    COUNT_CUSTOMER_TAG: cross = "SELECT COUNT(*) FROM customer_tag";
    /// Rows of a table.
    COUNT_CUSTOMER_TRAIL: cross = "SELECT COUNT(*) FROM customer_trail";
    /// Rows of a table.
    COUNT_DESK_DOUBLE: cross = "SELECT COUNT(*) FROM desk_double";
    /// Rows of a table.
    COUNT_DESK_DOUBLE_FIELD: cross = "SELECT COUNT(*) FROM desk_double_field";
    /// Rows of a table.
    COUNT_DEVICE_CODE: reference = "SELECT COUNT(*) FROM device_code";
    /// Rows of a table.
    COUNT_DEVICE_TRY: reference = "SELECT COUNT(*) FROM device_try";
    /// Rows of a table.
    COUNT_RESCUE_KEY: reference = "SELECT COUNT(*) FROM rescue_key";
    /// Rows of a table.
    COUNT_RESCUE_ITEM: cross = "SELECT COUNT(*) FROM rescue_item";
    /// Rows of a table.
    COUNT_SHOWN: cross = "SELECT COUNT(*) FROM shown";
    /// Rows of a table.
    COUNT_PHOTO: cross = "SELECT COUNT(*) FROM photo";
    /// Rows of a table.
    COUNT_PHOTO_ERASED: cross = "SELECT COUNT(*) FROM photo_erased";
    /// Rows of a table.
    COUNT_TRACE: cross = "SELECT COUNT(*) FROM trace";
    /// Rows of a table.
    COUNT_MEETING_PRESENCE: cross = "SELECT COUNT(*) FROM meeting_presence";
    /// Rows of a table.
    COUNT_MEETING_RECORD: cross = "SELECT COUNT(*) FROM meeting_record";
    /// Rows of a table.
    COUNT_MEETING_SHEET: cross = "SELECT COUNT(*) FROM meeting_sheet";
    /// Rows of a table.
    COUNT_STOCK_ENTRY: cross = "SELECT COUNT(*) FROM stock_entry";
    /// Rows of a table.
    COUNT_GIFT: cross = "SELECT COUNT(*) FROM gift";
    /// Rows of a table.
    COUNT_FIELD_PROPOSAL: cross = "SELECT COUNT(*) FROM field_proposal";
    /// Rows of a table.
    COUNT_DEVICE: reference = "SELECT COUNT(*) FROM device";
    /// Rows of a table.
    COUNT_DUPLICATE_PAIR: cross = "SELECT COUNT(*) FROM duplicate_pair";
    /// Rows of a table.
    COUNT_DUPLICATE_SCAN: cross = "SELECT COUNT(*) FROM duplicate_scan";
    /// Rows of a table.
    COUNT_ERASURE_CERTIFICATE: cross = "SELECT COUNT(*) FROM erasure_certificate";
    /// Rows of a table.
    COUNT_EVENT: cross = "SELECT COUNT(*) FROM event";
    /// Rows of a table.
    COUNT_EVENT_HEAD: cross = "SELECT COUNT(*) FROM event_head";
    /// Rows of a table.
    COUNT_EXPORT_FILE: cross = "SELECT COUNT(*) FROM export_file";
    /// Rows of a table.
    COUNT_EXPORT_RUN: cross = "SELECT COUNT(*) FROM export_run";
    /// Rows of a table.
    COUNT_FEED: cross = "SELECT COUNT(*) FROM feed";
    /// Rows of a table.
    COUNT_FEED_HEAD: cross = "SELECT COUNT(*) FROM feed_head";
    /// Rows of a table.
    COUNT_FIELD_SOURCE: cross = "SELECT COUNT(*) FROM field_source";
    /// Rows of a table.
    COUNT_FORM_NUMBER: cross = "SELECT COUNT(*) FROM form_number";
    /// Rows of a table.
    COUNT_FORM_VERSION: reference = "SELECT COUNT(*) FROM form_version";
    /// Rows of a table.
    COUNT_GROUP_MEMBER: cross = "SELECT COUNT(*) FROM group_member";
    /// Rows of a table.
    COUNT_GROUP_REFRESH: cross = "SELECT COUNT(*) FROM group_refresh";
    /// Rows of a table.
    COUNT_GROUP_RULE: cross = "SELECT COUNT(*) FROM group_rule";
    /// Rows of a table.
    COUNT_HOUSEHOLD: cross = "SELECT COUNT(*) FROM household";
    /// Rows of a table.
    COUNT_HOUSEHOLD_PROPOSAL: cross = "SELECT COUNT(*) FROM household_proposal";
    /// Rows of a table.
    COUNT_HOUSEHOLD_PROPOSAL_MEMBER: cross = "SELECT COUNT(*) FROM household_proposal_member";
    /// Rows of a table.
    COUNT_IMPORT_CHUNK: cross = "SELECT COUNT(*) FROM import_chunk";
    /// Rows of a table.
    COUNT_IMPORT_ERROR: reference = "SELECT COUNT(*) FROM import_error";
    /// Rows of a table.
    COUNT_IMPORT_FILE: reference = "SELECT COUNT(*) FROM import_file";
    /// Rows of a table.
    COUNT_IMPORT_MAPPING: cross = "SELECT COUNT(*) FROM import_mapping";
    /// Rows of a table.
    COUNT_IMPORT_PLAN: reference = "SELECT COUNT(*) FROM import_plan";
    /// Rows of a table.
    COUNT_IMPORT_REFUSED: reference = "SELECT COUNT(*) FROM import_refused";
    /// Rows of a table.
    COUNT_IMPORT_RUN: reference = "SELECT COUNT(*) FROM import_run";
    /// Rows of a table.
    COUNT_JOB: reference = "SELECT COUNT(*) FROM job";
    /// Rows of a table.
    COUNT_LAWFUL_BASIS: cross = "SELECT COUNT(*) FROM lawful_basis";
    /// Rows of a table.
    COUNT_LAWFUL_BASIS_VOTE: cross = "SELECT COUNT(*) FROM lawful_basis_vote";
    /// Rows of a table.
    COUNT_MAP_LAYER: cross = "SELECT COUNT(*) FROM map_layer";
    /// Rows of a table.
    COUNT_MAP_LAYER_PART: cross = "SELECT COUNT(*) FROM map_layer_part";
    /// Rows of a table.
    COUNT_MERGE_SOURCE: cross = "SELECT COUNT(*) FROM merge_source";
    /// Rows of a table.
    COUNT_PLACE: cross = "SELECT COUNT(*) FROM place";
    /// Rows of a table.
    COUNT_PLAN_ABSENCE: cross = "SELECT COUNT(*) FROM plan_absence";
    /// Rows of a table.
    COUNT_PLAN_EDIT: cross = "SELECT COUNT(*) FROM plan_edit";
    /// Rows of a table.
    COUNT_PLAN_ROUTE: cross = "SELECT COUNT(*) FROM plan_route";
    /// Rows of a table.
    COUNT_PLAN_STOP: cross = "SELECT COUNT(*) FROM plan_stop";
    /// Rows of a table.
    COUNT_PLAN_UNSERVED: cross = "SELECT COUNT(*) FROM plan_unserved";
    /// Rows of a table.
    COUNT_PRIVACY_REQUEST: cross = "SELECT COUNT(*) FROM privacy_request";
    /// Rows of a table.
    COUNT_PROGRAM: reference = "SELECT COUNT(*) FROM program";
    /// Rows of a table.
    COUNT_PROGRAM_APPROVAL: cross = "SELECT COUNT(*) FROM program_approval";
    /// Rows of a table.
    COUNT_PROGRAM_QUOTA: reference = "SELECT COUNT(*) FROM program_quota";
    /// Rows of a table.
    COUNT_PROGRAM_STATE_CHANGE: reference = "SELECT COUNT(*) FROM program_state_change";
    /// Rows of a table.
    COUNT_PROGRAM_STEP: reference = "SELECT COUNT(*) FROM program_step";
    /// Rows of a table.
    COUNT_PROGRAM_UNIT: cross = "SELECT COUNT(*) FROM program_unit";
    /// Rows of a table.
    COUNT_PROGRAM_UNIT_QUOTA: cross = "SELECT COUNT(*) FROM program_unit_quota";
    /// Rows of a table.
    COUNT_PROGRAM_VERSION: reference = "SELECT COUNT(*) FROM program_version";
    /// Rows of a table.
    COUNT_QUALITY_DAY: cross = "SELECT COUNT(*) FROM quality_day";
    /// Rows of a table.
    COUNT_RETENTION_BATCH: cross = "SELECT COUNT(*) FROM retention_batch";
    /// Rows of a table.
    COUNT_RETENTION_ITEM: cross = "SELECT COUNT(*) FROM retention_item";
    /// Rows of a table.
    COUNT_SCHEDULE: reference = "SELECT COUNT(*) FROM schedule";
    /// Rows of a table.
    COUNT_SERVICE_CARD: cross = "SELECT COUNT(*) FROM service_card";
    /// Rows of a table.
    COUNT_SESSION: reference = "SELECT COUNT(*) FROM session";
    /// Rows of a table.
    COUNT_SETTING: reference = "SELECT COUNT(*) FROM setting";
    /// Rows of a table.
    COUNT_SHORTFALL_ENTRY: cross = "SELECT COUNT(*) FROM shortfall_entry";
    /// Rows of a table.
    COUNT_SIGN_IN_ADDRESS: reference = "SELECT COUNT(*) FROM sign_in_address";
    /// Rows of a table.
    COUNT_SOURCE: cross = "SELECT COUNT(*) FROM source";
    /// Rows of a table.
    COUNT_STAFF: reference = "SELECT COUNT(*) FROM staff";
    /// Rows of a table.
    COUNT_SWEEP_RESULT: cross = "SELECT COUNT(*) FROM sweep_result";
    /// Rows of a table.
    COUNT_SYNC_OP: cross = "SELECT COUNT(*) FROM sync_op";
    /// Rows of a table.
    COUNT_SYNC_QUARANTINE: cross = "SELECT COUNT(*) FROM sync_quarantine";
    /// Rows of a table.
    COUNT_SYNC_REVIEW: cross = "SELECT COUNT(*) FROM sync_review";
    /// Rows of a table.
    COUNT_TARGET: cross = "SELECT COUNT(*) FROM target";
    /// Rows of a table.
    COUNT_TICK: cross = "SELECT COUNT(*) FROM tick";
    /// Rows of a table.
    COUNT_TICK_SEEN: cross = "SELECT COUNT(*) FROM tick_seen";
    /// Rows of a table.
    COUNT_TICK_SHEET: cross = "SELECT COUNT(*) FROM tick_sheet";
    /// Rows of a table.
    COUNT_TRANSFER: cross = "SELECT COUNT(*) FROM transfer";
    /// Rows of a table.
    COUNT_TRANSFER_CUSTOMER: cross = "SELECT COUNT(*) FROM transfer_customer";
    /// Rows of a table.
    COUNT_UNIT: reference = "SELECT COUNT(*) FROM unit";
    /// Rows of a table.
    COUNT_UNIT_CLOSING: cross = "SELECT COUNT(*) FROM unit_closing";
    /// Rows of a table.
    COUNT_USER_ACCOUNT: reference = "SELECT COUNT(*) FROM user_account";
    /// Rows of a table.
    COUNT_USER_GRANT: reference = "SELECT COUNT(*) FROM user_grant";
    /// Rows of a table.
    COUNT_VILLAGE_GROUP: cross = "SELECT COUNT(*) FROM village_group";
    /// Rows of a table.
    COUNT_VISIT: cross = "SELECT COUNT(*) FROM visit";
    /// Rows of a table.
    COUNT_VISIT_CHOICE: cross = "SELECT COUNT(*) FROM visit_choice";
    /// Rows of a table.
    COUNT_VISIT_COUNT: cross = "SELECT COUNT(*) FROM visit_count";
    /// Rows of a table.
    COUNT_WARM_UP: cross = "SELECT COUNT(*) FROM warm_up";
    /// Rows of a table.
    COUNT_DAILY_MEETING: cross = "SELECT COUNT(*) FROM daily_meeting";
    /// Rows of a table.
    COUNT_DAILY_MEETING_VERSION: cross = "SELECT COUNT(*) FROM daily_meeting_version";
    /// Rows of a table.
    COUNT_TASK: cross = "SELECT COUNT(*) FROM task";
    /// Rows of a table.
    COUNT_TASK_EVENT: cross = "SELECT COUNT(*) FROM task_event";
    /// Rows of a table.
    COUNT_ROUTINE_SETTING: cross = "SELECT COUNT(*) FROM routine_setting";
    /// Rows of a table.
    COUNT_ROUTINE_RUN: cross = "SELECT COUNT(*) FROM routine_run";
    /// Rows of a table.
    COUNT_VISIT_FILING: cross = "SELECT COUNT(*) FROM visit_filing";
    /// Rows of a table.
    COUNT_VISIT_MEMBER: cross = "SELECT COUNT(*) FROM visit_member";
    /// Rows of a table.
    COUNT_VISIT_REVISION: cross = "SELECT COUNT(*) FROM visit_revision";
    /// Rows of a table.
    COUNT_VISIT_TALLY: cross = "SELECT COUNT(*) FROM visit_tally";
    /// Rows of a table.
    COUNT_VISIT_VISITOR: cross = "SELECT COUNT(*) FROM visit_visitor";
    /// Rows of a table.
    COUNT_WEEK_PLAN: cross = "SELECT COUNT(*) FROM week_plan";
}

/// The table a counting statement is about.
fn table_of(name: &str) -> Option<String> {
    name.strip_prefix("COUNT_").map(str::to_lowercase)
}

/// Rows of every table of the product; an older copy has fewer tables.
pub async fn counts(db: &Db) -> Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    let tables = db.tables().await?;
    let there = |table: &str| tables.iter().any(|t| t.name == table);
    for sql in STATEMENTS {
        let Some(table) = table_of(sql.name).filter(|t| there(t)) else {
            continue;
        };
        let n: i64 = db.query_one(*sql, params![]).await?.get(0)?;
        all.insert(table, n.unsigned_abs());
    }
    Ok(all)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn every_table_of_the_schema_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", dir.path().join("t.db").display()))
            .await
            .unwrap();
        db.migrate(zf_kernel::migrations::MIGRATIONS).await.unwrap();
        let tables: BTreeSet<String> = db
            .tables()
            .await
            .unwrap()
            .into_iter()
            .map(|t| t.name)
            .collect();
        let own = ["schema_migration", "schema_lock"].map(str::to_owned);
        let expected: BTreeSet<String> = tables.into_iter().filter(|t| !own.contains(t)).collect();
        let counted: BTreeSet<String> = counts(&db).await.unwrap().into_keys().collect();
        assert_eq!(
            counted, expected,
            "add a COUNT_ statement for every new table"
        );
    }
}
