//! One sample system's server: its catalogue, its files, conditional requests.

use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;
use std::{io, str};

use actix_web::dev::ServerHandle;
use actix_web::http::header::{self, HttpDate};
use actix_web::http::{Method, StatusCode};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;

use crate::dice::fnv1a;
use crate::entry::{Entry, File, Kind, System};
use crate::form::Form;
use crate::{ckan, dcat, dcat_us};

/// Seconds that requests under way get when the server stops.
const STOP_SECS: u64 = 1;

/// A server that is running.
#[derive(Debug)]
pub(crate) struct Running {
    handle: ServerHandle,
}

impl Running {
    /// Tells it to stop at once; the future is done when it has.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        self.handle.stop(true)
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("slug", &self.system.slug).field("base", &self.base).finish_non_exhaustive()
    }
}

/// Starts one system with one worker on a socket that is already bound.
pub(crate) fn start(system: &'static System, base: String, listener: TcpListener) -> io::Result<Running> {
    let site = web::Data::from(Arc::new(Site::new(system, base)));
    let server = HttpServer::new(move || App::new().app_data(site.clone()).default_service(web::to(answer)))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(STOP_SECS)
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Running { handle })
}

/// What is served under one address. Documents are made when first asked for and kept.
pub(crate) struct Site {
    /// Whose it is.
    pub system: &'static System,
    /// The server's own address, no slash at the end.
    pub base: String,
    files: Vec<(&'static Entry, &'static File, OnceLock<Document>)>,
    turtle: OnceLock<Document>,
    rdf_xml: OnceLock<Document>,
    data_json: OnceLock<Document>,
}

/// One answer, ready to be sent again and again.
#[derive(Debug, Clone)]
struct Document {
    body: Bytes,
    content_type: String,
    etag: String,
    modified: SystemTime,
}

impl Document {
    fn new(body: Vec<u8>, content_type: impl Into<String>, modified: &str) -> Self {
        let etag = format!("\"{:016x}-{:x}\"", fnv1a(&body), body.len());
        let modified = modified.parse::<jiff::Timestamp>().map_or(SystemTime::UNIX_EPOCH, SystemTime::from);
        Self { body: body.into(), content_type: content_type.into(), etag, modified }
    }
}

impl Site {
    /// A site that has served nothing yet.
    pub(crate) fn new(system: &'static System, base: String) -> Self {
        Self {
            system,
            base,
            files: system.files().map(|(entry, file)| (entry, file, OnceLock::new())).collect(),
            turtle: OnceLock::new(),
            rdf_xml: OnceLock::new(),
            data_json: OnceLock::new(),
        }
    }

    /// Where a file is downloaded.
    pub(crate) fn download_url(&self, file: &File) -> String {
        format!("{}/files/{}", self.base, file.name)
    }

    /// Where a dataset is described for people.
    pub(crate) fn page_url(&self, entry: &Entry) -> String {
        format!("{}/dataset/{}", self.base, entry.slug)
    }

    /// Size of a file in bytes; nothing for the one that is gone.
    pub(crate) fn byte_size(&self, file: &File) -> Option<usize> {
        self.document(file.name).map(|document| document.body.len())
    }

    fn document(&self, name: &str) -> Option<&Document> {
        let (entry, file, slot) = self.files.iter().find(|(_, file, _)| file.name == name)?;
        if file.form == Form::Gone {
            return None;
        }
        Some(
            slot.get_or_init(|| {
                Document::new(file.form.write(&(file.table)()), file.form.content_type(), entry.modified)
            }),
        )
    }

    fn turtle(&self) -> &Document {
        self.turtle.get_or_init(|| self.catalogue(dcat::turtle(self).into_bytes(), "text/turtle; charset=utf-8"))
    }

    fn rdf_xml(&self) -> &Document {
        self.rdf_xml.get_or_init(|| self.catalogue(dcat::rdf_xml(&dcat::turtle(self)), "application/rdf+xml"))
    }

    fn data_json(&self) -> &Document {
        self.data_json.get_or_init(|| self.catalogue(dcat_us::data_json(self).into_bytes(), "application/json"))
    }

