//! Packs are data: one in a folder of the bank shows in the API without a new
//! program, and the scenarios that packs bring are replayed over HTTP.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use zf_forms::pack::Step;
use zf_kernel::pack::Packs;
use zf_tests::browser::Payload;
use zf_tests::people::person;
use zf_tests::{On, World, both};

const PACK: &str = r#"
id = "cash-count"
version = "1.2.0"
title = { zh = "查库", en = "Cash count" }
summary = { zh = "每周查一次库", en = "Counting the cash once a week" }
"#;
const FORM: &str = r#"{ "id": "cash-count", "version": 3, "title": { "zh": "查库登记", "en": "Cash count" },
  "fields": [ { "name": "counted", "type": "money", "required": "true", "label": { "zh": "实点金额", "en": "Counted" } } ] }"#;
const MENU: &str = r#"
[[menu]]
id = "cash-count"
label = { zh = "查库登记", en = "Cash count" }
path = "/forms/cash-count"
icon = "check"
permission = "form.read"
order = 120
"#;
const INDICATORS: &str = r#"
[[indicator]]
id = "cash_counts_done"
title = { zh = "查库完成率", en = "Cash counts done" }
unit = "%"
good = "up"
period = "month"
numerator = { zh = "已查库的周", en = "Weeks with a count" }
denominator = { zh = "应查库的周", en = "Weeks" }
thresholds = { target = 100.0, warn = 90.0 }
req = ["OPS-010"]
"#;

fn write(folder: &Path) {
    let pack = folder.join("cash-count");
    std::fs::create_dir_all(pack.join("forms")).unwrap();
    for (name, text) in [
        ("pack.toml", PACK),
        ("menu.toml", MENU),
        ("indicators.toml", INDICATORS),
        ("forms/cash-count.json", FORM),
    ] {
        std::fs::write(pack.join(name), text).unwrap();
    }
}

async fn shown(w: &World) -> [bool; 4] {
    let market = w.role("market_department").await;
    let has = |items: Vec<Json>, key: &str, value: &str| items.iter().any(|i| i[key] == value);
    let menu = market.get("/me").await.good()["menu"]
        .as_array()
        .unwrap()
        .clone();
    [
        has(market.get("/packs").await.items(), "id", "cash-count"),
        has(market.get("/forms").await.items(), "id", "cash-count"),
        has(
            market.get("/indicators").await.items(),
            "id",
            "cash_counts_done",
        ),
        has(menu, "label", "查库登记"),
    ]
}

async fn a_pack_in_a_folder(engine: On) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let Some(without) = World::new(engine).await else {
        return;
    };
    assert_eq!(shown(&without).await, [false; 4]);
    let with = World::with_packs(engine, Some(folder.path()))
        .await
        .unwrap();
    assert_eq!(shown(&with).await, [true; 4]);
    let market = with.role("market_department").await;
    let form = market.get("/forms/cash-count").await.good();
    assert_eq!(
        (&form["version"], &form["fields"][0]["name"]),
        (&json!(3), &json!("counted"))
    );
    let pack = market
        .get("/packs")
        .await
        .items()
        .into_iter()
        .find(|p| p["id"] == "cash-count")
        .unwrap();
    assert_eq!(
        (
            &pack["title"],
            &pack["version"],
            &pack["forms"],
            &pack["menu"]
        ),
        (&json!("查库"), &json!("1.2.0"), &json!(1), &json!(1))
    );
    without
        .role("market_department")
        .await
        .get("/forms/cash-count")
        .await
        .refused(404, "form.not_found");
    // The menu follows the permission: who may not see forms has no entry.
    let menu = with.role("director").await.get("/me").await.good()["menu"].clone();
    assert!(!menu.to_string().contains("查库登记"));
}

/// Two packs with a file `program.toml` each: the list gives two ids, and the
/// name that stands for both stands for none.
async fn two_presets(engine: On) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/household-visit");
    for name in ["program.toml", "aliases.toml", "parameters.toml"] {
        std::fs::copy(own.join(name), folder.path().join("cash-count").join(name)).unwrap();
    }
    let Some(one) = World::new(engine).await else {
        return;
    };
    let two = World::with_packs(engine, Some(folder.path()))
        .await
        .unwrap();
    for (w, ids, taken) in [
        (
            &one,
            vec!["program"],
            ["program", "household-visit/program"],
        ),
        (
            &two,
            vec!["cash-count/program", "household-visit/program"],
            ["cash-count/program", "household-visit/program"],
        ),
    ] {
        let market = w.role("market_department").await;
        let listed = market.get("/program-presets").await.items();
        let mut named: Vec<&str> = listed
            .iter()
            .map(|p| p["id"].as_str().unwrap())
            .filter(|id| id.split('/').next_back() == Some("program"))
            .collect();
        named.sort_unstable();
        assert_eq!(named, ids);
        for (n, preset) in taken.into_iter().enumerate() {
            let new = json!({ "preset": preset, "code": format!("c{n}"), "name": "走访" });
            market.post("/programs", new).await.good();
        }
    }
    let market = two.role("market_department").await;
    let new = json!({ "preset": "program", "code": "c9", "name": "走访" });
    market
        .post("/programs", new)
        .await
        .refused(422, "input.invalid");
}

