//! What the catalogue refuses, in the reader's language. The catalogue says it in English, for the API and the log; pages find the
//! message of the interface that says the same. What is not among them stays in English and is marked so. Other texts of the
//! program that are no refusals (findings, alarms, notes on files, why something failed, what is kept about a person) go the same
//! way.

mod cause;
mod load;
mod part;
mod rule;
mod table;
mod told;

use fairground_domain::Timestamp;

use super::{Html, Language, Phrase, capitalised};
use load::LOADS;
use part::PARTS;
use rule::RULES;
use table::REFUSALS;
use told::TOLD;

/// What a message calls that which stands in the places of a refusal.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A refusal that is known: the key of its message, what stands in its places, and the field that it begins with.
#[derive(Debug, PartialEq, Eq)]
struct Found<'a> {
    key: &'static str,
    given: Vec<&'a str>,
    /// Where a refusal names a field first, as in `title: must have …`.
    field: Option<&'a str>,
}

impl Language {
    /// A refusal of the catalogue in this language; in English, marked as such, where there is no message for it.
    #[must_use]
    pub fn refusal(self, english: impl AsRef<str>) -> Html {
        let english = english.as_ref().trim();
        let (text, stop) = english.strip_suffix('.').map_or((english, ""), |text| (text, "."));
        match find(text) {
            // Where its beginning goes unsaid in other languages, English says it.
            Some(Found { field: None, key, given }) => Html(format!("{}{stop}", self.said(key, &given))),
            Some(Found { field: Some(field), key, given }) if is_name(field) && self != Self::En => {
                Html(format!("<code>{field}</code>: {}{stop}", self.said(key, &given)))
            }
            Some(Found { key, given, .. }) if self != Self::En => Html(format!("{}{stop}", self.said(key, &given))),
            _ if self == Self::En => Html(escaped(&capitalised(english))),
            _ => Html(format!("<span lang=\"en\">{}</span>", escaped(&capitalised(english)))),
        }
    }

    /// A refusal of the catalogue in this language as plain text, with a capital at its beginning; in English where there is no
    /// message for it.
    #[must_use]
    pub fn refused(self, english: impl AsRef<str>) -> String {
        let text = english.as_ref().trim();
        match find(text.trim_end_matches('.')) {
            Some(Found { key, given, field }) if field.is_none() || self != Self::En => self.said(key, &given).text(),
            _ => capitalised(text),
        }
    }

    /// A text of the program that is no refusal, in this language; in English, marked as such, where there is no message for it.
    #[must_use]
    pub fn told(self, english: impl AsRef<str>) -> Html {
        let english = english.as_ref().trim();
        match self.known(english) {
            Some(text) => Html(escaped(&text)),
            None if self == Self::En || english.is_empty() => Html(escaped(english)),
            None => Html(format!("<span lang=\"en\">{}</span>", escaped(english))),
        }
    }

    /// The same as plain text; moments that stand alone are said in words.
    #[must_use]
    pub fn in_words(self, english: &str) -> String {
        self.known(english).unwrap_or_else(|| self.with_moment(english))
    }

    /// The same as plain text, where there is a message for it.
    fn known(self, english: &str) -> Option<String> {
        let (text, stop) = english.strip_suffix('.').map_or((english, ""), |text| (text, "."));
        let said = self.whole(text).or_else(|| self.cause(text))?;
        Some(format!("{said}{stop}"))
    }

    /// A text that has a message as a whole, whatever fills its places.
    fn whole(self, text: &str) -> Option<String> {
        let (filled, own): (Vec<_>, Vec<_>) = TOLD.iter().chain(RULES).partition(|(_, pattern)| pattern.contains("{}"));
        let (key, given) =
            own.into_iter().chain(filled).find_map(|(key, pattern)| Some((key, places(pattern, text)?)))?;
        let moments: Vec<String> = given.iter().map(|one| self.with_moment(one)).collect();
        let kind = given.first().map_or(String::new(), |first| first.replace(' ', "-"));
        let moments: Vec<&str> = moments.iter().map(String::as_str).collect();
        Some(self.said(key, &moments).with("kind", kind).text())
    }

    /// A value in a text as readers know it: moments in words.
    fn with_moment(self, value: &str) -> String {
        let is_moment = value.len() > 16 && value.ends_with('Z') && value.contains('T');
        let moment = is_moment.then(|| Timestamp::lenient(value)).flatten();
        moment.map_or_else(|| value.to_owned(), |moment| self.moment(moment))
    }

