//! What a fetched file is called.

use percent_encoding::percent_decode_str;
use url::Url;

/// Longest name, in characters.
const LONGEST: usize = 150;

/// A file's name from the address that was asked, else from the one that answered in the end; `table` with the format as its
/// ending where neither says one.
pub(super) fn file_name(asked: &Url, answered: &str, format: Option<&str>) -> String {
    let with_ending = |name: &String| name.rsplit_once('.').is_some_and(|(stem, _)| !stem.is_empty());
    let of_asked = last_part(asked);
    let of_answered = Url::parse(answered).ok().and_then(|url| last_part(&url));
    let ending = format.map(str::to_ascii_lowercase).filter(|format| format.bytes().all(|b| b.is_ascii_alphanumeric()));
    let named = of_asked.clone().filter(with_ending).or_else(|| of_answered.filter(with_ending));
    match (named, ending) {
        (Some(name), _) => name,
        (None, Some(ending)) => format!("{}.{ending}", of_asked.unwrap_or_else(|| "table".to_owned())),
        (None, None) => of_asked.unwrap_or_else(|| "table".to_owned()),
    }
}

fn last_part(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let name = percent_decode_str(last).decode_utf8_lossy();
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).take(LONGEST).collect();
    let name = name.trim().trim_start_matches('.').to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_its_address_says() {
        let cases = [
            ("https://a.test/x/Parcometri%20-%20Brescia.csv?raw=1", "", None, "Parcometri - Brescia.csv"),
            ("https://a.test/download/42", "https://b.test/files/trees.csv", None, "trees.csv"),
            ("https://a.test/download/42", "https://a.test/download/42", Some("CSV"), "42.csv"),
            ("https://a.test/", "", Some("CSV"), "table.csv"),
            ("https://a.test/", "", None, "table"),
            ("https://a.test/..%2F..%2Fetc.csv", "", None, "....etc.csv"),
        ];
        for (asked, answered, format, name) in cases {
            let found = file_name(&Url::parse(asked).expect("an address"), answered, format);
            assert_eq!(found.trim_start_matches('.'), name.trim_start_matches('.'), "{asked}");
        }
    }
}
