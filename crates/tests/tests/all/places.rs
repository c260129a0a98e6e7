//! Where customers are: what is known falls back step by step, a pin counts
//! until it is taken back, and an address gives its village group.

use crate::campaign::{doors, plan_path, started};
use serde_json::{Value as Json, json};
use zf_base::geo::{Datum, Point, haversine_m};
use zf_kernel::unit::Unit;
use zf_store::params;
use zf_tests::files::{Sheet, read_workbook, sheet_names};
use zf_tests::people::{Person, person};
use zf_tests::{Browser, World, both};

const GROUPS: [&str; 7] = ["机构编码", "村组编码", "乡镇", "村", "村组", "纬度", "经度"];

/// The nine groups of the village in which all invented people live.
async fn village(w: &World, market: &Browser, unit: &Unit) {
    let mut sheet = Sheet::new(&GROUPS);
    for n in 1..=9 {
        // Only the first has coordinates in the bank's file.
        let (lat, lon) = if n == 1 { ("38.95", "82.15") } else { ("", "") };
        let code = format!("G{n}");
        let name = format!("第{n}村民小组");
        sheet = sheet.row(&[&unit.code, &code, "青山镇", "大河", &name, lat, lon]);
    }
    let done = w
        .import(market, "village_groups", "村组.csv", sheet.csv().as_bytes())
        .await;
    assert_eq!(done["rows_new"], 9, "{done}");
}

/// The places of villages and townships of a branch as stored.
async fn stored_places(w: &World, unit: &Unit) -> Vec<(String, String, String, f64, f64)> {
    let text = "SELECT level, township, village, lat, lon FROM place WHERE unit_id = $1 ORDER BY level, township, village";
    let rows = w.query(text, params![unit.id]).await;
    let place = |r: &zf_store::Row| {
        let text = |i| r.get::<String>(i).unwrap();
        (
            text(0),
            text(1),
            text(2),
            r.get(3).unwrap(),
            r.get(4).unwrap(),
        )
    };
    rows.iter().map(place).collect()
}

/// new, changed, same, bad
fn counts(import: &Json) -> [i64; 4] {
    ["new", "changed", "same", "bad"].map(|k| import[format!("rows_{k}")].as_i64().unwrap())
}

fn point(view: &Json) -> Point {
    Point::new(view["lat"].as_f64().unwrap(), view["lon"].as_f64().unwrap()).unwrap()
}

/// No village group anywhere; the bank's file places a village and a township.
async fn places_of_the_file_only(w: &World, market: &Browser, branch: &Unit) {
    for table in ["customer", "household"] {
        let text = format!("UPDATE {table} SET village_group_id = NULL, lat = NULL, lon = NULL");
        w.exec(&text, vec![]).await;
    }
    w.exec("DELETE FROM village_group", vec![]).await;
    let places = Sheet::new(&["机构编码", "乡镇", "村", "纬度", "经度", "坐标系"])
        .row(&[
            branch.code.as_str(),
            "银杏镇",
            "大河村",
            "38.97",
            "82.15",
            "WGS84",
        ])
        .row(&[&branch.code, "银杏镇", "", "38.80", "82.05", "WGS84"])
        // Where everybody else of the branch lives.
        .row(&[&branch.code, "青山镇", "大河村", "38.91", "82.11", "WGS84"]);
    let file = places.csv();
    w.import(market, "village_groups", "村.csv", file.as_bytes())
        .await;
}

