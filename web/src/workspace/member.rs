//! The people of a publisher: who may do what, who is invited, who stands in for whom, how drafts are reviewed, and where the
//! publisher stands among others.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::member::{self, Actor, GrantOrigin, MemberGrant, MemberInvitation};
use fairground_catalog::{CatalogError, Tx, account, publisher};
use fairground_domain::{GrantId, InvitationId, PublisherId, PublisherRole, ReviewPolicy, ReviewRule, Timestamp};

use super::draft::Fault;
use super::load::parameter;
use super::staff::{Names, acting, actor, beside, choices_of, judged, workplaces};
use crate::layout::{Form, Frame, Notice, PageError, Place, Visit, answer_private_page};
use crate::words::Language;

/// Longest token of a link, in characters.
const LONGEST_TOKEN_CHARS: usize = 200;
/// Days of an objection window that the form suggests.
const SUGGESTED_DAYS: u16 = 7;
const DAY_SECS: i64 = 86_400;

/// A role somebody has.
#[derive(Debug, Clone)]
pub struct MemberLine {
    /// The grant; empty for what comes from the account's own role.
    pub grant: String,
    /// The person's name, or the address where there is none.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The key of the role.
    pub role: &'static str,
    /// Where it comes from, in words.
    pub origin: String,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Whether it works now.
    pub works: bool,
    /// Whether the reader may take it away.
    pub may_revoke: bool,
}

/// Somebody who was asked.
#[derive(Debug, Clone)]
pub struct InvitationLine {
    /// The invitation.
    pub id: String,
    /// The address.
    pub email: String,
    /// The key of the role.
    pub role: &'static str,
    /// Until when the link works.
    pub expires_at: Timestamp,
}

/// The policy as its form shows it.
#[derive(Debug, Clone, Default)]
pub struct PolicyForm {
    /// Revision of the publisher's own policy; 0 when it has none.
    pub revision: i32,
    /// Whose it is, where it is not its own.
    pub inherited_from: Option<String>,
    /// Days of the objection window; `None` for four eyes.
    pub days: Option<u16>,
    /// What stands in the field.
    pub days_typed: String,
    /// Whether harvested datasets are published at once.
    pub trusts_sources: bool,
}

/// The page.
#[derive(Debug, Clone, Default)]
pub struct PeoplePage {
    /// The publisher's short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Publishers whose people the reader sees.
    pub others: Vec<(String, String)>,
    /// Who may do what.
    pub members: Vec<MemberLine>,
    /// Who is asked.
    pub invitations: Vec<InvitationLine>,
    /// True when the reader may change it.
    pub may_manage: bool,
    /// Roles to give.
    pub roles: Vec<(&'static str, &'static str)>,
    /// Roles that the reader can let another have.
    pub delegable: Vec<(&'static str, &'static str)>,
    /// How drafts are reviewed.
    pub policy: PolicyForm,
    /// Publishers above it, nearest first: address and name.
    pub above: Vec<(String, String)>,
    /// Publishers directly below it.
    pub below: Vec<(String, String)>,
    /// What is wrong with what was typed.
    pub faults: Vec<Fault>,
    /// What was typed.
    pub typed_email: String,
    /// What was typed.
    pub typed_stand_in: String,
    /// What was typed, or stands there.
    pub typed_parent: String,
}

impl PeoplePage {
    /// What is wrong with a field.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, problem)| problem.as_str())
    }
}

/// What a link invites to.
#[derive(Debug, Clone)]
pub struct InvitedPage {
    /// The publisher's name.
    pub publisher: String,
    /// The key of the role.
    pub role: &'static str,
    /// When the role ends.
    pub until: Option<Timestamp>,
    /// The link's token.
    pub token: String,
}

/// The template of [`PeoplePage`].
#[derive(Debug, Template)]
#[template(path = "workspace/member/page.html")]
pub struct PeopleView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a PeoplePage,
}

/// The template of [`InvitedPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/member/invitation.html")]
pub struct InvitedView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a InvitedPage,
}

const fn role_words(role: PublisherRole) -> &'static str {
    match role {
        PublisherRole::Editor => "workspace-member-role-editor",
        PublisherRole::Reviewer => "workspace-member-role-reviewer",
        PublisherRole::Manager => "workspace-member-role-manager",
    }
}

/// Leads to the people of the only publisher that the reader works for, or of the first.
pub(crate) async fn choose_people(visit: Visit) -> HttpResponse {
    let found = first_workplace(&visit).await;
    visit.follow(Place::Workspace, found)
}

