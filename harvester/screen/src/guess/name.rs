//! Columns of names of persons.

use super::NamePart;
use crate::cell::Sign;
use crate::column::{Column, ratio};
use crate::header::Meaning;

/// Share of values with words of bodies or streets from which a column is of these.
const THINGS_SHARE: f64 = 0.25;
/// Share of values written as whole names from which a column may be of persons though its name does not say so.
const WHOLE_NAMES_SHARE: f64 = 0.75;

/// `王`, `倩`: names of one or two signs that take three bytes each, which are too short for words elsewhere.
fn is_of_single_signs(column: &Column) -> bool {
    (3..=6).contains(&(column.bytes / column.filled.max(1)))
        && column.share(Sign::OneName) < 0.3
        && column.share(Sign::Whole) < 0.1
}

/// Whether a column is a person's name or a part of it, and how sure that is.
pub(crate) fn name_part(column: &Column) -> Option<(NamePart, f64, Sign)> {
    if column.filled == 0
        || column.share(Sign::Number) > 0.3
        || column.share(Sign::Email) > 0.2
        || column.share(Sign::Long) > 0.3
    {
        return None;
    }
    let given_named = column.means(Meaning::GivenName);
    let family_named = column.means(Meaning::Surname);
    let full_named = column.means(Meaning::FullName) || (given_named && family_named);
    let generic = column.meanings.any(&[Meaning::Name, Meaning::Subject, Meaning::Author, Meaning::Official]);
    let contrary = column.meanings.any(&[
        Meaning::Organisation,
        Meaning::Place,
        Meaning::City,
        Meaning::Address,
        Meaning::Code,
        Meaning::BirthPlace,
        Meaning::Nationality,
        Meaning::Username,
        Meaning::Health,
        Meaning::Special,
        Meaning::Sex,
        Meaning::Occupation,
        Meaning::Marital,
        Meaning::Education,
        Meaning::Count,
    ]) && !full_named;
    let against = column.share(Sign::Body) * 1.5
        + column.share(Sign::Street) * 1.2
        + column.share(Sign::PlaceWord) * 0.6
        + column.share(Sign::OfficeWord) * 0.8;
    let given = column.share(Sign::Given);
    let family = column.share(Sign::Surname);
    let one = column.share(Sign::OneName);
    let shaped = column.share(Sign::NameShape);
    let both = column.share(Sign::NameBoth);
    let echo = if column.echo_rows >= 5 { (ratio(column.echoed, column.echo_rows) - 0.05).max(0.0) } else { 0.0 };
    let penalty = if contrary { 0.6 } else { 0.0 } + against;
    let varied = column.distinct() >= 5 || column.filled < 5;
    if !varied {
        return None;
    }
    if given_named && !full_named {
        let initials = column.bytes <= column.filled * 2 || is_of_single_signs(column);
        let score = 0.6 + given * 0.3 + one * 0.15 + shaped * 0.15 - penalty + if initials { 0.1 } else { 0.0 };
        let wordy = one + shaped + given >= 0.4 || initials;
        return (wordy && score >= 0.6).then_some((NamePart::Given, score.min(0.98), Sign::OneName));
    }
    if family_named && !full_named {
        let score = 0.6 + family * 0.3 + one * 0.15 + shaped * 0.15 + echo - penalty;
        let wordy = one + shaped + family >= 0.4 || is_of_single_signs(column);
        return (wordy && score >= 0.6).then_some((NamePart::Family, score.min(0.98), Sign::OneName));
    }
    let base = if full_named {
        0.5
    } else if generic {
        0.15
    } else {
        0.0
    };
    // Words that come back in the e-mail address of the same row are names, whatever the column is called.
    if echo >= 0.25 && !contrary && against < 0.2 {
        let confidence = (0.7 + echo * 0.3).min(0.97);
        if shaped >= 0.6 {
            return Some((NamePart::Full, confidence, Sign::NameShape));
        }
        if one >= 0.7 && column.distinct() >= 5 {
            let part = if given > family { NamePart::Given } else { NamePart::Family };
            return Some((part, confidence, Sign::OneName));
        }
    }
    // A register of firms or streets, however many of them are called after persons.
    let things = column.share(Sign::Body) >= THINGS_SHARE || column.share(Sign::Street) >= THINGS_SHARE;
    if things && !full_named && !column.means(Meaning::Subject) {
        return None;
    }
    // Where the column's name does not say so, nearly all of its values have to be whole names.
    let said =
        full_named || column.meanings.any(&[Meaning::Subject, Meaning::Author, Meaning::Official]) || echo >= 0.1;
    let least = if said { 0.4 } else { WHOLE_NAMES_SHARE };
    let titled = column.share(Sign::Title).min(0.3);
    let score = base
        + (both * 0.9 + family * 0.4).min(0.5)
        + column.share(Sign::NameLike).min(0.6) * 0.25
        + if shaped >= 0.6 { 0.2 } else { shaped * 0.2 }
        + echo * 0.6
        + titled
        - penalty;
    if (if said { shaped + both } else { shaped }) >= least && score >= 0.6 {
        return Some((NamePart::Full, score.min(0.98), Sign::NameShape));
    }
    if one >= 0.8 && column.meanings.is_empty() && column.distinct() >= 8 && against < 0.2 {
        if given >= 0.35 && given >= family {
            return Some((NamePart::Given, (0.5 + given * 0.4 + echo).min(0.95), Sign::OneName));
        }
        if family >= 0.35 || (echo >= 0.3 && family >= 0.1) {
            return Some((NamePart::Family, (0.5 + family * 0.4 + echo).min(0.95), Sign::OneName));
        }
    }
    (full_named && one >= 0.5 && score >= 0.5 && given + family >= 0.2).then_some((NamePart::Full, 0.7, Sign::OneName))
}
