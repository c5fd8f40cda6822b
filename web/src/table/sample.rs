//! Calls that work with this very table, in the languages that people use, ready to be copied.
//!
//! Every example is made from the table's own columns and frequent values; [`super::quote`] keeps hostile ones inside their
//! literals, and values that cannot be read (control characters, turned text) are not shown at all.

use fairground_domain::{Column, ColumnType, Snapshot};

use super::quote::{self, is_deceptive};

/// Longer values make poor examples, in characters.
const LONGEST_EXAMPLE_CHARS: usize = 60;
/// A column of at most so many different values is worth grouping by.
const GROUPS_WORTH: u64 = 500;
/// Columns that an example names or types; a table may have thousands.
const MOST_TYPED: usize = 40;
/// Names that rows, aggregate and exports take for themselves: a column of that name is asked for in `filter`.
const TAKEN: [&str; 20] = [
    "aggregate",
    "api_key",
    "bbox",
    "cursor",
    "datetime",
    "estimate",
    "f",
    "filter",
    "filter-lang",
    "groupby",
    "having",
    "limit",
    "offset",
    "properties",
    "q",
    "safe",
    "sortby",
    "titles",
    "token",
    "version",
];

/// True when a column of that name cannot be asked for as `column=value`.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

/// One call, in words and as an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it is for: the key of its words.
    pub what: &'static str,
    /// Its path and query, percent-encoded.
    pub href: String,
    /// The same as people type it, without encoding.
    pub shown: String,
}

/// Samples in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its place in the page.
    pub anchor: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The samples: what each does, and the code.
    pub samples: Vec<(&'static str, String)>,
    /// How a key is sent.
    pub with_key: &'static str,
}

/// Everything that the page shows developers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// The table's addresses with real questions.
    pub calls: Vec<Call>,
    /// Code.
    pub languages: Vec<Language>,
}

impl Samples {
    /// Samples for a table at that path (`/api/v1/tables/…`) of a portal. With `version`, every call stays in it.
    #[must_use]
    pub fn of(snapshot: &Snapshot, public_url: &str, path: &str, version: Option<i32>) -> Self {
        let asked = Asked::of(snapshot, version);
        let address = format!("{public_url}{path}");
        let writer = Writer { origin: public_url, path, address: &address, asked: &asked, snapshot };
        Self {
            calls: writer.calls(),
            languages: vec![writer.curl(), writer.python(), writer.r(), writer.javascript(), writer.power_query()],
        }
    }
}

type Pairs = Vec<(String, String)>;

/// What the samples ask.
#[derive(Debug, Default)]
struct Asked {
    /// Always asked, to stay in a version.
    pin: Pairs,
    /// One column and a value that is there; as a filter where the column's name is taken.
    rows: Pairs,
    /// A filter of the query language, with an order.
    filter: Pairs,
    /// Groups and sums.
    groups: Pairs,
}

impl Asked {
    fn of(snapshot: &Snapshot, version: Option<i32>) -> Self {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let plain: Vec<&Column> = snapshot.columns.iter().filter(|it| !it.column_type.is_spatial()).collect();
        let texts = || plain.iter().copied().filter(|column| column.column_type == ColumnType::Text);
        let repeated = |column: &&Column| column.statistics.distinct < column.statistics.count;
        let named = texts()
            .filter(repeated)
            .chain(texts())
            .chain(plain.iter().copied())
            .find_map(|column| example(column).map(|value| (column, value)));
        let rows = named.map(|(column, value)| {
            if is_taken(&column.name) {
                pair("filter", &condition(column, value, "="))
            } else {
                pair(&column.name, value)
            }
        });
        // A column where no value comes twice is most often a number of the row: nothing to compare or to average.
        let by_use = |wanted: fn(ColumnType) -> bool| {
            let fit: Vec<&Column> = plain.iter().copied().filter(|column| wanted(column.column_type)).collect();
            fit.iter().copied().filter(repeated).chain(fit.iter().copied()).collect::<Vec<&Column>>()
        };
        let ordered = by_use(|kind| kind.is_numeric() || kind.is_temporal());
        let bounded = ordered.iter().find_map(|column| middle(column).map(|value| (*column, value)));
        let mut filter = Vec::new();
        if let Some((column, value)) = bounded {
            filter.push(pair("filter", &condition(column, &value, ">=")));
            filter.push(pair("sortby", &format!("-{}", column.name)));
        } else if let Some((column, value)) = named {
            filter.push(pair("filter", &condition(column, value, "=")));
        }
        let group = texts()
            .filter(|column| (2..=GROUPS_WORTH).contains(&column.statistics.distinct) && column.name != "count")
            .find(repeated);
        let numbers = by_use(ColumnType::is_numeric);
        let number = numbers.iter().find(|column| column.statistics.count > 0);
        let mut groups = Vec::new();
        if let Some(group) = group {
            groups.push(pair("groupby", &group.name));
        }
        let sums = number.map_or_else(|| "count".to_owned(), |column| format!("count,avg({})", column.name));
        groups.push(pair("aggregate", &sums));
        if group.is_some() {
            groups.push(pair("sortby", "-count"));
        }
        Self {
            pin: version.map(|version| pair("version", &version.to_string())).into_iter().collect(),
            rows: rows.into_iter().collect(),
            filter,
            groups,
        }
    }

