//! "Use of this portal": an open dataset like any other, of what the portal itself was used for.
//!
//! The portal publishes files and a catalogue about them (`/usage/data.json`, in the terms of DCAT-US 1.1), and is a
//! source of its own: an ordinary harvest brings the dataset in, an ordinary load makes tables of its files. Nothing in
//! harvester, catalogue or tables knows that it is special. One file a year; a day is added once it is over and what was
//! late has come in. Small numbers are folded ([`fairground_catalog::usage::public_day`]).

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::harvest::{self, NewSource};
use fairground_catalog::usage::{self, PublicRow, SMALLEST_GROUP};
use fairground_catalog::{CatalogError, Db, Tx};
use fairground_domain::{InvalidSlug, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::wire::{moment, quoted};
use crate::answer::{Freshness, Rendered};
use crate::problem::Problem;
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// How often it is looked whether a day is to be published.
pub(crate) const PUBLISH_EVERY: Duration = Duration::from_secs(1_800);
/// The source under which the portal harvests its own catalogue.
pub const SOURCE_SLUG: &str = "use-of-this-portal";
/// Seconds after its end that a day is published: what is late by less is in it at once, the rest when it is next written.
const SETTLED_AFTER_SECS: i64 = 2 * 3_600;
/// Seconds between two harvests of the portal by itself; an unchanged catalogue is one conditional request.
const HARVEST_INTERVAL_SECS: i64 = 6 * 3_600;
/// Days for which a year's file is written again after its end, for what comes in late.
const REWRITTEN_DAYS: i64 = 31;
const DAY_SECS: i64 = 86_400;
/// Files within the data folder.
const FOLDER: [&str; 2] = ["published", "usage"];
const FILE_STEM: &str = "use-of-this-portal-";
const ACTOR: &str = "portal";
const HEADER: &str = "day,class,operation,dataset,plan,caller,requests,units,bytes,errors,folded_rows\r\n";

/// Why the dataset could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The sums could not be read.
    #[error("usage sums cannot be read")]
    Store(#[from] CatalogError),
    /// A file could not be written.
    #[error("{}: cannot be written", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The source's name is no slug.
    #[error("the name of the portal's own source")]
    Name(#[from] InvalidSlug),
}

/// What was published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Days in the files that were written.
    pub days: usize,
    /// Rows in them.
    pub rows: usize,
    /// Files that were written because they changed.
    pub files: usize,
}

/// Writes the files of all closed days, and sees to it that the portal harvests them.
pub(crate) fn publish(db: &Db, data_dir: &Path, settings: &ApiSettings) -> Result<Published, PublishError> {
    let now = Timestamp::now().as_secs();
    let closed = now - SETTLED_AFTER_SECS;
    let days = db.read(|tx| usage::days_with_use(tx, 0, closed - closed.rem_euclid(DAY_SECS)))?;
    let mut years: Vec<(String, Vec<i64>)> = Vec::new();
    for day in days {
        let year = year_of(day);
        match years.last_mut() {
            Some((known, of_year)) if *known == year => of_year.push(day),
            _ => years.push((year, vec![day])),
        }
    }
    let folder = folder(data_dir);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| PublishError::File { path, source }
    };
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    let mut published = Published::default();
    for (year, days) in years {
        let path = folder.join(format!("{FILE_STEM}{year}.csv"));
        let is_recent = year >= year_of(now - REWRITTEN_DAYS * DAY_SECS);
        if !is_recent && path.exists() {
            continue;
        }
        let beside = path.with_extension("csv.new");
        let rows = write_year(db, &days, &beside).map_err(|error| match error {
            YearError::Store(error) => PublishError::Store(error),
            YearError::File(source) => PublishError::File { path: path.clone(), source },
        })?;
        published.days += days.len();
        published.rows += rows;
        if replace(&beside, &path).map_err(failed(&path))? {
            published.files += 1;
        }
    }
    if settings.harvests_itself && !files(&folder).map_err(failed(&folder))?.is_empty() {
        let url = format!("{}/usage/data.json", settings.public_url);
        let source = SOURCE_SLUG.parse()?;
        db.write(|tx| keep_source(tx, source, &url))?;
    }
    Ok(published)
}

