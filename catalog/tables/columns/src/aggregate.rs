//! Groups and sums.
//!
//! Keys become ranks: numbers from 0 in the order of the key's values, nothing last. Ranks of several keys together make one
//! number, which is the group's place in an array (or in a hash table, when there would be far more places than rows).
//! Rows are then gone through in blocks, one measure after the other.

mod measure;
mod ranks;
mod totals;

use std::cmp::Ordering;
use std::collections::HashMap;

use fairground_tables_query::Value;
use fairground_tables_query::naive::holds;
use fairground_tables_query::plan::{AggregatePlan, Predicate, SortKey};

use crate::error::{Budget, ColumnsError, Stop};
use crate::hash::Hashing;
use crate::predicate::{CHEAP_ROWS, Cost};
use crate::set::RowSet;
use crate::sidecar::Sidecar;
use measure::Sums;
use ranks::Ranks;

/// Rows that are gone through at a time: what a block gathers stays in the nearest cache.
const BLOCK: usize = 2_048;
/// Groups that may have a place each although no row may be in them.
const PLACES_MAX: u64 = 1 << 21;
/// Groups that are kept in a hash table at most; the scan engine takes more.
const HASHED_GROUPS_MAX: usize = 2_000_000;

/// A page of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateAnswer {
    /// Keys, then measures, of each group.
    pub groups: Vec<Vec<Value>>,
    /// Groups on all pages, after `having`.
    pub total: u64,
}

/// A few rows that are gone through together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<'b> {
    /// How many rows of the set came before.
    ordinal: usize,
    rows: BlockRows<'b>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum BlockRows<'b> {
    /// So many from this one on.
    Run(usize, usize),
    /// These.
    List(&'b [u32]),
}

impl Block<'_> {
    const fn len(&self) -> usize {
        match self.rows {
            BlockRows::Run(_, count) => count,
            BlockRows::List(rows) => rows.len(),
        }
    }
}

/// Goes through a set in blocks.
fn each_block(
    set: &RowSet<'_>,
    budget: &mut Budget<'_>,
    mut take: impl FnMut(Block<'_>) -> Result<(), ColumnsError>,
) -> Result<(), ColumnsError> {
    let mut ordinal = 0;
    match set {
        RowSet::All(rows) => {
            let rows = *rows as usize;
            while ordinal < rows {
                let count = BLOCK.min(rows - ordinal);
                budget.spend(count)?;
                take(Block { ordinal, rows: BlockRows::Run(ordinal, count) })?;
                ordinal += count;
            }
        }
        RowSet::Sorted(rows) => {
            for rows in rows.chunks(BLOCK) {
                budget.spend(rows.len())?;
                take(Block { ordinal, rows: BlockRows::List(rows) })?;
                ordinal += rows.len();
            }
        }
        RowSet::Bits(bits) => {
            let mut list = Vec::with_capacity(BLOCK);
            let mut words = (0u32..).step_by(64).zip(bits.words()).peekable();
            while let Some((first, word)) = words.next() {
                push_ones(first, *word, &mut list);
                if list.len() > BLOCK - 64 || words.peek().is_none() {
                    budget.spend(list.len())?;
                    take(Block { ordinal, rows: BlockRows::List(&list) })?;
                    ordinal += list.len();
                    list.clear();
                }
            }
        }
    }
    Ok(())
}

/// Appends the rows of a word's bits.
fn push_ones(first: u32, word: u64, list: &mut Vec<u32>) {
    if word == u64::MAX {
        list.extend(first..first + 64);
        return;
    }
    let mut rest = word;
    while rest != 0 {
        list.push(first + rest.trailing_zeros());
        rest &= rest - 1;
    }
}

/// Where groups have their places.
enum Places {
    /// The ranks' number is the place.
    Direct(usize),
    /// Places by first appearance.
    Hashed { places: HashMap<u64, u32, Hashing>, numbers: Vec<u64> },
}

struct Grouping<'a> {
    keys: Vec<Ranks<'a>>,
    /// What each key's rank is multiplied by.
    strides: Vec<u64>,
    places: Places,
}

