//! Texts in several languages (ISO 19139, `PT_FreeText`), anchors and codes.

use std::collections::BTreeMap;

use fairground_domain::{LanguageTag, LocalizedText};

use crate::check::is_iri;
use crate::xml::Element;

/// In which languages a record speaks.
pub(super) struct Tongue {
    default: LanguageTag,
    /// Languages by the ids that texts refer to.
    locales: BTreeMap<String, LanguageTag>,
}

impl Tongue {
    pub(super) fn of(root: &Element) -> Self {
        let mut locales = BTreeMap::new();
        for path in ["locale/*", "otherLocale/*", "defaultLocale/*"] {
            for locale in root.all(path) {
                let language = locale.child("languageCode").or_else(|| locale.child("language")).and_then(code);
                if let (Some(id), Some(language)) = (locale.attribute("id"), language) {
                    locales.insert(id.to_owned(), tag(&language));
                }
            }
        }
        let own = root.child("language").and_then(code);
        let own = own.or_else(|| root.find("defaultLocale/*/language").and_then(code));
        Self { default: own.map_or_else(LanguageTag::undetermined, |it| tag(&it)), locales }
    }

    /// A property's text in every language that it is given in.
    pub(super) fn words(&self, property: &Element) -> LocalizedText {
        let mut words = LocalizedText::default();
        if let Some(text) = plain(property) {
            words.insert(self.default.clone(), text);
        }
        for text in property.descendants("LocalisedCharacterString") {
            if let Some(own) = text.own_text() {
                words.insert(self.locale(text.attribute("locale")), own);
            }
        }
        words
    }

    fn locale(&self, reference: Option<&str>) -> LanguageTag {
        let Some(id) = reference.map(|it| it.rsplit('#').next().unwrap_or(it)) else { return self.default.clone() };
        // Some records refer to a language that they do not declare, by its code.
        self.locales.get(id).cloned().unwrap_or_else(|| tag(id.strip_prefix("locale-").unwrap_or(id)))
    }

    /// The text at a path, in every language.
    pub(super) fn words_at(&self, element: &Element, path: &str) -> LocalizedText {
        let all = element.all(path);
        all.into_iter().map(|it| self.words(it)).find(|it| !it.is_empty()).unwrap_or_default()
    }
}

/// A language as records write it: `eng`, `nl; NLD`, `en-GB`.
pub(super) fn tag(text: &str) -> LanguageTag {
    LanguageTag::lenient(text.split([';', ',', ' ']).next().unwrap_or_default())
}

/// A property's text in the record's own language.
pub(super) fn plain(property: &Element) -> Option<String> {
    let inner = || property.children.iter().filter(|it| it.name != "PT_FreeText").find_map(Element::own_text);
    property.own_text().or_else(inner)
}

/// A value from a code list: `codeListValue`, else the text.
pub(super) fn code(property: &Element) -> Option<String> {
    let listed = property.children.iter().find_map(|it| it.attribute("codeListValue"));
    let own = listed.or_else(|| property.attribute("codeListValue")).map(str::to_owned);
    let last = own.map(|it| it.rsplit(['#', '/']).next().unwrap_or(&it).to_owned());
    last.filter(|it| !it.is_empty()).or_else(|| plain(property))
}

/// The code at a path.
pub(super) fn code_at(element: &Element, path: &str) -> Option<String> {
    element.all(path).into_iter().find_map(code)
}

/// The address that a property's text is anchored at (`gmx:Anchor`, `gcx:Anchor`), or that the property refers to.
pub(super) fn anchor(property: &Element) -> Option<String> {
    let inner = property.children.iter().filter(|it| it.name == "Anchor").find_map(|it| it.attribute("href"));
    inner.or_else(|| property.attribute("href")).filter(|it| is_iri(it)).map(str::to_owned)
}
