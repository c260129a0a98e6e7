//! 晨（夕）会记录 (MTG-002, DOC-008): filled in with the figures of the last
//! planned day, corrected for a reason, seen by the county with what is missing.

use crate::visits::{a_day, met};
use serde_json::{Value as Json, json};
use zf_tests::files::read_workbook;
use zf_tests::{Browser, both};

/// A day with two households that count, and the head on the morning after it.
async fn morning_after(w: &zf_tests::World) -> (Browser, Json, String, String) {
    let (head, d) = a_day(w).await;
    let ops = [
        d.visit(1, &d.sheets[0], met("甲某某")),
        d.visit(2, &d.sheets[1], json!({ "outcome": "absent" })),
        d.visit(
            3,
            &d.sheets[2],
            json!({ "outcome": "family", "notice": "declined" }),
        ),
    ];
    d.push(&head, &ops).await;
    let day: zf_base::Day = d.day.parse().unwrap();
    let next = day.plus_days(1);
    w.it_is_now(&format!("{next}T08:00:00+08:00"));
    let head = w.role("branch_head").await;
    let path = format!("/programs/{}/units/{}/daily-meetings", d.program, d.unit);
    let said = head.get(&path).await.good();
    (head, said, path, format!("/programs/{}", d.program))
}

fn record(said: &Json, seen: i64, more: &Json) -> Json {
    let mut answers = said["prefill"].clone();
    for (name, value) in more.as_object().unwrap() {
        answers[name] = value.clone();
    }
    json!({ "day": said["day"], "seen": seen, "form_version": said["form_version"], "answers": answers })
}

fn written() -> Json {
    json!({ "present": 5, "matters": "先去三组", "plan_to_catch_up": "周六上午补访" })
}

