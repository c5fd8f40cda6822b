use fairground_catalog::dataset;
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord, JobState, NewSource, SeenKeys,
    SourceState, Validators,
};
use fairground_catalog::source::{
    self, ContactKind, DatasetsThen, MAX_REPORT_ATTEMPTS, MOST_CONTACTS, NewContact, Occasion, REPORT_HOLD_SECS,
    ReportState, RulesDocument,
};
use fairground_catalog::{CatalogError, Db, Secret, journal};
use fairground_domain::{ContentHash, DatasetDraft, Finding, JobId, LocalizedText, ResourceKind};

use crate::store::{dump, execute, on_every_store};

fn secret() -> Secret {
    Secret::from_bytes([7; 32])
}

fn new_source(slug: &str) -> NewSource {
    NewSource {
        slug: slug.parse().unwrap(),
        url: "https://data.example/data.json".to_owned(),
        kind: None,
        publisher: Some("ardenport".parse().unwrap()),
        interval_secs: Some(3_600),
    }
}

fn added(db: &Db, slug: &str) -> HarvestSource {
    db.write(|tx| harvest::create_source(tx, new_source(slug), "test")).unwrap()
}

fn record(seq: u64, title: &str) -> IncomingRecord {
    let draft = DatasetDraft {
        identifier: format!("key-{seq}"),
        title: LocalizedText::undetermined(title),
        ..DatasetDraft::default()
    };
    let raw = format!("{{\"identifier\":\"key-{seq}\",\"title\":\"{title}\"}}");
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: draft.identifier.clone(),
        title: title.to_owned(),
        content: Some(Incoming::from(draft.normalised())),
        raw_hash: ContentHash::of(raw.as_bytes()),
        raw_zstd: zstd::encode_all(raw.as_bytes(), 1).unwrap(),
        findings: Vec::new(),
    }
}

/// One harvest that imports these records and ends.
fn harvested(db: &Db, source: &HarvestSource, records: Vec<IncomingRecord>) -> JobId {
    let job = db.write(|tx| harvest::enqueue(tx, source.id, &HarvestPayload::default())).unwrap();
    let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
    let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
    db.write(|tx| harvest::import_batch(tx, &lease, source, &mut seen, &mut progress, records)).unwrap();
    db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
    job.id
}

#[test]
fn nothing_is_fetched_of_a_proposed_source_until_an_operator_approves_it() {
    on_every_store(|db| {
        let proposed = db.write(|tx| source::propose_source(tx, new_source("trees"), "account:ada")).unwrap();
        assert_eq!(proposed.state, SourceState::Proposed);
        let refused = |db: &Db| db.write(|tx| harvest::enqueue(tx, proposed.id, &HarvestPayload::default()));
        assert!(matches!(refused(db), Err(CatalogError::WrongState { .. })));
        let dry = HarvestPayload { dry_run: true, ..HarvestPayload::default() };
        assert!(matches!(db.write(|tx| harvest::enqueue(tx, proposed.id, &dry)), Err(CatalogError::WrongState { .. })));
        assert_eq!(db.write(harvest::schedule_due).unwrap(), 0, "its schedule does not run");
        let resume = db.write(|tx| harvest::set_source_state(tx, proposed.id, SourceState::Active));
        assert!(matches!(resume, Err(CatalogError::WrongState { .. })), "resuming is no way round");
        let approved = db.write(|tx| source::approve_source(tx, &proposed, "account:operator")).unwrap();
        assert_eq!(approved.state, SourceState::Active);
        let standing = db.read(|tx| source::find_standing(tx, proposed.id)).unwrap().unwrap();
        assert_eq!(standing.proposed_by.as_deref(), Some("account:ada"));
        assert_eq!(standing.approved_by.as_deref(), Some("account:operator"));
        assert!(matches!(
            db.write(|tx| source::approve_source(tx, &approved, "x")),
            Err(CatalogError::WrongState { .. })
        ));
        assert_eq!(db.write(harvest::schedule_due).unwrap(), 1);
        let own = added(db, "own");
        assert_eq!(own.state, SourceState::Active, "what an operator adds needs nobody");
        db.read(journal::verify).unwrap();
    });
}

