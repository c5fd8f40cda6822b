//! Columns as they lie in the file, read in place.

use std::cmp::Ordering;

use arrow::buffer::{Buffer, ScalarBuffer};
use fairground_domain::ColumnType;
use fairground_tables_query::Value;

use crate::error::ColumnsError;
use crate::format::{Kind, Reader};
use crate::key;

/// How a column is kept.
pub(crate) mod encoding {
    pub(crate) const DICTIONARY: u64 = 1;
    pub(crate) const FIXED: u64 = 2;
    pub(crate) const TEXT: u64 = 3;
    pub(crate) const SHAPE: u64 = 4;
}

/// Rows that share a box in the order of a spatial column.
pub(crate) const BLOCK_ROWS: usize = 64;

/// The element at a place; the type's nothing beyond the end, which a proved file never asks for.
#[inline]
pub(crate) fn at<T: Copy + Default>(slice: &[T], place: usize) -> T {
    slice.get(place).copied().unwrap_or_default()
}

/// The first eight bytes of a text as a number: never contradicts the order of texts.
#[inline]
pub(crate) fn text_key(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            text.iter()
                .fold((0u64, 56u32), |(sum, shift), byte| (sum | u64::from(*byte) << shift, shift.saturating_sub(8)))
                .0
        }
    }
}

/// Runs of bytes between offsets.
#[derive(Debug)]
pub(crate) struct Slices {
    offsets: ScalarBuffer<u64>,
    bytes: Buffer,
}

impl Slices {
    pub(crate) fn open(
        reader: &Reader,
        column: u32,
        offsets: Kind,
        bytes: Kind,
        count: Option<usize>,
    ) -> Result<Self, ColumnsError> {
        let offsets: ScalarBuffer<u64> = reader.numbers(column, offsets, count.map(|count| count + 1))?;
        let bytes = reader.bytes(column, bytes)?;
        if offsets.last().copied() != Some(bytes.len() as u64) {
            return Err(ColumnsError::damaged(format!("texts of column {column} have another length")));
        }
        Ok(Self { offsets, bytes })
    }

    #[inline]
    pub(crate) fn get(&self, place: usize) -> &[u8] {
        let (Ok(from), Ok(to)) =
            (usize::try_from(at(&self.offsets, place)), usize::try_from(at(&self.offsets, place + 1)))
        else {
            return &[];
        };
        self.bytes.get(from..to).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub(crate) fn all_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a piece begins and ends in the bytes.
    pub(crate) fn range(&self, place: usize) -> (usize, usize) {
        let bound = |place: usize| usize::try_from(at(&self.offsets, place)).unwrap_or_default();
        (bound(place), bound(place + 1))
    }

    /// The piece that a place in the bytes lies in: the last that begins there or before, which is the one that is not empty.
    pub(crate) fn piece_of(&self, byte: usize) -> usize {
        self.offsets.partition_point(|start| *start <= byte as u64).saturating_sub(1)
    }

    /// The first piece that is not before `text`.
    pub(crate) fn lower_bound(&self, text: &[u8]) -> usize {
        lower_bound(self.len(), |place| self.get(place) < text)
    }
}

/// The first place of `0..count` where `before` is false.
#[inline]
pub(crate) fn lower_bound(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// A bit a row that has a value.
#[derive(Debug)]
pub(crate) struct Validity(Option<ScalarBuffer<u64>>);

impl Validity {
    fn open(reader: &Reader, column: u32, rows: usize) -> Result<Self, ColumnsError> {
        let Some(bytes) = reader.find_bytes(column, Kind::Valid)? else { return Ok(Self(None)) };
        crate::format::typed(bytes, Some(rows.div_ceil(64)))
            .map(|words| Self(Some(words)))
            .ok_or_else(|| ColumnsError::damaged(format!("validity of column {column}")))
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> bool {
        self.0.as_ref().is_none_or(|words| at(words, row / 64) >> (row % 64) & 1 == 1)
    }

    /// The bits; none when all rows have a value.
    pub(crate) fn words(&self) -> &[u64] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) const fn is_always(&self) -> bool {
        self.0.is_none()
    }
}

/// A code a row.
#[derive(Debug)]
pub(crate) enum Codes {
    Narrow(ScalarBuffer<u8>),
    Wide(ScalarBuffer<u16>),
}

impl Codes {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            Self::Narrow(codes) => u32::from(at(codes, row)),
            Self::Wide(codes) => u32::from(at(codes, row)),
        }
    }
}

