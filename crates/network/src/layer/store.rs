//! SQL of base maps. Parts are read by range with `substr`, which both engines
//! have for bytes and count from 1.

use zf_store::statements;

statements! {
    /// Layers that a unit has loaded.
    LAYERS: unit = "SELECT unit_id, id, name, kind, datum, tiles, review_number, source, bytes, west, south, east, north, min_zoom, max_zoom, added_at, added_by_name FROM map_layer WHERE unit_id = $1 ORDER BY added_at DESC, id LIMIT 100";
    /// One of a unit.
    LAYER_BY_ID: unit = "SELECT unit_id, id, name, kind, datum, tiles, review_number, source, bytes, west, south, east, north, min_zoom, max_zoom, added_at, added_by_name FROM map_layer WHERE unit_id = $1 AND id = $2";
    /// Makes a layer visible; its parts are there by then.
    LAYER_ADD: unit = "INSERT INTO map_layer (unit_id, id, name, kind, datum, tiles, review_number, source, bytes, west, south, east, north, min_zoom, max_zoom, added_at, added_by, added_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    /// Another name, number or source.
    LAYER_CHANGE: unit = "UPDATE map_layer SET name = $3, review_number = $4, source = $5 WHERE unit_id = $1 AND id = $2";
    /// Takes a layer away.
    LAYER_DELETE: unit = "DELETE FROM map_layer WHERE unit_id = $1 AND id = $2";
    /// Adds a part.
    PART_ADD: unit = "INSERT INTO map_layer_part (unit_id, layer_id, seq, content) VALUES ($1, $2, $3, $4)";
    /// Bytes of a part, from a place counted from 1.
    PART_READ: unit = "SELECT substr(content, $4, $5) FROM map_layer_part WHERE unit_id = $1 AND layer_id = $2 AND seq = $3";
    /// Takes the parts of a layer away.
    PARTS_DELETE: unit = "DELETE FROM map_layer_part WHERE unit_id = $1 AND layer_id = $2";
    /// Takes parts away that never became a layer and are not being loaded by somebody now.
    PARTS_ORPHANED: unit = "DELETE FROM map_layer_part WHERE unit_id = $1 AND layer_id <> $2 AND NOT EXISTS (SELECT 1 FROM map_layer l WHERE l.unit_id = map_layer_part.unit_id AND l.id = map_layer_part.layer_id)";
}