enum YearError {
    Store(CatalogError),
    File(io::Error),
}

fn write_year(db: &Db, days: &[i64], path: &Path) -> Result<usize, YearError> {
    let mut file = BufWriter::new(fs::File::create(path).map_err(YearError::File)?);
    file.write_all(HEADER.as_bytes()).map_err(YearError::File)?;
    let mut rows = 0;
    for day in days {
        let of_day = db.read(|tx| usage::public_day(tx, *day)).map_err(YearError::Store)?;
        rows += of_day.len();
        for row in of_day {
            file.write_all(line(*day, &row).as_bytes()).map_err(YearError::File)?;
        }
    }
    let file = file.into_inner().map_err(|error| YearError::File(error.into_error()))?;
    file.sync_all().map_err(YearError::File)?;
    Ok(rows)
}

fn line(day: i64, row: &PublicRow) -> String {
    let told = row.numbers.map_or_else(
        || ",,,".to_owned(),
        |[requests, units, bytes, errors]| format!("{requests},{units},{bytes},{errors}"),
    );
    let caller = if row.is_own_use { "portal" } else { "public" };
    format!(
        "{},{},{},{},{},{caller},{told},{}\r\n",
        date(day),
        quoted(&row.class),
        quoted(&row.operation),
        quoted(&row.dataset),
        quoted(&row.plan),
        row.folded_rows
    )
}

/// Puts the new file in the place of the old one if it differs; whether it did.
fn replace(new: &Path, old: &Path) -> io::Result<bool> {
    if old.exists() && fs::read(old)? == fs::read(new)? {
        fs::remove_file(new)?;
        return Ok(false);
    }
    fs::rename(new, old)?;
    Ok(true)
}

/// Adds the source that harvests the portal itself, or tells it where the portal is seen from now.
fn keep_source(tx: &mut Tx<'_>, slug: fairground_domain::Slug, url: &str) -> Result<(), CatalogError> {
    match harvest::find_source(tx, slug.as_str())? {
        Some(known) if known.url == url => Ok(()),
        Some(known) => harvest::save_kind(tx, known.id, url, known.kind.as_deref().unwrap_or("dcat-us")),
        None => {
            let new = NewSource {
                slug,
                url: url.to_owned(),
                kind: Some("dcat-us".to_owned()),
                publisher: None,
                interval_secs: Some(HARVEST_INTERVAL_SECS),
            };
            harvest::create_source(tx, new, ACTOR).map(|_| ())
        }
    }
}

fn folder(data_dir: &Path) -> PathBuf {
    FOLDER.iter().fold(data_dir.to_owned(), |path, part| path.join(part))
}

/// `2026-03-01`.
fn date(secs: i64) -> String {
    moment(secs).to_string().chars().take_while(|c| *c != 'T').collect()
}

fn year_of(secs: i64) -> String {
    date(secs).chars().take_while(|c| *c != '-').collect()
}

/// The published files: year and when each was last written, oldest year first.
fn files(folder: &Path) -> io::Result<Vec<(String, Timestamp)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(year) = name.strip_prefix(FILE_STEM).and_then(|rest| rest.strip_suffix(".csv")) else { continue };
        if !is_year(year) {
            continue;
        }
        let written = entry.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        files.push((year.to_owned(), moment(i64::try_from(written.as_secs()).unwrap_or(0))));
    }
    files.sort();
    Ok(files)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The portal's catalogue of its own open data, for harvests: DCAT-US 1.1 (`data.json`).
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = Object, content_type = "application/json"), Problem))]
#[get("/usage/data.json")]
pub(super) async fn get_usage_catalogue(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let folder = folder(state.catalog.data_dir());
    let files = web::block(move || if folder.exists() { files(&folder) } else { Ok(Vec::new()) }).await?;
    let files = files.map_err(Problem::internal)?;
    let catalogue = catalogue(&state.settings, &files);
    Ok(Rendered::json(&catalogue, Freshness::Revalidated)?.answer(&req))
}

