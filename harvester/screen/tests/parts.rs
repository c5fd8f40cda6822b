//! A table whose rows are dealt to several places is judged as one whose rows went by in their order.

use fairground_screen::{Baseline, Report, Rules, Screen, Verdict};

const TITLES: [&str; 7] = ["no", "full name", "email", "age", "sex", "postcode", "note"];
const FIRST: [&str; 6] = ["Henrike", "Tomasz", "Aude", "Rosa", "Mikko", "Greta"];
const LAST: [&str; 5] = ["Vollmer", "Zieliński", "Lemercier", "Ibáñez", "Virtanen"];

/// A row of a register of persons, with things that only some rows have.
fn row(at: usize) -> Vec<String> {
    let (first, last) = (FIRST[at % 6], LAST[at / 6 % 5]);
    let note = match at % 97 {
        0 => "DE89 3704 0044 0532 0130 00".to_owned(),
        1..=5 => format!("called on 030 {:07}, wants an answer", at * 31 % 10_000_000),
        _ => String::new(),
    };
    vec![
        at.to_string(),
        format!("{first} {last}"),
        if at.is_multiple_of(3) {
            format!("{}.{}{at}@gmail.com", first.to_lowercase(), last.to_lowercase())
        } else {
            String::new()
        },
        (18 + at * 7 % 70).to_string(),
        if at.is_multiple_of(2) { "f" } else { "m" }.to_owned(),
        format!("{:05}", at * 13 % 99_999),
        note,
    ]
}

fn rows() -> Vec<Vec<String>> {
    (0..9_000).map(row).collect()
}

fn number(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX - 2) + 2
}

/// Screens the table with so many places, blocks of rows going round among them.
fn screened(places: usize, before: Option<Baseline>) -> (Report, Baseline) {
    let rows = rows();
    let mut screen = Screen::new(Rules::default());
    if let Some(before) = before {
        screen = screen.against(before);
    }
    screen.begin_table("members", &TITLES);
    let mut begun = 0;
    for (at, cells) in rows.iter().enumerate() {
        if places > 0 && at >= 3_000 {
            break;
        }
        screen.row(number(at), cells);
        begun = at + 1;
    }
    if places > 0 {
        let mut parts = screen.parts(places);
        assert_eq!(parts.len(), places);
        for (at, cells) in rows.iter().enumerate().skip(begun) {
            parts[at / 250 % places].row(number(at), cells);
        }
    }
    screen.end_table();
    screen.finish_with_baseline()
}

#[test]
fn rows_that_are_dealt_out_are_judged_as_rows_in_their_order() {
    let (whole, baseline) = screened(0, None);
    assert_eq!(whole.verdict, Verdict::Hold);
    assert!(whole.findings.iter().any(|finding| !finding.row_numbers.is_empty() && !finding.examples.is_empty()));
    assert!(!whole.re_identification.is_empty());
    for places in [1, 2, 5] {
        let (dealt, parts) = screened(places, None);
        assert_eq!(dealt, whole);
        assert_eq!(parts.to_bytes(), baseline.to_bytes());
        let (after, _) = screened(places, Some(baseline.clone()));
        assert_eq!(after, screened(0, Some(baseline.clone())).0);
    }
}

#[test]
fn rows_at_the_beginning_of_a_table_and_lines_of_a_document_are_not_dealt_out() {
    let mut screen = Screen::new(Rules::default());
    assert!(screen.parts(2).is_empty());
    screen.begin_table("members", &TITLES);
    screen.row(2, &row(0));
    assert!(screen.parts(2).is_empty());
    screen.begin_text("letter");
    (1..5_000).for_each(|line| screen.line(line, "Dear neighbours"));
    assert!(screen.parts(2).is_empty());
}
