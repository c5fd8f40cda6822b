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

/// Says one statement past the rooms: for what time or mischief would do.
pub(crate) fn execute(db: &Db, statement: &str) {
    match db.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            conn.batch_execute(statement).unwrap();
        }
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap().batch_execute(statement).unwrap(),
    }
}

/// Everything that a store holds, as text: every row of every table.
pub(crate) fn dump(db: &Db) -> String {
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }

    let rows_of = |lines: Vec<Line>| lines.into_iter().map(|line| line.line).collect::<Vec<_>>();
    match db.url() {
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(url).unwrap();
            let tables = "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'";
            let tables = rows_of(sql_query(tables).load(&mut conn).unwrap());
            assert!(tables.len() > 15, "{tables:?}");
            let mut rows = Vec::new();
            for table in tables {
                let all = sql_query(format!("SELECT t::text AS line FROM {table} t"));
                rows.extend(rows_of(all.load(&mut conn).unwrap()));
            }
            rows.join("\n")
        }
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            let tables = "SELECT name AS line FROM sqlite_master WHERE type = 'table'";
            let tables = rows_of(sql_query(tables).load(&mut conn).unwrap());
            assert!(tables.len() > 15, "{tables:?}");
            let mut rows = Vec::new();
            for table in tables {
                let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
                let columns = rows_of(sql_query(columns).load(&mut conn).unwrap());
                let text = columns.iter().map(|name| format!("CASE typeof(\"{name}\") WHEN 'blob' THEN hex(\"{name}\") ELSE coalesce(CAST(\"{name}\" AS TEXT), '') END"));
                let text = text.collect::<Vec<_>>().join(" || ' ' || ");
                let all = sql_query(format!("SELECT {text} AS line FROM \"{table}\""));
                rows.extend(rows_of(all.load(&mut conn).unwrap()));
            }
            rows.join("\n")
        }
    }
}
