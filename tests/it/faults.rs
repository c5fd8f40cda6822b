//! Faults at random, in the middle of harvests: the program killed, the database's connections cut, the source in trouble.
//! Nothing is lost, doubled, orphaned or half-written; `check` finds nothing after each.
//!
//! `make test-faults` has two hundred runs; an ordinary test has a few.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::{Value, json};

use crate::program::{Program, last_line};

/// Runs of an ordinary test, on each store.
const RUNS: usize = 10;
/// Datasets that the source begins with.
const DATASETS: usize = 300;
/// How long one harvest may take, faults and all.
const LONGEST: Duration = Duration::from_secs(120);

/// An agency whose catalogue changes between runs and that fails as it is told.
struct Agency {
    address: SocketAddr,
    catalogue: Arc<Mutex<String>>,
    /// Requests that fail from now on.
    failures: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Agency {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let agency = Self {
            address: listener.local_addr().unwrap(),
            catalogue: Arc::default(),
            failures: Arc::default(),
            over: Arc::default(),
        };
        let (catalogue, failures, over) =
            (Arc::clone(&agency.catalogue), Arc::clone(&agency.failures), Arc::clone(&agency.over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                // A client that was killed has gone; that is part of the story.
                let _ = answer(stream.unwrap(), &catalogue.lock().unwrap(), &failures);
            }
        });
        agency
    }

    fn url(&self) -> String {
        format!("http://{}/data.json", self.address)
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, catalogue: &str, failures: &AtomicUsize) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let failing = failures.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok();
    let whole = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{catalogue}",
        catalogue.len()
    );
    match (failing, rand::rng().random_range(0..3)) {
        (false, _) => stream.write_all(whole.as_bytes()),
        (true, 0) => stream.write_all(b"HTTP/1.1 503 Later\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        (true, 1) => stream.write_all(&whole.as_bytes()[..whole.len() / 2]),
        (true, _) => {
            let page = "<!DOCTYPE html><html><title>Maintenance</title></html>";
            let page = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}", page.len());
            stream.write_all(page.as_bytes())
        }
    }
}

/// A database of this story's own on the test's PostgreSQL server.
struct Server {
    address: String,
    name: String,
}

impl Server {
    /// `None` when there is no server to test with.
    fn open() -> Option<Self> {
        let Ok(address) = std::env::var("FAIRGROUND_TEST_POSTGRES_URL") else {
            eprintln!("skipped on PostgreSQL: FAIRGROUND_TEST_POSTGRES_URL is not set");
            return None;
        };
        let server = Self { address, name: format!("faults_{}", std::process::id()) };
        server.sql(&format!("CREATE DATABASE {}", server.name));
        Some(server)
    }

    fn url(&self) -> String {
        format!("{}/{}", self.address.rsplit_once('/').unwrap().0, self.name)
    }

    fn sql(&self, statement: &str) {
        let mut psql = Command::new("psql");
        psql.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", statement, &self.address]);
        assert!(psql.stdout(Stdio::null()).status().unwrap().success(), "{statement}");
    }

