//! The form noun: questionnaires of the county. Versions are drafts until they
//! are published and never change afterwards; forms that a pack delivers are
//! published versions as well. It stands in this room because paper, desk and
//! phone all ask for the questions of a campaign. Knows questions, no answers
//! of anybody; what is right in a form is decided by `zf_forms`.

mod excel;
pub mod http;
pub mod service;
pub mod store;
pub mod words;

use zf_base::Timestamp;
use zf_forms::Form;
use zf_kernel::unit::Unit;

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// May be changed.
    Draft,
    /// Answers may be given to it; never changes.
    Published,
    /// Not offered any more; answers given to it stay readable.
    Retired,
}

impl State {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Published => "published",
            State::Retired => "retired",
        }
    }

    /// From the database.
    pub fn from_stored(text: &str) -> Option<State> {
        [State::Draft, State::Published, State::Retired]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// Who did something to a version, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Name as shown.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

/// One version of a form.
#[derive(Clone, Debug)]
pub struct FormVersion {
    /// Questions; its `version` is the number of this version.
    pub form: Form,
    /// Draft, published or retired.
    pub state: State,
    /// Counts the changes of a draft from 1; 0 for a form of a pack.
    pub rev: i64,
    /// Whose form it is; none for a form of a pack.
    pub home: Option<Unit>,
    /// The version it was made from.
    pub cloned_from: Option<i64>,
    /// What is new.
    pub note: String,
    /// Who began it; none for a form of a pack.
    pub made: Option<Done>,
    /// Who published it.
    pub published: Option<Done>,
    /// Who retired it.
    pub retired: Option<Done>,
    /// The pack that delivered it.
    pub pack: Option<String>,
}
