//! Sentences: names, contacts and numbers within running text.

use crate::cell::{Sign, Traits, compact};
use crate::fold::fold;
use crate::names::{
    BODY, GIVEN, OFFICE, PARTICLE, PLACE, STREET, SURNAME, TITLE, ends_like_surname, is_initial, is_name_word, known,
};
use crate::scheme::{self, COMPACT_MAX, SCHEMES, Strength};
use crate::value::{account, address, date, network, phone};

/// Words of a text that are looked at together.
const WINDOW: usize = 8;

/// Words that introduce a person, the name being next.
const INTRODUCTIONS: &[&str] = &[
    "chamo-me",
    "pacient",
    "pacientka",
    "patiente",
    "patientin",
    "paziente",
    "nájemce",
    "najemca",
    "huurder",
    "huurster",
    "inquilino",
    "inquilina",
    "l'inquilino",
    "eleven",
    "elev",
    "aluno",
    "aluna",
    "hyresgäst",
    "hyresgästen",
    "locataire",
    "kunde",
    "kundin",
    "cliente",
    "klient",
    "klientka",
    "zákazník",
    "asiakas",
    "potilas",
    "oppilas",
    "vuokralainen",
    "bérlő",
    "beteg",
    "chiriaș",
    "пациент",
    "пациентка",
    "клиент",
    "ученик",
    "ученичка",
    "ασθενής",
    "bürger",
    "bürgerin",
    "leerling",
    "schüler",
    "schülerin",
    "mitarbeiter",
    "mitarbeiterin",
    "empleado",
    "empleada",
    "dipendente",
    "medewerker",
    "pracownik",
    "zaměstnanec",
    "employé",
    "employée",
    "versicherte",
    "versicherter",
    "opfer",
    "victim",
    "víctima",
    "name",
    "named",
    "named",
    "him",
    "under",
    "named",
    "called",
    "dear",
    "hi",
    "hello",
    "hey",
    "regards",
    "sincerely",
    "thanks",
    "signed",
    "contact",
    "ask",
    "patient",
    "client",
    "customer",
    "student",
    "employee",
    "tenant",
    "kid",
    "child",
    "colleague",
    "cousin",
    "uncle",
    "aunt",
    "partner",
    "account",
    "says",
    "said",
    "user",
    "applicant",
    "resident",
    "neighbour",
    "neighbor",
    "husband",
    "wife",
    "son",
    "daughter",
    "mother",
    "father",
    "brother",
    "sister",
    "friend",
    "am",
    "i'm",
    "by",
    "with",
    "met",
    "told",
    "heiße",
    "heisse",
    "herr",
    "frau",
    "namens",
    "patientin",
    "mieter",
    "mieterin",
    "liebe",
    "lieber",
    "grüße",
    "appelle",
    "m'appelle",
    "monsieur",
    "madame",
    "cher",
    "chère",
    "llamo",
    "señor",
    "señora",
    "querido",
    "querida",
    "atentamente",
    "chiamo",
    "signor",
    "signora",
    "caro",
    "cara",
    "chamo",
    "senhor",
    "senhora",
    "heet",
    "meneer",
    "mevrouw",
    "nazywam",
    "pan",
    "pani",
    "heter",
    "hedder",
    "nimeni",
    "jmenuji",
    "meine",
    "paciente",
    "patiënt",
    "pacjent",
    "pacjentka",
    "client",
    "clienta",
    "alumno",
    "alumna",
    "élève",
];

/// Words for a name.
const NAME_WORDS: &[&str] = &[
    "name",
    "nom",
    "nombre",
    "nome",
    "naam",
    "namn",
    "navn",
    "nimi",
    "nimeni",
    "jméno",
    "név",
    "nevem",
    "nume",
    "numele",
    "nazwisko",
    "imię",
    "имя",
    "име",
    "όνομα",
    "this",
    "it",
];

/// Words with which people say who they are.
const SELF: &[&str] = &[
    "jmenuji",
    "nazywam",
    "chamo-me",
    "m'appelle",
    "appelle",
    "llamo",
    "chiamo",
    "heiße",
    "heisse",
    "heter",
    "hedder",
    "heet",
    "зовут",
    "казвам",
    "λέγομαι",
    "numesc",
    "hívnak",
];

