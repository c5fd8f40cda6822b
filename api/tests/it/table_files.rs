//! Exports and whole files.

use super::portal::Portal;
use super::tables::{WARDS, wards, with_wards};

#[actix_web::test]
async fn everything_comes_out_in_every_format() {
    let (portal, id) = with_wards().await;
    let visitor = portal.reader("anna").await;
    let slug = visitor.get(&format!("/api/v1/tables/{id}")).await.is(200).json()["slug"].as_str().unwrap().to_owned();
    for (format, media, begins) in [
        ("csv", "text/csv", "id,district,opened"),
        ("json", "application/json", "["),
        ("ndjson", "application/x-ndjson", "{\"id\":0"),
        ("parquet", "application/vnd.apache.parquet", "PAR1"),
        ("arrow", "application/vnd.apache.arrow.stream", "\u{FFFD}"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
    ] {
        let answer = visitor.get(&format!("/api/v1/tables/{id}/export.{format}")).await.is(200);
        assert!(answer.header("content-type").starts_with(media), "{format}: {}", answer.header("content-type"));
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{slug}-v1.{format}\""));
        assert!(answer.text().starts_with(begins), "{format}: {:?}", &answer.body[..20]);
        assert_eq!(answer.header("content-encoding"), "", "{format}");
    }
    let lines = visitor.get(&format!("/api/v1/tables/{id}/export.ndjson")).await.text();
    assert_eq!(lines.lines().count(), WARDS);
    let all = visitor.get(&format!("/api/v1/tables/{id}/export.json")).await.json();
    assert_eq!(all.as_array().unwrap().len(), WARDS);
    let some =
        visitor.get(&format!("/api/v1/tables/{id}/export.csv?district=North&properties=id&sortby=-id&limit=2")).await;
    assert_eq!(some.is(200).text().replace("\r\n", "\n"), "id\n245\n240\n");
    let titled = visitor.get(&format!("/api/v1/tables/{id}/export.csv?titles=true&limit=1")).await.is(200).text();
    assert!(titled.starts_with("id,District,"), "{titled}");
    visitor.get(&format!("/api/v1/tables/{id}/export.geojson")).await.refused_as(422, "unsuitable");
}

#[actix_web::test]
async fn formulas_are_made_harmless_when_asked() {
    let portal = Portal::furnished().await;
    let file = b"name,kind\n=1+1,a\nplain,b\n+49 30,c\n";
    let id = portal.load("air-quality", "formulas.csv", file)[0].id.to_string();
    let visitor = portal.visitor();
    let safe = visitor.get(&format!("/api/v1/tables/{id}/export.csv?safe=true")).await.is(200).text();
    assert!(safe.contains("'=1+1"), "{safe}");
    let plain = visitor.get(&format!("/api/v1/tables/{id}/export.csv")).await.is(200).text();
    assert!(!plain.contains("'="), "{plain}");
}

#[actix_web::test]
async fn an_export_is_estimated_without_being_made() {
    let (portal, id) = with_wards().await;
    let visitor = portal.visitor();
    let told = visitor.get(&format!("/api/v1/tables/{id}/export.xlsx?estimate=true")).await.is(200);
    assert_eq!(told.header("content-type"), "application/json");
    let told = told.json();
    assert_eq!(told["rows"], WARDS);
    assert_eq!(told["units"], 10);
    assert!(told["bytes"].as_u64().unwrap() > 1_000, "{told}");
}

