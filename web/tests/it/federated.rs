//! Signing in through identity providers: with a certified one, and against one that lies.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::test::TestRequest;
use fairground_api::ApiSettings;
use fairground_api::federation::{ProviderSettings, read_providers};
use fairground_catalog::account::{self, Role};
use serde_json::{Value, json};
use url::Url;

use crate::house::{Answer, House, PASSWORD};
use crate::liar::{Liar, Lie};

const CLIENT_SECRET: &str = "a secret of the tests alone";
const CALLBACK: &str = "http://127.0.0.1:8080/sign-in/agency/callback";

/// The certified provider; it ends with its owner.
struct Certified {
    issuer: String,
    child: Child,
}

impl Certified {
    /// `None`, with a word about it, where there is no Node.js or its packages are not installed.
    fn start(redirect: &str, user: &str) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/identity");
        if !folder.join("node_modules/oidc-provider").is_dir() {
            assert!(std::env::var_os("CI").is_none(), "CI must have the packages of tests/identity");
            eprintln!("skipped: `npm ci` was not run in tests/identity");
            return None;
        }
        let mut child = Command::new("node")
            .args(["provider.mjs", redirect, "fairground", CLIENT_SECRET, user])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        Some(Self { issuer: told["issuer"].as_str().unwrap().to_owned(), child })
    }
}

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn provider(slug: &str, issuer: &str) -> ProviderSettings {
    let secret = std::env::temp_dir().join(format!("fairground-client-secret-{}", std::process::id()));
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let raw = json!([{ "slug": slug, "title": format!("The {slug}"), "issuer": issuer, "client_id": "fairground",
                       "client_secret_file": secret, "roles": ["developer", "publisher"] }]);
    read_providers(serde_json::from_value(raw).unwrap()).unwrap().remove(0)
}

fn house(providers: Vec<ProviderSettings>) -> House {
    let reach = "127.0.0.1".parse().unwrap();
    House::open_with(ApiSettings { identity_providers: providers, reach, ..ApiSettings::default() })
}

