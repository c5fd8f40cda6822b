//! Sentences: names, contacts and numbers within running text.

use crate::cell::{Sign, Traits, compact};
use crate::names::{BODY, GIVEN, OFFICE, PARTICLE, PLACE, STREET, SURNAME, TITLE, ends_like_surname, is_initial, is_name_word, known};
use crate::fold::fold;
use crate::scheme::{self, COMPACT_MAX, SCHEMES, Strength};
use crate::value::{account, address, date, network, phone};

/// Words of a text that are looked at together.
const WINDOW: usize = 8;

/// Words that introduce a person, the name being next.
const INTRODUCTIONS: &[&str] = &[
    "name", "named", "called", "dear", "hi", "hello", "hey", "regards", "sincerely", "thanks", "signed", "contact", "ask", "patient", "client", "customer",
    "student", "employee", "tenant", "resident", "neighbour", "neighbor", "husband", "wife", "son", "daughter", "mother", "father", "brother", "sister",
    "friend", "am", "i'm", "by", "with", "met", "told", "heiße", "heisse", "herr", "frau", "namens", "patientin", "mieter", "mieterin", "liebe", "lieber",
    "grüße", "appelle", "m'appelle", "monsieur", "madame", "cher", "chère", "llamo", "señor", "señora", "querido", "querida", "atentamente", "chiamo", "signor",
    "signora", "caro", "cara", "chamo", "senhor", "senhora", "heet", "meneer", "mevrouw", "nazywam", "pan", "pani", "heter", "hedder", "nimeni", "jmenuji", "meine",
    "paciente", "patiënt", "pacjent", "pacjentka", "client", "clienta", "alumno", "alumna", "élève",
];

/// Words before a number that is somebody's telephone.
const PHONE_WORDS: &[&str] = &[
    "phone", "call", "tel", "telephone", "mobile", "cell", "fax", "number", "dial", "text", "whatsapp", "telefon", "handy", "mobil", "rufen", "tél", "téléphone",
    "portable", "appeler", "teléfono", "móvil", "llamar", "telefono", "cellulare", "chiamare", "telefone", "telemóvel", "ligar", "telefoon", "bellen", "mobiel",
    "telefonu", "tel.", "tél.", "nr", "puhelin", "telefonnummer", "rufnummer", "komórka", "at", "reach",
];

/// Words before an identifier whose digits say nothing by themselves.
const ID_WORDS: &[&str] = &[
    "ssn", "social", "security", "passport", "license", "licence", "insurance", "nhs", "nino", "sin", "tfn", "medicare", "bsn", "pesel", "dni", "nie", "nif", "cpf", "rut",
    "steuer", "sozialversicherungsnummer", "ausweis", "versichertennummer", "sécurité", "personnummer", "cpr", "fødselsnummer", "hetu", "rodné", "cnp", "егн", "паспорт", "tax",
    "aadhaar", "identity", "identification", "burgerservicenummer", "contribuinte", "identificación", "codice", "fiscale", "αμκα", "taj", "oib", "isikukood", "driver's",
];

/// Words for a birth.
const BIRTH_WORDS: &[&str] = &[
    "born", "birth", "birthday", "dob", "d.o.b", "geboren", "geburtsdatum", "geb", "né", "née", "naissance", "nacido", "nacida", "nacimiento", "nato", "nata", "nascita",
    "nascido", "nascida", "nascimento", "geboortedatum", "urodzony", "urodzona", "urodzenia", "född", "født", "syntynyt", "narozen", "narozena", "született", "născut", "născută", "родился", "родилась", "роден", "родена", "γεννήθηκε",
];

/// Words of illness and other matters that are nobody's business, as they begin.
const INTIMATE: &[&str] = &[
    "diagnos", "diabet", "cancer", "tumor", "tumour", "depress", "asthma", "hiv", "pregnan", "disab", "surgery", "symptom", "medication", "prescri", "therapy", "addict", "alcoholi", "suicid", "schizo", "epilep",
    "krebs", "schwanger", "behinder", "erkrank", "krankheit", "medikament", "maladie", "enceinte", "handicap", "traitement", "enfermedad", "embaraz", "discapaci", "tratamiento", "malattia", "incinta", "disabil", "doença", "grávida", "deficiên",
    "ziekte", "zwanger", "chorob", "ciąż", "niepełnospr", "sjukdom", "gravid", "sygdom", "sykdom", "sairaus", "raskaan", "nemoc", "těhot", "betegség", "terhes", "boala", "însărcinat", "болезн", "беремен", "диагноз", "ασθένεια",
    "muslim", "jewish", "catholic", "gewerkschaft", "convicted", "arrested", "abuse", "violence", "benefits", "welfare", "debt",
];

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
    /// The first word begins a sentence, so its capital says nothing.
    opens: bool,
}

