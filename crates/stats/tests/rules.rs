//! Rules over time: the ladder of the sources typed in by hand, the four alert
//! cases of Prometheus' own rule tests, recovery, missing days and late data,
//! and a million random streams against an oracle that looks every day up anew.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use zf_base::Day;
use zf_stats::rules::{Bound, Event, Latest, Missing, Reading, Rule, Step, When, replay};

const LADDER: &str = r#"
id = "quota-ladder"
[[step]]
when = { kind = "consecutive", below = 20, days = 2 }
event = "explain"
[[step]]
when = { kind = "consecutive", below = 20, days = 3 }
event = "notice"
repeat = "deduction"
[recover]
at_least = 20
[missing]
as = "unknown"
"#;

fn rule(text: &str) -> Rule {
    Rule::from_toml(text).unwrap()
}

/// Day `n` of a calendar in which every day counts.
fn day(n: usize) -> Day {
    let first: Day = "2016-10-08".parse().unwrap();
    first.plus_days(n as i32)
}

fn latest(values: &[Option<f64>]) -> Latest {
    let mut all = Latest::default();
    for (n, value) in values.iter().enumerate() {
        all.put(Reading {
            day: day(n),
            value: *value,
            denominator: None,
            received_at: n as i64,
        });
    }
    all
}

