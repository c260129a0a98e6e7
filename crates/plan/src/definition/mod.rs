//! The campaign file as a typed value. It comes as TOML (Chinese keys allowed)
//! or as JSON from the API, is read strictly with every fault reported at its
//! place, and goes out as TOML or JSON. Pure: it knows no database, no clock
//! and not whether the campaign can be done — that is `check`.

mod alias;
pub mod diff;
#[cfg(test)]
mod edit_tests;
pub mod form;
pub mod method;
pub mod model;
pub mod parameter;
pub mod prepare;
#[macro_use]
pub mod read;
mod source;
#[cfg(test)]
mod tests;
pub mod words;

pub use method::{GiftScheme, MarketKind, Method};
pub use model::*;
pub use prepare::{Meeting, StockItem};
pub use read::{DefinitionError, What};
pub use zf_forms::pack::Aliases;

use read::{Node, Reader};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The format this program reads and writes.
pub const FORMAT: &str = "zoufang-campaign-1";

/// Key of the format.
const FORMAT_KEY: &str = "format";

macro_rules! definition {
    ($($(#[$meta:meta])* $field:ident : $type:ty = $need:ident;)*) => {
        /// A whole campaign file.
        #[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
        pub struct Definition {
            /// Always `zoufang-campaign-1`.
            pub format: String,
            $($(#[$meta])* pub $field: $type,)*
        }
        impl Definition {
            /// Every section with what its keys take, in the order of the file.
            pub fn shape() -> Vec<read::Entry> {
                vec![$(read::Entry {
                    required: definition!(@needed $need),
                    ..read::entry::<$type>(stringify!($field), &[])
                }),*]
            }
            fn read(root: &Node, r: &mut Reader) -> Option<Definition> {
                let entries = r.table(root, "")?;
                r.refuse_others(entries, "", &[FORMAT_KEY $(, stringify!($field))*]);
                let format: Option<String> = r.field(root, entries, "", FORMAT_KEY);
                if let Some(f) = format.as_ref().filter(|f| *f != FORMAT) {
                    r.report(root, FORMAT_KEY, What::Format(f.clone()));
                }
                $(let $field: Option<$type> = definition!(@$need r, root, entries, stringify!($field));)*
                Some(Definition { format: format?, $($field: $field?,)* })
            }
        }
    };
    (@needed required) => { true };
    (@needed optional) => { false };
    (@required $r:ident, $root:ident, $entries:ident, $key:expr) => { $r.field($root, $entries, "", $key) };
    (@optional $r:ident, $root:ident, $entries:ident, $key:expr) => {
        if $entries.iter().any(|(k, _)| k == $key) { $r.field($root, $entries, "", $key) } else { Some(Default::default()) }
    };
}

definition! {
    /// 项目.
    program: ProgramSection = required;
    /// 动员会与培训.
    meeting: Vec<Meeting> = optional;
    /// 阶段.
    phase: Vec<Phase> = required;
    /// 日任务.
    quota: Quota = required;
    /// 信息采集.
    collection: Collection = required;
    /// 距离圈.
    ring: RingSection = required;
    /// 时段.
    window: Vec<Window> = required;
    /// 小组.
    team: Vec<Team> = required;
    /// 初步走访.
    preliminary: Preliminary = required;
    /// 精准走访.
    precise: Precise = required;
    /// 城区预热.
    warm_up: Option<WarmUp> = optional;
    /// 回访.
    follow_up: FollowUp = required;
    /// 行程.
    travel: Travel = required;
    /// 周计划.
    planning: Planning = required;
    /// 日历.
    calendar: CalendarSection = required;
    /// 督促.
    ladder: Ladder = required;
    /// 奖励.
    reward: Reward = required;
    /// 未完成.
    shortfall: ShortfallSection = required;
    /// 绩效分.
    points: Vec<Points> = optional;
    /// 走访痕迹与核查.
    evidence: Evidence = required;
    /// 通报.
    bulletin: Bulletin = required;
    /// 话术.
    script: Vec<Script> = optional;
    /// 产品.
    product: Vec<Product> = optional;
    /// 重点项目.
    project: Vec<Project> = optional;
    /// 物料.
    materials: Materials = required;
    /// 物料台账.
    stock: Vec<StockItem> = optional;
    /// 便民服务.
    gift: Gift = required;
    /// 礼品方案.
    gift_scheme: Vec<GiftScheme> = optional;
    /// 走访方法.
    method: Vec<Method> = optional;
    /// 采集渠道.
    channel: Vec<Channel> = optional;
    /// Free parameters of the pack's predicates, by group and name.
    parameters: BTreeMap<String, BTreeMap<String, Scalar>> = optional;
}

/// Market, and area, of outlets in town.
const URBAN: &str = "urban";

impl Definition {
    /// Whether an outlet makes preliminary visits to village groups first
    /// (CMP-006). In town customers are filtered instead (CUS-014) as long as
    /// the campaign says so. The market decides; where it is not given, the
    /// area does; an outlet of which neither is known follows the rural steps.
    pub fn sweeps(&self, market_kind: Option<&str>, area_kind: Option<&str>) -> bool {
        let urban = market_kind.or(area_kind) == Some(URBAN);
        !(urban && self.precise.urban_prefilter)
    }

    /// Reads TOML; every fault is reported, in the order of the file.
    pub fn parse(text: &str, aliases: &Aliases) -> Result<Definition, Vec<DefinitionError>> {
        let root = source::from_toml(text).map_err(|e| vec![e])?;
        Definition::from_node(root, aliases)
    }

    /// Reads JSON as the API sends it.
    pub fn from_json(
        json: &serde_json::Value,
        aliases: &Aliases,
    ) -> Result<Definition, Vec<DefinitionError>> {
        Definition::from_node(source::from_json(json), aliases)
    }

    fn from_node(root: Node, aliases: &Aliases) -> Result<Definition, Vec<DefinitionError>> {
        let mut reader = Reader::default();
        let root = alias::apply(aliases, root, &mut reader);
        let read = Definition::read(&root, &mut reader);
        if let Some(d) = &read {
            d.resolve(&mut reader);
        }
        match read {
            Some(d) if reader.errors.is_empty() => Ok(d),
            _ => {
                reader.errors.sort_by_key(|e| e.line);
                Err(reader.errors)
            }
        }
    }

    /// As TOML with English keys; [`Definition::parse`] reads it back as the same value.
    pub fn to_toml(&self) -> String {
        // Every value of the model has a TOML form, so this cannot fail.
        toml::to_string(self).unwrap_or_default()
    }

    /// As JSON, for the API.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The window of an id.
    pub fn window(&self, id: &str) -> Option<&Window> {
        self.window.iter().find(|w| w.id == id)
    }

    /// Whether a kind of visit happens in any phase.
    pub fn has_kind(&self, kind: VisitKind) -> bool {
        self.phase.iter().any(|p| p.kinds.contains(&kind))
    }

    /// Minutes of one visit of a kind, travel and stopping not counted; none
    /// for preliminary visits, which go to a village group.
    pub fn visit_minutes(&self, kind: VisitKind) -> Option<u32> {
        match kind {
            VisitKind::First => None,
            VisitKind::Precise => Some(self.precise.visit_minutes),
            VisitKind::FollowUp => Some(self.follow_up.visit_minutes),
        }
    }

    /// Ids that must be unique and names that must exist.
    fn resolve(&self, r: &mut Reader) {
        let mut unique = |section: &str, ids: Vec<&str>| {
            let mut seen = BTreeSet::new();
            for id in ids {
                if id.trim().is_empty() {
                    r.report_line(None, &format!("{section}.id"), What::Missing);
                } else if !seen.insert(id) {
                    r.report_line(None, &format!("{section}.{id}"), What::Twice);
                }
            }
        };
        macro_rules! ids {
            ($($section:ident)*) => {
                $(unique(stringify!($section), self.$section.iter().map(|x| x.id.as_str()).collect());)*
            };
        }
        ids!(meeting phase window team points script product project stock gift_scheme method channel);
        for (section, empty) in [
            ("phase", self.phase.is_empty()),
            ("window", self.window.is_empty()),
            ("team", self.team.is_empty()),
        ] {
            if empty {
                r.report_line(None, section, What::Empty);
            }
        }
        for (key, text) in [
            ("program.id", &self.program.id),
            ("program.title", &self.program.title),
        ] {
            if text.trim().is_empty() {
                r.report_line(None, key, What::Missing);
            }
        }
        for phase in self.phase.iter().filter(|p| p.kinds.is_empty()) {
            r.report_line(None, &format!("phase.{}.kinds", phase.id), What::Empty);
        }
        for method in &self.method {
            for (key, empty) in [
                ("markets", method.markets.is_empty()),
                ("kinds", method.kinds.is_empty()),
                ("steps", method.steps.is_empty()),
            ] {
                if empty {
                    r.report_line(None, &format!("method.{}.{key}", method.id), What::Empty);
                }
            }
        }
        let steps = &self.program.preparation;
        for m in self.meeting.iter().filter(|m| !steps.contains(&m.id)) {
            r.report_line(None, "meeting.id", What::Unresolved(m.id.clone()));
        }
        self.resolve_teams(r);
    }

    fn resolve_teams(&self, r: &mut Reader) {
        for team in &self.team {
            let at = |key: &str| format!("team.{}.{key}", team.id);
            if team.posts.is_empty() {
                r.report_line(None, &at("posts"), What::Empty);
            }
            if team.windows.is_empty() {
                r.report_line(None, &at("windows"), What::Empty);
            }
            for w in team.windows.iter().filter(|w| self.window(w).is_none()) {
                r.report_line(None, &at("windows"), What::Unresolved(w.clone()));
            }
            for p in team
                .outside_posts
                .iter()
                .flatten()
                .filter(|p| !team.posts.contains(p))
            {
                r.report_line(None, &at("outside_posts"), What::Unresolved(p.clone()));
            }
        }
    }
}
