//! Sums by day and words.

use diesel::prelude::*;

use super::{Asked, DAYS_OF_RARE_WORDS, DAYS_OF_WORDS, FEW_FOUND, FEWEST_CALLERS};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::query_demand as d;

const DAY_SECS: i64 = 86_400;

/// Words that many asked for, over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The words, folded.
    pub words: String,
    /// How often they were asked, on days on which enough callers did.
    pub asked: i64,
    /// How many lots of callers asked on the day with the most: so many callers at least, and eight at most.
    pub callers: i64,
    /// Datasets found when they were asked last.
    pub found: i64,
    /// How often somebody asked for data that was not found.
    pub wished: i64,
    /// The last of these days.
    pub last_day: String,
}

#[derive(Insertable)]
#[diesel(table_name = d)]
struct Row<'a> {
    day: &'a str,
    words: &'a str,
    asked: i64,
    lots: i32,
    callers: i64,
    found: i64,
    wished: i64,
}

/// Adds sums to those of a day.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note(tx: &mut Tx<'_>, day: &str, sums: &[Asked]) -> Result<(), CatalogError> {
    for sum in sums {
        let of_words = d::table.filter(d::day.eq(day)).filter(d::words.eq(&sum.words));
        let known: Option<i32> = of_words.select(d::lots).first(tx.conn).optional()?;
        let lots = known.unwrap_or(0) | i32::from(sum.lots);
        let callers = i64::from(lots.count_ones());
        if known.is_some() {
            diesel::update(of_words)
                .set((
                    d::asked.eq(d::asked + sum.asked),
                    d::lots.eq(lots),
                    d::callers.eq(callers),
                    d::found.eq(sum.found),
                    d::wished.eq(d::wished + sum.wished),
                ))
                .execute(tx.conn)?;
        } else {
            let Asked { words, asked, found, wished, .. } = sum;
            let row = Row { day, words, asked: *asked, lots, callers, found: *found, wished: *wished };
            diesel::insert_into(d::table).values(row).execute(tx.conn)?;
        }
    }
    Ok(())
}

/// Forgets words that too few asked for, and all that are old.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    let (rare, old) = (day_before(tx, DAYS_OF_RARE_WORDS), day_before(tx, DAYS_OF_WORDS));
    diesel::delete(d::table.filter(d::day.lt(rare)).filter(d::callers.lt(FEWEST_CALLERS))).execute(tx.conn)?;
    diesel::delete(d::table.filter(d::day.lt(old))).execute(tx.conn)?;
    Ok(())
}

fn day_before(tx: &Tx<'_>, days: i64) -> String {
    tx.now.plus_secs(-days * DAY_SECS).day()
}

/// Words of the last `days` days that find no more than [`FEW_FOUND`] datasets, the most asked first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_unmet(tx: &mut Tx<'_>, days: i64, limit: usize) -> Result<Vec<Need>, CatalogError> {
    list(tx, days, limit, |need| need.found <= FEW_FOUND)
}

/// Words of the last `days` days that find something, the most asked first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_popular(tx: &mut Tx<'_>, days: i64, limit: usize) -> Result<Vec<Need>, CatalogError> {
    list(tx, days, limit, |need| need.found > 0)
}

fn list(tx: &mut Tx<'_>, days: i64, limit: usize, wanted: impl Fn(&Need) -> bool) -> Result<Vec<Need>, CatalogError> {
    let since = day_before(tx, days);
    type Line = (String, String, i64, i64, i64, i64);
    let lines: Vec<Line> = d::table
        .filter(d::day.ge(since))
        .filter(d::callers.ge(FEWEST_CALLERS))
        .select((d::words, d::day, d::asked, d::callers, d::found, d::wished))
        .order((d::words.asc(), d::day.asc()))
        .load(tx.conn)?;
    let mut needs: Vec<Need> = Vec::new();
    for (words, day, asked, callers, found, wished) in lines {
        match needs.last_mut().filter(|need| need.words == words) {
            Some(need) => {
                need.asked += asked;
                need.callers = need.callers.max(callers);
                need.found = found;
                need.wished += wished;
                need.last_day = day;
            }
            None => needs.push(Need { words, asked, callers, found, wished, last_day: day }),
        }
    }
    needs.retain(wanted);
    needs.sort_by(|a, b| (b.asked, &a.words).cmp(&(a.asked, &b.words)));
    needs.truncate(limit);
    Ok(needs)
}
