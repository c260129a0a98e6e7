//! The whole path of a campaign over HTTP: from the preset to a confirmed and
//! printed week.

use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use zf_kernel::unit::Unit;
use zf_tests::files::{Sheet, sheet_names};
use zf_tests::people::{Person, needles, person};
use zf_tests::scan::Scanner;
use zf_tests::{World, both};

/// Customers of each branch.
const EACH: usize = 36;
const WEEK: &str = "2026-W49";

fn people_of(branch: usize) -> Vec<Person> {
    (branch * EACH..(branch + 1) * EACH).map(person).collect()
}

/// Longitudes of the four village groups: about 1, 3, 7 and 9 km east of the branch.
const EAST: [f64; 4] = [82.112, 82.135, 82.18, 82.204];
const STAFF: [&str; 6] = [
    "支局长",
    "营业员",
    "营业员",
    "投递员",
    "投递员",
    "台区员（外部）",
];

fn staff(w: &World) -> Sheet {
    let mut sheet = Sheet::new(&["工号", "姓名", "机构编码", "岗位"]);
    for (b, unit) in w.org.branches.iter().enumerate() {
        for (n, post) in STAFF.into_iter().enumerate() {
            sheet = sheet.row(&[
                &format!("S{b}{n}"),
                &format!("员工{b}{n}"),
                &unit.code,
                post,
            ]);
        }
    }
    sheet
}

fn village_groups(w: &World) -> Sheet {
    let mut sheet = Sheet::new(&["机构编码", "村组编码", "村", "村组", "经度", "纬度"]);
    for (b, unit) in w.org.branches.iter().enumerate() {
        for (g, lon) in EAST.into_iter().enumerate() {
            let (code, name) = (format!("G{b}{g}"), format!("{}组", g + 1));
            sheet = sheet.row(&[
                &unit.code,
                &code,
                "大河村",
                &name,
                &format!("{lon:.4}"),
                "38.9",
            ]);
        }
    }
    sheet
}

fn customers(w: &World) -> Sheet {
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
        "村组",
        "经度",
        "纬度",
        "存款到期日",
        "必访标签",
    ]);
    for (b, unit) in w.org.branches.iter().enumerate() {
        for (n, p) in people_of(b).iter().enumerate() {
            let lon = format!("{:.4}", EAST[n % 4] + 0.0003 * n as f64);
            let lat = format!("{:.4}", 38.9 + 0.0002 * n as f64);
            let due = if n % 5 == 0 { "2026-12-03" } else { "" };
            let tag = if n % 3 == 0 { "种养植户" } else { "" };
            let group = format!("G{b}{}", n % 4);
            sheet = sheet.row(&[
                &p.no,
                &p.name,
                &p.phone,
                &p.id_number,
                &p.address,
                &unit.code,
                &group,
                &lon,
                &lat,
                due,
                tag,
            ]);
        }
    }
    sheet
}

/// Staff, village groups and customers of the three branches, by files.
pub(crate) async fn fill(w: &World) {
    let market = w.role("market_department").await;
    for b in 0..3 {
        w.guard.plant(&needles(&people_of(b)));
    }
    for (kind, sheet) in [
        ("staff", staff(w)),
        ("village_groups", village_groups(w)),
        ("customers", customers(w)),
    ] {
        let done = w
            .import(
                &market,
                kind,
                &format!("{kind}.csv"),
                sheet.csv().as_bytes(),
            )
            .await;
        assert_eq!(
            (&done["rows_bad"], &done["state"]),
            (&json!(0), &json!("done")),
            "{done}"
        );
    }
}

pub(crate) async fn draft(w: &World) -> String {
    let market = w.role("market_department").await;
    let presets = market.get("/program-presets").await.items();
    let preset = &presets[0]["id"];
    let body = json!({ "preset": preset, "code": "winter", "name": "冬季大走访", "first_day": "2026-10-01" });
    let made = market.post("/programs", body).await.good();
    assert_eq!(
        (&made["state"], &made["version"], &made["outlets"]),
        (&json!("draft"), &json!(1), &json!(3)),
        "{made}"
    );
    made["id"].as_str().unwrap().to_owned()
}

fn codes(check: &Json, severity: &str) -> BTreeSet<String> {
    let findings = check["findings"].as_array().unwrap().iter();
    let wanted = findings.filter(|f| f["severity"] == severity);
    wanted
        .map(|f| f["code"].as_str().unwrap().to_owned())
        .collect()
}

