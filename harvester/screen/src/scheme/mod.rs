//! Numbers by which states know persons: how they are built, how they are checked, how they are written.

pub(crate) mod check;
mod europe;
mod world;

/// How much a pass says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Letters and digits in a form of their own, with a check: one value can be enough.
    Form,
    /// A date within the digits, mostly with a check digit: a column of them is no accident.
    Date,
    /// Digits with a check digit that other numbers (of companies, books, goods) share: the context has to agree.
    Digits,
    /// Nothing but ranges: the column's name or the way it is written has to say so.
    Range,
}

/// One kind of identifier.
#[derive(Debug)]
pub struct Scheme {
    /// Its name in reports: country (ISO 3166-1, small) and short name.
    pub id: &'static str,
    /// Its name where it is used.
    pub name: &'static str,
    /// Lengths without separators.
    pub lengths: &'static [usize],
    /// Whether it is digits only.
    pub numeric: bool,
    /// How much a pass says.
    pub strength: Strength,
    /// The share of values of that length and alphabet that pass by chance.
    pub chance: f64,
    /// Ways of writing that are its own: 9 for a digit, A for a letter, X for either.
    pub forms: &'static [&'static str],
    /// Words for it in names of columns.
    pub words: &'static [&'static str],
    pub(crate) check: fn(&[u8]) -> bool,
}

impl Scheme {
    /// Whether a value, without separators and in capitals, is one.
    pub fn passes(&self, compact: &[u8]) -> bool {
        self.lengths.contains(&compact.len()) && (self.check)(compact)
    }
}

macro_rules! scheme {
    ($id:literal, $name:literal, $lengths:expr, $numeric:expr, $strength:ident, $chance:expr, $check:path, $forms:expr, $words:expr) => {
        Scheme {
            id: $id,
            name: $name,
            lengths: &$lengths,
            numeric: $numeric,
            strength: Strength::$strength,
            chance: $chance,
            forms: &$forms,
            words: &$words,
            check: $check,
        }
    };
}

