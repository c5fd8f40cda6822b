//! A published schema, obeyed: how its columns are read, and what their values must keep.

use std::borrow::Cow;
use std::collections::HashSet;

use regex::Regex;
use xxhash_rust::xxh3::xxh3_64;

use crate::cell::Cell;
use crate::convert::cell_text;
use crate::formats::{FieldType, PublishedField, PublishedSchema};
use crate::infer::number::{self, DOT};
use crate::infer::{Profile, Reading, boolean, date, null, shape, trim};

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// What the schema says of one column of the file.
pub(crate) struct Rule {
    field: PublishedField,
    /// Texts that stand for no value; `None` for the usual ones.
    missing: Option<Vec<String>>,
    pattern: Option<Regex>,
}

/// The rules for all columns of a file, and what did not fit between schema and file.
#[derive(Default)]
pub(crate) struct Rules {
    /// One for each column that the schema describes.
    pub(crate) columns: Vec<Option<Rule>>,
    /// Places of the columns that tell rows apart together.
    primary_key: Vec<usize>,
    /// What people should know.
    pub(crate) notes: Vec<String>,
}

/// The values that were seen in columns which must not repeat.
#[derive(Default)]
pub(crate) struct Seen {
    columns: Vec<HashSet<u64>>,
    keys: HashSet<u64>,
    /// Whether the memory for them was spent.
    pub(crate) full: bool,
}

impl Rules {
    /// Finds the schema's field for each title: the same name, else a title or a name that differs by case only; else by
    /// place, where the file has no header.
    pub(crate) fn new(schema: Option<&PublishedSchema>, titles: &[String], header: bool) -> Self {
        let Some(schema) = schema else { return Self::default() };
        let mut rules = Self::default();
        let mut used = HashSet::new();
        for (at, title) in titles.iter().enumerate() {
            let found = if header { find_field(schema, title) } else { schema.fields.get(at) };
            let rule = found.filter(|field| used.insert(field.name.clone())).map(|field| {
                let missing = field.missing_values.clone().or_else(|| schema.missing_values.clone());
                Rule { pattern: compile(field, &mut rules.notes), field: field.clone(), missing }
            });
            rules.columns.push(rule);
        }
        for field in schema.fields.iter().filter(|field| !used.contains(&field.name)) {
            rules
                .notes
                .push(format!("The published schema names the column `{}`, which the file does not have.", field.name));
        }
        let place = |name: &String| {
            rules.columns.iter().position(|rule| rule.as_ref().is_some_and(|rule| rule.field.name == *name))
        };
        rules.primary_key = schema.primary_key.iter().filter_map(place).collect();
        if rules.primary_key.len() != schema.primary_key.len() {
            rules.primary_key.clear();
        }
        rules
    }

