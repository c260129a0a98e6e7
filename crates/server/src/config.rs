//! Where every setting of the program comes from: a flag, else the
//! environment, else `zoufang.toml`, else the built-in value. One typed
//! struct; each value remembers its origin so that `doctor` can show it.
//! Rules of the business are not here: they are data in the database. Secrets
//! are not here either, only where to find them.

use crate::error::{CliError, Result};
use crate::words;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where a value came from, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// `zoufang.toml`.
    File,
    /// An environment variable.
    Env,
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Default => "default",
            Origin::File => "zoufang.toml",
            Origin::Env => "environment",
            Origin::Flag => "flag",
        })
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All settings of the program.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: Set<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`.
    pub db_url: Set<String>,
    /// Address and port of the server.
    pub listen: Set<SocketAddr>,
    /// Certificate chain, PEM.
    pub tls_cert: Set<Option<PathBuf>>,
    /// Private key, PEM.
    pub tls_key: Set<Option<PathBuf>>,
    /// A gateway of the bank speaks TLS in front of us.
    pub behind_gateway: Set<bool>,
    /// The gateway's header with the caller's address.
    pub address_header: Set<Option<String>>,
    /// Name of the bank shown on the pages.
    pub bank_name: Set<String>,
    /// How log lines look.
    pub log: Set<LogFormat>,
    /// The server also runs jobs.
    pub worker: Set<bool>,
    /// File with the passphrase; `passphrase` in the data folder when absent.
    pub passphrase_file: Set<Option<PathBuf>>,
    /// Folder for backups.
    pub backup_dir: Set<PathBuf>,
}

/// What the command line said; absent = not said.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--db`.
    pub db_url: Option<String>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--port`: on this machine only.
    pub port: Option<u16>,
    /// `--tls-cert`.
    pub tls_cert: Option<PathBuf>,
    /// `--tls-key`.
    pub tls_key: Option<PathBuf>,
    /// `--behind-gateway`.
    pub behind_gateway: bool,
    /// `--log`.
    pub log: Option<LogFormat>,
    /// `--no-worker`.
    pub no_worker: bool,
}

/// `zoufang.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    db_url: Option<String>,
    listen: Option<SocketAddr>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    behind_gateway: Option<bool>,
    address_header: Option<String>,
    bank_name: Option<String>,
    log: Option<LogFormat>,
    worker: Option<bool>,
    passphrase_file: Option<PathBuf>,
    backup_dir: Option<PathBuf>,
}

/// Looks a variable of the environment up.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process; empty values count as absent.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_FILE: &str = "zoufang.toml";

impl Config {
    /// Reads the file (`--config`, else `zoufang.toml` when it is there) and puts
    /// all sources together.
    pub fn load(flags: &Flags, env: Env<'_>) -> Result<Config> {
        let named = flags
            .config
            .clone()
            .or_else(|| env("ZOUFANG_CONFIG").map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(_) if named.is_none() => String::new(),
            Err(e) => {
                return Err(CliError::Usage(words::config_unreadable(
                    &path,
                    &e.to_string(),
                )));
            }
        };
        Config::from_parts(flags, env, &text)
    }

    /// Puts flags, environment and the text of a file together.
    pub fn from_parts(flags: &Flags, env: Env<'_>, text: &str) -> Result<Config> {
        let file: File =
            toml::from_str(text).map_err(|e| CliError::Usage(words::config_wrong(e.message())))?;
        let data = pick(
            flags.data.clone(),
            env_path(env, "ZOUFANG_DATA"),
            file.data,
            PathBuf::from("data"),
        );
        let sqlite = format!("sqlite:{}", data.value.join("zoufang.db").display());
        let backups = data.value.join("backups");
        Ok(Config {
            db_url: pick(
                flags.db_url.clone(),
                env("ZOUFANG_DB_URL"),
                file.db_url,
                sqlite,
            ),
            listen: listen(flags, env, file.listen)?,
            tls_cert: optional(
                flags.tls_cert.clone(),
                env_path(env, "ZOUFANG_TLS_CERT"),
                file.tls_cert,
            ),
            tls_key: optional(
                flags.tls_key.clone(),
                env_path(env, "ZOUFANG_TLS_KEY"),
                file.tls_key,
            ),
            behind_gateway: pick(
                flags.behind_gateway.then_some(true),
                env_parse(env, "ZOUFANG_BEHIND_GATEWAY")?,
                file.behind_gateway,
                false,
            ),
            address_header: optional(None, env("ZOUFANG_ADDRESS_HEADER"), file.address_header),
            bank_name: pick(
                None,
                env("ZOUFANG_BANK_NAME"),
                file.bank_name,
                String::new(),
            ),
            log: pick(flags.log, env_log(env)?, file.log, LogFormat::Text),
            worker: pick(
                flags.no_worker.then_some(false),
                env_parse(env, "ZOUFANG_WORKER")?,
                file.worker,
                true,
            ),
            passphrase_file: optional(
                None,
                env_path(env, "ZOUFANG_PASSPHRASE_FILE"),
                file.passphrase_file,
            ),
            backup_dir: pick(
                None,
                env_path(env, "ZOUFANG_BACKUP_DIR"),
                file.backup_dir,
                backups,
            ),
            data,
        })
    }

