//! Loading, listing, changing and reading base maps. A file comes in as it
//! arrives, part by part; the layer is visible when all of it is there, and
//! parts of a broken upload go with the next one. Who reads a layer is below
//! the unit that loaded it.

use super::store::*;
use super::{Extent, Format, Layer, geojson, pmtiles};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::{UnitId, Uuid, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Row, params};

/// Bytes of a part: a tile is a few hundred kilobytes at most, so one or two parts hold it.
pub const PART_BYTES: usize = 1 << 20;
/// Parts committed at once.
const PARTS_AT_ONCE: usize = 8;

/// What a layer is called and where it is from.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Name.
    pub name: String,
    /// 审图号.
    pub review_number: String,
    /// Source and right of use.
    pub source: String,
}

impl About {
    fn checked(&self) -> Result<About> {
        let short = |field: &str, text: &str| match text.trim() {
            text if text.chars().count() > limits::NAME_CHARS_MAX => {
                Err(KernelError::field(field, "field.too_long"))
            }
            text => Ok(text.to_owned()),
        };
        let name = clear_text("name", &self.name)?;
        short("name", &name)?;
        Ok(About {
            name,
            review_number: short("review_number", &self.review_number)?,
            source: short("source", &self.source)?,
        })
    }
}

fn read(row: &Row) -> Result<Layer> {
    let datum: String = row.get(4)?;
    let corner = |i: usize| row.get::<Option<f64>>(i);
    let bounds = match (corner(9)?, corner(10)?, corner(11)?, corner(12)?) {
        (Some(w), Some(s), Some(e), Some(n)) => Some([w, s, e, n]),
        _ => None,
    };
    Ok(Layer {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        datum: datum.parse().unwrap_or_default(),
        tiles: row.get(5)?,
        review_number: row.get(6)?,
        source: row.get(7)?,
        bytes: row.get(8)?,
        bounds,
        zooms: row.get::<Option<i64>>(13)?.zip(row.get::<Option<i64>>(14)?),
        added_at: row.get(15)?,
        added_by_name: row.get(16)?,
    })
}

/// The unit and everything above it, from itself to the root.
fn line(unit: &Unit) -> Vec<UnitId> {
    let ids = unit.path.split('/').filter(|s| !s.is_empty());
    let mut line: Vec<UnitId> = ids.filter_map(|id| id.parse().ok()).collect();
    line.reverse();
    line
}

/// Layers that serve a unit: its own first, then those of the units above.
///
/// # Errors
/// Only the database.
pub async fn layers_for(app: &App, unit: &Unit) -> Result<Vec<Layer>> {
    let mut all = Vec::new();
    for id in line(unit) {
        for row in &app.read_unit(id, LAYERS, params![]).await? {
            all.push(read(row)?);
        }
    }
    Ok(all)
}

/// A layer that serves a unit.
///
/// # Errors
/// `not_found` when it is loaded elsewhere or not at all.
pub async fn layer_for(app: &App, unit: &Unit, layer: Uuid) -> Result<Layer> {
    for id in line(unit) {
        let rows = app.read_unit(id, LAYER_BY_ID, params![layer]).await?;
        if let Some(row) = rows.first() {
            return read(row);
        }
    }
    Err(KernelError::refused(ErrorCode::NOT_FOUND))
}

/// Bytes of a layer from one place to another, both counted from 0 and within.
///
/// # Errors
/// Only the database.
pub async fn content(app: &App, layer: &Layer, first: u64, last: u64) -> Result<Vec<u8>> {
    let part = PART_BYTES as u64;
    let mut out = Vec::new();
    for seq in first / part..=last / part {
        let from = first.max(seq * part) - seq * part;
        let to = last.min(seq * part + part - 1) - seq * part;
        let p = params![
            layer.id,
            seq as i64,
            from as i64 + 1,
            (to - from + 1) as i64
        ];
        for row in &app.read_unit(layer.unit_id, PART_READ, p).await? {
            out.extend(row.get::<Vec<u8>>(0)?);
        }
    }
    Ok(out)
}

/// A file on its way in.
pub struct Intake<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    scope: &'a UnitScope,
    datum: Datum,
    id: Uuid,
    held: Vec<u8>,
    parts: i64,
    bytes: u64,
    format: Option<Format>,
    head: Vec<u8>,
}

