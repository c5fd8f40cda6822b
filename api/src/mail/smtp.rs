//! Mail by SMTP (RFC 5321).

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use fairground_domain::LetterId;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};
use url::Url;

use super::{Mail, MailError, Mailer, ONE_CLICK};

/// How long one step of a conversation may take. A letter takes about nine of them, so that a server that stalls at every one
/// is through before the queue gives the letter to somebody else ([`fairground_catalog::letter::HOLD_SECS`]).
const STEP_TIMEOUT: Duration = Duration::from_secs(20);
/// Port of message submission (RFC 6409).
const SUBMISSION_PORT: u16 = 587;
/// Port of message submission with TLS from the first byte (RFC 8314).
const SUBMISSIONS_PORT: u16 = 465;
/// Longest subject, in characters; more is cut off.
const MAX_SUBJECT_CHARS: usize = 200;

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Wrapped,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where the server offers it. Whoever sits in between can take the offer away.
    Opportunistic,
    /// None.
    None,
}

/// A mail setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct InvalidMailSetting {
    /// The setting.
    pub name: &'static str,
    /// What is wrong with it; never its value.
    pub problem: String,
}

fn invalid(name: &'static str, problem: impl Into<String>) -> InvalidMailSetting {
    InvalidMailSetting { name, problem: problem.into() }
}

/// Where mail is handed over, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who signs in there, if anybody.
    pub user: Option<String>,
    /// The sender: `data@example.org` or `Open data <data@example.org>`.
    pub from: Mailbox,
    password: Option<String>,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl SmtpSettings {
    /// Reads `smtp://user@host:port?tls=required|opportunistic|none` or `smtps://user@host:port`. The password comes beside it,
    /// never in the address, which is shown in logs and lists of processes.
    ///
    /// # Errors
    /// When an address, a scheme or a combination cannot be used.
    pub fn parse(url: &str, password: Option<String>, from: &str) -> Result<Self, InvalidMailSetting> {
        const URL: &str = "mail_url";
        let shape = || invalid(URL, "must be smtp://user@host:port or smtps://user@host:port");
        let parsed = Url::parse(url).map_err(|_| shape())?;
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(shape)?.to_owned();
        if parsed.password().is_some() {
            return Err(invalid(URL, "must hold no password: put it into mail_password_file"));
        }
        if !matches!(parsed.path(), "" | "/") || parsed.fragment().is_some() {
            return Err(shape());
        }
        let mut wanted = None;
        for (name, value) in parsed.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required") => wanted = Some(Security::Required),
                ("tls", "opportunistic") => wanted = Some(Security::Opportunistic),
                ("tls", "none") => wanted = Some(Security::None),
                _ => {
                    return Err(invalid(
                        URL,
                        "knows `tls=required`, `tls=opportunistic` and `tls=none` and nothing else",
                    ));
                }
            }
        }
        let security = match (parsed.scheme(), wanted) {
            ("smtp", wanted) => wanted.unwrap_or(Security::Required),
            ("smtps", None | Some(Security::Required)) => Security::Wrapped,
            ("smtps", Some(_)) => return Err(invalid(URL, "smtps:// is TLS from the first byte; leave `tls` out")),
            _ => return Err(shape()),
        };
        let user = match parsed.username() {
            "" => None,
            name => Some(percent_decoded(name).ok_or_else(shape)?),
        };
        if user.is_some() != password.is_some() {
            return Err(invalid(
                URL,
                "a user and a password come together: mail_password_file names the password's file",
            ));
        }
        if user.is_some() && !matches!(security, Security::Wrapped | Security::Required) && !is_loopback(&host) {
            return Err(invalid(URL, "a password is sent with TLS only: leave `tls` out, or use smtps://"));
        }
        let port =
            parsed.port().unwrap_or(if security == Security::Wrapped { SUBMISSIONS_PORT } else { SUBMISSION_PORT });
        let from = from
            .parse()
            .map_err(|_| invalid("mail_from", "must be an address such as `Open data <data@example.org>`"))?;
        Ok(Self { host, port, security, user, from, password })
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    // A query's rules but for `+`, which stands for itself before the `@`.
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A letter that no server could take.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadLetter(String);

