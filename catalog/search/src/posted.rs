//! The documents of each value of a facet, the other way round than [`crate::facets::Values`].

use tantivy::DocId;

use crate::bits::Bits;
use crate::facets::{NONE, Values};

/// Values that fewer than one in so many documents of a segment have are counted, but their documents not listed.
const LISTED_SHARE: u32 = 4_096;
/// The documents of values that more than one in so many have are kept as a bit each: from there on that is no larger.
const BITS_SHARE: u32 = 32;

/// The documents of each value of one facet in a segment, deleted ones included.
#[derive(Debug)]
pub(crate) struct Posted {
    documents: DocId,
    /// How many documents have each number, for numbers that any has, in the order of numbers.
    totals: Vec<(u32, u32)>,
    /// In the order of numbers.
    lists: Vec<(u32, Documents)>,
}

#[derive(Debug)]
enum Documents {
    Few(Vec<DocId>),
    Many(Bits),
}

impl Posted {
    /// Turns a segment's values round.
    pub(crate) fn of(values: &Values, documents: DocId) -> Self {
        let totals = totals(values);
        let greatest = totals.last().map_or(0, |(number, _)| *number as usize + 1);
        let mut places = vec![NONE; greatest];
        let mut lists = Vec::new();
        for (number, total) in totals.iter().filter(|(_, total)| *total >= documents / LISTED_SHARE) {
            if let Some(place) = places.get_mut(*number as usize) {
                *place = u32::try_from(lists.len()).unwrap_or(NONE);
                let many = *total > documents / BITS_SHARE && documents > BITS_SHARE * 64;
                let few = || Documents::Few(Vec::with_capacity(*total as usize));
                lists.push((*number, if many { Documents::Many(Bits::none(documents)) } else { few() }));
            }
        }
        for doc in 0..documents {
            for number in values.of(doc) {
                let place = places.get(*number as usize).copied().unwrap_or(NONE);
                match lists.get_mut(place as usize).map(|(_, list)| list) {
                    Some(Documents::Few(list)) => list.push(doc),
                    Some(Documents::Many(bits)) => bits.insert(doc),
                    None => {}
                }
            }
        }
        Self { documents, totals, lists }
    }

    /// How many documents the segment has.
    pub(crate) const fn documents(&self) -> DocId {
        self.documents
    }

    /// How many documents have each number, for numbers that any has, in the order of numbers: whoever goes through them goes
    /// through counts in memory's order.
    pub(crate) fn totals(&self) -> &[(u32, u32)] {
        &self.totals
    }

    fn list(&self, number: u32) -> Option<&Documents> {
        let at = self.lists.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.lists.get(at).map(|(_, list)| list)
    }

    /// How many documents of a set have a value, and how much was looked at to know; none when its documents are not listed.
    pub(crate) fn count(&self, number: u32, set: &Bits) -> Option<(u32, u64)> {
        match self.list(number) {
            Some(Documents::Few(list)) => {
                let found: u32 = list.iter().map(|doc| u32::from(set.contains(*doc))).sum();
                Some((found, u64::try_from(list.len()).unwrap_or(u64::MAX)))
            }
            Some(Documents::Many(bits)) => Some((bits.count_in(set), u64::from(self.documents / 64))),
            None => self.totals.binary_search_by_key(&number, |(number, _)| *number).is_err().then_some((0, 1)),
        }
    }

    /// The documents that have one of some values; none when some are not listed.
    pub(crate) fn any_of(&self, numbers: &[u32]) -> Option<Bits> {
        let mut any = Bits::none(self.documents);
        for number in numbers {
            match self.list(*number) {
                Some(Documents::Few(list)) => list.iter().for_each(|doc| any.insert(*doc)),
                Some(Documents::Many(bits)) => any.or(bits),
                None if self.totals.binary_search_by_key(number, |(number, _)| *number).is_ok() => return None,
                None => {}
            }
        }
        Some(any)
    }
}

/// How many documents have each number, in the order of numbers.
pub(crate) fn totals(values: &Values) -> Vec<(u32, u32)> {
    let (Values::One(values) | Values::Many { values, .. }) = values;
    let mut numbers: Vec<u32> = values.iter().copied().filter(|number| *number != NONE).collect();
    numbers.sort_unstable();
    let same = numbers.chunk_by(|one, other| one == other);
    same.filter_map(|same| Some((*same.first()?, u32::try_from(same.len()).unwrap_or(NONE)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_in_the_order_of_numbers() {
        assert_eq!(totals(&Values::One(vec![7, NONE, 2, 7])), [(2, 1), (7, 2)]);
        let many = Values::Many { ends: vec![2, 2, 4], values: vec![9, 1, 1, 300] };
        assert_eq!(totals(&many), [(1, 2), (9, 1), (300, 1)]);
    }

    #[test]
    fn counts_are_those_of_the_values() {
        const DOCUMENTS: DocId = 9_000;
        // Number n stands in every (n + 2)th document, so that some are kept as bits, some as lists; 5,000 stands in one.
        let numbers =
            |doc: DocId| (0..200).filter(move |n| doc.is_multiple_of(n + 2)).chain((doc == 17).then_some(5_000));
        let (mut ends, mut values) = (Vec::new(), Vec::new());
        for doc in 0..DOCUMENTS {
            values.extend(numbers(doc));
            ends.push(u32::try_from(values.len()).unwrap_or(0));
        }
        let values = Values::Many { ends, values };
        let posted = Posted::of(&values, DOCUMENTS);
        let mut set = Bits::none(DOCUMENTS);
        (0..DOCUMENTS).filter(|doc| doc % 7 < 3).for_each(|doc| set.insert(doc));
        for number in 0..200 {
            let expected = (0..DOCUMENTS).filter(|doc| doc % 7 < 3 && doc.is_multiple_of(number + 2)).count();
            assert_eq!(posted.count(number, &set).map(|(found, _)| found as usize), Some(expected), "{number}");
        }
        assert_eq!(posted.count(5_000, &set), None, "too rare to be listed");
        assert_eq!(posted.count(300, &set).map(|(found, _)| found), Some(0), "not there");
        let any = posted.any_of(&[0, 1, 4_000]).map(|any| any.count() as usize);
        assert_eq!(any, Some((0..DOCUMENTS).filter(|doc| doc % 2 == 0 || doc % 3 == 0).count()));
        assert_eq!(posted.any_of(&[0, 5_000]), None);
    }
}
