//! Streets and numbers within running text.

use super::WINDOW;
use crate::names::{STREET, STREET_FIRST, UNIT};
use crate::value::address;
use crate::word::Word;

/// Whether the last words are an address, or, soon after a hint such as `lives`, part of one.
pub(super) fn is_address(tail: &[&str], last: Word, hint: u32) -> bool {
    tail.len() >= 2 && (is_here(tail, last) || is_hinted(tail, hint))
}

/// Whether a number could be that of a house, and nothing stands behind it: `12`, not `12.` nor `1984`.
pub(super) fn is_short_number(word: &str) -> bool {
    word.len() <= 5
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && !(word.len() == 4 && word.starts_with(['1', '2']))
}

fn is_here(tail: &[&str], facts: Word) -> bool {
    // `66, rue de Georges`, `12 avenue Foch`
    let french = tail
        .iter()
        .zip(tail.iter().skip(1))
        .any(|(number, street)| address::is_house_number(number) && Word::of(street).is(STREET_FIRST));
    if french && facts.has(Word::CAPITAL) && !facts.is(STREET_FIRST) {
        return true;
    }
    // The window ends with the number (Via Roma 5) or begins with it (12 High Street).
    let numbered = tail.last().is_some_and(|last| address::is_house_number(last));
    if !numbered && !facts.is(STREET) {
        return false;
    }
    let mut room = [""; WINDOW];
    for (to, word) in room.iter_mut().zip(tail) {
        *to = word.trim_end_matches(['.', ',', ';', ':']);
    }
    let clean = room.get(..tail.len()).unwrap_or_default();
    let last = clean.last().copied().unwrap_or_default();
    let near = clean.get(clean.len().saturating_sub(5)..).unwrap_or_default();
    if address::is_house_number(last) {
        return near.len() >= 2 && capital(near.get(near.len() - 2)) && address::words_are_address(near);
    }
    let Some(number) = near.iter().position(|word| address::is_house_number(word)) else { return false };
    let rest = near.get(number + 1..).unwrap_or_default();
    rest.len() >= 2
        && rest.iter().all(|word| capital(Some(word)))
        && last.len() > 1
        && address::words_are_address(near.get(number..).unwrap_or_default())
}

/// A flat or suite with its number; or, soon after `lives` or `address`, a capitalised word beside a number.
fn is_hinted(tail: &[&str], hint: u32) -> bool {
    let [.., before, last] = tail else { return false };
    if address::is_house_number(last) && Word::of(before.trim_matches(|sign: char| !sign.is_alphanumeric())).is(UNIT) {
        return true;
    }
    if hint == 0 {
        return false;
    }
    let near = tail.get(tail.len().saturating_sub(4)..).unwrap_or_default();
    let word = |word: &&str| word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() > 2;
    near.iter().any(|other| address::is_house_number(other)) && near.iter().any(word)
}

fn capital(word: Option<&&str>) -> bool {
    word.and_then(|word| word.chars().next()).is_some_and(|first| first.is_uppercase() || first.is_ascii_digit())
}
