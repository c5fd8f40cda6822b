//! The portal's own look: name, colours, logo. From settings; nothing here belongs to anybody else's identity.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::words::Language;

/// The logo of a portal that sets none: a stall's awning over a counter.
const DEFAULT_LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32"><rect width="32" height="32" rx="7" fill="@accent"/><path d="M6 8h20l2 7H4z" fill="@ink"/><path d="M4 15a3 3 0 0 0 6 0 3 3 0 0 0 6 0 3 3 0 0 0 6 0 3 3 0 0 0 6 0" fill="@ink"/><path d="M10 8l-1 7h0M16 8v7M22 8l1 7" stroke="@accent" stroke-width="1.4" fill="none"/><path d="M7 20v5h18v-5" stroke="@ink" stroke-width="2.2" fill="none" stroke-linejoin="round"/></svg>"##;
/// The accent of a portal that sets none.
const DEFAULT_ACCENT: &str = "#0a5c63";
/// WCAG 2.2 success criterion 1.4.3: ordinary text against its ground.
const TEXT_CONTRAST: f64 = 4.5;
/// The lightest and darkest grounds that links stand on.
const LIGHT_GROUND: Colour = Colour(0xea, 0xf0, 0xf0);
const DARK_GROUND: Colour = Colour(0x2a, 0x37, 0x35);
const WHITE: Colour = Colour(0xff, 0xff, 0xff);
const INK: Colour = Colour(0x14, 0x20, 0x1f);

/// What an operator sets. Every field has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrandSettings {
    /// The portal's name.
    pub name: String,
    /// One sentence below it on the first page, the same in every language; empty for one that the portal words itself.
    pub tagline: String,
    /// Who runs the portal; shown at the foot of each page.
    pub operator: String,
    /// The accent colour, `#rrggbb`.
    pub accent: String,
    /// The accent on dark pages, `#rrggbb`, under white text; worked out from the accent where it is not given.
    pub accent_dark: Option<String>,
    /// The colour of links, `#rrggbb`; worked out from the accent where it is not given.
    pub link: Option<String>,
    /// The colour of links on dark pages, `#rrggbb`; worked out from the accent where it is not given.
    pub link_dark: Option<String>,
    /// The typefaces by their names, the wanted one first, such as `Source Sans 3, Arial`: those that a reader's machine has.
    pub typeface: Option<String>,
    /// The logo: an SVG document's text. Shown 32 pixels high.
    pub logo_svg: Option<String>,
    /// Whom to write to about the portal.
    pub contact_email: Option<String>,
    /// Further links at the foot: text and address.
    pub footer_links: Vec<(String, String)>,
    /// The languages that pages are offered in, the portal's own first: of `en`, `fr`, `de` and `es`.
    pub languages: Vec<String>,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: "Fairground".to_owned(),
            tagline: String::new(),
            operator: String::new(),
            accent: DEFAULT_ACCENT.to_owned(),
            accent_dark: None,
            link: None,
            link_dark: None,
            typeface: None,
            logo_svg: None,
            contact_email: None,
            footer_links: Vec::new(),
            languages: Language::ALL.iter().map(|language| language.as_str().to_owned()).collect(),
        }
    }
}

/// What is wrong with a brand's settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBrand {
    /// The portal must be called something.
    #[error("the brand's name is empty")]
    NameMissing,
    /// The accent is no colour.
    #[error("the brand's accent `{0}` is not a colour such as `#0a5c63`")]
    Accent(String),
    /// Another colour is no colour.
    #[error("the brand's {name} `{value}` is not a colour such as `#0a5c63`")]
    Colour {
        /// The setting.
        name: &'static str,
        /// What was set.
        value: String,
    },
    /// A colour that cannot be read where it stands.
    #[error(
        "the brand's {name} {colour} cannot be read against {ground}: contrast {ratio}, needed is {TEXT_CONTRAST} (WCAG 2.2, 1.4.3)"
    )]
    Contrast {
        /// The setting.
        name: &'static str,
        /// The colour that was set.
        colour: String,
        /// What it stands against.
        ground: String,
        /// The contrast, cut off after a decimal.
        ratio: String,
    },
    /// The typeface is no list of names.
    #[error("the brand's typeface `{0}` is not a list of names such as `Source Sans 3, Arial`")]
    Typeface(String),
    /// The logo is not an SVG document.
    #[error("the brand's logo is not an SVG document")]
    Logo,
    /// A footer link goes nowhere that may be followed.
    #[error("the brand's footer link `{0}` is neither a path of this portal nor a web address")]
    FooterLink(String),
    /// A language that the interface does not speak.
    #[error("the brand's language `{0}` is none that the pages speak (en, fr, de, es)")]
    Language(String),
    /// Pages must be in some language.
    #[error("the brand's languages are empty")]
    LanguagesMissing,
}

