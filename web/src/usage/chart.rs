//! Calls step by step, drawn on the server: plain shapes that the stylesheet colours, and the same in words.

use fairground_catalog::usage::Period;

use crate::words::iso;

use super::{Latency, moment};

/// Height of the drawing, in its own units; a bar is `STEP` wide.
pub const HEIGHT: u64 = 48;
/// Width of a step with its gap.
const STEP: usize = 10;
const GAP: usize = 1;
/// More steps than these are drawn no more: each would be thinner than a line.
pub(crate) const MOST_BARS: i64 = 100;

/// Calls over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The bars, oldest first; a step without calls has none.
    pub bars: Vec<Bar>,
    /// Width of the drawing, in its own units.
    pub width: usize,
    /// The first step, in words.
    pub from: String,
    /// The last step, in words.
    pub to: String,
    /// The most calls in one step.
    pub most: u64,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its left side.
    pub x: usize,
    /// Its upper side.
    pub y: u64,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: u64,
    /// Its step, in words.
    pub step: String,
    /// Its calls.
    pub calls: u64,
}

impl Chart {
    /// A drawing of calls by step (first seconds since 1970, oldest first); `None` where there is nothing to see. Steps
    /// between the first and the last have their place even when nothing was called.
    #[must_use]
    pub fn of(steps: &[(i64, i64)], period: Period) -> Option<Self> {
        let last = steps.last()?.0;
        let first = steps.first()?.0.max(last - (MOST_BARS - 1) * period.secs());
        let places = usize::try_from((last - first) / period.secs() + 1).ok()?;
        let shown = steps.iter().filter(|(starts_at, _)| *starts_at >= first);
        let most = shown.clone().map(|(_, calls)| calls.unsigned_abs()).max().filter(|most| *most > 0)?;
        let bars = shown
            .filter(|(_, calls)| *calls > 0)
            .filter_map(|(starts_at, calls)| {
                let calls = calls.unsigned_abs();
                // A step with any call is seen.
                let height = (u128::from(calls) * u128::from(HEIGHT)).div_ceil(u128::from(most));
                let height = u64::try_from(height).unwrap_or(HEIGHT).clamp(1, HEIGHT);
                Some(Bar {
                    x: usize::try_from((starts_at - first) / period.secs()).ok()? * STEP,
                    y: HEIGHT - height,
                    width: STEP - GAP,
                    height,
                    step: step(*starts_at, period),
                    calls,
                })
            })
            .collect();
        let (from, to) = (step(first, period), step(last, period));
        Some(Self { bars, width: places * STEP, from, to, most })
    }
}

/// How long answers took over time: three lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The median, as points of a line.
    pub p50: String,
    /// The 95th percentile.
    pub p95: String,
    /// The 99th percentile.
    pub p99: String,
    /// Width of the drawing, in its own units.
    pub width: usize,
    /// The first step, in words.
    pub from: String,
    /// The last step, in words.
    pub to: String,
    /// The longest time, in microseconds: the drawing's upper side.
    pub most: u32,
}

impl Lines {
    /// A drawing of times by step, oldest first; `None` where fewer than two steps have times.
    #[must_use]
    pub fn of(steps: &[(i64, Latency)], period: Period) -> Option<Self> {
        let last = steps.last()?.0;
        let first = steps.first()?.0.max(last - (MOST_BARS - 1) * period.secs());
        let shown: Vec<&(i64, Latency)> = steps.iter().filter(|(starts_at, _)| *starts_at >= first).collect();
        let most = shown.iter().map(|(_, times)| times.p99).max().filter(|most| *most > 0)?;
        if shown.len() < 2 {
            return None;
        }
        let place = |starts_at: i64| usize::try_from((starts_at - first) / period.secs()).unwrap_or(0);
        let line = |time: fn(&Latency) -> u32| {
            let points = shown.iter().map(|(starts_at, times)| {
                let height = u64::from(time(times)) * HEIGHT / u64::from(most);
                format!("{},{}", place(*starts_at) * STEP + STEP / 2, HEIGHT.saturating_sub(height))
            });
            points.collect::<Vec<_>>().join(" ")
        };
        Some(Self {
            p50: line(|times| times.p50),
            p95: line(|times| times.p95),
            p99: line(|times| times.p99),
            width: (place(last) + 1) * STEP,
            from: step(first, period),
            to: step(last, period),
            most,
        })
    }
}

/// A step in words: `2026-03-01`, `2026-03-01 14:00`.
#[must_use]
pub(crate) fn step(starts_at: i64, period: Period) -> String {
    let text = iso(moment(starts_at));
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    match period {
        Period::Day => day.to_owned(),
        Period::Hour | Period::Minute => format!("{day} {}", time.chars().take(5).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_without_calls_keeps_its_place() {
        let chart = Chart::of(&[(0, 10), (2 * 86_400, 5)], Period::Day).expect("something to see");
        assert_eq!(chart.width, 3 * STEP);
        let bars: Vec<(usize, u64)> = chart.bars.iter().map(|bar| (bar.x, bar.height)).collect();
        assert_eq!(bars, [(0, HEIGHT), (2 * STEP, HEIGHT / 2)]);
        assert_eq!((chart.from.as_str(), chart.to.as_str()), ("1970-01-01", "1970-01-03"));
        assert_eq!(Chart::of(&[], Period::Day), None);
        assert_eq!(Chart::of(&[(0, 0)], Period::Hour), None);
    }

    #[test]
    fn times_are_lines_below_the_longest_one() {
        let times = |p50, p95, p99| Latency { p50, p95, p99 };
        let lines = Lines::of(&[(0, times(1, 2, 4)), (3_600, times(2, 2, 2))], Period::Hour).expect("two points");
        assert_eq!((lines.p50.as_str(), lines.p99.as_str()), ("5,36 15,24", "5,0 15,24"));
        assert_eq!((lines.width, lines.most), (2 * STEP, 4));
        assert_eq!(Lines::of(&[(0, times(1, 2, 4))], Period::Hour), None);
    }

    #[test]
    fn no_more_steps_are_drawn_than_can_be_seen() {
        let steps: Vec<(i64, i64)> = (0..500).map(|n| (n * 60, 1)).collect();
        let chart = Chart::of(&steps, Period::Minute).expect("something to see");
        assert_eq!(chart.bars.len(), usize::try_from(MOST_BARS).expect("small"));
        assert_eq!(chart.to, "1970-01-01 08:19");
    }
}
