//! What those who answer for a service do: register, change, approve, open, suspend, retire. Credentials go in and never come
//! out again.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_api::gateway::check_service;
use fairground_catalog::account::{Account, Role};
use fairground_catalog::service::{
    self, CachePolicy, ClassRule, DataService, HealthCheck, NewService, OpenapiDocument, ServiceCredentials,
    ServiceDraft, ServiceMethod, ServiceState,
};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{OperationClass, Slug};

use super::load::{load_managed, own};
use super::{ManagedServiceView, ServiceForm, ServiceFormView};
use crate::layout::{Form, Notice, PageError, Place, Visit, answer_private_page};

const ASK_AN_OPERATOR: &str = "Ask the portal’s team.";
/// Seconds between two looks, when the form does not say.
const INTERVAL_SECS: u32 = 60;

/// Shows the form for a new service.
pub(crate) async fn show_form(visit: Visit) -> HttpResponse {
    let form = may_register(&visit).map(|account| ServiceForm {
        publisher_fixed: account.role != Role::Operator,
        methods: vec![ServiceMethod::Get.as_str().to_owned()],
        class: OperationClass::Gateway.as_str().to_owned(),
        health_interval: INTERVAL_SECS.to_string(),
        ..ServiceForm::default()
    });
    visit.finish(Place::Workspace, form, |frame, page| {
        answer_private_page(StatusCode::OK, &ServiceFormView { frame, page })
    })
}

fn may_register(visit: &Visit) -> Result<&Account, PageError> {
    let account = &visit.staff()?.account;
    match account.role {
        Role::Operator | Role::Steward | Role::Publisher => Ok(account),
        Role::Developer | Role::Auditor => {
            Err(PageError::Forbidden("Services are registered by the agencies that answer for them."))
        }
    }
}

/// The form of a service as it is.
pub(super) fn form_of(service: &DataService) -> ServiceForm {
    let draft = &service.draft;
    let rule = |rule: &ClassRule| {
        let methods: Vec<&str> = rule.methods.iter().map(|method| method.as_str()).collect();
        let methods = if methods.is_empty() { "*".to_owned() } else { methods.join(",") };
        format!("{methods} {} {}", rule.path, rule.class.as_str())
    };
    ServiceForm {
        changes: Some(service.slug.to_string()),
        revision: service.revision,
        slug: service.slug.to_string(),
        publisher: service.publisher_slug.to_string(),
        publisher_fixed: true,
        title: draft.title.clone(),
        description: draft.description.clone(),
        upstream: draft.upstream.clone(),
        terms: draft.terms.clone().unwrap_or_default(),
        methods: draft.methods.iter().map(|method| method.as_str().to_owned()).collect(),
        class: draft.class.as_str().to_owned(),
        class_rules: draft.class_rules.iter().map(rule).collect::<Vec<_>>().join("\n"),
        cache: if draft.cache == CachePolicy::Off { "off".to_owned() } else { String::new() },
        health_path: draft.health.as_ref().map(|health| health.path.clone()).unwrap_or_default(),
        health_interval: draft.health.as_ref().map_or(INTERVAL_SECS, |health| health.interval_secs).to_string(),
        openapi: String::new(),
        errors: Vec::new(),
    }
}

fn typed(form: &Form, publisher_fixed: bool) -> ServiceForm {
    let text = |name: &str| form.text(name).to_owned();
    let methods = ServiceMethod::ALL.into_iter().map(ServiceMethod::as_str);
    ServiceForm {
        changes: None,
        revision: form.text("revision").parse().unwrap_or_default(),
        slug: text("slug"),
        publisher: text("publisher"),
        publisher_fixed,
        title: text("title"),
        description: text("description"),
        upstream: text("upstream"),
        terms: text("terms"),
        methods: methods.filter(|method| form.is_set(&format!("method-{method}"))).map(str::to_owned).collect(),
        class: text("class"),
        class_rules: text("class_rules"),
        cache: text("cache"),
        health_path: text("health_path"),
        health_interval: text("health_interval"),
        openapi: text("openapi"),
        errors: Vec::new(),
    }
}

fn invalid<T>(field: &'static str, problem: impl Into<String>) -> Result<T, CatalogError> {
    Err(CatalogError::Invalid { field, problem: problem.into() })
}