/// A dictionary's values, sorted.
#[derive(Debug)]
pub(crate) enum Values {
    Keys(ScalarBuffer<u64>),
    Texts(Slices),
}

/// How the rows' values are kept.
#[derive(Debug)]
pub(crate) enum Data {
    /// Codes into a dictionary; `starts` says where each code's rows begin in the order.
    Dictionary { codes: Codes, values: Values, starts: ScalarBuffer<u32>, distinct: u32 },
    /// Keys.
    Fixed { keys: ScalarBuffer<u64>, valid: Validity },
    /// Texts.
    Text { texts: Slices, valid: Validity },
    /// WKB and boxes.
    Shape { shapes: Slices, boxes: ScalarBuffer<f64>, blocks: ScalarBuffer<f64>, valid: Validity },
}

/// A column, ready to answer.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) column_type: ColumnType,
    pub(crate) rows: u32,
    /// Rows with a value.
    pub(crate) non_null: u32,
    /// Rows by (value, row), nothing last. Along a curve, in spatial columns.
    pub(crate) order: ScalarBuffer<u32>,
    pub(crate) data: Data,
}

/// What is compared with a column's values.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound<'a> {
    Key(u64),
    Text(&'a [u8]),
}

impl Column {
    pub(crate) fn open(reader: &Reader, column: u32, column_type: ColumnType, rows: u32) -> Result<Self, ColumnsError> {
        let meta: ScalarBuffer<u64> = reader.numbers(column, Kind::Meta, Some(4))?;
        let count = rows as usize;
        let order = reader.numbers(column, Kind::Order, Some(count))?;
        let damaged = || ColumnsError::damaged(format!("column {column} is kept in an unknown way"));
        let non_null = u32::try_from(at(&meta, 2)).ok().filter(|non_null| *non_null <= rows).ok_or_else(damaged)?;
        let text = column_type == ColumnType::Text;
        let data = match at(&meta, 0) {
            encoding::DICTIONARY => {
                let distinct = usize::try_from(at(&meta, 1)).ok().filter(|d| *d <= 65_535).ok_or_else(damaged)?;
                let codes = match at(&meta, 3) {
                    1 => Codes::Narrow(reader.numbers(column, Kind::Codes, Some(count))?),
                    2 => Codes::Wide(reader.numbers(column, Kind::Codes, Some(count))?),
                    _ => return Err(damaged()),
                };
                let values = if text {
                    let (offsets, bytes) = (Kind::DictionaryOffsets, Kind::DictionaryBytes);
                    Values::Texts(Slices::open(reader, column, offsets, bytes, Some(distinct))?)
                } else {
                    Values::Keys(reader.numbers(column, Kind::DictionaryKeys, Some(distinct))?)
                };
                let starts = reader.numbers(column, Kind::Starts, Some(distinct + 2))?;
                Data::Dictionary { codes, values, starts, distinct: u32::try_from(distinct).unwrap_or(u32::MAX) }
            }
            encoding::FIXED if !text && !column_type.is_spatial() => Data::Fixed {
                keys: reader.numbers(column, Kind::Keys, Some(count))?,
                valid: Validity::open(reader, column, count)?,
            },
            encoding::TEXT if text => Data::Text {
                texts: Slices::open(reader, column, Kind::Offsets, Kind::Bytes, Some(count))?,
                valid: Validity::open(reader, column, count)?,
            },
            encoding::SHAPE if column_type.is_spatial() => Data::Shape {
                shapes: Slices::open(reader, column, Kind::Offsets, Kind::Bytes, Some(count))?,
                boxes: reader.numbers(column, Kind::Boxes, Some(count * 4))?,
                blocks: reader.numbers(column, Kind::BlockBoxes, Some((non_null as usize).div_ceil(BLOCK_ROWS) * 4))?,
                valid: Validity::open(reader, column, count)?,
            },
            _ => return Err(damaged()),
        };
        Ok(Self { column_type, rows, non_null, order, data })
    }

