//! One cell: what it could be. A pure function of its text, so that repeated values are judged once.

use crate::names::{
    BODY, GIVEN, LISTED, OFFICE, PARTICLE, PLACE, SEX, STREET, SURNAME, TITLE, ends_like_surname, is_caseless,
    is_initial, is_name_word, known,
};
use crate::scheme::{self, COMPACT_MAX, SchemeSet};
use crate::text;
use crate::value::{account, address, date, email, network, phone};

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
    digits: usize,
    letters: usize,
    blanks: usize,
    others: usize,
    at_signs: usize,
    colons: usize,
    dots: usize,
}

fn shape(text: &str) -> Shape {
    let mut shape = Shape::default();
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => shape.digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => shape.letters += 1,
            b' ' | b'\t' | b'\n' | b'\r' => shape.blanks += 1,
            b'@' => shape.at_signs += 1,
            b':' => shape.colons += 1,
            b'.' => shape.dots += 1,
            _ => shape.others += 1,
        }
    }
    shape
}

/// Words from which a cell is text rather than a value.
const TEXT_WORDS: usize = 6;
/// Bytes from which a cell is text rather than a value.
const VALUE_BYTES: usize = 120;

/// Looks at a cell, which is not empty and has no blanks around it.
pub(crate) fn look(text: &str) -> Traits {
    let mut traits = Traits::default();
    let shape = shape(text);
    if shape.letters == 0 {
        if shape.digits > 0 {
            look_at_digits(text, &shape, &mut traits);
        }
        return traits;
    }
    if shape.at_signs > 0 {
        look_for_email(text, &mut traits);
    }
    if text.len() >= 30
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
        look_at_mixed(text, &shape, &mut traits);
        if shape.digits >= 2 && traits.year == 0 {
            look_for_date(text, &mut traits);
        }
    }
    if shape.digits <= 6 && shape.blanks < 14 && shape.at_signs == 0 {
        look_at_words(text, &shape, &mut traits);
    }
    if (SENTENCE_WORDS..TEXT_WORDS).contains(&shape.blanks) && !traits.has(Sign::Long) && traits.signs & WHOLE == 0 {
        traits.add(Sign::Long);
        text::look(text, &mut traits);
    }
    traits
}

/// Gaps between words from which a cell is a sentence, if it is nothing else.
const SENTENCE_WORDS: usize = 3;
/// What a cell is as a whole.
const WHOLE: u64 = 1 << Sign::NameShape as u8
    | 1 << Sign::Address as u8
    | 1 << Sign::Iban as u8
    | 1 << Sign::PhoneGrouped as u8
    | 1 << Sign::Date as u8
    | 1 << Sign::SchemeForm as u8
    | 1 << Sign::Position as u8;

fn look_for_email(text: &str, traits: &mut Traits) {
    for at in memchr::memchr_iter(b'@', text.as_bytes()).take(16) {
        let Some(found) = email::around(text, at) else { continue };
        traits.add(Sign::Email);
        traits.add(match email::mailbox(found) {
            email::Mailbox::Functional => Sign::EmailFunctional,
            email::Mailbox::Personal | email::Mailbox::Unclear => Sign::EmailPersonal,
            email::Mailbox::Official => Sign::EmailOfficial,
        });
    }
}

fn look_for_date(text: &str, traits: &mut Traits) {
    if let Some(year) = date::year_of(text)
        && date::BIRTH_YEARS.contains(&year)
    {
        traits.year = i16::try_from(year).unwrap_or(0);
        traits.add(Sign::Date);
    }
}

/// Digits and signs, no letter.
fn look_at_digits(text: &str, shape: &Shape, traits: &mut Traits) {
    let plain = shape.others == 0 && shape.blanks == 0 && shape.colons == 0;
    let signed = text.starts_with('-');
    if (plain && shape.dots <= 1) || (signed && shape.others == 1 && shape.blanks == 0 && shape.dots <= 1) {
        look_at_number(text, shape, traits);
    }
    if text.len() <= 7 && shape.digits <= 6 && !traits.has(Sign::Number) && is_age_range(text) {
        traits.add(Sign::AgeRange);
    }
    look_for_date(text, traits);
    if traits.has(Sign::Date) && shape.digits <= 8 && !(plain && shape.dots == 0) {
        return;
    }
    if shape.dots == 3 && shape.digits >= 4 && shape.blanks == 0 && shape.others == 0 {
        look_for_ip(text, traits);
    }
    if shape.digits == 12 && shape.colons == 5 && network::is_mac(text) {
        traits.add(Sign::Mac);
    }
    if shape.dots == 2 {
        look_for_position(text, traits);
    }
    let decimal = plain && shape.dots == 1;
    if shape.digits >= 6 && !decimal && shape.colons == 0 {
        if let Some(found) = phone::phone(text) {
            traits.add(match found {
                phone::Phone::International => Sign::PhoneInternational,
                phone::Phone::Grouped => Sign::PhoneGrouped,
                phone::Phone::Possible => Sign::PhonePossible,
            });
        }
        look_for_schemes(text, traits);
    }
}

