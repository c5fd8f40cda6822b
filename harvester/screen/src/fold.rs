//! Words made comparable: small letters, no accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word in small letters without accents; `ß` is `ss`, `ø` is `o`, `ł` is `l`.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign.is_ascii() {
            out.push(sign.to_ascii_lowercase());
            continue;
        }
        let place = usize::try_from(u32::from(sign)).unwrap_or(usize::MAX).checked_sub(TABLE_FROM);
        match place.and_then(|place| TABLE.get(place)) {
            Some(folded) => out.push_str(folded),
            None => return fold_slowly(text),
        }
    }
    out
}

/// As [`fold`], into a room of the caller; `None` where the room is too small or a sign is not in the table.
pub(crate) fn fold_into<'a>(text: &str, room: &'a mut [u8]) -> Option<&'a str> {
    if text.is_ascii() {
        let folded = room.get_mut(..text.len())?;
        folded.copy_from_slice(text.as_bytes());
        folded.make_ascii_lowercase();
        return std::str::from_utf8(folded).ok();
    }
    let mut length = 0;
    let mut ascii = [0; 4];
    for sign in text.chars() {
        let folded = if sign.is_ascii() {
            &*sign.to_ascii_lowercase().encode_utf8(&mut ascii)
        } else {
            let place = usize::try_from(u32::from(sign)).ok()?.checked_sub(TABLE_FROM)?;
            TABLE.get(place)?.as_str()
        };
        let until = length + folded.len();
        room.get_mut(length..until)?.copy_from_slice(folded.as_bytes());
        length = until;
    }
    std::str::from_utf8(room.get(..length)?).ok()
}

/// The first sign that the table has.
const TABLE_FROM: usize = 0xc0;
/// What signs of European scripts (Latin, Greek, Cyrillic) are folded to.
static TABLE: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
    (0xc0..0x530_u32).filter_map(char::from_u32).map(|sign| fold_slowly(sign.encode_utf8(&mut [0; 4]))).collect()
});

fn fold_slowly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.nfkd().filter(|sign| !is_combining_mark(*sign)).flat_map(char::to_lowercase) {
        match sign {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            sign if is_combining_mark(sign) => {}
            sign => out.push(sign),
        }
    }
    out
}

/// The words of a column's name: cut at signs, and where small letters or digits are followed by a capital.
pub(crate) fn header_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let signs: Vec<char> = name.nfc().take(HEADER_CHARS_MAX).collect();
    for (at, sign) in signs.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| signs.get(at));
        let after = signs.get(at + 1);
        let hump = sign.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase())
                || (before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase())));
        if (hump || !sign.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if sign.is_alphanumeric() {
            word.push(*sign);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.iter().map(|word| fold(word)).collect()
}

/// Characters of a column's name that are looked at.
const HEADER_CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn folding_in_place_is_folding(text in "[a-zA-ZÀ-žΑ-ωА-я '-]{0,12}") {
            let mut room = [0; 64];
            proptest::prop_assert_eq!(fold_into(&text, &mut room).map(str::to_owned), Some(fold(&text)));
        }
    }

    #[test]
    fn words_are_folded_and_cut_at_humps() {
        assert_eq!(fold("Ståle ŁÓDŹ Straße Ærø Ελένης"), "stale lodz strasse aero ελενησ");
        for (name, words) in [
            ("GivenName", "given name"),
            ("date_of_birth", "date of birth"),
            ("IPAddress", "ip address"),
            ("CCNumber", "cc number"),
            ("Né(e) le", "ne e le"),
            ("Ne\u{301}e", "nee"),
            ("address1", "address1"),
            ("PŘÍJMENÍ", "prijmeni"),
        ] {
            assert_eq!(header_words(name).join(" "), words);
        }
    }
}
