use actix_web::http::{StatusCode, header};
use actix_web::test::TestRequest;
use fairground_catalog::account::Role;

use crate::house::{Answer, House};
use crate::scan::breaches;

/// A publisher with an editor, a reviewer, and strangers.
fn furnished() -> House {
    let house = House::open();
    house.source("health", Some("ministry-of-health"));
    house.source("transit", Some("transport-authority"));
    house.account("op@example.org", Role::Operator, None);
    house.account("editor@example.org", Role::Publisher, Some("ministry-of-health"));
    house.account("reviewer@example.org", Role::Steward, Some("ministry-of-health"));
    house.account("stranger@example.org", Role::Publisher, Some("transport-authority"));
    house
}

/// Somebody at the forms.
struct Person<'a> {
    house: &'a House,
    cookie: String,
    token: String,
}

impl<'a> Person<'a> {
    async fn of(house: &'a House, email: &str) -> Self {
        let (cookie, token) = house.sign_in(email).await;
        Self { house, cookie, token }
    }

    async fn get(&self, path: &str) -> Answer {
        self.house.get_as(&self.cookie, path).await
    }

    /// Sends a form with the session's token.
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &self.token));
        self.house.post_as(&self.cookie, path, &fields).await
    }

    /// Sends a form with the revision that its page shows.
    async fn act(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let revision = revision(&self.get(page).await);
        let mut fields = fields.to_vec();
        fields.push(("revision", &revision));
        self.send(path, &fields).await
    }

    /// Begins an empty draft and gives its address.
    async fn begins(&self, title: &str) -> String {
        let fields = [("act", "empty"), ("publisher", "ministry-of-health"), ("title", title), ("language", "en")];
        let begun = self.send("/workspace/drafts", &fields).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
        begun.header("location").to_owned()
    }

    async fn uploads(&self, path: &str, fields: &[(&str, &str)], file: (&str, &str)) -> Answer {
        const BOUNDARY: &str = "----fairground";
        let mut body = String::new();
        for (name, value) in fields.iter().copied().chain([("csrf", self.token.as_str())]) {
            body.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        let (name, text) = file;
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: \
             text/csv\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        ));
        let request = TestRequest::post()
            .uri(path)
            .insert_header((header::COOKIE, self.cookie.as_str()))
            .insert_header((header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")))
            .set_payload(body);
        self.house.ask(request).await
    }
}

fn revision(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"revision\" value=\"").expect("a form with its revision");
    rest.split('"').next().unwrap().to_owned()
}

const COMPLETE: [(&str, &str); 5] = [
    ("act", "save"),
    ("title.en", "Hospital beds by ward"),
    ("description.en", "How many beds each ward has, counted every night."),
    ("distribution.0.download_url", "https://health.example/beds.csv"),
    ("licence", "https://creativecommons.org/licenses/by/4.0/"),
];

#[actix_web::test]
async fn pages_of_drafts_are_safe_and_nobody_elses() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let stranger = Person::of(&house, "stranger@example.org").await;
    let draft = editor.begins("</title><script>alert(1)</script> \"Beds\" & <b>wards</b>").await;
    for page in ["", "/files", "/document", "/preview", "/journey", "/review", "/discard"] {
        let path = format!("{draft}{page}");
        let answer = editor.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(house.get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    for path in ["/workspace", "/workspace/drafts", "/workspace/drafts/new", "/workspace/held"] {
        let answer = editor.get(path).await;
        assert_eq!((answer.status, breaches(&answer.body)), (StatusCode::OK, Vec::new()), "{path}");
    }
    assert!(editor.get("/workspace/drafts").await.body.contains("&#60;b&#62;wards"), "it is listed, and harmless");
    assert!(!stranger.get("/workspace/drafts").await.body.contains("wards"));
}

#[actix_web::test]
async fn forms_of_drafts_want_their_token_and_a_right() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let stranger = Person::of(&house, "stranger@example.org").await;
    let reviewer = Person::of(&house, "reviewer@example.org").await;
    let draft = editor.begins("Beds").await;
    for act in ["", "/document", "/files", "/journey", "/review", "/discard", "/conflict", "/check"] {
        let path = format!("{draft}{act}");
        let fields = [("act", "save"), ("revision", "1"), ("base", "1"), ("mine", "{}"), ("document", "{}")];
        let bare = house.post_as(&editor.cookie, &path, &fields).await;
        assert_eq!(bare.status, StatusCode::FORBIDDEN, "{path} without its token");
        let foreign = stranger.send(&path, &fields).await;
        assert!(
            matches!(
                foreign.status,
                StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
            ),
            "{path} by a stranger: {}",
            foreign.status
        );
    }
    let saved = reviewer.send(&draft, &[("act", "save"), ("revision", "1"), ("title.en", "Mine now")]).await;
    assert_eq!(saved.status, StatusCode::FORBIDDEN, "a reviewer does not write");
    assert!(editor.get(&draft).await.body.contains("value=\"Beds\""));
}

