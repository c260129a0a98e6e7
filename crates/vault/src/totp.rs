//! One-time codes of RFC 6238: HMAC-SHA-1, six digits, 30-second steps, one
//! step of tolerance to either side, as every authenticator app understands
//! them. Pure: the time and the last used step come in, the matched step goes
//! out and must be stored by the caller so that a code works once.

use crate::Rng;
use crate::text::{base32, unbase32};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a step in seconds.
pub const STEP_SECONDS: i64 = 30;

/// 160 fresh bits, the length RFC 4226 §4 recommends.
pub fn new_secret(rng: Rng) -> [u8; 20] {
    let mut secret = [0u8; 20];
    rng(&mut secret);
    secret
}

/// The secret as Base32, for typing into an app.
pub fn to_base32(secret: &[u8]) -> String {
    base32(secret)
}

/// Reads Base32; spaces and small letters are forgiven. `None` if it is none.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    unbase32(text)
}

/// The code of one step, six digits with leading zeros.
pub fn code(secret: &[u8], step: u64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// Checks a code at `now` (Unix seconds) and returns its step. A step up to
/// `last_step` was used already and is refused (replay).
pub fn verify(secret: &[u8], code: &str, now: i64, last_step: Option<u64>) -> Option<u64> {
    let typed = code.trim();
    if typed.len() != 6 || !typed.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let now_step = u64::try_from(now.div_euclid(STEP_SECONDS)).ok()?;
    let mut matched = None;
    // All three are always computed, so time tells nothing.
    for step in now_step.saturating_sub(1)..=now_step.saturating_add(1) {
        let right = crate::suite::same(self::code(secret, step).as_bytes(), typed.as_bytes());
        if right && last_step.is_none_or(|last| step > last) {
            matched = matched.or(Some(step));
        }
    }
    matched
}

/// The `otpauth://` text that apps read from a QR code.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account) = (percent(issuer), percent(account));
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

/// HOTP of RFC 4226 §5.3 before the digits are cut: 31 bits.
fn truncated(secret: &[u8], step: u64) -> u32 {
    // infallible: HMAC takes a key of any length.
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(secret).expect("HMAC takes any key");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]) & 0x7fff_ffff
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 6238 appendix B, the SHA-1 rows (eight digits).
    const RFC: [(i64, u32); 6] = [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ];

    #[test]
    fn the_vectors_of_rfc_6238_come_out() {
        for (time, eight_digits) in RFC {
            let step = (time / STEP_SECONDS) as u64;
            assert_eq!(
                truncated(SECRET, step) % 100_000_000,
                eight_digits,
                "at {time}"
            );
            assert_eq!(
                code(SECRET, step),
                format!("{:06}", eight_digits % 1_000_000)
            );
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_come_out() {
        let rfc = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, want) in rfc.iter().enumerate() {
            assert_eq!(code(SECRET, counter as u64), *want);
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_late_and_not_two() {
        let now = 1_234_567_890;
        let step = (now / STEP_SECONDS) as u64;
        for (of, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let at = step.checked_add_signed(of).unwrap();
            let got = verify(SECRET, &code(SECRET, at), now, None);
            assert_eq!(got, taken.then_some(at), "offset {of}");
        }
    }

    #[test]
    fn a_used_code_and_every_earlier_one_are_refused() {
        let now = 1_234_567_890;
        let step = (now / STEP_SECONDS) as u64;
        assert_eq!(verify(SECRET, &code(SECRET, step), now, Some(step)), None);
        assert_eq!(
            verify(SECRET, &code(SECRET, step - 1), now, Some(step)),
            None
        );
        assert_eq!(
            verify(SECRET, &code(SECRET, step + 1), now, Some(step)),
            Some(step + 1)
        );
    }

    #[test]
    fn what_is_not_six_digits_is_refused() {
        for typed in ["", "12345", "1234567", "12345a", "１２３４５６", "+12345"] {
            assert_eq!(verify(SECRET, typed, 59, None), None, "{typed}");
        }
        assert_eq!(verify(SECRET, "287082", -60, None), None);
        assert_eq!(verify(SECRET, " 287082 ", 59, None), Some(1));
    }

    #[test]
    fn the_uri_carries_secret_and_escaped_names() {
        assert_eq!(
            uri("走访", "zhang san@bank", SECRET),
            "otpauth://totp/%E8%B5%B0%E8%AE%BF:zhang%20san%40bank\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E8%B5%B0%E8%AE%BF\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(
            from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap(),
            SECRET
        );
        assert_eq!(to_base32(&new_secret(&mut |b| b.fill(0))), "A".repeat(32));
    }
}
