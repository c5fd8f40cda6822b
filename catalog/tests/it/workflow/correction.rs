//! Corrections of harvested datasets: they lie over what the source says, whatever it says later, until they are taken back.

use fairground_catalog::account::Role;
use fairground_catalog::correction::{self, Correction};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::domain::{ContentHash, DatasetDraft, LocalizedText, PublisherId, PublisherRole};
use fairground_catalog::draft::{self, Approval, Draft, NewFile, Origin};
use fairground_catalog::gate::{self, HoldFilter, HoldState, ReleaseReason};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Db, publisher};
use serde_json::json;

use super::person;
use crate::store::{execute, on_every_store};
use crate::table::{Agency, draft as described};

/// A city whose datasets are harvested, with an editor and a reviewer.
struct City<'a> {
    db: &'a Db,
    agency: Agency<'a>,
    editor: Actor,
    reviewer: Actor,
}

const FILE: &str = "https://data.example/trees.csv";

/// What the source says.
fn trees(title: &str, description: &str) -> DatasetDraft {
    DatasetDraft { description: LocalizedText::undetermined(description), ..described("x", title, &[FILE]) }
}

impl<'a> City<'a> {
    fn furnish(db: &'a Db) -> Self {
        let agency = Agency::of(db);
        agency.harvest(&[trees("trees_2026_final", "Trees.")]);
        let home: PublisherId = db.read(|tx| publisher::get(tx, "city-of-ardenport")).unwrap().publisher.id;
        let member = |name: &str, role| {
            let account = person(db, name, Role::Developer, None);
            db.write(|tx| member::grant(tx, &Actor::command_line(), home, account.id, role, None)).unwrap();
            Actor::of(&account)
        };
        let (editor, reviewer) = (member("ada", PublisherRole::Editor), member("rita", PublisherRole::Reviewer));
        Self { db, agency, editor, reviewer }
    }

    fn public(&self) -> Dataset {
        let mut all = self.db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    fn title(&self) -> String {
        self.public().draft.title.any().to_owned()
    }

    fn begin(&self) -> Draft {
        let slug = self.public().slug;
        self.db.write(|tx| draft::begin_version(tx, &self.editor, slug.as_str())).unwrap()
    }

    fn publish(&self, draft: &Draft) {
        let wish = draft::ReleaseWish::default();
        let waiting = self.db.write(|tx| draft::submit(tx, &self.editor, draft.id, draft.revision, wish)).unwrap();
        let preview = self.db.read(|tx| draft::preview(tx, &self.reviewer, draft.id)).unwrap();
        self.db.write(|tx| draft::approve(tx, &self.reviewer, draft.id, waiting.revision, Approval::Now)).unwrap();
        assert_eq!((preview.draft, preview.version), (self.public().draft, self.public().version));
    }

    fn corrects_title(&self, title: &str) {
        let begun = self.begin();
        let mut content = begun.content.clone();
        content.document.title = LocalizedText::undetermined(title);
        let saved = self.db.write(|tx| draft::save(tx, &self.editor, begun.id, begun.revision, content)).unwrap();
        self.publish(&saved);
    }

    /// The one update that waits is released.
    fn releases(&self) {
        let operator = Actor::command_line();
        let filter = HoldFilter { state: Some(HoldState::Open), ..HoldFilter::default() };
        let holds = self.db.read(|tx| gate::list(tx, &operator, &filter, 10)).unwrap();
        assert_eq!(holds.len(), 1, "{holds:?}");
        let words = "The statute on fees orders it.";
        self.db.write(|tx| gate::release(tx, &operator, holds[0].id, ReleaseReason::LegalDuty, words)).unwrap();
    }

    fn corrections(&self) -> Vec<Correction> {
        let slug = self.public().slug;
        self.db.read(|tx| correction::list(tx, &self.editor, slug.as_str())).unwrap()
    }
}

/// A description that is held.
const HELD: &str = "Fees of Ada Byron, paid monthly to her account DE89 3704 0044 0532 0130 00.";

fn text(words: &str) -> serde_json::Value {
    json!(LocalizedText::undetermined(words))
}

#[test]
fn a_correction_stays_when_its_dataset_is_harvested_again() {
    on_every_store(|db| {
        let city = City::furnish(db);
        let before = city.public();
        city.corrects_title("Street trees");
        let corrected = city.public();
        assert_eq!((corrected.version, city.title().as_str()), (2, "Street trees"));
        assert_eq!(corrected.provenance, before.provenance, "it is the same record's");
        assert_eq!(corrected.draft.distribution, before.draft.distribution);
        assert_eq!(
            (&corrected.draft.issued, &corrected.draft.modified),
            (&before.draft.issued, &before.draft.modified)
        );
        let known = city.corrections();
        assert_eq!(known.len(), 1);
        assert_eq!((known[0].field.as_str(), known[0].corrected_by.as_str()), ("title", city.editor.name()));
        assert_eq!((&known[0].value, &known[0].original), (&text("Street trees"), &text("trees_2026_final")));

        // The source says the same: nothing is new.
        city.agency.harvest(&[trees("trees_2026_final", "Trees.")]);
        assert_eq!((city.public().version, city.title().as_str()), (2, "Street trees"));
        // It says something else beside the correction: that is taken, and the correction stays.
        city.agency.harvest(&[trees("trees_2026_final", "Trees of the streets.")]);
        let public = city.public();
        assert_eq!((public.version, city.title().as_str()), (3, "Street trees"));
        assert_eq!(public.draft.description.any(), "Trees of the streets.");
        assert_eq!(city.corrections()[0].source_changed_at, None);
        // It says something else in the corrected field: nothing public changes, and the agency sees it.
        city.agency.harvest(&[trees("trees_2027", "Trees of the streets.")]);
        assert_eq!((city.public().version, city.title().as_str()), (3, "Street trees"));
        let known = city.corrections();
        assert_eq!((&known[0].value, &known[0].original), (&text("Street trees"), &text("trees_2027")));
        assert!(known[0].source_changed_at.is_some());
        let slug = city.public().slug;
        let (_, source) = db.read(|tx| correction::beside_the_source(tx, &city.editor, slug.as_str())).unwrap();
        assert_eq!(source.title.any(), "trees_2027");
        // A dataset that goes and comes back is still corrected.
        city.agency.harvest(&[]);
        city.agency.harvest(&[trees("trees_2027", "Trees.")]);
        assert_eq!(city.title(), "Street trees");
    });
}

#[test]
fn a_correction_is_taken_back_and_gives_way_to_the_source() {
    on_every_store(|db| {
        let city = City::furnish(db);
        city.corrects_title("Street trees");
        city.agency.harvest(&[trees("trees_2027", "Trees.")]);
        let slug = city.public().slug;
        let take_back = |actor: &Actor, fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
            db.write(|tx| draft::take_back(tx, actor, slug.as_str(), &fields))
        };
        assert!(matches!(
            take_back(&city.editor, &["keyword"]),
            Err(CatalogError::NotFound { what: "correction", .. })
        ));
        assert!(matches!(take_back(&city.editor, &[]), Err(CatalogError::Invalid { field: "fields", .. })));
        assert!(matches!(take_back(&city.reviewer, &["title"]), Err(CatalogError::Forbidden(_))));
        let begun = take_back(&city.editor, &["title"]).unwrap();
        assert_eq!((begun.origin, begun.title()), (Origin::Correction, "trees_2027"));
        assert_eq!(city.title(), "Street trees", "it goes the way of drafts");
        city.publish(&begun);
        assert_eq!((city.title().as_str(), city.corrections().len()), ("trees_2027", 0));
        city.agency.harvest(&[trees("trees_2028", "Trees.")]);
        assert_eq!(city.title(), "trees_2028");
    });
}

