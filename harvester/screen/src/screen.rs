//! The screen itself: tables and texts in, a report out.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cell::Sign;
use crate::column::Column;
use crate::context::Context;
use crate::decide::decide;
use crate::fold::fold;
use crate::groups::{Counter, take};
use crate::header::Meaning;
use crate::kind::{Kind, Verdict};
use crate::report::{Finding, Report, Screened};
use crate::rules::{COLUMNS_MAX, Rules, TABLES_MAX};

/// What is screened together: the tables and texts of one file or dataset.
///
/// ```
/// use fairground_screen::{Rules, Screen, Verdict};
/// let mut screen = Screen::new(Rules::default());
/// screen.begin_table("members", &["name", "iban"]);
/// screen.row(2, &["Ada Example", "DE89370400440532013000"]);
/// screen.end_table();
/// let report = screen.finish();
/// assert_eq!(report.verdict, Verdict::Hold);
/// ```
pub struct Screen {
    rules: Rules,
    table: Option<Table>,
    /// What other threads have seen of the table.
    parts: Vec<Table>,
    report: Report,
    /// Counters of tables of persons, by the table's name and columns, to compare the next version with.
    counters: Vec<(String, Vec<String>, Counter)>,
    previous: Vec<(String, Vec<String>, Counter)>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Screen").field("report", &self.report).finish_non_exhaustive()
    }
}

/// A table whose rows go by.
struct Table {
    name: String,
    columns: Vec<Column>,
    rows: u64,
    /// Columns that together may single out persons, and the rows by their values.
    quasi: Vec<usize>,
    counter: Counter,
    /// It is a document of lines, not a table.
    prose: bool,
}

/// Rows in which names are looked for in the e-mail address of the same row.
const ECHO_ROWS: u64 = 2_000;

/// Columns of a table that is screened by several threads, at most: each of them keeps some tens of kilobytes of every column.
const PARTS_COLUMNS_MAX: usize = 512;

/// A place for some of a table's rows; see [`Screen::parts`].
pub struct Part<'a> {
    table: &'a mut Table,
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Part").field("rows", &self.table.rows).finish_non_exhaustive()
    }
}

impl Part<'_> {
    /// Takes a row, as [`Screen::row`] does.
    pub fn row<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) {
        self.table.look(number, cells);
    }
}

/// How combinations of the version before were counted: what a screen keeps for the next one.
#[derive(Debug, Clone, Default)]
pub struct Baseline(Vec<(String, Vec<String>, Counter)>);

/// The form in which a baseline is written down.
const BASELINE_FORM: u8 = 1;
/// Groups of a table that are written down; of more, a sample by hash.
const GROUPS_KEPT: usize = 1 << 16;

