//! FGDC CSDGM (FGDC-STD-001-1998) records: what US agencies wrote before ISO, and many still serve.

use fairground_domain::{
    Agent, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, Location, PeriodOfTime,
};
use serde_json::Value;

use crate::check::{Findings, is_address, shape};
use crate::media;
use crate::xml::Element;

/// Words by which records say that they say nothing.
const NOTHING: [&str; 6] = ["none", "unknown", "not provided", "not applicable", "n/a", "present"];

pub(crate) fn draft(root: &Element, findings: &mut Findings) -> DatasetDraft {
    let info = "idinfo/citation/citeinfo";
    let words = |path: &str| LocalizedText::undetermined(folded(root, path).unwrap_or_default());
    let mut draft = DatasetDraft {
        title: words(&format!("{info}/title")),
        description: words("idinfo/descript/abstract"),
        purpose: words("idinfo/descript/purpose"),
        publisher: publisher(root),
        creator: creators(root),
        contact_point: contact(root, findings).into_iter().collect(),
        issued: root.text_at(&format!("{info}/pubdate")).and_then(|it| date(&it)),
        frequency: told(root, "idinfo/status/update").map(frequency),
        version: told(root, &format!("{info}/edition")),
        status: told(root, "idinfo/status/progress").map(Concept::label),
        access_rights: told(root, "idinfo/accconst").map(Concept::label),
        spatial: spatial(root, findings),
        temporal: temporal(root),
        ..DatasetDraft::default()
    };
    keywords(root, &mut draft);
    draft.rights = told(root, "idinfo/useconst").into_iter().map(LocalizedText::undetermined).collect();
    let statements = ["dataqual/lineage/procstep/procdesc", "dataqual/lineage/srcinfo/srccontr"];
    let lineage = statements.iter().flat_map(|path| root.all(path)).map(Element::all_text).find(|it| !it.is_empty());
    draft.provenance = lineage.map(LocalizedText::undetermined).into_iter().collect();
    let pictures: Vec<Value> =
        root.all("idinfo/browse/browsen").into_iter().filter_map(Element::text).map(Value::String).collect();
    if !pictures.is_empty() {
        draft.extra.insert("foaf:depiction".to_owned(), Value::Array(pictures));
    }
    if let Some(stamp) = root.text_at("metainfo/metd").and_then(|it| date(&it)) {
        draft.extra.insert("dateStamp".to_owned(), Value::String(stamp));
    }
    distributions(root, &mut draft, findings);
    draft
}

/// A text on one line.
fn folded(root: &Element, path: &str) -> Option<String> {
    root.all(path).into_iter().map(Element::all_text).find(|it| !it.is_empty())
}

/// A text that says something.
fn told(root: &Element, path: &str) -> Option<String> {
    folded(root, path).filter(|it| !NOTHING.contains(&it.trim_end_matches('.').to_ascii_lowercase().as_str()))
}

/// `YYYYMMDD`, `YYYYMM` or `YYYY` with hyphens, as ISO 8601 has it.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return text.bytes().next().filter(u8::is_ascii_digit).map(|_| text.to_owned());
    }
    let part = |from: usize, to: usize| text.get(from..to);
    match text.len() {
        8 => Some(format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?)),
        6 => Some(format!("{}-{}", part(0, 4)?, part(4, 6)?)),
        4 => Some(text.to_owned()),
        _ => None,
    }
}

fn publisher(root: &Element) -> Option<Agent> {
    let paths = [
        "idinfo/citation/citeinfo/pubinfo/publish",
        "distinfo/distrib/cntinfo/cntorgp/cntorg",
        "idinfo/ptcontac/cntinfo/cntorgp/cntorg",
        "idinfo/citation/citeinfo/origin",
        "metainfo/metc/cntinfo/cntorgp/cntorg",
    ];
    let name = paths.iter().find_map(|path| told(root, path))?;
    Some(Agent { name: LocalizedText::undetermined(name), ..Agent::default() })
}

fn creators(root: &Element) -> Vec<Agent> {
    let names = root.all("idinfo/citation/citeinfo/origin").into_iter().map(Element::all_text);
    let named = names.filter(|it| !it.is_empty() && !NOTHING.contains(&it.to_ascii_lowercase().as_str()));
    named.map(|it| Agent { name: LocalizedText::undetermined(it), ..Agent::default() }).collect()
}

fn contact(root: &Element, findings: &mut Findings) -> Option<ContactPoint> {
    let paths = ["idinfo/ptcontac/cntinfo", "distinfo/distrib/cntinfo", "metainfo/metc/cntinfo"];
    let info = paths.iter().find_map(|path| root.find(path))?;
    let name = ["cntorgp/cntorg", "cntperp/cntorg", "cntperp/cntper", "cntpos"].iter().find_map(|it| told(info, it));
    let email = told(info, "cntemail").and_then(|it| findings.email("cntinfo/cntemail", &it));
    let contact = ContactPoint {
        name: LocalizedText::undetermined(name.unwrap_or_default()),
        email,
        telephone: told(info, "cntvoice"),
        url: None,
    };
    (contact != ContactPoint::default()).then_some(contact)
}

