//! Paper of the field: collection forms filled in with what is known (CAP-001),
//! and the convenience service card of an outlet (DOC-006). Forms carry names
//! and addresses in full, so printing them is a reveal of its own kind: own
//! branch only, one event with program, week and number of names. Makes no plan
//! and changes no customer.

pub mod card;
pub mod forms;
pub mod http;
pub mod numbers;
pub mod store;
