//! Mail by SMTP, to a small server that takes, refuses, stalls and hangs up.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fairground_api::mail::{Mail, MailFailure, Mailer, Post, Smtp, SmtpSettings};
use fairground_catalog::{Catalog, Place, letter};
use fairground_domain::LetterId;
use parking_lot::Mutex;

/// How the server behaves towards one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    /// Refuses the reader with this code.
    Refuses(u16),
    /// Takes the letter and hangs up before saying so.
    TakesAndHangsUp,
    HangsUp,
    /// Says nothing at all.
    Stalls,
}

/// A mail server for one test; moods are taken in turn, the last one stays.
struct Server {
    port: u16,
    letters: Arc<Mutex<Vec<String>>>,
    calls: Arc<AtomicUsize>,
}

impl Server {
    fn start(moods: &[Mood]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (letters, calls) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let server = Self { port, letters: Arc::clone(&letters), calls: Arc::clone(&calls) };
        let moods = moods.to_vec();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let call = calls.fetch_add(1, Ordering::SeqCst);
                let mood = *moods.get(call).or(moods.last()).unwrap();
                let letters = Arc::clone(&letters);
                thread::spawn(move || drop(talk(stream.unwrap(), mood, &letters)));
            }
        });
        server
    }

    fn carrier(&self) -> Smtp {
        let url = format!("smtp://127.0.0.1:{}?tls=none", self.port);
        Smtp::new(SmtpSettings::parse(&url, None, "Open data <data@example.org>").unwrap()).unwrap()
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().clone()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn talk(mut stream: TcpStream, mood: Mood, letters: &Mutex<Vec<String>>) -> std::io::Result<()> {
    match mood {
        Mood::HangsUp => return Ok(()),
        Mood::Stalls => {
            // Until the other side gives up.
            let mut nothing = String::new();
            BufReader::new(stream).read_line(&mut nothing)?;
            return Ok(());
        }
        Mood::Takes | Mood::Refuses(_) | Mood::TakesAndHangsUp => {}
    }
    let mut reader = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 test\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.trim_end().to_uppercase();
        if verb.starts_with("RCPT") {
            match mood {
                Mood::Refuses(code) => stream.write_all(format!("{code} no\r\n").as_bytes())?,
                _ => stream.write_all(b"250 ok\r\n")?,
            }
        } else if verb == "DATA" {
            stream.write_all(b"354 go on\r\n")?;
            let mut text = String::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 || line == ".\r\n" {
                    break;
                }
                text.push_str(&line);
            }
            letters.lock().push(text);
            if mood == Mood::TakesAndHangsUp {
                return Ok(());
            }
            stream.write_all(b"250 taken\r\n")?;
        } else if verb == "QUIT" {
            return stream.write_all(b"221 bye\r\n");
        } else {
            stream.write_all(b"250 ok\r\n")?;
        }
    }
}

fn hello(to: &str) -> Mail {
    Mail { to: to.to_owned(), subject: "Hello, Zoë".to_owned(), text: "A line\n.\nand another".to_owned() }
}

#[test]
fn a_letter_is_handed_over_whole() {
    let server = Server::start(&[Mood::Takes]);
    let id = LetterId::new();
    server.carrier().carry(id, &hello("ada@example.org")).unwrap();
    let letter = server.letters().remove(0);
    for part in [
        "From: ",
        "<data@example.org>\r\n",
        "To: ada@example.org\r\n",
        &format!("Message-ID: <{id}@example.org>\r\n"),
        "Auto-Submitted: auto-generated\r\n",
    ] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    assert!(letter.contains("A line\r\n..\r\nand another"), "a line with a dot ends no letter: {letter}");
}

