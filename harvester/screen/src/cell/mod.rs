//! One cell: what it could be. A pure function of its text, so that repeated values are judged once.

mod digits;
mod mixed;
mod words;

use crate::scheme::SchemeSet;
use crate::text;
use crate::value::{date, email};

pub(crate) use digits::compact;

macro_rules! signs {
    ($($name:ident $about:literal)*) => {
        /// What was seen in a cell, as bits of [`Traits::signs`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Sign { $(#[doc = $about] $name,)* }
        /// How many signs there are.
        pub(crate) const SIGNS: usize = [$(Sign::$name),*].len();
    };
}

signs! {
    Email "A valid e-mail address."
    EmailFunctional "Of a body."
    EmailPersonal "Of a person or a private provider."
    EmailOfficial "Of a person at a public body."
    PhoneInternational "A telephone number with a calling code."
    PhoneGrouped "A telephone number grouped as such."
    PhonePossible "Digits that could be a telephone number."
    Iban "A valid IBAN."
    Card "A valid payment card number."
    IpPublic "An internet address of the public internet."
    IpPrivate "Another internet address."
    Mac "A device's address."
    Date "A date in which people living or lately dead were born."
    Number "A number."
    Whole "A whole number."
    Precise "A number with four decimals or more."
    Position "Latitude and longitude in one cell, precise."
    Small "A whole number from 1 to 4."
    AgeLike "A whole number from 0 to 120."
    Given "A word that is a common given name."
    Surname "A word that is a common family name, or ends like one."
    NameShape "Two to five words written as a person's name."
    OneName "One word written as a name."
    NameBoth "A name's shape with a common given name."
    NameLike "A word that looks like a name, though no list has it."
    Body "A word of bodies and businesses."
    Street "A word of streets."
    PlaceWord "A word of places."
    OfficeWord "An office."
    Title "A title before a name."
    Address "A street with a number."
    Sex "A word or letter for a sex."
    AgeRange "A range of ages."
    IllnessCode "A code of the ICD."
    PlateForm "Letters and digits as on a vehicle's plate."
    PassportForm "Letters and digits as in a passport's number."
    TravelDocument "A line of a machine-readable travel document."
    SchemeForm "An identifier in a form that is its own."
    Long "Text of some words."
    TextName "Text with a person's name in it."
    TextOffice "Text with an office holder's name in it."
    TextEmail "Text with a personal e-mail address."
    TextPhone "Text with a telephone number."
    TextAddress "Text with a street and number."
    TextIban "Text with a bank account."
    TextCard "Text with a payment card."
    TextId "Text with an identifier of a person."
    TextLicence "Text with the number of a driving licence."
    TextPassport "Text with the number of a passport."
    TextIp "Text with an internet address."
    TextBirth "Text with a date of birth."
    TextIntimate "Text that tells of somebody's health or the like."
    Hash "A long hexadecimal string."
    Url "A web address."
}

const _: () = assert!(SIGNS <= 64, "signs are bits of a u64");

/// What was seen in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traits {
    /// Bits by [`Sign`].
    pub(crate) signs: u64,
    /// Identifiers whose check it passes.
    pub(crate) schemes: SchemeSet,
    /// The year of its date, or 0.
    pub(crate) year: i16,
}

impl Traits {
    pub(crate) const fn has(self, sign: Sign) -> bool {
        self.signs & (1 << sign as u8) != 0
    }

    pub(crate) const fn add(&mut self, sign: Sign) {
        self.signs |= 1 << sign as u8;
    }
}

/// What the bytes of a cell are, from one look.
#[derive(Default)]
struct Shape {
    digits: u64,
    letters: u64,
    blanks: u64,
    others: u64,
    at_signs: u64,
    colons: u64,
    dots: u64,
}

/// Every byte adds one to the lane of its class, eight bits wide.
const LANES: [u64; 256] = {
    let mut lanes = [1 << 24; 256];
    let mut byte = 0;
    while byte < 256 {
        lanes[byte] = match byte as u8 {
            b'0'..=b'9' => 1,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => 1 << 8,
            b' ' | b'\t' | b'\n' | b'\r' => 1 << 16,
            b'@' => 1 << 32,
            b':' => 1 << 40,
            b'.' => 1 << 48,
            _ => 1 << 24,
        };
        byte += 1;
    }
    lanes
};

fn shape(text: &str) -> Shape {
    let mut shape = Shape::default();
    for piece in text.as_bytes().chunks(255) {
        let sum = piece.iter().fold(0_u64, |sum, byte| sum + LANES.get(usize::from(*byte)).copied().unwrap_or(0));
        shape.digits += sum & 0xff;
        shape.letters += sum >> 8 & 0xff;
        shape.blanks += sum >> 16 & 0xff;
        shape.others += sum >> 24 & 0xff;
        shape.at_signs += sum >> 32 & 0xff;
        shape.colons += sum >> 40 & 0xff;
        shape.dots += sum >> 48 & 0xff;
    }
    shape
}

