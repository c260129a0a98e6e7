//! The permission sweep: every operation of the API document is called as
//! nobody, as every role, and about a unit that is not the caller's. What must
//! come back stands in [`table`]; leaving out any single check must show.

mod table;

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use table::{ROLES, Reach, Row, TABLE};
use zf_kernel::unit::Unit;
use zf_tests::browser::Payload;
use zf_tests::people::person;
use zf_tests::world::PASSWORD;
use zf_tests::{Browser, On, Reply, World, both};
use zf_web::auth::SignedIn;
use zf_web::state::Check;

/// Refusals that say "not in your reach" and nothing else.
const OUT_OF_REACH: [&str; 7] = [
    "form.not_found",
    "not_found",
    "unit.not_found",
    "program.not_found",
    "import.not_found",
    "user.not_found",
    "job.not_found",
];

/// One operation as the document has it.
struct Operation {
    id: String,
    method: String,
    path: String,
    permission: String,
}

async fn operations(w: &World) -> Vec<Operation> {
    let doc = w.browser().get("/api/openapi.json").await.good();
    let mut all = Vec::new();
    for (path, item) in doc["paths"].as_object().unwrap() {
        for (method, operation) in item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, o)| o.is_object())
        {
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            all.push(Operation {
                id: text("operationId"),
                method: method.to_uppercase(),
                path: path.clone(),
                permission: text("x-permission"),
            });
        }
    }
    all
}

/// Real things of the other county, and who calls.
struct Stage {
    w: World,
    /// Values of path parameters, all of the other county.
    ids: BTreeMap<&'static str, String>,
    /// Texts that stand for the other county: in no answer to anybody else.
    markers: Vec<String>,
    /// A browser of every role, home in the first county.
    browsers: BTreeMap<&'static str, Browser>,
    /// As whom an anonymous caller passes where that check is left out.
    stand_in: SignedIn,
}

impl Stage {
    async fn new(on: On) -> Option<Stage> {
        let w = World::new(on).await?;
        let mut browsers = BTreeMap::new();
        for role in ROLES {
            let home = home(&w, role);
            browsers.insert(role, w.role_at(role, &home).await);
        }
        let stand_in = w
            .account("stand-in", &[("visitor", &w.org.branches[0])], false)
            .await;
        let stand_in = w.browser().sign_in(&stand_in.login, PASSWORD).await;
        let stand_in = w.behind(&stand_in).await;
        let ids = foreign_things(&w).await;
        let keys = [
            "unit_id",
            "customer_id",
            "user_id",
            "import_id",
            "job_id",
            "staff_id",
            "program_id",
            "export_id",
            "basis_id",
            "agreement_id",
            "request_id",
        ];
        let markers = keys.iter().filter_map(|k| ids.get(*k).cloned());
        let markers = markers.chain([w.org.other_county.id.to_string()]).collect();
        Some(Stage {
            w,
            ids,
            markers,
            browsers,
            stand_in,
        })
    }