impl<'a> Grouping<'a> {
    /// Nothing when the ranks together go beyond 64 bits.
    fn new(keys: Vec<Ranks<'a>>, rows: u64) -> Option<Self> {
        let mut strides = vec![1u64; keys.len()];
        let mut product = 1u64;
        for (stride, key) in strides.iter_mut().zip(&keys).rev() {
            *stride = product;
            product = product.checked_mul(u64::from(key.count()) + 1)?;
        }
        let places = if product <= PLACES_MAX && product <= rows.saturating_mul(8).saturating_add(4_096) {
            Places::Direct(usize::try_from(product).ok()?)
        } else {
            Places::Hashed { places: HashMap::default(), numbers: Vec::new() }
        };
        Some(Self { keys, strides, places })
    }

    fn len(&self) -> usize {
        match &self.places {
            Places::Direct(count) => *count,
            Places::Hashed { numbers, .. } => numbers.len(),
        }
    }

    /// The places of a block's rows. False when there are too many groups.
    fn fill(&mut self, block: Block<'_>, scratch: &mut [u32; BLOCK], out: &mut [u32; BLOCK]) -> bool {
        let count = block.len();
        let (Some(scratch), Some(out)) = (scratch.get_mut(..count), out.get_mut(..count)) else { return false };
        if let (Places::Direct(_), [key]) = (&self.places, self.keys.as_slice()) {
            key.fill(block, out);
            return true;
        }
        match &mut self.places {
            Places::Direct(_) => {
                out.fill(0);
                for (key, stride) in self.keys.iter().zip(&self.strides) {
                    key.fill(block, scratch);
                    let stride = u32::try_from(*stride).unwrap_or(u32::MAX);
                    out.iter_mut().zip(&*scratch).for_each(|(place, rank)| *place += rank * stride);
                }
            }
            Places::Hashed { places, numbers } => {
                let mut wide = [0u64; BLOCK];
                for (key, stride) in self.keys.iter().zip(&self.strides) {
                    key.fill(block, scratch);
                    wide.iter_mut().zip(&*scratch).for_each(|(number, rank)| *number += u64::from(*rank) * stride);
                }
                for (place, number) in out.iter_mut().zip(&wide) {
                    *place = *places.entry(*number).or_insert_with(|| {
                        numbers.push(*number);
                        u32::try_from(numbers.len() - 1).unwrap_or(u32::MAX)
                    });
                }
                return numbers.len() <= HASHED_GROUPS_MAX;
            }
        }
        true
    }

    /// The number of a place: groups in the order of numbers are in the order of keys.
    fn number(&self, place: usize) -> u64 {
        match &self.places {
            Places::Direct(_) => place as u64,
            Places::Hashed { numbers, .. } => crate::column::at(numbers, place),
        }
    }

    fn key_value(&self, place: usize, key: usize) -> Value {
        let (Some(ranks), Some(stride)) = (self.keys.get(key), self.strides.get(key)) else { return Value::Null };
        let rank = self.number(place) / stride % (u64::from(ranks.count()) + 1);
        ranks.value(u32::try_from(rank).unwrap_or(u32::MAX))
    }
}

impl Sidecar {
    /// Answers groups; nothing when the scan engine should: more than some millions of groups, or shapes counted by
    /// difference.
    ///
    /// # Errors
    /// `Mismatch` when the plan does not fit the columns; `Overflow` when an exact sum has no place; `Stopped`; `Damaged`.
    pub fn aggregate(&self, plan: &AggregatePlan, stop: Stop<'_>) -> Result<Option<AggregateAnswer>, ColumnsError> {
        let mut budget = Budget::new(stop);
        let rows = self.rows_total();
        let set = match self.compile(&plan.predicate, true)?.collect(rows, &mut budget)? {
            set if set.len() == u64::from(rows) => RowSet::All(rows),
            set => set,
        };
        let mut keys = Vec::with_capacity(plan.keys.len());
        for key in &plan.keys {
            let Some(ranks) = Ranks::of_key(self.column(key.column())?, key, &set, &mut budget)? else {
                return Ok(None);
            };
            keys.push(ranks);
        }
        let Some(mut grouping) = Grouping::new(keys, set.len()) else { return Ok(None) };
        let Some(mut sums) = Sums::new(self, plan, &set, grouping.len(), &mut budget)? else { return Ok(None) };
        let (mut scratch, mut places) = ([0u32; BLOCK], [0u32; BLOCK]);
        let mut too_many = false;
        each_block(&set, &mut budget, |block| {
            if too_many {
                return Ok(());
            }
            too_many = !grouping.fill(block, &mut scratch, &mut places)
                || !sums.take(block, places.get(..block.len()).unwrap_or_default(), grouping.len());
            Ok(())
        })?;
        if too_many {
            return Ok(None);
        }
        sums.finish(&set, grouping.len(), &mut budget)?;
        self.page_of_groups(plan, &grouping, &sums, &mut budget).map(Some)
    }

