//! Text from elsewhere made safe to show: harvested descriptions may be plain, Markdown or HTML, and may be hostile.
//!
//! Markdown and HTML go through one way: comrak turns Markdown into HTML and leaves HTML be, ammonia keeps a short list of
//! harmless elements. Pictures are dropped: they would tell foreign hosts who reads what.

use std::collections::HashSet;
use std::sync::LazyLock;

use url::Url;

/// Longest description that is shown, in bytes; the rest is cut at a character and the cut is said.
pub const LONGEST_PROSE_BYTES: usize = 64 * 1024;
/// Deepest nesting that is read as HTML or Markdown.
const DEEPEST_NESTING: usize = 64;
/// Most tags, and most brackets, that are read as HTML or Markdown.
const MOST_MARKS: usize = 5_000;
/// Longest text that an excerpt reads, in bytes.
const LONGEST_EXCERPT_SOURCE_BYTES: usize = 4 * 1024;
/// Longest address that becomes a link, in bytes.
const LONGEST_HREF_BYTES: usize = 8 * 1024;
/// The schemes that may be followed from our pages.
pub const SCHEMES: [&str; 4] = ["http", "https", "mailto", "ftp"];

/// HTML that this module has made safe, for a template to write as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml {
    html: String,
    /// True when the text was longer than [`LONGEST_PROSE_BYTES`].
    pub is_cut: bool,
}

impl SafeHtml {
    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.html
    }

    /// True when there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.html.trim().is_empty()
    }
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<&str> = [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "cite",
        "code",
        "dd",
        "del",
        "dfn",
        "dl",
        "dt",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
    .into();
    let mut cleaner = ammonia::Builder::new();
    cleaner
        .tags(tags)
        .tag_attributes(
            [("a", ["href"].into()), ("td", ["colspan", "rowspan"].into()), ("th", ["colspan", "rowspan"].into())]
                .into(),
        )
        .generic_attributes(["lang", "dir"].into())
        .url_schemes(SCHEMES.into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer ugc"))
        .clean_content_tags(["script", "style", "template", "noscript", "iframe", "object", "svg", "math"].into())
        .strip_comments(true);
    cleaner
});

/// Makes a description safe to show.
#[must_use]
pub fn prose(text: &str) -> SafeHtml {
    let (text, is_cut) = cut(text, LONGEST_PROSE_BYTES);
    if is_knotted(text) {
        return SafeHtml { html: as_plain(text), is_cut };
    }
    let markdown = lower_headings(text);
    let mut options = comrak::Options::default();
    options.extension.autolink = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.render.r#unsafe = true; // What it lets through, the cleaner below judges.
    options.render.hardbreaks = !looks_like_html(text);
    let html = comrak::markdown_to_html(&markdown, &options);
    SafeHtml { html: CLEANER.clean(&html).to_string(), is_cut }
}

/// The first words of a description as plain text, at most `longest_chars` characters, cut at a word.
#[must_use]
pub fn excerpt(text: &str, longest_chars: usize) -> String {
    let (text, was_cut) = cut(text, LONGEST_EXCERPT_SOURCE_BYTES);
    let is_marked = !is_knotted(text);
    let plain = if is_marked && (looks_like_html(text) || text.contains(['*', '[', '`', '#', '_'])) {
        let html = comrak::markdown_to_html(text, &{
            let mut options = comrak::Options::default();
            options.render.r#unsafe = true;
            options
        });
        text_of(&html)
    } else {
        text.to_owned()
    };
    let mut said = String::new();
    let mut chars = 0;
    for word in plain.split_whitespace() {
        let word_chars = word.chars().count();
        if chars + word_chars + 1 > longest_chars {
            if said.is_empty() {
                said.extend(word.chars().take(longest_chars));
            }
            said.push('…');
            return said;
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(word);
        chars += word_chars + 1;
    }
    if was_cut {
        said.push('…');
    }
    said
}

/// An address that may be followed from our pages: absolute, with one of [`SCHEMES`]. `None` for everything else.
#[must_use]
pub fn safe_href(address: &str) -> Option<String> {
    let address = address.trim();
    if address.len() > LONGEST_HREF_BYTES {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let has_place = url.scheme() == "mailto" || url.has_host();
    (SCHEMES.contains(&url.scheme()) && has_place).then(|| url.into())
}

/// True for text that is nested or bracketed beyond what people write: readers of HTML and Markdown need time that grows with
/// the square of it.
fn is_knotted(text: &str) -> bool {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'`')).count();
    let prefix = |line: &str| {
        let marks = line
            .bytes()
            .take_while(|byte| matches!(byte, b'>' | b'-' | b'*' | b'+' | b' ' | b'\t' | b'0'..=b'9' | b'.' | b')'));
        marks.filter(|byte| matches!(byte, b'>' | b'-' | b'*' | b'+' | b'.' | b')')).count()
    };
    // A line of nothing but marks is a rule or an underline.
    let is_deep_line = |line: &str| prefix(line) > DEEPEST_NESTING && line.contains(' ');
    brackets > MOST_MARKS || text.lines().any(is_deep_line) || is_deep_html(text)
}

