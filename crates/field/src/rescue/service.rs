//! The organisation's rescue key: made when the first phone is enrolled, its
//! private half sealed by the vault.

use super::store::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use uuid::Uuid;
use zf_base::UnitId;
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::unit_root;
use zf_store::params;
use zf_vault::{Aad, os_random, rescue};

/// The key of the organisation.
pub(crate) struct Key {
    pub id: Uuid,
    pub home: UnitId,
    pub public: Vec<u8>,
    pub sealed: Vec<u8>,
}

pub(crate) fn aad(home: UnitId, id: Uuid) -> Aad<'static> {
    Aad {
        table: "rescue_key",
        column: "private_sealed",
        unit: home.uuid(),
        row: id,
    }
}

pub(crate) async fn find(app: &App) -> Result<Option<Key>> {
    let rows = app.db.query(RESCUE_KEY, params![]).await?;
    let read = |r: &zf_store::Row| {
        Ok(Key {
            id: r.get(0)?,
            home: r.get(1)?,
            public: r.get(2)?,
            sealed: r.get(3)?,
        })
    };
    rows.first().map(read).transpose()
}

pub(crate) async fn key(app: &App) -> Result<Key> {
    if let Some(key) = find(app).await? {
        return Ok(key);
    }
    let root = unit_root(app).await?;
    let lost = |what: &str| KernelError::Internal(what.to_owned());
    let root = root.ok_or_else(|| lost("no organisation"))?.id;
    let (id, (private, public)) = (app.new_id(), rescue::generate(&mut os_random));
    let sealed = app.vault.seal(&aad(root, id), &private);
    let row = params![id, root, public.to_vec(), sealed, app.now()];
    app.db.exec(RESCUE_KEY_ADD, row).await?;
    find(app).await?.ok_or_else(|| lost("no rescue key"))
}

/// The public half as a JWK, made when there is none yet.
///
/// # Errors
/// Only the database.
pub async fn public_key(app: &App) -> Result<Json> {
    let key = key(app).await?;
    let half = |from: usize| URL_SAFE_NO_PAD.encode(&key.public[from..from + 32]);
    Ok(json!({
        "kty": "EC", "crv": "P-256", "x": half(1), "y": half(33),
        "kid": key.id, "key_ops": [], "ext": true,
    }))
}
