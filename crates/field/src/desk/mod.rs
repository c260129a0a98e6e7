//! The desk (CAP-003): paper forms of a day are typed in at the branch the same
//! evening. Shows what is to be typed, by the number on the form, and what is
//! in already. Typing itself is a push like a phone's, so nothing is lost or
//! doubled by a second click or a torn line.

pub mod double;
pub mod http;
pub mod parameters;
pub mod service;
pub mod store;
