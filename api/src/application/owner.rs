//! Who manages an application: whoever holds one of its keys, and whoever is signed in and owns it.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use fairground_catalog::application::{self, Application, Owner};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{AccountId, ApplicationId};
use futures_util::future::LocalBoxFuture;

use crate::caller::find_signed_in;
use crate::hot_path::Identity;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// How an address names the application whose key the call carries.
const OWN: &str = "me";

/// Somebody who may manage applications.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manager {
    /// By a key of that application.
    Key(ApplicationId),
    /// Signed in with that account.
    Person(AccountId),
}

impl Manager {
    /// The application that a path names.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is somebody else's: who may not know of it must not learn that it exists.
    pub(super) fn application(self, tx: &mut Tx<'_>, path: &str) -> Result<Application, CatalogError> {
        let stranger = || CatalogError::not_found("application", path);
        match self {
            Self::Key(own) if path == OWN || path.parse() == Ok(own) => application::get(tx, own),
            Self::Key(_) => Err(stranger()),
            Self::Person(account) => {
                let id = path.parse().map_err(|_| stranger())?;
                let owner = Owner::of_account(tx, account)?;
                application::find_owned(tx, &owner, id)
            }
        }
    }

    /// Every application that they may manage.
    pub(super) fn applications(self, tx: &mut Tx<'_>) -> Result<Vec<Application>, CatalogError> {
        match self {
            Self::Key(own) => Ok(vec![application::get(tx, own)?]),
            Self::Person(account) => {
                let owner = Owner::of_account(tx, account)?;
                application::list_owned(tx, &owner)
            }
        }
    }
}

impl FromRequest for Manager {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let identity = req.extensions().get::<Identity>().copied();
            if let Some(Identity { key: Some((application, _)), may_manage, .. }) = identity {
                return if may_manage { Ok(Self::Key(application)) } else { Err(not_for_managing()) };
            }
            let state = ApiState::of(&req)?;
            let signed_in =
                find_signed_in(&req, &state).await?.ok_or_else(|| Problem::new(ProblemKind::KeyRequired))?;
            if !req.method().is_safe() {
                signed_in.must_come_from_our_page(&req)?;
            }
            Ok(Self::Person(signed_in.account.id))
        })
    }
}

fn not_for_managing() -> Problem {
    Problem::new(ProblemKind::KeyNotPermitted)
        .detail("The key was not given for managing its application (scope `manage`): use another one, or sign in.")
}
