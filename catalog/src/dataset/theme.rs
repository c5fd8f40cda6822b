//! Themes by a name of our own: sources name the same theme by an IRI, by a label, or by both.

use diesel::prelude::*;
use fairground_domain::{Concept, ContentHash, Slug};
use serde::Deserialize;

use crate::db::{Db, Tx};
use crate::dialect::{insert_rows, insert_rows_if_absent};
use crate::error::CatalogError;
use crate::schema::{dataset_themes, datasets, themes};

/// Digits of the digest by which a theme is named whose label has no letters that an address can have.
const DIGEST_DIGITS: usize = 10;
/// Datasets whose themes are noted in one go, for a store that was made before themes were.
const FILL_PAGE: i64 = 1_000;

/// A theme.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = themes)]
pub struct Theme {
    /// Its readable address.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// Its IRI, if the first source that named it gave one.
    pub iri: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = dataset_themes)]
struct Belongs {
    dataset_id: String,
    theme: String,
    changed_at: i64,
}

impl Theme {
    /// The theme that a concept stands for; `None` when it has neither label nor IRI.
    #[must_use]
    pub fn of(concept: &Concept) -> Option<Self> {
        let label = concept.label.any().trim();
        let iri = concept.iri.as_deref().map(str::trim).filter(|iri| !iri.is_empty());
        let name = if label.is_empty() { last_part(iri?) } else { label };
        Some(Self { slug: theme_slug(name), name: name.to_owned(), iri: iri.map(str::to_owned) })
    }
}

fn last_part(iri: &str) -> &str {
    iri.trim_end_matches(['/', '#']).rsplit(['/', '#']).next().unwrap_or(iri)
}

/// The address of a theme that people read as `name`.
#[must_use]
pub fn theme_slug(name: &str) -> String {
    match Slug::from_title(name) {
        Some(slug) => slug.to_string(),
        None => {
            let digest = ContentHash::of(name.as_bytes()).to_string();
            format!("theme-{}", digest.get(..DIGEST_DIGITS).unwrap_or(&digest))
        }
    }
}

/// The themes among concepts, each once.
#[must_use]
pub fn themes_of(concepts: &[Concept]) -> Vec<Theme> {
    let mut found: Vec<Theme> = Vec::new();
    for theme in concepts.iter().filter_map(Theme::of) {
        if !found.iter().any(|known| known.slug == theme.slug) {
            found.push(theme);
        }
    }
    found
}

/// The themes that a document names, each once.
fn of_document(document: &str) -> Result<Vec<Theme>, CatalogError> {
    /// The one part of a document that is looked at.
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        theme: Vec<Concept>,
    }
    let named: Named = serde_json::from_str(document).map_err(|error| CatalogError::corrupt("dataset", error))?;
    Ok(themes_of(&named.theme))
}

/// Notes the themes of datasets, by id and document, that have none noted.
pub(super) fn note(tx: &mut Tx<'_>, described: &[(&str, &str)]) -> Result<(), CatalogError> {
    let now = tx.now.as_micros();
    let changed = described.iter().map(|(id, document)| (*id, *document, now));
    note_at(tx, changed)
}

fn note_at<'d>(tx: &mut Tx<'_>, described: impl Iterator<Item = (&'d str, &'d str, i64)>) -> Result<(), CatalogError> {
    let (mut known, mut belongs): (Vec<Theme>, Vec<Belongs>) = (Vec::new(), Vec::new());
    for (id, document, changed_at) in described {
        for theme in of_document(document)? {
            belongs.push(Belongs { dataset_id: id.to_owned(), theme: theme.slug.clone(), changed_at });
            known.push(theme);
        }
    }
    known.sort_by(|a, b| a.slug.cmp(&b.slug));
    known.dedup_by(|a, b| a.slug == b.slug);
    insert_rows_if_absent!(tx, themes::table, &known);
    insert_rows!(tx, dataset_themes::table, &belongs);
    Ok(())
}

/// Forgets the themes of a dataset.
pub(super) fn forget(tx: &mut Tx<'_>, id: &str) -> Result<(), CatalogError> {
    diesel::delete(dataset_themes::table.filter(dataset_themes::dataset_id.eq(id))).execute(tx.conn)?;
    Ok(())
}

/// Notes that datasets have changed now, though not their themes.
pub(super) fn touch<'i>(tx: &mut Tx<'_>, ids: impl Iterator<Item = &'i str>) -> Result<(), CatalogError> {
    let ids: Vec<&str> = ids.collect();
    diesel::update(dataset_themes::table.filter(dataset_themes::dataset_id.eq_any(ids)))
        .set(dataset_themes::changed_at.eq(tx.now.as_micros()))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes the themes of every dataset of a store that was made before themes were noted; gives how many datasets it read.
///
/// # Errors
/// `Storage` when the database fails.
pub fn fill(db: &Db) -> Result<u64, CatalogError> {
    let is_filled =
        db.read(|tx| Ok(themes::table.select(themes::slug).first::<String>(tx.conn).optional()?.is_some()))?;
    if is_filled {
        return Ok(0);
    }
    let (mut after, mut read) = (String::new(), 0);
    loop {
        let page: Vec<(String, String, i64)> = db.write(|tx| {
            let page: Vec<(String, String, i64)> = datasets::table
                .filter(datasets::id.gt(&after))
                .order(datasets::id)
                .limit(FILL_PAGE)
                .select((datasets::id, datasets::document, datasets::changed_at))
                .load(tx.conn)?;
            note_at(tx, page.iter().map(|(id, document, at)| (id.as_str(), document.as_str(), *at)))?;
            Ok(page)
        })?;
        let Some((last, _, _)) = page.last() else { return Ok(read) };
        last.clone_into(&mut after);
        read += u64::try_from(page.len()).unwrap_or(u64::MAX);
    }
}

/// Themes that any dataset ever had, by slug, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_themes(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Vec<Theme>, CatalogError> {
    Ok(themes::table
        .filter(themes::slug.gt(after))
        .order(themes::slug)
        .limit(limit)
        .select(Theme::as_select())
        .load(tx.conn)?)
}

/// The theme of that slug.
///
/// # Errors
/// `NotFound` when no dataset ever had it.
pub fn find_theme(tx: &mut Tx<'_>, slug: &str) -> Result<Theme, CatalogError> {
    themes::table
        .find(slug)
        .select(Theme::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("theme", slug))
}

#[cfg(test)]
mod tests {
    use fairground_domain::LocalizedText;

    use super::*;

    #[test]
    fn a_theme_is_named_by_its_label_or_by_the_end_of_its_iri() {
        let concept = |iri: Option<&str>, label: &str| Concept {
            iri: iri.map(str::to_owned),
            label: LocalizedText::undetermined(label),
        };
        for (concept, slug, name) in [
            (concept(None, "Öffentliche Gesundheit"), "offentliche-gesundheit", "Öffentliche Gesundheit"),
            (concept(Some("https://t.example/data-theme/ENVI/"), ""), "envi", "ENVI"),
            (concept(Some("https://t.example/1"), "Air & water"), "air-water", "Air & water"),
            (concept(None, "環境"), "huan-jing", "環境"),
            (concept(None, "«…»"), "theme-", "«…»"),
        ] {
            let theme = Theme::of(&concept).expect(name);
            assert!(theme.slug.starts_with(slug), "{}", theme.slug);
            assert_eq!(theme.name, name);
        }
        assert_eq!(Theme::of(&concept(None, " ")), None);
    }
}