/// One person's browser: its cookies here.
#[derive(Default, Clone)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn ask(&mut self, house: &House, request: TestRequest) -> Answer {
        let jar = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer = house.ask(request.insert_header((header::COOKIE, jar))).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    async fn get(&mut self, house: &House, path: &str) -> Answer {
        self.ask(house, TestRequest::get().uri(path)).await
    }

    async fn post(&mut self, house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(house, TestRequest::post().uri(path).set_form(fields)).await
    }

    /// Leaves for a provider; gives its address.
    async fn leave(&mut self, house: &House, path: &str) -> Url {
        let answer = self.get(house, path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").parse().unwrap()
    }

    fn is_signed_in(&self) -> bool {
        self.cookies.iter().any(|(name, _)| name == "fairground_session")
    }
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The path and query of an address.
fn path_of(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// What the person does at the certified provider: follows it until it sends them back here.
async fn visit(at: Url) -> Url {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (mut at, mut jar): (Url, Vec<String>) = (at, Vec::new());
    for _ in 0..12 {
        let answer = client.get(at.clone()).header("cookie", jar.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = format!("{}=", pair.split('=').next().unwrap());
            jar.retain(|known| !known.starts_with(&name));
            jar.push(pair);
        }
        let location = answer.headers().get("location").expect("a redirect").to_str().unwrap();
        at = at.join(location).unwrap();
        if at.path().ends_with("/callback") {
            return at;
        }
    }
    panic!("the provider leads nowhere: {at}");
}

#[actix_web::test]
async fn a_certified_provider_signs_people_in_and_its_codes_are_good_once() {
    let Some(certified) = Certified::start(CALLBACK, "ada") else { return };
    let house = house(vec![provider("agency", &certified.issuer)]);
    let mut ada = Browser::default();
    assert!(ada.get(&house, "/sign-in?next=/developers").await.body.contains("Sign in with The agency"));
    let away = ada.leave(&house, "/sign-in/agency?next=/developers").await;
    for (name, value) in [("code_challenge_method", "S256"), ("response_type", "code"), ("redirect_uri", CALLBACK)] {
        assert_eq!(parameter(&away, name), value);
    }
    assert!(parameter(&away, "state").len() == 64 && parameter(&away, "nonce").len() > 20);
    let back = visit(away).await;
    assert_eq!(parameter(&back, "iss"), certified.issuer);
    let stolen = back.clone();
    let mut eve = Browser::default();
    let answer = eve.get(&house, &path_of(&stolen)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "a state from another browser");
    assert!(!eve.is_signed_in());
    let answer = ada.get(&house, &path_of(&back)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/developers"), "{}", answer.body);
    let me = ada.get(&house, "/me").await;
    assert!(me.body.contains("ada@example.org") && me.body.contains("your only way in"), "{}", me.body);
    let again = ada.get(&house, &path_of(&back)).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "a replayed answer");
    // The same code under a state of its own: the provider itself refuses it, and revokes what it gave for it.
    let mut eve = Browser::default();
    let own = eve.leave(&house, "/sign-in/agency").await;
    let mut mixed = back.clone();
    mixed.set_query(None);
    mixed
        .query_pairs_mut()
        .append_pair("code", &parameter(&back, "code"))
        .append_pair("state", &parameter(&own, "state"))
        .append_pair("iss", &certified.issuer);
    let answer = eve.get(&house, &path_of(&mixed)).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "a replayed code");
    assert!(!eve.is_signed_in());
}

#[actix_web::test]
async fn two_providers_stand_side_by_side_and_are_never_mixed_up() {
    let Some(agency) = Certified::start(CALLBACK, "ada") else { return };
    let bank_callback = "http://127.0.0.1:8080/sign-in/bank/callback";
    let bank = Certified::start(bank_callback, "unsure").unwrap();
    let house = house(vec![provider("agency", &agency.issuer), provider("bank", &bank.issuer)]);
    let mut ada = Browser::default();
    let away = ada.leave(&house, "/sign-in/agency").await;
    let back = visit(away).await;
    // The agency's answer at the bank's address, and under the bank's name.
    let at_bank = path_of(&back).replace("/agency/", "/bank/");
    assert_eq!(ada.get(&house, &at_bank).await.status, StatusCode::BAD_REQUEST);
    let mut wrong = back.clone();
    wrong.set_query(None);
    wrong
        .query_pairs_mut()
        .append_pair("code", &parameter(&back, "code"))
        .append_pair("state", &parameter(&back, "state"))
        .append_pair("iss", &bank.issuer);
    assert_eq!(ada.get(&house, &path_of(&wrong)).await.status, StatusCode::BAD_GATEWAY, "a mixed-up issuer");
    let away = ada.leave(&house, "/sign-in/agency").await;
    let back = visit(away).await;
    let mut nameless = back.clone();
    nameless.set_query(None);
    nameless
        .query_pairs_mut()
        .append_pair("code", &parameter(&back, "code"))
        .append_pair("state", &parameter(&back, "state"));
    assert_eq!(ada.get(&house, &path_of(&nameless)).await.status, StatusCode::BAD_GATEWAY, "it promised its name");
    let away = ada.leave(&house, "/sign-in/agency").await;
    ada.get(&house, &path_of(&visit(away).await)).await;
    assert!(ada.is_signed_in());
    // The bank is linked from one's own page, and by nobody else's link.
    let forged = ada.get(&house, "/sign-in/bank?link=0000").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let page = ada.get(&house, "/me").await.body;
    let (_, rest) = page.split_once("href=\"/sign-in/bank?link=").expect("a way to link");
    let link = format!("/sign-in/bank?link={}", rest.split('"').next().unwrap());
    let away = ada.leave(&house, &link).await;
    let linked = ada.get(&house, &path_of(&visit(away).await)).await;
    assert_eq!(linked.header("location"), "/me?done=identity-linked", "{}", linked.body);
    let page = ada.get(&house, "/me").await.body;
    assert!(page.contains("unsure@example.org"), "{page}");
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let unlink = |provider: &'static str| [("csrf", csrf.clone()), ("provider", provider.to_owned())];
    let fields = unlink("agency");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let gone = ada.post(&house, "/me/identities", &fields).await;
    assert_eq!(gone.header("location"), "/me?done=identity-unlinked");
    let fields = unlink("bank");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ada.post(&house, "/me/identities", &fields).await.status, StatusCode::BAD_REQUEST, "the last way in");
    // Who comes from the bank again is the same person, whose address the bank never confirmed.
    let mut later = Browser::default();
    let away = later.leave(&house, "/sign-in/bank").await;
    let answer = later.get(&house, &path_of(&visit(away).await)).await;
    assert_eq!(answer.header("location"), "/me", "{}", answer.body);
    assert!(later.get(&house, "/me").await.body.contains("ada@example.org"));
}

