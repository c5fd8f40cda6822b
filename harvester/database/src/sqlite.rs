//! SQLite files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::address::SqliteAddress;
use crate::{Column, DatabaseError, Exported, Limits, NULL, Table, TableKind, quoted, schema};

/// Instructions of SQLite between two looks at the clock.
const STEPS: i32 = 100_000;
/// How long a writer may keep us waiting.
const BUSY: Duration = Duration::from_secs(10);
/// Tables that other programs keep for themselves: GeoPackage, SpatiaLite, diesel, Android.
const INTERNAL: [&str; 8] =
    ["gpkg_", "rtree_", "sqlite_", "idx_", "spatialite_", "geometry_columns", "spatial_ref_sys", "android_metadata"];

/// The file, so that it can only be read.
fn open(address: &SqliteAddress, within: Duration) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&address.path, flags)?;
    connection.busy_timeout(BUSY)?;
    // The file is somebody else's: what it defines may not call functions with side effects, and its pages are not trusted.
    connection.execute_batch("pragma query_only = on; pragma trusted_schema = off; pragma cell_size_check = on;")?;
    let end = Instant::now() + within;
    connection.progress_handler(STEPS, Some(move || Instant::now() > end))?;
    Ok(connection)
}

/// A statement that took too long is told as such.
fn in_time<T>(result: Result<T, DatabaseError>, what: &'static str, within: Duration) -> Result<T, DatabaseError> {
    match result {
        Err(DatabaseError::Sqlite(error))
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) =>
        {
            Err(DatabaseError::Late { what, secs: within.as_secs() })
        }
        other => other,
    }
}

pub(crate) fn tables(address: &SqliteAddress, limits: &Limits) -> Result<Vec<Table>, DatabaseError> {
    let connection = open(address, limits.listing)?;
    in_time(list(&connection, address, limits), "list its tables", limits.listing)
}

fn list(connection: &Connection, address: &SqliteAddress, limits: &Limits) -> Result<Vec<Table>, DatabaseError> {
    let mut statement = connection.prepare(
        "select name, type from pragma_table_list where schema = 'main' and type in ('table', 'view') order by name",
    )?;
    let found: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for (name, kind) in found {
        let internal = INTERNAL.iter().any(|start| name.starts_with(start));
        if internal || !address.only.admits(None, &name) {
            continue;
        }
        if all.len() >= limits.tables {
            return Err(DatabaseError::TooManyTables(limits.tables));
        }
        // A view over tables that are gone has no columns; it shows nothing.
        let Ok((columns, primary_key)) = columns(connection, &name) else { continue };
        if !columns.is_empty() {
            let kind = if kind == "view" { TableKind::View } else { TableKind::Table };
            all.push(Table { schema: None, name, kind, comment: None, columns, primary_key });
        }
    }
    Ok(all)
}

fn columns(connection: &Connection, table: &str) -> Result<(Vec<Column>, Vec<String>), DatabaseError> {
    let mut statement =
        connection.prepare("select name, type, pk from pragma_table_xinfo(?1) where hidden <> 1 order by cid")?;
    let rows = statement
        .query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?;
    let (mut columns, mut keys) = (Vec::new(), Vec::new());
    for row in rows {
        let (name, type_name, place) = row?;
        if place > 0 {
            keys.push((place, name.clone()));
        }
        columns.push(Column { name, type_name, comment: None });
    }
    keys.sort();
    Ok((columns, keys.into_iter().map(|(_, name)| name).collect()))
}

/// Whether a column is declared to hold bytes or shapes.
fn is_bytes(column: &Column) -> bool {
    const SHAPES: [&str; 9] = [
        "BLOB",
        "GEOMETRY",
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
    ];
    SHAPES.contains(&column.type_name.to_ascii_uppercase().as_str())
}