    fn said(self, key: &'static str, given: &[&str]) -> Phrase {
        NAMES.iter().zip(given).fold(self.t(key), |phrase, (name, value)| phrase.with(name, *value))
    }
}

/// Whether there is a message for a refusal.
#[must_use]
pub fn is_known_refusal(english: &str) -> bool {
    find(english.trim().trim_end_matches('.')).is_some()
}

/// Every refusal and every other text that has a message, as it stands in the program: `{}` where something is filled in.
pub fn known_refusals() -> impl Iterator<Item = &'static str> {
    REFUSALS.iter().chain(TOLD).chain(RULES).chain(LOADS).chain(PARTS).map(|(_, pattern)| *pattern)
}

fn find(text: &str) -> Option<Found<'_>> {
    let whole = |text| {
        // A text of its own before one that is filled in.
        let (filled, own): (Vec<_>, Vec<_>) = REFUSALS.iter().partition(|(_, pattern)| pattern.contains("{}"));
        let mut all = own.into_iter().chain(filled);
        all.find_map(|(key, pattern)| places(pattern, text).map(|given| Found { key, given, field: None }))
    };
    if let Some(found) = whole(text) {
        return Some(found);
    }
    // `title: must have …`, `the application is closed: register another`.
    let mut at = 0;
    while let Some((_, rest)) = text.get(at..).and_then(|rest| rest.split_once(": ")) {
        at = text.len() - rest.len();
        if let Some(found) = whole(rest) {
            return Some(Found { field: text.get(..at - 2), ..found });
        }
    }
    None
}

/// What stands in a pattern's places, when the text is one of its kind. A place that another follows at once holds digits; one in
/// quotation marks may be empty.
fn places<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("{}");
    let first = pieces.next()?;
    let head = text.get(..first.len())?;
    if !is_same_beginning(head, first) {
        return None;
    }
    let mut rest = text.get(first.len()..)?;
    let mut given = Vec::new();
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty().then_some(given);
    }
    while let Some(piece) = pieces.next() {
        let at = match (pieces.peek(), piece) {
            (None, "") => rest.len(),
            (None, end) => rest.strip_suffix(end)?.len(),
            (Some(_), "") => rest.find(|c: char| !c.is_ascii_digit())?,
            (Some(_), piece) => rest.find(piece)?,
        };
        given.push(rest.get(..at)?);
        rest = rest.get(at + piece.len()..)?;
    }
    let mut filled = pattern.split("{}").zip(&given);
    filled.all(|(before, one)| !one.is_empty() || before.ends_with('“')).then_some(given)
}

/// The same, whether it begins a sentence or goes on with one.
fn is_same_beginning(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.chars(), other.chars());
    match (one.next(), other.next()) {
        (Some(a), Some(b)) => a.to_lowercase().eq(b.to_lowercase()) && one.as_str() == other.as_str(),
        (None, None) => true,
        _ => false,
    }
}

/// Whether that is a field's name on the wire.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'))
}