    /// Whether there is no schema.
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.iter().all(Option::is_none)
    }

    /// The rule of a column.
    pub(crate) fn get(&self, at: usize) -> Option<&Rule> {
        self.columns.get(at).and_then(Option::as_ref)
    }

    /// Whether rows have to be seen in order, by one thread, because values must not repeat.
    pub(crate) fn in_order(&self) -> bool {
        !self.primary_key.is_empty() || self.columns.iter().flatten().any(|rule| rule.field.constraints.unique)
    }

    /// Judges a row; the reason when it breaks a rule. `value` gives the fields, without what stands for no value.
    pub(crate) fn judge<'a>(
        &self,
        value: impl Fn(usize) -> Cow<'a, [u8]>,
        readings: &[Reading],
        seen: &mut Seen,
        seen_max: usize,
    ) -> Option<String> {
        for (at, rule) in self.columns.iter().enumerate() {
            let (Some(rule), Some(reading)) = (rule, readings.get(at)) else { continue };
            if let Some(why) = rule.judge(&value(at), *reading) {
                return Some(format!("schema: field {}: {why}", rule.field.name));
            }
        }
        self.judge_repeats(value, seen, seen_max)
    }

    fn judge_repeats<'a>(
        &self,
        value: impl Fn(usize) -> Cow<'a, [u8]>,
        seen: &mut Seen,
        seen_max: usize,
    ) -> Option<String> {
        seen.columns.resize_with(self.columns.len(), HashSet::new);
        for ((at, rule), values) in self.columns.iter().enumerate().zip(&mut seen.columns) {
            let Some(rule) = rule.as_ref().filter(|rule| rule.field.constraints.unique) else { continue };
            let value = value(at);
            if value.is_empty() {
                continue;
            }
            if values.contains(&xxh3_64(&value)) {
                return Some(format!("schema: field {}: not unique", rule.field.name));
            }
            if values.len() < seen_max {
                values.insert(xxh3_64(&value));
            } else {
                seen.full = true;
            }
        }
        if self.primary_key.is_empty() {
            return None;
        }
        let mut key = Vec::new();
        for at in &self.primary_key {
            let value = value(*at);
            key.extend_from_slice(&u64::try_from(value.len()).unwrap_or_default().to_le_bytes());
            key.extend_from_slice(&value);
        }
        if seen.keys.contains(&xxh3_64(&key)) {
            return Some("schema: primary key not unique".to_owned());
        }
        if seen.keys.len() < seen_max {
            seen.keys.insert(xxh3_64(&key));
        } else {
            seen.full = true;
        }
        None
    }
}

fn find_field<'a>(schema: &'a PublishedSchema, title: &str) -> Option<&'a PublishedField> {
    let same = |text: &String| text == title;
    let alike = |text: &String| text.trim().to_lowercase() == title.to_lowercase();
    schema
        .fields
        .iter()
        .find(|field| same(&field.name) || field.titles.iter().any(same))
        .or_else(|| schema.fields.iter().find(|field| alike(&field.name) || field.titles.iter().any(alike)))
}

fn compile(field: &PublishedField, notes: &mut Vec<String>) -> Option<Regex> {
    let pattern = field.constraints.pattern.as_ref()?;
    match regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PATTERN_BYTES_MAX).build() {
        Ok(regex) => Some(regex),
        Err(_) => {
            notes.push(format!("The pattern that the published schema gives for `{}` cannot be used.", field.name));
            None
        }
    }
}

impl Rule {
    /// What the schema says in words, and the only values it allows.
    pub(crate) fn about(&self) -> (Option<String>, Vec<String>) {
        (self.field.description.clone(), self.field.constraints.allowed.clone())
    }

    /// The title that the schema gives.
    pub(crate) const fn field(&self) -> &PublishedField {
        &self.field
    }

