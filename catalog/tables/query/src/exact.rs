//! Sums that are the same in whatever order, blocks and threads numbers are taken: added up exactly, rounded once.
//!
//! All who add floats up (the judge, the sidecar, the scan engine) take their result from here, so that one question has one
//! answer to the last bit, as its strong `ETag` promises.

/// Bits of a digit.
const DIGIT_BITS: u32 = 32;
const DIGIT_MASK: u128 = (1 << DIGIT_BITS) - 1;
/// Digits that one number touches: 53 bits, moved by up to 31.
const TOUCHED: usize = 3;
/// Additions that digits take before they are tidied up: each adds less than 32 bits to 63.
const ADDITIONS_MAX: u32 = 1 << 29;
/// The power of two that the last bit of the least float stands for.
const LEAST_POWER: i32 = -1074;

/// A sum of floats without rounding.
///
/// Takes some tens of bytes while its numbers are of similar size, 550 at most.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    /// Digits to the base 2^32, least first, each with room to run over; the first one stands for `first`.
    digits: Vec<i64>,
    first: usize,
    additions: u32,
    /// Whether infinity, minus infinity or neither number was added.
    beyond: Beyond,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Beyond {
    above: bool,
    below: bool,
    nan: bool,
}

/// A finite float as `mantissa × 2^(place − 1074)`, without its sign; zero has the mantissa 0.
#[must_use]
#[inline]
pub const fn taken_apart(number: f64) -> (u64, u32) {
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = number.to_bits();
    let exponent = (bits >> 52) as u32 & 0x7ff;
    let fraction = bits & FRACTION;
    if exponent == 0 { (fraction, 0) } else { (fraction | (FRACTION + 1), exponent - 1) }
}

/// The float nearest to `whole × 2^(place − 1074)`: what a sum of floats is that were counted in that unit.
#[must_use]
pub fn of_units(whole: i128, place: u32) -> f64 {
    scaled(whole as f64, LEAST_POWER + i32::try_from(place).unwrap_or(i32::MAX - 2_000))
}

/// The mean of fixed-point decimals, from the sum of their digits: one rounding of the sum, of the point, of the ratio.
#[must_use]
pub fn mean_of_digits(sum: i128, scale: u8, count: u64) -> f64 {
    sum as f64 / 10f64.powi(i32::from(scale)) / count as f64
}

/// A number that no rounding can be seen in, times a power of two.
fn scaled(number: f64, power: i32) -> f64 {
    let power_of_two = |power: i32| f64::from_bits(u64::try_from(power.clamp(-1022, 1023) + 1023).unwrap_or(0) << 52);
    // In two steps, of which the first never leaves the range of floats.
    let half = power / 2;
    number * power_of_two(half) * power_of_two(power - half)
}

impl ExactSum {
    /// Takes a number.
    pub fn add(&mut self, number: f64) {
        if !number.is_finite() {
            self.beyond.nan |= number.is_nan();
            self.beyond.above |= number == f64::INFINITY;
            self.beyond.below |= number == f64::NEG_INFINITY;
            return;
        }
        let (mantissa, place) = taken_apart(number);
        if mantissa == 0 {
            return;
        }
        let at = (place / DIGIT_BITS) as usize;
        self.reach(at, at + TOUCHED);
        self.note_additions(1);
        let wide = u128::from(mantissa) << (place % DIGIT_BITS);
        let parts = [wide & DIGIT_MASK, wide >> DIGIT_BITS & DIGIT_MASK, wide >> (2 * DIGIT_BITS)];
        let digits = self.digits.iter_mut().skip(at - self.first);
        for (digit, part) in digits.zip(parts) {
            let part = part as i64;
            *digit += if number < 0.0 { -part } else { part };
        }
    }

    /// Takes all that another sum has taken.
    pub fn merge(&mut self, other: &Self) {
        self.beyond.above |= other.beyond.above;
        self.beyond.below |= other.beyond.below;
        self.beyond.nan |= other.beyond.nan;
        if other.digits.is_empty() {
            return;
        }
        self.reach(other.first, other.first + other.digits.len());
        self.note_additions(other.additions.saturating_add(2));
        let digits = self.digits.iter_mut().skip(other.first - self.first);
        digits.zip(&other.digits).for_each(|(digit, part)| *digit += part);
    }