async fn first_workplace(visit: &Visit) -> Result<String, PageError> {
    let actor = actor(visit)?;
    let all = visit.read(move |tx| workplaces(tx, &actor)).await?;
    let first = all.first().ok_or(PageError::Forbidden("You work for no publisher yet."))?;
    Ok(format!("/workspace/publishers/{}/people", first.publisher.slug))
}

/// Shows who may do what for a publisher.
pub(crate) async fn show_people(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let loaded = load_people(&visit, name.into_inner()).await;
    finish(&visit, StatusCode::OK, loaded)
}

fn finish(visit: &Visit, status: StatusCode, page: Result<PeoplePage, PageError>) -> HttpResponse {
    visit.finish(Place::Workspace, page, |frame, page| answer_private_page(status, &PeopleView { frame, page }))
}

async fn load_people(visit: &Visit, name: String) -> Result<PeoplePage, PageError> {
    let actor = actor(visit)?;
    let language = visit.language;
    visit.read(move |tx| people(tx, language, &actor, &name)).await
}

fn people(tx: &mut Tx<'_>, language: Language, actor: &Actor, name: &str) -> Result<PeoplePage, CatalogError> {
    let home = publisher::get(tx, name)?.publisher;
    let rights = member::must_see(tx, actor, home.id)?;
    let may_manage = rights.manages_as().is_some();
    let grants = member::list_grants(tx, actor, home.id)?;
    let delegators = grants.iter().filter_map(|grant| match grant.origin {
        GrantOrigin::Delegated { from } => Some(format!("account:{from}")),
        GrantOrigin::Granted | GrantOrigin::Standing => None,
    });
    let delegators: Vec<String> = delegators.collect();
    let names = Names::of(tx, language, delegators.iter().map(String::as_str))?;
    let invitations = if may_manage { member::list_invitations(tx, actor, home.id)? } else { Vec::new() };
    let own = |grant: &MemberGrant| Some(grant.account) == actor.account();
    let delegable = PublisherRole::ALL.into_iter().filter(|role| {
        grants.iter().any(|grant| {
            own(grant) && grant.role == *role && grant.works && !matches!(grant.origin, GrantOrigin::Delegated { .. })
        })
    });
    let (policy, above) = (policy_form(tx, home.id)?, above(tx, home.id)?);
    let below = member::children(tx, home.id)?;
    Ok(PeoplePage {
        slug: home.slug.to_string(),
        name: home.name,
        others: choices_of(&workplaces(tx, actor)?, |_| true),
        delegable: delegable.map(|role| (role.as_str(), role_words(role))).collect(),
        members: grants.iter().map(|grant| line(grant, actor, may_manage, &names, language)).collect(),
        invitations: invitations.into_iter().map(invited).collect(),
        may_manage,
        roles: PublisherRole::ALL.into_iter().map(|role| (role.as_str(), role_words(role))).collect(),
        policy,
        typed_parent: above.first().map(|(slug, _)| slug.clone()).unwrap_or_default(),
        above,
        below: below.into_iter().map(|node| (node.publisher.slug.to_string(), node.publisher.name)).collect(),
        ..PeoplePage::default()
    })
}

fn line(grant: &MemberGrant, actor: &Actor, may_manage: bool, names: &Names, language: Language) -> MemberLine {
    let delegated_by_reader = match grant.origin {
        GrantOrigin::Delegated { from } => Some(from) == actor.account(),
        GrantOrigin::Granted | GrantOrigin::Standing => false,
    };
    let concerned = Some(grant.account) == actor.account() || delegated_by_reader;
    MemberLine {
        grant: grant.id.map(|id| id.to_string()).unwrap_or_default(),
        name: if grant.name.trim().is_empty() { grant.email.clone() } else { grant.name.clone() },
        email: grant.email.clone(),
        role: role_words(grant.role),
        origin: match grant.origin {
            GrantOrigin::Granted => language.t("workspace-member-given-here").text(),
            GrantOrigin::Delegated { from } => {
                language.t("workspace-member-stands-in").with("name", names.get(&format!("account:{from}"))).text()
            }
            GrantOrigin::Standing => language.t("workspace-member-own-role").text(),
        },
        until: grant.ends_at,
        works: grant.works,
        may_revoke: grant.id.is_some() && (may_manage || concerned),
    }
}

fn invited(invitation: MemberInvitation) -> InvitationLine {
    InvitationLine {
        id: invitation.id.to_string(),
        email: invitation.email,
        role: role_words(invitation.role),
        expires_at: invitation.expires_at,
    }
}

