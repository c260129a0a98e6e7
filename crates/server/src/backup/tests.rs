//! A backup is taken from a small installation and restored elsewhere.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::Flags;
use zf_kernel::unit::service::{unit_add_root, unit_root};
use zf_kernel::unit::{Level, UnitInput};
use zf_vault::{KdfParams, Suite};

const PASSPHRASE: &str = "a passphrase for tests";

fn config(dir: &Path) -> Config {
    let flags = Flags {
        data: Some(dir.to_owned()),
        ..Flags::default()
    };
    Config::from_parts(&flags, &|_| None, "").unwrap()
}

async fn installation(dir: &Path, suite: Suite) -> (App, Config) {
    let config = config(dir);
    let ring = keys::create(&config.key_path(), suite, PASSPHRASE, KdfParams::TESTS_ONLY).unwrap();
    let app = open::assemble(open::database_new(&config).await.unwrap(), ring)
        .await
        .unwrap();
    let head = UnitInput {
        code: "H001".to_owned(),
        name: "青山总行".to_owned(),
        level: Level::Head,
        parent: None,
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    };
    unit_add_root(&app, &open::machine(&app), &head, false)
        .await
        .unwrap();
    (app, config)
}

#[tokio::test]
async fn a_backup_restores_on_another_computer_with_the_passphrase_only() {
    for suite in [Suite::Intl, Suite::Gm] {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (app, config) = installation(here.path(), suite).await;
        let file = there.path().join("one.zfb");
        let made = create(&app, &config, &file).await.unwrap();
        assert_eq!(made.rows["unit"], 1);
        assert_eq!(made.rows["event"], 1, "the head unit's own event");
        assert_eq!(verify(&file, PASSPHRASE).await.unwrap(), made);

        let folder = there.path().join("data");
        let done = restore(&file, &folder, PASSPHRASE).await.unwrap();
        assert_eq!((done.manifest, done.damaged_photos), (made, vec![]));
        let env = |name: &str| (name == "ZOUFANG_PASSPHRASE").then(|| PASSPHRASE.to_owned());
        let again = open::app(&super::tests::config(&folder), &env)
            .await
            .unwrap();
        assert_eq!(unit_root(&again).await.unwrap().unwrap().name, "青山总行");
        assert_eq!(again.vault.fingerprint(), app.vault.fingerprint());
    }
}

#[tokio::test]
async fn a_wrong_passphrase_a_changed_byte_and_a_shortened_file_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (app, config) = installation(&dir.path().join("data"), Suite::Intl).await;
    let file = dir.path().join("one.zfb");
    create(&app, &config, &file).await.unwrap();
    assert_eq!(
        verify(&file, "another passphrase")
            .await
            .unwrap_err()
            .code(),
        1
    );
    let bytes = fs::read(&file).unwrap();
    let into = dir.path().join("restored");
    for at in [3, 30, 200, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        let path = dir.path().join("changed.zfb");
        fs::write(&path, &changed).unwrap();
        assert_eq!(
            restore(&path, &into, PASSPHRASE).await.unwrap_err().code(),
            1,
            "byte {at}"
        );
    }
    let short = dir.path().join("short.zfb");
    fs::write(&short, &bytes[..bytes.len() - 5]).unwrap();
    assert_eq!(verify(&short, PASSPHRASE).await.unwrap_err().code(), 1);
    assert!(!into.join("zoufang.db").exists() && !into.join("keys.json").exists());
    let hidden = |e: std::io::Result<fs::DirEntry>| {
        e.unwrap().file_name().to_string_lossy().starts_with('.')
    };
    assert!(
        !fs::read_dir(dir.path()).unwrap().any(hidden),
        "no scratch folder is left"
    );
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let (app, config) = installation(&dir.path().join("data"), Suite::Intl).await;
    let file = dir.path().join("one.zfb");
    create(&app, &config, &file).await.unwrap();
    assert_eq!(create(&app, &config, &file).await.unwrap_err().code(), 1);
    assert_eq!(
        restore(&file, &config.data.value, PASSPHRASE)
            .await
            .unwrap_err()
            .code(),
        1
    );
}