#[test]
fn a_correction_taken_back_while_an_update_waits_does_not_come_back_with_it() {
    on_every_store(|db| {
        let city = City::furnish(db);
        city.corrects_title("Street trees");
        city.agency.harvest(&[trees("trees_2027", HELD)]);
        assert_eq!(city.public().draft.description.any(), "Trees.");
        let slug = city.public().slug;
        let begun = db.write(|tx| draft::take_back(tx, &city.editor, slug.as_str(), &["title".to_owned()])).unwrap();
        city.publish(&begun);
        city.releases();
        let public = city.public();
        assert_eq!((public.draft.title.any(), public.draft.description.any()), ("trees_2027", HELD));
    });
}

/// The reviewer saw the corrected title. Were the correction gone without a word when the release comes, what the source says in
/// its place has been seen by nobody.
#[test]
fn what_a_correction_hid_from_the_reviewer_is_not_released_with_the_rest() {
    on_every_store(|db| {
        let city = City::furnish(db);
        city.corrects_title("Street trees");
        city.agency.harvest(&[trees("Trees of Grace Hopper, paid to DE89 3704 0044 0532 0130 00", HELD)]);
        execute(db, "DELETE FROM dataset_corrections");
        city.releases();
        let public = city.public();
        assert_eq!((public.draft.title.any(), public.draft.description.any()), ("Street trees", HELD));
    });
}

