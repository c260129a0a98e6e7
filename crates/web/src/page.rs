//! Keyset pages: a list answers at most 200 rows and an opaque cursor for the
//! next page; offsets are never used. A cursor is the last row's key, encoded;
//! it carries no personal data.

use crate::problem::Problem;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zf_base::code::ErrorCode;
use zf_base::limits;

/// `?limit=…&after=…` of every list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows wanted, 1…200; 50 when absent.
    pub limit: Option<u32>,
    /// Cursor of the page before.
    pub after: Option<String>,
}

impl PageQuery {
    /// Rows wanted, kept within the limits.
    pub fn rows(&self) -> i64 {
        i64::from(
            self.limit
                .unwrap_or(limits::PAGE_ROWS_DEFAULT)
                .clamp(1, limits::PAGE_ROWS_MAX),
        )
    }
    /// The key after which the page starts.
    pub fn key<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(text) = self.after.as_deref().filter(|t| !t.is_empty()) else {
            return Ok(None);
        };
        let bad = || Problem::new(ErrorCode::CURSOR_INVALID);
        let bytes = unhex(text).ok_or_else(bad)?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_| bad())
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page; `key` tells the cursor of a row. A full page has a next one.
    pub fn new<K: Serialize>(items: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Page<T> {
        let full = items.len() as i64 >= limit;
        let next = items.last().filter(|_| full).map(|last| cursor(&key(last)));
        Page { items, next }
    }
}

/// Encodes a key as a cursor.
pub fn cursor<K: Serialize>(key: &K) -> String {
    let json = serde_json::to_vec(key).unwrap_or_default();
    json.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() || text.len() > 2_000 {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_key_it_was_made_from() {
        let key = ("客户-7".to_owned(), 7i64);
        let query = PageQuery {
            limit: None,
            after: Some(cursor(&key)),
        };
        assert_eq!(query.key::<(String, i64)>().unwrap(), Some(key));
        for broken in ["zz", "1", "e5", "{}"] {
            let query = PageQuery {
                limit: None,
                after: Some(broken.to_owned()),
            };
            assert!(query.key::<(String, i64)>().is_err(), "{broken}");
        }
    }

    #[test]
    fn a_page_is_never_larger_than_two_hundred_rows() {
        let rows = |limit| PageQuery { limit, after: None }.rows();
        assert_eq!([rows(None), rows(Some(0)), rows(Some(500))], [50, 1, 200]);
    }
}
