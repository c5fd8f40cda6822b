//! What every handler shares, and the threads that keep it in step.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::{self, Data};
use fairground_admission::{Admission, AdmissionSettings, QuotaStore, SWEEP_EVERY};
use fairground_catalog::application::PlainKey;
use fairground_catalog::{Catalog, CatalogError, Tx, tariff};
use fairground_domain::{ContentHash, Timestamp};
use fairground_limits::{InvalidAddress, RedisStore};
use fairground_meter::{Meter, MeterError, MeterSettings, SYNC_EVERY};
use fairground_tables::{OpenSnapshot, Tables};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::answer::AnswerCache;
use crate::browse::Popular;
use crate::caller::{SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW, Throttle};
use crate::demand::{self, DEMAND_EVERY, USES_EVERY};
use crate::federation::{Federation, FederationError};
use crate::gateway::{Fronts, HealthWatch, LOOK_EVERY};
use crate::hot_path::{
    DbQuotaStore, FOLLOW_EVERY, Gate, GateParts, KeyFeed, KeyRing, KeylessParties, MeterFailure, NOTE_EVERY,
    NoSuchPlan, NotedQuotaStore, UsageLog,
};
use crate::mail::{Mailer, POST_EVERY, Post};
use crate::operation;
use crate::portal::OpenapiCell;
use crate::problem::{Problem, ProblemKind};
use crate::settings::ApiSettings;
use crate::table::{Directory, Stamp};
use crate::transparency::{self, TERMS_EVERY};
use crate::usage::{PUBLISH_EVERY, RECONCILE_EVERY, UsageRollUp};
use crate::watch::{self, FOLLOWS_EVERY, PRUNE_EVERY};

/// How often usage is summed.
pub(crate) const ROLL_UP_EVERY: Duration = Duration::from_secs(2);
/// Letters to one address within [`MAIL_WINDOW`]; more are not sent, so that nobody's mailbox is flooded through us.
pub(crate) const MAILS_PER_ADDRESS: u32 = 5;
/// How long letters are counted.
pub(crate) const MAIL_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Letters that may be asked for from one network address within [`LETTERS_ASKED_WINDOW`], by whatever form.
const LETTERS_ASKED: u32 = 30;
/// How long asking for letters is counted.
const LETTERS_ASKED_WINDOW: Duration = Duration::from_secs(3600);
/// Reports of leaked keys by one caller within [`LEAK_WINDOW`].
const LEAK_REPORTS: u32 = 60;
/// How long reports of leaked keys are counted.
const LEAK_WINDOW: Duration = Duration::from_secs(3600);
/// How often somebody looks who is to be told of their use.
pub(crate) const ALERTS_EVERY: Duration = Duration::from_secs(60);
/// How often somebody looks who is to be told how a harvest ended.
const REPORTS_EVERY: Duration = Duration::from_secs(5);
/// How often samples are sorted into the figures for operators.
const FIGURES_EVERY: Duration = Duration::from_secs(5);
/// When to come back to a program without tables, in seconds.
const NO_TABLES_RETRY_SECS: u64 = 60;
/// What the portal's secret tells keyless callers' lots by.
const LOT_PURPOSE: &str = "usage-lot";
/// The folder of the meter's segments within the data folder.
const SEGMENTS: &str = "usage";

