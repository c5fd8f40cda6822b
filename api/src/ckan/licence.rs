//! Licences under the ids that CKAN's own list gives them (opendefinition.org/licenses).

use fairground_catalog::search::FacetCount;
use fairground_domain::{Licence, Slug, fold};
use serde_json::{Value, json};

/// A licence as a package names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) is_open: bool,
}

/// One licence of the list.
struct Known {
    id: &'static str,
    title: &'static str,
    url: &'static str,
    is_open: bool,
    /// Pieces of addresses and of folded titles by which it is known.
    pieces: &'static [&'static str],
}

/// What stands in the list, longer pieces before their own beginnings.
const KNOWN: &[Known] = &[
    Known {
        id: "cc-zero",
        title: "Creative Commons CCZero",
        url: "https://creativecommons.org/publicdomain/zero/1.0/",
        is_open: true,
        pieces: &["publicdomain/zero", "licence/cc0", "licenses/cc-zero", "cc0", "cc-zero", "creative commons zero"],
    },
    Known {
        id: "cc-nc",
        title: "Creative Commons Non-Commercial (Any)",
        url: "https://creativecommons.org/licenses/by-nc/4.0/",
        is_open: false,
        pieces: &["licenses/by-nc", "cc by-nc", "cc-by-nc", "licenses/by-nd", "cc by-nd"],
    },
    Known {
        id: "cc-by-sa",
        title: "Creative Commons Attribution Share-Alike",
        url: "https://creativecommons.org/licenses/by-sa/4.0/",
        is_open: true,
        pieces: &["licenses/by-sa", "licence/cc_bysa", "licenses/cc-by-sa", "cc by-sa", "cc-by-sa"],
    },
    Known {
        id: "cc-by",
        title: "Creative Commons Attribution",
        url: "https://creativecommons.org/licenses/by/4.0/",
        is_open: true,
        pieces: &["creativecommons.org/licenses/by/", "licence/cc_by", "licenses/cc-by", "cc by", "cc-by"],
    },
    Known {
        id: "odc-pddl",
        title: "Open Data Commons Public Domain Dedication and License (PDDL)",
        url: "https://opendatacommons.org/licenses/pddl/1-0/",
        is_open: true,
        pieces: &["licenses/pddl", "licenses/odc-pddl", "odc-pddl"],
    },
    Known {
        id: "odc-odbl",
        title: "Open Data Commons Open Database License (ODbL)",
        url: "https://opendatacommons.org/licenses/odbl/1-0/",
        is_open: true,
        pieces: &["licenses/odbl", "licenses/odc-odbl", "odc-odbl"],
    },
    Known {
        id: "odc-by",
        title: "Open Data Commons Attribution License",
        url: "https://opendatacommons.org/licenses/by/1-0/",
        is_open: true,
        pieces: &["opendatacommons.org/licenses/by", "licenses/odc-by", "odc-by"],
    },
    Known {
        id: "uk-ogl",
        title: "UK Open Government Licence (OGL)",
        url: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        is_open: true,
        pieces: &["open-government-licence", "open government licence", "uk-ogl"],
    },
    Known {
        id: "other-pd",
        title: "Other (Public Domain)",
        url: "",
        is_open: true,
        pieces: &["publicdomain/mark", "usa.gov/publicdomain", "usa.gov/government-works", "other-pd", "public domain"],
    },
    Known { id: "notspecified", title: "License not specified", url: "", is_open: false, pieces: &["notspecified"] },
];

/// A dataset's or distribution's licence.
pub(super) fn of(licence: &Licence) -> Named {
    named(licence.iri.as_deref(), licence.title.any())
}

/// Title and address of what CKAN's own list calls so.
pub(super) fn by_id(id: &str) -> Option<(&'static str, &'static str)> {
    KNOWN.iter().find(|known| known.id == id.trim()).map(|known| (known.title, known.url))
}

/// When a source names none.
pub(super) fn unspecified() -> Named {
    Named { id: "notspecified".to_owned(), title: Some("License not specified".to_owned()), url: None, is_open: false }
}

fn named(iri: Option<&str>, title: &str) -> Named {
    let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let known = known(iri.unwrap_or_default()).or_else(|| known(title));
    let id = known.map(|known| known.id.to_owned()).or_else(|| Some(Slug::from_title(title)?.to_string()));
    let id = id.or_else(|| Some(Slug::from_title(iri?)?.to_string()));
    Named {
        id: id.unwrap_or_else(|| "notspecified".to_owned()),
        title: text(title).or_else(|| known.map(|known| known.title.to_owned())).or_else(|| iri.and_then(text)),
        url: iri.and_then(text).or_else(|| known.and_then(|known| text(known.url))),
        is_open: known.is_some_and(|known| known.is_open),
    }
}

fn known(text: &str) -> Option<&'static Known> {
    let folded = fold(text);
    KNOWN.iter().find(|known| known.pieces.iter().any(|piece| folded.contains(piece)))
}

/// The id of a licence as the search index has it.
pub(super) fn id_of_value(value: &str, label: &str) -> String {
    named(value.contains(':').then_some(value), label).id
}

/// As [`id_of_value`], of a counted value, with what people read.
pub(super) fn of_count(count: &FacetCount) -> (String, String) {
    let named = named(count.value.contains(':').then_some(&count.value), &count.label);
    let title = known(&named.id).map(|known| known.title.to_owned());
    (named.id, title.or(named.title).unwrap_or_default())
}

/// `license_list`.
pub(super) fn list() -> Value {
    let each = KNOWN.iter().map(|known| {
        json!({
            "id": known.id,
            "title": known.title,
            "url": known.url,
            "status": "active",
            "is_okd_compliant": known.is_open,
            "is_osi_compliant": false,
            "od_conformance": if known.is_open { "approved" } else { "not reviewed" },
            "osd_conformance": "not reviewed",
            "domain_data": "True",
            "domain_content": "True",
            "domain_software": "False",
            "is_generic": if known.url.is_empty() { "True" } else { "False" },
            "family": "",
            "maintainer": "",
        })
    });
    each.collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_known_by_address_and_by_title() {
        for (iri, title, id, is_open) in [
            (Some("https://creativecommons.org/licenses/by/4.0/"), "", "cc-by", true),
            (Some("http://creativecommons.org/licenses/by-nc/3.0"), "", "cc-nc", false),
            (Some("https://creativecommons.org/licenses/by-sa/4.0/"), "CC BY-SA", "cc-by-sa", true),
            (Some("http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"), "", "cc-by", true),
            (None, "CC0 1.0", "cc-zero", true),
            (Some("https://x.example/terms"), "Terms of the town", "terms-of-the-town", false),
            (Some("https://x.example/terms"), "", "https-x-example-terms", false),
            (None, "", "notspecified", false),
        ] {
            let named = named(iri, title);
            assert_eq!((named.id.as_str(), named.is_open), (id, is_open), "{iri:?} {title}");
        }
    }
}