/// A brand that can be shown: colours worked out and checked for contrast.
#[derive(Debug, Clone)]
pub struct Brand {
    /// The portal's name.
    pub name: String,
    /// One sentence below it; empty when the operator gave none.
    pub tagline: String,
    /// Who runs the portal; may be empty.
    pub operator: String,
    /// Whom to write to.
    pub contact_email: Option<String>,
    /// Further links at the foot: text and address.
    pub footer_links: Vec<(String, String)>,
    /// The logo's SVG text.
    pub logo_svg: String,
    /// The languages that pages are offered in, the portal's own first; never empty.
    pub languages: Vec<Language>,
    accent: Colour,
    accent_dark: Option<Colour>,
    link: Option<Colour>,
    link_dark: Option<Colour>,
    typeface: Option<String>,
}

impl TryFrom<BrandSettings> for Brand {
    type Error = InvalidBrand;

    fn try_from(settings: BrandSettings) -> Result<Self, InvalidBrand> {
        if settings.name.trim().is_empty() {
            return Err(InvalidBrand::NameMissing);
        }
        let accent = Colour::parse(&settings.accent).ok_or_else(|| InvalidBrand::Accent(settings.accent.clone()))?;
        let checked = |name, value: &Option<String>, ground: Colour| checked_colour(name, value.as_deref(), ground);
        let accent_dark = checked("accent_dark", &settings.accent_dark, WHITE)?;
        let link = checked("link", &settings.link, LIGHT_GROUND)?;
        let link_dark = checked("link_dark", &settings.link_dark, DARK_GROUND)?;
        let typeface = settings.typeface.as_deref().map(typefaces).transpose()?;
        let is_path = |href: &str| href.starts_with('/') && !href.starts_with("//");
        if let Some((_, href)) =
            settings.footer_links.iter().find(|(_, href)| !is_path(href) && crate::prose::safe_href(href).is_none())
        {
            return Err(InvalidBrand::FooterLink(href.clone()));
        }
        let known = |tag: &String| Language::of_tag(tag).ok_or_else(|| InvalidBrand::Language(tag.clone()));
        let mut languages = Vec::new();
        for language in settings.languages.iter().map(known) {
            let language = language?;
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            return Err(InvalidBrand::LanguagesMissing);
        }
        let logo_svg = match settings.logo_svg {
            Some(svg) if svg.contains("<svg") => svg,
            Some(_) => return Err(InvalidBrand::Logo),
            None => DEFAULT_LOGO.replace("@accent", &accent.hex()).replace("@ink", &accent.readable_ink().hex()),
        };
        Ok(Self {
            name: settings.name.trim().to_owned(),
            tagline: settings.tagline,
            operator: settings.operator,
            contact_email: settings.contact_email,
            footer_links: settings.footer_links,
            logo_svg,
            languages,
            accent,
            accent_dark,
            link,
            link_dark,
            typeface,
        })
    }
}

