//! Licences in plain words.

use fairground_domain::{Licence, LocalizedText, fold};

use super::{Language, Phrase, Said};
use crate::prose::safe_href;

/// What a licence lets people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LicenceKind {
    /// Anything, without conditions.
    Free,
    /// Anything, if the source is named.
    Attribution,
    /// Anything, if the source is named and what is made of it is shared alike.
    ShareAlike,
    /// With limits that go further (no commercial use, no changes).
    Restricted,
    /// We do not know this licence.
    Unknown,
    /// The source states none.
    Missing,
}

/// A licence as a page says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceWords {
    /// Its short name, such as `CC BY 4.0`.
    pub name: Said,
    /// Where it can be read, if that is a web address.
    pub href: Option<String>,
    /// What it lets people do.
    pub kind: LicenceKind,
}

/// Pieces of addresses and titles (folded), the short name, the kind. Longer pieces stand before their own beginnings.
const KNOWN: &[(&str, &str, LicenceKind)] = &[
    ("creativecommons.org/publicdomain/zero", "CC0 1.0", LicenceKind::Free),
    ("creativecommons.org/publicdomain/mark", "Public Domain Mark", LicenceKind::Free),
    ("creativecommons.org/licenses/by-nc-sa", "CC BY-NC-SA", LicenceKind::Restricted),
    ("creativecommons.org/licenses/by-nc-nd", "CC BY-NC-ND", LicenceKind::Restricted),
    ("creativecommons.org/licenses/by-nc", "CC BY-NC", LicenceKind::Restricted),
    ("creativecommons.org/licenses/by-nd", "CC BY-ND", LicenceKind::Restricted),
    ("creativecommons.org/licenses/by-sa/4.0", "CC BY-SA 4.0", LicenceKind::ShareAlike),
    ("creativecommons.org/licenses/by-sa", "CC BY-SA", LicenceKind::ShareAlike),
    ("creativecommons.org/licenses/by/4.0", "CC BY 4.0", LicenceKind::Attribution),
    ("creativecommons.org/licenses/by/3.0", "CC BY 3.0", LicenceKind::Attribution),
    ("creativecommons.org/licenses/by", "CC BY", LicenceKind::Attribution),
    ("authority/licence/cc0", "CC0 1.0", LicenceKind::Free),
    ("authority/licence/cc_bysa_4_0", "CC BY-SA 4.0", LicenceKind::ShareAlike),
    ("authority/licence/cc_by_4_0", "CC BY 4.0", LicenceKind::Attribution),
    ("opendefinition.org/licenses/cc-zero", "CC0 1.0", LicenceKind::Free),
    ("opendefinition.org/licenses/cc-by-sa", "CC BY-SA", LicenceKind::ShareAlike),
    ("opendefinition.org/licenses/cc-by", "CC BY", LicenceKind::Attribution),
    ("opendefinition.org/licenses/odc-pddl", "PDDL 1.0", LicenceKind::Free),
    ("opendefinition.org/licenses/odc-by", "ODC-By 1.0", LicenceKind::Attribution),
    ("opendefinition.org/licenses/odc-odbl", "ODbL 1.0", LicenceKind::ShareAlike),
    ("opendatacommons.org/licenses/pddl", "PDDL 1.0", LicenceKind::Free),
    ("opendatacommons.org/licenses/by", "ODC-By 1.0", LicenceKind::Attribution),
    ("opendatacommons.org/licenses/odbl", "ODbL 1.0", LicenceKind::ShareAlike),
    ("govdata.de/dl-de/zero-2-0", "Data licence Germany Zero 2.0", LicenceKind::Free),
    ("govdata.de/dl-de/by-2-0", "Data licence Germany Attribution 2.0", LicenceKind::Attribution),
    ("dcat-ap.de/def/licenses/dl-zero-de/2.0", "Data licence Germany Zero 2.0", LicenceKind::Free),
    ("dcat-ap.de/def/licenses/dl-by-de/2.0", "Data licence Germany Attribution 2.0", LicenceKind::Attribution),
    ("dcat-ap.de/def/licenses/cc-zero", "CC0 1.0", LicenceKind::Free),
    ("dcat-ap.de/def/licenses/cc-by-sa", "CC BY-SA", LicenceKind::ShareAlike),
    ("dcat-ap.de/def/licenses/cc-by-nc", "CC BY-NC", LicenceKind::Restricted),
    ("dcat-ap.de/def/licenses/cc-by", "CC BY", LicenceKind::Attribution),
    ("nationalarchives.gov.uk/doc/open-government-licence", "Open Government Licence", LicenceKind::Attribution),
    ("etalab.gouv.fr/licence-ouverte", "Licence Ouverte", LicenceKind::Attribution),
    ("data.norge.no/nlod", "NLOD", LicenceKind::Attribution),
    ("usa.gov/publicdomain", "US public domain", LicenceKind::Free),
    ("usa.gov/government-works", "US government work", LicenceKind::Free),
    ("terms_by_ask", "Swiss OGD: name the source, commercial use with permission", LicenceKind::Restricted),
    ("terms_by", "Swiss OGD: name the source", LicenceKind::Attribution),
    ("terms_ask", "Swiss OGD: commercial use with permission", LicenceKind::Restricted),
    ("terms_open", "Swiss OGD: free use", LicenceKind::Free),
    ("creative commons zero", "CC0 1.0", LicenceKind::Free),
    ("cc0", "CC0 1.0", LicenceKind::Free),
    ("cc-zero", "CC0 1.0", LicenceKind::Free),
    ("cc-by-sa", "CC BY-SA", LicenceKind::ShareAlike),
    ("cc-by-nc", "CC BY-NC", LicenceKind::Restricted),
    ("cc-by", "CC BY", LicenceKind::Attribution),
    ("odc-pddl", "PDDL 1.0", LicenceKind::Free),
    ("odc-odbl", "ODbL 1.0", LicenceKind::ShareAlike),
    ("us-pd", "US public domain", LicenceKind::Free),
    ("public domain", "Public domain", LicenceKind::Free),
    ("licence ouverte", "Licence Ouverte", LicenceKind::Attribution),
    ("uk-ogl", "Open Government Licence", LicenceKind::Attribution),
];

