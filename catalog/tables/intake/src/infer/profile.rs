//! What a column may still be, after the values seen so far.

use super::number::{self, Styles};
use super::{boolean, date, null, shape, trim};
use crate::cell::Cell;

/// What the values seen so far leave open. Merging is commutative and associative, so that the parts of a file may be
/// looked at in any order; more values only ever close possibilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Values that are neither empty nor a sign of absence, as long as the column may be other than text.
    pub(crate) values: u64,
    /// Whether there was any field that is not empty.
    pub(crate) filled: bool,
    /// Ways in which all values are numbers.
    pub(crate) styles: Styles,
    /// Whether a number had a mark between its digits.
    pub(crate) marked: bool,
    /// How numbers with marks and numbers without them stand beside each other.
    pub(crate) groups: Groups,
    /// Whether a number needs floating point.
    pub(crate) float: bool,
    /// Most digits before and after the mark, read with a point.
    pub(crate) dot: (u8, u8),
    /// The same, read with a comma.
    pub(crate) comma: (u8, u8),
    /// Orders in which all values are dates.
    pub(crate) orders: date::Orders,
    /// Whether there were days, civil times, and times with a zone.
    pub(crate) clocks: [bool; 3],
    /// Pairs of words to which all values belong.
    pub(crate) families: boolean::Families,
    /// Whether there were false and true ones.
    pub(crate) polarity: [bool; 2],
    /// Whether all values are shapes.
    pub(crate) shapes: bool,
    /// Whether all shapes are points.
    pub(crate) points: bool,
}

/// What tells `1.230` for a thousand from `1.230` for a little more than one, where every mark has three digits after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    /// Numbers with a mark.
    marked: u64,
    /// Whether one of them ends in a zero.
    round: bool,
    /// Whether a number other than zero has no mark, and whether such a number has four digits or more.
    bare: bool,
    long: bool,
}

impl Groups {
    /// Numbers with marks from which one of them would have ended in a zero.
    const MARKED_MIN: u64 = 20;

    #[inline]
    fn see(&mut self, marked: bool, value: &[u8]) {
        if marked {
            self.marked += 1;
            self.round |= value.last() == Some(&b'0');
        } else if value != b"0" {
            self.bare = true;
            self.long |= value.iter().filter(|byte| byte.is_ascii_digit()).count() > 3;
        }
    }

    fn merge(&mut self, other: Self) {
        self.marked += other.marked;
        self.round |= other.round;
        self.bare |= other.bare;
        self.long |= other.long;
    }

    /// Whether marks of three digits can only stand between thousands: who writes a fixed number of decimals writes them for every
    /// number, and who leaves out zeros at the end leaves them out of all.
    pub(crate) const fn are_thousands(self) -> bool {
        self.bare && !self.long && (self.round || self.marked >= Self::MARKED_MIN)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            values: 0,
            filled: false,
            styles: number::ANY_STYLE,
            marked: false,
            groups: Groups::default(),
            float: false,
            dot: (0, 0),
            comma: (0, 0),
            orders: date::ANY_ORDER,
            clocks: [false; 3],
            families: boolean::ANY_FAMILY,
            polarity: [false; 2],
            shapes: true,
            points: true,
        }
    }
}

impl Profile {
    /// Whether the column can be nothing but text.
    #[inline]
    pub(crate) const fn is_text(&self) -> bool {
        self.styles == 0 && self.orders == 0 && self.families == 0 && !self.shapes
    }

    fn close(&mut self) {
        self.styles = 0;
        self.orders = 0;
        self.families = 0;
        self.shapes = false;
    }

    /// Takes a field of delimited text.
    #[inline]
    pub(crate) fn see(&mut self, field: &[u8]) {
        if field.is_empty() {
            return;
        }
        if self.is_text() {
            self.filled = true;
            return;
        }
        self.see_open(trim(field));
    }

    fn see_open(&mut self, value: &[u8]) {
        let Some(first) = value.first() else { return };
        self.filled = true;
        let digit_like = first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.' | b',' | 0xe2);
        let found_number = if self.styles != 0 && digit_like { number::scan(value) } else { None };
        let found_date = if self.orders != 0 { date::scan(value) } else { None };
        let found_word = if self.families != 0 && !digit_like { boolean::scan(value) } else { None };
        let found_shape = if self.shapes && !digit_like && shape::may_be_shape(value) {
            shape::to_wkb(value, &mut Vec::new())
        } else {
            None
        };
        let styles = self.styles & found_number.map_or(0, |number| number.styles);
        let orders = self.orders & found_date.map_or(0, |moment| moment.orders());
        let families = self.families & found_word.map_or(0, |(families, _)| families);
        let shapes = self.shapes && found_shape.is_some();
        if styles == 0 && orders == 0 && families == 0 && !shapes {
            if !null::is_null_token(value) {
                self.close();
            }
            return;
        }
        self.values += 1;
        (self.styles, self.orders, self.families, self.shapes) = (styles, orders, families, shapes);
        if let Some(number) = found_number {
            self.marked |= number.marked;
            self.groups.see(number.marked, value);
            self.float |= number.exponent;
            self.dot = (self.dot.0.max(number.whole_dot), self.dot.1.max(number.scale_dot));
            self.comma = (self.comma.0.max(number.whole_comma), self.comma.1.max(number.scale_comma));
        }
        if let Some(moment) = found_date {
            self.see_clock(moment.clock);
        }
        if let Some((_, word)) = found_word {
            self.see_word(word);
        }
        self.points &= found_shape.unwrap_or(true);
    }

