//! News of a follow, as its owner sees them.

use diesel::prelude::*;
use fairground_domain::{FollowId, Timestamp};
use serde::Serialize;

use super::deliver::{Change, change_of, states_of};
use super::{DeliveryState, Follow};
use crate::dataset;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::follow_news;

/// Where a piece of news stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewsState {
    /// It waits for its letter or call.
    Waiting,
    /// It was delivered.
    Delivered,
    /// It could not be delivered; the delivery says why.
    Failed,
    /// It is told here and nowhere else.
    Shown,
}

impl NewsState {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Shown => "shown",
        }
    }
}

/// A change that was news to a follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct News {
    /// Of which follow.
    pub follow: FollowId,
    /// What changed.
    pub change: Change,
    /// When.
    pub at: Timestamp,
    /// Whether it was delivered.
    pub state: NewsState,
}

/// The latest news of some follows of one citizen, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_news(tx: &mut Tx<'_>, follows: &[Follow], limit: i64) -> Result<Vec<News>, CatalogError> {
    type Line = (String, i64, String, String, i64, Option<String>);
    let ids: Vec<String> = follows.iter().map(|follow| follow.id.to_string()).collect();
    let lines: Vec<Line> = follow_news::table
        .filter(follow_news::follow_id.eq_any(&ids))
        .order((follow_news::seq.desc(), follow_news::follow_id))
        .limit(limit)
        .select((
            follow_news::follow_id,
            follow_news::seq,
            follow_news::dataset_id,
            follow_news::kind,
            follow_news::at,
            follow_news::delivery_id,
        ))
        .load(tx.conn)?;
    let named: Vec<String> = lines.iter().map(|line| line.2.clone()).collect();
    let datasets = dataset::list_by_ids(tx, &named)?;
    let deliveries: Vec<String> = lines.iter().filter_map(|line| line.5.clone()).filter(|id| !id.is_empty()).collect();
    let states = states_of(tx, &deliveries)?;
    let mut news = Vec::with_capacity(lines.len());
    for (follow, seq, id, kind, at, delivery) in lines {
        let Some(change) = change_of(&datasets, seq, &id, &kind, at)? else { continue };
        let state = match delivery.as_deref() {
            None => NewsState::Waiting,
            Some("") => NewsState::Shown,
            Some(id) => match states.get(id) {
                Some(DeliveryState::Waiting) => NewsState::Waiting,
                Some(DeliveryState::Failed) => NewsState::Failed,
                // Deliveries that are not kept any more were delivered long ago.
                Some(DeliveryState::Delivered) | None => NewsState::Delivered,
            },
        };
        let follow = follow.parse().map_err(super::store::corrupt)?;
        news.push(News { follow, change, at: Timestamp::from_micros(at), state });
    }
    Ok(news)
}
