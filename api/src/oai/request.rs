//! The arguments of a request, read strictly as the protocol wants it.

use std::collections::BTreeMap;

use fairground_domain::Timestamp;
use url::form_urlencoded;

use super::error::OaiError;
use crate::hot_path::API_KEY_PARAMETER;

const DAY_SECS: i64 = 86_400;
/// Characters of a caller's text that are told back.
const TOLD_CHARS: usize = 60;

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Identify,
    ListMetadataFormats,
    ListSets,
    ListIdentifiers,
    ListRecords,
    GetRecord,
}

impl Verb {
    const ALL: [Self; 6] = [
        Self::Identify,
        Self::ListMetadataFormats,
        Self::ListSets,
        Self::ListIdentifiers,
        Self::ListRecords,
        Self::GetRecord,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "Identify",
            Self::ListMetadataFormats => "ListMetadataFormats",
            Self::ListSets => "ListSets",
            Self::ListIdentifiers => "ListIdentifiers",
            Self::ListRecords => "ListRecords",
            Self::GetRecord => "GetRecord",
        }
    }

    /// The arguments that it must have, and those that it may have.
    const fn arguments(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Identify => (&[], &[]),
            Self::ListMetadataFormats => (&[], &["identifier"]),
            Self::ListSets => (&[], &["resumptionToken"]),
            Self::ListIdentifiers | Self::ListRecords => {
                (&["metadataPrefix"], &["from", "until", "set", "resumptionToken"])
            }
            Self::GetRecord => (&["identifier", "metadataPrefix"], &[]),
        }
    }
}

/// A request whose arguments are those that its verb takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) verb: Verb,
    arguments: BTreeMap<String, String>,
}

impl Request {
    /// Reads a query or a form.
    pub(super) fn read(text: &str) -> Result<Self, OaiError> {
        let mut arguments: BTreeMap<String, String> = BTreeMap::new();
        let mut repeated = None;
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if name == API_KEY_PARAMETER {
                continue;
            }
            if arguments.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                repeated = Some(name.into_owned());
            }
        }
        if repeated.as_deref() == Some("verb") {
            return Err(OaiError::BadVerb("The verb is repeated.".to_owned()));
        }
        let Some(verb) = arguments.remove("verb") else {
            return Err(OaiError::BadVerb("The verb is missing.".to_owned()));
        };
        let Some(verb) = Verb::ALL.into_iter().find(|known| known.as_str() == verb) else {
            return Err(OaiError::BadVerb(format!("{} is no verb.", short(&verb))));
        };
        if let Some(name) = repeated {
            return Err(OaiError::BadArgument(format!("{} is repeated.", short(&name))));
        }
        let request = Self { verb, arguments };
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), OaiError> {
        let (needed, possible) = self.verb.arguments();
        let verb = self.verb.as_str();
        if let Some(name) = self.arguments.keys().find(|name| !needed.iter().chain(possible).any(|known| known == name))
        {
            return Err(OaiError::BadArgument(format!("{verb} takes no argument {}.", short(name))));
        }
        if self.arguments.contains_key("resumptionToken") {
            return match self.arguments.len() {
                1 => Ok(()),
                _ => Err(OaiError::BadArgument("resumptionToken stands alone.".to_owned())),
            };
        }
        match needed.iter().find(|name| !self.arguments.contains_key(**name)) {
            Some(name) => Err(OaiError::BadArgument(format!("{verb} needs the argument {name}."))),
            None => Ok(()),
        }
    }

    /// An argument.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).map(String::as_str)
    }

    /// Every argument, for the answer to tell back.
    pub(super) fn arguments(&self) -> impl Iterator<Item = (&str, &str)> {
        self.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `from` and `until`: from the first moment on, and before the second. Both are to the day or both to the second.
    pub(super) fn window(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), OaiError> {
        let read = |name: &str| {
            let Some(text) = self.get(name) else { return Ok(None) };
            match utc_datetime(text) {
                Some(moment) => Ok(Some((moment, text.len()))),
                None => Err(OaiError::BadArgument(format!("{name} must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ."))),
            }
        };
        let (from, until) = (read("from")?, read("until")?);
        if let (Some((from, one)), Some((until, other))) = (from, until) {
            if one != other {
                return Err(OaiError::BadArgument("from and until must be equally exact.".to_owned()));
            }
            if from > until {
                return Err(OaiError::BadArgument("from must not be later than until.".to_owned()));
            }
        }
        // `until` is included: up to its last moment.
        let before = until.map(|(moment, chars)| moment.plus_secs(if chars == DAY_CHARS { DAY_SECS } else { 1 }));
        Ok((from.map(|(moment, _)| moment), before))
    }
}

