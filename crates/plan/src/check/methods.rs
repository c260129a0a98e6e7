//! Whether the methods of visiting can be followed with what the campaign has
//! (CMP-006…008, 015…018): posts of the teams, material, scripts, gift
//! schemes; and whether the gifts of one market stay within the cap for a
//! customer (ERR-055). Knows the file only.

use super::Plan;
use super::finding::{Finding, Issue, Named, Repair, Severity};
use crate::definition::{Definition, GiftScheme, MarketKind, Method};
use std::collections::BTreeMap;
use zf_base::Fen;

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    for method in &plan.definition.method {
        out.extend(missing(plan, method));
    }
    for market in [MarketKind::Rural, MarketKind::Urban] {
        out.extend(over_cap(plan.definition, market));
    }
}

/// What a method names and the campaign does not have.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Lacking {
    /// Posts that no team of its kinds of visit has.
    pub posts: Vec<String>,
    /// Neither carried nor printed nor handed out.
    pub materials: Vec<String>,
    /// No such script.
    pub scripts: Vec<String>,
    /// No such gift scheme.
    pub gifts: Vec<String>,
}

impl Lacking {
    /// How many things.
    pub fn count(&self) -> usize {
        self.posts.len() + self.materials.len() + self.scripts.len() + self.gifts.len()
    }
}

fn without(all: &[String], known: impl Fn(&String) -> bool) -> Vec<String> {
    all.iter().filter(|x| !known(x)).cloned().collect()
}

/// What a method lacks; `covered_by` says which printed matter stands for what
/// is carried.
pub(super) fn lacking(
    d: &Definition,
    method: &Method,
    covered_by: &BTreeMap<String, Vec<String>>,
) -> Lacking {
    let teams = || d.team.iter().filter(|t| method.kinds.contains(&t.kind));
    let handed_out = d.warm_up.as_ref().map(|w| &w.hands_out);
    let there = |item: &String| {
        let m = &d.materials;
        let lists = [&m.carry, &m.printed, &m.county_prints];
        lists.iter().any(|list| list.contains(item)) || handed_out.is_some_and(|h| h.contains(item))
    };
    let covered = |item: &String| covered_by.get(item).is_some_and(|by| by.iter().any(there));
    Lacking {
        posts: without(&method.posts, |p| teams().any(|t| t.posts.contains(p))),
        materials: without(&method.materials, |item| there(item) || covered(item)),
        scripts: without(&method.scripts, |id| d.script.iter().any(|s| s.id == *id)),
        gifts: without(&method.gifts, |id| {
            d.gift_scheme.iter().any(|g| g.id == *id)
        }),
    }
}

fn missing(plan: &Plan<'_>, method: &Method) -> Option<Finding> {
    let d = plan.definition;
    let lacking = lacking(d, method, &plan.figures.covered_by);
    if lacking.count() == 0 {
        return None;
    }
    let named = Named::new(&method.id, &method.title);
    let mut repairs = Vec::new();
    if lacking.materials.len() == lacking.count() {
        repairs.push(Repair::Print {
            items: lacking.materials.clone(),
        });
    }
    repairs.push(Repair::MethodWithout {
        method: named.clone(),
        lacking: lacking.clone(),
    });
    Some(Finding {
        severity: Severity::Warning,
        requirement: "CMP-006",
        issue: Issue::MethodLacks {
            method: named,
            lacking,
        },
        repairs,
    })
}

/// Gift schemes that the methods of a market offer, each once.
pub(super) fn schemes(d: &Definition, market: MarketKind) -> Vec<&GiftScheme> {
    let methods = || d.method.iter().filter(|m| m.markets.contains(&market));
    let all = d.gift_scheme.iter();
    all.filter(|g| methods().any(|m| m.gifts.contains(&g.id)))
        .collect()
}

fn over_cap(d: &Definition, market: MarketKind) -> Option<Finding> {
    let offered = schemes(d, market);
    let total = Fen(offered.iter().map(|g| g.fen_per_customer.0).sum());
    let cap = d.gift.cap_fen_per_customer;
    if total <= cap {
        return None;
    }
    let named = offered.iter().map(|g| Named::new(&g.id, &g.title));
    Some(Finding {
        severity: Severity::Error,
        requirement: "ERR-055",
        issue: Issue::GiftOverCap {
            market,
            schemes: named.collect(),
            total,
            cap,
        },
        repairs: vec![Repair::GiftsWithin { market, cap, total }],
    })
}

/// The gifts of a market made smaller in proportion, rounded down to whole 分,
/// so that together they stay within the cap.
pub(super) fn within_cap(d: &Definition, market: MarketKind) -> Vec<(String, Fen)> {
    let offered = schemes(d, market);
    let total: i64 = offered.iter().map(|g| g.fen_per_customer.0).sum();
    let cap = d.gift.cap_fen_per_customer.0;
    let share = |fen: i64| (i128::from(fen) * i128::from(cap) / i128::from(total.max(1))) as i64;
    let smaller = |g: &&GiftScheme| (g.id.clone(), Fen(share(g.fen_per_customer.0)));
    offered.iter().map(smaller).collect()
}