#[actix_web::test]
async fn an_account_with_the_same_address_is_opened_only_after_its_own_proof() {
    let Some(certified) = Certified::start(CALLBACK, "ada") else { return };
    let house = house(vec![provider("agency", &certified.issuer)]);
    house.source("health", Some("ministry-of-health"));
    house.account("ada@example.org", Role::Publisher, Some("ministry-of-health"));
    let mut ada = Browser::default();
    let away = ada.leave(&house, "/sign-in/agency").await;
    let asked = ada.get(&house, &path_of(&visit(away).await)).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("There is an account with ada@example.org here"), "{}", asked.body);
    assert!(!ada.is_signed_in());
    let token = asked.body.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let proof =
        |password: &'static str| [("token", token.clone()), ("act", "password".into()), ("password", password.into())];
    let send = |fields: [(&'static str, String); 3]| fields.map(|(name, value)| (name, value));
    let wrong = send(proof("not the password"));
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ada.post(&house, "/sign-in/identity", &wrong).await.status, StatusCode::UNAUTHORIZED);
    let right = send(proof(PASSWORD));
    let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut eve = Browser::default();
    assert_eq!(eve.post(&house, "/sign-in/identity", &right).await.status, StatusCode::NOT_FOUND, "another browser");
    let linked = ada.post(&house, "/sign-in/identity", &right).await;
    assert_eq!(linked.status, StatusCode::SEE_OTHER, "{}", linked.body);
    let account = house.catalog.db.read(|tx| account::find_by_email(tx, "ada@example.org")).unwrap().unwrap();
    assert_eq!(house.catalog.db.read(|tx| account::list_identities(tx, account.id)).unwrap().len(), 1);
}

