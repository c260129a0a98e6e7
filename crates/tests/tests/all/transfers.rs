//! Moves of customers, of staff, and the closing of a branch: counted before
//! and after to the row, also when the process dies in the middle.

use crate::belongings::dies_between;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use zf_base::{CustomerId, TransferId};
use zf_kernel::error::Result;
use zf_kernel::unit::Unit;
use zf_network::customer::past::former_read;
use zf_register::transfer::closing::closing_run;
use zf_register::transfer::run::{Told, transfer_run};
use zf_tests::files::Sheet;
use zf_tests::people::person;
use zf_tests::{Browser, World, both};

/// Never answers after some batches, like a process that is gone.
struct DiesAfter(AtomicUsize, tokio::sync::Notify);

impl DiesAfter {
    fn new(batches: usize) -> DiesAfter {
        DiesAfter(AtomicUsize::new(batches), tokio::sync::Notify::new())
    }
}

impl Told for DiesAfter {
    async fn moved(&self, _: i64, _: i64) -> Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 1 {
            return Ok(());
        }
        self.1.notify_one();
        std::future::pending().await
    }
}

/// People of a branch by file: households of four, two village groups.
async fn fill(w: &World, market: &Browser, unit: &Unit, range: std::ops::Range<usize>) {
    let groups = Sheet::new(&["机构编码", "村组编码", "乡镇", "村", "村组"])
        .row(&[&unit.code, "G1", "青山镇", "大河村", "1组"])
        .row(&[&unit.code, "G2", "青山镇", "大河村", "2组"]);
    let done = w
        .import(
            market,
            "village_groups",
            "村组.csv",
            groups.csv().as_bytes(),
        )
        .await;
    assert_eq!(done["rows_bad"], 0, "{done}");
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
        "户号",
        "村组编码",
    ]);
    let rows = range.len();
    for n in range {
        let p = person(n);
        let group = if n % 3 == 0 { "G2" } else { "G1" };
        sheet = sheet.row(&[
            &p.no,
            &p.name,
            &p.phone,
            &p.id_number,
            &p.address,
            &unit.code,
            &format!("H{}", n / 12),
            group,
        ]);
    }
    let done = w
        .import(market, "customers", "名单.csv", sheet.csv().as_bytes())
        .await;
    assert_eq!(done["rows_new"], rows, "{done}");
}

async fn count_at(w: &World, unit: &Unit) -> i64 {
    w.query(
        "SELECT COUNT(*) FROM customer WHERE unit_id = $1",
        vec![unit.id.into()],
    )
    .await[0]
        .get(0)
        .unwrap()
}

/// Every customer number of the installation, sorted: nobody lost, nobody twice.
async fn numbers(w: &World) -> Vec<String> {
    let rows = w
        .query(
            "SELECT customer_no FROM customer ORDER BY customer_no",
            vec![],
        )
        .await;
    rows.iter().map(|r| r.get(0).unwrap()).collect()
}

async fn ask(market: &Browser, from: &Unit, body: Json) -> Json {
    market
        .post(&format!("/units/{}/transfers", from.id), body)
        .await
        .good()
}

