//! The rows that stand in the page as it comes: one call of the public API, shown as text.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::inside::{Inside, Refused};
use super::question::{PAGE_ROWS, Question};
use super::{PreviewColumn, TablePage};

/// Longest text that a cell shows, in characters.
const LONGEST_TEXT_CHARS: usize = 300;
/// Digits after the point of a place's coordinates.
const PLACE_DIGITS: usize = 5;

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its text; `None` where there is no value.
    pub text: Option<String>,
    /// Where it leads, when it is an address of the web.
    pub href: Option<String>,
}

/// The rows of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstRows {
    /// The cells, row by row, in the order of the preview's columns.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that fit.
    pub total: u64,
    /// The number of the first row shown, from 1; 0 when there is none.
    pub first: u64,
    /// The number of the last row shown.
    pub last: u64,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// The API's answer as it came, for the page's script; safe inside a `script` element.
    pub answer: String,
    /// Why there are no rows, in sentences; empty when there are, or when nothing fits.
    pub reasons: Vec<String>,
    /// Whether the API gave no rows.
    pub is_refused: bool,
}

#[derive(Debug, Deserialize)]
struct RowsAnswer {
    items: Vec<Map<String, Value>>,
    total: u64,
}

impl FirstRows {
    /// Asks the public API what the page's address asks.
    pub(super) async fn ask(inside: &Inside, page: &TablePage) -> Self {
        match inside.get(&address(page)).await {
            Ok(body) => Self::of(page, &body),
            Err(refused) => Self::refused(refused),
        }
    }

    fn refused(refused: Refused) -> Self {
        let reasons = match refused {
            Refused::Problem { reasons, .. } => reasons,
            Refused::NoAnswer => Vec::new(),
        };
        Self { reasons, is_refused: true, ..Self::default() }
    }

    fn of(page: &TablePage, body: &[u8]) -> Self {
        let Ok(answer) = serde_json::from_slice::<RowsAnswer>(body) else { return Self::refused(Refused::NoAnswer) };
        let shown = u64::try_from(answer.items.len()).unwrap_or(u64::MAX);
        let from = page.question.from;
        let at = |from| {
            let question = Question { from, ..page.question.clone() };
            format!("{}{}#data", page.href, question.query(page.pinned()))
        };
        let rows = answer.items.iter().map(|item| page.preview.iter().map(|column| cell(item, column)).collect());
        Self {
            rows: rows.collect(),
            total: answer.total,
            first: if shown == 0 { 0 } else { from + 1 },
            last: from + shown,
            previous: (from > 0).then(|| at(from.saturating_sub(PAGE_ROWS))),
            next: (from + shown < answer.total && shown > 0).then(|| at(from + shown)),
            answer: String::from_utf8_lossy(body)
                .replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
            reasons: Vec::new(),
            is_refused: false,
        }
    }
}

/// The call that answers the page's question.
fn address(page: &TablePage) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(page.question.parameters(&page.preview));
    if let Some(version) = page.pinned() {
        query.append_pair("version", &version.to_string());
    }
    let properties = page.properties();
    if !properties.is_empty() {
        query.append_pair("properties", &properties);
    }
    query.append_pair("limit", &PAGE_ROWS.to_string());
    if page.question.from > 0 {
        query.append_pair("offset", &page.question.from.to_string());
    }
    format!("{}/rows?{}", page.api, query.finish())
}

fn cell(item: &Map<String, Value>, column: &PreviewColumn) -> Cell {
    let Some(text) = item.get(&column.name).and_then(|value| text_of(value, column.scale)) else {
        return Cell::default();
    };
    let is_address =
        (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace);
    let href = if is_address { url::Url::parse(&text).ok().map(String::from) } else { None };
    let mut shown: String = text.chars().take(LONGEST_TEXT_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Cell { text: Some(shown), href }
}

/// The text of a value, as the page's script writes it; `None` when there is none.
fn text_of(value: &Value, scale: Option<u8>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(match (scale, number.as_f64()) {
            (Some(scale), Some(float)) => format!("{float:.digits$}", digits = usize::from(scale)),
            _ => {
                let text = number.to_string();
                text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
            }
        }),
        Value::Object(shape) if shape.get("type").is_some_and(Value::is_string) => Some(shape_text(shape)),
        other => Some(other.to_string()),
    }
}

/// A place by its coordinates, another shape by its kind.
fn shape_text(shape: &Map<String, Value>) -> String {
    let kind = shape.get("type").and_then(Value::as_str).unwrap_or_default();
    let parts = shape.get("coordinates").and_then(Value::as_array).filter(|_| kind == "Point");
    let Some(parts) = parts else { return kind.to_owned() };
    let said: Vec<String> = parts
        .iter()
        .map(|part| part.as_f64().map_or_else(|| "?".to_owned(), |it| format!("{it:.PLACE_DIGITS$}")))
        .collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_as_the_script_shows_them() {
        for (value, scale, said) in [
            (json!(null), None, None),
            (json!("a <b>"), None, Some("a <b>")),
            (json!(12), None, Some("12")),
            (json!(1.0), None, Some("1")),
            (json!(2.5), Some(2), Some("2.50")),
            (json!(true), None, Some("true")),
            (json!({ "type": "Point", "coordinates": [2.5, 54.25] }), None, Some("2.50000, 54.25000")),
            (json!({ "type": "Polygon", "coordinates": [] }), None, Some("Polygon")),
            (json!([1, 2]), None, Some("[1,2]")),
        ] {
            assert_eq!(text_of(&value, scale).as_deref(), said, "{value}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let column = PreviewColumn {
            name: "a".to_owned(),
            title: "a".to_owned(),
            kind: "text",
            scale: None,
            is_plain: true,
            offered: Vec::new(),
        };
        for (text, leads) in [
            ("https://a.test/x", true),
            ("http://a.test", true),
            ("javascript:alert(1)", false),
            ("see https://a.test", false),
            ("https://a.test/x y", false),
        ] {
            let item = Map::from_iter([("a".to_owned(), json!(text))]);
            assert_eq!(cell(&item, &column).href.is_some(), leads, "{text}");
        }
        let long = Map::from_iter([("a".to_owned(), json!("é".repeat(400)))]);
        assert_eq!(cell(&long, &column).text.map(|text| text.chars().count()), Some(LONGEST_TEXT_CHARS + 1));
    }
}
