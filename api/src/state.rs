//! What every handler shares, and the threads that keep it in step.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::{self, Data};
use fairground_admission::{Admission, AdmissionSettings, SWEEP_EVERY};
use fairground_catalog::application::PlainKey;
use fairground_catalog::{Catalog, CatalogError, Tx, tariff};
use fairground_domain::{ContentHash, Timestamp};
use fairground_meter::{Meter, MeterError, MeterSettings};
use fairground_tables::{OpenSnapshot, Tables};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::answer::AnswerCache;
use crate::caller::{SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW, Throttle};
use crate::hot_path::{
    DbQuotaStore, FOLLOW_EVERY, Gate, GateParts, KeyFeed, KeyRing, KeylessParties, MeterFailure, NoSuchPlan, UsageLog,
};
use crate::mail::Mailer;
use crate::operation;
use crate::portal::OpenapiCell;
use crate::problem::{Problem, ProblemKind};
use crate::settings::ApiSettings;
use crate::table::{Directory, Stamp};
use crate::usage::UsageRollUp;

/// How often usage is summed.
pub(crate) const ROLL_UP_EVERY: Duration = Duration::from_secs(2);
/// Letters to one address within [`MAIL_WINDOW`]; more are not sent, so that nobody's mailbox is flooded through us.
pub(crate) const MAILS_PER_ADDRESS: u32 = 5;
/// How long letters are counted.
pub(crate) const MAIL_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// When to come back to a program without tables, in seconds.
const NO_TABLES_RETRY_SECS: u64 = 60;
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
}

/// What the API is made of.
pub struct ApiState {
    /// Store, secret and index.
    pub catalog: Catalog,
    /// Settings.
    pub settings: Arc<ApiSettings>,
    /// Keys, limits and meter.
    pub gate: Arc<Gate>,
    /// Carries mail.
    pub mailer: Arc<dyn Mailer>,
    /// Renders `/metrics`; `None` when no recorder is installed.
    pub metrics: Option<PrometheusHandle>,
    pub(crate) keys: Arc<KeyFeed>,
    pub(crate) roll_up: UsageRollUp,
    pub(crate) sign_ins: Throttle,
    pub(crate) mails: Throttle,
    pub(crate) answers: AnswerCache,
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
    /// Opens the API over a catalogue: fills the key ring, takes the tariff in force, opens the meter in the data folder.
    ///
    /// # Errors
    /// When the store or the meter's folder cannot be used.
    pub fn open(
        catalog: Catalog,
        settings: ApiSettings,
        meter_failure: MeterFailure,
        mailer: Arc<dyn Mailer>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self, OpenError> {
        let in_force = catalog.db.read(tariff::get_current)?;
        let plans: Vec<String> = in_force.plans.iter().map(|plan| plan.id.to_string()).collect();
        let names = operation::names(&plans);
        let meter =
            Meter::open(&catalog.data_dir().join(SEGMENTS), MeterSettings { names, ..MeterSettings::default() })?;
        let store = Arc::new(DbQuotaStore::new(catalog.db.clone()));
        let admission = Arc::new(Admission::new(&in_force, store, AdmissionSettings::default()));
        let secret = catalog.secret.clone();
        let read_key = move |text: &str| Some(*PlainKey::parse(text).ok()?.digest(&secret).as_bytes());
        let parts = GateParts {
            keys: Arc::new(KeyRing::new()),
            read_key: Box::new(read_key),
            keyless: KeylessParties::new(settings.trusted_proxies.clone()),
            admission,
            usage: Arc::new(UsageLog::new(meter.clone())),
            meter_failure,
            public_url: settings.public_url.clone(),
        };
        let gate = Arc::new(Gate::new(parts, &in_force)?);
        Ok(Self {
            keys: Arc::new(KeyFeed::load(catalog.db.clone(), Arc::clone(&gate))?),
            roll_up: UsageRollUp::new(meter, catalog.db.clone()),
            sign_ins: Throttle::new(SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW),
            mails: Throttle::new(MAILS_PER_ADDRESS, MAIL_WINDOW),
            answers: AnswerCache::default(),
            openapi: OpenapiCell::new(),
            directory: Directory::default(),
            tables: None,
            wake: Arc::new(|| {}),
            catalog,
            settings: Arc::new(settings),
            gate,
            mailer,
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

    /// Starts the threads that follow the journal, sum usage and sweep limits. They end with [`Background::stop`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start_background(self: Arc<Self>) -> std::io::Result<Background> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        let every = [("api-keys", FOLLOW_EVERY), ("api-usage", ROLL_UP_EVERY), ("api-limits", SWEEP_EVERY)];
        for (name, pause) in every {
            let (state, stop) = (Arc::clone(&self), Arc::clone(&stop));
            let work = move || repeat(&stop, pause, || state.tend(name));
            threads.push(thread::Builder::new().name(name.to_owned()).spawn(work)?);
        }
        Ok(Background { state: self, stop, threads })
    }

    fn tend(&self, what: &str) {
        let told = |error: &dyn std::error::Error| {
            tracing::error!("{what} could not be tended: {}", Problem::internal(error.to_string()).chain());
        };
        match what {
            "api-keys" => self.keys.catch_up().unwrap_or_else(|error| told(&error)),
            "api-usage" => drop(self.roll_up.run().map_err(|error| told(&error))),
            _ => drop(self.gate.admission().sweep(Timestamp::now())),
        }
    }
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
        self.state.tend("api-usage");
        let returned = self.state.gate.admission().release_all();
        tracing::debug!(units = returned, "Gave unspent quota back");
    }
}

fn repeat(stop: &AtomicBool, pause: Duration, work: impl Fn()) {
    while !stop.load(Ordering::Acquire) {
        work();
        let until = Instant::now() + pause;
        while !stop.load(Ordering::Acquire) && Instant::now() < until {
            thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}