const DAY_CHARS: usize = "YYYY-MM-DD".len();

/// A moment as the protocol writes it (section 3.3): to the day or to the second, in UTC.
fn utc_datetime(text: &str) -> Option<Timestamp> {
    const SHAPES: [&str; 2] = ["dddd-dd-dd", "dddd-dd-ddTdd:dd:ddZ"];
    let fits = |shape: &str| {
        shape.len() == text.len()
            && shape
                .bytes()
                .zip(text.bytes())
                .all(|(want, has)| if want == b'd' { has.is_ascii_digit() } else { want == has })
    };
    SHAPES.iter().any(|shape| fits(shape)).then(|| Timestamp::lenient(text)).flatten()
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(TOLD_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_those_of_the_verb() {
        for (query, code) in [
            ("verb=Identify", None),
            ("verb=Identify&api_key=fg_x", None),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-01-01", None),
            ("verb=ListRecords&resumptionToken=x", None),
            ("verb=ListSets", None),
            ("", Some("badVerb")),
            ("verb=", Some("badVerb")),
            ("verb=identify", Some("badVerb")),
            ("verb=Identify&verb=Identify", Some("badVerb")),
            ("verb=Identify&set=a", Some("badArgument")),
            ("verb=ListRecords", Some("badArgument")),
            ("verb=ListRecords&metadataPrefix=a&metadataPrefix=a", Some("badArgument")),
            ("verb=ListRecords&metadataPrefix=a&resumptionToken=x", Some("badArgument")),
            ("verb=GetRecord&metadataPrefix=a", Some("badArgument")),
            ("verb=GetRecord&identifier=a", Some("badArgument")),
            ("verb=GetRecord&identifier=a&metadataPrefix=a&from=2024-01-01", Some("badArgument")),
        ] {
            assert_eq!(Request::read(query).err().map(|error| error.code()), code, "{query}");
        }
    }

    #[test]
    fn windows_include_both_ends() {
        for (query, window) in [
            ("", Some(("-", "-"))),
            ("&from=2024-02-28", Some(("2024-02-28T00:00:00Z", "-"))),
            ("&until=2024-02-28", Some(("-", "2024-02-29T00:00:00Z"))),
            (
                "&from=2024-02-28T01:02:03Z&until=2024-02-28T01:02:03Z",
                Some(("2024-02-28T01:02:03Z", "2024-02-28T01:02:04Z")),
            ),
            ("&from=2024-02-28&until=2024-02-28T01:02:03Z", None),
            ("&from=2024-03-01&until=2024-02-28", None),
            ("&from=2024-02-30", None),
            ("&from=2024", None),
            ("&from=2024-02-28T01:02Z", None),
            ("&from=2024-02-28T01:02:03.5Z", None),
            ("&from=2024-02-28T01:02:03%2B01:00", None),
            ("&from=", None),
        ] {
            let request = Request::read(&format!("verb=ListRecords&metadataPrefix=oai_dc{query}")).expect(query);
            let shown = |moment: Option<Timestamp>| moment.map_or("-".to_owned(), |moment| moment.to_string());
            let read = request.window().ok().map(|(from, before)| (shown(from), shown(before)));
            assert_eq!(read, window.map(|(from, before)| (from.to_owned(), before.to_owned())), "{query}");
        }
    }
}
