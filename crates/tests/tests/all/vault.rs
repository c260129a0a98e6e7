//! Sealed values in use: new keys while people work, and sealed values that
//! were moved, cut or made with other keys.

use axum::Router;
use serde_json::json;
use zf_base::Uuid;
use zf_kernel::pack::Packs;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Permission};
use zf_store::params;
use zf_tests::people::{Person, person};
use zf_tests::world::PASSPHRASE;
use zf_tests::{Browser, World, both};
use zf_vault::{Aad, KdfParams, Keyring, Suite};
use zf_web::WebState;

/// The program with another key ring on the same database.
async fn with_ring(w: &World, ring: Keyring) -> (App, Router) {
    let packs = Packs::embedded().unwrap();
    let app = App::new(w.app.db.clone(), ring, w.clock.clone(), packs)
        .await
        .unwrap();
    let state = WebState::new(app.clone(), (*w.state.info).clone());
    (app, zf_server::build_router(state))
}

async fn reveal(browser: &Browser, unit: &Unit, id: &str) -> serde_json::Value {
    let path = format!("/units/{}/customers/{id}/reveal", unit.id);
    let body = json!({ "fields": ["name", "phone", "id_number", "address"], "reason": "核对" });
    browser.post(&path, body).await.good()["values"].clone()
}

fn values(p: &Person) -> serde_json::Value {
    json!({ "name": p.name, "phone": p.phone, "id_number": p.id_number, "address": p.address })
}

/// Generations of keys among the sealed names.
async fn generations(w: &World) -> Vec<u32> {
    let rows = w
        .query(
            "SELECT name_sealed FROM customer ORDER BY customer_no",
            vec![],
        )
        .await;
    let sealed = rows.iter().map(|r| r.get::<Vec<u8>>(0).unwrap());
    sealed.map(|s| Keyring::key_id_of(&s).unwrap()).collect()
}

