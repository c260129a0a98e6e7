//! Statements: every SQL text in the program is a named constant made by
//! [`statements!`](crate::statements), so that a test can prepare all of them
//! on both engines and check the rule of the unit. The text is one dialect
//! that both engines read: `$1` placeholders, `ON CONFLICT`, `RETURNING`, row
//! values. Only `{skip_locked}` differs.

use crate::Engine;
use std::borrow::Cow;

/// One SQL statement: a named constant, prepared on both databases in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql {
    /// Name of the constant, shown in errors.
    pub name: &'static str,
    /// The text with `$1`, `$2` … placeholders.
    pub text: &'static str,
    /// Which tables it may touch.
    pub scope: Scope,
    /// The Rust module it is declared in.
    pub module: &'static str,
}

/// Which tables a statement touches; decides who may run it and how it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A business table: `$1` is always `unit_id`.
    Unit,
    /// A reference table.
    Ref,
    /// A declared read across units.
    Cross,
}

impl Sql {
    /// The text for an engine: `{skip_locked}` replaced.
    pub(crate) fn for_engine(&self, engine: Engine) -> Cow<'static, str> {
        const TOKEN: &str = "{skip_locked}";
        if !self.text.contains(TOKEN) {
            return Cow::Borrowed(self.text);
        }
        let with = match engine {
            Engine::Sqlite => "",
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        };
        Cow::Owned(self.text.replace(TOKEN, with))
    }
}

/// Declares the statements of a module and `STATEMENTS`, the list of all of them.
///
/// ```
/// zf_store::statements! {
///     /// One customer of a unit.
///     CUSTOMER_BY_ID: unit = "SELECT name FROM customer WHERE unit_id = $1 AND id = $2";
///     ROLE_LIST: reference = "SELECT id, name FROM role ORDER BY id";
///     VISITS_TODAY: cross = "SELECT unit_id, COUNT(*) FROM visit WHERE day = $1 GROUP BY unit_id";
/// }
/// assert_eq!(STATEMENTS.len(), 3);
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident : $scope:ident = $text:expr;)*) => {
        $(
            $(#[$meta])*
            #[doc = "```sql"]
            #[doc = $text]
            #[doc = "```"]
            pub const $name: $crate::Sql = $crate::Sql {
                name: stringify!($name),
                text: $text,
                scope: $crate::__scope!($scope),
                module: module_path!(),
            };
        )*
        /// Every statement of this module, for the tests that prepare them on both engines.
        pub const STATEMENTS: &[$crate::Sql] = &[$($name),*];
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __scope {
    (unit) => {
        $crate::Scope::Unit
    };
    (reference) => {
        $crate::Scope::Ref
    };
    (cross) => {
        $crate::Scope::Cross
    };
}

/// Parameters of a statement in the order of `$1`, `$2` …: `params![unit, id, "text"]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec::Vec::<$crate::Value>::from([$($crate::Value::from($value)),*])
    };
}