/// Words before a number that is somebody's telephone.
const PHONE_WORDS: &[&str] = &[
    "phone",
    "call",
    "tel",
    "telephone",
    "mobile",
    "cell",
    "fax",
    "number",
    "dial",
    "whatsapp",
    "hotline",
    "telefon",
    "handy",
    "mobil",
    "rufen",
    "tél",
    "téléphone",
    "portable",
    "appeler",
    "teléfono",
    "móvil",
    "llamar",
    "telefono",
    "cellulare",
    "chiamare",
    "telefone",
    "telemóvel",
    "ligar",
    "telefoon",
    "bellen",
    "mobiel",
    "telefonu",
    "tel.",
    "tél.",
    "nr",
    "puhelin",
    "telefonnummer",
    "rufnummer",
    "komórka",
];

/// Words before an identifier whose digits say nothing by themselves.
const ID_WORDS: &[&str] = &[
    "ssn",
    "passport",
    "nino",
    "tfn",
    "bsn",
    "pesel",
    "dni",
    "nif",
    "cpf",
    "rut",
    "steuer-id",
    "steuer-identifikationsnummer",
    "steueridentifikationsnummer",
    "sozialversicherungsnummer",
    "rentenversicherungsnummer",
    "versichertennummer",
    "ausweisnummer",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "paspoort",
    "paszport",
    "personnummer",
    "cpr",
    "cpr-nummer",
    "fødselsnummer",
    "hetu",
    "henkilötunnus",
    "cnp",
    "егн",
    "паспорт",
    "снилс",
    "aadhaar",
    "burgerservicenummer",
    "αμκα",
    "taj",
    "oib",
    "isikukood",
    "driver's",
    "nir",
    "rodné",
    "fiscale",
    "medicare",
    "curp",
    "cédula",
];

/// Words that make a number an identifier only together with a word for a number.
const ID_WORDS_WITH_NUMBER: &[&str] = &[
    "social",
    "security",
    "insurance",
    "nhs",
    "sin",
    "license",
    "licence",
    "identity",
    "identification",
    "tax",
    "sécurité",
    "contribuinte",
    "identificación",
    "seguridad",
    "identidad",
    "dowodu",
    "číslo",
    "versicherung",
];

/// Words for a number.
const NUMBER_WORDS: &[&str] = &[
    "number", "no", "no.", "nr", "nr.", "#", "is", "nummer", "numéro", "número", "numero", "numer", "ist", "est", "es",
    "id", "číslo", "sociale", "social",
];

/// Words before the number of a card.
const CARD_WORDS: &[&str] = &[
    "card",
    "cc",
    "card?",
    "no.",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "karte",
    "kreditkarte",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "kaart",
    "karta",
    "karty",
    "kort",
    "kortti",
    "kártya",
    "карта",
    "κάρτα",
];

/// Words for a birth.
const BIRTH_WORDS: &[&str] = &[
    "born",
    "birth",
    "birthday",
    "dob",
    "d.o.b",
    "geboren",
    "geburtsdatum",
    "geb",
    "né",
    "née",
    "naissance",
    "nacido",
    "nacida",
    "nacimiento",
    "nato",
    "nata",
    "nascita",
    "nascido",
    "nascida",
    "nascimento",
    "geboortedatum",
    "urodzony",
    "urodzona",
    "urodzenia",
    "född",
    "født",
    "syntynyt",
    "narozen",
    "narozena",
    "született",
    "născut",
    "născută",
    "родился",
    "родилась",
    "роден",
    "родена",
    "γεννήθηκε",
];

