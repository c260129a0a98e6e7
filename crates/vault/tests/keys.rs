//! The life of keys: creation, passphrase, rotation, rewrapping, damage of the
//! file, blind index and keyed hashes, and that no key is ever printed.
#![allow(clippy::unwrap_used)]

mod common;

use common::{PASSPHRASE, SUITES, hex, pinned, ring, uuid};
use std::collections::HashSet;
use zf_vault::{Aad, BlindKind, KdfParams, KeyFile, Keyring, Suite, VaultError, os_random, token};

const PLACE: Aad<'static> = Aad {
    table: "customer",
    column: "phone",
    unit: uuid(1),
    row: uuid(2),
};

#[test]
fn a_file_written_and_read_again_opens_what_was_sealed() {
    for suite in SUITES {
        let (ring, file) = ring(suite);
        let sealed = ring.seal(&PLACE, b"x");
        let read = KeyFile::from_text(&file.to_text()).unwrap();
        assert_eq!(read, file);
        let again = Keyring::unlock(&read, PASSPHRASE).unwrap();
        assert_eq!(again.open(&PLACE, &sealed).unwrap(), b"x");
        assert_eq!(again.suite(), suite);
        assert_eq!(again.fingerprint(), file.fingerprint());
        assert_eq!((file.suite(), file.current_key_id()), (suite, 1));
    }
}

#[test]
fn a_wrong_or_empty_passphrase_is_a_clear_error() {
    for suite in SUITES {
        let (_, file) = ring(suite);
        for wrong in ["钥匙 in the safE", "钥匙 in the safe ", "x"] {
            assert_eq!(
                Keyring::unlock(&file, wrong).unwrap_err(),
                VaultError::WrongPassphrase
            );
        }
        assert_eq!(
            Keyring::unlock(&file, "").unwrap_err(),
            VaultError::EmptyPassphrase
        );
        let made = Keyring::create_with(suite, "", KdfParams::TESTS_ONLY, &mut os_random);
        assert_eq!(made.unwrap_err(), VaultError::EmptyPassphrase);
    }
}

#[test]
fn after_five_rotations_all_old_values_open_and_new_ones_have_the_new_key_id() {
    for suite in SUITES {
        let (mut ring, mut file) = ring(suite);
        let name = ring.fingerprint();
        let mut values = Vec::new();
        for id in 1..=6u32 {
            assert_eq!((ring.current_key_id(), file.current_key_id()), (id, id));
            let value = format!("value {id}");
            let sealed = ring.seal_text(&PLACE, &value);
            assert_eq!(Keyring::key_id_of(&sealed), Some(id));
            let blob = ring.seal_blob("photo", value.as_bytes());
            values.push((id, value, sealed, blob));
            let unlocked = Keyring::unlock(&file, PASSPHRASE).unwrap();
            for (of, value, sealed, blob) in &values {
                for r in [&ring, &unlocked] {
                    assert_eq!(&r.open_text(&PLACE, sealed).unwrap(), value);
                    assert_eq!(r.open_blob("photo", blob).unwrap(), value.as_bytes());
                    assert_eq!(r.needs_reseal(sealed), *of != id);
                }
            }
            (ring, file) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
            assert_eq!(ring.fingerprint(), name, "the installation keeps its name");
        }
    }
}

#[test]
fn a_ring_that_missed_a_rotation_says_which_key_it_lacks() {
    let (old, file) = ring(Suite::Intl);
    let (new, _) = old.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
    let sealed = new.seal(&PLACE, b"x");
    assert_eq!(old.open(&PLACE, &sealed), Err(VaultError::UnknownKey(2)));
}

