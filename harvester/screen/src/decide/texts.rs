//! Columns of text.

use super::outcome::Bench;
use crate::cell::Sign;
use crate::column::{Column, ratio};
use crate::guess::{Evidence, Guess};
use crate::header::Meaning;
use crate::kind::{Kind, Verdict};
use crate::rules::Rules;

/// Columns of text in which persons are named or told of.
pub(super) fn texts(columns: &[Column], rules: &Rules) -> Vec<Guess> {
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
            (Sign::TextLicence, Kind::DrivingLicence, "text/driving-licence", 0.85),
            (Sign::TextPassport, Kind::Passport, "text/passport", 0.85),
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

impl Bench<'_> {
    /// Things that are shown and told of, as encyclopaedias do: the persons in their descriptions are known ones.
    fn is_encyclopaedic(&self) -> bool {
        self.columns.iter().any(|column| {
            let has = |words: &[&str]| column.words.iter().any(|word| words.contains(&word.as_str()));
            let picture = has(&["image", "images", "picture", "photo", "thumbnail"]) && has(&["url", "urls", "link"]);
            (picture || has(&["wikipedia", "wikidata"])) && column.filled > 0
        })
    }

    /// What comes of something that was found within texts.
    pub(super) fn text_outcome(&self, guess: &Guess, column: &Column) -> Option<(Kind, Verdict)> {
        let public = self.context.official || self.context.bodies || self.context.authors || self.is_encyclopaedic();
        let share = ratio(guess.rows, column.filled);
        let many = guess.rows >= self.rules.rows_least.min(column.filled);
        let names = column.share(Sign::TextName);
        let offices = column.share(Sign::TextOffice);
        let verdict = match guess.kind {
            Kind::Iban | Kind::PaymentCard | Kind::NationalId | Kind::DrivingLicence | Kind::Passport => {
                // Among publications and bodies a number here and there is a grant's, a funder's or a file's.
                let least = if public && guess.kind == Kind::NationalId { 0.02 } else { 0.002 };
                if (many || share >= 0.1) && !(public && guess.kind == Kind::Iban) && share >= least {
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
                    + column.count(Sign::TextLicence)
                    + column.count(Sign::TextPassport)
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
