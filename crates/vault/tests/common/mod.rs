//! What the test files share: cheap rings and readable ids.
#![allow(dead_code)] // every test file is its own program and uses a part

use std::sync::OnceLock;
use zf_base::Uuid;
use zf_vault::{KdfParams, KeyFile, Keyring, Rng, Suite, os_random};

pub const SUITES: [Suite; 2] = [Suite::Intl, Suite::Gm];
pub const PASSPHRASE: &str = "钥匙 in the safe";

pub const fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn ring(suite: Suite) -> (Keyring, KeyFile) {
    ring_from(suite, &mut os_random)
}

pub fn ring_from(suite: Suite, rng: Rng) -> (Keyring, KeyFile) {
    Keyring::create_with(suite, PASSPHRASE, KdfParams::TESTS_ONLY, rng).unwrap()
}

/// One ring per suite for tests that need thousands of values.
pub fn shared(suite: Suite) -> &'static Keyring {
    static RINGS: OnceLock<[Keyring; 2]> = OnceLock::new();
    let rings = RINGS.get_or_init(|| SUITES.map(|s| ring(s).0));
    match suite {
        Suite::Intl => &rings[0],
        Suite::Gm => &rings[1],
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Key bytes 01… (root) and 02… (first generation), nonce ab…, field of
/// table `customer`, column `phone`, unit 1, row 2, text `13700009050`.
pub const PINNED_FIELD: [(Suite, &str); 2] = [
    (
        Suite::Intl,
        "010100000001abababababababababababab683ecf64b4be308ad9c05a351269c8330cb414ad366cbb4c25770c",
    ),
    (
        Suite::Gm,
        "010200000001abababababababababababab42dc83908984afefc1d1f3a6bf7c32d30a1684cd32229518fa6474",
    ),
];

/// The ring whose keys are 01… (root) and 02… (first generation).
pub fn pinned(suite: Suite) -> Keyring {
    let mut n = 0u8;
    ring_from(suite, &mut |b| {
        n += 1;
        b.fill(n);
    })
    .0
}