/// Looks through a text.
pub(crate) fn look(text: &str, traits: &mut Traits) {
    let mut before = [""; WINDOW];
    let mut run = Run::default();
    let mut numbers: Vec<&str> = Vec::new();
    let mut number_at = 0;
    let mut sentence = true;
    let mut tail: Vec<&str> = Vec::with_capacity(WINDOW);
    for (at, raw) in words_of(text) {
        let word = raw.trim_matches(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '+' | '(' | '#' | '@' | ')'));
        if word.is_empty() {
            end_run(&mut run, traits);
            continue;
        }
        tail.push(raw);
        if tail.len() > WINDOW {
            tail.remove(0);
        }
        let first = word.chars().next().unwrap_or(' ');
        if first.is_ascii_digit() || first == '+' || (first == '(' && word.bytes().any(|byte| byte.is_ascii_digit())) {
            end_run(&mut run, traits);
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
            look_at_code(word, text, at, traits);
            before.rotate_left(1);
            if let Some(last) = before.last_mut() {
                *last = word;
            }
        }
        let small_word = word.chars().count() > 3;
        if small_word && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte >= 0x80) {
            let small = word.to_lowercase();
            if INTIMATE.iter().any(|begin| small.starts_with(begin)) {
                traits.add(Sign::TextIntimate);
            }
        }
        if !traits.has(Sign::TextAddress) && tail.len() >= 2 && is_address_here(&tail) {
            traits.add(Sign::TextAddress);
        }
        sentence = raw.ends_with(['.', '!', '?', ':', '\n']) && !is_initial(word) && known(word) & TITLE == 0;
        if sentence || raw.ends_with([',', ';', ')', '"']) {
            end_run(&mut run, traits);
        }
    }
    if !numbers.is_empty() {
        look_at_numbers(text, number_at, &numbers, &before, traits);
    }
    end_run(&mut run, traits);
    if traits.has(Sign::EmailPersonal) {
        traits.add(Sign::TextEmail);
    }
}

fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    text.split([' ', '\t', '\n', '\r', '\u{a0}']).filter(|word| !word.is_empty()).map(move |word| (word.as_ptr() as usize - start, word))
}

fn see_word<'a>(raw: &str, word: &'a str, before: &[&str; WINDOW], sentence: bool, run: &mut Run<'a>, traits: &mut Traits) {
    let last = before.last().copied().unwrap_or_default();
    let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    if !is_name_word(bare) && !is_initial(bare) {
        // `University of Maria Curie`: the name is the body's.
        if run.bodies && (known(bare) & PARTICLE != 0 || matches!(bare, "of" | "for" | "für")) {
            return;
        }
        let particle = known(bare) & PARTICLE != 0 && !run.words.is_empty() && bare.len() <= 5 && bare.chars().all(char::is_alphabetic);
        if !particle || raw.ends_with([',', '.']) {
            end_run(run, traits);
        }
        return;
    }
    let mut flags = known(bare);
    if flags == 0 && bare.contains(['-', '\'', '’']) {
        flags = bare.split(['-', '\'', '’']).map(known).fold(0, |all, part| all | (part & (GIVEN | SURNAME)));
    }
    let name = flags & (GIVEN | SURNAME) != 0;
    if flags & TITLE != 0 && (!name || run.words.is_empty() && bare.len() <= 4) && bare.len() > 1 {
        end_run(run, traits);
        run.titled = true;
        return;
    }
    if flags & OFFICE != 0 && !name {
        end_run(run, traits);
        run.office = true;
        return;
    }
    if run.words.is_empty() {
        run.opens = sentence;
        let introduction = last.to_lowercase();
        run.introduced = INTRODUCTIONS.contains(&introduction.as_str())
            || (introduction == "is" && before.get(WINDOW - 2).is_some_and(|word| matches!(word.to_lowercase().as_str(), "name" | "this" | "it")))
            || (introduction == "est" || introduction == "ist" || introduction == "es" || introduction == "è")
                && before.iter().rev().take(3).any(|word| matches!(word.to_lowercase().as_str(), "name" | "nom" | "nombre" | "nome"));
        run.office |= known(last) & OFFICE != 0 && !last.is_empty() && last.chars().next().is_some_and(char::is_uppercase);
    }
    // A place word such as `North` may be part of a name; a street or a university is not.
    run.bodies |= (flags & (BODY | STREET) != 0 && !name && bare.len() > 2) || (flags & PLACE != 0 && !name && bare.len() > 3) || (!name && address::is_of_street_or_place(bare));
    run.given += usize::from(flags & GIVEN != 0);
    let morph = flags == 0 && bare.len() >= 5 && ends_like_surname(&fold(bare));
    run.surname += usize::from(flags & SURNAME != 0 || morph);
    run.words.push(bare);
    if run.words.len() > 6 {
        *run = Run { bodies: true, ..Run::default() };
    }
}

