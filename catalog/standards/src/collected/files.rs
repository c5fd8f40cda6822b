//! Folders of files: agency systems that have no catalogue. One dataset for each group of files of one name, or for a folder that
//! describes itself.
//!
//! An envelope's document is what is known of the group: `files`, each with `path` (below the source's folder) or `url`, and `bytes`,
//! `modified`, `media_type` where known; `name` of the group; `folder`; `described` (the content of a metadata file that lies
//! beside them, if there is one), `schema` (the path or address of a schema beside the file).

use std::collections::BTreeMap;

use fairground_domain::{
    Agent, ContactPoint, DatasetDraft, Distribution, LanguageTag, Licence, LocalizedText, PeriodOfTime,
};
use serde_json::{Map, Value, json};

use super::{Envelope, Opened, Target, point, resolve};
use crate::check::{Findings, is_address};
use crate::dcat_us;
use crate::document::{Decoded, RawRecord};
use crate::json::record::{Fields, nonblank};
use crate::media;

/// Files of one source that are listed.
pub const MAX_FILES: usize = 200_000;
/// Bytes of a metadata file beside the data.
pub const MAX_DESCRIPTION_BYTES: usize = 1 << 20;

/// A file that a source lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path below the source's folder, with `/` between its parts.
    pub path: String,
    /// Its address on the web; `None` when the source is a folder of this machine.
    pub url: Option<String>,
    /// Its size, where the source says so.
    pub bytes: Option<u64>,
    /// When it changed, as ISO 8601.
    pub modified: Option<String>,
}

/// Endings of files that hold data. What has another one may describe data, but is none.
const DATA: &[&str] = &[
    "csv",
    "tsv",
    "tab",
    "psv",
    "xlsx",
    "xlsm",
    "xlsb",
    "xls",
    "ods",
    "parquet",
    "geoparquet",
    "geojson",
    "json",
    "ndjson",
    "jsonl",
    "shp",
    "zip",
    "gpkg",
    "kml",
    "kmz",
    "gml",
    "gpx",
    "dbf",
    "xml",
    "nc",
    "tif",
    "tiff",
    "sqlite",
    "db",
    "rdf",
    "ttl",
    "px",
    "dxf",
    "txt",
];
/// Parts of a shapefile that lie beside the `.shp`.
const SHAPEFILE_PARTS: &[&str] = &["shx", "dbf", "prj", "cpg", "sbn", "sbx", "qix", "xml"];
/// Names of files that describe the folder they lie in.
const FOLDER_DESCRIPTIONS: &[&str] = &["metadata", "dataset", "_metadata", "_dataset", "meta", "about"];

/// What a file is to its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Data.
    Data,
    /// May describe the folder, or a file: JSON or YAML.
    Description,
    /// Neither; left out.
    Other,
}

/// What a file is, by its name. A JSON file may be data or a description; whoever reads it decides by [`is_description`].
#[must_use]
pub fn role(path: &str) -> Role {
    let (_, stem, ending) = parts(path);
    if stem.starts_with('.') || stem.starts_with('~') || ending == "part" || ending == "tmp" {
        return Role::Other;
    }
    match ending.as_str() {
        "yaml" | "yml" => Role::Description,
        "json"
            if stem.ends_with(".csv")
                || stem.ends_with("-metadata")
                || FOLDER_DESCRIPTIONS.contains(&stem.as_str())
                || stem.ends_with(".meta")
                || stem.ends_with(".schema") =>
        {
            Role::Description
        }
        ending if DATA.contains(&ending) => Role::Data,
        _ => Role::Other,
    }
}

/// Folder, name without ending (lower case only in the ending), ending. A `.gz` behind the ending belongs to it.
fn parts(path: &str) -> (String, String, String) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let bare = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".GZ")).unwrap_or(name);
    match bare.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (folder.to_owned(), stem.to_owned(), ending.to_ascii_lowercase()),
        _ => (folder.to_owned(), bare.to_owned(), String::new()),
    }
}

/// Whether an object describes data rather than being data: it has a title, and what it says is about a dataset.
#[must_use]
pub fn is_description(map: &Map<String, Value>) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| map.contains_key(*key));
    let title = ["title", "name", "titel", "titolo", "titre", "titulo"]
        .iter()
        .any(|key| map.get(*key).is_some_and(|it| it.is_string() || it.is_object()));
    title
        && !has(&["features", "coordinates", "resources"])
        && has(&[
            "description",
            "publisher",
            "license",
            "licence",
            "keywords",
            "keyword",
            "tags",
            "modified",
            "identifier",
            "contact",
            "source",
            "theme",
            "notes",
        ])
}

