//! Truth values as files write them.

/// A set of pairs of words, one bit each.
pub(crate) type Families = u16;

const TRUE_FALSE: Families = 1;
const YES_NO: Families = 1 << 1;
const Y_N: Families = 1 << 2;
const T_F: Families = 1 << 3;
const JA_NEIN: Families = 1 << 4;
const JA_NEE: Families = 1 << 5;
const OUI_NON: Families = 1 << 6;
const VRAI_FAUX: Families = 1 << 7;
const WAHR_FALSCH: Families = 1 << 8;
const SI_NO: Families = 1 << 9;
const SIM_NAO: Families = 1 << 10;
const VERO_FALSO: Families = 1 << 11;
const VERDADERO_FALSO: Families = 1 << 12;
const TAK_NIE: Families = 1 << 13;
const JA_NEJ: Families = 1 << 14;
const J_N: Families = 1 << 15;

/// Every pair.
pub(crate) const ANY_FAMILY: Families = u16::MAX;
/// The native truth values of a format.
pub(crate) const NATIVE: Families = TRUE_FALSE;
/// Pairs whose words mean nothing but truth values, so that a column may hold one of them only.
pub(crate) const CLEAR: Families = TRUE_FALSE | VRAI_FAUX | WAHR_FALSCH | VERO_FALSO | VERDADERO_FALSO;

/// The longest word, in bytes.
const WORD_BYTES_MAX: usize = 10;

/// The pairs a word belongs to, and whether it means true. Upper and lower case are the same.
pub(crate) fn scan(text: &[u8]) -> Option<(Families, bool)> {
    if text.is_empty() || text.len() > WORD_BYTES_MAX {
        return None;
    }
    let mut word = [0u8; WORD_BYTES_MAX];
    let word = word.get_mut(..text.len())?;
    word.copy_from_slice(text);
    word.make_ascii_lowercase();
    Some(match &*word {
        b"true" => (TRUE_FALSE, true),
        b"false" => (TRUE_FALSE, false),
        b"yes" => (YES_NO, true),
        b"no" => (YES_NO | SI_NO, false),
        b"y" => (Y_N, true),
        b"n" => (Y_N | J_N, false),
        b"t" => (T_F, true),
        b"f" => (T_F, false),
        b"j" => (J_N, true),
        b"ja" => (JA_NEIN | JA_NEE | JA_NEJ, true),
        b"nein" => (JA_NEIN, false),
        b"nee" => (JA_NEE, false),
        b"nej" => (JA_NEJ, false),
        b"oui" => (OUI_NON, true),
        b"non" => (OUI_NON, false),
        b"vrai" => (VRAI_FAUX, true),
        b"faux" => (VRAI_FAUX, false),
        b"wahr" => (WAHR_FALSCH, true),
        b"falsch" => (WAHR_FALSCH, false),
        b"si" | b"s\xc3\xad" | b"s\xc3\xac" => (SI_NO, true),
        b"sim" => (SIM_NAO, true),
        b"n\xc3\xa3o" | b"nao" => (SIM_NAO, false),
        b"vero" => (VERO_FALSO, true),
        b"verdadero" => (VERDADERO_FALSO, true),
        b"falso" => (VERO_FALSO | VERDADERO_FALSO, false),
        b"tak" => (TAK_NIE, true),
        b"nie" => (TAK_NIE, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_truth_are_known_in_several_languages() {
        for (text, expected) in [
            ("TRUE", Some(true)),
            ("False", Some(false)),
            ("Ja", Some(true)),
            ("nein", Some(false)),
            ("sì", Some(true)),
            ("oui", Some(true)),
            ("0", None),
            ("1", None),
            ("maybe", None),
            ("", None),
            ("a word that is long", None),
        ] {
            assert_eq!(scan(text.as_bytes()).map(|(_, value)| value), expected, "{text}");
        }
    }
}
