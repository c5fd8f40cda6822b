//! What is known of a column while its rows go by. Its size does not depend on how many there are.

use xxhash_rust::xxh3::xxh3_64;

use crate::cell::{self, SIGNS, Sign, Traits};
use crate::fold::header_words;
use crate::guess;
use crate::header::{self, Meaning, Meanings};
use crate::report::mask;
use crate::rules::{CELL_BYTES_MAX, EXAMPLES_KEPT, ROWS_KEPT};
use crate::scheme::SCHEMES;

/// Values whose looks are remembered.
const REMEMBERED: usize = 512;
/// Look-ups after which it is asked whether remembering is worth it.
const TRIED: u32 = 8_192;
/// Bits by which distinct values are told.
const DISTINCT_BITS: usize = 1 << 14;
/// Longest value that is remembered: longer ones seldom repeat.
const REMEMBERED_BYTES: usize = 64;

/// What is known of a column.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
    pub(crate) meanings: Meanings,
    /// Cells with something in them.
    pub(crate) filled: u64,
    counts: [u64; SIGNS],
    schemes: [u64; 64],
    pub(crate) years: (i16, i16),
    /// Least and greatest number.
    pub(crate) bytes: u64,
    /// Rows in which the e-mail address of the same row has this value in it.
    pub(crate) echoed: u64,
    /// Rows that were compared so.
    pub(crate) echo_rows: u64,
    distinct: Vec<u64>,
    remembered: Vec<(u64, Traits)>,
    /// Values that were looked up, and those that were remembered.
    looked_up: (u32, u32),
    /// Whether numbers of persons can come of it at all: its name may speak against.
    schemed: bool,
    rows: Vec<Vec<u64>>,
    examples: Vec<Vec<String>>,
}

