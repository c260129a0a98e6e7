//! The tick sheet on paper: a number, the order of its rows kept for entering it
//! later, and the names in full for the own branch. Printing is a reveal of its
//! own kind: one event with the number of names, written before they leave.

use super::service::{columns, names_permit, revealed, rows, sheet_name};
use super::store::*;
use super::{Column, Limits, SheetRow};
use crate::groups::words;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{HouseholdId, Timestamp, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_office::{BookMeta, Fonts, TickSheet, TickSheetRow, write_tick_sheet};
use zf_store::params;

/// A printed sheet.
#[derive(Clone, Debug)]
pub struct Printed {
    /// Number on the form.
    pub number: String,
    /// Village group.
    pub village_group: VillageGroupId,
    /// Households in the order of the rows.
    pub households: Vec<HouseholdId>,
    /// When.
    pub printed_at: Timestamp,
    /// By whom.
    pub printed_by_name: String,
}

/// Full names of the rows of a sheet.
pub type Names = Vec<(HouseholdId, Vec<String>)>;

/// A sheet by its number.
///
/// # Errors
/// No such sheet in the branch.
pub async fn printed(app: &App, scope: &UnitScope, number: &str) -> Result<Printed> {
    let found = app
        .read_unit(scope.unit_id(), TICK_SHEET_BY_NUMBER, params![number])
        .await?;
    let row = found
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    Ok(Printed {
        number: row.get(0)?,
        village_group: row.get(1)?,
        households: serde_json::from_str(&row.get::<String>(2)?).unwrap_or_default(),
        printed_at: row.get(5)?,
        printed_by_name: row.get(6)?,
    })
}

/// Gives a sheet of a village group a number and lets its names out.
///
/// # Errors
/// Not the own branch; no households; more sheets in the hour than allowed.
pub async fn print(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    group: VillageGroupId,
) -> Result<(Printed, Vec<SheetRow>, Names)> {
    let all = rows(app, scope, group, None).await?;
    if all.is_empty() {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let columns = columns(app, scope.unit()).await?;
    let (permit, names) = names_permit(app, ctx, scope.unit_id(), &all).await?;
    let day = ctx.today().to_string().replace('-', "");
    let households: Vec<HouseholdId> = all.iter().map(|r| r.household_id).collect();
    let tags: Vec<&str> = columns.iter().map(|c| c.tag.as_str()).collect();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let like = format!("{day}-%");
    let before = tx.query_opt(TICK_SHEETS_OF_DAY, params![like]).await?;
    let before: i64 = before.map(|r| r.get(0)).transpose()?.unwrap_or(0);
    let number = format!("{day}-{:02}", before + 1);
    let row = params![
        number.as_str(),
        group,
        json!(households).to_string(),
        json!(tags).to_string(),
        names as i64,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(TICK_SHEET_ADD, row).await?;
    let detail = json!({ "number": number, "names": names, "reason": permit.reason().as_str() });
    tx.record("tick.print", "tick_sheet", &number, detail);
    tx.commit().await?;
    let sheet = Printed {
        number,
        village_group: group,
        households,
        printed_at: ctx.now,
        printed_by_name: ctx.actor.name.clone(),
    };
    let names = revealed(&all, &permit);
    Ok((sheet, all, names))
}

/// The workbook of a printed sheet: file name and bytes; names leave again, so
/// it is told of again.
///
/// # Errors
/// No such sheet; not the own branch; the writer's own faults.
pub async fn workbook(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    number: &str,
) -> Result<(String, Vec<u8>)> {
    let sheet = printed(app, scope, number).await?;
    let order = Some(sheet.households.as_slice());
    let all = rows(app, scope, sheet.village_group, order).await?;
    let columns = columns(app, scope.unit()).await?;
    let (permit, names) = names_permit(app, ctx, scope.unit_id(), &all).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let detail = json!({ "number": number, "names": names, "reason": permit.reason().as_str() });
    tx.record("tick.print", "tick_sheet", number, detail);
    tx.commit().await?;
    let group = sheet_name(app, scope, sheet.village_group).await?;
    let names = revealed(&all, &permit);
    let paper = paper(ctx, scope, &sheet, &group, &columns, &all, &names)?;
    let written = tokio::task::spawn_blocking(move || write_tick_sheet(&paper)).await;
    let written = written.map_err(|e| KernelError::Internal(e.to_string()))?;
    let bytes = written.map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::sheet_file(&group, number), bytes))
}

fn paper(
    ctx: &Ctx,
    scope: &UnitScope,
    sheet: &Printed,
    group: &str,
    columns: &[Column],
    all: &[SheetRow],
    names: &Names,
) -> Result<TickSheet> {
    let limits = Limits::preset()?;
    let unit = scope.unit().name.as_str();
    let at: String = ctx.now.to_string().chars().take(16).collect();
    // As printed: a household that has left since leaves its number empty.
    let numbers: HashMap<HouseholdId, u32> = sheet.households.iter().copied().zip(1..).collect();
    let row = |(row, (_, names)): (&SheetRow, &(HouseholdId, Vec<String>))| {
        let boxed = |c: &Column| {
            let tick = row.ticks.iter().find(|(tag, _)| *tag == c.tag);
            match tick.map(|(_, yes)| *yes) {
                Some(true) => words::BOX_YES,
                Some(false) => words::BOX_NO,
                None if row.in_file.contains(&c.tag) => words::BOX_FILE,
                None => words::BOX,
            }
            .to_owned()
        };
        TickSheetRow {
            number: numbers.get(&row.household_id).copied().unwrap_or_default(),
            household: row.household_no.clone(),
            names: names.join("、"),
            boxes: columns.iter().map(boxed).collect(),
        }
    };
    Ok(TickSheet {
        meta: BookMeta {
            title: words::sheet_title(group),
            author: words::AUTHOR.to_owned(),
            created: ctx.now,
        },
        fonts: Fonts {
            title: limits.title_font,
            body: limits.body_font,
        },
        sheet_name: sheet.number.clone(),
        title: words::sheet_title(group),
        subtitle: words::sheet_subtitle(unit, &sheet.number, sheet.printed_at.day()),
        hint: words::SHEET_HINT.to_owned(),
        mark: words::sheet_mark(&ctx.actor.name, &at.replace('T', " ")),
        headers: [words::SHEET_ROW, words::SHEET_HOUSEHOLD, words::SHEET_NAMES]
            .into_iter()
            .map(str::to_owned)
            .chain(columns.iter().map(|c| c.name.clone()))
            .collect(),
        rows: all.iter().zip(names).map(row).collect(),
        closing: words::SHEET_SIGN.to_owned(),
        page_foot: words::SHEET_FOOT.to_owned(),
    })
}
