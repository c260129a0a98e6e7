//! Households that are not to be found any more (ERR-007): moved away or a wrong
//! address. They leave the pool of their campaign until the branch has looked
//! into the address, whatever order the records come in.

use crate::visits::{Day, a_day, answers, met};
use serde_json::{Value as Json, json};
use zf_tests::{Browser, World, both};

/// What the branch is shown: target and outcome.
async fn listed(head: &Browser, d: &Day) -> Vec<(Json, Json)> {
    let path = format!("/programs/{}/units/{}/gone", d.program, d.unit);
    let items = head.get(&path).await.items();
    let one = |g: &Json| (g["target_id"].clone(), g["outcome"].clone());
    items.iter().map(one).collect()
}

/// The state of a target, by its id.
async fn state(w: &World, target: &Json) -> String {
    let id: uuid::Uuid = target.as_str().unwrap().parse().unwrap();
    let rows = w
        .query("SELECT state FROM target WHERE id = $1", vec![id.into()])
        .await;
    rows[0].get(0).unwrap()
}

/// Targets that a plan of the week has stops for.
async fn planned_in(w: &World, d: &Day, week: &str) -> Vec<Json> {
    let market = w.role("market_department").await;
    let plans = format!("/programs/{}/week-plans", d.program);
    let job = market.post(&plans, json!({ "week": week })).await.good();
    crate::campaign::job(w, job).await;
    let path = format!("/programs/{}/units/{}/week-plans/{week}", d.program, d.unit);
    let plan = market.get(&path).await.good();
    let stops = crate::campaign::doors(&plan);
    stops
        .into_iter()
        .map(|(_, s)| s["target_id"].clone())
        .collect()
}

fn amended(d: &Day, n: u32, of: &Json, sheet: &Json, says: Json) -> Json {
    let mut amend = d.visit(n, sheet, says);
    amend["kind"] = json!("visit.amend");
    amend["entity_id"] = of["entity_id"].clone();
    amend
}

both! {
    async fn who_has_moved_or_is_not_known_there_is_planned_no_more_until_the_address_was_looked_into(w: World) {
        let (head, d) = a_day(&w).await;
        let [moved, wrong, absent] = [0, 1, 2].map(|n| d.sheets[n]["target_id"].clone());
        let said = d.push(&head, &[
            d.visit(1, &d.sheets[0], json!({ "outcome": "moved" })),
            d.visit(2, &d.sheets[1], json!({ "outcome": "wrong_address" })),
            d.visit(3, &d.sheets[2], json!({ "outcome": "absent" })),
        ]).await;
        assert_eq!(answers(&said), ["applied", "applied", "applied"], "no fact is refused");
        let mut shown = listed(&head, &d).await;
        shown.sort_by_key(|(_, outcome)| outcome.to_string());
        assert_eq!(shown, [(moved.clone(), json!("moved")), (wrong.clone(), json!("wrong_address"))]);
        assert_eq!(head.get(&d.desk).await.good()["households"], 0, "they do not count as visited");
        let next = planned_in(&w, &d, "2026-W50").await;
        assert!(!next.is_empty() && !next.contains(&moved) && !next.contains(&wrong), "{next:?}");
        assert_eq!(state(&w, &absent).await, "open", "nobody at home is no reason to stay away");
        let path = format!("/programs/{}/units/{}/gone", d.program, d.unit);
        let put_back = format!("{path}/{}/relist", wrong.as_str().unwrap());
        head.post(&put_back, json!({ "reason": " " })).await.refused(422, "input.invalid");
        head.post(&put_back, json!({ "reason": "电话 13912345678 已核实" })).await.refused(422, "input.invalid");
        head.post(&put_back, json!({ "reason": "门牌改正为三组" })).await.ok();
        head.post(&put_back, json!({ "reason": "门牌改正为三组" })).await.refused(409, "conflict");
        assert_eq!(listed(&head, &d).await, [(moved.clone(), json!("moved"))]);
        let later = planned_in(&w, &d, "2026-W51").await;
        assert!(later.contains(&wrong) && !later.contains(&moved), "{later:?}");
        let rows = w.query("SELECT detail FROM event WHERE action = 'target.relist'", vec![]).await;
        let detail: String = rows[0].get(0).unwrap();
        assert!(rows.len() == 1 && detail.contains("门牌改正为三组"), "{detail}");
    }

    async fn what_becomes_of_a_target_does_not_depend_on_the_order_of_its_records(w: World) {
        let (head, d) = a_day(&w).await;
        let target = |n: usize| d.sheets[n]["target_id"].clone();
        let first = d.visit(1, &d.sheets[0], json!({ "outcome": "moved" }));
        d.push(&head, std::slice::from_ref(&first)).await;
        d.push(&head, std::slice::from_ref(&first)).await;
        assert_eq!(state(&w, &target(0)).await, "gone");
        // A neighbour was wrong: the correction puts it back, another one takes it out again.
        d.push(&head, &[amended(&d, 2, &first, &d.sheets[0], json!({ "outcome": "absent" }))]).await;
        assert_eq!(state(&w, &target(0)).await, "open");
        d.push(&head, &[amended(&d, 3, &first, &d.sheets[0], json!({ "outcome": "moved" }))]).await;
        assert_eq!(state(&w, &target(0)).await, "gone");
        // Met after all, in a record that comes late: a visit that counts is stronger, in either order.
        d.push(&head, &[d.visit(4, &d.sheets[0], met("甲某某"))]).await;
        d.push(&head, &[d.visit(5, &d.sheets[1], met("乙某某"))]).await;
        d.push(&head, &[d.visit(6, &d.sheets[1], json!({ "outcome": "moved" }))]).await;
        assert_eq!((state(&w, &target(0)).await.as_str(), state(&w, &target(1)).await.as_str()), ("visited", "visited"));
        // Put back, an old record that comes only now does not take it out.
        d.push(&head, &[d.visit(7, &d.sheets[2], json!({ "outcome": "wrong_address" }))]).await;
        let path = format!("/programs/{}/units/{}/gone/{}/relist", d.program, d.unit, target(2).as_str().unwrap());
        head.post(&path, json!({ "reason": "门牌已改正" })).await.ok();
        d.push(&head, &[d.visit(8, &d.sheets[2], json!({ "outcome": "wrong_address" }))]).await;
        assert_eq!(state(&w, &target(2)).await, "open");
    }

    async fn a_campaign_that_names_no_such_outcome_plans_them_again(w: World) {
        let (head, d) = a_day(&w).await;
        let market = w.role("market_department").await;
        let program = market.get(&format!("/programs/{}", d.program)).await.good();
        let mut definition = program["definition"].clone();
        definition["quota"].as_object_mut().unwrap().remove("gone_outcomes");
        let body = json!({ "definition": definition, "note": "不另作处理", "version": program["version"] });
        market.put(&format!("/programs/{}", d.program), body).await.good();
        d.push(&head, &[d.visit(1, &d.sheets[0], json!({ "outcome": "moved" }))]).await;
        assert_eq!(state(&w, &d.sheets[0]["target_id"]).await, "open");
        assert!(listed(&head, &d).await.is_empty());
    }
}
