//! What may be said: length, and how many addresses a text may hold, for those who only want to place them.

use crate::error::CatalogError;

/// Shortest question or reason, in characters.
pub const SHORTEST_TEXT_CHARS: usize = 10;
/// Longest question or reason, in characters.
pub const LONGEST_TEXT_CHARS: usize = 2_000;
/// Longest title of a request, in characters.
pub const LONGEST_TITLE_CHARS: usize = 150;
/// Longest answer and longest reason for hiding, in characters.
pub const LONGEST_ANSWER_CHARS: usize = 5_000;
/// Web addresses that a citizen's text may hold.
pub const MOST_LINKS: usize = 3;

/// A text as it is kept: trimmed, its lines ended alike, without control characters.
pub(super) fn cleaned(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A title as it is kept: one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Refuses what is too short, too long, or a list of addresses.
pub(super) fn check_text(field: &'static str, text: &str) -> Result<(), CatalogError> {
    let chars = text.trim().chars().count();
    let links = text.matches("://").count() + text.matches("www.").count();
    let problem = if chars < SHORTEST_TEXT_CHARS {
        format!("must have at least {SHORTEST_TEXT_CHARS} characters")
    } else if chars > LONGEST_TEXT_CHARS {
        format!("may have up to {LONGEST_TEXT_CHARS} characters")
    } else if links > MOST_LINKS {
        format!("may hold up to {MOST_LINKS} web addresses")
    } else {
        return Ok(());
    };
    Err(CatalogError::Invalid { field, problem })
}

/// Refuses a title that is none.
pub(super) fn check_title(text: &str) -> Result<(), CatalogError> {
    let (chars, links) = (one_line(text).chars().count(), text.contains("://"));
    let problem = match chars {
        0..5 => "must have at least 5 characters".to_owned(),
        chars if chars > LONGEST_TITLE_CHARS => format!("may have up to {LONGEST_TITLE_CHARS} characters"),
        _ if links => "must not hold a web address".to_owned(),
        _ => return Ok(()),
    };
    Err(CatalogError::Invalid { field: "title", problem })
}

/// Refuses an answer, or a reason for hiding, that says nothing or too much.
pub(super) fn check_answer(field: &'static str, text: &str) -> Result<(), CatalogError> {
    let chars = text.trim().chars().count();
    if (1..=LONGEST_ANSWER_CHARS).contains(&chars) {
        return Ok(());
    }
    Err(CatalogError::Invalid { field, problem: format!("must have 1 to {LONGEST_ANSWER_CHARS} characters") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_held_to_their_bounds() {
        let long = "x".repeat(LONGEST_TEXT_CHARS + 1);
        for (text, is_fine) in [
            ("When is it updated?", true),
            ("why?", false),
            (long.as_str(), false),
            ("see https://a.example and https://b.example, why do they differ?", true),
            ("buy: https://a https://b https://c www.d", false),
        ] {
            assert_eq!(check_text("text", text).is_ok(), is_fine, "{text}");
        }
        for (title, is_fine) in [("Bus stops", true), ("bus", false), ("see https://x.example", false)] {
            assert_eq!(check_title(title).is_ok(), is_fine, "{title}");
        }
        assert!(check_answer("answer", " ").is_err());
        assert!(check_answer("answer", "Yes.").is_ok());
    }

    #[test]
    fn texts_are_kept_without_what_nobody_sees() {
        assert_eq!(cleaned(" a\r\nb\u{0}\u{8}c\r "), "a\nbc");
        assert_eq!(one_line(" bus\n stops "), "bus stops");
    }
}
