//! Closing a branch: its customers move (all to one branch, or village group by
//! village group), its staff and accounts move, roles on it end, and only when
//! nothing is left in it, no open request of a person either, is it closed. A job that may be stopped, killed and
//! started again; whom the receiving branch refuses stays and is told of.

use super::service::{Asked, Who, preview, target, transfer_ask};
use super::store::*;
use super::{Transfer, jobs, run, words};
use crate::merge::common_root;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use zf_base::code::ErrorCode;
use zf_base::{JobId, Timestamp, UnitId, UserId, Uuid, VillageGroupId};
use zf_custody::request::papers::{requests_open, requests_rehome};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::staff::StaffInput;
use zf_kernel::staff::service::{staff_change, staff_list};
use zf_kernel::unit::service::{scope_of, unit_change};
use zf_kernel::unit::{Level, UnitInput};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, params};
use zf_vault::Aad;

/// Where everything goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingPlan {
    /// Customers that no village group below names.
    pub rest_to: UnitId,
    /// Customers of these village groups.
    pub groups: BTreeMap<VillageGroupId, UnitId>,
    /// Staff and accounts.
    pub staff_to: UnitId,
}

impl ClosingPlan {
    fn targets(&self) -> Vec<UnitId> {
        let mut all: Vec<UnitId> = self.groups.values().copied().collect();
        all.extend([self.rest_to, self.staff_to]);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The closing of a branch.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Id.
    pub id: Uuid,
    /// Where everything goes.
    pub plan: ClosingPlan,
    /// `running`, `stuck` (customers are left) or `closed`.
    pub state: String,
    /// Code of the reason.
    pub reason: String,
    /// Customers at the beginning.
    pub customers: i64,
    /// Staff at the beginning.
    pub staff: i64,
    /// Accounts at the beginning.
    pub accounts: i64,
    /// The job.
    pub job_id: Option<JobId>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by_name: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What is in a branch now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Customers.
    pub customers: i64,
    /// Staff, also those who have left the bank.
    pub staff: i64,
    /// Accounts at home here.
    pub accounts: i64,
    /// Roles held here.
    pub grants: i64,
    /// Week plans that are still drafts; they end with the branch.
    pub draft_plans: i64,
    /// Requests of people about their data that nobody has answered.
    pub requests: i64,
}

fn count(rows: &[Row]) -> Result<i64> {
    Ok(rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0))
}

/// What is in a branch now.
pub async fn contents(app: &App, scope: &UnitScope) -> Result<Contents> {
    let unit = scope.unit_id();
    Ok(Contents {
        customers: count(&app.read_unit(unit, CUSTOMERS_LEFT, params![]).await?)?,
        staff: staff_list(app, scope).await?.len() as i64,
        accounts: app.db.query(ACCOUNTS_OF, params![unit]).await?.len() as i64,
        grants: count(&app.db.query(GRANTS_OF, params![unit]).await?)?,
        draft_plans: count(&app.read_unit(unit, DRAFT_PLANS, params![]).await?)?,
        requests: requests_open(app, unit).await?,
    })
}

/// The last closing of a branch; none when there was none.
pub async fn closing_last(app: &App, unit: UnitId) -> Result<Option<Closing>> {
    let rows = app.read_unit(unit, CLOSING_LAST, params![]).await?;
    let Some(r) = rows.first() else {
        return Ok(None);
    };
    let plan: String = r.get(1)?;
    Ok(Some(Closing {
        id: r.get(0)?,
        plan: serde_json::from_str(&plan)
            .map_err(|_| KernelError::Internal("the plan of a closing".to_owned()))?,
        state: r.get(2)?,
        reason: r.get(3)?,
        customers: r.get(4)?,
        staff: r.get(5)?,
        accounts: r.get(6)?,
        job_id: r.get(7)?,
        asked_at: r.get(8)?,
        asked_by_name: r.get(9)?,
        ended_at: r.get(10)?,
    }))
}

