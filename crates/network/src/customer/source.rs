//! Source: where the fields of a record came from, on which legal ground, for
//! what and until when (CAP-008…016, ERR-031). One row per import and branch is
//! the default of all its customers; a field that came from elsewhere later has
//! a row of its own. Which channels there are and which are off is data of the
//! packs; a channel or tag that needs a lawful basis is off until a record is
//! approved. The approval itself happens above, in custody: here is only read.
//! What ends with its basis is told by `ended`, what goes along by `moves`.

pub mod ended;
pub mod moves;

use serde::Deserialize;
use std::collections::BTreeSet;
use zf_base::{BasisId, CustomerId, Day, ImportId, SourceId, Timestamp, UnitId, UserId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, UnitTx};
use zf_store::{params, statements};

statements! {
    /// Adds a source; a second time changes nothing.
    SOURCE_ADD: unit = "INSERT INTO source (unit_id, id, channel, law, purpose, expires_day, basis_id, import_id, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (unit_id, id) DO NOTHING";
    /// The record's source and those of fields that came from elsewhere.
    SOURCES_OF_CUSTOMER: unit = "SELECT '' AS field, s.id, s.channel, s.law, s.purpose, s.expires_day, s.basis_id, s.import_id, s.made_at, s.made_by, c.created_at FROM customer c JOIN source s ON s.unit_id = c.unit_id AND s.id = c.source_id WHERE c.unit_id = $1 AND c.id = $2 UNION ALL SELECT f.field, s.id, s.channel, s.law, s.purpose, s.expires_day, s.basis_id, s.import_id, s.made_at, s.made_by, f.at FROM field_source f JOIN source s ON s.unit_id = f.unit_id AND s.id = f.source_id WHERE f.unit_id = $1 AND f.customer_id = $2";
    /// Does any field of the branch have a source of its own?
    FIELD_SOURCE_ANY: unit = "SELECT 1 FROM field_source WHERE unit_id = $1 LIMIT 1";
    /// A field came from elsewhere.
    FIELD_SOURCE_PUT: unit = "INSERT INTO field_source (unit_id, customer_id, field, source_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id, customer_id, field) DO UPDATE SET source_id = $4, at = $5";
    /// A field follows the record again.
    FIELD_SOURCE_DROP: unit = "DELETE FROM field_source WHERE unit_id = $1 AND customer_id = $2 AND field = $3";
    /// Forgets the sources of all fields of a customer.
    FIELD_SOURCES_CLEAR: unit = "DELETE FROM field_source WHERE unit_id = $1 AND customer_id = $2";
    /// The record that allows a channel or tag on a day, the longest first.
    BASIS_IN_FORCE: unit = "SELECT id, law, purpose, expires_day FROM lawful_basis WHERE unit_id = $1 AND source = $2 AND state = 'approved' AND expires_day >= $3 ORDER BY expires_day DESC, id LIMIT 1";
}

/// The bank's own system.
pub const CORE_SYSTEM: &str = "core_system";
/// Typed in by a person.
pub const PAGE: &str = "page";

