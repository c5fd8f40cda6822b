//! Stores for stories: each its own database, removed at its end.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use fairground_catalog::{DatabaseUrl, Db};
use uuid::Uuid;

/// A store of its own; what it made is removed when it is dropped.
pub(crate) struct Store {
    pub(crate) db: Db,
    folder: PathBuf,
    postgres: Option<(String, String)>,
}

impl Store {
    fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("fairground-store-{}", Uuid::now_v7()));
        let db = Db::open(&DatabaseUrl::Sqlite(folder.join("store.db"))).unwrap();
        Self { db, folder, postgres: None }
    }

    fn postgres(server: &str) -> Self {
        let name = format!("fairground_{}", Uuid::now_v7().simple());
        PgConnection::establish(server).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        let db = Db::open(&DatabaseUrl::Postgres(format!("{address}/{name}"))).unwrap();
        Self { db, folder: PathBuf::new(), postgres: Some((server.to_owned(), name)) }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        match &self.postgres {
            Some((server, name)) => {
                let mut conn = PgConnection::establish(server).unwrap();
                conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
            }
            None => {
                let _ = std::fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// Tells a story on an empty store of every kind at hand.
pub(crate) fn on_every_empty_store(story: impl Fn(&Db)) {
    story(&Store::sqlite().db);
    match std::env::var("FAIRGROUND_TEST_POSTGRES_URL") {
        Ok(server) => story(&Store::postgres(&server).db),
        Err(_) => eprintln!("skipped on PostgreSQL: FAIRGROUND_TEST_POSTGRES_URL is not set"),
    }
}

/// Tells a story on a migrated store of every kind at hand.
pub(crate) fn on_every_store(story: impl Fn(&Db)) {
    on_every_empty_store(|db| {
        db.migrate().unwrap();
        story(db);
    });
}
