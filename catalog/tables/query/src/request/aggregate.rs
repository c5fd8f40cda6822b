//! Questions for groups and sums.

use fairground_domain::{Column, ColumnStatistics, ColumnType, ContentHash, Snapshot};

use super::list::{Item, items, wrong_type};
use super::parameters::{Parameters, filter_in};
use super::rows::fingerprint;
use super::{GROUP_KEYS_MAX, GROUPS_LIMIT_DEFAULT, MEASURES_MAX};
use crate::GROUPS_LIMIT_MAX;
use crate::bind::Binder;
use crate::error::{Fault, Faults, Located, QueryError};
use crate::normal::normalise;
use crate::plan::{AggregatePlan, DateUnit, GroupKey, Measure};

/// Groups and sums, as they were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateRequest {
    /// What executors answer.
    pub plan: AggregatePlan,
    /// The columns of the answer: keys, then measures, with the plan's names.
    pub columns: Vec<Column>,
    snapshot: ContentHash,
}

impl AggregateRequest {
    /// Parameters of this question besides those of rows in general and the names of columns.
    pub const PARAMETERS: [&str; 6] = ["groupby", "aggregate", "having", "sortby", "limit", "offset"];

    /// Reads the parameters of an address: those that choose rows, and
    /// `groupby=a,date_trunc(month,b),width(c,10)` (`bucket` is `width`),
    /// `aggregate=count,count(a),count_distinct(a) (or distinct(a)),sum(a),avg(a),min(a),max(a),median(a),percentile(a,0.9)` (default `count`),
    /// `having` (a filter over the answer's columns), `sortby` (of the answer's columns), `limit` (1 to [`GROUPS_LIMIT_MAX`],
    /// default [`GROUPS_LIMIT_DEFAULT`]), `offset`. An item may be named: `avg(a) as mean` or `mean:avg(a)`.
    ///
    /// # Errors
    /// The first fault, with its parameter and place, and those of the other parameters.
    pub fn parse(parameters: &[(String, String)], reserved: &[&str], snapshot: &Snapshot) -> Result<Self, QueryError> {
        let parameters = Parameters::new(parameters, &Self::PARAMETERS, reserved);
        let binder = Binder { columns: &snapshot.columns };
        let mut faults = Faults::default();
        let predicate = parameters.predicate(snapshot, &mut faults);
        let mut columns = Vec::new();
        let keys = faults.note(parameters.one("groupby").and_then(|list| {
            keys(list.unwrap_or_default(), binder, &mut columns).map_err(|located| located.of("groupby"))
        }));
        let measures = faults.note(parameters.one("aggregate").and_then(|list| {
            let asked = list.filter(|text| !text.trim().is_empty()).unwrap_or("count");
            measures(asked, binder, &mut columns).map_err(|located| located.of("aggregate"))
        }));
        let limit = faults.note(parameters.number("limit", u64::from(GROUPS_LIMIT_MAX))).flatten();
        let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(GROUPS_LIMIT_DEFAULT);
        if limit == 0 {
            let sentence = "one group at least must be asked for".to_owned();
            faults.note::<()>(Err(QueryError::whole("limit", Fault::Refused(sentence))));
        }
        let offset = faults.note(parameters.number("offset", u64::MAX)).flatten().unwrap_or(0);
        let (Some(keys), Some(measures)) = (keys, measures) else {
            // What `having` and `sortby` may name is the answer's columns, which are not known.
            faults.settle()?;
            return Err(QueryError::whole("aggregate", Fault::Refused("nothing was asked for".to_owned())));
        };
        let answer = Binder { columns: &columns };
        let having = faults.note(parameters.one("having").and_then(|text| {
            let text = text.filter(|text| !text.trim().is_empty());
            text.map(|text| filter_in("having", text, answer).map(normalise)).transpose()
        }));
        let sort = faults.note(parameters.sort_keys(answer)).unwrap_or_default();
        faults.settle()?;
        let having = having.flatten();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let plan = AggregatePlan { predicate, keys, measures, names, having, sort, limit, offset };
        Ok(Self { plan, columns, snapshot: snapshot.key })
    }

