//! From files to a pack. Each file is read entry by entry, so that one bad entry
//! does not hide the next; then the whole is validated. A pack with a single
//! problem is not loaded.

use super::model::*;
use super::{Aliases, PackFiles, PackProblem, validate};
use crate::model::{Form, FormError};
use crate::words;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Reads and validates a pack. `permissions` are those that exist
/// ([`super::PERMISSIONS`]). All problems are reported at once.
pub fn load(files: &dyn PackFiles, permissions: &[&str]) -> Result<Pack, Vec<PackProblem>> {
    let mut reader = Reader {
        files,
        problems: Vec::new(),
    };
    let mut pack = reader.header();
    let mut paths = files.list();
    paths.sort();
    // Aliases first: program files are read through them.
    reader.aliases(&paths, &mut pack);
    for path in &paths {
        reader.file(path, &mut pack);
    }
    let mut problems = reader.problems;
    pack.menu
        .sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    pack.program_templates
        .sort_by_key(|t| (t.file != PROGRAM, t.file.clone()));
    validate::pack(&pack, permissions, &mut problems);
    if problems.is_empty() {
        Ok(pack)
    } else {
        Err(problems)
    }
}

const PROGRAM: &str = "program.toml";

struct Reader<'a> {
    files: &'a dyn PackFiles,
    problems: Vec<PackProblem>,
}