/// Judges the capitalised words that came one after the other.
fn end_run(run: &mut Run<'_>, traits: &mut Traits) {
    let run = std::mem::take(run);
    if run.words.is_empty() || run.bodies {
        return;
    }
    let plain = run.words.iter().filter(|word| !is_initial(word)).count();
    let initials = run.words.len() - plain;
    // What begins a sentence has a capital anyway.
    let first_known = run.words.first().is_some_and(|word| known(word) & (GIVEN | SURNAME) != 0);
    let counted = if run.opens && !first_known && plain > 1 { plain - 1 } else { plain };
    let name = match counted {
        0 => false,
        1 => (run.titled && !(run.opens && !first_known && plain > 1)) || (run.introduced && !run.opens) || (run.given + run.surname > 0 && initials > 0) || (run.introduced && run.given > 0)
            || (run.opens && !first_known && plain == 2 && run.surname > 0 && run.given > 0),
        2..=4 => run.titled || run.given > 0 || (run.surname > 0 && (initials > 0 || run.introduced || counted == 2)) || (run.introduced && counted <= 3),
        _ => false,
    };
    // Capitals throughout are headings unless both words are names.
    let shouted = run.words.iter().all(|word| word.chars().filter(|sign| sign.is_alphabetic()).count() > 1 && !word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase));
    if !name || (shouted && !(run.given > 0 && run.surname > 0)) {
        return;
    }
    traits.add(if run.office { Sign::TextOffice } else { Sign::TextName });
}

fn is_address_here(tail: &[&str]) -> bool {
    // The window ends with the number (Via Roma 5) or begins with it (12 High Street).
    let clean: Vec<&str> = tail.iter().map(|word| word.trim_end_matches(['.', ',', ';', ':'])).collect();
    let last = clean.last().copied().unwrap_or_default();
    let near = clean.get(clean.len().saturating_sub(5)..).unwrap_or_default();
    if address::is_house_number(last) {
        return near.len() >= 2 && capital(near.get(near.len() - 2)) && address::words_are_address(near);
    }
    let Some(number) = near.iter().position(|word| address::is_house_number(word)) else { return false };
    let rest = near.get(number + 1..).unwrap_or_default();
    rest.len() >= 2 && rest.iter().all(|word| capital(Some(word))) && known(last) & STREET != 0 && last.len() > 1 && address::words_are_address(near.get(number..).unwrap_or_default())
}

fn capital(word: Option<&&str>) -> bool {
    word.and_then(|word| word.chars().next()).is_some_and(|first| first.is_uppercase() || first.is_ascii_digit())
}

fn has_word(before: &[&str; WINDOW], back: usize, list: &[&str]) -> bool {
    before.iter().rev().take(back).any(|word| list.contains(&word.to_lowercase().as_str()))
}

/// Numbers that stand together: cards, telephones, identifiers, dates, internet addresses.
fn look_at_numbers(text: &str, from: usize, numbers: &[&str], before: &[&str; WINDOW], traits: &mut Traits) {
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

fn judge_number(number: &str, before: &[&str; WINDOW], traits: &mut Traits) {
    if let Some(year) = date::year_of(number) {
        if date::BIRTH_YEARS.contains(&year) && has_word(before, 4, BIRTH_WORDS) {
            traits.add(Sign::TextBirth);
        }
        return;
    }
    if matches!(network::ip(number), Some(network::IpKind::Public)) {
        traits.add(Sign::TextIp);
        return;
    }
    let mut room = [0; COMPACT_MAX];
    let Some((length, letters)) = compact(number, &mut room) else { return };
    let value = room.get(..length).unwrap_or_default();
    if !letters && account::is_card(value) {
        traits.add(Sign::TextCard);
        return;
    }
    let passed = scheme::passes(value, letters);
    let named = has_word(before, 5, ID_WORDS);
    for (at, scheme) in SCHEMES.iter().enumerate() {
        if passed & (1 << at) == 0 {
            continue;
        }
        let form = scheme.forms.iter().any(|form| scheme::has_form(number, form)) && (letters || value.len() != number.len());
        let telling = match scheme.strength {
            Strength::Form => form || scheme.chance < 0.0005,
            Strength::Date | Strength::Range | Strength::Digits => form && (scheme.chance < 0.1 || scheme.id == "us-ssn"),
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
        Some(phone::Phone::International | phone::Phone::Grouped) => traits.add(Sign::TextPhone),
        Some(phone::Phone::Possible) if has_word(before, 4, PHONE_WORDS) => traits.add(Sign::TextPhone),
        _ => {}
    }
}

/// Words of capitals and digits: bank accounts, identifiers.
fn look_at_code(word: &str, text: &str, at: usize, traits: &mut Traits) {
    if word.len() < 4 || !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    if account::iban_length(word.as_bytes()).is_some() {
        // Groups of four may follow.
        let rest: Vec<u8> = text.as_bytes().get(at..).unwrap_or_default().iter().copied().take(44).filter(u8::is_ascii_alphanumeric).collect();
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
    let evident = |scheme: &scheme::Scheme| scheme.strength == Strength::Form && scheme.forms.iter().any(|form| scheme::has_form(word, form));
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