/// Every identifier that is known. Where two agree with a column equally well, the first is named.
#[rustfmt::skip]
pub static SCHEMES: &[Scheme] = &[
    scheme!("it-cf", "codice fiscale", [16], false, Form, 0.0001, europe::it_cf, ["AAAAAA99A99A999A"], ["codice fiscale", "cod fiscale", "cf"]),
    scheme!("mx-curp", "CURP", [18], false, Form, 0.0001, world::mx_curp, [], ["curp"]),
    scheme!("gb-nino", "National Insurance number", [9], false, Form, 0.001, europe::gb_nino, ["AA999999A", "AA 99 99 99 A", "AA 999999 A"], ["national insurance", "nino", "ni number"]),
    scheme!("es-dni", "DNI", [9], false, Form, 0.002, europe::es_dni, ["99999999A", "99999999-A", "99.999.999-A", "99999999 A"], ["dni", "nif", "documento"]),
    scheme!("es-nie", "NIE", [9], false, Form, 0.002, europe::es_nie, ["A9999999A", "A-9999999-A"], ["nie", "dni", "nif"]),
    scheme!("fi-hetu", "henkilötunnus", [10, 11], false, Form, 0.002, europe::fi_hetu, ["999999-999A", "999999-9999", "999999A999A", "999999A9999", "999999+999X"], ["hetu", "henkilötunnus", "sotu", "henkilotunnus"]),
    scheme!("sg-nric", "NRIC", [9], false, Form, 0.002, world::sg_nric, ["A9999999A"], ["nric", "fin number"]),
    scheme!("ie-pps", "PPS number", [8, 9], false, Form, 0.002, europe::ie_pps, ["9999999A", "9999999AA"], ["pps", "ppsn"]),
    scheme!("pt-cc", "cartão de cidadão", [12], false, Form, 0.002, europe::pt_cc, ["99999999 9 AA9"], ["cartão de cidadão", "cc", "citizen card"]),
    scheme!("in-pan", "PAN", [10], false, Form, 0.002, world::in_pan, ["AAAAA9999A"], ["pan"]),
    scheme!("tw-id", "national identity number", [10], false, Form, 0.005, world::tw_id, ["A999999999"], ["身分證", "national id"]),
    scheme!("hk-id", "HKID", [8, 9], false, Form, 0.005, world::hk_id, ["A999999(9)", "AA999999(9)"], ["hkid", "hong kong"]),
    scheme!("de-svnr", "Rentenversicherungsnummer", [12], false, Form, 0.003, europe::de_svnr, ["99999999A999", "99 999999 A 999"], ["rentenversicherungsnummer", "sozialversicherungsnummer", "sv nummer", "svnr"]),
    scheme!("fr-nir", "NIR", [15], false, Date, 0.003, europe::fr_nir, ["9 99 99 99 999 999 99"], ["nir", "sécurité sociale", "num secu", "numéro de sécurité sociale"]),
    scheme!("cn-id", "居民身份证", [18], false, Date, 0.001, world::cn_id, ["99999999999999999A"], ["身份证"]),
    scheme!("ch-ahv", "AHV number", [13], true, Form, 0.0002, europe::ch_ahv, ["756.9999.9999.99"], ["ahv", "avs"]),
    scheme!("lu-matricule", "matricule", [13], true, Date, 0.0002, europe::lu_matricule, [], ["matricule"]),
    scheme!("ro-cnp", "CNP", [13], true, Date, 0.002, europe::ro_cnp, [], ["cnp", "cod numeric personal"]),
    scheme!("si-emso", "EMŠO, JMBG", [13], true, Date, 0.002, europe::jmbg, [], ["emšo", "emso", "jmbg"]),
    scheme!("kr-rrn", "주민등록번호", [13], true, Date, 0.004, world::kr_rrn, ["999999-9999999"], ["주민등록번호", "resident registration", "rrn"]),
    scheme!("za-id", "identity number", [13], true, Date, 0.0015, world::za_id, ["999999 9999 999"], ["identity number", "id number", "sa id"]),
    scheme!("th-id", "national identity number", [13], true, Digits, 0.08, world::th_id, ["9-9999-99999-99-9"], ["thai id", "citizen id"]),
    scheme!("no-fnr", "fødselsnummer", [11], true, Date, 0.0018, europe::no_fnr, ["999999 99999"], ["fødselsnummer", "fodselsnummer", "fnr", "personnummer", "d nummer"]),
    scheme!("pl-pesel", "PESEL", [11], true, Date, 0.02, europe::pl_pesel, [], ["pesel"]),
    scheme!("ee-isikukood", "isikukood", [11], true, Date, 0.003, europe::baltic_code, [], ["isikukood", "personal code"]),
    scheme!("lt-asmens-kodas", "asmens kodas", [11], true, Date, 0.003, europe::baltic_code, [], ["asmens kodas"]),
    scheme!("lv-code", "personas kods", [11], true, Date, 0.0015, europe::lv_code, ["999999-99999"], ["personas kods"]),
    scheme!("gr-amka", "ΑΜΚΑ", [11], true, Date, 0.004, europe::gr_amka, [], ["αμκα", "amka"]),
    scheme!("be-nn", "rijksregisternummer", [11], true, Date, 0.003, europe::be_nn, ["99.99.99-999.99"], ["rijksregisternummer", "numéro national", "registre national", "niss", "insz"]),
    scheme!("hu-szemelyi", "személyi szám", [11], true, Date, 0.0015, europe::hu_szemelyi, ["9-999999-9999", "9 999999 9999"], ["személyi szám", "személyi azonosító"]),
    scheme!("de-steuer-id", "Steuer-Identifikationsnummer", [11], true, Digits, 0.0035, europe::de_steuer_id, ["99 999 999 999"], ["steuer id", "steueridentifikationsnummer", "idnr", "steuernummer", "tax id", "tin"]),
    scheme!("br-cpf", "CPF", [11], true, Digits, 0.01, world::br_cpf, ["999.999.999-99"], ["cpf"]),
    scheme!("tr-tckn", "TC kimlik no", [11], true, Digits, 0.009, world::tr_tckn, [], ["tckn", "kimlik no", "tc kimlik"]),
    scheme!("ar-cuil", "CUIL", [11], true, Digits, 0.006, world::ar_cuil, ["99-99999999-9"], ["cuil", "cuit"]),
    scheme!("ru-snils", "СНИЛС", [11], true, Digits, 0.01, europe::ru_snils, ["999-999-999 99"], ["снилс", "snils"]),
    scheme!("hr-oib", "OIB", [11], true, Digits, 0.1, europe::hr_oib, [], ["oib"]),
    scheme!("kz-iin", "ИИН", [12], true, Date, 0.0022, world::kz_iin, [], ["иин", "iin"]),
    scheme!("se-personnummer", "personnummer", [10, 12], true, Date, 0.0075, europe::se_personnummer, ["999999-9999", "99999999-9999", "999999+9999"], ["personnummer", "samordningsnummer", "person nr", "pnr"]),
    scheme!("cz-rc", "rodné číslo", [10], true, Date, 0.012, europe::cz_rc, ["999999/9999"], ["rodné číslo", "rč", "rodne cislo"]),
    scheme!("bg-egn", "ЕГН", [10], true, Date, 0.0099, europe::bg_egn, [], ["егн", "egn", "единен граждански номер"]),
    scheme!("is-kennitala", "kennitala", [10], true, Date, 0.001, europe::is_kennitala, ["999999-9999"], ["kennitala"]),
    scheme!("at-svnr", "Sozialversicherungsnummer", [10], true, Date, 0.004, europe::at_svnr, ["9999 999999"], ["sozialversicherungsnummer", "svnr", "sv nummer", "svnummer"]),
    scheme!("hu-tax", "adóazonosító jel", [10], true, Digits, 0.0091, europe::hu_tax, [], ["adóazonosító", "adóazonosító jel"]),
    scheme!("dk-cpr", "CPR number", [10], true, Range, 0.037, europe::dk_cpr, ["999999-9999"], ["cpr", "cprnr", "cpr nummer", "personnummer"]),
    scheme!("ec-cedula", "cédula", [10], true, Digits, 0.015, world::ec_cedula, [], ["cédula"]),
    scheme!("gb-nhs", "NHS number", [10], true, Digits, 0.091, europe::gb_nhs, ["999 999 9999"], ["nhs number", "nhs no", "nhs"]),
    scheme!("ua-rnokpp", "РНОКПП", [10], true, Digits, 0.1, europe::ua_rnokpp, [], ["рнокпп", "іпн"]),
    scheme!("au-medicare", "Medicare number", [10, 11], true, Digits, 0.05, world::au_medicare, ["9999 99999 9"], ["medicare"]),
    scheme!("in-aadhaar", "Aadhaar", [12], true, Digits, 0.08, world::in_aadhaar, ["9999 9999 9999"], ["aadhaar", "aadhar", "uid number"]),
    scheme!("ru-inn", "ИНН", [12], true, Digits, 0.01, europe::ru_inn, [], ["инн", "inn"]),
    scheme!("jp-my-number", "マイナンバー", [12], true, Digits, 0.091, world::jp_my_number, [], ["マイナンバー", "個人番号", "my number"]),
    scheme!("my-nric", "MyKad", [12], true, Range, 0.032, world::my_nric, ["999999-99-9999"], ["mykad", "nric", "no kp"]),
    scheme!("eg-id", "national number", [14], true, Date, 0.0026, world::eg_id, [], ["الرقم القومي"]),
    scheme!("id-nik", "NIK", [16], true, Range, 0.062, world::id_nik, [], ["nik", "ktp"]),
    scheme!("us-ssn", "social security number", [9], true, Range, 0.89, world::us_ssn, ["999-99-9999"], ["ssn", "social security", "social security number", "soc sec"]),
    scheme!("us-itin", "ITIN", [9], true, Range, 0.045, world::us_itin, ["999-99-9999"], ["itin", "tin", "tax id"]),
    scheme!("ca-sin", "social insurance number", [9], true, Digits, 0.08, world::ca_sin, ["999-999-999"], ["sin", "social insurance", "social insurance number", "nas"]),
    scheme!("nl-bsn", "BSN", [9], true, Digits, 0.091, europe::nl_bsn, [], ["bsn", "burgerservicenummer", "sofinummer"]),
    scheme!("pt-nif", "NIF", [9], true, Digits, 0.032, europe::pt_nif, [], ["nif", "contribuinte", "número de contribuinte"]),
    scheme!("hu-taj", "TAJ", [9], true, Digits, 0.1, europe::hu_taj, [], ["taj", "taj szám"]),
    scheme!("gr-afm", "ΑΦΜ", [9], true, Digits, 0.1, europe::gr_afm, [], ["αφμ", "afm"]),
    scheme!("au-tfn", "tax file number", [9], true, Digits, 0.091, world::au_tfn, [], ["tfn", "tax file number"]),
    scheme!("il-id", "teudat zehut", [9], true, Digits, 0.1, world::il_id, [], ["תעודת זהות", "teudat zehut"]),
    scheme!("cl-run", "RUN", [8, 9], false, Digits, 0.05, world::cl_run, ["99.999.999-X", "9.999.999-X", "99999999-X"], ["run", "rut"]),
];