impl<'a> Intake<'a> {
    /// Begins; throws away what an earlier, broken upload has left.
    ///
    /// # Errors
    /// Only the database.
    pub async fn begin(
        app: &'a App,
        ctx: &'a Ctx,
        scope: &'a UnitScope,
        datum: Datum,
    ) -> Result<Intake<'a>> {
        let id = app.new_id();
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx.exec(PARTS_ORPHANED, params![id]).await? > 0 {
            tx.record("map_layer.clear", "map_layer", id, json!({}));
        }
        tx.commit().await?;
        Ok(Intake {
            app,
            ctx,
            scope,
            datum,
            id,
            held: Vec::new(),
            parts: 0,
            bytes: 0,
            format: None,
            head: Vec::new(),
        })
    }

    /// Takes the next bytes as they come.
    ///
    /// # Errors
    /// `input.too_large`; what is wrong with the beginning of the file.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.held.extend_from_slice(bytes);
        if self.format.is_none() && self.held.len() >= pmtiles::HEADER_BYTES {
            self.look()?;
        }
        let most = match self.format {
            Some(Format::PmTiles) => limits::MAP_TILES_BYTES_MAX,
            _ => limits::MAP_SHAPES_BYTES_MAX,
        };
        if self.bytes > most {
            return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
        }
        // Shapes are read as a whole at the end; tiles go to the database at once.
        if self.format == Some(Format::PmTiles) && self.held.len() >= PART_BYTES * PARTS_AT_ONCE {
            self.put(false).await?;
        }
        Ok(())
    }

    fn look(&mut self) -> Result<()> {
        if self.held.starts_with(b"PMTiles") {
            self.head = self.held[..pmtiles::HEADER_BYTES].to_vec();
            pmtiles::header(&self.head).map_err(unreadable)?;
            self.format = Some(Format::PmTiles);
        } else {
            self.format = Some(Format::GeoJson);
        }
        Ok(())
    }

    /// Writes whole parts; at the end the last, shorter one too.
    async fn put(&mut self, end: bool) -> Result<()> {
        let whole = self.held.len() / PART_BYTES * PART_BYTES;
        let length = if end { self.held.len() } else { whole };
        if length == 0 {
            return Ok(());
        }
        let rest = self.held.split_off(length);
        let ready = std::mem::replace(&mut self.held, rest);
        for some in ready.chunks(PART_BYTES * PARTS_AT_ONCE) {
            let mut tx = UnitTx::begin(self.app, self.ctx, self.scope).await?;
            for part in some.chunks(PART_BYTES) {
                tx.exec(PART_ADD, params![self.id, self.parts, part])
                    .await?;
                self.parts += 1;
            }
            let detail = json!({ "parts": self.parts });
            tx.record("map_layer.load", "map_layer", self.id, detail);
            tx.commit().await?;
        }
        Ok(())
    }

    /// All bytes are in: checks the file and shows the layer.
    ///
    /// # Errors
    /// What is wrong with the file or with a field.
    pub async fn finish(mut self, about: &About) -> Result<Layer> {
        let about = about.checked()?;
        if self.bytes == 0 {
            return Err(KernelError::field("file", "field.required"));
        }
        if self.format.is_none() {
            self.look()?;
        }
        let format = self.format.unwrap_or(Format::GeoJson);
        let (extent, datum, length) = match format {
            Format::PmTiles => (
                pmtiles::header(&self.head).map_err(unreadable)?,
                self.datum,
                self.bytes,
            ),
            Format::GeoJson => {
                let (kept, extent) = geojson::read(&self.held, self.datum).map_err(unreadable)?;
                let length = kept.len() as u64;
                self.held = kept;
                (extent, Datum::Wgs84, length)
            }
        };
        self.put(true).await?;
        self.show(&about, format, &extent, datum, length).await?;
        layer_for(self.app, self.scope.unit(), self.id).await
    }

    async fn show(
        &self,
        about: &About,
        format: Format,
        extent: &Extent,
        datum: Datum,
        length: u64,
    ) -> Result<()> {
        let corner = |i: usize| extent.bounds.map(|b| b[i]);
        let row = params![
            self.id,
            about.name.as_str(),
            format.as_str(),
            datum.code(),
            extent.tiles,
            about.review_number.as_str(),
            about.source.as_str(),
            length as i64,
            corner(0),
            corner(1),
            corner(2),
            corner(3),
            extent.zooms.map(|z| z.0),
            extent.zooms.map(|z| z.1),
            self.ctx.now,
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str()
        ];
        let mut tx = UnitTx::begin(self.app, self.ctx, self.scope).await?;
        tx.exec(LAYER_ADD, row).await?;
        let detail = json!({ "kind": format.as_str(), "bytes": length, "datum": datum.code() });
        tx.record("map_layer.add", "map_layer", self.id, detail);
        tx.commit().await
    }
}

fn unreadable(fault: impl Into<Fault>) -> KernelError {
    KernelError::field("file", fault.into().0)
}

/// Code of what is wrong with a file.
struct Fault(&'static str);

impl From<pmtiles::PmTilesError> for Fault {
    fn from(_: pmtiles::PmTilesError) -> Fault {
        Fault("map.tiles")
    }
}

impl From<geojson::GeoJsonError> for Fault {
    fn from(e: geojson::GeoJsonError) -> Fault {
        Fault(match e {
            geojson::GeoJsonError::Json | geojson::GeoJsonError::Kind => "map.format",
            geojson::GeoJsonError::Coordinates => "map.coordinates",
            geojson::GeoJsonError::Empty => "map.empty",
        })
    }
}

/// Another name, number or source.
///
/// # Errors
/// `not_found`; fields that are wrong.
pub async fn layer_change(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    about: &About,
) -> Result<Layer> {
    let about = about.checked()?;
    let row = params![
        id,
        about.name.as_str(),
        about.review_number.as_str(),
        about.source.as_str()
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if tx.exec(LAYER_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    tx.record("map_layer.change", "map_layer", id, json!({}));
    tx.commit().await?;
    layer_for(app, scope.unit(), id).await
}

/// Takes a layer away with its content.
///
/// # Errors
/// `not_found`.
pub async fn layer_delete(app: &App, ctx: &Ctx, scope: &UnitScope, id: Uuid) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if tx.exec(LAYER_DELETE, params![id]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    tx.exec(PARTS_DELETE, params![id]).await?;
    tx.record("map_layer.delete", "map_layer", id, json!({}));
    tx.commit().await
}