fn look_at_number(text: &str, shape: &Shape, traits: &mut Traits) {
    traits.add(Sign::Number);
    if shape.dots == 0 {
        traits.add(Sign::Whole);
        if let Ok(number) = text.parse::<u32>() {
            if (1..=4).contains(&number) {
                traits.add(Sign::Small);
            }
            if number <= 120 {
                traits.add(Sign::AgeLike);
            }
        }
    } else if text.rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() >= 4) {
        traits.add(Sign::Precise);
    }
}

fn look_for_ip(text: &str, traits: &mut Traits) {
    match network::ip(text) {
        Some(network::IpKind::Public) => traits.add(Sign::IpPublic),
        Some(network::IpKind::Private) => traits.add(Sign::IpPrivate),
        None => {}
    }
}

/// `52.12345, 13.12345`, also in parentheses.
fn look_for_position(text: &str, traits: &mut Traits) {
    let mut numbers =
        text.trim_start_matches("POINT").split([',', ' ', ';', '(', ')', '[', ']']).filter(|part| !part.is_empty());
    let (Some(first), Some(second), None) = (numbers.next(), numbers.next(), numbers.next()) else { return };
    let precise = |part: &str, most: f64| {
        part.parse::<f64>().is_ok_and(|number| number.abs() <= most)
            && part.rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() >= 4)
    };
    if precise(first, 180.0) && precise(second, 180.0) {
        traits.add(Sign::Position);
    }
}

/// Without separators and in capitals, if it is short and has nothing else in it.
pub(crate) fn compact(text: &str, room: &mut [u8; COMPACT_MAX]) -> Option<(usize, bool)> {
    let mut count = 0;
    let mut letters = false;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {}
            b'a'..=b'z' | b'A'..=b'Z' => letters = true,
            b' ' | b'-' | b'.' | b'/' | b'+' | b'(' | b')' => continue,
            _ => return None,
        }
        *room.get_mut(count)? = byte.to_ascii_uppercase();
        count += 1;
    }
    Some((count, letters))
}

fn look_for_schemes(text: &str, traits: &mut Traits) {
    if text.len() > COMPACT_MAX * 2 {
        return;
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, letters)) = compact(text, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    if !letters && account::is_card(value) {
        traits.add(Sign::Card);
    }
    traits.schemes = scheme::passes(value, letters);
    let mut rest = traits.schemes;
    while rest != 0 {
        let at = rest.trailing_zeros() as usize;
        rest &= rest - 1;
        let Some(scheme) = scheme::SCHEMES.get(at) else { break };
        if (letters || value.len() != text.len()) && scheme.forms.iter().any(|form| scheme::has_form(text, form)) {
            traits.add(Sign::SchemeForm);
            return;
        }
    }
}

/// Letters and digits.
fn look_at_mixed(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() <= COMPACT_MAX * 2 && shape.at_signs == 0 {
        if account::iban_length(text.as_bytes()).is_some() {
            let solid: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).take(35).collect();
            if account::is_iban(&solid) {
                traits.add(Sign::Iban);
                return;
            }
        }
        look_for_schemes(text, traits);
        look_at_code(text, shape, traits);
    }
    if shape.colons >= 2 && shape.blanks == 0 {
        look_for_ip(text, traits);
    }
    if (shape.colons == 5 || shape.dots == 2 || shape.others == 5) && network::is_mac(text) {
        traits.add(Sign::Mac);
    }
    if shape.blanks <= 14 && address::is_address(text) {
        traits.add(Sign::Address);
    }
    let dialled =
        shape.digits >= 7 && text.starts_with(|sign: char| sign.is_ascii_digit() || matches!(sign, '+' | '('));
    if dialled && let Some(phone::Phone::International | phone::Phone::Grouped) = phone::phone(text) {
        traits.add(Sign::PhoneGrouped);
    }
    if shape.blanks <= 3 && shape.digits <= 4 && is_age_range(text) {
        traits.add(Sign::AgeRange);
    }
    if text.len() >= 32 && shape.blanks == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        traits.add(Sign::Hash);
    }
    if text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www.") {
        traits.add(Sign::Url);
    }
    if text.starts_with("POINT") {
        look_for_position(text, traits);
    }
}

