//! The values of one field of all records, read once and stored close together:
//! a million people fit in some hundred megabytes. A column reads a text,
//! compares two of its values, and gives parts of keys. It knows one field only.

use super::number::{self, Number, State};
use super::schema::{FieldSpec, Kind, Level, Part};
use super::text::{hash_all, mix};
use super::{latin, name, place};

/// Values of varying length, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

impl<T: Copy> Arena<T> {
    fn new() -> Self {
        Arena {
            items: Vec::new(),
            ends: Vec::new(),
        }
    }
    fn push(&mut self, items: &[T]) {
        self.items.extend_from_slice(items);
        self.ends.push(self.items.len() as u32);
    }
    fn get(&self, i: usize) -> &[T] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.items[start..self.ends[i] as usize]
    }
}

/// How texts of Latin letters are compared.
type Latin = fn(&[u8], &[u8]) -> Option<Level>;

/// One field of all records.
#[derive(Clone, Debug)]
pub(super) enum Column {
    Name {
        chars: Arena<char>,
        sounds: Arena<u32>,
    },
    Number {
        numbers: Vec<Number>,
        id: bool,
    },
    Address {
        han: Arena<u16>,
        numbers: Arena<u16>,
    },
    Day(Vec<u32>),
    Text {
        texts: Arena<u8>,
        compare: Latin,
    },
}

impl Column {
    pub fn new(spec: &FieldSpec) -> Column {
        let text = |compare| Column::Text {
            texts: Arena::new(),
            compare,
        };
        match spec.kind {
            Kind::ChineseName => Column::Name {
                chars: Arena::new(),
                sounds: Arena::new(),
            },
            Kind::IdNumber | Kind::Phone => Column::Number {
                numbers: Vec::new(),
                id: spec.kind == Kind::IdNumber,
            },
            Kind::Address => Column::Address {
                han: Arena::new(),
                numbers: Arena::new(),
            },
            Kind::Day => Column::Day(Vec::new()),
            Kind::Words => text(latin::words),
            Kind::Code => text(latin::code),
            Kind::Category => text(latin::category),
        }
    }

    /// Reads one more value.
    pub fn push(&mut self, text: &str) {
        match self {
            Column::Name { chars, sounds } => {
                let read = name::read(text);
                chars.push(&read);
                sounds.push(&name::sounds(&read));
            }
            Column::Number { numbers, id } => numbers.push(match id {
                true => number::id_number(text),
                false => number::phone(text),
            }),
            Column::Address { han, numbers } => {
                let read = place::read(text);
                han.push(&read.han);
                numbers.push(&read.numbers);
            }
            Column::Day(days) => days.push(day(text)),
            Column::Text { texts, .. } => texts.push(&latin::read(text)),
        }
    }

    /// Compares value `i` with value `j` of a column of the same field.
    pub fn compare(&self, i: usize, other: &Column, j: usize) -> Option<Level> {
        match (self, other) {
            (Column::Name { .. }, Column::Name { .. }) => {
                name::compare(self.name(i)?, other.name(j)?)
            }
            (Column::Number { numbers, id }, Column::Number { numbers: more, .. }) => {
                number::compare(numbers[i], more[j], *id)
            }
            (Column::Address { .. }, Column::Address { .. }) => {
                place::compare(self.place(i)?, other.place(j)?)
            }
            (Column::Day(days), Column::Day(more)) => days_apart(days[i], more[j]),
            (Column::Text { texts, compare }, Column::Text { texts: more, .. }) => {
                compare(texts.get(i), more.get(j))
            }
            _ => None,
        }
    }

