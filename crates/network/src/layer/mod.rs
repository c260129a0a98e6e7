//! Base maps of the bank's own: boundaries and roads as GeoJSON, tiles as
//! PMTiles, each with the review number (审图号) of its source. A county loads
//! one and every branch below draws its week on it; without any the map is a
//! schematic. Files are kept in parts, so that a page reads only the tiles it
//! shows. No outside service is ever asked; nothing here is about a person.

pub mod geojson;
pub mod http;
pub mod pmtiles;
pub mod service;
pub mod store;

use zf_base::geo::Datum;
use zf_base::{Timestamp, UnitId, Uuid};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Shapes; stored in WGS-84 whatever they came in.
    GeoJson,
    /// Tiles; stay in the datum they were drawn in.
    PmTiles,
}

impl Format {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::GeoJson => "geojson",
            Format::PmTiles => "pmtiles",
        }
    }
}

/// What is known of a file's content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extent {
    /// West, south, east, north in degrees, in the datum of the layer.
    pub bounds: Option<[f64; 4]>,
    /// Levels of the tiles, fewest and most detailed.
    pub zooms: Option<(i64, i64)>,
    /// `png`, `jpeg`, `webp`, `avif` or `mvt`.
    pub tiles: Option<&'static str>,
}

/// A layer without its content.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The unit that loaded it; it serves everything below.
    pub unit_id: UnitId,
    /// Id.
    pub id: Uuid,
    /// Shown in the corner of the map.
    pub name: String,
    /// `geojson` or `pmtiles`.
    pub kind: String,
    /// Datum of the content.
    pub datum: Datum,
    /// Kind of tiles.
    pub tiles: Option<String>,
    /// 审图号; empty for what needs none (the bank's own drawing).
    pub review_number: String,
    /// Where it is from, and under which right it is used.
    pub source: String,
    /// Length of the content.
    pub bytes: i64,
    /// West, south, east, north.
    pub bounds: Option<[f64; 4]>,
    /// Levels of the tiles.
    pub zooms: Option<(i64, i64)>,
    /// When it was loaded.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by_name: String,
}
