//! Where customers are: what is known falls back step by step, a pin counts
//! until it is taken back, and an address gives its village group.

use serde_json::{Value as Json, json};
use zf_base::geo::{Datum, Point, haversine_m};
use zf_kernel::unit::Unit;
use zf_tests::files::Sheet;
use zf_tests::people::person;
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

fn point(view: &Json) -> Point {
    Point::new(view["lat"].as_f64().unwrap(), view["lon"].as_f64().unwrap()).unwrap()
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
}