/// Counts what is written and refuses more than the limit.
struct Bounded<W> {
    inner: W,
    bytes: u64,
    limit: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.limit {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.inner.write(piece)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// What a column's values were, whatever it was declared as: SQLite keeps what it is given.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    integers: bool,
    others_than_0_1: bool,
    reals: bool,
    texts: bool,
}

impl Seen {
    /// The type that a schema may promise.
    fn kind(self, declared: &str) -> &'static str {
        let declared = declared.to_ascii_uppercase();
        let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        match (self.texts, self.reals, self.integers) {
            (true, false, false) if says(&["DATE", "TIME"]) => "any",
            (true, false, false) if says(&["CHAR", "CLOB", "TEXT"]) => "string",
            // Numbers that were stored as text in a column without a type may be either.
            (true, false, false) => "any",
            (true, _, _) => "string",
            (false, true, _) => "number",
            (false, false, true) if says(&["BOOL"]) && !self.others_than_0_1 => "boolean",
            (false, false, true) if says(&["REAL", "FLOA", "DOUB", "NUM", "DEC"]) => "number",
            (false, false, true) => "integer",
            (false, false, false) if says(&["INT"]) => "integer",
            (false, false, false) if says(&["REAL", "FLOA", "DOUB", "NUM", "DEC"]) => "number",
            (false, false, false) => "any",
        }
    }

    fn note(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Integer(number) => {
                self.integers = true;
                self.others_than_0_1 |= !matches!(number, 0 | 1);
            }
            ValueRef::Real(_) => self.reals = true,
            ValueRef::Text(_) => self.texts = true,
            ValueRef::Null | ValueRef::Blob(_) => {}
        }
    }
}

pub(crate) fn export(
    address: &SqliteAddress,
    table: &str,
    limits: &Limits,
    sink: &Path,
) -> Result<Exported, DatabaseError> {
    let connection = open(address, limits.export)?;
    let known = list(&connection, address, limits)?.into_iter().find(|known| known.name == table);
    let known = known.ok_or_else(|| DatabaseError::NoTable(table.to_owned()))?;
    in_time(write(&connection, &known, limits, sink), "give its rows", limits.export)
}

