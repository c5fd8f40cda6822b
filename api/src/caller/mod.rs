//! Who is signed in, and what they may do.
//!
//! A handler for staff takes [`Caller`] with the permission as its type: the account that comes out has it, or the handler
//! is never reached. What belongs to another body is found to be absent (404), because who may not know of a thing must
//! not learn that it exists.

mod attempt;
mod device;
mod permission;
mod session;
mod throttle;
mod worker;

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use fairground_catalog::account::{Account, Stage};
use fairground_catalog::member::Actor;
use fairground_catalog::source;
use futures_util::future::LocalBoxFuture;

pub use permission::{
    ApproveJobs, ApproveServices, ApproveSources, GovernMarket, LoadTables, ManageAccounts, ManageSources, Permission,
    RegisterServices, RunSources, SeeDemand, SeeHarvests, SignedInOnly,
};
pub use session::{
    Arriving, CSRF_HEADER, SESSION_COOKIE, SignedIn, csrf_token, find_arriving, find_signed_in, session_cookie,
    signed_out_cookie,
};
pub(crate) use session::{cookie, is_session_token, session_token};
pub use throttle::{SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW, Throttle};
pub use worker::Worker;
pub(crate) use worker::{find_reading_worker, find_worker, is_publishing_token};

use crate::hot_path::Identity;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// A signed-in account that has the permission `P`.
#[derive(Debug, Clone)]
pub struct Caller<P> {
    account: Account,
    arriving: Arriving,
    _permission: PhantomData<P>,
}

impl<P> Caller<P> {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The account, for keeps.
    #[must_use]
    pub fn into_account(self) -> Account {
        self.account
    }

    /// The session that the account is signed in by.
    #[must_use]
    pub fn arriving(&self) -> &Arriving {
        &self.arriving
    }

    /// It, as use cases that judge rights know it.
    #[must_use]
    pub fn worker(&self) -> Actor {
        Actor::of(&self.account)
    }

    /// How the journal names it.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("account:{}", self.account.id)
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let state = ApiState::of(&req)?;
            let signed_in =
                find_signed_in(&req, &state).await?.ok_or_else(|| Problem::new(ProblemKind::SignInRequired))?;
            if !req.method().is_safe() {
                signed_in.must_come_from_our_page(&req)?;
            }
            if !P::allows(&signed_in.account) && !has_by_grant::<P>(&state, &signed_in.account).await? {
                return Err(Problem::new(ProblemKind::Forbidden).detail(P::ASK));
            }
            Ok(Self { account: signed_in.account, arriving: signed_in.arriving, _permission: PhantomData })
        })
    }
}

/// Whether an account has a permission because it manages a publisher. Of which, is judged with the thing at hand.
async fn has_by_grant<P: Permission>(state: &ApiState, account: &Account) -> Result<bool, Problem> {
    if !P::BY_GRANT {
        return Ok(false);
    }
    let actor = Actor::of(account);
    state.read(move |tx| source::manages_by_grant(tx, &actor)).await
}

/// Somebody whose session is good for completing the sign-in and nothing else.
#[derive(Debug, Clone)]
pub struct Unfinished(pub Arriving);

impl FromRequest for Unfinished {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let state = ApiState::of(&req)?;
            let arriving = find_arriving(&req, &state).await?.filter(|found| found.session.stage != Stage::Open);
            let arriving = arriving.ok_or_else(|| Problem::new(ProblemKind::SignInRequired))?;
            arriving.must_come_from_our_page(&req)?;
            Ok(Self(arriving))
        })
    }
}

/// Somebody who sets up a second factor: signed in, or held up because the role needs one.
#[derive(Debug, Clone)]
pub struct Enrolling(pub Arriving);

impl FromRequest for Enrolling {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let state = ApiState::of(&req)?;
            let may = |stage| matches!(stage, Stage::Open | Stage::Enrolment);
            let arriving = find_arriving(&req, &state).await?.filter(|found| may(found.session.stage));
            let arriving = arriving.ok_or_else(|| Problem::new(ProblemKind::SignInRequired))?;
            arriving.must_come_from_our_page(&req)?;
            Ok(Self(arriving))
        })
    }
}

/// One extractor after the other: the second is not begun before the first has succeeded.
///
/// Actix begins all extractors of a handler together and reports whichever fails first, so that whoever may not do a thing
/// could be told what is wrong with the body instead. `Then<Caller<P>, Body<T>>` judges the caller first.
#[derive(Debug, Clone)]
pub struct Then<A, B>(pub A, pub B);

impl<A, B> FromRequest for Then<A, B>
where
    A: FromRequest<Error = Problem> + 'static,
    B: FromRequest<Error = Problem> + 'static,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let first = A::from_request(&req, &mut Payload::None).await?;
            Ok(Self(first, B::from_request(&req, &mut payload).await?))
        })
    }
}

/// Anybody, with or without a key: what a public operation takes first.
#[derive(Debug, Clone, Copy)]
pub struct Anyone {
    /// Whom the call is counted under; `None` outside the hot path.
    pub identity: Option<Identity>,
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self { identity: req.extensions().get::<Identity>().copied() }))
    }
}

/// The application whose key the call carries.
#[derive(Debug, Clone, Copy)]
pub struct KeyOwner {
    /// The application.
    pub application: fairground_domain::ApplicationId,
    /// Its number.
    pub party: i64,
}

impl KeyOwner {
    /// The owner, if `path` names its application (by id, or as `me`).
    ///
    /// # Errors
    /// `NotFound` when it names another: who may not know of it must not learn that it exists.
    pub fn of_application(self, path: &str) -> Result<Self, Problem> {
        let own = path == "me" || path.parse().is_ok_and(|id: fairground_domain::ApplicationId| id == self.application);
        if own { Ok(self) } else { Err(Problem::not_found("application")) }
    }
}

impl FromRequest for KeyOwner {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owner = req.extensions().get::<Identity>().and_then(|identity| {
            let (application, _) = identity.key?;
            let party = i64::try_from(identity.party.usage_number()).ok()?;
            Some(Self { application, party })
        });
        std::future::ready(owner.ok_or_else(|| Problem::new(ProblemKind::KeyRequired)))
    }
}
