//! Sentences: names, contacts and numbers within running text.

use crate::cell::{Sign, Traits, compact};
use crate::fold::fold;
use crate::names::{
    ACTS, BEFORE_ADDRESS, BEFORE_CARD, BEFORE_ID, BEFORE_ID_NUMBER, BEFORE_PHONE, BIRTH, BODY, COMMON, FUNCTION, GIVEN,
    INTRODUCES, LISTED, NAME_WORD, NUMBER, OFFICE, PARTICLE, PLACE, SELF, STREET, SURNAME, TITLE, UNIT,
    ends_like_surname, is_initial, is_intimate, is_name_word, known,
};
use crate::scheme::{self, COMPACT_MAX, SCHEMES, Strength};
use crate::value::{account, address, date, network, phone};

/// Words of a text that are looked at together.
const WINDOW: usize = 8;

/// The word has a capital, beside what [`known`] says of it.
const CAPITAL: u32 = 1 << 31;

/// What stands around a name.
#[derive(Default)]
struct Run<'a> {
    words: Vec<&'a str>,
    given: usize,
    surname: usize,
    bodies: bool,
    titled: bool,
    office: bool,
    introduced: bool,
    /// The word before is `name` or the like, with or without a colon.
    by_name: bool,
    /// The first word begins a sentence, so its capital says nothing.
    opens: bool,
    /// What stands before the `@` in the text's e-mail addresses.
    mailboxes: String,
}

/// Looks through a text.
pub(crate) fn look(text: &str, traits: &mut Traits) {
    let mut before = [0_u32; WINDOW];
    let mut run = Run::default();
    let mut numbers: Vec<&str> = Vec::new();
    let mut number_at = 0;
    let mut sentence = true;
    let mut tail: Vec<&str> = Vec::with_capacity(WINDOW);
    run.mailboxes = memchr::memchr_iter(b'@', text.as_bytes())
        .take(8)
        .filter_map(|at| crate::value::email::around(text, at))
        .filter_map(|address| address.rsplit_once('@'))
        .map(|(local, _)| fold(local))
        .collect();
    let lower = !text.chars().any(char::is_uppercase);
    let mut lower_given = false;
    let mut hint = 0_u32;
    let mut digits_near = 0_u32;
    for (at, raw, begins) in words_of(text) {
        if begins {
            end_run(&mut run, "", traits);
            if !numbers.is_empty() {
                look_at_numbers(text, number_at, &numbers, &before, traits);
                numbers.clear();
            }
            tail.clear();
            sentence = true;
        }
        let word =
            raw.trim_matches(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '+' | '(' | '#' | '@' | ')'));
        if word.is_empty() {
            end_run(&mut run, "", traits);
            continue;
        }
        let flags = known(word);
        if lower {
            let family = flags & SURNAME != 0 || (flags & LISTED == 0 && word.len() >= 6 && ends_like_surname(word));
            if lower_given && family {
                traits.add(Sign::TextName);
            }
            lower_given = flags & GIVEN != 0 && word.len() >= 4 && flags & COMMON == 0;
        }
        hint = if flags & BEFORE_ADDRESS != 0 { 9 } else { hint.saturating_sub(1) };
        // A street and its number stand within five words.
        let digit = word.bytes().any(|byte| byte.is_ascii_digit());
        digits_near = if digit { 5 } else { digits_near.saturating_sub(1) };
        tail.push(raw);
        if tail.len() > WINDOW {
            tail.remove(0);
        }
        let first = word.chars().next().unwrap_or(' ');
        if first.is_ascii_digit() || first == '+' || (first == '(' && word.bytes().any(|byte| byte.is_ascii_digit())) {
            end_run(&mut run, "", traits);
            if numbers.is_empty() {
                number_at = at;
            }
            numbers.push(word);
            if numbers.len() >= 7 || raw.ends_with([',', ';']) {
                look_at_numbers(text, number_at, &numbers, &before, traits);
                numbers.clear();
            }
        } else {
            if !numbers.is_empty() {
                look_at_numbers(text, number_at, &numbers, &before, traits);
                numbers.clear();
            }
            see_word(raw, word, &before, sentence, &mut run, traits);
            if digit {
                look_at_code(word, text, at, traits);
            }
            before.rotate_left(1);
            if let Some(last) = before.last_mut() {
                *last = flags | if first.is_uppercase() { CAPITAL } else { 0 };
            }
        }
        if !traits.has(Sign::TextIntimate) && word.len() > 3 && is_intimate(word) {
            traits.add(Sign::TextIntimate);
        }
        if !traits.has(Sign::TextAddress)
            && tail.len() >= 2
            && digits_near > 0
            && (is_address_here(&tail, flags) || is_hinted_address(&tail, hint))
        {
            traits.add(Sign::TextAddress);
        }
        sentence = raw.ends_with(['.', '!', '?', ':', '\n']) && !is_initial(word) && flags & TITLE == 0;
        if sentence || raw.ends_with([',', ';', ')', '"']) {
            end_run(&mut run, "", traits);
        }
    }
    if !numbers.is_empty() {
        look_at_numbers(text, number_at, &numbers, &before, traits);
    }
    end_run(&mut run, "", traits);
    if traits.has(Sign::EmailPersonal) {
        traits.add(Sign::TextEmail);
    }
}

