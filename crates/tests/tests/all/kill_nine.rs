//! `kill -9` on the built program in the middle of an import, again and again:
//! every row of the file is in once, the sums are those of the file, and the
//! audit chain holds. What the file holds is known to the test, not asked back.

use serde_json::Value as Json;
use std::time::{Duration, Instant};
use zf_base::geo::{Datum, Point};
use zf_demo::{DemoData, DemoSpec, Size};
use zf_kernel::setting::setting_write;
use zf_kernel::unit::service::unit_add_root;
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::{Ctx, Permission};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_fetch, import_start};
use zf_network::import::{Counts, Import, ImportKind};
use zf_tests::On;
use zf_tests::program::House;

/// Customers of the file; one more row says the first of them again.
const CUSTOMERS: usize = 20_000;
/// Every so many rows one with a phone number that cannot be.
const BAD_EVERY: usize = 500;
const BAD: i64 = (CUSTOMERS / BAD_EVERY) as i64 + 1;
const ROWS: i64 = CUSTOMERS as i64 + 1;
const GOOD: i64 = ROWS - BAD;
/// Nothing here may take longer; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

struct Quiet;

impl Reporter for Quiet {
    async fn report(&self, _: Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }
}

/// The demo county with a file of known faults.
fn data(house: &House) -> DemoData {
    let spec = DemoSpec {
        size: Size::County,
        seed: 9,
        anchor: house.app.today(),
    };
    let mut data = zf_demo::generate(&spec, None);
    data.customers.truncate(CUSTOMERS);
    assert_eq!(data.customers.len(), CUSTOMERS);
    let again = data.customers[1].clone();
    for broken in data.customers.iter_mut().step_by(BAD_EVERY) {
        broken.phone = "1".to_owned();
    }
    data.customers.push(again);
    data
}

pub fn machine(house: &House) -> Ctx {
    zf_server::open::machine(&house.app)
}

/// Head unit, units and village groups.
pub async fn organisation(house: &House, data: &DemoData) -> Unit {
    let (app, ctx) = (&house.app, machine(house));
    let top = &data.units[0];
    let input = UnitInput {
        code: top.code.clone(),
        name: top.name.clone(),
        level: top.level.code().parse().unwrap_or(Level::Head),
        parent: None,
        area_kind: None,
        market_kind: None,
        place: Point::new(top.lat, top.lon).ok(),
        datum: Some(top.datum),
        phone: None,
        active: true,
    };
    let root = unit_add_root(app, &ctx, &input, true).await.unwrap();
    let yes = serde_json::json!(true);
    setting_write(app, &ctx, &root, "system.demo", yes)
        .await
        .unwrap();
    for (kind, text) in [
        (ImportKind::Units, zf_demo::write_units_csv(data)),
        (
            ImportKind::VillageGroups,
            zf_demo::write_village_groups_csv(data),
        ),
    ] {
        let import = start(house, &root, kind, &text, false).await;
        let done = import_run(app, &ctx, import.id, &Quiet).await.unwrap();
        assert_eq!(done.counts.bad, 0, "{kind:?}");
    }
    root
}

pub async fn start(house: &House, root: &Unit, kind: ImportKind, text: &str, job: bool) -> Import {
    let ctx = machine(house);
    let scope = ctx.scope(Permission::ImportWrite, root).unwrap();
    let new = NewImport {
        kind,
        file_name: "rows.csv".to_owned(),
        datum: Datum::Wgs84,
        dry_run: false,
    };
    import_start(&house.app, &ctx, &scope, &new, text.as_bytes(), job)
        .await
        .unwrap()
}

