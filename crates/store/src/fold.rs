//! One PostgreSQL statement for many rows of parameters: what is asked of ten
//! households is asked once, over arrays. A statement costs the server and the
//! driver far more than a row does. Rewrites text by its form alone and knows no
//! connection; whatever it does not recognise stays a statement for each row.
//! The first parameter is the unit and the same in all rows; it stays a scalar,
//! so that a distributed database still finds the one shard. Text comes from
//! `postgres`, and goes back there.

use crate::value::Value;
use bytes::{BufMut, BytesMut};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};

/// Name of the folded rows; no table or column is called so.
const ROW: &str = "zf_row";

/// A statement for many rows of parameters.
#[derive(Debug)]
pub(crate) struct Fold {
    /// The unit as `$1`, then one array for each other parameter.
    pub(crate) text: String,
    /// Parameters that say which rows are changed, from 0. Two rows of parameters that
    /// are alike in them would change the same row, and one of the two would be lost.
    keys: Vec<usize>,
}

impl Fold {
    /// Whether these rows of parameters, which are few, may go as one.
    pub(crate) fn fits(&self, rows: &[Vec<Value>]) -> bool {
        let alike = |a: &[Value], b: &[Value]| self.keys.iter().all(|k| a[*k] == b[*k]);
        let twice = |(i, row): (usize, &Vec<Value>)| rows[..i].iter().any(|r| alike(r, row));
        self.keys.is_empty() || !rows.iter().enumerate().any(twice)
    }
}

type Known = RwLock<HashMap<String, Option<Arc<Fold>>>>;
/// By the text of the statement; the program has a fixed number of them.
static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);

/// What does for many rows what `text` does for one. For what reads, the first
/// column of its rows says of which row of parameters they are, from 1. None
/// when it has to be run for each row.
pub(crate) fn folded(text: &str, types: &[Type]) -> Option<Arc<Fold>> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(fold) = known.get(text) {
        return fold.clone();
    }
    drop(known);
    let fold = fold(text, types).map(Arc::new);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(text.to_owned(), fold.clone());
    fold
}

fn fold(text: &str, types: &[Type]) -> Option<Fold> {
    if types.len() < 2
        || text.contains("'$")
        || types.iter().any(|t| matches!(t.kind(), Kind::Array(_)))
    {
        return None;
    }
    let arrays: Vec<String> = (2..=types.len())
        .map(|n| format!("${n}::{}[]", types[n - 1].name()))
        .collect();
    let names: Vec<String> = (2..=types.len()).map(|n| format!("p{n}")).collect();
    let (arrays, names) = (arrays.join(", "), names.join(", "));
    if text.starts_with("UPDATE ") {
        return change(text, &arrays, &names);
    }
    let text = match text.starts_with("SELECT ") {
        true => read(text, &arrays, &names),
        false => write(text, &arrays, &names),
    };
    text.map(|text| Fold { text, keys: vec![] })
}

/// A change of rows that are named by plain comparisons, and by nothing else.
fn change(text: &str, arrays: &str, names: &str) -> Option<Fold> {
    let refused = ["RETURNING", "SELECT", " FROM "];
    let (head, which) = text.split_once(" WHERE ")?;
    if refused.iter().any(|w| text.contains(w)) || which.contains(" WHERE ") {
        return None;
    }
    // Other words of logic could name a row in two ways.
    let plain = |c: char| !matches!(c, '(' | ')');
    if !which.chars().all(plain)
        || [" OR ", " BETWEEN ", "NOT "]
            .iter()
            .any(|w| which.contains(w))
    {
        return None;
    }
    let number = |term: &str| {
        let (column, value) = term.split_once(" = $")?;
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        // What one row of parameters changes could be what the next one looks for.
        let set = head.contains(&format!(" {column} = "));
        let n = value.parse::<usize>().ok()?;
        (column.chars().all(word) && n > 1 && !set).then(|| n - 1)
    };
    let keys: Vec<usize> = which.split(" AND ").filter_map(number).collect();
    if keys.is_empty() {
        return None;
    }
    let text = format!(
        "{} FROM unnest({arrays}) AS {ROW} ({names}) WHERE {}",
        with_row(head),
        with_row(which)
    );
    Some(Fold { text, keys })
}

fn read(text: &str, arrays: &str, names: &str) -> Option<String> {
    // Rows of one row of parameters would come in another order, or not be held.
    if text.contains("ORDER BY") || text.contains("FOR UPDATE") {
        return None;
    }
    let each = with_row(text);
    Some(format!(
        "SELECT {ROW}.n, zf_got.* FROM unnest({arrays}) WITH ORDINALITY AS {ROW} ({names}, n) \
         CROSS JOIN LATERAL ({each}) AS zf_got ORDER BY {ROW}.n"
    ))
}

fn write(text: &str, arrays: &str, names: &str) -> Option<String> {
    // A row that is written twice by one statement is refused where it would be changed twice.
    let refused = ["RETURNING", "DO UPDATE", "SELECT"];
    if !text.starts_with("INSERT INTO ") || refused.iter().any(|w| text.contains(w)) {
        return None;
    }
    let (head, rest) = text.split_once(") VALUES (")?;
    let end = closing(rest)?;
    let (values, after) = (with_row(&rest[..end]), &rest[end + 1..]);
    Some(format!(
        "{head}) SELECT {values} FROM unnest({arrays}) AS {ROW} ({names}){after}"
    ))
}