/// Puts files into groups that become datasets: files of one folder and one name (`roads.csv`, `roads.geojson`) are one, a folder
/// that a metadata file describes is one, and every other file is one of its own. `described` are the contents of the metadata
/// files that could be read, by path. `root` names the source itself, for files at its top.
#[must_use]
pub fn group(
    files: &[ListedFile],
    described: &BTreeMap<String, Map<String, Value>>,
    at: &str,
    root: &str,
) -> Vec<Envelope> {
    let whole: BTreeMap<String, (&str, &Map<String, Value>)> = described
        .iter()
        .filter_map(|(path, map)| {
            let (folder, stem, _) = parts(path);
            FOLDER_DESCRIPTIONS.contains(&stem.as_str()).then_some((folder, (path.as_str(), map)))
        })
        .collect();
    let shapes: Vec<String> =
        files.iter().filter(|file| parts(&file.path).2 == "shp").map(|file| stem_of(&file.path)).collect();
    let mut groups: BTreeMap<String, Vec<&ListedFile>> = BTreeMap::new();
    for file in files.iter().take(MAX_FILES) {
        let (folder, _, ending) = parts(&file.path);
        let stem = stem_of(&file.path);
        if role(&file.path) != Role::Data || described.contains_key(&file.path) {
            continue;
        }
        if SHAPEFILE_PARTS.contains(&ending.as_str()) && shapes.contains(&stem) {
            continue;
        }
        let key = if whole.contains_key(&folder) { format!("{folder}/") } else { stem };
        groups.entry(key).or_default().push(file);
    }
    groups.into_iter().map(|(key, files)| envelope(&key, &files, described, &whole, at, root)).collect()
}

/// Folder and name without ending: what files of one dataset share.
fn stem_of(path: &str) -> String {
    let (folder, stem, _) = parts(path);
    if folder.is_empty() { stem } else { format!("{folder}/{stem}") }
}

fn envelope(
    key: &str,
    files: &[&ListedFile],
    described: &BTreeMap<String, Map<String, Value>>,
    whole: &BTreeMap<String, (&str, &Map<String, Value>)>,
    at: &str,
    root: &str,
) -> Envelope {
    let folder_alone = key.strip_suffix('/').filter(|folder| whole.contains_key(*folder));
    let (folder, name) = match folder_alone {
        Some(folder) => {
            (folder.to_owned(), folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(root).to_owned())
        }
        None => {
            let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
            (folder.to_owned(), name.to_owned())
        }
    };
    let description = match folder_alone {
        Some(folder) => whole.get(folder).map(|(_, map)| (*map).clone()),
        None => files.iter().find_map(|file| {
            let beside = [format!("{}.json", file.path), format!("{}.yaml", file.path), format!("{}.yml", file.path)];
            let named = ["json", "yaml", "yml", "meta.json", "metadata.json"].map(|ending| format!("{key}.{ending}"));
            beside.iter().chain(&named).find_map(|path| described.get(path)).cloned()
        }),
    };
    let list: Vec<Value> = files
        .iter()
        .map(|file| {
            let mut one = json!({ "path": file.path });
            if let Some(map) = one.as_object_mut() {
                map.extend(file.url.clone().map(|url| ("url".to_owned(), url.into())));
                map.extend(file.bytes.map(|bytes| ("bytes".to_owned(), bytes.into())));
                map.extend(file.modified.clone().map(|day| ("modified".to_owned(), day.into())));
            }
            one
        })
        .collect();
    let mut document = Map::new();
    document.insert("name".to_owned(), name.into());
    document.insert("folder".to_owned(), folder.into());
    document.insert("key".to_owned(), key.into());
    document.insert("files".to_owned(), list.into());
    if let Some(description) = description {
        document.insert("described".to_owned(), Value::Object(description));
    }
    Envelope::new(at, document)
}

/// A file's or folder's name as a title: `fermate_autobus-2024` → `Fermate autobus 2024`.
#[must_use]
pub fn title_of(name: &str) -> String {
    // Hyphens between words are blanks; with blanks around or digits on both sides they mean something.
    let chars: Vec<char> = name.chars().collect();
    let at = |n: usize| chars.get(n).copied();
    let mut text = String::with_capacity(name.len());
    for (n, c) in chars.iter().enumerate() {
        let between = |test: fn(char) -> bool| n > 0 && at(n - 1).is_some_and(test) && at(n + 1).is_some_and(test);
        let blank = match c {
            '_' | '+' => true,
            '-' => !name.contains(' ') && !between(|c| c.is_ascii_digit()),
            _ => false,
        };
        text.push(if blank { ' ' } else { *c });
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(chars).collect(),
        _ => text,
    }
}

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let fields = Fields::root(envelope.document);
    let name = fields.text("name", findings).unwrap_or_default();
    let folder = fields.text("folder", findings).unwrap_or_default();
    let mut draft = DatasetDraft::default();
    let described = match fields.get("described") {
        Some(Value::Object(map)) => Some(Fields { map, path: "/described".to_owned() }),
        _ => None,
    };
    if let Some(described) = &described {
        describe(described, &mut draft, findings);
    }
    if draft.identifier.is_empty() {
        draft.identifier = fields.text("key", findings).filter(|key| key != "/").unwrap_or_else(|| name.clone());
    }
    if draft.title.is_empty() {
        draft.title = LocalizedText::undetermined(title_of(&name));
    }
    // The folders that a file lies in are words of the agency's own order.
    for part in folder.split('/').filter_map(nonblank) {
        draft.keyword.push((LanguageTag::undetermined(), title_of(part)));
    }
    let mut latest: Option<String> = None;
    for file in fields.objects("files", findings) {
        let one = distribution(envelope.at, &file, findings);
        if one.modified > latest {
            latest.clone_from(&one.modified);
        }
        draft.distribution.push(one);
    }
    draft.modified = draft.modified.or(latest);
    draft
}

