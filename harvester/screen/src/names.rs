//! Whether words are names of persons: lists of common ones, endings of family names, the shape of a name.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::fold::{fold, fold_into};

/// The word is a common given name.
pub(crate) const GIVEN: u32 = 1;
/// The word is a common family name.
pub(crate) const SURNAME: u32 = 2;
/// The word belongs to bodies and businesses.
pub(crate) const BODY: u32 = 4;
/// The word belongs to streets.
pub(crate) const STREET: u32 = 8;
/// The word stands between the parts of a name: de, van, von.
pub(crate) const PARTICLE: u32 = 16;
/// The word stands before a person's name: Mr, Frau, Mme.
pub(crate) const TITLE: u32 = 32;
/// The word names a place or a thing of the landscape.
pub(crate) const PLACE: u32 = 64;
/// The word is an office: mayor, minister.
pub(crate) const OFFICE: u32 = 128;

/// Any of the lists above.
pub(crate) const LISTED: u32 = 0xff;
/// Words and letters for a sex.
pub(crate) const SEX: u32 = 1 << 8;
/// Kinds of streets that stand before the street's name.
pub(crate) const STREET_FIRST: u32 = 1 << 9;
/// Parts of a house and boxes, before their number.
pub(crate) const UNIT: u32 = 1 << 10;
/// What stands before an address.
pub(crate) const BEFORE_ADDRESS: u32 = 1 << 11;
/// What stands before the name of a private person.
pub(crate) const INTRODUCES: u32 = 1 << 12;
/// Words that begin sentences and are no names.
pub(crate) const FUNCTION: u32 = 1 << 13;
/// What persons do, as the word behind their name says it.
pub(crate) const ACTS: u32 = 1 << 14;
/// Names that are common words, months or places as well: alone they say nothing.
pub(crate) const COMMON: u32 = 1 << 15;
/// Words for a name.
pub(crate) const NAME_WORD: u32 = 1 << 16;
/// Words with which people say who they are.
pub(crate) const SELF: u32 = 1 << 17;
/// What stands before somebody's telephone number.
pub(crate) const BEFORE_PHONE: u32 = 1 << 18;
/// What stands before the number of a card.
pub(crate) const BEFORE_CARD: u32 = 1 << 19;
/// What stands before an identifier whose digits say nothing by themselves.
pub(crate) const BEFORE_ID: u32 = 1 << 20;
/// What does so together with a word for a number.
pub(crate) const BEFORE_ID_NUMBER: u32 = 1 << 21;
/// Words for a number, and `is`.
pub(crate) const NUMBER: u32 = 1 << 22;
/// Words for a birth.
pub(crate) const BIRTH: u32 = 1 << 23;
/// Prepositions behind which places stand rather than persons.
pub(crate) const BEFORE_PLACE: u32 = 1 << 24;
/// Prepositions behind which persons stand.
pub(crate) const BEFORE_PERSON: u32 = 1 << 25;
/// Prepositions behind which telephone numbers stand.
pub(crate) const BEFORE_CONTACT: u32 = 1 << 26;
/// Prepositions behind which places stand as often as persons: to, at, from.
pub(crate) const TOWARDS: u32 = 1 << 27;
/// What stands before the number of a driving licence.
pub(crate) const BEFORE_LICENCE: u32 = 1 << 28;
/// What stands before the number of a passport.
pub(crate) const BEFORE_PASSPORT: u32 = 1 << 29;
/// What joins the last one of several to the others: and.
pub(crate) const AND: u32 = 1 << 30;

/// Meanings of `words/context.txt`.
const CONTEXTS: &[(&str, u32)] = &[
    ("sex", SEX),
    ("street-first", STREET_FIRST),
    ("unit", UNIT),
    ("before-address", BEFORE_ADDRESS),
    ("introduces", INTRODUCES),
    ("function", FUNCTION),
    ("acts", ACTS),
    ("common-name", COMMON),
    ("name", NAME_WORD),
    ("self", SELF),
    ("before-phone", BEFORE_PHONE),
    ("before-card", BEFORE_CARD),
    ("before-id", BEFORE_ID),
    ("before-id-number", BEFORE_ID_NUMBER),
    ("number", NUMBER),
    ("birth", BIRTH),
    ("before-place", BEFORE_PLACE),
    ("before-person", BEFORE_PERSON),
    ("before-contact", BEFORE_CONTACT),
    ("towards", TOWARDS),
    ("before-licence", BEFORE_LICENCE),
    ("before-passport", BEFORE_PASSPORT),
    ("and", AND),
];