    fn with(&self, pairs: &Pairs, more: &[(&str, &str)]) -> Pairs {
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        pairs.iter().chain(&self.pin).cloned().chain(more).collect()
    }
}

/// A frequent value that can be read and typed.
fn example(column: &Column) -> Option<&str> {
    let known = &column.statistics;
    let bound = if column.column_type == ColumnType::Text { None } else { known.min.as_deref() };
    known.top.iter().map(|top| top.value.as_str()).chain(bound).find(|value| {
        let fits = !value.is_empty() && value.chars().count() <= LONGEST_EXAMPLE_CHARS && value.trim() == *value;
        fits && !value.chars().any(|c| c.is_control() || is_deceptive(c))
    })
}

/// A value of a number or a time that some rows reach and some may not.
fn middle(column: &Column) -> Option<String> {
    const LARGEST_EXACT: f64 = 9e15;
    let known = &column.statistics;
    let whole = |mean: f64| format!("{:.0}", mean.floor());
    match (column.column_type, known.mean) {
        (ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float, Some(mean))
            if mean.is_finite() && mean.abs() < LARGEST_EXACT && known.count > 0 =>
        {
            Some(whole(mean))
        }
        _ => example(column).map(str::to_owned),
    }
}

/// A condition of CQL2.
fn condition(column: &Column, value: &str, comparison: &str) -> String {
    let literal = match column.column_type {
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float | ColumnType::Boolean => value.to_owned(),
        ColumnType::Date => format!("DATE({})", quote::cql2(value)),
        ColumnType::Timestamp { utc: true } => format!("TIMESTAMP({})", quote::cql2(value)),
        ColumnType::Timestamp { utc: false } | ColumnType::Text | ColumnType::Point | ColumnType::Geometry => {
            quote::cql2(value)
        }
    };
    format!("{} {comparison} {literal}", quote::cql2_name(&column.name))
}

/// Pairs as a query string, percent-encoded.
pub(super) fn query_of(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", quote::query(name), quote::query(value))).collect();
    encoded.join("&")
}

struct Writer<'a> {
    origin: &'a str,
    path: &'a str,
    address: &'a str,
    asked: &'a Asked,
    snapshot: &'a Snapshot,
}