    /// Rows with a value, in the order of values.
    pub(crate) fn ordered(&self) -> &[u32] {
        self.order.get(..self.non_null as usize).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_null(&self, row: u32) -> bool {
        match &self.data {
            Data::Dictionary { codes, distinct, .. } => codes.get(row as usize) >= *distinct,
            Data::Fixed { valid, .. } | Data::Text { valid, .. } | Data::Shape { valid, .. } => {
                !valid.get(row as usize)
            }
        }
    }

    /// The row's key; 0 without a value, and for texts and shapes.
    #[inline]
    pub(crate) fn key(&self, row: u32) -> u64 {
        match &self.data {
            Data::Dictionary { codes, values: Values::Keys(keys), .. } => at(keys, codes.get(row as usize) as usize),
            Data::Fixed { keys, .. } => at(keys, row as usize),
            Data::Dictionary { values: Values::Texts(_), .. } | Data::Text { .. } | Data::Shape { .. } => 0,
        }
    }

    /// The row's bytes; none without a value, and for columns of fixed width.
    #[inline]
    pub(crate) fn bytes(&self, row: u32) -> &[u8] {
        match &self.data {
            Data::Dictionary { codes, values: Values::Texts(texts), distinct, .. } => {
                let code = codes.get(row as usize);
                if code < *distinct { texts.get(code as usize) } else { &[] }
            }
            Data::Text { texts, .. } => texts.get(row as usize),
            Data::Shape { shapes, .. } => shapes.get(row as usize),
            Data::Dictionary { .. } | Data::Fixed { .. } => &[],
        }
    }

    /// The row's value.
    pub(crate) fn value(&self, row: u32) -> Value {
        if row >= self.rows || self.is_null(row) {
            return Value::Null;
        }
        match self.column_type {
            ColumnType::Text => Value::Text(String::from_utf8_lossy(self.bytes(row)).into_owned()),
            ColumnType::Point | ColumnType::Geometry => Value::Geometry(self.bytes(row).to_vec()),
            other => key::to_value(other, self.key(row)),
        }
    }

    /// The value of a dictionary's code.
    pub(crate) fn value_of_code(&self, code: u32) -> Value {
        match &self.data {
            Data::Dictionary { distinct, values, .. } if code < *distinct => match values {
                Values::Keys(keys) => key::to_value(self.column_type, at(keys, code as usize)),
                Values::Texts(texts) => Value::Text(String::from_utf8_lossy(texts.get(code as usize)).into_owned()),
            },
            _ => Value::Null,
        }
    }

    /// A number that never contradicts the order of the column's values; exact but for texts that stand as they are.
    #[inline]
    pub(crate) fn sort_key(&self, row: u32) -> u64 {
        match &self.data {
            Data::Dictionary { codes, .. } => u64::from(codes.get(row as usize)),
            Data::Fixed { keys, .. } => at(keys, row as usize),
            Data::Text { texts, .. } => text_key(texts.get(row as usize)),
            Data::Shape { .. } => 0,
        }
    }

    /// Whether equal [`Self::sort_key`]s may still be of different values.
    pub(crate) const fn sort_key_is_coarse(&self) -> bool {
        matches!(self.data, Data::Text { .. } | Data::Shape { .. })
    }

    /// The order of two rows that have values.
    #[inline]
    pub(crate) fn compare_values(&self, a: u32, b: u32) -> Ordering {
        match &self.data {
            Data::Text { .. } | Data::Shape { .. } => self.bytes(a).cmp(self.bytes(b)),
            Data::Dictionary { .. } | Data::Fixed { .. } => self.sort_key(a).cmp(&self.sort_key(b)),
        }
    }

    /// How many of the ordered rows lie before the bound (or, when `after`, up to it).
    pub(crate) fn position(&self, bound: Bound<'_>, after: bool) -> u32 {
        let before = |order: Ordering| order.is_lt() || (after && order.is_eq());
        let place = match (&self.data, bound) {
            (Data::Dictionary { values: Values::Keys(keys), starts, .. }, Bound::Key(key)) => {
                at(starts, keys.partition_point(|own| before(own.cmp(&key)))) as usize
            }
            (Data::Dictionary { values: Values::Texts(texts), starts, .. }, Bound::Text(text)) => {
                at(starts, lower_bound(texts.len(), |place| before(texts.get(place).cmp(text)))) as usize
            }
            (Data::Fixed { keys, .. }, Bound::Key(key)) => {
                self.ordered().partition_point(|row| before(at(keys, *row as usize).cmp(&key)))
            }
            (Data::Text { texts, .. }, Bound::Text(text)) => {
                self.ordered().partition_point(|row| before(texts.get(*row as usize).cmp(text)))
            }
            _ => 0,
        };
        u32::try_from(place).unwrap_or(self.non_null).min(self.non_null)
    }

    /// The positions whose rows hold the same value as the row at this one; all of nothing for those at the end.
    pub(crate) fn group(&self, position: u32) -> (u32, u32) {
        if position >= self.non_null {
            return (self.non_null, self.rows);
        }
        let row = at(&self.order, position as usize);
        if let Data::Dictionary { codes, starts, .. } = &self.data {
            let code = codes.get(row as usize) as usize;
            return (at(starts, code), at(starts, code + 1));
        }
        let same = |position: usize| self.compare_values(at(&self.order, position), row).is_eq();
        (self.edge(position as usize, false, &same), self.edge(position as usize, true, &same))
    }

    /// Where a run of equal values begins or ends, by steps that double.
    fn edge(&self, position: usize, up: bool, same: &dyn Fn(usize) -> bool) -> u32 {
        let end = if up { self.non_null as usize - position } else { position + 1 };
        let place = |distance: usize| if up { position + distance } else { position - distance };
        let mut reach = 1;
        while reach < end && same(place(reach)) {
            reach *= 2;
        }
        let distance = reach / 2 + lower_bound(reach.min(end) - reach / 2, |more| same(place(reach / 2 + more)));
        u32::try_from(if up { position + distance } else { position + 1 - distance }).unwrap_or_default()
    }

    /// The positions whose rows hold the same value as this row.
    pub(crate) fn group_of_row(&self, row: u32) -> (u32, u32) {
        if self.is_null(row) {
            return (self.non_null, self.rows);
        }
        match &self.data {
            Data::Dictionary { codes, starts, .. } => {
                let code = codes.get(row as usize) as usize;
                (at(starts, code), at(starts, code + 1))
            }
            Data::Fixed { keys, .. } => {
                let bound = Bound::Key(at(keys, row as usize));
                (self.position(bound, false), self.position(bound, true))
            }
            Data::Text { texts, .. } => {
                let bound = Bound::Text(texts.get(row as usize));
                (self.position(bound, false), self.position(bound, true))
            }
            Data::Shape { .. } => (0, self.non_null),
        }
    }
}

/// Words of a text column.
#[derive(Debug)]
pub(crate) struct Words {
    words: Slices,
    starts: ScalarBuffer<u64>,
    postings: ScalarBuffer<u32>,
}

impl Words {
    pub(crate) fn open(reader: &Reader, column: u32) -> Result<Self, ColumnsError> {
        let words = Slices::open(reader, column, Kind::WordOffsets, Kind::WordBytes, None)?;
        let starts = reader.numbers(column, Kind::PostingStarts, Some(words.len() + 1))?;
        let postings = reader.numbers(column, Kind::Postings, None)?;
        Ok(Self { words, starts, postings })
    }

    /// What holds the word, or any word that begins with it: ascending runs, one a word.
    pub(crate) fn find(&self, word: &str, prefix: bool) -> impl Iterator<Item = &[u32]> {
        let word = word.as_bytes();
        let from = self.words.lower_bound(word);
        let rest = self.words.len().saturating_sub(from);
        let count = lower_bound(rest, |more| {
            let found = self.words.get(from + more);
            if prefix { found.starts_with(word) } else { found == word }
        });
        (from..from + count).map(|place| {
            let (from, to) = (at(&self.starts, place), at(&self.starts, place + 1));
            let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else { return Default::default() };
            self.postings.get(from..to).unwrap_or_default()
        })
    }
}
