//! Counts and sums by group, exact whatever the order of rows.
//!
//! A row's group is often that of the row before, and an addition must wait for the one before to the same place. So small
//! groups are kept in [`LANES`] places each, which take rows in turn. Sums are whole numbers of 64 bits where the column's
//! extremes leave room for all its rows, else of 128; floats are counted in a unit of which all are multiples, where there is
//! such a one, and are rounded once, at the end.

use fairground_domain::ColumnType;
use fairground_tables_query::Value;
use fairground_tables_query::exact::{ExactSum, mean_of_digits, of_units, taken_apart};
use fairground_tables_query::plan::Measure;

use super::ranks::{scale_of, spread};
use super::{BLOCK, Block, BlockRows};
use crate::column::{Codes, Column, Data, Validity, Values, at};
use crate::error::ColumnsError;
use crate::key;

/// Places of a group that take rows in turn.
const LANES: usize = 4;
/// Groups that have so many places each: together they stay in the nearest caches.
const LANE_GROUPS_MAX: usize = 1_024;
/// Rows whose validity is one word.
const WORD: usize = 64;
/// Words of a block.
const BLOCK_WORDS: usize = BLOCK / WORD;
/// Groups with a sum of floats of very different size at most: each may take half a kilobyte; the scan engine takes more.
const EXACT_GROUPS_MAX: usize = 65_536;

/// What is kept of each group, in lanes.
pub(super) struct Lanes<T>([Vec<T>; LANES]);

impl<T: Copy + Default> Lanes<T> {
    /// For so many groups from the beginning; more may come when they are many already, or when there are none yet.
    pub(super) fn new(groups: usize) -> Self {
        let lane = |at: usize| {
            let own = if at == 0 || (1..=LANE_GROUPS_MAX).contains(&groups) { groups } else { 0 };
            vec![T::default(); own]
        };
        Self(std::array::from_fn(lane))
    }

    fn reach(&mut self, groups: usize) {
        let [first, ..] = &mut self.0;
        if first.len() < groups {
            first.resize(groups, T::default());
        }
    }

    /// Shows each row's place and input to `add`.
    #[inline]
    fn each<I: Copy>(&mut self, places: &[u32], inputs: &[I], add: impl Fn(&mut T, I)) {
        self.each_marked(places, inputs, 0, |own, input, _| add(own, input));
    }

    /// The same, with a bit of a word for each of up to 64 rows: 1 or 0.
    #[inline]
    fn each_marked<I: Copy>(&mut self, places: &[u32], inputs: &[I], mut word: u64, add: impl Fn(&mut T, I, u64)) {
        let one = |lane: &mut [T], place: u32, input: I, bit: u64| {
            if let Some(own) = lane.get_mut(place as usize) {
                add(own, input, bit);
            }
        };
        let [a, b, c, d] = self.0.each_mut().map(Vec::as_mut_slice);
        if b.is_empty() {
            for (place, input) in places.iter().zip(inputs) {
                one(a, *place, *input, word & 1);
                word >>= 1;
            }
            return;
        }
        let (fours, rest) = places.as_chunks::<LANES>();
        let (four_inputs, rest_inputs) = inputs.as_chunks::<LANES>();
        for ([p, q, r, s], [i, j, k, l]) in fours.iter().zip(four_inputs) {
            one(a, *p, *i, word & 1);
            one(b, *q, *j, word >> 1 & 1);
            one(c, *r, *k, word >> 2 & 1);
            one(d, *s, *l, word >> 3 & 1);
            word >>= LANES;
        }
        for (place, input) in rest.iter().zip(rest_inputs) {
            one(a, *place, *input, word & 1);
            word >>= 1;
        }
    }

    fn of(&self, group: usize) -> [T; LANES] {
        std::array::from_fn(|lane| self.0.get(lane).map_or_else(T::default, |own| at(own, group)))
    }
}

/// Rows by group.
pub(super) struct Tally(Lanes<u32>);

impl Tally {
    pub(super) fn new(groups: usize) -> Self {
        Self(Lanes::new(groups))
    }