#[actix_web::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let draft = editor.begins("Beds").await;
    let wrong = [("act", "save"), ("title.en", "Beds, all"), ("contact.0.email", "the office"), ("issued", "soon")];
    let answer = editor.act(&draft, &draft, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["id=\"contact-0-email-error\"", "id=\"issued-error\"", "value=\"the office\"", "value=\"Beds, all\""] {
        assert!(answer.body.contains(said), "{said}");
    }
    assert!(answer.body.contains("href=\"#contact-0-email\""), "the summary leads to the field");
    let checked = editor.act(&draft, &format!("{draft}/check"), &wrong).await;
    assert_eq!(checked.status, StatusCode::OK);
    assert!(checked.body.contains("Enter a mailbox") && checked.body.contains("Fix this first"), "{}", checked.body);
    assert!(editor.get(&draft).await.body.contains("value=\"Beds\""), "neither has saved anything");
    let saved = editor.act(&draft, &draft, &[("act", "language"), ("add_language", "fr")]).await;
    let page = editor.get(saved.header("location")).await;
    assert!(page.body.contains("Title (French)") && page.body.contains("name=\"title.fr\""));
}

#[actix_web::test]
async fn a_draft_walks_from_its_editor_to_the_public() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let reviewer = Person::of(&house, "reviewer@example.org").await;
    let draft = editor.begins("Beds").await;
    let (journey, review) = (format!("{draft}/journey"), format!("{draft}/review"));
    let early = editor.act(&journey, &journey, &[("act", "submit")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "it lacks its description");
    assert_eq!(editor.act(&draft, &draft, &COMPLETE).await.status, StatusCode::SEE_OTHER);
    let submitted = editor.act(&journey, &journey, &[("act", "submit")]).await;
    assert!(submitted.header("location").ends_with("done=draft-submitted"), "{}", submitted.body);
    assert!(reviewer.get("/workspace").await.body.contains("To review"));
    let seen = reviewer.get(&review).await;
    assert!(seen.body.contains("How many beds each ward has") && seen.body.contains("Approve"), "{}", seen.body);
    assert!(!editor.get(&review).await.body.contains("value=\"approve\""), "not their own");
    let returned = reviewer.act(&review, &review, &[("act", "return"), ("remark/title", "Which year?")]).await;
    assert!(returned.header("location").ends_with("done=draft-returned"), "{}", returned.body);
    let form = editor.get(&draft).await;
    assert!(form.body.contains("Which year?") && form.body.contains("id=\"title-en-remarks\""), "{}", form.body);
    let mended = editor.act(&draft, &draft, &[("act", "save"), ("title.en", "Hospital beds by ward, 2024")]).await;
    assert_eq!(mended.status, StatusCode::SEE_OTHER, "{}", mended.body);
    editor.act(&journey, &journey, &[("act", "submit")]).await;
    let own = editor.act(&review, &review, &[("act", "approve")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get("/datasets/beds").await.status, StatusCode::NOT_FOUND, "nothing is public before");
    let approved = reviewer.act(&review, &review, &[("act", "approve")]).await;
    assert!(approved.header("location").ends_with("done=draft-published"), "{}", approved.body);
    let public = house.get("/datasets/beds").await;
    assert_eq!(public.status, StatusCode::OK, "{}", public.body);
    assert!(public.body.contains("Hospital beds by ward, 2024"));

    // A new version is held against the public one, and an earlier one comes back.
    let begun = editor.send("/workspace/datasets/beds/edit", &[]).await;
    let next = begun.header("location").split('?').next().unwrap().to_owned();
    editor.act(&next, &next, &[("act", "save"), ("title.en", "Hospital beds by ward, 2025")]).await;
    let beside = editor.get(&format!("{next}/review")).await;
    assert!(beside.body.contains("<del>2024</del>") && beside.body.contains("<ins>2025</ins>"), "{}", beside.body);
    let journey = format!("{next}/journey");
    editor.act(&journey, &journey, &[("act", "submit")]).await;
    let review = format!("{next}/review");
    reviewer.act(&review, &review, &[("act", "approve")]).await;
    let versions = editor.get("/workspace/datasets/beds").await;
    assert!(versions.body.contains("restore?version=1"), "{}", versions.body);
    let compared = editor.get("/workspace/datasets/beds/compare?from=1&to=2").await;
    assert!(compared.body.contains("<ins>2025</ins>"), "{}", compared.body);
    let restored = editor.send("/workspace/datasets/beds/restore", &[("version", "1")]).await;
    assert_eq!(restored.status, StatusCode::SEE_OTHER, "{}", restored.body);

    // Withdrawn with a reason, its address says so.
    let bare = reviewer.send("/workspace/datasets/beds/withdraw", &[]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is needed");
    let reason = "The counting was wrong <b>throughout</b>.";
    assert_eq!(
        editor.send("/workspace/datasets/beds/withdraw", &[("reason", reason)]).await.status,
        StatusCode::FORBIDDEN
    );
    let gone = reviewer.send("/workspace/datasets/beds/withdraw", &[("reason", reason)]).await;
    assert!(gone.header("location").ends_with("done=dataset-withdrawn"), "{}", gone.body);
    let tombstone = house.get("/datasets/beds").await;
    assert_eq!(tombstone.status, StatusCode::GONE);
    assert!(tombstone.body.contains("The counting was wrong &#60;b&#62;throughout"), "{}", tombstone.body);
    assert_eq!(breaches(&tombstone.body), Vec::<String>::new());
    let audit = reviewer.get("/workspace/audit").await;
    assert!(audit.body.contains("published a version") && audit.body.contains("withdrew a dataset"));
    let csv = reviewer.get("/workspace/audit.csv?action=draft.submitted").await;
    assert!(csv.header("content-disposition").contains("audit.csv") && csv.body.lines().count() == 4, "{}", csv.body);
}

#[actix_web::test]
async fn a_planned_release_names_its_time_and_zone() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let reviewer = Person::of(&house, "reviewer@example.org").await;
    let draft = editor.begins("Beds").await;
    let (journey, review) = (format!("{draft}/journey"), format!("{draft}/review"));
    editor.act(&draft, &draft, &COMPLETE).await;
    editor.act(&journey, &journey, &[("act", "submit")]).await;
    for (local, zone, field) in [("2099-06-01T09:00", "Rome", "zone"), ("2001-06-01T09:00", "Europe/Rome", "local")] {
        let wish = [("act", "approve"), ("local", local), ("zone", zone), ("rule", "compatible")];
        let refused = reviewer.act(&review, &review, &wish).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{local} {zone}");
        assert!(refused.body.contains(&format!("id=\"{field}-error\"")), "{local} {zone}: {}", refused.body);
    }
    let unsaid = [("act", "approve"), ("local", "2099-06-01T09:00"), ("zone", "Europe/Rome"), ("rule", "compatible")];
    let refused = reviewer.act(&review, &review, &unsaid).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a long wait is an embargo");
    let mut said = unsaid.to_vec();
    said.extend([("embargo_subject", "Beds by ward"), ("embargo_reason", "The year is not over.")]);
    let planned = reviewer.act(&review, &review, &said).await;
    assert!(planned.header("location").ends_with("done=draft-scheduled"), "{}", planned.body);
    assert!(reviewer.get(&review).await.body.contains("2099-06-01T09:00:00+02:00[Europe/Rome]"));
    assert!(house.get("/transparency/register").await.body.contains("Beds by ward"), "embargoes are public");
    assert_eq!(house.get("/datasets/beds").await.status, StatusCode::NOT_FOUND);
    let back = editor.act(&journey, &journey, &[("act", "recall")]).await;
    assert!(back.header("location").ends_with("done=draft-recalled"), "{}", back.body);
}

#[actix_web::test]
async fn whoever_saves_second_sees_both_and_loses_nothing() {
    let house = furnished();
    house.account("other@example.org", Role::Publisher, Some("ministry-of-health"));
    let editor = Person::of(&house, "editor@example.org").await;
    let other = Person::of(&house, "other@example.org").await;
    let draft = editor.begins("Beds").await;
    let seen = revision(&editor.get(&draft).await);
    other.act(&draft, &draft, &[("act", "save"), ("title.en", "Beds by ward"), ("issued", "2024")]).await;
    let late = [("act", "save"), ("title.en", "All beds"), ("version", "3"), ("revision", &seen)];
    let conflict = editor.send(&draft, &late).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.body);
    assert_eq!(breaches(&conflict.body), Vec::<String>::new());
    assert!(conflict.body.contains("by ward") && conflict.body.contains("All"), "{}", conflict.body);
    let mine = conflict.body.split_once("name=\"mine\" value=\"").unwrap().1.split('"').next().unwrap();
    let mine = mine.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&").replace("&quot;", "\"");
    let now = revision(&conflict);
    let path = format!("{draft}/conflict");
    let open = [("mine", mine.as_str()), ("base", &seen), ("revision", &now), ("take/version", "mine")];
    assert_eq!(editor.send(&path, &open).await.status, StatusCode::CONFLICT, "the title is not decided");
    let mut chosen = open.to_vec();
    chosen.extend([("take/title/en", "mine"), ("take/issued", "theirs")]);
    let resolved = editor.send(&path, &chosen).await;
    assert_eq!(resolved.status, StatusCode::SEE_OTHER, "{}", resolved.body);
    let form = editor.get(&draft).await;
    for kept in [
        "value=\"All beds\"",
        "name=\"issued\" type=\"text\" value=\"2024\"",
        "name=\"version\" type=\"text\" value=\"3\"",
    ] {
        assert!(form.body.contains(kept), "{kept}: {}", form.body);
    }
}

