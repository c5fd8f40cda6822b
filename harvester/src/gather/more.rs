//! Whether a document says that it is only the first page of a catalogue.
//!
//! Taken for the whole, a first page would have everything behind it withdrawn ([`super::paged`] goes on to the others). Pages
//! are named by `Link: …; rel="next"` (RFC 8288) or, in RDF, by Hydra (`hydra:next`, formerly `hydra:nextPage`).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fairground_standards::Format;
use memchr::memmem::Finder;

use super::GatherError;

const HYDRA: &str = "http://www.w3.org/ns/hydra/core#";
/// Bytes of a document that are looked at in one go.
const WINDOW_BYTES: usize = 256 * 1024;

/// Whether the answer's `Link` or the document itself names a next page.
pub(super) fn announced(link: Option<&str>, part: &Path, format: Format) -> Result<bool, GatherError> {
    if link.is_some_and(names_next) {
        return Ok(true);
    }
    if !format.is_rdf() {
        return Ok(false);
    }
    let namespace = holds_any(part, &[HYDRA])?;
    Ok(namespace && holds_any(part, &["nextPage", "hydra:next", "core#next"])?)
}

/// Whether one of a `Link` field's links is the next page.
fn names_next(link: &str) -> bool {
    next_in_link(link).is_some()
}

/// The address of the next page in a `Link` field, as it is written (RFC 8288, section 3).
pub(super) fn next_in_link(link: &str) -> Option<&str> {
    let mut rest = link;
    // An address may hold commas and semicolons, so links are taken apart by their brackets.
    while let Some((_, from)) = rest.split_once('<') {
        let (address, after) = from.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(address.trim());
        }
        rest = after;
    }
    None
}

/// Whether a file holds one of these words; read window by window, each beginning with the end of the one before.
fn holds_any(part: &Path, words: &[&str]) -> Result<bool, GatherError> {
    let finders: Vec<Finder<'_>> = words.iter().map(Finder::new).collect();
    let overlap = words.iter().map(|word| word.len()).max().unwrap_or(0);
    let mut file = File::open(part).map_err(GatherError::spool(part))?;
    let (mut window, mut kept) = (vec![0; WINDOW_BYTES + overlap], 0);
    loop {
        let room = window.get_mut(kept..).unwrap_or_default();
        let read = file.read(room).map_err(GatherError::spool(part))?;
        if read == 0 {
            return Ok(false);
        }
        let full = kept + read;
        let text = window.get(..full).unwrap_or_default();
        if finders.iter().any(|finder| finder.find(text).is_some()) {
            return Ok(true);
        }
        kept = overlap.min(full);
        window.copy_within(full - kept..full, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_the_next_page_is_seen() {
        for (link, next) in [
            (r#"<https://a.example/?page=2>; rel="next", <https://a.example/?page=9>; rel="last""#, true),
            ("<?page=2>; title=\"x\"; rel=next", true),
            (r#"<?page=2>; rel="last NEXT""#, true),
            (r#"<?page=1>; rel="prev""#, false),
            (r#"<https://a.example/next>; rel="describedby""#, false),
            ("", false),
        ] {
            assert_eq!(names_next(link), next, "{link}");
        }
    }

    #[test]
    fn hydra_is_seen_wherever_it_stands() {
        let folder = tempfile::tempdir().expect("a folder");
        let part = folder.path().join("part");
        let long = "# filling\n".repeat(100_000);
        for (text, format, more) in [
            (format!("@prefix hydra: <{HYDRA}> .\n{long}<> hydra:next <?page=2> ."), Format::Turtle, true),
            (format!("{long}<a> <{HYDRA}nextPage> <b> ."), Format::NTriples, true),
            (format!("@prefix hydra: <{HYDRA}> .\n{long}"), Format::Turtle, false),
            ("<> a <http://example.org/nextPage> .".to_owned(), Format::Turtle, false),
            (format!("{{\"a\": \"{HYDRA}nextPage\"}}"), Format::DcatUs, false),
        ] {
            std::fs::write(&part, text).expect("written");
            assert_eq!(announced(None, &part, format).expect("readable"), more, "{format}");
        }
    }
}
