//! What goes along with a customer who moves, is merged across branches, or
//! whose branch closes: what they have said and asked for, where their fields
//! came from, and their history. Nothing is open twice, nothing is lost.

use serde_json::{Value as Json, json};
use zf_base::{CustomerId, TransferId};
use zf_custody::consent::service::consents_of;
use zf_custody::request::service::requests_of;
use zf_kernel::unit::Unit;
use zf_kernel::{Permission, UnitTx};
use zf_register::merge::Seat;
use zf_register::merge::service::{Asked, merge_ask, merge_run, merge_undo};
use zf_register::transfer::run::{Silent, transfer_run};
use zf_tests::browser::Payload;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, needles, person};
use zf_tests::{Browser, World, both};

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

fn said(kind: &str, state: &str, note: &str) -> Json {
    json!({ "kind": kind, "state": state, "channel": "on_site", "reason": "", "form_version": "oral", "note": note })
}

fn path(unit: &Unit, id: &str) -> String {
    format!("/units/{}/customers/{id}", unit.id)
}

/// A customer who has agreed to visits, taken offers back, and asked for a copy
/// and for another telephone number.
async fn outspoken(w: &World, head: &Browser, unit: &Unit, p: &Person) -> String {
    let id = text(&w.add_customer(head, unit, p).await, "id");
    let at = path(unit, &id);
    for (kind, state, note) in [
        ("visit", "given", "家里老人在家"),
        ("contact", "given", ""),
        ("contact", "withdrawn", "不要再打电话"),
    ] {
        head.post(&format!("{at}/consents"), said(kind, state, note))
            .await
            .ok();
        w.clock.forward_seconds(1);
    }
    let copy = json!({ "kind": "access", "channel": "page", "asked_day": "2026-11-02", "detail": "想看看你们有我什么" });
    head.post(&format!("{at}/requests"), copy).await.ok();
    w.guard.plant(&needles([&person(900)]));
    let other = json!({ "kind": "correction", "channel": "on_site", "field": "phone", "new_value": person(900).phone });
    head.post(&format!("{at}/requests"), other).await.ok();
    id
}

async fn moved(market: &Browser, from: &Unit, to: &Unit, id: &str) -> String {
    let body = json!({ "customer_ids": [id], "to_unit_id": to.id, "reason": "moved_house" });
    let done = market
        .post(&format!("/units/{}/transfers", from.id), body)
        .await
        .good();
    assert_eq!(
        (&done["state"], &done["arrived"]),
        (&json!("done"), &json!(1))
    );
    text(&done, "id")
}

/// What a person has said, in order: kind, answer, note in clear.
async fn all_said(w: &World, unit: &Unit, id: &str) -> Vec<(String, String, String)> {
    let all = consents_of(&w.app, unit.id, id.parse().unwrap())
        .await
        .unwrap();
    all.iter()
        .map(|c| {
            (
                c.kind.as_str().to_owned(),
                c.state.as_str().to_owned(),
                c.note.clone(),
            )
        })
        .collect()
}

/// What a person has asked for, newest first: kind, state, texts in clear.
async fn all_asked(w: &World, unit: &Unit, id: &str) -> Vec<(String, String, String)> {
    let all = requests_of(&w.app, unit.id, id.parse().unwrap())
        .await
        .unwrap();
    all.iter()
        .map(|r| {
            (
                r.kind.as_str().to_owned(),
                r.state.as_str().to_owned(),
                format!("{}{}", r.detail, r.new_value),
            )
        })
        .collect()
}

fn three(kind: &str, state: &str, text: &str) -> (String, String, String) {
    (kind.to_owned(), state.to_owned(), text.to_owned())
}

async fn open_at(w: &World, unit: &Unit) -> i64 {
    let sql = "SELECT COUNT(*) FROM privacy_request WHERE unit_id = $1 AND state = 'open'";
    w.query(sql, vec![unit.id.into()]).await[0].get(0).unwrap()
}

