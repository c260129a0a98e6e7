//! From the cells of a row to typed values, with every fault found in one go.
//! Pure: knows the columns of the file, the demo switch and today. Refused
//! values leave masked.

use super::CellError;
use crate::words;
use zf_base::geo::{Datum, Point};
use zf_base::mask::{Address, FreeNote, IdNumber, Kind, PersonName, Phone};
use zf_base::phone::{PhoneCheck, check_phone};
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
    /// What is worth knowing about cells that are taken.
    pub notes: Vec<CellError>,
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
            notes: vec![],
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
        self.wrong_about(column, reason, String::new());
    }

    /// Notes a fault of a cell whose reason names something.
    pub fn wrong_about(&mut self, column: &str, reason: &'static str, about: String) {
        let error = self.about(column, reason, about);
        self.errors.push(error);
    }

    /// Notes something about a cell that is taken nevertheless.
    pub fn note(&mut self, column: &str, reason: &'static str) {
        let note = self.about(column, reason, String::new());
        self.notes.push(note);
    }

    fn about(&self, column: &str, reason: &'static str, about: String) -> CellError {
        let header = self
            .map
            .index(column)
            .and_then(|i| self.headers.get(i))
            .cloned();
        let masked = mask(column, self.text(column));
        CellError {
            row: self.row.row_number,
            column: header.unwrap_or_else(|| column.to_owned()),
            key: code_shown(&self.key),
            reason,
            masked,
            about,
        }
    }

    /// Whether the cell says that what is stored is to be removed.
    pub fn clears(&self, column: &str) -> bool {
        words::clears(self.text(column))
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

    /// As [`RowReader::optional`]; empty when the cell removes what is stored.
    pub fn optional_or_clear(&mut self, column: &str, max: usize) -> Option<String> {
        match self.clears(column) {
            true => Some(String::new()),
            false => self.optional(column, max),
        }
    }

    /// As [`RowReader::day`]; no day when the cell removes what is stored.
    pub fn day_or_clear(&mut self, column: &str) -> Option<Option<Day>> {
        match self.clears(column) {
            true => Some(None),
            false => self.day(column).map(Some),
        }
    }

    /// As [`RowReader::list`]; an empty one when the cell removes what is stored.
    pub fn list_or_clear(&self, column: &str) -> Option<Vec<String>> {
        match self.clears(column) {
            true => Some(vec![]),
            false => self.list(column),
        }
    }

    /// Refuses to remove what cannot be without.
    pub fn keeps(&mut self, columns: &[&str]) {
        for column in columns {
            if self.clears(column) {
                self.wrong(column, "field.keeps");
            }
        }
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
        if words::clears(text) {
            return Some(String::new());
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

/// What of a value may be shown in a preview: words of a closed list, days and
/// codes in full, everything else masked. Coordinates lose what tells a door.
pub(super) fn shown(column: &str, text: &str) -> String {
    let text = text.trim();
    let word: Option<fn(&str) -> Option<&'static str>> = match column {
        "sex" => Some(words::sex),
        "level" => Some(words::level),
        "area_kind" => Some(words::area_kind),
        "market_kind" => Some(words::market_kind),
        _ => None,
    };
    let listed = word.is_some_and(|w| w(text).is_some())
        || (column == "datum" && text.parse::<Datum>().is_ok())
        || (column.ends_with("_day") && text.parse::<Day>().is_ok())
        || words::clears(text);
    if listed || text.is_empty() {
        return text.to_owned();
    }
    match column {
        "lat" | "lon" => match text.parse::<f64>() {
            Ok(degrees) => format!("{degrees:.1}…"),
            Err(_) => mask(column, text),
        },
        "customer_no" | "staff_no" | "code" | "unit" | "parent" | "household_no" => {
            code_shown(text)
        }
        _ => mask(column, text),
    }
}

/// A header as it may be shown: a file without headers has somebody's data there.
pub(super) fn header_shown(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match digits < 5 {
        true => text.chars().take(60).collect(),
        false => mask("", text),
    }
}

/// What of a refused value may be shown. A file whose columns are shifted has
/// names under every heading, so no column shows words in full.
fn mask(column: &str, text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    match column {
        "unit" | "parent" | "code" | "customer_no" | "staff_no" | "household_no"
        | "village_group"
            if short.is_ascii() =>
        {
            match (is_code(&short), FreeNote::mask(&short)) {
                (true, _) => short,
                // Of no shape that is known: an amount, a word in Latin letters.
                (false, masked) if masked == short => "*".repeat(short.len()),
                (false, masked) => masked,
            }
        }
        "name" => PersonName::mask(&short),
        "phone" => Phone::mask(&short),
        "id_number" => IdNumber::mask(&short),
        "address" => Address::mask(&short),
        _ if short.is_ascii() => FreeNote::mask(&short),
        _ => PersonName::mask(&short),
    }
}

/// A business key as it may be shown: codes in full, but neither words nor what
/// has the shape of a telephone or an ID number. The row's number finds it.
fn code_shown(text: &str) -> String {
    let text = text.trim();
    if !text.is_ascii() {
        return PersonName::mask(text);
    }
    let plain: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let digits = plain.iter().filter(|b| b.is_ascii_digit()).count();
    match plain.len() {
        15 if digits == 15 => IdNumber::mask(text),
        18 if digits >= 17 => IdNumber::mask(text),
        _ if matches!(check_phone(text, true), PhoneCheck::Ok { .. }) => Phone::mask(text),
        _ => text.to_owned(),
    }
}

/// Characters of the longest code that is told from a number of an account.
const CODE_CHARS: usize = 14;

/// Whether a wrong code can be read out, so that it can be mended: short, letters
/// and digits only, and neither a telephone nor an ID number.
fn is_code(text: &str) -> bool {
    let text = text.trim();
    let marks = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=CODE_CHARS).contains(&text.len()) && text.bytes().all(marks) && code_shown(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_under_the_wrong_heading_is_not_shown_in_full() {
        let cases = [
            ("N00012", "N00012"),
            ("6210001234", "6210001234"),
            ("13800001234", "138****1234"),
            ("11010519491231002X", "1****************X"),
            ("张三丰", "张**"),
            ("青山镇大河村3组12号", "青**"),
        ];
        for (text, shown) in cases {
            assert_eq!(code_shown(text), shown);
        }
        assert_eq!(mask("unit", "张三丰"), "张**");
        assert_eq!(mask("unit", "11010519491231002X"), "*****************X");
        assert_eq!(mask("tags", "青山镇大河村3组12号"), "青**");
        assert_eq!(mask("unit", "B1"), "B1");
    }

    #[test]
    fn a_wrong_code_can_be_read_and_whatever_else_stands_there_cannot() {
        for code in ["10010109", "nowhere", "G-12", "5201020304050", "K_01"] {
            assert_eq!(mask("unit", code), code);
        }
        for (column, text) in [
            ("unit", "13800001234"),
            ("unit", "138-0000-1234"),
            ("unit", "0857-8221234"),
            ("unit", "110105194912310"),
            ("unit", "6217001234567890123"),
            ("unit", "52000.00"),
            ("unit", "Zhang San"),
            ("unit", "一组"),
            ("village_group", "大河村3组"),
            // Only under the heading of a code.
            ("notes", "10010109"),
            ("tags", "10010109"),
        ] {
            assert_ne!(mask(column, text), text, "{column} {text}");
        }
    }
}
