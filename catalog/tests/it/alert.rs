//! Of what owners are told by letter: quotas, failing calls, silence; each once.

use fairground_catalog::application::{self, AlertKind, Alerts, Application, FEWEST_CALLS, Trouble, alert_token};
use fairground_catalog::domain::{Tariff, Timestamp};
use fairground_catalog::usage::{Period, Portion, QuotaWindow, Subject, UsageSum, UsageTotals, apply, lease_quota};
use fairground_catalog::{CatalogError, Db, Secret, tariff};

use crate::store::on_every_store;

static SECRET: Secret = Secret::from_bytes([7; 32]);
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// 2025-11-22, 03:00.
const NOW: i64 = 1_763_780_400;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_secs(secs)
}

fn register(db: &Db, name: &str) -> Application {
    db.write(|tx| {
        tariff::ensure(tx)?;
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &SECRET, name, &format!("{name}@example.org"), &terms)
    })
    .unwrap()
    .application
}

fn choose(db: &Db, application: &Application, moment: i64, alerts: &Alerts) -> Alerts {
    db.write(|tx| {
        tx.now = at(moment);
        application::set_alerts(tx, application.id, alerts)
    })
    .unwrap()
}

/// So many calls of an application within the hour of a second, with a status of that class.
fn calls(db: &Db, segment: i64, application: &Application, moment: i64, status_class: i32, requests: i64) {
    let sum = |period: Period| UsageSum {
        period,
        starts_at: period.start_of(moment),
        party: application.number,
        subject: Subject {
            plan: "open".to_owned(),
            class: "rows".to_owned(),
            operation: "list_rows".to_owned(),
            dataset_id: String::new(),
            status_class,
            is_own_use: false,
        },
        totals: UsageTotals { requests, ..UsageTotals::default() },
    };
    let portion = Portion { node: "node1".to_owned(), segment, from: 0, to: 60, damaged: 0 };
    db.write(|tx| apply(tx, &portion, &Period::ALL.map(sum))).unwrap();
}

/// The names and troubles of letters that are due at a second, which are written then.
fn due(db: &Db, moment: i64) -> Vec<(String, Trouble)> {
    let due = db.write(|tx| {
        tx.now = at(moment);
        application::take_due_alerts(tx)
    });
    due.unwrap().into_iter().map(|one| (one.application.name, one.trouble)).collect()
}

#[test]
fn an_owner_chooses_and_what_was_chosen_comes_back() {
    on_every_store(|db| {
        let (anna, bert) = (register(db, "anna"), register(db, "bert"));
        let usual = Alerts { quota_marks: vec![80, 100], ..Alerts::default() };
        assert_eq!(db.read(|tx| application::get_alerts(tx, &anna)).unwrap(), usual);
        let wanted = Alerts { quota_marks: vec![90, 50, 50], error_percent: Some(10), silent_days: Some(7) };
        let chosen = choose(db, &anna, NOW, &wanted);
        assert_eq!(chosen, Alerts { quota_marks: vec![50, 90], ..wanted });
        let both = db.read(|tx| application::list_alerts(tx, &[bert.clone(), anna.clone()])).unwrap();
        assert_eq!(both, [usual, chosen.clone()]);

        // Without letters about quotas the shares are kept for later.
        let off = choose(db, &anna, NOW, &chosen.clone().without(AlertKind::Quota));
        assert!(off.quota_marks.is_empty() && off.error_percent == Some(10));
        let on = application::ApplicationChange { quota_letters: Some(true), ..Default::default() };
        let anna = db.write(|tx| application::change(tx, anna.id, &on)).unwrap();
        assert_eq!(db.read(|tx| application::get_alerts(tx, &anna)).unwrap(), chosen);

        let wrong = Alerts { quota_marks: vec![81], ..Alerts::default() };
        let refused = db.write(|tx| application::set_alerts(tx, anna.id, &wrong));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "quota_percents", .. })), "{refused:?}");
        db.write(|tx| application::close(tx, bert.id)).unwrap();
        let refused = db.write(|tx| application::set_alerts(tx, bert.id, &Alerts::default()));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })), "{refused:?}");
    });
}

#[test]
fn shares_of_a_quota_are_told_by_each_owner_s_own_choice() {
    on_every_store(|db| {
        let (usual, early, late) = (register(db, "usual"), register(db, "early"), register(db, "late"));
        choose(db, &early, NOW, &Alerts { quota_marks: vec![50, 80], ..Alerts::default() });
        choose(db, &late, NOW, &Alerts { quota_marks: vec![95], ..Alerts::default() });
        let tariff = db.read(tariff::get_current).unwrap();
        let policy = tariff.plan(Tariff::STARTER).unwrap().quotas[0].clone();
        let (quota, length) = (i64::try_from(policy.quota).unwrap(), i64::try_from(policy.window_secs).unwrap());
        let spend = |percent: i64| {
            for one in [&usual, &early, &late] {
                let starts_at = NOW.div_euclid(length) * length;
                let (party, policy) = (one.number, policy.name.clone());
                let window = QuotaWindow { party, policy, starts_at, window_secs: length };
                db.write(|tx| lease_quota(tx, &window, quota * percent / 100, quota)).unwrap();
            }
        };
        let due = || {
            let due = db.write(|tx| {
                tx.now = at(NOW);
                application::take_due_quota_letters(tx, &tariff)
            });
            let mut due: Vec<_> = due.unwrap().into_iter().map(|one| (one.application.name, one.percent)).collect();
            due.sort();
            due
        };
        let told = |who: &str, percent: u8| (who.to_owned(), percent);
        spend(50);
        assert_eq!((due(), due()), (vec![told("early", 50)], vec![]));
        spend(35);
        assert_eq!((due(), due()), (vec![told("early", 80), told("usual", 80)], vec![]));
        spend(15);
        assert_eq!((due(), due()), (vec![told("late", 95), told("usual", 100)], vec![]));
    });
}

