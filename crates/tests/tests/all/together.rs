//! Many people at once: nothing is lost, nothing is in twice, nobody sees a
//! fault, and the audit chain holds.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zf_kernel::event::verify::verify_all;
use zf_tests::people::person;
use zf_tests::world::PASSWORD;
use zf_tests::{Browser, Reply, both};

/// Sends all requests at the same time.
async fn at_once<F: Future<Output = Reply>>(requests: impl IntoIterator<Item = F>) -> Vec<Reply> {
    let mut waiting: Vec<_> = requests.into_iter().map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        waiting.retain_mut(|f| match f.as_mut().poll(cx) {
            std::task::Poll::Ready(reply) => {
                done.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        match waiting.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done
}

fn statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(reply.status.as_u16()).or_default() += 1;
    }
    counts
}

async fn add(browser: &Browser, path: &str, body: Json) -> Reply {
    browser.post(path, body).await
}

both! {
    async fn twelve_people_change_one_customer_and_every_change_counts_or_is_refused(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let made = w.add_customer(&head, branch, &person(1)).await;
        let path = format!("/units/{}/customers/{}", branch.id, made["id"].as_str().unwrap());
        let replies = at_once((0..12).map(|n| {
            let (head, path) = (&head, &path);
            async move { head.patch(path, json!({ "occupation": format!("职业{n}") })).await }
        })).await;
        let counts = statuses(&replies);
        let good = counts.get(&200).copied().unwrap_or(0);
        assert!(good >= 1 && good + counts.get(&409).copied().unwrap_or(0) == 12, "{counts:?}");
        assert_eq!(w.count("SELECT rev FROM customer").await, 1 + good as i64);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'customer.change'").await, good as i64);
    }

    async fn a_customer_number_is_given_once_however_many_ask(w: World) {
        let head = w.role("branch_head").await;
        let path = format!("/units/{}/customers", w.org.branches[0].id);
        let body = json!({ "customer_no": "K1", "name": "某人" });
        let replies = at_once((0..8).map(|_| add(&head, &path, body.clone()))).await;
        assert_eq!(statuses(&replies), BTreeMap::from([(201, 1), (409, 7)]));
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM household").await, 1);
    }

    async fn a_busy_minute_of_forty_writers_leaves_a_chain_that_holds(w: World) {
        let market = w.role("market_department").await;
        let paths: Vec<String> = w.org.branches.iter().map(|b| format!("/units/{}/customers", b.id)).collect();
        let replies = at_once((0..40).map(|n| add(&market, &paths[n % 3], json!({ "customer_no": format!("K{n}"), "name": "某人" })))).await;
        assert_eq!(statuses(&replies), BTreeMap::from([(201, 40)]));
        let report = verify_all(&w.app).await.unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'customer.add'").await, 40);
    }

    async fn guessing_in_parallel_locks_the_account_all_the_same(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let browser = w.browser();
        let replies = at_once((0..12).map(|n| {
            let browser = browser.clone();
            async move { browser.try_sign_in("li", &format!("guess-number-{n}-x"), None).await }
        })).await;
        assert!(replies.iter().all(|r| [401, 423].contains(&r.status.as_u16())), "{:?}", statuses(&replies));
        browser.try_sign_in("li", PASSWORD, None).await.refused(423, "auth.locked");
    }

    async fn many_phones_of_a_branch_hand_in_at_once_and_the_day_is_counted_whole(w: World) {
        let (head, d) = crate::visits::a_day(&w).await;
        let nobody = json!({ "target_id": null, "household_id": null, "customer_id": null, "stop_id": null });
        let batch = |phone: u32| -> Vec<Json> {
            let one = |i: u32| d.visit(100 + phone * 3 + i, &nobody, crate::visits::met("甲某某"));
            (0..3).map(one).collect()
        };
        let batches: Vec<Vec<Json>> = (0..16).map(batch).collect();
        // Every second one is sent twice at the same time, as by a phone that heard nothing.
        let sent = batches.iter().chain(batches.iter().step_by(2));
        let replies = at_once(sent.map(|ops| {
            let (head, d) = (&head, &d);
            async move { head.post("/sync/push", d.batch(ops)).await }
        })).await;
        assert_eq!(statuses(&replies), BTreeMap::from([(200, 24)]));
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 48);
        assert_eq!(w.count("SELECT visits FROM visit_tally").await, 48, "each batch counted with all before it");
        assert_eq!(w.count("SELECT COUNT(*) FROM feed WHERE kind = 'visit'").await, 48);
        let numbers = "SELECT MAX(seq) - MIN(seq) + 1 FROM feed WHERE kind = 'visit'";
        assert_eq!(w.count(numbers).await, 48, "without a gap");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'sync.push'").await, 16, "one for each batch");
        let mut first: Vec<Json> = replies.iter().flat_map(|r| r.json()["items"].as_array().unwrap().clone()).collect();
        first.retain(|a| a["answer"] != "duplicate");
        let mut seqs: Vec<i64> = first.iter().map(|a| a["seq"].as_i64().unwrap()).collect();
        seqs.sort_unstable();
        seqs.dedup();
        assert_eq!((first.len(), seqs.len()), (48, 48), "each has a number of its own");
        assert!(verify_all(&w.app).await.unwrap().findings.is_empty());
    }

    async fn two_imports_of_the_same_people_at_once_put_nobody_in_twice(w: World) {
        let market = w.role("market_department").await;
        let mut sheet = zf_tests::files::Sheet::new(&["客户号", "姓名", "所属机构"]);
        for n in 0..900 {
            sheet = sheet.row(&[&person(n).no, &person(n).name, &w.org.branches[n % 3].code]);
        }
        let bytes = sheet.csv().into_bytes();
        let mut ids = Vec::new();
        for name in ["一.csv", "二.csv"] {
            let reply = market.upload("customers", name, &bytes, false).await;
            // The second may have to wait for the first.
            if reply.status.is_success() {
                ids.push(reply.json()["id"].as_str().unwrap().to_owned());
            } else {
                reply.refused(409, "import.running");
            }
        }
        tokio::join!(w.drain(), w.drain());
        // Whoever lost a race is tried again after a pause.
        for _ in 0..4 {
            w.clock.forward_minutes(10);
            w.drain().await;
        }
        let market = w.browser().sign_in("market-department-100101", PASSWORD).await;
        for id in &ids {
            let done = market.get(&format!("/imports/{id}")).await.good();
            assert_eq!((&done["state"], &done["rows_bad"]), (&json!("done"), &json!(0)), "{done}");
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 900);
        assert_eq!(w.count("SELECT COUNT(*) FROM (SELECT DISTINCT unit_id, customer_no FROM customer) AS d").await, 900);
        assert!(verify_all(&w.app).await.unwrap().findings.is_empty());
    }
}