/// What was typed, on top of what is not in the form.
fn draft_of(typed: &ServiceForm, before: Option<&ServiceDraft>) -> Result<ServiceDraft, CatalogError> {
    let base = before.cloned().unwrap_or_else(|| ServiceDraft::new("", ""));
    let health = match typed.health_path.as_str() {
        "" => None,
        path => Some(HealthCheck {
            path: path.to_owned(),
            interval_secs: match typed.health_interval.parse() {
                Ok(secs) => secs,
                Err(_) => return invalid("health", "must be a number of seconds"),
            },
            status: base.health.as_ref().map_or(200, |health| health.status),
        }),
    };
    Ok(ServiceDraft {
        title: typed.title.clone(),
        description: typed.description.clone(),
        upstream: typed.upstream.clone(),
        terms: Some(typed.terms.clone()).filter(|terms| !terms.is_empty()),
        methods: typed.methods.iter().filter_map(|method| ServiceMethod::parse(method)).collect(),
        class: class(&typed.class)?,
        class_rules: typed
            .class_rules
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(rule)
            .collect::<Result<_, _>>()?,
        cache: if typed.cache == "off" { CachePolicy::Off } else { CachePolicy::AsUpstreamSays },
        health,
        ..base
    })
}

fn class(name: &str) -> Result<OperationClass, CatalogError> {
    let known = OperationClass::ALL.into_iter().find(|class| class.as_str() == name);
    known.map_or_else(|| invalid("class_rules", format!("“{name}” is no class of operations")), Ok)
}

/// A line `GET,POST /path/{x} class`; `*` for all methods.
fn rule(line: &str) -> Result<ClassRule, CatalogError> {
    let mut words = line.split_whitespace();
    let (Some(methods), Some(path), Some(named), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return invalid("class_rules", format!("“{line}” is not like `GET /stations/{{id}} rows`"));
    };
    let read = |name: &str| match ServiceMethod::parse(name) {
        Some(method) => Ok(method),
        None => invalid("class_rules", format!("“{name}” is no method")),
    };
    let methods = if methods == "*" { Vec::new() } else { methods.split(',').map(read).collect::<Result<_, _>>()? };
    Ok(ClassRule { methods, path: path.to_owned(), class: class(named)? })
}

fn credentials_of(form: &Form) -> ServiceCredentials {
    let text = |name: &str| form.text(name).to_owned();
    match form.text("credentials_kind") {
        "header" => ServiceCredentials::Header { name: text("credentials_name"), value: text("credentials_value") },
        "query" => ServiceCredentials::Query { name: text("credentials_name"), value: text("credentials_value") },
        "basic" => ServiceCredentials::Basic { user: text("credentials_name"), password: text("credentials_value") },
        "bearer" => ServiceCredentials::Bearer { token: text("credentials_value") },
        _ => ServiceCredentials::None,
    }
}

/// What came of a form: the address of the page that follows, or the form with what is wrong.
type Filled = Result<String, ServiceForm>;

/// What the catalogue refuses becomes a word beside the field; everything else ends the act.
fn beside(mut typed: ServiceForm, error: CatalogError) -> Result<Filled, PageError> {
    match error {
        CatalogError::Invalid { field, problem } => {
            typed.errors.push((field.to_owned(), problem));
            Ok(Err(typed))
        }
        CatalogError::Taken { .. } => {
            typed.errors.push(("slug".to_owned(), "This short name is taken: choose another".to_owned()));
            Ok(Err(typed))
        }
        other => Err(other.into()),
    }
}

fn saved(slug: &str) -> String {
    format!("/workspace/services/{slug}?done={}", Notice::Saved.as_str())
}

/// Registers a service.
pub(crate) async fn register_service(visit: Visit, form: Form) -> HttpResponse {
    match try_register(&visit, &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(wrong)) => visit.finish(Place::Workspace, Ok(wrong), |frame, page| {
            answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &ServiceFormView { frame, page })
        }),
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_register(visit: &Visit, form: &Form) -> Result<Filled, PageError> {
    let account = visit.acting(form)?.account.clone();
    may_register(visit)?;
    let typed = typed(form, account.role != Role::Operator);
    let credentials = credentials_of(form);
    let prepared = prepare(visit, &typed, None, &credentials);
    let (draft, openapi) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return beside(typed, error),
    };
    let slug = match typed.slug.as_str() {
        "" => None,
        text => match text.parse::<Slug>() {
            Ok(slug) => Some(slug),
            Err(error) => return beside(typed, CatalogError::Invalid { field: "slug", problem: error.to_string() }),
        },
    };
    let secret = visit.pages.state.catalog.secret.clone();
    let asked = typed.publisher.clone();
    let written = visit
        .write(move |tx| {
            let publisher = publisher_for(tx, &account, &asked);
            let made = publisher.and_then(|publisher| {
                let new = NewService { slug, publisher, draft, openapi, credentials };
                service::create(tx, &secret, new, &actor(&account))
            });
            refusable(made)
        })
        .await?;
    match written {
        Ok(service) => Ok(Ok(saved(service.slug.as_str()))),
        Err(error) => beside(typed, error),
    }
}

/// What a form can mend is no failure of the transaction: nothing has been written before it.
fn refusable<T>(made: Result<T, CatalogError>) -> Result<Result<T, CatalogError>, CatalogError> {
    match made {
        Err(error @ (CatalogError::Invalid { .. } | CatalogError::Taken { .. })) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(made) => Ok(Ok(made)),
    }
}

