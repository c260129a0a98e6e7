//! Schedules: cron lines (in China time) that become jobs when due.

use super::store::*;
use super::{NewJob, service};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::unit::service::unit_root;
use croner::Cron;
use serde_json::Value as Json;
use uuid::Uuid;
use zf_base::{Timestamp, UserId, time::CHINA_OFFSET_SECONDS};
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
pub async fn materialise(app: &App, now: Timestamp) -> Result<()> {
    let due = app.db.query(SCHEDULE_DUE, params![true, now]).await?;
    for row in due {
        let kind: String = row.get(0)?;
        let line: String = row.get(1)?;
        let args: Json = row.get(2)?;
        let at: Timestamp = row.get(3)?;
        let next = next_after(&line, now)?;
        if app
            .db
            .exec(SCHEDULE_MOVE, params![kind.as_str(), at, next, now])
            .await?
            == 0
        {
            continue;
        }
        let Some(root) = unit_root(app).await? else {
            continue;
        };
        let ctx = Ctx::for_job(UserId(Uuid::nil()), "schedule", &root, now, Uuid::now_v7());
        enqueue(app, &ctx, kind, args, root.id, at).await?;
    }
    Ok(())
}

async fn enqueue(
    app: &App,
    ctx: &Ctx,
    kind: String,
    args: Json,
    root: zf_base::UnitId,
    at: Timestamp,
) -> Result<()> {
    // Kinds come from compiled-in presets; a leak per distinct kind would not matter,
    // but the table of known kinds avoids it.
    let Some(kind) = KINDS.iter().find(|k| **k == kind) else {
        return Err(KernelError::Internal(format!(
            "schedule of unknown kind {kind}"
        )));
    };
    let job = NewJob {
        kind,
        args,
        dedup_key: Some(at.to_string()),
        unit_id: root,
    };
    match service::job_enqueue(app, ctx, &job).await {
        Ok(_) => Ok(()),
        Err(e) if e.code() == Some(zf_base::code::ErrorCode::CONFLICT.code) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Kinds that may be scheduled.
pub const KINDS: &[&str] = &["audit.daily_root", "session.forget", "plan.week_all"];

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
