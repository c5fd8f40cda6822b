//! Measures indexing and search over generated datasets.
//!
//! ```text
//! cargo run --release -p fairground-search --example bench_search [datasets [folder [case]]]
//! ```
//! An index that lies in `folder` already is asked as it is; only cases whose name begins with `case` are.
//! The documents are made by a generator of its own, the same on every machine: words by a Zipf-like law, so that a broad
//! word stands in a third of all documents. Times are of one thread, answers included (20 hits, five facets of 10 values), and no answer
//! is kept from an earlier question.
#![allow(clippy::print_stdout, reason = "the report is what it is for")]

use std::error::Error;
use std::time::{Duration, Instant};

use fairground_domain::{DatasetId, LanguageTag, LocalizedText, Timestamp};
use fairground_search::{Change, Facet, SearchDocument, SearchIndex, SearchQuery, Sort, Term};

const BATCH: usize = 500;
const ROUNDS: usize = 300;
/// Publisher, theme, keyword, format, licence.
const FACETS: usize = 5;

/// A small generator of numbers (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() >> 33) as usize % end.max(1)
    }

    /// Small numbers often, great ones seldom.
    fn skewed(&mut self, end: usize) -> usize {
        let unit = (self.roll() >> 11) as f64 / (1u64 << 53) as f64;
        ((end as f64).powf(unit.powf(0.6)) as usize).saturating_sub(1).min(end - 1)
    }
}

fn word(n: usize) -> String {
    const STARTS: [&str; 20] = [
        "wat", "air", "pop", "tran", "heal", "scho", "ener", "for", "riv", "emis", "bud", "road", "cens", "land",
        "clim", "hous", "crim", "tax", "port", "farm",
    ];
    const ENDS: [&str; 15] =
        ["er", "ality", "ulation", "sport", "th", "ols", "gy", "ests", "ers", "sions", "gets", "s", "us", "ate", "ing"];
    let (start, end) = (STARTS[n % STARTS.len()], ENDS[n / STARTS.len() % ENDS.len()]);
    let rest = n / (STARTS.len() * ENDS.len());
    if rest == 0 { format!("{start}{end}") } else { format!("{start}{end}{}", letters(rest)) }
}

fn letters(mut n: usize) -> String {
    let mut text = String::new();
    while n > 0 {
        text.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    text
}

fn sentence(dice: &mut Dice, words: usize) -> String {
    let little = ["of", "the", "and", "in", "for"];
    let mut text = String::new();
    for n in 0..words {
        let next = if n % 4 == 3 { little[dice.below(little.len())].to_owned() } else { word(dice.skewed(40_000)) };
        text.push_str(&next);
        text.push(' ');
    }
    text
}

fn document(dice: &mut Dice, n: usize) -> SearchDocument {
    let en = LanguageTag::lenient("en");
    let localized = |text: String| -> LocalizedText { [(en.clone(), text)].into_iter().collect() };
    let publisher = dice.skewed(800);
    let title = sentence(dice, 8);
    let words = 40 + dice.below(60);
    let description = sentence(dice, words);
    let day = Timestamp::from_micros(1_700_000_000_000_000 - dice.skewed(3_000) as i64 * 86_400_000_000);
    let mut formats: Vec<String> = (0..1 + dice.below(3))
        .map(|_| ["CSV", "JSON", "XML", "PDF", "SHP", "XLSX", "WMS", "ZIP"][dice.skewed(8)].to_owned())
        .collect();
    formats.dedup();
    SearchDocument {
        id: DatasetId::new(),
        version: 1,
        slug: format!("dataset-{n}"),
        identifier: format!("https://data.example.org/id/{n}"),
        card: format!(
            "{{\"slug\":\"dataset-{n}\",\"title\":\"{title}\",\"description\":\"{}\"}}",
            description.get(..200).unwrap_or(&description)
        ),
        title: localized(title),
        description: localized(description),
        keywords: (0..3 + dice.below(8))
            .map(|_| (en.clone(), format!("{} {}", word(dice.skewed(300)), word(dice.skewed(200)))))
            .collect(),
        publisher: Some(Term::new(format!("publisher-{publisher}"), format!("{} Agency {publisher}", word(publisher)))),
        themes: (0..1 + dice.below(2))
            .map(|_| dice.skewed(13))
            .map(|t| Term::new(format!("http://example.org/theme/{t}"), word(t)))
            .collect(),
        formats,
        licences: vec![Term::plain(format!("http://example.org/licence/{}", dice.skewed(20)))],
        languages: vec!["en".to_owned()],
        places: vec![word(dice.skewed(500))],
        columns: (0..dice.below(12)).map(|_| word(dice.skewed(3_000))).collect(),
        bbox: Some([0.0, 40.0, 1.0 + dice.below(40) as f64, 60.0]),
        issued: Some(day),
        modified: Some(day),
        ..SearchDocument::default()
    }
}

fn memory_mib() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .map(|line| line.split_whitespace().nth(1).unwrap_or("0").parse::<u64>().unwrap_or(0) / 1024)
    };
    format!("{} MiB resident ({} anonymous)", line("VmRSS").unwrap_or(0), line("RssAnon").unwrap_or(0))
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{name:<34} p50 {:7.3} ms   p99 {:7.3} ms   max {:7.3} ms", at(0.5), at(0.99), at(1.0));
}