/// Every branch gets a plan for its records and a number of visits it can do.
pub(crate) async fn set_figures(w: &World, program: &str) {
    let market = w.role("market_department").await;
    for branch in &w.org.branches {
        let path = format!("/programs/{program}/units/{}/parameters", branch.id);
        market
            .put(&path, json!({ "collection_plan": 30, "quota_per_day": 4 }))
            .await
            .ok();
    }
}

pub(crate) async fn started(w: &World) -> String {
    fill(w).await;
    let program = draft(w).await;
    set_figures(w, &program).await;
    let director = w.role("director").await;
    director
        .post(
            &format!("/programs/{program}/approval"),
            json!({ "version": 1, "note": "先批后补报" }),
        )
        .await
        .ok();
    director
        .press(&format!("/programs/{program}/start"))
        .await
        .ok();
    program
}

pub(crate) async fn job(w: &World, started: Json) -> Json {
    w.drain().await;
    let path = format!("/jobs/{}", started["id"].as_str().unwrap());
    let job = w.role("market_department").await.get(&path).await.good();
    assert_eq!(job["state"], "done", "{job}");
    job
}

/// Targets and the week's plans of all branches.
pub(crate) async fn planned(w: &World) -> String {
    let program = started(w).await;
    let market = w.role("market_department").await;
    job(
        w,
        market
            .press(&format!("/programs/{program}/targets"))
            .await
            .good(),
    )
    .await;
    let plans = format!("/programs/{program}/week-plans");
    job(w, market.post(&plans, json!({ "week": WEEK })).await.good()).await;
    program
}

pub(crate) fn plan_path(program: &str, unit: &Unit) -> String {
    format!("/programs/{program}/units/{}/week-plans/{WEEK}", unit.id)
}

/// All stops at doors, with their days.
pub(crate) fn doors(plan: &Json) -> Vec<(String, Json)> {
    let mut all = Vec::new();
    for day in plan["days"].as_array().unwrap() {
        for route in day["routes"].as_array().unwrap() {
            for stop in route["stops"].as_array().unwrap() {
                if stop["target_id"].is_string() {
                    all.push((day["day"].as_str().unwrap().to_owned(), stop.clone()));
                }
            }
        }
    }
    all
}

