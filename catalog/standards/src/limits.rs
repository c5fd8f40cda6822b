//! How much a foreign document may ask of us.

/// Limits on what one document may make us read, hold or nest.
///
/// They guard against broken and hostile input, not against large catalogues: the defaults admit everything that real
/// portals publish. Each has a test in `tests/standards/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all parts together. Default 4 GiB.
    pub max_document_bytes: u64,
    /// Bytes of one record. A larger one is refused alone, the others are read. Default 16 MiB.
    pub max_record_bytes: usize,
    /// Nesting of brackets (JSON, Turtle) or elements (XML). Default 96; at most [`Limits::DEEPEST`].
    pub max_depth: usize,
    /// Records of one document. Default 5,000,000.
    pub max_records: u64,
    /// Bytes of RDF held in memory before they go to a temporary file. Default 64 MiB.
    pub max_resident_bytes: usize,
    /// Bytes of one JSON-LD part. JSON-LD is expanded node by node, and a node may be as large as its file. Default 512 MiB.
    pub max_json_ld_bytes: u64,
    /// How many links away from its dataset a node still belongs to the dataset's record. Default 6.
    pub max_closure_depth: usize,
    /// Custom entities that an XML document may declare. Default 100; each at most [`Limits::LONGEST_ENTITY`] bytes.
    pub max_xml_entities: usize,
}

impl Limits {
    /// The largest sensible `max_depth`: below serde_json's own bound of 128.
    pub const DEEPEST: usize = 120;
    /// Bytes of one declared XML entity, written out.
    pub const LONGEST_ENTITY: usize = 1024;

    /// The nesting bound that is really used.
    pub(crate) fn depth(&self) -> usize {
        self.max_depth.min(Self::DEEPEST)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_document_bytes: 4 << 30,
            max_record_bytes: 16 << 20,
            max_depth: 96,
            max_records: 5_000_000,
            max_resident_bytes: 64 << 20,
            max_json_ld_bytes: 512 << 20,
            max_closure_depth: 6,
            max_xml_entities: 100,
        }
    }
}
