//! A county's mess goes in and comes out reconciled: three files as banks send
//! them, with the truth beside them. Every row is either in or told as wrong
//! with its line; what is masked, without a door, of one household or one
//! person is found again by counting, not by trust.

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use zf_demo::{DemoSpec, Level, Mess, MessFile, MessSpec, Size, generate};
use zf_tests::both;
use zf_tests::browser::{Browser, Payload};
use zf_tests::files::Sheet;
use zf_tests::world::World;

/// People of the practice files: enough for every share, quick on both databases.
const PEOPLE: usize = 1_500;

fn spec() -> DemoSpec {
    DemoSpec {
        size: Size::County,
        seed: 2016,
        anchor: "2026-11-23".parse().unwrap(),
    }
}

fn text(v: &Json) -> String {
    v.as_str().unwrap_or_default().to_owned()
}

/// The county of the practice files below the city of the world: its market
/// department, with units and village groups in.
async fn county(w: &World) -> Browser {
    let data = generate(&spec(), None);
    let mut units = Sheet::new(&[
        "机构编码",
        "机构名称",
        "级别",
        "上级编码",
        "地区类型",
        "市场类型",
        "经度",
        "纬度",
        "坐标系",
    ]);
    for u in data
        .units
        .iter()
        .filter(|u| matches!(u.level, Level::County | Level::Branch))
    {
        let parent = match u.level {
            Level::County => w.org.city.code.clone(),
            _ => u.parent_code.clone().unwrap(),
        };
        units = units.row(&[
            u.code.clone(),
            u.name.clone(),
            u.level.label().to_owned(),
            parent,
            u.area.map_or(String::new(), |a| a.label().to_owned()),
            u.market.map_or(String::new(), |m| m.label().to_owned()),
            u.lon.to_string(),
            u.lat.to_string(),
            u.datum.code().to_owned(),
        ]);
    }
    let market = w.role_at("market_department", &w.org.city.clone()).await;
    let done = w
        .import(&market, "units", "units.csv", units.csv().as_bytes())
        .await;
    assert_eq!(
        (&done["rows_new"], &done["rows_bad"]),
        (&json!(13), &json!(0)),
        "{done}"
    );
    let groups = zf_demo::write_village_groups_csv(&data);
    let done = w
        .import(&market, "village_groups", "groups.csv", groups.as_bytes())
        .await;
    assert_eq!(done["rows_bad"], 0, "{done}");
    market
}

fn mess() -> Mess {
    zf_demo::mess(&MessSpec {
        county: spec(),
        people: PEOPLE,
    })
}

/// The file as its system writes it: lines above, then headers and rows.
fn bytes(file: &MessFile) -> Vec<u8> {
    let mut sheet = Sheet::new(&file.headers);
    for row in &file.rows {
        sheet = sheet.row(row);
    }
    match file.encoding {
        "xlsx" => sheet.xlsx(),
        "gb18030" => {
            let above: String = file.above.iter().map(|l| format!("{l}\n")).collect();
            let mut bytes = encoding_rs::GB18030.encode(&above).0.into_owned();
            bytes.extend(sheet.gb18030());
            bytes
        }
        _ => sheet.csv().into_bytes(),
    }
}

/// Which field a header of the ledger is, as somebody would choose on the page.
fn by_hand(header: &str) -> &'static str {
    match header {
        "户名" => "name",
        "证件编号" => "id_number",
        "移动电话" => "phone",
        "通讯地址" => "address",
        _ => "",
    }
}

/// Uploads, looks, maps what nobody could guess, starts, waits.
async fn goes_in(w: &World, market: &Browser, file: &MessFile) -> Json {
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let form = vec![
        field("kind", "customers"),
        field("hold", "true"),
        ("file".to_owned(), Some(file.name.to_owned()), bytes(file)),
    ];
    let held = market
        .send("POST", "/imports", Payload::Form(form))
        .await
        .good();
    assert_eq!(held["state"], "held");
    let one = format!("/imports/{}", text(&held["id"]));
    let preview = market.get(&format!("{one}/preview")).await.good();
    assert_eq!(
        preview["header_row"],
        json!(file.above.len() + 1),
        "{}",
        file.name
    );
    if file.encoding != "xlsx" {
        assert_eq!(preview["encoding_found"], file.encoding, "{}", file.name);
    }
    let mapping: Vec<String> = preview["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| match text(&c["key"]) {
            key if key.is_empty() => by_hand(c["header"].as_str().unwrap()).to_owned(),
            key => key,
        })
        .collect();
    let start = json!({ "mapping": mapping, "datum": "wgs84" });
    market.post(&format!("{one}/start"), start).await.good();
    w.drain().await;
    market.get(&one).await.good()
}

