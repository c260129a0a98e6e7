//! Addresses for comparison: the characters that name a place, without the
//! words for its kind (province … village, group, number), and the numbers in
//! their order. Short and long forms of one address then differ by what is left
//! out, not by how it is written. Only the shape of the text is read; the table
//! of divisions is not needed.

use super::schema::Level;
use super::text::{fold, hash_all, mix, one_edit, subsequence};

/// Longest address compared: characters, numbers.
const CHARS: usize = 60;
const NUMBERS: usize = 5;

/// Words left out before reading, or read as the word of today: communes and
/// brigades became townships and villages in 1983, production teams groups.
const PHRASES: [(&str, &str); 13] = [
    ("村民小组", "组"),   // not shown: compared with addresses
    ("小组", "组"),       // not shown: compared with addresses
    ("村民委员会", "村"), // not shown: compared with addresses
    ("居民委员会", ""),   // not shown: compared with addresses
    ("村委会", "村"),     // not shown: compared with addresses
    ("居委会", ""),       // not shown: compared with addresses
    ("自然村", ""),       // not shown: compared with addresses
    ("行政村", "村"),     // not shown: compared with addresses
    ("生产大队", "村"),   // not shown: compared with addresses
    ("生产队", "组"),     // not shown: compared with addresses
    ("大队", "村"),       // not shown: compared with addresses
    ("人民公社", "乡"),   // not shown: compared with addresses
    ("公社", "乡"),       // not shown: compared with addresses
];
/// The peoples in names of townships and counties, as the Civil Affairs
/// ministry's list of divisions has them: left out in short forms, and when a
/// township becomes a town.
// not shown: compared with addresses
const PEOPLES: [&str; 33] = [
    "布依族",
    "维吾尔族",
    "哈萨克族",
    "柯尔克孜族",
    "蒙古族",
    "朝鲜族",
    "土家族",
    "哈尼族",
    "傈僳族",
    "拉祜族",
    "纳西族",
    "景颇族",
    "仡佬族",
    "仫佬族",
    "毛南族",
    "布朗族",
    "阿昌族",
    "普米族",
    "裕固族",
    "鄂温克族",
    "达斡尔族",
    "藏族",
    "彝族",
    "苗族",
    "回族",
    "羌族",
    "侗族",
    "瑶族",
    "壮族",
    "白族",
    "傣族",
    "满族",
    "畲族",
];
/// Kinds of places; they come and go between two spellings of one address.
const KINDS: &str = "省市县区镇乡村组号栋幢单元室楼层座之第街道路巷弄社区户号室房队"; // not shown: compared with addresses
/// What may follow a number written in characters.
const COUNTED: &str = "组号栋幢单室层楼队社弄座巷户村"; // not shown: compared with addresses
const DIGITS: &str = "零一二三四五六七八九"; // not shown: compared with addresses

/// An address read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Characters that name it, basic plane.
    pub han: Vec<u16>,
    /// Numbers (and letters of buildings), in order.
    pub numbers: Vec<u16>,
}

/// One address as the comparison needs it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub han: &'a [u16],
    pub numbers: &'a [u16],
}

impl View<'_> {
    fn is_missing(self) -> bool {
        self.han.is_empty() && self.numbers.is_empty()
    }
    /// Same address, same hash; 0 when missing.
    pub fn hash(self) -> u64 {
        match self.is_missing() {
            true => 0,
            false => mix(hash_all(self.han), hash_all(self.numbers)).max(1),
        }
    }
    /// The last two characters: the village or estate; 0 when there are none.
    pub fn tail(self) -> u64 {
        match self.han {
            [] => 0,
            [.., a, b] => hash_all(&[*a, *b]),
            [a] => hash_all(&[*a]),
        }
    }
    /// Village and last number: the door; 0 when one of them is missing.
    pub fn door(self) -> u64 {
        match (self.tail(), self.numbers.last()) {
            (0, _) | (_, None) => 0,
            (tail, Some(last)) => mix(tail, u64::from(*last)).max(1),
        }
    }
}

fn numeral(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),  // not shown: compared with addresses
        '百' => Some(100), // not shown: compared with addresses
        '两' => Some(2),   // not shown: compared with addresses
        '〇' => Some(0),   // not shown: compared with addresses
        c => DIGITS.chars().position(|d| d == c).map(|p| p as u32),
    }
}

