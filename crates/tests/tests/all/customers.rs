//! Customers over HTTP: masked on the way out, found again by exact values,
//! shown in full for a reason only.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::files::Sheet;
use zf_tests::people::{needles, person};

fn numbers(page: &Json) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|c| c["customer_no"].as_str().unwrap().to_owned())
        .collect()
}

/// A file with a number of invented people of one branch.
fn file_of(range: std::ops::Range<usize>, unit: &str) -> Sheet {
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
    ]);
    for n in range {
        let p = person(n);
        sheet = sheet.row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, unit]);
    }
    sheet
}

both! {
    async fn a_customer_comes_back_masked(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(1);
        let made = w.add_customer(&head, branch, &p).await;
        let first = p.name.chars().next().unwrap();
        assert_eq!(made["name_masked"], format!("{first}**"));
        assert_eq!(made["phone_masked"], format!("{}****{}", &p.phone[..3], &p.phone[7..]));
        assert_eq!(made["id_number_masked"], format!("2{}{}", "*".repeat(16), &p.id_number[17..]));
        assert!(made["address_masked"].as_str().unwrap().ends_with("**"));
        assert_eq!(made["four_fields_complete"], true);
        let got = head.get(&format!("/units/{}/customers/{}", branch.id, made["id"].as_str().unwrap())).await.good();
        assert_eq!(got["events"][0]["action"], "customer.add");
        assert_eq!((&got["phone_state"], &got["source_channel"]), (&json!("full"), &json!("page")));
        let list = head.get(&format!("/units/{}/customers", branch.id)).await.items();
        assert_eq!(list[0]["name_masked"], made["name_masked"]);
    }

    async fn a_wrong_field_is_named_and_its_value_is_not_repeated(w: World) {
        let head = w.role("branch_head").await;
        let path = format!("/units/{}/customers", w.org.branches[0].id);
        let p = person(2);
        w.guard.plant(&needles([&p]));
        let base = json!({ "customer_no": p.no, "name": p.name });
        let mut wrong_id = p.id_number.clone();
        let last = if wrong_id.ends_with('0') { "1" } else { "0" };
        wrong_id.replace_range(17.., last);
        let cases = [("phone", "1234".to_owned()), ("id_number", wrong_id), ("deposit_due_day", "2026-02-30".to_owned()), ("name", String::new()), ("customer_no", String::new())];
        for (field, value) in cases {
            let mut body = base.clone();
            body[field] = json!(value);
            let reply = head.post(&path, body).await;
            assert!(value.is_empty() || !reply.text().contains(&value), "{field}");
            assert_eq!(reply.refused(422, "input.invalid")["errors"][0]["field"], field);
        }
        let mut unknown = base.clone();
        unknown["nickname"] = json!("x");
        head.post(&path, unknown).await.refused(400, "input.malformed");
        head.post(&path, base.clone()).await.ok();
        head.post(&path, base).await.refused(409, "duplicate");
    }

    async fn a_change_keeps_what_it_does_not_name_and_empties_what_is_empty(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(3);
        let made = w.add_customer(&head, branch, &p).await;
        let path = format!("/units/{}/customers/{}", branch.id, made["id"].as_str().unwrap());
        let changed = head.patch(&path, json!({ "occupation": "务农", "phone": "" })).await.good();
        assert_eq!((&changed["occupation"], &changed["phone_masked"], &changed["four_fields_complete"]), (&json!("务农"), &json!(""), &json!(false)));
        assert_eq!(changed["name_masked"], made["name_masked"]);
        let back = head.patch(&path, json!({ "phone": "138****1234" })).await.good();
        assert_eq!((&back["phone_state"], &back["four_fields_complete"]), (&json!("masked"), &json!(true)));
        assert_eq!(back["events"].as_array().unwrap().len(), 3);
        assert_eq!(head.post("/customers/lookup", json!({ "phone": p.phone })).await.items().len(), 0, "the old number finds nobody");
    }

    async fn a_customer_is_found_by_phone_id_number_and_customer_number_within_the_scope(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = &w.org.branches;
        let (p, q, far) = (person(4), person(5), person(6));
        w.add_customer(&market, first, &p).await;
        w.add_customer(&market, second, &q).await;
        let other = w.role_at("market_department", &w.org.other_county).await;
        w.add_customer(&other, &w.org.other_branch, &far).await;
        let find = async |body: Json| market.post("/customers/lookup", body).await.items();
        for who in [&p, &q] {
            for body in [json!({ "phone": who.phone }), json!({ "id_number": who.id_number }), json!({ "customer_no": who.no })] {
                let found = find(body).await;
                assert_eq!(found.len(), 1);
                assert_eq!(found[0]["customer_no"], who.no);
            }
        }
        let spaced = format!("{} {} {}", &p.phone[..3], &p.phone[3..7], &p.phone[7..]);
        assert_eq!(find(json!({ "phone": spaced })).await.len(), 1, "written with blanks");
        for body in [json!({ "phone": far.phone }), json!({ "id_number": far.id_number }), json!({ "customer_no": far.no })] {
            assert!(find(body).await.is_empty(), "another county's");
        }
        let head = w.role("branch_head").await;
        assert!(head.post("/customers/lookup", json!({ "phone": q.phone })).await.items().is_empty());
        market.post("/customers/lookup", json!({})).await.refused(422, "input.invalid");
        market.post("/customers/lookup", json!({ "phone": p.phone, "id_number": p.id_number })).await.refused(422, "input.invalid");
    }

    async fn names_are_searched_inside_a_branch(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        for n in 70..76 {
            w.add_customer(&head, branch, &person(n)).await;
        }
        let wanted = person(72);
        let part: String = wanted.name.chars().skip(1).collect();
        let body = json!({ "name": part, "unit_id": branch.id });
        let found = head.post("/customers/lookup", body).await.items();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["customer_no"], wanted.no);
        head.post("/customers/lookup", json!({ "name": "李" })).await.refused(422, "input.invalid");
        let foreign = json!({ "name": "李", "unit_id": w.org.branches[1].id });
        head.post("/customers/lookup", foreign).await.refused(404, "not_found");
    }

    async fn pages_over_205_customers_have_no_gap_and_no_double(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let done = w.import(&market, "customers", "名单.csv", file_of(0..205, &branch.code).csv().as_bytes()).await;
        assert_eq!(done["rows_new"], 205, "{done}");
        let mut expected: Vec<String> = (0..205).map(|n| person(n).no).collect();
        expected.sort();
        for limit in [1, 7, 50, 200] {
            let (mut all, mut after, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let page = market.get(&format!("/units/{}/customers?limit={limit}&after={after}", branch.id)).await.good();
                all.extend(numbers(&page));
                pages += 1;
                match page["next"].as_str() {
                    Some(next) => after = next.to_owned(),
                    None => break,
                }
            }
            assert_eq!(all, expected, "limit {limit}");
            assert!(pages <= 205 / limit + 1, "limit {limit}: {pages} pages");
        }
        let most = market.get(&format!("/units/{}/customers?limit=5000", branch.id)).await.good();
        assert_eq!(numbers(&most).len(), 200);
    }

    async fn full_values_are_shown_for_a_reason_and_told_of_in_the_audit_log(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(8);
        let made = w.add_customer(&head, branch, &p).await;
        let id = made["id"].as_str().unwrap();
        let path = format!("/units/{}/customers/{id}/reveal", branch.id);
        let shown = head.post(&path, json!({ "fields": ["name", "phone", "id_number", "address"], "reason": "上门前联系" })).await.good();
        assert_eq!(shown["values"], json!({ "name": p.name, "phone": p.phone, "id_number": p.id_number, "address": p.address }));
        assert_eq!(shown["expires_in_seconds"], 60);
        head.post(&path, json!({ "fields": ["name"], "reason": "  " })).await.refused(422, "reveal.reason");
        head.post(&path, json!({ "fields": ["balance"], "reason": "上门前联系" })).await.refused(422, "input.invalid");
        w.role("market_department").await.post(&path, json!({ "fields": ["name"], "reason": "上门前联系" })).await.refused(403, "permission.denied");
        let events = w.role("audit_admin").await.get("/audit?action=customer.reveal").await.items();
        assert_eq!(events.len(), 1, "one good reveal, one event");
        assert_eq!((&events[0]["target_id"], &events[0]["action_name"]), (&json!(id), &json!("查看完整信息")));
        assert!(events[0]["summary"].as_str().unwrap().contains("上门前联系"));
    }

    async fn thirty_full_values_an_hour_are_the_quota_of_a_person_over_all_branches(w: World) {
        let market = w.role("market_department").await;
        let inspector = w.role("inspector").await;
        let mut paths = Vec::new();
        for (n, branch) in w.org.branches.iter().enumerate() {
            let made = w.add_customer(&market, branch, &person(20 + n)).await;
            paths.push(format!("/units/{}/customers/{}/reveal", branch.id, made["id"].as_str().unwrap()));
        }
        let body = json!({ "fields": ["phone"], "reason": "电话回访" });
        for n in 0..30 {
            w.clock.forward_seconds(60);
            inspector.post(&paths[n % 3], body.clone()).await.ok();
        }
        for path in &paths {
            inspector.post(path, body.clone()).await.refused(429, "reveal.limit");
        }
        let head = w.role("branch_head").await;
        head.post(&paths[0], body.clone()).await.ok();
        // The first of the thirty was 29 minutes ago.
        w.clock.forward_minutes(32);
        inspector.get("/me").await.refused(401, "auth.required");
        let inspector = w.browser().sign_in("inspector-100101", zf_tests::world::PASSWORD).await;
        inspector.post(&paths[0], body).await.ok();
    }

    async fn a_customer_of_another_branch_is_not_there(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = &w.org.branches;
        let made = w.add_customer(&market, second, &person(9)).await;
        let id = made["id"].as_str().unwrap();
        let head = w.role("branch_head").await;
        head.get(&format!("/units/{}/customers/{id}", second.id)).await.refused(404, "not_found");
        head.get(&format!("/units/{}/customers/{id}", first.id)).await.refused(404, "customer.not_found");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn invented_people_never_share_a_value(a in 0usize..262_144, b in 0usize..262_144) {
        prop_assume!(a != b);
        let (p, q) = (person(a), person(b));
        prop_assert_ne!(&p.phone, &q.phone);
        prop_assert_ne!(&p.no, &q.no);
        prop_assert_ne!(&p.id_number, &q.id_number);
        prop_assert_ne!(&p.address, &q.address);
        prop_assert!(zf_base::phone::check_phone(&p.phone, true) != zf_base::phone::PhoneCheck::Empty);
    }
}
