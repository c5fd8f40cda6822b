//! How the system stands: store, journal, index, workers, post, meter, services, disk. For operators and auditors.

use std::path::Path;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::harvest::JobState;
use fairground_catalog::service::{self, CheckOutcome};
use fairground_catalog::usage::{Reconciliation, list_reconciliations};
use fairground_catalog::vitals::{self, JobCount, Post, Vitals, Working};
use fairground_domain::Timestamp;

use super::settings::must_oversee;
use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};

/// More journal entries that the index has not seen than these are worth a look.
const LAG_WORTH_A_LOOK: i64 = 1_000;
/// Seconds without sums of usage that are worth a look.
const METER_LAG_WORTH_A_LOOK: i64 = 60;
/// Less free space than this is worth a look, in bytes.
const LITTLE_SPACE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most files of the object store that are counted.
const MOST_FILES: usize = 200_000;

/// What a figure is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A number.
    Count(u64),
    /// Bytes.
    Size(u64),
    /// Seconds.
    Span(u64),
    /// A moment.
    Moment(Timestamp),
    /// A name of the machine's.
    Code(String),
    /// The key of a word.
    Word(&'static str),
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthLine {
    /// The key of its name.
    pub label: &'static str,
    /// What it is.
    pub value: Shown,
    /// Whether somebody should look.
    pub is_worry: bool,
}

impl HealthLine {
    fn new(label: &'static str, value: Shown) -> Self {
        Self { label, value, is_worry: false }
    }

    fn worry_if(self, is_worry: bool) -> Self {
        Self { is_worry, ..self }
    }
}

/// Figures of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthPart {
    /// Its place in the page.
    pub anchor: &'static str,
    /// The key of its name.
    pub title: &'static str,
    /// Its figures.
    pub lines: Vec<HealthLine>,
}

impl HealthPart {
    /// True when somebody should look at one of its figures.
    #[must_use]
    pub fn is_worry(&self) -> bool {
        self.lines.iter().any(|line| line.is_worry)
    }
}

/// A service behind the gateway and how it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceHealthLine {
    /// Its readable name.
    pub slug: String,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// Whether all was well; `None` when nobody has looked.
    pub is_well: Option<bool>,
    /// What was wrong.
    pub problem: Option<String>,
}

/// The page of the system's health.
#[derive(Debug, Clone, Default)]
pub struct HealthPage {
    /// The parts.
    pub parts: Vec<HealthPart>,
    /// Jobs by kind and state.
    pub jobs: Vec<JobCount>,
    /// Jobs that are worked on.
    pub working: Vec<Working>,
    /// Services behind the gateway.
    pub services: Vec<ServiceHealthLine>,
    /// What the meter's own watch says, in its words.
    pub alarms: Vec<String>,
}

impl HealthPage {
    /// True when somebody should look somewhere.
    #[must_use]
    pub fn is_worry(&self) -> bool {
        !self.alarms.is_empty()
            || self.parts.iter().any(HealthPart::is_worry)
            || self.services.iter().any(|service| service.is_well == Some(false))
            || self.working.iter().any(|job| !job.is_alive)
    }

    /// The key of a state's word.
    #[must_use]
    pub fn state(&self, state: &JobState) -> &'static str {
        match state {
            JobState::Queued => "operate-job-queued",
            JobState::Running => "operate-job-running",
            JobState::AwaitingApproval => "operate-job-awaiting",
            JobState::Completed => "operate-job-completed",
            JobState::Failed => "operate-job-failed",
            JobState::Cancelled => "operate-job-cancelled",
        }
    }
}

/// The template of [`HealthPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/operate/health.html")]
pub struct HealthView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HealthPage,
}

/// Shows how the system stands.
pub(crate) async fn show_health(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &HealthView { frame, page })
    })
}

/// What lies on this machine's disk.
struct OnDisk {
    free: Option<u64>,
    objects: Option<(usize, u64, bool)>,
}

async fn load(visit: &Visit) -> Result<HealthPage, PageError> {
    must_oversee(visit)?;
    let (figures, health, latest) = visit
        .read(|tx| {
            let latest = list_reconciliations(tx, 1)?.into_iter().next();
            Ok((vitals::read(tx)?, service::list_health(tx)?, latest))
        })
        .await?;
    let catalog = visit.pages.state.catalog.clone();
    let objects = visit.pages.told.objects.clone();
    let disk = visit
        .block(move || {
            let free = fs4::available_space(catalog.data_dir()).ok();
            Ok(OnDisk { free, objects: objects.as_deref().map(weigh) })
        })
        .await?;
    let (lag_secs, alarms) = visit.pages.state.ledger_standing(Timestamp::now());
    let index = &visit.pages.state.catalog.index;
    let documents = index.len();
    let behind = figures.journal_seq - i64::try_from(index.position()).unwrap_or(i64::MAX);
    let services = health
        .into_iter()
        .map(|(slug, seen)| ServiceHealthLine {
            slug,
            checked_at: seen.checked_at,
            is_well: seen.outcome.map(|outcome| outcome == CheckOutcome::Healthy),
            problem: seen.problem,
        })
        .collect();
    let parts = vec![
        program(visit.pages.opened_at),
        store(&figures, visit.pages.state.catalog.db.is_sqlite()),
        search(documents, behind),
        objects_part(&figures, &disk),
        post("letters", "operate-letters", figures.letters),
        post("reports", "operate-reports", figures.reports),
        post("deliveries", "operate-deliveries", figures.deliveries),
        meter(lag_secs, latest.as_ref()),
    ];
    Ok(HealthPage { parts, jobs: figures.jobs, working: figures.working, services, alarms })
}

fn count(number: i64) -> Shown {
    Shown::Count(u64::try_from(number).unwrap_or(0))
}

