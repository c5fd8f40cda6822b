//! What a document becomes in the engine: fields, and how they are filled.

use fairground_domain::quality::Rating;
use fairground_domain::{DatasetId, ResourceKind, Timestamp, fold};
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{Index, IndexSettings, TantivyDocument};

use crate::analysis::{
    Language, PLAIN_TOKENIZER, PlainWords, Stems, Stream, WEIGHED_TOKENIZER, WeighedWords, by_letters, by_words,
    each_word, is_little_in_any, split_case, without_addresses, without_dots, without_markup,
};
use crate::document::{SearchDocument, Term};
use crate::query::Facet;
use crate::ranking::weight;

/// Raised whenever fields or analysis change, so that an index of another format is built anew.
pub(crate) const FORMAT: u32 = 4;

/// Between a facet's value and its label.
pub(crate) const LABEL_MARK: char = '\u{1f}';
/// Bytes of a stored-document block: small, because hits are read one at a time.
const BLOCK_BYTES: usize = 8 << 10;
/// Words of one text (a title, a description) that are indexed.
const MAX_TEXT_WORDS: usize = 3_000;
/// Values of one list (keywords, columns, …) that are indexed.
const MAX_LIST: usize = 2_000;
/// Characters of a facet's value, and of its label.
const MAX_FACET_CHARS: usize = 300;
/// Characters of a title that order it among others.
const MAX_TITLE_KEY_CHARS: usize = 100;
/// Bytes of an identifier that is found as it stands.
const MAX_IDENTIFIER_BYTES: usize = 300;
/// Bytes of the beginnings by which titles are suggested, and how many of its words a title is suggested by.
pub(crate) const MAX_START_BYTES: usize = 24;
const MAX_STARTS: usize = 4;
/// Longest compound that is joined from two words, in bytes.
const MAX_JOINED_BYTES: usize = 40;

/// Names of fast fields, as columns are opened by.
pub(crate) mod name {
    pub(crate) const ID_HIGH: &str = "id_high";
    pub(crate) const ID_LOW: &str = "id_low";
    pub(crate) const VERSION: &str = "version";
    pub(crate) const KIND: &str = "kind";
    pub(crate) const MODIFIED: &str = "modified";
    pub(crate) const ISSUED: &str = "issued";
    pub(crate) const FROM: &str = "from";
    pub(crate) const TO: &str = "to";
    pub(crate) const BOX: [&str; 4] = ["west", "south", "east", "north"];
    pub(crate) const TITLE_KEY: &str = "title_key";
    pub(crate) const QUALITY: &str = "points";
    pub(crate) const SLUG: &str = "slug";
    pub(crate) const UPDATED: &str = "updated";
}

/// The fields, by what they are for.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// The id's 16 bytes, by which documents are replaced.
    pub(crate) id: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    kind: Field,
    modified: Field,
    issued: Field,
    from: Field,
    to: Field,
    bbox: [Field; 4],
    title_key: Field,
    updated: Field,
    /// The distributions' ids, 16 bytes each.
    pub(crate) distribution: Field,
    quality: Field,
    facets: [Field; Facet::ALL.len()],
    /// Every word and stem of every field, repeated by weight.
    pub(crate) words: Field,
    /// Every word once, with its position.
    pub(crate) phrases: Field,
    /// Words with the field they stand in, for questions such as `title:air`; see [`scoped`].
    pub(crate) scoped: Field,
    /// Folded titles from each of their first words on.
    pub(crate) starts: Field,
    pub(crate) card: Field,
    pub(crate) slug: Field,
    pub(crate) title: Field,
    /// The words that tell what the document is about: see [`Gist`].
    pub(crate) gist: Field,
}

/// A field that words can be asked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Title,
    Keyword,
    Publisher,
    Theme,
    Place,
    Column,
    Format,
    Licence,
    Language,
}

