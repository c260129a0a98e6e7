//! A lawful basis that is over, by its day or because somebody took it back:
//! whom the bank knows through it alone leaves the plans that are made and
//! agreed to, and who is known otherwise stays.

use crate::campaign::{doors, plan_path, planned, started};
use crate::custody::approved_until;
use serde_json::{Value as Json, json};
use zf_base::CustomerId;
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue;
use zf_kernel::unit::Unit;
use zf_tests::browser::Payload;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, needles, person};
use zf_tests::{Browser, World, both};

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

/// One person of a list that stands on the basis.
pub(crate) async fn listed(w: &World, market: &Browser, unit: &Unit, p: &Person) {
    w.guard.plant(&needles([p]));
    let sheet = Sheet::new(&["客户号", "姓名", "所属机构"]).row(&[&p.no[..], &p.name, &unit.code]);
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let file = (
        "file".to_owned(),
        Some("名单.csv".to_owned()),
        sheet.csv().into_bytes(),
    );
    let form = vec![
        field("kind", "customers"),
        field("dry_run", "false"),
        field("channel", "village_office"),
        file,
    ];
    market
        .send("POST", "/imports", Payload::Form(form))
        .await
        .ok();
    w.drain().await;
}

/// The record counts as one that came with the list.
async fn from_the_list(w: &World, unit: &Unit, customer: &str) {
    let sql = "UPDATE customer SET source_channel = 'village_office', source_id = (SELECT id FROM source WHERE unit_id = $1 AND channel = 'village_office') WHERE unit_id = $1 AND id = $2";
    let id: CustomerId = customer.parse().unwrap();
    assert_eq!(w.exec(sql, vec![unit.id.into(), id.into()]).await, 1);
}

pub(crate) async fn into_household_of(w: &World, customer: &str, of: &str) {
    let sql = "UPDATE customer SET household_id = (SELECT household_id FROM customer WHERE id = $1) WHERE id = $2";
    let ids = [of, customer].map(|id| zf_store::Value::from(id.parse::<CustomerId>().unwrap()));
    w.exec(sql, ids.to_vec()).await;
}

/// Targets of a branch by id.
async fn targets(head: &Browser, program: &str, unit: &Unit) -> Vec<Json> {
    let path = format!("/programs/{program}/units/{}/targets?limit=200", unit.id);
    head.get(&path).await.items()
}

fn led_by(targets: &[Json], stop: &Json) -> String {
    let target = targets.iter().find(|t| t["id"] == stop["target_id"]);
    text(target.unwrap(), "customer_id")
}

/// Everything the night may touch.
async fn picture(w: &World) -> Vec<Vec<zf_store::Value>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT id, state, customer_id, reasons, updated_at FROM target ORDER BY unit_id, id",
        "SELECT id, struck_at, struck_reason FROM plan_stop ORDER BY unit_id, id",
        "SELECT id, planned, shortfall FROM week_plan ORDER BY unit_id, id",
        "SELECT day, kind, households FROM shortfall_entry ORDER BY unit_id, day, kind",
        "SELECT code, household_id, customers FROM group_member ORDER BY unit_id, code, household_id",
        "SELECT id FROM event ORDER BY id",
    ] {
        let rows = w.query(sql, vec![]).await;
        all.extend(rows.into_iter().map(zf_store::Row::into_values));
    }
    all
}

async fn night(w: &World) {
    let job = NewJob::new(zf_plan::targets::jobs::LAPSED, w.org.head.id, json!({}));
    job_enqueue(&w.app, &w.machine(), &job).await.unwrap();
    w.drain().await;
}

/// Of the stops of a Wednesday one whose household is known by the list alone,
/// and one where somebody of the bank's own lives too, and who that is.
async fn known_by_the_list(
    w: &World,
    head: &Browser,
    program: &str,
    unit: &Unit,
) -> (Json, Json, String) {
    let all = doors(&head.get(&plan_path(program, unit)).await.good());
    let planned: Vec<String> = all.iter().map(|(_, s)| text(s, "target_id")).collect();
    let wednesday = all.into_iter().filter(|(day, _)| day == "2026-12-02");
    let stops: Vec<Json> = wednesday.map(|(_, s)| s).collect();
    let known = targets(head, program, unit).await;
    let free = known.iter().find(|t| !planned.contains(&text(t, "id")));
    let other = text(free.unwrap(), "customer_id");
    let leads = [led_by(&known, &stops[0]), led_by(&known, &stops[1])];
    for lead in &leads {
        from_the_list(w, unit, lead).await;
    }
    into_household_of(w, &other, &leads[1]).await;
    (stops[0].clone(), stops[1].clone(), other)
}

