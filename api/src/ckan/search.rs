//! `datastore_search`.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fairground_domain::{Column, Snapshot};
use fairground_tables::query::plan::{AggregatePlan, GroupKey, Measure, Predicate, RowsPlan, SortKey, Start};
use fairground_tables::query::words::wanted_words;
use fairground_tables::query::{GROUPS_LIMIT_MAX, ROWS_LIMIT_MAX, RowsRequest, normalise};
use fairground_tables::{OpenSnapshot, RowsAnswer, Tables};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::envelope::{Refusal, refuse, success};
use super::params::{LIMIT_DEFAULT, LIMIT_MAX, ObjectOrText, Params, unquoted};
use super::records::{Field, Records, RecordsFormat};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::table::{Asked, Fields, View, find, put_engine, query_refused, written};

const ACTION: &str = "datastore_search";
/// The row's number, from 1, as CKAN's tables have it.
const ID: &str = "_id";

/// With the parameters in the address.
pub(super) async fn get(req: HttpRequest, state: Data<ApiState>) -> HttpResponse {
    let found = match Params::of_query(req.query_string()) {
        Ok(params) => search(&state, &req, &params, true).await,
        Err(refusal) => Err(refusal),
    };
    found.unwrap_or_else(|refusal| refuse(&state, ACTION, refusal))
}

/// With the parameters in the body.
pub(super) async fn post(req: HttpRequest, payload: Payload, state: Data<ApiState>) -> HttpResponse {
    let found = match Params::of_body(&req, payload).await {
        Ok(params) => search(&state, &req, &params, false).await,
        Err(refusal) => Err(refusal),
    };
    found.unwrap_or_else(|refusal| refuse(&state, ACTION, refusal))
}

/// The table that a `resource_id` names: by its own id or slug, or its distribution's id.
pub(super) async fn table_of(state: &ApiState, req: &HttpRequest, id: &str) -> Result<Arc<View>, Refusal> {
    find(state, req, id, Asked::Current).await.map_err(|problem| match Refusal::from(problem) {
        Refusal::NotFound(_) => {
            let id: String = id.chars().take(80).collect();
            Refusal::NotFound(format!("Resource \"{id}\" was not found."))
        }
        other => other,
    })
}

async fn search(state: &ApiState, req: &HttpRequest, params: &Params, keepable: bool) -> Result<HttpResponse, Refusal> {
    let id = params.resource_id()?;
    let view = table_of(state, req, &id).await?;
    let asked = Search::of(params, &view.snapshot)?;
    let fields = Fields::of(&view, Asked::Current, &[b"ckan", req.uri().to_string().as_bytes()]);
    if let Some(answer) = keepable.then(|| fields.not_modified(req)).flatten() {
        return Ok(answer);
    }
    let tables = state.tables()?;
    let open = state.open_snapshot(view.snapshot.key).await?;
    let engine = Asker { tables, open: &open, snapshot: &view.snapshot };
    let found = match asked.distinct_of() {
        Some(columns) => engine.distinct(&asked, columns).await?,
        None => engine.rows(&asked).await?,
    };
    let result = asked.result(&id, req, keepable, &view.snapshot, &found);
    let mut answer = HttpResponse::Ok();
    if keepable {
        fields.put(&mut answer);
    } else {
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
    }
    if let Some((engine, took)) = found.engine {
        put_engine(&mut answer, req, engine, took);
    }
    answer.insert_header((header::CONTENT_TYPE, "application/json;charset=utf-8"));
    Ok(answer.body(success(state, ACTION, &result)))
}

/// What was asked.
#[derive(Debug)]
struct Search {
    predicate: Predicate,
    /// Places of the columns asked for, `None` for `_id`; all when nothing was said.
    fields: Vec<Option<usize>>,
    sort: Vec<SortKey>,
    /// By `_id` from the last.
    backwards: bool,
    limit: u64,
    offset: u64,
    says_offset: bool,
    include_total: bool,
    distinct: bool,
    format: RecordsFormat,
    said: Map<String, Value>,
}

