//! Catalogues in pages that name each other, whole, changing, circular and broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fairground_harvester::HarvestNow;
use serde_json::json;

use crate::agency::{Agency, Answer, Asked};
use crate::portal::{Portal, counts, data_json, datasets, state};

/// One page of a Turtle catalogue.
fn turtle(numbers: std::ops::Range<usize>, hydra: &str) -> String {
    let prefixes = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n\
                    @prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n";
    let dataset = |n: usize| {
        format!("<https://waters.test/{n}> a dcat:Dataset ; dct:title \"Levels {n}\"@en ; dct:identifier \"{n}\" .\n")
    };
    format!("{prefixes}{hydra}\n{}", numbers.map(dataset).collect::<String>())
}

fn page(asked: &Asked) -> usize {
    asked.query("page").map_or(1, |page| page.parse().unwrap())
}

fn at(agency: &Agency, target: &str) -> HarvestNow {
    HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(agency.url(target)) }
}

#[test]
fn all_pages_of_a_hydra_catalogue_are_gathered_and_what_goes_is_deleted() {
    let last = Arc::new(AtomicUsize::new(3));
    let agency = Agency::start({
        let last = Arc::clone(&last);
        move |asked| {
            let (page, last) = (page(asked), last.load(Ordering::SeqCst));
            let total = last * 10;
            // The older vocabulary writes a text, the newer one an address, and that may be relative.
            let next = match page {
                _ if page == last => String::new(),
                1 => format!("; hydra:nextPage \"?page={}\" ", page + 1),
                _ => format!("; hydra:next <?page={}> ", page + 1),
            };
            let hydra = format!("<?page={page}> a hydra:PartialCollectionView ; hydra:totalItems {total} {next}.");
            Answer::ok(turtle((page - 1) * 10..page * 10, &hydra)).header("Content-Type", "text/turtle")
        }
    });
    let portal = Portal::open();
    let first = portal.harvest(&at(&agency, "/catalogue"));
    assert_eq!((state(&first), counts(&first)), ("completed", [30, 30, 0, 0, 0, 0, 0]), "{first:?}");
    assert_eq!(agency.asked().len(), 3);
    let again = portal.harvest(&at(&agency, "/catalogue"));
    assert_eq!(counts(&again), [30, 0, 0, 30, 0, 0, 0], "{again:?}");
    last.store(2, Ordering::SeqCst);
    let less = portal.harvest(&HarvestNow { approve: true, ..at(&agency, "/catalogue") });
    assert_eq!(counts(&less), [20, 0, 0, 20, 10, 0, 0], "{less:?}");
    portal.agrees();
}

#[test]
fn pages_of_json_are_found_by_their_link() {
    let agency = Agency::start(|asked| {
        let page = page(asked);
        let answer = Answer::ok(data_json(&datasets((page - 1) * 5..page * 5)));
        let next = format!("</data.json?page=1>; rel=\"first\", </data.json?page={}>; rel=\"next\"", page + 1);
        if page < 4 { answer.header("Link", &next) } else { answer }
    });
    let portal = Portal::open();
    let report = portal.harvest(&at(&agency, "/data.json"));
    assert_eq!((state(&report), counts(&report)), ("completed", [20, 20, 0, 0, 0, 0, 0]), "{report:?}");
}

