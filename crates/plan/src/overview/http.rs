//! HTTP of the overview: one read. What a line of the to-do list links to is
//! decided here, because only this layer knows the pages; the figures come from
//! the service. Nothing personal is in it.

use super::{Overview, Todo, service, words};
use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::UnitId;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operation.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::OverviewRead),
        routes!(overview_get),
    )
}

/// Which unit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewQuery {
    /// Root of the subtree; absent = the caller's own.
    unit_id: Option<Uuid>,
}

/// The unit shown.
#[derive(Serialize, ToSchema)]
pub struct OverviewUnit {
    id: Uuid,
    name: String,
}

/// The program in force.
#[derive(Serialize, ToSchema)]
pub struct OverviewProgram {
    id: Uuid,
    code: String,
    name: String,
    state: String,
    version: i64,
    first_day: String,
    last_day: String,
    quota_per_day: u32,
}

/// Customers of the subtree.
#[derive(Serialize, ToSchema)]
pub struct OverviewCustomers {
    total: i64,
    with_four_fields: i64,
    with_coordinates: i64,
}

/// Units of the subtree.
#[derive(Serialize, ToSchema)]
pub struct OverviewUnits {
    branches: i64,
    staff: i64,
}

/// Plans of the week.
#[derive(Serialize, ToSchema)]
pub struct OverviewPlan {
    week: String,
    branches_with_plan: i64,
    branches_confirmed: i64,
    planned: i64,
    needed: i64,
    shortfall: i64,
}

/// One thing to do.
#[derive(Serialize, ToSchema)]
pub struct TodoView {
    kind: String,
    title: String,
    detail: String,
    /// Page where it is done.
    link: String,
}

/// One branch.
#[derive(Serialize, ToSchema)]
pub struct OverviewBranch {
    unit_id: Uuid,
    unit_name: String,
    planned: i64,
    needed: i64,
    state: String,
}

/// The newest import.
#[derive(Serialize, ToSchema)]
pub struct OverviewImport {
    id: Uuid,
    kind: String,
    file_name: String,
    state: String,
    dry_run: bool,
    rows_total: i64,
    rows_done: i64,
    rows_new: i64,
    rows_changed: i64,
    rows_same: i64,
    rows_bad: i64,
    created_at: String,
    finished_at: Option<String>,
    message: String,
}

/// Where a unit stands.
#[derive(Serialize, ToSchema)]
pub struct OverviewView {
    unit: OverviewUnit,
    program: Option<OverviewProgram>,
    week: String,
    customers: OverviewCustomers,
    units: OverviewUnits,
    plan: OverviewPlan,
    todo: Vec<TodoView>,
    branches: Vec<OverviewBranch>,
    imports_last: Option<OverviewImport>,
}

/// Where a unit stands this week, and what waits for somebody.
#[utoipa::path(get, path = "/api/v1/overview", operation_id = "overview_get", params(OverviewQuery),
    responses((status = 200, body = OverviewView)))]
async fn overview_get(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<OverviewQuery>,
) -> Answer<Json<OverviewView>> {
    let found = service::overview(&state.app, &caller.ctx, query.unit_id.map(UnitId)).await?;
    Ok(Json(view(found)))
}

fn view(o: Overview) -> OverviewView {
    let todo = o.todo.iter().map(|t| todo_view(&o, t)).collect();
    OverviewView {
        unit: OverviewUnit {
            id: o.unit.id.uuid(),
            name: o.unit.name,
        },
        program: o.program.map(|p| OverviewProgram {
            id: p.id.uuid(),
            code: p.code,
            name: p.name,
            state: p.state.as_str().to_owned(),
            version: p.version,
            first_day: p.first_day.to_string(),
            last_day: p.last_day.to_string(),
            quota_per_day: p.definition.quota.households_per_outlet_per_day,
        }),
        week: o.week.to_string(),
        customers: OverviewCustomers {
            total: o.customers.total,
            with_four_fields: o.customers.four_fields,
            with_coordinates: o.customers.placed,
        },
        units: OverviewUnits {
            branches: o.branches.len() as i64,
            staff: o.staff,
        },
        plan: OverviewPlan {
            week: o.week.to_string(),
            branches_with_plan: o.plan.with_plan,
            branches_confirmed: o.plan.confirmed,
            planned: o.plan.planned,
            needed: o.plan.needed,
            shortfall: o.plan.left,
        },
        todo,
        branches: o
            .branches
            .into_iter()
            .map(|b| OverviewBranch {
                unit_id: b.unit_id.uuid(),
                unit_name: b.name,
                planned: b.planned,
                needed: b.needed,
                state: b.state,
            })
            .collect(),
        imports_last: o.last_import.map(import_view),
    }
}

fn import_view(i: zf_network::import::Import) -> OverviewImport {
    OverviewImport {
        id: i.id.uuid(),
        kind: i.kind.as_str().to_owned(),
        file_name: i.file_name,
        state: i.state,
        dry_run: i.dry_run,
        rows_total: i.counts.total,
        rows_done: i.counts.done,
        rows_new: i.counts.new,
        rows_changed: i.counts.changed,
        rows_same: i.counts.same,
        rows_bad: i.counts.bad,
        created_at: i.created_at.to_string(),
        finished_at: i.finished_at.map(|t| t.to_string()),
        message: i.message,
    }
}

fn todo_view(o: &Overview, todo: &Todo) -> TodoView {
    let (title, detail) = words::todo(todo);
    let plans = format!("/plans?week={}", o.week);
    let program = o
        .program
        .as_ref()
        .map(|p| p.id.to_string())
        .unwrap_or_default();
    let (kind, link) = match todo {
        Todo::Unconfirmed { .. } => ("plan_unconfirmed", format!("{plans}&state=draft")),
        Todo::Unplanned { .. } => ("plan_missing", format!("{plans}&state=none")),
        Todo::CheckErrors { .. } => ("check", format!("/campaigns/{program}")),
        Todo::ImportRows { import, .. } => ("import_rows", format!("/imports/{import}")),
        Todo::Due { .. } => ("due_unplanned", plans),
    };
    TodoView {
        kind: kind.to_owned(),
        title: title.to_owned(),
        detail,
        link,
    }
}
