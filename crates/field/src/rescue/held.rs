//! What a phone sealed: an operation, a visit that was being written, or a
//! photo, each in an object of one key as the field app writes it. Reads clear
//! text and makes of it what the rest of the room takes; decides nothing and
//! knows no key. A draft becomes the visit it was going to be, marked as such,
//! so that somebody looks at it before it counts.

use crate::blob::NewPhoto;
use crate::visit::payload::{DRAFT, VISIT_AMEND, VISIT_SUBMIT};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// What was sealed.
pub enum Held {
    /// An operation, or something that is none and is kept aside whole.
    Operation(Json),
    /// A visit that nobody handed in, as the operation it was going to be.
    Draft(Json),
    /// A photo with its bytes.
    Photo(NewPhoto, Vec<u8>),
}

#[derive(Deserialize)]
struct Blob {
    sha256: String,
    mime: String,
    role: String,
    visit_id: Uuid,
    op_id: Uuid,
    bytes: String,
}

/// Reads the clear text.
pub fn read(text: &[u8]) -> Held {
    let Ok(said) = serde_json::from_slice::<Json>(text) else {
        let whole = String::from_utf8_lossy(text).into_owned();
        return Held::Operation(Json::String(whole));
    };
    let only = |key: &str| said.get(key).filter(|v| v.is_object());
    if let Some(op) = only("op") {
        return Held::Operation(numbered(op.clone()));
    }
    if let Some(draft) = only("draft") {
        return draft_op(draft).map_or(Held::Operation(said.clone()), Held::Draft);
    }
    match only("blob").and_then(photo) {
        Some((new, bytes)) => Held::Photo(new, bytes),
        None => Held::Operation(said),
    }
}

/// The number is given when an operation joins the queue, after it was sealed.
fn numbered(mut op: Json) -> Json {
    if let Some(op) = op.as_object_mut() {
        op.entry("client_seq").or_insert(json!(0));
    }
    op
}

/// What the visit was going to say. Keys that mean something on the phone only are left out.
fn draft_op(draft: &Json) -> Option<Json> {
    let text = |key: &str| draft.get(key).and_then(Json::as_str);
    let amends = draft.get("amends").filter(|a| a.is_object());
    let mut payload = Map::new();
    for key in [
        "program_id",
        "day",
        "target_id",
        "household_id",
        "customer_id",
        "village_group_id",
        "stop_id",
        "form_id",
        "form_version",
        "answers",
        "visitors",
        "started_at",
    ] {
        payload.insert(key.to_owned(), draft.get(key)?.clone());
    }
    payload.insert("kind".to_owned(), json!(text("visit_kind")?));
    payload.insert(DRAFT.to_owned(), json!(true));
    let positions = draft.get("positions").and_then(Json::as_array);
    if let Some(last) = positions.and_then(|all| all.last()) {
        payload.insert("position".to_owned(), last.clone());
    }
    if let Some(reason) = amends.and_then(|a| a.get("reason")) {
        payload.insert("reason".to_owned(), reason.clone());
    }
    Some(json!({
        "op_id": text("op_id")?,
        "client_seq": 0,
        "kind": if amends.is_some() { VISIT_AMEND } else { VISIT_SUBMIT },
        "entity_id": text("id")?,
        "base_rev": amends.and_then(|a| a.get("rev")),
        "schema_ver": 1,
        "device_time": text("started_at")?,
        "payload": payload,
        "blobs": blobs(draft),
    }))
}

fn blobs(draft: &Json) -> Vec<Json> {
    let photos = draft.get("photos").and_then(Json::as_array);
    let one = |p: &Json| {
        let role = p.get("role").and_then(Json::as_str).unwrap_or("photo");
        json!({ "sha256": p.get("sha256"), "size": p.get("size"), "role": role })
    };
    photos.into_iter().flatten().map(one).collect()
}

fn photo(said: &Json) -> Option<(NewPhoto, Vec<u8>)> {
    let blob = Blob::deserialize(said).ok()?;
    let bytes = STANDARD.decode(blob.bytes.as_bytes()).ok()?;
    let new = NewPhoto {
        visit_id: blob.visit_id,
        op_id: blob.op_id,
        sha256: blob.sha256.to_ascii_lowercase(),
        size: bytes.len() as u64,
        mime: blob.mime,
        role: blob.role,
    };
    Some((new, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "01900000-0000-7000-8000-000000000001";

    fn of(said: Json) -> Held {
        read(said.to_string().as_bytes())
    }

    #[test]
    fn an_operation_is_taken_out_of_its_object_and_numbered() {
        let Held::Operation(op) = of(json!({ "op": { "op_id": A, "kind": "visit.submit" } }))
        else {
            panic!("no operation");
        };
        assert_eq!(
            op,
            json!({ "op_id": A, "kind": "visit.submit", "client_seq": 0 })
        );
    }

    #[test]
    fn what_is_none_of_them_stays_as_it_is_and_is_kept_aside_by_push() {
        for said in [
            json!({ "op_id": A }),
            json!({ "draft": { "id": A } }),
            json!({ "blob": { "bytes": "!" } }),
            json!([1]),
        ] {
            let Held::Operation(op) = of(said.clone()) else {
                panic!("{said}");
            };
            assert_eq!(op, said);
        }
        let Held::Operation(op) = read(b"not json") else {
            panic!("no operation");
        };
        assert_eq!(op, json!("not json"));
    }

    #[test]
    fn a_draft_becomes_the_visit_it_was_going_to_be_and_says_so() {
        let none = Json::Null;
        let draft = json!({
            "id": A, "op_id": A, "program_id": A, "visit_kind": "precise", "day": "2026-11-23",
            "target_id": none, "household_id": A, "customer_id": none, "village_group_id": none,
            "stop_id": none, "form_id": "household-visit", "form_version": 1, "title": "张某某",
            "answers": { "outcome": "self" }, "visitors": [A], "started_at": "2026-11-23T01:00:00Z",
            "positions": [{ "lat": 1.0 }, { "lat": 2.0 }], "amends": none, "newly_found": false,
            "photos": [{ "sha256": "ab", "size": 3, "at": "x" }],
        });
        let Held::Draft(op) = of(json!({ "draft": draft })) else {
            panic!("no draft");
        };
        assert_eq!(
            (&op["kind"], &op["entity_id"]),
            (&json!("visit.submit"), &json!(A))
        );
        assert_eq!(op["payload"]["position"], json!({ "lat": 2.0 }));
        assert_eq!(
            (&op["payload"]["draft"], &op["payload"]["title"]),
            (&json!(true), &none)
        );
        assert_eq!(
            op["blobs"],
            json!([{ "sha256": "ab", "size": 3, "role": "photo" }])
        );
    }
}