impl Baseline {
    /// Whether there is nothing to compare with: no table told of persons.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As bytes, to be kept until the next version comes. They hold names of tables and columns, and digests: no value.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![BASELINE_FORM];
        for (name, columns, counter) in self.0.iter().take(TABLES_MAX) {
            write_text(name, &mut out);
            out.extend(u64::try_from(columns.len()).unwrap_or_default().to_le_bytes());
            columns.iter().for_each(|column| write_text(column, &mut out));
            counter.write(GROUPS_KEPT, &mut out);
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (form, mut rest) = bytes.split_first()?;
        let mut tables = Vec::new();
        while *form == BASELINE_FORM && !rest.is_empty() {
            let name = read_text(&mut rest)?;
            let count = u64::from_le_bytes(take(&mut rest)?);
            let columns = (0..count).map(|_| read_text(&mut rest)).collect::<Option<Vec<String>>>()?;
            tables.push((name, columns, Counter::read(&mut rest)?));
        }
        (*form == BASELINE_FORM).then_some(Self(tables))
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend(u64::try_from(text.len()).unwrap_or_default().to_le_bytes());
    out.extend(text.as_bytes());
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(u64::from_le_bytes(take(bytes)?)).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

impl Screen {
    /// A screen that has seen nothing.
    pub fn new(rules: Rules) -> Self {
        let report = Report {
            verdict: Verdict::Pass,
            rules: rules.version.to_owned(),
            findings: Vec::new(),
            screened: Vec::new(),
            re_identification: Vec::new(),
            notes: Vec::new(),
        };
        Self { rules, table: None, parts: Vec::new(), report, counters: Vec::new(), previous: Vec::new() }
    }

    /// Compares with an earlier version: what became unique since is told.
    #[must_use]
    pub fn against(mut self, baseline: Baseline) -> Self {
        self.previous = baseline.0;
        self
    }

    /// Begins a table; the one before is ended. Names may be empty where a file gives none.
    pub fn begin_table<S: AsRef<str>>(&mut self, name: &str, columns: &[S]) {
        self.end_table();
        if columns.len() > COLUMNS_MAX {
            let over = columns.len() - COLUMNS_MAX;
            self.report
                .notes
                .push(format!("`{name}`: {over} columns beyond the first {COLUMNS_MAX} were not screened."));
        }
        let columns: Vec<Column> = columns
            .iter()
            .take(COLUMNS_MAX)
            .enumerate()
            .map(|(at, name)| match name.as_ref().trim() {
                "" => Column::nameless(format!("column {}", at + 1)),
                name => Column::new(name),
            })
            .collect();
        let quasi = quasi_identifiers(&columns);
        self.table =
            Some(Table { name: name.to_owned(), columns, rows: 0, quasi, counter: Counter::new(), prose: false });
    }

    /// Takes a row. `number` is how the format counts it; cells beyond the table's columns join the last column.
    pub fn row<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) {
        if let Some(table) = self.table.as_mut().filter(|table| !table.prose) {
            table.see(number, cells);
        }
    }

    /// Places for the rows that follow, each for a thread of its own. Rows may be dealt to them as one likes, as long as each gets
    /// its rows in their order: the report is as if all had gone through [`Self::row`]. None at the beginning of a table, where
    /// rows are looked at together, none for documents, and none for tables so wide that memory would not allow it.
    pub fn parts(&mut self, count: usize) -> Vec<Part<'_>> {
        let Some(table) = self.table.as_ref().filter(|table| !table.prose) else { return Vec::new() };
        if table.rows < ECHO_ROWS || table.columns.len() > PARTS_COLUMNS_MAX {
            return Vec::new();
        }
        let begin = self.parts.len();
        self.parts.extend((0..count).map(|_| table.part()));
        self.parts.iter_mut().skip(begin).map(|table| Part { table }).collect()
    }

    /// Ends a table and decides what was found in it.
    pub fn end_table(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        let Some(mut table) = self.table.take() else { return };
        parts.into_iter().for_each(|part| table.merge(part));
        let (mut findings, context) = decide(&table.name, &table.columns, &self.rules);
        if table.prose {
            findings.iter_mut().for_each(|finding| finding.table.clear());
        }
        self.tell(findings);
        self.screened(&table, &context);
        self.judge_groups(table, context);
    }

    /// Takes a text that is no table: a description, a title. `place` is where it stands.
    pub fn text(&mut self, place: &str, text: &str) {
        self.begin_text(place);
        for (at, line) in text.lines().enumerate() {
            self.line(u64::try_from(at + 1).unwrap_or(u64::MAX), line);
        }
        self.end_table();
    }

    /// Begins a document that is no table; its lines follow.
    pub fn begin_text(&mut self, place: &str) {
        self.end_table();
        let columns = vec![Column::nameless(place.to_owned())];
        let quasi = Vec::new();
        self.table =
            Some(Table { name: place.to_owned(), columns, rows: 0, quasi, counter: Counter::new(), prose: true });
    }

    /// Takes a line or paragraph of a document.
    pub fn line(&mut self, number: u64, text: &str) {
        let text = text.trim();
        if let Some(table) = self.table.as_mut().filter(|table| table.prose && !text.is_empty()) {
            table.rows += 1;
            if let Some(column) = table.columns.first_mut() {
                column.see_text(number, text);
            }
        }
    }

