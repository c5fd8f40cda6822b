//! Mail: what is sent, and the seam to whoever carries it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

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
pub struct MailError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Carries mail. Called on threads that may block.
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Hands a letter over.
    ///
    /// # Errors
    /// When it could not be; nothing has been sent then.
    fn send(&self, mail: &Mail) -> Result<(), MailError>;
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

    fn put(&self, mail: &Mail) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let text = format!("To: {}\nSubject: {}\n\n{}\n", mail.to, mail.subject, mail.text);
        let name = Uuid::now_v7();
        // Renamed when whole, so that a reader never sees half a letter.
        let (part, whole) = (self.folder.join(format!("{name}.part")), self.folder.join(format!("{name}.txt")));
        fs::write(&part, text)?;
        fs::rename(part, whole)
    }
}

impl Mailer for OutboxFolder {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.put(mail).map_err(|error| MailError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_lands_in_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = OutboxFolder::new(&folder.path().join("outbox"));
        let mail = Mail { to: "ada@example.org".into(), subject: "Hello".into(), text: "A link".into() };
        outbox.send(&mail).expect("handed over");
        let files: Vec<_> = fs::read_dir(folder.path().join("outbox")).expect("is there").flatten().collect();
        let text = fs::read_to_string(files[0].path()).expect("a letter");
        assert_eq!((files.len(), text.as_str()), (1, "To: ada@example.org\nSubject: Hello\n\nA link\n"));
    }
}
