//! What is measured, and what it is worth: the indicators of the Metadata Quality Assessment of data.europa.eu (methodology,
//! version 2: five dimensions, 405 points).

/// A dimension of quality, after the FAIR principles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// People and machines can find it.
    Findability,
    /// What it points at can be reached.
    Accessibility,
    /// Programs can read it.
    Interoperability,
    /// It says who may do what with it.
    Reusability,
    /// It says what else helps to judge it.
    Contextuality,
}

impl Dimension {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Findability, Self::Accessibility, Self::Interoperability, Self::Reusability, Self::Contextuality];

    /// As it is written in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Findability => "findability",
            Self::Accessibility => "accessibility",
            Self::Interoperability => "interoperability",
            Self::Reusability => "reusability",
            Self::Contextuality => "contextuality",
        }
    }

    /// The most points that it can bring.
    #[must_use]
    pub fn most_points(self) -> u16 {
        Metric::ALL.iter().filter(|metric| metric.dimension() == self).map(|metric| metric.points()).sum()
    }
}

/// One indicator: met or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`advice` says what each of them wants")]
pub enum Metric {
    Keyword,
    Theme,
    Spatial,
    Temporal,
    AccessUrlAnswers,
    DownloadUrl,
    DownloadUrlAnswers,
    Format,
    MediaType,
    FormatFromVocabulary,
    NonProprietary,
    MachineReadable,
    ProfileCompliance,
    Licence,
    LicenceFromVocabulary,
    AccessRights,
    AccessRightsFromVocabulary,
    ContactPoint,
    Publisher,
    Rights,
    ByteSize,
    Issued,
    Modified,
}

use Metric as M;

impl Metric {
    /// All of them, by dimension. The order is kept: it is the order of bits in [`super::Assessment::missing`].
    pub const ALL: [Self; 23] = [
        M::Keyword,
        M::Theme,
        M::Spatial,
        M::Temporal,
        M::AccessUrlAnswers,
        M::DownloadUrl,
        M::DownloadUrlAnswers,
        M::Format,
        M::MediaType,
        M::FormatFromVocabulary,
        M::NonProprietary,
        M::MachineReadable,
        M::ProfileCompliance,
        M::Licence,
        M::LicenceFromVocabulary,
        M::AccessRights,
        M::AccessRightsFromVocabulary,
        M::ContactPoint,
        M::Publisher,
        M::Rights,
        M::ByteSize,
        M::Issued,
        M::Modified,
    ];

    /// As it is written in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            M::Keyword => "keyword",
            M::Theme => "theme",
            M::Spatial => "spatial",
            M::Temporal => "temporal",
            M::AccessUrlAnswers => "access-url-answers",
            M::DownloadUrl => "download-url",
            M::DownloadUrlAnswers => "download-url-answers",
            M::Format => "format",
            M::MediaType => "media-type",
            M::FormatFromVocabulary => "format-from-vocabulary",
            M::NonProprietary => "non-proprietary",
            M::MachineReadable => "machine-readable",
            M::ProfileCompliance => "profile-compliance",
            M::Licence => "licence",
            M::LicenceFromVocabulary => "licence-from-vocabulary",
            M::AccessRights => "access-rights",
            M::AccessRightsFromVocabulary => "access-rights-from-vocabulary",
            M::ContactPoint => "contact-point",
            M::Publisher => "publisher",
            M::Rights => "rights",
            M::ByteSize => "byte-size",
            M::Issued => "issued",
            M::Modified => "modified",
        }
    }

    /// Where it counts.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            M::Keyword | M::Theme | M::Spatial | M::Temporal => Dimension::Findability,
            M::AccessUrlAnswers | M::DownloadUrl | M::DownloadUrlAnswers => Dimension::Accessibility,
            M::Format
            | M::MediaType
            | M::FormatFromVocabulary
            | M::NonProprietary
            | M::MachineReadable
            | M::ProfileCompliance => Dimension::Interoperability,
            M::Licence
            | M::LicenceFromVocabulary
            | M::AccessRights
            | M::AccessRightsFromVocabulary
            | M::ContactPoint
            | M::Publisher => Dimension::Reusability,
            M::Rights | M::ByteSize | M::Issued | M::Modified => Dimension::Contextuality,
        }
    }

    /// What it is worth.
    #[must_use]
    pub const fn points(self) -> u16 {
        match self {
            M::AccessUrlAnswers => 50,
            M::Keyword | M::Theme | M::DownloadUrlAnswers | M::ProfileCompliance => 30,
            M::Spatial
            | M::Temporal
            | M::DownloadUrl
            | M::Format
            | M::NonProprietary
            | M::MachineReadable
            | M::Licence
            | M::ContactPoint => 20,
            M::MediaType | M::FormatFromVocabulary | M::LicenceFromVocabulary | M::AccessRights | M::Publisher => 10,
            M::AccessRightsFromVocabulary | M::Rights | M::ByteSize | M::Issued | M::Modified => 5,
        }
    }

    /// What to do about it where it is not met.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            M::Keyword => "Add keywords that people would search for.",
            M::Theme => "Name at least one theme, best by its address in the EU's list of data themes.",
            M::Spatial => "Say which place or area the data cover.",
            M::Temporal => "Say which period the data cover.",
            M::AccessUrlAnswers => "Mend the access address: it does not answer, or there is none.",
            M::DownloadUrl => "Give an address from which the file itself can be downloaded.",
            M::DownloadUrlAnswers => "Mend the download address: it does not answer, or there is none.",
            M::Format => "Say in which format each file is.",
            M::MediaType => "Give the media type of each file, such as text/csv.",
            M::FormatFromVocabulary => {
                "Use a format of the EU's list of file types and a media type registered with IANA."
            }
            M::NonProprietary => "Offer the data in an open format too, such as CSV, JSON or GeoPackage.",
            M::MachineReadable => "Offer the data in a format that programs can read, such as CSV, JSON or XML.",
            M::ProfileCompliance => {
                "Fill what the DCAT-AP profile demands: a title and a description, a publisher's name, and an address for each \
                 distribution."
            }
            M::Licence => "Say under which licence the data may be used.",
            M::LicenceFromVocabulary => {
                "Name the licence by its address, such as one of Creative Commons or of the EU's list."
            }
            M::AccessRights => "Say whether the data are public, restricted or not public.",
            M::AccessRightsFromVocabulary => "Give the access rights by their address in the EU's list.",
            M::ContactPoint => "Name an office to ask, with a mailbox or a form.",
            M::Publisher => "Name the publisher.",
            M::Rights => "State rights that go beyond the licence, or that there are none.",
            M::ByteSize => "Give the size of each file in bytes.",
            M::Issued => "Say when the data were first published.",
            M::Modified => "Say when the data were last changed.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_those_of_the_methodology() {
        let by_dimension = Dimension::ALL.map(Dimension::most_points);
        assert_eq!(by_dimension, [100, 100, 110, 75, 20]);
        assert_eq!(by_dimension.iter().sum::<u16>(), super::super::MOST_POINTS);
        let mut names: Vec<_> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metric::ALL.len());
    }
}
