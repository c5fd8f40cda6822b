//! Addresses to plans, and every refusal on the way.

use fairground_domain::{ColumnType, ContentHash, Snapshot};

use super::*;
use crate::arbitrary::{Table, column};
use crate::plan::{Comparison, DateUnit, GroupKey, Measure, Predicate, SortKey, Start};
use crate::{LIST_MAX, QueryError, Value};

fn snapshot() -> Snapshot {
    let mut street = column("street_name", ColumnType::Text);
    street.title = "Street name".to_owned();
    Table::new(
        vec![
            column("year", ColumnType::Integer),
            column("height", ColumnType::Decimal { scale: 2 }),
            street,
            column("seen", ColumnType::Timestamp { utc: true }),
            column("place", ColumnType::Point),
            column("limit", ColumnType::Integer),
            column("open", ColumnType::Boolean),
        ],
        Vec::new(),
    )
    .snapshot
}

fn parameters(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn rows(query: &str) -> Result<RowsRequest, QueryError> {
    RowsRequest::parse(&parameters(query), &["version", "f"], &snapshot())
}

fn sums(query: &str) -> Result<AggregateRequest, QueryError> {
    AggregateRequest::parse(&parameters(query), &["version"], &snapshot())
}

fn equal(column: usize, value: Value) -> Predicate {
    Predicate::Compare(column, Comparison::Equal, value)
}

#[test]
fn a_question_without_parameters_is_the_first_page() {
    let plan = rows("").unwrap().plan;
    assert_eq!(plan.predicate, Predicate::Constant(true));
    assert_eq!(plan.properties, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((plan.limit, plan.start, plan.sort.len()), (ROWS_LIMIT_DEFAULT, Start::Offset(0), 0));
    assert_eq!(rows("version=3&f=json").unwrap().plan, plan);
}

#[test]
fn values_are_read_as_their_column_wants_them() {
    for (query, expected) in [
        ("year=2024", equal(0, Value::Integer(2024))),
        ("YEAR=2024", equal(0, Value::Integer(2024))),
        ("year=2024&year=2020", Predicate::In(0, vec![Value::Integer(2020), Value::Integer(2024)])),
        ("year=", Predicate::IsNull(0)),
        ("year=&year=1", Predicate::Or(vec![equal(0, Value::Integer(1)), Predicate::IsNull(0)])),
        ("height=1.5", equal(1, Value::Decimal(150))),
        ("street_name=it's 5", equal(2, Value::Text("it's 5".to_owned()))),
        ("Street name=x", equal(2, Value::Text("x".to_owned()))),
        ("open=True", equal(6, Value::Boolean(true))),
        ("seen=1970-01-02", Predicate::Between(3, Value::Timestamp(86_400_000_000), Value::Timestamp(172_799_999_999))),
        (
            "datetime=../1970-01-01T00:00:00Z",
            Predicate::And(vec![
                Predicate::Compare(3, Comparison::GreaterOrEqual, Value::Timestamp(i64::MIN)),
                Predicate::Compare(3, Comparison::LessOrEqual, Value::Timestamp(0)),
            ]),
        ),
    ] {
        let expected = crate::normalise(expected);
        assert_eq!(rows(query).unwrap().plan.predicate, expected, "{query}");
    }
    let plan = rows("q=Wat* level&bbox=1,2,3,4&filter=year > 1").unwrap().plan;
    let Predicate::And(parts) = plan.predicate else { panic!("three conditions") };
    assert_eq!(parts.len(), 3);
}

#[test]
fn wording_does_not_matter_to_the_fingerprint() {
    let same = [
        "filter=year = 1 or year = 2&open=true",
        "open=TRUE&filter=year in (2,1,1)",
        "filter=(open = true) and not (year not in (1, 2.0))",
        "filter=\"Street name\" = \"Street name\" or open and year in (1,2)&filter-lang=cql2-text",
    ];
    let fingerprint = |query: &str| rows(query).unwrap().canonical();
    assert_eq!(fingerprint(same[0]), fingerprint(same[1]));
    assert_eq!(fingerprint(same[0]), fingerprint(same[2]));
    for other in [same[3], "open=true", "open=true&limit=5", "open=true&sortby=year", "open=true&properties=year"] {
        assert_ne!(fingerprint(same[0]), fingerprint(other), "{other}");
    }
    let mut newer = snapshot();
    newer.key = ContentHash::of(b"a newer version");
    let there = RowsRequest::parse(&parameters("open=true"), &[], &newer).unwrap().canonical();
    assert_ne!(fingerprint("open=true"), there);
}

#[test]
fn order_and_properties_are_read() {
    let plan = rows("sortby=-year, height,+seen&properties=height,year&limit=0&offset=7").unwrap().plan;
    let key = |column, descending| SortKey { column, descending };
    assert_eq!(plan.sort, [key(0, true), key(1, false), key(3, false)]);
    assert_eq!(plan.properties, [1, 0]);
    assert_eq!((plan.limit, plan.start), (0, Start::Offset(7)));
}

#[test]
fn a_cursor_holds_for_its_question_and_snapshot_only() {
    let next = Start::AfterRow { row: 41, offset: 100 };
    let first = rows("open=true&sortby=year").unwrap();
    let cursor = first.cursor(next).unwrap();
    assert!(
        cursor.len() <= 20 && cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{cursor}"
    );
    assert_eq!(first.cursor(Start::Offset(1)), None);
    let again = rows(&format!("filter=open&sortby=year&limit=5&properties=year&cursor={cursor}")).unwrap();
    assert_eq!(again.plan.start, next);
    for other in ["open=false&sortby=year", "open=true", "open=true&sortby=-year"] {
        let error = rows(&format!("{other}&cursor={cursor}")).unwrap_err();
        assert_eq!(*error.fault, crate::Fault::ForeignCursor);
    }
    let mut newer = snapshot();
    newer.key = ContentHash::of(b"a newer version");
    let query = parameters(&format!("open=true&sortby=year&cursor={cursor}"));
    assert!(RowsRequest::parse(&query, &[], &newer).is_err());
}

#[test]
fn faults_of_rows_name_parameter_and_place() {
    for (query, sentence) in [
        ("yaer=1", "`yaer`: it is neither a parameter nor a column of this table; did you mean `year`?"),
        ("sortyb=year", "`sortyb`: it is neither a parameter nor a column of this table; did you mean `sortby`?"),
        ("year__gte=1", "`year__gte`: it is neither a parameter nor a column of this table"),
        ("groupby=year", "`groupby`: it is neither a parameter nor a column of this table"),
        ("year=abc", "`year`: `year` is an integer; 'abc' is not"),
        ("place=1,2", "`place`: `place` holds shapes; use `bbox` or `filter` with `s_intersects`"),
        ("filter=year >", "`filter` at character 6: a column or a value expected, the end found"),
        ("filter=year=1&filter=year=2", "`filter`: it may be given once only"),
        ("filter-lang=cql2-json", "`filter-lang`: `cql2-text` expected, `cql2-json` found"),
        ("q=!!!", "`q`: there is no letter or digit in it to look for"),
        ("bbox=1,2,3", "`bbox` at character 0: `west,south,east,north` expected, `1,2,3` found"),
        ("bbox=-200,0,1,1", "`bbox`: longitudes lie within -180 and 180, latitudes within -90 and 90"),
        (
            "datetime=soon",
            "`datetime`: `seen` is a timestamp; 'soon' is not (timestamps are written TIMESTAMP('2024-02-29T12:30:00Z'))",
        ),
        (
            "properties=year,heigth",
            "`properties` at character 5: `heigth` is no column of this table; did you mean `height`?",
        ),
        ("properties=year,year", "`properties` at character 5: `year` stands twice"),
        ("properties=", "`properties` at character 0: one column at least expected, nothing found"),
        ("properties=year,", "`properties` at character 5: a column expected, nothing found"),
        (
            "sortby=-place",
            "`sortby` at character 1: sorting needs a number, a text, a truth value or a time; `place` is a point",
        ),
        ("sortby=year,-year", "`sortby` at character 6: `year` stands twice"),
        ("limit=10001", "`limit`: a whole number from 0 to 10000 expected, `10001` found"),
        ("limit=-1", "`limit`: a whole number from 0 to 10000 expected, `-1` found"),
        (
            "cursor=abc",
            "`cursor`: this cursor belongs to another question or another version of the table; ask again from the first page",
        ),
        ("cursor=abc&offset=1", "`offset`: a page begins by `cursor` or by `offset`, not by both"),
    ] {
        assert_eq!(rows(query).unwrap_err().to_string(), sentence, "{query}");
    }
    let many = (0..=Q_WORDS_MAX).map(|at| format!("w{at}")).collect::<Vec<_>>().join(" ");
    assert!(rows(&format!("q={many}")).unwrap_err().to_string().contains("Q_WORDS_MAX"));
    let values = |count: usize| (0..count).map(|at| format!("street_name={at}")).collect::<Vec<_>>().join("&");
    assert!(rows(&values(LIST_MAX)).is_ok());
    assert!(rows(&values(LIST_MAX + 1)).unwrap_err().to_string().contains("LIST_MAX"));
}

#[test]
fn a_box_of_degrees_in_two_columns_is_four_comparisons() {
    let degrees = |name: &str, least: &str, most: &str| {
        let mut column = column(name, ColumnType::Decimal { scale: 2 });
        (column.statistics.min, column.statistics.max) = (Some(least.to_owned()), Some(most.to_owned()));
        column
    };
    let table = Table::new(vec![degrees("lat", "-33.5", "60"), degrees("lon", "-170", "175.25")], Vec::new()).snapshot;
    let plan = |query: &str| RowsRequest::parse(&parameters(query), &[], &table).map(|request| request.plan.predicate);
    let filter = |text: &str| plan(&format!("filter={text}")).unwrap();
    let inside = filter("lat >= -1.5 and lat <= 2 and lon >= 170 and lon <= 171.125");
    assert_eq!(plan("bbox=170,-1.5,171.125,2").unwrap(), inside);
    let across = filter("lat >= -1.5 and lat <= 2 and (lon >= 170 or lon <= -171)");
    assert_eq!(plan("bbox=170,-1.5,0,-171,2,9").unwrap(), across);
    let refused = plan("bbox=1,2,3").unwrap_err().to_string();
    assert_eq!(refused, "`bbox` at character 0: `west,south,east,north` expected, `1,2,3` found");
}

#[test]
fn tables_without_or_with_several_places_refuse_a_box() {
    let none = Table::new(vec![column("a", ColumnType::Integer)], Vec::new()).snapshot;
    let several =
        Table::new(vec![column("a", ColumnType::Point), column("b", ColumnType::Geometry)], Vec::new()).snapshot;
    for (snapshot, query, sentence) in [
        (&none, "bbox=1,2,3,4", "`bbox`: this table has no column of places"),
        (&none, "q=x", "`q`: this table has no text to look for words in"),
        (&none, "datetime=2024-01-01", "`datetime`: this table has no column of times"),
        (
            &several,
            "bbox=1,2,3,4",
            "`bbox`: this table has more than one column of places (`a`, `b`); name one in `filter` with `s_intersects`",
        ),
    ] {
        let error = RowsRequest::parse(&parameters(query), &[], snapshot).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn distinct_is_another_word_for_counting_distinct_values() {
    let plan = sums("aggregate=distinct(street_name)").unwrap().plan;
    assert_eq!(plan.measures, [Measure::CountDistinct(2)]);
    assert_eq!(plan.names, ["count_distinct_street_name"]);
}

#[test]
fn groups_and_sums_are_read_and_named() {
    let request = sums(
        "groupby=open,date_trunc(month,seen),width(height, 0.5),y:year&aggregate=count,count(year),count_distinct(street_name),sum(height),\
         avg(height) as mean,min(seen),max(street_name),median(year),percentile(height,0.95)&having=mean > 1.5 and count >= 2\
         &sortby=-mean,y&limit=5&offset=2&street_name=x",
    )
    .unwrap();
    let plan = request.plan;
    assert_eq!(
        plan.keys,
        [GroupKey::Column(6), GroupKey::Truncated(3, DateUnit::Month), GroupKey::Bucket(1, 0.5), GroupKey::Column(0),]
    );
    assert_eq!(
        plan.measures,
        [
            Measure::CountRows,
            Measure::Count(0),
            Measure::CountDistinct(2),
            Measure::Sum(1),
            Measure::Avg(1),
            Measure::Min(3),
            Measure::Max(2),
            Measure::Percentile(0, 0.5),
            Measure::Percentile(1, 0.95),
        ]
    );
    assert_eq!(
        plan.names,
        [
            "open",
            "seen_month",
            "height_width",
            "y",
            "count",
            "count_year",
            "count_distinct_street_name",
            "sum_height",
            "mean",
            "min_seen",
            "max_street_name",
            "median_year",
            "percentile_95_height",
        ]
    );
    assert_eq!(
        request.columns.iter().map(|column| column.column_type.as_str()).collect::<Vec<_>>(),
        [
            "boolean",
            "timestamp",
            "decimal",
            "integer",
            "integer",
            "integer",
            "integer",
            "decimal",
            "decimal",
            "timestamp",
            "text",
            "decimal",
            "decimal",
        ]
    );
    let having = crate::normalise(Predicate::And(vec![
        Predicate::Compare(8, Comparison::Greater, Value::Float(1.5)),
        Predicate::Compare(4, Comparison::GreaterOrEqual, Value::Integer(2)),
    ]));
    assert_eq!(plan.having, Some(having));
    assert_eq!(plan.sort, [SortKey { column: 8, descending: true }, SortKey { column: 3, descending: false }]);
    assert_eq!((plan.limit, plan.offset), (5, 2));
    let plain = sums("").unwrap().plan;
    assert_eq!((plain.measures, plain.keys, plain.limit), (vec![Measure::CountRows], Vec::new(), GROUPS_LIMIT_DEFAULT));
}

#[test]
fn faults_of_sums_name_parameter_and_place() {
    for (query, sentence) in [
        ("groupby=yaer", "`groupby` at character 0: `yaer` is no column of this table; did you mean `year`?"),
        (
            "groupby=place",
            "`groupby` at character 0: grouping needs a number, a text, a truth value or a time; `place` is a point",
        ),
        (
            "groupby=year,date_trunc(eon,seen)",
            "`groupby` at character 16: `hour`, `day`, `week`, `month`, `quarter` or `year` expected, `eon` found",
        ),
        (
            "groupby=date_trunc(month,year)",
            "`groupby` at character 17: `date_trunc(month,…)` needs a date or a timestamp; `year` is an integer",
        ),
        ("groupby=width(year,0)", "`groupby` at character 11: a width above 0 expected, `0` found"),
        ("groupby=width(year)", "`groupby` at character 0: `width(column,width)` expected, `width(year)` found"),
        (
            "groupby=floor(year)",
            "`groupby` at character 0: a column, `date_trunc(unit,column)` or `width(column,width)` expected, `floor` found",
        ),
        (
            "groupby=year,year",
            "`groupby` at character 5: `year` would stand twice in the answer; give one another name with `as`",
        ),
        ("aggregate=sum(street_name)", "`aggregate` at character 4: `sum` needs a number; `street_name` is text"),
        (
            "aggregate=count_distinct(place)",
            "`aggregate` at character 15: `count_distinct` needs a number, a text, a truth value or a time; `place` is a point",
        ),
        (
            "aggregate=percentile(year,2)",
            "`aggregate` at character 16: a part from 0 to 1, such as 0.9 expected, `2` found",
        ),
        ("aggregate=sum", "`aggregate` at character 0: `sum(column)` expected, `sum` found"),
        ("aggregate=sum(year", "`aggregate` at character 8: `)` expected, nothing found"),
        (
            "aggregate=count as Wrong",
            "`aggregate` at character 9: a name of 1 to 63 of `a-z`, `0-9` and `_`, no digit first expected, `Wrong` found",
        ),
        ("having=avg(year) > 1", "`having` at character 0: `avg` is no function that filters offer"),
        ("having=total > 1", "`having` at character 0: `total` is no column of this table"),
        ("sortby=year", "`sortby` at character 0: `year` is no column of this table"),
        ("limit=0", "`limit`: one group at least must be asked for"),
        ("cursor=x", "`cursor`: it is neither a parameter nor a column of this table"),
    ] {
        assert_eq!(sums(query).unwrap_err().to_string(), sentence, "{query}");
    }
    let many = (0..=MEASURES_MAX).map(|at| format!("m{at}:count")).collect::<Vec<_>>().join(",");
    assert!(sums(&format!("aggregate={many}")).unwrap_err().to_string().contains("MEASURES_MAX"));
}

#[test]
fn an_export_without_parameters_is_the_whole() {
    let whole = ExportRequest::parse(&[], &[], &snapshot()).unwrap();
    assert!(whole.plan.is_whole(7));
    let part = ExportRequest::parse(&parameters("limit=20000&properties=year&open=true"), &[], &snapshot()).unwrap();
    assert!(!part.plan.is_whole(7));
    assert_eq!(part.plan.limit, Some(20_000));
    assert_ne!(whole.canonical(), part.canonical());
}

#[test]
fn all_parameters_that_are_wrong_are_told_of_at_once() {
    let error = rows("filter=year >&q=!!!&yaer=1&sortby=nothing&limit=x&offset=0").unwrap_err();
    let parameters: Vec<&str> =
        std::iter::once(&error).chain(&error.also).map(|fault| fault.parameter.as_str()).collect();
    assert_eq!(parameters, ["filter", "q", "yaer", "sortby", "limit"]);
    let error = sums("groupby=nothing&aggregate=avg(street)&limit=0").unwrap_err();
    let parameters: Vec<&str> =
        std::iter::once(&error).chain(&error.also).map(|fault| fault.parameter.as_str()).collect();
    assert_eq!(parameters, ["groupby", "aggregate", "limit"]);
    let many: String = (0..100).map(|at| format!("&no{at}=1")).collect();
    assert_eq!(rows(many.trim_start_matches('&')).unwrap_err().also.len(), 19);
}
