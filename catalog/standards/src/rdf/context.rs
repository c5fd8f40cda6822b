//! JSON-LD contexts that are known without loading them: what their terms stand for, as far as catalogues use them.
//!
//! A context is never fetched: whoever serves it could make any catalogue mean anything. The few that are published for catalogues are
//! facts, and stand here in our own words: each term beside its property. Terms mean the same in every class, so that no scopes are
//! needed.

use std::fmt::Write as _;

use crate::rdf::vocab::PREFIXES;

/// How a term's values are read.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// As texts.
    Text,
    /// As IRIs.
    Link,
    /// As literals of this XML Schema type.
    Typed(&'static str),
}

use Values::{Link, Text, Typed};

/// Classes of DCAT-AP 3 under the names that its own context gives them.
const CLASSES: &[(&str, &str)] = &[
    ("Activity", "prov:Activity"),
    ("Agent", "foaf:Agent"),
    ("Attribution", "prov:Attribution"),
    ("Catalogue", "dcat:Catalog"),
    ("CatalogueRecord", "dcat:CatalogRecord"),
    ("CataloguedResource", "dcat:Resource"),
    ("Checksum", "spdx:Checksum"),
    ("ChecksumAlgorithm", "spdx:ChecksumAlgorithm"),
    ("Concept", "skos:Concept"),
    ("ConceptScheme", "skos:ConceptScheme"),
    ("DataService", "dcat:DataService"),
    ("Dataset", "dcat:Dataset"),
    ("DatasetSeries", "dcat:DatasetSeries"),
    ("Distribution", "dcat:Distribution"),
    ("Document", "foaf:Document"),
    ("Frequency", "dct:Frequency"),
    ("Geometry", "locn:Geometry"),
    ("Identifier", "adms:Identifier"),
    ("Kind", "vcard:Kind"),
    ("LegalResource", "eli:LegalResource"),
    ("LicenceDocument", "dct:LicenseDocument"),
    ("LinguisticSystem", "dct:LinguisticSystem"),
    ("Location", "dct:Location"),
    ("MediaType", "dct:MediaType"),
    ("MediaTypeOrExtent", "dct:MediaTypeOrExtent"),
    ("PeriodOfTime", "dct:PeriodOfTime"),
    ("ProvenanceStatement", "dct:ProvenanceStatement"),
    ("Relationship", "dcat:Relationship"),
    ("RightsStatement", "dct:RightsStatement"),
    ("Role", "dcat:Role"),
    ("Standard", "dct:Standard"),
];

/// Its properties.
const PROPERTIES: &[(&str, &str, Values)] = &[
    ("accessRights", "dct:accessRights", Link),
    ("accessService", "dcat:accessService", Link),
    ("accessUrl", "dcat:accessURL", Link),
    ("algorithm", "spdx:algorithm", Link),
    ("applicableLegislation", "dcatap:applicableLegislation", Link),
    ("applicationProfile", "dct:conformsTo", Link),
    ("availability", "dcatap:availability", Link),
    ("bbox", "dcat:bbox", Text),
    ("byteSize", "dcat:byteSize", Typed("nonNegativeInteger")),
    ("catalogue", "dcat:catalog", Link),
    ("centroid", "dcat:centroid", Text),
    ("changeType", "adms:status", Link),
    ("checksum", "spdx:checksum", Link),
    ("checksumValue", "spdx:checksumValue", Typed("hexBinary")),
    ("compressionFormat", "dcat:compressFormat", Link),
    ("conformsTo", "dct:conformsTo", Link),
    ("contactPoint", "dcat:contactPoint", Link),
    ("creator", "dct:creator", Link),
    ("dataset", "dcat:dataset", Link),
    ("datasetDistribution", "dcat:distribution", Link),
    ("description", "dct:description", Text),
    ("documentation", "foaf:page", Link),
    ("downloadUrl", "dcat:downloadURL", Link),
    ("endDate", "dcat:endDate", Text),
    ("endpointDescription", "dcat:endpointDescription", Link),
    ("endpointUrl", "dcat:endpointURL", Link),
    ("format", "dct:format", Link),
    ("frequency", "dct:accrualPeriodicity", Link),
    ("geographicalCoverage", "dct:spatial", Link),
    ("geometry", "locn:geometry", Link),
    ("hadRole", "dcat:hadRole", Link),
    ("hasPart", "dct:hasPart", Link),
    ("hasPolicy", "http://www.w3.org/ns/odrl/2/hasPolicy", Link),
    ("hasVersion", "dcat:hasVersion", Link),
    ("homepage", "foaf:homepage", Link),
    ("hvdCategory", "dcatap:hvdCategory", Link),
    ("identifier", "dct:identifier", Text),
    ("inSeries", "dcat:inSeries", Link),
    ("isReferencedBy", "dct:isReferencedBy", Link),
    ("keyword", "dcat:keyword", Text),
    ("landingPage", "dcat:landingPage", Link),
    ("language", "dct:language", Link),
    ("licence", "dct:license", Link),
    ("linkedSchemas", "dct:conformsTo", Link),
    ("listingDate", "dct:issued", Text),
    ("mediaType", "dcat:mediaType", Link),
    ("modificationDate", "dct:modified", Text),
    ("name", "foaf:name", Text),
    ("notation", "skos:notation", Text),
    ("otherIdentifier", "adms:identifier", Link),
    ("packagingFormat", "dcat:packageFormat", Link),
    ("preferredLabel", "skos:prefLabel", Text),
    ("primaryTopic", "foaf:primaryTopic", Link),
    ("provenance", "dct:provenance", Link),
    ("publisher", "dct:publisher", Link),
    ("qualifiedAttribution", "prov:qualifiedAttribution", Link),
    ("qualifiedRelation", "dcat:qualifiedRelation", Link),
    ("record", "dcat:record", Link),
    ("relatedResource", "dct:relation", Link),
    ("relation", "dct:relation", Link),
    ("releaseDate", "dct:issued", Text),
    ("rights", "dct:rights", Link),
    ("sample", "adms:sample", Link),
    ("servesDataset", "dcat:servesDataset", Link),
    ("service", "dcat:service", Link),
    ("source", "dct:source", Link),
    ("sourceMetadata", "dct:source", Link),
    ("spatialResolution", "dcat:spatialResolutionInMeters", Typed("decimal")),
    ("startDate", "dcat:startDate", Text),
    ("status", "adms:status", Link),
    ("temporalCoverage", "dct:temporal", Link),
    ("temporalResolution", "dcat:temporalResolution", Typed("duration")),
    ("theme", "dcat:theme", Link),
    ("themes", "dcat:themeTaxonomy", Link),
    ("title", "dct:title", Text),
    ("type", "dct:type", Link),
    ("version", "dcat:version", Text),
    ("versionNotes", "adms:versionNotes", Text),
    ("wasGeneratedBy", "prov:wasGeneratedBy", Link),
];

