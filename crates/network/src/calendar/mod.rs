//! The work calendar over HTTP: days with holidays, make-up workdays and lunar
//! dates, and the bank's corrections. The dates come from the base, the
//! corrections from the kernel.

pub mod http;
