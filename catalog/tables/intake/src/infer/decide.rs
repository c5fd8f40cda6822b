//! The decision what each column of a file holds.

use super::number::{self, COMMA, COMMA_STYLES, DOT, DOT_STYLES, Styles};
use super::{Profile, Reading, boolean, date};

/// What is known besides the values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// The language of the dataset, such as `it` or `en-us`.
    pub(crate) language: Option<String>,
    /// What stands between the fields of delimited text.
    pub(crate) delimiter: Option<u8>,
}

/// How all columns are read, and what was assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// One for each column.
    pub(crate) readings: Vec<Reading>,
    /// The decimal mark of the file's decimals, where it has any.
    pub(crate) decimal_mark: Option<char>,
    /// What was assumed, in sentences.
    pub(crate) notes: Vec<String>,
}

/// Rows of eight digits that have to be dates before they are taken for dates without a name that says so.
const COMPACT_DATES_MIN: u64 = 30;
/// Words that a column of dates has in its name, in several languages.
const DATE_WORDS: [&str; 16] = [
    "date", "datum", "data", "fecha", "jour", "day", "giorno", "tag", "dia", "dt", "ymd", "yyyymmdd", "stichtag",
    "dato", "päivä", "dzien",
];

/// Decides what every column holds. `names` are the columns' titles.
pub(crate) fn decide(profiles: &[Profile], names: &[String], hints: &Hints) -> Decision {
    let mut decision = Decision::default();
    let mark = mark_evidence(profiles);
    let day_first = day_first_evidence(profiles);
    for (at, profile) in profiles.iter().enumerate() {
        let name = names.get(at).map_or("", String::as_str);
        let reading = decide_one(profile, name, mark, day_first, hints, &mut decision.notes);
        decision.readings.push(reading);
    }
    decision.decimal_mark = decision.readings.iter().find_map(|reading| match reading {
        Reading::Decimal { style, .. } | Reading::Float { style } => {
            Some(if style & DOT_STYLES != 0 { '.' } else { ',' })
        }
        _ => None,
    });
    decision
}

/// The decimal mark that columns without doubt bear witness for: the point (true) or the comma (false).
fn mark_evidence(profiles: &[Profile]) -> Option<bool> {
    let marked = profiles.iter().filter(|profile| profile.values > 0 && profile.marked);
    let (mut dots, mut commas) = (0u32, 0u32);
    // Numbers whose marks can only stand between thousands, by which mark that is.
    let (mut dotted, mut comma_ed) = (0u32, 0u32);
    for profile in marked {
        match (profile.styles & DOT_STYLES != 0, profile.styles & COMMA_STYLES != 0) {
            (true, false) => dots += 1,
            (false, true) => commas += 1,
            (true, true) if profile.groups.are_thousands() => {
                if profile.dot.1 > 0 {
                    dotted += 1
                } else {
                    comma_ed += 1
                }
            }
            _ => {}
        }
    }
    if (dots, commas) == (0, 0) {
        (dots, commas) = (comma_ed, dotted);
    }
    (dots != commas).then_some(dots > commas)
}

/// Whether columns without doubt put the day before the month.
fn day_first_evidence(profiles: &[Profile]) -> Option<bool> {
    let (mut days, mut months) = (0u32, 0u32);
    for profile in profiles.iter().filter(|profile| profile.values > 0) {
        match (profile.orders & date::DAY_FIRST != 0, profile.orders & date::MONTH_FIRST != 0) {
            (true, false) => days += 1,
            (false, true) => months += 1,
            _ => {}
        }
    }
    (days != months).then_some(days > months)
}