both! {
    async fn the_record_is_filled_in_with_what_was_visited_on_the_last_planned_day(w: World) {
        let (head, said, path, program) = morning_after(&w).await;
        let last = &said["last"];
        // Sheet 0 was met and agreed, sheet 2's family was met; sheet 1 was not met (ERR-007).
        assert_eq!((&last["visits"], &last["households"]), (&json!(3), &json!(2)));
        let valid = w.count("SELECT COUNT(*) FROM visit_member WHERE valid").await;
        assert_eq!(last["valid_records"], json!(valid));
        let owed = last["quota"].as_i64().unwrap() - 2;
        assert_eq!(said["owed"], json!(owed), "nothing was owed before the first day");
        let ledger = head.get(&format!("{program}/shortfall")).await.good();
        assert_eq!(ledger["items"][0]["open_days"], said["open_days"], "as the ledger says");
        let prefill = &said["prefill"];
        assert_eq!(prefill["held_on"], said["day"]);
        assert_eq!((&prefill["session"], &prefill["behind"]), (&json!("morning"), &json!("yes")));
        assert_eq!((&prefill["households"], &prefill["records"]), (&json!(2), &json!(valid)));
        assert_eq!((&said["meetings"], &said["open_reviews"]), (&json!([]), &json!(0)));

        let kept = head.put(&path, record(&said, 0, &written())).await.good();
        let version = &kept["meetings"][0]["versions"][0];
        assert_eq!((&version["seq"], &version["problems"], &version["counted_households"]), (&json!(1), &json!(0), &json!(2)));
        assert_eq!(version["answers"]["matters"], "先去三组");
        assert_eq!(kept["prefill"]["session"], "evening", "the morning's is there");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'daily_meeting.record'").await, 1);
    }

    async fn a_correction_says_why_and_what_stood_there_before_stays(w: World) {
        let (head, said, path, _) = morning_after(&w).await;
        head.put(&path, record(&said, 0, &written())).await.ok();
        head.put(&path, record(&said, 0, &written())).await.refused(409, "conflict");
        head.put(&path, record(&said, 1, &written())).await.refused(422, "input.invalid");
        let mut again = record(&said, 1, &written());
        again["reason"] = json!("到会人数写错");
        again["answers"]["present"] = json!(4);
        let kept = head.put(&path, again).await.good();
        let versions = kept["meetings"][0]["versions"].as_array().unwrap();
        let seen: Vec<(i64, i64, &str)> = versions.iter().map(|v| (v["seq"].as_i64().unwrap(), v["answers"]["present"].as_i64().unwrap(), v["reason"].as_str().unwrap())).collect();
        assert_eq!(seen, [(2, 4, "到会人数写错"), (1, 5, "")]);
        // The evening's is a record of its own.
        let evening = head.put(&path, record(&kept, 0, &written())).await.good();
        let sessions: Vec<&str> = evening["meetings"].as_array().unwrap().iter().map(|m| m["session"].as_str().unwrap()).collect();
        assert_eq!(sessions, ["morning", "evening"]);
    }

    async fn what_breaks_a_rule_of_the_form_is_kept_and_counted_and_what_names_a_number_is_not(w: World) {
        let (head, said, path, _) = morning_after(&w).await;
        for (wrong, at) in [
            (json!({ "matters": "给 10412345678 打电话" }), "a telephone"),
            (json!({ "session": "noon" }), "no session of the form"),
            (json!({ "held_on": "2026-01-01" }), "another day"),
        ] {
            let body = record(&said, 0, &wrong);
            assert_eq!(head.put(&path, body).await.status, 422, "{at}");
        }
        let mut ahead = record(&said, 0, &json!({ "held_on": "2027-01-01" }));
        ahead["day"] = json!("2027-01-01");
        head.put(&path, ahead).await.refused(422, "input.invalid");
        let mut unknown = record(&said, 0, &written());
        unknown["form_version"] = json!(99);
        head.put(&path, unknown).await.refused(422, "input.invalid");
        assert_eq!(w.count("SELECT COUNT(*) FROM daily_meeting").await, 0);
        // 999 people and no word on how to catch up: two answers that do not hold.
        let body = record(&said, 0, &json!({ "present": 999, "matters": "先去三组" }));
        let kept = head.put(&path, body).await.good();
        assert_eq!(kept["meetings"][0]["versions"][0]["problems"], 2);
    }

    async fn the_county_sees_which_branch_has_written_nothing(w: World) {
        let (head, said, path, program) = morning_after(&w).await;
        head.put(&path, record(&said, 0, &written())).await.ok();
        let market = w.role("market_department").await;
        market.put(&path, record(&said, 1, &written())).await.refused(403, "permission.denied");
        w.role_at("branch_head", &w.org.branches[1]).await.get(&path).await.refused(404, "not_found");
        let day = said["day"].as_str().unwrap();
        let list = market.get(&format!("{program}/daily-meetings?from={day}")).await.good();
        let rows: Vec<(bool, usize)> = list["items"].as_array().unwrap().iter().map(|r| (r["planned"].as_bool().unwrap(), r["records"].as_array().unwrap().len())).collect();
        assert_eq!(rows, [(true, 1), (true, 0), (true, 0)]);
        assert_eq!((&list["expected"], &list["held"]), (&json!(3), &json!(1)));
        let one = &list["items"][0]["records"][0];
        assert_eq!((&one["session"], &one["present"], &one["households"], &one["counted_households"]), (&json!("morning"), &json!(5), &json!(2), &json!(2)));
        let own = head.get(&format!("{program}/daily-meetings?from={day}")).await.good();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "a head sees the own branch");

        let bytes = market.get(&format!("{program}/daily-meetings.xlsx?from={day}")).await.ok().bytes;
        let book = read_workbook(&bytes, None, &["机构编码", "网点", "会议"]);
        assert_eq!(book.rows.len(), 3);
        let cells = &book.rows[0];
        assert_eq!((cells[3].as_str(), cells[4].as_str(), cells[5].as_str(), cells[6].as_str()), ("晨会", "5", "2", "2"));
        assert!(cells[14].contains("今天的安排和要点：先去三组"), "{cells:?}");
        assert_eq!(book.rows[1][3], "未填报");
    }
}