impl Search {
    fn of(params: &Params, snapshot: &Snapshot) -> Result<Self, Refusal> {
        if !params.flag("plain", true)? {
            return Err(Refusal::of("plain", "Only plain words are taken: a word*, several words."));
        }
        let format = params.text("records_format").unwrap_or_else(|| "objects".to_owned());
        let format = RecordsFormat::parse(&format)
            .ok_or_else(|| Refusal::of("records_format", "Must be one of objects, lists, csv, tsv"))?;
        let mut said = Map::new();
        let mut parts = vec![filters(params, snapshot, &mut said)?];
        parts.extend(words(params, snapshot, &mut said)?);
        let fields = match params.names("fields") {
            None => std::iter::once(None).chain((0..snapshot.columns.len()).map(Some)).collect(),
            Some(names) => names.iter().map(|name| field(name, snapshot)).collect::<Result<_, _>>()?,
        };
        let (sort, backwards) = sort(params, snapshot, &mut said)?;
        let offset = params.number("offset")?;
        Ok(Self {
            predicate: normalise(Predicate::And(parts)),
            fields,
            sort,
            backwards,
            limit: params.number("limit")?.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX),
            offset: offset.unwrap_or(0),
            says_offset: offset.is_some(),
            include_total: params.flag("include_total", true)?,
            distinct: params.flag("distinct", false)?,
            format,
            said,
        })
    }

    /// The columns whose different values are asked for; nothing when rows are, because no two have the same `_id`.
    fn distinct_of(&self) -> Option<Vec<usize>> {
        if !self.distinct {
            return None;
        }
        self.fields.iter().copied().collect()
    }

    fn fields<'a>(&self, snapshot: &'a Snapshot) -> Vec<Field<'a>> {
        // The engine's members are the columns in the order asked for, without `_id`.
        let mut member = 0;
        let field = |at: &Option<usize>| {
            let Some(place) = at else { return Some(Field::Id) };
            let column: &Column = snapshot.columns.get(*place)?;
            member += 1;
            Some(Field::Column(member - 1, column))
        };
        self.fields.iter().filter_map(field).collect()
    }

    /// The result as JSON, in CKAN's order.
    fn result(&self, id: &str, req: &HttpRequest, of_query: bool, snapshot: &Snapshot, found: &Found) -> String {
        let mut head = Map::new();
        head.insert("include_total".to_owned(), json!(self.include_total));
        head.insert("limit".to_owned(), json!(self.limit));
        if self.says_offset {
            head.insert("offset".to_owned(), json!(self.offset));
        }
        head.insert("records_format".to_owned(), json!(self.format.as_str()));
        head.insert("resource_id".to_owned(), json!(id));
        head.insert("total_estimation_threshold".to_owned(), Value::Null);
        head.extend(self.said.clone());
        if self.include_total {
            head.insert("total".to_owned(), json!(found.total));
            head.insert("total_was_estimated".to_owned(), json!(false));
        }
        head.insert("_links".to_owned(), self.links(req, of_query));
        head.insert("fields".to_owned(), self.fields(snapshot).iter().map(Field::told).collect());
        let mut text = Value::Object(head).to_string();
        // The records are JSON already: they are put in before the object's end.
        text.pop();
        text.push_str(",\"records\":");
        text.push_str(&found.records);
        text.push('}');
        text
    }

    fn links(&self, req: &HttpRequest, of_query: bool) -> Value {
        let with = |offset: Option<u64>| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let pairs = form_urlencoded::parse(req.query_string().as_bytes());
            for (name, value) in pairs.filter(|(name, _)| of_query && name != "offset" && name != "api_key") {
                query.append_pair(&name, &value);
            }
            if let Some(offset) = offset {
                query.append_pair("offset", &offset.to_string());
            }
            let query = query.finish();
            if query.is_empty() { req.path().to_owned() } else { format!("{}?{query}", req.path()) }
        };
        let mut links = json!({ "start": with(None), "next": with(Some(self.offset.saturating_add(self.limit))) });
        if let (true, Some(object)) = (self.offset > 0, links.as_object_mut()) {
            object.insert("prev".to_owned(), json!(with(Some(self.offset.saturating_sub(self.limit)))));
        }
        links
    }
}

/// What an engine found.
struct Found {
    records: String,
    total: u64,
    engine: Option<(fairground_tables::Engine, std::time::Duration)>,
}

struct Asker<'a> {
    tables: &'a Tables,
    open: &'a Arc<OpenSnapshot>,
    snapshot: &'a Snapshot,
}

