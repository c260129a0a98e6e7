//! Later collection by administrative village and mail route (PLN-009): the
//! route of a village group by file and by hand, the table with the households
//! still missing, and the order in which the postman's daytime visits take them.

use super::campaign::{draft, fill, started};
use serde_json::{Value as Json, json};
use zf_kernel::unit::Unit;
use zf_tests::files::{Sheet, read_workbook};
use zf_tests::{World, both};

const COLUMNS: [&str; 10] = [
    "机构编码",
    "村组编码",
    "乡镇",
    "村",
    "村组",
    "邮路段道",
    "经度",
    "纬度",
    "坐标系",
    "邮路段道",
];

/// A mail route for some of the four groups of a branch.
async fn routes(w: &World, branch: usize, of: &[(usize, &str)]) -> Json {
    let market = w.role("market_department").await;
    let unit = &w.org.branches[branch];
    let mut sheet = Sheet::new(&["机构编码", "村组编码", "村", "村组", "邮路段道"]);
    for (group, route) in of {
        let (code, name) = (format!("G{branch}{group}"), format!("{}组", group + 1));
        sheet = sheet.row(&[unit.code.as_str(), &code, "大河村", &name, route]);
    }
    let csv = sheet.csv();
    w.import(&market, "village_groups", "routes.csv", csv.as_bytes())
        .await
}

/// The customers of some groups lack something.
async fn lack(w: &World, groups: &[&str]) {
    for code in groups {
        let sql = "UPDATE customer SET four_fields = $1, phone_state = 'empty', phone_sealed = NULL, phone_bidx = NULL WHERE village_group_id IN (SELECT id FROM village_group WHERE code = $2)";
        w.exec(sql, vec![false.into(), (*code).into()]).await;
    }
}

/// Rows of a branch: route, households, complete, missing.
fn rows(table: &Json, unit: &Unit) -> Vec<(String, i64, i64, i64)> {
    let unit = unit.id.to_string();
    let items = table["items"].as_array().unwrap().iter();
    items
        .filter(|r| r["unit_id"] == unit.as_str())
        .map(|r| {
            let n = |key: &str| r[key].as_i64().unwrap();
            let route = r["mail_route"].as_str().unwrap().to_owned();
            (route, n("households"), n("complete"), n("missing"))
        })
        .collect()
}

/// Stops of the daytime precise routes of a week, by village group.
async fn far_stops(w: &World, program: &str) -> Vec<(String, usize)> {
    let market = w.role("market_department").await;
    let path = format!("/programs/{program}");
    market.press(&format!("{path}/targets")).await.good();
    w.drain().await;
    market
        .post(&format!("{path}/week-plans"), json!({ "week": "2026-W49" }))
        .await
        .good();
    w.drain().await;
    let sql = "SELECT g.code, COUNT(*) FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id JOIN village_group g ON g.unit_id = t.unit_id AND g.id = t.village_group_id WHERE r.kind = 'precise_day' AND g.code LIKE 'G0%' GROUP BY g.code ORDER BY g.code";
    let found = w.query(sql, vec![]).await;
    found
        .iter()
        .map(|r| {
            (
                r.get(0).unwrap(),
                usize::try_from(r.get::<i64>(1).unwrap()).unwrap(),
            )
        })
        .collect()
}

fn of(stops: &[(String, usize)], code: &str) -> usize {
    stops.iter().find(|(c, _)| c == code).map_or(0, |(_, n)| *n)
}

