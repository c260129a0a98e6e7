//! Reads a bank's own boundaries and roads: a GeoJSON FeatureCollection, Feature
//! or geometry (RFC 7946). Of each feature only the shape and its name stay; all
//! else could say who lives where. Coordinates become WGS-84. Bytes in, bytes
//! out; knows no database.

use super::Extent;
use serde_json::{Map, Value as Json, json};
use thiserror::Error;
use zf_base::geo::{Datum, Point};
use zf_base::limits;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GeoJsonError {
    /// Not JSON.
    #[error("not JSON")]
    Json,
    /// JSON, but no GeoJSON.
    #[error("not GeoJSON")]
    Kind,
    /// A pair of coordinates that is none; metres of a projection, mostly.
    #[error("coordinates out of range")]
    Coordinates,
    /// Nothing to draw.
    #[error("no shapes")]
    Empty,
}

/// Keys that name a feature, best first.
// not shown: keys of properties as map files write them
const NAMES: [&str; 4] = ["name", "NAME", "Name", "名称"];
/// Geometries nested deeper than that are nobody's map.
const DEPTH_MAX: usize = 8;

/// The file as it is kept, and what it covers.
///
/// # Errors
/// What is wrong with the file as a whole; nothing is dropped silently.
pub fn read(bytes: &[u8], datum: Datum) -> Result<(Vec<u8>, Extent), GeoJsonError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let json: Json = serde_json::from_slice(bytes).map_err(|_| GeoJsonError::Json)?;
    let mut walk = Walk {
        datum,
        bounds: [180.0, 90.0, -180.0, -90.0],
        points: 0,
    };
    let mut features = Vec::new();
    walk.collect(&json, &mut features)?;
    if walk.points == 0 {
        return Err(GeoJsonError::Empty);
    }
    let out = json!({ "type": "FeatureCollection", "features": features });
    let extent = Extent {
        bounds: Some(walk.bounds),
        ..Extent::default()
    };
    Ok((out.to_string().into_bytes(), extent))
}

struct Walk {
    datum: Datum,
    bounds: [f64; 4],
    points: usize,
}

impl Walk {
    fn collect(&mut self, json: &Json, out: &mut Vec<Json>) -> Result<(), GeoJsonError> {
        match json["type"].as_str() {
            Some("FeatureCollection") => {
                let all = json["features"].as_array().ok_or(GeoJsonError::Kind)?;
                all.iter().try_for_each(|f| self.collect(f, out))
            }
            Some("Feature") if json["geometry"].is_null() => Ok(()),
            Some("Feature") => {
                let geometry = self.geometry(&json["geometry"], 0)?;
                out.push(feature(&geometry, name(&json["properties"])));
                Ok(())
            }
            Some(_) => {
                let geometry = self.geometry(json, 0)?;
                out.push(feature(&geometry, None));
                Ok(())
            }
            None => Err(GeoJsonError::Kind),
        }
    }

    fn geometry(&mut self, json: &Json, depth: usize) -> Result<Json, GeoJsonError> {
        let kind = json["type"].as_str().ok_or(GeoJsonError::Kind)?;
        if depth > DEPTH_MAX {
            return Err(GeoJsonError::Kind);
        }
        let levels = match kind {
            "GeometryCollection" => {
                let all = json["geometries"].as_array().ok_or(GeoJsonError::Kind)?;
                let all: Result<Vec<Json>, _> =
                    all.iter().map(|g| self.geometry(g, depth + 1)).collect();
                return Ok(json!({ "type": kind, "geometries": all? }));
            }
            "Point" => 0,
            "MultiPoint" | "LineString" => 1,
            "MultiLineString" | "Polygon" => 2,
            "MultiPolygon" => 3,
            _ => return Err(GeoJsonError::Kind),
        };
        let coordinates = self.coordinates(&json["coordinates"], levels)?;
        Ok(json!({ "type": kind, "coordinates": coordinates }))
    }

