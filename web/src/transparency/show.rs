//! Showing what everybody may check.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::journal::{self, Entry};
use fairground_catalog::{CatalogError, Tx, tariff};

use super::{JournalHead, JournalLine, TariffView, TransparencyPage, TransparencyPageView};
use crate::layout::{Place, Visit, answer_page};

/// Entries of the journal on the page.
const LATEST: usize = 10;
/// How far back public entries are looked for.
const LOOK_BACK: i64 = 1_000;

/// Shows tariff and journal.
pub(crate) async fn show_transparency(visit: Visit) -> HttpResponse {
    let loaded = visit.read(load).await;
    visit.finish(Place::Transparency, loaded, |frame, page| {
        answer_page(StatusCode::OK, &TransparencyPageView { frame, page })
    })
}

fn load(tx: &mut Tx<'_>) -> Result<TransparencyPage, CatalogError> {
    let current = tariff::get_current(tx)?;
    let coming = tariff::list_versions(tx)?.into_iter().rfind(|version| version.valid_from > tx.now);
    let head = journal::head(tx)?;
    let entries = journal::list_public_since(tx, head.seq.saturating_sub(LOOK_BACK).max(0), LOOK_BACK)?;
    Ok(TransparencyPage {
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
    JournalLine {
        sequence: number(entry.seq),
        at: entry.at,
        kind: entry.kind.as_str().to_owned(),
        subject: slug.unwrap_or(&entry.subject_id).to_owned(),
        href: room.zip(slug).map(|(room, slug)| format!("/{room}/{slug}")),
    }
}
