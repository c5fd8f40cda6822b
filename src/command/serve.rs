//! `fairground serve`: API, pages and workers in one process, or some of them.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::rt::SystemRunner;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use fairground_api::ApiState;
use fairground_api::front::Front;
use fairground_api::mail::{Mailer, OutboxFolder, Smtp};
use fairground_catalog::{Catalog, application};
use fairground_harvester::load::LoadWorkers;
use fairground_harvester::{Caretaker, ReleaseClock, Workers};
use fairground_tables::Tables;
use fairground_web::{Pages, Told};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{harvester, loader, say, tables};
use crate::Failure;
use crate::cli::{ServeArgs, ServeRole};
use crate::settings::{RawSettings, Settings};

/// How long answers that are under way may take once the program was asked to end, in seconds.
const SHUTDOWN_SECS: u64 = 20;
/// Where letters are laid down when no mail server is set.
const OUTBOX: &str = "outbox";

/// Where a program that serves runs: made before anything else, so that it ends in order whenever it is told to.
pub(crate) struct Stage {
    pub(crate) system: SystemRunner,
    pub(crate) ending: Ending,
}

impl Stage {
    /// From here on, a signal to end kills nobody: it is kept until somebody waits for it.
    pub(crate) fn open() -> std::io::Result<Self> {
        let system = actix_web::rt::System::new();
        let ending = system.block_on(async {
            Ok::<_, std::io::Error>(Ending {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            })
        })?;
        Ok(Self { system, ending })
    }
}

/// The signals that end the program.
pub(crate) struct Ending {
    terminate: Signal,
    interrupt: Signal,
}

impl Ending {
    /// Waits until one has come, be it before this was asked; whether answers that are under way are to be finished.
    pub(crate) async fn comes(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => false,
        }
    }
}

pub(crate) fn run(mut raw: RawSettings, args: ServeArgs, stage: Stage) -> Result<ExitCode, Failure> {
    raw.say_by_argument(&[("listen", args.listen.is_some())]);
    let settings: Settings = RawSettings { listen: args.listen.or(raw.listen.clone()), ..raw }.try_into()?;
    let catalog = Catalog::open(&settings.place)?;
    let tables = tables(&settings)?;
    let portal = Portal::start(catalog, tables, settings, args.role)?;
    let Stage { system, ending } = stage;
    system.block_on(portal.run(ending, |address| say(&format!("Portal: {address}"))))?;
    Ok(ExitCode::SUCCESS)
}

/// Those who harvest, and those who load what was harvested.
struct AllWorkers {
    harvest: Workers,
    load: LoadWorkers,
    links: Caretaker,
    releases: ReleaseClock,
}

impl AllWorkers {
    fn wake(&self) {
        self.harvest.wake();
        self.load.wake();
    }

    fn stop(self) {
        self.harvest.stop();
        self.load.stop();
        self.links.stop();
        self.releases.stop();
    }
}

/// A portal whose threads are running.
pub(crate) struct Portal {
    catalog: Catalog,
    tables: Tables,
    settings: Settings,
    role: ServeRole,
    over: Arc<AtomicBool>,
    follower: std::thread::JoinHandle<()>,
    workers: Option<Arc<AllWorkers>>,
    recorder: PrometheusHandle,
}

impl Portal {
    /// Starts what works in the background: whoever feeds the index, and those who harvest and load.
    pub(crate) fn start(
        catalog: Catalog,
        tables: Tables,
        settings: Settings,
        role: ServeRole,
    ) -> Result<Self, Failure> {
        let recorder = PrometheusBuilder::new().install_recorder()?;
        fairground_api::metrics::describe();
        let over = Arc::new(AtomicBool::new(false));
        let follower = {
            let (catalog, over) = (catalog.clone(), Arc::clone(&over));
            std::thread::Builder::new().name("index".to_owned()).spawn(move || catalog.follow(&over))?
        };
        let workers = match role {
            ServeRole::All | ServeRole::Worker => {
                let harvester = harvester(&catalog, &settings)?;
                let loader = loader(&harvester, tables.clone(), &settings)?;
                Some(Arc::new(AllWorkers {
                    harvest: Workers::start(&harvester, settings.harvest_workers)?,
                    load: LoadWorkers::start(&loader)?,
                    links: Caretaker::start(&harvester, settings.check_links)?,
                    releases: ReleaseClock::start(&catalog)?,
                }))
            }
            ServeRole::Web => None,
        };
        Ok(Self { catalog, tables, settings, role, over, follower, workers, recorder })
    }

