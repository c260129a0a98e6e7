//! Certificates for a county server without a bank gateway. Phones only trust
//! a server whose issuer they know, so we make a small issuer of our own for
//! this one server and throw its key away: nobody, not even we, can issue
//! another certificate that those phones would believe. Renewing means making
//! both anew and trusting the new issuer.

use crate::error::{CliError, Result};
use crate::{disk, words};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};
use zf_base::Day;

/// Longest life that iPhones accept from an issuer the owner installed.
const DAYS: i32 = 825;

/// Files that were written.
#[derive(Clone, Debug)]
pub struct Made {
    /// To be installed on phones and computers.
    pub issuer: PathBuf,
    /// For `--tls-cert`.
    pub cert: PathBuf,
    /// For `--tls-key`.
    pub key: PathBuf,
    /// Last day.
    pub last_day: Day,
}

/// Makes an issuer and a server certificate for these names and addresses.
pub fn make(folder: &Path, names: &[String], today: Day) -> Result<Made> {
    if names.is_empty() {
        return Err(CliError::Usage(words::CERT_NAMES.to_owned()));
    }
    let last_day = today.plus_days(DAYS);
    let failed = |e: rcgen::Error| CliError::input(words::cert_failed(&e.to_string()));
    let issuer_key = KeyPair::generate().map_err(failed)?;
    let mut issuer = params(vec![], words::CERT_ISSUER, today, last_day).map_err(failed)?;
    issuer.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer_cert = issuer.self_signed(&issuer_key).map_err(failed)?;

    let key = KeyPair::generate().map_err(failed)?;
    let mut server = params(names.to_vec(), words::CERT_SERVER, today, last_day).map_err(failed)?;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let cert = server
        .signed_by(&key, &Issuer::new(issuer, issuer_key))
        .map_err(failed)?;

    disk::private_folder(folder)?;
    let made = Made {
        issuer: folder.join("zoufang-issuer.crt"),
        cert: folder.join("zoufang-server.crt"),
        key: folder.join("zoufang-server.key"),
        last_day,
    };
    disk::write_private(&made.key, key.serialize_pem().as_bytes())?;
    std::fs::write(&made.cert, format!("{}{}", cert.pem(), issuer_cert.pem()))?;
    std::fs::write(&made.issuer, issuer_cert.pem())?;
    Ok(made)
}

fn params(
    names: Vec<String>,
    who: &str,
    from: Day,
    until: Day,
) -> std::result::Result<CertificateParams, rcgen::Error> {
    let mut p = CertificateParams::new(names)?;
    p.distinguished_name.remove(DnType::CommonName);
    p.distinguished_name.push(DnType::CommonName, who);
    // A day earlier, so that a phone whose clock is behind accepts it.
    let from = from.plus_days(-1);
    p.not_before = rcgen::date_time_ymd(
        i32::from(from.year()),
        from.month() as u8,
        from.day_of_month() as u8,
    );
    p.not_after = rcgen::date_time_ymd(
        i32::from(until.year()),
        until.month() as u8,
        until.day_of_month() as u8,
    );
    Ok(p)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn client(issuer: &Path) -> tokio_rustls::TlsConnector {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(issuer).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(
            config.with_root_certificates(roots).with_no_client_auth(),
        ))
    }

    #[tokio::test]
    async fn a_browser_that_trusts_the_issuer_reaches_the_server_by_every_name_and_by_no_other() {
        let dir = tempfile::tempdir().unwrap();
        // The real day: the library that checks the certificate asks the clock.
        let today = zf_kernel::Clock::now(&zf_kernel::SystemClock).day();
        let names = ["zoufang.county".to_owned(), "127.0.0.1".to_owned()];
        let made = make(dir.path(), &names, today).unwrap();
        let config = crate::tls::server_config(&made.cert, &made.key).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "reached" }));
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(crate::serve::accept(
            listener,
            Some(config.into()),
            router,
            stopped,
        ));
        for (name, good) in [
            ("zoufang.county", true),
            ("127.0.0.1", true),
            ("other.county", false),
        ] {
            let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from(name.to_owned()).unwrap();
            let Ok(mut tls) = client(&made.issuer).connect(name.clone(), tcp).await else {
                assert!(!good, "{name:?} was refused");
                continue;
            };
            assert!(good, "{name:?} was accepted");
            tls.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .await
                .unwrap();
            let mut text = String::new();
            let _ = tls.read_to_string(&mut text).await;
            assert!(text.ends_with("reached"), "{text}");
        }
    }

    #[test]
    fn the_key_is_for_the_owner_only_and_names_are_needed() {
        let dir = tempfile::tempdir().unwrap();
        let day = Day::new(2026, 11, 23).unwrap();
        let made = make(dir.path(), &["a".to_owned()], day).unwrap();
        assert!(!disk::is_open_to_others(&made.key).unwrap());
        assert_eq!(made.last_day.to_string(), "2029-02-25");
        assert_eq!(make(dir.path(), &[], day).unwrap_err().code(), 2);
    }
}
