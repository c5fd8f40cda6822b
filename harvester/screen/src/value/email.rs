//! E-mail addresses: valid ones, and whose they are.

use crate::fold::fold;
use crate::names::{GIVEN, SURNAME, ends_like_surname, known};

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

fn is_public(ending: &str) -> bool {
    static ENDINGS: std::sync::LazyLock<std::collections::HashSet<&'static str>> =
        std::sync::LazyLock::new(|| PUBLIC_DOMAINS.iter().map(|ending| ending.trim_start_matches('.')).collect());
    ENDINGS.contains(ending)
}

static SETS: std::sync::LazyLock<[std::collections::HashSet<&'static str>; 2]> =
    std::sync::LazyLock::new(|| [FUNCTIONS, PRIVATE_PROVIDERS].map(|list| list.split(' ').collect()));

/// The address around the `@` at a place of a text, if it is a valid one (RFC 5321 within reason).
pub(crate) fn around(text: &str, at: usize) -> Option<&str> {
    let local_sign = |sign: char| sign.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(sign);
    let before = text.get(..at)?;
    let after = text.get(at + 1..)?;
    let start = before
        .rfind(|sign: char| !local_sign(sign))
        .map_or(0, |found| found + before.get(found..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let length =
        after.find(|sign: char| !(sign.is_alphanumeric() || sign == '.' || sign == '-')).unwrap_or(after.len());
    let domain = after.get(..length)?.trim_end_matches(['.', '-']);
    let local = before.get(start..)?.trim_start_matches(['\'', '.', '=', '/', '*']);
    let whole = text.get(at - local.len()..at + 1 + domain.len())?;
    is_valid(local, domain).then_some(whole)
}

fn is_valid(local: &str, domain: &str) -> bool {
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
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

/// Whose the mailbox is.
pub(crate) fn mailbox(address: &str) -> Mailbox {
    let Some((local, domain)) = address.rsplit_once('@') else { return Mailbox::Unclear };
    let [functions, private] = &*SETS;
    let domain = domain.to_lowercase();
    let local_small = fold(local.split('+').next().unwrap_or(local));
    let labels: Vec<&str> = domain.split('.').collect();
    let site = match labels.as_slice() {
        [.., site, second, _]
            if second.len() <= 3
                && labels.len() > 2
                && matches!(*second, "co" | "com" | "org" | "net" | "gov" | "ac" | "edu" | "gob" | "gouv") =>
        {
            site
        }
        [.., site, _] => site,
        _ => "",
    };
    let parts: Vec<&str> =
        local_small.split(|sign: char| !sign.is_alphabetic()).filter(|part| !part.is_empty()).collect();
    let whole: String = parts.concat();
    let functional = functions.contains(whole.as_str())
        || parts.first().is_some_and(|first| functions.contains(first))
        || parts.last().is_some_and(|last| parts.len() > 1 && functions.contains(last))
        || (site.len() > 3
            && whole.len() > 3
            && (whole == site || site.contains(whole.as_str()) || whole.contains(site)))
        || has_function_part(&whole);
    if functional && !private.contains(site) {
        return Mailbox::Functional;
    }
    let named = looks_like_person(&parts);
    let public =
        domain.match_indices('.').filter_map(|(at, _)| domain.get(at + 1..)).chain([domain.as_str()]).any(is_public);
    if public {
        return if named { Mailbox::Official } else { Mailbox::Functional };
    }
    if private.contains(site) {
        return if functional { Mailbox::Functional } else { Mailbox::Personal };
    }
    if named { Mailbox::Personal } else { Mailbox::Unclear }
}

fn has_function_part(local: &str) -> bool {
    static FINDERS: std::sync::LazyLock<Vec<memchr::memmem::Finder<'static>>> =
        std::sync::LazyLock::new(|| FUNCTION_PARTS.iter().map(memchr::memmem::Finder::new).collect());
    local.len() >= 5 && FINDERS.iter().any(|finder| finder.find(local.as_bytes()).is_some())
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
    let human = |part: &&&str| known(part) & (GIVEN | SURNAME) != 0 || (part.len() >= 5 && ends_like_surname(part));
    match parts {
        [] => false,
        [one] => {
            human(&one)
                || (one.len() >= 6
                    && one.is_ascii()
                    && (4..one.len() - 1).rev().any(|cut| {
                        let (head, tail) = one.split_at(cut);
                        known(head) & GIVEN != 0 && (tail.len() >= 3)
                            || known(tail) & SURNAME != 0 && tail.len() >= 4 && (cut <= 1 || known(head) & GIVEN != 0)
                    }))
        }
        [first, last] if first.chars().count() == 1 || last.chars().count() == 1 => true,
        parts => parts.len() <= 4 && parts.iter().any(|part| human(&part)),
    }
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

    proptest::proptest! {
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