#[tokio::test]
async fn sqlite_presets_of_several_packs_have_names_of_their_own() {
    two_presets(On::Sqlite).await;
}

#[test]
fn a_broken_pack_is_refused_with_file_and_key() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let menu = MENU.replace("form.read", "form.fly");
    std::fs::write(folder.path().join("cash-count/menu.toml"), menu).unwrap();
    let told = Packs::with_folder(Some(folder.path()))
        .err()
        .unwrap()
        .to_string();
    assert!(
        told.contains("menu.toml") && told.contains("permission"),
        "{told}"
    );
}

fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

fn filled_json(json: &Json, values: &BTreeMap<String, String>) -> Json {
    serde_json::from_str(&filled(&json.to_string(), values)).unwrap()
}

/// Replays the steps; says which one did not answer as expected.
async fn replay(
    w: &World,
    steps: &[Step],
    values: &mut BTreeMap<String, String>,
) -> Result<usize, String> {
    for (n, step) in steps.iter().enumerate() {
        let browser = match step.role.as_str() {
            "anonymous" => w.browser(),
            role => w.role(role).await,
        };
        let call = filled(&step.call, values);
        let (method, path) = call.split_once(' ').unwrap();
        let payload = step
            .body
            .as_ref()
            .map_or(Payload::None, |b| Payload::Json(filled_json(b, values)));
        let reply = browser.send(method, path, payload).await;
        // Jobs that a step started are done before the next one.
        w.drain().await;
        let told = |what: &str| {
            format!(
                "step {} {call} as {}: {what}: {} {}",
                n + 1,
                step.role,
                reply.status,
                reply.text()
            )
        };
        if reply.status.as_u16() != step.expect.status {
            return Err(told("another status"));
        }
        let json = serde_json::from_slice(&reply.bytes).unwrap_or(Json::Null);
        let mut expect = step.expect.clone();
        expect.json = expect.json.as_ref().map(|json| filled_json(json, values));
        if !expect.met_by(&json) {
            return Err(told("another answer"));
        }
        for (name, pointer) in &step.save {
            let value = json.pointer(pointer).ok_or_else(|| told(pointer))?;
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            values.insert(name.clone(), text);
        }
    }
    Ok(steps.len())
}

fn known(w: &World) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([
        ("head".to_owned(), w.org.head.id.to_string()),
        ("county".to_owned(), w.org.county.id.to_string()),
        ("other_branch".to_owned(), w.org.other_branch.id.to_string()),
    ]);
    for (n, branch) in w.org.branches.iter().enumerate() {
        values.insert(format!("branch_{}", n + 1), branch.id.to_string());
    }
    values
}

both! {
    async fn the_scenarios_of_every_pack_are_replayed(w: World) {
        let market = w.role("market_department").await;
        for n in 0..6 {
            w.add_customer(&market, &w.org.branches[n % 3], &person(n)).await;
        }
        let packs = Packs::embedded().unwrap();
        let mut replayed = 0;
        for pack in packs.iter() {
            for scenario in &pack.scenarios {
                let done = replay(&w, &scenario.steps, &mut known(&w)).await;
                let steps = done.unwrap_or_else(|what| panic!("{}/{}: {what}", pack.id, scenario.id));
                println!("{}/{}: {steps} steps on {}", pack.id, scenario.id, w.engine());
                replayed += 1;
            }
        }
        assert!(replayed > 0);
    }

    async fn a_scenario_that_does_not_hold_is_noticed(w: World) {
        let steps = |expect: Json| -> Vec<Step> {
            let step = json!({ "call": "GET /api/v1/forms", "as": "visitor", "expect": expect });
            vec![serde_json::from_value(step).unwrap()]
        };
        let good = steps(json!({ "status": 200, "json": { "items": [{ "id": "household-visit" }] } }));
        assert_eq!(replay(&w, &good, &mut BTreeMap::new()).await, Ok(1));
        let wrong_status = steps(json!({ "status": 403 }));
        assert!(replay(&w, &wrong_status, &mut BTreeMap::new()).await.is_err());
        let wrong_answer = steps(json!({ "status": 200, "json": { "items": [{ "id": "no-such-form" }] } }));
        assert!(replay(&w, &wrong_answer, &mut BTreeMap::new()).await.is_err());
    }
}

#[tokio::test]
async fn sqlite_shows_a_pack_of_a_folder_without_a_new_program() {
    a_pack_in_a_folder(On::Sqlite).await;
}

#[tokio::test]
async fn postgres_shows_a_pack_of_a_folder_without_a_new_program() {
    a_pack_in_a_folder(On::Postgres).await;
}
