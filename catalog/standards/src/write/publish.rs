//! What DCAT-AP 3 asks of a description, made of what a source gave.
//!
//! A catalogue of catalogues cannot send a dataset back because its source left out the description, wrote an address with
//! blanks or called a licence by its nickname. It can say the same thing in the profile's terms, and leave out what has none.
//! Nothing is invented: what is filled in stands elsewhere in the same description, or is a fact of the portal.

use fairground_domain::{
    Agent, Checksum, Concept, ContactPoint, DatasetDraft, Distribution, Licence, LocalizedText, PeriodOfTime, Relation,
    ResourceKind, Timestamp,
};
use oxrdf::NamedNode;
use url::form_urlencoded;

use super::authority::{self, Access, frequency_of, licence_of_words, theme_of};
use super::triples::{date_type, is_hexadecimal};
use crate::check::is_iri;

/// What the portal knows of a resource beside its description.
#[derive(Debug, Clone, Default)]
pub struct Portal {
    /// The resource's page, an absolute address.
    pub page: String,
    /// What the publisher is called here; empty when nobody knows.
    pub publisher: String,
    /// Whom to ask when a resource names nobody, such as `mailto:…` or the address of a form; empty when there is none.
    pub contact: String,
    /// When the resource last changed here, as RFC 3339; empty when nobody knows.
    pub changed: String,
    /// What the portal's page of a theme that no vocabulary has begins as, such as `https://…/datasets?theme=`: with the theme's name
    /// behind it, it is the theme's IRI. Empty when there is none.
    pub theme_page: String,
}

/// The draft as DCAT-AP 3 wants it.
///
/// | in the draft | in the result |
/// | --- | --- |
/// | no description | the title |
/// | words for access, frequency, theme, licence that a controlled vocabulary has | its IRI, with the words as label |
/// | a theme in words that no vocabulary has | the same, under the address of the portal's page for it |
/// | an IRI of a concept without a name | the vocabulary's English name, else the last part of the IRI |
/// | a publisher without a name | the portal's name for it, else the last part of its IRI |
/// | dates that are none | left out; a repetition such as `R/P1D` is the frequency when there is none |
/// | addresses with characters that no IRI may have | the same, encoded; what cannot be one is left out |
/// | a distribution without access address | its download address, else the landing page, else the portal's page |
/// | a digest that is not hexadecimal, or without an algorithm that its length tells | left out |
/// | a series or service that is named by an identifier | a relation |
#[must_use]
pub fn for_dcat_ap(draft: &DatasetDraft, portal: &Portal) -> DatasetDraft {
    let mut it = draft.clone();
    if it.description.is_empty() {
        it.description = it.title.clone();
    }
    if it.frequency.is_none() {
        it.frequency = it.modified.as_deref().and_then(frequency_of).map(|known| Concept::iri(known.iri()));
    }
    plain_lines(&mut it);
    dates(&mut it);
    words(&mut it, portal);
    people(&mut it, portal);
    addresses(&mut it, portal);
    let landing = it.landing_page.first().cloned();
    let fallback = landing.unwrap_or_else(|| portal.page.clone());
    for one in &mut it.distribution {
        distribution(one, &fallback);
    }
    // Without an address there is nothing that could be got.
    it.distribution.retain(|one| one.access_url.is_some());
    if let Some(service) = &mut it.service {
        let (served, named) = service.serves_dataset.drain(..).partition(|text| proper_iri(text).is_some());
        service.serves_dataset = served;
        clean(&mut service.serves_dataset);
        let named: Vec<String> = named;
        it.relation.extend(named.into_iter().map(|target| Relation { property: "dct:relation".to_owned(), target }));
        clean(&mut service.endpoint_url);
        clean(&mut service.endpoint_description);
        if service.endpoint_url.is_empty() && !fallback.is_empty() {
            service.endpoint_url.push(fallback);
        }
    }
    it.normalised()
}