    fn path(&self, operation: &Operation) -> String {
        let mut path = operation.path.clone();
        let plain = if path.starts_with("/api/v1/programs/") {
            "program_id"
        } else {
            "unit_id"
        };
        path = path.replace("{id}", &format!("{{{plain}}}"));
        for (name, value) in &self.ids {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        assert!(!path.contains('{'), "no value for {path}");
        match operation.id.as_str() {
            "calendar_list" => format!("{path}?from=2026-11-23&to=2026-11-24"),
            "overview_get" | "group_list" | "group_versions" | "group_draft_drop" => {
                format!("{path}?unit_id={}", self.ids["unit_id"])
            }
            "week_plan_list" => format!("{path}?week=2026-W48"),
            _ => path,
        }
    }

    /// A body that passes the check of its shape, so that the next check is reached.
    fn payload(&self, op: &str) -> Payload {
        if let Some(file) = payload_of_a_file(op) {
            return file;
        }
        let id = |name: &str| json!(self.ids[name]);
        let role = json!([{ "role_id": "visitor", "unit_id": id("unit_id") }]);
        let json = match op {
            "sign_in" => json!({ "login": "nobody", "password": "wrong" }),
            "preferences_put" => json!({ "large_type": true }),
            "password_change" => {
                json!({ "old_password": "wrong", "new_password": "a-quiet-river-7" })
            }
            "totp_confirm" => json!({ "code": "000000" }),
            "totp_off" => json!({ "password": "wrong" }),
            "user_create" => {
                json!({ "login": "new-one", "name": "新人", "unit_id": id("unit_id"), "roles": role })
            }
            "user_retire" => json!({ "hand_over_to": null }),
            "user_roles" => json!({ "roles": role }),
            "unit_create" => {
                json!({ "code": "77", "name": "新网点", "level": "branch", "parent_id": self.w.org.other_county.id })
            }
            "unit_update" => json!({ "name": "改名" }),
            "staff_create" => json!({ "staff_no": "Z9", "name": "新人", "post": "teller" }),
            "staff_update" => json!({ "name": "改名" }),
            "calendar_put" => json!({ "is_workday": false, "name": "检修" }),
            "customer_lookup" => json!({ "customer_no": person(0).no }),
            "customer_create" => json!({ "customer_no": "Z9", "name": "新人" }),
            "customer_update" => json!({ "occupation": "务农" }),
            "customer_reveal" => json!({ "fields": ["name"], "reason": "核对" }),
            "program_create" => {
                json!({ "preset": preset(), "code": "z9", "name": "新活动", "unit_id": self.w.org.other_county.id })
            }
            "group_preview" => json!({ "when": "", "unit_id": id("unit_id") }),
            "group_draft" => {
                json!({ "when": "", "priority": 1, "on_tick_sheet": false, "note": "核对", "unit_id": id("unit_id") })
            }
            "tick_save" => {
                json!({ "rows": [{ "household_id": id("household_id"), "seen": true }] })
            }
            "group_publish" => json!({ "rev": 1, "unit_id": id("unit_id") }),
            "import_start" => json!({ "dry_run": true }),
            "program_update" => json!({ "definition": {}, "note": "" }),
            "program_unit_update" => json!({ "collection_plan": 5 }),
            "week_plan_make" => json!({ "week": "2026-W48", "unit_id": id("unit_id") }),
            "week_plan_strike" | "week_plan_restore" => json!({ "stop_id": id("unit_id") }),
            "week_plan_print" => json!({ "reason": "打印" }),
            _ => match self
                .payload_of_the_customer_side(op)
                .or_else(|| self.payload_of_the_plan(op))
                .or_else(|| self.payload_of_the_field(op))
            {
                Some(json) => json,
                None => return Payload::None,
            },
        };
        Payload::Json(json)
    }

    /// The same for programs, week plans and paper.
    fn payload_of_the_plan(&self, op: &str) -> Option<Json> {
        let id = |name: &str| json!(self.ids[name]);
        Some(match op {
            "program_file_read" => json!({ "toml": "" }),
            "form_check" => json!({ "definition": form() }),
            "form_try" => json!({ "definition": form(), "answers": {} }),
            "form_draft_create" => json!({ "definition": form(), "note": "" }),
            "form_draft_update" => json!({ "rev": 0, "definition": form() }),
            "form_publish" => json!({ "rev": 0 }),
            "program_version_restore" => json!({ "note": "恢复" }),
            "program_clone" => json!({ "code": "z8", "name": "复制" }),
            "program_pause" | "program_resume" => json!({ "reason": "检修" }),
            "program_step_put" => json!({ "done_day": "2026-11-20" }),
            "meeting_record" => json!({
                "seen": 0, "held_day": "2026-11-20", "place": "县局", "topics": ["动员"]
            }),
            "attendance_put" => json!({ "seen": 0, "people": [] }),
            "stock_county" | "stock_branch" => json!({
                "kind": "counted", "item": "service_card", "pieces": 1,
                "day": "2026-11-20", "memo": "盘点"
            }),
            "village_group_route" => json!({ "mail_route": "青山1段" }),
            "program_approve" => json!({ "version": 1 }),
            "program_repair" => json!({ "edits": [], "note": "", "version": 1 }),
            "filing_put" => {
                json!({ "areas": [], "teams": [], "materials": [], "collection_plan": 1 })
            }
            "filing_decide" => json!({ "seq": 1, "accept": true }),
            "filing_accept_all" => json!({ "seen": [{ "unit_id": id("unit_id"), "seq": 1 }] }),
            "visit_count_put" => json!({ "households": 3 }),
            "warm_up_add" => json!({
                "village_group_id": id("unit_id"), "through": "estate_manager", "day": "2026-11-23", "handed_out": []
            }),
            "sweep_put" => json!({
                "village_group_id": id("unit_id"), "day": "2026-11-23", "window": "morning",
                "households_met": 3, "traces": []
            }),
            "week_plan_edit" => {
                json!({ "edit": { "do": "strike", "stop_id": id("unit_id") }, "preview": true })
            }
            "week_plan_away" => json!({ "first_day": "2026-11-23", "last_day": "2026-11-24" }),
            "collection_form_print" => json!({ "reason": "打印" }),
            "service_card_put" => {
                json!({ "address": "", "hours": "", "services": ["存取款"] })
            }
            "map_layer_update" => {
                json!({ "name": "底图", "review_number": "", "source": "" })
            }
            _ => return None,
        })
    }

    /// The same for phones, the desk and what happened at the door.
    fn payload_of_the_field(&self, op: &str) -> Option<Json> {
        let id = |name: &str| json!(self.ids[name]);
        Some(match op {
            "task_open_by_hand" => json!({ "kind": "todo" }),
            "task_act_on" => json!({ "what": "comment", "seen": 1, "says": "核对" }),
            "routine_put" => json!({
                "seen": 0, "enabled": true, "lead_days": 0, "reason": "核对",
                "cadence": { "every": "day" }
            }),
            "gone_relist" => json!({ "reason": "核对" }),
            "daily_meeting_put" => json!({
                "day": "2026-11-23", "seen": 0, "form_version": 1,
                "answers": { "held_on": "2026-11-23", "session": "morning" }
            }),
            "sync_push" => {
                json!({ "unit_id": id("unit_id"), "device_id": id("unit_id"), "ops": [] })
            }
            "desk_second_put" => json!({ "answers": {} }),
            "desk_double_decide" => json!({ "stands": "first" }),
            "visit_reveal" | "desk_double_reveal" | "device_revoke" | "rescue_open"
            | "review_reject" | "quarantine_drop" => json!({ "reason": "核对" }),
            "sync_pull" => json!({ "device_id": id("unit_id") }),
            "rescue_import" => json!({
                "format": "zoufang-rescue-1", "unit_id": id("unit_id"), "device_id": id("unit_id"), "items": []
            }),
            "sync_rescue" => {
                json!({ "unit_id": id("unit_id"), "device_id": id("unit_id"), "items": [] })
            }
            "device_enrol" => {
                json!({ "code": "ABCD", "device_id": id("unit_id"), "name": "手机" })
            }
            "device_code_create" => json!({ "user_id": id("unit_id"), "name": "手机" }),
            _ => return None,
        })
    }

    /// The same for custody and the register.
    fn payload_of_the_customer_side(&self, op: &str) -> Option<Json> {
        let id = |name: &str| json!(self.ids[name]);
        Some(match op {
            "customer_place_put" => json!({ "lat": 30.0, "lon": 104.0, "datum": "wgs84" }),
            "village_group_assign" => json!({ "dry_run": true }),
            "export_create" => {
                json!({ "kind": "customers", "purpose": "check", "reason": "核对" })
            }
            "basis_propose" => {
                json!({ "source": "village_office", "title": "名单", "law": "pipl_13_1", "purpose": "visit", "expires_day": "2027-06-30", "evidence": "合同" })
            }
            "basis_decide" | "retention_decide" | "agreement_decide" | "request_erase" => {
                json!({ "decision": "approve" })
            }
            "basis_withdraw" | "customer_report" => json!({ "reason": "核对" }),
            "consent_record" => {
                json!({ "kind": "visit", "state": "refused", "channel": "page", "form_version": "oral" })
            }
            "request_open" => json!({ "kind": "access", "channel": "page" }),
            "request_end" => json!({ "state": "done" }),
            "agreement_make" => {
                json!({ "party": "县府办", "purpose": "汇总", "k": 5, "expires_day": "2027-06-30" })
            }
            "agreement_share" => json!({ "subject": "village_band" }),
            "customer_products_set" => json!({ "held": [], "wanted": ["green_card"] }),
            "export_decide" => json!({ "grant": true }),
            "household_decide" => {
                json!({ "decisions": [{ "id": id("household_id"), "accept": true }] })
            }
            "household_undo" => json!({ "ids": [id("household_id")] }),
            "household_create" | "household_join" => json!({ "customer_ids": [id("customer_id")] }),
            "household_update" => json!({ "market_kind": "urban" }),
            "duplicate_decide" => json!({ "state": "later" }),
            "duplicate_merge" => json!({ "keep": "own", "take": [] }),
            "duplicate_check" => json!({ "name": "新人" }),
            "merge_undo" => json!({}),
            "transfer_create" => {
                json!({ "customer_ids": [id("customer_id")], "to_unit_id": id("unit_id"), "reason": "moved_house" })
            }
            "unit_closing_start" => {
                json!({ "rest_to_unit_id": id("unit_id"), "staff_to_unit_id": id("unit_id"), "reason": "branch_closing" })
            }
            _ => return None,
        })
    }

    async fn call(&self, browser: &Browser, operation: &Operation) -> Reply {
        let payload = self.payload(&operation.id);
        // A sweep with a check left out may run into anything.
        let browser = browser.expecting_a_fault();
        browser
            .send(&operation.method, &self.path(operation), payload)
            .await
    }

    /// Everything that is wrong with one operation. `front`: the router to ask.
    async fn sweep(&self, operation: &Operation, row: &Row, front: &axum::Router) -> Vec<String> {
        let mut wrong = Vec::new();
        if row.reach == Reach::Public {
            return wrong;
        }
        let anonymous = self.w.browser().in_front_of(front.clone());
        let reply = self.call(&anonymous, operation).await;
        let bare = operation.method == "HEAD" && reply.status.as_u16() == 401;
        if !bare && (reply.status.as_u16(), reply.code().as_str()) != (401, "auth.required") {
            wrong.push(format!("anonymous: {} {}", reply.status, reply.code()));
        }
        if row.reach == Reach::Own {
            return wrong;
        }
        for (role, browser) in &self.browsers {
            let reply = self
                .call(&browser.in_front_of(front.clone()), operation)
                .await;
            let (status, code) = (reply.status.as_u16(), reply.code());
            // An answer to HEAD has no body to say more.
            let bare = operation.method == "HEAD";
            let good = if !row.roles.contains(role) {
                status == 403 && (bare || code == "permission.denied")
            } else {
                match row.reach {
                    Reach::Unit => status == 404 && (bare || OUT_OF_REACH.contains(&code.as_str())),
                    Reach::Filtered => {
                        reply.status.is_success()
                            && !self
                                .markers
                                .iter()
                                .any(|m| reply.text().contains(m.as_str()))
                    }
                    _ => reply.status.is_success() || AFTER_ALL.contains(&(row.op, code.as_str())),
                }
            };
            if !good {
                wrong.push(format!("{role}: {status} {code}"));
            }
        }
        wrong
    }
}

/// A village group of the other county.
async fn far_group(w: &World, market: &Browser, branch: &Unit) -> String {
    let csv = format!("机构编码,村组编码,村组\n{},FG1,一组\n", branch.code);
    w.import(market, "village_groups", "g.csv", csv.as_bytes())
        .await;
    let rows = w.query("SELECT id FROM village_group", vec![]).await;
    rows[0].get::<zf_base::Uuid>(0).unwrap().to_string()
}

/// A published form of the other county.
async fn far_form(market: &Browser) {
    let draft = json!({ "definition": form(), "note": "" });
    market.post("/forms/far-form/versions", draft).await.ok();
    let publish = "/forms/far-form/versions/1/publish";
    market.post(publish, json!({ "rev": 1 })).await.ok();
}

/// What somebody who may is told when what they bring is not right.
const AFTER_ALL: [(&str, &str); 3] = [
    ("device_enrol", "device.code"),
    ("blob_create", "input.invalid"),
    ("sync_pull", "device.unknown"),
];

fn preset() -> &'static str {
    "program"
}

