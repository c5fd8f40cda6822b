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
    /// The rows are persons with their own contacts or accounts, though a column tells of their employer.
    pub(crate) listed: bool,
    /// Most rows tell when somebody died.
    pub(crate) deceased: bool,
}

impl Context {
    /// Whether rows are private persons.
    pub(crate) const fn rows_are_persons(&self) -> bool {
        self.persons >= 2 && !self.figures
    }

    /// Lives that are told with birth and death, as of painters and laureates; what is private beside births and sexes speaks
    /// against.
    pub(crate) const fn is_of_the_dead(&self) -> bool {
        self.deceased && self.private <= 3
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

    context.listed = !context.official && is_list_of_persons(columns, guesses, names, subjects, has(Kind::Iban));
    // `amt` is an office in German, and an amount where numbers stand under it.
    let amount = |column: &Column| column.words.iter().any(|word| word == "amt") && column.share(Sign::Number) >= 0.5;
    let named_body = |column: &&Column| column.means(Meaning::Organisation) && column.filled > 0 && !amount(column);
    let body_names = columns.iter().filter(named_body).count();
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
    context.bodies = (body_names > 0 || body_values || said_bodies) && context.private <= 1 && !context.listed;
    context.authors = any(Meaning::Author) && context.private <= 1;
    let rows = columns.iter().map(|column| column.filled).max().unwrap_or(0);
    let died = |column: &Column| tells_of_death(column) && column.filled * 2 >= rows;
    context.deceased = !id && !money && !emails && columns.iter().any(died);
    context
}

/// Words of names of columns that tell whom to ask at a body, not of whom the row is.
const OF_BODIES: &[&str] = &[
    "contact",
    "contacts",
    "kontakt",
    "ansprechpartner",
    "ansprechperson",
    "kontaktperson",
    "contactpersoon",
    "contacto",
    "contato",
    "contatto",
    "referente",
    "head",
    "headteacher",
    "principal",
    "director",
    "directeur",
    "directrice",
    "direktor",
    "leitung",
    "leiter",
    "manager",
    "responsable",
    "responsabile",
    "owner",
    "chair",
    "chairman",
    "secretary",
];

/// Whether whole names stand in columns of their own beside mailboxes of persons, accounts, or telephones of customers and
/// employees: a register of bodies has its offices' mailboxes, and says of its names whom they are to be asked for.
fn is_list_of_persons(
    columns: &[Column],
    guesses: &[Guess],
    names: &[(usize, NamePart, f64)],
    subjects: bool,
    accounts: bool,
) -> bool {
    let own = |column: &Column| !column.words.iter().any(|word| OF_BODIES.contains(&word.as_str()));
    let part = |wanted: NamePart, meaning: Meaning| {
        names.iter().any(|(at, part, _)| {
            *part == wanted
                && columns.get(*at).is_some_and(|column| {
                    let whole = wanted == NamePart::Full && column.meanings.any(&[Meaning::Name, Meaning::Subject]);
                    (column.means(meaning) || whole) && !column.means(Meaning::Organisation) && own(column)
                })
        })
    };
    let apart = part(NamePart::Given, Meaning::GivenName) && part(NamePart::Family, Meaning::Surname);
    if !apart && !part(NamePart::Full, Meaning::FullName) {
        return false;
    }
    let mailboxes = columns.iter().any(|column| {
        let personal = column.count(Sign::EmailPersonal);
        personal >= 3 && column.share(Sign::Long) <= 0.5 && personal * 2 >= column.count(Sign::Email)
    });
    let phones =
        guesses.iter().any(|guess| guess.kind == Kind::Phone && !guess.needs_person && guess.confidence >= 0.9);
    mailboxes || accounts || (subjects && phones)
}

/// Whether a column has the day or year of death of most rows.
fn tells_of_death(column: &Column) -> bool {
    let said = column.words.iter().any(|word| DEATH.contains(&word.as_str()))
        || column.words.windows(3).any(|words| matches!(words, [when, of, death] if (when == "date" || when == "year") && of == "of" && death == "death"))
        || column.words.windows(2).any(|words| matches!(words, [death, when] if (when == "date" || when == "year") && death == "death"));
    // A year has four digits; `0` and `1` say whether somebody did.
    let dated =
        column.share(Sign::Date) >= 0.5 || (column.share(Sign::Whole) >= 0.5 && column.bytes >= column.filled * 4);
    said && column.filled >= 3 && dated
}

/// What a column of days or years of death is called.
const DEATH: &[&str] =
    &["died", "deathdate", "gestorben", "todesjahr", "sterbejahr", "todesdatum", "morto", "overleden"];