const BODIES: &str = "bakery bakers builders garage plumbing brothers backerei metzgerei autohaus gebruder firma tischlerei boulangerie boucherie etablissements panaderia talleres taller asociados hermanos hijos panificio autofficina fratelli officina padaria oficina irmaos bakkerij slagerij gebroeders garagebedrijf piekarnia zaklad bageri broderna verkstad pekarstvi autoservis truhlarstvi reznictvi creche guarderia asilo przedszkole liceum technikum gimnazjum forskolan skolan gymnasium gymnazium skoly colegio lycee primary hb kb hf ehf lda ltda eirl eurl scop sprl vzw asbl bhd cia cie sons filhos fils hijos figli sohne zonen sonner soner synowie synove inc incorporated llc llp ltd limited plc corp corporation co company companies group holding holdings gmbh mbh ag kg ohg ug ev sa sas sarl srl spa snc sl slu sro as asa aps ab oy oyj nv bv bvba vof kft zrt nyrt sp zoo oo ooo ao kk pty pvt bank insurance services service solutions systems technologies industries international global partners associates consulting enterprises trust foundation fund union federation association society club council committee commission board authority agency administration bureau department dept ministry office offices court police station fire institute institution university college school academy kindergarten nursery hospital clinic centre center laboratory laboratories museum library theatre theater church parish cathedral hotel restaurant cafe bar pub shop store market supermarket pharmacy airport airlines airways railway transport logistics media press publishing studio verein stiftung amt behorde ministerium schule gymnasium grundschule realschule universitat hochschule krankenhaus klinik klinikum apotheke bibliothek rathaus kita kindergarten gemeinde stadt landkreis sparkasse genossenschaft feuerwehr ecole college lycee universite hopital clinique pharmacie bibliotheque musee mairie ministere prefecture direction service commune departement syndicat association societe entreprise banque escuela colegio instituto universidad hospital clinica farmacia biblioteca museo ayuntamiento ministerio direccion fundacion asociacion sociedad empresa banco consejeria scuola istituto universita ospedale farmacia museo comune ministero direzione fondazione associazione societa azienda banca ufficio liceo provincia regione escola faculdade universidade camara prefeitura ministerio secretaria fundacao associacao empresa banco agrupamento junta school basisschool universiteit ziekenhuis apotheek gemeente ministerie stichting vereniging bank szkola uniwersytet szpital apteka biblioteka muzeum urzad ministerstwo fundacja stowarzyszenie spolka skola universitet sjukhus apotek bibliotek kommun myndighet stiftelse forening sykehus kommune skole koulu yliopisto sairaala apteekki kirjasto kunta saatio yhdistys zakladni univerzita nemocnice lekarna knihovna urad ministerstvo nadace iskola egyetem korhaz gyogyszertar hivatal miniszterium alapitvany scoala universitatea spitalul farmacia primaria ministerul team project programme program award memorial orchestra choir band investments capital ventures labs lab brewery studios motors energy power health insurance studio software networks network embassy consulate botschaft konsulat generalkonsulat ambassade consulat ambasciata consolato embajada consulado embaixada ambasada konsulat ambassaden ambassad konsulatet";
const STREETS: &str = "motorway bypass causeway expressway freeway throughway turnpike overpass underpass skyway pasadizo pasaje glorieta rambla callejon urbanizacion street st road rd avenue ave boulevard blvd lane ln drive dr court ct place pl square sq terrace crescent close circuit highway hwy parkway pkwy way trail alley row walk gardens grove mews quay esplanade loop suite apt apartment unit floor strasse str weg gasse platz allee ufer ring damm rue quai impasse chemin route cours passage faubourg calle avenida avda av paseo plaza carretera carrer camino travesia ronda via viale vicolo piazza corso largo piazzale strada contrada localita rua travessa alameda praca estrada rodovia largo beco straat laan weg plein gracht kade singel dijk hof ulica ul aleja al plac pl osiedle os gatan gata vagen vag gade vej alle plads gate vei veien katu tie kuja polku utca ut ter korut setany ulice namesti trida strada bulevardul soseaua aleea ulitsa prospekt pereulok ploshchad ulica trg cesta οδος λεωφορος πλατεια улица ул проспект переулок площадь булевард бул po box postfach apartado";
const PARTICLES: &str = "of de del della delle dei degli di da das do dos du des la le les lo el al bin ibn ben abu van von vom zu zur zum den der den ter ten te op af av y e i san saint st mac mc o d l";
const TITLES: &str = "mr mrs ms miss mx dr prof sir dame herr frau hr fr monsieur madame mme mlle mademoiselle senor senora srta sr sra don dona dott dottssa sig signor signora sigra ing avv dhr mevr mevrouw meneer pan pani herra rouva ur pane paní fru froken doktor dna dl domnul doamna g-n g-zha κ κα kyrios kyria";
const PLACES: &str = "ridge stream haven mission crossing junction meadow meadows orchard plain plains prairie ranch rapids shore shores springs summit tunnel viaduct vista inlet isle isles gateway heights hollow falls estate estates cove canyon bluff bluffs bend bayou peninsula archipelago delta lagoon reservoir dam glacier canal strait gulf county city town village district region province state island islands lake river mount mountain mountains hill valley bay beach forest creek north south east west northern southern eastern western upper lower new old great park airport bridge castle port harbour harbor street canton kreis bezirk landkreis see berg tal insel fluss nord sud ost west lac riviere montagne ile mont plage lago rio monte isla playa valle cerro sierra norte fiume isola spiaggia serra ilha praia meer rivier eiland rzeka jezioro gora wyspa republic kingdom union states";
const OFFICES: &str = "mayor minister president senator governor councillor councilor representative congressman congresswoman secretary commissioner judge justice ambassador chancellor director chairman chairwoman chair king queen prince princess pope bishop archbishop burgermeister burgermeisterin ministerin minister kanzler kanzlerin prasident landrat maire ministre depute deputee senateur prefet alcalde alcaldesa ministro ministra diputado diputada presidente sindaco deputato assessore senatore onorevole prefeito deputado vereador burgemeester wethouder premier burmistrz prezydent posel borgmastare statsminister ordforer pormestari starosta primator poslanec polgarmester primar";

