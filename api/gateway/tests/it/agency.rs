//! An agency's system of raw bytes: it says what a script tells it to, and remembers what it was told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fairground_gateway::{
    Answer, BreakerRules, Call, CallBody, CallerSide, CleanPath, Credential, Forwarder, Gateway, GatewayError,
    GatewaySettings, Limits, PathRules, Upstream, UpstreamSettings,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One step of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing, for a while that no test outlasts.
    Nothing,
    /// These bytes again and again.
    Endlessly(Vec<u8>),
    /// Ends the connection.
    HangUp,
}

pub(crate) fn say(text: &str) -> Vec<Say> {
    vec![Say::Bytes(text.as_bytes().to_vec())]
}

/// The agency.
pub(crate) struct Agency {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Agency {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Agency {
    /// An agency that answers the nth call (from 0) as `script` says. It reads a call's head and the body that its head
    /// announces by `Content-Length`, or until the last chunk.
    pub(crate) async fn open(script: impl Fn(usize, &str) -> Vec<Say> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let script = Arc::new(script);
        let task = tokio::spawn({
            let heard = Arc::clone(&heard);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(converse(stream, Arc::clone(&heard), Arc::clone(&script)));
                }
            }
        });
        Self { address, heard, task }
    }

    /// Every call that came, as it came.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn upstream(&self, settings: UpstreamSettings) -> Arc<Upstream> {
        Arc::new(Upstream::new("agency", &format!("http://{}/v1", self.address), settings).unwrap())
    }
}

async fn converse<F>(mut stream: TcpStream, heard: Arc<Mutex<Vec<String>>>, script: Arc<F>)
where
    F: Fn(usize, &str) -> Vec<Say> + Send + Sync + 'static,
{
    let mut waiting = Vec::new();
    while let Some(call) = next_call(&mut stream, &mut waiting).await {
        let number = {
            let mut heard = heard.lock().unwrap();
            heard.push(call.clone());
            heard.len() - 1
        };
        for step in script(number, &call) {
            match step {
                Say::Bytes(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Say::Nothing => tokio::time::sleep(Duration::from_secs(600)).await,
                Say::Endlessly(bytes) => while stream.write_all(&bytes).await.is_ok() {},
                Say::HangUp => return,
            }
        }
    }
}

async fn next_call(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<String> {
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(end) = end_of_call(waiting) {
            let call = waiting.drain(..end).collect::<Vec<_>>();
            return Some(String::from_utf8_lossy(&call).into_owned());
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => waiting.extend_from_slice(&buffer[..read]),
        }
    }
}

fn end_of_call(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.find("\r\n\r\n")? + 4;
    let fields = text[..head].to_ascii_lowercase();
    if let Some((_, rest)) = fields.split_once("content-length:") {
        let length: usize = rest.lines().next()?.trim().parse().ok()?;
        return (bytes.len() >= head + length).then_some(head + length);
    }
    if fields.contains("transfer-encoding:") {
        return text[head..].find("0\r\n\r\n").map(|at| head + at + 5);
    }
    Some(head)
}

/// A gateway that may reach this machine.
pub(crate) fn gateway() -> Gateway {
    let settings = GatewaySettings {
        allow: "127.0.0.1".parse().unwrap(),
        pseudonym: "portal.test".to_owned(),
        ..GatewaySettings::default()
    };
    Gateway::new(settings).unwrap()
}

pub(crate) fn brisk() -> UpstreamSettings {
    UpstreamSettings {
        credential: Credential::None,
        limits: Limits {
            request_bytes: 1000,
            answer_bytes: 200_000,
            first_byte: Duration::from_millis(400),
            idle: Duration::from_millis(400),
            whole: Duration::from_secs(5),
            in_flight: 16,
            tries: 2,
        },
        breaker: BreakerRules { least_calls: u32::MAX, ..BreakerRules::default() },
        ..UpstreamSettings::default()
    }
}

pub(crate) fn call(method: Method, path: &str, fields: &[(&str, &str)], body: CallBody) -> Call {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    Call {
        method,
        path: CleanPath::parse(path, PathRules::default()).unwrap(),
        query,
        fields: map,
        body,
        side: CallerSide { front: "http://portal.test/gateway/agency".into() },
    }
}

pub(crate) async fn get(
    forwarder: &Forwarder,
    upstream: &Arc<Upstream>,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, GatewayError> {
    forwarder.forward(upstream, call(Method::GET, path, fields, CallBody::Empty)).await
}

/// All of an answer's body.
pub(crate) async fn whole(mut answer: Answer) -> Result<Bytes, GatewayError> {
    let mut all = Vec::new();
    while let Some(part) = std::future::poll_fn(|cx| answer.body.poll_part(cx)).await {
        all.extend_from_slice(&part?);
    }
    Ok(all.into())
}
