//! Following: what is told to whom, when, and once.

use fairground_catalog::citizen::{self, Act, Citizen, Done};
use fairground_catalog::domain::{FollowId, Timestamp};
use fairground_catalog::letter::{self, NewLetter};
use fairground_catalog::search::SearchIndex;
use fairground_catalog::watch::{
    self, Channel, DeliveryState, DueLetter, MAX_CALL_ATTEMPTS, NewFollow, NewsState, PAUSE_SECS, Rhythm, SavedSearch,
    Subject,
};
use fairground_catalog::{CatalogError, Db, Secret, dataset, follow, publisher};

use crate::store::{dump, execute, on_every_store};
use crate::table::{Agency, draft};

const ADA: &str = "ada@example.org";

fn secret() -> Secret {
    Secret::from_bytes([7; 32])
}

/// A store with an agency and an index of its own.
struct World<'a> {
    db: &'a Db,
    agency: Agency<'a>,
    index: SearchIndex,
    folder: std::path::PathBuf,
}

impl<'a> World<'a> {
    fn of(db: &'a Db) -> Self {
        let folder = std::env::temp_dir().join(format!("fairground-watch-{}", uuid::Uuid::now_v7()));
        let world = Self { db, agency: Agency::of(db), index: SearchIndex::open_writer(&folder).unwrap(), folder };
        world.harvest(&[("trees", "Trees of the city"), ("beds", "Hospital beds")]);
        world
    }

    fn harvest(&self, datasets: &[(&str, &str)]) {
        let drafts: Vec<_> = datasets.iter().map(|(key, title)| draft(key, title, &[])).collect();
        self.agency.harvest(&drafts);
        follow::catch_up(self.db, &self.index).unwrap();
    }

    fn news(&self) -> usize {
        watch::match_news(self.db, &self.index).unwrap().news
    }

    fn subject(&self, slug: &str) -> Subject {
        Subject::Dataset(self.db.read(|tx| dataset::get(tx, slug)).unwrap().id)
    }

    fn follows(&self, subject: Subject, channel: Channel, rhythm: Rhythm) -> (Citizen, FollowId) {
        let hook = channel == Channel::Webhook;
        let new = NewFollow {
            subject,
            channel,
            rhythm,
            address: hook.then(|| "https://hooks.example/secret/path".to_owned()),
            secret: hook.then(|| "whsec_x".to_owned()),
        };
        match self.db.write(|tx| citizen::act(tx, &secret(), ADA, Act::Follow(new.clone()))).unwrap() {
            (citizen, Done::Followed(follow)) => (citizen, follow.id),
            other => panic!("{other:?}"),
        }
    }

