//! Numbers within running text.

use super::{Recent, Traits};
use crate::cell::{Sign, compact};
use crate::names::{
    BEFORE_CARD, BEFORE_CONTACT, BEFORE_ID, BEFORE_ID_NUMBER, BEFORE_LICENCE, BEFORE_PASSPORT, BEFORE_PHONE, BIRTH,
    GIVEN, NUMBER, SURNAME,
};
use crate::scheme::{self, COMPACT_MAX, Strength};
use crate::value::{account, date, network, phone};
use crate::word::Word;

/// Numbers that stand together: cards, telephones, identifiers, dates, internet addresses.
///
/// Whether one of them could be a telephone number, though it takes more to say so.
pub(super) fn look_at_numbers(text: &str, from: usize, numbers: &[&str], before: &Recent, traits: &mut Traits) -> bool {
    let start = text.as_ptr() as usize;
    // Groups of one number stand together; two numbers apart are tried one by one too.
    let span = numbers.last().map_or(from, |last| last.as_ptr() as usize - start + last.len());
    let whole = text.get(from..span).unwrap_or_default();
    let mut dialled = false;
    if numbers.len() > 1 && whole.len() <= 40 && !numbers.iter().any(|number| is_precise_decimal(number)) {
        judge_number(whole, before, traits);
        dialled |= could_be_phone(whole, before);
    }
    if traits.has(Sign::TextPhone) && traits.has(Sign::TextCard) {
        return false;
    }
    for number in numbers {
        judge_number(number, before, traits);
        dialled |= could_be_phone(number, before);
    }
    dialled
}

/// Fewest decimals of a number that is no group of a longer one: coordinates stand side by side in shapes (WKT).
const DECIMALS_MIN: usize = 5;

fn is_precise_decimal(number: &str) -> bool {
    number.split_once('.').is_some_and(|(whole, decimals)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        decimals.len() >= DECIMALS_MIN && digits(whole.trim_start_matches(['-', '+', '('])) && digits(decimals)
    })
}

/// `1842-1907`, `(1842–1907)`: years of a life or of a war.
fn is_span_of_years(number: &str) -> bool {
    let number = number.trim_matches(['(', ')']);
    let Some((first, second)) = number.split_once(['-', '–', '—']) else { return false };
    let year = |text: &str| text.parse::<u16>().ok().filter(|year| text.len() == 4 && (1_000..=2_100).contains(year));
    matches!((year(first), year(second)), (Some(first), Some(second)) if first <= second)
}

/// Grouped as telephone numbers are, or as long as they are and behind `at`, `on`, `to`.
fn could_be_phone(number: &str, before: &Recent) -> bool {
    if number.len() < 8 || date::year_of(number).is_some() || is_span_of_years(number) {
        return false;
    }
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    match phone::phone(number) {
        Some(phone::Phone::International | phone::Phone::Grouped) => digits >= 8,
        // Behind `at`, `on`; with a trunk digit; or right behind what looks like somebody's name.
        Some(phone::Phone::Possible) => {
            let trunk = matches!(number.as_bytes(), [b'0', b'1'..=b'9', ..]) && (9..=11).contains(&digits);
            let behind = before.last();
            let named = behind.has(Word::CAPITAL)
                && (behind.is(GIVEN | SURNAME) || behind.has(Word::NAME_LIKE | Word::SURNAME_LIKE));
            (9..=12).contains(&digits) && (before.has(1, BEFORE_CONTACT) || trunk || named && !number.starts_with("20"))
        }
        None => false,
    }
}

/// Shortest number that says anything.
const NUMBER_BYTES_MIN: usize = 6;

