//! Mail: what is sent, who carries it, and the queue in between.
//!
//! Handlers queue letters in the transaction that makes them needed ([`fairground_catalog::letter`]), or hand them to the
//! [`Post`], which queues them; a thread of the post's own hands them to a carrier ([`Smtp`], or an [`OutboxFolder`]). So a mail
//! server that is slow or away holds up no request, and no letter is lost with the process.

pub mod letters;
mod post;
mod smtp;
mod words;
mod work;

use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fairground_domain::LetterId;

pub use post::{POST_EVERY, Post};
pub use smtp::{BadLetter, InvalidMailSetting, Security, Smtp, SmtpSettings};
pub use words::Tongue;
pub(crate) use work::write_work_letters;

/// What a mailbox posts to the address that ends letters (RFC 8058, section 3.1).
pub const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A letter in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The reader's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A letter that could not be handed over.
#[derive(Debug, thiserror::Error)]
#[error("a letter could not be handed over")]
pub struct MailError(#[source] pub Box<dyn StdError + Send + Sync>);

/// What a failure means for the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFailure {
    /// It will never be taken.
    Refused,
    /// This letter may be taken later; others may be taken now.
    Later,
    /// The carrier does not answer: no letter can go now.
    Unreachable,
}

impl MailError {
    /// What it means for the letter.
    #[must_use]
    pub fn failure(&self) -> MailFailure {
        if self.0.is::<BadLetter>() {
            return MailFailure::Refused;
        }
        match self.0.downcast_ref::<lettre::transport::smtp::Error>() {
            Some(error) if error.is_permanent() => MailFailure::Refused,
            Some(error) if error.is_transient() => MailFailure::Later,
            _ => MailFailure::Unreachable,
        }
    }

    /// The failure and its causes on one line, for the log and the queue.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause: Option<&dyn StdError> = Some(self.0.as_ref());
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

/// Carries mail. Called on threads that may block.
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Hands a letter over.
    ///
    /// # Errors
    /// When it could not be; nothing has been sent then.
    fn send(&self, mail: &Mail) -> Result<(), MailError>;

    /// Hands a letter over that may have been handed over before under the same id: the same letter, not a second one.
    ///
    /// # Errors
    /// As [`Self::send`].
    fn carry(&self, id: LetterId, mail: &Mail) -> Result<(), MailError> {
        let _ = id;
        self.send(mail)
    }

    /// As [`Self::carry`], for a letter that its reader subscribed to: `unsubscribe` ends such letters with one click, and stands
    /// in the fields `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 8058).
    ///
    /// # Errors
    /// As [`Self::send`].
    fn carry_listed(&self, id: LetterId, mail: &Mail, unsubscribe: &str) -> Result<(), MailError> {
        let _ = unsubscribe;
        self.carry(id, mail)
    }
}

/// Puts letters into a folder, one file each: for demonstrations and tests.
#[derive(Debug, Clone)]
pub struct OutboxFolder {
    folder: PathBuf,
}

impl OutboxFolder {
    /// Letters go to `folder`, which is made at need.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn put(&self, id: LetterId, mail: &Mail, unsubscribe: Option<&str>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let line = |text: &str| text.replace(char::is_control, " ");
        let listed = unsubscribe.map_or_else(String::new, |url| {
            format!("List-Unsubscribe: <{}>\nList-Unsubscribe-Post: {ONE_CLICK}\n", line(url))
        });
        let text = format!("To: {}\nSubject: {}\n{listed}\n{}\n", line(&mail.to), line(&mail.subject), mail.text);
        // Renamed when whole, so that a reader never sees half a letter.
        let (part, whole) = (self.folder.join(format!("{id}.part")), self.folder.join(format!("{id}.txt")));
        fs::write(&part, text)?;
        fs::rename(part, whole)
    }
}

impl Mailer for OutboxFolder {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.carry(LetterId::new(), mail)
    }

    fn carry(&self, id: LetterId, mail: &Mail) -> Result<(), MailError> {
        self.put(id, mail, None).map_err(|error| MailError(Box::new(error)))
    }

    fn carry_listed(&self, id: LetterId, mail: &Mail, unsubscribe: &str) -> Result<(), MailError> {
        self.put(id, mail, Some(unsubscribe)).map_err(|error| MailError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_lands_in_the_folder_once_and_with_its_own_lines_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = OutboxFolder::new(&folder.path().join("outbox"));
        let mail = Mail { to: "ada@example.org".into(), subject: "Hello\r\nBcc: x@y.z".into(), text: "A link".into() };
        let id = LetterId::new();
        outbox.carry(id, &mail).expect("handed over");
        outbox.carry(id, &mail).expect("handed over again");
        let files: Vec<_> = fs::read_dir(folder.path().join("outbox")).expect("is there").flatten().collect();
        let text = fs::read_to_string(files[0].path()).expect("a letter");
        let whole = "To: ada@example.org\nSubject: Hello  Bcc: x@y.z\n\nA link\n";
        assert_eq!((files.len(), text.as_str()), (1, whole));
    }
}
