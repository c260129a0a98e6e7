//! Practice files: the customers of the demo county as banks really send them.
//! Three exports with headers of their own and two encodings, values masked by
//! the core system, doors unknown, the same person under two numbers, dates and
//! digits written anyhow, a few rows that nobody can use; and the truth beside
//! them, so that what an import did can be reconciled to the row. Pure: same
//! [`MessSpec`], same files. The people share nothing with those of the demo.

use crate::csv_out::Table;
use crate::customers::{self, Series};
use crate::people::MESS_PHONES;
use crate::rng::Rng;
use crate::rows::{CustomerRow, Tag};
use crate::words::{self, messy};
use crate::{DemoSpec, bank, world};
use std::collections::BTreeMap;
use zf_base::Day;
use zf_base::identity::Sex;
use zf_base::mask::{IdNumber, Kind, Phone};

/// The series of people of the practice files.
const SERIES: Series = Series {
    stream: "mess",
    mark: "M",
    phones: MESS_PHONES,
    ids: 250,
};
/// The county's shares (see the product's issue on customers): masked by the
/// core system, without coordinates, under a second number.
const MASKED: f64 = 0.08;
const NO_PLACE: f64 = 0.30;
const TWICE: f64 = 0.06;
/// Share of rows nobody can use.
const UNUSABLE: f64 = 0.01;
/// Share of second numbers that another branch gave out.
const ELSEWHERE: f64 = 0.33;

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct MessSpec {
    /// Must be the county of the demo.
    pub county: DemoSpec,
    /// People, before second numbers and unusable rows.
    pub people: usize,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct MessFile {
    /// Without folder.
    pub name: &'static str,
    /// `utf-8`, `gb18030` or `xlsx`; the text below is not encoded yet.
    pub encoding: &'static str,
    /// Lines above the headers.
    pub above: Vec<String>,
    /// Headers as that system names them.
    pub headers: Vec<&'static str>,
    /// Cells of every row.
    pub rows: Vec<Vec<String>>,
}

impl MessFile {
    /// The lines above, the headers and the rows as comma-separated text.
    pub fn csv(&self) -> String {
        let mut text: String = self.above.iter().map(|line| format!("{line}\n")).collect();
        let mut table = Table::new(&self.headers);
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            table.row(&cells);
        }
        text.push_str(&table.text);
        text
    }
}

/// A row nobody can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Line in the file, from 1, as a spreadsheet counts.
    pub line: usize,
    /// Header of the cell that is wrong.
    pub column: &'static str,
    /// `name`, `id_number`, `phone`, `unit` or `day`.
    pub what: &'static str,
}

/// What is really so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Rows of every file that nobody can use.
    pub wrong: BTreeMap<&'static str, Vec<Wrong>>,
    /// Usable rows of every file.
    pub good: BTreeMap<&'static str, usize>,
    /// Usable rows whose phone or ID number is masked.
    pub masked: usize,
    /// Usable rows without coordinates.
    pub without_place: usize,
    /// Customer numbers of the same person.
    pub same_person: Vec<(String, String)>,
    /// Customer numbers of each household of two or more.
    pub households: Vec<Vec<String>>,
}

/// The files with their truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Mess {
    /// Three files.
    pub files: Vec<MessFile>,
    /// What is really so.
    pub truth: Truth,
}

/// Makes the practice files.
pub fn mess(spec: &MessSpec) -> Mess {
    let world = world::build(&spec.county);
    let source = bank::draw_from_marginals(spec.people, spec.county.seed ^ 0x6d65_7373);
    let people = customers::build(&spec.county, &world, &source, SERIES);
    let mut maker = Maker {
        rng: Rng::stream(spec.county.seed, "mess.noise"),
        units: world.branches.iter().map(|b| b.code.as_str()).collect(),
        truth: Truth::default(),
    };
    let rows = maker.rows(people);
    let files = maker.files(rows);
    Mess {
        files,
        truth: maker.truth,
    }
}

/// A row before it is written in the manner of a file.
struct Line {
    row: CustomerRow,
    wrong: Option<&'static str>,
}

struct Maker<'a> {
    rng: Rng,
    units: Vec<&'a str>,
    truth: Truth,
}