    /// Serves until a signal comes, then ends in order: answers, usage sums, harvests (they resume), index.
    pub(crate) async fn run(self, mut ending: Ending, ready: impl FnOnce(&str)) -> Result<(), Failure> {
        match self.role {
            ServeRole::All => self.serve(ending, ready).await?,
            ServeRole::Web => {
                tracing::info!("Harvests, loads and timed releases wait for a process with `--role worker`");
                self.serve(ending, ready).await?;
            }
            ServeRole::Worker => {
                ready("none: this process only works");
                ending.comes().await;
            }
        }
        if let Some(workers) = self.workers.and_then(Arc::into_inner) {
            workers.stop();
        }
        self.over.store(true, Ordering::Release);
        self.catalog.announce();
        self.follower.join().map_err(|_| "the index thread had panicked")?;
        Ok(())
    }

    async fn serve(&self, mut ending: Ending, ready: impl FnOnce(&str)) -> Result<(), Failure> {
        let listener = std::net::TcpListener::bind(self.settings.listen)
            .map_err(|error| format!("cannot listen on {}: {error}", self.settings.listen))?;
        let address = listener.local_addr()?;
        let mut api = self.settings.api.clone();
        if !self.settings.public_url_given {
            api.public_url = local_url(address);
            // A portal without a public address reaches itself only where the operator lets harvests go there.
            api.harvests_itself = self.settings.harvest_allow.allows_address(address.ip(), Some(address.port()));
        }
        let public_url = api.public_url.clone();
        let mailer: Arc<dyn Mailer> = match &self.settings.mail {
            Some(server) => Arc::new(Smtp::new(server.clone())?),
            None => Arc::new(OutboxFolder::new(&self.catalog.data_dir().join(OUTBOX))),
        };
        let preview_key = self.catalog.db.write(|tx| application::ensure_portal(tx, &self.catalog.secret))?;
        let mut state = ApiState::open(
            self.catalog.clone(),
            api,
            self.settings.meter_failure,
            mailer,
            Some(self.recorder.clone()),
        )?
        .with_tables(self.tables.clone());
        if let Some(workers) = &self.workers {
            let workers = Arc::downgrade(workers);
            state = state.waking(Arc::new(move || {
                if let Some(workers) = workers.upgrade() {
                    workers.wake();
                }
            }));
        }
        let state = Arc::new(state);
        let background = Arc::clone(&state).start_background()?;
        let told = Told { settings: self.settings.told.clone(), objects: self.settings.object_folder() };
        let pages = Pages::new(self.settings.brand.clone(), Arc::clone(&state), &preview_key).telling(told);
        let pages = Data::new(pages);
        let front = Arc::clone(&state.settings);
        let data = Data::from(Arc::clone(&state));
        let mut server = HttpServer::new(move || {
            App::new()
                .wrap(Front::new(Arc::clone(&front)))
                .configure(|cfg| fairground_api::configure(cfg, &data))
                .configure(|cfg| fairground_web::configure(cfg, &pages))
        })
        // Whoever goes away ends the work that was begun for them.
        .h1_allow_half_closed(false)
        // Ours have been heard since the program began.
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_SECS);
        if let Some(threads) = self.settings.web_threads {
            server = server.workers(threads.max(1));
        }
        let running = server.listen(listener)?.run();
        tracing::info!(listen = %address, public_url, "The portal is open");
        ready(&public_url);
        let handle = running.handle();
        actix_web::rt::spawn(async move {
            let finish_answers = ending.comes().await;
            handle.stop(finish_answers).await;
        });
        running.await?;
        background.stop();
        tracing::info!("The portal is closed");
        Ok(())
    }
}

fn local_url(address: SocketAddr) -> String {
    let host = if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address };
    format!("http://{host}")
}
