//! Letters and digits in one cell.

use super::digits::{is_age_range, look_for_ip, look_for_position, look_for_schemes};
use super::{Shape, Sign, Traits};
use crate::scheme::{self, COMPACT_MAX};
use crate::value::{account, address, network, phone};

/// Digits that identifiers with letters in them have at least.
const SCHEME_DIGITS: u64 = 4;
/// Signs of a codice fiscale.
const CODICE_FISCALE: u64 = 16;

/// Longest IBAN, and a sign more, so that longer ones are none.
const IBAN_ROOM: usize = 35;

pub(super) fn look(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() <= COMPACT_MAX * 2 && shape.at_signs == 0 {
        if is_iban(text) {
            traits.add(Sign::Iban);
            return;
        }
        // Of all identifiers with letters only one may have fewer digits: letters stand for some in a codice fiscale.
        if shape.digits >= SCHEME_DIGITS || shape.digits + shape.letters == CODICE_FISCALE {
            look_for_schemes(text, true, traits);
        }
        look_at_code(text, shape, traits);
    }
    if shape.colons >= 2 && shape.blanks == 0 {
        look_for_ip(text, traits);
    }
    if (shape.colons == 5 || shape.dots == 2 || shape.others == 5) && network::is_mac(text) {
        traits.add(Sign::Mac);
    }
    // A street and a number are two words.
    let worded = shape.blanks + shape.others > 0 || !text.is_ascii();
    if worded && shape.blanks <= 14 && address::is_address(text) {
        traits.add(Sign::Address);
    }
    let dialled = shape.digits >= 7 && shape.digits * 2 >= shape.letters;
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

fn is_iban(text: &str) -> bool {
    if account::iban_length(text.as_bytes()).is_none() {
        return false;
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return account::is_iban(text.as_bytes());
    }
    let mut room = [0; IBAN_ROOM];
    let mut length = 0;
    for (to, byte) in room.iter_mut().zip(text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'))) {
        *to = byte;
        length += 1;
    }
    account::is_iban(room.get(..length).unwrap_or_default())
}

/// Longest code that is looked at, in bytes.
const CODE_BYTES_MAX: usize = 12;

/// Short codes of letters and digits: plates, passports, illnesses.
fn look_at_code(text: &str, shape: &Shape, traits: &mut Traits) {
    if text.len() > CODE_BYTES_MAX || shape.blanks > 2 {
        return;
    }
    let mut room = [0; CODE_BYTES_MAX];
    let mut length = 0;
    for (to, byte) in room.iter_mut().zip(text.bytes().filter(|byte| !matches!(byte, b' ' | b'-' | b'.'))) {
        *to = byte;
        length += 1;
    }
    let solid = room.get(..length).unwrap_or_default();
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
    let illness = matches!(solid, [first, second, third, rest @ ..]
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

/// Forms of plates by their length.
static BY_LENGTH: std::sync::LazyLock<[Vec<&str>; CODE_BYTES_MAX + 1]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|length| PLATE_FORMS.iter().copied().filter(|form| form.len() == length).collect())
});

fn is_plate(text: &str) -> bool {
    let forms = BY_LENGTH.get(text.len()).map(Vec::as_slice).unwrap_or_default();
    forms.iter().any(|form| scheme::has_form(text, form)) && text.bytes().all(|byte| !byte.is_ascii_lowercase())
}