    /// The fingerprint of snapshot and plan: equal questions have equal ones, whatever their wording.
    #[must_use]
    pub fn canonical(&self) -> ContentHash {
        fingerprint(self.snapshot, &self.plan)
    }
}

impl GroupKey {
    /// The type of the key in the answer, given the table's columns.
    #[must_use]
    pub fn answer_type(&self, columns: &[ColumnType]) -> ColumnType {
        match self {
            Self::Column(column) | Self::Truncated(column, _) => type_at(columns, *column),
            Self::Bucket(..) => ColumnType::Float,
        }
    }
}

impl Measure {
    /// The column it is made from; rows are counted without one.
    #[must_use]
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::CountRows => None,
            Self::Count(column)
            | Self::CountDistinct(column)
            | Self::Sum(column)
            | Self::Avg(column)
            | Self::Min(column)
            | Self::Max(column)
            | Self::Percentile(column, _) => Some(*column),
        }
    }

    /// The type of the measure in the answer, given the table's columns.
    #[must_use]
    pub fn answer_type(&self, columns: &[ColumnType]) -> ColumnType {
        match self {
            Self::CountRows | Self::Count(_) | Self::CountDistinct(_) => ColumnType::Integer,
            Self::Sum(column) | Self::Min(column) | Self::Max(column) => type_at(columns, *column),
            Self::Avg(_) | Self::Percentile(..) => ColumnType::Float,
        }
    }
}

fn type_at(columns: &[ColumnType], place: usize) -> ColumnType {
    columns.get(place).copied().unwrap_or(ColumnType::Text)
}

fn keys(text: &str, binder: Binder<'_>, answer: &mut Vec<Column>) -> Result<Vec<GroupKey>, Located> {
    let mut keys = Vec::new();
    for item in items(Item { at: 0, text }) {
        if keys.len() == GROUP_KEYS_MAX {
            let max = GROUP_KEYS_MAX as u64;
            return Err(Located::new(
                item.at,
                Fault::Limit { name: "GROUP_KEYS_MAX", what: "columns to group by", max },
            ));
        }
        let (alias, expression) = alias_of(item)?;
        let call = call_of(expression)?;
        let (key, name) = key_of(expression, &call, binder)?;
        name_answer(answer, expression, alias, name, key.answer_type(&types(binder)))?;
        keys.push(key);
    }
    Ok(keys)
}

fn types(binder: Binder<'_>) -> Vec<ColumnType> {
    binder.columns.iter().map(|column| column.column_type).collect()
}

/// The key and its name when it is given none.
fn key_of(expression: Item<'_>, call: &Call<'_>, binder: Binder<'_>) -> Result<(GroupKey, String), Located> {
    let Some(arguments) = &call.arguments else {
        let (place, column) = column_in(call.name, binder)?;
        if column.column_type.is_spatial() {
            return Err(wrong_type(
                expression.at,
                "grouping",
                "a number, a text, a truth value or a time",
                &column.name,
                column.column_type,
            ));
        }
        return Ok((GroupKey::Column(place), column.name.clone()));
    };
    match (call.name.text.to_ascii_lowercase().as_str(), arguments.as_slice()) {
        ("date_trunc", [unit, name]) => {
            let (unit, unit_name) = unit_of(*unit)?;
            let (place, column) = column_in(*name, binder)?;
            let is_date = column.column_type == ColumnType::Date;
            if !column.column_type.is_temporal() || (is_date && unit == DateUnit::Hour) {
                let needed = if unit == DateUnit::Hour { "a timestamp" } else { "a date or a timestamp" };
                return Err(wrong_type(
                    name.at,
                    &format!("`date_trunc({unit_name},…)`"),
                    needed,
                    &column.name,
                    column.column_type,
                ));
            }
            Ok((GroupKey::Truncated(place, unit), format!("{}_{unit_name}", column.name)))
        }
        ("width" | "bucket", [name, width]) => {
            let (place, column) = column_in(*name, binder)?;
            if !column.column_type.is_numeric() {
                return Err(wrong_type(name.at, "`width`", "a number", &column.name, column.column_type));
            }
            let number = width.text.parse::<f64>().ok().filter(|width| width.is_finite() && *width > 0.0);
            match number {
                Some(number) => Ok((GroupKey::Bucket(place, number), format!("{}_width", column.name))),
                None => width.expected("a width above 0"),
            }
        }
        ("date_trunc", _) => expression.expected("`date_trunc(unit,column)`"),
        ("width" | "bucket", _) => expression.expected("`width(column,width)`"),
        _ => call.name.expected("a column, `date_trunc(unit,column)` or `width(column,width)`"),
    }
}

