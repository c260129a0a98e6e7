//! 信息完整率 by branch and county, day by day: what was kept stays, today is
//! counted, a value that only the bank knows counts as there.

use serde_json::{Value as Json, json};
use zf_kernel::Permission;
use zf_register::quality::service::quality_keep;
use zf_tests::both;
use zf_tests::files::read_workbook;
use zf_tests::people::person;

fn line(table: &Json, unit: impl ToString) -> &Json {
    let unit = unit.to_string();
    let lines = table["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|l| l["unit_id"] == unit.as_str())
        .unwrap()
}

both! {
    async fn the_rate_counts_what_the_bank_has_verified_and_names_what_is_missing(w: World) {
        let market = w.role("market_department").await;
        let (one, two) = (&w.org.branches[0], &w.org.branches[1]);
        w.add_customer(&market, one, &person(1)).await;
        let second = w.add_customer(&market, one, &person(2)).await;
        let third = w.add_customer(&market, one, &person(3)).await;
        w.add_customer(&market, two, &person(4)).await;
        let path = |c: &Json| format!("/units/{}/customers/{}", one.id, c["id"].as_str().unwrap());
        market.patch(&path(&second), json!({ "phone": "138****1234" })).await.good();
        market.patch(&path(&third), json!({ "phone": "", "address": "" })).await.good();

        let table = market.get(&format!("/quality?unit_id={}", w.org.county.id)).await.good();
        let here = line(&table, one.id);
        let now = ["customers", "four_fields", "without_phone", "without_id_number", "without_address", "by_bank"].map(|k| here["now"][k].as_i64().unwrap());
        assert_eq!(now, [3, 2, 1, 0, 1, 1]);
        assert_eq!(here["rate_day_before"], Json::Null, "nothing was kept yet");
        // 3 of 4 in the county.
        assert_eq!(line(&table, w.org.county.id)["now"]["rate"], json!(0.75));
        assert!(!table.to_string().contains(&w.org.other_county.id.to_string()));
    }

    async fn a_night_keeps_the_day_and_the_next_days_compare_with_it(w: World) {
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        let scope = w.scope(Permission::OverviewRead, &branch);
        let first = w.add_customer(&market, &branch, &person(5)).await;
        w.add_customer(&market, &branch, &person(6)).await;
        let one = format!("/units/{}/customers/{}", branch.id, first["id"].as_str().unwrap());
        market.patch(&one, json!({ "address": "" })).await.good();
        let ctx = w.machine();
        let today = ctx.today();
        // Counted twice that night, kept once.
        quality_keep(&w.app, &ctx, &scope, today).await.unwrap();
        let kept = quality_keep(&w.app, &ctx, &scope, today).await.unwrap();
        assert_eq!((kept.customers, kept.four_fields), (2, 1));
        assert_eq!(w.count("SELECT COUNT(*) FROM quality_day").await, 1);

        market.patch(&one, json!({ "address": "青山镇大河村一组1号" })).await.good();
        let tomorrow = today.plus_days(1);
        let asked = format!("/quality?unit_id={}&day={tomorrow}", branch.id);
        let told = market.get(&asked).await.good();
        let l = line(&told, branch.id);
        assert_eq!((&l["rate_day_before"], &l["now"]["rate"]), (&json!(0.5), &Json::Null), "tomorrow has no records yet");
        // What was kept does not change with a later correction; today is counted as it is.
        let told = market.get(&format!("/quality?unit_id={}", branch.id)).await.good();
        assert_eq!(line(&told, branch.id)["now"]["rate"], json!(1.0));
        let week_later = today.plus_days(7);
        let told = market.get(&format!("/quality?unit_id={}&day={week_later}", branch.id)).await.good();
        assert_eq!(line(&told, branch.id)["rate_week_before"], json!(0.5));

        let book = market.get(&format!("/quality.xlsx?unit_id={}", branch.id)).await.ok();
        let sheet = read_workbook(&book.bytes, None, &["机构", "信息完整率"]);
        assert_eq!(sheet.rows[0][0], branch.name);
        market.get("/quality?day=yesterday").await.refused(422, "input.invalid");
        market.get(&format!("/quality?unit_id={}", w.org.other_branch.id)).await.refused(404, "not_found");
    }
}