    /// Name, value and origin of every setting, for `doctor`. No secret is among
    /// them: the password of a database URL is left out.
    pub fn table(&self) -> Vec<(&'static str, String, Origin)> {
        let path = |s: &Set<Option<PathBuf>>| {
            s.value
                .as_ref()
                .map_or(String::new(), |p| p.display().to_string())
        };
        vec![
            (
                "data",
                self.data.value.display().to_string(),
                self.data.origin,
            ),
            (
                "db_url",
                without_password(&self.db_url.value),
                self.db_url.origin,
            ),
            ("listen", self.listen.value.to_string(), self.listen.origin),
            ("tls_cert", path(&self.tls_cert), self.tls_cert.origin),
            ("tls_key", path(&self.tls_key), self.tls_key.origin),
            (
                "behind_gateway",
                self.behind_gateway.value.to_string(),
                self.behind_gateway.origin,
            ),
            (
                "address_header",
                self.address_header.value.clone().unwrap_or_default(),
                self.address_header.origin,
            ),
            (
                "bank_name",
                self.bank_name.value.clone(),
                self.bank_name.origin,
            ),
            (
                "log",
                format!("{:?}", self.log.value).to_lowercase(),
                self.log.origin,
            ),
            ("worker", self.worker.value.to_string(), self.worker.origin),
            (
                "passphrase_file",
                path(&self.passphrase_file),
                self.passphrase_file.origin,
            ),
            (
                "backup_dir",
                self.backup_dir.value.display().to_string(),
                self.backup_dir.origin,
            ),
        ]
    }

    /// The SQLite file, when the database is one.
    pub fn sqlite_path(&self) -> Option<&Path> {
        self.db_url.value.strip_prefix("sqlite:").map(Path::new)
    }

    /// The wrapped keys.
    pub fn key_path(&self) -> PathBuf {
        self.data.value.join("keys.json")
    }

    /// The passphrase, when it is kept in a file.
    pub fn passphrase_path(&self) -> PathBuf {
        self.passphrase_file
            .value
            .clone()
            .unwrap_or_else(|| self.data.value.join("passphrase"))
    }
}

/// A port alone means this machine only.
fn listen(flags: &Flags, env: Env<'_>, file: Option<SocketAddr>) -> Result<Set<SocketAddr>> {
    let here = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let flag = flags.listen.or(flags.port.map(here));
    Ok(pick(
        flag,
        env_parse(env, "ZOUFANG_LISTEN")?,
        file,
        here(DEFAULT_PORT),
    ))
}

fn pick<T>(flag: Option<T>, env: Option<T>, file: Option<T>, default: T) -> Set<T> {
    let found = [
        (flag, Origin::Flag),
        (env, Origin::Env),
        (file, Origin::File),
    ];
    let found = found
        .into_iter()
        .find_map(|(v, origin)| v.map(|value| Set { value, origin }));
    found.unwrap_or(Set {
        value: default,
        origin: Origin::Default,
    })
}

fn optional<T>(flag: Option<T>, env: Option<T>, file: Option<T>) -> Set<Option<T>> {
    pick(flag.map(Some), env.map(Some), file.map(Some), None)
}

