//! Jobs and schedules under two workers, dying workers, panics and stops.
//! Limits: a lease lasts 120 s, a job has eight attempts.

use crate::World;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use zf_base::code::ErrorCode;
use zf_kernel::KernelError;
use zf_kernel::job::schedule::{Preset, install};
use zf_kernel::job::service::{job_cancel, job_enqueue, job_fetch};
use zf_kernel::job::worker::{Handlers, drain};
use zf_kernel::job::{Job, NewJob};
use zf_store::params;

mod sql {
    zf_store::statements! {
        JOBS_OF: reference = "SELECT COUNT(*) FROM job WHERE kind = $1";
        TAKE_AWAY: reference = "UPDATE job SET claimed_by = 'another worker' WHERE id = $1";
        DIE: reference = "UPDATE job SET state = 'running', claimed_by = 'gone', lease_until = $2, attempts = attempts + 1 WHERE id = $1";
        BREAK_LINE: reference = "UPDATE schedule SET cron = 'whenever' WHERE kind = $1";
    }
}

async fn enqueue(w: &World, kind: &'static str) -> Job {
    let job = NewJob::new(kind, w.county.id, json!({}));
    job_enqueue(&w.app, &w.machine(), &job).await.unwrap()
}

async fn count(w: &World, kind: &str) -> i64 {
    let rows = w.app.db.query(sql::JOBS_OF, params![kind]).await.unwrap();
    rows[0].get(0).unwrap()
}

