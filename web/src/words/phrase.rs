//! A message on its way to a page: its key, its arguments and where its links lead.

use std::borrow::{Borrow, Cow};
use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;
use fairground_domain::Timestamp;
use fluent_bundle::{FluentArgs, FluentValue};

use super::Language;
use super::voice::voice;

/// HTML that was made here and is written as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(pub(crate) String);

impl fmt::Display for Html {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// What a message is given for one of its `{ $names }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A text; escaped on pages.
    Text(String),
    /// A whole number: chooses the plural, and is written with the language's separators.
    Number(u64),
    /// HTML made here, such as another message.
    Html(String),
    /// A day; a `<time>` on pages.
    Day(Timestamp),
}

/// What may be given to a message, and any reference to it, as templates pass it.
pub trait Give {
    /// The value.
    fn give(&self) -> Given;
}

impl<T: Give + ?Sized> Give for &T {
    fn give(&self) -> Given {
        (*self).give()
    }
}

impl Give for str {
    fn give(&self) -> Given {
        Given::Text(self.to_owned())
    }
}

impl Give for String {
    fn give(&self) -> Given {
        Given::Text(self.clone())
    }
}

impl Give for Cow<'_, str> {
    fn give(&self) -> Given {
        Given::Text(self.as_ref().to_owned())
    }
}

impl Give for Html {
    fn give(&self) -> Given {
        Given::Html(self.0.clone())
    }
}

impl Give for Timestamp {
    fn give(&self) -> Given {
        Given::Day(*self)
    }
}

impl Give for Given {
    fn give(&self) -> Given {
        self.clone()
    }
}

impl Give for Phrase {
    fn give(&self) -> Given {
        Given::Html(self.to_string())
    }
}

macro_rules! give_numbers {
    ($($kind:ty)+) => { $(
        impl Give for $kind {
            fn give(&self) -> Given {
                Given::Number(u64::try_from(*self).unwrap_or(u64::MAX))
            }
        }
    )+ };
}

give_numbers!(u8 u16 u32 u64 usize i32 i64);

/// A message of the interface in one language.
///
/// A template writes it as HTML: arguments are escaped, `<a>…</a>` in the message becomes the first link, `<a2>…</a2>` the
/// second. [`Phrase::text`] gives it as plain text for everything else.
#[derive(Debug, Clone)]
#[must_use]
pub struct Phrase {
    language: Language,
    key: Cow<'static, str>,
    plain: Option<&'static str>,
    arguments: Vec<(&'static str, Given)>,
    links: Vec<String>,
}

impl Language {
    /// The message of that key.
    pub fn t(self, key: impl AsRef<str>) -> Phrase {
        let key = key.as_ref();
        // Only messages with arguments need their key again.
        let plain = voice(self).plain(key);
        let key = if plain.is_some() { Cow::Borrowed("") } else { Cow::Owned(key.to_owned()) };
        Phrase { language: self, key, plain, arguments: Vec::new(), links: Vec::new() }
    }
}

impl Phrase {
    /// The message with that argument.
    pub fn with(mut self, name: &'static str, value: impl Give) -> Self {
        self.arguments.push((name, value.give()));
        self
    }

    /// The message whose next link (`<a>`, `<a2>`, …) leads there: a path of this portal, or an address that is safe.
    pub fn link(mut self, href: impl AsRef<str>) -> Self {
        self.links.push(format!("<a class=\"govuk-link\" href=\"{}\">", Escaped(href.as_ref())));
        self
    }

    /// The same with a link that crawlers do not follow.
    pub fn quiet_link(mut self, href: impl AsRef<str>) -> Self {
        self.links.push(format!("<a class=\"govuk-link\" rel=\"nofollow\" href=\"{}\">", Escaped(href.as_ref())));
        self
    }

    /// The message as plain text, for whatever escapes it later: without its tags.
    #[must_use]
    pub fn text(&self) -> String {
        let said = self.filled(|given| match given {
            Given::Text(text) => FluentValue::from(held_back(text)),
            Given::Html(html) => FluentValue::from(held_back(&without_tags(html))),
            Given::Number(number) => FluentValue::from(*number),
            Given::Day(day) => FluentValue::from(self.language.day(*day)),
        });
        if self.plain.is_some() && !said.contains('<') {
            return said.into_owned();
        }
        without_tags(&said).replace(HELD_LESS, "<").replace(HELD_MORE, ">")
    }

    fn filled<'a>(&'a self, value: impl Fn(&'a Given) -> FluentValue<'a>) -> Cow<'static, str> {
        if let Some(plain) = self.plain {
            return Cow::Borrowed(plain);
        }
        let mut arguments = FluentArgs::with_capacity(self.arguments.len());
        for (name, given) in &self.arguments {
            arguments.set(*name, value(given));
        }
        let said = voice(self.language).filled(&self.key, &arguments);
        Cow::Owned(said.unwrap_or_else(|| {
            tracing::error!(key = &*self.key, language = self.language.as_str(), "There is no such message");
            self.key.clone().into_owned()
        }))
    }
}

