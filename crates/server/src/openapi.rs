//! The API's document without an installation: a throw-away database and key
//! ring stand in, because the router is built from the running state. Nothing
//! of them is in the document.

use crate::error::Result;
use crate::{open, router};
use zf_kernel::migrations::MIGRATIONS;
use zf_store::Db;
use zf_vault::{KdfParams, Keyring, Suite};
use zf_web::WebState;
use zf_web::state::Info;

/// A state on an empty database in a folder that vanishes with the guard.
pub async fn empty_state() -> Result<(WebState, tempfile::TempDir)> {
    let dir = tempfile::tempdir()?;
    let db = Db::open(&format!("sqlite:{}", dir.path().join("empty.db").display())).await?;
    db.migrate(MIGRATIONS).await?;
    let rng = &mut zf_vault::os_random;
    // The ring seals nothing and is gone in a moment; a slow passphrase would only cost time.
    let (ring, _) = Keyring::create_with(Suite::Intl, "throw-away", KdfParams::TESTS_ONLY, rng)?;
    let app = open::assemble(db, ring).await?;
    let info = Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bank_name: String::new(),
        demo: false,
        secure_cookies: false,
        address_header: None,
    };
    Ok((WebState::new(app, info), dir))
}

/// The OpenAPI document as indented JSON with a final newline.
pub async fn document() -> Result<String> {
    let (state, _dir) = empty_state().await?;
    let (_, document) = router::build_api(state);
    let json = serde_json::to_value(&document)?;
    Ok(format!("{json:#}\n"))
}
