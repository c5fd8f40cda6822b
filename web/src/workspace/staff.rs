//! What the pages of the workflow share: who acts, for whom they work, and how refusals become words beside fields.

use std::collections::HashMap;

use fairground_api::problem::{Problem, ProblemKind};
use fairground_catalog::member::{self, Actor, Workplace};
use fairground_catalog::{CatalogError, Tx, audit};

use super::draft::Fault;
use crate::layout::{Form, PageError, Visit};
use crate::words::Language;

/// Publishers that a list offers to choose from.
const MOST_WORKPLACES: i64 = 500;
/// When somebody may try again who tried too often, in seconds.
const TOO_MANY_RETRY_SECS: u64 = 3_600;

/// Who is signed in, as the use cases of the workflow know them.
pub(super) fn actor(visit: &Visit) -> Result<Actor, PageError> {
    Ok(Actor::of(&visit.staff()?.account))
}

/// Who acts by a form, which must carry the session's token.
pub(super) fn acting(visit: &Visit, form: &Form) -> Result<Actor, PageError> {
    Ok(Actor::of(&visit.acting(form)?.account))
}

/// The publishers that somebody works for, by name.
pub(super) fn workplaces(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Workplace>, CatalogError> {
    let mut all = member::list_workplaces(tx, actor, "", MOST_WORKPLACES)?;
    all.sort_by(|one, other| one.publisher.name.cmp(&other.publisher.name));
    Ok(all)
}

/// Short name and name of each, where the rights allow it.
pub(super) fn choices_of(all: &[Workplace], allowed: impl Fn(&Workplace) -> bool) -> Vec<(String, String)> {
    let chosen = all.iter().filter(|one| allowed(one));
    chosen.map(|one| (one.publisher.slug.to_string(), one.publisher.name.clone())).collect()
}

/// What people behind names of the journal are called.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<String, String>,
    language: Language,
}

impl Names {
    /// Looks them up.
    pub(super) fn of<'a>(
        tx: &mut Tx<'_>,
        language: Language,
        actors: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CatalogError> {
        let mut all: Vec<String> = actors.into_iter().map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        Ok(Self { known: audit::names_of(tx, &all)?, language })
    }

    /// The name; "somebody" where there is none any more.
    pub(super) fn get(&self, actor: &str) -> String {
        let language = self.language;
        match (self.known.get(actor).map(|name| name.trim()), actor) {
            (_, "portal") => language.t("workspace-the-portal").text(),
            (_, "command-line") => language.t("workspace-the-operator").text(),
            (Some(name), _) if !name.is_empty() => name.to_owned(),
            _ => language.t("workspace-somebody-gone").text(),
        }
    }
}

/// A refusal that a form can mend, as a fault beside the field that `place` gives for the catalogue's name of it; everything
/// else ends the act.
pub(super) fn beside(
    error: CatalogError,
    language: Language,
    place: impl Fn(&str) -> String,
) -> Result<Fault, CatalogError> {
    match error {
        CatalogError::Invalid { field, problem } => Ok((place(field), language.refused(problem))),
        CatalogError::Taken { what, name } => {
            let problem = language.t("workspace-taken").with("what", what).with("name", &name);
            Ok((place(what), problem.text()))
        }
        other => Err(other),
    }
}

/// What an act of the API's rooms came to: its value, or what a form can mend, as the field (without a slash before it) and a
/// sentence.
pub(super) fn judged<T>(written: Result<T, Problem>) -> Result<Result<T, Fault>, PageError> {
    let problem = match written {
        Ok(value) => return Ok(Ok(value)),
        Err(problem) => problem,
    };
    if let Some(fault) = problem.faults().first() {
        let field = fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/').to_owned();
        return Ok(Err((field, fault.detail.clone())));
    }
    Err(match problem.kind() {
        ProblemKind::NotFound => PageError::NotFound,
        ProblemKind::Forbidden => {
            PageError::Forbidden("Your role does not allow this. Ask a manager of the publisher.")
        }
        ProblemKind::TooManyAttempts => PageError::TooMany(TOO_MANY_RETRY_SECS),
        ProblemKind::Unavailable | ProblemKind::Overloaded => PageError::Unavailable,
        ProblemKind::Internal => PageError::Internal(problem.chain()),
        _ => PageError::BadRequest(format!("{problem}.")),
    })
}
