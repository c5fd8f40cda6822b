//! What columns are together: streets beside numbers, latitudes beside longitudes, counts beside persons.

use crate::cell::Sign;
use crate::column::Column;
use crate::context::Context;
use crate::guess::{Evidence, Guess};
use crate::header::Meaning;
use crate::kind::Kind;

/// Streets with numbers, whether in one column or in two.
pub(super) fn addresses(columns: &[Column], context: &Context) -> Vec<Guess> {
    let numbers = columns.iter().any(|column| column.means(Meaning::HouseNumber));
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let share = column.share(Sign::Address);
        let street = column.share(Sign::Street);
        let named = column.means(Meaning::Address);
        let (confidence, rule) = if named && share >= 0.25 {
            (0.95, "home-address/name-and-form")
        } else if named
            && (numbers || context.rows_are_persons())
            && column.share(Sign::Number) < 0.5
            && column.filled > 0
            && column.variety() > 0.05
        {
            (if street >= 0.3 { 0.9 } else { 0.75 }, "home-address/name")
        } else if share >= 0.5 && column.share(Sign::Long) < 0.5 && !column.means(Meaning::Organisation) {
            (0.8, "home-address/form")
        } else {
            continue;
        };
        let rows = if rule == "home-address/form" { column.count(Sign::Address) } else { column.filled };
        found.push(Guess {
            column: at,
            kind: Kind::HomeAddress,
            scheme: None,
            rows,
            confidence,
            rule,
            why: "Streets and numbers, in rows that are persons.".to_owned(),
            evidence: Evidence::Sign(if share > 0.0 { Sign::Address } else { Sign::Street }),
            needs_person: true,
        });
    }
    found
}

/// Latitudes beside longitudes, with four decimals (some ten metres) or more.
pub(super) fn positions(columns: &[Column]) -> Vec<Guess> {
    let make = |at: usize, rows: u64, sign: Sign, rule: &'static str| Guess {
        column: at,
        kind: Kind::Coordinates,
        scheme: None,
        rows,
        confidence: 0.9,
        rule,
        why: "Positions to ten metres or less, in rows that are persons.".to_owned(),
        evidence: Evidence::Sign(sign),
        needs_person: true,
    };
    let precise = |column: &Column| column.share(Sign::Precise) >= 0.4;
    let latitude = columns.iter().any(|column| column.means(Meaning::Latitude) && precise(column));
    let longitude = columns.iter().any(|column| column.means(Meaning::Longitude) && precise(column));
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        if latitude && longitude && column.meanings.any(&[Meaning::Latitude, Meaning::Longitude]) && precise(column) {
            found.push(make(at, column.count(Sign::Precise), Sign::Precise, "coordinates/name-and-precision"));
        } else if column.share(Sign::Position) >= 0.4 {
            found.push(make(at, column.count(Sign::Position), Sign::Position, "coordinates/pairs"));
        }
    }
    found
}

/// Health and the other special categories, by what columns are called; codes of the ICD by their form.
pub(super) fn conditions(columns: &[Column], context: &Context) -> Vec<Guess> {
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let counted = column.means(Meaning::Count) || column.filled == 0;
        let make = |kind: Kind, confidence: f64, rule: &'static str, sign: Option<Sign>| Guess {
            column: at,
            kind,
            scheme: None,
            rows: sign.map_or(column.filled, |sign| column.count(sign)),
            confidence,
            rule,
            why: "The column's name or codes tell of what is nobody's business, in rows that are persons.".to_owned(),
            evidence: sign.map_or(Evidence::None, Evidence::Sign),
            needs_person: true,
        };
        // `treatment` of `0` and `1` is the arm of an experiment, whatever it is about.
        let arm = column.words.iter().any(|word| word == "treatment") && column.share(Sign::Whole) >= 0.9;
        if column.means(Meaning::Health) && !counted && !arm {
            found.push(make(Kind::Health, 0.9, "health/name", None));
        } else if column.share(Sign::IllnessCode) >= 0.8 && column.filled >= 5 && context.persons >= 2 {
            found.push(make(Kind::Health, 0.75, "health/icd-code", Some(Sign::IllnessCode)));
        }
        if column.means(Meaning::Special) && !counted && !(context.official && column.means(Meaning::Official)) {
            found.push(make(Kind::SpecialCategory, 0.9, "special-category/name", None));
        }
    }
    found
}

/// Counts of few persons.
pub(super) fn small_cells(columns: &[Column], context: &Context) -> Vec<Guess> {
    let people = [
        Meaning::Age,
        Meaning::AgeGroup,
        Meaning::Sex,
        Meaning::Health,
        Meaning::Special,
        Meaning::Nationality,
        Meaning::Marital,
    ];
    if context.rows_are_persons() || !columns.iter().any(|column| column.meanings.any(&people)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let rows = column.count(Sign::Small);
        if column.means(Meaning::Count) && column.share(Sign::Whole) >= 0.6 && rows > 0 {
            found.push(Guess {
                column: at,
                kind: Kind::SmallCells,
                scheme: None,
                rows,
                confidence: 0.7,
                rule: "small-cells/count",
                why: format!("{rows} counts of one to four, beside what tells persons apart."),
                evidence: Evidence::Sign(Sign::Small),
                needs_person: false,
            });
        }
    }
    found
}
