//! Registering, second factors, one's own page, export and erasure: by the forms, as people do it.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::test::TestRequest;
use fairground_api::ApiSettings;
use fairground_catalog::account::{self, Role};
use fairground_catalog::{application, tariff};
use totp_rs::Builder;

use crate::house::{Answer, House, PASSWORD};
use crate::scan::breaches;

fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers.get_all(header::SET_COOKIE).map(|value| value.to_str().unwrap());
    let session = set.into_iter().find(|value| value.starts_with("fairground_session=")).expect("a session");
    session.split(';').next().unwrap().to_owned()
}

fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Registers by the forms; gives the session's cookie.
async fn register(house: &House, email: &str) -> String {
    let asked = house.post("/register", &[("email", email)]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let link = house.link_in_letter_to(email, "/register/confirm?token=").await;
    let page = house.get(&link).await;
    let token = hidden(&page.body, "token");
    let fields = [("token", token.as_str()), ("name", "Ada"), ("new-password", PASSWORD)];
    let made = house.post("/register/confirm", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert_eq!(made.header("location"), "/me");
    let again = house.post("/register/confirm", &fields).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "the link works once");
    cookie_of(&made)
}

fn code(secret: &str, steps: u64) -> String {
    let totp = Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap())
        .with_account_name("x")
        .build()
        .unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now + 30 * steps).to_string()
}

/// Sets up a second factor by the forms; gives the new cookie, the secret and the recovery codes.
async fn enrol(house: &House, cookie: &str) -> (String, String, Vec<String>) {
    let intro = house.get_as(cookie, "/me/second-factor").await;
    let csrf = hidden(&intro.body, "csrf");
    let begun = house.post_as(cookie, "/me/second-factor", &[("csrf", &csrf), ("act", "begin")]).await;
    assert!(begun.body.contains("<svg"), "{}", begun.body);
    assert_eq!(breaches(&begun.body), Vec::<String>::new());
    let (_, rest) = begun.body.split_once("<pre class=\"fg-code\"").unwrap();
    let secret = rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned();
    let wrong = [("csrf", csrf.as_str()), ("act", "confirm"), ("code", "00000x")];
    let refused = house.post_as(cookie, "/me/second-factor", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(&secret), "the same secret is shown again");
    let right = [("csrf", csrf.as_str()), ("act", "confirm"), ("code", &code(&secret, 0))];
    let done = house.post_as(cookie, "/me/second-factor", &right).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let (_, rest) = done.body.split_once("<pre class=\"fg-code\"").unwrap();
    let codes = rest.split_once('>').unwrap().1.split('<').next().unwrap().split_whitespace().map(str::to_owned);
    (cookie_of(&done), secret, codes.collect())
}

#[actix_web::test]
async fn nobody_learns_from_the_forms_who_has_an_account() {
    let house = House::open();
    house.account("ada@example.org", Role::Operator, None);
    for path in ["/register", "/forgotten-password"] {
        let known = house.post(path, &[("email", "ada@example.org")]).await;
        let unknown = house.post(path, &[("email", "nobody@example.org")]).await;
        assert_eq!(known.status, unknown.status, "{path}");
        assert_eq!(known.body, unknown.body, "{path}");
        assert!(known.body.contains("Look into your mailbox"), "{}", known.body);
    }
    house.link_in_letter_to("ada@example.org", "/forgotten-password/new?token=").await;
    house.link_in_letter_to("nobody@example.org", "/register/confirm?token=").await;
    let wrong = house.post("/sign-in", &[("email", "ada@example.org"), ("password", "wrong, quite wrong")]).await;
    let nobody = house.post("/sign-in", &[("email", "nobody@example.org"), ("password", "wrong, quite wrong")]).await;
    let plain = |answer: &Answer, email: &str| answer.body.replace(email, "…");
    assert_eq!(plain(&wrong, "ada@example.org"), plain(&nobody, "nobody@example.org"));
}

#[actix_web::test]
async fn a_forgotten_password_is_replaced_by_a_letters_link() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    house.post("/forgotten-password", &[("email", "ada@example.org")]).await;
    let link = house.link_in_letter_to("ada@example.org", "/forgotten-password/new?token=").await;
    let token = hidden(&house.get(&link).await.body, "token");
    let weak = house.post("/forgotten-password/new", &[("token", &token), ("new-password", "password123")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("lists of those who guess"), "{}", weak.body);
    let new = [("token", token.as_str()), ("new-password", "tulip mast and a kettle")];
    assert_eq!(house.post("/forgotten-password/new", &new).await.status, StatusCode::OK);
    assert_eq!(house.post("/forgotten-password/new", &new).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get_as(&cookie, "/me").await.status, StatusCode::SEE_OTHER, "signed out everywhere");
    let fields = [("email", "ada@example.org"), ("password", "tulip mast and a kettle"), ("next", "")];
    assert_eq!(house.post("/sign-in", &fields).await.header("location"), "/me");
}