#[actix_web::test]
async fn documents_are_read_strictly() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let draft = editor.begins("Beds").await;
    let page = format!("{draft}/document");
    for (document, place) in [("{", "line 1"), ("{\"titel\": {}}", "/titel")] {
        let refused = editor.act(&page, &page, &[("document", document)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{document}");
        assert!(refused.body.contains(place), "{document}: {}", refused.body);
    }
    let saved = editor.act(&page, &page, &[("document", "{\"title\": {\"de\": \"Betten\"}}")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(editor.get(&draft).await.body.contains("value=\"Betten\""));
}

#[actix_web::test]
async fn uploads_without_a_session_or_from_elsewhere_are_not_read() {
    let house = furnished();
    let editor = Person::of(&house, "editor@example.org").await;
    let file = ("beds.csv", "ward,beds\nA,3\n");
    let anonymous = Person { house: &house, cookie: String::new(), token: String::new() };
    let answer = anonymous.uploads("/workspace/drafts/upload", &[("publisher", "ministry-of-health")], file).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.header("location").starts_with("/sign-in"), "{}", answer.header("location"));
    let forged = Person { token: "0".repeat(64), ..Person::of(&house, "editor@example.org").await };
    let answer = forged.uploads("/workspace/drafts/upload", &[("publisher", "ministry-of-health")], file).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let foreign = editor.uploads("/workspace/drafts/upload", &[("publisher", "transport-authority")], file).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(!editor.get("/workspace/drafts").await.body.contains("beds"));
}

#[actix_web::test]
async fn roles_are_given_taken_and_delegated_by_form() {
    let house = furnished();
    let manager = Person::of(&house, "reviewer@example.org").await;
    let editor = Person::of(&house, "editor@example.org").await;
    let path = "/workspace/publishers/ministry-of-health/people";
    let page = manager.get(path).await;
    assert_eq!((page.status, breaches(&page.body)), (StatusCode::OK, Vec::new()), "{}", page.body);
    assert!(page.body.contains("editor@example.org"));
    let stranger = Person::of(&house, "stranger@example.org").await;
    assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND);
    let refused = editor.send(path, &[("act", "invite"), ("email", "new@example.org"), ("role", "manager")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let wrong = manager.send(path, &[("act", "invite"), ("email", "nobody"), ("role", "editor")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let sent = manager.send(path, &[("act", "invite"), ("email", "stranger@example.org"), ("role", "editor")]).await;
    assert!(sent.header("location").ends_with("done=invitation-sent"), "{}", sent.body);
    let link = house.link_in_letter_to("stranger@example.org", "/workspace/invitation?token=").await;
    let invitation = stranger.get(&link).await;
    assert!(invitation.body.contains("wants you as editor"), "{}", invitation.body);
    let token = link.split_once("token=").unwrap().1;
    let accepted = stranger.send("/workspace/invitation", &[("token", token)]).await;
    assert!(accepted.header("location").ends_with("done=role-accepted"), "{}", accepted.body);
    assert_eq!(stranger.get(path).await.status, StatusCode::OK);
    let policy = [("act", "policy"), ("rule", "objection-window"), ("days", "0"), ("policy_revision", "0")];
    let refused = manager.send(path, &policy).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let policy = [("act", "policy"), ("rule", "objection-window"), ("days", "5"), ("policy_revision", "0")];
    assert!(manager.send(path, &policy).await.header("location").ends_with("done=saved"));
    assert!(manager.get(path).await.body.contains("value=\"5\""));
    let late = manager.send(path, &policy).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "somebody changed it: {}", late.body);
    let audit = manager.get("/workspace/audit?action=policy.changed").await;
    assert!(audit.body.contains("changed the review policy"), "{}", audit.body);
}