#[test]
fn what_a_failure_means_follows_from_what_the_server_says() {
    for (mood, failure) in [
        (Mood::Refuses(550), MailFailure::Refused),
        (Mood::Refuses(451), MailFailure::Later),
        (Mood::HangsUp, MailFailure::Unreachable),
    ] {
        let server = Server::start(&[mood]);
        let error = server.carrier().send(&hello("ada@example.org")).unwrap_err();
        assert_eq!(error.failure(), failure, "{mood:?}: {}", error.chain());
    }
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("smtp://127.0.0.1:{nobody}?tls=none");
    let carrier = Smtp::new(SmtpSettings::parse(&url, None, "d@example.org").unwrap()).unwrap();
    assert_eq!(carrier.send(&hello("ada@example.org")).unwrap_err().failure(), MailFailure::Unreachable);
    let server = Server::start(&[Mood::Takes]);
    let injected = server.carrier().send(&hello("ada@example.org>\r\nRCPT TO:<eve@example.org")).unwrap_err();
    assert_eq!((injected.failure(), server.calls()), (MailFailure::Refused, 0), "nothing was said to the server");
}

/// A catalogue with a post over it.
struct Office {
    catalog: Catalog,
    post: Post,
    _folder: tempfile::TempDir,
}

impl Office {
    fn open(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&Place::in_folder(folder.path())).unwrap();
        let post = Post::new(catalog.db.clone(), catalog.secret.clone(), Arc::new(server.carrier()));
        Self { catalog, post, _folder: folder }
    }

    fn waiting(&self) -> (i64, i64) {
        self.catalog.db.read(letter::count_waiting).unwrap()
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !holds(self) {
            assert!(Instant::now() < end, "{what} never came: {:?}", self.waiting());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Lets the time pass until letters that wait are due, and wakes the post.
    fn later(&self) {
        let letters = self.catalog.db.write(letter::make_due).unwrap();
        assert!(letters > 0, "no letter waits");
        self.post.wake();
    }
}

#[test]
fn a_refused_letter_is_given_up_and_others_go_on() {
    let server = Server::start(&[Mood::Refuses(550), Mood::Takes]);
    let office = Office::open(&server);
    office.post.send(&hello("gone@example.org")).unwrap();
    office.until("the refusal", |office| office.waiting() == (0, 1));
    office.post.send(&hello("ada@example.org")).unwrap();
    office.until("the letter", |office| office.waiting() == (0, 1) && server.letters().len() == 1);
}

#[test]
fn a_letter_that_is_put_off_goes_later_and_once() {
    let server = Server::start(&[Mood::Refuses(451), Mood::HangsUp, Mood::Takes]);
    let office = Office::open(&server);
    office.post.send(&hello("ada@example.org")).unwrap();
    for tries in 1..3 {
        office.until("a try", |office| server.calls() == tries && office.has_put_off());
        office.later();
    }
    office.until("the letter", |office| office.waiting() == (0, 0));
    assert_eq!(server.letters().len(), 1);
}

#[test]
fn a_letter_that_was_taken_without_a_word_comes_again_as_the_same_letter() {
    let server = Server::start(&[Mood::TakesAndHangsUp, Mood::Takes]);
    let office = Office::open(&server);
    office.post.send(&hello("ada@example.org")).unwrap();
    office.until("the first", |office| server.letters().len() == 1 && office.has_put_off());
    office.later();
    office.until("the second", |office| office.waiting() == (0, 0));
    let ids: Vec<String> = server
        .letters()
        .iter()
        .map(|letter| letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

#[test]
fn a_server_that_stalls_holds_nobody_up_but_the_post() {
    let server = Server::start(&[Mood::Stalls]);
    let office = Office::open(&server);
    for _ in 0..3 {
        office.post.send(&hello("ada@example.org")).unwrap();
    }
    office.until("the call", |_| server.calls() == 1);
    // All three are in the queue while the server says nothing, and nobody waits for it.
    assert_eq!((office.waiting(), server.calls()), ((3, 0), 1));
}

impl Office {
    /// Whether every letter that waits has been tried and is free again.
    fn has_put_off(&self) -> bool {
        self.catalog.db.read(letter::count_put_off).unwrap() == self.waiting().0
    }
}