fn env_path(env: Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from)
}

fn env_parse<T: std::str::FromStr>(env: Env<'_>, name: &str) -> Result<Option<T>> {
    let Some(text) = env(name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| CliError::Usage(words::env_wrong(name)))
}

fn env_log(env: Env<'_>) -> Result<Option<LogFormat>> {
    match env("ZOUFANG_LOG").as_deref() {
        None => Ok(None),
        Some("text") => Ok(Some(LogFormat::Text)),
        Some("json") => Ok(Some(LogFormat::Json)),
        Some(_) => Err(CliError::Usage(words::env_wrong("ZOUFANG_LOG"))),
    }
}

/// A URL without what stands between `:` and `@`.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((who, host)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    let user = who.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn env_of<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        }
    }

    const FILE: &str =
        "data = \"/from/file\"\nlisten = \"127.0.0.1:1111\"\nbank_name = \"青山农商行\"\n";

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
        let env = [
            ("ZOUFANG_DATA", "/from/env"),
            ("ZOUFANG_LISTEN", "127.0.0.1:2222"),
        ];
        let flags = Flags {
            data: Some("/from/flag".into()),
            ..Flags::default()
        };
        let config = Config::from_parts(&flags, &env_of(&env), FILE).unwrap();
        assert_eq!(
            config.data,
            Set {
                value: "/from/flag".into(),
                origin: Origin::Flag
            }
        );
        assert_eq!(
            config.listen,
            Set {
                value: "127.0.0.1:2222".parse().unwrap(),
                origin: Origin::Env
            }
        );
        assert_eq!(
            config.bank_name,
            Set {
                value: "青山农商行".to_owned(),
                origin: Origin::File
            }
        );
        assert_eq!(
            config.worker,
            Set {
                value: true,
                origin: Origin::Default
            }
        );
    }

    #[test]
    fn the_database_is_a_file_in_the_data_folder_unless_said_otherwise() {
        let flags = Flags {
            data: Some("/srv/zf".into()),
            ..Flags::default()
        };
        let config = Config::from_parts(&flags, &env_of(&[]), "").unwrap();
        assert_eq!(config.db_url.value, "sqlite:/srv/zf/zoufang.db");
        let env = [("ZOUFANG_DB_URL", "postgres://zf:secret@db/zf")];
        let config = Config::from_parts(&flags, &env_of(&env), "").unwrap();
        assert_eq!(config.db_url.origin, Origin::Env);
        assert_eq!(config.sqlite_path(), None);
    }

    #[test]
    fn a_port_alone_means_this_machine_only() {
        let flags = Flags {
            port: Some(9000),
            ..Flags::default()
        };
        let config = Config::from_parts(&flags, &env_of(&[]), "").unwrap();
        assert_eq!(config.listen.value.to_string(), "127.0.0.1:9000");
    }

    #[test]
    fn an_unknown_key_or_a_bad_value_is_wrong_usage() {
        let flags = Flags::default();
        for text in ["datta = \"x\"", "listen = \"everywhere\"", "worker = 1"] {
            let error = Config::from_parts(&flags, &env_of(&[]), text).unwrap_err();
            assert_eq!(error.code(), 2, "{text}");
        }
        assert_eq!(
            Config::from_parts(&flags, &env_of(&[("ZOUFANG_LISTEN", "x")]), "")
                .unwrap_err()
                .code(),
            2
        );
    }

    #[test]
    fn a_config_file_that_was_named_must_exist() {
        let flags = Flags {
            config: Some("/nowhere/zoufang.toml".into()),
            ..Flags::default()
        };
        assert_eq!(Config::load(&flags, &env_of(&[])).unwrap_err().code(), 2);
    }

    #[test]
    fn the_password_of_a_database_url_is_never_shown() {
        let flags = Flags {
            db_url: Some("postgres://zf:s3cr@t@db:5432/zf".into()),
            ..Flags::default()
        };
        let config = Config::from_parts(&flags, &env_of(&[]), "").unwrap();
        let shown = config
            .table()
            .into_iter()
            .find(|(name, ..)| *name == "db_url")
            .unwrap()
            .1;
        assert_eq!(shown, "postgres://zf@db:5432/zf");
    }
}
