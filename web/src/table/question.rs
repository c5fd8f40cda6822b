//! What a reader asks of a table's rows by the page's own address, as parameters of the public API.
//!
//! The script of the page reads the same address in the same way (`assets/scripts/question.ts`), so that a view can be passed on
//! between readers with and without scripts.

use url::form_urlencoded;

use super::PreviewColumn;

/// Rows on a page of the view without a script.
pub(super) const PAGE_ROWS: u64 = 25;
/// What the name of a column's box begins with.
const BOX: &str = "is.";
/// Longest text of a box that is read, in characters.
const LONGEST_TEXT_CHARS: usize = 500;

/// One question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Words in any text.
    pub words: String,
    /// Texts of boxes, by column.
    pub boxes: Vec<(String, String)>,
    /// Column to sort by, and whether downwards.
    pub sort: Option<(String, bool)>,
    /// Rows to leave out first.
    pub from: u64,
}

impl Question {
    /// Reads the query of a page's address; what it does not know is left alone.
    pub(super) fn of(query: &str, columns: &[PreviewColumn]) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let text: String = value.trim().chars().take(LONGEST_TEXT_CHARS).collect();
            if text.is_empty() {
                continue;
            }
            let known = |name: &str| columns.iter().any(|column| column.is_ordered() && column.name == name);
            match &*name {
                "q" => asked.words = text,
                "from" => asked.from = text.parse().unwrap_or(0),
                "sortby" => {
                    let column = text.trim_start_matches('-');
                    asked.sort = known(column).then(|| (column.to_owned(), text.starts_with('-')));
                }
                other => {
                    let column = other.strip_prefix(BOX).filter(|column| known(column));
                    asked.boxes.extend(column.map(|column| (column.to_owned(), text)));
                }
            }
        }
        asked
    }

    /// Whether it narrows rows down.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.words.is_empty() || !self.boxes.is_empty()
    }

    /// The text of a column's box.
    #[must_use]
    pub fn text_of(&self, column: &str) -> &str {
        self.boxes.iter().find(|(name, _)| name == column).map_or("", |(_, text)| text)
    }

    /// How a column is sorted by, as `aria-sort` says it.
    #[must_use]
    pub fn sorted(&self, column: &str) -> Option<&'static str> {
        let (name, descending) = self.sort.as_ref()?;
        (name == column).then_some(if *descending { "descending" } else { "ascending" })
    }

    /// The question's parameters of the API, without a page.
    pub(super) fn parameters(&self, columns: &[PreviewColumn]) -> Vec<(String, String)> {
        let mut parameters = Vec::new();
        let mut put = |name: &str, value: &str| parameters.push((name.to_owned(), value.to_owned()));
        if !self.words.is_empty() {
            put("q", &self.words);
        }
        let mut conditions = Vec::new();
        for column in columns {
            let text = self.text_of(&column.name);
            if text.is_empty() {
                continue;
            }
            match condition(column, text) {
                Some(condition) => conditions.push(condition),
                None => put(&column.name, if text == "-" { "" } else { text }),
            }
        }
        if !conditions.is_empty() {
            put("filter", &conditions.join(" and "));
        }
        if let Some((column, descending)) = &self.sort {
            put("sortby", &format!("{}{column}", if *descending { "-" } else { "" }));
        }
        parameters
    }

    /// The page's query for this question; empty for the plain page.
    #[must_use]
    pub fn query(&self, version: Option<i32>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(version) = version {
            query.append_pair("version", &version.to_string());
        }
        if !self.words.is_empty() {
            query.append_pair("q", &self.words);
        }
        for (column, text) in &self.boxes {
            query.append_pair(&format!("{BOX}{column}"), text);
        }
        if let Some((column, descending)) = &self.sort {
            query.append_pair("sortby", &format!("{}{column}", if *descending { "-" } else { "" }));
        }
        if self.from > 0 {
            query.append_pair("from", &self.from.to_string());
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// The same question from the next click on a column's name: upwards, then downwards, then not sorted.
    #[must_use]
    pub fn clicked(&self, column: &str) -> Self {
        let sort = match self.sorted(column) {
            None => Some((column.to_owned(), false)),
            Some("ascending") => Some((column.to_owned(), true)),
            Some(_) => None,
        };
        Self { sort, from: 0, ..self.clone() }
    }
}

/// A box's text as a condition of CQL2; `None` when it is a plain value.
fn condition(column: &PreviewColumn, text: &str) -> Option<String> {
    let name = format!("\"{}\"", column.name.replace('"', "\"\""));
    if text == "-" {
        return (!column.is_plain).then(|| format!("{name} is null"));
    }
    if matches!(column.kind, "integer" | "decimal" | "date" | "timestamp") {
        if let Some((least, greatest)) = text.split_once("..").filter(|(a, b)| !a.is_empty() && !b.is_empty()) {
            let (least, greatest) = (literal(column, least.trim()), literal(column, greatest.trim()));
            return Some(format!("{name} >= {least} and {name} <= {greatest}"));
        }
        for sign in ["<=", ">=", "<", ">"] {
            if let Some(bound) = text.strip_prefix(sign).map(str::trim).filter(|bound| !bound.is_empty()) {
                return Some(format!("{name} {sign} {}", literal(column, bound)));
            }
        }
    }
    if column.kind == "text" && text.contains('*') {
        let mut pattern = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '*' => pattern.push('%'),
                '\\' | '%' | '_' => pattern.extend(['\\', c]),
                other => pattern.push(other),
            }
        }
        return Some(format!("casei({name}) like casei({})", quoted(&pattern)));
    }
    (!column.is_plain).then(|| format!("{name} = {}", literal(column, text)))
}