#[test]
fn rules_are_kept_in_versions_and_make_the_next_harvest_read_everything() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        assert_eq!(db.read(|tx| source::current_rules(tx, found.id)).unwrap().version, 0);
        let known = Validators { etag: Some("\"1\"".to_owned()), ..Validators::default() };
        db.write(|tx| harvest::save_validators(tx, found.id, &known)).unwrap();
        let yaml = "version: 1\nrules:\n  - licence: https://l.example/0\n";
        let document = || RulesDocument::parse(yaml).unwrap();
        let first = db.write(|tx| source::save_rules(tx, &found, document(), Some(0), "account:ada")).unwrap();
        assert_eq!((first.version, first.document.text()), (1, yaml));
        let after = db.read(|tx| harvest::get_source(tx, "ardenport")).unwrap();
        assert_eq!(after.validators, Validators::default(), "an unchanged source is read again");
        let same = db.write(|tx| source::save_rules(tx, &found, document(), Some(1), "account:bo")).unwrap();
        assert_eq!(same.version, 1, "the same rules are no new version");
        let late = db.write(|tx| source::save_rules(tx, &found, RulesDocument::default(), Some(0), "account:bo"));
        assert!(matches!(late, Err(CatalogError::WrongState { .. })));
        let second =
            db.write(|tx| source::save_rules(tx, &found, RulesDocument::default(), Some(1), "account:bo")).unwrap();
        assert!(second.version == 2 && second.document.rules().is_empty());
        let versions = db.read(|tx| source::list_rules_versions(tx, found.id, 10)).unwrap();
        assert_eq!(versions.iter().map(|(version, ..)| *version).collect::<Vec<_>>(), [2, 1]);
        execute(db, "UPDATE source_rules SET document = '{' WHERE version = 2");
        let unreadable = db.read(|tx| source::current_rules(tx, found.id).map(|_| ()));
        assert!(matches!(unreadable, Err(CatalogError::Corrupt { .. })), "a harvest must not go on without its rules");
    });
}

fn contact(kind: ContactKind, address: &str, occasion: Occasion) -> NewContact {
    let secret = (kind == ContactKind::Webhook).then(|| "whsec_c2VjcmV0".to_owned());
    NewContact { kind, address: address.to_owned(), secret, occasion }
}

#[test]
fn a_contact_is_told_once_of_each_thing_that_became_of_a_job() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        let hook = contact(ContactKind::Webhook, "https://hooks.example/T1/secret-path?k=v", Occasion::Always);
        let hook = db.write(|tx| source::add_contact(tx, &secret(), &found, hook)).unwrap();
        let mail = contact(ContactKind::Email, "Open@City.Example", Occasion::Error);
        db.write(|tx| source::add_contact(tx, &secret(), &found, mail)).unwrap();
        assert!(!dump(db).contains("secret-path") && !dump(db).contains("c2VjcmV0"), "it is sealed");
        let job = harvested(db, &found, vec![record(0, "Air")]);
        assert!(db.read(source::is_report_due).unwrap());
        let due = |kind| db.write(|tx| source::take_due_reports(tx, &secret(), kind, 10)).unwrap();
        assert!(due(ContactKind::Email).is_empty(), "nothing was wrong");
        let taken = due(ContactKind::Webhook);
        assert_eq!((taken.len(), taken[0].key.job, taken[0].attempt), (1, job, 1));
        assert_eq!(taken[0].address, "https://hooks.example/T1/secret-path?k=v");
        assert_eq!(taken[0].secret.as_deref(), Some("whsec_c2VjcmV0"));
        assert!(due(ContactKind::Webhook).is_empty(), "whoever took it holds it");
        // The process dies here: after the hold it is taken again, under the same id.
        let later = (REPORT_HOLD_SECS + 1) * 1_000_000;
        execute(db, &format!("UPDATE harvest_reports SET next_try_at = next_try_at - {later}"));
        let again = due(ContactKind::Webhook);
        assert_eq!((again[0].key.message_id(), again[0].attempt), (taken[0].key.message_id(), 2));
        db.write(|tx| source::report_delivered(tx, &again[0].key)).unwrap();
        execute(db, &format!("UPDATE harvest_reports SET next_try_at = next_try_at - {later}"));
        assert!(due(ContactKind::Webhook).is_empty(), "delivered is delivered");
        let mut refused = record(1, "Bees");
        refused.findings.push(Finding::error("title-missing", "/title", "say what it is"));
        harvested(db, &found, vec![refused]);
        assert_eq!(due(ContactKind::Email).len(), 1);
        let mut report = due(ContactKind::Webhook).remove(0);
        for attempt in 1..=MAX_REPORT_ATTEMPTS {
            report.attempt = attempt;
            let state = db.write(|tx| source::put_off_report(tx, &report, "no answer")).unwrap();
            assert_eq!(state == ReportState::Failed, attempt == MAX_REPORT_ATTEMPTS, "{attempt}");
        }
        let told = db.read(|tx| source::list_reports(tx, found.id, 10)).unwrap();
        let failed = told.iter().find(|report| report.state == ReportState::Failed).unwrap();
        assert_eq!((failed.key.contact, failed.error.as_deref()), (hook.id, Some("no answer")));
        db.write(|tx| source::remove_contact(tx, found.id, hook.id)).unwrap();
        let gone = db.write(|tx| source::remove_contact(tx, found.id, hook.id));
        assert!(matches!(gone, Err(CatalogError::NotFound { .. })));
        assert_eq!(db.read(|tx| source::list_reports(tx, found.id, 10)).unwrap().len(), 1);
    });
}

