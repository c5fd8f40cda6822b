//! What the form offers to choose from: the EU's authority tables where there are some, and licences that are in use.

use fairground_domain::{Concept, Frequency};

use crate::words::{Language, capitalised};

/// Where the EU publishes its authority tables.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";

/// The data themes, by code.
const THEMES: [&str; 13] =
    ["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"];

/// Who may have access: code and the key of its words.
const ACCESS: [(&str, &str); 3] = [
    ("PUBLIC", "workspace-draft-access-public"),
    ("RESTRICTED", "workspace-draft-access-restricted"),
    ("NON_PUBLIC", "workspace-draft-access-non-public"),
];

/// How often a dataset is updated, by code.
const FREQUENCIES: [&str; 17] = [
    "CONT",
    "HOURLY",
    "DAILY",
    "WEEKLY",
    "BIWEEKLY",
    "MONTHLY",
    "BIMONTHLY",
    "QUARTERLY",
    "ANNUAL_2",
    "ANNUAL",
    "BIENNIAL",
    "TRIENNIAL",
    "QUINQUENNIAL",
    "DECENNIAL",
    "IRREG",
    "AS_NEEDED",
    "NOT_PLANNED",
];

/// Licences: address and the key of its words.
const LICENCES: [(&str, &str); 9] = [
    ("https://creativecommons.org/publicdomain/zero/1.0/", "workspace-draft-licence-cc0"),
    ("https://creativecommons.org/licenses/by/4.0/", "workspace-draft-licence-by"),
    ("https://creativecommons.org/licenses/by-sa/4.0/", "workspace-draft-licence-by-sa"),
    ("https://opendatacommons.org/licenses/odbl/1-0/", "workspace-draft-licence-odbl"),
    ("https://www.govdata.de/dl-de/zero-2-0", "workspace-draft-licence-dl-zero"),
    ("https://www.govdata.de/dl-de/by-2-0", "workspace-draft-licence-dl-by"),
    ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "workspace-draft-licence-etalab"),
    ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "workspace-draft-licence-ogl"),
    ("https://www.usa.gov/publicdomain/label/1.0/", "workspace-draft-licence-us"),
];

/// Languages that a text can be added in, by tag.
pub(super) const LANGUAGES: [&str; 17] =
    ["en", "fr", "de", "es", "it", "nl", "pt", "pl", "sv", "da", "fi", "nb", "el", "cs", "hu", "ga", "rm"];

/// Addresses and what they say.
pub(super) type Entries = Vec<(String, String)>;

pub(super) fn themes(language: Language) -> Entries {
    THEMES.iter().map(|code| (format!("{AUTHORITY}/data-theme/{code}"), language.theme(code))).collect()
}

pub(super) fn access_rights(language: Language) -> Entries {
    ACCESS.iter().map(|(code, key)| (format!("{AUTHORITY}/access-right/{code}"), language.t(key).text())).collect()
}

pub(super) fn frequencies(language: Language) -> Entries {
    let entry = |code: &&str| {
        let iri = format!("{AUTHORITY}/frequency/{code}");
        let known = Frequency::of(&Concept::iri(iri.as_str()));
        let words = known.map_or_else(|| (*code).to_owned(), |known| capitalised(language.frequency(&known)));
        (iri, words)
    };
    FREQUENCIES.iter().map(entry).collect()
}

pub(super) fn licences(language: Language) -> Entries {
    LICENCES.iter().map(|(iri, key)| ((*iri).to_owned(), language.t(key).text())).collect()
}

/// What a language is called in a label; "" for one that nobody named.
pub(super) fn spoken(tag: &str, language: Language) -> String {
    if tag == "und" { language.t("workspace-draft-language-unstated").text() } else { language.name_of(tag) }
}

#[cfg(test)]
mod tests {
    use fairground_domain::quality::{LinkState, Metric, assess};
    use fairground_domain::{DatasetDraft, Licence};

    use super::*;

    #[test]
    fn what_the_form_offers_is_what_quality_and_freshness_know() {
        for (iri, text) in licences(Language::En) {
            let licence = Some(Licence { iri: Some(iri.clone()), ..Licence::default() });
            let draft = DatasetDraft { licence, ..DatasetDraft::default() };
            assert!(assess(&draft, |_| LinkState::Unchecked).is_met(Metric::LicenceFromVocabulary), "{text}: {iri}");
        }
        for (iri, text) in access_rights(Language::En) {
            let draft = DatasetDraft { access_rights: Some(Concept::iri(iri)), ..DatasetDraft::default() };
            assert!(assess(&draft, |_| LinkState::Unchecked).is_met(Metric::AccessRightsFromVocabulary), "{text}");
        }
        for (iri, text) in frequencies(Language::En) {
            let known = Frequency::of(&Concept::iri(iri)).map(|known| known.words.to_lowercase());
            assert!(known.is_some_and(|words| !words.is_empty()), "{text}");
        }
    }
}
