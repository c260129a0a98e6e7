//! Records that may be one person: found, shown masked, merged by people and
//! taken back to the byte; across branches also when the process dies between.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value as Json, json};
use zf_base::{CustomerId, UnitId};
use zf_kernel::unit::Unit;
use zf_kernel::{Permission, UnitTx};
use zf_network::customer::past::{
    Fate, Former, Leaving, customer_leave, former_read, past_numbers,
};
use zf_network::customer::service::customer_fetch;
use zf_register::merge::Seat;
use zf_register::merge::service::{Asked, merge_ask};
use zf_tests::people::{Person, needles, person};
use zf_tests::{Browser, World, both};

/// A person of the file with some values of another: twice the same person.
fn again(n: usize, change: impl FnOnce(&mut Person)) -> Person {
    let mut p = person(n);
    change(&mut p);
    p
}

async fn add(w: &World, b: &Browser, unit: &Unit, p: &Person) -> CustomerId {
    let made = w.add_customer(b, unit, p).await;
    made["id"].as_str().unwrap().parse().unwrap()
}

async fn scan(w: &World, b: &Browser, unit: &Unit) -> Json {
    b.post(&format!("/units/{}/duplicates/scan", unit.id), json!({}))
        .await
        .good();
    w.drain().await;
    b.get(&format!("/units/{}/duplicates/scan", unit.id))
        .await
        .good()
}

async fn pairs(b: &Browser, unit: &Unit, query: &str) -> Vec<Json> {
    b.get(&format!("/units/{}/duplicates{query}", unit.id))
        .await
        .items()
}

/// A branch with one person twice and some strangers, searched.
async fn with_a_pair(w: &World) -> (Browser, CustomerId, CustomerId, Json) {
    let market = w.role("market_department").await;
    let branch = w.org.branches[0].clone();
    for n in 100..112 {
        add(w, &market, &branch, &person(n)).await;
    }
    let a = add(w, &market, &branch, &person(1)).await;
    let twin = again(1, |p| {
        p.no = "777".to_owned();
        let first: String = p.name.chars().take(2).collect();
        p.name = format!("{first}峰");
        p.phone = person(2).phone;
    });
    let b = add(w, &market, &branch, &twin).await;
    scan(w, &market, &branch).await;
    let found = pairs(&market, &branch, "").await;
    assert_eq!(found.len(), 1, "{found:#?}");
    (market, a, b, found[0].clone())
}

async fn row(w: &World, unit: UnitId, id: CustomerId) -> Option<Former> {
    former_read(&w.app, unit, id).await.unwrap()
}

async fn customers(w: &World) -> i64 {
    w.count("SELECT COUNT(*) FROM customer").await
}

/// What of a former row is stored in clear beside the sealed columns.
async fn plain_rows(w: &World) -> Vec<zf_store::Row> {
    w.query("SELECT unit_id, id, customer_no, household_id, village_group_id, phone_bidx, phone_state, id_number_bidx, id_number_state, sex, birth_year, occupation, products, tags, four_fields, do_not_visit, lat, lon, datum, source_channel, content_digest, rev, created_at, created_by, updated_at, updated_by FROM customer ORDER BY unit_id, id", vec![]).await
}