#[actix_web::test]
async fn whole_files_are_given_in_parts() {
    let (portal, id) = with_wards().await;
    for format in ["csv", "parquet"] {
        let path = format!("/api/v1/tables/{id}/export.{format}");
        let visitor = portal.reader(format).await;
        let whole = visitor.get(&path).await.is(200);
        let (length, tag) = (whole.body.len(), whole.header("etag"));
        assert_eq!(whole.header("accept-ranges"), "bytes", "{format}");
        assert_eq!(whole.header("content-length"), length.to_string());
        let head = visitor.send("HEAD", &path, None).await.is(200);
        assert_eq!(head.header("content-length"), length.to_string(), "{format}");
        for (range, from, to) in [("bytes=0-9", 0, 10), ("bytes=100-", 100, length), ("bytes=-7", length - 7, length)] {
            let part = visitor.clone().saying("range", range).get(&path).await.is(206);
            assert_eq!(part.body, &whole.body[from..to], "{format} {range}");
            assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{length}", to - 1));
            assert_eq!(part.header("etag"), tag);
            let same = visitor.clone().saying("range", range).saying("if-range", &tag).get(&path).await.is(206);
            assert_eq!(same.body, part.body);
            let other = visitor.clone().saying("range", range).saying("if-range", "\"other\"").get(&path).await.is(200);
            assert_eq!(other.body.len(), length);
            let squeezed =
                visitor.clone().saying("range", range).saying("accept-encoding", "gzip, br, zstd").get(&path).await;
            let squeezed = squeezed.is(206);
            assert_eq!((squeezed.header("content-encoding"), squeezed.body), (String::new(), part.body));
        }
        let beyond = visitor.clone().saying("range", "bytes=99999999-").get(&path).await;
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
        beyond.refused_as(416, "range-not-satisfiable");
    }
}

#[actix_web::test]
async fn answers_are_compressed_as_the_caller_likes_and_files_only_once() {
    let (portal, id) = with_wards().await;
    let visitor = portal.reader("anna").await;
    let path = format!("/api/v1/tables/{id}/rows?limit=200");
    let plain = visitor.get(&path).await.is(200);
    for encoding in ["br", "zstd", "gzip"] {
        let packed = visitor.clone().saying("accept-encoding", encoding).get(&path).await.is(200);
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(packed.body.len() < plain.body.len() / 2, "{encoding}: {}", packed.body.len());
        assert_eq!(packed.header("etag"), format!("{}-{encoding}\"", plain.header("etag").trim_end_matches('"')));
        let tag = packed.header("etag");
        visitor.clone().saying("accept-encoding", encoding).saying("if-none-match", &tag).get(&path).await.is(304);
        for format in ["parquet", "xlsx", "arrow"] {
            let file = visitor
                .clone()
                .saying("accept-encoding", encoding)
                .get(&format!("/api/v1/tables/{id}/export.{format}"))
                .await;
            assert_eq!(file.is(200).header("content-encoding"), "", "{format}");
        }
    }
    let unpacked = visitor.clone().saying("accept-encoding", "zstd").get(&path).await.is(200);
    assert_eq!(zstd::decode_all(unpacked.body.as_slice()).unwrap(), plain.body);
}

#[actix_web::test]
async fn rows_that_were_kept_out_can_be_looked_at() {
    let portal = Portal::furnished().await;
    let mut file = wards(0);
    file.extend_from_slice(b"1,2,3,4,5,6,7,8,9,10,11,12\n");
    let published = portal.load("air-quality", "wards.csv", &file);
    assert_eq!(published[0].quarantined, 1);
    let id = published[0].id.to_string();
    let visitor = portal.visitor();
    let told = visitor.get(&format!("/api/v1/tables/{id}")).await.is(200).json();
    assert_eq!((told["rows"].as_u64(), told["quarantined"].as_u64()), (Some(250), Some(1)));
    let path = told["links"]["quarantine"].as_str().unwrap();
    let plain = visitor.get(path).await.is(200);
    assert!(plain.text().contains("1,2,3,4,5,6,7,8,9,10,11,12"), "{}", plain.text());
    let packed = visitor.clone().saying("accept-encoding", "gzip").get(path).await.is(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(&packed.body[..2], [0x1f, 0x8b]);
    let clean = portal.load("hospital-beds", "clean.csv", b"a,b\n1,2\n3,4\n")[0].id.to_string();
    visitor.get(&format!("/api/v1/tables/{clean}/quarantine.csv")).await.refused_as(404, "not-found");
}
