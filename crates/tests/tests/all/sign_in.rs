//! Signing in and staying signed in. The figures (5 and 20 attempts, 15 minutes,
//! 12 hours) are those of the security policy a new installation starts with.

use serde_json::{Value as Json, json};
use zf_tests::world::PASSWORD;
use zf_tests::{Browser, both};
use zf_vault::totp;

const WRONG: &str = "wrong-horse-9-battery";

async fn fail_times(browser: &Browser, login: &str, times: usize) {
    for _ in 0..times {
        browser
            .try_sign_in(login, WRONG, None)
            .await
            .refused(401, "auth.failed");
    }
}

async fn sign_in_works(browser: &Browser, login: &str) -> bool {
    browser
        .try_sign_in(login, PASSWORD, None)
        .await
        .status
        .is_success()
}

both! {
    async fn five_wrong_passwords_lock_an_account_for_fifteen_minutes(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        w.account("wang", &[("visitor", &w.org.branches[0])], false).await;
        let browser = w.browser();
        fail_times(&browser, "li", 4).await;
        assert!(sign_in_works(&browser, "li").await, "four are forgiven");
        fail_times(&browser, "LI ", 5).await;
        let refusal = browser.try_sign_in("li", PASSWORD, None).await.refused(423, "auth.locked");
        assert!(refusal["detail"].as_str().unwrap().contains("09:15"), "{refusal}");
        assert!(sign_in_works(&browser, "wang").await, "only that account");
        w.clock.forward_seconds(15 * 60 - 1);
        browser.try_sign_in("li", PASSWORD, None).await.refused(423, "auth.locked");
        w.clock.forward_seconds(2);
        assert!(sign_in_works(&browser, "li").await);
    }

    async fn twenty_failures_lock_an_address_for_every_account(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let (near, far) = (w.browser(), w.browser().from_address([10, 1, 2, 3]));
        for n in 0..20 {
            fail_times(&far, &format!("nobody{n}"), 1).await;
        }
        far.try_sign_in("li", PASSWORD, None).await.refused(423, "auth.locked");
        assert!(sign_in_works(&near, "li").await, "other machines may");
        w.clock.forward_minutes(16);
        assert!(sign_in_works(&far, "li").await);
    }

    async fn failures_of_an_address_are_forgotten_after_fifteen_minutes(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let browser = w.browser();
        for n in 0..19 {
            fail_times(&browser, &format!("nobody{n}"), 1).await;
        }
        w.clock.forward_minutes(16);
        fail_times(&browser, "nobody", 1).await;
        assert!(sign_in_works(&browser, "li").await);
    }

    async fn a_security_administrator_unlocks_an_account(w: World) {
        let user = w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let browser = w.browser();
        fail_times(&browser, "li", 5).await;
        assert!(!sign_in_works(&browser, "li").await);
        let admin = w.role("security_admin").await;
        let users = admin.get("/users?limit=200").await.items();
        let shown = users.iter().find(|u| u["login"] == "li").unwrap();
        assert_eq!(shown["state"], "locked");
        admin.press(&format!("/users/{}/unlock", user.id)).await.ok();
        assert!(sign_in_works(&browser, "li").await);
    }

    async fn a_session_ends_after_fifteen_idle_minutes_and_after_twelve_hours(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let idle = w.browser().sign_in("li", PASSWORD).await;
        w.clock.forward_minutes(14);
        idle.get("/me").await.ok();
        w.clock.forward_minutes(15);
        idle.get("/me").await.refused(401, "auth.required");
        let busy = w.browser().sign_in("li", PASSWORD).await;
        for _ in 0..51 {
            w.clock.forward_minutes(14);
            busy.get("/me").await.ok();
        }
        // 51 × 14 min = 11 h 54 min; seven more pass twelve hours.
        w.clock.forward_minutes(7);
        busy.get("/me").await.refused(401, "auth.required");
    }

    async fn signing_out_ends_the_session(w: World) {
        let browser = w.role("visitor").await;
        browser.get("/me").await.ok();
        assert_eq!(browser.press("/sign-out").await.status.as_u16(), 204);
        browser.get("/me").await.refused(401, "auth.required");
    }

    async fn a_code_of_the_second_factor_is_asked_for_and_works_once(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let li = w.browser().sign_in("li", PASSWORD).await;
        let set_up = li.press("/me/totp").await.good();
        let secret = totp::from_base32(set_up["secret"].as_str().unwrap()).unwrap();
        assert!(set_up["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
        let code = || totp::code(&secret, (w.clock.now().0 / 1_000_000 / 30) as u64);
        li.put("/me/totp", json!({ "code": "000000x" })).await.refused(422, "input.invalid");
        assert!(sign_in_works(&w.browser(), "li").await, "not on before it is confirmed");
        li.put("/me/totp", json!({ "code": code() })).await.ok();
        let browser = w.browser();
        browser.try_sign_in("li", PASSWORD, None).await.refused(401, "auth.totp_required");
        browser.try_sign_in("li", PASSWORD, Some(&code())).await.refused(401, "auth.failed");
        w.clock.forward_seconds(60);
        let used = code();
        browser.try_sign_in("li", PASSWORD, Some(&used)).await.ok();
        browser.try_sign_in("li", PASSWORD, Some(&used)).await.refused(401, "auth.failed");
        let wrong = json!({ "password": WRONG });
        let off = |body: Json| async { li.send("DELETE", "/me/totp", zf_tests::browser::Payload::Json(body)).await };
        off(wrong).await.refused(422, "input.invalid");
        off(json!({ "password": PASSWORD })).await.ok();
        assert!(sign_in_works(&browser, "li").await);
    }

    async fn wrong_codes_count_towards_the_lock(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let li = w.browser().sign_in("li", PASSWORD).await;
        let set_up = li.press("/me/totp").await.good();
        let secret = totp::from_base32(set_up["secret"].as_str().unwrap()).unwrap();
        let code = || totp::code(&secret, (w.clock.now().0 / 1_000_000 / 30) as u64);
        li.put("/me/totp", json!({ "code": code() })).await.ok();
        w.clock.forward_seconds(60);
        let wrong = if code() == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            w.browser().try_sign_in("li", PASSWORD, Some(wrong)).await.refused(401, "auth.failed");
        }
        w.browser().try_sign_in("li", PASSWORD, Some(&code())).await.refused(423, "auth.locked");
    }

    async fn a_retired_account_is_out_at_once_and_stays_out(w: World) {
        let user = w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let next = w.account("wang", &[("visitor", &w.org.branches[0])], false).await;
        let li = w.browser().sign_in("li", PASSWORD).await;
        let admin = w.role("security_admin").await;
        let body = json!({ "hand_over_to": next.id });
        admin.post(&format!("/users/{}/retire", user.id), body).await.ok();
        li.get("/me").await.refused(401, "auth.required");
        w.browser().try_sign_in("li", PASSWORD, None).await.refused(401, "auth.failed");
        let events = w.role("audit_admin").await.get("/audit?action=user.retire").await.items();
        assert_eq!(events.len(), 1);
        assert!(events[0]["summary"].as_str().unwrap().contains(&next.id.to_string()));
    }

    async fn an_initial_password_must_be_changed_before_anything_else(w: World) {
        let admin = w.role("security_admin").await;
        let unit = w.org.branches[0].id;
        let body = json!({ "login": "Zhao", "name": "赵新", "unit_id": unit,
            "roles": [{ "role_id": "visitor", "unit_id": unit }] });
        let made = admin.post("/users", body).await.good();
        let initial = made["initial_password"].as_str().unwrap().to_owned();
        let zhao = w.browser().sign_in("zhao", &initial).await;
        let me = zhao.get("/me").await.good();
        assert_eq!(me["user"]["must_change_password"], true);
        let list = format!("/units/{unit}/customers");
        zhao.get(&list).await.refused(403, "auth.password_expired");
        let change = async |old: &str, new: &str| {
            zhao.post("/me/password", json!({ "old_password": old, "new_password": new })).await
        };
        for weak in ["short-1", "zhao-zhao-zhao-1", "my-password-is-123456", initial.as_str()] {
            let refusal = change(&initial, weak).await.refused(422, "input.invalid");
            assert_eq!(refusal["errors"].as_array().unwrap().len(), 1, "{weak}");
        }
        change(WRONG, "a-quiet-river-7").await.refused(422, "input.invalid");
        zhao.get(&list).await.refused(403, "auth.password_expired");
        change(&initial, "a-quiet-river-7").await.ok();
        zhao.get(&list).await.ok();
        w.browser().try_sign_in("zhao", &initial, None).await.refused(401, "auth.failed");
        w.browser().try_sign_in("zhao", "a-quiet-river-7", None).await.ok();
    }

    async fn a_change_of_password_ends_the_other_sessions(w: World) {
        w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let (here, elsewhere) = (w.browser().sign_in("li", PASSWORD).await, w.browser().sign_in("li", PASSWORD).await);
        let body = json!({ "old_password": PASSWORD, "new_password": "a-quiet-river-7" });
        here.post("/me/password", body).await.ok();
        elsewhere.get("/me").await.refused(401, "auth.required");
    }

    async fn a_reset_gives_a_new_initial_password_and_ends_every_session(w: World) {
        let user = w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let li = w.browser().sign_in("li", PASSWORD).await;
        let admin = w.role("security_admin").await;
        let reset = admin.press(&format!("/users/{}/reset", user.id)).await.good();
        li.get("/me").await.refused(401, "auth.required");
        w.browser().try_sign_in("li", PASSWORD, None).await.refused(401, "auth.failed");
        let initial = reset["initial_password"].as_str().unwrap();
        let me = w.browser().sign_in("li", initial).await.get("/me").await.good();
        assert_eq!(me["user"]["must_change_password"], true);
    }

    async fn a_demo_account_works_on_this_machine_only(w: World) {
        w.account("yanshi", &[("visitor", &w.org.branches[0])], true).await;
        let (here, away) = (w.browser(), w.browser().from_address([192, 168, 1, 20]));
        away.try_sign_in("yanshi", PASSWORD, None).await.refused(403, "auth.demo_remote");
        let session = here.sign_in("yanshi", PASSWORD).await;
        session.get("/me").await.ok();
        session.from_address([192, 168, 1, 20]).get("/me").await.refused(403, "auth.demo_remote");
        let hints = away.get("/sign-in-hints").await.good();
        assert_eq!(hints["logins"], json!([]), "no hint leaves this machine");
    }

    async fn a_change_from_a_foreign_page_is_refused(w: World) {
        let admin = w.role("security_admin").await;
        let foreign = admin.on_a_foreign_page();
        foreign.get("/users").await.ok();
        foreign.press("/sign-out").await.refused(403, "auth.csrf");
        foreign.post("/users", json!({})).await.refused(403, "auth.csrf");
        foreign.signed_out().try_sign_in("li", PASSWORD, None).await.refused(403, "auth.csrf");
        admin.get("/me").await.ok();
    }

    async fn the_three_administrators_exclude_each_other(w: World) {
        let admin = w.role("security_admin").await;
        let head = w.org.head.id;
        let role = |id: &str| json!({ "role_id": id, "unit_id": head });
        let pairs = [("system_admin", "security_admin"), ("security_admin", "audit_admin"), ("audit_admin", "system_admin")];
        for (n, (a, b)) in pairs.into_iter().enumerate() {
            let body = json!({ "login": format!("both{n}"), "name": "两职", "unit_id": head, "roles": [role(a), role(b)] });
            admin.post("/users", body).await.refused(409, "permission.exclusive");
            let user = w.account(&format!("one{n}"), &[(a, &w.org.head)], false).await;
            let path = format!("/users/{}/roles", user.id);
            admin.put(&path, json!({ "roles": [role(a), role(b)] })).await.refused(409, "permission.exclusive");
            admin.put(&path, json!({ "roles": [role(b)] })).await.ok();
        }
    }

    async fn nobody_changes_their_own_roles_or_retires_themselves(w: World) {
        let admin = w.role("security_admin").await;
        let me = admin.get("/me").await.good();
        let id = me["user"]["id"].as_str().unwrap();
        let roles = json!({ "roles": [{ "role_id": "security_admin", "unit_id": w.org.head.id }] });
        admin.put(&format!("/users/{id}/roles"), roles).await.refused(409, "permission.second_person");
        let body = json!({ "hand_over_to": null });
        admin.post(&format!("/users/{id}/retire"), body).await.refused(409, "permission.second_person");
    }

    async fn a_change_of_roles_ends_the_sessions_and_holds_from_the_next_sign_in(w: World) {
        let user = w.account("li", &[("visitor", &w.org.branches[0])], false).await;
        let li = w.browser().sign_in("li", PASSWORD).await;
        let admin = w.role("security_admin").await;
        let roles = json!({ "roles": [{ "role_id": "director", "unit_id": w.org.county.id }] });
        admin.put(&format!("/users/{}/roles", user.id), roles).await.ok();
        li.get("/me").await.refused(401, "auth.required");
        let me = w.browser().sign_in("li", PASSWORD).await.get("/me").await.good();
        assert_eq!(me["roles"][0]["id"], "director");
        assert!(!me["permissions"].as_array().unwrap().contains(&json!("customer.read")));
    }
}
