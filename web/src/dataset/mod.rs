//! One dataset, series or data service: its page.

mod distribution;
mod format;
mod json_ld;
mod show;

use askama::Template;
use fairground_domain::{Agent, Concept, ContactPoint, DatasetDraft, Location, PeriodOfTime, ResourceKind, Timestamp};

use crate::layout::{Frame, Link};
use crate::prose::{SafeHtml, excerpt, prose, safe_href};
use crate::quality::QualityCard;
use crate::search::{Filter, href_for};
use crate::table::{LoadState, Shelf, Shelves, TableCard};
use crate::words::{Freshness, LicenceKind, LicenceWords, Said, as_written};

pub use distribution::DistributionCard;
pub use format::{format_name, format_of};
pub(crate) use show::show_dataset;

/// Longest meta description, in characters.
const SUMMARY_CHARS: usize = 160;
/// Most values of a list that stand on the page; the API has them all.
const MOST_VALUES: usize = 60;
/// Most distributions on the page; the API has them all.
const MOST_DISTRIBUTIONS: usize = 200;

/// What the catalogue adds to a description: where the dataset stands with us.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Its publisher's name and page.
    pub publisher: Option<Link>,
    /// When we first published it.
    pub published_at: Timestamp,
    /// When we last changed it.
    pub changed_at: Timestamp,
    /// How many times it changed here, from 1.
    pub revision: u64,
    /// What the catalogue it was harvested from is called.
    pub source: Option<String>,
}

/// A text that may lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What it says.
    pub text: Said,
    /// Where it goes, if it is an address that may be followed.
    pub href: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their name.
    pub name: Said,
    /// Their mailbox.
    pub email: Option<String>,
    /// Their telephone.
    pub telephone: Option<String>,
    /// Their page.
    pub href: Option<String>,
}

/// The page of a dataset.
#[derive(Debug, Clone)]
pub struct DatasetPage {
    /// How good its description is.
    pub quality: Option<QualityCard>,
    /// Datasets that are about the same.
    pub similar: Vec<Link>,
    /// Where it stands with us.
    pub listing: Listing,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Its title.
    pub title: Said,
    /// Its description, safe to show.
    pub description: SafeHtml,
    /// The description's language where it differs from the interface's.
    pub description_lang: Option<String>,
    /// The first words of it.
    pub summary: String,
    /// When it was updated, against its promise.
    pub freshness: Freshness,
    /// Its licence.
    pub licence: LicenceWords,
    /// The ways to get it.
    pub distributions: Vec<DistributionCard>,
    /// What the shown distributions became, in their order.
    pub shelves: Vec<Shelf>,
    /// Tables of none of them.
    pub other_tables: Vec<TableCard>,
    /// Whether a load is under way, so that the page should look again.
    pub is_moving: bool,
    /// How many more there are than the page shows.
    pub more_distributions: usize,
    /// Where a data service answers.
    pub endpoints: Vec<Mention>,
    /// What describes a data service.
    pub endpoint_descriptions: Vec<Mention>,
    /// Its themes, each leading to its datasets.
    pub themes: Vec<Link>,
    /// Its keywords, each leading to its datasets.
    pub keywords: Vec<Link>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// Who made it.
    pub creators: Vec<Mention>,
    /// When it was issued, in words.
    pub issued: Option<String>,
    /// When it was modified, in words.
    pub modified: Option<String>,
    /// The times it covers.
    pub temporal: Vec<String>,
    /// The places it covers.
    pub spatial: Vec<Mention>,
    /// Its languages.
    pub languages: Vec<String>,
    /// Who may have access.
    pub access_rights: Option<Mention>,
    /// Statements of rights.
    pub rights: Vec<Said>,
    /// Standards it follows.
    pub conforms_to: Vec<Mention>,
    /// Where it comes from.
    pub provenance: Vec<Said>,
    /// Its version and notes on it.
    pub version: Option<String>,
    /// Notes on the version.
    pub version_notes: Option<Said>,
    /// Its page at the publisher's.
    pub landing_pages: Vec<String>,
    /// Its documentation.
    pub documentation: Vec<String>,
    /// The series it belongs to.
    pub series: Vec<Mention>,
    /// The law it is published under.
    pub legislation: Vec<Mention>,
    /// Its identifier at the source.
    pub identifier: String,
    /// schema.org/Dataset as JSON, safe inside a `script` element.
    pub json_ld: String,
}

