//! Questions and requests: asked by confirmed addresses, answered in public, hidden with a reason.

use fairground_catalog::citizen::{self, Act, Citizen, Done};
use fairground_catalog::conversation::{
    self, DataRequest, MOST_A_DAY, NewDataRequest, NewQuestion, Order, Question, RequestFilter, RequestState,
};
use fairground_catalog::domain::DatasetId;
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::{CatalogError, Db, Secret, dataset, publisher};

use crate::store::{dump, on_every_store};
use crate::table::{Agency, draft};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

fn secret() -> Secret {
    Secret::from_bytes([7; 32])
}

fn trees(db: &Db) -> DatasetId {
    Agency::of(db).harvest(&[draft("trees", "Trees", &[])]);
    db.read(|tx| dataset::get(tx, "trees")).unwrap().id
}

fn act(db: &Db, email: &str, act: Act) -> Result<(Citizen, Done), CatalogError> {
    db.write(|tx| citizen::act(tx, &secret(), email, act.clone()))
}

fn asks(db: &Db, email: &str, dataset: DatasetId, text: &str) -> (Citizen, Question) {
    match act(db, email, Act::Ask(NewQuestion { dataset, text: text.to_owned() })).unwrap() {
        (citizen, Done::Asked(question)) => (citizen, question),
        other => panic!("{other:?}"),
    }
}

fn requests(db: &Db, email: &str, title: &str) -> (Citizen, DataRequest) {
    let new =
        NewDataRequest { title: title.to_owned(), reason: "For a map of our quarter.".to_owned(), publisher: None };
    match act(db, email, Act::Request(new)).unwrap() {
        (citizen, Done::Requested(request)) => (citizen, request),
        other => panic!("{other:?}"),
    }
}

fn supports(db: &Db, email: &str, request: &DataRequest) -> Result<DataRequest, CatalogError> {
    match act(db, email, Act::Support(request.id))? {
        (_, Done::Supported(request)) => Ok(request),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_question_is_answered_in_public_and_hidden_with_a_reason() {
    on_every_store(|db| {
        let dataset = trees(db);
        let (ada, question) = asks(db, ADA, dataset, "  Why is the park\r\nleft out? ");
        assert_eq!(question.text, "Why is the park\nleft out?");
        assert_eq!(asks(db, ADA, dataset, "Why is the park\nleft out?").1.id, question.id, "twice is once");
        assert!(!dump(db).contains(ADA));
        let open = db.read(|tx| conversation::list_open_questions(tx, None, 10)).unwrap();
        assert_eq!((open.len(), open[0].slug.as_str()), (1, "trees"));
        let city = db.read(|tx| publisher::get(tx, "city-of-ardenport")).unwrap().publisher.id;
        assert_eq!(db.read(|tx| conversation::list_open_questions(tx, Some(&[city]), 10)).unwrap().len(), 1);

        let answer = |text: &str| db.write(|tx| conversation::answer_question(tx, question.id, text, "account:x"));
        assert!(answer(" ").is_err());
        let (answered, is_first) = answer("It belongs to the county.").unwrap();
        assert!(is_first && answered.answer.unwrap().text == "It belongs to the county.");
        assert!(!answer("It belongs to the county, since 2020.").unwrap().1);
        assert!(db.read(|tx| conversation::list_open_questions(tx, None, 10)).unwrap().is_empty());
        assert_eq!(db.read(|tx| conversation::count_questions(tx, dataset)).unwrap(), (1, 1));

        let hide = |reason: Option<&str>| {
            db.write(|tx| conversation::moderate_question(tx, question.id, reason, "account:x")).unwrap()
        };
        hide(Some("It names a person."));
        let listed = db.read(|tx| conversation::list_questions(tx, dataset, None, 10)).unwrap();
        assert_eq!((listed[0].text.as_str(), listed[0].answer.as_ref()), ("", None));
        assert_eq!(listed[0].hidden.as_ref().unwrap().reason, "It names a person.");
        assert!(answer("No.").is_err(), "what is hidden is not answered");
        hide(None);
        assert_eq!(db.read(|tx| conversation::list_questions(tx, dataset, None, 10)).unwrap()[0].text.len(), 25);
        let entries = db.read(|tx| journal::list_since(tx, 0, 1_000)).unwrap();
        let of = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
        assert_eq!(of(EventKind::QuestionAsked), 1);
        assert_eq!((of(EventKind::QuestionAnswered), of(EventKind::QuestionModerated)), (2, 2));
        assert!(entries.iter().all(|entry| !entry.payload.to_string().contains("park")), "the journal holds no text");

        let bob = act(db, BOB, Act::Ask(NewQuestion { dataset, text: "When is it updated?".to_owned() })).unwrap().0;
        assert!(db.write(|tx| conversation::take_back_question(tx, bob.id, question.id)).is_err(), "not Bob's");
        db.write(|tx| conversation::take_back_question(tx, ada.id, question.id)).unwrap();
        assert!(db.read(|tx| citizen::of_email(tx, &secret(), ADA)).unwrap().is_none(), "nothing is left of Ada");
    });
}

#[test]
fn what_cannot_stand_in_public_is_refused_before_a_letter_is_sent() {
    on_every_store(|db| {
        let dataset = trees(db);
        let begin = |act: Act| db.write(|tx| citizen::begin(tx, &secret(), ADA, act.clone()));
        for text in ["why?", "https://a https://b https://c https://d", &"x".repeat(3_000)] {
            let refused = begin(Act::Ask(NewQuestion { dataset, text: text.to_owned() }));
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "text", .. })), "{text}");
        }
        let unknown = begin(Act::Ask(NewQuestion { dataset: DatasetId::new(), text: "What is this?".to_owned() }));
        assert!(matches!(unknown, Err(CatalogError::NotFound { .. })));
        for number in 0..MOST_A_DAY {
            asks(db, ADA, dataset, &format!("Question number {number}?"));
        }
        let one_more = act(db, ADA, Act::Ask(NewQuestion { dataset, text: "One more question?".to_owned() }));
        assert!(matches!(one_more, Err(CatalogError::WrongState { .. })));
    });
}