/// Where the bracket closes that was open before the text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// Every parameter but the first becomes a column of the folded rows.
fn with_row(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let digits = rest[at + 1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let name = &rest[at + 1..at + 1 + digits];
        out.push_str(&rest[..at]);
        match name {
            "" | "1" => out.push_str(&rest[at..at + 1 + digits]),
            n => out.push_str(&format!("{ROW}.p{n}")),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    out
}

/// One column of many rows, as an array.
#[derive(Debug)]
pub(crate) struct Column<'v>(pub(crate) Vec<&'v Value>);

impl ToSql for Column<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Kind::Array(of) = ty.kind() else {
            return Err(format!("cannot bind rows as {ty}").into());
        };
        // One dimension, nulls allowed, type of the elements, length, first index.
        out.put_i32(1);
        out.put_i32(1);
        out.put_u32(of.oid());
        out.put_i32(i32::try_from(self.0.len())?);
        out.put_i32(1);
        for value in &self.0 {
            let at = out.len();
            out.put_i32(-1);
            if let IsNull::No = value.to_sql(of, out)? {
                let size = i32::try_from(out.len() - at - 4)?;
                out[at..at + 4].copy_from_slice(&size.to_be_bytes());
            }
        }
        Ok(IsNull::No)
    }
    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Array(_))
    }
    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: [Type; 3] = [Type::UUID, Type::UUID, Type::INT8];

    #[test]
    fn a_question_is_asked_of_all_rows_at_once() {
        let text = "SELECT COUNT(*) FROM visit WHERE unit_id = $1 AND id = $2 AND rev > $3";
        assert_eq!(
            fold(text, &THREE).unwrap().text,
            "SELECT zf_row.n, zf_got.* FROM unnest($2::uuid[], $3::int8[]) WITH ORDINALITY AS zf_row (p2, p3, n) \
             CROSS JOIN LATERAL (SELECT COUNT(*) FROM visit WHERE unit_id = $1 AND id = zf_row.p2 AND rev > zf_row.p3) \
             AS zf_got ORDER BY zf_row.n"
        );
    }

    #[test]
    fn rows_are_put_in_by_one_statement() {
        let text = "INSERT INTO t (unit_id, id, kind, n) VALUES ($1, $2, LOWER('X'), $3) ON CONFLICT (unit_id, id) DO NOTHING";
        assert_eq!(
            fold(text, &THREE).unwrap().text,
            "INSERT INTO t (unit_id, id, kind, n) SELECT $1, zf_row.p2, LOWER('X'), zf_row.p3 \
             FROM unnest($2::uuid[], $3::int8[]) AS zf_row (p2, p3) ON CONFLICT (unit_id, id) DO NOTHING"
        );
    }

    #[test]
    fn rows_are_changed_by_one_statement_unless_two_would_change_the_same() {
        let text = "UPDATE t SET n = CASE WHEN n > $3 THEN $3 ELSE n END WHERE unit_id = $1 AND id = $2 AND n <> 4";
        let fold = fold(text, &THREE).unwrap();
        assert_eq!(
            fold.text,
            "UPDATE t SET n = CASE WHEN n > zf_row.p3 THEN zf_row.p3 ELSE n END \
             FROM unnest($2::uuid[], $3::int8[]) AS zf_row (p2, p3) WHERE unit_id = $1 AND id = zf_row.p2 AND n <> 4"
        );
        let row = |id: i64, n: i64| crate::params![1, id, n];
        assert!(fold.fits(&[row(1, 5), row(2, 5)]));
        assert!(!fold.fits(&[row(1, 5), row(1, 6)]));
    }

    #[test]
    fn what_might_mean_something_else_is_left_alone() {
        for text in [
            "SELECT id FROM t WHERE unit_id = $1 AND a = $2 ORDER BY id LIMIT $3",
            "SELECT id FROM t WHERE unit_id = $1 AND a = $2 AND b = $3 FOR UPDATE",
            "UPDATE t SET a = $3 WHERE unit_id = $1 AND (id = $2 OR a = 1)",
            "UPDATE t SET a = $3 WHERE unit_id = $1 AND id > $2",
            "UPDATE t SET a = $3 WHERE unit_id = $1 AND id = $2 RETURNING a",
            "UPDATE t SET b = 1, a = $3 WHERE unit_id = $1 AND a = $2",
            "UPDATE t SET a = (SELECT MAX(a) FROM t) WHERE unit_id = $1 AND id = $2 AND a < $3",
            "INSERT INTO t (unit_id, id, n) VALUES ($1, $2, $3) ON CONFLICT (unit_id, id) DO UPDATE SET n = $3",
            "INSERT INTO t (unit_id, id, n) VALUES ($1, $2, $3) RETURNING n",
            "INSERT INTO t (unit_id, id, n) SELECT $1, $2, COUNT(*) FROM u WHERE a = $3",
        ] {
            assert!(fold(text, &THREE).is_none(), "{text}");
        }
        let one = "SELECT id FROM t WHERE unit_id = $1";
        assert!(
            fold(one, &THREE[..1]).is_none(),
            "nothing differs between its rows"
        );
    }

    #[test]
    fn parameters_of_two_digits_are_told_apart() {
        assert_eq!(with_row("$1, $2, $12, $1"), "$1, zf_row.p2, zf_row.p12, $1");
    }
}