    /// The float nearest to the sum (of two as near the even one); 0 over nothing.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self.beyond {
            Beyond { nan: true, .. } | Beyond { above: true, below: true, .. } => return f64::NAN,
            Beyond { above: true, .. } => return f64::INFINITY,
            Beyond { below: true, .. } => return f64::NEG_INFINITY,
            _ => {}
        }
        let mut tidy = self.clone();
        tidy.tidy();
        let negative = tidy.digits.last().is_some_and(|top| *top < 0);
        if negative {
            tidy.digits.iter_mut().for_each(|digit| *digit = -*digit);
            tidy.tidy();
        }
        while tidy.digits.last() == Some(&0) {
            tidy.digits.pop();
        }
        let below = tidy.digits.len().saturating_sub(TOUCHED);
        let (rest, top) = tidy.digits.split_at(below);
        // Three digits hold more bits than a float; of the rest it only counts whether there is one.
        let whole = top.iter().rev().fold(0u128, |whole, digit| whole << DIGIT_BITS | u128::from(digit.unsigned_abs()));
        let whole = whole | u128::from(rest.iter().any(|digit| *digit != 0));
        let place = (tidy.first + below).saturating_mul(DIGIT_BITS as usize);
        let size = scaled(whole as f64, LEAST_POWER + i32::try_from(place).unwrap_or(i32::MAX - 2_000));
        if negative { -size } else { size }
    }

    /// Bytes that it takes in memory.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        size_of::<Self>() + self.digits.capacity() * size_of::<i64>()
    }

    /// As bytes, for those who hand sums on: flags, place of the first digit, digits.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut tidy = self.clone();
        tidy.tidy();
        let Beyond { above, below, nan } = tidy.beyond;
        let mut bytes = vec![u8::from(above) | u8::from(below) << 1 | u8::from(nan) << 2];
        bytes.push(u8::try_from(tidy.first).unwrap_or(u8::MAX));
        bytes.extend(tidy.digits.iter().flat_map(|digit| digit.to_le_bytes()));
        bytes
    }

    /// What [`Self::to_bytes`] gave; nothing for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([flags, first], digits) = bytes.split_first_chunk::<2>()?;
        let (digits, []) = digits.as_chunks::<8>() else { return None };
        let beyond = Beyond { above: flags & 1 != 0, below: flags & 2 != 0, nan: flags & 4 != 0 };
        let digits = digits.iter().map(|digit| i64::from_le_bytes(*digit)).collect();
        Some(Self { digits, first: usize::from(*first), additions: 2, beyond })
    }

    /// Makes room for the digits from one place to another.
    fn reach(&mut self, from: usize, to: usize) {
        if self.digits.is_empty() {
            self.first = from;
        }
        if from < self.first {
            self.digits.splice(0..0, std::iter::repeat_n(0, self.first - from));
            self.first = from;
        }
        if to - self.first > self.digits.len() {
            self.digits.resize(to - self.first, 0);
        }
    }

    fn note_additions(&mut self, more: u32) {
        if self.additions.saturating_add(more) > ADDITIONS_MAX {
            self.tidy();
        }
        self.additions = self.additions.saturating_add(more);
    }

    /// Leaves digits below 2^32, and none below 0 but the top one, which tells the sign.
    fn tidy(&mut self) {
        let mut over = 0i64;
        for digit in &mut self.digits {
            let sum = *digit + over;
            over = sum >> DIGIT_BITS;
            *digit = sum - (over << DIGIT_BITS);
        }
        if over != 0 {
            self.digits.push(over);
        }
        self.additions = 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|number| sum.add(*number));
        sum.value()
    }

    #[test]
    fn sums_are_rounded_once() {
        let third = 1.0 / 3.0;
        for (numbers, expected) in [
            (vec![], 0.0),
            (vec![-0.0], 0.0),
            (vec![0.1; 10], 1.0),
            (vec![1e300, 1.0, -1e300], 1.0),
            (vec![1e308, 1e308, -1e308], 1e308),
            (vec![1e308, 1e308], f64::INFINITY),
            (vec![-1e308, -1e308], f64::NEG_INFINITY),
            (vec![f64::MIN_POSITIVE, -5e-324], f64::MIN_POSITIVE - 5e-324),
            (vec![5e-324, 5e-324, 5e-324], 1.5e-323),
            // Half a unit above an even and an odd neighbour, and a trifle more.
            (vec![1.0, f64::EPSILON / 2.0], 1.0),
            (vec![1.0 + f64::EPSILON, f64::EPSILON / 2.0], 1.0 + 2.0 * f64::EPSILON),
            (vec![1.0, f64::EPSILON / 2.0, 5e-324], 1.0 + f64::EPSILON),
            (vec![-1.0, -f64::EPSILON / 2.0, -5e-324], -1.0 - f64::EPSILON),
            (vec![third, third, third], 1.0),
            (vec![f64::INFINITY, -1.0], f64::INFINITY),
            (vec![f64::NEG_INFINITY, 1.0], f64::NEG_INFINITY),
        ] {
            assert_eq!(sum(&numbers).to_bits(), f64::to_bits(expected), "{numbers:?}");
        }
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(sum(&[f64::NAN]).is_nan());
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_matter(
            numbers in proptest::collection::vec(any::<f64>().prop_filter("finite", |number| number.is_finite()), 0..40),
            cut in 0usize..40,
        ) {
            let expected = sum(&numbers).to_bits();
            let mut sorted = numbers.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(sum(&sorted).to_bits(), expected);
            let (head, tail) = numbers.split_at(cut.min(numbers.len()));
            let mut whole = ExactSum::default();
            for part in [head, tail] {
                let mut own = ExactSum::default();
                part.iter().for_each(|number| own.add(*number));
                whole.merge(&ExactSum::from_bytes(&own.to_bytes()).unwrap());
            }
            prop_assert_eq!(whole.value().to_bits(), expected);
        }

        #[test]
        fn whole_numbers_are_summed_as_whole_numbers(numbers in proptest::collection::vec(-1i64 << 50..1 << 50, 0..40)) {
            let floats: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
            let whole: i128 = numbers.iter().map(|number| i128::from(*number)).sum();
            prop_assert_eq!(sum(&floats), whole as f64);
        }

        #[test]
        fn units_of_one_size_give_the_same_sum(
            numbers in proptest::collection::vec((1u64 << 52..1 << 53, 0u32..60, any::<bool>()), 0..40),
            least in 0u32..1_900,
        ) {
            let number = |(mantissa, place, negative): &(u64, u32, bool)| {
                let size = scaled(*mantissa as f64, LEAST_POWER + i32::try_from(place + least).unwrap());
                if *negative { -size } else { size }
            };
            let floats: Vec<f64> = numbers.iter().map(number).collect();
            let whole: i128 = floats.iter().map(|number| {
                let (mantissa, place) = taken_apart(*number);
                let size = i128::from(mantissa) << (place - least);
                if *number < 0.0 { -size } else { size }
            }).sum();
            prop_assert_eq!(of_units(whole, least).to_bits(), sum(&floats).to_bits());
        }
    }

    #[test]
    fn many_additions_do_not_run_over() {
        let mut sum = ExactSum::default();
        sum.add(f64::MAX);
        // As if so many had been added.
        sum.additions = ADDITIONS_MAX - 1;
        (0..10).for_each(|_| sum.add(f64::MAX));
        sum.add(-f64::MAX);
        let mut expected = ExactSum::default();
        (0..10).for_each(|_| expected.add(f64::MAX / 1_024.0));
        assert_eq!(sum.value(), f64::INFINITY);
        let mut back = sum.clone();
        (0..9).for_each(|_| back.add(-f64::MAX));
        assert_eq!(back.value(), f64::MAX);
        assert!(back.bytes() <= 550 + size_of::<ExactSum>());
        assert_eq!(ExactSum::from_bytes(&[1]).map(|sum| sum.value()), None);
    }
}
