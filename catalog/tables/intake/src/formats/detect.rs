//! What a file is, by its bytes.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::Format;
use crate::error::IntakeError;

/// Bytes looked at, at the start of a file.
const HEAD_BYTES: u64 = 64 << 10;
/// Bytes of a compound file searched for the names of its streams.
const COMPOUND_BYTES: u64 = 64 << 20;

/// Beginnings that settle the matter: what it is, in words, and no table.
const NOT_DATA: &[(&[u8], &str)] = &[
    (b"%PDF", "it is a PDF document; publish the data behind it as CSV"),
    (b"\x89PNG", "it is a picture, not data"),
    (b"\xff\xd8\xff", "it is a picture, not data"),
    (b"GIF8", "it is a picture, not data"),
    (b"II*\0", "it is a raster picture (TIFF), not a table"),
    (b"MM\0*", "it is a raster picture (TIFF), not a table"),
    (b"RIFF", "it is a picture, sound or film, not data"),
    (b"ID3", "it is a sound file, not data"),
    (b"OggS", "it is a sound or film file, not data"),
    (b"BZh", "it is packed with bzip2, which is not read; use zip or gzip"),
    (b"\xfd7zXZ\0", "it is packed with xz, which is not read; use zip or gzip"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive, which is not read; use zip"),
    (b"Rar!\x1a", "it is a RAR archive, which is not read; use zip"),
    (b"SQLite format 3\0", "it is an SQLite database; publish its tables one by one"),
    (b"ARROW1", "it is an Arrow file, which is not read; use Parquet"),
    (b"Obj\x01", "it is an Avro file, which is not read; use Parquet"),
    (b"ORC", "it is an ORC file, which is not read; use Parquet"),
    (b"\x89HDF\r\n\x1a\n", "it is an HDF5 or netCDF file, not a table"),
    (b"CDF\x01", "it is a netCDF file, not a table"),
    (b"\x7fELF", "it is a program, not data"),
    (b"{\\rtf", "it is a text document, not a table"),
    (b"%!PS", "it is a printed page (PostScript), not data"),
    (b"BEGIN:VCALENDAR", "it is a calendar, not a table"),
    (b"BEGIN:VCARD", "it is an address card, not a table"),
    (
        b"version https://git-lfs.github.com/",
        "it is a pointer to a large file that was not fetched (Git LFS), not the data",
    ),
];

/// Names whose text is no table even where nothing in it says so.
const NOT_DATA_ENDINGS: &[&str] =
    &["md", "html", "htm", "css", "js", "ts", "py", "r", "rs", "sql", "yaml", "yml", "toml", "sh", "rst", "tex", "ttl"];

pub(super) fn detect(path: &Path, name: &str, media_type: Option<&str>) -> Result<Format, IntakeError> {
    if path.is_dir() {
        return detect_folder(path);
    }
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(not_tabular("the file is empty"));
    }
    let ending = ending(name);
    if let Some(found) = by_magic(path, &head, &ending)? {
        return Ok(found);
    }
    let Some(text) = as_text(&head) else {
        return Err(not_tabular("it is a binary file of an unknown kind"));
    };
    by_text(text.trim_start_matches('\u{feff}').trim_start(), &ending, media_type)
}

fn not_tabular(why: &str) -> IntakeError {
    IntakeError::NotTabular { why: why.to_owned() }
}

/// The name's ending in small letters, without the dot.
pub(super) fn ending(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map(|(_, ending)| ending.trim().to_ascii_lowercase()).unwrap_or_default()
}

fn detect_folder(path: &Path) -> Result<Format, IntakeError> {
    for entry in std::fs::read_dir(path)? {
        if ending(&entry?.file_name().to_string_lossy()) == "shp" {
            return Ok(Format::Shapefile);
        }
    }
    Err(not_tabular("the folder holds no shapefile"))
}

fn by_magic(path: &Path, head: &[u8], ending: &str) -> Result<Option<Format>, IntakeError> {
    if let Some((_, why)) = NOT_DATA.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(not_tabular(why));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return in_zip(path).map(Some);
    }
    if head.starts_with(b"\x1f\x8b") {
        return Ok(Some(Format::Gzip));
    }
    if head.starts_with(b"\x28\xb5\x2f\xfd") {
        return Ok(Some(Format::Zstd));
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return in_compound(path).map(Some);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Some(Format::Parquet));
    }
    if head.starts_with(b"PARE") {
        return Err(IntakeError::Protected { format: "parquet" });
    }
    if head.get(257..262) == Some(b"ustar".as_slice()) {
        return Err(not_tabular("it is a tar archive, which is not read; use zip"));
    }
    if head.starts_with(b"\0\0\x27\x0a") {
        return match ending {
            "shx" => Err(not_tabular("it is only the index of a shapefile; give all its parts in one zip")),
            _ => Ok(Some(Format::Shapefile)),
        };
    }
    if ending == "dbf" && looks_like_dbf(head) {
        return Ok(Some(Format::Dbf));
    }
    Ok(None)
}

