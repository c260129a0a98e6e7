//! Products held and wanted (CUS-017): by hand and from files, counted, and
//! still there after a merge of files, ticks and imports.

use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::files::Sheet;
use zf_tests::people::person;

fn stand(told: &Json, code: &str) -> (bool, bool) {
    let items = told["items"].as_array().unwrap();
    let one = items.iter().find(|i| i["code"] == code).unwrap();
    (
        one["held"].as_bool().unwrap(),
        one["wanted"].as_bool().unwrap(),
    )
}

both! {
    async fn what_a_file_says_is_held_and_what_a_visitor_hears_is_wanted(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let (a, b) = (person(1), person(2));
        let sheet = |first: &str| Sheet::new(&["客户号", "姓名", "所属机构", "持有产品"])
            .row(&[&a.no[..], &a.name, &branch.code, first])
            .row(&[&b.no[..], &b.name, &branch.code, "借记卡"]);
        w.import(&market, "customers", "a.csv", sheet("绿卡；存折").csv().as_bytes()).await;
        let found = market.post("/customers/lookup", json!({ "customer_no": a.no })).await.items();
        let path = format!("/units/{}/customers/{}/products", branch.id, found[0]["id"].as_str().unwrap());
        let told = market.get(&path).await.good();
        assert_eq!((stand(&told, "green_card"), stand(&told, "merchant_phone")), ((true, false), (false, false)));

        let visitor = w.role("visitor").await;
        let set = visitor.put(&path, json!({ "held": ["green_card"], "wanted": ["merchant_phone", "loan"] })).await.good();
        assert_eq!((stand(&set, "merchant_phone"), stand(&set, "loan")), ((false, true), (false, true)));
        let counts = market.get(&format!("/units/{}/products/counts", branch.id)).await.good();
        let of = |code: &str| {
            let one = counts["items"].as_array().unwrap().iter().find(|i| i["code"] == code).unwrap().clone();
            (one["held"].as_i64().unwrap(), one["wanted"].as_i64().unwrap())
        };
        assert_eq!((of("green_card"), of("merchant_phone"), of("insurance")), ((2, 0), (0, 1), (0, 0)));

        // A later file changes what is held, never what somebody said they want.
        w.import(&market, "customers", "b.csv", sheet("商易通；存折").csv().as_bytes()).await;
        let told = market.get(&path).await.good();
        assert_eq!((stand(&told, "green_card"), stand(&told, "merchant_phone")), ((false, false), (true, true)));
        let kept = market.get(&format!("/units/{}/customers/{}", branch.id, found[0]["id"].as_str().unwrap())).await.good();
        assert!(kept["products"].as_array().unwrap().contains(&json!("存折")), "a product nobody knows stays");
        visitor.put(&path, json!({ "held": [], "wanted": ["yacht"] })).await.refused(422, "input.invalid");
    }
}
