//! The database: which one it is, its connections, its transactions, its migrations.
//!
//! The only file that knows connections. Everything else gets a [`Tx`] and says what it wants.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::{Connection, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use fairground_domain::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use crate::error::CatalogError;
use crate::write_ahead::{KEPT_BYTES, WRITERS_PAGES, WriteAhead};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// How long a SQLite statement waits for another process's write to end.
const SQLITE_BUSY_MILLIS: u32 = 15_000;
/// Pages that a SQLite connection for readers keeps in memory, in KiB; taken only as it reads them. Whatever somebody else writes
/// empties it, so more would seldom help.
const SQLITE_CACHE_KIB: u32 = 8_192;
/// Pages that the one connection of writers keeps in memory, in KiB; taken only as it reads and writes them. The indexes of large
/// stores are written to all over.
const SQLITE_WRITER_CACHE_KIB: u32 = 49_152;
/// How long a caller waits for a free connection before it is told that the store is busy.
const POOL_WAIT: Duration = Duration::from_secs(10);

/// One connection to either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum Conn {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite, last in the list because it accepts any address.
    Sqlite(SqliteConnection),
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "Conn::Postgres",
            Self::Sqlite(_) => "Conn::Sqlite",
        })
    }
}

/// Where the database is: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's connection address; it may hold a password, so it is never shown.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = CatalogError;

    fn from_str(text: &str) -> Result<Self, CatalogError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))),
            _ => Err(CatalogError::Setting {
                name: "database_url",
                problem: "must be `sqlite:PATH` or `postgres://…`".to_owned(),
            }),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

struct Manager {
    url: DatabaseUrl,
}

/// A connection to a SQLite file that keeps so much of it in memory.
fn open_sqlite(path: &Path, cache_kib: u32) -> Result<SqliteConnection, ConnectError> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {SQLITE_BUSY_MILLIS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
         PRAGMA foreign_keys = ON; PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY; \
         PRAGMA wal_autocheckpoint = {WRITERS_PAGES}; PRAGMA journal_size_limit = {KEPT_BYTES};"
    ))?;
    Ok(conn)
}

/// Why a connection could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The database refused, or is not there.
    #[error(transparent)]
    Connect(#[from] diesel::ConnectionError),
    /// It answered, and then failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = ConnectError;

    fn connect(&self) -> Result<Conn, ConnectError> {
        match &self.url {
            DatabaseUrl::Postgres(url) => Ok(Conn::Postgres(PgConnection::establish(url)?)),
            DatabaseUrl::Sqlite(path) => Ok(Conn::Sqlite(open_sqlite(path, SQLITE_CACHE_KIB)?)),
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), ConnectError> {
        match conn {
            Conn::Postgres(conn) => Ok(conn.batch_execute("SELECT 1")?),
            Conn::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, _: &mut Conn) -> bool {
        std::thread::panicking()
    }
}

/// The store. Cheap to clone; every clone shares the connections.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    pool: Pool<Manager>,
    /// The write-ahead log of SQLite.
    write_ahead: Option<Arc<WriteAhead>>,
    /// SQLite has one writer; waiting for it here is fairer than its own polling. Other processes wait by busy time-out. It
    /// keeps one connection, because a connection forgets what it knows of the file when another one has written. Nothing
    /// before the first transaction, and after one that failed badly.
    writer: Mutex<Option<Conn>>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({:?})", self.inner.url)
    }
}

/// One transaction: a connection and the one instant that everything in it happens at.
#[derive(Debug)]
pub struct Tx<'a> {
    pub(crate) conn: &'a mut Conn,
    /// The transaction's moment.
    pub now: Timestamp,
}

/// What becomes of a transaction when its work succeeded.
#[derive(Clone, Copy)]
enum Ending {
    Keep,
    Undo,
}

