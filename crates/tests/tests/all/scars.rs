//! Eight faults that other field tools had and lost records by, each with a
//! test of its own that it is not ours (reliability note §2.1): the same
//! submission twice, another content under a taken name, two batches at once,
//! the same photo twice, a photo before its form, a form that has changed, a
//! record that blocks the queue, and a record sent again after a rejection.

use crate::phones::on_the_road;
use crate::visits::{a_day, answers, id, met};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use zf_tests::browser::{Payload, Reply};
use zf_tests::{Browser, both};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A photo that a phone has.
pub(crate) struct Photo {
    pub bytes: Vec<u8>,
    pub visit: String,
    pub unit: String,
}

impl Photo {
    pub fn new(n: u32, unit: &str, visit: u32) -> Photo {
        // Not compressible, different for each n.
        let mut bytes = Vec::new();
        let mut block = Sha256::digest(n.to_be_bytes()).to_vec();
        while bytes.len() < 20_000 {
            bytes.extend_from_slice(&block);
            block = Sha256::digest(&block).to_vec();
        }
        bytes.truncate(20_000);
        Photo {
            bytes,
            visit: id(visit),
            unit: unit.to_owned(),
        }
    }

    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    pub async fn announce(&self, who: &Browser) -> Reply {
        let fields = [
            ("unit_id", self.unit.clone()),
            ("visit_id", self.visit.clone()),
            ("op_id", id(1)),
            ("sha256", self.sha256()),
            ("mime", "image/jpeg".to_owned()),
            ("role", "photo".to_owned()),
        ];
        let meta: Vec<String> = fields
            .iter()
            .map(|(k, v)| format!("{k} {}", STANDARD.encode(v)))
            .collect();
        let headers = vec![
            ("tus-resumable", "1.0.0".to_owned()),
            ("upload-length", self.bytes.len().to_string()),
            ("upload-metadata", meta.join(",")),
        ];
        who.send("POST", "/sync/blobs", Payload::Bytes(headers, vec![]))
            .await
    }

    pub async fn piece(&self, who: &Browser, at: &str, from: usize, to: usize) -> Reply {
        piece(who, at, from, &self.bytes[from..to]).await
    }

    /// The whole upload in two pieces.
    pub async fn upload(&self, who: &Browser) {
        let begun = self.announce(who).await;
        assert_eq!(begun.status, 201, "{}", begun.text());
        let at = location(&begun);
        for (from, to) in [(0, 12_000), (12_000, self.bytes.len())] {
            let said = self.piece(who, &at, from, to).await;
            assert_eq!(said.status, 204, "{}", said.text());
        }
    }
}

pub(crate) fn location(said: &Reply) -> String {
    said.headers["location"].to_str().unwrap().to_owned()
}

pub(crate) async fn piece(who: &Browser, at: &str, from: usize, bytes: &[u8]) -> Reply {
    let headers = vec![
        ("tus-resumable", "1.0.0".to_owned()),
        ("content-type", "application/offset+octet-stream".to_owned()),
        ("upload-offset", from.to_string()),
        (
            "upload-checksum",
            format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes))),
        ),
    ];
    who.send("PATCH", at, Payload::Bytes(headers, bytes.to_vec()))
        .await
}

fn blob(p: &Photo) -> Json {
    json!({ "sha256": p.sha256(), "size": p.bytes.len(), "role": "photo" })
}

