//! Brings an address into a shape in which the same door is the same text, and
//! tells whether it names a door at all: a village, a street or a building
//! with many rooms is no door. Pure: text and the words of the preset in, text
//! out. It parses no province and knows no list of places.

use super::preset::AddressWords;
use zf_base::search::half_width;

/// The door of an address; `None` when the address does not go down to one.
pub fn door(address: &str, words: &AddressWords) -> Option<String> {
    let text = plain(address, words);
    let text = without_prefix(&text, words);
    if !names_a_door(&text, words) || !words.place.iter().any(|p| text.contains(p.as_str())) {
        return None;
    }
    Some(joined(&text, words))
}

/// Half-width, lower case, without blanks and punctuation, one way of writing.
fn plain(address: &str, words: &AddressWords) -> String {
    let mut text: String = half_width(address)
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '#' | '—'))
        .collect();
    for [from, to] in &words.replace {
        text = text.replace(from.as_str(), to);
    }
    digits(&text, words)
}

/// Numbers in words before a unit become digits.
fn digits(text: &str, words: &AddressWords) -> String {
    let chars: Vec<char> = text.chars().collect();
    let numeral = |c: char| words.numerals.chars().position(|n| n == c);
    let is_ten = |c: char| words.ten.starts_with(c);
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let run = chars[i..]
            .iter()
            .take_while(|c| numeral(**c).is_some() || is_ten(**c))
            .count();
        let after: String = chars[i + run..].iter().take(2).collect();
        let counts = words.numbered.iter().any(|w| after.starts_with(w.as_str()));
        if run == 0 || !counts {
            let n = run.max(1);
            out.extend(&chars[i..i + n]);
            i += n;
            continue;
        }
        out.push_str(&number(&chars[i..i + run], numeral, is_ten));
        i += run;
    }
    out
}

/// A number below a hundred in words, or digit by digit when there is no ten in it.
fn number(
    run: &[char],
    numeral: impl Fn(char) -> Option<usize>,
    is_ten: impl Fn(char) -> bool,
) -> String {
    match run.iter().position(|c| is_ten(*c)) {
        None => run
            .iter()
            .filter_map(|c| numeral(*c))
            .map(|d| d.to_string())
            .collect(),
        Some(at) => {
            let tens = if at == 0 {
                1
            } else {
                numeral(run[at - 1]).unwrap_or(1)
            };
            let ones = run.get(at + 1).and_then(|c| numeral(*c)).unwrap_or(0);
            (tens * 10 + ones).to_string()
        }
    }
}

/// Names above the village are written or left out at will, so they go.
fn without_prefix(text: &str, words: &AddressWords) -> String {
    let mut rest = text;
    for end in words.prefix.iter().chain(&words.township) {
        let Some(at) = rest.find(end.as_str()) else {
            continue;
        };
        let (front, back) = rest.split_at(at + end.len());
        let is_other = words.not_prefix.iter().any(|n| front.ends_with(n.as_str()));
        let is_name = (2..=9).contains(&front.chars().count())
            && !front.contains(|c: char| c.is_ascii_digit());
        if is_name && !is_other && words.place.iter().any(|p| back.contains(p.as_str())) {
            rest = back;
        }
    }
    rest.to_owned()
}

/// Is one of the numbers that of a house or a room?
fn names_a_door(text: &str, words: &AddressWords) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut i) = (false, 0);
    while i < chars.len() {
        let run = chars[i..].iter().take_while(|c| c.is_ascii_digit()).count();
        if run == 0 {
            i += 1;
            continue;
        }
        i += run;
        let after: String = chars[i..].iter().take(3).collect();
        let is = |list: &[String]| list.iter().any(|w| after.starts_with(w.as_str()));
        if is(&words.block) {
            // Everything up to here names the building; the door must follow.
            found = false;
        } else if !is(&words.not_a_door) {
            found = true;
        }
    }
    found
}

/// One way of writing building, entrance and room.
fn joined(text: &str, words: &AddressWords) -> String {
    let mut out = text.to_owned();
    for joint in &words.joint {
        out = out.replace(joint.as_str(), "-");
    }
    for end in &words.end {
        if let Some(cut) = out.strip_suffix(end.as_str()) {
            out = cut.to_owned();
        }
    }
    while out.contains("--") {
        out = out.replace("--", "-");
    }
    out.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::preset::Preset;

    fn of(address: &str) -> Option<String> {
        door(address, &Preset::get().unwrap().address)
    }

    #[test]
    fn one_door_written_in_many_ways_is_one_text() {
        let ways = [
            "云溪县青山镇大河村三组12号",
            "青山镇大河村3组12号",
            "大河村 ３组 １２号",
            "大河村第三村民小组十二号",
            "大河村3组12",
            "大河村3组12#",
        ];
        for way in ways {
            assert_eq!(of(way).as_deref(), Some("大河村3组12"), "{way}");
        }
        for way in [
            "阳光小区3栋2单元302室",
            "明川市青山区阳光小区3号楼2单元302",
            "阳光小区3-2-302",
        ] {
            assert_eq!(of(way).as_deref(), Some("阳光小区3-2-302"), "{way}");
        }
    }

    #[test]
    fn a_village_a_street_or_a_building_is_no_door() {
        for text in [
            "",
            "大河村",
            "大河村3组",
            "青山镇",
            "幸福路",
            "阳光小区5栋",
            "阳光小区5号楼2单元",
            "12号",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn neighbours_stay_apart() {
        assert_ne!(of("大河村3组12号"), of("大河村3组13号"));
        assert_ne!(of("大河村3组12号"), of("大河村4组12号"));
        assert_ne!(of("大河村3组12号"), of("小河村3组12号"));
        assert_ne!(of("阳光小区3栋2单元302室"), of("阳光小区3栋1单元302室"));
    }
}
