//! What a column's name says it holds, in some twenty languages.

use std::sync::LazyLock;

use crate::fold::{fold, header_words};

macro_rules! meanings {
    ($($variant:ident $word:literal $about:literal)*) => {
        /// What a column's name can mean. A name can mean several things.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Meaning { $(#[doc = $about] $variant,)* }
        impl Meaning {
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
            const fn bit(self) -> u64 { 1 << self as u64 }
        }
    };
}

meanings! {
    GivenName "given-name" "A given name."
    Surname "surname" "A family name."
    FullName "full-name" "A person's whole name."
    Name "name" "A name of whatever."
    BirthDate "birth-date" "The day of birth."
    BirthYear "birth-year" "The year of birth."
    BirthPlace "birth-place" "The place of birth."
    Age "age" "Years of age."
    AgeGroup "age-group" "A range of ages."
    Sex "sex" "Sex or gender."
    Email "email" "An e-mail address."
    Phone "phone" "A telephone number."
    Mobile "mobile" "A mobile telephone number."
    Address "address" "A postal address or street."
    HouseNumber "house-number" "A house number."
    Postcode "postcode" "A postal code."
    City "city" "A town or area."
    NationalId "national-id" "A number by which a state knows persons."
    Passport "passport" "A passport number."
    Licence "licence" "A driving licence number."
    Plate "plate" "A vehicle's plate."
    Iban "iban" "A bank account."
    Card "card" "A payment card."
    CardSecret "card-secret" "What belongs to a payment card."
    Ip "ip" "An internet address."
    Mac "mac" "A device's network address."
    Device "device" "A device or advertising identifier."
    Username "username" "A sign-in name."
    Password "password" "A password."
    Latitude "latitude" "A latitude."
    Longitude "longitude" "A longitude."
    Position "position" "Both in one."
    Health "health" "A person's health."
    Special "special" "Another special category (GDPR, article 9 and 10)."
    Money "money" "A person's means."
    Marital "marital" "Marital status."
    Nationality "nationality" "Nationality."
    Occupation "occupation" "Occupation."
    Education "education" "Education."
    Subject "subject" "A private person in some part."
    Official "official" "An office holder, candidate or vote."
    Author "author" "An author, artist or player."
    Organisation "organisation" "A body or business."
    Place "place" "A place or thing."
    Count "count" "A number of things."
    Code "code" "A code of goods, books or records."
    FreeText "free-text" "Free text."
    Public "public" "A public contact."
}

/// Meanings as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meanings(u64);

impl Meanings {
    pub(crate) const fn has(self, meaning: Meaning) -> bool {
        self.0 & meaning.bit() != 0
    }

    pub(crate) fn any(self, meanings: &[Meaning]) -> bool {
        meanings.iter().any(|meaning| self.has(*meaning))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn with(self, meaning: Meaning) -> Self {
        Self(self.0 | meaning.bit())
    }

    pub(crate) const fn without(self, meaning: Meaning) -> Self {
        Self(self.0 & !meaning.bit())
    }
}

/// How an entry of the list is compared.
enum Entry {
    /// These words, one after the other.
    Words(Vec<String>),
    /// Any word that begins so.
    Prefix(String),
    /// Any name that has this part.
    Part(String),
}

static LIST: LazyLock<Vec<(Entry, Meaning)>> = LazyLock::new(|| {
    let lines = include_str!("words/headers.txt").lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| {
        let (meaning, words) = line.split_once('=')?;
        Some((Meaning::parse(meaning.trim())?, words))
    });
    entries.flat_map(|(meaning, words)| words.split('|').map(move |word| (entry(word.trim()), meaning))).collect()
});

fn entry(text: &str) -> Entry {
    if let Some(part) = text.strip_prefix('~') {
        Entry::Part(fold(part))
    } else if let Some(prefix) = text.strip_suffix('*') {
        Entry::Prefix(fold(prefix))
    } else {
        Entry::Words(header_words(&text.to_lowercase()))
    }
}

/// What a column's name means, with the number of its words that the longest match took.
pub(crate) fn meanings(name: &str) -> Meanings {
    let words = header_words(name);
    let joined = words.concat();
    let mut found = Meanings::default();
    for (entry, meaning) in LIST.iter() {
        let hit = match entry {
            Entry::Words(wanted) if wanted.len() == 1 && words.len() == 1 => wanted == &words,
            Entry::Words(wanted) => {
                !wanted.is_empty()
                    && (words.windows(wanted.len()).any(|window| window == wanted.as_slice())
                        // `dateofbirth`, `datanascita`: written without a gap.
                        || (wanted.len() > 1 && words.len() == 1 && joined == wanted.concat()))
            }
            Entry::Prefix(prefix) => words.iter().any(|word| word.starts_with(prefix)),
            Entry::Part(part) => joined.contains(part.as_str()),
        };
        // One or two letters mean something only when they are the whole name; so do three of a member of a family (`isä`,
        // `mor`), which are abbreviations of anything within longer names.
        let least = if *meaning == Meaning::Subject { 3 } else { 2 };
        let short = matches!(entry, Entry::Words(wanted) if wanted.iter().map(|word| word.chars().count()).sum::<usize>() <= least);
        if hit && (!short || words.len() == 1) {
            found = found.with(*meaning);
        }
    }
    settle(found, &words)
}

/// How words begin that name what a place has for people.
const PART_OF_A_PLACE: [&str; 12] = [
    "entra",
    "entré",
    "eingang",
    "entry",
    "exit",
    "parking",
    "parkplatz",
    "seat",
    "toilet",
    "restroom",
    "wheelchair",
    "shelter",
];