/// Sealed notes and texts that a branch still has.
async fn texts_at(w: &World, unit: &Unit) -> i64 {
    let notes = "SELECT COUNT(*) FROM consent WHERE unit_id = $1 AND note_sealed IS NOT NULL";
    let texts = "SELECT COUNT(*) FROM privacy_request WHERE unit_id = $1 AND (detail_sealed IS NOT NULL OR old_sealed IS NOT NULL OR new_sealed IS NOT NULL)";
    let mut n = 0;
    for sql in [notes, texts] {
        n += w.query(sql, vec![unit.id.into()]).await[0]
            .get::<i64>(0)
            .unwrap();
    }
    n
}

fn spoken() -> Vec<(String, String, String)> {
    vec![
        three("visit", "given", "家里老人在家"),
        three("contact", "given", ""),
        three("contact", "withdrawn", "不要再打电话"),
    ]
}

fn asked() -> Vec<(String, String, String)> {
    vec![
        three("correction", "open", &person(900).phone),
        three("access", "open", "想看看你们有我什么"),
    ]
}

/// The customer as a process leaves them that died between the two branches.
pub(crate) async fn dies_between(
    w: &World,
    from: &Unit,
    to: &Unit,
    transfer: TransferId,
    id: CustomerId,
) {
    use zf_custody::request::papers::papers_hold;
    use zf_network::customer::past::{Fate, Leaving, customer_leave};
    let (ctx, scope) = (w.machine(), w.scope(Permission::CustomerTransfer, from));
    let customer = zf_network::customer::service::customer_fetch(&w.app, &scope, id)
        .await
        .unwrap();
    let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
    let leaving = Leaving {
        fate: Fate::Moved,
        into: Some((to.id, id)),
        reason: "area_change",
        keep_snapshot: true,
    };
    customer_leave(&mut tx, &w.app, &ctx, &customer, &leaving)
        .await
        .unwrap();
    papers_hold(&mut tx, id).await.unwrap();
    tx.record("transfer.leave", "customer", id, json!({}));
    tx.commit().await.unwrap();
    let left =
        "UPDATE transfer_customer SET state = 'left' WHERE transfer_id = $1 AND customer_id = $2";
    w.exec(left, vec![transfer.into(), id.into()]).await;
}

/// A hand-over of everything that is due in the county; its path and how many
/// records went out.
async fn handed_over(w: &World, market: &Browser) -> (String, usize) {
    let exports = format!("/units/{}/exports", w.org.county.id);
    let body = json!({ "kind": "core", "purpose": "core", "reason": "每周批量录入" });
    let made = market.post(&exports, body).await.good();
    let one = format!("{exports}/{}", text(&made, "id"));
    let officer = w.role("compliance").await;
    officer
        .post(&format!("{one}/decision"), json!({ "grant": true }))
        .await
        .good();
    w.drain().await;
    let file = market.get(&format!("{one}/file")).await.ok();
    let (csv, _, bad) = encoding_rs::GB18030.decode(&file.bytes);
    assert!(!bad);
    (one, csv.lines().count() - 1)
}

/// So many strangers that a move of all is left to the job.
async fn crowd(w: &World, market: &Browser, unit: &Unit) {
    let sheet = (100..305).fold(
        Sheet::new(&["客户号", "姓名", "所属机构"]),
        |s, n| {
            let p = person(n);
            w.guard.plant(&needles([&p]));
            s.row(&[&p.no, &p.name, &unit.code])
        },
    );
    let done = w
        .import(market, "customers", "名单.csv", sheet.csv().as_bytes())
        .await;
    assert_eq!(done["rows_new"], 205, "{done}");
}