fn distribution(at: &str, file: &Fields<'_>, findings: &mut Findings) -> Distribution {
    let path = file.text("path", findings).unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let format = media::format_of(None, None, Some(&format!("https://within.invalid/{name}")));
    let media_type = format.as_deref().and_then(media::media_type_of);
    let mut one = Distribution {
        title: LocalizedText::undetermined(name),
        format,
        media_type,
        byte_size: file.get("bytes").and_then(Value::as_u64),
        modified: file.text("modified", findings),
        described_by: file.text("schema", findings),
        ..Distribution::default()
    };
    let target = match file.text("url", findings) {
        Some(url) => resolve(at, &url),
        None => Target::Within(path),
    };
    point(&mut one, target, &file.at("path"), findings);
    one
}

/// What a metadata file says, in the words of DCAT-US, a data package, or plain ones.
fn describe(fields: &Fields<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let first = |keys: &[&str], findings: &mut Findings| {
        let key = keys.iter().find(|key| fields.get(key).is_some())?;
        Some(fields.localized(key, findings)).filter(|text| !text.is_empty())
    };
    let plain = |keys: &[&str], findings: &mut Findings| {
        let key = keys.iter().find(|key| fields.get(key).is_some())?;
        fields.text(key, findings)
    };
    draft.title = first(&["title", "titel", "titolo", "titre", "titulo", "name"], findings).unwrap_or_default();
    draft.description =
        first(&["description", "notes", "beschreibung", "descrizione", "descripcion", "summary"], findings)
            .unwrap_or_default();
    draft.identifier = plain(&["identifier", "id"], findings).unwrap_or_default();
    draft.publisher = first(&["publisher", "organisation", "organization", "herausgeber", "ente", "editeur"], findings)
        .map(|name| Agent { name, ..Agent::default() });
    if let Some(Value::Object(map)) = fields.get("publisher") {
        let inner = Fields { map, path: fields.at("publisher") };
        let name = inner.localized("name", findings);
        if !name.is_empty() {
            draft.publisher = Some(Agent { name, homepage: inner.text("homepage", findings), ..Agent::default() });
        }
    }
    draft.licence = match fields.get("license").or_else(|| fields.get("licence")) {
        Some(Value::Object(map)) => {
            let inner = Fields { map, path: fields.at("license") };
            let iri = ["url", "path", "@id", "uri"].iter().find_map(|key| inner.text(key, findings));
            let title = ["title", "name"].iter().find_map(|key| inner.text(key, findings));
            Some(Licence { iri, title: title.map(LocalizedText::undetermined).unwrap_or_default() })
        }
        Some(Value::String(text)) => dcat_us::licence_of(text),
        _ => None,
    };
    for key in ["keyword", "keywords", "tags"] {
        for text in fields.texts(key, findings) {
            draft.keyword.extend(
                text.split([',', ';']).filter_map(nonblank).map(|word| (LanguageTag::undetermined(), word.to_owned())),
            );
        }
    }
    for key in ["theme", "themes", "category"] {
        draft.theme.extend(fields.texts(key, findings).iter().map(|text| dcat_us::concept(text)));
    }
    draft.issued =
        plain(&["issued", "published", "created"], findings).map(|text| findings.date("/described/issued", &text));
    draft.modified = plain(&["modified", "updated", "last_updated"], findings)
        .map(|text| findings.date("/described/modified", &text));
    draft.language = ["language", "lang"]
        .iter()
        .flat_map(|key| fields.texts(key, findings))
        .map(|text| LanguageTag::lenient(&text))
        .collect();
    draft.frequency =
        plain(&["accrualPeriodicity", "frequency", "update_frequency"], findings).map(|text| dcat_us::concept(&text));
    draft.version = plain(&["version"], findings);
    let pages = ["landingPage", "homepage", "url", "source"].iter().flat_map(|key| fields.texts(key, findings));
    draft.landing_page = pages.filter(|text| is_address(text)).collect();
    draft.spatial = plain(&["spatial", "bbox", "coverage"], findings)
        .and_then(|text| findings.location("/described/spatial", &text))
        .into_iter()
        .collect();
    draft.temporal = plain(&["temporal"], findings)
        .and_then(|text| dcat_us::period(&text))
        .into_iter()
        .collect::<Vec<PeriodOfTime>>();
    let email = plain(&["email", "contact_email", "mbox"], findings);
    let contact = match fields.get("contact").or_else(|| fields.get("contactPoint")) {
        Some(Value::Object(map)) => {
            let inner = Fields { map, path: fields.at("contact") };
            let email = ["email", "hasEmail", "mbox"].iter().find_map(|key| inner.text(key, findings)).or(email);
            let name = ["name", "fn", "title"].iter().find_map(|key| inner.text(key, findings));
            (name, email)
        }
        Some(Value::String(text)) if text.contains('@') && !text.contains(' ') => (None, Some(text.clone())),
        Some(Value::String(text)) => (Some(text.clone()), email),
        _ => (None, email),
    };
    let contact = ContactPoint {
        name: contact.0.map(LocalizedText::undetermined).unwrap_or_default(),
        email: contact.1.and_then(|text| findings.email("/described/contact", &text)),
        ..ContactPoint::default()
    };
    if contact != ContactPoint::default() {
        draft.contact_point.push(contact);
    }
    const KNOWN: &[&str] = &[
        "title",
        "titel",
        "titolo",
        "titre",
        "titulo",
        "name",
        "description",
        "notes",
        "identifier",
        "id",
        "publisher",
        "organisation",
        "organization",
        "license",
        "licence",
        "keyword",
        "keywords",
        "tags",
        "theme",
        "themes",
        "category",
        "issued",
        "published",
        "created",
        "modified",
        "updated",
        "language",
        "lang",
        "accrualPeriodicity",
        "frequency",
        "version",
        "landingPage",
        "homepage",
        "url",
        "spatial",
        "temporal",
        "email",
        "contact",
        "contactPoint",
    ];
    draft.extra = fields.others(KNOWN);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(paths: &[&str]) -> Vec<ListedFile> {
        paths.iter().map(|path| ListedFile { path: (*path).to_owned(), ..ListedFile::default() }).collect()
    }

    fn names(envelopes: &[Envelope]) -> Vec<(String, usize)> {
        let files = |envelope: &Envelope| envelope.document.get("files").and_then(Value::as_array).map_or(0, Vec::len);
        envelopes
            .iter()
            .map(|it| (it.document.get("key").and_then(Value::as_str).unwrap_or_default().to_owned(), files(it)))
            .collect()
    }

    #[test]
    fn files_of_one_name_are_one_dataset_and_others_are_their_own() {
        let files = listed(&[
            "roads.csv",
            "roads.geojson",
            "roads.pdf",
            "a/roads.csv",
            "trees.shp",
            "trees.dbf",
            "trees.shx",
            "trees.prj",
            ".hidden.csv",
            "~lock.xlsx",
            "readme.md",
            "x.csv.gz",
        ]);
        let found = group(&files, &BTreeMap::new(), "source:///", "data");
        let expected = [("a/roads", 1), ("roads", 2), ("trees", 1), ("x", 1)];
        assert_eq!(names(&found), expected.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn a_folder_that_describes_itself_is_one_dataset() {
        let files = listed(&["air/metadata.json", "air/2023.csv", "air/2024.csv", "water.csv", "water.csv.json"]);
        let map = |title: &str| json!({"title": title, "description": "x"}).as_object().cloned().expect("an object");
        let described =
            BTreeMap::from([("air/metadata.json".to_owned(), map("Air")), ("water.csv.json".to_owned(), map("Water"))]);
        let found = group(&files, &described, "source:///", "data");
        assert_eq!(names(&found), [("air/".to_owned(), 2), ("water".to_owned(), 1)]);
        let titles: Vec<_> = found.iter().map(|it| it.document["described"]["title"].clone()).collect();
        assert_eq!(titles, ["Air", "Water"]);
    }

    #[test]
    fn names_become_titles() {
        for (name, title) in [
            ("fermate_autobus-2024", "Fermate autobus 2024"),
            ("Fermate autobus - Brescia", "Fermate autobus - Brescia"),
            ("2024-02-03", "2024-02-03"),
            ("ÜBERSICHT", "ÜBERSICHT"),
            ("états", "États"),
            ("a", "A"),
            ("", ""),
        ] {
            assert_eq!(title_of(name), title);
        }
    }
}
