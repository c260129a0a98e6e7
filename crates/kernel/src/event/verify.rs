//! Re-computing the audit chain: every stream of every unit, against its head.
//! Finds a change, removal, insertion or reordering of any row, a chain whose
//! tail or whose head was removed, and a head that was forged.

use super::service::read_event;
use super::store::*;
use crate::app::App;
use crate::error::Result;
use zf_base::{Day, UnitId};
use zf_store::params;
use zf_vault::{ChainEntry, ChainHead, ChainVerifier, Finding};

/// What the verification saw.
#[derive(Clone, Debug)]
pub struct Report {
    /// Events read.
    pub events: u64,
    /// Streams read.
    pub streams: usize,
    /// What is wrong; empty = the chain holds.
    pub findings: Vec<Finding>,
}

const PAGE: i64 = 2_000;

/// Reads all heads.
async fn heads(app: &App) -> Result<Vec<ChainHead>> {
    let rows = app.db.query(EVENT_HEADS, params![]).await?;
    rows.iter()
        .map(|r| {
            let unit: UnitId = r.get(0)?;
            let stream: i64 = r.get(1)?;
            let hash: Vec<u8> = r.get(3)?;
            let mac: Vec<u8> = r.get(4)?;
            Ok(ChainHead {
                unit: unit.uuid(),
                stream: stream as u8,
                seq: r.get(2)?,
                hash: fixed(&hash),
                mac: fixed(&mac),
            })
        })
        .collect()
}

/// A stored hash of the wrong length cannot be right; zeros make that show.
fn fixed(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or([0; 32])
}

/// Verifies the whole installation.
pub async fn verify_all(app: &App) -> Result<Report> {
    let heads = heads(app).await?;
    let chains = app.db.query(EVENT_CHAINS, params![]).await?;
    let mut verifier = ChainVerifier::new(&app.vault);
    for row in &chains {
        verify_stream(app, &mut verifier, row.get(0)?, row.get(1)?).await?;
    }
    let events = verifier.fed();
    let findings = verifier.finish(&heads);
    Ok(Report {
        events,
        streams: chains.len(),
        findings,
    })
}

async fn verify_stream(
    app: &App,
    verifier: &mut ChainVerifier,
    unit: UnitId,
    stream: i64,
) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let rows = app
            .read_unit(unit, EVENT_STREAM, params![stream, after, PAGE])
            .await?;
        for row in &rows {
            let e = read_event(row)?;
            after = e.seq;
            let actor = actor_text(&e.actor_id.to_string(), &e.actor_name);
            let entry = ChainEntry {
                unit: e.unit_id.uuid(),
                stream: e.stream as u8,
                seq: e.seq,
                id: e.id,
                at: e.at.0,
                actor: &actor,
                action: &e.action,
                target_kind: &e.target_kind,
                target_id: &e.target_id,
                detail: &e.detail,
            };
            verifier.feed(&entry, &fixed(&e.hash));
        }
        if (rows.len() as i64) < PAGE {
            return Ok(());
        }
    }
}

/// Who, as the chain hashes it: id and name, so that neither can be changed.
pub fn actor_text(id: &str, name: &str) -> String {
    format!("{id} {name}")
}

/// Makes the root of the day over all heads and stores it.
pub async fn daily_root(app: &App, day: Day) -> Result<[u8; 32]> {
    let heads = heads(app).await?;
    let root = app.vault.daily_root(day, &heads);
    app.db
        .exec(
            AUDIT_ROOT_SET,
            params![day, root.as_slice(), heads.len() as i64, app.now()],
        )
        .await?;
    Ok(root)
}
