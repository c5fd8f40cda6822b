//! The public API, asked from within the process: a call like everybody's, with the portal's own key.
//!
//! Pages that show rows before any script has run ask for them here. A call goes through the whole of the API: it is identified,
//! admitted, served and metered, and sees nothing that a caller from outside would not.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::{BoxBody, to_bytes_limited};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::header::{ACCEPT, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, Uri};
use actix_web::{App, Error, web};
use fairground_api::ApiState;
use fairground_api::front::Front;
use fairground_api::hot_path::API_KEY_HEADER;
use serde::Deserialize;

/// Longest answer that is read, in bytes: a page of rows with long texts fits.
const LONGEST_ANSWER_BYTES: usize = 8 * 1024 * 1024;

type Answered = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;
type Door = Rc<dyn Fn(Request) -> Answered>;

/// The API as one worker reaches it. Its routes are mounted at the first call.
pub(crate) struct Inside {
    state: web::Data<ApiState>,
    key: Option<String>,
    door: RefCell<Option<Door>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// The API said no.
    #[error("refused with {status}")]
    Problem {
        /// Its status.
        status: StatusCode,
        /// What it says, a sentence for each fault.
        reasons: Vec<String>,
    },
    /// The call could not be made, or its answer is too long.
    #[error("no answer")]
    NoAnswer,
}

/// What is read of a problem (RFC 9457).
#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    detail: Option<String>,
}

impl Inside {
    /// For calls with that key; without one they are made as by anybody.
    pub(crate) fn new(state: web::Data<ApiState>, key: Option<String>) -> Self {
        Self { state, key, door: RefCell::new(None) }
    }

    /// The body of the answer to a `GET`; `address` is a path and query.
    pub(crate) async fn get(&self, address: &str) -> Result<Vec<u8>, Refused> {
        let door = self.open().await?;
        let mut request = Request::new();
        let head = request.head_mut();
        head.uri = address.parse::<Uri>().map_err(|_| Refused::NoAnswer)?;
        head.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(key) = self.key.as_deref().and_then(|key| HeaderValue::from_str(key).ok()) {
            head.headers.insert(HeaderName::from_static(API_KEY_HEADER), key);
        }
        let (status, body) = match door(request).await {
            Ok(answer) => (answer.status(), answer.into_body()),
            Err(error) => {
                let answer = error.error_response();
                (answer.status(), answer.into_body())
            }
        };
        let bytes = match to_bytes_limited(body, LONGEST_ANSWER_BYTES).await {
            Ok(Ok(bytes)) => bytes.to_vec(),
            Ok(Err(_)) | Err(_) => return Err(Refused::NoAnswer),
        };
        if status.is_success() { Ok(bytes) } else { Err(refusal(status, &bytes)) }
    }

    async fn open(&self) -> Result<Door, Refused> {
        if let Some(door) = self.door.borrow().as_ref() {
            return Ok(Rc::clone(door));
        }
        let state = web::Data::clone(&self.state);
        let app = App::new()
            .wrap(Front::new(state.settings.clone()))
            .configure(|config| fairground_api::configure(config, &state));
        let service = app.into_factory().new_service(AppConfig::default()).await.map_err(|()| Refused::NoAnswer)?;
        let door: Door = Rc::new(move |request| Box::pin(service.call(request)));
        *self.door.borrow_mut() = Some(Rc::clone(&door));
        Ok(door)
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> Refused {
    let told: Told = serde_json::from_slice(body).unwrap_or_default();
    let faults: Vec<String> = told.errors.into_iter().filter_map(|fault| fault.detail).collect();
    let reasons = if faults.is_empty() { told.detail.into_iter().collect() } else { faults };
    Refused::Problem { status, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_by_its_faults_or_else_as_a_whole() {
        let status = StatusCode::BAD_REQUEST;
        for (body, reasons) in [
            (
                r#"{"detail":"two faults","errors":[{"detail":"one"},{"detail":"two"},{"pointer":"/x"}]}"#,
                vec!["one", "two"],
            ),
            (r#"{"detail":"all of it","errors":[]}"#, vec!["all of it"]),
            ("<html>", vec![]),
        ] {
            let reasons = reasons.into_iter().map(str::to_owned).collect();
            assert_eq!(refusal(status, body.as_bytes()), Refused::Problem { status, reasons }, "{body}");
        }
    }
}
