//! Tasks of a pack as data: how a task goes from hand to hand (flow), kinds of
//! tasks with owner, time allowed, reminder and who hears of delay, and
//! routines: a cadence, who owes it, which kind it opens. A new one needs no
//! code. What must hold between them is checked here.

use super::model::{Pack, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use zf_base::Clock;
use zf_base::cadence::{Cadence, Shift};
use zf_base::term::Term;

/// What can be done to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It is opened again.
    Open,
    /// Somebody else gets it.
    Assign,
    /// The owner hands in what was asked for.
    Submit,
    /// The checker gives it back.
    Return,
    /// It is good.
    Close,
    /// It is no longer wanted.
    Cancel,
}

impl Verb {
    /// All six.
    pub const ALL: [Verb; 6] = [
        Verb::Open,
        Verb::Assign,
        Verb::Submit,
        Verb::Return,
        Verb::Close,
        Verb::Cancel,
    ];
    /// As written in packs, in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Open => "open",
            Verb::Assign => "assign",
            Verb::Submit => "submit",
            Verb::Return => "return",
            Verb::Close => "close",
            Verb::Cancel => "cancel",
        }
    }
}

/// For whom a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// Its owner.
    Owner,
    /// Who checks what was handed in.
    Checker,
    /// Nobody: it has ended.
    Nobody,
}

impl Waits {
    /// As written in packs and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Waits::Owner => "owner",
            Waits::Checker => "checker",
            Waits::Nobody => "nobody",
        }
    }
}

/// A state of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowState {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: Words,
    /// For whom it waits.
    pub waits: Waits,
}

/// From some states to one, by a verb.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowStep {
    /// What is done.
    pub verb: Verb,
    /// In which states it can be done.
    pub from: Vec<String>,
    /// Where it leads; the same state when absent.
    #[serde(default)]
    pub to: Option<String>,
}

/// How a task goes from hand to hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Stable name.
    pub id: String,
    /// State of a new task.
    pub start: String,
    /// States.
    pub states: Vec<FlowState>,
    /// Steps.
    pub steps: Vec<FlowStep>,
}

impl Flow {
    /// One state.
    pub fn state(&self, id: &str) -> Option<&FlowState> {
        self.states.iter().find(|s| s.id == id)
    }
    /// Where a verb leads from a state; none when it cannot be done there.
    pub fn after(&self, state: &str, verb: Verb) -> Option<&FlowState> {
        let here = |s: &&FlowStep| s.verb == verb && s.from.iter().any(|f| f == state);
        let step = self.steps.iter().find(here)?;
        self.state(step.to.as_deref().unwrap_or(state))
    }
    /// What can be done in a state.
    pub fn verbs(&self, state: &str) -> Vec<Verb> {
        let can = |v: &Verb| self.after(state, *v).is_some();
        Verb::ALL.into_iter().filter(can).collect()
    }
}

/// A post at a level of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Code of the post, or a role.
    pub post: String,
    /// Level of the unit it belongs to, at or above the task's.
    pub level: String,
}

/// Who hears of delay, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Hours after it was due.
    pub after_hours: u16,
    /// Who.
    pub to: Holder,
}

/// What ends a task by itself: an event of the task's unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneBy {
    /// Action of the event.
    pub event: String,
    /// Key of its detail that holds the task's day; any day when absent.
    #[serde(default)]
    pub day: Option<String>,
    /// What else its detail must say.
    #[serde(default)]
    pub says: std::collections::BTreeMap<String, String>,
}

/// A kind of task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskKind {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: Words,
    /// What is to be done.
    #[serde(default)]
    pub guide: Words,
    /// How it goes from hand to hand.
    pub flow: String,
    /// Whose it is.
    pub owner: Holder,
    /// Who looks at what was handed in.
    #[serde(default)]
    pub checker: Option<Holder>,
    /// Time allowed.
    pub term: Term,
    /// Hour of the last day, for terms in days.
    pub until: Clock,
    /// Hours before it is due in which the owner is reminded.
    #[serde(default)]
    pub remind_hours: Option<u16>,
    /// Who hears of delay, soonest first.
    #[serde(default)]
    pub escalate: Vec<Escalation>,
    /// Hours after it was due in which it can still be done; then it ends by
    /// itself. Without it, it stays until somebody ends it.
    #[serde(default)]
    pub lapse_hours: Option<u16>,
    /// Form that is answered on handing in.
    #[serde(default)]
    pub form: Option<String>,
    /// Page of the console on which the work itself is done.
    #[serde(default)]
    pub page: Option<String>,
    /// What ends it by itself.
    #[serde(default)]
    pub done_by: Option<DoneBy>,
    /// Whether people may open one by hand.
    #[serde(default)]
    pub by_hand: bool,
    /// Requirement IDs.
    #[serde(default)]
    pub req: Vec<String>,
}

