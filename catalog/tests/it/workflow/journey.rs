//! Every step by every role, allowed and refused; two people at once.

use fairground_catalog::domain::{ActingRole, FieldComment, Stage, StageName};
use fairground_catalog::draft::{self, Approval, Draft, DraftFilter, ReleaseWish};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Db, Tx};

use super::{Cast, begun, now, published, retitled, submitted};
use crate::store::on_every_store;

/// What comes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Done,
    /// There is nothing, as far as they can know.
    Unknown,
    Forbidden,
    WrongStage,
}

fn came<T>(result: Result<T, CatalogError>) -> Came {
    match result {
        Ok(_) => Came::Done,
        Err(CatalogError::NotFound { .. }) => Came::Unknown,
        Err(CatalogError::Forbidden(_)) => Came::Forbidden,
        Err(CatalogError::WrongStage(_)) => Came::WrongStage,
        Err(other) => panic!("{other}"),
    }
}

fn comment() -> Vec<FieldComment> {
    vec![FieldComment { pointer: "/title".to_owned(), text: "Say which year.".to_owned() }]
}

type Step = fn(&mut Tx<'_>, &Actor, &Draft) -> Result<Draft, CatalogError>;

/// The steps: their names, how they are made, from which stages, and who may.
const STEPS: [(&str, Step, &[StageName], &[&str]); 8] = [
    (
        "see",
        |tx, actor, draft| draft::get(tx, actor, draft.id),
        &StageName::ALL,
        &["author", "editor", "reviewer", "manager", "both", "operator", "auditor", "steward", "staff"],
    ),
    (
        "save",
        |tx, actor, draft| draft::save(tx, actor, draft.id, draft.revision, retitled(draft, "Berths and quays")),
        &[StageName::Draft, StageName::Returned],
        &["author", "editor", "both", "operator", "staff"],
    ),
    (
        "submit",
        |tx, actor, draft| draft::submit(tx, actor, draft.id, draft.revision, ReleaseWish::default()),
        &[StageName::Draft, StageName::Returned],
        &["author", "editor", "both", "operator", "staff"],
    ),
    (
        "recall",
        |tx, actor, draft| draft::recall(tx, actor, draft.id, draft.revision),
        &[StageName::InReview, StageName::Approved],
        &["author", "editor", "both", "operator", "staff"],
    ),
    (
        "return",
        |tx, actor, draft| draft::give_back(tx, actor, draft.id, draft.revision, comment()),
        &[StageName::InReview, StageName::Approved],
        &["reviewer", "operator", "steward"],
    ),
    (
        "approve",
        |tx, actor, draft| draft::approve(tx, actor, draft.id, draft.revision, Approval::Now),
        &[StageName::InReview, StageName::Approved],
        &["reviewer", "operator", "steward"],
    ),
    (
        "discard",
        |tx, actor, draft| draft::discard(tx, actor, draft.id, draft.revision, None),
        &[StageName::Draft, StageName::InReview, StageName::Returned, StageName::Approved],
        &["author", "editor", "both", "manager", "operator", "steward", "staff"],
    ),
    // No window runs under four eyes, so nobody has anything to stop.
    (
        "hold",
        |tx, actor, draft| draft::object(tx, actor, draft.id, draft.revision, "Wrong year."),
        &[],
        &["reviewer", "both", "operator", "steward"],
    ),
];

/// One draft of every stage, each written by `author` and `both`.
fn every_stage(db: &Db, cast: &Cast) -> Vec<Draft> {
    let fresh = |title: &str| {
        let draft = begun(db, cast, title);
        let content = retitled(&draft, &format!("{title}, mended"));
        db.write(|tx| draft::save(tx, &cast.both, draft.id, draft.revision, content)).unwrap()
    };
    let approval = Approval::At(super::moment::wish("2999-01-01T09:00", "Europe/Rome", true));
    let review = submitted(db, cast, &fresh("In review"));
    let returned = submitted(db, cast, &fresh("Returned"));
    let approved = submitted(db, cast, &fresh("Approved"));
    let discarded = fresh("Discarded");
    vec![
        fresh("Draft"),
        review,
        db.write(|tx| draft::give_back(tx, &cast.reviewer, returned.id, returned.revision, comment())).unwrap(),
        db.write(|tx| draft::approve(tx, &cast.reviewer, approved.id, approved.revision, approval)).unwrap(),
        published(db, cast, &fresh("Published")),
        db.write(|tx| draft::discard(tx, &cast.author, discarded.id, discarded.revision, Some("no"))).unwrap(),
    ]
}

#[test]
fn every_step_is_allowed_to_its_roles_from_its_stages_and_refused_to_all_others() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let people: [(&str, &Actor); 10] = [
            ("author", &cast.author),
            ("editor", &cast.editor),
            ("reviewer", &cast.reviewer),
            ("manager", &cast.manager),
            ("both", &cast.both),
            ("operator", &cast.operator),
            ("auditor", &cast.auditor),
            ("stranger", &cast.stranger),
            ("steward", &cast.steward),
            ("staff", &cast.staff),
        ];
        for (draft, stage) in every_stage(db, &cast).iter().zip(StageName::ALL) {
            assert_eq!(draft.stage.name(), stage);
            for (name, step, from, who) in STEPS {
                for (called, actor) in people {
                    let found = came(db.rehearse(|tx| step(tx, actor, draft)));
                    let expected = match (called, who.contains(&called), from.contains(&stage)) {
                        ("stranger", _, _) => Came::Unknown,
                        (_, false, _) => Came::Forbidden,
                        (_, true, true) => Came::Done,
                        (_, true, false) => Came::WrongStage,
                    };
                    assert_eq!(found, expected, "{called} wants to {name} what is {stage}");
                }
            }
        }
    });
}