    /// A field as the rule's kind wants it: empty when it stands for no value, `true` or `false` for the schema's own words,
    /// numbers without what stands around them.
    pub(crate) fn normal<'a>(&self, field: &'a [u8]) -> Cow<'a, [u8]> {
        let value = trim(field);
        let is = |words: &[String]| words.iter().any(|word| trim(word.as_bytes()) == value);
        let missing = match &self.missing {
            Some(words) => value.is_empty() || is(words),
            None => value.is_empty() || (!self.is_textual() && null::is_null_token(value)),
        };
        if missing {
            return Cow::Borrowed(&[]);
        }
        match self.field.field_type {
            FieldType::Boolean if is(&self.field.true_values) => Cow::Borrowed(b"true"),
            FieldType::Boolean if is(&self.field.false_values) => Cow::Borrowed(b"false"),
            FieldType::Boolean if value == b"1" && self.field.true_values.is_empty() => Cow::Borrowed(b"true"),
            FieldType::Boolean if value == b"0" && self.field.false_values.is_empty() => Cow::Borrowed(b"false"),
            FieldType::Integer | FieldType::Number => self.normal_number(value),
            FieldType::GeoPoint => point_text(value),
            _ if self.is_textual() => Cow::Borrowed(field),
            _ => Cow::Borrowed(value),
        }
    }

    fn normal_number<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        let decimal = self.field.decimal_char.unwrap_or('.');
        let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let group = self.field.group_char;
        if decimal == '.' && group.is_none() && (self.field.bare_number || value.iter().all(plain)) {
            return Cow::Borrowed(value);
        }
        let text = String::from_utf8_lossy(value);
        let text = if self.field.bare_number {
            text.as_ref()
        } else {
            text.trim_matches(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '-' | '+') || sign == decimal))
        };
        let text: String = text
            .chars()
            .filter(|sign| Some(*sign) != group)
            .map(|sign| if sign == decimal { '.' } else { sign })
            .collect();
        Cow::Owned(text.into_bytes())
    }

    const fn is_textual(&self) -> bool {
        matches!(
            self.field.field_type,
            FieldType::String
                | FieldType::Time
                | FieldType::YearMonth
                | FieldType::Duration
                | FieldType::GeoJson
                | FieldType::Object
                | FieldType::Array
                | FieldType::Any
        )
    }

    /// Whether the column's type is inferred all the same.
    pub(crate) fn is_inferred(&self) -> bool {
        self.field.field_type == FieldType::Any
    }

    /// Lets a value widen what is known of the column: digits before and after the mark, zones. Values that break the rule
    /// leave no trace; they go to the quarantine.
    pub(crate) fn see(&self, value: &[u8], profile: &mut Profile) {
        if self.is_inferred() {
            profile.see(value);
            return;
        }
        if self.is_textual() || value.is_empty() {
            profile.filled |= !value.is_empty();
            return;
        }
        let mut alone = Profile::default();
        match self.field.field_type {
            FieldType::Integer | FieldType::Number | FieldType::Year => {
                let Some(found) = scan_number(value) else { return };
                alone.styles = found.styles;
                alone.dot = (found.whole_dot, found.scale_dot);
                alone.float = found.exponent;
                alone.values = 1;
            }
            FieldType::Date | FieldType::DateTime => {
                alone.see(value);
                if alone.orders & self.order().unwrap_or(date::ANY_ORDER) == 0 {
                    return;
                }
            }
            _ => alone.see(value),
        }
        profile.values += 1;
        profile.filled = true;
        profile.float |= alone.float;
        profile.dot = (profile.dot.0.max(alone.dot.0), profile.dot.1.max(alone.dot.1));
        for (mine, theirs) in profile.clocks.iter_mut().zip(alone.clocks) {
            *mine |= theirs;
        }
        if alone.orders != 0 {
            profile.orders &= alone.orders;
        }
    }

    /// The reading that the schema asks for. `None` when the type is inferred.
    pub(crate) fn reading(&self, profile: &Profile) -> Option<Reading> {
        Some(match self.field.field_type {
            FieldType::Any => return None,
            FieldType::Integer | FieldType::Year => Reading::Integer { style: DOT },
            FieldType::Number => {
                let (whole, scale) = profile.dot;
                let wide = whole.saturating_add(scale) > number::DECIMAL_DIGITS_MAX;
                if profile.float || scale > number::SCALE_MAX || wide {
                    Reading::Float { style: DOT }
                } else {
                    Reading::Decimal { style: DOT, scale: scale.max(1) }
                }
            }
            FieldType::Boolean => Reading::Boolean,
            FieldType::Date => Reading::Date { order: self.order_for(profile) },
            FieldType::DateTime => {
                let [_, civil, zoned] = profile.clocks;
                Reading::Timestamp { order: self.order_for(profile), utc: zoned && !civil }
            }
            FieldType::GeoPoint => Reading::Point,
            FieldType::String
            | FieldType::Time
            | FieldType::YearMonth
            | FieldType::Duration
            | FieldType::GeoJson
            | FieldType::Object
            | FieldType::Array => Reading::Text,
        })
    }

    /// The order of a date's parts that the schema's format names; ISO 8601 when it names none.
    fn order(&self) -> Option<date::Orders> {
        let Some(format) = &self.field.format else { return Some(date::YMD) };
        if format == "any" {
            return None;
        }
        let place = |words: &[&str]| words.iter().filter_map(|word| format.find(word)).min();
        let day = place(&["%d", "%e", "dd", "d"]);
        let short =
            !format.contains("%Y") && (format.contains("%y") || (format.contains("yy") && !format.contains("yyyy")));
        let named = ["%b", "%B", "MMM"].iter().any(|word| format.contains(word));
        let month = place(&["%m", "MM", "M"]);
        let year = place(&["%Y", "%y", "yy"]);
        let solid = matches!(format.as_str(), "%Y%m%d" | "yyyyMMdd");
        Some(match (day, month, year) {
            _ if named => date::NAMED,
            _ if solid => date::COMPACT,
            (Some(day), Some(month), Some(year)) if year > day => match (day < month, short) {
                (true, true) => date::DMY2,
                (true, false) => date::DMY,
                (false, true) => date::MDY2,
                (false, false) => date::MDY,
            },
            _ => date::YMD,
        })
    }

    fn order_for(&self, profile: &Profile) -> date::Orders {
        self.order().unwrap_or_else(|| {
            let open = profile.orders;
            [date::YMD, date::DMY, date::MDY, date::DMY2, date::MDY2, date::COMPACT, date::NAMED]
                .into_iter()
                .find(|order| open & order != 0)
                .unwrap_or(date::YMD)
        })
    }

    /// Judges a normal value: its kind, then the constraints.
    fn judge(&self, value: &[u8], reading: Reading) -> Option<&'static str> {
        let constraints = &self.field.constraints;
        if value.is_empty() {
            return constraints.required.then_some("value is missing");
        }
        if let Some(why) = judge_kind(value, reading) {
            return Some(why);
        }
        let text = || String::from_utf8_lossy(value);
        if !constraints.allowed.is_empty() && !constraints.allowed.iter().any(|allowed| self.same(allowed, value)) {
            return Some("not among the allowed values");
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(&text())) {
            return Some("does not match the pattern");
        }
        if constraints.min_length.is_some() || constraints.max_length.is_some() {
            let length = u64::try_from(text().chars().count()).unwrap_or(u64::MAX);
            if constraints.min_length.is_some_and(|least| length < least) {
                return Some("too short");
            }
            if constraints.max_length.is_some_and(|most| length > most) {
                return Some("too long");
            }
        }
        if constraints
            .minimum
            .as_ref()
            .is_some_and(|least| self.compare(value, least, reading).is_some_and(|o| o.is_lt()))
        {
            return Some("below the minimum");
        }
        if constraints
            .maximum
            .as_ref()
            .is_some_and(|most| self.compare(value, most, reading).is_some_and(|o| o.is_gt()))
        {
            return Some("above the maximum");
        }
        None
    }

    fn same(&self, allowed: &str, value: &[u8]) -> bool {
        self.normal(allowed.as_bytes()).as_ref() == value
    }

    fn compare(&self, value: &[u8], bound: &str, reading: Reading) -> Option<std::cmp::Ordering> {
        let bound = self.normal(bound.as_bytes());
        match reading {
            Reading::Integer { .. } | Reading::Decimal { .. } | Reading::Float { .. } => {
                number::parse_float(value, DOT)?.partial_cmp(&number::parse_float(&bound, DOT)?)
            }
            Reading::Date { order } | Reading::Timestamp { order, .. } => {
                let micros = |text: &[u8], order| date::scan(text).and_then(|moment| moment.micros(order));
                let bound = micros(&bound, order).or_else(|| micros(&bound, date::YMD))?;
                Some(micros(value, order)?.cmp(&bound))
            }
            _ => Some(value.cmp(bound.as_ref())),
        }
    }

    /// A cell of a format that has types of its own, as the rule wants it.
    pub(crate) fn normal_cell(&self, cell: &Cell) -> Vec<u8> {
        let text = cell_text(cell);
        // A date of the format's own has no order of parts; it is given the one that the schema expects.
        if matches!(cell, Cell::Date(_) | Cell::Timestamp { .. })
            && let (Some((date, time)), Some(order)) = (text.split_at_checked(10), self.order())
            && let [year, month, day] = date.split('-').collect::<Vec<_>>()[..]
        {
            return match order {
                date::DMY => format!("{day}/{month}/{year}{time}"),
                date::MDY => format!("{month}/{day}/{year}{time}"),
                date::COMPACT => format!("{year}{month}{day}{time}"),
                _ => text,
            }
            .into_bytes();
        }
        self.normal(text.as_bytes()).into_owned()
    }
}

