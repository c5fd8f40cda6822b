//! Descriptions as a sheet: one row a dataset, one column a field, edited in any spreadsheet and read back.
//!
//! A cell that says what the field says already changes nothing, so that what a sheet cannot show (an IRI beside a label, a second
//! licence) is lost only where somebody writes over it. A column that is left out is left alone; an emptied cell empties the field.
//! Each row says which state of its dataset it shows, so that nobody writes over what somebody else changed since.
//! Cells that a spreadsheet would take for a formula are written behind an apostrophe.

use std::collections::BTreeSet;

use fairground_domain::{
    Concept, ContactPoint, DatasetDraft, LanguageTag, Licence, LocalizedText, PeriodOfTime, Timestamp,
};

use crate::problem::Fault;

/// Rows of a sheet that are read at once.
pub(crate) const ROWS_MAX: usize = 2_000;
/// Bytes of a sheet at most.
pub(crate) const SHEET_BYTES_MAX: usize = 16 << 20;
/// Characters of a cell at most.
const CELL_CHARS_MAX: usize = 100_000;
/// Columns of a sheet at most.
const COLUMNS_MAX: usize = 200;
/// Faults that are told at once.
const FAULTS_MAX: usize = 100;
/// Between several values in one cell.
const BETWEEN: char = ';';
/// The column that says which dataset a row is about.
const KEY: &str = "dataset";
/// The column that says which state of the dataset a row shows; whoever leaves it out writes over what is there.
pub(crate) const SEEN: &str = "revision";
/// Characters of a value that a conflict shows.
const SHOWN_CHARS: usize = 200;

/// A field that a column can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Title(LanguageTag),
    Description(LanguageTag),
    Keywords(LanguageTag),
    Themes,
    Licence,
    Frequency,
    Language,
    Modified,
    TemporalStart,
    TemporalEnd,
    ContactName,
    ContactEmail,
    LandingPage,
    Version,
}