#[tokio::test]
async fn a_backup_is_told_of_in_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let (app, config) = installation(&dir.path().join("data"), Suite::Intl).await;
    let made = create(&app, &config, &dir.path().join("one.zfb"))
        .await
        .unwrap();
    let last = setting::setting_read(&app, LAST).await.unwrap().unwrap();
    assert_eq!(last["file"], "one.zfb");
    assert_eq!(last["at"], serde_json::json!(made.made_at));
}

#[tokio::test]
async fn a_database_with_a_forged_audit_row_is_not_accepted_as_a_backup() {
    let dir = tempfile::tempdir().unwrap();
    let (app, config) = installation(&dir.path().join("data"), Suite::Intl).await;
    const FORGE: zf_store::Sql = zf_store::Sql {
        name: "FORGE",
        text: "UPDATE event SET actor_name = 'nobody'",
        scope: zf_store::Scope::Cross,
        module: module_path!(),
    };
    app.db.exec(FORGE, vec![]).await.unwrap();
    assert_eq!(
        create(&app, &config, &dir.path().join("one.zfb"))
            .await
            .unwrap_err()
            .code(),
        1
    );
}

/// A backup as a program wrote it before photos were in backups and before the
/// tables of the last migration were there.
async fn older_backup(app: &App, config: &Config, folder: &Path) -> PathBuf {
    let copy = folder.join("older.db");
    copy_database(&app.db, &copy).await.unwrap();
    let before = open::copy(&copy, app.vault.clone()).await.unwrap();
    let undo = [
        "DROP TABLE photo_erased",
        "DROP INDEX photo_by_bytes",
        "DROP TABLE desk_double_field",
        "DROP TABLE desk_double",
        "DELETE FROM schema_migration WHERE name = '0027_photos_desk'",
    ];
    for text in undo {
        let sql = zf_store::Sql {
            name: "UNDO",
            text,
            scope: zf_store::Scope::Cross,
            module: module_path!(),
        };
        before.db.exec(sql, vec![]).await.unwrap();
    }
    before.db.close().await.unwrap();
    let manifest = serde_json::to_value(describe(app, &copy).await.unwrap()).unwrap();
    let mut manifest = manifest.as_object().unwrap().clone();
    manifest.remove("photos");
    manifest.remove("photo_bytes");
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let keys = keys::read(&config.key_path()).unwrap();
    let out = File::create(folder.join("older.zfb")).unwrap();
    let mut sealed = SealedWriter::start_before(out, &app.vault, &keys, [7; 16]).unwrap();
    sealed.put(&(manifest.len() as u32).to_be_bytes()).unwrap();
    sealed.put(&manifest).unwrap();
    sealed.put(&fs::read(&copy).unwrap()).unwrap();
    sealed.finish().unwrap();
    folder.join("older.zfb")
}

