//! What a file says beside its tables: remarks and their authors in office documents, members of a JSON document beside its rows.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One thing that a file says beside its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aside {
    /// Where: `remark by`, `remark`, the name of a member.
    pub(crate) place: String,
    /// What.
    pub(crate) value: String,
    /// It is the name of an author, as properties are; else it is text.
    pub(crate) property: bool,
}

/// Asides of one file.
const ASIDES_MAX: usize = 1_000;
/// Bytes of one part of a package that are read.
const PART_BYTES_MAX: u64 = 32 << 20;
/// Parts of a package that are looked at.
const PARTS_MAX: usize = 4_096;
/// Bytes of one aside.
const VALUE_BYTES_MAX: usize = 64 << 10;
/// How deep members of a JSON document are followed.
const DEPTH_MAX: u32 = 3;

/// What a file says beside its tables; nothing where it is of another format or cannot be read.
pub(crate) fn asides(file: &Path) -> Vec<Aside> {
    let mut head = [0; 64];
    let Ok(length) = File::open(file).and_then(|mut file| file.read(&mut head)) else { return Vec::new() };
    let head = head.get(..length).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut found = Vec::new();
    if head.starts_with(b"PK\x03\x04") {
        of_package(file, &mut found);
    } else if head.trim_ascii_start().first() == Some(&b'{') {
        of_json(file, &mut found);
    }
    found
}

fn push(found: &mut Vec<Aside>, place: &str, value: &str, property: bool) {
    let value = value.trim();
    if !value.is_empty() && value.len() <= VALUE_BYTES_MAX && found.len() < ASIDES_MAX {
        found.push(Aside { place: place.to_owned(), value: value.to_owned(), property });
    }
}

/// Remarks of workbooks (OOXML, OpenDocument) with their authors.
fn of_package(file: &Path, found: &mut Vec<Aside>) {
    let Ok(opened) = File::open(file) else { return };
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(opened)) else { return };
    for at in 0..archive.len().min(PARTS_MAX) {
        let Ok(part) = archive.by_index(at) else { continue };
        let Ok(name) = part.name().map(|name| name.into_owned()) else { continue };
        let within = |folder: &str| name.strip_prefix("xl/").is_some_and(|rest| rest.starts_with(folder));
        let remarks = within("comments") || within("threadedComments/") || within("persons/") || name == "content.xml";
        if remarks {
            of_remarks(BufReader::new(part.take(PART_BYTES_MAX)), found);
        }
    }
}

/// Elements whose text is an author's name.
const AUTHORS: &[&str] = &["author", "creator"];
/// Elements in which text is a remark.
const REMARKS: &[&str] = &["comment", "threadedComment", "annotation"];

fn of_remarks(part: impl std::io::BufRead, found: &mut Vec<Aside>) {
    let mut reader = quick_xml::Reader::from_reader(part);
    let mut buffer = Vec::new();
    let mut remark: Option<String> = None;
    let mut author = false;
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => {
                named_person(&start, found);
                let local = start.local_name();
                let local: &str = local.as_ref();
                author = AUTHORS.contains(&local);
                if REMARKS.contains(&local) {
                    remark = Some(String::new());
                }
            }
            Ok(Event::Empty(start)) => named_person(&start, found),
            Ok(Event::Text(text)) => {
                let text = text.xml10_content();
                if author {
                    push(found, "remark by", &text, true);
                } else if let Some(remark) = remark.as_mut().filter(|remark| remark.len() < VALUE_BYTES_MAX) {
                    remark.push_str(&text);
                    remark.push(' ');
                }
            }
            Ok(Event::End(end)) => {
                author = false;
                let local = end.local_name();
                let local: &str = local.as_ref();
                if REMARKS.contains(&local)
                    && let Some(remark) = remark.take()
                {
                    push(found, "remark", &remark, false);
                }
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        buffer.clear();
    }
}

/// `<person displayName="…">`, as threaded remarks have their authors.
fn named_person(start: &BytesStart<'_>, found: &mut Vec<Aside>) {
    let local = start.local_name();
    let local: &str = local.as_ref();
    if local != "person" {
        return;
    }
    for attribute in start.attributes().flatten() {
        let key = attribute.key.local_name();
        let key: &str = key.as_ref();
        if key == "displayName" {
            push(found, "remark by", &attribute.value, true);
        }
    }
}

