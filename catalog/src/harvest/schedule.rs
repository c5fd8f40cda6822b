//! When a source is harvested: a cron expression in a time zone, or one of a few plain words.

use std::fmt;
use std::str::FromStr;

use cronexpr::{Crontab, MakeTimestamp};
use fairground_domain::{ContentHash, SourceId, Timestamp};

use crate::error::CatalogError;

/// Characters that an expression may have.
const MOST_CHARS: usize = 200;
/// A harvest begins later than its schedule says by up to this share of the time between two of them …
const JITTER_SHARE: i64 = 10;
/// … and by no more than so many seconds.
const MOST_JITTER_SECS: i64 = 900;
/// Occurrences looked at to see how close a schedule's harvests come.
const LOOK_AT: usize = 50;
/// Plain words and what they mean; at minutes when few others begin.
const WORDS: [(&str, &str); 4] =
    [("hourly", "17 * * * *"), ("daily", "17 3 * * *"), ("weekly", "17 3 * * 0"), ("monthly", "17 3 1 * *")];

/// When a source is harvested. Its text is the five fields of cron and a time zone: `17 3 * * 1-5 Europe/Rome`.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    crontab: Crontab,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Schedule {
    type Err = CatalogError;

    /// Reads `hourly`, `daily`, `weekly`, `monthly`, or five fields of cron; a time zone may follow either (UTC without).
    ///
    /// # Errors
    /// `Invalid` with what is wrong; also for a schedule that never comes, or comes more often than every five minutes.
    fn from_str(text: &str) -> Result<Self, CatalogError> {
        let invalid = |problem: String| CatalogError::Invalid { field: "schedule", problem };
        if text.chars().count() > MOST_CHARS {
            return Err(invalid(format!("has more than {MOST_CHARS} characters")));
        }
        let given: Vec<&str> = text.split_ascii_whitespace().collect();
        let word = given.first().and_then(|first| WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(first)));
        let (fields, zone) = match (word, given.as_slice()) {
            (Some((_, meaning)), [_]) => ((*meaning).to_owned(), "UTC"),
            (Some((_, meaning)), [_, zone]) => ((*meaning).to_owned(), *zone),
            (None, [minute, hour, day, month, weekday]) => {
                ([minute, hour, day, month, weekday].map(|f| *f).join(" "), "UTC")
            }
            (None, [minute, hour, day, month, weekday, zone]) => {
                ([minute, hour, day, month, weekday].map(|f| *f).join(" "), *zone)
            }
            _ => {
                return Err(invalid(
                    "give the five fields of cron and a time zone, such as `17 3 * * 1-5 Europe/Rome`, or `daily`"
                        .to_owned(),
                ));
            }
        };
        let text = format!("{fields} {zone}");
        let crontab = cronexpr::parse_crontab(&text).map_err(|error| invalid(error.to_string()))?;
        let schedule = Self { text, crontab };
        match schedule.shortest_gap_secs(Timestamp::from_micros(0)) {
            None => Err(invalid("it never comes".to_owned())),
            Some(secs) if secs < super::SHORTEST_INTERVAL_SECS => {
                Err(invalid(format!("harvests must be at least {} seconds apart", super::SHORTEST_INTERVAL_SECS)))
            }
            Some(_) => Ok(schedule),
        }
    }
}

