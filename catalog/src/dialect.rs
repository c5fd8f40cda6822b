//! The few statements that the two databases need said differently, or that the query builder cannot say for both.
//!
//! Statements given as text number their places `$1 $2 …` in the order of use: both databases read that.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

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

pub(crate) use {insert_rows, insert_rows_if_absent};
