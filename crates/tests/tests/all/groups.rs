//! Must-visit groups over HTTP: rules as versions with a preview, members that
//! follow rules and ticks, reasons in words, the tick sheet with its names.

use serde_json::{Value as Json, json};
use zf_tests::World;
use zf_tests::both;
use zf_tests::browser::Browser;
use zf_tests::files::{Sheet, read_workbook};
use zf_tests::people::person;

const JOBS: [&str; 6] = ["水稻种植", "教师", "生猪养殖", "教师", "货车运输", "教师"];

/// Six people of one village group, with occupations; the second has a tag.
async fn six(w: &World, from: usize) -> Browser {
    let market = w.role("market_department").await;
    let unit = &w.org.branches[0].code;
    let groups = Sheet::new(&["机构编码", "村组编码", "乡镇", "村", "村组"]).row(&[
        unit,
        "VG1",
        "河口镇",
        "红旗村",
        "三组",
    ]);
    w.import(
        &market,
        "village_groups",
        "村组.csv",
        groups.csv().as_bytes(),
    )
    .await;
    let mut sheet = Sheet::new(&["客户号", "姓名", "所属机构", "村组编码", "职业", "必访群体"]);
    for (n, job) in JOBS.iter().enumerate() {
        let p = person(from + n);
        let tag = if n == 1 { "重点富裕户" } else { "" };
        sheet = sheet.row(&[&p.no, &p.name, unit, "VG1", job, tag]);
    }
    let done = w
        .import(&market, "customers", "名单.csv", sheet.csv().as_bytes())
        .await;
    assert_eq!(done["rows_new"], 6, "{done}");
    w.drain().await;
    market
}

fn group(list: &Json, code: &str) -> Json {
    let items = list["items"].as_array().unwrap().iter();
    items.clone().find(|g| g["code"] == code).unwrap().clone()
}

async fn figures(browser: &Browser, code: &str) -> (i64, i64) {
    let list = browser.get("/groups").await.good();
    let one = group(&list, code);
    (
        one["households"].as_i64().unwrap(),
        one["customers"].as_i64().unwrap(),
    )
}

async fn village_group(w: &World, head: &Browser) -> String {
    let path = format!("/units/{}/ticks", w.org.branches[0].id);
    let progress = head.get(&path).await.good();
    progress["items"][0]["id"].as_str().unwrap().to_owned()
}

fn id(row: &Json) -> String {
    row["household_id"].as_str().unwrap().to_owned()
}