fn prepare(
    visit: &Visit,
    typed: &ServiceForm,
    before: Option<&ServiceDraft>,
    credentials: &ServiceCredentials,
) -> Result<(ServiceDraft, Option<OpenapiDocument>), CatalogError> {
    let draft = draft_of(typed, before)?;
    check_service(&draft, credentials, &visit.pages.state.settings.reach)?;
    let openapi =
        Some(typed.openapi.as_str()).filter(|text| !text.is_empty()).map(OpenapiDocument::parse).transpose()?;
    Ok((draft, openapi))
}

fn actor(account: &Account) -> String {
    format!("account:{}", account.id)
}

fn publisher_for(tx: &mut Tx<'_>, account: &Account, asked: &str) -> Result<Slug, CatalogError> {
    if account.role == Role::Operator {
        return asked.parse().or_else(|_| invalid("publisher", "enter the publisher’s short name"));
    }
    let own = account.publisher_id.and_then(|id| publisher::find_by_id(tx, id).transpose()).transpose()?;
    Ok(own.ok_or(CatalogError::Forbidden("the account acts for no publisher"))?.slug)
}

/// Does what a form on a service's own page asks.
pub(crate) async fn act_on_service(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    let name = name.into_inner();
    match try_act(&visit, &name, &form).await {
        Ok(Ok(address)) => visit.follow(Place::Workspace, Ok(address)),
        Ok(Err(wrong)) => {
            let page = load_managed(&visit, name).await.map(|page| super::ManagedService { form: wrong, ..page });
            visit.finish(Place::Workspace, page, |frame, page| {
                answer_private_page(StatusCode::UNPROCESSABLE_ENTITY, &ManagedServiceView { frame, page })
            })
        }
        Err(error) => visit.follow(Place::Workspace, Err(error)),
    }
}

async fn try_act(visit: &Visit, name: &str, form: &Form) -> Result<Filled, PageError> {
    let account = visit.acting(form)?.account.clone();
    may_register(visit)?;
    let (wanted, reader) = (name.to_owned(), account.clone());
    let service = visit.read(move |tx| own(tx, &reader, &wanted)).await?;
    let act = form.text("act").to_owned();
    if act == "save" {
        return save(visit, &account, &service, form).await;
    }
    must_be_theirs(&account, &service, &act)?;
    let credentials = credentials_of(form);
    if act == "credentials" {
        let checked = check_service(&service.draft, &credentials, &visit.pages.state.settings.reach);
        if let Err(error) = checked {
            return beside(form_of(&service), error);
        }
    }
    let reason = form.text("reason").to_owned();
    let (secret, site) = (visit.pages.state.catalog.secret.clone(), visit.pages.state.settings.public_url.clone());
    let id = service.id.to_string();
    let done = visit
        .write(move |tx| {
            let actor = actor(&account);
            refusable(match act.as_str() {
                "approve" => service::approve(tx, &id, &actor),
                "open" => service::open(tx, &id, &site, &actor),
                "suspend" => service::suspend(tx, &id, &reason, &actor),
                "retire" => service::retire(tx, &id, &reason, &actor),
                "credentials" => service::set_credentials(tx, &secret, &id, &credentials, &actor),
                _ => invalid("act", "choose what to do"),
            })
        })
        .await?;
    match done {
        Ok(service) => Ok(Ok(saved(service.slug.as_str()))),
        Err(error) => beside(form_of(&service), error),
    }
}

/// Approving is the operators' act, and so is opening what was suspended.
fn must_be_theirs(account: &Account, service: &DataService, act: &str) -> Result<(), PageError> {
    let for_operators = act == "approve" || (act == "open" && service.state == ServiceState::Suspended);
    if for_operators && account.role != Role::Operator {
        return Err(PageError::Forbidden(ASK_AN_OPERATOR));
    }
    Ok(())
}

async fn save(visit: &Visit, account: &Account, before: &DataService, form: &Form) -> Result<Filled, PageError> {
    let mut typed = typed(form, true);
    typed.changes = Some(before.slug.to_string());
    typed.slug = before.slug.to_string();
    let (draft, openapi) = match prepare(visit, &typed, Some(&before.draft), &ServiceCredentials::None) {
        Ok(prepared) => prepared,
        Err(error) => return beside(typed, error),
    };
    let (id, revision, actor) = (before.id.to_string(), typed.revision, actor(account));
    let site = visit.pages.state.settings.public_url.clone();
    let written = visit
        .write(move |tx| {
            // An empty box leaves the document that is there.
            let openapi = openapi.as_ref().map(Some);
            refusable(service::update(tx, &id, revision, &draft, openapi, &site, &actor))
        })
        .await?;
    match written {
        Ok(service) => Ok(Ok(saved(service.slug.as_str()))),
        Err(error) => beside(typed, error),
    }
}