impl Db {
    /// Opens the store; makes the SQLite file's folder. Does not migrate.
    ///
    /// # Errors
    /// `Setting` when the SQLite folder cannot be made, `Connect` when the database does not answer.
    pub fn open(url: &DatabaseUrl) -> Result<Self, CatalogError> {
        if let DatabaseUrl::Sqlite(path) = url
            && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|error| CatalogError::Setting {
                name: "data_dir",
                problem: format!("cannot make `{}`: {error}", folder.display()),
            })?;
        }
        let manager = Manager { url: url.clone() };
        drop(manager.connect().map_err(|source| CatalogError::Connect { source: Box::new(source) })?);
        let pool = Pool::builder()
            .max_size(8)
            .min_idle(Some(0))
            .connection_timeout(POOL_WAIT)
            .test_on_check_out(true)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager);
        let write_ahead = match url {
            DatabaseUrl::Sqlite(path) => Some(WriteAhead::of(path)),
            DatabaseUrl::Postgres(_) => None,
        };
        Ok(Self { inner: Arc::new(Inner { url: url.clone(), pool, write_ahead, writer: Mutex::default() }) })
    }

    /// Where the store is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// True when the store is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner.url, DatabaseUrl::Sqlite(_))
    }

    /// Runs the migrations that are missing; gives their names.
    ///
    /// # Errors
    /// `Migration` with the database's own words.
    pub fn migrate(&self) -> Result<Vec<String>, CatalogError> {
        self.with_harness(|harness| match harness {
            Harness::Postgres(conn) => conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(|v| names(&v)),
            Harness::Sqlite(conn) => conn.run_pending_migrations(SQLITE_MIGRATIONS).map(|v| names(&v)),
        })
    }

    /// Undoes every migration; gives their names. For tests and for those who know what they do.
    ///
    /// # Errors
    /// `Migration` with the database's own words.
    pub fn revert_all_migrations(&self) -> Result<Vec<String>, CatalogError> {
        self.with_harness(|harness| match harness {
            Harness::Postgres(conn) => conn.revert_all_migrations(POSTGRES_MIGRATIONS).map(|v| names(&v)),
            Harness::Sqlite(conn) => conn.revert_all_migrations(SQLITE_MIGRATIONS).map(|v| names(&v)),
        })
    }

    /// Migrations that this program knows and the store has not.
    ///
    /// # Errors
    /// `Migration` with the database's own words.
    pub fn pending_migrations(&self) -> Result<usize, CatalogError> {
        self.with_harness(|harness| match harness {
            Harness::Postgres(conn) => conn.pending_migrations(POSTGRES_MIGRATIONS).map(|v| v.len()),
            Harness::Sqlite(conn) => conn.pending_migrations(SQLITE_MIGRATIONS).map(|v| v.len()),
        })
    }

    fn with_harness<T>(
        &self,
        work: impl FnOnce(Harness<'_>) -> diesel::migration::Result<T>,
    ) -> Result<T, CatalogError> {
        let _writer = self.lock_writer();
        let mut conn = self.connection()?;
        let harness = match &mut *conn {
            Conn::Postgres(conn) => Harness::Postgres(conn),
            Conn::Sqlite(conn) => Harness::Sqlite(conn),
        };
        work(harness).map_err(|error| CatalogError::Migration(error.to_string()))
    }

    fn connection(&self) -> Result<PooledConnection<Manager>, CatalogError> {
        self.inner.pool.get().map_err(|_| CatalogError::StoreBusy)
    }

    /// The seat of SQLite's writer, when its turn has come.
    fn lock_writer(&self) -> Option<MutexGuard<'_, Option<Conn>>> {
        self.is_sqlite().then(|| self.inner.writer.lock())
    }

    /// One transaction that only reads.
    ///
    /// # Errors
    /// What `work` says; `StoreBusy` when no connection is free; `Storage` when the database fails.
    pub fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError>) -> Result<T, CatalogError> {
        let mut conn = self.connection()?;
        let begin = match &*conn {
            Conn::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Conn::Sqlite(_) => "BEGIN DEFERRED",
        };
        in_transaction(&mut conn, begin, Ending::Undo, work)
    }

    /// One transaction that may write: all of `work` or nothing of it.
    ///
    /// # Errors
    /// What `work` says; `StoreBusy` when no connection is free; `Storage` when the database fails.
    pub fn write<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError>) -> Result<T, CatalogError> {
        self.write_ending(Ending::Keep, work)
    }

    /// The same as [`Self::write`], but undone at its end: what would happen.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn rehearse<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError>) -> Result<T, CatalogError> {
        self.write_ending(Ending::Undo, work)
    }

    fn write_ending<T>(
        &self,
        ending: Ending,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let DatabaseUrl::Sqlite(path) = &self.inner.url else {
            return in_transaction(&mut *self.connection()?, "BEGIN", ending, work);
        };
        let mut seat = self.inner.writer.lock();
        // Taken out while in use: after a failure or a panic it is not put back, and closed with all that was open.
        let mut conn = match seat.take() {
            Some(conn) => conn,
            None => Conn::Sqlite(
                open_sqlite(path, SQLITE_WRITER_CACHE_KIB)
                    .map_err(|source| CatalogError::Connect { source: Box::new(source) })?,
            ),
        };
        let done = in_transaction(&mut conn, "BEGIN IMMEDIATE", ending, work);
        if done.is_ok() {
            if let (Conn::Sqlite(conn), Some(log), Ending::Keep) = (&mut conn, &self.inner.write_ahead, ending) {
                log.tend(conn);
            }
            *seat = Some(conn);
        }
        done
    }

    /// Copies a SQLite store into one new file, consistent at one instant, while others go on writing.
    ///
    /// # Errors
    /// `Setting` on PostgreSQL (its own tools do it) or when the target exists; `Storage` when the copy fails.
    pub fn backup_sqlite(&self, target: &Path) -> Result<(), CatalogError> {
        let mut conn = self.connection()?;
        match &mut *conn {
            Conn::Postgres(_) => Err(CatalogError::Setting {
                name: "database_url",
                problem: "a PostgreSQL store is backed up with `pg_dump`".to_owned(),
            }),
            Conn::Sqlite(conn) => {
                use diesel::RunQueryDsl;
                diesel::sql_query("VACUUM INTO $1")
                    .bind::<diesel::sql_types::Text, _>(target.to_string_lossy().into_owned())
                    .execute(conn)?;
                Ok(())
            }
        }
    }
}

