//! What a reviewer might do about findings.

use super::{RareRows, Repair, Years};
use crate::header::{self, Meaning};
use crate::kind::{Kind, Verdict};
use crate::report::{Finding, Report};

/// Repairs that answer the findings which hold, and small cells: a start for a reviewer, not a judgement.
///
/// Every column comes once. Findings in texts that are no table, and in properties of documents, have no repair.
pub fn suggestions(report: &Report) -> Vec<Repair> {
    let mut found: Vec<Repair> = Vec::new();
    // Where there is one table, nobody has to name it.
    let named = |table: &str| (report.screened.len() > 1).then(|| table.to_owned());
    for finding in &report.findings {
        let asks = finding.outcome == Verdict::Hold || finding.kind == Kind::SmallCells;
        if asks
            && !finding.table.is_empty()
            && let Some(repair) = suggestion(finding, named(&finding.table))
        {
            push(&mut found, repair);
        }
    }
    let exposed = |table: &str| {
        let mut findings = report.findings.iter();
        findings.any(|finding| {
            finding.kind == Kind::ReIdentification && finding.table == table && finding.outcome == Verdict::Hold
        })
    };
    for groups in report.re_identification.iter().filter(|groups| exposed(&groups.table)) {
        let table = named(&groups.table);
        for column in &groups.columns {
            if let Some(repair) = coarser(table.clone(), column) {
                push(&mut found, repair);
            }
        }
        let dropped = |column: &&String| {
            found.iter().any(|repair| matches!(repair, Repair::Drop { column: other, .. } if other == *column))
        };
        let columns: Vec<String> = groups.columns.iter().filter(|column| !dropped(column)).cloned().collect();
        if columns.len() >= 2 {
            found.push(Repair::SuppressRare { table, columns, below: 5, rows: RareRows::Blank });
        }
    }
    found
}

fn push(found: &mut Vec<Repair>, repair: Repair) {
    let known = |other: &Repair| other.table() == repair.table() && other.columns() == repair.columns();
    if !found.iter().any(known) {
        found.push(repair);
    }
}

fn suggestion(finding: &Finding, table: Option<String>) -> Option<Repair> {
    let column = finding.column.clone();
    match finding.kind {
        // Of a text nothing can be made coarser.
        _ if finding.rule.starts_with("text/") => Some(Repair::Drop { table, column }),
        Kind::BirthDate => Some(Repair::Date { table, column, to: Years::FiveYears }),
        Kind::Coordinates => Some(Repair::Grid { table, column, step: 0.1 }),
        Kind::SmallCells => Some(Repair::SuppressSmall { table, column, below: 5 }),
        Kind::ReIdentification | Kind::PublicContact | Kind::DocumentProperty => None,
        Kind::Email
        | Kind::Phone
        | Kind::Iban
        | Kind::PaymentCard
        | Kind::NationalId
        | Kind::Passport
        | Kind::DrivingLicence
        | Kind::VehiclePlate
        | Kind::IpAddress
        | Kind::MacAddress
        | Kind::DeviceId
        | Kind::PersonName
        | Kind::HomeAddress
        | Kind::Health
        | Kind::SpecialCategory
        | Kind::FreeText
        | Kind::Credentials => Some(Repair::Drop { table, column }),
    }
}

/// A quasi-identifier made coarser, by what its name says it is.
fn coarser(table: Option<String>, column: &str) -> Option<Repair> {
    let meanings = header::meanings(column);
    let column = column.to_owned();
    if meanings.any(&[Meaning::BirthDate, Meaning::BirthYear]) {
        Some(Repair::Date { table, column, to: Years::Decade })
    } else if meanings.has(Meaning::AgeGroup) {
        None
    } else if meanings.has(Meaning::Age) {
        Some(Repair::Band { table, column, width: 10.0, bottom: None, top: Some(90.0) })
    } else if meanings.has(Meaning::Postcode) {
        Some(Repair::Prefix { table, column, keep: 2 })
    } else {
        None
    }
}
