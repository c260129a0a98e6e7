//! Phones against libphonenumber's own tables, where they are at hand: the
//! fast way and the library must know the same ranges as the published file.

#![allow(clippy::unwrap_used)]

use zf_base::phone::{Line, PhoneCheck, check_phone};

/// The territory file, from a folder named by the environment or beside the
/// project.
fn territory() -> Option<String> {
    let named = std::env::var("ZOUFANG_ID_VALIDATION").ok();
    let folder = named.unwrap_or_else(|| {
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/data/id-validation"
        )
        .to_owned()
    });
    std::fs::read_to_string(format!("{folder}/libphonenumber_86/territory_CN.xml")).ok()
}

/// The pattern of a kind of line, its line breaks dropped.
fn pattern(xml: &str, kind: &str) -> regex::Regex {
    let at = xml.find(&format!("<{kind}>")).unwrap();
    let open = at + xml[at..].find("<nationalNumberPattern>").unwrap() + 23;
    let close = open + xml[open..].find("</nationalNumberPattern>").unwrap();
    let text: String = xml[open..close].split_whitespace().collect();
    regex::Regex::new(&format!("^(?:{text})$")).unwrap()
}

fn line_of(digits: &str) -> Option<Line> {
    match check_phone(digits, false) {
        PhoneCheck::Ok { line, .. } => Some(line),
        _ => None,
    }
}

#[test]
fn mobiles_are_told_as_the_published_tables_tell_them() {
    let Some(xml) = territory() else {
        println!("skipped: ZOUFANG_ID_VALIDATION does not name libphonenumber's tables");
        return;
    };
    let mobile = pattern(&xml, "mobile");
    for prefix in 10_000..20_000 {
        let digits = format!("{prefix}000000");
        let ours = line_of(&digits) == Some(Line::Mobile);
        assert_eq!(ours, mobile.is_match(&digits), "{prefix}");
    }
}

#[test]
fn landlines_are_told_as_the_published_tables_tell_them() {
    let Some(xml) = territory() else {
        println!("skipped: ZOUFANG_ID_VALIDATION does not name libphonenumber's tables");
        return;
    };
    let kinds = ["fixedLine", "sharedCost", "tollFree"].map(|k| pattern(&xml, k));
    let (mut both, mut ours_only) = (0, 0);
    for prefix in (3..100_000).step_by(7) {
        // 11 digits: a local part of 7 behind four digits, of 8 behind three.
        let digits = format!("0{prefix:05}23456");
        let ours = line_of(&digits) == Some(Line::Landline);
        let theirs = kinds.iter().any(|k| k.is_match(&digits[1..]));
        assert!(ours || !theirs, "{prefix}");
        both += usize::from(ours && theirs);
        ours_only += usize::from(ours && !theirs);
    }
    // The library's tables are a little younger or older than the file.
    assert!(both > 5_000 && ours_only * 50 < both, "{both} {ours_only}");
}
