//! Frictionless data packages: one, a catalogue of several, or a ZIP file that holds one.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;

use fairground_standards::ReadError;
use fairground_standards::collected::frictionless::{self, FILE_NAME, Packages};
use fairground_standards::collected::{MAX_WALKED_BYTES, within};
use zip::ZipArchive;

use super::super::GatherError;
use super::walk::{First, Walk};

/// Entries of a ZIP file that are looked through for its package.
const MAX_ENTRIES: usize = 10_000;

pub(super) async fn gather(walk: &mut Walk<'_>, first: Option<First>) -> Result<(), GatherError> {
    let Some(first) = first else {
        let at = within(FILE_NAME);
        let Some(bytes) = walk.read(&at).await? else { return Ok(()) };
        return take(walk, frictionless::read(&bytes, &at)?).await;
    };
    if is_zip(&first)? {
        let packages = frictionless::read(&packed(&first)?, &first.at)?;
        for package in packages.packages {
            walk.emit(&package.with("archive", true.to_string()))?;
        }
        walk.is_all(&first);
        return Ok(());
    }
    take(walk, frictionless::read(&first.bytes()?, &first.at)?).await?;
    walk.is_all(&first);
    Ok(())
}

/// Packages that are here, then those that are named.
async fn take(walk: &mut Walk<'_>, found: Packages) -> Result<(), GatherError> {
    for package in &found.packages {
        walk.emit(package)?;
    }
    let mut seen = HashSet::new();
    for at in found.elsewhere {
        if !seen.insert(at.clone()) {
            continue;
        }
        let Some(bytes) = walk.read(&at).await? else { continue };
        match frictionless::read(&bytes, &at) {
            // Catalogues of catalogues are not followed.
            Ok(inner) => {
                for package in &inner.packages {
                    walk.emit(package)?;
                }
            }
            Err(error) => walk.miss(format!("not read: {at}: {error}")),
        }
    }
    Ok(())
}

fn is_zip(first: &First) -> Result<bool, GatherError> {
    let mut start = [0; 4];
    let mut file = File::open(&first.path).map_err(GatherError::spool(&first.path))?;
    Ok(file.read_exact(&mut start).is_ok() && start == *b"PK\x03\x04")
}

/// The package in a ZIP file: the one that lies least deep.
fn packed(first: &First) -> Result<Vec<u8>, GatherError> {
    let broken = |why: String| GatherError::Read(ReadError::NotACatalogue { why });
    let file = File::open(&first.path).map_err(GatherError::spool(&first.path))?;
    let mut archive = ZipArchive::new(file).map_err(|error| broken(format!("the ZIP file cannot be read: {error}")))?;
    if archive.len() > MAX_ENTRIES {
        return Err(broken(format!("the ZIP file has more than {MAX_ENTRIES} entries")));
    }
    let names: Vec<String> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
    let named = names
        .into_iter()
        .filter(|name| name.rsplit('/').next() == Some(FILE_NAME))
        .min_by_key(|name| (name.matches('/').count(), name.clone()));
    let Some(name) = named else { return Err(broken(format!("there is no {FILE_NAME} in the ZIP file"))) };
    let entry = archive.by_name(&name).map_err(|error| broken(error.to_string()))?;
    let mut bytes = Vec::new();
    entry.take(MAX_WALKED_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
    Ok(bytes)
}
