//! Sums of groups.

use fairground_tables_query::Value;
use fairground_tables_query::naive::percentile;
use fairground_tables_query::plan::{AggregatePlan, Measure};

use super::ranks::{Ranks, scale_of};
use super::totals::{Tally, Totals};
use super::{BLOCK, Block, BlockRows, each_block};
use crate::column::{Column, at};
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
    rows: Tally,
    /// Measures, and the place of each among the accumulators: a sum and a mean share one.
    measures: Vec<(Measure, usize)>,
    accumulators: Vec<Accumulator<'a>>,
    /// The group of each row taken, by its place in the set; kept for measures that need a second look.
    places: Option<Vec<u32>>,
}

enum Accumulator<'a> {
    /// Values of a column.
    Count { column: &'a Column, counts: Tally },
    /// Values and sums of a numeric column.
    Totals(Totals<'a>),
    /// The row with the least or greatest value.
    Extreme { column: &'a Column, greatest: bool, best: Vec<u32> },
    /// Different values.
    Distinct { ranks: Ranks<'a>, seen: Seen, counts: Vec<u64> },
    /// Parts of the values, by group.
    Percentile { column: &'a Column, part: f64, values: Vec<Option<f64>> },
    /// Counts of rows.
    Rows,
}

/// Values that were seen in a group.
enum Seen {
    /// A bit a group and rank.
    Bits(Vec<u64>),
    /// Group and rank.
    Pairs(Vec<u64>),
}

impl<'a> Sums<'a> {
    /// Nothing when the scan engine should answer. `groups` is how many places there are before the first row.
    pub(super) fn new(
        sidecar: &'a Sidecar,
        plan: &AggregatePlan,
        set: &RowSet<'_>,
        groups: usize,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Self>, ColumnsError> {
        let mut accumulators: Vec<Accumulator<'a>> = Vec::with_capacity(plan.measures.len());
        let mut measures = Vec::with_capacity(plan.measures.len());
        let mut second_look = false;
        for measure in &plan.measures {
            let accumulator = match measure {
                Measure::CountRows => Accumulator::Rows,
                Measure::Count(column) => match sidecar.column(*column)? {
                    column if column.non_null == column.rows => Accumulator::Rows,
                    column => Accumulator::Count { column, counts: Tally::new(groups) },
                },
                Measure::Sum(column) | Measure::Avg(column) => {
                    let column = numeric(sidecar, *column)?;
                    let same = |known: &Accumulator<'_>| matches!(known, Accumulator::Totals(it) if it.is_of(column));
                    if let Some(place) = accumulators.iter().position(same) {
                        measures.push((measure.clone(), place));
                        continue;
                    }
                    let Some(totals) = Totals::new(column, groups) else { return Ok(None) };
                    Accumulator::Totals(totals)
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
            measures.push((measure.clone(), accumulators.len()));
            accumulators.push(accumulator);
        }
        let places = second_look.then(|| Vec::with_capacity(usize::try_from(set.len()).unwrap_or_default()));
        Ok(Some(Self { rows: Tally::new(groups), measures, accumulators, places }))
    }

    /// Takes a block of rows; `groups` is how many places there are by now. False when the scan engine should answer.
    pub(super) fn take(&mut self, block: Block<'_>, places: &[u32], groups: usize) -> bool {
        self.rows.reach(groups);
        self.rows.take(places);
        if let Some(kept) = &mut self.places {
            kept.extend_from_slice(places);
        }
        self.accumulators.iter_mut().all(|accumulator| accumulator.take(block, places, groups))
    }

    /// Ends the taking.
    pub(super) fn finish(
        &mut self,
        set: &RowSet<'_>,
        groups: usize,
        budget: &mut Budget<'_>,
    ) -> Result<(), ColumnsError> {
        for accumulator in &mut self.accumulators {
            match accumulator {
                Accumulator::Distinct { ranks, seen, counts } => *counts = seen.counts(groups, ranks.count()),
                Accumulator::Percentile { column, part, values } => {
                    let places = self.places.as_deref().unwrap_or_default();
                    *values = percentiles(column, *part, set, places, groups, budget)?;
                }
                Accumulator::Count { .. }
                | Accumulator::Totals(_)
                | Accumulator::Extreme { .. }
                | Accumulator::Rows => {}
            }
        }
        Ok(())
    }

    /// Rows of a group.
    pub(super) fn rows(&self, group: usize) -> u64 {
        self.rows.of(group)
    }

    /// A measure of a group.
    pub(super) fn value(&self, group: usize, measure: usize) -> Result<Value, ColumnsError> {
        let asked = self.measures.get(measure);
        let found = asked.and_then(|(asked, place)| Some((asked, self.accumulators.get(*place)?)));
        let Some((asked, accumulator)) = found else {
            return Err(ColumnsError::Mismatch("there is no such column in the answer".to_owned()));
        };
        Ok(match accumulator {
            Accumulator::Rows => count(self.rows(group)),
            Accumulator::Count { counts, .. } => count(counts.of(group)),
            Accumulator::Totals(totals) => totals.value(group, asked)?,
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

impl Accumulator<'_> {
    fn take(&mut self, block: Block<'_>, places: &[u32], groups: usize) -> bool {
        match self {
            Self::Rows | Self::Percentile { .. } => {}
            Self::Totals(totals) => return totals.take(block, places, groups),
            Self::Count { column, counts } => {
                counts.reach(groups);
                counts.take_valid(column, block, places);
            }
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
                if let Some(own) = own.get_mut(..places.len()) {
                    ranks.fill(block, own);
                    seen.take(own, places, groups, ranks.count());
                }
            }
        }
        true
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