impl Field {
    /// Every field that has one column.
    const PLAIN: [(&'static str, Self); 11] = [
        ("themes", Self::Themes),
        ("licence", Self::Licence),
        ("frequency", Self::Frequency),
        ("language", Self::Language),
        ("modified", Self::Modified),
        ("temporal_start", Self::TemporalStart),
        ("temporal_end", Self::TemporalEnd),
        ("contact_name", Self::ContactName),
        ("contact_email", Self::ContactEmail),
        ("landing_page", Self::LandingPage),
        ("version", Self::Version),
    ];

    /// Reads a heading: `title`, `title[de]`, `licence`.
    fn parse(heading: &str) -> Option<Self> {
        let heading = heading.trim();
        if let Some((_, field)) = Self::PLAIN.iter().find(|(name, _)| *name == heading) {
            return Some(field.clone());
        }
        let (name, language) = match heading.split_once('[') {
            Some((name, rest)) => {
                let language = LanguageTag::lenient(rest.strip_suffix(']')?);
                (name.trim(), language)
            }
            None => (heading, LanguageTag::undetermined()),
        };
        match name {
            "title" => Some(Self::Title(language)),
            "description" => Some(Self::Description(language)),
            "keywords" => Some(Self::Keywords(language)),
            _ => None,
        }
    }

    fn heading(&self) -> String {
        let of = |name: &str, language: &LanguageTag| match language.as_str() {
            "und" => name.to_owned(),
            tag => format!("{name}[{tag}]"),
        };
        match self {
            Self::Title(language) => of("title", language),
            Self::Description(language) => of("description", language),
            Self::Keywords(language) => of("keywords", language),
            plain => Self::PLAIN.iter().find(|(_, field)| field == plain).map_or("", |(name, _)| name).to_owned(),
        }
    }

    /// What the field says, as a cell.
    fn show(&self, draft: &DatasetDraft) -> String {
        let text = |texts: &LocalizedText, language: &LanguageTag| {
            texts.iter().find(|(tag, _)| *tag == language).map_or("", |(_, text)| text).to_owned()
        };
        let named = |concept: &Concept| match &concept.iri {
            Some(iri) => iri.clone(),
            None => concept.label.any().to_owned(),
        };
        let joined = |values: Vec<String>| values.join("; ");
        let period = draft.temporal.first();
        let contact = draft.contact_point.first();
        match self {
            Self::Title(language) => text(&draft.title, language),
            Self::Description(language) => text(&draft.description, language),
            Self::Keywords(language) => {
                let own = draft.keyword.iter().filter(|(tag, _)| tag == language);
                joined(own.map(|(_, word)| word.clone()).collect())
            }
            Self::Themes => joined(draft.theme.iter().map(named).collect()),
            Self::Licence => draft.licence.as_ref().map_or_else(String::new, |licence| match &licence.iri {
                Some(iri) => iri.clone(),
                None => licence.title.any().to_owned(),
            }),
            Self::Frequency => draft.frequency.as_ref().map(named).unwrap_or_default(),
            Self::Language => joined(draft.language.iter().map(ToString::to_string).collect()),
            Self::Modified => draft.modified.clone().unwrap_or_default(),
            Self::TemporalStart => period.and_then(|it| it.start.clone()).unwrap_or_default(),
            Self::TemporalEnd => period.and_then(|it| it.end.clone()).unwrap_or_default(),
            Self::ContactName => contact.map(|it| it.name.any().to_owned()).unwrap_or_default(),
            Self::ContactEmail => contact.and_then(|it| it.email.clone()).unwrap_or_default(),
            Self::LandingPage => joined(draft.landing_page.clone()),
            Self::Version => draft.version.clone().unwrap_or_default(),
        }
    }

    /// Writes a cell into the field.
    fn put(&self, draft: &mut DatasetDraft, cell: &str) -> Result<(), String> {
        let some = || (!cell.is_empty()).then(|| cell.to_owned());
        let several = || cell.split(BETWEEN).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
        match self {
            Self::Title(language) => set_text(&mut draft.title, language, cell),
            Self::Description(language) => set_text(&mut draft.description, language, cell),
            Self::Keywords(language) => {
                draft.keyword.retain(|(tag, _)| tag != language);
                draft.keyword.extend(several().map(|word| (language.clone(), word)));
            }
            Self::Themes => {
                let known = std::mem::take(&mut draft.theme);
                draft.theme = several().map(|name| find_concept(&known, &name)).collect();
            }
            Self::Licence => draft.licence = some().map(|name| licence_of(&name)),
            Self::Frequency => draft.frequency = some().map(|name| find_concept(&[], &name)),
            Self::Language => {
                let mut languages = Vec::new();
                for name in several() {
                    let tag = LanguageTag::lenient(&name);
                    if tag == LanguageTag::undetermined() && name != "und" {
                        return Err(format!("`{name}` is no language tag such as `en`"));
                    }
                    languages.push(tag);
                }
                draft.language = languages;
            }
            Self::Modified => draft.modified = date(cell)?,
            Self::TemporalStart => {
                let start = date(cell)?;
                period_of(draft).start = start;
            }
            Self::TemporalEnd => {
                let end = date(cell)?;
                period_of(draft).end = end;
            }
            Self::ContactName => contact_of(draft).name = LocalizedText::undetermined(cell),
            Self::ContactEmail => contact_of(draft).email = some(),
            Self::LandingPage => draft.landing_page = several().collect(),
            Self::Version => draft.version = some(),
        }
        draft.temporal.retain(|period| *period != PeriodOfTime::default());
        draft.contact_point.retain(|contact| *contact != ContactPoint::default());
        Ok(())
    }
}

fn set_text(texts: &mut LocalizedText, language: &LanguageTag, cell: &str) {
    let others = texts.iter().filter(|(tag, _)| *tag != language).map(|(tag, text)| (tag.clone(), text.to_owned()));
    *texts = others.chain(std::iter::once((language.clone(), cell.to_owned()))).collect();
}

/// The concept that was there under this name, else a new one.
fn find_concept(known: &[Concept], name: &str) -> Concept {
    let same = known.iter().find(|it| it.iri.as_deref() == Some(name) || (it.iri.is_none() && it.label.any() == name));
    same.cloned().unwrap_or_else(|| if is_iri(name) { Concept::iri(name) } else { Concept::label(name) })
}

fn licence_of(name: &str) -> Licence {
    if is_iri(name) {
        return Licence { iri: Some(name.to_owned()), title: LocalizedText::default() };
    }
    Licence { iri: None, title: LocalizedText::undetermined(name) }
}

fn is_iri(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with("urn:")
}

fn date(cell: &str) -> Result<Option<String>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match Timestamp::lenient(cell) {
        Some(_) => Ok(Some(cell.to_owned())),
        None => Err(format!("`{cell}` is no date such as 2026-03-01")),
    }
}