fn decide_one(
    profile: &Profile,
    name: &str,
    mark: Option<bool>,
    day_first: Option<bool>,
    hints: &Hints,
    notes: &mut Vec<String>,
) -> Reading {
    if profile.values == 0 || profile.is_text() {
        return Reading::Text;
    }
    if profile.shapes {
        return if profile.points { Reading::Point } else { Reading::Geometry };
    }
    if profile.families != 0 {
        let both = profile.polarity == [true, true];
        let clear = profile.families & boolean::CLEAR != 0;
        return if both || clear { Reading::Boolean } else { Reading::Text };
    }
    let compact_only = profile.orders == date::COMPACT && profile.styles != 0;
    let dates = profile.orders != 0 && (!compact_only || profile.values >= COMPACT_DATES_MIN || names_a_date(name));
    if dates {
        return decide_date(profile, name, day_first, hints, notes);
    }
    if profile.styles != 0 {
        return decide_number(profile, name, mark, hints, notes);
    }
    Reading::Text
}

fn names_a_date(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|sign: char| !sign.is_alphanumeric()).any(|word| {
        DATE_WORDS.contains(&word)
            || ["date", "datum", "fecha"].iter().any(|end| word.starts_with(end) || word.ends_with(end))
    })
}

fn decide_date(
    profile: &Profile,
    name: &str,
    day_first: Option<bool>,
    hints: &Hints,
    notes: &mut Vec<String>,
) -> Reading {
    let [days, civil, zoned] = profile.clocks;
    if zoned && (days || civil) {
        return Reading::Text;
    }
    let open = profile.orders & (date::DAY_FIRST | date::MONTH_FIRST);
    let undecided = open & date::DAY_FIRST != 0 && open & date::MONTH_FIRST != 0;
    let orders = if undecided {
        let (first, why) = match (day_first, month_first_language(hints)) {
            (Some(first), _) => (first, "as in the file's other dates"),
            (None, true) => (false, "as is usual in the dataset's language"),
            (None, false) => (true, "which nothing in the file contradicts"),
        };
        let order = if first { "day before month" } else { "month before day" };
        notes.push(format!("The dates of `{name}` are read with the {order}, {why}."));
        profile.orders & if first { date::DAY_FIRST } else { date::MONTH_FIRST }
    } else {
        profile.orders
    };
    let order = orders & orders.wrapping_neg();
    if order & (date::DMY2 | date::MDY2) != 0 {
        notes.push(format!(
            "The years of `{name}` have two digits: 69 to 99 are read as 1969 to 1999, others as 2000 to 2068."
        ));
    }
    if civil || zoned { Reading::Timestamp { order, utc: zoned } } else { Reading::Date { order } }
}

/// English as it is written in the United States; the tag `en` alone is taken for it.
fn month_first_language(hints: &Hints) -> bool {
    hints.language.as_deref().is_some_and(|tag| matches!(tag, "en" | "en-us"))
}

fn decide_number(profile: &Profile, name: &str, mark: Option<bool>, hints: &Hints, notes: &mut Vec<String>) -> Reading {
    let (dot, comma) = (profile.styles & DOT_STYLES, profile.styles & COMMA_STYLES);
    let ambiguous = dot != 0 && comma != 0 && profile.dot.1 != profile.comma.1;
    let with_dot = if ambiguous {
        let (with_dot, why) = guess_mark(profile, mark, hints);
        let sign = if profile.dot.1 > 0 { '.' } else { ',' };
        let role = if (sign == '.') == with_dot { "decimal mark" } else { "mark between thousands" };
        notes.push(format!("In `{name}`, `{sign}` is read as the {role}, {why}."));
        with_dot
    } else {
        dot != 0
    };
    let (styles, (whole, scale)) = if with_dot { (dot, profile.dot) } else { (comma, profile.comma) };
    let style: Styles = styles & styles.wrapping_neg();
    debug_assert!(style == DOT || style == COMMA || style != 0);
    if profile.float || scale > number::SCALE_MAX || whole.saturating_add(scale) > number::DECIMAL_DIGITS_MAX {
        return if whole > number::DECIMAL_DIGITS_MAX && scale == 0 && !profile.float {
            Reading::Text
        } else {
            Reading::Float { style }
        };
    }
    if scale == 0 { Reading::Integer { style } } else { Reading::Decimal { style, scale } }
}