enum Harness<'a> {
    Postgres(&'a mut PgConnection),
    Sqlite(&'a mut SqliteConnection),
}

fn names(versions: &[diesel::migration::MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// Runs `work` between BEGIN and its end; a panic in `work` rolls back too, before the connection returns to the pool.
fn in_transaction<T>(
    conn: &mut Conn,
    begin: &str,
    ending: Ending,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError>,
) -> Result<T, CatalogError> {
    struct Open<'a>(&'a mut Conn, bool);
    impl Drop for Open<'_> {
        fn drop(&mut self) {
            if self.1
                && let Err(error) = batch(self.0, "ROLLBACK")
            {
                tracing::warn!(%error, "A transaction could not be rolled back");
            }
        }
    }
    batch(conn, begin)?;
    let mut open = Open(conn, true);
    let value = work(&mut Tx { conn: open.0, now: Timestamp::now() })?;
    if matches!(ending, Ending::Keep) {
        batch(open.0, "COMMIT")?;
        open.1 = false;
    }
    Ok(value)
}

fn batch(conn: &mut Conn, sql: &str) -> Result<(), diesel::result::Error> {
    match conn {
        Conn::Postgres(conn) => conn.batch_execute(sql),
        Conn::Sqlite(conn) => conn.batch_execute(sql),
    }
}