#[test]
fn a_source_has_so_many_contacts_and_their_mailboxes_are_mailboxes() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        let bad = contact(ContactKind::Email, "nobody", Occasion::Always);
        let bad = db.write(|tx| source::add_contact(tx, &secret(), &found, bad));
        assert!(matches!(bad, Err(CatalogError::Invalid { field: "address", .. })));
        let add = |n: usize| {
            let new = contact(ContactKind::Email, &format!("open{n}@city.example"), Occasion::Always);
            db.write(|tx| source::add_contact(tx, &secret(), &found, new))
        };
        for n in 0..MOST_CONTACTS {
            add(n).unwrap();
        }
        assert!(matches!(add(99), Err(CatalogError::WrongState { .. })));
        assert_eq!(db.read(|tx| source::list_contacts(tx, found.id)).unwrap().len(), MOST_CONTACTS);
        // Another portal's secret opens nothing: the report fails visibly instead of being tried for ever.
        harvested(db, &found, vec![record(0, "Air")]);
        let other = Secret::from_bytes([8; 32]);
        let taken = db.write(|tx| source::take_due_reports(tx, &other, ContactKind::Email, 100)).unwrap();
        assert!(taken.is_empty());
        let told = db.read(|tx| source::list_reports(tx, found.id, 100)).unwrap();
        assert!(told.iter().all(|report| report.state == ReportState::Failed), "{told:?}");
    });
}

#[test]
fn a_dry_run_tells_nobody() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        let new = contact(ContactKind::Email, "open@city.example", Occasion::Always);
        db.write(|tx| source::add_contact(tx, &secret(), &found, new)).unwrap();
        let dry = HarvestPayload { dry_run: true, ..HarvestPayload::default() };
        let job = db.write(|tx| harvest::enqueue(tx, found.id, &dry)).unwrap();
        let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
        db.write(|tx| harvest::complete(tx, &lease, &HarvestProgress::default())).unwrap();
        assert!(!db.read(source::is_report_due).unwrap());
    });
}

