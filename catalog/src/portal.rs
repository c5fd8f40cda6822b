//! The catalogue as one thing: store, secret and search index, opened together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fairground_search::{SearchError, SearchIndex, Vocabulary};
use parking_lot::{Condvar, Mutex};

use crate::db::{DatabaseUrl, Db};
use crate::demand;
use crate::error::CatalogError;
use crate::follow;
use crate::register;
use crate::secret::Secret;
use crate::tariff;

/// How long a follower sleeps when nobody in this process wakes it: news of other processes are seen within this time.
const FOLLOW_EVERY: Duration = Duration::from_millis(150);
/// How long the journal is quiet before the index's segments are brought together.
const QUIET: Duration = Duration::from_secs(3);
/// From so many segments on nobody waits for a quiet journal: a question costs something for each.
const MANY_SEGMENTS: usize = 64;
/// From so many entries at once on a follower goes on without a rest.
const MANY_ENTRIES: u64 = 500;
/// A follower rests so many times as long as its last commit took.
const RESTS_FOR_ITS_WORK: u32 = 4;
/// It never rests longer: what was published must be found within a second.
const LONGEST_REST: Duration = Duration::from_millis(250);
/// How long a follower rests after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long a reader waits for a writer that is just making the index.
const WAIT_FOR_INDEX: Duration = Duration::from_secs(5);

/// Where a catalogue keeps its things.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder for the index, the spool, the meter's segments and, by default, the database.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The secret's file.
    pub secret_file: PathBuf,
}

impl Place {
    /// Everything in one folder: the embedded default.
    #[must_use]
    pub fn in_folder(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            database_url: DatabaseUrl::Sqlite(data_dir.join("fairground.db")),
            secret_file: data_dir.join("secret"),
        }
    }
}

/// The catalogue. Cheap to clone; every clone is the same one.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The store.
    pub db: Db,
    /// The portal's secret.
    pub secret: Secret,
    /// The search index.
    pub index: SearchIndex,
    /// What is asked for, until it is written down.
    pub demand: Arc<demand::Desk>,
    data_dir: PathBuf,
    follows: bool,
    news: Arc<News>,
}

#[derive(Debug, Default)]
struct News {
    waiting: Mutex<bool>,
    bell: Condvar,
}

impl Catalog {
    /// Opens the catalogue: runs missing migrations, publishes the default tariff if there is none, opens the index for
    /// writing, or for reading when another process writes it.
    ///
    /// # Errors
    /// `Connect`, `Migration`, `File`, `Setting` or `Search`, each saying what could not be opened.
    pub fn open(place: &Place) -> Result<Self, CatalogError> {
        std::fs::create_dir_all(&place.data_dir)
            .map_err(|source| CatalogError::File { path: place.data_dir.clone(), source })?;
        let secret = Secret::load_or_create(&place.secret_file)?;
        let db = Db::open(&place.database_url)?;
        if db.pending_migrations()? > 0 {
            db.migrate()?;
            crate::dataset::fill_themes(&db)?;
        }
        db.write(|tx| {
            tariff::ensure(tx)?;
            register::note_ranking(tx)
        })?;
        let (index, follows) = open_index(&place.data_dir.join("index"))?;
        read_synonyms(&index, &place.data_dir)?;
        let demand = Arc::default();
        Ok(Self { db, secret, index, demand, data_dir: place.data_dir.clone(), follows, news: Arc::default() })
    }

