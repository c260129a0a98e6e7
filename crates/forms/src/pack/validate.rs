//! What must hold between the entries of a pack: ids, references, permissions,
//! both languages, and that every figure of the preset is described. Finds all
//! problems at once, each with file and key.

use super::PackProblem;
use super::groups::GroupMatcher;
use super::model::*;
use crate::check::is_id;
use crate::model::{Field, Label};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

pub(crate) fn pack(pack: &Pack, permissions: &[&str], problems: &mut Vec<PackProblem>) {
    let mut v = Validator { problems };
    v.header(pack);
    v.roles(pack, permissions);
    v.menu(pack, permissions);
    v.forms(pack);
    v.indicators(pack);
    v.must_visit(pack);
    v.tasks(pack);
    v.parameters(pack);
    v.word_lists(pack);
    v.scenarios(pack);
}

struct Validator<'a> {
    problems: &'a mut Vec<PackProblem>,
}

impl Validator<'_> {
    fn say(&mut self, file: &str, key: &str, what: &str) {
        self.problems.push(PackProblem {
            file: file.to_owned(),
            key: key.to_owned(),
            what: what.to_owned(),
        });
    }

    fn both(&mut self, file: &str, key: &str, text: &Words) {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            self.say(file, key, words::BOTH_LANGUAGES);
        }
    }

    /// Valid and unique ids of one list.
    fn ids<'b>(&mut self, file: &str, list: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !is_id(id) {
                self.say(file, &format!("{list}.{id}"), words::BAD_ID);
            }
            if !seen.insert(id) {
                self.say(file, &format!("{list}.{id}"), words::DUPLICATE_ID);
            }
        }
    }

    fn header(&mut self, pack: &Pack) {
        const FILE: &str = "pack.toml";
        if !is_id(&pack.id) {
            self.say(FILE, "id", words::BAD_ID);
        }
        let numbers = pack
            .version
            .split('.')
            .filter(|n| n.parse::<u32>().is_ok())
            .count();
        if numbers != 3 || pack.version.split('.').count() != 3 {
            self.say(FILE, "version", words::BAD_PACK_VERSION);
        }
        self.both(FILE, "title", &pack.title);
    }

    fn roles(&mut self, pack: &Pack, permissions: &[&str]) {
        const FILE: &str = "roles.toml";
        const LEVELS: &[&str] = &["head", "province", "city", "county", "branch"];
        self.ids(FILE, "role", pack.roles.iter().map(|r| r.id.as_str()));
        for role in &pack.roles {
            let key = |part: &str| format!("role.{}.{part}", role.id);
            self.both(FILE, &key("name"), &role.name);
            for p in role
                .permissions
                .iter()
                .filter(|p| !permissions.contains(&p.as_str()))
            {
                self.say(FILE, &key("permissions"), &words::no_permission(p));
            }
            let distinct: BTreeSet<&String> = role.permissions.iter().collect();
            if distinct.len() != role.permissions.len() {
                self.say(FILE, &key("permissions"), words::DUPLICATE_ID);
            }
            for level in role.levels.iter().filter(|l| !LEVELS.contains(&l.as_str())) {
                self.say(FILE, &key("levels"), &words::no_such(level));
            }
            for other in &role.excludes {
                match pack.roles.iter().find(|r| r.id == *other) {
                    None => self.say(FILE, &key("excludes"), &words::no_such(other)),
                    Some(r) if !r.excludes.contains(&role.id) => {
                        self.say(FILE, &key("excludes"), words::EXCLUDES_BOTH_WAYS);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn menu(&mut self, pack: &Pack, permissions: &[&str]) {
        const FILE: &str = "menu.toml";
        self.ids(FILE, "menu", pack.menu.iter().map(|m| m.id.as_str()));
        for entry in &pack.menu {
            let key = |part: &str| format!("menu.{}.{part}", entry.id);
            self.both(FILE, &key("label"), &entry.label);
            if !entry.path.starts_with('/') || entry.path.starts_with("//") {
                self.say(FILE, &key("path"), words::BAD_PATH);
            }
            if !permissions.contains(&entry.permission.as_str()) {
                self.say(
                    FILE,
                    &key("permission"),
                    &words::no_permission(&entry.permission),
                );
            }
        }
    }

    fn forms(&mut self, pack: &Pack) {
        for form in &pack.forms {
            let file = format!("forms/{}.json", form.id);
            if form.title.as_ref().is_none_or(|t| t.en().is_none()) {
                self.say(&file, "title", words::BOTH_LANGUAGES);
            }
            self.labels(&file, &form.fields);
        }
    }

    fn labels(&mut self, file: &str, fields: &[Field]) {
        for f in fields {
            let bare = |label: &Option<Label>| label.as_ref().is_some_and(|l| l.en().is_none());
            if f.label.is_none() || bare(&f.label) || bare(&f.hint) || bare(&f.message) {
                self.say(file, &f.name, words::BOTH_LANGUAGES);
            }
            self.labels(file, &f.fields);
        }
    }

    fn indicators(&mut self, pack: &Pack) {
        const FILE: &str = "indicators.toml";
        self.ids(
            FILE,
            "indicator",
            pack.indicators.iter().map(|i| i.id.as_str()),
        );
        for i in &pack.indicators {
            let key = |part: &str| format!("indicator.{}.{part}", i.id);
            self.both(FILE, &key("title"), &i.title);
            self.both(FILE, &key("numerator"), &i.numerator);
            if let Some(denominator) = &i.denominator {
                self.both(FILE, &key("denominator"), denominator);
            }
            if i.unit == "%" && i.denominator.is_none() {
                self.say(FILE, &key("denominator"), words::SHARE_NEEDS_DENOMINATOR);
            }
            if let Some(owner) = &i.owner
                && !pack.roles.iter().any(|r| r.id == *owner)
            {
                self.say(FILE, &key("owner"), &words::no_such(owner));
            }
            if let (Some(target), Some(warn)) = (i.thresholds.target, i.thresholds.warn) {
                let crossed = match i.good {
                    Good::Up => warn > target,
                    Good::Down => warn < target,
                };
                if crossed {
                    self.say(FILE, &key("thresholds"), words::THRESHOLDS_CROSSED);
                }
            }
        }
        for norm in &pack.norms {
            if norm.kind != "sum" || norm.parts.is_empty() {
                self.say(
                    FILE,
                    &format!("norm.{}", norm.total),
                    &words::no_such(&norm.kind),
                );
            }
        }
    }

    fn must_visit(&mut self, pack: &Pack) {
        const FILE: &str = "must_visit.toml";
        let groups = &pack.must_visit.groups;
        let kinds = || groups.iter().flat_map(|g| &g.kinds);
        let codes = groups
            .iter()
            .map(|g| &g.code)
            .chain(kinds().map(|k| &k.code));
        self.ids(FILE, "group", codes.map(String::as_str));
        let mut tags = BTreeSet::new();
        let all = groups.iter().map(|g| (&g.code, &g.tag, &g.name));
        for (code, tag, name) in all.chain(kinds().map(|k| (&k.code, &k.tag, &k.name))) {
            self.both(FILE, &format!("group.{code}.name"), name);
            if tag.is_empty() || !tags.insert(tag) {
                self.say(FILE, &format!("group.{code}.tag"), words::DUPLICATE_ID);
            }
        }
        if let Err(problems) = GroupMatcher::new(&pack.must_visit, &pack.must_visit_parameters()) {
            self.problems.extend(problems);
        }
    }

    fn tasks(&mut self, pack: &Pack) {
        const FILE: &str = "tasks.toml";
        let tasks = &pack.tasks;
        self.ids(FILE, "flow", tasks.flows.iter().map(|f| f.id.as_str()));
        self.ids(FILE, "task", tasks.kinds.iter().map(|k| k.id.as_str()));
        let routines = tasks.routines.iter().map(|r| r.id.as_str());
        self.ids(FILE, "routine", routines);
        for flow in &tasks.flows {
            for state in &flow.states {
                let key = format!("flow.{}.{}", flow.id, state.id);
                self.both(FILE, &key, &state.name);
            }
            for (key, what) in super::tasks::flow_faults(flow) {
                self.say(FILE, &format!("flow.{}.{key}", flow.id), &what);
            }
        }
        for kind in &tasks.kinds {
            self.both(FILE, &format!("task.{}.name", kind.id), &kind.name);
            self.both(FILE, &format!("task.{}.guide", kind.id), &kind.guide);
        }
        for routine in &tasks.routines {
            let key = format!("routine.{}.name", routine.id);
            self.both(FILE, &key, &routine.name);
        }
        for (key, what) in super::tasks::task_faults(pack) {
            self.say(FILE, &key, &what);
        }
    }

    /// Every leaf of the preset is described once, and nothing else is.
    fn parameters(&mut self, pack: &Pack) {
        let Some(preset) = pack
            .program_templates
            .iter()
            .find(|t| t.file == "program.toml")
        else {
            if !pack.parameters.is_empty() {
                self.say("parameters.toml", "", words::NO_PROGRAM);
            }
            return;
        };
        let mut described = BTreeSet::new();
        for p in &pack.parameters {
            let key = format!("parameter.{}", p.key);
            self.both("parameters.toml", &key, &p.title);
            if p.req.is_empty() {
                self.say("parameters.toml", &key, words::NO_REQUIREMENT);
            }
            if !described.insert(p.key.as_str()) {
                self.say("parameters.toml", &key, words::DUPLICATE_ID);
            }
            if preset.get(&p.key).is_none() {
                self.say("parameters.toml", &key, words::NOT_IN_PROGRAM);
            }
        }
        let mut leaves = Vec::new();
        collect("", &Value::Table(preset.table.clone()), &mut leaves);
        for leaf in leaves
            .iter()
            .filter(|l| !described.contains(l.as_str()) && *l != "format")
        {
            self.say(&preset.file, leaf, words::NOT_DESCRIBED);
        }
    }

    fn word_lists(&mut self, pack: &Pack) {
        let empty = BTreeMap::new();
        let zh = pack.words.get("zh-CN").unwrap_or(&empty);
        let en = pack.words.get("en").unwrap_or(&empty);
        for key in zh.keys().filter(|k| !en.contains_key(*k)) {
            self.say("words/en.toml", key, words::WORD_MISSING);
        }
        for key in en.keys().filter(|k| !zh.contains_key(*k)) {
            self.say("words/zh-CN.toml", key, words::WORD_MISSING);
        }
    }

    fn scenarios(&mut self, pack: &Pack) {
        const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
        for s in &pack.scenarios {
            let file = format!("scenarios/{}.toml", s.id);
            self.both(&file, "title", &s.title);
            if s.steps.is_empty() {
                self.say(&file, "step", words::NO_STEPS);
            }
            for step in &s.steps {
                let key = |part: &str| format!("step.{}.{part}", step.call);
                let good_call = step
                    .method_and_path()
                    .is_some_and(|(m, p)| METHODS.contains(&m) && p.starts_with("/api/"));
                if !good_call {
                    self.say(&file, &key("call"), words::BAD_CALL);
                }
                if step.role != "anonymous" && !pack.roles.iter().any(|r| r.id == step.role) {
                    self.say(&file, &key("as"), &words::no_such(&step.role));
                }
                if !(100..600).contains(&step.expect.status) {
                    self.say(&file, &key("expect"), words::BAD_STATUS);
                }
            }
        }
    }
}

impl Pack {
    /// The figures of `[parameters.must_visit]` in the preset.
    pub fn must_visit_parameters(&self) -> BTreeMap<String, i64> {
        let preset = self
            .program_templates
            .iter()
            .find(|t| t.file == "program.toml");
        let Some(Value::Table(table)) = preset.and_then(|t| t.get("parameters.must_visit")) else {
            return BTreeMap::new();
        };
        table
            .iter()
            .filter_map(|(k, v)| Some((k.clone(), v.as_integer()?)))
            .collect()
    }

    /// The value of a described parameter in the preset.
    pub fn parameter_value(&self, key: &str) -> Option<&Value> {
        self.program_templates.first()?.get(key)
    }
}

/// Paths of all leaves; entries of lists of tables are named by their `id`.
fn collect(prefix: &str, value: &Value, out: &mut Vec<String>) {
    let join = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    match value {
        Value::Table(t) => {
            for (key, inner) in t {
                collect(&join(key), inner, out);
            }
        }
        Value::Array(a) if a.iter().any(Value::is_table) => {
            for entry in a {
                let id = entry.get("id").and_then(Value::as_str).unwrap_or("?");
                if let Value::Table(t) = entry {
                    for (key, inner) in t.iter().filter(|(k, _)| *k != "id") {
                        collect(&format!("{}.{key}", join(id)), inner, out);
                    }
                }
            }
        }
        _ => out.push(prefix.to_owned()),
    }
}
