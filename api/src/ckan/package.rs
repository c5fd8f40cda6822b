//! Datasets in the shape of CKAN's packages.
//!
//! What CKAN has no field for is in `extras`, under the names that its DCAT extension gives it, so that harvesters which know that
//! extension get it all.

use std::collections::HashSet;

use fairground_catalog::dataset::{Dataset, themes_of};
use fairground_domain::{Agent, Concept, DatasetDraft, Distribution, LocalizedText, Location, ResourceKind, Timestamp};
use serde_json::{Map, Value, json};

use super::licence;

/// What all packages of an answer need.
#[derive(Debug)]
pub(super) struct Packages<'a> {
    /// The portal's address.
    pub(super) url: &'a str,
    /// The distributions that have rows to search.
    pub(super) searchable: HashSet<String>,
}

impl Packages<'_> {
    /// A dataset as `package_show` gives it.
    pub(super) fn package(&self, dataset: &Dataset) -> Value {
        let draft = &dataset.draft;
        let licences = draft.licences();
        let licence = draft.licence.as_ref().or_else(|| licences.first().copied());
        let licence = licence.map(licence::of).unwrap_or_else(licence::unspecified);
        let contact = draft.contact_point.first();
        let creator = draft.creator.first();
        let resources = self.resources(dataset);
        let tags = tags(draft);
        let mut package = json!({
            "id": dataset.id.to_string(),
            "name": dataset.slug.to_string(),
            "title": draft.title.any(),
            "notes": draft.description.any(),
            "url": draft.landing_page.first().map_or_else(|| self.page(dataset), Clone::clone),
            "version": draft.version,
            "type": kind(draft.kind),
            "state": "active",
            "private": false,
            "isopen": licence.is_open,
            "license_id": licence.id,
            "license_title": licence.title,
            "license_url": licence.url,
            "author": creator.map(|agent| agent.name.any()),
            "author_email": creator.and_then(|agent| agent.email.clone()),
            "maintainer": contact.map(|contact| contact.name.any()),
            "maintainer_email": contact.and_then(|contact| contact.email.clone()),
            "creator_user_id": null,
            "metadata_created": moment(dataset.created_at),
            "metadata_modified": moment(dataset.updated_at),
            "owner_org": dataset.publisher.as_ref().map(|publisher| publisher.id.to_string()),
            "organization": self.organization(dataset),
            "num_resources": resources.len(),
            "num_tags": tags.len(),
            "resources": resources,
            "tags": tags,
            "groups": groups(draft),
            "extras": self.extras(dataset),
            "relationships_as_subject": [],
            "relationships_as_object": [],
        });
        if let Some(package) = package.as_object_mut() {
            for (name, text) in [("title_translated", &draft.title), ("notes_translated", &draft.description)] {
                if text.iter().nth(1).is_some() {
                    package.insert(name.to_owned(), translated(text));
                }
            }
        }
        package
    }

    /// A dataset's distributions as resources.
    pub(super) fn resources(&self, dataset: &Dataset) -> Vec<Value> {
        let ids = dataset.distribution_ids();
        let each = dataset.draft.distribution.iter().zip(ids).enumerate();
        each.map(|(place, (distribution, id))| self.resource(dataset, distribution, &id.to_string(), place)).collect()
    }

    fn resource(&self, dataset: &Dataset, distribution: &Distribution, id: &str, place: usize) -> Value {
        let checksum = distribution.checksum.as_ref();
        let licence = distribution.licence.as_ref().map(licence::of);
        let changed = |text: &Option<String>| text.as_deref().and_then(Timestamp::lenient).map(moment);
        let mut resource = json!({
            "id": id,
            "package_id": dataset.id.to_string(),
            "name": some(distribution.title.any()),
            "description": distribution.description.any(),
            "url": distribution.download_url.as_ref().or(distribution.access_url.as_ref()).map_or("", String::as_str),
            "url_type": null,
            "format": distribution.format.as_deref().unwrap_or_default(),
            "mimetype": distribution.media_type,
            "mimetype_inner": null,
            "size": distribution.byte_size,
            "hash": checksum.map_or("", |checksum| checksum.value.as_str()),
            "created": changed(&distribution.issued).unwrap_or_else(|| moment(dataset.created_at)),
            "last_modified": changed(&distribution.modified),
            "metadata_modified": moment(dataset.updated_at),
            "position": place,
            "state": "active",
            "resource_type": null,
            "cache_url": null,
            "cache_last_updated": null,
            "datastore_active": self.searchable.contains(id),
        });
        let more = [
            ("uri", distribution.iri.clone().filter(|iri| iri.contains(':'))),
            ("access_url", distribution.access_url.clone()),
            ("download_url", distribution.download_url.clone()),
            ("hash_algorithm", checksum.map(|checksum| checksum.algorithm.clone())),
            ("license", licence.and_then(|licence| licence.url.or(licence.title))),
            ("rights", distribution.rights.first().map(|rights| rights.any().to_owned())),
            ("availability", distribution.availability.clone()),
            ("issued", distribution.issued.clone()),
            ("modified", distribution.modified.clone()),
            ("describedBy", distribution.public_description().map(str::to_owned)),
        ];
        if let Some(resource) = resource.as_object_mut() {
            resource
                .extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))));
            if distribution.title.iter().nth(1).is_some() {
                resource.insert("name_translated".to_owned(), translated(&distribution.title));
            }
        }
        resource
    }

    /// The dataset's page.
    fn page(&self, dataset: &Dataset) -> String {
        format!("{}/datasets/{}", self.url, dataset.slug)
    }

    fn organization(&self, dataset: &Dataset) -> Value {
        let Some(publisher) = &dataset.publisher else { return Value::Null };
        json!({
            "id": publisher.id.to_string(),
            "name": publisher.slug.to_string(),
            "title": publisher.name,
            "type": "organization",
            "description": "",
            "image_url": "",
            "created": moment(dataset.created_at),
            "is_organization": true,
            "approval_status": "approved",
            "state": "active",
        })
    }

    fn extras(&self, dataset: &Dataset) -> Vec<Value> {
        let draft = &dataset.draft;
        let mut extras = Extras(Map::new());
        let own = format!("{}/datasets/{}", self.url, dataset.slug);
        extras.text("uri", Some(draft.iri.as_deref().unwrap_or(&own)));
        extras.text("identifier", Some(&draft.identifier));
        extras.text("issued", draft.issued.as_deref());
        extras.text("modified", draft.modified.as_deref());
        extras.publisher(draft.publisher.as_ref(), dataset);
        if let Some(contact) = draft.contact_point.first() {
            extras.text("contact_name", Some(contact.name.any()));
            extras.text("contact_email", contact.email.as_deref());
            extras.text("contact_uri", contact.url.as_deref());
        }
        extras.list("language", draft.language.iter().map(|tag| tag.as_str().to_owned()).collect());
        extras.list("theme", named(&draft.theme));
        extras.list("hvd_category", named(&draft.hvd_category));
        extras.list("conforms_to", named(&draft.conforms_to));
        extras.list("applicable_legislation", draft.applicable_legislation.clone());
        extras.list("documentation", draft.page.clone());
        extras.list("alternate_identifier", draft.other_identifier.clone());
        extras.text("frequency", named(draft.frequency.as_slice()).first().map(String::as_str));
        extras.text("access_rights", named(draft.access_rights.as_slice()).first().map(String::as_str));
        extras.text("provenance", draft.provenance.first().map(LocalizedText::any));
        extras.text("version_notes", Some(draft.version_notes.any()));
        if let Some(period) = draft.temporal.first() {
            extras.text("temporal_start", period.start.as_deref());
            extras.text("temporal_end", period.end.as_deref());
        }
        extras.place(&draft.spatial);
        for (name, value) in &draft.extra {
            let written = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            extras.text(name, Some(&written));
        }
        extras.0.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
    }
}

