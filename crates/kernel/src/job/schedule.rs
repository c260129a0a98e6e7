//! Schedules: cron lines (in China time) that become jobs when due. Rooms ship
//! presets; the bank's changes to the rows win. A run that was missed is made
//! up once, however long the machine was off.

use super::store::*;
use super::{NewJob, service};
use crate::app::App;
use crate::error::{KernelError, Result};
use crate::unit::service::unit_root;
use croner::Cron;
use serde_json::Value as Json;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{JobId, Timestamp, UnitId, UserId, time::CHINA_OFFSET_SECONDS};
use zf_store::params;

/// A schedule a room ships; the bank may change or switch it off.
pub struct Preset {
    /// Kind of the job.
    pub kind: &'static str,
    /// Five-field cron line in China time.
    pub cron: &'static str,
}

/// Adds schedules that are not there yet.
pub async fn install(app: &App, presets: &[Preset], now: Timestamp) -> Result<()> {
    for p in presets {
        let next = next_after(p.cron, now)?;
        app.db
            .exec(
                SCHEDULE_ADD,
                params![p.kind, p.cron, serde_json::json!({}), next, true, now],
            )
            .await?;
    }
    Ok(())
}

/// The first moment after `now` that a cron line names.
pub fn next_after(line: &str, now: Timestamp) -> Result<Timestamp> {
    let bad = |e: String| KernelError::Internal(format!("cron line {line}: {e}"));
    let cron: Cron = line.parse().map_err(|e| bad(format!("{e}")))?;
    // croner works on chrono; China time is shifted in and out as if it were UTC.
    let shifted = now.0 / 1_000_000 + CHINA_OFFSET_SECONDS;
    let start =
        chrono::DateTime::from_timestamp(shifted, 0).ok_or_else(|| bad("time".to_owned()))?;
    let next = cron
        .find_next_occurrence(&start, false)
        .map_err(|e| bad(format!("{e}")))?;
    Ok(Timestamp(
        (next.timestamp() - CHINA_OFFSET_SECONDS) * 1_000_000,
    ))
}

/// Turns due schedules into jobs. Any worker may; the row decides who wins.
/// Moving the schedule on and enqueueing its job are one transaction, so no
/// crash loses a run. A schedule that cannot be read does not stop the others.
pub async fn materialise(app: &App, now: Timestamp) -> Result<()> {
    let due = app.db.query(SCHEDULE_DUE, params![true, now]).await?;
    if due.is_empty() {
        return Ok(());
    }
    let Some(root) = unit_root(app).await? else {
        return Ok(());
    };
    for row in due {
        let kind: String = row.get(0)?;
        let line: String = row.get(1)?;
        let at: Timestamp = row.get(3)?;
        let next = next_after(&line, now).unwrap_or_else(|e| {
            tracing::error!(kind, error = %e, "schedule cannot be read; tried again tomorrow");
            now.plus_seconds(24 * 3600)
        });
        let step = Step {
            kind: &kind,
            args: row.get(2)?,
            at,
            next,
            root: root.id,
        };
        match fire(app, step, now).await {
            Ok(()) => {}
            // A job of this very moment is open already; only the row has to move.
            Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => {
                app.db
                    .exec(SCHEDULE_MOVE, params![kind.as_str(), at, next, now])
                    .await?;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

struct Step<'a> {
    kind: &'a str,
    args: Json,
    at: Timestamp,
    next: Timestamp,
    root: UnitId,
}

async fn fire(app: &App, step: Step<'_>, now: Timestamp) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let moved = tx
        .exec(SCHEDULE_MOVE, params![step.kind, step.at, step.next, now])
        .await?;
    if moved == 0 {
        return Ok(tx.rollback().await?);
    }
    // Only kinds the program knows become jobs; the row moves on in any case.
    match KINDS.iter().find(|k| **k == step.kind) {
        Some(kind) => {
            let job = NewJob::new(kind, step.root, step.args).once(step.at);
            let id = JobId(app.new_id());
            tx.exec(JOB_ADD, service::row_of(id, UserId(Uuid::nil()), now, &job))
                .await?;
        }
        None => tracing::error!(kind = step.kind, "schedule of an unknown kind"),
    }
    Ok(tx.commit().await?)
}

/// Kinds that may be scheduled.
pub const KINDS: &[&str] = &[
    "audit.daily_root",
    "session.forget",
    "plan.week_all",
    "group.refresh",
    "target.sources_lapsed",
    "import.forget",
    "custody.retention",
    "custody.forget_exports",
    "register.quality",
    "task.tick",
    "routine.run",
    crate::keys::RESEAL,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron_lines_are_read_in_china_time() {
        // Friday 2016-10-14 14:00 in China is 06:00Z.
        let now: Timestamp = "2016-10-12T00:00:00Z".parse().unwrap();
        assert_eq!(
            next_after("0 14 * * 5", now).unwrap().to_string(),
            "2016-10-14T14:00:00+08:00"
        );
        assert!(next_after("whenever", now).is_err());
    }
}