/// Words of illness and other matters that are nobody's business, as they begin.
const INTIMATE: &[&str] = &[
    "diagnos",
    "diabet",
    "cancer",
    "tumor",
    "tumour",
    "depress",
    "asthma",
    "hiv",
    "pregnan",
    "disab",
    "surgery",
    "symptom",
    "medication",
    "prescri",
    "therapy",
    "addict",
    "alcoholi",
    "suicid",
    "schizo",
    "epilep",
    "krebs",
    "schwanger",
    "behinder",
    "erkrank",
    "krankheit",
    "medikament",
    "maladie",
    "enceinte",
    "handicap",
    "traitement",
    "enfermedad",
    "embaraz",
    "discapaci",
    "tratamiento",
    "malattia",
    "incinta",
    "disabil",
    "doença",
    "grávida",
    "deficiên",
    "ziekte",
    "zwanger",
    "chorob",
    "ciąż",
    "niepełnospr",
    "sjukdom",
    "gravid",
    "sygdom",
    "sykdom",
    "sairaus",
    "raskaan",
    "nemoc",
    "těhot",
    "betegség",
    "terhes",
    "boala",
    "însărcinat",
    "болезн",
    "беремен",
    "диагноз",
    "ασθένεια",
    "muslim",
    "jewish",
    "catholic",
    "gewerkschaft",
    "convicted",
    "arrested",
    "abuse",
    "violence",
    "benefits",
    "welfare",
    "debt",
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
    /// The word before is `name` or the like, with or without a colon.
    by_name: bool,
    /// The first word begins a sentence, so its capital says nothing.
    opens: bool,
    /// What stands before the `@` in the text's e-mail addresses.
    mailboxes: String,
}

/// Looks through a text.
pub(crate) fn look(text: &str, traits: &mut Traits) {
    let mut before = [""; WINDOW];
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
        if lower {
            let flags = known(word);
            if lower_given
                && (flags & SURNAME != 0 || (flags == 0 && word.len() >= 6 && ends_like_surname(&fold(word))))
            {
                traits.add(Sign::TextName);
            }
            lower_given = flags & GIVEN != 0 && word.len() >= 4 && !COMMON.contains(&word);
        }
        hint = hint.saturating_sub(1);
        if ADDRESS_HINTS.contains(&word.to_lowercase().trim_end_matches(':')) {
            hint = 9;
        }
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
        if !traits.has(Sign::TextAddress)
            && tail.len() >= 2
            && (is_address_here(&tail) || is_hinted_address(&tail, hint))
        {
            traits.add(Sign::TextAddress);
        }
        sentence = raw.ends_with(['.', '!', '?', ':', '\n']) && !is_initial(word) && known(word) & TITLE == 0;
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
    before: &[&str; WINDOW],
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
    if flags == 0 && bare.contains(['-', '\'', '’']) {
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
        let introduction = last.to_lowercase();
        run.by_name = NAME_WORDS.contains(&introduction.as_str());
        run.introduced = run.by_name
            || INTRODUCTIONS.contains(&introduction.as_str())
            || (matches!(
                introduction.as_str(),
                "is" | "est" | "ist" | "es" | "è" | "é" | "jest" | "är" | "er" | "on" | "je"
            ) && before.iter().rev().take(4).any(|word| NAME_WORDS.contains(&word.to_lowercase().as_str())))
            || before.iter().rev().take(2).any(|word| SELF.contains(&word.to_lowercase().as_str()));
        run.office |=
            known(last) & OFFICE != 0 && !last.is_empty() && last.chars().next().is_some_and(char::is_uppercase);
    }
    // A place word such as `North` may be part of a name; a street or a university is not.
    run.bodies |= (flags & (BODY | STREET) != 0 && !name && bare.len() > 2)
        || (flags & PLACE != 0 && !name && bare.len() > 3)
        || (!name && address::is_of_street_or_place(bare));
    run.given += usize::from(flags & GIVEN != 0);
    let morph = flags == 0 && bare.len() >= 5 && ends_like_surname(&fold(bare));
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
    let introduces =
        |word: &str| known(word) & (GIVEN | SURNAME) == 0 && INTRODUCTIONS.contains(&word.to_lowercase().as_str());
    while run.words.first().is_some_and(|word| is_function_word(word) || (run.words.len() > 1 && introduces(word))) {
        let removed = run.words.remove(0).to_lowercase();
        run.introduced |= INTRODUCTIONS.contains(&removed.as_str());
        run.introduced |= matches!(
            removed.as_str(),
            "hi" | "hello"
                | "dear"
                | "hey"
                | "i'm"
                | "i’m"
                | "thanks"
                | "querido"
                | "querida"
                | "cher"
                | "chère"
                | "liebe"
                | "lieber"
                | "caro"
                | "cara"
                | "beste"
                | "kære"
                | "hej"
        );
        run.opens = false;
    }
    if run.words.is_empty() || run.bodies {
        return;
    }
    let plain = run.words.iter().filter(|word| !is_initial(word)).count();
    let initials = run.words.len() - plain;
    let small = next.to_lowercase();
    let acts = ACTS.contains(&small.as_str());
    let common = run.words.iter().all(|word| COMMON.contains(&fold(word).as_str()));
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

/// Words that begin sentences in many languages and are no names.
fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.contains(&word.to_lowercase().as_str())
}