impl Asker<'_> {
    /// Rows, in as many pages of the engine's as the limit needs.
    async fn rows(&self, asked: &Search) -> Result<Found, Problem> {
        let mut properties: Vec<usize> = asked.fields.iter().copied().flatten().collect();
        if properties.is_empty() {
            properties.push(0);
        }
        let (mut offset, mut limit) = (asked.offset, asked.limit);
        if asked.backwards {
            let none = RowsPlan { limit: 0, ..plan(asked, &properties, 0, Start::Offset(0)) };
            let total = self.tables.rows(self.open, &none).await?.total;
            let end = total.saturating_sub(offset);
            offset = end.saturating_sub(limit);
            limit = end - offset;
        }
        let mut start = Start::Offset(offset);
        let fields = asked.fields(self.snapshot);
        let mut pages: Vec<RowsAnswer> = Vec::new();
        let (mut count, mut engine) = (0, None);
        let total = loop {
            let wanted = u32::try_from(limit - count).unwrap_or(u32::MAX).min(ROWS_LIMIT_MAX);
            let page = self.tables.rows(self.open, &plan(asked, &properties, wanted, start)).await?;
            engine = engine.or(Some((page.engine, page.elapsed)));
            count += page.count;
            let (next, total) = (page.next, page.total);
            pages.push(page);
            match next {
                Some(next) if count < limit => start = next,
                _ => break total,
            }
        };
        let mut records = Records::new(&fields, asked.format);
        if asked.backwards {
            pages.reverse();
        }
        for page in &pages {
            let ids: Vec<u64> = page.row_numbers.iter().map(|number| number + 1).collect();
            records.add(&page.items, &ids, asked.backwards)?;
        }
        Ok(Found { records: records.finish(), total, engine })
    }

    /// Different values of some columns.
    async fn distinct(&self, asked: &Search, columns: Vec<usize>) -> Result<Found, Problem> {
        let fields = asked.fields(self.snapshot);
        let place = |key: &SortKey| {
            let column = columns.iter().position(|column| *column == key.column)?;
            Some(SortKey { column, descending: key.descending })
        };
        let mut names: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        names.push("rows_of_group".to_owned());
        let mut plan = AggregatePlan {
            predicate: asked.predicate.clone(),
            keys: columns.iter().map(|column| GroupKey::Column(*column)).collect(),
            measures: vec![Measure::CountRows],
            names,
            having: None,
            sort: asked.sort.iter().filter_map(place).collect(),
            limit: 1,
            offset: asked.offset,
        };
        let mut records = Records::new(&fields, asked.format);
        let mut engine = None;
        let total = loop {
            let left = asked.limit.saturating_sub(records.count());
            plan.limit = u32::try_from(left).unwrap_or(u32::MAX).clamp(1, GROUPS_LIMIT_MAX);
            let page = self.tables.aggregate(self.open, &plan).await?;
            engine = engine.or(Some((page.engine, page.elapsed)));
            if left > 0 {
                records.add(&page.items, &[], false)?;
            }
            plan.offset = asked.offset.saturating_add(records.count());
            if records.count() >= asked.limit || page.count == 0 || plan.offset >= page.total {
                break page.total;
            }
        };
        Ok(Found { records: records.finish(), total, engine })
    }
}

fn plan(asked: &Search, properties: &[usize], limit: u32, start: Start) -> RowsPlan {
    RowsPlan {
        predicate: asked.predicate.clone(),
        properties: properties.to_vec(),
        sort: asked.sort.clone(),
        limit,
        start,
    }
}

/// The place of a column, `None` for `_id`.
fn field(name: &str, snapshot: &Snapshot) -> Result<Option<usize>, Refusal> {
    if name == ID {
        return Ok(None);
    }
    let place = snapshot.find_column(name);
    place.map(Some).ok_or_else(|| Refusal::of("fields", format!("field \"{name}\" not in table")))
}

/// `{"column": value}` or `{"column": [values]}`: equal to one of them.
fn filters(params: &Params, snapshot: &Snapshot, said: &mut Map<String, Value>) -> Result<Predicate, Refusal> {
    let map = match params.object_or_text("filters")? {
        None => return Ok(Predicate::Constant(true)),
        Some(ObjectOrText::Text(_)) => return Err(Refusal::of("filters", "Cannot parse JSON")),
        Some(ObjectOrText::Object(map)) => map,
    };
    let mut texts = Vec::with_capacity(map.len());
    for (name, value) in &map {
        let refused = |message: String| Refusal::of("filters", message);
        if name == ID {
            return Err(refused(format!("filters on \"{ID}\" are not offered; use offset")));
        }
        let column = snapshot.find_column(name).and_then(|place| snapshot.columns.get(place));
        let column = column.ok_or_else(|| refused(format!("field \"{name}\" not in table")))?;
        texts.push(
            condition(column, value)
                .ok_or_else(|| refused(format!("\"{name}\": a value or a list of values expected")))?,
        );
    }
    said.insert("filters".to_owned(), Value::Object(map));
    // Conditions go through the same reader as everybody's filters: values are understood as the column's type.
    let pairs = [("filter".to_owned(), texts.join(" AND "))];
    let request =
        RowsRequest::parse(&pairs, &[], snapshot).map_err(|error| match Refusal::from(query_refused(error)) {
            Refusal::Validation { message, .. } => Refusal::of("filters", message),
            other => other,
        })?;
    Ok(request.plan.predicate)
}

