//! Erasing a person reaches what was written about them at the door: the
//! answers of their visits, what those said before, and what was kept aside.
//! That a visit was made, to whom it counted and what came of it stays, as
//! counts without a name. The photos of their own visits go too, and those of
//! every visit of a household that nobody is left of. The job goes to every branch where the record has
//! been; it may die anywhere and be run again. Knows of people only the id.

use crate::blob::erase::{bytes_erase, photos_erase};
use crate::sealed::{QUARANTINE, REVISION, SECOND_TEXT, VISIT};
use crate::visit::payload::VisitPayload;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use zf_base::{CustomerId, HouseholdId, UnitId, Uuid, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::SealedColumn;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::past::{ERASE_BEFORE, places_before};
use zf_store::{Sql, params, statements};

statements! {
    /// Visits that speak of a person, or of the household they lived in.
    ERASE_VISITS: unit = "SELECT v.id, v.payload_sealed, v.household_id FROM visit v WHERE v.unit_id = $1 AND v.id > $4 AND (v.household_id = $3 OR v.id IN (SELECT m.visit_id FROM visit_member m WHERE m.unit_id = $1 AND m.customer_id = $2)) ORDER BY v.id LIMIT $5";
    /// What those said before.
    ERASE_REVISIONS: unit = "SELECT id, payload_sealed FROM visit_revision WHERE unit_id = $1 AND visit_id = $2";
    /// Whether anybody is left of a household.
    ERASE_HOME_LEFT: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1 AND household_id = $2";
    /// Puts what is left of a visit.
    ERASE_VISIT_PUT: unit = "UPDATE visit SET payload_sealed = $3 WHERE unit_id = $1 AND id = $2";
    /// Puts what is left of what it said before; why it was changed goes.
    ERASE_REVISION_PUT: unit = "UPDATE visit_revision SET payload_sealed = $3, reason_sealed = NULL WHERE unit_id = $1 AND id = $2";
    /// Whether a form was typed a second time.
    ERASE_SECOND: unit = "SELECT id FROM desk_double WHERE unit_id = $1 AND id = $2";
    /// The second text of a form goes; what was not decided on stays as it was first.
    ERASE_SECOND_PUT: unit = "UPDATE desk_double SET answers_sealed = $3, state = CASE WHEN state = 'open' THEN 'first' ELSE state END WHERE unit_id = $1 AND id = $2";
    /// A record of a visit is nobody's any more.
    ERASE_MEMBER: unit = "UPDATE visit_member SET customer_id = NULL WHERE unit_id = $1 AND customer_id = $2";
    /// Options that were chosen in a visit.
    ERASE_CHOICES: unit = "SELECT question, choice, times FROM visit_choice WHERE unit_id = $1 AND visit_id = $2";
    /// Forgets one.
    ERASE_CHOICE: unit = "DELETE FROM visit_choice WHERE unit_id = $1 AND visit_id = $2 AND question = $3 AND choice = $4";
    /// Fewer rows of the visit have chosen it.
    ERASE_CHOICE_PUT: unit = "UPDATE visit_choice SET times = $5 WHERE unit_id = $1 AND visit_id = $2 AND question = $3 AND choice = $4";
    /// Things kept aside.
    ERASE_ASIDE: unit = "SELECT id, op_sealed FROM sync_quarantine WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Whether a visit is in.
    ERASE_VISIT_IN: unit = "SELECT id FROM visit WHERE unit_id = $1 AND id = $2";
    /// Puts what is left of one.
    ERASE_ASIDE_PUT: unit = "UPDATE sync_quarantine SET op_sealed = $3 WHERE unit_id = $1 AND id = $2";
}

/// Answers that say nothing of a person.
const IMPERSONAL: [&str; 2] = ["outcome", "notice"];

/// Adds this room's part to the job of erasing.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(ERASE_BEFORE, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let arg = |name: &str| run.job.args.get(name).and_then(Json::as_str);
    let lost = || KernelError::Internal("a job of erasing without its customer".to_owned());
    let id: CustomerId = arg("customer_id")
        .and_then(|t| t.parse().ok())
        .ok_or_else(lost)?;
    let home: Option<HouseholdId> = arg("household_id").and_then(|t| t.parse().ok());
    let mut gone = Gone::default();
    let mut uploads = 0;
    for (unit, id) in places_before(&run.app, id).await? {
        let scope = scope_of(&run.app, &run.ctx, Permission::PrivacyWrite, unit).await?;
        gone.add(forget(&run.app, &run.ctx, &scope, id, home).await?);
        uploads += bytes_erase(&run.app, &run.ctx, &scope).await?;
    }
    let (rows, photos) = (gone.rows, gone.photos);
    Ok(json!({ "field_rows": rows, "photos": photos, "photo_files": uploads }))
}