fn home(w: &World, role: &str) -> Unit {
    match role {
        "branch_head" | "visitor" => w.org.branches[0].clone(),
        _ => w.org.county.clone(),
    }
}

/// Makes one of everything in the other county.
async fn foreign_things(w: &World) -> BTreeMap<&'static str, String> {
    let (county, branch) = (w.org.other_county.clone(), w.org.other_branch.clone());
    let market = w.role_at("market_department", &county).await;
    let customer = w.add_customer(&market, &branch, &person(0)).await;
    let staff = json!({ "staff_no": "F1", "name": "远处", "post": "teller" });
    let path = format!("/units/{}/staff", branch.id);
    let staff = market.post(&path, staff).await.good();
    let import = market.upload("customers", "远.csv", b"x", true).await;
    let import = import.good();
    let job: zf_base::JobId = w.query("SELECT job_id FROM import_run", vec![]).await[0]
        .get(0)
        .unwrap();
    let household: zf_base::HouseholdId =
        w.query("SELECT household_id FROM customer", vec![]).await[0]
            .get(0)
            .unwrap();
    let user = w.account("far-away", &[("visitor", &branch)], false).await;
    let mut ids = BTreeMap::from([
        ("unit_id", branch.id.to_string()),
        ("customer_id", text(&customer)),
        ("staff_id", text(&staff)),
        ("household_id", household.to_string()),
        ("import_id", text(&import)),
        ("job_id", job.to_string()),
        ("user_id", user.id.to_string()),
        ("day", "2026-11-24".to_owned()),
        ("week", "2026-W48".to_owned()),
        ("version", "1".to_owned()),
        ("other", "1".to_owned()),
        ("step", "mobilise".to_owned()),
        ("away_id", zf_base::Uuid::from_u128(8).to_string()),
        ("warm_up_id", zf_base::Uuid::from_u128(9).to_string()),
        ("form_id", "far-form".to_owned()),
        ("code", "grower".to_owned()),
        ("village_group_id", zf_base::Uuid::from_u128(7).to_string()),
        ("number", "20261123-01".to_owned()),
        ("kind", "customers.xlsx".to_owned()),
        ("n", "1".to_owned()),
        ("photo_id", zf_base::Uuid::from_u128(9).to_string()),
        ("rescue_id", zf_base::Uuid::from_u128(10).to_string()),
        ("review_id", zf_base::Uuid::from_u128(11).to_string()),
        ("routine_id", "morning_meeting".to_owned()),
        ("target_id", zf_base::Uuid::from_u128(12).to_string()),
    ]);
    let program = json!({ "preset": preset(), "code": "far", "name": "远处的活动", "first_day": "2026-10-01" });
    let made = market.post("/programs", program).await.good();
    ids.insert("program_id", text(&made));
    far_form(&market).await;
    let head = w.role_at("branch_head", &branch).await;
    let visit = crate::visits::handed_in(&head, &text(&made), &branch.id.to_string()).await;
    ids.insert("visit_id", visit);
    for (name, table) in [("aside_id", "sync_quarantine"), ("device_id", "device")] {
        let rows = w.query(&format!("SELECT id FROM {table}"), vec![]).await;
        ids.insert(name, rows[0].get::<zf_base::Uuid>(0).unwrap().to_string());
    }
    ids.insert("group_id", far_group(w, &market, &branch).await);
    let wanted =
        json!({ "kind": "customers", "purpose": "check", "reason": "核对", "full_values": true });
    let exports = format!("/units/{}/exports", branch.id);
    let made = market.post(&exports, wanted).await.good();
    ids.insert("export_id", text(&made));
    let maps = format!("/units/{}/map-layers", branch.id);
    let made = market.send("POST", &maps, map_layer()).await.good();
    ids.insert("layer_id", text(&made));
    far_task(&market, &branch, &mut ids).await;
    alike_things(w, &branch, &customer, &mut ids).await;
    custody_things(w, &market, &branch, &customer, &mut ids).await;
    ids
}

