//! Tokens to a tree, by recursive descent. Only parentheses and `not` descend, and they are counted.

use super::ast::{Condition, Operand, OperandKind, SpatialKind, SpatialOperand, TemporalRelation};
use super::lexer::{Token, TokenKind, tokens};
use super::{FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX, LIST_MAX};
use crate::error::{Fault, Located};
use crate::geometry::{GEOMETRY_KINDS, GeometryError, parse_wkt_prefix};
use crate::plan::{Comparison, SpatialRelation};

/// Parses a whole filter.
pub(crate) fn parse(text: &str) -> Result<Condition, Located> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0, conditions: 0 };
    let condition = parser.any()?;
    if parser.peek() == &TokenKind::End { Ok(condition) } else { parser.unexpected("`and`, `or` or the end") }
}

/// Words that mean something, so that a column of that name must be quoted.
const RESERVED: [&str; 10] = ["and", "or", "not", "like", "between", "in", "is", "null", "true", "false"];

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    conditions: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.next).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn peek_second(&self) -> &TokenKind {
        self.tokens.get(self.next + 1).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T, Located> {
        let fault = match self.peek() {
            TokenKind::Sign("+" | "-" | "*" | "/" | "%" | "^") => {
                Fault::Refused("arithmetic is not offered in filters; compute the number and write it".to_owned())
            }
            TokenKind::Word(word) if word.eq_ignore_ascii_case("div") => {
                Fault::Refused("arithmetic is not offered in filters; compute the number and write it".to_owned())
            }
            other => Fault::Expected { expected: expected.to_owned(), found: other.describe() },
        };
        Err(Located::new(self.at(), fault))
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let there = self.at_keyword(keyword);
        self.next += usize::from(there);
        there
    }

    fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), TokenKind::Sign(found) if *found == sign);
        self.next += usize::from(there);
        there
    }

    fn must(&mut self, sign: &str) -> Result<(), Located> {
        if self.sign(sign) { Ok(()) } else { self.unexpected(&format!("`{sign}`")) }
    }

    fn descend<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Located>) -> Result<T, Located> {
        if self.depth == FILTER_DEPTH_MAX {
            let max = FILTER_DEPTH_MAX as u64;
            return Err(Located::new(
                self.at(),
                Fault::Limit { name: "FILTER_DEPTH_MAX", what: "levels of nesting", max },
            ));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Conditions joined by `or`.
    fn any(&mut self) -> Result<Condition, Located> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Or))
    }

    /// Conditions joined by `and`.
    fn all(&mut self) -> Result<Condition, Located> {
        let mut parts = vec![self.negated()?];
        while self.keyword("and") {
            parts.push(self.negated()?);
        }
        Ok(one_or(parts, Condition::And))
    }

    fn negated(&mut self) -> Result<Condition, Located> {
        if self.keyword("not") {
            return Ok(Condition::Not(Box::new(self.descend(Self::negated)?)));
        }
        if self.sign("(") {
            let inner = self.descend(Self::any)?;
            self.must(")")?;
            return Ok(inner);
        }
        self.conditions += 1;
        if self.conditions > FILTER_CONDITIONS_MAX {
            let max = FILTER_CONDITIONS_MAX as u64;
            return Err(Located::new(
                self.at(),
                Fault::Limit { name: "FILTER_CONDITIONS_MAX", what: "conditions", max },
            ));
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Condition, Located> {
        if let (TokenKind::Word(word), TokenKind::Sign("(")) = (self.peek(), self.peek_second()) {
            let name = word.to_ascii_lowercase();
            if let Some(relation) = name.strip_prefix("s_") {
                return self.spatial(&name, relation);
            }
            if let Some(relation) = name.strip_prefix("t_") {
                return self.temporal(&name, relation);
            }
        }
        let left = self.operand()?;
        if let Some(comparison) = self.comparison() {
            return Ok(Condition::Compare(left, comparison, self.operand()?));
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            if !self.keyword("null") {
                return self.unexpected(if negated { "`null`" } else { "`null` or `not null`" });
            }
            return Ok(negate(negated, Condition::IsNull(left)));
        }
        let negated = self.keyword("not");
        if self.keyword("like") {
            return Ok(negate(negated, Condition::Like(left, self.operand()?)));
        }
        if self.keyword("between") {
            let low = self.operand()?;
            if !self.keyword("and") {
                return self.unexpected("`and`");
            }
            return Ok(negate(negated, Condition::Between(left, low, self.operand()?)));
        }
        if self.keyword("in") {
            return Ok(negate(negated, Condition::In(left, self.values()?)));
        }
        let may_stand_alone = matches!(left.kind, OperandKind::Boolean(_) | OperandKind::Column(_));
        let ends = self.peek() == &TokenKind::End
            || matches!(self.peek(), TokenKind::Sign(")"))
            || self.at_keyword("and")
            || self.at_keyword("or");
        if !negated && may_stand_alone && ends {
            return Ok(Condition::Alone(left));
        }
        self.unexpected(if negated {
            "`like`, `between` or `in`"
        } else {
            "a comparison (`=`, `<>`, `<`, `<=`, `>`, `>=`, `like`, `between`, `in` or `is null`)"
        })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let TokenKind::Sign(sign) = self.peek() else { return None };
        let comparison = match *sign {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.next += 1;
        Some(comparison)
    }

    fn values(&mut self) -> Result<Vec<Operand>, Located> {
        self.must("(")?;
        let mut values = vec![self.operand()?];
        while self.sign(",") {
            if values.len() == LIST_MAX {
                let fault = Fault::Limit { name: "LIST_MAX", what: "values of a list", max: LIST_MAX as u64 };
                return Err(Located::new(self.at(), fault));
            }
            values.push(self.operand()?);
        }
        if self.sign(")") { Ok(values) } else { self.unexpected("`,` or `)`") }
    }

    fn operand(&mut self) -> Result<Operand, Located> {
        let at = self.at();
        let kind = match self.peek().clone() {
            TokenKind::Text(text) => self.step(OperandKind::Text(text)),
            TokenKind::Quoted(name) => self.step(OperandKind::Column(name)),
            TokenKind::Number(digits) => self.step(OperandKind::Number(digits)),
            TokenKind::Sign(sign @ ("-" | "+")) => {
                let TokenKind::Number(digits) = self.peek_second().clone() else {
                    return self.unexpected("a column or a value");
                };
                self.next += 2;
                OperandKind::Number(if sign == "-" { format!("-{digits}") } else { digits })
            }
            TokenKind::Word(word) if self.peek_second() == &TokenKind::Sign("(") => {
                return self.call(at, &word.to_ascii_lowercase());
            }
            TokenKind::Word(word) if word.eq_ignore_ascii_case("true") => self.step(OperandKind::Boolean(true)),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("false") => self.step(OperandKind::Boolean(false)),
            TokenKind::Word(word) if !RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved)) => {
                self.step(OperandKind::Column(word))
            }
            TokenKind::Word(_) | TokenKind::Sign(_) | TokenKind::End => return self.unexpected("a column or a value"),
        };
        Ok(Operand { at, ignore_case: false, ignore_accents: false, kind })
    }

    fn step(&mut self, kind: OperandKind) -> OperandKind {
        self.next += 1;
        kind
    }

    /// A word and a parenthesis: `casei(…)`, `accenti(…)`, `date(…)`, `timestamp(…)`, `interval(…)`.
    fn call(&mut self, at: usize, name: &str) -> Result<Operand, Located> {
        let plain = |kind| Operand { at, ignore_case: false, ignore_accents: false, kind };
        match name {
            "casei" | "accenti" => {
                self.next += 2;
                let inner = self.descend(Self::operand)?;
                self.must(")")?;
                Ok(Operand {
                    ignore_case: inner.ignore_case || name == "casei",
                    ignore_accents: inner.ignore_accents || name == "accenti",
                    ..inner
                })
            }
            "date" | "timestamp" => {
                self.next += 2;
                let text = self.text_argument()?;
                self.must(")")?;
                Ok(plain(if name == "date" { OperandKind::Date(text) } else { OperandKind::Timestamp(text) }))
            }
            "interval" => {
                self.next += 2;
                let from = self.end_of_interval()?;
                self.must(",")?;
                let to = self.end_of_interval()?;
                self.must(")")?;
                Ok(plain(OperandKind::Interval(from, to)))
            }
            "bbox" => Err(Located::refused(at, "a shape can only be compared by `s_intersects` and its like")),
            name if is_shape(name) => {
                Err(Located::refused(at, "a shape can only be compared by `s_intersects` and its like"))
            }
            "and" | "or" | "not" | "like" | "between" | "in" | "is" | "null" | "true" | "false" => {
                self.unexpected("a column or a value")
            }
            other => Err(Located::refused(at, format!("`{other}` is no function that filters offer"))),
        }
    }

    fn text_argument(&mut self) -> Result<String, Located> {
        let TokenKind::Text(text) = self.peek().clone() else { return self.unexpected("a text in single quotes") };
        self.next += 1;
        Ok(text)
    }

    /// A date or a moment in quotes, by itself or in `DATE(…)` or `TIMESTAMP(…)`, or `'..'`.
    fn end_of_interval(&mut self) -> Result<Option<String>, Located> {
        let call = self.keyword("date") || self.keyword("timestamp");
        if call {
            self.must("(")?;
        } else if matches!(self.peek(), TokenKind::Word(_) | TokenKind::Quoted(_)) {
            return Err(Located::refused(
                self.at(),
                "an interval between columns is not offered; compare the columns one by one",
            ));
        }
        let text = self.text_argument()?;
        if call {
            self.must(")")?;
        }
        Ok((text != "..").then_some(text))
    }

    fn spatial(&mut self, name: &str, relation: &str) -> Result<Condition, Located> {
        let relation = match relation {
            "intersects" => SpatialRelation::Intersects,
            "disjoint" => SpatialRelation::Disjoint,
            "within" => SpatialRelation::Within,
            "contains" => SpatialRelation::Contains,
            _ => {
                let offered = "`s_intersects`, `s_disjoint`, `s_within` and `s_contains` are";
                return Err(Located::refused(self.at(), format!("`{name}` is not offered; {offered}")));
            }
        };
        self.next += 2;
        let left = self.spatial_operand()?;
        self.must(",")?;
        let right = self.spatial_operand()?;
        self.must(")")?;
        Ok(Condition::Spatial(relation, left, right))
    }

    fn spatial_operand(&mut self) -> Result<SpatialOperand, Located> {
        let at = self.at();
        let kind = match self.peek().clone() {
            TokenKind::Quoted(name) => {
                self.next += 1;
                SpatialKind::Column(name)
            }
            TokenKind::Word(word)
                if word.eq_ignore_ascii_case("bbox") && self.peek_second() == &TokenKind::Sign("(") =>
            {
                self.next += 2;
                SpatialKind::Box(self.corners(at)?)
            }
            TokenKind::Word(word) if is_shape(&word) && !matches!(self.peek_second(), TokenKind::Sign("," | ")")) => {
                self.shape(at)?
            }
            TokenKind::Word(word) => {
                self.next += 1;
                SpatialKind::Column(word)
            }
            _ => {
                return self.unexpected(
                    "a column of places, a shape such as `POINT(4.9 52.4)` or `BBOX(west,south,east,north)`",
                );
            }
        };
        Ok(SpatialOperand { at, kind })
    }

    /// The four (or six) numbers of `BBOX(…)`.
    fn corners(&mut self, at: usize) -> Result<[f64; 4], Located> {
        let mut numbers = Vec::new();
        loop {
            let number = match self.operand()?.kind {
                OperandKind::Number(digits) => digits.parse::<f64>().ok().filter(|number| number.is_finite()),
                _ => None,
            };
            numbers.push(number.ok_or_else(|| {
                Located::new(
                    at,
                    Fault::Geometry(GeometryError::Text { at: 0, expected: "`BBOX(west,south,east,north)`" }),
                )
            })?);
            if numbers.len() > 6 || !self.sign(",") {
                break;
            }
        }
        self.must(")")?;
        match numbers.as_slice() {
            [west, south, east, north] | [west, south, _, east, north, _] => Ok([*west, *south, *east, *north]),
            _ => Err(Located::refused(at, "a box has four numbers: `BBOX(west,south,east,north)`")),
        }
    }

    /// Well-known text is read by its own reader, from this place on.
    fn shape(&mut self, at: usize) -> Result<SpatialKind, Located> {
        let from = self.tokens.get(self.next).map_or(0, |token| token.byte);
        let text = self.text.get(from..).unwrap_or_default();
        let (geometry, rest) = parse_wkt_prefix(text).map_err(|error| match error {
            GeometryError::Text { at: within, expected } => Located::new(
                at + within,
                Fault::Expected { expected: expected.to_owned(), found: found_at(text, within) },
            ),
            other => Located::new(at, Fault::Geometry(other)),
        })?;
        let end = self.text.len() - rest.len();
        while self.tokens.get(self.next).is_some_and(|token| token.byte < end && token.kind != TokenKind::End) {
            self.next += 1;
        }
        Ok(SpatialKind::Shape(geometry))
    }

    fn temporal(&mut self, name: &str, relation: &str) -> Result<Condition, Located> {
        let (relation, name) = match relation {
            "before" => (TemporalRelation::Before, "t_before"),
            "after" => (TemporalRelation::After, "t_after"),
            "during" => (TemporalRelation::During, "t_during"),
            "intersects" => (TemporalRelation::Intersects, "t_intersects"),
            "disjoint" => (TemporalRelation::Disjoint, "t_disjoint"),
            "equals" => (TemporalRelation::Equals, "t_equals"),
            _ => {
                let offered = "`t_before`, `t_after`, `t_during`, `t_intersects`, `t_disjoint` and `t_equals` are";
                return Err(Located::refused(self.at(), format!("`{name}` is not offered; {offered}")));
            }
        };
        self.next += 2;
        let left = self.operand()?;
        self.must(",")?;
        let right = self.operand()?;
        self.must(")")?;
        Ok(Condition::Temporal(relation, name, left, right))
    }
}

fn found_at(text: &str, at: usize) -> String {
    text.chars().nth(at).map_or_else(|| "the end".to_owned(), |c| format!("`{c}`"))
}

fn is_shape(word: &str) -> bool {
    GEOMETRY_KINDS.iter().any(|kind| word.eq_ignore_ascii_case(kind))
}

fn one_or(mut parts: Vec<Condition>, many: impl FnOnce(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.pop().unwrap_or_else(|| many(Vec::new())),
        _ => many(parts),
    }
}

fn negate(negated: bool, condition: Condition) -> Condition {
    if negated { Condition::Not(Box::new(condition)) } else { condition }
}