#[tokio::test]
async fn a_backup_of_an_older_program_still_restores_and_says_that_it_has_no_photos() {
    let dir = tempfile::tempdir().unwrap();
    let (app, config) = installation(&dir.path().join("data"), Suite::Intl).await;
    let file = older_backup(&app, &config, dir.path()).await;
    let made = verify(&file, PASSPHRASE).await.unwrap();
    assert_eq!(
        (made.photos, made.rows.contains_key("photo_erased")),
        (None, false)
    );
    assert!(words::backup_good(&made).contains("不含照片"));
    let folder = dir.path().join("restored");
    // Photos that were copied beside the backup, as the handbook said then.
    fs::create_dir_all(folder.join("blobs/kept")).unwrap();
    let done = restore(&file, &folder, PASSPHRASE).await.unwrap();
    assert_eq!((done.manifest, done.damaged_photos), (made, vec![]));
    assert!(folder.join("blobs/kept").is_dir());
    let env = |name: &str| (name == "ZOUFANG_PASSPHRASE").then(|| PASSPHRASE.to_owned());
    let again = open::app(&super::tests::config(&folder), &env)
        .await
        .unwrap();
    assert_eq!(unit_root(&again).await.unwrap().unwrap().name, "青山总行");
    assert!(
        store::counts(&again.db)
            .await
            .unwrap()
            .contains_key("photo_erased"),
        "brought up to date"
    );
    // Called the newer layout it misses its photos; a newer one called older has too much.
    for (from, to, name) in [
        (file, b'2', "a.zfb"),
        (dir.path().join("one.zfb"), b'1', "b.zfb"),
    ] {
        if !from.exists() {
            create(&app, &config, &from).await.unwrap();
        }
        let mut bytes = fs::read(&from).unwrap();
        bytes[15] = to;
        fs::write(dir.path().join(name), bytes).unwrap();
        assert_eq!(
            verify(&dir.path().join(name), PASSPHRASE)
                .await
                .unwrap_err()
                .code(),
            1,
            "{name}"
        );
    }
}

struct Silent;

impl zf_network::import::run::Reporter for Silent {
    async fn report(&self, _: zf_network::import::Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }
}

/// Loads the first rows of the demo, customers last.
async fn load(app: &App, customers: usize) {
    use zf_network::import::ImportKind;
    use zf_network::import::service::{NewImport, import_start};
    let anchor = zf_base::Day::new(2016, 10, 10).unwrap();
    let spec = zf_demo::DemoSpec {
        size: zf_demo::Size::County,
        seed: 7,
        anchor,
    };
    let mut data = zf_demo::generate(&spec, None);
    data.customers.truncate(customers);
    let ctx = open::machine(app);
    let root = crate::demo::head(app, &ctx, &data).await.unwrap();
    let scope = ctx
        .scope(zf_kernel::Permission::ImportWrite, &root)
        .unwrap();
    let files = [
        (ImportKind::Units, zf_demo::write_units_csv(&data)),
        (
            ImportKind::VillageGroups,
            zf_demo::write_village_groups_csv(&data),
        ),
        (ImportKind::Customers, zf_demo::write_customers_csv(&data)),
    ];
    for (kind, text) in files {
        let datum = zf_base::Datum::Wgs84;
        let new = NewImport {
            kind,
            file_name: "t.csv".to_owned(),
            datum,
            dry_run: false,
        };
        let started = import_start(app, &ctx, &scope, &new, text.as_bytes(), false)
            .await
            .unwrap();
        let done = zf_network::import::run::import_run(app, &ctx, started.id, &Silent)
            .await
            .unwrap();
        assert_eq!(done.counts.bad, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_taken_while_an_import_runs_are_whole_and_grow() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(&dir.path().join("data"));
    let ring = keys::create(
        &config.key_path(),
        Suite::Intl,
        PASSPHRASE,
        KdfParams::TESTS_ONLY,
    )
    .unwrap();
    let app = open::assemble(open::database_new(&config).await.unwrap(), ring)
        .await
        .unwrap();
    let loading = tokio::spawn({
        let app = app.clone();
        async move { load(&app, 4_000).await }
    });
    let mut seen = Vec::new();
    while !loading.is_finished() {
        let file = dir.path().join(format!("{}.zfb", seen.len()));
        create(&app, &config, &file).await.unwrap();
        let manifest = verify(&file, PASSPHRASE).await.unwrap();
        seen.push(
            manifest.rows["customer"] + manifest.rows["village_group"] + manifest.rows["unit"],
        );
    }
    loading.await.unwrap();
    let last = dir.path().join("last.zfb");
    create(&app, &config, &last).await.unwrap();
    let manifest = verify(&last, PASSPHRASE).await.unwrap();
    assert_eq!(manifest.rows["customer"], 4_000);
    assert!(!seen.is_empty() && seen.is_sorted(), "{seen:?}");
}
