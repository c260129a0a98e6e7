//! What an operation on a visit does to the branch, inside the transaction of
//! the batch. Decides what is in force, what somebody must look at, and what
//! cannot be understood; refuses nothing. Programs and forms are read before,
//! the moment comes with the batch.

use super::compiled::compiled;
use super::payload::{DRAFT, OUTCOME, Person, VISIT_AMEND, VISIT_KINDS, VisitPayload, people};
use super::store::*;
use super::together::{self, Facts};
use super::{ACCEPTED, REJECTED, REVIEW};
use crate::device::parameters::phone_rules;
use crate::sealed;
use crate::sync::{CLOCK_SUSPECT_SECONDS, Op, Sender};
use crate::words::review;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;
use zf_base::{Day, HouseholdId, ProgramId, TargetId, Timestamp, UnitId, VisitId};
use zf_forms::{Compiled, Evaluation};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::is_demo;
use zf_kernel::{App, Ctx, UnitTx};
use zf_network::customer::FieldState;
use zf_plan::definition::Outcome;
use zf_plan::form::service::{form_read, forms_step};
use zf_plan::program::Program;
use zf_plan::program::service::{programs_read, programs_steps};
use zf_plan::shortfall::tally::{Tally, tally_step};
use zf_plan::targets::visited::{Tried, target_tried, tried_steps};
use zf_store::{Ran, Row, Step, params};

/// What is in force after an operation.
pub struct Kept {
    /// For the feed.
    pub kind: &'static str,
    /// The visit.
    pub entity_id: Uuid,
    /// Its revision now.
    pub rev: i64,
    /// Codes of what somebody must look at; empty = nothing.
    pub reasons: Vec<&'static str>,
    /// Days whose tally changes.
    pub days: BTreeSet<(ProgramId, Day)>,
}

/// Programs and forms that a batch names.
pub struct Known {
    programs: BTreeMap<ProgramId, Program>,
    forms: BTreeMap<(String, u32), Arc<Compiled>>,
    demo: bool,
    door_metres: f64,
}

impl Known {
    /// Reads them, before the transaction.
    ///
    /// # Errors
    /// Only the database.
    pub async fn of(app: &App, ctx: &Ctx, ops: &[Op]) -> Result<Known> {
        let payloads: Vec<VisitPayload> = ops
            .iter()
            .filter_map(|op| VisitPayload::deserialize_from(&op.payload))
            .collect();
        let named = ops.iter().filter_map(|op| {
            let text = op.payload.get("program_id")?.as_str()?;
            text.parse::<ProgramId>().ok()
        });
        let ids: BTreeSet<ProgramId> = named.collect();
        let named = payloads
            .iter()
            .map(|p| (p.form_id.as_str(), p.form_version));
        let named: BTreeSet<(&str, u32)> = named.collect();
        let mut steps = programs_steps(&ids);
        steps.push(forms_step(named.iter().copied()));
        let mut ran = app.db.ask(steps).await?;
        let rows = ran.pop().map(|r| r.rows).unwrap_or_default();
        let programs = programs_read(ctx, &ran)?;
        let mut forms = BTreeMap::new();
        for (key, rows) in named.into_iter().zip(&rows) {
            let form = form_read(app, key, rows.first())?;
            if let Some(compiled) = form.and_then(|f| compiled(&f)) {
                forms.insert((key.0.to_owned(), key.1), compiled);
            }
        }
        let facts = ops
            .iter()
            .any(|op| !VISIT_KINDS.contains(&op.kind.as_str()));
        let (demo, door_metres) = match facts {
            true => (is_demo(app).await?, phone_rules(app).await?.door_metres),
            false => (false, 0.0),
        };
        Ok(Known {
            programs,
            forms,
            demo,
            door_metres,
        })
    }

    /// A program that the batch names.
    pub fn program(&self, id: ProgramId) -> Option<&Program> {
        self.programs.get(&id)
    }

    /// The installation has the demo's people.
    pub fn demo(&self) -> bool {
        self.demo
    }