/// Value of numerals such as 二十三 or 一〇二.
fn value(numerals: &[u32]) -> u32 {
    let (mut total, mut current, mut seen) = (0_u32, 0_u32, false);
    for n in numerals {
        if *n >= 10 {
            total = total.saturating_add(n * if seen { current } else { 1 });
            (current, seen) = (0, false);
        } else {
            current = current.saturating_mul(10).saturating_add(*n);
            seen = true;
        }
    }
    total.saturating_add(current)
}

/// Reads an address.
pub(super) fn read(text: &str) -> Place {
    let mut text: String = text.chars().map(fold).collect();
    for (phrase, instead) in PHRASES {
        if text.contains(phrase) {
            text = text.replace(phrase, instead);
        }
    }
    if text.contains('族') {
        // not shown: compared with addresses
        for people in PEOPLES {
            text = text.replace(people, "");
        }
        text = text.replace("自治", ""); // not shown: compared with addresses
    }
    let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    // Where a separator stood, two numbers must not become one.
    let broken = breaks(&text);
    let mut place = Place::default();
    let mut i = 0;
    while i < chars.len() && place.han.len() < CHARS {
        let c = chars[i];
        if c.is_ascii_alphanumeric() {
            let end = run(&chars, i, |j, c| {
                c.is_ascii_alphanumeric() && (j == i || !broken.contains(&j))
            });
            place.numbers.push(token(&chars[i..end]));
            i = end;
            continue;
        }
        let end = run(&chars, i, |_, c| numeral(c).is_some());
        let counted = chars.get(end).is_some_and(|c| COUNTED.contains(*c));
        if end > i && counted && !(end - i == 1 && chars[end] == '村') {
            // not shown: compared with addresses
            let numerals: Vec<u32> = chars[i..end].iter().filter_map(|c| numeral(*c)).collect();
            place.numbers.push((value(&numerals) % 0xFFFF) as u16);
            i = end;
            continue;
        }
        if !KINDS.contains(c) && u32::from(c) < 0x1_0000 {
            place.han.push(u32::from(c) as u16);
        }
        i += 1;
    }
    // The last numbers are the nearest ones.
    let surplus = place.numbers.len().saturating_sub(NUMBERS);
    place.numbers.drain(..surplus);
    place
}

/// Places among the letters and digits before which something else stood.
fn breaks(text: &str) -> Vec<usize> {
    let mut kept = 0;
    let mut out = Vec::new();
    let mut gap = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap {
            out.push(kept);
        }
        gap = false;
        kept += 1;
    }
    out
}

fn run(chars: &[char], from: usize, belongs: impl Fn(usize, char) -> bool) -> usize {
    let more = chars[from..].iter().enumerate();
    from + more.take_while(|(k, c)| belongs(from + k, **c)).count()
}