#[test]
fn a_deleted_source_is_gone_at_once_and_cleared_away_by_whoever_comes_next() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        let records = (0..1_200).map(|n| record(n, &format!("Dataset {n}"))).collect();
        harvested(db, &found, records);
        let under_way = db.write(|tx| harvest::enqueue(tx, found.id, &HarvestPayload::default())).unwrap();
        let new = contact(ContactKind::Email, "open@city.example", Occasion::Always);
        db.write(|tx| source::add_contact(tx, &secret(), &found, new)).unwrap();
        let job = db.write(|tx| source::delete_source(tx, &found, DatasetsThen::Withdraw, "account:ada")).unwrap();
        for name in ["ardenport".to_owned(), found.id.to_string()] {
            assert!(
                matches!(db.read(|tx| harvest::get_source(tx, &name)), Err(CatalogError::NotFound { .. })),
                "{name}"
            );
        }
        assert!(db.read(|tx| harvest::list_sources(tx, None, None, 10)).unwrap().is_empty());
        assert!(db.write(|tx| harvest::enqueue(tx, found.id, &HarvestPayload::default())).is_err());
        assert_eq!(db.read(|tx| harvest::get_job(tx, under_way.id)).unwrap().state, JobState::Cancelled);
        assert!(!dump(db).contains("open@city.example"), "nobody is told any more");
        assert_eq!(added(db, "ardenport").slug.as_str(), "ardenport", "its name is free");
        assert!(db.read(|tx| dataset::get_public(tx, "dataset-7")).is_ok(), "the rest comes after");

        let (claimed, lease) = source::claim_next_removal(db, "first", &[]).unwrap().unwrap();
        assert_eq!(claimed.id, job.id);
        assert!(source::claim_next_removal(db, "second", &[]).unwrap().is_none(), "one at a time");
        let step = source::remove_batch(db, &lease).unwrap();
        assert_eq!((step.progress.withdrawn, step.state), (500, JobState::Running));
        // The first worker is killed; the second goes on where it stood, and the first cannot write any more.
        let dead = ["first".to_owned()];
        let (_, taken) = source::claim_next_removal(db, "second", &dead).unwrap().unwrap();
        assert!(matches!(
            source::remove_batch(db, &lease),
            Err(CatalogError::LeaseLost(_) | CatalogError::Cancelled(_))
        ));
        let mut last = step;
        while !last.state.has_ended() {
            last = source::remove_batch(db, &taken).unwrap();
        }
        assert_eq!((last.state, last.progress.withdrawn), (JobState::Completed, 1_200));
        assert_eq!((last.progress.records, last.progress.harvests), (1_200, 2));
        assert!(matches!(db.read(|tx| dataset::get_public(tx, "dataset-7")), Err(CatalogError::Withdrawn { .. })));
        let jobs = db.read(|tx| {
            harvest::list_jobs(tx, &harvest::JobFilter { source: Some(found.id), ..Default::default() }, 10)
        });
        assert!(jobs.unwrap().is_empty());
        assert!(source::claim_next_removal(db, "second", &[]).unwrap().is_none());
        let withdrawn = db.read(|tx| journal::list_since(tx, 0, 10_000)).unwrap();
        let withdrawn = withdrawn.iter().filter(|entry| entry.kind.as_str() == "dataset.withdrawn").count();
        assert_eq!(withdrawn, 1_200, "each once");
        db.read(journal::verify).unwrap();
    });
}

#[test]
fn datasets_of_a_deleted_source_stay_when_that_was_asked() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        harvested(db, &found, vec![record(0, "Air"), record(1, "Bees")]);
        db.write(|tx| source::delete_source(tx, &found, DatasetsThen::Keep, "account:ada")).unwrap();
        let (_, lease) = source::claim_next_removal(db, "worker", &[]).unwrap().unwrap();
        while !source::remove_batch(db, &lease).unwrap().state.has_ended() {}
        assert!(db.read(|tx| dataset::get_public(tx, "air")).is_ok());
        assert_eq!(db.read(dataset::count_published).unwrap(), 2);
    });
}

fn raw_is_kept(db: &Db, of: &IncomingRecord) -> bool {
    db.read(|tx| dataset::find_raw_record(tx, of.raw_hash)).unwrap().is_some()
}

fn delete(db: &Db, found: &HarvestSource, datasets: DatasetsThen) -> source::RemovalJob {
    db.write(|tx| source::delete_source(tx, found, datasets, "account:ada")).unwrap();
    let (_, lease) = source::claim_next_removal(db, "worker", &[]).unwrap().unwrap();
    loop {
        let removal = source::remove_batch(db, &lease).unwrap();
        if removal.state.has_ended() {
            return removal;
        }
    }
}