both! {
    async fn a_pinned_door_counts_until_the_pin_is_taken_back(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let made = w.add_customer(&head, branch, &person(31)).await;
        let customer = format!("/units/{}/customers/{}", branch.id, made["id"].as_str().unwrap());
        let path = format!("{customer}/place");
        let before = head.get(&path).await.good();
        assert_eq!((&before["precision"], &before["approximate"], &before["pinned"]), (&json!("outlet"), &json!(true), &json!(false)));
        let outlet = branch.place.unwrap();
        assert!((haversine_m(point(&before), outlet).0 - 1_500.0).abs() < 10.0);
        assert_eq!(head.get(&path).await.good(), before, "the same place every time");

        let door = Point::new(38.91, 82.11).unwrap();
        let (lat, lon) = door.in_datum(Datum::Gcj02);
        let body = json!({ "lat": lat, "lon": lon, "datum": "gcj02", "accuracy_m": 12.0 });
        let pinned = head.put(&path, body).await.good();
        assert_eq!((&pinned["precision"], &pinned["approximate"], &pinned["pinned"]), (&json!("door"), &json!(false), &json!(true)));
        assert_eq!((&pinned["datum"], &pinned["accuracy_m"]), (&json!("gcj02"), &json!(12.0)));
        assert!(haversine_m(point(&pinned), door).0 < 0.1, "kept in WGS-84");
        assert!(pinned["pinned_by_name"].is_string());
        assert_eq!(w.count("SELECT COUNT(*) FROM household WHERE pin_lat IS NOT NULL").await, 1, "the household has the door too");

        head.delete(&path).await.ok();
        assert_eq!(head.get(&path).await.good(), before);
        assert_eq!(w.count("SELECT COUNT(*) FROM household WHERE pin_lat IS NOT NULL").await, 0);
        head.delete(&path).await.ok();
        let events = head.get(&customer).await.good()["events"].clone();
        let actions: Vec<_> = events.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect();
        assert_eq!(actions.iter().filter(|a| *a == "customer.pin").count(), 1);
        assert_eq!(actions.iter().filter(|a| *a == "customer.unpin").count(), 1, "nothing to take back is no event");
        assert!(!events.to_string().contains("38.9"), "no coordinates in the history");
    }

    async fn a_pin_wins_over_the_file_and_a_wrong_one_is_refused(w: World) {
        let head = w.role("branch_head").await;
        let [branch, other, _] = &w.org.branches;
        let made = w.add_customer(&head, branch, &person(32)).await;
        let id = made["id"].as_str().unwrap();
        let customer = format!("/units/{}/customers/{id}", branch.id);
        let path = format!("{customer}/place");
        let pin = json!({ "lat": 38.92, "lon": 82.12, "datum": "wgs84", "accuracy_m": null });
        head.put(&path, pin.clone()).await.ok();
        head.patch(&customer, json!({ "lat": 38.99, "lon": 82.19, "datum": "wgs84" })).await.ok();
        assert_eq!(head.get(&path).await.good()["lat"], 38.92, "the pin is nearer than any file");
        head.delete(&path).await.ok();
        let file = head.get(&path).await.good();
        assert_eq!((&file["lat"], &file["precision"]), (&json!(38.99), &json!("door")));
        for (field, value) in [("lat", json!(91.0)), ("datum", json!("mercator")), ("accuracy_m", json!(-1.0))] {
            let mut wrong = pin.clone();
            wrong[field] = value;
            assert_eq!(head.put(&path, wrong).await.refused(422, "input.invalid")["errors"][0]["field"], field);
        }
        let foreign = format!("/units/{}/customers/{id}/place", other.id);
        head.put(&foreign, pin.clone()).await.refused(404, "not_found");
        let market = w.role("market_department").await;
        market.put(&foreign, pin).await.refused(404, "not_found");
    }

    async fn an_unknown_door_falls_back_to_the_household_the_group_and_the_village(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        village(&w, &market, branch).await;
        // Groups 1 + n % 9: 1, 1, 2 and none.
        let mut ids = Vec::new();
        for n in [9, 18, 10, 11] {
            let made = w.add_customer(&market, branch, &person(n)).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let place = async |id: &str| market.get(&format!("/units/{}/customers/{id}/place", branch.id)).await.good();
        market.post(&format!("/units/{}/village-groups/assign", branch.id), json!({ "dry_run": false })).await.ok();
        let first = place(&ids[0]).await;
        assert_eq!((&first["precision"], &first["lat"]), (&json!("village_group"), &json!(38.95)), "the bank's own file");
        let second = place(&ids[2]).await;
        assert_eq!((&second["precision"], &second["lat"]), (&json!("village"), &json!(38.95)), "the only place in the village");
        for (id, lat) in [(&ids[0], 38.90), (&ids[1], 38.92)] {
            let path = format!("/units/{}/customers/{id}/place", branch.id);
            market.put(&path, json!({ "lat": lat, "lon": 82.1, "datum": "wgs84", "accuracy_m": null })).await.ok();
        }
        let third = place(&ids[2]).await;
        assert_eq!(third["precision"], "village");
        assert!((third["lat"].as_f64().unwrap() - 38.91).abs() < 1e-9, "the mean of the two doors of the village: {third}");
        // Somebody of the same household.
        w.exec("UPDATE customer SET household_id = (SELECT household_id FROM customer WHERE customer_no = '900000018') WHERE customer_no = '900000011'", vec![]).await;
        let fourth = place(&ids[3]).await;
        assert_eq!((&fourth["precision"], &fourth["lat"], &fourth["approximate"]), (&json!("household"), &json!(38.92), &json!(false)));
    }

    async fn addresses_give_customers_their_village_group_once(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        village(&w, &market, branch).await;
        for n in 0..12 {
            w.add_customer(&market, branch, &person(n)).await;
        }
        let head = w.role("branch_head").await;
        let odd = json!({ "customer_no": "X1", "name": "钱进", "address": "青山镇大河村" });
        head.post(&format!("/units/{}/customers", branch.id), odd).await.ok();
        head.post(&format!("/units/{}/customers", branch.id), json!({ "customer_no": "X2", "name": "钱程" })).await.ok();
        let path = format!("/units/{}/village-groups/assign", branch.id);
        let without = "SELECT COUNT(*) FROM customer WHERE village_group_id IS NULL";
        let tried = head.post(&path, json!({ "dry_run": true })).await.good();
        let counts = |v: &Json| ["customers_without", "with_address", "assigned"].map(|f| v[f].as_i64().unwrap());
        assert_eq!(counts(&tried), [14, 13, 12], "{tried}");
        assert_eq!(w.count(without).await, 14, "a trial changes nothing");
        let by_group: Vec<i64> = tried["groups"].as_array().unwrap().iter().map(|g| g["customers"].as_i64().unwrap()).collect();
        assert_eq!(by_group, [2, 2, 2, 1, 1, 1, 1, 1, 1], "people 0 to 11 in nine groups");
        let done = head.post(&path, json!({ "dry_run": false })).await.good();
        assert_eq!(counts(&done), [14, 13, 12]);
        assert_eq!(w.count(without).await, 2);
        let again = head.post(&path, json!({ "dry_run": false })).await.good();
        assert_eq!(counts(&again), [2, 1, 0]);
        let listed = head.get(&format!("/units/{}/village-groups", branch.id)).await.items();
        assert_eq!(listed.iter().map(|g| g["customers"].as_i64().unwrap()).sum::<i64>(), 12);
        let events = w.role("audit_admin").await.get("/audit?action=village_group.assign").await.items();
        assert_eq!(events.len(), 1);
    }

    async fn a_row_without_a_group_is_the_place_of_its_village_or_township(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let file = |lat: &str| {
            Sheet::new(&GROUPS)
                .row(&[&branch.code, "G1", "青山镇", "大河村", "1组", "", ""])
                .row(&[&branch.code, "G2", "青山镇", "小河村", "1组", "", ""])
                .row(&[&branch.code, "", "青山镇", "大河村", "", lat, "82.15"])
                .row(&[&branch.code, "", "青山镇", "", "", "38.80", "82.05"])
        };
        let events = "SELECT COUNT(*) FROM event WHERE action IN ('place.put', 'village_group.put')";
        let trial = market.upload("village_groups", "村组.csv", file("38.95").csv().as_bytes(), true).await.good();
        w.drain().await;
        let trial = market.get(&format!("/imports/{}", trial["id"].as_str().unwrap())).await.good();
        assert_eq!(counts(&trial), [4, 0, 0, 0], "{trial}");
        assert_eq!(w.count("SELECT COUNT(*) FROM place").await, 0, "a trial writes nothing");
        assert_eq!(w.count(events).await, 0);

        let done = w.import(&market, "village_groups", "村组.csv", file("38.95").csv().as_bytes()).await;
        assert_eq!(counts(&done), [4, 0, 0, 0], "{done}");
        let village = |lat: f64| ("village".to_owned(), "青山镇".to_owned(), "大河村".to_owned(), lat, 82.15);
        let township = ("township".to_owned(), "青山镇".to_owned(), String::new(), 38.80, 82.05);
        assert_eq!(stored_places(&w, branch).await, [township.clone(), village(38.95)]);
        let again = w.import(&market, "village_groups", "村组.csv", file("38.95").csv().as_bytes()).await;
        assert_eq!(counts(&again), [0, 0, 4, 0], "{again}");
        let moved = w.import(&market, "village_groups", "村组.csv", file("38.96").csv().as_bytes()).await;
        assert_eq!(counts(&moved), [0, 1, 3, 0], "{moved}");
        assert_eq!(stored_places(&w, branch).await, [township.clone(), village(38.96)]);
        let other_writing = Sheet::new(&GROUPS).row(&[&branch.code, "", "青山乡", "大河村委会", "", "38.97", "82.15"]);
        let same = w.import(&market, "village_groups", "村组.csv", other_writing.csv().as_bytes()).await;
        assert_eq!(counts(&same), [0, 1, 0, 0], "the same village in another writing: {same}");
        assert_eq!(stored_places(&w, branch).await, [township, village(38.97)]);
        let put = w.role("audit_admin").await.get("/audit?action=place.put").await.items();
        assert_eq!(put.len(), 4, "two new ones and two changes");

        // Everybody without a door stands where the file places the village.
        for (no, group, level, lat) in [("V1", "G1", "village", 38.97), ("V2", "G2", "township", 38.80)] {
            let sheet = Sheet::new(&["客户号", "姓名", "所属机构", "村组"]).row(&[no, "某人", &branch.code, group]);
            w.import(&market, "customers", "客户.csv", sheet.csv().as_bytes()).await;
            let text = format!("SELECT id FROM customer WHERE customer_no = '{no}'");
            let id: zf_base::CustomerId = w.query(&text, vec![]).await[0].get(0).unwrap();
            let seen = market.get(&format!("/units/{}/customers/{id}/place", branch.id)).await.good();
            assert_eq!((&seen["precision"], &seen["lat"], &seen["approximate"]), (&json!(level), &json!(lat), &json!(true)), "{no}");
        }
    }

    async fn whoever_has_only_an_address_stands_in_the_village_or_township_it_names(w: World) {
        let program = started(&w).await;
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        places_of_the_file_only(&w, &market, branch).await;
        let people = [
            ("W1", "银杏镇大河村3组12号", "village", Some(38.97)),
            ("W2", "银杏乡大河村委会5号", "village", Some(38.97)),
            // The county above is known by the units' names.
            ("W3", "云溪县银杏镇大河村3组", "village", Some(38.97)),
            ("W9", "明川市云溪县银杏镇大河村三组12号", "village", Some(38.97)),
            ("W0", "银杏镇新大河村3组", "township", Some(38.80)),
            ("W4", "银杏镇白果村1组", "township", Some(38.80)),
            // Another county has a village of that name: of a unit, and of none.
            ("W5", "石桥县银杏镇大河村3组", "outlet", None),
            ("W6", "平坝县银杏镇大河村3组", "outlet", None),
            ("W7", "水口镇大河村3组", "outlet", None),
            ("W8", "", "outlet", None),
        ];
        let mut sheet = Sheet::new(&["客户号", "姓名", "所属机构", "地址"]);
        for (no, address, _, _) in people {
            sheet = sheet.row(&[no, "某人", &branch.code, address]);
        }
        let done = w.import(&market, "customers", "客户.csv", sheet.csv().as_bytes()).await;
        assert_eq!(counts(&done), [10, 0, 0, 0], "{done}");
        market.press(&format!("/programs/{program}/targets")).await.good();
        w.drain().await;
        for (no, _, level, lat) in people {
            let row = w.query("SELECT c.id, t.precision, t.lat, t.approximate FROM customer c JOIN target t ON t.unit_id = c.unit_id AND t.customer_id = c.id WHERE c.customer_no = $1", params![no]).await;
            let target: (String, f64, bool) = (row[0].get(1).unwrap(), row[0].get(2).unwrap(), row[0].get(3).unwrap());
            let id: zf_base::CustomerId = row[0].get(0).unwrap();
            assert_eq!((target.0.as_str(), target.2), (level, true), "{no}");
            assert!(lat.is_none_or(|lat| (target.1 - lat).abs() < 1e-9), "{no}: {}", target.1);
            // The profile says the same as the target.
            let seen = market.get(&format!("/units/{}/customers/{id}/place", branch.id)).await.good();
            assert_eq!(seen["precision"], level, "{no}");
            assert!((seen["lat"].as_f64().unwrap() - target.1).abs() < 1e-9, "{no}: {seen}");
        }
        // The plan says of every visit what its place is taken from.
        market.post(&format!("/programs/{program}/week-plans"), json!({ "week": "2026-W49" })).await.good();
        w.drain().await;
        let plan = w.role("branch_head").await.get(&plan_path(&program, branch)).await.good();
        let mut levels = std::collections::BTreeSet::new();
        for (_, stop) in doors(&plan) {
            let target: zf_base::TargetId = stop["target_id"].as_str().unwrap().parse().unwrap();
            let stored = w.query("SELECT precision, lat FROM target WHERE id = $1", params![target]).await;
            let level: String = stored[0].get(0).unwrap();
            assert_eq!((&stop["precision"], &stop["approximate"]), (&json!(level), &json!(true)));
            assert!((stop["lat"].as_f64().unwrap() - stored[0].get::<f64>(1).unwrap()).abs() < 1e-9, "{stop}");
            levels.insert(level);
        }
        assert!(levels.contains("village"), "{levels:?}");

        // A corrected address counts at once, and the next targets follow.
        let id: zf_base::CustomerId = w.query("SELECT id FROM customer WHERE customer_no = 'W8'", vec![]).await[0].get(0).unwrap();
        market.patch(&format!("/units/{}/customers/{id}", branch.id), json!({ "address": "银杏镇大河村9组" })).await.ok();
        assert_eq!(market.get(&format!("/units/{}/customers/{id}/place", branch.id)).await.good()["precision"], "village");
        market.press(&format!("/programs/{program}/targets")).await.good();
        w.drain().await;
        let stored = w.query("SELECT precision FROM target WHERE customer_id = $1", params![id]).await;
        assert_eq!(stored[0].get::<String>(0).unwrap(), "village");
        // What was planned stands where it stood; the new level is not said of the old place.
        w.exec("UPDATE target SET precision = 'door', approximate = $1", params![false]).await;
        let plan = w.role("branch_head").await.get(&plan_path(&program, branch)).await.good();
        assert!(doors(&plan).iter().all(|(_, s)| s["precision"].is_null() && s["approximate"] == true));
    }

    async fn an_address_of_another_county_gives_nobody_a_village_group(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        village(&w, &market, branch).await;
        let people = [("N1", "云溪县青山镇大河村2组1号", 1), ("N2", "石桥县青山镇大河村2组1号", 0), ("N3", "青山镇大河村2组1号", 1)];
        let mut sheet = Sheet::new(&["客户号", "姓名", "所属机构", "地址"]);
        for (no, address, _) in people {
            sheet = sheet.row(&[no, "某人", &branch.code, address]);
        }
        w.import(&market, "customers", "客户.csv", sheet.csv().as_bytes()).await;
        for (no, _, with) in people {
            let text = format!("SELECT COUNT(*) FROM customer WHERE village_group_id IS NOT NULL AND customer_no = '{no}'");
            assert_eq!(w.count(&text).await, with, "{no}");
        }
    }

    async fn a_row_that_is_neither_a_group_nor_a_place_comes_back_with_its_reason(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let file = Sheet::new(&GROUPS)
            .row(&[branch.code.as_str(), "", "青山镇", "大河村", "", "38.95", "82.15"])
            .row(&[&branch.code, "", "青山镇", "小河村", "", "", ""])
            .row(&[&branch.code, "", "青山乡", "大河", "", "38.95", "82.15"])
            .row(&[&branch.code, "", "青山镇", "上河村", "", "138.95", "82.15"])
            .row(&[&branch.code, "G1", "青山镇", "大河村", "", "38.95", "82.15"])
            .row(&[&branch.code, "", "", "", "", "38.95", "82.15"])
            .row(&["100101", "", "青山镇", "下河村", "", "38.95", "82.15"]);
        let done = w.import(&market, "village_groups", "村组.csv", file.csv().as_bytes()).await;
        assert_eq!(counts(&done), [1, 0, 0, 6], "{done}");
        let told: Vec<(i64, &str, &str)> = done["errors"].as_array().unwrap().iter()
            .map(|e| (e["row"].as_i64().unwrap(), e["column"].as_str().unwrap(), e["reason"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [
            (3, "纬度", "没有村组的行是整村或整个乡镇的位置，请填经度和纬度；如果是村组，请填村组编码和名称"),
            (4, "村", "这个村或乡镇的位置在本文件里重复，已用前面那一行"),
            (5, "纬度", "经纬度不对：经度、纬度要成对，且在范围之内"),
            (6, "村组", "这一格必须填写"),
            (7, "村组", "这一格必须填写"),
            (7, "村组编码", "这一格必须填写"),
            (8, "机构编码", "客户和村组要归到网点，这个机构不是网点"),
        ]);
        assert_eq!(w.count("SELECT COUNT(*) FROM place").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM village_group").await, 0);
    }

    async fn a_list_of_villages_needs_no_columns_of_a_group_and_the_template_says_so(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let file = Sheet::new(&["机构编码", "乡镇", "村", "纬度", "经度", "坐标系"])
            .row(&[branch.code.as_str(), "青山镇", "大河村", "38.95", "82.15", "WGS84"]);
        let done = w.import(&market, "village_groups", "村.csv", file.csv().as_bytes()).await;
        assert_eq!(counts(&done), [1, 0, 0, 0], "{done}");
        let bare = Sheet::new(&["机构编码", "乡镇", "村"]).row(&[branch.code.as_str(), "青山镇", "大河村"]);
        let done = w.import(&market, "village_groups", "村.csv", bare.csv().as_bytes()).await;
        assert_eq!(done["state"], "failed", "neither a group nor a position: {done}");

        let template = market.get("/import-templates/village_groups.xlsx").await.ok();
        let sheets = sheet_names(&template.bytes);
        let examples = read_workbook(&template.bytes, Some(sheets[1].as_str()), &["村组编码"]);
        let parts = zf_tests::scan::unzip(&template.bytes);
        let text = |(_, part): &(String, Vec<u8>)| String::from_utf8_lossy(part).into_owned();
        let told = parts.iter().filter(|p| text(p).contains("编码和村组名称都留空的一行，是整村或整个乡镇的位置"));
        assert_eq!(told.count(), 1, "the line above the headers");
        let values = |of: &str| examples.headers.iter().position(|h| h == of).unwrap();
        let (code, village, lat) = (values("村组编码"), values("村"), values("纬度"));
        let of_place = |r: &&Vec<String>| r[code].is_empty() && r[lat] == "27.2984";
        let places: Vec<&str> = examples.rows.iter().filter(of_place).map(|r| r[village].as_str()).collect();
        assert_eq!(places, ["大河村", ""], "one example of a village and one of a township");
    }

    async fn a_pinned_door_survives_a_merge_and_its_undo(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let twin = Person { no: "777".to_owned(), ..person(1) };
        let mut ids = Vec::new();
        for (p, lat) in [(&person(1), 38.91), (&twin, 38.94)] {
            let made = w.add_customer(&market, branch, p).await;
            let id = made["id"].as_str().unwrap().to_owned();
            let pin = json!({ "lat": lat, "lon": 82.11, "datum": "wgs84", "accuracy_m": 8.0 });
            market.put(&format!("/units/{}/customers/{id}/place", branch.id), pin).await.ok();
            ids.push(id);
        }
        let place = async |id: &str| market.get(&format!("/units/{}/customers/{id}/place", branch.id)).await.good();
        let before = (place(&ids[0]).await, place(&ids[1]).await);
        assert_eq!((&before.0["lat"], &before.1["lat"]), (&json!(38.91), &json!(38.94)));
        let path = format!("/units/{}/duplicates", branch.id);
        market.post(&format!("{path}/scan"), json!({})).await.ok();
        w.drain().await;
        let pair = market.get(&path).await.items()[0].clone();
        let kept = pair["own"]["customer_id"].as_str().unwrap().to_owned();
        let door = if kept == ids[0] { &before.0 } else { &before.1 };
        let merge = format!("{path}/{}/merge", pair["id"].as_str().unwrap());
        let merged = market.post(&merge, json!({ "keep": "own", "take": ["phone"] })).await.good();
        assert_eq!(&place(&kept).await, door, "who stays keeps the door, and who pinned it");
        let undo = format!("/units/{}/merges/{}/undo", branch.id, merged["merge"]["id"].as_str().unwrap());
        market.post(&undo, json!({})).await.ok();
        assert_eq!((place(&ids[0]).await, place(&ids[1]).await), before);
    }

    async fn the_only_pinned_door_comes_with_a_merge_and_goes_back_with_its_undo(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let twin = Person { no: "777".to_owned(), ..person(1) };
        let mut ids = Vec::new();
        for p in [&person(1), &twin] {
            let made = w.add_customer(&market, branch, p).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let at = |id: &str| format!("/units/{}/customers/{id}/place", branch.id);
        let pin = json!({ "lat": 38.94, "lon": 82.11, "datum": "wgs84", "accuracy_m": 8.0 });
        market.put(&at(&ids[1]), pin).await.ok();
        let before = (market.get(&at(&ids[0])).await.good(), market.get(&at(&ids[1])).await.good());
        assert_eq!((&before.0["pinned"], &before.1["pinned"]), (&json!(false), &json!(true)));
        let path = format!("/units/{}/duplicates", branch.id);
        market.post(&format!("{path}/scan"), json!({})).await.ok();
        w.drain().await;
        let pair = market.get(&path).await.items()[0].clone();
        let keep = if pair["own"]["customer_id"] == json!(ids[0]) { "own" } else { "other" };
        let merge = format!("{path}/{}/merge", pair["id"].as_str().unwrap());
        let merged = market.post(&merge, json!({ "keep": keep, "take": ["phone"] })).await.good();
        let door = market.get(&at(&ids[0])).await.good();
        for part in ["pinned", "lat", "lon", "datum", "precision"] {
            assert_eq!(door[part], before.1[part], "{part} of the door that went");
        }
        let undo = format!("/units/{}/merges/{}/undo", branch.id, merged["merge"]["id"].as_str().unwrap());
        market.post(&undo, json!({})).await.ok();
        assert_eq!((market.get(&at(&ids[0])).await.good(), market.get(&at(&ids[1])).await.good()), before);
    }

    async fn a_pinned_door_goes_along_to_another_branch_and_back(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = w.org.branches.clone();
        let made = w.add_customer(&market, &first, &person(4)).await;
        let id = made["id"].as_str().unwrap();
        let at = |unit: &Unit| format!("/units/{}/customers/{id}/place", unit.id);
        let pin = json!({ "lat": 38.93, "lon": 82.13, "datum": "gcj02", "accuracy_m": 5.0 });
        market.put(&at(&first), pin).await.ok();
        let before = market.get(&at(&first)).await.good();
        assert_eq!((&before["pinned"], &before["precision"], &before["datum"]), (&json!(true), &json!("door"), &json!("gcj02")));
        w.clock.forward_minutes(1);
        let body = json!({ "customer_ids": [id], "to_unit_id": second.id, "reason": "wrong_branch" });
        let moved = market.post(&format!("/units/{}/transfers", first.id), body).await.good();
        assert_eq!(moved["state"], "done", "{moved}");
        assert_eq!(market.get(&at(&second)).await.good(), before, "the door, who pinned it and when");
        market.get(&at(&first)).await.refused(404, "not_found");
        let undo = format!("/units/{}/transfers/{}/undo", first.id, moved["id"].as_str().unwrap());
        market.post(&undo, json!({})).await.ok();
        assert_eq!(market.get(&at(&first)).await.good(), before);
    }
}
