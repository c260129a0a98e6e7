//! The stock ledger of a campaign (BUD-013): from the order to the branch and
//! back, both sides confirming; corrections that delete nothing; how long it
//! lasts; what phones hand out counts as used.

use super::campaign::{draft, fill, set_figures};
use serde_json::{Value as Json, json};
use zf_kernel::unit::Unit;
use zf_tests::files::{read_workbook, sheet_names};
use zf_tests::{World, both};

const DAY: &str = "2026-11-20";

fn entry(kind: &str, item: &str, pieces: i64) -> Json {
    json!({ "kind": kind, "item": item, "pieces": pieces, "day": DAY })
}

fn with(mut body: Json, more: &Json) -> Json {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn line<'j>(stock: &'j Json, unit: &Unit, item: &str) -> &'j Json {
    let unit = unit.id.to_string();
    let units = stock["units"].as_array().unwrap().iter();
    let of = units.filter(|u| u["unit_id"] == unit.as_str());
    let mut lines = of.flat_map(|u| u["lines"].as_array().unwrap());
    lines.find(|l| l["item"] == item).unwrap()
}

fn figures<const N: usize>(line: &Json, keys: [&str; N]) -> [i64; N] {
    keys.map(|k| line[k].as_i64().unwrap())
}

struct Paths {
    list: String,
    county: String,
    branch: String,
    other: String,
}

async fn paths(w: &World) -> Paths {
    fill(w).await;
    let program = draft(w).await;
    set_figures(w, &program).await;
    let at = |unit: &Unit| format!("/programs/{program}/units/{}/stock", unit.id);
    Paths {
        list: format!("/programs/{program}/stock"),
        county: at(&w.org.county),
        branch: at(&w.org.branches[0]),
        other: at(&w.org.branches[1]),
    }
}

