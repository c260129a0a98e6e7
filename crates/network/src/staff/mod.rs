//! Staff and posts over HTTP. The rules are the kernel's; this slice only
//! parses, authorises and answers, and masks the telephone on the way out.
//! It knows nothing of teams or plans.

pub mod http;