/// Words from which a cell is text rather than a value.
const TEXT_WORDS: u64 = 6;
/// Bytes from which a cell is text rather than a value.
const VALUE_BYTES: usize = 120;

/// Looks at a cell, which is not empty and has no blanks around it. Unless `schemed`, numbers of persons are not looked for among
/// digits: nothing would come of them.
pub(crate) fn look(text: &str, schemed: bool) -> Traits {
    let mut traits = Traits::default();
    let shape = shape(text);
    if shape.letters == 0 {
        if shape.digits > 0 {
            digits::look(text, &shape, schemed, &mut traits);
        }
        return traits;
    }
    if shape.at_signs > 0 {
        let whole = look_for_email(text, &mut traits);
        // Nothing else is written as an address is.
        if whole && text.len() <= VALUE_BYTES {
            return traits;
        }
    }
    if text.len() >= 30
        && shape.others >= 2
        && text.contains("<<")
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<')
    {
        traits.add(Sign::TravelDocument);
    }
    if shape.blanks >= TEXT_WORDS || text.len() > VALUE_BYTES {
        traits.add(Sign::Long);
        text::look(text, &mut traits);
        if text.len() > VALUE_BYTES * 2 {
            return traits;
        }
    }
    if shape.digits > 0 {
        mixed::look(text, &shape, &mut traits);
        if traits.has(Sign::Iban) {
            return traits;
        }
        let parted = shape.dots + shape.others >= 2;
        if text.len() <= 40 && traits.year == 0 && shape.digits >= 3 && (parted || has_year(text)) {
            look_for_date(text, &mut traits);
        }
    }
    if shape.digits <= 6 && shape.blanks < 14 && shape.at_signs == 0 {
        words::look(text, &shape, &mut traits);
    }
    if (SENTENCE_WORDS..TEXT_WORDS).contains(&shape.blanks) && !traits.has(Sign::Long) && !is_whole(text, traits) {
        traits.add(Sign::Long);
        text::look(text, &mut traits);
    }
    // `Cell phone: 795 495 1224`, `Passport no: 12345678`: short, and yet said in words.
    let said = shape.blanks > 0 && shape.blanks < SENTENCE_WORDS && shape.digits >= SAID_DIGITS && text.contains(": ");
    if said && !is_whole(text, traits) {
        traits.add(Sign::Long);
        text::look(text, &mut traits);
    }
    traits
}

/// Digits from which a number is looked at that a word and a colon announce.
const SAID_DIGITS: u64 = 7;

/// Gaps between words from which a cell is a sentence, if it is nothing else.
const SENTENCE_WORDS: u64 = 3;
/// What a cell is as a whole.
const WHOLE: u64 = 1 << Sign::NameShape as u8
    | 1 << Sign::Address as u8
    | 1 << Sign::Iban as u8
    | 1 << Sign::PhoneGrouped as u8
    | 1 << Sign::Date as u8
    | 1 << Sign::SchemeForm as u8
    | 1 << Sign::Position as u8;

/// Whether four digits or more stand together, the first of which begins a year.
fn has_year(text: &str) -> bool {
    let mut digits = text.as_bytes().windows(4);
    digits.any(|four| matches!(four.first(), Some(b'1' | b'2')) && four.iter().all(u8::is_ascii_digit))
}

/// Whether a cell is something as a whole, rather than a sentence in which it is.
fn is_whole(text: &str, traits: Traits) -> bool {
    let told = text.contains(": ") || text.ends_with('.');
    traits.signs & WHOLE & !(if told { 1 << Sign::Address as u8 } else { 0 }) != 0
}

/// Whether the cell is an address and nothing else.
fn look_for_email(text: &str, traits: &mut Traits) -> bool {
    let mut whole = false;
    for at in memchr::memchr_iter(b'@', text.as_bytes()).take(16) {
        let Some(found) = email::around(text, at) else { continue };
        whole = found.len() == text.len();
        traits.add(Sign::Email);
        traits.add(match email::mailbox(found) {
            email::Mailbox::Functional => Sign::EmailFunctional,
            email::Mailbox::Personal | email::Mailbox::Unclear => Sign::EmailPersonal,
            email::Mailbox::Official => Sign::EmailOfficial,
        });
    }
    whole
}

fn look_for_date(text: &str, traits: &mut Traits) {
    if let Some(year) = date::year_of(text)
        && date::BIRTH_YEARS.contains(&year)
    {
        traits.year = i16::try_from(year).unwrap_or(0);
        traits.add(Sign::Date);
    }
}

#[cfg(test)]
mod tests;
