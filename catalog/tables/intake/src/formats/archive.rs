//! Archives, unpacked without trusting them.
//!
//! No name from an archive is ever used on disk, so none can lead out of the folder. Bytes are counted as they are
//! written: what an archive says about its sizes is not believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::detect::{detect, ending};
use super::{FREE_RATIO_BYTES, Format, FormatLimits, Member, PublishedSchema, Unpacked, published_schema};
use crate::error::IntakeError;

/// Archives within archives that are followed.
const DEPTH_MAX: u8 = 1;
/// Bytes of a schema file.
const SCHEMA_BYTES: u64 = 4 << 20;
/// The largest window that Zstandard may ask for: 2 to this power bytes.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Files that accompany data and are no tables.
const COMPANIONS: &[&str] = &[
    "pdf", "doc", "docx", "odt", "rtf", "md", "html", "htm", "xml", "xsd", "xsl", "png", "jpg", "jpeg", "gif", "svg",
    "tif", "tiff", "css", "js", "py", "r", "qmd", "qml", "sld", "lyr", "lyrx", "mxd", "qgz", "qgs", "exe", "yaml",
    "yml", "toml", "url", "lnk", "bib", "ppt", "pptx", "kml",
];
/// The parts of a shapefile beside the `.shp`.
const SHAPEFILE_PARTS: &[&str] = &["shp", "dbf", "prj", "cpg", "shx", "cst"];
/// Its parts that nothing needs.
const SHAPEFILE_INDEXES: &[&str] =
    &["sbn", "sbx", "qix", "idm", "ind", "ixs", "mxs", "atx", "fbn", "fbx", "ain", "aih", "qpj"];

pub(super) fn unpack(
    path: &Path,
    name: &str,
    format: Format,
    limits: &FormatLimits,
    into: &Path,
) -> Result<Unpacked, IntakeError> {
    let mut job = Unpacking { limits, into, total: 0, next: 0, entries: 0, locked: 0, found: Unpacked::default() };
    job.archive(path, name, "", format, 0)?;
    let Unpacking { found, locked, .. } = job;
    if found.members.is_empty() {
        if locked > 0 {
            return Err(IntakeError::Protected { format: "zip" });
        }
        let why = match found.skipped.first() {
            Some((file, why)) => format!("no table in the archive: `{file}`: {why}"),
            None => "the archive is empty".to_owned(),
        };
        return Err(IntakeError::NotTabular { why });
    }
    Ok(found)
}

/// The work on one archive, with all that counts across nested ones.
struct Unpacking<'a> {
    limits: &'a FormatLimits,
    into: &'a Path,
    /// Bytes written so far.
    total: u64,
    /// The number in the next file's name.
    next: usize,
    /// Entries seen.
    entries: usize,
    /// Entries behind a password.
    locked: usize,
    found: Unpacked,
}

/// A file taken out of an archive, with its name in there.
struct Taken {
    path: PathBuf,
    name: String,
}