    /// The letters that are due at a moment, queued.
    fn letters(&self, at: Option<Timestamp>) -> Vec<DueLetter> {
        let now = |tx: &mut fairground_catalog::Tx<'_>| tx.now = at.unwrap_or(tx.now);
        let groups = self
            .db
            .read(|tx| {
                now(tx);
                watch::due_letters(tx)
            })
            .unwrap();
        let mut letters = Vec::new();
        for group in groups {
            let due = self.db.write(|tx| {
                now(tx);
                let Some(due) = watch::take_letter(tx, &secret(), &group)? else { return Ok(None) };
                let text = NewLetter { to: due.to.clone(), subject: String::new(), text: String::new() };
                let id = letter::enqueue_listed(tx, &secret(), text, "https://data.example/unsubscribe/x".to_owned())?;
                watch::letter_queued(tx, due.delivery, id)?;
                Ok(Some(due))
            });
            letters.extend(due.unwrap());
        }
        letters
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn titles(letter: &DueLetter) -> Vec<(&str, &str)> {
    letter.changes.iter().map(|(_, change)| (change.kind.as_str(), change.slug.as_str())).collect()
}

#[test]
fn nothing_is_kept_before_an_address_is_confirmed_and_a_link_works_once() {
    on_every_store(|db| {
        let world = World::of(db);
        let new = NewFollow {
            subject: world.subject("trees-of-the-city"),
            channel: Channel::Email,
            rhythm: Rhythm::Immediate,
            address: None,
            secret: None,
        };
        let begin = |email: &str| db.write(|tx| citizen::begin(tx, &secret(), email, Act::Follow(new.clone())));
        assert!(matches!(begin("nobody"), Err(CatalogError::Invalid { field: "email", .. })));
        let (to, token) = begin(" Ada@Example.org ").unwrap();
        assert_eq!(to, ADA);
        assert_eq!(db.read(watch::count_all).unwrap(), 0);
        assert!(!dump(db).contains(ADA), "the address stands nowhere in plain");
        assert_eq!(db.read(|tx| citizen::look_at(tx, &secret(), &token)).unwrap(), Act::Follow(new.clone()));
        let (_, done) = db.write(|tx| citizen::confirm(tx, &secret(), &token)).unwrap();
        let Done::Followed(follow) = done else { panic!("{done:?}") };
        assert_eq!((follow.title.as_str(), follow.slug.as_deref()), ("Trees of the city", Some("trees-of-the-city")));
        let again = db.write(|tx| citizen::confirm(tx, &secret(), &token));
        assert!(matches!(again, Err(CatalogError::NotFound { what: "link", .. })));
        assert!(!dump(db).contains(ADA), "nor after it was confirmed");
        for _ in 0..citizen::MOST_WAITING {
            begin("bob@example.org").unwrap();
        }
        assert!(begin("bob@example.org").is_err(), "one address has so many letters and no more");
        execute(db, "UPDATE confirmations SET expires_at = 0");
        begin("bob@example.org").unwrap();
    });
}

#[test]
fn a_change_is_told_once_and_what_was_before_is_not_told() {
    on_every_store(|db| {
        let world = World::of(db);
        assert_eq!(world.news(), 0, "nobody follows");
        let (ada, id) = world.follows(world.subject("trees-of-the-city"), Channel::Email, Rhythm::Immediate);
        world.harvest(&[("trees", "Trees of the whole city"), ("beds", "Beds")]);
        assert_eq!(world.news(), 1, "beds are not followed");
        assert_eq!(world.news(), 0);
        let letters = world.letters(None);
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, ADA);
        assert_eq!(titles(&letters[0]), [("dataset.updated", "trees-of-the-city")]);
        assert_eq!(letters[0].changes[0].1.title.as_deref(), Some("Trees of the whole city"));
        assert!(world.letters(None).is_empty(), "once");
        let follows = db.read(|tx| watch::list_follows(tx, ada.id)).unwrap();
        let state = || db.read(|tx| watch::list_news(tx, &follows, 10)).unwrap()[0].state;
        assert_eq!(state(), NewsState::Waiting, "the queue of letters has it still");
        let taken = db.write(|tx| letter::take_due(tx, &secret(), 5)).unwrap();
        assert_eq!(taken[0].unsubscribe.as_deref(), Some("https://data.example/unsubscribe/x"));
        db.write(|tx| letter::handed_over(tx, taken[0].id)).unwrap();
        assert_eq!(state(), NewsState::Delivered);

        world.harvest(&[("trees", "Trees, again"), ("beds", "Beds")]);
        world.harvest(&[("trees", "Trees, and again"), ("beds", "Beds")]);
        assert_eq!(world.news(), 2);
        assert!(world.letters(None).is_empty(), "letters of one follow keep a distance");
        let later = Timestamp::now().plus_secs(PAUSE_SECS + 1);
        let letters = world.letters(Some(later));
        assert_eq!((letters[0].count, letters[0].changes.len()), (2, 1), "a dataset stands in a letter once");
        db.write(|tx| watch::end_follow(tx, ada.id, id)).unwrap();
        world.harvest(&[("beds", "Beds")]);
        assert_eq!(world.news(), 0);
    });
}

#[test]
fn a_letter_that_cannot_be_handed_over_is_seen_and_its_changes_can_be_told_again() {
    on_every_store(|db| {
        let world = World::of(db);
        let (ada, _) = world.follows(world.subject("trees-of-the-city"), Channel::Email, Rhythm::Immediate);
        world.harvest(&[("trees", "Trees"), ("beds", "Hospital beds")]);
        world.news();
        world.letters(None);
        let taken = db.write(|tx| letter::take_due(tx, &secret(), 5)).unwrap();
        db.write(|tx| letter::give_up(tx, taken[0].id, "no such mailbox")).unwrap();
        let failed = db.read(|tx| watch::list_deliveries(tx, ada.id, 10)).unwrap();
        assert_eq!((failed[0].state, failed[0].error.as_deref()), (DeliveryState::Failed, Some("no such mailbox")));
        db.write(|tx| watch::retry(tx, ada.id, failed[0].id)).unwrap();
        let later = Timestamp::now().plus_secs(PAUSE_SECS + 1);
        assert_eq!(world.letters(Some(later)).len(), 1);
        let delivered = db.read(|tx| watch::list_deliveries(tx, ada.id, 10)).unwrap();
        assert!(db.write(|tx| watch::retry(tx, ada.id, delivered[0].id)).is_err(), "what has not failed is let be");
    });
}

#[test]
fn a_digest_waits_for_its_morning_and_holds_everything_of_its_rhythm() {
    on_every_store(|db| {
        let world = World::of(db);
        let (ada, _) = world.follows(world.subject("trees-of-the-city"), Channel::Email, Rhythm::Daily);
        world.follows(world.subject("hospital-beds"), Channel::Email, Rhythm::Daily);
        world.harvest(&[("trees", "Trees"), ("beds", "Beds")]);
        assert_eq!(world.news(), 2);
        assert!(world.letters(None).is_empty());
        let tomorrow = Timestamp::now().plus_secs(86_400 + 1);
        let letters = world.letters(Some(tomorrow));
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].follows.len(), letters[0].changes.len()), (2, 2));
        assert!(world.letters(Some(tomorrow)).is_empty());

