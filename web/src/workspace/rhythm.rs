//! When a source is harvested, how long a dataset that it no longer lists stays, and where its brake lies.

use actix_web::{HttpResponse, web};
use fairground_catalog::CatalogError;
use fairground_catalog::source::{SourceChange, steer};

use super::staff::acting;
use crate::layout::{Form, Notice, PageError, Place, Visit};

const DAY_SECS: i64 = 86_400;

/// Changes the rhythm of a source's harvests.
pub(crate) async fn change_rhythm(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let done = try_change(&visit, slug.into_inner(), &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_change(visit: &Visit, slug: String, form: &Form) -> Result<String, PageError> {
    let actor = acting(visit, form)?;
    let change = read(form)?;
    let changed = visit.write(move |tx| steer::change(tx, &actor, &slug, change)).await?;
    let slug = changed.slug;
    Ok(format!("/workspace/sources/{slug}?done={}", Notice::SourceChanged.as_str()))
}

fn read(form: &Form) -> Result<SourceChange, PageError> {
    let wrong = |what: &str| PageError::BadRequest(what.to_owned());
    let number = |name: &str, problem: &str| -> Result<i32, PageError> {
        form.text(name).trim().parse().map_err(|_| wrong(problem))
    };
    let schedule = match form.text("schedule").trim() {
        "" => None,
        text => Some(text.parse().map_err(|error: CatalogError| PageError::BadRequest(error.to_string()))?),
    };
    let days = number("grace_days", "Say for how many days in digits.")?;
    Ok(SourceChange {
        schedule: Some(schedule),
        grace_secs: Some(i64::from(days) * DAY_SECS),
        brake_percent: Some(number("brake_percent", "Say the share in whole percent, from 0 to 100.")?),
        brake_least: Some(number("brake_least", "Say the number of datasets in digits.")?),
        ..SourceChange::default()
    })
}