both! {
    async fn material_goes_from_the_order_to_the_branch_and_back_and_both_sides_confirm(w: World) {
        let p = paths(&w).await;
        let (county, first) = (w.org.county.clone(), w.org.branches[0].clone());
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &first).await);
        let (at_county, at_branch) = (format!("{}/county", p.county), format!("{}/branch", p.branch));
        let item = "collection_form";
        let priced = json!({ "unit_fen": 15 });
        market.post(&at_county, with(entry("ordered", item, 5_000), &priced)).await.ok();
        market.post(&at_county, with(entry("arrived", item, 4_000), &priced)).await.ok();
        let to = json!({ "peer_unit_id": first.id.to_string() });
        market.post(&at_county, with(entry("issued", item, 4_001), &to)).await.refused(422, "input.invalid");
        market.post(&at_county, with(entry("issued", item, 600), &to)).await.ok();

        let stock = market.get(&p.list).await.good();
        let keys = ["ordered", "arrived", "issued", "stock", "spent_fen"];
        assert_eq!(figures(line(&stock, &county, item), keys), [5_000, 4_000, 600, 3_400, 60_000]);
        // On the way: not in the branch's stock before it is confirmed there.
        assert_eq!(figures(line(&stock, &first, item), ["stock", "on_the_way"]), [0, 600]);
        let waiting = head.get(&p.branch).await.good()["pending"].clone();
        assert_eq!((waiting[0]["pieces"].as_i64(), waiting[0]["seq"].as_i64()), (Some(600), Some(3)));

        // Two fewer came: the branch says so, and why.
        let got = |pieces: i64| json!({ "kind": "received", "pieces": pieces, "day": DAY, "of_seq": 3 });
        head.post(&at_branch, got(598)).await.refused(422, "input.invalid");
        head.post(&at_branch, with(got(598), &json!({ "memo": "两张破损" }))).await.ok();
        head.post(&at_branch, got(600)).await.refused(409, "conflict");
        // What the branch has confirmed the county corrects no more.
        let correct = json!({ "kind": "correction", "pieces": -10, "day": DAY, "of_seq": 3, "memo": "写多了" });
        market.post(&at_county, correct).await.refused(422, "input.invalid");

        head.post(&at_branch, entry("returned", item, 599)).await.refused(422, "input.invalid");
        head.post(&at_branch, entry("returned", item, 98)).await.ok();
        let back = market.get(&p.county).await.good()["pending"][0].clone();
        assert_eq!((back["pieces"].as_i64(), &back["from_name"]), (Some(98), &json!(first.name)));
        let take = json!({ "kind": "taken_back", "pieces": 98, "day": DAY, "of_seq": back["seq"], "peer_unit_id": first.id.to_string() });
        market.post(&at_county, take.clone()).await.ok();
        market.post(&at_county, take).await.refused(409, "conflict");
        let stock = market.get(&p.list).await.good();
        assert_eq!(figures(line(&stock, &first, item), ["received", "returned", "stock", "on_the_way"]), [598, 98, 500, 0]);
        assert_eq!(figures(line(&stock, &county, item), ["taken_back", "stock", "on_the_way"]), [98, 3_498, 0]);
    }

    async fn a_wrong_entry_is_corrected_by_another_and_a_count_says_why(w: World) {
        let p = paths(&w).await;
        let county = w.org.county.clone();
        let market = w.role("market_department").await;
        let at = format!("{}/county", p.county);
        let item = "publicity_material";
        market.post(&at, with(entry("arrived", item, 9_000), &json!({ "unit_fen": 20 }))).await.ok();
        let correct = |pieces: i64, memo: &str| json!({ "kind": "correction", "pieces": pieces, "day": DAY, "of_seq": 1, "memo": memo });
        market.post(&at, correct(-8_100, "")).await.refused(422, "input.invalid");
        market.post(&at, correct(-9_001, "多写一个零")).await.refused(422, "input.invalid");
        market.post(&at, correct(-8_100, "多写一个零")).await.ok();
        market.post(&at, entry("counted", item, -5)).await.refused(422, "input.invalid");
        market.post(&at, with(entry("counted", item, -5), &json!({ "memo": "受潮" }))).await.ok();
        let stock = market.get(&p.list).await.good();
        assert_eq!(figures(line(&stock, &county, item), ["arrived", "counted", "stock", "spent_fen"]), [900, -5, 895, 18_000]);
        // Nothing was deleted: three entries, newest first, each with who and when.
        let ledger = market.get(&p.county).await.good();
        let kinds: Vec<(&str, i64)> = ledger["items"].as_array().unwrap().iter().map(|e| (e["kind"].as_str().unwrap(), e["pieces"].as_i64().unwrap())).collect();
        assert_eq!(kinds, [("counted", -5), ("correction", -8_100), ("arrived", 9_000)]);
        assert!(ledger["items"].as_array().unwrap().iter().all(|e| e["by_name"] != "" && e["at"].is_string()));
        let page = market.get(&format!("{}?limit=2", p.county)).await.good();
        let next = market.get(&format!("{}?limit=2&after={}", p.county, page["next"].as_str().unwrap())).await.good();
        assert_eq!(next["items"][0]["seq"], json!(1));
        for wrong in [entry("arrived", "bicycle", 1), entry("arrived", item, 0), entry("arrived", item, -1), entry("dance", item, 1), with(entry("arrived", item, 1), &json!({ "day": "2026-11-24" }))] {
            market.post(&at, wrong).await.refused(422, "input.invalid");
        }
        // The draft goes with its ledgers.
        market.delete(&p.list.replace("/stock", "")).await.ok();
        assert_eq!(w.count("SELECT COUNT(*) FROM stock_entry").await, 0);
    }

    async fn a_branch_head_sees_and_moves_the_own_stock_only(w: World) {
        let p = paths(&w).await;
        let first = w.org.branches[0].clone();
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &first).await);
        let counted = with(entry("counted", "service_card", 40), &json!({ "memo": "上年余下" }));
        head.post(&format!("{}/branch", p.branch), counted.clone()).await.ok();
        head.post(&format!("{}/county", p.county), counted.clone()).await.refused(403, "permission.denied");
        head.post(&format!("{}/branch", p.other), counted.clone()).await.refused(404, "not_found");
        head.get(&p.county).await.refused(404, "not_found");
        market.post(&format!("{}/branch", p.branch), counted.clone()).await.refused(403, "permission.denied");
        market.post(&format!("{}/county", p.branch), counted).await.refused(422, "input.invalid");
        let issued = with(entry("issued", "service_card", 1), &json!({ "peer_unit_id": w.org.other_branch.id.to_string() }));
        market.post(&format!("{}/county", p.county), issued).await.refused(422, "input.invalid");
        let own = head.get(&p.list).await.good();
        assert_eq!(own["units"].as_array().unwrap().len(), 1);
        assert_eq!(line(&own, &first, "service_card")["stock"], json!(40));
        let all = market.get(&p.list).await.good();
        assert_eq!(all["units"].as_array().unwrap().len(), 4, "the county and its three branches");
        let book = market.get(&format!("{}.xlsx", p.list)).await.ok();
        assert_eq!(sheet_names(&book.bytes), ["县里", "网点"]);
        let rows = read_workbook(&book.bytes, Some("网点"), &["网点", "物料", "库存（件）"]).rows;
        // Six items of the campaign file at each of three branches.
        assert_eq!(rows.len(), 18);
        assert!(rows.iter().any(|r| r[0] == first.name && r[1] == "便民服务卡" && r[6] == "40"), "{rows:?}");
        let book = head.get(&format!("{}.xlsx", p.list)).await.ok();
        assert_eq!(sheet_names(&book.bytes), ["网点"]);
    }

    async fn a_shortage_names_the_day_and_what_phones_hand_out_is_used(w: World) {
        let p = paths(&w).await;
        let (first, second) = (w.org.branches[0].clone(), w.org.branches[1].clone());
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &first).await);
        let at = format!("{}/branch", p.branch);
        head.post(&at, with(entry("counted", "collection_form", 10), &json!({ "memo": "上年余下" }))).await.ok();
        let stock = market.get(&p.list).await.good();
        let days = stock["days_left"].as_i64().unwrap();
        let form = line(&stock, &first, "collection_form");
        // Four households a day, a form each: ten last Monday and Tuesday, not Wednesday.
        assert_eq!((&form["runs_out"], &form["pace_by"]), (&json!("2026-11-25"), &json!("plan")));
        assert_eq!(figures(form, ["need_left", "short", "in_ten_days"]), [4 * days, 4 * days - 10, 40]);
        // A branch without anything is short from the first day; ten small gifts a hundred households.
        let gift = line(&stock, &second, "small_gift");
        assert_eq!((&gift["runs_out"], gift["need_left"].as_i64().unwrap()), (&json!("2026-11-23"), (4 * days + 9) / 10));
        // The county is asked for all of its branches.
        assert_eq!(line(&stock, &w.org.county, "collection_form")["need_left"].as_i64(), Some(12 * days));

        // What phones hand out under any of its names counts, and cannot be changed here; what was rejected does not.
        head.post(&at, with(entry("counted", "publicity_material", 100), &json!({ "memo": "上年余下" }))).await.ok();
        let program: zf_base::Uuid = p.list.split('/').nth(2).unwrap().parse().unwrap();
        for (n, (material, pieces, state)) in [("publicity", 30, "accepted"), ("folded_leaflet", 12, "review"), ("publicity_sheet", 50, "rejected"), ("business_card", 9, "accepted")].into_iter().enumerate() {
            let sql = "INSERT INTO gift (unit_id, id, program_id, household_id, customer_id, visit_id, day, material, pieces, value_fen, state, made_by, made_by_name, received_at) SELECT u.id, $2, $3, NULL, NULL, NULL, p.first_day, $4, $5, 0, $6, u.id, '甲', p.created_at FROM unit u, program p WHERE u.id = $1 AND p.id = $3";
            let id = zf_base::Uuid::from_u128(n as u128 + 1);
            w.exec(sql, vec![first.id.into(), id.into(), program.into(), material.into(), i64::from(pieces).into(), state.into()]).await;
        }
        let stock = head.get(&p.list).await.good();
        let sheet = line(&stock, &first, "publicity_material");
        assert_eq!(figures(sheet, ["used", "stock"]), [42, 58]);
        assert_eq!(sheet["pace_by"], json!("used"));
        let over = stock["days_over"].as_i64().unwrap();
        assert_eq!(sheet["in_ten_days"].as_i64().unwrap(), (42 * 10 + over - 1) / over);
        head.post(&at, entry("returned", "publicity_material", 59)).await.refused(422, "input.invalid");
        head.post(&at, entry("returned", "publicity_material", 58)).await.ok();
    }
}
