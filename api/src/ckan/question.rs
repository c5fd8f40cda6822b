//! From a query as CKAN's clients write it to a question for our index.

use fairground_catalog::dataset::{self, theme_slug};
use fairground_catalog::search::{Facet, Filter, Moment, SearchIndex};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{DatasetId, ResourceKind, Timestamp, fold};

use super::licence;
use super::solr::{Clause, Value};

/// Values of a facet that one name may stand for.
const MAX_VALUES: usize = 150;

/// Why a query cannot be asked.
#[derive(Debug)]
pub(super) enum Unasked {
    /// What is wrong with it, as a sentence.
    Query(String),
    /// A field that cannot be searched, as a sentence.
    Field(String),
    /// The store failed.
    Store(CatalogError),
}

impl From<CatalogError> for Unasked {
    fn from(error: CatalogError) -> Self {
        Self::Store(error)
    }
}

/// What understands queries: the store resolves names, the index knows values.
pub(super) struct Asker<'a, 'b> {
    pub(super) tx: &'a mut Tx<'b>,
    pub(super) index: &'a SearchIndex,
}

impl Asker<'_, '_> {
    /// Splits what a person or program asked as `q` into words, which are ranked, and a condition.
    pub(super) fn question(&mut self, clause: Clause) -> Result<(String, Vec<Filter>), Unasked> {
        let parts = match clause {
            Clause::All(parts) => parts,
            other => vec![other],
        };
        let (mut words, mut filters) = (Vec::new(), Vec::new());
        for part in parts {
            match word_of(&part) {
                Some(word) => words.push(word),
                None => filters.push(self.filter(&part)?),
            }
        }
        Ok((words.join(" "), filters))
    }

    /// A condition.
    pub(super) fn filter(&mut self, clause: &Clause) -> Result<Filter, Unasked> {
        Ok(match clause {
            Clause::All(parts) => Filter::All(self.each(parts)?),
            Clause::Any(parts) => Filter::Any(self.each(parts)?),
            Clause::Not(part) => Filter::Not(Box::new(self.filter(part)?)),
            Clause::Field(None, value) => text_filter(value),
            Clause::Field(Some(field), value) => self.field(field, value)?,
        })
    }

    fn each(&mut self, parts: &[Clause]) -> Result<Vec<Filter>, Unasked> {
        parts.iter().map(|part| self.filter(part)).collect()
    }

    fn field(&mut self, field: &str, value: &Value) -> Result<Filter, Unasked> {
        match field {
            "organization" => Ok(values(Facet::Publisher, value)),
            "owner_org" => self.owner(value),
            "tags" | "tag" => Ok(values(Facet::Keyword, value)),
            "res_format" => Ok(values(Facet::Format, value)),
            "language" | "extras_language" => Ok(values(Facet::Language, value)),
            "groups" | "group" => self.named(Facet::Theme, value, |_, label| theme_slug(label)),
            "license_id" | "license" => self.named(Facet::Licence, value, licence::id_of_value),
            "id" | "name" => self.identity(value),
            "metadata_modified" => range(field, Moment::Updated, value),
            "metadata_created" => range(field, Moment::Created, value),
            "modified" | "extras_modified" => range(field, Moment::Modified, value),
            "issued" | "extras_issued" => range(field, Moment::Issued, value),
            "dataset_type" | "type" => Ok(kinds(value)),
            "state" => Ok(constant(value, "active")),
            "capacity" => Ok(constant(value, "public")),
            "private" => Ok(constant(value, "false")),
            "entity_type" => Ok(constant(value, "package")),
            // There is one site here, and one index.
            "site_id" | "index_id" => Ok(Filter::All(Vec::new())),
            "text" | "title" | "title_string" | "notes" | "res_name" | "res_description" | "author" | "maintainer" => {
                Ok(text_filter(value))
            }
            other => {
                let other: String = other.chars().take(60).collect();
                Err(Unasked::Field(format!(
                    "`{other}` cannot be searched here. Fields are id, name, title, notes, text, organization, owner_org, groups, \
                     tags, res_format, license_id, language, metadata_modified, metadata_created, issued, modified, \
                     dataset_type and state"
                )))
            }
        }
    }

    /// `owner_org` is the publisher's id.
    fn owner(&mut self, value: &Value) -> Result<Filter, Unasked> {
        let Value::Text { text, .. } = value else { return Ok(values(Facet::Publisher, value)) };
        match publisher::find(self.tx, text)? {
            Some(publisher) => Ok(Filter::Value(Facet::Publisher, vec![publisher.slug.to_string()])),
            None => Ok(Filter::Any(Vec::new())),
        }
    }