impl Brand {
    /// The colours as CSS custom properties. Links and grounds are moved from the accent until text on them can be read,
    /// so no choice of accent makes the portal fail WCAG 2.2 success criterion 1.4.3.
    #[must_use]
    pub fn css(&self) -> String {
        let accent = self.accent;
        let on_accent = accent.readable_ink();
        let hover = if on_accent == WHITE { accent.mixed(INK, 25) } else { accent.mixed(WHITE, 25) };
        let link = self.link.unwrap_or_else(|| accent.until_readable_on(LIGHT_GROUND, INK));
        let dark_accent = self.accent_dark.unwrap_or_else(|| accent.until_readable_on(WHITE, INK));
        let worked_out = || accent.mixed(WHITE, 50).until_readable_on(DARK_GROUND, WHITE);
        let dark_link = self.link_dark.unwrap_or_else(worked_out);
        let mut css = String::from(":root{");
        for (name, colour) in [
            ("accent", accent),
            ("accent-hover", hover),
            ("on-accent", on_accent),
            ("link", link),
            ("link-hover", link.mixed(INK, 35)),
            ("accent-dark", dark_accent),
            ("accent-dark-hover", dark_accent.mixed(INK, 20)),
            ("on-accent-dark", WHITE),
            ("link-dark", dark_link),
            ("link-dark-hover", dark_link.mixed(WHITE, 40)),
        ] {
            let _ = write!(css, "--brand-{name}:{};", colour.hex());
        }
        if let Some(typeface) = &self.typeface {
            let _ = write!(css, "--brand-sans:{typeface};");
        }
        css.push_str("}\n");
        css
    }

    /// The portal's own language: for readers whose browser accepts none that is offered.
    #[must_use]
    pub fn language(&self) -> Language {
        self.languages.first().copied().unwrap_or_default()
    }

    /// The accent as `#rrggbb`, for browsers that colour their own frame.
    #[must_use]
    pub fn accent_hex(&self) -> String {
        self.accent.hex()
    }
}

/// A colour that was set, if it can be read against a ground, or the ground's text on it.
fn checked_colour(name: &'static str, value: Option<&str>, ground: Colour) -> Result<Option<Colour>, InvalidBrand> {
    let Some(value) = value else { return Ok(None) };
    let Some(colour) = Colour::parse(value) else { return Err(InvalidBrand::Colour { name, value: value.to_owned() }) };
    let contrast = colour.contrast(ground);
    if contrast < TEXT_CONTRAST {
        let ratio = format!("{:.1}", (contrast * 10.0).floor() / 10.0);
        return Err(InvalidBrand::Contrast { name, colour: colour.hex(), ground: ground.hex(), ratio });
    }
    Ok(Some(colour))
}

/// Names of typefaces as CSS says them, with what every machine has at the end.
fn typefaces(list: &str) -> Result<String, InvalidBrand> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'))
    };
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    if !names.iter().all(|name| is_name(name)) {
        return Err(InvalidBrand::Typeface(list.to_owned()));
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    Ok(format!("{},system-ui,sans-serif", quoted.join(",")))
}