/// Work that comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routine {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: Words,
    /// The kind of task it opens.
    pub kind: String,
    /// Level of the units that owe it.
    pub level: String,
    /// How often.
    pub cadence: Cadence,
    /// What becomes of a date on a day that does not count.
    #[serde(default)]
    pub shift: Shift,
    /// Days before it is due on which the task is opened.
    #[serde(default)]
    pub lead_days: u16,
    /// Only while a campaign runs there.
    #[serde(default)]
    pub campaign: bool,
    /// Shipped switched off: the county decides.
    #[serde(default)]
    pub off: bool,
    /// Requirement IDs.
    #[serde(default)]
    pub req: Vec<String>,
}

/// Everything of `tasks.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// Flows.
    pub flows: Vec<Flow>,
    /// Kinds.
    pub kinds: Vec<TaskKind>,
    /// Routines.
    pub routines: Vec<Routine>,
}

impl Tasks {
    /// One flow.
    pub fn flow(&self, id: &str) -> Option<&Flow> {
        self.flows.iter().find(|f| f.id == id)
    }
    /// One kind.
    pub fn kind(&self, id: &str) -> Option<&TaskKind> {
        self.kinds.iter().find(|k| k.id == id)
    }
}

/// States from which no end can be reached, and states that cannot be reached.
fn stuck(flow: &Flow) -> Vec<&str> {
    let grow = |seen: &mut BTreeSet<String>, forward: bool| {
        loop {
            let before = seen.len();
            for step in &flow.steps {
                for from in &step.from {
                    let to = step.to.as_ref().unwrap_or(from);
                    let (a, b) = if forward { (from, to) } else { (to, from) };
                    if seen.contains(a) {
                        seen.insert(b.clone());
                    }
                }
            }
            if seen.len() == before {
                break;
            }
        }
    };
    let mut reached = BTreeSet::from([flow.start.clone()]);
    grow(&mut reached, true);
    let ends = flow.states.iter().filter(|s| s.waits == Waits::Nobody);
    let mut ending: BTreeSet<String> = ends.map(|s| s.id.clone()).collect();
    grow(&mut ending, false);
    let bad = |s: &&FlowState| !reached.contains(&s.id) || !ending.contains(&s.id);
    flow.states
        .iter()
        .filter(bad)
        .map(|s| s.id.as_str())
        .collect()
}

/// Everything wrong with a flow, as (key, what).
pub(super) fn flow_faults(flow: &Flow) -> Vec<(String, String)> {
    use crate::words;
    let mut all = Vec::new();
    let names = flow.states.iter().map(|s| s.id.as_str());
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            all.push((name.to_owned(), words::DUPLICATE_ID.to_owned()));
        }
    }
    let known = |id: &String| flow.state(id).is_some();
    if !known(&flow.start) {
        all.push(("start".to_owned(), words::no_such(&flow.start)));
    }
    let mut steps = BTreeSet::new();
    for step in &flow.steps {
        let verb = step.verb.as_str();
        for state in step.from.iter().chain(&step.to).filter(|s| !known(s)) {
            all.push((verb.to_owned(), words::no_such(state)));
        }
        for from in &step.from {
            if !steps.insert((step.verb, from)) {
                all.push((verb.to_owned(), words::DUPLICATE_ID.to_owned()));
            }
        }
    }
    for state in stuck(flow) {
        all.push((state.to_owned(), words::STATE_STUCK.to_owned()));
    }
    all
}

const LEVELS: &[&str] = &["head", "province", "city", "county", "branch"];