/// Asks for the closing of a branch, or goes on with one that is stuck, with a
/// plan that may be another one. A job does it.
///
/// # Errors
/// `conflict` when the branch is closed or its closing is running.
pub async fn closing_ask(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    plan: &ClosingPlan,
    reason: &str,
) -> Result<Closing> {
    let unit = scope.unit();
    if unit.level != Level::Branch {
        return Err(KernelError::field("unit_id", "field.not_in_list"));
    }
    if !words::REASONS.iter().any(|(code, _)| *code == reason) {
        return Err(KernelError::field("reason", "field.not_in_list"));
    }
    for to in plan.targets() {
        target(app, ctx, unit.id, to).await?;
        scope_of(app, ctx, Permission::UnitWrite, to).await?;
    }
    let last = closing_last(app, unit.id).await?;
    let stuck = last.filter(|c| c.state != "closed");
    if !unit.active || stuck.as_ref().is_some_and(|c| c.state == "running") {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let now = contents(app, scope).await?;
    let id = stuck.as_ref().map_or_else(|| app.new_id(), |c| c.id);
    let text = json!(plan).to_string();
    let root = common_root(app, unit.id, plan.rest_to).await?;
    let root = common_root(app, root.id, plan.staff_to).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if stuck.is_some() {
            let p = params![id, text.as_str(), ctx.actor.name.as_str()];
            tx.exec(CLOSING_AGAIN, p).await?;
        } else {
            let row = params![
                id,
                text.as_str(),
                reason,
                now.customers,
                now.staff,
                now.accounts,
                ctx.now,
                ctx.actor.name.as_str()
            ];
            tx.exec(CLOSING_ADD, row).await?;
        }
        let args = json!({ "unit_id": unit.id });
        let job = NewJob::new(jobs::CLOSE, root.id, args).once(unit.id);
        let job = job_enqueue_in(&mut tx, app, ctx, &job).await?;
        tx.exec(CLOSING_JOB, params![id, job]).await?;
        let detail = json!({ "customers": now.customers, "staff": now.staff, "reason": reason });
        tx.record("unit.close_ask", "unit", unit.id, detail);
        tx.commit().await
    })
    .await?;
    let made = closing_last(app, unit.id).await?;
    made.ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))
}

/// Goes on with the closing of a branch to its end; how many customers are left.
pub async fn closing_run(app: &App, ctx: &Ctx, unit: UnitId, told: &impl run::Told) -> Result<i64> {
    let Some(closing) = closing_last(app, unit)
        .await?
        .filter(|c| c.state == "running")
    else {
        return Ok(0);
    };
    let scope = scope_of(app, ctx, Permission::CustomerTransfer, unit).await?;
    for t in transfers_running(app, unit, closing.id).await? {
        run::transfer_run(app, ctx, unit, t.id, told).await?;
    }
    for (group, to) in &closing.plan.groups {
        let who = Who::VillageGroup(*group);
        move_part(app, ctx, &scope, &closing, who, *to, told).await?;
    }
    let rest_to = closing.plan.rest_to;
    move_part(app, ctx, &scope, &closing, Who::All, rest_to, told).await?;
    staff_move(app, ctx, &scope, closing.plan.staff_to).await?;
    again(app, || {
        accounts_move(app, ctx, &scope, closing.plan.staff_to)
    })
    .await?;
    if count(&app.read_unit(unit, CUSTOMERS_LEFT, params![]).await?)? == 0 {
        // Those of people who are in no branch any more.
        let to = scope_of(app, ctx, Permission::CustomerTransfer, rest_to).await?;
        requests_rehome(app, ctx, &scope, &to).await?;
    }
    end(app, ctx, &scope, &closing).await
}

async fn transfers_running(app: &App, unit: UnitId, closing: Uuid) -> Result<Vec<Transfer>> {
    let rows = app
        .read_unit(unit, TRANSFERS_OF_CLOSING, params![closing])
        .await?;
    rows.iter().map(Transfer::read).collect()
}