/// The stop stands struck in the plan, without a name, and in no list.
async fn is_told(head: &Browser, program: &str, unit: &Unit, stop: &Json) {
    let plan = head.get(&plan_path(program, unit)).await.good();
    let same = |s: &Json| s["target_id"] == stop["target_id"];
    assert!(doors(&plan).iter().all(|(_, s)| !same(s)));
    let mut struck = plan["struck"].as_array().unwrap().iter();
    let struck = struck.find(|s| s["stop"]["id"] == stop["id"]).unwrap();
    assert_eq!(
        (&struck["can_restore"], &struck["stop"]["title"]),
        (&json!(false), &json!("一户"))
    );
    let reason = text(struck, "reason");
    assert!(reason.contains("合法来源已失效"), "{reason}");
    let listed = targets(head, program, unit).await;
    assert!(listed.iter().all(|t| t["id"] != stop["target_id"]));
}

/// What the next week is planned from knows none of them.
async fn next_week_knows_none(w: &World, head: &Browser, program: &str, unit: &Unit, stop: &Json) {
    let login = format!("market-department-{}", w.org.county.code);
    let password = zf_tests::world::PASSWORD;
    let market = w.browser().sign_in(&login, password).await;
    let plans = format!("/programs/{program}/week-plans");
    let week = json!({ "week": "2026-W50" });
    market.post(&plans, week).await.good();
    w.drain().await;
    let path = plan_path(program, unit).replace("2026-W49", "2026-W50");
    let next = doors(&head.get(&path).await.good());
    let gone = |(_, s): &(String, Json)| s["target_id"] != stop["target_id"];
    assert!(!next.is_empty() && next.iter().all(gone));
}