fn period_of(draft: &mut DatasetDraft) -> &mut PeriodOfTime {
    if draft.temporal.is_empty() {
        draft.temporal.push(PeriodOfTime::default());
    }
    first(&mut draft.temporal)
}

fn contact_of(draft: &mut DatasetDraft) -> &mut ContactPoint {
    if draft.contact_point.is_empty() {
        draft.contact_point.push(ContactPoint::default());
    }
    first(&mut draft.contact_point)
}

/// The first of a list that is not empty.
fn first<T: Default>(list: &mut Vec<T>) -> &mut T {
    if list.is_empty() {
        list.push(T::default());
    }
    list.first_mut().expect("it was filled the line before")
}

/// One row: a dataset and what its cells say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line of the sheet, from 2: the heading is the first.
    pub(crate) line: u64,
    /// The dataset's id or slug.
    pub(crate) dataset: String,
    /// The state that the row was made from; empty where the sheet does not say.
    pub(crate) seen: String,
    cells: Vec<(Field, String)>,
}

impl Row {
    /// Writes the row into a description; gives the headings of what it changed.
    ///
    /// # Errors
    /// What is wrong with its cells.
    pub(crate) fn apply(&self, draft: &mut DatasetDraft) -> Result<Vec<String>, Vec<Fault>> {
        let (mut changed, mut faults) = (Vec::new(), Vec::new());
        for (field, cell) in &self.cells {
            if field.show(draft).trim() == cell.trim() {
                continue;
            }
            match field.put(draft, cell.trim()) {
                Ok(()) => changed.push(field.heading()),
                Err(problem) => faults.push(self.fault(&field.heading(), problem)),
            }
        }
        if draft.title.is_empty() {
            faults.push(self.fault("title", "A dataset needs a title in one language at least.".to_owned()));
        }
        if faults.is_empty() { Ok(changed) } else { Err(faults) }
    }

    /// What the row says otherwise than a description that somebody else changed since: each cell with both values.
    pub(crate) fn conflicts(&self, draft: &DatasetDraft) -> Vec<Fault> {
        let cut = |text: &str| text.trim().chars().take(SHOWN_CHARS).collect::<String>();
        let differing = self.cells.iter().filter(|(field, cell)| field.show(draft).trim() != cell.trim());
        differing
            .map(|(field, cell)| {
                let (theirs, mine) = (cut(&field.show(draft)), cut(cell));
                self.fault(
                    &field.heading(),
                    format!("Since this sheet was taken it became “{theirs}”; the sheet says “{mine}”."),
                )
            })
            .collect()
    }

    /// A fault of this row.
    pub(crate) fn fault(&self, heading: &str, problem: String) -> Fault {
        Fault::at(format!("/{}/{heading}", self.line), problem)
    }
}

/// Writes a sheet of these datasets, by slug and with the state that is shown, in their order.
///
/// # Errors
/// When it cannot be written: never, as it is written into memory.
pub(crate) fn write(datasets: &[(String, String, DatasetDraft)]) -> Result<Vec<u8>, csv::Error> {
    let mut languages: [BTreeSet<LanguageTag>; 3] = Default::default();
    let [titles, descriptions, keywords] = &mut languages;
    for (_, _, draft) in datasets {
        titles.extend(draft.title.iter().map(|(tag, _)| tag.clone()));
        descriptions.extend(draft.description.iter().map(|(tag, _)| tag.clone()));
        keywords.extend(draft.keyword.iter().map(|(tag, _)| tag.clone()));
    }
    let [titles, descriptions, keywords] = languages;
    let mut fields: Vec<Field> = titles.into_iter().map(Field::Title).collect();
    fields.extend(descriptions.into_iter().map(Field::Description));
    fields.extend(keywords.into_iter().map(Field::Keywords));
    fields.extend(Field::PLAIN.into_iter().map(|(_, field)| field));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([KEY.to_owned(), SEEN.to_owned()].into_iter().chain(fields.iter().map(Field::heading)))?;
    for (slug, seen, draft) in datasets {
        let cells = fields.iter().map(|field| guarded(field.show(draft)));
        writer.write_record([slug.clone(), seen.clone()].into_iter().chain(cells))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// What begins like a formula, behind an apostrophe.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { format!("'{cell}") } else { cell }
}

fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) => rest,
        _ => cell,
    }
}

