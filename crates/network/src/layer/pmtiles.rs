//! Reads the header of a PMTiles archive (specification version 3, 127 bytes):
//! what kind of tiles, which levels, which area. The tiles themselves are read
//! by the page, range by range. Bytes in, facts out.

use super::Extent;
use thiserror::Error;

/// Length of the header.
pub const HEADER_BYTES: usize = 127;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PmTilesError {
    /// Not an archive of this kind.
    #[error("not PMTiles")]
    Magic,
    /// Another version of the format.
    #[error("not version 3")]
    Version,
    /// Tiles that no page can draw.
    #[error("unknown kind of tiles")]
    Tiles,
    /// An area or levels that cannot be.
    #[error("header out of range")]
    Range,
}

/// What the first bytes of a file say.
///
/// # Errors
/// Not an archive that can be shown.
pub fn header(bytes: &[u8]) -> Result<Extent, PmTilesError> {
    if bytes.len() < HEADER_BYTES || !bytes.starts_with(b"PMTiles") {
        return Err(PmTilesError::Magic);
    }
    if bytes[7] != 3 {
        return Err(PmTilesError::Version);
    }
    let tiles = match bytes[99] {
        1 => "mvt",
        2 => "png",
        3 => "jpeg",
        4 => "webp",
        5 => "avif",
        _ => return Err(PmTilesError::Tiles),
    };
    let (low, high) = (bytes[100], bytes[101]);
    let e7 = |at: usize| {
        let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        f64::from(i32::from_le_bytes(four)) / 1e7
    };
    let bounds = [e7(102), e7(106), e7(110), e7(114)];
    let [west, south, east, north] = bounds;
    let inside = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
    if !inside || west > east || south > north || low > high || high > 30 {
        return Err(PmTilesError::Range);
    }
    Ok(Extent {
        bounds: Some(bounds),
        zooms: Some((i64::from(low), i64::from(high))),
        tiles: Some(tiles),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use super::*;

    /// A header as the specification lays it out: png, levels 8 to 14.
    pub(crate) fn sample() -> Vec<u8> {
        let mut h = vec![0; HEADER_BYTES];
        h[..7].copy_from_slice(b"PMTiles");
        h[7] = 3;
        h[99] = 2;
        (h[100], h[101]) = (8, 14);
        for (at, degrees) in [(102, 110.5), (106, 35.25), (110, 110.75), (114, 35.5)] {
            let e7 = (degrees * 1e7) as i32;
            h[at..at + 4].copy_from_slice(&e7.to_le_bytes());
        }
        h
    }

    #[test]
    fn the_header_says_which_tiles_levels_and_area() {
        let extent = header(&sample()).unwrap();
        assert_eq!(extent.tiles, Some("png"));
        assert_eq!(extent.zooms, Some((8, 14)));
        assert_eq!(extent.bounds, Some([110.5, 35.25, 110.75, 35.5]));
    }

    #[test]
    fn what_is_no_archive_or_cannot_be_drawn_is_refused() {
        assert_eq!(header(b"PK\x03\x04").unwrap_err(), PmTilesError::Magic);
        let broken = |at: usize, byte: u8| {
            let mut h = sample();
            h[at] = byte;
            header(&h).unwrap_err()
        };
        assert_eq!(broken(7, 2), PmTilesError::Version);
        assert_eq!(broken(99, 9), PmTilesError::Tiles);
        assert_eq!(broken(100, 15), PmTilesError::Range);
        assert_eq!(broken(105, 0x7f), PmTilesError::Range);
    }
}
