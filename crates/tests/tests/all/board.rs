//! The board of the day and the summary table: what every branch has visited.

use crate::photos::erased;
use crate::visits::{Day, a_day, id, met};
use serde_json::{Value as Json, json};
use zf_tests::files::{read_workbook, sheet_names};
use zf_tests::{Browser, World, both};

fn of<'a>(said: &'a Json, unit: &str) -> &'a Json {
    let items = said["items"].as_array().unwrap();
    items.iter().find(|i| i["unit_id"] == unit).unwrap()
}

/// Five visits of one day with what was chosen in them.
async fn chosen(w: &World) -> (Browser, Day) {
    let (head, d) = a_day(w).await;
    let mut whole = met("甲某某");
    whole["needs"] = json!(["deposit", "pension"]);
    whole["members"] = json!([
        { "member_name": "乙某某", "relation": "spouse" },
        { "member_name": "丙某某", "relation": "child" },
        { "member_name": "丁某某", "relation": "child" },
    ]);
    let mut later = met("戊某某");
    later["needs"] = json!(["payroll", "deposit"]);
    later["products"] = json!(["green_card", "wealth"]);
    let mut strange = met("己某某");
    strange["needs"] = json!(["gold"]);
    strange["products"] = json!(["treasury_bond"]);
    let twice = d.visit(5, &d.sheets[0], met("甲某某"));
    let ops = [
        d.visit(1, &d.sheets[0], whole),
        d.visit(2, &d.sheets[1], later),
        d.visit(3, &d.sheets[2], json!({ "outcome": "absent" })),
        // An option that the form does not have is no answer to keep.
        d.visit(4, &d.sheets[3], strange),
        twice,
    ];
    d.push(&head, &ops).await;
    (head, d)
}

fn summary(d: &Day) -> String {
    format!(
        "/programs/{}/summary?from={}&to={}",
        d.program, d.day, d.day
    )
}

