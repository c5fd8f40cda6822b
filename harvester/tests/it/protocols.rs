//! Catalogue services, repositories, folders and hosted platforms that behave, and those that do not.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fairground_harvester::Stop;
use fairground_harvester::fetch::Conditional;
use fairground_harvester::gather::{GatherError, GatherRequest, Gathered, Kind, Location, Spool, gather};
use fairground_standards::{Document, Format, Limits};
use serde_json::json;

use crate::agency::{Agency, Answer, Asked};
use crate::fetching::{brisk, fetcher};

struct Wish<'a> {
    kind: Option<&'a str>,
    etag: Option<&'a str>,
    since: Option<&'a str>,
}

const ANY: Wish<'static> = Wish { kind: None, etag: None, since: None };

async fn gather_from(agency: &Agency, target: &str, wish: Wish<'_>, folder: &Path) -> Result<Gathered, GatherError> {
    let location = Location::Web(agency.url(target));
    let kind: Option<Kind> = wish.kind.map(|it| it.parse().unwrap());
    let conditional = Conditional { etag: wish.etag.map(str::to_owned), last_modified: None };
    let request = GatherRequest { location: &location, kind, conditional: &conditional, since: wish.since, folder };
    gather(&fetcher(brisk()), &request, &Stop::new(), &|_| {}).await
}

