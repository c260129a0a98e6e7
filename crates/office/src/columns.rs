//! Which column of a file is which: headers against the names a field may have.
//!
//! Takes the headers of a [`Table`](crate::Table) and the caller's list of fields
//! with their Chinese and English names. Ignores blanks, full-width forms, case and
//! a unit in brackets; the unit is kept, because 余额（万元） is not 余额（元）.

use crate::table::{RowCells, header_key};

/// A field and the headers that mean it.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec<'a> {
    /// The caller's name for the field.
    pub key: &'a str,
    /// Headers that mean this field; `key` itself counts too.
    pub aliases: &'a [&'a str],
    /// Whether the file is refused without it.
    pub required: bool,
}

/// A column of the file no field asks for, or the second one for the same field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddColumn {
    /// 1-based column in the file.
    pub column: usize,
    /// Its header as in the file.
    pub header: String,
}

#[derive(Clone, Debug)]
struct Found {
    key: String,
    index: usize,
    unit: Option<String>,
}

/// Result of matching the headers of one file.
#[derive(Clone, Debug, Default)]
pub struct ColumnMap {
    found: Vec<Found>,
    /// Keys of required fields without a column.
    pub missing: Vec<String>,
    /// Columns with a header that means no field.
    pub unknown: Vec<OddColumn>,
    /// Columns whose field already has an earlier column; they are not read.
    pub repeated: Vec<OddColumn>,
    /// Their fields.
    repeated_keys: Vec<String>,
}

impl ColumnMap {
    /// Matches every header; the whole header first, then without a unit in brackets.
    pub fn resolve(specs: &[ColumnSpec<'_>], headers: &[String]) -> ColumnMap {
        let mut map = ColumnMap::default();
        for (index, header) in headers.iter().enumerate() {
            if header.is_empty() {
                continue;
            }
            let odd = || OddColumn {
                column: index + 1,
                header: header.clone(),
            };
            let Some((spec, unit)) = match_header(specs, header) else {
                map.unknown.push(odd());
                continue;
            };
            if map.index(spec.key).is_some() {
                map.repeated.push(odd());
                map.repeated_keys.push(spec.key.to_owned());
                continue;
            }
            map.found.push(Found {
                key: spec.key.to_owned(),
                index,
                unit,
            });
        }
        map.note_missing(specs);
        map
    }

    /// The columns somebody has assigned, by position: the key of a field, or `""` for
    /// a column that is not read. Unknown keys are left out, a key's second column is
    /// repeated; positions beyond the headers are allowed.
    pub fn assign(
        specs: &[ColumnSpec<'_>],
        headers: &[String],
        keys: &[impl AsRef<str>],
    ) -> ColumnMap {
        let mut map = ColumnMap::default();
        for index in 0..headers.len().max(keys.len()) {
            let header = headers.get(index).cloned().unwrap_or_default();
            let key = keys.get(index).map_or("", AsRef::as_ref);
            let column = index + 1;
            let Some(spec) = specs.iter().find(|s| s.key == key) else {
                if !header.is_empty() {
                    map.unknown.push(OddColumn { column, header });
                }
                continue;
            };
            if map.index(spec.key).is_some() {
                map.repeated.push(OddColumn { column, header });
                map.repeated_keys.push(spec.key.to_owned());
                continue;
            }
            let whole = header_key(&header);
            map.found.push(Found {
                key: spec.key.to_owned(),
                index,
                unit: split_unit(&whole).1.map(str::to_owned),
            });
        }
        map.note_missing(specs);
        map
    }

    fn note_missing(&mut self, specs: &[ColumnSpec<'_>]) {
        let missing = specs
            .iter()
            .filter(|s| s.required && self.index(s.key).is_none());
        self.missing = missing.map(|s| s.key.to_owned()).collect();
    }

    /// The key of the field a column (0-based) is read as, if any.
    pub fn key_at(&self, index: usize) -> Option<&str> {
        let found = self.found.iter().find(|f| f.index == index)?;
        Some(&found.key)
    }

    /// 0-based position of a field in [`RowCells::cells`].
    pub fn index(&self, key: &str) -> Option<usize> {
        self.found.iter().find(|f| f.key == key).map(|f| f.index)
    }

    /// 0-based position of the column that is read in the place of a repeated one.
    pub fn taken_for(&self, odd: &OddColumn) -> Option<usize> {
        let mut all = self.repeated.iter().zip(&self.repeated_keys);
        let (_, key) = all.find(|(o, _)| *o == odd)?;
        self.index(key)
    }

    /// Text of a field in a row; `""` when the file has no such column.
    pub fn cell<'r>(&self, row: &'r RowCells, key: &str) -> &'r str {
        self.index(key)
            .and_then(|i| row.cells.get(i))
            .map_or("", String::as_str)
    }

    /// The unit in brackets behind a header, e.g. `万元`, if the file had one that the
    /// matching name has not.
    pub fn unit(&self, key: &str) -> Option<&str> {
        let found = self.found.iter().find(|f| f.key == key)?;
        found.unit.as_deref()
    }
}

/// Whether any field knows this header; the test [`Table::open`](crate::Table::open) wants.
pub fn is_known_header(specs: &[ColumnSpec<'_>], header: &str) -> bool {
    match_header(specs, header).is_some()
}

fn match_header<'s, 'a>(
    specs: &'s [ColumnSpec<'a>],
    header: &str,
) -> Option<(&'s ColumnSpec<'a>, Option<String>)> {
    let whole = header_key(header);
    if whole.is_empty() {
        return None;
    }
    let names = |spec: &ColumnSpec<'_>, wanted: &str| {
        header_key(spec.key) == wanted || spec.aliases.iter().any(|a| header_key(a) == wanted)
    };
    if let Some(spec) = specs.iter().find(|s| names(s, &whole)) {
        return Some((spec, None));
    }
    let (bare, unit) = split_unit(&whole);
    let bare_names = |spec: &ColumnSpec<'_>| {
        let mut all = spec.aliases.iter().chain(std::iter::once(&spec.key));
        all.any(|a| split_unit(&header_key(a)).0 == bare)
    };
    let spec = specs.iter().find(|s| bare_names(s))?;
    Some((spec, unit.map(str::to_owned)))
}

/// `余额(元)` → `余额`, `元`; a header that is all brackets stays whole.
fn split_unit(key: &str) -> (&str, Option<&str>) {
    let Some(inner) = key.strip_suffix([')', ']']) else {
        return (key, None);
    };
    match inner.rfind(['(', '[']) {
        Some(open) if open > 0 => (&inner[..open], Some(&inner[open + 1..])),
        _ => (key, None),
    }
}
