//! What was typed into the form, on top of the description that was there.

use std::collections::BTreeMap;

use fairground_domain::{
    Agent, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText, Location,
    PeriodOfTime, ResourceKind, Timestamp,
};

use super::{AS_IT_IS, MOST_ROWS, YES, is_same, languages_of};
use crate::layout::Form;
use crate::words::Language;
use crate::workspace::draft::field::Fault;

/// Longest line, in characters.
const LINE_CHARS: usize = 2_000;
/// Longest text, in characters.
pub(super) const TEXT_CHARS: usize = 50_000;
/// What was typed, on top of what was there; and what is wrong with it, by field.
pub(in crate::workspace::draft) fn read(
    form: &Form,
    before: &DatasetDraft,
    speaker: Language,
) -> (DatasetDraft, Vec<Fault>) {
    let mut draft = before.clone();
    let mut reader = Reader { form, speaker, faults: Vec::new() };
    reader.what(&mut draft);
    reader.terms(&mut draft);
    reader.covers(&mut draft);
    reader.upkeep(&mut draft);
    reader.contacts(&mut draft);
    reader.more(&mut draft);
    reader.files(&mut draft);
    (draft, reader.faults)
}

struct Reader<'a> {
    form: &'a Form,
    speaker: Language,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, name: &str, problem: impl Into<String>) {
        self.faults.push((name.to_owned(), problem.into()));
    }

    /// What was sent under a name, with plain line ends; `None` when the form did not have it.
    fn sent(&mut self, name: &str, longest_chars: usize) -> Option<String> {
        let text = self.form.sent(name)?.replace("\r\n", "\n");
        let text = text.trim();
        if text.chars().count() > longest_chars {
            self.fault(name, self.speaker.t("workspace-draft-wrong-length").with("most", longest_chars));
        }
        Some(text.to_owned())
    }

    fn line(&mut self, name: &str, into: &mut Option<String>) {
        if let Some(text) = self.sent(name, LINE_CHARS) {
            *into = Some(text).filter(|text| !text.is_empty());
        }
    }

    fn address(&mut self, name: &str, into: &mut Option<String>) {
        let before = into.clone();
        self.line(name, into);
        if let Some(address) = into.as_deref().filter(|_| *into != before)
            && !is_web_address(address)
        {
            self.fault(name, self.speaker.t("workspace-draft-wrong-address"));
        }
    }

    fn date(&mut self, name: &str, into: &mut Option<String>) {
        let before = into.clone();
        self.line(name, into);
        if let Some(date) = into.as_deref().filter(|_| *into != before)
            && Timestamp::lenient(date).is_none()
        {
            self.fault(name, self.speaker.t("workspace-draft-wrong-date"));
        }
    }

    fn lines(&mut self, name: &str) -> Option<Vec<String>> {
        let text = self.sent(name, TEXT_CHARS)?;
        Some(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    fn addresses(&mut self, name: &str, into: &mut Vec<String>) {
        let Some(lines) = self.lines(name) else { return };
        if let Some(wrong) = lines.iter().find(|line| !into.contains(line) && !is_web_address(line)) {
            self.fault(name, self.speaker.t("workspace-draft-wrong-one-address").with("line", wrong));
        }
        *into = lines;
    }

    fn concepts(&mut self, name: &str, before: &[Concept]) -> Option<Vec<Concept>> {
        let lines = self.lines(name)?;
        Some(lines.into_iter().map(|line| concept_of(line, before)).collect())
    }

    /// The text in every language that was sent; other languages stay.
    fn localized(&mut self, name: &str, into: &mut LocalizedText) {
        let prefix = format!("{name}.");
        let names: Vec<(String, LanguageTag)> = self
            .form
            .names()
            .filter_map(|sent| {
                let tag = sent.strip_prefix(&prefix).filter(|tag| !tag.contains('.'))?;
                Some((sent.to_owned(), LanguageTag::lenient(tag)))
            })
            .collect();
        if names.is_empty() {
            return;
        }
        let mut texts: BTreeMap<LanguageTag, String> =
            into.iter().map(|(tag, text)| (tag.clone(), text.to_owned())).collect();
        for (sent, tag) in names {
            let text = self.sent(&sent, TEXT_CHARS).unwrap_or_default();
            texts.insert(tag, text);
        }
        *into = texts.into_iter().collect();
    }

    /// One text in the main language, where the form shows no more.
    fn any_language(&mut self, name: &str, language: &LanguageTag, into: &mut LocalizedText) {
        let Some(text) = self.sent(name, LINE_CHARS) else { return };
        if text != into.any() {
            *into = std::iter::once((language.clone(), text)).collect();
        }
    }

    fn chosen(&mut self, name: &str) -> Option<Chosen> {
        Some(match self.form.sent(name)?.trim() {
            "" => Chosen::Nothing,
            AS_IT_IS => Chosen::AsItIs,
            value => Chosen::Value(value.to_owned()),
        })
    }

    fn concept(&mut self, name: &str, into: &mut Option<Concept>) {
        match self.chosen(name) {
            None | Some(Chosen::AsItIs) => {}
            Some(Chosen::Nothing) => *into = None,
            Some(Chosen::Value(iri)) => {
                let is_there =
                    into.as_ref().and_then(|there| there.iri.as_deref()).is_some_and(|there| is_same(there, &iri));
                if !is_there {
                    *into = Some(Concept::iri(iri));
                }
            }
        }
    }

    fn licence(&mut self, name: &str, into: &mut Option<Licence>) {
        match self.chosen(name) {
            None | Some(Chosen::AsItIs) => {}
            Some(Chosen::Nothing) => *into = None,
            Some(Chosen::Value(iri)) => {
                let is_there =
                    into.as_ref().and_then(|there| there.iri.as_deref()).is_some_and(|there| is_same(there, &iri));
                if !is_there {
                    *into = Some(Licence { iri: Some(iri), ..Licence::default() });
                }
            }
        }
    }

    fn what(&mut self, draft: &mut DatasetDraft) {
        self.localized("title", &mut draft.title);
        self.localized("description", &mut draft.description);
        self.keywords(draft);
        let themes = draft.theme.clone();
        if self.form.sent("theme_other").is_some() {
            let ticked = self.form.all("theme").map(|iri| concept_of(iri.to_owned(), &themes));
            let mut all: Vec<Concept> = ticked.collect();
            all.extend(self.concepts("theme_other", &themes).unwrap_or_default());
            draft.theme = all;
        }
        match self.form.sent("kind") {
            Some("dataset") => draft.kind = ResourceKind::Dataset,
            Some("dataset-series") => draft.kind = ResourceKind::DatasetSeries,
            _ => {}
        }
    }

    fn keywords(&mut self, draft: &mut DatasetDraft) {
        let names: Vec<String> =
            self.form.names().filter(|name| name.starts_with("keyword.")).map(str::to_owned).collect();
        for name in names {
            let tag = LanguageTag::lenient(name.strip_prefix("keyword.").unwrap_or_default());
            let Some(text) = self.sent(&name, TEXT_CHARS) else { continue };
            draft.keyword.retain(|(said, _)| *said != tag);
            for word in text.split(['\n', ',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
                let keyword = (tag.clone(), word.to_owned());
                if !draft.keyword.contains(&keyword) {
                    draft.keyword.push(keyword);
                }
            }
        }
    }

    fn terms(&mut self, draft: &mut DatasetDraft) {
        self.licence("licence", &mut draft.licence);
        let mut other = None;
        self.line("licence_other", &mut other);
        if let Some(other) = other {
            draft.licence = Some(if is_web_address(&other) {
                Licence { iri: Some(other), ..Licence::default() }
            } else {
                Licence { title: LocalizedText::undetermined(other), ..Licence::default() }
            });
        }
        self.concept("access_rights", &mut draft.access_rights);
        let mut rights = draft.rights.first().cloned().unwrap_or_default();
        self.localized("rights", &mut rights);
        match (draft.rights.first_mut(), rights.is_empty()) {
            (Some(first), false) => *first = rights,
            (Some(_), true) => drop(draft.rights.remove(0)),
            (None, false) => draft.rights.push(rights),
            (None, true) => {}
        }
    }

    fn covers(&mut self, draft: &mut DatasetDraft) {
        let mut periods = draft.temporal.clone();
        for at in 0..=periods.len().min(MOST_ROWS) {
            let mut period = periods.get(at).cloned().unwrap_or_default();
            self.date(&format!("temporal.{at}.start"), &mut period.start);
            self.date(&format!("temporal.{at}.end"), &mut period.end);
            // A year ends later than it begins: from March 2024 until 2024 is sound.
            if let (Some(first), Some(last)) = (period.start.as_deref(), period.end.as_deref())
                && let (Some(start), Some(end)) = (Timestamp::lenient(first), Timestamp::lenient(last))
                && end < start
                && !first.starts_with(last)
            {
                self.fault(&format!("temporal.{at}.end"), self.speaker.t("workspace-draft-wrong-period"));
            }
            put(&mut periods, at, period);
        }
        periods.retain(|period| *period != PeriodOfTime::default());
        draft.temporal = periods;
        let language = main_language(draft);
        let mut places = draft.spatial.clone();
        for at in 0..=places.len().min(MOST_ROWS) {
            let mut place = places.get(at).cloned().unwrap_or_default();
            self.any_language(&format!("spatial.{at}.label"), &language, &mut place.label);
            self.address(&format!("spatial.{at}.iri"), &mut place.iri);
            self.bounds(&format!("spatial.{at}.bbox"), &mut place.bbox);
            put(&mut places, at, place);
        }
        places.retain(|place| *place != Location::default());
        draft.spatial = places;
    }

    fn bounds(&mut self, name: &str, into: &mut Option<[f64; 4]>) {
        let Some(text) = self.sent(name, LINE_CHARS) else { return };
        let before = into.map(|[west, south, east, north]| format!("{west}, {south}, {east}, {north}"));
        if before.as_deref() == Some(text.as_str()) {
            return;
        }
        if text.is_empty() {
            *into = None;
            return;
        }
        let numbers: Vec<f64> = text.split([',', ' ', ';']).filter_map(|part| part.trim().parse().ok()).collect();
        match numbers.as_slice() {
            &[west, south, east, north]
                if [west, east].iter().all(|at| at.abs() <= 180.0)
                    && [south, north].iter().all(|at| at.abs() <= 90.0)
                    && south <= north =>
            {
                *into = Some([west, south, east, north]);
            }
            _ => self.fault(name, self.speaker.t("workspace-draft-wrong-box")),
        }
    }

    fn upkeep(&mut self, draft: &mut DatasetDraft) {
        self.concept("frequency", &mut draft.frequency);
        self.date("issued", &mut draft.issued);
        self.date("modified", &mut draft.modified);
        self.line("version", &mut draft.version);
        self.localized("version_notes", &mut draft.version_notes);
    }

    fn contacts(&mut self, draft: &mut DatasetDraft) {
        let language = main_language(draft);
        let mut contacts = draft.contact_point.clone();
        for at in 0..=contacts.len().min(MOST_ROWS) {
            let mut contact = contacts.get(at).cloned().unwrap_or_default();
            let before = contact.email.clone();
            self.any_language(&format!("contact.{at}.name"), &language, &mut contact.name);
            self.line(&format!("contact.{at}.email"), &mut contact.email);
            self.line(&format!("contact.{at}.telephone"), &mut contact.telephone);
            self.address(&format!("contact.{at}.url"), &mut contact.url);
            if let Some(email) = contact.email.as_deref().filter(|_| contact.email != before)
                && !is_mailbox(email)
            {
                self.fault(&format!("contact.{at}.email"), self.speaker.t("workspace-draft-wrong-mailbox"));
            }
            put(&mut contacts, at, contact);
        }
        contacts.retain(|contact| *contact != ContactPoint::default());
        draft.contact_point = contacts;
    }

    fn more(&mut self, draft: &mut DatasetDraft) {
        if let Some(tags) = self.lines("language") {
            let read: Vec<(LanguageTag, &String)> = tags.iter().map(|tag| (LanguageTag::lenient(tag), tag)).collect();
            if let Some((_, wrong)) = read.iter().find(|(tag, _)| *tag == LanguageTag::undetermined()) {
                let problem = self.speaker.t("workspace-draft-wrong-language").with("tag", wrong.as_str());
                self.fault("language", problem);
            } else {
                draft.language = read.into_iter().map(|(tag, _)| tag).collect();
            }
        }
        self.addresses("landing_page", &mut draft.landing_page);
        self.addresses("page", &mut draft.page);
        if let Some(lines) = self.lines("in_series") {
            draft.in_series = lines;
        }
        let standards = draft.conforms_to.clone();
        if let Some(concepts) = self.concepts("conforms_to", &standards) {
            draft.conforms_to = concepts;
        }
        self.addresses("applicable_legislation", &mut draft.applicable_legislation);
        if let Some(names) = self.lines("creator") {
            let language = main_language(draft);
            let before = draft.creator.clone();
            let agent = |name: String| {
                before.iter().find(|agent| agent.name.any() == name).cloned().unwrap_or_else(|| Agent {
                    name: std::iter::once((language.clone(), name)).collect(),
                    ..Agent::default()
                })
            };
            draft.creator = names.into_iter().map(agent).collect();
        }
        if let Some(identifier) = self.sent("identifier", LINE_CHARS)
            && !identifier.is_empty()
        {
            draft.identifier = identifier;
        }
    }

    fn files(&mut self, draft: &mut DatasetDraft) {
        let mut files = draft.distribution.clone();
        let mut removed = Vec::new();
        for at in 0..=files.len().min(MOST_ROWS) {
            let name = format!("distribution.{at}");
            let mut file = files.get(at).cloned().unwrap_or_default();
            self.localized(&format!("{name}.title"), &mut file.title);
            self.localized(&format!("{name}.description"), &mut file.description);
            self.address(&format!("{name}.download_url"), &mut file.download_url);
            self.address(&format!("{name}.access_url"), &mut file.access_url);
            self.line(&format!("{name}.format"), &mut file.format);
            self.line(&format!("{name}.media_type"), &mut file.media_type);
            self.licence(&format!("{name}.licence"), &mut file.licence);
            if self.form.sent(&format!("{name}.remove")).is_some_and(|sent| sent == YES) {
                removed.push(at);
            }
            let is_empty = file == Distribution::default();
            let is_new = at >= files.len();
            if !is_empty && !removed.contains(&at) && file.download_url.is_none() && file.access_url.is_none() && is_new
            {
                self.fault(&format!("{name}.download_url"), self.speaker.t("workspace-draft-wrong-file"));
            }
            put(&mut files, at, file);
        }
        let mut at = 0;
        files.retain(|file| {
            let stays = *file != Distribution::default() && !removed.contains(&at);
            at += 1;
            stays
        });
        draft.distribution = files;
    }
}

enum Chosen {
    Nothing,
    AsItIs,
    Value(String),
}

fn put<T: Default + PartialEq>(all: &mut Vec<T>, at: usize, one: T) {
    match all.get_mut(at) {
        Some(there) => *there = one,
        None if one != T::default() => all.push(one),
        None => {}
    }
}

fn main_language(draft: &DatasetDraft) -> LanguageTag {
    languages_of(draft).into_iter().next().unwrap_or_else(LanguageTag::undetermined)
}

fn concept_of(line: String, before: &[Concept]) -> Concept {
    let known = before.iter().find(|concept| match concept.iri.as_deref() {
        Some(iri) => is_same(iri, &line),
        None => concept.label.any() == line,
    });
    match known {
        Some(concept) => concept.clone(),
        None if line.contains("://") => Concept::iri(line),
        None => Concept::label(line),
    }
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}

fn is_mailbox(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}
