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
    /// A call of the CKAN-compatible API that is answered from the catalogue.
    pub const CKAN_CATALOGUE: Self = Self { code: 204, id: "ckan_catalogue_action", class: OperationClass::Catalogue };
    /// A call of the OAI-PMH server.
    pub const OAI: Self = Self { code: 205, id: "oai_pmh", class: OperationClass::Catalogue };
    /// A feed.
    pub const FEED: Self = Self { code: 206, id: "feed", class: OperationClass::Catalogue };
    /// A sitemap.
    pub const SITEMAP: Self = Self { code: 207, id: "sitemap", class: OperationClass::Catalogue };
    /// A page of the catalogue in RDF.
    pub const CATALOG_PAGE: Self = Self { code: 208, id: "catalog_page", class: OperationClass::Catalogue };
    /// The whole catalogue as one document.
    pub const CATALOG_FILE: Self = Self { code: 209, id: "catalog_file", class: OperationClass::Export };
    /// A call over the Model Context Protocol.
    pub const MCP: Self = Self { code: 202, id: "mcp", class: OperationClass::Catalogue };

    /// What an export would come to, without making it: the export's address with `estimate=true`.
    pub const ESTIMATE_EXPORT: Self = Self { code: 203, id: "estimate_export", class: OperationClass::Catalogue };

    /// Operations whose addresses are not in [`ROUTES`].
    const OUTSIDE: [Self; 10] = [
        Self::GATEWAY,
        Self::CKAN_ACTION,
        Self::MCP,
        Self::ESTIMATE_EXPORT,
        Self::CKAN_CATALOGUE,
        Self::OAI,
        Self::FEED,
        Self::SITEMAP,
        Self::CATALOG_PAGE,
        Self::CATALOG_FILE,
    ];

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
    route(240, "get_dataset_croissant", "GET", "/api/v1/datasets/{dataset}/croissant.json"),
    route(241, "get_data_package", "GET", "/api/v1/datasets/{dataset}/datapackage.json"),
    route(5, "suggest", "GET", "/api/v1/suggest"),
    route(190, "list_similar_datasets", "GET", "/api/v1/datasets/{dataset}/similar"),
    route(191, "list_demand", "GET", "/api/v1/demand"),
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
    route(453, "list_records", "GET", "/api/v1/records"),
    route(25, "approve_job", "POST", "/api/v1/jobs/{job}/approve"),
    route(26, "cancel_job", "POST", "/api/v1/jobs/{job}/cancel"),
    route(100, "approve_source", "POST", "/api/v1/sources/{source}/approve"),
    route(101, "delete_source", "DELETE", "/api/v1/sources/{source}"),
    route(102, "get_source_rules", "GET", "/api/v1/sources/{source}/rules"),
    route(103, "set_source_rules", "PUT", "/api/v1/sources/{source}/rules"),
    route(104, "preview_source_rules", "POST", "/api/v1/sources/{source}/rules/preview"),
    route(105, "get_rules_schema", "GET", "/api/v1/mapping-rules/schema"),
    route(106, "list_source_contacts", "GET", "/api/v1/sources/{source}/contacts"),
    route(107, "create_source_contact", "POST", "/api/v1/sources/{source}/contacts"),
    route(108, "delete_source_contact", "DELETE", "/api/v1/sources/{source}/contacts/{contact}"),
    route(109, "list_source_reports", "GET", "/api/v1/sources/{source}/reports"),
    route(110, "list_job_findings", "GET", "/api/v1/jobs/{job}/findings"),
    route(111, "export_job_findings", "GET", "/api/v1/jobs/{job}/findings.{format}"),
    route(112, "get_job_record", "GET", "/api/v1/jobs/{job}/records/{record}"),
    route(113, "follow_job", "GET", "/api/v1/jobs/{job}/events"),
    route(114, "list_finding_rules", "GET", "/api/v1/finding-rules"),
    route(115, "list_job_changes", "GET", "/api/v1/jobs/{job}/changes"),
    route(116, "change_source", "PATCH", "/api/v1/sources/{source}"),
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
    route(80, "list_identity_providers", "GET", "/api/v1/identity-providers"),
    route(81, "create_registration", "POST", "/api/v1/registrations"),
    route(82, "confirm_registration", "POST", "/api/v1/registrations/confirm"),
    route(83, "create_password_reset", "POST", "/api/v1/password-resets"),
    route(84, "confirm_password_reset", "POST", "/api/v1/password-resets/confirm"),
    route(85, "pass_second_factor", "POST", "/api/v1/sessions/second-factor"),
    route(86, "get_me", "GET", "/api/v1/me"),
    route(87, "export_me", "GET", "/api/v1/me/export"),
    route(88, "erase_me", "DELETE", "/api/v1/me"),
    route(89, "change_password", "PUT", "/api/v1/me/password"),
    route(90, "end_all_sessions", "DELETE", "/api/v1/me/sessions"),
    route(91, "end_session", "DELETE", "/api/v1/me/sessions/{session}"),
    route(92, "unlink_identity", "DELETE", "/api/v1/me/identities/{provider}"),
    route(93, "begin_second_factor", "POST", "/api/v1/me/second-factor"),
    route(94, "confirm_second_factor", "POST", "/api/v1/me/second-factor/confirm"),
    route(95, "remove_second_factor", "DELETE", "/api/v1/me/second-factor"),
    route(150, "list_reconciliations", "GET", "/api/v1/usage/reconciliation"),
    route(151, "get_publisher_usage", "GET", "/api/v1/publishers/{publisher}/usage"),
    route(152, "get_service_level", "GET", "/api/v1/service-level"),
    route(60, "list_applications", "GET", "/api/v1/applications"),
    route(61, "update_application", "PATCH", "/api/v1/applications/{application}"),
    route(62, "transfer_application", "POST", "/api/v1/applications/{application}/transfer"),
    route(63, "close_application", "DELETE", "/api/v1/applications/{application}"),
    route(64, "update_key", "PATCH", "/api/v1/applications/{application}/keys/{key}"),
    route(65, "report_key_leak", "POST", "/api/v1/key-leaks"),
    route(66, "request_owner_link", "POST", "/api/v1/applications/links"),
    route(67, "create_organisation", "POST", "/api/v1/organisations"),
    route(68, "list_organisations", "GET", "/api/v1/organisations"),
    route(69, "get_organisation", "GET", "/api/v1/organisations/{organisation}"),
    route(70, "update_organisation", "PATCH", "/api/v1/organisations/{organisation}"),
    route(71, "dissolve_organisation", "DELETE", "/api/v1/organisations/{organisation}"),
    route(72, "verify_organisation", "POST", "/api/v1/organisations/{organisation}/verify"),
    route(73, "list_members", "GET", "/api/v1/organisations/{organisation}/members"),
    route(74, "update_member", "PATCH", "/api/v1/organisations/{organisation}/members/{account}"),
    route(75, "remove_member", "DELETE", "/api/v1/organisations/{organisation}/members/{account}"),
    route(76, "list_invitations", "GET", "/api/v1/organisations/{organisation}/invitations"),
    route(77, "create_invitation", "POST", "/api/v1/organisations/{organisation}/invitations"),
    route(78, "withdraw_invitation", "DELETE", "/api/v1/organisations/{organisation}/invitations/{invitation}"),
    route(79, "accept_invitation", "POST", "/api/v1/organisations/invitations/accept"),
    route(120, "list_tariffs", "GET", "/api/v1/tariffs"),
    route(121, "publish_tariff", "POST", "/api/v1/tariffs"),
    route(122, "preview_tariff", "POST", "/api/v1/tariffs/comparison"),
    route(123, "compare_tariffs", "GET", "/api/v1/tariffs/difference"),
    route(124, "get_eligibility", "GET", "/api/v1/applications/{application}/eligibility"),
    route(125, "list_register", "GET", "/api/v1/register"),
    route(126, "get_register_entry", "GET", "/api/v1/register/{entry}"),
    route(127, "end_register_entry", "POST", "/api/v1/register/{entry}/end"),
    route(128, "publish_exception", "POST", "/api/v1/register/exceptions"),
    route(129, "suspend_application", "POST", "/api/v1/register/suspensions"),
    route(130, "register_arrangement", "POST", "/api/v1/register/arrangements"),
    route(131, "register_refusal", "POST", "/api/v1/register/refusals"),
    route(132, "list_conduct", "GET", "/api/v1/transparency"),
    route(133, "get_ranking", "GET", "/api/v1/ranking"),
    route(230, "get_quality", "GET", "/api/v1/quality"),
    route(231, "get_dataset_quality", "GET", "/api/v1/datasets/{dataset}/quality"),
    route(232, "get_publisher_quality", "GET", "/api/v1/publishers/{publisher}/quality"),
    route(170, "list_services", "GET", "/api/v1/services"),
    route(171, "create_service", "POST", "/api/v1/services"),
    route(172, "get_service", "GET", "/api/v1/services/{service}"),
    route(173, "update_service", "PUT", "/api/v1/services/{service}"),
    route(174, "set_service_credentials", "PUT", "/api/v1/services/{service}/credentials"),
    route(175, "approve_service", "POST", "/api/v1/services/{service}/approve"),
    route(176, "open_service", "POST", "/api/v1/services/{service}/open"),
    route(177, "suspend_service", "POST", "/api/v1/services/{service}/suspend"),
    route(178, "retire_service", "POST", "/api/v1/services/{service}/retire"),
    route(179, "get_service_health", "GET", "/api/v1/services/{service}/health"),
    route(400, "list_drafts", "GET", "/api/v1/drafts"),
    route(454, "list_reviews", "GET", "/api/v1/reviews"),
    route(401, "create_draft", "POST", "/api/v1/drafts"),
    route(402, "create_draft_from_file", "POST", "/api/v1/drafts/from-file"),
    route(403, "get_draft_schema", "GET", "/api/v1/drafts/schema"),
    route(404, "get_draft", "GET", "/api/v1/drafts/{draft}"),
    route(405, "update_draft", "PUT", "/api/v1/drafts/{draft}"),
    route(406, "discard_draft", "DELETE", "/api/v1/drafts/{draft}"),
    route(407, "get_draft_document", "GET", "/api/v1/drafts/{draft}/document.{format}"),
    route(408, "set_draft_document", "PUT", "/api/v1/drafts/{draft}/document.{format}"),
    route(409, "upload_draft_file", "PUT", "/api/v1/drafts/{draft}/files/{name}"),
    route(410, "remove_draft_file", "DELETE", "/api/v1/drafts/{draft}/files/{name}"),
    route(411, "list_draft_suggestions", "GET", "/api/v1/drafts/{draft}/suggestions"),
    route(412, "apply_draft_suggestions", "POST", "/api/v1/drafts/{draft}/suggestions"),
    route(413, "submit_draft", "POST", "/api/v1/drafts/{draft}/submit"),
    route(414, "recall_draft", "POST", "/api/v1/drafts/{draft}/recall"),
    route(415, "approve_draft", "POST", "/api/v1/drafts/{draft}/approve"),
    route(416, "return_draft", "POST", "/api/v1/drafts/{draft}/return"),
    route(417, "object_to_draft", "POST", "/api/v1/drafts/{draft}/objection"),
    route(418, "check_draft", "GET", "/api/v1/drafts/{draft}/checks"),
    route(419, "preview_draft", "GET", "/api/v1/drafts/{draft}/preview"),
    route(420, "compare_draft", "GET", "/api/v1/drafts/{draft}/comparison"),
    route(421, "list_draft_history", "GET", "/api/v1/drafts/{draft}/history"),
    route(422, "compare_dataset_versions", "GET", "/api/v1/datasets/{dataset}/versions/{version}/comparison"),
    route(423, "restore_dataset_version", "POST", "/api/v1/datasets/{dataset}/versions/{version}/restore"),
    route(424, "withdraw_dataset", "POST", "/api/v1/datasets/{dataset}/withdraw"),
    route(425, "export_sheet", "GET", "/api/v1/publishers/{publisher}/datasets.csv"),
    route(426, "import_sheet", "POST", "/api/v1/publishers/{publisher}/datasets.csv"),
    route(428, "list_corrections", "GET", "/api/v1/datasets/{dataset}/corrections"),
    route(429, "take_back_corrections", "POST", "/api/v1/datasets/{dataset}/corrections/take-back"),
    route(427, "get_desk", "GET", "/api/v1/desk"),
    route(430, "list_workplaces", "GET", "/api/v1/me/workplaces"),
    route(431, "list_publisher_members", "GET", "/api/v1/publishers/{publisher}/members"),
    route(432, "grant_publisher_role", "POST", "/api/v1/publishers/{publisher}/members"),
    route(433, "delegate_publisher_role", "POST", "/api/v1/publishers/{publisher}/delegations"),
    route(434, "revoke_publisher_role", "DELETE", "/api/v1/publishers/{publisher}/members/{grant}"),
    route(435, "list_publisher_invitations", "GET", "/api/v1/publishers/{publisher}/invitations"),
    route(436, "create_publisher_invitation", "POST", "/api/v1/publishers/{publisher}/invitations"),
    route(437, "withdraw_publisher_invitation", "DELETE", "/api/v1/publishers/{publisher}/invitations/{invitation}"),
    route(438, "accept_publisher_invitation", "POST", "/api/v1/publishers/invitations/accept"),
    route(439, "get_review_policy", "GET", "/api/v1/publishers/{publisher}/review-policy"),
    route(440, "set_review_policy", "PUT", "/api/v1/publishers/{publisher}/review-policy"),
    route(441, "list_publishers_below", "GET", "/api/v1/publishers/{publisher}/below"),
    route(442, "set_publisher_parent", "PUT", "/api/v1/publishers/{publisher}/parent"),
    route(380, "get_screen_rules", "GET", "/api/v1/screen"),
    route(381, "get_dataset_screen", "GET", "/api/v1/datasets/{dataset}/screen"),
    route(382, "list_holds", "GET", "/api/v1/holds"),
    route(383, "get_hold", "GET", "/api/v1/holds/{hold}"),
    route(384, "release_hold", "POST", "/api/v1/holds/{hold}/release"),
    route(385, "reject_hold", "POST", "/api/v1/holds/{hold}/reject"),
    route(386, "repair_hold", "POST", "/api/v1/holds/{hold}/repair"),
    route(387, "preview_hold_repairs", "POST", "/api/v1/holds/{hold}/preview"),
    route(447, "list_publishing_tokens", "GET", "/api/v1/me/publishing-tokens"),
    route(448, "create_publishing_token", "POST", "/api/v1/me/publishing-tokens"),
    route(449, "revoke_publishing_token", "DELETE", "/api/v1/publishing-tokens/{token}"),
    route(450, "list_publisher_tokens", "GET", "/api/v1/publishers/{publisher}/publishing-tokens"),
    route(451, "get_work_letters", "GET", "/api/v1/me/work-letters"),
    route(452, "set_work_letters", "PUT", "/api/v1/me/work-letters"),
    route(445, "list_audit", "GET", "/api/v1/audit"),
    route(446, "export_audit", "GET", "/api/v1/audit.csv"),
    route(320, "create_follow", "POST", "/api/v1/follows"),
    route(321, "list_follows", "GET", "/api/v1/follows"),
    route(322, "list_follow_changes", "GET", "/api/v1/follows/changes"),
    route(323, "list_deliveries", "GET", "/api/v1/follows/deliveries"),
    route(324, "retry_delivery", "POST", "/api/v1/follows/deliveries/{delivery}/retry"),
    route(325, "update_follow", "PATCH", "/api/v1/follows/{follow}"),
    route(326, "delete_follow", "DELETE", "/api/v1/follows/{follow}"),
    route(327, "confirm_act", "POST", "/api/v1/confirmations"),
    route(328, "export_citizen", "GET", "/api/v1/citizen"),
    route(329, "erase_citizen", "DELETE", "/api/v1/citizen"),
    route(330, "list_questions", "GET", "/api/v1/datasets/{dataset}/questions"),
    route(331, "create_question", "POST", "/api/v1/datasets/{dataset}/questions"),
    route(332, "list_open_questions", "GET", "/api/v1/questions"),
    route(333, "answer_question", "POST", "/api/v1/questions/{question}/answer"),
    route(334, "moderate_question", "POST", "/api/v1/questions/{question}/moderation"),
    route(335, "delete_question", "DELETE", "/api/v1/questions/{question}"),
    route(336, "list_data_requests", "GET", "/api/v1/data-requests"),
    route(337, "create_data_request", "POST", "/api/v1/data-requests"),
    route(338, "get_data_request", "GET", "/api/v1/data-requests/{request}"),
    route(339, "support_data_request", "POST", "/api/v1/data-requests/{request}/support"),
    route(340, "withdraw_support", "DELETE", "/api/v1/data-requests/{request}/support"),
    route(341, "answer_data_request", "POST", "/api/v1/data-requests/{request}/answer"),
    route(342, "moderate_data_request", "POST", "/api/v1/data-requests/{request}/moderation"),
    route(343, "delete_data_request", "DELETE", "/api/v1/data-requests/{request}"),
    route(344, "list_themes", "GET", "/api/v1/themes"),
    route(345, "list_licences", "GET", "/api/v1/licences"),
    route(346, "list_popular_datasets", "GET", "/api/v1/popular-datasets"),
    route(347, "list_series_members", "GET", "/api/v1/datasets/{dataset}/members"),
    route(348, "get_alerts", "GET", "/api/v1/applications/{application}/alerts"),
    route(349, "set_alerts", "PUT", "/api/v1/applications/{application}/alerts"),
];

/// The names behind the numbers in usage records: plans in the order of their places, operations by their codes.
#[must_use]
pub fn names(plans: &[String]) -> fairground_meter::Names {
    let outside = Operation::OUTSIDE.iter().map(|operation| operation.code);
    let last = ROUTES.iter().map(|route| route.operation.code).chain(outside).max().unwrap_or(0);
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
        codes.extend([0, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209]);
        codes.sort_unstable();
        ids.sort_unstable();
        assert!(codes.windows(2).all(|w| w[0] != w[1]));
        assert!(ids.windows(2).all(|w| w[0] != w[1]));
    }
}
