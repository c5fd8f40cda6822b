//! The published catalogue of rules: what each finding means and what to do about it.

use crate::finding::Severity;

/// A rule that records of a harvest are held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingRule {
    /// Its id, as findings carry it; never given to another rule.
    pub id: &'static str,
    /// How grave a breach is: an error refuses the record, a warning does not.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means, and what becomes of the record.
    pub meaning: &'static str,
    /// What whoever keeps the source does about it.
    pub remedy: &'static str,
}

const fn error(id: &'static str, title: &'static str, meaning: &'static str, remedy: &'static str) -> FindingRule {
    FindingRule { id, severity: Severity::Error, title, meaning, remedy }
}

const fn warning(id: &'static str, title: &'static str, meaning: &'static str, remedy: &'static str) -> FindingRule {
    FindingRule { id, severity: Severity::Warning, title, meaning, remedy }
}

/// Every rule, by id.
pub const FINDING_RULES: &[FindingRule] = &[
    warning(
        "agent-nameless",
        "A body without a name",
        "A publisher or creator is given as an object that has no name. It is left out.",
        "Give the body a name (`name`, or `foaf:name`).",
    ),
    warning(
        "byte-size-invalid",
        "A size that is no number",
        "The size of a file is not a whole number of bytes. It is left out.",
        "Write the size in bytes, in digits alone.",
    ),
    warning(
        "contact-missing",
        "Nobody to ask",
        "The dataset names no contact, so readers cannot ask about it.",
        "Add a contact point with the name of an office and a mailbox.",
    ),
    warning(
        "contact-unreachable",
        "A contact that cannot be reached",
        "The contact has a name at most: no e-mail address, telephone number or web address.",
        "Add a mailbox that somebody reads.",
    ),
    warning(
        "control-character",
        "A control character in a text",
        "JSON allows no raw control characters in texts. The record is read without them.",
        "Have the program that writes the catalogue escape or remove them.",
    ),
    warning(
        "date-invalid",
        "A date that cannot be read",
        "The date is not one of ISO 8601. It is kept as written, but orders and filters do not see it.",
        "Write dates as 2026-03-01, or with a time as 2026-03-01T12:00:00Z.",
    ),
    warning(
        "description-missing",
        "No description",
        "The dataset has no description, so that search finds it by its title alone.",
        "Say in a few sentences what is in it, where it comes from and how often it changes.",
    ),
    warning(
        "distribution-is-text",
        "A distribution that is only a text",
        "Where a distribution belongs there is a text. It is left out.",
        "Describe the distribution as a resource with an access or download address.",
    ),
    warning(
        "distribution-undescribed",
        "A distribution that is only named",
        "A distribution is referred to, but not described in the document, so that nobody can get it.",
        "Include the description of the distribution in the catalogue.",
    ),
    warning(
        "distribution-without-address",
        "A distribution without an address",
        "The distribution says neither where to read about the data nor where to get it.",
        "Add an access address, and a download address where there is a file.",
    ),
    error(
        "duplicate-identifier",
        "An identifier that is used twice",
        "Another record of the same source has the same identifier; the first one counts, this one is refused.",
        "Give every dataset an identifier of its own, and never reuse one.",
    ),
    warning(
        "email-invalid",
        "An e-mail address that is none",
        "What stands for an e-mail address cannot be one. It is left out.",
        "Write one address such as opendata@city.example.",
    ),
    error(
        "excluded-by-rule",
        "Left out by a mapping rule",
        "A rule of this source's mapping leaves the record out. If it was published earlier, it is withdrawn.",
        "Nothing, if that is meant; otherwise change the `include` and `exclude` rules of the source.",
    ),
    warning(
        "identifier-changed",
        "Another identifier for the same dataset",
        "The record was known by another identifier, and was recognised. The dataset keeps its address and its history.",
        "Nothing, if that was meant; identifiers that stay spare everybody the search.",
    ),
    warning(
        "identifier-from-title",
        "Known by its title",
        "The record has no identifier and is known by its title: with another title it becomes another dataset.",
        "Give the record an identifier that stays the same.",
    ),
    error(
        "identifier-missing",
        "No identifier",
        "The record has no identifier, so that the next harvest could not find it again. It is refused.",
        "Give the dataset an identifier that stays the same.",
    ),
    error(
        "iso-identification-missing",
        "Nothing is described",
        "The ISO 19115 record holds no identification, so that it does not say what it describes. It is refused.",
        "Add an identification (MD_DataIdentification or SV_ServiceIdentification) with a title.",
    ),
    warning(
        "key-duplicate",
        "A field that is there twice",
        "The same key stands twice in an object of JSON; the last one counts.",
        "Have the program that writes the catalogue write each key once.",
    ),
    warning(
        "licence-not-an-address",
        "A licence that is no address",
        "The licence is a text where an address belongs. It is kept as a title, and cannot be compared.",
        "Write the address of the licence, or map it with a rule of the source.",
    ),
    warning(
        "media-type-invalid",
        "A media type that is none",
        "What stands for the media type of a file is none. It is left out.",
        "Write the media type as registered, such as text/csv.",
    ),
    warning(
        "not-stored",
        "Not storable",
        "The store could not take the record, for instance because its identifier is too long. It counts as failed; what was published before stays.",
        "Look at the message; shorten or mend the field that it names. Otherwise tell the portal's team.",
    ),
    warning(
        "period-reversed",
        "A period that ends before it begins",
        "The first date of the period lies after its last. It is kept as written, but filters by time do not find it.",
        "Write the earlier date first.",
    ),
    warning(
        "publisher-missing",
        "No publisher",
        "The dataset does not say who publishes it.",
        "Name the body that answers for the data, or set it for the whole source.",
    ),
    warning(
        "raw-not-kept",
        "The source's own text was not kept",
        "The record could not be packed, so that its own text cannot be shown beside the result. The record itself is imported.",
        "Tell the portal's team.",
    ),
    error(
        "record-empty",
        "Nothing in it",
        "The record, or its file, holds no metadata. It is refused.",
        "Have the service deliver the record whole, or remove it from its list.",
    ),
    error(
        "record-not-an-object",
        "Not an object",
        "Where a record belongs there is another kind of value. It is refused.",
        "Have each dataset be an object of JSON.",
    ),
    error(
        "record-syntax",
        "Cannot be read",
        "The record breaks the grammar of its format. It is refused.",
        "Check the document with a validator for its format.",
    ),
    error(
        "record-too-deep",
        "Nested too deep",
        "The elements of the record lie deeper in one another than the portal reads. It is refused.",
        "Write the record as its standard says; descriptions are never so deep.",
    ),
    error(
        "record-too-large",
        "Larger than a record may be",
        "The description is larger than the portal's limit for one record. It is refused.",
        "Keep data out of descriptions, and split a dataset of very many distributions into a series.",
    ),
    error(
        "record-too-many-elements",
        "Too many elements",
        "The record has more elements than the portal reads of one. It is refused.",
        "Keep data out of descriptions.",
    ),
    error(
        "record-unknown-standard",
        "Of a standard that is not read",
        "The record is XML of another kind than ISO 19139, ISO 19115-3, FGDC CSDGM and Dublin Core. It is refused.",
        "Have the service deliver one of these, or remove the file from the folder.",
    ),
    warning(
        "rule-code-unmapped",
        "A value that the mapping has no code for",
        "A `map` rule of this source asks to be told of values that it does not know. The value is kept.",
        "Add the value to the codes of the rule, or mend it at the source.",
    ),
    warning(
        "rule-text-too-long",
        "A text that is too long for a rule",
        "A `replace` rule leaves texts alone that are, or would become, longer than the limit.",
        "Make the pattern or its replacement narrower.",
    ),
    error(
        "rules-break-record",
        "The mapping makes no dataset of it",
        "After the rules of the source the record is no dataset any more. It is refused; what was published before stays.",
        "Try the rules in the preview and mend them.",
    ),
    warning(
        "spatial-unreadable",
        "A place that cannot be read",
        "The place looks like a box or a shape, but is none in degrees. It is kept as a name.",
        "Write west,south,east,north in degrees, well-known text, or GeoJSON.",
    ),
    error(
        "state-deleted",
        "Deleted at its portal",
        "The portal lists the record and says that it is deleted. It is refused.",
        "Nothing; or restore the record at the portal.",
    ),
    warning(
        "title-from-name",
        "The name stands for the title",
        "The record has no title; its name is shown instead.",
        "Give it a title that says what it is.",
    ),
    error(
        "title-missing",
        "No title",
        "The record has no title. It is refused.",
        "Give it a title that says what it is, where and when.",
    ),
    warning(
        "type-unexpected",
        "A value of the wrong kind",
        "A field holds another kind of value than its standard says. It is read as far as possible, or left out.",
        "Write the field as its standard says; the message tells what was found.",
    ),
    warning(
        "unreadable",
        "The portal could not read it",
        "The portal's own program failed on this record, and on no other. It counts as failed; what was published before stays.",
        "Tell the portal's team: this is a fault of the portal.",
    ),
    warning(
        "url-invalid",
        "An address that cannot be opened",
        "What stands for a web address is none that a program could open. It is kept as written.",
        "Write the whole address, beginning with https://.",
    ),
    warning(
        "utf8-invalid",
        "Wrong characters",
        "Some bytes are no characters of the document's encoding; they are shown as �.",
        "Write the document in UTF-8, and say so in its Content-Type.",
    ),
    warning(
        "xml-entity",
        "An entity that is not expanded",
        "The record uses an entity of its own. Such are not expanded, since they can hide a great deal; the text stands without it.",
        "Write the character itself.",
    ),
];