/// `day:event<since` of values, one a day; a negative one is not known.
fn told(rule: &Rule, values: &[i64]) -> String {
    let values: Vec<Option<f64>> = values
        .iter()
        .map(|v| (*v >= 0).then_some(*v as f64))
        .collect();
    let planned: Vec<Day> = (0..values.len()).map(day).collect();
    let place = |d: Day| planned.iter().position(|p| *p == d).unwrap();
    let last = day(values.len());
    let events = replay(rule, &planned, &latest(&values), last);
    let each = events
        .iter()
        .map(|e| format!("{}:{}<{}", place(e.day), e.event, place(e.since)));
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_ladder_explains_on_the_second_day_gives_notice_on_the_third_and_ends_on_the_day_the_quota_is_met()
 {
    // SUP-010, SUP-011, SUP-012.
    let ladder = rule(LADDER);
    assert_eq!(told(&ladder, &[19, 20, 19, 20]), "");
    assert_eq!(
        told(&ladder, &[25, 19, 18, 20]),
        "2:explain<1 3:recovered<1"
    );
    assert_eq!(
        told(&ladder, &[10, 0, 19, 5, 7, 20, 3]),
        "1:explain<0 2:notice<0 3:deduction<0 4:deduction<0 5:recovered<0"
    );
    // A new row begins from nothing.
    assert_eq!(
        told(&ladder, &[1, 1, 1, 21, 1, 1]),
        "1:explain<0 2:notice<0 3:recovered<0 5:explain<4"
    );
}

#[test]
fn a_day_of_which_nothing_is_known_neither_counts_nor_resets_unless_the_rule_says_otherwise() {
    let ladder = rule(LADDER);
    assert_eq!(
        told(&ladder, &[10, -1, 10, -1, -1, 10, -1, 4, 20]),
        "2:explain<0 5:notice<0 7:deduction<0 8:recovered<0"
    );
    let zero = rule(&LADDER.replace("\"unknown\"", "\"zero\""));
    assert_eq!(told(&zero, &[10, -1, 30, -1]), "1:explain<0 2:recovered<0");
    let breaks = rule(&LADDER.replace("\"unknown\"", "\"breaks\""));
    assert_eq!(told(&breaks, &[10, -1, 10, 10, -1, 10]), "3:explain<2");
}

#[test]
fn with_another_level_of_recovery_what_lies_between_ends_nothing_and_begins_nothing() {
    let text = LADDER.replace("at_least = 20", "at_least = 25");
    let ladder = rule(&text);
    assert_eq!(
        told(&ladder, &[10, 10, 22, 10, 10, 10, 24, 25, 10, 10]),
        "1:explain<0 5:notice<3 6:deduction<3 7:recovered<0 9:explain<8"
    );
}

#[test]
fn days_that_do_not_count_are_not_looked_at_and_hold_a_row_together() {
    // ERR-008: the holiday of 1–7 October between two visit days.
    let ladder = rule(LADDER);
    let days = |texts: &[&str]| -> Vec<Day> { texts.iter().map(|t| t.parse().unwrap()).collect() };
    let planned = days(&["2016-09-30", "2016-10-08", "2016-10-09"]);
    let mut all = Latest::default();
    for (n, (day, value)) in [
        ("2016-09-30", 5.0),
        ("2016-10-03", 99.0),
        ("2016-10-08", 6.0),
    ]
    .into_iter()
    .enumerate()
    {
        all.put(Reading {
            day: day.parse().unwrap(),
            value: Some(value),
            denominator: None,
            received_at: n as i64,
        });
    }
    let said = replay(&ladder, &planned, &all, planned[2]);
    let wanted = Event {
        day: planned[1],
        step: Some(0),
        event: "explain",
        since: planned[0],
    };
    assert_eq!(said, [wanted]);
}

#[test]
fn k_of_n_growth_small_denominators_and_cool_down() {
    let three_of_five = rule(
        "id = \"r\"\n[[step]]\nwhen = { kind = \"k_of_n\", above = 3, k = 3, n = 5 }\nevent = \"level1\"",
    );
    assert_eq!(
        told(&three_of_five, &[4, 0, 4, 0, 4, 0, 0, 4, 4, 4]),
        "4:level1<0 5:recovered<0 8:level1<4"
    );
    // RSK: more than a tenth up on the day before; nothing from 0.
    let growth = rule(
        "id = \"r\"\n[[step]]\nwhen = { kind = \"growth\", above = 0.1, over = 1 }\nevent = \"level1\"",
    );
    assert_eq!(
        told(&growth, &[100, 110, 122, 122, 0, 50]),
        "2:level1<2 3:recovered<2"
    );
    let cool = rule(
        "id = \"r\"\n[[step]]\nwhen = { kind = \"threshold\", above = 3 }\nevent = \"level1\"\ncool_down = 3",
    );
    assert_eq!(
        told(&cool, &[4, 0, 4, 4, 4, 0]),
        "0:level1<0 1:recovered<0 4:level1<2 5:recovered<2"
    );
    let rate = rule(
        "id = \"r\"\nmin_denominator = 30\n[[step]]\nwhen = { kind = \"threshold\", above = 0.03 }\nevent = \"level1\"",
    );
    let mut all = Latest::default();
    for (n, (value, denominator)) in [(0.5, 2.0), (0.05, 40.0)].into_iter().enumerate() {
        all.put(Reading {
            day: day(n),
            value: Some(value),
            denominator: Some(denominator),
            received_at: 0,
        });
    }
    let said = replay(&rate, &[day(0), day(1)], &all, day(1));
    assert_eq!(said.iter().map(|e| e.day).collect::<Vec<_>>(), [day(1)]);
}

/// `promtool test rules`, cmd/promtool/testdata/unittest.yml of Prometheus:
/// `AlwaysFiring` (expr 1) and `InstanceDown` (up == 0 for 5m) over 1,440
/// minutes of `up` = 0, one evaluation a minute, looked at after 0 and 1 day.
#[test]
fn the_four_alert_cases_of_prometheus_fire_and_do_not_fire_as_there() {
    let always = rule(
        "id = \"AlwaysFiring\"\n[[step]]\nwhen = { kind = \"threshold\", at_least = 1 }\nevent = \"firing\"",
    );
    // Pending from the first evaluation, firing when it has held for five minutes: at the sixth.
    let down = rule(
        "id = \"InstanceDown\"\n[[step]]\nwhen = { kind = \"consecutive\", at_most = 0, days = 6 }\nevent = \"firing\"",
    );
    let firing = |rule: &Rule, value: f64, until: usize| {
        let values = vec![Some(value); until + 1];
        let planned: Vec<Day> = (0..=until).map(day).collect();
        let events = replay(rule, &planned, &latest(&values), day(until));
        events.last().is_some_and(|e| e.event == "firing")
    };
    assert!(firing(&always, 1.0, 1_440));
    assert!(firing(&down, 0.0, 1_440));
    assert!(firing(&always, 1.0, 0));
    assert!(!firing(&down, 0.0, 0));
    // The same file: at 4m it is pending.
    assert!(!firing(&down, 0.0, 4));
    assert!(firing(&down, 0.0, 5));
}

#[test]
fn a_file_that_is_no_rule_is_told_what_it_needs() {
    for (text, wanted) in [
        ("id = \"r\"\nstep = []", "at least one step"),
        ("id = \"r\"", "step"),
        (&LADDER.replace("days = 2", "days = 0"), "days, from 1"),
        (
            &LADDER.replace("below = 20, days = 2", "days = 2"),
            "exactly one of",
        ),
        (
            &LADDER.replace("below = 20, days = 2", "below = 1, above = 2, days = 2"),
            "exactly one of",
        ),
        (
            &LADDER.replace("\"explain\"", "\"recovered\""),
            "name of the end",
        ),
        (&LADDER.replace("\"explain\"", "\" \""), "needs a name"),
        (
            &LADDER.replace("below = 20, days = 3", "below = nan, days = 3"),
            "finite",
        ),
        (&LADDER.replace("[missing]", "[mising]"), "mising"),
    ] {
        let fault = Rule::from_toml(text).unwrap_err().to_string();
        assert!(fault.contains(wanted), "{text}\n{fault}");
    }
}

// --- the oracle ---------------------------------------------------------------------------------

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn bound(&mut self) -> Bound {
        let x = self.below(5) as f64;
        match self.below(4) {
            0 => Bound::Below(x),
            1 => Bound::Above(x),
            2 => Bound::AtLeast(x),
            _ => Bound::AtMost(x),
        }
    }

    fn rule(&mut self) -> Rule {
        let steps = 1 + self.below(3);
        let step = |n: u64, r: &mut Random| {
            let when = match r.below(4) {
                0 => When::Threshold,
                1 => When::Consecutive(1 + r.below(4) as u32),
                2 => {
                    let n = 1 + r.below(5) as u32;
                    let k = 1 + r.below(u64::from(n)) as u32;
                    When::KOfN { k, n }
                }
                _ => When::Growth(1 + r.below(3) as u32),
            };
            Step {
                when,
                bound: r.bound(),
                event: format!("e{n}"),
                repeat: (r.below(3) == 0).then(|| format!("r{n}")),
                cool_down: r.below(4) as u32,
            }
        };
        Rule {
            id: "random".to_owned(),
            steps: (0..steps).map(|n| step(n, self)).collect(),
            recover: (self.below(3) > 0).then(|| self.bound()),
            missing: [Missing::Unknown, Missing::Zero, Missing::Breaks][self.below(3) as usize],
            min_denominator: (self.below(4) == 0).then_some(3.0),
        }
    }

    /// Late, corrected, doubled and missing readings, some of days that do not count.
    fn readings(&mut self) -> Vec<Reading> {
        let count = self.below(16);
        let mut all: Vec<Reading> = (0..count)
            .map(|_| Reading {
                day: day(self.below(14) as usize),
                value: (self.below(6) > 0).then(|| self.below(6) as f64),
                denominator: (self.below(3) == 0).then(|| self.below(6) as f64),
                received_at: self.below(4) as i64,
            })
            .collect();
        if let Some(twin) = all.first().copied() {
            all.push(twin);
        }
        all
    }
}

