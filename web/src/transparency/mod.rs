//! What everybody may check: the tariff in words and its history, the public register, conduct, and the head of the journal;
//! and the forms by which an operator acts, in public.

mod govern;
mod history;
mod register;
mod show;
mod tariff;

use std::borrow::Borrow;

use askama::Template;
use fairground_catalog::register::{ArrangementGround, SuspensionGround};
use fairground_domain::{Eligibility, OperationClass, QuotaUnit, Timestamp};

use crate::layout::Frame;

pub use govern::{ActForm, ActFormView, Field, FieldKind, Problem, TariffForm, TariffFormView};
pub(crate) use govern::{end_entry, publish_tariff, register_entry, show_act_form, show_tariff_form};
pub(crate) use history::show_history;
pub use history::{ChangeLine, ComparisonTable, HistoryPage, HistoryPageView, VersionLine};
pub use register::{
    Choice, EntryLine, EntryPage, EntryPageView, RegisterPage, RegisterPageView, kind_words, status_words,
};
pub(crate) use register::{show_entry, show_register};
pub(crate) use show::show_transparency;
pub use tariff::{PlanCard, QuotaLine, RateLine, TariffView};

/// The end of the journal: a fingerprint of everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalHead {
    /// Its number.
    pub sequence: u64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Its number.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened, such as `dataset.updated`.
    pub kind: String,
    /// To what: a name for people.
    pub subject: String,
    /// The subject's page, if it has one.
    pub href: Option<String>,
}

/// The transparency page.
#[derive(Debug, Clone)]
pub struct TransparencyPage {
    /// The tariff in force.
    pub tariff: TariffView,
    /// A tariff that is published but not in force yet.
    pub coming: Option<TariffView>,
    /// Entries of the register that hold, newest first.
    pub register: Vec<EntryLine>,
    /// The latest acts that could tilt the field, newest first.
    pub conduct: Vec<JournalLine>,
    /// Where the page of older acts starts.
    pub older: Option<u64>,
    /// The journal's end; `None` while nothing has happened.
    pub head: Option<JournalHead>,
    /// The latest entries, newest first.
    pub latest: Vec<JournalLine>,
}

/// The template of [`TransparencyPage`].
#[derive(Debug, Template)]
#[template(path = "transparency/page.html")]
pub struct TransparencyPageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a TransparencyPage,
}

/// The key of what a class of calls is called.
#[must_use]
pub fn class_words(class: impl Borrow<OperationClass>) -> &'static str {
    match class.borrow() {
        OperationClass::Catalogue => "transparency-class-catalogue",
        OperationClass::Rows => "transparency-class-rows",
        OperationClass::Aggregate => "transparency-class-aggregate",
        OperationClass::Export => "transparency-class-export",
        OperationClass::Gateway => "transparency-class-gateway",
    }
}

/// The key of a suspension's ground.
const fn suspension_words(ground: SuspensionGround) -> &'static str {
    match ground {
        SuspensionGround::Security => "transparency-ground-security",
        SuspensionGround::KeyAbuse => "transparency-ground-key-abuse",
        SuspensionGround::TermsBroken => "transparency-ground-terms-broken",
        SuspensionGround::UnlawfulUse => "transparency-ground-unlawful-use",
        SuspensionGround::LegalOrder => "transparency-ground-legal-order",
        SuspensionGround::OwnerRequest => "transparency-ground-owner-request",
    }
}

/// The key of an exclusive arrangement's ground.
const fn arrangement_words(ground: ArrangementGround) -> &'static str {
    match ground {
        ArrangementGround::PublicInterest => "transparency-ground-public-interest",
        ArrangementGround::Digitisation => "transparency-ground-digitisation",
    }
}
