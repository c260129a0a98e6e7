//! Base maps of the bank's own: a county loads one, every branch below reads it
//! by range, nobody else does.

use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::browser::{Browser, Payload, Reply};

/// A mebibyte and a half of tiles behind a good header.
fn archive() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..1_572_864_u32).map(|i| (i % 251) as u8).collect();
    bytes[..7].copy_from_slice(b"PMTiles");
    bytes[7] = 3;
    bytes[99] = 2;
    (bytes[100], bytes[101]) = (8, 14);
    for (at, degrees) in [(102, 103.5), (106, 29.5), (110, 104.5), (114, 30.5)] {
        let e7 = (degrees * 1e7) as i32;
        bytes[at..at + 4].copy_from_slice(&e7.to_le_bytes());
    }
    bytes
}

async fn load(browser: &Browser, unit: impl ToString, file: (&str, Vec<u8>), datum: &str) -> Reply {
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let form = vec![
        field("name", "全县底图"),
        field("review_number", "GS(2026)0001号"),
        field("source", "县自然资源局授权"),
        field("datum", datum),
        ("file".to_owned(), Some(file.0.to_owned()), file.1),
    ];
    let path = format!("/units/{}/map-layers", unit.to_string());
    browser.send("POST", &path, Payload::Form(form)).await
}

fn content_of(unit: impl ToString, layer: &Json) -> String {
    let id = layer["id"].as_str().unwrap();
    format!("/units/{}/map-layers/{id}/content", unit.to_string())
}

both! {
    async fn a_county_loads_tiles_and_its_branches_read_them_by_range(w: World) {
        let market = w.role("market_department").await;
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let bytes = archive();
        let made = load(&market, w.org.county.id, ("county.pmtiles", bytes.clone()), "gcj02").await.good();
        assert_eq!((&made["kind"], &made["tiles"], &made["datum"]), (&json!("pmtiles"), &json!("png"), &json!("gcj02")));
        assert_eq!(made["bounds"], json!([103.5, 29.5, 104.5, 30.5]));

        let seen = head.get(&format!("/units/{}/map-layers", branch.id)).await.items();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0]["review_number"], "GS(2026)0001号");
        let path = content_of(branch.id, &made);
        let whole = head.get(&path).await.ok();
        assert!(whole.bytes == bytes, "{} bytes of {}", whole.bytes.len(), bytes.len());
        // Across the border of two parts, at the start, and the tail.
        for (asked, want, said) in [
            ("bytes=1048570-1048585", &bytes[1_048_570..1_048_586], "bytes 1048570-1048585/1572864"),
            ("bytes=0-126", &bytes[..127], "bytes 0-126/1572864"),
            ("bytes=-8", &bytes[1_572_856..], "bytes 1572856-1572863/1572864"),
        ] {
            let part = head.reading(asked).get(&path).await;
            assert_eq!(part.status, 206, "{asked}");
            assert_eq!(part.bytes, want, "{asked}");
            assert_eq!(part.headers["content-range"], said);
        }
        head.reading("bytes=1572864-").get(&path).await.refused(400, "input.malformed");
    }

    async fn another_county_neither_sees_nor_reads_a_base_map(w: World) {
        let market = w.role("market_department").await;
        let made = load(&market, w.org.county.id, ("a.pmtiles", archive()), "wgs84").await.good();
        let far = w.role_at("market_department", &w.org.other_county).await;
        far.get(&content_of(w.org.county.id, &made)).await.refused(404, "not_found");
        far.get(&content_of(w.org.other_county.id, &made)).await.refused(404, "not_found");
        assert_eq!(far.get(&format!("/units/{}/map-layers", w.org.other_county.id)).await.items().len(), 0);
    }

    async fn shapes_become_wgs84_and_lose_everything_but_their_names(w: World) {
        let market = w.role("market_department").await;
        let shape = r#"{"type":"Feature","properties":{"name":"青山镇","tel":"10412345678"},"geometry":{"type":"LineString","coordinates":[[116.404,39.915],[116.405,39.916]]}}"#;
        let made = load(&market, w.org.county.id, ("a.geojson", shape.into()), "gcj02").await.good();
        assert_eq!((&made["kind"], &made["datum"]), (&json!("geojson"), &json!("wgs84")));
        let kept = market.get(&content_of(w.org.county.id, &made)).await.ok().text();
        assert!(kept.contains("青山镇") && !kept.contains("10412345678"), "{kept}");
        // Tiananmen by the bank's other map lies 520 m further west in WGS-84.
        assert!(kept.contains("[116.3977"), "{kept}");
    }

    async fn a_file_that_is_no_map_is_refused_and_leaves_nothing(w: World) {
        let market = w.role("market_department").await;
        let county = w.org.county.id;
        for (name, bytes, code) in [
            ("a.xlsx", b"PK\x03\x04 not a map".to_vec(), "GeoJSON"),
            ("a.geojson", br#"{"type":"Point","coordinates":[500000,3900000]}"#.to_vec(), "经纬度"),
            ("a.geojson", br#"{"type":"FeatureCollection","features":[]}"#.to_vec(), "没有可以画"),
            ("a.pmtiles", { let mut b = archive(); b[7] = 2; b }, "第 3 版"),
        ] {
            let problem = load(&market, county, (name, bytes), "wgs84").await.refused(422, "input.invalid");
            let said = problem["errors"][0]["message"].as_str().unwrap();
            assert!(said.contains(code), "{said}");
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM map_layer").await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM map_layer_part").await, 0);
        let no_datum = vec![("file".to_owned(), Some("a.json".to_owned()), b"{}".to_vec())];
        market.send("POST", &format!("/units/{county}/map-layers"), Payload::Form(no_datum)).await.refused(422, "input.invalid");
    }

    async fn a_base_map_is_renamed_and_taken_away_with_its_content(w: World) {
        let market = w.role("market_department").await;
        let county = w.org.county.id;
        let made = load(&market, county, ("a.pmtiles", archive()), "wgs84").await.good();
        let path = format!("/units/{county}/map-layers/{}", made["id"].as_str().unwrap());
        let body = json!({ "name": "新底图", "review_number": "", "source": "自绘" });
        assert_eq!(market.put(&path, body).await.good()["name"], "新底图");
        assert_eq!(w.count("SELECT COUNT(*) FROM map_layer_part").await, 2);
        market.delete(&path).await.ok();
        assert_eq!(w.count("SELECT COUNT(*) FROM map_layer_part").await, 0);
        market.delete(&path).await.refused(404, "not_found");
    }
}
