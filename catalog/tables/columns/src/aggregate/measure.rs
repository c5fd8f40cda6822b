//! Sums of groups.

use fairground_domain::ColumnType;
use fairground_tables_query::Value;
use fairground_tables_query::naive::percentile;
use fairground_tables_query::plan::{AggregatePlan, Measure};

use super::ranks::{Ranks, scale_of, spread};
use super::{BLOCK, Block, BlockRows, each_block};
use crate::column::{Codes, Column, Data, Values, at};
use crate::error::{Budget, ColumnsError};
use crate::key;
use crate::set::RowSet;
use crate::sidecar::Sidecar;

/// Bits that counting different values may take; beyond, pairs are sorted.
const DISTINCT_BITS_MAX: u64 = 1 << 26;
/// No row yet.
const NONE: u32 = u32::MAX;

/// All measures of all groups, while rows are taken and after.
pub(super) struct Sums<'a> {
    rows: Vec<u64>,
    /// By measure, its place among the accumulators.
    measures: Vec<Measure>,
    accumulators: Vec<Accumulator<'a>>,
    /// The group of each row taken, by its place in the set; kept for measures that need a second look.
    places: Option<Vec<u32>>,
}

enum Accumulator<'a> {
    /// Counts and sums of a numeric column; counts alone of others.
    Totals { column: &'a Column, totals: Totals },
    /// The row with the least or greatest value.
    Extreme { column: &'a Column, greatest: bool, best: Vec<u32> },
    /// Different values.
    Distinct { ranks: Ranks<'a>, seen: Seen, counts: Vec<u64> },
    /// Parts of the values, by group.
    Percentile { column: &'a Column, part: f64, values: Vec<Option<f64>> },
    /// Counts of rows.
    Rows,
}

enum Totals {
    Counts(Vec<u64>),
    Whole(Vec<(u64, i128)>),
    Float { totals: Vec<(u64, f64)>, zero: f64 },
}

/// Values that were seen in a group.
enum Seen {
    /// A bit a group and rank.
    Bits(Vec<u64>),
    /// Group and rank.
    Pairs(Vec<u64>),
}

impl<'a> Sums<'a> {
    /// Nothing when the scan engine should answer.
    pub(super) fn new(
        sidecar: &'a Sidecar,
        plan: &AggregatePlan,
        set: &RowSet<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Self>, ColumnsError> {
        let mut accumulators = Vec::with_capacity(plan.measures.len());
        let mut second_look = false;
        for measure in &plan.measures {
            let accumulator = match measure {
                Measure::CountRows => Accumulator::Rows,
                Measure::Count(column) => {
                    let column = sidecar.column(*column)?;
                    Accumulator::Totals { column, totals: Totals::Counts(Vec::new()) }
                }
                Measure::Sum(column) | Measure::Avg(column) => {
                    let column = numeric(sidecar, *column)?;
                    let totals = match column.column_type {
                        // A mean of negative zeros is one; sums begin at zero.
                        ColumnType::Float => {
                            let zero = if matches!(measure, Measure::Avg(_)) { -0.0 } else { 0.0 };
                            Totals::Float { totals: Vec::new(), zero }
                        }
                        _ => Totals::Whole(Vec::new()),
                    };
                    Accumulator::Totals { column, totals }
                }
                Measure::Min(column) | Measure::Max(column) => {
                    let column = sidecar.column(*column)?;
                    if column.column_type.is_spatial() {
                        return Err(ColumnsError::Mismatch("shapes have no order".to_owned()));
                    }
                    let greatest = matches!(measure, Measure::Max(_));
                    Accumulator::Extreme { column, greatest, best: Vec::new() }
                }
                Measure::CountDistinct(column) => {
                    let column = sidecar.column(*column)?;
                    let Some(ranks) = Ranks::of_column(column, set, budget)? else { return Ok(None) };
                    Accumulator::Distinct { ranks, seen: Seen::Bits(Vec::new()), counts: Vec::new() }
                }
                Measure::Percentile(column, part) => {
                    second_look = true;
                    Accumulator::Percentile { column: numeric(sidecar, *column)?, part: *part, values: Vec::new() }
                }
            };
            accumulators.push(accumulator);
        }
        let places = second_look.then(|| Vec::with_capacity(usize::try_from(set.len()).unwrap_or_default()));
        Ok(Some(Self { rows: Vec::new(), measures: plan.measures.clone(), accumulators, places }))
    }

    /// Takes a block of rows; `groups` is how many places there are by now.
    pub(super) fn take(&mut self, block: Block<'_>, places: &[u32], groups: usize) {
        self.rows.resize(groups, 0);
        for place in places {
            if let Some(count) = self.rows.get_mut(*place as usize) {
                *count += 1;
            }
        }
        for accumulator in &mut self.accumulators {
            accumulator.take(block, places, groups);
        }
        if let Some(kept) = &mut self.places {
            kept.extend_from_slice(places);
        }
    }

    /// Ends the taking.
    pub(super) fn finish(
        &mut self,
        set: &RowSet<'_>,
        groups: usize,
        budget: &mut Budget<'_>,
    ) -> Result<(), ColumnsError> {
        self.rows.resize(groups, 0);
        for accumulator in &mut self.accumulators {
            match accumulator {
                Accumulator::Distinct { ranks, seen, counts } => *counts = seen.counts(groups, ranks.count()),
                Accumulator::Percentile { column, part, values } => {
                    let places = self.places.as_deref().unwrap_or_default();
                    *values = percentiles(column, *part, set, places, groups, budget)?;
                }
                Accumulator::Totals { .. } | Accumulator::Extreme { .. } | Accumulator::Rows => {}
            }
        }
        Ok(())
    }

    /// Rows of a group.
    pub(super) fn rows(&self, group: usize) -> u64 {
        at(&self.rows, group)
    }

    /// A measure of a group.
    pub(super) fn value(&self, group: usize, measure: usize) -> Result<Value, ColumnsError> {
        let (Some(asked), Some(accumulator)) = (self.measures.get(measure), self.accumulators.get(measure)) else {
            return Err(ColumnsError::Mismatch("there is no such column in the answer".to_owned()));
        };
        Ok(match accumulator {
            Accumulator::Rows => count(self.rows(group)),
            Accumulator::Totals { column, totals } => totals.value(group, asked, column.column_type)?,
            Accumulator::Extreme { column, best, .. } => match best.get(group) {
                Some(row) if *row != NONE => column.value(*row),
                _ => Value::Null,
            },
            Accumulator::Distinct { counts, .. } => count(at(counts, group)),
            Accumulator::Percentile { values, .. } => at(values, group).map_or(Value::Null, Value::Float),
        })
    }
}

fn numeric(sidecar: &Sidecar, column: usize) -> Result<&Column, ColumnsError> {
    let found = sidecar.column(column)?;
    if found.column_type.is_numeric() {
        Ok(found)
    } else {
        Err(ColumnsError::Mismatch("only numbers are added up".to_owned()))
    }
}

fn count(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

impl Totals {
    fn value(&self, group: usize, asked: &Measure, column_type: ColumnType) -> Result<Value, ColumnsError> {
        #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
        let mean = |sum: f64, count: u64| Value::Float(sum / count as f64);
        Ok(match self {
            Self::Counts(counts) => count(at(counts, group)),
            Self::Whole(totals) => {
                let (count, sum) = at(totals, group);
                match (count, asked) {
                    (0, _) => Value::Null,
                    #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
                    (_, Measure::Avg(_)) => mean(sum as f64 / 10f64.powi(i32::from(scale_of(column_type))), count),
                    _ => {
                        let sum = i64::try_from(sum).map_err(|_| ColumnsError::Overflow)?;
                        key::to_value(column_type, key::of_i64(sum))
                    }
                }
            }
            Self::Float { totals, .. } => match (at(totals, group), asked) {
                ((0, _), _) => Value::Null,
                ((count, sum), Measure::Avg(_)) => mean(sum, count),
                ((_, sum), _) => Value::Float(sum),
            },
        })
    }
}

impl Accumulator<'_> {
    fn take(&mut self, block: Block<'_>, places: &[u32], groups: usize) {
        match self {
            Self::Rows | Self::Percentile { .. } => {}
            Self::Totals { column, totals } => totals.take(column, block, places, groups),
            Self::Extreme { column, greatest, best } => {
                best.resize(groups, NONE);
                let mut take = |row: u32, place: u32| {
                    let Some(best) = best.get_mut(place as usize) else { return };
                    if column.is_null(row) {
                        return;
                    }
                    let better = *best == NONE || {
                        let order = column.compare_values(row, *best);
                        if *greatest { order.is_gt() } else { order.is_lt() }
                    };
                    if better {
                        *best = row;
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
            Self::Distinct { ranks, seen, .. } => {
                let mut own = [0u32; BLOCK];
                let Some(own) = own.get_mut(..places.len()) else { return };
                ranks.fill(block, own);
                seen.take(own, places, groups, ranks.count());
            }
        }
    }
}

impl Totals {
    fn take(&mut self, column: &Column, block: Block<'_>, places: &[u32], groups: usize) {
        let mut valid = [true; BLOCK];
        let Some(valid) = valid.get_mut(..places.len()) else { return };
        let mut keys = [0u64; BLOCK];
        let Some(keys) = keys.get_mut(..places.len()) else { return };
        let counts_only = matches!(self, Self::Counts(_));
        let all = column.non_null == column.rows;
        match &column.data {
            Data::Dictionary { codes, values, distinct, .. } => {
                let mut own = [0u32; BLOCK];
                let Some(own) = own.get_mut(..places.len()) else { return };
                match codes {
                    Codes::Narrow(codes) => spread(codes, block.rows, own),
                    Codes::Wide(codes) => spread(codes, block.rows, own),
                }
                valid.iter_mut().zip(&*own).for_each(|(valid, code)| *valid = code < distinct);
                if let (Values::Keys(table), false) = (values, counts_only) {
                    keys.iter_mut().zip(&*own).for_each(|(key, code)| *key = at(table, *code as usize));
                }
            }
            Data::Fixed { keys: own, valid: bits } => {
                if !counts_only {
                    spread(own, block.rows, keys);
                }
                if !all {
                    fill_valid(block.rows, valid, |row| bits.get(row));
                }
            }
            Data::Text { valid: bits, .. } | Data::Shape { valid: bits, .. } => {
                if !all {
                    fill_valid(block.rows, valid, |row| bits.get(row));
                }
            }
        }
        match self {
            Self::Counts(counts) => {
                counts.resize(groups, 0);
                for (place, valid) in places.iter().zip(&*valid) {
                    if let Some(count) = counts.get_mut(*place as usize) {
                        *count += u64::from(*valid);
                    }
                }
            }
            Self::Whole(totals) => {
                totals.resize(groups, (0, 0));
                for ((place, valid), own) in places.iter().zip(&*valid).zip(&*keys) {
                    if let (Some((count, sum)), true) = (totals.get_mut(*place as usize), *valid) {
                        *count += 1;
                        *sum += i128::from(key::to_i64(*own));
                    }
                }
            }
            Self::Float { totals, zero } => {
                totals.resize(groups, (0, *zero));
                for ((place, valid), own) in places.iter().zip(&*valid).zip(&*keys) {
                    if let (Some((count, sum)), true) = (totals.get_mut(*place as usize), *valid) {
                        *count += 1;
                        *sum += key::to_f64(*own);
                    }
                }
            }
        }
    }
}

fn fill_valid(rows: BlockRows<'_>, valid: &mut [bool], test: impl Fn(usize) -> bool) {
    match rows {
        BlockRows::Run(first, _) => valid.iter_mut().zip(first..).for_each(|(valid, row)| *valid = test(row)),
        BlockRows::List(rows) => valid.iter_mut().zip(rows).for_each(|(valid, row)| *valid = test(*row as usize)),
    }
}

impl Seen {
    fn take(&mut self, ranks: &[u32], places: &[u32], groups: usize, count: u32) {
        let bits_wanted = (groups as u64).saturating_mul(u64::from(count));
        if let Self::Bits(bits) = self {
            if bits_wanted <= DISTINCT_BITS_MAX {
                bits.resize(usize::try_from(bits_wanted / 64 + 1).unwrap_or_default(), 0);
            } else {
                // Too many groups by now: what was seen goes on as pairs.
                let pairs = ones(bits).map(|bit| pair(bit / u64::from(count.max(1)), bit % u64::from(count.max(1))));
                *self = Self::Pairs(pairs.collect());
            }
        }
        let known = places.iter().zip(ranks).filter(|(_, rank)| **rank < count);
        match self {
            Self::Bits(bits) => {
                for (place, rank) in known {
                    let bit = u64::from(*place) * u64::from(count) + u64::from(*rank);
                    if let Some(word) = usize::try_from(bit / 64).ok().and_then(|at| bits.get_mut(at)) {
                        *word |= 1 << (bit % 64);
                    }
                }
            }
            Self::Pairs(pairs) => pairs.extend(known.map(|(place, rank)| pair(u64::from(*place), u64::from(*rank)))),
        }
    }

    fn counts(&mut self, groups: usize, count: u32) -> Vec<u64> {
        let mut counts = vec![0u64; groups];
        let mut add = |group: u64| {
            if let Some(count) = usize::try_from(group).ok().and_then(|group| counts.get_mut(group)) {
                *count += 1;
            }
        };
        match self {
            Self::Bits(bits) => ones(bits).for_each(|bit| add(bit / u64::from(count.max(1)))),
            Self::Pairs(pairs) => {
                pairs.sort_unstable();
                pairs.dedup();
                pairs.iter().for_each(|pair| add(pair >> 32));
            }
        }
        counts
    }
}

const fn pair(place: u64, rank: u64) -> u64 {
    place << 32 | rank
}

/// The places of set bits.
fn ones(words: &[u64]) -> impl Iterator<Item = u64> + '_ {
    (0u64..).zip(words).flat_map(|(at, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let bit = u64::from(rest.trailing_zeros());
                rest &= rest - 1;
                at * 64 + bit
            })
        })
    })
}

/// The value below which a part of each group's values lies.
fn percentiles(
    column: &Column,
    part: f64,
    set: &RowSet<'_>,
    places: &[u32],
    groups: usize,
    budget: &mut Budget<'_>,
) -> Result<Vec<Option<f64>>, ColumnsError> {
    let scale = scale_of(column.column_type);
    let number = |row: u32| key::to_value(column.column_type, column.key(row)).as_f64(scale).unwrap_or_default();
    if let (RowSet::All(_), 1) = (set, groups) {
        return Ok(vec![of_whole(column, part, &number)]);
    }
    // Values of each group stand together: counted, then put in their places, then the two neighbours are selected.
    let mut starts = vec![0usize; groups + 1];
    let mut taken: Vec<(u32, f64)> = Vec::with_capacity(places.len());
    each_block(set, budget, |block| {
        let own = places.get(block.ordinal..block.ordinal + block.len()).unwrap_or_default();
        let mut take = |row: u32, place: u32| {
            if !column.is_null(row) {
                taken.push((place, number(row)));
                if let Some(start) = starts.get_mut(place as usize + 1) {
                    *start += 1;
                }
            }
        };
        match block.rows {
            BlockRows::Run(first, _) => {
                (u32::try_from(first).unwrap_or(u32::MAX)..).zip(own).for_each(|(row, place)| take(row, *place));
            }
            BlockRows::List(rows) => rows.iter().zip(own).for_each(|(row, place)| take(*row, *place)),
        }
        Ok(())
    })?;
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut ends = starts.clone();
    let mut values = vec![0f64; taken.len()];
    for (place, value) in taken {
        if let Some(end) = ends.get_mut(place as usize) {
            if let Some(slot) = values.get_mut(*end) {
                *slot = value;
            }
            *end += 1;
        }
    }
    let mut answers = Vec::with_capacity(groups);
    for group in 0..groups {
        let own = values.get_mut(at(&starts, group)..at(&starts, group + 1)).unwrap_or_default();
        budget.spend(own.len())?;
        answers.push(selected(own, part));
    }
    Ok(answers)
}

/// Of a whole column the order tells at once.
fn of_whole(column: &Column, part: f64, number: &dyn Fn(u32) -> f64) -> Option<f64> {
    let ordered = column.ordered();
    let (low, high, share) = neighbours(ordered.len(), part)?;
    let (low, high) = (number(at(ordered, low)), number(at(ordered, high)));
    Some(low + (high - low) * share)
}

/// As [`percentile`] of the sorted values, without sorting all of them.
fn selected(values: &mut [f64], part: f64) -> Option<f64> {
    let (low, high, _) = neighbours(values.len(), part)?;
    if values.len() > 64 {
        values.select_nth_unstable_by(high, f64::total_cmp);
        let (below, rest) = values.split_at_mut(high);
        if low < high {
            below.select_nth_unstable_by(low, f64::total_cmp);
        }
        let (low, high) = (if low < high { at(below, low) } else { at(rest, 0) }, at(rest, 0));
        let (.., share) = neighbours(below.len() + rest.len(), part)?;
        return Some(low + (high - low) * share);
    }
    values.sort_unstable_by(f64::total_cmp);
    percentile(values, part)
}

/// The places on both sides of a part of so many values, and how far between them it lies.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and the last place"
)]
fn neighbours(count: usize, part: f64) -> Option<(usize, usize, f64)> {
    let place = part.clamp(0.0, 1.0) * count.checked_sub(1)? as f64;
    Some((place.floor() as usize, place.ceil() as usize, place.fract()))
}
