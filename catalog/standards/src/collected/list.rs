//! Lists of datasets without a standard: a CSV, a spreadsheet or a flat JSON with one dataset a row, whose columns are told by their
//! headings in several languages.
//!
//! An envelope's document is one row: heading → text. Beside it: `row`, its number in the list, from 1.

use fairground_domain::{
    Agent, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, PeriodOfTime, fold,
};
use serde_json::{Map, Value};

use super::{Envelope, Opened, Target, json, not_a, point, resolve};
use crate::check::{Findings, is_address, is_iri};
use crate::dcat_us;
use crate::document::{Decoded, RawRecord};
use crate::encoding;
use crate::error::ReadError;
use crate::json::record::{Fields, nonblank};
use crate::media;

/// Rows that a list may have.
pub const MAX_ROWS: usize = 1_000_000;
/// Lines that may stand before the heading.
const LINES_BEFORE: usize = 10;
/// Headings that are looked at.
const MAX_HEADINGS: usize = 500;

/// What a column of a list means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Identifier,
    Title,
    Description,
    Publisher,
    Creator,
    Contact,
    Email,
    Licence,
    Keywords,
    Theme,
    Issued,
    Modified,
    Frequency,
    Language,
    Place,
    Start,
    End,
    Period,
    Page,
    Download,
    Access,
    Format,
    Bytes,
    Version,
    AccessRights,
    Documentation,
}

