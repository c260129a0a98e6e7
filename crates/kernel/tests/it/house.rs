//! The kernel's own jobs under its own schedules: what is forgotten, and what
//! is kept outside of the database.

use crate::{PASSWORD, World};
use zf_kernel::job::schedule::install;
use zf_kernel::job::worker::{Handlers, drain};
use zf_kernel::user::session::session_find;
use zf_kernel::user::sign_in::{Attempt, sign_in};
use zf_store::params;

mod sql {
    zf_store::statements! {
        COUNTS: reference = "SELECT (SELECT COUNT(*) FROM session), (SELECT COUNT(*) FROM sign_in_address), (SELECT COUNT(*) FROM audit_root)";
    }
}

async fn counts(w: &World) -> [i64; 3] {
    let rows = w.app.db.query(sql::COUNTS, params![]).await.unwrap();
    [0, 1, 2].map(|i| rows[0].get(i).unwrap())
}

#[tokio::test]
async fn old_sessions_are_forgotten_and_every_day_gets_its_root_in_the_file() {
    for mut w in World::all().await {
        let file = std::env::temp_dir().join(format!("zf-house-{}", w.app.new_id()));
        w.app = w.app.clone().with_audit_roots(&file);
        let mut handlers = Handlers::default();
        zf_kernel::handlers(&mut handlers);
        install(&w.app, zf_kernel::schedules(), w.app.now())
            .await
            .unwrap();
        w.user("li", &w.east, "branch_head", &w.east).await;
        for password in [PASSWORD, "wrong"] {
            let attempt = Attempt {
                login: "li",
                password,
                totp: None,
                address: "10.0.0.7",
                loopback: true,
            };
            let _ = sign_in(&w.app, attempt, w.app.now(), w.app.new_id()).await;
        }
        assert_eq!(counts(&w).await, [1, 1, 0]);
        for _ in 0..40 {
            w.clock.forward(24 * 3600);
            drain(&w.app, &handlers).await.unwrap();
        }
        assert_eq!(counts(&w).await, [0, 0, 40]);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(text.lines().count(), 40);
        assert!(
            text.starts_with("2016-10-12 "),
            "the day that had ended: {text:.12}"
        );
        let nobody = session_find(&w.app, "no such token", w.app.now()).await;
        assert!(nobody.unwrap().is_none());
    }
}
