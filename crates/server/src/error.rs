//! How a command ends. Four ways, four exit codes, the same for every command:
//! 0 done, 1 the input has errors, 2 wrong usage, 3 the system failed. Texts
//! come from `words.rs` or from the refusal's own sentence and carry no
//! personal data.

use thiserror::Error;
use zf_kernel::KernelError;
use zf_store::StoreError;
use zf_vault::VaultError;

/// Why a command did not do what it was asked for.
#[derive(Debug, Error)]
pub enum CliError {
    /// The input has errors: exit code 1. One line each.
    #[error("{}", .0.join("\n"))]
    Input(Vec<String>),
    /// Called in a wrong way: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The system failed: exit code 3.
    #[error("{0}")]
    System(String),
}

/// Result of commands.
pub type Result<T> = std::result::Result<T, CliError>;

impl CliError {
    /// One line about the input.
    pub fn input(line: impl Into<String>) -> CliError {
        CliError::Input(vec![line.into()])
    }
    /// A failure of the system.
    pub fn system(text: impl ToString) -> CliError {
        CliError::System(text.to_string())
    }
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            CliError::Input(_) => 1,
            CliError::Usage(_) => 2,
            CliError::System(_) => 3,
        }
    }
}

impl From<KernelError> for CliError {
    fn from(e: KernelError) -> CliError {
        let KernelError::Refused(refusal) = e else {
            return CliError::System(e.to_string());
        };
        let fill = |text: &str| {
            let args = refusal.args.iter();
            args.fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        if refusal.fields.is_empty() {
            return CliError::input(fill(zf_web::words::sentence(refusal.code.code).1));
        }
        let line = |f: &zf_kernel::FieldError| {
            format!(
                "{}: {}",
                f.field,
                fill(zf_web::words::field_sentence(f.code))
            )
        };
        CliError::Input(refusal.fields.iter().map(line).collect())
    }
}

impl From<StoreError> for CliError {
    fn from(e: StoreError) -> CliError {
        KernelError::from(e).into()
    }
}

impl From<VaultError> for CliError {
    fn from(e: VaultError) -> CliError {
        match e {
            VaultError::WrongPassphrase | VaultError::EmptyPassphrase => {
                CliError::input(crate::words::WRONG_PASSPHRASE)
            }
            VaultError::DamagedKeyFile(_) => CliError::input(crate::words::DAMAGED_KEY_FILE),
            other => CliError::System(other.to_string()),
        }
    }
}

impl From<std::io::Error> for CliError {
    fn from(e: std::io::Error) -> CliError {
        CliError::System(e.to_string())
    }
}

impl From<serde_json::Error> for CliError {
    fn from(e: serde_json::Error) -> CliError {
        CliError::System(e.to_string())
    }
}
