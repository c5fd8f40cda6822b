//! Repairs as rows of a form, and back.

use fairground_api::draft::preview_repairs;
use fairground_api::gate::TouchedOut;
use fairground_catalog::gate::{self, Repair, Repairs, Report};
use fairground_catalog::member::Actor;
use fairground_domain::HoldId;
use serde_json::json;

use super::PreviewLine;
use crate::layout::{Form, PageError, Visit};
use crate::words::Language;
use crate::workspace::staff::judged;

/// Rows that the form has at most.
const MOST_ROWS: usize = 40;
/// Empty rows at its end.
const EMPTY_ROWS: usize = 2;
/// What stands between columns that are looked at together.
const TOGETHER: char = '\n';

/// What can be done with a column: as it is sent, and the key of its words.
pub(super) const WAYS: &[(&str, &str)] = &[
    ("", "workspace-gate-way-none"),
    ("drop", "workspace-gate-way-drop"),
    ("mask", "workspace-gate-way-mask"),
    ("date", "workspace-gate-way-date"),
    ("band", "workspace-gate-way-band"),
    ("grid", "workspace-gate-way-grid"),
    ("prefix", "workspace-gate-way-prefix"),
    ("suppress-small", "workspace-gate-way-small"),
    ("suppress-rare", "workspace-gate-way-rare"),
];

/// One repair as it stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairRow {
    /// What it is about, in words.
    pub legend: String,
    /// The table; empty for all.
    pub table: String,
    /// The column; several, one a line, where they are looked at together.
    pub column: String,
    /// What is done, as in `WAYS`.
    pub way: String,
    /// How much.
    pub amount: String,
    /// Whether the column cannot be chosen.
    pub is_fixed: bool,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// The rows that a report suggests, and some empty ones.
pub(super) fn rows_of(report: &Report, language: Language) -> Vec<RepairRow> {
    let suggested = gate::suggestions(report);
    let mut rows: Vec<RepairRow> = suggested.iter().take(MOST_ROWS - EMPTY_ROWS).map(row_of).collect();
    rows.extend(
        (0..EMPTY_ROWS)
            .map(|_| RepairRow { legend: language.t("workspace-gate-another-column").text(), ..RepairRow::default() }),
    );
    rows
}

fn row_of(repair: &Repair) -> RepairRow {
    let columns = repair.columns();
    RepairRow {
        legend: legend(repair.table().unwrap_or_default(), &columns.join(", ")),
        table: repair.table().unwrap_or_default().to_owned(),
        column: columns.join(&TOGETHER.to_string()),
        way: repair.as_str().to_owned(),
        amount: amount_of(repair),
        is_fixed: true,
        problem: None,
    }
}

fn legend(table: &str, columns: &str) -> String {
    if table.is_empty() { columns.to_owned() } else { format!("{table}: {columns}") }
}

fn amount_of(repair: &Repair) -> String {
    use fairground_catalog::gate::Years;
    match repair {
        Repair::Drop { .. } | Repair::Mask { .. } => String::new(),
        Repair::Date { to, .. } => match to {
            Years::Year => "1".to_owned(),
            Years::FiveYears => "5".to_owned(),
            Years::Decade => "10".to_owned(),
        },
        Repair::Band { width, .. } => width.to_string(),
        Repair::Grid { step, .. } => step.to_string(),
        Repair::Prefix { keep, .. } => keep.to_string(),
        Repair::SuppressSmall { below, .. } | Repair::SuppressRare { below, .. } => below.to_string(),
    }
}

