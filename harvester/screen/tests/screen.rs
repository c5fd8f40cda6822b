//! Whole tables and texts: verdicts, limits, what a report may hold.

use fairground_screen::{
    COLUMNS_MAX, EXAMPLES_KEPT, Finding, Kind, ROWS_KEPT, Report, Rules, Screen, TABLES_MAX, Verdict,
};

fn table(name: &str, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Report {
    let mut screen = Screen::new(Rules::default());
    screen.begin_table(name, header);
    for (number, row) in (2..).zip(rows) {
        screen.row(number, &row);
    }
    screen.finish()
}

fn of(report: &Report, kind: Kind) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.kind == kind).collect()
}

/// Scatters a number: the same in every run.
fn scatter(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 8
}

#[test]
fn figures_places_and_bodies_pass() {
    let none = table(
        "traffic",
        &["station", "year", "total"],
        (0..200).map(|at| vec![format!("S{at}"), "2020".into(), at.to_string()]),
    );
    assert_eq!(none.verdict, Verdict::Pass, "{none:?}");
    let offices = table(
        "offices",
        &["office name", "email", "switchboard"],
        (0..50).map(|at| {
            vec![format!("Registry Office {at}"), format!("info@town{at}.example"), format!("+44 20 7946 0{:03}", at)]
        }),
    );
    assert_eq!(offices.verdict, Verdict::Notes, "{offices:?}");
    assert!(of(&offices, Kind::Email).is_empty() && !of(&offices, Kind::PublicContact).is_empty());
    let trees = table(
        "trees",
        &["species", "lat", "lon"],
        (0..50).map(|at| vec!["Quercus robur".into(), format!("50.12{at:04}"), format!("8.34{at:04}")]),
    );
    assert_eq!(trees.verdict, Verdict::Pass, "{trees:?}");
}

#[test]
fn office_holders_are_noted_not_held() {
    let rows = (0..40).map(|at| {
        vec![
            "Torquil".into(),
            format!("Pettigrew{at}"),
            format!("19{:02}-05-06", 40 + at),
            "Independent".into(),
            "North".into(),
        ]
    });
    let report = table("legislators", &["first_name", "last_name", "birthday", "party", "constituency"], rows);
    assert_eq!(report.verdict, Verdict::Notes, "{report:?}");
    assert_eq!(report.screened[0].subject, "officials");
}

#[test]
fn random_codes_of_any_length_are_no_identifiers() {
    for length in 7..=18_u32 {
        let rows = (0..2_000).map(|at| {
            vec![
                at.to_string(),
                format!("{:0width$}", scatter(at) as u128 * 7_919 % 10_u128.pow(length), width = length as usize),
            ]
        });
        let report = table("codes", &["record", "value"], rows);
        assert_ne!(report.verdict, Verdict::Hold, "{length}: {:?}", report.findings);
    }
}

#[test]
fn what_became_unique_since_the_version_before_is_told() {
    let version = |rows: &[[&str; 4]], before| {
        let mut screen = Screen::new(Rules::default());
        if let Some(before) = before {
            screen = screen.against(before);
        }
        screen.begin_table("survey", &["respondent", "age", "sex", "postcode"]);
        for (number, row) in (2..).zip(rows) {
            screen.row(number, row);
        }
        screen.finish_with_baseline()
    };
    let mut rows = vec![
        ["1", "34", "f", "10115"],
        ["2", "34", "f", "10115"],
        ["3", "51", "m", "10117"],
        ["4", "51", "m", "10117"],
    ];
    let (first, baseline) = version(&rows, None);
    assert_eq!((first.re_identification[0].smallest, first.re_identification[0].unique), (2, 0));
    rows.remove(0);
    // Kept between two versions, as bytes.
    let bytes = baseline.to_bytes();
    let kept = fairground_screen::Baseline::from_bytes(&bytes).unwrap();
    assert_eq!((kept.to_bytes(), kept.is_empty()), (bytes.clone(), false));
    for wrong in [&bytes[..bytes.len() - 1], &bytes[..1], &[][..], &[9, 9, 9][..]] {
        let read = fairground_screen::Baseline::from_bytes(wrong);
        assert!(read.is_none_or(|read| read.is_empty()), "{wrong:?}");
    }
    let (second, _) = version(&rows, Some(kept));
    assert_eq!((second.re_identification[0].unique, second.re_identification[0].became_unique), (1, Some(1)));
}

#[test]
fn figures_about_groups_are_no_persons_but_small_cells_are_told() {
    let rows = (0..60).map(|at| vec![format!("Area {at}"), "f".into(), "20-29".into(), (at % 12).to_string()]);
    let report = table("births", &["municipality", "sex", "age group", "number of cases"], rows);
    assert_eq!(report.verdict, Verdict::Notes, "{report:?}");
    assert_eq!(of(&report, Kind::SmallCells).len(), 1);
    assert!(report.re_identification.is_empty());
}

#[test]
fn limits_are_kept_and_told() {
    let wide: Vec<String> = (0..COLUMNS_MAX + 3).map(|at| format!("c{at}")).collect();
    let mut screen = Screen::new(Rules::default());
    screen.begin_table("wide", &wide);
    screen.row(2, &wide);
    for at in 0..=TABLES_MAX + 5 {
        screen.begin_table(&format!("t{at}"), &["a"]);
    }
    // A cell of many megabytes is looked at in pieces; what is at its end is found.
    screen.text("long", &format!("{} my name is Ada Byron, ada.byron@gmail.com", "word ".repeat(200_000)));
    let report = screen.finish();
    assert!(report.notes.iter().any(|note| note.contains("3 columns beyond")), "{:?}", report.notes);
    assert!(report.screened.len() <= TABLES_MAX + 1);
    assert!(!of(&report, Kind::Email).is_empty(), "{:?}", report.findings);

    let many = table("mails", &["email"], (0..5_000).map(|at| vec![format!("ada.byron{at}@gmail.com")]));
    let mails = of(&many, Kind::Email);
    assert_eq!(mails[0].rows, 5_000);
    assert!(mails[0].row_numbers.len() == ROWS_KEPT && mails[0].examples.len() == EXAMPLES_KEPT);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// Whatever is in a table, its report holds together, tells no value, and is the same every time.
    #[test]
    fn any_table_has_a_report(header in proptest::collection::vec("\\PC{0,20}", 1..5), rows in proptest::collection::vec(proptest::collection::vec("\\PC{0,40}", 0..6), 0..20)) {
        let screened = || {
            let mut screen = Screen::new(Rules::default());
            screen.begin_table("any", &header);
            for (number, row) in (2..).zip(&rows) {
                screen.row(number, row);
            }
            screen.finish()
        };
        let report = screened();
        proptest::prop_assert_eq!(&report, &screened());
        for finding in &report.findings {
            proptest::prop_assert!(finding.outcome <= report.verdict && (0.0..=1.0).contains(&finding.share));
        }
    }
}