impl Reader<'_> {
    fn say(&mut self, file: &str, key: &str, what: &str) {
        self.problems.push(PackProblem {
            file: file.to_owned(),
            key: key.to_owned(),
            what: what.to_owned(),
        });
    }

    fn header(&mut self) -> Pack {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Header {
            id: String,
            version: String,
            title: Words,
            #[serde(default)]
            summary: Words,
        }
        let Some(table) = self.table("pack.toml") else {
            return Pack::default();
        };
        match table.try_into::<Header>() {
            Ok(h) => Pack {
                id: h.id,
                version: h.version,
                title: h.title,
                summary: h.summary,
                ..Pack::default()
            },
            Err(e) => {
                self.say("pack.toml", "", &words::bad_entry(e.message()));
                Pack::default()
            }
        }
    }

    fn aliases(&mut self, paths: &[String], pack: &mut Pack) {
        const FILE: &str = "aliases.toml";
        if !paths.iter().any(|p| p == FILE) {
            return;
        }
        let Some(table) = self.table(FILE) else {
            return;
        };
        match table.try_into::<Aliases>() {
            Ok(aliases) => pack.aliases = aliases,
            Err(e) => self.say(FILE, "", &words::bad_entry(e.message())),
        }
    }

    fn file(&mut self, path: &str, pack: &mut Pack) {
        match path {
            "pack.toml" | "aliases.toml" | "README.md" => {}
            "roles.toml" => pack.roles = self.only(path, "role", "id"),
            "menu.toml" => pack.menu = self.only(path, "menu", "id"),
            "indicators.toml" => self.indicators(path, pack),
            "parameters.toml" => pack.parameters = self.only(path, "parameter", "key"),
            "must_visit.toml" => self.must_visit(path, pack),
            "tasks.toml" => self.tasks(path, pack),
            PROGRAM => self.program(path, pack),
            "words/zh-CN.toml" | "words/en.toml" => self.words(path, pack),
            _ => match path.split_once('/') {
                Some(("forms", name)) if name.ends_with(".json") => self.form(path, pack),
                Some(("scenarios", name)) if name.ends_with(".toml") => self.scenario(path, pack),
                None if path.starts_with("campaign-") && path.ends_with(".toml") => {
                    self.program(path, pack);
                }
                _ => self.say(path, "", words::UNKNOWN_FILE),
            },
        }
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let Some(bytes) = self.files.read(path) else {
            self.say(path, "", words::NO_FILE);
            return None;
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => {
                self.say(path, "", words::NOT_UTF8);
                None
            }
        }
    }

    fn table(&mut self, path: &str) -> Option<Table> {
        let text = self.text(path)?;
        match text.parse::<Table>() {
            Ok(table) => Some(table),
            Err(e) => {
                let start = e.span().map_or(0, |s| s.start).min(text.len());
                let line = text.as_bytes()[..start]
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1;
                self.say(path, &format!("line {line}"), &words::bad_toml(e.message()));
                None
            }
        }
    }

    /// A file that holds one list and nothing else.
    fn only<T: DeserializeOwned>(&mut self, path: &str, list: &str, id: &str) -> Vec<T> {
        let Some(mut table) = self.table(path) else {
            return Vec::new();
        };
        let entries = self.entries(path, &mut table, list, id);
        self.leftovers(path, &table);
        entries
    }

    /// Takes a list out of a table, entry by entry.
    fn entries<T: DeserializeOwned>(
        &mut self,
        path: &str,
        table: &mut Table,
        list: &str,
        id: &str,
    ) -> Vec<T> {
        let entries = match table.remove(list) {
            None => return Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                self.say(path, list, words::NOT_A_LIST);
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for (i, entry) in entries.into_iter().enumerate() {
            let name = match entry.get(id).and_then(Value::as_str) {
                Some(name) => format!("{list}.{name}"),
                None => format!("{list}[{i}]"),
            };
            match entry.try_into::<T>() {
                Ok(value) => found.push(value),
                Err(e) => self.say(path, &name, &words::bad_entry(e.message())),
            }
        }
        found
    }

    fn leftovers(&mut self, path: &str, table: &Table) {
        for key in table.keys() {
            self.say(path, key, words::UNKNOWN_KEY);
        }
    }

    fn indicators(&mut self, path: &str, pack: &mut Pack) {
        let Some(mut table) = self.table(path) else {
            return;
        };
        pack.indicators = self.entries(path, &mut table, "indicator", "id");
        pack.norms = self.entries(path, &mut table, "norm", "total");
        self.leftovers(path, &table);
    }

    fn tasks(&mut self, path: &str, pack: &mut Pack) {
        let Some(mut table) = self.table(path) else {
            return;
        };
        pack.tasks.flows = self.entries(path, &mut table, "flow", "id");
        pack.tasks.kinds = self.entries(path, &mut table, "task", "id");
        pack.tasks.routines = self.entries(path, &mut table, "routine", "id");
        self.leftovers(path, &table);
    }

    fn must_visit(&mut self, path: &str, pack: &mut Pack) {
        let Some(mut table) = self.table(path) else {
            return;
        };
        pack.must_visit.groups = self.entries(path, &mut table, "group", "code");
        if let Some(Value::Table(variables)) = table.remove("variables") {
            for (name, ty) in variables {
                match ty.try_into() {
                    Ok(ty) => {
                        pack.must_visit.variables.insert(name, ty);
                    }
                    Err(_) => self.say(path, &format!("variables.{name}"), words::UNKNOWN_TYPE),
                }
            }
        }
        self.leftovers(path, &table);
    }

    fn program(&mut self, path: &str, pack: &mut Pack) {
        let Some(text) = self.text(path) else { return };
        match pack.aliases.read(path, &text) {
            Ok(table) => pack.program_templates.push(ProgramTemplate {
                id: path.trim_end_matches(".toml").to_owned(),
                file: path.to_owned(),
                text,
                table,
            }),
            Err(problems) => self.problems.extend(problems),
        }
    }

    fn words(&mut self, path: &str, pack: &mut Pack) {
        let Some(table) = self.table(path) else {
            return;
        };
        let mut flat = BTreeMap::new();
        let mut bad = Vec::new();
        flatten("", &table, &mut flat, &mut bad);
        for key in bad {
            self.say(path, &key, words::NOT_A_TEXT);
        }
        let language = path.trim_start_matches("words/").trim_end_matches(".toml");
        pack.words.insert(language.to_owned(), flat);
    }

    fn form(&mut self, path: &str, pack: &mut Pack) {
        let Some(bytes) = self.files.read(path) else {
            return self.say(path, "", words::NO_FILE);
        };
        let form = match Form::from_json(&bytes) {
            Ok(form) => form,
            Err(FormError::Json(message)) => {
                return self.say(path, "", &words::bad_entry(&message));
            }
            Err(e) => return self.say(path, "", &e.to_string()),
        };
        for problem in form.check() {
            self.say(path, &problem.field, &problem.what);
        }
        for key in form.unknown_keys() {
            self.say(path, &key, words::UNKNOWN_KEY);
        }
        if path != format!("forms/{}.json", form.id) {
            self.say(path, "id", words::ID_IS_FILE_NAME);
        }
        pack.forms.push(form);
    }

    fn scenario(&mut self, path: &str, pack: &mut Pack) {
        let Some(mut table) = self.table(path) else {
            return;
        };
        let title = match table.remove("title").map(Value::try_into) {
            Some(Ok(title)) => title,
            _ => {
                self.say(path, "title", words::NOT_A_TEXT);
                Words::default()
            }
        };
        let steps = self.entries(path, &mut table, "step", "call");
        self.leftovers(path, &table);
        let id = path
            .trim_start_matches("scenarios/")
            .trim_end_matches(".toml")
            .to_owned();
        pack.scenarios.push(Scenario { id, title, steps });
    }
}

fn flatten(prefix: &str, table: &Table, out: &mut BTreeMap<String, String>, bad: &mut Vec<String>) {
    for (key, value) in table {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            Value::String(text) if !text.trim().is_empty() => {
                out.insert(path, text.clone());
            }
            Value::Table(inner) => flatten(&path, inner, out, bad),
            _ => bad.push(path),
        }
    }
}
