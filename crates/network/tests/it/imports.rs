//! Imports: the sums, interruption and going on, verdicts that stand, dry
//! runs, names that mean two things.

use crate::World;
use std::fmt::Write;
use zf_kernel::unit::service::unit_by_code;
use zf_network::import::service::{import_errors, import_fetch};
use zf_network::import::{Counts, ImportKind};
use zf_store::params;

mod sql {
    zf_store::statements! {
        CUSTOMERS: unit = "SELECT COUNT(*), COUNT(DISTINCT customer_no) FROM customer WHERE unit_id = $1";
        PIECES: reference = "SELECT COUNT(*) FROM import_file WHERE import_id = $1";
        GROUP_OF: unit = "SELECT g.code FROM customer c JOIN village_group g ON g.unit_id = c.unit_id AND g.id = c.village_group_id WHERE c.unit_id = $1 AND c.customer_no = $2";
    }
}

async fn customers(w: &World, unit: &zf_kernel::unit::Unit) -> (i64, i64) {
    let rows = w
        .app
        .read_unit(unit.id, sql::CUSTOMERS, params![])
        .await
        .unwrap();
    (rows[0].get(0).unwrap(), rows[0].get(1).unwrap())
}

async fn pieces(w: &World, id: zf_base::ImportId) -> i64 {
    let rows = w.app.db.query(sql::PIECES, params![id]).await.unwrap();
    rows[0].get(0).unwrap()
}

fn counts(total: i64, new: i64, changed: i64, same: i64, bad: i64) -> Counts {
    Counts {
        total,
        done: total,
        new,
        changed,
        same,
        bad,
    }
}

/// 3,500 rows over two branches; every 500th is bad, one is there twice.
fn big_file() -> String {
    let mut csv = "customer_no,name,unit,phone\n".to_owned();
    for i in 1..=3_500 {
        let unit = if i % 3 == 0 { "B2" } else { "B1" };
        let phone = if i % 500 == 0 { "12" } else { "" };
        let no = if i == 3_301 { 1 } else { i };
        writeln!(csv, "N{no:05},张三,{unit},{phone}").unwrap();
    }
    csv
}

#[tokio::test]
async fn an_import_broken_off_anywhere_ends_as_if_nothing_had_happened() {
    for breaks_after in [0, 1, 2, 3] {
        for w in World::all().await {
            let import = w.start(ImportKind::Customers, &big_file(), false).await;
            for _ in 0..2 {
                assert!(w.run(&import, Some(breaks_after)).await.is_err());
                assert!(
                    pieces(&w, import.id).await > 0,
                    "the file stays for the next try"
                );
            }
            let ended = w.run(&import, None).await.unwrap();
            // 7 rows with a bad phone, 1 number twice in the file.
            assert_eq!(
                ended.counts,
                counts(3_500, 3_492, 0, 0, 8),
                "{}",
                w.db.name()
            );
            let (east, west) = (customers(&w, &w.east).await, customers(&w, &w.west).await);
            assert_eq!(east.0 + west.0, 3_492);
            assert_eq!((east.0, west.0), (east.1, west.1), "no row twice");
            assert_eq!(pieces(&w, import.id).await, 0);
        }
    }
}

#[tokio::test]
async fn the_first_verdict_on_a_row_stands_when_an_import_goes_on() {
    for w in World::all().await {
        let mut csv = "customer_no,name,unit,village_group\n".to_owned();
        for i in 1..=1_500 {
            let group = if i == 5 { "G1" } else { "" };
            writeln!(csv, "N{i:05},张三,B1,{group}").unwrap();
        }
        let import = w.start(ImportKind::Customers, &csv, false).await;
        assert!(w.run(&import, Some(0)).await.is_err());
        // Meanwhile the group that row 5 named is made.
        w.import(ImportKind::VillageGroups, "unit,code,name\nB1,G1,一组\n")
            .await;
        let ended = w.run(&import, None).await.unwrap();
        assert_eq!(ended.counts, counts(1_500, 1_499, 0, 0, 1));
        assert_eq!(customers(&w, &w.east).await, (1_499, 1_499));
    }
}

#[tokio::test]
async fn a_second_import_of_the_same_file_changes_nothing() {
    for w in World::all().await {
        let csv = "customer_no,name,unit,occupation\nN1,张三,B1,农民\nN2,李四,B1,\n";
        assert_eq!(
            w.import(ImportKind::Customers, csv).await.counts,
            counts(2, 2, 0, 0, 0)
        );
        assert_eq!(
            w.import(ImportKind::Customers, csv).await.counts,
            counts(2, 0, 0, 2, 0)
        );
        let changed = csv.replace("农民", "教师");
        let again = w.import(ImportKind::Customers, &changed).await;
        assert_eq!(again.counts, counts(2, 0, 1, 1, 0));
    }
}

#[tokio::test]
async fn an_import_of_units_counts_no_row_twice_when_broken_off() {
    for w in World::all().await {
        let mut csv = "code,name,level,parent\n".to_owned();
        for i in 1..=1_200 {
            writeln!(csv, "U{i},网点{i},网点,C1").unwrap();
        }
        let import = w.start(ImportKind::Units, &csv, false).await;
        assert!(w.run(&import, Some(0)).await.is_err());
        let ended = w.run(&import, None).await.unwrap();
        assert_eq!(ended.counts, counts(1_200, 1_200, 0, 0, 0));
    }
}