/// Lines end with a line feed: XML knows no other (XML 1.0, section 2.11), and all serialisations shall say the same.
fn plain_lines(it: &mut DatasetDraft) {
    let distributions = it
        .distribution
        .iter_mut()
        .flat_map(|one| [&mut one.title, &mut one.description].into_iter().chain(&mut one.rights));
    let own = [&mut it.title, &mut it.description, &mut it.version_notes, &mut it.purpose].into_iter();
    for text in own.chain(&mut it.rights).chain(&mut it.provenance).chain(distributions) {
        if text.iter().any(|(_, text)| text.contains('\r')) {
            let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
            *text = text.iter().map(|(language, text)| (language.clone(), lines(text))).collect();
        }
    }
}

fn dates(it: &mut DatasetDraft) {
    for date in [&mut it.created, &mut it.issued, &mut it.modified] {
        *date = date.as_deref().and_then(proper_date);
    }
    for PeriodOfTime { start, end } in &mut it.temporal {
        *start = start.as_deref().and_then(proper_date);
        *end = end.as_deref().and_then(proper_date);
    }
    it.temporal.retain(|period| *period != PeriodOfTime::default());
    it.temporal_resolution = it.temporal_resolution.take().filter(|text| is_duration(text));
    it.spatial_resolution_metres.retain(|text| is_decimal(text));
}

/// The date in a form of XML Schema: as written where it has one, else the moment it means; `None` when it is none.
pub(super) fn proper_date(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = Timestamp::lenient(text)?;
    Some(if date_type(text).is_some() { text.to_owned() } else { moment.to_string() })
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok()
}

/// `P1Y`, `PT15M`, … (ISO 8601-1, section 5.5.2.2), without fractions but in seconds, as XML Schema has it.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
    let parts = |text: &str, units: &str| {
        let mut digits = 0_usize;
        let mut from = 0_usize;
        for c in text.chars() {
            match units.get(from..).and_then(|left| left.find(c)) {
                Some(at) if digits > 0 => {
                    from += at + 1;
                    digits = 0;
                }
                None if c.is_ascii_digit() || (c == '.' && digits > 0) => digits += 1,
                _ => return None,
            }
        }
        (digits == 0).then_some(from > 0)
    };
    match (parts(days, "YMD"), time.map(|time| parts(time, "HMS"))) {
        (Some(some), None) => some,
        (Some(_), Some(Some(true))) => true,
        _ => false,
    }
}

/// What a controlled vocabulary has a name for.
fn words(it: &mut DatasetDraft, portal: &Portal) {
    for theme in &mut it.theme {
        if theme.iri.is_none() {
            let name = || form_urlencoded::byte_serialize(theme.label.any().as_bytes()).collect::<String>();
            let page = || (!portal.theme_page.is_empty()).then(|| format!("{}{}", portal.theme_page, name()));
            theme.iri = theme_of(theme.label.any()).or_else(page);
        }
    }
    named(&mut it.theme);
    named(&mut it.hvd_category);
    named(&mut it.resource_type);
    if let Some(status) = &mut it.status {
        named(std::slice::from_mut(status));
    }
    it.conforms_to.iter_mut().for_each(concept_iri);
    it.access_rights = it.access_rights.take().map(access_rights);
    it.frequency = it.frequency.take().map(|mut frequency| {
        let said = frequency.iri.clone().unwrap_or_else(|| frequency.label.any().to_owned());
        if frequency.iri.is_none() {
            frequency.iri = frequency_of(&said).map(|known| known.iri());
        }
        concept_iri(&mut frequency);
        frequency
    });
    it.licence = it.licence.take().map(licence);
}

/// Concepts of SKOS have names.
fn named(concepts: &mut [Concept]) {
    for concept in concepts {
        concept_iri(concept);
        let Some(iri) = concept.iri.as_deref().filter(|_| concept.label.is_empty()) else { continue };
        concept.label = match authority::label(iri) {
            Some(label) => [(fairground_domain::LanguageTag::lenient("en"), label.to_owned())].into_iter().collect(),
            None => LocalizedText::undetermined(authority::tail(iri)),
        };
    }
}