/// Words with their places, and whether each begins a line.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let start = text.as_ptr() as usize;
    let mut begins = true;
    text.split_inclusive([' ', '\t', '\n', '\r', '\u{a0}', '|']).filter_map(move |piece| {
        let word = piece.trim_matches([' ', '\t', '\n', '\r', '\u{a0}', '|']);
        let first = begins;
        let ends = piece.ends_with(['\n', '|']);
        begins = ends || (begins && word.is_empty());
        (!word.is_empty()).then(|| (word.as_ptr() as usize - start, word, first))
    })
}

fn see_word<'a>(
    raw: &str,
    word: &'a str,
    before: &[u32; WINDOW],
    sentence: bool,
    run: &mut Run<'a>,
    traits: &mut Traits,
) {
    let last = before.last().copied().unwrap_or_default();
    let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    if !is_name_word(bare) && !is_initial(bare) {
        // `University of Maria Curie`: the name is the body's.
        if run.bodies && (known(bare) & PARTICLE != 0 || matches!(bare, "of" | "for" | "für")) {
            return;
        }
        let particle = known(bare) & PARTICLE != 0
            && !run.words.is_empty()
            && bare.len() <= 5
            && bare.chars().all(char::is_alphabetic);
        if !particle || raw.ends_with([',', '.']) {
            end_run(run, bare, traits);
        }
        return;
    }
    let mut flags = known(bare);
    if flags & LISTED == 0 && bare.contains(['-', '\'', '’']) {
        flags = bare.split(['-', '\'', '’']).map(known).fold(0, |all, part| all | (part & (GIVEN | SURNAME)));
    }
    let name = flags & (GIVEN | SURNAME) != 0;
    if flags & TITLE != 0 && (!name || run.words.is_empty() && bare.len() <= 4) && bare.len() > 1 {
        end_run(run, "", traits);
        run.titled = true;
        return;
    }
    if flags & OFFICE != 0 && !name {
        end_run(run, "", traits);
        run.office = true;
        return;
    }
    if run.words.is_empty() {
        run.opens = sentence;
        let recent = |back: usize, flag: u32| before.iter().rev().take(back).any(|flags| flags & flag != 0);
        run.by_name = last & NAME_WORD != 0;
        run.introduced =
            last & (INTRODUCES | NAME_WORD) != 0 || (last & NUMBER != 0 && recent(4, NAME_WORD)) || recent(2, SELF);
        run.office |= last & OFFICE != 0 && last & CAPITAL != 0;
    }
    // A place word such as `North` may be part of a name; a street or a university is not.
    run.bodies |= (flags & (BODY | STREET) != 0 && !name && bare.len() > 2)
        || (flags & PLACE != 0 && !name && bare.len() > 3)
        || (!name && address::is_of_street_or_place(bare));
    run.given += usize::from(flags & GIVEN != 0);
    let morph = flags & LISTED == 0 && bare.len() >= 5 && ends_like_surname(bare);
    run.surname += usize::from(flags & SURNAME != 0 || morph);
    run.words.push(bare);
    if run.words.len() > 6 {
        *run = Run { bodies: true, mailboxes: std::mem::take(&mut run.mailboxes), ..Run::default() };
    }
}

/// Judges the capitalised words that came one after the other; `next` is the word behind them.
fn end_run(run: &mut Run<'_>, next: &str, traits: &mut Traits) {
    let mailboxes = run.mailboxes.clone();
    let ended = std::mem::replace(run, Run { mailboxes, ..Run::default() });
    judge_run(ended, next, traits);
}