impl Scope {
    /// The scope of a name as people type it before a colon.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "title" => Self::Title,
            "keyword" | "keywords" | "tag" | "tags" => Self::Keyword,
            "publisher" | "organisation" | "organization" => Self::Publisher,
            "theme" | "category" | "group" => Self::Theme,
            "place" | "spatial" => Self::Place,
            "column" | "field" => Self::Column,
            "format" => Self::Format,
            "licence" | "license" => Self::Licence,
            "language" | "lang" => Self::Language,
            _ => return None,
        })
    }

    const fn mark(self) -> char {
        match self {
            Self::Title => 't',
            Self::Keyword => 'k',
            Self::Publisher => 'p',
            Self::Theme => 'h',
            Self::Place => 'o',
            Self::Column => 'c',
            Self::Format => 'f',
            Self::Licence => 'l',
            Self::Language => 'g',
        }
    }
}

/// The term of a word within a field.
pub(crate) fn scoped(scope: Scope, word: &str) -> String {
    format!("{}={word}", scope.mark())
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = || NumericOptions::default().set_fast();
    let text = |tokenizer: &str, record, norms| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let raw_fast = || TextOptions::default().set_fast("raw");
    let fields = Fields {
        id: builder.add_bytes_field("id", BytesOptions::default() | INDEXED),
        id_high: builder.add_u64_field(name::ID_HIGH, number()),
        id_low: builder.add_u64_field(name::ID_LOW, number()),
        version: builder.add_u64_field(name::VERSION, number()),
        kind: builder.add_u64_field(name::KIND, number()),
        modified: builder.add_i64_field(name::MODIFIED, number()),
        issued: builder.add_i64_field(name::ISSUED, number()),
        from: builder.add_i64_field(name::FROM, number()),
        to: builder.add_i64_field(name::TO, number()),
        bbox: name::BOX.map(|side| builder.add_f64_field(side, FAST)),
        title_key: builder.add_text_field(name::TITLE_KEY, raw_fast()),
        quality: builder.add_u64_field(name::QUALITY, number()),
        updated: builder.add_i64_field(name::UPDATED, number()),
        distribution: builder.add_bytes_field("distribution", BytesOptions::default() | INDEXED),
        facets: Facet::ALL.map(|facet| builder.add_text_field(facet.as_str(), raw_fast())),
        words: builder.add_text_field("words", text(WEIGHED_TOKENIZER, IndexRecordOption::WithFreqs, true)),
        phrases: builder
            .add_text_field("phrases", text(PLAIN_TOKENIZER, IndexRecordOption::WithFreqsAndPositions, true)),
        scoped: builder.add_text_field("scoped", text(PLAIN_TOKENIZER, IndexRecordOption::Basic, false)),
        starts: builder.add_text_field("starts", text("raw", IndexRecordOption::Basic, false)),
        card: builder.add_text_field("card", STORED),
        slug: builder.add_text_field(name::SLUG, raw_fast() | STORED),
        title: builder.add_text_field("title", STORED),
        gist: builder.add_text_field("gist", STORED),
    };
    (builder.build(), fields)
}

/// How the engine keeps an index of ours.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_blocksize: BLOCK_BYTES,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

/// Teaches an index our tokenizers.
pub(crate) fn prepare(index: &mut Index) {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(WEIGHED_TOKENIZER, TextAnalyzer::from(WeighedWords::default()));
    tokenizers.register(PLAIN_TOKENIZER, TextAnalyzer::from(PlainWords::default()));
    index.set_tokenizers(tokenizers);
}

/// The number a kind is kept as.
pub(crate) const fn kind_number(kind: ResourceKind) -> u64 {
    match kind {
        ResourceKind::Dataset => 0,
        ResourceKind::DatasetSeries => 1,
        ResourceKind::DataService => 2,
    }
}

/// The two halves of an id.
pub(crate) fn halves(id: DatasetId) -> (u64, u64) {
    id.as_uuid().as_u64_pair()
}

