//! Data services: the list, each one's page with its operations to try, and the forms of those who answer for them.

mod act;
mod load;

use askama::Template;
use fairground_catalog::service::{
    CheckOutcome, CredentialsKind, DataService, HealthDay, OperationParameter, ServiceHealth, ServiceOperation,
    ServiceState,
};

use crate::layout::{Frame, Tone};
use crate::prose::{SafeHtml, excerpt};
use crate::words::Share;

pub(crate) use act::{act_on_service, register_service, show_form};
pub(crate) use load::{list_services, show_desk, show_managed, show_service, try_operation};

/// Days of looks that a page shows.
pub const HEALTH_DAYS: i64 = 30;
/// Operations that a page shows; the document has all of them.
pub const MOST_OPERATIONS: usize = 200;

/// Characters of a parameter's description that a page shows.
const HINT_CHARS: usize = 200;

/// A service in a list.
#[derive(Debug, Clone)]
pub struct ServiceLine {
    /// The service.
    pub service: DataService,
    /// How it fares, when somebody has looked.
    pub outcome: Option<CheckOutcome>,
}

/// The list of services that are fronted.
#[derive(Debug, Clone, Default)]
pub struct ServiceList {
    /// The services by slug.
    pub services: Vec<ServiceLine>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// An operation, ready to be tried.
#[derive(Debug, Clone)]
pub struct OperationCard {
    /// The operation.
    pub operation: ServiceOperation,
    /// Its place on the page, from 0: names of fields are made of it.
    pub number: usize,
    /// What it does, at length.
    pub about: SafeHtml,
}

impl OperationCard {
    /// Whether the page can try it: a reading operation, whose parameters stand in its address.
    #[must_use]
    pub fn can_be_tried(&self) -> bool {
        self.operation.method == "GET"
    }

    /// Its parameters that stand in the address.
    pub fn inputs(&self) -> impl Iterator<Item = &OperationParameter> {
        self.operation.parameters.iter().filter(|parameter| matches!(parameter.place.as_str(), "path" | "query"))
    }
}

/// The page of a service.
#[derive(Debug, Clone)]
pub struct ServicePage {
    /// The service.
    pub service: DataService,
    /// What it says about itself.
    pub about: SafeHtml,
    /// Its terms, when they are words.
    pub terms: SafeHtml,
    /// Its terms, when they are an address.
    pub terms_href: Option<String>,
    /// Its operations.
    pub operations: Vec<OperationCard>,
    /// How many operations there are in all.
    pub operation_count: u64,
    /// How it fares.
    pub health: Option<ServiceHealth>,
    /// The looks of the last days, newest first.
    pub days: Vec<HealthDay>,
    /// True when the reader answers for it.
    pub may_manage: bool,
}

impl ServicePage {
    /// Whether there are more operations than the page shows.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.operation_count > u64::try_from(self.operations.len()).unwrap_or(u64::MAX)
    }

    /// The share of looks that were well, over all shown days.
    #[must_use]
    pub fn availability(&self) -> Option<Share> {
        let (checks, failures) =
            self.days.iter().fold((0_u64, 0_u64), |(c, f), day| (c + day.checks, f + day.failures));
        (checks > 0).then(|| {
            let well = (checks - failures.min(checks)).saturating_mul(1_000_000) / checks;
            Share(i64::try_from(well).ok())
        })
    }
}

/// Services as their agencies and the operators see them.
#[derive(Debug, Clone, Default)]
pub struct ServiceDesk {
    /// The services by slug.
    pub services: Vec<ServiceLine>,
}

