//! The words of the interface: the same keys, arguments and tags in every language, each of them used, none unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use fairground_web::words::{is_known_refusal, known_refusals};
use fluent_syntax::ast;
use fluent_syntax::parser;

use crate::house::{House, drafts};

const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];
/// Keys that are put together from these and the name of a state; a test beside each of them asks for all of its states.
const MADE_OF_PARTS: [&str; 1] = ["layout-notice-"];
/// Tags that a message may hold; `a` and its numbered sisters become the links that the template gives.
const TAGS: [&str; 8] = ["a", "a2", "a3", "a4", "strong", "em", "code", "kbd"];
/// Names that are the same in every language.
const NAMES: &[&str] = &[
    "CSV",
    "Croissant",
    "Excel",
    "JSON",
    "JavaScript",
    "JavaScript:",
    "JSON-LD",
    "NDJSON",
    "PNG",
    "Python",
    "Python:",
    "RDF/XML",
    "SHA-256",
    "SVG",
    "Turtle",
    "curl",
    "curl:",
    "https://",
];

/// One message: its arguments, its tags, and its text as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Message {
    arguments: BTreeSet<String>,
    tags: BTreeMap<String, usize>,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every message of a language by key.
fn messages(language: &str) -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    for path in files(&root().join("locales").join(language), &["ftl"]) {
        let source = std::fs::read_to_string(&path).unwrap();
        let resource = parser::parse(source.as_str()).unwrap_or_else(|(_, faults)| panic!("{path:?}: {faults:?}"));
        let room = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
        for entry in &resource.body {
            let ast::Entry::Message(message) = entry else {
                assert!(!matches!(entry, ast::Entry::Junk { .. }), "{path:?} holds what is no message: {entry:?}");
                continue;
            };
            let key = message.id.name.to_owned();
            assert!(key.starts_with(&format!("{room}-")), "{path:?}: `{key}` does not begin with `{room}-`");
            let mut read = Message::default();
            pattern(message.value.as_ref().expect("a message has a text"), &mut read);
            read.tags = tags_of(&read.text);
            assert!(all.insert(key.clone(), read).is_none(), "{path:?} says `{key}` again");
        }
    }
    all
}

fn pattern(pattern: &ast::Pattern<&str>, into: &mut Message) {
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => into.text.push_str(value),
            ast::PatternElement::Placeable { expression } => match expression {
                ast::Expression::Inline(inline) => variable(inline, into),
                ast::Expression::Select { selector, variants } => {
                    variable(selector, into);
                    // Each variant is a whole text; the longest stands for the message where tags are compared.
                    let mut longest = Message::default();
                    for variant in variants {
                        let mut one = Message::default();
                        self::pattern(&variant.value, &mut one);
                        into.arguments.append(&mut one.arguments);
                        if one.text.len() > longest.text.len() {
                            longest = one;
                        }
                    }
                    into.text.push_str(&longest.text);
                }
            },
        }
    }
}

fn variable(inline: &ast::InlineExpression<&str>, into: &mut Message) {
    match inline {
        ast::InlineExpression::VariableReference { id } => drop(into.arguments.insert(id.name.to_owned())),
        ast::InlineExpression::StringLiteral { value } => into.text.push_str(value),
        ast::InlineExpression::NumberLiteral { .. } => {}
        other => panic!("messages are made of texts and arguments alone: {other:?}"),
    }
}

fn tags_of(text: &str) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    for piece in text.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("a tag does not end: {text}"));
        *tags.entry(tag.to_owned()).or_default() += 1;
    }
    tags
}

#[test]
fn every_language_says_the_same_things() {
    let english = messages("en");
    for language in LANGUAGES {
        let own = messages(language);
        let (here, there): (BTreeSet<_>, BTreeSet<_>) = (own.keys().collect(), english.keys().collect());
        let missing: Vec<_> = there.difference(&here).collect();
        let surplus: Vec<_> = here.difference(&there).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "{language} lacks {missing:?} and alone has {surplus:?}");
        for (key, message) in &own {
            let model = &english[key];
            assert_eq!(message.arguments, model.arguments, "{language}: the arguments of `{key}`");
            assert_eq!(message.tags, model.tags, "{language}: the tags of `{key}`");
        }
    }
}

#[test]
fn messages_hold_nothing_that_html_would_read_otherwise() {
    for language in LANGUAGES {
        for (key, message) in messages(language) {
            assert!(
                !message.text.trim().is_empty() || !message.arguments.is_empty(),
                "{language}: `{key}` says nothing"
            );
            for forbidden in ['&', '"'] {
                assert!(!message.text.contains(forbidden), "{language}: `{key}` holds {forbidden}");
            }
            for tag in message.tags.keys() {
                let name = tag.trim_start_matches('/');
                assert!(TAGS.contains(&name), "{language}: `{key}` holds <{tag}>");
                let (opened, closed) = (message.tags.get(name), message.tags.get(&format!("/{name}")));
                assert_eq!(opened, closed, "{language}: `{key}` does not close <{name}>");
            }
        }
    }
}

