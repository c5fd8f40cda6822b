//! What an operator says a source is.

use std::fmt;
use std::str::FromStr;

use fairground_standards::Format;

/// The kind of a source as it is registered: one format, or all serialisations of DCAT together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `dcat`: RDF in any serialisation.
    Dcat,
    /// One format, by its own name.
    Format(Format),
}

/// A name that is no kind of source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a kind of source; use `dcat-us`, `dcat`, `ckan` or another that `fairground harvest --help` names, or leave it out to have it detected"
)]
pub struct UnknownKind(pub String);

impl Kind {
    /// The format to read a document as: what its bytes say, as far as it agrees with the kind; or the kind's own format
    /// when the bytes say nothing.
    pub(super) fn admits(self, found: Format) -> bool {
        match self {
            Self::Dcat => found.is_rdf(),
            // Answers and records of the metadata standards are read alike, whatever brought them.
            Self::Format(format) => format == found || format.is_metadata_xml() && found.is_metadata_xml(),
        }
    }

    /// The one format this kind means, if it means one.
    pub(super) fn format(self) -> Option<Format> {
        match self {
            Self::Dcat => None,
            Self::Format(format) => Some(format),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dcat => f.write_str("dcat"),
            Self::Format(format) => format.fmt(f),
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        match text {
            "dcat" => Ok(Self::Dcat),
            other => other.parse().map(Self::Format).map_err(|_| UnknownKind(other.chars().take(80).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_on_the_command_line() {
        for (name, format, admitted) in [
            ("dcat", Format::Turtle, true),
            ("dcat", Format::JsonLd, true),
            ("dcat", Format::DcatUs, false),
            ("dcat-us", Format::DcatUs, true),
            ("ckan", Format::Ckan, true),
            ("ckan", Format::DcatUs, false),
            ("turtle", Format::RdfXml, false),
            ("csw", Format::Iso, true),
            ("oai-pmh", Format::DcatUs, false),
        ] {
            let kind: Kind = name.parse().expect(name);
            assert_eq!(kind.admits(format), admitted, "{name} {format}");
            assert_eq!(kind.to_string(), name);
        }
        assert!("gopher".parse::<Kind>().is_err());
    }
}