#[actix_web::test]
async fn a_session_that_others_know_is_not_gone_on_in() {
    let house = House::open();
    register(&house, "ada@example.org").await;
    register(&house, "eve@example.org").await;
    let fields = |email: &'static str| [("email", email), ("password", PASSWORD), ("next", "")];
    let planted = cookie_of(&house.post("/sign-in", &fields("eve@example.org")).await);
    let signed_in = house.post_as(&planted, "/sign-in", &fields("ada@example.org")).await;
    let own = cookie_of(&signed_in);
    assert_ne!(own, planted);
    assert_eq!(house.get_as(&planted, "/me").await.status, StatusCode::SEE_OTHER, "the planted session is over");
    assert!(house.get_as(&own, "/me").await.body.contains("ada@example.org"));
    let made_up = format!("fairground_session={}", "a".repeat(64));
    let fresh = cookie_of(&house.post_as(&made_up, "/sign-in", &fields("ada@example.org")).await);
    assert_ne!(fresh, made_up);
    assert_eq!(house.get_as(&made_up, "/me").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn the_second_factor_is_set_up_asked_for_and_guessed_in_vain() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    let (cookie_with_factor, secret, codes) = enrol(&house, &cookie).await;
    assert_eq!(codes.len(), account::RECOVERY_CODES);
    assert_eq!(house.get_as(&cookie, "/me").await.status, StatusCode::SEE_OTHER, "the session was renewed");
    assert!(house.get_as(&cookie_with_factor, "/me").await.body.contains("10 recovery codes left"));
    let fields = [("email", "ada@example.org"), ("password", PASSWORD), ("next", "/developers")];
    let half = house.post("/sign-in", &fields).await;
    assert_eq!(half.header("location"), "/sign-in/second-factor?next=%2Fdevelopers");
    let half = cookie_of(&half);
    for path in ["/me", "/workspace", "/api/v1/me", "/me/second-factor"] {
        let answer = house.get_as(&half, path).await;
        assert!(matches!(answer.status.as_u16(), 303 | 401), "{path}: half a sign-in opens nothing: {}", answer.status);
    }
    let page = house.get_as(&half, "/sign-in/second-factor?next=%2Fdevelopers").await;
    let csrf = hidden(&page.body, "csrf");
    let right = code(&secret, 1);
    let foreign = house.post_as(&half, "/sign-in/second-factor", &[("code", &right)]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "without its token no form counts");
    let pass = [("csrf", csrf.as_str()), ("next", "/developers"), ("code", right.as_str())];
    let open = house.post_as(&half, "/sign-in/second-factor", &pass).await;
    assert_eq!(open.header("location"), "/developers", "{}", open.body);
    assert_ne!(cookie_of(&open), half);
    let half = cookie_of(&house.post("/sign-in", &fields).await);
    let csrf = hidden(&house.get_as(&half, "/sign-in/second-factor").await.body, "csrf");
    let replayed = [("csrf", csrf.as_str()), ("code", right.as_str())];
    assert_eq!(house.post_as(&half, "/sign-in/second-factor", &replayed).await.status, StatusCode::UNAUTHORIZED);
    let evil = [("csrf", csrf.as_str()), ("next", "https://evil.example"), ("code", codes[0].as_str())];
    let open = house.post_as(&half, "/sign-in/second-factor", &evil).await;
    assert_eq!(open.header("location"), "/workspace", "no form leads elsewhere");
    let half = cookie_of(&house.post("/sign-in", &fields).await);
    let csrf = hidden(&house.get_as(&half, "/sign-in/second-factor").await.body, "csrf");
    for n in 0..10 {
        let guess = [("csrf", csrf.as_str()), ("code", "123456")];
        let answer = house.post_as(&half, "/sign-in/second-factor", &guess).await;
        assert!(matches!(answer.status.as_u16(), 401 | 429), "{n}: {}", answer.status);
    }
    let late = [("csrf", csrf.as_str()), ("code", codes[1].as_str())];
    let late = house.post_as(&half, "/sign-in/second-factor", &late).await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "even the right one, after so many wrong ones");
}

