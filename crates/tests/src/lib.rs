//! The harness of the integration tests: a small organisation on a fresh
//! database of either engine, browsers that sign in over HTTP, and a guard that
//! reads every answer. It knows every crate and is known by none; what it
//! returns are answers of the real router, never of a service behind it.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

pub mod browser;
pub mod files;
pub mod guard;
pub mod people;
pub mod program;
pub mod scan;
pub mod world;

pub use browser::{Browser, Reply};
pub use world::{Clock, World};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the server of `ZF_TEST_PG`.
    Postgres,
}

/// Declares tests that run on both engines: `both! { async fn a_sentence(w: World) { … } }`
/// becomes `sqlite::a_sentence` and `postgres::a_sentence`.
#[macro_export]
macro_rules! both {
    ($(async fn $name:ident($world:ident: World) $body:block)*) => {
        $(async fn $name($world: $crate::World) $body)*
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                $crate::world::on($crate::On::Sqlite, super::$name).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                $crate::world::on($crate::On::Postgres, super::$name).await;
            })*
        }
    };
}