fn unit_of(item: Item<'_>) -> Result<(DateUnit, &'static str), Located> {
    match item.text.trim_matches('\'').to_ascii_lowercase().as_str() {
        "hour" => Ok((DateUnit::Hour, "hour")),
        "day" => Ok((DateUnit::Day, "day")),
        "week" => Ok((DateUnit::Week, "week")),
        "month" => Ok((DateUnit::Month, "month")),
        "quarter" => Ok((DateUnit::Quarter, "quarter")),
        "year" => Ok((DateUnit::Year, "year")),
        _ => item.expected("`hour`, `day`, `week`, `month`, `quarter` or `year`"),
    }
}

fn measures(text: &str, binder: Binder<'_>, answer: &mut Vec<Column>) -> Result<Vec<Measure>, Located> {
    let mut measures = Vec::new();
    for item in items(Item { at: 0, text }) {
        if measures.len() == MEASURES_MAX {
            return Err(Located::new(
                item.at,
                Fault::Limit { name: "MEASURES_MAX", what: "sums", max: MEASURES_MAX as u64 },
            ));
        }
        let (alias, expression) = alias_of(item)?;
        let call = call_of(expression)?;
        let (measure, name) = measure_of(expression, &call, binder)?;
        name_answer(answer, expression, alias, name, measure.answer_type(&types(binder)))?;
        measures.push(measure);
    }
    Ok(measures)
}

/// The measure and its name when it is given none.
fn measure_of(expression: Item<'_>, call: &Call<'_>, binder: Binder<'_>) -> Result<(Measure, String), Located> {
    let mut name = call.name.text.to_ascii_lowercase();
    if name == "distinct" {
        name = "count_distinct".to_owned();
    }
    let arguments = call.arguments.as_deref().unwrap_or_default();
    match (name.as_str(), arguments) {
        ("count", []) => return Ok((Measure::CountRows, name)),
        ("count", [star]) if star.text == "*" => return Ok((Measure::CountRows, name)),
        ("percentile", [column, part]) => return percentile_of(*column, *part, binder),
        ("percentile", _) => return expression.expected("`percentile(column,part)`"),
        ("count" | "count_distinct" | "sum" | "avg" | "min" | "max" | "median", [_]) => {}
        ("count" | "count_distinct" | "sum" | "avg" | "min" | "max" | "median", _) => {
            return expression.expected(&format!("`{name}(column)`"));
        }
        _ => {
            return call.name.expected(
                "`count`, `count(column)`, `count_distinct`, `sum`, `avg`, `min`, `max`, `median` or `percentile(column,part)`",
            );
        }
    }
    let Some(argument) = arguments.first() else { return expression.expected("a column") };
    let (place, column) = column_in(*argument, binder)?;
    let needs = |fits: bool, needed| {
        if fits {
            Ok(())
        } else {
            Err(wrong_type(argument.at, &format!("`{name}`"), needed, &column.name, column.column_type))
        }
    };
    let ordered = || needs(!column.column_type.is_spatial(), "a number, a text, a truth value or a time");
    let numeric = || needs(column.column_type.is_numeric(), "a number");
    let measure = match name.as_str() {
        "count" => Measure::Count(place),
        "count_distinct" => {
            ordered()?;
            Measure::CountDistinct(place)
        }
        "min" => {
            ordered()?;
            Measure::Min(place)
        }
        "max" => {
            ordered()?;
            Measure::Max(place)
        }
        "sum" => {
            numeric()?;
            Measure::Sum(place)
        }
        "avg" => {
            numeric()?;
            Measure::Avg(place)
        }
        _ => {
            numeric()?;
            Measure::Percentile(place, 0.5)
        }
    };
    Ok((measure, format!("{name}_{}", column.name)))
}

