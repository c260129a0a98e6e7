//! SQL of form versions. A draft is changed by its revision; what is published
//! is only retired.

use zf_store::statements;

statements! {
    /// All versions, forms by id, newest version first.
    FORM_VERSIONS: reference = "SELECT form_id, version, home_id, state, rev, definition, cloned_from, note, made_by_name, made_at, published_by_name, published_at, retired_by_name, retired_at FROM form_version ORDER BY form_id, version DESC LIMIT $1";
    /// Versions of one form, newest first.
    FORM_VERSIONS_OF: reference = "SELECT form_id, version, home_id, state, rev, definition, cloned_from, note, made_by_name, made_at, published_by_name, published_at, retired_by_name, retired_at FROM form_version WHERE form_id = $1 ORDER BY version DESC LIMIT $2";
    /// One version.
    FORM_VERSION: reference = "SELECT form_id, version, home_id, state, rev, definition, cloned_from, note, made_by_name, made_at, published_by_name, published_at, retired_by_name, retired_at FROM form_version WHERE form_id = $1 AND version = $2";
    /// Begins a draft, unless the number is taken.
    FORM_DRAFT_ADD: reference = "INSERT INTO form_version (form_id, version, home_id, state, rev, definition, cloned_from, note, made_by, made_by_name, made_at, published_by_name, published_at, retired_by_name, retired_at) VALUES ($1, $2, $3, 'draft', 1, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL, NULL) ON CONFLICT (form_id, version) DO NOTHING";
    /// Changes a draft that nobody has changed meanwhile.
    FORM_DRAFT_CHANGE: reference = "UPDATE form_version SET definition = $4, note = $5, rev = rev + 1 WHERE form_id = $1 AND version = $2 AND rev = $3 AND state = 'draft'";
    /// Throws a draft away.
    FORM_DRAFT_DELETE: reference = "DELETE FROM form_version WHERE form_id = $1 AND version = $2 AND state = 'draft'";
    /// Publishes a draft that nobody has changed meanwhile.
    FORM_PUBLISH: reference = "UPDATE form_version SET state = 'published', published_by_name = $4, published_at = $5 WHERE form_id = $1 AND version = $2 AND rev = $3 AND state = 'draft'";
    /// Takes a version out of use.
    FORM_RETIRE: reference = "UPDATE form_version SET state = 'retired', retired_by_name = $3, retired_at = $4 WHERE form_id = $1 AND version = $2 AND state = 'published'";
}
