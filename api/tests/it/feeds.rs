//! Feeds, sitemaps, and the change feed as a copy of the catalogue.

use std::collections::BTreeMap;

use fairground_catalog::dataset;
use fairground_domain::DatasetDraft;
use serde_json::Value;

use super::portal::{Actor, Portal, air, beds, berths, named, texts};

async fn feed(actor: &Actor<'_>, path: &str) -> String {
    let answer = actor.get(path).await.is(200);
    assert!(answer.header("content-type").starts_with("application/atom+xml"), "{path}");
    let again = actor.clone().saying("if-none-match", &answer.header("etag")).get(path).await;
    again.is(304);
    answer.text()
}

fn titles(text: &str) -> Vec<&str> {
    text.split("<entry>")
        .skip(1)
        .map(|entry| entry.split("<title>").nth(1).unwrap().split("</title>").next().unwrap())
        .collect()
}

fn link(text: &str, relation: &str) -> Option<String> {
    let rest = text.split(&format!("<link rel=\"{relation}\"")).nth(1)?;
    let address = rest.split("href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&amp;", "&").replace("http://127.0.0.1:8080", ""))
}

#[actix_web::test]
async fn whoever_follows_a_feed_is_told_of_every_change() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let all = feed(&reader, "/feeds/datasets.atom").await;
    assert_eq!(titles(&all), ["New: Berths of the harbour", "New: Air quality", "New: Hospital beds"]);
    let mut changed = beds();
    changed.version = Some("2".into());
    portal.harvest("ardenport", vec![changed]);
    let all = feed(&reader, "/feeds/datasets.atom").await;
    assert_eq!(titles(&all)[..2], ["Withdrawn: air-quality", "Changed: Hospital beds"]);
    portal.harvest("ardenport", vec![air(), beds()]);
    assert!(titles(&feed(&reader, "/feeds/datasets.atom").await).contains(&"Public again: Air quality"));

    let own = feed(&reader, "/feeds/datasets/air-quality.atom").await;
    assert_eq!(titles(&own), ["Public again: Air quality", "Withdrawn: Air quality", "New: Air quality"]);
    let publisher = feed(&reader, "/feeds/publishers/port-authority.atom").await;
    assert_eq!(titles(&publisher), ["Berths of the harbour"]);
    let theme = feed(&reader, "/feeds/themes/health.atom").await;
    assert_eq!(titles(&theme), ["Hospital beds"]);
    let search = feed(&reader, "/feeds/search.atom?q=quality&publisher=ardenport").await;
    assert_eq!(titles(&search), ["Air quality"]);
    assert_eq!(link(&search, "alternate").unwrap(), "/datasets?q=quality&publisher=ardenport");

    portal.harvest("port-authority", vec![]);
    let publisher = feed(&reader, "/feeds/publishers/port-authority.atom").await;
    assert!(titles(&publisher).is_empty() && publisher.contains("<at:deleted-entry ref=\"urn:uuid:"), "{publisher}");
    for (path, status) in [
        ("/feeds/publishers/nobody.atom", 404),
        ("/feeds/themes/nothing.atom", 404),
        ("/feeds/datasets/nothing.atom", 404),
        ("/feeds/datasets.atom?archive=9", 404),
        ("/feeds/datasets.atom?colour=red", 400),
        ("/feeds/publishers/ardenport.atom?after=x", 400),
        ("/feeds/search.atom?colour=red", 400),
        ("/feeds/nothing.atom", 404),
    ] {
        reader.get(path).await.is(status);
    }
}

#[actix_web::test]
async fn older_entries_are_reached_by_links_and_each_once() {
    let portal = Portal::open().await;
    let draft = |n: usize, version: usize| {
        let mut draft = beds();
        draft.identifier = format!("d-{n}");
        draft.title = texts(&[("en", &format!("Dataset {n}"))]);
        draft.version = Some(version.to_string());
        draft
    };
    for version in 0..7 {
        portal.harvest("ardenport", (0..240).map(|n| draft(n, version)).collect());
    }
    let reader = portal.consumer_by_hand("reader").await;
    // The whole journal by archives, each of which never changes.
    let mut text = feed(&reader, "/feeds/datasets.atom").await;
    assert!(!text.contains("<fh:archive/>") && titles(&text).len() > 400);
    let mut count = titles(&text).len();
    let mut archives = Vec::new();
    while let Some(address) = link(&text, "prev-archive") {
        text = feed(&reader, &address).await;
        assert!(
            text.contains("<fh:archive/>") && link(&text, "current").unwrap() == "/feeds/datasets.atom",
            "{address}"
        );
        count += titles(&text).len();
        archives.push((address, text.clone()));
    }
    assert_eq!(count, 240 * 7);
    assert!(archives.len() >= 2);
    portal.harvest("port-authority", vec![berths()]);
    for (address, before) in &archives {
        assert_eq!(
            feed(&reader, address).await.replace("next-archive", ""),
            before.replace("next-archive", ""),
            "{address}"
        );
    }
    for path in
        ["/feeds/publishers/ardenport.atom", "/feeds/themes/health.atom", "/feeds/search.atom?publisher=ardenport"]
    {
        let (mut seen, mut path) = (Vec::new(), path.to_owned());
        loop {
            let page = feed(&reader, &path).await;
            seen.extend(titles(&page).into_iter().map(str::to_owned));
            let Some(next) = link(&page, "next") else { break };
            path = next;
        }
        seen.sort();
        seen.dedup();
        // The harbour's berths are of no theme and of another body.
        assert_eq!(seen.len(), 240, "{path}");
    }
}

