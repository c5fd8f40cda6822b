//! Texts: as codes into a dictionary while the different ones are few, else as they stand.

use std::collections::HashMap;

use arrow::array::{Array, AsArray};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;

use super::fixed::write_coded;
use super::order::{self, Valid};
use super::spool::Spool;
use super::words::WordsBuilder;
use super::{DICTIONARY_MAX, Task};
use crate::column::encoding;
use crate::error::ColumnsError;
use crate::format::Kind;
use crate::hash::Hashing;
use crate::source::ColumnSource;

/// Bytes of different texts that a dictionary may hold.
const DICTIONARY_BYTES_MAX: usize = 16 << 20;
/// A row without a value, among codes that are not sorted yet.
const NOTHING: u16 = u16::MAX;

/// Texts by first appearance.
#[derive(Default)]
struct Dictionary {
    places: HashMap<Box<str>, u16, Hashing>,
    bytes: usize,
    codes: Vec<u16>,
}

impl Dictionary {
    /// False when the text is one too many.
    fn push(&mut self, text: Option<&str>, most: usize) -> bool {
        let Some(text) = text else {
            self.codes.push(NOTHING);
            return true;
        };
        if let Some(code) = self.places.get(text) {
            self.codes.push(*code);
            return true;
        }
        if self.places.len() >= most.min(DICTIONARY_MAX) || self.bytes + text.len() > DICTIONARY_BYTES_MAX {
            return false;
        }
        let code = u16::try_from(self.places.len()).unwrap_or(NOTHING);
        self.places.insert(text.into(), code);
        self.bytes += text.len();
        self.codes.push(code);
        true
    }

    /// The texts by code.
    fn into_texts(self) -> (Vec<Box<str>>, Vec<u16>) {
        let mut texts: Vec<(u16, Box<str>)> = self.places.into_iter().map(|(text, code)| (code, text)).collect();
        texts.sort_unstable_by_key(|(code, _)| *code);
        (texts.into_iter().map(|(_, text)| text).collect(), self.codes)
    }
}

/// Texts as they stand.
struct Plain<'a> {
    offsets: Vec<u64>,
    bytes: Spool<'a>,
    valid: Valid,
    words: WordsBuilder<'a>,
}

impl<'a> Plain<'a> {
    fn new(task: &Task<'a>) -> Self {
        let mut offsets = Vec::with_capacity(task.rows as usize + 1);
        offsets.push(0);
        Self {
            offsets,
            bytes: Spool::new(task.folder),
            valid: Valid::default(),
            words: WordsBuilder::new(task.folder, task.tuning.word_pairs),
        }
    }

    fn push(&mut self, row: u32, text: Option<&str>) -> Result<(), ColumnsError> {
        self.valid.push(text.is_some());
        if let Some(text) = text {
            self.bytes.push(text.as_bytes())?;
            self.words.add(row, text)?;
        }
        self.offsets.push(self.bytes.len());
        Ok(())
    }
}

pub(super) fn build(task: &Task<'_>, source: &dyn ColumnSource) -> Result<(), ColumnsError> {
    let mut dictionary = Some(Dictionary::default());
    let mut plain: Option<Plain<'_>> = None;
    task.each_piece(source.column(task.column as usize)?, &DataType::Utf8, &mut |from, piece| {
        let texts = piece.as_string::<i32>();
        for (row, at) in (from..).zip(0..texts.len()) {
            let text = texts.is_valid(at).then(|| texts.value(at));
            if let Some(plain) = &mut plain {
                plain.push(row, text)?;
            } else if !dictionary
                .as_mut()
                .is_some_and(|dictionary| dictionary.push(text, task.tuning.dictionary_values))
            {
                let mut spread = spread(task, dictionary.take().unwrap_or_default())?;
                spread.push(row, text)?;
                plain = Some(spread);
            }
        }
        Ok(())
    })?;
    match (plain, dictionary) {
        (Some(plain), _) => write_plain(task, plain),
        (None, dictionary) => write_dictionary(task, dictionary.unwrap_or_default()),
    }
}

/// Writes out the rows that were coded before the texts became too many.
fn spread<'a>(task: &Task<'a>, dictionary: Dictionary) -> Result<Plain<'a>, ColumnsError> {
    let (texts, codes) = dictionary.into_texts();
    let mut plain = Plain::new(task);
    for (row, code) in (0u32..).zip(codes) {
        let text = if code == NOTHING { None } else { texts.get(usize::from(code)).map(AsRef::as_ref) };
        plain.push(row, text)?;
    }
    Ok(plain)
}

fn write_dictionary(task: &Task<'_>, dictionary: Dictionary) -> Result<(), ColumnsError> {
    let (texts, mut codes) = dictionary.into_texts();
    let mut ranked: Vec<(&str, usize)> = texts.iter().enumerate().map(|(code, text)| (text.as_ref(), code)).collect();
    ranked.sort_unstable();
    // The last place is for rows without a value: they get the code after all others.
    let mut ranks = vec![u16::try_from(texts.len()).unwrap_or(NOTHING); texts.len() + 1];
    let (mut offsets, mut bytes) = (vec![0u64], Vec::new());
    let mut words = WordsBuilder::new(task.folder, task.tuning.word_pairs);
    for (rank, (text, code)) in (0u16..).zip(&ranked) {
        if let Some(place) = ranks.get_mut(*code) {
            *place = rank;
        }
        bytes.extend_from_slice(text.as_bytes());
        offsets.push(bytes.len() as u64);
        words.add(u32::from(rank), text)?;
    }
    let mut starts = vec![0u32; texts.len() + 2];
    for code in &mut codes {
        *code = ranks.get(usize::from(*code).min(texts.len())).copied().unwrap_or(NOTHING);
        if let Some(count) = starts.get_mut(usize::from(*code) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut places = starts.clone();
    let mut order = vec![0u32; codes.len()];
    for (row, code) in (0u32..).zip(&codes) {
        if let Some(place) = places.get_mut(usize::from(*code)) {
            if let Some(slot) = order.get_mut(*place as usize) {
                *slot = row;
            }
            *place += 1;
        }
    }
    let non_null = starts.get(texts.len()).copied().unwrap_or_default() as usize;
    task.write(Kind::DictionaryOffsets, &Buffer::from_vec(offsets))?;
    task.write(Kind::DictionaryBytes, &bytes)?;
    words.write(task)?;
    write_coded(task, codes, starts, order, non_null)
}

fn write_plain(task: &Task<'_>, plain: Plain<'_>) -> Result<(), ColumnsError> {
    let Plain { offsets, bytes, valid, words } = plain;
    words.write(task)?;
    let bytes = bytes.finish()?;
    let text = |row: u32| {
        let from = offsets.get(row as usize).copied().unwrap_or_default();
        let to = offsets.get(row as usize + 1).copied().unwrap_or_default();
        let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else { return Default::default() };
        bytes.get(from..to).unwrap_or_default()
    };
    let order = order::sorted(
        task,
        &|row| valid.get(row),
        &|row| crate::column::text_key(text(row)),
        Some(&|a, b| text(a).cmp(text(b))),
    )?;
    task.write_meta(encoding::TEXT, 0, valid.non_null(), 0)?;
    task.write(Kind::Order, &Buffer::from_vec(order))?;
    task.write(Kind::Bytes, &bytes)?;
    task.write(Kind::Offsets, &Buffer::from_vec(offsets))?;
    if let Some(words) = valid.into_words() {
        task.write(Kind::Valid, &Buffer::from_vec(words))?;
    }
    Ok(())
}