    /// Metres from the first door beyond which another one is looked at.
    pub fn door_metres(&self) -> f64 {
        self.door_metres
    }
}

impl VisitPayload {
    /// Reads a payload; none when it is none.
    pub fn deserialize_from(json: &serde_json::Value) -> Option<VisitPayload> {
        serde::Deserialize::deserialize(json).ok()
    }
}

/// An operation on a visit, judged before the transaction: what its answers
/// come to, and all of it sealed.
pub struct Judged {
    pub(super) payload: VisitPayload,
    pub(super) said: Said,
    pub(super) sealed: Vec<u8>,
}

/// Judges an operation on a visit. The inner error is the code under which it
/// is kept aside.
///
/// # Errors
/// A visit that cannot be sealed.
pub fn judge(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    sender: &Sender,
    known: &Known,
    op: &Op,
) -> Result<std::result::Result<Judged, &'static str>> {
    let Some(payload) = VisitPayload::deserialize_from(&op.payload) else {
        return Ok(Err("payload_unreadable"));
    };
    let Some(program) = known.programs.get(&payload.program_id) else {
        return Ok(Err("program_unknown"));
    };
    let form = (payload.form_id.clone(), payload.form_version);
    let Some(form) = known.forms.get(&form) else {
        return Ok(Err("form_unknown"));
    };
    let text = serde_json::to_vec(&payload)
        .map_err(|_| KernelError::Internal("a visit is not JSON".to_owned()))?;
    Ok(Ok(Judged {
        said: Said::of(&payload, program, form, sender, op, ctx),
        sealed: sealed::VISIT.seal(app, unit, op.entity_id, &text),
        payload,
    }))
}

/// A visit that can be written; none when its program is not known.
pub fn at_door<'a>(
    app: &'a App,
    ctx: &'a Ctx,
    sender: &'a Sender,
    known: &'a Known,
    op: &'a Op,
    judged: &'a Judged,
) -> Option<Door<'a>> {
    Some(Door {
        app,
        ctx,
        sender,
        op,
        payload: &judged.payload,
        program: known.programs.get(&judged.payload.program_id)?,
        said: &judged.said,
        sealed: &judged.sealed,
    })
}

/// Carries out one operation alone. The inner error is the code under which it
/// is kept aside.
///
/// # Errors
/// Only the database.
pub async fn apply(
    tx: &mut UnitTx<'_>,
    visit: Door<'_>,
) -> Result<std::result::Result<Kept, &'static str>> {
    let op = visit.op;
    let stands = tx.query_opt(VISIT_STANDS, params![op.entity_id]).await?;
    match (op.kind == VISIT_AMEND, stands) {
        (true, None) => Ok(Err("visit_unknown")),
        // The same visit under another operation: both are kept, none is lost.
        (false, Some(_)) => Ok(Err("visit_exists")),
        (false, None) => {
            let (kept, steps) = together::submit(tx, &[visit], vec![], None).await?;
            tx.steps(steps).await?;
            let gone = || KernelError::Internal("a visit was not written".to_owned());
            kept.into_iter().next().map(Ok).ok_or_else(gone)
        }
        (true, Some(row)) => {
            let before = Before {
                rev: row.get(0)?,
                outcome: row.get(1)?,
                sealed: row.get(2)?,
                day: row.get(3)?,
            };
            visit.amend(tx, before).await.map(Ok)
        }
    }
}

/// What the answers come to, before the database is asked.
pub(super) struct Said {
    pub outcome: Option<Outcome>,
    pub outcome_text: String,
    pub counts: bool,
    /// Nobody is to be found there any more.
    pub gone: bool,
    pub people: Vec<Person>,
    /// How often each option of a question was chosen.
    pub chosen: BTreeMap<(String, String), i64>,
    pub estimated_at: Timestamp,
    pub clock_suspect: bool,
    pub reasons: Vec<&'static str>,
}