both! {
    async fn keys_are_changed_while_people_work_and_everything_stays_readable(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let mut ids = Vec::new();
        for n in 0..12 {
            let made = w.add_customer(&head, branch, &person(n)).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let (ring, file) = w.app.vault.rotate(&w.key_file, PASSPHRASE, &mut zf_vault::os_random).unwrap();
        assert_eq!(ring.current_key_id(), 2);
        let (app, router) = with_ring(&w, ring).await;
        let renewed = head.in_front_of(router);
        // One process writes and changes with the new keys, another still reads old rows.
        let writing = async {
            for n in 12..24 {
                w.add_customer(&renewed, branch, &person(n)).await;
            }
            for id in &ids[..6] {
                let path = format!("/units/{}/customers/{id}", branch.id);
                renewed.patch(&path, json!({ "occupation": "务农" })).await.ok();
            }
        };
        let reading = async {
            for (n, id) in ids.iter().enumerate().skip(6) {
                assert_eq!(reveal(&head, branch, id).await, values(&person(n)));
            }
        };
        tokio::join!(writing, reading);
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(reveal(&renewed, branch, id).await, values(&person(n)));
        }
        let expected: Vec<u32> = [[2; 6], [1; 6], [2; 6], [2; 6]].concat();
        assert_eq!(generations(&w).await, expected);
        for n in [7, 20] {
            let found = renewed.post("/customers/lookup", json!({ "phone": person(n).phone })).await.items();
            assert_eq!(found.len(), 1, "the blind index outlives the keys");
        }
        assert!(zf_kernel::event::verify::verify_all(&app).await.unwrap().findings.is_empty());
        let unlocked = Keyring::unlock(&file, PASSPHRASE).unwrap();
        let (_, router) = with_ring(&w, unlocked).await;
        assert_eq!(head.in_front_of(router).get(&format!("/units/{}/customers", branch.id)).await.items().len(), 24);
    }

    async fn sealed_values_that_were_moved_between_customers_are_refused(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let mut ids = Vec::new();
        for n in 0..2 {
            let made = w.add_customer(&head, branch, &person(n)).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let paths: Vec<String> = ids.iter().map(|id| format!("/units/{}/customers/{id}", branch.id)).collect();
        let uuid = |n: usize| ids[n].parse::<Uuid>().unwrap();
        for column in ["name_sealed", "phone_sealed", "id_number_sealed", "address_sealed"] {
            let read = format!("SELECT {column} FROM customer WHERE id = $1");
            let write = format!("UPDATE customer SET {column} = $2 WHERE id = $1");
            let mut sealed = Vec::new();
            for n in 0..2 {
                sealed.push(w.query(&read, params![uuid(n)]).await[0].get::<Vec<u8>>(0).unwrap());
            }
            w.exec(&write, params![uuid(0), sealed[1].clone()]).await;
            w.exec(&write, params![uuid(1), sealed[0].clone()]).await;
            let faulty = head.expecting_a_fault();
            for path in &paths {
                faulty.get(path).await.refused(500, "vault.unreadable");
                let body = json!({ "fields": ["name"], "reason": "核对" });
                faulty.post(&format!("{path}/reveal"), body).await.refused(500, "vault.unreadable");
            }
            faulty.get(&format!("/units/{}/customers", branch.id)).await.refused(500, "vault.unreadable");
            for (n, own) in sealed.iter().enumerate() {
                w.exec(&write, params![uuid(n), own.clone()]).await;
            }
            head.get(&paths[0]).await.ok();
        }
        // Within one customer a phone is no name either.
        w.exec("UPDATE customer SET name_sealed = phone_sealed WHERE id = $1", params![uuid(0)]).await;
        head.expecting_a_fault().get(&paths[0]).await.refused(500, "vault.unreadable");
    }

    async fn sealed_values_that_were_cut_or_made_with_other_keys_are_refused(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let made = w.add_customer(&head, branch, &person(0)).await;
        let id: Uuid = made["id"].as_str().unwrap().parse().unwrap();
        let path = format!("/units/{}/customers/{id}", branch.id);
        let sealed = w.query("SELECT name_sealed FROM customer WHERE id = $1", params![id]).await[0].get::<Vec<u8>>(0).unwrap();
        let (foreign, _) = Keyring::create_with(Suite::Intl, "other", KdfParams::TESTS_ONLY, &mut zf_vault::os_random).unwrap();
        let aad = Aad { table: "customer", column: "name_sealed", unit: branch.id.uuid(), row: id };
        let mut wrong: Vec<Vec<u8>> = (0..sealed.len()).map(|n| sealed[..n].to_vec()).collect();
        for n in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[n] ^= 1;
            wrong.push(flipped);
        }
        wrong.push(foreign.seal_text(&aad, "王麻子"));
        let faulty = head.expecting_a_fault();
        for bytes in wrong {
            let length = bytes.len();
            w.exec("UPDATE customer SET name_sealed = $2 WHERE id = $1", params![id, bytes]).await;
            let refusal = faulty.get(&path).await;
            assert_eq!(refusal.code(), "vault.unreadable", "{length} of {} bytes", sealed.len());
        }
        w.exec("UPDATE customer SET name_sealed = $2 WHERE id = $1", params![id, sealed]).await;
        head.get(&path).await.ok();
    }

    async fn a_customer_of_another_branch_cannot_be_slipped_in(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = &w.org.branches;
        let a = w.add_customer(&market, first, &person(0)).await;
        let b = w.add_customer(&market, second, &person(1)).await;
        let uuid = |c: &serde_json::Value| c["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        let sealed = w.query("SELECT name_sealed FROM customer WHERE id = $1", params![uuid(&a)]).await[0].get::<Vec<u8>>(0).unwrap();
        w.exec("UPDATE customer SET name_sealed = $2 WHERE id = $1", params![uuid(&b), sealed]).await;
        let scope = w.scope(Permission::CustomerRead, second);
        let fetched = zf_network::customer::service::customer_fetch(&w.app, &scope, uuid(&b).into()).await;
        assert!(fetched.is_err());
        assert!(!format!("{:?}", fetched.err()).contains(&person(0).name));
    }
}
