//! The few statements that the two databases need said differently, or that the query builder cannot say for both.
//!
//! Statements given as text number their places `$1 $2 …` in the order of use: both databases read that.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::Conn;
use crate::error::CatalogError;

/// Inserts many rows: in chunks of one statement on PostgreSQL, row by row through one prepared statement on SQLite
/// (where there is no network to save).
macro_rules! insert_rows {
    ($tx:expr, $table:expr, $rows:expr) => {{
        /// Keeps a statement's places under PostgreSQL's 65,535 for every table we have.
        const CHUNK_ROWS: usize = 1_000;
        let rows = $rows;
        match &mut *$tx.conn {
            $crate::db::Conn::Postgres(conn) => {
                for chunk in rows.chunks(CHUNK_ROWS) {
                    diesel::insert_into($table).values(chunk).execute(conn)?;
                }
            }
            $crate::db::Conn::Sqlite(conn) => {
                for row in rows {
                    diesel::insert_into($table).values(row).execute(conn)?;
                }
            }
        }
    }};
}

/// As `insert_rows`, leaving rows alone whose key is there already.
macro_rules! insert_rows_if_absent {
    ($tx:expr, $table:expr, $rows:expr) => {{
        /// Keeps a statement's places under PostgreSQL's 65,535 for every table we have.
        const CHUNK_ROWS: usize = 1_000;
        let rows = $rows;
        match &mut *$tx.conn {
            $crate::db::Conn::Postgres(conn) => {
                for chunk in rows.chunks(CHUNK_ROWS) {
                    diesel::insert_into($table).values(chunk).on_conflict_do_nothing().execute(conn)?;
                }
            }
            $crate::db::Conn::Sqlite(conn) => {
                for row in rows {
                    diesel::insert_or_ignore_into($table).values(row).execute(conn)?;
                }
            }
        }
    }};
}

/// The database server's own clock, in seconds since 1970; SQLite has none but this machine's.
pub(crate) fn server_secs(conn: &mut Conn) -> Result<Option<i64>, CatalogError> {
    #[derive(QueryableByName)]
    struct Clock {
        #[diesel(sql_type = BigInt)]
        secs: i64,
    }
    match conn {
        Conn::Postgres(conn) => {
            let query =
                diesel::sql_query("SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT) AS secs");
            Ok(Some(query.get_result::<Clock>(conn)?.secs))
        }
        Conn::Sqlite(_) => Ok(None),
    }
}

/// How many bytes the database takes.
pub(crate) fn database_bytes(conn: &mut Conn) -> Result<i64, CatalogError> {
    #[derive(QueryableByName)]
    struct Size {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
    }
    let size: Size = match conn {
        Conn::Postgres(conn) => {
            diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes").get_result(conn)?
        }
        Conn::Sqlite(conn) => {
            diesel::sql_query("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")
                .get_result(conn)?
        }
    };
    Ok(size.bytes)
}

/// Digests of raw records that no harvest record, dataset or version names, in order; `limit` of them at most.
pub(crate) fn unreferred_raw_records(conn: &mut Conn, limit: i64) -> Result<Vec<String>, CatalogError> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        hash: String,
    }
    // Differences of sets are made in one pass over each table; without an index by digest, nothing else is.
    const QUERY: &str = "SELECT hash FROM raw_records \
        EXCEPT SELECT raw_hash FROM harvest_records WHERE raw_hash IS NOT NULL \
        EXCEPT SELECT raw_hash FROM datasets WHERE raw_hash IS NOT NULL \
        EXCEPT SELECT raw_hash FROM dataset_versions WHERE raw_hash IS NOT NULL \
        ORDER BY 1 LIMIT $1";
    let found: Vec<Named> = match conn {
        Conn::Postgres(conn) => diesel::sql_query(QUERY).bind::<BigInt, _>(limit).load(conn)?,
        Conn::Sqlite(conn) => diesel::sql_query(QUERY).bind::<BigInt, _>(limit).load(conn)?,
    };
    Ok(found.into_iter().map(|row| row.hash).collect())
}

/// Waits until nobody is importing records, and keeps everybody from it until the transaction ends. SQLite's transactions
/// that write do so anyway.
pub(crate) fn keep_importers_out(conn: &mut Conn) -> Result<(), CatalogError> {
    if let Conn::Postgres(conn) = conn {
        diesel::sql_query("LOCK TABLE harvest_records IN SHARE MODE").execute(conn)?;
    }
    Ok(())
}

pub(crate) use {insert_rows, insert_rows_if_absent};