impl Maker<'_> {
    /// Everybody once, some twice, some unusable; households stay together.
    fn rows(&mut self, people: Vec<CustomerRow>) -> Vec<Line> {
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut lines = Vec::with_capacity(people.len() * 11 / 10);
        for (i, mut row) in people.into_iter().enumerate() {
            self.blur(&mut row);
            members
                .entry(row.household_no.clone())
                .or_default()
                .push(row.customer_no.clone());
            let second = self.rng.chance(TWICE).then(|| self.second(&row, i));
            if self.rng.chance(UNUSABLE) {
                let mut bad = row.clone();
                bad.customer_no = format!("{}X{i:06}", row.unit_code);
                let wrong = self.spoil(&mut bad);
                lines.push(Line {
                    row: bad,
                    wrong: Some(wrong),
                });
            }
            lines.push(Line { row, wrong: None });
            lines.extend(second.map(|row| Line { row, wrong: None }));
        }
        self.truth.households = members.into_values().filter(|m| m.len() > 1).collect();
        for line in lines.iter().filter(|l| l.wrong.is_none()) {
            let masked = line.row.phone.contains('*') || line.row.id_number.contains('*');
            self.truth.masked += usize::from(masked);
            self.truth.without_place += usize::from(line.row.door.is_none());
        }
        lines
    }

    /// What the core system gives away: masked values, no door.
    fn blur(&mut self, row: &mut CustomerRow) {
        let rng = &mut self.rng;
        // The generator of the demo has its own shares: start from whole values.
        if row.phone.contains('*') {
            row.phone.clear();
        }
        if row.id_number.contains('*') {
            row.id_number.clear();
        }
        if rng.chance(MASKED) {
            let which = rng.below(3);
            if which != 1 && !row.phone.is_empty() {
                row.phone = Phone::mask(&row.phone);
            }
            if which != 0 && !row.id_number.is_empty() {
                row.id_number = IdNumber::mask(&row.id_number);
            }
        }
        if rng.chance(NO_PLACE / 10.0) {
            row.door = None;
        }
    }

    /// The same person under a second number.
    fn second(&mut self, row: &CustomerRow, i: usize) -> CustomerRow {
        let mut twin = row.clone();
        let rng = &mut self.rng;
        if rng.chance(ELSEWHERE) {
            twin.unit_code = (*rng.pick(&self.units)).to_owned();
            twin.village_group_code.clear();
            twin.door = None;
        }
        twin.customer_no = format!("{}D{i:06}", twin.unit_code);
        let id_known = !twin.id_number.is_empty() && !twin.id_number.contains('*');
        // Never so much noise that nobody could tell: one thing changes.
        match rng.below(4) {
            0 if id_known => twin.phone = crate::people::phone(MESS_PHONES + 9_000_000 + i),
            1 if id_known => twin.name = one_char_off(rng, &twin.name),
            2 if !twin.phone.is_empty() => twin.id_number.clear(),
            _ => twin.address = short(&twin.address),
        }
        self.truth
            .same_person
            .push((row.customer_no.clone(), twin.customer_no.clone()));
        twin
    }

    /// Makes a row unusable; the name of the field.
    fn spoil(&mut self, row: &mut CustomerRow) -> &'static str {
        let phone = format!("{}8", messy::NOT_A_PHONE);
        match self.rng.below(4) {
            0 => {
                row.name.clear();
                "name"
            }
            1 => {
                row.id_number = messy::BAD_CHECK_CHAR.to_owned();
                "id_number"
            }
            2 => {
                row.phone = phone;
                "phone"
            }
            _ => {
                row.unit_code = messy::NO_SUCH_UNIT.to_owned();
                "unit"
            }
        }
    }

    /// Deals the branches out to the three systems.
    fn files(&mut self, lines: Vec<Line>) -> Vec<MessFile> {
        let mut files = vec![
            MessFile {
                name: messy::FILES[0],
                encoding: "utf-8",
                above: vec![],
                headers: messy::CORE.to_vec(),
                rows: vec![],
            },
            MessFile {
                name: messy::FILES[1],
                encoding: "gb18030",
                above: messy::ABOVE.iter().map(|s| (*s).to_owned()).collect(),
                headers: messy::LEDGER.to_vec(),
                rows: vec![],
            },
            MessFile {
                name: messy::FILES[2],
                encoding: "xlsx",
                above: vec![],
                headers: messy::ENGLISH.to_vec(),
                rows: vec![],
            },
        ];
        for line in lines {
            // By the number, so that an unusable unit does not decide.
            let branch = &line.row.customer_no[..line.row.customer_no.len().min(8)];
            let which = branch.bytes().map(usize::from).sum::<usize>() % files.len();
            let cells = match which {
                0 => self.core(&line.row),
                1 => self.ledger(&line.row),
                _ => self.english(&line.row),
            };
            let file = &mut files[which];
            file.rows.push(cells);
            match line.wrong {
                None => *self.truth.good.entry(file.name).or_default() += 1,
                Some(what) => {
                    let wrong = Wrong {
                        line: file.above.len() + 1 + file.rows.len(),
                        column: file.headers[messy::column(which, what)],
                        what,
                    };
                    self.truth.wrong.entry(file.name).or_default().push(wrong);
                }
            }
        }
        files
    }

    /// The core system: complete, with households unknown.
    fn core(&mut self, c: &CustomerRow) -> Vec<String> {
        vec![
            c.customer_no.clone(),
            c.name.clone(),
            sex(c.sex, [words::MALE, words::FEMALE]),
            self.digits(&c.id_number),
            self.digits(&c.phone),
            c.address.clone(),
            c.unit_code.clone(),
            c.village_group_code.clone(),
            degrees(c.door.map(|d| d.1)),
            degrees(c.door.map(|d| d.0)),
            c.occupation.to_owned(),
            c.balance_band.label().to_owned(),
            c.deposit_maturity
                .map_or(String::new(), |d| self.day_anyhow(d)),
            list(&c.tags),
        ]
    }

    /// The branch's own ledger, typed by hand: the village group only in the
    /// address, other words in the headers.
    fn ledger(&mut self, c: &CustomerRow) -> Vec<String> {
        vec![
            String::new(),
            c.customer_no.clone(),
            spaced(&mut self.rng, &c.name),
            self.digits(&c.id_number),
            self.digits(&c.phone),
            c.address.clone(),
            c.unit_code.clone(),
            degrees(c.door.map(|d| d.1)),
            degrees(c.door.map(|d| d.0)),
            c.occupation.to_owned(),
            c.deposit_maturity
                .map_or(String::new(), |d| self.day_anyhow(d)),
        ]
    }

    /// The insurance agency's system.
    fn english(&mut self, c: &CustomerRow) -> Vec<String> {
        vec![
            c.customer_no.clone(),
            c.name.clone(),
            sex(c.sex, ["M", "F"]),
            c.id_number.clone(),
            self.digits(&c.phone),
            c.address.clone(),
            c.unit_code.clone(),
            c.village_group_code.clone(),
            degrees(c.door.map(|d| d.1)),
            degrees(c.door.map(|d| d.0)),
            c.insurance_maturity
                .map_or(String::new(), |d| self.day_anyhow(d)),
        ]
    }

    /// Digits as people type them: spaces, full width, a leading apostrophe.
    fn digits(&mut self, text: &str) -> String {
        match self.rng.below(20) {
            0 => text.chars().map(full_width).collect(),
            1 => format!(" {text} "),
            2 => format!("'{text}"),
            _ => text.to_owned(),
        }
    }

    fn day_anyhow(&mut self, day: Day) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day_of_month());
        match self.rng.below(4) {
            0 => format!("{y}/{m}/{d}"),
            1 => format!("{y}{m:02}{d:02}"),
            2 => format!("{y}.{m}.{d}"),
            _ => day.to_string(),
        }
    }
}