/// The form for a new service, or for one that changes.
#[derive(Debug, Clone, Default)]
pub struct ServiceForm {
    /// The slug of the service that changes; `None` for a new one.
    pub changes: Option<String>,
    /// The revision that the form was made from.
    pub revision: i32,
    /// Its readable name.
    pub slug: String,
    /// The publisher's slug.
    pub publisher: String,
    /// True when the reader's own publisher is the only choice.
    pub publisher_fixed: bool,
    /// Its name.
    pub title: String,
    /// What it offers.
    pub description: String,
    /// The agency's address.
    pub upstream: String,
    /// The terms.
    pub terms: String,
    /// The methods that pass, by name.
    pub methods: Vec<String>,
    /// The class of its calls.
    pub class: String,
    /// Rules about classes, one a line: `GET /path/{x} class`.
    pub class_rules: String,
    /// `as-upstream-says` or `off`.
    pub cache: String,
    /// The path that is asked to see whether it is well.
    pub health_path: String,
    /// Seconds between two looks.
    pub health_interval: String,
    /// The OpenAPI document as it was pasted.
    pub openapi: String,
    /// What is wrong, by field.
    pub errors: Vec<(String, String)>,
}

impl ServiceForm {
    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(name, _)| name == field).map(|(_, problem)| problem.as_str())
    }

    /// Whether a method is chosen.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.methods.iter().any(|chosen| chosen == method)
    }

    /// Where the form goes.
    #[must_use]
    pub fn action(&self) -> String {
        self.changes
            .as_ref()
            .map_or_else(|| "/workspace/services".to_owned(), |slug| format!("/workspace/services/{slug}"))
    }
}

/// The page for those who answer for a service.
#[derive(Debug, Clone)]
pub struct ManagedService {
    /// The service.
    pub service: DataService,
    /// How it fares.
    pub health: Option<ServiceHealth>,
    /// What may be changed of it.
    pub form: ServiceForm,
    /// True for operators.
    pub is_operator: bool,
}

impl ManagedService {
    /// Whether the reader may open it.
    #[must_use]
    pub fn may_open(&self) -> bool {
        match self.service.state {
            ServiceState::Approved => true,
            ServiceState::Suspended => self.is_operator,
            ServiceState::Registered | ServiceState::Live | ServiceState::Retired => false,
        }
    }
}

/// What a parameter is, in a few plain words.
#[must_use]
pub fn hint(description: &str) -> String {
    excerpt(description, HINT_CHARS)
}

/// How a service's state is coloured.
#[must_use]
pub fn tone_of(state: &ServiceState) -> &'static str {
    match state {
        ServiceState::Registered | ServiceState::Approved => Tone::Info,
        ServiceState::Live => Tone::Good,
        ServiceState::Suspended => Tone::Warn,
        ServiceState::Retired => Tone::Neutral,
    }
    .class()
}

/// The key of a state's name.
#[must_use]
pub const fn words_of(state: &ServiceState) -> &'static str {
    match state {
        ServiceState::Registered => "service-state-registered",
        ServiceState::Approved => "service-state-approved",
        ServiceState::Live => "service-state-live",
        ServiceState::Suspended => "service-state-suspended",
        ServiceState::Retired => "service-state-retired",
    }
}

/// The key of a credential's kind.
#[must_use]
pub const fn words_of_credentials(kind: &CredentialsKind) -> &'static str {
    match kind {
        CredentialsKind::None => "service-credentials-none",
        CredentialsKind::Header => "service-credentials-header",
        CredentialsKind::Query => "service-credentials-query",
        CredentialsKind::Basic => "service-credentials-basic",
        CredentialsKind::Bearer => "service-credentials-bearer",
    }
}

/// The key of an outcome's name.
#[must_use]
pub const fn words_of_outcome(outcome: &CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Healthy => "service-healthy",
        CheckOutcome::Failing => "service-failing",
    }
}

/// How a look's outcome is coloured.
#[must_use]
pub fn tone_of_outcome(outcome: &CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Healthy => Tone::Good,
        CheckOutcome::Failing => Tone::Bad,
    }
    .class()
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($page:ty) = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $name<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    /// The template of [`ServiceList`].
    ServiceListView(ServiceList) = "service/list.html";
    /// The template of [`ServicePage`].
    ServiceView(ServicePage) = "service/page.html";
    /// The template of [`ServiceDesk`].
    ServiceDeskView(ServiceDesk) = "service/desk.html";
    /// The template of [`ServiceForm`].
    ServiceFormView(ServiceForm) = "service/form.html";
    /// The template of [`ManagedService`].
    ManagedServiceView(ManagedService) = "service/manage.html";
}