fn policy_form(tx: &mut Tx<'_>, home: PublisherId) -> Result<PolicyForm, CatalogError> {
    let known = member::find_policy(tx, home)?;
    let foreign = known.as_ref().filter(|known| known.publisher != home).map(|known| known.publisher);
    let inherited_from = match foreign {
        Some(other) => publisher::find_by_id(tx, other)?.map(|other| other.name),
        None => None,
    };
    let policy = known.as_ref().map(|known| known.policy).unwrap_or_default();
    let days = match policy.drafts {
        ReviewRule::FourEyes => None,
        ReviewRule::ObjectionWindow { days } => Some(days),
    };
    Ok(PolicyForm {
        revision: known.filter(|known| known.publisher == home).map_or(0, |known| known.revision),
        inherited_from,
        days,
        days_typed: days.unwrap_or(SUGGESTED_DAYS).to_string(),
        trusts_sources: policy.trusts_sources,
    })
}

fn above(tx: &mut Tx<'_>, home: PublisherId) -> Result<Vec<(String, String)>, CatalogError> {
    let mut all = Vec::new();
    for id in member::lineage(tx, home)?.into_iter().skip(1) {
        all.extend(publisher::find_by_id(tx, id)?.map(|one| (one.slug.to_string(), one.name)));
    }
    Ok(all)
}

