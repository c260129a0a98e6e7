//! Headers: making them comparable and finding their row below title rows.
//!
//! Knows typography (full-width forms, marks, brackets), not which headers exist;
//! that test comes from the caller.

use super::RowCells;

/// A header for display: full-width ASCII made half-width, line breaks and runs of
/// blanks made one blank, trimmed.
pub fn normalise_header(text: &str) -> String {
    let half: String = text.chars().map(to_half_width).collect();
    let mut out = String::with_capacity(half.len());
    for word in half.split(|c: char| c.is_whitespace() || is_invisible(c)) {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A header for comparison: [`normalise_header`], lower case, without blanks,
/// underscores, hyphens, required marks (`*`) and trailing colons.
pub fn header_key(text: &str) -> String {
    normalise_header(text)
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-' | '*' | ':'))
        .collect()
}

fn to_half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        _ => c,
    }
}

/// Marks without width that stick to texts copied from chat programs and web pages.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}')
}

/// The header row among `top`: most known headers, the first of equals.
pub(super) fn find(top: &[RowCells], known: &dyn Fn(&str) -> bool) -> Option<(u64, Vec<String>)> {
    let score = |row: &RowCells| {
        row.cells
            .iter()
            .map(|c| normalise_header(c))
            .filter(|c| !c.is_empty() && known(c))
            .count()
    };
    let texts = |row: &RowCells| row.cells.iter().filter(|c| !c.is_empty()).count();
    let mut best: Option<(usize, &RowCells)> = None;
    for row in top {
        let s = score(row);
        if s > 0 && best.is_none_or(|(b, _)| s > b) {
            best = Some((s, row));
        }
    }
    let row = best
        .map(|(_, row)| row)
        .or_else(|| top.iter().find(|r| texts(r) >= 2))
        .or_else(|| top.first())?;
    let mut headers: Vec<String> = row.cells.iter().map(|c| normalise_header(c)).collect();
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    Some((row.row_number, headers))
}
