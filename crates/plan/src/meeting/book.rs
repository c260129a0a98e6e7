//! 签到表: the sheet of attendance as a workbook: empty before the meeting, to
//! be signed, and filled in afterwards. Names of staff stand on it as on every
//! plan; no telephone does.

use super::service::{UnitSheet, meeting_of, records, unit_sheet, units_of};
use super::words;
use crate::program::Program;
use crate::program::service::post_name;
use zf_base::UnitId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, Permission};
use zf_network::words::{FONT_BODY, FONT_TITLE};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// The sheet of one unit, or of all that the actor may see: name and bytes.
///
/// # Errors
/// The step is no meeting; the unit is out of reach.
pub async fn attendance_book(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    step: &str,
    unit: Option<UnitId>,
) -> Result<(String, Vec<u8>)> {
    let meeting = meeting_of(program, step)?;
    let record = records(app, program, step).await?.into_iter().next();
    let mut units = units_of(app, ctx, Permission::PlanRead, program).await?;
    if let Some(id) = unit {
        program.scope(app, ctx, Permission::PlanRead, id).await?;
        units.retain(|u| u.id == id);
    }
    let mut rows = Vec::new();
    for u in &units {
        let scope = ctx.scope(Permission::PlanRead, u)?;
        let sheet = unit_sheet(app, program, &scope, step, None).await?;
        push(app, &mut rows, &u.name, &sheet);
    }
    let held = record.as_ref().map(|r| (r.held_day, r.place.as_str()));
    let title = words::title(&program.name, &meeting.title);
    let column = |(i, h): (usize, &&str)| TableColumn {
        header: (*h).to_owned(),
        kind: match i {
            0 => CellKind::Integer,
            _ => CellKind::Text,
        },
    };
    let book = TableBook {
        meta: BookMeta {
            title: title.clone(),
            author: ctx.actor.name.clone(),
            created: ctx.now,
        },
        fonts: Fonts {
            title: FONT_TITLE.to_owned(),
            body: FONT_BODY.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: vec![title, words::held(held)],
            columns: words::HEADERS.iter().enumerate().map(column).collect(),
            rows,
            page_foot: words::FOOT.to_owned(),
        }],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(format!("workbook: {e}")))?;
    let day = record.map_or_else(|| ctx.today(), |r| r.held_day);
    Ok((words::file(day), bytes))
}

fn push(app: &App, rows: &mut Vec<Vec<CellValue>>, unit: &str, sheet: &UnitSheet) {
    for (staff, known) in &sheet.people {
        let came = known.map_or("", |k| words::came(k.came));
        let trained = known.is_some_and(|k| k.trained);
        rows.push(vec![
            CellValue::from(rows.len() as i64 + 1),
            CellValue::from(unit),
            CellValue::from(staff.staff_no.as_str()),
            CellValue::from(staff.name.as_str()),
            CellValue::from(post_name(app, &staff.post)),
            CellValue::from(came),
            CellValue::from(if trained { words::TRAINED } else { "" }),
            CellValue::Empty,
        ]);
    }
}