#[actix_web::test]
async fn crawlers_find_every_public_page() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let index = reader.get("/sitemap.xml").await.is(200).text();
    let pages: Vec<String> = index
        .split("<loc>")
        .skip(1)
        .map(|rest| rest.split("</loc>").next().unwrap().replace("http://127.0.0.1:8080", ""))
        .collect();
    assert_eq!(pages.len(), 3, "{index}");
    let mut found = String::new();
    for page in &pages {
        let answer = reader.get(page).await.is(200);
        assert!(answer.header("content-type").starts_with("application/xml"), "{page}");
        found.push_str(&answer.text());
    }
    for address in ["/datasets/hospital-beds<", "/datasets/air-quality<", "/publishers/ardenport<", "/transparency<"] {
        assert!(found.contains(address), "{address}: {found}");
    }
    portal.harvest("ardenport", vec![beds()]);
    let page = reader.get(&pages[2]).await.is(200).text();
    assert!(page.contains("/datasets/hospital-beds<") && !page.contains("/datasets/air-quality<"), "{page}");
    for path in ["/sitemaps/datasets/x/end.xml", "/sitemaps/nothing.xml"] {
        reader.get(path).await.is(404);
    }
}

/// A catalogue that knows nothing but the change feed.
#[derive(Debug, Default, PartialEq)]
struct Copy {
    /// By id: slug, version, digest, publisher, document.
    datasets: BTreeMap<String, (String, i64, String, Option<String>, String)>,
    publishers: BTreeMap<String, (String, String)>,
}

impl Copy {
    async fn follow(actor: &Actor<'_>, limit: usize) -> Self {
        let (mut copy, mut since) = (Self::default(), 0);
        loop {
            let path = format!("/api/v1/changes?since={since}&limit={limit}&documents=true");
            let page = actor.get(&path).await.is(200).json();
            for item in page["items"].as_array().unwrap() {
                copy.apply(item);
            }
            since = page["next"].as_i64().unwrap();
            if page["more"] == false {
                return copy;
            }
        }
    }

    fn apply(&mut self, item: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let id = text(&item["subject_id"]).unwrap();
        let payload = &item["payload"];
        match item["kind"].as_str().unwrap() {
            "dataset.created" | "dataset.updated" | "dataset.restored" => {
                // What is not public now has no document; an entry that takes it away follows.
                let Some(document) = item.get("document") else { return };
                let draft: DatasetDraft = serde_json::from_value(document.clone()).unwrap();
                let document = draft.to_document();
                let digest = DatasetDraft::fingerprint(&document).to_string();
                assert_eq!(
                    digest,
                    payload["content_hash"].as_str().unwrap(),
                    "the document is the one that was published"
                );
                let entry = (
                    text(&payload["slug"]).unwrap(),
                    payload["version"].as_i64().unwrap(),
                    digest,
                    text(&item["publisher"]),
                    document,
                );
                self.datasets.insert(id, entry);
            }
            "dataset.withdrawn" => drop(self.datasets.remove(&id)),
            "publisher.created" => {
                let slug = text(&payload["slug"]).unwrap();
                self.publishers.insert(id, (slug, item["document"].to_string()));
            }
            _ => {}
        }
    }

    fn of_the_catalogue(portal: &Portal) -> Self {
        let db = &portal.state.catalog.db;
        let mut copy = Self::default();
        for one in db.read(|tx| dataset::list_published_after(tx, None, 10_000)).unwrap() {
            let entry = (
                one.slug.to_string(),
                i64::from(one.version),
                one.content_hash.to_string(),
                one.publisher.map(|publisher| publisher.slug.to_string()),
                one.draft.to_document(),
            );
            copy.datasets.insert(one.id.to_string(), entry);
        }
        for listing in db.read(|tx| fairground_catalog::publisher::list(tx, None, 10_000)).unwrap() {
            let publisher = listing.publisher;
            let agent = serde_json::to_value(&publisher.agent).unwrap().to_string();
            copy.publishers.insert(publisher.id.to_string(), (publisher.slug.to_string(), agent));
        }
        copy
    }
}

#[actix_web::test]
async fn following_the_changes_from_zero_gives_the_same_catalogue() {
    let portal = Portal::furnished().await;
    let mut changed = beds();
    changed.title = texts(&[("en", "Beds"), ("de", "Betten")]);
    portal.harvest("ardenport", vec![changed.clone()]);
    portal.harvest("ardenport", vec![changed.clone(), air()]);
    changed.version = Some("3".into());
    portal.harvest("ardenport", vec![changed, air()]);
    portal.harvest("port-authority", vec![]);
    portal.harvest("late", vec![named(berths(), "moorings")]);
    // Entries that are nobody's business lie between.
    for name in ["a", "b", "c"] {
        portal.consumer_by_hand(name).await;
    }
    portal.harvest("later", vec![named(air(), "noise")]);
    let reader = portal.consumer_by_hand("reader").await;
    let expected = Copy::of_the_catalogue(&portal);
    assert_eq!(expected.datasets.len(), 4, "{expected:?}");
    for limit in [1, 2, 7, 1_000] {
        assert_eq!(Copy::follow(&reader, limit).await, expected, "{limit} at once");
    }
    let plain = reader.get("/api/v1/changes").await.is(200).json();
    assert!(plain["items"][0].get("document").is_none(), "documents come when they are asked for");
    reader.get("/api/v1/changes?documents=perhaps").await.refused_as(400, "invalid-parameter");
}
