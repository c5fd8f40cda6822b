//! `fairground search`: the catalogue's search from the command line.

use std::process::ExitCode;

use fairground_catalog::Catalog;
use fairground_catalog::dataset::DatasetCard;
use fairground_catalog::search::SearchQuery;
use serde::Serialize;

use super::{say, say_json};
use crate::Failure;
use crate::cli::SearchArgs;
use crate::settings::Settings;

#[derive(Serialize)]
struct Found {
    total: u64,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    slug: String,
    identifier: String,
    title: String,
    publisher: Option<String>,
    score: f32,
}

pub(crate) fn run(settings: &Settings, args: &SearchArgs) -> Result<ExitCode, Failure> {
    let catalog = Catalog::open(&settings.place)?;
    catalog.catch_up()?;
    let answer =
        catalog.index.search(&SearchQuery { limit: args.limit, ..SearchQuery::words(args.words.join(" ")) })?;
    let mut found = Found { total: answer.total, items: Vec::with_capacity(answer.hits.len()) };
    for hit in answer.hits {
        let card: DatasetCard = serde_json::from_str(&hit.card)?;
        found.items.push(Item {
            id: card.id.to_string(),
            slug: card.slug.to_string(),
            identifier: card.identifier,
            title: card.title.any().to_owned(),
            publisher: card.publisher.map(|publisher| publisher.name),
            score: hit.score,
        });
    }
    if args.json {
        say_json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("{} datasets", found.total));
    for item in &found.items {
        say(&format!("{}  {}  ({})", item.slug, item.title, item.publisher.as_deref().unwrap_or("no publisher")));
    }
    Ok(ExitCode::SUCCESS)
}
