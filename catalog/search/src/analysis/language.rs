//! The languages whose words are stemmed, and their little words.

use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::FixedState;
use tantivy::tokenizer::Language as Algorithm;

/// A language that search knows the endings of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
    /// German.
    German,
    /// Italian.
    Italian,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Dutch.
    Dutch,
    /// Swedish.
    Swedish,
    /// Finnish.
    Finnish,
    /// Danish.
    Danish,
    /// Polish.
    Polish,
}

impl Language {
    /// Every language, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::English,
        Self::French,
        Self::German,
        Self::Italian,
        Self::Spanish,
        Self::Portuguese,
        Self::Dutch,
        Self::Swedish,
        Self::Finnish,
        Self::Danish,
        Self::Polish,
    ];

    /// The language of a primary subtag, such as `pt`.
    #[must_use]
    pub fn of_primary_tag(tag: &str) -> Option<Self> {
        Some(match tag {
            "en" => Self::English,
            "fr" => Self::French,
            "de" => Self::German,
            "it" => Self::Italian,
            "es" => Self::Spanish,
            "pt" => Self::Portuguese,
            "nl" => Self::Dutch,
            "sv" => Self::Swedish,
            "fi" => Self::Finnish,
            "da" => Self::Danish,
            "pl" => Self::Polish,
            _ => return None,
        })
    }

    /// The engine's stemmer; none where we bring our own.
    pub(crate) const fn algorithm(self) -> Option<Algorithm> {
        Some(match self {
            Self::English => Algorithm::English,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Italian => Algorithm::Italian,
            Self::Spanish => Algorithm::Spanish,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Dutch => Algorithm::Dutch,
            Self::Swedish => Algorithm::Swedish,
            Self::Finnish => Algorithm::Finnish,
            Self::Danish => Algorithm::Danish,
            Self::Polish => return None,
        })
    }

    /// Its commonest function words, folded, in alphabetical order: articles, prepositions, conjunctions.
    #[must_use]
    pub const fn little_words(self) -> &'static [&'static str] {
        match self {
            Self::English => &[
                "a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "in", "is",
                "it", "its", "of", "on", "or", "s", "that", "the", "their", "these", "this", "to", "was", "were",
                "which", "with",
            ],
            Self::French => &[
                "a", "au", "aux", "ce", "ces", "d", "dans", "de", "des", "du", "elle", "en", "est", "et", "il", "l",
                "la", "le", "les", "leur", "ou", "par", "pour", "qu", "que", "qui", "sont", "sur", "un", "une",
            ],
            Self::German => &[
                "als", "am", "an", "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine",
                "einer", "eines", "fur", "im", "in", "ist", "mit", "nach", "oder", "sind", "und", "von", "vom",
                "werden", "wird", "zu", "zum", "zur",
            ],
            Self::Italian => &[
                "a", "ai", "al", "alla", "alle", "che", "con", "da", "dal", "dalla", "dei", "del", "della", "delle",
                "dello", "di", "e", "gli", "i", "il", "in", "la", "le", "lo", "nel", "nella", "per", "sono", "sul",
                "un", "una",
            ],
            Self::Spanish => &[
                "a", "al", "con", "de", "del", "e", "el", "en", "es", "esta", "la", "las", "los", "o", "para", "por",
                "que", "se", "son", "su", "sus", "un", "una", "y",
            ],
            Self::Portuguese => &[
                "a", "ao", "aos", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "nas", "no", "nos",
                "o", "os", "ou", "para", "pela", "pelo", "por", "que", "sao", "se", "um", "uma",
            ],
            Self::Dutch => &[
                "aan", "als", "bij", "dat", "de", "deze", "die", "door", "een", "en", "het", "in", "is", "met", "naar",
                "of", "om", "op", "te", "tot", "uit", "van", "voor", "wordt", "worden", "zijn",
            ],
            Self::Swedish => &[
                "an", "att", "av", "de", "den", "det", "efter", "en", "ett", "for", "fran", "har", "i", "inom", "med",
                "och", "om", "pa", "samt", "som", "till", "ar",
            ],
            Self::Finnish => &[
                "eli", "ettei", "etta", "ja", "jossa", "jotka", "joka", "kanssa", "kuin", "mukaan", "myos", "on",
                "ovat", "seka", "sen", "tai", "tassa", "vai", "voi",
            ],
            Self::Danish => &[
                "af", "at", "de", "den", "der", "det", "en", "er", "et", "for", "fra", "har", "i", "med", "og", "om",
                "pa", "samt", "som", "til", "ved",
            ],
            Self::Polish => &[
                "dla", "do", "i", "jest", "lub", "na", "nie", "o", "od", "oraz", "po", "przez", "przy", "sa", "w",
                "we", "wraz", "z", "za", "ze",
            ],
        }
    }

    /// True for a folded word that is one of [`Self::little_words`].
    #[must_use]
    pub fn is_little(self, word: &str) -> bool {
        little_in(word) & self.bit() != 0
    }

    /// Its place in a set of languages as [`little_in`] gives it.
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// No little word is longer, in bytes.
const MAX_LITTLE_BYTES: usize = 6;