/// Texts of a JSON document that are no rows: members of its top, and of objects within, but not of lists of objects.
fn of_json(file: &Path, found: &mut Vec<Aside>) {
    let Ok(opened) = File::open(file) else { return };
    let mut reader = BufReader::with_capacity(1 << 16, opened);
    let mut bom = [0; 3];
    if !matches!(std::io::Read::read_exact(&mut reader, &mut bom), Ok(())) {
        return;
    }
    let rest = if bom == *b"\xef\xbb\xbf" { &[][..] } else { &bom[..] };
    let mut json = serde_json::Deserializer::from_reader(rest.chain(reader));
    // A document that breaks off has said what it said.
    let _ = json.deserialize_any(Members { place: "", depth: 0, found });
}

struct Members<'a> {
    place: &'a str,
    depth: u32,
    found: &'a mut Vec<Aside>,
}

impl<'de> serde::de::DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.depth >= DEPTH_MAX {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let place = if self.place.is_empty() { key } else { format!("{}.{key}", self.place) };
            map.next_value_seed(Members { place: &place, depth: self.depth + 1, found: self.found })?;
        }
        Ok(())
    }

    /// Lists are rows, or shapes; only texts right in them are members.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut texts = self.depth > 0;
        while texts {
            match list.next_element::<Text>()? {
                Some(Text(Some(text))) => push(self.found, self.place, &text, false),
                Some(Text(None)) => texts = false,
                None => return Ok(()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        push(self.found, self.place, value, is_author(self.place));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Members that say who made a document.
fn is_author(place: &str) -> bool {
    let last = place.rsplit('.').next().unwrap_or(place).to_ascii_lowercase();
    ["author", "creator", "maintainer", "contact", "owner", "editor", "publisher", "mail"]
        .iter()
        .any(|word| last.contains(word))
}

/// A text; anything else is passed over.
struct Text(Option<String>);

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("anything")
            }

            fn visit_str<E>(self, value: &str) -> Result<Text, E> {
                Ok(Text(Some(value.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn of(name: &str, bytes: &[u8]) -> Vec<(String, String, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        asides(&path).into_iter().map(|aside| (aside.place, aside.value, aside.property)).collect()
    }

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn remarks_and_their_authors_are_read() {
        let book = package(&[
            (
                "xl/comments1.xml",
                "<comments><authors><author>Ada Example</author></authors><commentList><comment ref=\"A1\"><text><r><t>call her</t></r></text></comment></commentList></comments>",
            ),
            ("xl/persons/person.xml", "<personList><person displayName=\"Grace Example\" id=\"1\"/></personList>"),
            ("xl/worksheets/sheet1.xml", "<sheetData><c><v>not this</v></c></sheetData>"),
        ]);
        assert_eq!(
            of("book.xlsx", &book),
            [
                ("remark by".to_owned(), "Ada Example".to_owned(), true),
                ("remark".to_owned(), "call her".to_owned(), false),
                ("remark by".to_owned(), "Grace Example".to_owned(), true),
            ]
        );
        let sheet = package(&[(
            "content.xml",
            "<o><office:annotation><dc:creator>Ada Example</dc:creator><text:p>ask him</text:p></office:annotation><text:p>a cell</text:p></o>",
        )]);
        assert_eq!(
            of("book.ods", &sheet),
            [
                ("remark by".to_owned(), "Ada Example".to_owned(), true),
                ("remark".to_owned(), "ask him".to_owned(), false)
            ]
        );
    }

    #[test]
    fn members_beside_the_rows_of_json_are_read() {
        let found = of("a.geojson", br#"{"type":"FeatureCollection","metadata":{"author":"Ada Example","n":3},"notes":["one","two"],"features":[{"properties":{"who":"not this"}}]}"#);
        let told = |place: &str, value: &str, property: bool| (place.to_owned(), value.to_owned(), property);
        assert_eq!(
            found,
            [
                told("type", "FeatureCollection", false),
                told("metadata.author", "Ada Example", true),
                told("notes", "one", false),
                told("notes", "two", false),
            ]
        );
        assert_eq!(of("rows.json", br#"[{"a":"b"}]"#), []);
        assert_eq!(of("broken.json", br#"{"by": "Ada", "rows": [1, 2"#), [told("by", "Ada", false)]);
    }

    proptest::proptest! {
        #[test]
        fn rubbish_says_nothing_and_harms_nothing(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), packed in proptest::bool::ANY) {
            let mut file = if packed { b"PK\x03\x04".to_vec() } else { b"{".to_vec() };
            file.extend(bytes);
            let _ = of("rubbish", &file);
        }
    }
}