#[test]
fn rotation_with_a_wrong_passphrase_or_a_strange_or_old_file_changes_nothing() {
    let (first, file) = ring(Suite::Intl);
    let mut rng = os_random;
    let got = first.rotate(&file, "slip", &mut rng).unwrap_err();
    assert_eq!(got, VaultError::WrongPassphrase);
    let (_, strange) = ring(Suite::Intl);
    let got = first.rotate(&strange, PASSPHRASE, &mut rng).unwrap_err();
    assert_eq!(got, VaultError::KeyFileMismatch);
    let (second, _) = first.rotate(&file, PASSPHRASE, &mut rng).unwrap();
    let got = second.rotate(&file, PASSPHRASE, &mut rng).unwrap_err();
    assert_eq!(got, VaultError::KeyFileMismatch);
}

#[test]
fn values_sealed_and_opened_by_many_threads_during_rotations_are_all_readable() {
    let (ring, file) = ring(Suite::Intl);
    let shared = std::sync::RwLock::new(ring.clone());
    let done = std::sync::atomic::AtomicBool::new(false);
    let read = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for t in 0..4u128 {
            let (shared, done, read) = (&shared, &done, &read);
            scope.spawn(move || {
                let mut kept = Vec::new();
                while !done.load(std::sync::atomic::Ordering::Acquire) || kept.len() < 100 {
                    let ring = shared.read().unwrap().clone();
                    let place = Aad {
                        row: uuid(t << 64 | kept.len() as u128),
                        ..PLACE
                    };
                    kept.push((place, ring.seal(&place, b"13700009050")));
                    let (place, sealed) = &kept[kept.len() / 2];
                    assert_eq!(ring.open(place, sealed).unwrap(), b"13700009050");
                }
                let last = shared.read().unwrap().clone();
                for (place, sealed) in &kept {
                    assert_eq!(last.open(place, sealed).unwrap(), b"13700009050");
                }
                read.fetch_add(kept.len(), std::sync::atomic::Ordering::AcqRel);
            });
        }
        let (mut ring, mut file) = (ring, file);
        for _ in 0..20 {
            (ring, file) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
            *shared.write().unwrap() = ring.clone();
            std::thread::yield_now();
        }
        done.store(true, std::sync::atomic::Ordering::Release);
    });
    assert!(read.into_inner() >= 400);
    assert_eq!(shared.into_inner().unwrap().current_key_id(), 21);
}

#[test]
fn rewrapping_changes_the_passphrase_and_no_key() {
    for suite in SUITES {
        let (ring, file) = ring(suite);
        let (ring, _) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
        let sealed = ring.seal(&PLACE, b"x");
        let new = ring
            .rewrap("another", KdfParams::TESTS_ONLY, &mut os_random)
            .unwrap();
        assert_eq!(
            Keyring::unlock(&new, PASSPHRASE).unwrap_err(),
            VaultError::WrongPassphrase
        );
        let again = Keyring::unlock(&new, "another").unwrap();
        assert_eq!(again.open(&PLACE, &sealed).unwrap(), b"x");
        assert_eq!(
            again.blind(BlindKind::Phone, "1"),
            ring.blind(BlindKind::Phone, "1")
        );
        assert_eq!(new.fingerprint(), file.fingerprint());
        assert_eq!(again.current_key_id(), 2);
    }
}

#[test]
fn every_changed_character_of_a_key_file_is_refused() {
    let (ring, file) = ring(Suite::Gm);
    let (_, file) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
    let text = file.to_text();
    let mut tried = 0;
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        if bytes[at].is_ascii_whitespace() {
            continue;
        }
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        let Ok(bad) = String::from_utf8(bytes) else {
            continue;
        };
        tried += 1;
        let opened = KeyFile::from_text(&bad).and_then(|f| Keyring::unlock(&f, PASSPHRASE));
        assert!(opened.is_err(), "changed at {at}: {bad}");
    }
    assert!(tried > 700, "only {tried} places tried");
    assert!(Keyring::unlock(&file, PASSPHRASE).is_ok());
}

