//! Names of columns that can stand in addresses.

use std::collections::HashSet;

use fairground_domain::fold;

/// Characters of a name, as [`fairground_domain::Column::name`] promises.
const NAME_CHARS_MAX: usize = 63;
/// Characters of a title that are kept.
const TITLE_CHARS_MAX: usize = 500;

/// Words that addresses of rows use themselves: a column of this name gets `_` behind it.
const RESERVED: [&str; 40] = [
    "aggregate",
    "api_key",
    "bbox",
    "bbox_crs",
    "count",
    "crs",
    "cursor",
    "datetime",
    "distinct",
    "download",
    "f",
    "facets",
    "fields",
    "filter",
    "filter_crs",
    "filter_lang",
    "filters",
    "format",
    "group_by",
    "groupby",
    "having",
    "ids",
    "include_total",
    "lang",
    "limit",
    "metrics",
    "offset",
    "order_by",
    "page",
    "pretty",
    "properties",
    "q",
    "records_format",
    "resource_id",
    "select",
    "sort",
    "sortby",
    "total",
    "version",
    "where",
];

/// A name for each title: unique whatever the case, 1 to 63 of `a-z 0-9 _`, no digit first, none that addresses use
/// themselves. Titles without any letter or digit that can be written so become `column_1`, `column_2` … by their place.
pub(crate) fn usable_names(titles: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(titles.len());
    for (at, title) in titles.iter().enumerate() {
        let base = usable_name(title).unwrap_or_else(|| format!("column_{}", at + 1));
        let mut name = base.clone();
        let mut number = 2usize;
        while !taken.insert(name.clone()) {
            let suffix = format!("_{number}");
            name = format!("{}{suffix}", cut(&base, NAME_CHARS_MAX - suffix.len()));
            number += 1;
        }
        names.push(name);
    }
    names
}

/// A title as it is shown: no control characters, no blanks around, of bounded length.
pub(crate) fn clean_title(text: &str) -> String {
    let spaced: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    let mut title = String::with_capacity(spaced.len());
    for word in spaced.split_whitespace() {
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    title.trim_start_matches('\u{feff}').chars().take(TITLE_CHARS_MAX).collect()
}

fn cut(name: &str, length: usize) -> &str {
    name.get(..length).unwrap_or(name).trim_end_matches('_')
}

fn usable_name(title: &str) -> Option<String> {
    let mut name = String::new();
    for sign in fold(title).chars() {
        match sign {
            'a'..='z' | '0'..='9' => name.push(sign),
            _ => match latin(sign) {
                Some(letters) => name.push_str(letters),
                None if name.is_empty() || name.ends_with('_') => {}
                None => name.push('_'),
            },
        }
        if name.len() > NAME_CHARS_MAX * 2 {
            break;
        }
    }
    let name = name.trim_matches('_');
    if name.is_empty() {
        return None;
    }
    let name =
        if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name.to_owned() };
    let name = cut(&name, NAME_CHARS_MAX).to_owned();
    Some(if RESERVED.binary_search(&name.as_str()).is_ok() { format!("{name}_") } else { name })
}

/// Latin letters for a Cyrillic or Greek one, in lower case (after ISO 9 and ISO 843, without signs above letters).
fn latin(sign: char) -> Option<&'static str> {
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
        "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    const GREEK: [&str; 25] = [
        "a", "b", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f",
        "ch", "ps", "o",
    ];
    let place = |first: char| usize::try_from(u32::from(sign).checked_sub(u32::from(first))?).ok();
    match sign {
        'а'..='я' => place('а').and_then(|at| CYRILLIC.get(at)).copied(),
        'α'..='ω' => place('α').and_then(|at| GREEK.get(at)).copied(),
        'ё' | 'є' => Some("e"),
        'і' | 'ї' => Some("i"),
        'ґ' => Some("g"),
        'ў' => Some("u"),
        'ђ' => Some("dj"),
        'ј' => Some("j"),
        'љ' => Some("lj"),
        'њ' => Some("nj"),
        'ћ' => Some("c"),
        'џ' => Some("dz"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(titles: &[&str]) -> Vec<String> {
        usable_names(&titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn reserved_words_are_in_order() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn every_title_gets_a_usable_name() {
        let long = "x".repeat(200);
        let cases: [(&[&str], &[&str]); 10] = [
            (&["id", "Name"], &["id", "name"]),
            (&["Città sede", "Straße", "Año"], &["citta_sede", "strasse", "ano"]),
            (&["Население", "Περιοχή"], &["naselenie", "periochi"]),
            (&["", "  ", "国名"], &["column_1", "column_2", "column_3"]),
            (&["a", "A", "a_2", "a"], &["a", "a_2", "a_2_2", "a_3"]),
            (&["2011", "1st value"], &["_2011", "_1st_value"]),
            (&["filter", "Q", "limit"], &["filter_", "q_", "limit_"]),
            (&["<script>alert(1)</script>", "'; DROP TABLE x; --"], &["script_alert_1_script", "drop_table_x"]),
            (&["line\nbreak", "nul\0byte", "\"quoted\""], &["line_break", "nul_byte", "quoted"]),
            (&["Resource1 (°C)", "%"], &["resource1_c", "column_2"]),
        ];
        for (titles, expected) in cases {
            assert_eq!(names(titles), expected, "{titles:?}");
        }
        let twice = names(&[&long, &long]);
        assert_eq!((twice[0].len(), twice[1].len()), (63, 63));
        assert_ne!(twice[0], twice[1]);
    }

    proptest::proptest! {
        #[test]
        fn names_keep_their_promise(titles in proptest::collection::vec(".{0,80}", 0..12)) {
            let names = usable_names(&titles);
            let mut seen = std::collections::HashSet::new();
            for name in &names {
                proptest::prop_assert!((1..=63).contains(&name.len()), "{}", name);
                proptest::prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
                proptest::prop_assert!(!name.starts_with(|c: char| c.is_ascii_digit()));
                proptest::prop_assert!(seen.insert(name.clone()));
            }
        }
    }
}