impl Writer<'_> {
    fn calls(&self) -> Vec<Call> {
        let call = |what, name: &str, pairs: Pairs| {
            let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mark = if pairs.is_empty() { "" } else { "?" };
            Call {
                what,
                href: format!("{}{name}{mark}{}", self.path, query_of(&pairs)),
                shown: format!("{}{name}{mark}{}", self.path, shown.join("&")),
            }
        };
        let asked = self.asked;
        let pinned = || asked.with(&Vec::new(), &[]);
        vec![
            call("table-call-columns", "", pinned()),
            call("table-call-rows", "/rows", asked.with(&asked.rows, &[("limit", "20")])),
            call("table-call-filter", "/rows", asked.with(&asked.filter, &[("limit", "20")])),
            call("table-call-groups", "/aggregate", asked.with(&asked.groups, &[])),
            call("table-call-file", "/export.csv", asked.with(&asked.rows, &[])),
            call("table-call-versions", "/versions", Vec::new()),
            call("table-call-contract", "/openapi.json", pinned()),
        ]
    }

    fn url(&self, name: &str, pairs: &Pairs) -> String {
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}{name}{mark}{}", self.address, query_of(pairs))
    }

    fn curl(&self) -> Language {
        let ask = |name: &str, pairs: Pairs| {
            let mut code = format!("curl --get {}", quote::shell(&format!("{}{name}", self.address)));
            for (name, value) in pairs {
                code.push_str(" \\\n  --data-urlencode ");
                code.push_str(&quote::shell(&format!("{name}={value}")));
            }
            code
        };
        let asked = self.asked;
        Language {
            anchor: "curl",
            name: "curl",
            samples: vec![
                ("table-call-value", ask("/rows", asked.with(&asked.rows, &[("limit", "20")]))),
                ("table-call-filter", ask("/rows", asked.with(&asked.filter, &[("limit", "20")]))),
                (
                    "table-call-next",
                    format!(
                        "{} \\\n  --data-urlencode \"cursor=$NEXT\"",
                        ask("/rows", asked.with(&asked.filter, &[("limit", "20")]))
                    ),
                ),
                ("table-call-groups", ask("/aggregate", asked.with(&asked.groups, &[]))),
                (
                    "table-call-whole",
                    format!(
                        "curl --output table.csv {}",
                        quote::shell(&self.url("/export.csv", &asked.with(&Vec::new(), &[])))
                    ),
                ),
            ],
            with_key: "-H 'X-Api-Key: YOUR_KEY'",
        }
    }

    fn python(&self) -> Language {
        let dict = |pairs: Pairs| {
            let items: Vec<String> = pairs
                .iter()
                .map(|(name, value)| format!("{}: {}", quote::string(name), quote::string(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        };
        let asked = self.asked;
        let pages = format!(
            "import pandas as pd\nimport requests\n\nquestion = {}\nrows = []\nwhile True:\n    answer = requests.get({}, params=question, timeout=60)\n    answer.raise_for_status()\n    page = answer.json()\n    rows += page[\"items\"]\n    if page[\"next\"] is None:\n        break\n    question[\"cursor\"] = page[\"next\"]\n\ntable = pd.DataFrame(rows)\nprint(table)",
            dict(asked.with(&asked.rows, &[("limit", "1000")])),
            quote::string(&format!("{}/rows", self.address)),
        );
        let groups = format!(
            "import pandas as pd\nimport requests\n\nanswer = requests.get(\n    {},\n    params={},\n    timeout=60,\n)\nanswer.raise_for_status()\nprint(pd.DataFrame(answer.json()[\"items\"]))",
            quote::string(&format!("{}/aggregate", self.address)),
            dict(asked.with(&asked.groups, &[])),
        );
        let whole = format!(
            "import pandas as pd  # pip install pandas pyarrow\n\ntable = pd.read_parquet({})\nprint(table.dtypes)",
            quote::string(&self.url("/export.parquet", &asked.with(&Vec::new(), &[]))),
        );
        Language {
            anchor: "python",
            name: "Python",
            samples: vec![("table-call-pages", pages), ("table-call-groups", groups), ("table-call-typed", whole)],
            with_key: "requests.get(…, headers={\"X-Api-Key\": \"YOUR_KEY\"})",
        }
    }

    fn r(&self) -> Language {
        let arguments = |pairs: Pairs| {
            let items: Vec<String> = pairs
                .iter()
                .map(|(name, value)| format!("{} = {}", quote::r_name(name), quote::string(value)))
                .collect();
            items.join(", ")
        };
        let asked = self.asked;
        let rows = format!(
            "library(httr2)\n\nrows <- request({}) |>\n  req_url_query({}) |>\n  req_perform_iterative(\n    next_req = iterate_with_cursor(\n      \"cursor\",\n      resp_param_value = \\(resp) resp_body_json(resp)$`next`\n    ),\n    max_reqs = Inf\n  ) |>\n  resps_data(\\(resp) resp_body_json(resp, simplifyVector = TRUE)$items)\nprint(rows)",
            quote::string(&format!("{}/rows", self.address)),
            arguments(asked.with(&asked.rows, &[("limit", "1000")])),
        );
        let groups = format!(
            "library(httr2)\n\ngroups <- request({}) |>\n  req_url_query({}) |>\n  req_perform() |>\n  resp_body_json(simplifyVector = TRUE)\nprint(groups$items)",
            quote::string(&format!("{}/aggregate", self.address)),
            arguments(asked.with(&asked.groups, &[])),
        );
        Language {
            anchor: "r",
            name: "R",
            samples: vec![
                ("table-call-pages", rows),
                ("table-call-groups", groups),
                ("table-call-typed", self.readr()),
            ],
            with_key: "req_headers(`X-Api-Key` = \"YOUR_KEY\")",
        }
    }

    /// `readr` is told the types, so that codes keep their leading zeros.
    fn readr(&self) -> String {
        let types: Vec<String> = self
            .snapshot
            .columns
            .iter()
            .take(MOST_TYPED)
            .map(|column| {
                let kind = match column.column_type {
                    ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float => "col_double()",
                    ColumnType::Boolean => "col_logical()",
                    ColumnType::Date => "col_date()",
                    ColumnType::Timestamp { .. } => "col_datetime()",
                    ColumnType::Text | ColumnType::Point | ColumnType::Geometry => "col_character()",
                };
                format!("    {} = {kind}", quote::r_name(&column.name))
            })
            .collect();
        format!(
            "library(readr)\n\ntable <- read_csv(\n  {},\n  col_types = cols(\n{}\n  )\n)",
            quote::string(&self.url("/export.csv", &self.asked.with(&Vec::new(), &[]))),
            types.join(",\n"),
        )
    }

    fn javascript(&self) -> Language {
        let object = |pairs: Pairs| {
            let items: Vec<String> = pairs
                .iter()
                .map(|(name, value)| format!("  {}: {},\n", quote::string(name), quote::string(value)))
                .collect();
            format!("{{\n{}}}", items.concat())
        };
        let asked = self.asked;
        let pages = format!(
            "const question = new URLSearchParams({});\nconst rows = [];\nfor (;;) {{\n  const answer = await fetch({} + \"?\" + question);\n  if (!answer.ok) throw new Error(await answer.text());\n  const page = await answer.json();\n  rows.push(...page.items);\n  if (page.next === null) break;\n  question.set(\"cursor\", page.next);\n}}\nconsole.log(rows.length, rows[0]);",
            object(asked.with(&asked.rows, &[("limit", "1000")])),
            quote::string(&format!("{}/rows", self.address)),
        );
        let groups = format!(
            "const question = new URLSearchParams({});\nconst answer = await fetch({} + \"?\" + question);\nif (!answer.ok) throw new Error(await answer.text());\nconsole.table((await answer.json()).items);",
            object(asked.with(&asked.groups, &[])),
            quote::string(&format!("{}/aggregate", self.address)),
        );
        Language {
            anchor: "javascript",
            name: "JavaScript",
            samples: vec![("table-call-pages", pages), ("table-call-groups", groups)],
            with_key: "fetch(…, { headers: { \"X-Api-Key\": \"YOUR_KEY\" } })",
        }
    }

    fn power_query(&self) -> Language {
        let asked = self.asked;
        let filtered = self.m_table(&asked.with(&asked.rows, &[]));
        let whole = self.m_table(&asked.with(&Vec::new(), &[]));
        Language {
            anchor: "power-query",
            name: "Excel and Power Query",
            samples: vec![("table-call-typed-value", filtered), ("table-call-typed", whole)],
            with_key: "[Headers = [#\"X-Api-Key\" = \"YOUR_KEY\"], …]",
        }
    }

    fn m_table(&self, pairs: &Pairs) -> String {
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{} = {}", quote::m_name(name), quote::m_text(value))).collect();
        let types: Vec<String> = self
            .snapshot
            .columns
            .iter()
            .take(MOST_TYPED)
            .map(|column| {
                let kind = match column.column_type {
                    ColumnType::Integer => "Int64.Type",
                    ColumnType::Decimal { .. } | ColumnType::Float => "type number",
                    ColumnType::Boolean => "type logical",
                    ColumnType::Date => "type date",
                    ColumnType::Timestamp { utc: true } => "type datetimezone",
                    ColumnType::Timestamp { utc: false } => "type datetime",
                    ColumnType::Text | ColumnType::Point | ColumnType::Geometry => "type text",
                };
                format!("        {{{}, {kind}}}", quote::m_text(&column.name))
            })
            .collect();
        format!(
            "let\n    Source = Web.Contents({}, [\n        RelativePath = {},\n        Query = [{}]\n    ]),\n    Rows = Csv.Document(Source, [Delimiter = \",\", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),\n    Headed = Table.PromoteHeaders(Rows, [PromoteAllScalars = true]),\n    Typed = Table.TransformColumnTypes(Headed, {{\n{}\n    }}, \"en-US\")\nin\n    Typed",
            quote::m_text(self.origin),
            quote::m_text(&format!("{}/export.csv", self.path.trim_start_matches('/'))),
            query.join(", "),
            types.join(",\n"),
        )
    }
}

#[cfg(test)]
mod tests {
    use fairground_domain::{ColumnStatistics, TopValue};

    use super::super::tests::snapshot;
    use super::*;

    fn column(name: &str, column_type: ColumnType, top: &str) -> Column {
        Column {
            name: name.to_owned(),
            title: name.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics {
                count: 10,
                distinct: 3,
                mean: column_type.is_numeric().then_some(7.9),
                top: vec![TopValue { value: top.to_owned(), rows: 5 }],
                ..ColumnStatistics::default()
            },
        }
    }

    fn code(samples: &Samples, name: &str) -> String {
        let language = samples.languages.iter().find(|language| language.anchor == name).unwrap();
        language.samples.iter().map(|(_, code)| format!("{code}\n")).collect()
    }

    #[test]
    fn every_language_asks_with_a_value_that_is_there() {
        let table = snapshot(vec![
            column("line", ColumnType::Text, "King's \"Cross\" #(lf) $HOME \\"),
            column("visits", ColumnType::Integer, "12"),
        ]);
        let samples = Samples::of(&table, "https://data.example", "/api/v1/tables/visits", None);
        for (language, part) in [
            ("curl", r#"--data-urlencode 'line=King'\''s "Cross" #(lf) $HOME \'"#),
            ("python", r#""line": "King's \"Cross\" #(lf) $HOME \\""#),
            ("r", r#"line = "King's \"Cross\" #(lf) $HOME \\""#),
            ("javascript", r#""line": "King's \"Cross\" #(lf) $HOME \\""#),
            ("power-query", r##"#"line" = "King's ""Cross"" #(#)(lf) $HOME \""##),
            ("curl", "'filter=visits >= 7'"),
            ("curl", "'groupby=line'"),
            ("curl", "'aggregate=count,avg(visits)'"),
            ("r", "visits = col_double()"),
            ("power-query", "{\"visits\", Int64.Type}"),
        ] {
            let code = code(&samples, language);
            assert!(code.contains(part), "{language} lacks {part}:\n{code}");
        }
        let rows = &samples.calls[1];
        assert_eq!(
            rows.href,
            "/api/v1/tables/visits/rows?line=King%27s%20%22Cross%22%20%23%28lf%29%20%24HOME%20%5C&limit=20"
        );
    }

    #[test]
    fn a_column_whose_name_is_taken_is_asked_for_in_a_filter() {
        let table = snapshot(vec![column("version", ColumnType::Text, "O'Neill")]);
        let samples = Samples::of(&table, "https://data.example", "/api/v1/tables/t", Some(3));
        assert_eq!(samples.calls[1].shown, "/api/v1/tables/t/rows?filter=version = 'O''Neill'&version=3&limit=20");
        assert!(samples.calls[4].href.ends_with("&version=3"));
    }

    #[test]
    fn values_that_deceive_and_tables_without_any_are_not_shown() {
        let table = snapshot(vec![column("a", ColumnType::Text, "x\u{202e}y"), column("b", ColumnType::Point, "z")]);
        let samples = Samples::of(&table, "https://data.example", "/api/v1/tables/t", None);
        assert_eq!(samples.calls[1].shown, "/api/v1/tables/t/rows?limit=20");
        let samples = Samples::of(&snapshot(Vec::new()), "https://data.example", "/api/v1/tables/t", None);
        assert_eq!(samples.calls[3].shown, "/api/v1/tables/t/aggregate?aggregate=count");
    }

    #[test]
    fn times_are_compared_as_times() {
        for (column_type, said) in [
            (ColumnType::Date, "\"date\" >= DATE('2024-02-29')"),
            (ColumnType::Timestamp { utc: true }, "\"date\" >= TIMESTAMP('2024-02-29')"),
            (ColumnType::Timestamp { utc: false }, "\"date\" >= '2024-02-29'"),
            (ColumnType::Boolean, "\"date\" >= 2024-02-29"),
        ] {
            assert_eq!(condition(&column("date", column_type, "x"), "2024-02-29", ">="), said);
        }
    }
}
