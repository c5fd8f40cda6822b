//! What each verb answers.

use std::fmt::Write as _;

use fairground_catalog::dataset::{self, Among, Dataset, Direction, Place, Window};
use fairground_catalog::{CatalogError, Secret, Tx, publisher};
use fairground_domain::{DatasetId, Timestamp};
use url::Url;

use super::ROOT;
use super::error::{OaiError, Refused};
use super::record::{self, Format, datestamp};
use super::request::{Request, Verb, short};
use super::token::{RecordsToken, SetsToken, open, seal};
use crate::settings::ApiSettings;
use crate::xml::escaped;

/// Records on a page, headers on a page, sets on a page.
const RECORDS: i64 = 100;
const HEADERS: i64 = 1_000;
const SETS: i64 = 500;
/// The host in identifiers when the portal's address has none.
const NO_HOST: &str = "localhost";

/// The server as one request sees it.
pub(super) struct Server<'a> {
    pub(super) settings: &'a ApiSettings,
    pub(super) secret: &'a Secret,
    pub(super) now: Timestamp,
}

impl Server<'_> {
    pub(super) fn serve(&self, tx: &mut Tx<'_>, request: &Request) -> Result<String, Refused> {
        match request.verb {
            Verb::Identify => self.identify(tx),
            Verb::ListMetadataFormats => self.list_formats(tx, request),
            Verb::ListSets => self.list_sets(tx, request),
            Verb::ListIdentifiers | Verb::ListRecords => self.list(tx, request),
            Verb::GetRecord => self.get(tx, request),
        }
    }

    fn host(&self) -> String {
        let url = Url::parse(&self.settings.public_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| NO_HOST.to_owned())
    }

    fn identify(&self, tx: &mut Tx<'_>) -> Result<String, Refused> {
        let earliest = dataset::earliest_change(tx)?.unwrap_or(Timestamp::from_micros(0));
        let host = self.host();
        let contact = self.settings.contact_email.clone().unwrap_or_else(|| format!("portal@{host}"));
        let mut text = format!(
            "<repositoryName>{}</repositoryName>\n<baseURL>{}</baseURL>\n<protocolVersion>2.0</protocolVersion>\n\
             <adminEmail>{}</adminEmail>\n<earliestDatestamp>{}</earliestDatestamp>\n\
             <deletedRecord>persistent</deletedRecord>\n<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>\n\
             <compression>gzip</compression>\n",
            escaped(&self.settings.title),
            escaped(&format!("{}{ROOT}", self.settings.public_url)),
            escaped(&contact),
            datestamp(earliest),
        );
        // The scheme for identifiers is for names of domains alone.
        if host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let _ = writeln!(
                text,
                "<description><oai-identifier xmlns=\"http://www.openarchives.org/OAI/2.0/oai-identifier\" \
                 xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/oai-identifier \
                 http://www.openarchives.org/OAI/2.0/oai-identifier.xsd\"><scheme>oai</scheme>\
                 <repositoryIdentifier>{host}</repositoryIdentifier><delimiter>:</delimiter>\
                 <sampleIdentifier>oai:{host}:{}</sampleIdentifier></oai-identifier></description>",
                DatasetId::default()
            );
        }
        Ok(text)
    }

    fn list_formats(&self, tx: &mut Tx<'_>, request: &Request) -> Result<String, Refused> {
        if let Some(identifier) = request.get("identifier") {
            self.item(tx, identifier)?;
        }
        let mut text = String::new();
        for format in Format::ALL {
            let _ = writeln!(
                text,
                "<metadataFormat><metadataPrefix>{}</metadataPrefix><schema>{}</schema>\
                 <metadataNamespace>{}</metadataNamespace></metadataFormat>",
                format.prefix(),
                format.schema(),
                format.namespace()
            );
        }
        Ok(text)
    }

    /// Publishers first, then themes, each by slug.
    fn list_sets(&self, tx: &mut Tx<'_>, request: &Request) -> Result<String, Refused> {
        let token = match request.get("resumptionToken") {
            Some(token) => open::<SetsToken>(self.secret, token)?,
            None => SetsToken { themes: false, after: String::new(), sets: 0 },
        };
        let mut sets: Vec<(String, String)> = Vec::new();
        let mut next = None;
        if !token.themes {
            let names = publisher::list_names(tx, &token.after, SETS)?;
            let full = is_full(&names, SETS);
            next = names.last().filter(|_| full).map(|(_, slug, _)| (false, slug.clone()));
            sets.extend(names.into_iter().map(|(_, slug, name)| (format!("publisher.{slug}"), name)));
        }
        let left = SETS - i64::try_from(sets.len()).unwrap_or(SETS);
        if next.is_none() && left == 0 {
            next = Some((true, String::new()));
        } else if next.is_none() {
            let after = if token.themes { token.after.as_str() } else { "" };
            let themes = dataset::list_themes(tx, after, left)?;
            next = themes.last().filter(|_| is_full(&themes, left)).map(|theme| (true, theme.slug.clone()));
            sets.extend(themes.into_iter().map(|theme| (format!("theme.{}", theme.slug), theme.name)));
        }
        let mut text = String::new();
        for (spec, name) in &sets {
            let _ =
                writeln!(text, "<set><setSpec>{}</setSpec><setName>{}</setName></set>", escaped(spec), escaped(name));
        }
        let told = token.sets + u64::try_from(sets.len()).unwrap_or(0);
        match next {
            Some((themes, after)) => {
                let sealed = seal(self.secret, &SetsToken { themes, after, sets: told });
                let _ = writeln!(text, "<resumptionToken cursor=\"{}\">{sealed}</resumptionToken>", token.sets);
            }
            None if token.sets > 0 => {
                let _ = writeln!(text, "<resumptionToken cursor=\"{}\"/>", token.sets);
            }
            None => {}
        }
        // A portal without any publisher or theme still has sets; there is only nobody in them yet.
        if sets.is_empty() {
            text.push_str("<set><setSpec>publisher</setSpec><setName>Publishers</setName></set>\n");
        }
        Ok(text)
    }

    fn list(&self, tx: &mut Tx<'_>, request: &Request) -> Result<String, Refused> {
        let (token, after) = match request.get("resumptionToken") {
            Some(sealed) => self.resume(request, sealed)?,
            None => (self.begin(request)?, None),
        };
        let format =
            Format::parse(&token.prefix).ok_or_else(|| OaiError::CannotDisseminateFormat(short(&token.prefix)))?;
        let among = match &token.set {
            Some(set) => among(tx, set)?,
            None => Among::All,
        };
        let window =
            Window { from: token.from.map(Timestamp::from_micros), before: Some(Timestamp::from_micros(token.before)) };
        let limit = if request.verb == Verb::ListRecords { RECORDS } else { HEADERS };
        // One more than the page, to know whether there is another.
        let mut found = dataset::list_by_change(tx, &among, window, Direction::OldestFirst, after, limit + 1)?;
        let more = i64::try_from(found.len()).unwrap_or(0) > limit;
        found.truncate(usize::try_from(limit).unwrap_or(0));
        if found.is_empty() {
            return Err(OaiError::NoRecordsMatch.into());
        }
        let host = self.host();
        let mut text = String::new();
        for dataset in &found {
            match request.verb {
                Verb::ListRecords => text.push_str(&record::record(&host, self.settings, dataset, format)),
                _ => {
                    text.push_str(&record::header(&host, dataset));
                    text.push('\n');
                }
            }
        }
        match found.last().filter(|_| more).map(Dataset::place) {
            Some(Place { at, id }) => {
                let told = token.cursor + u64::try_from(found.len()).unwrap_or(0);
                let next = RecordsToken { at: at.as_micros(), id: id.to_string(), cursor: told, ..token.clone() };
                let sealed = seal(self.secret, &next);
                let _ = writeln!(text, "<resumptionToken cursor=\"{}\">{sealed}</resumptionToken>", token.cursor);
            }
            None if after.is_some() => {
                let _ = writeln!(text, "<resumptionToken cursor=\"{}\"/>", token.cursor);
            }
            None => {}
        }
        Ok(text)
    }

    fn begin(&self, request: &Request) -> Result<RecordsToken, OaiError> {
        let (from, before) = request.window()?;
        let prefix = request.get("metadataPrefix").unwrap_or_default();
        if Format::parse(prefix).is_none() {
            return Err(OaiError::CannotDisseminateFormat(short(prefix)));
        }
        // What changes while the list is read is for the next one; so every list comes to an end.
        let now = self.now.as_micros().saturating_add(1);
        Ok(RecordsToken {
            verb: request.verb.as_str().to_owned(),
            prefix: prefix.to_owned(),
            set: request.get("set").map(str::to_owned),
            from: from.map(Timestamp::as_micros),
            before: before.map_or(now, |before| before.as_micros().min(now)),
            at: 0,
            id: String::new(),
            cursor: 0,
        })
    }

    fn resume(&self, request: &Request, sealed: &str) -> Result<(RecordsToken, Option<Place>), OaiError> {
        let token: RecordsToken = open(self.secret, sealed)?;
        let other = OaiError::BadResumptionToken("The resumptionToken belongs to another list.");
        let Ok(id) = token.id.parse::<DatasetId>() else { return Err(other) };
        if token.verb != request.verb.as_str() {
            return Err(other);
        }
        let place = Place { at: Timestamp::from_micros(token.at), id };
        Ok((token, Some(place)))
    }

    fn get(&self, tx: &mut Tx<'_>, request: &Request) -> Result<String, Refused> {
        let dataset = self.item(tx, request.get("identifier").unwrap_or_default())?;
        let prefix = request.get("metadataPrefix").unwrap_or_default();
        let format = Format::parse(prefix).ok_or_else(|| OaiError::CannotDisseminateFormat(short(prefix)))?;
        Ok(record::record(&self.host(), self.settings, &dataset, format))
    }

    /// The item of an identifier; withdrawn ones are items too.
    fn item(&self, tx: &mut Tx<'_>, identifier: &str) -> Result<Dataset, Refused> {
        let unknown = || OaiError::IdDoesNotExist(short(identifier));
        let own = format!("oai:{}:", self.host());
        let id = identifier.strip_prefix(&own).and_then(|id| id.parse::<DatasetId>().ok()).ok_or_else(unknown)?;
        match dataset::get_known(tx, &id.to_string()) {
            Ok(dataset) => Ok(dataset),
            Err(CatalogError::NotFound { .. }) => Err(unknown().into()),
            Err(other) => Err(other.into()),
        }
    }
}

fn is_full<T>(page: &[T], limit: i64) -> bool {
    i64::try_from(page.len()).is_ok_and(|count| count >= limit)
}

/// The datasets of a set; a set that there is not has no records (section 4.5 leaves no other answer).
fn among(tx: &mut Tx<'_>, set: &str) -> Result<Among, Refused> {
    if let Some(slug) = set.strip_prefix("publisher.") {
        let publisher = publisher::find(tx, slug)?.filter(|publisher| publisher.slug.as_str() == slug);
        return publisher
            .map(|publisher| Among::Publisher(publisher.id))
            .ok_or_else(|| OaiError::NoRecordsMatch.into());
    }
    match set.strip_prefix("theme.") {
        Some(slug) => Ok(Among::Theme(slug.to_owned())),
        None if set.chars().all(|c| c.is_ascii_alphanumeric() || "-_.!~*'():".contains(c)) && !set.is_empty() => {
            Err(OaiError::NoRecordsMatch.into())
        }
        None => Err(OaiError::BadArgument("set is no setSpec.".to_owned()).into()),
    }
}