#[test]
fn what_is_no_key_file_or_a_newer_one_says_so() {
    for text in [
        "",
        "{}",
        "[]",
        "hello",
        "{\"format\":\"other\",\"version\":1}",
    ] {
        let got = KeyFile::from_text(text).unwrap_err();
        assert!(
            matches!(got, VaultError::DamagedKeyFile(_)),
            "{text}: {got}"
        );
    }
    let newer = "{\"format\":\"zoufang-keyring\",\"version\":2,\"keys\":[]}";
    let got = KeyFile::from_text(newer).unwrap_err();
    assert_eq!(got, VaultError::UnknownKeyFileVersion(2));
}

#[test]
fn a_cost_out_of_bounds_is_refused_before_any_memory_is_taken() {
    for (memory_kib, passes, lanes) in [
        (1 << 21, 1, 1),
        (8, 0, 1),
        (8, 65, 1),
        (8, 1, 0),
        (1024, 1, 17),
        (7, 1, 1),
    ] {
        let kdf = KdfParams {
            memory_kib,
            passes,
            lanes,
        };
        let got = Keyring::create_with(Suite::Intl, "x", kdf, &mut os_random).unwrap_err();
        assert_eq!(got, VaultError::Kdf, "{kdf:?}");
    }
}

/// Expected values computed in another language from the module texts.
#[test]
fn blind_indexes_and_keyed_hashes_never_change() {
    let rows = [
        (
            Suite::Intl,
            [
                "acd64fb356b97bdca4b76ed435f1205f",
                "b18ca31cc96da56b63913cb865047a6d",
                "a4bbcd11134385b97c32057b8268d037",
            ],
            "3bcbeb7ca7d26073da9334cd989c6f0be4b13e979646cd0fcec46d8e77b7da84",
        ),
        (
            Suite::Gm,
            [
                "52140057b1f6dc60c4ee83b1ca4e2318",
                "e6669127e5730fe0e4f92662c0d6b40d",
                "d887749657dcf9a06b49592b4e564ae1",
            ],
            "bf103e713c41ebd1f8a11ef70e6314643b5d656b9702f383be96c09012f0b301",
        ),
    ];
    for (suite, blind, mac) in rows {
        let ring = pinned(suite);
        for (kind, want) in BlindKind::ALL.into_iter().zip(blind) {
            assert_eq!(
                hex(&ring.blind(kind, "13700009050")),
                want,
                "{suite:?} {kind:?}"
            );
        }
        assert_eq!(hex(&ring.mac("export", b"data")), mac, "{suite:?}");
    }
}

#[test]
fn blind_indexes_survive_rotation_and_differ_by_kind_and_installation() {
    for suite in SUITES {
        let (ring, file) = ring(suite);
        let (rotated, _) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
        let (other, _) = common::ring(suite);
        let mut seen = HashSet::new();
        for kind in BlindKind::ALL {
            for text in ["", "13700009050", "13700009051"] {
                let index = ring.blind(kind, text);
                assert_eq!(index, rotated.blind(kind, text));
                assert!(seen.insert(index));
                assert!(seen.insert(other.blind(kind, text)));
            }
        }
    }
}

#[test]
fn a_hundred_thousand_phones_have_a_hundred_thousand_indexes() {
    let ring = common::shared(Suite::Intl);
    let all: HashSet<_> = (0..100_000u64)
        .map(|n| ring.blind(BlindKind::Phone, &format!("{}", 13_700_000_000 + n)))
        .collect();
    assert_eq!(all.len(), 100_000);
}

#[test]
fn a_keyed_hash_fits_only_its_purpose_its_data_and_its_installation() {
    for suite in SUITES {
        let (ring, file) = ring(suite);
        let (rotated, _) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
        let tag = ring.mac("export", b"data");
        assert!(rotated.verify_mac("export", b"data", &tag));
        assert!(!ring.verify_mac("export", b"datb", &tag));
        assert!(!ring.verify_mac("exporu", b"data", &tag));
        assert!(!ring.verify_mac("export", b"data", &tag[..31]));
        assert!(!common::ring(suite).0.verify_mac("export", b"data", &tag));
    }
}

