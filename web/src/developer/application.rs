//! One's own applications: the list, one of them, and everything that is done to it and its keys.

mod act;
mod load;
mod way_in;

use askama::Template;
use fairground_catalog::application::{KeyScopes, MAX_KEYS};
use fairground_domain::Timestamp;

use crate::layout::Frame;

pub(in crate::developer) use act::{Acted, judged};
pub(crate) use act::{
    change_application, change_key, close_application, create_key, revoke_key, rotate_key, transfer_application,
};
pub(crate) use load::{list_applications, show_application};
pub(crate) use way_in::{ask_for_link, leave, open_link, show_link};

/// Overlaps that the form for rotating offers, in days.
pub const OVERLAP_DAYS: [i64; 4] = [0, 1, 7, 30];
/// Lives that the form for a key offers, in days; 0 for no end.
pub const LIFE_DAYS: [i64; 4] = [0, 30, 90, 365];

/// One's applications, or the two ways to them.
#[derive(Debug, Clone, Default)]
pub struct MinePage {
    /// Whether it is known who is reading.
    pub is_known: bool,
    /// The address of the mailed link that they came in by.
    pub by_link: Option<String>,
    /// Whether they have an account, and so may have organisations.
    pub has_account: bool,
    /// What forms carry.
    pub csrf: String,
    /// The applications.
    pub applications: Vec<MineLine>,
}

/// One application in the list.
#[derive(Debug, Clone)]
pub struct MineLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its plan.
    pub plan: String,
    /// The organisation that it belongs to.
    pub organisation: Option<String>,
    /// Whether its address is confirmed.
    pub is_verified: bool,
    /// How many keys work.
    pub keys: usize,
}

/// One application.
#[derive(Debug, Clone)]
pub struct ApplicationPage {
    /// Its id.
    pub id: String,
    /// The number by which the public register names it.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where letters about it go.
    pub email: String,
    /// Its plan.
    pub plan: String,
    /// Whether its address is confirmed.
    pub is_verified: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// The organisation that it belongs to: name and readable address.
    pub organisation: Option<(String, String)>,
    /// Organisations of the reader: name and readable address.
    pub organisations: Vec<(String, String)>,
    /// Whether it can be taken to the reader's own.
    pub can_be_own: bool,
    /// Its keys, newest first.
    pub keys: Vec<KeyLine>,
    /// What forms carry.
    pub csrf: String,
    /// What was wrong with the last form: the field's place, and the fault.
    pub fault: Option<(String, String)>,
}

impl ApplicationPage {
    /// Whether another key can be made.
    #[must_use]
    pub fn has_room(&self) -> bool {
        i64::try_from(self.keys.iter().filter(|key| key.works).count()).is_ok_and(|count| count < MAX_KEYS)
    }

    /// The scopes that a key can have, and the key of what each is for.
    #[must_use]
    pub fn scopes(&self) -> Vec<(&'static str, &'static str)> {
        KeyScopes::all_names().into_iter().map(|name| (name, scope_words(name))).collect()
    }
}

/// One key.
#[derive(Debug, Clone)]
pub struct KeyLine {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// Whether it works.
    pub works: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// What it is for.
    pub scopes: Vec<&'static str>,
    /// Whether it is for everything.
    pub is_for_everything: bool,
    /// Pages that may use it, one a line.
    pub hosts: String,
    /// Networks that it may come from, one a line.
    pub networks: String,
}

/// No scope at all.
pub const NO_SCOPES: &[&str] = &[];

/// Whether a scope is among those.
#[must_use]
pub fn has_scope(scopes: &[&str], scope: &str) -> bool {
    scopes.contains(&scope)
}

/// The key of what a scope is for.
fn scope_words(name: &str) -> &'static str {
    match name {
        "catalogue" => "developer-scope-catalogue",
        "rows" => "developer-scope-rows",
        "aggregate" => "developer-scope-aggregate",
        "export" => "developer-scope-export",
        "gateway" => "developer-scope-gateway",
        _ => "developer-scope-manage",
    }
}

/// The page that shows a new key, once.
#[derive(Clone)]
pub struct NewKeyPage {
    /// The key itself.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// The application's id.
    pub application: String,
    /// When the key in whose place it is ends, if it goes on working.
    pub old_until: Option<Timestamp>,
}

impl std::fmt::Debug for NewKeyPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKeyPage").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The page of a mailed link: asked for, or to be opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkPage {
    /// What the link carries.
    pub token: String,
    /// True when one was asked for.
    pub is_sent: bool,
    /// True when the link is wrong, too old or was used.
    pub is_spent: bool,
}

macro_rules! views {
    ($($name:ident of $page:ident is $path:literal;)*) => {$(
        #[doc = concat!("The template of [`", stringify!($page), "`].")]
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $name<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    MineView of MinePage is "developer/applications.html";
    ApplicationView of ApplicationPage is "developer/application.html";
    NewKeyView of NewKeyPage is "developer/new-key.html";
    LinkView of LinkPage is "developer/link.html";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_never_printed_by_debug() {
        let page = NewKeyPage {
            key: "fg_secret".to_owned(),
            name: "x".to_owned(),
            application: "y".to_owned(),
            old_until: None,
        };
        assert!(!format!("{page:?}").contains("fg_secret"));
    }

    #[test]
    fn every_scope_has_words_of_its_own() {
        let mut words: Vec<&str> = KeyScopes::all_names().into_iter().map(scope_words).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
    }
}