    /// The folder for local files.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Whether this process feeds the index; otherwise another one does.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Brings the index up to the journal's head: by feeding it, or by waiting (bounded) for the process that feeds it.
    ///
    /// # Errors
    /// `Storage` or `Search`.
    pub fn catch_up(&self) -> Result<(), CatalogError> {
        if self.follows {
            follow::catch_up(&self.db, &self.index)?;
            return Ok(());
        }
        let deadline = Instant::now() + WAIT_FOR_INDEX;
        let head = self.db.read(crate::journal::head)?.seq;
        while i64::try_from(self.index.position()).unwrap_or(i64::MAX) < head && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
            self.index.reload()?;
        }
        Ok(())
    }

    /// Tells the follower that the journal has news, so that it does not sleep on.
    pub fn announce(&self) {
        *self.news.waiting.lock() = true;
        self.news.bell.notify_all();
    }

    /// Follows the journal until `over` is set (and [`Self::announce`] called, to be noticed at once), on the calling thread.
    /// Returns at once when another process follows. A failure is logged and tried again: the index never skips an entry.
    pub fn follow(&self, over: &AtomicBool) {
        // Some(when): the journal has been quiet since then, and the index has not been settled.
        let mut unsettled = Some(Instant::now());
        while self.follows && !over.load(Ordering::Acquire) {
            let began = Instant::now();
            match follow::catch_up(&self.db, &self.index) {
                Ok(0) => {
                    if unsettled.is_some_and(|since| since.elapsed() >= QUIET) {
                        unsettled = None;
                        self.settle();
                    }
                }
                Ok(entries) => {
                    unsettled = Some(Instant::now());
                    if self.index.segments() > MANY_SEGMENTS {
                        self.settle();
                    }
                    // What comes while it rests is committed together: news one by one would keep the disk busy with commits.
                    if entries < MANY_ENTRIES {
                        std::thread::sleep((began.elapsed() * RESTS_FOR_ITS_WORK).min(LONGEST_REST));
                    }
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "The search index could not follow the journal"
                    );
                    std::thread::sleep(AFTER_FAILURE);
                }
            }
            let mut waiting = self.news.waiting.lock();
            if !*waiting && !over.load(Ordering::Acquire) {
                self.news.bell.wait_for(&mut waiting, FOLLOW_EVERY);
            }
            *waiting = false;
        }
    }

    fn settle(&self) {
        if let Err(error) = self.index.settle() {
            tracing::warn!(error = &error as &dyn std::error::Error, "The search index was not settled");
        }
    }

    /// Proves that journal, catalogue and index agree.
    ///
    /// # Errors
    /// As [`follow::check`].
    pub fn check(&self) -> Result<follow::CheckReport, CatalogError> {
        self.catch_up()?;
        follow::check(&self.db, &self.index)
    }

    /// Builds the index anew beside the old one, and swaps them; gives how many datasets it holds.
    ///
    /// # Errors
    /// `Search` when another process feeds the index.
    pub fn reindex(&self) -> Result<u64, CatalogError> {
        follow::rebuild(&self.db, &self.index)
    }
}

/// The operator's words that mean the same, beside the built-in ones: one notion a line, see the file's form in
/// [`fairground_search::Vocabulary`].
pub const SYNONYMS_FILE: &str = "synonyms.txt";

fn read_synonyms(index: &SearchIndex, data_dir: &Path) -> Result<(), CatalogError> {
    let path = data_dir.join(SYNONYMS_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => index.set_vocabulary(Vocabulary::with_file(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(CatalogError::File { path, source }),
    }
    Ok(())
}

/// For writing where possible; an unusable index is begun anew (the journal fills it again).
fn open_index(dir: &Path) -> Result<(SearchIndex, bool), CatalogError> {
    let deadline = Instant::now() + WAIT_FOR_INDEX;
    loop {
        match SearchIndex::open_writer(dir) {
            Ok(index) => return Ok((index, true)),
            Err(SearchError::Unusable { why }) => {
                tracing::warn!(why, "The search index is unusable and is built anew");
                return Ok((SearchIndex::recreate(dir)?, true));
            }
            Err(SearchError::Locked { .. }) => {}
            Err(other) => return Err(other.into()),
        }
        match SearchIndex::open_reader(dir) {
            Ok(index) => return Ok((index, false)),
            Err(SearchError::Missing { .. } | SearchError::Unusable { .. }) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(other) => return Err(other.into()),
        }
    }
}
