//! Letters about the work for a publisher: what waits for review, what became of a draft, what the gate holds.

use fairground_catalog::CatalogError;
use fairground_catalog::letter;
use fairground_catalog::notice::{self, DueNotice, NoticeKind};

use super::{Mail, Tongue};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// Notices taken at once.
const AT_ONCE: i64 = 50;

/// Queues the letters of what is due, now: in the transaction that forgets the notices, so that each goes once. Gives how many.
///
/// # Errors
/// When the store fails; what was due is tried again later.
pub(crate) fn write_work_letters(state: &ApiState) -> Result<usize, CatalogError> {
    let (db, secret) = (&state.catalog.db, &state.catalog.secret);
    if !db.read(notice::is_due)? {
        return Ok(0);
    }
    let written = db.write(|tx| {
        let mut written = 0;
        for due in notice::take_due(tx, AT_ONCE)? {
            for reader in &due.readers {
                let tongue = Tongue::of_address(tx, reader, state.settings.language)?;
                letter::enqueue(tx, secret, work(&state.settings, tongue, reader, &due).into())?;
                written += 1;
            }
        }
        Ok(written)
    })?;
    if written > 0 {
        state.post.wake();
    }
    Ok(written)
}

/// What one letter says.
#[must_use]
pub(crate) fn work(settings: &ApiSettings, tongue: Tongue, to: &str, due: &DueNotice) -> Mail {
    let url = settings.public_url.as_str();
    let (held, untitled) = (due.held.to_string(), tongue.say("letter-untitled", &[]));
    let (subject, text) = match due.kind {
        NoticeKind::Submitted if due.held > 0 => ("letter-submitted-subject", "letter-submitted-held"),
        NoticeKind::Submitted => ("letter-submitted-subject", "letter-submitted"),
        NoticeKind::Returned => ("letter-returned-subject", "letter-returned"),
        NoticeKind::Approved => ("letter-approved-subject", "letter-approved"),
        NoticeKind::Published => ("letter-published-subject", "letter-published"),
        NoticeKind::ReleaseFailed => ("letter-release-failed-subject", "letter-release-failed"),
        NoticeKind::DraftHeld => ("letter-draft-held-subject", "letter-draft-held"),
        NoticeKind::Held if due.publisher.is_empty() => ("letter-held-subject", "letter-held"),
        NoticeKind::Held => ("letter-held-subject", "letter-held-of"),
    };
    let link = match (&due.draft, due.kind) {
        (Some(id), kind) if kind != NoticeKind::Held => format!("{url}/workspace/drafts/{id}"),
        _ => format!("{url}/workspace/held"),
    };
    let arguments = [
        ("name", if due.title.is_empty() { untitled.as_str() } else { due.title.as_str() }),
        ("publisher", due.publisher.as_str()),
        ("held", held.as_str()),
        ("url", url),
    ];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(&settings.title, subject, &arguments),
        text: format!("{}\n\n{link}\n\n{}", tongue.say(text, &arguments), tongue.say("letter-work-foot", &arguments)),
    }
}
