//! Where a table begins among the rows of a file, and what its columns are called.
//!
//! Files put titles above the header, spread the header over two rows, or have none. The rows are judged by how full they
//! are and by whether their cells could be values of the columns below.

use crate::infer::{Profile, null};
use crate::names::clean_title;

/// Rows of a sample that are looked at.
pub(crate) const SAMPLE_ROWS: usize = 1_000;
/// Rows that may stand above the header.
const PREAMBLE_ROWS_MAX: usize = 60;
/// Rows that a header may have.
const HEADER_ROWS_MAX: usize = 4;
/// Rows below a header by which it is judged.
const JUDGE_ROWS: usize = 200;
/// Rows of words that may stand between the first full row and the header.
const LATER_ROWS_MAX: usize = 6;
/// Years in headers of time series.
const YEARS: std::ops::RangeInclusive<u32> = 1_900..=2_100;

/// What is known of the header beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HeaderHints {
    /// Whether there is one, when a publisher says so.
    pub(crate) present: Option<bool>,
    /// Rows in it, when a publisher says so.
    pub(crate) rows: Option<usize>,
    /// Rows above it, when a publisher says so.
    pub(crate) skip: Option<usize>,
}

/// How the rows of a file make a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Rows above the header.
    pub(crate) preamble_rows: usize,
    /// Rows of the header; 0 when there is none.
    pub(crate) header_rows: usize,
    /// The columns' titles, empty where the file gives none. Their number is the table's width.
    pub(crate) titles: Vec<String>,
    /// The fewest fields that a row of text may have; the rest of it is empty.
    pub(crate) fields_min: usize,
    /// What people should know, in sentences.
    pub(crate) notes: Vec<String>,
}

impl Layout {
    /// The first row of data.
    pub(crate) const fn first_data(&self) -> usize {
        self.preamble_rows + self.header_rows
    }
}

/// Finds the table among the first rows of a file.
pub(crate) fn find(rows: &[Vec<String>], hints: HeaderHints) -> Layout {
    let Some(mut start) = find_start(rows, hints) else { return Layout::default() };
    if hints.present.is_none()
        && hints.skip.is_none()
        && let Some(later) = find_later_header(rows, start)
    {
        start = later;
    }
    let below: Vec<&Vec<String>> = rows.iter().skip(start + 1).filter(|row| filled(row) > 0).take(JUDGE_ROWS).collect();
    let first = rows.get(start).map(Vec::as_slice).unwrap_or_default();
    // Texts over columns of values in the second row make a first row with gaps a header too.
    let further = further_header_rows(rows, start);
    let has_header = hints.present.unwrap_or_else(|| further > 0 || is_header(first, &below));
    let header_rows = match (has_header, hints.rows) {
        (false, _) => 0,
        (true, Some(rows)) => rows.max(1),
        (true, None) => 1 + further,
    };
    let mut notes = Vec::new();
    let preamble: Vec<String> =
        rows.iter().take(start).map(|row| join_cells(row)).filter(|text| !text.is_empty()).collect();
    if !preamble.is_empty() {
        notes.push(format!("Above the table: {}", shorten(&preamble.join(" / "))));
    }
    let header = rows.get(start..start + header_rows).unwrap_or_default();
    let data: Vec<&Vec<String>> =
        rows.iter().skip(start + header_rows).filter(|row| filled(row) > 0).take(SAMPLE_ROWS).collect();
    let width = find_width(header, &data, &mut notes);
    let mut titles = join_header(header);
    titles.resize(width, String::new());
    if header_rows == 0 && !data.is_empty() {
        notes.push("The file has no header; its columns are named by their place.".to_owned());
    }
    let fields_min = find_fields_min(header_rows, width, &data, &mut notes);
    Layout { preamble_rows: start, header_rows, titles, fields_min, notes }
}

/// The fewest fields that a row may have: as many as there are columns, or fewer where the header names more than any row has
/// and most rows have as many as each other. One field less in one row among others is a fault of that row.
fn find_fields_min(header_rows: usize, width: usize, data: &[&Vec<String>], notes: &mut Vec<String>) -> usize {
    let widest = data.iter().map(|row| row.len()).max().unwrap_or(width);
    let usual = data.iter().filter(|row| row.len() == widest).count();
    let short = header_rows > 0 && data.len() > 1 && widest > 1 && widest < width && widest * 2 >= width;
    if !short || usual * 3 < data.len() * 2 {
        return width;
    }
    notes.push(format!("The header names {width} columns where rows have {widest} fields; the last ones are empty."));
    widest
}

