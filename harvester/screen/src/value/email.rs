//! E-mail addresses: valid ones, and whose they are.

use std::cell::Cell;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::fold::{fold, fold_into};
use crate::names::{AsIs, GIVEN, SURNAME, ends_like_surname, given_lengths, known};

/// Whose a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mailbox {
    /// A body's: info, press, security.
    Functional,
    /// Of a provider that people use privately, or named after a person.
    Personal,
    /// A person's name at a public body's domain.
    Official,
    /// It cannot be told.
    Unclear,
}

/// Mailboxes that are a function, not a person.
const FUNCTIONS: &str = "info information infos office contact contacts contactus mail email post mailbox admin administrator administration webmaster hostmaster postmaster security cybersecurity cyber soc csirt cert infosec itsecurity abuse noc support help helpdesk servicedesk service services customerservice customercare care hello hi team enquiries enquiry inquiries inquiry questions question ask press media pr news newsroom newsletter marketing sales orders order booking bookings reservations reception frontdesk accounts accounting billing invoices invoice payments finance hr jobs careers recruitment recruiting personnel legal privacy dpo dataprotection gdpr foi foia compliance opendata data statistics stats webteam web digital it ict itsupport tech technical dns domains domain domainadmin registry registrar noreply donotreply feedback comments complaints library school principal registrar admissions enrolment secretary secretariat clerk townclerk cityclerk council mayor permits planning parks police fire publicworks utilities tourism events museum gallery church parish clinic pharmacy surgery reservas kontakt anfrage poststelle verwaltung sekretariat buergermeister buergerservice buergerbuero rathaus stadt gemeinde landratsamt service presse pressestelle personal bewerbung datenschutz vertrieb einkauf buchhaltung rechnung bestellung schulleitung schule kanzlei praxis zentrale accueil mairie commune secretariat direction communication renseignements reclamation presse rh comptabilite bibliotheque ecole ce contacto correo informacion atencion atencionalciudadano ayuntamiento alcaldia secretaria registro prensa administracion ventas pedidos soporte ayuda centro colegio oficina consultas segreteria protocollo urp pec comune sindaco ufficio ufficiostampa amministrazione direzione biblioteca scuola informazioni prenotazioni geral contato contacto camara prefeitura ouvidoria sac atendimento financeiro secretaria gabinete imprensa informatie gemeente receptie klantenservice bestuur directie administratie secretariaat pers griffie kontakt biuro sekretariat urzad gmina poczta urzadgminy sklep kancelaria redakcja obsluga zamowienia rodo iod registrator kommun kommunen kundtjanst receptionen myndighet diarium postmottak firmapost kommune borgerservice skole kirjaamo toimisto asiakaspalvelu neuvonta palaute posti kunta podatelna posta obec urad starosta sekretariat eposta epodatelna titkarsag ugyfelszolgalat iroda polgarmester hivatal jegyzo secretariat primaria primar relatiipublice registratura grammateia dimos protokollo bilgi iletisim destek";

/// Providers that people use privately, without their country.
const PRIVATE_PROVIDERS: &str = "gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud me mac aol proton protonmail pm gmx web t-online freenet arcor 1und1 mail posteo mailbox fastmail zoho tutanota tuta hushmail orange wanadoo free sfr laposte bbox neuf numericable libero virgilio tiscali alice tin fastwebnet email tim terra telefonica uol bol ig globo sapo clix ziggo kpnmail xs4all planet hetnet home telenet skynet proximus wp onet o2 interia op tlen poczta gazeta telia bredband comhem spray passagen online broadpark frisurf mail stofanet tdcadsl elisanet luukku kolumbus suomi24 pp seznam centrum volny email atlas azet zoznam freemail citromail indamail t-email clicknet rdslink yandex ya mail list bk inbox rambler ukr i meta abv dir gbg otenet forthnet hol comcast verizon att sbcglobal bellsouth cox charter earthlink juno rogers shaw sympatico videotron bigpond optusnet iinet xtra btinternet btopenworld ntlworld virginmedia sky talktalk blueyonder tiscali naver hanmail daum qq 163 126 sina rediffmail docomo ezweb softbank armyspy cuvox dayrep einrot fleckens gustr jourrapide rhyta superrito teleworm mailinator example";