#[test]
fn circles_repetitions_and_changes_under_our_feet_end_and_delete_nothing() {
    let hydra = |n: usize, total: usize, next: &str| {
        format!("<?page={n}> a hydra:PagedCollection ; hydra:totalItems {total} ; hydra:nextPage <{next}> .")
    };
    type Story = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;
    let stories: Vec<(&str, Story, &str)> = vec![
        (
            "a circle",
            Box::new(move |a| {
                Answer::ok(turtle(
                    page(a) * 4 - 4..page(a) * 4,
                    &hydra(page(a), 8, if page(a) == 1 { "?page=2" } else { "?page=1" }),
                ))
            }),
            "circle",
        ),
        ("a page that leads to itself", Box::new(move |_| Answer::ok(turtle(0..8, &hydra(1, 8, "?page=1")))), "circle"),
        (
            "always the same",
            Box::new(move |_| Answer::ok(turtle(0..8, "<> a hydra:PagedCollection ; hydra:nextPage <?page=99> ."))),
            "repeats",
        ),
        (
            "a total that changes",
            Box::new(move |a| match page(a) {
                1 => Answer::ok(turtle(0..4, &hydra(1, 12, "?page=2"))),
                n => Answer::ok(turtle(4..8, &format!("<?page={n}> a hydra:PagedCollection ; hydra:totalItems 8 ."))),
            }),
            "changed while",
        ),
        (
            "fewer than announced",
            Box::new(move |a| match page(a) {
                1 => Answer::ok(turtle(0..4, &hydra(1, 12, "?page=2"))),
                n => Answer::ok(turtle(4..8, &format!("<?page={n}> a hydra:PagedCollection ; hydra:totalItems 12 ."))),
            }),
            "announces 12",
        ),
    ];
    for (what, answers, says) in stories {
        let portal = Portal::open();
        let all = portal.file("all.ttl", &turtle(0..12, ""));
        assert_eq!(counts(&portal.harvest_file("waters", &all))[..2], [12, 12]);
        let agency = Agency::start(answers);
        let report = portal.harvest(&at(&agency, "/c?page=1"));
        assert_eq!((state(&report), counts(&report)), ("completed", [8, 0, 0, 8, 0, 0, 0]), "{what}: {report:?}");
        assert!(report.notes.iter().any(|note| note.contains(says)), "{what}: {:?}", report.notes);
        assert!(report.notes.iter().any(|note| note.contains("nothing is deleted")), "{what}: {:?}", report.notes);
        assert_eq!(portal.published(), 12, "{what}");
    }
}

#[test]
fn a_page_that_fails_leaves_the_catalogue_and_the_pages_before_it() {
    let broken = Arc::new(AtomicUsize::new(1));
    let agency = Agency::start({
        let broken = Arc::clone(&broken);
        move |asked| match page(asked) {
            1 => Answer::ok(turtle(0..4, "<?page=1> a hydra:PagedCollection ; hydra:nextPage <?page=2> .")),
            _ if broken.load(Ordering::SeqCst) == 1 => Answer::new(503, "later"),
            _ => Answer::ok(turtle(4..8, "")),
        }
    });
    let portal = Portal::open();
    let report = portal.harvest(&at(&agency, "/c"));
    assert_eq!((state(&report), counts(&report)), ("failed", [0; 7]), "{report:?}");
    broken.store(0, Ordering::SeqCst);
    assert_eq!(counts(&portal.harvest(&at(&agency, "/c"))), [8, 8, 0, 0, 0, 0, 0]);
}

