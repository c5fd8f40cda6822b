//! Looking after what is public: descriptions are measured as the journal goes on, and their links are asked, politely and
//! spread over time, whether they still answer.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use fairground_catalog::quality::{self, DueLink, LinkOutcome};
use fairground_catalog::{Catalog, CatalogError};
use futures_util::StreamExt;
use tracing::{debug, info};
use url::Url;

use crate::crew::{Crew, Work};
use crate::engine::Harvester;
use crate::fetch::{FetchError, FetchLimits, Fetcher};
use crate::stop::Stop;

/// How long the caretaker sleeps when there is nothing to measure and no link is due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Pause between two batches of measurements, so that harvests come first.
const BREATH: Duration = Duration::from_millis(50);
/// Links taken at once.
const LINKS_AT_ONCE: i64 = 64;
/// Links asked at one time, on different hosts as a rule: each host's pace is kept.
const ASKED_AT_ONCE: usize = 8;
/// A link has so long to answer, redirects included.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// When nothing of so many hosts can be reached, it is our own network that is away.
const HOSTS_OF_AN_OUTAGE: usize = 3;

/// One thread of a process that measures descriptions and asks links. Dropping it without [`Caretaker::stop`] lets it run on
/// until the process ends.
#[derive(Debug)]
pub struct Caretaker(Crew);

impl Caretaker {
    /// Starts it beside a harvester: they share every host's pace and what may be reached. Where `asks` is false, descriptions
    /// are measured and no link is asked.
    ///
    /// # Errors
    /// When its thread or its runtime cannot be had.
    pub fn start(harvester: &Harvester, asks: bool) -> io::Result<Self> {
        let crew = Crew::start("links", 1, |_, stop, _| Care::new(harvester, asks, stop.clone()))?;
        Ok(Self(crew))
    }

    /// Ends it; links under way are asked again when their turn comes. Blocks until it has ended.
    pub fn stop(self) {
        self.0.stop();
    }
}

struct Care {
    catalog: Catalog,
    fetcher: Fetcher,
    runtime: tokio::runtime::Runtime,
    /// Whether links are asked at all.
    asks: bool,
    stop: Stop,
}

impl Care {
    fn new(harvester: &Harvester, asks: bool, stop: Stop) -> io::Result<Self> {
        let limits = FetchLimits {
            connect: Duration::from_secs(10),
            first_byte: ANSWER_WITHIN,
            total: ANSWER_WITHIN,
            tries: 1,
            ..FetchLimits::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (catalog, fetcher) = (harvester.catalog().clone(), harvester.fetcher().for_files(limits));
        Ok(Self { catalog, fetcher, runtime, asks, stop })
    }

    /// Asks links whose turn it is; gives how many there were.
    fn ask_links(&self) -> Result<usize, CatalogError> {
        if !self.asks || self.catalog.db.read(quality::due_links)?.0 == 0 {
            return Ok(0);
        }
        let due = self.catalog.db.write(|tx| quality::take_due_links(tx, LINKS_AT_ONCE))?;
        let mut outcomes = self.runtime.block_on(async {
            let asked = futures_util::stream::iter(&due).map(|link| async move { (link, self.ask(link).await) });
            asked.buffer_unordered(ASKED_AT_ONCE).collect::<Vec<_>>().await
        });
        if is_outage(&outcomes) {
            info!("No host of {} links can be reached: they are asked again later", outcomes.len());
            for (_, (outcome, _)) in &mut outcomes {
                *outcome = LinkOutcome::NotAsked;
            }
        }
        self.catalog.db.write(|tx| {
            outcomes.iter().try_for_each(|(link, (outcome, _))| quality::note_link(tx, &link.id, outcome))
        })?;
        Ok(due.len())
    }

    /// How a link answers, and whether it was out of reach.
    async fn ask(&self, link: &DueLink) -> (LinkOutcome, bool) {
        if self.stop.reason().is_some() {
            return (LinkOutcome::NotAsked, false);
        }
        let url = match Url::parse(&link.url) {
            Ok(url) => url,
            Err(error) => return (LinkOutcome::Failed(format!("this is no address: {error}")), false),
        };
        match self.fetcher.probe(&url).await {
            Ok(status) => (LinkOutcome::Status(status), false),
            Err(error) => {
                debug!(url = link.url, "A link does not answer: {error}");
                let out_of_reach = matches!(error, FetchError::UnknownHost { .. } | FetchError::Connect { .. });
                (LinkOutcome::Failed(error.to_string()), out_of_reach)
            }
        }
    }
}

type Asked<'a> = (&'a DueLink, (LinkOutcome, bool));

fn is_outage(outcomes: &[Asked<'_>]) -> bool {
    let hosts: HashSet<String> =
        outcomes.iter().filter_map(|(link, _)| Url::parse(&link.url).ok()?.host_str().map(str::to_owned)).collect();
    hosts.len() >= HOSTS_OF_AN_OUTAGE && outcomes.iter().all(|(_, (_, out_of_reach))| *out_of_reach)
}

impl Work for Care {
    type Error = CatalogError;

    fn step(&mut self) -> Result<bool, CatalogError> {
        let measured =
            if self.catalog.db.read(quality::is_behind)? { self.catalog.db.write(quality::follow)? } else { 0 };
        if measured > 0 {
            std::thread::sleep(BREATH);
        }
        // Both in turn: a long harvest keeps no link waiting.
        Ok(self.ask_links()? > 0 || measured > 0)
    }

    fn nap(&self) -> Duration {
        LOOK_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_when_no_host_of_several_is_in_reach_it_is_our_own_network() {
        let links: Vec<DueLink> =
            ["https://a.example/1", "https://b.example/1", "https://c.example/1", "https://a.example/2"]
                .map(|url| DueLink { id: url.to_owned(), url: url.to_owned() })
                .to_vec();
        let away = || (LinkOutcome::Failed("no connection".to_owned()), true);
        let all: Vec<Asked<'_>> = links.iter().map(|link| (link, away())).collect();
        assert!(is_outage(&all));
        let mut one_answers = all.clone();
        one_answers[3].1 = (LinkOutcome::Status(404), false);
        assert!(!is_outage(&one_answers));
        assert!(!is_outage(&all[..2]), "two hosts may well be away");
    }
}