/// How much was changed.
#[derive(Clone, Copy, Default)]
struct Gone {
    /// Rows of visits and of what was kept aside.
    rows: u64,
    /// Photos.
    photos: u64,
}

impl Gone {
    fn add(&mut self, more: Gone) {
        self.rows += more.rows;
        self.photos += more.photos;
    }
}

/// Takes what one branch keeps of a person's visits.
async fn forget(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    home: Option<HouseholdId>,
) -> Result<Gone> {
    let mut gone = Gone::default();
    let mut after = Some(Uuid::nil());
    while let Some(from) = after {
        let (last, n) = again(app, || visits(app, ctx, scope, id, home, from)).await?;
        after = last;
        gone.add(n);
    }
    after = Some(Uuid::nil());
    while let Some(from) = after {
        let (last, n) = again(app, || aside(app, ctx, scope, id, from)).await?;
        after = last;
        gone.add(n);
    }
    Ok(gone)
}

const BATCH: i64 = limits::IMPORT_BATCH_ROWS as i64;

/// Opens a value, lets it be changed, and seals it again; none = as it was.
fn changed(
    app: &App,
    column: &SealedColumn,
    unit: UnitId,
    row: Uuid,
    sealed: &[u8],
    change: impl FnOnce(&mut VisitPayload) -> bool,
) -> Result<Option<Vec<u8>>> {
    let lost = |_| KernelError::Internal("a stored visit is not readable".to_owned());
    let text = column.open(app, unit, row, sealed)?;
    let mut payload: VisitPayload = serde_json::from_slice(&text).map_err(lost)?;
    if !change(&mut payload) {
        return Ok(None);
    }
    let text = serde_json::to_vec(&payload).map_err(lost)?;
    Ok(Some(column.seal(app, unit, row, &text)))
}

async fn visits(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    home: Option<HouseholdId>,
    after: Uuid,
) -> Result<(Option<Uuid>, Gone)> {
    let unit = scope.unit_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut last, mut n) = (None, Gone::default());
    let p = params![id, home, after, BATCH];
    for row in tx.query(ERASE_VISITS, p).await? {
        let (visit, sealed): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        last = Some(visit);
        let alone = nobody_left(&mut tx, row.get(2)?).await?;
        let scrub = |p: &mut VisitPayload| scrub(p, id, alone);
        let mut own = alone;
        let mut answers = Map::new();
        let of_whom = |p: &mut VisitPayload| {
            own |= p.customer_id == Some(id);
            let gone = scrub(p);
            answers.clone_from(&p.answers);
            gone
        };
        if let Some(left) = changed(app, &VISIT, unit, visit, &sealed, of_whom)? {
            n.rows += tx.exec(ERASE_VISIT_PUT, params![visit, left]).await?;
            choices(&mut tx, visit, &answers).await?;
        }
        if tx.query_opt(ERASE_SECOND, params![visit]).await?.is_some() {
            let nothing = SECOND_TEXT.seal(app, unit, visit, b"{}");
            n.rows += tx.exec(ERASE_SECOND_PUT, params![visit, nothing]).await?;
        }
        if own {
            n.photos += photos_erase(&mut tx, ctx, visit).await?;
        }
        for old in tx.query(ERASE_REVISIONS, params![visit]).await? {
            let (rev, sealed): (Uuid, Vec<u8>) = (old.get(0)?, old.get(1)?);
            if let Some(left) = changed(app, &REVISION, unit, rev, &sealed, scrub)? {
                n.rows += tx.exec(ERASE_REVISION_PUT, params![rev, left]).await?;
            }
        }
    }
    if last.is_none() {
        n.rows += tx.exec(ERASE_MEMBER, params![id]).await?;
    }
    tell(&mut tx, id, n);
    tx.commit().await?;
    Ok((last, n))
}