    fn name(&self, i: usize) -> Option<name::View<'_>> {
        let Column::Name { chars, sounds } = self else {
            return None;
        };
        Some(name::View {
            chars: chars.get(i),
            sounds: sounds.get(i),
        })
    }

    fn place(&self, i: usize) -> Option<place::View<'_>> {
        let Column::Address { han, numbers } = self else {
            return None;
        };
        Some(place::View {
            han: han.get(i),
            numbers: numbers.get(i),
        })
    }

    /// Same value, same hash; 0 when missing.
    pub fn term(&self, i: usize) -> u64 {
        match self {
            Column::Name { chars, .. } => term(chars.get(i)),
            Column::Number { numbers, .. } => numbers[i].hash(),
            Column::Address { .. } => self.place(i).map_or(0, place::View::hash),
            Column::Day(days) => u64::from(days[i]),
            Column::Text { texts, .. } => term(texts.get(i)),
        }
    }

    /// Makes a number missing; other fields keep their value.
    pub fn blank(&mut self, i: usize) {
        if let Column::Number { numbers, .. } = self {
            numbers[i] = Number::default();
        }
    }

    /// The verified number: two different ones are two people.
    pub fn verified(&self, i: usize) -> Option<u64> {
        match self {
            Column::Number { numbers, id: true } if numbers[i].state == State::Verified => {
                numbers[i].full()
            }
            _ => None,
        }
    }

    /// Part of a key; `None` when the value does not show it.
    pub fn part(&self, i: usize, part: Part) -> Option<u64> {
        let found = match (self, part) {
            (Column::Number { numbers, .. }, _) => return number_part(numbers[i], part),
            (_, Part::Full) => self.term(i),
            (Column::Name { chars, sounds }, Part::Head) => {
                let len = name::surname_len(chars.get(i));
                term(&sounds.get(i)[..len])
            }
            (Column::Name { chars, sounds }, Part::Given) => {
                let len = name::surname_len(chars.get(i));
                // One character is too common to meet by.
                let given = &sounds.get(i)[len..];
                if given.len() < 2 { 0 } else { term(given) }
            }
            (Column::Name { sounds, .. }, _) => any_order(sounds.get(i)),
            (Column::Address { .. }, Part::Door) => self.place(i)?.door(),
            (Column::Address { .. }, _) => self.place(i)?.tail(),
            (Column::Day(days), _) => u64::from(days[i]),
            (Column::Text { texts, .. }, Part::Head) => {
                let text = texts.get(i);
                term(&text[..text.len().min(3)])
            }
            (Column::Text { texts, .. }, _) => term(&latin::sound(texts.get(i))),
        };
        (found != 0).then_some(found)
    }
}

fn number_part(number: Number, part: Part) -> Option<u64> {
    if number.state == State::Missing {
        return None;
    }
    match part {
        Part::Tail | Part::Door => number.tail(),
        Part::Head => number.head(),
        Part::Ends => number.ends(),
        Part::Birth => Some(u64::from(number.birth())).filter(|b| *b != 0),
        Part::Full | Part::Sound | Part::Given => number.full(),
    }
}

fn term<T: Copy + Into<u64>>(items: &[T]) -> u64 {
    if items.is_empty() { 0 } else { hash_all(items) }
}

/// The same for every order of the sounds; 0 when there are none.
fn any_order(sounds: &[u32]) -> u64 {
    let sum = sounds
        .iter()
        .fold(0_u64, |h, s| h.wrapping_add(mix(1, u64::from(*s))));
    if sounds.is_empty() { 0 } else { sum.max(1) }
}

/// A day inside an ID number, or written in eight digits, or as year, month and
/// day with anything between.
fn day(text: &str) -> u32 {
    let number = number::id_number(text);
    if number.state != State::Missing {
        return number.birth();
    }
    let parts: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty() && part.len() <= 8)
        .map(|part| part.parse().unwrap_or(0))
        .collect();
    number::plausible_day(match parts[..] {
        [whole] => whole,
        [year, month, of_month] if year < 10_000 && month < 13 && of_month < 32 => {
            year * 10_000 + month * 100 + of_month
        }
        _ => 0,
    })
}

fn days_apart(a: u32, b: u32) -> Option<Level> {
    if a == 0 || b == 0 {
        return None;
    }
    latin::code(a.to_string().as_bytes(), b.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_in_every_spelling_and_from_what_a_mask_shows() {
        for text in [
            "19491231",
            "1949-12-31",
            "1949/12/31",
            "1949年12月31日",
            "11010519491231002X",
            "110105491231002",
            "11010519491231****",
        ] {
            assert_eq!(day(text), 19_491_231, "{text}");
        }
        assert_eq!(day("1985年3月2日"), 19_850_302);
        for text in [
            "",
            "x",
            "1949",
            "19491331",
            "2101**********1015",
            "1-2",
            "1 2 3 4",
        ] {
            assert_eq!(day(text), 0, "{text}");
        }
    }
}
