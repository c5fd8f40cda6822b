//! The Open Archives Initiative Protocol for Metadata Harvesting 2.0: pages, formats and requests, for whoever gathers by it.

use url::Url;

use crate::error::ReadError;
use crate::limits::Limits;
use crate::xml::Element;
use crate::xml::page::{self, PageRecord};
use crate::xml::survey::Dialect;
use crate::xml::tree;

/// The error that means that the list is empty (section 3.6).
const NONE_MATCH: &str = "noRecordsMatch";
/// The error that means that the list must be begun again.
const BAD_TOKEN: &str = "badResumptionToken";

/// One answer to `ListRecords`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its records, deleted ones too.
    pub records: Vec<PageRecord>,
    /// By which the next page is asked for; `None` at the end of the list.
    pub token: Option<String>,
    /// `completeListSize`.
    pub complete_list_size: Option<u64>,
    /// `responseDate`: from when the next harvest has to ask.
    pub response_date: Option<String>,
    /// Some bytes were not in the encoding that the answer claims.
    pub damaged: bool,
}

/// What a repository answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A page; an empty one for `noRecordsMatch`.
    Page(Page),
    /// `badResumptionToken`: the list must be begun again.
    BadToken,
}

/// Reads an answer to `ListRecords`.
///
/// # Errors
/// `ServiceRefused` for any other error of the protocol, and what else makes a document unreadable.
pub fn answer(bytes: &[u8], limits: &Limits) -> Result<Answer, ReadError> {
    let answer = page::read(bytes, limits)?;
    let refused = answer.survey.refusal.as_ref().map(|it| it.code.clone()).unwrap_or_default();
    if refused == BAD_TOKEN {
        return Ok(Answer::BadToken);
    }
    if refused != NONE_MATCH {
        page::read_list(bytes, limits, &[Dialect::OaiPmh])?;
    }
    let token = answer.survey.token.clone().unwrap_or_default();
    Ok(Answer::Page(Page {
        records: answer.records,
        complete_list_size: token.complete_list_size,
        token: Some(token.text).filter(|it| !it.is_empty()),
        response_date: answer.survey.response_date,
        damaged: answer.damaged,
    }))
}

/// Writes records as an answer of their own.
#[must_use]
pub fn write_page<'a>(records: impl IntoIterator<Item = &'a PageRecord>) -> Vec<u8> {
    let mut text = "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\n<ListRecords>\n".to_owned();
    for record in records {
        text.push_str(&record.xml);
        text.push('\n');
    }
    text.push_str("</ListRecords>\n</OAI-PMH>\n");
    text.into_bytes()
}

/// An element of `ListMetadataFormats`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataFormat {
    /// `metadataPrefix`.
    pub prefix: String,
    /// `metadataNamespace`.
    pub namespace: String,
}

/// Reads an answer to `ListMetadataFormats`.
///
/// # Errors
/// `ServiceRefused` for an error of the protocol, `NotACatalogue` for anything else.
pub fn formats(bytes: &[u8], limits: &Limits) -> Result<Vec<MetadataFormat>, ReadError> {
    let answer = page::read(bytes, limits)?;
    if answer.survey.dialect != Some(Dialect::OaiPmh) || answer.survey.refusal.is_some() {
        page::read_list(bytes, limits, &[])?;
    }
    let text = crate::encoding::lossy(bytes);
    let tree = tree::parse(&text, limits.depth())
        .map_err(|fault| ReadError::NotACatalogue { why: format!("an answer that cannot be read: {fault:?}") })?;
    let read = |it: &Element| MetadataFormat {
        prefix: it.text_at("metadataPrefix").unwrap_or_default(),
        namespace: it.text_at("metadataNamespace").unwrap_or_default(),
    };
    Ok(tree.root.all("ListMetadataFormats/metadataFormat").into_iter().map(read).collect())
}

/// The format to ask for: DCAT, ISO 19139 or 19115-3, FGDC, else Dublin Core, which every repository has.
#[must_use]
pub fn preferred(formats: &[MetadataFormat]) -> &str {
    let ranks = formats.iter().filter_map(|it| Some((rank(it)?, it)));
    ranks.min_by_key(|(rank, _)| *rank).map_or("oai_dc", |(_, it)| it.prefix.as_str())
}

fn rank(format: &MetadataFormat) -> Option<u8> {
    let prefix = format.prefix.to_ascii_lowercase();
    let space = format.namespace.trim_end_matches('/');
    if prefix.contains("dcat") || space.contains("/ns/dcat") {
        Some(0)
    } else if space == "http://www.isotc211.org/2005/gmd" || prefix.starts_with("iso19139") {
        Some(1)
    } else if space.contains("/19115/-3/mdb")
        || prefix.starts_with("iso19115")
        || space.contains("isotc211.org/2005/gmi")
    {
        Some(2)
    } else if prefix.contains("fgdc") || prefix.contains("csdgm") {
        Some(3)
    } else if prefix == "oai_dc" {
        Some(4)
    } else {
        None
    }
}