impl Said {
    fn of(
        p: &VisitPayload,
        program: &Program,
        form: &Compiled,
        sender: &Sender,
        op: &Op,
        ctx: &Ctx,
    ) -> Said {
        let judged = form.evaluate(&p.answers, p.day);
        let outcome_text = p.answers.get(OUTCOME).and_then(|o| o.as_str());
        let outcome_text = outcome_text.unwrap_or_default().to_owned();
        let outcome = Outcome::from_code(&outcome_text);
        let counting = &program.definition.quota.counting_outcomes;
        let gone = program.definition.quota.gone_outcomes.as_deref();
        let gone = gone.unwrap_or_default();
        let (estimated_at, clock_suspect) = moment(op, sender, ctx.now);
        let mut reasons = form_reasons(&judged);
        if outcome.is_none() {
            reasons.push(review::OUTCOME);
        }
        reasons.extend(day_reasons(p.day, program, ctx.today()));
        if p.other.contains_key(DRAFT) {
            reasons.push(review::UNFINISHED);
        }
        Said {
            counts: outcome.is_some_and(|o| counting.contains(&o)),
            gone: outcome.is_some_and(|o| !counting.contains(&o) && gone.contains(&o)),
            outcome,
            outcome_text,
            people: people(&judged.accepted, p.customer_id),
            chosen: chosen(form, &judged),
            estimated_at,
            clock_suspect,
            reasons,
        }
    }
}

/// Options chosen, without the outcome: that is a column of the visit itself.
fn chosen(form: &Compiled, judged: &Evaluation) -> BTreeMap<(String, String), i64> {
    let mut all = form.chosen(&judged.accepted);
    all.retain(|(question, _), _| question != OUTCOME);
    all
}

fn form_reasons(judged: &Evaluation) -> Vec<&'static str> {
    let mut reasons = vec![];
    if !judged.missing.is_empty() {
        reasons.push(review::MISSING);
    }
    if !judged.violations.is_empty() {
        reasons.push(review::CONSTRAINT);
    }
    reasons
}

pub(crate) fn day_reasons(day: Day, program: &Program, today: Day) -> Vec<&'static str> {
    let mut reasons = vec![];
    if day > today {
        reasons.push(review::FUTURE);
    }
    if !(program.first_day..=program.last_day).contains(&day) {
        reasons.push(review::OUTSIDE);
    }
    reasons
}

/// The best estimate of when an operation was written, and whether the
/// device's clock is off: our clock at the last contact plus what the device
/// counted since, else what the device's clock says, never later than now.
fn moment(op: &Op, sender: &Sender, now: Timestamp) -> (Timestamp, bool) {
    let contact = op.contact_at.filter(|at| *at <= now);
    let counted = op.since_contact_ms.zip(contact.or(sender.last_contact));
    let counted = counted
        .filter(|(ms, _)| *ms >= 0)
        .map(|(ms, at)| Timestamp(at.0.saturating_add(ms.saturating_mul(1_000)).min(now.0)));
    let estimated = counted.unwrap_or(Timestamp(op.device_time.0.min(now.0)));
    let off = op.device_time.0.abs_diff(estimated.0) / 1_000_000;
    (estimated, off > CLOCK_SUSPECT_SECONDS.unsigned_abs())
}

/// A visit at the door.
pub struct Door<'a> {
    pub(super) app: &'a App,
    pub(super) ctx: &'a Ctx,
    pub(super) sender: &'a Sender,
    pub(crate) op: &'a Op,
    pub(super) payload: &'a VisitPayload,
    pub(super) program: &'a Program,
    pub(super) said: &'a Said,
    pub(super) sealed: &'a [u8],
}

/// Whom a visit was made to, as the branch knows it.
#[derive(Default)]
pub(super) struct Home {
    pub household: Option<HouseholdId>,
    pub target: Option<TargetId>,
    pub reasons: Vec<&'static str>,
}

/// What a visit said before an amendment.
struct Before {
    rev: i64,
    outcome: String,
    sealed: Vec<u8>,
    day: Day,
}

/// One person as stored.
pub(super) struct Recorded {
    person: Person,
    id_number: &'static str,
    valid: bool,
}

