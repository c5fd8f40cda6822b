//! Words of a text column and the rows (or dictionary codes) that hold them.
//!
//! Pairs of word and row are gathered up to a limit, sorted, and put aside as a run; at the end the runs are merged. Rows
//! come in order, so a word's rows of a later run follow those of the earlier.

use std::collections::HashMap;
use std::path::Path;

use arrow::buffer::Buffer;
use fairground_tables_query::words::for_each_word;
use tantivy::directory::OwnedBytes;

use super::Task;
use super::spool::Spool;
use crate::error::ColumnsError;
use crate::format::Kind;
use crate::hash::Hashing;

/// Different words in a run at most.
const WORDS_MAX: usize = 400_000;

pub(super) struct WordsBuilder<'a> {
    folder: &'a Path,
    places: HashMap<Box<str>, u32, Hashing>,
    pairs: Vec<(u32, u32)>,
    runs: Vec<OwnedBytes>,
    pairs_max: usize,
}

impl<'a> WordsBuilder<'a> {
    pub(super) fn new(folder: &'a Path, pairs_max: usize) -> Self {
        Self { folder, places: HashMap::default(), pairs: Vec::new(), runs: Vec::new(), pairs_max }
    }

    /// Notes the words of a text; rows come in ascending order.
    pub(super) fn add(&mut self, row: u32, text: &str) -> Result<(), ColumnsError> {
        let Self { places, pairs, .. } = self;
        for_each_word(text, |word| {
            let place = match places.get(word) {
                Some(place) => *place,
                None => {
                    let place = u32::try_from(places.len()).unwrap_or(u32::MAX);
                    places.insert(word.into(), place);
                    place
                }
            };
            pairs.push((place, row));
        });
        if self.pairs.len() >= self.pairs_max || self.places.len() >= WORDS_MAX { self.flush() } else { Ok(()) }
    }

    /// Puts the pairs aside: for each word, in order, its length, itself, the number of its rows and these, u32 each.
    fn flush(&mut self) -> Result<(), ColumnsError> {
        let mut words: Vec<(Box<str>, u32)> = std::mem::take(&mut self.places).into_iter().collect();
        let mut ends = vec![0usize; words.len() + 1];
        for (word, _) in &self.pairs {
            if let Some(count) = ends.get_mut(*word as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let starts = ends.clone();
        let mut rows = vec![0u32; self.pairs.len()];
        for (word, row) in self.pairs.drain(..) {
            if let Some(place) = ends.get_mut(word as usize) {
                if let Some(slot) = rows.get_mut(*place) {
                    *slot = row;
                }
                *place += 1;
            }
        }
        words.sort_unstable();
        let mut run = Spool::new(self.folder);
        for (word, place) in &words {
            let (from, to) = (starts.get(*place as usize), starts.get(*place as usize + 1));
            let (Some(from), Some(to)) = (from, to) else { continue };
            let mut own = rows.get(*from..*to).unwrap_or_default().to_vec();
            own.dedup();
            run.push(&u32::try_from(word.len()).unwrap_or_default().to_ne_bytes())?;
            run.push(word.as_bytes())?;
            run.push(&u32::try_from(own.len()).unwrap_or_default().to_ne_bytes())?;
            run.push(&Buffer::from_vec(own))?;
        }
        self.runs.push(run.finish()?);
        Ok(())
    }

    /// Merges the runs and writes the sections.
    pub(super) fn write(mut self, task: &Task<'_>) -> Result<(), ColumnsError> {
        if !self.pairs.is_empty() || self.runs.is_empty() {
            self.flush()?;
        }
        let (mut offsets, mut starts) = (vec![0u64], vec![0u64]);
        let (mut bytes, mut postings) = (Spool::new(self.folder), Spool::new(self.folder));
        let mut rests: Vec<&[u8]> = self.runs.iter().map(OwnedBytes::as_slice).collect();
        let mut heads: Vec<Option<(&[u8], &[u8])>> = rests.iter_mut().map(take_word).collect();
        while let Some(word) = heads.iter().flatten().map(|(word, _)| *word).min() {
            bytes.push(word)?;
            for (head, rest) in heads.iter_mut().zip(&mut rests) {
                if let Some((_, rows)) = head.filter(|(own, _)| *own == word) {
                    postings.push(rows)?;
                    *head = take_word(rest);
                }
            }
            offsets.push(bytes.len());
            starts.push(postings.len() / 4);
            if offsets.len() % 65_536 == 0 {
                task.checked()?;
            }
        }
        task.write(Kind::WordOffsets, &Buffer::from_vec(offsets))?;
        task.write(Kind::WordBytes, &bytes.finish()?)?;
        task.write(Kind::PostingStarts, &Buffer::from_vec(starts))?;
        task.write(Kind::Postings, &postings.finish()?)
    }
}

/// Takes a word and the bytes of its rows off a run.
fn take_word<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let word = take_counted(rest, 1)?;
    let rows = take_counted(rest, 4)?;
    Some((word, rows))
}

fn take_counted<'a>(rest: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (count, after) = rest.split_first_chunk::<4>()?;
    let (taken, after) = after.split_at_checked(u32::from_ne_bytes(*count) as usize * width)?;
    *rest = after;
    Some(taken)
}
