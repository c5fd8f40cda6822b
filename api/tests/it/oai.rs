//! What harvesters that speak OAI-PMH find.

use std::collections::BTreeSet;

use super::portal::{Actor, Portal, air, beds, berths};

async fn ask(actor: &Actor<'_>, query: &str) -> String {
    let answer = actor.get(&format!("/oai?{query}")).await.is(200);
    assert!(answer.header("content-type").starts_with("text/xml"), "{query}");
    let text = answer.text();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH "), "{text}");
    text
}

fn all<'t>(text: &'t str, element: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(open.as_str()).skip(1).map(|rest| rest.split(close.as_str()).next().unwrap()).collect()
}

fn code(text: &str) -> Option<&str> {
    text.split("<error code=\"").nth(1)?.split('"').next()
}

fn token(text: &str) -> Option<String> {
    let rest = text.split("<resumptionToken cursor=\"").nth(1)?.split_once('>')?.1;
    rest.split_once("</resumptionToken>").map(|(token, _)| token.to_owned())
}

#[actix_web::test]
async fn every_verb_answers() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let identify = ask(&reader, "verb=Identify").await;
    assert_eq!(all(&identify, "baseURL"), ["http://127.0.0.1:8080/oai"]);
    assert_eq!(all(&identify, "deletedRecord"), ["persistent"]);
    assert_eq!(all(&identify, "granularity"), ["YYYY-MM-DDThh:mm:ssZ"]);
    assert_eq!(all(&identify, "earliestDatestamp")[0].len(), "2024-01-01T00:00:00Z".len());

    let formats = ask(&reader, "verb=ListMetadataFormats").await;
    assert_eq!(all(&formats, "metadataPrefix"), ["oai_dc", "dcat"]);
    let sets = ask(&reader, "verb=ListSets").await;
    assert_eq!(all(&sets, "setSpec"), ["publisher.ardenport", "publisher.port-authority", "theme.health"]);
    let headers = ask(&reader, "verb=ListIdentifiers&metadataPrefix=oai_dc").await;
    assert_eq!(all(&headers, "identifier").len(), 3);

    let records = ask(&reader, "verb=ListRecords&metadataPrefix=oai_dc").await;
    assert!(records.contains("<dc:title xml:lang=\"de\">Krankenhausbetten</dc:title>"), "{records}");
    assert!(records.contains("<dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>"), "{records}");
    let identifier = all(&headers, "identifier")[0];
    let one = ask(&reader, &format!("verb=GetRecord&metadataPrefix=dcat&identifier={identifier}")).await;
    assert!(one.contains("<rdf:RDF") && !one.contains("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rdf"), "{one}");
    assert!(
        one.contains(&format!("<request verb=\"GetRecord\" identifier=\"{identifier}\" metadataPrefix=\"dcat\">")),
        "{one}"
    );
    let formats = ask(&reader, &format!("verb=ListMetadataFormats&identifier={identifier}")).await;
    assert_eq!(all(&formats, "metadataPrefix").len(), 2);

    let form = reader.clone().saying("content-type", "application/x-www-form-urlencoded");
    let posted = form.send("POST", "/oai", Some("verb=ListSets".to_owned())).await.is(200).text();
    assert_eq!(all(&posted, "setSpec").len(), 3);
    assert!(!reader.get("/oai?verb=Identify").await.header("ratelimit-cost").is_empty(), "it passes the hot path");
}