impl Schedule {
    /// The first moment after `after` that the expression names; `None` when there is none within years.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let after = MakeTimestamp::from_microsecond(after.as_micros()).ok()?;
        let next = self.crontab.find_next(after).ok()?;
        Some(Timestamp::from_micros(next.timestamp().as_microsecond()))
    }

    /// When the next harvest of `source` begins, its last one having begun at `last`: as [`Self::next_after`], and a little
    /// later, so that not every source is asked in the same second. How much later follows from the source alone.
    #[must_use]
    pub fn next_run(&self, source: SourceId, last: Timestamp) -> Option<Timestamp> {
        let next = self.next_after(last)?;
        let gap = self.next_after(next).map_or(i64::MAX, |then| then.as_secs() - next.as_secs());
        Some(next.plus_secs(jitter_secs(source, gap)))
    }

    /// About how many seconds lie between two harvests: what freshness is measured by.
    #[must_use]
    pub fn usual_gap_secs(&self) -> i64 {
        let moments = self.some_after(Timestamp::from_micros(0));
        let longest = moments.windows(2).filter_map(gap).max();
        longest.unwrap_or(super::SHORTEST_INTERVAL_SECS)
    }

    fn shortest_gap_secs(&self, after: Timestamp) -> Option<i64> {
        self.some_after(after).windows(2).filter_map(gap).min()
    }

    fn some_after(&self, after: Timestamp) -> Vec<Timestamp> {
        std::iter::successors(self.next_after(after), |at| self.next_after(*at)).take(LOOK_AT).collect()
    }
}

fn gap(pair: &[Timestamp]) -> Option<i64> {
    let [one, next] = pair else { return None };
    Some(next.as_secs() - one.as_secs())
}

/// A share of the gap that differs between sources and stays the same for each.
fn jitter_secs(source: SourceId, gap_secs: i64) -> i64 {
    let longest = (gap_secs / JITTER_SHARE).clamp(0, MOST_JITTER_SECS);
    let digest = ContentHash::of(source.to_string().as_bytes());
    let number = digest.as_bytes().iter().take(4).fold(0i64, |number, byte| number * 256 + i64::from(*byte));
    number % (longest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::lenient(text).expect(text)
    }

    #[test]
    fn words_and_expressions_name_moments_in_their_time_zone() {
        for (text, shown, after, next) in [
            ("daily", "17 3 * * * UTC", "2026-03-01T03:17:00Z", "2026-03-02T03:17:00Z"),
            ("Weekly Europe/Rome", "17 3 * * 0 Europe/Rome", "2026-03-02T00:00:00Z", "2026-03-08T02:17:00Z"),
            (
                "0 6 * * 1-5 America/New_York",
                "0 6 * * 1-5 America/New_York",
                "2026-07-03T12:00:00Z",
                "2026-07-06T10:00:00Z",
            ),
            // What the change to summer time skips does not come that day.
            ("30 2 * * * Europe/Berlin", "30 2 * * * Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
            ("*/15 * * * *", "*/15 * * * * UTC", "2026-03-01T00:14:59Z", "2026-03-01T00:15:00Z"),
        ] {
            let schedule: Schedule = text.parse().expect(text);
            assert_eq!(schedule.to_string(), shown);
            assert_eq!(schedule.next_after(at(after)), Some(at(next)), "{text}");
            assert_eq!(shown.parse::<Schedule>().expect(shown), schedule);
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in
            ["", "often", "* * * * *", "*/2 * * * *", "61 * * * *", "0 3 * * * Nowhere/City", "0 0 30 2 *", "0 3 * *"]
        {
            assert!(matches!(text.parse::<Schedule>(), Err(CatalogError::Invalid { field: "schedule", .. })), "{text}");
        }
        assert!("1 ".repeat(500).parse::<Schedule>().is_err());
    }

    #[test]
    fn sources_begin_apart_and_each_always_at_the_same_moment() {
        let schedule: Schedule = "hourly".parse().expect("a word");
        let last = at("2026-03-01T00:00:00Z");
        let mut later: Vec<i64> = Vec::new();
        for _ in 0..50 {
            let source = SourceId::new();
            let next = schedule.next_run(source, last).expect("it comes");
            assert_eq!(schedule.next_run(source, last), Some(next));
            later.push(next.as_secs() - at("2026-03-01T00:17:00Z").as_secs());
            // The one after it is not the same one again.
            assert!(schedule.next_run(source, next).is_some_and(|then| then.as_secs() - next.as_secs() == 3600));
        }
        assert!(later.iter().all(|secs| (0..=360).contains(secs)), "{later:?}");
        later.sort_unstable();
        later.dedup();
        assert!(later.len() > 10, "{later:?}");
        assert_eq!(schedule.usual_gap_secs(), 3600);
    }
}
