//! A title from a file's name, or from the only sheet's where that says more.

use super::Suggested;
use crate::table::Snapshot;
use crate::text::fold;

/// Longest title that is suggested, in characters.
const LONGEST: usize = 120;
/// Longest ending of a file's name, in characters.
const LONGEST_ENDING: usize = 8;

/// What programs call files and sheets when nobody gives them a name, folded.
const SAYS_NOTHING: &[&str] = &[
    "arkusz", "blad", "book", "classeur", "data", "dataset", "daten", "datos", "dati", "donnees", "download", "export",
    "feuil", "feuille", "file", "fichier", "datei", "foglio", "hoja", "list", "mappe", "munka", "page", "query",
    "report", "result", "results", "sheet", "tabella", "tabelle", "table", "tabla", "unnamed", "untitled", "output",
    "workbook",
];

/// Words at the end of a name that speak of the file, not of what is in it, folded.
const ABOUT_THE_FILE: &[&str] =
    &["copy", "copia", "copie", "draft", "entwurf", "export", "final", "kopie", "new", "neu", "latest", "utf8", "utf"];

pub(super) fn of(file_name: &str, tables: &[Snapshot]) -> Option<Suggested<String>> {
    let of_file = humanised(without_endings(file_name)).filter(|title| says_something(title));
    if let Some(title) = of_file {
        return Some(Suggested::new(title, format!("The file is called `{file_name}`.")));
    }
    let [only] = tables else { return None };
    let title = humanised(&only.name).filter(|title| says_something(title))?;
    Some(Suggested::new(title, format!("Its only table is called `{}`.", only.name)))
}

/// A name of a file or column as people would write it; `None` when no word is left of it.
pub(super) fn humanised(name: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in split(name) {
        if words.last().is_some_and(|last| fold(last) == fold(&word)) {
            continue;
        }
        words.push(word);
    }
    // A date in pieces at the end: `2024 03 01`.
    let dated = words.iter().position(|word| is_year(word));
    if let Some(at) = dated
        && at > 0
        && words.len() > at + 1
        && words.iter().skip(at + 1).all(|word| is_short_number(word))
    {
        words.truncate(at);
    }
    while words.len() > 1 && words.last().is_some_and(|last| is_about_the_file(last)) {
        words.pop();
    }
    let text: String = words.join(" ").chars().take(LONGEST).collect();
    let text = text.trim();
    if !text.chars().any(char::is_alphabetic) {
        return None;
    }
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    Some(format!("{first}{}", letters.as_str()))
}

/// Words by separators, and where a small letter stands before a capital.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.replace("%20", " ").chars() {
        let parts = letter.is_whitespace() || matches!(letter, '_' | '-' | '+' | '.' | ',' | '(' | ')' | '[' | ']');
        let hump = before.is_lowercase() && letter.is_uppercase();
        if parts || hump {
            words.push(String::new());
        }
        if !parts && let Some(word) = words.last_mut() {
            word.push(letter);
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn without_endings(name: &str) -> &str {
    let mut stem = name.trim();
    while let Some((before, ending)) = stem.rsplit_once('.') {
        let is_ending = (1..=LONGEST_ENDING).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
        if !is_ending || before.is_empty() {
            break;
        }
        stem = before;
    }
    stem
}

fn says_something(title: &str) -> bool {
    let folded = fold(title);
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    !SAYS_NOTHING.contains(&bare)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1500..2200).contains(&year))
}

fn is_short_number(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date in one piece, a version, a digest, or a word for a copy.
fn is_about_the_file(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_date = digits == word.len() && (digits == 8 || digits == 6 || digits == 14);
    let is_version = word.strip_prefix(['v', 'V']).is_some_and(|rest| rest.parse::<u32>().is_ok());
    let is_digest =
        word.len() >= 8 && digits >= 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) && digits < word.len();
    let is_count = is_short_number(word);
    is_date || is_version || is_digest || is_count || ABOUT_THE_FILE.contains(&fold(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn titles_are_read_from_names() {
        for (file, sheet, title) in [
            ("air_quality.csv", "x", Some("Air quality")),
            ("hospital-beds-2024-03-01.csv.gz", "x", Some("Hospital beds")),
            ("HospitalBedsByWard.xlsx", "x", Some("Hospital Beds By Ward")),
            ("budget_2024.ods", "x", Some("Budget 2024")),
            ("baumkataster_final_v2 (1).csv", "x", Some("Baumkataster")),
            ("Élections%202022.json", "x", Some("Élections 2022")),
            ("export.csv", "Water levels", Some("Water levels")),
            ("20240301.csv", "Tabelle1", None),
            ("data.xlsx", "Sheet1", None),
            ("Straßen.geojson", "x", Some("Straßen")),
        ] {
            let found = of(file, &[table(sheet, Vec::new())]);
            assert_eq!(found.as_ref().map(|it| it.value.as_str()), title, "{file}");
        }
    }

    #[test]
    fn a_title_is_never_longer_than_its_limit() {
        let name = format!("{}.csv", "word_".repeat(100));
        let longer = format!("{}.csv", (0..100).map(|n| format!("w{n}x_")).collect::<String>());
        for name in [name, longer] {
            let found = of(&name, &[]).expect("a title");
            assert!(found.value.chars().count() <= LONGEST, "{}", found.value);
        }
    }
}