impl Door<'_> {
    pub(super) fn id(&self) -> VisitId {
        VisitId(self.op.entity_id)
    }

    async fn amend(&self, tx: &mut UnitTx<'_>, before: Before) -> Result<Kept> {
        let rev = before.rev;
        let facts = Facts::read(tx, &[self], vec![]).await?;
        let home = self.home(&facts)?;
        let people = self.people(&facts)?;
        let mut reasons = self.reasons(tx, &home).await?;
        if self.op.base_rev.is_some_and(|known| known != rev) {
            reasons.push(review::AMENDED_TWICE);
        }
        let unit = tx.unit_id();
        let id = self.app.new_id();
        let said = sealed::VISIT.open(self.app, unit, self.op.entity_id, &before.sealed)?;
        let reason = self.payload.reason.as_deref().filter(|r| !r.is_empty());
        let row = params![
            id,
            self.id(),
            rev,
            before.outcome,
            sealed::REVISION.seal(self.app, unit, id, &said),
            reason.map(|r| sealed::REVISION_REASON.seal(self.app, unit, id, r.as_bytes())),
            self.ctx.now,
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str()
        ];
        tx.exec(VISIT_REVISION_ADD, row).await?;
        let s = self.said;
        let state = if reasons.is_empty() { ACCEPTED } else { REVIEW };
        let row = params![
            self.id(),
            s.outcome_text.as_str(),
            s.counts,
            state,
            self.sealed.to_vec(),
            people.len() as i64,
            valid(&people),
            photos(self.op),
            self.payload.day,
            s.gone
        ];
        tx.exec(VISIT_CHANGE, row).await?;
        tx.exec(VISIT_MEMBERS_CLEAR, params![self.id()]).await?;
        tx.exec(VISIT_VISITORS_CLEAR, params![self.id()]).await?;
        tx.exec(VISIT_CHOICES_CLEAR, params![self.id()]).await?;
        tx.steps(self.people_steps(&people)).await?;
        self.tell_plan(tx, &home).await?;
        Ok(self.kept(rev + 1, reasons, before.day))
    }

    pub(super) fn kept(&self, rev: i64, reasons: Vec<&'static str>, also: Day) -> Kept {
        let program = self.payload.program_id;
        Kept {
            days: [(program, also), (program, self.payload.day)].into(),
            kind: "visit",
            entity_id: self.op.entity_id,
            rev,
            reasons,
        }
    }

    /// The household: what the visit names, else that of the target or the person.
    pub(super) fn home(&self, facts: &Facts) -> Result<Home> {
        let p = self.payload;
        let mut home = Home::default();
        let mut of_target = None;
        if let Some(target) = p.target_id
            && let Some(row) = facts.target(target)
        {
            home.target = Some(target);
            of_target = Some(row.get(0)?);
        }
        let mut of_person = None;
        if let Some(id) = p.customer_id {
            match facts.customer(id) {
                Some(row) => {
                    of_person = Some(row.get(0)?);
                    if row.get(5)? {
                        home.reasons.push(review::REFUSES);
                    }
                }
                None => home.reasons.push(review::PERSON),
            }
        }
        home.household = p.household_id.filter(|id| facts.has_household(*id));
        home.household = home.household.or(of_target).or(of_person);
        let named = p.household_id.is_some() || p.target_id.is_some() || p.customer_id.is_some();
        if named && home.household.is_none() {
            home.reasons.push(review::HOUSEHOLD);
        }
        Ok(home)
    }

    async fn reasons(&self, tx: &mut UnitTx<'_>, home: &Home) -> Result<Vec<&'static str>> {
        let mut others = 0;
        if let Some(household) = home.household {
            let p = params![household, self.payload.day, self.id()];
            let same = tx.query_opt(VISIT_SAME_DAY, p).await?;
            others = same.map_or(Ok(0), |row| row.get(0))?;
        }
        Ok(self.reasons_with(home, others))
    }

    /// `others`: visits of the household on that day.
    pub(super) fn reasons_with(&self, home: &Home, others: i64) -> Vec<&'static str> {
        let mut reasons = self.said.reasons.clone();
        reasons.extend(&home.reasons);
        if others > 0 {
            reasons.push(review::SAME_DAY);
        }
        reasons
    }

    /// Each person with what the bank has already; a value that it verified
    /// counts as complete where the campaign says so (CUS-016).
    pub(super) fn people(&self, facts: &Facts) -> Result<Vec<Recorded>> {
        let mut all = Vec::with_capacity(self.said.people.len());
        for person in &self.said.people {
            let row = person.customer_id.and_then(|id| facts.customer(id));
            let bank = row.map(at_bank).transpose()?;
            all.push(self.recorded(person.clone(), bank));
        }
        Ok(all)
    }

    fn recorded(&self, mut person: Person, bank: Option<[bool; 4]>) -> Recorded {
        let rules = &self.program.definition.collection;
        let has = bank
            .filter(|_| rules.bank_verified_counts)
            .unwrap_or([false; 4]);
        if bank.is_none() {
            // A customer of another branch, or none: a person of their own.
            person.customer_id = None;
        }
        let id_number = match (has[3], person.id_number) {
            (true, _) => "bank",
            (false, true) => "given",
            (false, false) => "none",
        };
        let there = |field: &str| match field {
            "name" => person.name || has[0],
            "phone" => person.phone || has[1],
            "address" => person.address || has[2],
            "id_number" => id_number != "none",
            _ => true,
        };
        let valid = person.agreed && rules.mandatory_fields.iter().all(|f| there(f));
        Recorded {
            person,
            id_number,
            valid,
        }
    }

    pub(super) fn people_steps(&self, people: &[Recorded]) -> Vec<Step> {
        let row = |(i, r): (usize, &Recorded)| {
            params![
                self.id(),
                i as i64 + 1,
                r.person.customer_id,
                r.person.agreed,
                r.person.name,
                r.person.phone,
                r.person.address,
                r.id_number,
                r.valid
            ]
        };
        let members = Step {
            sql: VISIT_MEMBER_ADD,
            rows: people.iter().enumerate().map(row).collect(),
        };
        let who = self.payload.visitors.iter();
        let visitors = Step {
            sql: VISIT_VISITOR_ADD,
            rows: who.map(|s| params![self.id(), *s]).collect(),
        };
        let chosen = self.said.chosen.iter();
        let row = |((question, choice), times): (&(String, String), &i64)| {
            params![self.id(), question.as_str(), choice.as_str(), *times]
        };
        let choices = Step {
            sql: VISIT_CHOICE_ADD,
            rows: chosen.map(row).collect(),
        };
        vec![members, visitors, choices]
    }

    /// A target that was visited leaves the pool; one where nobody was met
    /// goes back into it (ERR-007, CMP-010).
    async fn tell_plan(&self, tx: &mut UnitTx<'_>, home: &Home) -> Result<()> {
        let Some(household) = home.household else {
            return Ok(());
        };
        let day = self.payload.day;
        let p = params![self.program.id, household];
        let came = tx.query_opt(VISIT_HOUSEHOLD_COUNTS, p).await?;
        let came = Came::of(came.as_ref())?;
        tx.steps(self.plan_steps(household, day, came)).await?;
        Ok(())
    }

    /// `came`: what came of the visits of the household, this one among them.
    pub(super) fn plan_steps(&self, household: HouseholdId, day: Day, came: Came) -> Vec<Step> {
        let tried = match (came.counted > 0, self.said.outcome) {
            (true, _) => Tried::Visited,
            (false, Some(Outcome::Absent)) => Tried::Absent(came.gone_on),
            (false, _) => Tried::Open(came.gone_on),
        };
        tried_steps(self.ctx, self.program.id, household, day, tried)
    }
}