#[test]
fn a_ckan_portal_is_asked_for_changes_alone_until_they_do_not_add_up() {
    // id, title, date.
    type Package = (usize, String, String);
    let packages: Arc<std::sync::Mutex<Vec<Package>>> = Arc::default();
    let day = |n: usize| format!("2026-01-{:02}T12:00:00.000000", n + 1);
    packages.lock().unwrap().extend((0..20).map(|n| (n, format!("Package {n}"), day(n))));
    let agency = Agency::start({
        let packages = Arc::clone(&packages);
        move |asked| {
            let number = |name: &str| asked.query(name).unwrap().parse::<usize>().unwrap();
            let since = asked.query("fq").and_then(|fq| {
                let (_, from) = fq.split_once("metadata_modified:[")?;
                Some(from.split_once("Z TO")?.0.to_owned())
            });
            let packages = packages.lock().unwrap();
            let wanted: Vec<&Package> =
                packages.iter().filter(|(_, _, date)| since.as_ref().is_none_or(|since| date >= since)).collect();
            let results: Vec<_> = wanted
                .iter()
                .skip(number("start"))
                .take(number("rows"))
                .map(|(n, title, date)| {
                    json!({"id": format!("id-{n:03}"), "name": format!("package-{n}"), "title": title, "metadata_modified": date,
                           "resources": [{"url": format!("https://ckan.test/{n}.csv"), "format": "CSV"}]})
                })
                .collect();
            Answer::ok(json!({"success": true, "result": {"count": wanted.len(), "results": results}}).to_string())
        }
    });
    let portal = Portal::open();
    let target = "/api/3/action/package_search?rows=5";
    let asked = |before: usize| -> Vec<bool> {
        agency.asked().split_off(before).iter().map(|asked| asked.target.contains("metadata_modified")).collect()
    };
    assert_eq!(counts(&portal.harvest(&at(&agency, target))), [20, 20, 0, 0, 0, 0, 0]);
    let before = agency.asked().len();
    // The last one lies within the overlap and is sent again.
    let quiet = portal.harvest(&at(&agency, target));
    assert_eq!(counts(&quiet), [20, 0, 0, 20, 0, 0, 0], "{quiet:?}");
    assert_eq!(asked(before), [false, true, false], "a count, one page of changes, a count");

    let before = agency.asked().len();
    {
        let mut packages = packages.lock().unwrap();
        packages[3].1 = "Package three".to_owned();
        packages[3].2 = day(25);
        packages.push((77, "New".to_owned(), day(26)));
    }
    let changed = portal.harvest(&at(&agency, target));
    assert_eq!(counts(&changed), [21, 1, 1, 19, 0, 0, 0], "{changed:?}");
    assert!(asked(before).len() <= 3);

    // One goes and one comes: the count is the same, and it is noticed.
    {
        let mut packages = packages.lock().unwrap();
        packages.remove(0);
        packages.push((78, "Newer".to_owned(), day(27)));
    }
    let whole = portal.harvest(&at(&agency, target));
    assert_eq!(counts(&whole), [21, 1, 0, 20, 1, 0, 0], "{whole:?}");
    assert_eq!(portal.published(), 21);
    portal.agrees();
}

/// Answers `GetRecords` of a service that compares days of change; a record is a number, a title and a day.
fn comparing_service(asked: &Asked, records: &[(usize, String, String)]) -> Answer {
    let Some(start) = asked.query("startPosition") else {
        return Answer::ok(
            "<csw:Capabilities xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:ows=\"o\" xmlns:ogc=\"f\"><ows:OperationsMetadata>\
             <ows:Operation name=\"GetRecords\"><ows:Parameter name=\"outputSchema\"><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value></ows:Parameter>\
             <ows:Constraint name=\"SupportedISOQueryables\"><ows:Value>apiso:Modified</ows:Value></ows:Constraint></ows:Operation></ows:OperationsMetadata>\
             <ogc:Filter_Capabilities><ogc:Scalar_Capabilities><ogc:ComparisonOperators><ogc:ComparisonOperator>GreaterThanEqualTo</ogc:ComparisonOperator>\
             </ogc:ComparisonOperators></ogc:Scalar_Capabilities></ogc:Filter_Capabilities></csw:Capabilities>",
        );
    };
    let since = asked.query("constraint").map(|filter| {
        assert!(filter.contains("<ogc:PropertyName>apiso:Modified</ogc:PropertyName>"), "{filter}");
        let (_, from) = filter.split_once("<ogc:Literal>").unwrap();
        from.split_once("</ogc:Literal>").unwrap().0.to_owned()
    });
    let wanted: Vec<_> = records.iter().filter(|(_, _, day)| since.as_ref().is_none_or(|since| day >= since)).collect();
    let start: usize = start.parse().unwrap();
    let most: usize = asked.query("maxRecords").unwrap().parse().unwrap();
    let page: String = wanted
        .iter()
        .skip(start - 1)
        .take(most)
        .map(|(n, title, _)| {
            let what = if title.starts_with("Service") { "srv:SV_ServiceIdentification" } else { "gmd:MD_DataIdentification" };
            format!(
                "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:srv=\"http://www.isotc211.org/2005/srv\">\
                 <gmd:fileIdentifier><s>r{n}</s></gmd:fileIdentifier>\
                 <gmd:identificationInfo><{what}><gmd:citation><c><gmd:title><s>{title}</s></gmd:title></c></gmd:citation>\
                 </{what}></gmd:identificationInfo></gmd:MD_Metadata>"
            )
        })
        .collect();
    let (total, after) = (wanted.len(), start + most);
    Answer::ok(format!(
        "<csw:GetRecordsResponse xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\"><csw:SearchResults numberOfRecordsMatched=\"{total}\" \
         nextRecord=\"{}\">{page}</csw:SearchResults></csw:GetRecordsResponse>",
        if after > total { 0 } else { after }
    ))
}

