//! What a column's values are like, in one pass over them, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use fairground_domain::{ColumnStatistics, ColumnType, Histogram, TopValue};
use xxhash_rust::xxh3::xxh3_64;

use crate::infer::date::{MICROS_PER_DAY, civil_from_days};
use crate::infer::shape;

/// Different values of a column that are counted exactly, at most.
const EXACT_DISTINCT: usize = 8_192;
/// Values of all columns together that are kept: in wide tables each column counts fewer exactly.
const KEPT_VALUES: usize = 400_000;
/// Different values of a column that are counted exactly, at least.
const EXACT_DISTINCT_MIN: usize = 64;
/// The share of them whose frequency is followed once there are more.
const FOLLOWED_SHARE: usize = 4;
/// Most frequent values that are told.
const TOP: usize = 20;
/// Registers of the estimate of different values: 2^12, for a standard error of 1.6 %.
const REGISTERS_LOG2: u32 = 12;
/// Characters of a text that statistics keep.
const TEXT_CHARS: usize = 200;
/// Ranges of a histogram.
pub(crate) const BINS: usize = 20;

/// Keys are hashes already.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A value in the form that is cheapest to keep.
#[derive(Debug, Clone, PartialEq)]
enum Sample {
    Bits(i64),
    Text(Box<str>),
}

#[derive(Debug, Clone)]
struct Followed {
    rows: u64,
    value: Sample,
}

/// Frequencies (Misra and Gries' summary) and the number of different values (HyperLogLog), fed with hashes.
#[derive(Debug, Clone)]
struct Sketch {
    /// Values that are counted exactly.
    exact: usize,
    counts: HashMap<u64, Followed, BuildHasherDefault<Identity>>,
    /// Taken from every count since; an upper bound of the error of each.
    taken: u64,
    /// Empty as long as all values are in `counts`.
    registers: Vec<u8>,
    /// Values met since that were not in `counts`.
    missed: u32,
}

/// Once values are let go, one in so many new values is followed: a frequent one is soon among them, and columns in which
/// every value is new cost little.
const FOLLOW_ONE_IN: u32 = 8;

impl Sketch {
    fn new(exact: usize) -> Self {
        Self { exact, counts: HashMap::default(), taken: 0, registers: Vec::new(), missed: 0 }
    }

    #[inline]
    fn add(&mut self, hash: u64, value: impl FnOnce() -> Sample) {
        if let Some(followed) = self.counts.get_mut(&hash) {
            followed.rows += 1;
            if !self.registers.is_empty() {
                self.register(hash);
            }
            return;
        }
        if !self.registers.is_empty() {
            self.register(hash);
            self.missed = self.missed.wrapping_add(1);
            if !self.missed.is_multiple_of(FOLLOW_ONE_IN) {
                return;
            }
        }
        self.counts.insert(hash, Followed { rows: 1, value: value() });
        if self.counts.len() > self.exact {
            self.shrink();
        }
    }

    #[inline]
    fn register(&mut self, hash: u64) {
        let at = usize::try_from(hash >> (64 - REGISTERS_LOG2)).unwrap_or(0);
        let rank = u8::try_from((hash << REGISTERS_LOG2 | 1 << (REGISTERS_LOG2 - 1)).leading_zeros() + 1).unwrap_or(64);
        if let Some(register) = self.registers.get_mut(at)
            && *register < rank
        {
            *register = rank;
        }
    }

    fn estimate_from_here(&mut self) {
        if self.registers.is_empty() {
            self.registers = vec![0; 1 << REGISTERS_LOG2];
            let hashes: Vec<u64> = self.counts.keys().copied().collect();
            for hash in hashes {
                self.register(hash);
            }
        }
    }

    /// Keeps the most frequent values and takes the count of the first that goes from all of them.
    fn shrink(&mut self) {
        self.estimate_from_here();
        let mut rows: Vec<u64> = self.counts.values().map(|followed| followed.rows).collect();
        let at = rows.len().saturating_sub(self.exact / FOLLOWED_SHARE + 1);
        let (_, bound, _) = rows.select_nth_unstable(at);
        let bound = *bound;
        self.taken += bound;
        self.counts.retain(|_, followed| {
            followed.rows = followed.rows.saturating_sub(bound);
            followed.rows > 0
        });
    }