const PRESET: &str = include_str!("../../presets/sources.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    version: i64,
    laws: Vec<String>,
    purposes: Vec<String>,
    channel: Vec<Ground>,
    otherwise: Otherwise,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ground {
    id: String,
    law: String,
    purpose: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Otherwise {
    law: String,
    purpose: String,
}

/// The preset as it stands, for the page of parameters.
///
/// # Errors
/// A preset that does not read: a fault of ours.
pub fn preset_json() -> Result<serde_json::Value> {
    let bad = |e: &dyn std::fmt::Display| KernelError::Internal(format!("sources: {e}"));
    let value: toml::Value = toml::from_str(PRESET).map_err(|e| bad(&e))?;
    serde_json::to_value(value).map_err(|e| bad(&e))
}

/// A way by which records come into the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Code, e.g. `village_office`.
    pub id: String,
    /// Name given by the pack; empty for the two built-in ones.
    pub title: String,
    /// Off until a lawful basis is approved.
    pub needs_basis: bool,
    /// Article of law without a record of its own.
    pub law: String,
    /// Purpose without a record of its own.
    pub purpose: String,
}

/// The channels there are, and the codes a lawful basis may name.
#[derive(Clone, Debug)]
pub struct Channels {
    /// Version of the preset.
    pub version: i64,
    /// Built-in ones first, then those of the packs in their order.
    pub channels: Vec<Channel>,
    /// Codes of articles of law.
    pub laws: Vec<String>,
    /// Codes of purposes.
    pub purposes: Vec<String>,
    /// Tags that are off until a lawful basis is approved.
    pub tags_off: BTreeSet<String>,
}

#[derive(Deserialize)]
struct PackFile {
    #[serde(default)]
    channel: Vec<PackChannel>,
}

#[derive(Deserialize)]
struct PackChannel {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    needs_basis: bool,
}

impl Channels {
    /// Reads the presets and what the packs say of channels and tags.
    ///
    /// # Errors
    /// A preset or a pack's campaign file that cannot be read.
    pub fn of(app: &App) -> Result<Channels> {
        let bad = |e: toml::de::Error| KernelError::Internal(format!("sources: {e}"));
        let preset: Preset = toml::from_str(PRESET).map_err(bad)?;
        let mut all = Channels {
            version: preset.version,
            channels: vec![],
            laws: preset.laws.clone(),
            purposes: preset.purposes.clone(),
            tags_off: app
                .packs
                .must_visit_groups()
                .filter(|g| g.lawful_basis)
                .map(|g| g.tag.clone())
                .collect(),
        };
        for id in [CORE_SYSTEM, PAGE] {
            all.add(&preset, id, "", false);
        }
        for program in app.packs.program_presets() {
            let file: PackFile = toml::from_str(program.toml).map_err(bad)?;
            for c in file.channel {
                all.add(&preset, &c.id, &c.title, c.needs_basis);
            }
        }
        Ok(all)
    }

    fn add(&mut self, preset: &Preset, id: &str, title: &str, needs_basis: bool) {
        if let Some(known) = self.channels.iter_mut().find(|c| c.id == id) {
            // Two packs that differ: the stricter one holds.
            known.needs_basis |= needs_basis;
            return;
        }
        let ground = preset.channel.iter().find(|g| g.id == id);
        let other = &preset.otherwise;
        self.channels.push(Channel {
            id: id.to_owned(),
            title: title.to_owned(),
            needs_basis,
            law: ground.map_or_else(|| other.law.clone(), |g| g.law.clone()),
            purpose: ground.map_or_else(|| other.purpose.clone(), |g| g.purpose.clone()),
        });
    }

    /// A channel by its code.
    pub fn get(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|c| c.id == id)
    }
}

/// How a tag is called in a lawful basis.
pub fn tag_source(tag: &str) -> String {
    format!("tag:{tag}")
}

/// An approved lawful basis that holds on some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Which.
    pub id: BasisId,
    /// Article of law.
    pub law: String,
    /// Purpose.
    pub purpose: String,
    /// Last day.
    pub expires_day: Day,
}

/// The approved lawful basis for a channel (`village_office`) or a tag
/// (`tag:B10`, see [`tag_source`]) that holds for a unit on a day: its own, or
/// one of a unit above it.
///
/// # Errors
/// Only the database.
pub async fn basis_in_force(
    app: &App,
    unit: &Unit,
    source: &str,
    day: Day,
) -> Result<Option<InForce>> {
    let above: Vec<UnitId> = unit
        .path
        .split('/')
        .filter_map(|part| part.parse().ok())
        .collect();
    for at in above.into_iter().rev() {
        let rows = app
            .read_unit(at, BASIS_IN_FORCE, params![source, day])
            .await?;
        if let Some(row) = rows.first() {
            return Ok(Some(InForce {
                id: row.get(0)?,
                law: row.get(1)?,
                purpose: row.get(2)?,
                expires_day: row.get(3)?,
            }));
        }
    }
    Ok(None)
}

/// Tags that are off in a unit on a day, for want of a lawful basis.
///
/// # Errors
/// Only the database.
pub async fn tags_off(
    app: &App,
    channels: &Channels,
    unit: &Unit,
    day: Day,
) -> Result<BTreeSet<String>> {
    let mut off = BTreeSet::new();
    for tag in &channels.tags_off {
        if basis_in_force(app, unit, &tag_source(tag), day)
            .await?
            .is_none()
        {
            off.insert(tag.clone());
        }
    }
    Ok(off)
}

/// A source on its way into the database.
#[derive(Clone, Debug)]
pub struct NewSource {
    /// Derived from the branch and what it is the source of, so that a second
    /// attempt writes the same row.
    pub id: SourceId,
    /// Channel.
    pub channel: String,
    law: String,
    purpose: String,
    expires_day: Option<Day>,
    basis: Option<BasisId>,
    import: Option<ImportId>,
}