/// What came of the visits of a household in a campaign.
#[derive(Clone, Copy, Default)]
pub(super) struct Came {
    /// Those that count.
    counted: i64,
    /// The last day on which nobody was to be found there any more.
    gone_on: Option<Day>,
}

impl Came {
    pub(super) fn of(row: Option<&Row>) -> Result<Came> {
        let Some(row) = row else {
            return Ok(Came::default());
        };
        Ok(Came {
            counted: row.get(0)?,
            gone_on: row.get(1)?,
        })
    }

    /// With one more visit.
    pub(super) fn with(self, said: &Said, day: Day) -> Came {
        Came {
            counted: self.counted + i64::from(said.counts),
            gone_on: self.gone_on.max(said.gone.then_some(day)),
        }
    }
}

/// What the bank has of a person: name, phone, address, ID number.
fn at_bank(row: &Row) -> Result<[bool; 4]> {
    let complete = |text: String| FieldState::from_stored(&text).is_complete();
    let (phone, id_number): (String, String) = (row.get(2)?, row.get(3)?);
    Ok([
        row.get(1)?,
        complete(phone),
        row.get(4)?,
        complete(id_number),
    ])
}

/// Somebody has looked, and it is right.
///
/// # Errors
/// Only the database.
pub async fn accept_visit(tx: &mut UnitTx<'_>, id: Uuid) -> Result<()> {
    tx.exec(VISIT_STATE, params![id, ACCEPTED]).await?;
    Ok(())
}