fn escaped(text: &str) -> String {
    super::phrase::Escaped(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_and_nothing_else_fits() {
        for (pattern, text, given) in [
            ("must be 1", "must be 1", Some(vec![])),
            ("must be 1", "Must be 1", Some(vec![])),
            ("must be 1", "must be 10", None),
            ("must be {}", "must be 10", Some(vec!["10"])),
            ("must be {}", "must be ", None),
            ("{} wait; go", "20 wait; go", Some(vec!["20"])),
            ("`{}` is from {} to {}", "`x` is from 1 to 2", Some(vec!["x", "1", "2"])),
            ("has {} signs", "has 5 signs: sorry", None),
            ("is {}{}", "is 404, gone", Some(vec!["404", ", gone"])),
            ("is {}{}", "is 404", None),
            ("is “{}”", "is “”", Some(vec![""])),
            ("é{}", "", None),
        ] {
            assert_eq!(places(pattern, text), given, "{pattern} / {text}");
        }
    }

    #[test]
    fn a_refusal_is_said_in_the_reader_s_language_or_marked_as_english() {
        for (language, english, said) in [
            (Language::De, "must be in the future", "Muss in der Zukunft liegen"),
            (
                Language::De,
                "expires_at: must be in the future.",
                "<code>expires_at</code>: Muss in der Zukunft liegen.",
            ),
            (Language::En, "expires_at: must be in the future", "Expires_at: must be in the future"),
            (Language::En, "must be in the future", "Must be in the future"),
            (
                Language::Es,
                "the application is closed: a closed application stays closed; register another",
                "Una aplicación cerrada sigue cerrada; registre otra",
            ),
            (
                Language::De,
                "`<b>` is not a host such as data.example.org or *.example.org",
                "„&#60;b&#62;“ ist kein Host wie data.example.org oder *.example.org",
            ),
            (Language::Fr, "nobody has <seen> this", "<span lang=\"en\">Nobody has &#60;seen&#62; this</span>"),
        ] {
            assert_eq!(language.refusal(english).to_string(), said, "{english}");
        }
    }

    #[test]
    fn other_texts_are_told_in_the_reader_s_language_or_marked_as_english() {
        for (language, english, said) in [
            (Language::De, "Usage has not been summed for 700 s.", "Die Nutzung wurde seit 700 s nicht summiert."),
            (Language::En, "Usage has not been summed for 700 s.", "Usage has not been summed for 700 s."),
            (Language::Fr, "columns separated by “§”", "colonnes séparées par “§”"),
            (Language::Fr, "columns separated by tabs", "colonnes séparées par des tabulations"),
            (
                Language::Es,
                "The column is called what a passport is called, and its values could be.",
                "La columna se llama como un pasaporte, y sus valores podrían serlo.",
            ),
            (
                Language::Es,
                "2026-11-23T15:10:33.196995Z at the latest",
                "23 de noviembre de 2026, 15:10 UTC como muy tarde",
            ),
            (Language::De, "Nobody <knows>.", "<span lang=\"en\">Nobody &#60;knows&#62;.</span>"),
        ] {
            assert_eq!(language.told(english).to_string(), said, "{english}");
        }
    }

    #[test]
    fn every_rule_of_harvests_is_told_in_every_language() {
        for rule in fairground_domain::FINDING_RULES {
            for text in [rule.title, rule.meaning, rule.remedy] {
                assert!(Language::Fr.known(text).is_some_and(|said| said != text), "{text}");
            }
        }
    }

    #[test]
    fn each_text_finds_its_own_message() {
        for (key, pattern) in TOLD.iter().chain(RULES) {
            let example = pattern.replace("{}", "7");
            let own = Language::Fr.said(key, &["7"; 4]).with("kind", "7").text();
            assert_eq!(Language::Fr.known(&example), Some(own), "{example}");
            assert!(pattern.matches("{}").count() <= NAMES.len(), "{pattern}");
        }
    }

    /// The text as it stands in the program, of a pattern with a number in each of its places.
    fn example(pattern: &str) -> String {
        pattern.replace("{}", "7")
    }

    #[test]
    fn each_cause_finds_its_own_message_in_every_language() {
        let alone = LOADS.iter().filter(|(_, pattern)| !pattern.contains("{}{}"));
        for (key, pattern) in alone {
            let english = example(pattern);
            for language in Language::ALL {
                let own = language.said(key, &["7"; 4]).text();
                let own = if pattern.starts_with(char::is_uppercase) { capitalised(&own) } else { own };
                assert_eq!(language.known(&english), Some(own), "{english}");
            }
            assert_eq!(
                Language::En.known(&english),
                Some(english.replace('\'', "’")),
                "English says what the program says"
            );
            assert!(pattern.matches("{}").count() <= NAMES.len(), "{pattern}");
        }
        for (key, pattern) in PARTS {
            let english = example(pattern);
            assert_eq!(cause::find(&english, &[LOADS, PARTS]).map(|known| known.key), Some(*key), "{english}");
            for language in Language::ALL {
                assert_eq!(language.within(&english, 1), Some(language.said(key, &["7"; 4]).text()), "{english}");
            }
            assert_eq!(Language::En.within(&english, 1), Some(english.replace('\'', "’")));
            assert!(pattern.matches("{}").count() <= NAMES.len(), "{pattern}");
        }
    }

    #[test]
    fn causes_are_told_with_what_lies_within_them() {
        for (language, english, said) in [
            (
                Language::De,
                "Not a table: it is a web page, not data.",
                "Keine Tabelle: es ist eine Webseite, keine Daten.",
            ),
            (
                Language::Fr,
                "not a table: no table in the archive: `a/b.pdf`: it is a picture, not data",
                "pas un tableau\u{a0}: pas de tableau dans l’archive\u{a0}: «\u{a0}a/b.pdf\u{a0}»\u{a0}: c’est une image, pas des données",
            ),
            (
                Language::Fr,
                "`https://a.test/x.csv` answers 404, nothing is there.",
                "«\u{a0}https://a.test/x.csv\u{a0}» répond 404\u{a0}: il n’y a rien à cet endroit.",
            ),
            (Language::De, "`https://a.test/` answers 302", "„https://a.test/“ antwortet 302"),
            (
                Language::De,
                "the answer of `a.test` breaks off after 100 of 200 announced bytes: unexpected end of file",
                "die Antwort von „a.test“ bricht nach 100 von 200 angekündigten Bytes ab: unexpected end of file",
            ),
            (
                Language::Es,
                "The number of columns (line 5) passes the limit of 4000.",
                "El número de columnas (línea 5) supera el límite de 4000.",
            ),
            (
                Language::Fr,
                "what `a.csv` unpacks to, by its packed size, passes the limit of 64 MB",
                "le contenu décompressé de «\u{a0}a.csv\u{a0}», au regard de sa taille compressée, dépasse la limite de 64 Mo",
            ),
            (
                Language::De,
                "the xlsx file is broken at sheet `the file`, row 7: a cell stands beyond the last column of a sheet",
                "die Datei im Format xlsx ist beschädigt (Blatt „the file“, Zeile 7): eine Zelle liegt hinter der letzten Spalte eines Blatts",
            ),
            (
                Language::Es,
                "12 of 20 rows could not be taken (most: schema: field received: not an integer); the limit is 10 %",
                "12 de 20 filas no se pudieron tomar (sobre todo: esquema: campo received: no es un número entero); el límite es el 10 %",
            ),
            (
                Language::De,
                "the file cannot be read: No such file or directory (os error 2)",
                "die Datei ist nicht lesbar: No such file or directory (os error 2)",
            ),
            (
                Language::Es,
                "the upstream cannot be reached: client error (Connect): no address of `a.test` answers: Connection refused (os error 111)",
                "no se puede acceder al sistema del organismo: client error (Connect): ninguna dirección de «a.test» responde: Connection refused (os error 111)",
            ),
            (
                Language::De,
                "not a catalogue: no file with data was found (not read: `https://a.test/` answers 403, it does not let us in; 7 files hold no data and were left out)",
                "kein Katalog: es wurde keine Datei mit Daten gefunden (nicht gelesen: „https://a.test/“ antwortet 403: Man lässt uns nicht ein; 7 Dateien enthalten keine Daten und wurden ausgelassen)",
            ),
            (
                Language::Fr,
                "not read: https://a.test/: the document is empty",
                "pas lu\u{a0}: https://a.test/: le document est vide",
            ),
            (
                Language::De,
                "the service refused: NoApplicableCode: out of memory",
                "der Dienst hat abgelehnt: NoApplicableCode: out of memory",
            ),
            (
                Language::Es,
                "a web page came in place of a catalogue: “”",
                "llegó una página web en lugar de un catálogo: «»",
            ),
            (
                Language::En,
                "The PostgreSQL server says: permission denied for table <water>.",
                "The PostgreSQL server says: permission denied for table &#60;water&#62;.",
            ),
            (
                Language::De,
                "Connection refused: by the peer",
                "<span lang=\"en\">Connection refused: by the peer</span>",
            ),
            (
                Language::De,
                "sorting rows failed: the file cannot be read",
                "<span lang=\"en\">sorting rows failed: the file cannot be read</span>",
            ),
            (Language::De, "the file", "<span lang=\"en\">the file</span>"),
        ] {
            assert_eq!(language.told(english).to_string(), said, "{english}");
        }
    }

    #[test]
    fn each_refusal_finds_its_own_message() {
        for (key, pattern) in REFUSALS {
            let example = pattern.replace("{}", "x");
            assert_eq!(find(&example).map(|found| found.key), Some(*key), "{example}");
            assert!(pattern.matches("{}").count() <= NAMES.len(), "{pattern}");
        }
    }
}