/// What is asked for first; later pages are asked for by token alone (section 3.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `metadataPrefix`.
    pub prefix: String,
    /// `set`.
    pub set: Option<String>,
    /// `from`, in the repository's granularity.
    pub from: Option<String>,
    /// `until`.
    pub until: Option<String>,
}

/// Arguments of the protocol; whatever else an address asks for stays.
const ARGUMENTS: [&str; 7] = ["verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"];

impl Request {
    /// What an address asks for already.
    #[must_use]
    pub fn of_address(url: &Url) -> Self {
        let own = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Self {
            prefix: own("metadataPrefix").unwrap_or_default(),
            set: own("set"),
            from: own("from"),
            until: own("until"),
        }
    }

    /// The address of the first page.
    #[must_use]
    pub fn first(&self, base: &Url) -> Url {
        let mut pairs = vec![("verb", "ListRecords"), ("metadataPrefix", self.prefix.as_str())];
        let more = [("set", &self.set), ("from", &self.from), ("until", &self.until)];
        pairs.extend(more.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
        with_arguments(base, &pairs)
    }
}

/// The address of a further page.
#[must_use]
pub fn next(base: &Url, token: &str) -> Url {
    with_arguments(base, &[("verb", "ListRecords"), ("resumptionToken", token)])
}

/// The address of the list of formats.
#[must_use]
pub fn formats_url(base: &Url) -> Url {
    with_arguments(base, &[("verb", "ListMetadataFormats")])
}

fn with_arguments(base: &Url, pairs: &[(&str, &str)]) -> Url {
    let kept: Vec<(String, String)> = base
        .query_pairs()
        .filter(|(name, _)| !ARGUMENTS.contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut url = base.clone();
    url.set_fragment(None);
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(pairs);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_richest_format_is_asked_for() {
        let format = |prefix: &str, namespace: &str| MetadataFormat {
            prefix: prefix.to_owned(),
            namespace: namespace.to_owned(),
        };
        let dc = format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/");
        let iso = format("gmd", "http://www.isotc211.org/2005/gmd");
        let dcat = format("dcat_ap", "http://data.europa.eu/r5r/");
        for (formats, best) in [
            (vec![dc.clone(), iso.clone(), dcat.clone()], "dcat_ap"),
            (vec![dc.clone(), iso.clone()], "gmd"),
            (vec![format("mods", "http://www.loc.gov/mods/v3"), dc.clone()], "oai_dc"),
            (vec![], "oai_dc"),
        ] {
            assert_eq!(preferred(&formats), best);
        }
        let text = "<OAI-PMH><ListMetadataFormats><metadataFormat><metadataPrefix>gmd</metadataPrefix><metadataNamespace>http://www.isotc211.org/2005/gmd</metadataNamespace></metadataFormat></ListMetadataFormats></OAI-PMH>";
        assert_eq!(formats(text.as_bytes(), &Limits::default()).expect("readable"), [iso]);
    }

    #[test]
    fn a_token_is_asked_with_alone() {
        let base = Url::parse("https://a.example/oai?key=1&verb=Identify&set=maps").expect("url");
        let request = Request { prefix: "oai_dc".to_owned(), ..Request::of_address(&base) };
        assert_eq!(request.first(&base).query(), Some("key=1&verb=ListRecords&metadataPrefix=oai_dc&set=maps"));
        assert_eq!(next(&base, "a b").query(), Some("key=1&verb=ListRecords&resumptionToken=a+b"));
    }

    #[test]
    fn answers_are_pages_ends_and_refusals() {
        let read = |inner: &str| {
            answer(
                format!("<OAI-PMH><responseDate>2020-01-01T00:00:00Z</responseDate>{inner}</OAI-PMH>").as_bytes(),
                &Limits::default(),
            )
        };
        let text = "<ListRecords><record><header status=\"deleted\"><identifier>a</identifier></header></record><record><header><identifier>b</identifier></header><metadata/></record><resumptionToken completeListSize=\"9\">t1</resumptionToken></ListRecords>";
        let Ok(Answer::Page(page)) = read(text) else { unreachable!("a page") };
        let records: Vec<(Option<&str>, bool)> =
            page.records.iter().map(|it| (it.identifier.as_deref(), it.deleted)).collect();
        assert_eq!(records, [(Some("a"), true), (Some("b"), false)]);
        assert_eq!(
            (page.token.as_deref(), page.complete_list_size, page.response_date.as_deref()),
            (Some("t1"), Some(9), Some("2020-01-01T00:00:00Z"))
        );
        assert_eq!(read("<error code=\"badResumptionToken\">x</error>").expect("known"), Answer::BadToken);
        assert!(matches!(read("<error code=\"noRecordsMatch\"/>"), Ok(Answer::Page(page)) if page.records.is_empty()));
        assert!(matches!(read("<error code=\"badArgument\">x</error>"), Err(ReadError::ServiceRefused { .. })));
        assert!(matches!(read("<Identify/>"), Err(ReadError::NotACatalogue { .. })));
        assert!(
            matches!(read("<ListRecords><resumptionToken/></ListRecords>"), Ok(Answer::Page(page)) if page.token.is_none())
        );
    }
}