/// Whether `text` shows four bytes of `secret` in a row, as hexadecimal or as
/// a list of numbers, spaces aside.
fn shows(text: &str, secret: &[u8]) -> bool {
    let text: String = text.split_whitespace().collect::<String>().to_lowercase();
    secret.windows(4).any(|w| {
        let list: Vec<String> = w.iter().map(u8::to_string).collect();
        text.contains(&hex(w)) || text.contains(&list.join(","))
    })
}

#[test]
fn no_debug_output_shows_key_bytes() {
    // Control: the search finds what it must find.
    let secret = [161, 178, 195, 212, 229];
    assert!(shows(&format!("{secret:?}"), &secret));
    assert!(shows(&format!("{secret:#?}"), &secret));
    assert!(shows(&format!("{secret:02X?}").replace(", ", ""), &secret));

    for suite in SUITES {
        // The random source writes down what it gave: keys, salt and nonces.
        let mut given: Vec<Vec<u8>> = Vec::new();
        let (ring, file) = common::ring_from(suite, &mut |b| {
            os_random(b);
            given.push(b.to_vec());
        });
        let sealed = ring.seal(&PLACE, b"x");
        let wrong = Keyring::unlock(&file, "no").unwrap_err();
        let forged = ring
            .open(
                &Aad {
                    row: uuid(9),
                    ..PLACE
                },
                &sealed,
            )
            .unwrap_err();
        let token = token::Token::new(&mut |b| {
            os_random(b);
            given.push(b.to_vec());
        });
        let printed = [
            format!("{ring:?} {ring:#?}"),
            format!("{file:?} {file:#?}"),
            format!("{wrong:?} {wrong} {forged:?} {forged}"),
            format!("{token:?} {token:#?}"),
        ];
        assert!(given.len() >= 6);
        for text in &printed {
            for secret in &given {
                assert!(!shows(text, secret), "{text}");
            }
            assert!(!text.contains(token.text()));
            assert!(!text.contains(PASSPHRASE));
        }
        // The file holds salt and nonces in clear, but neither key.
        for key in &given[..2] {
            assert_eq!(key.len(), 32);
            assert!(!shows(&file.to_text(), key));
        }
    }
}

#[test]
fn a_ring_reads_the_key_file_again_when_a_value_needs_a_newer_generation() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    let (here, file) = ring(Suite::Intl);
    let (there, file) = here.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
    let sealed = there.seal_blob("a", b"sealed elsewhere");
    let clone = here.clone();
    assert_eq!(
        clone.open_blob("a", &sealed),
        Err(VaultError::UnknownKey(2))
    );

    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    here.on_unknown_key(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Keyring::unlock(&file, PASSPHRASE)
    }));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (ring, sealed) = (clone.clone(), sealed.clone());
            std::thread::spawn(move || ring.open_blob("a", &sealed))
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.join().unwrap(), Ok(b"sealed elsewhere".to_vec()));
    }
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "one reader reads the file for all"
    );
    assert_eq!(here.current_key_id(), 2);

    let mut unheard_of = sealed;
    unheard_of[5] = 9;
    for _ in 0..20 {
        assert_eq!(
            here.open_blob("a", &unheard_of),
            Err(VaultError::UnknownKey(9))
        );
    }
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "a forged value does not cost an unlocking each"
    );
}

#[test]
fn keys_of_another_installation_or_older_ones_are_not_adopted() {
    let (mine, file) = ring(Suite::Intl);
    let (strange, _) = ring(Suite::Intl);
    assert_eq!(mine.adopt(&strange), Err(VaultError::KeyFileMismatch));
    let (newer, _) = mine.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
    assert_eq!(newer.adopt(&mine), Ok(false));
    assert_eq!((newer.current_key_id(), mine.current_key_id()), (2, 1));
    assert_eq!(mine.adopt(&newer), Ok(true));
    assert_eq!(mine.current_key_id(), 2);
}
