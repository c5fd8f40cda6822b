use serde_json::{Value, json};

use super::limits::MOST_FAULTS;
use super::*;
use crate::dataset::{Agent, Concept, Distribution, Licence};
use crate::text::{LanguageTag, LocalizedText};

fn draft() -> DatasetDraft {
    DatasetDraft {
        identifier: "air-1".to_owned(),
        title: [(LanguageTag::lenient("en"), "Air quality".to_owned())].into_iter().collect(),
        publisher: Some(Agent { name: LocalizedText::undetermined("City of Ardenport"), ..Agent::default() }),
        keyword: vec![
            (LanguageTag::lenient("en"), "air".to_owned()),
            (LanguageTag::lenient("de"), "TESTDATEN".to_owned()),
        ],
        theme: vec![Concept::label("ENVI"), Concept::label("Odd")],
        frequency: Some(Concept::label("jährlich")),
        distribution: vec![
            Distribution {
                download_url: Some("http://old.example/a.csv".to_owned()),
                format: Some("text".to_owned()),
                licence: Some(Licence { iri: None, title: LocalizedText::undetermined("cc-by") }),
                extra: [("sprache".to_owned(), json!("deu"))].into(),
                ..Distribution::default()
            },
            Distribution { download_url: Some("http://old.example/b.csv".to_owned()), ..Distribution::default() },
        ],
        extra: [("lizenz".to_owned(), json!("dl-de/by-2-0")), ("tags".to_owned(), json!(["water", "air"]))].into(),
        ..DatasetDraft::default()
    }
    .normalised()
}

fn rules(rules: Value) -> Rules {
    Rules::parse(&json!({ "version": 1, "rules": rules })).expect("good rules")
}

/// What rules make of the draft, and what they say.
fn mapped(list: Value) -> (DatasetDraft, Vec<Finding>) {
    let mut draft = draft();
    let told = rules(list).apply(&mut draft);
    (draft, told)
}

