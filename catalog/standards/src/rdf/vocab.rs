//! The vocabularies of DCAT and its profiles: namespaces, and which classes make a record.

macro_rules! terms {
    ($($module:ident = $namespace:literal { $($name:ident = $local:literal),* $(,)? })*) => {$(
        pub(crate) mod $module {
            $(pub(crate) const $name: &str = concat!($namespace, $local);)*
        }
    )*};
}

terms! {
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" { TYPE = "type", VALUE = "value" }
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" { LABEL = "label", IS_DEFINED_BY = "isDefinedBy", SEE_ALSO = "seeAlso" }
    dcat = "http://www.w3.org/ns/dcat#" {
        CATALOG = "Catalog", DATASET_CLASS = "Dataset", SERIES_CLASS = "DatasetSeries", SERVICE_CLASS = "DataService",
        DISTRIBUTION_CLASS = "Distribution", RECORD_CLASS = "CatalogRecord",
        DATASET = "dataset", SERVICE = "service", RECORD = "record", CATALOG_PROPERTY = "catalog",
        DISTRIBUTION = "distribution", CONTACT_POINT = "contactPoint", KEYWORD = "keyword", THEME = "theme",
        LANDING_PAGE = "landingPage", VERSION = "version", IN_SERIES = "inSeries", BBOX = "bbox", CENTROID = "centroid",
        START_DATE = "startDate", END_DATE = "endDate", ACCESS_URL = "accessURL", DOWNLOAD_URL = "downloadURL",
        MEDIA_TYPE = "mediaType", COMPRESS_FORMAT = "compressFormat", PACKAGE_FORMAT = "packageFormat",
        BYTE_SIZE = "byteSize", ACCESS_SERVICE = "accessService", ENDPOINT_URL = "endpointURL",
        ENDPOINT_DESCRIPTION = "endpointDescription", SERVES_DATASET = "servesDataset", FIRST = "first", LAST = "last",
        PREV = "prev", HAS_VERSION = "hasVersion", SERIES_MEMBER = "seriesMember", SPATIAL_RESOLUTION = "spatialResolutionInMeters",
        TEMPORAL_RESOLUTION = "temporalResolution", QUALIFIED_RELATION = "qualifiedRelation", HAD_ROLE = "hadRole",
        RELATIONSHIP = "Relationship", ROLE = "Role",
    }
    dct = "http://purl.org/dc/terms/" {
        TITLE = "title", DESCRIPTION = "description", IDENTIFIER = "identifier", PUBLISHER = "publisher",
        CREATOR = "creator", ISSUED = "issued", MODIFIED = "modified", LANGUAGE = "language", LICENSE = "license",
        RIGHTS = "rights", RIGHTS_HOLDER = "rightsHolder", ACCESS_RIGHTS = "accessRights", FORMAT = "format",
        FREQUENCY = "accrualPeriodicity", TEMPORAL = "temporal", SPATIAL = "spatial", CONFORMS_TO = "conformsTo",
        PROVENANCE = "provenance", TYPE = "type", IS_PART_OF = "isPartOf", HAS_PART = "hasPart",
        IS_REFERENCED_BY = "isReferencedBy", RELATION = "relation", SOURCE = "source", IS_VERSION_OF = "isVersionOf",
        HAS_VERSION = "hasVersion", REFERENCES = "references", REPLACES = "replaces", IS_REPLACED_BY = "isReplacedBy",
        REQUIRES = "requires", PERIOD_OF_TIME = "PeriodOfTime", LOCATION = "Location", ACCESS_SERVICE = "accessService",
        LICENSE_DOCUMENT = "LicenseDocument", RIGHTS_STATEMENT = "RightsStatement", STANDARD = "Standard",
        PROVENANCE_STATEMENT = "ProvenanceStatement", CREATED = "created", CONTRIBUTOR = "contributor",
        LINGUISTIC_SYSTEM = "LinguisticSystem", FREQUENCY_CLASS = "Frequency", MEDIA_TYPE_OR_EXTENT = "MediaTypeOrExtent",
        MEDIA_TYPE = "MediaType",
    }
    dc = "http://purl.org/dc/elements/1.1/" {
        TITLE = "title", DESCRIPTION = "description", IDENTIFIER = "identifier", PUBLISHER = "publisher",
    }
    foaf = "http://xmlns.com/foaf/0.1/" {
        NAME = "name", HOMEPAGE = "homepage", MBOX = "mbox", PAGE = "page", PRIMARY_TOPIC = "primaryTopic", AGENT = "Agent",
        PHONE = "phone", DOCUMENT = "Document",
    }
    vcard = "http://www.w3.org/2006/vcard/ns#" {
        FN = "fn", ORGANIZATION_NAME = "organization-name", HAS_EMAIL = "hasEmail", EMAIL = "email",
        HAS_TELEPHONE = "hasTelephone", TEL = "tel", HAS_URL = "hasURL", URL = "url", HAS_VALUE = "hasValue", KIND = "Kind",
    }
    skos = "http://www.w3.org/2004/02/skos/core#" {
        PREF_LABEL = "prefLabel", NOTATION = "notation", IN_SCHEME = "inScheme", BROADER = "broader", NARROWER = "narrower",
        RELATED = "related", HAS_TOP_CONCEPT = "hasTopConcept", TOP_CONCEPT_OF = "topConceptOf", CONCEPT = "Concept",
        EXACT_MATCH = "exactMatch",
    }
    adms = "http://www.w3.org/ns/adms#" {
        IDENTIFIER = "identifier", VERSION_NOTES = "versionNotes", STATUS = "status", SAMPLE = "sample", CONTACT_POINT = "contactPoint",
        VERSION = "version", IDENTIFIER_CLASS = "Identifier", REPRESENTATION_TECHNIQUE = "representationTechnique",
    }
    owl = "http://www.w3.org/2002/07/owl#" { VERSION_INFO = "versionInfo" }
    schema = "http://schema.org/" { START_DATE = "startDate", END_DATE = "endDate" }
    schemas = "https://schema.org/" { START_DATE = "startDate", END_DATE = "endDate" }
    time = "http://www.w3.org/2006/time#" {
        HAS_BEGINNING = "hasBeginning", HAS_END = "hasEnd", IN_XSD_DATE_TIME = "inXSDDateTime", IN_XSD_DATE = "inXSDDate",
        IN_XSD_DATE_TIME_STAMP = "inXSDDateTimeStamp", IN_XSD_YEAR = "inXSDgYear",
    }
    locn = "http://www.w3.org/ns/locn#" { GEOMETRY = "geometry", GEOGRAPHIC_NAME = "geographicName", GEOMETRY_CLASS = "Geometry" }
    geo = "http://www.opengis.net/ont/geosparql#" { AS_WKT = "asWKT", AS_GEOJSON = "asGeoJSON", WKT = "wktLiteral", GEOJSON = "geoJSONLiteral" }
    spdx = "http://spdx.org/rdf/terms#" {
        CHECKSUM = "checksum", ALGORITHM = "algorithm", CHECKSUM_VALUE = "checksumValue", CHECKSUM_CLASS = "Checksum",
        ALGORITHM_CLASS = "ChecksumAlgorithm",
    }
    prov = "http://www.w3.org/ns/prov#" {
        QUALIFIED_ATTRIBUTION = "qualifiedAttribution", ATTRIBUTION = "Attribution", AGENT = "agent",
        WAS_GENERATED_BY = "wasGeneratedBy", ACTIVITY = "Activity", WAS_DERIVED_FROM = "wasDerivedFrom",
    }
    cnt = "http://www.w3.org/2011/content#" { CHARACTER_ENCODING = "characterEncoding" }
    dcat_us = "http://data.resources.gov/ontology/dcat-us#" { PURPOSE = "purpose" }
    eli = "http://data.europa.eu/eli/ontology#" { LEGAL_RESOURCE = "LegalResource" }
    hydra = "http://www.w3.org/ns/hydra/core#" {
        COLLECTION = "Collection", PARTIAL_VIEW = "PartialCollectionView", VIEW = "view", FIRST = "first", NEXT = "next",
        TOTAL_ITEMS = "totalItems",
    }
    dcatap = "http://data.europa.eu/r5r/" {
        AVAILABILITY = "availability", APPLICABLE_LEGISLATION = "applicableLegislation", HVD_CATEGORY = "hvdCategory",
    }
    dcatap_old = "http://data.europa.eu/88u/ontology/dcatapop#" { AVAILABILITY = "availability" }
    dcatde = "http://dcat-ap.de/def/dcatde/" { AVAILABILITY = "plannedAvailability" }
    dcatapit = "http://dati.gov.it/onto/dcatapit#" {
        CATALOG = "Catalog", DATASET_CLASS = "Dataset",
        START_DATE = "startDate", END_DATE = "endDate",
    }
    org = "http://www.w3.org/ns/org#" { SUB_ORGANIZATION_OF = "subOrganizationOf" }
    wdrs = "http://www.w3.org/2007/05/powder-s#" { DESCRIBED_BY = "describedby" }
    xsd = "http://www.w3.org/2001/XMLSchema#" {
        DATE = "date", DATE_TIME = "dateTime", YEAR = "gYear", YEAR_MONTH = "gYearMonth",
        NON_NEGATIVE_INTEGER = "nonNegativeInteger", INTEGER = "integer", DECIMAL = "decimal", DURATION = "duration",
        HEX_BINARY = "hexBinary",
    }
}