/// Cells with something in them.
fn fill(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

/// Cells up to the last with something in it.
pub(crate) fn filled(row: &[String]) -> usize {
    row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1)
}

/// The cells of a row that is text rather than data, in one.
pub(crate) fn join_cells(row: &[String]) -> String {
    row.iter().filter(|cell| !cell.is_empty()).map(|cell| clean_title(cell)).collect::<Vec<_>>().join(" ")
}

/// Cuts a text that goes into a note.
pub(crate) fn shorten(text: &str) -> String {
    const NOTE_CHARS_MAX: usize = 400;
    if text.chars().count() <= NOTE_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(NOTE_CHARS_MAX).chain(['…']).collect()
}

/// The row in which the table begins: the first that is at least half as full as the rows usually are.
fn find_start(rows: &[Vec<String>], hints: HeaderHints) -> Option<usize> {
    if let Some(skip) = hints.skip {
        return rows.iter().enumerate().skip(skip).find(|(_, row)| filled(row) > 0).map(|(at, _)| at);
    }
    let first = rows.iter().position(|row| filled(row) > 0)?;
    let mut fills: Vec<usize> = rows.iter().skip(first).map(|row| fill(row)).filter(|fill| *fill > 0).collect();
    fills.sort_unstable();
    let usual = fills.get(fills.len() / 2).copied().unwrap_or(1);
    let need = if usual <= 1 { 1 } else { usual.div_ceil(2).max(2) };
    let start = rows.iter().take(first + PREAMBLE_ROWS_MAX).position(|row| fill(row) >= need).unwrap_or(first);
    if usual == 2 && start == first + 1 && names_second_column(rows, first) {
        return Some(first);
    }
    Some(if usual <= 1 && start > first { first } else { start })
}

/// A header some rows below words that fill as many cells but stand over nothing: notes that were written across a sheet. Words
/// alone may be a header of columns without values, so what comes later has to stand over values, and to be fuller.
fn find_later_header(rows: &[Vec<String>], start: usize) -> Option<usize> {
    let below_of = |at: usize| -> Vec<&Vec<String>> {
        rows.iter().skip(at + 1).filter(|row| filled(row) > 0).take(JUDGE_ROWS).collect()
    };
    let first = rows.get(start)?;
    let words = |row: &Vec<String>| !row.iter().any(|cell| is_value(cell));
    if !words(first) || is_header(first, &below_of(start)) || further_header_rows(rows, start) > 0 {
        return None;
    }
    let above = rows.iter().skip(start).take_while(|row| words(row)).take(LATER_ROWS_MAX + 1).count();
    (start + 1..start + above).find(|at| {
        let Some(row) = rows.get(*at) else { return false };
        let below = below_of(*at);
        let fuller = rows.iter().take(*at).skip(start).all(|other| fill(other) < fill(row));
        let own =
            row.iter().enumerate().all(|(at, cell)| cell.is_empty() || !row.iter().take(at).any(|other| other == cell));
        below.len() > 1 && fuller && own && header_score(row, &below) >= 3
    })
}

/// `"","x"` above rows of two, as R writes what has names: the first column has no name. Titles stand in the first column, or
/// have a header below them that tells itself by the values under it.
fn names_second_column(rows: &[Vec<String>], at: usize) -> bool {
    let Some([corner, name]) = rows.get(at).map(Vec::as_slice) else { return false };
    let Some((next, below)) = rows.get(at + 1..).and_then(<[_]>::split_first) else { return false };
    let below: Vec<&Vec<String>> = below.iter().filter(|row| filled(row) > 0).take(JUDGE_ROWS).collect();
    corner.is_empty() && !is_value(name) && next.len() == 2 && header_score(next, &below) <= 0
}

