//! An RDF document: parsed once into a spool, then read dataset by dataset.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use fairground_domain::ResourceKind;

use crate::document::{Counts, RawRecord};
use crate::error::ReadError;
use crate::format::Format;
use crate::limits::Limits;
use crate::rdf::gather::Gatherer;
use crate::rdf::parse::parse;
use crate::rdf::spool::{Blocks, Spool};
use crate::rdf::term;
use crate::rdf::vocab::{class, prov, rdf};

#[derive(Debug)]
pub(crate) struct RdfDocument {
    blocks: Blocks,
    resources: Resources,
    /// Hashes of the records' subjects in the order of their first type triple.
    order: Vec<u64>,
    counts: Counts,
    limits: Limits,
}

/// The subjects that are catalogues, datasets, series, services or catalogue records: bits of [`class`] by subject hash.
pub(crate) type Resources = HashMap<u64, u8>;

/// Records are what has one of these bits.
const LISTED: u8 = class::DATASET | class::SERIES | class::SERVICE;

impl RdfDocument {
    pub(crate) fn open(parts: &[PathBuf], format: Format, limits: &Limits) -> Result<Self, ReadError> {
        let mut spool = Spool::new(limits.max_resident_bytes);
        let mut resources = Resources::new();
        let mut order = Vec::new();
        // Services that a portal made of files of others: about datasets, but nobody's own (see `crate::offer`).
        let mut derived: HashSet<u64> = HashSet::new();
        let mut subject_text = String::new();
        for (number, path) in parts.iter().enumerate() {
            parse(path, number, format, limits, &mut |subject, predicate, object| {
                subject_text.clear();
                term::write_subject(subject, number, &mut subject_text);
                let (body, hash) = spool.block(&subject_text).map_err(ReadError::spool)?;
                term::write_iri(predicate, body);
                body.push(' ');
                term::write_object(object, number, body);
                body.push_str(" .\n");
                if predicate == rdf::TYPE
                    && let oxrdf::TermRef::NamedNode(class) = object
                {
                    let bits = class::of(class.as_str());
                    if bits != 0 {
                        let known = resources.entry(hash).or_insert(0);
                        if *known & LISTED == 0 && bits & LISTED != 0 {
                            order.push(hash);
                        }
                        *known |= bits;
                    }
                }
                if predicate == prov::WAS_DERIVED_FROM && (derived.len() as u64) < limits.max_records {
                    derived.insert(hash);
                }
                if order.len() as u64 > limits.max_records {
                    return Err(ReadError::TooManyRecords { limit: limits.max_records });
                }
                Ok(())
            })?;
        }
        if !resources.values().any(|bits| bits & (LISTED | class::CATALOG) != 0) {
            let why = "there is no dcat:Catalog, dcat:Dataset, dcat:DatasetSeries or dcat:DataService in it".to_owned();
            return Err(ReadError::NotACatalogue { why });
        }
        let bits = |hash: &u64| resources.get(hash).copied().unwrap_or_default();
        order.retain(|hash| bits(hash) & LISTED != class::SERVICE || !derived.contains(hash));
        let mut counts = Counts::default();
        for hash in &order {
            match resources.get(hash).copied().unwrap_or_default() {
                bits if bits & class::SERIES != 0 => counts.series += 1,
                bits if bits & class::DATASET != 0 => counts.datasets += 1,
                _ => counts.services += 1,
            }
        }
        let blocks = spool.finish().map_err(ReadError::spool)?;
        Ok(Self { blocks, resources, order, counts, limits: limits.clone() })
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn records_from(&self, skip: u64) -> Records<'_> {
        Records { document: self, next: usize::try_from(skip).unwrap_or(usize::MAX), gatherer: None }
    }
}

/// What a subject with these bits is.
fn kind(bits: u8) -> ResourceKind {
    if bits & class::SERIES != 0 {
        ResourceKind::DatasetSeries
    } else if bits & class::DATASET != 0 {
        ResourceKind::Dataset
    } else {
        ResourceKind::DataService
    }
}

/// Records gathered one after the other.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    document: &'a RdfDocument,
    next: usize,
    gatherer: Option<Gatherer<'a>>,
}

impl Records<'_> {
    fn gather(&mut self, hash: u64) -> std::io::Result<(Vec<u8>, bool)> {
        let document = self.document;
        let gatherer = match &mut self.gatherer {
            Some(gatherer) => gatherer,
            None => self.gatherer.insert(Gatherer::new(&document.blocks, &document.resources, &document.limits)?),
        };
        gatherer.gather(hash)
    }
}

impl Iterator for Records<'_> {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let hash = *self.document.order.get(self.next)?;
        let seq = self.next as u64;
        self.next += 1;
        let kind = kind(self.document.resources.get(&hash).copied().unwrap_or_default());
        Some(self.gather(hash).map_err(ReadError::spool).map(|(bytes, whole)| RawRecord { seq, kind, bytes, whole }))
    }
}
