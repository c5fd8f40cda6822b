//! A description as a form, and back. What the form does not show stays as it is: only fields that were sent change anything.

mod read;

use fairground_domain::{
    Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, Location, PeriodOfTime, ResourceKind,
};

pub(super) use self::read::read;
use super::field::{Choice, Field, Group, Input, Section};
use super::vocabulary::{self, Entries, spoken};
use crate::words::{Language, LicenceWords, Phrase};

/// Rows of one kind (files, contacts, places) that the form shows; more are kept and changed as a document.
pub(super) const MOST_ROWS: usize = 100;
/// What a list sends for a value that it does not offer but that is there.
const AS_IT_IS: &str = "as-it-is";
/// What a box sends when it is ticked.
const YES: &str = "yes";

/// The languages of a description, the main one first: those that it names, then those of its texts.
pub(super) fn languages_of(draft: &DatasetDraft) -> Vec<LanguageTag> {
    let texts = [&draft.title, &draft.description, &draft.version_notes];
    let said = texts.into_iter().flat_map(|text| text.iter().map(|(tag, _)| tag));
    let said = said.chain(draft.keyword.iter().map(|(tag, _)| tag));
    let of_files = draft.distribution.iter().flat_map(|one| [&one.title, &one.description]);
    let said = said.chain(of_files.flat_map(|text| text.iter().map(|(tag, _)| tag)));
    let mut all: Vec<LanguageTag> = Vec::new();
    for tag in draft.language.iter().chain(said) {
        if !all.contains(tag) {
            all.push(tag.clone());
        }
    }
    if all.is_empty() {
        all.push(LanguageTag::lenient("en"));
    }
    all
}