#[actix_web::test]
async fn every_refusal_of_the_protocol_has_its_code() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let unknown = "oai:127.0.0.1:0192f0c1-2a4b-7000-8000-000000000000";
    for (query, expected) in [
        ("", "badVerb"),
        ("verb=Nothing", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&colour=red", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-03T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=%20", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=2000-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=publisher.nobody", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=colour:red", "noRecordsMatch"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=x", "idDoesNotExist"),
        (&format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={unknown}"), "idDoesNotExist"),
        (&format!("verb=ListMetadataFormats&identifier={unknown}"), "idDoesNotExist"),
    ] {
        let text = ask(&reader, query).await;
        assert_eq!(code(&text), Some(expected), "{query}: {text}");
        let tells = !matches!(expected, "badVerb" | "badArgument");
        assert_eq!(text.contains("<request verb="), tells, "{query}");
    }
    let identifier = all(&ask(&reader, "verb=ListIdentifiers&metadataPrefix=dcat").await, "identifier")[0].to_owned();
    let text = ask(&reader, &format!("verb=GetRecord&metadataPrefix=marc21&identifier={identifier}")).await;
    assert_eq!(code(&text), Some("cannotDisseminateFormat"));
}

#[actix_web::test]
async fn lists_are_read_to_their_end_by_tokens_and_each_record_once() {
    let portal = Portal::open().await;
    let many = |from: usize, to: usize| {
        let draft = |n: usize| {
            let mut draft = if n.is_multiple_of(2) { beds() } else { air() };
            draft.identifier = format!("d-{n}");
            draft.title = super::portal::texts(&[("en", &format!("Dataset {n}"))]);
            draft
        };
        (from..to).map(draft).collect::<Vec<_>>()
    };
    portal.harvest("ardenport", many(0, 130));
    portal.harvest("port-authority", many(200, 320));
    let reader = portal.consumer_by_hand("reader").await;
    for (query, expected) in [
        ("verb=ListRecords&metadataPrefix=oai_dc", 250),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=publisher.ardenport", 130),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=theme.health", 125),
    ] {
        let (mut seen, mut query, mut pages) = (Vec::new(), query.to_owned(), 0);
        loop {
            let text = ask(&reader, &query).await;
            seen.extend(all(&text, "identifier").into_iter().map(str::to_owned));
            pages += 1;
            let Some(token) = token(&text) else {
                assert_eq!(text.contains("<resumptionToken cursor="), pages > 1, "the last page of several says so");
                break;
            };
            query = format!("verb=ListRecords&resumptionToken={token}");
            // What changes meanwhile is for the next harvest: the list comes to its end.
            if pages == 1 && expected == 250 {
                portal.harvest("late", vec![berths()]);
            }
        }
        assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (expected, expected), "{query}");
    }
    let text = ask(&reader, "verb=ListRecords&metadataPrefix=oai_dc").await;
    let foreign = token(&text).unwrap();
    let text = ask(&reader, &format!("verb=ListIdentifiers&resumptionToken={foreign}")).await;
    assert_eq!(code(&text), Some("badResumptionToken"), "a token is for the list that it came with");
}

#[actix_web::test]
async fn what_changed_is_harvested_alone_and_what_was_withdrawn_is_told_for_ever() {
    let portal = Portal::furnished().await;
    let reader = portal.consumer_by_hand("reader").await;
    let first = ask(&reader, "verb=ListIdentifiers&metadataPrefix=oai_dc").await;
    let before = all(&first, "datestamp").into_iter().max().unwrap().to_owned();
    // The next second, so that datestamps tell the two apart.
    actix_web::rt::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let mut changed = beds();
    changed.title = super::portal::texts(&[("en", "Hospital beds <\u{b}& wards>")]);
    portal.harvest("ardenport", vec![changed]);
    let since = all(&ask(&reader, "verb=Identify").await, "responseDate")[0].to_owned();
    let later = ask(&reader, "verb=ListIdentifiers&metadataPrefix=oai_dc").await;
    let moments: BTreeSet<&str> = all(&later, "datestamp").into_iter().collect();
    let new = *moments.iter().find(|moment| **moment > before.as_str()).unwrap();
    assert!(new <= since.as_str(), "{moments:?}");

    let news = ask(&reader, &format!("verb=ListRecords&metadataPrefix=oai_dc&from={new}")).await;
    assert_eq!(all(&news, "identifier").len(), 2, "{news}");
    assert!(news.contains("Hospital beds &lt;&amp; wards&gt;"), "{news}");
    assert_eq!(news.matches("<header status=\"deleted\">").count(), 1);
    assert_eq!(news.matches("<metadata>").count(), 1, "a deleted record is its header alone");
    let old = ask(&reader, &format!("verb=ListRecords&metadataPrefix=oai_dc&until={before}")).await;
    assert_eq!(all(&old, "setSpec"), ["publisher.port-authority"]);
    let of_set = ask(&reader, "verb=ListIdentifiers&metadataPrefix=oai_dc&set=publisher.ardenport").await;
    assert_eq!(of_set.matches("status=\"deleted\"").count(), 1, "{of_set}");
    let dcat = ask(&reader, "verb=ListRecords&metadataPrefix=dcat").await;
    assert!(!dcat.contains('\u{b}') && !dcat.contains("&#11;") && !dcat.contains("&#xB;"), "XML cannot hold it");
}
