use super::*;
use crate::dataset::{Agent, ContactPoint, Location, PeriodOfTime};
use crate::text::{LanguageTag, LocalizedText};

fn text(words: &str) -> LocalizedText {
    LocalizedText::undetermined(words)
}

/// A dataset that lacks nothing.
fn whole() -> DatasetDraft {
    DatasetDraft {
        identifier: "trees".to_owned(),
        title: text("Trees"),
        description: text("Every tree in a street of the city."),
        publisher: Some(Agent { name: text("City of Harbour"), ..Agent::default() }),
        contact_point: vec![ContactPoint {
            email: Some("trees@harbour.example".to_owned()),
            ..ContactPoint::default()
        }],
        keyword: vec![(LanguageTag::lenient("en"), "tree".to_owned())],
        theme: vec![Concept::iri("http://publications.europa.eu/resource/authority/data-theme/ENVI")],
        licence: Some(Licence {
            iri: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()),
            ..Licence::default()
        }),
        access_rights: Some(Concept::iri("http://publications.europa.eu/resource/authority/access-right/PUBLIC")),
        rights: vec![text("None beyond the licence.")],
        issued: Some("2024-01-01".to_owned()),
        modified: Some("2024-06-01".to_owned()),
        temporal: vec![PeriodOfTime { start: Some("2024".to_owned()), end: None }],
        spatial: vec![Location { label: text("Harbour"), ..Location::default() }],
        distribution: vec![csv()],
        ..DatasetDraft::default()
    }
}

fn csv() -> Distribution {
    Distribution {
        access_url: Some("https://harbour.example/trees".to_owned()),
        download_url: Some("https://harbour.example/trees.csv".to_owned()),
        format: Some("CSV".to_owned()),
        media_type: Some("text/csv".to_owned()),
        byte_size: Some(1_000),
        ..Distribution::default()
    }
}

fn measured(draft: &DatasetDraft) -> Assessment {
    assess(draft, |_| LinkState::Answers)
}

#[test]
fn a_whole_description_has_all_points_and_an_empty_one_next_to_none() {
    let whole = measured(&whole());
    assert_eq!(
        (whole.points(), whole.rating(), whole.stars, whole.fix_first()),
        (405, Rating::Excellent, 3, Vec::new())
    );
    let empty = measured(&DatasetDraft::default());
    assert_eq!((empty.points(), empty.rating(), empty.stars), (0, Rating::Bad, 0));
    assert_eq!(empty.fix_first().first(), Some(&Metric::AccessUrlAnswers));
    assert_eq!(empty.fix_first().len(), Metric::ALL.len());
}

#[test]
fn each_thing_that_is_taken_away_costs_its_points() {
    type Change = fn(&mut DatasetDraft);
    let changes: [(&[Metric], Change); 15] = [
        (&[Metric::Keyword], |it| it.keyword.clear()),
        (&[Metric::Theme], |it| it.theme.clear()),
        (&[Metric::Spatial], |it| it.spatial.clear()),
        (&[Metric::Temporal], |it| it.temporal.clear()),
        (&[Metric::DownloadUrl, Metric::DownloadUrlAnswers], |it| it.distribution[0].download_url = None),
        (&[Metric::MediaType], |it| it.distribution[0].media_type = None),
        (&[Metric::Format, Metric::FormatFromVocabulary, Metric::NonProprietary, Metric::MachineReadable], |it| {
            it.distribution[0].format = None
        }),
        (&[Metric::ProfileCompliance], |it| it.description = LocalizedText::default()),
        (&[Metric::Licence, Metric::LicenceFromVocabulary], |it| it.licence = None),
        (&[Metric::LicenceFromVocabulary], |it| {
            it.licence = Some(Licence { title: text("free"), ..Licence::default() })
        }),
        (&[Metric::AccessRights, Metric::AccessRightsFromVocabulary], |it| it.access_rights = None),
        (&[Metric::ContactPoint], |it| it.contact_point.clear()),
        (&[Metric::Rights], |it| it.rights.clear()),
        (&[Metric::ByteSize], |it| it.distribution[0].byte_size = None),
        (&[Metric::Modified], |it| it.modified = None),
    ];
    for (expected, change) in changes {
        let mut draft = whole();
        change(&mut draft);
        let found = measured(&draft);
        let mut missing = found.fix_first();
        missing.sort_unstable();
        assert_eq!(missing, expected);
        let lost: u16 = expected.iter().map(|metric| metric.points()).sum();
        assert_eq!(found.points(), MOST_POINTS - lost);
    }
}

#[test]
fn the_best_distribution_counts_and_a_further_one_costs_nothing() {
    let mut draft = whole();
    draft.distribution.insert(
        0,
        Distribution { access_url: Some("https://harbour.example/scan.pdf".to_owned()), ..Distribution::default() },
    );
    let found = measured(&draft);
    assert_eq!((found.points(), found.best_distribution), (405, Some(1)));
}

#[test]
fn a_broken_link_costs_and_one_that_nobody_asked_does_not() {
    let broken =
        assess(&whole(), |address| if address.ends_with(".csv") { LinkState::Broken } else { LinkState::Answers });
    assert_eq!(broken.fix_first(), [Metric::DownloadUrlAnswers]);
    assert_eq!(assess(&whole(), |_| LinkState::Unchecked).points(), 405);
}

#[test]
fn stars_go_up_step_by_step() {
    for (licence, format, expected) in [
        (None, "CSV", 0),
        (Some("https://creativecommons.org/licenses/by/4.0/"), "PDF", 1),
        (Some("https://creativecommons.org/licenses/by/4.0/"), "XLS", 2),
        (Some("https://creativecommons.org/licenses/by/4.0/"), "CSV", 3),
        (Some("https://creativecommons.org/licenses/by/4.0/"), "RDF_TURTLE", 5),
    ] {
        let mut draft = whole();
        draft.licence = licence.map(|iri| Licence { iri: Some(iri.to_owned()), ..Licence::default() });
        draft.distribution[0].format = Some(format.to_owned());
        assert_eq!(measured(&draft).stars, expected, "{licence:?} {format}");
        draft.theme.clear();
        assert_eq!(measured(&draft).stars, expected.min(4), "{licence:?} {format}, linked to nothing");
    }
}

#[test]
fn links_are_listed_once_and_only_those_of_the_web() {
    let mut draft = whole();
    draft.distribution.push(Distribution { access_url: Some("ftp://harbour.example/x".to_owned()), ..csv() });
    assert_eq!(links_of(&draft), ["https://harbour.example/trees", "https://harbour.example/trees.csv"]);
}
