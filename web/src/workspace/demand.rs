//! What is searched for and not found, for agency staff.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::account::Role;
use fairground_catalog::demand::{self, FEWEST_CALLERS, Need};
use url::form_urlencoded;

use crate::layout::{Frame, PageError, Place, Visit, answer_private_page};

/// Days that are looked at.
const DAYS: i64 = 90;
/// Words on each list.
const MOST_NEEDS: usize = 100;

/// The page.
#[derive(Debug, Clone, Default)]
pub struct DemandPage {
    /// Words that find next to nothing.
    pub unmet: Vec<Need>,
    /// Words that find something.
    pub popular: Vec<Need>,
}

impl DemandPage {
    /// Callers who must have asked before words are shown.
    #[must_use]
    pub fn fewest_callers(&self) -> i64 {
        FEWEST_CALLERS
    }

    /// How many days the page tells of.
    #[must_use]
    pub fn days(&self) -> i64 {
        DAYS
    }

    /// The search for these words.
    #[must_use]
    pub fn href(&self, words: &str) -> String {
        format!("/datasets?{}", form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish())
    }
}

/// The template of [`DemandPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/demand.html")]
pub struct DemandView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DemandPage,
}

/// Shows what is asked for.
pub(crate) async fn show_demand(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &DemandView { frame, page })
    })
}

async fn load(visit: &Visit) -> Result<DemandPage, PageError> {
    match visit.staff()?.account.role {
        Role::Operator | Role::Steward | Role::Publisher | Role::Auditor => {}
        Role::Developer => return Err(PageError::Forbidden("This page is for agency staff.")),
    }
    visit
        .read(|tx| {
            Ok(DemandPage {
                unmet: demand::list_unmet(tx, DAYS, MOST_NEEDS)?,
                popular: demand::list_popular(tx, DAYS, MOST_NEEDS)?,
            })
        })
        .await
}