/// A task of the other county's branch.
async fn far_task(market: &Browser, branch: &Unit, ids: &mut BTreeMap<&'static str, String>) {
    let path = format!("/units/{}/tasks", branch.id);
    let task = market.post(&path, json!({ "kind": "todo" })).await.good();
    ids.insert("task_id", text(&task["task"]));
}

/// A form with one question.
fn form() -> Json {
    json!({ "id": "x", "version": 1, "fields": [{ "name": "a", "type": "text" }] })
}

/// The same for operations that take a file.
fn payload_of_a_file(op: &str) -> Option<Payload> {
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let file = |name: &str, bytes: Vec<u8>| ("file".to_owned(), Some(name.to_owned()), bytes);
    Some(match op {
        "map_layer_create" => map_layer(),
        "import_create" => Payload::Form(vec![
            field("kind", "customers"),
            field("dry_run", "true"),
            file("a.csv", b"x".to_vec()),
        ]),
        "form_read_xlsx" => {
            let sheet = zf_tests::files::Sheet::new(&["题型", "名称"]).row(&["文字", "a"]);
            Payload::Form(vec![file("f.xlsx", sheet.xlsx())])
        }
        "export_receipts" => Payload::Form(vec![file("r.csv", b"x".to_vec())]),
        _ => return None,
    })
}

