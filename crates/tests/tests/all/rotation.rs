//! The keys are changed by the command while a worker of the built program
//! runs: it reads the new key file by itself, seals the old values anew, seals
//! what comes later with the new key, and every value can still be opened.

use crate::kill_nine::{machine, organisation, start, until};
use zf_base::mask::{Permit, Reason};
use zf_demo::{CustomerRow, DemoData, DemoSpec, Size};
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::{App, Permission};
use zf_network::customer::service::{Filter, customer_list};
use zf_network::import::ImportKind;
use zf_tests::On;
use zf_tests::program::House;
use zf_tests::world::{PASSPHRASE, sql};
use zf_vault::{KeyFile, Keyring};

/// Customers of each of the three files.
const PART: usize = 800;

fn file(data: &DemoData, people: &[CustomerRow]) -> String {
    zf_demo::write_customers_csv(&DemoData {
        customers: people.to_vec(),
        ..data.clone()
    })
}

/// The installation as somebody sees it who starts now.
async fn opened_anew(house: &House) -> App {
    let text = std::fs::read_to_string(house.folder().join("keys.json")).unwrap();
    let ring = Keyring::unlock(&KeyFile::from_text(&text).unwrap(), PASSPHRASE).unwrap();
    let app = zf_server::open::assemble(house.app.db.clone(), ring).await;
    app.unwrap()
}

async fn import_by_worker(house: &House, root: &zf_kernel::unit::Unit, text: &str, jobs: i64) {
    start(house, root, ImportKind::Customers, text, true).await;
    let done = "SELECT COUNT(*) FROM job WHERE kind = 'import.run' AND state = 'done'";
    until(house, done, jobs).await;
}

/// Generations of the keys that the names of the customers are sealed with.
async fn generations(house: &House) -> Vec<u32> {
    let text = "SELECT name_sealed FROM customer";
    let rows = house.app.db.query(sql(text), vec![]).await.unwrap();
    assert_eq!(rows.len(), 3 * PART);
    let ids = rows.iter().map(|row| {
        let sealed: Vec<u8> = row.get(0).unwrap();
        Keyring::key_id_of(&sealed).unwrap()
    });
    let mut ids: Vec<u32> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn rotation(on: On) {
    let Some(house) = House::new(on).await else {
        return;
    };
    let spec = DemoSpec {
        size: Size::County,
        seed: 10,
        anchor: house.app.today(),
    };
    let data = zf_demo::generate(&spec, None);
    let root = organisation(&house, &data).await;
    let parts: Vec<&[CustomerRow]> = data.customers.chunks(PART).take(3).collect();

    let mut worker = house.start(&["work"]);
    import_by_worker(&house, &root, &file(&data, parts[0]), 1).await;
    let rotated = house.run(&["admin", "keys", "rotate", "--json"]);
    assert!(rotated.status.success(), "{rotated:?}");
    // While the worker seals anew, somebody with the new key writes.
    let csv = house.folder().join("second.csv");
    std::fs::write(&csv, file(&data, parts[1])).unwrap();
    let second = house.run(&["import", "customers", csv.to_str().unwrap(), "--json"]);
    assert!(second.status.success(), "{second:?}");
    let resealed = "SELECT COUNT(*) FROM job WHERE kind = 'keys.reseal' AND state = 'done'";
    until(&house, resealed, 1).await;
    // The file of this one is sealed with the old key, its rows with the new.
    import_by_worker(&house, &root, &file(&data, parts[2]), 2).await;
    assert!(!worker.ended(), "it is the worker of the beginning");
    assert!(worker.kill());

    assert_eq!(generations(&house).await, [2]);
    let app = opened_anew(&house).await;
    let permit = Permit::for_reason(Reason::STORE);
    for person in parts.concat().iter().step_by(97) {
        let unit = unit_by_code(&app, &person.unit_code)
            .await
            .unwrap()
            .unwrap();
        let scope = machine(&house).scope(Permission::CustomerRead, &unit);
        let name = Filter {
            name: Some(person.name.clone()),
            ..Filter::default()
        };
        let found = customer_list(&app, &scope.unwrap(), &name, "", 200).await;
        let found = found.unwrap();
        let same = found.iter().find(|c| c.customer_no == person.customer_no);
        assert_eq!(same.unwrap().name.reveal(&permit), person.name);
    }
    let verified = house.run(&["audit", "verify", "--json"]);
    assert!(verified.status.success(), "{verified:?}");
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn keys_are_changed_under_a_running_worker_and_nothing_is_lost() {
        super::rotation(zf_tests::On::Sqlite).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn keys_are_changed_under_a_running_worker_and_nothing_is_lost() {
        super::rotation(zf_tests::On::Postgres).await;
    }
}
