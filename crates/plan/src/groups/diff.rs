//! What is different between two predicates, word by word, for the page that
//! shows versions. Longest common run of words, so that a changed figure shows
//! as that figure alone. Pure.

use super::words::tokens;

/// Pieces in order: `same`, `removed`, `added`; neighbours of a kind are joined.
pub fn diff(before: &str, after: &str) -> Vec<(&'static str, String)> {
    let (a, b) = (tokens(before), tokens(after));
    // common[i][j]: longest common run of a[i..] and b[j..]; at most 2,000 × 2,000 words.
    let mut common = vec![vec![0u16; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let mut out: Vec<(&'static str, String)> = Vec::new();
    let mut put = |kind: &'static str, text: &str| match out.last_mut() {
        Some((last, joined)) if *last == kind => joined.push_str(text),
        _ => out.push((kind, text.to_owned())),
    };
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            put("same", &a[i]);
            i += 1;
            j += 1;
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            put("removed", &a[i]);
            i += 1;
        } else {
            put("added", &b[j]);
            j += 1;
        }
    }
    out
}
