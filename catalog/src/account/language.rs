//! The language that somebody's letters are written in.

use diesel::prelude::*;
use fairground_domain::{AccountId, LanguageTag};

use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{account_languages, accounts};

/// The language of whoever has that address; `None` when there is no account, or it has chosen none.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_language(tx: &mut Tx<'_>, email: &str) -> Result<Option<LanguageTag>, CatalogError> {
    let account = accounts::table.filter(accounts::email.eq(email.trim().to_lowercase())).select(accounts::id);
    let found: Option<String> = account_languages::table
        .filter(account_languages::account_id.eq_any(account))
        .select(account_languages::language)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|tag| LanguageTag::lenient(&tag)))
}

/// Keeps the language that an account's letters are written in from now on.
///
/// # Errors
/// `Storage` when the database fails.
pub fn set_language(tx: &mut Tx<'_>, account: AccountId, language: &LanguageTag) -> Result<(), CatalogError> {
    let id = account.to_string();
    diesel::delete(account_languages::table.find(&id)).execute(tx.conn)?;
    diesel::insert_into(account_languages::table)
        .values((account_languages::account_id.eq(id), account_languages::language.eq(language.as_str())))
        .execute(tx.conn)?;
    Ok(())
}
