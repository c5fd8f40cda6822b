//! What one column holds, by its name and its values; what comes of it is decided with its neighbours.

mod name;
mod national;

use crate::cell::Sign;
use crate::column::{Column, ratio};
use crate::header::Meaning;
use crate::kind::Kind;
use crate::rules::Rules;

pub(crate) use name::name_part;
pub(crate) use national::may_be_national_id;

/// What a column seems to hold.
#[derive(Debug, Clone)]
pub(crate) struct Guess {
    pub(crate) column: usize,
    pub(crate) kind: Kind,
    pub(crate) scheme: Option<usize>,
    pub(crate) rows: u64,
    pub(crate) confidence: f64,
    pub(crate) rule: &'static str,
    pub(crate) why: String,
    pub(crate) evidence: Evidence,
    /// It counts only where the rows are persons.
    pub(crate) needs_person: bool,
}

/// Where rows and examples of a finding come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Evidence {
    Sign(Sign),
    Scheme(usize),
    None,
}

/// Which part of a person's name a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamePart {
    Full,
    Given,
    Family,
}

/// Meanings of names that speak against numbers of persons.
const NOT_PERSONS: &[Meaning] = &[Meaning::Code, Meaning::Count, Meaning::Organisation, Meaning::Place];

/// Everything that a column seems to hold, texts and names of persons aside.
pub(crate) fn guesses(at: usize, column: &Column, rules: &Rules) -> Vec<Guess> {
    let mut found = Vec::new();
    if column.filled == 0 {
        return found;
    }
    let see = Seer { at, column, rules };
    found.extend(see.national_id());
    found.extend(see.iban());
    found.extend(see.card());
    found.extend(see.passport());
    found.extend(see.named_id(Meaning::Licence, Kind::DrivingLicence, "driving-licence/name", "a driving licence"));
    found.extend(see.plate());
    found.extend(see.network());
    found.extend(see.email());
    if found.iter().all(|guess| guess.confidence < rules.hold_confidence)
        || column.means(Meaning::Phone)
        || column.means(Meaning::Mobile)
    {
        found.extend(see.phone());
    }
    found.extend(see.birth());
    found.extend(see.credentials());
    found
}

struct Seer<'a> {
    at: usize,
    column: &'a Column,
    rules: &'a Rules,
}

