//! The readings of one unit against a rule, from the first day to the last.
//! One pass, a few numbers per step; nothing is remembered between two calls.
//! It knows no calendar: the days that count come in, events go out.

use super::{Missing, Rule, When};
use std::collections::BTreeMap;
use zf_base::Day;

/// What is said when a rule ends.
pub const RECOVERED: &str = "recovered";

/// A reading of one day. Later ones of the same day replace earlier ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The day it is about.
    pub day: Day,
    /// Its value; none says that it is not known.
    pub value: Option<f64>,
    /// Over how many it was taken, when it is a rate.
    pub denominator: Option<f64>,
    /// When it came, in any count that grows.
    pub received_at: i64,
}

/// Something that a rule says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event<'r> {
    /// The day.
    pub day: Day,
    /// Place of the step in the rule; none for the end.
    pub step: Option<usize>,
    /// What is said.
    pub event: &'r str,
    /// The day with which it began; of an end, the earliest of what ends.
    pub since: Day,
}

/// The newest reading of each day, whatever the order in which they come. Of
/// two that came at the same moment the known one is taken, then the larger:
/// any choice that does not hang on the order would do.
#[derive(Clone, Debug, Default)]
pub struct Latest(BTreeMap<Day, Reading>);

impl Latest {
    /// Takes a reading in.
    pub fn put(&mut self, new: Reading) {
        let known = self.0.entry(new.day).or_insert(new);
        if rank(&new) > rank(known) {
            *known = new;
        }
    }

    /// The first and the last day of which something came.
    pub fn span(&self) -> Option<(Day, Day)> {
        Some((*self.0.first_key_value()?.0, *self.0.last_key_value()?.0))
    }
}

/// Finite numbers in their order as integers.
fn order(value: Option<f64>) -> (bool, i64) {
    let bits = value.unwrap_or(0.0).to_bits() as i64;
    (value.is_some(), bits ^ (((bits >> 63) as u64) >> 1) as i64)
}

fn rank(r: &Reading) -> (i64, (bool, i64), (bool, i64)) {
    (r.received_at, order(r.value), order(r.denominator))
}

/// What a rule says of the readings of one unit, day by day; on each day the
/// steps in their order, or the end. `planned`: the days that count, ascending;
/// readings of other days are not looked at. Before its first reading a unit is
/// not known; days after `last` are yet to come.
pub fn replay<'r>(rule: &'r Rule, planned: &[Day], readings: &Latest, last: Day) -> Vec<Event<'r>> {
    let Some((first, _)) = readings.span() else {
        return vec![];
    };
    let from = planned.partition_point(|day| *day < first);
    let until = planned.partition_point(|day| *day <= last);
    let days = planned.get(from..until).unwrap_or_default();
    let mut row = Row {
        rule,
        days,
        values: days.iter().map(|day| rule.value(readings, *day)).collect(),
        after: 0,
        steps: vec![Standing::default(); rule.steps.len()],
        events: vec![],
    };
    for i in 0..days.len() {
        row.day(i);
    }
    row.events
}

/// What is known of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Known(f64),
    /// Neither counts nor resets.
    Unknown,
    Breaks,
}

impl Rule {
    fn value(&self, readings: &Latest, day: Day) -> Value {
        let reading = readings.0.get(&day).filter(|r| {
            let pair = r.denominator.zip(self.min_denominator);
            pair.is_none_or(|(n, least)| n >= least)
        });
        match (reading.and_then(|r| r.value), self.missing) {
            (Some(value), _) if value.is_finite() => Value::Known(value),
            (_, Missing::Unknown) => Value::Unknown,
            (_, Missing::Zero) => Value::Known(0.0),
            (_, Missing::Breaks) => Value::Breaks,
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// Known days in a row on which the bound held, and the first of them.
    run: u32,
    run_from: usize,
    /// It was said and has not ended: the day with which it began.
    since: Option<usize>,
    /// The day on which it was said last.
    last_said: Option<usize>,
}

struct Row<'r, 'd> {
    rule: &'r Rule,
    days: &'d [Day],
    values: Vec<Value>,
    /// Days before this one belong to a row that has ended.
    after: usize,
    steps: Vec<Standing>,
    events: Vec<Event<'r>>,
}

impl Row<'_, '_> {
    fn day(&mut self, i: usize) {
        let value = match self.values[i] {
            Value::Known(value) => value,
            Value::Unknown => return,
            Value::Breaks => {
                // Of the rows only: what was said goes on until it is known to have ended.
                self.steps.iter_mut().for_each(|s| s.run = 0);
                return;
            }
        };
        self.count(i, value);
        let begun: Vec<Option<usize>> = (0..self.steps.len()).map(|n| self.holds(i, n)).collect();
        let ends = match self.rule.recover {
            Some(recover) => recover.holds(value),
            None => begun.iter().all(Option::is_none),
        };
        if ends {
            return self.end(i);
        }
        for (n, begun) in begun.into_iter().enumerate() {
            self.step(i, n, begun);
        }
    }

    /// Rows of days on which the bound holds.
    fn count(&mut self, i: usize, value: f64) {
        for (step, standing) in self.rule.steps.iter().zip(&mut self.steps) {
            if !step.bound.holds(value) {
                standing.run = 0;
                continue;
            }
            if standing.run == 0 {
                standing.run_from = i;
            }
            standing.run += 1;
        }
    }

    /// The day with which a step's condition began, when it holds on this one.
    fn holds(&self, i: usize, n: usize) -> Option<usize> {
        let (step, standing) = (&self.rule.steps[n], &self.steps[n]);
        let known = |j: usize| match self.values[j] {
            Value::Known(value) => Some(value),
            Value::Unknown | Value::Breaks => None,
        };
        match step.when {
            When::Threshold => (standing.run > 0).then_some(standing.run_from),
            When::Consecutive(days) => (standing.run >= days).then_some(standing.run_from),
            When::KOfN { k, n } => {
                let window = self.after.max((i + 1).saturating_sub(n as usize))..=i;
                let mut there = window.filter(|j| known(*j).is_some_and(|v| step.bound.holds(v)));
                let first = there.next()?;
                (there.count() + 1 >= k as usize).then_some(first)
            }
            When::Growth(over) => {
                let before = known(i.checked_sub(over as usize)?).filter(|b| *b != 0.0)?;
                let grown = (known(i)? - before) / before.abs();
                step.bound.holds(grown).then_some(i)
            }
        }
    }

    fn step(&mut self, i: usize, n: usize, begun: Option<usize>) {
        let (step, standing) = (&self.rule.steps[n], &mut self.steps[n]);
        let told = |event, since: usize| Event {
            day: self.days[i],
            step: Some(n),
            event,
            since: self.days[since],
        };
        if let Some(since) = standing.since {
            let again = step.repeat.as_deref().map(|event| told(event, since));
            return self.events.extend(again);
        }
        let Some(since) = begun else { return };
        let quiet = standing
            .last_said
            .is_some_and(|last| i - last <= step.cool_down as usize);
        if quiet {
            return;
        }
        standing.since = Some(since);
        standing.last_said = Some(i);
        self.events.push(told(step.event.as_str(), since));
    }

    fn end(&mut self, i: usize) {
        let since = self.steps.iter_mut().filter_map(|s| s.since.take()).min();
        self.events.extend(since.map(|since| Event {
            day: self.days[i],
            step: None,
            event: RECOVERED,
            since: self.days[since],
        }));
        if self.rule.recover.is_some() {
            self.after = i + 1;
            self.steps.iter_mut().for_each(|s| s.run = 0);
        }
    }
}
