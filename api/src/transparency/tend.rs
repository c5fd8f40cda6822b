//! What happens by itself: suspensions whose end has come are over, and plans follow from their rules.

use std::time::Duration;

use fairground_catalog::register::{self, Content};
use fairground_catalog::{CatalogError, application, letter, tariff};

use super::letters;
use crate::mail::Tongue;
use crate::state::ApiState;

/// How often somebody looks. A review itself runs once for a UTC day and a version of the tariff, whoever looks.
pub const TERMS_EVERY: Duration = Duration::from_secs(30);

/// Ends suspensions and reviews plans, where it is due; owners are told in the same transaction.
///
/// # Errors
/// `Storage` when the database fails; then nothing has been done.
pub(crate) fn tend_terms(state: &ApiState) -> Result<(), CatalogError> {
    let (db, secret, settings) = (&state.catalog.db, &state.catalog.secret, &state.settings);
    let over = db.write(|tx| {
        let over = register::reinstate_ended(tx)?;
        for entry in &over {
            if let Content::Suspension { application, .. } = entry.content
                && let Some(owner) = application::find_by_number(tx, application)?
            {
                let tongue = Tongue::of_address(tx, &owner.email, settings.language)?;
                letter::enqueue(tx, secret, letters::reinstatement(settings, tongue, &owner, entry).into())?;
            }
        }
        Ok(over.len())
    })?;
    let due = db.read(tariff::review_due)?;
    let moves = due.map_or(Ok(0), |findings| {
        db.write(|tx| {
            let reviewed = tariff::review_plans(tx, &findings)?;
            for moved in reviewed.moved.iter().chain(&reviewed.announced) {
                let tongue = Tongue::of_address(tx, &moved.application.email, settings.language)?;
                letter::enqueue(tx, secret, letters::plan_move(settings, tongue, moved, tx.now).into())?;
            }
            tracing::info!(
                reviewed = reviewed.reviewed,
                moved = reviewed.moved.len(),
                announced = reviewed.announced.len(),
                "Reviewed plans by their rules"
            );
            Ok(reviewed.moved.len() + reviewed.announced.len())
        })
    })?;
    if over + moves > 0 {
        state.catalog.announce();
        state.post.wake();
    }
    Ok(())
}