impl Seer<'_> {
    fn guess(&self, kind: Kind, sign: Sign, confidence: f64, rule: &'static str, why: String) -> Guess {
        Guess {
            column: self.at,
            kind,
            scheme: None,
            rows: self.column.count(sign),
            confidence,
            rule,
            why,
            evidence: Evidence::Sign(sign),
            needs_person: false,
        }
    }

    /// A column whose name says what it is, and whose values could be.
    fn by_name(&self, kind: Kind, confidence: f64, rule: &'static str, what: &str) -> Guess {
        Guess {
            column: self.at,
            kind,
            scheme: None,
            rows: self.column.filled,
            confidence,
            rule,
            why: format!("The column is called what {what} is called, and its values could be."),
            evidence: Evidence::None,
            needs_person: false,
        }
    }

    fn named_id(&self, meaning: Meaning, kind: Kind, rule: &'static str, what: &str) -> Option<Guess> {
        (self.column.means(meaning) && self.column.is_id_like() && !self.column.meanings.any(NOT_PERSONS))
            .then(|| self.by_name(kind, 0.75, rule, what))
    }

    fn iban(&self) -> Option<Guess> {
        let count = self.column.count(Sign::Iban);
        if count > 0 && (self.column.share(Sign::Iban) >= 0.05 || count >= 3) {
            let why = "The values have the form, length and check digits of an IBAN.".to_owned();
            return Some(self.guess(Kind::Iban, Sign::Iban, 0.98, "iban/mod-97", why));
        }
        let digits = self.column.share(Sign::Long) < 0.1;
        self.named_id(Meaning::Iban, Kind::Iban, "iban/name", "a bank account")
            .filter(|_| digits && self.column.bytes >= self.column.filled * 7)
    }

    fn card(&self) -> Option<Guess> {
        let share = self.column.share(Sign::Card);
        let count = self.column.count(Sign::Card);
        let named = self.column.means(Meaning::Card);
        let contrary = self.column.meanings.any(NOT_PERSONS) || self.column.means(Meaning::Device);
        let why = || format!("{:.0} % of the values are in an issuer's range and pass Luhn's check.", share * 100.0);
        if named && share >= 0.2 {
            return Some(self.guess(Kind::PaymentCard, Sign::Card, 0.98, "payment-card/name-and-check", why()));
        }
        if !contrary && share >= 0.3 && count >= 4 && self.column.variety() >= 0.2 {
            return Some(self.guess(Kind::PaymentCard, Sign::Card, 0.93, "payment-card/check", why()));
        }
        let numbers = self.column.bytes >= self.column.filled * 8;
        if named && numbers && self.column.is_id_like() && !self.column.means(Meaning::CardSecret) {
            return Some(self.by_name(Kind::PaymentCard, 0.8, "payment-card/name", "a payment card"));
        }
        None
    }

    fn passport(&self) -> Option<Guess> {
        if self.column.count(Sign::TravelDocument) > 0 {
            let why = "There are lines of machine-readable travel documents.".to_owned();
            return Some(self.guess(Kind::Passport, Sign::TravelDocument, 0.95, "passport/machine-readable", why));
        }
        self.named_id(Meaning::Passport, Kind::Passport, "passport/name", "a passport")
            .map(|guess| Guess { confidence: 0.9, ..guess })
    }

    fn plate(&self) -> Option<Guess> {
        let share = self.column.share(Sign::PlateForm);
        // Three bytes a sign where plates are written in other scripts.
        let said = self.column.words.iter().any(|word| word == "plate");
        let short = self.column.bytes <= self.column.filled * if said { 32 } else { 12 };
        let why = || format!("{:.0} % of the values are written as plates of vehicles.", share * 100.0);
        if self.column.means(Meaning::Plate)
            && short
            && self.column.share(Sign::Number) < 0.5
            && (share >= 0.3 || self.column.is_id_like())
            && self.column.variety() >= 0.1
        {
            let mut guess = self.guess(Kind::VehiclePlate, Sign::PlateForm, 0.9, "vehicle-plate/name-and-form", why());
            guess.rows = guess.rows.max(self.column.filled);
            return Some(guess);
        }
        let bare = self.column.meanings.is_empty() && self.column.variety() >= 0.8;
        (share >= 0.95 && self.column.filled >= 20 && bare)
            .then(|| self.guess(Kind::VehiclePlate, Sign::PlateForm, 0.5, "vehicle-plate/form", why()))
    }

    fn network(&self) -> Option<Guess> {
        let count = self.column.count(Sign::IpPublic);
        let share = self.column.share(Sign::IpPublic);
        let named = self.column.means(Meaning::Ip);
        let version = self.column.means(Meaning::Code);
        if count > 0 && !version && (named || (share >= 0.3 && count >= 3)) {
            let why = "The values are addresses of the public internet.".to_owned();
            return Some(self.guess(
                Kind::IpAddress,
                Sign::IpPublic,
                if named { 0.97 } else { 0.85 },
                "ip-address/value",
                why,
            ));
        }
        if self.column.share(Sign::Mac) >= 0.3 && self.column.variety() >= 0.05 {
            let why = "The values are network addresses of devices.".to_owned();
            return Some(self.guess(Kind::MacAddress, Sign::Mac, 0.95, "mac-address/value", why));
        }
        // Twelve hexadecimal digits without signs between them are anything's unless the column says so.
        if self.column.means(Meaning::Mac) && self.column.is_id_like() && self.column.bytes == self.column.filled * 12 {
            return Some(self.by_name(Kind::MacAddress, 0.8, "mac-address/name", "a network address of devices"));
        }
        (self.column.means(Meaning::Device) && self.column.is_id_like())
            .then(|| self.by_name(Kind::DeviceId, 0.75, "device-id/name", "an identifier of devices"))
    }

    fn email(&self) -> Option<Guess> {
        let all = self.column.count(Sign::Email);
        let functional = self.column.count(Sign::EmailFunctional);
        if all == 0 || self.column.share(Sign::Long) > 0.5 {
            return None;
        }
        let persons = self.column.count(Sign::EmailPersonal) + self.column.count(Sign::EmailOfficial);
        let public = self.column.means(Meaning::Public);
        if persons == 0 || (ratio(functional, all) >= 0.5 && ratio(persons, all) < 0.3) || public {
            let why = "The mailboxes are those of bodies: named after a function, the body itself, or at a public body's domain.".to_owned();
            let mut guess = self.guess(Kind::PublicContact, Sign::Email, 0.9, "email/functional-mailbox", why);
            guess.rows = all;
            return Some(guess);
        }
        let official = self.column.count(Sign::EmailOfficial);
        if ratio(official + functional, all) >= 0.8 {
            let why = "The mailboxes are at public bodies' domains.".to_owned();
            let mut guess = self.guess(Kind::PublicContact, Sign::Email, 0.8, "email/public-domain", why);
            guess.rows = all;
            return Some(guess);
        }
        let why = format!(
            "{} of {all} addresses are named after persons, or at providers that people use privately.",
            persons
        );
        let mut guess = self.guess(Kind::Email, Sign::EmailPersonal, 0.97, "email/personal-mailbox", why);
        guess.rows = all - functional;
        Some(guess)
    }

    fn phone(&self) -> Option<Guess> {
        let international = self.column.count(Sign::PhoneInternational);
        let grouped = self.column.count(Sign::PhoneGrouped);
        let possible = self.column.count(Sign::PhonePossible);
        let evident = ratio(international + grouped, self.column.filled);
        let all = international + grouped + possible;
        let named = self.column.meanings.any(&[Meaning::Phone, Meaning::Mobile]) && !self.column.means(Meaning::Count);
        let contrary = self.column.meanings.any(NOT_PERSONS)
            || self.column.meanings.any(&[
                Meaning::NationalId,
                Meaning::Latitude,
                Meaning::Longitude,
                Meaning::BirthDate,
                Meaning::Money,
            ]);
        let varied = self.column.variety() >= 0.05;
        let share = ratio(all, self.column.filled);
        let nameless = self.column.meanings.is_empty() && self.column.filled >= 10 && self.column.variety() >= 0.5;
        let (confidence, rule) = if named && share >= 0.3 && varied {
            (0.96, "phone/name-and-plan")
        } else if !contrary && varied && ratio(international, self.column.filled) >= 0.3 && international >= 3 {
            (0.93, "phone/calling-code")
        } else if !contrary && varied && evident >= 0.6 && grouped >= 5 && self.column.share(Sign::Date) < 0.2 {
            (0.8, "phone/grouping")
        } else if nameless && share >= 0.9 && evident >= 0.1 && self.column.share(Sign::Date) < 0.1 {
            (0.75, "phone/mixed-writing")
        } else if nameless
            && share >= 0.95
            && self.column.share(Sign::Date) < 0.05
            && (self.says_nothing() || ratio(self.column.bytes, self.column.filled) >= LONG_NUMBER)
        {
            (0.65, "phone/digits-beside-persons")
        } else {
            return None;
        };
        let sign = if international >= grouped && international > 0 {
            Sign::PhoneInternational
        } else if grouped > 0 {
            Sign::PhoneGrouped
        } else {
            Sign::PhonePossible
        };
        let why = format!(
            "{:.0} % of the values are telephone numbers by calling code, plan or grouping.",
            ratio(all, self.column.filled) * 100.0
        );
        let needs_person = confidence < 0.7;
        Some(Guess { rows: all, needs_person, ..self.guess(Kind::Phone, sign, confidence, rule, why) })
    }

    /// Whether the column's name says nothing at all: `column 3`, `value`.
    fn says_nothing(&self) -> bool {
        let bare = |word: &str| word.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned();
        let nothing = |word: &String| {
            let bare = bare(word);
            bare.is_empty() || UNSAID_DATES.contains(&bare.as_str()) || UNSAID.contains(&bare.as_str())
        };
        self.column.meanings.is_empty() && self.column.words.iter().all(nothing)
    }

    fn birth(&self) -> Option<Guess> {
        let share = self.column.share(Sign::Date);
        if self.column.means(Meaning::BirthDate) && !self.column.means(Meaning::Count) && share >= 0.3 {
            let why = "The column is called a date of birth, and its values are dates.".to_owned();
            return Some(self.guess(Kind::BirthDate, Sign::Date, 0.97, "birth-date/name-and-date", why));
        }
        let (first, last) = self.column.years;
        let lifelong = first <= 1_965 && last - first >= 30;
        let bare = |word: &str| word.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned();
        let says_nothing = |word: &String| bare(word).is_empty() || UNSAID_DATES.contains(&bare(word).as_str());
        let unsaid = self.column.meanings.is_empty() && self.column.words.iter().all(says_nothing);
        (share >= 0.9 && lifelong && unsaid && self.column.filled >= 10).then(|| {
            let why = format!("Dates from {first} to {last} beside persons.");
            Guess { needs_person: true, ..self.guess(Kind::BirthDate, Sign::Date, 0.65, "birth-date/range", why) }
        })
    }

    fn credentials(&self) -> Option<Guess> {
        if self.column.means(Meaning::Password) && self.column.variety() >= 0.3 {
            return Some(self.by_name(Kind::Credentials, 0.9, "credentials/password", "a password"));
        }
        if self.column.means(Meaning::Username) && self.column.variety() >= 0.3 && self.column.share(Sign::Number) < 0.5
        {
            return Some(self.by_name(Kind::Credentials, 0.7, "credentials/username", "a sign-in name"));
        }
        if self.column.means(Meaning::CardSecret) && self.column.share(Sign::Long) < 0.1 {
            return Some(Guess {
                needs_person: true,
                ..self.by_name(Kind::Credentials, 0.7, "credentials/card-secret", "a card's secret or expiry")
            });
        }
        None
    }
}

/// Signs from which numbers under an unknown name may be telephones: shorter ones are registers' numbers as often.
const LONG_NUMBER: f64 = 9.0;

/// Names of columns that say nothing.
const UNSAID: &[&str] = &[
    "value", "wert", "valeur", "valor", "valore", "waarde", "wartosc", "varde", "verdi", "hodnota", "arvo", "ertek",
    "valoare", "spalte", "colonne", "columna", "colonna", "coluna", "kolom", "kolumna", "kolumn", "sloupec", "feld",
    "champ", "campo", "veld", "pole", "item",
];

/// Names of columns that say nothing of what a date is about.
const UNSAID_DATES: &[&str] = &[
    "date",
    "datum",
    "fecha",
    "data",
    "dato",
    "paivays",
    "field",
    "column",
    "col",
    "unnamed",
    "c",
    "f",
    "x",
    "v",
    "var",
    "дата",
    "ημερομηνια",
];