/// Whether a row names columns rather than being one of them.
///
/// Each cell bears witness. A text over a column of numbers, dates or truth values speaks for a header; a value of the
/// column's own kind speaks against it, except a year in a row of years (time series are laid out so). Without witnesses,
/// as in a table of texts, the first row is the header: that is what files do.
fn is_header(row: &[String], below: &[&Vec<String>]) -> bool {
    if below.is_empty() {
        return row.iter().all(|cell| cell.is_empty() || !is_value(cell));
    }
    header_score(row, below) >= 0
}

/// How much speaks for a header, more than against one.
fn header_score(row: &[String], below: &[&Vec<String>]) -> i32 {
    let years = is_year_series(row);
    let corner = has_open_corner(row, below);
    let mut score = 0i32;
    for (at, cell) in row.iter().enumerate().skip(usize::from(corner)) {
        let column: Vec<&str> = below
            .iter()
            .filter(|other| other.as_slice() != row)
            .filter_map(|other| other.get(at))
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
            .collect();
        score += witness(cell, &column, years);
    }
    score
}

/// Whether the first cell alone is empty, over a column without gaps, and all others are texts of their own: the names of rows
/// have no name, as R and pandas write tables.
fn has_open_corner(row: &[String], below: &[&Vec<String>]) -> bool {
    let Some((corner, names)) = row.split_first() else { return false };
    let names = names.get(..filled(names)).unwrap_or_default();
    let own = |(at, name): (usize, &String)| {
        !name.is_empty() && !is_value(name) && !names.iter().take(at).any(|other| other == name)
    };
    corner.is_empty()
        && !names.is_empty()
        && names.iter().enumerate().all(own)
        && below.iter().filter(|other| other.first().is_some_and(|cell| !cell.is_empty())).count() * 5
            >= below.len() * 4
}

fn witness(cell: &str, column: &[&str], years: bool) -> i32 {
    if column.is_empty() {
        return 0;
    }
    if cell.is_empty() {
        return -1;
    }
    let mut profile = Profile::default();
    for value in column {
        profile.see(value.as_bytes());
    }
    let typed = !profile.is_text() && profile.values > 0 && (profile.families == 0 || profile.values > 1);
    if typed {
        let before = profile.clone();
        let fits = {
            profile.see(cell.as_bytes());
            !profile.is_text() && profile.values > before.values
        };
        let number = before.styles != 0;
        return match (fits, null::is_null_token(cell.as_bytes())) {
            (true, _) if years && number && is_year(cell) => 1,
            (true, _) => -3,
            (false, true) => -1,
            (false, false) => 3,
        };
    }
    // In a column of texts a header is a text of its own.
    if is_value(cell) && !years {
        return if column.iter().filter(|value| is_value(value)).count() * 2 > column.len() { -2 } else { 0 };
    }
    if column.len() > 1 && column.contains(&cell) { -1 } else { 0 }
}

/// Whether a text alone is a number, date or the like.
fn is_value(cell: &str) -> bool {
    let mut profile = Profile::default();
    profile.see(cell.as_bytes());
    profile.values > 0 && (profile.styles != 0 || profile.orders != 0)
}

fn is_year(cell: &str) -> bool {
    cell.parse::<u32>().is_ok_and(|year| YEARS.contains(&year))
}

/// Whether the numbers of a row are years that go up or down: `Region, 2010, 2011, 2012`.
fn is_year_series(row: &[String]) -> bool {
    let numbers: Vec<&String> = row.iter().filter(|cell| is_value(cell)).collect();
    let years: Vec<u32> =
        numbers.iter().filter_map(|cell| cell.parse().ok()).filter(|year| YEARS.contains(year)).collect();
    // What the years stand beside has a name, or the corner of the table is left open.
    let corner = row.first().is_some_and(String::is_empty);
    let texts = corner || row.iter().any(|cell| !cell.is_empty() && !is_value(cell));
    let rising = years.windows(2).all(|pair| pair[0] < pair[1]);
    let falling = years.windows(2).all(|pair| pair[0] > pair[1]);
    !years.is_empty() && years.len() == numbers.len() && texts && (rising || falling)
}

