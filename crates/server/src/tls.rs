//! TLS of the server: reads certificate and key, nothing else. Versions and
//! ciphers are the safe defaults of the library (TLS 1.2 and 1.3). A key that
//! others may read is refused.

use crate::error::{CliError, Result};
use crate::{disk, words};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// Reads a chain and its key.
pub fn server_config(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let bad = |path: &Path, e: String| CliError::input(words::file_unreadable(path, &e));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|e| bad(cert, e.to_string()))?;
    if disk::is_open_to_others(key).map_err(|e| bad(key, e.to_string()))? {
        return Err(CliError::input(words::key_file_open(key)));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, e.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(CliError::system)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|e| bad(cert, e.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