    fn catalogue(&self, body: Vec<u8>, content_type: &str) -> Document {
        Document::new(body, content_type, self.system.modified)
    }
}

async fn answer(request: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish();
    }
    let path = request.path();
    if let Some(name) = path.strip_prefix("/files/") {
        return site.document(name).map_or_else(not_found, |document| send(&request, document));
    }
    if let Some(slug) = path.strip_prefix("/dataset/") {
        return site.system.entries.iter().find(|entry| entry.slug == slug).map_or_else(not_found, page);
    }
    match (site.system.kind, path) {
        (Kind::Dcat, "/catalog") if wants_rdf_xml(&request) => send(&request, site.rdf_xml()),
        (Kind::Dcat, "/catalog" | "/catalog.ttl") => send(&request, site.turtle()),
        (Kind::Dcat, "/catalog.rdf") => send(&request, site.rdf_xml()),
        (Kind::Dcat, _) if path.starts_with("/readings/v1") => readings(path),
        (Kind::DcatUs, "/data.json") => send(&request, site.data_json()),
        (Kind::Ckan, _) if path.starts_with("/api/") => action(path, &request, &site),
        (_, "/") => home(site.system),
        (_, "/robots.txt") => HttpResponse::Ok().content_type("text/plain").body("User-agent: *\nAllow: /\n"),
        _ => not_found(),
    }
}

fn readings(path: &str) -> HttpResponse {
    crate::environment::readings(path).map_or_else(not_found, |body| HttpResponse::Ok().json(body))
}

fn action(path: &str, request: &HttpRequest, site: &Site) -> HttpResponse {
    let (status, body) = ckan::action(path, request.query_string(), site);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(body)
}

fn wants_rdf_xml(request: &HttpRequest) -> bool {
    let accept = header_text(request, header::ACCEPT).unwrap_or_default();
    match (accept.find("application/rdf+xml"), accept.find("text/turtle")) {
        (Some(xml), Some(turtle)) => xml < turtle,
        (xml, _) => xml.is_some(),
    }
}

/// The document, or 304 when the caller has it: `If-None-Match` decides alone where it is given (RFC 9110, 13.2.2).
fn send(request: &HttpRequest, document: &Document) -> HttpResponse {
    let unchanged = match header_text(request, header::IF_NONE_MATCH) {
        Some(tags) => tags.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == document.etag
        }),
        None => header_text(request, header::IF_MODIFIED_SINCE)
            .and_then(|date| date.parse::<HttpDate>().ok())
            .is_some_and(|date| SystemTime::from(date) >= document.modified),
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, document.etag.as_str()))
        .insert_header((header::LAST_MODIFIED, HttpDate::from(document.modified)))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .insert_header((header::VARY, "Accept"));
    if unchanged {
        return answer.finish();
    }
    answer.content_type(document.content_type.as_str()).body(document.body.clone())
}

fn header_text(request: &HttpRequest, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| str::from_utf8(value.as_bytes()).ok())
}

fn not_found() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is nothing at this address.\n")
}

/// Authored texts hold no markup, so they need no escaping.
fn html(title: &str, body: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n<h1>{title}</h1>\n{body}\n</html>\n"
    );
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

fn page(entry: &'static Entry) -> HttpResponse {
    let files: String = entry
        .files
        .iter()
        .map(|file| format!("<li><a href=\"/files/{}\">{}</a> ({} rows)</li>\n", file.name, file.title, file.rows))
        .collect();
    html(entry.title.en, &format!("<p>{}</p>\n<ul>\n{files}</ul>", entry.about.en))
}

fn home(system: &'static System) -> HttpResponse {
    let datasets: String = system
        .entries
        .iter()
        .map(|entry| format!("<li><a href=\"/dataset/{}\">{}</a></li>\n", entry.slug, entry.title.en))
        .collect();
    html(
        system.name.en,
        &format!("<p>{} An invented agency; its data are samples.</p>\n<ul>\n{datasets}</ul>", system.about.en),
    )
}
