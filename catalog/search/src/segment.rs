//! What is kept in memory or at hand for each segment of the engine. A segment never changes, so this is read once.

use std::sync::Arc;

use fairground_domain::{DatasetId, Timestamp};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader, TantivyError};
use uuid::Uuid;

use crate::facets::{Names, Values};
use crate::query::{Facet, Sort};
use crate::ranking::{self, NO_DAY};
use crate::schema::name;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The day of a moment, in days since 1970; at least 1, so that it is never [`NO_DAY`].
pub(crate) fn day(micros: i64) -> u16 {
    u16::try_from(micros.div_euclid(MICROS_PER_DAY).clamp(i64::from(NO_DAY) + 1, i64::from(u16::MAX)))
        .unwrap_or(u16::MAX)
}

/// Today.
pub(crate) fn today() -> u16 {
    day(Timestamp::now().as_micros())
}

/// The facts of a segment's documents that are not words.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Values per facet, in the order of [`Facet::ALL`].
    pub(crate) facets: Vec<Values>,
    /// How many documents have each value of each facet, in the same order (deleted ones included).
    pub(crate) facet_totals: Vec<Vec<(u32, u32)>>,
    /// How many documents have each publisher, and each keyword (deleted ones included).
    pub(crate) publisher_totals: Vec<(u32, u32)>,
    pub(crate) keyword_totals: Vec<(u32, u32)>,
    /// The day of last modification, or [`NO_DAY`].
    pub(crate) days: Vec<u16>,
    /// Quality and use as one factor; empty when no document has either.
    priors: Vec<f32>,
    id_high: Column<u64>,
    id_low: Column<u64>,
    version: Column<u64>,
    pub(crate) kind: Column<u64>,
    pub(crate) modified: Column<i64>,
    pub(crate) issued: Column<i64>,
    pub(crate) from: Column<i64>,
    pub(crate) to: Column<i64>,
    pub(crate) bbox: [Column<f64>; 4],
    pub(crate) titles: Option<StrColumn>,
    pub(crate) slugs: Option<StrColumn>,
    pub(crate) updated: Column<i64>,
}

impl Segment {
    pub(crate) fn open(reader: &SegmentReader, names: &[Arc<Names>]) -> Result<Self, TantivyError> {
        let docs = reader.max_doc();
        let columns = reader.fast_fields();
        let number = |name: &str| -> Result<Column<u64>, TantivyError> {
            Ok(columns.column_opt(name)?.unwrap_or_else(|| Column::build_empty_column(docs)))
        };
        let moment = |name: &str| -> Result<Column<i64>, TantivyError> {
            Ok(columns.column_opt(name)?.unwrap_or_else(|| Column::build_empty_column(docs)))
        };
        let degrees = |name: &str| -> Result<Column<f64>, TantivyError> {
            Ok(columns.column_opt(name)?.unwrap_or_else(|| Column::build_empty_column(docs)))
        };
        let mut facets = Vec::with_capacity(Facet::ALL.len());
        for (facet, names) in Facet::ALL.into_iter().zip(names) {
            facets.push(names.read_column(columns.str(facet.as_str())?.as_ref(), docs)?);
        }
        let modified = moment(name::MODIFIED)?;
        let days = (0..docs).map(|doc| modified.first(doc).map_or(NO_DAY, day)).collect();
        let (points, uses) = (number(name::QUALITY)?, number(name::USES)?);
        let prior = |doc| {
            let points = points.first(doc).and_then(|points| u16::try_from(points).ok()).unwrap_or(0);
            ranking::quality(points) * ranking::usage(uses.first(doc).unwrap_or(0))
        };
        let any = points.values.num_vals() + uses.values.num_vals() > 0;
        let priors = if any { (0..docs).map(prior).collect() } else { Vec::new() };
        let totals = |wanted: Facet| {
            Facet::ALL.into_iter().zip(&facets).find(|(facet, _)| *facet == wanted).map(|(_, values)| values.totals())
        };
        let [west, south, east, north] = name::BOX;
        let facet_totals = facets.iter().map(Values::totals).collect();
        Ok(Self {
            facet_totals,
            publisher_totals: totals(Facet::Publisher).unwrap_or_default(),
            keyword_totals: totals(Facet::Keyword).unwrap_or_default(),
            facets,
            days,
            priors,
            id_high: number(name::ID_HIGH)?,
            id_low: number(name::ID_LOW)?,
            version: number(name::VERSION)?,
            kind: number(name::KIND)?,
            modified,
            issued: moment(name::ISSUED)?,
            from: moment(name::FROM)?,
            to: moment(name::TO)?,
            bbox: [degrees(west)?, degrees(south)?, degrees(east)?, degrees(north)?],
            titles: columns.str(name::TITLE_KEY)?,
            slugs: columns.str(name::SLUG)?,
            updated: moment(name::UPDATED)?,
        })
    }

    /// The factor for the document's quality and use.
    #[inline]
    pub(crate) fn prior(&self, doc: DocId) -> f32 {
        self.priors.get(doc as usize).copied().unwrap_or_else(|| ranking::quality(0))
    }

    /// The document's id as a number that orders as the id does.
    pub(crate) fn id(&self, doc: DocId) -> u128 {
        let (high, low) = (self.id_high.first(doc).unwrap_or(0), self.id_low.first(doc).unwrap_or(0));
        u128::from(high) << 64 | u128::from(low)
    }

    /// The texts that an order goes by.
    pub(crate) const fn texts(&self, sort: Sort) -> Option<&StrColumn> {
        match sort {
            Sort::Slug | Sort::SlugDescending => self.slugs.as_ref(),
            _ => self.titles.as_ref(),
        }
    }

    /// The first half of the document's id, which orders as the id does.
    pub(crate) fn id_half(&self, doc: DocId) -> u64 {
        self.id_high.first(doc).unwrap_or(0)
    }

    /// When the dataset was born, in milliseconds since 1970: the time in its id (RFC 9562, section 5.7).
    pub(crate) fn born_millis(&self, doc: DocId) -> u64 {
        self.id_half(doc) >> 16
    }

    /// The version that the document was put in with.
    pub(crate) fn version(&self, doc: DocId) -> u32 {
        self.version.first(doc).and_then(|version| u32::try_from(version).ok()).unwrap_or(0)
    }

    /// The greatest first half of an id in the segment.
    pub(crate) fn greatest_id_half(&self) -> u64 {
        self.id_high.max_value()
    }
}

/// The id that such a number stands for.
pub(crate) fn dataset_id(number: u128) -> DatasetId {
    DatasetId::from_uuid(Uuid::from_u128(number))
}