/// It did not happen: it counts nowhere, and the target may be planned again
/// when nothing else counts for it.
///
/// # Errors
/// Only the database.
pub async fn reject_visit(tx: &mut UnitTx<'_>, ctx: &Ctx, id: Uuid) -> Result<()> {
    if tx.exec(VISIT_STATE, params![id, REJECTED]).await? == 0 {
        return Ok(());
    }
    let Some(row) = tx.query_opt(VISIT_STANDS, params![id]).await? else {
        return Ok(());
    };
    let (day, program): (Day, ProgramId) = (row.get(3)?, row.get(4)?);
    let household: Option<HouseholdId> = row.get(5)?;
    tally(tx, ctx, &[(program, day)].into()).await?;
    let Some(household) = household else {
        return Ok(());
    };
    let came = tx
        .query_opt(VISIT_HOUSEHOLD_COUNTS, params![program, household])
        .await?;
    let came = Came::of(came.as_ref())?;
    if came.counted == 0 {
        let tried = Tried::Open(came.gone_on);
        target_tried(tx, ctx, program, household, day, tried).await?;
    }
    Ok(())
}

/// Counts the days that a batch touched anew.
///
/// # Errors
/// Only the database.
pub async fn tally(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    days: &BTreeSet<(ProgramId, Day)>,
) -> Result<()> {
    let counted = tx.steps(vec![count_step(days)]).await?;
    tx.steps(tally_steps(ctx, days, counted.first())?).await?;
    Ok(())
}

/// The statement that counts days, to go with others.
pub fn count_step(days: &BTreeSet<(ProgramId, Day)>) -> Step {
    Step {
        sql: VISIT_COUNT,
        rows: days.iter().map(|(p, day)| params![*p, *day]).collect(),
    }
}

/// What puts the tallies of days that [`count_step`] has counted.
///
/// # Errors
/// A row of another shape.
pub fn tally_steps(
    ctx: &Ctx,
    days: &BTreeSet<(ProgramId, Day)>,
    counted: Option<&Ran>,
) -> Result<Vec<Step>> {
    let mut steps = Vec::with_capacity(days.len());
    let rows = counted.into_iter().flat_map(|ran| &ran.rows);
    for ((program, day), row) in days.iter().zip(rows) {
        let Some(row) = row.first() else { continue };
        let tally = Tally {
            households: row.get(0)?,
            visits: row.get(1)?,
            valid_records: row.get(2)?,
        };
        steps.push(tally_step(ctx, *program, *day, tally));
    }
    Ok(steps)
}

pub(super) fn valid(people: &[Recorded]) -> i64 {
    people.iter().filter(|p| p.valid).count() as i64
}

/// Photos announced: the same one in two answers is one photo.
pub(super) fn photos(op: &Op) -> i64 {
    let each = op
        .blobs
        .iter()
        .map(|b| (b.sha256.to_ascii_lowercase(), &b.role));
    each.collect::<BTreeSet<_>>().len() as i64
}
