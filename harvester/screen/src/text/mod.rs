//! Sentences: names, contacts and numbers within running text.

mod number;
mod place;
mod run;

use crate::cell::{Sign, Traits};
use crate::fold::fold;
use crate::names::{BEFORE_ADDRESS, COMMON, GIVEN, LISTED, NAME_WORD, SELF, SURNAME, TITLE};
use crate::value::email;
use crate::word::Word;

use run::Run;

/// Words of a text that are looked at together.
const WINDOW: usize = 8;
/// Numbers that may stand together.
const NUMBERS_MAX: usize = 7;
/// E-mail addresses of a text whose mailboxes are compared with its names.
const MAILBOXES_MAX: usize = 8;

/// What is known of the words before, the last one at the end.
#[derive(Default)]
struct Recent([Word; WINDOW]);

impl Recent {
    fn push(&mut self, word: Word) {
        self.0.rotate_left(1);
        if let Some(last) = self.0.last_mut() {
            *last = word;
        }
    }

    fn last(&self) -> Word {
        self.0.last().copied().unwrap_or_default()
    }

    /// Whether one of the last words has one of the flags.
    fn has(&self, back: usize, flags: u32) -> bool {
        self.0.iter().rev().take(back).any(|word| word.is(flags))
    }
}

/// The last words as they are written, the very last one at the end.
#[derive(Default)]
struct Tail<'a> {
    words: [&'a str; WINDOW],
    count: usize,
}

impl<'a> Tail<'a> {
    fn push(&mut self, word: &'a str) {
        if self.count == WINDOW {
            self.words.rotate_left(1);
            self.count -= 1;
        }
        if let Some(room) = self.words.get_mut(self.count) {
            *room = word;
            self.count += 1;
        }
    }

    fn words(&self) -> &[&'a str] {
        self.words.get(..self.count).unwrap_or_default()
    }
}

/// Numbers that stand together, and where they begin.
#[derive(Default)]
struct Numbers<'a> {
    words: [&'a str; NUMBERS_MAX],
    count: usize,
    at: usize,
    /// One of them could be somebody's telephone number.
    dialled: bool,
}

impl<'a> Numbers<'a> {
    /// Whether there is no room for another one.
    fn push(&mut self, at: usize, word: &'a str) -> bool {
        if self.count == 0 {
            self.at = at;
        }
        if let Some(room) = self.words.get_mut(self.count) {
            *room = word;
            self.count += 1;
        }
        self.count == NUMBERS_MAX
    }

    /// Judges them and forgets them.
    fn end(&mut self, text: &str, before: &Recent, traits: &mut Traits) {
        if self.count > 0 {
            let words = self.words.get(..self.count).unwrap_or_default();
            self.dialled |= number::look_at_numbers(text, self.at, words, before, traits);
            self.count = 0;
        }
    }
}