#[tokio::test]
async fn a_dry_run_checks_a_tree_that_is_not_there_yet_and_writes_nothing() {
    for w in World::all().await {
        let csv = "code,name,level,parent\nB9,九号,网点,C1\nC2,二县,县,C9\nX1,市,市,C1\n";
        let import = w.start(ImportKind::Units, csv, true).await;
        let ended = w.run(&import, None).await.unwrap();
        assert_eq!(ended.counts, counts(3, 1, 0, 0, 2));

        let csv = "code,name,level,parent\nK1,新镇,网点,C1\n,无码,网点,C1\n";
        let import = w.start(ImportKind::Units, csv, true).await;
        let ended = w.run(&import, None).await.unwrap();
        assert_eq!(
            ended.counts,
            counts(2, 1, 0, 0, 1),
            "an empty code is a bad row"
        );
        assert!(unit_by_code(&w.app, "K1").await.unwrap().is_none());

        let csv = "customer_no,name,unit\nN1,张三,B1\nN1,李四,B1\nN2,王五,\n";
        let import = w.start(ImportKind::Customers, csv, true).await;
        let ended = w.run(&import, None).await.unwrap();
        assert_eq!(ended.counts, counts(3, 1, 0, 0, 2));
        assert_eq!(customers(&w, &w.east).await.0, 0);
        let errors = import_errors(&w.app, &ended, 10).await.unwrap();
        let rows: Vec<i64> = errors.iter().map(|e| e.row).collect();
        assert_eq!(rows, [3, 4], "rows as in the file");
    }
}

#[tokio::test]
async fn a_group_name_that_stands_for_two_is_refused_and_with_its_village_taken() {
    for w in World::all().await {
        let groups = "unit,code,village,name\nB1,G1,大河村,一组\nB1,G2,小河村,一组\n";
        w.import(ImportKind::VillageGroups, groups).await;
        let csv = "customer_no,name,unit,village_group\n\
                   N1,张三,B1,一组\nN2,李四,B1,小河村一组\nN3,王五,B1,G1\n";
        let ended = w.import(ImportKind::Customers, csv).await;
        assert_eq!(ended.counts, counts(3, 2, 0, 0, 1));
        for (no, group) in [("N2", "G2"), ("N3", "G1")] {
            let rows = w.app.read_unit(w.east.id, sql::GROUP_OF, params![no]).await;
            assert_eq!(rows.unwrap()[0].get::<String>(0).unwrap(), group);
        }
    }
}

#[tokio::test]
async fn no_more_findings_are_listed_than_a_workbook_takes() {
    for w in World::all().await {
        let mut csv = "customer_no,name,unit\n".to_owned();
        for i in 0..10_400 {
            writeln!(csv, "N{i},,B1").unwrap();
        }
        let ended = w.import(ImportKind::Customers, &csv).await;
        assert_eq!(ended.counts.bad, 10_400, "all are counted");
        let listed = import_errors(&w.app, &ended, 20_000).await.unwrap();
        assert_eq!(listed.len(), 10_000);
    }
}

#[tokio::test]
async fn two_imports_at_once_into_one_branch_both_end() {
    for w in World::all().await {
        let file = |occupation: &str| {
            let mut csv = "customer_no,name,unit,occupation\n".to_owned();
            for i in 0..1_500 {
                writeln!(csv, "N{i},张三,B1,{occupation}").unwrap();
            }
            csv
        };
        let a = w.start(ImportKind::Customers, &file("农民"), false).await;
        let b = w.start(ImportKind::Customers, &file("教师"), false).await;
        let (a, b) = tokio::join!(w.run(&a, None), w.run(&b, None));
        let (a, b) = (a.unwrap().counts, b.unwrap().counts);
        assert_eq!(a.new + b.new, 1_500, "{a:?} {b:?}");
        assert_eq!(a.changed + b.changed, 1_500, "{a:?} {b:?}");
        assert_eq!(customers(&w, &w.east).await, (1_500, 1_500));
    }
}

#[tokio::test]
async fn whoever_may_not_write_units_by_hand_may_not_import_them() {
    for w in World::all().await {
        let mut ctx = w.machine();
        for grant in &mut ctx.actor.grants {
            grant.permissions.remove(&zf_kernel::Permission::UnitWrite);
        }
        let scope = w.scope(zf_kernel::Permission::ImportWrite, &w.county);
        let new = |kind| zf_network::import::service::NewImport {
            kind,
            file_name: "u.csv".to_owned(),
            datum: zf_base::geo::Datum::Wgs84,
            dry_run: false,
        };
        let start = zf_network::import::service::import_start;
        let units = new(ImportKind::Units);
        let got = start(&w.app, &ctx, &scope, &units, b"code", false).await;
        assert_eq!(got.unwrap_err().code(), Some("permission.denied"));
        let staff = new(ImportKind::Staff);
        let got = start(&w.app, &ctx, &scope, &staff, b"code", false).await;
        let import = import_fetch(&w.app, &w.machine(), got.unwrap().id).await;
        assert_eq!(import.unwrap().state, "waiting");
    }
}