    fn coordinates(&mut self, json: &Json, levels: usize) -> Result<Json, GeoJsonError> {
        let all = json.as_array().ok_or(GeoJsonError::Kind)?;
        if levels > 0 {
            let all: Result<Vec<Json>, _> = all
                .iter()
                .map(|inner| self.coordinates(inner, levels - 1))
                .collect();
            return Ok(Json::Array(all?));
        }
        let degrees = |i: usize| all.get(i).and_then(Json::as_f64);
        let (Some(lon), Some(lat)) = (degrees(0), degrees(1)) else {
            return Err(GeoJsonError::Coordinates);
        };
        let point = Point::from_datum(self.datum, lat, lon);
        let point = point.map_err(|_| GeoJsonError::Coordinates)?;
        self.points += 1;
        let [west, south, east, north] = &mut self.bounds;
        *west = west.min(point.lon());
        *south = south.min(point.lat());
        *east = east.max(point.lon());
        *north = north.max(point.lat());
        Ok(json!([rounded(point.lon()), rounded(point.lat())]))
    }
}

/// A decimetre; more digits only make the file longer.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

fn name(properties: &Json) -> Option<&str> {
    let mut known = NAMES.iter().filter_map(|key| properties[*key].as_str());
    known.find(|n| !n.is_empty() && n.chars().count() <= limits::NAME_CHARS_MAX)
}

fn feature(geometry: &Json, name: Option<&str>) -> Json {
    let mut properties = Map::new();
    if let Some(name) = name {
        properties.insert("name".to_owned(), json!(name));
    }
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn of_a_feature_only_the_shape_and_the_name_stay() {
        let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
            "properties":{"name":"柳林镇","owner":"李四","phone":"10412345678"},
            "geometry":{"type":"Polygon","coordinates":[[[110.5,35.25],[110.75,35.25],[110.5,35.5],[110.5,35.25]]]}}]}"#;
        let (kept, extent) = read(text.as_bytes(), Datum::Wgs84).unwrap();
        let kept = String::from_utf8(kept).unwrap();
        assert!(kept.contains("柳林镇") && kept.contains("[110.75,35.25]"));
        assert!(!kept.contains("李四") && !kept.contains("10412345678"));
        assert_eq!(extent.bounds, Some([110.5, 35.25, 110.75, 35.5]));
    }

    #[test]
    fn another_datum_becomes_wgs84() {
        let text = r#"{"type":"Point","coordinates":[116.404,39.915]}"#;
        let (_, extent) = read(text.as_bytes(), Datum::Gcj02).unwrap();
        // Tiananmen in GCJ-02 lies about 520 m east and 150 m north of itself in WGS-84.
        let [west, south, ..] = extent.bounds.unwrap();
        assert!((west - 116.397_76).abs() < 2e-5, "{west}");
        assert!((south - 39.913_60).abs() < 2e-5, "{south}");
    }

    #[test]
    fn a_file_in_metres_or_without_shapes_is_refused() {
        let fails = |text: &str| read(text.as_bytes(), Datum::Wgs84).unwrap_err();
        let metres = r#"{"type":"Point","coordinates":[500000.0,3900000.0]}"#;
        assert_eq!(fails(metres), GeoJsonError::Coordinates);
        assert_eq!(fails("姓名,电话"), GeoJsonError::Json);
        assert_eq!(fails(r#"{"a":1}"#), GeoJsonError::Kind);
        let empty = r#"{"type":"FeatureCollection","features":[]}"#;
        assert_eq!(fails(empty), GeoJsonError::Empty);
        let text = r#"{"type":"LineString","coordinates":[["a","b"]]}"#;
        assert_eq!(fails(text), GeoJsonError::Coordinates);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut text = r#"{"type":"Point","coordinates":[1,2]}"#.to_owned();
        for _ in 0..20 {
            text = format!(r#"{{"type":"GeometryCollection","geometries":[{text}]}}"#);
        }
        let refused = read(text.as_bytes(), Datum::Wgs84).unwrap_err();
        assert_eq!(refused, GeoJsonError::Kind);
    }
}