/// Endings of domains of public bodies.
const PUBLIC_DOMAINS: &[&str] = &[
    ".gov",
    ".mil",
    ".gov.uk",
    ".nhs.uk",
    ".nhs.net",
    ".police.uk",
    ".parliament.uk",
    ".gouv.fr",
    ".gob.es",
    ".gob.mx",
    ".gob.ar",
    ".gob.cl",
    ".gov.it",
    ".gov.br",
    ".leg.br",
    ".jus.br",
    ".gov.pt",
    ".gov.pl",
    ".gov.au",
    ".govt.nz",
    ".gc.ca",
    ".bund.de",
    ".bundestag.de",
    ".bayern.de",
    ".nrw.de",
    ".hessen.de",
    ".berlin.de",
    ".admin.ch",
    ".gv.at",
    ".overheid.nl",
    ".rijksoverheid.nl",
    ".minvws.nl",
    ".gov.ie",
    ".europa.eu",
    ".gov.gr",
    ".gov.hu",
    ".gov.ro",
    ".government.bg",
    ".regeringskansliet.se",
    ".riksdagen.se",
    ".stortinget.no",
    ".dep.no",
    ".kommune.no",
    ".ft.dk",
    ".parlament.cz",
    ".gov.cz",
    ".gov.sk",
    ".go.jp",
    ".go.kr",
    ".gov.in",
    ".nic.in",
    ".gov.cn",
    ".gov.tw",
    ".gov.il",
    ".gov.tr",
    ".gov.za",
    ".gob.pe",
    ".gov.co",
    ".senato.it",
    ".camera.it",
    ".assemblee-nationale.fr",
    ".senat.fr",
    ".un.org",
    ".fed.us",
];

/// Words by their hash.
type Words = std::collections::HashSet<u64, std::hash::BuildHasherDefault<AsIs>>;

fn hashes<'a>(words: impl Iterator<Item = &'a str>) -> Words {
    words.map(|word| xxh3_64(word.as_bytes())).collect()
}

fn has(words: &Words, word: &str) -> bool {
    words.contains(&xxh3_64(word.as_bytes()))
}

/// Functions, private providers, endings of public domains.
static SETS: LazyLock<[Words; 3]> = LazyLock::new(|| {
    let endings = PUBLIC_DOMAINS.iter().map(|ending| ending.trim_start_matches('.'));
    [hashes(FUNCTIONS.split(' ')), hashes(PRIVATE_PROVIDERS.split(' ')), hashes(endings)]
});

/// The address around the `@` at a place of a text, if it is a valid one (RFC 5321 within reason).
pub(crate) fn around(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let after = text.get(at + 1..)?;
    let start = local_start(before);
    let length = domain_length(after);
    let domain = after.get(..length)?.trim_end_matches(['.', '-']);
    let local = before.get(start..)?.trim_start_matches(['\'', '.', '=', '/', '*']);
    let whole = text.get(at - local.len()..at + 1 + domain.len())?;
    is_valid(local, domain).then_some(whole)
}

/// Signs that may stand before the `@` beside letters and digits.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'.' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~')
}

/// ASCII that may stand before the `@` (1), and behind it (2).
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        let sign = byte.is_ascii_alphanumeric();
        places[byte as usize] = (sign || is_mark(byte)) as u8 | ((sign || byte == b'.' || byte == b'-') as u8) << 1;
        byte += 1;
    }
    places
};

fn may_stand(byte: u8, place: u8) -> bool {
    PLACES.get(usize::from(byte)).is_some_and(|places| places & place != 0)
}

/// Where the part before the `@` begins. Only what is not ASCII is read sign by sign.
fn local_start(before: &str) -> usize {
    let start = before.bytes().rposition(|byte| !may_stand(byte, 1)).map_or(0, |found| found + 1);
    if start == 0 || before.as_bytes().get(start - 1).is_some_and(u8::is_ascii) {
        return start;
    }
    let fits =
        |sign: char| sign.is_alphanumeric() || u8::try_from(sign).is_ok_and(|byte| sign.is_ascii() && is_mark(byte));
    let last = before.char_indices().rev().find(|(_, sign)| !fits(*sign));
    last.map_or(0, |(found, sign)| found + sign.len_utf8())
}

