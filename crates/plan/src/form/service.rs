//! Rules of form versions: who sees which, how a draft begins, changes and is
//! published, and which version is in force for a unit. Reads the table first
//! and the packs after it. Told of in the chain of the unit whose form it is.

use super::store::*;
use super::{Done, FormVersion, State};
use crate::program::service::program_scope;
use crate::program::visible;
use serde_json::json;
use std::collections::BTreeMap;
use zf_base::code::ErrorCode;
use zf_base::{Timestamp, UnitId};
use zf_forms::Form;
use zf_forms::workbook::{Finding, placed};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Row, Step, params};

/// Versions read at once; an installation has a few dozen.
const VERSIONS_MAX: i64 = 1_000;

fn not_found() -> KernelError {
    KernelError::refused(ErrorCode::FORM_NOT_FOUND)
}

fn done(name: Option<String>, at: Option<Timestamp>) -> Option<Done> {
    name.zip(at).map(|(by_name, at)| Done { by_name, at })
}

fn read_form(row: &Row) -> Result<Form> {
    let text: String = row.get(5)?;
    let version: i64 = row.get(1)?;
    let mut form = Form::from_json(text.as_bytes())
        .map_err(|_| KernelError::Internal("a stored form is not readable".to_owned()))?;
    form.id = row.get(0)?;
    form.version = u32::try_from(version).unwrap_or_default();
    Ok(form)
}

fn read_state(row: &Row) -> Result<State> {
    let state: String = row.get(3)?;
    State::from_stored(&state).ok_or_else(|| KernelError::Internal(format!("form state {state}")))
}

fn read(row: &Row, home: Unit) -> Result<FormVersion> {
    Ok(FormVersion {
        form: read_form(row)?,
        state: read_state(row)?,
        rev: row.get(4)?,
        home: Some(home),
        cloned_from: row.get(6)?,
        note: row.get(7)?,
        made: Some(Done {
            by_name: row.get(8)?,
            at: row.get(9)?,
        }),
        published: done(row.get(10)?, row.get(11)?),
        retired: done(row.get(12)?, row.get(13)?),
        pack: None,
    })
}

fn of_pack(pack: &str, form: &Form) -> FormVersion {
    FormVersion {
        form: form.clone(),
        state: State::Published,
        rev: 0,
        home: None,
        cloned_from: None,
        note: String::new(),
        made: None,
        published: None,
        retired: None,
        pack: Some(pack.to_owned()),
    }
}

/// Versions of the rows that the actor may see: of units above and below; with
/// the packs' forms, by form and version, newest first.
async fn visible_versions(app: &App, ctx: &Ctx, rows: &[Row]) -> Result<Vec<FormVersion>> {
    let mut homes: BTreeMap<UnitId, Unit> = BTreeMap::new();
    let mut all = Vec::new();
    for row in rows {
        let id: UnitId = row.get(2)?;
        let home = match homes.get(&id) {
            Some(home) => home.clone(),
            None => unit_fetch(app, id).await?,
        };
        homes.insert(id, home.clone());
        if visible(ctx, Permission::FormRead, &home) {
            all.push(read(row, home)?);
        }
    }
    Ok(all)
}

fn with_packs(app: &App, mut all: Vec<FormVersion>, only: Option<&str>) -> Vec<FormVersion> {
    for (pack, form) in app.packs.forms() {
        let same = |v: &FormVersion| v.form.id == form.id && v.form.version == form.version;
        if only.is_none_or(|id| id == form.id) && !all.iter().any(same) {
            all.push(of_pack(&pack.id, form));
        }
    }
    all.sort_by(|a, b| {
        let version = b.form.version.cmp(&a.form.version);
        a.form.id.cmp(&b.form.id).then(version)
    });
    all
}

/// All versions that the actor may see, by form, newest first.
///
/// # Errors
/// Only the database.
pub async fn form_versions(app: &App, ctx: &Ctx) -> Result<Vec<FormVersion>> {
    let rows = app.db.query(FORM_VERSIONS, params![VERSIONS_MAX]).await?;
    let all = visible_versions(app, ctx, &rows).await?;
    Ok(with_packs(app, all, None))
}

/// One version that the actor may see.
///
/// # Errors
/// There is none.
pub async fn form_version(app: &App, ctx: &Ctx, id: &str, version: i64) -> Result<FormVersion> {
    let rows = app.db.query(FORM_VERSION, params![id, version]).await?;
    let all = visible_versions(app, ctx, &rows).await?;
    let all = with_packs(app, all, Some(id));
    all.into_iter()
        .find(|v| i64::from(v.form.version) == version)
        .ok_or_else(not_found)
}

