//! Large imports: rows keep their order and their numbers whatever goes on side
//! by side, changes of many rows arrive, a batch that is in is not written again,
//! the stored file reads like the sent one, counts of branches are never old.

use crate::World;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{Read, Seek, SeekFrom};
use zf_kernel::Permission;
use zf_kernel::unit::Unit;
use zf_network::customer::CustomerInput;
use zf_network::customer::figures::{Counts, customer_count_by_unit, customer_counts};
use zf_network::customer::service::{Filter, customer_add, customer_list};
use zf_network::import::ImportKind;
use zf_network::import::file::{file_open, file_put};
use zf_network::import::service::import_errors;
use zf_office::TableInput;
use zf_store::params;

mod sql {
    zf_store::statements! {
        CHUNKS_FORGET: cross = "DELETE FROM import_chunk WHERE import_id = $1";
        RUN_AGAIN: reference = "UPDATE import_run SET state = 'running' WHERE id = $1";
        EVENTS: unit = "SELECT COUNT(*) FROM event WHERE unit_id = $1 AND action = 'customer.import'";
    }
}

/// Row `i`: its branch, and whether its phone is one that cannot be.
fn row(i: usize) -> (&'static str, bool) {
    let unit = if i * i % 7 < 3 { "B2" } else { "B1" };
    (unit, i % 97 == 13)
}

fn file(rows: usize, occupation: &str) -> String {
    let mut csv = "customer_no,name,unit,phone,occupation,tags,household_no\n".to_owned();
    for i in 0..rows {
        let (unit, bad) = row(i);
        let phone = if bad { "12" } else { "" };
        let tag = if i % 5 == 0 { "三外人员" } else { "" };
        writeln!(
            csv,
            "N{i:06},张三{i},{unit},{phone},{occupation},{tag},H{}",
            i / 3
        )
        .unwrap();
    }
    csv
}

