//! Passwords that are known to those who guess.
//!
//! A short list of our own is built in: what people type when ten characters are asked for. Operators add a longer one: a
//! sorted file of passwords, or of SHA-1 digests (whole, or their beginnings) in hexadecimal as breach services publish them,
//! which is searched where it lies, so its size costs no memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

use super::password::refused;
use crate::error::CatalogError;

pub(super) const TOO_COMMON: &str = "is on the lists of those who guess passwords; choose another, best several words";
/// Shortest beginning of a digest that an operator's file may hold, in hexadecimal digits.
const MIN_DIGEST_DIGITS: usize = 5;
/// Digits of a whole SHA-1 digest.
const DIGEST_DIGITS: usize = 40;
/// Longest line of an operator's file that is read, in bytes.
const MAX_LINE_BYTES: u64 = 1024;

/// Words that common passwords are made of, with digits and signs around them.
const COMMON_WORDS: [&str; 44] = [
    "password",
    "passwort",
    "kennwort",
    "welcome",
    "letmein",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "shadow",
    "master",
    "michael",
    "jennifer",
    "charlie",
    "computer",
    "internet",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "azerty",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "admin",
    "administrator",
    "changeme",
    "secret",
    "default",
    "temporary",
    "operator",
    "fairground",
    "opendata",
    "abc",
    "abcdef",
    "abcdefgh",
    "abcdefghij",
    "hello",
    "login",
];

/// What the operator adds to the rules that are built in.
#[derive(Debug, Clone, Default)]
pub struct PasswordRules {
    file: Option<BreachedFile>,
}

#[derive(Debug, Clone)]
struct BreachedFile {
    path: PathBuf,
    holds: Holds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Passwords,
    Digests,
}

impl PasswordRules {
    /// With a file of passwords that must not be used, one a line and sorted by bytes (`LC_ALL=C sort`): the passwords
    /// themselves, or SHA-1 digests of them in hexadecimal, whole or from five digits on; what follows a `:` is left aside.
    ///
    /// # Errors
    /// `File` when it cannot be read.
    pub fn with_file(path: &Path) -> Result<Self, CatalogError> {
        let unreadable = |source| CatalogError::File { path: path.to_owned(), source };
        let mut first = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        BufReader::new(std::io::Read::take(file, MAX_LINE_BYTES)).read_until(b'\n', &mut first).map_err(unreadable)?;
        let entry = entry_of(&first);
        let is_digest = (MIN_DIGEST_DIGITS..=DIGEST_DIGITS).contains(&entry.len())
            && entry.iter().all(u8::is_ascii_hexdigit)
            && (entry.len() == DIGEST_DIGITS || entry.iter().any(|b| !b.is_ascii_digit()) || first.contains(&b':'));
        let holds = if is_digest { Holds::Digests } else { Holds::Passwords };
        Ok(Self { file: Some(BreachedFile { path: path.to_owned(), holds }) })
    }

    /// Refuses a password that guessers know, or that is made from the address it stands beside.
    ///
    /// # Errors
    /// `Invalid` when it must not be used; `File` when the operator's list cannot be read.
    pub fn check(&self, password: &str, email: &str) -> Result<(), CatalogError> {
        let local = email.split('@').next().unwrap_or_default().to_lowercase();
        let lower = password.to_lowercase();
        let rest = lower.replace(&local, "");
        if local.chars().count() >= 3 && lower.contains(&local) && rest.chars().count() < 6 {
            return Err(refused("is little more than your e-mail address; choose another".to_owned()));
        }
        let listed = match &self.file {
            Some(file) => {
                file.contains(password).map_err(|source| CatalogError::File { path: file.path.clone(), source })?
            }
            None => false,
        };
        if listed || is_common(password) { Err(refused(TOO_COMMON.to_owned())) } else { Ok(()) }
    }
}

/// Whether a password is among the first that guessers try: one character or a short piece again and again, a run along the
/// alphabet or the digits, or a common word with little around it.
pub(super) fn is_common(password: &str) -> bool {
    /// Letters and digits that must remain when the common word is taken away.
    const MOST_LEFT: usize = 5;
    let plain: String = password.to_lowercase().chars().map(plain_letter).filter(|c| c.is_alphanumeric()).collect();
    let digits_kept: String = password.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let repeats = (1..=4).any(|n| is_repeated(&digits_kept, n));
    let runs = is_run(&digits_kept, 1) || is_run(&digits_kept, -1);
    let word = COMMON_WORDS.iter().any(|word| {
        [&plain, &digits_kept].iter().any(|text| {
            text.contains(word) && text.replace(word, "").chars().filter(|c| c.is_alphanumeric()).count() <= MOST_LEFT
        })
    });
    digits_kept.is_empty() || repeats || runs || word
}

/// What a sign stands for in the spellings that people think of.
fn plain_letter(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_repeated(text: &str, piece: usize) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.len() > piece && chars.iter().zip(chars.iter().skip(piece)).all(|(a, b)| a == b)
}