const FUNCTION_WORDS: &[&str] = &[
    "the",
    "a",
    "an",
    "in",
    "on",
    "at",
    "of",
    "for",
    "from",
    "to",
    "by",
    "with",
    "and",
    "or",
    "but",
    "if",
    "when",
    "while",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "my",
    "your",
    "his",
    "her",
    "our",
    "their",
    "its",
    "it",
    "he",
    "she",
    "we",
    "they",
    "you",
    "i",
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "do",
    "does",
    "did",
    "can",
    "could",
    "please",
    "why",
    "what",
    "where",
    "who",
    "how",
    "which",
    "not",
    "no",
    "yes",
    "after",
    "before",
    "since",
    "unlike",
    "like",
    "dear",
    "hello",
    "hi",
    "hey",
    "thanks",
    "i'm",
    "i’m",
    "it's",
    "cher",
    "chère",
    "liebe",
    "lieber",
    "querido",
    "querida",
    "caro",
    "cara",
    "beste",
    "kære",
    "hej",
    "yesterday",
    "today",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "der",
    "die",
    "das",
    "den",
    "dem",
    "ein",
    "eine",
    "im",
    "am",
    "und",
    "oder",
    "aber",
    "wenn",
    "ich",
    "er",
    "sie",
    "es",
    "wir",
    "ihr",
    "mein",
    "meine",
    "heute",
    "gestern",
    "bitte",
    "sehr",
    "le",
    "la",
    "les",
    "un",
    "une",
    "des",
    "du",
    "au",
    "aux",
    "et",
    "mais",
    "je",
    "il",
    "elle",
    "nous",
    "vous",
    "mon",
    "ma",
    "mes",
    "ce",
    "cette",
    "dans",
    "pour",
    "sur",
    "el",
    "los",
    "las",
    "una",
    "y",
    "o",
    "pero",
    "yo",
    "mi",
    "su",
    "en",
    "para",
    "con",
    "por",
    "lo",
    "gli",
    "i",
    "uno",
    "ma",
    "io",
    "il",
    "nel",
    "nella",
    "o",
    "os",
    "as",
    "um",
    "uma",
    "e",
    "eu",
    "meu",
    "minha",
    "no",
    "na",
    "het",
    "de",
    "een",
    "ik",
    "hij",
    "zij",
    "mijn",
    "ten",
    "ta",
    "to",
    "i",
    "ja",
    "moja",
    "mój",
    "w",
    "z",
    "na",
    "det",
    "den",
    "jag",
    "jeg",
    "og",
    "och",
    "min",
    "se",
    "on",
    "hän",
    "minä",
    "v",
    "na",
    "a",
    "já",
    "az",
    "és",
    "un",
    "o",
    "și",
    "eu",
    "в",
    "на",
    "и",
    "я",
    "мой",
    "это",
    "στο",
    "η",
    "ο",
    "το",
    "και",
    "bot",
    "user",
    "re",
    "fwd",
    "subject",
    "date",
    "note",
    "let",
    "also",
    "as",
];

