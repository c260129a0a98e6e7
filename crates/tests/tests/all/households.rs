//! Households over HTTP: proposed from what customers have in common,
//! confirmed and taken back a page at a time, moved by hand, shown as a profile.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use zf_base::identity::{Sex, with_check_char};
use zf_base::{HouseholdId, Timestamp, Uuid};
use zf_register::household::door::door;
use zf_register::household::evidence::{self, Person};
use zf_register::household::preset::Preset;
use zf_register::household::propose::{propose, surname};
use zf_tests::World;
use zf_tests::both;
use zf_tests::browser::Browser;
use zf_tests::files::Sheet;
use zf_tests::people::person;

/// Name, year of birth, odd sequence = man, address.
type Row<'a> = (&'a str, u32, u32, &'a str);

const FAMILY: [Row<'_>; 4] = [
    ("王彧翀", 1970, 11, "青山镇大河村3组12号"),
    ("李旻昶", 1972, 12, "大河村三组12号"),
    ("王翯燚", 1996, 13, "青山镇大河村3组12号"),
    ("赵骉骎", 1946, 14, "青山镇大河村第三村民小组12号"),
];
const COUPLE: [Row<'_>; 2] = [
    ("孙犇猋", 1980, 15, "青山镇大河村3组40号"),
    ("钱羴鱻", 1981, 16, "青山镇大河村3组40号"),
];
const ALONE: [Row<'_>; 1] = [("周淼垚", 1960, 17, "青山镇大河村3组77号")];

fn sheet(rows: &[Row<'_>], unit: &str) -> Sheet {
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
    ]);
    for (name, year, sequence, address) in rows {
        let id = with_check_char(&format!("290190{year}0101{sequence:03}"));
        sheet = sheet.row(&[
            &format!("H{sequence:04}"),
            *name,
            &person(*sequence as usize).phone,
            &id,
            *address,
            unit,
        ]);
    }
    sheet
}

/// A branch with a family of four, a couple and one more; the branch head.
async fn village(w: &World) -> (Browser, String) {
    let market = w.role("market_department").await;
    let branch = w.org.branches[0].clone();
    let rows: Vec<Row<'_>> = FAMILY.into_iter().chain(COUPLE).chain(ALONE).collect();
    let file = sheet(&rows, &branch.code);
    let done = w
        .import(&market, "customers", "名单.csv", file.csv().as_bytes())
        .await;
    assert_eq!(
        (&done["rows_new"], &done["rows_bad"]),
        (&json!(7), &json!(0)),
        "{done}"
    );
    let head = w.role("branch_head").await;
    (head, format!("/units/{}", branch.id))
}

async fn proposed(w: &World, head: &Browser, unit: &str) -> Vec<Json> {
    head.post(&format!("{unit}/household-proposals"), json!({}))
        .await
        .good();
    w.drain().await;
    head.get(&format!("{unit}/household-proposals"))
        .await
        .items()
}

fn members(p: &Json) -> Vec<(String, String)> {
    let all = p["members"].as_array().unwrap().iter();
    let text = |m: &Json, key: &str| m[key].as_str().unwrap_or("").to_owned();
    all.map(|m| (text(m, "customer_no"), text(m, "relation")))
        .collect()
}

fn id(of: &Json) -> String {
    of["id"].as_str().unwrap().to_owned()
}

/// Every row that a decision may touch, but for the counters of changes.
async fn rows(w: &World) -> Vec<String> {
    let mut all = Vec::new();
    let customers = "SELECT id, household_id, relation, lat, lon, datum FROM customer ORDER BY id";
    for r in w.query(customers, vec![]).await {
        let ids: (Uuid, Uuid) = (r.get(0).unwrap(), r.get(1).unwrap());
        let relation: Option<String> = r.get(2).unwrap();
        let place: (Option<f64>, Option<f64>, Option<String>) =
            (r.get(3).unwrap(), r.get(4).unwrap(), r.get(5).unwrap());
        all.push(format!("{ids:?} {relation:?} {place:?}"));
    }
    let households = "SELECT id, household_no, head_id, market_kind, lat, lon, datum, updated_at FROM household ORDER BY id";
    for r in w.query(households, vec![]).await {
        let (id, no): (Uuid, String) = (r.get(0).unwrap(), r.get(1).unwrap());
        let head: Option<Uuid> = r.get(2).unwrap();
        let market: Option<String> = r.get(3).unwrap();
        let place: (Option<f64>, Option<f64>, Option<String>) =
            (r.get(4).unwrap(), r.get(5).unwrap(), r.get(6).unwrap());
        let at: Timestamp = r.get(7).unwrap();
        all.push(format!("{id} {no} {head:?} {market:?} {place:?} {}", at.0));
    }
    let proposals = "SELECT p.id, p.state, p.score, p.household_id, m.customer_id, m.relation, m.left_out, m.was_relation, m.was_alone FROM household_proposal p JOIN household_proposal_member m ON m.unit_id = p.unit_id AND m.proposal_id = p.id ORDER BY p.id, m.place";
    for r in w.query(proposals, vec![]).await {
        let (id, state, score): (Uuid, String, i64) =
            (r.get(0).unwrap(), r.get(1).unwrap(), r.get(2).unwrap());
        let into: Option<Uuid> = r.get(3).unwrap();
        let (who, relation, out): (Uuid, String, bool) =
            (r.get(4).unwrap(), r.get(5).unwrap(), r.get(6).unwrap());
        let was: (Option<String>, bool) = (r.get(7).unwrap(), r.get(8).unwrap());
        all.push(format!(
            "{id} {state} {score} {into:?} {who} {relation} {out} {was:?}"
        ));
    }
    all
}