    fn merge(&mut self, other: Self) {
        if !self.registers.is_empty() || !other.registers.is_empty() {
            self.estimate_from_here();
            if other.registers.is_empty() {
                other.counts.keys().for_each(|hash| self.register(*hash));
            }
            for (mine, theirs) in self.registers.iter_mut().zip(&other.registers) {
                *mine = (*mine).max(*theirs);
            }
        }
        self.taken += other.taken;
        for (hash, followed) in other.counts {
            self.counts.entry(hash).and_modify(|mine| mine.rows += followed.rows).or_insert(followed);
        }
        if self.counts.len() > self.exact {
            self.shrink();
        }
    }

    fn distinct(&self) -> (u64, bool) {
        if self.registers.is_empty() {
            return (u64::try_from(self.counts.len()).unwrap_or(u64::MAX), true);
        }
        let registers = f64::from(1u32 << REGISTERS_LOG2);
        let sum: f64 = self.registers.iter().map(|rank| 0.5f64.powi(i32::from(*rank))).sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate of a count")]
        let estimate = raw.round() as u64;
        (estimate.max(u64::try_from(self.exact).unwrap_or(u64::MAX)), false)
    }

    /// The most frequent values. Where values were let go, only those that are surely more frequent than what went.
    fn top(&self) -> Vec<(&Sample, u64)> {
        let mut all: Vec<(&Sample, u64)> = self
            .counts
            .values()
            .filter(|followed| self.taken == 0 || followed.rows > self.taken)
            .map(|followed| (&followed.value, followed.rows + self.taken))
            .collect();
        all.sort_by(|a, b| {
            b.1.cmp(&a.1).then_with(|| match (a.0, b.0) {
                (Sample::Bits(a), Sample::Bits(b)) => a.cmp(b),
                (Sample::Text(a), Sample::Text(b)) => a.cmp(b),
                _ => std::cmp::Ordering::Equal,
            })
        });
        all.truncate(TOP);
        all
    }
}

/// The statistics of one column as they grow, array by array.
#[derive(Debug, Clone)]
pub(crate) struct Statistics {
    count: u64,
    nulls: u64,
    bits: Option<(i64, i64)>,
    floats: Option<(f64, f64)>,
    texts: Option<(String, String)>,
    sum: f64,
    exact_sum: i128,
    longest: u32,
    sketch: Sketch,
    bounds: Option<shape::Bounds>,
}

#[inline]
fn mix(bits: i64) -> u64 {
    xxh3_64(&bits.to_le_bytes())
}

impl Statistics {
    /// Empty statistics for each column of a table.
    pub(crate) fn for_columns(count: usize) -> Vec<Self> {
        let exact = (KEPT_VALUES / count.max(1)).clamp(EXACT_DISTINCT_MIN, EXACT_DISTINCT);
        let empty = Self {
            count: 0,
            nulls: 0,
            bits: None,
            floats: None,
            texts: None,
            sum: 0.0,
            exact_sum: 0,
            longest: 0,
            sketch: Sketch::new(exact),
            bounds: None,
        };
        vec![empty; count]
    }

    /// Takes the values of one array of a column.
    pub(crate) fn add(&mut self, array: &ArrayRef, column_type: ColumnType) {
        let nulls = array.null_count();
        self.nulls += u64::try_from(nulls).unwrap_or_default();
        self.count += u64::try_from(array.len() - nulls).unwrap_or_default();
        match column_type {
            ColumnType::Integer => self.add_bits(array.as_primitive::<Int64Type>().iter().flatten()),
            ColumnType::Decimal { .. } => {
                let digits = array.as_primitive::<Decimal128Type>().iter().flatten();
                self.add_bits(digits.filter_map(|digits| i64::try_from(digits).ok()));
            }
            ColumnType::Date => self.add_bits(array.as_primitive::<Date32Type>().iter().flatten().map(i64::from)),
            ColumnType::Timestamp { .. } => {
                self.add_bits(array.as_primitive::<TimestampMicrosecondType>().iter().flatten());
            }
            ColumnType::Boolean => self.add_bits(array.as_boolean().iter().flatten().map(i64::from)),
            ColumnType::Float => self.add_floats(array.as_primitive::<Float64Type>().iter().flatten()),
            ColumnType::Text => self.add_texts(array.as_string::<i32>().iter().flatten()),
            ColumnType::Point | ColumnType::Geometry => {
                for shape in array.as_binary::<i32>().iter().flatten() {
                    shape::widen(&mut self.bounds, shape);
                    self.sketch.add(xxh3_64(shape), || Sample::Bits(0));
                }
            }
        }
    }

