//! Text that is no table, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use fairground_screen::Screen;

/// Lines by which it is told whether a text is records of `key: value`.
const SAMPLE_LINES: usize = 2_000;
/// Keys of such records that become columns.
const KEYS_MAX: usize = 256;
/// Bytes of one line that are screened together; longer ones are cut.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Screens a text.
pub(crate) fn screen(file: &Path, name: &str, screen: &mut Screen) -> std::io::Result<()> {
    let mut reader = BufReader::new(File::open(file)?);
    let mut line = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    let (mut filled, mut paired) = (0_usize, 0_usize);
    while filled < SAMPLE_LINES && next_line(&mut reader, &mut line)? {
        let text = decode(&line);
        if text.trim().is_empty() {
            continue;
        }
        filled += 1;
        if let Some((key, _)) = pair(&text) {
            paired += 1;
            if !keys.iter().any(|known| known == key) && keys.len() < KEYS_MAX {
                keys.push(key.to_owned());
            }
        }
    }
    reader.rewind()?;
    let records = filled >= 4 && paired * 2 >= filled && keys.len() * 3 <= paired.max(6);
    if records { records_of(&mut reader, name, &keys, screen) } else { prose(&mut reader, name, screen) }
}

fn prose(reader: &mut impl BufRead, name: &str, screen: &mut Screen) -> std::io::Result<()> {
    screen.begin_text(name);
    let mut line = Vec::new();
    let mut number = 0;
    while next_line(reader, &mut line)? {
        number += 1;
        screen.line(number, &decode(&line));
    }
    Ok(())
}

/// Every key is a column; a key that comes again begins the next row.
fn records_of(reader: &mut impl BufRead, name: &str, keys: &[String], screen: &mut Screen) -> std::io::Result<()> {
    screen.begin_table(name, keys);
    let mut row = vec![String::new(); keys.len()];
    let mut beside = Vec::new();
    let mut line = Vec::new();
    let (mut number, mut begun) = (0, 0);
    while next_line(reader, &mut line)? {
        number += 1;
        let text = decode(&line);
        let known = pair(&text).and_then(|(key, value)| Some((keys.iter().position(|known| known == key)?, value)));
        let Some((at, value)) = known else {
            if beside.len() < SAMPLE_LINES && !text.trim().is_empty() {
                beside.push(text);
            }
            continue;
        };
        if row.get(at).is_some_and(|cell| !cell.is_empty()) {
            screen.row(begun, &row);
            row.iter_mut().for_each(String::clear);
        }
        if row.iter().all(String::is_empty) {
            begun = number;
        }
        if let Some(cell) = row.get_mut(at) {
            value.trim_matches(['"', '\'', ',']).clone_into(cell);
        }
    }
    if row.iter().any(|cell| !cell.is_empty()) {
        screen.row(begun, &row);
    }
    if !beside.is_empty() {
        screen.text(name, &beside.join("\n"));
    }
    Ok(())
}

/// `key: value`, as in YAML, headers of letters and address cards; the key is one to four words.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    let value = value.trim();
    let fits = !key.is_empty()
        && key.len() <= 40
        && key.split_whitespace().count() <= 4
        && key.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '_' | '-' | '.'))
        && key.chars().any(char::is_alphabetic);
    (fits && !value.is_empty() && !value.starts_with("//")).then_some((key, value))
}

fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    Ok(reader.take(LINE_BYTES_MAX).read_until(b'\n', line)? > 0)
}

/// UTF-8, or else Windows-1252 as good as it matters here: letters with accents keep being letters.
fn decode(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    }
}
