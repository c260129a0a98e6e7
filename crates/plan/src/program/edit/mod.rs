//! Writing a campaign: the form of its file, a blank one to start from, reading
//! a file without storing it, old versions, what differs between two of them,
//! putting an old one in force again, and copying a campaign. The typed file is
//! `definition`; here it meets the packs and the database.

pub mod http;
mod store;

use super::schedule::reschedule;
use super::service::{program_change, program_create, refused};
use super::{Program, Version};
use crate::definition::form::{self, Choice, FormSection, Sources};
use crate::definition::{Aliases, Definition, DefinitionError};
use serde_json::Value as Json;
pub use store::STATEMENTS;
use store::VERSION_FETCH;
use zf_base::code::ErrorCode;
use zf_base::{Day, limits};
use zf_forms::pack::{Parameter, Words};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, Permission};
use zf_store::params;

/// Descriptions of the keys, of all packs.
pub fn docs(app: &App) -> Vec<&Parameter> {
    app.packs.iter().flat_map(|p| &p.parameters).collect()
}

/// The form of a campaign file.
pub fn form(app: &App) -> Vec<FormSection> {
    let posts = app.packs.posts().iter().map(|p| Choice {
        code: p.code.clone(),
        title: Words {
            zh: p.name.zh.clone(),
            en: p.name.en.clone(),
        },
    });
    form::form(&Sources {
        posts: posts.collect(),
        ..sources(app)
    })
}

/// What the packs say of the file's keys and codes.
pub fn sources(app: &App) -> Sources<'_> {
    Sources {
        docs: docs(app),
        words: app.packs.iter().map(|p| &p.words).collect(),
        posts: vec![],
    }
}

/// A campaign with nothing in it but what the sources do not print. Made from
/// the first preset; none when no pack has one.
pub fn blank(app: &App) -> Option<Json> {
    let preset = app.packs.program_presets().next()?;
    let definition = Definition::parse(preset.toml, preset.aliases).ok()?;
    Some(form::blank(&definition, &docs(app)))
}

/// A version of a program with its file.
pub async fn version_fetch(
    app: &App,
    program: &Program,
    version: i64,
) -> Result<(Version, Definition)> {
    let rows = app
        .db
        .query(VERSION_FETCH, params![program.id, version])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let text: String = row.get(3)?;
    let read = Definition::parse(&text, &Aliases::default());
    let definition = read.map_err(|e: Vec<DefinitionError>| {
        KernelError::Internal(format!("stored version has {} faults", e.len()))
    })?;
    let made = Version {
        version,
        at: row.get(0)?,
        by_name: row.get(1)?,
        note: row.get(2)?,
    };
    Ok((made, definition))
}

/// Puts an old version in force again, as a new one.
pub async fn version_restore(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    version: i64,
    note: &str,
    expected: Option<i64>,
) -> Result<Program> {
    ctx.scope(Permission::ProgramWrite, &program.unit)?;
    let (_, definition) = version_fetch(app, program, version).await?;
    program_change(app, ctx, program, &definition, note, expected).await
}

/// What a copy is called and when it runs.
#[derive(Clone, Debug)]
pub struct CopyAs {
    /// Code of the copy.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its first day; without it the original's.
    pub first_day: Option<Day>,
    /// Its last day; without it as long as the original.
    pub last_day: Option<Day>,
}

/// A definition under another code and name, on other days.
///
/// # Errors
/// The last day is before the first, or too far away.
pub fn copied(original: &Definition, copy: &CopyAs) -> Result<Definition> {
    let mut definition = original.clone();
    definition.program.id = copy.code.trim().to_owned();
    definition.program.title = copy.name.trim().to_owned();
    let length = definition.program.start.days_until(definition.program.end);
    let first = copy.first_day.unwrap_or(definition.program.start);
    let last = copy.last_day.unwrap_or(first.plus_days(length));
    if !(0..limits::CAMPAIGN_DAYS_MAX).contains(&first.days_until(last)) {
        return Err(KernelError::field("last_day", "field.range"));
    }
    reschedule(&mut definition, first, last);
    Ok(definition)
}

/// Copies a campaign as a draft of the same unit. Versions, targets and plans
/// stay with the original; so do the branches' own figures.
pub async fn program_clone(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    copy: &CopyAs,
) -> Result<Program> {
    let scope = ctx.scope(Permission::ProgramWrite, &program.unit)?;
    let definition = copied(&program.definition, copy)?;
    program_create(app, ctx, &scope, &definition, "").await
}

/// Reads a file as text or as the page has it; nothing is stored.
pub fn read(
    app: &App,
    toml: Option<&str>,
    json: Option<&Json>,
) -> Result<std::result::Result<Definition, Vec<DefinitionError>>> {
    let aliases = super::service::aliases(app);
    match (toml, json) {
        (Some(text), None) => Ok(Definition::parse(text, &aliases)),
        (None, Some(json)) => Ok(Definition::from_json(json, &aliases)),
        _ => Err(refused(&[])),
    }
}