#[test]
fn raw_records_go_with_the_last_source_that_sent_them() {
    on_every_store(|db| {
        let (first, second) = (added(db, "first"), added(db, "second"));
        let refused = || {
            let mut refused = record(9, "Refused");
            refused.findings.push(Finding::error("title-missing", "/title", "say what it is"));
            refused
        };
        let texts = [record(0, "Shared"), record(1, "Before"), record(1, "After"), refused()];
        harvested(db, &first, vec![record(0, "Shared"), record(1, "Before")]);
        harvested(db, &first, vec![record(0, "Shared"), record(1, "After"), refused()]);
        harvested(db, &second, vec![record(0, "Shared")]);
        let kept = |db: &Db| texts.each_ref().map(|text| raw_is_kept(db, text));
        assert_eq!(kept(db), [true; 4]);
        assert!(db.read(|tx| source::find_raw_orphans(tx, 10)).unwrap().hashes.is_empty());
        let removal = delete(db, &first, DatasetsThen::Withdraw);
        assert_eq!(kept(db), [true, false, false, false], "what the other source sent as well stays");
        assert_eq!((removal.state, removal.progress.raw_records), (JobState::Completed, 3));
        assert_eq!(delete(db, &second, DatasetsThen::Keep).progress.raw_records, 1);
        assert_eq!(kept(db), [false; 4]);
        assert_eq!(db.read(dataset::count_published).unwrap(), 1, "the dataset itself stays");
    });
}

#[test]
fn a_raw_record_that_comes_in_again_while_it_is_cleared_away_stays() {
    on_every_store(|db| {
        let (first, second) = (added(db, "first"), added(db, "second"));
        harvested(db, &first, vec![record(0, "Shared"), record(1, "Own")]);
        execute(db, "UPDATE datasets SET raw_hash = NULL");
        execute(db, "DELETE FROM harvest_records");
        let orphans = db.read(|tx| source::find_raw_orphans(tx, 10)).unwrap();
        assert_eq!(orphans.hashes.len(), 2);
        harvested(db, &second, vec![record(0, "Shared")]);
        let gone = db.write(|tx| source::remove_raw_orphans(tx, &orphans.hashes, orphans.seen_at)).unwrap();
        assert_eq!((gone, raw_is_kept(db, &record(0, "Shared")), raw_is_kept(db, &record(1, "Own"))), (1, true, false));
    });
}

#[test]
fn a_record_is_shown_with_what_it_came_from_and_what_it_became() {
    on_every_store(|db| {
        let found = added(db, "ardenport");
        let first = harvested(db, &found, vec![record(0, "Air")]);
        let mut refused = record(1, "Bees");
        refused.findings.push(Finding::error("title-missing", "/title", "say what it is"));
        let second = harvested(db, &found, vec![record(0, "Air and dust"), refused]);
        let view = |job, seq| {
            db.read(|tx| {
                let record = source::get_record(tx, job, seq)?;
                let raw = source::raw_of(tx, &record)?;
                Ok((raw.map(|raw| String::from_utf8(raw).unwrap()), source::mapped_of(tx, &record)?))
            })
            .unwrap()
        };
        let (raw, mapped) = view(first, 0);
        let mapped = mapped.unwrap();
        assert_eq!(raw.as_deref(), Some("{\"identifier\":\"key-0\",\"title\":\"Air\"}"));
        assert_eq!((mapped.version, mapped.is_current, mapped.draft.title.any()), (1, false, "Air"));
        let (_, mapped) = view(second, 0);
        let mapped = mapped.unwrap();
        assert_eq!((mapped.version, mapped.is_current, mapped.draft.title.any()), (2, true, "Air and dust"));
        let (raw, mapped) = view(second, 1);
        assert!(raw.unwrap().contains("Bees") && mapped.is_none());
        let third = harvested(db, &found, vec![record(0, "Air and dust")]);
        let (raw, mapped) = view(third, 0);
        assert!(raw.unwrap().contains("Air and dust") && mapped.unwrap().is_current);
        let none = db.read(|tx| source::get_record(tx, third, 5).map(|_| ()));
        assert!(matches!(none, Err(CatalogError::NotFound { .. })));
        let samples = db.read(|tx| source::last_raw_records(tx, found.id, 10)).unwrap();
        assert_eq!(samples.len(), 1, "of the latest harvest");
    });
}