fn program(opened_at: Timestamp) -> HealthPart {
    let up = Timestamp::now().as_secs() - opened_at.as_secs();
    let lines = vec![
        HealthLine::new("operate-version", Shown::Code(env!("CARGO_PKG_VERSION").to_owned())),
        HealthLine::new("operate-opened-at", Shown::Moment(opened_at)),
        HealthLine::new("operate-uptime", Shown::Span(u64::try_from(up).unwrap_or(0))),
    ];
    HealthPart { anchor: "program", title: "operate-program", lines }
}

fn store(figures: &Vitals, is_sqlite: bool) -> HealthPart {
    let kind = if is_sqlite { "SQLite" } else { "PostgreSQL" };
    let mut lines = vec![
        HealthLine::new("operate-database-kind", Shown::Code(kind.to_owned())),
        HealthLine::new("operate-database-size", Shown::Size(u64::try_from(figures.database_bytes).unwrap_or(0))),
        HealthLine::new("operate-migrations", count(figures.migrations)),
    ];
    if let Some(last) = &figures.last_migration {
        lines.push(HealthLine::new("operate-last-migration", Shown::Code(last.clone())));
    }
    lines.push(HealthLine::new("operate-journal-entries", count(figures.journal_seq)));
    HealthPart { anchor: "store", title: "operate-store", lines }
}

fn search(documents: u64, behind: i64) -> HealthPart {
    let lines = vec![
        HealthLine::new("operate-index-documents", Shown::Count(documents)),
        HealthLine::new("operate-index-behind", count(behind)).worry_if(behind > LAG_WORTH_A_LOOK),
    ];
    HealthPart { anchor: "search", title: "operate-search", lines }
}

fn objects_part(figures: &Vitals, disk: &OnDisk) -> HealthPart {
    let mut lines = vec![
        HealthLine::new("operate-tables", count(figures.tables)),
        HealthLine::new("operate-table-versions", count(figures.table_versions)),
    ];
    match disk.objects {
        Some((files, bytes, is_whole)) => {
            lines.push(HealthLine::new("operate-object-files", Shown::Count(u64::try_from(files).unwrap_or(u64::MAX))));
            let label = if is_whole { "operate-object-size" } else { "operate-object-size-at-least" };
            lines.push(HealthLine::new(label, Shown::Size(bytes)));
        }
        None => lines.push(HealthLine::new("operate-object-size", Shown::Word("operate-object-elsewhere"))),
    }
    lines.push(match disk.free {
        Some(free) => HealthLine::new("operate-disk-free", Shown::Size(free)).worry_if(free < LITTLE_SPACE_BYTES),
        None => HealthLine::new("operate-disk-free", Shown::Word("operate-unknown")),
    });
    HealthPart { anchor: "objects", title: "operate-objects", lines }
}

fn post(anchor: &'static str, title: &'static str, post: Post) -> HealthPart {
    let lines = vec![
        HealthLine::new("operate-post-waiting", count(post.waiting)),
        HealthLine::new("operate-post-put-off", count(post.put_off)).worry_if(post.put_off > 0),
        HealthLine::new("operate-post-failed", count(post.failed)).worry_if(post.failed > 0),
    ];
    HealthPart { anchor, title, lines }
}

fn meter(lag_secs: i64, latest: Option<&Reconciliation>) -> HealthPart {
    let lag = Shown::Span(u64::try_from(lag_secs).unwrap_or(0));
    let mut lines = vec![HealthLine::new("operate-meter-lag", lag).worry_if(lag_secs > METER_LAG_WORTH_A_LOOK)];
    match latest {
        Some(latest) => {
            lines.push(HealthLine::new("operate-reconciled-at", Shown::Moment(latest.checked_at)));
            lines.push(
                HealthLine::new("operate-difference", Shown::Count(latest.difference.unsigned_abs()))
                    .worry_if(latest.difference != 0),
            );
        }
        None => lines.push(HealthLine::new("operate-reconciled-at", Shown::Word("operate-not-yet"))),
    }
    HealthPart { anchor: "meter", title: "operate-meter", lines }
}

/// Files and bytes under a folder, and whether all of them were counted. What cannot be read is left out: it may just be going.
fn weigh(folder: &Path) -> (usize, u64, bool) {
    let (mut files, mut bytes) = (0_usize, 0_u64);
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if let Ok(known) = entry.metadata() {
                files += 1;
                bytes = bytes.saturating_add(known.len());
            }
            if files >= MOST_FILES {
                return (files, bytes, false);
            }
        }
    }
    (files, bytes, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_weighs_what_its_files_weigh() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("a")).expect("makes");
        std::fs::write(folder.path().join("a/one"), [0; 10]).expect("writes");
        std::fs::write(folder.path().join("two"), [0; 5]).expect("writes");
        assert_eq!(weigh(folder.path()), (2, 15, true));
        assert_eq!(weigh(&folder.path().join("gone")), (0, 0, true));
    }

    #[test]
    fn what_is_worth_a_look_is_marked() {
        assert!(!search(10, LAG_WORTH_A_LOOK).is_worry());
        assert!(search(10, LAG_WORTH_A_LOOK + 1).is_worry());
        assert!(post("letters", "operate-letters", Post { waiting: 9, put_off: 0, failed: 1 }).is_worry());
        assert!(!post("letters", "operate-letters", Post { waiting: 9, ..Post::default() }).is_worry());
        assert!(!meter(METER_LAG_WORTH_A_LOOK, None).is_worry());
        assert!(!HealthPage::default().is_worry());
        let page = HealthPage { alarms: vec!["x".to_owned()], ..HealthPage::default() };
        assert!(page.is_worry());
    }
}
