//! Every production of the grammar, every fault with its place, every limit.

use proptest::prelude::*;

use super::ast::Condition;
use super::parser::parse;
use super::{FILTER_BYTES_MAX, FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX, LIST_MAX};
use crate::error::Fault;

fn fault(text: &str) -> (Option<usize>, String) {
    let located = parse(text).unwrap_err();
    (located.at, located.fault.to_string())
}

#[test]
fn every_production_is_read() {
    for text in [
        "a = 1",
        "1 = a",
        "a<>-1.5e3 AND b != +2",
        "a < b",
        "name = 'it''s' or NOT (x >= 2 AnD y <= 3)",
        "not not flag",
        "flag",
        "TRUE and flag = false",
        "\"odd name\" is null",
        "a IS NOT NULL",
        "a like 'x%' and a NOT LIKE '%y'",
        "a between 1 and 2 and b not between 3 and 4",
        "a in (1,2,3) or a NOT IN ('x')",
        "casei(a) = casei('X')",
        "CASEI(ACCENTI(a)) LIKE ACCENTI(CASEI('x%'))",
        "d = DATE('2024-02-29') and t > TIMESTAMP('2024-02-29T12:00:00Z')",
        "T_BEFORE(d, DATE('2024-01-01')) and t_during(t, INTERVAL('2024-01-01','..'))",
        "t_intersects(INTERVAL(DATE('2024-01-01'), TIMESTAMP('2024-02-01T00:00:00Z')), t)",
        "S_INTERSECTS(geom, POINT(1 2))",
        "s_within(POLYGON((0 0,1 0,1 1,0 0)), geom) and s_disjoint(geom, BBOX(-10,-5,10,5))",
        "S_CONTAINS(geom, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1)))",
        "s_intersects(point, MULTIPOINT((1 2),(3 -4.5)))",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let Ok(Condition::Or(parts)) = parse("a = 1 or not b = 2 and c = 3") else { panic!("or at the top") };
    let [Condition::Compare(..), Condition::And(inner)] = parts.as_slice() else { panic!("{parts:?}") };
    assert!(matches!(inner.as_slice(), [Condition::Not(_), Condition::Compare(..)]));
}

#[test]
fn faults_are_told_with_their_place() {
    for (text, at, sentence) in [
        ("", 0, "a column or a value expected, the end found"),
        ("a =", 3, "a column or a value expected, the end found"),
        ("a = 1 b", 6, "`and`, `or` or the end expected, `b` found"),
        ("(a = 1", 6, "`)` expected, the end found"),
        ("é = 'x", 4, "the closing ' is missing"),
        ("a not 1", 6, "`like`, `between` or `in` expected, `1` found"),
        ("a is 1", 5, "`null` or `not null` expected, `1` found"),
        ("a in ()", 6, "a column or a value expected, `)` found"),
        ("a in (1 2)", 8, "`,` or `)` expected, `2` found"),
        ("a between 1 or 2", 12, "`and` expected, `or` found"),
        ("a + 1 = 2", 2, "arithmetic is not offered in filters; compute the number and write it"),
        ("a = 2 * 3", 6, "arithmetic is not offered in filters; compute the number and write it"),
        ("a div 2 = 1", 2, "arithmetic is not offered in filters; compute the number and write it"),
        ("foo(a) = 1", 0, "`foo` is no function that filters offer"),
        (
            "x = 1 and s_equals(a, POINT(1 1))",
            10,
            "`s_equals` is not offered; `s_intersects`, `s_disjoint`, `s_within` and `s_contains` are",
        ),
        (
            "T_MEETS(a, b)",
            0,
            "`t_meets` is not offered; `t_before`, `t_after`, `t_during`, `t_intersects`, `t_disjoint` and `t_equals` are",
        ),
        ("s_intersects(g, POINT(1))", 23, "a number expected, `)` found"),
        ("s_intersects(g, BBOX(1,2,3))", 16, "a box has four numbers: `BBOX(west,south,east,north)`"),
        (
            "t_during(a, INTERVAL(b, c))",
            21,
            "an interval between columns is not offered; compare the columns one by one",
        ),
        ("a = DATE(5)", 9, "a text in single quotes expected, `5` found"),
        ("and = 1", 0, "a column or a value expected, `and` found"),
        (
            "'x'",
            3,
            "a comparison (`=`, `<>`, `<`, `<=`, `>`, `>=`, `like`, `between`, `in` or `is null`) expected, the end found",
        ),
        ("a ~ 1", 2, "a column, a value or a condition expected, `~` found"),
    ] {
        assert_eq!(fault(text), (Some(at), sentence.to_owned()), "{text}");
    }
}

#[test]
fn limits_hold_while_parsing() {
    let limit = |text: &str| match parse(text).unwrap_err().fault {
        Fault::Limit { name, .. } => name,
        other => panic!("{other}"),
    };
    let deep = |depth: usize| format!("{}a=1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(FILTER_DEPTH_MAX)).is_ok());
    assert_eq!(limit(&deep(FILTER_DEPTH_MAX + 1)), "FILTER_DEPTH_MAX");
    assert_eq!(limit(&"not ".repeat(10_000)), "FILTER_DEPTH_MAX");
    assert_eq!(limit(&format!("{}a{} = 1", "casei(".repeat(40), ")".repeat(40))), "FILTER_DEPTH_MAX");
    assert_eq!(limit(&vec!["a=1"; FILTER_CONDITIONS_MAX + 1].join(" or ")), "FILTER_CONDITIONS_MAX");
    assert!(parse(&format!("a in ({})", vec!["1"; LIST_MAX].join(","))).is_ok());
    assert_eq!(limit(&format!("a in ({})", vec!["1"; LIST_MAX + 1].join(","))), "LIST_MAX");
    assert_eq!(limit(&"x".repeat(FILTER_BYTES_MAX + 1)), "FILTER_BYTES_MAX");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_row_of_tokens_is_read_or_refused(words in proptest::collection::vec(proptest::sample::select(vec![
        "a", "\"b\"", "'t'", "1", "-", "+", "(", ")", ",", "=", "<>", "<", "and", "or", "not", "in", "like", "between", "is",
        "null", "true", "casei(", "accenti(", "date(", "interval(", "'..'", "s_within(", "t_after(", "bbox(", "POINT(", "POLYGON((",
        "é", "*", "'", "1e", ".5",
    ]), 0..40)) {
        let text = words.join(" ");
        if let Err(located) = parse(&text) {
            prop_assert!(located.at.is_some_and(|at| at <= text.chars().count()), "{} {:?}", text, located);
        }
    }
}
