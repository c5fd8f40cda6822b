//! Repairs at work: the tables of one file go by, row after row.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{RARE_GROUPS_MAX, RareRows, Repair, RepairError, Repairs, value};
use crate::names::ByHash;
use crate::report::mask;
use crate::rules::EXAMPLES_KEPT;
use crate::screen::is_null;

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Its place in the list, from 1.
    pub place: usize,
    /// Tables that it met.
    pub tables: u64,
    /// Cells that it changed, or that went with their column.
    pub cells: u64,
    /// Of these, cells that it could not read, and emptied.
    pub unread: u64,
    /// Rows that it left out.
    pub rows_left_out: u64,
    /// The first of what it changed.
    pub examples: Vec<Example>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Before: every letter is `x`, every digit `9`.
    pub before: String,
    /// After; in this form too where a mask left characters.
    pub after: String,
}

/// Applies repairs to tables, row by row.
///
/// ```
/// use fairground_screen::repair::{Mending, Repairs};
/// let list = serde_json::from_str(r#"[{"do": "drop", "column": "name"}, {"do": "date", "column": "born", "to": "decade"}]"#)?;
/// let mut mending = Mending::new(list);
/// assert_eq!(mending.begin_table("members", &["name", "born", "town"])?, ["born", "town"]);
/// assert_eq!(mending.row(&["Ada Example", "1984-05-06", "Oxcombe"]), Some(&["1980-1989".to_owned(), "Oxcombe".to_owned()][..]));
/// assert_eq!(mending.finish()?[0].cells, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where [`Repairs::need_counting`], all tables go by a first time, with [`Self::count_table`] and [`Self::count_row`].
#[derive(Debug)]
pub struct Mending {
    repairs: Repairs,
    touched: Vec<Touched>,
    table: Bound,
    /// Rows by combination of values, by table in their order and repair.
    groups: Vec<Vec<(usize, ByHash<u32>)>>,
    tables: usize,
    row: Vec<String>,
    ragged: u64,
}

/// Repairs bound to the columns of the table that goes by.
#[derive(Debug, Default)]
struct Bound {
    /// For every column the repairs of it.
    columns: Vec<Cells>,
    /// Repairs that met a column.
    met: Vec<usize>,
    /// Repairs of rare rows with their columns, by place among all columns.
    rare: Vec<(usize, Vec<usize>)>,
    /// Places of the columns that stay.
    kept: Vec<usize>,
}

#[derive(Debug, Clone, Default)]
struct Cells {
    /// The repair that drops the column.
    dropped: Option<usize>,
    /// Repairs that change its values, by place in the list.
    changed: Vec<usize>,
}

impl Mending {
    /// Repairs that have met no table.
    pub fn new(repairs: Repairs) -> Self {
        let touched = (1..=repairs.list().len())
            .map(|place| Touched { place, tables: 0, cells: 0, unread: 0, rows_left_out: 0, examples: Vec::new() })
            .collect();
        Self { repairs, touched, table: Bound::default(), groups: Vec::new(), tables: 0, row: Vec::new(), ragged: 0 }
    }

    /// Begins to count the rows of a table.
    ///
    /// # Errors
    /// When no column would be left.
    pub fn count_table<S: AsRef<str>>(&mut self, name: &str, columns: &[S]) -> Result<(), RepairError> {
        self.table = self.bind(name, columns)?;
        self.groups.push(self.table.rare.iter().map(|(at, _)| (*at, ByHash::default())).collect());
        Ok(())
    }

    /// Counts a row.
    ///
    /// # Errors
    /// When there are more combinations of values than are counted.
    pub fn count_row<S: AsRef<str>>(&mut self, cells: &[S]) -> Result<(), RepairError> {
        if cells.len() > self.table.columns.len() && cells.iter().skip(self.table.columns.len()).any(filled) {
            return Ok(());
        }
        change(&self.repairs, &self.table, cells, &mut self.row, None);
        let Some(groups) = self.groups.last_mut() else { return Ok(()) };
        for ((at, places), (_, counts)) in self.table.rare.iter().zip(groups) {
            let count = counts.entry(combination(&self.row, places)).or_insert(0);
            *count = count.saturating_add(1);
            if counts.len() > RARE_GROUPS_MAX {
                return Err(RepairError::TooManyGroups(at + 1));
            }
        }
        Ok(())
    }