/// Extras by name; the first value of a name stays.
struct Extras(Map<String, Value>);

impl Extras {
    fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty())
            && !self.0.contains_key(name)
        {
            self.0.insert(name.to_owned(), json!(text));
        }
    }

    /// A list is JSON within a text, as that extension keeps it.
    fn list(&mut self, name: &str, list: Vec<String>) {
        if !list.is_empty() {
            self.text(name, Some(&json!(list).to_string()));
        }
    }

    fn publisher(&mut self, agent: Option<&Agent>, dataset: &Dataset) {
        let name = agent.map(|agent| agent.name.any()).filter(|name| !name.is_empty());
        self.text("publisher_name", name.or(dataset.publisher.as_ref().map(|publisher| publisher.name.as_str())));
        if let Some(agent) = agent {
            self.text("publisher_uri", agent.iri.as_deref());
            self.text("publisher_url", agent.homepage.as_deref());
            self.text("publisher_email", agent.email.as_deref());
            self.text("publisher_type", agent.kind.as_deref());
        }
    }

    /// A box as a GeoJSON polygon (RFC 7946), as the spatial extension searches it; else the shape as its source wrote it.
    fn place(&mut self, places: &[Location]) {
        if let Some([west, south, east, north]) = places.iter().find_map(|place| place.bbox) {
            let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
            self.text("spatial", Some(&json!({ "type": "Polygon", "coordinates": [ring] }).to_string()));
        }
        self.text("spatial", places.iter().find_map(|place| place.geometry.as_deref()));
        self.text("spatial_uri", places.iter().find_map(|place| place.iri.as_deref()));
        self.text("spatial_text", places.iter().map(|place| place.label.any()).find(|label| !label.is_empty()));
    }
}

