//! Which must-visit groups a customer belongs to. The groups and their
//! predicates are data of a pack, changed by the bank's own published rules;
//! their figures are parameters of the campaign; bank files name a group by
//! code, by tag or by its Chinese name, which is understood here. What the
//! branch has ticked for a household goes before what a file says. Pure.

use super::words;
use crate::definition::{Definition, Scalar};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
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
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// Products held, in words.
    pub products: Vec<String>,
    /// `rural` or `urban`, of the branch.
    pub market: Option<String>,
    /// Name of the village group.
    pub village_group: Option<String>,
    /// Customers of the household.
    pub members: Option<i64>,
    /// The last visit.
    pub last_visit_day: Option<Day>,
    /// All of the four fields are there.
    pub four_fields: Option<bool>,
    /// Source channel.
    pub channel: Option<String>,
    /// What the branch has ticked for the household: tag and yes or no.
    pub ticks: Vec<(String, bool)>,
}

/// Why a customer is in a group; the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The branch has ticked it.
    Tick,
    /// A file says so.
    File,
    /// The rule holds.
    Rule,
}

impl How {
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            How::Tick => "tick",
            How::File => "file",
            How::Rule => "rule",
        }
    }
}

/// The groups of one campaign, ready to be asked.
pub struct Groups {
    matcher: GroupMatcher,
    /// How a tag may be written → the tag of the pack.
    spellings: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    /// Code → its tag.
    tags: BTreeMap<String, String>,
    figures: BTreeMap<String, i64>,
    /// What any of the predicates reads.
    read: BTreeSet<String>,
}

/// Why a customer is in a group: its code, its points, all that speaks for it.
type Why<'g> = (&'g str, i64, Vec<How>);

impl Groups {
    /// Compiles the groups of the packs with the figures of the campaign.
    ///
    /// # Errors
    /// A predicate that cannot be read with these figures.
    pub fn new(must_visit: &MustVisit, definition: &Definition) -> Result<Groups> {
        Groups::with(must_visit, &figures_of(definition))
    }

    /// Compiles the groups with these figures.
    ///
    /// # Errors
    /// A predicate that cannot be read with these figures.
    pub fn with(must_visit: &MustVisit, figures: &BTreeMap<String, i64>) -> Result<Groups> {
        let matcher = GroupMatcher::new(must_visit, figures)
            .map_err(|p| KernelError::Internal(format!("must-visit groups: {}", p.len())))?;
        let mut spellings = BTreeMap::new();
        let mut names = BTreeMap::new();
        let mut tags = BTreeMap::new();
        for group in &must_visit.groups {
            names.insert(group.code.clone(), group.name.zh.clone());
            tags.insert(group.code.clone(), group.tag.clone());
            let kinds = group.kinds.iter().map(|k| (&k.code, &k.tag, &k.name.zh));
            for (code, tag, name) in kinds.chain([(&group.code, &group.tag, &group.name.zh)]) {
                for way in [code, tag, name] {
                    spellings.insert(compare_key(way), tag.clone());
                }
            }
        }
        let read = tags.keys().flat_map(|code| matcher.reads(code));
        let read = read.map(str::to_owned).collect();
        Ok(Groups {
            read,
            matcher,
            spellings,
            names,
            tags,
            figures: figures.clone(),
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

    /// Tag of a group.
    pub fn tag_of(&self, code: &str) -> Option<&str> {
        self.tags.get(code).map(String::as_str)
    }

    /// Variables and parameters that the rule of a group reads.
    pub fn reads(&self, code: &str) -> Vec<&str> {
        self.matcher.reads(code)
    }

    /// The figures, by name.
    pub fn figures(&self) -> &BTreeMap<String, i64> {
        &self.figures
    }

    /// Codes and points of the groups of one customer, in the pack's order.
    pub fn of(&self, known: &Known, today: Day) -> Vec<(&str, i64)> {
        self.why(known, today)
            .into_iter()
            .map(|(code, points, _)| (code, points))
            .collect()
    }

    /// The same with everything that speaks for it, the strongest first.
    pub fn why(&self, known: &Known, today: Day) -> Vec<Why<'_>> {
        let tags = known.tags.iter().filter_map(|t| self.tag(t)).collect();
        self.why_of(&self.values(known, tags, today), known, today)
    }

    /// [`Groups::why`] for many customers one after the other.
    pub fn asker(&self, today: Day) -> Asker<'_> {
        Asker {
            groups: self,
            today,
            tags: HashMap::new(),
            answers: HashMap::new(),
            key: String::new(),
        }
    }

    fn why_of(&self, values: &BTreeMap<String, Value>, known: &Known, today: Day) -> Vec<Why<'_>> {
        let hits = self.matcher.hits(values, today);
        let mut found = Vec::new();
        for hit in hits {
            let tag = self.tags.get(hit.code);
            let ticked = known.ticks.iter().find(|(t, _)| Some(t) == tag);
            let ticked = ticked.map(|(_, yes)| *yes);
            if ticked == Some(false) {
                continue;
            }
            let all = [
                (ticked == Some(true), How::Tick),
                (hit.tag, How::File),
                (hit.rule, How::Rule),
            ];
            let all: Vec<How> = all
                .into_iter()
                .filter_map(|(is, h)| is.then_some(h))
                .collect();
            if !all.is_empty() {
                found.push((hit.code, hit.priority, all));
            }
        }
        found
    }

