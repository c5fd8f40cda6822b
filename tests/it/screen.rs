use serde_json::Value;

use crate::program::{Program, last_line};

const PEOPLE: &str = "first_name,last_name,email,date_of_birth\nTorquil,Pettigrew,torquil.pettigrew@gmail.com,1980-12-10\nOttilie,Murray,ottilie.m@outlook.com,1976-12-09\nCrispin,Gillingwater,crispin.g@proton.me,1972-06-23\nVerity,Hathersage,verity.h@gmx.de,1962-03-23\n";
const OFFICES: &str = "office name,email,switchboard\nRegistry Office,info@netherby.example,+44 20 7946 0001\nTown Hall,contact@oxcombe.example,+44 20 7946 0002\nCentral Library,library@farlow.example,+44 20 7946 0003\n";
const COUNTS: &str = "station,year,total\nS1,2020,1200\nS2,2020,900\nS3,2021,1100\n";

#[test]
fn the_exit_status_says_what_the_screen_says() {
    let program = Program::new();
    for (name, content, status, verdict) in [
        ("counts.csv", COUNTS, 0, "pass"),
        ("offices.csv", OFFICES, 0, "notes"),
        ("people.csv", PEOPLE, 3, "hold"),
        (
            "letter.txt",
            "Dear all,\nTorquil Pettigrew, born on 16.04.1980,\nhas the account DE89 3704 0044 0532 0130 00.\n",
            3,
            "hold",
        ),
    ] {
        let file = program.write(name, content);
        for arguments in [&["screen", file.to_str().unwrap()][..], &["screen", file.to_str().unwrap(), "--json"]] {
            let output = program.run(arguments);
            assert_eq!(
                output.status.code(),
                Some(status),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert_eq!(last_line(&output)["verdict"], verdict, "{arguments:?}");
        }
    }
}

#[test]
fn with_json_there_is_nothing_else_and_no_value_is_told() {
    let program = Program::new();
    let file = program.write("people.csv", PEOPLE);
    let output = program.run(&["screen", file.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert!(report["findings"].as_array().is_some_and(|findings| findings.iter().all(|finding| {
        finding["column"].is_string()
            && finding["kind"].is_string()
            && finding["rows"].is_u64()
            && finding["confidence"].is_f64()
    })));
    let spoken = program.run(&["screen", file.to_str().unwrap()]);
    for output in [output, spoken] {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        for value in ["Pettigrew", "torquil", "1980-12-10"] {
            assert!(!said.contains(value), "{value} was told: {said}");
        }
    }
}

#[test]
fn what_cannot_be_screened_is_not_passed() {
    let program = Program::new();
    let picture = program.folder().join("picture.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    let output = program.run(&["screen", picture.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("was not screened"));
    for wrong in [&["screen", "no-such-file.csv"][..], &["screen", "."], &["screen"], &["screen", "--colour", "x.csv"]]
    {
        assert_eq!(program.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn what_became_unique_since_the_version_before_is_told() {
    let program = Program::new();
    let rows = |last: &str| {
        let many: String = (0..30).map(|at| format!("{at},{},f,{}\n", 30 + at / 6 * 2, 10_115 + at % 2)).collect();
        format!("respondent,age,sex,postcode\n{many}{last}")
    };
    let before = program.write("before.csv", &rows("30,51,m,10117\n31,51,m,10117\n"));
    let after = program.write("after.csv", &rows("30,51,m,10117\n"));
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let alone = last_line(&program.run(&["screen", before, "--json"]));
    assert_eq!(alone["re_identification"][0]["unique"], 0, "{alone}");
    let compared = last_line(&program.run(&["screen", after, "--previous", before, "--json"]));
    assert_eq!(compared["re_identification"][0]["became_unique"], 1, "{compared}");
}
