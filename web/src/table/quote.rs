//! Texts as the literals of other languages, so that a sample runs whatever a table holds.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const UNSAFE_IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Words that CQL2 reserves: a column of such a name stands in quotes (OGC 21-065r2, annex B).
const CQL2_WORDS: [&str; 25] = [
    "accenti",
    "and",
    "avg",
    "bbox",
    "between",
    "casei",
    "date",
    "div",
    "false",
    "geometrycollection",
    "in",
    "interval",
    "is",
    "like",
    "linestring",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "not",
    "null",
    "or",
    "point",
    "polygon",
    "timestamp",
    "true",
];
/// Words of R that are no names.
const R_WORDS: [&str; 12] =
    ["if", "else", "repeat", "while", "function", "for", "next", "break", "in", "true", "false", "null"];

/// Characters that make text look other than it is: they turn its direction or take no place.
#[must_use]
pub(super) fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A part of a query string (RFC 3986, section 3.4).
#[must_use]
pub(super) fn query(text: &str) -> String {
    utf8_percent_encode(text, UNSAFE_IN_QUERY).to_string()
}

/// A word of a POSIX shell: nothing means anything within single quotes but the quote itself.
#[must_use]
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string of Python, JavaScript or R: all three read these escapes alike.
#[must_use]
pub(super) fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() || is_deceptive(c) => literal.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A text literal of Power Query's language M (language specification, "Text literals"): quotes are doubled, and `#(` begins
/// an escape.
#[must_use]
pub(super) fn m_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => literal.push_str("\"\""),
            '#' if chars.peek() == Some(&'(') => literal.push_str("#(#)"),
            c if c.is_control() || is_deceptive(c) => literal.push_str(&format!("#({:04x})", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A text literal of OGC CQL2 (its quote is doubled).
#[must_use]
pub(super) fn cql2(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A column's name in a CQL2 filter.
#[must_use]
pub(super) fn cql2_name(name: &str) -> String {
    if is_plain(name) && !CQL2_WORDS.contains(&name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A name of an argument in R: in backticks where it is not one by itself.
#[must_use]
pub(super) fn r_name(name: &str) -> String {
    if is_plain(name) && !name.starts_with('_') && !R_WORDS.contains(&name) {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
    }
}

/// A field's name in M, quoted so that no keyword is in the way.
#[must_use]
pub(super) fn m_name(name: &str) -> String {
    format!("#{}", m_text(name))
}

/// What a key of an object may look like without quotes, in every language here.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_within_their_literals() {
        for (text, in_shell, in_string, in_m, in_cql2) in [
            ("plain", "'plain'", "\"plain\"", "\"plain\"", "'plain'"),
            ("King's", r"'King'\''s'", "\"King's\"", "\"King's\"", "'King''s'"),
            ("a\"b", "'a\"b'", "\"a\\\"b\"", "\"a\"\"b\"", "'a\"b'"),
            ("a\\b", r"'a\b'", r#""a\\b""#, r#""a\b""#, r"'a\b'"),
            ("$(rm -rf /) `x`", "'$(rm -rf /) `x`'", "\"$(rm -rf /) `x`\"", "\"$(rm -rf /) `x`\"", "'$(rm -rf /) `x`'"),
            ("#(cr)", "'#(cr)'", "\"#(cr)\"", "\"#(#)(cr)\"", "'#(cr)'"),
            ("a\nb", "'a\nb'", "\"a\\nb\"", "\"a#(000a)b\"", "'a\nb'"),
            ("\u{202e}", "'\u{202e}'", "\"\\u202e\"", "\"#(202e)\"", "'\u{202e}'"),
            ("São 🚲", "'São 🚲'", "\"São 🚲\"", "\"São 🚲\"", "'São 🚲'"),
        ] {
            let all = (shell(text), string(text), m_text(text), cql2(text));
            assert_eq!(all, (in_shell.into(), in_string.into(), in_m.into(), in_cql2.into()), "{text}");
        }
        assert_eq!(query("a b&c=d+e%/é"), "a%20b%26c%3Dd%2Be%25%2F%C3%A9");
    }

    #[test]
    fn names_are_quoted_where_a_language_needs_it() {
        for (name, in_cql2, in_r, in_m) in [
            ("station", "station", "station", "#\"station\""),
            ("date", "\"date\"", "date", "#\"date\""),
            ("next", "next", "`next`", "#\"next\""),
            ("_id", "_id", "`_id`", "#\"_id\""),
            ("a\"b`c", "\"a\"\"b`c\"", "`a\"b\\`c`", "#\"a\"\"b`c\""),
        ] {
            assert_eq!((cql2_name(name), r_name(name), m_name(name)), (in_cql2.into(), in_r.into(), in_m.into()));
        }
    }
}