/// A dBase header: a known version, a month and day that exist, and a header length that fits whole field descriptors.
fn looks_like_dbf(head: &[u8]) -> bool {
    let (Some(version), Some(month), Some(day)) = (head.first(), head.get(2), head.get(3)) else { return false };
    let length = u16::from_le_bytes([head.get(8).copied().unwrap_or(0), head.get(9).copied().unwrap_or(0)]);
    [0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8e, 0xcb, 0xf5, 0xfb].contains(version)
        && *month <= 12
        && *day <= 31
        && length >= 33
}

/// Looks at the names in a ZIP archive: workbooks are such archives too.
fn in_zip(path: &Path) -> Result<Format, IntakeError> {
    let broken = |why: String| IntakeError::Broken { format: "zip", place: "its directory".to_owned(), why };
    let mut archive =
        zip::ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|error| broken(error.to_string()))?;
    let has = |archive: &zip::ZipArchive<BufReader<File>>, wanted: &str| {
        archive
            .file_names_raw()
            .any(|name| String::from_utf8_lossy(name).replace('\\', "/").eq_ignore_ascii_case(wanted))
    };
    if has(&archive, "[Content_Types].xml") {
        let starts = |archive: &zip::ZipArchive<BufReader<File>>, wanted: &str| {
            archive.file_names_raw().any(|name| name.to_ascii_lowercase().starts_with(wanted.as_bytes()))
        };
        if has(&archive, "xl/workbook.bin") {
            return Ok(Format::Xlsb);
        }
        if starts(&archive, "word/") {
            return Err(not_tabular("it is a text document, not a table"));
        }
        if starts(&archive, "ppt/") {
            return Err(not_tabular("it is a presentation, not a table"));
        }
        return Ok(Format::Xlsx);
    }
    if has(&archive, "doc.kml") {
        return Err(not_tabular("it is a map layer (KMZ), which is not read; use GeoJSON or a shapefile"));
    }
    let mut kind = String::new();
    if let Ok(member) = archive.by_name("mimetype") {
        // At most a few words; whatever is longer is no media type.
        let _ = member.take(200).read_to_string(&mut kind);
    }
    let kind = kind.trim();
    if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        return Ok(Format::Ods);
    }
    if kind.starts_with("application/vnd.oasis.opendocument") {
        return Err(not_tabular("it is an OpenDocument file, but not a spreadsheet"));
    }
    Ok(Format::Zip)
}

/// A compound file (OLE2): an old workbook, a locked new one, or another office document.
fn in_compound(path: &Path) -> Result<Format, IntakeError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(COMPOUND_BYTES).read_to_end(&mut bytes)?;
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(&bytes, &wide).is_some()
    };
    if has("EncryptedPackage") {
        return Err(IntakeError::Protected { format: "xlsx" });
    }
    if ["Workbook", "WORKBOOK", "WorkBook", "workbook", "Book", "BOOK"].iter().any(|name| has(name)) {
        return Ok(Format::Xls);
    }
    if has("WordDocument") {
        return Err(not_tabular("it is a text document, not a table"));
    }
    if has("PowerPoint Document") {
        return Err(not_tabular("it is a presentation, not a table"));
    }
    Ok(Format::Xls)
}

/// The head as text: UTF-8 or another ASCII-like encoding as it is, UTF-16 decoded; `None` for binary content.
fn as_text(head: &[u8]) -> Option<String> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(head) {
        return Some(encoding.decode(head).0.into_owned());
    }
    let nuls = memchr::memchr_iter(0, head).count();
    if nuls > 0 {
        return as_utf16(head, nuls);
    }
    let controls =
        head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x1b));
    // Some stray control characters happen in real tables; a tenth of all bytes does not.
    if controls.count() * 10 > head.len() { None } else { Some(String::from_utf8_lossy(head).into_owned()) }
}

