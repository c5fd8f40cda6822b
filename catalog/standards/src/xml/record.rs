//! One XML record into a draft: which standard it is in shows in its outermost element.

use fairground_domain::{ContentHash, DatasetDraft};

use crate::check::Findings;
use crate::document::{Decoded, RawRecord};
use crate::xml::tree::{self, Fault, MOST_ELEMENTS, Tree};
use crate::xml::{Element, embedded};
use crate::{Limits, dublin_core, fgdc, folder, iso};

/// What is known of a record besides its content.
#[derive(Debug, Default)]
struct Envelope {
    /// The identifier by which the protocol knows it.
    protocol: Option<String>,
    /// The file it came from, below the folder that was gathered.
    file: Option<String>,
}

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    let mut findings = Findings::default();
    let text = String::from_utf8_lossy(&raw.bytes);
    let (file, text) = folder::named(&text);
    let envelope = Envelope { file, ..Envelope::default() };
    if !raw.whole {
        findings.refuse("record-too-large", "", "the record is larger than one record may be");
        return conclude(raw, envelope, None, None, findings);
    }
    if text.contains('\u{fffd}') {
        findings.warn("utf8-invalid", "", "the record holds bytes that are not in the encoding it claims");
    }
    match tree::parse(text, Limits::DEEPEST) {
        Ok(tree) if tree.root.find("metadata/RDF").is_some() => dcat(raw, text, &tree, findings),
        Ok(tree) => described(raw, envelope, &tree, findings),
        Err(fault) => {
            findings.refuse(rule(&fault), "", message(&fault));
            conclude(raw, envelope, None, None, findings)
        }
    }
}

/// A record of a protocol with DCAT in RDF/XML inside. It is known by the protocol's identifier.
fn dcat(raw: &RawRecord, text: &str, tree: &Tree, mut findings: Findings) -> Decoded {
    let envelope = Envelope { protocol: tree.root.text_at("header/identifier"), file: None };
    match embedded::resource(text, raw.seq) {
        Ok(inner) => {
            let decoded = crate::rdf::decode(&inner);
            Decoded { key: envelope.protocol.unwrap_or(decoded.key), ..decoded }
        }
        Err(why) => {
            findings.refuse("record-syntax", "metadata", format!("the DCAT in the record cannot be read: {why}"));
            conclude(raw, envelope, None, None, findings)
        }
    }
}

fn rule(fault: &Fault) -> &'static str {
    match fault {
        Fault::Syntax { .. } => "record-syntax",
        Fault::Depth(_) => "record-too-deep",
        Fault::Elements => "record-too-many-elements",
        Fault::Nothing => "record-empty",
    }
}

fn message(fault: &Fault) -> String {
    match fault {
        Fault::Syntax { offset, message } => format!("the record is not well-formed XML, byte {offset}: {message}"),
        Fault::Depth(limit) => format!("the record is nested deeper than {limit} levels"),
        Fault::Elements => format!("the record has more than {MOST_ELEMENTS} elements"),
        Fault::Nothing => "there is no element in it".to_owned(),
    }
}

fn described(raw: &RawRecord, mut envelope: Envelope, tree: &Tree, mut findings: Findings) -> Decoded {
    if let Some(name) = &tree.unknown_entity {
        findings.warn("xml-entity", "", format!("“&{name};” is not expanded; write the character itself"));
    }
    let mut root = &tree.root;
    if root.name == "record" {
        envelope.protocol = root.text_at("header/identifier");
        let Some(inner) = root.find("metadata/*") else {
            findings.refuse("record-empty", "metadata", "the record holds no metadata");
            return conclude(raw, envelope, None, None, findings);
        };
        root = inner;
    }
    // One record in an envelope of its own, as a file of a folder may hold it.
    if matches!(root.name.as_str(), "GetRecordByIdResponse" | "SearchResults")
        && let Some(inner) = root.children.first()
    {
        root = inner;
    }
    let (draft, own) = read(root, envelope.file.is_some(), &mut findings);
    conclude(raw, envelope, draft, own, findings)
}

/// The draft, and the identifier that the record itself has in its standard.
fn read(root: &Element, in_folder: bool, findings: &mut Findings) -> (Option<DatasetDraft>, Option<String>) {
    let name = root.name.as_str();
    if name.ends_with("MD_Metadata") || name.ends_with("MI_Metadata") {
        return (iso::draft(root, findings), iso::file_identifier(root));
    }
    match name {
        "metadata" if root.child("idinfo").is_some() => (Some(fgdc::draft(root, findings)), None),
        "Record" | "SummaryRecord" | "BriefRecord" | "dc" | "simpledc" | "qualifieddc" | "metadata" => {
            let draft = dublin_core::draft(root, findings);
            let own = Some(draft.identifier.clone()).filter(|it| !it.is_empty());
            (Some(draft), own)
        }
        "entry" => {
            let draft = dublin_core::entry(root, findings);
            let own = Some(draft.identifier.clone()).filter(|it| !it.is_empty());
            (Some(draft), own)
        }
        other => {
            let place = if in_folder { "the file" } else { "the record" };
            let message = format!("{place} is <{other}>; ISO 19139, ISO 19115-3, FGDC CSDGM and Dublin Core are read");
            findings.refuse("record-unknown-standard", "", message);
            (None, None)
        }
    }
}

/// Refuses what lacks a title, and finds the record's identity: the protocol's, its own, its file's, or its title's.
fn conclude(
    raw: &RawRecord,
    envelope: Envelope,
    draft: Option<DatasetDraft>,
    own: Option<String>,
    mut findings: Findings,
) -> Decoded {
    let titled = draft.as_ref().filter(|it| !it.title.is_empty());
    let by_title = titled.map(|it| format!("title:{}", ContentHash::of(it.title.any().as_bytes())));
    let certain = envelope.protocol.or(own).or(envelope.file);
    let unnamed = certain.is_none() && by_title.is_some();
    let key = certain.or(by_title).unwrap_or_else(|| ContentHash::of(&raw.bytes).to_string());
    let Some(mut draft) = draft else {
        return Decoded { key, draft: None, findings: findings.into_vec() };
    };
    if draft.identifier.is_empty() {
        draft.identifier.clone_from(&key);
        if unnamed {
            let message =
                "the record has no identifier; it is known by its title, and a new title makes another dataset of it";
            findings.warn("identifier-from-title", "identifier", message);
        }
    }
    if draft.title.is_empty() {
        findings.refuse("title-missing", "title", "the record has no title");
    }
    if draft.publisher.is_none() {
        findings.warn("publisher-missing", "publisher", "the record does not say who publishes it");
    }
    if draft.description.is_empty() {
        findings.warn("description-missing", "abstract", "the record has no description");
    }
    if draft.contact_point.is_empty() {
        findings.warn("contact-missing", "pointOfContact", "the record does not say whom to ask");
    }
    findings.periods("temporal", &draft.temporal);
    let draft = (!findings.refused()).then(|| draft.normalised());
    Decoded { key, draft, findings: findings.into_vec() }
}