#[test]
fn what_only_the_source_says_is_refused_by_name_and_nothing_is_saved() {
    on_every_store(|db| {
        let city = City::furnish(db);
        let begun = city.begin();
        assert_eq!((begun.origin, begun.base_version), (Origin::Correction, Some(1)));
        type Change = fn(&mut DatasetDraft);
        let changes: [(&str, Change); 4] = [
            ("identifier", |document| document.identifier = "other".to_owned()),
            ("publisher", |document| document.publisher = None),
            ("distribution", |document| document.distribution.clear()),
            ("modified", |document| document.modified = Some("2020-01-01".to_owned())),
        ];
        for (named, change) in changes {
            let mut content = begun.content.clone();
            content.document.title = LocalizedText::undetermined("Street trees");
            change(&mut content.document);
            match db.write(|tx| draft::save(tx, &city.editor, begun.id, begun.revision, content)) {
                Err(CatalogError::Invalid { field, .. }) => assert_eq!(field, named),
                other => panic!("{named}: {other:?}"),
            }
        }
        let file = NewFile {
            file_name: "trees.csv".to_owned(),
            bytes: 3,
            source_hash: ContentHash::of(b"one"),
            media_type: None,
            tables: Vec::new(),
        };
        let refused = db.write(|tx| draft::put_file(tx, &city.editor, begun.id, begun.revision, file));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "file", .. })), "{refused:?}");
        let kept = db.read(|tx| draft::get(tx, &city.editor, begun.id)).unwrap();
        assert_eq!((kept.revision, kept.title()), (begun.revision, "trees_2026_final"));
        // Saved as a form sends it, without a word of it changed, there is nothing to correct.
        db.write(|tx| draft::save(tx, &city.editor, begun.id, begun.revision, begun.content.clone())).unwrap();
        city.publish(&now(&city, begun.id));
        assert_eq!(city.corrections(), []);
    });
}

fn now(city: &City<'_>, id: fairground_catalog::domain::DraftId) -> Draft {
    city.db.read(|tx| draft::get(tx, &city.editor, id)).unwrap()
}

#[test]
fn an_earlier_description_of_a_harvested_dataset_comes_back_as_a_correction() {
    on_every_store(|db| {
        let city = City::furnish(db);
        city.agency.harvest(&[trees("t27", "New words.")]);
        let slug = city.public().slug;
        let restored = db.write(|tx| draft::restore_version(tx, &city.editor, slug.as_str(), 1)).unwrap();
        assert_eq!(
            (restored.draft.origin, restored.draft.files.len(), restored.missing.len()),
            (Origin::Correction, 0, 0)
        );
        city.publish(&restored.draft);
        let public = city.public();
        assert_eq!((public.draft.title.any(), public.draft.description.any()), ("trees_2026_final", "Trees."));
        let fields: Vec<String> = city.corrections().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["description", "title"]);
        city.agency.harvest(&[trees("t28", "Newer words.")]);
        let public = city.public();
        assert_eq!((public.draft.title.any(), public.draft.description.any()), ("trees_2026_final", "Trees."));
    });
}

#[test]
fn a_harvest_in_between_is_a_conflict_and_strangers_know_of_nothing() {
    on_every_store(|db| {
        let city = City::furnish(db);
        let begun = city.begin();
        let slug = begun.slug.as_str();
        let stranger = Actor::of(&person(db, "stan", Role::Developer, None));
        for refused in [
            db.read(|tx| correction::list(tx, &stranger, slug)).map(drop),
            db.write(|tx| draft::take_back(tx, &stranger, slug, &["title".to_owned()])).map(drop),
            db.write(|tx| draft::begin_version(tx, &stranger, slug)).map(drop),
        ] {
            assert!(matches!(refused, Err(CatalogError::NotFound { what: "dataset", .. })), "{refused:?}");
        }
        let mut content = begun.content.clone();
        content.document.title = LocalizedText::undetermined("Street trees");
        let saved = db.write(|tx| draft::save(tx, &city.editor, begun.id, begun.revision, content)).unwrap();
        let wish = draft::ReleaseWish::default();
        let waiting = db.write(|tx| draft::submit(tx, &city.editor, saved.id, saved.revision, wish)).unwrap();
        city.agency.harvest(&[trees("t27", "Trees.")]);
        let late = db.write(|tx| draft::approve(tx, &city.reviewer, waiting.id, waiting.revision, Approval::Now));
        assert!(matches!(late, Err(CatalogError::Conflict(_))), "{late:?}");
        assert_eq!(city.title(), "t27");
        // Gone at its source, there is nothing to correct.
        db.write(|tx| draft::discard(tx, &city.editor, waiting.id, waiting.revision, None)).unwrap();
        let begun = city.begin();
        city.agency.harvest(&[]);
        let wish = draft::ReleaseWish::default();
        let waiting = db.write(|tx| draft::submit(tx, &city.editor, begun.id, begun.revision, wish)).unwrap();
        let gone = db.write(|tx| draft::approve(tx, &city.reviewer, waiting.id, waiting.revision, Approval::Now));
        assert!(gone.is_err(), "{gone:?}");
        db.write(|tx| draft::discard(tx, &city.editor, waiting.id, waiting.revision, None)).unwrap();
        let refused = db.write(|tx| draft::begin_version(tx, &city.editor, slug));
        assert!(matches!(refused, Err(CatalogError::WrongState { .. })), "{refused:?}");
    });
}
