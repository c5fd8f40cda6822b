//! Digits and signs, no letter.

use super::{Shape, Sign, Traits, look_for_date};
use crate::scheme::{self, COMPACT_MAX};
use crate::value::{account, network, phone};

/// Looks at a cell without letters. Most cells of most tables are plain numbers: they leave early.
pub(super) fn look(text: &str, shape: &Shape, schemed: bool, traits: &mut Traits) {
    let plain = shape.others == 0 && shape.blanks == 0 && shape.colons == 0;
    let signed = shape.others == 1 && shape.blanks == 0 && shape.colons == 0 && text.starts_with('-');
    if (plain || signed) && shape.dots <= 1 {
        look_at_number(text, shape, traits);
        let decimal = shape.dots == 1;
        if (plain && decimal) || shape.digits < 6 {
            return;
        }
    }
    if plain && shape.dots == 0 {
        if shape.digits == 8 {
            look_for_date(text, traits);
        }
        look_for_phone(text, shape, traits);
        look_for_schemes(text, schemed, traits);
        return;
    }
    if text.len() <= 7 && shape.digits <= 6 && !traits.has(Sign::Number) && is_age_range(text) {
        traits.add(Sign::AgeRange);
    }
    // Two signs part a date, or a time stands behind eight digits.
    let parted = shape.dots + shape.others >= 2 || (shape.dots + shape.others == 0 && shape.colons > 0);
    if parted && shape.digits <= 20 {
        look_for_date(text, traits);
        if traits.has(Sign::Date) && shape.digits <= 8 {
            return;
        }
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
    if shape.digits >= 6 && shape.colons == 0 {
        look_for_phone(text, shape, traits);
        look_for_schemes(text, schemed, traits);
    }
}

fn look_for_phone(text: &str, shape: &Shape, traits: &mut Traits) {
    if let Some(found) = phone::phone_of_signs(text, shape.others > 0) {
        traits.add(match found {
            phone::Phone::International => Sign::PhoneInternational,
            phone::Phone::Grouped => Sign::PhoneGrouped,
            phone::Phone::Possible => Sign::PhonePossible,
        });
    }
}

fn look_at_number(text: &str, shape: &Shape, traits: &mut Traits) {
    traits.add(Sign::Number);
    if shape.dots == 0 {
        traits.add(Sign::Whole);
        // Whatever is longer than three digits is neither an age nor small, noughts before it aside.
        let bare = if text.len() > 3 { text.trim_start_matches('0') } else { text };
        if bare.len() <= 3
            && let Ok(number) = text.parse::<u32>()
        {
            if (1..=4).contains(&number) {
                traits.add(Sign::Small);
            }
            if number <= 120 {
                traits.add(Sign::AgeLike);
            }
        }
    } else if text.bytes().rev().take_while(|byte| *byte != b'.').count() >= 4 {
        traits.add(Sign::Precise);
    }
}

pub(super) fn look_for_ip(text: &str, traits: &mut Traits) {
    match network::ip(text) {
        Some(network::IpKind::Public) => traits.add(Sign::IpPublic),
        Some(network::IpKind::Private) => traits.add(Sign::IpPrivate),
        None => {}
    }
}

/// `52.12345, 13.12345`, also in parentheses.
pub(super) fn look_for_position(text: &str, traits: &mut Traits) {
    let mut numbers =
        text.trim_start_matches("POINT").split([',', ' ', ';', '(', ')', '[', ']']).filter(|part| !part.is_empty());
    let (Some(first), Some(second), None) = (numbers.next(), numbers.next(), numbers.next()) else { return };
    let precise = |part: &str, most: f64| {
        part.rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() >= 4)
            && part.parse::<f64>().is_ok_and(|number| number.abs() <= most)
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

pub(super) fn look_for_schemes(text: &str, schemed: bool, traits: &mut Traits) {
    if text.len() > COMPACT_MAX * 2 {
        return;
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, letters)) = compact(text, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    if !letters && account::is_card(value) {
        traits.add(Sign::Card);
    }
    if !schemed {
        return;
    }
    traits.schemes = scheme::passes(value, letters);
    if !letters && value.len() == text.len() {
        return;
    }
    let formed = |scheme: &scheme::Scheme| scheme.forms.iter().any(|form| scheme::has_form(text, form));
    if scheme::all_of(traits.schemes).any(formed) {
        traits.add(Sign::SchemeForm);
    }
}

/// `18-25`, `65+`, `under 18`, `18 bis 25`.
pub(super) fn is_age_range(text: &str) -> bool {
    // Two numbers, or one and a plus.
    let mut groups = 0;
    let mut before = 0_u8;
    for byte in text.bytes() {
        groups += usize::from(byte.is_ascii_digit() && !before.is_ascii_digit());
        before = byte;
    }
    if groups != 2 && !text.contains('+') {
        return false;
    }
    let parts = text.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut numbers = parts.filter_map(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(from), Some(to), None) => from < to && to <= 120,
        (Some(one), None, None) => one <= 110 && text.contains('+'),
        _ => false,
    }
}
