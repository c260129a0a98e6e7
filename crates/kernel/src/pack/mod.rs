//! The packs of this installation: modules as data. The pure model and its
//! checks live in `zf_forms::pack`; here the packs compiled in and those the
//! bank keeps in its data folder are put together, and what all packs offer is
//! looked up. The kernel asks what is there, never which pack it is.

pub mod source;

use crate::authz::Permission;
use crate::error::{KernelError, Result};
use serde::Deserialize;
use std::path::Path;
use zf_forms::Form;
use zf_forms::pack::tasks::{Flow, Routine, TaskKind};
use zf_forms::pack::{
    Aliases, Indicator, MenuEntry, MustVisitGroup, Pack, PackFiles, ProgramTemplate, Role, Words,
    load,
};

/// A post of the staff.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    /// Code used in files and in the API.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Words,
    /// Other names that files use for the same post.
    #[serde(default)]
    pub aliases: Vec<String>,
}

#[derive(Deserialize)]
struct PostFile {
    post: Vec<Post>,
}

/// A campaign somebody can start from.
#[derive(Clone, Debug)]
pub struct ProgramPreset<'a> {
    /// What names it among all packs: the name of its file, with the pack in
    /// front (`pack/program`) when several packs have a file of that name.
    pub id: String,
    /// Pack it comes from.
    pub pack: &'a Pack,
    /// The file as text.
    pub toml: &'a str,
    /// Chinese names of its keys.
    pub aliases: &'a Aliases,
}

/// All packs.
pub struct Packs {
    posts: Vec<Post>,
    packs: Vec<Pack>,
}

impl Packs {
    /// The packs that are compiled in.
    pub fn embedded() -> Result<Packs> {
        Packs::with_folder(None)
    }

    /// The packs that are compiled in, and those in a folder of the bank: a
    /// folder there with the name of a compiled-in pack replaces it.
    pub fn with_folder(folder: Option<&Path>) -> Result<Packs> {
        let file: PostFile = toml::from_str(include_str!("../../presets/posts.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/posts.toml: {e}")))?;
        let mut sources = source::embedded();
        for (name, files) in source::in_folder(folder)? {
            sources.retain(|(known, _)| *known != name);
            sources.push((name, files));
        }
        let known: Vec<&str> = Permission::ALL.iter().map(|p| p.as_str()).collect();
        let mut packs = Vec::new();
        for (name, files) in &sources {
            packs.push(read(name, files.as_ref(), &known)?);
        }
        Ok(Packs {
            posts: file.post,
            packs,
        })
    }

    /// All packs.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }
    /// One post by code.
    pub fn post(&self, code: &str) -> Option<&Post> {
        self.posts.iter().find(|p| p.code == code)
    }
    /// All posts.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }
    /// Roles of all packs.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.packs.iter().flat_map(|p| &p.roles)
    }
    /// Menu entries of all packs, in their order.
    pub fn menu(&self) -> Vec<&MenuEntry> {
        let mut all: Vec<&MenuEntry> = self.packs.iter().flat_map(|p| &p.menu).collect();
        all.sort_by_key(|m| m.order);
        all
    }
    /// Forms of all packs with the pack they come from.
    pub fn forms(&self) -> impl Iterator<Item = (&Pack, &Form)> {
        self.packs
            .iter()
            .flat_map(|p| p.forms.iter().map(move |f| (p, f)))
    }
    /// Indicators of all packs with the pack they come from.
    pub fn indicators(&self) -> impl Iterator<Item = (&Pack, &Indicator)> {
        self.packs
            .iter()
            .flat_map(|p| p.indicators.iter().map(move |i| (p, i)))
    }
    /// Kinds of tasks of all packs.
    pub fn task_kinds(&self) -> impl Iterator<Item = &TaskKind> {
        self.packs.iter().flat_map(|p| &p.tasks.kinds)
    }
    /// A kind of task with its flow; of several packs with that name the first.
    pub fn task_kind(&self, id: &str) -> Option<(&TaskKind, &Flow)> {
        self.packs.iter().find_map(|p| {
            let kind = p.tasks.kind(id)?;
            Some((kind, p.tasks.flow(&kind.flow)?))
        })
    }
    /// Routines of all packs.
    pub fn routines(&self) -> impl Iterator<Item = &Routine> {
        self.packs.iter().flat_map(|p| &p.tasks.routines)
    }
    /// Must-visit groups of all packs.
    pub fn must_visit_groups(&self) -> impl Iterator<Item = &MustVisitGroup> {
        self.packs.iter().flat_map(|p| &p.must_visit.groups)
    }
    /// What a tag of a customer is called; the tag itself when no group has it.
    pub fn tag_name(&self, tag: &str) -> String {
        let group = self
            .must_visit_groups()
            .find(|g| g.tag == tag || g.code == tag || g.name.zh == tag);
        group.map_or_else(|| tag.to_owned(), |g| g.name.zh.clone())
    }
    /// The tag behind what a file says: the tag, its group's code, its name, or
    /// a part of at least three characters that only one name has.
    pub fn tag_of(&self, text: &str) -> Option<&str> {
        let exact = |g: &&MustVisitGroup| {
            g.tag == text || g.code == text || g.name.zh == text || g.name.en == text
        };
        if let Some(group) = self.must_visit_groups().find(exact) {
            return Some(&group.tag);
        }
        if text.chars().count() < 3 {
            return None;
        }
        let mut part = self
            .must_visit_groups()
            .filter(|g| g.name.zh.contains(text));
        let group = part.next()?;
        part.next().is_none().then_some(group.tag.as_str())
    }
    /// Campaigns somebody can start from.
    pub fn program_presets(&self) -> impl Iterator<Item = ProgramPreset<'_>> {
        let all = self.templates();
        all.map(|(pack, template)| self.preset_of(pack, template))
    }
    /// One campaign to start from, by its id or by `pack/name`; `None` also
    /// when several packs have a file of that name.
    pub fn program_preset(&self, id: &str) -> Option<ProgramPreset<'_>> {
        let named =
            |p: &Pack, t: &ProgramTemplate| id == t.id || id == format!("{}/{}", p.id, t.id);
        let mut found = self.templates().filter(|(p, t)| named(p, t));
        let (pack, template) = found.next()?;
        let only = found.next().is_none();
        only.then(|| self.preset_of(pack, template))
    }
    fn templates(&self) -> impl Iterator<Item = (&Pack, &ProgramTemplate)> {
        self.packs
            .iter()
            .flat_map(|p| p.program_templates.iter().map(move |t| (p, t)))
    }
    fn preset_of<'a>(&self, pack: &'a Pack, template: &'a ProgramTemplate) -> ProgramPreset<'a> {
        let others = self.templates().filter(|(_, t)| t.id == template.id);
        let id = match others.count() {
            1 => template.id.clone(),
            _ => format!("{}/{}", pack.id, template.id),
        };
        ProgramPreset {
            id,
            pack,
            toml: &template.text,
            aliases: &pack.aliases,
        }
    }
}

fn read(name: &str, files: &dyn PackFiles, permissions: &[&str]) -> Result<Pack> {
    load(files, permissions).map_err(|problems| {
        let list: Vec<String> = problems
            .iter()
            .map(|p| format!("{} {}: {}", p.file, p.key, p.what))
            .collect();
        KernelError::Internal(format!("pack {name}: {}", list.join("; ")))
    })
}