/// Wakes whoever runs harvest jobs, so that a new job begins soon.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Why the API could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store failed.
    #[error("the catalogue cannot be read")]
    Catalog(#[from] CatalogError),
    /// The meter's segments cannot be used.
    #[error("the meter cannot be opened")]
    Meter(#[from] MeterError),
    /// The tariff cannot be enforced.
    #[error("the tariff cannot be enforced")]
    Tariff(#[from] NoSuchPlan),
    /// Quotas cannot be counted where the setting says.
    #[error("quotas cannot be counted there")]
    Limits(#[from] InvalidAddress),
    /// Identity providers cannot be asked.
    #[error("identity providers cannot be asked")]
    Federation(#[from] FederationError),
}

/// What the API is made of.
pub struct ApiState {
    /// Store, secret and index.
    pub catalog: Catalog,
    /// Settings.
    pub settings: Arc<ApiSettings>,
    /// Keys, limits and meter.
    pub gate: Arc<Gate>,
    /// Takes mail: what it has taken is sent, whatever becomes of this process.
    pub mailer: Arc<dyn Mailer>,
    /// The post behind [`Self::mailer`], for letters that are queued in a transaction.
    pub post: Post,
    /// Renders `/metrics`; `None` when no recorder is installed.
    pub metrics: Option<PrometheusHandle>,
    pub(crate) keys: Arc<KeyFeed>,
    noted_quotas: Option<Arc<NotedQuotaStore>>,
    /// What is fronted at `/gateway`.
    pub fronts: Arc<Fronts>,
    health: HealthWatch,
    pub(crate) roll_up: UsageRollUp,
    pub(crate) sign_ins: Throttle,
    pub(crate) mails: Throttle,
    pub(crate) leak_reports: Throttle,
    pub(crate) letters_asked: Throttle,
    pub(crate) federation: Federation,
    pub(crate) answers: AnswerCache,
    pub(crate) popular: Popular,
    pub(crate) ckan_places: crate::ckan::Places,
    pub(crate) openapi: OpenapiCell,
    pub(crate) directory: Directory,
    tables: Option<Tables>,
    wake: Wake,
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl ApiState {
    /// The number by which limits know the caller of a request without a key; nothing but its lot may be kept of it.
    #[must_use]
    pub fn caller_number(&self, req: &actix_web::HttpRequest) -> u64 {
        let peer = req.peer_addr().map(|peer| peer.ip());
        self.gate.place(peer, req.headers(), Timestamp::now()).number()
    }

    /// Opens the API over a catalogue: fills the key ring, takes the tariff in force, opens the meter in the data folder.
    ///
    /// # Errors
    /// When the store or the meter's folder cannot be used.
    pub fn open(
        catalog: Catalog,
        settings: ApiSettings,
        meter_failure: MeterFailure,
        carrier: Arc<dyn Mailer>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self, OpenError> {
        let post = Post::new(catalog.db.clone(), catalog.secret.clone(), carrier);
        let in_force = catalog.db.read(tariff::in_force)?;
        let plans: Vec<String> = in_force.plans.iter().map(|plan| plan.id.to_string()).collect();
        let names = operation::names(&plans);
        let meter =
            Meter::open(&catalog.data_dir().join(SEGMENTS), MeterSettings { names, ..MeterSettings::default() })?;
        let (store, noted_quotas) = quota_store(&settings, &catalog)?;
        let admission = Arc::new(Admission::new(&in_force, store, AdmissionSettings::default()));
        let secret = catalog.secret.clone();
        let read_key = move |text: &str| Some(*PlainKey::parse(text).ok()?.digest(&secret).as_bytes());
        let parts = GateParts {
            keys: Arc::new(KeyRing::new()),
            read_key: Box::new(read_key),
            keyless: KeylessParties::new(settings.trusted_proxies.clone())
                .telling_lots_by(*catalog.secret.digest(LOT_PURPOSE, b"").as_bytes()),
            admission,
            usage: Arc::new(UsageLog::new(meter.clone())),
            meter_failure,
            public_url: settings.public_url.clone(),
        };
        let gate = Arc::new(Gate::new(parts, &in_force)?);
        let keys = Arc::new(KeyFeed::load(catalog.db.clone(), Arc::clone(&gate))?);
        let fronts = Arc::new(Fronts::load(
            catalog.db.clone(),
            catalog.secret.clone(),
            &settings.public_url,
            settings.reach.clone(),
            keys.service_position(),
        )?);
        Ok(Self {
            keys,
            health: HealthWatch::new(catalog.db.clone(), catalog.secret.clone(), Arc::clone(&fronts)),
            fronts,
            noted_quotas,
            roll_up: UsageRollUp::new(meter, catalog.db.clone()),
            sign_ins: Throttle::new(SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW),
            mails: Throttle::new(MAILS_PER_ADDRESS, MAIL_WINDOW),
            leak_reports: Throttle::new(LEAK_REPORTS, LEAK_WINDOW),
            letters_asked: Throttle::new(LETTERS_ASKED, LETTERS_ASKED_WINDOW),
            federation: Federation::new(&settings)?,
            answers: AnswerCache::default(),
            popular: Popular::default(),
            ckan_places: crate::ckan::places(),
            openapi: OpenapiCell::new(),
            directory: Directory::default(),
            tables: None,
            wake: Arc::new(|| {}),
            catalog,
            settings: Arc::new(settings),
            gate,
            mailer: Arc::new(post.clone()),
            post,
            metrics,
        })
    }

    /// With somebody to wake when a harvest is asked for.
    #[must_use]
    pub fn waking(mut self, wake: Wake) -> Self {
        self.wake = wake;
        self
    }

    /// With tables to answer from.
    #[must_use]
    pub fn with_tables(mut self, tables: Tables) -> Self {
        self.tables = Some(tables);
        self
    }

    /// The tables.
    ///
    /// # Errors
    /// `Unavailable` when the program was started without them.
    pub fn tables(&self) -> Result<&Tables, Problem> {
        self.tables.as_ref().ok_or_else(|| {
            Problem::new(ProblemKind::Unavailable)
                .detail("This program serves no tables.")
                .retry_after(NO_TABLES_RETRY_SECS)
        })
    }

    pub(crate) async fn open_snapshot(&self, key: ContentHash) -> Result<Arc<OpenSnapshot>, Problem> {
        Ok(self.tables()?.open_snapshot(key).await?)
    }

    /// A number that moves whenever a dataset or a table has changed, here or in another process.
    pub(crate) fn tables_stamp(&self) -> Stamp {
        (self.keys.data_position(), self.catalog.index.position())
    }

    /// The identity providers that people may sign in through.
    #[must_use]
    pub fn federation(&self) -> &Federation {
        &self.federation
    }

    /// Counts letters to one mailbox.
    #[must_use]
    pub fn letters_throttle(&self) -> &Throttle {
        &self.mails
    }

    /// The state that serves a request.
    ///
    /// # Errors
    /// `Internal` when the app was put together without one.
    pub fn of(req: &HttpRequest) -> Result<Data<Self>, Problem> {
        req.app_data::<Data<Self>>().cloned().ok_or_else(|| Problem::internal("the app has no ApiState"))
    }

    /// Reads from the store, on a thread that may block.
    ///
    /// # Errors
    /// What `work` says, as a problem.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let db = self.catalog.db.clone();
        Ok(web::block(move || db.read(work)).await??)
    }

    /// Writes to the store, on a thread that may block, and tells the followers.
    ///
    /// # Errors
    /// What `work` says, as a problem; then nothing has been written.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let db = self.catalog.db.clone();
        let written = web::block(move || db.write(work)).await??;
        self.catalog.announce();
        Ok(written)
    }

    /// As [`Self::write`], for what changes keys: when it returns, this process knows them.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (db, keys) = (self.catalog.db.clone(), Arc::clone(&self.keys));
        let written = web::block(move || {
            let written = db.write(work)?;
            keys.catch_up()?;
            Ok::<T, CatalogError>(written)
        })
        .await??;
        self.catalog.announce();
        Ok(written)
    }

    /// As [`Self::write`], for what changes services behind the gateway: when it returns, this process fronts them as written.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_services<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let written = self.write_keys(work).await?;
        let (fronts, position) = (Arc::clone(&self.fronts), self.keys.service_position());
        web::block(move || fronts.follow(position)).await??;
        Ok(written)
    }

    /// Follows the journal now: keys, tariff and services behind the gateway are then as last written. It may block.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn follow_now(&self) -> Result<(), CatalogError> {
        self.keys.catch_up()?;
        self.fronts.follow(self.keys.service_position())
    }

    /// Looks at every service whose health is due to be looked at, now; gives how many.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn watch_services(&self) -> Result<usize, CatalogError> {
        self.health.run()
    }

    /// Whether another letter may go to an address now, and counts it: nobody's mailbox is flooded through us.
    #[must_use]
    pub fn may_write_to(&self, address: &str) -> bool {
        let address = address.trim().to_lowercase();
        let allowed = self.mails.take(&address);
        if !allowed {
            tracing::warn!("A letter was not sent: its address has had enough of them today");
        }
        allowed
    }

    /// Whether a caller may report another leaked key now, and counts it; otherwise how long they are counted.
    ///
    /// # Errors
    /// `TooManyAttempts` when there were too many.
    pub fn count_leak_report(&self, caller: &str) -> Result<(), Problem> {
        if self.leak_reports.take(caller) {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::TooManyAttempts).retry_after(self.leak_reports.window().as_secs()))
    }

    /// Says that a harvest waits.
    pub fn wake_harvester(&self) {
        (self.wake)();
    }

    /// Sums everything that the meter has, now.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn roll_up_usage(&self) -> Result<crate::usage::RollUpReport, crate::usage::RollUpError> {
        self.roll_up.run()
    }

    /// Holds the ledger of usage to the segments, now; deletes what is proved and old.
    ///
    /// # Errors
    /// When segments cannot be read or the store fails.
    pub fn reconcile_usage(&self) -> Result<crate::usage::ReconcileReport, crate::usage::RollUpError> {
        self.roll_up.reconcile()
    }

    /// For how many seconds usage has not been summed, and what somebody should look at, in words.
    #[must_use]
    pub fn ledger_standing(&self, now: Timestamp) -> (i64, Vec<String>) {
        let status = self.roll_up.status();
        (status.lag_secs(now).max(0), status.alarms(now))
    }

    /// Writes the public usage dataset of all closed days, now.
    ///
    /// # Errors
    /// When the store cannot be read or a file not be written.
    pub fn publish_usage(&self) -> Result<crate::usage::Published, crate::usage::PublishError> {
        crate::usage::publish(&self.catalog.db, self.catalog.data_dir(), &self.settings)
    }

    /// Starts the threads that follow the journal, sum usage and sweep limits. They end with [`Background::stop`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start_background(self: Arc<Self>) -> std::io::Result<Background> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for duty in &DUTIES {
            let (state, stop) = (Arc::clone(&self), Arc::clone(&stop));
            let work = move || repeat(&stop, duty.every, || state.tend(duty));
            threads.push(thread::Builder::new().name(duty.name.to_owned()).spawn(work)?);
        }
        Ok(Background { state: self, stop, threads })
    }

    /// Writes down when keys were last used, now.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn note_key_uses(&self) -> Result<(), CatalogError> {
        self.keys.note_uses()
    }

    /// Queues the letters that are due because a quota is nearly or wholly used, calls fail or do not come any more; each once for
    /// its window, however many processes look.
    ///
    /// # Errors
    /// `Storage` when the database fails; then none has been queued.
    pub fn write_alert_letters(&self) -> Result<(), CatalogError> {
        if let Some(noted) = &self.noted_quotas {
            noted.write_down()?;
        }
        crate::application::write_alert_letters(self).map(drop)
    }

    /// Tells contacts of sources how harvests ended, as far as that is due, now; gives how many were told. It may block.
    ///
    /// # Errors
    /// When the store fails or nobody can be called; what was due is tried again later.
    pub fn deliver_harvest_reports(&self) -> Result<usize, crate::harvest::ReportError> {
        crate::harvest::deliver_reports(self)
    }

    /// Queues letters about drafts and holds for those whose work they are, now; gives how many. It may block.
    ///
    /// # Errors
    /// When the store fails; what was due is tried again later.
    pub fn write_work_letters(&self) -> Result<usize, CatalogError> {
        crate::mail::write_work_letters(self)
    }

    /// Notes what is news to those who follow, and delivers what is due of it, now; gives how many letters and calls went. It may
    /// block.
    ///
    /// # Errors
    /// When the store fails or nobody can be called; what was due is tried again later.
    pub fn deliver_follows(&self) -> Result<usize, watch::DeliverError> {
        watch::deliver(self)
    }

    fn tend(&self, duty: &Duty) {
        if let Err(error) = (duty.work)(self) {
            tracing::error!("{} could not be tended: {}", duty.name, Problem::internal(error).chain());
        }
    }
}