#[actix_web::test]
async fn an_operator_is_led_to_a_second_factor_where_it_is_required() {
    let house = House::open_with(ApiSettings { second_factor_required: true, ..ApiSettings::default() });
    house.account("op@example.org", Role::Operator, None);
    let fields = [("email", "op@example.org"), ("password", PASSWORD), ("next", "/workspace/jobs")];
    let held = house.post("/sign-in", &fields).await;
    assert_eq!(held.header("location"), "/me/second-factor?next=%2Fworkspace%2Fjobs");
    let held = cookie_of(&held);
    assert_eq!(house.get_as(&held, "/workspace").await.status, StatusCode::SEE_OTHER);
    let (cookie, _, _) = enrol(&house, &held).await;
    assert_eq!(house.get_as(&cookie, "/workspace").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn every_form_about_oneself_needs_its_token_and_a_page_of_ours() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    let csrf = hidden(&house.get_as(&cookie, "/me").await.body, "csrf");
    for path in [
        "/me/sessions",
        "/me/identities",
        "/me/password",
        "/me/second-factor",
        "/me/second-factor/remove",
        "/me/erase",
        "/sign-out",
    ] {
        let fields = [("password", PASSWORD), ("act", "begin")];
        let without = house.post_as(&cookie, path, &fields).await;
        assert_eq!(without.status, StatusCode::FORBIDDEN, "{path}: {}", without.body);
        let fields = [("csrf", csrf.as_str()), ("password", PASSWORD), ("act", "begin")];
        let foreign = TestRequest::post()
            .uri(path)
            .insert_header((header::COOKIE, cookie.as_str()))
            .insert_header(("sec-fetch-site", "cross-site"))
            .set_form(fields);
        assert_eq!(house.ask(foreign).await.status, StatusCode::FORBIDDEN, "{path}");
        let strange = house.post(path, &fields).await;
        assert_eq!(strange.status, StatusCode::SEE_OTHER, "{path}: nobody is signed in");
    }
    for path in [
        "/sign-in",
        "/register",
        "/register/confirm",
        "/forgotten-password",
        "/forgotten-password/new",
        "/sign-in/identity",
        "/sign-in/identity-link",
        "/sign-in/second-factor",
    ] {
        let foreign = TestRequest::post()
            .uri(path)
            .insert_header((header::ORIGIN, "https://evil.example"))
            .set_form([("email", "ada@example.org"), ("token", "x")]);
        assert_eq!(house.ask(foreign).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(house.get_as(&cookie, "/me").await.status, StatusCode::OK, "nothing of it was done");
}

#[actix_web::test]
async fn one_sees_what_is_kept_takes_it_along_and_goes_for_good() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    let other =
        cookie_of(&house.post("/sign-in", &[("email", "ada@example.org"), ("password", PASSWORD), ("next", "")]).await);
    let page = house.get_as(&cookie, "/me").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(breaches(&page.body), Vec::<String>::new());
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains("an argon2id hash") && page.body.contains("this one"), "{}", page.body);
    let csrf = hidden(&page.body, "csrf");
    let export = house.get_as(&cookie, "/api/v1/me/export").await;
    assert!(export.header("content-disposition").contains("about-me.json"));
    assert!(export.body.contains("ada@example.org") && !export.body.contains("$argon2"), "{}", export.body);
    let sessions = house.get_as(&cookie, "/api/v1/me").await;
    let sessions: serde_json::Value = serde_json::from_str(&sessions.body).unwrap();
    let theirs = sessions["sessions"].as_array().unwrap();
    assert_eq!(theirs.len(), 2, "{theirs:?}");
    let id = theirs.iter().find(|one| one["is_this_one"] == false).unwrap()["id"].as_str().unwrap();
    let ended = house.post_as(&cookie, "/me/sessions", &[("csrf", &csrf), ("session", id)]).await;
    assert_eq!(ended.header("location"), "/me?done=session-ended");
    assert_eq!(house.get_as(&other, "/me").await.status, StatusCode::SEE_OTHER);
    let wrong = [("csrf", csrf.as_str()), ("password", "not the password")];
    assert_eq!(house.post_as(&cookie, "/me/erase", &wrong).await.status, StatusCode::UNAUTHORIZED);
    let right = [("csrf", csrf.as_str()), ("password", PASSWORD)];
    let gone = house.post_as(&cookie, "/me/erase", &right).await;
    assert_eq!(gone.header("location"), "/?done=account-erased", "{}", gone.body);
    assert_eq!(house.get_as(&cookie, "/me").await.status, StatusCode::SEE_OTHER);
    let fields = [("email", "ada@example.org"), ("password", PASSWORD), ("next", "")];
    assert_eq!(house.post("/sign-in", &fields).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn another_password_ends_the_other_sessions_and_renews_this_one() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    let other =
        cookie_of(&house.post("/sign-in", &[("email", "ada@example.org"), ("password", PASSWORD), ("next", "")]).await);
    let csrf = hidden(&house.get_as(&cookie, "/me/password").await.body, "csrf");
    let weak = [("csrf", csrf.as_str()), ("password", PASSWORD), ("new-password", "password123")];
    assert_eq!(house.post_as(&cookie, "/me/password", &weak).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = [("csrf", csrf.as_str()), ("password", "not it, no"), ("new-password", "tulip mast and a kettle")];
    assert_eq!(house.post_as(&cookie, "/me/password", &wrong).await.status, StatusCode::UNAUTHORIZED);
    let right = [("csrf", csrf.as_str()), ("password", PASSWORD), ("new-password", "tulip mast and a kettle")];
    let changed = house.post_as(&cookie, "/me/password", &right).await;
    assert_eq!(changed.header("location"), "/me?done=password-changed", "{}", changed.body);
    for ended in [&cookie, &other] {
        assert_eq!(house.get_as(ended, "/me").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(house.get_as(&cookie_of(&changed), "/me").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn letters_come_in_the_language_of_the_page_and_later_in_the_one_that_was_chosen() {
    for (language, register, password) in [
        ("en", "finish your registration", "choose a new password"),
        ("fr", "terminez votre inscription", "choisissez un nouveau mot de passe"),
        ("de", "schließen Sie Ihre Registrierung ab", "wählen Sie ein neues Passwort"),
        ("es", "complete su registro", "elija una contraseña nueva"),
    ] {
        let house = House::open();
        let email = "ada@example.org";
        let asks = TestRequest::post()
            .uri("/register")
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((header::ACCEPT_LANGUAGE, language))
            .set_form([("email", email)]);
        assert_eq!(house.ask(asks).await.status, StatusCode::OK);
        house.letter(register).await;
        let link = house.link_in_letter_to(email, "/register/confirm?token=").await;
        let token = hidden(&house.get(&link).await.body, "token");
        let fields = [("token", token.as_str()), ("name", "Ada"), ("new-password", PASSWORD)];
        let made = house.post("/register/confirm", &fields).await;
        let cookie = cookie_of(&made);
        // Chosen while signed in, it is the letters' language whatever a browser asks for later.
        let chosen = house.post_as(&cookie, "/language", &[("lang", language), ("next", "/me")]).await;
        assert_eq!(chosen.header("location"), "/me", "{}", chosen.body);
        let me = house.get_as(&cookie, "/me").await;
        assert!(
            me.body.contains(&format!("<option value=\"{language}\" lang=\"{language}\" selected>")),
            "{}",
            me.body
        );
        assert_eq!(house.post("/forgotten-password", &[("email", email)]).await.status, StatusCode::OK);
        house.letter(password).await;
    }
}

#[actix_web::test]
async fn one_s_account_tells_of_what_letters_tell_and_switches_them_off() {
    let house = House::open();
    let cookie = register(&house, "ada@example.org").await;
    let secret = house.catalog.secret.clone();
    let made = house.catalog.db.write(|tx| {
        let terms = tariff::get_current(tx)?.terms_version;
        application::register(tx, &secret, "Bus <times>", "ada@example.org", &terms)
    });
    let id = made.unwrap().application.id;
    let me = house.get_as(&cookie, "/me").await;
    assert!(me.body.contains("when 80\u{a0}%, 100\u{a0}% of a quota is used"), "{}", me.body);
    assert!(me.body.contains(&format!("/developers/applications/{id}/usage#alerts")), "{}", me.body);
    assert_eq!(breaches(&me.body), Vec::<String>::new());
    let csrf = hidden(&me.body, "csrf");
    let off = [("csrf", csrf.as_str()), ("from", "me"), ("act", "off")];
    let done = house.post_as(&cookie, &format!("/developers/applications/{id}/alerts"), &off).await;
    assert_eq!(done.header("location"), "/me?done=saved#alerts", "{}", done.body);
    let me = house.get_as(&cookie, "/me").await;
    assert!(!me.body.contains("of a quota is used"), "{}", me.body);
}
