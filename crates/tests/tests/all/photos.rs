//! Photos where they lie: in backups and back from them, under new keys, and
//! gone with the person they show. The bytes are looked for in the folder.

use crate::backup::settings;
use crate::phones::on_the_road;
use crate::scars::{Photo, location};
use crate::visits::{Day, a_day, answers, id, met};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use zf_field::blob::keys::photos_reseal;
use zf_field::blob::service::{photo_view, photos_of};
use zf_kernel::{App, Permission};
use zf_server::backup;
use zf_server::error::CliError;
use zf_store::Db;
use zf_tests::world::PASSPHRASE;
use zf_tests::{Browser, World, both};
use zf_vault::{KeyFile, Keyring};

fn blobs(w: &World) -> PathBuf {
    w.app.blobs.as_deref().unwrap().to_owned()
}

/// Every stored piece below a folder, by its path within.
fn pieces(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => drop(found.insert(path.strip_prefix(root).unwrap().to_owned())),
            }
        }
    }
    found
}

/// Generations of the keys of the pieces below a folder.
fn generations(root: &Path) -> BTreeSet<u32> {
    let of = |p: PathBuf| Keyring::key_id_of(&fs::read(root.join(p)).unwrap()).unwrap();
    pieces(root).into_iter().map(of).collect()
}

/// The upload whose bytes a visit's photo has.
async fn bytes_of(w: &World, visit: u32, sha256: &str) -> String {
    let rows = w
        .query(
            "SELECT bytes_of FROM photo WHERE visit_id = $1 AND sha256 = $2",
            vec![
                id(visit).parse::<uuid::Uuid>().unwrap().into(),
                sha256.into(),
            ],
        )
        .await;
    rows[0].get::<uuid::Uuid>(0).unwrap().to_string()
}

/// Uploads the photo of a visit that has the bytes of another one already.
async fn had(photo: &Photo, who: &Browser) {
    assert_eq!(photo.announce(who).await.status, 200);
}

fn photo(n: u32, d: &Day, visit: u32) -> Photo {
    Photo::new(n, &d.unit, visit)
}

/// A restored installation.
async fn opened(w: &World, folder: &Path) -> App {
    let text = fs::read_to_string(folder.join("keys.json")).unwrap();
    let ring = Keyring::unlock(&KeyFile::from_text(&text).unwrap(), PASSPHRASE).unwrap();
    let url = format!("sqlite:{}", folder.join("zoufang.db").display());
    let db = Db::open(&url).await.unwrap();
    let packs = zf_kernel::pack::Packs::embedded().unwrap();
    let app = App::new(db, ring, w.clock.clone(), packs).await.unwrap();
    app.with_blobs(&folder.join("blobs"))
}

/// The bytes of the first photo of a visit.
async fn seen(w: &World, app: &App, visit: u32) -> Vec<u8> {
    let scope = w.scope(Permission::VisitRead, &w.org.branches[0]);
    let visit = id(visit).parse().unwrap();
    let seen = photo_view(app, &w.machine(), &scope, visit, 1).await;
    seen.unwrap().1
}

pub(crate) async fn erased(w: &World, head: &Browser, d: &Day, customer: &Json) {
    let customer = customer.as_str().unwrap();
    let asked = json!({ "kind": "erasure", "channel": "on_site" });
    let path = format!("/units/{}/customers/{customer}/requests", d.unit);
    let asked = head.post(&path, asked).await.good();
    let path = format!(
        "/units/{}/requests/{}/erasure",
        d.unit,
        asked["id"].as_str().unwrap()
    );
    let compliance = w.role("compliance").await;
    compliance
        .post(&path, json!({ "decision": "approve" }))
        .await
        .ok();
    w.drain().await;
}

/// What the parts of the job of a kind said at its end.
async fn done(w: &World, kind: &str) -> Json {
    let text = "SELECT CAST(result AS TEXT) FROM job WHERE kind = $1";
    let rows = w.query(text, vec![kind.into()]).await;
    let mut open = vec![serde_json::from_str(&rows[0].get::<String>(0).unwrap()).unwrap()];
    let mut all = serde_json::Map::new();
    while let Some(part) = open.pop() {
        match part {
            Json::Array(parts) => open.extend(parts),
            Json::Object(said) => all.extend(said),
            other => panic!("{other}"),
        }
    }
    Json::Object(all)
}

