//! Texts that stand for no value.

/// The longest of them, in bytes.
const TOKEN_BYTES_MAX: usize = 16;

/// Whether a text stands for no value in a column of numbers, dates or truth values. In a column of text only the empty
/// field does, so that nothing is lost: `NA` may be Namibia and `None` a surname.
pub(crate) fn is_null_token(text: &[u8]) -> bool {
    if text.is_empty() {
        return true;
    }
    if text.len() > TOKEN_BYTES_MAX {
        return false;
    }
    let mut word = [0u8; TOKEN_BYTES_MAX];
    let Some(word) = word.get_mut(..text.len()) else { return false };
    word.copy_from_slice(text);
    word.make_ascii_lowercase();
    // Rows of one sign: dashes, points, stars.
    if let Some(first) = word.first()
        && matches!(first, b'-' | b'.' | b'*' | b'_')
        && word.iter().all(|byte| byte == first)
    {
        return *first != b'*' || word.len() > 1;
    }
    matches!(
        &*word,
        b"n/a" | b"na" | b"n.a." | b"n.a" | b"#n/a" | b"#na" | b"<na>" | b"null" | b"(null)" | b"<null>" | b"none" | b"nil"
            | b"nan" | b"\\n" | b"n/d" | b"nd" | b"n.d." | b"n.d" | b"k.a." | b"k. a." | b"s.o." | b"?" | b"not available"
            | b"not applicable" | b"missing" | b"#value!" | b"#ref!" | b"#div/0!" | b"#name?" | b"#null!" | b"#num!"
            | b"\xe2\x80\xa6" // …
            | b"\xe2\x80\x93" // –
            | b"\xe2\x80\x94" // —
            | b"\xe2\x80\xa2" // •
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_signs_of_absence_are_known() {
        for text in [
            "",
            "n/a",
            "NA",
            "N/A",
            "null",
            "None",
            "nil",
            "-",
            "--",
            "…",
            "...",
            ".",
            "#N/A",
            "NaN",
            "not available",
            "****",
            "\\N",
        ] {
            assert!(is_null_token(text.as_bytes()), "{text}");
        }
        for text in ["0", "no", "*", "a", "unknown", "-1", "N/A, but with words"] {
            assert!(!is_null_token(text.as_bytes()), "{text}");
        }
    }
}
