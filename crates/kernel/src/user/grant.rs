//! Roles on subtrees. Roles that exclude each other (the three
//! administrators) cannot be held by one account. What a role allows and on
//! which levels it may be given comes from the packs; which units a grant may
//! name is asked by the caller.

use super::service::within_reach;
use super::store::*;
use super::{Grant, User};
use crate::app::App;
use crate::authz::UnitScope;
use crate::ctx::{Actor, ActorGrant, Ctx};
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use crate::unit::service::unit_fetch;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{UnitId, UserId};
use zf_store::{Row, params};

/// A grant as stored, with the name of its unit.
#[derive(Clone, Debug)]
pub struct GrantView {
    /// Role and unit.
    pub grant: Grant,
    /// Path of the unit.
    pub path: String,
    /// Name of the unit.
    pub unit_name: String,
}

/// The grants of an account.
pub async fn grant_list(app: &App, user: UserId) -> Result<Vec<GrantView>> {
    let rows = app.db.query(GRANT_LIST, params![user]).await?;
    rows.iter()
        .map(|r| {
            Ok(GrantView {
                grant: Grant {
                    role_id: r.get(0)?,
                    unit_id: r.get(1)?,
                },
                path: r.get(2)?,
                unit_name: r.get(3)?,
            })
        })
        .collect()
}

/// An account and a post or role that it has at a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostHolder {
    /// The account.
    pub user_id: UserId,
    /// Name shown.
    pub name: String,
    /// Role, or post of the staff member behind the account.
    pub post: String,
}

/// Who has roles or posts at a unit itself.
///
/// # Errors
/// Only the database.
pub async fn post_holders(app: &App, unit: UnitId) -> Result<Vec<PostHolder>> {
    let mut rows = app.db.query(GRANT_HOLDERS, params![unit]).await?;
    rows.extend(app.db.query(POST_HOLDERS, params![unit, true]).await?);
    let read = |r: &Row| {
        Ok(PostHolder {
            user_id: r.get(0)?,
            name: r.get(1)?,
            post: r.get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The posts and roles of an account, each with the unit it is held at.
///
/// # Errors
/// No such account.
pub async fn posts_of(app: &App, user: UserId) -> Result<Vec<(UnitId, String)>> {
    let account = super::service::user_fetch(app, user).await?;
    let grants = grant_list(app, user).await?;
    let mut all: Vec<(UnitId, String)> = grants
        .into_iter()
        .map(|g| (g.grant.unit_id, g.grant.role_id))
        .collect();
    if let Some(staff) = account.staff_id {
        for r in &app.db.query(POST_OF_STAFF, params![staff, true]).await? {
            all.push((r.get(0)?, r.get(1)?));
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// The actor behind an account: its grants with the permissions of their roles.
pub async fn actor_of(app: &App, user: &User) -> Result<Actor> {
    let grants = grant_list(app, user.id).await?;
    let grants = grants
        .into_iter()
        .filter_map(|g| {
            let role = app.roles.get(&g.grant.role_id)?;
            Some(ActorGrant {
                role_id: g.grant.role_id,
                unit_id: g.grant.unit_id,
                unit_path: g.path,
                permissions: role.permissions.clone(),
            })
        })
        .collect();
    Ok(Actor {
        user_id: user.id,
        name: user.name.clone(),
        grants,
    })
}

/// Do the roles exist, may they be given on the level of their units, and do
/// none exclude each other?
pub async fn check_grants(app: &App, grants: &[Grant]) -> Result<()> {
    for g in grants {
        let Some(role) = app.roles.get(&g.role_id) else {
            return Err(KernelError::field("roles", "role.unknown"));
        };
        if grants
            .iter()
            .any(|other| role.excludes.contains(&other.role_id))
        {
            return Err(
                KernelError::refused(ErrorCode::PERMISSION_EXCLUSIVE).with("role", &role.id)
            );
        }
        let unit = unit_fetch(app, g.unit_id).await?;
        if !role.fits(unit.level) {
            return Err(KernelError::field("roles", "role.level"));
        }
    }
    Ok(())
}

pub(super) async fn write(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    user: UserId,
    grants: &[Grant],
) -> Result<()> {
    for g in grants {
        tx.exec(
            GRANT_ADD,
            params![
                user,
                g.role_id.as_str(),
                g.unit_id,
                ctx.actor.user_id,
                ctx.now
            ],
        )
        .await?;
    }
    Ok(())
}

/// Replaces the roles of an account. Nobody changes their own.
pub async fn grants_set(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    user: &User,
    grants: &[Grant],
) -> Result<()> {
    if user.id == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    if user.state != "active" && !grants.is_empty() {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    within_reach(app, ctx, scope, user).await?;
    check_grants(app, grants).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(GRANT_CLEAR, params![user.id]).await?;
    write(&mut tx, ctx, user.id, grants).await?;
    tx.exec(SESSION_END_ALL, params![user.id, ctx.now]).await?;
    let roles: Vec<String> = grants
        .iter()
        .map(|g| format!("{}@{}", g.role_id, g.unit_id))
        .collect();
    tx.record(
        "grant.set",
        "user",
        user.id,
        json!({ "login": user.login, "roles": roles }),
    );
    tx.commit().await
}
