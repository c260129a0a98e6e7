//! What stands in an exported file: one row per customer, masked unless the
//! export gives full values, the number of the export on every row, so that a
//! copied row still says where it came from. Takes rows, gives bytes.

use super::policy::{Core, CoreColumn, Field};
use super::{Export, words};
use zf_base::mask::{Kind, Masked, Permit};
use zf_base::{Timestamp, VillageGroupId};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Unit;
use zf_network::customer::Customer;
use zf_network::words::{FONT_BODY, FONT_TITLE};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_csv,
    write_table,
};

/// How values are shown.
pub struct Eyes<'a> {
    /// With it values are full.
    pub permit: Option<&'a Permit>,
    /// Printed on every row.
    pub mark: String,
}

impl Eyes<'_> {
    fn see<K: Kind>(&self, value: &Masked<K>) -> String {
        match self.permit {
            Some(permit) => value.reveal(permit).to_owned(),
            None => value.masked(),
        }
    }
}

/// Names of village groups by id.
pub type Groups = std::collections::HashMap<VillageGroupId, String>;

/// The cells of a customer, in the order of [`words::HEADERS`].
pub fn cells(
    app: &App,
    unit: &Unit,
    groups: &Groups,
    c: &Customer,
    eyes: &Eyes<'_>,
    wishes: &str,
) -> Vec<CellValue> {
    let text = |s: &str| CellValue::from(s);
    let day = |d: Option<zf_base::Day>| d.map_or(CellValue::Empty, CellValue::Date);
    let group = c.village_group_id.and_then(|g| groups.get(&g));
    let tags: Vec<String> = c.tags.iter().map(|t| app.packs.tag_name(t)).collect();
    let complete = match c.four_fields {
        true => words::COMPLETE,
        false => words::INCOMPLETE,
    };
    vec![
        text(&unit.code),
        text(&unit.name),
        text(&c.customer_no),
        text(&c.household_no),
        CellValue::from(eyes.see(&c.name)),
        text(words::sex(c.sex.as_deref().unwrap_or_default())),
        CellValue::from(eyes.see(&c.id_number)),
        CellValue::from(eyes.see(&c.phone)),
        CellValue::from(eyes.see(&c.address)),
        text(group.map_or("", String::as_str)),
        text(c.occupation.as_deref().unwrap_or_default()),
        text(c.balance_band.as_deref().unwrap_or_default()),
        day(c.deposit_due_day),
        day(c.insurance_due_day),
        CellValue::from(tags.join(words::SEPARATOR)),
        text(complete),
        text(wishes),
        text(&eyes.mark),
    ]
}

/// The workbook of a list.
pub fn book(
    export: &Export,
    unit: &Unit,
    purpose: &str,
    left_out: Option<String>,
    rows: Vec<Vec<CellValue>>,
    now: Timestamp,
) -> Result<Vec<u8>> {
    let mark = export.mark();
    let dates = [12, 13];
    let columns = words::HEADERS.iter().enumerate().map(|(i, h)| TableColumn {
        header: (*h).to_owned(),
        kind: if dates.contains(&i) {
            CellKind::Date
        } else {
            CellKind::Text
        },
    });
    let mark_line = words::watermark(&export.asked_by_name, now, purpose, &mark);
    let book = TableBook {
        meta: BookMeta {
            title: words::title(&unit.name, export.full_values),
            author: export.asked_by_name.clone(),
            created: now,
        },
        fonts: Fonts {
            title: FONT_TITLE.to_owned(),
            body: FONT_BODY.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: [words::title(&unit.name, export.full_values), mark_line]
                .into_iter()
                .chain(left_out)
                .collect(),
            columns: columns.collect(),
            rows,
            page_foot: words::foot(&mark),
        }],
    };
    write_table(&book).map_err(|e| KernelError::Internal(format!("export: {e}")))
}

/// A line of the bank's template: always full values, it goes into the bank's
/// own system.
pub fn core_line(
    core: &Core,
    unit: &Unit,
    groups: &Groups,
    c: &Customer,
    permit: &Permit,
) -> Vec<String> {
    let group = || c.village_group_id.and_then(|g| groups.get(&g)).cloned();
    core.column
        .iter()
        .map(|column| match column.field {
            Field::CustomerNo => c.customer_no.clone(),
            Field::Name => c.name.reveal(permit).to_owned(),
            Field::IdNumber => c.id_number.reveal(permit).to_owned(),
            Field::Phone => c.phone.reveal(permit).to_owned(),
            Field::Address => c.address.reveal(permit).to_owned(),
            Field::Sex => words::sex(c.sex.as_deref().unwrap_or_default()).to_owned(),
            Field::Occupation => c.occupation.clone().unwrap_or_default(),
            Field::VillageGroup => group().unwrap_or_default(),
            Field::UnitCode => unit.code.clone(),
            Field::Notes => c.notes.reveal(permit).to_owned(),
        })
        .collect()
}

/// The template filled in, in the encoding that system reads.
pub fn core_file(core: &Core, lines: Vec<Vec<String>>) -> Vec<u8> {
    let column = |c: &CoreColumn| TableColumn {
        header: c.header.clone(),
        kind: CellKind::Text,
    };
    let cells = |line: Vec<String>| line.into_iter().map(CellValue::Text).collect();
    let text = write_csv(&TableSheet {
        name: String::new(),
        title_lines: vec![],
        columns: core.column.iter().map(column).collect(),
        rows: lines.into_iter().map(cells).collect(),
        page_foot: String::new(),
    });
    match core.encoding.as_str() {
        "gb18030" => {
            let text = String::from_utf8_lossy(&text);
            let text = text.trim_start_matches('\u{feff}');
            encoding_rs::GB18030.encode(text).0.into_owned()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::policy::Policy;

    #[test]
    fn the_template_is_written_in_gb18030_and_no_cell_becomes_a_formula() {
        let core = Policy::preset().unwrap().core;
        let line: Vec<String> = ["=1+1", "张,三", "x", "", "", "", "", ""]
            .map(String::from)
            .to_vec();
        let bytes = core_file(&core, vec![line]);
        let (text, _, bad) = encoding_rs::GB18030.decode(&bytes);
        assert!(!bad && std::str::from_utf8(&bytes).is_err());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("外部流水号,客户名称,"));
        assert_eq!(lines[1], "'=1+1,\"张,三\",x,,,,,");
    }
}