/// How long the domain behind an `@` is.
fn domain_length(after: &str) -> usize {
    let length = after.bytes().position(|byte| !may_stand(byte, 2)).unwrap_or(after.len());
    if after.as_bytes().get(length).is_none_or(u8::is_ascii) {
        return length;
    }
    after.find(|sign: char| !(sign.is_alphanumeric() || sign == '.' || sign == '-')).unwrap_or(after.len())
}

fn is_valid(local: &str, domain: &str) -> bool {
    let Some(dot) = memchr::memrchr(b'.', domain.as_bytes()) else { return false };
    let last = domain.get(dot + 1..).unwrap_or_default();
    if local.is_ascii() && domain.is_ascii() {
        return is_valid_ascii(local.as_bytes(), domain.as_bytes(), last.as_bytes());
    }
    !local.is_empty()
        && local.len() <= 64
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.len() <= 253
        && domain
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'))
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
}

/// The same for ASCII.
fn is_valid_ascii(local: &[u8], domain: &[u8], last: &[u8]) -> bool {
    (1..=64).contains(&local.len())
        && domain.len() <= 253
        && last.len() >= 2
        && last.iter().all(u8::is_ascii_alphabetic)
        && has_single_points(local)
        && has_whole_labels(domain)
}

/// No point stands beside another one, nor at the end.
fn has_single_points(local: &[u8]) -> bool {
    let mut before = 0;
    for byte in local {
        if *byte == b'.' && before == b'.' {
            return false;
        }
        before = *byte;
    }
    before != b'.'
}

/// No label is empty or too long, begins or ends with a hyphen.
fn has_whole_labels(domain: &[u8]) -> bool {
    let (mut before, mut length) = (b'.', 0);
    for byte in domain {
        let ends = *byte == b'.';
        if length > 63 || ends && matches!(before, b'.' | b'-') || *byte == b'-' && before == b'.' {
            return false;
        }
        length = if ends { 0 } else { length + 1 };
        before = *byte;
    }
    length <= 63 && !matches!(before, b'.' | b'-')
}

/// What is known of a domain.
#[derive(Clone, Copy, Default)]
struct Domain {
    hash: u64,
    /// Of a provider that people use privately.
    private: bool,
    /// Of a public body.
    public: bool,
}

/// Domains that a thread remembers: most addresses of a column are of a few.
const DOMAINS_REMEMBERED: usize = 256;

thread_local! {
    static DOMAINS: Vec<Cell<Domain>> = vec![Cell::new(Domain::default()); DOMAINS_REMEMBERED];
}

impl Domain {
    /// What is known of a folded domain whose label of its own is `site`.
    fn of(domain: &str, site: &str) -> Self {
        let hash = xxh3_64(domain.as_bytes());
        DOMAINS.with(|known| {
            let slot = usize::try_from(hash >> 32).ok().and_then(|at| known.get(at % DOMAINS_REMEMBERED));
            if let Some(known) = slot.map(Cell::get).filter(|known| known.hash == hash) {
                return known;
            }
            let [_, private, public] = &*SETS;
            let mut endings = domain.match_indices('.').filter_map(|(at, _)| domain.get(at + 1..)).chain([domain]);
            let of = Self { hash, private: has(private, site), public: endings.any(|ending| has(public, ending)) };
            if let Some(slot) = slot {
                slot.set(of);
            }
            of
        })
    }
}