    fn add_bits(&mut self, values: impl Iterator<Item = i64>) {
        let (mut least, mut most) = self.bits.unwrap_or((i64::MAX, i64::MIN));
        for value in values {
            least = least.min(value);
            most = most.max(value);
            self.exact_sum += i128::from(value);
            self.sketch.add(mix(value), || Sample::Bits(value));
        }
        if least <= most {
            self.bits = Some((least, most));
        }
    }

    fn add_floats(&mut self, values: impl Iterator<Item = f64>) {
        for value in values {
            let (least, most) = self.floats.get_or_insert((value, value));
            *least = least.min(value);
            *most = most.max(value);
            self.sum += value;
            let bits = i64::from_ne_bytes(value.to_ne_bytes());
            self.sketch.add(mix(bits), || Sample::Bits(bits));
        }
    }

    fn add_texts<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        for value in values {
            match &mut self.texts {
                None => self.texts = Some((value.to_owned(), value.to_owned())),
                Some((least, most)) => {
                    if value < least.as_str() {
                        least.clear();
                        least.push_str(value);
                    } else if value > most.as_str() {
                        most.clear();
                        most.push_str(value);
                    }
                }
            }
            let bytes = u32::try_from(value.len()).unwrap_or(u32::MAX);
            if bytes > self.longest {
                let chars = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
                self.longest = self.longest.max(chars);
            }
            self.sketch.add(xxh3_64(value.as_bytes()), || Sample::Text(cut(value).into()));
        }
    }

    /// Puts the statistics of two parts together.
    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.nulls += other.nulls;
        self.bits = match (self.bits, other.bits) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, two) => one.or(two),
        };
        self.floats = match (self.floats, other.floats) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, two) => one.or(two),
        };
        self.texts = match (self.texts.take(), other.texts) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, two) => one.or(two),
        };
        self.sum += other.sum;
        self.exact_sum += other.exact_sum;
        self.longest = self.longest.max(other.longest);
        self.sketch.merge(other.sketch);
        self.bounds = match (self.bounds, other.bounds) {
            (Some([a, b, c, d]), Some([e, f, g, h])) => Some([a.min(e), b.min(f), c.max(g), d.max(h)]),
            (one, two) => one.or(two),
        };
    }

    /// Least and greatest, for the histogram's bounds.
    pub(crate) fn range(&self, column_type: ColumnType) -> Option<(f64, f64)> {
        match column_type {
            ColumnType::Float => self.floats,
            _ => self.bits.map(|(least, most)| (scaled(least, column_type), scaled(most, column_type))),
        }
    }

    /// The bounding box of the shapes.
    pub(crate) const fn bounds(&self) -> Option<shape::Bounds> {
        self.bounds
    }

    /// The finished statistics, with a histogram's counts where there is one.
    pub(crate) fn finish(self, column_type: ColumnType, histogram: Option<Histogram>) -> ColumnStatistics {
        let (distinct, distinct_is_exact) = self.sketch.distinct();
        let (min, max) = match column_type {
            ColumnType::Text => self.texts.as_ref().map(|(a, b)| (cut(a).to_owned(), cut(b).to_owned())),
            ColumnType::Float => self.floats.map(|(a, b)| (format_float(a), format_float(b))),
            ColumnType::Point | ColumnType::Geometry => None,
            _ => self.bits.map(|(a, b)| (format_bits(a, column_type), format_bits(b, column_type))),
        }
        .unzip();
        let top = if column_type.is_spatial() { Vec::new() } else { self.sketch.top() };
        let top = top
            .into_iter()
            .map(|(value, rows)| TopValue {
                value: match value {
                    Sample::Text(text) => text.to_string(),
                    Sample::Bits(bits) => format_bits(*bits, column_type),
                },
                rows,
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
        let mean = (column_type.is_numeric() && self.count > 0).then(|| {
            let sum = match column_type {
                ColumnType::Float => self.sum,
                ColumnType::Decimal { scale } => self.exact_sum as f64 / 10f64.powi(i32::from(scale)),
                _ => self.exact_sum as f64,
            };
            sum / self.count as f64
        });
        ColumnStatistics {
            count: self.count,
            nulls: self.nulls,
            distinct: distinct.min(self.count),
            distinct_is_exact,
            min,
            max,
            mean: mean.filter(|mean| mean.is_finite()),
            longest: (column_type == ColumnType::Text && self.count > 0).then_some(self.longest),
            top,
            histogram,
            bbox: self.bounds,
        }
    }
}

/// A stored value on the axis of histograms: numbers as they are, times in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "positions in a histogram are floats")]
pub(crate) fn scaled(bits: i64, column_type: ColumnType) -> f64 {
    match column_type {
        ColumnType::Decimal { scale } => bits as f64 / 10f64.powi(i32::from(scale)),
        ColumnType::Date => bits as f64 * 86_400.0,
        ColumnType::Timestamp { .. } => bits as f64 / 1e6,
        _ => bits as f64,
    }
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(TEXT_CHARS) {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

fn format_float(value: f64) -> String {
    format!("{value}")
}

/// A stored value in the plain text form of its type.
pub(crate) fn format_bits(bits: i64, column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Decimal { scale } => format_decimal(bits, scale),
        ColumnType::Float => format_float(f64::from_ne_bytes(bits.to_ne_bytes())),
        ColumnType::Boolean => if bits == 0 { "false" } else { "true" }.to_owned(),
        ColumnType::Date => format_date(i32::try_from(bits).unwrap_or_default()),
        ColumnType::Timestamp { utc } => format_timestamp(bits, utc),
        _ => bits.to_string(),
    }
}

fn format_decimal(bits: i64, scale: u8) -> String {
    let digits = format!("{:0>width$}", bits.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if bits < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// `2024-02-29`
pub(crate) fn format_date(days: i32) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2024-02-29T12:30:00Z`
pub(crate) fn format_timestamp(micros: i64, utc: bool) -> String {
    let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or_default();
    let rest = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let mut text = format!("{}T{:02}:{:02}:{:02}", format_date(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    if utc {
        text.push('Z');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};

    use super::*;

    fn integers(values: Vec<Option<i64>>) -> Statistics {
        let mut statistics = Statistics::for_columns(1).remove(0);
        let array: ArrayRef = Arc::new(Int64Array::from(values));
        statistics.add(&array, ColumnType::Integer);
        statistics
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let found = integers(vec![Some(3), None, Some(-1), Some(3)]).finish(ColumnType::Integer, None);
        assert_eq!((found.count, found.nulls, found.distinct, found.distinct_is_exact), (3, 1, 2, true));
        assert_eq!((found.min.as_deref(), found.max.as_deref()), (Some("-1"), Some("3")));
        assert_eq!(found.top[0], TopValue { value: "3".to_owned(), rows: 2 });
        assert!((found.mean.unwrap() - 5.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn many_values_are_estimated_and_frequent_ones_found() {
        let mut values: Vec<Option<i64>> = (0..200_000).map(Some).collect();
        values.extend(std::iter::repeat_n(Some(7), 5_000));
        let half = values.split_off(100_000);
        let mut statistics = integers(values);
        statistics.merge(integers(half));
        let found = statistics.finish(ColumnType::Integer, None);
        assert!(!found.distinct_is_exact);
        assert!((190_000..210_000).contains(&found.distinct), "{}", found.distinct);
        assert_eq!(found.top.first().map(|top| top.value.as_str()), Some("7"));
        assert!((5_000..5_300).contains(&found.top[0].rows), "{:?}", found.top);
    }

    #[test]
    fn texts_know_their_bounds_and_length() {
        let mut statistics = Statistics::for_columns(1).remove(0);
        let array: ArrayRef = Arc::new(StringArray::from(vec![Some("böse"), None, Some("a"), Some("z")]));
        statistics.add(&array, ColumnType::Text);
        let found = statistics.finish(ColumnType::Text, None);
        assert_eq!((found.min.as_deref(), found.max.as_deref(), found.longest), (Some("a"), Some("z"), Some(4)));
    }

    #[test]
    fn values_are_written_plainly() {
        let cases = [
            (format_bits(-5, ColumnType::Decimal { scale: 2 }), "-0.05"),
            (format_bits(1234, ColumnType::Decimal { scale: 2 }), "12.34"),
            (format_bits(19_782, ColumnType::Date), "2024-02-29"),
            (format_bits(1_500_000, ColumnType::Timestamp { utc: true }), "1970-01-01T00:00:01.5Z"),
            (format_bits(-1, ColumnType::Timestamp { utc: false }), "1969-12-31T23:59:59.999999"),
            (format_bits(1, ColumnType::Boolean), "true"),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}
