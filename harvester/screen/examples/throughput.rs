//! How many bytes of cells the screen judges in a second, on one core:
//! `cargo run --release -p fairground-screen --example throughput [NAME [TIMES]]`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use fairground_screen::{Rules, Screen};

/// Bytes of each table, about.
const BYTES: usize = 40 << 20;
/// A column, and how its cell is made from a number.
type Maker = (&'static str, fn(u64) -> String);

const GIVEN: [&str; 8] = ["Ada", "Grace", "Jürgen", "María", "Łukasz", "Torquil", "Ottilie", "Zoë"];
const FAMILY: [&str; 8] =
    ["Byron", "Hopper", "Stöckelmaier", "García", "Wierzbowski", "Pettigrew", "O'Neill", "van Dam"];

/// Scatters a number: the same in every run.
fn scatter(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn pick(list: &[&str; 8], number: u64) -> String {
    list.get((scatter(number) >> 40) as usize % 8).copied().unwrap_or_default().to_owned()
}

const PERSONS: &[Maker] = &[
    ("first name", |row| pick(&GIVEN, row)),
    ("last name", |row| pick(&FAMILY, row + 7)),
    ("born", |row| {
        format!("19{:02}-{:02}-{:02}", scatter(row) % 100, scatter(row + 1) % 12 + 1, scatter(row + 2) % 28 + 1)
    }),
    ("email", |row| format!("person{}@gmail.com", scatter(row) % 1_000_000)),
    ("phone", |row| format!("+49 30 {:07}", scatter(row) % 10_000_000)),
    ("address", |row| format!("Lindenstraße {}", scatter(row) % 200)),
    ("id", |row| format!("{:011}", scatter(row) % 100_000_000_000)),
];
const FIGURES: &[Maker] = &[
    ("area", |row| format!("Area {}", scatter(row) % 400)),
    ("year", |row| (1990 + row % 34).to_string()),
    ("total", |row| (scatter(row) % 1_000_000).to_string()),
    ("share", |row| format!("{}.{:03}", scatter(row) % 100, scatter(row + 5) % 1_000)),
    ("code", |row| format!("{:09}", scatter(row) % 1_000_000_000)),
    ("taken", |row| format!("2023-{:02}-{:02} 10:{:02}:00", row % 12 + 1, row % 28 + 1, row % 60)),
];
const TEXTS: &[Maker] = &[
    ("no", |row| row.to_string()),
    ("comment", |row| {
        format!(
            "On day {} the team of the Department of Works repaired the lights near the bridge and {} {} thanked them for it.",
            row % 365,
            pick(&GIVEN, row),
            pick(&FAMILY, row)
        )
    }),
];

/// Nanoseconds that this thread has run: what a busy machine does beside it does not count. Wall time where it is not told.
fn ran_ns(clock: Instant) -> u128 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|told| told.split(' ').next()?.parse().ok()).unwrap_or_else(|| clock.elapsed().as_nanos())
}

fn run(name: &str, heads: &[&str], rows: &[Vec<String>]) {
    let bytes: usize = rows.iter().flatten().map(|cell| cell.len() + 1).sum();
    let clock = Instant::now();
    let begun = ran_ns(clock);
    let mut screen = Screen::new(Rules::default());
    screen.begin_table(name, heads);
    for (number, row) in (2..).zip(rows) {
        screen.row(number, row);
    }
    let report = screen.finish();
    let nanos = ran_ns(clock) - begun;
    let (rate, each) = (bytes as f64 * 1e3 / nanos as f64, nanos as usize / rows.len().max(1));
    println!("{name:<24}{rate:>8.1} MB/s {each:>7} ns a row   verdict {}", report.verdict.as_str());
}

/// All of it, or the tables and columns with the name that is given, as often as is said behind it.
fn main() {
    let wanted = std::env::args().nth(1);
    let times: usize = std::env::args().nth(2).and_then(|times| times.parse().ok()).unwrap_or(1);
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
    // The lists of words are read at first use.
    Screen::new(Rules::default()).text("", "Ada Byron, ada.byron@example.org, walked to 5 Church Road.");
    for (name, makers) in [("persons", PERSONS), ("figures", FIGURES), ("texts", TEXTS)] {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut bytes = 0;
        while bytes < BYTES {
            let row: Vec<String> = makers.iter().map(|(_, make)| make(rows.len() as u64)).collect();
            bytes += row.iter().map(|cell| cell.len() + 1).sum::<usize>();
            rows.push(row);
        }
        let heads: Vec<&str> = makers.iter().map(|(head, _)| *head).collect();
        if is_wanted(name) {
            (0..times).for_each(|_| run(name, &heads, &rows));
        }
        for (at, head) in heads.iter().enumerate().filter(|(_, head)| is_wanted(head)) {
            let one = rows.iter().take(100_000).filter_map(|row| row.get(at)).map(|cell| vec![cell.clone()]);
            let one: Vec<Vec<String>> = one.collect();
            (0..times).for_each(|_| run(&format!("  {head}"), &[head], &one));
        }
    }
}