fn is_deep_html(text: &str) -> bool {
    /// Elements that have no end tag, or may leave it out.
    const OPEN_ENDED: [&str; 17] = [
        "br", "hr", "img", "p", "li", "td", "th", "tr", "dt", "dd", "wbr", "input", "meta", "link", "col", "option",
        "source",
    ];
    let (mut depth, mut tags) = (0_usize, 0_usize);
    for piece in text.split('<').skip(1) {
        tags += 1;
        if piece.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if piece.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let name: String = piece.chars().take_while(char::is_ascii_alphanumeric).collect();
            depth += usize::from(!OPEN_ENDED.contains(&name.to_ascii_lowercase().as_str()));
        }
        if depth > DEEPEST_NESTING || tags > MOST_MARKS {
            return true;
        }
    }
    false
}

/// Text as it stands, its blank lines as paragraphs.
fn as_plain(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        html.push_str("<p>");
        for c in paragraph.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                other => html.push(other),
            }
        }
        html.push_str("</p>");
    }
    html
}

/// The plain text of an HTML fragment: tags dropped, entities resolved.
fn text_of(html: &str) -> String {
    let spaced =
        html.replace("</p>", "</p> ").replace("<br", " <br").replace("</li>", "</li> ").replace("</td>", "</td> ");
    let mut nothing = ammonia::Builder::empty();
    nothing.clean_content_tags(["script", "style", "template", "noscript", "iframe", "object", "svg", "math"].into());
    let text = nothing.clean(&spaced).to_string();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ").replace("&amp;", "&")
}

/// Headings of a description must not compete with the page's own: `#` and `<h1>` become third level.
fn lower_headings(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        if line.starts_with("# ") {
            lowered.push_str("##");
        } else if line.starts_with("## ") {
            lowered.push('#');
        }
        lowered.push_str(line);
    }
    if lowered.contains("<h1") || lowered.contains("<h2") || lowered.contains("<H1") || lowered.contains("<H2") {
        for (from, to) in [
            ("<h1", "<h3"),
            ("</h1", "</h3"),
            ("<h2", "<h3"),
            ("</h2", "</h3"),
            ("<H1", "<h3"),
            ("</H1", "</h3"),
            ("<H2", "<h3"),
            ("</H2", "</h3"),
        ] {
            lowered = lowered.replace(from, to);
        }
    }
    lowered
}

fn looks_like_html(text: &str) -> bool {
    text.contains("</") || text.contains("<br") || text.contains("<p>") || text.contains("&lt;")
}