/// A handler that counts its runs.
fn counting(handlers: &mut Handlers, kind: &'static str) -> Arc<AtomicU32> {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    handlers.add(kind, move |run| {
        let counter = counter.clone();
        async move {
            counter.fetch_add(1, Ordering::SeqCst);
            run.progress(1, 1, "").await?;
            Ok(json!({ "ran": true }))
        }
    });
    runs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_fires_once_with_two_workers() {
    for w in World::all().await {
        let line = Preset {
            kind: "session.forget",
            cron: "0 10 * * *",
        };
        install(&w.app, &[line], w.app.now()).await.unwrap();
        let mut handlers = Handlers::default();
        let runs = counting(&mut handlers, "session.forget");
        drain(&w.app, &handlers).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 0, "it is nine o'clock");
        w.clock.forward(3600);
        let (a, b) = tokio::join!(drain(&w.app, &handlers), drain(&w.app, &handlers));
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        // Three days without a worker are made up by one run.
        w.clock.forward(3 * 24 * 3600);
        drain(&w.app, &handlers).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(count(&w, "session.forget").await, 2);
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_does_not_stop_the_others() {
    for w in World::all().await {
        let lines = ["session.forget", "plan.week_all"].map(|kind| Preset {
            kind,
            cron: "0 10 * * *",
        });
        install(&w.app, &lines, w.app.now()).await.unwrap();
        let broken = params!["plan.week_all"];
        w.app.db.exec(sql::BREAK_LINE, broken).await.unwrap();
        let mut handlers = Handlers::default();
        let runs = counting(&mut handlers, "session.forget");
        counting(&mut handlers, "plan.week_all");
        w.clock.forward(3600);
        drain(&w.app, &handlers).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_job_whose_worker_died_is_taken_over_when_its_lease_runs_out() {
    for w in World::all().await {
        let job = enqueue(&w, "test.job").await;
        let lease = w.app.now().plus_seconds(120);
        w.app
            .db
            .exec(sql::DIE, params![job.id, lease])
            .await
            .unwrap();
        let mut handlers = Handlers::default();
        let runs = counting(&mut handlers, "test.job");
        w.clock.forward(120);
        drain(&w.app, &handlers).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 0, "the lease still holds");
        w.clock.forward(1);
        drain(&w.app, &handlers).await.unwrap();
        let job = job_fetch(&w.app, job.id).await.unwrap();
        assert_eq!((job.state.as_str(), job.attempts), ("done", 2));
    }
}

#[tokio::test]
async fn a_job_that_takes_its_workers_with_it_is_given_up_after_eight_attempts() {
    for w in World::all().await {
        let job = enqueue(&w, "test.job").await;
        let mut handlers = Handlers::default();
        let runs = counting(&mut handlers, "test.job");
        for _ in 0..8 {
            let lease = w.app.now().plus_seconds(-1);
            w.app
                .db
                .exec(sql::DIE, params![job.id, lease])
                .await
                .unwrap();
        }
        drain(&w.app, &handlers).await.unwrap();
        let job = job_fetch(&w.app, job.id).await.unwrap();
        assert_eq!(
            (job.state.as_str(), runs.load(Ordering::SeqCst)),
            ("failed", 0)
        );
    }
}

/// Told of the end of jobs: counts them.
fn told(handlers: &mut Handlers, kind: &'static str) -> Arc<AtomicU32> {
    let ends = Arc::new(AtomicU32::new(0));
    let counter = ends.clone();
    handlers.add_failed(kind, move |_, job| {
        assert_eq!(job.kind, kind);
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    ends
}

#[tokio::test]
async fn a_room_is_told_once_of_a_job_that_failed_for_good_and_of_no_other() {
    for w in World::all().await {
        let mut handlers = Handlers::default();
        counting(&mut handlers, "test.good");
        handlers.add("test.refused", |_| async {
            Err(KernelError::refused(ErrorCode::IMPORT_FILE))
        });
        handlers.add("test.panic", |_| async { panic!("every time") });
        handlers.add("test.lost", |run| async move {
            let id = run.job.id;
            run.app.db.exec(sql::TAKE_AWAY, params![id]).await.unwrap();
            Err(KernelError::refused(ErrorCode::IMPORT_FILE))
        });
        let kinds = [
            ("test.good", 0),
            ("test.refused", 1),
            ("test.panic", 1),
            // Always another worker's, until nobody's lease is left.
            ("test.lost", 1),
            ("test.died", 1),
        ];
        let ends = kinds.map(|(kind, _)| told(&mut handlers, kind));
        for (kind, _) in kinds {
            let job = enqueue(&w, kind).await;
            // Dies with its workers, eight times.
            for _ in 0..8 * usize::from(kind == "test.died") {
                let lease = w.app.now().plus_seconds(-1);
                let die = params![job.id, lease];
                w.app.db.exec(sql::DIE, die).await.unwrap();
            }
        }
        for attempt in 1..=9 {
            drain(&w.app, &handlers).await.unwrap();
            let panicked = ends[2].load(Ordering::SeqCst);
            assert_eq!(panicked, u32::from(attempt >= 8), "attempt {attempt}");
            let lost = ends[3].load(Ordering::SeqCst);
            assert_eq!(lost, u32::from(attempt >= 9), "attempt {attempt}");
            w.clock.forward(6 * 3600 + 1);
        }
        for ((kind, expected), ends) in kinds.iter().zip(&ends) {
            assert_eq!(ends.load(Ordering::SeqCst), *expected, "{kind}");
        }
    }
}

#[tokio::test]
async fn a_worker_whose_job_was_given_away_can_neither_report_nor_end_it() {
    for w in World::all().await {
        let job = enqueue(&w, "test.job").await;
        let mut handlers = Handlers::default();
        handlers.add("test.job", |run| async move {
            let id = run.job.id;
            run.app.db.exec(sql::TAKE_AWAY, params![id]).await.unwrap();
            let told = run.progress(1, 1, "").await.unwrap_err();
            assert_eq!(told.code(), None, "not a stop somebody asked for");
            Ok(json!({}))
        });
        drain(&w.app, &handlers).await.unwrap();
        let job = job_fetch(&w.app, job.id).await.unwrap();
        assert_eq!((job.state.as_str(), job.done), ("running", 0));
    }
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_a_refusal_ends_the_job() {
    for w in World::all().await {
        let (panics, refused) = (
            enqueue(&w, "test.panic").await,
            enqueue(&w, "test.no").await,
        );
        let mut handlers = Handlers::default();
        handlers.add("test.panic", |run| async move {
            if run.job.attempts < 3 {
                panic!("attempt {}", run.job.attempts);
            }
            Ok(json!("third time lucky"))
        });
        handlers.add("test.no", |_| async {
            Err(KernelError::refused(ErrorCode::IMPORT_FILE))
        });
        drain(&w.app, &handlers).await.unwrap();
        let job = job_fetch(&w.app, panics.id).await.unwrap();
        assert_eq!((job.state.as_str(), job.attempts), ("ready", 1));
        for _ in 0..2 {
            w.clock.forward(3600);
            drain(&w.app, &handlers).await.unwrap();
        }
        let job = job_fetch(&w.app, panics.id).await.unwrap();
        assert_eq!(job.result, Some(json!("third time lucky")));
        let job = job_fetch(&w.app, refused.id).await.unwrap();
        assert_eq!(
            (job.state.as_str(), job.message.as_str()),
            ("failed", "import.file")
        );
    }
}

#[tokio::test]
async fn a_job_that_waits_for_another_try_stops_at_once_when_asked() {
    for w in World::all().await {
        let job = enqueue(&w, "test.job").await;
        let mut handlers = Handlers::default();
        handlers.add("test.job", |run| async move {
            run.progress(0, 1, "").await?;
            Err(KernelError::Internal("not today".to_owned()))
        });
        drain(&w.app, &handlers).await.unwrap();
        job_cancel(&w.app, job.id).await.unwrap();
        drain(&w.app, &handlers).await.unwrap();
        let job = job_fetch(&w.app, job.id).await.unwrap();
        assert_eq!(job.state, "canceled");
    }
}

#[tokio::test]
async fn a_second_job_with_the_same_key_waits_for_the_end_of_the_first() {
    for w in World::all().await {
        let job = NewJob::new("test.job", w.county.id, json!({})).once("week 41");
        job_enqueue(&w.app, &w.machine(), &job).await.unwrap();
        let twice = job_enqueue(&w.app, &w.machine(), &job).await;
        assert_eq!(twice.unwrap_err().code(), Some("conflict"));
        let mut handlers = Handlers::default();
        counting(&mut handlers, "test.job");
        drain(&w.app, &handlers).await.unwrap();
        assert!(job_enqueue(&w.app, &w.machine(), &job).await.is_ok());
    }
}