/// Longest identifier that is a term by itself, in bytes; longer ones are hashed, which keeps the dictionary small.
const MAX_PLAIN_BYTES: usize = 24;

/// The term of a whole title or question, which no word can be.
pub(crate) fn whole_title<'w>(words: impl Iterator<Item = &'w str>) -> String {
    format!("={:016x}", words.fold(FNV_BASIS, |hash, word| fnv(fnv(hash, word.as_bytes()), b" ")))
}

/// The term of an identifier as it stands.
pub(crate) fn whole(identifier: &str) -> String {
    if identifier.len() <= MAX_PLAIN_BYTES {
        return identifier.to_owned();
    }
    format!("#{:016x}", fnv(FNV_BASIS, identifier.as_bytes()))
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits: fixed for ever, as what is on disk must be.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Two words as one, when that can be a compound.
pub(crate) fn joined(one: &str, other: &str) -> Option<String> {
    can_be_joined(one, other).then(|| format!("{one}{other}"))
}

fn can_be_joined(one: &str, other: &str) -> bool {
    let wordlike = |word: &str| word.len() > 1 && !is_little_in_any(word);
    one.len() + other.len() <= MAX_JOINED_BYTES
        && one.bytes().chain(other.bytes()).any(|b| !b.is_ascii_digit())
        && wordlike(one)
        && wordlike(other)
}

/// The key that orders a title among others.
pub(crate) fn title_key(title: &str) -> String {
    let folded = fold(title);
    let trimmed = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    trimmed.chars().filter(|c| !c.is_control()).take(MAX_TITLE_KEY_CHARS).collect()
}

/// Turns documents into what the engine takes; keeps stems in memory between them.
#[derive(Debug)]
pub(crate) struct Writer {
    fields: Fields,
    stems: Stems,
}

impl Writer {
    pub(crate) fn new(fields: Fields) -> Self {
        Self { fields, stems: Stems::default() }
    }

    /// The document as the engine takes it.
    pub(crate) fn document(&mut self, from: &SearchDocument) -> TantivyDocument {
        let mut to = TantivyDocument::default();
        self.add_facts(from, &mut to);
        self.add_facets(from, &mut to);
        self.add_text(from, &mut to);
        to
    }

    fn add_facts(&self, from: &SearchDocument, to: &mut TantivyDocument) {
        let fields = &self.fields;
        let (high, low) = halves(from.id);
        to.add_bytes(fields.id, from.id.as_uuid().as_bytes());
        to.add_u64(fields.id_high, high);
        to.add_u64(fields.id_low, low);
        to.add_u64(fields.version, u64::from(from.version));
        to.add_u64(fields.kind, kind_number(from.kind));
        if from.quality > 0 {
            to.add_u64(fields.quality, u64::from(from.quality));
        }
        let moments = [
            (fields.modified, from.modified),
            (fields.issued, from.issued),
            (fields.from, from.from),
            (fields.to, from.to),
            (fields.updated, from.updated),
        ];
        for (field, moment) in moments {
            if let Some(moment) = moment.map(Timestamp::as_micros) {
                to.add_i64(field, moment);
            }
        }
        if let Some(bbox) = from.bbox.filter(|bbox| bbox.iter().all(|degrees| degrees.is_finite())) {
            for (field, degrees) in fields.bbox.into_iter().zip(bbox) {
                to.add_f64(field, degrees);
            }
        }
        let title = from.title.any();
        to.add_text(fields.title_key, title_key(title));
        to.add_text(fields.title, title);
        to.add_text(fields.slug, &from.slug);
        for (id, _) in from.distributions.iter().take(MAX_LIST) {
            to.add_bytes(fields.distribution, id.as_uuid().as_bytes());
        }
        to.add_text(fields.card, &from.card);
    }

    fn add_facets(&self, from: &SearchDocument, to: &mut TantivyDocument) {
        let plain = |value: &String| Term::plain(value.as_str());
        for (facet, field) in Facet::ALL.into_iter().zip(self.fields.facets) {
            let terms: Vec<Term> = match facet {
                Facet::Publisher => from.publisher.iter().cloned().collect(),
                Facet::Theme => from.themes.clone(),
                Facet::Keyword => from.keywords.iter().map(|(_, keyword)| plain(keyword)).collect(),
                Facet::Format => from.formats.iter().map(plain).collect(),
                Facet::Licence => from.licences.clone(),
                Facet::Language => from.languages.iter().map(plain).collect(),
                Facet::Place => from.places.iter().map(plain).collect(),
                Facet::HighValue => from.high_value.clone(),
                Facet::Quality => quality_band(from.quality).map(Term::plain).into_iter().collect(),
                Facet::Access => from.has_api.then(|| Term::plain(ACCESS_API)).into_iter().collect(),
            };
            let mut seen = Vec::new();
            for term in terms.into_iter().take(MAX_LIST) {
                let (value, label) = (short(&term.value), short(&term.label));
                let key = fold(&value);
                if value.is_empty() || seen.contains(&key) {
                    continue;
                }
                let label = if label.is_empty() { &value } else { &label };
                to.add_text(field, format!("{value}{LABEL_MARK}{label}"));
                seen.push(key);
            }
        }
    }

    fn add_text(&mut self, from: &SearchDocument, to: &mut TantivyDocument) {
        let texts = Texts::of(from);
        let mut out = Out {
            stems: &mut self.stems,
            words: Stream::default(),
            phrases: Stream::default(),
            scoped: Stream::default(),
            gist: Gist::default(),
        };
        for (language, title) in &texts.titles {
            out.text(weight::TITLE, *language, title, Some(Scope::Title), true);
            out.whole_title(title);
            starts(title, |start| to.add_text(self.fields.starts, start));
        }
        for (language, keyword) in &texts.keywords {
            out.text(weight::KEYWORD, *language, keyword, Some(Scope::Keyword), true);
        }
        out.identifier(&fold(&from.identifier));
        out.identifier(&fold(&from.slug));
        let labels = [
            (weight::PUBLISHER, Scope::Publisher, from.publisher.iter().map(|term| &term.label).collect::<Vec<_>>()),
            (weight::THEME, Scope::Theme, from.themes.iter().map(|term| &term.label).collect()),
            (weight::PLACE, Scope::Place, from.places.iter().collect()),
        ];
        for (weight, scope, labels) in labels {
            for label in labels.into_iter().take(MAX_LIST) {
                out.text(weight, texts.main, &fold(&without_dots(label)), Some(scope), false);
                if scope == Scope::Publisher
                    && let Some(initials) = initials(label)
                {
                    out.words.word(&initials);
                    out.scoped.marked(scope.mark(), &initials);
                }
            }
        }
        for column in from.columns.iter().take(MAX_LIST) {
            out.text(weight::COLUMN, texts.main, &fold(&split_case(column)), Some(Scope::Column), false);
        }
        for (_, title) in from.distributions.iter().take(MAX_LIST) {
            out.text(weight::COLUMN, texts.main, &fold(title), None, false);
        }
        out.codes(from);
        for (language, description) in &texts.descriptions {
            out.text(weight::DESCRIPTION, *language, description, None, false);
        }
        to.add_text(self.fields.words, out.words.into_string());
        to.add_text(self.fields.phrases, out.phrases.into_string());
        to.add_text(self.fields.scoped, out.scoped.into_string());
        to.add_text(self.fields.gist, out.gist.0);
    }
}

/// What [`Facet::Access`] holds for a dataset with an API.
const ACCESS_API: &str = "api";

/// The band of a number of quality points; none when nobody has counted.
fn quality_band(points: u16) -> Option<&'static str> {
    (points > 0).then(|| Rating::of(points).as_str())
}

