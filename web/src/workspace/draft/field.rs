//! A form as data: sections of groups of fields, so that one template draws every field with its label, hint, problem and remarks.

use fairground_domain::Timestamp;

use crate::layout::Form;

/// How a value is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line,
    /// One line that is an address on the web.
    Address,
    /// One line that is a mailbox.
    Mailbox,
    /// Day and time as the clock on the wall shows them.
    Moment,
    /// The name of a time zone.
    Zone,
    /// Several lines; so many are shown.
    Lines(u8),
    /// One of a list: values and what they say.
    One(Vec<Choice>),
    /// Some of a list.
    Some(Vec<Choice>),
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it says.
    pub text: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// What a reviewer said of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Who.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// One field as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form, such as `title.en` or `distribution.0.format`.
    pub name: String,
    /// Where its value stands in the document, as a JSON pointer such as `/title/en`.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// What helps to fill it.
    pub hint: String,
    /// How it is typed.
    pub input: Input,
    /// What stands in it; lines for [`Input::Some`] are in its choices.
    pub value: String,
    /// The language of its text.
    pub language: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// What reviewers said of it.
    pub remarks: Vec<Remark>,
}

impl Field {
    /// A line of text.
    pub fn line(name: impl Into<String>, path: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            label: label.into(),
            hint: String::new(),
            input: Input::Line,
            value: String::new(),
            language: None,
            problem: None,
            remarks: Vec::new(),
        }
    }

    /// The same field, typed otherwise.
    #[must_use]
    pub fn typed(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// The same field with something in it.
    #[must_use]
    pub fn holding(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// The same field with a hint.
    #[must_use]
    pub fn hinting(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same field in a language.
    #[must_use]
    pub fn spoken(self, tag: &str) -> Self {
        Self { language: Some(tag.to_owned()).filter(|tag| tag != "und"), ..self }
    }

    /// Its id on the page.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(&self.name)
    }

    /// The ids of what describes it, for `aria-describedby`; empty when nothing does.
    #[must_use]
    pub fn described_by(&self) -> String {
        let id = self.id();
        let parts = [
            (!self.hint.is_empty()).then(|| format!("{id}-hint")),
            (!self.remarks.is_empty()).then(|| format!("{id}-remarks")),
            self.problem.as_ref().map(|_| format!("{id}-error")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The id on the page of the field of that name.
#[must_use]
pub fn id_of(name: &str) -> String {
    name.replace('.', "-")
}

/// Fields that belong together, such as those of one distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// What the group is called; empty for a section's only group.
    pub legend: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Whether it is shown folded until somebody opens it.
    pub is_folded: bool,
}

/// A part of the form under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its anchor.
    pub id: &'static str,
    /// The key of its heading.
    pub title: &'static str,
    /// The key of what it is for, in a sentence.
    pub lead: &'static str,
    /// Its groups.
    pub groups: Vec<Group>,
}

impl Section {
    /// Every field of the section.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    /// Every field of the section, to change it.
    pub fn fields_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.groups.iter_mut().flat_map(|group| &mut group.fields)
    }
}

/// Puts what was sent into the fields, so that nothing that somebody typed is lost because something else was wrong.
pub(super) fn retype(sections: &mut [Section], form: &Form) {
    for field in sections.iter_mut().flat_map(Section::fields_mut) {
        match &mut field.input {
            Input::One(choices) => {
                if let Some(sent) = form.sent(&field.name) {
                    choices.iter_mut().for_each(|choice| choice.is_chosen = choice.value == sent);
                }
            }
            Input::Some(choices) => {
                let sent: Vec<&str> = form.all(&field.name).collect();
                choices.iter_mut().for_each(|choice| choice.is_chosen = sent.contains(&choice.value.as_str()));
            }
            Input::Line | Input::Address | Input::Mailbox | Input::Moment | Input::Zone | Input::Lines(_) => {
                if let Some(sent) = form.sent(&field.name) {
                    field.value = sent.replace("\r\n", "\n");
                }
            }
        }
    }
}

/// What is wrong with a field: its name and a sentence.
pub type Fault = (String, String);

/// Writes faults beside their fields, and opens the groups that they lie in.
pub(super) fn mark_faults(sections: &mut [Section], faults: &[Fault]) {
    for group in sections.iter_mut().flat_map(|section| &mut section.groups) {
        for field in &mut group.fields {
            field.problem = faults.iter().find(|(name, _)| *name == field.name).map(|(_, problem)| problem.clone());
        }
        group.is_folded &= group.fields.iter().all(|field| field.problem.is_none() && field.remarks.is_empty());
    }
}

/// Writes remarks beside the fields whose paths they name (or lie below); gives those that name no field of the form.
pub(super) fn mark_remarks(sections: &mut [Section], remarks: Vec<(String, Remark)>) -> Vec<(String, Remark)> {
    let mut homeless = Vec::new();
    for (path, remark) in remarks {
        let mut fields = sections.iter_mut().flat_map(Section::fields_mut);
        let home = fields.find(|field| {
            field.path == path
                || path.strip_prefix(field.path.as_str()).is_some_and(|rest| rest.starts_with('/'))
                || field.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
        match home {
            Some(field) if !path.is_empty() => field.remarks.push(remark),
            _ => homeless.push((path, remark)),
        }
    }
    for group in sections.iter_mut().flat_map(|section| &mut section.groups) {
        group.is_folded &= group.fields.iter().all(|field| field.remarks.is_empty());
    }
    homeless
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Vec<Section> {
        let fields = vec![Field::line("title.en", "/title/en", "Title"), Field::line("licence", "/licence", "Licence")];
        let groups = vec![Group { legend: String::new(), fields, is_folded: true }];
        vec![Section { id: "what", title: "What it is", lead: "", groups }]
    }

    #[test]
    fn a_remark_stands_beside_the_field_that_it_is_about() {
        let remark = Remark { author: "Ada".to_owned(), at: Timestamp::from_micros(0), text: "Which year?".to_owned() };
        for (path, home) in [
            ("/title/en", Some("title.en")),
            ("/title", Some("title.en")),
            ("/licence/iri", Some("licence")),
            ("/licencee", None),
            ("", None),
        ] {
            let mut form = form();
            let homeless = mark_remarks(&mut form, vec![(path.to_owned(), remark.clone())]);
            let found = form[0].fields().find(|field| !field.remarks.is_empty()).map(|field| field.name.as_str());
            assert_eq!((found, homeless.len()), (home, usize::from(home.is_none())), "{path}");
            assert_eq!(form[0].groups[0].is_folded, home.is_none(), "{path}");
        }
    }

    #[test]
    fn what_describes_a_field_is_named_in_reading_order() {
        let mut form = form();
        mark_faults(&mut form, &[("title.en".to_owned(), "Give it a title".to_owned())]);
        let title = form[0].fields().next().unwrap().clone().hinting("Short and plain.");
        assert_eq!(title.described_by(), "title-en-hint title-en-error");
        assert!(!form[0].groups[0].is_folded);
    }
}
