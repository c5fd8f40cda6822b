//! JSON objects as catalogues write them: nothing empty, and what several formats share.

use fairground_domain::Concept;
use serde_json::{Map, Value};

use super::authority;
use super::publish::proper_iri;

/// A JSON object that takes nothing empty.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn put(&mut self, key: &str, value: Value) {
        if !value.is_null() {
            self.0.insert(key.to_owned(), value);
        }
    }

    pub(super) fn text(&mut self, key: &str, text: Option<&str>) {
        self.put(
            key,
            text.filter(|text| !text.trim().is_empty()).map_or(Value::Null, |text| Value::String(text.to_owned())),
        );
    }

    pub(super) fn list(&mut self, key: &str, values: impl Iterator<Item = Value>) {
        let all: Vec<Value> = values.filter(|value| !value.is_null()).collect();
        if !all.is_empty() {
            self.put(key, Value::Array(all));
        }
    }
}

/// The first so many characters, with an ellipsis when there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut start: String = text.chars().take(most.saturating_sub(1)).collect();
    start.push('…');
    start
}

/// An absolute URI (RFC 3986): an IRI without letters beyond ASCII.
pub(super) fn is_uri(text: &str) -> bool {
    text.is_ascii() && proper_iri(text).as_deref() == Some(text)
}

/// The text as an absolute URI, letters beyond ASCII encoded (RFC 3987, section 3.1).
pub(super) fn to_uri(text: &str) -> Option<String> {
    use std::fmt::Write as _;

    let iri = proper_iri(text)?;
    let mut uri = String::with_capacity(iri.len());
    for byte in iri.bytes() {
        if byte.is_ascii() {
            uri.push(char::from(byte));
        } else {
            // Writing into memory does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    is_uri(&uri).then_some(uri)
}

/// A mailbox as `mailto:` wants it; `None` for what DCAT-US' schemas would refuse.
pub(super) fn mailto(email: &str) -> Option<String> {
    let (local, domain) = email.split_once('@')?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let sound = !local.is_empty()
        && local.chars().all(|c| word(c) || "~!$&'()*+,;=:".contains(c))
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && domain.chars().all(word);
    sound.then(|| format!("mailto:{email}"))
}

/// What concepts are called, each name once.
pub(super) fn labels(concepts: &[Concept]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for concept in concepts {
        let own = concept.label.any().trim();
        let name = match (&concept.iri, own) {
            (Some(iri), "") => authority::label(iri).map_or_else(|| authority::tail(iri), str::to_owned),
            (_, own) => own.to_owned(),
        };
        if !name.is_empty() && !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_have_the_form_of_the_schema() {
        for (email, is) in [
            ("a.b@c.example", true),
            ("o'neil+x@c.example", true),
            ("a@b", false),
            ("a b@c.example", false),
            ("ä@c.example", false),
        ] {
            assert_eq!(mailto(email).is_some(), is, "{email}");
        }
    }

    #[test]
    fn long_texts_end_in_an_ellipsis() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