/// Hashes are well spread already.
#[derive(Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map whose keys are hashes.
pub(crate) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Common given names.
pub(crate) const GIVENS: &str = include_str!("words/given.txt");
/// Common family names.
pub(crate) const SURNAMES: &str = include_str!("words/surnames.txt");

static WORDS: LazyLock<ByHash<u32>> = LazyLock::new(|| {
    let mut words = ByHash::default();
    let lists = [
        (GIVENS, GIVEN),
        (SURNAMES, SURNAME),
        (BODIES, BODY),
        (STREETS, STREET),
        (PARTICLES, PARTICLE),
        (TITLES, TITLE),
        (PLACES, PLACE),
        (OFFICES, OFFICE),
    ];
    for (list, flag) in lists {
        for word in list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            *words.entry(xxh3_64(fold(word).as_bytes())).or_insert(0) |= flag;
        }
    }
    let contexts = include_str!("words/context.txt").lines().filter(|line| !line.starts_with('#'));
    for (meaning, list) in contexts.filter_map(|line| line.split_once(" = ")) {
        let flag = CONTEXTS.iter().find(|(known, _)| *known == meaning).map_or(0, |(_, flag)| *flag);
        for word in list.split_whitespace() {
            *words.entry(xxh3_64(fold(word).as_bytes())).or_insert(0) |= flag;
        }
    }
    words
});

/// How words of illness and the like begin, folded, by their first two bytes.
static INTIMATE: LazyLock<HashMap<[u8; 2], Vec<String>, BuildHasherDefault<AsIs>>> = LazyLock::new(|| {
    let mut begins: HashMap<[u8; 2], Vec<String>, BuildHasherDefault<AsIs>> = HashMap::default();
    let lines = include_str!("words/context.txt").lines().filter_map(|line| line.strip_prefix("intimate = "));
    for word in lines.flat_map(str::split_whitespace).map(fold) {
        if let [a, b, ..] = word.as_bytes() {
            begins.entry([*a, *b]).or_default().push(word);
        }
    }
    begins
});

/// First bytes of such words.
static FIRST_LETTERS: LazyLock<Vec<bool>> =
    LazyLock::new(|| (0..=255_u8).map(|byte| INTIMATE.keys().any(|[first, _]| *first == byte)).collect());

/// Whether a word begins as words of illness and other private matters do.
pub(crate) fn is_intimate(word: &str) -> bool {
    let folded;
    let word = if word.is_ascii() {
        word
    } else {
        folded = fold(word);
        folded.as_str()
    };
    let [a, b, ..] = word.as_bytes() else { return false };
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    if FIRST_LETTERS.get(usize::from(a)).is_none_or(|any| !any) {
        return false;
    }
    let begins = INTIMATE.get(&[a, b]);
    begins.is_some_and(|begins| begins.iter().any(|begin| starts(word.as_bytes(), begin.as_bytes())))
}

