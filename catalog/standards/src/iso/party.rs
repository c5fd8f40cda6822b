//! Responsible parties by role: publisher, creators, contacts.

use fairground_domain::{Agent, ContactPoint, DatasetDraft, LocalizedText};

use super::Record;
use super::words::{Tongue, anchor, code, plain};
use crate::check::{Findings, is_address};
use crate::xml::Element;

/// Roles that make a body the publisher, the first that is there counts. GeoDCAT-AP has `publisher` and `owner`; most records
/// name neither, and a portal has to say whose data it shows.
const PUBLISHERS: [&str; 7] =
    ["publisher", "owner", "custodian", "resourceprovider", "distributor", "pointofcontact", "originator"];
/// Roles that make a body a creator.
const CREATORS: [&str; 4] = ["author", "originator", "principalinvestigator", "coauthor"];

/// Somebody who is responsible for something.
struct Party {
    /// `CI_RoleCode`, in lower case.
    role: String,
    iri: Option<String>,
    organisation: LocalizedText,
    person: LocalizedText,
    email: Option<String>,
    telephone: Option<String>,
    url: Option<String>,
}

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let Record { root, info, tongue } = record;
    let mut of = |element: &Element, path: &str| -> Vec<Party> {
        element.all(path).into_iter().filter_map(|it| party(it, tongue, findings)).collect()
    };
    let mut own = of(info, "pointOfContact/*");
    own.extend(of(info, "citation/*/citedResponsibleParty/*"));
    let mut beside = of(root, "distributionInfo/*/distributor/*/distributorContact/*");
    beside.extend(of(root, "contact/*"));
    draft.publisher = publisher(&own).or_else(|| publisher(&beside)).map(agent);
    let creators = own.iter().filter(|it| CREATORS.contains(&it.role.as_str()));
    draft.creator = creators.filter(|it| !it.organisation.is_empty()).map(agent).collect();
    draft.creator.sort();
    draft.creator.dedup();
    let owners = own.iter().filter(|it| matches!(it.role.as_str(), "owner" | "rightsholder"));
    draft.rights_holder = owners.filter(|it| !it.organisation.is_empty()).map(agent).collect();
    let named: Vec<&Party> = own.iter().filter(|it| it.role == "pointofcontact").collect();
    let reachable = |it: &&Party| it.email.is_some() || it.telephone.is_some() || it.url.is_some();
    let named = if named.is_empty() { own.iter().chain(&beside).filter(reachable).take(1).collect() } else { named };
    draft.contact_point = named.into_iter().map(contact).collect();
    draft.contact_point.sort();
    draft.contact_point.dedup();
}

fn publisher(parties: &[Party]) -> Option<&Party> {
    let named = |it: &&Party| !it.organisation.is_empty();
    let by_role = PUBLISHERS.iter().find_map(|role| parties.iter().filter(named).find(|it| it.role == *role));
    by_role.or_else(|| parties.iter().find(named))
}

fn agent(party: &Party) -> Agent {
    let Party { iri, organisation, email, url, .. } = party;
    Agent {
        iri: iri.clone(),
        name: organisation.clone(),
        homepage: url.clone(),
        email: email.clone(),
        ..Agent::default()
    }
}

/// A body before a person: people move on, and need not be named to strangers.
fn contact(party: &Party) -> ContactPoint {
    let Party { organisation, person, email, telephone, url, .. } = party;
    let name = if organisation.is_empty() { person } else { organisation };
    ContactPoint { name: name.clone(), email: email.clone(), telephone: telephone.clone(), url: url.clone() }
}

/// `CI_ResponsibleParty` of ISO 19139, or `CI_Responsibility` with its parties of ISO 19115-3.
fn party(element: &Element, tongue: &Tongue, findings: &mut Findings) -> Option<Party> {
    let role = element.child("role").and_then(code).unwrap_or_default().to_ascii_lowercase();
    let body = element.find("party/*").unwrap_or(element);
    let (organisation, person) = if body.name == "CI_Individual" {
        (LocalizedText::default(), tongue.words_at(body, "name"))
    } else if body.name == "CI_Organisation" {
        (tongue.words_at(body, "name"), tongue.words_at(body, "individual/*/name"))
    } else {
        (tongue.words_at(body, "organisationName"), person(body, tongue))
    };
    let contact = body.all("contactInfo/*");
    let text = |path: &str| contact.iter().find_map(|it| it.all(path).into_iter().find_map(plain));
    let email = text("address/*/electronicMailAddress").and_then(|it| findings.email("contactInfo/address", &it));
    let telephone = text("phone/*/voice").or_else(|| text("phone/*/number"));
    let url = text("onlineResource/*/linkage").filter(|it| is_address(it));
    let iri = body.child("organisationName").or_else(|| body.child("name")).and_then(anchor);
    let party = Party { role, iri, organisation, person, email, telephone, url };
    let nobody = party.organisation.is_empty() && party.person.is_empty() && party.email.is_none();
    (!nobody).then_some(party)
}

/// A person by name, else by position; the Swiss profile splits names.
fn person(body: &Element, tongue: &Tongue) -> LocalizedText {
    let named = ["individualName", "positionName"].iter().map(|it| tongue.words_at(body, it)).find(|it| !it.is_empty());
    let split = || {
        let part = |name: &str| body.child(name).and_then(plain).unwrap_or_default();
        LocalizedText::undetermined(format!("{} {}", part("individualFirstName"), part("individualLastName")).trim())
    };
    named.unwrap_or_else(split)
}
