//! From what columns seem to hold to findings with outcomes.

mod outcome;
mod tables;
mod texts;

use crate::cell::Sign;
use crate::column::Column;
use crate::context::{self, Context};
use crate::guess::{self, Evidence, Guess, NamePart};
use crate::header::Meaning;
use crate::kind::Kind;
use crate::report::Finding;
use crate::rules::Rules;

use outcome::Bench;

/// Everything that is found in a table, and what its rows are.
pub(crate) fn decide(table: &str, columns: &[Column], rules: &Rules) -> (Vec<Finding>, Context) {
    let mut guesses: Vec<Guess> = Vec::new();
    let mut names: Vec<(usize, NamePart, f64)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        guesses.extend(guess::guesses(at, column, rules));
        if let Some((part, confidence, sign)) = guess::name_part(column) {
            names.push((at, part, confidence));
            guesses.push(name_guess(at, column, part, confidence, sign));
        }
    }
    name_generic_neighbours(columns, &mut names, &mut guesses);
    name_those_who_are_numbered(columns, &mut names, &mut guesses);
    let context = context::judge(table, columns, &guesses, &names);
    guesses.extend(tables::addresses(columns, &context));
    guesses.extend(tables::positions(columns));
    guesses.extend(tables::conditions(columns, &context));
    guesses.extend(texts::texts(columns, rules));
    guesses.extend(tables::small_cells(columns, &context));
    let bench = Bench { table, columns, rules, context, names: &names };
    let mut findings: Vec<Finding> = guesses.into_iter().filter_map(|guess| bench.judge(guess)).collect();
    findings
        .sort_by(|one, other| (other.outcome, one.kind, &one.column).cmp(&(one.outcome, other.kind, &other.column)));
    (findings, context)
}

fn name_guess(at: usize, column: &Column, part: NamePart, confidence: f64, sign: Sign) -> Guess {
    let what = match part {
        NamePart::Full => "names of persons",
        NamePart::Given => "given names",
        NamePart::Family => "family names",
    };
    let rows = column.filled.min(column.count(Sign::OneName) + column.count(Sign::NameShape)).max(column.count(sign));
    Guess {
        column: at,
        kind: Kind::PersonName,
        scheme: None,
        rows,
        confidence,
        rule: match part {
            NamePart::Full => "person-name/full",
            NamePart::Given => "person-name/given",
            NamePart::Family => "person-name/family",
        },
        why: format!("By the column's name, the form of its values and known names these are {what}."),
        evidence: Evidence::Sign(sign),
        needs_person: false,
    }
}

/// `name` beside numbers or mailboxes of persons: theirs, though the words are in no list of names.
fn name_those_who_are_numbered(columns: &[Column], names: &mut Vec<(usize, NamePart, f64)>, guesses: &mut Vec<Guess>) {
    let personal = |kind: Kind| matches!(kind, Kind::NationalId | Kind::Passport | Kind::BirthDate | Kind::Email);
    let numbered = guesses.iter().any(|guess| personal(guess.kind) && !guess.needs_person && guess.confidence >= 0.75);
    if !numbered || !names.is_empty() {
        return;
    }
    let found = columns.iter().enumerate().find(|(_, column)| {
        let things = [Meaning::Organisation, Meaning::Place, Meaning::City, Meaning::Address, Meaning::Code];
        column.means(Meaning::Name)
            && !column.meanings.any(&things)
            && column.share(Sign::NameShape) >= 0.7
            && column.distinct() >= 5
            && column.share(Sign::Body) + column.share(Sign::Street) + column.share(Sign::PlaceWord) < 0.2
    });
    if let Some((at, column)) = found {
        names.push((at, NamePart::Full, 0.75));
        guesses.push(name_guess(at, column, NamePart::Full, 0.75, Sign::NameShape));
    }
}

/// `nome` beside `cognome`, `nom` beside `prénom`: a name of whatever becomes the other part of a person's name.
fn name_generic_neighbours(columns: &[Column], names: &mut Vec<(usize, NamePart, f64)>, guesses: &mut Vec<Guess>) {
    let has = |wanted: NamePart| {
        names.iter().any(|(at, part, _)| {
            *part == wanted
                && columns.get(*at).is_some_and(|column| column.meanings.any(&[Meaning::GivenName, Meaning::Surname]))
        })
    };
    let missing = match (has(NamePart::Given), has(NamePart::Family)) {
        (true, false) => NamePart::Family,
        (false, true) => NamePart::Given,
        _ => return,
    };
    for (at, column) in columns.iter().enumerate() {
        let generic = column.means(Meaning::Name)
            && !column.meanings.any(&[Meaning::Organisation, Meaning::Place, Meaning::City, Meaning::Address]);
        let wordy =
            column.share(Sign::OneName) + column.share(Sign::NameShape) >= 0.4 && column.share(Sign::Body) < 0.2;
        if generic && wordy && !names.iter().any(|(known, _, _)| *known == at) {
            names.push((at, missing, 0.85));
            guesses.push(name_guess(at, column, missing, 0.85, Sign::OneName));
            return;
        }
    }
}