/// A colour in sRGB, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour(u8, u8, u8);

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        Some(Self(channel(0)?, channel(2)?, channel(4)?))
    }

    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// WCAG 2.2, "contrast ratio": 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// White, ink or, on the few colours between them, black: the first that can be read on this colour.
    fn readable_ink(self) -> Self {
        [WHITE, INK].into_iter().find(|ink| self.contrast(*ink) >= TEXT_CONTRAST).unwrap_or(Self(0, 0, 0))
    }

    /// This colour with `percent` of `other`.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let mix = |own: u8, its: u8| {
            let sum = u16::from(own) * (100 - percent) + u16::from(its) * percent;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// This colour moved towards `towards` until it can be read on `ground`.
    fn until_readable_on(self, ground: Self, towards: Self) -> Self {
        const STEPS: u16 = 20;
        (0..=STEPS)
            .map(|step| self.mixed(towards, step * 100 / STEPS))
            .find(|colour| colour.contrast(ground) >= TEXT_CONTRAST)
            .unwrap_or(towards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(accent: &str) -> Result<Brand, InvalidBrand> {
        Brand::try_from(BrandSettings { accent: accent.to_owned(), ..BrandSettings::default() })
    }

    fn colour(css: &str, name: &str) -> Colour {
        let (_, rest) = css.split_once(&format!("--brand-{name}:")).expect("the property is there");
        Colour::parse(rest.split(';').next().expect("it ends")).expect("a colour")
    }

    #[test]
    fn every_accent_gives_readable_text() {
        for accent in ["#0a5c63", "#ffffff", "#000000", "#ffd23f", "#ff0000", "#808080", "#7fffd4", "#1d70b8"] {
            let css = brand(accent).expect("a brand").css();
            for (text, ground) in [
                (colour(&css, "on-accent"), colour(&css, "accent")),
                (colour(&css, "link"), LIGHT_GROUND),
                (colour(&css, "link-dark"), DARK_GROUND),
                (colour(&css, "on-accent-dark"), colour(&css, "accent-dark")),
            ] {
                assert!(text.contrast(ground) >= TEXT_CONTRAST, "{accent}: {} on {}", text.hex(), ground.hex());
            }
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((WHITE.contrast(Colour(0, 0, 0)) - 21.0).abs() < 0.01);
        assert!((WHITE.contrast(Colour(0x76, 0x76, 0x76)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn a_colour_that_cannot_be_read_stops_the_start_and_says_why() {
        let set = |link: Option<&str>, link_dark: Option<&str>, accent_dark: Option<&str>| {
            let own = |colour: Option<&str>| colour.map(str::to_owned);
            let settings = BrandSettings {
                link: own(link),
                link_dark: own(link_dark),
                accent_dark: own(accent_dark),
                ..BrandSettings::default()
            };
            Brand::try_from(settings).map(|brand| brand.css()).map_err(|error| error.to_string())
        };
        let css = set(Some("#00416a"), Some("#8fd3ff"), Some("#0b5563")).expect("readable colours");
        for part in ["--brand-link:#00416a", "--brand-link-dark:#8fd3ff", "--brand-accent-dark:#0b5563"] {
            assert!(css.contains(part), "{css}");
        }
        let refusal = set(Some("#ffd23f"), None, None).expect_err("yellow on white");
        assert_eq!(
            refusal,
            "the brand's link #ffd23f cannot be read against #eaf0f0: contrast 1.2, needed is 4.5 (WCAG 2.2, 1.4.3)"
        );
        assert!(set(None, Some("#0a5c63"), None).is_err_and(|refusal| refusal.contains("link_dark")));
        assert!(set(None, None, Some("#ffffff")).is_err_and(|refusal| refusal.contains("accent_dark")));
        assert!(set(Some("blue"), None, None).is_err_and(|refusal| refusal.contains("`blue` is not a colour")));
    }

    #[test]
    fn typefaces_are_names_and_nothing_else() {
        let set = |list: &str| {
            let settings = BrandSettings { typeface: Some(list.to_owned()), ..BrandSettings::default() };
            Brand::try_from(settings).map(|brand| brand.css())
        };
        let css = set("Source Sans 3, Arial").expect("names");
        assert!(css.contains("--brand-sans:\"Source Sans 3\",\"Arial\",system-ui,sans-serif;"), "{css}");
        for hostile in ["", "Arial,", "x;}body{display:none", "\"Arial\"", "url(//evil.example/x)"] {
            assert_eq!(set(hostile), Err(InvalidBrand::Typeface(hostile.to_owned())));
        }
    }

    #[test]
    fn languages_are_those_that_the_pages_speak() {
        let set = |tags: &[&str]| {
            let languages = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Brand::try_from(BrandSettings { languages, ..BrandSettings::default() }).map(|brand| brand.languages)
        };
        assert_eq!(set(&["de", "fr", "de"]), Ok(vec![Language::De, Language::Fr]));
        assert_eq!(set(&["it"]), Err(InvalidBrand::Language("it".to_owned())));
        assert_eq!(set(&[]), Err(InvalidBrand::LanguagesMissing));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(brand("teal").map(|_| ()), Err(InvalidBrand::Accent("teal".to_owned())));
        assert_eq!(brand("#12345é").map(|_| ()), Err(InvalidBrand::Accent("#12345é".to_owned())));
        let logo = BrandSettings { logo_svg: Some("PNG".to_owned()), ..BrandSettings::default() };
        assert_eq!(Brand::try_from(logo).map(|_| ()), Err(InvalidBrand::Logo));
        let link = BrandSettings {
            footer_links: vec![("x".to_owned(), "javascript:alert(1)".to_owned())],
            ..BrandSettings::default()
        };
        assert!(matches!(Brand::try_from(link), Err(InvalidBrand::FooterLink(_))));
    }
}
