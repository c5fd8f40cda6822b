//! Identity that survives a move: how two spellings of one address are seen to be one.
//!
//! Agencies that publish RDF name a dataset by its IRI, and mend those IRIs: `http` becomes `https`, a doubled slash goes, a
//! host is written in lower case. Taken letter by letter each such repair would withdraw the whole catalogue and publish it
//! anew under other addresses.

use url::Url;

/// The identity that a resource's IRI stands for: the same for both web schemes, for any case of the host, with and without a
/// default port, doubled slashes in the path, and a slash at its end. What is no web address stays as it is.
pub(super) fn of_iri(iri: &str) -> String {
    let Ok(mut url) = Url::parse(iri) else { return iri.to_owned() };
    if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
        return iri.to_owned();
    }
    let path = url.path().split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/");
    url.set_path(&path);
    // Only for addresses without host do these fail, and an http(s) address has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.port_or_known_default().is_some_and(|port| matches!(port, 80 | 443)) {
        let _ = url.set_port(None);
    }
    let _ = url.set_scheme("https");
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_of_an_iri_keep_its_identity() {
        let one = of_iri("https://data.example/catalogue/roads");
        for spelling in [
            "http://data.example/catalogue/roads",
            "https://DATA.example/catalogue//roads",
            "https://data.example//catalogue/roads/",
            "http://data.example:80/catalogue/roads",
            "https://data.example:443/catalogue/roads",
        ] {
            assert_eq!(of_iri(spelling), one, "{spelling}");
        }
    }

    #[test]
    fn what_differs_in_more_stays_different() {
        let mut all = [
            "https://data.example/roads",
            "https://data.example/Roads",
            "https://data.example/roads?year=2024",
            "https://data.example/roads#2024",
            "https://data.example:8443/roads",
            "https://data.example/",
            "urn:uuid:0190f3a2-b1c4-7000-8000-000000000000",
            "URN:uuid:0190f3a2-b1c4-7000-8000-000000000000",
            "c_a182:roads",
            "roads",
        ]
        .map(of_iri)
        .to_vec();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
