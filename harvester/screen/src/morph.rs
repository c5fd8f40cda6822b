//! What unknown words look like: whether their letters follow one another as in names or as in ordinary words.
//!
//! Learnt at first use from the lists of names and of ordinary words, and from nothing else: how often each sequence of two to
//! four letters is in the ones and in the others. It is a hint among others, never evidence by itself: of names that are in no
//! list it knows about half, of ordinary words it takes one in twenty for a name, of towns one in four.

use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::fold::fold;
use crate::names::{ByHash, GIVENS, SURNAMES};

/// Words that are no names.
const ORDINARY: &str = include_str!("words/ordinary.txt");
/// Places for sequences of letters; those that share a place are counted together.
const PLACES: usize = 1 << 17;
/// Longest sequence.
const LETTERS_MAX: usize = 4;
/// Mean evidence, in natural logarithms, from which a word looks like a name.
const LEAST: f32 = 0.3;
/// Shortest and longest words that are judged, in letters.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=24;

/// Every ordinary word, by its hash.
static ORDINARY_WORDS: LazyLock<ByHash<()>> =
    LazyLock::new(|| listed(ORDINARY).map(|word| (xxh3_64(fold(word).as_bytes()), ())).collect());

static EVIDENCE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut counts = vec![[0_u16; 2]; PLACES];
    let mut learn = |words: &str, class: usize| {
        for word in listed(words).map(fold) {
            if class == 1 || !ORDINARY_WORDS.contains_key(&xxh3_64(word.as_bytes())) {
                sequences(&word, |place| {
                    if let Some(count) = counts.get_mut(place).and_then(|counts| counts.get_mut(class)) {
                        *count = count.saturating_add(1);
                    }
                });
            }
        }
    };
    learn(GIVENS, 0);
    learn(SURNAMES, 0);
    learn(ORDINARY, 1);
    let sum =
        |class: usize| counts.iter().filter_map(|counts| counts.get(class)).map(|count| f32::from(*count)).sum::<f32>();
    let (names, words) = (sum(0), sum(1));
    counts
        .iter()
        .map(|[name, word]| {
            ((f32::from(*name) + 0.3) / (names + 300.0)).ln() - ((f32::from(*word) + 0.3) / (words + 300.0)).ln()
        })
        .collect()
});

fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// Places of a word's sequences of letters, its ends marked.
fn sequences(word: &str, mut see: impl FnMut(usize)) {
    let mut room = [b'^'; 32];
    let length = word.len() + 2;
    let Some(inner) = room.get_mut(1..=word.len()) else { return };
    inner.copy_from_slice(word.as_bytes());
    let Some(marked) = room.get_mut(..length) else { return };
    if let Some(last) = marked.last_mut() {
        *last = b'$';
    }
    for size in 2..=LETTERS_MAX {
        for sequence in marked.windows(size) {
            see(usize::try_from(xxh3_64(sequence) >> 7).unwrap_or(0) % PLACES);
        }
    }
}

/// Whether a folded word is in the list of ordinary words.
pub(crate) fn is_ordinary(folded: &str) -> bool {
    ORDINARY_WORDS.contains_key(&xxh3_64(folded.as_bytes()))
}

/// Whether a folded word, of Latin letters, looks like a name.
pub(crate) fn looks_like_name(folded: &str) -> bool {
    if !LENGTHS.contains(&folded.len()) || !folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let (mut sum, mut count) = (0.0_f32, 0.0_f32);
    sequences(folded, |place| {
        sum += EVIDENCE.get(place).copied().unwrap_or(0.0);
        count += 1.0;
    });
    sum > LEAST * count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{GIVEN, SURNAME, known};

    #[test]
    fn names_that_are_in_no_list_are_told_from_words_that_are_in_none() {
        let names = "thistlewood unkelbach stockelmaier wierzbowski ravenscroft larranaga quagliarella kjellberg vondrackova zwiefelhofer escoffier perestrelo hazelhoff";
        let unknown: Vec<&str> = names.split(' ').filter(|name| known(name) & (GIVEN | SURNAME) == 0).collect();
        let seen = unknown.iter().filter(|name| looks_like_name(name)).count();
        assert!(unknown.len() >= 6 && seen * 3 >= unknown.len(), "{seen} of {}", unknown.len());
        let words = "photovoltaic benchmarking interoperability metadata broadband desalination wastewater microplastics verkehrszahlen messwerte kohlendioxid";
        let wrong: Vec<&str> = words.split(' ').filter(|word| looks_like_name(word)).collect();
        assert!(wrong.len() <= 1, "{wrong:?}");
        assert!(is_ordinary("budget") && !is_ordinary("unkelbach"));
    }

    proptest::proptest! {
        #[test]
        fn any_word_is_judged(word in "\\PC{0,40}") {
            let _ = looks_like_name(&fold(&word));
        }
    }
}
