use fairground_domain::form::from_form;
use serde_json::json;

use super::read::TEXT_CHARS;
use super::*;
use crate::layout::Form;

fn draft() -> DatasetDraft {
    from_form(&json!({
        "identifier": "beds-2024",
        "title": {"en": "Hospital beds", "fr": "Lits d’hôpital"},
        "description": {"en": "How many beds."},
        "keyword": {"en": ["beds", "hospital"]},
        "theme": [
            {"iri": "http://publications.europa.eu/resource/authority/data-theme/HEAL"},
            {"iri": "https://example.org/themes/wards", "label": {"en": "Wards"}}
        ],
        "licence": {"iri": "http://creativecommons.org/licenses/by/4.0", "title": {"en": "By"}},
        "access_rights": {"label": {"en": "on request"}},
        "temporal": [{"start": "2024-01-01", "end": "2024-12-31"}],
        "spatial": [{"label": {"en": "Merrow"}, "bbox": [5.9, 45.8, 10.5, 47.8]}],
        "contact_point": [{"name": {"en": "Data office"}, "email": "data@merrow.example"}],
        "distribution": [
            {"title": {"en": "Beds"}, "download_url": "https://merrow.example/beds.csv", "format": "CSV", "byte_size": 9},
            {"iri": "upload:wards.csv", "title": {"en": "Wards"}}
        ],
        "temporal_resolution": "P1D",
        "extra": {"ward": 7}
    }))
    .unwrap()
}

/// What a browser would send of these sections when nobody touched them.
fn untouched(draft: &DatasetDraft) -> Vec<(String, String)> {
    let sections = sections_of(draft, &languages_of(draft), Language::En);
    let mut sent = Vec::new();
    for field in sections.iter().flat_map(Section::fields) {
        match &field.input {
            Input::Some(choices) => {
                let ticked = choices.iter().filter(|choice| choice.is_chosen);
                sent.extend(ticked.map(|choice| (field.name.clone(), choice.value.clone())));
            }
            Input::One(choices) => {
                let chosen = choices.iter().find(|choice| choice.is_chosen).or(choices.first());
                sent.extend(chosen.map(|choice| (field.name.clone(), choice.value.clone())));
            }
            _ => sent.push((field.name.clone(), field.value.replace('\n', "\r\n"))),
        }
    }
    sent
}

fn with(mut sent: Vec<(String, String)>, name: &str, value: &str) -> Form {
    sent.retain(|(field, _)| field != name);
    sent.push((name.to_owned(), value.to_owned()));
    Form::of(sent)
}

#[test]
fn a_form_that_nobody_touched_changes_nothing() {
    for draft in [draft(), DatasetDraft::default()] {
        let (read, faults) = read(&Form::of(untouched(&draft)), &draft, Language::En);
        assert_eq!(faults, Vec::new());
        assert_eq!(read, draft);
    }
}

#[test]
fn what_was_not_sent_stays() {
    let before = draft();
    let (read, _) = read(&Form::of(vec![("title.en".to_owned(), "Beds".to_owned())]), &before, Language::En);
    let title: LocalizedText = [("en", "Beds"), ("fr", "Lits d’hôpital")]
        .map(|(tag, text)| (LanguageTag::lenient(tag), text.to_owned()))
        .into_iter()
        .collect();
    assert_eq!(read, DatasetDraft { title, ..before });
}

#[test]
fn fields_are_read_as_people_fill_them() {
    let before = draft();
    let change = |name: &str, value: &str| {
        let (after, faults) = read(&with(untouched(&before), name, value), &before, Language::En);
        assert_eq!(faults, Vec::new(), "{name}");
        after
    };
    assert_eq!(change("title.fr", "  ").title.iter().count(), 1);
    let words = change("keyword.en", "beds, wards\r\n\r\nbeds; care").keyword;
    assert_eq!(words.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>(), ["beds", "wards", "care"]);
    let licence = change("licence", "https://creativecommons.org/publicdomain/zero/1.0/").licence.unwrap();
    assert_eq!(licence.iri.as_deref(), Some("https://creativecommons.org/publicdomain/zero/1.0/"));
    assert!(change("licence", "").licence.is_none());
    assert_eq!(change("licence_other", "Our own terms").licence.unwrap().title.any(), "Our own terms");
    assert_eq!(change("spatial.0.bbox", "1, 2, 3, 4").spatial[0].bbox, Some([1.0, 2.0, 3.0, 4.0]));
    assert_eq!(change("spatial.1.label", "Tavin").spatial.len(), 2);
    assert_eq!(change("temporal.0.end", "").temporal[0].end, None);
    assert_eq!(change("contact.1.email", "ask@merrow.example").contact_point.len(), 2);
    let linked = change("distribution.2.access_url", "https://merrow.example/api").distribution;
    assert_eq!(linked[2].access_url.as_deref(), Some("https://merrow.example/api"));
    let fewer = change("distribution.0.remove", "yes").distribution;
    assert_eq!(fewer.iter().map(|one| one.title.any()).collect::<Vec<_>>(), ["Wards"]);
    assert_eq!(change("distribution.0.title.en", "All beds").distribution[0].byte_size, Some(9));
    assert_eq!(
        change("language", "EN\r\nfra").language.iter().map(LanguageTag::as_str).collect::<Vec<_>>(),
        ["en", "fr"]
    );
}

#[test]
fn what_cannot_be_is_said_beside_its_field() {
    let before = draft();
    for (name, value) in [
        ("temporal.0.start", "last summer"),
        ("temporal.0.end", "2023"),
        ("spatial.0.bbox", "1, 2, 3"),
        ("spatial.0.bbox", "1, 95, 3, 96"),
        ("spatial.0.iri", "Merrow"),
        ("contact.0.email", "the office"),
        ("distribution.0.download_url", "beds.csv"),
        ("distribution.0.download_url", "javascript:alert(1)"),
        ("landing_page", "ftp://merrow.example/"),
        ("language", "the local tongue"),
        ("issued", "soon"),
    ] {
        let (_, faults) = read(&with(untouched(&before), name, value), &before, Language::En);
        assert_eq!(faults.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), [name], "{value}");
    }
    let (_, faults) = read(&with(untouched(&before), "distribution.2.title.en", "Nowhere"), &before, Language::En);
    assert_eq!(faults[0].0, "distribution.2.download_url");
    let (_, faults) = read(&with(untouched(&before), "title.en", &"x".repeat(TEXT_CHARS + 1)), &before, Language::En);
    assert_eq!(faults[0].0, "title.en");
}

#[test]
fn every_field_has_a_name_of_its_own() {
    let draft = draft();
    let sections = sections_of(&draft, &languages_of(&draft), Language::En);
    let mut names: Vec<&str> = sections.iter().flat_map(Section::fields).map(|field| field.name.as_str()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
