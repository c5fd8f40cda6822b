//! OGC Catalogue Services for the Web 2.0.2 (OGC 07-006r1): requests, pages and capabilities, for whoever gathers from one.

use url::Url;

use crate::error::ReadError;
use crate::limits::Limits;
use crate::xml::Element;
use crate::xml::page::{self, PageRecord};
use crate::xml::survey::Dialect;
use crate::xml::tree;

/// The schema of ISO 19139 records.
pub const ISO_19139: &str = "http://www.isotc211.org/2005/gmd";
/// The schema of `csw:Record`, which every service has.
pub const DUBLIN_CORE: &str = "http://www.opengis.net/cat/csw/2.0.2";
/// Schemas that we read, best first. ISO 19139 comes before 19115-3: where a service offers both it has made one from the other,
/// and more services get the older one right.
const PREFERRED: [&str; 7] = [
    ISO_19139,
    "http://standards.iso.org/iso/19115/-3/mdb/2.0",
    "http://standards.iso.org/iso/19115/-3/mdb/1.0",
    "http://www.isotc211.org/2005/gmi",
    "http://www.opengis.net/cat/csw/csdgm",
    "http://www.fgdc.gov",
    DUBLIN_CORE,
];

/// One answer to `GetRecords`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its records.
    pub records: Vec<PageRecord>,
    /// `numberOfRecordsMatched`.
    pub matched: Option<u64>,
    /// `numberOfRecordsReturned`, which need not be how many there are.
    pub returned: Option<u64>,
    /// `nextRecord`; 0 means the end, though some services always say so.
    pub next: Option<u64>,
    /// Some bytes were not in the encoding that the answer claims.
    pub damaged: bool,
}

/// Reads an answer to `GetRecords`.
///
/// # Errors
/// `ServiceRefused` for an exception report, and what else makes a document unreadable.
pub fn page(bytes: &[u8], limits: &Limits) -> Result<Page, ReadError> {
    let answer = page::read_list(bytes, limits, &[Dialect::Csw, Dialect::Atom])?;
    let survey = answer.survey;
    Ok(Page {
        records: answer.records,
        matched: survey.matched,
        returned: survey.returned,
        next: survey.next,
        damaged: answer.damaged,
    })
}

/// Writes records as an answer of their own.
#[must_use]
pub fn write_page<'a>(records: impl IntoIterator<Item = &'a PageRecord>, matched: u64) -> Vec<u8> {
    let mut text = format!(
        "<csw:GetRecordsResponse xmlns:csw=\"{DUBLIN_CORE}\" version=\"2.0.2\">\n<csw:SearchResults numberOfRecordsMatched=\"{matched}\">\n"
    );
    for record in records {
        text.push_str(&record.xml);
        text.push('\n');
    }
    text.push_str("</csw:SearchResults>\n</csw:GetRecordsResponse>\n");
    text.into_bytes()
}

/// What a service says that it can do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Its version, such as `2.0.2`.
    pub version: Option<String>,
    /// Where `GetRecords` is asked by GET.
    pub get: Option<String>,
    /// Where `GetRecords` is asked by POST.
    pub post: Option<String>,
    /// The best of the schemas that it offers; Dublin Core when it offers none that is better.
    pub schema: Option<&'static str>,
    /// The type of records to ask for.
    pub type_name: Option<String>,
    /// How many records it gives at most (`MaxRecordDefault`).
    pub most: Option<u64>,
    /// The property by which it can be asked for what changed, where it says that it knows one and how to compare.
    pub changed_by: Option<String>,
}

/// Reads an answer to `GetCapabilities`.
///
/// # Errors
/// `ServiceRefused` for an exception report, `NotACatalogue` for the capabilities of another kind of service.
pub fn capabilities(bytes: &[u8], limits: &Limits) -> Result<Capabilities, ReadError> {
    let answer = page::read(bytes, limits)?;
    if answer.survey.dialect != Some(Dialect::Capabilities) {
        page::read_list(bytes, limits, &[])?;
    }
    let text = crate::encoding::lossy(bytes);
    let tree = tree::parse(&text, limits.depth())
        .map_err(|fault| ReadError::NotACatalogue { why: format!("capabilities that cannot be read: {fault:?}") })?;
    let operations = tree.root.all("OperationsMetadata/Operation");
    let named = |name: &str| operations.iter().copied().find(|it| it.attribute("name") == Some(name));
    let Some(records) = named("GetRecords") else {
        return Err(ReadError::NotACatalogue { why: "this service has no GetRecords".to_owned() });
    };
    let values = |name: &str| parameter(records, name).or_else(|| parameter(&tree.root, name)).unwrap_or_default();
    let schemas = values("outputSchema");
    let types = values("typeNames");
    let most = tree.root.all("OperationsMetadata/Constraint").into_iter();
    let most =
        most.filter(|it| it.attribute("name") == Some("MaxRecordDefault")).find_map(|it| it.all_text().parse().ok());
    Ok(Capabilities {
        version: tree.root.attribute("version").map(str::to_owned),
        get: endpoint(records, "Get"),
        post: endpoint(records, "Post"),
        schema: PREFERRED.into_iter().find(|wanted| schemas.iter().any(|it| it.trim_end_matches('/') == *wanted)),
        type_name: ["csw:Record", "gmd:MD_Metadata", "mdb:MD_Metadata"]
            .into_iter()
            .find(|it| types.iter().any(|own| own == it))
            .map(str::to_owned),
        most,
        changed_by: changed_by(&tree.root),
    })
}

