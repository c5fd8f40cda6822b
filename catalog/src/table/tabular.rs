//! Which distributions hold tables, judged by what their description says.

use fairground_domain::Distribution;

/// Endings and format names of files that may hold tables.
const TABULAR: [&str; 21] = [
    "csv",
    "tsv",
    "tab",
    "xlsx",
    "xlsm",
    "xlsb",
    "xls",
    "ods",
    "json",
    "geojson",
    "ndjson",
    "jsonl",
    "jsonlines",
    "parquet",
    "geoparquet",
    "shp",
    "zip",
    "gz",
    "psv",
    "shapefile",
    "excel",
];
/// Endings of files that hold none, whatever their description says.
const NOT_TABULAR: [&str; 26] = [
    "pdf", "html", "htm", "doc", "docx", "odt", "rtf", "ppt", "pptx", "png", "jpg", "jpeg", "gif", "svg", "tif",
    "tiff", "mp3", "mp4", "rdf", "ttl", "owl", "xsd", "wsdl", "exe", "7z", "rar",
];
/// Media types of files that may hold tables, as `type/subtype` in lower case.
const TABULAR_MEDIA: [&str; 20] = [
    "text/csv",
    "application/csv",
    "text/tab-separated-values",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/json",
    "text/json",
    "application/geo+json",
    "application/vnd.geo+json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/vnd.apache.parquet",
    "application/parquet",
    "application/x-parquet",
    "application/zip",
    "application/x-zip-compressed",
    "application/x-shapefile",
    "application/vnd.shp",
];

/// A file that may hold tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabularFile {
    /// Where it is fetched.
    pub url: String,
    /// The host that is asked, in lower case and with its port: loads of one host share its pace.
    pub host: String,
    /// The address of a schema beside it, where its description names one.
    pub described_by: Option<String>,
    /// Where it lies within its own source, when it is not on the web: a path below the source's folder, or a table of its
    /// database. `url` is then that, behind [`HELD_SCHEME`].
    pub held_at: Option<String>,
}

/// Marks what has no address on the web, as `url` of a [`TabularFile`].
pub const HELD_SCHEME: &str = "source:";
/// What stands for the host of files that lie within their source.
const HELD_HOST: &str = "source";

/// The file of a distribution, if its description lets one expect tables: a download address (or an access address that ends
/// like a file) on the web, and a tabular ending, format or media type.
#[must_use]
pub fn tabular_file(distribution: &Distribution) -> Option<TabularFile> {
    let said = says_tabular(distribution);
    let of = |url: &str, by_description: bool| {
        let host = host_of(url)?;
        let fits = match ending_of(url) {
            Some(ending) if TABULAR.contains(&ending.as_str()) => true,
            Some(ending) if NOT_TABULAR.contains(&ending.as_str()) => false,
            _ => by_description && said,
        };
        fits.then(|| TabularFile {
            url: url.to_owned(),
            host,
            described_by: distribution.described_by.clone(),
            held_at: None,
        })
    };
    let download = distribution.download_url.as_deref().map(str::trim);
    let access = distribution.access_url.as_deref().map(str::trim);
    let on_the_web = download.and_then(|url| of(url, true)).or_else(|| access.and_then(|url| of(url, false)));
    on_the_web.or_else(|| held(distribution, said))
}

/// A file that lies within its own source.
fn held(distribution: &Distribution, said: bool) -> Option<TabularFile> {
    let held_at = distribution.held_at.clone()?;
    let fits = match ending_of(&format!("source://within/{held_at}")) {
        Some(ending) if TABULAR.contains(&ending.as_str()) => true,
        Some(ending) if NOT_TABULAR.contains(&ending.as_str()) => false,
        _ => said,
    };
    fits.then(|| TabularFile {
        url: format!("{HELD_SCHEME}{held_at}"),
        host: HELD_HOST.to_owned(),
        described_by: distribution.described_by.clone(),
        held_at: Some(held_at),
    })
}

fn says_tabular(distribution: &Distribution) -> bool {
    let format = distribution.format.as_deref().map(str::to_ascii_lowercase).unwrap_or_default();
    let by_format = format.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| TABULAR.contains(&word));
    let media = distribution.media_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let media = media.split(';').next().unwrap_or_default().trim();
    by_format || TABULAR_MEDIA.contains(&media)
}

/// The ending of the last part of an address's path, in lower case, without a `.gz` behind it; `None` when there is none.
fn ending_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let path = rest.split(['?', '#']).next()?.split_once('/')?.1;
    let last = path.rsplit('/').next()?.to_ascii_lowercase();
    let last = last.strip_suffix(".gz").unwrap_or(&last);
    let (stem, ending) = last.rsplit_once('.')?;
    const LONGEST: usize = 10;
    let plausible = !stem.is_empty() && (1..=LONGEST).contains(&ending.len());
    (plausible && ending.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| ending.to_owned())
}

/// The host and port of a web address; `None` for what is not http or https.
fn host_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(download: &str, access: &str, format: &str, media: &str) -> Distribution {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Distribution {
            download_url: some(download),
            access_url: some(access),
            format: some(format),
            media_type: some(media),
            ..Distribution::default()
        }
    }

    #[test]
    fn a_file_is_tabular_by_its_ending_or_by_what_its_description_says() {
        let cases = [
            ("https://a.test/x.csv", "", "", "", true),
            ("https://a.test/x.CSV?raw=true", "", "", "", true),
            ("https://a.test/x.csv.gz", "", "", "", true),
            ("https://a.test/x.zip", "", "", "", true),
            ("https://a.test/export?id=7", "", "CSV", "", true),
            ("https://a.test/export?id=7", "", "", "text/csv; charset=utf-8", true),
            ("https://a.test/export?id=7", "", "Microsoft Excel", "", true),
            ("https://a.test/export?id=7", "", "PDF", "", false),
            ("https://a.test/x.pdf", "", "CSV", "", false),
            ("https://a.test/x.html", "", "", "text/html", false),
            ("", "https://a.test/Parcometri%20-%20Brescia.csv", "CSV", "", true),
            ("", "https://a.test/page", "CSV", "", false),
            ("https://a.test/page.html", "https://a.test/x.csv", "CSV", "", true),
            ("ftp://a.test/x.csv", "", "CSV", "", false),
            ("x.csv", "", "CSV", "", false),
            ("https://a.test/x.gpkg", "", "GPKG", "", false),
            ("https://a.test/v1.2/data", "", "", "", false),
        ];
        for (download, access, format, media, expected) in cases {
            let found = tabular_file(&distribution(download, access, format, media));
            assert_eq!(found.is_some(), expected, "{download} {access} {format} {media}");
        }
    }

    #[test]
    fn loads_go_by_host_and_port() {
        let host = |url: &str| tabular_file(&distribution(url, "", "", "")).map(|file| file.host);
        assert_eq!(host("https://anna:x@Data.Test:8443/x.csv").as_deref(), Some("data.test:8443"));
        assert_eq!(host("http://127.0.0.1:9/x.csv").as_deref(), Some("127.0.0.1:9"));
        assert_eq!(host("https:///x.csv"), None);
    }
}
