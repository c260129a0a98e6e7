//! What a visit needs beside its route: which method it follows, and for a
//! preliminary visit who opens the doors of a village group, what is taken along
//! and what is left behind. All of it comes from the campaign's definition;
//! nothing of households is known here.

use super::assign::RouteKind;
use super::{Route, words};
use crate::definition::{Definition, Method, VisitKind};
use serde::Serialize;
use utoipa::ToSchema;
use zf_kernel::App;
use zf_kernel::unit::Unit;

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

/// A method of visiting in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MethodView {
    /// Title.
    pub title: String,
    /// Steps in order.
    pub steps: Vec<String>,
    /// Posts that come along, and people through whom one comes in.
    pub with: Vec<String>,
    /// What goes along.
    pub materials: Vec<String>,
    /// Gifts with the most that one customer gets.
    pub gifts: Vec<String>,
}

/// Kinds of visit of a route: a sweep is a first visit; another route makes
/// those of the other kinds that the phase of its day has.
fn kinds_of(definition: &Definition, route: &Route) -> Vec<VisitKind> {
    if RouteKind::of(&route.kind) == RouteKind::Preliminary {
        return vec![VisitKind::First];
    }
    let on_day = |p: &&crate::definition::Phase| p.start <= route.day && route.day <= p.end;
    let phase = definition.phase.iter().find(on_day);
    let kinds = phase.into_iter().flat_map(|p| p.kinds.iter().copied());
    kinds.filter(|k| *k != VisitKind::First).collect()
}

/// Which methods a route follows at this branch.
pub fn methods<'d>(definition: &'d Definition, unit: &Unit, route: &Route) -> Vec<&'d Method> {
    let (market, area) = (unit.market_kind.as_deref(), unit.area_kind.as_deref());
    definition.methods_of(&kinds_of(definition, route), market, area)
}

/// A method for people.
pub fn method_view(app: &App, definition: &Definition, method: &Method) -> MethodView {
    let post = |code: &String| {
        let known = app.packs.post(code);
        known.map_or_else(|| words::ally(code).to_owned(), |p| p.name.zh.clone())
    };
    let gifts = definition.gifts_of(method);
    let gift = |g: &&crate::definition::GiftScheme| {
        words::gift(&g.title, g.tied_to.as_deref(), g.fen_per_customer)
    };
    let with = method.posts.iter().chain(&method.through);
    MethodView {
        title: method.title.clone(),
        steps: method.steps.clone(),
        with: with.map(post).collect(),
        materials: method
            .materials
            .iter()
            .map(|m| words::thing(m).to_owned())
            .collect(),
        gifts: gifts.iter().map(gift).collect(),
    }
}