    /// Takes a document's property (`creator`, `lastModifiedBy`): names of persons in it are noted.
    pub fn property(&mut self, place: &str, value: &str) {
        let traits = crate::cell::look(value.trim(), true);
        let email = traits.has(Sign::EmailPersonal);
        let name = traits.has(Sign::NameBoth) || (traits.has(Sign::NameShape) && traits.has(Sign::Surname));
        if value.trim().is_empty() || !(email || name) {
            return;
        }
        self.tell(vec![Finding {
            table: String::new(),
            column: place.to_owned(),
            kind: Kind::DocumentProperty,
            scheme: None,
            rows: 1,
            share: 1.0,
            confidence: if email { 0.95 } else { 0.8 },
            outcome: Verdict::Notes,
            rule: "document-property/name".to_owned(),
            why: "A document's properties name a person; they go out with the file.".to_owned(),
            row_numbers: Vec::new(),
            examples: vec![crate::report::mask(value.trim())],
        }]);
    }

    /// Notes what the reader of a file has to say, such as parts that could not be read.
    pub fn note(&mut self, note: String) {
        self.report.notes.push(note);
    }

    /// What was found.
    pub fn finish(self) -> Report {
        self.finish_with_baseline().0
    }

    /// What was found, and what the next version is compared with.
    pub fn finish_with_baseline(mut self) -> (Report, Baseline) {
        self.end_table();
        self.report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.outcome));
        (self.report, Baseline(self.counters))
    }

    fn tell(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.report.verdict = self.report.verdict.max(finding.outcome);
            self.report.findings.push(finding);
        }
    }

    fn screened(&mut self, table: &Table, context: &Context) {
        let columns = if table.prose { 0 } else { u64::try_from(table.columns.len()).unwrap_or(u64::MAX) };
        let subject = context.subject().to_owned();
        self.push_screened(Screened { name: table.name.clone(), rows: table.rows, columns, subject });
    }

    fn push_screened(&mut self, screened: Screened) {
        match self.report.screened.len() {
            TABLES_MAX => self
                .report
                .notes
                .push(format!("More than {TABLES_MAX} tables and texts; further ones are screened, but not listed.")),
            known if known > TABLES_MAX => return,
            _ => {}
        }
        if self.report.screened.len() <= TABLES_MAX {
            self.report.screened.push(screened);
        }
    }

    fn judge_groups(&mut self, table: Table, context: Context) {
        let columns: Vec<String> =
            table.quasi.iter().filter_map(|at| table.columns.get(*at)).map(|column| column.name.clone()).collect();
        if columns.len() < 2 || !context.rows_are_persons() || context.official || table.counter.rows() == 0 {
            return;
        }
        let previous = self.previous.iter().find(|(name, others, _)| *name == table.name && *others == columns);
        let previous = previous.or_else(|| self.previous.iter().find(|(_, others, _)| *others == columns));
        let groups = table.counter.summary(&table.name, columns.clone(), previous.map(|(_, _, counter)| counter));
        if groups.smallest < self.rules.group_least {
            let has = |wanted: &[Meaning]| {
                table.quasi.iter().filter_map(|at| table.columns.get(*at)).any(|column| column.meanings.any(wanted))
            };
            let fine = has(&[Meaning::BirthDate, Meaning::BirthYear, Meaning::Age])
                && has(&[Meaning::Postcode, Meaning::City, Meaning::BirthPlace, Meaning::Occupation]);
            let exposed =
                groups.unique_share >= self.rules.unique_share || groups.became_unique.is_some_and(|rows| rows > 0);
            let outcome = if fine && exposed && !context.is_of_the_dead() && columns.len() >= 3 && table.rows >= 20 {
                Verdict::Hold
            } else {
                Verdict::Notes
            };
            self.tell(vec![Finding {
                table: table.name.clone(),
                column: columns.join(" + "),
                kind: Kind::ReIdentification,
                scheme: None,
                rows: groups.unique,
                share: (groups.unique_share * 1_000.0).round() / 1_000.0,
                confidence: 0.9,
                outcome,
                rule: "re-identification/groups".to_owned(),
                why: format!(
                    "The smallest group that agrees in these columns has {} rows; {:.1} % of all rows are alone.",
                    groups.smallest,
                    groups.unique_share * 100.0
                ),
                row_numbers: Vec::new(),
                examples: Vec::new(),
            }]);
        }
        self.report.re_identification.push(groups);
        self.counters.push((table.name, columns, table.counter));
    }
}

