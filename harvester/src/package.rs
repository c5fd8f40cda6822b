//! A folder with a data package: its description, and the files beside it that it lists.
//!
//! A package is data from whoever sent it: paths that lead out of the folder are refused, by name and by links of the file system,
//! and sizes are bounded before anything is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use fairground_domain::{DatasetDraft, Finding, ResourceKind};
use fairground_standards::collected::frictionless::{self, FILE_NAME};
use fairground_standards::collected::within;
use fairground_standards::{Format, RawRecord, ReadError, decode};

/// Longest description of a package, in bytes.
pub const LONGEST_PACKAGE_BYTES: u64 = 16 << 20;
/// Most files that a package may list.
pub const MOST_PACKAGE_FILES: usize = 100;

/// Why a folder is no package that can be published.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is no description, or it cannot be read.
    #[error("`{}` cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The description is longer than we read.
    #[error("`{}` is longer than {LONGEST_PACKAGE_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is no description of a package.
    #[error("`{}` is no data package", path.display())]
    NoPackage {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The description has a fault that no dataset can have.
    #[error("the package cannot be published: {0}")]
    Refused(String),
    /// A file that it lists lies elsewhere.
    #[error("`{0}` does not lie in the package's folder")]
    Outside(String),
    /// It lists more files than we take.
    #[error("a package may list up to {MOST_PACKAGE_FILES} files, not {0}")]
    TooManyFiles(usize),
}

/// A file that a package lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is called: the last part of its path; with its folder before it where another file is called so.
    pub name: String,
    /// Which of the description's distributions it is, from 0.
    pub distribution: usize,
}

/// A package that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// What it says of itself. Distributions of its own files have no address.
    pub draft: DatasetDraft,
    /// Its files, in the order of the distributions.
    pub files: Vec<PackageFile>,
    /// Its description as it lies there, by which files are read ([`fairground_tables::intake::published_schema`]).
    pub document: Vec<u8>,
    /// What was found that is worth mending.
    pub findings: Vec<Finding>,
}

/// Reads a folder's package.
///
/// # Errors
/// As [`PackageError`] says; nothing but `datapackage.json` is read.
pub fn read_package(folder: &Path) -> Result<Package, PackageError> {
    let path = folder.join(FILE_NAME);
    let failed = |source| PackageError::File { path: path.clone(), source };
    let document = read_bounded(&path).map_err(failed)?.ok_or_else(|| PackageError::TooLong { path: path.clone() })?;
    let no_package = |source| PackageError::NoPackage { path: path.clone(), source };
    let packages = frictionless::read(&document, &within(FILE_NAME)).map_err(no_package)?;
    let envelope = packages.packages.first().ok_or(PackageError::Refused("it lists other packages only".to_owned()))?;
    let raw = RawRecord { seq: 0, kind: ResourceKind::Dataset, bytes: envelope.to_line(), whole: true };
    let decoded = decode(Format::Frictionless, &raw);
    let Some(mut draft) = decoded.draft else {
        let why: Vec<String> = decoded.findings.iter().map(|it| format!("{}: {}", it.path, it.message)).collect();
        return Err(PackageError::Refused(why.join("; ")));
    };
    let root = folder.canonicalize().map_err(failed)?;
    let mut files = Vec::new();
    for (place, distribution) in draft.distribution.iter_mut().enumerate() {
        // What its schema says is read with the file; the address would lead into our own machine.
        distribution.described_by = distribution
            .described_by
            .take()
            .filter(|address| address.contains("://") && !address.starts_with("source:"));
        let Some(inside) = distribution.held_at.take() else { continue };
        let path = inside_of(&root, &inside)?;
        let last = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_taken = files.iter().any(|known: &PackageFile| known.name == last);
        let name = if is_taken { inside.trim_start_matches("./").replace('/', "-") } else { last };
        files.push(PackageFile { path, name, distribution: place });
    }
    if files.len() > MOST_PACKAGE_FILES {
        return Err(PackageError::TooManyFiles(files.len()));
    }
    Ok(Package { draft, files, document, findings: decoded.findings })
}

/// The whole file; `None` when it is too long.
fn read_bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_PACKAGE_BYTES + 1).read_to_end(&mut bytes)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= LONGEST_PACKAGE_BYTES);
    Ok(fits.then_some(bytes))
}

/// The file that a path names, if it lies within the folder, links followed.
fn inside_of(root: &Path, inside: &str) -> Result<PathBuf, PackageError> {
    let outside = || PackageError::Outside(inside.to_owned());
    let relative = Path::new(inside);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    let path = root.join(relative);
    let real = path.canonicalize().map_err(|source| PackageError::File { path: path.clone(), source })?;
    if real.starts_with(root) && real.is_file() { Ok(real) } else { Err(outside()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(package: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), package).unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    const PACKAGE: &str = r#"{
        "name": "hospital-beds", "title": "Hospital beds", "description": "Beds by ward.",
        "licenses": [{ "name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/" }],
        "resources": [
            { "name": "beds", "path": "data/beds.csv", "schema": { "fields": [{ "name": "ward", "type": "string" }] } },
            { "name": "elsewhere", "path": "https://example.org/more.csv" }
        ]
    }"#;

    #[test]
    fn a_package_is_read_with_its_files() {
        let folder = folder(PACKAGE, &[("data/beds.csv", "ward\nA\n")]);
        let package = read_package(folder.path()).unwrap();
        assert_eq!((package.draft.identifier.as_str(), package.draft.title.any()), ("hospital-beds", "Hospital beds"));
        assert_eq!(package.draft.distribution.len(), 2);
        let [file] = package.files.as_slice() else { panic!("{:?}", package.files) };
        assert_eq!((file.name.as_str(), file.distribution), ("beds.csv", 0));
        assert!(package.draft.distribution.iter().all(|one| one.held_at.is_none() && one.described_by.is_none()));
    }

    #[test]
    fn paths_that_lead_out_of_the_folder_are_refused() {
        for path in ["../secret.csv", "data/../../secret.csv", "/etc/passwd"] {
            let package = PACKAGE.replace("data/beds.csv", path);
            let folder = folder(&package, &[]);
            assert!(read_package(folder.path()).is_err(), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_refused() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let folder = folder(PACKAGE, &[("data/other.csv", "a\n")]);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("data/beds.csv")).unwrap();
        assert!(matches!(read_package(folder.path()), Err(PackageError::Outside(_))));
    }

    #[test]
    fn what_is_no_package_says_so() {
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(read_package(empty.path()), Err(PackageError::File { .. })));
        for text in ["", "[]", "{\"name\": \"x\"}", "not json"] {
            let folder = folder(text, &[]);
            assert!(matches!(read_package(folder.path()), Err(PackageError::NoPackage { .. })), "{text}");
        }
    }
}
