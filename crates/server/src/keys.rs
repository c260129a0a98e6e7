//! The passphrase and the key file: where they are found, how they are made,
//! and what is refused. The passphrase comes from the environment, from a file
//! that nobody else can read, or from the terminal; it is never an argument of
//! the command line and never printed. The key file holds keys only wrapped.

use crate::config::{Config, Env};
use crate::disk;
use crate::error::{CliError, Result};
use crate::words;
use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use zf_vault::{KdfParams, KeyFile, Keyring, Suite, token};

/// Fewer characters than that protect nothing.
const PASSPHRASE_CHARS_MIN: usize = 12;

/// The passphrase from the environment or from its file; none when neither is there.
pub fn passphrase_given(config: &Config, env: Env<'_>) -> Result<Option<String>> {
    if let Some(text) = env("ZOUFANG_PASSPHRASE") {
        return Ok(Some(text));
    }
    let path = config.passphrase_path();
    match fs::read_to_string(&path) {
        Ok(text) => {
            if disk::is_open_to_others(&path)? {
                return Err(CliError::input(words::passphrase_file_open(&path)));
            }
            Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
        }
        Err(e)
            if e.kind() == std::io::ErrorKind::NotFound
                && config.passphrase_file.value.is_none() =>
        {
            Ok(None)
        }
        Err(e) => Err(CliError::input(words::file_unreadable(
            &path,
            &e.to_string(),
        ))),
    }
}

/// The passphrase, asked for on the terminal when nothing else gives it.
pub fn passphrase(config: &Config, env: Env<'_>) -> Result<String> {
    match passphrase_given(config, env)? {
        Some(text) => Ok(text),
        None => ask_secret(words::ASK_PASSPHRASE),
    }
}

/// A new passphrase: from the environment or a file, else asked for twice.
pub fn new_passphrase(config: &Config, env: Env<'_>) -> Result<String> {
    let chosen = match passphrase_given(config, env)? {
        Some(text) => text,
        None => {
            let first = ask_secret(words::ASK_NEW_PASSPHRASE)?;
            if first != ask_secret(words::ASK_PASSPHRASE_AGAIN)? {
                return Err(CliError::input(words::PASSPHRASES_DIFFER));
            }
            first
        }
    };
    if chosen.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(CliError::input(words::passphrase_short(
            PASSPHRASE_CHARS_MIN,
        )));
    }
    Ok(chosen)
}

/// A passphrase for a demo, kept in a file beside the data: a demo protects
/// nothing real, but goes through the same door.
pub fn demo_passphrase(config: &Config, env: Env<'_>) -> Result<String> {
    if let Some(text) = passphrase_given(config, env)? {
        return Ok(text);
    }
    let made = token::Token::new(&mut zf_vault::os_random)
        .text()
        .to_owned();
    disk::write_private(&config.passphrase_path(), made.as_bytes())?;
    Ok(made)
}

/// Asks on the terminal without showing what is typed.
fn ask_secret(question: &str) -> Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(CliError::Usage(words::NO_PASSPHRASE.to_owned()));
    }
    eprint!("{question}");
    std::io::stderr().flush()?;
    echo(false);
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    echo(true);
    eprintln!();
    read?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Switches the terminal's echo; when that fails the text is merely visible.
fn echo(on: bool) {
    let word = if on { "echo" } else { "-echo" };
    let _ = Command::new("stty")
        .arg(word)
        .stdin(Stdio::inherit())
        .stderr(Stdio::null())
        .status();
}

/// Makes keys and writes the key file; refuses to overwrite one.
pub fn create(path: &Path, suite: Suite, passphrase: &str, cost: KdfParams) -> Result<Keyring> {
    if path.exists() {
        return Err(CliError::input(words::key_file_exists(path)));
    }
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        disk::private_folder(folder)?;
    }
    let (ring, file) = Keyring::create_with(suite, passphrase, cost, &mut zf_vault::os_random)?;
    disk::write_private(path, file.to_text().as_bytes())?;
    Ok(ring)
}

/// Reads the key file; refuses one that others may read.
pub fn read(path: &Path) -> Result<KeyFile> {
    let text = fs::read_to_string(path).map_err(|_| CliError::input(words::no_key_file(path)))?;
    if disk::is_open_to_others(path)? {
        return Err(CliError::input(words::key_file_open(path)));
    }
    Ok(KeyFile::from_text(&text)?)
}

/// Reads and unlocks.
pub fn unlock(path: &Path, passphrase: &str) -> Result<Keyring> {
    Ok(Keyring::unlock(&read(path)?, passphrase)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Flags;
    use std::os::unix::fs::PermissionsExt;

    fn config(dir: &Path) -> Config {
        let flags = Flags {
            data: Some(dir.to_owned()),
            ..Flags::default()
        };
        Config::from_parts(&flags, &|_| None, "").unwrap()
    }

    #[test]
    fn a_passphrase_file_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        disk::write_private(&config.passphrase_path(), b"twelve letters at least\n").unwrap();
        assert_eq!(
            passphrase(&config, &|_| None).unwrap(),
            "twelve letters at least"
        );
        fs::set_permissions(config.passphrase_path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(passphrase(&config, &|_| None).unwrap_err().code(), 1);
    }

    #[test]
    fn the_environment_beats_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        disk::write_private(&config.passphrase_path(), b"from the file").unwrap();
        let env =
            |name: &str| (name == "ZOUFANG_PASSPHRASE").then(|| "from the environment".to_owned());
        assert_eq!(passphrase(&config, &env).unwrap(), "from the environment");
    }

    #[test]
    fn keys_open_with_their_passphrase_only_and_are_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        let made = create(&path, Suite::Gm, "right horse", KdfParams::TESTS_ONLY).unwrap();
        assert_eq!(
            unlock(&path, "right horse").unwrap().fingerprint(),
            made.fingerprint()
        );
        assert_eq!(unlock(&path, "wrong horse").unwrap_err().code(), 1);
        assert_eq!(
            create(&path, Suite::Gm, "other", KdfParams::TESTS_ONLY)
                .unwrap_err()
                .code(),
            1
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        assert_eq!(unlock(&path, "right horse").unwrap_err().code(), 1);
    }

    #[test]
    fn a_new_passphrase_must_not_be_short() {
        let dir = tempfile::tempdir().unwrap();
        let env = |name: &str| (name == "ZOUFANG_PASSPHRASE").then(|| "short".to_owned());
        assert_eq!(
            new_passphrase(&config(dir.path()), &env)
                .unwrap_err()
                .code(),
            1
        );
    }
}
