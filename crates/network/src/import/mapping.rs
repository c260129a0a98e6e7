//! Which column of a file is which field: remembered for files with the same
//! headers, told by a header's name, or guessed from what stands below it. A
//! guess is only ever shown, never used unasked. Headers are kept as a keyed
//! hash: the first row of a file may be anybody's name.

use super::store::{IMPORT_MAPPING, IMPORT_MAPPING_PUT};
use super::{Import, ImportKind};
use crate::customer::{FieldState, seal};
use crate::words;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use zf_base::{Day, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_office::table::header_key;
use zf_office::{ColumnMap, ColumnSpec, RowCells};
use zf_store::params;

/// How it is known what a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody has said so for such a file before.
    Remembered,
    /// By the name of the column.
    Header,
    /// By what stands in it.
    Content,
    /// It is not.
    Nothing,
}

impl By {
    /// Name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Remembered => "remembered",
            By::Header => "header",
            By::Content => "content",
            By::Nothing => "nothing",
        }
    }
}

/// What a column is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Key of the field; empty when the column is not read.
    pub key: String,
    /// How it is known.
    pub by: By,
}

/// Keyed hash of the headers of a kind of file; columns of a workbook of refused
/// rows that stand behind do not count.
fn fingerprint(app: &App, kind: ImportKind, headers: &[String]) -> Vec<u8> {
    let mut text = kind.as_str().to_owned();
    for header in own_headers(headers) {
        text.push('\u{1f}');
        text.push_str(&header_key(header));
    }
    app.vault.mac("import.headers", text.as_bytes()).to_vec()
}

/// The headers without those a workbook of refused rows adds.
fn own_headers(headers: &[String]) -> &[String] {
    let added = words::REFUSED_COLUMNS.len();
    match headers.len().checked_sub(added) {
        Some(own) if headers[own..] == words::REFUSED_COLUMNS => &headers[..own],
        _ => headers,
    }
}

/// The fields somebody has given the columns of such a file, by position.
pub async fn remembered(
    app: &App,
    unit: UnitId,
    kind: ImportKind,
    headers: &[String],
) -> Result<Option<Vec<String>>> {
    let print = fingerprint(app, kind, headers);
    let row = params![kind.as_str(), print];
    let rows = app.read_unit(unit, IMPORT_MAPPING, row).await?;
    let Some(text) = rows.first().map(|r| r.get::<String>(0)).transpose()? else {
        return Ok(None);
    };
    Ok(serde_json::from_str(&text).ok())
}

/// Remembers the fields of the columns for the next file like this.
pub async fn remember(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    import: &Import,
    headers: &[String],
    keys: &[String],
) -> Result<()> {
    let unit = scope.unit_id();
    if remembered(app, unit, import.kind, headers)
        .await?
        .as_deref()
        == Some(keys)
    {
        return Ok(());
    }
    let kind = import.kind.as_str();
    let read = keys.iter().filter(|k| !k.is_empty()).count();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        kind,
        fingerprint(app, import.kind, headers),
        json!(keys).to_string(),
        ctx.now,
        ctx.actor.user_id
    ];
    tx.exec(IMPORT_MAPPING_PUT, row).await?;
    let detail = json!({ "kind": kind, "columns": keys.len(), "read": read });
    tx.record("import.mapping", "import", import.id, detail);
    tx.commit().await
}