/// The IRI as one that can be written; one that cannot becomes the label.
fn concept_iri(concept: &mut Concept) {
    let Some(iri) = concept.iri.take() else { return };
    concept.iri = proper_iri(&iri);
    if concept.iri.is_none() && concept.label.is_empty() {
        concept.label = LocalizedText::undetermined(iri);
    }
}

fn access_rights(mut given: Concept) -> Concept {
    if given.iri.is_none()
        && let Some(access) = Access::of(given.label.any())
    {
        given.iri = Some(access.iri());
    }
    concept_iri(&mut given);
    given
}

fn licence(mut given: Licence) -> Licence {
    if given.iri.is_none() {
        given.iri = licence_of_words(given.title.any());
    }
    let mut concept = Concept { iri: given.iri, label: given.title };
    concept_iri(&mut concept);
    Licence { iri: concept.iri, title: concept.label }
}

fn people(it: &mut DatasetDraft, portal: &Portal) {
    if let Some(publisher) = &mut it.publisher {
        agent(publisher, &portal.publisher);
    } else if !portal.publisher.is_empty() {
        let name = LocalizedText::undetermined(&portal.publisher);
        it.publisher = Some(Agent { name, ..Agent::default() });
    }
    let others = it.creator.iter_mut().chain(&mut it.contributor).chain(&mut it.rights_holder);
    others.chain(it.attribution.iter_mut().map(|it| &mut it.agent)).for_each(|one| agent(one, ""));
    for contact in &mut it.contact_point {
        contact.url = contact.url.take().and_then(|url| proper_iri(&url));
        contact.telephone = contact.telephone.take().map(|telephone| telephone.replace(char::is_whitespace, "-"));
    }
    it.contact_point.retain(|contact| *contact != ContactPoint::default());
}

fn agent(agent: &mut Agent, known_as: &str) {
    agent.iri = agent.iri.take().and_then(|iri| proper_iri(&iri));
    agent.kind = agent.kind.take().and_then(|iri| proper_iri(&iri));
    agent.homepage = agent.homepage.take().and_then(|iri| proper_iri(&iri));
    if agent.name.is_empty() {
        let tail = || agent.iri.as_deref().map(authority::tail).unwrap_or_default();
        agent.name = LocalizedText::undetermined(if known_as.is_empty() { tail() } else { known_as.to_owned() });
    }
}

fn addresses(it: &mut DatasetDraft, portal: &Portal) {
    clean(&mut it.landing_page);
    clean(&mut it.page);
    clean(&mut it.applicable_legislation);
    for location in &mut it.spatial {
        location.iri = location.iri.take().and_then(|iri| proper_iri(&iri));
    }
    let (series, named): (Vec<String>, Vec<String>) =
        it.in_series.drain(..).partition(|text| proper_iri(text).is_some());
    it.in_series = series;
    clean(&mut it.in_series);
    // A series that is known by an identifier alone cannot be pointed at.
    it.relation.extend(named.into_iter().map(|target| Relation { property: "dct:isPartOf".to_owned(), target }));
    for relation in &mut it.relation {
        match proper_iri(&relation.target) {
            Some(iri) => relation.target = iri,
            // What it is called is no address of a version.
            None if relation.property == "dcat:hasVersion" => relation.property = "dct:relation".to_owned(),
            None => {}
        }
    }
    if it.kind == ResourceKind::Dataset && it.landing_page.is_empty() && !portal.page.is_empty() && it.iri.is_some() {
        it.landing_page.push(portal.page.clone());
    }
}