async fn all(w: &World, unit: &Unit, tag: Option<&str>) -> BTreeMap<String, (String, i64)> {
    let scope = w.scope(Permission::CustomerRead, unit);
    let tag = tag.map(|t| w.app.packs.tag_of(t).unwrap().to_owned());
    let filter = Filter {
        tag,
        ..Filter::default()
    };
    let (mut found, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = customer_list(&w.app, &scope, &filter, &after, 200)
            .await
            .unwrap();
        let Some(last) = page.last() else {
            return found;
        };
        after = last.customer_no.clone();
        for c in page {
            found.insert(c.customer_no, (c.occupation.unwrap_or_default(), c.rev));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_many_batches_keep_their_numbers_and_a_change_of_all_arrives() {
    const ROWS: usize = 6_400;
    for w in World::all().await {
        let first = w.import(ImportKind::Customers, &file(ROWS, "务农")).await;
        let bad: Vec<i64> = (0..ROWS)
            .filter(|i| row(*i).1)
            .map(|i| i as i64 + 2)
            .collect();
        let c = first.counts;
        assert_eq!((c.done, c.bad), (ROWS as i64, bad.len() as i64));
        assert_eq!((c.new, c.changed, c.same), (ROWS as i64 - c.bad, 0, 0));
        let told = import_errors(&w.app, &first, 10_000).await.unwrap();
        assert_eq!(told.iter().map(|e| e.row).collect::<Vec<_>>(), bad);
        let again = w
            .import(ImportKind::Customers, &file(ROWS, "务农"))
            .await
            .counts;
        assert_eq!((again.new, again.changed, again.same), (0, 0, c.new));
        let later = w
            .import(ImportKind::Customers, &file(ROWS, "退休"))
            .await
            .counts;
        assert_eq!((later.new, later.changed, later.same), (0, c.new, 0));
        for (unit, code) in [(&w.east, "B1"), (&w.west, "B2")] {
            let good = |i: &usize| row(*i) == (code, false);
            let want = |part: usize| -> BTreeMap<String, (String, i64)> {
                let of = (0..ROWS).filter(good).filter(|i| i % part == 0);
                of.map(|i| (format!("N{i:06}"), ("退休".to_owned(), 2)))
                    .collect()
            };
            assert!(all(&w, unit, None).await == want(1), "{}", w.db.name());
            assert!(
                all(&w, unit, Some("三外人员")).await == want(5),
                "{}",
                w.db.name()
            );
        }
    }
}

/// What is written when an attempt reads its state just before the last commit
/// of the attempt before it lands.
#[tokio::test]
async fn a_batch_that_is_in_already_is_neither_written_nor_counted_again() {
    for w in World::all().await {
        let text = file(1_500, "务农");
        let import = w.import(ImportKind::Customers, &text).await;
        let events = w
            .app
            .read_unit(w.east.id, sql::EVENTS, params![])
            .await
            .unwrap();
        let events: i64 = events[0].get(0).unwrap();
        w.app
            .db
            .exec(sql::RUN_AGAIN, params![import.id])
            .await
            .unwrap();
        file_put(&w.app, import.id, text.as_bytes()).await.unwrap();
        let resumed = w.run(&import, None).await.unwrap();
        assert_eq!(resumed.counts, import.counts, "{}", w.db.name());
        let after = w
            .app
            .read_unit(w.east.id, sql::EVENTS, params![])
            .await
            .unwrap();
        assert_eq!(after[0].get::<i64>(0).unwrap(), events);
        // Without its own notes it finds the rows as the same: never twice.
        w.app
            .db
            .exec(sql::CHUNKS_FORGET, params![import.id])
            .await
            .unwrap();
        w.app
            .db
            .exec(sql::RUN_AGAIN, params![import.id])
            .await
            .unwrap();
        file_put(&w.app, import.id, text.as_bytes()).await.unwrap();
        let third = w.run(&import, None).await.unwrap().counts;
        assert_eq!((third.new, third.same), (0, import.counts.new));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_file_reads_at_any_place_like_the_one_that_was_sent() {
    for w in World::all().await {
        let import = w.import(ImportKind::Customers, &file(3, "")).await;
        let sent: Vec<u8> = (0..10_000_019u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        file_put(&w.app, import.id, &sent).await.unwrap();
        let Some(TableInput::Stream(mut stored, size)) =
            file_open(&w.app, import.id).await.unwrap()
        else {
            panic!("a stored file is read piece by piece");
        };
        assert_eq!(size, sent.len() as u64);
        let read = tokio::task::spawn_blocking(move || {
            let mut whole = Vec::new();
            stored.read_to_end(&mut whole).unwrap();
            for at in [9_999_990u64, 0, 524_287, 524_288, 8_388_607, 3_000_000] {
                stored.seek(SeekFrom::Start(at)).unwrap();
                let mut some = vec![0; 29];
                stored.read_exact(&mut some).unwrap();
                assert_eq!(some, whole[at as usize..][..29], "{at}");
            }
            assert_eq!(stored.seek(SeekFrom::End(-1)).unwrap(), 10_000_018);
            whole
        });
        assert!(read.await.unwrap() == sent, "{}", w.db.name());
        zf_network::import::file::file_drop(&w.app, import.id)
            .await
            .unwrap();
        assert!(file_open(&w.app, import.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn counts_of_branches_follow_every_change() {
    for w in World::all().await {
        let ids = [w.east.id, w.west.id];
        let of =
            |counts: &std::collections::HashMap<_, Counts>| ids.map(|id| counts[&id].customers);
        assert_eq!(of(&customer_counts(&w.app, &ids).await.unwrap()), [0, 0]);
        let import = w.import(ImportKind::Customers, &file(30, "")).await;
        let counts = customer_counts(&w.app, &ids).await.unwrap();
        assert_eq!(of(&counts).iter().sum::<i64>(), import.counts.new);
        let scope = w.scope(Permission::CustomerWrite, &w.east);
        let input = CustomerInput {
            name: Some("李四".to_owned()),
            ..CustomerInput::default()
        };
        customer_add(&w.app, &w.machine(), &scope, "X1", &input, false)
            .await
            .unwrap();
        let later = customer_counts(&w.app, &ids).await.unwrap();
        assert_eq!(
            of(&later),
            [
                counts[&w.east.id].customers + 1,
                counts[&w.west.id].customers
            ]
        );
        assert_eq!(
            later[&w.east.id].households,
            counts[&w.east.id].households + 1
        );
        let tree = customer_count_by_unit(&w.app).await.unwrap();
        assert_eq!(ids.map(|id| tree[&id]), of(&later));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// New, changed, the same and bad of any two files add up as a list of
    /// numbers says they must.
    #[test]
    fn two_files_add_up_as_their_rows_say(
        first in proptest::collection::vec((0u8..40, 0u8..3, any::<bool>()), 1..60),
        second in proptest::collection::vec((0u8..40, 0u8..3, any::<bool>()), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for w in World::all().await {
                let mut stored: BTreeMap<(&str, u8), u8> = BTreeMap::new();
                for rows in [&first, &second] {
                    let mut csv = "customer_no,name,unit,occupation\n".to_owned();
                    let (mut seen, mut want) = (std::collections::BTreeSet::new(), [0i64; 4]);
                    for (no, job, east) in rows {
                        let unit = if *east { "B1" } else { "B2" };
                        writeln!(csv, "N{no},张三,{unit},工作{job}").unwrap();
                        let fate = match stored.get(&(unit, *no)) {
                            _ if !seen.insert((unit, *no)) => 3,
                            None => 0,
                            Some(known) if known == job => 2,
                            Some(_) => 1,
                        };
                        want[fate] += 1;
                        if fate < 3 {
                            stored.insert((unit, *no), *job);
                        }
                    }
                    let c = w.import(ImportKind::Customers, &csv).await.counts;
                    assert_eq!([c.new, c.changed, c.same, c.bad], want, "{csv}");
                }
            }
        });
    }
}
