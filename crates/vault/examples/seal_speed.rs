//! Prints what the vault costs on this machine, in microseconds a field:
//! `cargo run -p zf-vault --release --example seal_speed`.

use std::hint::black_box;
use std::time::Instant;
use zf_base::Uuid;
use zf_vault::{
    Aad, BlindKind, ChainEntry, GENESIS, KdfParams, Keyring, Suite, VaultError, os_random, password,
};

/// Best of five rounds, microseconds a call.
fn time(calls: u32, mut call: impl FnMut(u32)) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for i in 0..calls {
            call(i);
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(calls) * 1e6);
    }
    best
}

fn suite(suite: Suite) -> Result<(), VaultError> {
    let (ring, _) = Keyring::create_with(suite, "speed", KdfParams::TESTS_ONLY, &mut os_random)?;
    let place = Aad {
        table: "customer",
        column: "phone",
        unit: Uuid::nil(),
        row: Uuid::max(),
    };
    let sealed = ring.seal(&place, b"13700009050");
    let entry = ChainEntry {
        unit: Uuid::nil(),
        stream: 1,
        seq: 7,
        id: Uuid::nil(),
        at: 1_500_000_000_000_000,
        actor: "user",
        action: "customer.change",
        target_kind: "customer",
        target_id: "00000000-0000-0000-0000-000000000000",
        detail: "{\"fields\":[\"phone\"]}",
    };
    let photo = vec![7u8; 1 << 20];
    let sealed_photo = ring.seal_blob("photo", &photo);
    let n = 100_000;
    println!("{suite:?}, 11-byte field, µs");
    println!(
        "  seal              {:8.2}",
        time(n, |_| drop(black_box(ring.seal(&place, b"13700009050"))))
    );
    println!(
        "  open              {:8.2}",
        time(n, |_| drop(black_box(ring.open(&place, &sealed))))
    );
    println!(
        "  seal, new unit    {:8.2}",
        time(n, |i| {
            let place = Aad {
                unit: Uuid::from_u128(u128::from(i)),
                ..place
            };
            drop(black_box(ring.seal(&place, b"13700009050")));
        })
    );
    println!(
        "  blind index       {:8.2}",
        time(n, |_| {
            black_box(ring.blind(BlindKind::Phone, "13700009050"));
        })
    );
    println!(
        "  audit hash        {:8.2}",
        time(n, |_| {
            black_box(ring.chain_hash(&GENESIS, &entry));
        })
    );
    let mib = |us: f64| format!("{us:8.0}  ({:.0} MB/s)", 1_048_576.0 / us);
    println!(
        "  seal 1 MiB        {}",
        mib(time(8, |_| drop(black_box(
            ring.seal_blob("photo", &photo)
        ))))
    );
    println!(
        "  open 1 MiB        {}",
        mib(time(8, |_| drop(black_box(
            ring.open_blob("photo", &sealed_photo)
        ))))
    );
    Ok(())
}

fn main() -> Result<(), VaultError> {
    suite(Suite::Intl)?;
    suite(Suite::Gm)?;
    let mut nonce = [0u8; 12];
    println!(
        "nonce from the system {:8.2}",
        time(100_000, |_| os_random(black_box(&mut nonce)))
    );
    let phc = password::hash("speed", KdfParams::PASSWORD, &mut os_random)?;
    println!(
        "password check, ms    {:8.1}",
        time(3, |_| _ = black_box(password::verify("x", &phc))) / 1e3
    );
    let (_, file) = Keyring::create(Suite::Intl, "speed", &mut os_random)?;
    println!(
        "unlock key file, ms   {:8.1}",
        time(1, |_| drop(black_box(Keyring::unlock(&file, "speed")))) / 1e3
    );
    Ok(())
}