both! {
    async fn a_customer_moves_with_number_and_content_and_comes_back_as_they_were(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let p = person(1);
        let made = w.add_customer(&market, &first, &p).await;
        let id: CustomerId = made["id"].as_str().unwrap().parse().unwrap();
        let before = former_read(&w.app, first.id, id).await.unwrap();
        let body = json!({ "customer_ids": [id.to_string()], "to_unit_id": second.id, "reason": "moved_house" });
        let preview = { let mut b = body.clone(); b["preview"] = json!(true); ask(&market, &first, b).await };
        assert_eq!((&preview["state"], &preview["customers"], &preview["taken"]), (&json!("preview"), &json!(1), &json!(0)));
        assert_eq!(count_at(&w, &first).await, 1, "a preview changes nothing");
        w.clock.forward_minutes(1);
        let moved = ask(&market, &first, body.clone()).await;
        assert_eq!((&moved["state"], &moved["arrived"]), (&json!("done"), &json!(1)));
        market.get(&format!("/units/{}/customers/{id}", first.id)).await.refused(404, "customer.not_found");
        let there = market.get(&format!("/units/{}/customers/{id}", second.id)).await.good();
        assert_eq!((&there["customer_no"], &there["phone_masked"], &there["four_fields_complete"]), (&made["customer_no"], &made["phone_masked"], &json!(true)));
        let found = market.post("/customers/lookup", json!({ "id_number": p.id_number })).await.items();
        assert_eq!((found.len(), &found[0]["unit_id"]), (1, &json!(second.id.to_string())));
        let undo = format!("/units/{}/transfers/{}/undo", first.id, moved["id"].as_str().unwrap());
        assert_eq!(market.post(&undo, json!({})).await.good()["state"], "undone");
        assert_eq!(former_read(&w.app, first.id, id).await.unwrap(), before);
        assert_eq!(count_at(&w, &second).await, 0);
        market.post(&undo, json!({})).await.refused(409, "conflict");
        w.role("branch_head").await.post(&format!("/units/{}/transfers", first.id), body).await.refused(403, "permission.denied");
    }

    async fn what_was_changed_in_the_new_branch_comes_back_too(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let made = w.add_customer(&market, &first, &person(1)).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let moved = ask(&market, &first, json!({ "customer_ids": [id], "to_unit_id": second.id, "reason": "wrong_branch" })).await;
        market.patch(&format!("/units/{}/customers/{id}", second.id), json!({ "occupation": "养殖" })).await.ok();
        market.post(&format!("/units/{}/transfers/{}/undo", first.id, moved["id"].as_str().unwrap()), json!({})).await.ok();
        let back = market.get(&format!("/units/{}/customers/{id}", first.id)).await.good();
        assert_eq!((&back["occupation"], &back["household_no"]), (&json!("养殖"), &made["household_no"]));
    }

    async fn a_number_that_is_taken_there_stops_the_move_before_it_begins(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let made = w.add_customer(&market, &first, &person(1)).await;
        let mut other = person(2);
        other.no = person(1).no;
        w.add_customer(&market, &second, &other).await;
        let body = json!({ "customer_ids": [made["id"]], "to_unit_id": second.id, "reason": "moved_house" });
        let told = market.post(&format!("/units/{}/transfers", first.id), body).await.refused(409, "transfer.taken");
        assert!(told["detail"].as_str().unwrap().starts_with("1 个客户号"), "{told}");
        assert_eq!((count_at(&w, &first).await, count_at(&w, &second).await), (1, 1));
    }

    async fn a_village_group_moves_with_its_households(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        fill(&w, &market, &first, 0..60).await;
        let groups = market.get(&format!("/units/{}/village-groups", first.id)).await.items();
        let g2 = groups.iter().find(|g| g["code"] == "G2").unwrap();
        let moved = ask(&market, &first, json!({ "village_group_id": g2["id"], "to_unit_id": second.id, "reason": "area_change" })).await;
        assert_eq!((&moved["state"], &moved["arrived"]), (&json!("done"), &json!(20)));
        assert_eq!((count_at(&w, &first).await, count_at(&w, &second).await), (40, 20));
        let there = market.get(&format!("/units/{}/village-groups", second.id)).await.items();
        assert_eq!((there.len(), &there[0]["code"], &there[0]["customers"]), (1, &json!("G2"), &json!(20)));
        assert_eq!(w.count("SELECT COUNT(*) FROM customer c LEFT JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE h.id IS NULL").await, 0);
    }

    async fn a_move_killed_three_times_loses_nobody_and_doubles_nobody(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        fill(&w, &market, &first, 0..640).await;
        let before = numbers(&w).await;
        let started = ask(&market, &first, json!({ "all": true, "to_unit_id": second.id, "reason": "area_change" })).await;
        assert_eq!((&started["state"], &started["customers"]), (&json!("running"), &json!(640)));
        let id: TransferId = started["id"].as_str().unwrap().parse().unwrap();
        for batches in [1, 2, 1] {
            let dies = DiesAfter::new(batches);
            let ctx = w.machine();
            tokio::select! {
                ended = transfer_run(&w.app, &ctx, first.id, id, &dies) => panic!("ended before it died: {ended:?}"),
                () = dies.1.notified() => {}
            }
            let inside = count_at(&w, &first).await + count_at(&w, &second).await;
            let on_the_way = w.count("SELECT COUNT(*) FROM transfer_customer WHERE state = 'left'").await;
            assert_eq!(inside + on_the_way, 640);
        }
        // Dead between the two transactions of a batch: out, but not yet in.
        let stuck: CustomerId = w.query("SELECT customer_id FROM transfer_customer WHERE state = 'waiting' ORDER BY customer_id LIMIT 1", vec![]).await[0].get(0).unwrap();
        dies_between(&w, &first, &second, id, stuck).await;
        assert_eq!(numbers(&w).await.len(), 639);
        w.drain().await;
        assert_eq!(numbers(&w).await, before);
        assert_eq!((count_at(&w, &first).await, count_at(&w, &second).await), (0, 640));
        let done = market.get(&format!("/units/{}/transfers/{id}", first.id)).await.good();
        assert_eq!((&done["state"], &done["arrived"], &done["refused"]), (&json!("done"), &json!(640), &json!(0)));
        market.post(&format!("/units/{}/transfers/{id}/undo", first.id), json!({})).await.ok();
        w.drain().await;
        assert_eq!(numbers(&w).await, before);
        assert_eq!(count_at(&w, &first).await, 640);
    }

    async fn a_closed_branch_leaves_nothing_orphaned_even_when_killed(w: World) {
        let market = w.role("market_department").await;
        let [first, second, third] = w.org.branches.clone();
        fill(&w, &market, &first, 0..330).await;
        for n in 0..3 {
            market.post(&format!("/units/{}/staff", first.id), json!({ "staff_no": format!("S{n}"), "name": "员工", "post": "teller", "phone": person(n).phone })).await.ok();
        }
        let head = w.role("branch_head").await;
        let before = (numbers(&w).await, w.count("SELECT COUNT(*) FROM staff").await, w.count("SELECT COUNT(*) FROM user_account").await);
        let groups = market.get(&format!("/units/{}/village-groups", first.id)).await.items();
        let g2 = groups.iter().find(|g| g["code"] == "G2").unwrap()["id"].clone();
        let path = format!("/units/{}/closing", first.id);
        let body = json!({ "groups": [{ "village_group_id": g2, "to_unit_id": third.id }], "rest_to_unit_id": second.id, "staff_to_unit_id": second.id, "reason": "branch_closing" });
        head.post(&path, body.clone()).await.refused(403, "permission.denied");
        let asked = market.post(&path, body.clone()).await.good();
        assert_eq!((&asked["state"], &asked["customers"], &asked["staff"]), (&json!("running"), &json!(330), &json!(3)));
        market.post(&path, body).await.refused(409, "conflict");
        for batches in [1, 1, 2] {
            let dies = DiesAfter::new(batches);
            let ctx = w.machine();
            tokio::select! {
                ended = closing_run(&w.app, &ctx, first.id, &dies) => panic!("ended before it died: {ended:?}"),
                () = dies.1.notified() => {}
            }
        }
        w.drain().await;
        let done = market.get(&path).await.good();
        assert_eq!((&done["state"], &done["active"]), (&json!("closed"), &json!(false)), "{done}");
        for what in ["customers", "staff", "accounts", "grants"] {
            assert_eq!(done[what], 0, "{what}");
        }
        assert_eq!((count_at(&w, &second).await, count_at(&w, &third).await), (220, 110));
        let after = (numbers(&w).await, w.count("SELECT COUNT(*) FROM staff").await, w.count("SELECT COUNT(*) FROM user_account").await);
        assert_eq!(after, before);
        let staff = market.get(&format!("/units/{}/staff", second.id)).await.items();
        assert_eq!(staff.iter().filter(|s| s["phone_masked"].is_string()).count(), 3, "telephones open under the new unit");
        head.get("/me").await.refused(401, "auth.required");
    }

    async fn a_branch_with_a_customer_that_cannot_go_is_not_closed(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        for n in 0..3 {
            w.add_customer(&market, &first, &person(n)).await;
        }
        let mut same = person(9);
        same.no = person(0).no;
        w.add_customer(&market, &second, &same).await;
        let path = format!("/units/{}/closing", first.id);
        let body = json!({ "rest_to_unit_id": second.id, "staff_to_unit_id": second.id, "reason": "branch_closing" });
        market.post(&path, body.clone()).await.ok();
        w.drain().await;
        let stuck = market.get(&path).await.good();
        assert_eq!((&stuck["state"], &stuck["active"], &stuck["customers"]), (&json!("stuck"), &json!(true), &json!(1)));
        // Somewhere where the number is free it may go.
        let third = w.org.branches[2].id;
        let body = json!({ "rest_to_unit_id": third, "staff_to_unit_id": second.id, "reason": "branch_closing" });
        market.post(&path, body).await.ok();
        w.drain().await;
        assert_eq!(market.get(&path).await.good()["state"], "closed");
    }

    async fn a_staff_member_moves_and_the_old_unit_shows_the_gap(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let made = market.post(&format!("/units/{}/staff", first.id), json!({ "staff_no": "S1", "name": "员工", "post": "teller" })).await.good();
        let id = made["id"].as_str().unwrap();
        market.patch(&format!("/units/{}/staff/{id}", first.id), json!({ "unit_id": second.id })).await.ok();
        assert!(market.get(&format!("/units/{}/staff", first.id)).await.items().is_empty());
        assert_eq!(market.get(&format!("/units/{}/staff", second.id)).await.items().len(), 1);
    }
}