#[test]
fn nobody_reviews_what_they_wrote_whatever_else_they_are() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let draft = begun(db, &cast, "Berths");
        let content = retitled(&draft, "Berths of the old harbour");
        // A single word of theirs makes the operator an author too.
        let draft = db.write(|tx| draft::save(tx, &cast.operator, draft.id, draft.revision, content)).unwrap();
        let draft = submitted(db, &cast, &draft);
        for actor in [&cast.operator, &cast.author] {
            let approved = db.write(|tx| draft::approve(tx, actor, draft.id, draft.revision, Approval::Now));
            assert_eq!(came(approved), Came::Forbidden, "{}", actor.name());
        }
        let done = db.write(|tx| draft::approve(tx, &cast.reviewer, draft.id, draft.revision, Approval::Now)).unwrap();
        let Stage::Published { approved_by, version, .. } = &done.stage else { panic!("{:?}", done.stage) };
        assert_eq!((approved_by.role, *version), (ActingRole::Reviewer, 1));
        assert_eq!(approved_by.actor, cast.reviewer.name());
    });
}

#[test]
fn a_returned_draft_carries_its_comments_is_mended_and_goes_again() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let first = submitted(db, &cast, &begun(db, &cast, "Berths"));
        let returned =
            db.write(|tx| draft::give_back(tx, &cast.reviewer, first.id, first.revision, comment())).unwrap();
        let Stage::Returned(note) = &returned.stage else { panic!("{:?}", returned.stage) };
        assert_eq!((note.comments.clone(), note.revision), (comment(), first.revision));
        let mended = db
            .write(|tx| draft::save(tx, &cast.author, first.id, returned.revision, retitled(&returned, "Berths 2027")))
            .unwrap();
        assert_eq!(mended.stage.name(), StageName::Returned, "it stays returned until it is submitted");
        let again = submitted(db, &cast, &mended);
        assert_eq!(again.returns.len(), 1, "what was said stays known");
        for (comments, why) in [
            (Vec::new(), "none"),
            (vec![FieldComment { pointer: "title".to_owned(), text: "x".to_owned() }], "no pointer"),
            (vec![FieldComment { pointer: String::new(), text: " ".to_owned() }], "no words"),
            (vec![comment().remove(0); draft::MAX_COMMENTS + 1], "too many"),
        ] {
            let refused =
                db.write(|tx| draft::give_back(tx, &cast.reviewer, again.id, again.revision, comments.clone()));
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "comments", .. })), "{why}");
        }
    });
}