fn starts(word: &[u8], begin: &[u8]) -> bool {
    word.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))
}

/// Whether a word ends so, capitals aside.
pub(crate) fn ends(word: &[u8], ending: &[u8]) -> bool {
    let Some(from) = word.len().checked_sub(ending.len()) else { return false };
    word.last().map(u8::to_ascii_lowercase) == ending.last().copied()
        && word.get(from..).is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}

/// What a word is known as.
pub(crate) fn known(word: &str) -> u32 {
    let mut room = [0_u8; 64];
    if word.is_ascii() {
        let Some(room) = room.get_mut(..word.len()).filter(|_| word.len() <= 24) else { return 0 };
        room.copy_from_slice(word.as_bytes());
        room.make_ascii_lowercase();
        return WORDS.get(&xxh3_64(room)).copied().unwrap_or(0);
    }
    if word.len() > 48 {
        return 0;
    }
    let folded = fold_into(word, &mut room).map(|folded| xxh3_64(folded.as_bytes()));
    WORDS.get(&folded.unwrap_or_else(|| xxh3_64(fold(word).as_bytes()))).copied().unwrap_or(0)
}

/// How long the given names are that begin with the same two letters as a folded word.
pub(crate) fn given_lengths(word: &str) -> impl Iterator<Item = usize> {
    static LENGTHS: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let mut lengths = vec![0; 26 * 26];
        for name in GIVENS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).map(fold) {
            if let Some(bits) = letters(&name).and_then(|at| lengths.get_mut(at)) {
                *bits |= 1_u32.checked_shl(u32::try_from(name.len()).unwrap_or(u32::MAX)).unwrap_or(0);
            }
        }
        lengths
    });
    let mut bits = letters(word).and_then(|at| LENGTHS.get(at)).copied().unwrap_or(0);
    std::iter::from_fn(move || {
        let length = usize::try_from(bits.trailing_zeros()).ok().filter(|_| bits != 0)?;
        bits &= bits - 1;
        Some(length)
    })
}

/// A number for the first two letters, from `a` to `z`.
fn letters(word: &str) -> Option<usize> {
    match word.as_bytes() {
        [first @ b'a'..=b'z', second @ b'a'..=b'z', ..] => {
            Some(usize::from(first - b'a') * 26 + usize::from(second - b'a'))
        }
        _ => None,
    }
}

/// Endings that family names have in some language, as they are after folding, with the length from which they count.
const ENDINGS: &[(&str, usize)] = &[
    ("ova", 6),
    ("eva", 6),
    ("ovska", 7),
    ("ski", 6),
    ("ska", 6),
    ("cki", 6),
    ("cka", 6),
    ("wicz", 6),
    ("czyk", 6),
    ("czak", 6),
    ("sson", 6),
    ("sdottir", 9),
    ("ssen", 6),
    ("rsen", 6),
    ("nsen", 6),
    ("lsen", 6),
    ("gaard", 7),
    ("nen", 6),
    ("strom", 7),
    ("qvist", 7),
    ("quist", 7),
    ("gren", 7),
    ("enko", 6),
    ("chuk", 6),
    ("escu", 6),
    ("eanu", 6),
    ("ovic", 6),
    ("evic", 6),
    ("ovich", 7),
    ("evich", 7),
    ("idis", 6),
    ("idou", 6),
    ("opoulos", 9),
    ("opoulou", 9),
    ("akis", 6),
    ("aki", 6),
    ("oglu", 6),
    ("shvili", 8),
    ("adze", 6),
    ("mann", 7),
    ("inger", 8),
    ("huber", 7),
    ("nez", 5),
    ("rez", 5),
    ("guez", 6),
    ("ndez", 6),
    ("elli", 6),
    ("etti", 6),
    ("ucci", 6),
    ("acci", 6),
    ("ini", 6),
    ("issen", 7),
    ("stra", 7),
    ("sma", 6),
    ("nov", 5),
    ("rov", 5),
    ("lov", 5),
    ("kov", 5),
    ("kova", 6),
    ("sky", 6),
    ("skaya", 7),
    ("anyan", 7),
    ("osyan", 7),
    ("ović", 6),
    ("ова", 5),
    ("ева", 5),
    ("ов", 5),
    ("ев", 5),
    ("ский", 6),
    ("ская", 6),
    ("енко", 6),
    ("ідис", 6),
    ("οπουλοσ", 9),
    ("οπουλου", 9),
    ("ιδησ", 6),
    ("ακησ", 6),
    ("sov", 6),
    ("ov", 8),
    ("ev", 8),
    ("iene", 7),
    ("aite", 7),
    ("auskas", 8),
    ("evicius", 9),
    ("enas", 6),
    ("ins", 7),
    ("hashi", 7),
    ("moto", 7),
];

