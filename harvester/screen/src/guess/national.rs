//! Columns of numbers by which states know persons.

use super::{Evidence, Guess, NOT_PERSONS, Seer};
use crate::cell::Sign;
use crate::column::ratio;
use crate::header::{self, Meaning, Meanings};
use crate::kind::Kind;
use crate::scheme::{SCHEMES, Scheme, Strength};

/// Meanings of names of columns that hold other numbers.
const OTHER_NUMBERS: &[Meaning] = &[
    Meaning::Phone,
    Meaning::Mobile,
    Meaning::Card,
    Meaning::Iban,
    Meaning::Postcode,
    Meaning::Latitude,
    Meaning::Longitude,
];

/// Names of numbers that only persons have, without their gaps.
const PERSONS_ALONE: &[&str] = &[
    "ssn",
    "socialsecurity",
    "socsec",
    "nationalid",
    "nationalidentity",
    "nationalinsurance",
    "personalid",
    "identitycard",
    "citizenid",
    "citizennumber",
    "residentregistration",
    "personnummer",
    "personalausweis",
    "sozialversicherung",
    "aadhaar",
    "aadhar",
    "curp",
    "주민등록번호",
    "주민번호",
    "身份证",
    "身分證",
    "マイナンバー",
];

/// Whether [`Seer::weigh`] may ever say yes to a column of digits with this name; where it may not, its digits need no check.
pub(crate) fn may_be_national_id(words: &[String], meanings: Meanings) -> bool {
    if meanings.has(Meaning::NationalId) || !(meanings.any(NOT_PERSONS) || meanings.any(OTHER_NUMBERS)) {
        return true;
    }
    let joined = words.concat();
    let named = |scheme: &Scheme| scheme.words.iter().any(|wanted| header::names_scheme(words, &joined, wanted));
    SCHEMES.iter().any(named)
}

impl Seer<'_> {
    pub(super) fn national_id(&self) -> Option<Guess> {
        let general = self.column.means(Meaning::NationalId);
        let mut best: Option<(f64, Guess)> = None;
        for (at, scheme) in SCHEMES.iter().enumerate() {
            let count = self.column.scheme_count(at);
            if count == 0 {
                continue;
            }
            let Some((confidence, rule, needs_person)) = self.weigh(at, count, general) else { continue };
            let named = if self.column.names_scheme(at) { 1.0 } else { 0.0 };
            let worth = named * 2.0 + confidence + ratio(count, self.column.filled) - scheme.chance;
            if best.as_ref().is_none_or(|(other, _)| worth > *other) {
                let passing = ratio(count, self.column.filled) * 100.0;
                let why = format!(
                    "{passing:.0} % of the values are {} by length, form and check; by chance it would be {:.1} %.",
                    scheme.name,
                    scheme.chance * 100.0
                );
                let guess = Guess {
                    column: self.at,
                    kind: Kind::NationalId,
                    scheme: Some(at),
                    rows: count,
                    confidence,
                    rule,
                    why,
                    evidence: Evidence::Scheme(at),
                    needs_person,
                };
                best = Some((worth, guess));
            }
        }
        if let Some((_, guess)) = best {
            return Some(guess);
        }
        let named =
            self.named_id(Meaning::NationalId, Kind::NationalId, "national-id/name", "an identifier of persons");
        // Tax numbers and the like are those of businesses too: neighbours have to agree.
        let needs_person = !self.names_persons_alone();
        named.map(|guess| Guess { needs_person, ..guess })
    }

    /// Whether the column's name is that of a number which businesses do not have, and its values differ as such numbers do.
    /// Newer numbers of some countries have no check digit, and not every country's numbers are known here.
    fn names_persons_alone(&self) -> bool {
        let joined = self.column.words.concat();
        PERSONS_ALONE.iter().any(|name| joined.contains(name))
            && self.column.variety() >= 0.5
            && self.column.bytes >= self.column.filled * 7
    }

    /// How sure a scheme is that so many values pass; the rule; whether neighbours have to agree.
    fn weigh(&self, at: usize, count: u64, general: bool) -> Option<(f64, &'static str, bool)> {
        let scheme = SCHEMES.get(at)?;
        let share = ratio(count, self.column.filled);
        let named = self.column.names_scheme(at);
        let contrary = self.column.meanings.any(NOT_PERSONS) && !general;
        if named && share >= self.rules.named_share && !contrary {
            let loose = scheme.strength == Strength::Range && !general;
            return Some((if loose { 0.85 } else { 0.98 }, "national-id/name-and-check", false));
        }
        if general && share >= self.rules.named_share && scheme.chance < 0.5 && share > scheme.chance * 3.0 {
            return Some((0.95, "national-id/name-and-check", false));
        }
        if contrary || self.column.meanings.any(OTHER_NUMBERS) {
            return None;
        }
        let form = self.column.share(Sign::SchemeForm);
        let distinctive = scheme.strength == Strength::Form || !scheme.forms.is_empty();
        if form >= self.rules.named_share
            && distinctive
            && share >= form * 0.8
            && share >= self.rules.named_share
            && (scheme.chance < 0.05 || scheme.id == "us-ssn")
        {
            return Some((0.93, "national-id/form-and-check", false));
        }
        let improbable = -scheme.chance.ln() * ratio(count, 1) >= self.rules.chance_nats;
        let varied = self.column.variety() >= 0.3;
        match scheme.strength {
            Strength::Form if scheme.chance <= 0.0002 && count >= 2 => {
                Some((0.93, "national-id/form-and-check", false))
            }
            Strength::Form if share >= 0.3 && improbable => Some((0.9, "national-id/form-and-check", false)),
            Strength::Date if share >= self.rules.unnamed_share && improbable && varied => {
                Some((0.9, "national-id/date-and-check", false))
            }
            Strength::Digits
                if share >= 0.95
                    && count >= 20
                    && improbable
                    && varied
                    && self.column.count(Sign::Number) < self.column.filled.saturating_add(1) =>
            {
                Some((0.65, "national-id/check-digits", true))
            }
            Strength::Form | Strength::Date | Strength::Digits | Strength::Range => None,
        }
    }
}