both! {
    async fn a_mail_route_comes_by_file_or_by_hand_and_goes_out_as_it_came_in(w: World) {
        fill(&w).await;
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        let done = routes(&w, 0, &[(0, "青山1段"), (1, "青山2段")]).await;
        assert_eq!((&done["rows_bad"], &done["rows_changed"]), (&json!(0), &json!(2)), "{done}");
        // An empty cell and a file without the column keep what is there.
        routes(&w, 0, &[(0, "")]).await;
        let groups = format!("/units/{}/village-groups", branch.id);
        let list = market.get(&groups).await.items();
        let on: Vec<&Json> = list.iter().map(|g| &g["mail_route"]).collect();
        assert_eq!(on, [&json!("青山1段"), &json!("青山2段"), &Json::Null, &Json::Null]);

        let third = list[2]["id"].as_str().unwrap();
        let put = format!("{groups}/{third}/mail-route");
        market.put(&put, json!({ "mail_route": "青山2段" })).await.ok();
        market.put(&put, json!({ "mail_route": "长".repeat(200) })).await.refused(422, "input.invalid");
        w.role_at("branch_head", &branch).await.put(&put, json!({ "mail_route": "别的段" })).await.refused(403, "permission.denied");
        let foreign = format!("/units/{}/village-groups/{third}/mail-route", w.org.branches[1].id);
        market.put(&foreign, json!({ "mail_route": "别的段" })).await.refused(404, "not_found");

        let book = market.get(&format!("/units/{}/village-groups.xlsx", w.org.county.id)).await.ok();
        let sheet = read_workbook(&book.bytes, None, &COLUMNS[..8]);
        assert_eq!(sheet.rows.len(), 12, "four groups of three branches");
        let own: Vec<&str> = sheet.rows.iter().filter(|r| r[0] == branch.code).map(|r| r[5].as_str()).collect();
        assert_eq!(own, ["青山1段", "青山2段", "青山2段", ""]);
        // Brought in again nothing changes.
        let again = w.import(&market, "village_groups", "groups.xlsx", &book.bytes).await;
        assert_eq!((&again["rows_bad"], &again["rows_same"]), (&json!(0), &json!(12)), "{again}");
        market.put(&put, json!({ "mail_route": "" })).await.ok();
        assert_eq!(market.get(&groups).await.items()[2]["mail_route"], Json::Null);
    }

    async fn the_table_counts_by_village_and_route_and_leads_to_whom_is_missing(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let (first, second) = (w.org.branches[0].clone(), w.org.branches[1].clone());
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &first).await);
        routes(&w, 0, &[(0, "青山1段"), (1, "青山2段"), (2, "青山2段")]).await;
        lack(&w, &["G01"]).await;
        let path = format!("/programs/{program}/collection");
        let table = head.get(&path).await.good();
        // 36 households of four groups; those of the second group lack a phone.
        let expected = [("", 9, 9, 0), ("青山1段", 9, 9, 0), ("青山2段", 18, 9, 9)].map(|(r, a, b, c)| (r.to_owned(), a, b, c));
        assert_eq!(rows(&table, &first), expected);
        assert_eq!((&table["total"]["households"], &table["total"]["missing"]), (&json!(36), &json!(9)));
        assert_eq!(table["mail_routes"], json!(["青山1段", "青山2段"]));
        let all = market.get(&path).await.good();
        assert_eq!((&all["total"]["households"], rows(&all, &second)), (&json!(108), vec![(String::new(), 36, 36, 0)]));
        let open = market.get(&format!("{path}?only_missing=true")).await.items();
        assert_eq!((open.len(), &open[0]["mail_route"], &open[0]["groups"]), (1, &json!("青山2段"), &json!(2)));
        let one = market.get(&format!("{path}?unit_id={}&mail_route=青山1段", first.id)).await.items();
        assert_eq!(one.len(), 1);
        let page = market.get(&format!("{path}?limit=2")).await.good();
        let rest = market.get(&format!("{path}?limit=2&after={}", page["next"].as_str().unwrap())).await.items();
        assert_eq!(rest[0]["mail_route"], json!("青山2段"));
        head.get(&format!("{path}?unit_id={}", second.id)).await.refused(404, "not_found");

        let missing = format!("/programs/{program}/units/{}/collection/missing?village=大河村&mail_route=青山2段", first.id);
        let households = head.get(&missing).await.items();
        assert_eq!(households.len(), 9);
        assert!(households.iter().all(|h| h["without_phone"] == 1 && h["name_masked"].as_str().unwrap().contains('*') && h["last_visit_day"].is_null()), "{:?}", households[0]);
        let few = head.get(&format!("{missing}&limit=5")).await.good();
        let next = head.get(&format!("{missing}&limit=5&after={}", few["next"].as_str().unwrap())).await.items();
        assert_eq!(next.len(), 4);
        let whole = head.get(&missing.replace("青山2段", "青山1段")).await.items();
        assert_eq!(whole, Vec::<Json>::new(), "nobody is missing there");
        w.role_at("branch_head", &second).await.get(&missing).await.refused(404, "not_found");

        // A visit of the campaign shows, whatever it brought.
        let household = households[0]["household_id"].as_str().unwrap();
        let sql = "INSERT INTO visit (unit_id, id, program_id, kind, household_id, day, outcome, counts, state, via, form_id, form_version, payload_sealed, members, valid_records, photos, rev, device_id, device_at, estimated_at, received_at, clock_suspect, made_by, made_by_name) SELECT u.id, $2, p.id, 'precise', $3, p.first_day, 'self', $4, 'accepted', 'desk', 'f', 1, $5, 0, 0, 0, 1, u.id, p.created_at, p.created_at, p.created_at, $6, u.id, '甲' FROM unit u, program p WHERE u.id = $1";
        let household_id: zf_base::Uuid = household.parse().unwrap();
        w.exec(sql, vec![first.id.into(), zf_base::Uuid::from_u128(5).into(), household_id.into(), true.into(), vec![0u8].into(), false.into()]).await;
        let table = head.get(&path).await.good();
        assert_eq!((&table["total"]["visited"], &table["total"]["visits"]), (&json!(1), &json!(1)));
        let seen = head.get(&missing).await.items();
        let seen = seen.iter().find(|h| h["household_id"] == household).unwrap();
        assert_eq!(seen["last_visit_day"], json!("2026-10-01"));

        let book = market.get(&format!("{path}.xlsx?only_missing=true")).await.ok();
        let sheet = read_workbook(&book.bytes, None, &["网点", "邮路段道", "还缺（户）"]);
        assert_eq!((sheet.rows.len(), sheet.rows[0][3].as_str(), sheet.rows[0][7].as_str()), (1, "青山2段", "9"));
    }

    async fn daytime_visits_beyond_the_ring_take_one_mail_route_first(w: World) {
        let program = started(&w).await;
        // Groups 3 and 4 lie beyond five kilometres, the fourth farther; both lack the same.
        routes(&w, 0, &[(2, "青山2段"), (3, "青山1段")]).await;
        lack(&w, &["G02", "G03"]).await;
        let focused = far_stops(&w, &program).await;
        // The control: the same branch in a campaign that does not collect by mail route.
        let market = w.role("market_department").await;
        let path = format!("/programs/{program}");
        let mut definition = market.get(&path).await.good()["definition"].clone();
        definition["collection"]["later_units"] = json!(["administrative_village"]);
        market.put(&path, json!({ "definition": definition, "note": "只按村", "version": 1 })).await.ok();
        w.exec("DELETE FROM plan_unserved WHERE seq >= $1", vec![0i64.into()]).await;
        for table in ["plan_stop", "plan_route", "week_plan"] {
            w.exec(&format!("DELETE FROM {table} WHERE id <> $1"), vec![zf_base::Uuid::nil().into()]).await;
        }
        let plain = far_stops(&w, &program).await;
        assert!(of(&focused, "G03") > of(&plain, "G03"), "{focused:?} {plain:?}");
        assert!(of(&focused, "G02") < of(&plain, "G02"), "{focused:?} {plain:?}");
    }
}