fn percentile_of(name: Item<'_>, part: Item<'_>, binder: Binder<'_>) -> Result<(Measure, String), Located> {
    let (place, column) = column_in(name, binder)?;
    if !column.column_type.is_numeric() {
        return Err(wrong_type(name.at, "`percentile`", "a number", &column.name, column.column_type));
    }
    let Some(number) = part.text.parse::<f64>().ok().filter(|part| (0.0..=1.0).contains(part)) else {
        return part.expected("a part from 0 to 1, such as 0.9");
    };
    // `percentile(x,0.95)` is `percentile_95_x`; what is finer than a hundredth keeps its digits.
    let hundredths = format!("{:.6}", number * 100.0);
    let digits = hundredths.trim_end_matches('0').trim_end_matches('.').replace('.', "_");
    Ok((Measure::Percentile(place, number + 0.0), format!("percentile_{digits}_{}", column.name)))
}

fn column_in<'a>(item: Item<'_>, binder: Binder<'a>) -> Result<(usize, &'a Column), Located> {
    if item.text.is_empty() {
        return item.expected("a column");
    }
    binder.get(item.at, item.text)
}

/// `name` or `name(argument,…)`.
#[derive(Debug)]
struct Call<'a> {
    name: Item<'a>,
    arguments: Option<Vec<Item<'a>>>,
}

fn call_of(item: Item<'_>) -> Result<Call<'_>, Located> {
    let Some(open) = item.text.find('(') else { return Ok(Call { name: item, arguments: None }) };
    let (name, rest) = item.split_at(open);
    let Some(inner) = rest.text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        let end = Item { at: item.at + item.text.chars().count(), text: "" };
        return end.expected("`)`");
    };
    Ok(Call { name: name.trimmed(), arguments: Some(items(Item { at: rest.at + 1, text: inner })) })
}

/// `alias:expression` and `expression as alias`.
fn alias_of(item: Item<'_>) -> Result<(Option<Item<'_>>, Item<'_>), Located> {
    let paren = item.text.find('(').unwrap_or(item.text.len());
    if let Some(colon) = item.text.find(':').filter(|colon| *colon < paren) {
        let (alias, rest) = item.split_at(colon);
        return Ok((Some(valid_alias(alias.trimmed())?), rest.split_at(1).1.trimmed()));
    }
    let lower = item.text.to_ascii_lowercase();
    let Some(word) = lower.rfind(" as ").filter(|at| lower.rfind(')').is_none_or(|close| close < *at)) else {
        return Ok((None, item));
    };
    let (expression, rest) = item.split_at(word);
    Ok((Some(valid_alias(rest.split_at(4).1.trimmed())?), expression.trimmed()))
}

/// A name as columns have them.
fn valid_alias(alias: Item<'_>) -> Result<Item<'_>, Located> {
    let fits = (1..=63).contains(&alias.text.len())
        && alias.text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !alias.text.starts_with(|c: char| c.is_ascii_digit());
    if fits { Ok(alias) } else { alias.expected("a name of 1 to 63 of `a-z`, `0-9` and `_`, no digit first") }
}

fn name_answer(
    answer: &mut Vec<Column>,
    expression: Item<'_>,
    alias: Option<Item<'_>>,
    name: String,
    column_type: ColumnType,
) -> Result<(), Located> {
    let (at, name) = alias.map_or((expression.at, name), |alias| (alias.at, alias.text.to_owned()));
    if answer.iter().any(|column| column.name == name) {
        let sentence = format!("`{name}` would stand twice in the answer; give one another name with `as`");
        return Err(Located::refused(at, sentence));
    }
    answer.push(Column {
        title: name.clone(),
        name,
        column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    });
    Ok(())
}
