//! Service records (`srv:SV_ServiceIdentification`): endpoints and the datasets they serve.

use fairground_domain::{Concept, DataService, DatasetDraft};
use serde_json::Value;
use url::Url;

use super::Record;
use super::distribution::{online, resources};
use super::words::plain;
use crate::check::Findings;
use crate::xml::Element;

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let mut ways = resources(record, findings);
    if ways.is_empty() {
        let points = record.info.all("containsOperations/*/connectPoint/*");
        ways = points.into_iter().filter_map(|it| online(it, record, findings)).collect();
    }
    let mut service = DataService::default();
    for way in &ways {
        let (endpoint, description) = endpoints(&way.url);
        add(&mut service.endpoint_url, endpoint);
        add(&mut service.endpoint_description, description);
        let standard = way.protocol.map(|(_, standard)| Concept::iri(standard));
        draft.conforms_to.extend(standard.filter(|it| !draft.conforms_to.contains(it)));
    }
    for coupled in record.info.children("operatesOn") {
        if let Some(dataset) = served(coupled) {
            add(&mut service.serves_dataset, dataset);
        }
    }
    if service.serves_dataset.is_empty() {
        // Some records name the coupled datasets only operation by operation.
        for identifier in record.info.all("coupledResource/*/identifier").into_iter().filter_map(plain) {
            add(&mut service.serves_dataset, identifier);
        }
    }
    draft.service = Some(service);
    if let Some(kind) = record.info.text_at("serviceType") {
        draft.extra.insert("serviceType".to_owned(), Value::String(kind));
    }
}

fn add(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// The endpoint and its description: a request for capabilities describes the address before its query.
fn endpoints(url: &str) -> (String, String) {
    let asks = url.to_ascii_lowercase().contains("request=getcapabilities");
    let endpoint = url.split('?').next().filter(|_| asks).unwrap_or(url);
    (endpoint.to_owned(), url.to_owned())
}

/// What an `operatesOn` refers to: an id, the `id` in a request for the record, or the address as it stands.
fn served(coupled: &Element) -> Option<String> {
    if let Some(id) = coupled.attribute("uuidref") {
        return Some(id.to_owned());
    }
    let href = coupled.attribute("href")?;
    let asked = Url::parse(href).ok().and_then(|url| {
        let lower = url.query().unwrap_or_default().to_ascii_lowercase();
        let by_id = lower.contains("request=getrecordbyid");
        url.query_pairs().find(|(name, _)| by_id && name.eq_ignore_ascii_case("id")).map(|(_, id)| id.into_owned())
    });
    Some(asked.unwrap_or_else(|| href.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_describe_the_address_before_their_query() {
        let url = "https://a.example/wms?SERVICE=WMS&REQUEST=GetCapabilities";
        assert_eq!(endpoints(url), ("https://a.example/wms".to_owned(), url.to_owned()));
        let plain = "https://a.example/feed.xml?x=1";
        assert_eq!(endpoints(plain), (plain.to_owned(), plain.to_owned()));
    }

    #[test]
    fn coupled_datasets_are_named_by_id_where_there_is_one() {
        for (name, value, read) in [
            ("uuidref", "abc", "abc"),
            ("href", "https://a.example/csw?request=GetRecordById&ID=x%3A1", "x:1"),
            ("href", "https://a.example/records/7?id=2", "https://a.example/records/7?id=2"),
        ] {
            let text = format!("<operatesOn {name}=\"{}\"/>", quick_xml::escape::escape(value));
            let element = crate::xml::tree::parse(&text, 2).expect("well-formed").root.clone();
            assert_eq!(served(&element).as_deref(), Some(read));
        }
    }
}
