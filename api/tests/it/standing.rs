//! Every operation has an anonymous and an under-privileged visitor.

use fairground_api::operation::ROUTES;
use fairground_catalog::account::Role;
use serde_json::json;

use super::portal::Portal;

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Anyone,
    /// A key of the application.
    Owner,
    /// A key, or somebody signed in, each for what is theirs.
    OwnList,
    /// A member of the organisation.
    Member,
    /// A key, or an operator's session.
    OwnerOrOperator,
    /// Anybody signed in.
    Staff,
    /// A steward of the body, or an operator.
    Steward,
    Operator,
}

/// Written by hand, so that a new operation has to be judged here.
fn access(id: &str) -> Access {
    match id {
        "list_datasets"
        | "get_dataset"
        | "list_dataset_versions"
        | "get_dataset_version"
        | "list_similar_datasets"
        | "suggest"
        | "list_publishers"
        | "get_publisher"
        | "list_changes"
        | "list_plans"
        | "create_application"
        | "verify_application"
        | "create_session"
        | "list_identity_providers"
        | "create_registration"
        | "confirm_registration"
        | "create_password_reset"
        | "confirm_password_reset"
        | "list_tables"
        | "list_dataset_tables"
        | "get_table"
        | "list_table_versions"
        | "list_rows"
        | "query_rows"
        | "aggregate_rows"
        | "query_aggregate"
        | "export_table"
        | "get_quarantine"
        | "get_table_openapi"
        | "list_tariffs"
        | "compare_tariffs"
        | "list_register"
        | "get_register_entry"
        | "list_conduct"
        | "get_ranking"
        | "get_dataset_croissant"
        | "get_data_package"
        | "get_quality"
        | "get_dataset_quality"
        | "get_publisher_quality" => Access::Anyone,
        "request_owner_link" | "report_key_leak" => Access::Anyone,
        "get_eligibility"
        | "get_application"
        | "list_keys"
        | "create_key"
        | "revoke_key"
        | "rotate_key"
        | "update_application"
        | "transfer_application"
        | "close_application"
        | "update_key" => Access::Owner,
        "list_applications" => Access::OwnList,
        "create_organisation" | "list_organisations" | "accept_invitation" => Access::Staff,
        "get_organisation"
        | "update_organisation"
        | "dissolve_organisation"
        | "verify_organisation"
        | "list_members"
        | "update_member"
        | "remove_member"
        | "list_invitations"
        | "create_invitation"
        | "withdraw_invitation" => Access::Member,
        "list_services" | "get_service" | "get_service_health" => Access::Anyone,
        "create_service"
        | "update_service"
        | "set_service_credentials"
        | "open_service"
        | "suspend_service"
        | "retire_service" => Access::Staff,
        "approve_service" => Access::Operator,
        "list_reconciliations" | "get_service_level" => Access::Anyone,
        "get_publisher_usage" => Access::Staff,
        "get_usage" => Access::OwnerOrOperator,
        "pass_second_factor"
        | "get_me"
        | "export_me"
        | "erase_me"
        | "change_password"
        | "end_all_sessions"
        | "end_session"
        | "unlink_identity"
        | "begin_second_factor"
        | "confirm_second_factor"
        | "remove_second_factor" => Access::Staff,
        "list_demand" | "list_sources" | "get_source" | "run_source" | "list_jobs" | "get_job" | "list_job_records"
        | "get_session" | "delete_session" | "reload_table" | "upload_table" => Access::Staff,
        "list_job_findings"
        | "export_job_findings"
        | "get_job_record"
        | "follow_job"
        | "list_job_changes"
        | "get_source_rules"
        | "list_source_contacts"
        | "list_source_reports"
        | "create_source" => Access::Staff,
        "approve_job"
        | "cancel_job"
        | "delete_source"
        | "set_source_rules"
        | "preview_source_rules"
        | "create_source_contact"
        | "delete_source_contact" => Access::Steward,
        "get_rules_schema" | "list_finding_rules" => Access::Anyone,
        "approve_source" => Access::Operator,
        "publish_tariff"
        | "preview_tariff"
        | "publish_exception"
        | "suspend_application"
        | "register_arrangement"
        | "register_refusal"
        | "end_register_entry"
        | "list_accounts"
        | "create_account" => Access::Operator,
        other => panic!("who may call `{other}`?"),
    }
}