/// Waits until a number of the database has grown enough.
pub async fn until(house: &House, text: &str, at_least: i64) {
    let began = Instant::now();
    while house.count(text).await < at_least {
        assert!(began.elapsed() < PATIENCE, "{text}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

const IN: &str = "SELECT COUNT(*) FROM customer";
const OPEN: &str = "SELECT COUNT(*) FROM job WHERE kind = 'import.run' AND state = 'running'";
const ENDED: &str = "SELECT COUNT(*) FROM job WHERE kind = 'import.run' AND state = 'done'";

/// Every row once, and the chain whole.
async fn all_is_well(house: &House) {
    assert_eq!(house.count(IN).await, GOOD);
    let numbers = house
        .count("SELECT COUNT(DISTINCT customer_no) FROM customer")
        .await;
    assert_eq!(numbers, GOOD, "no customer number twice");
    let (batches, events) = (
        house.count("SELECT COUNT(*) FROM import_chunk").await,
        house
            .count("SELECT COUNT(*) FROM event WHERE action = 'customer.import'")
            .await,
    );
    assert_eq!(batches, events, "one event for every batch that is in");
    let verified = house.run(&["audit", "verify", "--json"]);
    assert!(verified.status.success(), "{verified:?}");
    let report: Json = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    assert!(report["events"].as_i64().unwrap() >= events, "{report}");
}

/// A worker killed at five moments: while it begins, in the middle four times.
async fn job(on: On) {
    let Some(house) = House::new(on).await else {
        return;
    };
    let data = data(&house);
    let root = organisation(&house, &data).await;
    let text = zf_demo::write_customers_csv(&data);
    let import = start(&house, &root, ImportKind::Customers, &text, true).await;
    let mut in_the_middle = 0;
    for (n, percent) in [0, 10, 30, 55, 80].into_iter().enumerate() {
        let worker = house.start(&["work"]);
        until(&house, OPEN, 1).await;
        until(&house, IN, GOOD * percent / 100).await;
        // Another point of the work every time.
        tokio::time::sleep(Duration::from_millis(7 * n as u64)).await;
        assert!(worker.kill(), "it worked until it was killed");
        in_the_middle += house.count(OPEN).await;
        if house.engine() == "postgres" {
            // Another worker takes over after the lease; this is its end.
            house
                .exec("UPDATE job SET lease_until = '2020-01-01T00:00:00Z' WHERE state = 'running'")
                .await;
        }
    }
    assert!(in_the_middle >= 4, "only {in_the_middle} of 5 kills hit it");
    let worker = house.start(&["work"]);
    until(&house, ENDED, 1).await;
    assert!(worker.kill());
    let ended = import_fetch(&house.app, &machine(&house), import.id)
        .await
        .unwrap();
    assert_eq!(ended.state, "done");
    let c = ended.counts;
    assert_eq!(
        (c.total, c.new, c.changed, c.same, c.bad),
        (ROWS, GOOD, 0, 0, BAD)
    );
    all_is_well(&house).await;
}

/// The command killed twice and given a third time: what is in stays in and is
/// counted as the same.
async fn command(on: On) {
    let Some(house) = House::new(on).await else {
        return;
    };
    let data = data(&house);
    organisation(&house, &data).await;
    let file = house.folder().join("customers.csv");
    std::fs::write(&file, zf_demo::write_customers_csv(&data)).unwrap();
    let words = ["import", "customers", file.to_str().unwrap(), "--json"];
    for percent in [20, 60] {
        let running = house.start(&words);
        until(&house, IN, GOOD * percent / 100).await;
        assert!(running.kill(), "it worked until it was killed");
        assert!(house.count(IN).await < GOOD, "it was in the middle");
    }
    let before = house.count(IN).await;
    let ended = house.run(&words);
    assert_eq!(ended.status.code(), Some(1), "there are bad rows");
    let told: Json = serde_json::from_slice(&ended.stdout).unwrap();
    let counts = ["rows", "new", "changed", "same", "bad"].map(|key| told[key].as_i64().unwrap());
    assert_eq!(counts, [ROWS, GOOD - before, 0, before, BAD]);
    all_is_well(&house).await;
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_job_killed_with_sigkill_at_five_moments_loses_and_doubles_nothing() {
        super::job(zf_tests::On::Sqlite).await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_command_killed_with_sigkill_is_given_again_until_it_is_done() {
        super::command(zf_tests::On::Sqlite).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_job_killed_with_sigkill_at_five_moments_loses_and_doubles_nothing() {
        super::job(zf_tests::On::Postgres).await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_command_killed_with_sigkill_is_given_again_until_it_is_done() {
        super::command(zf_tests::On::Postgres).await;
    }
}
