//! The documentation that runs: the main operations as forms that call the real API, with samples to copy; below them every
//! operation in Swagger UI, from our own files.
//!
//! A form is a plain `GET` to the API and works without scripts. A script shows the answer in the page instead, explains its
//! fields, and fills in the reader's key, which stays in their tab.

mod load;

use askama::Template;

pub(crate) use load::show_docs;

use crate::layout::Frame;

/// Swagger UI draws its arrows as `data:` pictures and sets styles from script, which `style-src 'self'` permits; it needs
/// no more than any other page.
pub const DOCS_POLICY: &str = crate::layout::PAGE_POLICY;

/// What stands in samples where the reader's key belongs.
pub const KEY_PLACE: &str = "YOUR_KEY";

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The parameter's name.
    pub name: String,
    /// The key of its label.
    pub label: &'static str,
    /// What it holds at first.
    pub value: String,
}

impl Field {
    fn new(name: &str, label: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), label, value: value.into() }
    }
}

/// An operation to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Its place in the page.
    pub anchor: &'static str,
    /// The key of its name.
    pub title: &'static str,
    /// The key of a sentence about it.
    pub about: &'static str,
    /// Its path, percent-encoded.
    pub path: String,
    /// What can be asked of it.
    pub fields: Vec<Field>,
    /// Whether it answers nobody without a key.
    pub needs_key: bool,
    /// Whether its answer is a file rather than JSON.
    pub is_file: bool,
}

impl Trial {
    fn new(anchor: &'static str, title: &'static str, about: &'static str, path: impl Into<String>) -> Self {
        Self { anchor, title, about, path: path.into(), fields: Vec::new(), needs_key: false, is_file: false }
    }

    fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Path and query as the form sends them.
    #[must_use]
    pub fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for field in self.fields.iter().filter(|field| !field.value.is_empty()) {
            query.append_pair(&field.name, &field.value);
        }
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}

/// What a reader's own examples are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocsPage {
    /// The operations, in the order in which people meet them.
    pub trials: Vec<Trial>,
    /// The dataset that they use, by slug.
    pub dataset: String,
    /// The table that they use, by slug.
    pub table: String,
    /// True when the address asked for a dataset or table that is not there.
    pub is_unknown: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "docs/page.html")]
pub struct DocsView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DocsPage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_the_form_holds_and_stays_one_literal() {
        let trial = Trial::new("rows", "docs-rows", "docs-rows-about", "/api/v1/tables/beds/rows")
            .with(Field::new("filter", "docs-field-filter", "\"ward\" = 'A$(rm)`'"))
            .with(Field::new("sortby", "docs-field-sortby", ""))
            .with(Field::new("limit", "docs-field-limit", "5"));
        let address = trial.address();
        assert_eq!(address, "/api/v1/tables/beds/rows?filter=%22ward%22+%3D+%27A%24%28rm%29%60%27&limit=5");
        assert!(!address.contains(['"', '\'', '$', '`', '\\']), "samples put it between quotes");
        assert_eq!(Trial::new("x", "x", "x", "/api/v1/usage").address(), "/api/v1/usage");
    }
}
