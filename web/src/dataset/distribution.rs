//! One way to get a dataset.

use fairground_domain::Distribution;

use super::format::format_of;
use crate::prose::{SafeHtml, prose, safe_href};
use crate::words::{Language, LicenceWords, Said};

/// Longest host name that a card shows, in characters.
const LONGEST_HOST_CHARS: usize = 60;

/// One distribution on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionCard {
    /// Its format's short name; `LINK` when nobody can tell.
    pub format: String,
    /// Its title; its file name or host where it has none.
    pub title: Said,
    /// Its description, safe to show.
    pub description: SafeHtml,
    /// Where the file is.
    pub download: Option<String>,
    /// Where there is a page or service around it.
    pub access: Option<String>,
    /// An address of the source that may not be followed, shown as text.
    pub odd_address: Option<String>,
    /// The host it comes from.
    pub host: Option<String>,
    /// Its size in words.
    pub size: Option<String>,
    /// When it was modified, in words.
    pub modified: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its licence, where it is another than the dataset's.
    pub licence: Option<LicenceWords>,
    /// Its checksum: algorithm and digest.
    pub checksum: Option<(String, String)>,
    /// Its data dictionary or schema.
    pub dictionary: Option<String>,
}

impl DistributionCard {
    /// A card for a distribution of a dataset under that licence.
    #[must_use]
    pub fn of(distribution: &Distribution, dataset_licence: &LicenceWords, language: Language) -> Self {
        let download = distribution.download_url.as_deref().and_then(safe_href);
        let access =
            distribution.access_url.as_deref().and_then(safe_href).filter(|href| Some(href) != download.as_ref());
        let address = download.as_ref().or(access.as_ref());
        let odd_address = address
            .is_none()
            .then(|| distribution.download_url.clone().or_else(|| distribution.access_url.clone()))
            .flatten()
            .filter(|text| !text.trim().is_empty());
        let host = address
            .and_then(|href| url::Url::parse(href).ok())
            .and_then(|url| url.host_str().map(str::to_owned))
            .map(|host| host.chars().take(LONGEST_HOST_CHARS).collect());
        let format = Some(format_of(distribution)).filter(|name| !name.is_empty()).unwrap_or_else(|| "LINK".to_owned());
        let given = language.best_of(&distribution.title);
        let title = match given.text.trim().is_empty() {
            true => Said::plain(file_name(address).unwrap_or_else(|| language.t("dataset-distribution").text())),
            false => given,
        };
        let licence = distribution
            .licence
            .as_ref()
            .map(|licence| LicenceWords::of(Some(licence)))
            .filter(|licence| licence != dataset_licence);
        Self {
            format,
            title,
            description: prose(&language.best_of(&distribution.description).text),
            download,
            access,
            odd_address,
            host,
            size: distribution.byte_size.filter(|bytes| *bytes > 0).map(|bytes| language.size(bytes)),
            modified: distribution
                .modified
                .as_deref()
                .or(distribution.issued.as_deref())
                .map(|text| language.as_written(text)),
            media_type: distribution.media_type.clone(),
            licence,
            checksum: distribution.checksum.as_ref().map(|sum| (sum.algorithm.clone(), sum.value.clone())),
            dictionary: distribution.described_by.as_deref().and_then(safe_href),
        }
    }

    /// True when there is more to say than the card's first lines hold.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.description.is_empty()
            || self.checksum.is_some()
            || self.dictionary.is_some()
            || self.odd_address.is_some()
    }
}

/// The file's name in its address, else its host.
fn file_name(address: Option<&String>) -> Option<String> {
    let url = url::Url::parse(address?).ok()?;
    let name = url.path_segments().and_then(|mut parts| parts.next_back().map(str::to_owned)).unwrap_or_default();
    let name = percent_encoding::percent_decode_str(&name).decode_utf8_lossy().into_owned();
    if name.is_empty() { url.host_str().map(str::to_owned) } else { Some(name) }
}