fn judge_number(number: &str, before: &Recent, traits: &mut Traits) {
    if number.len() < NUMBER_BYTES_MIN || is_span_of_years(number) {
        return;
    }
    if let Some(year) = date::year_of(number) {
        if date::BIRTH_YEARS.contains(&year) && before.has(4, BIRTH) {
            traits.add(Sign::TextBirth);
        }
        return;
    }
    // A decimal: coordinates, amounts.
    let bare = number.trim_matches(['(', ')']).trim_end_matches('.');
    if number.bytes().filter(|byte| *byte == b'.').count() == 1 && bare.parse::<f64>().is_ok() {
        return;
    }
    let separated = |sign: u8, least: usize| number.bytes().filter(|byte| *byte == sign).count() >= least;
    if (separated(b'.', 3) || separated(b':', 2)) && matches!(network::ip(number), Some(network::IpKind::Public)) {
        traits.add(Sign::TextIp);
        return;
    }
    // Behind `mobile` or `call` a number is a telephone's, whatever check it passes by chance.
    if is_told_as_phone(number, before) {
        traits.add(Sign::TextPhone);
        return;
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, letters)) = compact(number, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    // Twelve to fourteen digits pass too easily: the text has to speak of a card.
    let card = |value: &[u8]| account::is_card(value) || (before.has(7, BEFORE_CARD) && account::passes_luhn(value));
    if !letters && (12..=19).contains(&length) && card(value) && (length >= 15 || before.has(7, BEFORE_CARD)) {
        traits.add(Sign::TextCard);
        return;
    }
    // What the text says the number is goes before what it could be.
    if (6..=14).contains(&length)
        && let Some(sign) = told_document(before)
    {
        traits.add(sign);
        return;
    }
    let passed = scheme::passes(value, letters);
    let named = before.has(4, BEFORE_ID) || (before.has(6, BEFORE_ID_NUMBER) && before.has(2, NUMBER));
    for scheme in scheme::all_of(passed) {
        let form =
            scheme.forms.iter().any(|form| scheme::has_form(number, form)) && (letters || value.len() != number.len());
        let telling = match scheme.strength {
            Strength::Form => form || scheme.chance < 0.0005,
            Strength::Date | Strength::Range | Strength::Digits => {
                form && (scheme.chance < 0.1 || scheme.id == "us-ssn")
            }
        };
        if telling || (named && scheme.strength != Strength::Range) || (named && length >= 9) {
            traits.add(Sign::TextId);
            return;
        }
    }
    if named && (6..=14).contains(&length) {
        traits.add(Sign::TextId);
        return;
    }
    match phone::phone(number) {
        Some(phone::Phone::International) => traits.add(Sign::TextPhone),
        Some(phone::Phone::Grouped) if length >= 10 || number.contains(['(', '-']) || before.has(5, BEFORE_PHONE) => {
            traits.add(Sign::TextPhone)
        }
        Some(phone::Phone::Possible | phone::Phone::Grouped) if before.has(4, BEFORE_PHONE) => {
            traits.add(Sign::TextPhone)
        }
        _ => {}
    }
}

/// A driving licence or a passport, where the text has just said so.
fn told_document(before: &Recent) -> Option<Sign> {
    if before.has(4, BEFORE_LICENCE) {
        return Some(Sign::TextLicence);
    }
    before.has(4, BEFORE_PASSPORT).then_some(Sign::TextPassport)
}

/// Whether the text says that a telephone number comes, and one does; words of cards and of persons' numbers speak against it.
fn is_told_as_phone(number: &str, before: &Recent) -> bool {
    if before.has(4, BEFORE_ID) || before.has(7, BEFORE_CARD) {
        return false;
    }
    // `Number` alone may be anything's.
    let told = |back: usize| {
        before.0.iter().rev().take(back).any(|word| word.is(BEFORE_PHONE) && !word.is(NUMBER | BEFORE_ID_NUMBER))
    };
    match phone::phone(number) {
        Some(phone::Phone::International) => told(5),
        Some(phone::Phone::Grouped) => told(5) || (before.has(1, BEFORE_CONTACT) && number.starts_with('0')),
        Some(phone::Phone::Possible) => told(4),
        None => false,
    }
}

/// Bytes in which an IBAN in groups of four stands.
const IBAN_SPAN: usize = 44;

/// Digits from which a word is the number that the text has announced.
const CODE_DIGITS_MIN: usize = 4;

/// Words of capitals and digits: bank accounts, identifiers.
pub(super) fn look_at_code(word: &str, text: &str, at: usize, before: &Recent, traits: &mut Traits) {
    if word.len() < 4 {
        return;
    }
    if account::iban_length(word.as_bytes()).is_some() {
        // Groups of four may follow.
        let mut room = [0; IBAN_SPAN];
        let solid = text.as_bytes().get(at..).unwrap_or_default().iter().take(IBAN_SPAN);
        for (to, byte) in room.iter_mut().zip(solid.filter(|byte| byte.is_ascii_alphanumeric())) {
            *to = *byte;
        }
        let length = account::iban_length(&room).unwrap_or(0);
        if room.get(..length).is_some_and(account::is_iban) {
            traits.add(Sign::TextIban);
            return;
        }
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, true)) = compact(word, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    let passed = scheme::passes(value, true);
    let evident = |scheme: &scheme::Scheme| {
        scheme.strength == Strength::Form && scheme.forms.iter().any(|form| scheme::has_form(word, form))
    };
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    if (6..=16).contains(&length)
        && digits >= CODE_DIGITS_MIN
        && let Some(sign) = told_document(before)
    {
        traits.add(sign);
    } else if scheme::all_of(passed).any(evident) {
        traits.add(Sign::TextId);
    }
}
