//! The stock ledger as a workbook: a sheet of counties and one of branches,
//! as far as the actor may see them. What lies where and how long it lasts comes
//! from `service`; nothing is reckoned here.

use super::service::{ItemLine, UnitLines, ledgers};
use super::words;
use crate::program::Program;
use zf_base::Fen;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::{App, Ctx};
use zf_network::words::{FONT_BODY, FONT_TITLE};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// Columns of words at the left.
const WORDS_LEFT: usize = 2;

/// Name and bytes.
///
/// # Errors
/// Only the database.
pub async fn stock_book(app: &App, ctx: &Ctx, program: &Program) -> Result<(String, Vec<u8>)> {
    let all = ledgers(app, ctx, program).await?;
    let (branches, counties): (Vec<UnitLines>, Vec<UnitLines>) = all
        .units
        .into_iter()
        .partition(|u| u.unit.level == Level::Branch);
    let title = words::title(&program.name);
    let lines = vec![title.clone(), words::basis(ctx.today(), all.days_left)];
    let name_of = |item: &str| {
        let found = program.definition.stock_item(item);
        found.map_or_else(|| item.to_owned(), |i| i.title.clone())
    };
    let sheet = |name: &str, headers: &[&str], rows| TableSheet {
        name: name.to_owned(),
        title_lines: lines.clone(),
        columns: columns(headers),
        rows,
        page_foot: words::FOOT.to_owned(),
    };
    let mut sheets = Vec::new();
    if !counties.is_empty() {
        let rows = rows(&counties, &name_of, county);
        sheets.push(sheet(words::COUNTY_SHEET, &words::COUNTY_HEADERS, rows));
    }
    let rows = rows(&branches, &name_of, branch);
    sheets.push(sheet(words::BRANCH_SHEET, &words::BRANCH_HEADERS, rows));
    let book = TableBook {
        meta: BookMeta {
            title,
            author: ctx.actor.name.clone(),
            created: ctx.now,
        },
        fonts: Fonts {
            title: FONT_TITLE.to_owned(),
            body: FONT_BODY.to_owned(),
        },
        sheets,
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(format!("workbook: {e}")))?;
    Ok((words::file(ctx.today()), bytes))
}

fn columns(headers: &[&str]) -> Vec<TableColumn> {
    let last = headers.len() - 1;
    let column = |(i, h): (usize, &&str)| TableColumn {
        header: (*h).to_owned(),
        kind: match i {
            _ if i < WORDS_LEFT || i == last => CellKind::Text,
            _ if h.ends_with(words::MONEY) => CellKind::Money,
            _ => CellKind::Integer,
        },
    };
    headers.iter().enumerate().map(column).collect()
}

fn rows(
    units: &[UnitLines],
    name_of: &impl Fn(&str) -> String,
    cells: fn(&ItemLine) -> Vec<CellValue>,
) -> Vec<Vec<CellValue>> {
    let mut all = Vec::new();
    for u in units {
        for line in &u.lines {
            let mut row = vec![
                CellValue::from(u.unit.name.as_str()),
                CellValue::from(name_of(&line.item)),
            ];
            row.extend(cells(line));
            row.push(CellValue::from(line.outlook.need_left));
            row.push(CellValue::from(words::lasts(&line.outlook)));
            all.push(row);
        }
    }
    all
}

fn county(l: &ItemLine) -> Vec<CellValue> {
    let line = &l.line;
    let figures = [
        line.ordered,
        line.arrived,
        line.issued,
        line.taken_back,
        line.counted,
        line.stock(),
        l.on_the_way,
    ];
    let mut cells: Vec<CellValue> = figures.into_iter().map(CellValue::from).collect();
    cells.push(CellValue::Money(Fen(line.spent_fen)));
    cells
}

fn branch(l: &ItemLine) -> Vec<CellValue> {
    let line = &l.line;
    let figures = [
        line.received,
        line.returned,
        line.used,
        line.counted,
        line.stock(),
        l.on_the_way,
    ];
    figures.into_iter().map(CellValue::from).collect()
}