/// Rows below the first that belong to the header too: where the first has gaps or repeats itself (merged cells), and texts
/// stand over columns of other values.
fn further_header_rows(rows: &[Vec<String>], start: usize) -> usize {
    let Some(first) = rows.get(start) else { return 0 };
    let width = filled(first);
    let merged = first.windows(2).take(width).any(|pair| match pair {
        [left, right] => right.is_empty() || left == right,
        _ => false,
    });
    if !merged {
        return 0;
    }
    let mut more = 0;
    while more + 1 < HEADER_ROWS_MAX {
        let Some(row) = rows.get(start + 1 + more) else { break };
        let rest: Vec<&Vec<String>> =
            rows.iter().skip(start + 2 + more).filter(|row| filled(row) > 0).take(JUDGE_ROWS).collect();
        let second = more == 0 && fills_gaps(first, row, &rest);
        if rest.len() < 2 || fill(row) == 0 || !(second || is_further_header(row, &rest)) {
            break;
        }
        more += 1;
    }
    more
}

/// Whether a second row names what the first left open, as questionnaires are exported: nearly every gap of the first has a text
/// in it, and what the first row names for good is empty here and filled further down.
fn fills_gaps(first: &[String], row: &[String], rest: &[&Vec<String>]) -> bool {
    let is_empty = |row: &[String], at: usize| row.get(at).is_none_or(String::is_empty);
    let width = filled(first).max(filled(row));
    let (mut gaps, mut named, mut settled) = (0_usize, 0_usize, false);
    for at in 0..width {
        match (is_empty(first, at), is_empty(row, at)) {
            (true, false) => (gaps, named) = (gaps + 1, named + 1),
            (true, true) => gaps += 1,
            (false, true) => settled |= rest.iter().filter(|other| !is_empty(other, at)).count() * 5 >= rest.len() * 4,
            (false, false) => {}
        }
    }
    named >= 2 && named * 5 >= gaps * 4 && settled && !row.iter().any(|cell| is_value(cell))
}

fn is_further_header(row: &[String], rest: &[&Vec<String>]) -> bool {
    let (mut texts, mut values) = (0u32, 0u32);
    for (at, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let column: Vec<&str> =
            rest.iter().filter_map(|other| other.get(at)).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        match witness(cell, &column, is_year_series(row)) {
            3.. | 1 => texts += 1,
            ..=-2 => values += 1,
            _ => {}
        }
    }
    texts > 0 && values == 0
}

/// Joins the rows of a header: what spans several columns is repeated for each.
fn join_header(header: &[Vec<String>]) -> Vec<String> {
    let width = header.iter().map(|row| filled(row)).max().unwrap_or(0);
    let mut titles = vec![String::new(); width];
    for (level, row) in header.iter().enumerate() {
        let last = level + 1 == header.len();
        let mut spanning = "";
        for (at, title) in titles.iter_mut().enumerate() {
            let own = row.get(at).map_or("", String::as_str);
            if !own.is_empty() {
                spanning = own;
            }
            let named_below = header.iter().skip(level + 1).any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()));
            let part = if own.is_empty() && !last && named_below { spanning } else { own };
            if !part.is_empty() && title != part {
                if !title.is_empty() {
                    title.push(' ');
                }
                title.push_str(part);
            }
        }
    }
    titles.iter().map(|title| clean_title(title.trim_start_matches('#'))).collect()
}

/// How many columns the table has: as many as the header names, more where most rows do, fewer where the last ones are
/// nameless and empty.
fn find_width(header: &[Vec<String>], data: &[&Vec<String>], notes: &mut Vec<String>) -> usize {
    let named = header.iter().map(|row| filled(row)).max().unwrap_or(0);
    let mut widths = std::collections::BTreeMap::<usize, usize>::new();
    for row in data {
        *widths.entry(filled(row)).or_default() += 1;
    }
    if named == 0 {
        // Without a header: the most frequent width; the greater one of two.
        let most = widths.values().copied().max().unwrap_or(0);
        let usual = widths.iter().filter(|(_, rows)| **rows == most).map(|(width, _)| *width).max().unwrap_or(0);
        // Empty fields at the end count as long as every row has them.
        let given = data.iter().map(|row| row.len()).min().unwrap_or(0);
        return usual.max(given.min(data.iter().map(|row| filled(row)).max().unwrap_or(0))).max(1);
    }
    let wider = widths.iter().filter(|(width, _)| **width > named).max_by_key(|(_, rows)| **rows);
    if let Some((width, rows)) = wider
        && rows * 3 >= data.len() * 2
    {
        notes.push(format!(
            "Rows have {width} fields where the header names {named}; the others are named by their place."
        ));
        return *width;
    }
    // Nameless columns at the end count where rows have values there, and few do not fit otherwise.
    let given = header.iter().map(Vec::len).max().unwrap_or(named);
    let reach = data.iter().map(|row| filled(row)).filter(|width| *width <= given).max().unwrap_or(0);
    named.max(reach)
}