impl fmt::Display for Phrase {
    /// As HTML.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.filled(|given| match given {
            Given::Text(text) => FluentValue::from(Escaped(text).to_string()),
            Given::Html(html) => FluentValue::from(html.as_str()),
            Given::Number(number) => FluentValue::from(*number),
            Given::Day(day) => FluentValue::from(self.language.day_tag(*day).0),
        });
        if self.links.is_empty() {
            return out.write_str(&said);
        }
        let mut rest = said.as_ref();
        while let Some((before, after)) = rest.split_once("<a") {
            out.write_str(before)?;
            let number = after.split('>').next().unwrap_or_default();
            match self.links.get(place_of(number)) {
                Some(link) => out.write_str(link)?,
                // A link that came ready made as an argument.
                None => write!(out, "<a{number}>")?,
            }
            rest = after.get(number.len() + 1..).unwrap_or_default();
            let end = format!("</a{number}>");
            if let Some((inside, after)) = rest.split_once(&end) {
                write!(out, "{inside}</a>")?;
                rest = after;
            }
        }
        out.write_str(rest)
    }
}

impl HtmlSafe for Phrase {}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.text()
    }
}

/// Words that are said when the reader's language is known: a message with its arguments, or a text that is nobody's to
/// translate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    key: Option<&'static str>,
    arguments: Vec<(&'static str, Given)>,
    plain: String,
}

impl Later {
    /// The message of that key.
    #[must_use]
    pub const fn key(key: &'static str) -> Self {
        Self { key: Some(key), arguments: Vec::new(), plain: String::new() }
    }

    /// A text as it is.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { key: None, arguments: Vec::new(), plain: text.into() }
    }

    /// The same with an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Give) -> Self {
        self.arguments.push((name, value.give()));
        self
    }

    /// The words in a language, as HTML.
    #[must_use]
    pub fn say(&self, language: impl Borrow<Language>) -> Html {
        let Some(key) = self.key else { return Html(Escaped(&self.plain).to_string()) };
        let phrase = language.borrow().t(key);
        Html(self.arguments.iter().fold(phrase, |phrase, (name, value)| phrase.with(name, value)).to_string())
    }
}

/// `<a>` is the first link, `<a2>` the second.
fn place_of(number: &str) -> usize {
    match number {
        "" => 0,
        other => other.parse::<usize>().ok().and_then(|place| place.checked_sub(1)).unwrap_or(usize::MAX),
    }
}

/// Stand for `<` and `>` of an argument while the message's own tags are taken off. No text of ours holds them.
const HELD_LESS: char = '\u{f8fe}';
const HELD_MORE: char = '\u{f8ff}';

fn held_back(text: &str) -> String {
    text.replace('<', HELD_LESS.encode_utf8(&mut [0; 4])).replace('>', HELD_MORE.encode_utf8(&mut [0; 4]))
}

fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            other => text.push(other),
        }
    }
    text
}

/// A text with what HTML gives a meaning to replaced, also within attributes.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => out.write_str("&#38;")?,
                '<' => out.write_str("&#60;")?,
                '>' => out.write_str("&#62;")?,
                '"' => out.write_str("&#34;")?,
                '\'' => out.write_str("&#39;")?,
                other => out.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "<script>alert(1)</script> & \"x\"";

    #[test]
    fn arguments_cannot_become_html() {
        let phrase = Language::En.t("layout-error-too-many-text").with("wait", HOSTILE).link("/x?a=1&b=\"2\"");
        assert_eq!(
            phrase.to_string(),
            "Please wait &#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;x&#34; and try again. The limits are the \
             same for everybody and <a class=\"govuk-link\" href=\"/x?a=1&#38;b=&#34;2&#34;\">stand in public</a>."
        );
        assert_eq!(
            phrase.text(),
            format!("Please wait {HOSTILE} and try again. The limits are the same for everybody and stand in public.")
        );
    }

    #[test]
    fn html_made_here_stays_html() {
        let tag = Html("<time datetime=\"2026\">2026</time>".to_owned());
        let phrase = Language::En.t("layout-error-too-many-text").with("wait", &tag);
        assert!(phrase.to_string().starts_with("Please wait <time datetime=\"2026\">2026</time> and"), "{phrase}");
        assert!(phrase.text().starts_with("Please wait 2026 and"), "{}", phrase.text());
    }

    #[test]
    fn a_number_chooses_its_plural_and_its_separators() {
        for (language, number, said) in [
            (Language::En, 1, "1 byte"),
            (Language::En, 1_234_567, "1,234,567 bytes"),
            (Language::Fr, 0, "0 octet"),
            (Language::Fr, 12_345, "12\u{202f}345 octets"),
            (Language::De, 1_000, "1.000 Bytes"),
            (Language::Es, 1_000, "1000 bytes"),
            (Language::Es, 10_000, "10.000 bytes"),
        ] {
            assert_eq!(language.t("words-bytes").with("count", number).text(), said);
        }
    }

    #[test]
    fn what_nobody_says_is_shown_as_its_key() {
        assert_eq!(Language::De.t("nobody-says-this").text(), "nobody-says-this");
    }
}