both! {
    async fn a_basis_whose_last_day_was_yesterday_strikes_the_stops_of_tomorrow(w: World) {
        let program = planned(&w).await;
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        approved_until(&w, &w.org.county, "village_office", "2026-11-30").await;
        for (n, unit) in [&first, &second].into_iter().enumerate() {
            listed(&w, &market, unit, &person(700 + n)).await;
        }
        // In the first branch the plan is agreed to, in the second it is a draft.
        let heads = [w.role_at("branch_head", &first).await, w.role_at("branch_head", &second).await];
        let (mut alone, mut shared) = (Vec::new(), Vec::new());
        for (head, unit) in heads.iter().zip([&first, &second]) {
            let (one, two, other) = known_by_the_list(&w, head, &program, unit).await;
            alone.push(one);
            shared.push((two, other));
        }
        heads[0].press(&format!("{}/confirm", plan_path(&program, &first))).await.ok();
        // The bank's schedules know of it; only this one is to be seen at work.
        zf_server::jobs::schedules(&w.app).await.unwrap();
        w.exec("DELETE FROM schedule WHERE kind <> 'target.sources_lapsed'", vec![]).await;
        assert_eq!(w.count("SELECT COUNT(*) FROM schedule").await, 1);
        // On its last day it holds.
        w.clock.forward_seconds(7 * 86_400);
        w.drain().await;
        assert_eq!(w.count("SELECT COUNT(*) FROM plan_stop WHERE struck_at IS NOT NULL").await, 0);
        w.clock.forward_seconds(86_400);
        assert_eq!(w.clock.now().day().to_string(), "2026-12-01");
        let again = async |unit: &Unit| w.browser().sign_in(&format!("branch-head-{}", unit.code), zf_tests::world::PASSWORD).await;
        let heads = [again(&first).await, again(&second).await];
        let counts = async |unit: &Unit| -> (i64, i64) {
            let row = w.query("SELECT planned, shortfall FROM week_plan WHERE unit_id = $1", vec![unit.id.into()]).await;
            (row[0].get(0).unwrap(), row[0].get(1).unwrap())
        };
        let before = [counts(&first).await, counts(&second).await];
        // No job has run yet: whoever reads is told already.
        for ((head, unit), stop) in heads.iter().zip([&first, &second]).zip(&alone) {
            is_told(head, &program, unit, stop).await;
        }
        w.drain().await;
        let reasons = w.query("SELECT struck_reason FROM plan_stop WHERE struck_at IS NOT NULL", vec![]).await;
        let reasons: Vec<String> = reasons.iter().map(|r| r.get(0).unwrap()).collect();
        assert_eq!(reasons, ["source_ended", "source_ended"]);
        for (i, (head, unit)) in heads.iter().zip([&first, &second]).enumerate() {
            let plan = head.get(&plan_path(&program, unit)).await.good();
            assert!(doors(&plan).iter().all(|(_, s)| s["target_id"] != alone[i]["target_id"]));
            // The household with a customer of the bank's own stays, and they lead.
            let (stop, other) = &shared[i];
            assert!(doors(&plan).iter().any(|(_, s)| s["id"] == stop["id"]));
            assert_eq!(led_by(&targets(head, &program, unit).await, stop), *other);
            let now = counts(unit).await;
            assert_eq!(now.0, before[i].0 - 1, "the plan is counted anew");
            head.post(&format!("{}/restore", plan_path(&program, unit)), json!({ "stop_id": alone[i]["id"] })).await;
            assert_eq!(counts(unit).await, now, "nobody takes it back in");
        }
        // What the branch that has agreed to its plan owes grows by the household.
        let owed = w.query("SELECT households FROM shortfall_entry WHERE unit_id = $1 AND kind = 'plan'", vec![first.id.into()]).await;
        assert_eq!(owed[0].get::<i64>(0).unwrap(), counts(&first).await.1);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'plan.source_ended'").await, 2);
        let quiet = picture(&w).await;
        night(&w).await;
        assert_eq!(picture(&w).await, quiet, "a second night changes nothing");
        next_week_knows_none(&w, &heads[0], &program, &first, &alone[0]).await;
    }

    async fn a_basis_taken_back_reaches_whom_it_let_in_wherever_they_have_moved(w: World) {
        let program = started(&w).await;
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let path = approved_until(&w, &first, "village_office", "2027-01-31").await;
        listed(&w, &market, &first, &person(710)).await;
        let found = market.post("/customers/lookup", json!({ "customer_no": person(710).no })).await.items();
        let body = json!({ "customer_ids": [found[0]["id"]], "to_unit_id": second.id, "reason": "moved_house" });
        market.post(&format!("/units/{}/transfers", first.id), body).await.ok();
        market.press(&format!("/programs/{program}/targets")).await.ok();
        w.drain().await;
        let id: CustomerId = text(&found[0], "id").parse().unwrap();
        let state = async || -> String {
            let sql = "SELECT state FROM target WHERE unit_id = $1 AND customer_id = $2";
            w.query(sql, vec![second.id.into(), id.into()]).await[0].get(0).unwrap()
        };
        assert_eq!(state().await, "open");
        w.clock.forward_minutes(1);
        market.post(&format!("{path}/withdraw"), json!({ "reason": "村委会收回名单" })).await.ok();
        w.drain().await;
        assert_eq!(state().await, "dropped");
        let ends = w.query("SELECT expires_day FROM source WHERE unit_id = $1 AND channel = 'village_office'", vec![second.id.into()]).await;
        assert_eq!(ends[0].get::<String>(0).unwrap(), "2026-11-22");
    }

    async fn a_basis_that_was_renewed_keeps_what_came_with_the_first(w: World) {
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        approved_until(&w, &w.org.county, "village_office", "2026-11-30").await;
        listed(&w, &market, &branch, &person(720)).await;
        w.clock.forward_minutes(1);
        let second = approved_until(&w, &w.org.county, "village_office", "2027-10-31").await;
        // More than thirty days after the first has ended.
        w.clock.forward_seconds(60 * 86_400);
        let lists = async || -> Vec<(String, i64)> {
            let nightly = NewJob::new("custody.retention", w.org.head.id, json!({}));
            job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
            w.drain().await;
            let rows = w.query("SELECT rule, customers FROM retention_batch ORDER BY rule", vec![]).await;
            rows.iter().map(|r| (r.get(0).unwrap(), r.get(1).unwrap())).collect()
        };
        assert_eq!(lists().await, []);
        let market = w.browser().sign_in(&format!("market-department-{}", w.org.county.code), zf_tests::world::PASSWORD).await;
        market.post(&format!("{second}/withdraw"), json!({ "reason": "村委会收回名单" })).await.ok();
        w.drain().await;
        assert_eq!(lists().await, [("basis_ended".to_owned(), 1)]);
    }

    async fn the_door_of_a_person_who_is_erased_stands_in_no_plan_any_more(w: World) {
        let program = planned(&w).await;
        let unit = w.org.branches[0].clone();
        let head = w.role("branch_head").await;
        let (_, stop) = doors(&head.get(&plan_path(&program, &unit)).await.good()).remove(0);
        let customer = led_by(&targets(&head, &program, &unit).await, &stop);
        let path = format!("/units/{}/customers/{customer}", unit.id);
        let id: CustomerId = customer.parse().unwrap();
        let pin = "UPDATE household SET pin_lat = 38.9, pin_lon = 82.1, pin_customer_id = $1 WHERE id = (SELECT household_id FROM customer WHERE id = $1)";
        w.exec(pin, vec![id.into()]).await;
        let asked = head.post(&format!("{path}/requests"), json!({ "kind": "erasure", "channel": "on_site" })).await.good();
        let request = format!("/units/{}/requests/{}/erasure", unit.id, text(&asked, "id"));
        w.role("compliance").await.post(&request, json!({ "decision": "approve" })).await.good();
        w.drain().await;
        let plan = head.get(&plan_path(&program, &unit)).await.good();
        let struck = plan["struck"].as_array().unwrap().iter().find(|s| s["stop"]["id"] == stop["id"]).unwrap();
        assert!(text(struck, "reason").contains("已不在本网点"), "{struck}");
        let place = unit.place.unwrap();
        assert_eq!((&struck["stop"]["lat"], &struck["stop"]["lon"]), (&json!(place.lat()), &json!(place.lon())));
        assert_ne!((&stop["lat"], &stop["lon"]), (&struck["stop"]["lat"], &struck["stop"]["lon"]));
        assert_eq!(w.count("SELECT COUNT(*) FROM household WHERE pin_lat IS NOT NULL OR pin_customer_id IS NOT NULL").await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'plan.left'").await, 1);
    }
}