/// Lines told as wrong, from the workbook's own list.
async fn wrong_lines(w: &World, import: &Json) -> BTreeSet<i64> {
    let id: zf_base::ImportId = text(&import["id"]).parse().unwrap();
    let rows = w
        .query(
            "SELECT DISTINCT row_no FROM import_error WHERE import_id = $1",
            vec![id.into()],
        )
        .await;
    rows.iter().map(|r| r.get(0).unwrap()).collect()
}

/// The ledger has no column for the village group: each whole address in it
/// names one, compared here as plain text.
async fn every_address_found_its_group(w: &World, mess: &Mess) {
    let ledger = &mess.files[1];
    let wrong: BTreeSet<usize> = mess.truth.wrong[ledger.name]
        .iter()
        .map(|x| x.line)
        .collect();
    let groups = generate(&spec(), None).village_groups;
    let sql = "SELECT c.customer_no, g.code FROM customer c JOIN village_group g ON g.unit_id = c.unit_id AND g.id = c.village_group_id";
    let rows = w.query(sql, vec![]).await;
    let stored: BTreeMap<String, String> = rows
        .iter()
        .map(|r| (r.get(0).unwrap(), r.get(1).unwrap()))
        .collect();
    let mut found = 0;
    for (i, row) in ledger.rows.iter().enumerate() {
        if wrong.contains(&(i + ledger.above.len() + 2)) {
            continue;
        }
        let (no, address, unit) = (&row[1], &row[5], &row[6]);
        let named = groups.iter().find(|g| {
            g.unit_code == *unit
                && address.starts_with(&format!("{}{}{}", g.township, g.village, g.name))
        });
        let Some(group) = named else { continue };
        assert_eq!(stored.get(no), Some(&group.code), "row {i} of the ledger");
        found += 1;
    }
    assert!(found > 300, "only {found} whole addresses to compare");
}

both! {
    async fn a_countys_mess_goes_in_and_reconciles_to_the_row(w: World) {
        let market = county(&w).await;
        let mess = mess();
        let before = w.count("SELECT COUNT(*) FROM customer").await;
        let mut in_all = 0;
        for file in &mess.files {
            let done = goes_in(&w, &market, file).await;
            let wrong = mess.truth.wrong.get(file.name).cloned().unwrap_or_default();
            let good = mess.truth.good[file.name] as i64;
            let counts = ["rows_total", "rows_new", "rows_changed", "rows_same", "rows_bad"].map(|k| done[k].as_i64().unwrap());
            assert_eq!(counts, [file.rows.len() as i64, good, 0, 0, wrong.len() as i64], "{}: {done}", file.name);
            let told = wrong_lines(&w, &done).await;
            let truth: BTreeSet<i64> = wrong.iter().map(|x| x.line as i64).collect();
            assert_eq!(told, truth, "{}: other lines are told as wrong", file.name);
            in_all += good;
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await - before, in_all);
        let masked = w.count("SELECT COUNT(*) FROM customer WHERE phone_state = 'masked' OR id_number_state = 'masked'").await;
        assert_eq!(masked, mess.truth.masked as i64);
        let doors = w.count("SELECT COUNT(*) FROM customer WHERE lat IS NULL").await;
        assert_eq!(doors, mess.truth.without_place as i64);

        every_address_found_its_group(&w, &mess).await;

        // A second time nothing changes.
        for file in &mess.files {
            let again = goes_in(&w, &market, file).await;
            let counts = ["rows_new", "rows_changed", "rows_same"].map(|k| again[k].as_i64().unwrap());
            assert_eq!(counts, [0, 0, mess.truth.good[file.name] as i64], "{}", file.name);
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await - before, in_all);
    }

    async fn the_truth_of_the_practice_files_is_not_in_the_files(w: World) {
        // The control of the test above: one good row spoiled must be told.
        let market = county(&w).await;
        let mut mess = mess();
        let file = &mut mess.files[0];
        let wrong: BTreeMap<usize, ()> = mess.truth.wrong[file.name].iter().map(|x| (x.line, ())).collect();
        let at = (0..file.rows.len()).find(|i| !wrong.contains_key(&(i + 2))).unwrap();
        let phone = file.headers.iter().position(|h| *h == "手机号").unwrap();
        file.rows[at][phone] = "12".to_owned();
        let file = &mess.files[0];
        let done = goes_in(&w, &market, file).await;
        assert_eq!(done["rows_bad"].as_i64().unwrap(), wrong.len() as i64 + 1);
        assert!(wrong_lines(&w, &done).await.contains(&(at as i64 + 2)));
    }
}
