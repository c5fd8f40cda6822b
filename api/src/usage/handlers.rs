//! Usage in numbers, for whoever used it and for operators.

use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::account::Role;
use fairground_catalog::application::{self, Application, Owner};
use fairground_catalog::usage::{self, Whose};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{AccountId, ApplicationId};
use futures_util::future::LocalBoxFuture;
use utoipa::IntoParams;

use super::ask::{UsageAsked, UsageForm, UsageParams};
use super::wire::UsageOut;
use crate::answer::{Freshness, Rendered};
use crate::caller::find_signed_in;
use crate::hot_path::Identity;
use crate::problem::{Problem, ProblemKind};
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Whose usage, beside what is asked of it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct WhoseParams {
    /// One application, by id or number: for operators, and for owners who are signed in. Absent: the key's own; for
    /// operators everybody's.
    application: Option<String>,
}

/// An application as an address names it.
#[derive(Debug, Clone, Copy)]
enum Named {
    Id(ApplicationId),
    Number(i64),
}

impl std::str::FromStr for Named {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().map(Self::Number).or_else(|_| text.parse().map(Self::Id)).map_err(|_| ())
    }
}

impl Named {
    fn find(self, tx: &mut Tx<'_>) -> Result<Application, CatalogError> {
        match self {
            Self::Id(id) => application::get(tx, id),
            Self::Number(number) => {
                application::find_by_number(tx, number)?.ok_or_else(|| CatalogError::not_found("application", number))
            }
        }
    }
}

#[derive(Debug)]
struct OwnUsage {
    asked: UsageAsked,
    application: Option<Named>,
}

impl FromQuery for OwnUsage {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            asked: UsageAsked::from_query(query),
            application: query.parsed("application", "an application's id or number"),
        }
    }
}

/// Whose usage the caller may see: their application's, their applications', or as an operator everybody's.
#[derive(Debug, Clone, Copy)]
enum Viewer {
    Application { id: ApplicationId, party: i64 },
    Owner(AccountId),
    Operator,
}

impl FromRequest for Viewer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let own = req.extensions().get::<Identity>().and_then(|identity| {
                let (id, _) = identity.key?;
                Some(Self::Application { id, party: i64::try_from(identity.party.usage_number()).ok()? })
            });
            if let Some(own) = own {
                return Ok(own);
            }
            let state = ApiState::of(&req)?;
            match find_signed_in(&req, &state).await? {
                Some(signed_in) if signed_in.account.role == Role::Operator => Ok(Self::Operator),
                Some(signed_in) => Ok(Self::Owner(signed_in.account.id)),
                None => Err(Problem::new(ProblemKind::KeyRequired)),
            }
        })
    }
}

impl Viewer {
    /// The application whose usage is meant, if one; `Err(None)`: the caller must name one and may not see everybody's.
    fn application(self, tx: &mut Tx<'_>, wanted: Option<Named>) -> Result<Option<Seen>, CatalogError> {
        match (self, wanted) {
            (Self::Operator, None) => Ok(Some(Seen { id: None, whose: Whose::Everybody })),
            (Self::Owner(_), None) => Ok(None),
            (Self::Application { id, party }, None) => Ok(Some(Seen { id: Some(id), whose: Whose::Party(party) })),
            (_, Some(wanted)) => {
                let stranger = || match wanted {
                    Named::Id(id) => CatalogError::not_found("application", id),
                    Named::Number(number) => CatalogError::not_found("application", number),
                };
                let found = wanted.find(tx)?;
                let may_see = match self {
                    Self::Operator => true,
                    Self::Application { id, .. } => id == found.id,
                    Self::Owner(account) => Owner::of_account(tx, account)?.owns(&found),
                };
                if !may_see {
                    return Err(stranger());
                }
                Ok(Some(Seen { id: Some(found.id), whose: Whose::Party(found.number) }))
            }
        }
    }
}

struct Seen {
    id: Option<ApplicationId>,
    whose: Whose,
}

/// What the application whose key you send has used: the same numbers that the operator sees.
///
/// Counted within seconds of each answer. Signed in, owners name one of their applications; operators see everybody's or any
/// application's.
#[utoipa::path(tag = "usage", params(UsageParams, WhoseParams), security(("api_key" = []), ("bearer" = []), ("session" = [])),
               responses((status = OK, content((UsageOut = "application/json"), (String = "text/csv"))), Problem))]
#[get("/usage")]
pub(super) async fn get_usage(
    viewer: Viewer,
    query: Query<OwnUsage>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(OwnUsage { asked, application: wanted }) = query;
    let out = state
        .read(move |tx| {
            let Some(seen) = viewer.application(tx, wanted)? else { return Ok(None) };
            let report = usage::report(tx, &asked.of(seen.whose))?;
            Ok(Some(UsageOut::new(seen.id.map(|id| id.to_string()), asked.period, report)))
        })
        .await?;
    let out = out.ok_or_else(|| Problem::new(ProblemKind::Forbidden).detail("Name one of your applications."))?;
    answer(&req, &out, asked.form(&req))
}

/// Usage in the form that was asked for; for the caller alone.
pub(super) fn answer(req: &HttpRequest, out: &UsageOut, form: UsageForm) -> Result<HttpResponse, Problem> {
    let rendered = match form {
        UsageForm::Json => Rendered::json(out, Freshness::Private)?,
        UsageForm::Csv => Rendered::new(out.to_csv(), "text/csv; charset=utf-8; header=present", Freshness::Private),
    };
    Ok(rendered.vary("Accept, X-Api-Key, Authorization, Cookie").answer(req))
}