/// What came, as the keys of its records in order.
struct Came {
    spool: Spool,
    keys: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Came {
    fn says(&self, words: &str) -> bool {
        self.spool.manifest.notes.iter().any(|note| note.contains(words))
    }
}

async fn gathered(agency: &Agency, target: &str, wish: Wish<'_>) -> Result<Came, GatherError> {
    let folder = tempfile::tempdir().unwrap();
    let Gathered::Spooled(spool) = gather_from(agency, target, wish, folder.path()).await? else {
        panic!("nothing was known before")
    };
    let document = Document::open(&spool.parts, spool.manifest.format, &Limits::default()).unwrap();
    let keys = document.records().map(|raw| document.decode(&raw.unwrap()).key).collect();
    Ok(Came { spool, keys, _folder: folder })
}

fn record(id: usize) -> String {
    format!(
        "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"><gmd:fileIdentifier><s>r{id}</s></gmd:fileIdentifier>\
         <gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><c><gmd:title><s>Record {id}</s></gmd:title></c></gmd:citation>\
         </gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
    )
}

/// What a catalogue service of `total` records answers to a question by GET.
struct Service {
    total: usize,
    /// `nextRecord` is always 0.
    lies: bool,
    /// A record on which the service fails.
    poison: Option<usize>,
}

impl Service {
    fn answer(&self, asked: &Asked) -> Answer {
        match asked.query("request").as_deref() {
            Some("GetRecords") => {}
            Some(_) => return Answer::new(404, ""),
            None => return Answer::new(405, ""),
        }
        let number = |name: &str| asked.query(name).unwrap().parse::<usize>().unwrap();
        let (start, most) = (number("startPosition"), number("maxRecords"));
        let ids: Vec<usize> = (start..start + most).take_while(|id| *id <= self.total).collect();
        if self.poison.is_some_and(|id| ids.contains(&id)) {
            return Answer::ok(
                "<ExceptionReport><Exception exceptionCode=\"NoApplicableCode\"><ExceptionText>null pointer</ExceptionText></Exception></ExceptionReport>",
            );
        }
        let after = start + ids.len();
        let next = if self.lies || after > self.total { 0 } else { after };
        page(self.total, next, &ids)
    }
}

fn page(total: usize, next: usize, ids: &[usize]) -> Answer {
    let records: String = ids.iter().map(|id| record(*id)).collect();
    Answer::ok(format!(
        "<csw:GetRecordsResponse xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\"><csw:SearchResults numberOfRecordsMatched=\"{total}\" \
         numberOfRecordsReturned=\"{}\" nextRecord=\"{next}\">{records}</csw:SearchResults></csw:GetRecordsResponse>",
        ids.len()
    ))
}

fn names(ids: impl IntoIterator<Item = usize>) -> Vec<String> {
    ids.into_iter().map(|id| format!("r{id}")).collect()
}

#[tokio::test]
async fn a_catalogue_service_is_read_to_its_end_whatever_it_says_of_the_next_record() {
    for lies in [false, true] {
        let service = Service { total: 250, lies, poison: None };
        let agency = Agency::start(move |asked| service.answer(asked));
        let came = gathered(&agency, "/csw", ANY).await.unwrap();
        assert_eq!((came.spool.manifest.format, came.spool.manifest.complete), (Format::Csw, true));
        assert_eq!(came.keys, names(1..=250), "lies: {lies}");
    }
}

#[tokio::test]
async fn a_record_that_a_service_cannot_deliver_is_passed_over_and_nothing_is_deleted() {
    let service = Service { total: 130, lies: false, poison: Some(57) };
    let agency = Agency::start(move |asked| service.answer(asked));
    // The first page holds it already.
    let came = gathered(&agency, "/srv/csw?service=CSW", ANY).await.unwrap();
    assert_eq!(came.keys, names((1..=130).filter(|id| *id != 57)));
    assert!(!came.spool.manifest.complete && came.says("cannot deliver record 57"), "{:?}", came.spool.manifest.notes);
    assert!(agency.asked().len() < 160, "{} requests", agency.asked().len());
}

#[tokio::test]
async fn a_service_that_knows_only_post_and_dublin_core_is_asked_so() {
    let capabilities = "<csw:Capabilities xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" version=\"2.0.2\"><OperationsMetadata><Operation name=\"GetRecords\">\
        <DCP><HTTP><Post href=\"http://only-inside.example/csw\"/></HTTP></DCP><Parameter name=\"outputSchema\"><Value>http://www.opengis.net/cat/csw/2.0.2</Value></Parameter></Operation></OperationsMetadata></csw:Capabilities>";
    let agency = Agency::start(move |asked| match asked.query("request").as_deref() {
        Some("GetCapabilities") => Answer::ok(capabilities),
        Some(_) => Answer::new(405, "by POST only"),
        None => Answer::ok(
            "<csw:GetRecordsResponse xmlns:csw=\"c\" xmlns:dc=\"d\"><csw:SearchResults numberOfRecordsMatched=\"1\"><csw:Record><dc:identifier>x</dc:identifier><dc:title>X</dc:title></csw:Record></csw:SearchResults></csw:GetRecordsResponse>",
        ),
    });
    let came = gathered(&agency, "/ows", Wish { kind: Some("csw"), ..ANY }).await.unwrap();
    assert_eq!((came.keys, came.spool.manifest.complete), (vec!["x".to_owned()], true));
}

#[tokio::test]
async fn a_service_that_ignores_paging_or_answers_with_a_page_is_named() {
    let stuck = Agency::start(|asked| match asked.query("request").as_deref() {
        Some("GetCapabilities") => Answer::new(404, ""),
        _ => page(500, 0, &[1, 2, 3]),
    });
    let error = gathered(&stuck, "/csw", ANY).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::PagingStuck { .. }), "{error}");
    assert!(stuck.asked().len() < 10);
    let page = Agency::start(|_| Answer::ok("<!doctype html><title>Maintenance</title>"));
    let error = gathered(&page, "/csw", ANY).await.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("Maintenance") || error.contains("html"), "{error}");
}

#[tokio::test]
async fn a_service_that_changes_while_it_is_read_doubles_nothing() {
    let asked_so_far = AtomicUsize::new(0);
    let agency = Agency::start(move |asked| {
        if asked.query("request").as_deref() == Some("GetCapabilities") {
            return Answer::new(404, "");
        }
        // After the first page, a record comes in before it and moves all others on by one.
        let moved = asked_so_far.fetch_add(1, Ordering::SeqCst) > 0;
        let start: usize = asked.query("startPosition").unwrap().parse().unwrap();
        let ids: Vec<usize> =
            (start..start + 100).map(|at| if moved { at - 1 } else { at }).take_while(|id| *id <= 150).collect();
        let total = if moved { 151 } else { 150 };
        page(total, if start + 100 > total { 0 } else { start + 100 }, &ids)
    });
    let came = gathered(&agency, "/csw", ANY).await.unwrap();
    assert_eq!(came.keys, names(1..=150));
    assert!(!came.spool.manifest.complete, "the one that came in has not been seen");
    assert!(came.says("changed while it was read"));
}