/// The fields of the columns by position when somebody names them by header;
/// columns that are not named keep what their name means.
///
/// # Errors
/// Headers the file does not have, and fields that do not exist.
pub fn from_headers(
    specs: &[ColumnSpec<'_>],
    headers: &[String],
    named: &BTreeMap<String, String>,
) -> std::result::Result<Vec<String>, Vec<String>> {
    let by_name = ColumnMap::resolve(specs, headers);
    let mut wrong = Vec::new();
    for (header, key) in named {
        let known = headers.iter().any(|h| header_key(h) == header_key(header));
        let field = key.is_empty() || specs.iter().any(|s| s.key == key);
        if !known || !field {
            wrong.push(format!("{header} = {key}"));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let chosen = |header: &str| {
        let mut all = named.iter();
        let found = all.find(|(h, _)| header_key(h) == header_key(header));
        found.map(|(_, key)| key.clone())
    };
    let taken: HashSet<&String> = named.values().collect();
    let keys = headers.iter().enumerate().map(|(i, header)| {
        let own = by_name.key_at(i).map(str::to_owned).unwrap_or_default();
        let own = if taken.contains(&own) {
            String::new()
        } else {
            own
        };
        chosen(header).unwrap_or(own)
    });
    Ok(keys.collect())
}

/// What is known outside of the file when columns are guessed.
pub struct Facts<'a> {
    /// Codes of units the import may write to.
    pub units: &'a HashSet<String>,
    /// Today.
    pub today: Day,
    /// Numbers of the demonstration are good.
    pub demo: bool,
}

/// What every column is taken for: as remembered, else by its name, else by what
/// stands in it, no field twice.
pub fn guess(
    specs: &[ColumnSpec<'_>],
    headers: &[String],
    remembered: Option<&[String]>,
    sample: &[RowCells],
    facts: &Facts<'_>,
) -> Vec<Guess> {
    let width = sample.iter().map(|r| r.cells.len()).max().unwrap_or(0);
    let width = headers.len().max(width);
    let (map, by) = match remembered {
        Some(keys) => (ColumnMap::assign(specs, headers, keys), By::Remembered),
        None => (ColumnMap::resolve(specs, headers), By::Header),
    };
    let mut guesses: Vec<Guess> = (0..width)
        .map(|i| match map.key_at(i) {
            Some(key) => Guess {
                key: key.to_owned(),
                by,
            },
            None => Guess {
                key: String::new(),
                by: By::Nothing,
            },
        })
        .collect();
    if remembered.is_some() {
        return guesses;
    }
    for i in 0..width {
        if !guesses[i].key.is_empty() {
            continue;
        }
        let Some(key) = by_content(column(sample, i).as_slice(), facts) else {
            continue;
        };
        let free = !guesses.iter().any(|g| g.key == key);
        if free && specs.iter().any(|s| s.key == key) {
            guesses[i] = Guess {
                key: key.to_owned(),
                by: By::Content,
            };
        }
    }
    guesses
}

fn column(sample: &[RowCells], i: usize) -> Vec<&str> {
    let cells = sample.iter().filter_map(|r| r.cells.get(i));
    cells.map(|c| c.trim()).filter(|c| !c.is_empty()).collect()
}

/// A field and how its values are told.
type Told<'a> = (&'static str, &'a dyn Fn(&str) -> bool);

/// Fewest values a guess may rest on.
const VALUES_LEAST: usize = 3;
/// Of a hundred values so many must fit.
const FIT_PERCENT: usize = 80;

/// The field whose form nearly all values have; the rarest forms first.
fn by_content(values: &[&str], facts: &Facts<'_>) -> Option<&'static str> {
    if values.len() < VALUES_LEAST {
        return None;
    }
    let fits = |test: &dyn Fn(&str) -> bool| {
        let n = values.iter().filter(|v| test(v)).count();
        n * 100 >= values.len() * FIT_PERCENT
    };
    let tests: [Told<'_>; 9] = [
        ("unit", &|v| facts.units.contains(v)),
        ("id_number", &|v| is_id_number(v, facts)),
        ("phone", &|v| is_phone(v, facts.demo)),
        ("sex", &|v| words::sex(v).is_some()),
        ("lon", &|v| {
            degrees(v).is_some_and(|d| (73.0..=136.0).contains(&d))
        }),
        ("lat", &|v| {
            degrees(v).is_some_and(|d| (3.0..=54.0).contains(&d))
        }),
        ("datum", &|v| v.parse::<zf_base::geo::Datum>().is_ok()),
        ("address", &|v| words::looks_like_address(v)),
        ("name", &|v| words::looks_like_name(v)),
    ];
    if let Some((key, _)) = tests.iter().find(|(_, test)| fits(*test)) {
        return Some(key);
    }
    let distinct: HashSet<&str> = values.iter().copied().collect();
    let code = |v: &str| v.len() >= 4 && v.bytes().all(|b| b.is_ascii_alphanumeric());
    let numbers = distinct.len() == values.len() && fits(&code);
    numbers.then_some("customer_no")
}

fn is_id_number(text: &str, facts: &Facts<'_>) -> bool {
    match seal::id_number(text, facts.today, facts.demo).map(|c| c.state) {
        Ok(FieldState::Full) => true,
        Ok(FieldState::Masked) => text.chars().count() >= 15,
        _ => false,
    }
}

fn is_phone(text: &str, demo: bool) -> bool {
    match seal::phone(text, demo).map(|c| c.state) {
        Ok(FieldState::Full) => true,
        Ok(FieldState::Masked) => text.chars().count() == 11,
        _ => false,
    }
}

/// A number with at least three decimals, as coordinates have.
fn degrees(text: &str) -> Option<f64> {
    let decimals = text.split_once('.')?.1.len();
    (decimals >= 3).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::CUSTOMER_COLUMNS;

    fn rows(cells: &[[&str; 6]]) -> Vec<RowCells> {
        let row = |(i, c): (usize, &[&str; 6])| RowCells {
            row_number: i as u64 + 2,
            cells: c.iter().map(|t| (*t).to_owned()).collect(),
        };
        cells.iter().enumerate().map(row).collect()
    }

    fn keys(headers: &[&str], sample: &[RowCells]) -> Vec<String> {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        let units = HashSet::from(["35010101".to_owned()]);
        let facts = Facts {
            units: &units,
            today: "2026-11-23".parse().unwrap(),
            demo: false,
        };
        let guesses = guess(CUSTOMER_COLUMNS, &headers, None, sample, &facts);
        guesses.into_iter().map(|g| g.key).collect()
    }

    #[test]
    fn columns_with_names_nobody_knows_are_told_by_what_stands_in_them() {
        // ID numbers of GB 11643's own examples and of the standard's annex.
        let sample = rows(&[
            [
                "11010519491231002X",
                "13800001234",
                "张三",
                "35010101",
                "男",
                "6210001",
            ],
            [
                "440524188001010014",
                "13900005678",
                "李四光",
                "35010101",
                "女",
                "6210002",
            ],
            [
                "1101051949******2X",
                "139****5678",
                "王五",
                "35010101",
                "男",
                "6210003",
            ],
        ]);
        assert_eq!(
            keys(&["甲", "乙", "丙", "丁", "戊", "己"], &sample),
            ["id_number", "phone", "name", "unit", "sex", "customer_no"]
        );
    }

    #[test]
    fn a_header_beats_the_content_and_no_field_is_given_twice() {
        let sample = rows(&[
            ["13800001234", "13900005678", "张三", "李四", "1", "1"],
            ["13800001235", "13900005679", "张四", "李五", "1", "1"],
            ["13800001236", "13900005670", "张五", "李六", "1", "1"],
        ]);
        assert_eq!(
            keys(&["甲", "联系电话", "乙", "丙", "丁", "戊"], &sample),
            ["", "phone", "name", "", "", ""]
        );
    }

    #[test]
    fn two_values_are_too_few_to_guess_by() {
        let sample = rows(&[
            ["13800001234", "", "", "", "", ""],
            ["13800001235", "", "", "", "", ""],
        ]);
        assert_eq!(keys(&["甲"], &sample), ["", "", "", "", "", ""]);
    }

    #[test]
    fn columns_named_in_a_file_are_found_by_header_and_wrong_names_are_told() {
        let headers = ["客户代号", "姓名", "备用"].map(str::to_owned);
        let named = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(h, k)| ((*h).to_owned(), (*k).to_owned()));
            let named: BTreeMap<String, String> = pairs.collect();
            from_headers(CUSTOMER_COLUMNS, &headers, &named)
        };
        assert_eq!(
            named(&[("客户代号", "customer_no")]).unwrap(),
            ["customer_no", "name", ""]
        );
        assert_eq!(
            named(&[("客户代号", "name")]).unwrap(),
            ["name", "", ""],
            "the field is taken from the column that only has its name"
        );
        assert_eq!(
            named(&[("没有", "name"), ("姓名", "cats")]).unwrap_err(),
            ["姓名 = cats", "没有 = name"]
        );
    }
}
