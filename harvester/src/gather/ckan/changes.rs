//! Changes alone: `package_search` with a filter on `metadata_modified`.
//!
//! What was deleted cannot be asked for. The portal's own count is taken beside the changes, and the engine reads everything
//! when the two do not add up; from time to time it does so anyway.

use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::debug;
use url::Url;

use super::super::GatherError;
use super::address::endpoints;
use super::page::{Asking, ask, parse};
use super::{FetchError, Reading};

const FIELD: &str = "metadata_modified:[";
/// Portals index a change a while after they have dated it; so far back is asked again.
const OVERLAP_MINUTES: i64 = 60;

impl Reading {
    /// Finds the portal and takes the first page of what changed since `since`; `None` when everything has to be read: there
    /// is no such moment, the portal knows no such filter, or everything changed.
    pub(super) async fn open_changes(
        &mut self,
        asking: &Asking<'_>,
        url: &Url,
        since: Option<&str>,
    ) -> Result<Option<Url>, GatherError> {
        let Some(since) = since else { return Ok(None) };
        for plain in endpoints(url) {
            let endpoint = filtered(&plain, since);
            let first = async {
                let all = count_all(asking, &endpoint).await?;
                Ok((all, ask(asking, &endpoint, 0, self.rows).await?))
            };
            match first.await {
                Ok((all, page)) => {
                    let changed = parse(&page.bytes, &page.url)?.count;
                    if changed >= all {
                        debug!(all, changed, "The portal does not tell changes apart");
                        return Ok(None);
                    }
                    self.take(page, asking.folder)?;
                    return Ok(Some(endpoint));
                }
                Err(
                    refusal @ (GatherError::NotCkan { .. }
                    | GatherError::CkanRefused { .. }
                    | GatherError::Read(_)
                    | GatherError::Fetch(FetchError::Status { status: 400..=500, .. })),
                ) => debug!("No changes alone from here: {refusal}"),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Remembers the latest change among some records.
    pub(super) fn note_changes(&mut self, records: &[&RawValue]) {
        #[derive(Deserialize)]
        struct Dated {
            metadata_modified: Option<String>,
        }
        let dates =
            records.iter().filter_map(|record| serde_json::from_str::<Dated>(record.get()).ok()?.metadata_modified);
        // All are written by one portal in one form, so that their order is that of their letters.
        self.latest = dates.chain(self.latest.take()).max();
    }
}

/// How many records the portal has, changed or not.
pub(super) async fn count_all(asking: &Asking<'_>, endpoint: &Url) -> Result<u64, GatherError> {
    let page = ask(asking, &unfiltered(endpoint), 0, 0).await?;
    Ok(parse(&page.bytes, &page.url)?.count)
}

/// Whether an address asks for changes alone.
pub(super) fn are_asked_of(endpoint: &Url) -> bool {
    endpoint.query_pairs().any(|(name, value)| name == "fq" && value.contains(FIELD))
}

/// Where the next asking for changes begins after one that ended with this date; `None` for what is no date.
pub(super) fn begin(latest: &str) -> Option<String> {
    let moment: DateTime = latest.trim_end_matches('Z').parse().ok()?;
    let from = moment.checked_sub(jiff::Span::new().minutes(OVERLAP_MINUTES)).ok()?;
    Some(from.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn filtered(endpoint: &Url, since: &str) -> Url {
    with_filter(endpoint, |own| {
        let changed = format!("+{FIELD}{since} TO *]");
        Some(if own.is_empty() { changed } else { format!("{own} {changed}") })
    })
}

fn unfiltered(endpoint: &Url) -> Url {
    with_filter(endpoint, |own| {
        let rest = own.find(&format!("+{FIELD}")).map_or(own, |at| own.get(..at).unwrap_or_default()).trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    })
}

/// The address with another `fq`, its other parameters as they are.
fn with_filter(endpoint: &Url, filter: impl FnOnce(&str) -> Option<String>) -> Url {
    let pairs: Vec<(String, String)> = endpoint.query_pairs().into_owned().collect();
    let own: Vec<&str> = pairs.iter().filter(|(name, _)| name == "fq").map(|(_, value)| value.as_str()).collect();
    let filter = filter(&own.join(" "));
    let mut url = endpoint.clone();
    url.set_query(None);
    let others: Vec<_> = pairs.iter().filter(|(name, _)| name != "fq").collect();
    if !others.is_empty() || filter.is_some() {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(others.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if let Some(filter) = &filter {
            query.append_pair("fq", filter);
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_begin_an_hour_before_the_latest_one() {
        for (latest, begins) in [
            ("2026-03-01T12:30:00.123456", Some("2026-03-01T11:30:00Z")),
            ("2026-03-01T00:15:00Z", Some("2026-02-28T23:15:00Z")),
            ("lately", None),
        ] {
            assert_eq!(begin(latest).as_deref(), begins, "{latest}");
        }
    }

    #[test]
    fn the_filter_joins_the_sources_own_and_goes_again() {
        for (given, own) in [
            ("https://x.example/api/3/action/package_search", None),
            ("https://x.example/api/3/action/package_search?q=a&fq=organization:roads", Some("organization:roads")),
        ] {
            let plain = Url::parse(given).expect(given);
            let changes = filtered(&plain, "2026-03-01T11:30:00Z");
            let fq = changes.query_pairs().find(|(name, _)| name == "fq").map(|(_, value)| value.into_owned());
            let changed = "+metadata_modified:[2026-03-01T11:30:00Z TO *]";
            assert_eq!(fq, Some(own.map_or_else(|| changed.to_owned(), |own| format!("{own} {changed}"))));
            assert!(are_asked_of(&changes) && !are_asked_of(&plain));
            let back = unfiltered(&changes);
            assert_eq!(back.query_pairs().collect::<Vec<_>>(), plain.query_pairs().collect::<Vec<_>>());
        }
    }
}
