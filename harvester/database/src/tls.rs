//! TLS towards servers: certificates are judged by the system's own roots.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::DatabaseError;

/// What connects with TLS where the address asks for it, and where the server offers it.
pub(crate) fn connector() -> Result<MakeRustlsConnect, DatabaseError> {
    let fault = |error: rustls::Error| DatabaseError::Tls(error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(fault)?
        .with_platform_verifier()
        .map_err(fault)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