/// The source of what an import brings into a branch, or of what is typed in
/// there; none when the channel is off for want of a lawful basis.
///
/// # Errors
/// A channel that no pack has; the database.
pub async fn source_for(
    app: &App,
    channels: &Channels,
    unit: &Unit,
    channel: &str,
    import: Option<ImportId>,
    day: Day,
) -> Result<Option<NewSource>> {
    let known = channels
        .get(channel)
        .ok_or_else(|| KernelError::field("channel", "field.not_in_list"))?;
    let basis = basis_in_force(app, unit, channel, day).await?;
    if known.needs_basis && basis.is_none() {
        return Ok(None);
    }
    let of = import.map_or_else(|| unit.id.uuid(), |i| i.uuid());
    // A later basis is another source: what came before keeps its ground.
    let name = format!(
        "{}/{channel}/{}",
        unit.id,
        basis.as_ref().map(|b| b.id.to_string()).unwrap_or_default()
    );
    Ok(Some(NewSource {
        id: SourceId(zf_base::Uuid::new_v5(&of, name.as_bytes())),
        channel: channel.to_owned(),
        law: basis.as_ref().map_or(&known.law, |b| &b.law).clone(),
        purpose: basis
            .as_ref()
            .map_or(&known.purpose, |b| &b.purpose)
            .clone(),
        expires_day: basis.as_ref().map(|b| b.expires_day),
        basis: basis.map(|b| b.id),
        import,
    }))
}

/// Stores a source unless it is there.
///
/// # Errors
/// Only the database.
pub async fn source_put(tx: &mut UnitTx<'_>, ctx: &Ctx, s: &NewSource) -> Result<()> {
    let row = params![
        s.id,
        s.channel.as_str(),
        s.law.as_str(),
        s.purpose.as_str(),
        s.expires_day,
        s.basis,
        s.import,
        ctx.now,
        ctx.actor.user_id
    ];
    tx.exec(SOURCE_ADD, row).await?;
    Ok(())
}

/// Does any field of the branch have a source of its own? Without one a change
/// from the record's own channel has nothing to take back.
///
/// # Errors
/// Only the database.
pub async fn any_field_source(app: &App, unit: UnitId) -> Result<bool> {
    let rows = app.read_unit(unit, FIELD_SOURCE_ANY, params![]).await?;
    Ok(!rows.is_empty())
}

/// Notes that fields of a customer were changed by a source: a row per field
/// when it is another channel than the record's, none when it is the same.
///
/// # Errors
/// Only the database.
pub async fn fields_changed(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    customer: CustomerId,
    record_channel: &str,
    source: &NewSource,
    fields: &[&'static str],
) -> Result<()> {
    for field in fields {
        if source.channel == record_channel {
            tx.exec(FIELD_SOURCE_DROP, params![customer, *field])
                .await?;
        } else {
            let row = params![customer, *field, source.id, ctx.now];
            tx.exec(FIELD_SOURCE_PUT, row).await?;
        }
    }
    Ok(())
}

/// Forgets the sources of all fields of a customer that leaves.
///
/// # Errors
/// Only the database.
pub async fn fields_forget(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<u64> {
    tx.exec(FIELD_SOURCES_CLEAR, params![customer]).await
}

/// Where a field, or with an empty name the whole record, came from.
#[derive(Clone, Debug)]
pub struct FieldSource {
    /// Name of the field; empty = all others.
    pub field: String,
    /// Source.
    pub id: SourceId,
    /// Channel.
    pub channel: String,
    /// Article of law.
    pub law: String,
    /// Purpose.
    pub purpose: String,
    /// May be kept and used through this day; none = while the purpose lasts.
    pub expires_day: Option<Day>,
    /// Lawful basis of its own.
    pub basis_id: Option<BasisId>,
    /// The import that brought it.
    pub import_id: Option<ImportId>,
    /// The source was noted.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: UserId,
    /// The field came.
    pub at: Timestamp,
}

/// The sources of a customer: the record's first, then fields by name.
///
/// # Errors
/// Only the database.
pub async fn sources_of(app: &App, unit: UnitId, customer: CustomerId) -> Result<Vec<FieldSource>> {
    let rows = app
        .read_unit(unit, SOURCES_OF_CUSTOMER, params![customer])
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        all.push(FieldSource {
            field: row.get(0)?,
            id: row.get(1)?,
            channel: row.get(2)?,
            law: row.get(3)?,
            purpose: row.get(4)?,
            expires_day: row.get(5)?,
            basis_id: row.get(6)?,
            import_id: row.get(7)?,
            made_at: row.get(8)?,
            made_by: row.get(9)?,
            at: row.get(10)?,
        });
    }
    all.sort_by(|a, b| a.field.cmp(&b.field));
    Ok(all)
}