/// A base map with one point.
fn map_layer() -> Payload {
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let shape = br#"{"type":"Point","coordinates":[110.5,35.5]}"#.to_vec();
    Payload::Form(vec![
        field("name", "底图"),
        field("datum", "wgs84"),
        ("file".to_owned(), Some("a.geojson".to_owned()), shape),
    ])
}

/// A lawful basis, an agreement and a request; certificate and batch have the id of the request.
async fn custody_things(
    w: &World,
    market: &Browser,
    branch: &Unit,
    customer: &Json,
    ids: &mut BTreeMap<&'static str, String>,
) {
    let unit = format!("/units/{}", branch.id);
    let basis = json!({ "source": "village_office", "title": "远处名单", "law": "pipl_13_1", "purpose": "visit", "expires_day": w.clock.now().day().plus_days(90), "evidence": "合同" });
    let made = market.post(&format!("{unit}/bases"), basis).await.good();
    ids.insert("basis_id", text(&made));
    let agreement = json!({ "party": "远处", "purpose": "汇总", "k": 5, "expires_day": w.clock.now().day().plus_days(90) });
    let made = market
        .post(&format!("{unit}/agreements"), agreement)
        .await
        .good();
    ids.insert("agreement_id", text(&made));
    let request = json!({ "kind": "access", "channel": "page" });
    let path = format!("{unit}/customers/{}/requests", text(customer));
    let made = market.post(&path, request).await.good();
    for name in ["request_id", "certificate_id", "batch_id"] {
        ids.insert(name, text(&made));
    }
}

