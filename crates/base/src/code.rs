//! Stable error codes: what a program may match on. The HTTP layer puts the
//! code and the status into problem+json and adds the sentence a person reads
//! (from the words files). A code, once released, is never renamed or reused.

use std::fmt;

/// A stable code with the HTTP status it answers with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// `area.what`, lower case, never translated.
    pub code: &'static str,
    /// HTTP status, 400…599.
    pub status: u16,
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: ErrorCode = ErrorCode { code: $code, status: $status };)*
            /// Every code there is, for the documentation and the words test.
            pub const ALL: &'static [ErrorCode] = &[$(Self::$name),*];
        }
    };
}

codes! {
    /// Nobody is signed in.
    AUTH_REQUIRED = "auth.required", 401;
    /// Wrong name or password; never says which.
    AUTH_FAILED = "auth.failed", 401;
    /// The session ended (idle, absolute limit, signed out elsewhere).
    AUTH_EXPIRED = "auth.expired", 401;
    /// A one-time code is needed next.
    AUTH_TOTP_REQUIRED = "auth.totp_required", 401;
    /// Too many wrong passwords for this account.
    AUTH_LOCKED = "auth.locked", 423;
    /// Too many attempts from this address.
    AUTH_THROTTLED = "auth.throttled", 429;
    /// The new password is too short, too common or too old.
    AUTH_PASSWORD_WEAK = "auth.password_weak", 422;
    /// The password must be changed first.
    AUTH_PASSWORD_EXPIRED = "auth.password_expired", 403;
    /// A demo sign-in from another machine.
    AUTH_DEMO_REMOTE = "auth.demo_remote", 403;
    /// The request lacks the proof that it comes from our own page.
    AUTH_CSRF = "auth.csrf", 403;
    /// Signed in, but not with this permission.
    PERMISSION_DENIED = "permission.denied", 403;
    /// Two roles that exclude each other (system, security, audit).
    PERMISSION_EXCLUSIVE = "permission.exclusive", 409;
    /// A second person must approve.
    PERMISSION_SECOND_PERSON = "permission.second_person", 409;
    /// Nothing at this address, or outside of the caller's scope.
    NOT_FOUND = "not_found", 404;
    /// No such unit in scope.
    UNIT_NOT_FOUND = "unit.not_found", 404;
    /// The unit still has staff, customers or units below it.
    UNIT_IN_USE = "unit.in_use", 409;
    /// The unit would hang below itself, or too deep.
    UNIT_TREE = "unit.tree", 422;
    /// No such member of staff in scope.
    STAFF_NOT_FOUND = "staff.not_found", 404;
    /// No such account in scope.
    USER_NOT_FOUND = "user.not_found", 404;
    /// No such customer in scope.
    CUSTOMER_NOT_FOUND = "customer.not_found", 404;
    /// The kept record was changed after the merge; taking it back loses that.
    MERGE_CHANGED = "merge.changed", 409;
    /// The kept record has left itself; that must be taken back first.
    MERGE_STUCK = "merge.stuck", 409;
    /// The customer numbers are taken in the other branch.
    TRANSFER_TAKEN = "transfer.taken", 409;
    /// Customers of the branch could not be moved, so it is not closed.
    CLOSING_LEFT = "closing.left", 409;
    /// No such program in scope.
    PROGRAM_NOT_FOUND = "program.not_found", 404;
    /// The program cannot be started as it is; the findings say why.
    PROGRAM_INFEASIBLE = "program.infeasible", 422;
    /// Nobody but the author has approved this version of the program.
    PROGRAM_NOT_APPROVED = "program.not_approved", 409;
    /// No such plan in scope.
    PLAN_NOT_FOUND = "plan.not_found", 404;
    /// The plan is released and can be changed only by a new version.
    PLAN_RELEASED = "plan.released", 409;
    /// No such form.
    FORM_NOT_FOUND = "form.not_found", 404;
    /// A published form cannot be changed.
    FORM_PUBLISHED = "form.published", 409;
    /// No such import in scope.
    IMPORT_NOT_FOUND = "import.not_found", 404;
    /// The file is neither CSV nor a workbook, or has no rows.
    IMPORT_FILE = "import.file", 422;
    /// Columns are missing or doubled.
    IMPORT_COLUMNS = "import.columns", 422;
    /// More rows than one import may have.
    IMPORT_TOO_LARGE = "import.too_large", 413;
    /// The same file is being imported.
    IMPORT_RUNNING = "import.running", 409;
    /// The import is not in a state in which this can be done.
    IMPORT_STATE = "import.state", 409;
    /// The file of the import is no longer kept.
    IMPORT_FILE_GONE = "import.file_gone", 409;
    /// The file has coordinates and nobody has said in which system.
    IMPORT_DATUM = "import.datum", 422;
    /// The export is not in a state in which this can be done.
    EXPORT_STATE = "export.state", 409;
    /// The file of the export is no longer kept, or was taken often enough.
    EXPORT_GONE = "export.gone", 410;
    /// The task is not in a state in which this can be done.
    TASK_STATE = "task.state", 409;
    /// Parts of the task are still open.
    TASK_CHILDREN = "task.children", 409;
    /// No such job in scope.
    JOB_NOT_FOUND = "job.not_found", 404;
    /// Fields are wrong; the list says which.
    INPUT_INVALID = "input.invalid", 422;
    /// The body is no JSON of the expected shape.
    INPUT_MALFORMED = "input.malformed", 400;
    /// The body is too large.
    INPUT_TOO_LARGE = "input.too_large", 413;
    /// Another media type than the operation takes.
    INPUT_MEDIA_TYPE = "input.media_type", 415;
    /// The address exists, but not with this method.
    METHOD_NOT_ALLOWED = "method_not_allowed", 405;
    /// A page cursor that we did not give out.
    CURSOR_INVALID = "cursor.invalid", 400;
    /// Somebody changed it in the meantime.
    CONFLICT = "conflict", 409;
    /// The business key is taken.
    DUPLICATE = "duplicate", 409;
    /// A reveal without a reason.
    REVEAL_REASON = "reveal.reason", 422;
    /// More reveals today than allowed.
    REVEAL_LIMIT = "reveal.limit", 429;
    /// A stored value cannot be decrypted: wrong key or damaged.
    VAULT_UNREADABLE = "vault.unreadable", 500;
    /// The audit chain of a unit is damaged: nothing is written on top of it.
    AUDIT_DAMAGED = "audit.damaged", 500;
    /// The root key is not unlocked.
    VAULT_LOCKED = "vault.locked", 503;
    /// The database is busy or away; trying again helps.
    BUSY = "busy", 503;
    /// The server's disk takes no more: space must be made, then it goes on by itself.
    DISK_FULL = "disk.full", 507;
    /// The code for a phone is wrong, used, or too old.
    DEVICE_CODE = "device.code", 422;
    /// The phone is not enrolled, or for somebody else.
    DEVICE_UNKNOWN = "device.unknown", 403;
    /// The phone was revoked: it may give but not take.
    DEVICE_REVOKED = "device.revoked", 403;
    /// The cursor is older than what is kept: everything has to be fetched anew.
    SYNC_RESYNC = "sync.resync", 410;
    /// What was kept aside cannot be understood yet.
    QUARANTINE_STILL = "quarantine.still", 409;
    /// A form is typed a second time by somebody else.
    DESK_SAME_TYPIST = "desk.same_typist", 409;
    /// The upload goes on at another place.
    BLOB_OFFSET = "blob.offset", 409;
    /// The bytes are not those that were announced.
    BLOB_CHECKSUM = "blob.checksum", 460;
    /// The upload has expired, or was never begun.
    BLOB_GONE = "blob.gone", 404;
    /// The request took longer than a request may.
    TIMEOUT = "timeout", 503;
    /// The server is stopping.
    STOPPING = "stopping", 503;
    /// A fault of ours; the log has the details.
    INTERNAL = "internal", 500;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for e in ErrorCode::ALL {
            assert!(seen.insert(e.code), "{e} twice");
            assert!((400..600).contains(&e.status), "{e}");
            let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '.' | '_');
            assert!(e.code.chars().all(plain), "{e}");
        }
        assert!(seen.len() > 40);
    }

    #[test]
    fn statuses_say_what_kind_of_fault_it_is() {
        assert_eq!(ErrorCode::UNIT_NOT_FOUND.status, 404);
        assert_eq!(ErrorCode::AUTH_REQUIRED.status, 401);
        assert_eq!(ErrorCode::PERMISSION_DENIED.status, 403);
        assert_eq!(ErrorCode::INPUT_INVALID.to_string(), "input.invalid");
    }
}
