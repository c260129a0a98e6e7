//! HTTP of completeness: a table by unit, as JSON and as a workbook. Which
//! unit is asked here, the counting is the service's.
//! It holds no threshold and knows no customer.

use super::service::quality_table;
use super::{Counts, Line, Table, words};
use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Day;
use zf_base::code::ErrorCode;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{Permission, UnitScope};
use zf_network::words::{FONT_BODY, FONT_TITLE};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};
use zf_web::{Access, Answer, Api, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::OverviewRead),
        routes!(quality_get),
    )
    .op(
        Access::Needs(Permission::OverviewRead),
        routes!(quality_workbook),
    )
}

/// Which table.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QualityQuery {
    /// The unit; the caller's highest when absent.
    unit_id: Option<Uuid>,
    /// The day; today when absent.
    day: Option<String>,
}

/// Counts at one time.
#[derive(Serialize, ToSchema)]
pub struct QualityCounts {
    customers: i64,
    four_fields: i64,
    /// Share of complete records, 0…1.
    rate: Option<f64>,
    without_phone: i64,
    without_id_number: i64,
    without_address: i64,
    /// With a phone or ID number that only the bank knows in full.
    by_bank: i64,
    placed: i64,
    households: i64,
}

/// One unit.
#[derive(Serialize, ToSchema)]
pub struct QualityLine {
    unit_id: Uuid,
    unit_name: String,
    level: String,
    now: QualityCounts,
    /// Rate at the end of the day before; none when it was not kept.
    rate_day_before: Option<f64>,
    /// Rate at the end of the same day a week before.
    rate_week_before: Option<f64>,
}

/// Completeness of a unit and what is below it.
#[derive(Serialize, ToSchema)]
pub struct QualityTable {
    day: String,
    lines: Vec<QualityLine>,
}

fn counts(c: Counts) -> QualityCounts {
    QualityCounts {
        customers: c.customers,
        four_fields: c.four_fields,
        rate: c.rate(),
        without_phone: c.without_phone,
        without_id_number: c.without_id_number,
        without_address: c.without_address,
        by_bank: c.by_bank,
        placed: c.placed,
        households: c.households,
    }
}

async fn wanted(
    state: &WebState,
    caller: &Caller,
    query: &QualityQuery,
) -> Answer<(UnitScope, Day)> {
    let unit = match query.unit_id {
        Some(unit) => unit.into(),
        None => {
            let root = caller
                .ctx
                .roots(Permission::OverviewRead)
                .into_iter()
                .next();
            root.ok_or_else(|| Problem::new(ErrorCode::PERMISSION_DENIED))?
                .0
        }
    };
    let scope = scope_of(&state.app, &caller.ctx, Permission::OverviewRead, unit).await?;
    let day = match query.day.as_deref() {
        Some(text) => text
            .parse()
            .map_err(|_| Problem::field("day", "field.day"))?,
        None => caller.ctx.today(),
    };
    Ok((scope, day))
}

/// 信息完整率 of a unit and of every unit below it.
#[utoipa::path(get, path = "/api/v1/quality", operation_id = "quality_get", params(QualityQuery), responses((status = 200, body = QualityTable)))]
async fn quality_get(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<QualityQuery>,
) -> Answer<Json<QualityTable>> {
    let (scope, day) = wanted(&state, &caller, &query).await?;
    let table = quality_table(&state.app, &caller.ctx, &scope, day).await?;
    let line = |l: Line| QualityLine {
        unit_id: l.unit_id.uuid(),
        unit_name: l.unit_name,
        level: l.level,
        now: counts(l.now),
        rate_day_before: l.day_before.and_then(Counts::rate),
        rate_week_before: l.week_before.and_then(Counts::rate),
    };
    Ok(Json(QualityTable {
        day: table.day.to_string(),
        lines: table.lines.into_iter().map(line).collect(),
    }))
}

/// The same as a workbook.
#[utoipa::path(get, path = "/api/v1/quality.xlsx", operation_id = "quality_workbook", params(QualityQuery), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn quality_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<QualityQuery>,
) -> Answer<Download> {
    let (scope, day) = wanted(&state, &caller, &query).await?;
    let table = quality_table(&state.app, &caller.ctx, &scope, day).await?;
    let names = zf_kernel::setting::level_names(&state.app).await?;
    let level = |code: &str| {
        let found = names.iter().find(|(l, _)| l.as_str() == code);
        found.map_or_else(|| code.to_owned(), |(_, name)| name.clone())
    };
    let book = book(&table, &scope.unit().name, &caller, level);
    let bytes = write_table(&book).map_err(|e| {
        tracing::error!(error = %e, "table of completeness");
        Problem::new(ErrorCode::INTERNAL)
    })?;
    Ok(download(&format!("completeness-{day}.xlsx"), bytes))
}

fn book(table: &Table, unit: &str, caller: &Caller, level: impl Fn(&str) -> String) -> TableBook {
    let share = |x: Option<f64>| x.map_or(CellValue::Empty, CellValue::Percent);
    let gap = |now: Option<f64>, then: Option<f64>| now.zip(then).map(|(now, then)| now - then);
    let row = |l: &Line| {
        let now = l.now.rate();
        vec![
            CellValue::from(l.unit_name.as_str()),
            CellValue::from(level(&l.level)),
            CellValue::from(l.now.customers),
            CellValue::from(l.now.four_fields),
            share(now),
            share(gap(now, l.day_before.and_then(Counts::rate))),
            share(gap(now, l.week_before.and_then(Counts::rate))),
            CellValue::from(l.now.without_phone),
            CellValue::from(l.now.without_id_number),
            CellValue::from(l.now.without_address),
        ]
    };
    let column = |(i, h): (usize, &&str)| TableColumn {
        header: (*h).to_owned(),
        kind: match i {
            0 | 1 => CellKind::Text,
            4..=6 => CellKind::Percent,
            _ => CellKind::Integer,
        },
    };
    TableBook {
        meta: BookMeta {
            title: words::title(unit, table.day),
            author: caller.ctx.actor.name.clone(),
            created: caller.ctx.now,
        },
        fonts: Fonts {
            title: FONT_TITLE.to_owned(),
            body: FONT_BODY.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: vec![words::title(unit, table.day), words::DEFINITION.to_owned()],
            columns: words::HEADERS.iter().enumerate().map(column).collect(),
            rows: table.lines.iter().map(row).collect(),
            page_foot: words::FOOT.to_owned(),
        }],
    }
}