/// A pair, a merge that is over, and a move that is over.
async fn alike_things(
    w: &World,
    branch: &Unit,
    customer: &Json,
    ids: &mut BTreeMap<&'static str, String>,
) {
    let own: zf_base::CustomerId = text(customer).parse().unwrap();
    let now = w.clock.now();
    for (name, table) in [
        (
            "duplicate_id",
            "INSERT INTO duplicate_pair (unit_id, id, own_id, other_unit, other_id, score, reasons, content_mac, state, found_at) VALUES ($1, $2, $3, $1, $3, 900, '[]', $5, 'open', $4)",
        ),
        (
            "merge_id",
            "INSERT INTO customer_merge (unit_id, id, kept_unit, kept_id, gone_unit, gone_id, fields, state, reason, asked_at, asked_by, asked_by_name) VALUES ($1, $2, $1, $3, $1, $3, '[]', 'undone', 'duplicate', $4, $5, 'x')",
        ),
        (
            "transfer_id",
            "INSERT INTO transfer (unit_id, id, to_unit, kind, reason, state, customers, asked_at, asked_by, asked_by_name) VALUES ($1, $2, $1, 'customer', 'moved_house', 'undone', 1, $4, $3, $5)",
        ),
    ] {
        let id = w.app.new_id();
        let last: zf_store::Value = match name {
            "duplicate_id" => vec![0u8; 16].into(),
            "merge_id" => own.into(),
            _ => "x".into(),
        };
        let row = vec![branch.id.into(), id.into(), own.into(), now.into(), last];
        w.exec(table, row).await;
        ids.insert(name, id.to_string());
    }
}