#[test]
fn two_people_who_edit_get_a_conflict_that_says_what_the_other_saved() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let seen = begun(db, &cast, "Berths");
        let theirs = retitled(&seen, "Berths, by Emil");
        db.write(|tx| draft::save(tx, &cast.editor, seen.id, seen.revision, theirs.clone())).unwrap();
        let mine = retitled(&seen, "Berths, by Ada");
        let refused = db.write(|tx| draft::save(tx, &cast.author, seen.id, seen.revision, mine.clone()));
        let Err(CatalogError::Conflict(conflict)) = refused else { panic!("{refused:?}") };
        assert_eq!((conflict.expected, conflict.found), (seen.revision, seen.revision + 1));
        assert_eq!(conflict.saved_by.as_deref(), Some(cast.editor.name()));
        assert_eq!(conflict.changes.len(), 1);
        assert!(conflict.changes[0].path.starts_with("/document/title"), "{:?}", conflict.changes);
        assert_eq!(conflict.theirs["document"]["title"], serde_json::to_value(&theirs.document.title).unwrap());
        assert_eq!(now(db, &cast, seen.id).title(), "Berths, by Emil", "nothing is lost");
        let base = db.read(|tx| draft::get_revision(tx, &cast.author, seen.id, seen.revision)).unwrap();
        assert_eq!(base.content, seen.content, "what both began from is still known");
        let saved = db.write(|tx| draft::save(tx, &cast.author, seen.id, conflict.found, mine.clone())).unwrap();
        assert_eq!(saved.title(), "Berths, by Ada");
        let same = db.write(|tx| draft::save(tx, &cast.author, seen.id, saved.revision, mine.clone())).unwrap();
        assert_eq!(same.revision, saved.revision, "saving what is there changes nothing");
    });
}

#[test]
fn of_many_who_save_at_once_one_is_first_and_the_others_are_told() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let seen = begun(db, &cast, "Berths");
        let results: Vec<Result<Draft, CatalogError>> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..6)
                .map(|number| {
                    let (db, seen, actor) = (db.clone(), &seen, &cast.author);
                    let content = retitled(seen, &format!("Berths {number}"));
                    scope.spawn(move || db.write(|tx| draft::save(tx, actor, seen.id, seen.revision, content)))
                })
                .collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        let (saved, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!((saved.len(), refused.len()), (1, 5));
        assert!(refused.iter().all(|one| matches!(one, Err(CatalogError::Conflict(_)))), "{refused:?}");
        assert_eq!(now(db, &cast, seen.id).title(), saved[0].as_ref().unwrap().title());
    });
}

#[test]
fn what_is_approved_is_what_was_looked_at() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let looked_at = submitted(db, &cast, &begun(db, &cast, "Berths"));
        let back = db.write(|tx| draft::recall(tx, &cast.author, looked_at.id, looked_at.revision)).unwrap();
        let changed = db
            .write(|tx| draft::save(tx, &cast.author, back.id, back.revision, retitled(&back, "Something else")))
            .unwrap();
        submitted(db, &cast, &changed);
        let refused =
            db.write(|tx| draft::approve(tx, &cast.reviewer, looked_at.id, looked_at.revision, Approval::Now));
        assert!(matches!(refused, Err(CatalogError::Conflict(_))), "{refused:?}");
    });
}

