//! Characters to tokens.

use super::FILTER_BYTES_MAX;
use crate::error::{Fault, Located};

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Characters before it.
    pub(super) at: usize,
    /// Bytes before it.
    pub(super) byte: usize,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A bare word.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    /// Digits, without a sign.
    Number(String),
    /// A text in single quotes, taken out of them.
    Text(String),
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `(`, `)`, `,`, `+`, `-`, `*`, `/`, `%`, `^`
    Sign(&'static str),
    End,
}

impl TokenKind {
    /// As a person would name it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Quoted(name) => format!("`\"{name}\"`"),
            Self::Number(digits) => format!("`{digits}`"),
            Self::Text(text) => format!("'{}'", shortened(text)),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The first characters of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

const SIGNS: [&str; 16] = ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%", "^"];

/// Takes a filter apart; the last token is always `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Located> {
    if text.len() > FILTER_BYTES_MAX {
        let max = FILTER_BYTES_MAX as u64;
        return Err(Located {
            at: None,
            fault: Fault::Limit { name: "FILTER_BYTES_MAX", what: "bytes of filter", max },
        });
    }
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 0);
    loop {
        let trimmed = rest.trim_start();
        at += rest.get(..rest.len() - trimmed.len()).map_or(0, |blank| blank.chars().count());
        let byte = text.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else {
            tokens.push(Token { at, byte, kind: TokenKind::End });
            return Ok(tokens);
        };
        let (kind, length) = token(trimmed, first, at)?;
        let (read, after) = trimmed.split_at(length);
        tokens.push(Token { at, byte, kind });
        at += read.chars().count();
        rest = after;
    }
}

/// The token at the beginning and its length in bytes.
fn token(text: &str, first: char, at: usize) -> Result<(TokenKind, usize), Located> {
    if first == '\'' || first == '"' {
        let (inner, length) = quoted(text, first).ok_or_else(|| Located::new(at, Fault::Unclosed(first)))?;
        return Ok((if first == '"' { TokenKind::Quoted(inner) } else { TokenKind::Text(inner) }, length));
    }
    let second_is_digit = text.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    if first.is_ascii_digit() || (first == '.' && second_is_digit) {
        let length = number_length(text);
        return Ok((TokenKind::Number(text.get(..length).unwrap_or_default().to_owned()), length));
    }
    if first.is_alphabetic() || matches!(first, '_' | ':') {
        let length = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '.'))).unwrap_or(text.len());
        return Ok((TokenKind::Word(text.get(..length).unwrap_or_default().to_owned()), length));
    }
    match SIGNS.iter().find(|sign| text.starts_with(**sign)) {
        Some(&"!=") => Ok((TokenKind::Sign("<>"), 2)),
        Some(sign) => Ok((TokenKind::Sign(sign), sign.len())),
        None => Err(Located::new(
            at,
            Fault::Expected { expected: "a column, a value or a condition".to_owned(), found: format!("`{first}`") },
        )),
    }
}

/// A text in quotes; a doubled quote stands for one.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            inner.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            chars.next();
            inner.push(quote);
        } else {
            return Some((inner, at + 1));
        }
    }
    None
}

/// Digits, a point, digits, an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits_from = |from: usize| {
        from + bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = digits_from(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits_from(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let from = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(from).is_some_and(u8::is_ascii_digit) {
            end = digits_from(from);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_know_their_places_in_characters() {
        let found: Vec<_> =
            tokens("é >= 'it''s' AND \"x y\" <> -1.5e3").unwrap().into_iter().map(|t| (t.at, t.kind)).collect();
        assert_eq!(
            found,
            [
                (0, TokenKind::Word("é".to_owned())),
                (2, TokenKind::Sign(">=")),
                (5, TokenKind::Text("it's".to_owned())),
                (13, TokenKind::Word("AND".to_owned())),
                (17, TokenKind::Quoted("x y".to_owned())),
                (23, TokenKind::Sign("<>")),
                (26, TokenKind::Sign("-")),
                (27, TokenKind::Number("1.5e3".to_owned())),
                (32, TokenKind::End),
            ]
        );
    }

    #[test]
    fn what_is_no_token_is_refused_with_its_place() {
        assert_eq!(tokens("a = 'x").unwrap_err().at, Some(4));
        assert_eq!(tokens("a = 'x").unwrap_err().fault, Fault::Unclosed('\''));
        assert_eq!(tokens("a ; b").unwrap_err().at, Some(2));
        assert!(matches!(
            tokens(&"x".repeat(FILTER_BYTES_MAX + 1)).unwrap_err().fault,
            Fault::Limit { name: "FILTER_BYTES_MAX", .. }
        ));
    }
}