fn listing(inner: &str) -> Answer {
    Answer::ok(format!(
        "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><responseDate>2024-05-06T07:08:09Z</responseDate>{inner}</OAI-PMH>"
    ))
}

fn item(id: usize, deleted: bool) -> String {
    let (status, metadata) = if deleted {
        (" status=\"deleted\"", String::new())
    } else {
        (
            "",
            format!(
                "<metadata><oai_dc:dc xmlns:oai_dc=\"o\" xmlns:dc=\"d\"><dc:title>T{id}</dc:title></oai_dc:dc></metadata>"
            ),
        )
    };
    format!("<record><header{status}><identifier>r{id}</identifier></header>{metadata}</record>")
}

/// A repository of 3 pages of 2; record 3 is deleted.
fn repository(asked: &Asked) -> Answer {
    if asked.query("verb").as_deref() == Some("ListMetadataFormats") {
        return listing(
            "<ListMetadataFormats><metadataFormat><metadataPrefix>mods</metadataPrefix></metadataFormat><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>",
        );
    }
    let token = asked.query("resumptionToken");
    if token.is_none() {
        assert_eq!(asked.query("metadataPrefix").as_deref(), Some("oai_dc"));
    }
    let at: usize = token.map_or(1, |it| it.trim_start_matches("at ").parse().unwrap());
    let items: String = (at..at + 2).map(|id| item(id, id == 3)).collect();
    let next = if at < 5 { format!("at {}", at + 2) } else { String::new() };
    listing(&format!(
        "<ListRecords>{items}<resumptionToken completeListSize=\"6\">{next}</resumptionToken></ListRecords>"
    ))
}

#[tokio::test]
async fn a_repository_is_followed_from_token_to_token() {
    let agency = Agency::start(repository);
    for target in ["/oai?verb=Identify", "/oai?verb=ListRecords&metadataPrefix=oai_dc"] {
        let came = gathered(&agency, target, ANY).await.unwrap();
        assert_eq!(came.keys, names([1, 2, 4, 5, 6]), "deleted records are not there");
        let manifest = &came.spool.manifest;
        assert_eq!((manifest.complete, manifest.since.as_deref()), (true, Some("2024-05-06T07:08:09Z")));
    }
}

#[tokio::test]
async fn a_bare_address_is_seen_to_be_a_repositorys() {
    let agency = Agency::start(|asked| match asked.query("verb") {
        None => listing("<error code=\"badVerb\">no verb</error>"),
        Some(_) => repository(asked),
    });
    // An answer without a verb is a refusal; said to be OAI-PMH, the address is asked as such.
    let came = gathered(&agency, "/request", Wish { kind: Some("oai-pmh"), ..ANY }).await.unwrap();
    assert_eq!(came.keys.len(), 5);
    let found = gathered(&agency, "/request", ANY).await.unwrap();
    assert_eq!(found.keys.len(), 5);
}

#[tokio::test]
async fn a_forgotten_token_begins_the_list_again_a_few_times_only() {
    let forgotten = AtomicUsize::new(0);
    let agency = Agency::start(move |asked| {
        if asked.query("resumptionToken").as_deref() == Some("at 3") && forgotten.fetch_add(1, Ordering::SeqCst) == 0 {
            return listing("<error code=\"badResumptionToken\">expired</error>");
        }
        repository(asked)
    });
    let came = gathered(&agency, "/oai?verb=ListRecords", ANY).await.unwrap();
    assert_eq!(came.keys, names([1, 2, 4, 5, 6]));
    assert!(came.says("begun again"));
    let always = Agency::start(|asked| match asked.query("resumptionToken") {
        Some(_) => listing("<error code=\"badResumptionToken\"/>"),
        None => repository(asked),
    });
    let error = gathered(&always, "/oai?verb=ListRecords", ANY).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::TokensLost { times: 4, .. }), "{error}");
}

