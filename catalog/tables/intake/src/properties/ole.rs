//! Property sets of compound files, as workbooks of before 2007 are ([MS-OLEPS], sections 2.15 to 2.21).

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::{PART_BYTES, PROPERTIES_MAX, Property};

/// How compound files begin ([MS-CFB], section 2.2).
pub(super) const MAGIC: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

/// Files beyond this are no workbooks of that time, whose sheets have 65,536 rows.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Streams with the properties that name persons, and what their numbers are called in newer formats.
const STREAMS: [(&str, &[(u32, &str)]); 2] = [
    (
        "/\u{5}SummaryInformation",
        &[(2, "title"), (3, "subject"), (4, "creator"), (5, "keywords"), (6, "description"), (8, "lastModifiedBy")],
    ),
    ("/\u{5}DocumentSummaryInformation", &[(2, "category"), (14, "Manager"), (15, "Company")]),
];

/// A property set's header: byte order, version, system, class, number of sets.
const HEADER_BYTES: usize = 28;
/// The property that says in which code page texts of eight bits are.
const CODE_PAGE: u32 = 1;
const TYPE_I2: u32 = 2;
const TYPE_TEXT: u32 = 0x1e;
const TYPE_WIDE_TEXT: u32 = 0x1f;
const UTF_16: u16 = 1200;

/// The properties of a compound file; none where it has none or cannot be read.
pub(super) fn properties(file: &Path) -> Vec<Property> {
    let Ok(opened) = File::open(file) else { return Vec::new() };
    if opened.metadata().map_or(true, |about| about.len() > FILE_BYTES_MAX) {
        return Vec::new();
    }
    let Ok(mut compound) = cfb::CompoundFile::open(BufReader::new(opened)) else { return Vec::new() };
    let mut found = Vec::new();
    for (path, names) in STREAMS {
        let mut bytes = Vec::new();
        let read = compound.open_stream(path).and_then(|stream| stream.take(PART_BYTES).read_to_end(&mut bytes));
        if read.is_ok() {
            for (number, name) in names {
                let value = value(&bytes, *number).filter(|value| !value.is_empty());
                found.extend(value.map(|value| Property { name: (*name).to_owned(), value }));
            }
        }
    }
    found.truncate(PROPERTIES_MAX);
    found
}

/// A text of the first property set of a stream.
fn value(stream: &[u8], number: u32) -> Option<String> {
    // After the header: the set's class, then where it begins.
    let set = stream.get(usize::try_from(word(stream, HEADER_BYTES + 16)?).ok()?..)?;
    let place = place_of(set, number)?;
    let length = usize::try_from(word(set, place + 4)?).ok()?;
    let bytes = set.get(place + 8..)?;
    let text = match word(set, place)? & 0xffff {
        TYPE_TEXT => {
            let bytes = bytes.get(..length)?;
            match code_page(set) {
                UTF_16 => wide(bytes),
                page => narrow(bytes, page),
            }
        }
        TYPE_WIDE_TEXT => wide(bytes.get(..length.checked_mul(2)?)?),
        _ => return None,
    };
    Some(text.trim_matches(|sign: char| sign == '\0' || sign.is_whitespace()).to_owned())
}

/// Where a property stands in its set, by the list at its head.
fn place_of(set: &[u8], number: u32) -> Option<usize> {
    let count = usize::try_from(word(set, 4)?).ok()?.min(PROPERTIES_MAX);
    let entry = (0..count).map(|at| 8 + at * 8).find(|at| word(set, *at) == Some(number))?;
    usize::try_from(word(set, entry + 4)?).ok()
}

fn code_page(set: &[u8]) -> u16 {
    let page = place_of(set, CODE_PAGE).filter(|place| word(set, *place).map(|kind| kind & 0xffff) == Some(TYPE_I2));
    let bytes = page.and_then(|place| set.get(place + 4..place + 6));
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(1252, u16::from_le_bytes)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    word.try_into().ok().map(u32::from_le_bytes)
}

fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// Text in a Windows code page; unknown ones as Western European, whose letters of names are at least ASCII's.
fn narrow(bytes: &[u8], page: u16) -> String {
    let encoding = match page {
        65_001 => encoding_rs::UTF_8,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 => encoding_rs::MACINTOSH,
        _ => encoding_rs::WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(kind: u32, bytes: &[u8], length: usize) -> Vec<u8> {
        let mut value = [kind.to_le_bytes(), u32::try_from(length).unwrap().to_le_bytes()].concat();
        value.extend(bytes);
        value.resize(value.len().next_multiple_of(4), 0);
        value
    }

    fn set(values: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut stream = vec![0_u8; HEADER_BYTES];
        stream[..2].copy_from_slice(&[0xfe, 0xff]);
        stream[24] = 1;
        stream.extend([7; 16]);
        stream.extend(u32::try_from(HEADER_BYTES + 20).unwrap().to_le_bytes());
        let (mut list, mut bodies) = (Vec::new(), Vec::<u8>::new());
        for (number, value) in values {
            list.extend(number.to_le_bytes());
            list.extend(u32::try_from(8 + values.len() * 8 + bodies.len()).unwrap().to_le_bytes());
            bodies.extend(value);
        }
        let length = u32::try_from(8 + list.len() + bodies.len()).unwrap();
        stream.extend(length.to_le_bytes());
        stream.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
        stream.extend(list);
        stream.extend(bodies);
        stream
    }

    fn compound(streams: &[(&str, Vec<u8>)]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut compound = cfb::CompoundFile::create(file.reopen().unwrap()).unwrap();
        for (name, bytes) in streams {
            compound.create_stream(name).unwrap().write_all(bytes).unwrap();
        }
        compound.flush().unwrap();
        file
    }

    fn told(file: &Path) -> Vec<(String, String)> {
        properties(file).into_iter().map(|property| (property.name, property.value)).collect()
    }

    #[test]
    fn authors_are_read_in_any_code_page() {
        let page = |number: u16| [TYPE_I2.to_le_bytes(), u32::from(number).to_le_bytes()].concat();
        let wide: Vec<u8> = "Zo\u{eb} Example\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let summary = set(&[
            (1, page(1250)),
            (4, text(TYPE_TEXT, b"Zden\xeck Example\0", 15)),
            (8, text(TYPE_WIDE_TEXT, &wide, 12)),
        ]);
        let document = set(&[(14, text(TYPE_TEXT, b"Ada Example\0", 12)), (15, text(TYPE_TEXT, b"", 0))]);
        let file = compound(&[(STREAMS[0].0, summary), (STREAMS[1].0, document), ("/Workbook", vec![0; 32])]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            told(file.path()),
            [
                pair("creator", "Zden\u{11b}k Example"),
                pair("lastModifiedBy", "Zo\u{eb} Example"),
                pair("Manager", "Ada Example"),
            ]
        );
        assert_eq!(super::super::properties(file.path()).len(), 3, "by the file's first bytes");
    }

    proptest::proptest! {
        #[test]
        fn rubbish_says_nothing_and_harms_nothing(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = value(&bytes, 4);
            let mut framed = set(&[(4, text(TYPE_TEXT, b"Ada", 3))]);
            framed.truncate(HEADER_BYTES + 20);
            framed.extend(&bytes);
            let _ = value(&framed, 4);
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [&MAGIC[..], &bytes].concat()).unwrap();
            let _ = properties(file.path());
        }
    }
}
