//! Every operation of the API: what it is called, how it is addressed and what it costs, known without a database.
//!
//! The list is written once, here; a test holds it to the OpenAPI document and to the mounted routes. Codes stand in usage
//! records; each segment of the meter says what they mean ([`names`]), so they may change between releases.

use std::collections::BTreeMap;

use actix_web::http::Method;
use fairground_domain::OperationClass;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its number in usage records.
    pub code: u16,
    /// Its id in the OpenAPI document, in usage and in metrics.
    pub id: &'static str,
    /// What kind of work it is.
    pub class: OperationClass,
}

impl Operation {
    /// Whatever is asked for at an address that does not exist: it is admitted and counted like the catalogue.
    pub const UNKNOWN: Self = Self { code: 0, id: "unknown", class: OperationClass::Catalogue };
    /// A call of an agency's API behind the gateway.
    pub const GATEWAY: Self = Self { code: 200, id: "gateway", class: OperationClass::Gateway };
    /// A call of the CKAN-compatible API.
    pub const CKAN_ACTION: Self = Self { code: 201, id: "ckan_action", class: OperationClass::Rows };
    /// A call over the Model Context Protocol.
    pub const MCP: Self = Self { code: 202, id: "mcp", class: OperationClass::Catalogue };

    /// What an export would come to, without making it: the export's address with `estimate=true`.
    pub const ESTIMATE_EXPORT: Self = Self { code: 203, id: "estimate_export", class: OperationClass::Catalogue };

    /// Operations whose addresses are not in [`ROUTES`].
    const OUTSIDE: [Self; 4] = [Self::GATEWAY, Self::CKAN_ACTION, Self::MCP, Self::ESTIMATE_EXPORT];

    /// The operation of a number in a usage record; [`Self::UNKNOWN`] for numbers that this program does not know.
    #[must_use]
    pub fn of_code(code: u16) -> Self {
        ROUTES
            .iter()
            .map(|route| route.operation)
            .chain(Self::OUTSIDE)
            .find(|operation| operation.code == code)
            .unwrap_or(Self::UNKNOWN)
    }
}

/// An operation of `/api/v1` and its address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The path with `{parameters}`, from the root.
    pub path: &'static str,
}

const fn route(code: u16, id: &'static str, method: &'static str, path: &'static str) -> Route {
    Route { operation: Operation { code, id, class: OperationClass::Catalogue }, method, path }
}

const fn table_route(
    code: u16,
    id: &'static str,
    class: OperationClass,
    method: &'static str,
    path: &'static str,
) -> Route {
    Route { operation: Operation { code, id, class }, method, path }
}

/// Every operation of `/api/v1`.
pub const ROUTES: &[Route] = &[
    route(1, "list_datasets", "GET", "/api/v1/datasets"),
    route(2, "get_dataset", "GET", "/api/v1/datasets/{dataset}"),
    route(3, "list_dataset_versions", "GET", "/api/v1/datasets/{dataset}/versions"),
    route(4, "get_dataset_version", "GET", "/api/v1/datasets/{dataset}/versions/{version}"),
    route(5, "suggest", "GET", "/api/v1/suggest"),
    route(6, "list_publishers", "GET", "/api/v1/publishers"),
    route(7, "get_publisher", "GET", "/api/v1/publishers/{publisher}"),
    route(8, "list_changes", "GET", "/api/v1/changes"),
    route(9, "list_plans", "GET", "/api/v1/plans"),
    route(10, "create_application", "POST", "/api/v1/applications"),
    route(11, "get_application", "GET", "/api/v1/applications/{application}"),
    route(12, "verify_application", "POST", "/api/v1/applications/verify"),
    route(13, "list_keys", "GET", "/api/v1/applications/{application}/keys"),
    route(14, "create_key", "POST", "/api/v1/applications/{application}/keys"),
    route(15, "revoke_key", "DELETE", "/api/v1/applications/{application}/keys/{key}"),
    route(16, "rotate_key", "POST", "/api/v1/applications/{application}/keys/{key}/rotate"),
    route(17, "get_usage", "GET", "/api/v1/usage"),
    route(18, "list_sources", "GET", "/api/v1/sources"),
    route(19, "create_source", "POST", "/api/v1/sources"),
    route(20, "get_source", "GET", "/api/v1/sources/{source}"),
    route(21, "run_source", "POST", "/api/v1/sources/{source}/run"),
    route(22, "list_jobs", "GET", "/api/v1/jobs"),
    route(23, "get_job", "GET", "/api/v1/jobs/{job}"),
    route(24, "list_job_records", "GET", "/api/v1/jobs/{job}/records"),
    route(25, "approve_job", "POST", "/api/v1/jobs/{job}/approve"),
    route(26, "cancel_job", "POST", "/api/v1/jobs/{job}/cancel"),
    route(27, "list_accounts", "GET", "/api/v1/accounts"),
    route(28, "create_account", "POST", "/api/v1/accounts"),
    route(29, "create_session", "POST", "/api/v1/sessions"),
    route(30, "get_session", "GET", "/api/v1/sessions/current"),
    route(31, "delete_session", "DELETE", "/api/v1/sessions/current"),
    route(32, "list_tables", "GET", "/api/v1/tables"),
    route(33, "list_dataset_tables", "GET", "/api/v1/datasets/{dataset}/tables"),
    route(34, "get_table", "GET", "/api/v1/tables/{table}"),
    route(35, "list_table_versions", "GET", "/api/v1/tables/{table}/versions"),
    table_route(36, "list_rows", OperationClass::Rows, "GET", "/api/v1/tables/{table}/rows"),
    table_route(37, "query_rows", OperationClass::Rows, "POST", "/api/v1/tables/{table}/rows"),
    table_route(38, "aggregate_rows", OperationClass::Aggregate, "GET", "/api/v1/tables/{table}/aggregate"),
    table_route(39, "query_aggregate", OperationClass::Aggregate, "POST", "/api/v1/tables/{table}/aggregate"),
    table_route(40, "export_table", OperationClass::Export, "GET", "/api/v1/tables/{table}/export.{format}"),
    table_route(41, "get_quarantine", OperationClass::Export, "GET", "/api/v1/tables/{table}/quarantine.csv"),
    route(42, "get_table_openapi", "GET", "/api/v1/tables/{table}/openapi.json"),
    route(43, "reload_table", "POST", "/api/v1/tables/{table}/reload"),
    route(44, "upload_table", "PUT", "/api/v1/datasets/{dataset}/tables/{name}"),
];

