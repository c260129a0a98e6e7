//! Sign-in, lock-out, second factor and sessions under a clock that the test
//! moves. Figures are those of `presets/policy.toml`: 5 wrong attempts lock an
//! account for 15 minutes, 20 lock an address, idle 15 minutes, 12 hours in all.

use crate::{PASSWORD, World};
use zf_kernel::Ctx;
use zf_kernel::error::Result;
use zf_kernel::user::service::{password_change, totp_begin, totp_confirm, user_fetch};
use zf_kernel::user::session::session_find;
use zf_kernel::user::sign_in::{Attempt, SignedIn, sign_in};
use zf_vault::totp;

async fn enter(w: &World, login: &str, password: &str, code: Option<&str>) -> Result<SignedIn> {
    from(w, login, password, code, "10.0.0.7", true).await
}

async fn from(
    w: &World,
    login: &str,
    password: &str,
    totp: Option<&str>,
    address: &str,
    loopback: bool,
) -> Result<SignedIn> {
    let attempt = Attempt {
        login,
        password,
        totp,
        address,
        loopback,
    };
    sign_in(&w.app, attempt, w.app.now(), w.app.new_id()).await
}

fn code(result: Result<SignedIn>) -> &'static str {
    result.map_or_else(|e| e.code().unwrap_or("?"), |_| "ok")
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_for_fifteen_minutes() {
    for w in World::all().await {
        w.user("li", &w.east, "branch_head", &w.east).await;
        for _ in 0..5 {
            assert_eq!(code(enter(&w, "li", "wrong", None).await), "auth.failed");
        }
        let locked = enter(&w, "li", PASSWORD, None)
            .await
            .map(|_| ())
            .unwrap_err();
        assert_eq!(locked.code(), Some("auth.locked"));
        let zf_kernel::KernelError::Refused(refusal) = locked else {
            panic!("a refusal")
        };
        // 09:00 in China and a quarter of an hour.
        assert_eq!(refusal.args.get("until").map(String::as_str), Some("09:15"));
        w.clock.forward(15 * 60 - 1);
        assert_eq!(code(enter(&w, "li", PASSWORD, None).await), "auth.locked");
        w.clock.forward(1);
        assert_eq!(code(enter(&w, "li", "wrong", None).await), "auth.failed");
        assert_eq!(
            code(enter(&w, "LI", PASSWORD, None).await),
            "ok",
            "the count began anew, so one slip after the lock does not lock again"
        );
    }
}

#[tokio::test]
async fn twenty_failures_lock_an_address_for_every_login() {
    for w in World::all().await {
        w.user("li", &w.east, "branch_head", &w.east).await;
        for i in 0..20 {
            let got = enter(&w, &format!("unknown-{i}"), "wrong", None).await;
            assert_eq!(code(got), "auth.failed");
        }
        assert_eq!(code(enter(&w, "li", PASSWORD, None).await), "auth.locked");
        let elsewhere = from(&w, "li", PASSWORD, None, "10.0.0.8", true).await;
        assert_eq!(code(elsewhere), "ok");
    }
}

#[tokio::test]
async fn a_demo_account_works_on_this_machine_only_and_cannot_be_locked_from_elsewhere() {
    for w in World::all().await {
        w.account("demo", &w.east, "branch_head", &w.east, true)
            .await;
        for _ in 0..6 {
            let wrong = from(&w, "demo", "wrong", None, "10.0.0.9", false).await;
            assert_eq!(code(wrong), "auth.failed");
        }
        let right = from(&w, "demo", PASSWORD, None, "10.0.0.9", false).await;
        assert_eq!(code(right), "auth.demo_remote");
        assert_eq!(code(enter(&w, "demo", PASSWORD, None).await), "ok");
    }
}

#[tokio::test]
async fn a_code_of_the_second_factor_opens_once() {
    for w in World::all().await {
        let user = w.user("li", &w.east, "branch_head", &w.east).await;
        let ctx = Ctx::for_user(crate::nobody(), w.app.now(), w.app.new_id());
        let (secret, _) = totp_begin(&w.app, &ctx, &user).await.unwrap();
        let secret = totp::from_base32(&secret).unwrap();
        let code_at = |w: &World| totp::code(&secret, w.app.now().0 as u64 / 30_000_000);
        let user = user_fetch(&w.app, user.id).await.unwrap();
        totp_confirm(&w.app, &ctx, &user, &code_at(&w))
            .await
            .unwrap();
        w.clock.forward(60);
        assert_eq!(
            code(enter(&w, "li", PASSWORD, None).await),
            "auth.totp_required"
        );
        let now = code_at(&w);
        let (a, b) = tokio::join!(
            enter(&w, "li", PASSWORD, Some(&now)),
            enter(&w, "li", PASSWORD, Some(&now)),
        );
        let mut both = [code(a), code(b)];
        both.sort_unstable();
        assert_eq!(both, ["auth.failed", "ok"]);

        let user = user_fetch(&w.app, user.id).await.unwrap();
        let again = totp_begin(&w.app, &ctx, &user).await;
        assert_eq!(
            again.unwrap_err().code(),
            Some("conflict"),
            "a stolen session cannot replace the second factor"
        );
    }
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_twelve_hours_in_any_case() {
    for w in World::all().await {
        w.user("li", &w.east, "branch_head", &w.east).await;
        let token = enter(&w, "li", PASSWORD, None).await.unwrap().token;
        let alive = async || {
            session_find(&w.app, &token, w.app.now())
                .await
                .unwrap()
                .is_some()
        };
        w.clock.forward(14 * 60);
        assert!(alive().await);
        w.clock.forward(15 * 60);
        assert!(!alive().await, "idle for a quarter of an hour");

        let token = enter(&w, "li", PASSWORD, None).await.unwrap().token;
        let alive = async || {
            session_find(&w.app, &token, w.app.now())
                .await
                .unwrap()
                .is_some()
        };
        for _ in 0..71 {
            w.clock.forward(10 * 60);
            assert!(alive().await);
        }
        w.clock.forward(10 * 60);
        assert!(!alive().await, "twelve hours");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_guessing_the_old_one_locks() {
    for w in World::all().await {
        let user = w.user("li", &w.east, "branch_head", &w.east).await;
        let here = enter(&w, "li", PASSWORD, None).await.unwrap().token;
        let there = enter(&w, "li", PASSWORD, None).await.unwrap().token;
        let (session, user) = session_find(&w.app, &here, w.app.now())
            .await
            .unwrap()
            .unwrap_or_else(|| panic!("{}", user.login));
        let ctx = w.ctx_of(&user).await.in_session(session.id);
        let new = "a quite different sentence";
        password_change(&w.app, &ctx, &user, PASSWORD, new)
            .await
            .unwrap();
        let alive = async |token: &str| {
            let found = session_find(&w.app, token, w.app.now()).await;
            found.unwrap().is_some()
        };
        assert!(alive(&here).await);
        assert!(!alive(&there).await);

        for _ in 0..5 {
            let user = user_fetch(&w.app, user.id).await.unwrap();
            let got = password_change(&w.app, &ctx, &user, "guess", new).await;
            assert_eq!(got.unwrap_err().code(), Some("input.invalid"));
        }
        let user = user_fetch(&w.app, user.id).await.unwrap();
        let got = password_change(&w.app, &ctx, &user, new, PASSWORD).await;
        assert_eq!(got.unwrap_err().code(), Some("auth.locked"));
    }
}
