//! Dublin Core: `csw:Record` (OGC 07-006r1, section 10.2.5), `oai_dc` (OAI-PMH 2.0, section 3.4) and Atom entries (RFC 4287)
//! with Dublin Core in them. Fifteen elements without structure: a fallback where a source has nothing better.

use fairground_domain::{
    Agent, Concept, ContactPoint, DataService, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText,
    Location, PeriodOfTime, Relation, ResourceKind,
};
use serde_json::Value;

use crate::check::{Findings, is_address, is_iri, shape};
use crate::media;
use crate::xml::Element;

/// A record whose children are Dublin Core elements.
pub(crate) fn draft(root: &Element, findings: &mut Findings) -> DatasetDraft {
    let mut draft = DatasetDraft {
        title: words(root, "title"),
        description: first_words(root, &["abstract", "description"]),
        publisher: agents(root, "publisher").into_iter().next(),
        creator: agents(root, "creator"),
        contributor: agents(root, "contributor"),
        issued: dated(root, &["issued", "date", "created"], findings),
        modified: dated(root, &["modified"], findings),
        language: texts(root, "language").iter().map(|it| LanguageTag::lenient(it)).collect(),
        spatial: spatial(root, findings),
        temporal: texts(root, "temporal").iter().filter_map(|it| period(it)).collect(),
        provenance: each_words(root, "provenance"),
        ..DatasetDraft::default()
    };
    identifiers(root, &mut draft);
    subjects(root, &mut draft);
    rights(root, &mut draft);
    kind(root, &mut draft);
    links(root, &mut draft, findings);
    draft
}

/// An entry of an Atom feed, as catalogues answer in OpenSearch.
pub(crate) fn entry(root: &Element, findings: &mut Findings) -> DatasetDraft {
    let mut draft = draft(root, findings);
    if draft.description.is_empty() {
        draft.description = first_words(root, &["summary", "content"]);
    }
    if let Some(id) = root.text_at("id") {
        draft.identifier = id;
    }
    draft.modified = draft.modified.or_else(|| dated(root, &["updated"], findings));
    draft.issued = draft.issued.or_else(|| dated(root, &["published"], findings));
    let authors = root.all("author/name").into_iter().filter_map(Element::text).map(|it| agent(&it));
    draft.creator.extend(authors);
    if draft.publisher.is_none() {
        draft.publisher = draft.creator.first().cloned();
    }
    for category in root.children("category") {
        let label = category.attribute("label").or_else(|| category.attribute("term"));
        draft.keyword.extend(label.map(|it| (LanguageTag::undetermined(), it.to_owned())));
    }
    for link in root.children("link") {
        let Some(url) = link.attribute("href") else { continue };
        match link.attribute("rel").unwrap_or("alternate") {
            "enclosure" => draft.distribution.push(distribution(url, link.attribute("type"), link.attribute("title"))),
            "alternate" if is_address(url) => draft.landing_page.push(url.to_owned()),
            "via" | "describedby" if is_address(url) => draft.page.push(url.to_owned()),
            _ => {}
        }
    }
    draft
}

fn texts(root: &Element, name: &str) -> Vec<String> {
    root.children(name).map(Element::all_text).filter(|it| !it.is_empty()).collect()
}

/// The texts of one element, each in its `xml:lang`; of several in one language the first counts.
fn words(root: &Element, name: &str) -> LocalizedText {
    let mut words = LocalizedText::default();
    for element in root.children(name) {
        words.insert(language(element), element.all_text());
    }
    words
}

fn each_words(root: &Element, name: &str) -> Vec<LocalizedText> {
    let all = root.children(name).map(|it| [(language(it), it.all_text())].into_iter().collect::<LocalizedText>());
    all.filter(|it| !it.is_empty()).collect()
}

fn first_words(root: &Element, names: &[&str]) -> LocalizedText {
    names.iter().map(|name| words(root, name)).find(|it| !it.is_empty()).unwrap_or_default()
}

fn language(element: &Element) -> LanguageTag {
    element.attribute("lang").map_or_else(LanguageTag::undetermined, LanguageTag::lenient)
}

fn agents(root: &Element, name: &str) -> Vec<Agent> {
    texts(root, name).iter().map(|it| agent(it)).collect()
}

fn agent(text: &str) -> Agent {
    let iri = is_iri(text).then(|| text.to_owned());
    Agent { iri, name: LocalizedText::undetermined(text), ..Agent::default() }
}

fn dated(root: &Element, names: &[&str], findings: &mut Findings) -> Option<String> {
    let text = names.iter().find_map(|name| texts(root, name).into_iter().next())?;
    Some(findings.date("date", &text))
}

