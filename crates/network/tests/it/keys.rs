//! A change of keys under load: while customers are written and read, every
//! value stays readable, and afterwards all of them have the new key.

use crate::{PASSPHRASE, World};
use std::fmt::Write;
use zf_kernel::Permission;
use zf_kernel::job::service::job_fetch;
use zf_kernel::job::worker::{Handlers, drain};
use zf_kernel::keys::{keys_adopt, rotate_keys};
use zf_network::customer::service::{Filter, customer_list};
use zf_network::import::ImportKind;
use zf_store::params;
use zf_vault::Keyring;

mod sql {
    zf_store::statements! {
        SEALED: unit = "SELECT name_sealed, phone_sealed, address_sealed FROM customer WHERE unit_id = $1";
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_rotation_under_load_reads_everything() {
    for w in World::all().await {
        let file = |from: usize, n: usize| {
            let mut csv = "customer_no,name,unit,phone,address\n".to_owned();
            for i in from..from + n {
                writeln!(csv, "N{i:05},张三丰,B1,13800001234,青山镇大河村3组").unwrap();
            }
            csv
        };
        w.import(ImportKind::Customers, &file(0, 1_300)).await;
        let key_file = rotate_keys(&w.app, &w.key_file, PASSPHRASE).unwrap();
        let mut handlers = Handlers::default();
        zf_network::handlers(&mut handlers);
        let rotating = async {
            let adopted = keys_adopt(&w.app, &w.machine(), &w.county, &key_file, PASSPHRASE).await;
            let job = adopted.unwrap().unwrap();
            drain(&w.app, &handlers).await.unwrap();
            let job = job_fetch(&w.app, job.id).await.unwrap();
            assert_eq!(job.state, "done");
        };
        let reading = async {
            let scope = w.scope(Permission::CustomerRead, &w.east);
            for _ in 0..20 {
                let page = customer_list(&w.app, &scope, &Filter::default(), "", 200).await;
                assert!(
                    page.unwrap()
                        .iter()
                        .all(|c| c.phone.masked() == "138****1234")
                );
            }
        };
        let writing = async {
            let more = file(1_200, 400);
            w.import(ImportKind::Customers, &more).await
        };
        let (_, _, imported) = tokio::join!(rotating, reading, writing);
        assert_eq!(imported.counts.new, 300);
        // A second run takes what was sealed with the old key in between.
        let job = zf_kernel::job::NewJob::new(
            "keys.reseal",
            w.county.id,
            serde_json::json!({ "key_id": 2 }),
        );
        for _ in 0..2 {
            zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &job)
                .await
                .unwrap();
            drain(&w.app, &handlers).await.unwrap();
        }
        let rows = w
            .app
            .read_unit(w.east.id, sql::SEALED, params![])
            .await
            .unwrap();
        assert_eq!(rows.len(), 1_600);
        for row in &rows {
            for i in 0..3 {
                let sealed: Vec<u8> = row.get(i).unwrap();
                assert_eq!(Keyring::key_id_of(&sealed), Some(2));
            }
        }
    }
}