        let token = watch::digest_token(&secret(), ada.id, Rhythm::Weekly);
        assert!(db.write(|tx| watch::unsubscribe(tx, &secret(), &token)).unwrap().follows.is_empty());
        let token = watch::digest_token(&secret(), ada.id, Rhythm::Daily);
        assert_eq!(db.read(|tx| watch::look_at_unsubscribe(tx, &secret(), &token)).unwrap().follows.len(), 2);
        assert_eq!(db.write(|tx| watch::unsubscribe(tx, &secret(), &token)).unwrap().follows.len(), 2);
        assert!(db.write(|tx| watch::unsubscribe(tx, &secret(), &token)).unwrap().follows.is_empty(), "again is well");
        assert!(db.read(|tx| citizen::of_email(tx, &secret(), ADA)).unwrap().is_none(), "nothing is left of them");
    });
}

#[test]
fn a_publisher_and_a_search_are_followed_by_what_belongs_to_them() {
    on_every_store(|db| {
        let world = World::of(db);
        let city = db.read(|tx| publisher::get(tx, "city-of-ardenport")).unwrap().publisher;
        world.follows(Subject::Publisher(city.id), Channel::Page, Rhythm::Immediate);
        let search = SavedSearch::of_pairs([("q", "harbour berths"), ("publisher", "city-of-ardenport")]);
        let (ada, search) = world.follows(Subject::Search(search), Channel::Email, Rhythm::Immediate);
        world.harvest(&[("trees", "Trees of the city"), ("beds", "Hospital beds"), ("b", "Berths of the harbour")]);
        assert_eq!(world.news(), 2);
        let letters = world.letters(None);
        assert_eq!(letters.len(), 1, "a page is no letter");
        assert_eq!(titles(&letters[0]), [("dataset.created", "berths-of-the-harbour")]);
        world.harvest(&[("trees", "Trees of the city"), ("beds", "Hospital beds")]);
        assert_eq!(world.news(), 2, "who was told of it is told that it went");
        let letters = world.letters(Some(Timestamp::now().plus_secs(PAUSE_SECS + 1)));
        assert_eq!(titles(&letters[0]), [("dataset.withdrawn", "berths-of-the-harbour")]);
        assert_eq!(letters[0].changes[0].1.title, None, "what is not public is not named");
        let follows = db.read(|tx| watch::list_follows(tx, ada.id)).unwrap();
        let news = db.read(|tx| watch::list_news(tx, &follows, 10)).unwrap();
        assert_eq!(news.iter().filter(|one| one.state == NewsState::Shown).count(), 2);
        assert!(follows.iter().any(|one| one.id == search && one.title == "“harbour berths”, city-of-ardenport"));
        let empty = NewFollow {
            subject: Subject::Search(SavedSearch::default()),
            channel: Channel::Email,
            rhythm: Rhythm::Daily,
            address: None,
            secret: None,
        };
        let refused = db.write(|tx| citizen::act(tx, &secret(), ADA, Act::Follow(empty)));
        assert!(matches!(refused, Err(CatalogError::Invalid { field: "search", .. })));
    });
}

