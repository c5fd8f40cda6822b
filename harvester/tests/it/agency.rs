//! A simulated agency system: an HTTP server on loopback that answers as it is told, badly if need be.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What a client asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    /// Header names in lower case.
    pub(crate) headers: HashMap<String, String>,
    /// How often anything was asked before.
    pub(crate) number: usize,
}

impl Asked {
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let url = Url::parse("http://agency.test").unwrap().join(&self.target).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}

/// How an answer goes out.
#[derive(Debug, Clone)]
enum Manner {
    /// As it should.
    Whole,
    /// The connection is closed after so many bytes of the body.
    DropAfter(usize),
    /// Nothing follows after so many bytes of the body, and the connection stays open.
    StallAfter(usize),
    /// Not even a status line.
    Silence,
    /// One byte at a time, for ever.
    Drip,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    manner: Manner,
    declared: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), manner: Manner::Whole, declared: None }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Self::new(302, "").header("Location", &to.into())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn declaring(mut self, bytes: usize) -> Self {
        self.declared = Some(bytes);
        self
    }

    pub(crate) fn dropping_after(mut self, bytes: usize) -> Self {
        self.manner = Manner::DropAfter(bytes);
        self
    }

    pub(crate) fn stalling_after(mut self, bytes: usize) -> Self {
        self.manner = Manner::StallAfter(bytes);
        self
    }

    pub(crate) fn silence() -> Self {
        Self { manner: Manner::Silence, ..Self::ok("") }
    }

    pub(crate) fn drip() -> Self {
        Self { manner: Manner::Drip, ..Self::ok("") }.declaring(1_000_000)
    }
}

type Manual = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A running agency system; it stops with its last handle.
pub(crate) struct Agency {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Agency {
    /// Starts a system that answers by `manual`, on a thread of its own.
    pub(crate) fn start(manual: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (log, manual): (_, Arc<Manual>) = (Arc::clone(&asked), Arc::new(manual));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                let serve = async {
                    loop {
                        let (stream, _) = listener.accept().await.unwrap();
                        tokio::spawn(converse(stream, Arc::clone(&log), Arc::clone(&manual)));
                    }
                };
                tokio::select! { () = serve => {}, _ = stopped => {} }
            });
        });
        Self { address, asked, stop: Some(stop) }
    }

    pub(crate) fn url(&self, target: &str) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap().join(target).unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

async fn converse(mut stream: TcpStream, log: Arc<Mutex<Vec<Asked>>>, manual: Arc<Manual>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let target = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let asked = {
        let mut log = log.lock().unwrap();
        let asked = Asked { target, headers, number: log.len() };
        log.push(asked.clone());
        asked
    };
    let answer = manual(&asked);
    // A client that went away early is part of many a story.
    let _ = send(&mut stream, answer).await;
}

async fn send(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    if matches!(answer.manner, Manner::Silence) {
        return wait_until_left(stream).await;
    }
    let mut head = format!("HTTP/1.1 {} Told So\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if answer.status != 304 {
        head.push_str(&format!("Content-Length: {}\r\n", answer.declared.unwrap_or(answer.body.len())));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    match answer.manner {
        Manner::Whole | Manner::Silence => stream.write_all(&answer.body).await?,
        Manner::DropAfter(bytes) => stream.write_all(&answer.body[..bytes]).await?,
        Manner::StallAfter(bytes) => {
            stream.write_all(&answer.body[..bytes]).await?;
            stream.flush().await?;
            return wait_until_left(stream).await;
        }
        Manner::Drip => loop {
            stream.write_all(b" ").await?;
            stream.flush().await?;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        },
    }
    stream.shutdown().await
}

async fn wait_until_left(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = [0; 64];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