/// The first identifier counts; addresses among them name or show the resource.
fn identifiers(root: &Element, draft: &mut DatasetDraft) {
    let mut all = texts(root, "identifier").into_iter();
    draft.identifier = all.next().unwrap_or_default();
    draft.iri = Some(draft.identifier.clone()).filter(|it| it.starts_with("http") && is_iri(it));
    draft.landing_page.extend(draft.iri.clone().filter(|it| is_address(it)));
    for other in all.filter(|it| *it != draft.identifier).collect::<Vec<_>>() {
        if is_address(&other) {
            draft.landing_page.push(other);
        } else {
            draft.other_identifier.push(other);
        }
    }
}

fn subjects(root: &Element, draft: &mut DatasetDraft) {
    for subject in root.children("subject") {
        let text = subject.all_text();
        if is_iri(&text) {
            draft.theme.push(Concept::iri(text));
        } else if !text.is_empty() {
            draft.keyword.push((language(subject), text));
        }
    }
}

fn rights(root: &Element, draft: &mut DatasetDraft) {
    let licences = texts(root, "license");
    let others = texts(root, "rights");
    let chosen = licences.first().or_else(|| others.iter().find(|it| is_iri(it)));
    draft.licence = chosen.map(|text| match is_iri(text) {
        true => Licence { iri: Some(text.clone()), ..Licence::default() },
        false => Licence { iri: None, title: LocalizedText::undetermined(text.clone()) },
    });
    let rest = others.iter().filter(|it| Some(*it) != chosen);
    draft.rights = rest.map(|it| LocalizedText::undetermined(it.clone())).collect();
    draft.access_rights = texts(root, "accessRights").first().map(|it| crate::dcat_us::concept(it));
}

fn kind(root: &Element, draft: &mut DatasetDraft) {
    let types = texts(root, "type");
    if types.iter().any(|it| it.eq_ignore_ascii_case("service")) {
        draft.kind = ResourceKind::DataService;
    }
    if !types.is_empty() {
        draft.extra.insert("dc:type".to_owned(), Value::Array(types.into_iter().map(Value::String).collect()));
    }
}

/// `dc:URI`, `dct:references` and the like: ways to the data, with the scheme or protocol that they name.
fn links(root: &Element, draft: &mut DatasetDraft, findings: &mut Findings) {
    let format = texts(root, "format").into_iter().next();
    for name in ["URI", "references"] {
        for link in root.children(name) {
            let text = link.all_text();
            if !is_address(&text) {
                continue;
            }
            let told = link.attribute("protocol").or_else(|| link.attribute("scheme"));
            let url = findings.address(name, &text);
            let title = link.attribute("name").or_else(|| link.attribute("description"));
            let mut way = distribution(&url, format.as_deref().filter(|_| told.is_none()), title);
            if let Some(short) = told.and_then(service_name) {
                way.format = Some(short.to_owned());
                way.download_url = None;
            }
            draft.distribution.push(way);
        }
    }
    for name in ["source", "relation"] {
        let targets = texts(root, name).into_iter().filter(|it| is_iri(it) || name == "relation");
        let property = format!("dct:{name}");
        draft.relation.extend(targets.map(|target| Relation { property: property.clone(), target }));
    }
    if draft.kind == ResourceKind::DataService {
        let endpoints = std::mem::take(&mut draft.distribution).into_iter().filter_map(|it| it.access_url).collect();
        draft.service = Some(DataService { endpoint_url: endpoints, ..DataService::default() });
    }
    if let Some(name) = texts(root, "contactPoint").first() {
        let email = findings.email("contactPoint", name);
        let name = if email.is_some() { String::new() } else { name.clone() };
        draft.contact_point.push(ContactPoint {
            name: LocalizedText::undetermined(name),
            email,
            ..ContactPoint::default()
        });
    }
}

fn service_name(told: &str) -> Option<&'static str> {
    let upper = told.to_ascii_uppercase();
    ["WMTS", "WMS", "WFS", "WCS", "CSW"].into_iter().find(|name| upper.contains(name))
}

fn distribution(url: &str, format: Option<&str>, title: Option<&str>) -> Distribution {
    let media_type = format.and_then(media::media_type_of);
    let own = media::format_of(None, None, Some(url));
    Distribution {
        title: title.map(LocalizedText::undetermined).unwrap_or_default(),
        download_url: own.is_some().then(|| url.to_owned()).filter(|it| !it.contains('?')),
        format: own.or_else(|| media::format_of(format, media_type.as_deref(), Some(url))),
        access_url: Some(url.to_owned()),
        media_type,
        ..Distribution::default()
    }
}

