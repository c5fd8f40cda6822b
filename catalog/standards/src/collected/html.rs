//! What we take from web pages: JSON-LD blocks, and the links of a folder's index. Pages are read as they come, without building a
//! tree; what cannot be read is left.

use memchr::memmem;

/// Bytes of a page that are looked at: 16 MiB.
pub const MAX_PAGE_BYTES: usize = 16 << 20;
/// Links of one page that are taken.
pub const MAX_LINKS: usize = 100_000;

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `href`, entities resolved.
    pub href: String,
    /// Its text, without tags, on one line.
    pub text: String,
    /// The text between it and the next link or the line's end, on one line: indexes of folders show date and size there.
    pub after: String,
}

/// The contents of `<script type="application/ld+json">`, in order.
#[must_use]
pub fn json_ld_blocks(page: &str) -> Vec<&str> {
    let page = head_of(page);
    let lower = page.to_ascii_lowercase();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some((open, content)) = tag(&lower, "script", at) {
        let end = find(&lower, "</script", content).unwrap_or(lower.len());
        let attributes = lower.get(open..content).unwrap_or_default();
        if attributes.contains("application/ld+json") {
            let block = page.get(content..end).unwrap_or_default().trim();
            let block =
                block.trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
            let block = block.trim_end_matches("-->").trim_end_matches("//]]>").trim_end_matches("]]>").trim();
            all.push(block);
        }
        at = end.max(content);
    }
    all
}

/// The links of a page, in order.
#[must_use]
pub fn links(page: &str) -> Vec<Link> {
    let page = head_of(page);
    let lower = page.to_ascii_lowercase();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some((open, content)) = tag(&lower, "a", at) {
        at = content;
        let Some(href) = page.get(open..content).and_then(|tag| attribute(tag, "href")) else { continue };
        let close = find(&lower, "</a", content).unwrap_or(lower.len());
        let after = find(&lower, ">", close).map_or(lower.len(), |end| end + 1);
        let next = find(&lower, "<a ", after).unwrap_or(lower.len());
        // A row of a table ends where the next begins, a line of preformatted text at its end.
        let row = ["\n", "</tr", "</li", "<br"].iter().filter_map(|end| find(&lower, end, after)).min().unwrap_or(next);
        let in_table = page.get(after..next).is_some_and(|text| text.contains("<td"));
        let until = if in_table { find(&lower, "</tr", after).unwrap_or(next).min(next) } else { row.min(next) };
        all.push(Link {
            href: unescape(href.trim()),
            text: plain(page.get(content..close).unwrap_or_default()),
            after: plain(page.get(after..until).unwrap_or_default()),
        });
        if all.len() >= MAX_LINKS {
            break;
        }
    }
    all
}

/// The address that the page's `<base>` or the page itself stands for.
#[must_use]
pub fn base(page: &str) -> Option<String> {
    let page = head_of(page);
    let lower = page.to_ascii_lowercase();
    let (open, content) = tag(&lower, "base", 0)?;
    attribute(page.get(open..content)?, "href").map(|href| unescape(href.trim()))
}

/// The page's title, on one line.
#[must_use]
pub fn title(page: &str) -> String {
    let page = head_of(page);
    let lower = page.to_ascii_lowercase();
    let Some((_, content)) = tag(&lower, "title", 0) else { return String::new() };
    let end = find(&lower, "</title", content).unwrap_or(content);
    plain(page.get(content..end).unwrap_or_default())
}

/// Whether a page looks like the index that a server makes of a folder.
#[must_use]
pub fn is_index(page: &str) -> bool {
    let lower = title(page).to_ascii_lowercase();
    let says = ["index of", "directory listing", "listing of", "index von", "index de", "directory:", "indice di"];
    if says.iter().any(|word| lower.starts_with(word)) {
        return true;
    }
    let links = links(page);
    links.iter().take(3).any(|link| link.text.eq_ignore_ascii_case("parent directory") || link.href == "../")
}

fn head_of(page: &str) -> &str {
    let mut end = page.len().min(MAX_PAGE_BYTES);
    while !page.is_char_boundary(end) {
        end -= 1;
    }
    page.get(..end).unwrap_or_default()
}

fn find(text: &str, what: &str, from: usize) -> Option<usize> {
    Some(from + memmem::find(text.as_bytes().get(from..)?, what.as_bytes())?)
}

/// The next tag of a name: where its attributes begin, and where its content begins.
fn tag(lower: &str, name: &str, mut from: usize) -> Option<(usize, usize)> {
    loop {
        let open = find(lower, "<", from)? + 1;
        let rest = lower.get(open..)?;
        let named = rest
            .strip_prefix(name)
            .is_some_and(|rest| rest.bytes().next().is_none_or(|b| b.is_ascii_whitespace() || b == b'>' || b == b'/'));
        if named {
            let end = find(lower, ">", open)?;
            return Some((open + name.len(), end + 1));
        }
        from = open;
    }
}

/// An attribute's value, quoted or not.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = find(&lower, name, from)?;
        let before = lower.get(..at)?.chars().next_back().is_none_or(char::is_whitespace);
        let rest = tag.get(at + name.len()..)?.trim_start();
        from = at + name.len();
        let Some(value) = rest.strip_prefix('=').filter(|_| before) else { continue };
        let value = value.trim_start();
        return match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split(quote).next(),
            _ => value.split(|c: char| c.is_whitespace() || c == '>').next(),
        };
    }
}

/// Text without tags, entities resolved, on one line.
pub(crate) fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        text.push_str(rest.get(..open).unwrap_or_default());
        text.push(' ');
        rest = rest.get(open..).and_then(|tag| tag.split_once('>')).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The entities that indexes and addresses use.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.find(';').filter(|end| *end <= 10);
        let resolved = end.and_then(|end| entity(rest.get(1..end)?));
        match (resolved, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_links_are_found_in_untidy_pages() {
        let page = r##"<!DOCTYPE html><HTML><head><title>Index of /data</title>
            <script>var a = "<a href='no.csv'>";</script>
            <SCRIPT nonce=x TYPE='application/ld+json'>
            <!-- {"@type": "Dataset"} -->
            </SCRIPT></head><pre><a href="../">Parent Directory</a>
<A class=x HREF='air%20quality.csv'>air qua..&gt;</A>   2024-02-03 10:11  1.5M
<a href=b.csv?x=1&amp;y=2>b</a> - <a name=none>x</a></pre>"##;
        assert_eq!(json_ld_blocks(page), [r#"{"@type": "Dataset"}"#]);
        assert!(is_index(page));
        let found = links(page);
        let air = found.iter().find(|link| link.href == "air%20quality.csv").expect("the file");
        assert_eq!((air.text.as_str(), air.after.as_str()), ("air qua..>", "2024-02-03 10:11 1.5M"));
        assert!(found.iter().any(|link| link.href == "b.csv?x=1&y=2"));
        assert!(!is_index("<html><title>Please sign in</title><a href='/x'>x</a>"));
    }

    #[test]
    fn broken_markup_ends_quietly() {
        for page in [
            "",
            "<",
            "<a",
            "<a href",
            "<a href=",
            "<a href='",
            "<script type=application/ld+json>",
            "&#xFFFFFFFF;",
            "<title",
            "ß<a href=ß>ß",
        ] {
            let _ = (json_ld_blocks(page), links(page), title(page), base(page), is_index(page), plain(page));
        }
    }
}
