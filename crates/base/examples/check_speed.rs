//! Speed of the checks of phones and ID numbers, beside a plain copy of the
//! text: `cargo run --release -p zf-base --example check_speed`.

use std::hint::black_box;
use std::time::Instant;
use zf_base::identity::{IdRules, check_id_number, with_check_char};
use zf_base::phone::check_phone;

fn time(what: &str, texts: &[String], f: impl Fn(&str)) -> f64 {
    let start = Instant::now();
    for _ in 0..5 {
        for text in texts {
            f(black_box(text));
        }
    }
    let ns = start.elapsed().as_nanos() as f64 / (5 * texts.len()) as f64;
    println!("{what:<24} {ns:>8.0} ns");
    ns
}

fn main() {
    let many = |f: fn(u64) -> String| (0..200_000).map(f).collect::<Vec<_>>();
    let mobiles = many(|n| format!("137{:08}", n * 37 % 100_000_000));
    let landlines = many(|n| format!("0857-{:07}", 2_000_000 + n * 37 % 7_000_000));
    let ids = many(|n| {
        with_check_char(&format!(
            "1101051949{:02}{:02}{:03}",
            n % 12 + 1,
            n % 28 + 1,
            n % 999
        ))
    });
    let Ok(today) = "2026-11-22".parse() else {
        return;
    };
    let rules = IdRules::on(today);
    let copy = |t: &str| drop(black_box(t.chars().collect::<String>()));
    let base = time("plain copy", &mobiles, copy);
    let mobile = time("mobile", &mobiles, |t| {
        drop(black_box(check_phone(t, false)))
    });
    let landline = time("landline (library)", &landlines, |t| {
        drop(black_box(check_phone(t, false)))
    });
    let id = time("ID number", &ids, |t| {
        drop(black_box(check_id_number(t, rules)))
    });
    println!(
        "ratio to the copy: mobile {:.1}, landline {:.0}, ID number {:.1}",
        mobile / base,
        landline / base,
        id / base
    );
}
