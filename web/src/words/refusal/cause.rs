//! Why something failed, said together with what lies within: the reason in `not a table: {}`, and what follows in a chain of causes
//! (`outer: inner`). Whatever is not ours stays as it stands: a server's words, names, addresses.

use super::load::LOADS;
use super::part::PARTS;
use super::places;
use crate::words::{Language, capitalised};

/// Keys of messages, each with the English text that it says.
type Texts = &'static [(&'static str, &'static str)];

/// How deep texts within texts are looked for.
const DEPTH_MAX: u8 = 4;
/// A text with fewer characters of its own could be anybody's words: what fills it must be known as well, or a number.
const SHORT: usize = 16;

/// A text that is known: the key of its message, and what fills its places, each with whether it is a name.
pub(super) struct Known<'a> {
    pub(super) key: &'static str,
    given: Vec<(&'a str, bool)>,
}

impl Language {
    /// Why something failed, in this language, where there is a message for it; with a capital where the English has one.
    pub(super) fn cause(self, english: &str) -> Option<String> {
        let said = match find(english, &[LOADS]) {
            Some(known) => self.filled(&known, 0),
            None => {
                let (head, cause) = english.split_once(": ")?;
                let head = self.filled(&find(head, &[LOADS])?, 0);
                self.chain(&head, &self.within(cause, 1).unwrap_or_else(|| cause.to_owned()))
            }
        };
        Some(if english.starts_with(char::is_uppercase) { capitalised(&said) } else { said })
    }

    /// What fills a place or follows in a chain, where anything of it is known.
    pub(super) fn within(self, text: &str, depth: u8) -> Option<String> {
        if depth > DEPTH_MAX {
            return None;
        }
        if let Some(known) = find(text, &[LOADS, PARTS]) {
            return Some(self.filled(&known, depth));
        }
        self.with_remarks(text, depth).or_else(|| {
            let (head, cause) = text.split_once(": ")?;
            let inner = find(cause, &[LOADS]).map(|known| self.filled(&known, depth));
            let inner = inner.or_else(|| self.within(cause, depth + 1).filter(|_| cause.contains(": ")));
            match (find(head, &[LOADS]), inner) {
                (None, None) => None,
                (None, Some(inner)) => Some(format!("{head}: {inner}")),
                (Some(known), inner) => {
                    Some(self.chain(&self.filled(&known, depth), &inner.unwrap_or_else(|| cause.to_owned())))
                }
            }
        })
    }

    /// `there is no dataset in it (one remark; another)`.
    fn with_remarks(self, text: &str, depth: u8) -> Option<String> {
        let (head, remarks) = text.strip_suffix(')')?.split_once(" (")?;
        let head = self.filled(&find(head, &[PARTS])?, depth);
        let each: Option<Vec<String>> = remarks.split("; ").map(|one| self.within(one, depth + 1)).collect();
        let said = each.map(|each| each.join("; ")).or_else(|| self.within(remarks, depth + 1));
        Some(format!("{head} ({})", said.unwrap_or_else(|| remarks.to_owned())))
    }

    fn chain(self, head: &str, cause: &str) -> String {
        self.said("words-load-chain", &[head, cause]).text()
    }

    fn filled(self, known: &Known<'_>, depth: u8) -> String {
        let inner = |one: &str| self.within(one, depth + 1).unwrap_or_else(|| one.to_owned());
        let given = known.given.iter().map(|(one, is_name)| if *is_name { (*one).to_owned() } else { inner(one) });
        let given: Vec<String> = given.collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        self.said(known.key, &given).text()
    }
}

/// The text that says most of it by itself; one that begins with a place of its own only where no other fits.
pub(super) fn find<'a>(text: &'a str, among: &[Texts]) -> Option<Known<'a>> {
    let all = among.iter().flat_map(|texts| texts.iter());
    let fitting = all.filter_map(|&(key, pattern)| Some((pattern, Known { key, given: fitting(pattern, text)? })));
    fitting.max_by_key(|(pattern, _)| (!pattern.starts_with("{}"), own(pattern))).map(|(_, known)| known)
}

/// What fills a pattern's places, each with whether it is a name, when the text is one of its kind.
fn fitting<'a>(pattern: &str, text: &'a str) -> Option<Vec<(&'a str, bool)>> {
    let mut filled = Vec::new();
    for (at, (before, one)) in pattern.split("{}").zip(places(pattern, text)?).enumerate() {
        let is_marked = before.rsplit(' ').next().is_some_and(|word| word.starts_with(['`', '“']));
        let is_name = is_marked || before.ends_with("field ");
        let is_open = before.ends_with(": ") || before.ends_with('(');
        let begins = at == 0 && before.is_empty();
        let must_be_known = !is_name && (begins || (own(pattern) < SHORT && !is_open));
        if (is_marked && one.contains('`')) || (must_be_known && !is_number(one) && find(one, &[PARTS]).is_none()) {
            return None;
        }
        filled.push((one, is_name));
    }
    Some(filled)
}

/// How many characters of a pattern are its own.
fn own(pattern: &str) -> usize {
    pattern.len() - 2 * pattern.matches("{}").count()
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
}
