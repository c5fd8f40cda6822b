//! One click that ends letters of a kind (RFC 8058): the link holds what it ends and a digest that only this portal can make, so it
//! works without signing in and any number of times.

use fairground_domain::ApplicationId;
use uuid::Uuid;

use super::{AlertKind, get_alerts, set_alerts};
use crate::application::{Application, get};
use crate::citizen::same_text;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::secret::Secret;

/// Hexadecimal digits of an id in a token.
const ID_DIGITS: usize = 32;
/// Hexadecimal digits of the digest in a token: 160 bits, which nobody guesses.
const DIGEST_DIGITS: usize = 40;

/// What a link is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertLink {
    /// Whose letters.
    pub application: Application,
    /// Which of them.
    pub kind: AlertKind,
    /// Whether they are on.
    pub is_on: bool,
}

const fn letter(kind: AlertKind) -> char {
    match kind {
        AlertKind::Quota => 'q',
        AlertKind::Errors => 'e',
        AlertKind::Silence => 's',
    }
}

/// What ends an application's letters of a kind.
#[must_use]
pub fn alert_token(secret: &Secret, application: ApplicationId, kind: AlertKind) -> String {
    let stem = format!("{}{}", letter(kind), application.as_uuid().simple());
    let digest = secret.digest("alert-letters", stem.as_bytes()).to_string();
    format!("{stem}{}", digest.chars().take(DIGEST_DIGITS).collect::<String>())
}

fn read(secret: &Secret, token: &str) -> Result<(ApplicationId, AlertKind), CatalogError> {
    let wrong = || CatalogError::not_found("link", "it is not whole");
    let (first, id) = token.get(..=ID_DIGITS).and_then(|stem| stem.split_at_checked(1)).ok_or_else(wrong)?;
    let id = ApplicationId::from_uuid(Uuid::try_parse(id).map_err(|_| wrong())?);
    let kind = AlertKind::ALL.into_iter().find(|kind| first.starts_with(letter(*kind))).ok_or_else(wrong)?;
    if same_text(secret, &alert_token(secret, id, kind), token) { Ok((id, kind)) } else { Err(wrong()) }
}

/// What a link would end, without ending it.
///
/// # Errors
/// `NotFound` when the link is not whole or the application is closed.
pub fn look_at_alert_link(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<AlertLink, CatalogError> {
    let (id, kind) = read(secret, token)?;
    let application = get(tx, id)?;
    if application.closed_at.is_some() {
        return Err(CatalogError::not_found("application", id));
    }
    let is_on = get_alerts(tx, &application)?.tells(kind);
    Ok(AlertLink { application, kind, is_on })
}

/// Ends what a link ends. A second time there is nothing left to end, and that is well.
///
/// # Errors
/// `NotFound` when the link is not whole or the application is closed.
pub fn switch_alert_off(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<AlertLink, CatalogError> {
    let found = look_at_alert_link(tx, secret, token)?;
    if found.is_on {
        let left = get_alerts(tx, &found.application)?.without(found.kind);
        set_alerts(tx, found.application.id, &left)?;
    }
    Ok(AlertLink { is_on: false, ..found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_reads_back_and_nobody_else_can_make_one() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let application = ApplicationId::new();
        for kind in AlertKind::ALL {
            let token = alert_token(&ours, application, kind);
            assert_eq!(read(&ours, &token).unwrap(), (application, kind));
            assert!(read(&theirs, &token).is_err());
            for at in 0..token.len() {
                let cut = token.get(..at).unwrap();
                assert!(read(&ours, cut).is_err(), "{cut}");
            }
            let other = AlertKind::ALL.into_iter().find(|other| *other != kind).unwrap();
            let bent = format!("{}{}", letter(other), token.get(1..).unwrap());
            assert!(read(&ours, &bent).is_err(), "{bent}");
            assert!(read(&ours, &format!("{token}0")).is_err());
        }
        assert!(read(&ours, "äöü").is_err());
    }
}
