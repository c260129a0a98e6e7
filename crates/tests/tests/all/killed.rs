//! An import whose worker dies in the middle: another one goes on where it
//! stopped, and nothing is in twice.

use serde_json::Value as Json;
use std::sync::atomic::{AtomicUsize, Ordering};
use zf_base::ImportId;
use zf_kernel::error::{KernelError, Result};
use zf_network::import::Counts;
use zf_network::import::run::{Reporter, import_run};
use zf_tests::files::Sheet;
use zf_tests::people::person;
use zf_tests::world::PASSWORD;
use zf_tests::{World, both};

/// Rows of the file: three branches, more than three batches of a thousand.
const ROWS: usize = 3_600;

fn file(w: &World) -> String {
    let mut sheet = Sheet::new(&["客户号", "姓名", "手机号", "所属机构", "户号"]);
    for n in 0..ROWS {
        let p = person(n);
        let phone = if n % 500 == 7 { "1" } else { &p.phone };
        let unit = &w.org.branches[n % 3].code;
        let household = format!("H{}", n / 6);
        sheet = sheet.row(&[&p.no, &p.name, phone, unit, &household]);
    }
    sheet.csv()
}

/// Never answers after some batches, like a process that is gone.
struct DiesAfter(AtomicUsize, tokio::sync::Notify);

impl Reporter for DiesAfter {
    async fn report(&self, _: Counts) -> Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 1 {
            return Ok(());
        }
        self.1.notify_one();
        std::future::pending().await
    }
}

/// What a database holds after an import, by business keys.
async fn contents(w: &World) -> Vec<Vec<zf_store::Row>> {
    let mut all = Vec::new();
    for text in [
        "SELECT u.code, c.customer_no, h.household_no, c.phone_state, c.rev FROM customer c JOIN unit u ON u.id = c.unit_id JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id ORDER BY u.code, c.customer_no",
        "SELECT u.code, h.household_no FROM household h JOIN unit u ON u.id = h.unit_id ORDER BY u.code, h.household_no",
        "SELECT row_no, column_name, reason FROM import_error ORDER BY row_no",
        "SELECT u.code, i.chunk, i.rows_new FROM import_chunk i JOIN unit u ON u.id = i.unit_id ORDER BY u.code, i.chunk",
        "SELECT rows_total, rows_done, rows_new, rows_changed, rows_same, rows_bad FROM import_run",
        "SELECT COUNT(*) FROM event WHERE action = 'customer.import'",
    ] {
        all.push(w.query(text, vec![]).await);
    }
    all
}

async fn control(engine: zf_tests::On) -> Vec<Vec<zf_store::Row>> {
    let w = World::new(engine).await.unwrap();
    let market = w.role("market_department").await;
    let done = w
        .import(&market, "customers", "名单.csv", file(&w).as_bytes())
        .await;
    assert_eq!(done["rows_new"], 3_592, "{done}");
    assert_eq!(done["rows_bad"], 8);
    contents(&w).await
}

async fn killed_after(w: &World, batches: &[usize]) -> Json {
    let market = w.role("market_department").await;
    let started = market
        .upload("customers", "名单.csv", file(w).as_bytes(), false)
        .await
        .good();
    let id: ImportId = started["id"].as_str().unwrap().parse().unwrap();
    for n in batches {
        let dies = DiesAfter(AtomicUsize::new(*n), tokio::sync::Notify::new());
        let ctx = w.machine();
        tokio::select! {
            ended = import_run(&w.app, &ctx, id, &dies) => panic!("ended before it died: {:?}", ended.map(|i| i.state)),
            () = dies.1.notified() => {}
        }
    }
    // The job itself was never taken: the worker does it now.
    w.drain().await;
    market.get(&format!("/imports/{id}")).await.good()
}