fn judge_run(mut run: Run<'_>, next: &str, traits: &mut Traits) {
    // `The`, `In`, `Gestern`: what begins a sentence has a capital anyway.
    let introduces = |flags: u32| flags & (GIVEN | SURNAME) == 0 && flags & INTRODUCES != 0;
    while let Some(first) = run.words.first().map(|word| known(word))
        && (first & FUNCTION != 0 || (run.words.len() > 1 && introduces(first)))
    {
        run.words.remove(0);
        run.introduced |= first & INTRODUCES != 0;
        run.opens = false;
    }
    if run.words.is_empty() || run.bodies {
        return;
    }
    let plain = run.words.iter().filter(|word| !is_initial(word)).count();
    let initials = run.words.len() - plain;
    let acts = known(next) & ACTS != 0;
    let common = run.words.iter().all(|word| known(word) & COMMON != 0);
    let middle = matches!(run.words.as_slice(), [first, middle, last] if is_initial(middle) && !is_initial(first) && !is_initial(last));
    let first_known = run.words.first().is_some_and(|word| known(word) & (GIVEN | SURNAME) != 0);
    let echoes = |word: &&str| {
        let word = fold(word);
        let first = word.split('-').next().unwrap_or_default();
        first.len() >= 3 && run.mailboxes.contains(first)
    };
    let echoed = !run.mailboxes.is_empty() && run.words.iter().any(echoes);
    let name = match plain {
        0 => false,
        _ if echoed => true,
        1 if common => run.titled,
        1 => {
            run.titled
                || (run.introduced && (!run.opens || run.by_name))
                || run.given > 0
                || (run.surname > 0 && (!run.opens || initials > 0 || acts))
                || (acts && !run.words.iter().all(|word| word.chars().all(|sign| !sign.is_lowercase())))
        }
        2..=4 => {
            middle
                || run.titled
                || (run.given > 0 && !(common && plain > 1))
                || (run.surname > 0 && (!run.opens || first_known || initials > 0 || plain == 2))
                || ((run.introduced || acts) && plain <= 3)
        }
        _ => false,
    };
    // Capitals throughout are headings unless both words are names.
    let shouted = run.words.iter().all(|word| {
        word.chars().filter(|sign| sign.is_alphabetic()).count() > 1
            && !word.chars().any(char::is_lowercase)
            && word.chars().any(char::is_uppercase)
    });
    if !name || (shouted && !(run.given > 0 && run.surname > 0)) {
        return;
    }
    traits.add(if run.office { Sign::TextOffice } else { Sign::TextName });
}

fn is_address_here(tail: &[&str], flags: u32) -> bool {
    // The window ends with the number (Via Roma 5) or begins with it (12 High Street).
    let numbered = tail.last().is_some_and(|last| address::is_house_number(last));
    if !numbered && flags & STREET == 0 {
        return false;
    }
    let clean: Vec<&str> = tail.iter().map(|word| word.trim_end_matches(['.', ',', ';', ':'])).collect();
    let last = clean.last().copied().unwrap_or_default();
    let near = clean.get(clean.len().saturating_sub(5)..).unwrap_or_default();
    if address::is_house_number(last) {
        return near.len() >= 2 && capital(near.get(near.len() - 2)) && address::words_are_address(near);
    }
    let Some(number) = near.iter().position(|word| address::is_house_number(word)) else { return false };
    let rest = near.get(number + 1..).unwrap_or_default();
    rest.len() >= 2
        && rest.iter().all(|word| capital(Some(word)))
        && last.len() > 1
        && address::words_are_address(near.get(number..).unwrap_or_default())
}

/// A flat or suite with its number; or, soon after `lives` or `address`, a capitalised word beside a number.
fn is_hinted_address(tail: &[&str], hint: u32) -> bool {
    let [.., before, last] = tail else { return false };
    let clean = |word: &&str| known(word.trim_matches(|sign: char| !sign.is_alphanumeric()));
    let numbered = address::is_house_number(last);
    if numbered && clean(before) & UNIT != 0 {
        return true;
    }
    let near = tail.get(tail.len().saturating_sub(4)..).unwrap_or_default();
    let word = |word: &&&str| word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() > 2;
    hint > 0 && near.iter().any(|other| address::is_house_number(other)) && near.iter().filter(word).count() >= 1
}

fn capital(word: Option<&&str>) -> bool {
    word.and_then(|word| word.chars().next()).is_some_and(|first| first.is_uppercase() || first.is_ascii_digit())
}

fn has_word(before: &[u32; WINDOW], back: usize, flag: u32) -> bool {
    before.iter().rev().take(back).any(|flags| flags & flag != 0)
}

/// Numbers that stand together: cards, telephones, identifiers, dates, internet addresses.
fn look_at_numbers(text: &str, from: usize, numbers: &[&str], before: &[u32; WINDOW], traits: &mut Traits) {
    let start = text.as_ptr() as usize;
    // Groups of one number stand together; two numbers apart are tried one by one too.
    let span = numbers.last().map_or(from, |last| last.as_ptr() as usize - start + last.len());
    let whole = text.get(from..span).unwrap_or_default();
    if numbers.len() > 1 && whole.len() <= 40 {
        judge_number(whole, before, traits);
    }
    if traits.has(Sign::TextPhone) && traits.has(Sign::TextCard) {
        return;
    }
    for number in numbers {
        judge_number(number, before, traits);
    }
}