/// Prefixes that the context of CSV on the Web has besides ours, or in another meaning.
const OF_CSVW: &[(&str, &str)] = &[
    ("csvw", "http://www.w3.org/ns/csvw#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("void", "http://rdfs.org/ns/void#"),
];

/// The context at an address, as a document of its own; `None` for one that is not known.
pub(super) fn known(url: &str) -> Option<String> {
    let bare = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    let bare = bare.split('#').next().unwrap_or_default().trim_start_matches("www.").trim_end_matches('/');
    match bare {
        "schema.org" | "schema.org/docs/jsonldcontext.json" | "schema.org/docs/jsonldcontext.jsonld" => {
            Some(r#"{"@context":{"@vocab":"http://schema.org/","schema":"http://schema.org/"}}"#.to_owned())
        }
        "w3.org/ns/csvw" | "w3.org/ns/csvw.jsonld" => Some(written(&[], &[], OF_CSVW)),
        bare if is_dcat_ap(bare) => Some(written(CLASSES, PROPERTIES, &[])),
        _ => None,
    }
}

/// Where SEMIC publishes the contexts of its releases of DCAT-AP, and of its extension for high-value datasets.
fn is_dcat_ap(bare: &str) -> bool {
    let Some((host, path)) = bare.split_once('/') else { return false };
    let published = match host {
        "semiceu.github.io" | "data.europa.eu" => true,
        "raw.githubusercontent.com" => path.to_ascii_lowercase().starts_with("semiceu/"),
        _ => false,
    };
    let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    published && file.starts_with("dcat-ap") && file.ends_with(".jsonld")
}

fn written(classes: &[(&str, &str)], properties: &[(&str, &str, Values)], prefixes: &[(&str, &str)]) -> String {
    let mut out = String::from("{\"@context\":{\"@version\":1.1");
    let others = PREFIXES.iter().filter(|(prefix, _)| prefixes.iter().all(|(own, _)| own != prefix));
    // Writing into memory does not fail.
    for (name, iri) in others.chain(prefixes).chain(classes) {
        let _ = write!(out, ",\"{name}\":\"{iri}\"");
    }
    for (name, iri, values) in properties {
        let _ = match values {
            Text => write!(out, ",\"{name}\":\"{iri}\""),
            Link => write!(out, ",\"{name}\":{{\"@id\":\"{iri}\",\"@type\":\"@id\"}}"),
            Typed(datatype) => write!(out, ",\"{name}\":{{\"@id\":\"{iri}\",\"@type\":\"xsd:{datatype}\"}}"),
        };
    }
    out.push_str("}}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_known_by_their_addresses() {
        for (url, is) in [
            ("https://schema.org", true),
            ("http://www.schema.org/", true),
            ("https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld", true),
            ("https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld", true),
            ("https://raw.githubusercontent.com/SEMICeu/DCAT-AP/master/releases/3.0.1/context/dcat-ap.jsonld", true),
            ("http://www.w3.org/ns/csvw", true),
            ("https://raw.githubusercontent.com/somebody/DCAT-AP/master/dcat-ap.jsonld", false),
            ("https://semiceu.github.io.evil.example/dcat-ap.jsonld", false),
            ("https://elsewhere.example/dcat-ap.jsonld", false),
        ] {
            assert_eq!(known(url).is_some(), is, "{url}");
        }
    }

    #[test]
    fn every_context_is_json_and_names_known_prefixes() {
        for url in ["https://semiceu.github.io/DCAT-AP/dcat-ap.jsonld", "https://www.w3.org/ns/csvw"] {
            let context: serde_json::Value = serde_json::from_str(&known(url).expect(url)).expect(url);
            assert!(context["@context"]["dcat"].is_string(), "{url}");
        }
        let named = CLASSES.iter().map(|(_, iri)| iri).chain(PROPERTIES.iter().map(|(_, iri, _)| iri));
        for iri in named.filter(|iri| !iri.starts_with("http")) {
            let (prefix, _) = iri.split_once(':').expect(iri);
            assert!(PREFIXES.iter().any(|(known, _)| *known == prefix), "{iri}");
        }
    }
}
