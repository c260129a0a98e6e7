//! The board of the day and the summary table: what every branch has visited.

use crate::visits::{a_day, met};
use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::files::sheet_names;

fn of<'a>(said: &'a Json, unit: &str) -> &'a Json {
    let items = said["items"].as_array().unwrap();
    items.iter().find(|i| i["unit_id"] == unit).unwrap()
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
        assert_eq!(sheet_names(&bytes.bytes), ["采集汇总"]);
        let long = format!("/programs/{}/summary?from=2026-01-01&to=2026-02-01", d.program);
        head.get(&long).await.refused(422, "input.invalid");
        let turned = format!("/programs/{}/summary?from=2026-01-02&to=2026-01-01", d.program);
        head.get(&turned).await.refused(422, "input.invalid");
    }
}
