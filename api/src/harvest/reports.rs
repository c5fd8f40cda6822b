//! Delivering what contacts of sources are told: letters into the queue of letters, calls to web addresses.

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::JobState;
use fairground_catalog::letter;
use fairground_catalog::source::{
    ContactKind, DueReport, ReportState, put_off_report, report_delivered, report_failed, take_due_reports,
};

use super::webhook::{CallError, call};
use crate::federation::http::Asker;
use crate::mail::{Mail, Tongue};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// Reports taken at once.
const AT_ONCE: i64 = 20;
/// Least width of the figures' names in a letter, in characters.
const FIGURE_CHARS: usize = 10;

/// Why reports could not be delivered, all of them.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The store failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Nobody can be called.
    #[error("web addresses cannot be called: {0}")]
    Setup(String),
}

/// Delivers what is due, now; gives how many reports were delivered. It may block.
///
/// # Errors
/// When the store fails or nobody can be called; what was taken is tried again later.
pub(crate) fn deliver_reports(state: &ApiState) -> Result<usize, ReportError> {
    Ok(queue_letters(state)? + call_addresses(state)?)
}

/// Letters are delivered when the queue of letters has them: in one transaction, so none is lost and none goes twice.
fn queue_letters(state: &ApiState) -> Result<usize, CatalogError> {
    let (db, secret) = (&state.catalog.db, &state.catalog.secret);
    if !anything_due(state)? {
        return Ok(0);
    }
    let queued = db.write(|tx| {
        let due = take_due_reports(tx, secret, ContactKind::Email, AT_ONCE)?;
        for report in &due {
            let tongue = Tongue::of_address(tx, &report.address, state.settings.language)?;
            letter::enqueue(tx, secret, letter_of(&state.settings, tongue, report).into())?;
            report_delivered(tx, &report.key)?;
        }
        Ok(due.len())
    })?;
    if queued > 0 {
        state.post.wake();
    }
    Ok(queued)
}

/// A look without the write lock.
fn anything_due(state: &ApiState) -> Result<bool, CatalogError> {
    state.catalog.db.read(fairground_catalog::source::is_report_due)
}

fn call_addresses(state: &ApiState) -> Result<usize, ReportError> {
    if !anything_due(state)? {
        return Ok(0);
    }
    let (db, secret) = (&state.catalog.db, &state.catalog.secret);
    let due = db.write(|tx| take_due_reports(tx, secret, ContactKind::Webhook, AT_ONCE))?;
    if due.is_empty() {
        return Ok(0);
    }
    let setup = |error: &dyn std::fmt::Display| ReportError::Setup(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
    let url = &state.settings.public_url;
    let mut delivered = 0;
    for report in due {
        // Made within the runtime, with whose end its connections go.
        let called = runtime.block_on(async {
            let asker =
                Asker::new(&state.settings.reach, url).map_err(|error| CallError::Passing(error.to_string()))?;
            call(&asker, &report, url).await
        });
        delivered += usize::from(note(state, &report, called)?);
    }
    Ok(delivered)
}

fn note(state: &ApiState, report: &DueReport, called: Result<(), CallError>) -> Result<bool, CatalogError> {
    let arrived = called.is_ok();
    let outcome = state.catalog.db.write(|tx| match &called {
        Ok(()) => report_delivered(tx, &report.key).map(|()| ReportState::Delivered),
        Err(CallError::Final(why)) => report_failed(tx, &report.key, why).map(|()| ReportState::Failed),
        Err(CallError::Passing(why)) => put_off_report(tx, report, why),
    })?;
    metrics::counter!("fairground_harvest_reports_total", "outcome" => outcome.as_str()).increment(1);
    if let Err(error) = called {
        tracing::warn!(job.id = %report.key.job, attempt = report.attempt, "A contact could not be told: {error}");
    }
    Ok(arrived)
}

/// What a letter says of a harvest.
fn letter_of(settings: &ApiSettings, tongue: Tongue, report: &DueReport) -> Mail {
    let (slug, job) = (report.source.slug.to_string(), &report.job);
    let counts = job.progress.sums.total();
    let state = match report.key.told {
        JobState::AwaitingApproval => "awaiting",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
        JobState::Completed if counts.refused + counts.failed > 0 => "mend",
        JobState::Completed => "done",
        JobState::Queued | JobState::Running => "moving",
    };
    let about = [("state", state), ("source", slug.as_str())];
    let mut text = format!("{}\n\n", tongue.say("letter-harvest", &about));
    if let Some(error) = &job.error {
        text.push_str(&format!("{error}\n\n"));
    }
    let figures = [
        ("found", counts.found),
        ("created", counts.created),
        ("updated", counts.updated),
        ("unchanged", counts.unchanged),
        ("deleted", counts.deleted),
        ("refused", counts.refused),
        ("failed", counts.failed),
    ]
    .map(|(what, count)| (tongue.say("letter-harvest-count", &[("what", what)]), count));
    let widest = figures.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(FIGURE_CHARS);
    for (name, count) in figures {
        text.push_str(&format!("{name:>widest$}: {count}\n"));
    }
    if report.key.told == JobState::AwaitingApproval {
        let (braked, before) = (job.progress.braked.to_string(), job.progress.before.to_string());
        let told = tongue.say("letter-harvest-braked", &[("braked", &braked), ("before", &before)]);
        text.push_str(&format!("\n{told}\n"));
    }
    let id = job.id.to_string();
    let foot = [("url", settings.public_url.as_str()), ("job", id.as_str()), ("source", slug.as_str())];
    text.push_str(&format!("\n{}", tongue.say("letter-harvest-foot", &foot)));
    Mail {
        to: report.address.clone(),
        subject: tongue.subject(&settings.title, "letter-harvest-subject", &about),
        text,
    }
}
