//! Controlled vocabularies that the European profiles name: what their concepts are called, and which words mean them.
//!
//! The tables are the Publications Office's (data theme, access right, frequency, planned availability, licence), the six
//! categories of high-value data (Implementing Regulation (EU) 2023/138), and ADMS' types of publishers. Only codes that we
//! have seen in the tables stand here; what we do not know stays as its source wrote it.

mod frequency;
mod licence;
mod names;

use fairground_domain::fold;

pub(crate) use frequency::frequency_of;
pub(crate) use licence::{licence_iri, licence_of_words, licence_twin};
pub(crate) use names::{file_type, language};

/// The base of the EU data-theme table.
const THEMES: &str = "http://publications.europa.eu/resource/authority/data-theme/";
/// The base of the EU access-right table.
const ACCESS_RIGHTS: &str = "http://publications.europa.eu/resource/authority/access-right/";
/// The base of the EU table of planned availability.
const AVAILABILITY: &str = "http://publications.europa.eu/resource/authority/planned-availability/";
/// The base of the categories of high-value data.
const HIGH_VALUE: &str = "http://data.europa.eu/bna/";
/// The base of ADMS' types of publishers.
const PUBLISHER_TYPES: &str = "http://purl.org/adms/publishertype/";
/// The base of ADMS' states of completion.
const STATUS: &str = "http://purl.org/adms/status/";

/// Base, code, English label.
const LABELS: &[(&str, &str, &str)] = &[
    (THEMES, "AGRI", "Agriculture, fisheries, forestry and food"),
    (THEMES, "ECON", "Economy and finance"),
    (THEMES, "EDUC", "Education, culture and sport"),
    (THEMES, "ENER", "Energy"),
    (THEMES, "ENVI", "Environment"),
    (THEMES, "GOVE", "Government and public sector"),
    (THEMES, "HEAL", "Health"),
    (THEMES, "INTR", "International issues"),
    (THEMES, "JUST", "Justice, legal system and public safety"),
    (THEMES, "OP_DATPRO", "Provisional data"),
    (THEMES, "REGI", "Regions and cities"),
    (THEMES, "SOCI", "Population and society"),
    (THEMES, "TECH", "Science and technology"),
    (THEMES, "TRAN", "Transport"),
    (ACCESS_RIGHTS, "PUBLIC", "public"),
    (ACCESS_RIGHTS, "RESTRICTED", "restricted"),
    (ACCESS_RIGHTS, "NON_PUBLIC", "non-public"),
    (AVAILABILITY, "AVAILABLE", "available"),
    (AVAILABILITY, "EXPERIMENTAL", "experimental"),
    (AVAILABILITY, "STABLE", "stable"),
    (AVAILABILITY, "TEMPORARY", "temporary"),
    (HIGH_VALUE, "c_ac64a52d", "Geospatial"),
    (HIGH_VALUE, "c_dd313021", "Earth observation and environment"),
    (HIGH_VALUE, "c_164e0bf5", "Meteorological"),
    (HIGH_VALUE, "c_e1da4e07", "Statistics"),
    (HIGH_VALUE, "c_a9135398", "Companies and company ownership"),
    (HIGH_VALUE, "c_b79e35eb", "Mobility"),
    (PUBLISHER_TYPES, "Academia-ScientificOrganisation", "Academia/Scientific organisation"),
    (PUBLISHER_TYPES, "Company", "Company"),
    (PUBLISHER_TYPES, "IndustryConsortium", "Industry consortium"),
    (PUBLISHER_TYPES, "LocalAuthority", "Local Authority"),
    (PUBLISHER_TYPES, "NationalAuthority", "National authority"),
    (PUBLISHER_TYPES, "NonGovernmentalOrganisation", "Non-Governmental Organisation"),
    (PUBLISHER_TYPES, "NonProfitOrganisation", "Non-Profit Organisation"),
    (PUBLISHER_TYPES, "PrivateIndividual(s)", "Private Individual(s)"),
    (PUBLISHER_TYPES, "RegionalAuthority", "Regional authority"),
    (PUBLISHER_TYPES, "StandardisationBody", "Standardisation body"),
    (PUBLISHER_TYPES, "SupraNationalAuthority", "Supra-national authority"),
    (STATUS, "Completed", "Completed"),
    (STATUS, "Deprecated", "Deprecated"),
    (STATUS, "UnderDevelopment", "Under development"),
    (STATUS, "Withdrawn", "Withdrawn"),
];