    /// A facet whose values have another name in CKAN.
    fn named(&self, facet: Facet, value: &Value, name: impl Fn(&str, &str) -> String) -> Result<Filter, Unasked> {
        let wanted: Box<dyn Fn(&str) -> bool> = match value {
            Value::Any => return Ok(Filter::Known(facet)),
            Value::Text { text, .. } => {
                let text = fold(text);
                Box::new(move |name: &str| fold(name) == text)
            }
            Value::Begins(stem) => {
                let stem = fold(stem);
                Box::new(move |name: &str| fold(name).starts_with(&stem))
            }
            Value::Range { .. } => return Err(no_range(facet.as_str())),
        };
        let mut found = Vec::new();
        self.index.each_value(facet, |value, label| {
            if found.len() < MAX_VALUES && wanted(&name(value, label)) {
                found.push(value.to_owned());
            }
        });
        found.sort_unstable();
        found.dedup();
        Ok(if found.is_empty() { Filter::Any(Vec::new()) } else { Filter::Value(facet, found) })
    }

    fn identity(&mut self, value: &Value) -> Result<Filter, Unasked> {
        match value {
            Value::Any => Ok(Filter::All(Vec::new())),
            Value::Text { text, .. } => match text.parse::<DatasetId>() {
                Ok(id) => Ok(Filter::Ids(vec![id])),
                Err(_) => match dataset::get_public(self.tx, text) {
                    Ok(found) => Ok(Filter::Ids(vec![found.id])),
                    Err(CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. }) => Ok(Filter::Any(Vec::new())),
                    Err(other) => Err(other.into()),
                },
            },
            Value::Begins(stem) => {
                let end = format!("{stem}\u{7f}");
                let slugs = dataset::list_public_slugs(self.tx, stem, 0, i64::try_from(MAX_VALUES).unwrap_or(0))?;
                let mut ids = Vec::new();
                for slug in slugs.iter().filter(|slug| slug.starts_with(stem.as_str()) && **slug < end) {
                    ids.push(dataset::get(self.tx, slug)?.id);
                }
                Ok(Filter::Ids(ids))
            }
            Value::Range { .. } => Err(no_range("id")),
        }
    }
}

fn no_range(field: &str) -> Unasked {
    Unasked::Query(format!("`{field}` has no order, so there is no range of it"))
}

/// A bare word or phrase, or one that must not be there, as our own search takes it.
fn word_of(clause: &Clause) -> Option<String> {
    let (minus, value) = match clause {
        Clause::Field(None, value) => ("", value),
        Clause::Not(inner) => match &**inner {
            Clause::Field(None, value) => ("-", value),
            _ => return None,
        },
        _ => return None,
    };
    match value {
        Value::Text { text, quoted: true } => Some(format!("{minus}\"{}\"", text.replace('"', " "))),
        Value::Text { text, quoted: false } => Some(format!("{minus}{text}")),
        Value::Begins(stem) => Some(format!("{minus}{stem}")),
        Value::Any | Value::Range { .. } => None,
    }
}

fn text_filter(value: &Value) -> Filter {
    match value {
        Value::Text { text, quoted: true } => Filter::Text(format!("\"{}\"", text.replace('"', " "))),
        Value::Text { text, quoted: false } => Filter::Text(text.clone()),
        Value::Begins(stem) => Filter::Text(stem.clone()),
        Value::Any => Filter::All(Vec::new()),
        Value::Range { .. } => Filter::Any(Vec::new()),
    }
}

fn values(facet: Facet, value: &Value) -> Filter {
    match value {
        Value::Text { text, .. } => Filter::Value(facet, vec![text.clone()]),
        Value::Begins(stem) => Filter::Begins(facet, fold(stem)),
        Value::Any => Filter::Known(facet),
        Value::Range { .. } => Filter::Any(Vec::new()),
    }
}

/// A field that has one value everywhere.
fn constant(value: &Value, only: &str) -> Filter {
    let holds = match value {
        Value::Text { text, .. } => text.eq_ignore_ascii_case(only),
        Value::Begins(stem) => only.starts_with(stem.as_str()),
        Value::Any => true,
        Value::Range { .. } => false,
    };
    if holds { Filter::All(Vec::new()) } else { Filter::Any(Vec::new()) }
}

fn kinds(value: &Value) -> Filter {
    let kind = |kind: ResourceKind| (super::package::kind(kind), Filter::Kind(kind));
    let all = [kind(ResourceKind::Dataset), kind(ResourceKind::DatasetSeries), kind(ResourceKind::DataService)];
    match value {
        Value::Any => Filter::All(Vec::new()),
        Value::Text { text, .. } => {
            Filter::Any(all.into_iter().filter(|(name, _)| name == text).map(|(_, kind)| kind).collect())
        }
        Value::Begins(stem) => {
            Filter::Any(all.into_iter().filter(|(name, _)| name.starts_with(stem)).map(|(_, kind)| kind).collect())
        }
        Value::Range { .. } => Filter::Any(Vec::new()),
    }
}