#[test]
fn a_catalogue_service_is_asked_for_changes_alone_until_they_do_not_add_up() {
    /// Later than any day that is asked from.
    const LATE: &str = "9999-01-01";
    type Record = (usize, String, String);
    let records: Arc<std::sync::Mutex<Vec<Record>>> = Arc::default();
    let old = |n: usize| (n, format!("Record {n}"), "2020-01-01".to_owned());
    records.lock().unwrap().extend((0..20).map(old));
    let agency = Agency::start({
        let records = Arc::clone(&records);
        move |asked| comparing_service(asked, &records.lock().unwrap())
    });
    let portal = Portal::open();
    let harvest = || {
        let before = agency.asked().len();
        let report = portal.harvest(&at(&agency, "/csw"));
        let asked = agency.asked().split_off(before);
        (report, asked.iter().map(|asked| asked.target.contains("constraint=")).collect::<Vec<_>>())
    };
    let (first, asked) = harvest();
    assert_eq!((counts(&first), asked.contains(&true)), ([20, 20, 0, 0, 0, 0, 0], false), "{first:?}");
    let (quiet, asked) = harvest();
    assert_eq!(counts(&quiet), [20, 0, 0, 20, 0, 0, 0], "{quiet:?}");
    assert_eq!(asked, [false, false, true, false], "capabilities, a count, the changes, a count");
    {
        let mut records = records.lock().unwrap();
        records[3] = (3, "Record three".to_owned(), LATE.to_owned());
        records.push((77, "New".to_owned(), LATE.to_owned()));
    }
    let (changed, asked) = harvest();
    assert_eq!((counts(&changed), asked.len()), ([21, 1, 1, 19, 0, 0, 0], 4), "{changed:?}");
    // Several go, which changes alone cannot tell of: the count shows it, and all of the source is read.
    records.lock().unwrap().drain(5..8);
    let (whole, _) = harvest();
    assert_eq!(counts(&whole), [18, 0, 0, 18, 3, 0, 0], "{whole:?}");
    // As many come as go.
    {
        let mut records = records.lock().unwrap();
        records.remove(0);
        records.push((78, "Newer".to_owned(), LATE.to_owned()));
    }
    let (whole, _) = harvest();
    assert_eq!(counts(&whole), [18, 1, 0, 17, 1, 0, 0], "{whole:?}");
    assert_eq!(portal.published(), 18);
    // What is no dataset is counted as what it is, told of or not.
    records.lock().unwrap().push((79, "Service of maps".to_owned(), LATE.to_owned()));
    let (told, _) = harvest();
    assert_eq!((counts(&told), told.data_services.created), ([18, 0, 0, 18, 0, 0, 0], 1), "{told:?}");
    records.lock().unwrap().last_mut().unwrap().2 = "2020-01-01".to_owned();
    let (silent, _) = harvest();
    let services = silent.data_services;
    assert_eq!((counts(&silent), services.found, services.unchanged), ([18, 0, 0, 18, 0, 0, 0], 1, 1), "{silent:?}");
    portal.agrees();
}
