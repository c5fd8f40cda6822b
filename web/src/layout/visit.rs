//! One reader's request: who they are, what they ask, and how the answer goes out.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use fairground_api::ApiState;
use fairground_api::caller::{SignedIn, find_signed_in};
use fairground_catalog::account::Role;
use fairground_catalog::application::PlainKey;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::Timestamp;
use url::{Url, form_urlencoded};

use super::error::chain;
use super::language::{choose, here, in_language};
use super::{ErrorPage, Frame, Notice, PageError, Person, Place, Site, see_other};
use crate::brand::Brand;
use crate::words::Language;
use crate::workspace::{ChainCheck, Setting};

/// Longest form that is read, in bytes.
const LONGEST_FORM_BYTES: usize = 64 * 1024;
/// Most fields that a form may have.
const MOST_FIELDS: usize = 100;
/// Longest form of a whole description, in bytes.
const LONGEST_WIDE_FORM_BYTES: usize = 4 * 1024 * 1024;
/// Most fields of one.
const MOST_WIDE_FIELDS: usize = 10_000;

/// Everything that pages are made from.
#[derive(Debug)]
pub struct Pages {
    pub(crate) site: web::Data<Site>,
    pub(crate) state: web::Data<ApiState>,
    /// What the program tells of itself.
    pub(crate) told: Told,
    /// When the program began to serve.
    pub(crate) opened_at: Timestamp,
    chain: Mutex<Option<ChainCheck>>,
}

/// What the program tells operators of itself.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Every setting in force.
    pub settings: Vec<Setting>,
    /// The folder of the object store; `None` when it is elsewhere.
    pub objects: Option<PathBuf>,
}

impl Pages {
    /// Pages of that look over the API's state: they use its store, its search index and its sessions. Previews in them are
    /// ordinary clients of the API, with the portal's key.
    #[must_use]
    pub fn new(brand: Brand, state: Arc<ApiState>, preview_key: &PlainKey) -> Self {
        let site = Site::new(brand, &state.settings.public_url).calling_with(preview_key);
        Self {
            site: web::Data::new(site),
            state: web::Data::from(state),
            told: Told::default(),
            opened_at: Timestamp::now(),
            chain: Mutex::new(None),
        }
    }

    /// The same pages, with what the program tells operators of itself.
    #[must_use]
    pub fn telling(self, told: Told) -> Self {
        Self { told, ..self }
    }

    /// What the last check of the journal's chain found.
    pub(crate) fn chain(&self) -> Option<ChainCheck> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what a check of the journal's chain found.
    pub(crate) fn keep_chain(&self, found: ChainCheck) {
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }
}

/// A request for a page.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) pages: web::Data<Pages>,
    pub(crate) request: HttpRequest,
    pub(crate) signed_in: Option<SignedIn>,
    /// The language of the answer.
    pub(crate) language: Language,
    is_language_asked: bool,
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(pages) = request.app_data::<web::Data<Pages>>().cloned() else {
                return Err(actix_web::error::ErrorInternalServerError("the app has no Pages"));
            };
            let signed_in = match find_signed_in(&request, &pages.state).await {
                Ok(signed_in) => signed_in,
                Err(problem) => {
                    // A page that everybody may read is worth more than a name in its corner.
                    tracing::error!("The session could not be looked up: {}", problem.chain());
                    None
                }
            };
            let (language, is_language_asked) = choose(&request, &pages.site.brand);
            Ok(Self { pages, request, signed_in, language, is_language_asked })
        })
    }
}

