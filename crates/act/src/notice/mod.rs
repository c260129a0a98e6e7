//! Notices while the console is open: how much waits in the inbox, told to the
//! page as it changes. Counts only, no title and no name; a stream lives no
//! longer than the session behind it and does not keep that alive.

pub mod http;
