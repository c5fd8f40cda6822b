//! The words of each language, read once from `web/locales/` (Project Fluent) and kept for the life of the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast;
use rust_embed::RustEmbed;

use super::Language;
use super::number::{decimal, group};

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

/// One language's words.
pub(super) struct Voice {
    bundle: FluentBundle<FluentResource>,
    /// Messages that are always the same text, ready to be written.
    plain: HashMap<String, Box<str>>,
}

/// The words of a language. The first call reads those of all languages.
pub(super) fn voice(language: Language) -> &'static Voice {
    static VOICES: LazyLock<[Voice; 4]> = LazyLock::new(|| Language::ALL.map(Voice::load));
    let [en, fr, de, es] = &*VOICES;
    match language {
        Language::En => en,
        Language::Fr => fr,
        Language::De => de,
        Language::Es => es,
    }
}

impl Voice {
    fn load(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(language.as_str().parse().into_iter().collect());
        // Marks around arguments keep a name of the other direction in its place.
        bundle.set_use_isolating(language.direction() == "rtl");
        bundle.set_formatter(Some(match language {
            Language::En => |value, _| formatted(value, Language::En),
            Language::Fr => |value, _| formatted(value, Language::Fr),
            Language::De => |value, _| formatted(value, Language::De),
            Language::Es => |value, _| formatted(value, Language::Es),
        }));
        let mut keys = Vec::new();
        for (name, source) in sources(language) {
            let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, faults)| {
                tracing::error!("{name} holds what is no message: {faults:?}");
                resource
            });
            keys.extend(resource.entries().filter_map(|entry| match entry {
                ast::Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            }));
            if let Err(faults) = bundle.add_resource(resource) {
                tracing::error!("{name} says again what another file says: {faults:?}");
            }
        }
        let mut voice = Self { bundle, plain: HashMap::new() };
        for key in keys {
            if let Some(text) = voice.without_arguments(&key) {
                voice.plain.insert(key, text.into_boxed_str());
            }
        }
        voice
    }

    fn without_arguments(&self, key: &str) -> Option<String> {
        let (message, mut faults) = (self.bundle.get_message(key)?, Vec::new());
        let text = self.bundle.format_pattern(message.value()?, None, &mut faults);
        faults.is_empty().then(|| text.into_owned())
    }

    /// The text of a message that is always the same.
    pub(super) fn plain(&self, key: &str) -> Option<&str> {
        self.plain.get(key).map(|text| &**text)
    }

    /// The text of a message with its arguments; `None` when there is no such message.
    pub(super) fn filled(&self, key: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let (message, mut faults, mut text) = (self.bundle.get_message(key)?, Vec::new(), String::new());
        let written = self.bundle.write_pattern(&mut text, message.value()?, Some(arguments), &mut faults);
        if written.is_err() || !faults.is_empty() {
            tracing::error!(key, "A message could not be filled in: {faults:?}");
        }
        Some(text)
    }
}

fn formatted(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let said = number.as_string();
    Some(match said.split_once('.') {
        None => group(&said, language),
        Some((whole, fraction)) => decimal(whole, fraction, language),
    })
}

/// The files of a language: name and text.
pub(super) fn sources(language: Language) -> Vec<(String, String)> {
    let own = |name: &str| name.split('/').next() == Some(language.as_str()) && name.ends_with(".ftl");
    let names = Locales::iter().filter(|name| own(name));
    names
        .filter_map(|name| {
            let file = Locales::get(&name)?;
            Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect()
}
