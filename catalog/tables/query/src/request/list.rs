//! Lists in parameters: `a,b,date_trunc(month,c)`.

use fairground_domain::ColumnType;

use super::SORT_KEYS_MAX;
use crate::bind::{Binder, kind_of};
use crate::error::{Fault, Located};
use crate::plan::SortKey;

/// An item of a list and the characters before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) at: usize,
    pub(super) text: &'a str,
}

impl<'a> Item<'a> {
    /// The item without the blanks around it.
    pub(super) fn trimmed(self) -> Self {
        let rest = self.text.trim_start();
        let before = self.text.get(..self.text.len() - rest.len()).map_or(0, |blank| blank.chars().count());
        Self { at: self.at + before, text: rest.trim_end() }
    }

    pub(super) fn expected<T>(self, expected: &str) -> Result<T, Located> {
        let found = if self.text.is_empty() {
            "nothing".to_owned()
        } else {
            format!("`{}`", crate::text::shortened(self.text))
        };
        Err(Located::new(self.at, Fault::Expected { expected: expected.to_owned(), found }))
    }

    /// The part from a byte on, or up to one.
    pub(super) fn split_at(self, byte: usize) -> (Self, Self) {
        let (head, tail) = self.text.split_at_checked(byte).unwrap_or((self.text, ""));
        (Self { at: self.at, text: head }, Self { at: self.at + head.chars().count(), text: tail })
    }
}

/// The items between the commas that stand outside of parentheses, without the blanks around them; none in a blank list.
pub(super) fn items(list: Item<'_>) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut depth = 0i32;
    // Where the item begins, in bytes and in characters. Both are counted on: counting from the beginning for each item would take
    // the square of the list.
    let (mut from, mut before) = (0, 0);
    let between = |from: usize, to: usize, before: usize| {
        Item { at: list.at + before, text: list.text.get(from..to).unwrap_or_default() }.trimmed()
    };
    for (chars, (byte, sign)) in list.text.char_indices().enumerate() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => {
                items.push(between(from, byte, before));
                (from, before) = (byte + 1, chars + 1);
            }
            _ => {}
        }
    }
    items.push(between(from, list.text.len(), before));
    if let [only] = items.as_slice()
        && only.text.is_empty()
    {
        items.clear();
    }
    items
}

/// A `sortby` list: `-a,b`; a plus may stand before what rises (it arrives as a blank where it was not encoded).
pub(super) fn sort_keys(text: &str, binder: Binder<'_>) -> Result<Vec<SortKey>, Located> {
    let mut keys: Vec<SortKey> = Vec::new();
    for item in items(Item { at: 0, text }) {
        if keys.len() == SORT_KEYS_MAX {
            let max = SORT_KEYS_MAX as u64;
            return Err(Located::new(item.at, Fault::Limit { name: "SORT_KEYS_MAX", what: "columns to sort by", max }));
        }
        let descending = item.text.starts_with('-');
        let name = if item.text.starts_with(['-', '+']) { item.split_at(1).1.trimmed() } else { item };
        if name.text.is_empty() {
            return name.expected("a column");
        }
        let (place, column) = binder.get(name.at, name.text)?;
        if column.column_type.is_spatial() {
            return Err(wrong_type(
                name.at,
                "sorting",
                "a number, a text, a truth value or a time",
                &column.name,
                column.column_type,
            ));
        }
        if keys.iter().any(|key| key.column == place) {
            return Err(Located::refused(name.at, format!("`{}` stands twice", column.name)));
        }
        keys.push(SortKey { column: place, descending });
    }
    Ok(keys)
}

/// A `properties` list; all columns when it is missing.
pub(super) fn properties(text: Option<&str>, binder: Binder<'_>) -> Result<Vec<usize>, Located> {
    let Some(text) = text else { return Ok((0..binder.columns.len()).collect()) };
    let mut places = Vec::new();
    let mut seen = vec![false; binder.columns.len()];
    for item in items(Item { at: 0, text }) {
        if item.text.is_empty() {
            return item.expected("a column");
        }
        let (place, column) = binder.get(item.at, item.text)?;
        match seen.get_mut(place) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(Located::refused(item.at, format!("`{}` stands twice", column.name))),
        }
        places.push(place);
    }
    if places.is_empty() {
        return Item { at: 0, text }.trimmed().expected("one column at least");
    }
    Ok(places)
}

pub(super) fn wrong_type(
    at: usize,
    operation: &str,
    needed: &'static str,
    column: &str,
    column_type: ColumnType,
) -> Located {
    Located::new(
        at,
        Fault::WrongType {
            operation: operation.to_owned(),
            needed,
            column: column.to_owned(),
            kind: kind_of(column_type),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_know_their_places_in_characters() {
        let found = |text| items(Item { at: 2, text }).into_iter().map(|item| (item.at, item.text)).collect::<Vec<_>>();
        assert_eq!(found("größe, b ,c(d,e)"), [(2, "größe"), (9, "b"), (12, "c(d,e)")]);
        assert_eq!(found(" ä,,"), [(3, "ä"), (5, ""), (6, "")]);
        assert_eq!(found("  "), []);
    }
}
