//! Bytes as text: hexadecimal, URL-safe Base64 and Base32, the three forms in
//! which key files, tokens and one-time-code secrets are written. Pure.
//! Reading accepts exactly what writing makes; anything else is no text of ours.

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    out
}

/// Reads lower-case hexadecimal; `None` for anything else.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// Most significant bits first, `width` bits a character, no padding.
fn by_bits(bytes: &[u8], width: u32, alphabet: &[u8]) -> String {
    let mut out = String::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for b in bytes {
        held = (held << 8) | u32::from(*b);
        bits += 8;
        while bits >= width {
            bits -= width;
            out.push(char::from(
                alphabet[(held >> bits) as usize & (alphabet.len() - 1)],
            ));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(
            alphabet[(held << (width - bits)) as usize & (alphabet.len() - 1)],
        ));
    }
    out
}

/// Base64 of RFC 4648 §5 without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    by_bits(
        bytes,
        6,
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    )
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 of RFC 4648 §6 without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    by_bits(bytes, 5, BASE32)
}

/// Reads Base32; small letters, spaces and padding are forgiven because
/// people type it.
pub(crate) fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for c in text.trim_end_matches('=').bytes().filter(|c| *c != b' ') {
        let value = BASE32.iter().position(|x| *x == c.to_ascii_uppercase())?;
        held = (held << 5) | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    // What is left over is padding and must be zero.
    (bits < 5 && held == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_come_out() {
        let rows = [
            ("", "", ""),
            ("f", "Zg", "MY"),
            ("fo", "Zm8", "MZXQ"),
            ("foo", "Zm9v", "MZXW6"),
            ("foob", "Zm9vYg", "MZXW6YQ"),
            ("fooba", "Zm9vYmE", "MZXW6YTB"),
            ("foobar", "Zm9vYmFy", "MZXW6YTBOI"),
        ];
        for (plain, b64, b32) in rows {
            assert_eq!(base64url(plain.as_bytes()), b64);
            assert_eq!(base32(plain.as_bytes()), b32);
            assert_eq!(unbase32(b32).unwrap(), plain.as_bytes());
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
    }

    #[test]
    fn base32_forgives_how_people_type_and_refuses_the_rest() {
        assert_eq!(unbase32("mzxw 6ytb oi======").unwrap(), b"foobar");
        assert_eq!(unbase32("MZXW1"), None);
        assert_eq!(unbase32("M"), None);
        assert_eq!(unbase32("MZ"), None);
    }

    #[test]
    fn hexadecimal_goes_both_ways_and_refuses_the_rest() {
        assert_eq!(hex(&[0, 0x7f, 0xff]), "007fff");
        assert_eq!(unhex("007fff").unwrap(), [0, 0x7f, 0xff]);
        assert_eq!(unhex("00f"), None);
        assert_eq!(unhex("0g"), None);
        assert_eq!(unhex("FF"), None);
    }
}