/// Identifiers as a set of bits: there are at most 64.
pub(crate) type SchemeSet = u64;

/// Longest value without separators.
pub(crate) const COMPACT_MAX: usize = 20;

/// Identifiers that have a letter in them in any case: digits alone need not be asked.
const LETTERED: &[&str] = &[
    "it-cf", "mx-curp", "gb-nino", "es-dni", "es-nie", "sg-nric", "ie-pps", "pt-cc", "in-pan", "tw-id", "hk-id",
    "de-svnr",
];

/// Which schemes to ask, by length and by whether there are letters.
static BY_LENGTH: std::sync::LazyLock<[[Vec<u8>; 2]; COMPACT_MAX + 1]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|length| {
        [false, true].map(|letters| {
            let able = |scheme: &Scheme| if letters { !scheme.numeric } else { !LETTERED.contains(&scheme.id) };
            let asked = |scheme: &Scheme| scheme.lengths.contains(&length) && able(scheme);
            let all = SCHEMES.iter().enumerate().filter(|(_, scheme)| asked(scheme));
            all.filter_map(|(at, _)| u8::try_from(at).ok()).collect()
        })
    })
});

/// Every scheme that a value passes.
pub(crate) fn passes(compact: &[u8], letters: bool) -> SchemeSet {
    let Some(asked) = BY_LENGTH.get(compact.len()).and_then(|both| both.get(usize::from(letters))) else { return 0 };
    let mut found = 0;
    for at in asked {
        if SCHEMES.get(usize::from(*at)).is_some_and(|scheme| (scheme.check)(compact)) {
            found |= 1_u64 << at;
        }
    }
    found
}

/// The schemes of a set.
pub(crate) fn all_of(mut set: SchemeSet) -> impl Iterator<Item = &'static Scheme> {
    std::iter::from_fn(move || {
        let at = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        SCHEMES.get(at)
    })
}

/// Whether a text is written in a form such as `999-99-9999`.
pub(crate) fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(sign, form)| match form {
            b'9' => sign.is_ascii_digit(),
            b'A' => sign.is_ascii_alphabetic(),
            b'X' => sign.is_ascii_alphanumeric(),
            form => sign == form,
        })
}

#[cfg(test)]
mod tests;
