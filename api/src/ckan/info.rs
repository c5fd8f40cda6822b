//! `datastore_info`: what a table holds.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fairground_catalog::table::{self, Table};
use fairground_domain::Column;
use serde_json::{Map, Value, json};

use super::envelope::{Refusal, refuse, success};
use super::params::Params;
use super::records::ckan_type;
use super::search::table_of;
use crate::state::ApiState;
use crate::table::{Asked, Fields};

const ACTION: &str = "datastore_info";

/// With the parameters in the address.
pub(super) async fn get(req: HttpRequest, state: Data<ApiState>) -> HttpResponse {
    let found = match Params::of_query(req.query_string()) {
        Ok(params) => info(&state, &req, &params, true).await,
        Err(refusal) => Err(refusal),
    };
    found.unwrap_or_else(|refusal| refuse(&state, ACTION, refusal))
}

/// With the parameters in the body.
pub(super) async fn post(req: HttpRequest, payload: Payload, state: Data<ApiState>) -> HttpResponse {
    let found = match Params::of_body(&req, payload).await {
        Ok(params) => info(&state, &req, &params, false).await,
        Err(refusal) => Err(refusal),
    };
    found.unwrap_or_else(|refusal| refuse(&state, ACTION, refusal))
}

async fn info(state: &ApiState, req: &HttpRequest, params: &Params, keepable: bool) -> Result<HttpResponse, Refusal> {
    let id = params.resource_id()?;
    let view = table_of(state, req, &id).await?;
    let snapshot = &view.snapshot;
    let distribution = view.table.distribution_id;
    let tables = state.read(move |tx| table::list_of_distribution(tx, distribution)).await?;
    let schema: Map<String, Value> =
        snapshot.columns.iter().map(|column| (column.name.clone(), json!(ckan_type(column.column_type)))).collect();
    let result = json!({
        "meta": {
            "id": id,
            "count": snapshot.rows,
            "size": snapshot.parquet_bytes,
            "table_type": "BASE TABLE",
            "aliases": [view.table.slug.to_string()],
            // Not CKAN's: all tables of the distribution's file, where it is a workbook or an archive of several.
            "tables": tables.iter().map(sibling).collect::<Vec<_>>(),
        },
        "schema": schema,
        "fields": snapshot.columns.iter().map(field).collect::<Vec<_>>(),
    });
    // What is told of its siblings changes with them.
    let siblings: String = tables.iter().map(|table| table.snapshot_key.to_string()).collect();
    let fields = Fields::of(&view, Asked::Current, &[b"ckan info", id.as_bytes(), siblings.as_bytes()]);
    let mut answer = HttpResponse::Ok();
    if keepable {
        if let Some(answer) = fields.not_modified(req) {
            return Ok(answer);
        }
        fields.put(&mut answer);
    } else {
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
    }
    answer.insert_header((header::CONTENT_TYPE, "application/json;charset=utf-8"));
    Ok(answer.body(success(state, ACTION, &result.to_string())))
}

fn sibling(table: &Table) -> Value {
    json!({ "id": table.id.to_string(), "name": table.name, "alias": table.slug.to_string(), "count": table.rows })
}

fn field(column: &Column) -> Value {
    json!({
        "id": column.name,
        "type": ckan_type(column.column_type),
        "schema": { "native_type": ckan_type(column.column_type), "notnull": column.statistics.nulls == 0, "is_index": true },
        "info": { "label": column.title, "notes": column.description.clone().unwrap_or_default() },
    })
}