/// The queryable that holds the date of a record's last change, when the service compares dates: ISO's before Dublin Core's.
fn changed_by(root: &Element) -> Option<String> {
    let compares = |text: &str| {
        let plain: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        plain.starts_with("greaterthan") && plain.contains("equal")
    };
    let listed = || root.descendants("ComparisonOperator").into_iter().filter_map(Element::text);
    // Filter 1.0.0 names comparisons all together.
    if !listed().any(|it| compares(&it)) && root.descendants("Simple_Comparisons").is_empty() {
        return None;
    }
    let queryables = |is_iso: bool| {
        let lists = root.descendants("Constraint").into_iter().filter(move |it| {
            let name = it.attribute("name").unwrap_or_default().to_ascii_lowercase();
            name.contains("queryables") && name.contains("iso") == is_iso
        });
        lists.flat_map(|it| it.descendants("Value")).filter_map(Element::text)
    };
    let named = |text: &String| {
        let local = text.rsplit(':').next().unwrap_or_default();
        local.eq_ignore_ascii_case("modified") && text.chars().all(|c| c.is_ascii_alphanumeric() || ":._-".contains(c))
    };
    let iso = queryables(true).find(named);
    let iso = iso.map(|name| if name.contains(':') { name } else { format!("apiso:{name}") });
    iso.or_else(|| queryables(false).find(named))
}

fn parameter(element: &Element, name: &str) -> Option<Vec<String>> {
    let found = element
        .descendants("Parameter")
        .into_iter()
        .find(|it| it.attribute("name").is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
    Some(found.descendants("Value").into_iter().filter_map(Element::text).collect())
}

/// Of several addresses of a method that for plain XML: some services list SOAP beside it.
fn endpoint(operation: &Element, method: &str) -> Option<String> {
    let all = operation.all("DCP/HTTP/*");
    let mut own: Vec<&Element> = all.into_iter().filter(|it| it.name == method).collect();
    own.sort_by_key(|it| it.descendants("Value").into_iter().any(|value| value.text().as_deref() == Some("SOAP")));
    own.first().and_then(|it| it.attribute("href")).map(str::to_owned)
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `outputSchema`.
    pub schema: String,
    /// `typeNames`.
    pub type_name: String,
    /// `startPosition`, from 1.
    pub start: u64,
    /// `maxRecords`.
    pub records: u64,
    /// Only what changed; everything without it.
    pub changed: Option<Changed>,
}

/// A filter on the date of the last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The property, as [`Capabilities::changed_by`] has it.
    pub property: String,
    /// The first day, `YYYY-MM-DD`.
    pub since: String,
}

impl Changed {
    /// As OGC Filter Encoding 1.1, with the prefixes that properties are named by.
    fn filter(&self) -> String {
        let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
        format!(
            "<ogc:Filter xmlns:ogc=\"http://www.opengis.net/ogc\" xmlns:apiso=\"http://www.opengis.net/cat/csw/apiso/1.0\" \
             xmlns:dct=\"http://purl.org/dc/terms/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
             <ogc:PropertyIsGreaterThanOrEqualTo><ogc:PropertyName>{}</ogc:PropertyName><ogc:Literal>{}</ogc:Literal>\
             </ogc:PropertyIsGreaterThanOrEqualTo></ogc:Filter>",
            escape(&self.property),
            escape(&self.since)
        )
    }
}