async fn photos_listed(head: &Browser, d: &Day, visit: u32) -> usize {
    let path = format!("/units/{}/visits/{}/photos", d.unit, id(visit));
    head.get(&path).await.items().len()
}

both! {
    async fn photos_are_in_a_backup_and_come_back_whole_on_another_computer(w: World) {
        let (_, d, phone) = on_the_road(&w).await;
        let (one, other) = (photo(1, &d, 1_001), photo(2, &d, 1_002));
        one.upload(&phone.who).await;
        other.upload(&phone.who).await;
        // The same picture in a third visit, and one that is half here.
        had(&Photo { visit: id(1_003), ..photo(1, &d, 1_003) }, &phone.who).await;
        let half = photo(3, &d, 1_004);
        let at = location(&half.announce(&phone.who).await);
        assert_eq!(half.piece(&phone.who, &at, 0, 9_000).await.status, 204);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zfb");
        let made = backup::create(&w.app, &settings(&w, folder.path()), &path).await.unwrap();
        assert_eq!((made.photos, made.photo_bytes), (Some(2), 40_000));
        assert_eq!(backup::verify(&path, PASSPHRASE).await.unwrap(), made);
        let elsewhere = folder.path().join("elsewhere");
        let done = backup::restore(&path, &elsewhere, PASSPHRASE).await.unwrap();
        assert_eq!((done.manifest, done.damaged_photos), (made, vec![]));
        assert_eq!(pieces(&elsewhere.join("blobs")), pieces(&blobs(&w)));
        assert_eq!(pieces(&blobs(&w)).len(), 5);
        let app = opened(&w, &elsewhere).await;
        for (visit, wanted) in [(1_001, &one), (1_002, &other), (1_003, &one)] {
            assert!(seen(&w, &app, visit).await == wanted.bytes, "{visit}");
        }
        // What was half here goes on there.
        let scope = w.scope(Permission::VisitWrite, &w.org.branches[0]);
        let begun = photos_of(&app, &scope, id(1_004).parse().unwrap()).await.unwrap();
        let rest = half.bytes[9_000..].to_vec();
        let ended = zf_field::blob::service::photo_piece(&app, &w.machine(), &scope, begun[0].id, 9_000, rest).await.unwrap();
        assert_eq!(ended.state, "verified");
        assert!(seen(&w, &app, 1_004).await == half.bytes);
        assert!(backup::restore(&path, &elsewhere, PASSPHRASE).await.is_err(), "nothing is overwritten");
    }

    async fn a_damaged_and_a_missing_piece_are_named_by_photo_and_branch_and_the_rest_comes_back(w: World) {
        let (head, d, phone) = on_the_road(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        let all: Vec<Photo> = (1..=4).map(|n| photo(n, &d, 1_000 + n)).collect();
        for p in &all {
            p.upload(&phone.who).await;
        }
        let root = blobs(&w).join(&d.unit);
        let mut ids = vec![];
        for (n, p) in (1_001..).zip(&all) {
            ids.push(bytes_of(&w, n, &p.sha256()).await);
        }
        // The first: a changed byte. The second: its end is gone. The third: all of it.
        let first = root.join(&ids[0]).join("000000012000.part");
        let mut bytes = fs::read(&first).unwrap();
        bytes[400] ^= 1;
        fs::write(&first, bytes).unwrap();
        fs::remove_file(root.join(&ids[1]).join("000000012000.part")).unwrap();
        fs::remove_dir_all(root.join(&ids[2])).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zfb");
        backup::create(&w.app, &settings(&w, folder.path()), &path).await.unwrap();
        let Err(CliError::Input(lines)) = backup::verify(&path, PASSPHRASE).await else {
            panic!("it is not whole");
        };
        let branch = &w.org.branches[0].name;
        let wanted = [
            format!("照片不完整：{branch} {} 走访的照片 {}，从第 12000 字节起的一段已损坏，打不开。", d.day, ids[0]),
            format!("照片不完整：{branch}照片 {}，只有 12000 字节，应有 20000 字节。", ids[1]),
            format!("照片不完整：{branch}照片 {}，备份里没有它的内容。", ids[2]),
        ];
        assert_eq!(lines.len(), 3, "{lines:?}");
        for sentence in &wanted {
            assert!(lines.iter().any(|l| l.starts_with(sentence)), "{sentence} in {lines:?}");
        }
        let elsewhere = folder.path().join("elsewhere");
        let done = backup::restore(&path, &elsewhere, PASSPHRASE).await.unwrap();
        assert_eq!(done.damaged_photos, lines);
        let app = opened(&w, &elsewhere).await;
        assert!(seen(&w, &app, 1_004).await == all[3].bytes, "the fourth is whole");
    }

    async fn photos_that_arrive_while_a_backup_runs_leave_it_whole(w: World) {
        let (_, d, phone) = on_the_road(&w).await;
        photo(1, &d, 1_001).upload(&phone.who).await;
        let folder = tempfile::tempdir().unwrap();
        let config = settings(&w, folder.path());
        let mut told = BTreeSet::new();
        for round in 0..4u32 {
            let path = folder.path().join(format!("{round}.zfb"));
            let arriving = async {
                for n in 0..6 {
                    photo(10 + round * 6 + n, &d, 2_000 + round * 6 + n).upload(&phone.who).await;
                }
            };
            let (made, ()) = tokio::join!(backup::create(&w.app, &config, &path), arriving);
            let made = made.unwrap();
            assert_eq!(backup::verify(&path, PASSPHRASE).await.unwrap(), made);
            told.extend(made.photos);
        }
        assert!(told.iter().all(|n| (1..=25).contains(n)) && told.len() > 1, "{told:?}");
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state = 'verified'").await, 25);
    }

    async fn a_change_of_keys_seals_photos_anew_and_a_crash_in_the_middle_harms_none(w: World) {
        let (_, d, phone) = on_the_road(&w).await;
        let (one, other, half) = (photo(1, &d, 1_001), photo(2, &d, 1_002), photo(3, &d, 1_003));
        one.upload(&phone.who).await;
        other.upload(&phone.who).await;
        let at = location(&half.announce(&phone.who).await);
        half.piece(&phone.who, &at, 0, 9_000).await.ok();
        let root = blobs(&w);
        assert_eq!(generations(&root), [1].into());
        // A piece that has rotted does not stop the others.
        let rotten = root.join(&d.unit).join(bytes_of(&w, 1_002, &other.sha256()).await).join("000000012000.part");
        let mut bytes = fs::read(&rotten).unwrap();
        bytes[99] ^= 1;
        fs::write(&rotten, bytes).unwrap();
        // Somebody was killed before the rename.
        let own = root.join(&d.unit).join(bytes_of(&w, 1_001, &one.sha256()).await);
        fs::write(own.join("000000000000.anew"), b"half a pie").unwrap();
        let file = zf_kernel::keys::rotate_keys(&w.app, &w.key_file, PASSPHRASE).unwrap();
        zf_kernel::keys::keys_adopt(&w.app, &w.machine(), &w.org.head, &file, PASSPHRASE).await.unwrap();
        assert!(seen(&w, &w.app, 1_001).await == one.bytes, "before the job has run");
        w.drain().await;
        assert_eq!(generations(&own), [2].into());
        assert!(!own.join("000000000000.anew").exists());
        assert!(seen(&w, &w.app, 1_001).await == one.bytes);
        assert_eq!(Keyring::key_id_of(&fs::read(&rotten).unwrap()), Some(1), "left as it is");
        let told = "SELECT COUNT(*) FROM event WHERE action = 'keys.reseal' AND target_kind = 'photo'";
        assert_eq!(w.count(told).await, 1);
        let result = done(&w, "keys.reseal").await;
        assert_eq!((&result["photo_pieces"], &result["photo_pieces_damaged"]), (&json!(3), &json!(1)), "{result}");
        // The upload under way ends under the new keys.
        half.piece(&phone.who, &at, 9_000, 20_000).await.ok();
        let own = root.join(&d.unit).join(bytes_of(&w, 1_003, &half.sha256()).await);
        assert_eq!(generations(&own), [2].into());
        let scope = w.scope(Permission::SystemWrite, &w.org.branches[0]);
        assert_eq!(photos_reseal(&w.app, &w.machine(), &scope).await.unwrap(), (0, 1), "a second time nothing");
    }

    async fn photos_of_a_persons_visits_go_with_them_and_a_shared_one_with_the_last(w: World) {
        let (head, d, phone) = on_the_road(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某")), d.visit(2, &d.sheets[1], met("乙某某"))]).await;
        let (own, others) = (photo(1, &d, 1_001), photo(2, &d, 1_002));
        let shared = Photo { visit: id(1_001), ..photo(3, &d, 1_001) };
        own.upload(&phone.who).await;
        shared.upload(&phone.who).await;
        others.upload(&phone.who).await;
        had(&Photo { visit: id(1_002), ..photo(3, &d, 1_002) }, &phone.who).await;
        let half = photo(4, &d, 1_001);
        let at = location(&half.announce(&phone.who).await);
        half.piece(&phone.who, &at, 0, 9_000).await.ok();
        assert_eq!(pieces(&blobs(&w)).len(), 7);

        erased(&w, &head, &d, &d.sheets[0]["customer_id"]).await;
        assert_eq!(photos_listed(&head, &d, 1_001).await, 0);
        assert_eq!(photos_listed(&head, &d, 1_002).await, 2);
        let left: BTreeSet<String> = [bytes_of(&w, 1_002, &others.sha256()).await, bytes_of(&w, 1_002, &shared.sha256()).await].into();
        let there = pieces(&blobs(&w));
        let folders: BTreeSet<String> = there.iter().map(|p| p.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!((folders, there.len()), (left, 4), "of the visit nothing but what the other one has too");
        for n in [1, 2] {
            let path = format!("/units/{}/visits/{}/photos/{n}", d.unit, id(1_002));
            assert_eq!(head.get(&path).await.ok().bytes.len(), 20_000);
        }
        let result = done(&w, "customer.erase_before").await;
        assert_eq!((&result["photos"], &result["photo_files"]), (&json!(3), &json!(2)), "{result}");

        // What a phone still has of the visit is taken and dropped.
        let rest = half.piece(&phone.who, &at, 9_000, 20_000).await;
        assert_eq!((rest.status.as_u16(), rest.headers["upload-offset"].to_str().unwrap()), (204, "20000"));
        let late = photo(5, &d, 1_001).announce(&phone.who).await;
        assert_eq!((late.status.as_u16(), late.headers["upload-offset"].to_str().unwrap()), (200, "20000"));
        let known = photo(3, &d, 1_001).announce(&phone.who).await;
        assert_eq!(known.status, 200);
        assert_eq!(pieces(&blobs(&w)).len(), 4, "nothing was stored");
        assert_eq!(photos_listed(&head, &d, 1_001).await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state = 'erased'").await, 4);
        assert!(backup_is_good(&w).await);

        erased(&w, &head, &d, &d.sheets[1]["customer_id"]).await;
        assert!(pieces(&blobs(&w)).is_empty(), "{:?}", pieces(&blobs(&w)));
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state <> 'erased'").await, 0);
    }

    async fn a_revoked_phone_hands_in_photos_of_an_erased_visit_and_none_is_kept(w: World) {
        let (head, d, phone) = on_the_road(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        erased(&w, &head, &d, &d.sheets[0]["customer_id"]).await;
        let revoke = format!("/units/{}/devices/{}/revoke", d.unit, phone.device);
        head.post(&revoke, json!({ "reason": "手机丢了" })).await.ok();
        let said = photo(1, &d, 1_001).announce(&phone.who).await;
        assert_eq!((said.status.as_u16(), said.headers["upload-offset"].to_str().unwrap()), (200, "20000"));
        let at = location(&said);
        assert_eq!(photo(1, &d, 1_001).piece(&phone.who, &at, 0, 9_000).await.status, 204);
        assert!(pieces(&blobs(&w)).is_empty());
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'photo.put'").await, 1, "the receipt");
    }

    async fn photos_of_a_household_go_when_nobody_of_it_is_left_and_those_kept_aside_with_their_person(w: World) {
        let (head, d, phone) = on_the_road(&w).await;
        let (first, second) = (&d.sheets[0], &d.sheets[1]);
        let uuid = |v: &Json| v.as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        w.exec("UPDATE customer SET household_id = $1 WHERE id = $2", vec![uuid(&first["household_id"]).into(), uuid(&second["customer_id"]).into()]).await;
        w.exec("UPDATE customer SET household_id = $1 WHERE household_id = $2 AND id <> $3 AND id <> $4", vec![uuid(&d.sheets[2]["household_id"]).into(), uuid(&first["household_id"]).into(), uuid(&first["customer_id"]).into(), uuid(&second["customer_id"]).into()]).await;
        // Of the household, without anybody's name.
        let mut visit = d.visit(1, first, met("甲某某"));
        visit["payload"]["customer_id"] = Json::Null;
        visit["payload"]["target_id"] = Json::Null;
        // Kept aside: nobody knows the form.
        let mut aside = d.visit(2, first, met("甲某某"));
        aside["payload"]["form_version"] = json!(77);
        let said = d.push(&head, &[visit, aside]).await;
        assert_eq!(answers(&said)[1], "quarantined", "{said:?}");
        photo(1, &d, 1_001).upload(&phone.who).await;
        photo(2, &d, 1_002).upload(&phone.who).await;
        erased(&w, &head, &d, &first["customer_id"]).await;
        assert_eq!(photos_listed(&head, &d, 1_001).await, 1, "somebody of the household is left");
        assert_eq!(photos_listed(&head, &d, 1_002).await, 0, "it names the person");
        assert_eq!(pieces(&blobs(&w)).len(), 2);
        erased(&w, &head, &d, &second["customer_id"]).await;
        assert!(pieces(&blobs(&w)).is_empty());
        assert_eq!(photo(9, &d, 1_002).announce(&phone.who).await.status, 200);
    }

    async fn a_crash_between_the_mark_and_the_bytes_is_made_good_at_night(w: World) {
        let (head, d, phone) = on_the_road(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        photo(1, &d, 1_001).upload(&phone.who).await;
        photo(2, &d, 1_001).upload(&phone.who).await;
        let kept = bytes_of(&w, 1_001, &photo(2, &d, 1_001).sha256()).await;
        let folder = blobs(&w).join(&d.unit).join(&kept);
        let aside = blobs(&w).join("aside");
        fs::create_dir(&aside).unwrap();
        for p in pieces(&folder) {
            fs::copy(folder.join(&p), aside.join(&p)).unwrap();
        }
        erased(&w, &head, &d, &d.sheets[0]["customer_id"]).await;
        // The first was marked only, of the second bytes came back.
        w.exec("UPDATE photo SET state = 'erasing' WHERE bytes_of <> $1", vec![kept.parse::<uuid::Uuid>().unwrap().into()]).await;
        fs::rename(&aside, &folder).unwrap();
        assert_eq!(pieces(&blobs(&w)).len(), 2);
        let nightly = zf_kernel::job::NewJob::new("photo.expire", w.org.head.id, json!({}));
        zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
        w.drain().await;
        assert!(pieces(&blobs(&w)).is_empty());
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state = 'erased'").await, 2);
    }

    async fn who_goes_by_a_list_of_retention_takes_their_photos_along(w: World) {
        let (head, d) = a_day(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        photo(1, &d, 1_001).upload(&head).await;
        assert_eq!(pieces(&blobs(&w)).len(), 2);
        w.exec("UPDATE source SET purpose = 'visit'", vec![]).await;
        w.clock.forward_seconds(3 * 365 * 86_400);
        let nightly = zf_kernel::job::NewJob::new("custody.retention", w.org.head.id, json!({}));
        zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
        w.drain().await;
        assert_eq!(pieces(&blobs(&w)).len(), 2, "never silently");
        let compliance = w.role("compliance").await;
        let lists = compliance.get("/retention?limit=200").await.items();
        for list in lists.iter().filter(|l| l["unit_id"] == json!(d.unit)) {
            let path = format!("/units/{}/retention/{}/decision", d.unit, list["id"].as_str().unwrap());
            compliance.post(&path, json!({ "decision": "approve" })).await.ok();
        }
        w.drain().await;
        let customer = d.sheets[0]["customer_id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        let left = w.query("SELECT COUNT(*) FROM customer WHERE id = $1", vec![customer.into()]).await;
        assert_eq!(left[0].get::<i64>(0).unwrap(), 0, "{lists:?}");
        assert!(pieces(&blobs(&w)).is_empty());
    }
}

async fn backup_is_good(w: &World) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zfb");
    let made = backup::create(&w.app, &settings(w, folder.path()), &path).await;
    made.unwrap();
    backup::verify(&path, PASSPHRASE).await.is_ok()
}