/// A number in plain digits; unlike inference this allows leading zeros and any length.
fn scan_number(value: &[u8]) -> Option<number::Number> {
    let digits = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next());
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if !(whole.is_empty() && fraction.is_none_or(<[u8]>::is_empty))
        && all_digits(whole)
        && fraction.is_none_or(all_digits)
    {
        let size = |part: &[u8]| u8::try_from(part.len()).unwrap_or(u8::MAX);
        let (whole, scale) = (size(whole), fraction.map_or(0, size));
        return Some(number::Number {
            styles: DOT,
            whole_dot: whole,
            scale_dot: scale,
            whole_comma: whole,
            scale_comma: 0,
            marked: scale > 0,
            exponent: false,
        });
    }
    // With an exponent.
    let text = std::str::from_utf8(value).ok()?;
    let finite = text.parse::<f64>().is_ok_and(f64::is_finite) && text.bytes().any(|byte| byte.is_ascii_digit());
    finite.then_some(number::Number {
        styles: DOT,
        whole_dot: 1,
        scale_dot: 1,
        whole_comma: 1,
        scale_comma: 0,
        marked: true,
        exponent: true,
    })
}

fn judge_kind(value: &[u8], reading: Reading) -> Option<&'static str> {
    let moment = |order| date::scan(value).filter(|moment| moment.orders() & order != 0);
    let (fits, why) = match reading {
        Reading::Integer { .. } => {
            let plain = scan_number(value).is_some_and(|number| number.scale_dot == 0);
            (plain && number::parse_integer(value, DOT).is_some(), "not an integer")
        }
        Reading::Decimal { scale, .. } => {
            (scan_number(value).is_some() && number::parse_decimal(value, DOT, scale).is_some(), "not a number")
        }
        Reading::Float { .. } => {
            (scan_number(value).is_some() && number::parse_float(value, DOT).is_some(), "not a number")
        }
        Reading::Boolean => {
            (boolean::scan(value).is_some_and(|(pair, _)| pair & boolean::NATIVE != 0), "not a boolean")
        }
        Reading::Date { order } => {
            (moment(order).is_some_and(|moment| moment.clock == date::Clock::Day), "not a date in the declared format")
        }
        Reading::Timestamp { order, utc } => (
            moment(order).is_some_and(|moment| !utc || moment.clock == date::Clock::Zoned),
            "not a date and time in the declared format",
        ),
        Reading::Point => (shape::to_wkb(value, &mut Vec::new()) == Some(true), "not a position"),
        Reading::Geometry => (shape::to_wkb(value, &mut Vec::new()).is_some(), "not a shape"),
        Reading::Text => (true, ""),
    };
    (!fits).then_some(why)
}

/// `lon, lat`, `[lon, lat]` or `{"lon": …, "lat": …}` as well-known text.
fn point_text(value: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(value) else { return Cow::Borrowed(value) };
    let numbers: Vec<&str> = text
        .split(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-' | '+' | 'e' | 'E')))
        .filter(|part| part.bytes().any(|byte| byte.is_ascii_digit()))
        .collect();
    match numbers.as_slice() {
        [x, y] => {
            let swapped = text.find("lat").zip(text.find("lon")).is_some_and(|(lat, lon)| lat < lon);
            let (x, y) = if swapped { (y, x) } else { (x, y) };
            Cow::Owned(format!("POINT ({x} {y})").into_bytes())
        }
        _ => Cow::Borrowed(value),
    }
}
