//! Forms with files (`multipart/form-data`, RFC 7578), as browsers and clients of CKAN send them.

use std::collections::BTreeMap;
use std::path::Path;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use futures_util::StreamExt;

use super::{FOLDER, ReceivedFile, Spool, UPLOAD_BYTES_MAX, cut_off, file_name};
use crate::problem::{Problem, ProblemKind};

/// Fields of a form at most, files included.
pub const FIELDS_MAX: usize = 200;
/// Files of a form at most.
pub const FILES_MAX: usize = 20;
/// Bytes of a field that is no file, at most.
pub const FIELD_BYTES_MAX: usize = 1024 * 1024;

/// A form that has come.
#[derive(Debug, Default)]
pub struct ReceivedForm {
    /// Its texts by name; the first of a name stays.
    pub fields: BTreeMap<String, String>,
    /// Its files with the names of their fields, in their order. A file that was left empty in the form is not among them.
    pub files: Vec<(String, ReceivedFile)>,
}

impl ReceivedForm {
    /// A text of it; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    /// Takes the first file of a field out.
    pub fn take_file(&mut self, field: &str) -> Option<ReceivedFile> {
        let at = self.files.iter().position(|(name, _)| name == field)?;
        Some(self.files.remove(at).1)
    }
}

/// Takes a request's body as a form: texts into memory, files to disk as they come.
///
/// # Errors
/// `PayloadTooLarge` beyond the limits of this room, `MalformedRequest` when it is no such form or does not come to its end,
/// `InvalidContent` for names that are none of a file.
pub async fn receive_form(req: &HttpRequest, body: Payload, data_dir: &Path) -> Result<ReceivedForm, Problem> {
    let mut parts = Multipart::new(req.headers(), body);
    let mut form = ReceivedForm::default();
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| broken(&error))?;
        count += 1;
        if count > FIELDS_MAX {
            return Err(too_much(format!("A form may hold up to {FIELDS_MAX} fields.")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let given = part.content_disposition().and_then(|it| it.get_filename()).map(str::to_owned);
        match given {
            Some(given) => take_file(&mut form, part, name, &given, data_dir).await?,
            None => {
                let text = text_of(part).await?;
                form.fields.entry(name).or_insert(text);
            }
        }
    }
    Ok(form)
}

async fn take_file(
    form: &mut ReceivedForm,
    mut part: Field,
    field: String,
    given: &str,
    data_dir: &Path,
) -> Result<(), Problem> {
    // Some browsers tell the whole path.
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let media_type = part.content_type().map(ToString::to_string);
    let mut spool = None;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| cut_off(&error))?;
        if chunk.is_empty() {
            continue;
        }
        if form.files.len() >= FILES_MAX {
            return Err(too_much(format!("A form may bring up to {FILES_MAX} files.")));
        }
        let open = match &mut spool {
            Some(open) => open,
            None => {
                // All files of a form together are one upload.
                let taken: u64 = form.files.iter().map(|(_, file)| file.bytes).sum();
                let room = UPLOAD_BYTES_MAX.saturating_sub(taken);
                spool.insert(Spool::open(data_dir.join(FOLDER), room).await?)
            }
        };
        open.take(chunk).await?;
    }
    // A form whose file was not chosen sends an empty one.
    if let Some(spool) = spool {
        let received = spool.finish(file_name(last)?, media_type).await?;
        form.files.push((field, received));
    }
    Ok(())
}

async fn text_of(mut part: Field) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if bytes.len() + chunk.len() > FIELD_BYTES_MAX {
            return Err(too_much(format!("A field of a form may hold up to {FIELD_BYTES_MAX} bytes.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes)
        .map_err(|error| Problem::new(ProblemKind::MalformedRequest).detail("A field is no UTF-8.").caused_by(error))
}

fn too_much(detail: String) -> Problem {
    Problem::new(ProblemKind::PayloadTooLarge).detail(detail)
}

fn broken(error: &MultipartError) -> Problem {
    Problem::new(ProblemKind::MalformedRequest)
        .detail("The body is no whole `multipart/form-data` form.")
        .caused_by(error.to_string())
}
