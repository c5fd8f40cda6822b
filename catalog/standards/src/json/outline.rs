//! The first look at a JSON document: which keys it begins with.

use crate::json::scan::{Fault, Scanner};

/// Bytes of a value that are kept, enough for a context's address.
const VALUE: usize = 512;
/// The first look never goes deeper.
const DEPTH: usize = 120;

/// What the first bytes of a JSON document show.
#[derive(Debug)]
pub(crate) enum Outline {
    /// Keys of the document with the beginnings of their values.
    Object(Vec<(String, String)>),
    /// Keys of the first element, when it is an object.
    Array(Option<Vec<(String, String)>>),
    /// Neither.
    Unclear,
}

/// Looks at the first bytes; that they are cut off somewhere does not matter.
pub(crate) fn outline(head: &[u8]) -> Outline {
    let mut scanner = Scanner::new(head, 0, DEPTH);
    match scanner.peek() {
        Ok(Some(b'{')) => Outline::Object(keys(&mut scanner)),
        Ok(Some(b'[')) => {
            let mut first = None;
            let _ = scanner.array(|scanner| -> Result<(), Fault> {
                if first.is_none() && scanner.peek()? == Some(b'{') {
                    first = Some(keys(scanner));
                    return Ok(());
                }
                scanner.value().map(drop)
            });
            Outline::Array(first)
        }
        _ => Outline::Unclear,
    }
}

fn keys(scanner: &mut Scanner<&[u8]>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let _ = scanner.object(|scanner, key| -> Result<(), Fault> {
        found.push((key, String::new()));
        let (_, value) = scanner.value_copied(VALUE)?;
        if let Some(last) = found.last_mut() {
            last.1 = String::from_utf8_lossy(&value).trim_matches('"').to_owned();
        }
        Ok(())
    });
    // A value that the head cuts off: at least its kind.
    found
}
