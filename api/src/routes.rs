//! What is mounted below [`API_ROOT`], room by room.
//!
//! actix tries one address after the other until one fits, each by a regular expression. So that a call does not pay for all
//! that stands before what it asks for, addresses are kept apart by their first segment.

use std::rc::Rc;

use actix_web::guard::{Guard, GuardContext};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::operation::{OperationTable, Resolved};
use crate::problem::{Problem, ProblemKind};
use crate::{
    API_ROOT, account, application, audit, browse, change, conversation, dataset, demand, draft, gate, harvest, member,
    organisation, plan, publisher, quality, service, table, transparency, usage, watch,
};

type Routes = fn(&mut ServiceConfig<'_>);

/// Every operation of the API. The rooms that are asked the most come first; an address that two modules share belongs to one room.
const ROOMS: &[(&[&str], &[Routes])] = &[
    (&["tables"], &[table::routes]),
    (
        &["datasets", "suggest"],
        &[
            dataset::routes,
            table::routes_of_datasets,
            browse::routes_of_datasets,
            conversation::routes_of_datasets,
            quality::routes_of_datasets,
            draft::routes_of_datasets,
            gate::routes_of_datasets,
        ],
    ),
    (
        &["publishers", "publishing-tokens"],
        &[
            publisher::routes,
            quality::routes_of_publishers,
            usage::routes_of_publishers,
            draft::routes_of_publishers,
            member::routes,
        ],
    ),
    (&["applications", "key-leaks"], &[application::routes, plan::routes_of_applications]),
    (&["me"], &[account::routes_of_the_caller, member::routes_of_the_caller]),
    (&["drafts", "reviews", "desk"], &[draft::routes]),
    (&["sources", "jobs", "records", "mapping-rules", "finding-rules"], &[harvest::routes]),
    (&["organisations"], &[organisation::routes]),
    (&["services"], &[service::routes]),
    (&["follows", "confirmations", "citizen"], &[watch::routes]),
    (&["questions", "data-requests"], &[conversation::routes]),
    (&["register", "transparency", "ranking"], &[transparency::routes]),
    (&["holds", "screen"], &[gate::routes]),
    (&["accounts", "registrations", "password-resets", "sessions", "identity-providers"], &[account::routes]),
    (&["plans", "tariffs"], &[plan::routes]),
    (&["usage", "service-level"], &[usage::routes]),
    (&["themes", "licences", "popular-datasets"], &[browse::routes]),
    (&["quality"], &[quality::routes]),
    (&["changes"], &[change::routes]),
    (&["demand"], &[demand::routes]),
    (&["audit", "audit.csv"], &[audit::routes]),
];

/// Mounts every room; `table` tells what is refused within one.
pub(crate) fn mount(config: &mut ServiceConfig<'_>, table: &Rc<OperationTable>) {
    for (segments, rooms) in ROOMS {
        let room =
            scope("").guard(FirstSegment(segments)).configure(|config| rooms.iter().for_each(|routes| routes(config)));
        config.service(room.default_service(nothing_here(table)));
    }
}

/// The same for the document, which needs no answers.
pub(crate) fn describe(config: &mut ServiceConfig<'_>) {
    ROOMS.iter().flat_map(|(_, rooms)| *rooms).for_each(|routes| routes(config));
}

/// What answers where nothing does: 405 with `Allow` where the address exists for other methods, else 404.
pub(crate) fn nothing_here(table: &Rc<OperationTable>) -> actix_web::Route {
    let table = Rc::clone(table);
    web::to(move |req: HttpRequest| {
        let refused = refusal(&table, &req);
        async move { Err::<HttpResponse, _>(refused) }
    })
}

fn refusal(table: &OperationTable, req: &HttpRequest) -> Problem {
    match table.resolve(req.method(), req.path()) {
        Resolved::OtherMethods(methods) => {
            let mut allow = methods.join(", ");
            if methods.contains(&"GET") {
                allow.push_str(", HEAD");
            }
            let problem = Problem::new(ProblemKind::MethodNotAllowed);
            match HeaderValue::try_from(allow) {
                Ok(allow) => problem.header(header::ALLOW, allow),
                Err(_) => problem,
            }
        }
        Resolved::Operation(_) | Resolved::Nothing => Problem::new(ProblemKind::NotFound),
    }
}

/// Whether an address goes on with one of these segments below [`API_ROOT`].
struct FirstSegment(&'static [&'static str]);

impl Guard for FirstSegment {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let below = context.head().uri.path().strip_prefix(API_ROOT).and_then(|below| below.strip_prefix('/'));
        below.is_some_and(|below| {
            let segment = below.split_once('/').map_or(below, |(segment, _)| segment);
            self.0.contains(&segment)
        })
    }
}