/// Options that the answers left do not name any more go with what was said.
async fn choices(tx: &mut UnitTx<'_>, visit: Uuid, left: &Map<String, Json>) -> Result<()> {
    for row in tx.query(ERASE_CHOICES, params![visit]).await? {
        let (question, choice, times): (String, String, i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let now = named(left, &question, &choice).min(times);
        let key = params![visit, question.as_str(), choice.as_str()];
        if now == 0 {
            tx.exec(ERASE_CHOICE, key).await?;
        } else if now < times {
            tx.exec(ERASE_CHOICE_PUT, [key, params![now]].concat())
                .await?;
        }
    }
    Ok(())
}

/// How often answers name an option: of a question, or of one in rows.
fn named(answers: &Map<String, Json>, question: &str, choice: &str) -> i64 {
    let is = |v: &Json| v.as_str() == Some(choice);
    let has = |v: &Json| is(v) || v.as_array().is_some_and(|all| all.iter().any(is));
    if let Some(answer) = answers.get(question) {
        return i64::from(has(answer));
    }
    let rows = answers.values().filter_map(Json::as_array).flatten();
    let rows = rows.filter_map(Json::as_object);
    rows.map(|row| named(row, question, choice)).sum()
}

async fn nobody_left(tx: &mut UnitTx<'_>, home: Option<HouseholdId>) -> Result<bool> {
    let Some(home) = home else {
        return Ok(true);
    };
    let left = tx.query_opt(ERASE_HOME_LEFT, params![home]).await?;
    Ok(left.map_or(Ok(0), |row| row.get::<i64>(0))? == 0)
}

fn tell(tx: &mut UnitTx<'_>, id: CustomerId, gone: Gone) {
    let Gone { rows, photos } = gone;
    if rows + photos > 0 {
        let detail = json!({ "rows": rows, "photos": photos });
        tx.record("visit.erase", "customer", id, detail);
    }
}

/// Takes out what is said of a person; all that is said when nobody of the
/// household is left. False when nothing was there.
fn scrub(p: &mut VisitPayload, id: CustomerId, alone: bool) -> bool {
    let own = id.to_string();
    let mut gone = false;
    if let Some(Json::Array(rows)) = p.answers.get_mut("members") {
        let before = rows.len();
        rows.retain(|r| r.get("customer").and_then(Json::as_str) != Some(own.as_str()));
        gone = rows.len() < before;
    }
    if !alone && p.customer_id != Some(id) {
        return gone;
    }
    let stays = |name: &str| IMPERSONAL.contains(&name) || (name == "members" && !alone);
    let before = p.answers.len();
    let answers = std::mem::take(&mut p.answers);
    p.answers = answers
        .into_iter()
        .filter(|(name, _)| stays(name))
        .collect();
    gone |= p.answers.len() < before || !p.other.is_empty();
    p.other.clear();
    let known = p.customer_id.take().is_some() | p.position.take().is_some();
    gone | known | p.reason.take().is_some()
}

async fn aside(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    after: Uuid,
) -> Result<(Option<Uuid>, Gone)> {
    let unit = scope.unit_id();
    let own = id.to_string();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut last, mut n) = (None, Gone::default());
    for row in tx.query(ERASE_ASIDE, params![after, BATCH]).await? {
        let (kept, sealed): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        last = Some(kept);
        let text = QUARANTINE.open(app, unit, kept, &sealed)?;
        // What is kept aside was not understood: whatever names the person goes.
        if !String::from_utf8_lossy(&text).contains(&own) {
            continue;
        }
        n.add(put_aside(&mut tx, app, ctx, kept, &text).await?);
    }
    tell(&mut tx, id, n);
    tx.commit().await?;
    Ok((last, n))
}

