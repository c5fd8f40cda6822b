//! The envelope of every answer (OAI-PMH 2.0, section 3.2).

use std::fmt::Write as _;

use super::ROOT;
use super::error::OaiError;
use super::record::datestamp;
use super::request::Request;
use super::verbs::Server;
use crate::xml::escaped;

/// An answer: `body` is what the verb says, in its element.
pub(super) fn document(server: &Server<'_>, request: &Request, body: &str) -> String {
    let verb = request.verb.as_str();
    envelope(server, Some(request), &format!("<{verb}>\n{body}</{verb}>\n"))
}

/// A refusal.
pub(super) fn refusal(server: &Server<'_>, request: Option<&Request>, error: &OaiError) -> String {
    let told = request.filter(|_| error.tells_arguments());
    envelope(server, told, &format!("<error code=\"{}\">{}</error>\n", error.code(), escaped(&error.text())))
}

fn envelope(server: &Server<'_>, request: Option<&Request>, body: &str) -> String {
    let mut attributes = String::new();
    if let Some(request) = request {
        let _ = write!(attributes, " verb=\"{}\"", request.verb.as_str());
        for (name, value) in request.arguments() {
            let _ = write!(attributes, " {name}=\"{}\"", escaped(value));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd\">\n\
         <responseDate>{now}</responseDate>\n<request{attributes}>{url}</request>\n{body}</OAI-PMH>\n",
        now = datestamp(server.now),
        url = escaped(&format!("{}{ROOT}", server.settings.public_url)),
    )
}