    pub(super) fn reach(&mut self, groups: usize) {
        self.0.reach(groups);
    }

    /// Counts all rows of a block.
    pub(super) fn take(&mut self, places: &[u32]) {
        self.0.each(places, places, |count, _| *count += 1);
    }

    /// Counts the rows of a block that have a value.
    pub(super) fn take_valid(&mut self, column: &Column, block: Block<'_>, places: &[u32]) {
        let mut words = [0u64; BLOCK_WORDS];
        match &column.data {
            Data::Dictionary { codes, distinct, .. } => {
                let mut own = [0u32; BLOCK];
                let Some(own) = own.get_mut(..places.len()) else { return };
                spread_codes(codes, block.rows, own);
                self.0.each(places, own, |count, code| *count += u32::from(code < *distinct));
            }
            Data::Fixed { valid, .. } | Data::Text { valid, .. } | Data::Shape { valid, .. } => {
                for (places, word) in places.chunks(WORD).zip(valid_words(valid, block.rows, &mut words)) {
                    self.0.each_marked(places, places, *word, |count, _, bit| *count += u32::from(bit == 1));
                }
            }
        }
    }

    pub(super) fn of(&self, group: usize) -> u64 {
        self.0.of(group).into_iter().map(u64::from).sum()
    }
}

fn spread_codes(codes: &Codes, rows: BlockRows<'_>, own: &mut [u32]) {
    match codes {
        Codes::Narrow(codes) => spread(codes, rows, own),
        Codes::Wide(codes) => spread(codes, rows, own),
    }
}

/// A bit for each row of a block that has a value; runs begin where a word does.
fn valid_words<'w>(valid: &'w Validity, rows: BlockRows<'_>, words: &'w mut [u64; BLOCK_WORDS]) -> &'w [u64] {
    if valid.is_always() {
        words.fill(u64::MAX);
        return words;
    }
    match rows {
        BlockRows::Run(first, _) => valid.words().get(first / WORD..).unwrap_or_default(),
        BlockRows::List(rows) => {
            for (word, rows) in words.iter_mut().zip(rows.chunks(WORD)) {
                let bits = rows.iter().enumerate();
                *word = bits.fold(0, |word, (at, row)| word | u64::from(valid.get(*row as usize)) << at);
            }
            words
        }
    }
}

/// Values of a group and their sum.
#[derive(Debug, Clone, Copy, Default)]
struct Cell<T> {
    count: u64,
    sum: T,
}

/// Sums of a numeric column.
pub(super) struct Totals<'a> {
    column: &'a Column,
    added: Added,
}

enum Added {
    /// Whole numbers and decimals, of which no sum leaves 64 bits.
    Small(Lanes<Cell<i64>>, Vec<Cell<i64>>),
    /// Other whole numbers and decimals.
    Wide(Lanes<Cell<i128>>, Vec<Cell<i128>>),
    /// Floats, in units of 2^(place − 1074).
    Units(u32, Lanes<Cell<i128>>, Vec<Cell<i128>>),
    /// Floats of very different size.
    Exact(Vec<(u64, ExactSum)>),
}

impl<'a> Totals<'a> {
    /// Nothing when the scan engine should add up.
    pub(super) fn new(column: &'a Column, groups: usize) -> Option<Self> {
        let added = match (column.column_type, unit_of(column)) {
            (ColumnType::Float, Some(place)) => {
                Added::Units(place, Lanes::new(groups), cells(column, |own| units(own, place)))
            }
            (ColumnType::Float, None) if groups > EXACT_GROUPS_MAX => return None,
            (ColumnType::Float, None) => Added::Exact(Vec::new()),
            _ if has_room(column) => Added::Small(Lanes::new(groups), cells(column, key::to_i64)),
            _ => Added::Wide(Lanes::new(groups), cells(column, |own| i128::from(key::to_i64(own)))),
        };
        Some(Self { column, added })
    }

    pub(super) fn is_of(&self, column: &Column) -> bool {
        std::ptr::eq(self.column, column)
    }