fn range(field: &str, moment: Moment, value: &Value) -> Result<Filter, Unasked> {
    const EXCLUDED_MICROS: i64 = 1;
    let read = |text: &str| {
        date_math(text, Timestamp::now()).ok_or_else(|| {
            let text: String = text.chars().take(40).collect();
            Unasked::Query(format!("Invalid Date String: '{text}' in {field}"))
        })
    };
    let (from, to) = match value {
        Value::Any => return Ok(Filter::Between(moment, None, None)),
        Value::Text { text, .. } => {
            let at = read(text)?;
            (Some(at), Some(at))
        }
        Value::Begins(_) => return Err(Unasked::Query(format!("`{field}` takes a date or a range"))),
        Value::Range { from, to } => {
            let end = |end: &Option<(String, bool)>, inwards: i64| {
                let Some((text, included)) = end else { return Ok(None) };
                let at = read(text)?;
                let by = if *included { 0 } else { inwards };
                Ok::<_, Unasked>(Some(Timestamp::from_micros(at.as_micros().saturating_add(by))))
            };
            (end(from, EXCLUDED_MICROS)?, end(to, -EXCLUDED_MICROS)?)
        }
    };
    Ok(Filter::Between(moment, from, to))
}

/// A date as Solr takes it, with its date math: `NOW`, `NOW-7DAYS`, `2024-01-01T00:00:00Z+1MONTH`, `NOW/DAY`.
fn date_math(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (mut at, mut rest) = match text.strip_prefix("NOW") {
        Some(rest) => (now, rest),
        None => match text.split_once('Z') {
            Some((date, rest)) => (Timestamp::lenient(&format!("{date}Z"))?, rest),
            None => (Timestamp::lenient(text)?, ""),
        },
    };
    while let Some(sign) = rest.chars().next() {
        rest = rest.get(1..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        rest = after;
        at = match (sign, number.parse::<i64>()) {
            ('+', Ok(number)) => moved(at, number, unit)?,
            ('-', Ok(number)) => moved(at, number.checked_neg()?, unit)?,
            ('/', Err(_)) => rounded(at, unit)?,
            _ => return None,
        };
    }
    Some(at)
}

fn moved(at: Timestamp, by: i64, unit: &str) -> Option<Timestamp> {
    const MONTHS_A_YEAR: i64 = 12;
    let secs = match unit.strip_suffix('S').unwrap_or(unit) {
        "SECOND" => 1,
        "MINUTE" => 60,
        "HOUR" => 3_600,
        "DAY" | "DATE" => 86_400,
        "MONTH" => return months_on(at, by),
        "YEAR" => return months_on(at, by.checked_mul(MONTHS_A_YEAR)?),
        _ => return None,
    };
    Some(at.plus_secs(by.checked_mul(secs)?))
}

/// The same day and time so many months on; the month's last day where it has no such day.
fn months_on(at: Timestamp, by: i64) -> Option<Timestamp> {
    let text = at.to_string();
    let (date, time) = text.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let months = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(by)?;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    (0..4).find_map(|less| Timestamp::lenient(&format!("{year:04}-{month:02}-{:02}T{time}", day - less)))
}

fn rounded(at: Timestamp, unit: &str) -> Option<Timestamp> {
    let text = at.to_string();
    let (kept, rest) = match unit.strip_suffix('S').unwrap_or(unit) {
        "SECOND" => (19, "Z"),
        "MINUTE" => (16, ":00Z"),
        "HOUR" => (13, ":00:00Z"),
        "DAY" | "DATE" => (10, "T00:00:00Z"),
        "MONTH" => (7, "-01T00:00:00Z"),
        "YEAR" => (4, "-01-01T00:00:00Z"),
        _ => return None,
    };
    Timestamp::lenient(&format!("{}{rest}", text.get(..kept)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_reckoned_as_solr_does() {
        let now = Timestamp::lenient("2024-03-31T10:20:30.5Z").expect("a moment");
        for (text, moment) in [
            ("NOW", Some("2024-03-31T10:20:30.5Z")),
            ("NOW-1DAY", Some("2024-03-30T10:20:30.5Z")),
            ("NOW/DAY", Some("2024-03-31T00:00:00Z")),
            ("NOW/HOUR-2HOURS", Some("2024-03-31T08:00:00Z")),
            ("NOW-1MONTH/DAY", Some("2024-02-29T00:00:00Z")),
            ("NOW-1YEAR+2MONTHS", Some("2023-05-31T10:20:30.5Z")),
            ("2024-01-01T00:00:00Z", Some("2024-01-01T00:00:00Z")),
            ("2024-01-01T00:00:00.123456Z", Some("2024-01-01T00:00:00.123456Z")),
            ("2024-01-01T00:00:00", Some("2024-01-01T00:00:00Z")),
            ("2024-01-01T00:00:00Z+1DAY", Some("2024-01-02T00:00:00Z")),
            ("2024-01-01", Some("2024-01-01T00:00:00Z")),
            ("NOW-DAY", None),
            ("NOW-1FORTNIGHT", None),
            ("NOW~1", None),
            ("yesterday", None),
            ("NOW-99999999999999999999DAYS", None),
        ] {
            let expected = moment.map(|moment| Timestamp::lenient(moment).expect(moment));
            assert_eq!(date_math(text, now), expected, "{text}");
        }
    }
}
