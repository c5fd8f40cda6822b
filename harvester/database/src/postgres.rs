//! PostgreSQL servers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use fairground_reach::AllowList;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, NoTls};

use crate::address::PostgresAddress;
use crate::{Column, DatabaseError, Exported, Limits, NULL, Table, TableKind, quoted, schema, tls};

/// The port that a server has unless its address says otherwise.
const PORT: u16 = 5432;

/// A connection that can only read; it ends with its last use.
struct Session {
    client: Client,
    connection: tokio::task::JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Session {
    async fn open(
        server: &PostgresAddress,
        allow: &AllowList,
        limits: &Limits,
        statement: Duration,
    ) -> Result<Self, DatabaseError> {
        let mut config = server.config.clone();
        judge(&mut config, allow).await?;
        config.connect_timeout(limits.connect).application_name("fairground");
        // Set at the start, so that not one statement runs without.
        config.options(format!(
            "-c default_transaction_read_only=on -c statement_timeout={} -c lock_timeout=10000 -c timezone=UTC -c datestyle=ISO -c client_encoding=UTF8",
            statement.as_millis()
        ));
        let late = |_| DatabaseError::Late { what: "let us in", secs: limits.connect.as_secs() };
        if config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) =
                tokio::time::timeout(limits.connect, config.connect(NoTls)).await.map_err(late)??;
            return Ok(Self { client, connection: tokio::spawn(async move { drop(connection.await) }) });
        }
        let connecting = config.connect(tls::connector()?);
        let (client, connection) = tokio::time::timeout(limits.connect, connecting).await.map_err(late)??;
        Ok(Self { client, connection: tokio::spawn(async move { drop(connection.await) }) })
    }
}

/// Judges every host by what its name stands for now, and lets the connection go there alone.
async fn judge(config: &mut tokio_postgres::Config, allow: &AllowList) -> Result<(), DatabaseError> {
    let ports = config.get_ports().to_vec();
    let hosts = config.get_hosts().to_vec();
    let mut open = Vec::new();
    for (nth, host) in hosts.iter().enumerate() {
        // A socket of this machine: whoever can name it to this program runs it.
        let Host::Tcp(name) = host else { return Ok(()) };
        let port = ports.get(nth).or(ports.first()).copied().unwrap_or(PORT);
        let unknown = |reason: String| DatabaseError::UnknownHost { host: name.clone(), reason };
        let found = tokio::net::lookup_host((name.as_str(), port)).await.map_err(|error| unknown(error.to_string()))?;
        let found: Vec<SocketAddr> = found.collect();
        let good = found.iter().find(|address| allow.may_connect(name, **address));
        match (good, found.first()) {
            (Some(address), _) => open.push(address.ip()),
            (None, Some(address)) => return Err(DatabaseError::Private { host: name.clone(), address: address.ip() }),
            (None, None) => return Err(unknown("it has no address".to_owned())),
        }
    }
    for address in open {
        config.hostaddr(address);
    }
    Ok(())
}

pub(crate) async fn tables(
    server: &PostgresAddress,
    allow: &AllowList,
    limits: &Limits,
) -> Result<Vec<Table>, DatabaseError> {
    let session = Session::open(server, allow, limits, limits.listing).await?;
    let late = |_| DatabaseError::Late { what: "list its tables", secs: limits.listing.as_secs() };
    tokio::time::timeout(limits.listing, list(&session.client, server, limits)).await.map_err(late)?
}