fn catalogue(settings: &ApiSettings, files: &[(String, Timestamp)]) -> Value {
    let root = &settings.public_url;
    let mut datasets = Vec::new();
    if let Some(modified) = files.iter().map(|(_, written)| *written).max() {
        let mail = settings.contact_email.clone().unwrap_or_else(|| "webmaster@localhost".to_owned());
        let distributions: Vec<Value> = files
            .iter()
            .map(|(year, _)| {
                json!({
                    "@type": "dcat:Distribution",
                    "title": format!("Use in {year}"),
                    "format": "CSV",
                    "mediaType": "text/csv",
                    "downloadURL": format!("{root}/usage/{FILE_STEM}{year}.csv"),
                })
            })
            .collect();
        datasets.push(json!({
            "@type": "dcat:Dataset",
            "identifier": format!("{root}/usage"),
            "title": "Use of this portal",
            "description": format!(
                "Answered calls of the API by day, operation class, operation, dataset and plan, with cost units, bytes and \
                 errors. Numbers behind which there are fewer than {SMALLEST_GROUP} callers are folded into one row for \
                 each class and day (folded_rows says how many), together with the smallest number that could have been \
                 told, so that none is found by subtraction; where the fold itself is small, its numbers are empty. \
                 Calls of the portal's own pages are rows of their own (caller = portal)."
            ),
            "keyword": ["usage", "open data", "statistics", "transparency", "API"],
            "modified": date(modified.as_secs()),
            "accrualPeriodicity": "R/P1D",
            "accessLevel": "public",
            "license": "https://creativecommons.org/publicdomain/zero/1.0/",
            "landingPage": format!("{root}/service-level"),
            "publisher": { "@type": "org:Organization", "name": settings.title },
            "contactPoint": { "@type": "vcard:Contact", "fn": settings.title, "hasEmail": format!("mailto:{mail}") },
            "distribution": distributions,
        }));
    }
    json!({
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "describedBy": "https://project-open-data.cio.gov/v1.1/schema/catalog.json",
        "dataset": datasets,
    })
}

/// A published file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct UsageFilePath {
    /// The year.
    year: String,
}

/// Use of this portal in a year: a row for each day, class, operation, dataset and plan.
#[utoipa::path(tag = "portal", params(UsageFilePath), security(()),
               responses((status = OK, body = String, content_type = "text/csv"), Problem))]
#[get("/usage/use-of-this-portal-{year}.csv")]
pub(super) async fn get_usage_file(
    path: web::Path<UsageFilePath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let year = path.into_inner().year;
    if !is_year(&year) {
        return Err(Problem::not_found("file"));
    }
    let file = folder(state.catalog.data_dir()).join(format!("{FILE_STEM}{year}.csv"));
    match web::block(move || fs::read(file)).await? {
        Ok(bytes) => {
            let kind = "text/csv; charset=utf-8; header=present";
            Ok(Rendered::new(bytes, kind, Freshness::Revalidated).answer(&req))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Problem::not_found("file")),
        Err(error) => Err(Problem::internal(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_line_and_small_numbers_are_empty() {
        let row = PublicRow {
            class: "rows".to_owned(),
            operation: "list_rows".to_owned(),
            dataset: "beds, free".to_owned(),
            plan: "open".to_owned(),
            is_own_use: false,
            folded_rows: 0,
            numbers: Some([7, 8, 9, 0]),
        };
        assert_eq!(line(86_400, &row), "1970-01-02,rows,list_rows,\"beds, free\",open,public,7,8,9,0,0\r\n");
        let small = PublicRow { folded_rows: 2, numbers: None, ..row };
        assert!(line(86_400, &small).ends_with(",public,,,,,2\r\n"));
        assert_eq!(HEADER.split(',').count(), line(86_400, &small).split(',').count() - 1);
    }

    #[test]
    fn a_portal_without_a_closed_day_has_an_empty_catalogue() {
        let settings = ApiSettings::default();
        assert_eq!(catalogue(&settings, &[])["dataset"], json!([]));
        let known = catalogue(&settings, &[("2026".to_owned(), moment(1_772_323_200))]);
        assert_eq!(known["dataset"][0]["modified"], "2026-03-01");
        let file = &known["dataset"][0]["distribution"][0]["downloadURL"];
        assert_eq!(file, "http://127.0.0.1:8080/usage/use-of-this-portal-2026.csv");
    }
}
