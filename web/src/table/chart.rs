//! A histogram, drawn on the server: plain shapes that the stylesheet colours, and the same in words.

use fairground_domain::{ColumnType, Histogram};

use super::column::{bound, part};
use crate::layout::Frame;

/// Height of the drawing, in its own units; a bar is `STEP` wide.
pub const HEIGHT: u64 = 48;
/// Width of a range with its gap.
const STEP: usize = 10;
/// Width of the gap between two bars.
const GAP: usize = 1;
/// More ranges than these are drawn no more: each would be thinner than a line.
const MOST_BARS: usize = 100;

/// How a column's values are spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The bars from the least to the greatest values.
    pub bars: Vec<Bar>,
    /// Width of the drawing, in its own units.
    pub width: usize,
    /// The first bound, in words.
    pub from: String,
    /// The last bound, in words.
    pub to: String,
    /// The range that holds most values.
    pub fullest: String,
    /// How many it holds.
    pub most: u64,
}

/// One range.
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
    /// Its bounds.
    pub range: String,
    /// The rows in it.
    pub rows: u64,
}

impl Chart {
    /// A drawing of a histogram; `None` where there is nothing to see.
    #[must_use]
    pub fn of(histogram: &Histogram, column_type: ColumnType) -> Option<Self> {
        let (bounds, counts) = (&histogram.bounds, &histogram.counts);
        let most = counts.iter().copied().max().filter(|most| *most > 0)?;
        let fits = bounds.len() == counts.len() + 1 && (2..=MOST_BARS).contains(&counts.len());
        if !fits || bounds.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let said = |value: &f64| bound(*value, column_type);
        let (first, last) = (bounds.first().map(said)?, bounds.last().map(said)?);
        let ranges: Vec<String> =
            bounds.iter().zip(bounds.iter().skip(1)).map(|(a, b)| format!("{} – {}", said(a), said(b))).collect();
        let fullest = counts.iter().position(|rows| *rows == most).and_then(|place| ranges.get(place))?;
        let fullest = fullest.clone();
        let bars = counts
            .iter()
            .zip(&ranges)
            .enumerate()
            .map(|(place, (rows, range))| {
                let height = part(*rows, most, HEIGHT);
                Bar {
                    x: place * STEP,
                    y: HEIGHT - height,
                    width: STEP - GAP,
                    height,
                    range: range.clone(),
                    rows: *rows,
                }
            })
            .collect();
        Some(Self { bars, width: counts.len() * STEP - GAP, from: first, to: last, fullest, most })
    }

    /// What the picture of a column shows, in a sentence.
    #[must_use]
    pub fn told(&self, frame: &Frame<'_>, title: &str) -> String {
        frame
            .t("table-spread")
            .with("title", title)
            .with("ranges", self.bars.len())
            .with("from", &self.from)
            .with("to", &self.to)
            .with("most", self.most)
            .with("fullest", &self.fullest)
            .text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_becomes_bars() {
        let histogram = Histogram { bounds: vec![0.0, 10.0, 20.0, 30.0], counts: vec![1, 4_000, 0] };
        let chart = Chart::of(&histogram, ColumnType::Integer).unwrap();
        let heights: Vec<u64> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [1, HEIGHT, 0], "the smallest bar is still seen");
        assert_eq!((chart.fullest.as_str(), chart.most), ("10 – 20", 4_000));
        assert_eq!((chart.bars[0].range.as_str(), chart.bars[0].rows), ("0 – 10", 1));
    }

    #[test]
    fn what_cannot_be_drawn_is_not() {
        for (bounds, counts) in [
            (vec![], vec![]),
            (vec![0.0, 1.0], vec![5]),
            (vec![0.0, 1.0, 2.0], vec![0, 0]),
            (vec![0.0, 1.0], vec![1, 2]),
            (vec![0.0, f64::NAN, 2.0], vec![1, 2]),
        ] {
            assert_eq!(Chart::of(&Histogram { bounds, counts }, ColumnType::Float), None);
        }
    }
}
