//! Atom feeds (RFC 4287), written by hand: there are two, and both are small.

use std::fmt::Write as _;

use fairground_domain::Timestamp;

/// A feed.
#[derive(Debug)]
pub(super) struct Feed {
    /// Its address.
    pub(super) own: String,
    /// Its title.
    pub(super) title: String,
    /// The page of the same content.
    pub(super) page: String,
    /// Its entries, newest first.
    pub(super) entries: Vec<FeedEntry>,
}

/// An entry of a feed.
#[derive(Debug)]
pub(super) struct FeedEntry {
    /// Its permanent id: an address.
    pub(super) id: String,
    /// A few words.
    pub(super) title: String,
    /// When it last changed.
    pub(super) updated: Timestamp,
    /// Who did it.
    pub(super) author: String,
    /// Where it can be read.
    pub(super) href: String,
    /// What it says, as plain text.
    pub(super) text: String,
}

impl Feed {
    /// The document. A feed without entries was last changed at the beginning of time.
    pub(super) fn render(&self) -> String {
        let updated = self.entries.iter().map(|entry| entry.updated).max().unwrap_or(Timestamp::from_micros(0));
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = write!(
            text,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n<id>{own}</id>\n<title>{title}</title>\n\
             <updated>{updated}</updated>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n",
            own = escaped(&self.own),
            title = escaped(&self.title),
            page = escaped(&self.page),
        );
        for entry in &self.entries {
            let _ = write!(
                text,
                "<entry>\n<id>{id}</id>\n<title>{title}</title>\n<updated>{updated}</updated>\n\
                 <author><name>{author}</name></author>\n<link rel=\"alternate\" href=\"{href}\"/>\n\
                 <content type=\"text\">{content}</content>\n</entry>\n",
                id = escaped(&entry.id),
                title = escaped(&entry.title),
                updated = entry.updated,
                author = escaped(&entry.author),
                href = escaped(&entry.href),
                content = escaped(&entry.text),
            );
        }
        text.push_str("</feed>\n");
        text
    }
}

/// Text as XML 1.0 may hold it; what it may not hold at all (section 2.2) is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' => safe.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
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
        let feed = Feed { own, title: "T".to_owned(), page: String::new(), entries: vec![entry] };
        let text = feed.render();
        assert!(text.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"), "{text}");
        assert!(text.contains("a &amp; b") && text.contains("]]&gt;") && text.contains("&quot;onload"), "{text}");
        assert!(text.contains("<updated>1970-01-01T00:00:00Z</updated>"), "{text}");
    }
}