/// Whose the mailbox is.
pub(crate) fn mailbox(address: &str) -> Mailbox {
    let Some(at) = memchr::memrchr(b'@', address.as_bytes()) else { return Mailbox::Unclear };
    let Some((local, domain)) = address.get(..at).zip(address.get(at + 1..)) else { return Mailbox::Unclear };
    let [functions, ..] = &*SETS;
    let mut room = [0; 256];
    let slow;
    let domain = match fold_into(domain, &mut room) {
        Some(domain) => domain,
        None => {
            slow = domain.to_lowercase();
            slow.as_str()
        }
    };
    let local = memchr::memchr(b'+', local.as_bytes()).and_then(|at| local.get(..at)).unwrap_or(local);
    let mut room = [0; 128];
    let slow;
    let local = match fold_into(local, &mut room) {
        Some(local) => local,
        None => {
            slow = fold(local);
            slow.as_str()
        }
    };
    let mut parts = [""; PARTS_MAX];
    let mut count = 0;
    let mut keep = |part| {
        if let Some(room) = parts.get_mut(count).filter(|_| !str::is_empty(part)) {
            *room = part;
            count += 1;
        }
    };
    if local.is_ascii() {
        let mut from = 0;
        for (at, byte) in local.bytes().enumerate().chain([(local.len(), b' ')]) {
            if !byte.is_ascii_alphabetic() {
                keep(local.get(from..at).unwrap_or_default());
                from = at + 1;
            }
        }
    } else {
        local.split(|sign: char| !sign.is_alphabetic()).for_each(keep);
    }
    let parts = parts.get(..count).unwrap_or_default();
    let joined;
    let whole = match parts {
        [] => "",
        [one] => one,
        parts => {
            joined = parts.concat();
            joined.as_str()
        }
    };
    let site = site(domain);
    let Domain { private: provider, public, .. } = Domain::of(domain, site);
    let functional = has(functions, whole)
        || parts.first().is_some_and(|first| parts.len() > 1 && has(functions, first))
        || parts.last().is_some_and(|last| parts.len() > 1 && has(functions, last))
        || (site.len() > 3 && whole.len() > 3 && (contains(site, whole) || contains(whole, site)))
        || has_function_part(whole);
    if functional && !provider {
        return Mailbox::Functional;
    }
    if public {
        return if looks_like_person(parts) { Mailbox::Official } else { Mailbox::Functional };
    }
    if provider {
        return if functional { Mailbox::Functional } else { Mailbox::Personal };
    }
    if looks_like_person(parts) { Mailbox::Personal } else { Mailbox::Unclear }
}

/// Whether a word stands in another one.
fn contains(whole: &str, part: &str) -> bool {
    let (whole, part) = (whole.as_bytes(), part.as_bytes());
    let first = part.first();
    part.len() <= whole.len() && whole.windows(part.len()).any(|window| window.first() == first && window == part)
}

/// Parts of a mailbox's name that are looked at.
const PARTS_MAX: usize = 8;

/// The label that names whose domain it is: `example` in `mail.example.co.uk`.
fn site(domain: &str) -> &str {
    let mut labels = domain.rsplit('.');
    let (_, second, third) = (labels.next(), labels.next(), labels.next());
    match (second, third) {
        (Some("co" | "com" | "org" | "net" | "gov" | "ac" | "edu" | "gob"), Some(site)) => site,
        (Some(site), _) => site,
        (None, _) => "",
    }
}

/// Whether a word has a part of [`FUNCTION_PARTS`] in it.
fn has_function_part(word: &str) -> bool {
    /// Bits of the second letters that come behind a first one.
    const SECONDS: [u32; 256] = {
        let mut seconds = [0; 256];
        let mut at = 0;
        while at < FUNCTION_PARTS.len() {
            let part = FUNCTION_PARTS[at].as_bytes();
            seconds[part[0] as usize] |= 1 << (part[1] - b'a');
            at += 1;
        }
        seconds
    };
    let begins = |pair: &[u8]| match pair {
        [first, second @ b'a'..=b'z'] => {
            SECONDS.get(usize::from(*first)).is_some_and(|bits| bits >> (second - b'a') & 1 == 1)
        }
        _ => false,
    };
    let bytes = word.as_bytes();
    bytes.len() >= 5
        && bytes.windows(2).enumerate().any(|(at, pair)| {
            begins(pair)
                && bytes
                    .get(at..)
                    .is_some_and(|rest| FUNCTION_PARTS.iter().any(|part| rest.starts_with(part.as_bytes())))
        })
}

/// Parts of words that make a mailbox a function wherever they stand.
const FUNCTION_PARTS: &[&str] = &[
    "security",
    "support",
    "service",
    "admin",
    "office",
    "helpdesk",
    "contact",
    "kontakt",
    "noreply",
    "webmaster",
    "domain",
    "verwaltung",
    "secretar",
    "segreter",
    "sekretar",
    "bibliot",
];

