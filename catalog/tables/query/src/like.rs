//! Patterns of `like` (OGC CQL2, section 7.2): taken apart once, matched without going back over what was decided.
//!
//! Between two runs (`%`) stands a segment of characters and single wildcards. The first segment must open the text and the
//! last one close it; each other is taken at its first place after the one before, which is as good as any later place. So
//! the work is at most length of text × length of the longest segment.

use crate::plan::{LikePattern, LikePiece};
use crate::words::fold_by;

/// Characters of a pattern at most.
pub const LIKE_CHARS_MAX: usize = 1_000;

impl LikePattern {
    /// Takes a pattern apart: `%` any run, `_` any one character, `\` takes the next character literally (at the end of
    /// the pattern it stands for itself). Literal pieces are folded as asked.
    #[must_use]
    pub fn parse(text: &str, ignore_case: bool, ignore_accents: bool) -> Self {
        let mut pattern = Self { pieces: Vec::new(), ignore_case, ignore_accents };
        let mut literal = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => {
                    pattern.push_literal(&mut literal);
                    if pattern.pieces.last() != Some(&LikePiece::Run) {
                        pattern.pieces.push(LikePiece::Run);
                    }
                }
                '_' => {
                    pattern.push_literal(&mut literal);
                    pattern.push_one();
                }
                '\\' => literal.push(chars.next().unwrap_or('\\')),
                other => literal.push(other),
            }
        }
        pattern.push_literal(&mut literal);
        pattern
    }

    /// A pattern that only this text matches.
    #[must_use]
    pub fn exactly(text: &str, ignore_case: bool, ignore_accents: bool) -> Self {
        let mut pattern = Self { pieces: Vec::new(), ignore_case, ignore_accents };
        pattern.push_literal(&mut text.to_owned());
        pattern
    }

    fn push_literal(&mut self, literal: &mut String) {
        let folded = fold_by(literal, self.ignore_case, self.ignore_accents).into_owned();
        literal.clear();
        if !folded.is_empty() {
            self.pieces.push(LikePiece::Literal(folded));
        }
    }

    /// `%_` and `_%` say the same; the one goes first, so that equal patterns are equal.
    fn push_one(&mut self) {
        if self.pieces.last() == Some(&LikePiece::Run) {
            self.pieces.pop();
            self.pieces.push(LikePiece::One);
            self.pieces.push(LikePiece::Run);
        } else {
            self.pieces.push(LikePiece::One);
        }
    }

    /// The pattern as it would be written, folded as it is.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                LikePiece::One => text.push('_'),
                LikePiece::Run => text.push('%'),
                LikePiece::Literal(literal) => {
                    for c in literal.chars() {
                        if matches!(c, '%' | '_' | '\\') {
                            text.push('\\');
                        }
                        text.push(c);
                    }
                }
            }
        }
        text
    }

    /// Whether a text matches as it stands in the row; it is folded here.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.matches_folded(&fold_by(text, self.ignore_case, self.ignore_accents))
    }

    /// Whether a text that is folded already (as [`fold_by`] does) matches.
    #[must_use]
    pub fn matches_folded(&self, text: &str) -> bool {
        let mut segments = self.pieces.split(|piece| *piece == LikePiece::Run);
        let Some(first) = segments.next() else { return text.is_empty() };
        let Some(mut rest) = strip(text, first) else { return false };
        let Some(last) = segments.next_back() else { return rest.is_empty() };
        for segment in segments {
            match find(rest, segment) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        ends_with(rest, last)
    }
}

/// The text after the segment at its beginning.
fn strip<'a>(text: &'a str, segment: &[LikePiece]) -> Option<&'a str> {
    segment.iter().try_fold(text, |rest, piece| match piece {
        LikePiece::Literal(literal) => rest.strip_prefix(literal.as_str()),
        LikePiece::One => {
            let mut chars = rest.chars();
            chars.next().map(|_| chars.as_str())
        }
        LikePiece::Run => None,
    })
}

/// The text after the segment's first place.
fn find<'a>(text: &'a str, segment: &[LikePiece]) -> Option<&'a str> {
    if let [LikePiece::Literal(literal)] = segment {
        return text.find(literal.as_str()).and_then(|at| text.get(at + literal.len()..));
    }
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(at, _)| at).chain(ends).find_map(|at| strip(text.get(at..)?, segment))
}

fn ends_with(text: &str, segment: &[LikePiece]) -> bool {
    segment
        .iter()
        .rev()
        .try_fold(text, |rest, piece| match piece {
            LikePiece::Literal(literal) => rest.strip_suffix(literal.as_str()),
            LikePiece::One => {
                let mut chars = rest.chars();
                chars.next_back().map(|_| chars.as_str())
            }
            LikePiece::Run => None,
        })
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_as_the_standard_says() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("%", "anything", true),
            ("_", "é", true),
            ("_", "", false),
            ("a%", "abc", true),
            ("a%", "ba", false),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a%b%c", "a1b2c", true),
            ("a%b%c", "a1c2b", false),
            ("a%a", "a", false),
            ("_%_", "a", false),
            ("_%_", "ab", true),
            ("%_b%", "b", false),
            ("%_b%", "ab", true),
            (r"100\%", "100%", true),
            (r"100\%", "1000", false),
            (r"a\_b", "a_b", true),
            (r"a\_b", "axb", false),
            (r"a\", r"a\", true),
            ("A%", "abc", false),
        ] {
            assert_eq!(LikePattern::parse(pattern, false, false).matches(text), expected, "{pattern} on {text}");
        }
        assert!(LikePattern::parse("ÉT%", true, false).matches("été"));
        assert!(!LikePattern::parse("ET%", true, false).matches("été"));
        assert!(LikePattern::parse("ET%", true, true).matches("été"));
        assert!(!LikePattern::parse("ET%", false, true).matches("été"));
    }

    #[test]
    fn a_pattern_made_to_go_back_is_answered_at_once() {
        let pattern = LikePattern::parse(&"a%".repeat(400), false, false);
        assert!(!pattern.matches(&format!("{}b", "a".repeat(399))));
        let ones = LikePattern::parse(&format!("%{}b%", "_".repeat(900)), false, false);
        assert!(!ones.matches(&"a".repeat(5_000)));
    }

    /// The definition, by going back: exponential, so for short texts only.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('%', rest)), _) => (0..=text.len()).any(|skip| by_definition(rest, &text[skip..])),
            (Some(('_', rest)), Some((_, after))) => by_definition(rest, after),
            (Some((c, rest)), Some((d, after))) => c == d && by_definition(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn the_matcher_agrees_with_the_definition(pattern in "[ab%_]{0,8}", text in "[ab]{0,10}") {
            let chars: Vec<char> = pattern.chars().collect();
            let letters: Vec<char> = text.chars().collect();
            let parsed = LikePattern::parse(&pattern, false, false);
            prop_assert_eq!(parsed.matches(&text), by_definition(&chars, &letters));
            prop_assert_eq!(LikePattern::parse(&parsed.to_text(), false, false), parsed);
        }
    }
}