    /// Begins to repair a table; its columns as they are after.
    ///
    /// # Errors
    /// When no column would be left, or its rows had to be counted before and were not.
    pub fn begin_table<S: AsRef<str>>(&mut self, name: &str, columns: &[S]) -> Result<Vec<String>, RepairError> {
        self.table = self.bind(name, columns)?;
        self.tables += 1;
        if !self.table.rare.is_empty() && self.groups.len() < self.tables {
            return Err(RepairError::NotCounted);
        }
        for at in &self.table.met {
            if let Some(touched) = self.touched.get_mut(*at) {
                touched.tables += 1;
            }
        }
        Ok(self.table.kept.iter().filter_map(|at| columns.get(*at).map(|column| label(*at, column))).collect())
    }

    /// A row as it is after; `None` where it goes.
    ///
    /// A row with more cells than the table has columns goes: nobody knows which column they are of.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) -> Option<&[String]> {
        if cells.len() > self.table.columns.len() && cells.iter().skip(self.table.columns.len()).any(filled) {
            self.ragged += 1;
            return None;
        }
        change(&self.repairs, &self.table, cells, &mut self.row, Some(&mut self.touched));
        if !self.suppress_rare() {
            return None;
        }
        // What stays moves to the front.
        let (mut length, width) = (0, self.row.len());
        for at in self.table.kept.iter().copied().filter(|at| *at < width) {
            self.row.swap(length, at);
            length += 1;
        }
        self.row.get(..length)
    }

    /// Rows that went because they had more cells than their table has columns.
    pub const fn ragged(&self) -> u64 {
        self.ragged
    }

    /// What every repair did, in their order.
    ///
    /// # Errors
    /// When a repair met no column of any table.
    pub fn finish(self) -> Result<Vec<Touched>, RepairError> {
        let idle = self.touched.iter().zip(self.repairs.list()).find(|(touched, _)| touched.tables == 0);
        match idle {
            Some((touched, repair)) => {
                Err(RepairError::NoSuchColumn { place: touched.place, column: repair.columns().join(" + ") })
            }
            None => Ok(self.touched),
        }
    }

    fn bind<S: AsRef<str>>(&self, name: &str, columns: &[S]) -> Result<Bound, RepairError> {
        let labels: Vec<String> = columns.iter().enumerate().map(|(at, column)| label(at, column)).collect();
        let mut bound = Bound { columns: vec![Cells::default(); labels.len()], ..Bound::default() };
        for (at, repair) in self.repairs.list().iter().enumerate() {
            if repair.table().is_some_and(|table| table != name) {
                continue;
            }
            let wanted = repair.columns();
            // A name that several columns have means all of them.
            let places: Vec<Vec<usize>> = wanted.iter().map(|column| places(&labels, column.trim())).collect();
            if places.iter().any(Vec::is_empty) {
                continue;
            }
            bound.met.push(at);
            if matches!(repair, Repair::SuppressRare { .. }) {
                bound.rare.push((at, places.concat()));
                continue;
            }
            for place in places.concat() {
                let Some(cells) = bound.columns.get_mut(place) else { continue };
                match repair {
                    Repair::Drop { .. } => cells.dropped = cells.dropped.or(Some(at)),
                    _ => cells.changed.push(at),
                }
            }
        }
        bound.kept = (0..).zip(&bound.columns).filter(|(_, cells)| cells.dropped.is_none()).map(|(at, _)| at).collect();
        if bound.kept.is_empty() && !labels.is_empty() {
            return Err(RepairError::NothingLeft(name.to_owned()));
        }
        Ok(bound)
    }

    /// Empties what is rare in the row; whether it stays.
    fn suppress_rare(&mut self) -> bool {
        let Some(groups) = self.tables.checked_sub(1).and_then(|at| self.groups.get(at)) else {
            return self.table.rare.is_empty();
        };
        // Every repair judges the row as it was counted, before another one empties it.
        let mut rare: Vec<usize> = Vec::new();
        for (nth, ((at, places), (_, counts))) in self.table.rare.iter().zip(groups).enumerate() {
            let count = counts.get(&combination(&self.row, places)).copied().unwrap_or(0);
            let Some(Repair::SuppressRare { below, rows, .. }) = self.repairs.list().get(*at) else { continue };
            if count >= *below {
                continue;
            }
            if *rows == RareRows::LeaveOut {
                if let Some(touched) = self.touched.get_mut(*at) {
                    touched.rows_left_out += 1;
                }
                return false;
            }
            rare.push(nth);
        }
        for (at, places) in rare.iter().filter_map(|nth| self.table.rare.get(*nth)) {
            for place in places {
                if let (Some(cell), Some(touched)) = (self.row.get_mut(*place), self.touched.get_mut(*at))
                    && !cell.is_empty()
                {
                    touched.note(cell, "", false);
                    cell.clear();
                }
            }
        }
        true
    }
}

