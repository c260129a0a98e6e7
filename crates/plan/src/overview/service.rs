//! Gathers the overview of a subtree from network, programs and week plans. A
//! part the caller may not see (imports, programs) is left out, not refused: the
//! overview is for everybody. Reads only; knows nothing of HTTP.

use super::store::DUE_UNPLANNED;
use super::{BranchState, CustomerFigures, Overview, PlanFigures, Todo};
use crate::check::Severity;
use crate::program::service::program_check;
use crate::program::{Program, State};
use crate::week_plan::program;
use crate::week_plan::{CONFIRMED, service as plans};
use zf_base::code::ErrorCode;
use zf_base::{Day, IsoWeek, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::staff::service::staff_counts;
use zf_kernel::unit::service::{branches_of, scope_of, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_network::customer::figures::customer_counts;
use zf_network::import::service::import_list;
use zf_store::params;

/// Imports looked at for rows that were given back.
const IMPORTS_LOOKED_AT: i64 = 5;

/// The overview of a unit; of the first one the caller may see when none is named.
pub async fn overview(app: &App, ctx: &Ctx, unit: Option<UnitId>) -> Result<Overview> {
    let id = match unit {
        Some(id) => id,
        None => first_root(app, ctx).await?,
    };
    let scope = scope_of(app, ctx, Permission::OverviewRead, id).await?;
    let branches = branches_of(app, &scope).await?;
    let program = program_of(app, ctx, &scope).await?;
    let week = week_shown(program.as_ref(), ctx.today());
    let mut customers = CustomerFigures::default();
    let ids: Vec<UnitId> = branches.iter().map(UnitScope::unit_id).collect();
    for counts in customer_counts(app, &ids).await?.values() {
        customers.total += counts.customers;
        customers.four_fields += counts.four_fields;
        customers.placed += counts.placed;
    }
    let mut out = Overview {
        unit: scope.unit().clone(),
        week,
        customers,
        branches: vec![],
        staff: staff_below(app, &scope).await?,
        plan: PlanFigures::default(),
        todo: vec![],
        last_import: None,
        program,
    };
    plan_part(app, &branches, &mut out).await?;
    check_part(app, ctx, &mut out).await?;
    import_part(app, ctx, &mut out).await?;
    Ok(out)
}

async fn first_root(app: &App, ctx: &Ctx) -> Result<UnitId> {
    let roots = ctx.roots(Permission::OverviewRead);
    let (id, path) = roots
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    if !id.uuid().is_nil() {
        return Ok(*id);
    }
    let units = unit_subtree(app, path).await?;
    Ok(units
        .iter()
        .min_by_key(|u| u.path.len())
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?
        .id)
}

/// The program in force, when it has to do with this subtree.
async fn program_of(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<Option<Program>> {
    if !ctx.may(Permission::ProgramRead) {
        return Ok(None);
    }
    let found = program::current(app, ctx, ctx.today()).await?;
    let path = &scope.unit().path;
    Ok(found.filter(|p| path.starts_with(&p.unit.path) || p.unit.path.starts_with(path.as_str())))
}

/// This week while the program runs; before it its first week, after it its last.
fn week_shown(program: Option<&Program>, today: Day) -> IsoWeek {
    match program {
        Some(p) => today.clamp(p.first_day, p.last_day.max(p.first_day)).week(),
        None => today.week(),
    }
}

async fn staff_below(app: &App, scope: &UnitScope) -> Result<i64> {
    let counts = staff_counts(app).await?;
    let units = unit_subtree(app, &scope.unit().path).await?;
    Ok(units.iter().filter_map(|u| counts.get(&u.id)).sum())
}

async fn plan_part(app: &App, branches: &[UnitScope], out: &mut Overview) -> Result<()> {
    let none = |b: &UnitScope| BranchState {
        unit_id: b.unit_id(),
        name: b.unit().name.clone(),
        planned: 0,
        needed: 0,
        state: "none".to_owned(),
    };
    let Some(program) = &out.program else {
        out.branches = branches.iter().map(none).collect();
        return Ok(());
    };
    let headers = plans::headers(app, program.id, out.week).await?;
    let days = out.week.days();
    let mut due = 0;
    for branch in branches
        .iter()
        .filter(|b| b.unit().path.starts_with(&program.unit.path))
    {
        let mut state = none(branch);
        if let Some(h) = headers.get(&branch.unit_id()) {
            state = BranchState {
                planned: h.planned,
                needed: h.needed,
                state: h.state.clone(),
                ..state
            };
            out.plan.with_plan += 1;
            out.plan.confirmed += i64::from(h.state == CONFIRMED);
            out.plan.planned += h.planned;
            out.plan.needed += h.needed;
            out.plan.left += h.left();
        }
        let rows = app
            .read_unit(
                branch.unit_id(),
                DUE_UNPLANNED,
                params![program.id, days[0], days[6]],
            )
            .await?;
        due += rows
            .first()
            .map(|r| r.get::<i64>(0))
            .transpose()?
            .unwrap_or(0);
        out.branches.push(state);
    }
    let unplanned = out.branches.len() as i64 - out.plan.with_plan;
    if unplanned > 0 {
        out.todo.push(Todo::Unplanned {
            branches: unplanned,
        });
    }
    if out.plan.with_plan > out.plan.confirmed {
        out.todo.push(Todo::Unconfirmed {
            branches: out.plan.with_plan - out.plan.confirmed,
        });
    }
    if due > 0 {
        out.todo.push(Todo::Due { households: due });
    }
    Ok(())
}

/// A program that runs has passed its check; a draft waits for it.
async fn check_part(app: &App, ctx: &Ctx, out: &mut Overview) -> Result<()> {
    let Some(program) = out.program.as_ref().filter(|p| p.state == State::Draft) else {
        return Ok(());
    };
    let report = program_check(app, ctx, program).await?;
    let (errors, warnings) = (
        report.count(Severity::Error) as i64,
        report.count(Severity::Warning) as i64,
    );
    if errors > 0 {
        out.todo.push(Todo::CheckErrors { errors, warnings });
    }
    Ok(())
}

async fn import_part(app: &App, ctx: &Ctx, out: &mut Overview) -> Result<()> {
    let imports = import_list(app, ctx, None, IMPORTS_LOOKED_AT).await?;
    for import in imports.iter().filter(|i| i.counts.bad > 0 && !i.dry_run) {
        let (file, rows) = (import.file_name.clone(), import.counts.bad);
        out.todo.push(Todo::ImportRows {
            file,
            rows,
            import: import.id,
        });
    }
    out.last_import = imports.into_iter().next();
    Ok(())
}