/// Words that turn one meaning into another.
fn settle(mut found: Meanings, words: &[String]) -> Meanings {
    use Meaning::{
        Address, Author, City, Count, Email, FullName, GivenName, Ip, Mac, Name, Occupation, Official, Organisation,
        Phone, Place, Position, Sex, Subject, Surname,
    };
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    if found.any(&[GivenName, Surname]) {
        // `middle name`, `nombre de pila`: not a name of whatever.
        found = found.without(Name);
    }
    if found.has(Email) || found.has(Ip) || found.has(Mac) {
        found = found.without(Address).without(Phone);
    }
    if found.any(&[Email, Phone]) {
        found = found.without(Name);
    }
    // `Nombre de pila`, `numéro de passeport`: the word for a number or a count is part of another name.
    if found.any(&[
        GivenName,
        Surname,
        FullName,
        Meaning::NationalId,
        Meaning::Passport,
        Meaning::Licence,
        Meaning::Plate,
        Meaning::Iban,
        Meaning::Card,
        Phone,
    ]) {
        found = found.without(Count);
    }
    if has("name") && found.any(&[Subject]) && !found.any(&[Organisation, Place, City]) {
        found = found.with(FullName);
    }
    if has("count") || has("number") && has("of") {
        found = found.without(Subject);
        found = found.with(Count);
    }
    if words.iter().any(|word| PART_OF_A_PLACE.iter().any(|part| word.starts_with(part))) {
        // `visitor parking`, `VoterEntra` (as files of shapes cut it): where people go, not who they are.
        found = found.without(Subject);
    }
    if has("genre") && (has("musical") || has("film")) {
        found = found.without(Sex);
    }
    if found.has(Position) && found.any(&[Official]) {
        found = found.without(Position);
    }
    if found.has(Occupation) && found.has(Author) {
        found = found.without(Author);
    }
    found
}

/// Whether the words of a scheme are in a column's name.
pub(crate) fn names_scheme(words: &[String], joined: &str, wanted: &str) -> bool {
    let wanted = header_words(&wanted.to_lowercase());
    if wanted.is_empty() {
        return false;
    }
    let ascii = wanted.iter().all(|word| word.is_ascii());
    words.windows(wanted.len()).any(|window| window == wanted.as_slice())
        || (words.len() == 1 && joined == wanted.concat())
        || (!ascii && joined.contains(&wanted.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_mean_the_same_in_many_languages() {
        let cases: &[(&str, Meaning)] = &[
            ("GivenName", Meaning::GivenName),
            ("Vorname", Meaning::GivenName),
            ("prénom", Meaning::GivenName),
            ("Apellidos", Meaning::Surname),
            ("COGNOME", Meaning::Surname),
            ("Imię i nazwisko", Meaning::FullName),
            ("sukunimi", Meaning::Surname),
            ("Příjmení", Meaning::Surname),
            ("Επώνυμο", Meaning::Surname),
            ("Фамилия", Meaning::Surname),
            ("姓名", Meaning::FullName),
            ("date_of_birth", Meaning::BirthDate),
            ("DateOfBirth", Meaning::BirthDate),
            ("dateofbirth", Meaning::BirthDate),
            ("Geburtsdatum", Meaning::BirthDate),
            ("data di nascita", Meaning::BirthDate),
            ("Fødselsdato", Meaning::BirthDate),
            ("születési dátum", Meaning::BirthDate),
            ("E-Mail-Adresse", Meaning::Email),
            ("courriel", Meaning::Email),
            ("correo electrónico", Meaning::Email),
            ("Telefonnummer", Meaning::Phone),
            ("numer telefonu", Meaning::Phone),
            ("mobile_number", Meaning::Mobile),
            ("soc_sec_id", Meaning::NationalId),
            ("NationalID", Meaning::NationalId),
            ("Personnummer", Meaning::NationalId),
            ("rodné číslo", Meaning::NationalId),
            ("CCNumber", Meaning::Card),
            ("IPAddress", Meaning::Ip),
            ("StreetAddress", Meaning::Address),
            ("Anschrift", Meaning::Address),
            ("Diagnose", Meaning::Health),
            ("religion", Meaning::Special),
            ("patient name", Meaning::FullName),
            ("Kennzeichen", Meaning::Plate),
            ("LocationLatitude", Meaning::Latitude),
            ("Security contact email", Meaning::Public),
            ("Wahlkreis", Meaning::Official),
            ("voter_id", Meaning::Subject),
            ("Patient", Meaning::Subject),
        ];
        for (name, meaning) in cases {
            assert!(meanings(name).has(*meaning), "{name} does not mean {meaning:?}");
        }
    }

    #[test]
    fn names_that_only_look_alike_mean_nothing_of_the_kind() {
        for (name, meaning) in [
            ("average", Meaning::Age),
            ("village", Meaning::Age),
            ("Essex", Meaning::Sex),
            ("email address", Meaning::Address),
            ("ip address", Meaning::Address),
            ("middle name", Meaning::Name),
            ("number of patients", Meaning::Subject),
            ("description", Meaning::Ip),
            ("VoterEntra", Meaning::Subject),
            ("patient entrance", Meaning::Subject),
            ("visitor_parking", Meaning::Subject),
        ] {
            assert!(!meanings(name).has(meaning), "{name} means {meaning:?}");
        }
    }
}