fn literal(column: &PreviewColumn, text: &str) -> String {
    let is_literal = match column.kind {
        // What is no number is quoted and then refused by the API with a sentence, not by us.
        "integer" | "decimal" => {
            text.parse::<f64>().is_ok_and(f64::is_finite) && text.ends_with(|c: char| c.is_ascii_digit())
        }
        "boolean" => matches!(text, "true" | "false"),
        _ => false,
    };
    if is_literal { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: &'static str, is_plain: bool) -> PreviewColumn {
        PreviewColumn {
            name: name.to_owned(),
            title: name.to_owned(),
            kind,
            scale: None,
            is_plain,
            offered: Vec::new(),
        }
    }

    #[test]
    fn boxes_become_values_or_conditions() {
        for (kind, is_plain, text, asked) in [
            ("text", true, "North", "a=North"),
            ("text", true, "-", "a="),
            ("text", true, "Nor*", "filter=casei(\"a\") like casei('Nor%')"),
            ("text", true, "50%*_x", "filter=casei(\"a\") like casei('50\\%%\\_x')"),
            ("text", false, "O'Hara", "filter=\"a\" = 'O''Hara'"),
            ("text", false, "-", "filter=\"a\" is null"),
            ("integer", true, "10..20", "filter=\"a\" >= 10 and \"a\" <= 20"),
            ("integer", true, ">= 1e3", "filter=\"a\" >= 1e3"),
            ("integer", true, "<many", "filter=\"a\" < 'many'"),
            ("decimal", true, "inf", "a=inf"),
            ("date", true, "2024-01-01..2024-12-31", "filter=\"a\" >= '2024-01-01' and \"a\" <= '2024-12-31'"),
            ("boolean", false, "true", "filter=\"a\" = true"),
        ] {
            let columns = [column("a", kind, is_plain)];
            let question = Question { boxes: vec![("a".to_owned(), text.to_owned())], ..Question::default() };
            let pairs = question.parameters(&columns);
            let said: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(said.join("&"), asked, "{kind} {text}");
        }
    }

    #[test]
    fn an_address_is_read_and_written_alike() {
        let columns = [column("a", "text", true), column("where", "point", true)];
        let query = "?version=2&q=two+words&is.a=x%26y&sortby=-a&from=50";
        let question = Question::of(query.trim_start_matches('?'), &columns);
        assert_eq!((question.words.as_str(), question.text_of("a"), question.from), ("two words", "x&y", 50));
        assert_eq!(question.query(Some(2)), query);
        assert_eq!(question.sorted("a"), Some("descending"));
        assert_eq!(question.clicked("a").query(None), "?q=two+words&is.a=x%26y");
        let odd = Question::of("is.where=1&is.none=2&sortby=none&from=x&done=saved", &columns);
        assert_eq!(odd, Question::default());
        assert_eq!(odd.clicked("a").clicked("a").sort, Some(("a".to_owned(), true)));
    }
}