/// `1234567890`, `abcdefghij`: each character the next after the one before, `0` after `9`.
fn is_run(text: &str, step: i32) -> bool {
    let place = |c: char| i32::try_from(u32::from(c)).unwrap_or_default();
    let follows = |(a, b): (char, char)| place(b) - place(a) == step || (a, b) == ('9', '0') || (a, b) == ('0', '9');
    text.chars().count() > 1 && text.chars().zip(text.chars().skip(1)).all(follows)
}

impl BreachedFile {
    fn contains(&self, password: &str) -> std::io::Result<bool> {
        match self.holds {
            Holds::Passwords => {
                let found = self.last_not_after(password.as_bytes())?;
                Ok(found.is_some_and(|entry| entry == password.as_bytes()))
            }
            Holds::Digests => {
                let digest = hex::encode_upper(Sha1::digest(password.as_bytes())).into_bytes();
                // A listed beginning sorts before the digests that begin so, and no other entry lies between them and it.
                let found = self.last_not_after(&digest)?;
                Ok(found.is_some_and(|entry| entry.len() >= MIN_DIGEST_DIGITS && digest.starts_with(&entry)))
            }
        }
    }

    /// The last entry that does not sort after `wanted`: bisects the file by bytes, then by the lines around them.
    fn last_not_after(&self, wanted: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
        let mut file = BufReader::new(File::open(&self.path)?);
        let (mut low, mut high) = (0, file.get_ref().metadata()?.len());
        // Every line that begins before `low` is not after `wanted`; every one from `high` on is.
        let mut best = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let (begins, line) = self.line_from(&mut file, middle)?;
            match line {
                Some(entry) if begins < high => {
                    let next = begins + u64::try_from(entry.len()).unwrap_or(u64::MAX);
                    let entry = self.comparable(&entry);
                    if entry.as_slice() <= wanted {
                        (low, best) = (next, Some(entry));
                    } else {
                        high = middle;
                    }
                }
                Some(_) | None => high = middle,
            }
        }
        Ok(best)
    }

    /// The first whole line that begins at or after a byte, with its end, and where it begins.
    fn line_from(&self, file: &mut BufReader<File>, from: u64) -> std::io::Result<(u64, Option<Vec<u8>>)> {
        let mut begins = from;
        if from > 0 {
            file.seek(SeekFrom::Start(from - 1))?;
            let mut rest = Vec::new();
            let skipped = file.read_until(b'\n', &mut rest)?;
            begins = from - 1 + u64::try_from(skipped).unwrap_or(u64::MAX);
        } else {
            file.seek(SeekFrom::Start(0))?;
        }
        let mut line = Vec::new();
        let read = file.read_until(b'\n', &mut line)?;
        Ok((begins, (read > 0).then_some(line)))
    }

    fn comparable(&self, line: &[u8]) -> Vec<u8> {
        match self.holds {
            Holds::Passwords => line.trim_ascii_end().to_vec(),
            Holds::Digests => entry_of(line).to_ascii_uppercase(),
        }
    }
}

/// What stands before a `:` or the end of the line.
fn entry_of(line: &[u8]) -> &[u8] {
    line.split(|b| *b == b':').next().unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in [
            "password12",
            "P@ssw0rd123",
            "1234567890",
            "0987654321",
            "aaaaaaaaaa",
            "abababababab",
            "abcdefghijk",
            "qwertyuiop",
            "Welcome2026!",
            "!!!!!!!!!!",
            "iloveyou!!",
            "fairground1",
            "administrator",
        ] {
            assert!(is_common(common), "{common}");
        }
        for good in ["correct horse battery", "a long enough password", "open-the-fairground", "tulpe-mast-91-kanne"] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn a_password_is_not_the_address_again() {
        let rules = PasswordRules::default();
        assert!(rules.check("adalovelace1!", "adalovelace@example.org").is_err());
        assert!(rules.check("adalovelace and the engine", "adalovelace@example.org").is_ok());
    }

    #[test]
    fn an_operators_list_is_searched_where_it_lies() {
        let folder = std::env::temp_dir().join(format!("fairground-breached-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("makes");
        let mut listed: Vec<String> = (0..500).map(|n| format!("tulip mast {n} kettle")).collect();
        listed.sort_unstable();
        let digest = |text: &str| hex::encode_upper(Sha1::digest(text.as_bytes()));
        let mut digests: Vec<String> = listed.iter().map(|text| format!("{}:7", digest(text))).collect();
        digests.sort_unstable();
        let mut beginnings: Vec<String> = listed.iter().map(|text| digest(text).chars().take(12).collect()).collect();
        beginnings.sort_unstable();
        for (name, lines) in [("plain", &listed), ("digests", &digests), ("beginnings", &beginnings)] {
            for end in ["\n", "\r\n"] {
                let path = folder.join(name);
                std::fs::write(&path, lines.join(end)).expect("writes");
                let rules = PasswordRules::with_file(&path).expect("reads");
                for password in &listed {
                    assert!(rules.check(password, "x@example.org").is_err(), "{name}: {password}");
                }
                for other in ["tulip mast 500 kettle", "aardvark among lilies", "zebra among the lilies", "tulip mast"]
                {
                    assert!(rules.check(other, "x@example.org").is_ok(), "{name}: {other}");
                }
            }
        }
        std::fs::remove_dir_all(folder).expect("removes");
    }
}
