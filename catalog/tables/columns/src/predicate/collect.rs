//! From sets and tests to rows.

use std::borrow::Cow;

use memchr::memmem;

use super::leaf::{Hint, touching_rows};
use super::{Node, Scan, Spans, Test};
use crate::column::{Column, Data};
use crate::error::{Budget, ColumnsError};
use crate::set::{self, Bits, RowSet};

impl<'a> Node<'a> {
    /// How many rows at most, exact where positions or sets tell.
    pub(crate) fn estimate(&self, rows: u32) -> u64 {
        let all = u64::from(rows);
        match self {
            Node::All => all,
            Node::Nothing => 0,
            Node::And(parts) => parts.iter().map(|part| part.estimate(rows)).min().unwrap_or(all),
            Node::Or(parts) => parts.iter().map(|part| part.estimate(rows)).fold(0, u64::saturating_add).min(all),
            Node::Spans(spans) => spans.len(),
            Node::Scan(_) => all,
            Node::Rows(set) => set.len(),
            Node::NotRows(set) => all - set.len(),
        }
    }

    /// How many rows, where that is known without looking at any.
    pub(crate) fn exact(&self, rows: u32) -> Option<u64> {
        match self {
            Node::All | Node::Nothing | Node::Spans(_) | Node::Rows(_) | Node::NotRows(_) => Some(self.estimate(rows)),
            Node::And(_) | Node::Or(_) | Node::Scan(_) => None,
        }
    }

    /// The rows, where they are at hand in ascending order; else the condition again.
    pub(crate) fn settle(self, rows: u32) -> Result<RowSet<'a>, Self> {
        match self {
            Node::All => Ok(RowSet::All(rows)),
            Node::Nothing => Ok(RowSet::nothing()),
            Node::Rows(set) => Ok(set),
            Node::Spans(spans) => match spans.single_run() {
                Some(run) => Ok(RowSet::Sorted(Cow::Borrowed(run))),
                None => Err(Node::Spans(spans)),
            },
            other => Err(other),
        }
    }

    /// A test of one row.
    pub(crate) fn into_test(self) -> Test<'a> {
        match self {
            Node::All => Box::new(|_| true),
            Node::Nothing => Box::new(|_| false),
            Node::And(parts) => {
                let tests: Vec<Test<'a>> = parts.into_iter().map(Node::into_test).collect();
                Box::new(move |row| tests.iter().all(|test| test(row)))
            }
            Node::Or(parts) => {
                let tests: Vec<Test<'a>> = parts.into_iter().map(Node::into_test).collect();
                Box::new(move |row| tests.iter().any(|test| test(row)))
            }
            Node::Spans(spans) => spans.test(),
            Node::Scan(scan) => scan.test,
            Node::Rows(set) => Box::new(move |row| set.contains(row)),
            Node::NotRows(set) => Box::new(move |row| !set.contains(row)),
        }
    }

    /// All rows.
    pub(crate) fn collect(self, rows: u32, budget: &mut Budget<'_>) -> Result<RowSet<'a>, ColumnsError> {
        match self {
            Node::All => Ok(RowSet::All(rows)),
            Node::Nothing => Ok(RowSet::nothing()),
            Node::Rows(set) => Ok(set),
            Node::NotRows(set) => {
                let mut bits = into_bits(set, rows);
                bits.invert(rows);
                Ok(RowSet::Bits(bits))
            }
            Node::Spans(spans) => collect_spans(&spans, rows, budget),
            Node::Scan(scan) => collect_scan(scan, rows, budget),
            Node::Or(parts) => {
                let mut sum: Option<Bits> = None;
                for part in parts {
                    let bits = into_bits(part.collect(rows, budget)?, rows);
                    match &mut sum {
                        None => sum = Some(bits),
                        Some(sum) => sum.union(&bits),
                    }
                }
                Ok(sum.map_or_else(RowSet::nothing, RowSet::Bits))
            }
            Node::And(parts) => collect_and(parts, rows, budget),
        }
    }

    /// Whether testing a row costs more than a few nanoseconds.
    fn is_scan(&self) -> bool {
        match self {
            Node::Scan(_) => true,
            Node::And(parts) | Node::Or(parts) => parts.iter().any(Node::is_scan),
            Node::All | Node::Nothing | Node::Spans(_) | Node::Rows(_) | Node::NotRows(_) => false,
        }
    }
}

pub(crate) fn into_bits(set: RowSet<'_>, rows: u32) -> Bits {
    match set {
        RowSet::Bits(bits) => bits,
        RowSet::All(_) => {
            let mut bits = Bits::new(rows);
            bits.invert(rows);
            bits
        }
        RowSet::Sorted(sorted) => {
            let mut bits = Bits::new(rows);
            bits.set_all(sorted.iter().copied());
            bits.recount();
            bits
        }
    }
}

