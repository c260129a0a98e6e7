//! A rule from its file (`RULE.toml`): the text in, a rule or the first fault
//! with its place out. What the file may hold is here; what a rule means, in
//! `super`. It reads no file itself.

use super::{Bound, Missing, RECOVERED, Rule, Step, When};
use serde::Deserialize;

/// What is wrong with a rule's file: the reader's own words, with line and
/// column where it has them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn from_toml(text: &str) -> Result<Rule, RuleError> {
        let raw: RawRule =
            toml::from_str(text).map_err(|e| RuleError(e.to_string().trim_end().to_owned()))?;
        Rule::try_from(raw).map_err(|e| RuleError(e.to_owned()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    step: Vec<RawStep>,
    #[serde(default)]
    recover: Option<RawRecover>,
    #[serde(default)]
    missing: Option<RawMissing>,
    #[serde(default)]
    min_denominator: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    when: Condition,
    event: Name,
    repeat: Option<Name>,
    #[serde(default)]
    cool_down: u32,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Name, &'static str> {
        match text.trim() {
            "" => Err("an event needs a name"),
            RECOVERED => Err("recovered is the name of the end"),
            name => Ok(Name(name.to_owned())),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWhen {
    kind: Kind,
    below: Option<f64>,
    above: Option<f64>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    days: Option<u32>,
    k: Option<u32>,
    n: Option<u32>,
    over: Option<u32>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Threshold,
    Consecutive,
    KOfN,
    Growth,
}

#[derive(Deserialize)]
#[serde(try_from = "RawWhen")]
struct Condition(When, Bound);

impl TryFrom<RawWhen> for Condition {
    type Error = &'static str;
    fn try_from(raw: RawWhen) -> Result<Condition, &'static str> {
        let bound = bound([raw.below, raw.above, raw.at_least, raw.at_most])?;
        let when = match (raw.kind, raw.days, raw.k, raw.n, raw.over) {
            (Kind::Threshold, None, None, None, None) => When::Threshold,
            (Kind::Consecutive, Some(1..), None, None, None) => {
                When::Consecutive(raw.days.unwrap_or(1))
            }
            (Kind::KOfN, None, Some(k @ 1..), Some(n), None) if k <= n => When::KOfN { k, n },
            (Kind::Growth, None, None, None, Some(over @ 1..)) => When::Growth(over),
            (Kind::Threshold, ..) => return Err("threshold takes a bound and nothing else"),
            (Kind::Consecutive, ..) => return Err("consecutive takes days, from 1"),
            (Kind::KOfN, ..) => return Err("k_of_n takes k and n, 1 <= k <= n"),
            (Kind::Growth, ..) => return Err("growth takes over, from 1"),
        };
        Ok(Condition(when, bound))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBound {
    below: Option<f64>,
    above: Option<f64>,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

#[derive(Deserialize)]
#[serde(try_from = "RawBound")]
struct RawRecover(Bound);

impl TryFrom<RawBound> for RawRecover {
    type Error = &'static str;
    fn try_from(raw: RawBound) -> Result<RawRecover, &'static str> {
        bound([raw.below, raw.above, raw.at_least, raw.at_most]).map(RawRecover)
    }
}

fn bound(given: [Option<f64>; 4]) -> Result<Bound, &'static str> {
    let bound = match given {
        [Some(x), None, None, None] => (Bound::Below(x), x),
        [None, Some(x), None, None] => (Bound::Above(x), x),
        [None, None, Some(x), None] => (Bound::AtLeast(x), x),
        [None, None, None, Some(x)] => (Bound::AtMost(x), x),
        _ => return Err("exactly one of below, above, at_least and at_most is needed"),
    };
    match bound.1.is_finite() {
        true => Ok(bound.0),
        false => Err("a bound is a finite number"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMissing {
    r#as: As,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum As {
    Unknown,
    Zero,
    Breaks,
}

impl TryFrom<RawRule> for Rule {
    type Error = &'static str;
    fn try_from(raw: RawRule) -> Result<Rule, &'static str> {
        if raw.id.trim().is_empty() {
            return Err("id must not be empty");
        }
        if raw.step.is_empty() {
            return Err("at least one step is needed");
        }
        if raw
            .min_denominator
            .is_some_and(|n| !(n >= 0.0 && n.is_finite()))
        {
            return Err("min_denominator is a number from 0");
        }
        let step = |raw: RawStep| Step {
            when: raw.when.0,
            bound: raw.when.1,
            event: raw.event.0,
            repeat: raw.repeat.map(|name| name.0),
            cool_down: raw.cool_down,
        };
        Ok(Rule {
            id: raw.id,
            steps: raw.step.into_iter().map(step).collect(),
            recover: raw.recover.map(|r| r.0),
            missing: match raw.missing.map(|m| m.r#as) {
                None | Some(As::Unknown) => Missing::Unknown,
                Some(As::Zero) => Missing::Zero,
                Some(As::Breaks) => Missing::Breaks,
            },
            min_denominator: raw.min_denominator,
        })
    }
}