/// IRIs where there are any, else labels.
fn named(concepts: &[Concept]) -> Vec<String> {
    let name = |concept: &Concept| concept.iri.clone().or_else(|| some(concept.label.any()).map(str::to_owned));
    concepts.iter().filter_map(name).collect()
}

fn some(text: &str) -> Option<&str> {
    (!text.trim().is_empty()).then_some(text)
}

fn translated(text: &LocalizedText) -> Value {
    text.iter().map(|(tag, text)| (tag.as_str().to_owned(), json!(text))).collect::<Map<_, _>>().into()
}

/// The kind as CKAN's `type`.
pub(super) const fn kind(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Dataset => "dataset",
        ResourceKind::DatasetSeries => "dataset_series",
        ResourceKind::DataService => "dataservice",
    }
}

/// A tag as CKAN shows it.
pub(super) fn tag(name: &str) -> Value {
    json!({ "id": name, "name": name, "display_name": name, "vocabulary_id": null, "state": "active" })
}

fn tags(draft: &DatasetDraft) -> Vec<Value> {
    let mut words: Vec<&str> =
        draft.keyword.iter().map(|(_, word)| word.trim()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(tag).collect()
}

fn groups(draft: &DatasetDraft) -> Vec<Value> {
    themes_of(&draft.theme).iter().map(|theme| group(&theme.slug, &theme.name)).collect()
}

/// A theme as a group within a package.
pub(super) fn group(slug: &str, name: &str) -> Value {
    json!({
        "id": slug,
        "name": slug,
        "title": name,
        "display_name": name,
        "description": "",
        "image_display_url": "",
    })
}

/// A moment as CKAN writes it: UTC without saying so, to the microsecond.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let text = text.trim_end_matches('Z');
    match text.split_once('.') {
        None => format!("{text}.000000"),
        Some((whole, fraction)) => format!("{whole}.{fraction:0<6}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_ckan_does() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000"),
            (784_111_777_500_000, "1994-11-06T08:49:37.500000"),
            (784_111_777_000_001, "1994-11-06T08:49:37.000001"),
        ] {
            assert_eq!(moment(Timestamp::from_micros(micros)), text);
        }
    }
}