/// A number below 60,000 is itself; anything else (12A, B) is hashed above that.
fn token(chars: &[char]) -> u16 {
    let text: String = chars.iter().collect();
    match text.parse::<u32>() {
        Ok(n) if n < 60_000 => n as u16,
        _ => {
            let codes: Vec<u32> = chars.iter().map(|c| u32::from(*c)).collect();
            (60_000 + hash_all(&codes) % 5_535) as u16
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Han {
    Equal,
    Shortened,
    Cut,
    Near,
    Apart,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Equal,
    Shortened,
    Cut,
    Apart,
}

/// How two addresses compare; `None` when one is missing.
pub(super) fn compare(a: View<'_>, b: View<'_>) -> Option<Level> {
    if a.is_missing() || b.is_missing() {
        return None;
    }
    let (han, door) = (han(a.han, b.han), door(a.numbers, b.numbers));
    let no_door = a.numbers.is_empty() && b.numbers.is_empty();
    Some(match (han, door) {
        (Han::Equal, Door::Equal) => Level::Same,
        // The township was renamed or merged into another: village and door remain.
        (Han::Apart, Door::Equal | Door::Shortened) if !no_door && one_village(a.han, b.han) => {
            Level::Close
        }
        (Han::Apart, _) => Level::Different,
        (Han::Shortened | Han::Cut, Door::Equal) if no_door => Level::Place,
        (Han::Equal | Han::Shortened, Door::Equal | Door::Shortened) => Level::Abbreviated,
        (Han::Near, Door::Equal | Door::Shortened) if !no_door => Level::Close,
        (_, Door::Cut) | (Han::Cut, _) => Level::Place,
        (Han::Near, _) => Level::Different,
        (_, _) => Level::Neighbour,
    })
}

fn han(a: &[u16], b: &[u16]) -> Han {
    if a == b {
        return Han::Equal;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 2 && short.last() == long.last() && subsequence(short, long) {
        return Han::Shortened;
    }
    if short.len() >= 2 && long.starts_with(short) {
        return Han::Cut;
    }
    if short.len() == long.len() && short.len() >= 4 && same_bag(short, long) {
        return Han::Shortened;
    }
    let tail = |x: &[u16]| x[x.len().saturating_sub(6)..].to_vec();
    let (x, y) = (tail(short), tail(long));
    match short.len() >= 4 && one_edit(&x, &y) {
        true => Han::Near,
        false => Han::Apart,
    }
}

/// The same last two characters, with something else before them in both.
fn one_village(a: &[u16], b: &[u16]) -> bool {
    a.len() > 2 && b.len() > 2 && a.last_chunk::<2>() == b.last_chunk::<2>()
}

fn same_bag(a: &[u16], b: &[u16]) -> bool {
    let (mut x, mut y) = (a.to_vec(), b.to_vec());
    x.sort_unstable();
    y.sort_unstable();
    x == y
}

fn door(a: &[u16], b: &[u16]) -> Door {
    if a == b {
        return Door::Equal;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return Door::Cut;
    }
    if short.len() < long.len() {
        if short.last() == long.last() && subsequence(short, long) {
            return Door::Shortened;
        }
        if long.starts_with(short) {
            return Door::Cut;
        }
    } else if same_bag(short, long) {
        return Door::Shortened;
    }
    Door::Apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> Option<Level> {
        let (a, b) = (read(a), read(b));
        let view = |p: &Place| {
            compare(
                View {
                    han: &a.han,
                    numbers: &a.numbers,
                },
                View {
                    han: &p.han,
                    numbers: &p.numbers,
                },
            )
        };
        view(&b)
    }

    #[test]
    fn addresses_compare_by_what_was_left_out() {
        let full = "云岭省明川市青禾县桂花镇大河村3组12号";
        for (other, expected) in [
            ("云岭省 明川市 青禾县 桂花镇 大河村 三组 12号", Level::Same),
            (
                "雲嶺省明川市青禾縣桂花鎮大河村第三村民小组12號",
                Level::Same,
            ),
            ("青禾县桂花镇大河村3组12号", Level::Abbreviated),
            ("桂花大河12号", Level::Abbreviated),
            ("桂花镇大河村12号3组", Level::Abbreviated),
            ("桂花镇大河村3组", Level::Place),
            ("桂花镇大河村", Level::Place),
            ("云岭省明川市青禾县桂花镇", Level::Place),
            ("桂花镇大河村3组18号", Level::Neighbour),
            ("青禾县桂花镇小溪村3组12号", Level::Different),
            ("北京市朝阳区建国路88号", Level::Different),
            ("青禾县桂花镇大和村3组12号", Level::Close),
            ("桂花镇大河村村民委员会3组12号", Level::Abbreviated),
            ("桂花镇大河村委会三组12号", Level::Abbreviated),
            ("桂花公社大河大队3生产队12号", Level::Abbreviated),
            ("桂花乡大河生产大队三生产队", Level::Place),
            ("桂花苗族乡大河村3组12号", Level::Abbreviated),
            (
                "青禾土家族苗族自治县桂花镇大河村3组12号",
                Level::Abbreviated,
            ),
            // The township was merged into another one.
            ("青禾县石桥镇大河村3组12号", Level::Close),
            ("青禾县石桥镇大河村3组18号", Level::Different),
            ("青禾县石桥镇大河村", Level::Different),
        ] {
            assert_eq!(level(full, other), Some(expected), "{other}");
            assert_eq!(level(other, full), Some(expected), "{other}");
        }
        assert_eq!(level(full, "  "), None);
    }

    #[test]
    fn numerals_are_numbers_only_where_something_is_counted() {
        assert_eq!(read("三河村十二组二十三号").numbers, [12, 23]);
        assert_eq!(read("三河村").han.len(), 2);
        assert_eq!(read("2-305").numbers, [2, 305]);
        assert_eq!(read("一〇二室").numbers, [102]);
        assert_eq!(read("一百零五号").numbers, [105]);
    }
}