    fn see_clock(&mut self, clock: date::Clock) {
        let [day, civil, zoned] = &mut self.clocks;
        match clock {
            date::Clock::Day => *day = true,
            date::Clock::Civil => *civil = true,
            date::Clock::Zoned => *zoned = true,
        }
    }

    fn see_word(&mut self, word: bool) {
        let [no, yes] = &mut self.polarity;
        if word { *yes = true } else { *no = true }
    }

    /// Takes a cell of a format that has types of its own.
    pub(crate) fn see_cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Null | Cell::Unreadable { .. } => {}
            Cell::Text(text) => self.see(text.as_bytes()),
            Cell::Quoted(text) => self.see_quoted(trim(text.as_bytes())),
            Cell::Integer(value) => {
                let digits = u8::try_from(value.unsigned_abs().checked_ilog10().unwrap_or(0) + 1).unwrap_or(19);
                // Whatever its length, it fits the column: it is one already.
                self.see_native_number(number::ANY_STYLE, (digits.min(number::DECIMAL_DIGITS_MAX), 0), false);
            }
            Cell::Decimal(text) => {
                let body = text.trim_start_matches('-');
                let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
                let float = body.bytes().any(|byte| matches!(byte, b'e' | b'E'));
                let size = |part: &str| u8::try_from(part.len()).unwrap_or(u8::MAX);
                self.see_native_number(number::DOT, (size(whole), size(fraction)), float);
            }
            Cell::Float(_) => self.see_native_number(number::DOT, (1, 1), true),
            Cell::Boolean(value) => {
                let families = self.families & boolean::NATIVE;
                self.close();
                self.families = families;
                self.note_native();
                self.see_word(*value);
            }
            Cell::Date(_) => self.see_native_moment(date::Clock::Day),
            Cell::Timestamp { utc, .. } => {
                self.see_native_moment(if *utc { date::Clock::Zoned } else { date::Clock::Civil });
            }
            Cell::Geometry { point, .. } => {
                let shapes = self.shapes;
                self.close();
                self.shapes = shapes;
                self.points &= *point;
                self.note_native();
            }
        }
    }

    fn note_native(&mut self) {
        self.filled = true;
        self.values += 1;
    }

    fn see_native_number(&mut self, styles: Styles, size: (u8, u8), float: bool) {
        let styles = self.styles & styles;
        self.close();
        self.styles = styles;
        self.note_native();
        self.float |= float;
        self.marked |= size.1 > 0;
        self.groups.long = true;
        self.dot = (self.dot.0.max(size.0), self.dot.1.max(size.1));
        self.comma = (self.comma.0.max(size.0), self.comma.1);
    }

    fn see_native_moment(&mut self, clock: date::Clock) {
        let orders = self.orders & date::YMD;
        self.close();
        self.orders = orders;
        self.note_native();
        self.see_clock(clock);
    }

    /// Takes text of which the format says that it is text: only ISO dates and shapes are seen in it.
    fn see_quoted(&mut self, value: &[u8]) {
        if value.is_empty() {
            return;
        }
        self.filled = true;
        if self.is_text() {
            return;
        }
        let found = if self.orders != 0 { date::scan(value) } else { None };
        let orders = self.orders & date::YMD & found.map_or(0, |moment| moment.orders());
        let found_shape =
            if self.shapes && shape::may_be_shape(value) { shape::to_wkb(value, &mut Vec::new()) } else { None };
        let shapes = self.shapes && found_shape.is_some();
        self.close();
        (self.orders, self.shapes) = (orders, shapes);
        self.values += 1;
        self.points &= found_shape.unwrap_or(true);
        if let Some(moment) = found {
            self.see_clock(moment.clock);
        }
    }

    /// Puts two parts of a column together.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.filled |= other.filled;
        self.styles &= other.styles;
        self.marked |= other.marked;
        self.groups.merge(other.groups);
        self.float |= other.float;
        self.dot = (self.dot.0.max(other.dot.0), self.dot.1.max(other.dot.1));
        self.comma = (self.comma.0.max(other.comma.0), self.comma.1.max(other.comma.1));
        self.orders &= other.orders;
        for (mine, theirs) in self.clocks.iter_mut().zip(other.clocks) {
            *mine |= theirs;
        }
        self.families &= other.families;
        for (mine, theirs) in self.polarity.iter_mut().zip(other.polarity) {
            *mine |= theirs;
        }
        self.shapes &= other.shapes;
        self.points &= other.points;
    }
}