fn text(made: &Json) -> String {
    made["id"].as_str().unwrap().to_owned()
}

fn row_of(operation: &Operation) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.op == operation.id)
}

async fn every_operation_is_swept(on: On) {
    let Some(stage) = Stage::new(on).await else {
        return;
    };
    let mut wrong = Vec::new();
    let mut calls = 0;
    for operation in &operations(&stage.w).await {
        let Some(row) = row_of(operation) else {
            continue;
        };
        let found = stage.sweep(operation, row, &stage.w.router).await;
        wrong.extend(
            found
                .into_iter()
                .map(|what| format!("{}: {what}", operation.id)),
        );
        calls += 1;
    }
    println!(
        "{calls} operations swept on {}: {} wrong",
        stage.w.engine(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn nobody_gets_where_they_may_not_on_sqlite() {
    every_operation_is_swept(On::Sqlite).await;
}

#[tokio::test]
async fn nobody_gets_where_they_may_not_on_postgres() {
    every_operation_is_swept(On::Postgres).await;
}

both! {
    async fn the_document_and_the_table_name_the_same_operations_and_permissions(w: World) {
        let all = operations(&w).await;
        let documented: BTreeSet<(&str, &str)> = all.iter().map(|o| (o.id.as_str(), o.permission.as_str())).collect();
        let typed: BTreeSet<(&str, &str)> = TABLE.iter().map(|r| (r.op, r.permission)).collect();
        let not_typed: Vec<_> = documented.difference(&typed).collect();
        let not_documented: Vec<_> = typed.difference(&documented).collect();
        assert!(not_typed.is_empty() && not_documented.is_empty(), "not in the table: {not_typed:?}, not in the document: {not_documented:?}");
        assert_eq!(documented.len(), all.len(), "an operation id twice");
        assert_eq!(TABLE.len(), typed.len(), "a row twice");
        assert!(all.iter().all(|o| !o.permission.is_empty()));
    }

    async fn who_may_can_where_they_may(w: World) {
        // The same roles at home: the refusals of the sweep are about the place, not about everything.
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let made = w.add_customer(&market, branch, &person(1)).await;
        let customer = format!("/units/{}/customers/{}", branch.id, text(&made));
        for (role, path) in [("branch_head", customer.clone()), ("visitor", customer.clone()), ("inspector", customer),
            ("city_coordinator", format!("/units/{}", w.org.county.id)), ("director", format!("/units/{}/staff", branch.id)), ("compliance", format!("/units/{}", branch.id)),
            ("system_admin", format!("/units/{}", branch.id)), ("security_admin", format!("/units/{}", branch.id)),
            ("audit_admin", format!("/audit?unit_id={}", branch.id))] {
            w.role(role).await.get(&path).await.ok();
        }
    }
}

/// Operations that refuse a stranger even where the scope is left out, each with
/// what stands behind it: the sweep cannot notice that mutant. No other may be
/// here, and one that is noticed after all must leave.
const SECOND_LINE: [(&str, &str); 20] = [
    ("inbox_list", "only tasks of the own posts are looked for"),
    ("warm_up_remove", "nothing written down there"),
    ("blob_head", "no photo there"),
    ("desk_double_decide", "not typed twice there"),
    ("desk_double_reveal", "not typed twice there"),
    ("device_revoke", "a desk is no phone"),
    ("rescue_open", "nothing sealed there"),
    ("review_accept", "nothing to look at there"),
    ("review_reject", "nothing to look at there"),
    ("visit_photo_get", "no photo there"),
    ("export_withdraw", "only who asked"),
    ("export_file", "only who asked"),
    ("tick_names", "only a role given on this very branch"),
    ("tick_sheet_print", "only a role given on this very branch"),
    ("tick_sheet_book", "only a role given on this very branch"),
    ("tick_sheet_get", "a number nobody has printed there"),
    ("group_draft_drop", "no draft to drop there"),
    ("certificate_get", "nobody erased there"),
    ("retention_list", "nothing due there"),
    ("retention_decide", "nothing due there"),
];

/// Checks of an operation that can be left out.
fn checks(reach: Reach) -> &'static [Check] {
    match reach {
        Reach::Public => &[],
        Reach::Own => &[Check::SignedIn],
        Reach::Whole => &[Check::SignedIn, Check::Permission],
        Reach::Unit | Reach::Filtered => &[Check::SignedIn, Check::Permission, Check::Scope],
    }
}

#[tokio::test]
async fn leaving_out_any_one_check_of_any_operation_is_noticed_by_the_sweep() {
    let stage = Stage::new(On::Sqlite).await.unwrap();
    let all = operations(&stage.w).await;
    let (mut unnoticed, mut behind) = (Vec::new(), Vec::new());
    let mut noticed = 0;
    // In the order of the table: what destroys comes last.
    for row in TABLE {
        let Some(operation) = all.iter().find(|o| o.id == row.op) else {
            continue;
        };
        for check in checks(row.reach) {
            let mutant = stage.w.mutant(row.op, *check, Some(&stage.stand_in));
            let wrong = stage.sweep(operation, row, &mutant).await;
            match wrong.first() {
                Some(first) => {
                    noticed += 1;
                    println!("{} without {check:?}: noticed ({first})", row.op);
                }
                None if *check == Check::Scope => behind.push(row.op),
                None => unnoticed.push(format!("{} without {check:?}", row.op)),
            }
        }
    }
    println!("{noticed} mutants noticed, {} not", unnoticed.len());
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
    behind.sort_unstable();
    let mut known = SECOND_LINE.map(|(op, _)| op);
    known.sort_unstable();
    assert_eq!(
        behind, known,
        "refused without its scope: say what stands behind it"
    );
    assert!(noticed > 100, "{noticed}");
}
