//! Sealing of fields and blobs as another crate sees it: what must open, and
//! everything that must not.
#![allow(clippy::unwrap_used)]

mod common;

use common::{SUITES, ring, uuid};
use proptest::prelude::*;
use std::sync::Arc;
use zf_vault::{Aad, Keyring, OVERHEAD, Suite, VaultError};

const PLACE: Aad<'static> = Aad {
    table: "customer",
    column: "phone",
    unit: uuid(1),
    row: uuid(2),
};

#[test]
fn what_was_sealed_opens_in_its_place_for_every_length_up_to_100() {
    for suite in SUITES {
        let (ring, _) = ring(suite);
        for len in 0..100 {
            let plain: Vec<u8> = (0..len).map(|i| i as u8 ^ 0x5a).collect();
            let sealed = ring.seal(&PLACE, &plain);
            assert_eq!(sealed.len(), len + OVERHEAD);
            assert_eq!(ring.open(&PLACE, &sealed).unwrap(), plain);
        }
    }
}

#[test]
fn the_layout_is_version_suite_key_id_nonce_ciphertext_tag() {
    for (suite, code) in [(Suite::Intl, 1), (Suite::Gm, 2)] {
        let ring = ring(suite).0.with_nonces(Arc::new(|b| b.fill(0xAB)));
        let sealed = ring.seal_text(&PLACE, "13700009050");
        assert_eq!(sealed.len(), 45, "a phone of 11 bytes takes 45");
        assert_eq!(sealed[..6], [1, code, 0, 0, 0, 1]);
        assert_eq!(sealed[6..18], [0xAB; 12]);
        assert!(!sealed.windows(4).any(|w| w == b"1370"));
        assert_eq!(ring.open_text(&PLACE, &sealed).unwrap(), "13700009050");
    }
}

/// The bytes themselves, computed by another implementation (Python's
/// `cryptography`) from the description in the module texts: a change of key
/// derivation, binding or layout would make every stored value unreadable.
#[test]
fn the_bytes_of_both_suites_never_change() {
    for (suite, want) in common::PINNED_FIELD {
        let ring = common::pinned(suite).with_nonces(Arc::new(|b| b.fill(0xAB)));
        let sealed = ring.seal_text(&PLACE, "13700009050");
        assert_eq!(common::hex(&sealed), want, "{suite:?}");
    }
}

#[test]
fn equal_texts_are_sealed_differently_every_time() {
    let (ring, _) = ring(Suite::Intl);
    let all: std::collections::HashSet<_> = (0..500).map(|_| ring.seal(&PLACE, b"same")).collect();
    assert_eq!(all.len(), 500);
}

#[test]
fn a_value_opens_in_no_place_but_its_own() {
    // Every pair of a grid of 3 tables × 3 columns × 3 units × 4 rows. The
    // names are chosen so that gluing them together would collide.
    let mut places = Vec::new();
    for table in ["a", "ab", "customer"] {
        for column in ["bc", "c", "phone"] {
            for unit in 1..=3 {
                for row in 1..=4 {
                    places.push(Aad {
                        table,
                        column,
                        unit: uuid(unit),
                        row: uuid(row),
                    });
                }
            }
        }
    }
    for suite in SUITES {
        let (ring, _) = ring(suite);
        let (mut opened, mut refused) = (0, 0);
        for from in &places {
            let sealed = ring.seal(from, b"13700009050");
            for to in &places {
                match ring.open(to, &sealed) {
                    Ok(plain) => {
                        assert_eq!(from, to, "opened in a strange place");
                        assert_eq!(plain, b"13700009050");
                        opened += 1;
                    }
                    Err(e) => {
                        assert_eq!(e, VaultError::Forged);
                        refused += 1;
                    }
                }
            }
        }
        assert_eq!((opened, refused), (108, 108 * 107), "{suite:?}");
    }
}

#[test]
fn unit_and_row_cannot_be_exchanged() {
    let (ring, _) = ring(Suite::Intl);
    let sealed = ring.seal(&PLACE, b"x");
    let swapped = Aad {
        unit: PLACE.row,
        row: PLACE.unit,
        ..PLACE
    };
    assert_eq!(ring.open(&swapped, &sealed), Err(VaultError::Forged));
}

#[test]
fn every_shorter_and_every_longer_value_is_refused() {
    for suite in SUITES {
        let (ring, _) = ring(suite);
        let sealed = ring.seal(&PLACE, b"13700009050");
        for len in 0..sealed.len() {
            let want = if len < OVERHEAD {
                VaultError::Truncated
            } else {
                VaultError::Forged
            };
            assert_eq!(ring.open(&PLACE, &sealed[..len]), Err(want), "length {len}");
            assert!(ring.open(&PLACE, &sealed[sealed.len() - len..]).is_err());
        }
        let mut longer = sealed.clone();
        longer.push(0);
        assert_eq!(ring.open(&PLACE, &longer), Err(VaultError::Forged));
    }
}