impl Column {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            words: header_words(name),
            meanings: header::meanings(name),
            filled: 0,
            counts: [0; SIGNS],
            schemes: [0; 64],
            years: (i16::MAX, i16::MIN),
            bytes: 0,
            echoed: 0,
            echo_rows: 0,
            distinct: vec![0; DISTINCT_BITS / 64],
            remembered: vec![(0, Traits::default()); REMEMBERED],
            looked_up: (0, 0),
            schemed: guess::may_be_national_id(&header_words(name), header::meanings(name)),
            rows: vec![Vec::new(); SIGNS + 64],
            examples: vec![Vec::new(); SIGNS + 64],
        }
    }

    /// A column without a name of its own: what it is called in reports says nothing of what it holds.
    pub(crate) fn nameless(label: String) -> Self {
        Self { name: label, ..Self::new("") }
    }

    /// An empty column that takes some of the rows of this one.
    pub(crate) fn part(&self) -> Self {
        Self { schemed: self.schemed, ..Self::new("") }
    }

    /// Takes over what one of its parts has seen. Of the evidence, the first rows of both stay.
    pub(crate) fn merge(&mut self, part: Self) {
        self.filled += part.filled;
        self.bytes += part.bytes;
        self.years = (self.years.0.min(part.years.0), self.years.1.max(part.years.1));
        self.counts.iter_mut().zip(part.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.schemes.iter_mut().zip(part.schemes).for_each(|(mine, theirs)| *mine += theirs);
        self.distinct.iter_mut().zip(part.distinct).for_each(|(mine, theirs)| *mine |= theirs);
        let theirs = part.rows.into_iter().zip(part.examples);
        for ((rows, examples), theirs) in self.rows.iter_mut().zip(&mut self.examples).zip(theirs) {
            merge_evidence(rows, examples, theirs);
        }
    }

    /// Looks at a cell that is not empty and has no blanks around it.
    pub(crate) fn see(&mut self, row: u64, text: &str) -> Traits {
        self.filled += 1;
        self.bytes += u64::try_from(text.len()).unwrap_or(0);
        let hash = xxh3_64(text.as_bytes());
        let bit = usize::try_from(hash).unwrap_or(0) % DISTINCT_BITS;
        if let Some(bits) = self.distinct.get_mut(bit / 64) {
            *bits |= 1 << (bit % 64);
        }
        let traits =
            if text.len() > REMEMBERED_BYTES { look_in_pieces(text, self.schemed) } else { self.look(hash, text) };
        self.note(row, text, traits);
        traits
    }

    fn look(&mut self, hash: u64, text: &str) -> Traits {
        let place = usize::try_from(hash >> 32).unwrap_or(0) % REMEMBERED;
        let Some(slot) = self.remembered.get_mut(place) else { return cell::look(text, self.schemed) };
        if slot.0 == hash {
            self.looked_up.1 += 1;
        } else {
            *slot = (hash, cell::look(text, self.schemed));
        }
        let traits = slot.1;
        self.looked_up.0 += 1;
        // Values that hardly ever come again are not worth the room.
        if self.looked_up.0 >= TRIED && self.looked_up.1 < TRIED / 16 {
            self.remembered = Vec::new();
        } else if self.looked_up.0 >= TRIED {
            self.looked_up = (0, 0);
        }
        traits
    }

    fn note(&mut self, row: u64, text: &str, traits: Traits) {
        if traits.year != 0 {
            self.years = (self.years.0.min(traits.year), self.years.1.max(traits.year));
        }
        let mut rest = traits.signs;
        while rest != 0 {
            let at = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if let Some(count) = self.counts.get_mut(at) {
                *count += 1;
                if *count <= ROWS_KEPT as u64 {
                    self.keep(at, row, text);
                }
            }
        }
        let mut rest = traits.schemes;
        while rest != 0 {
            let at = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if let Some(count) = self.schemes.get_mut(at) {
                *count += 1;
                if *count <= ROWS_KEPT as u64 {
                    self.keep(SIGNS + at, row, text);
                }
            }
        }
    }

    fn keep(&mut self, at: usize, row: u64, text: &str) {
        if let Some(rows) = self.rows.get_mut(at) {
            rows.push(row);
        }
        if let Some(examples) = self.examples.get_mut(at)
            && examples.len() < EXAMPLES_KEPT
        {
            examples.push(mask(text));
        }
    }

    /// Rows with a sign.
    pub(crate) fn count(&self, sign: Sign) -> u64 {
        self.counts.get(sign as usize).copied().unwrap_or(0)
    }

    /// Share of filled cells with a sign, from 0 to 1.
    pub(crate) fn share(&self, sign: Sign) -> f64 {
        ratio(self.count(sign), self.filled)
    }

    /// Rows that pass a scheme's check.
    pub(crate) fn scheme_count(&self, at: usize) -> u64 {
        self.schemes.get(at).copied().unwrap_or(0)
    }

    /// The scheme's words are in the column's name.
    pub(crate) fn names_scheme(&self, at: usize) -> bool {
        let joined = self.words.concat();
        SCHEMES
            .get(at)
            .is_some_and(|scheme| scheme.words.iter().any(|wanted| header::names_scheme(&self.words, &joined, wanted)))
    }

    /// The first rows and masked examples of a sign.
    pub(crate) fn evidence(&self, sign: Sign) -> (Vec<u64>, Vec<String>) {
        self.evidence_at(sign as usize)
    }

    /// The first rows and masked examples of a scheme.
    pub(crate) fn scheme_evidence(&self, at: usize) -> (Vec<u64>, Vec<String>) {
        self.evidence_at(SIGNS + at)
    }

    fn evidence_at(&self, at: usize) -> (Vec<u64>, Vec<String>) {
        (self.rows.get(at).cloned().unwrap_or_default(), self.examples.get(at).cloned().unwrap_or_default())
    }

    /// Distinct values, estimated by linear counting; exact enough up to some tens of thousands, a lower bound beyond.
    pub(crate) fn distinct(&self) -> u64 {
        let set: u32 = self.distinct.iter().map(|bits| bits.count_ones()).sum();
        let empty = f64::from(u32::try_from(DISTINCT_BITS).unwrap_or(u32::MAX).saturating_sub(set)).max(1.0);
        let all = f64::from(u32::try_from(DISTINCT_BITS).unwrap_or(u32::MAX));
        let estimate = -all * (empty / all).ln();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive estimate")]
        let distinct = estimate.round() as u64;
        distinct.min(self.filled)
    }

    /// Share of distinct values among filled cells, a lower bound for long columns.
    pub(crate) fn variety(&self) -> f64 {
        let reach = self.filled.min(DISTINCT_BITS as u64 * 2);
        ratio(self.distinct(), reach).min(1.0)
    }

    /// Whether values could be identifiers: some signs, digits in them, mostly different.
    pub(crate) fn is_id_like(&self) -> bool {
        let mean = ratio(self.bytes, self.filled);
        self.filled > 0
            && (5.0..=40.0).contains(&mean)
            && (self.variety() >= 0.3 || self.filled < 20)
            && self.share(Sign::OneName) < 0.5
            && self.share(Sign::NameShape) < 0.5
            && self.share(Sign::Long) < 0.2
    }

    pub(crate) fn means(&self, meaning: Meaning) -> bool {
        self.meanings.has(meaning)
    }
}