both! {
    async fn an_import_fills_the_groups_and_the_ten_stand_first(w: World) {
        let market = six(&w, 0).await;
        let list = market.get("/groups").await.good();
        let codes: Vec<&str> = list["items"].as_array().unwrap().iter().filter(|g| g["extra"] == false).map(|g| g["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["affluent", "cadre", "grower", "trader", "transport", "away", "service_station", "deposit", "insurance", "rival"]);
        assert_eq!((group(&list, "power")["extra"].clone(), group(&list, "power")["blocked"].clone()), (json!(true), json!(true)));
        assert_eq!(group(&list, "rival")["blocked"], true, "no lawful basis is on record");
        assert_eq!(figures(&market, "grower").await, (2, 2));
        assert_eq!(figures(&market, "transport").await, (1, 1));
        assert_eq!(figures(&market, "affluent").await, (1, 1));
        assert_eq!(group(&list, "grower")["new_households"], Json::Null, "nothing is known of last week yet");
        let ticked: Vec<&str> = list["items"].as_array().unwrap().iter().filter(|g| g["on_tick_sheet"] == true).map(|g| g["code"].as_str().unwrap()).collect();
        assert_eq!(ticked, ["affluent", "cadre", "grower", "transport"]);
    }

    async fn a_rule_is_tried_published_and_taken_back(w: World) {
        let market = six(&w, 10).await;
        let rule = "answered(job) && job.contains('教师')";
        let tried = market.post("/groups/preview", json!({ "code": "grower", "when": rule })).await.good();
        assert_eq!((&tried["households"], &tried["customers"], &tried["gained"], &tried["lost"]), (&json!(3), &json!(3), &json!(3), &json!(2)));
        assert_eq!(tried["sample"].as_array().unwrap().len(), 3);
        assert_eq!(tried["sample"][0]["why"], "职业“教师”");
        assert_eq!(figures(&market, "grower").await, (2, 2), "a trial changes nothing");
        let wrong = market.post("/groups/preview", json!({ "when": "answered(job) &&" })).await.good();
        assert_eq!((wrong["fault"]["line"].clone(), wrong["households"].clone()), (json!(1), json!(0)));
        let draft = |when: &str, rev: Json| json!({ "when": when, "priority": 61, "on_tick_sheet": true, "note": "改看教师", "rev": rev });
        market.put("/groups/grower/draft", draft("answered(jobs)", Json::Null)).await.refused(422, "input.invalid");
        market.put("/groups/grower/draft", draft(rule, Json::Null)).await.ok();
        market.put("/groups/grower/draft", draft(rule, Json::Null)).await.refused(409, "conflict");
        market.put("/groups/grower/draft", draft(rule, json!(1))).await.ok();
        market.post("/groups/grower/publish", json!({ "rev": 1 })).await.refused(409, "conflict");
        market.post("/groups/grower/publish", json!({ "rev": 2 })).await.ok();
        w.drain().await;
        assert_eq!(figures(&market, "grower").await, (3, 3));
        let versions = market.get("/groups/grower/versions").await.items();
        let told: Vec<(i64, &str)> = versions.iter().map(|v| (v["version"].as_i64().unwrap(), v["state"].as_str().unwrap())).collect();
        assert_eq!(told, [(1, "in_force"), (0, "preset")]);
        assert_eq!(versions[0]["priority_before"], 60);
        let text = |kind: &str| -> String { versions[0]["diff"].as_array().unwrap().iter().filter(|d| d["kind"] != kind).map(|d| d["text"].as_str().unwrap()).collect() };
        assert_eq!(text("removed"), rule);
        let preset = versions[1]["when"].as_str().unwrap().to_owned();
        market.put("/groups/grower/draft", draft(&preset, Json::Null)).await.ok();
        market.post("/groups/grower/publish", json!({ "rev": 1 })).await.ok();
        w.drain().await;
        assert_eq!(figures(&market, "grower").await, (2, 2), "back to the preset");
        assert_eq!(market.get("/groups/grower/versions").await.items().len(), 3);
    }

    async fn targets_follow_the_published_rule_and_the_ticks(w: World) {
        let market = six(&w, 20).await;
        let head = w.role("branch_head").await;
        let unit = w.org.branches[0].id;
        let vg = village_group(&w, &head).await;
        let rows = head.get(&format!("/units/{unit}/ticks/{vg}")).await.items();
        let draft = json!({ "when": "", "priority": 60, "on_tick_sheet": true, "note": "只按名单" });
        market.put("/groups/grower/draft", draft).await.ok();
        market.post("/groups/grower/publish", json!({ "rev": 1 })).await.ok();
        let tick = json!({ "rows": [{ "household_id": id(&rows[3]), "ticks": [{ "tag": "B03", "yes": true }], "seen": true }] });
        head.put(&format!("/units/{unit}/ticks"), tick).await.ok();
        w.drain().await;
        let program = json!({ "preset": "program", "code": "g1", "name": "走访", "first_day": "2026-10-01" });
        let made = market.post("/programs", program).await.good();
        market.press(&format!("/programs/{}/targets", made["id"].as_str().unwrap())).await.ok();
        w.drain().await;
        let targets = market.get(&format!("/programs/{}/units/{unit}/targets", made["id"].as_str().unwrap())).await.items();
        let growers: Vec<&Json> = targets.iter().filter(|t| t["reasons"].as_array().unwrap().contains(&json!("种养植户"))).collect();
        assert_eq!(growers.len(), 1, "only the ticked one: {targets:?}");
    }

    async fn households_without_a_village_group_have_sheets_by_the_village_of_their_address(w: World) {
        let market = six(&w, 200).await;
        let head = w.role("branch_head").await;
        let unit = &w.org.branches[0];
        let mut sheet = Sheet::new(&["客户号", "姓名", "所属机构", "家庭住址", "户号"]);
        let doors = ["河口镇团结村5号", "", "河口镇团结村9号", "河口镇光明村1号", ""];
        for (n, door) in doors.map(str::to_owned).iter().enumerate() {
            let p = person(210 + n);
            // The last one lives with the first, whose address is known.
            let household = if n == 4 { "L0".to_owned() } else { format!("L{n}") };
            sheet = sheet.row(&[&p.no, &p.name, &unit.code, door, &household]);
        }
        w.import(&market, "customers", "散户.csv", sheet.csv().as_bytes()).await;
        w.drain().await;
        let all = format!("/units/{}/ticks", unit.id);
        let progress = head.get(&all).await.items();
        let told: Vec<(&str, i64)> = progress.iter().map(|g| (g["name"].as_str().unwrap(), g["households"].as_i64().unwrap())).collect();
        // The village group first, villages by name, those nobody knows of last.
        assert_eq!(told, [("红旗村三组", 6), ("光明村未分村组", 1), ("团结村未分村组", 2), ("未分村组", 1)]);
        let of = |n: usize| format!("{all}/{}", progress[n]["id"].as_str().unwrap());
        let rows = head.get(&of(2)).await.items();
        let numbers: Vec<&str> = rows.iter().map(|r| r["household_no"].as_str().unwrap()).collect();
        assert_eq!(numbers, ["L0", "L2"]);
        assert_eq!(rows[0]["names_masked"].as_array().unwrap().len(), 2, "the whole household");
        let tick = json!({ "rows": [{ "household_id": id(&rows[0]), "ticks": [{ "tag": "B01", "yes": true }], "seen": true }] });
        head.put(&all, tick).await.ok();
        let again = head.get(&of(2)).await.items();
        assert_eq!(again[0]["ticks"], json!([{ "tag": "B01", "yes": true }]));
        assert_eq!(head.get(&all).await.items()[2]["seen"], 1);
        // On paper too, in its order, with its name.
        let paper = head.press(&format!("{}/sheets", of(2))).await.good();
        assert_eq!((paper["households"].as_i64(), paper["names"].as_array().unwrap().len()), (Some(2), 2));
        let book = head.get(&format!("/units/{}/tick-sheets/{}/sheet.xlsx", unit.id, paper["number"].as_str().unwrap())).await;
        let parts = zf_tests::scan::unzip(&book.ok().bytes);
        assert!(parts.iter().any(|(_, part)| String::from_utf8_lossy(part).contains("团结村未分村组")));
        let nowhere = zf_base::Uuid::from_u128(7);
        assert_eq!(head.get(&format!("{all}/{nowhere}")).await.items().len(), 0);
    }

    async fn a_tick_is_no_import_s_to_take_away_and_a_cross_stays(w: World) {
        let market = six(&w, 30).await;
        let head = w.role("branch_head").await;
        let unit = w.org.branches[0].id;
        let (ticks, vg) = (format!("/units/{unit}/ticks"), village_group(&w, &head).await);
        let rows = head.get(&format!("{ticks}/{vg}")).await.items();
        let by_no = |n: usize| rows.iter().position(|r| r["household_no"].as_str().unwrap().contains(&person(30 + n).no)).unwrap();
        let (first, tagged) = (by_no(0), by_no(1));
        assert_eq!(rows[tagged]["in_file"], json!(["B01"]));
        let save = json!({ "rows": [
            { "household_id": id(&rows[first]), "ticks": [{ "tag": "B01", "yes": true }], "seen": true },
            { "household_id": id(&rows[tagged]), "ticks": [{ "tag": "B01", "yes": false }], "seen": true },
        ]});
        head.put(&ticks, save).await.ok();
        let found = async || -> Vec<String> {
            let list = head.get(&format!("/units/{unit}/customers?tag=B01")).await.items();
            list.iter().map(|c| c["customer_no"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(found().await, [person(30).no], "the ticked one, not the crossed one");
        let mut again = Sheet::new(&["客户号", "姓名", "所属机构", "村组编码", "职业", "必访群体"]);
        for (n, job) in JOBS.iter().enumerate() {
            let p = person(30 + n);
            let tag = if n == 1 { "重点富裕户" } else { "村组主要干部" };
            let unit = w.org.branches[0].code.as_str();
            again = again.row(&[p.no.as_str(), p.name.as_str(), unit, "VG1", job, tag]);
        }
        w.import(&market, "customers", "再来.csv", again.csv().as_bytes()).await;
        w.drain().await;
        assert_eq!(found().await, [person(30).no], "an import leaves ticks alone");
        assert_eq!(figures(&market, "affluent").await, (1, 1));
        assert_eq!(figures(&market, "cadre").await, (5, 5));
        let reasons = head.get(&format!("/units/{unit}/households/{}/reasons", id(&rows[first]))).await.items();
        let tick = reasons.iter().find(|r| r["kind"] == "tick").unwrap();
        assert!(tick["why"].as_str().unwrap().contains("勾选") && tick["since_day"].is_string(), "{tick}");
        let back = json!({ "rows": [{ "household_id": id(&rows[first]), "ticks": [{ "tag": "B01", "yes": null }], "seen": false }, { "household_id": id(&rows[tagged]), "ticks": [{ "tag": "B01", "yes": null }] }]});
        head.put(&ticks, back).await.ok();
        w.drain().await;
        assert_eq!(found().await, [person(31).no], "taken back, the file counts again");
        let left = head.get(&ticks).await.good();
        assert_eq!((&left["items"][0]["households"], &left["items"][0]["seen"]), (&json!(6), &json!(1)));
    }

    async fn only_groups_of_the_sheet_and_households_of_the_branch_are_ticked(w: World) {
        six(&w, 40).await;
        let head = w.role("branch_head").await;
        let unit = w.org.branches[0].id;
        let vg = village_group(&w, &head).await;
        let rows = head.get(&format!("/units/{unit}/ticks/{vg}")).await.items();
        let put = async |household: &str, tag: &str| head.put(&format!("/units/{unit}/ticks"), json!({ "rows": [{ "household_id": household, "ticks": [{ "tag": tag, "yes": true }] }] })).await;
        put(&id(&rows[0]), "B10").await.refused(422, "input.invalid");
        put(&id(&rows[0]), "B11").await.refused(422, "input.invalid");
        put("00000000-0000-7000-8000-000000000009", "B01").await.refused(404, "not_found");
        put(&id(&rows[0]), "B01").await.ok();
        let other = w.role_at("branch_head", &w.org.branches[1]).await;
        other.get(&format!("/units/{unit}/ticks/{vg}")).await.refused(404, "not_found");
    }

    async fn names_of_a_sheet_are_one_event_and_for_the_own_branch_only(w: World) {
        six(&w, 50).await;
        let people: Vec<_> = (50..56).map(person).collect();
        let head = w.role("branch_head").await;
        let unit = w.org.branches[0].id;
        let vg = village_group(&w, &head).await;
        let path = format!("/units/{unit}/ticks/{vg}");
        let masked = head.get(&path).await.ok();
        for p in &people {
            assert!(!masked.text().contains(&p.name), "the rows are masked");
        }
        let names = head.press(&format!("{path}/names")).await.items();
        let mut shown: Vec<String> = names.iter().flat_map(|n| n["names"].as_array().unwrap()).map(|n| n.as_str().unwrap().to_owned()).collect();
        let mut wanted: Vec<String> = people.iter().map(|p| p.name.clone()).collect();
        shown.sort();
        wanted.sort();
        assert_eq!(shown, wanted);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'tick.names'").await, 1);
        let detail: String = w.query("SELECT detail FROM event WHERE action = 'tick.names'", vec![]).await[0].get(0).unwrap();
        assert!(detail.contains("\"names\":6"), "{detail}");
        let inspector = w.role("inspector").await;
        inspector.press(&format!("{path}/names")).await.refused(404, "not_found");
        let market = w.role("market_department").await;
        market.press(&format!("{path}/sheets")).await.refused(404, "not_found");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action LIKE 'tick.%'").await, 1, "who may not see leaves no names");
    }

    async fn a_printed_sheet_keeps_its_order_for_entering_it_later(w: World) {
        six(&w, 60).await;
        let head = w.role("branch_head").await;
        let unit = w.org.branches[0].id;
        let vg = village_group(&w, &head).await;
        let path = format!("/units/{unit}/ticks/{vg}");
        let before: Vec<String> = head.get(&path).await.items().iter().map(id).collect();
        let sheet = head.press(&format!("{path}/sheets")).await.good();
        let number = sheet["number"].as_str().unwrap().to_owned();
        assert!(number.ends_with("-01"), "{number}");
        // A seventh household that would stand in the middle must not move the rows.
        let p = person(2);
        let market = w.role("market_department").await;
        let one = Sheet::new(&["客户号", "姓名", "所属机构", "村组编码"]).row(&[&p.no, &p.name, &w.org.branches[0].code, "VG1"]);
        w.import(&market, "customers", "新.csv", one.csv().as_bytes()).await;
        assert_eq!(head.get(&path).await.items().len(), 7);
        let entered: Vec<String> = head.get(&format!("{path}?number={number}")).await.items().iter().map(id).collect();
        assert_eq!(entered, before);
        let found = head.get(&format!("/units/{unit}/tick-sheets/{number}")).await.good();
        assert_eq!((&found["village_group_id"], &found["households"], &found["names"]), (&json!(vg), &json!(6), &json!([])));
        let book = head.get(&format!("/units/{unit}/tick-sheets/{number}/sheet.xlsx")).await.ok();
        let read = read_workbook(&book.bytes, None, &["行号", "户号", "家庭成员"]);
        assert_eq!(read.headers, ["行号", "户号", "家庭成员", "重点富裕户", "村组主要干部", "种养植户", "运输大户"]);
        assert_eq!(read.rows[0][0], "1");
        let parts = zf_tests::scan::unzip(&book.bytes);
        let all: String = parts.iter().map(|(_, b)| String::from_utf8_lossy(b)).collect();
        assert!(all.contains("内部资料") && all.contains(&number), "who printed it and the number are on the paper");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'tick.print'").await, 2);
    }
}
