//! Recording and deciding agreements, and giving out figures under one: only
//! approved, only until its day, only through [`aggregate`], and each time told
//! of. Counts are summed over the branches below the agreement's unit.

use super::store::*;
use super::{Agreement, Share};
use crate::aggregate::{Aggregate, aggregate};
use crate::policy::policy;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::code::ErrorCode;
use zf_base::{Day, Timestamp, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::{branches_of, newest_below};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Row, params};

/// What is recorded.
#[derive(Clone, Debug)]
pub struct NewAgreement {
    /// Who gets the figures.
    pub party: String,
    /// What for.
    pub purpose: String,
    /// Smallest group shown.
    pub k: i64,
    /// Last day.
    pub expires_day: Day,
}

fn read(row: &Row) -> Result<Agreement> {
    Ok(Agreement {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        party: row.get(2)?,
        purpose: row.get(3)?,
        k: row.get(4)?,
        expires_day: row.get(5)?,
        state: row.get(6)?,
        made_at: row.get(7)?,
        made_by: row.get(8)?,
        made_by_name: row.get(9)?,
        decided_at: row.get(10)?,
        decided_by_name: row.get(11)?,
    })
}

/// Records an agreement; another person has to approve it.
///
/// # Errors
/// Fields that are wrong.
pub async fn make(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewAgreement,
) -> Result<Agreement> {
    let rules = policy(app).await?.share;
    let party = clear_text("party", &new.party)?;
    let purpose = clear_text("purpose", &new.purpose)?;
    if new.k < rules.k_min {
        return Err(KernelError::field("k", "agreement.k"));
    }
    let days = ctx.today().days_until(new.expires_day);
    if !(0..=rules.days_max).contains(&days) {
        return Err(KernelError::field("expires_day", "basis.expiry"));
    }
    let id = app.new_id();
    let row = params![
        id,
        party,
        purpose,
        new.k,
        new.expires_day,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(AGREEMENT_ADD, row).await?;
    let detail = json!({ "k": new.k, "expires_day": new.expires_day });
    tx.record("agreement.make", "agreement", id, detail);
    tx.commit().await?;
    fetch(app, scope.unit_id(), id).await
}

/// One agreement of a unit.
///
/// # Errors
/// `not_found`; the database.
pub async fn fetch(app: &App, unit: UnitId, id: Uuid) -> Result<Agreement> {
    let rows = app.read_unit(unit, AGREEMENT_BY_ID, params![id]).await?;
    let row = rows.first();
    read(row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?)
}

/// Agreements of everything the actor may see, newest first.
///
/// # Errors
/// Only the database.
pub async fn list(
    app: &App,
    ctx: &Ctx,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Agreement>> {
    let paths = ctx.roots(Permission::PrivacyRead).into_iter().map(|r| r.1);
    newest_below(app, paths, AGREEMENT_LIST, after, limit, |row| {
        let one = read(row)?;
        Ok(((one.made_at, one.id), one))
    })
    .await
}

/// What a person decides about an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Figures may be given out.
    Approve,
    /// They may not.
    Reject,
    /// No more from now on.
    End,
}

/// Decides about an agreement; who recorded it does not approve it.
///
/// # Errors
/// `permission.second_person`, `conflict`, `not_found`.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    decision: Decision,
) -> Result<Agreement> {
    let agreement = fetch(app, scope.unit_id(), id).await?;
    let (from, to) = match decision {
        Decision::Approve => ("proposed", "approved"),
        Decision::Reject => ("proposed", "rejected"),
        Decision::End => ("approved", "ended"),
    };
    if decision != Decision::End && agreement.made_by == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![id, from, to, ctx.now, ctx.actor.name.as_str()];
    if tx.exec(AGREEMENT_DECIDE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.record("agreement.decide", "agreement", id, json!({ "state": to }));
    tx.commit().await?;
    fetch(app, scope.unit_id(), id).await
}

/// What figures can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Customers by village and balance band.
    VillageBand,
    /// Customers by township and must-visit group.
    TownshipTag,
}

impl Subject {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Subject::VillageBand => "village_band",
            Subject::TownshipTag => "township_tag",
        }
    }
    /// From the API.
    pub fn from_text(text: &str) -> Option<Subject> {
        [Subject::VillageBand, Subject::TownshipTag]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// Counts per row and column, summed over branches.
type Counts = BTreeMap<(String, String), i64>;

async fn counts(app: &App, scope: &UnitScope, subject: Subject) -> Result<Counts> {
    let sql = match subject {
        Subject::VillageBand => COUNT_BY_VILLAGE_BAND,
        Subject::TownshipTag => COUNT_BY_TOWNSHIP_TAG,
    };
    let mut sum = Counts::new();
    for branch in branches_of(app, scope).await? {
        for row in app.read_unit(branch.unit_id(), sql, params![]).await? {
            let (township, village): (String, String) = (row.get(0)?, row.get(1)?);
            let column: String = row.get(2)?;
            let column = match subject {
                Subject::TownshipTag => app.packs.tag_name(&column),
                Subject::VillageBand => column,
            };
            *sum.entry((format!("{township}{village}"), column))
                .or_default() += row.get::<i64>(3)?;
        }
    }
    Ok(sum)
}

/// Figures for the party of an agreement; told of with how many were withheld.
///
/// # Errors
/// `conflict` when the agreement is not approved or its day is over.
pub async fn share(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    subject: Subject,
) -> Result<Aggregate> {
    let agreement = fetch(app, scope.unit_id(), id).await?;
    if agreement.state != "approved" || agreement.expires_day < ctx.today() {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let k = agreement.k.max(policy(app).await?.share.k_min);
    let sum = counts(app, scope, subject).await?;
    let rows: BTreeSet<&String> = sum.keys().map(|(row, _)| row).collect();
    let columns: BTreeSet<&String> = sum.keys().map(|(_, column)| column).collect();
    let of = |row: &String, column: &String| {
        let key = (row.clone(), column.clone());
        sum.get(&key).copied().unwrap_or(0)
    };
    let table: Vec<Vec<i64>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| of(row, column)).collect())
        .collect();
    let (rows, columns) = (
        rows.into_iter().cloned().collect::<Vec<_>>(),
        columns.into_iter().cloned().collect(),
    );
    let out = tokio::task::spawn_blocking(move || aggregate(rows, columns, &table, k))
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let cells = (out.rows.len() * out.columns.len()) as i64;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        app.new_id(),
        id,
        subject.as_str(),
        cells,
        out.withheld,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(SHARE_ADD, row).await?;
    let detail =
        json!({ "subject": subject.as_str(), "cells": cells, "withheld": out.withheld, "k": k });
    tx.record("agreement.share", "agreement", id, detail);
    tx.commit().await?;
    Ok(out)
}

/// What was given out under an agreement, newest first, at most 100.
///
/// # Errors
/// Only the database.
pub async fn shares(app: &App, unit: UnitId, id: Uuid) -> Result<Vec<Share>> {
    let rows = app.read_unit(unit, SHARES, params![id]).await?;
    rows.iter()
        .map(|r| {
            Ok(Share {
                subject: r.get(0)?,
                cells: r.get(1)?,
                withheld: r.get(2)?,
                made_at: r.get(3)?,
                made_by_name: r.get(4)?,
            })
        })
        .collect()
}