#[test]
fn a_call_is_tried_until_it_has_visibly_failed() {
    on_every_store(|db| {
        let world = World::of(db);
        let (ada, _) = world.follows(world.subject("trees-of-the-city"), Channel::Webhook, Rhythm::Immediate);
        assert!(!dump(db).contains("secret/path"), "the address is sealed");
        world.harvest(&[("trees", "Trees"), ("beds", "Hospital beds")]);
        world.news();
        assert!(db.read(watch::has_calls).unwrap());
        assert_eq!(db.write(watch::prepare_calls).unwrap(), 1);
        assert_eq!(db.write(watch::prepare_calls).unwrap(), 0);
        for attempt in 1..=MAX_CALL_ATTEMPTS {
            execute(db, "UPDATE follow_deliveries SET next_try_at = 0");
            let due = db.write(|tx| watch::take_due_calls(tx, &secret(), 10)).unwrap();
            assert_eq!((due.len(), due[0].attempt), (1, attempt));
            assert_eq!(due[0].address, "https://hooks.example/secret/path");
            assert_eq!(due[0].changes.len(), 1);
            assert!(db.write(|tx| watch::take_due_calls(tx, &secret(), 10)).unwrap().is_empty(), "nobody else's");
            let state = db.write(|tx| watch::put_off_call(tx, &due[0], "status 500")).unwrap();
            assert_eq!(state == DeliveryState::Failed, attempt == MAX_CALL_ATTEMPTS);
        }
        let failed = db.read(|tx| watch::list_deliveries(tx, ada.id, 10)).unwrap();
        assert_eq!((failed[0].state, failed[0].error.as_deref()), (DeliveryState::Failed, Some("status 500")));
        assert!(!db.read(watch::has_calls).unwrap());
        db.write(|tx| watch::retry(tx, ada.id, failed[0].id)).unwrap();
        assert_eq!(db.write(watch::prepare_calls).unwrap(), 1);
    });
}

#[test]
fn the_link_to_ones_page_is_replaced_and_leaving_forgets_everything() {
    on_every_store(|db| {
        let world = World::of(db);
        let (ada, _) = world.follows(world.subject("trees-of-the-city"), Channel::Email, Rhythm::Immediate);
        let token = citizen::page_token(&secret(), &ada);
        assert_eq!(db.read(|tx| citizen::by_token(tx, &secret(), &token)).unwrap().id, ada.id);
        let renewed = db.write(|tx| citizen::replace_page_link(tx, &ada)).unwrap();
        assert!(db.read(|tx| citizen::by_token(tx, &secret(), &token)).is_err());
        let token = citizen::page_token(&secret(), &renewed);
        for wrong in ["", "x", &token[..40], &format!("{token}0")] {
            assert!(db.read(|tx| citizen::by_token(tx, &secret(), wrong)).is_err(), "{wrong}");
        }
        let told = db.read(|tx| citizen::collect(tx, &secret(), ADA)).unwrap();
        assert!(told.iter().any(|datum| datum.what == "Confirmed address" && datum.value == ADA), "{told:?}");
        world.harvest(&[("trees", "Trees"), ("beds", "Hospital beds")]);
        world.news();
        world.letters(None);
        assert_eq!(db.read(letter::count_waiting).unwrap().0, 1);
        db.write(|tx| citizen::erase(tx, &secret(), ADA)).unwrap();
        assert_eq!(db.read(letter::count_waiting).unwrap().0, 0, "a letter on its way is taken back");
        assert!(db.read(|tx| citizen::collect(tx, &secret(), ADA)).unwrap().is_empty());
        assert!(db.read(|tx| citizen::by_token(tx, &secret(), &token)).is_err());
    });
}

#[test]
fn old_news_are_forgotten_and_members_of_a_series_are_known() {
    on_every_store(|db| {
        let world = World::of(db);
        let (ada, _) = world.follows(world.subject("trees-of-the-city"), Channel::Email, Rhythm::Immediate);
        let mut member = draft("trees", "Trees 2024", &[]);
        member.in_series = vec!["https://data.example/series/trees".to_owned()];
        let mut series = draft("series", "Trees by year", &[]);
        series.kind = fairground_catalog::domain::ResourceKind::DatasetSeries;
        series.iri = Some("https://data.example/series/trees".to_owned());
        world.agency.harvest(&[member, series]);
        follow::catch_up(db, &world.index).unwrap();
        world.news();
        let home = db.read(|tx| dataset::get(tx, "trees-by-year")).unwrap();
        let (members, total) = db.read(|tx| watch::list_members(tx, &home, 10)).unwrap();
        assert_eq!((members.len(), total, members[0].slug.as_ref()), (1, 1, "trees-of-the-city"));
        world.letters(None);
        let far = Timestamp::now().plus_secs((watch::DAYS_KEPT + 1) * 86_400);
        db.write(|tx| {
            tx.now = far;
            watch::prune(tx)
        })
        .unwrap();
        assert!(db.read(|tx| watch::list_deliveries(tx, ada.id, 10)).unwrap().is_empty());
    });
}
