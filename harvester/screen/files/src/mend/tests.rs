use fairground_screen::Verdict;
use fairground_screen::repair::suggestions;

use super::*;
use crate::screen_file;

const PEOPLE: &str = "first_name,last_name,email,date_of_birth,town\nAda,Byron,ada.byron@gmail.com,1980-12-10,Oxcombe\nGrace,Murray,grace.murray@gmail.com,1976-12-09,Oxcombe\nAlan,Mathison,alan.m@outlook.com,1972-06-23,Netherby\nEmmy,Noether,emmy.noether@gmx.de,1962-03-23,Netherby\n";

fn repairs(json: &str) -> Repairs {
    serde_json::from_str(json).unwrap()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_is_suggested_makes_a_register_public() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "people.csv", PEOPLE.as_bytes());
    let (before, _) = screen_file(&path, "people.csv", Rules::default(), None).unwrap();
    assert_eq!(before.verdict, Verdict::Hold);
    let repairs = Repairs::new(suggestions(&before)).unwrap();
    let preview = mend_file(&path, "people.csv", Rules::default(), None, &repairs, None).unwrap();
    assert_ne!(preview.after.verdict, Verdict::Hold, "{:?}", preview.after);
    assert_eq!(preview.tables[0].columns, ["date_of_birth", "town"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a preview writes nothing");

    let made = mend_file(&path, "people.csv", Rules::default(), None, &repairs, Some(folder.path())).unwrap();
    assert_eq!((&made.touched, &made.after), (&preview.touched, &preview.after), "the preview was true");
    let written = std::fs::read_to_string(made.tables[0].file.as_ref().unwrap()).unwrap();
    assert_eq!(
        written,
        "date_of_birth,town\n1980-1984,Oxcombe\n1975-1979,Oxcombe\n1970-1974,Netherby\n1960-1964,Netherby\n"
    );
    let told = serde_json::to_string(&made.touched).unwrap();
    for value in ["Byron", "ada.byron", "1980-12-10"] {
        assert!(!told.contains(value), "{told}");
    }
}

#[test]
fn rare_rows_are_counted_over_the_whole_file_before_any_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..30).map(|at| format!("{at},{},{}\n", 20 + at % 3, if at == 29 { "rare" } else { "town" })).collect();
    let path = file(folder.path(), "survey.csv", format!("no,age,place\n{rows}").as_bytes());
    let list = repairs(r#"[{"do": "suppress-rare", "columns": ["age", "place"], "below": 3, "rows": "leave-out"}]"#);
    let made = mend_file(&path, "survey.csv", Rules::default(), None, &list, Some(folder.path())).unwrap();
    assert_eq!((made.tables[0].rows, made.touched[0].rows_left_out), (29, 1));
}

#[test]
fn a_repair_that_meets_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "people.csv", PEOPLE.as_bytes());
    let list = repairs(r#"[{"do": "drop", "column": "e-mail"}]"#);
    let refused = mend_file(&path, "people.csv", Rules::default(), None, &list, None).unwrap_err();
    assert_eq!(refused.to_string(), "repair 1: no table has a column `e-mail`");
    let letter = file(folder.path(), "letter.html", b"<!doctype html><html><body>hello</body></html>");
    let refused = mend_file(&letter, "letter.html", Rules::default(), None, &list, None).unwrap_err();
    assert!(matches!(refused, MendError::Unreadable(_)));
}

#[test]
fn rows_with_more_cells_than_columns_do_not_slip_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "ragged.csv",
        b"id,email,n\n1,a@gmail.com,2\n2,b@gmail.com,3,c@gmail.com\n3,d@gmail.com,5\n",
    );
    let list = repairs(r#"[{"do": "drop", "column": "email"}]"#);
    let made = mend_file(&path, "ragged.csv", Rules::default(), None, &list, Some(folder.path())).unwrap();
    let written = std::fs::read_to_string(made.tables[0].file.as_ref().unwrap()).unwrap();
    assert_eq!((written.as_str(), made.ragged), ("id,n\n1,2\n3,5\n", 1));
    assert!(made.after.notes.iter().any(|note| note.contains("1 rows")), "{:?}", made.after.notes);
}