/// Headings, folded and without anything but letters and digits, that mean a field. English, German, French, Spanish, Italian,
/// Portuguese, Dutch and the names of Dublin Core and DCAT.
const HEADINGS: &[(Field, &[&str])] = &[
    (
        Field::Identifier,
        &[
            "id",
            "identifier",
            "datasetid",
            "datasetidentifier",
            "identifiant",
            "kennung",
            "identificador",
            "identificativo",
            "identificatore",
            "uuid",
            "guid",
            "slug",
            "code",
            "ref",
            "reference",
            "dctidentifier",
            "dcidentifier",
        ],
    ),
    (
        Field::Title,
        &[
            "title",
            "datasettitle",
            "dataset",
            "datasetname",
            "titel",
            "datensatz",
            "bezeichnung",
            "titre",
            "jeudedonnees",
            "titredujeudedonnees",
            "titulo",
            "conjuntodedatos",
            "nombre",
            "nome",
            "titolo",
            "nomedataset",
            "conjuntodedados",
            "naam",
            "datasetnaam",
            "nom",
            "name",
            "dcttitle",
            "dctitle",
        ],
    ),
    (
        Field::Description,
        &[
            "description",
            "beschreibung",
            "descripcion",
            "descrizione",
            "descricao",
            "beschrijving",
            "omschrijving",
            "abstract",
            "summary",
            "resume",
            "resumen",
            "notes",
            "zusammenfassung",
            "dctdescription",
            "dcdescription",
            "about",
        ],
    ),
    (
        Field::Publisher,
        &[
            "publisher",
            "provider",
            "organisation",
            "organization",
            "agency",
            "department",
            "ministry",
            "herausgeber",
            "behorde",
            "amt",
            "dienststelle",
            "bereitsteller",
            "anbieter",
            "editeur",
            "producteur",
            "organisme",
            "administration",
            "fournisseur",
            "publicador",
            "organismo",
            "editor",
            "editore",
            "titolare",
            "ente",
            "amministrazione",
            "orgao",
            "entidade",
            "uitgever",
            "organisatie",
            "eigenaar",
            "dctpublisher",
            "dcpublisher",
            "owner",
            "datenbereitsteller",
        ],
    ),
    (Field::Creator, &["creator", "author", "autor", "auteur", "autore", "verfasser", "urheber", "dctcreator"]),
    (
        Field::Contact,
        &[
            "contact",
            "contactpoint",
            "contactname",
            "kontakt",
            "ansprechpartner",
            "kontaktstelle",
            "contacto",
            "contatto",
            "contato",
            "referente",
            "maintainer",
        ],
    ),
    (
        Field::Email,
        &[
            "email",
            "mail",
            "contactemail",
            "emailaddress",
            "kontaktemail",
            "courriel",
            "correo",
            "correoelectronico",
            "posta",
            "emailcontatto",
            "epost",
        ],
    ),
    (
        Field::Licence,
        &[
            "license",
            "licence",
            "licenseurl",
            "lizenz",
            "nutzungsbedingungen",
            "licencia",
            "licenza",
            "licenca",
            "licentie",
            "termsofuse",
            "dctlicense",
        ],
    ),
    (
        Field::Keywords,
        &[
            "keywords",
            "keyword",
            "tags",
            "tag",
            "schlagworter",
            "schlagworte",
            "stichworter",
            "stichworte",
            "motscles",
            "motcle",
            "palabrasclave",
            "etiquetas",
            "parolechiave",
            "tagparolechiave",
            "palavraschave",
            "trefwoorden",
            "dcatkeyword",
        ],
    ),
    (
        Field::Theme,
        &[
            "theme",
            "themes",
            "category",
            "categories",
            "topic",
            "subject",
            "thema",
            "themen",
            "kategorie",
            "thematique",
            "categorie",
            "tema",
            "temas",
            "categoria",
            "dcattheme",
            "groups",
        ],
    ),
    (
        Field::Issued,
        &[
            "issued",
            "published",
            "publicationdate",
            "releasedate",
            "datepublished",
            "created",
            "creationdate",
            "veroffentlicht",
            "veroffentlichungsdatum",
            "erstellt",
            "datedepublication",
            "datedecreation",
            "fechadepublicacion",
            "datapubblicazione",
            "datadipubblicazione",
            "datadepublicacao",
            "publicatiedatum",
            "dctissued",
        ],
    ),
    (
        Field::Modified,
        &[
            "modified",
            "lastmodified",
            "updated",
            "lastupdated",
            "lastupdate",
            "updatedate",
            "datemodified",
            "modificationdate",
            "geandert",
            "aktualisiert",
            "stand",
            "letzteanderung",
            "letzteaktualisierung",
            "datedemodification",
            "misajour",
            "datedemiseajour",
            "dernieremiseajour",
            "fechademodificacion",
            "fechadeactualizacion",
            "ultimaactualizacion",
            "datamodifica",
            "dataaggiornamento",
            "ultimoaggiornamento",
            "datadeatualizacao",
            "ultimaatualizacao",
            "gewijzigd",
            "wijzigingsdatum",
            "dctmodified",
        ],
    ),
    (
        Field::Frequency,
        &[
            "frequency",
            "updatefrequency",
            "accrualperiodicity",
            "haufigkeit",
            "aktualisierungsfrequenz",
            "turnus",
            "frequence",
            "frequencedemiseajour",
            "frecuencia",
            "frequenza",
            "frequenzadiaggiornamento",
            "periodicidade",
            "frequentie",
        ],
    ),
    (
        Field::Language,
        &["language", "languages", "lang", "sprache", "langue", "idioma", "lingua", "taal", "dctlanguage"],
    ),
    (
        Field::Place,
        &[
            "spatial",
            "coverage",
            "geographiccoverage",
            "place",
            "location",
            "region",
            "raumbezug",
            "gebiet",
            "couvertureg",
            "couverturegeographique",
            "territoire",
            "cobertura",
            "coberturageografica",
            "copertura",
            "coperturageografica",
            "bbox",
            "boundingbox",
            "dekking",
        ],
    ),
    (
        Field::Start,
        &[
            "start",
            "startdate",
            "begin",
            "begindate",
            "from",
            "temporalstart",
            "von",
            "beginn",
            "datededebut",
            "debut",
            "fechadeinicio",
            "inicio",
            "datainizio",
            "inizio",
            "begindatum",
        ],
    ),
    (
        Field::End,
        &[
            "end",
            "enddate",
            "until",
            "temporalend",
            "bis",
            "ende",
            "datedefin",
            "fin",
            "fechadefin",
            "datafine",
            "fine",
            "fim",
            "einddatum",
        ],
    ),
    (
        Field::Period,
        &[
            "temporal",
            "temporalcoverage",
            "period",
            "timeperiod",
            "zeitraum",
            "zeitbezug",
            "periode",
            "couverturetemporelle",
            "periodo",
            "coperturatemporale",
        ],
    ),
    (
        Field::Page,
        &[
            "landingpage",
            "page",
            "homepage",
            "webpage",
            "website",
            "web",
            "url",
            "link",
            "datasetpage",
            "datasetlink",
            "dataseturl",
            "asseturl",
            "weblink",
            "webseite",
            "seite",
            "lien",
            "pageweb",
            "enlace",
            "pagina",
            "paginaweb",
            "collegamento",
            "indirizzo",
            "adresse",
            "uri",
            "endereco",
            "dcatlandingpage",
        ],
    ),
    (
        Field::Download,
        &[
            "download",
            "downloadurl",
            "downloadlink",
            "file",
            "fileurl",
            "resource",
            "resourceurl",
            "dataurl",
            "csv",
            "csvurl",
            "datei",
            "dateiurl",
            "herunterladen",
            "fichier",
            "telechargement",
            "urldetelechargement",
            "lientelechargement",
            "descarga",
            "urldescarga",
            "archivo",
            "scarica",
            "urldownload",
            "file csv",
            "arquivo",
            "bestand",
            "downloadlocatie",
            "dcatdownloadurl",
        ],
    ),
    (
        Field::Access,
        &[
            "access",
            "accessurl",
            "api",
            "apiurl",
            "endpoint",
            "service",
            "serviceurl",
            "dienst",
            "zugang",
            "acces",
            "acceso",
            "accesso",
            "dcataccessurl",
        ],
    ),
    (
        Field::Format,
        &[
            "format",
            "formats",
            "fileformat",
            "filetype",
            "mediatype",
            "mimetype",
            "dateiformat",
            "formato",
            "formati",
            "bestandsformaat",
            "dctformat",
        ],
    ),
    (Field::Bytes, &["bytes", "bytesize", "filesize", "size", "dateigrosse", "taille", "tamano", "dimensione"]),
    (Field::Version, &["version", "versie", "versione", "versao"]),
    (
        Field::AccessRights,
        &[
            "accessrights",
            "accesslevel",
            "zugriff",
            "zugriffsrechte",
            "droitsdacces",
            "derechosdeacceso",
            "diritti",
            "rights",
        ],
    ),
    (
        Field::Documentation,
        &[
            "documentation",
            "dokumentation",
            "metadata",
            "datadictionary",
            "documentazione",
            "documentacion",
            "schema",
            "codebook",
        ],
    ),
];