#[actix_web::test]
async fn an_address_that_nobody_vouches_for_is_proved_by_letter() {
    let Some(certified) = Certified::start(CALLBACK, "unsure") else { return };
    let house = house(vec![provider("agency", &certified.issuer)]);
    let mut browser = Browser::default();
    let away = browser.leave(&house, "/sign-in/agency").await;
    let asked = browser.get(&house, &path_of(&visit(away).await)).await;
    assert!(asked.body.contains("did not confirm an e-mail address"), "{}", asked.body);
    let token = asked.body.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let fields = [("token", token.as_str()), ("act", "letter"), ("email", "new@example.org")];
    assert_eq!(browser.post(&house, "/sign-in/identity", &fields).await.status, StatusCode::OK);
    let link = house.link_in_letter_to("new@example.org", "/sign-in/identity-link?token=").await;
    let token = link.split_once('=').unwrap().1.to_owned();
    let mut stranger = Browser::default();
    let lured = stranger.post(&house, "/sign-in/identity-link", &[("token", &token)]).await;
    assert_eq!(lured.status, StatusCode::NOT_FOUND, "the letter's reader did not begin this");
    let done = browser.post(&house, "/sign-in/identity-link", &[("token", &token)]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/me"), "{}", done.body);
    assert!(browser.get(&house, "/me").await.body.contains("new@example.org"));
}

/// The certified provider as one of plain OAuth 2.0: no token about the person is taken from it, only what it tells of the access
/// token's user.
fn plain(issuer: &str, vouches: bool) -> ProviderSettings {
    let secret = std::env::temp_dir().join(format!("fairground-plain-secret-{}", std::process::id()));
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let mut raw = json!({ "slug": "agency", "kind": "oauth2", "authorization_url": format!("{issuer}/auth"),
                          "token_url": format!("{issuer}/token"), "user_info_url": format!("{issuer}/me"),
                          "client_id": "fairground", "client_secret_file": secret, "scopes": ["openid", "email", "profile"],
                          "subject_claim": "sub", "roles": ["developer"] });
    if vouches {
        raw["email_verified_claim"] = json!("email_verified");
    }
    read_providers(serde_json::from_value(json!([raw])).unwrap()).unwrap().remove(0)
}

#[actix_web::test]
async fn plain_oauth_signs_people_in_by_what_is_told_of_their_token() {
    let Some(certified) = Certified::start(CALLBACK, "ada") else { return };
    let house = house(vec![plain(&certified.issuer, true)]);
    let mut ada = Browser::default();
    let away = ada.leave(&house, "/sign-in/agency?next=/developers").await;
    assert_eq!(parameter(&away, "code_challenge_method"), "S256");
    assert!(parameter(&away, "state").len() == 64 && parameter(&away, "nonce").is_empty());
    let back = visit(away).await;
    let mut eve = Browser::default();
    assert_eq!(eve.get(&house, &path_of(&back)).await.status, StatusCode::BAD_REQUEST, "a state from another browser");
    let answer = ada.get(&house, &path_of(&back)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/developers"), "{}", answer.body);
    assert!(ada.get(&house, "/me").await.body.contains("ada@example.org"));
    assert_eq!(ada.get(&house, &path_of(&back)).await.status, StatusCode::BAD_REQUEST, "a replayed answer");
    // A code under another browser's state fails: what it was asked for with (PKCE) is not known there.
    let mut eve = Browser::default();
    let own = eve.leave(&house, "/sign-in/agency").await;
    let hers = visit(ada.clone().leave(&house, "/sign-in/agency").await).await;
    let swapped = format!("{}?code={}&state={}", hers.path(), parameter(&hers, "code"), parameter(&own, "state"));
    assert_eq!(eve.get(&house, &swapped).await.status, StatusCode::BAD_GATEWAY);
    assert!(!eve.is_signed_in());
    // The same person is the same account.
    let mut later = Browser::default();
    let back = visit(later.leave(&house, "/sign-in/agency").await).await;
    assert_eq!(later.get(&house, &path_of(&back)).await.status, StatusCode::SEE_OTHER);
    assert!(later.is_signed_in());
}

#[actix_web::test]
async fn plain_oauth_that_does_not_vouch_for_addresses_leaves_them_to_a_letter() {
    let Some(certified) = Certified::start(CALLBACK, "ada") else { return };
    let house = house(vec![plain(&certified.issuer, false)]);
    let mut ada = Browser::default();
    let back = visit(ada.leave(&house, "/sign-in/agency").await).await;
    let asked = ada.get(&house, &path_of(&back)).await;
    assert!(asked.body.contains("did not confirm an e-mail address"), "{}", asked.body);
    assert!(!ada.is_signed_in());
}

/// A sign-in at a provider that lies; gives what came of it.
async fn lied_to(house: &House, liar: &Liar, lie: Lie) -> (Answer, Browser) {
    let mut browser = Browser::default();
    let away = browser.leave(house, "/sign-in/agency").await;
    liar.lie(&parameter(&away, "nonce"), lie);
    let back = format!("/sign-in/agency/callback?code=c&state={}", parameter(&away, "state"));
    (browser.get(house, &back).await, browser)
}

#[actix_web::test]
async fn a_token_that_is_not_exactly_right_signs_nobody_in() {
    let liar = Liar::open();
    let house = house(vec![provider("agency", &liar.issuer)]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = |claims: Value| Lie { claims, ..Lie::default() };
    for (what, lie) in [
        ("wrong audience", claims(json!({ "aud": "another" }))),
        ("a second audience", claims(json!({ "aud": ["fairground", "another"] }))),
        ("another authorized party", claims(json!({ "azp": "another" }))),
        ("no audience", claims(json!({ "aud": null }))),
        ("another issuer", claims(json!({ "iss": "https://login.example.org" }))),
        ("no issuer", claims(json!({ "iss": null }))),
        ("another sign-in's nonce", claims(json!({ "nonce": "n-0S6_WzA2Mj" }))),
        ("no nonce", claims(json!({ "nonce": null }))),
        ("expired", claims(json!({ "exp": now - 120, "iat": now - 400 }))),
        ("from the future", claims(json!({ "iat": now + 600, "exp": now + 900 }))),
        ("too old", claims(json!({ "iat": now - 3_600 }))),
        ("nobody", claims(json!({ "sub": null }))),
        ("no signature", Lie { algorithm: Some("none"), ..Lie::default() }),
        ("the public key as a secret", Lie { algorithm: Some("HS256"), ..Lie::default() }),
        ("a foreign key", Lie { foreign_key: true, ..Lie::default() }),
        (
            "userinfo about somebody else",
            Lie { claims: json!({ "email": null }), user_info_sub: Some("18"), ..Lie::default() },
        ),
    ] {
        let (answer, browser) = lied_to(&house, &liar, lie).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{what}: {}", answer.body);
        assert!(!browser.is_signed_in(), "{what}");
        assert!(answer.body.contains("could not be trusted"), "{what}: {}", answer.body);
    }
    assert_eq!(house.catalog.db.read(account::count).unwrap(), 0);
    let slow_clock = claims(json!({ "iat": now + 30, "exp": now + 300 }));
    let (answer, browser) = lied_to(&house, &liar, slow_clock).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "clocks may differ a little: {}", answer.body);
    assert!(browser.is_signed_in());
    for form in liar.asked() {
        assert!(form.contains("code_verifier=") && form.contains("grant_type=authorization_code"), "{form}");
    }
}

#[actix_web::test]
async fn a_provider_whose_discovery_names_another_issuer_or_a_private_address_is_not_asked() {
    let liar = Liar::open();
    for (what, discovery) in [
        ("another issuer", json!({ "issuer": "https://login.example.org" })),
        ("keys at a private address", json!({ "jwks_uri": "http://10.0.0.1/jwks" })),
        ("keys over plain http", json!({ "jwks_uri": "http://login.example.org/jwks" })),
    ] {
        let house = house(vec![provider("agency", &liar.issuer)]);
        liar.lie("", Lie { discovery, ..Lie::default() });
        let answer = house.get("/sign-in/agency").await;
        assert!(matches!(answer.status.as_u16(), 502 | 503), "{what}: {}", answer.status);
    }
    liar.lie("", Lie::default());
    let closed = House::open_with(ApiSettings {
        identity_providers: vec![provider("agency", &liar.issuer)],
        ..ApiSettings::default()
    });
    let answer = closed.get("/sign-in/agency").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "loopback is private unless the operator opens it");
}

#[actix_web::test]
async fn a_provider_that_is_away_or_says_no_leaves_the_other_ways_open() {
    let house = house(vec![provider("agency", "http://127.0.0.1:9")]);
    house.account("op@example.org", Role::Operator, None);
    let away = house.get("/sign-in/agency").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.body.contains("does not answer") && away.body.contains("name=\"password\""), "{}", away.body);
    house.sign_in("op@example.org").await;
    assert_eq!(house.get("/sign-in/nobody").await.status, StatusCode::NOT_FOUND);
    let liar = Liar::open();
    let house = self::house(vec![provider("agency", &liar.issuer)]);
    let mut browser = Browser::default();
    let away = browser.leave(&house, "/sign-in/agency").await;
    let no = format!("/sign-in/agency/callback?error=access_denied&state={}", parameter(&away, "state"));
    let answer = browser.get(&house, &no).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    for (what, query) in [
        ("no state", "code=c".to_owned()),
        ("a used state", format!("code=c&state={}", parameter(&away, "state"))),
        ("two states", format!("code=c&state=a&state={}", parameter(&away, "state"))),
    ] {
        let answer = browser.get(&house, &format!("/sign-in/agency/callback?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
    }
    let evil = browser.leave(&house, "/sign-in/agency?next=https://evil.example").await;
    liar.lie(&parameter(&evil, "nonce"), Lie::default());
    let back = format!("/sign-in/agency/callback?code=c&state={}", parameter(&evil, "state"));
    assert_eq!(browser.get(&house, &back).await.header("location"), "/workspace", "no link leads elsewhere");
}
