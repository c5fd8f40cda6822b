//! A job's progress as it happens: server-sent events (HTML Living Standard, section 9.2). Whoever has no use for them asks for
//! the job again and again and misses nothing.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, get};
use fairground_catalog::member::Actor;
use fairground_domain::JobId;
use futures_util::stream::{self, Stream};
use tokio::time::{Instant, sleep};

use super::jobs::{AnyJob, JobPath, visible_any};
use super::wire::AnyJobOut;
use crate::caller::{Caller, SeeHarvests};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// How often the job is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After how long without news a comment is sent, so that nobody in between takes the connection for dead.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// How long one answer lasts; whoever still listens comes again by itself.
const LONGEST: Duration = Duration::from_secs(300);
/// After how many milliseconds a reader comes again.
const RETRY_MILLIS: u64 = 3_000;

/// A job's progress as server-sent events: `progress` with the job whenever it changed, `end` when nothing more will happen.
#[utoipa::path(tag = "harvests", params(JobPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = String, content_type = "text/event-stream"), Problem))]
#[get("/jobs/{job}/events")]
pub(super) async fn follow_job(
    caller: Caller<SeeHarvests>,
    path: Path<JobPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.worker(), path.id()?);
    let mut news = News { state, actor, id, last: String::new(), until: Instant::now() + LONGEST, over: false };
    let first = news.look().await?.unwrap_or_default();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compression would hold events back until a block is full; so would proxies that collect answers.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(news.events(format!("retry: {RETRY_MILLIS}\n\n{first}"))))
}

struct News {
    state: Data<ApiState>,
    actor: Actor,
    id: JobId,
    last: String,
    until: Instant,
    over: bool,
}

impl News {
    /// The event of now, if anything is new. Asks anew each time whether the caller may see the job.
    async fn look(&mut self) -> Result<Option<String>, Problem> {
        let (actor, id) = (self.actor.clone(), self.id);
        let job = self.state.read(move |tx| visible_any(tx, &actor, id)).await?;
        let (has_ended, needs_somebody) = job.standing();
        let told = serde_json::to_string(&AnyJobOut::from(job)).map_err(Problem::internal)?;
        self.over = has_ended;
        if told == self.last {
            return Ok(None);
        }
        let name = if has_ended || needs_somebody { "end" } else { "progress" };
        let event = format!("event: {name}\ndata: {told}\n\n");
        self.last = told;
        Ok(Some(event))
    }

    fn events(self, first: String) -> impl Stream<Item = Result<Bytes, Problem>> {
        stream::unfold((self, Some(first)), |(mut news, first)| async move {
            if let Some(first) = first {
                return Some((Ok(Bytes::from(first)), (news, None)));
            }
            let silent_until = Instant::now() + COMMENT_EVERY;
            loop {
                if news.over || Instant::now() >= news.until {
                    return None;
                }
                sleep(LOOK_EVERY).await;
                match news.look().await {
                    Ok(Some(event)) => return Some((Ok(Bytes::from(event)), (news, None))),
                    Ok(None) if Instant::now() >= silent_until => {
                        return Some((Ok(Bytes::from_static(b": still so\n\n")), (news, None)));
                    }
                    Ok(None) => {}
                    // The job is gone, or the store does not answer: the reader comes again and is told.
                    Err(_) => return None,
                }
            }
        })
    }
}

impl AnyJob {
    /// Whether it has ended, and whether it waits for a person.
    fn standing(&self) -> (bool, bool) {
        use fairground_catalog::harvest::JobState;
        let state = match self {
            Self::Harvest(job) => job.state,
            Self::Load(job) => job.state,
            Self::Removal(job) => job.state,
        };
        (state.has_ended(), state == JobState::AwaitingApproval)
    }
}
