//! The audit: complete, proved by the journal, and for those who may read it.

use fairground_catalog::audit::{self, AuditAction, AuditFilter, CSV_HEAD, SubjectKind};
use fairground_catalog::draft::{self, Approval};
use fairground_catalog::{CatalogError, journal};

use super::{Cast, begun, retitled, submitted};
use crate::store::{execute, on_every_store};

#[test]
fn every_step_is_told_with_who_from_which_role_before_and_after() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        let saved = db
            .write(|tx| draft::save(tx, &cast.both, draft.id, draft.revision, retitled(&draft, "Berths 2027")))
            .unwrap();
        let waiting = submitted(db, &cast, &saved);
        db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, Approval::Now)).unwrap();
        let subject = draft.id.to_string();
        let told = db.read(|tx| audit::list_of_subject(tx, SubjectKind::Draft, &subject, 0, 50)).unwrap();
        let acts: Vec<(&str, AuditAction, &str)> =
            told.iter().map(|entry| (entry.actor.as_str(), entry.action, entry.role.as_str())).collect();
        assert_eq!(
            acts,
            [
                (cast.author.name(), AuditAction::DraftCreated, "editor"),
                (cast.both.name(), AuditAction::DraftEdited, "editor"),
                (cast.author.name(), AuditAction::DraftSubmitted, "editor"),
                (cast.reviewer.name(), AuditAction::DraftPublished, "reviewer"),
            ]
        );
        let edit = &told[1].after["changes"][0];
        assert_eq!((&edit["before"], &edit["after"]), (&"Berths".into(), &"Berths 2027".into()), "{edit}");
        assert_eq!((&told[3].before["stage"], &told[3].after["stage"]), (&"in-review".into(), &"published".into()));
        for entry in &told {
            let proof = db.read(|tx| journal::find(tx, entry.number)).unwrap().unwrap();
            assert_eq!((proof.actor, proof.at), (entry.actor.clone(), entry.at));
            assert!(!proof.kind.is_public());
            assert!(!proof.payload.to_string().contains("Berths"), "the journal tells no content");
        }
        let names = db.read(|tx| audit::names_of(tx, &[cast.author.name().to_owned(), "portal".to_owned()])).unwrap();
        assert_eq!((names[cast.author.name()].as_str(), names["portal"].as_str()), ("ada", "portal"));
    });
}

#[test]
fn managers_and_auditors_read_it_and_others_do_not() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        begun(db, &cast, "Berths");
        let own = AuditFilter { publisher: Some(cast.publisher), ..AuditFilter::default() };
        let all = AuditFilter::default();
        for (actor, of_publisher, of_portal) in [
            (&cast.manager, "read", "forbidden"),
            (&cast.steward, "read", "forbidden"),
            (&cast.operator, "read", "read"),
            (&cast.auditor, "read", "read"),
            (&cast.author, "forbidden", "forbidden"),
            (&cast.reviewer, "forbidden", "forbidden"),
            (&cast.stranger, "unknown", "forbidden"),
        ] {
            for (filter, expected) in [(&own, of_publisher), (&all, of_portal)] {
                let found = match db.read(|tx| audit::list(tx, actor, filter, 10)) {
                    Ok(entries) => {
                        assert!(!entries.is_empty());
                        "read"
                    }
                    Err(CatalogError::Forbidden(_)) => "forbidden",
                    Err(CatalogError::NotFound { .. }) => "unknown",
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(found, expected, "{} {filter:?}", actor.name());
            }
        }
        let filter = AuditFilter {
            actor: Some(cast.author.name().to_owned()),
            action: Some(AuditAction::DraftCreated),
            ..own.clone()
        };
        let [entry] = db.read(|tx| audit::list(tx, &cast.manager, &filter, 10)).unwrap().try_into().unwrap();
        let before = AuditFilter { before: Some(entry.number), ..filter };
        assert!(db.read(|tx| audit::list(tx, &cast.manager, &before, 10)).unwrap().is_empty());
        assert_eq!(CSV_HEAD.split(',').count(), 11);
        let line = entry.csv_line();
        let begin = format!("{},{},{},editor,{},draft,", entry.number, entry.at, cast.author.name(), cast.publisher);
        assert!(line.starts_with(&begin) && line.contains(",draft.created,,\"{"), "{line}");
        assert!(line.contains("\"\"slug\"\":\"\"berths\"\"") && line.ends_with("\r\n"), "{line}");
    });
}

#[test]
fn an_export_holds_no_formula() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        let formula = "=HYPERLINK(\"http://x.example\")";
        db.write(|tx| draft::discard(tx, &cast.author, draft.id, draft.revision, Some(formula))).unwrap();
        let subject = draft.id.to_string();
        let told = db.read(|tx| audit::list_of_subject(tx, SubjectKind::Draft, &subject, 0, 50)).unwrap();
        let line = told.last().unwrap().csv_line();
        assert!(line.ends_with(",\"'=HYPERLINK(\"\"http://x.example\"\")\"\r\n"), "{line}");
    });
}

#[test]
fn whoever_changes_the_audit_behind_its_back_is_found_out() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        assert!(db.read(audit::verify).unwrap() > 0);
        db.read(journal::verify).unwrap();
        let subject = draft.id.to_string();
        let [entry] =
            db.read(|tx| audit::list_of_subject(tx, SubjectKind::Draft, &subject, 0, 9)).unwrap().try_into().unwrap();
        let number = entry.number;
        for (mischief, mend) in [
            (
                format!("UPDATE audit_entries SET actor = 'account:other' WHERE number = {number}"),
                format!("UPDATE audit_entries SET actor = '{}' WHERE number = {number}", cast.author.name()),
            ),
            (
                format!("UPDATE audit_entries SET comment = 'x' WHERE number = {number}"),
                format!("UPDATE audit_entries SET comment = NULL WHERE number = {number}"),
            ),
            (format!("DELETE FROM audit_entries WHERE number = {number}"), String::new()),
        ] {
            execute(db, &mischief);
            match db.read(audit::verify) {
                Err(CatalogError::JournalBroken { seq, .. }) => assert_eq!(seq, number, "{mischief}"),
                other => panic!("{mischief}: {other:?}"),
            }
            if !mend.is_empty() {
                execute(db, &mend);
                db.read(audit::verify).unwrap();
            }
        }
    });
}