fn judge_number(number: &str, before: &[u32; WINDOW], traits: &mut Traits) {
    if let Some(year) = date::year_of(number) {
        if date::BIRTH_YEARS.contains(&year) && has_word(before, 4, BIRTH) {
            traits.add(Sign::TextBirth);
        }
        return;
    }
    // A decimal: coordinates, amounts.
    if number.bytes().filter(|byte| *byte == b'.').count() == 1 && number.trim_end_matches('.').parse::<f64>().is_ok() {
        return;
    }
    if matches!(network::ip(number), Some(network::IpKind::Public)) {
        traits.add(Sign::TextIp);
        return;
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, letters)) = compact(number, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    // Twelve to fourteen digits pass too easily: the text has to speak of a card.
    let card =
        |value: &[u8]| account::is_card(value) || (has_word(before, 7, BEFORE_CARD) && account::passes_luhn(value));
    if !letters && (12..=19).contains(&length) && card(value) && (length >= 15 || has_word(before, 7, BEFORE_CARD)) {
        traits.add(Sign::TextCard);
        return;
    }
    let passed = scheme::passes(value, letters);
    let named =
        has_word(before, 4, BEFORE_ID) || (has_word(before, 6, BEFORE_ID_NUMBER) && has_word(before, 2, NUMBER));
    for (at, scheme) in SCHEMES.iter().enumerate() {
        if passed & (1 << at) == 0 {
            continue;
        }
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
        Some(phone::Phone::Grouped)
            if length >= 10 || number.contains(['(', '-']) || has_word(before, 5, BEFORE_PHONE) =>
        {
            traits.add(Sign::TextPhone)
        }
        Some(phone::Phone::Possible | phone::Phone::Grouped) if has_word(before, 4, BEFORE_PHONE) => {
            traits.add(Sign::TextPhone)
        }
        _ => {}
    }
}

/// Words of capitals and digits: bank accounts, identifiers.
fn look_at_code(word: &str, text: &str, at: usize, traits: &mut Traits) {
    if word.len() < 4 {
        return;
    }
    if account::iban_length(word.as_bytes()).is_some() {
        // Groups of four may follow.
        let rest: Vec<u8> = text
            .as_bytes()
            .get(at..)
            .unwrap_or_default()
            .iter()
            .copied()
            .take(44)
            .filter(u8::is_ascii_alphanumeric)
            .collect();
        let length = account::iban_length(&rest).unwrap_or(0);
        if rest.get(..length).is_some_and(account::is_iban) {
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
    if SCHEMES.iter().enumerate().any(|(at, scheme)| passed & (1 << at) != 0 && evident(scheme)) {
        traits.add(Sign::TextId);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Traits {
        let mut traits = Traits::default();
        look(text, &mut traits);
        traits
    }

    #[test]
    fn persons_are_found_in_sentences() {
        for (text, sign) in [
            ("My name is Rubija", Sign::TextName),
            ("Yesterday Johannes Varvio listed his top songs", Sign::TextName),
            ("Please ask Mrs. Ottová about it", Sign::TextName),
            ("Ich heiße Friederike Unkelbach und wohne hier", Sign::TextName),
            ("Mayor John Smith opened the bridge", Sign::TextOffice),
            ("the limit for card 4111 1111 1111 1111?", Sign::TextCard),
            ("send it to DE89 3704 0044 0532 0130 00 today", Sign::TextIban),
            ("call me at 467 3395 tomorrow", Sign::TextPhone),
            ("her number is +44 20 7946 0958.", Sign::TextPhone),
            ("my SSN is 460-89-9847", Sign::TextId),
            ("CF RSSMRA85T10A562S di Mario", Sign::TextId),
            ("lives at 6750 Koskikatu 25 Apt. 864", Sign::TextAddress),
            ("wohnt in der Musterstraße 12 seit Jahren", Sign::TextAddress),
            ("born on 16.04.1980 in town", Sign::TextBirth),
            ("logged in from 106.31.73.20 at noon", Sign::TextIp),
            ("was diagnosed with diabetes", Sign::TextIntimate),
        ] {
            assert!(seen(text).has(sign), "{text}: no {sign:?}");
        }
    }

    #[test]
    fn public_matters_are_not_persons() {
        for text in [
            "The Department of Transportation publishes traffic counts for 2023.",
            "Data of the University of Maria Curie in Lublin",
            "Grant agreement 123456789 of 2020-01-01, version 1.2.3",
            "Via Giuseppe Garibaldi is closed between 10:00 and 12:00",
            "New York City Council approved the budget of 12,345,678 dollars",
            "Quarterly labour force survey, seasonally adjusted, table 12",
        ] {
            let traits = seen(text);
            for sign in [Sign::TextName, Sign::TextPhone, Sign::TextCard, Sign::TextId, Sign::TextAddress] {
                assert!(!traits.has(sign), "{text}: {sign:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}") {
            let _ = seen(&text);
        }
    }
}