#[test]
fn every_single_flipped_bit_is_refused_with_the_error_of_its_place() {
    for suite in SUITES {
        let (ring, _) = ring(suite);
        let sealed = ring.seal(&PLACE, b"13700009050");
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let want = match bit / 8 {
                0 => VaultError::UnknownVersion,
                1 => VaultError::UnknownSuite(bad[1]),
                2..=5 => {
                    VaultError::UnknownKey(u32::from_be_bytes([bad[2], bad[3], bad[4], bad[5]]))
                }
                _ => VaultError::Forged,
            };
            assert_eq!(ring.open(&PLACE, &bad), Err(want), "bit {bit}");
        }
    }
}

#[test]
fn a_value_of_another_installation_is_refused() {
    for suite in SUITES {
        let sealed = ring(suite).0.seal(&PLACE, b"13700009050");
        let other = ring(suite).0;
        assert_eq!(other.open(&PLACE, &sealed), Err(VaultError::Forged));
    }
    let sealed = ring(Suite::Gm).0.seal(&PLACE, b"x");
    assert_eq!(
        ring(Suite::Intl).0.open(&PLACE, &sealed),
        Err(VaultError::UnknownSuite(2))
    );
}

#[test]
fn a_header_of_one_generation_does_not_fit_the_body_of_another() {
    let (old, file) = ring(Suite::Intl);
    let sealed = old.seal(&PLACE, b"x");
    let (new, _) = old
        .rotate(&file, common::PASSPHRASE, &mut zf_vault::os_random)
        .unwrap();
    let mut moved = sealed.clone();
    moved[5] = 2;
    assert_eq!(Keyring::key_id_of(&moved), Some(2));
    assert_eq!(new.open(&PLACE, &moved), Err(VaultError::Forged));
    assert_eq!(new.open(&PLACE, &sealed).unwrap(), b"x");
}

#[test]
fn bytes_that_are_no_text_are_a_clear_error() {
    let (ring, _) = ring(Suite::Intl);
    let sealed = ring.seal(&PLACE, &[0xff, 0xfe]);
    assert_eq!(ring.open_text(&PLACE, &sealed), Err(VaultError::NotText));
}

#[test]
fn a_blob_opens_only_under_its_own_context_and_never_as_a_field() {
    for suite in SUITES {
        let (ring, _) = ring(suite);
        let photo: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        let sealed = ring.seal_blob("backup/7/0/more", &photo);
        assert_eq!(ring.open_blob("backup/7/0/more", &sealed).unwrap(), photo);
        for context in ["backup/7/0/last", "backup/7/1/more", "backup/7/0/mor", ""] {
            assert_eq!(ring.open_blob(context, &sealed), Err(VaultError::Forged));
        }
        assert_eq!(ring.open(&PLACE, &sealed), Err(VaultError::Forged));
        let field = ring.seal(&PLACE, b"x");
        assert!(ring.open_blob("backup/7/0/more", &field).is_err());
        for byte in [6, 20, sealed.len() / 2, sealed.len() - 1] {
            let mut bad = sealed.clone();
            bad[byte] ^= 1;
            assert_eq!(
                ring.open_blob("backup/7/0/more", &bad),
                Err(VaultError::Forged)
            );
        }
    }
}

#[test]
fn values_open_while_many_threads_seal_for_more_units_than_the_cache_holds() {
    let (ring, _) = ring(Suite::Intl);
    std::thread::scope(|scope| {
        for t in 0..4u128 {
            let ring = ring.clone();
            scope.spawn(move || {
                for i in 0..5_000u128 {
                    let place = Aad {
                        unit: uuid(t * 5_000 + i),
                        ..PLACE
                    };
                    let sealed = ring.seal(&place, b"x");
                    assert_eq!(ring.open(&place, &sealed).unwrap(), b"x");
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_different_places_never_share_a_value(
        a in (".{0,12}", ".{0,12}", any::<u128>(), any::<u128>()),
        b in (".{0,12}", ".{0,12}", any::<u128>(), any::<u128>()),
        keep in 0u8..15,
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        gm in any::<bool>(),
    ) {
        // `keep` takes some parts of the second place from the first, so that
        // places that differ in one part only are tried too.
        let ring = common::shared(if gm { Suite::Gm } else { Suite::Intl });
        let from = Aad { table: &a.0, column: &a.1, unit: uuid(a.2), row: uuid(a.3) };
        let to = Aad {
            table: if keep & 1 > 0 { &a.0 } else { &b.0 },
            column: if keep & 2 > 0 { &a.1 } else { &b.1 },
            unit: uuid(if keep & 4 > 0 { a.2 } else { b.2 }),
            row: uuid(if keep & 8 > 0 { a.3 } else { b.3 }),
        };
        let sealed = ring.seal(&from, &plain);
        prop_assert_eq!(ring.open(&from, &sealed).unwrap(), plain);
        prop_assert_eq!(ring.open(&to, &sealed).is_ok(), from == to);
    }

    #[test]
    fn random_bytes_never_open_and_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
        looks_right in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if looks_right && bytes.len() >= 6 {
            bytes[..6].copy_from_slice(&[1, 1, 0, 0, 0, 1]);
        }
        let ring = common::shared(Suite::Intl);
        prop_assert!(ring.open(&PLACE, &bytes).is_err());
        prop_assert!(ring.open_blob("x", &bytes).is_err());
    }
}