#[test]
fn rules_change_what_they_name_and_nothing_else() {
    type Looks = fn(&DatasetDraft) -> String;
    let licence: Looks =
        |draft| format!("{:?}", draft.licence.as_ref().map(|it| (it.iri.clone(), it.title.any().to_owned())));
    let formats: Looks =
        |draft| format!("{:?}", draft.distribution.iter().map(|it| it.format.clone()).collect::<Vec<_>>());
    let urls: Looks =
        |draft| draft.distribution.iter().filter_map(|it| it.download_url.clone()).collect::<Vec<_>>().join(" ");
    let themes: Looks = |draft| {
        draft
            .theme
            .iter()
            .map(|it| it.iri.clone().unwrap_or_else(|| it.label.any().to_owned()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let keywords: Looks =
        |draft| draft.keyword.iter().map(|(tag, word)| format!("{tag}:{word}")).collect::<Vec<_>>().join(" ");
    let publisher: Looks =
        |draft| draft.publisher.as_ref().map(|it| format!("{} {:?}", it.name.any(), it.email)).unwrap_or_default();
    let own_licences: Looks = |draft| {
        draft.distribution.iter().filter_map(|it| it.licence.as_ref()?.iri.clone()).collect::<Vec<_>>().join(" ")
    };
    let languages: Looks = |draft| {
        format!(
            "{:?}",
            draft
                .distribution
                .iter()
                .map(|it| it.language.iter().map(ToString::to_string).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        )
    };
    let extras: Looks = |draft| draft.extra.keys().cloned().collect::<Vec<_>>().join(" ");
    let title: Looks = |draft| draft.title.any().to_owned();
    let cases: Vec<(Value, Looks, &str)> = vec![
        (json!({ "move": { "from": "/extra/lizenz", "to": "/licence" } }), licence, "Some((None, \"dl-de/by-2-0\"))"),
        (json!({ "move": { "from": "/extra/lizenz", "to": "/licence" } }), extras, "tags"),
        (json!({ "move": { "from": "/extra/none", "to": "/licence" } }), licence, "None"),
        (json!({ "move": { "from": "/extra/tags", "to": "/keyword" } }), keywords, "und:air und:water"),
        (
            json!({ "move": { "from": "/distribution/*/extra/sprache", "to": "/distribution/*/language" } }),
            languages,
            "[[\"de\"], []]",
        ),
        (
            json!({ "default": { "field": "/licence", "value": "https://l.example/by" } }),
            licence,
            "Some((Some(\"https://l.example/by\"), \"\"))",
        ),
        (json!({ "default": { "field": "/title", "value": "None" } }), title, "Air quality"),
        (
            json!({ "default": { "field": "/distribution/*/format", "value": "CSV" } }),
            formats,
            "[Some(\"text\"), Some(\"CSV\")]",
        ),
        (
            json!({ "set": { "field": "/distribution/*/format", "value": "CSV" } }),
            formats,
            "[Some(\"CSV\"), Some(\"CSV\")]",
        ),
        (
            json!({ "set": { "field": "/publisher/email", "value": "open@arden.example" } }),
            publisher,
            "City of Ardenport Some(\"open@arden.example\")",
        ),
        (json!({ "set": { "field": "/extra/lizenz", "value": null } }), extras, "tags"),
        (
            json!({ "map": { "field": "/theme", "codes": { "envi": "https://t.example/ENVI" } } }),
            themes,
            "Odd https://t.example/ENVI",
        ),
        (
            json!({ "map": { "field": "/theme", "codes": { "ENVI": "https://t.example/ENVI" }, "otherwise": "drop" } }),
            themes,
            "https://t.example/ENVI",
        ),
        (json!({ "map": { "field": "/theme", "codes": { "odd": null, "envi": null } } }), themes, ""),
        (
            json!({ "map": { "field": "/distribution/*/format", "codes": { "TEXT": "CSV" } } }),
            formats,
            "[Some(\"CSV\"), None]",
        ),
        (
            json!({ "replace": { "field": "/distribution/*/download_url", "pattern": "^http://old\\.example/(.*)$", "with": "https://new.example/$1" } }),
            urls,
            "https://new.example/a.csv https://new.example/b.csv",
        ),
        (json!({ "replace": { "field": "/keyword", "pattern": "^TEST.*$", "with": "" } }), keywords, "en:air"),
        (json!({ "replace": { "field": "/title", "pattern": "(?i)QUALITY", "with": "data" } }), title, "Air data"),
        (
            json!({ "publisher": { "name": "Ardenport", "email": "a@b.example" } }),
            publisher,
            "Ardenport Some(\"a@b.example\")",
        ),
        (json!({ "licence": "https://l.example/0" }), own_licences, "https://l.example/0 https://l.example/0"),
        (json!({ "theme": ["https://t.example/1", "Water"] }), themes, "Water https://t.example/1"),
        (
            json!({ "set": { "field": "/title", "value": "New" }, "when": { "field": "/keyword", "is": " AIR " } }),
            title,
            "New",
        ),
        (
            json!({ "set": { "field": "/title", "value": "New" }, "when": { "field": "/keyword", "is": "water" } }),
            title,
            "Air quality",
        ),
    ];
    for (rule, looks, expected) in cases {
        let (made, told) = mapped(json!([rule]));
        assert_eq!((looks(&made).as_str(), told.as_slice()), (expected, [].as_slice()), "{rule}");
        assert_eq!(made, made.clone().normalised(), "{rule}");
    }
}

#[test]
fn conditions_answer_yes_or_no() {
    for (condition, holds) in [
        (json!({ "field": "/identifier", "is": "AIR-1" }), true),
        (json!({ "field": "/kind", "is": "dataset" }), true),
        (json!({ "field": "/theme", "one_of": ["x", "odd"] }), true),
        (json!({ "field": "/theme", "one_of": ["x"] }), false),
        (json!({ "field": "/publisher/name", "contains": "arden" }), true),
        (json!({ "field": "/title", "matches": "^Air" }), true),
        (json!({ "field": "/licence", "exists": false }), true),
        (json!({ "field": "/distribution/*/licence", "exists": true }), true),
        (json!({ "not": { "field": "/title", "matches": "^Air" } }), false),
        (json!({ "all": [{ "field": "/title", "exists": true }, { "field": "/licence", "exists": true }] }), false),
        (json!({ "any": [{ "field": "/title", "exists": true }, { "field": "/licence", "exists": true }] }), true),
    ] {
        let (_, told) = mapped(json!([{ "include": condition }]));
        assert_eq!(!is_excluded(&told), holds, "include {condition}");
        let (_, told) = mapped(json!([{ "exclude": condition }]));
        assert_eq!(is_excluded(&told), holds, "exclude {condition}");
    }
}

#[test]
fn a_record_that_is_left_out_stays_as_it_was_and_says_by_which_rule() {
    let (made, told) = mapped(json!([
        { "set": { "field": "/title", "value": "New" } },
        { "exclude": { "field": "/title", "is": "new" } },
    ]));
    assert_eq!(made, draft());
    assert_eq!((told.len(), told[0].path.as_str(), told[0].severity), (1, "/rules/1", crate::Severity::Error));
}

#[test]
fn rules_see_what_those_before_them_made_and_reapplying_changes_nothing() {
    let both = rules(json!([
        { "move": { "from": "/extra/lizenz", "to": "/licence" } },
        { "map": { "field": "/licence", "codes": { "dl-de/by-2-0": { "iri": "https://l.example/dl", "title": "DL-DE" } } } },
    ]));
    let mut once = draft();
    assert_eq!(both.apply(&mut once), []);
    assert_eq!(once.licence.as_ref().and_then(|it| it.iri.as_deref()), Some("https://l.example/dl"));
    let mut twice = once.clone();
    both.apply(&mut twice);
    assert_eq!(once, twice);
    assert!(Rules::default().apply(&mut twice).is_empty() && Rules::default().is_empty());
}

#[test]
fn what_a_map_cannot_place_is_told_and_bounded() {
    let (_, told) = mapped(json!([{ "map": { "field": "/theme", "codes": { "x": "y" }, "otherwise": "report" } }]));
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|it| it.rule == "rule-code-unmapped" && it.path == "/theme"), "{told:?}");
    let mut wide = draft();
    wide.theme = (0..1_000).map(|n| Concept::label(format!("theme {n}"))).collect();
    let report = rules(json!([{ "map": { "field": "/theme", "codes": { "x": "y" }, "otherwise": "report" } }]));
    assert_eq!(report.apply(&mut wide).len(), limits::MOST_FINDINGS);
}

#[test]
fn a_pattern_neither_takes_for_ever_nor_grows_without_bounds() {
    let bomb = rules(json!([
        { "replace": { "field": "/description", "pattern": "(a+)+$", "with": "x" } },
        { "replace": { "field": "/description", "pattern": "(.)", "with": "$1$1$1$1$1$1$1$1$1$1" } },
    ]));
    let mut draft = draft();
    draft.description = LocalizedText::undetermined("a".repeat(LONGEST_TEXT_CHARS - 1) + "b");
    let before = draft.description.clone();
    let told = bomb.apply(&mut draft);
    assert_eq!((draft.description, told[0].rule.as_str()), (before, "rule-text-too-long"));
}

#[test]
fn faults_are_told_together_each_with_its_place() {
    let deep = (0..DEEPEST_CONDITION).fold(json!({ "field": "/title", "is": "a" }), |inner, _| json!({ "not": inner }));
    for (rule, pointer, part) in [
        (json!({ "set": { "field": "/titel", "value": "x" } }), "/rules/0/set/field", "`/titel` is no field"),
        (json!({ "set": { "field": "/identifier", "value": "x" } }), "/rules/0/set/field", "may be asked about"),
        (json!({ "set": { "field": "/title", "value": 7 } }), "/rules/0/set/value", "texts by language"),
        (json!({ "set": { "field": "/title", "value": "x", "extra": 1 } }), "/rules/0/set/extra", "not known"),
        (
            json!({ "set": { "field": "/distribution/*/byte_size", "value": "many" } }),
            "/rules/0/set/value",
            "whole number",
        ),
        (json!({ "set": { "field": "/language", "value": "?" } }), "/rules/0/set/value", "tag of a language"),
        (json!({ "default": { "field": "/title", "value": null } }), "/rules/0/default/value", "texts by language"),
        (json!({ "move": { "from": "/title" } }), "/rules/0/move/to", "must name a field"),
        (
            json!({ "replace": { "field": "/title", "pattern": "(", "with": "" } }),
            "/rules/0/replace/pattern",
            "is no pattern",
        ),
        (
            json!({ "replace": { "field": "/title", "pattern": "(?:a{1000}){1000}", "with": "" } }),
            "/rules/0/replace/pattern",
            "is no pattern",
        ),
        (
            json!({ "replace": { "field": "/title", "pattern": "a".repeat(501), "with": "" } }),
            "/rules/0/replace/pattern",
            "500 characters",
        ),
        (json!({ "map": { "field": "/theme", "codes": {} } }), "/rules/0/map/codes", "object of codes"),
        (json!({ "map": { "field": "/theme", "codes": { "a": 1 } } }), "/rules/0/map/codes/a", "an IRI or a name"),
        (
            json!({ "map": { "field": "/theme", "codes": { "a": "b" }, "otherwise": "die" } }),
            "/rules/0/map/otherwise",
            "`keep`",
        ),
        (json!({ "include": { "field": "/title" } }), "/rules/0/include", "one of `is`"),
        (json!({ "exclude": { "field": "/title", "like": "x" } }), "/rules/0/exclude", "no comparison"),
        (json!({ "include": { "all": [] } }), "/rules/0/include/all", "1 to 200"),
        (json!({ "include": deep }), "/rules/0/include/not/not/not/not/not", "5 deep"),
        (json!({ "eval": "code" }), "/rules/0", "nothing that a rule can do"),
        (json!({ "set": { "field": "/title", "value": "x" }, "exclude": {} }), "/rules/0", "exactly one"),
        (json!("set"), "/rules/0", "must be an object"),
    ] {
        let faults = Rules::parse(&json!({ "version": 1, "rules": [rule] })).expect_err(&rule.to_string());
        assert!(faults[0].pointer == pointer && faults[0].problem.contains(part), "{rule}: {faults:?}");
    }
    let two = Rules::parse(&json!({ "version": 2, "rules": [{ "x": 1 }, { "y": 1 }], "more": 1 })).expect_err("faults");
    let pointers: Vec<&str> = two.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/more", "/version", "/rules/0", "/rules/1"]);
    let too_many = Rules::parse(&json!({ "version": 1, "rules": vec![json!({ "x": 1 }); MOST_RULES + 1] }));
    assert_eq!(too_many.expect_err("too many").len(), 1);
    let all = Rules::parse(&json!({ "version": 1, "rules": vec![json!({ "x": 1 }); MOST_RULES] }));
    assert_eq!(all.expect_err("bad").len(), MOST_FAULTS);
    let patterns: Vec<Value> =
        (0..=MOST_PATTERNS).map(|_| json!({ "include": { "field": "/title", "matches": "a" } })).collect();
    assert!(
        Rules::parse(&json!({ "version": 1, "rules": patterns })).expect_err("patterns")[0]
            .problem
            .contains("50 patterns")
    );
}

/// The schema is made of the same tables as the reader; here each act and comparison that one knows is known to the other.
#[test]
fn the_schema_tells_of_every_act_comparison_and_field() {
    let schema = Rules::schema();
    let names = |of: &str, skip: &[&str]| {
        let mut names: Vec<String> = schema["$defs"][of]["oneOf"]
            .as_array()
            .expect("a choice")
            .iter()
            .flat_map(|one| one["properties"].as_object().expect("properties").keys().cloned())
            .filter(|name| !skip.contains(&name.as_str()))
            .collect();
        names.sort();
        names
    };
    let acts = ["default", "exclude", "include", "licence", "map", "move", "publisher", "replace", "set", "theme"];
    assert_eq!(names("rule", &["when", "note"]), acts);
    for act in acts {
        let faults = Rules::parse(&json!({ "version": 1, "rules": [{ (act): null }] })).expect_err(act);
        assert!(!faults[0].problem.contains("nothing that a rule can do"), "{act}: {faults:?}");
    }
    assert_eq!(names("condition", &["field"]), ["all", "any", "contains", "exists", "is", "matches", "not", "one_of"]);
    for pointer in schema["$defs"]["readable"]["anyOf"][0]["enum"].as_array().expect("pointers") {
        let pointer = pointer.as_str().expect("a pointer");
        assert!(field::Field::parse(pointer).is_ok(), "{pointer}");
    }
    // And every field of a dataset's document that could be written is there.
    let full = serde_json::to_value(draft()).expect("a document");
    for name in full.as_object().expect("fields").keys() {
        let known = ["identifier", "kind", "extra", "distribution", "contact_point"];
        assert!(known.contains(&name.as_str()) || field::Field::parse(&format!("/{name}")).is_ok(), "{name}");
    }
}

#[test]
fn any_document_and_any_record_leave_the_engine_standing() {
    let odd = [json!(null), json!(1), json!("x"), json!([]), json!({}), json!([[]]), json!({ "a": null })];
    for value in &odd {
        for act in ["move", "set", "default", "map", "replace", "include", "exclude", "publisher", "licence", "theme"] {
            let _ = Rules::parse(&json!({ "version": 1, "rules": [{ (act): value }] }));
        }
        let _ = Rules::parse(value);
        let wild = rules(json!([
            { "move": { "from": "/extra/odd", "to": "/publisher" } },
            { "move": { "from": "/extra/odd", "to": "/distribution/*/byte_size" } },
            { "move": { "from": "/distribution/*/title", "to": "/spatial" } },
            { "replace": { "field": "/extra/odd", "pattern": ".", "with": "" } },
            { "map": { "field": "/extra/odd", "codes": { "x": "y" } } },
        ]));
        let mut record = draft();
        record.extra.insert("odd".to_owned(), value.clone());
        let told = wild.apply(&mut record);
        assert!(told.iter().all(|finding| finding.rule != RULES_BREAK_RECORD), "{value}: {told:?}");
    }
}