both! {
    // 1. A lost answer makes the tool send again: the record was there twice.
    async fn a_submission_sent_again_after_a_lost_answer_is_one_record(w: World) {
        let (head, d) = a_day(&w).await;
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        for expected in ["applied", "duplicate", "duplicate"] {
            assert_eq!(answers(&d.push(&head, std::slice::from_ref(&op)).await), [expected]);
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 1);
        assert_eq!(w.count("SELECT seq FROM feed_head").await, 1, "one number used");
    }

    // 2. Another content under the same id: one of the two was thrown away.
    async fn modified_content_under_the_same_id_loses_neither_text(w: World) {
        let (head, d) = a_day(&w).await;
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        d.push(&head, std::slice::from_ref(&op)).await;
        let mut changed = op.clone();
        changed["payload"]["answers"]["name"] = json!("乙某某");
        let said = d.push(&head, &[changed]).await;
        assert_eq!((said[0]["answer"].as_str(), said[0]["code"].as_str()), (Some("quarantined"), Some("op_changed")));
        let listed = head.get(&format!("/units/{}/quarantine", d.unit)).await.items();
        assert_eq!(listed.len(), 1);
        let says = head.post(&format!("/units/{}/visits/{}/reveal", d.unit, id(1_001)), json!({ "reason": "核对" })).await.good();
        assert_eq!(says["answers"]["name"], "甲某某");
        // It cannot be taken over: the visit is there.
        let take = format!("/units/{}/quarantine/{}/take", d.unit, listed[0]["id"].as_str().unwrap());
        head.press(&take).await.refused(409, "quarantine.still");
        let dropped = take.replace("/take", "/drop");
        head.post(&dropped, json!({ "reason": "以先到的为准" })).await.ok();
        assert!(head.get(&format!("/units/{}/quarantine", d.unit)).await.items().is_empty());
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 1, "kept");
    }

    // 3. Two connections at once: both were stored.
    async fn two_batches_with_the_same_visit_at_the_same_moment_make_one_visit(w: World) {
        let (head, d) = a_day(&w).await;
        let ops: Vec<Json> = (0..6).map(|n| d.visit(n + 1, &d.sheets[(n % 3) as usize], met("甲某某"))).collect();
        let batch = || d.push(&head, &ops);
        let all = tokio::join!(batch(), batch(), batch(), batch());
        for said in [&all.0, &all.1, &all.2, &all.3] {
            let kept = |a: &&str| ["applied", "duplicate", "review"].contains(a);
            assert!(answers(said).iter().all(kept), "{said:?}");
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 6);
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM feed").await, w.count("SELECT seq FROM feed_head").await, "no number missing");
    }

    // 4. The same photo twice in one form: the upload never ended.
    async fn two_identical_photos_in_one_form_are_one_photo_that_is_complete(w: World) {
        let (_, d, mut phone) = on_the_road(&w).await;
        let photo = Photo::new(1, &d.unit, 1_001);
        let mut op = d.visit(1, &d.sheets[0], met("甲某某"));
        op["blobs"] = json!([blob(&photo), blob(&photo)]);
        let mut batch = d.batch(&[op]);
        batch["device_id"] = json!(phone.device);
        phone.who.post("/sync/push", batch).await.ok();
        photo.upload(&phone.who).await;
        let again = photo.announce(&phone.who).await;
        assert_eq!(again.status, 200, "it is here");
        assert_eq!(again.headers["upload-offset"], "20000");
        phone.pull().await;
        let (_, visit) = phone.of_kind("visit")[0];
        assert_eq!((visit["photos"].as_i64(), visit["photos_verified"].as_i64()), (Some(1), Some(1)));
        // The same photo of another visit is not sent again.
        let other = Photo { visit: id(1_002), ..Photo::new(1, &d.unit, 1_001) };
        assert_eq!(other.announce(&phone.who).await.status, 200);
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state = 'verified'").await, 2);
    }

    // 5. A photo before its form: it was refused, and lost with the phone.
    async fn a_photo_may_come_before_its_visit(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        let photo = Photo::new(2, &d.unit, 1_001);
        photo.upload(&phone.who).await;
        let mut op = d.visit(1, &d.sheets[0], met("甲某某"));
        op["blobs"] = json!([blob(&photo)]);
        let mut batch = d.batch(&[op]);
        batch["device_id"] = json!(phone.device);
        phone.who.post("/sync/push", batch).await.ok();
        phone.pull().await;
        let (_, visit) = phone.of_kind("visit")[0];
        assert_eq!(visit["photos_verified"], visit["photos"]);
        let path = format!("/units/{}/visits/{}/photos", d.unit, id(1_001));
        assert_eq!(head.get(&path).await.items().len(), 1);
        let seen = head.get(&format!("{path}/1")).await;
        assert_eq!((seen.status.as_u16(), seen.bytes == photo.bytes), (200, true));
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'photo.view'").await, 1);
        head.get(&format!("{path}/2")).await.refused(404, "not_found");
    }

    // The server stopped between the last piece and the comparison: the phone was
    // told that all bytes are there, sent no other piece, and the photo never counted.
    async fn a_photo_whose_last_piece_came_as_the_server_stopped_is_compared_when_somebody_asks(w: World) {
        let (_, d, mut phone) = on_the_road(&w).await;
        let verified = "SELECT COUNT(*) FROM photo WHERE state = 'verified'";
        let stopped = "UPDATE photo SET state = 'open', verified_at = NULL";
        let photo = Photo::new(3, &d.unit, 1_001);
        photo.upload(&phone.who).await;
        let at = location(&photo.announce(&phone.who).await);
        w.exec(stopped, vec![]).await;
        let said = phone.who.send("HEAD", &at, Payload::None).await;
        assert_eq!((said.status.as_u16(), said.headers["upload-offset"].to_str().unwrap()), (200, "20000"));
        assert_eq!(w.count(verified).await, 1);
        w.exec(stopped, vec![]).await;
        assert_eq!(photo.announce(&phone.who).await.status, 200);
        assert_eq!(w.count(verified).await, 1);
        // A phone that was killed as well has nothing left to send, and only asks what is new.
        w.exec(stopped, vec![]).await;
        phone.pull().await;
        assert_eq!(w.count(verified).await, 1);
        // Other bytes than those that were announced: it begins anew.
        w.exec(stopped, vec![]).await;
        w.exec("UPDATE photo SET sha256 = $1", vec!["0".repeat(64).into()]).await;
        let said = phone.who.send("HEAD", &at, Payload::None).await;
        assert_eq!(said.headers["upload-offset"], "0");
        assert_eq!(w.count(verified).await, 0);
    }

    // 6. The form was changed meanwhile: records of the old one were refused.
    async fn a_record_of_a_form_that_the_server_does_not_know_is_kept(w: World) {
        let (head, d) = a_day(&w).await;
        let mut op = d.visit(1, &d.sheets[0], met("甲某某"));
        op["payload"]["form_version"] = json!(2);
        let said = d.push(&head, &[op]).await;
        assert_eq!((said[0]["answer"].as_str(), said[0]["code"].as_str()), (Some("quarantined"), Some("form_unknown")));
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 1);
    }

    // 7. One bad record stopped everything behind it.
    async fn a_bad_record_does_not_hold_up_those_behind_it(w: World) {
        let (head, d) = a_day(&w).await;
        let ops = [json!(null), json!({ "op_id": id(8) }), d.visit(1, &d.sheets[0], met("甲某某"))];
        assert_eq!(answers(&d.push(&head, &ops).await), ["quarantined", "quarantined", "applied"]);
    }

    // 8. Rejected at the office, sent again by the phone: it counted again.
    async fn a_visit_sent_again_after_its_rejection_stays_rejected(w: World) {
        let (head, d) = a_day(&w).await;
        let first = d.visit(1, &d.sheets[0], met("甲某某"));
        let second = d.visit(2, &d.sheets[0], met("甲某某"));
        let said = d.push(&head, &[first, second.clone()]).await;
        assert_eq!(answers(&said), ["applied", "review"]);
        let path = format!("/units/{}/reviews", d.unit);
        let waits = head.get(&path).await.items();
        assert_eq!(waits.len(), 1);
        assert_eq!(waits[0]["reasons"][0], "同一天还有一条这一户的走访记录");
        let one = format!("{path}/{}", waits[0]["id"].as_str().unwrap());
        head.post(&format!("{one}/reject"), json!({ "reason": " " })).await.refused(422, "input.invalid");
        head.post(&format!("{one}/reject"), json!({ "reason": "重复登记" })).await.ok();
        head.post(&format!("{one}/reject"), json!({ "reason": "重复登记" })).await.refused(409, "conflict");
        let again = d.push(&head, &[second]).await;
        assert_eq!(answers(&again), ["duplicate"]);
        let states = w.query("SELECT state FROM visit ORDER BY id", vec![]).await;
        let states: Vec<String> = states.iter().map(|r| r.get(0).unwrap()).collect();
        assert_eq!(states, ["accepted", "rejected"]);
        assert_eq!(w.count("SELECT visits FROM visit_tally").await, 1);
    }
}
