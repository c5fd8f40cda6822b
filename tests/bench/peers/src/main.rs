//! A minimal HTTP server before an indexed table in SQLite or PostgreSQL: the fastest honest peer that a developer would
//! write by hand. One connection a thread, prepared statements, rows written as JSON without a detour.
//!
//! usage: bench-peers sqlite FILE STATEMENTS PORT | bench-peers postgres URL STATEMENTS PORT
//!
//! STATEMENTS is a JSON object of name to `{"sql": "…", "total": "…"}`; `GET /NAME` answers
//! `{"items": […], "total": n}`, the total from its own statement where one is given.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};

type Statements = Arc<HashMap<String, (String, Option<String>)>>;
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, place, statements, port] = args.as_slice() else {
        return Err("usage: bench-peers sqlite|postgres PLACE STATEMENTS PORT".into());
    };
    let parsed: HashMap<String, HashMap<String, String>> = serde_json::from_str(&std::fs::read_to_string(statements)?)?;
    let statements: Statements = Arc::new(
        parsed
            .into_iter()
            .filter_map(|(name, mut texts)| Some((name, (texts.remove("sql")?, texts.remove("total")))))
            .collect(),
    );
    let (postgres, place, port) = (kind == "postgres", place.clone(), port.parse::<u16>()?);
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let app = App::new().app_data(web::Data::new(Arc::clone(&statements)));
            if postgres {
                app.app_data(web::Data::new(Postgres { url: place.clone(), client: RefCell::default() }))
                    .route("/{name}", web::get().to(ask_postgres))
            } else {
                let connection = rusqlite::Connection::open(&place).expect("the file opens");
                connection.execute_batch("PRAGMA query_only=1; PRAGMA mmap_size=1073741824; PRAGMA cache_size=-65536").expect("a pragma");
                connection.set_prepared_statement_cache_capacity(64);
                app.app_data(web::Data::new(connection)).route("/{name}", web::get().to(ask_sqlite))
            }
        })
        .workers(2)
        .bind(("127.0.0.1", port))?
        .run()
        .await
    })?;
    Ok(())
}