/// Puts the first rows of two parts together, with the examples of the first of them.
fn merge_evidence(rows: &mut Vec<u64>, examples: &mut Vec<String>, (others, masked): (Vec<u64>, Vec<String>)) {
    if others.is_empty() {
        return;
    }
    let pairs = |rows: Vec<u64>, examples: Vec<String>| {
        rows.into_iter().zip(examples.into_iter().map(Some).chain(std::iter::repeat(None)))
    };
    let mut all: Vec<(u64, Option<String>)> =
        pairs(std::mem::take(rows), std::mem::take(examples)).chain(pairs(others, masked)).collect();
    all.sort_by_key(|(row, _)| *row);
    all.truncate(ROWS_KEPT);
    for (row, example) in all {
        rows.push(row);
        if examples.len() < EXAMPLES_KEPT {
            examples.extend(example);
        }
    }
}

/// A long cell is looked at in pieces, cut at blanks.
fn look_in_pieces(text: &str, schemed: bool) -> Traits {
    if text.len() <= CELL_BYTES_MAX {
        return cell::look(text, schemed);
    }
    let mut all = Traits::default();
    let mut rest = text;
    while !rest.is_empty() {
        let mut cut = rest.len().min(CELL_BYTES_MAX);
        if cut < rest.len() {
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            cut = rest.get(..cut).and_then(|piece| piece.rfind(' ')).filter(|at| *at > 0).unwrap_or(cut);
        }
        let (piece, after) = rest.split_at(cut);
        let seen = cell::look(piece.trim(), schemed);
        all.signs |= seen.signs;
        all.schemes |= seen.schemes;
        rest = after.trim_start();
    }
    all.add(Sign::Long);
    all
}

/// A share, 0 where there is nothing.
#[expect(clippy::cast_precision_loss, reason = "shares need no more digits than a double has")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Column {
    /// Looks at a paragraph: whatever its length, it is text.
    pub(crate) fn see_text(&mut self, row: u64, text: &str) {
        self.filled += 1;
        self.bytes += u64::try_from(text.len()).unwrap_or(0);
        let mut traits = look_in_pieces(text, true);
        if !traits.has(Sign::Long) {
            crate::text::look(text, &mut traits);
        }
        traits.add(Sign::Long);
        for (single, in_text) in [(Sign::Iban, Sign::TextIban), (Sign::Card, Sign::TextCard)] {
            if traits.has(single) {
                traits.add(in_text);
            }
        }
        self.note(row, text, traits);
    }
}