/// What the user may read: neither the server's own tables, nor those of extensions, nor parts of partitioned tables.
const TABLES: &str = "
    select c.oid, n.nspname::text, c.relname::text, c.relkind::text, obj_description(c.oid, 'pg_class')
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
       and n.nspname <> 'information_schema' and left(n.nspname, 3) <> 'pg_'
       and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
       and not exists (select 1 from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 2, 3";
const COLUMNS: &str = "
    select a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
      from pg_catalog.pg_attribute a
     where a.attrelid = any($1) and a.attnum > 0 and not a.attisdropped
     order by a.attrelid, a.attnum";
const KEYS: &str = "
    select i.indrelid, a.attname::text
      from pg_catalog.pg_index i
      cross join lateral unnest(i.indkey) with ordinality as k (attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indisprimary and i.indrelid = any($1)
     order by i.indrelid, k.place";

async fn list(client: &Client, server: &PostgresAddress, limits: &Limits) -> Result<Vec<Table>, DatabaseError> {
    let mut all: BTreeMap<u32, Table> = BTreeMap::new();
    for row in client.query(TABLES, &[]).await? {
        let (id, schema, name, kind): (u32, String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        if !server.only.admits(Some(&schema), &name) {
            continue;
        }
        if all.len() >= limits.tables {
            return Err(DatabaseError::TooManyTables(limits.tables));
        }
        let kind = if matches!(kind.as_str(), "v" | "m") { TableKind::View } else { TableKind::Table };
        let table = Table {
            schema: Some(schema),
            name,
            kind,
            comment: row.try_get(4)?,
            columns: Vec::new(),
            primary_key: Vec::new(),
        };
        all.insert(id, table);
    }
    let ids: Vec<u32> = all.keys().copied().collect();
    for row in client.query(COLUMNS, &[&ids]).await? {
        if let Some(table) = all.get_mut(&row.try_get::<_, u32>(0)?) {
            table.columns.push(Column { name: row.try_get(1)?, type_name: row.try_get(2)?, comment: row.try_get(3)? });
        }
    }
    for row in client.query(KEYS, &[&ids]).await? {
        if let Some(table) = all.get_mut(&row.try_get::<_, u32>(0)?) {
            table.primary_key.push(row.try_get(1)?);
        }
    }
    let mut tables: Vec<Table> = all.into_values().filter(|table| !table.columns.is_empty()).collect();
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(tables)
}

/// How a column is written, and the type that the schema promises; `None` for bytes.
fn expression(column: &Column) -> Option<(String, &'static str)> {
    let name = quoted(&column.name);
    let word = column.type_name.to_ascii_lowercase();
    let base = word.split('(').next().unwrap_or_default().trim();
    if word.ends_with("[]") {
        return Some((format!("to_json({name})::text"), "string"));
    }
    // Moments in the form of ISO 8601; those without end have no such form.
    let moment = |at: &str, zone: &str| {
        format!("case when isfinite({name}) then to_char({at}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US{zone}') end")
    };
    Some(match base {
        "bytea" => return None,
        "smallint" | "integer" | "bigint" | "oid" => (name, "integer"),
        "numeric" | "real" | "double precision" => (name, "number"),
        "boolean" => (name, "boolean"),
        "date" => (format!("case when isfinite({name}) then to_char({name}, 'YYYY-MM-DD') end"), "date"),
        "timestamp" | "timestamp without time zone" => (moment(&name, ""), "datetime"),
        "timestamp with time zone" => (moment(&format!("{name} at time zone 'UTC'"), "\"Z\""), "datetime"),
        _ if word.starts_with("timestamp") && word.ends_with("with time zone") => {
            (moment(&format!("{name} at time zone 'UTC'"), "\"Z\""), "datetime")
        }
        "geometry" | "geography" => (format!("st_astext({name})"), "any"),
        _ => (format!("{name}::text"), "string"),
    })
}

pub(crate) async fn export(
    server: &PostgresAddress,
    table: &str,
    allow: &AllowList,
    limits: &Limits,
    sink: &Path,
) -> Result<Exported, DatabaseError> {
    let session = Session::open(server, allow, limits, limits.export).await?;
    let late = |_| DatabaseError::Late { what: "give its rows", secs: limits.export.as_secs() };
    let work = async {
        let known = list(&session.client, server, limits).await?.into_iter().find(|known| known.qualified() == table);
        let known = known.ok_or_else(|| DatabaseError::NoTable(table.to_owned()))?;
        write(&session.client, &known, limits, sink).await
    };
    tokio::time::timeout(limits.export, work).await.map_err(late)?
}

async fn write(client: &Client, table: &Table, limits: &Limits, sink: &Path) -> Result<Exported, DatabaseError> {
    let columns: Vec<(&Column, String, &str)> =
        table.columns.iter().filter_map(|column| expression(column).map(|(text, kind)| (column, text, kind))).collect();
    if columns.is_empty() {
        return Err(DatabaseError::NoTable(table.qualified()));
    }
    let list: Vec<String> =
        columns.iter().map(|(column, text, _)| format!("{text} as {}", quoted(&column.name))).collect();
    let order: Vec<String> = table.primary_key.iter().map(|name| format!("t.{}", quoted(name))).collect();
    let order = if order.is_empty() { String::new() } else { format!(" order by {}", order.join(", ")) };
    let from = match &table.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&table.name)),
        None => quoted(&table.name),
    };
    // One row more than the limit tells that there are more.
    let most = limits.rows.saturating_add(1).min(i64::MAX.unsigned_abs());
    let text = format!(
        "copy (select {} from {from} as t{order} limit {most}) to stdout (format csv, header true, null '{NULL}')",
        list.join(", ")
    );
    let mut rows = pin!(client.copy_out(&text).await?);
    let mut file = tokio::io::BufWriter::new(tokio::fs::File::create(sink).await?);
    // The server sends one message for each row, the heading first.
    let (mut lines, mut bytes) = (0_u64, 0_u64);
    while let Some(piece) = rows.next().await {
        let piece = piece?;
        lines += 1;
        bytes += piece.len() as u64;
        if lines > limits.rows.saturating_add(1) {
            return Err(DatabaseError::TooManyRows(limits.rows));
        }
        if bytes > limits.bytes {
            return Err(DatabaseError::TooLarge(limits.bytes));
        }
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    let fields: Vec<Value> = columns.iter().map(|(column, _, kind)| schema::field(column, kind)).collect();
    Ok(Exported { rows: lines.saturating_sub(1), bytes, schema: schema::of(table, fields) })
}