impl DatasetPage {
    /// The page for a description, where it stands, and what its distributions became.
    #[must_use]
    pub fn of(draft: &DatasetDraft, listing: Listing, shelves: Shelves, public_url: &str, now: Timestamp) -> Self {
        let description = Said::of(&draft.description);
        let summary = excerpt(&description.text, SUMMARY_CHARS);
        let dataset_licence =
            draft.licence.as_ref().or_else(|| draft.distribution.iter().find_map(|one| one.licence.as_ref()));
        let licence = LicenceWords::of(dataset_licence);
        let service = draft.service.clone().unwrap_or_default();
        let mentions = |addresses: &[String]| addresses.iter().take(MOST_VALUES).map(|one| mention_of(one)).collect();
        let hrefs = |addresses: &[String]| {
            addresses.iter().filter_map(|one| safe_href(one)).take(MOST_VALUES).collect::<Vec<_>>()
        };
        Self {
            quality: None,
            similar: Vec::new(),
            kind: draft.kind,
            title: Said::of(&draft.title),
            description: prose(&description.text),
            description_lang: description.lang,
            summary,
            freshness: Freshness::of(
                draft.modified.as_deref().or(draft.issued.as_deref()),
                draft.frequency.as_ref(),
                now,
            ),
            distributions: draft
                .distribution
                .iter()
                .take(MOST_DISTRIBUTIONS)
                .map(|one| DistributionCard::of(one, &licence))
                .collect(),
            more_distributions: draft.distribution.len().saturating_sub(MOST_DISTRIBUTIONS),
            endpoints: mentions(&service.endpoint_url),
            endpoint_descriptions: mentions(&service.endpoint_description),
            themes: draft.theme.iter().filter_map(theme_link).take(MOST_VALUES).collect(),
            keywords: keyword_links(draft),
            contacts: draft.contact_point.iter().take(MOST_VALUES).map(contact_of).collect(),
            creators: draft.creator.iter().take(MOST_VALUES).map(agent_mention).collect(),
            issued: draft.issued.as_deref().map(as_written),
            modified: draft.modified.as_deref().map(as_written),
            temporal: draft.temporal.iter().take(MOST_VALUES).map(period).filter(|text| !text.is_empty()).collect(),
            spatial: draft.spatial.iter().take(MOST_VALUES).filter_map(place_mention).collect(),
            languages: draft.language.iter().take(MOST_VALUES).map(|tag| language_name(tag.as_str())).collect(),
            access_rights: draft.access_rights.as_ref().map(concept_mention),
            rights: draft.rights.iter().take(MOST_VALUES).map(Said::of).collect(),
            conforms_to: draft.conforms_to.iter().take(MOST_VALUES).map(concept_mention).collect(),
            provenance: draft.provenance.iter().take(MOST_VALUES).map(Said::of).collect(),
            version: draft.version.clone(),
            version_notes: Some(Said::of(&draft.version_notes)).filter(|notes| !notes.text.is_empty()),
            landing_pages: hrefs(&draft.landing_page),
            documentation: hrefs(&draft.page),
            series: mentions(&draft.in_series),
            legislation: mentions(&draft.applicable_legislation),
            identifier: draft.identifier.clone(),
            json_ld: json_ld::of(draft, &listing, &shelves, public_url),
            is_moving: shelves.is_moving(now),
            shelves: shelves.by_distribution.into_iter().take(MOST_DISTRIBUTIONS).collect(),
            other_tables: shelves.others,
            licence,
            listing,
        }
    }
}

/// An address or identifier: a link where it may be followed.
fn mention_of(address: &str) -> Mention {
    Mention { text: Said::plain(address), href: safe_href(address) }
}

fn concept_mention(concept: &Concept) -> Mention {
    let iri = concept.iri.as_deref().unwrap_or_default();
    let label = Said::of(&concept.label);
    let text = if label.text.is_empty() { Said::plain(last_name(iri)) } else { label };
    Mention { text, href: safe_href(iri) }
}

fn agent_mention(agent: &Agent) -> Mention {
    Mention { text: Said::of(&agent.name), href: agent.homepage.as_deref().and_then(safe_href) }
}

/// A place by its name; by its box where it has no name.
fn place_mention(place: &Location) -> Option<Mention> {
    let label = Said::of(&place.label);
    let iri = place.iri.as_deref().unwrap_or_default();
    let text = if !label.text.is_empty() {
        label
    } else if !iri.is_empty() {
        Said::plain(last_name(iri))
    } else {
        let [west, south, east, north] = place.bbox?;
        Said::plain(format!("{west:.3}, {south:.3} to {east:.3}, {north:.3} (degrees)"))
    };
    Some(Mention { text, href: safe_href(iri) })
}

fn contact_of(contact: &ContactPoint) -> Contact {
    Contact {
        name: Said::of(&contact.name),
        email: contact.email.clone().filter(|email| safe_href(&format!("mailto:{email}")).is_some()),
        telephone: contact.telephone.clone(),
        href: contact.url.as_deref().and_then(safe_href),
    }
}