/// One column's condition as CQL2 text; `None` for values that cannot be compared with.
fn condition(column: &Column, value: &Value) -> Option<String> {
    let name = format!("\"{}\"", column.name);
    let list = match value {
        Value::Array(list) => list.clone(),
        Value::Object(_) => return None,
        one => vec![one.clone()],
    };
    if list.is_empty() {
        return Some("FALSE".to_owned());
    }
    let mut parts = Vec::new();
    let mut literals = Vec::new();
    for value in &list {
        match value {
            Value::Null => parts.push(format!("{name} IS NULL")),
            Value::Array(_) | Value::Object(_) => return None,
            other => literals.push(literal(column, &written(other))),
        }
    }
    if !literals.is_empty() {
        parts.push(format!("{name} IN ({})", literals.join(",")));
    }
    Some(format!("({})", parts.join(" OR ")))
}

/// A value as CQL2 text. What does not fit the column is refused by the reader, which knows best why.
fn literal(column: &Column, text: &str) -> String {
    let is_number = column.column_type.is_numeric() && text.trim().parse::<f64>().is_ok_and(f64::is_finite);
    let is_truth = column.column_type == fairground_domain::ColumnType::Boolean;
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" if is_truth => "TRUE".to_owned(),
        "false" | "f" if is_truth => "FALSE".to_owned(),
        _ if is_number => text.trim().to_owned(),
        _ => format!("'{}'", text.replace('\'', "''")),
    }
}

/// `q`: words in all text columns, or by column.
fn words(params: &Params, snapshot: &Snapshot, said: &mut Map<String, Value>) -> Result<Vec<Predicate>, Refusal> {
    match params.object_or_text("q")? {
        None => Ok(Vec::new()),
        Some(ObjectOrText::Text(text)) => {
            said.insert("q".to_owned(), json!(text));
            let pairs = [("q".to_owned(), text)];
            let request = RowsRequest::parse(&pairs, &[], snapshot).map_err(query_refused)?;
            Ok(vec![request.plan.predicate])
        }
        Some(ObjectOrText::Object(map)) => {
            let part = |(name, value): (&String, &Value)| {
                let place = snapshot.find_column(name);
                let place = place.ok_or_else(|| Refusal::of("q", format!("field \"{name}\" not in table")))?;
                let is_text = snapshot
                    .columns
                    .get(place)
                    .is_some_and(|column| column.column_type == fairground_domain::ColumnType::Text);
                let words = wanted_words(&written(value));
                if !is_text || words.is_empty() || words.len() > fairground_tables::query::Q_WORDS_MAX {
                    return Err(Refusal::of("q", format!("\"{name}\": a text column and some words are needed")));
                }
                Ok(Predicate::Words { columns: vec![place], words })
            };
            let parts = map.iter().map(part).collect::<Result<Vec<_>, _>>()?;
            said.insert("q".to_owned(), Value::Object(map));
            Ok(parts)
        }
    }
}

/// `name asc, "other" desc`; by `_id` alone, which is the order of the file, in either direction.
fn sort(params: &Params, snapshot: &Snapshot, said: &mut Map<String, Value>) -> Result<(Vec<SortKey>, bool), Refusal> {
    let Some(names) = params.text("sort") else { return Ok((Vec::new(), false)) };
    let refused = |message: String| Refusal::of("sort", message);
    let (mut keys, mut backwards) = (Vec::new(), false);
    for (at, part) in names.split(',').map(str::trim).filter(|part| !part.is_empty()).enumerate() {
        let (name, descending) = direction(part);
        let name = unquoted(name);
        if name == ID {
            if descending && at > 0 {
                return Err(refused(format!("\"{ID}\" breaks ties ascending only")));
            }
            backwards = descending;
            // Every row has another number: what follows changes nothing.
            break;
        }
        let column = snapshot.find_column(name).ok_or_else(|| refused(format!("field \"{name}\" not in table")))?;
        if snapshot.columns.get(column).is_some_and(|column| column.column_type.is_spatial()) {
            return Err(refused(format!("shapes have no order: \"{name}\"")));
        }
        if keys.len() == fairground_tables::query::SORT_KEYS_MAX {
            return Err(refused(format!("at most {} fields", fairground_tables::query::SORT_KEYS_MAX)));
        }
        keys.push(SortKey { column, descending });
    }
    said.insert("sort".to_owned(), json!(names));
    Ok((keys, backwards))
}

fn direction(part: &str) -> (&str, bool) {
    let Some((name, word)) = part.rsplit_once(char::is_whitespace) else { return (part, false) };
    match word.to_ascii_lowercase().as_str() {
        "asc" => (name.trim(), false),
        "desc" => (name.trim(), true),
        _ => (part, false),
    }
}
