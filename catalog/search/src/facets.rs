//! Facet values as small numbers, shared by all segments.
//!
//! Every distinct (value, label) of a facet gets a number when a segment that holds it is first opened; numbers never change
//! while the index is open. Values that fold to the same text ([`fold`]) are one value to filters and counts; the spelling
//! that most of the counted datasets use is the one shown.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use fairground_domain::fold;
use parking_lot::RwLock;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, TantivyError};

use crate::query::FacetCount;
use crate::schema::LABEL_MARK;
use crate::tally::{Most, Sum};

/// No value.
pub(crate) const NONE: u32 = u32::MAX;

/// One spelling of a value.
#[derive(Debug)]
struct Spelling {
    value: Box<str>,
    /// None when it is the value.
    label: Option<Box<str>>,
    /// The first spelling of the same folded value.
    root: u32,
    /// The next spelling of the same folded value.
    next: u32,
}

impl Spelling {
    fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.value)
    }
}

#[derive(Debug, Default)]
struct Known {
    spellings: Vec<Spelling>,
    roots: BTreeMap<Box<str>, u32>,
    /// The numbers of values with more than one spelling: few, so that most counts need no look at their spelling.
    several: Set,
}

impl Known {
    fn get(&self, number: u32) -> Option<&Spelling> {
        self.spellings.get(usize::try_from(number).ok()?)
    }

    fn each_spelling(&self, root: u32, mut each: impl FnMut(u32)) {
        let mut at = root;
        while let Some(spelling) = self.get(at) {
            each(at);
            at = spelling.next;
        }
    }

    /// Whether two numbers are spellings of one value.
    fn are_one(&self, one: u32, other: u32) -> bool {
        let root = |number| self.get(number).map(|spelling| spelling.root);
        self.several.contains(one) && self.several.contains(other) && root(one) == root(other)
    }

    fn number(&mut self, term: &str) -> u32 {
        let (value, label) = term.split_once(LABEL_MARK).unwrap_or((term, term));
        let key = fold(value);
        let new = u32::try_from(self.spellings.len()).unwrap_or(NONE);
        let mut root = new;
        if let Some(first) = self.roots.get(key.as_str()) {
            root = *first;
            let mut at = root;
            while let Some(spelling) = self.get(at) {
                if *spelling.value == *value && spelling.label() == label {
                    return at;
                }
                if spelling.next == NONE {
                    break;
                }
                at = spelling.next;
            }
            if let Some(last) = usize::try_from(at).ok().and_then(|at| self.spellings.get_mut(at)) {
                last.next = new;
            }
            self.several.insert(root);
            self.several.insert(new);
        } else {
            self.roots.insert(key.into(), new);
        }
        let label = (label != value).then(|| label.into());
        self.spellings.push(Spelling { value: value.into(), label, root, next: NONE });
        new
    }
}

/// The numbers of one facet's values.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<Known>);

impl Names {
    /// How many numbers are given.
    pub(crate) fn len(&self) -> usize {
        self.0.read().spellings.len()
    }

    /// The values of all documents of a segment.
    pub(crate) fn read_column(&self, column: Option<&StrColumn>, docs: u32) -> Result<Values, TantivyError> {
        let Some(column) = column else { return Ok(Values::One(Vec::new())) };
        let mut numbers = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream()?;
        let mut known = self.0.write();
        while terms.advance() {
            numbers.push(known.number(&String::from_utf8_lossy(terms.key())));
        }
        drop(known);
        let known = self.0.read();
        let number = |ord: u64| usize::try_from(ord).ok().and_then(|ord| numbers.get(ord)).copied();
        let ords = column.ords();
        if !ords.get_cardinality().is_multivalue() {
            return Ok(Values::One((0..docs).map(|doc| ords.first(doc).and_then(number).unwrap_or(NONE)).collect()));
        }
        let mut ends = Vec::with_capacity(docs as usize);
        let mut values = Vec::new();
        for doc in 0..docs {
            let begin = values.len();
            for number in ords.values_for_doc(doc).filter_map(number) {
                // A dataset has a value once, in however many spellings it tells it.
                let others = values.get(begin..).unwrap_or_default();
                if !others.iter().any(|other| *other == number || known.are_one(*other, number)) {
                    values.push(number);
                }
            }
            ends.push(u32::try_from(values.len()).unwrap_or(NONE));
        }
        Ok(Values::Many { ends, values })
    }

    /// The set of numbers that the wanted values have.
    pub(crate) fn set(&self, wanted: &[String]) -> Set {
        let known = self.0.read();
        let mut set = Set::default();
        for value in wanted {
            let root = known.roots.get(fold(value.trim()).as_str()).copied().unwrap_or(NONE);
            known.each_spelling(root, |number| set.insert(number));
        }
        set
    }