/// The endings by their last byte: few words have to be compared with more than some of them.
static BY_LAST: LazyLock<Vec<Vec<(&'static str, usize)>>> = LazyLock::new(|| {
    let ends_with = |byte: u8| ENDINGS.iter().filter(move |(ending, _)| ending.as_bytes().last() == Some(&byte));
    (0..=255).map(|byte| ends_with(byte).copied().collect()).collect()
});

/// Whether a word ends as family names do.
pub(crate) fn ends_like_surname(word: &str) -> bool {
    let by_last = |word: &str| word.bytes().last().and_then(|byte| BY_LAST.get(usize::from(byte.to_ascii_lowercase())));
    let ends_so = |word: &str, length: usize| {
        let mut endings = by_last(word).into_iter().flatten();
        endings.any(|(ending, least)| length >= *least && ends(word.as_bytes(), ending.as_bytes()))
    };
    if word.is_ascii() {
        return ends_so(word, word.len());
    }
    let mut room = [0; 96];
    let slow;
    let folded = match fold_into(word, &mut room) {
        Some(folded) => folded,
        None => {
            slow = fold(word);
            slow.as_str()
        }
    };
    ends_so(folded, folded.chars().count())
}

/// Whether a word is written as names are: a capital and small letters, or capitals only.
pub(crate) fn is_name_word(word: &str) -> bool {
    let mut signs = word.chars();
    let Some(first) = signs.next() else { return false };
    (first.is_uppercase() || is_caseless(first))
        && signs.clone().next().is_some()
        && signs.all(|sign| is_of_letters(sign) || matches!(sign, '\'' | '’' | '-' | '.'))
}

/// Letters, and the signs above, below and between them that scripts of South and Southeast Asia write words with.
pub(crate) fn is_of_letters(sign: char) -> bool {
    sign.is_alphabetic()
        || matches!(sign,
            '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{a3c}' | '\u{a4d}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}'
            | '\u{ccd}' | '\u{d4d}' | '\u{dca}' | '\u{e47}'..='\u{e4e}' | '\u{ec8}'..='\u{ecd}' | '\u{1039}' | '\u{103a}'
            | '\u{17d2}' | '\u{200c}' | '\u{200d}')
}

/// Letters of scripts without capitals; Georgian has some, with which no name begins.
pub(crate) fn is_caseless(sign: char) -> bool {
    sign.is_alphabetic() && !sign.is_uppercase() && (!sign.is_lowercase() || matches!(sign, '\u{10d0}'..='\u{10ff}'))
}

/// Whether a word is an initial: `J`, `J.`.
pub(crate) fn is_initial(word: &str) -> bool {
    let bare = word.strip_suffix('.').unwrap_or(word);
    let mut signs = bare.chars();
    signs.next().is_some_and(char::is_uppercase) && signs.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_what_they_are() {
        for (word, flag) in [
            ("Jürgen", GIVEN),
            ("MARÍA", GIVEN),
            ("Łukasz", GIVEN),
            ("Γιώργος", GIVEN),
            ("Сергей", GIVEN),
            ("Müller", SURNAME),
            ("Nowak", SURNAME),
            ("GmbH", BODY),
            ("Universität", BODY),
            ("Straße", STREET),
            ("von", PARTICLE),
            ("Frau", TITLE),
            ("Mayor", OFFICE),
        ] {
            assert!(known(word) & flag != 0, "{word}");
        }
        assert_eq!(known("concrete"), 0);
        assert_eq!(known(&"x".repeat(4_000)), 0);
    }

    #[test]
    fn endings_of_family_names_are_seen() {
        for word in ["Procházková", "Wiśniewska", "Þorvaldsdóttir", "Hämäläinen", "Kovalchuk", "Papadakis", "Kuznetsov"]
        {
            assert!(ends_like_surname(word), "{word}");
        }
        for word in ["table", "energy", "Madrid", "street"] {
            assert!(!ends_like_surname(word), "{word}");
        }
    }
}
