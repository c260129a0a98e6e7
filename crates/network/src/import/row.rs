//! From the cells of a row to typed values, with every fault found in one go.
//! Pure: knows the columns of the file, the demo switch and today. Refused
//! values leave masked.

use super::CellError;
use zf_base::geo::{Datum, Point};
use zf_base::mask::{Address, FreeNote, IdNumber, Kind, PersonName, Phone};
use zf_base::{Day, limits};
use zf_office::{ColumnMap, RowCells};

/// Reads the cells of one row and collects what is wrong.
pub struct RowReader<'a> {
    map: &'a ColumnMap,
    headers: &'a [String],
    row: &'a RowCells,
    key: String,
    /// Faults found so far.
    pub errors: Vec<CellError>,
}

impl<'a> RowReader<'a> {
    /// Starts with a row; `key` is the column of the business key.
    pub fn new(
        map: &'a ColumnMap,
        headers: &'a [String],
        row: &'a RowCells,
        key: &str,
    ) -> RowReader<'a> {
        let key = map
            .cell(row, key)
            .chars()
            .take(limits::CODE_CHARS_MAX)
            .collect();
        RowReader {
            map,
            headers,
            row,
            key,
            errors: vec![],
        }
    }

    /// The business key of the row, for error lists.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Has the file this column at all?
    pub fn has(&self, column: &str) -> bool {
        self.map.index(column).is_some()
    }

    /// Text of a cell; empty when there is none.
    pub fn text(&self, column: &str) -> &'a str {
        self.map.cell(self.row, column)
    }

    /// Notes a fault of a cell.
    pub fn wrong(&mut self, column: &str, reason: &'static str) {
        let header = self
            .map
            .index(column)
            .and_then(|i| self.headers.get(i))
            .cloned();
        let masked = mask(column, self.text(column));
        self.errors.push(CellError {
            row: self.row.row_number,
            column: header.unwrap_or_else(|| column.to_owned()),
            key: self.key.clone(),
            reason,
            masked,
        });
    }

    /// A text that must be there and not too long.
    pub fn required(&mut self, column: &str, max: usize) -> String {
        let text = self.text(column).trim().to_owned();
        if text.is_empty() {
            self.wrong(column, "field.required");
        } else if text.chars().count() > max {
            self.wrong(column, "field.too_long");
        }
        text
    }

    /// A text that may be absent; `None` when the cell is empty.
    pub fn optional(&mut self, column: &str, max: usize) -> Option<String> {
        let text = self.text(column).trim();
        if text.is_empty() {
            return None;
        }
        if text.chars().count() > max {
            self.wrong(column, "field.too_long");
        }
        Some(text.to_owned())
    }

    /// A day that may be absent.
    pub fn day(&mut self, column: &str) -> Option<Day> {
        let text = self.text(column).trim();
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            self.wrong(column, "field.day");
        }
        day
    }

    /// One of a list of words, through a table; absent when the cell is empty.
    pub fn word(
        &mut self,
        column: &str,
        table: fn(&str) -> Option<&'static str>,
    ) -> Option<String> {
        let text = self.text(column).trim();
        if text.is_empty() {
            return None;
        }
        let word = table(text);
        if word.is_none() {
            self.wrong(column, "field.not_in_list");
        }
        word.map(str::to_owned)
    }

    /// Several words separated by ；;、, or blanks.
    pub fn list(&self, column: &str) -> Option<Vec<String>> {
        let text = self.text(column).trim();
        if text.is_empty() {
            return None;
        }
        let parts = text.split(['；', ';', '、', ',', '，', '|', ' ']);
        Some(
            parts
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Coordinates with the datum of the row or of the file.
    pub fn place(&mut self, file_datum: Datum) -> Option<(Point, Datum)> {
        let (lat, lon) = (self.text("lat").trim(), self.text("lon").trim());
        if lat.is_empty() && lon.is_empty() {
            return None;
        }
        let datum = match self.text("datum").trim() {
            "" => file_datum,
            text => match text.parse() {
                Ok(datum) => datum,
                Err(_) => {
                    self.wrong("datum", "field.not_in_list");
                    return None;
                }
            },
        };
        let point = match (lat.parse::<f64>(), lon.parse::<f64>()) {
            (Ok(lat), Ok(lon)) => Point::from_datum(datum, lat, lon).ok(),
            _ => None,
        };
        if point.is_none() {
            self.wrong("lat", "field.place");
        }
        point.map(|p| (p, datum))
    }
}

/// What of a refused value may be shown.
fn mask(column: &str, text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    match column {
        "name" => PersonName::mask(&short),
        "phone" => Phone::mask(&short),
        "id_number" => IdNumber::mask(&short),
        "address" => Address::mask(&short),
        _ => FreeNote::mask(&short),
    }
}