both! {
    async fn an_erasure_reaches_the_branches_and_the_records_a_person_came_from(w: World) {
        let market = w.role("market_department").await;
        let compliance = w.role("compliance").await;
        let (one, two, three) = (&w.org.branches[0], &w.org.branches[1], &w.org.branches[2]);
        let head = w.role_at("branch_head", one).await;
        let (p, q) = (person(41), person(42));
        let id = outspoken(&w, &head, one, &p).await;
        // There and back and on: three branches keep something.
        let first = moved(&market, one, two, &id).await;
        market.press(&format!("/units/{}/transfers/{first}/undo", one.id)).await.good();
        w.drain().await;
        moved(&market, one, two, &id).await;
        moved(&market, two, three, &id).await;
        let other = text(&w.add_customer(&market, two, &q).await, "id");
        moved(&market, two, three, &other).await;
        w.drain().await;
        let kept = "SELECT COUNT(*) FROM customer_past WHERE snapshot_sealed IS NOT NULL";
        assert_eq!(w.count(kept).await, 3, "two branches keep one, one keeps both");

        let there = w.role_at("branch_head", three).await;
        let asked = there.post(&format!("{}/requests", path(three, &id)), json!({ "kind": "erasure", "channel": "on_site" })).await.good();
        let request = format!("/units/{}/requests/{}/erasure", three.id, text(&asked, "id"));
        compliance.post(&request, json!({ "decision": "approve" })).await.good();
        w.drain().await;
        let left = w.query("SELECT id FROM customer_past WHERE snapshot_sealed IS NOT NULL", vec![]).await;
        let left: Vec<CustomerId> = left.iter().map(|r| r.get(0).unwrap()).collect();
        assert_eq!(left, [other.parse::<CustomerId>().unwrap()], "of the other person it stays");
        for unit in [one, two, three] {
            assert_eq!(texts_at(&w, unit).await, 0);
        }
        // Who is erased does not come back by taking a move back.
        let all = market.get(&format!("/units/{}/transfers", two.id)).await.items();
        let onward = all.iter().find(|t| t["to_unit_id"] == json!(three.id.to_string()) || t["to_unit"] == json!(three.id.to_string())).unwrap();
        market.press(&format!("/units/{}/transfers/{}/undo", two.id, text(onward, "id"))).await;
        w.drain().await;
        let about = vec![id.parse::<CustomerId>().unwrap().into()];
        assert!(w.query("SELECT id FROM customer WHERE id = $1", about).await.is_empty());
    }

    async fn what_was_said_and_asked_goes_along_and_is_open_once(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let [first, second, _] = w.org.branches.clone();
        let id = outspoken(&w, &head, &first, &person(1)).await;
        let before = head.get(&format!("{}/privacy", path(&first, &id))).await.good();
        let history = head.get(&format!("/units/{}/households/{}/timeline?limit=200", first.id, text(&head.get(&path(&first, &id)).await.good(), "household_id"))).await.items();
        w.clock.forward_minutes(1);
        moved(&market, &first, &second, &id).await;
        assert_eq!((all_said(&w, &second, &id).await, all_asked(&w, &second, &id).await), (spoken(), asked()));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await, texts_at(&w, &first).await), (0, 2, 0));
        let there = w.role_at("branch_head", &second).await;
        let now = there.get(&format!("{}/privacy", path(&second, &id))).await.good();
        assert_eq!(now["standing"], before["standing"]);
        assert_eq!(now["consents"], before["consents"]);
        assert_eq!(now["sources"], before["sources"]);
        let due = |json: &Json| -> Vec<String> { json["requests"].as_array().unwrap().iter().map(|r| text(r, "due_day")).collect() };
        assert_eq!(due(&now), due(&before));
        assert!(due(&now).contains(&"2026-11-23".to_owned()));
        // The old branch has a trace of it, which nobody can end there.
        assert!(head.get("/privacy/requests").await.items().is_empty());
        let traces = head.get("/privacy/requests?state=moved").await.items();
        assert_eq!((traces.len(), &traces[0]["detail"], &traces[0]["customer_no"]), (2, &json!(""), &json!("")));
        let old = format!("/units/{}/requests/{}/end", first.id, text(&traces[0], "id"));
        head.post(&old, json!({ "state": "withdrawn", "reason": "不用了" })).await.refused(409, "conflict");
        let list = there.get("/privacy/requests").await.items();
        assert_eq!((list.len(), &list[0]["unit_id"]), (2, &json!(second.id.to_string())));
        let correction = list.iter().find(|r| r["kind"] == "correction").unwrap();
        let end = format!("/units/{}/requests/{}/end", second.id, text(correction, "id"));
        there.post(&end, json!({ "state": "done" })).await.ok();
        assert_eq!(market.post("/customers/lookup", json!({ "phone": person(900).phone })).await.items().len(), 1);
        // The whole history is told at the new branch.
        let household = text(&there.get(&path(&second, &id)).await.good(), "household_id");
        let lines = there.get(&format!("/units/{}/households/{household}/timeline?limit=200", second.id)).await.items();
        let known = |line: &Json| lines.iter().any(|l| l["id"] == line["id"]);
        assert!(history.len() >= 4 && history.iter().all(known), "{lines:?}");
        for action in ["customer.add", "consent.record", "transfer.leave", "transfer.arrive", "customer.change"] {
            assert!(lines.iter().any(|l| l["action"] == action), "{action}");
        }
        let page = there.get(&format!("/units/{}/households/{household}/timeline?limit=3", second.id)).await.items();
        assert_eq!(page, lines[..3]);
    }

    async fn taken_back_a_move_brings_everything_that_was_added_meanwhile(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let [first, second, _] = w.org.branches.clone();
        let id = outspoken(&w, &head, &first, &person(2)).await;
        w.clock.forward_minutes(1);
        let transfer = moved(&market, &first, &second, &id).await;
        let there = w.role_at("branch_head", &second).await;
        let at = path(&second, &id);
        there.post(&format!("{at}/consents"), said("marketing", "refused", "也不要推荐产品")).await.ok();
        let list = there.get("/privacy/requests").await.items();
        let copy = list.iter().find(|r| r["kind"] == "access").unwrap();
        there.post(&format!("/units/{}/requests/{}/end", second.id, text(copy, "id")), json!({ "state": "done" })).await.ok();
        w.clock.forward_minutes(1);
        there.post(&format!("{at}/requests"), json!({ "kind": "portability", "channel": "page", "detail": "转到别的银行" })).await.ok();
        there.patch(&at, json!({ "occupation": "务农", "source_channel": "on_site" })).await.ok();
        let undo = format!("/units/{}/transfers/{transfer}/undo", first.id);
        assert_eq!(market.post(&undo, json!({})).await.good()["state"], "undone");
        let mut words = spoken();
        words.push(three("marketing", "refused", "也不要推荐产品"));
        let wishes = vec![
            three("portability", "open", "转到别的银行"),
            three("correction", "open", &person(900).phone),
            three("access", "done", "想看看你们有我什么"),
        ];
        assert_eq!((all_said(&w, &first, &id).await, all_asked(&w, &first, &id).await), (words.clone(), wishes.clone()));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await, texts_at(&w, &second).await), (2, 0, 0));
        let privacy = head.get(&format!("{}/privacy", path(&first, &id))).await.good();
        assert_eq!(privacy["standing"]["do_not_visit"], true, "refused in the other branch");
        let fields: Vec<String> = privacy["sources"].as_array().unwrap().iter().map(|s| text(s, "field")).collect();
        assert_eq!(fields, ["", "occupation"]);
        let count = "SELECT COUNT(*) FROM field_source WHERE unit_id = $1";
        assert_eq!(w.query(count, vec![second.id.into()]).await[0].get::<i64>(0).unwrap(), 0);
        // A try that died at the very end finds nothing to lose or to double.
        for sql in ["UPDATE transfer SET state = 'undoing'", "UPDATE transfer_customer SET state = 'arrived'"] {
            w.exec(sql, vec![]).await;
        }
        transfer_run(&w.app, &w.machine(), first.id, transfer.parse().unwrap(), &Silent).await.unwrap();
        assert_eq!((all_said(&w, &first, &id).await, all_asked(&w, &first, &id).await), (words.clone(), wishes.clone()));
        // And away again, over the traces of the first time.
        w.clock.forward_minutes(1);
        moved(&market, &first, &second, &id).await;
        assert_eq!((all_said(&w, &second, &id).await, all_asked(&w, &second, &id).await), (words, wishes));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await, texts_at(&w, &first).await), (0, 2, 0));
    }

    async fn between_two_branches_nothing_is_open_and_a_second_try_brings_it(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let [first, second, _] = w.org.branches.clone();
        let id = outspoken(&w, &head, &first, &person(3)).await;
        let refused = outspoken(&w, &head, &first, &person(4)).await;
        crowd(&w, &market, &first).await;
        let started = market.post(&format!("/units/{}/transfers", first.id), json!({ "all": true, "to_unit_id": second.id, "reason": "area_change" })).await.good();
        assert_eq!((&started["state"], &started["customers"]), (&json!("running"), &json!(207)));
        let transfer: TransferId = text(&started, "id").parse().unwrap();
        for one in [&id, &refused] {
            dies_between(&w, &first, &second, transfer, one.parse().unwrap()).await;
        }
        assert!(head.get("/privacy/requests").await.items().is_empty());
        let request = text(&head.get("/privacy/requests?state=moved").await.items()[0], "id");
        head.post(&format!("/units/{}/requests/{request}/end", first.id), json!({ "state": "done" })).await.refused(409, "conflict");
        let late = json!({ "kind": "access", "channel": "page" });
        head.post(&format!("{}/requests", path(&first, &id)), late).await.refused(404, "customer.not_found");
        // Meanwhile the other branch gives the number of one of them to somebody else.
        let mut other = person(5);
        other.no = person(4).no;
        w.add_customer(&market, &second, &other).await;
        w.drain().await;
        assert_eq!((all_said(&w, &second, &id).await, all_asked(&w, &second, &id).await), (spoken(), asked()));
        assert_eq!((all_said(&w, &first, &refused).await, all_asked(&w, &first, &refused).await), (spoken(), asked()));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await), (2, 2));
        assert_eq!(w.count("SELECT COUNT(*) FROM privacy_request WHERE state = 'moved'").await, 2);
    }

    async fn records_merged_across_branches_share_their_papers_and_part_with_them(w: World) {
        let head = w.role("branch_head").await;
        let [first, second, third] = w.org.branches.clone();
        let there = w.role_at("branch_head", &second).await;
        let kept = text(&w.add_customer(&head, &first, &person(6)).await, "id");
        let gone = outspoken(&w, &there, &second, &person(7)).await;
        there.patch(&path(&second, &gone), json!({ "occupation": "木匠", "source_channel": "on_site" })).await.ok();
        let before = head.get(&format!("{}/privacy", path(&first, &kept))).await.good();
        let seat = |unit: &Unit, id: &str| Seat { unit: unit.id, id: id.parse().unwrap() };
        let wish = Asked { kept: seat(&first, &kept), gone: seat(&second, &gone), pair: None, fields: vec!["occupation".to_owned(), "address".to_owned()], reason: "duplicate".to_owned() };
        let (ctx, scope) = (w.machine(), w.scope(Permission::CustomerMerge, &first));
        w.clock.forward_minutes(1);
        let m = merge_ask(&w.app, &ctx, &scope, &wish).await.unwrap();
        assert_eq!(m.state.as_str(), "done");
        assert_eq!((all_said(&w, &first, &kept).await, all_asked(&w, &first, &kept).await), (spoken(), asked()));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await, texts_at(&w, &second).await), (2, 0, 0));
        let privacy = head.get(&format!("{}/privacy", path(&first, &kept))).await.good();
        let fields: Vec<(String, String)> = privacy["sources"].as_array().unwrap().iter().map(|s| (text(s, "field"), text(s, "channel"))).collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(fields, [pair("", "page"), pair("address", "page"), pair("occupation", "on_site")]);
        assert_eq!(privacy["standing"]["do_not_contact"], true);
        // It goes along with the kept record, and back.
        let market = w.role("market_department").await;
        let transfer = moved(&market, &first, &third, &kept).await;
        assert_eq!((all_said(&w, &third, &kept).await, all_asked(&w, &third, &kept).await), (spoken(), asked()));
        market.post(&format!("/units/{}/transfers/{transfer}/undo", first.id), json!({})).await.ok();
        // Answered under the kept record, then taken apart.
        let own = head.post(&format!("{}/requests", path(&first, &kept)), json!({ "kind": "portability", "channel": "page" })).await.good();
        let list = head.get("/privacy/requests").await.items();
        let copy = list.iter().find(|r| r["kind"] == "access").unwrap();
        head.post(&format!("/units/{}/requests/{}/end", first.id, text(copy, "id")), json!({ "state": "refused", "reason": "已经打印给本人" })).await.ok();
        let undone = merge_undo(&w.app, &w.machine(), first.id, m.id, true).await.unwrap();
        assert_eq!(undone.state.as_str(), "undone");
        let wishes = vec![asked()[0].clone(), three("access", "refused", "想看看你们有我什么")];
        assert_eq!((all_said(&w, &second, &gone).await, all_asked(&w, &second, &gone).await), (spoken(), wishes.clone()));
        assert_eq!((all_said(&w, &first, &kept).await.len(), all_asked(&w, &first, &kept).await), (0, vec![three("portability", "open", "")]));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await), (1, 1));
        let after = head.get(&format!("{}/privacy", path(&first, &kept))).await.good();
        assert_eq!((&after["sources"], &after["requests"][0]["id"]), (&before["sources"], &own["id"]));
        assert_eq!(w.count("SELECT COUNT(*) FROM merge_source").await, 0);
        merge_run(&w.app, &w.machine(), first.id, m.id).await.unwrap();
        assert_eq!(all_asked(&w, &second, &gone).await, wishes);
    }

    async fn what_came_under_records_merged_one_after_the_other_goes_along_too(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let [first, second, _] = w.org.branches.clone();
        let one = outspoken(&w, &head, &first, &person(11)).await;
        let two = text(&w.add_customer(&head, &first, &person(12)).await, "id");
        let kept = text(&w.add_customer(&head, &first, &person(13)).await, "id");
        let (ctx, scope) = (w.machine(), w.scope(Permission::CustomerMerge, &first));
        for (stays, leaves) in [(&two, &one), (&kept, &two)] {
            let seat = |id: &str| Seat { unit: first.id, id: id.parse().unwrap() };
            let wish = Asked { kept: seat(stays), gone: seat(leaves), pair: None, fields: vec![], reason: "duplicate".to_owned() };
            assert_eq!(merge_ask(&w.app, &ctx, &scope, &wish).await.unwrap().state.as_str(), "done");
        }
        assert_eq!((all_said(&w, &first, &kept).await, all_asked(&w, &first, &kept).await), (spoken(), asked()));
        moved(&market, &first, &second, &kept).await;
        assert_eq!((all_said(&w, &second, &kept).await, all_asked(&w, &second, &kept).await), (spoken(), asked()));
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await, texts_at(&w, &first).await), (0, 2, 0));
    }

    async fn a_branch_that_closes_leaves_no_open_request_behind(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let [first, second, _] = w.org.branches.clone();
        let id = outspoken(&w, &head, &first, &person(14)).await;
        // Of somebody of whom no record is left anywhere.
        let lost = outspoken(&w, &head, &first, &person(15)).await;
        let lost_id: CustomerId = lost.parse().unwrap();
        w.exec("DELETE FROM customer WHERE id = $1", vec![lost_id.into()]).await;
        assert_eq!(open_at(&w, &first).await, 4);
        let closing = format!("/units/{}/closing", first.id);
        let body = json!({ "rest_to_unit_id": second.id, "staff_to_unit_id": second.id, "reason": "branch_closing" });
        market.post(&closing, body).await.ok();
        w.drain().await;
        assert_eq!(market.get(&closing).await.good()["state"], "closed");
        assert_eq!((open_at(&w, &first).await, open_at(&w, &second).await), (0, 4));
        assert_eq!((all_said(&w, &second, &id).await, all_asked(&w, &second, &id).await), (spoken(), asked()));
        assert_eq!(all_asked(&w, &second, &lost).await, asked());
        // What nobody can answer any more can still be ended.
        let there = w.role_at("branch_head", &second).await;
        let list = there.get("/privacy/requests").await.items();
        assert_eq!(list.len(), 4);
        let copy = list.iter().find(|r| r["customer_id"] == lost.as_str() && r["kind"] == "access").unwrap();
        there.post(&format!("/units/{}/requests/{}/end", second.id, text(copy, "id")), json!({ "state": "refused", "reason": "查无此人" })).await.ok();
    }

    async fn what_the_banks_own_system_was_given_ends_with_a_move_and_begins_anew(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let id = text(&w.add_customer(&market, &first, &person(16)).await, "id");
        let (export, lines) = handed_over(&w, &market).await;
        assert_eq!(lines, 1);
        let receipt = Sheet::new(&["流水号", "处理结果", "客户号", "原因"]).row(&[&person(16).no[..], "成功", "", ""]);
        let form = Payload::Form(vec![("file".to_owned(), Some("r.csv".to_owned()), receipt.gb18030())]);
        assert_eq!(market.send("POST", &format!("{export}/receipts"), form).await.good()["accepted"], 1);
        let given = async |unit: &Unit| -> Vec<(String, Option<String>)> {
            let sql = "SELECT state, ended_by_name FROM core_handover WHERE unit_id = $1 AND (ended_at IS NULL) = (ended_by_name IS NULL)";
            let rows = w.query(sql, vec![unit.id.into()]).await;
            rows.iter().map(|r| (r.get(0).unwrap(), r.get(1).unwrap())).collect()
        };
        let row = |state: &str, by: Option<&str>| vec![(state.to_owned(), by.map(str::to_owned))];
        assert_eq!(given(&first).await, row("accepted", None));
        w.clock.forward_minutes(1);
        let mover = format!("用户market-department-{}", w.org.county.code);
        let one = moved(&market, &first, &second, &id).await;
        assert_eq!((given(&first).await, given(&second).await), (row("accepted", Some(&mover)), vec![]));
        // Taken back before the new branch has sent anything, it is as it was.
        let undo = format!("/units/{}/transfers/{one}/undo", first.id);
        market.press(&undo).await.ok();
        assert_eq!(given(&first).await, row("accepted", None));
        assert_eq!(handed_over(&w, &market).await.1, 0, "nothing has changed");
        // The new branch gives them anew.
        w.clock.forward_minutes(1);
        let two = moved(&market, &first, &second, &id).await;
        w.clock.forward_minutes(1);
        assert_eq!(handed_over(&w, &market).await.1, 1);
        assert_eq!((given(&first).await, given(&second).await), (row("accepted", Some(&mover)), row("sent", None)));
        // Then the old one has to tell the system again.
        w.clock.forward_minutes(1);
        market.press(&format!("/units/{}/transfers/{two}/undo", first.id)).await.ok();
        assert_eq!(given(&second).await, row("sent", Some(&mover)));
        assert_eq!(handed_over(&w, &market).await.1, 1);
        assert_eq!(given(&first).await, row("sent", None));
        // Erased, nothing of it stays anywhere.
        let head = w.role_at("branch_head", &first).await;
        let asked = head.post(&format!("{}/requests", path(&first, &id)), json!({ "kind": "erasure", "channel": "on_site" })).await.good();
        let request = format!("/units/{}/requests/{}/erasure", first.id, text(&asked, "id"));
        w.role("compliance").await.post(&request, json!({ "decision": "approve" })).await.good();
        w.drain().await;
        assert_eq!(w.count("SELECT COUNT(*) FROM core_handover").await, 0);
    }

    async fn a_record_that_is_due_is_due_on_the_same_day_where_it_moves_to(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let id = text(&w.add_customer(&market, &first, &person(17)).await, "id");
        w.clock.forward_seconds(3 * 365 * 86_400);
        let again = async |role: &str, code: &str| w.browser().sign_in(&format!("{role}-{code}"), zf_tests::world::PASSWORD).await;
        let market = again("market-department", &w.org.county.code).await;
        let compliance = w.role("compliance").await;
        let night = async || {
            let nightly = zf_kernel::job::NewJob::new("custody.retention", w.org.head.id, json!({}));
            zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
            w.drain().await;
        };
        let items = async |unit: &Unit| -> Vec<(String, String)> {
            let sql = "SELECT CAST(since_day AS {text}), outcome FROM retention_item WHERE unit_id = $1".replace("{text}", "TEXT");
            let rows = w.query(&sql, vec![unit.id.into()]).await;
            rows.iter().map(|r| (r.get(0).unwrap(), r.get(1).unwrap())).collect()
        };
        let item = |outcome: &str| vec![("2026-11-23".to_owned(), outcome.to_owned())];
        night().await;
        assert_eq!(items(&first).await, item(""));
        let batch = text(&compliance.get("/retention").await.items()[0], "id");
        // There and back: the list waits for them as before.
        let one = moved(&market, &first, &second, &id).await;
        assert_eq!((items(&first).await, items(&second).await), (item("moved"), vec![]));
        let due = async |unit: &Unit| -> (i64, Json) {
            let due = compliance.get(&format!("/units/{}/retention", unit.id)).await.good();
            let rule = due["rules"].as_array().unwrap().iter().find(|r| r["rule"]["id"] == "visit_idle").unwrap().clone();
            (rule["customers"].as_i64().unwrap(), rule["since"].clone())
        };
        assert_eq!(due(&second).await, (1, json!("2026-11-23")), "a move is no contact");
        market.press(&format!("/units/{}/transfers/{one}/undo", first.id)).await.ok();
        assert_eq!(items(&first).await, item(""));
        assert_eq!((due(&first).await.0, due(&second).await.0), (0, 0), "on the list, and not here");
        // Away for good: the list ends without erasing anybody, and without a certificate.
        moved(&market, &first, &second, &id).await;
        let decide = async |unit: &Unit, batch: &str| {
            let path = format!("/units/{}/retention/{batch}/decision", unit.id);
            compliance.post(&path, json!({ "decision": "approve" })).await.ok();
            w.drain().await;
            let all = compliance.get("/retention").await.items();
            all.into_iter().find(|b| b["id"] == batch).unwrap()
        };
        let done = decide(&first, &batch).await;
        assert_eq!((&done["state"], &done["erased"], &done["certificate_id"]), (&json!("done"), &json!(0), &Json::Null));
        assert_eq!(w.count("SELECT COUNT(*) FROM erasure_certificate").await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 1);
        // The new branch lists them by itself, since the same day.
        night().await;
        assert_eq!((items(&first).await, items(&second).await), (item("moved"), item("")));
        let all = compliance.get("/retention").await.items();
        let there = all.iter().find(|b| b["unit_id"] == json!(second.id.to_string())).unwrap();
        let done = decide(&second, &text(there, "id")).await;
        assert_eq!((&done["state"], &done["erased"]), (&json!("done"), &json!(1)));
        assert!(done["certificate_id"].is_string());
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 0);
    }
}
