//! The tables of an agency's own database.

use fairground_database::{Address, Limits, Table, tables};
use fairground_standards::collected::{Envelope, database::MAX_TABLES};
use serde_json::{Map, Value, json};

use super::super::{GatherError, Location};
use super::walk::Walk;

pub(super) async fn gather(walk: &mut Walk<'_>, location: &Location) -> Result<(), GatherError> {
    let address = match location {
        Location::Database(address) => address.clone(),
        Location::File(path) => Address::file(path),
        Location::Web(_) => return Ok(()),
    };
    let limits = Limits { tables: MAX_TABLES, ..Limits::default() };
    let found = tables(&address, walk.fetcher().allow(), &limits).await?;
    for table in &found {
        walk.emit(&envelope(table).with("source", address.name()))?;
    }
    Ok(())
}

fn envelope(table: &Table) -> Envelope {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "type": column.type_name, "comment": column.comment }))
        .collect();
    let mut document = Map::new();
    document.insert("schema".to_owned(), table.schema.clone().into());
    document.insert("name".to_owned(), table.name.clone().into());
    document.insert("kind".to_owned(), table.kind.as_str().into());
    document.insert("comment".to_owned(), table.comment.clone().into());
    document.insert("columns".to_owned(), columns.into());
    document.retain(|_, value| !value.is_null());
    Envelope::new("", document)
}
