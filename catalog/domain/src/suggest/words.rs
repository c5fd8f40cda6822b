//! Keywords from the title and the headings, and units in headings.

use super::period::words_of;
use super::{MOST_KEYWORDS, Suggested};
use crate::table::Snapshot;
use crate::text::fold;

/// Letters that a keyword has at least.
const LEAST_LETTERS: usize = 3;
/// Longest unit, in characters.
const LONGEST_UNIT: usize = 16;

/// Little words of some languages, and what headings of every table say, folded.
const NO_KEYWORDS: &[&str] = &[
    "address",
    "adresse",
    "amount",
    "and",
    "anno",
    "annee",
    "ano",
    "anzahl",
    "auf",
    "aus",
    "avec",
    "average",
    "aux",
    "bei",
    "bis",
    "but",
    "category",
    "city",
    "code",
    "codigo",
    "codice",
    "column",
    "comment",
    "con",
    "count",
    "dans",
    "das",
    "data",
    "date",
    "dati",
    "datos",
    "datum",
    "day",
    "dei",
    "del",
    "della",
    "delle",
    "dem",
    "den",
    "der",
    "des",
    "desc",
    "description",
    "desde",
    "die",
    "dos",
    "ein",
    "eine",
    "email",
    "end",
    "entre",
    "est",
    "etat",
    "fecha",
    "fid",
    "field",
    "flag",
    "for",
    "from",
    "fur",
    "geom",
    "geometry",
    "geo",
    "gid",
    "given",
    "group",
    "het",
    "ident",
    "identifier",
    "ihre",
    "index",
    "item",
    "jahr",
    "jour",
    "key",
    "label",
    "las",
    "lat",
    "latitude",
    "length",
    "les",
    "link",
    "list",
    "lon",
    "long",
    "longitude",
    "los",
    "max",
    "mean",
    "measured",
    "median",
    "min",
    "mit",
    "mois",
    "monat",
    "month",
    "name",
    "nombre",
    "nome",
    "nom",
    "not",
    "note",
    "notes",
    "number",
    "numero",
    "nummer",
    "objectid",
    "oder",
    "other",
    "par",
    "percent",
    "period",
    "place",
    "por",
    "pour",
    "quantity",
    "que",
    "rate",
    "remarks",
    "row",
    "shape",
    "size",
    "some",
    "start",
    "state",
    "status",
    "std",
    "sum",
    "sur",
    "tag",
    "text",
    "the",
    "time",
    "timestamp",
    "title",
    "titel",
    "titre",
    "titolo",
    "total",
    "tra",
    "type",
    "typ",
    "und",
    "une",
    "unit",
    "updated",
    "uuid",
    "url",
    "valeur",
    "valor",
    "valore",
    "value",
    "van",
    "version",
    "von",
    "wert",
    "which",
    "with",
    "year",
    "zur",
    "zum",
];

pub(super) fn of(title: &str, tables: &[Snapshot]) -> Option<Suggested<Vec<String>>> {
    let mut words: Vec<String> = Vec::new();
    let headings = tables.iter().flat_map(|table| &table.columns).map(|column| column.title.as_str());
    // A heading of one word names a thing; one of several mostly says something about it.
    let headings = headings.filter(|heading| words_of(heading).len() == 1);
    for text in std::iter::once(title).chain(headings) {
        let raw = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        for word in raw {
            let telling = word.chars().count() >= LEAST_LETTERS
                && word.chars().all(char::is_alphabetic)
                && !NO_KEYWORDS.contains(&fold(&word).as_str());
            if telling && !words.contains(&word) && words.len() < MOST_KEYWORDS {
                words.push(word);
            }
        }
    }
    if words.is_empty() {
        return None;
    }
    Some(Suggested::new(words, "They stand in the title and in the headings of columns."))
}

/// A heading without the unit at its end, and the unit: `Level (m)`, `pm10 [µg/m³]`, `share %`.
pub(super) fn without_unit(heading: &str) -> (&str, Option<String>) {
    let heading = heading.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((before, rest)) = heading.strip_suffix(close).and_then(|text| text.rsplit_once(open)) {
            let unit = rest.trim();
            let is_unit = !before.trim().is_empty()
                && (1..=LONGEST_UNIT).contains(&unit.chars().count())
                && unit.split_whitespace().count() <= 2
                && unit.chars().any(|c| c.is_alphabetic() || matches!(c, '%' | '°' | '€' | '$' | '£'));
            if is_unit {
                return (before.trim(), Some(unit.to_owned()));
            }
        }
    }
    match heading.strip_suffix('%') {
        Some(before) if !before.trim().is_empty() => (before.trim(), Some("%".to_owned())),
        _ => (heading, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{column, table};
    use super::*;
    use crate::table::ColumnType;

    #[test]
    fn words_that_every_table_has_are_no_keywords() {
        let headings = ["id", "name", "species", "planted on", "lat", "lon", "species", "x1"];
        let columns = headings.map(|heading| column(heading, ColumnType::Text, None, 1)).to_vec();
        let found = of("Street trees of the city", &[table("t", columns)]).expect("keywords");
        assert_eq!(found.value, ["street", "trees", "species"]);
        assert_eq!(of("Data 2024", &[]), None);
    }

    #[test]
    fn no_more_than_a_few() {
        let title = ('a'..='z').map(|letter| String::from(letter).repeat(5)).collect::<Vec<_>>().join(" ");
        assert_eq!(of(&title, &[]).map(|it| it.value.len()), Some(MOST_KEYWORDS));
    }

    #[test]
    fn units_are_told_from_remarks() {
        for (heading, title, unit) in [
            ("Level (m)", "Level", Some("m")),
            ("pm10 [µg/m³]", "pm10", Some("µg/m³")),
            ("share %", "share", Some("%")),
            ("Price (EUR/MWh)", "Price", Some("EUR/MWh")),
            ("Name (as the register spells it)", "Name (as the register spells it)", None),
            ("(m)", "(m)", None),
            ("Year (2024)", "Year (2024)", None),
            ("%", "%", None),
        ] {
            assert_eq!(without_unit(heading), (title, unit.map(str::to_owned)), "{heading}");
        }
    }
}
