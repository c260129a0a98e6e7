//! Campaign files as they are stored, read once: every push, plan and page
//! names the same few, and reading one takes longer than storing a visit. The
//! key is the whole text, so an old version is never taken for a new one. No
//! database, no clock.

use crate::definition::{Aliases, Definition};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Most texts kept; above that all are read anew.
const KEPT: usize = 64;

static READ: LazyLock<Mutex<HashMap<String, Arc<Definition>>>> = LazyLock::new(Mutex::default);

/// The definition of a stored text.
///
/// # Errors
/// How many faults it has.
pub(super) fn definition(text: &str) -> Result<Arc<Definition>, usize> {
    let known = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(text) {
        return Ok(known.clone());
    }
    drop(known);
    let read = Definition::parse(text, &Aliases::default()).map_err(|e| e.len())?;
    let read = Arc::new(read);
    let mut kept = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(text.to_owned(), read.clone());
    Ok(read)
}