impl Visit {
    /// The frame of a page at this address.
    pub(crate) fn frame(&self, place: Place) -> Frame<'_> {
        let person = self.signed_in.as_ref().map(|signed_in| Person {
            name: match signed_in.account.name.trim() {
                "" => signed_in.account.email.clone(),
                name => name.to_owned(),
            },
            role: signed_in.account.role.as_str().to_owned(),
            is_operator: signed_in.account.role == Role::Operator,
            oversees: matches!(signed_in.account.role, Role::Operator | Role::Auditor),
            is_staff: signed_in.account.role != Role::Developer,
            csrf: signed_in.csrf_token.clone(),
        });
        Frame::new(&self.pages.site, place, self.request.path())
            .for_person(person)
            .with_notice(Notice::in_query(self.request.query_string()))
            .in_language(self.language, self.is_language_asked)
            .at(here(self.request.uri()))
    }

    /// Answers with a page, or with the page that says why there is none.
    pub(crate) fn finish<T>(
        &self,
        place: Place,
        loaded: Result<T, PageError>,
        show: impl FnOnce(&Frame<'_>, &T) -> HttpResponse,
    ) -> HttpResponse {
        let frame = self.frame(place);
        let answer = match loaded {
            Ok(page) => show(&frame, &page),
            Err(PageError::SignInNeeded) => see_other(&self.sign_in_address()),
            Err(error) => {
                if let PageError::Internal(cause) = &error {
                    tracing::error!(path = self.request.path(), "A page could not be made: {cause}");
                }
                ErrorPage::new(&frame, &error).answer()
            }
        };
        in_language(answer, self.language)
    }

    /// Answers an act with the page that follows it, or with the page that says why it was not done.
    pub(crate) fn follow(&self, place: Place, done: Result<String, PageError>) -> HttpResponse {
        self.finish(place, done, |_, address| see_other(address))
    }

    /// Reads from the store, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, PageError> {
        let db = self.pages.state.catalog.db.clone();
        self.block(move || db.read(work)).await
    }

    /// Writes to the store, on a thread that may block, and tells those who follow the journal.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, PageError> {
        let catalog = self.pages.state.catalog.clone();
        self.block(move || {
            let written = catalog.db.write(work)?;
            catalog.announce();
            Ok(written)
        })
        .await
    }

    /// Does work that may block.
    pub(crate) async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, PageError> {
        match web::block(work).await {
            Ok(done) => done.map_err(PageError::from),
            Err(error) => Err(PageError::Internal(chain(&error))),
        }
    }

    /// Who is signed in; leads to the sign-in page otherwise.
    pub(crate) fn staff(&self) -> Result<&SignedIn, PageError> {
        self.signed_in.as_ref().ok_or(PageError::SignInNeeded)
    }

    /// Who is signed in, for an act: the form must carry the session's token.
    pub(crate) fn acting(&self, form: &Form) -> Result<&SignedIn, PageError> {
        self.must_be_our_form()?;
        let signed_in = self.staff()?;
        if signed_in.is_csrf_token(form.text("csrf")) {
            Ok(signed_in)
        } else {
            Err(PageError::Forbidden(
                "The form is too old or did not come from this portal. Go back, reload the page and try again.",
            ))
        }
    }

    /// Refuses a form that a page of another origin has sent. Browsers say where a form comes from (Fetch Metadata, and
    /// `Origin` in older ones); a program that says neither has no reader's session to abuse.
    pub(crate) fn must_be_our_form(&self) -> Result<(), PageError> {
        let field = |name: header::HeaderName| self.request.headers().get(name).and_then(|value| value.to_str().ok());
        let site = field(header::HeaderName::from_static("sec-fetch-site"));
        let is_ours = match (site, field(header::ORIGIN)) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => self.is_own_origin(origin),
            (None, None) => true,
        };
        if is_ours { Ok(()) } else { Err(PageError::Forbidden("The form did not come from this portal.")) }
    }

    fn is_own_origin(&self, origin: &str) -> bool {
        let host = self.request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
        let authority = Url::parse(origin).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        origin == self.pages.site.origin() || (authority.is_some() && authority.as_deref() == host)
    }

    fn sign_in_address(&self) -> String {
        let next = match (self.request.method().is_safe(), self.request.uri().path_and_query()) {
            (true, Some(here)) => here.as_str(),
            _ => "/workspace",
        };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        format!("/sign-in?{query}")
    }
}

/// A form's fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// A field's text, trimmed; empty when it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// A field's text as it was sent; empty when it was not sent.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// True when a checkbox was set.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// A form with these fields, however they came.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// A field's text as it was sent; `None` when it was not sent.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every text that was sent under a name, as by ticked boxes.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The names of what was sent, in its order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(field, _)| field.as_str())
    }
}

/// A form that may be as long as a whole description.
#[derive(Debug, Default)]
pub(crate) struct WideForm(pub(crate) Form);

impl FromRequest for WideForm {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = Form::read(request, payload, LONGEST_WIDE_FORM_BYTES, MOST_WIDE_FIELDS);
        Box::pin(async move { read.await.map(Self) })
    }
}

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Self::read(request, payload, LONGEST_FORM_BYTES, MOST_FIELDS)
    }
}

impl Form {
    /// Reads a form leniently: one that is too long or of another type is an empty one, which then lacks its token.
    fn read(
        request: &HttpRequest,
        payload: &mut Payload,
        longest_bytes: usize,
        most_fields: usize,
    ) -> <Self as FromRequest>::Future {
        let is_form =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| {
                kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
            });
        let body = web::Payload::from_request(request, payload);
        Box::pin(async move {
            if !is_form {
                return Ok(Self::default());
            }
            let bytes = match body.await?.to_bytes_limited(longest_bytes).await {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Ok(Self::default()),
            };
            let fields = form_urlencoded::parse(&bytes).into_owned().take(most_fields).collect();
            Ok(Self { fields })
        })
    }
}