fn distribution(it: &mut Distribution, fallback: &str) {
    it.iri = it.iri.take().filter(|iri| is_iri(iri)).and_then(|iri| proper_iri(&iri));
    it.download_url = it.download_url.take().and_then(|url| proper_iri(&url));
    it.access_url = it.access_url.take().and_then(|url| proper_iri(&url));
    if it.access_url.is_none() {
        let page = Some(fallback).filter(|page| !page.is_empty()).map(str::to_owned);
        it.access_url = it.download_url.clone().or(page);
    }
    it.described_by = it.public_description().and_then(proper_iri);
    it.availability = it.availability.take().and_then(|url| proper_iri(&url));
    it.issued = it.issued.as_deref().and_then(proper_date);
    it.modified = it.modified.as_deref().and_then(proper_date);
    it.licence = it.licence.take().map(licence);
    it.access_rights = it.access_rights.take().map(access_rights);
    it.conforms_to.iter_mut().for_each(concept_iri);
    if let Some(technique) = &mut it.representation_technique {
        named(std::slice::from_mut(technique));
    }
    it.checksum = it.checksum.take().and_then(checksum);
    it.temporal_resolution = it.temporal_resolution.take().filter(|text| is_duration(text));
    it.spatial_resolution_metres.retain(|text| is_decimal(text));
    it.spatial_resolution_metres.truncate(1);
    clean(&mut it.applicable_legislation);
    clean(&mut it.page);
    clean(&mut it.access_service);
}

/// A digest in hexadecimal with its algorithm, if only by its length.
fn checksum(given: Checksum) -> Option<Checksum> {
    let value = given.value.trim().to_ascii_lowercase();
    if !is_hexadecimal(&value) {
        return None;
    }
    let algorithm = if given.algorithm.is_empty() {
        match value.len() {
            32 => "md5",
            40 => "sha1",
            64 => "sha256",
            128 => "sha512",
            _ => return None,
        }
        .to_owned()
    } else {
        spdx_name(&given.algorithm)
    };
    Some(Checksum { algorithm, value })
}

/// `sha256` of `SHA-256`; IRIs and names that are already SPDX' stay.
fn spdx_name(algorithm: &str) -> String {
    if algorithm.contains(':') {
        return algorithm.to_owned();
    }
    let plain = algorithm.to_ascii_lowercase().replace('-', "");
    if plain.starts_with("sha3") { algorithm.to_owned() } else { plain }
}

fn clean(addresses: &mut Vec<String>) {
    *addresses = addresses.iter().filter_map(|address| proper_iri(address)).collect();
}

/// The text as an absolute IRI (RFC 3987): as it is, or with what none may hold encoded, or with the scheme that people leave out.
pub(super) fn proper_iri(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let named = |text: &str| is_iri(text) && NamedNode::new(text).is_ok();
    if named(text) {
        return Some(text.to_owned());
    }
    let lower = text.get(..4).unwrap_or_default();
    let with_scheme = if lower.eq_ignore_ascii_case("www.") { format!("http://{text}") } else { text.to_owned() };
    let encoded = encoded(&with_scheme);
    named(&encoded).then_some(encoded)
}

