//! Sources that are spread over several documents, or have no catalogue: walked, listed or asked, one envelope a record.
//!
//! What a document means is known by the codecs ([`fairground_standards::collected`]); here they are brought in, through the one
//! guarded fetcher or from the folder that the operator named, and never from anywhere else of this machine. A document that
//! cannot be had makes the gathering incomplete, so that nothing is deleted; one that is gone for good (404, 410) does not.

mod database;
mod files;
mod packages;
mod pages;
mod recognise;
mod rows;
mod stac;
mod walk;

use fairground_standards::{Format, ReadError};

use super::folder::Folder;
use super::{GatherError, GatherRequest, Kind, Location, PartNote, Spool};
use crate::fetch::Fetcher;
use crate::stop::Stop;

pub(super) use recognise::recognised;
pub(crate) use walk::held_file;
use walk::{First, Walk};

/// Whether a source is gathered here before any document of it has been looked at: a folder, or a database.
pub(super) fn format_of_place(location: &Location, kind: Option<Kind>) -> Option<Format> {
    let said = kind.and_then(Kind::format).filter(|format| format.is_collected());
    match location {
        Location::Database(address) => Some(if address.kind() == "sqlite" { Format::Sqlite } else { Format::Postgres }),
        Location::File(path) if path.is_dir() && kind.is_none_or(|_| said.is_some()) => {
            let package = path.join(fairground_standards::collected::frictionless::FILE_NAME);
            let known = if package.is_file() { Format::Frictionless } else { Format::Files };
            Some(said.unwrap_or(known))
        }
        Location::File(_) | Location::Web(_) => None,
    }
}

/// Gathers a source of one of these formats. `first` is its first document where that has come already.
pub(super) async fn gather(
    fetcher: &Fetcher,
    request: &GatherRequest<'_>,
    format: Format,
    first: Option<PartNote>,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Spool, GatherError> {
    let mut walk = Walk::begin(fetcher, request, folder, stop)?;
    let first = walk.first(first)?;
    match format {
        Format::Stac => stac::gather(&mut walk, required(first)?).await?,
        Format::SchemaOrg | Format::Croissant => pages::gather(&mut walk, required(first)?).await?,
        Format::Frictionless => packages::gather(&mut walk, first).await?,
        Format::List => rows::gather(&mut walk, required(first)?)?,
        Format::Sqlite | Format::Postgres => database::gather(&mut walk, request.location).await?,
        _ => files::gather(&mut walk, request.location, first).await?,
    }
    let spool = walk.finish(format)?;
    on_part(1);
    Ok(spool)
}

/// Folders have no first document; what needs one says so.
fn required(first: Option<First>) -> Result<First, GatherError> {
    first.ok_or_else(|| {
        GatherError::Read(ReadError::NotACatalogue {
            why: "a folder is not a document; name the file in it".to_owned(),
        })
    })
}