/// Hands letters to a mail server.
#[derive(Debug)]
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// A carrier to that server. Does not connect yet.
    ///
    /// # Errors
    /// When TLS cannot be set up for the host's name.
    pub fn new(settings: SmtpSettings) -> Result<Self, InvalidMailSetting> {
        let parameters =
            || TlsParameters::new(settings.host.clone()).map_err(|error| invalid("mail_url", error.to_string()));
        let tls = match settings.security {
            Security::Wrapped => Tls::Wrapper(parameters()?),
            Security::Required => Tls::Required(parameters()?),
            Security::Opportunistic => Tls::Opportunistic(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(settings.host.trim_matches(['[', ']']))
            .port(settings.port)
            .tls(tls)
            .timeout(Some(STEP_TIMEOUT));
        if let (Some(user), Some(password)) = (settings.user, settings.password) {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from: settings.from })
    }

    /// The letter as it goes over the wire. Names and addresses are parsed, and a subject is one line of visible characters, so
    /// that nothing of what people typed can become a header.
    fn message(&self, id: LetterId, mail: &Mail, unsubscribe: Option<&str>) -> Result<Message, BadLetter> {
        let to: Address = mail.to.parse().map_err(|_| BadLetter("the reader's address cannot be one".to_owned()))?;
        let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let subject: String = subject.chars().take(MAX_SUBJECT_CHARS).collect();
        let mut message = Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject.trim())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| BadLetter(error.to_string()))?;
        // Machines do not answer machines (RFC 3834, section 5).
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        // One click ends what somebody subscribed to (RFC 8058); an address that cannot stand in a field is left out.
        if let Some(url) =
            unsubscribe.filter(|url| url.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'<' && b != b'>'))
        {
            let list = HeaderName::new_from_ascii_str("List-Unsubscribe");
            message.headers_mut().insert_raw(HeaderValue::new(list, format!("<{url}>")));
            let post = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
            message.headers_mut().insert_raw(HeaderValue::new(post, ONE_CLICK.to_owned()));
        }
        Ok(message)
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.carry(LetterId::new(), mail)
    }

    fn carry(&self, id: LetterId, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(id, mail, None).map_err(|error| MailError(Box::new(error)))?;
        self.transport.send(&message).map(drop).map_err(|error| MailError(Box::new(error)))
    }

    fn carry_listed(&self, id: LetterId, mail: &Mail, unsubscribe: &str) -> Result<(), MailError> {
        let message = self.message(id, mail, Some(unsubscribe)).map_err(|error| MailError(Box::new(error)))?;
        self.transport.send(&message).map(drop).map_err(|error| MailError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Open data <data@example.org>";

    #[test]
    fn addresses_of_mail_servers_are_read() {
        for (url, password, host, port, security) in [
            ("smtp://mail.example.org", None, "mail.example.org", 587, Security::Required),
            ("smtp://mail.example.org:2525?tls=opportunistic", None, "mail.example.org", 2525, Security::Opportunistic),
            ("smtp://127.0.0.1:25?tls=none", None, "127.0.0.1", 25, Security::None),
            ("smtp://u@localhost?tls=none", Some("p"), "localhost", 587, Security::None),
            ("smtps://data%40example.org@mail.example.org", Some("p"), "mail.example.org", 465, Security::Wrapped),
        ] {
            let read = SmtpSettings::parse(url, password.map(str::to_owned), FROM).expect(url);
            assert_eq!((read.host.as_str(), read.port, read.security), (host, port, security), "{url}");
        }
        let read =
            SmtpSettings::parse("smtps://data%40example.org@h.example", Some("p".into()), FROM).expect("is read");
        assert_eq!(read.user.as_deref(), Some("data@example.org"));
        assert!(!format!("{read:?}").contains("\"p\""));
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_being_shown() {
        for (url, password, from, name) in [
            ("mail.example.org", None, FROM, "mail_url"),
            ("http://mail.example.org", None, FROM, "mail_url"),
            ("smtp://u:hunter2@mail.example.org", None, FROM, "mail_url"),
            ("smtp://u@mail.example.org", None, FROM, "mail_url"),
            ("smtp://mail.example.org", Some("hunter2"), FROM, "mail_url"),
            ("smtp://u@mail.example.org?tls=none", Some("hunter2"), FROM, "mail_url"),
            ("smtp://u@mail.example.org?tls=opportunistic", Some("hunter2"), FROM, "mail_url"),
            ("smtp://mail.example.org?tls=maybe", None, FROM, "mail_url"),
            ("smtp://mail.example.org/path", None, FROM, "mail_url"),
            ("smtps://mail.example.org?tls=none", None, FROM, "mail_url"),
            ("smtp://mail.example.org", None, "nobody", "mail_from"),
            ("smtp://mail.example.org", None, "a@b.org\r\nBcc: c@d.org", "mail_from"),
        ] {
            let refused = SmtpSettings::parse(url, password.map(str::to_owned), from).expect_err(url);
            assert_eq!(refused.name, name, "{url}");
            assert!(!refused.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn nothing_that_people_typed_becomes_a_header() {
        let settings = SmtpSettings::parse("smtp://127.0.0.1?tls=none", None, FROM).expect("is read");
        let smtp = Smtp::new(settings).expect("is set up");
        let id = LetterId::new();
        for subject in [
            "Hello\r\nBcc: victim@example.org",
            "Hello\nBcc: victim@example.org",
            "Hello\rBcc: victim@example.org",
            "Hello\u{85}Bcc: victim@example.org",
            "Hello\u{2028}Bcc: victim@example.org\r\n\r\nBody",
            "=?utf-8?q?=0D=0ABcc:_victim=40example.org?=",
        ] {
            let mail =
                Mail { to: "ada@example.org".into(), subject: subject.into(), text: "x\r\n.\r\nBcc: y@z.org".into() };
            let wire = String::from_utf8(smtp.message(id, &mail, None).expect("a letter").formatted()).expect("ASCII");
            let (headers, _) = wire.split_once("\r\n\r\n").expect("a head and a body");
            let names: Vec<&str> = headers
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap_or_default())
                .collect();
            assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{subject:?}: {headers}");
            assert!(!headers.replace("\r\n", "").contains(['\r', '\n']), "{subject:?}: {headers}");
            assert!(headers.contains(&format!("Message-ID: <{id}@example.org>")), "{headers}");
            assert!(headers.contains("Auto-Submitted: auto-generated"), "{headers}");
            assert!(!headers.contains("List-Unsubscribe"), "{headers}");
        }
        let mail = Mail { to: "ada@example.org".into(), subject: "x".into(), text: "x".into() };
        for (url, listed) in [("https://data.example/unsubscribe/f1", true), ("https://x\r\nBcc: a@b.c", false)] {
            let letter = smtp.message(id, &mail, Some(url)).expect("a letter");
            let wire = String::from_utf8(letter.formatted()).expect("ASCII");
            assert_eq!(wire.contains(&format!("List-Unsubscribe: <{url}>\r\n")), listed, "{wire}");
            assert_eq!(wire.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), listed, "{wire}");
        }
        for to in ["a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "a@b.org> <c@d.org", "", "a@b.org\r\nDATA"] {
            let mail = Mail { to: to.into(), subject: "x".into(), text: "x".into() };
            assert!(smtp.message(id, &mail, None).is_err(), "{to:?}");
        }
    }
}