    /// What groups cost, roughly, told without answering.
    #[must_use]
    pub fn aggregate_cost(&self, plan: &AggregatePlan) -> Cost {
        let rows = u64::from(self.rows_total());
        let taken = match &plan.predicate {
            Predicate::Constant(true) => rows,
            other => self.quick_count(other).unwrap_or(rows),
        };
        if self.effort(&plan.predicate).saturating_add(taken) > CHEAP_ROWS { Cost::Dear } else { Cost::Cheap }
    }

    fn page_of_groups(
        &self,
        plan: &AggregatePlan,
        grouping: &Grouping<'_>,
        sums: &Sums<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<AggregateAnswer, ColumnsError> {
        let keys = grouping.keys.len();
        let cell = |place: usize, column: usize| {
            if column < keys { Ok(grouping.key_value(place, column)) } else { sums.value(place, column - keys) }
        };
        let whole = |place: usize| -> Result<Vec<Value>, ColumnsError> {
            (0..keys + plan.measures.len()).map(|column| cell(place, column)).collect()
        };
        let mut groups: Vec<usize> = Vec::new();
        for place in 0..grouping.len() {
            budget.spend(1)?;
            if keys > 0 && sums.rows(place) == 0 {
                continue;
            }
            let taken = match &plan.having {
                Some(having) => holds(&whole(place)?, having) == Some(true),
                None => true,
            };
            if taken {
                groups.push(place);
            }
        }
        let total = groups.len() as u64;
        let skip = usize::try_from(plan.offset).unwrap_or(usize::MAX);
        let end = skip.saturating_add(plan.limit as usize);
        let sorted = sorted_groups(groups, &plan.sort, end, grouping, &cell)?;
        let groups = sorted.into_iter().skip(skip).take(plan.limit as usize).map(whole).collect::<Result<_, _>>()?;
        Ok(AggregateAnswer { groups, total })
    }
}

/// The first groups by the sort, then by their keys.
fn sorted_groups(
    groups: Vec<usize>,
    sort: &[SortKey],
    end: usize,
    grouping: &Grouping<'_>,
    cell: &dyn Fn(usize, usize) -> Result<Value, ColumnsError>,
) -> Result<Vec<usize>, ColumnsError> {
    if sort.is_empty() && matches!(grouping.places, Places::Direct(_)) {
        // Places are in the order of keys.
        return Ok(groups);
    }
    let mut entries: Vec<(Vec<Value>, u64, usize)> = Vec::with_capacity(groups.len());
    for place in groups {
        let values = sort.iter().map(|key| cell(place, key.column)).collect::<Result<_, _>>()?;
        entries.push((values, grouping.number(place), place));
    }
    let order = |a: &(Vec<Value>, u64, usize), b: &(Vec<Value>, u64, usize)| {
        let mut keys = sort.iter().zip(a.0.iter().zip(&b.0));
        keys.find_map(|(key, (left, right))| {
            let nothing = *left == Value::Null || *right == Value::Null;
            let order = left.compare(right);
            let order = if key.descending && !nothing { order.reverse() } else { order };
            order.is_ne().then_some(order)
        })
        .unwrap_or(Ordering::Equal)
        .then(a.1.cmp(&b.1))
    };
    if end < entries.len() {
        entries.select_nth_unstable_by(end, order);
        entries.truncate(end);
    }
    entries.sort_unstable_by(order);
    Ok(entries.into_iter().map(|(_, _, place)| place).collect())
}
