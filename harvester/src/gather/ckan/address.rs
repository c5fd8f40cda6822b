//! Addresses of a CKAN portal's `package_search`.

use url::Url;

/// Records asked for at once, unless the address says otherwise.
const ROWS: u64 = 250;
/// The most that CKAN gives at once by default (`ckan.search.rows_max`).
const MOST_ROWS: u64 = 1000;
/// Parent folders of an address that are tried as the portal's root.
const MOST_CANDIDATES: usize = 4;

const ACTION: &str = "api/3/action/package_search";

/// Where `package_search` may be, best first: as the address says, below its API, or below it and its parents.
pub(super) fn endpoints(url: &Url) -> Vec<Url> {
    let mut base = url.clone();
    base.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with("/package_search") {
        return vec![base];
    }
    base.set_query(None);
    let at = |root: &str| {
        let mut endpoint = base.clone();
        endpoint.set_path(&format!("{}/{ACTION}", root.trim_end_matches('/')));
        endpoint
    };
    if let Some((root, _)) = path.split_once("/api/").or_else(|| path.strip_suffix("/api").map(|root| (root, ""))) {
        return vec![at(root)];
    }
    let mut candidates = vec![at(&path)];
    let mut rest = path.as_str();
    while let Some((parent, _)) = rest.rsplit_once('/') {
        candidates.push(at(parent));
        rest = parent;
    }
    candidates.truncate(MOST_CANDIDATES);
    candidates
}

/// The address of one page. The source's own query (`q`, `fq`) stays; paging and order are ours.
pub(super) fn page_url(endpoint: &Url, start: u64, rows: u64) -> Url {
    let own: Vec<(String, String)> = endpoint
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "start" | "rows" | "sort"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(own)
        .append_pair("sort", "id asc")
        .append_pair("rows", &rows.to_string())
        .append_pair("start", &start.to_string());
    url
}

/// Records a page: the source's own `rows`, within bounds.
pub(super) fn rows_of(url: &Url) -> u64 {
    let own = url.query_pairs().find(|(name, _)| name == "rows").and_then(|(_, value)| value.parse().ok());
    own.unwrap_or(ROWS).clamp(1, MOST_ROWS)
}

pub(super) fn with_credentials(mut endpoint: Url, from: &Url) -> Url {
    // Both fail only for addresses that cannot have credentials; an http(s) address can.
    let _ = endpoint.set_username(from.username());
    let _ = endpoint.set_password(from.password());
    endpoint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_search_is_found_from_whatever_address_is_given() {
        for (given, first, count) in [
            ("https://ckan.example/", "https://ckan.example/api/3/action/package_search", 1),
            ("https://ckan.example", "https://ckan.example/api/3/action/package_search", 1),
            (
                "https://x.example/api/3/action/package_search?q=a",
                "https://x.example/api/3/action/package_search?q=a",
                1,
            ),
            ("https://x.example/api/3/", "https://x.example/api/3/action/package_search", 1),
            ("https://x.example/data/api", "https://x.example/data/api/3/action/package_search", 1),
            ("https://x.example/api/action/package_list", "https://x.example/api/3/action/package_search", 1),
            ("https://x.example/data/en/", "https://x.example/data/en/api/3/action/package_search", 3),
            ("https://x.example/a/b/c/d/e/f", "https://x.example/a/b/c/d/e/f/api/3/action/package_search", 4),
        ] {
            let found = endpoints(&Url::parse(given).expect(given));
            assert_eq!(found.first().map(Url::as_str), Some(first), "{given}");
            assert_eq!(found.len(), count, "{given}");
        }
    }

    #[test]
    fn a_pages_address_keeps_the_sources_query() {
        let url =
            Url::parse("https://x.example/api/3/action/package_search?fq=organization:a&rows=50&start=7").expect("url");
        assert_eq!(rows_of(&url), 50);
        let page = page_url(&url, 100, 50);
        assert_eq!(page.query(), Some("fq=organization%3Aa&sort=id+asc&rows=50&start=100"));
    }
}