/// Looks through a text.
pub(crate) fn look(text: &str, traits: &mut Traits) {
    let mut before = Recent::default();
    let mut run = Run::default();
    let mut numbers = Numbers::default();
    let mut tail = Tail::default();
    let mut sentence = true;
    let mailboxes = mailboxes(text, traits);
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase()) && !text.chars().any(char::is_uppercase);
    let mut lower_given = false;
    let (mut hint, mut digits_near) = (0_u32, 0_u32);
    let mut after_number = false;
    for (at, raw, begins) in words_of(text) {
        if begins {
            run.end(Word::default(), &mailboxes, traits);
            run.forget();
            numbers.end(text, &before, traits);
            tail.count = 0;
            sentence = true;
            after_number = false;
        }
        let word = bare(raw);
        if word.is_empty() {
            if raw == "&" {
                run.beside_ampersand();
            }
            run.end(Word::default(), &mailboxes, traits);
            continue;
        }
        let facts = Word::of(word);
        if lower {
            let bare = word.strip_suffix("'s").map_or(facts, Word::of);
            let family = bare.is(SURNAME)
                || (!bare.is(LISTED) && word.len() >= 6 && bare.has(Word::SURNAME_LIKE | Word::NAME_LIKE));
            let given = bare.is(GIVEN) && word.len() >= 3 && !bare.is(COMMON);
            if (lower_given && family) || (given && before.has(2, NAME_WORD | SELF)) {
                traits.add(Sign::TextName);
            }
            lower_given = given;
        }
        hint = if facts.is(BEFORE_ADDRESS) { 9 } else { hint.saturating_sub(1) };
        // A street and its number stand within five words.
        digits_near = if facts.has(Word::DIGIT) { 5 } else { digits_near.saturating_sub(1) };
        tail.push(raw);
        let first = word.bytes().next().unwrap_or(b' ');
        if first.is_ascii_digit() || first == b'+' || (first == b'(' && facts.has(Word::DIGIT)) {
            if !run.is_empty() && place::is_short_number(word) {
                run.beside_number();
            }
            after_number = place::is_short_number(raw);
            run.end(Word::default(), &mailboxes, traits);
            let number = without_label_behind(word);
            if numbers.push(at, number) || number.len() < word.len() || raw.ends_with([',', ';']) {
                numbers.end(text, &before, traits);
            }
        } else {
            numbers.end(text, &before, traits);
            run.see(raw, word, &before, sentence, &mailboxes, traits);
            if std::mem::take(&mut after_number) && !run.is_empty() {
                run.beside_number();
            }
            if facts.has(Word::DIGIT) {
                number::look_at_code(word, text, at, &before, traits);
            }
            before.push(facts);
        }
        if facts.has(Word::INTIMATE) {
            traits.add(Sign::TextIntimate);
        }
        if digits_near > 0 && !traits.has(Sign::TextAddress) && place::is_address(tail.words(), facts, hint) {
            traits.add(Sign::TextAddress);
        }
        let end = raw.bytes().last().unwrap_or(b' ');
        sentence = matches!(end, b'.' | b'!' | b'?' | b':') && !facts.has(Word::INITIAL) && !facts.is(TITLE);
        if sentence || matches!(end, b',' | b';' | b')' | b'"') {
            run.end(Word::default(), &mailboxes, traits);
        }
        match end {
            b',' => run.behind_comma(),
            _ if sentence || matches!(end, b';' | b')' | b'"') => run.forget(),
            _ => {}
        }
    }
    numbers.end(text, &before, traits);
    run.end(Word::default(), &mailboxes, traits);
    if traits.has(Sign::EmailPersonal) {
        traits.add(Sign::TextEmail);
    }
    // What could be anything is a telephone number beside a person's name.
    if numbers.dialled && traits.has(Sign::TextName) {
        traits.add(Sign::TextPhone);
    }
}

/// What stands before the `@` in the text's e-mail addresses, folded.
fn mailboxes(text: &str, traits: &Traits) -> String {
    if !traits.has(Sign::Email) {
        return String::new();
    }
    memchr::memchr_iter(b'@', text.as_bytes())
        .take(MAILBOXES_MAX)
        .filter_map(|at| email::around(text, at)?.rsplit_once('@'))
        .map(|(local, _)| fold(local))
        .collect()
}

/// A word without the signs around it that are no part of a number.
fn bare(raw: &str) -> &str {
    let plain = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    if plain(raw.bytes().next()) && plain(raw.bytes().last()) {
        return raw;
    }
    raw.trim_matches(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '+' | '(' | '#' | '@' | ')'))
}

/// `7641-Office`, `0123(home)`: the number without the word that is tied to it.
fn without_label_behind(word: &str) -> &str {
    let Some(at) = word.find(char::is_alphabetic) else { return word };
    let (number, label) = word.split_at(at);
    let letters = label.chars().take_while(|sign| sign.is_alphabetic()).count();
    let whole = label.chars().nth(letters).is_none_or(|sign| !sign.is_ascii_digit());
    let tied = letters >= LABEL_LETTERS && whole && number.ends_with(['-', '(', '/', '[']);
    if tied { number.trim_end_matches(['-', '(', '/', '[']) } else { word }
}

/// Letters of the shortest word that may be tied to a number: `Fax`.
const LABEL_LETTERS: usize = 3;

/// Words with their places, and whether each begins a line.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let bytes = text.as_bytes();
    let (mut at, mut begins) = (0, true);
    std::iter::from_fn(move || {
        // Blanks, and what ends a line.
        loop {
            match *bytes.get(at)? {
                b'\n' | b'|' => {
                    begins = true;
                    at += 1;
                }
                b' ' | b'\t' | b'\r' => at += 1,
                0xc2 if bytes.get(at + 1) == Some(&0xa0) => at += 2,
                _ => break,
            }
        }
        let from = at;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'|' => break,
                0xc2 if bytes.get(at + 1) == Some(&0xa0) => break,
                _ => at += 1,
            }
        }
        let word = (from, text.get(from..at)?, begins);
        begins = false;
        Some(word)
    })
}

#[cfg(test)]
mod tests;
