//! One click that ends letters (RFC 8058): the link holds what it ends and a digest that only this portal can make, so it works
//! without signing in, for as long as the letter exists, and any number of times.

use diesel::prelude::*;
use fairground_domain::{CitizenId, FollowId};
use uuid::Uuid;

use super::store::{FollowRow, describe};
use super::{Channel, Follow, Rhythm};
use crate::citizen;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::follows;
use crate::secret::Secret;

/// Hexadecimal digits of an id in a token.
const ID_DIGITS: usize = 32;
/// Hexadecimal digits of the digest in a token: 160 bits, which nobody guesses.
const DIGEST_DIGITS: usize = 40;

/// What a link ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// One follow.
    Follow(FollowId),
    /// Every follow by letter of a citizen that has this rhythm.
    Digest(CitizenId, Rhythm),
}

impl Ending {
    fn stem(self) -> String {
        match self {
            Self::Follow(id) => format!("f{}", id.as_uuid().simple()),
            Self::Digest(id, rhythm) => {
                let letter = match rhythm {
                    Rhythm::Immediate => 'i',
                    Rhythm::Daily => 'd',
                    Rhythm::Weekly => 'w',
                };
                format!("{letter}{}", id.as_uuid().simple())
            }
        }
    }

    fn token(self, secret: &Secret) -> String {
        let stem = self.stem();
        let digest = secret.digest("unsubscribe", stem.as_bytes()).to_string();
        format!("{stem}{}", digest.chars().take(DIGEST_DIGITS).collect::<String>())
    }

    fn read(secret: &Secret, token: &str) -> Result<Self, CatalogError> {
        let wrong = || CatalogError::not_found("link", "it is not whole");
        let stem = token.get(..=ID_DIGITS).ok_or_else(wrong)?;
        let (letter, id) = stem.split_at_checked(1).ok_or_else(wrong)?;
        let id = Uuid::try_parse(id).map_err(|_| wrong())?;
        let digest = |rhythm| Self::Digest(CitizenId::from_uuid(id), rhythm);
        let ending = match letter {
            "f" => Self::Follow(FollowId::from_uuid(id)),
            "i" => digest(Rhythm::Immediate),
            "d" => digest(Rhythm::Daily),
            "w" => digest(Rhythm::Weekly),
            _ => return Err(wrong()),
        };
        if citizen::same_text(secret, &ending.token(secret), token) { Ok(ending) } else { Err(wrong()) }
    }
}

/// What ends one follow.
#[must_use]
pub fn follow_token(secret: &Secret, follow: FollowId) -> String {
    Ending::Follow(follow).token(secret)
}

/// What ends a citizen's letters of a rhythm.
#[must_use]
pub fn digest_token(secret: &Secret, citizen: CitizenId, rhythm: Rhythm) -> String {
    Ending::Digest(citizen, rhythm).token(secret)
}

/// What a click ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribed {
    /// The follows; none when they had ended before.
    pub follows: Vec<Follow>,
}

/// What a link would end, without ending it.
///
/// # Errors
/// `NotFound` when the link is not whole.
pub fn look_at_unsubscribe(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Unsubscribed, CatalogError> {
    let rows = rows_of(tx, Ending::read(secret, token)?)?;
    Ok(Unsubscribed { follows: describe(tx, rows)? })
}

/// Ends what a link ends. A second time there is nothing left, and that is well.
///
/// # Errors
/// `NotFound` when the link is not whole.
pub fn unsubscribe(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Unsubscribed, CatalogError> {
    let rows = rows_of(tx, Ending::read(secret, token)?)?;
    let ended = describe(tx, rows)?;
    for follow in &ended {
        super::end_follow(tx, follow.citizen, follow.id)?;
    }
    Ok(Unsubscribed { follows: ended })
}

fn rows_of(tx: &mut Tx<'_>, ending: Ending) -> Result<Vec<FollowRow>, CatalogError> {
    let mut query = follows::table.select(FollowRow::as_select()).into_boxed();
    query = match ending {
        Ending::Follow(id) => query.filter(follows::id.eq(id.to_string())),
        Ending::Digest(citizen, rhythm) => query
            .filter(follows::citizen_id.eq(citizen.to_string()))
            .filter(follows::channel.eq(Channel::Email.as_str()))
            .filter(follows::rhythm.eq(rhythm.as_str())),
    };
    Ok(query.load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_reads_back_and_nobody_else_can_make_one() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let (follow, citizen) = (FollowId::new(), CitizenId::new());
        for ending in [
            Ending::Follow(follow),
            Ending::Digest(citizen, Rhythm::Immediate),
            Ending::Digest(citizen, Rhythm::Daily),
            Ending::Digest(citizen, Rhythm::Weekly),
        ] {
            let token = ending.token(&ours);
            assert_eq!(Ending::read(&ours, &token).expect("reads"), ending);
            assert!(Ending::read(&theirs, &token).is_err());
            for at in 0..token.len() {
                let cut = token.get(..at).expect("ASCII");
                assert!(Ending::read(&ours, cut).is_err(), "{cut}");
            }
            assert!(Ending::read(&ours, &format!("{token}0")).is_err());
        }
        assert!(Ending::read(&ours, "äöü").is_err());
    }
}