#[test]
fn a_description_needs_little_but_that_it_needs() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let empty = db.write(|tx| draft::create(tx, &cast.author, cast.publisher, draft::NewDraft::default())).unwrap();
        let ready = db.read(|tx| draft::check(tx, &cast.author, empty.id)).unwrap();
        let pointers: Vec<&str> = ready.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/title", "/description"]);
        let refused = db.write(|tx| draft::submit(tx, &cast.author, empty.id, empty.revision, ReleaseWish::default()));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "document", .. })), "{refused:?}");
        let mut content = retitled(&empty, "Berths");
        content.document.description = super::described("x").description;
        content.document.distribution = vec![
            fairground_catalog::domain::Distribution {
                download_url: Some("see our page".to_owned()),
                ..Default::default()
            },
            fairground_catalog::domain::Distribution::default(),
        ];
        let saved = db.write(|tx| draft::save(tx, &cast.author, empty.id, empty.revision, content)).unwrap();
        let ready = db.read(|tx| draft::check(tx, &cast.author, saved.id)).unwrap();
        assert_eq!(ready.faults.len(), 2, "{:?}", ready.faults);
        assert!(!ready.is_ready() && ready.quality.points() < 405);
    });
}

#[test]
fn lists_show_each_their_own() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let (one, two) = (begun(db, &cast, "Berths"), begun(db, &cast, "Cranes"));
        submitted(db, &cast, &two);
        let ids = |actor: &Actor, filter: &DraftFilter| -> Vec<_> {
            let cards = db.read(|tx| draft::list(tx, actor, filter, 50)).unwrap();
            cards.into_iter().map(|card| card.id).collect()
        };
        let all = DraftFilter::default();
        for actor in [&cast.author, &cast.reviewer, &cast.manager, &cast.operator, &cast.auditor, &cast.steward] {
            assert_eq!(ids(actor, &all), [two.id, one.id], "{}", actor.name());
        }
        assert!(ids(&cast.stranger, &all).is_empty());
        let review = DraftFilter { stages: vec![StageName::InReview], ..DraftFilter::default() };
        assert_eq!(ids(&cast.reviewer, &review), [two.id]);
        let by_editor = DraftFilter { author: Some(cast.editor.name().to_owned()), ..DraftFilter::default() };
        assert!(ids(&cast.editor, &by_editor).is_empty());
        let by_author = DraftFilter {
            author: Some(cast.author.name().to_owned()),
            before: Some(two.id),
            publisher: Some(cast.publisher),
            ..DraftFilter::default()
        };
        assert_eq!(ids(&cast.editor, &by_author), [one.id]);
        let elsewhere = db.read(|tx| draft::list(tx, &cast.stranger, &by_author, 50));
        assert!(matches!(elsewhere, Err(CatalogError::NotFound { .. })));
    });
}

#[test]
fn a_desk_shows_what_its_owner_can_do_and_nothing_else() {
    on_every_store(|db| {
        let cast = Cast::assemble(db);
        let waiting = submitted(db, &cast, &begun(db, &cast, "Berths"));
        let tasks = |actor: &Actor| -> Vec<&'static str> {
            let desk = db.read(|tx| draft::desk(tx, actor, 10)).unwrap();
            desk.items.iter().map(|item| item.task.as_str()).collect()
        };
        for (actor, expected) in [
            (&cast.reviewer, vec!["to-review"]),
            (&cast.steward, vec!["to-review"]),
            (&cast.operator, vec!["to-review"]),
            (&cast.author, vec![]),
            (&cast.auditor, vec![]),
            (&cast.stranger, vec![]),
        ] {
            assert_eq!(tasks(actor), expected, "{}", actor.name());
        }
        db.write(|tx| draft::give_back(tx, &cast.reviewer, waiting.id, waiting.revision, comment())).unwrap();
        assert_eq!(tasks(&cast.author), ["returned"]);
        assert!(tasks(&cast.reviewer).is_empty());
    });
}
