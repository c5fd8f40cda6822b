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
        | "suggest"
        | "list_publishers"
        | "get_publisher"
        | "list_changes"
        | "list_plans"
        | "create_application"
        | "verify_application"
        | "create_session"
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
        | "get_table_openapi" => Access::Anyone,
        "get_application" | "list_keys" | "create_key" | "revoke_key" | "rotate_key" => Access::Owner,
        "get_usage" => Access::OwnerOrOperator,
        "list_sources" | "get_source" | "run_source" | "list_jobs" | "get_job" | "list_job_records" | "get_session"
        | "delete_session" | "reload_table" | "upload_table" => Access::Staff,
        "create_source" | "approve_job" | "cancel_job" => Access::Steward,
        "list_accounts" | "create_account" => Access::Operator,
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
            .replace("{table}", "no-such-table")
            .replace("{format}", "csv")
            .replace("{name}", "beds.csv");
        let body = (route.method == "POST").then(|| json!({}).to_string());
        let visitor = portal.visitor().send(route.method, &path, body.clone()).await;
        match access(id) {
            Access::Anyone => assert!(visitor.status != 401 && visitor.status != 403, "{id}: {}", visitor.text()),
            Access::Owner | Access::OwnerOrOperator => drop(visitor.refused_as(401, "key-required")),
            Access::Staff | Access::Steward | Access::Operator => drop(visitor.refused_as(401, "sign-in-required")),
        }
        match access(id) {
            Access::Anyone => {}
            Access::Owner => {
                let body = (id == "create_key").then(|| json!({ "name": "mine" }).to_string()).or(body);
                stranger.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::OwnerOrOperator => {
                drop(publisher.send(route.method, &path, body).await.refused_as(403, "forbidden"))
            }
            Access::Staff if path.contains("sources/") || path.contains("jobs/") => {
                other_body.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::Staff => {}
            Access::Steward | Access::Operator => {
                publisher.send(route.method, &path, body).await.refused_as(403, "forbidden");
            }
        }
    }
}
