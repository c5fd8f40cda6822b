use super::*;
use crate::time::Timestamp;

fn tariff() -> Tariff {
    Tariff::default_at(Timestamp::from_micros(0))
}

fn used(days: usize, units: u64) -> Figures {
    Figures { verified: true, units_by_day: vec![units; days] }
}

fn belongs(versions: &[Tariff], current: &str, figures: &Figures) -> String {
    plan_by_rule(versions, current, figures).expect("a plan").id.to_string()
}

#[test]
fn sustained_use_is_judged_by_days_that_reach_the_share() {
    let versions = [tariff()];
    for (figures, current, plan) in [
        (used(10, 2_500_000), "open", "high-volume"),
        (used(10, 2_499_999), "open", "open"),
        (used(9, 5_000_000), "open", "open"),
        (used(9, 5_000_000), "high-volume", "open"),
        (used(10, 2_500_000), "high-volume", "high-volume"),
        (used(0, 0), "starter", "open"),
        (Figures { verified: false, ..used(30, u64::MAX) }, "starter", "starter"),
        (Figures { verified: false, ..used(30, u64::MAX) }, "open", "starter"),
        (used(0, 0), "gone", "open"),
    ] {
        assert_eq!(belongs(&versions, current, &figures), plan, "{current} {figures:?}");
    }
}

#[test]
fn a_raised_yardstick_narrows_the_rule_only_once_nobody_remembers_the_lower_one() {
    let mut raised = tariff();
    raised.plans[2].quotas[0].quota = 50_000_000;
    assert_eq!(units_needed(&[raised.clone(), tariff()], "open", 50), Some(2_500_000));
    assert_eq!(units_needed(&[raised.clone()], "open", 50), Some(25_000_000));
    let mut cheaper = tariff();
    cheaper.unit_costs.insert(OperationClass::Export, 5);
    assert_eq!(units_needed(&[cheaper.clone(), tariff()], "open", 50), Some(1_250_000), "exports count half as much");
    assert_eq!(units_needed(&[cheaper], "open", 50), Some(2_500_000));
    assert_eq!(units_needed(&[tariff()], "gone", 50), None);
}

#[test]
fn nobody_is_moved_to_a_plan_that_takes_something_away() {
    let mut with_trap = tariff();
    let mut trap = with_trap.plans[2].clone();
    trap.id = "trap".parse().expect("an id");
    trap.eligibility = Eligibility::AnyApplication;
    trap.quotas[0].quota = 1;
    with_trap.plans.push(trap);
    assert_eq!(belongs(&[with_trap.clone()], "open", &used(0, 0)), "open");
    assert_eq!(belongs(&[with_trap], "gone", &used(0, 0)), "open", "the best of those whose rules hold");
}

#[test]
fn a_verdict_shows_its_figures() {
    let versions = [tariff()];
    let rule = &versions[0].plans[3].eligibility;
    let verdict = rule.judge(&versions, &used(4, 3_000_000));
    assert_eq!(
        verdict,
        Verdict { holds: false, units_needed: Some(2_500_000), days_needed: Some(10), days_reached: Some(4) }
    );
}