/// The languages in which a folded word is a little one, a bit each: every word of every document is asked for, so it is one
/// look into a table.
fn little_in(word: &str) -> u16 {
    static LITTLE: OnceLock<HashMap<u64, u16, FixedState>> = OnceLock::new();
    let Some(wanted) = packed(word) else { return 0 };
    let little = LITTLE.get_or_init(|| {
        let mut little: HashMap<u64, u16, FixedState> = HashMap::default();
        for language in Language::ALL {
            for number in language.little_words().iter().copied().filter_map(packed) {
                *little.entry(number).or_default() |= language.bit();
            }
        }
        little
    });
    little.get(&wanted).copied().unwrap_or_default()
}

/// A short word as a number; none for a longer one.
fn packed(word: &str) -> Option<u64> {
    (word.len() <= MAX_LITTLE_BYTES).then(|| word.bytes().fold(0, |packed, byte| packed << 8 | u64::from(byte)))
}

/// True for a folded word that is a little word in some language.
#[must_use]
pub fn is_little_in_any(word: &str) -> bool {
    little_in(word) != 0
}

/// Words of asking, folded, by alphabet: they say that something is sought, not what. Not required beside other words.
const FRAME: [&str; 92] = [
    "about",
    "any",
    "anything",
    "based",
    "build",
    "busco",
    "can",
    "cerco",
    "cherche",
    "combien",
    "comment",
    "como",
    "could",
    "create",
    "cuantos",
    "dados",
    "dane",
    "data",
    "dataset",
    "datasets",
    "daten",
    "datensatz",
    "dati",
    "datos",
    "develop",
    "donde",
    "donnees",
    "dove",
    "find",
    "finde",
    "gdzie",
    "gegevens",
    "get",
    "give",
    "help",
    "hoeveel",
    "how",
    "hur",
    "hvor",
    "i",
    "ich",
    "ik",
    "ile",
    "information",
    "jag",
    "jak",
    "je",
    "jeg",
    "jeu",
    "kuinka",
    "like",
    "list",
    "look",
    "looking",
    "manga",
    "mange",
    "many",
    "me",
    "missa",
    "monta",
    "much",
    "my",
    "need",
    "needs",
    "onde",
    "our",
    "per",
    "please",
    "procuro",
    "propose",
    "quanti",
    "quantos",
    "quel",
    "quelle",
    "quero",
    "show",
    "some",
    "suche",
    "there",
    "use",
    "used",
    "using",
    "via",
    "viele",
    "waar",
    "want",
    "we",
    "what",
    "where",
    "wie",
    "would",
    "zoek",
];

/// True for a folded word of asking.
#[must_use]
pub fn is_frame(word: &str) -> bool {
    FRAME.binary_search(&word).is_ok()
}

/// Words that say little in a sentence, folded, by alphabet: what kind of work is done, not on what.
const WEAK: [&str; 38] = [
    "algorithm",
    "analysis",
    "application",
    "applications",
    "approach",
    "approaches",
    "different",
    "does",
    "given",
    "high",
    "improve",
    "large",
    "long",
    "method",
    "methods",
    "model",
    "models",
    "more",
    "most",
    "new",
    "novel",
    "one",
    "only",
    "paper",
    "performance",
    "problem",
    "project",
    "research",
    "several",
    "someone",
    "studies",
    "study",
    "system",
    "systems",
    "take",
    "task",
    "tasks",
    "various",
];

/// True for a folded word that says little beside the other words of a sentence.
#[must_use]
pub fn is_weak(word: &str) -> bool {
    WEAK.binary_search(&word).is_ok()
}

/// Little words that must be met before a language is believed.
const MIN_EVIDENCE: u32 = 2;
/// Characters of a text that are looked at when its little words do not tell, and fewest that tell anything.
const MAX_LOOKED_AT: usize = 300;
const MIN_LOOKED_AT: usize = 24;
/// How sure the look must be, 0 to 1.
const MIN_CONFIDENCE: f64 = 0.2;