async fn counts(head: &Browser, unit: &str) -> Json {
    head.get(&format!("{unit}/households/counts")).await.good()
}

/// What must add up at any time.
fn reconciled(c: &Json) {
    let n = |key: &str| c[key].as_i64().unwrap();
    assert_eq!(
        n("households_before") - n("joined_households"),
        n("households"),
        "{c}"
    );
    assert_eq!(n("alone_before") - n("joined_people"), n("alone"), "{c}");
    assert_eq!(
        n("open") + n("accepted") + n("rejected"),
        n("proposed"),
        "{c}"
    );
    assert_eq!(
        n("households") + n("households_empty"),
        7,
        "no household is ever removed: {c}"
    );
}

both! {
    async fn a_branch_head_confirms_a_page_of_proposals_and_the_counts_reconcile(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let groups: Vec<Vec<(String, String)>> = found.iter().map(members).collect();
        let named = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        let family = named(&[("H0011", "head"), ("H0012", "spouse"), ("H0013", "child"), ("H0014", "parent")]);
        let couple = named(&[("H0015", "head"), ("H0016", "spouse")]);
        assert_eq!(groups.iter().cloned().collect::<BTreeSet<_>>(), BTreeSet::from([family, couple]));
        let family = found.iter().find(|p| p["members"].as_array().unwrap().len() == 4).unwrap();
        assert_eq!(family["members"][0]["name_masked"], "王**");
        assert_eq!(family["reasons"][0], json!({ "code": "same_door", "name": "4 人住同一门牌" }));
        let before = counts(&head, &unit).await;
        assert_eq!((&before["households"], &before["records"], &before["alone"], &before["open"]), (&json!(7), &json!(7), &json!(7), &json!(2)));
        reconciled(&before);
        let decisions: Vec<Json> = found.iter().map(|p| json!({ "id": p["id"], "accept": true })).collect();
        let done = head.post(&format!("{unit}/household-proposals/decide"), json!({ "decisions": decisions })).await.good();
        assert!(done["items"].as_array().unwrap().iter().all(|o| o["outcome"] == "done"), "{done}");
        let after = &done["counts"];
        assert_eq!((&after["households"], &after["records"], &after["alone"], &after["accepted"]), (&json!(3), &json!(7), &json!(1), &json!(2)));
        assert_eq!((&after["households_before"], &after["alone_before"], &after["households_empty"]), (&json!(7), &json!(7), &json!(4)));
        reconciled(after);
        let shared = head.get(&format!("{unit}/households?members=2")).await.items();
        let sizes: BTreeSet<i64> = shared.iter().map(|h| h["members"].as_i64().unwrap()).collect();
        assert_eq!(sizes, BTreeSet::from([2, 4]));
        assert!(proposed(&w, &head, &unit).await.is_empty(), "what is together is not proposed again");
        assert_eq!(head.get(&format!("{unit}/household-proposals?state=accepted")).await.items().len(), 2);
    }

    async fn taking_back_restores_the_rows_as_they_were(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let before = rows(&w).await;
        w.clock.forward_minutes(5);
        let family = found.iter().find(|p| p["members"].as_array().unwrap().len() == 4).unwrap();
        let grandmother = &family["members"][3]["customer_id"];
        let decisions = json!({ "decisions": [
            { "id": family["id"], "accept": true, "leave_out": [grandmother], "head_id": family["members"][1]["customer_id"] },
            { "id": found.iter().find(|p| p["id"] != family["id"]).unwrap()["id"], "accept": false },
        ] });
        let done = head.post(&format!("{unit}/household-proposals/decide"), decisions).await.good();
        assert_eq!((&done["counts"]["households"], &done["counts"]["rejected"]), (&json!(5), &json!(1)), "{done}");
        reconciled(&done["counts"]);
        assert_ne!(rows(&w).await, before);
        let accepted = head.get(&format!("{unit}/household-proposals?state=accepted")).await.items();
        let home = head.get(&format!("{unit}/households/{}", accepted[0]["household_id"].as_str().unwrap())).await.good();
        assert_eq!(members(&home).iter().map(|(no, _)| no.as_str()).collect::<Vec<_>>(), ["H0012", "H0013", "H0011"]);
        assert_eq!(home["head_id"], family["members"][1]["customer_id"]);
        w.clock.forward_minutes(5);
        let ids: Vec<Json> = found.iter().map(|p| p["id"].clone()).collect();
        let undone = head.post(&format!("{unit}/household-proposals/undo"), json!({ "ids": ids })).await.good();
        assert!(undone["items"].as_array().unwrap().iter().all(|o| o["outcome"] == "done"), "{undone}");
        assert_eq!(rows(&w).await, before);
        assert_eq!(undone["counts"]["open"], 2);
        let again = head.post(&format!("{unit}/household-proposals/undo"), json!({ "ids": ids })).await.good();
        assert!(again["items"].as_array().unwrap().iter().all(|o| o["outcome"] == "decided"), "nothing to take back");
    }

    async fn what_was_rejected_comes_back_only_with_other_people(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let decisions: Vec<Json> = found.iter().map(|p| json!({ "id": p["id"], "accept": false })).collect();
        head.post(&format!("{unit}/household-proposals/decide"), json!({ "decisions": decisions })).await.good();
        assert!(proposed(&w, &head, &unit).await.is_empty());
        let market = w.role("market_department").await;
        let more = sheet(&[("孙焱晶", 2004, 19, "大河村3组40号")], &w.org.branches[0].code);
        w.import(&market, "customers", "更多.csv", more.csv().as_bytes()).await;
        let found = proposed(&w, &head, &unit).await;
        assert_eq!(found.len(), 1);
        assert_eq!(members(&found[0]).len(), 3);
    }

    async fn a_proposal_that_no_longer_fits_is_told_and_not_done(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let couple = found.iter().find(|p| p["members"].as_array().unwrap().len() == 2).unwrap();
        let family = found.iter().find(|p| p["members"].as_array().unwrap().len() == 4).unwrap();
        let decide = format!("{unit}/household-proposals/decide");
        let both = json!({ "decisions": [{ "id": couple["id"], "accept": true }] });
        assert_eq!(head.post(&decide, both.clone()).await.good()["items"][0]["outcome"], "done");
        assert_eq!(head.post(&decide, both).await.good()["items"][0]["outcome"], "decided");
        // The son has moved to the couple by hand.
        let accepted = head.get(&format!("{unit}/household-proposals?state=accepted")).await.items();
        let home = accepted[0]["household_id"].as_str().unwrap();
        let son = &family["members"][2]["customer_id"];
        head.post(&format!("{unit}/households/{home}/members"), json!({ "customer_ids": [son], "relation": "other" })).await.good();
        let before = rows(&w).await;
        let stale = json!({ "decisions": [{ "id": family["id"], "accept": true }] });
        assert_eq!(head.post(&decide, stale).await.good()["items"][0]["outcome"], "changed");
        assert_eq!(rows(&w).await, before);
        head.post(&decide, json!({ "decisions": [] })).await.refused(422, "input.invalid");
        let only = json!({ "decisions": [{ "id": Uuid::nil(), "accept": true }] });
        assert_eq!(head.post(&decide, only).await.good()["items"][0]["outcome"], "decided");
    }

    async fn members_are_moved_by_hand_and_one_visit_brings_several(w: World) {
        let (head, unit) = village(&w).await;
        let visitor = w.role("visitor").await;
        let list = head.get(&format!("{unit}/customers")).await.items();
        let who = |no: &str| list.iter().find(|c| c["customer_no"] == no).unwrap()["id"].clone();
        let made = visitor.post(&format!("{unit}/households"), json!({ "customer_ids": [who("H0011"), who("H0012")] })).await.good();
        let home = format!("{unit}/households/{}", id(&made));
        let shown = visitor.get(&home).await.good();
        assert_eq!(members(&shown).iter().map(|(no, _)| no.clone()).collect::<Vec<_>>(), ["H0011", "H0012"]);
        assert_eq!((&shown["head_id"], &shown["records_valid"], &shown["market_kind"], &shown["market_is_own"]), (&who("H0011"), &json!(2), &json!("rural"), &json!(false)));
        let states = |m: &Json| ["name", "phone", "id_number", "address"].map(|f| m[format!("{f}_state")].as_str().unwrap().to_owned());
        assert_eq!(states(&shown["members"][0]), ["full", "full", "full", "full"]);
        // A second valid record at the same door.
        visitor.post(&format!("{home}/members"), json!({ "customer_ids": [who("H0013")], "relation": "child" })).await.good();
        let change = json!({ "market_kind": "urban", "head_id": who("H0012"), "relations": { (who("H0013").as_str().unwrap()): "child" } });
        visitor.patch(&home, change).await.good();
        let shown = visitor.get(&home).await.good();
        assert_eq!((&shown["head_id"], &shown["market_name"], &shown["records_valid"]), (&who("H0012"), &json!("城区市场"), &json!(3)));
        let related: BTreeMap<String, String> = members(&shown).into_iter().collect();
        assert_eq!((related["H0012"].as_str(), related["H0011"].as_str(), related["H0013"].as_str()), ("head", "other", "child"));
        // The head leaves again.
        let own = visitor.post(&format!("{unit}/households"), json!({ "customer_ids": [who("H0012")] })).await.good();
        assert_ne!(id(&own), id(&made));
        let shown = visitor.get(&home).await.good();
        assert_eq!((members(&shown).len(), &shown["head_id"]), (2, &Json::Null));
        reconciled(&counts(&visitor, &unit).await);
        visitor.post(&format!("{home}/members"), json!({ "customer_ids": [who("H0014")], "relation": "cousin" })).await.refused(422, "input.invalid");
        visitor.patch(&home, json!({ "market_kind": "moon" })).await.refused(422, "input.invalid");
        visitor.get(&format!("{unit}/households/{}", Uuid::nil())).await.refused(404, "not_found");
    }

    async fn the_timeline_tells_in_words_and_pages_without_a_gap(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let couple = found.iter().find(|p| p["members"].as_array().unwrap().len() == 2).unwrap();
        w.clock.forward_minutes(1);
        head.post(&format!("{unit}/household-proposals/decide"), json!({ "decisions": [{ "id": couple["id"], "accept": true }] })).await.good();
        let accepted = head.get(&format!("{unit}/household-proposals?state=accepted")).await.items();
        let home = format!("{unit}/households/{}", accepted[0]["household_id"].as_str().unwrap());
        let wife = couple["members"][1]["customer_id"].as_str().unwrap();
        w.clock.forward_minutes(1);
        head.post(&format!("{unit}/customers/{wife}/reveal"), json!({ "fields": ["phone"], "reason": "约时间" })).await.good();
        w.clock.forward_minutes(1);
        head.patch(&format!("{unit}/customers/{wife}"), json!({ "occupation": "务农", "phone": "" })).await.good();
        let told: Vec<String> = head.get(&format!("{home}/timeline")).await.items().iter().map(|l| l["summary"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told, ["修改：电话、职业", "查看完整信息：电话；原因：约时间", "确认为一户，共 2 人", "建立客户记录（来自银行系统导入）", "建立客户记录（来自银行系统导入）"]);
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let page = head.get(&format!("{home}/timeline?limit=2&after={after}")).await.good();
            paged.extend(page["items"].as_array().unwrap().iter().map(|l| l["summary"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(paged, told);
    }

    async fn customers_are_filtered_by_missing_fields_and_by_refusal(w: World) {
        let (head, unit) = village(&w).await;
        let list = head.get(&format!("{unit}/customers")).await.items();
        let path = |n: usize| format!("{unit}/customers/{}", list[n]["id"].as_str().unwrap());
        head.patch(&path(0), json!({ "phone": "" })).await.good();
        head.patch(&path(1), json!({ "do_not_visit": true, "phone": "" })).await.good();
        let tags = head.get("/customer-tags").await.items();
        let tag = tags[0]["code"].as_str().unwrap();
        head.patch(&path(1), json!({ "tags": [tag] })).await.good();
        let numbers = async |query: &str| -> Vec<String> {
            let found = head.get(&format!("{unit}/customers?{query}")).await.items();
            found.iter().map(|c| c["customer_no"].as_str().unwrap().to_owned()).collect()
        };
        let all: Vec<String> = (11..18).map(|n| format!("H{n:04}")).collect();
        assert_eq!(numbers("four_fields=false").await, all[..2]);
        assert_eq!(numbers("four_fields=true").await, all[2..]);
        assert_eq!(numbers("do_not_visit=true").await, all[1..2]);
        assert_eq!(numbers("do_not_visit=false&four_fields=false").await, all[..1]);
        assert_eq!(numbers(&format!("four_fields=false&tag={tag}")).await, all[1..2]);
        assert_eq!(numbers("four_fields=true&limit=2").await, all[2..4]);
    }

    async fn any_decisions_taken_back_in_any_order_leave_the_rows_as_they_were(w: World) {
        let (head, unit) = village(&w).await;
        let found = proposed(&w, &head, &unit).await;
        let before = rows(&w).await;
        let mut runner = TestRunner::deterministic();
        let choice = prop::collection::vec((any::<bool>(), 0usize..4, 0usize..4), found.len());
        for _ in 0..6 {
            let chosen = choice.new_tree(&mut runner).unwrap().current();
            let decisions: Vec<Json> = found.iter().zip(&chosen).map(|(p, (accept, out, first))| {
                let people = p["members"].as_array().unwrap();
                let out: Vec<&Json> = people.get(*out).filter(|_| people.len() > 2).map(|m| &m["customer_id"]).into_iter().collect();
                json!({ "id": p["id"], "accept": accept, "leave_out": out, "head_id": people.get(*first).map(|m| m["customer_id"].clone()) })
            }).collect();
            w.clock.forward_minutes(1);
            let done = head.post(&format!("{unit}/household-proposals/decide"), json!({ "decisions": decisions })).await.good();
            reconciled(&done["counts"]);
            w.clock.forward_minutes(1);
            let ids: Vec<&Json> = found.iter().rev().map(|p| &p["id"]).collect();
            head.post(&format!("{unit}/household-proposals/undo"), json!({ "ids": ids })).await.good();
            assert_eq!(rows(&w).await, before, "{chosen:?}");
        }
    }
}

/// The demo county without its household numbers: pairs that are proposed and
/// are right, out of all that live together.
#[test]
fn the_demo_countys_households_are_found_again() {
    let spec = zf_demo::DemoSpec {
        size: zf_demo::Size::County,
        seed: 7,
        anchor: "2026-11-23".parse().unwrap(),
    };
    let data = zf_demo::generate(&spec, None);
    let preset = Preset::get().unwrap();
    let mut branches: BTreeMap<&str, Vec<Person>> = BTreeMap::new();
    let mut home: BTreeMap<u128, &str> = BTreeMap::new();
    let mut groups: BTreeMap<&str, u128> = BTreeMap::new();
    for (n, c) in data.customers.iter().enumerate() {
        let id = n as u128 + 1;
        let next = groups.len() as u128 + 1;
        let group = *groups.entry(&c.village_group_code).or_insert(next);
        home.insert(id, &c.household_no);
        branches.entry(&c.unit_code).or_default().push(Person {
            id: Uuid::from_u128(id).into(),
            household: HouseholdId(Uuid::from_u128(id)),
            given: false,
            surname: surname(&c.name, preset),
            sex: (c.id_number.len() == 18 && !c.id_number.contains('*')).then_some(match c.sex {
                Sex::Male => evidence::Sex::Male,
                Sex::Female => evidence::Sex::Female,
            }),
            birth_year: (c.id_number.len() == 18 && !c.id_number.contains('*'))
                .then(|| i64::from(c.birth.year())),
            phone: (c.phone.len() == 11 && !c.phone.contains('*')).then(|| c.phone.clone()),
            phone_stars: None,
            door: door(&c.address, &preset.address),
            place: c
                .door
                .and_then(|(lat, lon)| zf_base::geo::Point::new(lat, lon).ok()),
            group: Some(Uuid::from_u128(group).into()),
        });
    }
    let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
    for no in home.values() {
        *sizes.entry(no).or_default() += 1;
    }
    let wanted: i64 = sizes.values().map(|n| n * (n - 1) / 2).sum();
    let (mut found, mut right) = (0i64, 0i64);
    for people in branches.values() {
        for p in propose(people, 2026, preset) {
            let ids: Vec<u128> = p.members.iter().map(|m| m.id.0.as_u128()).collect();
            for (i, a) in ids.iter().enumerate() {
                for b in &ids[i + 1..] {
                    found += 1;
                    right += i64::from(home[a] == home[b]);
                }
            }
        }
    }
    let (precision, recall) = (right as f64 / found as f64, right as f64 / wanted as f64);
    println!(
        "demo county: {} customers, precision {precision:.4}, recall {recall:.4}",
        data.customers.len()
    );
    assert!(precision >= 0.85, "{precision}");
    assert!(recall >= 0.85, "{recall}");
}
