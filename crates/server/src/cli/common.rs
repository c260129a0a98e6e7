//! What commands share: where results go, opening the installation, finding
//! units and accounts by what people call them, reading and writing files so
//! that a refusal leaves nothing half-written.

use crate::config::{Config, Flags, process_env};
use crate::error::{CliError, Result};
use crate::{open, words};
use serde::Serialize;
use std::io::{Read, Write};
use std::path::Path;
use zf_base::limits::IMPORT_BYTES_MAX;
use zf_kernel::App;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::user::User;
use zf_kernel::user::service::user_by_login;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    /// As JSON.
    pub json: bool,
}

impl Out {
    /// Prints a result: the value with `--json`, else the text.
    pub fn result(self, value: &impl Serialize, text: impl AsRef<str>) -> Result<()> {
        match self.json {
            true => print_line(&serde_json::to_string(value)?),
            false => print_line(text.as_ref()),
        }
    }
}

/// One line to stdout; a reader that went away is not an error.
pub fn print_line(text: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// Settings from flags, environment and file.
pub fn config(flags: &Flags) -> Result<Config> {
    Config::load(flags, &process_env)
}

/// The installation.
pub async fn installation(flags: &Flags) -> Result<(App, Config)> {
    let config = config(flags)?;
    let app = open::app(&config, &process_env).await?;
    Ok((app, config))
}

/// A unit by the bank's code.
pub async fn unit(app: &App, code: &str) -> Result<Unit> {
    unit_by_code(app, code)
        .await?
        .ok_or_else(|| CliError::input(words::no_such_unit(code)))
}

/// An account by its login.
pub async fn user(app: &App, login: &str) -> Result<User> {
    user_by_login(app, login)
        .await?
        .ok_or_else(|| CliError::input(words::no_such_user(login)))
}

/// Reads a file, plain or compressed with gzip. What unpacks to more than an
/// import may have is refused: a few kilobytes of gzip can hold a full memory.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    let bad = |e: std::io::Error| CliError::input(words::file_unreadable(path, &e.to_string()));
    let bytes = std::fs::read(path).map_err(bad)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut unpacked = flate2::read::MultiGzDecoder::new(&bytes[..]).take(IMPORT_BYTES_MAX + 1);
    unpacked.read_to_end(&mut plain).map_err(bad)?;
    if plain.len() as u64 > IMPORT_BYTES_MAX {
        return Err(CliError::input(words::file_unpacks_too_large(path)));
    }
    Ok(plain)
}

/// Writes a result file whole or not at all.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| CliError::system(words::file_unwritable(path, &e.to_string()));
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let part = path.with_file_name(format!(".{name}.part"));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|e| {
            let _ = std::fs::remove_file(&part);
            failed(e)
        })
}
