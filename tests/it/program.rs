//! The program under test: runs commands, starts servers, kills them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a server may take until it says where it listens.
const START: Duration = Duration::from_secs(60);

/// A data folder of its own, removed at the end, and the program over it.
pub(crate) struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command that knows nothing of this machine's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fairground"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FAIRGROUND_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data_dir())
            .env("FAIRGROUND_HARVEST_ALLOW", "127.0.0.1")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; gives the JSON of its last line.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        last_line(&output)
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Starts `serve` on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_as("all")
    }

    /// Starts `serve` in a role.
    pub(crate) fn serve_as(&self, role: &str) -> Server {
        let mut serve = self.command(&["serve", "--listen", "127.0.0.1:0", "--role", role]);
        let child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // From here on the server ends with its owner, whatever happens.
        let mut server = Server { child, address: String::new() };
        let mut lines = BufReader::new(server.child.stdout.take().unwrap());
        let deadline = Instant::now() + START;
        let mut line = String::new();
        while Instant::now() < deadline {
            line.clear();
            if lines.read_line(&mut line).unwrap() == 0 {
                break;
            }
            if let Some(address) = line.trim().strip_prefix("Portal: ") {
                server.address = address.to_owned();
                return server;
            }
        }
        panic!("the server did not say where it listens");
    }
}

/// The JSON of a command's last line.
pub(crate) fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_else(|| panic!("no output; {}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::blocking::Response {
        client().get(self.url(path)).send().unwrap()
    }

    pub(crate) fn get_json(&self, path: &str) -> Value {
        let answer = self.get(path);
        let status = answer.status();
        let text = answer.text().unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits; gives whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        let ended = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(ended.success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn client() -> reqwest::blocking::Client {
    // The first caller installs it, the others find it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// The shared real material, or `None` with a word about it.
pub(crate) fn test_data() -> Option<PathBuf> {
    let root = std::env::var_os("FAIRGROUND_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    if root.join("harvest").is_dir() {
        return Some(root);
    }
    assert!(std::env::var_os("CI").is_none(), "CI must have the test data");
    eprintln!("skipped: no test data");
    None
}

/// A `data.json` of so many small datasets.
pub(crate) fn data_json(count: usize) -> String {
    let dataset = |number: usize| {
        serde_json::json!({
            "@type": "dcat:Dataset",
            "identifier": format!("https://data.ardenport.example/id/{number}"),
            "title": format!("Street trees of ward {number}"),
            "description": format!("Every tree on public ground in ward {number}, with species and year of planting."),
            "keyword": ["trees", "parks", format!("ward-{}", number % 17)],
            "modified": format!("2026-01-{:02}", number % 28 + 1),
            "publisher": { "name": "City of Ardenport" },
            "contactPoint": { "fn": "Parks desk", "hasEmail": "mailto:parks@ardenport.example" },
            "accessLevel": "public",
            "distribution": [{ "downloadURL": format!("http://127.0.0.1:9/files/{number}.csv"), "mediaType": "text/csv" }],
        })
    };
    serde_json::json!({
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": (0..count).map(dataset).collect::<Vec<_>>(),
    })
    .to_string()
}