    /// The numbers of all spellings of the value whose root this is.
    pub(crate) fn spellings(&self, root: u32) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(1);
        self.0.read().each_spelling(root, |number| numbers.push(number));
        numbers
    }

    /// The most frequent values: by count, then by folded value.
    pub(crate) fn top(&self, counted: impl Iterator<Item = (u32, u32)>, limit: usize) -> Vec<FacetCount> {
        let known = self.0.read();
        let mut most = Most::new(limit);
        let mut several: HashMap<u32, Sum> = HashMap::new();
        for (number, count) in counted {
            if !known.several.contains(number) {
                most.offer(Sum { count, shown: number, shown_count: count });
            } else if let Some(spelling) = known.get(number) {
                let none = Sum { count: 0, shown: number, shown_count: 0 };
                let sum = several.entry(spelling.root).or_insert(none);
                sum.count += count;
                if (count, number) > (sum.shown_count, sum.shown) {
                    (sum.shown, sum.shown_count) = (number, count);
                }
            }
        }
        several.into_values().for_each(|sum| most.offer(sum));
        let mut named: Vec<_> =
            most.into_sums().into_iter().filter_map(|sum| Some((sum, known.get(sum.shown)?))).collect();
        named.sort_by_cached_key(|(sum, spelling)| (std::cmp::Reverse(sum.count), fold(&spelling.value)));
        let counts = named.into_iter().take(limit).map(|(sum, spelling)| FacetCount {
            value: spelling.value.to_string(),
            label: spelling.label().to_owned(),
            count: u64::from(sum.count),
        });
        counts.collect()
    }

    /// Calls `each` with the root and value of values that begin with a folded prefix, at most `most`.
    pub(crate) fn each_with_prefix(&self, prefix: &str, most: usize, mut each: impl FnMut(u32, &str)) {
        let known = self.0.read();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        for (key, root) in known.roots.range::<str, _>(from).take(most).take_while(|(key, _)| key.starts_with(prefix)) {
            let _ = key;
            if let Some(spelling) = known.get(*root) {
                each(*root, &spelling.value);
            }
        }
    }

    /// Calls `each` with the number, value and label of every spelling.
    pub(crate) fn each(&self, mut each: impl FnMut(u32, &str, &str)) {
        for (number, spelling) in (0..).zip(&self.0.read().spellings) {
            each(number, &spelling.value, spelling.label());
        }
    }

    /// Adds up counts by number to sums by root.
    pub(crate) fn sum_by_root<'c>(&self, counts: impl Iterator<Item = &'c (u32, u32)>) -> Vec<u32> {
        let known = self.0.read();
        let mut sums = vec![0; known.spellings.len()];
        for (number, count) in counts {
            let root = known.get(*number).map_or(*number, |spelling| spelling.root);
            if let Some(sum) = sums.get_mut(root as usize) {
                *sum += count;
            }
        }
        sums
    }
}

/// A set of numbers.
#[derive(Debug, Default)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    #[inline]
    pub(crate) fn insert(&mut self, number: u32) {
        let at = (number / 64) as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(at) {
            *bits |= 1 << (number % 64);
        }
    }

    /// The numbers, in order.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        let bits = |(word, at): (&u64, u32)| {
            let word = *word;
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        };
        self.0.iter().zip(0..).flat_map(bits).collect()
    }

    #[inline]
    fn contains(&self, number: u32) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }
}

/// One facet's values of all documents of a segment.
#[derive(Debug)]
pub(crate) enum Values {
    /// At most one value each.
    One(Vec<u32>),
    /// Any number of values each: where each document's end, and all of them in a row.
    Many { ends: Vec<u32>, values: Vec<u32> },
}

impl Values {
    #[inline]
    pub(crate) fn of(&self, doc: DocId) -> &[u32] {
        let doc = doc as usize;
        match self {
            Self::One(values) => match values.get(doc..=doc) {
                Some([NONE]) | None => &[],
                Some(one) => one,
            },
            Self::Many { ends, values } => {
                let from = doc.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
                let to = ends.get(doc).copied().unwrap_or(from);
                values.get(from as usize..to as usize).unwrap_or_default()
            }
        }
    }

    /// True when the document has one of the wanted values.
    #[inline]
    pub(crate) fn any_in(&self, doc: DocId, wanted: &Set) -> bool {
        self.of(doc).iter().any(|number| wanted.contains(*number))
    }

    /// True when the document has any value.
    pub(crate) fn any(&self, doc: DocId) -> bool {
        !self.of(doc).is_empty()
    }
}