/// A place that asks for a message: its key, the arguments that it gives, how many links, and where it stands.
#[derive(Debug)]
struct Use {
    key: String,
    arguments: BTreeSet<String>,
    links: usize,
    place: String,
}

/// Every `t("key")` of a source with the `.with("name", …)` and `.link(…)` that follow it.
fn uses(source: &str, place: &str) -> Vec<Use> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("t(\"") {
        let is_ours = source[..at].ends_with('.') || source[..at].ends_with("fn ");
        let rest = &source[at + 3..];
        let Some((key, after)) = rest.split_once('"') else { continue };
        if !is_ours || !after.trim_start().starts_with(')') {
            continue;
        }
        let mut one = Use { key: key.to_owned(), arguments: BTreeSet::new(), links: 0, place: place.to_owned() };
        let mut chain = after.trim_start()[1..].trim_start();
        while let Some((call, next)) = next_call(chain) {
            if let Some(name) = call.strip_prefix("with(").map(str::trim_start).and_then(|call| call.strip_prefix('"'))
            {
                one.arguments.insert(name.split('"').next().unwrap().to_owned());
            } else if call.starts_with("link(") || call.starts_with("quiet_link(") {
                one.links += 1;
            } else {
                break;
            }
            chain = next;
        }
        found.push(one);
    }
    found
}

/// The next `.call(…)` of a chain, and what follows it.
fn next_call(chain: &str) -> Option<(&str, &str)> {
    let call = chain.trim_start().strip_prefix('.')?;
    let (mut depth, mut in_text, mut escaped) = (0, false, false);
    for (at, c) in call.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return Some((&call[..at], &call[at + 1..]));
                }
            }
            c if depth == 0 && !c.is_alphanumeric() && c != '_' => return None,
            _ => {}
        }
    }
    None
}