/// Two or three parts, as in `first.last` and `f.last`, or a common name in one.
fn looks_like_person(parts: &[&str]) -> bool {
    // Mailboxes are as many as persons: they are not worth remembering as words are.
    let human = |part: &str| known(part) & (GIVEN | SURNAME) != 0 || (part.len() >= 5 && ends_like_surname(part));
    match parts {
        [] => false,
        [one] => human(one) || is_joined_name(one),
        [first, last] if first.chars().count() == 1 || last.chars().count() == 1 => true,
        parts => parts.len() <= 4 && parts.iter().any(|part| human(part)),
    }
}

/// A given name and some more in one word: `carlsteffensen`.
fn is_joined_name(one: &str) -> bool {
    one.len() >= 6
        && one.is_ascii()
        && given_lengths(one).filter(|cut| *cut >= 4 && cut + 3 <= one.len()).any(|cut| {
            let head = one.get(..cut).unwrap_or_default();
            known(head) & GIVEN != 0
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_told_apart() {
        for (text, whole) in [
            ("write to anna.lee@example.org, please", Some("anna.lee@example.org")),
            ("<a@b.co>", Some("a@b.co")),
            ("mailto:jörg@bücher.de.", Some("jörg@bücher.de")),
            ("@handle", None),
            ("a@b", None),
            ("user@host.123", None),
            ("two..dots@x.org", None),
        ] {
            let at = text.find('@').unwrap();
            assert_eq!(around(text, at), whole, "{text}");
        }
        for (address, whose) in [
            ("info@ville.example.fr", Mailbox::Functional),
            ("cybersecurity@access-board.gov", Mailbox::Functional),
            ("poststelle@stadt-musterhausen.de", Mailbox::Functional),
            ("acme@acme.com", Mailbox::Functional),
            ("anna.keller@stadt-musterhausen.de", Mailbox::Personal),
            ("CarlESteffensen@einrot.com", Mailbox::Personal),
            ("xk42@gmail.com", Mailbox::Personal),
            ("john.smith@energy.gov", Mailbox::Official),
            ("j.wierzbowski@firma.pl", Mailbox::Personal),
            ("qx7@acme.com", Mailbox::Unclear),
        ] {
            assert_eq!(mailbox(address), whose, "{address}");
        }
    }

    /// As the quick ways through ASCII are meant.
    fn sign_by_sign(before: &str, after: &str) -> (usize, usize) {
        let mark = |sign: char| ".!#$%&'*+-/=?^_`{|}~".contains(sign);
        let start = before.char_indices().rev().find(|(_, sign)| !(sign.is_alphanumeric() || mark(*sign)));
        let end = after.find(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '.' | '-')));
        (start.map_or(0, |(at, sign)| at + sign.len_utf8()), end.unwrap_or(after.len()))
    }

    proptest::proptest! {
        #[test]
        fn ends_of_addresses_are_found_in_any_script(before in "[a-zA-Z0-9.!é米, \u{2019}'-]{0,12}", after in "[a-z0-9.é米, \u{2019}-]{0,12}") {
            proptest::prop_assert_eq!((local_start(&before), domain_length(&after)), sign_by_sign(&before, &after));
        }

        #[test]
        fn ascii_is_judged_as_everything_is(local in "[a-z.]{0,6}", domain in "[a-z0-9.-]{0,12}") {
            let last = domain.rsplit('.').next().unwrap_or_default();
            let label = |label: &str| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-');
            let wanted = domain.contains('.') && !local.is_empty() && !local.ends_with('.') && !local.contains("..")
                && domain.split('.').all(label) && last.len() >= 2 && last.chars().all(char::is_alphabetic);
            proptest::prop_assert_eq!(is_valid(&local, &domain), wanted);
        }

        #[test]
        fn any_text_is_looked_at_calmly(text in "\\PC{0,40}@\\PC{0,40}") {
            for (at, _) in text.match_indices('@') {
                if let Some(found) = around(&text, at) {
                    let _ = mailbox(found);
                }
            }
        }
    }
}