#[tokio::test]
async fn a_token_that_leads_nowhere_and_a_page_that_stays_broken_end_the_reading() {
    let same = Agency::start(|asked| match asked.query("verb").as_deref() {
        Some("ListMetadataFormats") => repository(asked),
        _ => listing(&format!("<ListRecords>{}<resumptionToken>again</resumptionToken></ListRecords>", item(1, false))),
    });
    let error = gathered(&same, "/oai?verb=ListRecords", ANY).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::PagingStuck { .. }), "{error}");
    assert!(same.asked().len() < 10);
    let broken = Agency::start(|asked| match asked.query("resumptionToken") {
        Some(_) => Answer::ok("<OAI-PMH><ListRecords><rec"),
        None => repository(asked),
    });
    let error = gathered(&broken, "/oai?verb=ListRecords", ANY).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::Read(_)), "{error}");
    // A page that is a web page once, by a gateway's mood, is asked for again.
    let moods = AtomicUsize::new(0);
    let moody = Agency::start(move |asked| match asked.query("resumptionToken").as_deref() {
        Some("at 5") if moods.fetch_add(1, Ordering::SeqCst) == 0 => Answer::ok("<html><title>502</title></html>"),
        _ => repository(asked),
    });
    assert_eq!(gathered(&moody, "/oai?verb=ListRecords", ANY).await.unwrap().keys.len(), 5);
}

#[tokio::test]
async fn only_changes_are_asked_for_unless_something_was_deleted() {
    let changes = |deleted: bool| {
        move |asked: &Asked| match asked.query("from") {
            Some(from) => {
                assert_eq!(from, "2024-01-01T00:00:00Z");
                listing(&format!(
                    "<ListRecords>{}</ListRecords>",
                    item(4, false) + &if deleted { item(9, true) } else { String::new() }
                ))
            }
            None => repository(asked),
        }
    };
    let wish = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    let agency = Agency::start(changes(false));
    let came = gathered(&agency, "/oai?verb=ListRecords", wish).await.unwrap();
    assert_eq!((came.keys, came.spool.manifest.only_changes), (names([4]), true));
    let agency = Agency::start(changes(true));
    let wish = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    let came = gathered(&agency, "/oai?verb=ListRecords", wish).await.unwrap();
    assert_eq!((came.keys.len(), came.spool.manifest.only_changes), (5, false));
    // Nothing changed at all.
    let agency = Agency::start(|asked| match asked.query("from") {
        Some(_) => listing("<error code=\"noRecordsMatch\"/>"),
        None => repository(asked),
    });
    let wish = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    let came = gathered(&agency, "/oai?verb=ListRecords", wish).await.unwrap();
    assert_eq!((came.keys.len(), came.spool.manifest.only_changes), (0, true));
    // A repository that knows days only.
    let agency = Agency::start(|asked| match asked.query("from").as_deref() {
        Some("2024-01-01") => listing(&format!("<ListRecords>{}</ListRecords>", item(2, false))),
        Some(_) => listing("<error code=\"badArgument\">granularity</error>"),
        None => repository(asked),
    });
    let wish = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    assert_eq!(gathered(&agency, "/oai?verb=ListRecords", wish).await.unwrap().keys, names([2]));
}