/// Columns that, taken together, may single out a person.
const QUASI: &[Meaning] = &[
    Meaning::Age,
    Meaning::AgeGroup,
    Meaning::BirthDate,
    Meaning::BirthYear,
    Meaning::BirthPlace,
    Meaning::Sex,
    Meaning::Postcode,
    Meaning::City,
    Meaning::Occupation,
    Meaning::Nationality,
    Meaning::Education,
    Meaning::Marital,
];
/// Columns that are taken together at most, the first ones.
const QUASI_MAX: usize = 8;

fn quasi_identifiers(columns: &[Column]) -> Vec<usize> {
    let plain = |column: &Column| {
        column.meanings.any(QUASI)
            && !column.meanings.any(&[
                Meaning::Count,
                Meaning::Organisation,
                Meaning::Official,
                Meaning::GivenName,
                Meaning::Surname,
                Meaning::FullName,
                Meaning::Phone,
                Meaning::Code,
            ])
    };
    let found: Vec<usize> =
        columns.iter().enumerate().filter(|(_, column)| plain(column)).map(|(at, _)| at).take(QUASI_MAX).collect();
    let person = [Meaning::Age, Meaning::AgeGroup, Meaning::BirthDate, Meaning::BirthYear, Meaning::Sex];
    if found.iter().filter_map(|at| columns.get(*at)).any(|column| column.meanings.any(&person)) {
        found
    } else {
        Vec::new()
    }
}

impl Table {
    fn see<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) {
        self.look(number, cells);
        if self.rows <= ECHO_ROWS {
            self.note_echoes(cells);
        }
    }

    /// The same table without rows.
    fn part(&self) -> Self {
        Self {
            name: String::new(),
            columns: self.columns.iter().map(Column::part).collect(),
            rows: 0,
            quasi: self.quasi.clone(),
            counter: Counter::new(),
            prose: self.prose,
        }
    }

    fn merge(&mut self, part: Self) {
        self.rows += part.rows;
        self.columns.iter_mut().zip(part.columns).for_each(|(mine, theirs)| mine.merge(theirs));
        self.counter.merge(part.counter);
    }

    /// Looks at each cell, and at what the row says about a person.
    fn look<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) {
        self.rows += 1;
        let width = self.columns.len();
        for (at, cell) in cells.iter().enumerate() {
            let text = trimmed(cell.as_ref());
            if text.is_empty() || is_null(text) {
                continue;
            }
            if let Some(column) = self.columns.get_mut(at.min(width.saturating_sub(1))) {
                column.see(number, text);
            }
        }
        if self.quasi.len() >= 2 {
            let text = |at: &usize| cells.get(*at).map_or("", |cell| trimmed(cell.as_ref()));
            let hash = self.quasi.iter().fold(1, |hash, at| xxh3_64_with_seed(text(at).as_bytes(), hash));
            self.counter.see(hash);
        }
    }

    /// Notes columns whose words are in the e-mail address of the same row: `Ada`, `Example` and `ada.example@…`.
    fn note_echoes<S: AsRef<str>>(&mut self, cells: &[S]) {
        let address = cells.iter().map(AsRef::as_ref).find(|cell| memchr::memchr(b'@', cell.as_bytes()).is_some());
        let Some((local, _)) = address.and_then(|address| address.rsplit_once('@')) else { return };
        if local.len() > 64 || local.contains(' ') {
            return;
        }
        let local = fold(local);
        for (at, cell) in cells.iter().enumerate() {
            let text = cell.as_ref().trim();
            if text.is_empty() || text.len() > 60 || text.contains('@') {
                continue;
            }
            let Some(column) = self.columns.get_mut(at) else { continue };
            column.echo_rows += 1;
            let folded = fold(text);
            if folded.split(|sign: char| !sign.is_alphabetic()).any(|word| word.len() >= 3 && local.contains(word)) {
                column.echoed += 1;
            }
        }
    }
}

/// A text without blanks around it. Most have none, which their first and last byte tell.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Words for nothing.
pub(crate) fn is_null(text: &str) -> bool {
    text.len() <= 4
        && matches!(
            text,
            "-" | "--" | "NA" | "N/A" | "n/a" | "NULL" | "null" | "None" | "none" | "nan" | "NaN" | "?" | "."
        )
}