/// The columns that a report names.
pub(super) fn columns_of(report: &Report) -> Vec<String> {
    let mut columns: Vec<String> = report.findings.iter().map(|finding| finding.column.clone()).collect();
    columns.extend(report.re_identification.iter().flat_map(|groups| groups.columns.iter().cloned()));
    columns.retain(|column| !column.is_empty());
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// What a repair does, in a sentence.
pub(super) fn words_of(repair: &Repair, language: Language) -> String {
    let row = row_of(repair);
    let way =
        WAYS.iter().find(|(value, _)| *value == row.way).map_or_else(String::new, |(_, key)| language.t(key).text());
    if row.amount.is_empty() {
        format!("{}: {way}", row.legend)
    } else {
        format!("{}: {way} ({})", row.legend, row.amount)
    }
}

/// The rows as they were sent.
pub(super) fn typed_rows(form: &Form, language: Language) -> Vec<RepairRow> {
    let mut rows = Vec::new();
    for at in 0..MOST_ROWS {
        if form.sent(&format!("repair.{at}.do")).is_none() {
            break;
        }
        let text = |part: &str| form.raw(&format!("repair.{at}.{part}")).replace("\r\n", "\n").trim().to_owned();
        let (table, column) = (text("table"), text("column"));
        let is_fixed = form.is_set(&format!("repair.{at}.fixed"));
        let legend = if is_fixed {
            legend(&table, &column.replace(TOGETHER, ", "))
        } else {
            language.t("workspace-gate-another-column").text()
        };
        rows.push(RepairRow {
            legend,
            table,
            column,
            way: text("do"),
            amount: text("amount"),
            is_fixed,
            problem: None,
        });
    }
    rows
}

/// The repairs that a form asks for.
///
/// # Errors
/// The rows, with what is wrong beside each.
pub(super) fn read(form: &Form, language: Language) -> Result<Repairs, Vec<RepairRow>> {
    let mut rows = typed_rows(form, language);
    let mut repairs = Vec::new();
    for row in rows.iter_mut().filter(|row| !row.way.is_empty()) {
        match repair_of(row, language) {
            Ok(repair) => repairs.push(repair),
            Err(problem) => row.problem = Some(problem),
        }
    }
    if rows.iter().any(|row| row.problem.is_some()) {
        return Err(rows);
    }
    Repairs::new(repairs).map_err(|error| {
        if let Some(first) = rows.first_mut() {
            first.problem = Some(language.refused(error.to_string()));
        }
        rows
    })
}

fn repair_of(row: &RepairRow, language: Language) -> Result<Repair, String> {
    if row.column.is_empty() {
        return Err(language.t("workspace-gate-choose-column").text());
    }
    let number =
        || row.amount.replace(',', ".").parse::<f64>().map_err(|_| language.t("workspace-gate-say-number").text());
    let whole = || row.amount.parse::<u32>().map_err(|_| language.t("workspace-gate-say-whole").text());
    let more = match row.way.as_str() {
        "drop" | "mask" => json!({}),
        "date" => {
            let to = match row.amount.as_str() {
                "" | "1" => "year",
                "5" => "five-years",
                "10" => "decade",
                _ => return Err(language.t("workspace-gate-wrong-years").text()),
            };
            json!({ "to": to })
        }
        "band" => json!({ "width": number()? }),
        "grid" => json!({ "step": number()? }),
        "prefix" => json!({ "keep": whole()? }),
        "suppress-small" => json!({ "below": whole()? }),
        "suppress-rare" => json!({ "below": whole()? }),
        _ => return Err(language.t("workspace-gate-choose-way").text()),
    };
    let mut repair = more;
    if let Some(fields) = repair.as_object_mut() {
        fields.insert("do".to_owned(), json!(row.way));
        if !row.table.is_empty() {
            fields.insert("table".to_owned(), json!(row.table));
        }
        if row.way == "suppress-rare" {
            let columns: Vec<&str> = row.column.split(TOGETHER).map(str::trim).collect();
            fields.insert("columns".to_owned(), json!(columns));
        } else {
            fields.insert("column".to_owned(), json!(row.column));
        }
    }
    serde_json::from_value(repair).map_err(|error| error.to_string())
}

/// What repairs would do to the held file, without doing it.
pub(super) async fn preview(
    visit: &Visit,
    actor: &Actor,
    id: HoldId,
    repairs: Repairs,
) -> Result<Result<Vec<PreviewLine>, String>, PageError> {
    let (list, language) = (repairs.list().to_vec(), visit.language);
    let preview = match judged(preview_repairs(&visit.pages.state, actor, id, repairs).await)? {
        Ok(preview) => preview,
        Err((_, problem)) => return Ok(Err(language.refused(problem))),
    };
    let line = |one: &TouchedOut| {
        let repair = list.get(one.place.saturating_sub(1));
        let words = repair.map(|repair| words_of(repair, language)).unwrap_or_default();
        let mut words = language.t("workspace-gate-cells-change").with("repair", words).with("count", one.cells).text();
        if one.rows_left_out > 0 {
            let rows = language.t("workspace-gate-rows-left-out").with("count", one.rows_left_out);
            words = format!("{words}, {}", rows.text());
        }
        PreviewLine { words, examples: one.examples.iter().map(|it| (it.before.clone(), it.after.clone())).collect() }
    };
    let mut lines: Vec<PreviewLine> = preview.touched.iter().map(line).collect();
    let words =
        if preview.passes { language.t("workspace-gate-would-pass") } else { language.t("workspace-gate-would-hold") };
    lines.push(PreviewLine { words: words.text(), examples: Vec::new() });
    Ok(Ok(lines))
}
