use super::*;
use crate::tariff::Plan;

/// 2028-01-31T23:59:59.999999Z: a leap year's February lies ahead.
const NOW: i64 = 1_832_975_999_999_999;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW)
}

fn days(days: i64) -> Timestamp {
    now().plus_secs(days * DAY_SECS)
}

fn open(tariff: &mut Tariff) -> &mut Plan {
    tariff.plans.iter_mut().find(|plan| plan.id.as_str() == "open").expect("a plan")
}

fn first() -> Tariff {
    Tariff::default_at(days(-100))
}

/// A version whose `open` quota is `quota`.
fn version(version: u32, published_at: Timestamp, valid_from: Timestamp, quota: u64) -> Tariff {
    let mut tariff = Tariff { version, published_at, valid_from, ..first() };
    open(&mut tariff).quotas[0].quota = quota;
    tariff
}

fn judge(known: &[Tariff], new: &Tariff) -> Result<u16, AnnouncementRefused> {
    judge_announcement(known, new, now()).map(|announcement| announcement.notice_days)
}

#[test]
fn a_better_version_may_come_at_once_and_a_worse_one_only_after_its_notice() {
    let known = [first()];
    for (quota, at, notice) in [
        (6_000_000, now(), Some(0)),
        (5_000_000, now(), Some(0)),
        (4_500_000, now(), None),
        (4_500_000, Timestamp::from_micros(days(60).as_micros() - 1), None),
        (4_500_000, days(60), Some(60)),
        (4_000_000, days(60), Some(60)),
        (3_999_999, days(60), None),
        (3_999_999, Timestamp::from_micros(days(90).as_micros() - 1), None),
        (3_999_999, days(90), Some(90)),
    ] {
        assert_eq!(judge(&known, &version(2, now(), at, quota)).ok(), notice, "{quota} from {at}");
    }
}

#[test]
fn a_refusal_names_the_first_possible_moment() {
    let refused = judge(&[first()], &version(2, now(), days(1), 1_000_000)).expect_err("too soon");
    assert_eq!(
        refused,
        AnnouncementRefused::TooSoon {
            against: 1,
            first: "plan `open`, class `catalogue`, quota-in-effect".to_owned(),
            days: 90,
            earliest: days(90)
        }
    );
    assert_eq!(days(60).to_string(), "2028-03-31T23:59:59.999999Z", "through a 29th of February, by the clock");
}

#[test]
fn numbers_have_no_gaps_and_no_two_versions_begin_together() {
    let known = [first(), version(2, days(-1), days(5), 5_000_000)];
    for (number, at, expected) in [
        (2, days(9), AnnouncementRefused::WrongNumber { expected: 3, given: 2 }),
        (4, days(9), AnnouncementRefused::WrongNumber { expected: 3, given: 4 }),
        (3, days(5), AnnouncementRefused::SameInstant { version: 2, at: days(5) }),
        (3, days(-1), AnnouncementRefused::InThePast(days(-1))),
    ] {
        assert_eq!(judge(&known, &version(number, now(), at, 5_000_000)), Err(expected), "{number} {at}");
    }
    assert_eq!(judge(&known, &version(3, now(), Timestamp::from_micros(days(5).as_micros() + 1), 5_000_000)), Ok(0));
}

#[test]
fn announcements_do_not_add_up_to_a_fall_without_its_notice() {
    // Each step falls by less than 20 %, both together by more.
    let known = [first(), version(2, now(), days(60), 4_100_000)];
    let next = |at| version(3, now(), at, 3_400_000);
    assert!(matches!(judge(&known, &next(days(61))), Err(AnnouncementRefused::TooSoon { against: 1, days: 90, .. })));
    assert_eq!(judge(&known, &next(days(90))), Ok(90));
}

#[test]
fn an_improvement_that_was_announced_cannot_be_taken_back_without_notice() {
    let known = [first(), version(2, days(-1), days(10), 9_000_000)];
    let back = version(3, now(), days(11), 5_000_000);
    assert!(matches!(judge(&known, &back), Err(AnnouncementRefused::TooSoon { against: 2, days: 90, .. })));
}

#[test]
fn an_improvement_may_not_make_a_later_version_a_loss_without_notice() {
    let known = [first(), version(2, days(-1), days(10), 5_500_000)];
    let better = version(3, now(), days(2), 6_000_000);
    assert!(matches!(judge(&known, &better), Err(AnnouncementRefused::Undercut { announced: 2, days: 60, .. })));
    let after = version(3, now(), days(12), 6_000_000);
    assert_eq!(judge(&known, &after), Ok(0));
    let enough_notice = [first(), version(2, days(-55), days(10), 5_500_000)];
    assert_eq!(judge(&enough_notice, &better), Ok(0));
}

#[test]
fn the_version_in_force_is_the_one_that_began_last() {
    let versions = [first(), version(2, days(-50), days(30), 1), version(3, days(-40), days(10), 2)];
    for (at, number) in [
        (days(-101), None),
        (days(-100), Some(1)),
        (Timestamp::from_micros(days(10).as_micros() - 1), Some(1)),
        (days(10), Some(3)),
        (days(30), Some(2)),
    ] {
        assert_eq!(in_force_at(&versions, at).map(|version| version.version), number, "{at}");
    }
}