/// Words that notes below a table begin with, in several languages.
const FOOTNOTE_WORDS: [&str; 31] = [
    "source",
    "sources",
    "note",
    "notes",
    "fuente",
    "fonte",
    "fonti",
    "quelle",
    "quellen",
    "fußnote",
    "fußnoten",
    "fussnoten",
    "footnote",
    "footnotes",
    "legende",
    "legend",
    "légende",
    "stand",
    "bron",
    "nota",
    "notas",
    "anmerkung",
    "hinweis",
    "copyright",
    "©",
    "*",
    "(*)",
    "remark",
    "remarque",
    "lecture",
    "champ",
];

/// How many of the last rows are footnotes: notes that stand alone in a table of several columns, below a blank row, with a
/// usual first word, or with fewer fields than the table. Blank rows among them count along.
pub(crate) fn footnotes(rows: &[Vec<String>], width: usize) -> usize {
    if width < 2 {
        return 0;
    }
    let alone = |row: &Vec<String>| fill(row) == 1 && row.first().is_some_and(|cell| !cell.is_empty());
    let text = |row: &Vec<String>| row.first().cloned().unwrap_or_default();
    let worded = |row: &Vec<String>| {
        let lower = text(row).to_lowercase();
        FOOTNOTE_WORDS.iter().any(|word| {
            lower.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|sign: char| sign.is_alphanumeric()))
        })
    };
    let prose = |row: &Vec<String>| {
        let text = text(row);
        text.split_whitespace().count() >= 3 && !is_value(&text)
    };
    let narrow = |row: &Vec<String>| alone(row) && (width >= 3 || row.len() < width) && (worded(row) || prose(row));
    // `***`, `Region:`, `1.;Until 1992 for the west alone`: in lines of one or two fields where the table has four or more.
    let remark = |row: &Vec<String>| {
        let drawn = |cell: &String| cell.chars().all(|sign| !sign.is_alphanumeric());
        let spoken = |cell: &String| cell.split_whitespace().count() >= 3 && !is_value(cell);
        width >= 4
            && row.len() <= 2
            && (row.iter().all(drawn)
                || row.iter().any(spoken)
                || alone(row) && (text(row).ends_with(':') || worded(row)))
    };
    let note = |row: &&Vec<String>| fill(row) == 0 || narrow(row) || remark(row);
    let tail = rows.iter().rev().take(PREAMBLE_ROWS_MAX).take_while(note).count();
    let tail = tail.min(rows.len().saturating_sub(1));
    let last = rows.get(rows.len() - tail..).unwrap_or_default();
    let begin = last.iter().position(|row| fill(row) == 0 || worded(row) || row.len() < width);
    let notes = begin.and_then(|at| last.get(at..)).unwrap_or_default();
    // Where the rows of data have but one value too, a sentence is a row like the others.
    let above = rows.get(..rows.len() - notes.len()).unwrap_or_default();
    let (lone, full) = above
        .iter()
        .filter(|row| fill(row) > 0)
        .fold((0_usize, 0_usize), |(lone, full), row| if alone(row) { (lone + 1, full) } else { (lone, full + 1) });
    if lone > full && !notes.iter().any(worded) {
        return 0;
    }
    if notes.iter().any(|row| fill(row) > 0) { notes.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.split('\n').map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
    }

    #[test]
    fn headers_are_found_where_they_stand() {
        let cases: [(&str, usize, usize, &[&str]); 25] = [
            ("id|name\n1|a\n2|b", 0, 1, &["id", "name"]),
            ("a|b|c\nd|e|f", 0, 1, &["a", "b", "c"]),
            ("1|english\n2|german\n3|x", 0, 0, &["", ""]),
            ("1|null|0|0\n2|0|0|null\n3|null||", 0, 0, &["", "", "", ""]),
            ("Title of it||\nFoo|Bar|Baz\nx|y|z\nu|v|w", 1, 1, &["Foo", "Bar", "Baz"]),
            (
                "Title\n\nYear|2000|2001|2002\nTimber|2666|2274|1877\nOther|1|2|3",
                2,
                1,
                &["Year", "2000", "2001", "2002"],
            ),
            ("id||age\n1|John|30\n2|Julie|26", 0, 1, &["id", "", "age"]),
            ("|1985|1993|2000\nsurgeons|.|379|575\nothers|5|1|2", 0, 1, &["", "1985", "1993", "2000"]),
            ("id|1|2|3\nname|germany|france|spain\npop|83|66|47", 0, 1, &["id", "1", "2", "3"]),
            ("2|only", 0, 0, &["", ""]),
            ("kitten|win", 0, 1, &["kitten", "win"]),
            ("a|b\n1|2|3\n4|5|6\n7|8|9", 0, 1, &["a", "b", ""]),
            ("a|b|\n1|2|\n4|5|", 0, 1, &["a", "b"]),
            (
                "2010||2011|\nmen|women|men|women\n1|2|3|4\n5|6|7|8",
                0,
                2,
                &["2010 men", "2010 women", "2011 men", "2011 women"],
            ),
            ("col|col2\nx|not known\ny|2\nz|3", 0, 1, &["col", "col2"]),
            (
                "Id|How much?|||Region\n|A lot|Some|None|Response\nx1|A lot|||North\nx2||Some||South\nx3|||None|East",
                0,
                2,
                &["Id", "How much? A lot", "How much? Some", "How much? None", "Region Response"],
            ),
            ("Name|Town||\nAda|Paris|tall|red\nJo|Rome|small|blue", 0, 0, &["", "", "", ""]),
            ("", 0, 0, &[]),
            ("value\n01\n002", 0, 1, &["value"]),
            ("|x\n1|5.3\n2|6.1", 0, 1, &["", "x"]),
            ("|Content\nV1|Do you like it?\nV2|Do you need it?", 0, 1, &["", "Content"]),
            ("|name|city\n0|ann|rome\n1|bob|oslo\n2|cy|rome", 0, 1, &["", "name", "city"]),
            (
                "All of them\nwho|like|notes||in the sheet\nor|cells|||merged\nName|Trade|Age|Kids|Town\nAnn|baker|69|yes|Rome\nBo|actor|60|no|Oslo",
                3,
                1,
                &["Name", "Trade", "Age", "Kids", "Town"],
            ),
            ("|Content of it\nName|Size\nOak|21\nElm|18", 1, 1, &["Name", "Size"]),
            ("Date|From|To|Plane|Note\n1|a|b|x\n2|b|c|y", 0, 1, &["Date", "From", "To", "Plane", "Note"]),
        ];
        for (text, preamble, header, titles) in cases {
            let layout = find(&rows(text), HeaderHints::default());
            assert_eq!((layout.preamble_rows, layout.header_rows), (preamble, header), "{text}");
            assert_eq!(layout.titles, titles, "{text}");
        }
    }

    #[test]
    fn footnotes_are_cut_and_data_is_not() {
        let cases = [
            ("1|2|3\n4|5|6\n||\nSource: the office||\nNote: of interest||", 3),
            ("1|2|3\n4|5|6\nSource: the office||", 1),
            ("1|2|3\n4|5|6\nSource: the office", 1),
            ("1|2|3\na|5|6\nTotal|9|12", 0),
            ("1|2|3\n4|5|6\nSomething alone||", 0),
            ("1|2|3\n4|5|6\n||\nFuente: Presupuesto de Egresos||", 2),
            ("a|b\nSource|x", 0),
            ("Source: all||", 0),
            (
                "a|1|2|3\nb|4|5|6\n\n****\nFootnotes\n****\n1.|Until 1992 for the west alone\nStatus:\n Staff:|Since 1994 all of them",
                7,
            ),
            ("a|1|2|3\nb|4|5|6\nc|7", 0),
            ("a|1|2|3\nb|4|5|6\ncut off", 0),
            ("a page of it|\nb page of it|\n|\na longer page of it|", 0),
        ];
        for (text, expected) in cases {
            let rows = rows(text);
            assert_eq!(footnotes(&rows, rows[0].len()), expected, "{text}");
        }
    }
}
