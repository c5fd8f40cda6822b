//! Staff's pages in other languages than English: nothing of English is left on them, but for what is marked as English.

use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::harvest;

use crate::house::{Answer, House, drafts};

/// Words that every longer English text has and that none of the other languages knows as a word of its own.
const ENGLISH: [&str; 24] = [
    "the",
    "of",
    "and",
    "with",
    "your",
    "this",
    "that",
    "from",
    "what",
    "which",
    "nothing",
    "everybody",
    "draft",
    "save",
    "publisher",
    "review",
    "harvest",
    "choose",
    "back",
    "when",
    "until",
    "rows",
    "who",
    "held",
];
/// Names that the pages show and that are nobody's to translate.
const NAMES: [&str; 8] = [
    "(rows)",
    "GET /stations/1 rows",
    "Ministry of Health",
    "ministry-of-health",
    "Hospital beds",
    "Bathing water",
    "World Health",
    "hourly, daily, weekly",
];

/// What a page says: its text without tags, without scripts and code, and without what is marked as English.
fn said(body: &str) -> String {
    let main = body.split_once("<main").map_or(body, |(_, rest)| rest.split("</main>").next().unwrap());
    let (mut text, mut rest) = (String::new(), main.split_once('>').map_or("", |(_, rest)| rest));
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let (tag, inside) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split([' ', '/']).next().unwrap();
        let is_skipped = matches!(name, "pre" | "code" | "script" | "textarea" | "time") || tag.contains("lang=\"en\"");
        rest = match is_skipped && !tag.starts_with('/') {
            true => inside.split_once(&format!("</{name}>")).map_or("", |(_, rest)| rest),
            false => inside,
        };
    }
    text.push_str(rest);
    NAMES.iter().fold(text, |text, name| text.replace(name, ""))
}

/// English words of a page, each with what stands around it.
fn english(body: &str) -> Vec<String> {
    let text = said(body).replace(['\n', '\t'], " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_english = |word: &&str| ENGLISH.contains(&bare(word).as_str());
    let around = |at: usize| words[at.saturating_sub(3)..(at + 4).min(words.len())].join(" ");
    words.iter().enumerate().filter(|(_, word)| is_english(word)).map(|(at, _)| around(at)).collect()
}

fn field(page: &Answer, name: &str) -> String {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).expect("a form with that field");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_check_sees_english_and_passes_by_what_is_marked() {
    let page = "<main id=\"main\"><p>Ein Entwurf</p><p>Nothing is <b>held</b> back</p><p lang=\"en\">of the</p><pre>of</pre></main>";
    assert_eq!(english(page).len(), 3, "{:?}", english(page));
}

#[actix_web::test]
async fn staff_pages_leave_no_english_in_other_languages() {
    let house = House::open();
    let own = house.source("health", Some("ministry-of-health"));
    house.harvest(&own, drafts(&["Hospital beds", "Bathing water"]));
    house.account("op@example.org", Role::Operator, None);
    house.account("editor@example.org", Role::Publisher, Some("ministry-of-health"));
    let (editor, token) = house.sign_in("editor@example.org").await;
    let fields = [
        ("csrf", token.as_str()),
        ("act", "empty"),
        ("publisher", "ministry-of-health"),
        ("title", "X"),
        ("language", "en"),
    ];
    let begun = house.post_as(&editor, "/workspace/drafts", &fields).await;
    let draft = begun.header("location").to_owned();
    let (operator, operators) = house.sign_in("op@example.org").await;
    let service = [
        ("csrf", operators.as_str()),
        ("publisher", "ministry-of-health"),
        ("slug", "air"),
        ("title", "Air"),
        ("upstream", "https://agency.example/v1"),
        ("method-GET", "yes"),
        ("class", "rows"),
        ("health_interval", "60"),
        ("credentials_kind", "none"),
    ];
    let made = house.post_as(&operator, "/workspace/services", &service).await;
    assert_eq!(made.header("location"), "/workspace/services/air?done=saved", "{}", made.body);
    let job = house.catalog.db.read(|tx| harvest::list_jobs(tx, &harvest::JobFilter::default(), 1)).unwrap().remove(0);
    let mut pages: Vec<String> = [
        "/workspace",
        "/workspace/drafts",
        "/workspace/drafts?stage=all",
        "/workspace/drafts/new",
        "/workspace/held",
        "/workspace/held?state=all",
        "/workspace/publishers/ministry-of-health/people",
        "/workspace/audit",
        "/workspace/jobs",
        "/workspace/sources/new",
        "/workspace/sources/health",
        "/workspace/sources/health/rules",
        "/workspace/sources/health/contacts",
        "/workspace/sources/health/delete",
        "/workspace/demand",
        "/workspace/applications",
        "/workspace/datasets/hospital-beds",
        "/workspace/datasets/hospital-beds/withdraw",
        "/workspace/tariff",
        "/workspace/register?kind=exception",
        "/workspace/register?kind=suspension",
        "/workspace/register?kind=arrangement",
        "/workspace/register?kind=refusal",
        "/workspace/services",
        "/workspace/services/new",
        "/workspace/services/air",
        "/workspace/yours",
        "/workspace/settings",
        "/workspace/health",
        "/workspace/journal",
        "/workspace/suspended",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend(["", "/files", "/document", "/journey", "/review", "/discard"].map(|page| format!("{draft}{page}")));
    pages.extend(["", "/changes", "/records/0"].map(|page| format!("/workspace/jobs/{}{page}", job.id)));
    let mut left = Vec::new();
    for language in ["fr", "de", "es"] {
        for page in &pages {
            let separator = if page.contains('?') { '&' } else { '?' };
            let answer = house.get_as(&operator, &format!("{page}{separator}lang={language}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
            left.extend(english(&answer.body).into_iter().map(|words| format!("{language} {page}: {words}")));
            assert!(!answer.body.contains(">workspace-"), "{language} {page}: a key stands for its words");
        }
        // What is wrong with a form is said in the reader's language too.
        let edit = format!("{draft}?lang={language}");
        let revision = field(&house.get_as(&editor, &edit).await, "revision");
        let wrong = [("csrf", token.as_str()), ("revision", revision.as_str()), ("act", "save"), ("issued", "soon")];
        let answer = house.post_as(&editor, &edit, &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        left.extend(english(&answer.body).into_iter().map(|words| format!("{language} a wrong form: {words}")));
        for (path, wrong) in [
            ("/workspace/services", [("title", ""), ("class_rules", "nonsense")]),
            ("/workspace/services", [("title", "X"), ("health_path", "x")]),
            ("/workspace/tariff", [("document", "{"), ("act", "publish")]),
            ("/workspace/register", [("kind", "suspension"), ("application", "x")]),
            ("/workspace/register", [("kind", "refusal"), ("subject", "")]),
        ] {
            let fields = [&[("csrf", operators.as_str()), ("class", "rows")], &wrong[..]].concat();
            let answer = house.post_as(&operator, &format!("{path}?lang={language}"), &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.body);
            assert!(answer.body.contains("govuk-error-summary"), "{path}: {}", answer.body);
            let marked = answer.body.contains("<span lang=\"en\">");
            assert!(!marked, "{language} {path}: a refusal stays in English: {}", answer.body);
            left.extend(english(&answer.body).into_iter().map(|words| format!("{language} {path}: {words}")));
        }
    }
    assert!(left.is_empty(), "{} English texts are left:\n{}", left.len(), left.join("\n"));
}