async fn ask_sqlite(
    name: web::Path<String>,
    connection: web::Data<rusqlite::Connection>,
    statements: web::Data<Statements>,
) -> Result<HttpResponse, actix_web::Error> {
    use rusqlite::types::ValueRef;
    let Some((sql, total)) = statements.get(name.as_str()) else { return Ok(HttpResponse::NotFound().finish()) };
    let answer = || -> rusqlite::Result<Vec<u8>> {
        let mut statement = connection.prepare_cached(sql)?;
        let keys: Vec<String> = statement.column_names().into_iter().map(|name| format!("\"{name}\":")).collect();
        let mut rows = statement.query([])?;
        let mut out = b"{\"items\":[".to_vec();
        let mut first = true;
        while let Some(row) = rows.next()? {
            out.extend_from_slice(if first { b"{" } else { b",{" });
            first = false;
            for (at, key) in keys.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(key.as_bytes());
                match row.get_ref(at)? {
                    ValueRef::Null | ValueRef::Blob(_) => out.extend_from_slice(b"null"),
                    ValueRef::Integer(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
                    ValueRef::Real(value) => out.extend_from_slice(ryu::Buffer::new().format(value).as_bytes()),
                    ValueRef::Text(text) => quote(&mut out, text),
                }
            }
            out.push(b'}');
        }
        out.push(b']');
        if let Some(total) = total {
            let count: i64 = connection.prepare_cached(total)?.query_row([], |row| row.get(0))?;
            out.extend_from_slice(b",\"total\":");
            out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
        }
        out.push(b'}');
        Ok(out)
    };
    let body = answer().map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

struct Postgres {
    url: String,
    client: RefCell<Option<Rc<(tokio_postgres::Client, RefCell<HashMap<String, tokio_postgres::Statement>>)>>>,
}

async fn ask_postgres(
    name: web::Path<String>,
    server: web::Data<Postgres>,
    statements: web::Data<Statements>,
) -> Result<HttpResponse, actix_web::Error> {
    let Some((sql, total)) = statements.get(name.as_str()) else { return Ok(HttpResponse::NotFound().finish()) };
    let body = rows_of(&server, sql, total.as_deref()).await.map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

async fn rows_of(server: &Postgres, sql: &str, total: Option<&str>) -> Result<Vec<u8>, tokio_postgres::Error> {
    use tokio_postgres::types::Type;
    let known = server.client.borrow().clone();
    let client = match known {
        Some(client) => client,
        None => {
            let (client, connection) = tokio_postgres::connect(&server.url, tokio_postgres::NoTls).await?;
            actix_web::rt::spawn(connection);
            let client = Rc::new((client, RefCell::default()));
            *server.client.borrow_mut() = Some(Rc::clone(&client));
            client
        }
    };
    let page = prepared(&client, sql).await?;
    let rows = match total {
        // Both are sent at once: the connection pipelines them.
        Some(total) => {
            let counted = prepared(&client, total).await?;
            let (rows, count) = futures_join(client.0.query(&page, &[]), client.0.query_one(&counted, &[])).await;
            (rows?, Some(count?.get::<_, i64>(0)))
        }
        None => (client.0.query(&page, &[]).await?, None),
    };
    let (rows, count) = rows;
    let mut out = b"{\"items\":[".to_vec();
    for (at, row) in rows.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
        for (at, column) in row.columns().iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.push(b'"');
            out.extend_from_slice(column.name().as_bytes());
            out.extend_from_slice(b"\":");
            match *column.type_() {
                Type::INT8 => number(&mut out, row.get::<_, Option<i64>>(at).map(|value| itoa::Buffer::new().format(value).to_owned())),
                Type::INT4 => number(&mut out, row.get::<_, Option<i32>>(at).map(|value| itoa::Buffer::new().format(value).to_owned())),
                Type::FLOAT8 => number(&mut out, row.get::<_, Option<f64>>(at).map(|value| ryu::Buffer::new().format(value).to_owned())),
                Type::BOOL => number(&mut out, row.get::<_, Option<bool>>(at).map(|value| value.to_string())),
                _ => match row.get::<_, Option<&str>>(at) {
                    Some(text) => quote(&mut out, text.as_bytes()),
                    None => out.extend_from_slice(b"null"),
                },
            }
        }
        out.push(b'}');
    }
    out.push(b']');
    if let Some(count) = count {
        out.extend_from_slice(b",\"total\":");
        out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    }
    out.push(b'}');
    Ok(out)
}

/// Polls two answers of one connection together.
async fn futures_join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|context| {
        use std::task::Poll;
        if first.is_none() {
            if let Poll::Ready(value) = a.as_mut().poll(context) {
                first = Some(value);
            }
        }
        if second.is_none() {
            if let Poll::Ready(value) = b.as_mut().poll(context) {
                second = Some(value);
            }
        }
        match (first.take(), second.take()) {
            (Some(one), Some(two)) => Poll::Ready((one, two)),
            (one, two) => {
                (first, second) = (one, two);
                Poll::Pending
            }
        }
    })
    .await
}

async fn prepared(
    client: &(tokio_postgres::Client, RefCell<HashMap<String, tokio_postgres::Statement>>),
    sql: &str,
) -> Result<tokio_postgres::Statement, tokio_postgres::Error> {
    let known = client.1.borrow().get(sql).cloned();
    if let Some(statement) = known {
        return Ok(statement);
    }
    let statement = client.0.prepare(sql).await?;
    client.1.borrow_mut().insert(sql.to_owned(), statement.clone());
    Ok(statement)
}

fn number(out: &mut Vec<u8>, text: Option<String>) {
    out.extend_from_slice(text.as_deref().unwrap_or("null").as_bytes());
}

/// JSON's string; what a table of words and codes holds needs no more.
fn quote(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
