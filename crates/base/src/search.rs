//! Brings texts into one shape before they are compared or looked up, because
//! bank files mix full-width and half-width characters and stray spaces. Light
//! on purpose: no dependency and no table beyond the full-width ASCII block.
//! Knows nothing of indexes or databases; the vault hashes what comes out here
//! for its blind index, so a change here needs a re-index.

/// Full-width ASCII (`！`…`～`) and the ideographic space become half-width;
/// everything else stays.
pub fn half_width(text: &str) -> String {
    text.chars().map(half_width_char).collect()
}

/// One character of [`half_width`].
pub fn half_width_char(c: char) -> char {
    match c {
        '\u{3000}' | '\u{00A0}' => ' ',
        // The block is the ASCII block moved up by 0xFEE0, so the result is always a char.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Half-width, without invisible characters, trimmed, runs of white space
/// collapsed to one space. For texts that are stored and shown.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(half_width_char) {
        if is_invisible(c) {
            continue;
        }
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// A person's name for comparison: [`normalise`]d, spaces inside a Chinese name
/// dropped (`张 三`), the many middle dots of transliterated names made one,
/// Latin letters in lower case.
pub fn normalise_name(name: &str) -> String {
    let text = normalise(name);
    let chinese = text.chars().any(|c| ('\u{3400}'..='\u{9FFF}').contains(&c));
    text.chars()
        .filter(|c| !(chinese && *c == ' '))
        .map(|c| match c {
            '•' | '・' | '‧' | '∙' | '⋅' | '．' | '.' if chinese => '·',
            c => c.to_ascii_lowercase(),
        })
        .collect()
}

/// The key under which two spellings of the same text meet: letters and digits
/// only, lower case, half-width. Never shown.
pub fn compare_key(text: &str) -> String {
    text.chars()
        .map(half_width_char)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Zero-width characters, byte-order marks and control characters other than white space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
        || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_text_becomes_half_width() {
        assert_eq!(half_width("１３８－ＡＢｃ　（１）"), "138-ABc (1)");
        assert_eq!(half_width("大河村"), "大河村");
    }

    #[test]
    fn stray_and_invisible_characters_go() {
        assert_eq!(
            normalise("\u{FEFF} 大河村 \t\r\n 三组\u{200B} "),
            "大河村 三组"
        );
        assert_eq!(normalise("   "), "");
    }

    #[test]
    fn names_meet_in_one_spelling() {
        assert_eq!(normalise_name(" 张　三 "), "张三");
        assert_eq!(normalise_name("买买提•艾力"), "买买提·艾力");
        assert_eq!(normalise_name("John  SMITH"), "john smith");
        assert_eq!(compare_key("大河村（三组）12-1号"), "大河村三组121号");
    }
}
