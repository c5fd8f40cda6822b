//! Conditions on one column.

use arrow::buffer::ScalarBuffer;
use fairground_tables_query::geometry::SpatialTest;

use super::Test;
use crate::column::{BLOCK_ROWS, Codes, Column, Data, at};
use crate::set::Bits;

/// Rows at these positions of a column's order. Each span holds all rows of each value in it.
pub(crate) struct Spans<'a> {
    pub(crate) number: usize,
    pub(crate) column: &'a Column,
    /// Ascending, apart from one another, none empty, all below the rows without a value.
    pub(crate) spans: Vec<(u32, u32)>,
    /// Rows without a value too.
    pub(crate) nulls: bool,
}

impl<'a> Spans<'a> {
    pub(crate) fn new(number: usize, column: &'a Column, spans: Vec<(u32, u32)>, nulls: bool) -> Self {
        Self { number, column, spans: joined(spans), nulls }
    }

    pub(crate) fn len(&self) -> u64 {
        let nulls = if self.nulls { self.column.rows - self.column.non_null } else { 0 };
        self.spans.iter().map(|(from, to)| u64::from(to - from)).sum::<u64>() + u64::from(nulls)
    }

    /// Rows that have a value, and another one.
    pub(crate) fn complement(mut self) -> Self {
        let mut others = Vec::with_capacity(self.spans.len() + 1);
        let mut from = 0;
        for (start, end) in &self.spans {
            if from < *start {
                others.push((from, *start));
            }
            from = *end;
        }
        if from < self.column.non_null {
            others.push((from, self.column.non_null));
        }
        self.spans = others;
        self.nulls = false;
        self
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        let mut both = Vec::new();
        let (mut a, mut b) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        while let (Some((a0, a1)), Some((b0, b1))) = (a.peek(), b.peek()) {
            let (from, to) = (a0.max(b0), a1.min(b1));
            if from < to {
                both.push((*from, *to));
            }
            if a1 <= b1 {
                a.next();
            } else {
                b.next();
            }
        }
        self.spans = both;
        self.nulls = self.nulls && other.nulls;
    }

    pub(crate) fn unite(&mut self, other: &Self) {
        let mut all = std::mem::take(&mut self.spans);
        all.extend(&other.spans);
        self.spans = joined(all);
        self.nulls = self.nulls || other.nulls;
    }

    /// All positions, those of rows without a value last.
    pub(crate) fn positions(&self) -> Vec<(u32, u32)> {
        let mut positions = self.spans.clone();
        if self.nulls && self.column.non_null < self.column.rows {
            positions.push((self.column.non_null, self.column.rows));
        }
        positions
    }

    /// Rows of each span, in the order of values.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &'a [u32]> {
        let order: &'a [u32] = &self.column.order;
        self.positions().into_iter().map(move |(from, to)| order.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The rows, when they lie in one ascending run.
    pub(crate) fn single_run(&self) -> Option<&'a [u32]> {
        match self.positions().as_slice() {
            [] => Some(&[]),
            [(from, to)] if self.column.group(*from) == (*from, *to) => {
                let order: &'a [u32] = &self.column.order;
                order.get(*from as usize..*to as usize)
            }
            _ => None,
        }
    }

    /// A bit for each row, where there is a quick way to all of them: one range of codes or keys.
    pub(crate) fn bits(&self) -> Option<Bits> {
        let [(from, to)] = self.spans.as_slice() else { return None };
        if self.nulls {
            return None;
        }
        let (first, last) = (at(&self.column.order, *from as usize), at(&self.column.order, *to as usize - 1));
        match &self.column.data {
            Data::Dictionary { codes: Codes::Narrow(codes), .. } => {
                let (low, high) = (at::<u8>(codes, first as usize), at::<u8>(codes, last as usize));
                Some(Bits::of(codes, |code| *code >= low && *code <= high))
            }
            Data::Dictionary { codes: Codes::Wide(codes), .. } => {
                let (low, high) = (at::<u16>(codes, first as usize), at::<u16>(codes, last as usize));
                Some(Bits::of(codes, |code| *code >= low && *code <= high))
            }
            Data::Fixed { keys, valid } if valid.is_always() => {
                let (low, high) = (at::<u64>(keys, first as usize), at::<u64>(keys, last as usize));
                Some(Bits::of(keys, |key| *key >= low && *key <= high))
            }
            Data::Fixed { keys, valid } => {
                let (low, high) = (at::<u64>(keys, first as usize), at::<u64>(keys, last as usize));
                let mut bits = Bits::of(keys, |key| *key >= low && *key <= high);
                bits.keep(valid.words());
                Some(bits)
            }
            Data::Text { .. } | Data::Shape { .. } => None,
        }
    }