/// The rule of that id.
#[must_use]
pub fn find_finding_rule(id: &str) -> Option<&'static FindingRule> {
    FINDING_RULES.iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use regex::Regex;

    use super::*;

    fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.to_string_lossy().contains("tests")
            {
                into.push(path);
            }
        }
    }

    /// Rule ids stand in the code where findings are made, and constants hold some.
    #[test]
    fn every_rule_that_a_record_can_break_is_published_and_no_other() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        for folder in ["catalog/standards/src", "catalog/src/harvest", "harvester/src", "catalog/domain/src/mapping"] {
            sources(&root.join(folder), &mut files);
        }
        let made = Regex::new(
            r#"(?:\.warn|\.refuse|Finding::error|Finding::warning)\(\s*"([a-z0-9]+(?:-[a-z0-9]+)+|unreadable)"|Fault::\w+(?:\([^)]*\)|\s*\{[^}]*\})? => "([a-z0-9]+(?:-[a-z0-9]+)+)""#,
        )
        .expect("a pattern");
        let mut found: BTreeSet<String> =
            [crate::EXCLUDED_BY_RULE, crate::RULES_BREAK_RECORD, "rule-code-unmapped", "rule-text-too-long"]
                .map(str::to_owned)
                .into();
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a file");
            let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.extend(
                made.captures_iter(shipped)
                    .filter_map(|it| it.get(1).or_else(|| it.get(2)).map(|id| id.as_str().to_owned())),
            );
        }
        let published: BTreeSet<String> = FINDING_RULES.iter().map(|rule| rule.id.to_owned()).collect();
        let missing: Vec<_> = found.difference(&published).collect();
        let unknown: Vec<_> = published.difference(&found).collect();
        assert!(missing.is_empty(), "add to FINDING_RULES: {missing:?}");
        assert!(unknown.is_empty(), "nothing says these any more: {unknown:?}");
    }

    #[test]
    fn rules_are_in_order_and_say_what_to_do() {
        assert!(FINDING_RULES.windows(2).all(|pair| pair[0].id < pair[1].id));
        for rule in FINDING_RULES {
            assert!(rule.meaning.ends_with('.') && rule.remedy.ends_with('.'), "{}", rule.id);
            assert!(!rule.title.ends_with('.') && find_finding_rule(rule.id) == Some(rule), "{}", rule.id);
        }
    }
}