#[tokio::test]
async fn an_interrupted_list_goes_on_at_its_token() {
    let down = std::sync::Arc::new(AtomicUsize::new(1));
    let switch = std::sync::Arc::clone(&down);
    let agency = Agency::start(move |asked| match asked.query("resumptionToken").as_deref() {
        Some("at 5") if switch.load(Ordering::SeqCst) == 1 => Answer::new(500, ""),
        _ => repository(asked),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = "/oai?verb=ListRecords&metadataPrefix=oai_dc";
    assert!(gather_from(&agency, target, ANY, folder.path()).await.is_err());
    down.store(0, Ordering::SeqCst);
    let before = agency.asked().len();
    let Gathered::Spooled(spool) = gather_from(&agency, target, ANY, folder.path()).await.unwrap() else {
        panic!("parts")
    };
    assert_eq!((agency.asked().len() - before, spool.parts.len(), spool.manifest.complete), (1, 3, true));
}

/// Gathers until a request is refused, mends what was broken, and gathers again into the same folder. Gives what was asked the
/// second time.
async fn interrupted(agency: &Agency, target: &str, wish: Wish<'_>, mend: impl FnOnce()) -> (Came, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let again = Wish { ..wish };
    assert!(gather_from(agency, target, wish, folder.path()).await.is_err(), "the first time is cut off");
    mend();
    let before = agency.asked().len();
    let Gathered::Spooled(spool) = gather_from(agency, target, again, folder.path()).await.unwrap() else {
        panic!("parts")
    };
    let document = Document::open(&spool.parts, spool.manifest.format, &Limits::default()).unwrap();
    let keys = document.records().map(|raw| document.decode(&raw.unwrap()).key).collect();
    let asked = agency.asked().split_off(before).into_iter().map(|asked| asked.target).collect();
    (Came { spool, keys, _folder: folder }, asked)
}

/// How many records there are, and from which on the server refuses.
struct Walked {
    total: AtomicUsize,
    refused_from: AtomicUsize,
}

impl Walked {
    fn new(total: usize, refused_from: usize) -> Arc<Self> {
        Arc::new(Self { total: AtomicUsize::new(total), refused_from: AtomicUsize::new(refused_from) })
    }

    fn total(&self) -> usize {
        self.total.load(Ordering::SeqCst)
    }

    fn refuses(&self, start: usize) -> bool {
        start >= self.refused_from.load(Ordering::SeqCst)
    }

    fn mend(&self, total: usize) {
        self.total.store(total, Ordering::SeqCst);
        self.refused_from.store(usize::MAX, Ordering::SeqCst);
    }
}

fn walked_service(walked: &Arc<Walked>) -> Agency {
    let walked = Arc::clone(walked);
    Agency::start(move |asked| {
        let Some(start) = asked.query("startPosition") else { return Answer::new(404, "") };
        let start: usize = start.parse().unwrap();
        if walked.refuses(start) {
            return Answer::new(403, "later");
        }
        Service { total: walked.total(), lies: false, poison: None }.answer(asked)
    })
}

#[tokio::test]
async fn an_interrupted_catalogue_service_goes_on_at_its_last_page() {
    let walked = Walked::new(350, 201);
    let agency = walked_service(&walked);
    let (came, asked) = interrupted(&agency, "/csw", ANY, || walked.mend(350)).await;
    assert_eq!((came.keys, came.spool.manifest.complete), (names(1..=350), true));
    let starts: Vec<bool> = asked.iter().map(|target| target.contains("startPosition=1&")).collect();
    assert_eq!(starts, [false; 4], "capabilities, the last page again, and the two that are left");
    assert!(came.spool.manifest.notes.is_empty(), "{:?}", came.spool.manifest.notes);
}

#[tokio::test]
async fn a_catalogue_service_that_changed_meanwhile_is_read_from_the_beginning_and_the_job_says_why() {
    let walked = Walked::new(350, 201);
    let agency = walked_service(&walked);
    let (came, _) = interrupted(&agency, "/csw", ANY, || walked.mend(260)).await;
    assert!(came.says("changed while the harvest was interrupted"), "{:?}", came.spool.manifest.notes);
    assert_eq!((came.keys, came.spool.manifest.complete), (names(1..=260), true));
}

fn walked_platform(walked: &Arc<Walked>) -> Agency {
    let walked = Arc::clone(walked);
    Agency::start(move |asked| match asked.path() {
        "/api/catalog/v1" => {
            let start: usize = asked.query("offset").unwrap().parse().unwrap();
            if walked.refuses(start) {
                return Answer::new(403, "later");
            }
            let total = walked.total();
            // What comes last stands first, so that anything new moves everything.
            let one = |n: usize| json!({"resource": {"id": format!("r{}", total - n), "name": "N", "type": if n == 7 { "chart" } else { "dataset" }}, "classification": {}, "metadata": {"domain": "d.example"}});
            Answer::ok(json!({"results": slice(total, start, one), "resultSetSize": total}).to_string())
        }
        _ => Answer::new(404, ""),
    })
}

#[tokio::test]
async fn an_interrupted_platform_goes_on_behind_its_last_page_unless_it_has_changed() {
    let wish = || Wish { kind: Some("socrata"), ..ANY };
    let walked = Walked::new(350, 200);
    let agency = walked_platform(&walked);
    let (came, asked) = interrupted(&agency, "/", wish(), || walked.mend(350)).await;
    assert_eq!((came.keys.len(), came.spool.manifest.complete), (349, true));
    let offsets: Vec<&str> = asked.iter().filter_map(|target| target.rsplit("offset=").next()).collect();
    assert_eq!(offsets, ["100", "200", "300"]);
    assert!(came.says("1 charts"), "what was left out before is counted still");
    let walked = Walked::new(350, 200);
    let agency = walked_platform(&walked);
    let (came, asked) = interrupted(&agency, "/", wish(), || walked.mend(351)).await;
    assert_eq!((came.keys.len(), came.spool.manifest.complete), (350, true));
    assert!(came.says("changed while the harvest was interrupted"), "{:?}", came.spool.manifest.notes);
    assert_eq!(asked.len(), 5, "the last page, and all four");
}

#[tokio::test]
async fn what_was_found_behind_a_front_page_is_not_looked_for_again() {
    let walked = Walked::new(120, 100);
    let agency = Agency::start({
        let walked = Arc::clone(&walked);
        move |asked| match asked.path() {
            "/api/explore/v2.1/catalog/datasets" => {
                let start: usize = asked.query("offset").unwrap().parse().unwrap();
                if walked.refuses(start) {
                    return Answer::new(403, "later");
                }
                let one = |n: usize| json!({"dataset_id": format!("r{n}"), "metas": {"default": {"title": "T"}}});
                Answer::ok(json!({"total_count": 120, "results": slice(120, start, one)}).to_string())
            }
            "/" => Answer::ok("<!doctype html><title>Open data</title>"),
            _ => Answer::new(404, ""),
        }
    });
    let (came, asked) = interrupted(&agency, "/", ANY, || walked.mend(120)).await;
    assert_eq!((came.keys.len(), came.spool.manifest.complete), (120, true));
    assert_eq!(asked.len(), 2, "{asked:?}");
}

#[tokio::test]
async fn parts_of_another_request_are_never_continued() {
    let down = Arc::new(AtomicUsize::new(1));
    let agency = Agency::start({
        let down = Arc::clone(&down);
        move |asked| match asked.query("resumptionToken").as_deref() {
            Some("at 3") if down.load(Ordering::SeqCst) == 1 => Answer::new(403, ""),
            _ => repository(asked),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let target = "/oai?verb=ListRecords&metadataPrefix=oai_dc";
    let changes = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    assert!(gather_from(&agency, target, changes, folder.path()).await.is_err());
    down.store(0, Ordering::SeqCst);
    let Gathered::Spooled(all) = gather_from(&agency, target, ANY, folder.path()).await.unwrap() else {
        panic!("parts")
    };
    assert!(!all.manifest.only_changes && all.manifest.notes.iter().any(|it| it.contains("what is wanted of it")));
    let mut firsts = agency.asked();
    firsts.retain(|asked| asked.query("resumptionToken").is_none());
    assert_eq!(firsts.len(), 2, "the list was begun again");
    // The other way round, all of the source is the better half.
    down.store(1, Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    assert!(gather_from(&agency, target, ANY, folder.path()).await.is_err());
    down.store(0, Ordering::SeqCst);
    let changes = Wish { since: Some("2024-01-01T00:00:00Z"), ..ANY };
    let before = agency.asked().len();
    let Gathered::Spooled(all) = gather_from(&agency, target, changes, folder.path()).await.unwrap() else {
        panic!("parts")
    };
    assert_eq!((agency.asked().len() - before, all.manifest.only_changes), (2, false));
}

fn index(rows: &[&str]) -> Answer {
    let rows: String = rows.iter().map(|it| format!("<a href=\"{it}\">{it}</a>   2024-01-02 03:04  1.2K\n")).collect();
    Answer::ok(format!(
        "<html><head><title>Index of /</title></head><body><h1>Index of /</h1><pre><a href=\"../\">Parent Directory</a>\n{rows}</pre></body></html>"
    ))
}

fn folder_of_metadata(asked: &Asked) -> Answer {
    match asked.path() {
        "/waf/" => index(&["b.xml", "a.xml", "sub/", "deep.html", "/elsewhere/x.xml"]),
        "/waf/sub/" => index(&["c.xml", "gone.xml", "loop/"]),
        "/waf/sub/loop/" => index(&["../", "./"]),
        "/waf/a.xml" => Answer::ok(record(1)),
        "/waf/b.xml" => Answer::ok(
            "<metadata><idinfo><citation><citeinfo><title>Wells</title></citeinfo></citation></idinfo></metadata>",
        ),
        "/waf/sub/c.xml" => Answer::ok("<gmd:MD_Metadata"),
        _ => Answer::new(404, ""),
    }
}

#[tokio::test]
async fn a_folder_of_metadata_is_walked_downward_and_known_again_by_its_index() {
    let agency = Agency::start(folder_of_metadata);
    for kind in [None, Some("waf")] {
        let came = gathered(&agency, "/waf/", Wish { kind, ..ANY }).await.unwrap();
        assert_eq!(came.keys, ["r1", "b.xml", "sub/c.xml"], "a broken file is there to be refused by name");
        assert!(!came.spool.manifest.complete && came.says("`sub/gone.xml` could not be had"));
        assert!(came.spool.manifest.validators.is_empty());
    }
    assert!(agency.asked().iter().all(|it| !it.path().starts_with("/elsewhere")));
    let whole = Agency::start(|asked| match asked.path() {
        "/waf/sub/" => index(&["c.xml"]),
        _ => folder_of_metadata(asked),
    });
    let came = gathered(&whole, "/waf/", Wish { kind: Some("waf"), ..ANY }).await.unwrap();
    assert!(came.spool.manifest.complete);
    let etag = came.spool.manifest.validators.etag.clone().unwrap();
    let before = whole.asked().len();
    let folder = tempfile::tempdir().unwrap();
    let wish = Wish { kind: Some("waf"), etag: Some(&etag), since: None };
    assert!(matches!(gather_from(&whole, "/waf/", wish, folder.path()).await.unwrap(), Gathered::NotModified));
    assert_eq!(whole.asked().len() - before, 2, "only the two indexes were asked for");
}

#[tokio::test]
async fn a_folder_without_bottom_is_read_down_to_a_limit() {
    let agency = Agency::start(|asked| match asked.path() {
        file if file.ends_with(".xml") => Answer::ok(record(file.len())),
        _ => index(&["x.xml", "down/"]),
    });
    let came = gathered(&agency, "/waf/", Wish { kind: Some("waf"), ..ANY }).await.unwrap();
    assert_eq!(came.keys.len(), 9, "the first folder and eight below it");
    assert!(!came.spool.manifest.complete && came.says("folders deeper than 8"));
}

#[tokio::test]
async fn a_folder_of_this_machine_is_read_like_one_on_the_web() {
    let folder = tempfile::tempdir().unwrap();
    let (files, spool) = (folder.path().join("files"), folder.path().join("spool"));
    std::fs::create_dir_all(files.join("sub")).unwrap();
    std::fs::write(files.join("a.xml"), record(1)).unwrap();
    std::fs::write(files.join("sub/b.xml"), record(2)).unwrap();
    std::fs::write(files.join("notes.txt"), "nothing").unwrap();
    let conditional = Conditional::default();
    let location = Location::File(files);
    let request =
        GatherRequest { location: &location, kind: None, conditional: &conditional, since: None, folder: &spool };
    let Gathered::Spooled(spool) = gather(&fetcher(brisk()), &request, &Stop::new(), &|_| {}).await.unwrap() else {
        panic!("parts")
    };
    let document = Document::open(&spool.parts, spool.manifest.format, &Limits::default()).unwrap();
    assert_eq!((spool.manifest.format, document.len(), spool.manifest.complete), (Format::Waf, 2, true));
}

/// Answers a page of `total` records from `start`, each made by `one`.
fn slice(total: usize, start: usize, one: impl Fn(usize) -> serde_json::Value) -> Vec<serde_json::Value> {
    (start..total.min(start + 100)).map(one).collect()
}

#[tokio::test]
async fn hosted_platforms_are_read_page_by_page() {
    let number = |asked: &Asked, name: &str| asked.query(name).unwrap().parse::<usize>().unwrap();
    let socrata = Agency::start(move |asked| match asked.path() {
        "/api/catalog/v1" => {
            let one = |n: usize| json!({"resource": {"id": format!("r{n}"), "name": "N", "type": if n == 7 { "chart" } else { "dataset" }}, "classification": {}, "metadata": {"domain": "d.example"}});
            Answer::ok(json!({"results": slice(150, number(asked, "offset"), one), "resultSetSize": 150}).to_string())
        }
        _ => Answer::new(404, ""),
    });
    let came = gathered(&socrata, "/", Wish { kind: Some("socrata"), ..ANY }).await.unwrap();
    assert_eq!((came.keys.len(), came.spool.manifest.complete), (149, true));
    assert!(came.says("1 charts"));
    let ods = Agency::start(move |asked| match asked.path() {
        "/api/explore/v2.1/catalog/datasets" => {
            let one = |n: usize| json!({"dataset_id": format!("r{n}"), "metas": {"default": {"title": "T"}}});
            Answer::ok(json!({"total_count": 120, "results": slice(120, number(asked, "offset"), one)}).to_string())
        }
        _ => Answer::new(404, ""),
    });
    for (target, kind) in [("/explore/", Some("opendatasoft")), ("/api/explore/v2.1/catalog/datasets?limit=10", None)] {
        let came = gathered(&ods, target, Wish { kind, ..ANY }).await.unwrap();
        assert_eq!((came.keys.len(), came.spool.manifest.complete), (120, true), "{target}");
    }
    let hub = Agency::start(move |asked| match asked.path() {
        "/api/search/v1/collections/all/items" => {
            let start = number(asked, "startindex") - 1;
            let one = |n: usize| json!({"id": format!("r{n}"), "type": "Feature", "properties": {"title": "T", "type": "Feature Layer"}});
            Answer::ok(json!({"type": "FeatureCollection", "features": slice(130, start, one), "numberMatched": 130, "links": []}).to_string())
        }
        _ => Answer::new(404, ""),
    });
    let came = gathered(&hub, "/", Wish { kind: Some("arcgis"), ..ANY }).await.unwrap();
    assert_eq!((came.keys.len(), came.spool.manifest.complete), (130, true));
}

#[tokio::test]
async fn a_portals_front_page_is_enough_to_find_its_interface() {
    let agency = Agency::start(|asked| match asked.path() {
        "/api/explore/v2.1/catalog/datasets" => {
            Answer::ok(r#"{"total_count": 1, "results": [{"dataset_id": "a", "metas": {"default": {"title": "T"}}}]}"#)
        }
        "/" => Answer::ok("<!doctype html><title>Open data</title>"),
        _ => Answer::new(404, ""),
    });
    let came = gathered(&agency, "/", ANY).await.unwrap();
    assert_eq!((came.keys, came.spool.manifest.format), (vec!["a".to_owned()], Format::Opendatasoft));
    let ckan = Agency::start(|asked| match asked.path() {
        "/api/3/action/package_search" => Answer::ok(
            r#"{"success": true, "result": {"count": 1, "results": [{"id": "p", "name": "p", "title": "P", "resources": []}]}}"#,
        ),
        "/" => Answer::ok("<!doctype html><title>Open data</title>"),
        _ => Answer::new(404, ""),
    });
    assert_eq!(gathered(&ckan, "/", ANY).await.unwrap().keys, ["p"]);
}

#[tokio::test]
async fn a_platform_without_its_own_interface_is_read_by_its_catalogue() {
    let agency = Agency::start(|asked| match asked.path() {
        "/data.json" => Answer::ok(
            r#"{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [{"identifier": "a", "title": "A"}]}"#,
        ),
        _ => Answer::new(404, ""),
    });
    let came = gathered(&agency, "/", Wish { kind: Some("socrata"), ..ANY }).await.unwrap();
    assert_eq!((came.keys, came.spool.manifest.format), (vec!["a".to_owned()], Format::DcatUs));
    let nothing = Agency::start(|_| Answer::new(404, ""));
    let error = gathered(&nothing, "/", Wish { kind: Some("arcgis"), ..ANY }).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::Fetch(_)), "{error}");
    let same = Agency::start(|asked| match asked.path() {
        "/api/search/v1/collections/all/items" => {
            Answer::ok(r#"{"features":[{"id":"a","properties":{}}],"numberMatched":9,"links":[]}"#)
        }
        _ => Answer::new(404, ""),
    });
    let error = gathered(&same, "/", Wish { kind: Some("arcgis"), ..ANY }).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, GatherError::PagingStuck { .. }), "{error}");
}