impl LicenceWords {
    /// Says a licence, or that there is none.
    #[must_use]
    pub fn of(licence: Option<&Licence>) -> Self {
        let Some(licence) = licence else { return Self::missing() };
        let title = Said::of(&licence.title);
        let iri = licence.iri.as_deref().unwrap_or_default();
        let (folded_iri, folded_title) = (fold(iri), fold(&title.text));
        let known = |text: &str| KNOWN.iter().find(|(piece, _, _)| text.contains(piece));
        let href = safe_href(iri);
        match known(&folded_iri).or_else(|| known(&folded_title)) {
            Some((_, name, kind)) => Self { name: Said::plain(*name), href, kind: *kind },
            None if !title.text.is_empty() => Self { name: title, href, kind: LicenceKind::Unknown },
            None if !iri.is_empty() => Self { name: Said::plain(iri), href, kind: LicenceKind::Unknown },
            None => Self::missing(),
        }
    }

    /// Says a licence that is kept as one text: an IRI or the source's words.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let licence = if text.contains("://") {
            Licence { iri: Some(text.to_owned()), ..Licence::default() }
        } else {
            Licence { title: LocalizedText::undetermined(text), ..Licence::default() }
        };
        Self::of(Some(&licence))
    }

    fn missing() -> Self {
        Self { name: Said::default(), href: None, kind: LicenceKind::Missing }
    }

    /// True when anything may be done, at most naming the source or sharing alike.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.kind {
            LicenceKind::Free | LicenceKind::Attribution | LicenceKind::ShareAlike => true,
            LicenceKind::Restricted | LicenceKind::Unknown | LicenceKind::Missing => false,
        }
    }

    /// What it lets people do, in one sentence.
    #[must_use]
    pub fn plain(&self) -> String {
        self.plainly(Language::En).text()
    }

    /// What it lets people do, in one sentence of that language.
    pub fn plainly(&self, language: Language) -> Phrase {
        language.t(match self.kind {
            LicenceKind::Free => "words-licence-free",
            LicenceKind::Attribution => "words-licence-attribution",
            LicenceKind::ShareAlike => "words-licence-share-alike",
            LicenceKind::Restricted => "words-licence-restricted",
            LicenceKind::Unknown => "words-licence-unknown",
            LicenceKind::Missing => "words-licence-missing",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(iri: Option<&str>, title: &str) -> Licence {
        Licence { iri: iri.map(str::to_owned), title: LocalizedText::undetermined(title) }
    }

    #[test]
    fn well_known_licences_are_said_plainly() {
        for (iri, title, name, kind) in [
            (Some("https://creativecommons.org/licenses/by/4.0/"), "", "CC BY 4.0", LicenceKind::Attribution),
            (Some("http://creativecommons.org/publicdomain/zero/1.0/legalcode"), "", "CC0 1.0", LicenceKind::Free),
            (
                Some("http://publications.europa.eu/resource/authority/licence/CC_BYSA_4_0"),
                "",
                "CC BY-SA 4.0",
                LicenceKind::ShareAlike,
            ),
            (Some("https://www.usa.gov/publicdomain/label/1.0/"), "", "US public domain", LicenceKind::Free),
            (None, "cc-by", "CC BY", LicenceKind::Attribution),
            (Some("https://creativecommons.org/licenses/by-nc/4.0"), "", "CC BY-NC", LicenceKind::Restricted),
            (Some("https://example.org/terms"), "Our terms", "Our terms", LicenceKind::Unknown),
            (Some("https://example.org/terms"), "", "https://example.org/terms", LicenceKind::Unknown),
            (None, "", "", LicenceKind::Missing),
        ] {
            let words = LicenceWords::of(Some(&licence(iri, title)));
            assert_eq!((words.name.text.as_str(), words.kind), (name, kind));
        }
        assert_eq!(LicenceWords::of(None).kind, LicenceKind::Missing);
    }

    #[test]
    fn an_address_that_is_no_web_address_is_no_link() {
        assert_eq!(LicenceWords::of(Some(&licence(Some("javascript:alert(1)"), "x"))).href, None);
    }
}