/// `18-25`, `65+`, `under 18`, `18 bis 25`.
fn is_age_range(text: &str) -> bool {
    let numbers: Vec<u32> = text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse().ok())
        .collect();
    match numbers.as_slice() {
        [from, to] => from < to && *to <= 120,
        [one] => *one <= 110 && text.contains('+'),
        _ => false,
    }
}

/// Short codes of letters and digits: plates, passports, illnesses.
fn look_at_code(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() > 12 || shape.blanks > 2 {
        return;
    }
    let solid: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-' | b'.')).collect();
    let letters = solid.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let digits = solid.iter().filter(|byte| byte.is_ascii_digit()).count();
    if letters + digits != solid.len() && text.is_ascii() {
        return;
    }
    if (4..=9).contains(&solid.len()) && letters >= 1 && digits >= 1 && is_plate(text) {
        traits.add(Sign::PlateForm);
    }
    if (7..=10).contains(&solid.len()) && digits >= 5 && (1..=3).contains(&letters) && shape.blanks == 0 {
        traits.add(Sign::PassportForm);
    }
    let illness = matches!(solid.as_slice(), [first, second, third, rest @ ..]
        if first.is_ascii_uppercase() && second.is_ascii_digit() && (third.is_ascii_digit() || third.is_ascii_uppercase())
            && rest.len() <= 4 && rest.iter().all(u8::is_ascii_alphanumeric));
    if illness && (text.as_bytes().get(3) == Some(&b'.') || text.len() == 3) {
        traits.add(Sign::IllnessCode);
    }
}

/// Plates as several countries write them; 9 is a digit, A a letter.
const PLATE_FORMS: &[&str] = &[
    "AA-999-AA",
    "AA 999 AA",
    "AA999AA",
    "9999 AAA",
    "9999AAA",
    "AA99 AAA",
    "AA99AAA",
    "A-AA 999",
    "A-AA 9999",
    "A-A 999",
    "A-A 9999",
    "A-AA 99",
    "AA-AA 999",
    "AA-AA 9999",
    "AA-A 999",
    "AA-A 9999",
    "AAA-A 999",
    "AAA-AA 99",
    "AAA-AA 999",
    "AAA-AA 9999",
    "AAA-A 9999",
    "99-AA-99",
    "AA-99-AA",
    "99-AAA-9",
    "9-AAA-99",
    "AA-999-A",
    "A-999-AA",
    "AAA-99-A",
    "A-99-AAA",
    "AA 99999",
    "AAA 9999",
    "AA 9999A",
    "AAA9A99",
    "AAA-9999",
    "AAA-999",
    "AAA 999",
    "AAA999",
    "AAA9999",
    "AA 99 999",
    "AA99999",
    "AA 999-AA",
    "AA-99999",
    "9AA 9999",
    "9AA9999",
    "9A9 9999",
    "999-AAA",
    "9AAA999",
    "9-AAA-999",
    "AA 99 AAA",
    "A 9999 AA",
    "AA 9999 AA",
    "AA9999AA",
    "99-A-9999",
    "AA-9999-AA",
    "AA-AA-99",
    "99-99-AA",
];

fn is_plate(text: &str) -> bool {
    PLATE_FORMS.iter().any(|form| scheme::has_form(text, form)) && text.bytes().all(|byte| !byte.is_ascii_lowercase())
}

/// Few words: names, sexes, bodies, streets.
fn look_at_words(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() <= 12 && shape.blanks == 0 && known(text) & SEX != 0 {
        traits.add(Sign::Sex);
    }
    let mut named = 0;
    let mut words = 0;
    let mut given = 0;
    let mut surname = 0;
    let mut other = 0;
    let mut initials = 0;
    for word in text
        .split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | '/' | '(' | ')' | '"'))
        .filter(|word| !word.is_empty())
    {
        words += 1;
        if words > 8 {
            return;
        }
        if is_initial(word) {
            initials += 1;
            continue;
        }
        let mut flags = known(word.trim_end_matches('.'));
        if flags & LISTED == 0 && word.contains(['-', '\'', '’']) {
            flags = word.split(['-', '\'', '’']).map(known).fold(0, |all, part| all | part);
        }
        note_words(flags, word, traits);
        if flags & GIVEN != 0 {
            given += 1;
        }
        if flags & SURNAME != 0 || (flags & LISTED == 0 && word.len() >= 5 && ends_like_surname(word)) {
            surname += 1;
        }
        if flags & TITLE != 0 {
            continue;
        }
        if flags & PARTICLE != 0 && word.chars().next().is_some_and(char::is_lowercase) {
            continue;
        }
        if is_name_word(word) && shape.digits == 0 {
            named += 1;
        } else if word.chars().all(char::is_alphabetic)
            && (given + surname > 0)
            && shape.digits == 0
            && word.len() > 1
            && (flags & (GIVEN | SURNAME) != 0)
        {
            // Files in small letters: `waller`, `lachlan berry`.
            named += 1;
        } else {
            other += 1;
        }
    }
    if given > 0 {
        traits.add(Sign::Given);
    }
    if surname > 0 {
        traits.add(Sign::Surname);
    }
    let people =
        |traits: &Traits| !traits.has(Sign::Body) && !traits.has(Sign::Street) && !traits.has(Sign::OfficeWord);
    if other == 0 && words >= 2 && (1..=5).contains(&named) && named + initials >= 2 && people(traits) {
        traits.add(Sign::NameShape);
        if given > 0 && !traits.has(Sign::PlaceWord) {
            traits.add(Sign::NameBoth);
        }
    } else if words == 1 && shape.digits == 0 && shape.others <= 2 && (named == 1 || is_lone_word(text)) {
        traits.add(Sign::OneName);
        // 山田太郎, 김민준: two to four signs of a script without capitals or gaps.
        if text.chars().all(is_caseless) && (2..=4).contains(&text.chars().count()) {
            traits.add(Sign::NameShape);
        }
    }
}