fn frequency(words: String) -> Concept {
    let code = match words.to_ascii_lowercase().as_str() {
        "continually" => "CONT",
        "daily" => "DAILY",
        "weekly" => "WEEKLY",
        "monthly" => "MONTHLY",
        "annually" => "ANNUAL",
        "irregular" => "IRREG",
        "none planned" => "NEVER",
        _ => return Concept::label(words),
    };
    Concept::iri(format!("http://publications.europa.eu/resource/authority/frequency/{code}"))
}

fn spatial(root: &Element, findings: &mut Findings) -> Vec<Location> {
    let mut all = Vec::new();
    if let Some(bounds) = root.find("idinfo/spdom/bounding") {
        let side = |name: &str| bounds.text_at(name).unwrap_or_default();
        let written = format!("{},{},{},{}", side("westbc"), side("southbc"), side("eastbc"), side("northbc"));
        match shape(&written) {
            Some(location) => all.push(location),
            None => findings.warn(
                "spatial-unreadable",
                "idinfo/spdom/bounding",
                format!("“{written}” is no box in degrees"),
            ),
        }
    }
    all
}

fn temporal(root: &Element) -> Vec<PeriodOfTime> {
    let mut all = Vec::new();
    for time in root.all("idinfo/timeperd/timeinfo") {
        for range in time.children("rngdates") {
            let bound = |name: &str| range.text_at(name).and_then(|it| date(&it));
            all.push(PeriodOfTime { start: bound("begdate"), end: bound("enddate") });
        }
        let single = time.all("sngdate/caldate").into_iter().chain(time.all("mdattim/sngdate/caldate"));
        for at in single.filter_map(Element::text).filter_map(|it| date(&it)) {
            all.push(PeriodOfTime { start: Some(at.clone()), end: Some(at) });
        }
    }
    all.retain(|it| *it != PeriodOfTime::default());
    all
}

fn keywords(root: &Element, draft: &mut DatasetDraft) {
    const TOPICS: &str = "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/";
    for group in root.all("idinfo/keywords/*") {
        let thesaurus = group.text_at("themekt").unwrap_or_default();
        let topics = thesaurus.contains("ISO 19115") && thesaurus.to_ascii_lowercase().contains("topic");
        for word in ["themekey", "placekey", "stratkey", "tempkey"].iter().flat_map(|name| group.all(name)) {
            let word = word.all_text();
            if topics && word.bytes().all(|b| b.is_ascii_alphanumeric()) && !word.is_empty() {
                draft.theme.push(Concept::iri(format!("{TOPICS}{word}")));
            } else if !word.is_empty() && !NOTHING.contains(&word.to_ascii_lowercase().as_str()) {
                draft.keyword.push((LanguageTag::undetermined(), word));
            }
        }
    }
}

/// Each digital form with its addresses; links of the citation are pages unless they are all there is.
fn distributions(root: &Element, draft: &mut DatasetDraft, findings: &mut Findings) {
    for form in root.all("distinfo/stdorder/digform") {
        let name = told(form, "digtinfo/formname");
        for link in form.descendants("networkr").into_iter().map(Element::all_text).filter(|it| !it.is_empty()) {
            let url = findings.address("distinfo/stdorder/digform/digtopt", &link);
            if draft.distribution.iter().any(|it| it.access_url.as_deref() == Some(url.as_str())) {
                continue;
            }
            draft.distribution.push(distribution(url, name.as_deref(), form));
        }
    }
    for link in
        root.all("idinfo/citation/citeinfo/onlink").into_iter().map(Element::all_text).filter(|it| is_address(it))
    {
        let known = draft.distribution.iter().any(|it| it.access_url.as_deref() == Some(link.as_str()));
        if media::format_of(None, None, Some(&link)).is_some() && !known {
            draft.distribution.push(distribution(link, None, root));
        } else if !known {
            draft.landing_page.push(link);
        }
    }
}

fn distribution(url: String, name: Option<&str>, form: &Element) -> Distribution {
    let own = media::format_of(None, None, Some(&url));
    let size = form.text_at("digtinfo/transize").and_then(|it| it.parse::<f64>().ok()).filter(|it| *it > 0.0);
    Distribution {
        title: name.map(LocalizedText::undetermined).unwrap_or_default(),
        description: LocalizedText::undetermined(folded(form, "digtinfo/formcont").unwrap_or_default()),
        download_url: own.is_some().then(|| url.clone()).filter(|it| !it.contains('?')),
        format: own.or_else(|| media::format_of(name, None, Some(&url))),
        byte_size: size.and_then(|it| format!("{:.0}", it * 1_000_000.0).parse().ok()),
        access_url: Some(url),
        ..Distribution::default()
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_written_with_hyphens() {
        for (written, read) in [
            ("20180314", Some("2018-03-14")),
            ("201803", Some("2018-03")),
            ("2018", Some("2018")),
            ("2018-03-14", Some("2018-03-14")),
            ("Unknown", None),
            ("present", None),
            ("123", None),
        ] {
            assert_eq!(date(written).as_deref(), read, "{written}");
        }
    }
}