/// Prefixes for messages, for `extra` and `relation`, and for what is written.
pub(crate) const PREFIXES: &[(&str, &str)] = &[
    ("adms", "http://www.w3.org/ns/adms#"),
    ("cnt", "http://www.w3.org/2011/content#"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcat-us", "http://data.resources.gov/ontology/dcat-us#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dcatapit", "http://dati.gov.it/onto/dcatapit#"),
    ("dcatde", "http://dcat-ap.de/def/dcatde/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("eli", "http://data.europa.eu/eli/ontology#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("geo", "http://www.opengis.net/ont/geosparql#"),
    ("hydra", "http://www.w3.org/ns/hydra/core#"),
    ("locn", "http://www.w3.org/ns/locn#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "http://schema.org/"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("wdrs", "http://www.w3.org/2007/05/powder-s#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// `dct:title` for its IRI; an IRI of an unknown namespace stays whole.
pub(crate) fn prefixed(iri: &str) -> String {
    let found = PREFIXES.iter().find_map(|(prefix, namespace)| Some((prefix, iri.strip_prefix(namespace)?)));
    found.map_or_else(|| iri.to_owned(), |(prefix, local)| format!("{prefix}:{local}"))
}

/// The IRI of `dct:title`.
pub(crate) fn expanded(name: &str) -> Option<String> {
    let (prefix, local) = name.split_once(':')?;
    let namespace = PREFIXES.iter().find(|(known, _)| *known == prefix)?.1;
    Some(format!("{namespace}{local}"))
}

/// What a class makes of a subject, as bits.
pub(crate) mod class {
    pub(crate) const DATASET: u8 = 1;
    pub(crate) const SERIES: u8 = 2;
    pub(crate) const SERVICE: u8 = 4;
    pub(crate) const CATALOG: u8 = 8;
    /// `dcat:CatalogRecord`: about a dataset, but not part of it.
    pub(crate) const RECORD: u8 = 16;

    /// The bit of a class; 0 for all others.
    pub(crate) fn of(iri: &str) -> u8 {
        use super::{dcat, dcatapit};
        match iri {
            dcat::DATASET_CLASS | dcatapit::DATASET_CLASS => DATASET,
            dcat::SERIES_CLASS => SERIES,
            dcat::SERVICE_CLASS => SERVICE,
            dcat::CATALOG | dcatapit::CATALOG => CATALOG,
            dcat::RECORD_CLASS => RECORD,
            _ => 0,
        }
    }
}

/// Links that lead out of a dataset's own description: to other resources, or up and down a vocabulary.
pub(crate) fn leads_away(predicate: &str) -> bool {
    matches!(
        predicate,
        rdf::TYPE
            | dcat::DATASET
            | dcat::SERVICE
            | dcat::RECORD
            | dcat::CATALOG_PROPERTY
            | dcat::IN_SERIES
            | dcat::FIRST
            | dcat::LAST
            | dcat::PREV
            | dcat::HAS_VERSION
            | dcat::SERIES_MEMBER
            | dcat::SERVES_DATASET
            | dct::IS_PART_OF
            | dct::HAS_PART
            | dct::IS_VERSION_OF
            | dct::HAS_VERSION
            | dct::REPLACES
            | dct::IS_REPLACED_BY
            | foaf::PRIMARY_TOPIC
            | rdfs::IS_DEFINED_BY
            | rdfs::SEE_ALSO
            | skos::IN_SCHEME
            | skos::BROADER
            | skos::NARROWER
            | skos::RELATED
            | skos::HAS_TOP_CONCEPT
            | skos::TOP_CONCEPT_OF
            | skos::EXACT_MATCH
    )
}
