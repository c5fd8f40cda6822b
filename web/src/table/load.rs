//! Where the load of a file stands, so that nobody has to wonder why there is no table, or not yet.

use fairground_catalog::table::{JobState, LoadJob, LoadOutcome, LoadStage};
use fairground_domain::Timestamp;

use crate::words::sentence;

/// A load that waits longer than this for its next try is not worth renewing the page for, in seconds.
const SOON_SECS: i64 = 30;

/// Where the newest load of a file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadState {
    /// The file is no table by its description.
    NotTabular,
    /// Nobody has asked for it yet.
    NotAsked,
    /// It waits for its turn.
    Waiting,
    /// It is being fetched; so many bytes are here.
    Fetching(u64),
    /// It is being read; so many rows so far.
    Reading(u64),
    /// It failed and will be tried again at that moment.
    Retrying(String, Timestamp),
    /// It failed for good at that moment.
    Failed(String, Timestamp),
    /// A person stopped it.
    Stopped(Timestamp),
    /// The file was looked at and is as the tables have it.
    Fresh(Timestamp),
    /// There is no file any more.
    Gone(Timestamp),
}

impl LoadState {
    /// The state of a tabular file whose newest load is this.
    #[must_use]
    pub fn of(newest: Option<&LoadJob>) -> Self {
        let Some(job) = newest else { return Self::NotAsked };
        let ended = job.finished_at.unwrap_or(job.created_at);
        let why = || sentence(job.error.as_deref().unwrap_or("the reason is not known"));
        match job.state {
            JobState::Queued if job.error.is_some() => Self::Retrying(why(), job.run_after),
            JobState::Queued | JobState::AwaitingApproval => Self::Waiting,
            JobState::Running => match job.progress.stage {
                LoadStage::Waiting => Self::Waiting,
                LoadStage::Fetch => Self::Fetching(job.progress.bytes),
                LoadStage::Read | LoadStage::Done => Self::Reading(job.progress.rows),
            },
            JobState::Completed if job.progress.outcome == Some(LoadOutcome::Gone) => Self::Gone(ended),
            JobState::Completed => Self::Fresh(ended),
            JobState::Failed => Self::Failed(why(), ended),
            JobState::Cancelled => Self::Stopped(ended),
        }
    }

    /// Whether it will soon be another, so that the page should look again.
    #[must_use]
    pub fn is_moving(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting | Self::Fetching(_) | Self::Reading(_) => true,
            Self::Retrying(_, at) => at.as_secs() - now.as_secs() < SOON_SECS,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use fairground_catalog::table::{LoadPayload, LoadProgress};
    use fairground_domain::{DatasetId, DistributionId, JobId};

    use super::*;

    #[test]
    fn every_state_of_a_job_is_told() {
        let at = Timestamp::from_micros(1_760_000_000_000_000);
        let job = |state, stage, error: Option<&str>, outcome| LoadJob {
            id: JobId::new(),
            distribution: DistributionId::derived(DatasetId::new(), "x"),
            source_id: None,
            host: "a.test".to_owned(),
            state,
            payload: LoadPayload { dataset: DatasetId::new(), afresh: false },
            progress: LoadProgress { stage, bytes: 7, rows: 9, outcome, ..LoadProgress::default() },
            error: error.map(str::to_owned),
            attempts: 1,
            run_after: at,
            lease_holder: None,
            leased_until: None,
            created_at: at,
            started_at: None,
            finished_at: Some(at),
        };
        let done = LoadStage::Done;
        for (job, told, moves) in [
            (job(JobState::Queued, LoadStage::Waiting, None, None), LoadState::Waiting, true),
            (job(JobState::Running, LoadStage::Fetch, None, None), LoadState::Fetching(7), true),
            (job(JobState::Running, LoadStage::Read, None, None), LoadState::Reading(9), true),
            (
                job(JobState::Queued, LoadStage::Fetch, Some("no answer"), None),
                LoadState::Retrying("No answer.".to_owned(), at),
                false,
            ),
            (
                job(JobState::Failed, done, Some("status 404"), None),
                LoadState::Failed("Status 404.".to_owned(), at),
                false,
            ),
            (job(JobState::Cancelled, done, None, None), LoadState::Stopped(at), false),
            (job(JobState::Completed, done, None, Some(LoadOutcome::Loaded)), LoadState::Fresh(at), false),
            (job(JobState::Completed, done, None, Some(LoadOutcome::Gone)), LoadState::Gone(at), false),
        ] {
            let state = LoadState::of(Some(&job));
            assert_eq!(state, told);
            assert_eq!(state.is_moving(at.plus_secs(-60)), moves, "{told:?}");
        }
        assert_eq!(LoadState::of(None), LoadState::NotAsked);
    }
}