fn is_lone_word(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(|sign| sign.is_alphabetic() || matches!(sign, '\'' | '’' | '-'))
}

fn note_words(flags: u32, word: &str, traits: &mut Traits) {
    if flags & BODY != 0 && word.len() > 2 {
        traits.add(Sign::Body);
    }
    if flags & STREET != 0 && word.len() > 2 && flags & (GIVEN | SURNAME) == 0
        || address::is_of_street_or_place(word) && flags & (GIVEN | SURNAME | PLACE | PARTICLE | TITLE) == 0
    {
        traits.add(Sign::Street);
    }
    if flags & PLACE != 0 && flags & (GIVEN | SURNAME) == 0 {
        traits.add(Sign::PlaceWord);
    }
    if flags & OFFICE != 0 && flags & (GIVEN | SURNAME) == 0 {
        traits.add(Sign::OfficeWord);
    }
    if flags & TITLE != 0 && word.len() > 1 && flags & (GIVEN | SURNAME | STREET) == 0 {
        traits.add(Sign::Title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_what_they_are() {
        use Sign::*;
        let cases: &[(&str, Sign)] = &[
            ("anna.lee@gmail.com", EmailPersonal),
            ("info@example.org", EmailFunctional),
            ("+49 30 901820", PhoneInternational),
            ("905-674-3793", PhoneGrouped),
            ("DE89 3704 0044 0532 0130 00", Iban),
            ("4111 1111 1111 1111", Card),
            ("106.31.73.20", IpPublic),
            ("00:1B:44:11:3A:B7", Mac),
            ("1980-04-16", Date),
            ("52.520008", Precise),
            ("52.520008, 13.404954", Position),
            ("3", Small),
            ("42", AgeLike),
            ("Lukas", Given),
            ("Wiśniewska", Surname),
            ("Faina D. Yefremova", NameShape),
            ("Jan de Vries", NameBoth),
            ("Σοφία Παπαδάκη", NameBoth),
            ("Stadtwerke Musterstadt GmbH", Body),
            ("Via Giuseppe Verdi", Street),
            ("Puruntie 82", Address),
            ("female", Sex),
            ("18-25", AgeRange),
            ("J45.0", IllnessCode),
            ("AB-123-CD", PlateForm),
            ("RSSMRA85T10A562S", SchemeForm),
            ("123-45-6789", SchemeForm),
            ("C01X00T47", PassportForm),
            (concat!("P<UTOERIKSSON<<ANNA<MARIA", "<<<<<<", "<<<<<<", "<<<<<<"), TravelDocument),
            ("lachlan berry", NameBoth),
            ("O'Brien", OneName),
        ];
        for (text, sign) in cases {
            assert!(look(text).has(*sign), "{text}: no {sign:?}");
        }
        let not: &[(&str, Sign)] = &[
            ("Stadtwerke Musterstadt GmbH", NameShape),
            ("Via Giuseppe Verdi", NameShape),
            ("2020-01-01", PhonePossible),
            ("3.1415", PhonePossible),
            ("Concrete", Given),
            ("Mount Washington", NameBoth),
            ("1.2.3.4", IpPublic),
            ("12", Precise),
            ("University of Maria Curie", NameShape),
        ];
        for (text, sign) in not {
            assert!(!look(text).has(*sign), "{text}: {sign:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at(text in "\\PC{1,200}") {
            let first = look(text.trim());
            proptest::prop_assert_eq!(first, look(text.trim()));
        }
    }
}
