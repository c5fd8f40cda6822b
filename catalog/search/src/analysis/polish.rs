//! Polish endings. The engine brings no stemmer for Polish; this one cuts the commonest endings of nouns and adjectives of a
//! folded word, longest first, which brings cases and numbers together well enough to find them.

/// Endings, folded; the longest come first.
const ENDINGS: [&str; 36] = [
    "iejszych", "iejszego", "owych", "owego", "owymi", "owej", "iami", "kami", "ach", "ami", "ego", "emu", "iej",
    "ich", "imi", "owi", "ymi", "ych", "iem", "owa", "owe", "owy", "ej", "em", "ia", "ie", "im", "om", "ow", "ym", "a",
    "e", "i", "o", "u", "y",
];
/// Characters that a stem keeps at least.
const MIN_STEM_CHARS: usize = 4;

/// The stem of a folded word.
pub(crate) fn stem(word: &str) -> String {
    for ending in ENDINGS {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.chars().count() >= MIN_STEM_CHARS
        {
            return without_k(stem);
        }
    }
    without_k(word)
}

/// Diminutives and their plurals meet without their last `k`.
fn without_k(stem: &str) -> String {
    let cut = stem.strip_suffix('k').filter(|cut| cut.chars().count() > MIN_STEM_CHARS);
    cut.unwrap_or(stem).to_owned()
}