/// With percent signs that begin nothing, blanks, brackets and the like encoded.
fn encoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        let is_code = || bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        let host = text.get(..at).is_some_and(|before| before.matches('/').count() < 3);
        let bad = c.is_control()
            || c.is_whitespace()
            || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
            || (matches!(c, '[' | ']') && !host)
            || (c == '%' && !is_code())
            || (c == '#' && text.get(..at).is_some_and(|before| before.contains('#')));
        if bad {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_iris_where_they_can() {
        for (text, iri) in [
            ("https://a.example/b", Some("https://a.example/b")),
            (" https://a.example/b c.csv ", Some("https://a.example/b%20c.csv")),
            ("https://a.example/100%", Some("https://a.example/100%25")),
            ("https://a.example/?q={x}", Some("https://a.example/?q=%7Bx%7D")),
            ("https://a.example/?q[]=1", Some("https://a.example/?q%5B%5D=1")),
            ("https://a.example/#a#b", Some("https://a.example/#a%23b")),
            ("www.a.example/x", Some("http://www.a.example/x")),
            ("https://a.example/größe", Some("https://a.example/größe")),
            ("see our website", None),
            ("C:\\data", None),
            ("", None),
        ] {
            assert_eq!(proper_iri(text).as_deref(), iri, "{text}");
        }
    }

    #[test]
    fn dates_and_durations_have_the_forms_of_xml_schema() {
        for (text, date) in [
            ("2024", Some("2024")),
            ("2024-02-03", Some("2024-02-03")),
            ("2024-02-03 04:05:06", Some("2024-02-03T04:05:06Z")),
            ("2024-13-45", None),
            ("R/P1D", None),
        ] {
            assert_eq!(proper_date(text).as_deref(), date, "{text}");
        }
        for (text, is) in [
            ("P1Y", true),
            ("PT15M", true),
            ("P1Y2M3DT4H5M6.5S", true),
            ("P", false),
            ("PT", false),
            ("1Y", false),
            ("P1W", false),
        ] {
            assert_eq!(is_duration(text), is, "{text}");
        }
    }

    #[test]
    fn a_bare_description_is_made_whole() {
        let draft = DatasetDraft {
            identifier: "a".into(),
            title: LocalizedText::undetermined("Air"),
            access_rights: Some(Concept::label("non-public")),
            modified: Some("R/P1D".into()),
            theme: vec![Concept::label("Environment")],
            distribution: vec![Distribution {
                download_url: Some("https://a.example/b c.csv".into()),
                checksum: Some(Checksum { algorithm: "SHA-256".into(), value: "AB".into() }),
                ..Distribution::default()
            }],
            ..DatasetDraft::default()
        };
        let portal = Portal { publisher: "Ministry of Air".into(), ..Portal::default() };
        let whole = for_dcat_ap(&draft, &portal);
        let iri = |concept: &Option<Concept>| concept.as_ref().and_then(|it| it.iri.clone()).unwrap_or_default();
        assert_eq!(whole.description, draft.title);
        assert!(iri(&whole.access_rights).ends_with("access-right/NON_PUBLIC"));
        assert!(iri(&whole.frequency).ends_with("frequency/DAILY"));
        assert!(iri(&whole.theme.first().cloned()).ends_with("data-theme/ENVI"));
        assert_eq!(whole.modified, None);
        assert_eq!(whole.publisher.map(|it| it.name.any().to_owned()).as_deref(), Some("Ministry of Air"));
        let file = &whole.distribution[0];
        assert_eq!(file.access_url.as_deref(), Some("https://a.example/b%20c.csv"));
        assert_eq!(file.checksum, Some(Checksum { algorithm: "sha256".into(), value: "ab".into() }));
    }

    #[test]
    fn where_a_schema_lies_within_its_source_is_told_nobody() {
        let draft = |address: &str| DatasetDraft {
            identifier: "a".into(),
            title: LocalizedText::undetermined("Air"),
            distribution: vec![Distribution {
                download_url: Some("https://a.example/a.csv".into()),
                described_by: Some(address.into()),
                ..Distribution::default()
            }],
            ..DatasetDraft::default()
        };
        let portal = Portal::default();
        for (address, told) in [("source:///datapackage.json", false), ("https://a.example/schema.json", true)] {
            let draft = draft(address);
            let described = for_dcat_ap(&draft, &portal).distribution.first().and_then(|it| it.described_by.clone());
            assert_eq!(described.is_some(), told, "{address}");
            let [old, new] = [
                crate::write::dcat_us(&draft, &portal),
                crate::write::dcat_us_3(&draft, "https://b.example/a", &portal),
            ];
            assert_eq!(old.to_string().contains(address), told, "{old}");
            assert_eq!(new.to_string().contains(address), told, "{new}");
        }
    }
}
