//! Files of a folder, gathered into one document.
//!
//! A web-accessible folder holds one metadata record in each file, and some of the files are broken. The harvester therefore
//! keeps them as texts inside an envelope of our own, so that a broken file fails alone and a thousand small ones are one part.
//! [`Collector`] writes such a part, [`crate::Document`] reads it.

use fairground_domain::ResourceKind;

use crate::encoding;

/// The envelope's outermost element.
pub(crate) const ROOT: &str = "fairground-folder";
/// The target of the processing instruction that names a record's file.
const SOURCE: &str = "source";

/// Writes files into one part.
#[derive(Debug)]
pub struct Collector {
    text: String,
    files: usize,
}

impl Default for Collector {
    fn default() -> Self {
        Self { text: format!("<{ROOT}>\n"), files: 0 }
    }
}

impl Collector {
    /// Adds a file: `name` is its path below the folder, which identifies a record that has no identifier of its own.
    /// Bytes in UTF-16 or an older encoding become UTF-8; what cannot be decoded is marked by U+FFFD.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let content = encoding::lossy(bytes);
        let service = content.contains("SV_ServiceIdentification") && !content.contains("DataIdentification");
        self.open(name, service);
        self.text.push_str("><![CDATA[");
        // The end of a CDATA section inside one is written as two sections.
        self.text.push_str(&content.replace("]]>", "]]]]><![CDATA[>"));
        self.text.push_str("]]></file>\n");
    }

    /// Adds a file that is too large to be a record; it will be refused by name.
    pub fn add_too_large(&mut self, name: &str) {
        self.open(name, false);
        self.text.push_str(" too-large=\"yes\"/>\n");
    }

    fn open(&mut self, name: &str, service: bool) {
        self.files += 1;
        self.text.push_str("<file href=\"");
        self.text.push_str(&quick_xml::escape::escape(name));
        self.text.push('"');
        if service {
            self.text.push_str(&format!(" kind=\"{}\"", ResourceKind::DataService.as_str()));
        }
    }

    /// How many files it holds.
    #[must_use]
    pub const fn files(&self) -> usize {
        self.files
    }

    /// Bytes so far.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The part.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.text.push_str(&format!("</{ROOT}>\n"));
        self.text.into_bytes()
    }
}

/// The record of a file: its text behind a processing instruction with its name. `None` for a file that was too large.
pub(crate) fn record(name: &str, content: &str) -> Vec<u8> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    // The declaration may only be the very first thing, and says nothing that is still true.
    let content = match content.trim_start().strip_prefix("<?xml") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.split_once("?>").map_or(content, |(_, rest)| rest),
        _ => content,
    };
    format!("<?{SOURCE} href=\"{}\"?>\n{}", quick_xml::escape::escape(name), content.trim()).into_bytes()
}

/// The file's name that a record begins with, and the rest.
pub(crate) fn named(text: &str) -> (Option<String>, &str) {
    let Some(rest) = text.strip_prefix("<?").and_then(|it| it.strip_prefix(SOURCE)) else { return (None, text) };
    let Some((instruction, rest)) = rest.split_once("?>") else { return (None, text) };
    let name = instruction.trim().strip_prefix("href=\"").and_then(|it| it.strip_suffix('"'));
    let name = name.and_then(|it| quick_xml::escape::unescape(it).ok()).map(|it| it.into_owned());
    (name, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_text_comes_back_with_its_files_name() {
        let bytes = record("a/b & \"c\".xml", "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<a>1</a>\n");
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(named(&text), (Some("a/b & \"c\".xml".to_owned()), "\n<a>1</a>"));
        assert_eq!(named("<a/>"), (None, "<a/>"));
        assert_eq!(named("<?source nothing?><a/>"), (None, "<a/>"));
    }
}