impl Unpacking<'_> {
    /// `prefix` is the way through outer archives, ending with `/`.
    fn archive(&mut self, path: &Path, name: &str, prefix: &str, format: Format, depth: u8) -> Result<(), IntakeError> {
        match format {
            Format::Zip => self.zip(path, prefix, depth),
            Format::Gzip => {
                let source = flate2::read::MultiGzDecoder::new(BufReader::new(File::open(path)?));
                self.stream(source, path, &inner_name(name, &["gz", "gzip", "tgz"]), "gzip", prefix, depth)
            }
            Format::Zstd => {
                let mut source = zstd::stream::read::Decoder::new(File::open(path)?)?;
                source.window_log_max(ZSTD_WINDOW_LOG)?;
                self.stream(source, path, &inner_name(name, &["zst", "zstd"]), "zstd", prefix, depth)
            }
            _ => Err(IntakeError::NotTabular { why: format!("`{name}` is no archive") }),
        }
    }

    /// One compressed file.
    fn stream(
        &mut self,
        source: impl Read,
        packed: &Path,
        name: &str,
        format: &'static str,
        prefix: &str,
        depth: u8,
    ) -> Result<(), IntakeError> {
        let packed_bytes = std::fs::metadata(packed)?.len();
        let path = self.new_path(&ending(name));
        self.write(source, packed_bytes, &path, name, format)?;
        self.classify(Taken { path, name: format!("{prefix}{name}") }, &[], depth)
    }

    fn zip(&mut self, path: &Path, prefix: &str, depth: u8) -> Result<(), IntakeError> {
        let broken = |place: &str, why: String| IntakeError::Broken { format: "zip", place: place.to_owned(), why };
        let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?))
            .map_err(|error| broken("its directory", error.to_string()))?;
        self.entries += archive.len();
        if self.entries > self.limits.entries {
            return Err(IntakeError::TooLarge {
                what: "the number of files in the archive".to_owned(),
                limit: self.limits.entries.to_string(),
            });
        }
        let mut files = Vec::new();
        let mut schemas = Vec::new();
        let mut groups: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
        for index in 0..archive.len() {
            self.limits.check_stop()?;
            let entry = match archive.by_index_raw(index) {
                Ok(entry) => entry,
                Err(error) => return Err(broken(&format!("entry {}", index + 1), error.to_string())),
            };
            let inner = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
            let inner = entry.name().map_or(inner, |name| name.replace('\\', "/"));
            let full = format!("{prefix}{inner}");
            if entry.is_dir() || is_noise(&inner) {
                continue;
            }
            if let Some(why) = refuse(&entry, &inner) {
                if entry.encrypted() {
                    self.locked += 1;
                }
                self.found.skipped.push((full, why.to_owned()));
                continue;
            }
            let packed_bytes = entry.compressed_size();
            drop(entry);
            let source = match archive.by_index(index) {
                Ok(source) => source,
                Err(zip::result::ZipError::UnsupportedArchive(why)) => {
                    self.found.skipped.push((full, format!("it is packed in a way that is not read ({why})")));
                    continue;
                }
                Err(error) => return Err(broken(&inner, error.to_string())),
            };
            let part = ending(&inner);
            if SHAPEFILE_PARTS.contains(&part.as_str()) {
                let stem = inner.rsplit_once('.').map_or(inner.as_str(), |(stem, _)| stem).to_lowercase();
                let group = groups.entry(stem).or_default();
                let path = match group.first() {
                    Some(first) => first.path.with_extension(&part),
                    None => self.new_path(&part),
                };
                self.write(source, packed_bytes, &path, &inner, "zip")?;
                group.push(Taken { path, name: full });
            } else {
                let path = self.new_path(&part);
                self.write(source, packed_bytes, &path, &inner, "zip")?;
                if is_schema(&inner) {
                    schemas.push(Taken { path, name: inner });
                } else {
                    files.push(Taken { path, name: full });
                }
            }
        }
        let schemas = read_schemas(schemas)?;
        for file in files {
            self.classify(file, &schemas, depth)?;
        }
        for group in groups.into_values() {
            self.group(group);
        }
        Ok(())
    }

    /// The parts of one shapefile, or a dBase table on its own.
    fn group(&mut self, parts: Vec<Taken>) {
        let find = |wanted: &str| parts.iter().find(|part| ending(&part.name) == wanted);
        let (part, format) = match (find("shp"), find("dbf")) {
            (Some(shapes), _) => (shapes, Format::Shapefile),
            (None, Some(table)) => (table, Format::Dbf),
            (None, None) => return,
        };
        let (path, name) = (part.path.clone(), part.name.clone());
        self.found.members.push(Member { path, name, format, schema: None });
    }

    /// Takes a file as a table, follows it as an archive, or leaves it out with the reason.
    fn classify(&mut self, file: Taken, schemas: &[(String, Vec<u8>)], depth: u8) -> Result<(), IntakeError> {
        match detect(&file.path, &file.name, None) {
            Ok(format) if format.is_archive() => {
                if depth >= DEPTH_MAX {
                    let why = "archives within archives within archives are not opened".to_owned();
                    self.found.skipped.push((file.name, why));
                    return Ok(());
                }
                let short = file.name.rsplit('/').next().unwrap_or(&file.name).to_owned();
                let prefix = if format == Format::Zip { format!("{}/", file.name) } else { folder_of(&file.name) };
                self.archive(&file.path, &short, &prefix, format, depth + 1)?;
                std::fs::remove_file(&file.path)?;
                Ok(())
            }
            Ok(format) => {
                let schema = find_schema(schemas, &file.name)?;
                self.found.members.push(Member { path: file.path, name: file.name, format, schema });
                Ok(())
            }
            Err(error @ (IntakeError::Io(_) | IntakeError::Cancelled)) => Err(error),
            Err(error) => {
                if matches!(error, IntakeError::Protected { .. }) {
                    self.locked += 1;
                }
                std::fs::remove_file(&file.path)?;
                let why = match error {
                    IntakeError::NotTabular { why } => why,
                    other => other.to_string(),
                };
                self.found.skipped.push((file.name, why));
                Ok(())
            }
        }
    }

    fn new_path(&mut self, ending: &str) -> PathBuf {
        self.next += 1;
        let safe: String = ending.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        self.into.join(format!("{:05}.{safe}", self.next))
    }

    /// Writes one file, counting.
    fn write(
        &mut self,
        mut source: impl Read,
        packed_bytes: u64,
        path: &Path,
        name: &str,
        format: &'static str,
    ) -> Result<(), IntakeError> {
        let mut target = File::create(path)?;
        let mut buffer = vec![0_u8; 64 << 10];
        let mut written = 0_u64;
        loop {
            self.limits.check_stop()?;
            let count = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(IntakeError::Broken {
                        format,
                        place: format!("`{name}`, byte {written}"),
                        why: error.to_string(),
                    });
                }
            };
            let length = u64::try_from(count).unwrap_or(u64::MAX);
            written += length;
            self.total += length;
            if self.total > self.limits.unpacked_bytes {
                return Err(IntakeError::TooLarge {
                    what: "what the archive unpacks to".to_owned(),
                    limit: format!("{} MB", self.limits.unpacked_bytes >> 20),
                });
            }
            if written > FREE_RATIO_BYTES && written / packed_bytes.max(1) > self.limits.ratio {
                return Err(IntakeError::TooLarge {
                    what: format!("what `{name}` unpacks to, by its packed size,"),
                    limit: format!("{} times", self.limits.ratio),
                });
            }
            target.write_all(buffer.get(..count).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// `table.csv` of `table.csv.gz`.
fn inner_name(name: &str, endings: &[&str]) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if endings.contains(&ending.to_ascii_lowercase().as_str()) && !stem.is_empty() => {
            stem.to_owned()
        }
        _ => name.to_owned(),
    }
}