/// The form of a description in those languages, for a reader of another.
pub(super) fn sections_of(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Section> {
    let section = |id, title, lead, groups| Section { id, title, lead, groups };
    vec![
        section(
            "what",
            "workspace-draft-part-what",
            "workspace-draft-part-what-lead",
            vec![alone(what(draft, languages, speaker))],
        ),
        section(
            "files",
            "workspace-draft-part-files",
            "workspace-draft-part-files-lead",
            files(draft, languages, speaker),
        ),
        section(
            "terms",
            "workspace-draft-part-terms",
            "workspace-draft-part-terms-lead",
            vec![alone(terms(draft, languages, speaker))],
        ),
        section("covers", "workspace-draft-part-covers", "workspace-draft-part-covers-lead", covers(draft, speaker)),
        section(
            "upkeep",
            "workspace-draft-part-upkeep",
            "workspace-draft-part-upkeep-lead",
            vec![alone(upkeep(draft, languages, speaker))],
        ),
        section("people", "workspace-draft-part-people", "workspace-draft-part-people-lead", contacts(draft, speaker)),
        section(
            "more",
            "workspace-draft-part-more",
            "workspace-draft-part-more-lead",
            vec![alone(more(draft, speaker))],
        ),
    ]
}

fn alone(fields: Vec<Field>) -> Group {
    Group { legend: String::new(), fields, is_folded: false }
}

/// One field a language.
fn localized(
    name: &str,
    words: (Phrase, Option<Phrase>),
    text: &LocalizedText,
    languages: &[LanguageTag],
    lines: u8,
    speaker: Language,
) -> Vec<Field> {
    let path = format!("/{}", name.replace('.', "/"));
    let (label, hint) = (words.0.text(), words.1.map(|hint| hint.text()).unwrap_or_default());
    let field = |tag: &LanguageTag| {
        let label =
            if languages.len() > 1 { format!("{label} ({})", spoken(tag.as_str(), speaker)) } else { label.clone() };
        let said = text.iter().find(|(said, _)| *said == tag).map_or("", |(_, text)| text);
        let input = if lines > 1 { Input::Lines(lines) } else { Input::Line };
        Field::line(format!("{name}.{tag}"), format!("{path}/{tag}"), label)
            .typed(input)
            .holding(said)
            .hinting(hint.as_str())
            .spoken(tag.as_str())
    };
    languages.iter().map(field).collect()
}

/// A list with the value that is there chosen; one that the list does not offer is offered as it is.
fn one_of(entries: Entries, none: impl Into<String>, present: Option<(&str, String)>) -> Input {
    let mut choices = vec![Choice { value: String::new(), text: none.into(), is_chosen: present.is_none() }];
    let is_offered =
        present.as_ref().is_some_and(|(value, _)| entries.iter().any(|(offered, _)| is_same(offered, value)));
    if let Some((_, words)) = present.as_ref().filter(|_| !is_offered) {
        choices.push(Choice { value: AS_IT_IS.to_owned(), text: words.clone(), is_chosen: true });
    }
    for (value, text) in entries {
        let is_chosen = present.as_ref().is_some_and(|(present, _)| is_same(&value, present));
        choices.push(Choice { value, text, is_chosen });
    }
    Input::One(choices)
}

/// Addresses that mean the same: sources write them with and without a slash, and with either scheme.
fn is_same(one: &str, other: &str) -> bool {
    let bare = |address: &str| {
        let address = address.trim_end_matches('/');
        let address = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
        address.to_ascii_lowercase()
    };
    bare(one) == bare(other)
}

fn what(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Field> {
    let mut fields = localized(
        "title",
        (speaker.t("workspace-draft-field-title"), Some(speaker.t("workspace-draft-field-title-hint"))),
        &draft.title,
        languages,
        1,
        speaker,
    );
    fields.extend(localized(
        "description",
        (speaker.t("workspace-draft-field-description"), Some(speaker.t("workspace-draft-field-description-hint"))),
        &draft.description,
        languages,
        6,
        speaker,
    ));
    for tag in languages {
        let words = draft.keyword.iter().filter(|(said, _)| said == tag).map(|(_, word)| word.as_str());
        let label = match languages.len() {
            0 | 1 => speaker.t("workspace-draft-field-keywords").text(),
            _ => format!("{} ({})", speaker.t("workspace-draft-field-keywords").text(), spoken(tag.as_str(), speaker)),
        };
        fields.push(
            Field::line(format!("keyword.{tag}"), format!("/keyword/{tag}"), label)
                .typed(Input::Lines(3))
                .holding(words.collect::<Vec<_>>().join("\n"))
                .hinting(speaker.t("workspace-draft-field-keywords-hint"))
                .spoken(tag.as_str()),
        );
    }
    let (offered, others) = themes_of(draft, speaker);
    fields.push(Field::line("theme", "/theme", speaker.t("workspace-draft-field-themes")).typed(Input::Some(offered)));
    fields.push(
        Field::line("theme_other", "/theme", speaker.t("workspace-draft-field-other-themes"))
            .typed(Input::Lines(2))
            .holding(others)
            .hinting(speaker.t("workspace-draft-field-other-themes-hint")),
    );
    let kinds = [
        (ResourceKind::Dataset, "workspace-draft-kind-dataset"),
        (ResourceKind::DatasetSeries, "workspace-draft-kind-series"),
    ];
    if draft.kind != ResourceKind::DataService {
        let choice = |(kind, text): (ResourceKind, &str)| Choice {
            value: kind.as_str().to_owned(),
            text: speaker.t(text).text(),
            is_chosen: draft.kind == kind,
        };
        fields.push(
            Field::line("kind", "/kind", speaker.t("workspace-draft-field-kind"))
                .typed(Input::One(kinds.map(choice).to_vec())),
        );
    }
    fields
}

fn themes_of(draft: &DatasetDraft, speaker: Language) -> (Vec<Choice>, String) {
    let entries = vocabulary::themes(speaker);
    let is_offered = |concept: &Concept| {
        concept.iri.as_deref().is_some_and(|iri| entries.iter().any(|(offered, _)| is_same(offered, iri)))
    };
    let others = draft.theme.iter().filter(|concept| !is_offered(concept)).map(concept_line);
    let others = others.collect::<Vec<_>>().join("\n");
    let chosen =
        |value: &str| draft.theme.iter().any(|concept| concept.iri.as_deref().is_some_and(|iri| is_same(iri, value)));
    let offered = entries.iter().map(|(value, text)| Choice {
        value: value.clone(),
        text: text.clone(),
        is_chosen: chosen(value),
    });
    (offered.collect(), others)
}

fn concept_line(concept: &Concept) -> String {
    concept.iri.clone().unwrap_or_else(|| concept.label.any().to_owned())
}

fn terms(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Field> {
    let licence = draft.licence.as_ref().map(|licence| {
        let words = LicenceWords::of(Some(licence)).name.text;
        (
            licence.iri.as_deref().unwrap_or_default(),
            if words.is_empty() { speaker.t("workspace-draft-as-it-is").text() } else { words },
        )
    });
    let access =
        draft.access_rights.as_ref().map(|rights| (rights.iri.as_deref().unwrap_or_default(), concept_line(rights)));
    let rights = draft.rights.first().cloned().unwrap_or_default();
    let mut fields = vec![
        Field::line("licence", "/licence", speaker.t("workspace-draft-field-licence"))
            .typed(one_of(vocabulary::licences(speaker), speaker.t("workspace-draft-choose-licence"), licence))
            .hinting(speaker.t("workspace-draft-field-licence-hint")),
        Field::line("licence_other", "/licence", speaker.t("workspace-draft-field-other-licence"))
            .hinting(speaker.t("workspace-draft-field-other-licence-hint")),
        Field::line("access_rights", "/access_rights", speaker.t("workspace-draft-field-access")).typed(one_of(
            vocabulary::access_rights(speaker),
            speaker.t("workspace-draft-not-stated"),
            access,
        )),
    ];
    fields.extend(localized(
        "rights",
        (speaker.t("workspace-draft-field-rights"), Some(speaker.t("workspace-draft-field-rights-hint"))),
        &rights,
        languages,
        2,
        speaker,
    ));
    fields
}

fn covers(draft: &DatasetDraft, speaker: Language) -> Vec<Group> {
    let mut groups = Vec::new();
    let periods = rows(&draft.temporal, |at, period: &PeriodOfTime| {
        let path = format!("/temporal/{at}");
        vec![
            Field::line(
                format!("temporal.{at}.start"),
                format!("{path}/start"),
                speaker.t("workspace-draft-field-from"),
            )
            .holding(period.start.clone().unwrap_or_default())
            .hinting(speaker.t("workspace-draft-date-hint")),
            Field::line(format!("temporal.{at}.end"), format!("{path}/end"), speaker.t("workspace-draft-field-until"))
                .holding(period.end.clone().unwrap_or_default())
                .hinting(speaker.t("workspace-draft-field-until-hint")),
        ]
    });
    groups.extend(named(
        periods,
        &speaker.t("workspace-draft-row-period").text(),
        &speaker.t("workspace-draft-another-period").text(),
        draft.temporal.len(),
    ));
    let places = rows(&draft.spatial, |at, place: &Location| {
        let path = format!("/spatial/{at}");
        let bounds = place.bbox.map(|[west, south, east, north]| format!("{west}, {south}, {east}, {north}"));
        vec![
            Field::line(
                format!("spatial.{at}.label"),
                format!("{path}/label"),
                speaker.t("workspace-draft-field-place"),
            )
            .holding(place.label.any()),
            Field::line(
                format!("spatial.{at}.iri"),
                format!("{path}/iri"),
                speaker.t("workspace-draft-field-place-iri"),
            )
            .typed(Input::Address)
            .holding(place.iri.clone().unwrap_or_default())
            .hinting(speaker.t("workspace-draft-field-place-iri-hint")),
            Field::line(format!("spatial.{at}.bbox"), format!("{path}/bbox"), speaker.t("workspace-draft-field-box"))
                .holding(bounds.unwrap_or_default())
                .hinting(speaker.t("workspace-draft-field-box-hint")),
        ]
    });
    groups.extend(named(
        places,
        &speaker.t("workspace-draft-row-place").text(),
        &speaker.t("workspace-draft-another-place").text(),
        draft.spatial.len(),
    ));
    groups
}

/// The groups of the rows that are there, and of an empty one at the end.
fn rows<T: Default>(present: &[T], fields: impl Fn(usize, &T) -> Vec<Field>) -> Vec<Vec<Field>> {
    let mut groups: Vec<Vec<Field>> =
        present.iter().take(MOST_ROWS).enumerate().map(|(at, one)| fields(at, one)).collect();
    if present.len() < MOST_ROWS {
        groups.push(fields(present.len(), &T::default()));
    }
    groups
}

/// Rows under their names; the empty one at the end is folded where it is not the first.
fn named(rows: Vec<Vec<Field>>, name: &str, another: &str, present: usize) -> Vec<Group> {
    let group = |(at, fields): (usize, Vec<Field>)| {
        let legend = match (at < present, present) {
            (true, 1) => name.to_owned(),
            (true, _) => format!("{name} {}", at.saturating_add(1)),
            (false, 0) => name.to_owned(),
            (false, _) => another.to_owned(),
        };
        Group { legend, fields, is_folded: at >= present && present > 0 }
    };
    rows.into_iter().enumerate().map(group).collect()
}

fn upkeep(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Field> {
    let frequency = draft.frequency.as_ref().map(|concept| {
        let words = fairground_domain::Frequency::of(concept).map(|known| speaker.frequency(&known));
        (concept.iri.as_deref().unwrap_or_default(), words.unwrap_or_else(|| concept_line(concept)))
    });
    let date = |name: &str, label: Phrase, value: &Option<String>| {
        Field::line(name, format!("/{name}"), label)
            .holding(value.clone().unwrap_or_default())
            .hinting(speaker.t("workspace-draft-date-hint"))
    };
    let mut fields = vec![
        Field::line("frequency", "/frequency", speaker.t("workspace-draft-field-frequency"))
            .typed(one_of(vocabulary::frequencies(speaker), speaker.t("workspace-draft-not-stated"), frequency))
            .hinting(speaker.t("workspace-draft-field-frequency-hint")),
        date("issued", speaker.t("workspace-draft-field-issued"), &draft.issued),
        date("modified", speaker.t("workspace-draft-field-modified"), &draft.modified),
        Field::line("version", "/version", speaker.t("workspace-draft-field-version"))
            .holding(draft.version.clone().unwrap_or_default()),
    ];
    fields.extend(localized(
        "version_notes",
        (speaker.t("workspace-draft-field-version-notes"), None),
        &draft.version_notes,
        languages,
        2,
        speaker,
    ));
    fields
}

fn contacts(draft: &DatasetDraft, speaker: Language) -> Vec<Group> {
    let groups = rows(&draft.contact_point, |at, contact: &ContactPoint| {
        let path = format!("/contact_point/{at}");
        let field = |name: &str, label: Phrase, value: &Option<String>| {
            Field::line(format!("contact.{at}.{name}"), format!("{path}/{name}"), label)
                .holding(value.clone().unwrap_or_default())
        };
        vec![
            Field::line(
                format!("contact.{at}.name"),
                format!("{path}/name"),
                speaker.t("workspace-draft-field-office"),
            )
            .holding(contact.name.any()),
            field("email", speaker.t("workspace-draft-field-mailbox"), &contact.email)
                .typed(Input::Mailbox)
                .hinting(speaker.t("workspace-draft-field-mailbox-hint")),
            field("telephone", speaker.t("workspace-draft-field-telephone"), &contact.telephone),
            field("url", speaker.t("workspace-draft-field-contact-page"), &contact.url).typed(Input::Address),
        ]
    });
    named(
        groups,
        &speaker.t("workspace-draft-row-contact").text(),
        &speaker.t("workspace-draft-another-contact").text(),
        draft.contact_point.len(),
    )
}

fn more(draft: &DatasetDraft, speaker: Language) -> Vec<Field> {
    let lines = |name: &str, label: Phrase, hint: Phrase, values: Vec<String>| {
        Field::line(name, format!("/{name}"), label).typed(Input::Lines(2)).holding(values.join("\n")).hinting(hint)
    };
    let tags = draft.language.iter().map(ToString::to_string).collect();
    vec![
        lines(
            "language",
            speaker.t("workspace-draft-field-languages"),
            speaker.t("workspace-draft-field-languages-hint"),
            tags,
        ),
        lines(
            "landing_page",
            speaker.t("workspace-draft-field-landing"),
            speaker.t("workspace-draft-addresses-hint"),
            draft.landing_page.clone(),
        ),
        lines(
            "page",
            speaker.t("workspace-draft-field-documentation"),
            speaker.t("workspace-draft-addresses-hint"),
            draft.page.clone(),
        ),
        lines(
            "in_series",
            speaker.t("workspace-draft-field-series"),
            speaker.t("workspace-draft-field-series-hint"),
            draft.in_series.clone(),
        ),
        lines(
            "conforms_to",
            speaker.t("workspace-draft-field-standards"),
            speaker.t("workspace-draft-field-standards-hint"),
            draft.conforms_to.iter().map(concept_line).collect(),
        ),
        lines(
            "applicable_legislation",
            speaker.t("workspace-draft-field-law"),
            speaker.t("workspace-draft-field-law-hint"),
            draft.applicable_legislation.clone(),
        ),
        lines(
            "creator",
            speaker.t("workspace-draft-field-creator"),
            speaker.t("workspace-draft-field-creator-hint"),
            draft.creator.iter().map(|agent| agent.name.any().to_owned()).collect(),
        ),
        Field::line("identifier", "/identifier", speaker.t("workspace-draft-field-identifier"))
            .holding(draft.identifier.clone())
            .hinting(speaker.t("workspace-draft-field-identifier-hint")),
    ]
}

fn files(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Group> {
    let groups = rows(&draft.distribution, |at, one: &Distribution| file_fields(at, one, languages, draft, speaker));
    let total = draft.distribution.len();
    let legend = |at: usize| -> Option<String> {
        let one = draft.distribution.get(at)?;
        let said = speaker.best_of(&one.title).text;
        let said = if said.is_empty() {
            one.download_url
                .clone()
                .or_else(|| one.access_url.clone())
                .unwrap_or_else(|| speaker.t("workspace-untitled").text())
        } else {
            said
        };
        Some(format!("{}: {said}", at.saturating_add(1)))
    };
    let group = |(at, fields): (usize, Vec<Field>)| Group {
        legend: legend(at).unwrap_or_else(|| speaker.t("workspace-draft-add-link").text()),
        fields,
        is_folded: at >= total || total > 3,
    };
    groups.into_iter().enumerate().map(group).collect()
}

fn file_fields(
    at: usize,
    one: &Distribution,
    languages: &[LanguageTag],
    draft: &DatasetDraft,
    speaker: Language,
) -> Vec<Field> {
    let name = format!("distribution.{at}");
    let mut fields = localized(
        &format!("{name}.title"),
        (speaker.t("workspace-draft-field-title"), Some(speaker.t("workspace-draft-field-file-title-hint"))),
        &one.title,
        languages,
        1,
        speaker,
    );
    fields.extend(localized(
        &format!("{name}.description"),
        (speaker.t("workspace-draft-field-description"), None),
        &one.description,
        languages,
        2,
        speaker,
    ));
    let field = |part: &str, label: Phrase, value: String| {
        Field::line(format!("{name}.{part}"), format!("/distribution/{at}/{part}"), label).holding(value)
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    if !is_uploaded(one) {
        fields.push(
            field("download_url", speaker.t("workspace-draft-field-download"), text(&one.download_url))
                .typed(Input::Address)
                .hinting(speaker.t("workspace-draft-field-download-hint")),
        );
        fields.push(
            field("access_url", speaker.t("workspace-draft-field-page"), text(&one.access_url))
                .typed(Input::Address)
                .hinting(speaker.t("workspace-draft-field-page-hint")),
        );
    }
    fields.push(
        field("format", speaker.t("workspace-draft-field-format"), text(&one.format))
            .hinting(speaker.t("workspace-draft-field-format-hint")),
    );
    fields.push(
        field("media_type", speaker.t("workspace-draft-field-media"), text(&one.media_type))
            .hinting(speaker.t("workspace-draft-field-media-hint")),
    );
    let licence = one
        .licence
        .as_ref()
        .map(|licence| (licence.iri.as_deref().unwrap_or_default(), LicenceWords::of(Some(licence)).name.text));
    fields.push(field("licence", speaker.t("workspace-draft-field-file-licence"), String::new()).typed(one_of(
        vocabulary::licences(speaker),
        speaker.t("workspace-draft-licence-of-dataset"),
        licence,
    )));
    if at < draft.distribution.len() {
        let yes =
            Choice { value: YES.to_owned(), text: speaker.t("workspace-draft-take-out").text(), is_chosen: false };
        fields.push(
            field("remove", speaker.t("workspace-draft-field-remove"), String::new()).typed(Input::Some(vec![yes])),
        );
    }
    fields
}

/// Whether the file lies with us rather than at an address.
pub(super) fn is_uploaded(one: &Distribution) -> bool {
    one.iri.as_deref().is_some_and(|iri| iri.starts_with("upload:"))
}

#[cfg(test)]
mod tests;