both! {
    async fn a_campaign_without_collection_plans_is_not_started(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let market = w.role("market_department").await;
        let path = format!("/programs/{program}");
        let check = market.get(&format!("{path}/check")).await.good();
        assert!(codes(&check, "error").contains("CHK-COLLECTION-PLAN"), "{check}");
        assert_eq!(check["errors"].as_u64().unwrap() as usize, check["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error").count());
        let director = w.role("director").await;
        director.press(&format!("{path}/start")).await.refused(422, "program.infeasible");
        set_figures(&w, &program).await;
        let check = market.get(&format!("{path}/check")).await.good();
        assert_eq!(codes(&check, "error"), BTreeSet::new(), "{check}");
        assert_eq!(check["errors"], 0);
        assert_eq!(check["capacity"].as_array().unwrap().len(), 3);
        market.press(&format!("{path}/start")).await.refused(403, "permission.denied");
        director.press(&format!("{path}/start")).await.refused(409, "program.not_approved");
        director.post(&format!("{path}/approval"), json!({ "version": 1, "note": "先批后补报" })).await.ok();
        let started = director.press(&format!("{path}/start")).await.good();
        assert_eq!(started["state"], "started");
        market.delete(&path).await.refused(409, "conflict");
    }

    async fn the_figures_of_the_source_cannot_be_done_and_the_check_says_why(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let market = w.role("market_department").await;
        for branch in &w.org.branches {
            let path = format!("/programs/{program}/units/{}/parameters", branch.id);
            market.put(&path, json!({ "collection_plan": 30 })).await.ok();
        }
        let check = market.get(&format!("/programs/{program}/check")).await.good();
        // Twenty households a day do not fit into the evening's ninety minutes (ERR-004).
        let short = check["findings"].as_array().unwrap().iter().find(|f| f["requirement"] == "ERR-004");
        let short = short.unwrap_or_else(|| panic!("{check}"));
        assert!(!short["repairs"].as_array().unwrap().is_empty(), "{short}");
        assert!(check["capacity"].as_array().unwrap().iter().all(|c| c["needed_per_day"] == 20), "{check}");
    }

    async fn a_new_version_is_kept_beside_the_old_one(w: World) {
        let program = draft(&w).await;
        let market = w.role("market_department").await;
        let path = format!("/programs/{program}");
        let mut definition = market.get(&path).await.good()["definition"].clone();
        definition["quota"]["households_per_outlet_per_day"] = json!(12);
        let body = json!({ "definition": definition, "note": "先试 12 户", "version": 1 });
        let changed = market.put(&path, body.clone()).await.good();
        assert_eq!((&changed["version"], &changed["quota_per_day"]), (&json!(2), &json!(12)));
        market.put(&path, body).await.refused(409, "conflict");
        let detail = market.get(&path).await.good();
        let notes: Vec<&str> = detail["versions"].as_array().unwrap().iter().map(|v| v["note"].as_str().unwrap()).collect();
        assert_eq!(notes, ["先试 12 户", ""]);
        definition["quota"]["households_per_outlet_per_day"] = json!(0);
        let refusal = market.put(&path, json!({ "definition": definition, "note": "" })).await.refused(422, "input.invalid");
        assert!(refusal["errors"][0]["field"].as_str().unwrap().contains("households_per_outlet_per_day"), "{refusal}");
        let again = json!({ "preset": "program", "code": "winter", "name": "又一个" });
        market.post("/programs", again).await.refused(409, "duplicate");
        market.delete(&path).await.ok();
        market.get(&path).await.refused(404, "program.not_found");
    }

    async fn targets_come_from_tags_maturities_and_missing_fields(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let page = head.get(&format!("/programs/{program}/units/{}/targets?limit=10&after={after}", branch.id)).await.good();
            all.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let ids: BTreeSet<&str> = all.iter().map(|t| t["id"].as_str().unwrap()).collect();
        assert_eq!((all.len(), ids.len()), (EACH, EACH), "every household is a target, once");
        let priorities: Vec<i64> = all.iter().map(|t| t["priority"].as_i64().unwrap()).collect();
        assert!(priorities.windows(2).all(|p| p[0] >= p[1]), "{priorities:?}");
        let with_reason = |text: &str| all.iter().filter(|t| t["reasons"].to_string().contains(text)).count();
        assert_eq!(with_reason("种养植户"), EACH / 3);
        assert!(all.iter().all(|t| t["name_masked"].as_str().unwrap().ends_with("**")));
        let again = w.role("market_department").await.press(&format!("/programs/{program}/targets")).await.good();
        job(&w, again).await;
        assert_eq!(w.count("SELECT COUNT(*) FROM target").await, 3 * EACH as i64, "building again adds nobody");
    }

    async fn a_week_is_planned_confirmed_changed_and_printed(w: World) {
        let program = planned(&w).await;
        let branch = &w.org.branches[0];
        let head = w.role("branch_head").await;
        let market = w.role("market_department").await;
        let list = market.get(&format!("/programs/{program}/week-plans?week={WEEK}")).await.good();
        let states: Vec<&str> = list["items"].as_array().unwrap().iter().map(|i| i["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["draft", "draft", "draft"]);
        let path = plan_path(&program, branch);
        let plan = head.get(&path).await.good();
        let stops = doors(&plan);
        assert!(!stops.is_empty(), "{plan}");
        let targets: BTreeSet<&str> = stops.iter().map(|(_, s)| s["target_id"].as_str().unwrap()).collect();
        assert_eq!(targets.len(), stops.len(), "nobody is visited twice in a week");
        assert_eq!(plan["shortfall"]["needed"].as_i64().unwrap(), 4 * workdays(&plan), "{}", plan["shortfall"]);
        evening_stays_near(&plan);

        market.press(&format!("{path}/confirm")).await.refused(403, "permission.denied");
        let confirmed = head.press(&format!("{path}/confirm")).await.good();
        assert_eq!(confirmed["state"], "confirmed");
        let stop = stops[0].1["id"].clone();
        head.post(&format!("{path}/strike"), json!({ "stop_id": stop })).await.refused(409, "plan.released");
        // Planning again leaves a confirmed plan alone.
        let plans = format!("/programs/{program}/week-plans");
        job(&w, market.post(&plans, json!({ "week": WEEK })).await.good()).await;
        assert_eq!(doors(&head.get(&path).await.good()), stops);
        head.press(&format!("{path}/reopen")).await.ok();
        let struck = head.post(&format!("{path}/strike"), json!({ "stop_id": stop })).await.good();
        assert_eq!((doors(&struck).len(), struck["struck"].as_array().unwrap().len()), (stops.len() - 1, 1));
        let restored = head.post(&format!("{path}/restore"), json!({ "stop_id": stop })).await.good();
        assert_eq!(doors(&restored).len(), stops.len());
        head.press(&format!("{path}/confirm")).await.ok();

        printed(&w, &path, &stops).await;
        let overview = head.get("/overview").await.good();
        assert_eq!(overview["customers"]["total"], EACH, "{overview}");
    }

    async fn a_plan_of_another_branch_is_not_there(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let (second, foreign) = (&w.org.branches[1], &w.org.other_branch);
        for unit in [second, foreign] {
            for call in ["", "/workbook.xlsx"] {
                head.get(&format!("{}{call}", plan_path(&program, unit))).await.refused(404, "not_found");
            }
            head.press(&format!("{}/confirm", plan_path(&program, unit))).await.refused(404, "not_found");
        }
        let market = w.role("market_department").await;
        market.get(&plan_path(&program, foreign)).await.refused(404, "not_found");
        let other = w.role_at("market_department", &w.org.other_county).await;
        other.get(&format!("/programs/{program}")).await.refused(404, "program.not_found");
        assert!(other.get("/programs").await.items().is_empty());
        let list = head.get(&format!("/programs/{program}/week-plans?week={WEEK}")).await.good();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    }
}

fn workdays(plan: &Json) -> i64 {
    let days = plan["days"].as_array().unwrap().iter();
    days.filter(|d| d["planned"] == true).count() as i64
}

/// PLN-008: evenings (18:30 to 20:00) only within five kilometres of the branch.
fn evening_stays_near(plan: &Json) {
    for day in plan["days"].as_array().unwrap() {
        for route in day["routes"].as_array().unwrap() {
            if route["kind"] != "precise_evening" {
                continue;
            }
            assert_eq!(
                (&route["window"]["from"], &route["window"]["to"]),
                (&json!("18:30"), &json!("20:00"))
            );
            for stop in route["stops"].as_array().unwrap() {
                // One degree of longitude at 38.9° N is 86.7 km, one of latitude 111.2 km.
                let east = (stop["lon"].as_f64().unwrap() - 82.1) * 86.7;
                let north = (stop["lat"].as_f64().unwrap() - 38.9) * 111.2;
                assert!(east.hypot(north) <= 5.05, "{stop}");
                assert!(stop["leave"].as_str().unwrap() <= "20:00", "{stop}");
            }
        }
    }
}

/// The workbook and the print view hold full names and are told of in the log.
async fn printed(w: &World, path: &str, stops: &[(String, Json)]) {
    let head = w.role("branch_head").await;
    let book = head.get(&format!("{path}/workbook.xlsx")).await.ok();
    let days: BTreeSet<&String> = stops.iter().map(|(day, _)| day).collect();
    let sheets = sheet_names(&book.bytes);
    assert!(
        sheets.len() >= days.len() && sheets.len() <= 8,
        "{sheets:?} for {days:?}"
    );
    let mut names = zf_tests::scan::Needles::default();
    for p in people_of(0) {
        names.add("name", &p.name);
    }
    let hits = Scanner::new(&names).search(&book.bytes);
    assert!(
        hits["name"] >= stops.len(),
        "{hits:?} full names for {} stops",
        stops.len()
    );
    let view = head
        .post(&format!("{path}/print"), json!({ "reason": "周一晨会用" }))
        .await;
    assert!(Scanner::new(&names).search(&view.clone().ok().bytes)["name"] >= stops.len());
    head.post(&format!("{path}/print"), json!({ "reason": "" }))
        .await
        .refused(422, "reveal.reason");
    w.role("market_department")
        .await
        .get(&format!("{path}/workbook.xlsx"))
        .await
        .refused(403, "permission.denied");
    let events = w
        .role("audit_admin")
        .await
        .get("/audit?action=plan.print")
        .await
        .items();
    assert_eq!(events.len(), 2, "one event for each way of printing");
}