/// What the bank of readings says of a day, looked up in the whole list.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    Value(f64),
    Nothing,
    Break,
}

fn said(rule: &Rule, all: &[Reading], day: Day) -> Said {
    let newest = all.iter().filter(|r| r.day == day).max_by(|a, b| {
        let key = |r: &Reading| {
            let value = r.value.map_or(-1.0, |v| v);
            (r.received_at, value, r.denominator.unwrap_or(-1.0))
        };
        key(a).partial_cmp(&key(b)).unwrap()
    });
    let value = newest.and_then(|r| {
        let few = matches!((r.denominator, rule.min_denominator), (Some(n), Some(m)) if n < m);
        if few { None } else { r.value }
    });
    match (value, rule.missing) {
        (Some(v), _) => Said::Value(v),
        (None, Missing::Unknown) => Said::Nothing,
        (None, Missing::Zero) => Said::Value(0.0),
        (None, Missing::Breaks) => Said::Break,
    }
}

/// A fault that is put into the oracle on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    MissingResets,
    OldestWins,
    EndForgetsNothing,
}

fn within(bound: Bound, v: f64) -> bool {
    match bound {
        Bound::Below(x) => v < x,
        Bound::Above(x) => v > x,
        Bound::AtLeast(x) => v >= x,
        Bound::AtMost(x) => v <= x,
    }
}

/// Where a step's condition began when it holds on the last of `days`, found by
/// going back from there; nothing before `from` counts.
fn began(step: &Step, days: &[Said], from: usize, fault: Fault) -> Option<usize> {
    let i = days.len() - 1;
    let there = |j: usize| matches!(days[j], Said::Value(v) if within(step.bound, v));
    match step.when {
        When::Threshold | When::Consecutive(_) => {
            let wanted = match step.when {
                When::Consecutive(n) => n as usize,
                _ => 1,
            };
            let mut row = vec![];
            for j in (from..=i).rev() {
                match days[j] {
                    Said::Nothing if fault == Fault::MissingResets => break,
                    Said::Nothing => {}
                    Said::Break => break,
                    Said::Value(_) if there(j) => row.push(j),
                    Said::Value(_) => break,
                }
            }
            (row.len() >= wanted).then(|| *row.last().unwrap())
        }
        When::KOfN { k, n } => {
            let window: Vec<usize> = (from..=i).rev().take(n as usize).collect();
            let bad: Vec<usize> = window.into_iter().filter(|j| there(*j)).collect();
            (bad.len() >= k as usize).then(|| *bad.last().unwrap())
        }
        When::Growth(over) => {
            let before = i.checked_sub(over as usize).map(|j| days[j]);
            let (Some(Said::Value(b)), Said::Value(v)) = (before, days[i]) else {
                return None;
            };
            (b != 0.0 && within(step.bound, (v - b) / b.abs())).then_some(i)
        }
    }
}