/// Words, folded, that name a theme: the table's own labels are in [`LABELS`]; these are their parts, the topic categories of
/// ISO 19115 that lie within one theme, and what American and Australian catalogues say.
const THEME_WORDS: &[(&str, &str)] = &[
    ("agriculture", "AGRI"),
    ("agricultura", "AGRI"),
    ("farming", "AGRI"),
    ("fisheries", "AGRI"),
    ("food", "AGRI"),
    ("economy", "ECON"),
    ("economics", "ECON"),
    ("finance", "ECON"),
    ("business", "ECON"),
    ("education", "EDUC"),
    ("culture", "EDUC"),
    ("sport", "EDUC"),
    ("energy", "ENER"),
    ("biota", "ENVI"),
    ("climate", "ENVI"),
    ("climatologymeteorologyatmosphere", "ENVI"),
    ("ecosystems", "ENVI"),
    ("inlandwaters", "ENVI"),
    ("oceans", "ENVI"),
    ("government", "GOVE"),
    ("local government", "REGI"),
    ("justice", "JUST"),
    ("law", "JUST"),
    ("public safety", "JUST"),
    ("population", "SOCI"),
    ("society", "SOCI"),
    ("demographics", "SOCI"),
    ("research", "TECH"),
    ("science", "TECH"),
    ("science & research", "TECH"),
    ("technology", "TECH"),
    ("transportation", "TRAN"),
    ("mobility", "TRAN"),
];

/// What a concept of a known table is called in English.
pub(crate) fn label(iri: &str) -> Option<&'static str> {
    let secure = iri.strip_prefix("https://");
    LABELS.iter().find_map(|(base, code, label)| {
        let same = match secure {
            Some(rest) => base.strip_prefix("http://").and_then(|base| rest.strip_prefix(base)) == Some(*code),
            None => iri.strip_prefix(base) == Some(*code),
        };
        same.then_some(*label)
    })
}

/// What a concept can be called when nobody says: the last part of its IRI, as words.
pub(crate) fn tail(iri: &str) -> String {
    let bare = iri.trim_end_matches(['/', '#']);
    let last = bare.rsplit(['/', '#', ':']).next().unwrap_or(bare);
    if last.is_empty() { iri.to_owned() } else { last.replace('_', " ") }
}

/// The theme that words name.
pub(crate) fn theme_of(words: &str) -> Option<String> {
    let words = fold(words.trim());
    let own = LABELS
        .iter()
        .filter(|(base, _, _)| *base == THEMES)
        .find(|(_, code, label)| fold(label) == words || (code.len() == 4 && fold(code) == words));
    let code = own
        .map(|(_, code, _)| *code)
        .or_else(|| THEME_WORDS.iter().find(|(word, _)| *word == words).map(|(_, code)| *code))?;
    Some(format!("{THEMES}{code}"))
}

/// How open data is, in the three steps that every profile knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Public,
    Restricted,
    NonPublic,
}

impl Access {
    /// What an IRI of the table, or the words of DCAT-US and CKAN, say.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let last = text.trim().trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default();
        match fold(last).replace(['_', ' '], "-").as_str() {
            "public" | "open" => Some(Self::Public),
            "restricted" | "restricted-public" => Some(Self::Restricted),
            "non-public" | "nonpublic" | "private" | "confidential" => Some(Self::NonPublic),
            _ => None,
        }
    }

    /// The IRI of the EU table.
    pub(crate) fn iri(self) -> String {
        let code = match self {
            Self::Public => "PUBLIC",
            Self::Restricted => "RESTRICTED",
            Self::NonPublic => "NON_PUBLIC",
        };
        format!("{ACCESS_RIGHTS}{code}")
    }

    /// `accessLevel` of DCAT-US 1.1.
    pub(crate) const fn level(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Restricted => "restricted public",
            Self::NonPublic => "non-public",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_have_names() {
        for (iri, name) in [
            ("http://publications.europa.eu/resource/authority/data-theme/ENVI", Some("Environment")),
            ("https://publications.europa.eu/resource/authority/data-theme/TRAN", Some("Transport")),
            ("http://data.europa.eu/bna/c_b79e35eb", Some("Mobility")),
            ("http://data.europa.eu/bna/c_b79e35e", None),
            ("http://eurovoc.europa.eu/100154", None),
        ] {
            assert_eq!(label(iri), name, "{iri}");
        }
        assert_eq!(tail("http://x.example/authority/ODD_THING/"), "ODD THING");
        assert_eq!(tail("urn:x:y"), "y");
    }

    #[test]
    fn words_name_themes_and_access() {
        for (words, code) in [
            ("Environment", Some("ENVI")),
            (" TRAN ", Some("TRAN")),
            ("climatologyMeteorologyAtmosphere", Some("ENVI")),
            ("geospatial", None),
        ] {
            assert_eq!(theme_of(words).as_deref().and_then(|iri| iri.rsplit('/').next()), code, "{words}");
        }
        for (text, access) in [
            ("public", Some(Access::Public)),
            ("restricted public", Some(Access::Restricted)),
            ("http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC", Some(Access::NonPublic)),
            ("ask us", None),
        ] {
            assert_eq!(Access::of(text), access, "{text}");
        }
    }
}