    /// What the predicates read of one customer, and the tags of the pack.
    fn values(&self, known: &Known, tags: Vec<String>, today: Day) -> BTreeMap<String, Value> {
        let text = |t: &Option<String>| t.clone().map(Value::Text);
        let days = |day: Option<Day>| day.map(|d| Value::Int(i64::from(today.days_until(d))));
        let value = |name: &str| match name {
            "products" => Some(Value::Many(known.products.clone())),
            "job" => text(&known.occupation),
            "deposit_floor" => {
                let floor = known.balance_band.as_deref().and_then(words::band_floor);
                floor.map(Value::Money)
            }
            "days_to_deposit_maturity" => days(known.deposit_due_day),
            "days_to_insurance_payout" => days(known.insurance_due_day),
            "days_since_visit" => {
                let since = known.last_visit_day.map(|d| i64::from(d.days_until(today)));
                since.map(Value::Int)
            }
            "age" => {
                let age = known.birth_year.map(|y| i64::from(today.year()) - y);
                age.map(Value::Int)
            }
            "sex" => text(&known.sex),
            "market" => text(&known.market),
            "village_group" => text(&known.village_group),
            "members" => known.members.map(Value::Int),
            "four_fields" => known.four_fields.map(Value::Bool),
            "channel" => text(&known.channel),
            _ => None,
        };
        // Most rules read one or two of them; nothing else is worth a copy.
        let read = self.read.iter();
        let mut values: BTreeMap<String, Value> = read
            .filter_map(|name| Some((name.clone(), value(name)?)))
            .collect();
        values.insert("tags".to_owned(), Value::Many(tags));
        values
    }

    /// The pack's tag for what a bank's file says: the same words, or a part of
    /// the name as banks shorten them.
    pub fn tag(&self, text: &str) -> Option<String> {
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

/// Asks the groups about many customers. A rule reads few columns with few
/// values, so most customers get an answer that was worked out before.
pub struct Asker<'g> {
    groups: &'g Groups,
    today: Day,
    tags: HashMap<String, Option<String>>,
    /// By everything an answer depends on.
    answers: HashMap<String, Vec<Why<'g>>>,
    key: String,
}

impl<'g> Asker<'g> {
    /// As [`Groups::why`].
    pub fn why(&mut self, known: &Known) -> &[Why<'g>] {
        let (groups, today) = (self.groups, self.today);
        let mut tags = Vec::new();
        for text in &known.tags {
            if !self.tags.contains_key(text) {
                self.tags.insert(text.clone(), groups.tag(text));
            }
            tags.extend(self.tags.get(text).cloned().flatten());
        }
        let values = groups.values(known, tags, today);
        self.key.clear();
        // Writing into a text cannot fail.
        let _ = write!(self.key, "{values:?}{:?}", known.ticks);
        if !self.answers.contains_key(&self.key) {
            let answer = groups.why_of(&values, known, today);
            self.answers.insert(self.key.clone(), answer);
        }
        self.answers.get(&self.key).map_or(&[], Vec::as_slice)
    }
}

/// The figures of `[parameters.must_visit]` of a campaign.
pub fn figures_of(definition: &Definition) -> BTreeMap<String, i64> {
    let mut figures = BTreeMap::new();
    for (name, value) in definition.parameters.get(PARAMETERS).into_iter().flatten() {
        if let Scalar::Int(n) = value {
            figures.insert(name.clone(), *n);
        }
    }
    figures
}