fn write(connection: &Connection, table: &Table, limits: &Limits, sink: &Path) -> Result<Exported, DatabaseError> {
    let columns: Vec<&Column> = table.columns.iter().filter(|column| !is_bytes(column)).collect();
    if columns.is_empty() {
        return Err(DatabaseError::NoTable(table.name.clone()));
    }
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let order: Vec<String> = table.primary_key.iter().map(|name| quoted(name)).collect();
    let order = match (table.kind, order.is_empty()) {
        (TableKind::Table, true) => " order by rowid".to_owned(),
        (TableKind::Table, false) => format!(" order by {}", order.join(", ")),
        (TableKind::View, _) => String::new(),
    };
    let text = format!("select {} from main.{}{order}", names.join(", "), quoted(&table.name));
    let mut statement = connection.prepare(&text)?;
    let file = Bounded { inner: BufWriter::new(File::create(sink)?), bytes: 0, limit: limits.bytes };
    let mut csv = csv::WriterBuilder::new().from_writer(file);
    let too_large = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Io(inner) if inner.kind() == std::io::ErrorKind::FileTooLarge => {
            DatabaseError::TooLarge(limits.bytes)
        }
        _ => error.into(),
    };
    csv.write_record(columns.iter().map(|column| column.name.as_str())).map_err(too_large)?;
    let mut seen = vec![Seen::default(); columns.len()];
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count > limits.rows {
            return Err(DatabaseError::TooManyRows(limits.rows));
        }
        for (at, seen) in seen.iter_mut().enumerate() {
            let value = row.get_ref(at)?;
            seen.note(value);
            match value {
                ValueRef::Null | ValueRef::Blob(_) => csv.write_field(NULL),
                ValueRef::Integer(number) => csv.write_field(number.to_string()),
                ValueRef::Real(number) => csv.write_field(number.to_string()),
                ValueRef::Text(text) => csv.write_field(&*String::from_utf8_lossy(text)),
            }
            .map_err(too_large)?;
        }
        csv.write_record(None::<&[u8]>).map_err(too_large)?;
    }
    csv.flush().map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => DatabaseError::TooLarge(limits.bytes),
        _ => error.into(),
    })?;
    let bytes = csv.get_ref().bytes;
    let fields: Vec<Value> =
        columns.iter().zip(seen).map(|(column, seen)| schema::field(column, seen.kind(&column.type_name))).collect();
    Ok(Exported { rows: count, bytes, schema: schema::of(table, fields) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn database(sql: &str) -> (tempfile::TempDir, SqliteAddress) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agency.db");
        Connection::open(&path).expect("made").execute_batch(sql).expect("filled");
        let Address::Sqlite(address) = Address::file(&path) else { unreachable!("it is a file") };
        (folder, address)
    }

    const AGENCY: &str = "
        create table stations (id integer primary key, code text not null, built date, height real, open boolean, photo blob);
        insert into stations values (2, '007', '2020-01-02', 1.5, 1, x'ff'), (1, '1,\"a\"', null, 2, 0, null), (3, '', '2021-01-01', null, null, null);
        create table loose (a int, b);
        insert into loose values ('x', 1), (2, 'y');
        create view tall as select code, height from stations where height > 1;
        create view broken as select * from gone;
        create table gpkg_contents (a);
        create table \"odd \"\"name\" (\"c \"\"d\" text);";

    #[test]
    fn tables_and_views_are_listed_with_their_columns() {
        let (_folder, address) = database(AGENCY);
        let found = tables(&address, &Limits::default()).expect("listed");
        let names: Vec<_> = found.iter().map(|table| (table.name.as_str(), table.kind, table.columns.len())).collect();
        let (t, v) = (TableKind::Table, TableKind::View);
        assert_eq!(names, [("loose", t, 2), ("odd \"name", t, 1), ("stations", t, 6), ("tall", v, 2)]);
        assert_eq!(found[2].primary_key, ["id"]);
    }

    #[test]
    fn rows_are_exported_with_their_types() {
        let (folder, address) = database(AGENCY);
        let sink = folder.path().join("rows.csv");
        let done = export(&address, "stations", &Limits::default(), &sink).expect("exported");
        let text = std::fs::read_to_string(&sink).expect("text");
        let expected =
            "id,code,built,height,open\n1,\"1,\"\"a\"\"\",\\N,2,0\n2,007,2020-01-02,1.5,1\n3,,2021-01-01,\\N,\\N\n";
        assert_eq!(text, expected);
        assert_eq!((done.rows, done.bytes), (3, expected.len() as u64));
        let types: Vec<_> = done.schema["fields"]
            .as_array()
            .expect("fields")
            .iter()
            .map(|it| it["type"].as_str().expect("a type"))
            .collect();
        assert_eq!(types, ["integer", "string", "any", "number", "boolean"]);
        let loose = export(&address, "loose", &Limits::default(), &sink).expect("exported");
        let types: Vec<_> = loose.schema["fields"]
            .as_array()
            .expect("fields")
            .iter()
            .map(|it| it["type"].as_str().expect("a type"))
            .collect();
        assert_eq!(types, ["string", "string"]);
        assert_eq!(export(&address, "odd \"name", &Limits::default(), &sink).expect("exported").rows, 0);
        assert_eq!(export(&address, "tall", &Limits::default(), &sink).expect("exported").rows, 2);
    }

    #[test]
    fn limits_and_deadlines_are_kept() {
        let endless =
            "create view endless as with recursive n(i) as (select 1 union all select i + 1 from n) select i from n;";
        let (folder, address) = database(&format!("{AGENCY}{endless}"));
        let sink = folder.path().join("rows.csv");
        let rows = Limits { rows: 2, ..Limits::default() };
        assert!(matches!(export(&address, "stations", &rows, &sink), Err(DatabaseError::TooManyRows(2))));
        let bytes = Limits { bytes: 10, ..Limits::default() };
        assert!(matches!(export(&address, "stations", &bytes, &sink), Err(DatabaseError::TooLarge(10))));
        let many = Limits { tables: 2, ..Limits::default() };
        assert!(matches!(tables(&address, &many), Err(DatabaseError::TooManyTables(2))));
        let late = Limits { export: Duration::ZERO, rows: u64::MAX, ..Limits::default() };
        assert!(matches!(export(&address, "endless", &late, &sink), Err(DatabaseError::Late { .. })));
        assert!(matches!(export(&address, "gone", &Limits::default(), &sink), Err(DatabaseError::NoTable(_))));
        assert!(matches!(export(&address, "gpkg_contents", &Limits::default(), &sink), Err(DatabaseError::NoTable(_))));
    }

    #[test]
    fn nothing_can_be_written() {
        let (_folder, address) = database(AGENCY);
        let connection = open(&address, Duration::from_secs(5)).expect("opened");
        assert!(connection.execute_batch("insert into loose values (1, 1)").is_err());
        assert!(connection.execute_batch("create table x (a)").is_err());
    }
}
