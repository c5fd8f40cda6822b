//! Licences: the EU authority table beside the licences' own addresses, and what sources call them.

use fairground_domain::fold;

/// The base of the EU licence table.
const LICENCES: &str = "http://publications.europa.eu/resource/authority/licence/";

/// The licence's own address without scheme, the table's code (empty when it has none), and short names, folded.
const KNOWN: &[(&str, &str, &[&str])] = &[
    (
        "creativecommons.org/publicdomain/zero/1.0",
        "CC0",
        &["cc0", "cc0-1.0", "cc-zero", "cc0 1.0", "creative commons zero"],
    ),
    ("creativecommons.org/licenses/by/4.0", "CC_BY_4_0", &["cc-by-4.0", "cc by 4.0", "cc-by 4.0", "cc_by_4_0"]),
    ("creativecommons.org/licenses/by-sa/4.0", "CC_BYSA_4_0", &["cc-by-sa-4.0", "cc by-sa 4.0", "cc-by-sa 4.0"]),
    ("creativecommons.org/licenses/by-nd/4.0", "CC_BYND_4_0", &["cc-by-nd-4.0", "cc by-nd 4.0"]),
    ("creativecommons.org/licenses/by-nc/4.0", "CC_BYNC_4_0", &["cc-by-nc-4.0", "cc by-nc 4.0"]),
    ("creativecommons.org/licenses/by-nc-sa/4.0", "CC_BYNCSA_4_0", &["cc-by-nc-sa-4.0", "cc by-nc-sa 4.0"]),
    ("creativecommons.org/licenses/by-nc-nd/4.0", "CC_BYNCND_4_0", &["cc-by-nc-nd-4.0", "cc by-nc-nd 4.0"]),
    ("creativecommons.org/licenses/by/3.0", "", &["cc-by-3.0", "cc by 3.0"]),
    ("creativecommons.org/licenses/by-sa/3.0", "", &["cc-by-sa-3.0", "cc by-sa 3.0"]),
    ("opendatacommons.org/licenses/odbl/1-0", "ODC_BL", &["odbl", "odc-odbl", "odbl-1.0", "open database license"]),
    ("opendatacommons.org/licenses/by/1-0", "ODC_BY", &["odc-by", "odc-by-1.0"]),
    ("opendatacommons.org/licenses/pddl/1-0", "ODC_PDDL", &["pddl", "odc-pddl", "pddl-1.0"]),
    (
        "www.nationalarchives.gov.uk/doc/open-government-licence/version/3",
        "",
        &["ogl-uk-3.0", "open government licence v3.0", "ogl 3.0"],
    ),
    ("www.govdata.de/dl-de/by-2-0", "", &["dl-de-by-2.0", "dl-de/by-2-0"]),
    ("www.govdata.de/dl-de/zero-2-0", "", &["dl-de-zero-2.0", "dl-de/zero-2-0"]),
    ("www.etalab.gouv.fr/licence-ouverte-open-licence", "", &["lov2", "fr-lo", "etalab-2.0", "licence ouverte"]),
    (
        "www.usa.gov/publicdomain/label/1.0",
        "",
        &["us-pd", "us public domain", "u.s. government work", "us government work", "public domain"],
    ),
];

type Entry = &'static (&'static str, &'static str, &'static [&'static str]);

/// The entry of an address: the licence's own (with or without `www.`, `deed` or `legalcode` behind it), or the table's.
fn by_address(iri: &str) -> Option<Entry> {
    if let Some(code) = iri.strip_prefix(LICENCES) {
        return KNOWN.iter().find(|(_, known, _)| *known == code && !known.is_empty());
    }
    let bare = iri.trim().split(['?', '#']).next().unwrap_or_default();
    let bare = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"))?.trim_end_matches('/');
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    KNOWN.iter().find(|(address, _, _)| {
        let address = address.strip_prefix("www.").unwrap_or(address);
        bare.strip_prefix(address).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with("/deed") || rest.starts_with("/legalcode") || rest == "/index.html"
        })
    })
}

/// The IRI of the EU table for a licence that is named by its own address; `None` when the address is the table's already.
pub(crate) fn licence_twin(iri: &str) -> Option<String> {
    if iri.starts_with(LICENCES) {
        return None;
    }
    by_address(iri).filter(|(_, code, _)| !code.is_empty()).map(|(_, code, _)| format!("{LICENCES}{code}"))
}

/// The IRI that a licence known by words alone should have: the EU table's, else the licence's own address.
pub(crate) fn licence_of_words(words: &str) -> Option<String> {
    let words = fold(words.trim());
    let (address, code, _) = KNOWN.iter().find(|(_, _, names)| names.contains(&words.as_str()))?;
    Some(if code.is_empty() { format!("https://{address}") } else { format!("{LICENCES}{code}") })
}

/// The address at which a licence can be read, for formats that want one: the table's IRIs lead to a table.
pub(crate) fn licence_iri(iri: &str) -> String {
    match by_address(iri) {
        Some((address, _, _)) if iri.starts_with(LICENCES) => format!("https://{address}/"),
        _ => iri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_known_by_address_and_by_name() {
        for (iri, code) in [
            ("https://creativecommons.org/licenses/by/4.0/", Some("CC_BY_4_0")),
            ("http://creativecommons.org/licenses/by/4.0/deed.it", Some("CC_BY_4_0")),
            ("https://creativecommons.org/licenses/by/4.0/legalcode", Some("CC_BY_4_0")),
            ("https://creativecommons.org/licenses/by/3.0/", None),
            ("http://www.opendatacommons.org/licenses/odbl/1-0/", Some("ODC_BL")),
            ("https://creativecommons.org/licenses/by-nc/4.0", Some("CC_BYNC_4_0")),
            ("https://example.org/licence", None),
        ] {
            assert_eq!(licence_twin(iri), code.map(|code| format!("{LICENCES}{code}")), "{iri}");
        }
        assert_eq!(licence_of_words("CC-BY-4.0"), Some(format!("{LICENCES}CC_BY_4_0")));
        assert_eq!(licence_of_words("CC BY 3.0").as_deref(), Some("https://creativecommons.org/licenses/by/3.0"));
        assert_eq!(licence_of_words("see website"), None);
        assert_eq!(licence_iri(&format!("{LICENCES}CC0")), "https://creativecommons.org/publicdomain/zero/1.0/");
        assert_eq!(licence_iri("https://x.example/"), "https://x.example/");
    }
}
