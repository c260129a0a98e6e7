//! Writes random forms with answers and this engine's judgement as JSON lines, for
//! the comparison with the phone's engine: `agree SEED COUNT`. Development only.

#[path = "../tests/support/random.rs"]
mod random;

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|a| a.parse::<u64>());
    let (Some(Ok(seed)), Some(Ok(count))) = (numbers.next(), numbers.next()) else {
        return Err(std::io::Error::other("usage: agree SEED COUNT"));
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for number in 0..count {
        writeln!(out, "{}", random::line(seed, number))?;
    }
    out.flush()
}