fn main() -> Result<(), Box<dyn Error>> {
    let datasets: usize = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args().nth(2).map(std::path::PathBuf::from);
    let case = std::env::args().nth(3).unwrap_or_default();
    let dir = folder.as_deref().unwrap_or(temporary.path());
    let mut dice = Dice(0x5eed);
    if dir.join("CURRENT").exists() {
        return measure(&SearchIndex::open_reader(dir)?, &mut dice, &case);
    }
    let begin = Instant::now();
    let index = SearchIndex::open_writer(dir)?;
    println!("empty index opened in {:.1} ms, {}", begin.elapsed().as_secs_f64() * 1e3, memory_mib());

    let documents: Vec<_> = (0..datasets).map(|n| document(&mut dice, n)).collect();
    println!("{datasets} documents made, {}", memory_mib());
    let begin = Instant::now();
    for (n, batch) in documents.chunks(BATCH).enumerate() {
        index.apply(batch.iter().cloned().map(|document| Change::Put(Box::new(document))), n as u64)?;
    }
    let secs = begin.elapsed().as_secs_f64();
    println!("{datasets} documents in commits of {BATCH}: {secs:.1} s, {:.0} a second", datasets as f64 / secs);
    let begin = Instant::now();
    let mut rebuild = index.begin_rebuild()?;
    for document in &documents {
        rebuild.put(document.clone())?;
    }
    rebuild.finish(1)?;
    let secs = begin.elapsed().as_secs_f64();
    println!("rebuilt in {secs:.1} s, {:.0} a second", datasets as f64 / secs);
    drop((documents, index));
    let size: u64 = walk(dir)?;
    let begin = Instant::now();
    let index = SearchIndex::open_writer(dir)?;
    println!("opened in {:.1} ms, {} MiB on disk, {}", begin.elapsed().as_secs_f64() * 1e3, size >> 20, memory_mib());
    let begin = Instant::now();
    index.apply([Change::Put(Box::new(document(&mut dice, datasets)))], 2)?;
    println!("one change applied in {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);

    measure(&index, &mut dice, &case)?;
    println!("after all questions: {}", memory_mib());
    Ok(())
}

fn measure(index: &SearchIndex, dice: &mut Dice, case: &str) -> Result<(), Box<dyn Error>> {
    let full = |text: String| SearchQuery {
        facets: Facet::ALL.into_iter().take(FACETS).collect(),
        ..SearchQuery::words(text)
    };
    let mut mixed = Vec::new();
    type Make<'m> = &'m mut dyn FnMut(&mut Dice) -> SearchQuery;
    let cases: [(&str, Make<'_>); 12] = [
        ("everything", &mut |_| full(String::new())),
        ("one broad word", &mut |dice| full(word(dice.below(6)))),
        ("one word", &mut |dice| full(word(dice.skewed(40_000)))),
        ("two words", &mut |dice| full(format!("{} {}", word(dice.skewed(3_000)), word(dice.skewed(300))))),
        ("three broad words", &mut |dice| {
            full(format!("{} {} {}", word(dice.below(20)), word(dice.below(20)), word(dice.below(20))))
        }),
        ("a sentence of ten words", &mut |dice| {
            full((0..10).map(|_| word(dice.skewed(3_000))).collect::<Vec<_>>().join(" "))
        }),
        ("two words, publisher and format", &mut |dice| SearchQuery {
            publisher: vec![format!("publisher-{}", dice.skewed(800))],
            format: vec!["csv".to_owned(), "json".to_owned()],
            ..full(format!("{} {}", word(dice.skewed(300)), word(dice.skewed(300))))
        }),
        ("publisher alone", &mut |dice| SearchQuery {
            publisher: vec![format!("publisher-{}", dice.skewed(800))],
            ..full(String::new())
        }),
        ("broad word by title", &mut |dice| SearchQuery { sort: Sort::Title, ..full(word(dice.below(6))) }),
        ("broad word by date, no facets", &mut |dice| SearchQuery {
            sort: Sort::Modified,
            facets: vec![],
            ..full(word(dice.below(6)))
        }),
        ("phrase", &mut |dice| full(format!("\"{} {}\"", word(dice.below(40)), word(dice.below(40))))),
        ("misspelt", &mut |dice| full(format!("{}qx", word(dice.below(300))))),
    ];
    for (name, make) in cases.into_iter().filter(|(name, _)| name.starts_with(case)) {
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..ROUNDS {
            let query = make(dice);
            let begin = Instant::now();
            total += index.search(&query)?.total;
            times.push(begin.elapsed());
        }
        mixed.extend(times.iter().copied());
        report(&format!("{name} ({})", total / ROUNDS as u64), times);
    }
    if mixed.is_empty() {
        return Err(format!("no case begins with {case:?}").into());
    }
    report("all of them", mixed);
    let mut times = Vec::new();
    for _ in 0..ROUNDS * 3 {
        let whole = word(dice.skewed(5_000));
        let prefix = whole.get(..1 + dice.below(whole.len())).unwrap_or(&whole).to_owned();
        let begin = Instant::now();
        index.suggest(&prefix, 10)?;
        times.push(begin.elapsed());
    }
    report("suggest", times);
    let query = |dice: &mut Dice| SearchQuery { limit: 1, ..SearchQuery::words(word(dice.skewed(3_000))) };
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let Some(hit) = index.search(&query(dice))?.hits.into_iter().next() else { continue };
        let begin = Instant::now();
        index.similar(hit.id, 6)?;
        times.push(begin.elapsed());
    }
    report("like datasets", times);
    Ok(())
}

fn walk(dir: &std::path::Path) -> Result<u64, std::io::Error> {
    let mut size = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        size += if entry.file_type()?.is_dir() { walk(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(size)
}