/// The names behind the numbers in usage records: plans in the order of their places, operations by their codes.
#[must_use]
pub fn names(plans: &[String]) -> fairground_meter::Names {
    let last = Operation::OUTSIDE.iter().map(|operation| operation.code).max().unwrap_or(0);
    let operations = (0..=last)
        .map(|code| {
            let operation = Operation::of_code(code);
            if operation.code == code { operation.id.to_owned() } else { String::new() }
        })
        .collect();
    fairground_meter::Names { plans: plans.to_vec(), operations }
}

/// What an address and a method stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// This operation.
    Operation(Operation),
    /// The address exists, for these methods.
    OtherMethods(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// A tree over path segments; resolving allocates nothing.
#[derive(Debug, Default)]
pub struct OperationTable {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    fixed: BTreeMap<&'static str, Node>,
    /// Segments that begin as this and end as a parameter (`export.{format}`).
    begun: BTreeMap<&'static str, Node>,
    parameter: Option<Box<Node>>,
    methods: Vec<(&'static str, Operation)>,
}

impl OperationTable {
    /// The table of [`ROUTES`].
    #[must_use]
    pub fn new() -> Self {
        let mut table = Self::default();
        for route in ROUTES {
            let mut node = &mut table.root;
            for segment in segments(route.path) {
                node = match segment.split_once('{') {
                    None => node.fixed.entry(segment).or_default(),
                    Some(("", _)) => node.parameter.get_or_insert_default(),
                    Some((beginning, _)) => node.begun.entry(beginning).or_default(),
                };
            }
            node.methods.push((route.method, route.operation));
        }
        table
    }

    /// What `method` at `path` stands for. A `HEAD` is a `GET`.
    #[must_use]
    pub fn resolve(&self, method: &Method, path: &str) -> Resolved {
        let Some(node) = self.find(path) else { return Resolved::Nothing };
        let asked = if *method == Method::HEAD { "GET" } else { method.as_str() };
        match node.methods.iter().find(|(known, _)| *known == asked) {
            Some((_, operation)) => Resolved::Operation(*operation),
            None if node.methods.is_empty() => Resolved::Nothing,
            None => Resolved::OtherMethods(node.methods.iter().map(|(known, _)| *known).collect()),
        }
    }

    fn find(&self, path: &str) -> Option<&Node> {
        segments(path).try_fold(&self.root, |node, segment| node.follow(segment))
    }
}

impl Node {
    fn follow(&self, segment: &str) -> Option<&Self> {
        self.fixed
            .get(segment)
            .or_else(|| self.begun.iter().find(|(beginning, _)| segment.starts_with(**beginning)).map(|(_, node)| node))
            .or(self.parameter.as_deref())
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_to_operations() {
        let table = OperationTable::new();
        for (method, path, id) in [
            (Method::GET, "/api/v1/datasets", "list_datasets"),
            (Method::HEAD, "/api/v1/datasets/air-quality", "get_dataset"),
            (Method::GET, "/api/v1/datasets/air-quality.ttl", "get_dataset"),
            (Method::GET, "/api/v1/datasets/air/versions/3", "get_dataset_version"),
            (Method::POST, "/api/v1/applications/verify", "verify_application"),
            (Method::DELETE, "/api/v1/sessions/current", "delete_session"),
            (Method::GET, "/api/v1/tables/beds/export.csv", "export_table"),
            (Method::GET, "/api/v1/tables/beds/quarantine.csv", "get_quarantine"),
            (Method::POST, "/api/v1/tables/beds/rows", "query_rows"),
        ] {
            match table.resolve(&method, path) {
                Resolved::Operation(operation) => assert_eq!(operation.id, id, "{method} {path}"),
                other => panic!("{method} {path}: {other:?}"),
            }
        }
        assert_eq!(table.resolve(&Method::GET, "/api/v1/nothing"), Resolved::Nothing);
        assert_eq!(table.resolve(&Method::GET, "/api/v1"), Resolved::Nothing);
        assert_eq!(table.resolve(&Method::GET, "/api/v1/datasets/"), Resolved::Operation(Operation::of_code(2)));
        assert_eq!(table.resolve(&Method::PUT, "/api/v1/sources"), Resolved::OtherMethods(vec!["GET", "POST"]));
    }

    #[test]
    fn codes_and_ids_are_used_once() {
        let mut codes: Vec<u16> = ROUTES.iter().map(|r| r.operation.code).collect();
        let mut ids: Vec<&str> = ROUTES.iter().map(|r| r.operation.id).collect();
        codes.extend([0, 200, 201, 202, 203]);
        codes.sort_unstable();
        ids.sort_unstable();
        assert!(codes.windows(2).all(|w| w[0] != w[1]));
        assert!(ids.windows(2).all(|w| w[0] != w[1]));
    }
}
