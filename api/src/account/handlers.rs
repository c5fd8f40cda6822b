//! Accounts that operators make, and who else vouches for people.

use actix_web::web::{self, Data, Json};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_catalog::account::{self, Account, NewAccount, PasswordRules};
use fairground_catalog::{Catalog, CatalogError, publisher};
use fairground_domain::AccountId;

use super::wire::{AccountIn, AccountOut, ProviderList, ProviderOut};
use crate::answer::Freshness;
use crate::body::Body;
use crate::caller::{Anyone, Caller, ManageAccounts, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Accounts, oldest first.
#[utoipa::path(tag = "accounts", params(PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<AccountOut>), Problem))]
#[get("/accounts")]
pub(super) async fn list_accounts(
    _caller: Caller<ManageAccounts>,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let after: Option<AccountId> = page.after.as_deref().and_then(|id| id.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| account::list(tx, after, wanted)).await?;
    let (items, next) = page.cut(found, |account| account.id.to_string());
    page::answer(items.into_iter().map(AccountOut::from).collect::<Vec<_>>(), next, Freshness::Private, &req)
}

/// Makes an account for staff.
#[utoipa::path(tag = "accounts", request_body = AccountIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = AccountOut), Problem))]
#[post("/accounts")]
pub(super) async fn create_account(
    asked: Then<Caller<ManageAccounts>, Body<AccountIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(new)) = asked;
    let actor = caller.actor();
    let (catalog, rules) = (state.catalog.clone(), state.settings.password_rules.clone());
    let made = web::block(move || create(&catalog, new, &rules, &actor)).await??;
    state.catalog.announce();
    Ok(HttpResponse::Created().json(AccountOut::from(made)))
}

fn create(catalog: &Catalog, new: AccountIn, rules: &PasswordRules, actor: &str) -> Result<Account, CatalogError> {
    rules.check(&new.password, &new.email)?;
    let publisher_id = match &new.publisher {
        Some(slug) => Some(catalog.db.read(|tx| publisher::get(tx, slug))?.publisher.id),
        None => None,
    };
    let new = NewAccount { email: new.email, name: new.name, role: new.role, publisher_id, password: new.password };
    account::create(&catalog.db, new, actor)
}

/// Identity providers that people may sign in through, in the operator's order.
#[utoipa::path(tag = "sessions", security(()), responses((status = OK, body = ProviderList), Problem))]
#[get("/identity-providers")]
pub(super) async fn list_identity_providers(
    _caller: Anyone,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Json<ProviderList> {
    let provider = |(slug, title): (&str, &str)| ProviderOut {
        slug: slug.to_owned(),
        title: title.to_owned(),
        sign_in: format!("{}/sign-in/{slug}", state.settings.public_url),
    };
    Json(ProviderList { items: state.federation().list().map(provider).collect() })
}
