//! SQL of one version of a campaign. Versions are written by the program's own
//! service; here they are only read.

use zf_store::statements;

statements! {
    /// One version with its file.
    VERSION_FETCH: reference = "SELECT made_at, made_by_name, note, definition FROM program_version WHERE program_id = $1 AND version = $2";
}