#[actix_web::test]
async fn nobody_passes_who_may_not() {
    let portal = Portal::furnished().await;
    let job = portal.harvest("ardenport", vec![super::portal::beds(), super::portal::air()]);
    let (_, anna) = portal.consumer("anna").await;
    let (stranger, _) = portal.consumer("stranger").await;
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let other_body = portal.staff(Role::Steward, Some("port-authority")).await;
    other_body.post("/api/v1/organisations", &json!({ "name": "Transit" })).await.is(201);
    portal.service("air-api", "https://agency.example", json!({}));
    for route in ROUTES {
        let id = route.operation.id;
        let path = route
            .path
            .replace("{dataset}", "air-quality")
            .replace("{version}", "1")
            .replace("{publisher}", "ardenport")
            .replace("{application}", anna["id"].as_str().unwrap())
            .replace("{key}", anna["key_id"].as_str().unwrap())
            .replace("{source}", "ardenport")
            .replace("{job}", &job.to_string())
            .replace("{record}", "0")
            .replace("{contact}", &job.to_string())
            .replace("{organisation}", "transit")
            .replace("{account}", "me")
            .replace("{invitation}", &job.to_string())
            .replace("{service}", "air-api")
            .replace("{table}", "no-such-table")
            .replace("{format}", "csv")
            .replace("{entry}", "1")
            .replace("{name}", "beds.csv");
        let body = matches!(route.method, "POST" | "PATCH").then(|| match id {
            "update_member" => json!({ "role": "owner" }).to_string(),
            "create_invitation" => json!({ "email": "x@example.org" }).to_string(),
            _ => json!({}).to_string(),
        });
        let body = match id {
            "update_service" => {
                let service = json!({ "title": "x", "upstream": "https://x.example" });
                Some(json!({ "revision": 1, "service": service }).to_string())
            }
            "set_service_credentials" => Some(json!({ "kind": "none" }).to_string()),
            "suspend_service" | "retire_service" => Some(json!({ "reason": "x" }).to_string()),
            _ => body,
        };
        let visitor = portal.visitor().send(route.method, &path, body.clone()).await;
        match access(id) {
            Access::Anyone => assert!(visitor.status != 401 && visitor.status != 403, "{id}: {}", visitor.text()),
            Access::Owner | Access::OwnList | Access::OwnerOrOperator => drop(visitor.refused_as(401, "key-required")),
            Access::Member | Access::Staff | Access::Steward | Access::Operator => {
                drop(visitor.refused_as(401, "sign-in-required"))
            }
        }
        match access(id) {
            Access::Anyone => {}
            Access::OwnList => {
                let own = stranger.send(route.method, &path, body).await.is(200).json();
                assert!(!own.to_string().contains("anna"), "{own}");
            }
            Access::Member => drop(publisher.send(route.method, &path, body).await.refused_as(404, "not-found")),
            Access::Owner => {
                let body = (id == "create_key").then(|| json!({ "name": "mine" }).to_string()).or(body);
                stranger.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::OwnerOrOperator => {
                drop(publisher.send(route.method, &path, body).await.refused_as(403, "forbidden"))
            }
            Access::Staff
                if path.contains("sources/")
                    || path.contains("jobs/")
                    || path.contains("services/")
                    || id == "get_publisher_usage" =>
            {
                other_body.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::Staff => {}
            Access::Steward | Access::Operator => {
                publisher.send(route.method, &path, body).await.refused_as(403, "forbidden");
            }
        }
    }
}
