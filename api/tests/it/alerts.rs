//! Of what owners of applications are told by letter.

use fairground_catalog::application;
use fairground_catalog::usage::{QuotaWindow, lease_quota};
use fairground_catalog::{domain::Timestamp, tariff};
use serde_json::json;

use super::portal::Portal;

const ALERTS: &str = "/api/v1/applications/me/alerts";

#[actix_web::test]
async fn an_owner_chooses_of_what_letters_tell() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let usual = json!({ "quota_percents": [80, 100], "error_percent": null, "silent_days": null });
    assert_eq!(anna.get(ALERTS).await.is(200).json(), usual);
    let wanted = json!({ "quota_percents": [95, 50], "error_percent": 10, "silent_days": 7 });
    let chosen = json!({ "quota_percents": [50, 95], "error_percent": 10, "silent_days": 7 });
    assert_eq!(anna.send("PUT", ALERTS, Some(wanted.to_string())).await.is(200).json(), chosen);
    assert_eq!(anna.get(ALERTS).await.is(200).json(), chosen);
    for (wrong, pointer) in [
        (json!({ "quota_percents": [81] }), "/quota_percents"),
        (json!({ "quota_percents": [], "error_percent": 101 }), "/error_percent"),
        (json!({ "quota_percents": [], "silent_days": 61 }), "/silent_days"),
    ] {
        let refused = anna.send("PUT", ALERTS, Some(wrong.to_string())).await.refused_as(422, "invalid-content");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let path = format!("/api/v1/applications/{}/alerts", made["id"].as_str().unwrap());
    let (bert, _) = portal.consumer("bert").await;
    bert.get(&path).await.refused_as(404, "not-found");
    bert.send("PUT", &path, Some(wanted.to_string())).await.refused_as(404, "not-found");
    portal.visitor().get(&path).await.refused_as(401, "key-required");
    let off = json!({ "quota_percents": [] });
    anna.send("PUT", ALERTS, Some(off.to_string())).await.is(200);
    assert_eq!(anna.get("/api/v1/applications/me").await.is(200).json()["quota_letters"], false);
}

#[actix_web::test]
async fn a_share_that_was_chosen_is_told_once_with_what_ends_such_letters() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let wanted = json!({ "quota_percents": [50] });
    anna.send("PUT", ALERTS, Some(wanted.to_string())).await.is(200);
    let before = portal.letters(1).await.len();
    let id = made["id"].as_str().unwrap().parse().unwrap();
    portal
        .state
        .write(move |tx| {
            let own = application::get(tx, id)?;
            let tariff = tariff::in_force(tx)?;
            let plan = tariff.plan(own.plan.as_str()).unwrap();
            for policy in &plan.quotas {
                let (quota, length) = (policy.quota as i64, policy.window_secs as i64);
                let starts_at = Timestamp::now().as_secs().div_euclid(length) * length;
                let window =
                    QuotaWindow { party: own.number, policy: policy.name.clone(), starts_at, window_secs: length };
                lease_quota(tx, &window, quota * 6 / 10, quota)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let state = portal.state.clone();
    actix_web::web::block(move || state.write_alert_letters().and_then(|()| state.write_alert_letters()))
        .await
        .unwrap()
        .unwrap();
    let letters = portal.letters(before + 1).await;
    let told: Vec<_> = letters.iter().filter(|letter| letter.contains("/developers/alerts/q")).collect();
    let quotas = portal.state.read(move |tx| Ok(tariff::in_force(tx)?.plan("starter").map(|plan| plan.quotas.len())));
    assert_eq!(Some(told.len()), quotas.await.unwrap(), "{letters:#?}");
    assert!(
        told.iter().all(|letter| letter.contains("has used 50 %") && letter.contains("List-Unsubscribe")),
        "{told:#?}"
    );
}