both! {
    async fn a_person_stored_twice_is_found_explained_and_shown_masked(w: World) {
        let (market, a, b, pair) = with_a_pair(&w).await;
        assert!(pair["why"].as_str().unwrap().starts_with("同一证件号，"), "{}", pair["why"]);
        assert!(pair["why"].as_str().unwrap().contains("姓名相差一个字"), "{}", pair["why"]);
        assert!(pair["score"].as_i64().unwrap() > 900);
        let ids = [a.to_string(), b.to_string()];
        for side in ["own", "other"] {
            assert!(ids.contains(&pair[side]["customer_id"].as_str().unwrap().to_owned()));
        }
        let of = |name: &str| pair["fields"].as_array().unwrap().iter().find(|f| f["field"] == name).unwrap()["compared"].clone();
        assert_eq!((of("id_number"), of("name"), of("phone"), of("address"), of("notes")), (json!("same"), json!("differs"), json!("differs"), json!("same"), json!("empty")));
        let branch = &w.org.branches[0];
        assert!(pairs(&market, branch, "?reach=across").await.is_empty());
        assert_eq!(pairs(&market, branch, "?reach=within").await.len(), 1);
        assert_eq!(pairs(&w.role("branch_head").await, branch, "").await.len(), 1);
    }

    async fn a_rejected_pair_stays_rejected_until_a_record_changes(w: World) {
        let (market, a, _, pair) = with_a_pair(&w).await;
        let branch = w.org.branches[0].clone();
        let path = format!("/units/{}/duplicates/{}/decide", branch.id, pair["id"].as_str().unwrap());
        market.post(&path, json!({ "state": "rejected" })).await.ok();
        let again = scan(&w, &market, &branch).await;
        assert_eq!((again["open"].clone(), again["rejected"].clone()), (json!(0), json!(1)));
        assert_eq!(w.count("SELECT COUNT(*) FROM duplicate_pair").await, 1, "the search is idempotent");
        market.patch(&format!("/units/{}/customers/{a}", branch.id), json!({ "occupation": "务农" })).await.ok();
        assert_eq!(scan(&w, &market, &branch).await["open"], 0, "not what is compared");
        market.patch(&format!("/units/{}/customers/{a}", branch.id), json!({ "phone": person(40).phone })).await.ok();
        assert_eq!(scan(&w, &market, &branch).await["open"], 1);
    }

    async fn a_merge_keeps_what_was_chosen_and_undo_brings_both_rows_back(w: World) {
        let (market, a, b, pair) = with_a_pair(&w).await;
        let branch = w.org.branches[0].clone();
        let unit = branch.id;
        market.patch(&format!("/units/{unit}/customers/{b}"), json!({ "occupation": "务农", "do_not_visit": true })).await.ok();
        let (before_a, before_b, plain) = (row(&w, unit, a).await, row(&w, unit, b).await, plain_rows(&w).await);
        let keep = if pair["own"]["customer_id"] == a.to_string().as_str() { "own" } else { "other" };
        let path = format!("/units/{unit}/duplicates/{}", pair["id"].as_str().unwrap());
        let merged = market.post(&format!("{path}/merge"), json!({ "keep": keep, "take": ["phone", "occupation"] })).await.good();
        assert_eq!((&merged["state"], &merged["merge"]["state"]), (&json!("merged"), &json!("done")));
        assert_eq!(row(&w, unit, b).await, None);
        let kept = market.get(&format!("/units/{unit}/customers/{a}")).await.good();
        let p = person(2).phone;
        assert_eq!((&kept["phone_masked"], &kept["occupation"]), (&json!(format!("{}****{}", &p[..3], &p[7..])), &json!("务农")));
        assert_eq!(kept["do_not_visit"], true, "a refusal of either holds");
        assert_eq!(past_numbers(&w.app, unit).await.unwrap()["777"].into, Some((unit, a)));
        let merges = market.get(&format!("/units/{unit}/merges")).await.items();
        assert_eq!(merges.len(), 1);
        let no = |side: &str| merges[0][side]["customer_no"].as_str().unwrap().to_owned();
        assert_eq!((no("kept"), no("gone")), (person(1).no, "777".to_owned()), "which two they were");
        let undo = format!("/units/{unit}/merges/{}/undo", merges[0]["id"].as_str().unwrap());
        w.clock.forward_minutes(5);
        assert_eq!(market.post(&undo, json!({})).await.good()["state"], "undone");
        assert_eq!((row(&w, unit, a).await, row(&w, unit, b).await), (before_a, before_b));
        assert_eq!(plain_rows(&w).await, plain);
        assert_eq!(market.get(&path).await.good()["state"], "open");
        assert_eq!(w.count("SELECT COUNT(*) FROM customer_before").await, 0);
        w.drain().await;
        assert_eq!(plain_rows(&w).await, plain, "the job finds nothing left to do");
    }

    async fn what_a_merge_keeps_follows_a_change_of_keys(w: World) {
        let (market, a, b, pair) = with_a_pair(&w).await;
        let unit = w.org.branches[0].id;
        let before = (row(&w, unit, a).await, row(&w, unit, b).await);
        let path = format!("/units/{unit}/duplicates/{}/merge", pair["id"].as_str().unwrap());
        let merged = market.post(&path, json!({ "keep": "own", "take": ["name"] })).await.good();
        let file = zf_kernel::keys::rotate_keys(&w.app, &w.key_file, zf_tests::world::PASSPHRASE).unwrap();
        zf_kernel::keys::keys_adopt(&w.app, &w.machine(), &w.org.head, &file, zf_tests::world::PASSPHRASE).await.unwrap();
        w.drain().await;
        for table in ["customer_past", "customer_before"] {
            let rows = w.query(&format!("SELECT snapshot_sealed FROM {table}"), vec![]).await;
            let sealed: Vec<u8> = rows[0].get(0).unwrap();
            assert_eq!((rows.len(), zf_vault::Keyring::key_id_of(&sealed)), (1, Some(2)), "{table}");
        }
        let undo = format!("/units/{unit}/merges/{}/undo", merged["merge"]["id"].as_str().unwrap());
        market.post(&undo, json!({})).await.ok();
        assert_eq!((row(&w, unit, a).await, row(&w, unit, b).await), before);
    }

    async fn an_undo_says_what_would_be_lost_and_asks(w: World) {
        let (market, a, _, pair) = with_a_pair(&w).await;
        let unit = w.org.branches[0].id;
        let keep = if pair["own"]["customer_id"] == a.to_string().as_str() { "own" } else { "other" };
        let before = row(&w, unit, a).await;
        let path = format!("/units/{unit}/duplicates/{}/merge", pair["id"].as_str().unwrap());
        let merged = market.post(&path, json!({ "keep": keep, "take": [] })).await.good();
        market.patch(&format!("/units/{unit}/customers/{a}"), json!({ "occupation": "养殖" })).await.ok();
        let undo = format!("/units/{unit}/merges/{}/undo", merged["merge"]["id"].as_str().unwrap());
        let told = market.post(&undo, json!({})).await.refused(409, "merge.changed");
        assert!(told["detail"].as_str().unwrap().contains("职业"), "{told}");
        assert_eq!(customers(&w).await, 13);
        market.post(&undo, json!({ "lose_changes": true })).await.ok();
        assert_eq!((row(&w, unit, a).await, customers(&w).await), (before, 14));
    }

    async fn a_merge_across_branches_that_dies_between_is_finished_by_the_job(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        for n in 100..110 {
            add(&w, &market, &first, &person(n)).await;
        }
        let a = add(&w, &market, &first, &person(1)).await;
        let twin = again(1, |p| p.no = "777".to_owned());
        let b = add(&w, &market, &second, &twin).await;
        scan(&w, &market, &w.org.county.clone()).await;
        let found = pairs(&market, &w.org.county, "?reach=across").await;
        assert_eq!(found.len(), 1, "once, though it stands in both branches");
        assert_eq!(w.count("SELECT COUNT(*) FROM duplicate_pair").await, 2);
        let told = market.get(&format!("/units/{}/duplicates/scan", w.org.county.id)).await.good();
        assert_eq!(told["open"], 1, "across two branches, counted once");
        let before = plain_rows(&w).await;
        // Asked for by nobody who may do both at once: the work is left to the job.
        let head = w.role("branch_head").await;
        let head = w.behind(&head).await;
        let ctx = zf_kernel::Ctx::for_user(head.actor, w.clock.now(), w.app.new_id());
        let scope = ctx.scope(Permission::CustomerMerge, &first).unwrap();
        let asked = Asked { kept: Seat { unit: first.id, id: a }, gone: Seat { unit: second.id, id: b }, pair: Some(found[0]["id"].as_str().unwrap().parse().unwrap()), fields: vec![], reason: "duplicate".to_owned() };
        let merge = merge_ask(&w.app, &ctx, &scope, &asked).await.unwrap();
        assert_eq!(merge.state.as_str(), "proposed");
        w.drain().await;
        assert_eq!(customers(&w).await, 12, "nobody has agreed yet");
        let seen = pairs(&w.role_at("branch_head", &second).await, &second, "?state=proposed").await;
        assert_eq!(seen.len(), 1);
        assert_eq!((&seen[0]["own"]["visible"], &seen[0]["other"]["visible"], seen[0]["fields"].as_array().unwrap().len()), (&json!(true), &json!(false), 0));
        // The other branch agrees; the process dies after the record has left.
        w.exec("UPDATE customer_merge SET state = 'agreed'", vec![]).await;
        let machine = w.machine();
        let gone = customer_fetch(&w.app, &w.scope(Permission::CustomerMerge, &second), b).await.unwrap();
        let there = w.scope(Permission::CustomerMerge, &second);
        let mut tx = UnitTx::begin(&w.app, &machine, &there).await.unwrap();
        let leaving = Leaving { fate: Fate::Merged, into: Some((first.id, a)), reason: "duplicate", keep_snapshot: true };
        customer_leave(&mut tx, &w.app, &machine, &gone, &leaving).await.unwrap();
        tx.record("customer.merge_away", "customer", b, json!({}));
        tx.commit().await.unwrap();
        zf_register::merge::service::merge_run(&w.app, &machine, first.id, merge.id).await.unwrap();
        assert_eq!(customers(&w).await, 11);
        assert_eq!(w.count("SELECT COUNT(*) FROM duplicate_pair WHERE state = 'merged'").await, 2);
        let undone = zf_register::merge::service::merge_undo(&w.app, &machine, first.id, merge.id, false).await.unwrap();
        assert_eq!(undone.state.as_str(), "undone");
        assert_eq!(plain_rows(&w).await, before);
    }

    async fn the_other_branch_agrees_and_the_job_merges(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        for n in 100..110 {
            add(&w, &market, &first, &person(n)).await;
        }
        add(&w, &market, &first, &person(1)).await;
        add(&w, &market, &second, &again(1, |p| p.no = "777".to_owned())).await;
        scan(&w, &market, &w.org.county.clone()).await;
        let head = w.role("branch_head").await;
        let pair = pairs(&head, &first, "").await[0].clone();
        let id = pair["id"].as_str().unwrap();
        let asked = head.post(&format!("/units/{}/duplicates/{id}/merge", first.id), json!({ "keep": "own", "take": [] })).await.good();
        assert_eq!((&asked["state"], &asked["decides_both"]), (&json!("proposed"), &json!(false)));
        head.post(&format!("/units/{}/duplicates/{id}/agree", first.id), json!({})).await.refused(409, "permission.second_person");
        w.drain().await;
        let other = w.role_at("branch_head", &second).await;
        other.post(&format!("/units/{}/duplicates/{id}/agree", second.id), json!({})).await.ok();
        w.drain().await;
        assert_eq!(head.get(&format!("/units/{}/duplicates/{id}", first.id)).await.good()["state"], "merged");
        assert_eq!(customers(&w).await, 11);
        // The number of the other branch's record is not this branch's to read.
        let history = head.get(&format!("/units/{}/merges", first.id)).await.items();
        let no = |side: &str| history[0][side]["customer_no"].clone();
        assert_eq!((no("kept"), no("gone")), (json!(person(1).no), Json::Null));
        let history = market.get(&format!("/units/{}/merges", first.id)).await.items();
        assert_eq!(history[0]["gone"]["customer_no"], "777");
    }

    async fn who_types_in_a_known_person_is_warned(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        for n in 100..110 {
            add(&w, &market, &first, &person(n)).await;
        }
        let p = person(1);
        let a = add(&w, &market, &first, &p).await;
        add(&w, &market, &second, &again(1, |p| p.no = "777".to_owned())).await;
        w.guard.plant(&needles([&p]));
        let head = w.role("branch_head").await;
        let path = format!("/units/{}/duplicates/check", first.id);
        let body = json!({ "name": p.name, "phone": p.phone, "id_number": p.id_number });
        let told = head.post(&path, body).await.good();
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
        assert_eq!((&told["items"][0]["customer_id"], &told["elsewhere"]), (&json!(a.to_string()), &json!(1)));
        let stranger = person(50);
        let told = head.post(&path, json!({ "name": stranger.name, "phone": stranger.phone, "id_number": stranger.id_number })).await.good();
        assert_eq!((told["items"].as_array().unwrap().len(), &told["elsewhere"]), (0, &json!(0)));
    }

    async fn an_erased_customer_leaves_a_number_and_nothing_to_come_back_from(w: World) {
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        let p = person(3);
        let id = add(&w, &market, &branch, &p).await;
        let (machine, scope) = (w.machine(), w.scope(Permission::CustomerWrite, &branch));
        let customer = customer_fetch(&w.app, &scope, id).await.unwrap();
        let mut tx = UnitTx::begin(&w.app, &machine, &scope).await.unwrap();
        let leaving = Leaving { fate: Fate::Erased, into: None, reason: "request", keep_snapshot: true };
        customer_leave(&mut tx, &w.app, &machine, &customer, &leaving).await.unwrap();
        tx.record("customer.erase", "customer", id, json!({}));
        tx.commit().await.unwrap();
        let past = past_numbers(&w.app, branch.id).await.unwrap();
        assert_eq!((past[&p.no].fate, past[&p.no].can_return), (Fate::Erased, false));
        assert_eq!(w.count("SELECT COUNT(*) FROM customer_past WHERE snapshot_sealed IS NOT NULL").await, 0);
    }

    async fn every_column_of_a_customer_is_archived(w: World) {
        let tables = w.app.db.tables().await.unwrap();
        let table = tables.iter().find(|t| t.name == "customer").unwrap();
        let mut columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        let mut ours: Vec<&str> = zf_network::customer::past::former::FORMER_COLUMNS.to_vec();
        columns.sort_unstable();
        ours.sort_unstable();
        assert_eq!(columns, ours, "a new column must be archived and put back too");
    }

    async fn any_merge_taken_back_gives_the_same_rows(w: World) {
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        let fields = zf_network::customer::past::MERGE_FIELDS;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let some = proptest::sample::subsequence(fields.to_vec(), 0..=fields.len());
        for n in 0..12 {
            let a = add(&w, &market, &branch, &person(2 * n + 200)).await;
            let b = add(&w, &market, &branch, &person(2 * n + 201)).await;
            let extra = (any::<bool>(), "[一-龥]{0,8}", 20.0..50.0f64, 80.0..120.0f64).new_tree(&mut runner).unwrap().current();
            let change = json!({ "do_not_visit": extra.0, "notes": extra.1, "occupation": extra.1, "lat": extra.2, "lon": extra.3, "products": ["存款", "保险"] });
            market.patch(&format!("/units/{}/customers/{b}", branch.id), change).await.ok();
            let before = (row(&w, branch.id, a).await, row(&w, branch.id, b).await, plain_rows(&w).await);
            let (machine, scope) = (w.machine(), w.scope(Permission::CustomerMerge, &branch));
            let taken = some.new_tree(&mut runner).unwrap().current();
            let seat = |id| Seat { unit: branch.id, id };
            let asked = Asked { kept: seat(a), gone: seat(b), pair: None, fields: taken.iter().map(|f| (*f).to_owned()).collect(), reason: "duplicate".to_owned() };
            let m = merge_ask(&w.app, &machine, &scope, &asked).await.unwrap();
            assert_eq!(m.state.as_str(), "done");
            w.clock.forward_seconds(90);
            zf_register::merge::service::merge_undo(&w.app, &machine, branch.id, m.id, false).await.unwrap();
            let after = (row(&w, branch.id, a).await, row(&w, branch.id, b).await, plain_rows(&w).await);
            assert!(before == after, "taken: {taken:?}");
        }
    }
}
