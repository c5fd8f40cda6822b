//! What the rows of a table are: persons, office holders, bodies, or neither.

use crate::cell::Sign;
use crate::column::Column;
use crate::guess::{Guess, NamePart};
use crate::header::{self, Meaning};
use crate::kind::Kind;

/// What is known of a table as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    /// How much speaks for rows that are persons.
    pub(crate) persons: u32,
    /// How much of it is private: births, identifiers, homes, health.
    pub(crate) private: u32,
    /// The rows are office holders, candidates or votes.
    pub(crate) official: bool,
    /// The rows are bodies, or offices of bodies.
    pub(crate) bodies: bool,
    /// The rows are figures about groups.
    pub(crate) figures: bool,
    /// The rows are works, prizes, matches: persons are in them as authors.
    pub(crate) authors: bool,
    /// Names of persons were found, whole or in both parts.
    pub(crate) named: bool,
}

impl Context {
    /// Whether rows are private persons.
    pub(crate) const fn rows_are_persons(&self) -> bool {
        self.persons >= 2 && !self.figures
    }

    pub(crate) const fn subject(&self) -> &'static str {
        if self.official {
            "officials"
        } else if self.rows_are_persons() && !self.bodies {
            "persons"
        } else if self.bodies {
            "bodies"
        } else {
            "places-or-figures"
        }
    }
}

/// Judges a table from its columns.
pub(crate) fn judge(table: &str, columns: &[Column], guesses: &[Guess], names: &[(usize, NamePart, f64)]) -> Context {
    let mut context = Context::default();
    let any = |meaning: Meaning| columns.iter().any(|column| column.means(meaning) && column.filled > 0);
    let has =
        |kind: Kind| guesses.iter().any(|guess| guess.kind == kind && !guess.needs_person && guess.confidence >= 0.6);
    let part = |wanted: NamePart| names.iter().any(|(_, part, _)| *part == wanted);
    // Two columns of parts are a whole name, even where it is not known which is which.
    let parts = names.iter().filter(|(_, part, _)| *part != NamePart::Full).count();
    context.named = part(NamePart::Full) || (part(NamePart::Given) && part(NamePart::Family)) || parts >= 2;
    let sexes = columns.iter().any(|column| {
        column.share(Sign::Sex) >= 0.8
            && column.filled > 0
            && (column.means(Meaning::Sex) || column.distinct() <= 4 && column.meanings.is_empty())
    });
    let ages = columns.iter().any(|column| column.means(Meaning::Age) && column.share(Sign::AgeLike) >= 0.6);
    let births = has(Kind::BirthDate) || columns.iter().any(|column| column.means(Meaning::BirthYear));
    let id = has(Kind::NationalId) || has(Kind::Passport) || has(Kind::DrivingLicence);
    let money = has(Kind::PaymentCard);
    let emails = has(Kind::Email);
    let subjects = columns
        .iter()
        .any(|column| column.means(Meaning::Subject) && column.filled > 0 && !column.means(Meaning::Count));
    let soft = [
        Meaning::Marital,
        Meaning::Education,
        Meaning::Nationality,
        Meaning::Health,
        Meaning::Special,
        Meaning::Occupation,
    ];
    let soft = u32::try_from(soft.iter().filter(|meaning| any(**meaning)).count()).unwrap_or(0).min(2);
    let said = |wanted: Meaning| header::meanings(table).has(wanted);

    let yes = u32::from;
    context.persons = yes(id) * 3
        + yes(money) * 2
        + yes(context.named) * 2
        + yes(births) * 2
        + yes(emails)
        + yes(subjects)
        + yes(sexes)
        + yes(ages)
        + soft
        + yes(said(Meaning::Subject));
    context.private = yes(id) * 3
        + yes(money) * 2
        + yes(births) * 2
        + yes(subjects)
        + yes(sexes)
        + yes(ages)
        + yes(any(Meaning::Marital))
        + yes(any(Meaning::Health));

    let counts = columns
        .iter()
        .any(|column| column.means(Meaning::Count) && column.share(Sign::Number) >= 0.6 && !column.means(Meaning::Age));
    let ranges = columns.iter().any(|column| column.means(Meaning::AgeGroup));
    context.figures = (counts || ranges && !subjects) && !context.named && !id && !births && !emails;

    let offices = columns.iter().filter(|column| column.means(Meaning::Official)).count();
    // `Church Road`, `Calle Mayor`: words of streets say nothing of who lives there.
    let street = |column: &Column| column.means(Meaning::Address) || column.share(Sign::Address) >= 0.5;
    let titles = columns.iter().any(|column| column.share(Sign::OfficeWord) >= 0.3 && !street(column));
    let private_numbers = id || money || has(Kind::Iban);
    context.official = (offices >= 2
        || (offices >= 1 && !subjects)
        || (titles && !subjects)
        || (said(Meaning::Official) && !subjects))
        && !private_numbers;

    let body_names = columns.iter().filter(|column| column.means(Meaning::Organisation) && column.filled > 0).count();
    let body_values = columns.iter().any(|column| {
        column.share(Sign::Body) >= 0.3
            && column.share(Sign::Long) < 0.5
            && !column.means(Meaning::Occupation)
            && (column.means(Meaning::Organisation) || !street(column))
    });
    // Given names beside family names are of persons, whatever the file is called after: a club's members, a school's staff.
    let filled = |wanted: Meaning| columns.iter().any(|column| column.means(wanted) && column.filled > 0);
    let apart = filled(Meaning::GivenName) && filled(Meaning::Surname);
    let said_bodies = said(Meaning::Organisation) && !apart;
    // Of a person's employer there is one column among many; of a body nearly everything is.
    context.bodies = (body_names > 0 || body_values || said_bodies) && context.private <= 1;
    context.authors = any(Meaning::Author) && context.private <= 1;
    context
}