/// `ows:BoundingBox` and its kin, `dc:coverage`, `dct:spatial`, GeoRSS.
fn spatial(root: &Element, findings: &mut Findings) -> Vec<Location> {
    let mut all = Vec::new();
    let boxes = ["BoundingBox", "WGS84BoundingBox", "Envelope"];
    let found = boxes.iter().flat_map(|name| root.children(name)).chain(root.all("where/Envelope"));
    for element in found {
        all.extend(corners(element));
    }
    if all.is_empty() {
        for element in root.children("box").chain(root.children("polygon")) {
            all.extend(georss(&element.all_text()));
        }
    }
    for text in texts(root, "spatial").into_iter().chain(texts(root, "coverage")) {
        if let Some(place) = shape(&text).or_else(|| dcmi_box(&text)) {
            all.push(place);
        } else if period(&text).is_none() {
            all.extend(findings.location("coverage", &text));
        }
    }
    all.dedup();
    all
}

/// `LowerCorner` and `UpperCorner`. OGC 05-008 leaves the order of axes to the reference system: `urn:…:EPSG::4326` and GML's
/// `EPSG:4326` have latitude first, CRS84 and WGS84BoundingBox longitude.
fn corners(element: &Element) -> Option<Location> {
    let numbers = |name: &str| -> Option<(f64, f64)> {
        let corner = element.children.iter().find(|it| it.name.eq_ignore_ascii_case(name))?.text()?;
        let mut parts = corner.split_whitespace().map(str::parse::<f64>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    let ((a, b), (c, d)) = (numbers("LowerCorner")?, numbers("UpperCorner")?);
    let crs = element.attribute("crs").or_else(|| element.attribute("srsName")).unwrap_or_default();
    let latitude_first = element.name != "WGS84BoundingBox" && crs.contains("4326");
    let as_given = shape(&format!("{a},{b},{c},{d}"));
    let turned = shape(&format!("{b},{a},{d},{c}"));
    if latitude_first { turned.or(as_given) } else { as_given.or(turned) }
}

/// GeoRSS simple: latitude before longitude, pair by pair.
fn georss(text: &str) -> Option<Location> {
    let numbers: Vec<f64> = text.split_whitespace().map(|it| it.parse().ok()).collect::<Option<_>>()?;
    let points: Vec<String> = numbers.chunks_exact(2).map(|it| format!("{} {}", it[1], it[0])).collect();
    match points.as_slice() {
        [] => None,
        [low, high] => shape(&format!("{},{}", low.replace(' ', ","), high.replace(' ', ","))),
        ring => shape(&format!("POLYGON(({}))", ring.join(", "))),
    }
}

/// The DCMI Box encoding: `northlimit=…; westlimit=…`.
fn dcmi_box(text: &str) -> Option<Location> {
    let side = |name: &str| {
        let (_, value) = text
            .split(';')
            .filter_map(|it| it.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    };
    let (west, south) = (side("westlimit")?, side("southlimit")?);
    shape(&format!("{west},{south},{},{}", side("eastlimit")?, side("northlimit")?))
}

/// `2001-01-01/2002-12-31`, or the DCMI Period encoding `start=…; end=…`.
fn period(text: &str) -> Option<PeriodOfTime> {
    let part = |name: &str| {
        let (_, value) = text
            .split(';')
            .filter_map(|it| it.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned()).filter(|it| !it.is_empty())
    };
    let named = PeriodOfTime { start: part("start"), end: part("end") };
    if named != PeriodOfTime::default() {
        return Some(named);
    }
    let dates = text.bytes().filter(u8::is_ascii_digit).count() >= 4
        && text.bytes().all(|b| b.is_ascii_digit() || b"-/:TZ.+ ".contains(&b));
    if dates { crate::dcat_us::period(text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read_in_either_order_of_axes() {
        let bbox = Some([-10.0, 40.0, 5.0, 50.0]);
        for xml in [
            r#"<BoundingBox crs="urn:x-ogc:def:crs:EPSG:6.11:4326"><LowerCorner>40 -10</LowerCorner><UpperCorner>50 5</UpperCorner></BoundingBox>"#,
            r#"<BoundingBox crs="urn:ogc:def:crs:OGC:1.3:CRS84"><LowerCorner>-10 40</LowerCorner><UpperCorner>5 50</UpperCorner></BoundingBox>"#,
            r#"<WGS84BoundingBox><LowerCorner>-10 40</LowerCorner><UpperCorner>5 50</UpperCorner></WGS84BoundingBox>"#,
        ] {
            let tree = crate::xml::tree::parse(xml, 5).expect("well-formed");
            assert_eq!(corners(&tree.root).and_then(|it| it.bbox), bbox, "{xml}");
        }
        assert_eq!(georss("40 -10 50 5").and_then(|it| it.bbox), bbox);
        assert_eq!(dcmi_box("northlimit=50; southlimit=40; westlimit=-10; eastlimit=5").and_then(|it| it.bbox), bbox);
        assert_eq!((georss("a b"), dcmi_box("northlimit=50")), (None, None));
    }

    #[test]
    fn periods_are_told_from_places() {
        assert!(period("2001-01-01/2002-12-31").is_some() && period("start=2001; end=2002;").is_some());
        assert!(period("Aosta").is_none() && period("12").is_none());
    }
}
