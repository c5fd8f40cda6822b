//! Keywords, themes and topics.

use fairground_domain::{Concept, DatasetDraft};
use serde_json::Value;

use super::words::{anchor, code};
use super::{Record, code as codes};

/// The legal act on high-value datasets (Commission Implementing Regulation (EU) 2023/138) in keywords.
const HVD_ACT: &str = "/eli/reg_impl/2023/138";
/// Where the categories of high-value datasets have their addresses.
const HVD_CATEGORIES: &str = "data.europa.eu/bna/";

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft) {
    for block in record.info.all("descriptiveKeywords/*") {
        let thesaurus = record.tongue.words_at(block, "thesaurusName/*/title");
        let inspire = thesaurus.iter().any(|(_, title)| title.to_lowercase().contains("inspire themes"));
        for property in block.children("keyword") {
            let label = record.tongue.words(property);
            match anchor(property) {
                Some(iri) => anchored(iri, Concept { iri: None, label }, draft),
                None => {
                    let theme = label.iter().filter(|_| inspire).find_map(|(_, name)| codes::inspire_theme(name));
                    draft.keyword.extend(label.iter().map(|(language, word)| (language.clone(), word.to_owned())));
                    draft.theme.extend(theme.map(|iri| Concept { iri: Some(iri), label }));
                }
            }
        }
    }
    // GeoDCAT-AP 2 keeps topics apart from themes; here both are what people look under.
    for topic in record.info.all("topicCategory").into_iter().filter_map(code) {
        let iri = format!("http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/{topic}");
        let iri = topic.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(iri);
        let label = if iri.is_some() { Concept::default().label } else { Concept::label(topic).label };
        draft.theme.push(Concept { iri, label });
    }
}

/// A keyword with an address: what kind of concept it is shows in the address.
fn anchored(iri: String, concept: Concept, draft: &mut DatasetDraft) {
    if iri.contains(HVD_ACT) {
        draft.applicable_legislation.push(iri);
    } else if iri.contains(HVD_CATEGORIES) {
        draft.hvd_category.push(Concept { iri: Some(iri), ..concept });
    } else if iri.contains("SpatialDataServiceCategory/") {
        let all = draft.extra.entry("serviceCategory".to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(all) = all {
            all.push(Value::String(iri));
        }
    } else {
        draft.theme.push(Concept { iri: Some(iri), ..concept });
    }
}
