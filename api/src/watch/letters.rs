//! What letters to citizens say.

use std::fmt::Write as _;

use fairground_catalog::citizen::{self, Act, CONFIRM_SECS, Citizen};
use fairground_catalog::conversation::{DataRequest, Question, RequestState};
use fairground_catalog::watch::{Change, DueLetter, Rhythm, Subject, digest_token, follow_token};
use fairground_catalog::{CatalogError, Secret, Tx, conversation, dataset, publisher};

use crate::mail::{Mail, Tongue};
use crate::settings::ApiSettings;

const DAY_SECS: i64 = 86_400;

/// What an act is about, in half a sentence that follows "you want to".
pub(super) fn about(tx: &mut Tx<'_>, tongue: Tongue, act: &Act) -> Result<String, CatalogError> {
    Ok(match act {
        Act::Follow(new) => match &new.subject {
            Subject::Dataset(id) => {
                let found = dataset::get_public(tx, &id.to_string())?;
                tongue.say("letter-about-dataset", &[("name", found.draft.title.any())])
            }
            Subject::Publisher(id) => {
                let found = publisher::find_by_id(tx, *id)?;
                let found = found.ok_or_else(|| CatalogError::not_found("publisher", id))?;
                tongue.say("letter-about-publisher", &[("name", &found.name)])
            }
            Subject::Search(search) => tongue.say("letter-about-search", &[("name", &search.in_words())]),
        },
        Act::Ask(new) => {
            let found = dataset::get_public(tx, &new.dataset.to_string())?;
            let asked = tongue.say("letter-about-question", &[("name", found.draft.title.any())]);
            format!("{asked}\n\n{}", quoted(&new.text))
        }
        Act::Request(new) => tongue.say("letter-about-request", &[("name", new.title.trim())]),
        Act::Support(id) => {
            let request = conversation::get_request(tx, *id)?;
            tongue.say("letter-about-support", &[("name", &request.title)])
        }
    })
}

fn quoted(text: &str) -> String {
    text.trim().lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// The link that does what somebody asked for.
pub(super) fn confirmation(settings: &ApiSettings, tongue: Tongue, to: &str, token: &str, what: &str) -> Mail {
    let (title, days) = (settings.title.as_str(), (CONFIRM_SECS / DAY_SECS).to_string());
    let arguments = [
        ("title", title),
        ("url", settings.public_url.as_str()),
        ("token", token),
        ("days", days.as_str()),
        ("what", what),
    ];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(title, "letter-confirm-subject", &[]),
        text: tongue.say("letter-confirm", &arguments),
    }
}

/// What a change is called.
fn happened(tongue: Tongue, kind: &str) -> String {
    tongue.say("letter-happened", &[("kind", &kind.replace('.', "-"))])
}

