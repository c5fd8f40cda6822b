//! What is kept about a citizen: told, and taken away.

use serde_json::{Value, json};

use super::store::{self, of_email};
use super::{Citizen, confirmation};
use crate::account::{Datum, parse_email};
use crate::conversation::{self, DataRequest, Question};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::secret::Secret;
use crate::watch::{self, Delivery, Follow};

/// Deliveries that are told of.
const DELIVERIES: i64 = 100;

/// Everything that is kept about a citizen.
#[derive(Debug, Clone)]
pub struct CitizenData {
    /// Who.
    pub citizen: Citizen,
    /// The address; `None` when nobody can read it any more.
    pub email: Option<String>,
    /// What they follow.
    pub follows: Vec<Follow>,
    /// What was delivered of late, newest first.
    pub deliveries: Vec<Delivery>,
    /// What they asked.
    pub questions: Vec<Question>,
    /// What they asked for.
    pub requests: Vec<DataRequest>,
    /// What they support.
    pub supports: Vec<DataRequest>,
}

/// Gathers what is kept about a citizen.
///
/// # Errors
/// `Storage` when the database fails.
pub fn data_of(tx: &mut Tx<'_>, secret: &Secret, citizen: Citizen) -> Result<CitizenData, CatalogError> {
    Ok(CitizenData {
        email: store::address_of(tx, secret, citizen.id)?,
        follows: watch::list_follows(tx, citizen.id)?,
        deliveries: watch::list_deliveries(tx, citizen.id, DELIVERIES)?,
        questions: conversation::questions_of(tx, citizen.id)?,
        requests: conversation::requests_of(tx, citizen.id)?,
        supports: conversation::supported_by(tx, citizen.id)?,
        citizen,
    })
}

/// The same by address; `None` when nothing is kept about it.
///
/// # Errors
/// `Storage` when the database fails.
pub fn about(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Option<CitizenData>, CatalogError> {
    match of_email(tx, secret, email)? {
        Some(citizen) => data_of(tx, secret, citizen).map(Some),
        None => Ok(None),
    }
}

/// Each thing that is kept about an address here, with its reason and its end.
///
/// # Errors
/// `Storage` when the database fails.
pub fn collect(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Vec<Datum>, CatalogError> {
    Ok(about(tx, secret, email)?.map(|data| data.list()).unwrap_or_default())
}

impl CitizenData {
    /// Each thing that is kept, with its reason and its end.
    #[must_use]
    pub fn list(&self) -> Vec<Datum> {
        let datum = |what, value: Value, why, until: &str| Datum { what, value, why, until: until.to_owned() };
        let mut list = Vec::new();
        if let Some(email) = &self.email {
            let until = "until you follow, ask and support nothing any more";
            list.push(datum("Confirmed address", json!(email), "to write to you about what you follow", until));
        }
        for follow in &self.follows {
            list.push(datum("Follow", json!(follow), "to tell you of changes", "until you stop following"));
        }
        for delivery in &self.deliveries {
            let why = "to show you what was delivered and what failed";
            list.push(datum("Delivery", json!(delivery), why, "90 days"));
        }
        for question in &self.questions {
            let value = json!({ "id": question.id, "question": question.text, "asked_at": question.created_at });
            let why = "to tell you the answer; nobody else learns that it is yours";
            list.push(datum("Question", value, why, "until you take it back, or leave"));
        }
        for request in &self.requests {
            let value = json!({ "id": request.id, "title": request.title, "asked_at": request.created_at });
            let why = "to tell you the answer; nobody else learns that it is yours";
            list.push(datum("Request for data", value, why, "until you take it back, or leave"));
        }
        for request in &self.supports {
            let value = json!({ "id": request.id, "title": request.title });
            let why = "to count you once, and to tell you the answer";
            list.push(datum("Support of a request", value, why, "until you take it back, or leave"));
        }
        list
    }
}

/// Forgets everything about an address: follows, deliveries, supports, what waits to be confirmed, and the address. Questions
/// and requests that nobody answered go too; those that were answered stay without any link to who asked.
///
/// # Errors
/// `Storage` when the database fails.
pub fn erase(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<(), CatalogError> {
    let Ok(email) = parse_email(email) else { return Ok(()) };
    confirmation::forget(tx, secret, &email)?;
    match of_email(tx, secret, &email)? {
        Some(citizen) => erase_citizen(tx, secret, citizen),
        None => Ok(()),
    }
}

/// The same, of somebody who is known by their page.
///
/// # Errors
/// `Storage` when the database fails.
pub fn erase_citizen(tx: &mut Tx<'_>, secret: &Secret, citizen: Citizen) -> Result<(), CatalogError> {
    if let Some(email) = store::address_of(tx, secret, citizen.id)? {
        confirmation::forget(tx, secret, &email)?;
    }
    conversation::forget(tx, citizen.id)?;
    watch::forget(tx, citizen.id)?;
    store::delete(tx, citizen.id)
}
