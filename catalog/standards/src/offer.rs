//! What a portal offers of its own beside the publisher's files, and how it is told from them when it is read.
//!
//! A portal that makes tables of files publishes them as distributions ([`crate::write::with_tables`]). Each says from which file it
//! was made (`prov:wasDerivedFrom`) and by which service it is served. Where the file itself is listed as well, whoever
//! harvests has it already; kept, the same data would be there twice, and with every further portal once more.

use fairground_domain::{DatasetDraft, Distribution};
use serde_json::Value;

/// The property by which such a distribution names the file that it was made from, in every format.
pub(crate) const DERIVED_FROM: &str = "prov:wasDerivedFrom";
/// How formats without data services name the one that serves a distribution.
pub(crate) const SERVED_BY: &str = "accessService";

/// Leaves out the distributions that were made by a portal from others that are listed too.
pub(crate) fn leave_out(draft: &mut DatasetDraft) {
    if !draft.distribution.iter().any(|it| it.extra.contains_key(DERIVED_FROM)) {
        return;
    }
    let made: Vec<bool> = draft.distribution.iter().map(|one| is_made_of_another(one, &draft.distribution)).collect();
    let mut made = made.into_iter();
    draft.distribution.retain(|_| !made.next().unwrap_or(false));
}

fn is_made_of_another(one: &Distribution, all: &[Distribution]) -> bool {
    let served = !one.access_service.is_empty() || one.extra.contains_key(SERVED_BY);
    let sources = one.extra.get(DERIVED_FROM).map(texts).unwrap_or_default();
    let listed = |source: &&str| {
        // What was itself made of another stands for nothing: two that name each other would both go.
        let originals = all.iter().filter(|it| !it.extra.contains_key(DERIVED_FROM));
        originals
            .flat_map(|it| [&it.iri, &it.download_url, &it.access_url])
            .any(|address| address.as_deref() == Some(*source))
    };
    served && sources.iter().any(listed)
}

/// The texts of a value that may be one, or a list of them, or of objects with an `@id`.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(map) => map.get("@id").and_then(Value::as_str).into_iter().collect(),
        Value::String(text) => vec![text.as_str()],
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(url: &str) -> Distribution {
        Distribution { download_url: Some(url.to_owned()), ..Distribution::default() }
    }

    fn made_from(url: &str, from: Value) -> Distribution {
        let mut one = Distribution { access_service: vec!["https://p.example/s".to_owned()], ..file(url) };
        one.extra.insert(DERIVED_FROM.to_owned(), from);
        one
    }

    #[test]
    fn only_what_was_made_by_a_portal_from_another_that_is_listed_goes() {
        let original = file("https://a.example/a.csv");
        let bare = Distribution {
            access_service: Vec::new(),
            ..made_from("https://a.example/b", json!(["https://a.example/a.csv"]))
        };
        for (what, one, stays) in [
            ("made of a listed file", made_from("https://p.example/t.csv", json!(["https://a.example/a.csv"])), false),
            ("the same, as one text", made_from("https://p.example/t.csv", json!("https://a.example/a.csv")), false),
            (
                "the same, as an object",
                made_from("https://p.example/t.csv", json!({"@id": "https://a.example/a.csv"})),
                false,
            ),
            (
                "made of what is not listed",
                made_from("https://p.example/t.csv", json!(["https://a.example/x.csv"])),
                true,
            ),
            ("made by the publisher", bare, true),
        ] {
            let mut draft = DatasetDraft { distribution: vec![one, original.clone()], ..DatasetDraft::default() };
            leave_out(&mut draft);
            assert_eq!(draft.distribution.len(), 1 + usize::from(stays), "{what}");
            assert!(draft.distribution.contains(&original), "{what}");
        }
        let each = |a: &str, b: &str| made_from(a, json!([b]));
        let (a, b) = ("https://p.example/a", "https://p.example/b");
        let mut circle = DatasetDraft { distribution: vec![each(a, b), each(b, a)], ..DatasetDraft::default() };
        leave_out(&mut circle);
        assert_eq!(circle.distribution.len(), 2, "what names each other stays");
    }
}
