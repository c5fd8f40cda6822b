//! How long answers took: a histogram that can be added up, from minutes to hours to days.
//!
//! Buckets are fixed and widen with the latency, eight to each doubling, so histograms of any origin add up without loss
//! and a percentile is told at most an eighth too high. Only buckets that are not empty take room.

use std::fmt;

/// Buckets per doubling of the latency: neighbouring bounds differ by at most an eighth.
const BUCKETS_PER_OCTAVE: u32 = 8;
/// Bits of a latency, below its highest one, that say which bucket of its octave it is in.
const BUCKET_BITS: u32 = 3;
/// How many buckets there are: all of `u32` microseconds (71 minutes).
pub const LATENCY_BUCKETS: usize = 256;

/// Counts by latency, in [`LATENCY_BUCKETS`] fixed buckets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LatencyHistogram {
    /// (bucket, count), sorted by bucket; no count is 0.
    counts: Vec<(u8, u64)>,
}

/// Bytes that are no histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHistogram;

impl fmt::Display for NotAHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no latency histogram")
    }
}

impl std::error::Error for NotAHistogram {}

impl LatencyHistogram {
    /// Counts one answer.
    pub fn add(&mut self, latency_micros: u32) {
        self.add_count(bucket_of(latency_micros), 1);
    }

    /// Adds another histogram.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            self.add_count(*bucket, *count);
        }
    }

    /// How many answers it counts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, (_, count)| total.saturating_add(*count))
    }

    /// The buckets that are not empty, as (bucket, count), in order.
    #[must_use]
    pub fn buckets(&self) -> &[(u8, u64)] {
        &self.counts
    }

    /// The latency, in microseconds, that `per_mille` of the answers do not exceed (500: the median; 990: p99), rounded up
    /// to its bucket's upper bound; `None` when nothing was counted.
    #[must_use]
    pub fn percentile_micros(&self, per_mille: u16) -> Option<u32> {
        let rank = u128::from(self.total()) * u128::from(per_mille.min(1_000));
        let rank = rank.div_ceil(1_000).max(1);
        let mut seen = 0_u128;
        for (bucket, count) in &self.counts {
            seen += u128::from(*count);
            if seen >= rank {
                return Some(bucket_upper_micros(*bucket));
            }
        }
        None
    }

    /// As bytes for a column: per bucket the distance from the one before it (the first from -1) as a byte, and its count
    /// as a variable-length integer (7 bits a byte, lowest first). A run of small counts takes two bytes a bucket.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.counts.len() * 2);
        let mut before = -1_i16;
        for (bucket, count) in &self.counts {
            let bucket = i16::from(*bucket);
            // The distance is 1 to 256; written less one, it fits a byte.
            bytes.push(u8::try_from(bucket - before - 1).unwrap_or(u8::MAX));
            push_varint(&mut bytes, *count);
            before = bucket;
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// [`NotAHistogram`] when it is something else.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, NotAHistogram> {
        let mut histogram = Self::default();
        let mut before = -1_i16;
        while let Some((distance, rest)) = bytes.split_first() {
            let (count, rest) = take_varint(rest).filter(|(count, _)| *count > 0).ok_or(NotAHistogram)?;
            let bucket = before + i16::from(*distance) + 1;
            histogram.counts.push((u8::try_from(bucket).map_err(|_| NotAHistogram)?, count));
            before = bucket;
            bytes = rest;
        }
        Ok(histogram)
    }

    fn add_count(&mut self, bucket: u8, count: u64) {
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => {
                if let Some((_, known)) = self.counts.get_mut(place) {
                    *known = known.saturating_add(count);
                }
            }
            Err(place) => self.counts.insert(place, (bucket, count)),
        }
    }
}