/// Reads a sheet: comma, semicolon or tab between cells, whichever its heading has.
///
/// # Errors
/// Everything that is wrong with it, each with its line and heading as `/LINE/HEADING`.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Row>, Vec<Fault>> {
    let whole = |problem: String| vec![Fault::at("", problem)];
    let text =
        std::str::from_utf8(bytes).map_err(|_| whole("The sheet must be UTF-8: save it as “CSV UTF-8”.".into()))?;
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|mark| heading.bytes().filter(|b| b == mark).count());
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| whole(error.to_string()))?.clone();
    if headings.len() > COLUMNS_MAX {
        return Err(whole(format!("A sheet may have up to {COLUMNS_MAX} columns.")));
    }
    let mut faults = Vec::new();
    let key = headings.iter().position(|heading| heading.trim() == KEY);
    let seen = headings.iter().position(|heading| heading.trim() == SEEN);
    let mut columns = Vec::new();
    for (at, heading) in headings.iter().enumerate() {
        if Some(at) == key || Some(at) == seen || heading.trim().is_empty() {
            continue;
        }
        match Field::parse(heading) {
            Some(field) if columns.iter().any(|(_, known)| *known == field) => {
                faults.push(Fault::at(format!("/1/{}", heading.trim()), "This column is there twice."));
            }
            Some(field) => columns.push((at, field)),
            None => faults.push(Fault::at(
                format!("/1/{}", heading.trim()),
                "There is no such column: take the headings of the sheet that you fetched.",
            )),
        }
    }
    let Some(key) = key else {
        faults.push(Fault::at(format!("/1/{KEY}"), "The column that names the dataset is missing."));
        return Err(faults);
    };
    let (rows, more) = read_rows(&mut reader, (key, seen), &columns);
    faults.extend(more);
    faults.truncate(FAULTS_MAX);
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn read_rows(
    reader: &mut csv::Reader<&[u8]>,
    (key, state): (usize, Option<usize>),
    columns: &[(usize, Field)],
) -> (Vec<Row>, Vec<Fault>) {
    let (mut rows, mut faults) = (Vec::<Row>::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(Fault::at("", error.to_string()));
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() >= ROWS_MAX {
            faults.push(Fault::at(format!("/{line}"), format!("A sheet may have up to {ROWS_MAX} rows.")));
            break;
        }
        let dataset = record.get(key).unwrap_or_default().trim().to_owned();
        if dataset.is_empty() || !seen.insert(dataset.clone()) {
            let problem = if dataset.is_empty() { "Which dataset is this row about?" } else { "It has a row already." };
            faults.push(Fault::at(format!("/{line}/{KEY}"), problem));
        }
        if record.iter().any(|cell| cell.chars().count() > CELL_CHARS_MAX) {
            faults.push(Fault::at(format!("/{line}"), format!("A cell may hold up to {CELL_CHARS_MAX} characters.")));
        }
        // A row that is too short says nothing about the columns that it does not reach.
        let cells = columns
            .iter()
            .filter_map(|(at, field)| Some((field.clone(), unguarded(record.get(*at)?.trim()).to_owned())))
            .collect();
        let state = state.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned();
        rows.push(Row { line, dataset, seen: state, cells });
        if faults.len() >= FAULTS_MAX {
            break;
        }
    }
    (rows, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DatasetDraft {
        DatasetDraft {
            identifier: "beds".into(),
            title: [("en", "Hospital beds"), ("de", "Betten")]
                .map(|(tag, text)| (LanguageTag::lenient(tag), text.to_owned()))
                .into_iter()
                .collect(),
            description: LocalizedText::undetermined("=SUM(A1), \"quoted\"\nsecond line"),
            keyword: ["health", "beds"].map(|word| (LanguageTag::lenient("en"), word.to_owned())).to_vec(),
            theme: vec![Concept {
                iri: Some("http://publications.europa.eu/resource/authority/data-theme/HEAL".into()),
                label: LocalizedText::undetermined("Health"),
            }],
            licence: Some(licence_of("https://creativecommons.org/licenses/by/4.0/")),
            temporal: vec![PeriodOfTime { start: Some("2020".into()), end: None }],
            ..DatasetDraft::default()
        }
    }

    fn sheet() -> String {
        String::from_utf8(write(&[("hospital-beds".to_owned(), "v1".to_owned(), draft())]).unwrap()).unwrap()
    }

    #[test]
    fn a_sheet_that_comes_back_as_it_went_changes_nothing() {
        let text = sheet();
        assert!(text.contains("'=SUM(A1)"), "{text}");
        for text in [text.clone(), format!("\u{feff}{text}")] {
            let rows = read(text.as_bytes()).unwrap();
            let mut after = draft();
            assert_eq!(rows[0].apply(&mut after), Ok(Vec::new()));
            assert_eq!((after, rows[0].dataset.as_str(), rows.len()), (draft(), "hospital-beds", 1));
            assert_eq!((rows[0].seen.as_str(), rows[0].conflicts(&draft())), ("v1", Vec::new()));
        }
    }

    #[test]
    fn what_somebody_else_changed_since_is_told_with_both_values() {
        let row = read(sheet().as_bytes()).unwrap().remove(0);
        let changed = DatasetDraft { licence: Some(licence_of("Our own")), ..draft() };
        let told = row.conflicts(&changed);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].pointer.as_deref(), Some("/2/licence"));
        assert!(told[0].detail.contains("Our own") && told[0].detail.contains("licenses/by/4.0"), "{told:?}");
    }

    #[test]
    fn cells_that_were_written_over_change_their_fields_alone() {
        type Case = (&'static str, &'static str, fn(&DatasetDraft) -> bool);
        let cases: [Case; 9] = [
            ("title[en]", "Beds", |it| it.title.best(&[LanguageTag::lenient("en")]) == "Beds"),
            ("title[fr]", "Lits", |it| it.title.iter().count() == 3),
            ("title[de]", "", |it| it.title.iter().count() == 1),
            ("keywords[en]", "a; b;;c", |it| it.keyword.len() == 3),
            ("licence", "Our own", |it| it.licence.as_ref().is_some_and(|it| it.iri.is_none())),
            ("temporal_end", "2024-12-31", |it| {
                it.temporal == [PeriodOfTime { start: Some("2020".into()), end: Some("2024-12-31".into()) }]
            }),
            ("temporal_start", "", |it| it.temporal.is_empty()),
            ("contact_email", "data@ardenport.example", |it| it.contact_point.len() == 1),
            ("themes", "http://publications.europa.eu/resource/authority/data-theme/HEAL; Wards", |it| {
                it.theme.len() == 2 && it.theme.iter().any(|theme| theme.label.any() == "Health")
            }),
        ];
        for (heading, cell, holds) in cases {
            let text = format!("dataset\t{heading}\nhospital-beds\t{cell}\n");
            let rows = read(text.as_bytes()).unwrap();
            let mut after = draft();
            assert_eq!(rows[0].apply(&mut after), Ok(vec![heading.to_owned()]), "{heading}");
            assert!(holds(&after), "{heading}: {after:?}");
        }
    }

    #[test]
    fn faults_name_line_and_heading() {
        for (text, pointer) in [
            ("title\nx\n", "/1/dataset"),
            ("dataset,colour\na,red\n", "/1/colour"),
            ("dataset,title,title\na,b,c\n", "/1/title"),
            ("dataset,title\n,b\n", "/2/dataset"),
            ("dataset,title\na,b\na,c\n", "/3/dataset"),
        ] {
            let faults = read(text.as_bytes()).unwrap_err();
            assert!(faults.iter().any(|fault| fault.pointer.as_deref() == Some(pointer)), "{text}: {faults:?}");
        }
        for (text, pointer) in [
            ("dataset;modified\nbeds;soon\n", "/2/modified"),
            ("dataset;language\nbeds;Klingon language\n", "/2/language"),
            ("dataset;title[en];title[de]\nbeds;;\n", "/2/title"),
        ] {
            let row = read(text.as_bytes()).unwrap().remove(0);
            let faults = row.apply(&mut draft()).unwrap_err();
            assert!(faults.iter().any(|fault| fault.pointer.as_deref() == Some(pointer)), "{text}: {faults:?}");
        }
    }

    #[test]
    fn a_sheet_has_its_limits() {
        let rows: String = (0..=ROWS_MAX).map(|row| format!("d{row},x\n")).collect();
        let faults = read(format!("dataset,title\n{rows}").as_bytes()).unwrap_err();
        assert!(faults.iter().any(|fault| fault.detail.contains("rows")), "{faults:?}");
        let wide: String = (0..=COLUMNS_MAX).map(|column| format!(",title[a{column}]")).collect();
        assert!(read(format!("dataset{wide}\n").as_bytes()).is_err());
        assert!(read(&[0xff, 0xfe, 0x00]).is_err());
    }
}
