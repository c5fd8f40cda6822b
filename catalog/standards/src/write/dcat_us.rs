//! A draft as a record of DCAT-US 1.1.

use fairground_domain::{Agent, Concept, ContactPoint, DatasetDraft, Distribution, Licence, Location, PeriodOfTime};
use serde_json::{Map, Value, json};

/// One element of `dataset` in a `data.json` of schema 1.1. Fields that 1.1 does not know keep the names of DCAT-US 3.0.
#[must_use]
pub fn dcat_us(draft: &DatasetDraft) -> Value {
    let mut out =
        Fields(draft.extra.iter().filter(|(key, _)| !key.contains(':')).map(|(k, v)| (k.clone(), v.clone())).collect());
    out.put("@type", json!("dcat:Dataset"));
    out.text("identifier", Some(&draft.identifier));
    out.text("@id", draft.iri.as_deref());
    out.put("title", localized(&draft.title));
    out.put("description", localized(&draft.description));
    out.put("publisher", draft.publisher.as_ref().map_or(Value::Null, agent));
    out.list("creator", draft.creator.iter().map(agent));
    out.one_or_list("contactPoint", draft.contact_point.iter().map(contact).collect());
    out.put("keyword", keywords(draft));
    out.list("theme", draft.theme.iter().map(concept));
    out.put("license", draft.licence.as_ref().map_or(Value::Null, licence));
    out.put("accessLevel", draft.access_rights.as_ref().map_or(Value::Null, concept));
    out.one_or_list("rights", draft.rights.iter().map(localized).collect());
    out.text("issued", draft.issued.as_deref());
    out.text("modified", draft.modified.as_deref());
    out.list("language", draft.language.iter().map(|tag| json!(tag.as_str())));
    out.put("accrualPeriodicity", draft.frequency.as_ref().map_or(Value::Null, concept));
    out.one_or_list("temporal", draft.temporal.iter().map(period).collect());
    out.one_or_list("spatial", draft.spatial.iter().map(location).collect());
    out.one_or_list("landingPage", draft.landing_page.iter().map(|it| json!(it)).collect());
    out.list("page", draft.page.iter().map(|it| json!(it)));
    out.one_or_list("conformsTo", draft.conforms_to.iter().map(concept).collect());
    out.one_or_list("provenance", draft.provenance.iter().map(localized).collect());
    out.text("version", draft.version.as_deref());
    out.put("versionNotes", localized(&draft.version_notes));
    out.list("otherIdentifier", draft.other_identifier.iter().map(|it| json!(it)));
    out.one_or_list("isPartOf", draft.in_series.iter().map(|it| json!(it)).collect());
    let related = |property: &'static str| {
        draft.relation.iter().filter(move |it| it.property == property).map(|it| json!(it.target))
    };
    out.list("references", related("dct:references"));
    out.one_or_list("describedBy", related("wdrs:describedby").collect());
    if let Some(service) = &draft.service {
        out.put("@type", json!("dcat:DataService"));
        out.list("endpointURL", service.endpoint_url.iter().map(|it| json!(it)));
        out.list("endpointDescription", service.endpoint_description.iter().map(|it| json!(it)));
        out.list("servesDataset", service.serves_dataset.iter().map(|it| json!(it)));
    }
    out.list("distribution", draft.distribution.iter().map(distribution));
    Value::Object(out.0)
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, key: &str, value: Value) {
        if !value.is_null() {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn text(&mut self, key: &str, text: Option<&str>) {
        self.put(key, text.filter(|text| !text.is_empty()).map_or(Value::Null, |text| json!(text)));
    }

    fn list(&mut self, key: &str, values: impl Iterator<Item = Value>) {
        let all: Vec<Value> = values.collect();
        if !all.is_empty() {
            self.put(key, Value::Array(all));
        }
    }

    /// One value alone, several as a list.
    fn one_or_list(&mut self, key: &str, mut values: Vec<Value>) {
        match values.len() {
            0 => {}
            1 => self.put(key, values.swap_remove(0)),
            _ => self.put(key, Value::Array(values)),
        }
    }
}

/// A plain text when the language is not said, else a map by language.
fn localized(text: &fairground_domain::LocalizedText) -> Value {
    let mut all = text.iter();
    match (all.next(), all.next()) {
        (None, _) => Value::Null,
        (Some((language, text)), None) if language.as_str() == "und" => json!(text),
        _ => Value::Object(text.iter().map(|(language, text)| (language.to_string(), json!(text))).collect()),
    }
}

fn keywords(draft: &DatasetDraft) -> Value {
    let one = |(language, word): &(fairground_domain::LanguageTag, String)| match language.as_str() {
        "und" => json!(word),
        tag => json!({ "@language": tag, "@value": word }),
    };
    if draft.keyword.is_empty() { Value::Null } else { Value::Array(draft.keyword.iter().map(one).collect()) }
}

fn agent(agent: &Agent) -> Value {
    let mut out = Fields(Map::new());
    out.put("@type", json!("org:Organization"));
    out.text("@id", agent.iri.as_deref());
    out.put("name", localized(&agent.name));
    out.text("homepage", agent.homepage.as_deref());
    out.text("mbox", agent.email.as_deref());
    let above = agent.part_of.iter().rev().fold(Value::Null, |above, name| {
        let mut parent = Fields(Map::new());
        parent.put("@type", json!("org:Organization"));
        parent.text("name", Some(name));
        parent.put("subOrganizationOf", above);
        Value::Object(parent.0)
    });
    out.put("subOrganizationOf", above);
    Value::Object(out.0)
}

fn contact(contact: &ContactPoint) -> Value {
    let mut out = Fields(Map::new());
    out.put("@type", json!("vcard:Contact"));
    out.put("fn", localized(&contact.name));
    out.text("hasEmail", contact.email.as_ref().map(|email| format!("mailto:{email}")).as_deref());
    out.text("hasTelephone", contact.telephone.as_deref());
    out.text("hasURL", contact.url.as_deref());
    Value::Object(out.0)
}

fn concept(concept: &Concept) -> Value {
    match &concept.iri {
        Some(iri) if concept.label.is_empty() => json!(iri),
        None if concept.label.iter().all(|(tag, _)| tag.as_str() == "und") => localized(&concept.label),
        iri => {
            let mut out = Fields(Map::new());
            out.text("@id", iri.as_deref());
            out.put("prefLabel", localized(&concept.label));
            Value::Object(out.0)
        }
    }
}

fn licence(licence: &Licence) -> Value {
    match &licence.iri {
        Some(iri) if licence.title.is_empty() => json!(iri),
        None if licence.title.iter().all(|(tag, _)| tag.as_str() == "und") => localized(&licence.title),
        iri => {
            let mut out = Fields(Map::new());
            out.text("@id", iri.as_deref());
            out.put("title", localized(&licence.title));
            Value::Object(out.0)
        }
    }
}

fn period(period: &PeriodOfTime) -> Value {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    json!(format!("{}/{}", part(&period.start), part(&period.end)))
}

fn location(location: &Location) -> Value {
    let plain = location.iri.is_none() && location.label.is_empty();
    match (location.bbox, &location.geometry) {
        (Some([west, south, east, north]), None) if plain => json!(format!("{west},{south},{east},{north}")),
        (_, Some(geometry)) if plain => json!(geometry),
        (None, None) if location.iri.is_none() => localized(&location.label),
        (None, None) if location.label.is_empty() => json!(location.iri),
        (bbox, geometry) => {
            let mut out = Fields(Map::new());
            out.put("@type", json!("dct:Location"));
            out.text("@id", location.iri.as_deref());
            out.put("prefLabel", localized(&location.label));
            let bbox = bbox.map(|[west, south, east, north]| format!("{west},{south},{east},{north}"));
            out.text("bbox", bbox.as_deref());
            out.text("geometry", geometry.as_deref());
            Value::Object(out.0)
        }
    }
}

fn distribution(it: &Distribution) -> Value {
    let mut out =
        Fields(it.extra.iter().filter(|(key, _)| !key.contains(':')).map(|(k, v)| (k.clone(), v.clone())).collect());
    out.put("@type", json!("dcat:Distribution"));
    out.text("@id", it.iri.as_deref());
    out.put("title", localized(&it.title));
    out.put("description", localized(&it.description));
    out.text("accessURL", it.access_url.as_deref());
    out.text("downloadURL", it.download_url.as_deref());
    out.text("mediaType", it.media_type.as_deref());
    out.text("format", it.format.as_deref());
    out.text("compressFormat", it.compress_format.as_deref());
    out.text("byteSize", it.byte_size.map(|size| size.to_string()).as_deref());
    if let Some(checksum) = &it.checksum {
        out.put("checksum", json!({ "algorithm": checksum.algorithm, "checksumValue": checksum.value }));
    }
    out.put("license", it.licence.as_ref().map_or(Value::Null, licence));
    out.one_or_list("rights", it.rights.iter().map(localized).collect());
    out.text("issued", it.issued.as_deref());
    out.text("modified", it.modified.as_deref());
    out.list("language", it.language.iter().map(|tag| json!(tag.as_str())));
    out.one_or_list("conformsTo", it.conforms_to.iter().map(concept).collect());
    out.list("accessService", it.access_service.iter().map(|service| json!(service)));
    out.text("describedBy", it.described_by.as_deref());
    Value::Object(out.0)
}