    /// False when the scan engine should add up.
    pub(super) fn take(&mut self, block: Block<'_>, places: &[u32], groups: usize) -> bool {
        match &mut self.added {
            Added::Small(lanes, cells) => take(self.column, lanes, cells, block, places, groups, key::to_i64),
            Added::Wide(lanes, cells) => {
                take(self.column, lanes, cells, block, places, groups, |own| i128::from(key::to_i64(own)));
            }
            Added::Units(place, lanes, cells) => {
                let place = *place;
                take(self.column, lanes, cells, block, places, groups, |own| units(own, place));
            }
            Added::Exact(sums) => {
                if groups > EXACT_GROUPS_MAX {
                    return false;
                }
                sums.resize_with(groups, Default::default);
                let mut take = |row: u32, place: u32| {
                    if let (Some((count, sum)), false) = (sums.get_mut(place as usize), self.column.is_null(row)) {
                        *count += 1;
                        sum.add(key::to_f64(self.column.key(row)));
                    }
                };
                match block.rows {
                    BlockRows::Run(first, _) => {
                        let first = u32::try_from(first).unwrap_or(u32::MAX);
                        (first..).zip(places).for_each(|(row, place)| take(row, *place));
                    }
                    BlockRows::List(rows) => rows.iter().zip(places).for_each(|(row, place)| take(*row, *place)),
                }
            }
        }
        true
    }

    pub(super) fn value(&self, group: usize, asked: &Measure) -> Result<Value, ColumnsError> {
        #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
        let float = |sum: f64, count: u64| match (count, asked) {
            (0, _) => Value::Null,
            (_, Measure::Avg(_)) => Value::Float(sum / count as f64),
            _ => Value::Float(sum),
        };
        match &self.added {
            Added::Small(lanes, _) => {
                let parts = lanes.of(group);
                let sum = parts.iter().map(|cell| i128::from(cell.sum)).sum();
                self.digits(sum, parts.iter().map(|cell| cell.count).sum(), asked)
            }
            Added::Wide(lanes, _) => {
                let parts = lanes.of(group);
                self.digits(parts.iter().map(|cell| cell.sum).sum(), parts.iter().map(|cell| cell.count).sum(), asked)
            }
            Added::Units(place, lanes, _) => {
                let parts = lanes.of(group);
                let sum = of_units(parts.iter().map(|cell| cell.sum).sum(), *place);
                Ok(float(sum, parts.iter().map(|cell| cell.count).sum()))
            }
            Added::Exact(sums) => Ok(sums.get(group).map_or(Value::Null, |(count, sum)| float(sum.value(), *count))),
        }
    }

    /// The answer from the sum of a whole number's or decimal's digits.
    fn digits(&self, sum: i128, count: u64, asked: &Measure) -> Result<Value, ColumnsError> {
        let column_type = self.column.column_type;
        Ok(match (count, asked) {
            (0, _) => Value::Null,
            (_, Measure::Avg(_)) => Value::Float(mean_of_digits(sum, scale_of(column_type), count)),
            _ => {
                let sum = i64::try_from(sum).map_err(|_| ColumnsError::Overflow)?;
                key::to_value(column_type, key::of_i64(sum))
            }
        })
    }
}

/// What each code of a dictionary adds: nothing's adds nothing.
fn cells<T: Default>(column: &Column, number: impl Fn(u64) -> T) -> Vec<Cell<T>> {
    match &column.data {
        Data::Dictionary { values: Values::Keys(keys), .. } => {
            let cells = keys.iter().map(|own| Cell { count: 1, sum: number(*own) });
            cells.chain([Cell::default()]).collect()
        }
        _ => Vec::new(),
    }
}

