//! The agency's small API of air readings, there to be put behind a gateway.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::tables;
use crate::form::Form;
use crate::table::{Cell, Table};

/// Days that the API knows.
const FIRST_DAY: Date = date(2026, 1, 1);
const LAST_DAY: Date = date(2026, 2, 28);

/// Answers below `/readings/v1`; nothing for an address, station or day that is not there.
pub(crate) fn readings(path: &str) -> Option<Value> {
    let parts: Vec<&str> = path.trim_start_matches("/readings/v1").split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Some(
            json!({ "title": "Air readings API", "stations": "/readings/v1/stations", "openapi": "/readings/v1/openapi.json" }),
        ),
        ["openapi.json"] => Some(openapi()),
        ["stations"] => Some(json!({ "items": objects(&tables::air_stations()) })),
        ["stations", station, "days", day] => day_of(station, day.parse().ok()?),
        _ => None,
    }
}

fn day_of(station: &str, day: Date) -> Option<Value> {
    if !(FIRST_DAY..=LAST_DAY).contains(&day) {
        return None;
    }
    let mut table = if day.month() == 1 { tables::air_january() } else { tables::air_february() };
    let start = day.to_string();
    table
        .rows
        .retain(|row| text_at(row, 0) == Some(station) && text_at(row, 1).is_some_and(|hour| hour.starts_with(&start)));
    (!table.rows.is_empty()).then(|| json!({ "station": station, "day": start, "items": objects(&table) }))
}

fn text_at(row: &[Cell], at: usize) -> Option<&str> {
    match row.get(at) {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    }
}

fn objects(table: &Table) -> Value {
    serde_json::from_slice(&Form::Json.write(table)).unwrap_or_default()
}

fn openapi() -> Value {
    let list = |what: &str| json!({ "200": { "description": what, "content": { "application/json": { "schema": { "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } } } } } } } });
    let parameter = |name: &str, what: &str| json!({ "name": name, "in": "path", "required": true, "description": what, "schema": { "type": "string" } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Air readings API", "version": "1.0.0", "license": { "name": "CC0 1.0", "identifier": "CC0-1.0" } },
        "servers": [{ "url": "/readings/v1" }],
        "paths": {
            "/stations": { "get": { "operationId": "listStations", "summary": "All stations", "responses": list("The stations") } },
            "/stations/{station}/days/{day}": { "get": {
                "operationId": "listReadings",
                "summary": "Hourly means of one station and day",
                "parameters": [parameter("station", "Station code, such as MA01"), parameter("day", "Day, such as 2026-02-14")],
                "responses": list("Twenty-four hourly means"),
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_answers_stations_and_days_and_refuses_the_rest() {
        let items = |path: &str| readings(path).map(|body| body["items"].as_array().map_or(0, Vec::len));
        for (path, count) in [
            ("/readings/v1/stations", Some(6)),
            ("/readings/v1/stations/MA01/days/2026-01-12", Some(24)),
            ("/readings/v1/stations/MA06/days/2026-02-28", Some(24)),
            ("/readings/v1/stations/MA09/days/2026-01-12", None),
            ("/readings/v1/stations/MA01/days/2026-03-01", None),
            ("/readings/v1/stations/MA01/days/soon", None),
            ("/readings/v1/nothing", None),
        ] {
            assert_eq!(items(path), count, "{path}");
        }
        assert!(openapi()["paths"]["/stations"].is_object());
    }
}
