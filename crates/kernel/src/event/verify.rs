//! Re-computing the audit chain: every stream of every unit, against its head.
//! Finds a change, removal, insertion or reordering of any row, a chain whose
//! tail or whose head was removed, and a head that was forged.

use super::service::read_event;
use super::store::*;
use crate::app::App;
use crate::error::Result;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use zf_base::{Day, UnitId};
use zf_store::{Row, params};
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
    rows.iter().map(read_head).collect()
}

fn read_head(r: &Row) -> Result<ChainHead> {
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
}

/// A stored hash of the wrong length cannot be right; zeros make that show.
fn fixed(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or([0; 32])
}

/// Verifies the whole installation, also while others write.
pub async fn verify_all(app: &App) -> Result<Report> {
    let mut streams: BTreeSet<(UnitId, i64)> = BTreeSet::new();
    for sql in [EVENT_CHAINS, EVENT_HEADS] {
        for row in app.db.query(sql, params![]).await? {
            streams.insert((row.get(0)?, row.get(1)?));
        }
    }
    let mut verifier = ChainVerifier::new(&app.vault);
    let mut heads = Vec::with_capacity(streams.len());
    for (unit, stream) in &streams {
        heads.extend(verify_stream(app, &mut verifier, *unit, *stream).await?);
    }
    let events = verifier.fed();
    let findings = verifier.finish(&heads);
    Ok(Report {
        events,
        streams: streams.len(),
        findings,
    })
}

/// Feeds one stream and returns the head it must end with. The head is read
/// after the events; when it is ahead, events were added meanwhile and are
/// read too. Only a head that stays ahead without events is a finding.
async fn verify_stream(
    app: &App,
    verifier: &mut ChainVerifier,
    unit: UnitId,
    stream: i64,
) -> Result<Option<ChainHead>> {
    let mut after = feed_after(app, verifier, unit, stream, i64::MIN).await?;
    loop {
        let head = head_of(app, unit, stream).await?;
        if head.as_ref().is_none_or(|h| h.seq <= after) {
            return Ok(head);
        }
        let reached = feed_after(app, verifier, unit, stream, after).await?;
        if reached == after {
            return Ok(head);
        }
        after = reached;
    }
}

async fn head_of(app: &App, unit: UnitId, stream: i64) -> Result<Option<ChainHead>> {
    let rows = app.read_unit(unit, EVENT_HEAD, params![stream]).await?;
    rows.first().map(read_head).transpose()
}

/// Feeds the events after a number; returns the last number fed.
async fn feed_after(
    app: &App,
    verifier: &mut ChainVerifier,
    unit: UnitId,
    stream: i64,
    mut after: i64,
) -> Result<i64> {
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
            return Ok(after);
        }
    }
}

/// Who, as the chain hashes it: id and name, so that neither can be changed.
pub fn actor_text(id: &str, name: &str) -> String {
    format!("{id} {name}")
}

/// Makes the root of the day over all heads and stores it. A day has one root:
/// a second time it answers the stored one.
pub async fn daily_root(app: &App, day: Day) -> Result<[u8; 32]> {
    let heads = heads(app).await?;
    let root = app.vault.daily_root(day, &heads);
    app.db
        .exec(
            AUDIT_ROOT_SET,
            params![day, root.as_slice(), heads.len() as i64, app.now()],
        )
        .await?;
    let rows = app.db.query(AUDIT_ROOT_OF, params![day]).await?;
    let stored: Option<Vec<u8>> = rows.first().map(|r| r.get(0)).transpose()?;
    Ok(stored.map_or(root, |bytes| fixed(&bytes)))
}

/// Appends the root of a day to a file outside of the database, one line
/// `DAY HEX` each, unless the day is there already. Whoever keeps a copy of
/// this file elsewhere can show that the log was not written anew.
pub fn append_root(path: &Path, day: Day, root: &[u8; 32]) -> std::io::Result<()> {
    let known = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e),
    };
    let day = day.to_string();
    if known.lines().any(|l| l.split(' ').next() == Some(&day)) {
        return Ok(());
    }
    let hex: String = root.iter().map(|b| format!("{b:02x}")).collect();
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(format!("{day} {hex}\n").as_bytes())?;
    file.sync_all()
}
