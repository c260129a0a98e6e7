//! What a service can answer instead of a result. A refusal carries a stable
//! code and arguments, never a sentence: the words come from `web::words`, so
//! that every language says the same thing and no personal data slips into an
//! error text.

use std::collections::BTreeMap;
use thiserror::Error;
use zf_base::code::ErrorCode;
use zf_store::StoreError;
use zf_vault::VaultError;

/// One field of the request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field as in the request.
    pub field: String,
    /// What is wrong, e.g. `field.required`.
    pub code: &'static str,
}

/// The caller asked for something that cannot be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, decides the HTTP status.
    pub code: ErrorCode,
    /// Values for the sentence; never personal data.
    pub args: BTreeMap<&'static str, String>,
    /// The fields that are wrong, when it is about fields.
    pub fields: Vec<FieldError>,
}

/// Any failure below the HTTP edge.
#[derive(Debug, Error)]
pub enum KernelError {
    /// The caller can do something about it.
    #[error("refused: {}", .0.code.code)]
    Refused(Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
    /// A sealed value could not be opened, or a key is missing.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Something the code promised did not hold; the text is for the log.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<StoreError> for KernelError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::NotFound => KernelError::refused(ErrorCode::NOT_FOUND),
            StoreError::Conflict { .. } => KernelError::refused(ErrorCode::CONFLICT),
            other => KernelError::Store(other),
        }
    }
}

impl KernelError {
    /// A refusal without arguments.
    pub fn refused(code: ErrorCode) -> Self {
        KernelError::Refused(Refusal {
            code,
            args: BTreeMap::new(),
            fields: vec![],
        })
    }
    /// A refusal because of one field.
    pub fn field(field: &str, what: &'static str) -> Self {
        KernelError::Refused(Refusal {
            code: ErrorCode::INPUT_INVALID,
            args: BTreeMap::new(),
            fields: vec![FieldError {
                field: field.to_owned(),
                code: what,
            }],
        })
    }
    /// The same refusal with one more argument for its sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if let KernelError::Refused(r) = &mut self {
            r.args.insert(name, value.to_string());
        }
        self
    }
    /// The stable code of a refusal.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            KernelError::Refused(r) => Some(r.code.code),
            _ => None,
        }
    }
}

/// Shorthand used all over the kernel and the rooms.
pub type Result<T> = std::result::Result<T, KernelError>;