#[inline]
fn take<T: Copy + Default + std::ops::AddAssign>(
    column: &Column,
    lanes: &mut Lanes<Cell<T>>,
    cells: &[Cell<T>],
    block: Block<'_>,
    places: &[u32],
    groups: usize,
    number: impl Fn(u64) -> T,
) {
    lanes.reach(groups);
    match &column.data {
        Data::Dictionary { codes, .. } => {
            let mut own = [0u32; BLOCK];
            let Some(own) = own.get_mut(..places.len()) else { return };
            spread_codes(codes, block.rows, own);
            lanes.each(places, own, |total, code| {
                let one = at(cells, code as usize);
                total.count += one.count;
                total.sum += one.sum;
            });
        }
        Data::Fixed { keys, valid } => {
            let mut gathered;
            let keys = match block.rows {
                BlockRows::Run(first, count) => keys.get(first..first + count).unwrap_or_default(),
                BlockRows::List(rows) => {
                    gathered = [0u64; BLOCK];
                    let Some(gathered) = gathered.get_mut(..rows.len()) else { return };
                    spread(keys, block.rows, gathered);
                    gathered
                }
            };
            let always = |total: &mut Cell<T>, own: u64| {
                total.count += 1;
                total.sum += number(own);
            };
            if valid.is_always() {
                lanes.each(places, keys, always);
                return;
            }
            let mut words = [0u64; BLOCK_WORDS];
            let words = valid_words(valid, block.rows, &mut words);
            for ((places, keys), word) in places.chunks(WORD).zip(keys.chunks(WORD)).zip(words) {
                if *word == u64::MAX {
                    lanes.each(places, keys, always);
                    continue;
                }
                lanes.each_marked(places, keys, *word, |total, own, bit| {
                    total.count += bit;
                    total.sum += if bit == 1 { number(own) } else { T::default() };
                });
            }
        }
        Data::Text { .. } | Data::Shape { .. } => {}
    }
}

/// The least and the greatest key of a column; none when nothing has a value.
fn extremes(column: &Column) -> Option<(u64, u64)> {
    let ordered = column.ordered();
    Some((column.key(*ordered.first()?), column.key(*ordered.last()?)))
}

/// Whether the sum of any rows of a column of whole numbers has room in 64 bits.
fn has_room(column: &Column) -> bool {
    let Some((least, greatest)) = extremes(column) else { return true };
    let farthest = key::to_i64(least).unsigned_abs().max(key::to_i64(greatest).unsigned_abs());
    farthest.checked_mul(u64::from(column.rows)).is_some_and(|sum| i64::try_from(sum).is_ok())
}

/// The unit (as in [`of_units`]) that all floats of a column are multiples of, and in which the sum of any rows has room in 128
/// bits.
fn unit_of(column: &Column) -> Option<u32> {
    /// Bits of a float without its exponent.
    const BITS: u32 = 53;
    if column.column_type != ColumnType::Float {
        return None;
    }
    let Some((least, greatest)) = extremes(column) else { return Some(0) };
    let (least, greatest) = (key::to_f64(least), key::to_f64(greatest));
    if !least.is_finite() || !greatest.is_finite() {
        return None;
    }
    let place = |number: f64| taken_apart(number).1;
    let top = place(least).max(place(greatest));
    // The smallest sizes stand on both sides of zero.
    let ordered = column.ordered();
    let below = ordered.partition_point(|row| key::to_f64(column.key(*row)) < 0.0);
    let zeros = ordered.partition_point(|row| key::to_f64(column.key(*row)) <= 0.0);
    let beside = [below.checked_sub(1).and_then(|at| ordered.get(at)), ordered.get(zeros)];
    let unit = beside.into_iter().flatten().map(|row| place(key::to_f64(column.key(*row)))).min().unwrap_or(top);
    let bits = (top - unit) + BITS + u32::BITS - column.rows.leading_zeros();
    (bits < i128::BITS).then_some(unit)
}

/// A float in units of 2^(place − 1074), of which it is a multiple.
#[inline]
fn units(own: u64, place: u32) -> i128 {
    let number = key::to_f64(own);
    let (mantissa, own_place) = taken_apart(number);
    // Zero stands at the least place, and what stands in rows without a value anywhere: it is not counted.
    let size = i128::from(mantissa).wrapping_shl(own_place.saturating_sub(place));
    if number < 0.0 { -size } else { size }
}
