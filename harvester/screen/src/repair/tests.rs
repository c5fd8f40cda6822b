use std::collections::HashMap;

use proptest::prelude::*;

use super::mending::{Mending, Touched};
use super::*;

fn repairs(json: &str) -> Repairs {
    serde_json::from_str(json).unwrap()
}

fn mended(list: &Repairs, columns: &[&str], rows: &[Vec<String>]) -> (Vec<String>, Vec<Vec<String>>, Vec<Touched>) {
    let mut mending = Mending::new(list.clone());
    if list.need_counting() {
        mending.count_table("t", columns).unwrap();
        for row in rows {
            mending.count_row(row).unwrap();
        }
    }
    let heads = mending.begin_table("t", columns).unwrap();
    let rows = rows.iter().filter_map(|row| mending.row(row).map(<[String]>::to_vec)).collect();
    (heads, rows, mending.finish().unwrap())
}

/// One value through one repair of its column.
fn one(repair: &str, value: &str) -> String {
    let list = repairs(&format!(r#"[{{"column": "c", {repair}}}]"#));
    let (_, rows, _) = mended(&list, &["c"], &[vec![value.to_owned()]]);
    rows[0][0].clone()
}

#[test]
fn values_become_what_the_repair_says() {
    let cases: &[(&str, &str, &str)] = &[
        (r#""do": "mask""#, "Ada", "***"),
        (r#""do": "mask", "start": 1"#, "Wilhelmine", "W***"),
        (r#""do": "mask", "start": 1, "end": 2"#, "Wilhelmine", "W***ne"),
        (r#""do": "mask", "start": 2, "end": 2"#, "short", "***"),
        (r#""do": "date", "to": "year""#, "1984-05-06", "1984"),
        (r#""do": "date", "to": "five-years""#, "06.05.1984", "1980-1984"),
        (r#""do": "date", "to": "decade""#, "6 May 1984", "1980-1989"),
        (r#""do": "date", "to": "decade""#, "1984", "1980-1989"),
        (r#""do": "date", "to": "year""#, "1984-05", "1984"),
        (r#""do": "date", "to": "year""#, "1984-05-06T10:11:12", "1984"),
        (r#""do": "date", "to": "year""#, "about Easter", ""),
        (r#""do": "date", "to": "year""#, "n/a", "n/a"),
        (r#""do": "band", "width": 10"#, "34", "30-39"),
        (r#""do": "band", "width": 10"#, "39.5", "30-39"),
        (r#""do": "band", "width": 10, "bottom": 18, "top": 90"#, "91", "90+"),
        (r#""do": "band", "width": 10, "bottom": 18, "top": 90"#, "17", "<18"),
        (r#""do": "band", "width": 1000"#, "12 345,60", "12000-12999"),
        (r#""do": "band", "width": 0.5"#, "1.7", "1.5-2.0"),
        (r#""do": "band", "width": 10"#, "-5", "-10…-1"),
        (r#""do": "band", "width": 10"#, "thirty-four", ""),
        (r#""do": "grid", "step": 0.1"#, "52.520008", "52.5"),
        (r#""do": "grid", "step": 0.1"#, "52,520008", "52.5"),
        (r#""do": "grid", "step": 0.1"#, "52.520008, 13.404954", "52.5, 13.4"),
        (r#""do": "grid", "step": 0.1"#, "52,520008; 13,404954", "52.5; 13.4"),
        (r#""do": "grid", "step": 0.05"#, "POINT(13.404954 52.520008)", "POINT(13.40 52.50)"),
        (r#""do": "grid", "step": 0.1"#, "SRID=4326;POINT (-0.02 51.49)", "SRID=4326;POINT (0.0 51.5)"),
        (
            r#""do": "grid", "step": 0.1"#,
            r#"{"type":"Point","coordinates":[13.404954,52.520008]}"#,
            r#"{"type":"Point","coordinates":[13.4,52.5]}"#,
        ),
        (r#""do": "grid", "step": 1000"#, "431234.56", "431000"),
        (r#""do": "grid", "step": 0.1"#, r#"{"name":"Ada","coordinates":[13.4]}"#, ""),
        (r#""do": "grid", "step": 0.1"#, "52°31'12\" N", ""),
        (r#""do": "prefix", "keep": 2"#, "10115", "10"),
        (r#""do": "prefix", "keep": 3"#, "AB1 2CD", "AB1"),
        (r#""do": "suppress-small", "below": 5"#, "4", ""),
        (r#""do": "suppress-small", "below": 5"#, "3.0", ""),
        (r#""do": "suppress-small", "below": 5"#, "0", "0"),
        (r#""do": "suppress-small", "below": 5"#, "5", "5"),
    ];
    for (repair, value, after) in cases {
        assert_eq!(one(repair, value), *after, "{repair} on {value}");
    }
}

#[test]
fn columns_go_and_stay_by_name_and_what_was_touched_is_told() {
    let list = repairs(
        r#"[{"do": "drop", "column": "name"}, {"do": "drop", "column": "column 3"}, {"do": "date", "column": "born", "to": "year"}]"#,
    );
    let rows = [["Ada", "1984-05-06", "x", "A"], ["Bo", "soon", "", "B"]];
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
    let (heads, rows, touched) = mended(&list, &["name ", "born", "", "town"], &rows);
    assert_eq!(heads, ["born", "town"]);
    assert_eq!(rows, [["1984", "A"], ["", "B"]]);
    let told: Vec<(u64, u64)> = touched.iter().map(|touched| (touched.cells, touched.unread)).collect();
    assert_eq!(told, [(2, 0), (1, 0), (2, 1)]);
    assert_eq!(touched[2].examples[0], Example { before: "9999-99-99".to_owned(), after: "1984".to_owned() });
}

#[test]
fn repairs_follow_one_another_in_their_order() {
    let list =
        repairs(r#"[{"do": "date", "column": "born", "to": "year"}, {"do": "band", "column": "born", "width": 25}]"#);
    let (_, rows, _) = mended(&list, &["born"], &[vec!["1984-05-06".to_owned()]]);
    assert_eq!(rows, [["1975-1999"]]);
}

#[test]
fn a_table_is_meant_by_name_and_columns_of_one_name_all() {
    let list = repairs(r#"[{"do": "drop", "column": "mail", "table": "staff"}]"#);
    let mut mending = Mending::new(list);
    assert_eq!(mending.begin_table("offices", &["mail", "x"]).unwrap(), ["mail", "x"]);
    assert_eq!(mending.begin_table("staff", &["mail", "x", "mail"]).unwrap(), ["x"]);
    assert_eq!(mending.finish().unwrap()[0].tables, 1);
}

#[test]
fn lists_that_make_no_sense_are_refused() {
    for (list, why) in [
        ("[]", "from 1 to 256"),
        (r#"[{"do": "prefix", "column": "c", "keep": 0}]"#, "repair 1: a prefix keeps"),
        (r#"[{"do": "drop", "column": "a"}, {"do": "band", "column": "c", "width": 0}]"#, "repair 2: the width"),
        (r#"[{"do": "band", "column": "c", "width": 5, "bottom": 9, "top": 9}]"#, "`bottom` has to be below"),
        (r#"[{"do": "grid", "column": "c", "step": -1}]"#, "the step"),
        (r#"[{"do": "mask", "column": "c", "start": 7}]"#, "six characters"),
        (r#"[{"do": "suppress-small", "column": "c", "below": 1}]"#, "`below` goes from 2"),
        (r#"[{"do": "suppress-rare", "columns": [], "below": 5}]"#, "a column is missing"),
        (r#"[{"do": "drop", "column": " "}]"#, "a column is missing"),
        (r#"[{"do": "drop", "colum": "c"}]"#, "unknown field"),
        (r#"[{"do": "band", "column": "c", "width": 5, "topp": 9}]"#, "unknown field"),
        (r#"[{"do": "burn", "column": "c"}]"#, "unknown variant"),
    ] {
        let refused = serde_json::from_str::<Repairs>(list).unwrap_err().to_string();
        assert!(refused.contains(why), "{list}: {refused}");
    }
    let long = vec![Repair::Drop { table: None, column: "c".to_owned() }; REPAIRS_MAX + 1];
    assert_eq!(Repairs::new(long), Err(RepairError::Length(REPAIRS_MAX + 1)));
    let all = repairs(r#"[{"do": "drop", "column": "c"}]"#);
    assert_eq!(Mending::new(all.clone()).begin_table("t", &["c"]), Err(RepairError::NothingLeft("t".to_owned())));
    let mut elsewhere = Mending::new(all);
    elsewhere.begin_table("t", &["d"]).unwrap();
    assert_eq!(elsewhere.finish(), Err(RepairError::NoSuchColumn { place: 1, column: "c".to_owned() }));
    let rare = repairs(r#"[{"do": "suppress-rare", "columns": ["c"], "below": 5}]"#);
    assert_eq!(Mending::new(rare).begin_table("t", &["c"]), Err(RepairError::NotCounted));
}

fn any_repair() -> impl Strategy<Value = Repair> {
    let column = || prop_oneof!["a", "b", "c"].prop_map(|column: String| column);
    prop_oneof![
        column().prop_map(|column| Repair::Drop { table: None, column }),
        (column(), 0..=LEFT_MAX, 0..=LEFT_MAX).prop_map(|(column, start, end)| Repair::Mask {
            table: None,
            column,
            start,
            end
        }),
        (column(), prop_oneof![Just(Years::Year), Just(Years::FiveYears), Just(Years::Decade)])
            .prop_map(|(column, to)| Repair::Date { table: None, column, to }),
        (column(), 1..1_000_000_u32).prop_map(|(column, quarters)| Repair::Band {
            table: None,
            column,
            width: f64::from(quarters) / 4.0,
            bottom: None,
            top: Some(1e6)
        }),
        (column(), 1..1_000_000_u32).prop_map(|(column, eighths)| Repair::Grid {
            table: None,
            column,
            step: f64::from(eighths) / 8.0
        }),
        (column(), 1..=LEFT_MAX).prop_map(|(column, keep)| Repair::Prefix { table: None, column, keep }),
        (column(), 2..=BELOW_MAX).prop_map(|(column, below)| Repair::SuppressSmall { table: None, column, below }),
        (prop::collection::vec(column(), 1..4), 2..9_u32, prop::bool::ANY).prop_map(|(columns, below, blank)| {
            let rows = if blank { RareRows::Blank } else { RareRows::LeaveOut };
            Repair::SuppressRare { table: None, columns, below, rows }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the repairs and the cells, nothing panics, the list survives JSON, and rows stay within their columns.
    #[test]
    fn any_repairs_are_applied_calmly(
        list in prop::collection::vec(any_repair(), 1..6),
        rows in prop::collection::vec(prop::collection::vec("\\PC{0,30}|[-+0-9., :/eE]{0,20}|POINT\\([0-9. -]{1,12}\\)", 0..6), 0..12),
    ) {
        let list = Repairs::new(list).unwrap();
        let json = serde_json::to_string(&list).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Repairs>(&json).unwrap(), &list);
        let columns = ["a", "b", "c", "d"];
        let mut mending = Mending::new(list.clone());
        mending.count_table("t", &columns).unwrap();
        for row in &rows {
            mending.count_row(row).unwrap();
        }
        let heads = mending.begin_table("t", &columns).unwrap();
        for row in &rows {
            if let Some(after) = mending.row(row) {
                prop_assert!(after.len() <= heads.len());
            }
        }
        prop_assert!(mending.finish().is_ok());
    }

    #[test]
    fn a_band_holds_its_number_and_tells_no_more(number in -1_000_000_i64..1_000_000, width in 2_u32..500) {
        let width = f64::from(width);
        let after = value::band(&number.to_string(), width, None, None).unwrap();
        let (from, until) = after.split_once('…').or_else(|| after.split_once('-')).unwrap();
        let (from, until): (f64, f64) = (from.parse().unwrap(), until.parse().unwrap());
        let number = number as f64;
        prop_assert!(from <= number && number <= until && until - from == width - 1.0 && from % width == 0.0);
    }

    #[test]
    fn a_point_moves_by_half_a_step_at_most(number in -180.0..180.0_f64, step in prop_oneof![Just(0.1), Just(0.25), Just(0.01), Just(5.0)]) {
        let after: f64 = value::grid(&format!("{number:.7}"), step).unwrap().parse().unwrap();
        prop_assert!((after - number).abs() <= step / 2.0 + 1e-6);
        prop_assert!((after / step - (after / step).round()).abs() < 1e-6, "{after} is not on the grid");
    }

    #[test]
    fn a_geometry_keeps_no_number_that_is_off_the_grid(points in prop::collection::vec((-180.0..180.0_f64, -90.0..90.0_f64), 1..8)) {
        let inside: Vec<String> = points.iter().map(|(lon, lat)| format!("{lon:.6} {lat:.6}")).collect();
        let after = value::grid(&format!("LINESTRING ({})", inside.join(", ")), 0.5).unwrap();
        for number in after.trim_start_matches("LINESTRING (").trim_end_matches(')').split([' ', ',']).filter(|part| !part.is_empty()) {
            let number: f64 = number.parse().unwrap();
            prop_assert_eq!(number * 2.0, (number * 2.0).round());
        }
    }

    #[test]
    fn dates_leave_years_only(year in 1_890_i32..2_030, month in 1..13_u32, day in 1..29_u32) {
        for written in [format!("{year}-{month:02}-{day:02}"), format!("{day:02}.{month:02}.{year}"), format!("{year}{month:02}{day:02}")] {
            let after = value::years(&written, Years::FiveYears).unwrap();
            let (from, until) = after.split_once('-').unwrap();
            prop_assert!((from.parse::<i32>().unwrap()..=until.parse().unwrap()).contains(&year));
            prop_assert_eq!(after.len(), 9);
        }
    }

    #[test]
    fn masks_and_prefixes_leave_what_they_may(value in "\\PC{0,40}", start in 0..=LEFT_MAX, end in 0..=LEFT_MAX, keep in 1..=LEFT_MAX) {
        let masked = value::mask(&value, start, end);
        let left = masked.chars().count() - 3;
        prop_assert!(left == 0 || (left == usize::from(start + end) && left * 3 <= value.chars().count()));
        prop_assert!(value::prefix(&value, keep).chars().count() <= usize::from(keep));
    }

    /// What stays of rare combinations is shared by enough rows, or empty.
    #[test]
    fn no_rare_combination_stays(rows in prop::collection::vec((0..4_u8, 0..3_u8), 1..60), below in 2..6_u32, leave in prop::bool::ANY) {
        let rows: Vec<Vec<String>> = rows.iter().map(|(age, town)| vec![format!("{}", 20 + age * 10), format!("town {town}")]).collect();
        let how = if leave { RareRows::LeaveOut } else { RareRows::Blank };
        let columns = vec!["age".to_owned(), "town".to_owned()];
        let list = Repairs::new(vec![Repair::SuppressRare { table: None, columns, below, rows: how }]).unwrap();
        let (_, after, touched) = mended(&list, &["age", "town"], &rows);
        let mut groups: HashMap<Vec<String>, u32> = HashMap::new();
        for row in &after {
            *groups.entry(row.clone()).or_default() += 1;
        }
        for (group, count) in &groups {
            prop_assert!(*count >= below || group.iter().all(String::is_empty), "{group:?}: {count}");
        }
        prop_assert_eq!(after.len() as u64 + touched[0].rows_left_out, rows.len() as u64);
    }
}
