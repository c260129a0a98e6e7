//! Units over HTTP: the visible tree with counts, one unit, adding and
//! changing. The rules are the kernel's; this slice only parses, authorises
//! and answers.

pub mod http;
