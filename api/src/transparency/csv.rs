//! The register as a table (RFC 4180).

use fairground_catalog::register::{Content, RegisterEntry};
use fairground_domain::Timestamp;

const HEAD: &str = "number,kind,status,application,plan,class,ground,parties,subject,reason,rate_percent,\
concurrency_percent,quota_percent,published_at,starts_at,review_at,ends_at,ended_at,end_reason\r\n";

/// Entries as they stand at `now`, in their order.
pub(super) fn table(entries: &[RegisterEntry], now: Timestamp) -> String {
    let mut text = HEAD.to_owned();
    for entry in entries {
        let cells: Vec<String> = row(entry, now).iter().map(|cell| field(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn row(entry: &RegisterEntry, now: Timestamp) -> [String; 19] {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (mut plan, mut class, mut ground, mut parties, mut subject) =
        (String::new(), String::new(), String::new(), String::new(), String::new());
    let mut limits = fairground_domain::ExceptionLimits::default();
    match &entry.content {
        Content::Exception(terms) => {
            plan = terms.scope.plan.as_ref().map(ToString::to_string).unwrap_or_default();
            class = terms.scope.class.map(|class| class.as_str().to_owned()).unwrap_or_default();
            limits = terms.limits;
        }
        Content::Suspension { ground: own, .. } => own.as_str().clone_into(&mut ground),
        Content::Arrangement { parties: own, subject: what, ground: why, .. } => {
            (parties, subject) = (own.join("; "), what.clone());
            why.as_str().clone_into(&mut ground);
        }
        Content::Refusal { subject: what, .. } => subject.clone_from(what),
        Content::Assignment { plan: given, .. } => plan = given.to_string(),
        Content::Embargo { publisher, subject: what, .. } => (parties, subject) = (publisher.clone(), what.clone()),
    }
    [
        entry.number.to_string(),
        entry.content.kind().as_str().to_owned(),
        entry.status_at(now).as_str().to_owned(),
        entry.content.application().map(|number| number.to_string()).unwrap_or_default(),
        plan,
        class,
        ground,
        parties,
        subject,
        entry.content.reason().to_owned(),
        number(limits.rate_percent),
        number(limits.concurrency_percent),
        number(limits.quota_percent),
        entry.published_at.to_string(),
        entry.content.starts_at().to_string(),
        moment(entry.content.review_at()),
        moment(entry.content.ends_at()),
        moment(entry.ended_at),
        entry.end_reason.clone().unwrap_or_default(),
    ]
}

/// A cell: quoted where it must be, and begun with an apostrophe where a spreadsheet would take it for a formula.
fn field(cell: &str) -> String {
    let mut text = String::new();
    push_field(cell, &mut text);
    text
}

/// Writes a cell as [`field`] says, behind what is there.
pub(crate) fn push_field(cell: &str, into: &mut String) {
    let quoted = cell.contains(['"', ',', '\n', '\r']);
    if quoted {
        into.push('"');
    }
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        into.push('\'');
    }
    for piece in cell.split_inclusive('"') {
        into.push_str(piece);
        if piece.ends_with('"') {
            into.push('"');
        }
    }
    if quoted {
        into.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formula_is_one() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("=1+1", "'=1+1"),
            ("@sum(a,b)", "\"'@sum(a,b)\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(field(cell), written);
        }
        assert_eq!(HEAD.split(',').count(), 19);
    }
}
