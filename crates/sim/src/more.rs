//! The histories beside those of the outbox, one of each for every seed: pull,
//! photos and form drift. What `zoufang bench sim` runs after the visits.

use crate::Result;
use crate::drift::{Drift, drift};
use crate::outcome::Outcome;
use crate::photos::{Bytes, PhotoControl, Photos, photos};
use crate::place::{Place, Where};
use crate::pulls::{PullControl, Pulls, pulls};
use std::path::Path;

/// What came of them.
#[derive(Default)]
pub struct More {
    /// Of pull.
    pub pulls: Outcome,
    /// Of photos.
    pub photos: Outcome,
    /// Bytes of photos.
    pub bytes: Bytes,
    /// Of form drift.
    pub drift: Outcome,
}

impl More {
    /// Nothing wrong in any of them.
    pub fn is_sound(&self) -> bool {
        [&self.pulls, &self.photos, &self.drift]
            .iter()
            .all(|o| o.is_sound())
    }
}

/// Runs the histories of these seeds one after the other; photos lie under
/// `folder`, a cut falls every `cut_every` bytes.
///
/// # Errors
/// Only what must never fail.
pub async fn more(
    at: Where<'_>,
    (first, seeds): (u64, u64),
    folder: &Path,
    cut_every: u64,
) -> Result<More> {
    let mut sum = More::default();
    for seed in first..first + seeds {
        let ask = Pulls {
            seed,
            phones: 4,
            pulls: 120,
            traced: 0,
            control: PullControl::None,
        };
        sum.pulls.add(pulls(ask, &Place::new(at).await?).await?);
        let own = folder.join(seed.to_string());
        let ask = Photos {
            seed,
            photos: 40,
            cut_every,
            control: PhotoControl::None,
        };
        let (out, bytes) = photos(&own, ask, &Place::new(at).await?).await?;
        sum.photos.add(out);
        sum.bytes.needed += bytes.needed;
        sum.bytes.sent += bytes.sent;
        sum.bytes.cuts += bytes.cuts;
        sum.bytes.bent += bytes.bent;
        sum.bytes.had += bytes.had;
        let ask = Drift {
            seed,
            visits: 300,
            ignore_version: false,
        };
        sum.drift.add(drift(ask, &Place::new(at).await?).await?);
    }
    Ok(sum)
}