fn folder_of(name: &str) -> String {
    name.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// Files that systems leave behind.
fn is_noise(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') && part != "." && part != ".." || part == "__MACOSX")
        || matches!(name.rsplit('/').next(), Some("Thumbs.db" | "desktop.ini" | "Icon\r"))
        || SHAPEFILE_INDEXES.contains(&ending(name).as_str())
}

/// Why an entry is left where it is.
fn refuse<R: Read>(entry: &zip::read::ZipFile<'_, R>, name: &str) -> Option<&'static str> {
    let outside = name.starts_with('/') || name.split('/').any(|part| part == "..") || name.chars().nth(1) == Some(':');
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    if outside {
        Some("its name leads out of the archive")
    } else if entry.is_symlink() {
        Some("it is a link to another place")
    } else if entry.encrypted() {
        Some("it is locked by a password")
    } else if COMPANIONS.contains(&ending(name).as_str())
        || ["readme", "license", "licence", "lisezmoi", "leggimi", "liesmich"].iter().any(|word| base.starts_with(word))
    {
        Some("it accompanies the data and is no table")
    } else {
        None
    }
}

/// Whether a name is one that schemas have.
fn is_schema(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    matches!(
        base.as_str(),
        "datapackage.json" | "csv-metadata.json" | "schema.json" | "tableschema.json" | "dataresource.json"
    ) || base.ends_with("-metadata.json")
        || base.ends_with(".schema.json")
        || base.ends_with(".resource.json")
}

fn read_schemas(files: Vec<Taken>) -> Result<Vec<(String, Vec<u8>)>, IntakeError> {
    let mut schemas = Vec::new();
    for file in files {
        let mut bytes = Vec::new();
        File::open(&file.path)?.take(SCHEMA_BYTES).read_to_end(&mut bytes)?;
        std::fs::remove_file(&file.path)?;
        schemas.push((file.name, bytes));
    }
    Ok(schemas)
}

/// The schema in the archive that describes a file, if one does. A schema that cannot be read describes none: the file is
/// still data.
fn find_schema(schemas: &[(String, Vec<u8>)], name: &str) -> Result<Option<PublishedSchema>, IntakeError> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    for (schema_name, bytes) in schemas {
        let base = schema_name.rsplit('/').next().unwrap_or(schema_name).to_ascii_lowercase();
        // A bare schema names no file: it is for the file of its own name, or for any when it is called `schema.json`.
        let own = matches!(base.as_str(), "schema.json" | "tableschema.json");
        if base.ends_with(".schema.json") && !schema_name.starts_with(stem) && !own {
            continue;
        }
        if let Ok(Some(schema)) = published_schema(bytes, name) {
            return Ok(Some(schema));
        }
    }
    Ok(None)
}