fn theme_link(theme: &Concept) -> Option<Link> {
    let label = Said::of(&theme.label).text;
    let name = theme.iri.as_deref().map(last_name).unwrap_or_default();
    let text = if label.is_empty() { theme_name(&name) } else { label };
    let value = theme.iri.as_deref().unwrap_or(&text);
    (!text.is_empty()).then(|| Link::new(&text, href_for(Filter::Theme, value)))
}

fn keyword_links(draft: &DatasetDraft) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (_, keyword) in &draft.keyword {
        let link = Link::new(keyword, href_for(Filter::Keyword, keyword));
        if links.len() < MOST_VALUES && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn period(period: &PeriodOfTime) -> String {
    let end = |text: &Option<String>| text.as_deref().map(as_written).filter(|text| !text.is_empty());
    match (end(&period.start), end(&period.end)) {
        (Some(start), Some(end)) if start == end => start,
        (Some(start), Some(end)) => format!("{start} to {end}"),
        (Some(start), None) => format!("from {start}"),
        (None, Some(end)) => format!("until {end}"),
        (None, None) => String::new(),
    }
}

/// The last part of an IRI, which in authority tables is the value's name.
fn last_name(iri: &str) -> String {
    iri.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(iri).to_owned()
}

/// The EU data themes (authority table `data-theme`), by code.
#[must_use]
pub fn theme_name(code: &str) -> String {
    match code {
        "AGRI" => "Agriculture, fisheries, forestry and food",
        "ECON" => "Economy and finance",
        "EDUC" => "Education, culture and sport",
        "ENER" => "Energy",
        "ENVI" => "Environment",
        "GOVE" => "Government and public sector",
        "HEAL" => "Health",
        "INTR" => "International issues",
        "JUST" => "Justice, legal system and public safety",
        "REGI" => "Regions and cities",
        "SOCI" => "Population and society",
        "TECH" => "Science and technology",
        "TRAN" => "Transport",
        "OP_DATPRO" => "Provisional data",
        other => other,
    }
    .to_owned()
}

/// What a language is called.
#[must_use]
pub fn language_name(tag: &str) -> String {
    let (primary, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let name = match primary {
        "en" => "English",
        "de" => "German",
        "fr" => "French",
        "es" => "Spanish",
        "it" => "Italian",
        "nl" => "Dutch",
        "pt" => "Portuguese",
        "pl" => "Polish",
        "sv" => "Swedish",
        "da" => "Danish",
        "fi" => "Finnish",
        "no" | "nb" => "Norwegian",
        "el" => "Greek",
        "cs" => "Czech",
        "hu" => "Hungarian",
        "ga" => "Irish",
        "rm" => "Romansh",
        _ => return tag.to_owned(),
    };
    if rest.is_empty() { name.to_owned() } else { format!("{name} ({})", rest.to_uppercase()) }
}

impl DatasetPage {
    /// The distributions with what each became.
    pub fn shelved(&self) -> impl Iterator<Item = (&DistributionCard, Option<&Shelf>)> {
        self.distributions.iter().enumerate().map(|(place, card)| (card, self.shelves.get(place)))
    }

    /// Whether any of its files became a table.
    #[must_use]
    pub fn has_tables(&self) -> bool {
        !self.other_tables.is_empty() || self.shelves.iter().any(|shelf| !shelf.tables.is_empty())
    }

    /// The tables of no distribution, each with its title.
    pub fn other_lines(&self) -> impl Iterator<Item = (Option<&str>, &TableCard)> {
        self.other_tables.iter().map(|table| (Some(table.title.as_str()), table))
    }
}

/// The template of [`DatasetPage`].
#[derive(Debug, Template)]
#[template(path = "dataset/page.html")]
pub struct DatasetView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DatasetPage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_themes_and_periods_are_said_in_words() {
        for (tag, name) in [("en", "English"), ("en-us", "English (US)"), ("nb", "Norwegian"), ("tlh", "tlh")] {
            assert_eq!(language_name(tag), name);
        }
        assert_eq!(theme_name("ENVI"), "Environment");
        assert_eq!(theme_name("Parks"), "Parks");
        for (start, end, said) in [
            (Some("2020"), Some("2021-03"), "2020 to March 2021"),
            (Some("2020"), Some("2020"), "2020"),
            (Some("2020-01-01"), None, "from 1 January 2020"),
            (None, Some("2021"), "until 2021"),
            (None, None, ""),
        ] {
            let given = PeriodOfTime { start: start.map(str::to_owned), end: end.map(str::to_owned) };
            assert_eq!(period(&given), said);
        }
    }
}
