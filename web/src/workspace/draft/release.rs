//! When a draft shall be public, as fields of a form, and back.

use fairground_catalog::draft::{EmbargoWords, ReleaseWish};
use fairground_domain::{LocalRelease, LocalTimeRule};

use super::field::{Choice, Field, Input};
use crate::layout::Form;
use crate::words::{Language, Phrase};

/// The zone that stands in an empty form.
const USUAL_ZONE: &str = "UTC";

/// The key of what a rule does with a time that the clocks skip or repeat.
const fn rule_words(rule: LocalTimeRule) -> &'static str {
    match rule {
        LocalTimeRule::Compatible => "workspace-draft-rule-compatible",
        LocalTimeRule::Earlier => "workspace-draft-rule-earlier",
        LocalTimeRule::Later => "workspace-draft-rule-later",
        LocalTimeRule::Refuse => "workspace-draft-rule-refuse",
    }
}

/// The fields of a wish.
pub(super) fn fields_of(wish: &ReleaseWish, language: Language) -> Vec<Field> {
    let at = wish.at.as_ref();
    let embargo = wish.embargo.as_ref();
    let rule = at.map(|at| at.rule).unwrap_or_default();
    let rules = LocalTimeRule::ALL.into_iter().map(|one| Choice {
        value: one.as_str().to_owned(),
        text: language.t(rule_words(one)).text(),
        is_chosen: one == rule,
    });
    let field = |name: &str, label: Phrase| Field::line(name, "", label);
    vec![
        field("local", language.t("workspace-draft-release-at"))
            .typed(Input::Moment)
            .holding(at.map(|at| at.local.clone()).unwrap_or_default())
            .hinting(language.t("workspace-draft-release-at-hint")),
        field("zone", language.t("workspace-draft-release-zone"))
            .typed(Input::Zone)
            .holding(at.map_or(USUAL_ZONE, |at| at.zone.as_str()))
            .hinting(language.t("workspace-draft-release-zone-hint")),
        field("rule", language.t("workspace-draft-release-rule")).typed(Input::One(rules.collect())),
        field("embargo_subject", language.t("workspace-draft-embargo-subject"))
            .holding(embargo.map(|words| words.subject.clone()).unwrap_or_default())
            .hinting(language.t("workspace-draft-embargo-subject-hint")),
        field("embargo_reason", language.t("workspace-draft-embargo-reason"))
            .holding(embargo.map(|words| words.reason.clone()).unwrap_or_default()),
    ]
}

/// The wish that was typed.
pub(super) fn read(form: &Form) -> ReleaseWish {
    let text = |name: &str| form.text(name).to_owned();
    let at = (!form.text("local").is_empty()).then(|| LocalRelease {
        local: text("local"),
        zone: text("zone"),
        rule: LocalTimeRule::parse(form.text("rule")).unwrap_or_default(),
    });
    let (subject, reason) = (text("embargo_subject"), text("embargo_reason"));
    let embargo =
        (at.is_some() && !(subject.is_empty() && reason.is_empty())).then_some(EmbargoWords { subject, reason });
    ReleaseWish { at, embargo }
}

/// Which of the fields the catalogue's name for it means.
pub(super) fn place(field: &str) -> String {
    match field {
        "zone" | "rule" | "local" => field.to_owned(),
        "subject" | "embargo" | "embargo.subject" => "embargo_subject".to_owned(),
        "reason" | "embargo.reason" => "embargo_reason".to_owned(),
        _ => "local".to_owned(),
    }
}