#[test]
fn a_request_is_supported_once_by_each_and_settled_with_a_dataset() {
    on_every_store(|db| {
        let dataset = trees(db);
        let (ada, buses) = requests(db, ADA, " Bus stops ");
        let (_, benches) = requests(db, ADA, "Benches in parks");
        assert_eq!((buses.title.as_str(), buses.supporters), ("Bus stops", 1));
        assert_eq!(requests(db, ADA, "Bus stops").1.id, buses.id, "twice is once");
        assert_eq!(supports(db, ADA, &buses).unwrap().supporters, 1, "who asked counts already");
        assert_eq!(supports(db, BOB, &buses).unwrap().supporters, 2);
        assert_eq!(supports(db, BOB, &buses).unwrap().supporters, 2, "each counts once");
        let list = |order, after| {
            let filter = RequestFilter { state: Some(RequestState::Open), publisher: None };
            db.read(|tx| conversation::list_requests(tx, &filter, order, after, 1)).unwrap()
        };
        let first = list(Order::Supported, None);
        assert_eq!(first[0].id, buses.id);
        assert_eq!(list(Order::Supported, Some((2, buses.id)))[0].id, benches.id);
        assert!(list(Order::Supported, Some((1, benches.id))).is_empty());
        assert_eq!(list(Order::Newest, None)[0].id, benches.id);

        let answer = |state, dataset| {
            db.write(|tx| conversation::answer_request(tx, buses.id, state, "Here it is.", dataset, "account:x"))
        };
        assert!(answer(RequestState::Published, None).is_err(), "published where?");
        assert!(answer(RequestState::Planned, Some(dataset)).is_err());
        assert!(answer(RequestState::Published, Some(DatasetId::new())).is_err());
        let planned = answer(RequestState::Planned, None).unwrap();
        assert_eq!(db.read(|tx| conversation::supporters_to_tell(tx, &planned)).unwrap().len(), 2);
        let done = answer(RequestState::Published, Some(dataset)).unwrap();
        assert_eq!((done.state, done.dataset), (RequestState::Published, Some(dataset)));
        assert!(supports(db, "eve@example.org", &buses).is_err(), "what is settled needs no support");

        db.write(|tx| citizen::erase_citizen(tx, &secret(), ada)).unwrap();
        assert_eq!(db.read(|tx| conversation::get_request(tx, buses.id)).unwrap().citizen, None, "the answered stays");
        assert!(db.read(|tx| conversation::get_request(tx, benches.id)).is_err(), "what only Ada wanted goes with her");
        db.write(|tx| conversation::moderate_request(tx, buses.id, Some("It is an advertisement."), "x")).unwrap();
        let all = RequestFilter::default();
        assert!(db.read(|tx| conversation::list_requests(tx, &all, Order::Newest, None, 9)).unwrap().is_empty());
    });
}