/// The version in force for the actor: the newest that is published.
///
/// # Errors
/// No such form.
pub async fn form_newest(app: &App, ctx: &Ctx, id: &str) -> Result<FormVersion> {
    let rows = app
        .db
        .query(FORM_VERSIONS_OF, params![id, VERSIONS_MAX])
        .await?;
    let all = visible_versions(app, ctx, &rows).await?;
    with_packs(app, all, Some(id))
        .into_iter()
        .find(|v| v.state == State::Published)
        .ok_or_else(not_found)
}

/// The version in force at a unit: the newest published one of the unit itself
/// or of one above it, else the pack's.
///
/// # Errors
/// No such form.
pub async fn form_in_force(app: &App, unit: &Unit, id: &str) -> Result<Form> {
    let rows = app
        .db
        .query(FORM_VERSIONS_OF, params![id, VERSIONS_MAX])
        .await?;
    let mut found: Option<Form> = None;
    for row in &rows {
        if read_state(row)? != State::Published {
            continue;
        }
        let home = unit_fetch(app, row.get(2)?).await?;
        if unit.path.starts_with(&home.path) {
            found = Some(read_form(row)?);
            break;
        }
    }
    let packs = app.packs.forms().filter(|(_, f)| f.id == id);
    let packed = packs.map(|(_, f)| f).max_by_key(|f| f.version);
    match (found, packed) {
        (Some(own), Some(pack)) if pack.version > own.version => Ok(pack.clone()),
        (Some(own), _) => Ok(own),
        (None, Some(pack)) => Ok(pack.clone()),
        (None, None) => Err(not_found()),
    }
}

/// A version that answers name: published, or retired since.
///
/// # Errors
/// Only the database.
pub async fn form_of_answers(app: &App, id: &str, version: u32) -> Result<Option<Form>> {
    let ran = app.db.ask(vec![forms_step([(id, version)])]).await?;
    let rows = ran.first().and_then(|r| r.rows.first());
    form_read(app, (id, version), rows.and_then(|r| r.first()))
}

/// What asks for versions that answers name, to go with other reads.
pub fn forms_step<'a>(named: impl IntoIterator<Item = (&'a str, u32)>) -> Step {
    let rows = named.into_iter();
    Step {
        sql: FORM_VERSION,
        rows: rows.map(|(id, v)| params![id, i64::from(v)]).collect(),
    }
}

/// One of the versions that [`forms_step`] asked for: its row, when there was one.
///
/// # Errors
/// A row that cannot be read.
pub fn form_read(app: &App, (id, version): (&str, u32), row: Option<&Row>) -> Result<Option<Form>> {
    if let Some(row) = row
        && read_state(row)? != State::Draft
    {
        return read_form(row).map(Some);
    }
    let mut packs = app.packs.forms();
    let found = packs.find(|(_, f)| f.id == id && f.version == version);
    Ok(found.map(|(_, f)| f.clone()))
}

fn written(form: &Form) -> Result<String> {
    let text = serde_json::to_string(form)
        .map_err(|_| KernelError::Internal("a form is not JSON".to_owned()))?;
    if text.len() > zf_forms::MAX_FORM_BYTES {
        return Err(KernelError::field("definition", "field.too_long"));
    }
    Ok(text)
}

fn noted(note: &str) -> Result<String> {
    match note.trim() {
        "" => Ok(String::new()),
        text => clear_text("note", text),
    }
}

