//! Speed and hits of the address parser over every village of the table,
//! beside a scan of the same text for the endings alone:
//! `cargo run --release -p zf-address --example parse_speed -- frontend/dist/divisions.bin`.

use std::hint::black_box;
use std::time::Instant;
use zf_address::{Divisions, Hint, parse};

/// The reference: where the ending of each level stands, nothing kept.
fn scan(text: &str) -> usize {
    let endings = ["省", "市", "县", "区", "镇", "乡", "街道", "村", "组", "号"];
    endings.iter().filter_map(|e| text.find(e)).sum()
}

fn per_second(texts: &[String], mut f: impl FnMut(&str)) -> f64 {
    let start = Instant::now();
    texts.iter().for_each(|t| f(black_box(t)));
    texts.len() as f64 / start.elapsed().as_secs_f64()
}

fn main() {
    let Some(bytes) = std::env::args().nth(1).and_then(|f| std::fs::read(f).ok()) else {
        println!("skipped: no divisions.bin (built with the pages) was named");
        return;
    };
    let start = Instant::now();
    let Ok(all) = Divisions::from_bytes(&bytes, &[]) else {
        return;
    };
    println!(
        "{} villages unpacked in {:?}",
        all.village_count(),
        start.elapsed()
    );
    let start = Instant::now();
    let one = Divisions::from_bytes(&bytes, &[52]).unwrap_or_default();
    println!(
        "one province: {} villages in {:?}",
        one.village_count(),
        start.elapsed()
    );
    let house = |n: usize| format!("{}组{}号", n % 12 + 1, n % 90 + 1);
    type Style = fn([&str; 5], String) -> String;
    let styles: [(&str, Style); 4] = [
        ("whole", |n, h| format!("{}{h}", n.concat())),
        ("county down", |n, h| format!("{}{h}", n[2..].concat())),
        ("township down", |n, h| format!("{}{h}", n[3..].concat())),
        ("no endings", |n, h| {
            let (t, v) = (
                zf_address::township_core(n[3]),
                zf_address::village_core(n[4]),
            );
            format!("{t}{v}{h}")
        }),
    ];
    for (style, write) in styles {
        for (which, table) in [("all provinces", &all), ("one province", &one)] {
            let rows: Vec<_> = table.villages().collect();
            let texts: Vec<String> = rows
                .iter()
                .enumerate()
                .map(|(n, (_, names))| write(*names, house(n)))
                .collect();
            let hint = |n: usize| Hint {
                county: Some((rows[n].0 / 1_000_000) as u32),
            };
            let mut n = 0;
            let mut hits = 0;
            let speed = per_second(&texts, |t| {
                let p = parse(Some(table), &hint(n), t);
                hits += usize::from(p.village.is_some_and(|v| v.code == Some(rows[n].0)));
                n += 1;
            });
            let shape = per_second(&texts, |t| {
                drop(black_box(parse(None, &Hint::default(), t)))
            });
            let reference = per_second(&texts, |t| {
                black_box(scan(t));
            });
            println!(
                "{style:<14} {which:<14} {:.1} % right, {:.0} k/s ({:.1} x the scan's time), shape only {:.0} k/s",
                hits as f64 * 100.0 / texts.len() as f64,
                speed / 1e3,
                reference / speed,
                shape / 1e3
            );
        }
    }
}
