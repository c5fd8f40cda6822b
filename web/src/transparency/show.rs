//! Showing what everybody may check.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::journal::{self, Entry, EventKind};
use fairground_catalog::register::{self, EntryStatus, RegisterFilter};
use fairground_catalog::{CatalogError, Tx, tariff};
use serde_json::Value;

use super::register::{line as entry_line, parameter};
use super::{JournalHead, JournalLine, TariffView, TransparencyPage, TransparencyPageView};
use crate::layout::{Place, Visit, answer_page};

/// Entries of the journal on the page.
const LATEST: usize = 10;
/// How far back public entries are looked for.
const LOOK_BACK: i64 = 1_000;

/// Acts on the page.
const CONDUCT: usize = 20;
/// Register entries on the page; the register's own page has all.
const REGISTER: i64 = 10;

/// Shows tariff, register, conduct and journal.
pub(crate) async fn show_transparency(visit: Visit) -> HttpResponse {
    let before = parameter(&visit, "before").and_then(|before| before.parse().ok());
    let loaded = visit.read(move |tx| load(tx, before)).await;
    visit.finish(Place::Transparency, loaded, |frame, page| {
        answer_page(StatusCode::OK, &TransparencyPageView { frame, page })
    })
}

fn load(tx: &mut Tx<'_>, before: Option<i64>) -> Result<TransparencyPage, CatalogError> {
    let current = tariff::get_current(tx)?;
    let coming = tariff::list_versions(tx)?.into_iter().rfind(|version| version.valid_from > tx.now);
    let head = journal::head(tx)?;
    let entries = journal::list_public_since(tx, head.seq.saturating_sub(LOOK_BACK).max(0), LOOK_BACK)?;
    let in_force = RegisterFilter { status: Some(EntryStatus::InForce), ..RegisterFilter::default() };
    let (holding, now) = (register::list(tx, &in_force, REGISTER)?, tx.now);
    let wanted = i64::try_from(CONDUCT).unwrap_or(i64::MAX).saturating_add(1);
    let mut acts = journal::list_before(tx, &EventKind::CONDUCT, before, wanted)?;
    let has_older = acts.len() > CONDUCT;
    acts.truncate(CONDUCT);
    Ok(TransparencyPage {
        register: holding.into_iter().map(|entry| entry_line(entry, now)).collect(),
        older: acts.last().filter(|_| has_older).map(|entry| number(entry.seq)),
        conduct: acts.iter().map(line).collect(),
        tariff: TariffView::from(&current),
        coming: coming.as_ref().map(TariffView::from),
        head: (head.seq > 0).then(|| JournalHead { sequence: number(head.seq), hash: head.hash.to_string() }),
        latest: entries.iter().rev().take(LATEST).map(line).collect(),
    })
}

fn number(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

fn line(entry: &Entry) -> JournalLine {
    let slug = entry.payload.get("slug").and_then(serde_json::Value::as_str);
    let room = match entry.kind.subject_kind() {
        "dataset" => Some("datasets"),
        "publisher" => Some("publishers"),
        _ => None,
    };
    let registered = entry.payload.get("entry").and_then(Value::as_i64);
    let href = room.zip(slug).map(|(room, slug)| format!("/{room}/{slug}"));
    let tariff =
        (entry.kind == EventKind::TariffPublished).then(|| format!("/transparency/tariff?to={}", entry.subject_id));
    JournalLine {
        sequence: number(entry.seq),
        at: entry.at,
        kind: entry.kind.as_str().to_owned(),
        subject: slug.unwrap_or(&entry.subject_id).to_owned(),
        href: registered.map(|number| format!("/transparency/register/{number}")).or(tariff).or(href),
    }
}