fn collect_spans<'a>(spans: &Spans<'a>, rows: u32, budget: &mut Budget<'_>) -> Result<RowSet<'a>, ColumnsError> {
    if let Some(run) = spans.single_run() {
        return Ok(RowSet::Sorted(Cow::Borrowed(run)));
    }
    let total = usize::try_from(spans.len()).unwrap_or(usize::MAX);
    budget.spend(total)?;
    if set::is_few(total, rows) {
        let mut all = spans.runs().collect::<Vec<_>>().concat();
        all.sort_unstable();
        return Ok(RowSet::Sorted(Cow::Owned(all)));
    }
    // Beyond an eighth of the rows, looking at each in turn is quicker than jumping about.
    if total > rows as usize / 8 {
        return Ok(RowSet::Bits(match spans.bits() {
            Some(bits) => bits,
            None => tested(&spans.test(), rows, budget)?,
        }));
    }
    let mut bits = Bits::new(rows);
    for run in spans.runs() {
        bits.set_all(run.iter().copied());
    }
    bits.recount();
    Ok(RowSet::Bits(bits))
}

/// A test of every row.
fn tested(test: &Test<'_>, rows: u32, budget: &mut Budget<'_>) -> Result<Bits, ColumnsError> {
    let mut bits = Bits::new(rows);
    for (first, word) in (0..rows).step_by(64).zip(bits.words_mut()) {
        budget.spend(64)?;
        for (bit, row) in (first..rows.min(first + 64)).enumerate() {
            *word |= u64::from(test(row)) << bit;
        }
    }
    bits.recount();
    Ok(bits)
}

fn collect_scan<'a>(scan: Scan<'a>, rows: u32, budget: &mut Budget<'_>) -> Result<RowSet<'a>, ColumnsError> {
    match scan.hint {
        Hint::None => Ok(RowSet::Bits(tested(&scan.test, rows, budget)?)),
        Hint::Boxes(column, bbox) => {
            let candidates = touching_rows(column, bbox);
            retained(RowSet::Sorted(Cow::Owned(candidates)), &[scan.test], rows, budget)
        }
        Hint::Contains(column, literal) => holding(column, &literal, rows, budget),
    }
}

/// Rows whose text holds these bytes, found in all texts at once.
fn holding<'a>(
    column: &'a Column,
    literal: &[u8],
    rows: u32,
    budget: &mut Budget<'_>,
) -> Result<RowSet<'a>, ColumnsError> {
    let Data::Text { texts, .. } = &column.data else { return Ok(RowSet::nothing()) };
    let bytes = texts.all_bytes();
    let finder = memmem::Finder::new(literal);
    let mut found: Vec<u32> = Vec::new();
    let mut from = 0;
    // In windows, so that the stop check is asked; a window reaches over its end by what a match may need.
    const WINDOW: usize = 1 << 20;
    while from < bytes.len() {
        budget.spend(WINDOW / 64)?;
        let end = (from + WINDOW + literal.len().saturating_sub(1)).min(bytes.len());
        let mut next = (from + WINDOW).min(bytes.len());
        let mut place = from;
        while let Some(hit) = bytes.get(place..end).and_then(|rest| finder.find(rest)) {
            let piece = texts.piece_of(place + hit);
            let (own_start, own_end) = texts.range(piece);
            place = if place + hit + literal.len() <= own_end && place + hit >= own_start {
                found.push(u32::try_from(piece).unwrap_or(rows));
                own_end.max(place + hit + 1)
            } else {
                place + hit + 1
            };
            next = next.max(place);
        }
        from = next;
    }
    Ok(RowSet::Sorted(Cow::Owned(found)))
}

/// The rows of a set that pass all tests.
fn retained<'a>(
    set: RowSet<'a>,
    tests: &[Test<'_>],
    rows: u32,
    budget: &mut Budget<'_>,
) -> Result<RowSet<'a>, ColumnsError> {
    let pass = |row: u32| tests.iter().all(|test| test(row));
    let mut kept: Vec<u32> = Vec::new();
    match set {
        RowSet::Bits(mut bits) => {
            for (first, word) in (0..rows).step_by(64).zip(bits.words_mut()) {
                budget.spend(word.count_ones() as usize)?;
                let mut rest = *word;
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    if !pass(first + bit) {
                        *word &= !(1 << bit);
                    }
                }
            }
            bits.recount();
            return Ok(RowSet::Bits(bits));
        }
        RowSet::Sorted(sorted) => {
            for row in sorted.iter().copied() {
                budget.spend(1)?;
                if pass(row) {
                    kept.push(row);
                }
            }
        }
        RowSet::All(rows) => {
            for row in 0..rows {
                budget.spend(1)?;
                if pass(row) {
                    kept.push(row);
                }
            }
        }
    }
    Ok(RowSet::Sorted(Cow::Owned(kept)))
}

/// The narrowest condition gives rows, the others are tested on them; wide ones are cut as bits.
fn collect_and<'a>(mut parts: Vec<Node<'a>>, rows: u32, budget: &mut Budget<'_>) -> Result<RowSet<'a>, ColumnsError> {
    parts.sort_by_key(|part| (part.is_scan(), part.estimate(rows)));
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else { return Ok(RowSet::All(rows)) };
    let mut set = first.collect(rows, budget)?;
    let mut tests: Vec<Test<'a>> = Vec::new();
    for part in parts {
        // Where many rows are left, cutting bits is quicker than testing them one by one.
        let wide = set.len() > u64::from(rows) / 16;
        if wide && matches!(part, Node::Spans(_) | Node::Rows(_)) {
            set = set::intersection(set, part.collect(rows, budget)?);
        } else {
            tests.push(part.into_test());
        }
    }
    if tests.is_empty() { Ok(set) } else { retained(set, &tests, rows, budget) }
}