impl Touched {
    fn note(&mut self, before: &str, after: &str, masked: bool) {
        self.cells += 1;
        if self.examples.len() < EXAMPLES_KEPT {
            let after = if masked { mask(after) } else { after.to_owned() };
            let example = Example { before: mask(before), after };
            if !self.examples.contains(&example) {
                self.examples.push(example);
            }
        }
    }
}

/// Puts a row into `row` with the repairs of single cells applied; dropped cells are empty.
fn change<S: AsRef<str>>(
    repairs: &Repairs,
    table: &Bound,
    cells: &[S],
    row: &mut Vec<String>,
    mut touched: Option<&mut Vec<Touched>>,
) {
    row.resize_with(cells.len().min(table.columns.len()), String::new);
    for ((to, from), plan) in row.iter_mut().zip(cells).zip(&table.columns) {
        to.clear();
        let from = from.as_ref();
        if let Some(at) = plan.dropped {
            if let Some(touched) = touched.as_mut().and_then(|touched| touched.get_mut(at))
                && !from.trim().is_empty()
            {
                touched.note(from.trim(), "", false);
            }
            continue;
        }
        to.push_str(from);
        for at in &plan.changed {
            let text = to.trim();
            if text.is_empty() || is_null(text) {
                break;
            }
            let Some((after, read)) = repairs.list().get(*at).map(|repair| changed(repair, text)) else { continue };
            if after == text {
                continue;
            }
            if let Some(touched) = touched.as_mut().and_then(|touched| touched.get_mut(*at)) {
                touched.unread += u64::from(!read);
                touched.note(text, &after, matches!(repairs.list().get(*at), Some(Repair::Mask { .. })));
            }
            *to = after;
        }
    }
}

/// A value after a repair, and whether the repair could read it.
fn changed(repair: &Repair, text: &str) -> (String, bool) {
    let after = match repair {
        Repair::Drop { .. } => Some(String::new()),
        Repair::Mask { start, end, .. } => Some(value::mask(text, *start, *end)),
        Repair::Date { to, .. } => value::years(text, *to),
        Repair::Band { width, bottom, top, .. } => value::band(text, *width, *bottom, *top),
        Repair::Grid { step, .. } => value::grid(text, *step),
        Repair::Prefix { keep, .. } => Some(value::prefix(text, *keep)),
        Repair::SuppressSmall { below, .. } => {
            Some(if value::is_small(text, *below) { String::new() } else { text.to_owned() })
        }
        Repair::SuppressRare { .. } => Some(text.to_owned()),
    };
    after.map_or((String::new(), false), |after| (after, true))
}

/// Where the columns of a name are.
fn places(labels: &[String], wanted: &str) -> Vec<usize> {
    labels.iter().enumerate().filter(|(_, label)| label.as_str() == wanted).map(|(place, _)| place).collect()
}

fn combination(row: &[String], places: &[usize]) -> u64 {
    let text = |place: &usize| row.get(*place).map_or("", |cell| cell.trim());
    places.iter().fold(1, |hash, place| xxh3_64_with_seed(text(place).as_bytes(), hash))
}

fn filled<S: AsRef<str>>(cell: &S) -> bool {
    !cell.as_ref().trim().is_empty()
}

/// What a column is called in reports and repairs.
fn label<S: AsRef<str>>(at: usize, column: S) -> String {
    match column.as_ref().trim() {
        "" => format!("column {}", at + 1),
        name => name.to_owned(),
    }
}
