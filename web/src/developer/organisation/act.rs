//! Reading organisations, and what is done to them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::application::{self, Owner};
use fairground_catalog::organisation::{self, MemberRole, NewOrganisation, OrganisationChange};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{AccountId, InvitationId};
use url::form_urlencoded;

use super::{
    InvitationLine, InvitationPage, InvitationView, MemberLine, OrganisationLine, OrganisationPage, OrganisationView,
    OrganisationsPage, OrganisationsView,
};
use crate::developer::application::{Acted, judged};
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page};

/// Longest token of a link, in characters.
const LONGEST_TOKEN_CHARS: usize = 200;

/// Shows one's organisations.
pub(crate) async fn list_organisations(visit: Visit) -> HttpResponse {
    let loaded = load_list(&visit).await;
    show_list(&visit, StatusCode::OK, loaded)
}

fn show_list(visit: &Visit, status: StatusCode, page: Result<OrganisationsPage, PageError>) -> HttpResponse {
    visit.finish(Place::Developers, page, |frame, page| answer_private_page(status, &OrganisationsView { frame, page }))
}

async fn load_list(visit: &Visit) -> Result<OrganisationsPage, PageError> {
    let signed_in = visit.staff()?;
    let (account, csrf) = (signed_in.account.id, signed_in.csrf_token.clone());
    let found = visit.read(move |tx| organisation::list_of(tx, account)).await?;
    let line = |(organisation, role): (organisation::Organisation, MemberRole)| OrganisationLine {
        slug: organisation.slug.to_string(),
        name: organisation.name,
        is_verified: organisation.verified_at.is_some(),
        is_owner: role == MemberRole::Owner,
    };
    let organisations = found.into_iter().map(line).collect();
    Ok(OrganisationsPage { csrf, organisations, ..OrganisationsPage::default() })
}