    /// Ends every connection to the database, as a restart of the server does.
    fn cut(&self) {
        self.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Killed,
    Cut,
    Source,
}

#[test]
fn faults_of_every_kind_lose_and_double_nothing() {
    let runs = std::env::var("FAIRGROUND_FAULT_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    for server in [None, Server::open()]
        .into_iter()
        .enumerate()
        .filter_map(|(n, server)| (n == 0 || server.is_some()).then_some(server))
    {
        Story::new(server).tell(runs);
    }
}

struct Story {
    program: Program,
    agency: Agency,
    server: Option<Server>,
}

impl Story {
    fn new(server: Option<Server>) -> Self {
        Self { program: Program::new(), agency: Agency::start(), server }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        if let Some(server) = &self.server {
            command.env("FAIRGROUND_DATABASE_URL", server.url());
        }
        command
    }

    fn harvest(&self) -> Command {
        self.command(&["harvest", "--no-tables", &self.agency.url(), "--source", "ardenport", "--approve", "--json"])
    }

    fn tell(&self, runs: usize) {
        let mut random = rand::rng();
        let mut catalogue: Vec<Value> = (0..DATASETS).map(|number| dataset(number, 0)).collect();
        let mut born = DATASETS;
        let mut hit = [0usize; 3];
        self.publish(&catalogue);
        let began = Instant::now();
        self.undisturbed(catalogue.len());
        let mut span = began.elapsed().as_millis().max(200) as u64;
        for run in 1..=runs {
            // Some change, some go, some come.
            for _ in 0..20 {
                let place = random.random_range(0..catalogue.len());
                let number = catalogue[place]["number"].as_u64().unwrap();
                catalogue[place] = dataset(number as usize, run);
            }
            for _ in 0..random.random_range(0..10) {
                catalogue.swap_remove(random.random_range(0..catalogue.len()));
            }
            for _ in 0..random.random_range(0..10) {
                catalogue.push(dataset(born, run));
                born += 1;
            }
            self.publish(&catalogue);
            let fault = match random.random_range(0..3) {
                0 if self.server.is_some() => Fault::Cut,
                1 => Fault::Source,
                _ => Fault::Killed,
            };
            // A harvest that was done before it was struck says that the machine was busier when the span was taken.
            match self.strike(fault, random.random_range(0..span)) {
                true => hit[fault as usize] += 1,
                false => span = (span * 9 / 10).max(100),
            }
            self.check(None);
            self.undisturbed(catalogue.len());
            self.check(Some(catalogue.len()));
        }
        eprintln!("{runs} runs; struck while it worked: killed {}, cut {}, source {}", hit[0], hit[1], hit[2]);
        assert!(hit.iter().sum::<usize>() > 0, "every harvest had ended before it was struck");
    }

    fn publish(&self, catalogue: &[Value]) {
        let document = json!({"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": catalogue});
        *self.agency.catalogue.lock().unwrap() = document.to_string();
    }

    /// One harvest in which something goes wrong; true when it was still at work then.
    fn strike(&self, fault: Fault, after_millis: u64) -> bool {
        if fault == Fault::Source {
            // More than a request is tried again, or fewer.
            self.agency.failures.store(rand::rng().random_range(1..8), Ordering::Release);
        }
        let mut child = self.harvest().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(after_millis));
        let at_work = child.try_wait().unwrap().is_none();
        match fault {
            Fault::Killed => {
                let _ = child.kill();
            }
            Fault::Cut => self.server.iter().for_each(Server::cut),
            Fault::Source => {}
        }
        wait(&mut child);
        self.agency.failures.store(0, Ordering::Release);
        at_work
    }

    /// A harvest that nothing disturbs ends with exactly what the source lists.
    fn undisturbed(&self, listed: usize) {
        let output = self.harvest().output().unwrap();
        let report = last_line(&output);
        let count = |name: &str| report[name].as_u64().unwrap();
        assert_eq!(report["state"], "completed", "{report} {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(count("found"), listed as u64, "{report}");
        assert_eq!(count("refused") + count("failed"), 0, "{report}");
        assert_eq!(count("created") + count("updated") + count("unchanged"), listed as u64, "{report}");
    }

    fn check(&self, datasets: Option<usize>) {
        let output = self.command(&["check", "--json"]).output().unwrap();
        let check = last_line(&output);
        assert_eq!(check["ok"], true, "{check}");
        if let Some(datasets) = datasets {
            assert_eq!(check["report"]["datasets"], datasets, "{check}");
        }
    }
}

fn wait(child: &mut Child) {
    let deadline = Instant::now() + LONGEST;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "a harvest hangs");
        thread::sleep(Duration::from_millis(5));
    }
}

fn dataset(number: usize, version: usize) -> Value {
    json!({
        "@type": "dcat:Dataset",
        "number": number,
        "identifier": format!("urn:ardenport:{number}"),
        "title": format!("Street trees of ward {number}"),
        "description": format!("Every tree on public ground in ward {number}, counted {version} times."),
        "keyword": ["trees"],
        "modified": "2026-03-01",
        "publisher": { "name": "City of Ardenport" },
        "contactPoint": { "fn": "Parks desk", "hasEmail": "mailto:parks@ardenport.example" },
        "accessLevel": "public",
        "distribution": [{ "downloadURL": format!("http://127.0.0.1:9/files/{number}.csv"), "mediaType": "text/csv" }],
    })
}