fn sources() -> Vec<(String, String)> {
    let root = root();
    let paths = [files(&root.join("src"), &["rs"]), files(&root.join("templates"), &["html", "xml", "txt"])].concat();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_key_that_is_asked_for_exists_and_gets_its_arguments() {
    let english = messages("en");
    let mut faults = Vec::new();
    for (place, source) in sources() {
        let shipped = source.split("#[cfg(test)]").next().unwrap();
        for one in uses(shipped, &place) {
            let Some(message) = english.get(&one.key) else {
                faults.push(format!("{}: nobody says `{}`", one.place, one.key));
                continue;
            };
            // Code may go on with a message after it has asked for it; a template says all at once.
            let fits = match place.ends_with(".rs") {
                true => one.arguments.is_subset(&message.arguments),
                false => one.arguments == message.arguments,
            };
            if !fits {
                let (given, wanted) = (&one.arguments, &message.arguments);
                faults.push(format!("{}: `{}` is given {given:?} and takes {wanted:?}", one.place, one.key));
            }
            let links = message.tags.keys().filter(|tag| tag.starts_with('a')).count();
            if one.links != links && !place.ends_with(".rs") {
                faults.push(format!("{}: `{}` is given {} links and has {links}", one.place, one.key, one.links));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_key_is_used() {
    let all: Vec<String> = sources().into_iter().map(|(_, source)| source).collect();
    // Whatever stands between two quotes, whichever of them opens.
    let quoted: BTreeSet<&str> = all.iter().flat_map(|source| source.split('"')).collect();
    let is_used =
        |key: &String| quoted.contains(key.as_str()) || MADE_OF_PARTS.iter().any(|part| key.starts_with(part));
    let unused: Vec<String> = messages("en").into_keys().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "nobody asks for {unused:?}");
}

/// The words of a template that stand there themselves: outside of expressions, tags and code, and in attributes that people
/// read or hear.
fn bare_words(template: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let end = if after.starts_with('%') { "%}" } else { "}}" };
        rest = match after.split_once(end) {
            Some((_, rest)) => rest,
            None => "",
        };
        text.push('\u{1}');
    }
    text.push_str(rest);
    let mut words = Vec::new();
    let mut outside = text.as_str();
    while let Some((before, after)) = outside.split_once('<') {
        words.push(before.to_owned());
        let (tag, rest) = after.split_once('>').unwrap_or((after, ""));
        for name in [
            "aria-label=\"",
            "placeholder=\"",
            "title=\"",
            "alt=\"",
            "data-suggest-label=\"",
            "data-copy=\"",
            "data-copied=\"",
        ] {
            if let Some((_, value)) = tag.split_once(name) {
                words.push(value.split('"').next().unwrap_or_default().to_owned());
            }
        }
        outside = rest;
        // What stands in code is not translated.
        for code in ["pre", "code", "script"] {
            if tag.starts_with(code) {
                outside = outside.split_once(&format!("</{code}>")).map_or("", |(_, rest)| rest);
            }
        }
    }
    words.push(outside.to_owned());
    let is_word = |text: &str| text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() > 2);
    words
        .into_iter()
        .map(|words| words.replace('\u{1}', " ").trim().to_owned())
        .filter(|words| is_word(words))
        .collect()
}

#[test]
fn templates_say_nothing_by_themselves() {
    let mut faults = Vec::new();
    for path in files(&root().join("templates"), &["html"]) {
        let name = path.strip_prefix(root().join("templates")).unwrap().display().to_string();
        let words = bare_words(&std::fs::read_to_string(&path).unwrap());
        let said = words.into_iter().filter(|words| !NAMES.contains(&words.as_str()));
        faults.extend(said.map(|words| format!("{name}: {words}")));
    }
    assert!(faults.is_empty(), "{} texts stand in templates:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_checks_see_what_they_are_for() {
    let found = uses(r#"{{ frame.t("a-b").with("x", f(")")).link("/y") }} language.t("c-d")"#, "here");
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].key.as_str(), found[0].links), ("a-b", 1));
    assert_eq!(found[0].arguments, BTreeSet::from(["x".to_owned()]));
    assert_eq!(found[1].key, "c-d");
    assert_eq!(
        bare_words("<p class=\"x\" title=\"Hello there\">{{ frame.t(\"x\") }} and <code>curl</code></p>"),
        ["Hello there", "and"]
    );
    assert_eq!(bare_words("{% if a > b %}<b>{{ x }}</b>: {% endif %}"), Vec::<String>::new());
    assert_eq!(tags_of("<a>x</a> <a>y</a>")["a"], 2);
}

#[actix_web::test]
async fn a_page_speaks_what_is_asked_then_what_was_chosen_then_what_is_accepted() {
    let house = House::open();
    for (path, cookie, accepts, language) in [
        ("/publishers", "", "", "en"),
        ("/publishers", "", "de-AT, en;q=0.5", "de"),
        ("/publishers", "", "tlh, *", "en"),
        ("/publishers", "fairground_language=fr", "de", "fr"),
        ("/publishers?lang=es", "fairground_language=fr", "de", "es"),
        ("/publishers?lang=tlh", "fairground_language=nonsense", "de", "de"),
        ("/publishers?lang=\"><script>", "", "", "en"),
    ] {
        let request = TestRequest::get()
            .uri(&path.replace(['"', '<', '>'], "%22"))
            .insert_header(("cookie", cookie))
            .insert_header(("accept-language", accepts));
        let answer = house.ask(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(&format!("<html lang=\"{language}\" dir=\"ltr\"")), "{path} {cookie} {accepts}");
        assert_eq!(answer.header("content-language"), language);
        assert_eq!(answer.header("set-cookie"), "", "reading sets no cookie");
        let varies = answer.header("vary").to_lowercase();
        for field in ["accept-language", "cookie"] {
            assert!(varies.contains(field), "{varies}");
        }
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
}

#[actix_web::test]
async fn choosing_a_language_sets_one_cookie_and_leads_back() {
    let house = House::open();
    for (next, to) in [
        ("/publishers?q=health", "/publishers?q=health"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
    ] {
        let answer = house.post("/language", &[("lang", "de"), ("next", next)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{next}");
        assert_eq!(answer.header("location"), to);
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.starts_with("fairground_language=de;") && cookie.contains("HttpOnly"), "{cookie}");
        assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    }
    let unknown = house.post("/language", &[("lang", "tlh"), ("next", "/")]).await;
    assert_eq!((unknown.status, unknown.header("set-cookie")), (StatusCode::SEE_OTHER, ""));
    let foreign = TestRequest::post()
        .uri("/language")
        .insert_header(("sec-fetch-site", "cross-site"))
        .set_form([("lang", "de"), ("next", "/")]);
    let refused = house.ask(foreign).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (StatusCode::FORBIDDEN, ""));
}

#[actix_web::test]
async fn pages_name_themselves_in_every_language_and_texts_say_theirs() {
    let house = House::open();
    let source = house.source("health", None);
    let mut some = drafts(&["Hospital beds"]);
    some[0].0.title = fairground_domain::LocalizedText::default();
    some[0].0.title.insert(fairground_domain::LanguageTag::lenient("en"), "Hospital beds");
    some[0].0.title.insert(fairground_domain::LanguageTag::lenient("de"), "Krankenhausbetten");
    house.harvest(&source, some);
    let german = house.get("/datasets?lang=de").await;
    assert!(german.body.contains(">Krankenhausbetten</a>"), "{}", german.body);
    let french = house.get("/datasets?lang=fr").await;
    assert!(french.body.contains("lang=\"en\">Hospital beds</a>"), "{}", french.body);
    assert!(french.body.contains("<h1 class=\"govuk-heading-xl fg-below-4\">Jeux de données</h1>"));
    let page = house.get("/publishers").await;
    for tag in ["en", "fr", "de", "es"] {
        let link =
            format!("<link rel=\"alternate\" hreflang=\"{tag}\" href=\"http://127.0.0.1:8080/publishers?lang={tag}\">");
        assert!(page.body.contains(&link), "{link}");
    }
    assert!(page.body.contains("hreflang=\"x-default\" href=\"http://127.0.0.1:8080/publishers\""));
    assert!(page.body.contains("rel=\"canonical\" href=\"http://127.0.0.1:8080/publishers\""));
}

/// Sources as one text in which what is filled in is `{}`, without tests and line breaks within texts.
fn levelled(folder: &Path) -> String {
    let mut text = String::new();
    for path in
        files(folder, &["rs"]).into_iter().filter(|path| !path.components().any(|part| part.as_os_str() == "refusal"))
    {
        let source = std::fs::read_to_string(&path).unwrap();
        let mut rest = source.split("#[cfg(test)]").next().unwrap();
        while let Some((before, after)) = rest.split_once("\\\n") {
            text.push_str(before);
            rest = after.trim_start();
        }
        text.push_str(rest);
    }
    let (mut level, text) = (String::new(), text.replace("{{", "\u{1}").replace("}}", "\u{2}"));
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        level.push_str(before);
        let name = after.split('}').next().unwrap_or_default();
        let is_place = name.len() < 60 && name.chars().all(|c| c.is_alphanumeric() || "_.:?".contains(c));
        level.push_str(if is_place { "{}" } else { "{" });
        rest = if is_place { &after[name.len() + 1..] } else { after };
    }
    level.push_str(rest);
    level.replace('\u{1}', "{").replace('\u{2}', "}")
}

fn sources_of(folders: &[&str]) -> String {
    let house = root().join("..");
    folders.iter().map(|folder| levelled(&house.join(folder))).collect()
}

fn refusing_sources() -> String {
    sources_of(&[
        "catalog/src",
        "catalog/domain/src",
        "catalog/tables/intake/src",
        "harvester/screen/src",
        "api/src/usage",
        "web/src",
    ])
}

/// Where it is written why loads, harvests and looks at services fail.
fn failing_sources() -> String {
    sources_of(&[
        "api/gateway/src",
        "api/src/gateway",
        "catalog/standards/src",
        "catalog/tables/src",
        "harvester/database/src",
        "harvester/screen/files/src",
        "harvester/src",
    ])
}

/// Refusals of what no page asks for: of programs, of the gateway's lifecycle and of the store.
const NOT_ON_PAGES: &[&str] = &[
    "a PostgreSQL store is backed up with `pg_dump`",
    "a brown-out ends after it began, and within a day",
    "a brown-out must be announced before it begins",
    "a portion must begin where the last one ended",
    "a sunset must be announced at least 7 days before",
    "a sunset needs a deprecation that is not after it",
    "at most 50 brown-outs can be announced",
    "brown-outs prepare for a sunset: say when it is",
    "cannot make `{}`: {}",
    "datasets are told apart by hour and by day, and within whole hours",
    "its content is not what was written",
    "must be `sqlite:PATH` or `postgres://…`",
    "the audit's entry is missing",
    "the file must hold 64 hexadecimal digits",
    "the head says something else",
    "the operating system gives no random bytes: {}",
];

#[test]
fn refusals_that_are_translated_are_those_that_are_made() {
    let sources = refusing_sources();
    let failing = failing_sources();
    let is_made = |text: &str| sources.contains(text) || failing.contains(text);
    let stale: Vec<&str> = known_refusals()
        .filter(|pattern| {
            let capital = pattern.chars().next().unwrap().to_uppercase().collect::<String>();
            let as_sentence = format!("{capital}{}", pattern.chars().skip(1).collect::<String>());
            !is_made(pattern) && !is_made(&as_sentence)
        })
        .collect();
    assert!(stale.is_empty(), "nobody refuses so: {stale:#?}");
    let mut english = BTreeSet::new();
    for begin in ["problem: \"", "problem: format!(\"", "Forbidden(\"", "BadRequest(\"", "wrong(\""] {
        for (at, _) in sources.match_indices(begin) {
            let text = sources[at + begin.len()..].split('"').next().unwrap();
            let is_told = text.contains(' ') && !text.starts_with("{}: ") && !text.contains('\\');
            if is_told && !is_known_refusal(&text.replace("{}", "x")) && !NOT_ON_PAGES.contains(&text) {
                english.insert(text);
            }
        }
    }
    assert!(english.is_empty(), "no language but English says: {english:#?}");
}