impl Request {
    /// The address for asking by GET; what the address asks for besides paging and schema stays.
    #[must_use]
    pub fn get(&self, endpoint: &Url) -> Url {
        const OURS: [&str; 10] = [
            "service",
            "version",
            "request",
            "typenames",
            "resulttype",
            "elementsetname",
            "outputschema",
            "startposition",
            "maxrecords",
            "outputformat",
        ];
        let kept: Vec<(String, String)> = endpoint
            .query_pairs()
            .filter(|(name, _)| !OURS.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut url = endpoint.clone();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(kept)
            .append_pair("service", "CSW")
            .append_pair("version", "2.0.2")
            .append_pair("request", "GetRecords")
            .append_pair("typeNames", &self.type_name)
            .append_pair("resultType", "results")
            .append_pair("elementSetName", "full")
            .append_pair("outputSchema", &self.schema)
            .append_pair("startPosition", &self.start.to_string())
            .append_pair("maxRecords", &self.records.to_string());
        if let Some(changed) = &self.changed {
            url.query_pairs_mut()
                .append_pair("constraintLanguage", "FILTER")
                .append_pair("constraint_language_version", "1.1.0")
                .append_pair("constraint", &changed.filter());
        }
        url
    }

    /// The body for asking by POST.
    #[must_use]
    pub fn post(&self) -> String {
        let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
        let (schema, type_name) = (escape(&self.schema), escape(&self.type_name));
        let constraint = self.changed.as_ref().map_or_else(String::new, |changed| {
            format!("<csw:Constraint version=\"1.1.0\">{}</csw:Constraint>", changed.filter())
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <csw:GetRecords xmlns:csw=\"{DUBLIN_CORE}\" xmlns:gmd=\"{ISO_19139}\" service=\"CSW\" version=\"2.0.2\" \
             resultType=\"results\" outputFormat=\"application/xml\" outputSchema=\"{schema}\" startPosition=\"{}\" \
             maxRecords=\"{}\"><csw:Query typeNames=\"{type_name}\"><csw:ElementSetName>full</csw:ElementSetName>\
             {constraint}</csw:Query></csw:GetRecords>\n",
            self.start, self.records
        )
    }
}

/// The address by which a service is asked for its capabilities.
#[must_use]
pub fn capabilities_url(endpoint: &Url) -> Url {
    let request = Request { schema: String::new(), type_name: String::new(), start: 1, records: 1, changed: None };
    let mut url = request.get(endpoint);
    let asked = ["service", "version"];
    let own = ["request", "typenames", "resulttype", "elementsetname", "outputschema", "startposition", "maxrecords"];
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()) && !asked.contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("service", "CSW")
        .append_pair("version", "2.0.2")
        .append_pair("request", "GetCapabilities");
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPABILITIES: &str = r#"<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink" version="2.0.2">
        <ows:OperationsMetadata><ows:Operation name="GetCapabilities"/><ows:Operation name="GetRecords"><ows:DCP><ows:HTTP>
        <ows:Get xlink:href="https://a.example/csw?"/><ows:Post xlink:href="https://a.example/soap"><ows:Constraint name="PostEncoding"><ows:Value>SOAP</ows:Value></ows:Constraint></ows:Post><ows:Post xlink:href="https://a.example/csw"/>
        </ows:HTTP></ows:DCP><ows:Parameter name="outputSchema"><ows:Value>http://www.opengis.net/cat/csw/2.0.2</ows:Value><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value></ows:Parameter>
        <ows:Parameter name="typeNames"><ows:Value>gmd:MD_Metadata</ows:Value></ows:Parameter></ows:Operation>
        <ows:Constraint name="MaxRecordDefault"><ows:Value>10</ows:Value></ows:Constraint></ows:OperationsMetadata></csw:Capabilities>"#;

    #[test]
    fn capabilities_say_where_and_what_to_ask() {
        let found = capabilities(CAPABILITIES.as_bytes(), &Limits::default()).expect("readable");
        let url = |text: &str| Some(text.to_owned());
        assert_eq!((found.get, found.post), (url("https://a.example/csw?"), url("https://a.example/csw")));
        assert_eq!(
            (found.schema, found.type_name.as_deref(), found.most),
            (Some(ISO_19139), Some("gmd:MD_Metadata"), Some(10))
        );
        for (text, says) in [
            ("<Capabilities/>", "no GetRecords"),
            ("<html/>", "web page"),
            ("<ExceptionReport><Exception exceptionCode=\"X\"/></ExceptionReport>", "X"),
        ] {
            let error = capabilities(text.as_bytes(), &Limits::default()).expect_err(text).to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_request_keeps_what_the_address_asks_for() {
        let endpoint = Url::parse("https://a.example/csw?map=x&SERVICE=CSW&startPosition=7&constraint=y").expect("url");
        let request = Request {
            schema: ISO_19139.to_owned(),
            type_name: "csw:Record".to_owned(),
            start: 101,
            records: 50,
            changed: None,
        };
        let url = request.get(&endpoint);
        let query = url.query().unwrap_or_default();
        assert!(
            query.starts_with("map=x&constraint=y&service=CSW") && query.ends_with("startPosition=101&maxRecords=50"),
            "{query}"
        );
        let tree = tree::parse(&request.post(), 10).expect("well-formed");
        assert_eq!(
            (tree.root.attribute("startPosition"), tree.root.attribute("maxRecords")),
            (Some("101"), Some("50"))
        );
        let asked = capabilities_url(&endpoint);
        assert_eq!(asked.query(), Some("map=x&constraint=y&service=CSW&version=2.0.2&request=GetCapabilities"));
    }

    #[test]
    fn a_service_that_compares_dates_of_change_is_asked_by_them() {
        let capabilities_with = |queryables: &str, operators: &str| {
            format!(
                "<csw:Capabilities xmlns:csw=\"c\" xmlns:ows=\"o\" xmlns:ogc=\"f\"><ows:OperationsMetadata><ows:Operation name=\"GetRecords\">\
                 {queryables}</ows:Operation></ows:OperationsMetadata><ogc:Filter_Capabilities><ogc:Scalar_Capabilities>\
                 <ogc:ComparisonOperators>{operators}</ogc:ComparisonOperators></ogc:Scalar_Capabilities></ogc:Filter_Capabilities></csw:Capabilities>"
            )
        };
        let list = |name: &str, values: &[&str]| {
            let values: String = values.iter().map(|it| format!("<ows:Value>{it}</ows:Value>")).collect();
            format!("<ows:Constraint name=\"{name}\">{values}</ows:Constraint>")
        };
        let iso = list("SupportedISOQueryables", &["apiso:Title", "apiso:Modified"]);
        let bare = list("SupportedISOQueryables", &["Title", "Modified"]);
        let dublin = list("SupportedDublinCoreQueryables", &["csw:AnyText", "dct:modified"]);
        let between = "<ogc:ComparisonOperator>GreaterThanEqualTo</ogc:ComparisonOperator>";
        for (queryables, operators, found) in [
            (format!("{dublin}{iso}"), between, Some("apiso:Modified")),
            (bare, between, Some("apiso:Modified")),
            (dublin.clone(), "<ogc:Simple_Comparisons/>", Some("dct:modified")),
            (dublin, "<ogc:ComparisonOperator>EqualTo</ogc:ComparisonOperator>", None),
            (list("SupportedISOQueryables", &["apiso:Title", "a b:modified"]), between, None),
            (String::new(), between, None),
        ] {
            let text = capabilities_with(&queryables, operators);
            let read = capabilities(text.as_bytes(), &Limits::default()).expect("readable");
            assert_eq!(read.changed_by.as_deref(), found, "{text}");
        }
        let changed = Changed { property: "apiso:Modified".to_owned(), since: "2026-03-01".to_owned() };
        let request = Request {
            schema: ISO_19139.to_owned(),
            type_name: "gmd:MD_Metadata".to_owned(),
            start: 1,
            records: 50,
            changed: Some(changed),
        };
        let tree = tree::parse(&request.post(), 20).expect("well-formed");
        let place = "Query/Constraint/Filter/PropertyIsGreaterThanOrEqualTo";
        assert_eq!(tree.root.text_at(&format!("{place}/PropertyName")).as_deref(), Some("apiso:Modified"));
        assert_eq!(tree.root.text_at(&format!("{place}/Literal")).as_deref(), Some("2026-03-01"));
        let url = request.get(&Url::parse("https://a.example/csw").expect("url"));
        let asked: std::collections::HashMap<_, _> = url.query_pairs().collect();
        assert_eq!(asked.get("constraintLanguage").map(AsRef::as_ref), Some("FILTER"));
        assert!(tree::parse(asked.get("constraint").expect("a filter"), 20).is_ok());
    }

    #[test]
    fn a_page_that_is_written_reads_as_it_was() {
        let text = format!(
            "<r:GetRecordsResponse xmlns:r=\"{DUBLIN_CORE}\" xmlns:g=\"{ISO_19139}\"><r:SearchResults numberOfRecordsMatched=\"9\" numberOfRecordsReturned=\"2\" nextRecord=\"3\">\
             <g:MD_Metadata><g:fileIdentifier><s>a</s></g:fileIdentifier></g:MD_Metadata><g:MD_Metadata/></r:SearchResults></r:GetRecordsResponse>"
        );
        let first = page(text.as_bytes(), &Limits::default()).expect("readable");
        let names: Vec<Option<&str>> = first.records.iter().map(|it| it.identifier.as_deref()).collect();
        assert_eq!(
            (names, first.matched, first.returned, first.next),
            (vec![Some("a"), None], Some(9), Some(2), Some(3))
        );
        let again = page(&write_page(&first.records, 9), &Limits::default()).expect("readable");
        assert_eq!((again.records, again.matched), (first.records, Some(9)));
    }
}
