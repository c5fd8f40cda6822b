//! What is kept in memory or at hand for each segment of the engine. A segment never changes, so this is read once.

use std::sync::{Arc, OnceLock};

use fairground_domain::{DatasetId, Timestamp};
use parking_lot::Mutex;
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader, TantivyError};
use uuid::Uuid;

use crate::facets::{Names, Values};
use crate::lists::Lists;
use crate::posted::{self, Posted};
use crate::query::{Facet, Sort};
use crate::ranking::{self, Freshness, NO_DAY};
use crate::schema::name;
use crate::top::{rank_of_moment, rank_of_ord};
use crate::uses::Uses;

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
    /// The documents of each value, in the same order; made when first asked for.
    posted: Vec<OnceLock<Posted>>,
    /// How many documents have each publisher, and each keyword (deleted ones included).
    pub(crate) publisher_totals: Vec<(u32, u32)>,
    pub(crate) keyword_totals: Vec<(u32, u32)>,
    /// The day of last modification, or [`NO_DAY`].
    pub(crate) days: Vec<u16>,
    /// Quality and use as one factor; empty when no document has either.
    priors: Vec<f32>,
    documents: DocId,
    /// What words weigh in the documents, kept for words of many.
    pub(crate) lists: Lists,
    /// The documents in orders that were asked for.
    orders: Mutex<Vec<(Sort, Arc<Vec<DocId>>)>>,
    /// Of a day: each document's factor for freshness, quality and use.
    gains: Mutex<Option<(u16, Arc<Vec<f32>>)>>,
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
    pub(crate) fn open(reader: &SegmentReader, names: &[Arc<Names>], uses: &Uses) -> Result<Self, TantivyError> {
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
        let (id_high, id_low) = (number(name::ID_HIGH)?, number(name::ID_LOW)?);
        let points = number(name::QUALITY)?;
        let prior = |doc| {
            let points = points.first(doc).and_then(|points| u16::try_from(points).ok()).unwrap_or(0);
            let uses = if uses.is_empty() { 0 } else { uses.of(id_of(&id_high, &id_low, doc)) };
            ranking::quality(points) * ranking::usage(uses)
        };
        let any = points.values.num_vals() > 0 || !uses.is_empty();
        let priors = if any { (0..docs).map(prior).collect() } else { Vec::new() };
        let totals = |wanted: Facet| {
            Facet::ALL
                .into_iter()
                .zip(&facets)
                .find(|(facet, _)| *facet == wanted)
                .map(|(_, values)| posted::totals(values))
        };
        let [west, south, east, north] = name::BOX;
        Ok(Self {
            documents: docs,
            posted: facets.iter().map(|_| OnceLock::new()).collect(),
            lists: Lists::of(docs),
            orders: Mutex::default(),
            gains: Mutex::default(),
            publisher_totals: totals(Facet::Publisher).unwrap_or_default(),
            keyword_totals: totals(Facet::Keyword).unwrap_or_default(),
            facets,
            days,
            priors,
            id_high,
            id_low,
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

    /// The documents of each value of the facet at a place in [`Facet::ALL`].
    pub(crate) fn posted(&self, slot: usize) -> Option<&Posted> {
        let (posted, values) = (self.posted.get(slot)?, self.facets.get(slot)?);
        Some(posted.get_or_init(|| Posted::of(values, self.documents)))
    }

    /// The factor for the document's quality and use.
    #[inline]
    pub(crate) fn prior(&self, doc: DocId) -> f32 {
        self.priors.get(doc as usize).copied().unwrap_or_else(|| ranking::quality(0))
    }

    /// What the score of each document is multiplied by on a day: freshness, quality and use.
    pub(crate) fn gains(&self, today: u16) -> Arc<Vec<f32>> {
        let mut kept = self.gains.lock();
        if let Some((day, gains)) = &*kept
            && *day == today
        {
            return gains.clone();
        }
        let freshness = Freshness::on(today);
        let factor = |(doc, day): (DocId, &u16)| freshness.factor(*day) * self.prior(doc);
        let gains: Arc<Vec<f32>> = Arc::new((0..).zip(&self.days).map(factor).collect());
        *kept = Some((today, gains.clone()));
        gains
    }

    /// The rank of a document in an order that knows no words: smaller comes first. `today` is the last day that
    /// [`Sort::Relevance`] tells from others.
    #[inline]
    pub(crate) fn rank(&self, sort: Sort, doc: DocId, today: u16) -> u64 {
        match sort {
            // Without words, what changed last comes first; days to come count as today.
            Sort::Relevance => u64::from(u16::MAX - self.days.get(doc as usize).copied().unwrap_or(NO_DAY).min(today)),
            Sort::Modified => rank_of_moment(self.modified.first(doc)),
            Sort::Issued => rank_of_moment(self.issued.first(doc)),
            Sort::Title | Sort::TitleDescending | Sort::Slug | Sort::SlugDescending => {
                let ord = self.texts(sort).and_then(|texts| texts.ords().first(doc)).unwrap_or(0);
                rank_of_ord(ord, sort.is_descending_text())
            }
            Sort::Updated => rank_of_moment(self.updated.first(doc)),
            Sort::UpdatedAscending => self.updated.first(doc).map_or(u64::MAX, tantivy::i64_to_u64),
            Sort::Id => self.id_half(doc),
            Sort::IdDescending => !self.id_half(doc),
        }
    }

    /// All documents by [`Self::rank`]; made when first asked for.
    pub(crate) fn order(&self, sort: Sort) -> Arc<Vec<DocId>> {
        let mut orders = self.orders.lock();
        if let Some((_, order)) = orders.iter().find(|(other, _)| *other == sort) {
            return order.clone();
        }
        let mut order: Vec<DocId> = (0..self.documents).collect();
        order.sort_by_cached_key(|doc| self.rank(sort, *doc, u16::MAX));
        let order = Arc::new(order);
        orders.push((sort, order.clone()));
        order
    }

    /// The document's id as a number that orders as the id does.
    pub(crate) fn id(&self, doc: DocId) -> u128 {
        id_of(&self.id_high, &self.id_low, doc)
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

fn id_of(high: &Column<u64>, low: &Column<u64>, doc: DocId) -> u128 {
    u128::from(high.first(doc).unwrap_or(0)) << 64 | u128::from(low.first(doc).unwrap_or(0))
}

/// The id that such a number stands for.
pub(crate) fn dataset_id(number: u128) -> DatasetId {
    DatasetId::from_uuid(Uuid::from_u128(number))
}