/// Moves those of a part who are still there and whom the other branch takes.
async fn move_part(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    closing: &Closing,
    who: Who,
    to: UnitId,
    told: &impl run::Told,
) -> Result<()> {
    let asked = Asked {
        who,
        to,
        reason: closing.reason.clone(),
        closing: Some(closing.id),
    };
    if preview(app, ctx, scope, &asked).await?.customers.is_empty() {
        return Ok(());
    }
    let t = transfer_ask(app, ctx, scope, &asked).await?;
    run::transfer_run(app, ctx, scope.unit_id(), t.id, told).await?;
    Ok(())
}

async fn staff_move(app: &App, ctx: &Ctx, scope: &UnitScope, to: UnitId) -> Result<()> {
    let target = scope_of(app, ctx, Permission::StaffWrite, to).await?;
    for old in staff_list(app, scope).await? {
        let input = StaffInput {
            staff_no: old.staff_no.clone(),
            name: old.name.clone(),
            post: old.post.clone(),
            phone: None,
            active: old.active,
        };
        again(app, || staff_change(app, ctx, &target, &old, &input)).await?;
    }
    Ok(())
}

/// Accounts get their home in the unit of the staff; roles on the branch end.
/// New roles are given by the security administrator, as always.
async fn accounts_move(app: &App, ctx: &Ctx, scope: &UnitScope, to: UnitId) -> Result<()> {
    let unit = scope.unit_id();
    let aad = |unit: UnitId, user: UserId| Aad {
        table: "user_account",
        column: "totp_sealed",
        unit: unit.uuid(),
        row: user.uuid(),
    };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut moved, mut ended) = (0, 0);
    for row in tx.query(ACCOUNTS_OF, params![unit]).await? {
        let (user, sealed): (UserId, Option<Vec<u8>>) = (row.get(0)?, row.get(2)?);
        let anew = match sealed {
            Some(old) => {
                let secret = app.vault.open(&aad(unit, user), &old)?;
                Some(app.vault.seal(&aad(to, user), &secret))
            }
            None => None,
        };
        moved += tx
            .exec(ACCOUNT_MOVE, params![user, to, anew, ctx.now])
            .await?;
    }
    for row in tx.query(GRANTEES_OF, params![unit]).await? {
        let user: UserId = row.get(0)?;
        tx.exec(SESSIONS_END, params![user, ctx.now]).await?;
        ended += 1;
    }
    tx.exec(GRANTS_DROP, params![unit]).await?;
    if moved + ended > 0 {
        let detail = json!({ "accounts": moved, "roles_of": ended, "to": to.to_string() });
        tx.record("unit.close_step", "unit", unit, detail);
    }
    tx.commit().await
}

/// Closes the branch when nothing is left in it.
async fn end(app: &App, ctx: &Ctx, scope: &UnitScope, closing: &Closing) -> Result<i64> {
    let now = contents(app, scope).await?;
    let left = now.customers + now.staff + now.accounts + now.grants + now.requests;
    if left == 0 {
        let u = scope.unit().clone();
        let input = UnitInput {
            code: u.code,
            name: u.name,
            level: u.level,
            parent: u.parent_id,
            area_kind: u.area_kind,
            market_kind: u.market_kind,
            place: u.place,
            datum: u.datum,
            phone: u.phone,
            active: false,
        };
        again(app, || unit_change(app, ctx, scope, &input)).await?;
    }
    let state = if left == 0 { "closed" } else { "stuck" };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx
            .exec(CLOSING_END, params![closing.id, state, app.now()])
            .await?
            > 0
        {
            let detail = json!({ "state": state, "left": now.customers });
            tx.record("unit.closed", "unit", scope.unit_id(), detail);
        }
        tx.commit().await
    })
    .await?;
    Ok(now.customers)
}
