//! Screening the texts of a description.
//!
//! A catalogue is full of contacts, and names who answers for data; that is what it is for. So contact points, publishers and
//! creators are not screened, and of what is found in texts only what is grave holds: identifiers of persons, accounts and cards with
//! valid check digits, and lists of persons. The rest is noted.

use fairground_domain::{ContentHash, DatasetDraft, LocalizedText};
use fairground_screen::{Rules, Screen};

use super::{Finding, Kind, Report, Verdict};

/// Persons, at least, whose details make a text a list of persons.
const LIST_OF_PERSONS: u64 = 5;
/// Texts of distributions that are screened, beside all of the dataset's own.
const MOST_DISTRIBUTIONS: usize = 2_000;

/// What names a description's content: the digest of its normalised document.
#[must_use]
pub fn description_hash(draft: &DatasetDraft) -> ContentHash {
    DatasetDraft::fingerprint(&draft.clone().normalised().to_document())
}

/// The report of texts in which nothing was found.
#[must_use]
pub fn passing_report() -> Report {
    Screen::new(Rules::default()).finish()
}

/// Screens the texts of a description, conservatively.
#[must_use]
pub fn screen_description(draft: &DatasetDraft) -> Report {
    let mut screen = Screen::new(Rules::default());
    let mut texts = 0_u64;
    each_text(draft, |place, text| {
        if may_tell(text) {
            texts += 1;
            screen.text(place, text);
        }
    });
    let mut report = screen.finish();
    report.findings.retain(|finding| finding.rule.starts_with("text/"));
    for finding in &mut report.findings {
        finding.outcome = outcome_of(finding);
    }
    note_lists(&mut report);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.outcome));
    report.verdict = report.findings.iter().map(|finding| finding.outcome).max().unwrap_or_default();
    report
}

/// Calls `see` with every text that people write, and where it stands.
fn each_text(draft: &DatasetDraft, mut see: impl FnMut(&str, &str)) {
    let mut each = |place: &str, texts: &LocalizedText| texts.iter().for_each(|(_, text)| see(place, text));
    each("title", &draft.title);
    each("description", &draft.description);
    each("version_notes", &draft.version_notes);
    draft.rights.iter().for_each(|texts| each("rights", texts));
    draft.provenance.iter().for_each(|texts| each("provenance", texts));
    for distribution in draft.distribution.iter().take(MOST_DISTRIBUTIONS) {
        each("distribution title", &distribution.title);
        each("distribution description", &distribution.description);
    }
    draft.keyword.iter().for_each(|(_, word)| see("keyword", word));
}

/// Whether a text can hold anything that is looked for: an address, or as many digits as the shortest number has within the
/// length of the longest. Most titles and keywords cannot, and are passed over in a few nanoseconds.
fn may_tell(text: &str) -> bool {
    const DIGITS: u32 = 5;
    const SPAN: usize = 24;
    let (mut digits, mut last) = (0_u32, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'@' {
            return true;
        }
        if byte.is_ascii_digit() {
            if at - last > SPAN {
                digits = 0;
            }
            digits += 1;
            last = at;
            if digits >= DIGITS {
                return true;
            }
        }
    }
    false
}

/// What comes of a finding in a description.
fn outcome_of(finding: &Finding) -> Verdict {
    let grave = matches!(finding.kind, Kind::NationalId | Kind::PaymentCard | Kind::Iban);
    if grave && finding.outcome == Verdict::Hold { Verdict::Hold } else { Verdict::Notes }
}

/// A text in which several lines each tell of a person, and when they were born, where they live or how to call them, is a list of
/// persons.
fn note_lists(report: &mut Report) {
    let rows = |kinds: &[Kind], column: &str| {
        let of_text = report.findings.iter().filter(|one| one.column == column && kinds.contains(&one.kind));
        of_text.map(|one| one.rows).max().unwrap_or_default()
    };
    let listed: Vec<String> = report
        .findings
        .iter()
        .filter(|one| one.kind == Kind::PersonName && one.rows >= LIST_OF_PERSONS)
        .filter(|one| {
            rows(&[Kind::BirthDate], &one.column) >= LIST_OF_PERSONS
                || rows(&[Kind::HomeAddress], &one.column) >= LIST_OF_PERSONS
                || rows(&[Kind::NationalId], &one.column) >= 1
        })
        .map(|one| one.column.clone())
        .collect();
    for finding in &mut report.findings {
        let told = matches!(finding.kind, Kind::PersonName | Kind::BirthDate | Kind::HomeAddress);
        if told && listed.contains(&finding.column) {
            finding.outcome = Verdict::Hold;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screened(description: &str) -> Report {
        let draft = DatasetDraft {
            title: LocalizedText::undetermined("Members"),
            description: LocalizedText::undetermined(description),
            ..DatasetDraft::default()
        };
        screen_description(&draft)
    }

    #[test]
    fn contacts_of_a_catalogue_are_no_reason_to_hold() {
        for text in [
            "Monthly counts of visitors. Questions: data@oxcombe.example, +44 20 7946 0123.",
            "Contact: Anna Lee, anna.lee@oxcombe.example, extension 4711. Updated 2024-01-31, doi 10.5281/zenodo.1234567.",
            "EPSG:25832, ISO 19115, from 2001-01-01 to 2020-12-31; identifier 978-3-16-148410-0.",
            "Treasury account of the town of Oxcombe for donations: see the page. Tel. 030 901820.",
        ] {
            let report = screened(text);
            assert!(report.verdict < Verdict::Hold, "{text}: {report:?}");
        }
    }

    #[test]
    fn what_is_grave_holds() {
        let list = "Anna Lee, born 1980-12-10\nBerta Miller, born 1976-12-09\nCarl Smith, born 1972-06-23\n\
                    Dora Jones, born 1962-03-23\nEmil Brown, born 1955-02-01\nFay Green, born 1950-05-05\n";
        for text in [
            "Fees are paid by Ada Byron to DE89 3704 0044 0532 0130 00, monthly.",
            "Card of the holder John Smith: 4111 1111 1111 1111.",
            "The applicant is Maria García, DNI 12345678Z, born in 1980.",
            list,
        ] {
            assert_eq!(screened(text).verdict, Verdict::Hold, "{text}: {:?}", screened(text));
        }
    }

    #[test]
    fn a_text_without_numbers_or_addresses_is_passed_over() {
        assert!(!may_tell("Bathing waters of 2023"));
        assert!(!may_tell("Öffentliche Badegewässer"));
        assert!(may_tell("RSSMRA85T10A562S"));
        assert!(may_tell("a@b"));
    }
}