/// Who counts quotas; and where that is not the database, the same as who notes them there.
type QuotaStores = (Arc<dyn QuotaStore>, Option<Arc<NotedQuotaStore>>);

/// Where quotas are counted; where that is not the database, what is noted there of it.
fn quota_store(settings: &ApiSettings, catalog: &Catalog) -> Result<QuotaStores, OpenError> {
    let Some(address) = &settings.limits else {
        return Ok((Arc::new(DbQuotaStore::new(catalog.db.clone())), None));
    };
    let redis = RedisStore::new(address.clone())?;
    match redis.check() {
        Ok(()) => tracing::info!("Quotas are counted at {address}"),
        Err(error) => tracing::warn!("Quotas are counted at {address}, which cannot be reached yet: {error}"),
    }
    let noted = Arc::new(NotedQuotaStore::new(Box::new(redis), catalog.db.clone()));
    Ok((Arc::clone(&noted) as Arc<dyn QuotaStore>, Some(noted)))
}

/// The API's threads.
#[derive(Debug)]
pub struct Background {
    state: Arc<ApiState>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Background {
    /// Ends the threads, sums what the meter still has, and gives unspent quota back: for a graceful shutdown, after the
    /// last answer.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        for thread in self.threads {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("A thread of the API had panicked");
            }
        }
        self.state.tend(&SUM_USAGE);
        self.state.tend(&NOTE_KEY_USES);
        self.state.tend(&WRITE_DEMAND);
        let returned = self.state.gate.admission().release_all();
        tracing::debug!(units = returned, "Gave unspent quota back");
    }
}

