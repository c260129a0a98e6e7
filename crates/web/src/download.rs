//! The one way a file leaves over HTTP: what it is, what it is called, and that
//! no browser and no gateway keeps it. Takes bytes that somebody was allowed to
//! have; knows nothing of what is in them.

use axum::http::{HeaderMap, HeaderValue, header};

/// An answer that is a file.
pub type Download = (HeaderMap, Vec<u8>);

/// Media type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Media type of delimited text.
const CSV: &str = "text/csv";
/// Media type of anything else.
const BYTES: &str = "application/octet-stream";

/// A file under a name; its ending says what it is. A name that is not ASCII is
/// given by RFC 8187, with `download` and the ending for who cannot read that.
pub fn download(name: &str, bytes: Vec<u8>) -> Download {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let kind = match ending {
        "xlsx" => XLSX,
        "csv" => CSV,
        _ => BYTES,
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = match name.is_ascii() {
        true => format!("attachment; filename=\"{name}\""),
        false => {
            let encoded: String = name.bytes().map(percent).collect();
            format!("attachment; filename=\"download.{ending}\"; filename*=UTF-8''{encoded}")
        }
    };
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    (headers, bytes)
}

/// One byte of a name in a header (RFC 8187).
fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
        return char::from(byte).to_string();
    }
    format!("%{byte:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disposition(name: &str) -> String {
        let (headers, _) = download(name, vec![]);
        let value = &headers[header::CONTENT_DISPOSITION];
        value.to_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_chinese_name_travels_by_rfc_8187_and_nothing_is_kept() {
        assert_eq!(
            disposition("周计划 1.xlsx"),
            "attachment; filename=\"download.xlsx\"; filename*=UTF-8''%E5%91%A8%E8%AE%A1%E5%88%92%201.xlsx"
        );
        assert_eq!(disposition("a.csv"), "attachment; filename=\"a.csv\"");
        let (headers, bytes) = download("a.csv", b"x".to_vec());
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::CONTENT_TYPE], "text/csv");
        assert_eq!(bytes, b"x");
    }

    #[test]
    fn a_name_cannot_add_a_header() {
        let (headers, _) = download("a\r\nset-cookie: x.xlsx", vec![]);
        assert!(!headers.contains_key("set-cookie"));
    }
}
