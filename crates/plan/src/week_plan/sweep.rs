//! What a preliminary visit needs beside its route: who opens the doors of a
//! village group, what is taken along and what is left behind. All of it comes from
//! the campaign's definition; nothing of households is known here.

use super::assign::RouteKind;
use super::{Route, words};
use crate::definition::Definition;
use zf_kernel::App;

/// In words, for one route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// Posts that open the doors; empty on other visits.
    pub openers: Vec<String>,
    /// Taken along.
    pub materials: Vec<String>,
    /// Left behind.
    pub traces: Vec<String>,
}

/// What a route needs; nothing unless it sweeps a village group.
pub fn takes(app: &App, definition: &Definition, route: &Route) -> Takes {
    if RouteKind::of(&route.kind) != RouteKind::Preliminary {
        return Takes::default();
    }
    let code = route.team_code.rsplit_once('-').map_or("", |(id, _)| id);
    let team = definition.team.iter().find(|t| t.id == code);
    let outside = team.and_then(|t| t.outside_posts.as_ref());
    let post = |code: &String| {
        let known = app.packs.post(code);
        known.map_or_else(|| code.clone(), |p| p.name.zh.clone())
    };
    let thing = |code: &String| words::thing(code).to_owned();
    Takes {
        openers: outside.into_iter().flatten().map(post).collect(),
        materials: definition.materials.carry.iter().map(thing).collect(),
        traces: definition.evidence.traces.iter().map(thing).collect(),
    }
}
