//! What must not stand in any page: inline scripts and styles, event attributes, foreign hosts that load by themselves.

/// Everything that breaks the policy of pages, in words.
pub(crate) fn breaches(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in tags(html) {
        let name =
            tag.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default().to_lowercase();
        let attributes = outside_quotes(&tag).to_lowercase();
        if name == "style" || attributes.contains(" style=") {
            found.push(format!("inline style: <{tag}>"));
        }
        if name == "script"
            && !attributes.contains(" src=")
            && !tag.contains("application/ld+json")
            && !tag.contains("application/json")
        {
            found.push(format!("inline script: <{tag}>"));
        }
        if attributes.split_whitespace().any(|word| word.starts_with("on") && word.contains('=')) {
            found.push(format!("event attribute: <{tag}>"));
        }
        let loads =
            matches!(name.as_str(), "script" | "img" | "iframe" | "object" | "embed" | "audio" | "video" | "source");
        if loads && (tag.contains("=\"http") || tag.contains("=\"//")) {
            found.push(format!("foreign file: <{tag}>"));
        }
        if tag.to_lowercase().contains("=\"javascript:") {
            found.push(format!("script address: <{tag}>"));
        }
    }
    found
}

/// The insides of all tags; quotes may hold `>`.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut chars = html.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '<' || !chars.peek().is_some_and(|next| next.is_ascii_alphabetic()) {
            continue;
        }
        let (mut tag, mut quote) = (String::new(), None);
        for c in chars.by_ref() {
            match quote {
                None if c == '>' => break,
                None if c == '"' || c == '\'' => quote = Some(c),
                Some(open) if c == open => quote = None,
                _ => {}
            }
            tag.push(c);
        }
        tags.push(tag);
    }
    tags
}

fn outside_quotes(tag: &str) -> String {
    tag.split('"').enumerate().filter(|(place, _)| place % 2 == 0).map(|(_, part)| part).collect()
}

#[test]
fn the_scan_sees_what_it_is_for() {
    for bad in [
        "<p style=\"x\">",
        "<style>p{}</style>",
        "<script>1</script>",
        "<a href=\"x\" onclick=\"y\">",
        "<img src=\"https://x\">",
        "<a href=\"javascript:x\">",
    ] {
        assert_eq!(breaches(bad).len(), 1, "{bad}");
    }
    for good in [
        "<script src=\"/assets/x.js\"></script>",
        "<script type=\"application/ld+json\">{}</script>",
        "<script type=\"application/json\" id=\"x\">{}</script>",
        "<p title=\" style= onclick=\">a &lt;script></p>",
        "<a href=\"https://example.org\">",
    ] {
        assert_eq!(breaches(good), Vec::<String>::new(), "{good}");
    }
}