/// Something that a thread of its own does again and again.
struct Duty {
    /// The thread's name.
    name: &'static str,
    /// The pause between two times.
    every: Duration,
    work: fn(&ApiState) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
}

const SUM_USAGE: Duty =
    Duty { name: "api-usage", every: ROLL_UP_EVERY, work: |state| Ok(state.roll_up.run().map(drop)?) };
const WRITE_DEMAND: Duty =
    Duty { name: "api-demand", every: DEMAND_EVERY, work: |state| Ok(demand::tend_demand(state)?) };
const NOTE_KEY_USES: Duty = Duty { name: "api-key-uses", every: NOTE_EVERY, work: |state| Ok(state.keys.note_uses()?) };

const DUTIES: [Duty; 18] = [
    Duty { name: "api-keys", every: FOLLOW_EVERY, work: |state| Ok(state.follow_now()?) },
    SUM_USAGE,
    NOTE_KEY_USES,
    Duty {
        name: "api-limits",
        every: SWEEP_EVERY,
        work: |state| {
            let admission = state.gate.admission();
            admission.sweep(admission.now());
            Ok(())
        },
    },
    Duty {
        name: "api-post",
        every: POST_EVERY,
        work: |state| {
            state.post.wake();
            Ok(())
        },
    },
    Duty { name: "api-uses", every: USES_EVERY, work: |state| Ok(demand::tell_uses(state)?) },
    Duty { name: "api-follows", every: FOLLOWS_EVERY, work: |state| Ok(state.deliver_follows().map(drop)?) },
    Duty { name: "api-old-news", every: PRUNE_EVERY, work: |state| Ok(watch::prune(state)?) },
    Duty { name: "api-reports", every: REPORTS_EVERY, work: |state| Ok(state.deliver_harvest_reports().map(drop)?) },
    Duty { name: "api-work-letters", every: REPORTS_EVERY, work: |state| Ok(state.write_work_letters().map(drop)?) },
    Duty { name: "api-alerts", every: ALERTS_EVERY, work: |state| Ok(state.write_alert_letters()?) },
    Duty { name: "api-meter", every: SYNC_EVERY, work: |state| Ok(state.roll_up.sync()?) },
    Duty {
        name: "api-ledger",
        every: RECONCILE_EVERY,
        // What a killed process left behind is summed first, so that it is proved at the next start.
        work: |state| {
            let summed = state.roll_up.run();
            state.roll_up.reconcile()?;
            Ok(summed.map(drop)?)
        },
    },
    Duty { name: "api-usage-dataset", every: PUBLISH_EVERY, work: |state| Ok(state.publish_usage().map(drop)?) },
    WRITE_DEMAND,
    Duty { name: "api-terms", every: TERMS_EVERY, work: |state| Ok(transparency::tend_terms(state)?) },
    Duty {
        name: "api-figures",
        every: FIGURES_EVERY,
        // Samples of histograms pile up until they are sorted in, whether anybody scrapes or not.
        work: |state| {
            if let Some(metrics) = &state.metrics {
                metrics.run_upkeep();
            }
            Ok(())
        },
    },
    Duty { name: "api-services", every: LOOK_EVERY, work: |state| Ok(state.watch_services().map(drop)?) },
];

fn repeat(stop: &AtomicBool, pause: Duration, work: impl Fn()) {
    while !stop.load(Ordering::Acquire) {
        work();
        let until = Instant::now() + pause;
        while !stop.load(Ordering::Acquire) && Instant::now() < until {
            thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call must be held by the disk before it is summed, and the threads may just have missed it.
    #[test]
    fn usage_is_told_within_five_seconds() {
        assert!(SYNC_EVERY + ROLL_UP_EVERY <= Duration::from_secs(5));
    }

    #[test]
    fn every_duty_has_a_thread_of_its_own_name() {
        let mut names: Vec<&str> = DUTIES.iter().map(|duty| duty.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DUTIES.len());
    }
}