/// A letter of changes, with the address that ends such letters.
pub(super) fn changes(settings: &ApiSettings, tongue: Tongue, secret: &Secret, due: &DueLetter) -> (Mail, String) {
    let (title, url) = (settings.title.as_str(), settings.public_url.as_str());
    let alone = due.follows.first().filter(|_| due.follows.len() == 1);
    let about = match (alone, due.changes.first()) {
        (Some(follow), Some((_, change))) if due.changes.len() == 1 && due.more == 0 => {
            let what = change.title.as_deref().unwrap_or(&follow.title);
            format!("{} – {}", short(what), happened(tongue, &change.kind))
        }
        (Some(follow), _) => tongue.say("letter-changes-of", &[("name", &short(&follow.title))]),
        (None, _) => tongue.say_number("letter-changes-count", "count", due.changes.len() + due.more),
    };
    let mut text = String::new();
    let rhythm = match due.rhythm {
        Rhythm::Immediate => "immediate",
        Rhythm::Daily => "daily",
        Rhythm::Weekly => "weekly",
    };
    let _ = write!(text, "{}\n\n", tongue.say("letter-changed", &[("rhythm", rhythm)]));
    if due.changes.is_empty() {
        let _ = write!(text, "{}\n\n", tongue.say("letter-changed-gone", &[]));
    }
    for (_, change) in &due.changes {
        line(&mut text, tongue, url, change);
    }
    if due.more > 0 {
        let _ = write!(text, "{}\n\n", tongue.say("letter-changed-more", &[("count", &due.more.to_string())]));
    }
    let _ = write!(text, "{}\n\n", tongue.say("letter-you-follow", &[]));
    for follow in &due.follows {
        let _ = writeln!(text, "- {}", follow.title);
        // Where the letter is about one follow alone, its own link at the end says the same.
        if alone.is_none() {
            let link = format!("{url}/unsubscribe/{}", follow_token(secret, follow.id));
            let _ = writeln!(text, "  {}", tongue.say("letter-stop", &[("link", &link)]));
        }
    }
    let unsubscribe = match alone {
        Some(follow) => follow_token(secret, follow.id),
        None => digest_token(secret, due.citizen.id, due.rhythm),
    };
    let unsubscribe = format!("{url}/unsubscribe/{unsubscribe}");
    let page = page(settings, secret, &due.citizen);
    let _ = write!(text, "\n{}", tongue.say("letter-changes-foot", &[("page", &page), ("link", &unsubscribe)]));
    let subject = tongue.say("letter-subject", &[("title", title), ("subject", &about)]);
    (Mail { to: due.to.clone(), subject, text }, unsubscribe)
}

fn line(text: &mut String, tongue: Tongue, url: &str, change: &Change) {
    let name = change.title.as_deref().unwrap_or(&change.slug);
    let _ = writeln!(text, "- {}: {name}", happened(tongue, &change.kind));
    if let Some(publisher) = &change.publisher {
        let _ = writeln!(text, "  {publisher}");
    }
    let _ = write!(text, "  {url}/datasets/{}\n\n", change.slug);
}

fn short(text: &str) -> String {
    const ENOUGH_CHARS: usize = 80;
    match text.char_indices().nth(ENOUGH_CHARS) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

/// The address of a citizen's own page.
fn page(settings: &ApiSettings, secret: &Secret, citizen: &Citizen) -> String {
    format!("{}/follows/{}", settings.public_url, citizen::page_token(secret, citizen))
}

/// A question was answered.
pub(crate) fn question_answered(
    settings: &ApiSettings,
    tongue: Tongue,
    to: &str,
    question: &Question,
    slug: &str,
    dataset_title: &str,
) -> Mail {
    let asked = quoted(&question.text);
    let arguments = [
        ("name", dataset_title),
        ("question", asked.as_str()),
        ("answer", question.answer.as_ref().map_or("", |answer| answer.text.as_str())),
        ("url", settings.public_url.as_str()),
        ("slug", slug),
    ];
    Mail {
        to: to.to_owned(),
        subject: tongue.subject(&settings.title, "letter-question-subject", &[]),
        text: tongue.say("letter-question", &arguments),
    }
}

/// A request was answered.
pub(crate) fn request_answered(
    settings: &ApiSettings,
    tongue: Tongue,
    to: &str,
    request: &DataRequest,
    slug: Option<&str>,
) -> Mail {
    let url = &settings.public_url;
    let answer = request.answer.as_ref().map_or("", |answer| answer.text.as_str());
    let state = match request.state {
        RequestState::Open => "open",
        RequestState::UnderReview => "under-review",
        RequestState::Planned => "planned",
        RequestState::Published => "published",
        RequestState::Declined => "declined",
    };
    let told = tongue.say("letter-request", &[("state", state), ("name", &request.title)]);
    let mut text = format!("{told}\n\n{answer}\n\n");
    if let Some(slug) = slug {
        let _ = write!(text, "{}\n{url}/datasets/{slug}\n\n", tongue.say("letter-request-data", &[]));
    }
    let _ = write!(text, "{}\n{url}/requests/{}", tongue.say("letter-request-foot", &[]), request.id);
    let name = short(&request.title);
    let subject = tongue.subject(&settings.title, "letter-request-subject", &[("state", state), ("name", &name)]);
    Mail { to: to.to_owned(), subject, text }
}