/// A heading as it is looked up: folded, letters and digits alone.
fn plain(heading: &str) -> String {
    fold(heading).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The field that a heading means. Words in several languages between slashes or brackets are tried one by one.
fn field_of(heading: &str) -> Option<Field> {
    let look = |text: &str| {
        let plain = plain(text);
        HEADINGS.iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(field, _)| *field)
    };
    look(heading)
        .or_else(|| heading.split(['/', '(', ')', '|', ':']).filter(|part| !part.trim().is_empty()).find_map(look))
}

/// Whether these headings are those of a list of datasets rather than of data: a title, an address, and two more that we know; or
/// a title in the words for datasets with an address.
#[must_use]
pub fn is_list<'a>(headings: impl IntoIterator<Item = &'a str>) -> bool {
    let mut fields: Vec<Field> = Vec::new();
    let mut names_datasets = false;
    for heading in headings.into_iter().take(MAX_HEADINGS) {
        if let Some(field) = field_of(heading) {
            let plain = plain(heading);
            names_datasets |= field == Field::Title
                && ["dataset", "datensatz", "jeudedonnees", "conjunto"].iter().any(|word| plain.contains(word));
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    let has = |field: Field| fields.contains(&field);
    let says_where = has(Field::Page) || has(Field::Download) || has(Field::Access);
    // Of things that are no datasets too one lists name, place, page and the like; these only of what is published.
    let typical = [
        Field::Publisher,
        Field::Licence,
        Field::Keywords,
        Field::Format,
        Field::Frequency,
        Field::Modified,
        Field::Issued,
        Field::Theme,
        Field::Download,
    ];
    let typical = typical.into_iter().filter(|field| has(*field)).count();
    has(Field::Title) && says_where && (typical >= 2 || names_datasets && typical >= 1)
}

/// The rows of a flat JSON list, or of the first array in an object.
///
/// # Errors
/// When it is no JSON, or holds no list of flat objects whose keys are those of a list of datasets.
pub fn of_json(bytes: &[u8], at: &str) -> Result<Vec<Envelope>, ReadError> {
    let rows = match json(bytes)? {
        Value::Array(items) => items,
        Value::Object(map) => map
            .into_iter()
            .find_map(|(_, value)| match value {
                Value::Array(items) => Some(items),
                _ => None,
            })
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    if rows.len() > MAX_ROWS {
        return Err(ReadError::TooManyRecords { limit: MAX_ROWS as u64 });
    }
    let headings: Vec<&str> =
        rows.first().and_then(Value::as_object).into_iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    if !is_list(headings) {
        return Err(not_a("the rows have no title and address of datasets"));
    }
    let rows = rows.into_iter().enumerate();
    Ok(rows.filter_map(|(n, row)| Some(Envelope::new(at, super::object(row)?).with("row", n + 1))).collect())
}

/// The rows of a table whose first row is its heading. Rows without any text are left out.
///
/// # Errors
/// When there are more than [`MAX_ROWS`].
pub fn of_rows(rows: impl IntoIterator<Item = Vec<String>>, at: &str) -> Result<Vec<Envelope>, ReadError> {
    let mut rows = rows.into_iter();
    let headings = rows.next().unwrap_or_default();
    let mut all = Vec::new();
    for (n, row) in rows.enumerate() {
        if n >= MAX_ROWS {
            return Err(ReadError::TooManyRecords { limit: MAX_ROWS as u64 });
        }
        let mut document = Map::new();
        for (heading, cell) in headings.iter().zip(row).take(MAX_HEADINGS) {
            let (heading, cell) = (heading.trim(), cell.trim());
            if !heading.is_empty() && !cell.is_empty() {
                document.insert(heading.to_owned(), cell.into());
            }
        }
        if !document.is_empty() {
            all.push(Envelope::new(at, document).with("row", n + 1));
        }
    }
    Ok(all)
}

/// The rows of delimited text, in whatever encoding, from the row on that is the heading of a list of datasets; a few lines before
/// it are passed over. `None` when there is no such row.
///
/// # Errors
/// When there are more than [`MAX_ROWS`].
pub fn of_csv(bytes: &[u8], at: &str) -> Result<Option<Vec<Envelope>>, ReadError> {
    let text = encoding::lossy(bytes);
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .into_records()
            .map_while(Result::ok)
            .map(|row| row.iter().map(str::to_owned).collect::<Vec<String>>());
        if let Some(headings) = rows.by_ref().take(LINES_BEFORE).find(|row| is_list(row.iter().map(String::as_str))) {
            return of_rows(std::iter::once(headings).chain(rows), at).map(Some);
        }
    }
    Ok(None)
}

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

/// The columns of a row by what they mean.
struct Row<'a> {
    fields: Fields<'a>,
    columns: Vec<(Field, &'a str)>,
}

impl<'a> Row<'a> {
    /// Where a heading of a field is written: for findings.
    fn at(&self, field: Field) -> String {
        self.columns.iter().find(|(found, _)| *found == field).map_or_else(String::new, |(_, key)| self.fields.at(key))
    }

    fn texts(&self, field: Field, findings: &mut Findings) -> Vec<String> {
        let keys = self.columns.iter().filter(|(found, _)| *found == field);
        keys.flat_map(|(_, key)| self.fields.texts(key, findings)).collect()
    }

    fn text(&self, field: Field, findings: &mut Findings) -> Option<String> {
        self.texts(field, findings).into_iter().next()
    }

    /// Several values of one cell, between `separators`.
    fn parts(&self, field: Field, separators: &[char], findings: &mut Findings) -> Vec<String> {
        let texts = self.texts(field, findings);
        texts.iter().flat_map(|text| text.split(separators)).filter_map(nonblank).map(str::to_owned).collect()
    }
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let map = envelope.document;
    // The exact words for a field come before the loose ones: `dataset_url` beside `url`.
    let mut columns: Vec<(Field, &str)> = map.keys().filter_map(|key| Some((field_of(key)?, key.as_str()))).collect();
    let rank = |(field, key): &(Field, &str)| {
        let words = HEADINGS.iter().find(|(it, _)| it == field).map_or(&[][..], |(_, words)| words);
        words.iter().position(|word| *word == plain(key)).unwrap_or(usize::MAX)
    };
    columns.sort_by_key(rank);
    let row = Row { fields: Fields::root(map), columns };
    let addresses = |field: Field, findings: &mut Findings| -> Vec<Target> {
        let texts = row.parts(field, &[' ', '\n', '\t', '|'], findings);
        texts
            .iter()
            .filter(|text| is_address(text) || text.contains('/') || text.contains('.'))
            .map(|text| resolve(envelope.at, text))
            .collect()
    };
    let (files, pages): (Vec<Target>, Vec<Target>) = addresses(Field::Page, findings).into_iter().partition(is_file);
    let downloads: Vec<Target> = addresses(Field::Download, findings).into_iter().chain(files).collect();
    let title = row.text(Field::Title, findings);
    let mut draft = DatasetDraft {
        title: title.clone().map(LocalizedText::undetermined).unwrap_or_default(),
        description: row.text(Field::Description, findings).map(LocalizedText::undetermined).unwrap_or_default(),
        publisher: row.text(Field::Publisher, findings).map(named),
        creator: row.parts(Field::Creator, &[';', '|'], findings).into_iter().map(named).collect(),
        contact_point: contact(&row, findings),
        keyword: row
            .parts(Field::Keywords, &[',', ';', '|', '\n'], findings)
            .into_iter()
            .map(|word| (LanguageTag::undetermined(), word))
            .collect(),
        theme: row
            .parts(Field::Theme, &[';', '|', '\n', ','], findings)
            .iter()
            .map(|text| dcat_us::concept(text))
            .collect(),
        licence: row.text(Field::Licence, findings).and_then(|text| dcat_us::licence_of(&text)),
        access_rights: row.text(Field::AccessRights, findings).map(|text| dcat_us::concept(&text)),
        issued: date(&row, Field::Issued, findings),
        modified: date(&row, Field::Modified, findings),
        language: row
            .parts(Field::Language, &[',', ';', '|'], findings)
            .iter()
            .map(|text| LanguageTag::lenient(text))
            .collect(),
        frequency: row.text(Field::Frequency, findings).map(|text| dcat_us::concept(&text)),
        temporal: periods(&row, findings),
        spatial: row
            .text(Field::Place, findings)
            .and_then(|text| findings.location(&row.at(Field::Place), &text))
            .into_iter()
            .collect(),
        version: row.text(Field::Version, findings),
        ..DatasetDraft::default()
    };
    draft.theme.retain(|concept| *concept != Concept::default());
    draft.language.retain(|tag| *tag != LanguageTag::undetermined());
    draft.landing_page = pages
        .iter()
        .filter_map(|page| match page {
            Target::Web(url) => Some(url.clone()),
            Target::Within(_) | Target::Unclear(_) => None,
        })
        .collect();
    draft.page = addresses(Field::Documentation, findings)
        .into_iter()
        .filter_map(|it| match it {
            Target::Web(url) => Some(url),
            Target::Within(_) | Target::Unclear(_) => None,
        })
        .collect();
    draft.distribution = distributions(&row, downloads, addresses(Field::Access, findings), findings);
    draft.identifier = row
        .text(Field::Identifier, findings)
        .or_else(|| draft.landing_page.first().cloned())
        .or_else(|| draft.distribution.iter().find_map(|it| it.download_url.clone().or_else(|| it.held_at.clone())))
        .or(title)
        .unwrap_or_default();
    draft.iri = Some(draft.identifier.clone()).filter(|text| is_iri(text));
    let known: Vec<&str> = row.columns.iter().map(|(_, key)| *key).collect();
    draft.extra = row.fields.others(&known);
    draft
}

fn named(name: String) -> Agent {
    Agent { name: LocalizedText::undetermined(name), ..Agent::default() }
}

fn contact(row: &Row<'_>, findings: &mut Findings) -> Vec<ContactPoint> {
    let name = row.text(Field::Contact, findings);
    // An address may stand where a name is expected.
    let (name, written) = match name {
        Some(text) if text.contains('@') && !text.contains(' ') => (None, Some(text)),
        name => (name, None),
    };
    let email = row.text(Field::Email, findings).or(written);
    let contact = ContactPoint {
        name: name.map(LocalizedText::undetermined).unwrap_or_default(),
        email: email.and_then(|text| findings.email(&row.at(Field::Email), &text)),
        ..ContactPoint::default()
    };
    if contact == ContactPoint::default() { Vec::new() } else { vec![contact] }
}

fn date(row: &Row<'_>, field: Field, findings: &mut Findings) -> Option<String> {
    let text = row.text(field, findings)?;
    Some(findings.date(&row.at(field), &text))
}

fn periods(row: &Row<'_>, findings: &mut Findings) -> Vec<PeriodOfTime> {
    let period = PeriodOfTime { start: row.text(Field::Start, findings), end: row.text(Field::End, findings) };
    if period != PeriodOfTime::default() {
        return vec![period];
    }
    row.text(Field::Period, findings).and_then(|text| dcat_us::period(&text)).into_iter().collect()
}

/// Whether an address is that of a file rather than of a page about it.
fn is_file(target: &Target) -> bool {
    let text = match target {
        Target::Web(text) => text.as_str(),
        Target::Within(_) => return true,
        Target::Unclear(text) => text.as_str(),
    };
    let last = text.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let pages = ["HTML", "API", "WMS", "WFS", "WCS", "WMTS", "CSW", "ArcGIS"];
    last.contains('.')
        && text.matches('/').count() > 2
        && media::format_of(None, None, Some(text)).is_some_and(|format| !pages.contains(&format.as_str()))
}

fn distributions(
    row: &Row<'_>,
    downloads: Vec<Target>,
    access: Vec<Target>,
    findings: &mut Findings,
) -> Vec<Distribution> {
    let formats = row.parts(Field::Format, &[',', ';', '|'], findings);
    let bytes = row.text(Field::Bytes, findings).and_then(|text| dcat_us::bytes(&text));
    let alone = downloads.len() + access.len() == 1;
    let mut all = Vec::new();
    for (n, target) in downloads.into_iter().enumerate() {
        let written = if alone { formats.first() } else { formats.get(n) };
        let media_type = written.and_then(|text| media::media_type_of(text));
        let url = match &target {
            Target::Web(url) | Target::Within(url) | Target::Unclear(url) => url.clone(),
        };
        let format = media::format_of(written.map(String::as_str), media_type.as_deref(), Some(&url));
        let mut one =
            Distribution { media_type, format, byte_size: bytes.filter(|_| alone), ..Distribution::default() };
        point(&mut one, target, &row.at(Field::Download), findings);
        all.push(one);
    }
    for target in access {
        if let Target::Web(url) = target {
            let format = media::format_of(formats.first().map(String::as_str), None, Some(&url));
            all.push(Distribution { access_url: Some(url), format, ..Distribution::default() });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_datasets_are_told_from_data() {
        for (headings, list) in [
            ("id,provider,title,start_date,end_date,startyear,endyear,type,tags,asset_url,thumbnail_url", true),
            ("Titel;Beschreibung;Herausgeber;Lizenz;Download-URL;Schlagwörter", true),
            ("Titre du jeu de données / title,Producteur,Licence,URL", true),
            ("Nome dataset,Ente,Formato,Link,Ultimo aggiornamento", true),
            ("Dataset,Publisher,URL", true),
            ("Titre du jeu de données;Producteur;Licence;URL", true),
            ("name,address,city,website,email", false),
            ("station,date,value", false),
            ("title,year,director,url", false),
            ("id,title,description", false),
        ] {
            assert_eq!(is_list(headings.split([',', ';'])), list, "{headings}");
        }
    }
}