/// Makes an organisation.
pub(crate) async fn create_organisation(visit: Visit, form: Form) -> HttpResponse {
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let new = NewOrganisation {
        name: form.text("name").to_owned(),
        slug: None,
        domain: Some(form.text("domain").to_owned()),
    };
    let made = judged(visit.pages.state.write(move |tx| organisation::create(tx, account, new)).await);
    match made {
        Ok(Ok(made)) => visit.follow(Place::Developers, Ok(format!("/developers/organisations/{}", made.slug))),
        Ok(Err(fault)) => {
            let page = load_list(&visit).await.map(|page| OrganisationsPage {
                fault: Some(fault),
                name: form.text("name").to_owned(),
                domain: form.text("domain").to_owned(),
                ..page
            });
            show_list(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Developers, Err(error)),
    }
}

/// Shows one organisation to a member.
pub(crate) async fn show_organisation(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_page(&visit, &slug, None).await;
    show_page(&visit, StatusCode::OK, loaded)
}

fn show_page(visit: &Visit, status: StatusCode, page: Result<OrganisationPage, PageError>) -> HttpResponse {
    visit.finish(Place::Developers, page, |frame, page| answer_private_page(status, &OrganisationView { frame, page }))
}

async fn load_page(visit: &Visit, slug: &str, fault: Option<(String, String)>) -> Result<OrganisationPage, PageError> {
    let signed_in = visit.staff()?;
    let (account, csrf, slug) = (signed_in.account.id, signed_in.csrf_token.clone(), slug.to_owned());
    let page = visit.read(move |tx| read(tx, account, &slug)).await?;
    Ok(OrganisationPage { csrf, fault, ..page })
}

fn read(tx: &mut Tx<'_>, account: AccountId, slug: &str) -> Result<OrganisationPage, CatalogError> {
    let (organisation, role) = organisation::get_for(tx, account, slug)?;
    let members = organisation::list_members(tx, organisation.id)?.into_iter().map(|member| MemberLine {
        is_owner: member.role == MemberRole::Owner,
        is_reader: member.account == account,
        account: member.account.to_string(),
        name: member.name,
        email: member.email,
    });
    let members = members.collect();
    let invitations = organisation::list_invitations(tx, organisation.id)?.into_iter().map(|waiting| InvitationLine {
        id: waiting.id.to_string(),
        is_owner: waiting.role == MemberRole::Owner,
        email: waiting.email,
        expires_at: waiting.expires_at,
    });
    let invitations = invitations.collect();
    let owner = Owner { organisations: vec![organisation.id], ..Owner::default() };
    let applications = application::list_owned(tx, &owner)?
        .into_iter()
        .map(|application| (application.id.to_string(), application.name, application.plan.to_string()))
        .collect();
    Ok(OrganisationPage {
        slug: organisation.slug.to_string(),
        name: organisation.name,
        domain: organisation.domain.unwrap_or_default(),
        verified_at: organisation.verified_at,
        is_owner: role == MemberRole::Owner,
        members,
        invitations,
        applications,
        csrf: String::new(),
        fault: None,
    })
}

/// Does something to an organisation and goes on to its page, or shows the page with the fault.
async fn act<T: Send + 'static>(
    visit: &Visit,
    form: &Form,
    slug: &str,
    notice: Notice,
    work: impl FnOnce(&mut Tx<'_>, AccountId, &str) -> Result<T, CatalogError> + Send + 'static,
) -> HttpResponse {
    let account = match visit.acting(form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let name = slug.to_owned();
    let acted = judged(visit.pages.state.write(move |tx| work(tx, account, &name)).await);
    go_on(visit, slug, acted, notice).await
}

async fn go_on<T>(visit: &Visit, slug: &str, acted: Acted<T>, notice: Notice) -> HttpResponse {
    match acted {
        Ok(Ok(_)) => {
            visit.follow(Place::Developers, Ok(format!("/developers/organisations/{slug}?done={}", notice.as_str())))
        }
        Ok(Err(fault)) => {
            let page = load_page(visit, slug, Some(fault)).await;
            show_page(visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Developers, Err(error)),
    }
}

/// Changes name and domain.
pub(crate) async fn change_organisation(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let wanted =
        OrganisationChange { name: Some(form.text("name").to_owned()), domain: Some(form.text("domain").to_owned()) };
    act(&visit, &form, &slug, Notice::Saved, move |tx, account, slug| organisation::change(tx, account, slug, &wanted))
        .await
}

/// Applies the rule of verification now.
pub(crate) async fn verify_organisation(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    act(&visit, &form, &slug, Notice::Saved, |tx, account, slug| {
        let (organisation, _) = organisation::get_for(tx, account, slug)?;
        organisation::verify(tx, organisation.id)
    })
    .await
}

/// Dissolves the organisation.
pub(crate) async fn dissolve_organisation(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let name = slug.to_string();
    let done = judged(visit.pages.state.write(move |tx| organisation::dissolve(tx, account, &name)).await);
    out_of_it(&visit, &slug, done).await
}

/// Goes to the list, for one who no longer belongs to the organisation.
async fn out_of_it(visit: &Visit, slug: &str, acted: Acted<()>) -> HttpResponse {
    match acted {
        Ok(Ok(())) => {
            let address = format!("/developers/organisations?done={}", Notice::OrganisationLeft.as_str());
            visit.follow(Place::Developers, Ok(address))
        }
        other => go_on(visit, slug, other, Notice::Saved).await,
    }
}

/// Invites somebody by mail.
pub(crate) async fn invite(visit: Visit, slug: web::Path<String>, form: Form) -> HttpResponse {
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let role = role(&form);
    let state = &visit.pages.state;
    let (name, email) = (slug.to_string(), form.text("email").to_owned());
    let sent = judged(fairground_api::send_invitation(state, account, name, email, role).await);
    go_on(&visit, &slug, sent, Notice::InvitationSent).await
}

fn role(form: &Form) -> MemberRole {
    MemberRole::parse(form.text("role")).unwrap_or(MemberRole::Member)
}

/// Withdraws an invitation.
pub(crate) async fn withdraw_invitation(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (slug, invitation) = path.into_inner();
    act(&visit, &form, &slug, Notice::Saved, move |tx, account, slug| {
        let id: InvitationId = invitation.parse().map_err(|_| CatalogError::not_found("invitation", &invitation))?;
        organisation::withdraw_invitation(tx, account, slug, id)
    })
    .await
}

/// Gives a member another role.
pub(crate) async fn set_member_role(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (slug, member) = path.into_inner();
    let role = role(&form);
    act(&visit, &form, &slug, Notice::Saved, move |tx, account, slug| {
        organisation::set_member_role(tx, account, slug, parse_member(&member)?, role)
    })
    .await
}

/// Takes a member out, or leaves.
pub(crate) async fn remove_member(visit: Visit, path: web::Path<(String, String)>, form: Form) -> HttpResponse {
    let (slug, member) = path.into_inner();
    let leaves = visit.signed_in.as_ref().is_some_and(|reader| reader.account.id.to_string() == member);
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let name = slug.clone();
    let work = move |tx: &mut Tx<'_>| organisation::remove_member(tx, account, &name, parse_member(&member)?);
    let done = judged(visit.pages.state.write(work).await);
    if leaves { out_of_it(&visit, &slug, done).await } else { go_on(&visit, &slug, done, Notice::Saved).await }
}

fn parse_member(text: &str) -> Result<AccountId, CatalogError> {
    text.parse().map_err(|_| CatalogError::not_found("member", text))
}

/// Shows what a link invites to. The link alone accepts nothing: programs that look into mail follow links.
pub(crate) async fn show_invitation(visit: Visit) -> HttpResponse {
    let token = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.trim().chars().take(LONGEST_TOKEN_CHARS).collect::<String>())
        .unwrap_or_default();
    let loaded = load_invitation(&visit, token).await;
    visit.finish(Place::Developers, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &InvitationView { frame, page })
    })
}

async fn load_invitation(visit: &Visit, token: String) -> Result<InvitationPage, PageError> {
    let csrf = visit.staff()?.csrf_token.clone();
    let (secret, shown) = (visit.pages.state.catalog.secret.clone(), token.clone());
    let found = visit
        .read(move |tx| match organisation::find_invitation(tx, &secret, &shown) {
            Ok((organisation, _)) => Ok(Some(organisation.name)),
            Err(CatalogError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await?;
    Ok(InvitationPage { csrf, token, organisation: found })
}

/// Accepts an invitation.
pub(crate) async fn accept_invitation(visit: Visit, form: Form) -> HttpResponse {
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.id,
        Err(error) => return visit.follow(Place::Developers, Err(error)),
    };
    let token: String = form.text("token").chars().take(LONGEST_TOKEN_CHARS).collect();
    let secret = visit.pages.state.catalog.secret.clone();
    let joined =
        judged(visit.pages.state.write(move |tx| organisation::accept_invitation(tx, &secret, account, &token)).await);
    let address = joined.and_then(|joined| match joined {
        Ok((home, _)) => {
            Ok(format!("/developers/organisations/{}?done={}", home.slug, Notice::OrganisationJoined.as_str()))
        }
        Err((_, problem)) => Err(PageError::BadRequest(format!("{problem}."))),
    });
    visit.follow(Place::Developers, address)
}