async fn put_aside(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    row: Uuid,
    text: &[u8],
) -> Result<Gone> {
    let mut op: Json = serde_json::from_slice(text).unwrap_or_default();
    let photos = photos_aside(tx, ctx, &op).await?;
    op["payload"] = json!({ "erased": true });
    let left = QUARANTINE.seal(app, tx.unit_id(), row, op.to_string().as_bytes());
    let rows = put(tx, ERASE_ASIDE_PUT, row, left).await?;
    Ok(Gone { rows, photos })
}

/// Photos of a visit that is nowhere but aside.
async fn photos_aside(tx: &mut UnitTx<'_>, ctx: &Ctx, op: &Json) -> Result<u64> {
    let text = |name: &str| op.get(name).and_then(Json::as_str);
    let visit = text("kind").is_some_and(|k| k.starts_with("visit."));
    let id = text("entity_id").and_then(|t| t.parse::<Uuid>().ok());
    let Some(id) = id.filter(|_| visit) else {
        return Ok(0);
    };
    // Of one that is in, its own row says whose it is.
    match tx.query_opt(ERASE_VISIT_IN, params![id]).await? {
        Some(_) => Ok(0),
        None => photos_erase(tx, ctx, id).await,
    }
}

async fn put(tx: &mut UnitTx<'_>, sql: Sql, row: Uuid, sealed: Vec<u8>) -> Result<u64> {
    tx.exec(sql, params![row, sealed]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "0190c000-0000-7000-8000-000000000001";

    fn visit(customer: Option<&str>) -> VisitPayload {
        let text = json!({
            "program_id": Uuid::nil(), "kind": "precise", "day": "2026-11-23", "customer_id": customer,
            "form_id": "household-visit", "form_version": 1, "reason": "wrong name", "battery": 40,
            "answers": { "outcome": "self", "notice": "agreed", "name": "a", "remarks": "b",
                         "members": [{ "member_name": "c" }, { "member_name": "d", "customer": ME }] },
        });
        serde_json::from_value(text).unwrap()
    }

    fn left(mut p: VisitPayload, alone: bool) -> (Json, bool) {
        let changed = scrub(&mut p, ME.parse().unwrap(), alone);
        (serde_json::to_value(&p).unwrap(), changed)
    }

    #[test]
    fn of_the_person_asked_only_what_came_of_the_visit_stays_and_others_of_the_household_stay() {
        let (p, changed) = left(visit(Some(ME)), false);
        assert!(changed);
        let wanted =
            json!({ "outcome": "self", "notice": "agreed", "members": [{ "member_name": "c" }] });
        assert_eq!(p["answers"], wanted);
        assert_eq!(
            (&p["customer_id"], &p["reason"], &p["battery"]),
            (&Json::Null, &Json::Null, &Json::Null)
        );
    }

    #[test]
    fn nobody_left_of_the_household_leaves_nothing_said() {
        let (p, _) = left(visit(Some(ME)), true);
        assert_eq!(
            p["answers"],
            json!({ "outcome": "self", "notice": "agreed" })
        );
    }

    #[test]
    fn an_option_is_named_by_a_question_or_by_each_row_that_chose_it() {
        let answers = json!({ "outcome": "self", "needs": ["deposit", "wealth"],
            "members": [{ "relation": "child" }, { "relation": "child" }, { "relation": "spouse" }] });
        let answers = answers.as_object().unwrap();
        let of = |question: &str, choice: &str| named(answers, question, choice);
        assert_eq!([of("outcome", "self"), of("needs", "wealth")], [1, 1]);
        assert_eq!([of("relation", "child"), of("relation", "spouse")], [2, 1]);
        assert_eq!([of("needs", "self"), of("products", "deposit")], [0, 0]);
    }

    #[test]
    fn where_another_was_asked_only_the_row_of_the_person_goes() {
        let (p, changed) = left(visit(Some("0190c000-0000-7000-8000-000000000002")), false);
        assert!(changed, "the row is gone");
        assert_eq!(p["answers"]["name"], "a");
        assert_eq!(p["answers"]["members"], json!([{ "member_name": "c" }]));
    }
}
