use super::*;
use crate::tariff::{QuotaUnit, RateLimit, WorkMeasure};
use crate::time::Timestamp;

fn tariff() -> Tariff {
    Tariff::default_at(Timestamp::from_micros(0))
}

fn plan<'a>(tariff: &'a mut Tariff, id: &str) -> &'a mut Plan {
    tariff.plans.iter_mut().find(|plan| plan.id.as_str() == id).expect("a plan")
}

fn changed(change: impl FnOnce(&mut Tariff)) -> Comparison {
    let mut new = tariff();
    change(&mut new);
    compare(&tariff(), &new)
}

fn set_quota(tariff: &mut Tariff, id: &str, quota: u64) {
    plan(tariff, id).quotas[0].quota = quota;
}

#[test]
fn the_same_tariff_differs_in_nothing() {
    assert_eq!(changed(|_| ()).changes, []);
}

type Case = (&'static str, Box<dyn FnOnce(&mut Tariff)>, bool, bool);

fn case(name: &'static str, change: impl FnOnce(&mut Tariff) + 'static, worse: bool, steep: bool) -> Case {
    (name, Box::new(change), worse, steep)
}

#[test]
fn whatever_takes_something_away_from_anybody_is_worse() {
    use OperationClass::{Aggregate, Catalogue, Export, Rows};
    let cases = vec![
        case("a plan is gone", |t| t.plans.retain(|plan| plan.id.as_str() != "high-volume"), true, true),
        case(
            "a class is gone",
            |t| {
                plan(t, "open").rates.remove(&Export);
            },
            true,
            true,
        ),
        case("a slower rate", |t| plan(t, "keyless").rates.get_mut(&Rows).unwrap().per_second = 24, true, false),
        case("a smaller burst", |t| plan(t, "keyless").rates.get_mut(&Rows).unwrap().burst = 249, true, false),
        case(
            "fewer calls at once",
            |t| {
                plan(t, "open").concurrency.insert(Export, 31);
            },
            true,
            false,
        ),
        case("a quota 20 % down", |t| set_quota(t, "open", 4_000_000), true, false),
        case("a quota just over 20 % down", |t| set_quota(t, "open", 3_999_999), true, true),
        case("a quota one unit down", |t| set_quota(t, "open", 4_999_999), true, false),
        case(
            "a cost 20 % up",
            |t| {
                t.unit_costs.insert(Export, 12);
            },
            true,
            false,
        ),
        case(
            "a cost doubled",
            |t| {
                t.unit_costs.insert(Catalogue, 2);
            },
            true,
            true,
        ),
        case("a steeper rule", |t| t.unit_rules.get_mut(&Export).unwrap().per_unit = 99_999, true, false),
        case("a higher cap", |t| t.unit_rules.get_mut(&Aggregate).unwrap().at_most = 103, true, false),
        case("a cap doubled", |t| t.unit_rules.get_mut(&Aggregate).unwrap().at_most = 204, true, true),
        case(
            "a rule where there was none",
            |t| {
                let rule = UnitRule { measure: WorkMeasure::Rows, per_unit: 1_000, at_most: 100 };
                t.unit_rules.insert(Rows, rule);
            },
            true,
            true,
        ),
        case(
            "a rate so low that it binds",
            |t| plan(t, "open").rates.get_mut(&Export).unwrap().per_second = 1,
            true,
            true,
        ),
        case("other terms", |t| t.terms_version = "2027-01".to_owned(), true, false),
        case("a price", |t| plan(t, "open").price_cents = 1, true, false),
        case(
            "a narrower rule",
            |t| {
                plan(t, "open").eligibility =
                    Eligibility::SustainedUse { of_plan: "starter".parse().unwrap(), share_percent: 1, days: 1 }
            },
            true,
            false,
        ),
        case(
            "a second quota",
            |t| {
                let hour = QuotaPolicy {
                    name: "open-hour".into(),
                    quota: u64::MAX >> 20,
                    unit: QuotaUnit::Units,
                    window_secs: 3_600,
                    classes: vec![Rows],
                };
                plan(t, "open").quotas.push(hour);
            },
            true,
            false,
        ),
        case(
            "a window of another length",
            |t| {
                let quota = &mut plan(t, "open").quotas[0];
                (quota.window_secs, quota.quota) = (172_800, 10_000_000);
            },
            true,
            false,
        ),
    ];
    for (name, change, worse, steep) in cases {
        let found = changed(change);
        assert_eq!((found.is_worse(), found.is_steep()), (worse, steep), "{name}: {:#?}", found.changes);
    }
}

#[test]
fn whatever_takes_nothing_away_is_not_worse() {
    use OperationClass::{Aggregate, Export, Rows};
    let cases = vec![
        case("other words", |t| plan(t, "open").title = "Ordinary".to_owned(), false, false),
        case("a larger quota", |t| set_quota(t, "open", 6_000_000), false, false),
        case(
            "a faster rate",
            |t| {
                plan(t, "open").rates.insert(Rows, RateLimit { per_second: 2_000, burst: 5_000 });
            },
            false,
            false,
        ),
        case(
            "a cheaper call",
            |t| {
                t.unit_costs.insert(Export, 9);
            },
            false,
            false,
        ),
        case(
            "no rule any more",
            |t| {
                t.unit_rules.remove(&Aggregate);
            },
            false,
            false,
        ),
        case("a gentler rule", |t| t.unit_rules.get_mut(&Export).unwrap().per_unit = 200_000, false, false),
        case(
            "a new plan",
            |t| {
                let mut extra = t.plans[2].clone();
                extra.id = "extra".parse().unwrap();
                t.plans.push(extra);
            },
            false,
            false,
        ),
        case("a wider rule", |t| plan(t, "open").eligibility = Eligibility::AnyApplication, false, false),
        case(
            "a rule of fewer days",
            |t| {
                plan(t, "high-volume").eligibility =
                    Eligibility::SustainedUse { of_plan: "open".parse().unwrap(), share_percent: 50, days: 9 }
            },
            false,
            false,
        ),
        case("a quota of another name", |t| plan(t, "open").quotas[0].name = "ordinary-day".to_owned(), false, false),
        case("no quota at all", |t| plan(t, "starter").quotas.clear(), false, false),
        case(
            "every cost and every quota doubled",
            |t| {
                for cost in t.unit_costs.values_mut() {
                    *cost *= 2;
                }
                for rule in t.unit_rules.values_mut() {
                    rule.at_most *= 2;
                }
                t.unit_rules.clear();
                for plan in &mut t.plans {
                    plan.quotas[0].quota *= 2;
                }
            },
            false,
            false,
        ),
    ];
    for (name, change, worse, steep) in cases {
        let found = changed(change);
        assert_eq!((found.is_worse(), found.is_steep()), (worse, steep), "{name}: {:#?}", found.changes);
        assert!(!found.changes.is_empty(), "{name} is not seen");
    }
}

#[test]
fn a_quota_that_more_classes_share_is_worse() {
    use OperationClass::{Export, Rows};
    let mut old = tariff();
    let quota = |name: &str, class| QuotaPolicy {
        name: name.into(),
        quota: 1_000,
        unit: QuotaUnit::Units,
        window_secs: 86_400,
        classes: vec![class],
    };
    plan(&mut old, "open").quotas = vec![quota("rows-day", Rows), quota("export-day", Export)];
    let mut new = old.clone();
    plan(&mut new, "open").quotas = vec![QuotaPolicy { classes: vec![Rows, Export], ..quota("rows-day", Rows) }];
    assert!(compare(&old, &new).is_worse());
    assert!(!compare(&new, &old).is_worse(), "two quotas of their own allow every mix that one allowed");
}

#[test]
fn a_larger_plan_takes_nothing_away_and_a_smaller_one_does() {
    let tariff = tariff();
    let plan = |id| tariff.plan(id).expect("a plan");
    for (from, to, fine) in
        [("starter", "open", true), ("open", "high-volume", true), ("open", "starter", false), ("open", "open", true)]
    {
        assert_eq!(is_no_worse_plan(&tariff, plan(from), plan(to)), fine, "{from} to {to}");
    }
}