/// Everything wrong with kinds and routines, as (key, what).
pub(super) fn task_faults(pack: &Pack) -> Vec<(String, String)> {
    use crate::words;
    let tasks = &pack.tasks;
    let mut all = Vec::new();
    for k in &tasks.kinds {
        let mut say = |part: &str, what: String| all.push((format!("task.{}.{part}", k.id), what));
        let Some(flow) = tasks.flow(&k.flow) else {
            say("flow", words::no_such(&k.flow));
            continue;
        };
        let checked = flow.states.iter().any(|s| s.waits == Waits::Checker);
        if checked != k.checker.is_some() {
            say("checker", words::CHECKER_NEEDED.to_owned());
        }
        let raised = k.escalate.iter().map(|e| &e.to);
        for holder in [&k.owner].into_iter().chain(&k.checker).chain(raised) {
            if !LEVELS.contains(&holder.level.as_str()) {
                say("level", words::no_such(&holder.level));
            }
            if !crate::check::is_id(&holder.post) {
                say("post", words::BAD_ID.to_owned());
            }
        }
        if !k.escalate.is_sorted_by_key(|e| e.after_hours) {
            say("escalate", words::NOT_IN_ORDER.to_owned());
        }
        if k.lapse_hours.is_some()
            && flow
                .after(&flow.start, Verb::Cancel)
                .is_none_or(|s| s.waits != Waits::Nobody)
        {
            say("lapse_hours", words::LAPSE_NEEDS_CANCEL.to_owned());
        }
        if let Some(form) = k
            .form
            .as_ref()
            .filter(|f| pack.forms.iter().all(|p| p.id != **f))
        {
            say("form", words::no_such(form));
        }
        if k.page.as_ref().is_some_and(|p| !p.starts_with('/')) {
            say("page", words::BAD_PATH.to_owned());
        }
    }
    for r in &tasks.routines {
        let mut say =
            |part: &str, what: String| all.push((format!("routine.{}.{part}", r.id), what));
        if tasks.kind(&r.kind).is_none() {
            say("kind", words::no_such(&r.kind));
        }
        if !LEVELS.contains(&r.level.as_str()) {
            say("level", words::no_such(&r.level));
        }
        if let Err(figure) = r.cadence.check() {
            say("cadence", words::bad_figure(figure));
        }
        if matches!(r.cadence, Cadence::BeforeStart { .. }) && !r.campaign {
            say("campaign", words::START_NEEDS_CAMPAIGN.to_owned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str) -> Flow {
        let table: toml::Table = text.parse().unwrap();
        table.try_into().unwrap()
    }

    const STATES: &str = r#"
id = "f"
start = "todo"
states = [
  { id = "todo", name = { zh = "待办", en = "To do" }, waits = "owner" },
  { id = "done", name = { zh = "完", en = "Done" }, waits = "nobody" },
]
"#;

    #[test]
    fn a_flow_leads_from_state_to_state_by_its_verbs_only() {
        let f = flow(&format!(
            "{STATES}steps = [{{ verb = \"submit\", from = [\"todo\"], to = \"done\" }}, {{ verb = \"assign\", from = [\"todo\"] }}]"
        ));
        assert_eq!(
            f.after("todo", Verb::Submit).map(|s| s.waits),
            Some(Waits::Nobody)
        );
        assert_eq!(
            f.after("todo", Verb::Assign).map(|s| s.id.as_str()),
            Some("todo")
        );
        assert_eq!(f.after("done", Verb::Submit), None);
        assert_eq!(f.verbs("todo"), [Verb::Assign, Verb::Submit]);
        assert!(flow_faults(&f).is_empty());
    }

    #[test]
    fn a_flow_without_a_way_to_an_end_is_refused() {
        let stuck = flow(&format!(
            "{STATES}steps = [{{ verb = \"assign\", from = [\"todo\"] }}]"
        ));
        let keys: Vec<String> = flow_faults(&stuck).into_iter().map(|(k, _)| k).collect();
        assert_eq!(keys, ["todo", "done"], "no end from here, no way to there");
        let twice = flow(&format!(
            "{STATES}steps = [{{ verb = \"submit\", from = [\"todo\", \"todo\"], to = \"done\" }}, {{ verb = \"close\", from = [\"gone\"], to = \"done\" }}]"
        ));
        let keys: Vec<String> = flow_faults(&twice).into_iter().map(|(k, _)| k).collect();
        assert_eq!(keys, ["submit", "close"]);
    }
}