/// Does what a form on the page asks.
pub(crate) async fn act_on_people(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let name = name.into_inner();
    match try_act(&visit, &name, &form).await {
        Ok(Ok(notice)) => {
            let address = format!("/workspace/publishers/{name}/people?done={}", notice.as_str());
            visit.follow(Place::Workspace, Ok(address))
        }
        Ok(Err(fault)) => {
            let page = load_people(&visit, name).await.map(|page| typed(page, &form, fault));
            finish(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

fn typed(page: PeoplePage, form: &Form, fault: Fault) -> PeoplePage {
    let mut page = PeoplePage {
        faults: vec![fault],
        typed_email: form.text("email").to_owned(),
        typed_stand_in: form.text("stand_in").to_owned(),
        ..page
    };
    match form.text("act") {
        "parent" => form.text("parent").clone_into(&mut page.typed_parent),
        "policy" => {
            form.text("days").clone_into(&mut page.policy.days_typed);
            page.policy.days = (form.text("rule") == "objection-window").then_some(SUGGESTED_DAYS);
            page.policy.trusts_sources = form.is_set("trusts");
        }
        _ => {}
    }
    page
}

/// The end of a day that somebody chose.
fn end_of(day: &str) -> Option<Timestamp> {
    Timestamp::lenient(day).map(|midnight| midnight.plus_secs(DAY_SECS))
}

fn role(form: &Form) -> Result<PublisherRole, PageError> {
    PublisherRole::parse(form.text("role")).ok_or_else(|| PageError::BadRequest("There is no such role.".to_owned()))
}

async fn try_act(visit: &Visit, name: &str, form: &Form) -> Result<Result<Notice, Fault>, PageError> {
    let actor = acting(visit, form)?;
    let name = name.to_owned();
    match form.text("act") {
        "invite" => invite(visit, actor, name, form).await,
        "uninvite" => {
            let id: InvitationId = form.text("invitation").parse().map_err(|_| PageError::NotFound)?;
            visit.write(move |tx| member::withdraw_invitation(tx, &actor, id)).await.map(|()| Ok(Notice::Saved))
        }
        "revoke" => {
            let id: GrantId = form.text("grant").parse().map_err(|_| PageError::NotFound)?;
            visit.write(move |tx| member::revoke(tx, &actor, id)).await.map(|()| Ok(Notice::Saved))
        }
        "delegate" => delegate(visit, actor, name, form).await,
        "policy" => set_policy(visit, actor, name, form).await,
        "parent" => {
            let parent = form.text("parent").to_owned();
            let work = move |tx: &mut Tx<'_>| set_parent(tx, &actor, &name, &parent);
            mendable(visit, work, |_| "parent".to_owned()).await
        }
        _ => Err(PageError::BadRequest("Choose what to do.".to_owned())),
    }
}

/// Writes, and gives what a form can mend as a fault. Nothing has been written before such a refusal.
async fn mendable(
    visit: &Visit,
    work: impl FnOnce(&mut Tx<'_>) -> Result<(), CatalogError> + Send + 'static,
    place: impl Fn(&str) -> String + Send + 'static,
) -> Result<Result<Notice, Fault>, PageError> {
    let language = visit.language;
    visit
        .write(move |tx| match work(tx) {
            Ok(()) => Ok(Ok(Notice::Saved)),
            Err(error) => beside(error, language, place).map(Err),
        })
        .await
}

async fn invite(visit: &Visit, actor: Actor, name: String, form: &Form) -> Result<Result<Notice, Fault>, PageError> {
    let (role, email) = (role(form)?, form.text("email").to_owned());
    let until = match form.text("until") {
        "" => None,
        day => match end_of(day) {
            Some(end) => Some(end),
            None => return Ok(Err(("until".to_owned(), visit.language.t("workspace-member-wrong-day").text()))),
        },
    };
    let home = visit.read(move |tx| publisher::get(tx, &name)).await?.publisher.id;
    let sent = fairground_api::send_member_invitation(&visit.pages.state, actor, home, email, role, until).await;
    judged(sent).map(|judged| match judged {
        Ok(_) => Ok(Notice::InvitationSent),
        Err((field, problem)) => {
            let field = if field == "email" { field } else { "until".to_owned() };
            Err((field, visit.language.refused(problem)))
        }
    })
}

async fn delegate(visit: &Visit, actor: Actor, name: String, form: &Form) -> Result<Result<Notice, Fault>, PageError> {
    let role = role(form)?;
    let Some(until) = end_of(form.text("delegated_until")) else {
        return Ok(Err(("delegated_until".to_owned(), visit.language.t("workspace-member-wrong-last-day").text())));
    };
    let email = form.text("stand_in").to_lowercase();
    let work = move |tx: &mut Tx<'_>| {
        let home = publisher::get(tx, &name)?.publisher;
        member::must_see(tx, &actor, home.id)?;
        let Some(to) = account::find_by_email(tx, &email)? else {
            let problem = "has no account here: invite them first".to_owned();
            return Err(CatalogError::Invalid { field: "account", problem });
        };
        member::delegate(tx, &actor, home.id, to.id, role, until).map(drop)
    };
    let place = |field: &str| if field == "account" { "stand_in".to_owned() } else { "delegated_until".to_owned() };
    mendable(visit, work, place).await
}

async fn set_policy(
    visit: &Visit,
    actor: Actor,
    name: String,
    form: &Form,
) -> Result<Result<Notice, Fault>, PageError> {
    let expected: i32 = form.text("policy_revision").parse().unwrap_or_default();
    let drafts = match form.text("rule") {
        "objection-window" => match form.text("days").parse() {
            Ok(days) => ReviewRule::ObjectionWindow { days },
            Err(_) => return Ok(Err(("days".to_owned(), visit.language.t("workspace-member-wrong-days").text()))),
        },
        _ => ReviewRule::FourEyes,
    };
    let policy = ReviewPolicy { drafts, trusts_sources: form.is_set("trusts") };
    let work = move |tx: &mut Tx<'_>| {
        let home = publisher::get(tx, &name)?.publisher;
        member::set_policy(tx, &actor, home.id, policy, expected).map(drop)
    };
    mendable(visit, work, |_| "days".to_owned()).await
}

fn set_parent(tx: &mut Tx<'_>, actor: &Actor, name: &str, parent: &str) -> Result<(), CatalogError> {
    let home = publisher::get(tx, name)?.publisher;
    let parent = match parent {
        "" => None,
        slug => {
            let found = publisher::find(tx, slug)?;
            let problem = || format!("there is no publisher “{slug}”");
            let found = found.ok_or_else(|| CatalogError::Invalid { field: "parent", problem: problem() })?;
            Some(found.id)
        }
    };
    member::set_parent(tx, actor, home.id, parent)
}

/// Shows what a link invites to. The link alone accepts nothing: programs that look into mail follow links.
pub(crate) async fn show_invitation(visit: Visit) -> HttpResponse {
    let loaded = load_invitation(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &InvitedView { frame, page })
    })
}

async fn load_invitation(visit: &Visit) -> Result<InvitedPage, PageError> {
    visit.staff()?;
    let token: String = parameter(visit, "token").unwrap_or_default().chars().take(LONGEST_TOKEN_CHARS).collect();
    let (secret, shown) = (visit.pages.state.catalog.secret.clone(), token.clone());
    let (home, invitation) = visit.read(move |tx| member::find_invitation(tx, &secret, &shown)).await?;
    Ok(InvitedPage { publisher: home.name, role: role_words(invitation.role), until: invitation.grant_ends_at, token })
}

/// Accepts an invitation.
pub(crate) async fn accept_invitation(visit: Visit, form: Form) -> HttpResponse {
    let done = try_accept(&visit, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn try_accept(visit: &Visit, form: &Form) -> Result<String, PageError> {
    let account = visit.acting(form)?.account.id;
    let token: String = form.text("token").chars().take(LONGEST_TOKEN_CHARS).collect();
    let secret = visit.pages.state.catalog.secret.clone();
    visit.write(move |tx| member::accept_invitation(tx, &secret, account, &token)).await?;
    Ok(format!("/workspace?done={}", Notice::RoleAccepted.as_str()))
}
