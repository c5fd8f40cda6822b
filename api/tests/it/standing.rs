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
    /// Who works for the publisher; to everybody else it does not exist.
    OfBody,
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
        | "get_alerts"
        | "set_alerts"
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
        | "list_records" | "get_session" | "delete_session" | "reload_table" | "upload_table" => Access::Staff,
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
        | "change_source"
        | "preview_source_rules"
        | "create_source_contact"
        | "delete_source_contact" => Access::Steward,
        "get_rules_schema" | "list_finding_rules" => Access::Anyone,
        "create_follow"
        | "confirm_act"
        | "list_questions"
        | "create_question"
        | "list_data_requests"
        | "create_data_request"
        | "get_data_request"
        | "support_data_request"
        | "list_themes"
        | "list_licences"
        | "list_popular_datasets"
        | "list_series_members" => Access::Anyone,
        "list_follows"
        | "list_follow_changes"
        | "list_deliveries"
        | "retry_delivery"
        | "update_follow"
        | "delete_follow"
        | "export_citizen"
        | "erase_citizen"
        | "delete_question"
        | "withdraw_support"
        | "delete_data_request"
        | "list_open_questions"
        | "answer_question"
        | "moderate_question"
        | "answer_data_request" => Access::Staff,
        "moderate_data_request" => Access::Operator,
        "get_screen_rules" | "get_dataset_screen" => Access::Anyone,
        "list_holds" | "get_hold" | "release_hold" | "reject_hold" | "repair_hold" | "preview_hold_repairs" => {
            Access::Staff
        }
        "get_draft_schema" | "compare_dataset_versions" | "list_publishers_below" => Access::Anyone,
        // Lists of what is one's own, and what is judged by the body that it names.
        "list_drafts"
        | "list_reviews"
        | "create_draft"
        | "create_draft_from_file"
        | "get_desk"
        | "list_workplaces"
        | "list_publishing_tokens"
        | "create_publishing_token"
        | "get_work_letters"
        | "set_work_letters"
        | "accept_publisher_invitation"
        | "list_audit"
        | "export_audit" => Access::Staff,
        "get_draft"
        | "update_draft"
        | "discard_draft"
        | "get_draft_document"
        | "set_draft_document"
        | "upload_draft_file"
        | "remove_draft_file"
        | "list_draft_suggestions"
        | "apply_draft_suggestions"
        | "submit_draft"
        | "recall_draft"
        | "approve_draft"
        | "return_draft"
        | "object_to_draft"
        | "check_draft"
        | "preview_draft"
        | "compare_draft"
        | "list_draft_history"
        | "restore_dataset_version"
        | "list_corrections"
        | "take_back_corrections"
        | "withdraw_dataset"
        | "export_sheet"
        | "import_sheet"
        | "list_publisher_members"
        | "list_publisher_tokens"
        | "revoke_publishing_token"
        | "grant_publisher_role"
        | "delegate_publisher_role"
        | "revoke_publisher_role"
        | "list_publisher_invitations"
        | "create_publisher_invitation"
        | "withdraw_publisher_invitation"
        | "get_review_policy"
        | "set_review_policy"
        | "set_publisher_parent" => Access::OfBody,
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
    // There are more operations than one address may call at once, and who is signed in is counted by address.
    let stranger = portal.consumer("stranger").await.0.patient();
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await.patient();
    let other_body = portal.staff(Role::Steward, Some("port-authority")).await.patient();
    other_body.post("/api/v1/organisations", &json!({ "name": "Transit" })).await.is(201);
    portal.service("air-api", "https://agency.example", json!({}));
    let draft = publisher.post("/api/v1/drafts", &json!({ "publisher": "ardenport" })).await.is(201).json();
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
            .replace("{follow}", &job.to_string())
            .replace("{delivery}", &job.to_string())
            .replace("{question}", &job.to_string())
            .replace("{request}", &job.to_string())
            .replace("{hold}", &job.to_string())
            .replace("{draft}", draft["id"].as_str().unwrap())
            .replace("{grant}", &job.to_string())
            .replace("{token}", &job.to_string())
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
            "set_alerts" => Some(json!({ "quota_percents": [] }).to_string()),
            "set_service_credentials" => Some(json!({ "kind": "none" }).to_string()),
            "suspend_service" | "retire_service" | "withdraw_dataset" => Some(json!({ "reason": "x" }).to_string()),
            _ => workflow_body(id).map(|body| body.to_string()).or(body),
        };
        let path = match id {
            "discard_draft" | "upload_draft_file" | "remove_draft_file" => format!("{path}?revision=1"),
            _ => path,
        };
        let visitor = portal.visitor().patient().send(route.method, &path, body.clone()).await;
        match access(id) {
            Access::Anyone => assert!(visitor.status != 401 && visitor.status != 403, "{id}: {}", visitor.text()),
            Access::Owner | Access::OwnList | Access::OwnerOrOperator => drop(visitor.refused_as(401, "key-required")),
            Access::Member | Access::Staff | Access::OfBody | Access::Steward | Access::Operator => {
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
                    || path.ends_with(&format!("holds/{job}"))
                    || id == "get_publisher_usage" =>
            {
                other_body.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::Staff => {}
            Access::OfBody => {
                other_body.send(route.method, &path, body).await.refused_as(404, "not-found");
            }
            Access::Steward | Access::Operator => {
                publisher.send(route.method, &path, body).await.refused_as(403, "forbidden");
            }
        }
    }
}

/// A body that an operation of the workflow can read, so that it is judged who sends it.
fn workflow_body(id: &str) -> Option<serde_json::Value> {
    let account = uuid::Uuid::now_v7().to_string();
    Some(match id {
        "update_draft" => json!({ "revision": 1, "description": { "title": { "en": "x" } } }),
        "set_draft_document" => json!({ "title": { "en": "x" } }),
        "submit_draft" | "recall_draft" | "approve_draft" | "apply_draft_suggestions" => json!({ "revision": 1 }),
        "take_back_corrections" => json!({ "fields": ["title"] }),
        "return_draft" => json!({ "revision": 1, "comments": [{ "pointer": "", "text": "x" }] }),
        "object_to_draft" => json!({ "revision": 1, "reason": "x" }),
        "grant_publisher_role" => json!({ "account": account, "role": "editor" }),
        "delegate_publisher_role" => {
            json!({ "account": account, "role": "editor", "ends_at": "2030-01-01T00:00:00Z" })
        }
        "create_publisher_invitation" => json!({ "email": "x@example.org", "role": "editor" }),
        "set_review_policy" => json!({ "drafts": "four-eyes", "trusts_sources": true, "revision": 0 }),
        "set_publisher_parent" => json!({ "parent": null }),
        _ => return None,
    })
}
