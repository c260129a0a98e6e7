//! Texts that people type and that stay in clear: a reason, a title, a note to
//! a version. They are read by many and go to the audit log, so they must not
//! say who they are about. Knows lengths and masks; decides nothing else.

use crate::error::{KernelError, Result};
use zf_base::limits;
use zf_base::mask::{FreeNote, Kind};

/// Neither empty nor long, and without runs of digits that could be a phone or
/// an ID number; trimmed.
///
/// # Errors
/// `field.required`, `field.too_long` or `text.personal` at the field.
pub fn clear_text(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KernelError::field(field, "field.required"));
    }
    if text.chars().count() > limits::REASON_CHARS_MAX {
        return Err(KernelError::field(field, "field.too_long"));
    }
    // The mask of a note stars long runs of digits; nothing to star means none.
    if FreeNote::mask(text) != text {
        return Err(KernelError::field(field, "text.personal"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        match clear_text("note", text) {
            Err(KernelError::Refused(r)) => r.fields[0].code,
            _ => "",
        }
    }

    #[test]
    fn a_reason_is_short_and_about_nobody() {
        assert_eq!(
            clear_text("note", " 周一晨会 ").ok().as_deref(),
            Some("周一晨会")
        );
        assert_eq!(code(" "), "field.required");
        assert_eq!(
            code(&"长".repeat(limits::REASON_CHARS_MAX + 1)),
            "field.too_long"
        );
        assert_eq!(code("给 10412345678 打电话"), "text.personal");
    }
}