/// UTF-16 without a mark: NULs in every second byte, on one side.
fn as_utf16(head: &[u8], nuls: usize) -> Option<String> {
    let high_first = head.iter().step_by(2).filter(|byte| **byte == 0).count();
    let high_last = nuls - high_first;
    if nuls * 10 < head.len() * 3 {
        // A few NULs in otherwise plain text are dirt (weather stations love them); more is binary.
        let plain = head.iter().filter(|byte| **byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r')).count();
        return (nuls * 100 < head.len() && plain * 100 >= head.len() * 95)
            .then(|| String::from_utf8_lossy(head).into_owned());
    }
    if high_last * 20 >= nuls * 19 {
        Some(encoding_rs::UTF_16LE.decode(head).0.into_owned())
    } else if high_first * 20 >= nuls * 19 {
        Some(encoding_rs::UTF_16BE.decode(head).0.into_owned())
    } else {
        None
    }
}

fn by_text(text: &str, ending: &str, media_type: Option<&str>) -> Result<Format, IntakeError> {
    if let Some(why) = markup(text) {
        return Err(not_tabular(why));
    }
    if let Some(format) = json(text, ending, media_type)? {
        return Ok(format);
    }
    if NOT_DATA_ENDINGS.contains(&ending) {
        return Err(IntakeError::NotTabular { why: format!("it is text of another kind (.{ending}), not a table") });
    }
    if text.trim().is_empty() {
        return Err(not_tabular("there is nothing but blanks in it"));
    }
    if is_message(text.trim(), ending) {
        return Err(not_tabular("it is one line of words, such as a server's message, not a table"));
    }
    Ok(Format::Delimited)
}

/// Whether a text is a single line without a delimiter that says something: three words or more, or less where a workbook
/// should be. Servers give such lines in place of a file that they lost.
fn is_message(text: &str, ending: &str) -> bool {
    const WORDS_MIN: usize = 3;
    let workbook = matches!(ending, "xls" | "xlsx" | "xlsm" | "xlsb" | "ods" | "parquet");
    !text.contains(['\n', '\r', '\t', ',', ';', '|', '"']) && (workbook || text.split_whitespace().count() >= WORDS_MIN)
}

/// Why it is HTML or XML, if it is.
fn markup(text: &str) -> Option<&'static str> {
    let rest = text.strip_prefix('<')?;
    // `<http://…>,<http://…>,label`: columns that are called by addresses.
    let first = text.lines().next().unwrap_or_default();
    if rest.starts_with("http") && [">,", ">;", ">\t"].iter().any(|cut| first.contains(cut)) {
        return None;
    }
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') || !rest.contains('>') {
        return None;
    }
    let low: String = text.chars().take(4_000).collect::<String>().to_ascii_lowercase();
    Some(if ["<!doctype html", "<html", "<head", "<body", "<table", "<script"].iter().any(|tag| low.contains(tag)) {
        "it is a web page, not data"
    } else if low.contains("<kml") {
        "it is a map layer (KML), which is not read; use GeoJSON or a shapefile"
    } else if low.contains("excel.sheet") || low.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        "it is a spreadsheet of the XML format of 2003, which is not read; save it as xlsx"
    } else if low.contains("rdf") {
        "it is RDF, not a table"
    } else if low.starts_with("<?xml") || low.starts_with('<') {
        "it is XML, not a table"
    } else {
        return None;
    })
}

/// Which kind of JSON it is, if it is JSON.
fn json(text: &str, ending: &str, media_type: Option<&str>) -> Result<Option<Format>, IntakeError> {
    let mut characters = text.chars();
    let opened = characters.next();
    let inside = characters.find(|c| !c.is_whitespace());
    let is_json = match (opened, inside) {
        (Some('{'), Some('"' | '}') | None) => true,
        (Some('['), Some(c)) => matches!(c, '{' | '[' | '"' | '-' | ']' | '0'..='9') || literal_follows(text),
        (Some('['), None) => true,
        _ => false,
    };
    if !is_json {
        return Ok(None);
    }
    let media_type = media_type.unwrap_or_default();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).take(2_000).collect();
    if compact.contains(r#""type":"Topology""#) {
        return Err(not_tabular("it is TopoJSON, which is not read; use GeoJSON"));
    }
    if is_by_line(text, ending, media_type) {
        return Ok(Some(Format::Ndjson));
    }
    let is_geo = opened == Some('{')
        && (compact.contains(r#""type":"FeatureCollection""#)
            || (compact.contains(r#""features":["#) && (ending == "geojson" || media_type.contains("geo+json"))));
    Ok(Some(if is_geo { Format::GeoJson } else { Format::Json }))
}

fn literal_follows(text: &str) -> bool {
    let rest = text.trim_start_matches('[').trim_start();
    ["true", "false", "null"].iter().any(|literal| rest.starts_with(literal))
}

/// Whether every line is a document of its own: the first is complete, and another begins after it.
fn is_by_line(text: &str, ending: &str, media_type: &str) -> bool {
    let named = matches!(ending, "ndjson" | "jsonl" | "geojsonl" | "geojsonseq" | "ndgeojson")
        || media_type.contains("ndjson")
        || media_type.contains("jsonl")
        || media_type.contains("json-seq");
    let Some((first, rest)) = text.split_once('\n') else { return named };
    let complete = serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
    complete && (named || rest.trim_start().starts_with(['{', '[']))
}