    pub(crate) fn test(&self) -> Test<'a> {
        let column = self.column;
        let nulls = self.nulls;
        let ends = |(from, to): &(u32, u32)| (at(&column.order, *from as usize), at(&column.order, *to as usize - 1));
        match &column.data {
            Data::Dictionary { codes, distinct, .. } => {
                let ranges: Vec<(u32, u32)> = self
                    .spans
                    .iter()
                    .map(&ends)
                    .map(|(first, last)| (codes.get(first as usize), codes.get(last as usize)))
                    .collect();
                code_test(codes, *distinct, &ranges, nulls)
            }
            Data::Fixed { keys, valid } => {
                let ranges: Vec<(u64, u64)> = self
                    .spans
                    .iter()
                    .map(&ends)
                    .map(|(first, last)| (at(keys, first as usize), at(keys, last as usize)))
                    .collect();
                match (ranges.as_slice(), valid.is_always()) {
                    ([(low, high)], true) => {
                        let (low, reach, keys) = (*low, high - low, keys.as_ref());
                        Box::new(move |row| at::<u64>(keys, row as usize).wrapping_sub(low) <= reach)
                    }
                    _ => Box::new(move |row| {
                        if valid.get(row as usize) { is_within(&ranges, &at(keys, row as usize)) } else { nulls }
                    }),
                }
            }
            Data::Text { texts, valid } => {
                let ranges: Vec<(&'a [u8], &'a [u8])> = self
                    .spans
                    .iter()
                    .map(&ends)
                    .map(|(first, last)| (texts.get(first as usize), texts.get(last as usize)))
                    .collect();
                Box::new(
                    move |row| {
                        if valid.get(row as usize) { is_within(&ranges, &texts.get(row as usize)) } else { nulls }
                    },
                )
            }
            // The order of shapes is none of values: only "has a value" and "has none" come here.
            Data::Shape { valid, .. } => {
                let some = !self.spans.is_empty();
                Box::new(move |row| if valid.get(row as usize) { some } else { nulls })
            }
        }
    }
}

/// Whether a value lies in one of the ascending ranges, both ends included.
fn is_within<T: Ord>(ranges: &[(T, T)], value: &T) -> bool {
    let after = ranges.partition_point(|(low, _)| low <= value);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, high)| value <= high)
}

fn code_test<'a>(codes: &'a Codes, distinct: u32, ranges: &[(u32, u32)], nulls: bool) -> Test<'a> {
    // Rows without a value have the code after the last: one more range.
    let mut ranges = ranges.to_vec();
    if nulls {
        match ranges.last_mut() {
            Some((_, high)) if *high + 1 == distinct => *high = distinct,
            _ => ranges.push((distinct, distinct)),
        }
    }
    if let [(low, high)] = ranges.as_slice() {
        let (low, reach) = (*low, high - low);
        return match codes {
            Codes::Narrow(codes) => range_test(codes, low, reach),
            Codes::Wide(codes) => range_test(codes, low, reach),
        };
    }
    let mut bits = vec![0u64; distinct as usize / 64 + 1];
    for code in ranges.iter().flat_map(|(low, high)| *low..=*high) {
        if let Some(word) = bits.get_mut(code as usize / 64) {
            *word |= 1 << (code % 64);
        }
    }
    Box::new(move |row| {
        let code = codes.get(row as usize);
        at(&bits, code as usize / 64) >> (code % 64) & 1 == 1
    })
}

fn range_test<T>(codes: &ScalarBuffer<T>, low: u32, reach: u32) -> Test<'_>
where
    T: arrow::datatypes::ArrowNativeType + Copy + Default + Into<u32>,
{
    let codes: &[T] = codes;
    Box::new(move |row| Into::<u32>::into(at(codes, row as usize)).wrapping_sub(low) <= reach)
}

/// Spans in order, each of some length, none touching another.
fn joined(mut spans: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, end)) if from <= *end => *end = (*end).max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// A condition that each row must be looked at for.
pub(crate) struct Scan<'a> {
    pub(crate) test: Test<'a>,
    pub(crate) hint: Hint<'a>,
}

/// What spares looking at each row.
pub(crate) enum Hint<'a> {
    None,
    /// All rows that fulfil the condition have a box that touches this one.
    Boxes(&'a Column, [f64; 4]),
    /// The condition is that the text holds these bytes.
    Contains(&'a Column, Vec<u8>),
}

impl<'a> Scan<'a> {
    pub(crate) const fn new(test: Test<'a>) -> Self {
        Self { test, hint: Hint::None }
    }

    /// A spatial condition, or its opposite.
    pub(crate) fn spatial(
        column: &'a Column,
        spatial: SpatialTest,
        touching: bool,
        bbox: [f64; 4],
        want: bool,
    ) -> Self {
        let point = column.column_type == fairground_domain::ColumnType::Point;
        let test: Test<'a> = Box::new(move |row| {
            let Data::Shape { shapes, boxes, valid, .. } = &column.data else { return false };
            if !valid.get(row as usize) {
                return false;
            }
            let own = box_at(boxes, row as usize);
            let truth = if !touch(own, bbox) {
                !touching
            } else if point {
                spatial.matches_point(own[0], own[1])
            } else {
                spatial.matches(shapes.get(row as usize))
            };
            truth == want
        });
        let hint = if touching == want { Hint::Boxes(column, bbox) } else { Hint::None };
        Self { test, hint }
    }
}

fn box_at(boxes: &[f64], place: usize) -> [f64; 4] {
    let from = place * 4;
    boxes.get(from..from + 4).and_then(|four| <[f64; 4]>::try_from(four).ok()).unwrap_or([f64::NAN; 4])
}

const fn touch([w, s, e, n]: [f64; 4], [west, south, east, north]: [f64; 4]) -> bool {
    w <= east && e >= west && s <= north && n >= south
}

/// Rows whose boxes touch a box, ascending.
pub(crate) fn touching_rows(column: &Column, bbox: [f64; 4]) -> Vec<u32> {
    let Data::Shape { boxes, blocks, .. } = &column.data else { return Vec::new() };
    let mut rows = Vec::new();
    for (at, block) in column.ordered().chunks(BLOCK_ROWS).enumerate() {
        if touch(box_at(blocks, at), bbox) {
            rows.extend(block.iter().copied().filter(|row| touch(box_at(boxes, *row as usize), bbox)));
        }
    }
    rows.sort_unstable();
    rows
}