fn oracle(rule: &Rule, planned: &[Day], all: &[Reading], last: Day, fault: Fault) -> Vec<String> {
    let Some(first) = all.iter().map(|r| r.day).min() else {
        return vec![];
    };
    let days: Vec<Day> = planned
        .iter()
        .copied()
        .filter(|d| *d >= first && *d <= last)
        .collect();
    let said: Vec<Said> = days.iter().map(|d| said(rule, all, *d)).collect();
    let mut out = vec![];
    let mut from = 0;
    // Of each step: said on, since.
    let mut open: Vec<Option<usize>> = vec![None; rule.steps.len()];
    let mut told: Vec<Vec<usize>> = vec![vec![]; rule.steps.len()];
    for i in 0..days.len() {
        let Said::Value(v) = said[i] else { continue };
        let hold: Vec<_> = rule
            .steps
            .iter()
            .map(|s| began(s, &said[..=i], from.min(i), fault))
            .collect();
        let ends = rule
            .recover
            .map_or(hold.iter().all(Option::is_none), |r| within(r, v));
        if ends {
            if let Some(since) = open.iter().flatten().min() {
                out.push(format!("{} recovered {}", days[i], days[*since]));
            }
            open.fill(None);
            if rule.recover.is_some() && fault != Fault::EndForgetsNothing {
                from = i + 1;
            }
            continue;
        }
        for (n, step) in rule.steps.iter().enumerate() {
            if let Some(since) = open[n] {
                if let Some(again) = &step.repeat {
                    out.push(format!("{} {again} {}", days[i], days[since]));
                }
                continue;
            }
            let quiet = told[n].iter().any(|t| i - t <= step.cool_down as usize);
            if let (Some(since), false) = (hold[n], quiet) {
                open[n] = Some(since);
                told[n].push(i);
                out.push(format!("{} {} {}", days[i], step.event, days[since]));
            }
        }
    }
    out
}

fn engine(rule: &Rule, planned: &[Day], all: &[Reading], last: Day) -> Vec<String> {
    let mut latest = Latest::default();
    all.iter().for_each(|r| latest.put(*r));
    let events = replay(rule, planned, &latest, last);
    let line = |e: &Event<'_>| format!("{} {} {}", e.day, e.event, e.since);
    events.iter().map(line).collect()
}

/// How many of `streams` differ from an oracle with a fault.
fn unlike(streams: usize, fault: Fault) -> usize {
    let mut random = Random(42);
    let mut differ = 0;
    for _ in 0..streams {
        let rule = random.rule();
        let mut all = random.readings();
        let planned: BTreeSet<usize> = (0..12).map(|_| random.below(14) as usize).collect();
        let planned: Vec<Day> = planned.into_iter().map(day).collect();
        let last = day(random.below(16) as usize);
        let wanted = match fault {
            Fault::OldestWins => {
                let mut turned = all.clone();
                turned
                    .iter_mut()
                    .for_each(|r| r.received_at = -r.received_at);
                oracle(&rule, &planned, &turned, last, Fault::None)
            }
            _ => oracle(&rule, &planned, &all, last, fault),
        };
        let said = engine(&rule, &planned, &all, last);
        // In another order, the same.
        for at in (1..all.len()).rev() {
            all.swap(at, random.below(at as u64 + 1) as usize);
        }
        let shuffled = engine(&rule, &planned, &all, last);
        differ += usize::from(said != wanted || shuffled != wanted);
    }
    differ
}

#[test]
fn a_million_random_streams_agree_with_an_oracle_that_looks_every_day_up_anew() {
    assert_eq!(unlike(1_000_000, Fault::None), 0);
}

#[test]
fn the_oracle_sees_an_engine_that_counts_otherwise() {
    for fault in [
        Fault::MissingResets,
        Fault::OldestWins,
        Fault::EndForgetsNothing,
    ] {
        let seen = unlike(100_000, fault);
        assert!(seen > 100, "{fault:?}: {seen}");
    }
}