/// `1.234` and `1,234` alone: what the file's other columns do, then what its delimiter and language suggest.
fn guess_mark(profile: &Profile, mark: Option<bool>, hints: &Hints) -> (bool, &'static str) {
    if let Some(with_dot) = mark {
        return (with_dot, "as in the file's other numbers");
    }
    let primary = hints.language.as_deref().map(|tag| tag.split('-').next().unwrap_or(tag));
    let point_language = primary.map(|tag| matches!(tag, "en" | "zh" | "ja" | "ko" | "he" | "th" | "ga" | "mt"));
    let by_dot = profile.dot.1 > 0;
    match (by_dot, hints.delimiter, point_language) {
        // A point is far more often a decimal mark than a thousands mark, except where the language says otherwise.
        (true, _, Some(false)) if hints.delimiter == Some(b';') => (false, "as is usual in the dataset's language"),
        (true, _, _) => (true, "which nothing in the file contradicts"),
        (false, _, Some(false)) => (false, "as is usual in the dataset's language"),
        (false, Some(b';'), None) => (false, "as is usual where `;` stands between fields"),
        (false, _, _) => (true, "which nothing in the file contradicts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairground_domain::ColumnType;

    fn profile(values: &[&str]) -> Profile {
        let mut profile = Profile::default();
        for value in values {
            profile.see(value.as_bytes());
        }
        profile
    }

    fn column(name: &str, values: &[&str]) -> ColumnType {
        decide(&[profile(values)], &[name.to_owned()], &Hints::default()).readings[0].column_type()
    }

    #[test]
    fn a_column_is_what_all_its_values_are() {
        use ColumnType::{Boolean, Date, Decimal, Float, Geometry, Integer, Point, Text, Timestamp};
        let cases: [(&[&str], ColumnType); 44] = [
            (&["1", "2", "", "-3"], Integer),
            (&["1", "n/a", "3"], Integer),
            (&["1", "two"], Text),
            (&["01", "002"], Text),
            (&["0164A", "0165"], Text),
            (&["123", "012"], Text),
            (&["1.5", "2"], Decimal { scale: 1 }),
            (&["1.5", "2.25", "-"], Decimal { scale: 2 }),
            (&["1,5", "2"], Decimal { scale: 1 }),
            (&["1.234,56", "2"], Decimal { scale: 2 }),
            (&["1,234.56", "12.5"], Decimal { scale: 2 }),
            (&["1 234,56"], Decimal { scale: 2 }),
            (&["1'234.56"], Decimal { scale: 2 }),
            (&["1.5", "1,5"], Text),
            (&["1.2e-3", "5"], Float),
            (&["45.54780618306145"], Float),
            (&["123456789012345678"], Text),
            (&["+39 030 1234567", "030 1234"], Text),
            (&["12%", "13%"], Text),
            (&["EUR 5"], Text),
            (&["true", "false"], Boolean),
            (&["TRUE", "TRUE"], Boolean),
            (&["yes", "no"], Boolean),
            (&["yes", "yes"], Text),
            (&["y", "n"], Boolean),
            (&["y", "y"], Text),
            (&["Ja", "Nein"], Boolean),
            (&["0", "1"], Integer),
            (&["yes", "nein"], Text),
            (&["yes", "1"], Text),
            (&["2024-01-01", "2024-12-31"], Date),
            (&["31/12/2024", "01/02/2024"], Date),
            (&["12/31/2024", "01/02/2024"], Date),
            (&["31/12/2024", "12/31/2024"], Text),
            (&["31.12.2024", "n/a"], Date),
            (&["2024-01-01", "2024-01-01T10:00:00"], Timestamp { utc: false }),
            (&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], Timestamp { utc: true }),
            (&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], Text),
            (&["20240101", "20240131"], Integer),
            (&["POINT (1 2)", "POINT (3 4)"], Point),
            (&["POINT (1 2)", "LINESTRING (1 2, 3 4)"], Geometry),
            (&["", ""], Text),
            (&["n/a", "-"], Text),
            (&[], Text),
        ];
        for (values, expected) in cases {
            assert_eq!(column("x", values), expected, "{values:?}");
        }
        assert_eq!(column("Start date", &["20240101", "20240131"]), Date);
    }

    #[test]
    fn columns_of_a_file_bear_witness_for_each_other() {
        let read = |columns: &[&[&str]], hints: &Hints| {
            let profiles: Vec<_> = columns.iter().map(|values| profile(values)).collect();
            let names: Vec<_> = (0..columns.len()).map(|at| format!("c{at}")).collect();
            decide(&profiles, &names, hints)
        };
        let plain = Hints::default();
        let alone = read(&[&["03/04/2024"]], &plain);
        assert_eq!(alone.readings, [Reading::Date { order: date::DMY }]);
        assert!(alone.notes[0].contains("day before month"), "{:?}", alone.notes);
        let american = Hints { language: Some("en-us".to_owned()), delimiter: None };
        assert_eq!(read(&[&["03/04/2024"]], &american).readings, [Reading::Date { order: date::MDY }]);
        let witnessed = read(&[&["03/04/2024"], &["04/13/2024"]], &plain);
        assert_eq!(witnessed.readings[0], Reading::Date { order: date::MDY });
        let thousands = read(&[&["1,234"], &["1.5"]], &plain);
        assert_eq!(thousands.readings[0].column_type(), ColumnType::Integer);
        let decimals = read(&[&["1,234"], &["0,5"]], &plain);
        assert_eq!(decimals.readings[0].column_type(), ColumnType::Decimal { scale: 3 });
        assert_eq!(decimals.decimal_mark, Some(','));
        let alone = read(&[&["1,234"]], &plain);
        assert_eq!(alone.readings[0].column_type(), ColumnType::Integer);
        assert!(alone.notes[0].contains("thousands"), "{:?}", alone.notes);
        let points = read(&[&["1.234"]], &plain);
        assert_eq!(points.readings[0].column_type(), ColumnType::Decimal { scale: 3 });
        // Neither a fixed number of decimals nor zeros left out at the end: thousands, and those beside them too.
        let grouped = read(&[&["1.230", "379", "2.003"], &["4.321", "5"]], &plain);
        let kinds: Vec<_> = grouped.readings.iter().map(|reading| reading.column_type()).collect();
        assert_eq!(kinds, [ColumnType::Integer, ColumnType::Integer], "{:?}", grouped.notes);
        for values in [&["1.230", "1.500", "2.003"][..], &["1.234", "379"], &["1.230", "1379"], &["1.230", "0"]] {
            let fixed = read(&[values], &plain);
            assert_eq!(fixed.readings[0].column_type(), ColumnType::Decimal { scale: 3 }, "{values:?}");
        }
        let contradicted = read(&[&["1.230", "379"], &["1.5"]], &plain);
        assert_eq!(contradicted.readings[0].column_type(), ColumnType::Decimal { scale: 3 });
    }

    #[test]
    fn parts_merge_to_what_the_whole_gives() {
        let values = ["1", "2.5", "", "n/a", "1,5", "2024-01-01", "true", "x", "0,1", "31/12/2024"];
        for split in 0..values.len() {
            for end in split..values.len() {
                let mut parts = profile(&values[..split]);
                parts.merge(&profile(&values[split..end]));
                let whole = profile(&values[..end]);
                let names = ["x".to_owned()];
                let decided = |profile: &Profile| decide(std::slice::from_ref(profile), &names, &Hints::default());
                assert_eq!(decided(&parts), decided(&whole), "{:?}", &values[..end]);
            }
        }
    }
}
