//! From what columns seem to hold to findings with outcomes.

use crate::cell::Sign;
use crate::column::{Column, ratio};
use crate::context::{self, Context};
use crate::guess::{self, Evidence, Guess, NamePart};
use crate::header::Meaning;
use crate::kind::{Kind, Verdict};
use crate::report::Finding;
use crate::rules::Rules;
use crate::scheme::SCHEMES;

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
    let context = context::judge(table, columns, &guesses, &names);
    guesses.extend(addresses(columns, &context));
    guesses.extend(positions(columns));
    guesses.extend(conditions(columns, &context));
    guesses.extend(texts(columns, rules));
    guesses.extend(small_cells(columns, &context));
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

/// Streets with numbers, whether in one column or in two.
fn addresses(columns: &[Column], context: &Context) -> Vec<Guess> {
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
fn positions(columns: &[Column]) -> Vec<Guess> {
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
fn conditions(columns: &[Column], context: &Context) -> Vec<Guess> {
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
        if column.means(Meaning::Health) && !counted {
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

/// Columns of text in which persons are named or told of.
fn texts(columns: &[Column], rules: &Rules) -> Vec<Guess> {
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let long = column.count(Sign::Long);
        if long == 0 {
            continue;
        }
        let parts = [
            (Sign::TextIban, Kind::Iban, "text/iban", 0.97),
            (Sign::TextCard, Kind::PaymentCard, "text/payment-card", 0.95),
            (Sign::TextId, Kind::NationalId, "text/national-id", 0.85),
            (Sign::TextEmail, Kind::Email, "text/email", 0.95),
            (Sign::TextPhone, Kind::Phone, "text/phone", 0.85),
            (Sign::TextIp, Kind::IpAddress, "text/ip-address", 0.85),
            (Sign::TextBirth, Kind::BirthDate, "text/birth-date", 0.85),
            (Sign::TextAddress, Kind::HomeAddress, "text/address", 0.8),
            (Sign::TextName, Kind::PersonName, "text/person-name", 0.8),
        ];
        let mut any = 0;
        for (sign, kind, rule, confidence) in parts {
            let rows = column.count(sign);
            if rows == 0 {
                continue;
            }
            any = any.max(rows);
            found.push(Guess {
                column: at,
                kind,
                scheme: None,
                rows,
                confidence,
                rule,
                why: format!("{rows} of {} texts.", column.filled),
                evidence: Evidence::Sign(sign),
                needs_person: false,
            });
        }
        let least = if column.filled < 20 { 1 } else { rules.rows_least };
        if any >= least && ratio(any, column.filled) >= rules.text_share / 2.0 {
            found.push(Guess {
                column: at,
                kind: Kind::FreeText,
                scheme: None,
                rows: any,
                confidence: (0.6 + ratio(any, column.filled) * 0.4).min(0.97),
                rule: "text/persons",
                why: format!("Persons are named or told of in {any} of {} texts at least.", column.filled),
                evidence: Evidence::Sign(Sign::TextName),
                needs_person: false,
            });
        }
    }
    found
}

/// Counts of few persons.
fn small_cells(columns: &[Column], context: &Context) -> Vec<Guess> {
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

/// Everything by which an outcome is decided.
struct Bench<'a> {
    table: &'a str,
    columns: &'a [Column],
    rules: &'a Rules,
    context: Context,
    names: &'a [(usize, NamePart, f64)],
}

impl Bench<'_> {
    fn judge(&self, guess: Guess) -> Option<Finding> {
        let column = self.columns.get(guess.column)?;
        if guess.confidence < self.rules.report_confidence {
            return None;
        }
        let (kind, outcome) = self.outcome(&guess, column)?;
        let (row_numbers, examples) = match guess.evidence {
            Evidence::Sign(sign) => column.evidence(sign),
            Evidence::Scheme(at) => column.scheme_evidence(at),
            Evidence::None => Default::default(),
        };
        let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
        Some(Finding {
            table: self.table.to_owned(),
            column: column.name.clone(),
            kind,
            scheme: guess.scheme.and_then(|at| SCHEMES.get(at)).map(|scheme| scheme.id.to_owned()),
            rows: guess.rows.min(column.filled),
            share: round(ratio(guess.rows.min(column.filled), column.filled)),
            confidence: round(guess.confidence),
            outcome,
            rule: guess.rule.to_owned(),
            why: guess.why,
            row_numbers,
            examples,
        })
    }

    /// What a guess is in its table, and what comes of it; `None` when it is nothing there.
    fn outcome(&self, guess: &Guess, column: &Column) -> Option<(Kind, Verdict)> {
        let persons = self.context.rows_are_persons();
        let public = self.context.official || self.context.bodies;
        let enough = guess.rows >= self.rules.rows_least.min(column.filled.max(1))
            && guess.confidence >= self.rules.hold_confidence;
        let hold = if enough { Verdict::Hold } else { Verdict::Notes };
        let in_text = guess.rule.starts_with("text/");
        if in_text {
            return self.text_outcome(guess, column);
        }
        let verdict = match guess.kind {
            Kind::NationalId if guess.needs_person && !persons => {
                return (guess.rule == "national-id/check-digits" && !public)
                    .then_some((Kind::NationalId, Verdict::Notes));
            }
            Kind::NationalId | Kind::Passport | Kind::DrivingLicence | Kind::PaymentCard => {
                if public && column.meanings.any(&[Meaning::Organisation]) {
                    Verdict::Notes
                } else if guess.rows > 0 {
                    hold
                } else {
                    return None;
                }
            }
            Kind::Iban => {
                if public {
                    Verdict::Notes
                } else {
                    hold
                }
            }
            Kind::Credentials if guess.needs_person && !persons => return None,
            Kind::Credentials => {
                if guess.rule == "credentials/username" && (!persons || public) {
                    Verdict::Notes
                } else {
                    hold
                }
            }
            Kind::Email if public => return Some((Kind::PublicContact, Verdict::Notes)),
            Kind::Email => hold,
            Kind::Phone if public || column.means(Meaning::Public) => {
                return Some((Kind::PublicContact, Verdict::Notes));
            }
            Kind::Phone if persons || self.context.named || column.means(Meaning::Mobile) => hold,
            Kind::Phone => {
                let place = self
                    .columns
                    .iter()
                    .any(|column| column.meanings.any(&[Meaning::Place, Meaning::Name, Meaning::Latitude]));
                if place || guess.confidence < 0.9 { Verdict::Notes } else { hold }
            }
            Kind::IpAddress | Kind::MacAddress | Kind::DeviceId => {
                let machine =
                    self.columns.iter().any(|column| column.words.iter().any(|word| MACHINES.contains(&word.as_str())));
                if machine && !persons {
                    return None;
                }
                if public && !persons { Verdict::Notes } else { hold }
            }
            Kind::VehiclePlate => {
                if self.context.bodies || guess.confidence < 0.6 {
                    Verdict::Notes
                } else {
                    hold
                }
            }
            Kind::BirthDate if guess.needs_person && !(self.context.named || self.context.private >= 2) => return None,
            Kind::BirthDate => {
                if self.context.official {
                    Verdict::Notes
                } else {
                    hold
                }
            }
            Kind::PersonName => {
                return self.name_outcome(guess, column, hold).map(|verdict| (Kind::PersonName, verdict));
            }
            Kind::HomeAddress if public && self.context.private < 2 => {
                return (guess.confidence >= 0.75 && self.context.official)
                    .then_some((Kind::PublicContact, Verdict::Notes));
            }
            Kind::HomeAddress => {
                let homes = self.context.named || self.context.private >= 2 || (persons && self.context.private >= 1);
                if homes && !self.context.official { hold } else { return None }
            }
            Kind::Coordinates => {
                let subjects = self.columns.iter().any(|column| column.means(Meaning::Subject));
                let tied = (persons && self.context.private >= 1) || (subjects && !self.context.figures);
                if tied && !public { hold } else { return None }
            }
            Kind::Health | Kind::SpecialCategory => {
                if persons && !public {
                    hold
                } else if persons && self.context.private >= 2 {
                    Verdict::Notes
                } else {
                    return None;
                }
            }
            Kind::PublicContact | Kind::SmallCells | Kind::DocumentProperty => Verdict::Notes,
            Kind::FreeText | Kind::ReIdentification => hold,
        };
        Some((guess.kind, verdict))
    }

    /// Names of persons hold when the persons are private ones.
    fn name_outcome(&self, guess: &Guess, column: &Column, hold: Verdict) -> Option<Verdict> {
        let pair = self.context.named;
        let explicit =
            column.meanings.any(&[Meaning::GivenName, Meaning::Surname, Meaning::FullName, Meaning::Subject]);
        let contacts = self.columns.iter().any(|column| {
            column.share(Sign::EmailPersonal) >= 0.3
                || (column.means(Meaning::Mobile)
                    && column.count(Sign::PhonePossible)
                        + column.count(Sign::PhoneGrouped)
                        + column.count(Sign::PhoneInternational)
                        > 0)
        });
        if !pair {
            // Statistics of first names and of family names are published everywhere.
            return (self.context.private >= 2 && explicit && !self.context.official).then_some(hold).or((!self
                .context
                .figures
                && explicit)
                .then_some(Verdict::Notes));
        }
        if self.context.official || (self.context.bodies && self.context.private <= 1) || self.context.authors {
            return Some(Verdict::Notes);
        }
        let author = column.means(Meaning::Author);
        let tells_more = self.context.private >= 1 || contacts || (explicit && self.names.len() >= 2);
        if author && !tells_more {
            return Some(Verdict::Notes);
        }
        if explicit || tells_more || guess.confidence >= 0.9 && column.meanings.is_empty() {
            Some(hold)
        } else {
            Some(Verdict::Notes)
        }
    }

    fn text_outcome(&self, guess: &Guess, column: &Column) -> Option<(Kind, Verdict)> {
        let public = self.context.official || self.context.bodies || self.context.authors;
        let share = ratio(guess.rows, column.filled);
        let many = guess.rows >= self.rules.rows_least.min(column.filled);
        let names = column.share(Sign::TextName);
        let offices = column.share(Sign::TextOffice);
        let verdict = match guess.kind {
            Kind::Iban | Kind::PaymentCard | Kind::NationalId => {
                if (many || share >= 0.1) && !(public && guess.kind == Kind::Iban) && share >= 0.002 {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            Kind::Email if public => return Some((Kind::PublicContact, Verdict::Notes)),
            Kind::Email => {
                if many && share >= 0.01 {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            Kind::Phone if public => return Some((Kind::PublicContact, Verdict::Notes)),
            Kind::Phone => {
                if many && share >= 0.02 && names >= 0.02 {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            Kind::BirthDate => {
                if many && share >= 0.02 && names >= 0.05 && !public {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            Kind::HomeAddress => {
                if many && share >= 0.02 && names >= 0.05 && !public {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            Kind::FreeText => {
                let private = column.count(Sign::TextIban)
                    + column.count(Sign::TextCard)
                    + column.count(Sign::TextId)
                    + column.count(Sign::TextEmail)
                    + column.count(Sign::TextPhone)
                    + column.count(Sign::TextBirth);
                let some = guess.rows >= self.rules.rows_least;
                let intimate = some && names >= 0.2 && column.share(Sign::TextIntimate) >= 0.05;
                let mostly = some
                    && names >= 0.3
                    && names > offices * 2.0
                    && (column.means(Meaning::FreeText) || column.meanings.is_empty());
                let tied = ratio(private, column.filled) >= 0.02 && private >= self.rules.rows_least.min(column.filled);
                if !public && share >= self.rules.text_share && (tied || intimate || mostly) {
                    Verdict::Hold
                } else {
                    Verdict::Notes
                }
            }
            _ => Verdict::Notes,
        };
        // A name here and there in thousands of descriptions is no finding.
        (verdict == Verdict::Hold || (many && share >= self.rules.text_share / 2.0)).then_some((guess.kind, verdict))
    }
}

/// Words of tables of machines, whose addresses are nobody's.
const MACHINES: &[&str] = &[
    "server",
    "servers",
    "netblock",
    "asn",
    "nameserver",
    "router",
    "switch",
    "dns",
    "hostname",
    "subnet",
    "gateway",
    "firewall",
];
