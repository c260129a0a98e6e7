//! The audit chain as stored: whole when nobody touched it, also while others
//! write, and telling when somebody did. The daily root goes to a file once.

use crate::World;
use zf_base::Day;
use zf_kernel::event::verify::{append_root, daily_root, verify_all};
use zf_kernel::{Permission, UnitTx};
use zf_store::params;

mod sql {
    zf_store::statements! {
        CHANGE: cross = "UPDATE event SET detail = '{}' WHERE unit_id = $1 AND action = 'test.write' AND target_id = '3'";
        REMOVE: cross = "DELETE FROM event WHERE unit_id = $1 AND action = 'test.write' AND target_id = '3'";
        REMOVE_HEADS: cross = "DELETE FROM event_head WHERE unit_id = $1";
        SET_BACK: cross = "UPDATE event_head SET seq = 0 WHERE unit_id = $1";
        REMOVE_ALL: cross = "DELETE FROM event WHERE unit_id = $1";
        RENAME: cross = "UPDATE event SET actor_name = 'somebody else' WHERE unit_id = $1 AND target_id = '3'";
    }
}

async fn write(w: &World, n: i32) {
    let ctx = w.machine();
    let scope = w.scope(Permission::AuditRead, &w.east);
    for i in 0..n {
        let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
        tx.record("test.write", "test", i, serde_json::json!({ "i": i }));
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_untouched_chain_holds() {
    for w in World::all().await {
        write(&w, 12).await;
        let report = verify_all(&w.app).await.unwrap();
        assert_eq!(report.findings, vec![]);
        // Three units were added, then twelve events on one of them.
        assert_eq!(report.events, 15);
    }
}

#[tokio::test]
async fn nothing_is_written_on_top_of_a_chain_whose_head_is_gone_or_was_set_back() {
    for damage in [sql::REMOVE_HEADS, sql::SET_BACK] {
        for w in World::all().await {
            // One request: all of it goes into one stream.
            let (ctx, scope) = (w.machine(), w.scope(Permission::AuditRead, &w.east));
            let write = async || {
                let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await?;
                tx.record("test.write", "test", 1, serde_json::json!({}));
                tx.commit().await
            };
            write().await.unwrap();
            write().await.unwrap();
            let before = verify_all(&w.app).await.unwrap().events;
            w.app.db.exec(damage, params![w.east.id]).await.unwrap();
            let refused = write().await.unwrap_err();
            assert_eq!(refused.code(), Some("audit.damaged"), "{}", damage.name);
            assert_eq!(verify_all(&w.app).await.unwrap().events, before);
        }
    }
}

#[tokio::test]
async fn a_change_a_removal_and_a_lost_head_are_found() {
    let damages = [
        sql::CHANGE,
        sql::REMOVE,
        sql::REMOVE_HEADS,
        sql::REMOVE_ALL,
        sql::RENAME,
    ];
    for damage in damages {
        for w in World::all().await {
            write(&w, 6).await;
            let n = w.app.db.exec(damage, params![w.east.id]).await.unwrap();
            assert!(n > 0, "{}: the control", damage.name);
            let report = verify_all(&w.app).await.unwrap();
            assert!(!report.findings.is_empty(), "{}", damage.name);
            let elsewhere = report.findings.iter().any(|f| f.unit != w.east.id.uuid());
            assert!(!elsewhere, "{}: only where it was done", damage.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_while_others_write_accuses_nobody() {
    for w in World::all().await {
        let writers = async {
            for _ in 0..10 {
                write(&w, 8).await;
            }
        };
        let verifiers = async {
            for _ in 0..10 {
                let report = verify_all(&w.app).await.unwrap();
                assert_eq!(report.findings, vec![]);
            }
        };
        tokio::join!(writers, verifiers);
    }
}

#[tokio::test]
async fn a_day_has_one_root_and_one_line_in_the_file() {
    for w in World::all().await {
        let day = Day::new(2016, 10, 12).unwrap();
        let first = daily_root(&w.app, day).await.unwrap();
        write(&w, 1).await;
        assert_eq!(daily_root(&w.app, day).await.unwrap(), first);
        let next = daily_root(&w.app, day.plus_days(1)).await.unwrap();
        assert_ne!(next, first);

        let file = std::env::temp_dir().join(format!("zf-roots-{}", w.app.new_id()));
        for _ in 0..2 {
            append_root(&file, day, &first).unwrap();
            append_root(&file, day.plus_days(1), &next).unwrap();
        }
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let days: Vec<&str> = text.lines().map(|l| &l[..10]).collect();
        assert_eq!(days, ["2016-10-12", "2016-10-13"]);
        assert!(text.lines().all(|l| l.len() == 10 + 1 + 64));
    }
}