/// What persons do, as the word behind their name says it.
const ACTS: &[&str] = &[
    "lives",
    "lived",
    "works",
    "worked",
    "said",
    "says",
    "told",
    "asked",
    "wrote",
    "writes",
    "called",
    "thinks",
    "believes",
    "complained",
    "reported",
    "requested",
    "phoned",
    "began",
    "had",
    "gave",
    "can",
    "suffers",
    "moved",
    "married",
    "died",
    "attended",
    "arrived",
    "wohnt",
    "wohnte",
    "arbeitet",
    "sagte",
    "schrieb",
    "meldete",
    "leidet",
    "beantragt",
    "habite",
    "travaille",
    "souffre",
    "demande",
    "déclare",
    "vive",
    "trabaja",
    "dijo",
    "sufre",
    "solicita",
    "abita",
    "lavora",
    "disse",
    "soffre",
    "richiede",
    "mora",
    "trabalha",
    "sofre",
    "solicitou",
    "woont",
    "werkt",
    "zei",
    "lijdt",
    "mieszka",
    "pracuje",
    "powiedział",
    "powiedziała",
    "choruje",
    "bor",
    "arbetar",
    "arbejder",
    "jobber",
    "sade",
    "asuu",
    "työskentelee",
    "sanoi",
    "bydlí",
    "řekl",
    "řekla",
    "lakik",
    "dolgozik",
    "locuiește",
    "lucrează",
    "живет",
    "живёт",
    "работает",
    "сказал",
    "живее",
    "работи",
    "μένει",
    "εργάζεται",
];

/// Names that are common words, months or places as well: alone they say nothing.
const COMMON: &[&str] = &[
    "victoria",
    "florence",
    "madison",
    "charlotte",
    "georgia",
    "virginia",
    "jordan",
    "austin",
    "brandon",
    "santiago",
    "mercedes",
    "carolina",
    "lourdes",
    "pilar",
    "leon",
    "castro",
    "vega",
    "mark",
    "grant",
    "rose",
    "may",
    "june",
    "august",
    "dolores",
    "christian",
    "king",
    "young",
    "white",
    "black",
    "brown",
    "green",
    "gray",
    "wood",
    "woods",
    "hill",
    "lane",
    "ford",
    "bell",
    "rice",
    "price",
    "long",
    "day",
    "knight",
    "hunter",
    "porter",
    "washington",
    "jackson",
    "marshall",
    "boyd",
    "wells",
    "stone",
    "fox",
    "mason",
    "page",
    "jean",
    "rio",
    "reis",
    "costa",
    "villa",
    "conte",
    "sala",
    "monti",
    "riva",
    "blanco",
    "blanca",
    "cruz",
    "santa",
    "santos",
    "campos",
    "flores",
    "rojas",
    "luna",
    "sol",
    "alba",
    "aurora",
    "jade",
    "amber",
    "ruby",
    "crystal",
    "grace",
    "hope",
    "faith",
    "joy",
    "iris",
    "lily",
    "ivy",
    "daisy",
    "olive",
    "heather",
    "jasmine",
    "rocio",
    "paz",
    "angel",
    "jesus",
    "domingo",
    "salvador",
    "israel",
    "paris",
    "chelsea",
    "sydney",
    "diego",
    "juan",
    "jose",
    "francisco",
    "antonio",
    "luis",
    "louis",
    "martin",
    "lima",
    "braga",
    "roma",
    "siena",
    "klein",
    "gross",
    "lang",
    "kurz",
    "jung",
    "alt",
    "schwarz",
    "weiss",
    "braun",
    "stein",
    "berg",
    "busch",
    "engel",
    "kaiser",
    "konig",
    "winter",
    "sommer",
    "herbst",
    "freitag",
    "sonntag",
    "bos",
    "groot",
    "wit",
    "vos",
    "mai",
    "avril",
    "petit",
    "legrand",
    "roche",
    "roy",
    "marin",
    "merida",
    "leon",
    "will",
    "bill",
    "frank",
    "rob",
    "pat",
    "sue",
    "art",
    "gene",
    "dean",
    "earl",
    "duke",
    "major",
    "king",
    "prince",
    "bishop",
    "pope",
    "baker",
    "cook",
    "turner",
    "cooper",
    "carter",
    "fisher",
    "gardner",
    "butler",
    "parker",
    "taylor",
    "smith",
    "mills",
    "banks",
    "fields",
    "rivers",
    "parks",
    "lake",
    "brook",
    "brooks",
    "bush",
    "marsh",
    "moss",
    "reed",
    "rich",
    "sharp",
    "short",
    "small",
    "strong",
    "swift",
    "wise",
    "best",
    "case",
    "chase",
    "cross",
    "field",
    "gold",
    "hall",
    "house",
    "hudson",
    "hart",
    "law",
    "love",
    "lamb",
    "lee",
    "line",
    "little",
    "low",
    "march",
    "meadows",
    "north",
    "west",
    "sun",
    "mali",
    "chad",
    "kenya",
    "china",
    "india",
    "asia",
    "europa",
    "regina",
    "salina",
    "saint",
    "san",
    "sao",
    "do",
    "das",
    "rao",
    "bui",
    "ho",
    "he",
    "an",
    "ana",
    "su",
    "ren",
    "yang",
    "chen",
    "alt",
    "kai",
    "lea",
    "ida",
    "era",
    "eva",
    "ines",
    "sam",
    "max",
    "ben",
    "ali",
    "amir",
    "omar",
    "kim",
    "park",
    "sunil",
    "asha",
    "noor",
    "duc",
    "lan",
    "minh",
    "ming",
    "yan",
    "jing",
    "hong",
    "xin",
    "hui",
    "ping",
    "hao",
    "lei",
    "jun",
    "wei",
    "fang",
    "ying",
    "thi",
    "quang",
    "linh",
    "yuki",
    "aoi",
    "hina",
    "rune",
    "dag",
    "tor",
    "bo",
    "per",
    "ole",
    "lone",
    "pia",
    "tina",
    "helle",
    "randi",
    "arne",
    "stian",
    "pan",
    "kamil",
    "dawid",
    "maria",
    "anna",
    "bruno",
    "marco",
    "luca",
    "ales",
];

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
    rest.len() >= 2
        && rest.iter().all(|word| capital(Some(word)))
        && known(last) & STREET != 0
        && last.len() > 1
        && address::words_are_address(near.get(number..).unwrap_or_default())
}