/// The page says that it has failed, and what to do.
async fn given_up(w: &World, started: &Json) {
    // The session of the beginning may be over by now.
    let login = format!("market-department-{}", w.org.county.code);
    let market = w.browser().sign_in(&login, PASSWORD).await;
    let path = format!("/imports/{}", started["id"].as_str().unwrap());
    let import = market.get(&path).await.good();
    assert_eq!(import["state"], "failed", "{import}");
    let told = import["message"].as_str().unwrap();
    assert!(told.contains("再导入一次"), "{told}");
    assert!(import["finished_at"].is_string(), "{import}");
}

fn engine(w: &World) -> zf_tests::On {
    match w.engine() {
        "sqlite" => zf_tests::On::Sqlite,
        _ => zf_tests::On::Postgres,
    }
}

both! {
    async fn an_import_killed_three_times_ends_like_one_that_was_not(w: World) {
        let done = killed_after(&w, &[2, 3, 4]).await;
        assert_eq!(done["state"], "done", "{done}");
        let (killed, control) = (contents(&w).await, control(engine(&w)).await);
        for (mine, theirs) in killed.iter().zip(&control) {
            assert_eq!(mine, theirs);
        }
    }

    async fn a_worker_that_dies_loses_its_job_to_another_after_the_lease(w: World) {
        let market = w.role("market_department").await;
        let file = file(&w);
        let started = market.upload("customers", "名单.csv", file.as_bytes(), false).await.good();
        let mut handlers = zf_kernel::job::worker::Handlers::default();
        let taken = std::sync::Arc::new(tokio::sync::Notify::new());
        let told = taken.clone();
        handlers.add("import.run", move |_| {
            let told = told.clone();
            async move {
                told.notify_one();
                std::future::pending::<Result<Json>>().await
            }
        });
        tokio::select! {
            _ = zf_kernel::job::worker::drain(&w.app, &handlers) => panic!("the job cannot end"),
            () = taken.notified() => {}
        }
        assert_eq!(w.drain().await, 0, "somebody has it");
        // The lease is two minutes.
        w.clock.forward_seconds(121);
        assert_eq!(w.drain().await, 1);
        let done = market.get(&format!("/imports/{}", started["id"].as_str().unwrap())).await.good();
        assert_eq!((done["state"].as_str(), done["rows_new"].as_i64()), (Some("done"), Some(3_592)));
    }

    async fn a_fault_of_ours_is_tried_again_and_given_up_after_eight_attempts(w: World) {
        let market = w.role("market_department").await;
        let started = market.upload("customers", "名单.csv", file(&w).as_bytes(), false).await.good();
        let mut handlers = zf_server::handlers();
        let tries = std::sync::Arc::new(AtomicUsize::new(0));
        let count = tries.clone();
        handlers.add("import.run", move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Err::<Json, _>(KernelError::Internal("planned".to_owned())) }
        });
        for _ in 0..12 {
            zf_kernel::job::worker::drain(&w.app, &handlers).await.unwrap();
            // Longer than the longest pause, six hours.
            w.clock.forward_minutes(6 * 60 + 1);
        }
        assert_eq!(tries.load(Ordering::SeqCst), 8);
        assert_eq!(w.count("SELECT COUNT(*) FROM job WHERE kind = 'import.run' AND state = 'failed'").await, 1);
        given_up(&w, &started).await;
    }

    async fn an_import_that_takes_its_workers_with_it_ends_as_failed_and_says_what_to_do(w: World) {
        let market = w.role("market_department").await;
        let started = market.upload("customers", "名单.csv", file(&w).as_bytes(), false).await.good();
        // The eighth worker died in the middle, a while ago.
        w.exec("UPDATE import_run SET state = 'running'", vec![]).await;
        w.exec("UPDATE job SET state = 'running', attempts = 8, claimed_by = 'gone', lease_until = run_at WHERE kind = 'import.run'", vec![]).await;
        w.clock.forward_seconds(1);
        assert_eq!(w.drain().await, 0, "it is not tried again");
        given_up(&w, &started).await;
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 0, "the file is forgotten");
    }
}
