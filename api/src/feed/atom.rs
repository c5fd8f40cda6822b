//! Atom documents (RFC 4287), with the links of paged and archived feeds (RFC 5005) and the marks of what is gone (RFC 6721).

use std::fmt::Write as _;

use fairground_domain::Timestamp;

use crate::xml::escaped;

/// A feed's media type.
pub(crate) const ATOM: &str = "application/atom+xml; charset=utf-8";

/// A document of a feed.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    /// The feed's permanent id: the address of its first document.
    pub(crate) id: String,
    /// This document's address.
    pub(crate) own: String,
    /// Its title.
    pub(crate) title: String,
    /// The page of the same content.
    pub(crate) page: String,
    /// Other documents of the feed, by relation: `next`, `prev-archive`, …
    pub(crate) links: Vec<(&'static str, String)>,
    /// Whether the document never changes any more (RFC 5005, section 4).
    pub(crate) is_archive: bool,
    /// Its entries, newest first.
    pub(crate) entries: Vec<FeedEntry>,
    /// Permanent ids of entries that are gone, and since when.
    pub(crate) gone: Vec<(String, Timestamp)>,
}

/// An entry of a feed.
#[derive(Debug)]
pub(crate) struct FeedEntry {
    /// Its permanent id: an address.
    pub(crate) id: String,
    /// A few words.
    pub(crate) title: String,
    /// When it last changed.
    pub(crate) updated: Timestamp,
    /// Who did it.
    pub(crate) author: String,
    /// Where it can be read.
    pub(crate) href: String,
    /// What it says, as plain text.
    pub(crate) text: String,
}

impl Feed {
    /// The document. A feed without entries was last changed at the beginning of time.
    pub(crate) fn render(&self) -> String {
        let moments = self.entries.iter().map(|entry| entry.updated).chain(self.gone.iter().map(|(_, at)| *at));
        let updated = moments.max().unwrap_or(Timestamp::from_micros(0));
        let mut text =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
        if self.is_archive {
            text.push_str(" xmlns:fh=\"http://purl.org/syndication/history/1.0\"");
        }
        if !self.gone.is_empty() {
            text.push_str(" xmlns:at=\"http://purl.org/atompub/tombstones/1.0\"");
        }
        let _ = write!(
            text,
            " xml:lang=\"en\">\n<id>{id}</id>\n<title>{title}</title>\n<updated>{updated}</updated>\n\
             <link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n",
            id = escaped(&self.id),
            own = escaped(&self.own),
            title = escaped(&self.title),
            page = escaped(&self.page),
        );
        for (relation, address) in &self.links {
            let _ = writeln!(
                text,
                "<link rel=\"{relation}\" type=\"application/atom+xml\" href=\"{}\"/>",
                escaped(address)
            );
        }
        if self.is_archive {
            text.push_str("<fh:archive/>\n");
        }
        for entry in &self.entries {
            entry.render(&mut text);
        }
        for (id, at) in &self.gone {
            let _ = writeln!(text, "<at:deleted-entry ref=\"{}\" when=\"{at}\"/>", escaped(id));
        }
        text.push_str("</feed>\n");
        text
    }
}

impl FeedEntry {
    fn render(&self, text: &mut String) {
        let _ = write!(
            text,
            "<entry>\n<id>{id}</id>\n<title>{title}</title>\n<updated>{updated}</updated>\n\
             <author><name>{author}</name></author>\n<link rel=\"alternate\" href=\"{href}\"/>\n\
             <content type=\"text\">{content}</content>\n</entry>\n",
            id = escaped(&self.id),
            title = escaped(&self.title),
            updated = self.updated,
            author = escaped(&self.author),
            href = escaped(&self.href),
            content = escaped(&self.text),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let entry = FeedEntry {
            id: "https://x.example/1".to_owned(),
            title: "</title><script>\u{0}\u{b}".to_owned(),
            updated: Timestamp::from_micros(0),
            author: "a & b".to_owned(),
            href: "https://x.example/\"onload".to_owned(),
            text: "]]>".to_owned(),
        };
        let own = "https://x.example/feed".to_owned();
        let feed = Feed { id: own.clone(), own, title: "T".to_owned(), entries: vec![entry], ..Feed::default() };
        let text = feed.render();
        assert!(text.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"), "{text}");
        assert!(text.contains("a &amp; b") && text.contains("]]&gt;") && text.contains("&quot;onload"), "{text}");
        assert!(text.contains("<updated>1970-01-01T00:00:00Z</updated>"), "{text}");
    }
}
