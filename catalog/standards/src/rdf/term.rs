//! Terms as N-Triples writes them (RDF 1.1 N-Triples, section 2). Spooled blocks and raw records hold this text.

use std::borrow::Cow;

use oxrdf::{NamedOrBlankNodeRef, TermRef};

/// Characters that an IRI of N-Triples cannot hold as they are; lenient parsers let them through.
fn unfit_for_iri(c: char) -> bool {
    c <= ' ' || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\')
}

pub(crate) fn write_iri(iri: &str, out: &mut String) {
    out.push('<');
    if iri.contains(unfit_for_iri) {
        for c in iri.chars() {
            if unfit_for_iri(c) {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            } else {
                out.push(c);
            }
        }
    } else {
        out.push_str(iri);
    }
    out.push('>');
}

fn write_quoted(text: &str, out: &mut String) {
    let special = |c: char| c < ' ' || c == '"' || c == '\\' || c == '\u{7f}';
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = tail.chars();
        match chars.next() {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some(other) => out.push_str(&format!("\\u{:04X}", u32::from(other))),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// A subject; blank nodes of different parts are kept apart by `part`.
pub(crate) fn write_subject(subject: NamedOrBlankNodeRef<'_>, part: usize, out: &mut String) {
    match subject {
        NamedOrBlankNodeRef::NamedNode(node) => write_iri(node.as_str(), out),
        NamedOrBlankNodeRef::BlankNode(node) => write_blank(node.as_str(), part, out),
    }
}

fn write_blank(label: &str, part: usize, out: &mut String) {
    out.push_str("_:");
    if part > 0 {
        out.push_str(&format!("p{part}x"));
    }
    out.push_str(label);
}

pub(crate) fn write_object(object: TermRef<'_>, part: usize, out: &mut String) {
    match object {
        TermRef::NamedNode(node) => write_iri(node.as_str(), out),
        TermRef::BlankNode(node) => write_blank(node.as_str(), part, out),
        TermRef::Literal(literal) => {
            write_quoted(literal.value(), out);
            if let Some(language) = literal.language() {
                out.push('@');
                out.push_str(language);
            } else if literal.datatype() != oxrdf::vocab::xsd::STRING {
                out.push_str("^^");
                write_iri(literal.datatype().as_str(), out);
            }
        }
    }
}

/// A subject or object that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term<'a> {
    Iri(Cow<'a, str>),
    /// With its `_:`.
    Blank(&'a str),
    Literal {
        value: Cow<'a, str>,
        language: Option<&'a str>,
        datatype: Option<&'a str>,
    },
}

impl Term<'_> {
    /// The text of an IRI or literal.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Iri(text) | Self::Literal { value: text, .. } => Some(text),
            Self::Blank(_) => None,
        }
    }
}

/// `text` split after its first term; white space is one space, as we write it.
pub(crate) fn split_term(text: &str) -> Option<(&str, &str)> {
    let end = match text.as_bytes().first()? {
        b'<' => text.find('>')? + 1,
        b'_' => text.find(' ').unwrap_or(text.len()),
        b'"' => {
            let mut at = 1;
            loop {
                let stop = at + memchr::memchr2(b'"', b'\\', text.as_bytes().get(at..)?)?;
                if text.as_bytes().get(stop) == Some(&b'"') {
                    break suffix_end(text, stop + 1)?;
                }
                at = stop + 2;
            }
        }
        _ => return None,
    };
    Some((text.get(..end)?, text.get(end..)?.trim_start()))
}

/// The end of `@en` or `^^<iri>` after a closing quote.
fn suffix_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    Some(if rest.starts_with('@') {
        at + rest.find(' ').unwrap_or(rest.len())
    } else if rest.starts_with("^^<") {
        at + rest.find('>')? + 1
    } else {
        at
    })
}

/// Reads one term that [`split_term`] cut out.
pub(crate) fn parse_term(text: &str) -> Option<Term<'_>> {
    if let Some(iri) = text.strip_prefix('<') {
        return Some(Term::Iri(unescaped(iri.strip_suffix('>')?)));
    }
    if text.starts_with("_:") {
        return Some(Term::Blank(text));
    }
    let close = text.rfind('"').filter(|at| *at > 0)?;
    let value = unescaped(text.get(1..close)?);
    let suffix = text.get(close + 1..)?;
    Some(Term::Literal {
        value,
        language: suffix.strip_prefix('@'),
        datatype: suffix.strip_prefix("^^<").and_then(|it| it.strip_suffix('>')),
    })
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1..).unwrap_or_default();
        let (digits, after) = match escape.as_bytes().first() {
            Some(b'u') => (escape.get(1..5), 5),
            Some(b'U') => (escape.get(1..9), 9),
            _ => (None, 1),
        };
        match (digits, escape.chars().next()) {
            (Some(digits), _) => {
                let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (None, Some('n')) => out.push('\n'),
            (None, Some('r')) => out.push('\r'),
            (None, Some('t')) => out.push('\t'),
            (None, Some('b')) => out.push('\u{8}'),
            (None, Some('f')) => out.push('\u{c}'),
            (None, Some(other)) => out.push(other),
            (None, None) => {}
        }
        rest = escape.get(after..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use oxrdf::{Literal, NamedNodeRef};

    use super::*;

    #[test]
    fn terms_read_back_as_written() {
        for (value, language) in
            [("a \"b\" \\ c\nd\te\u{1}", None), ("Straße > <", Some("de")), ("", None), ("\\u0041", None)]
        {
            let literal = match language {
                Some(tag) => Literal::new_language_tagged_literal_unchecked(value, tag),
                None => Literal::new_simple_literal(value),
            };
            let mut text = String::new();
            write_object(literal.as_ref().into(), 0, &mut text);
            let line = format!("{text} .");
            let (term, rest) = split_term(&line).expect("one term");
            assert_eq!(rest, ".");
            assert_eq!(
                parse_term(term),
                Some(Term::Literal { value: value.into(), language, datatype: None }),
                "{text}"
            );
        }
        let mut text = String::new();
        write_object(NamedNodeRef::new_unchecked("http://a/b c>").into(), 0, &mut text);
        assert_eq!(text, "<http://a/b\\u0020c\\u003E>");
        assert_eq!(parse_term(&text), Some(Term::Iri("http://a/b c>".into())));
    }
}
