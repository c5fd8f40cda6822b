//! What letters say, in the language of whoever reads them. The words stand in `api/locales/LANGUAGE/letters.ftl`
//! (Project Fluent).
//!
//! A reader's language is the one that their account has chosen, else the one that the request asks for that makes the letter
//! needed, else the portal's own ([`crate::settings::ApiSettings::language`]).

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use fairground_catalog::account::find_language;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::LanguageTag;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// The cookie that pages keep a chosen language in.
const COOKIE: &str = "fairground_language";

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// French.
    French,
    /// German.
    German,
    /// Spanish.
    Spanish,
}

impl Tongue {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::English, Self::French, Self::German, Self::Spanish];

    /// Its tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::German => "de",
            Self::Spanish => "es",
        }
    }

    /// The language of a tag: `de`, `de-AT` and `DE_at` are all German.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|tongue| tongue.as_str().eq_ignore_ascii_case(primary))
    }

    /// Its tag as the catalogue keeps it.
    #[must_use]
    pub fn tag(self) -> LanguageTag {
        LanguageTag::lenient(self.as_str())
    }

    /// The language that a request asks for: the one that was chosen on a page, else the first that the browser accepts.
    #[must_use]
    pub fn asked_by(req: &HttpRequest) -> Option<Self> {
        let chosen = req.cookie(COOKIE).and_then(|cookie| Self::of_tag(cookie.value()));
        let accepted = || {
            let field = req.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            field.split(',').find_map(|range| Self::of_tag(range.split(';').next().unwrap_or_default()))
        };
        chosen.or_else(accepted)
    }

    /// The language of whoever has that address: their account's, else `or`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_address(tx: &mut Tx<'_>, email: &str, or: Self) -> Result<Self, CatalogError> {
        let known = find_language(tx, email)?;
        Ok(known.and_then(|tag| Self::of_tag(tag.as_str())).unwrap_or(or))
    }

    /// A message with its arguments.
    #[must_use]
    pub(crate) fn say(self, key: &str, arguments: &[(&'static str, &str)]) -> String {
        let texts = arguments.iter().map(|(name, text)| (*name, FluentValue::from(*text)));
        self.filled(key, &texts.collect())
    }

    /// A message that is chosen by a number.
    #[must_use]
    pub(crate) fn say_number(self, key: &str, name: &'static str, number: usize) -> String {
        self.filled(key, &FluentArgs::from_iter([(name, FluentValue::from(number))]))
    }

    /// A letter's subject: the portal's name before what it is about.
    #[must_use]
    pub(crate) fn subject(self, title: &str, key: &str, arguments: &[(&'static str, &str)]) -> String {
        self.say("letter-subject", &[("title", title), ("subject", &self.say(key, arguments))])
    }

    fn filled(self, key: &str, arguments: &FluentArgs<'_>) -> String {
        let bundle = bundle(self);
        let (mut text, mut faults) = (String::new(), Vec::new());
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        let written =
            pattern.map(|pattern| bundle.write_pattern(&mut text, pattern, Some(arguments), &mut faults).is_ok());
        if written != Some(true) || !faults.is_empty() {
            tracing::error!(key, language = self.as_str(), "A letter's words could not be filled in: {faults:?}");
        }
        if pattern.is_none() { key.to_owned() } else { text }
    }
}

type Words = FluentBundle<FluentResource>;

fn bundle(tongue: Tongue) -> &'static Words {
    static WORDS: LazyLock<[Words; 4]> = LazyLock::new(|| Tongue::ALL.map(load));
    let [english, french, german, spanish] = &*WORDS;
    match tongue {
        Tongue::English => english,
        Tongue::French => french,
        Tongue::German => german,
        Tongue::Spanish => spanish,
    }
}

const fn source(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => include_str!("../../locales/en/letters.ftl"),
        Tongue::French => include_str!("../../locales/fr/letters.ftl"),
        Tongue::German => include_str!("../../locales/de/letters.ftl"),
        Tongue::Spanish => include_str!("../../locales/es/letters.ftl"),
    }
}

fn load(tongue: Tongue) -> Words {
    let mut words = FluentBundle::new_concurrent(tongue.as_str().parse().into_iter().collect());
    words.set_use_isolating(false);
    let resource = FluentResource::try_new(source(tongue).to_owned()).unwrap_or_else(|(resource, faults)| {
        tracing::error!(language = tongue.as_str(), "The letters' words hold what is no message: {faults:?}");
        resource
    });
    if let Err(faults) = words.add_resource(resource) {
        tracing::error!(language = tongue.as_str(), "The letters' words say something twice: {faults:?}");
    }
    words
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use actix_web::test::TestRequest;

    use super::*;

    /// Messages of a language by key, each with the names of its arguments.
    fn messages(tongue: Tongue) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut key = "";
        for line in source(tongue).lines() {
            if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| name.starts_with("letter-")) {
                key = name;
                assert!(found.insert(key, BTreeSet::new()).is_none(), "{}: `{key}` twice", tongue.as_str());
            }
            let arguments = line.split('$').skip(1).filter_map(|rest| rest.split([' ', '}']).next());
            found.entry(key).or_default().extend(arguments);
        }
        found.remove("");
        found
    }

    #[test]
    fn every_language_has_the_same_letters_with_the_same_arguments() {
        let english = messages(Tongue::English);
        assert!(english.len() > 70, "{}", english.len());
        for tongue in Tongue::ALL {
            assert_eq!(messages(tongue), english, "{}", tongue.as_str());
            for key in english.keys() {
                assert!(bundle(tongue).get_message(key).is_some_and(|message| message.value().is_some()), "{key}");
            }
        }
    }

    #[test]
    fn every_message_of_the_letters_is_used() {
        let code = [
            include_str!("letters.rs"),
            include_str!("work.rs"),
            include_str!("words.rs"),
            include_str!("../account/letters.rs"),
            include_str!("../transparency/letters.rs"),
            include_str!("../watch/letters.rs"),
            include_str!("../harvest/reports.rs"),
        ];
        let quoted: BTreeSet<&str> = code.iter().flat_map(|source| source.split('"')).collect();
        let english = messages(Tongue::English);
        let unused: Vec<_> = english.keys().filter(|key| !quoted.contains(**key)).collect();
        assert!(unused.is_empty(), "{unused:?}");
        let unknown = quoted.iter().filter(|text| text.starts_with("letter-") && !english.contains_key(**text));
        assert_eq!(unknown.filter(|text| text.len() > "letter-".len()).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn a_request_says_its_language_by_what_was_chosen_then_by_what_is_accepted() {
        for (cookie, accepts, tongue) in [
            ("", "", None),
            ("", "de-AT, en;q=0.5", Some(Tongue::German)),
            ("", "tlh, es;q=0.2", Some(Tongue::Spanish)),
            ("fairground_language=fr", "de", Some(Tongue::French)),
            ("fairground_language=tlh", "de", Some(Tongue::German)),
        ] {
            let request =
                TestRequest::get().insert_header(("cookie", cookie)).insert_header((ACCEPT_LANGUAGE, accepts));
            assert_eq!(Tongue::asked_by(&request.to_http_request()), tongue, "{cookie} {accepts}");
        }
    }
}
