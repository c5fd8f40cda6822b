//! Text within XML 1.0.

/// Text as XML may hold it, in an element or an attribute; what it may not hold at all (section 2.2) is left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_allowed(*c)) {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A document's text without what XML may not hold at all, written as it is or as a reference.
pub(crate) fn cleaned(document: &str) -> String {
    let mut clean: String = document.chars().filter(|c| is_allowed(*c)).collect();
    let mut from = 0;
    while let Some(at) = clean.get(from..).and_then(|rest| rest.find("&#")).map(|at| from + at) {
        let Some(end) = clean.get(at..).and_then(|rest| rest.find(';')).map(|end| at + end) else { break };
        let number = clean.get(at + 2..end).unwrap_or_default();
        let code = match number.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        let forbidden = code.is_ok_and(|code| !char::from_u32(code).is_some_and(is_allowed));
        if forbidden {
            clean.replace_range(at..=end, "");
            from = at;
        } else {
            from = at + 2;
        }
    }
    clean
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(escaped("a\u{0}\u{b}<b c=\"d\">&\u{fffe}é\n"), "a&lt;b c=&quot;d&quot;&gt;&amp;é\n");
        assert_eq!(cleaned("<a>\u{1b}x&#11;y&#xA;z&#x1F;&amp;&#</a>"), "<a>xy&#xA;z&amp;&#</a>");
    }
}