/// Initials that stand for a body, in letters.
const INITIALS: std::ops::RangeInclusive<usize> = 3..=6;

/// `Environmental Protection Agency` → `epa`, when there are three to six great initials.
fn initials(label: &str) -> Option<String> {
    let initials: String = label
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next().filter(|c| c.is_uppercase()))
        .collect();
    INITIALS.contains(&initials.chars().count()).then(|| fold(&initials))
}

/// Words that tell what a document is about, each once, those of title and keywords first: by them a question is widened
/// ([`crate::feedback`]) and like documents are found.
#[derive(Debug, Default)]
struct Gist(String, Vec<u64>);

/// Words of a gist.
const MAX_GIST_WORDS: usize = 72;

impl Gist {
    fn note(&mut self, word: &str) {
        if self.1.len() >= MAX_GIST_WORDS || word.len() < 3 || word.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let hash = fnv(FNV_BASIS, word.as_bytes());
        if self.1.contains(&hash) {
            return;
        }
        self.1.push(hash);
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
    }
}

fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_FACET_CHARS).collect()
}

/// A document's texts, folded, each with the language it is in as far as that is known.
struct Texts {
    titles: Vec<(Option<Language>, String)>,
    descriptions: Vec<(Option<Language>, String)>,
    keywords: Vec<(Option<Language>, String)>,
    /// The language of texts that do not say theirs.
    main: Option<Language>,
}

