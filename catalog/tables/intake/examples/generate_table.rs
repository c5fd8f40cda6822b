//! Writes the table that loads and queries are measured with: 12 columns of mixed kinds, with gaps and Zipfian categories.
//!
//! `cargo run --release -p fairground-tables-intake --example generate_table -- --rows 1000000 --seed 1 FILE`
//!
//! The same rows and seed always give the same bytes. A million rows are about 206 MB.

use std::fs::File;
use std::io::{BufWriter, Write};

/// A small generator of numbers (xorshift64*), so that the file depends on nothing but the seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A place among `count`, the first most often (Zipf's law with exponent 1, by inverting its integral).
    fn zipf(&mut self, count: u64) -> u64 {
        let place = ((count as f64 + 1.0).powf(self.share()) - 1.0) as u64;
        place.min(count - 1)
    }
}

const SYLLABLES: [&str; 32] = [
    "ba", "lo", "mi", "ter", "san", "gre", "no", "vil", "la", "por", "to", "che", "ri", "mon", "ta", "fi", "or", "el",
    "du", "ka", "ne", "pol", "si", "ver", "za", "bro", "cu", "den", "ga", "hu", "jo", "qui",
];

fn word(number: u64) -> String {
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let count = 2 + dice.below(3);
    (0..count).map(|_| SYLLABLES[dice.below(32) as usize]).collect()
}

const USAGE: &str = "usage: generate_table [--rows N] [--seed S] FILE";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rows = 1_000_000u64;
    let mut seed = 1u64;
    let mut file = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rows" => rows = arguments.next().ok_or("--rows needs a number")?.parse()?,
            "--seed" => seed = arguments.next().ok_or("--seed needs a number")?.parse()?,
            option if option.starts_with('-') => return Err(USAGE.into()),
            _ => file = Some(argument),
        }
    }
    let file = file.ok_or(USAGE)?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let words: Vec<String> = (0..20_000).map(word).collect();
    writeln!(out, "id,code,category,district,description,quantity,price,score,active,day,recorded_at,discount")?;
    for id in 1..=rows {
        write_row(&mut out, &mut dice, &words, id)?;
    }
    out.flush()?;
    Ok(())
}

fn write_row(out: &mut impl Write, dice: &mut Dice, words: &[String], id: u64) -> std::io::Result<()> {
    write!(out, "{id},{:06},category {},", dice.below(1_000_000), dice.zipf(500) + 1)?;
    if dice.below(50) == 0 {
        write!(out, ",")?;
    } else {
        write!(out, "District of {},", words[dice.zipf(200) as usize])?;
    }
    if dice.below(20) == 0 {
        write!(out, ",")?;
    } else {
        let count = 8 + dice.below(8);
        let quoted = dice.below(4) == 0;
        write!(out, "{}", if quoted { "\"" } else { "" })?;
        for place in 0..count {
            let gap = if place == 0 {
                ""
            } else if quoted && place == 3 {
                ", "
            } else {
                " "
            };
            write!(out, "{gap}{}", words[dice.zipf(words.len() as u64) as usize])?;
        }
        write!(out, "{},", if quoted { "\"" } else { "" })?;
    }
    let quantity = dice.below(10_000) as i64 - 500;
    let cents = dice.below(10_000_000);
    write!(out, "{quantity},{}.{:02},{:.15},", cents / 100, cents % 100, dice.share() * 100.0)?;
    write!(out, "{},", if dice.below(3) == 0 { "false" } else { "true" })?;
    let day = dice.below(9_000) as i32 + 7_000;
    let (year, month, date) = civil(day);
    write!(out, "{year:04}-{month:02}-{date:02},")?;
    let (year, month, date) = civil(dice.below(3_000) as i32 + 17_000);
    let second = dice.below(86_400);
    write!(out, "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z,", second / 3600, second / 60 % 60, second % 60)?;
    match dice.below(10) {
        0..3 => writeln!(out),
        _ => writeln!(out, "{}.{}", dice.below(90), dice.below(10)),
    }
}

/// Year, month and day of a day since 1970-01-01.
fn civil(day: i32) -> (i32, i32, i32) {
    let mut year = 1970;
    let mut left = day;
    let leap = |year: i32| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    for month in 1..=12 {
        let length = match month {
            2 => 28 + i32::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if left < length {
            return (year, month, left + 1);
        }
        left -= length;
    }
    (year, 12, 31)
}