/// The language whose little words a text holds most of; none when too few or as many as another's.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    met: [u32; Language::ALL.len()],
}

impl Guess {
    pub(crate) fn note(&mut self, word: &str) {
        let little = little_in(word);
        if little == 0 {
            return;
        }
        for (language, met) in Language::ALL.into_iter().zip(&mut self.met) {
            *met += u32::from(little & language.bit() != 0);
        }
    }

    pub(crate) fn language(&self) -> Option<Language> {
        let best = *self.met.iter().max()?;
        let mut leaders = Language::ALL.into_iter().zip(&self.met).filter(|(_, met)| **met == best);
        let (leader, _) = leaders.next()?;
        (best >= MIN_EVIDENCE && leaders.next().is_none()).then_some(leader)
    }
}

/// The language of a folded text by its little words; none when they do not tell.
pub(crate) fn by_words(folded: &str) -> Option<Language> {
    let mut guess = Guess::default();
    super::each_word(folded, |word| guess.note(word));
    guess.language()
}

/// The language of a text as its publisher wrote it by its letters (trigrams); none when they do not tell. Far dearer than
/// [`by_words`].
pub(crate) fn by_letters(text: &str) -> Option<Language> {
    static DETECTOR: OnceLock<whatlang::Detector> = OnceLock::new();
    let end = text.floor_char_boundary(MAX_LOOKED_AT);
    let text = text.get(..end).filter(|text| text.len() >= MIN_LOOKED_AT)?;
    let detector = DETECTOR.get_or_init(|| whatlang::Detector::with_allowlist(DETECTED.map(|(lang, _)| lang).into()));
    let found = detector.detect(text).filter(|found| found.confidence() >= MIN_CONFIDENCE)?;
    DETECTED.iter().find(|(lang, _)| *lang == found.lang()).map(|(_, language)| *language)
}

const DETECTED: [(whatlang::Lang, Language); Language::ALL.len()] = [
    (whatlang::Lang::Eng, Language::English),
    (whatlang::Lang::Fra, Language::French),
    (whatlang::Lang::Deu, Language::German),
    (whatlang::Lang::Ita, Language::Italian),
    (whatlang::Lang::Spa, Language::Spanish),
    (whatlang::Lang::Por, Language::Portuguese),
    (whatlang::Lang::Nld, Language::Dutch),
    (whatlang::Lang::Swe, Language::Swedish),
    (whatlang::Lang::Fin, Language::Finnish),
    (whatlang::Lang::Dan, Language::Danish),
    (whatlang::Lang::Pol, Language::Polish),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_words_are_folded_and_short() {
        for language in Language::ALL {
            for word in language.little_words() {
                assert!(word.len() <= MAX_LITTLE_BYTES && fairground_domain::fold(word) == *word, "{word}");
            }
        }
    }

    #[test]
    fn a_language_is_guessed_from_its_little_words() {
        for (text, language) in [
            ("the quality of air in the city", Some(Language::English)),
            ("la qualite de l air dans les villes et pour un", Some(Language::French)),
            ("die qualitat der luft und des wassers", Some(Language::German)),
            ("la qualita dell aria nella citta con gli", Some(Language::Italian)),
            ("de kwaliteit van de lucht in het gebied voor een", Some(Language::Dutch)),
            ("los datos de la ciudad y el agua por", Some(Language::Spanish)),
            ("air quality", None),
            ("", None),
        ] {
            assert_eq!(by_words(text).or_else(|| by_letters(text)), language, "{text}");
        }
    }

    #[test]
    fn words_of_asking_are_folded_and_in_order() {
        assert!(FRAME.is_sorted() && WEAK.is_sorted());
        assert!(FRAME.iter().all(|word| fairground_domain::fold(word) == *word));
        assert!(is_frame("how") && !is_frame("hospital"));
    }

    #[test]
    fn a_language_without_little_words_is_told_by_its_letters() {
        for (text, language) in [
            ("Luftqualitätsmesswerte Verkehrsstationen Innenstadt", Language::German),
            ("Ścieżki rowerowe, przystanki autobusowe, szkoły podstawowe", Language::Polish),
            ("Helsingin kaupungin päiväkodit, peruskoulut, terveysasemat", Language::Finnish),
        ] {
            assert_eq!(by_words(&fairground_domain::fold(text)), None, "{text}");
            assert_eq!(by_letters(text), Some(language), "{text}");
        }
    }
}