both! {
    // CAP-003: what came in on the day and what came in later are told apart.
    async fn the_board_shows_what_a_branch_has_visited_against_its_quota_and_what_came_in_the_same_day(w: World) {
        let (head, d) = a_day(&w).await;
        let ops = [
            d.visit(1, &d.sheets[0], met("甲某某")),
            d.visit(2, &d.sheets[1], json!({ "outcome": "absent" })),
            d.visit(3, &d.sheets[2], json!({ "outcome": "family", "notice": "declined" })),
            d.visit(4, &d.sheets[0], met("甲某某")),
        ];
        d.push(&head, &ops).await;
        // One more is typed in the next morning.
        let next: zf_base::Day = d.day.parse().unwrap();
        w.it_is_now(&format!("{}T08:00:00+08:00", next.plus_days(1)));
        let head = w.role("branch_head").await;
        d.push(&head, &[d.visit(5, &d.sheets[3], json!({ "outcome": "refused" }))]).await;
        let path = format!("/programs/{}/board?day={}", d.program, d.day);
        let board = head.get(&path).await.good();
        let row = of(&board, &d.unit);
        // Met: sheets 0 (twice) and 2; nobody met: 1 and 3 (ERR-007).
        assert_eq!(row["counts"]["visits"], 5);
        assert_eq!(row["counts"]["households"], 2);
        assert_eq!(row["counts"]["outcomes"], json!({ "self": 2, "absent": 1, "family": 1, "refused": 1 }));
        assert_eq!(row["same_day"], 4, "the fifth came a day later");
        assert_eq!((row["by_desk"].as_i64(), row["by_phone"].as_i64()), (Some(5), Some(0)));
        assert_eq!(row["open_reviews"], 1, "the second visit of a household on one day");
        let ledger = head.get(&format!("/programs/{}/shortfall/{}", d.program, d.unit)).await.good();
        let entries = ledger["entries"].as_array().unwrap();
        let entry = entries.iter().find(|e| e["day"] == json!(d.day)).unwrap();
        assert_eq!(row["counts"]["quota"], entry["due"], "the quota of the ledger");
        assert_eq!(row["counts"]["households"], entry["done"]);
        assert_eq!(board["day"], json!(d.day));
    }

    // CAP-017, DOC-002.
    async fn the_summary_table_has_the_rows_of_the_visits_and_their_sum(w: World) {
        let (head, d) = a_day(&w).await;
        let ops = [
            d.visit(1, &d.sheets[0], met("甲某某")),
            d.visit(2, &d.sheets[1], json!({ "outcome": "absent" })),
        ];
        d.push(&head, &ops).await;
        let path = format!("/programs/{}/summary?from={}&to={}", d.program, d.day, d.day);
        let said = head.get(&path).await.good();
        let row = of(&said, &d.unit);
        assert_eq!(row["day"], json!(d.day));
        assert_eq!(row["counts"]["households"], 1);
        assert_eq!(row["counts"]["visits"], 2);
        let members = w.count("SELECT COUNT(*) FROM visit_member").await;
        let valid = w.count("SELECT COUNT(*) FROM visit_member WHERE valid").await;
        assert_eq!((row["counts"]["members"].as_i64(), row["counts"]["valid_records"].as_i64()), (Some(members), Some(valid)));
        assert_eq!(said["items"].as_array().unwrap().len(), 1, "a branch head sees the own branch");
        assert_eq!(said["total"], row["counts"]);
        let book = format!("/programs/{}/summary.xlsx?from={}", d.program, d.day);
        let bytes = head.get(&book).await.ok();
        assert_eq!(sheet_names(&bytes.bytes), ["采集汇总", "各项选择"]);
        let long = format!("/programs/{}/summary?from=2026-01-01&to=2026-02-01", d.program);
        head.get(&long).await.refused(422, "input.invalid");
        let turned = format!("/programs/{}/summary?from=2026-01-02&to=2026-01-01", d.program);
        head.get(&turned).await.refused(422, "input.invalid");
    }

    // DOC-002, CAP-007: products used and wanted, and every other choice of the form.
    async fn the_summary_table_counts_what_was_chosen_by_branch_and_day(w: World) {
        let (head, d) = chosen(&w).await;
        let said = head.get(&summary(&d)).await.good();
        let before = json!({
            "notice": { "agreed": 4 }, "needs": { "deposit": 3, "pension": 1, "payroll": 1 },
            "products": { "green_card": 3, "wealth": 1, "treasury_bond": 1 },
            "relation": { "spouse": 1, "child": 2 },
        });
        assert_eq!(of(&said, &d.unit)["choices"], before);
        assert_eq!(said["total_choices"], before);
        // Labels are those of the form; the outcome has columns of its own.
        let questions = said["questions"].as_array().unwrap();
        let names: Vec<&str> = questions.iter().map(|q| q["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["notice", "relation", "needs", "products"]);
        assert_eq!(questions[3]["label"], json!({ "zh": "在用的产品", "en": "Products in use" }));
        assert_eq!(questions[3]["options"][1], json!({ "value": "green_card", "label": { "zh": "绿卡", "en": "Green Card" } }));
    }

    async fn what_was_chosen_follows_corrections_and_rejections_into_the_workbook(w: World) {
        let (head, d) = chosen(&w).await;
        // The second visit is corrected, the fifth did not happen.
        let mut right = met("戊某某");
        right["needs"] = json!(["farm_loan"]);
        let mut amend = d.visit(6, &d.sheets[1], right);
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = json!(id(1_002));
        amend["payload"]["reason"] = json!("看错一格");
        d.push(&head, &[amend]).await;
        let page = head.get(&format!("/units/{}/visits/{}/whole", d.unit, id(1_005))).await.good();
        let look = page["looks"][0]["id"].as_str().unwrap();
        head.post(&format!("/units/{}/reviews/{look}/reject", d.unit), json!({ "reason": "重复" })).await.ok();
        let said = head.get(&summary(&d)).await.good();
        let after = json!({
            "notice": { "agreed": 3 }, "needs": { "deposit": 1, "pension": 1, "farm_loan": 1 },
            "products": { "green_card": 2, "treasury_bond": 1 },
            "relation": { "spouse": 1, "child": 2 },
        });
        assert_eq!(of(&said, &d.unit)["choices"], after);

        let book = format!("/programs/{}/summary.xlsx?from={}", d.program, d.day);
        let bytes = head.get(&book).await.ok();
        let known = ["机构编码", "网点", "日期", "聊到的需要：存款", "在用的产品：绿卡"];
        let sheet = read_workbook(&bytes.bytes, Some("各项选择"), &known);
        // The reader makes the colon of a header narrow.
        let at = |header: &str| sheet.headers.iter().position(|h| *h == header.replace('：', ":")).unwrap();
        // Two of the notice, four of the relation, six needs, five products.
        assert_eq!((sheet.headers.len(), sheet.rows.len()), (3 + 17, 2));
        let cells = |header: &str| [0, 1].map(|row: usize| sheet.rows[row][at(header)].clone());
        assert_eq!(cells("个人信息告知书：已告知并同意"), ["3", "3"], "the branch and the sum");
        assert_eq!(cells("聊到的需要：惠农贷款"), ["1", "1"]);
        assert_eq!(cells("聊到的需要：代发工资"), ["0", "0"]);
        assert_eq!(cells("在用的产品：绿卡"), ["2", "2"]);
        assert_eq!(cells("与户主关系：子女"), ["2", "2"]);
    }

    async fn what_was_chosen_goes_with_the_person_who_said_it(w: World) {
        let (head, d) = a_day(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("密某某")), d.visit(2, &d.sheets[1], met("另某某"))]).await;
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_choice").await, 6);
        erased(&w, &head, &d, &d.sheets[0]["customer_id"]).await;
        let rows = w.query("SELECT visit_id, question, choice FROM visit_choice ORDER BY visit_id, question", vec![]).await;
        let rows: Vec<(String, String)> = rows
            .iter()
            .filter(|r| r.get::<uuid::Uuid>(0).unwrap().to_string() == id(1_001))
            .map(|r| (r.get(1).unwrap(), r.get(2).unwrap()))
            .collect();
        assert_eq!(rows, [("notice".to_owned(), "agreed".to_owned())], "that the notice was shown stays, as with the visit");
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_choice").await, 4);
    }
}