/// One text on its way: in which language it is, as far as it says so or its little words tell, and whether it says so.
struct Met {
    language: Option<Language>,
    unsaid: bool,
    plain: String,
    folded: String,
}

impl Met {
    fn all_of(text: &fairground_domain::LocalizedText) -> Vec<Self> {
        text.iter()
            .map(|(tag, text)| {
                let plain = without_addresses(&without_dots(text));
                let plain = if plain.contains(['<', '&']) { without_markup(&plain) } else { plain };
                let (folded, unsaid) = (fold(&plain), tag.as_str() == "und");
                let language = if unsaid { by_words(&folded) } else { Language::of_primary_tag(tag.primary()) };
                Self { language, unsaid, plain, folded }
            })
            .collect()
    }
}

impl Texts {
    fn of(from: &SearchDocument) -> Self {
        let (titles, descriptions) = (Met::all_of(&from.title), Met::all_of(&from.description));
        // A text that does not tell its language is taken to be in that of the text beside it; letters are looked at
        // only when no words of either tell.
        let unsaid = || descriptions.iter().chain(&titles).filter(|met| met.unsaid);
        let guessed = unsaid().find_map(|met| met.language).or_else(|| unsaid().find_map(|met| by_letters(&met.plain)));
        let settle = |texts: Vec<Met>| -> Vec<(Option<Language>, String)> {
            let language = |met: &Met| if met.unsaid { met.language.or(guessed) } else { met.language };
            texts.into_iter().map(|met| (language(&met), met.folded)).collect()
        };
        let (titles, descriptions) = (settle(titles), settle(descriptions));
        let main = titles.first().and_then(|(language, _)| *language);
        let keywords = from.keywords.iter().take(MAX_LIST).map(|(tag, keyword)| {
            let language = if tag.as_str() == "und" { main } else { Language::of_primary_tag(tag.primary()) };
            (language, fold(&without_dots(keyword)))
        });
        Self { keywords: keywords.collect(), titles, descriptions, main }
    }
}

/// The streams of words of one document.
struct Out<'s> {
    stems: &'s mut Stems,
    words: Stream,
    phrases: Stream,
    scoped: Stream,
    gist: Gist,
}

