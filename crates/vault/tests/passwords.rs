//! Sign-in passwords: what is stored, what fits, and that an unknown user
//! takes as long as a known one.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};
use zf_vault::{KdfParams, VaultError, os_random, password};

const CHEAP: KdfParams = KdfParams::TESTS_ONLY;

#[test]
fn the_stored_text_is_phc_argon2id_with_the_usual_cost() {
    let phc = password::hash("correct horse", KdfParams::PASSWORD, &mut os_random).unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert!(password::verify("correct horse", &phc));
    assert!(!password::verify("correct horsf", &phc));
}

/// Vector of the reference implementation (phc-winner-argon2, `src/test.c`:
/// version 19, t=2, m=2^8, p=1, "password", "somesalt", Argon2id).
#[test]
fn a_hash_of_the_reference_implementation_is_accepted() {
    let phc =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert!(password::verify("password", phc));
    assert!(!password::verify("Password", phc));
}

#[test]
fn the_same_password_is_stored_differently_each_time() {
    let a = password::hash("走访2026", CHEAP, &mut os_random).unwrap();
    let b = password::hash("走访2026", CHEAP, &mut os_random).unwrap();
    assert_ne!(a, b);
    assert!(password::verify("走访2026", &a) && password::verify("走访2026", &b));
    assert!(!password::verify("走访2027", &a));
}

#[test]
fn texts_that_are_no_argon2id_hash_or_cost_too_much_fit_no_password() {
    let good = password::hash("x", CHEAP, &mut os_random).unwrap();
    assert!(password::verify("x", &good));
    for bad in [
        String::new(),
        "x".into(),
        good.replace("argon2id", "argon2i"),
        good.replace("v=19", "v=16"),
        good.replace("m=8", "m=4194304"),
        good.replace("t=1", "t=4000000000"),
        good.rsplit_once('$').unwrap().0.to_string(),
    ] {
        let start = Instant::now();
        assert!(!password::verify("x", &bad), "{bad}");
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn a_changed_cost_asks_for_a_new_hash() {
    let phc = password::hash("x", CHEAP, &mut os_random).unwrap();
    assert!(!password::needs_rehash(&phc, CHEAP));
    assert!(password::needs_rehash(
        &phc,
        KdfParams { passes: 2, ..CHEAP }
    ));
    assert!(password::needs_rehash("plain", CHEAP));
    let got = password::hash("x", KdfParams { passes: 0, ..CHEAP }, &mut os_random);
    assert_eq!(got, Err(VaultError::Kdf));
}

#[test]
fn an_unknown_user_takes_as_long_as_a_known_one() {
    let params = KdfParams {
        memory_kib: 4_096,
        passes: 2,
        lanes: 1,
    };
    let known = password::hash("right", params, &mut os_random).unwrap();
    let dummy = password::dummy(params, &mut os_random).unwrap();
    assert!(!password::verify("right", &dummy));
    // Turn by turn, so that a busy machine slows both; the fastest of each is
    // the least disturbed one.
    let mut best = [Duration::MAX; 2];
    for _ in 0..40 {
        for (phc, best) in [&known, &dummy].into_iter().zip(&mut best) {
            let start = Instant::now();
            assert!(!password::verify("wrong", phc));
            *best = start.elapsed().min(*best);
        }
    }
    let ratio = best[0].as_secs_f64() / best[1].as_secs_f64();
    assert!(
        (0.8..1.25).contains(&ratio),
        "known {:?}, unknown {:?}",
        best[0],
        best[1]
    );
    assert!(
        best[0] > Duration::from_micros(200),
        "too fast to mean anything: {best:?}"
    );
}
