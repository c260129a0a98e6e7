//! A backup taken while people work, restored in another folder: nothing that
//! was answered before it is lost, and nothing in it can be read without keys.

use std::path::Path;
use zf_kernel::event::verify::verify_all;
use zf_server::backup;
use zf_server::config::{Config, Flags};
use zf_store::Db;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, needles, person};
use zf_tests::scan::Scanner;
use zf_tests::world::{PASSPHRASE, sql};
use zf_tests::{World, both};
use zf_vault::{KeyFile, Keyring};

/// The settings of an installation in a folder, with the keys of the world.
pub fn settings(w: &World, folder: &Path) -> Config {
    let flags = Flags {
        data: Some(folder.to_owned()),
        ..Flags::default()
    };
    let config = Config::from_parts(&flags, &|_| None, "").unwrap();
    std::fs::create_dir_all(config.key_path().parent().unwrap()).unwrap();
    std::fs::write(config.key_path(), w.key_file.to_text()).unwrap();
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(config.key_path(), owner_only).unwrap();
    config
}

fn file(w: &World, range: std::ops::Range<usize>) -> Vec<u8> {
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
    ]);
    for n in range {
        let p = person(n);
        let unit = &w.org.branches[n % 3].code;
        sheet = sheet.row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, unit]);
    }
    sheet.csv().into_bytes()
}

async fn customers(db: &Db) -> Vec<String> {
    let rows = db
        .query(
            sql("SELECT customer_no FROM customer ORDER BY customer_no"),
            vec![],
        )
        .await;
    rows.unwrap().iter().map(|r| r.get(0).unwrap()).collect()
}

both! {
    async fn a_backup_during_an_import_restores_elsewhere_without_a_loss(w: World) {
        let market = w.role("market_department").await;
        let done = w.import(&market, "customers", "先.csv", &file(&w, 0..1_500)).await;
        assert_eq!(done["rows_new"], 1_500, "{done}");
        market.upload("customers", "后.csv", &file(&w, 1_500..5_000), false).await.ok();
        let folder = tempfile::tempdir().unwrap();
        let config = settings(&w, folder.path());
        let path = folder.path().join("a.zfb");
        let (manifest, _) = tokio::join!(backup::create(&w.app, &config, &path), w.drain());
        let manifest = manifest.unwrap();
        assert_eq!(backup::verify(&path, PASSPHRASE).await.unwrap(), manifest);
        let elsewhere = folder.path().join("elsewhere");
        backup::restore(&path, &elsewhere, PASSPHRASE).await.unwrap();

        let key_file = KeyFile::from_text(&std::fs::read_to_string(elsewhere.join("keys.json")).unwrap()).unwrap();
        let ring = Keyring::unlock(&key_file, PASSPHRASE).unwrap();
        let db = Db::open(&format!("sqlite:{}", elsewhere.join("zoufang.db").display())).await.unwrap();
        let packs = zf_kernel::pack::Packs::embedded().unwrap();
        let app = zf_kernel::App::new(db, ring, w.clock.clone(), packs).await.unwrap();
        assert!(verify_all(&app).await.unwrap().findings.is_empty());
        let (there, here) = (customers(&app.db).await, customers(&w.app.db).await);
        let first: Vec<String> = (0..1_500).map(|n| person(n).no).collect();
        assert!(first.iter().all(|no| there.binary_search(no).is_ok()), "everything that was answered is there");
        assert!(there.iter().all(|no| here.binary_search(no).is_ok()), "nothing is there that is not here");
        assert_eq!(here.len(), 5_000);
        let scope = w.scope(zf_kernel::Permission::CustomerRead, &w.org.branches[0]);
        let filter = zf_network::customer::service::Filter::default();
        let page = zf_network::customer::service::customer_list(&app, &scope, &filter, "", 3).await.unwrap();
        let permit = zf_base::mask::Permit::for_reason(zf_base::mask::Reason::new("test").unwrap());
        assert_eq!(page[0].phone.reveal(&permit), person(0).phone);
        // The import that was under way goes on in the restored copy.
        let moved = w.clock.now().plus_seconds(3_600);
        app.db.exec(sql("UPDATE job SET lease_until = $1, run_at = $1 WHERE state IN ('ready', 'running')"), vec![moved.into()]).await.unwrap();
        w.clock.forward_minutes(61);
        zf_kernel::job::worker::drain(&app, &zf_server::handlers()).await.unwrap();
        assert_eq!(customers(&app.db).await, here);
    }

    async fn a_backup_holds_no_planted_value_and_opens_with_its_passphrase_only(w: World) {
        let market = w.role("market_department").await;
        let people: Vec<Person> = (0..1_200).map(person).collect();
        w.guard.plant(&needles(&people));
        w.import(&market, "customers", "名单.csv", &file(&w, 0..1_200)).await;
        let folder = tempfile::tempdir().unwrap();
        let config = settings(&w, folder.path());
        let path = folder.path().join("a.zfb");
        backup::create(&w.app, &config, &path).await.unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let hits = Scanner::new(&needles(&people)).search(&bytes);
        println!("{}: backup: {} bytes searched, hits {hits:?}", w.engine(), bytes.len());
        assert!(hits.is_empty() && bytes.len() > 100_000, "{hits:?} in {} bytes", bytes.len());
        assert!(!bytes.windows(15).any(|b| b == b"SQLite format 3"), "the copy is sealed");
        assert!(backup::verify(&path, "another passphrase").await.is_err());
        let whole = bytes.len();
        for (n, cut) in [(whole - 1, true), (whole / 2, true), (whole / 2, false), (whole - 20, false)] {
            let mut damaged = bytes.clone();
            match cut {
                true => damaged.truncate(n),
                false => damaged[n] ^= 1,
            }
            let damaged_path = folder.path().join("b.zfb");
            std::fs::write(&damaged_path, damaged).unwrap();
            assert!(backup::verify(&damaged_path, PASSPHRASE).await.is_err(), "{n} {cut}");
            let into = folder.path().join("damaged");
            assert!(backup::restore(&damaged_path, &into, PASSPHRASE).await.is_err());
            assert!(!into.join("zoufang.db").exists(), "a damaged backup leaves nothing behind");
        }
        assert!(backup::create(&w.app, &config, &path).await.is_err(), "a backup never overwrites another");
    }
}
