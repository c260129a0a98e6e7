//! Which must-visit groups a customer belongs to. The groups and their
//! predicates are data of a pack; their figures are parameters of the campaign;
//! bank files name a group by code, by tag or by its Chinese name, which is
//! understood here. Pure.

use super::words;
use crate::definition::{Definition, Scalar};
use std::collections::BTreeMap;
use zf_base::Day;
use zf_base::search::compare_key;
use zf_expr::Value;
use zf_forms::pack::{GroupMatcher, MustVisit};
use zf_kernel::error::{KernelError, Result};

/// Name of the group of parameters in a campaign file.
const PARAMETERS: &str = "must_visit";

/// What is known about a customer in clear.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// As in the bank's file.
    pub tags: Vec<String>,
    /// Occupation in words.
    pub occupation: Option<String>,
    /// Balance band in words.
    pub balance_band: Option<String>,
    /// Next deposit maturity.
    pub deposit_due_day: Option<Day>,
    /// Insurance payout.
    pub insurance_due_day: Option<Day>,
}

/// The groups of one campaign, ready to be asked.
pub struct Groups {
    matcher: GroupMatcher,
    /// How a tag may be written → the tag of the pack.
    spellings: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    figures: BTreeMap<String, i64>,
}

impl Groups {
    /// Compiles the groups of the packs with the figures of the campaign.
    ///
    /// # Errors
    /// A predicate that cannot be read with these figures.
    pub fn new(must_visit: &MustVisit, definition: &Definition) -> Result<Groups> {
        let mut figures = BTreeMap::new();
        for (name, value) in definition.parameters.get(PARAMETERS).into_iter().flatten() {
            if let Scalar::Int(n) = value {
                figures.insert(name.clone(), *n);
            }
        }
        let matcher = GroupMatcher::new(must_visit, &figures)
            .map_err(|p| KernelError::Internal(format!("must-visit groups: {}", p.len())))?;
        let mut spellings = BTreeMap::new();
        let mut names = BTreeMap::new();
        for group in &must_visit.groups {
            names.insert(group.code.clone(), group.name.zh.clone());
            let kinds = group.kinds.iter().map(|k| (&k.code, &k.tag, &k.name.zh));
            for (code, tag, name) in kinds.chain([(&group.code, &group.tag, &group.name.zh)]) {
                for way in [code, tag, name] {
                    spellings.insert(compare_key(way), tag.clone());
                }
            }
        }
        Ok(Groups {
            matcher,
            spellings,
            names,
            figures,
        })
    }

    /// A figure of the campaign, in days; 0 when it has none.
    pub fn days(&self, name: &str) -> i32 {
        self.figures
            .get(name)
            .and_then(|n| i32::try_from(*n).ok())
            .unwrap_or(0)
    }

    /// Name of a group for people; the code when no pack has it.
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.names.get(code).map_or(code, String::as_str)
    }

    /// Codes and points of the groups of one customer, in the pack's order.
    pub fn of(&self, known: &Known, today: Day) -> Vec<(&str, i64)> {
        let mut values = BTreeMap::new();
        let tags = known.tags.iter().filter_map(|t| self.tag(t)).collect();
        values.insert("tags".to_owned(), Value::Many(tags));
        if let Some(job) = &known.occupation {
            values.insert("job".to_owned(), Value::Text(job.clone()));
        }
        if let Some(floor) = known.balance_band.as_deref().and_then(words::band_floor) {
            values.insert("deposit_floor".to_owned(), Value::Money(floor));
        }
        let days = |day: Option<Day>| day.map(|d| Value::Int(i64::from(today.days_until(d))));
        if let Some(n) = days(known.deposit_due_day) {
            values.insert("days_to_deposit_maturity".to_owned(), n);
        }
        if let Some(n) = days(known.insurance_due_day) {
            values.insert("days_to_insurance_payout".to_owned(), n);
        }
        self.matcher.groups_of(&values, today)
    }

    /// The pack's tag for what a bank's file says: the same words, or a part of
    /// the name as banks shorten them.
    fn tag(&self, text: &str) -> Option<String> {
        let key = compare_key(text);
        if key.is_empty() {
            return None;
        }
        if let Some(tag) = self.spellings.get(&key) {
            return Some(tag.clone());
        }
        let part = |way: &String| words::is_part(&key, way);
        self.spellings
            .iter()
            .find(|(way, _)| part(way))
            .map(|(_, tag)| tag.clone())
    }
}
