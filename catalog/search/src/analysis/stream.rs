//! Analysed text on its way into the engine: one string of words that a tokenizer only has to cut.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Name of [`WeighedWords`] in the schema.
pub(crate) const WEIGHED_TOKENIZER: &str = "fairground_weighed";
/// Name of [`PlainWords`] in the schema.
pub(crate) const PLAIN_TOKENIZER: &str = "fairground_plain";

/// Before a weight: `\u{1}5` makes every later word count five times.
const WEIGHT_MARK: u8 = 1;
/// A gap that no phrase reaches over.
const GAP_MARK: u8 = 2;
/// Positions in a gap.
const GAP: usize = 64;

/// Builds the string.
#[derive(Debug, Default)]
pub(crate) struct Stream(String);

impl Stream {
    /// Sets how many times each later word counts, 1 to 9.
    pub(crate) fn weigh(&mut self, weight: u8) {
        self.0.push(char::from(WEIGHT_MARK));
        self.0.push(char::from(b'0' + weight.clamp(1, 9)));
        self.0.push(' ');
    }

    /// Keeps phrases from reaching from what was before into what comes.
    pub(crate) fn gap(&mut self) {
        self.0.push(char::from(GAP_MARK));
        self.0.push(' ');
    }

    /// Adds a word; it holds no space and no control character.
    pub(crate) fn word(&mut self, word: &str) {
        self.0.push_str(word);
        self.0.push(' ');
    }

    /// Adds a word under a mark, which keeps it apart from the same word under another.
    pub(crate) fn marked(&mut self, mark: char, word: &str) {
        self.0.push(mark);
        self.0.push('=');
        self.word(word);
    }

    /// Adds two words as one.
    pub(crate) fn joined(&mut self, one: &str, other: &str) {
        self.0.push_str(one);
        self.word(other);
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Cuts a [`Stream`] and repeats each word by its weight.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeighedWords {
    token: Token,
}

/// Cuts a [`Stream`] with positions, each word once.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlainWords {
    token: Token,
}

impl Tokenizer for WeighedWords {
    type TokenStream<'a> = Cut<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut<'a> {
        Cut::new(text, &mut self.token, true)
    }
}

impl Tokenizer for PlainWords {
    type TokenStream<'a> = Cut<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut<'a> {
        Cut::new(text, &mut self.token, false)
    }
}

/// The words of a [`Stream`], one after another.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    rest: std::str::Split<'a, char>,
    token: &'a mut Token,
    repeating: bool,
    weight: u8,
    left: u8,
    next_position: usize,
}

impl<'a> Cut<'a> {
    fn new(text: &'a str, token: &'a mut Token, repeating: bool) -> Self {
        token.reset();
        Self { rest: text.split(' '), token, repeating, weight: 1, left: 0, next_position: 0 }
    }
}

impl TokenStream for Cut<'_> {
    fn advance(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return true;
        }
        for piece in self.rest.by_ref() {
            match piece.as_bytes() {
                [] => {}
                [WEIGHT_MARK, digit] => self.weight = digit.saturating_sub(b'0').max(1),
                [GAP_MARK] => self.next_position += GAP,
                _ => {
                    self.token.text.clear();
                    self.token.text.push_str(piece);
                    self.token.position = self.next_position;
                    self.next_position += 1;
                    self.left = if self.repeating { self.weight - 1 } else { 0 };
                    return true;
                }
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(tokenizer: &mut impl Tokenizer, stream: Stream) -> Vec<(String, usize)> {
        let text = stream.into_string();
        let mut cut = tokenizer.token_stream(&text);
        let mut all = Vec::new();
        while cut.advance() {
            all.push((cut.token().text.clone(), cut.token().position));
        }
        all
    }

    fn stream() -> Stream {
        let mut stream = Stream::default();
        stream.weigh(2);
        stream.word("air");
        stream.gap();
        stream.weigh(1);
        stream.word("data");
        stream
    }

    #[test]
    fn a_weighed_word_is_repeated_in_place() {
        let words = cut(&mut WeighedWords::default(), stream());
        assert_eq!(words, [("air".to_owned(), 0), ("air".to_owned(), 0), ("data".to_owned(), 65)]);
    }

    #[test]
    fn a_plain_word_comes_once() {
        assert_eq!(cut(&mut PlainWords::default(), stream()).len(), 2);
    }
}