fn sex(sex: Sex, [male, female]: [&str; 2]) -> String {
    match sex {
        Sex::Male => male.to_owned(),
        Sex::Female => female.to_owned(),
    }
}

fn degrees(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:.6}"))
}

/// The core system knows nothing of customers of other banks.
fn list(tags: &[Tag]) -> String {
    let own = tags.iter().filter(|t| **t != Tag::RivalLarge);
    let labels: Vec<&str> = own.map(|t| t.label()).collect();
    labels.join(words::SEPARATOR)
}

fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// A blank between two characters, as in forms with boxes.
fn spaced(rng: &mut Rng, name: &str) -> String {
    if name.chars().count() == 2 && rng.chance(0.3) {
        let chars: Vec<String> = name.chars().map(String::from).collect();
        return chars.join("\u{3000}");
    }
    name.to_owned()
}

fn one_char_off(rng: &mut Rng, name: &str) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    if let Some(last) = chars.last_mut() {
        let other = rng.pick(words::GIVEN[2][0]).chars().next();
        *last = other.unwrap_or(*last);
    }
    chars.into_iter().collect()
}

/// Without the township, as neighbours write it.
fn short(address: &str) -> String {
    let cut = [words::TOWN, words::TOWNSHIP, words::STREET_OFFICE];
    let rest = cut
        .iter()
        .find_map(|mark| address.split_once(mark).map(|(_, rest)| rest));
    rest.filter(|r| !r.is_empty()).unwrap_or(address).to_owned()
}

#[cfg(test)]
mod tests;
