//! What a transaction on one unit refuses, and that a unit of work is run
//! again when the database asks for it.

use crate::World;
use std::sync::atomic::{AtomicU32, Ordering};
use zf_kernel::event::service::{Before, event_list};
use zf_kernel::{KernelError, Permission, UnitTx, again};
use zf_store::{StoreError, params};

mod sql {
    zf_store::statements! {
        GROUP_ADD: unit = "INSERT INTO village_group (unit_id, id, code, township, village, name, lat, lon, datum, updated_at) VALUES ($1, $2, $3, '', '', '', NULL, NULL, NULL, $4)";
        GROUP_ADD_TELLING: unit = "INSERT INTO village_group (unit_id, id, code, township, village, name, lat, lon, datum, updated_at) VALUES ($1, $2, $3, '', '', '', NULL, NULL, NULL, $4) RETURNING id";
        GROUPS: unit = "SELECT code FROM village_group WHERE unit_id = $1 ORDER BY code";
        GROUPS_OF_ALL: cross = "SELECT code FROM village_group ORDER BY code";
    }
}

async fn codes(w: &World, unit: &zf_kernel::unit::Unit) -> Vec<String> {
    let rows = w
        .app
        .read_unit(unit.id, sql::GROUPS, params![])
        .await
        .unwrap();
    rows.iter().map(|r| r.get(0).unwrap()).collect()
}

#[tokio::test]
async fn a_change_without_an_event_is_not_kept() {
    for w in World::all().await {
        let ctx = w.machine();
        let scope = w.scope(Permission::ImportWrite, &w.east);
        let row = || params![w.app.new_id(), "G1", ctx.now];
        for statement in [sql::GROUP_ADD, sql::GROUP_ADD_TELLING] {
            let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
            if statement == sql::GROUP_ADD {
                tx.exec(statement, row()).await.unwrap();
            } else {
                tx.query(statement, row()).await.unwrap();
            }
            assert!(matches!(tx.commit().await, Err(KernelError::Internal(_))));
            assert!(codes(&w, &w.east).await.is_empty(), "{}", statement.name);
        }
        let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
        tx.exec(sql::GROUP_ADD, row()).await.unwrap();
        tx.record(
            "village_group.put",
            "village_group",
            "G1",
            serde_json::json!({}),
        );
        tx.commit().await.unwrap();
        assert_eq!(codes(&w, &w.east).await, ["G1"]);
        assert!(
            codes(&w, &w.west).await.is_empty(),
            "the unit comes from the scope"
        );
    }
}

#[tokio::test]
async fn inside_a_transaction_no_statement_reaches_another_unit_or_the_chain() {
    for w in World::all().await {
        let ctx = w.machine();
        let scope = w.scope(Permission::ImportWrite, &w.east);
        let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
        let across = tx.query(sql::GROUPS_OF_ALL, params![]).await;
        assert!(matches!(across, Err(KernelError::Internal(_))));
        let table = "village_group";
        let elsewhere = tx.bulk(table, &["id", "unit_id"], vec![]).await;
        assert!(matches!(elsewhere, Err(KernelError::Internal(_))));
        let forged = tx.bulk("event", &["unit_id"], vec![]).await;
        assert!(matches!(forged, Err(KernelError::Internal(_))));
        let head = zf_kernel::event::store::EVENT_HEAD_SET;
        let forged = tx
            .exec(head, params![0i64, vec![0u8; 32], vec![0u8; 32]])
            .await;
        assert!(matches!(forged, Err(KernelError::Internal(_))));
    }
}

#[tokio::test]
async fn a_unit_of_work_is_run_again_while_the_database_says_that_it_may_succeed() {
    for w in World::all().await {
        let tries = AtomicU32::new(0);
        let third = again(&w.app, || async {
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 => Err(KernelError::Store(StoreError::Retry)),
                1 => Err(KernelError::Store(StoreError::Busy)),
                n => Ok(n),
            }
        });
        assert_eq!(third.await.unwrap(), 2);

        let tries = AtomicU32::new(0);
        let broken = again(&w.app, || async {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(KernelError::Internal("broken".to_owned()))
        });
        assert!(broken.await.is_err());
        assert_eq!(
            tries.load(Ordering::SeqCst),
            1,
            "an error of ours stays one"
        );
    }
}

#[tokio::test]
async fn the_log_is_filtered_by_the_name_of_an_action_also_with_an_underscore() {
    for w in World::all().await {
        let ctx = w.machine();
        let scope = w.scope(Permission::AuditRead, &w.east);
        for action in ["user.sign_in", "user.sign_in_failed", "unit.change"] {
            let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
            tx.record(action, "test", 1, serde_json::json!({}));
            tx.commit().await.unwrap();
        }
        let count = async |action: &str| {
            let page = event_list(&w.app, &scope, action, Before::newest(), 50).await;
            page.unwrap().len()
        };
        assert_eq!(count("user.sign_in_failed").await, 1);
        assert_eq!(count("user.").await, 2);
    }
}

#[tokio::test]
async fn pages_of_the_log_lose_and_repeat_nothing_when_moments_are_equal() {
    for w in World::all().await {
        let ctx = w.machine();
        let scope = w.scope(Permission::AuditRead, &w.east);
        let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
        for i in 0..25 {
            tx.record("test.tie", "test", i, serde_json::json!({}));
        }
        tx.commit().await.unwrap();
        let (mut seen, mut before) = (Vec::new(), Before::newest());
        loop {
            let page = event_list(&w.app, &scope, "test.tie", before, 4)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            before = Before {
                at: last.at,
                id: last.id,
            };
            seen.extend(page.iter().map(|e| e.target_id.parse::<i32>().unwrap()));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..25).collect::<Vec<_>>());
    }
}
