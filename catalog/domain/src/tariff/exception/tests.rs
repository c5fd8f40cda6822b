use super::*;

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY_MICROS)
}

fn terms(plan: Option<&str>, class: Option<OperationClass>, from: i64, to: i64) -> ExceptionTerms {
    ExceptionTerms {
        scope: ExceptionScope { plan: plan.map(|id| id.parse().expect("a plan id")), class },
        limits: ExceptionLimits { rate_percent: Some(50), ..ExceptionLimits::default() },
        reason: "Flood: the gauges' agency runs on emergency power".to_owned(),
        starts_at: day(from),
        ends_at: day(to),
    }
}

fn published(number: u32, terms: ExceptionTerms) -> TariffException {
    TariffException { number, published_at: terms.starts_at, terms, ended_at: None }
}

fn judge(known: &[TariffException], new: &ExceptionTerms) -> Result<(), ExceptionRefused> {
    judge_exception(&Tariff::default_at(day(0)), known, new, day(0))
}

#[test]
fn every_field_is_checked() {
    use OperationClass::Export;
    let good = terms(Some("open"), Some(Export), 0, 90);
    assert_eq!(judge(&[], &good), Ok(()));
    let with = |change: &dyn Fn(&mut ExceptionTerms)| {
        let mut terms = good.clone();
        change(&mut terms);
        terms
    };
    type Change<'a> = &'a dyn Fn(&mut ExceptionTerms);
    let cases: [(&str, Change<'_>); 9] = [
        ("reason", &|t| t.reason = "  ".to_owned()),
        ("reason", &|t| t.reason = "x".repeat(LONGEST_REASON_CHARS + 1)),
        ("scope/plan", &|t| t.scope.plan = Some("platinum".parse().expect("an id"))),
        ("limits", &|t| t.limits = ExceptionLimits::default()),
        ("limits", &|t| t.limits.rate_percent = Some(0)),
        ("limits/quota_percent", &|t| t.limits.quota_percent = Some(50)),
        ("starts_at", &|t| t.starts_at = Timestamp::from_micros(-1)),
        ("ends_at", &|t| t.ends_at = t.starts_at),
        ("ends_at", &|t| t.ends_at = Timestamp::from_micros(t.ends_at.as_micros() + 1)),
    ];
    for (field, change) in cases {
        match judge(&[], &with(change)) {
            Err(ExceptionRefused::Field { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn exceptions_of_one_scope_cover_at_most_90_of_180_days() {
    let open = |from, to| terms(Some("open"), None, from, to);
    let known = [published(1, open(0, 90))];
    for (from, to, fine) in [(90, 91, false), (179, 180, false), (180, 270, true), (150, 181, false), (90, 180, false)]
    {
        assert_eq!(judge(&known, &open(from, to)).is_ok(), fine, "{from} to {to}");
    }
    let sliced = [published(1, open(0, 30)), published(2, open(40, 70)), published(3, open(80, 110))];
    assert_eq!(judge(&sliced, &open(120, 121)), Err(ExceptionRefused::TooLong), "slices add up");
    assert_eq!(judge(&sliced, &open(180, 181)), Ok(()));
}

#[test]
fn coverage_is_counted_where_scopes_meet() {
    use OperationClass::{Export, Rows};
    let known = [published(1, terms(Some("open"), Some(Export), 0, 90))];
    for (plan, class, fine) in [
        (Some("open"), Some(Export), false),
        (Some("open"), None, false),
        (None, Some(Export), false),
        (None, None, false),
        (Some("open"), Some(Rows), true),
        (Some("starter"), Some(Export), true),
        (Some("starter"), None, true),
        (None, Some(Rows), true),
    ] {
        assert_eq!(judge(&known, &terms(plan, class, 90, 91)).is_ok(), fine, "{plan:?} {class:?}");
    }
}

#[test]
fn what_was_ended_early_counts_only_while_it_held() {
    let mut first = published(1, terms(Some("open"), None, 0, 90));
    first.ended_at = Some(day(10));
    assert_eq!((first.holds_at(day(9)), first.holds_at(day(10))), (true, false));
    assert_eq!(judge(&[first], &terms(Some("open"), None, 10, 90)), Ok(()));
}

#[test]
fn limits_change_for_the_whole_scope_and_for_nobody_else() {
    use OperationClass::{Export, Rows};
    let tariff = Tariff::default_at(day(0));
    let mut halved = terms(Some("open"), Some(Export), 0, 90);
    halved.limits.concurrency_percent = Some(1);
    let changed = with_exceptions(&tariff, &[published(1, halved)]);
    let (before, after) = (tariff.plan("open").expect("a plan"), changed.plan("open").expect("a plan"));
    assert_eq!(after.rates[&Export].per_second, before.rates[&Export].per_second / 2);
    assert_eq!(after.concurrency_of(Export), 1);
    assert_eq!(after.rates[&Rows], before.rates[&Rows]);
    assert_eq!(changed.plan("starter"), tariff.plan("starter"));
    let all = ExceptionTerms {
        limits: ExceptionLimits { quota_percent: Some(300), ..ExceptionLimits::default() },
        ..terms(None, None, 0, 90)
    };
    let changed = with_exceptions(&tariff, &[published(1, all)]);
    for (plan, own) in changed.plans.iter().zip(&tariff.plans) {
        assert_eq!((plan.quotas[0].quota, &plan.rates), (own.quotas[0].quota * 3, &own.rates));
    }
}

#[test]
fn of_two_that_change_the_same_limit_the_later_counts() {
    use OperationClass::Rows;
    let tariff = Tariff::default_at(day(0));
    let half = published(1, terms(None, Some(Rows), 0, 90));
    let mut tenth = published(2, terms(Some("open"), None, 0, 90));
    tenth.terms.limits.rate_percent = Some(10);
    let changed = with_exceptions(&tariff, [&tenth, &half]);
    let rate = |tariff: &Tariff, plan| tariff.plan(plan).expect("a plan").rates[&Rows].per_second;
    assert_eq!(
        (rate(&changed, "open"), rate(&changed, "starter")),
        (rate(&tariff, "open") / 10, rate(&tariff, "starter") / 2)
    );
}