/// A flat or suite with its number; or, soon after `lives` or `address`, a capitalised word beside a number.
fn is_hinted_address(tail: &[&str], hint: u32) -> bool {
    let [.., before, last] = tail else { return false };
    let clean = |word: &str| word.trim_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
    let numbered = address::is_house_number(last);
    if numbered && UNITS.contains(&clean(before).as_str()) {
        return true;
    }
    let near = tail.get(tail.len().saturating_sub(4)..).unwrap_or_default();
    let word = |word: &&&str| word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() > 2;
    hint > 0 && near.iter().any(|other| address::is_house_number(other)) && near.iter().filter(word).count() >= 1
}

/// Words for a part of a house, before its number.
const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "suite",
    "flat",
    "box",
    "psc",
    "unit",
    "wohnung",
    "appartement",
    "piso",
    "interno",
    "lägenhet",
];

/// Words after which an address is told.
const ADDRESS_HINTS: &[&str] = &[
    "address",
    "lives",
    "live",
    "living",
    "located",
    "resides",
    "residing",
    "adresse",
    "anschrift",
    "wohnt",
    "wohne",
    "wohnhaft",
    "habite",
    "domicilié",
    "domiciliée",
    "vive",
    "dirección",
    "domicilio",
    "abita",
    "residente",
    "indirizzo",
    "mora",
    "reside",
    "endereço",
    "morada",
    "woont",
    "adres",
    "mieszka",
    "zamieszkały",
    "zamieszkała",
    "adress",
    "bor",
    "asuu",
    "osoite",
    "bydlí",
    "bytem",
    "adresa",
    "lakik",
    "lakcím",
    "locuiește",
    "адрес",
    "живет",
    "проживает",
    "διεύθυνση",
    "μένει",
];

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
        |value: &[u8]| account::is_card(value) || (has_word(before, 7, CARD_WORDS) && account::passes_luhn(value));
    if !letters && (12..=19).contains(&length) && card(value) && (length >= 15 || has_word(before, 7, CARD_WORDS)) {
        traits.add(Sign::TextCard);
        return;
    }
    let passed = scheme::passes(value, letters);
    let named = has_word(before, 4, ID_WORDS)
        || (has_word(before, 6, ID_WORDS_WITH_NUMBER) && has_word(before, 2, NUMBER_WORDS));
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
            if length >= 10 || number.contains(['(', '-']) || has_word(before, 5, PHONE_WORDS) =>
        {
            traits.add(Sign::TextPhone)
        }
        Some(phone::Phone::Possible | phone::Phone::Grouped) if has_word(before, 4, PHONE_WORDS) => {
            traits.add(Sign::TextPhone)
        }
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
