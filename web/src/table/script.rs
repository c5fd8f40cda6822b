//! What the page hands its scripts: facts of the table, and the words that they say, in one data block.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ChartChoice, ColumnFacts, MapChoice, TablePage};
use crate::layout::Frame;
use crate::words::Language;

/// What the scripts say, with the names of the values that they put in.
const WORDS: [(&str, &[&str]); 47] = [
    ("table-rows-loading", &[]),
    ("table-rows-all", &["first", "last", "total"]),
    ("table-rows-fit", &["first", "last", "total", "all"]),
    ("table-rows-none", &[]),
    ("table-rows-refused", &[]),
    ("table-row", &["row"]),
    ("table-close", &[]),
    ("table-again", &[]),
    ("table-again-in", &["secs"]),
    ("table-no-answer", &[]),
    ("table-offline", &[]),
    ("table-much-asked", &[]),
    ("table-free-key", &[]),
    ("table-cost-took", &["ms"]),
    ("table-cost-left", &["left"]),
    ("table-about-size", &["size"]),
    ("table-chart-choose", &[]),
    ("table-chart-loading", &[]),
    ("table-chart-none", &[]),
    ("table-chart-empty", &[]),
    ("table-chart-left", &["left"]),
    ("table-chart-part", &["shown", "all"]),
    ("table-chart-of-count", &[]),
    ("table-chart-of-sum", &["column"]),
    ("table-chart-of-avg", &["column"]),
    ("table-chart-of-median", &["column"]),
    ("table-chart-of-min", &["column"]),
    ("table-chart-of-max", &["column"]),
    ("table-chart-title", &["y", "x"]),
    ("table-chart-title-split", &["y", "x", "split"]),
    ("table-chart-title-dots", &["y", "x"]),
    ("table-chart-summary", &["points", "least", "leastAt", "most", "mostAt"]),
    ("table-chart-listed", &["shown", "all"]),
    ("table-map-loading", &[]),
    ("table-map-of", &["title"]),
    ("table-map-closer", &[]),
    ("table-map-further", &[]),
    ("table-map-hold-ctrl", &[]),
    ("table-map-hold-cmd", &[]),
    ("table-map-two-fingers", &[]),
    ("table-map-all", &["shown"]),
    ("table-map-here", &["shown"]),
    ("table-map-part", &["shown", "all"]),
    ("table-map-without", &["without"]),
    ("table-map-no-view", &[]),
    ("table-map-place", &["number"]),
    ("table-map-listed", &["shown", "all"]),
];

/// Everything in the block.
#[derive(Debug, Serialize)]
struct Block<'a> {
    api: &'a str,
    page: &'a str,
    title: &'a str,
    version: Option<i32>,
    rows: u64,
    key: Option<&'a str>,
    properties: String,
    columns: &'a [ColumnFacts],
    chart: Option<&'a ChartChoice>,
    map: Option<&'a MapChoice>,
    words: BTreeMap<&'static str, String>,
}

impl TablePage {
    /// The block as JSON. `<`, `>` and `&` are escaped, so that no value can end the `script` element that holds it.
    #[must_use]
    pub fn block(&self, frame: &Frame<'_>) -> String {
        let block = Block {
            api: &self.api,
            page: &self.href,
            title: &self.title,
            version: self.pinned(),
            rows: self.rows,
            key: frame.site.preview_key.as_deref(),
            properties: self.properties(),
            columns: &self.facts,
            chart: self.chart.as_ref(),
            map: self.map.as_ref(),
            words: words(frame.language),
        };
        let json = serde_json::to_string(&block).unwrap_or_default();
        json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
    }
}

/// The sentences, with `{name}` where the script puts a value in.
fn words(language: Language) -> BTreeMap<&'static str, String> {
    let said = |(key, names): &(&'static str, &'static [&'static str])| {
        let phrase = names.iter().fold(language.t(key), |phrase, name| phrase.with(name, format!("{{{name}}}")));
        (*key, phrase.text())
    };
    WORDS.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_of_the_scripts_is_said_with_its_places_in_every_language() {
        for language in Language::ALL {
            for ((key, names), text) in WORDS.iter().map(|word| (word, words(language).remove(word.0).unwrap())) {
                assert_ne!(text, *key, "{language:?}");
                for name in *names {
                    assert!(text.contains(&format!("{{{name}}}")), "{language:?}: {key} lacks {name}: {text}");
                }
            }
        }
    }
}
