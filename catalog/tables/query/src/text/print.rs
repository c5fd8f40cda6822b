//! Plans back to CQL2 text: for people, and to prove that what is read is what was meant.

use fairground_domain::{Column, ColumnType};

use crate::calendar::{write_date, write_timestamp};
use crate::geometry::{read_wkb, write_wkt};
use crate::literal::least;
use crate::plan::{Comparison, LikePattern, Predicate, SpatialRelation};
use crate::value::Value;

/// Writes a predicate as a filter that binds to the same predicate again (in normal form). `None` when it holds what filters
/// cannot say: words of `q`, a column that is not there, a time beyond four digits of year.
#[must_use]
pub fn print_predicate(predicate: &Predicate, columns: &[Column]) -> Option<String> {
    let name = |place: usize| columns.get(place).map(|column| format!("\"{}\"", column.name));
    let each = |parts: &[Predicate], word: &str| {
        let parts: Option<Vec<_>> = parts.iter().map(|part| print_predicate(part, columns)).collect();
        parts.map(|parts| format!("({})", parts.join(word)))
    };
    Some(match predicate {
        Predicate::Constant(true) => "TRUE".to_owned(),
        Predicate::Constant(false) => "FALSE".to_owned(),
        Predicate::And(parts) => each(parts, " AND ")?,
        Predicate::Or(parts) => each(parts, " OR ")?,
        Predicate::Not(inner) => format!("NOT ({})", print_predicate(inner, columns)?),
        Predicate::IsNull(place) => format!("{} IS NULL", name(*place)?),
        Predicate::Compare(place, comparison, value) => {
            let column = columns.get(*place)?;
            if least(column.column_type).as_ref() == Some(value) && !matches!(value, Value::Text(_) | Value::Boolean(_))
            {
                // The least value that can be has no literal; these two are what it is used for.
                let sign = match comparison {
                    Comparison::Less => "<>",
                    Comparison::GreaterOrEqual => "=",
                    _ => return None,
                };
                return Some(format!("{} {sign} {}", name(*place)?, name(*place)?));
            }
            format!("{} {} {}", name(*place)?, sign(*comparison), literal(value, column.column_type)?)
        }
        Predicate::CompareColumns(left, comparison, right) => {
            format!("{} {} {}", name(*left)?, sign(*comparison), name(*right)?)
        }
        Predicate::In(place, values) => {
            let column_type = columns.get(*place)?.column_type;
            let values: Option<Vec<_>> = values.iter().map(|value| literal(value, column_type)).collect();
            format!("{} IN ({})", name(*place)?, values?.join(","))
        }
        Predicate::Between(place, low, high) => {
            let column_type = columns.get(*place)?.column_type;
            format!("{} BETWEEN {} AND {}", name(*place)?, literal(low, column_type)?, literal(high, column_type)?)
        }
        Predicate::Like(place, pattern) => {
            format!("{} LIKE {}", folded_name(&name(*place)?, pattern), text(&pattern.to_text()))
        }
        Predicate::CompareFolded { column, comparison, value, accents } => {
            let name = name(*column)?;
            let name = if *accents { format!("ACCENTI({name})") } else { name };
            format!("CASEI({name}) {} {}", sign(*comparison), text(value))
        }
        Predicate::Spatial(place, relation, shape) => {
            let relation = match relation {
                SpatialRelation::Intersects => "S_INTERSECTS",
                SpatialRelation::Disjoint => "S_DISJOINT",
                SpatialRelation::Within => "S_WITHIN",
                SpatialRelation::Contains => "S_CONTAINS",
            };
            format!("{relation}({},{})", name(*place)?, write_wkt(&read_wkb(&shape.wkb).ok()?))
        }
        Predicate::Words { .. } => return None,
    })
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn folded_name(name: &str, pattern: &LikePattern) -> String {
    match (pattern.ignore_case, pattern.ignore_accents) {
        (false, false) => name.to_owned(),
        (true, false) => format!("CASEI({name})"),
        (false, true) => format!("ACCENTI({name})"),
        (true, true) => format!("CASEI(ACCENTI({name}))"),
    }
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn literal(value: &Value, column_type: ColumnType) -> Option<String> {
    Some(match (value, column_type) {
        (Value::Integer(number), _) => number.to_string(),
        (Value::Decimal(digits), ColumnType::Decimal { scale }) => format!("{digits}e-{scale}"),
        (Value::Float(number), _) => format!("{number:e}"),
        (Value::Boolean(truth), _) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        (Value::Date(days), _) => {
            let date = write_date(*days);
            (date.len() == 10).then(|| format!("DATE('{date}')"))?
        }
        (Value::Timestamp(micros), ColumnType::Timestamp { utc }) => {
            let moment = write_timestamp(*micros, utc);
            (moment.find('T') == Some(10)).then(|| format!("TIMESTAMP('{moment}')"))?
        }
        (Value::Text(value), _) => text(value),
        _ => return None,
    })
}