fn cut(text: &str, longest_bytes: usize) -> (&str, bool) {
    if text.len() <= longest_bytes {
        return (text, false);
    }
    let end = text.floor_char_boundary(longest_bytes);
    (text.get(..end).unwrap_or_default(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_html_loses_its_teeth() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">here</a>",
            "[here](javascript:alert(1))",
            "<a href=\"JaVaScRiPt:alert(1)\">here</a>",
            "<a href=\"data:text/html,<script>alert(1)</script>\">here</a>",
            "<p onclick=\"alert(1)\" style=\"position:fixed\">x</p>",
            "<iframe src=\"https://evil.example\"></iframe>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
            "<style>body{display:none}</style>",
            "<form action=\"https://evil.example\"><input name=password></form>",
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
            "<base href=\"https://evil.example/\">",
            "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        ] {
            let html = prose(hostile).as_str().to_lowercase();
            for tooth in [
                "<script",
                "onerror=",
                "href=\"javascript",
                "href=\"data:",
                "onclick",
                "style=",
                "<iframe",
                "<svg",
                "<style",
                "<form",
                "<input",
                "<base",
                "<meta",
                "<img",
            ] {
                assert!(!html.contains(tooth), "`{hostile}` became `{html}`");
            }
        }
    }

    #[test]
    fn markdown_and_html_and_plain_text_are_all_read() {
        for (written, shown) in [
            ("One *two* three", "<em>two</em>"),
            ("<p>One <b>two</b></p>", "<b>two</b>"),
            ("one\ntwo", "<br>"),
            ("- a\n- b", "<li>a</li>"),
            ("see https://example.org/x", "href=\"https://example.org/x\""),
            ("# Big", "<h3>Big</h3>"),
            ("<h1>Big</h1>", "<h3>Big</h3>"),
            ("a < b & c", "a &lt; b &amp; c"),
        ] {
            let html = prose(written);
            assert!(html.as_str().contains(shown), "`{written}` became `{}`", html.as_str());
        }
    }

    #[test]
    fn links_carry_no_favours() {
        assert!(prose("[x](https://example.org)").as_str().contains("rel=\"nofollow noopener noreferrer ugc\""));
    }

    #[test]
    fn a_huge_description_is_cut_at_a_character() {
        let huge = "ä".repeat(LONGEST_PROSE_BYTES);
        let html = prose(&huge);
        assert!(html.is_cut);
        assert!(html.as_str().len() <= LONGEST_PROSE_BYTES + 64);
        assert!(!prose("short").is_cut);
    }

    #[test]
    fn deeply_nested_input_ends() {
        for piece in ["<div>", "> ", "[", "<b>", "- "] {
            let deep = piece.repeat(20_000);
            let html = prose(&deep);
            // Shown as the text it is: marks that are read give other text.
            assert!(html.as_str().starts_with("<p>") && html.as_str().len() < 5 * LONGEST_PROSE_BYTES, "{piece}");
            assert!(is_knotted(&deep), "{piece}");
        }
        for usual in [
            "<p>one<p>two<ul><li>a<li>b</ul>".repeat(100),
            "a<br>b\n".repeat(1_000),
            "-----------------------------------------------------------------------------\n".to_owned(),
            "- a\n  - b\n    - c\n".repeat(100),
        ] {
            assert!(!is_knotted(&usual), "{usual}");
        }
    }

    #[test]
    fn excerpts_are_plain_and_end_at_a_word() {
        for (written, longest, shown) in [
            ("Short.", 100, "Short."),
            ("one two three four", 11, "one two…"),
            ("<p>Beds &amp; wards</p><p>by day</p>", 100, "Beds & wards by day"),
            ("**Bold** and [link](https://example.org)", 100, "Bold and link"),
            ("<script>alert(1)</script>Hello", 100, "Hello"),
            ("", 10, ""),
            ("abcdefghijkl", 5, "abcde…"),
        ] {
            assert_eq!(excerpt(written, longest), shown, "{written}");
        }
    }

    #[test]
    fn only_four_schemes_are_followed() {
        for (address, followed) in [
            ("https://example.org/a b", true),
            ("http://example.org", true),
            ("ftp://example.org/x.zip", true),
            ("mailto:data@example.org", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("vbscript:x", false),
            ("file:///etc/passwd", false),
            ("//example.org", false),
            ("/relative", false),
            ("not an address", false),
            (" java\nscript:alert(1)", false),
        ] {
            assert_eq!(safe_href(address).is_some(), followed, "{address}");
        }
    }
}