/// The bucket of a latency: the octave, and the bits below its highest one.
fn bucket_of(micros: u32) -> u8 {
    let Some(octave) = micros.checked_ilog2() else { return 0 };
    let step = if octave >= BUCKET_BITS { micros >> (octave - BUCKET_BITS) } else { micros << (BUCKET_BITS - octave) };
    u8::try_from(octave * BUCKETS_PER_OCTAVE + (step & (BUCKETS_PER_OCTAVE - 1))).unwrap_or(u8::MAX)
}

/// The largest latency, in microseconds, that a bucket counts.
#[must_use]
pub fn bucket_upper_micros(bucket: u8) -> u32 {
    let per_octave = u64::from(BUCKETS_PER_OCTAVE);
    let (octave, step) = (u32::from(bucket) / BUCKETS_PER_OCTAVE, u64::from(bucket) % per_octave);
    let next = ((per_octave + step + 1) << octave).div_ceil(per_octave);
    u32::try_from(next.saturating_sub(1)).unwrap_or(u32::MAX)
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let shift = u32::try_from(place * 7).ok()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(latencies: &[u32]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        latencies.iter().for_each(|latency| histogram.add(*latency));
        histogram
    }

    /// Latencies that visit every octave, several times each.
    fn spread() -> Vec<u32> {
        let mut seed = 7_u32;
        (0..4_000)
            .map(|place| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed >> (place % 32)
            })
            .collect()
    }

    #[test]
    fn a_percentile_is_at_most_an_eighth_above_the_exact_one() {
        let mut latencies = spread();
        let histogram = of(&latencies);
        latencies.sort_unstable();
        for per_mille in [1, 10, 250, 500, 950, 990, 999, 1_000] {
            let rank = (latencies.len() * usize::from(per_mille)).div_ceil(1_000).max(1);
            let exact = u64::from(latencies[rank - 1]);
            let told = u64::from(histogram.percentile_micros(per_mille).expect("not empty"));
            assert!(told >= exact && told <= exact + exact / 8 + 1, "{told} for {exact}");
        }
        assert_eq!(LatencyHistogram::default().percentile_micros(500), None);
    }

    #[test]
    fn minutes_add_up_to_the_hour_that_they_make() {
        let latencies = spread();
        let mut hour = LatencyHistogram::default();
        for minute in latencies.chunks(61) {
            let stored = of(minute).to_bytes();
            hour.merge(&LatencyHistogram::from_bytes(&stored).expect("ours"));
        }
        assert_eq!(hour, of(&latencies));
        assert_eq!(hour.total(), 4_000);
    }

    #[test]
    fn bytes_that_are_no_histogram_are_refused() {
        for bytes in [&[3][..], &[0, 0], &[0, 0x80], &[255, 1, 0, 1], &[0; 3]] {
            assert_eq!(LatencyHistogram::from_bytes(bytes), Err(NotAHistogram), "{bytes:?}");
        }
        assert_eq!(LatencyHistogram::from_bytes(&[]), Ok(LatencyHistogram::default()));
    }

    #[test]
    fn a_days_histogram_is_small() {
        // 100,000 answers between 0.2 and 6 ms: five octaves, every bucket used.
        let histogram = of(&(0..100_000_u32).map(|n| 200 + n % 5_800).collect::<Vec<_>>());
        let bytes = histogram.to_bytes().len();
        assert!(bytes <= 160, "{bytes}");
        let few = of(&(0..100_u32).map(|n| 300 + n * 7).collect::<Vec<_>>());
        assert!(few.to_bytes().len() <= 40, "{}", few.to_bytes().len());
    }

    #[test]
    fn buckets_rise_to_the_last_latency_there_is() {
        let bounds: Vec<u32> = (24..=255).map(bucket_upper_micros).collect();
        assert!(bounds.is_sorted_by(|a, b| a < b));
        assert_eq!(bounds.last(), Some(&u32::MAX));
        for micros in [0, 1, 2, 7, 8, 9, 1_000, u32::MAX] {
            assert!(bucket_upper_micros(bucket_of(micros)) >= micros, "{micros}");
        }
    }
}
