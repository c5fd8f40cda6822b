//! What comes of a guess in its table.

use crate::cell::Sign;
use crate::column::{Column, ratio};
use crate::context::Context;
use crate::guess::{Evidence, Guess, NamePart};
use crate::header::Meaning;
use crate::kind::{Kind, Verdict};
use crate::report::Finding;
use crate::rules::Rules;
use crate::scheme::SCHEMES;

/// Everything by which an outcome is decided.
pub(super) struct Bench<'a> {
    pub(super) table: &'a str,
    pub(super) columns: &'a [Column],
    pub(super) rules: &'a Rules,
    pub(super) context: Context,
    pub(super) names: &'a [(usize, NamePart, f64)],
}

impl Bench<'_> {
    pub(super) fn judge(&self, guess: Guess) -> Option<Finding> {
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
            Kind::Phone if guess.needs_person && !(self.context.named && persons) => return None,
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
            // Who comes again with other dates was not born on them.
            Kind::BirthDate if guess.needs_person && !self.names_come_once() => return None,
            Kind::BirthDate => {
                if self.context.official || self.context.is_of_the_dead() {
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
                // Where works stand that somebody made is not where the maker lives.
                let named = self.context.named && !(self.context.authors && self.context.private == 0);
                let homes = named || self.context.private >= 2 || (persons && self.context.private >= 1);
                if homes && !self.context.official { hold } else { return None }
            }
            Kind::Coordinates => {
                let subjects = self.columns.iter().any(|column| column.means(Meaning::Subject));
                let home = column.words.iter().any(|word| word == "home") && self.context.named;
                let tied = (persons && self.context.private >= 1) || (subjects && !self.context.figures) || home;
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

    /// Whether most whole names stand in one row each; parts of names come again anyway.
    fn names_come_once(&self) -> bool {
        let whole = |(at, part, _): &(usize, NamePart, f64)| {
            (*part == NamePart::Full).then(|| self.columns.get(*at).is_some_and(|column| column.variety() >= 0.5))
        };
        let mut whole = self.names.iter().filter_map(whole).peekable();
        whole.peek().is_none() || whole.any(|once| once)
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
        if self.context.official
            || (self.context.bodies && self.context.private <= 1)
            || self.context.authors
            || self.context.is_of_the_dead()
        {
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