/// Begins a draft: of the version in force when `from` is none, or of a new form
/// when there is none of that id and `definition` is given.
///
/// # Errors
/// No such version; the number was taken meanwhile.
pub async fn draft_create(
    app: &App,
    ctx: &Ctx,
    id: &str,
    from: Option<i64>,
    definition: Option<Form>,
    note: &str,
) -> Result<FormVersion> {
    let scope = program_scope(app, ctx, None).await?;
    let note = noted(note)?;
    let rows = app
        .db
        .query(FORM_VERSIONS_OF, params![id, VERSIONS_MAX])
        .await?;
    let newest: Option<i64> = rows.first().map(|r| r.get(1)).transpose()?;
    let packs = app.packs.forms().filter(|(_, f)| f.id == id);
    let packed = packs.map(|(_, f)| i64::from(f.version)).max();
    let version = newest.max(packed).unwrap_or_default() + 1;
    let (mut form, cloned) = match (definition, from) {
        (Some(form), from) => (form, from),
        (None, Some(v)) => (form_version(app, ctx, id, v).await?.form, Some(v)),
        (None, None) => {
            let form = form_newest(app, ctx, id).await?.form;
            let v = i64::from(form.version);
            (form, Some(v))
        }
    };
    form.id = id.to_owned();
    form.version = u32::try_from(version).map_err(|_| not_found())?;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let row = params![
        id,
        version,
        scope.unit_id(),
        written(&form)?,
        cloned,
        note,
        ctx.actor.user_id,
        ctx.actor.name.as_str(),
        ctx.now
    ];
    if tx.exec(FORM_DRAFT_ADD, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    told(&mut tx, app, "form.draft", &form);
    tx.commit().await?;
    form_version(app, ctx, id, version).await
}

fn told(tx: &mut UnitTx<'_>, app: &App, action: &'static str, form: &Form) {
    // A form has a name and a number; the chain wants an id of the entity.
    let detail = json!({ "form": form.id, "version": form.version });
    tx.record(action, "form", app.new_id(), detail);
}

/// A version of a unit where the actor may write; others are not found.
async fn own(app: &App, ctx: &Ctx, id: &str, version: i64) -> Result<(FormVersion, UnitScope)> {
    let found = form_version(app, ctx, id, version).await?;
    let Some(home) = found.home.clone() else {
        return Err(KernelError::refused(ErrorCode::FORM_PUBLISHED));
    };
    let scope = ctx
        .scope(Permission::ProgramWrite, &home)
        .map_err(|_| not_found())?;
    Ok((found, scope))
}

fn draft_only(found: &FormVersion, rev: i64) -> Result<()> {
    if found.state != State::Draft {
        return Err(KernelError::refused(ErrorCode::FORM_PUBLISHED));
    }
    if found.rev != rev {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    Ok(())
}

/// Changes a draft; what is wrong in it is found by the check, not here.
///
/// # Errors
/// Published already; changed by somebody else meanwhile; too big.
pub async fn draft_change(
    app: &App,
    ctx: &Ctx,
    (id, version): (&str, i64),
    rev: i64,
    definition: Form,
    note: &str,
) -> Result<FormVersion> {
    let (old, scope) = own(app, ctx, id, version).await?;
    draft_only(&old, rev)?;
    let mut form = definition;
    form.id = old.form.id;
    form.version = old.form.version;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let row = params![id, version, rev, written(&form)?, noted(note)?];
    if tx.exec(FORM_DRAFT_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    told(&mut tx, app, "form.change", &form);
    tx.commit().await?;
    form_version(app, ctx, id, version).await
}

/// Throws a draft away.
///
/// # Errors
/// Published already.
pub async fn draft_delete(app: &App, ctx: &Ctx, id: &str, version: i64) -> Result<()> {
    let (old, scope) = own(app, ctx, id, version).await?;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if tx.exec(FORM_DRAFT_DELETE, params![id, version]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::FORM_PUBLISHED));
    }
    told(&mut tx, app, "form.delete", &old.form);
    tx.commit().await?;
    Ok(())
}

/// What is wrong in a form, and what its author should look at again, by row
/// and column of its workbook.
pub fn form_check(ctx: &Ctx, form: &Form) -> (Vec<Finding>, Vec<Finding>) {
    let wrong = placed(form, &form.check());
    (wrong, placed(form, &form.warnings(ctx.today())))
}

/// Publishes a draft, or says what is wrong in it.
///
/// # Errors
/// Published already; changed by somebody else meanwhile.
pub async fn form_publish(
    app: &App,
    ctx: &Ctx,
    (id, version): (&str, i64),
    rev: i64,
) -> Result<(FormVersion, Vec<Finding>)> {
    let (old, scope) = own(app, ctx, id, version).await?;
    draft_only(&old, rev)?;
    let wrong = form_check(ctx, &old.form).0;
    if !wrong.is_empty() {
        return Ok((old, wrong));
    }
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let row = params![id, version, rev, ctx.actor.name.as_str(), ctx.now];
    if tx.exec(FORM_PUBLISH, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    told(&mut tx, app, "form.publish", &old.form);
    tx.commit().await?;
    Ok((form_version(app, ctx, id, version).await?, wrong))
}

/// Takes a published version out of use; the one before it holds again.
///
/// # Errors
/// Not published, or a pack's.
pub async fn form_retire(app: &App, ctx: &Ctx, id: &str, version: i64) -> Result<FormVersion> {
    let (old, scope) = own(app, ctx, id, version).await?;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let row = params![id, version, ctx.actor.name.as_str(), ctx.now];
    if tx.exec(FORM_RETIRE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    told(&mut tx, app, "form.retire", &old.form);
    tx.commit().await?;
    form_version(app, ctx, id, version).await
}