impl Out<'_> {
    /// One text: its words, stems and parts of compounds (little words of its language only for phrases), and joined
    /// neighbours if asked.
    fn text(&mut self, weight: u8, language: Option<Language>, folded: &str, scope: Option<Scope>, join: bool) {
        let Self { stems, words, phrases, scoped: in_scope, gist } = self;
        words.weigh(weight);
        phrases.gap();
        let (mut count, mut before) = (0, "");
        each_word(folded, |word| {
            count += 1;
            if count > MAX_TEXT_WORDS {
                return;
            }
            phrases.word(word);
            let derived = language.and_then(|language| stems.derive(language, word));
            if derived.is_some_and(|derived| derived.is_little) {
                before = "";
                return;
            }
            words.word(word);
            if let Some(scope) = scope {
                in_scope.marked(scope.mark(), word);
            }
            let stem = derived.and_then(|derived| derived.stem.as_deref());
            gist.note(stem.unwrap_or(word));
            if let Some(stem) = stem {
                words.word(stem);
                if let Some(scope) = scope {
                    in_scope.marked(scope.mark(), stem);
                }
            }
            for part in derived.iter().flat_map(|derived| &derived.parts) {
                words.word(&part.text);
                if let Some(scope) = scope {
                    in_scope.marked(scope.mark(), &part.text);
                }
                if let Some(stem) = &part.stem {
                    words.word(stem);
                }
            }
            if join && !before.is_empty() && can_be_joined(before, word) {
                words.joined(before, word);
            }
            before = word;
        });
    }

    /// Formats, licences and languages, which are asked for by name only (`format:csv`).
    fn codes(&mut self, from: &SearchDocument) {
        let mut note = |scope: Scope, text: &str| {
            each_word(&fold(text), |word| self.scoped.marked(scope.mark(), word));
        };
        from.formats.iter().take(MAX_LIST).for_each(|format| note(Scope::Format, format));
        from.licences.iter().take(MAX_LIST).for_each(|licence| {
            note(Scope::Licence, &licence.label);
            note(Scope::Licence, licence.value.rsplit('/').next().unwrap_or_default());
        });
        from.languages.iter().take(MAX_LIST).for_each(|language| note(Scope::Language, language));
        if let Some(publisher) = &from.publisher {
            note(Scope::Publisher, &publisher.value);
        }
    }

    /// The title as one term, for questions that are exactly it.
    fn whole_title(&mut self, folded: &str) {
        let mut all = Vec::new();
        each_word(folded, |word| all.push(word));
        if !all.is_empty() {
            self.words.weigh(1);
            self.words.word(&whole_title(all.into_iter()));
        }
    }

    /// An identifier as it stands, and the words of its last part.
    fn identifier(&mut self, folded: &str) {
        let whole = folded.trim_matches(|c: char| !c.is_alphanumeric());
        if whole.is_empty()
            || whole.len() > MAX_IDENTIFIER_BYTES
            || whole.contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return;
        }
        self.words.weigh(weight::IDENTIFIER);
        self.words.word(&self::whole(whole));
        let last = whole.rsplit('/').next().unwrap_or(whole);
        if last.len() < whole.len() {
            self.words.word(&self::whole(last));
        }
        self.words.weigh(1);
        self.phrases.gap();
        each_word(last, |word| {
            if word != whole {
                self.words.word(word);
            }
            self.phrases.word(word);
        });
    }
}

/// The title from each of its first words on, cut short.
fn starts(folded: &str, mut each: impl FnMut(&str)) {
    let mut words = Vec::new();
    each_word(folded, |word| words.push(word));
    let mut left = MAX_STARTS;
    for at in 0..words.len() {
        let Some(rest) = words.get(at..) else { break };
        if left == 0 {
            break;
        }
        if at > 0 && rest.first().is_some_and(|word| is_little_in_any(word)) {
            continue;
        }
        left -= 1;
        let mut start = String::with_capacity(MAX_START_BYTES);
        for word in rest {
            if !start.is_empty() {
                start.push(' ');
            }
            start.push_str(word);
            if start.len() >= MAX_START_BYTES {
                break;
            }
        }
        start.truncate(start.floor_char_boundary(MAX_START_BYTES));
        each(&start);
    }
}