#[test]
fn failing_calls_are_told_once_a_day_from_the_share_that_was_chosen() {
    on_every_store(|db| {
        let (anna, bert, rare) = (register(db, "anna"), register(db, "bert"), register(db, "rare"));
        for one in [&anna, &rare] {
            choose(db, one, NOW, &Alerts { error_percent: Some(10), ..Alerts::default() });
        }
        for (segment, one, answers, failures) in
            [(1, &anna, 90, 10), (3, &bert, 0, 50), (5, &rare, 0, FEWEST_CALLS - 1)]
        {
            calls(db, segment, one, NOW + 5, 2, answers);
            calls(db, segment + 1, one, NOW + 5, 4, failures);
        }
        assert!(due(db, NOW + 1_800).is_empty(), "an hour is judged when it is over");
        let expected = Trouble::Errors { hour: at(NOW), calls: 100, failed: 10, percent: 10 };
        assert_eq!(due(db, NOW + HOUR + 60), [("anna".to_owned(), expected)]);
        assert!(due(db, NOW + HOUR + 120).is_empty());
        // Another such hour of the same day is not told, one of the next day is.
        calls(db, 7, &anna, NOW + 5 * HOUR, 5, 100);
        assert!(due(db, NOW + 6 * HOUR).is_empty());
        calls(db, 8, &anna, NOW + DAY, 5, 100);
        calls(db, 9, &anna, NOW + DAY, 2, 901);
        assert!(due(db, NOW + DAY + HOUR).is_empty(), "100 of 1,001 are fewer than a tenth");
        calls(db, 10, &anna, NOW + DAY, 4, 1);
        let expected = Trouble::Errors { hour: at(NOW + DAY), calls: 1_002, failed: 101, percent: 10 };
        assert_eq!(due(db, NOW + DAY + HOUR), [("anna".to_owned(), expected)]);
    });
}

#[test]
fn a_silence_is_told_once_and_the_next_one_again() {
    on_every_store(|db| {
        let (anna, new) = (register(db, "anna"), register(db, "new"));
        let three_days = Alerts { silent_days: Some(3), ..Alerts::default() };
        calls(db, 1, &anna, NOW, 2, 1);
        choose(db, &anna, NOW + HOUR, &three_days);
        assert!(due(db, NOW + HOUR + 3 * DAY - 1).is_empty());
        let silent = |since: Option<Timestamp>| Trouble::Silence { days: 3, since };
        let first = silent(Some(at(NOW + HOUR)));
        assert_eq!(due(db, NOW + HOUR + 3 * DAY), [("anna".to_owned(), first)]);
        assert!(due(db, NOW + 30 * DAY).is_empty(), "each silence is told once");
        calls(db, 2, &anna, NOW + 31 * DAY, 2, 1);
        assert!(due(db, NOW + 32 * DAY).is_empty());
        let second = silent(Some(at(NOW + 31 * DAY + HOUR)));
        assert_eq!(due(db, NOW + 35 * DAY), [("anna".to_owned(), second)]);

        // Who never called is silent since they asked to be told, and saving the same again does not begin anew.
        choose(db, &new, NOW + 40 * DAY, &three_days);
        choose(db, &new, NOW + 42 * DAY, &Alerts { error_percent: Some(5), ..three_days.clone() });
        assert!(due(db, NOW + 43 * DAY - 1).is_empty());
        assert_eq!(due(db, NOW + 43 * DAY), [("new".to_owned(), silent(None))]);
        db.write(|tx| application::close(tx, anna.id)).unwrap();
        assert!(due(db, NOW + 50 * DAY).is_empty());
    });
}

#[test]
fn a_click_ends_letters_of_one_kind_alone() {
    on_every_store(|db| {
        let anna = register(db, "anna");
        let all = Alerts { quota_marks: vec![50], error_percent: Some(10), silent_days: Some(7) };
        choose(db, &anna, NOW, &all);
        let token = alert_token(&SECRET, anna.id, AlertKind::Errors);
        let looked = db.read(|tx| application::look_at_alert_link(tx, &SECRET, &token)).unwrap();
        assert!(looked.is_on && looked.kind == AlertKind::Errors);
        for _ in 0..2 {
            let ended = db.write(|tx| application::switch_alert_off(tx, &SECRET, &token)).unwrap();
            assert!(!ended.is_on);
            assert_eq!(
                db.read(|tx| application::get_alerts(tx, &anna)).unwrap(),
                all.clone().without(AlertKind::Errors)
            );
        }
        let wrong = db.write(|tx| application::switch_alert_off(tx, &Secret::from_bytes([8; 32]), &token));
        assert!(matches!(wrong, Err(CatalogError::NotFound { .. })), "{wrong:?}");
        db.write(|tx| application::close(tx, anna.id)).unwrap();
        let closed = db.read(|tx| application::look_at_alert_link(tx, &SECRET, &token));
        assert!(matches!(closed, Err(CatalogError::NotFound { .. })), "{closed:?}");
    });
}
