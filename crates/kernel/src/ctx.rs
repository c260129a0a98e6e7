//! Who asks, when, and under which request: the first argument of every
//! service. Built by the web edge from a session, or by the worker from a job;
//! there is no other way to get one outside of tests.

use crate::authz::{Permission, UnitScope};
use crate::error::{KernelError, Result};
use crate::unit::Unit;
use std::collections::BTreeSet;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Day, SessionId, Timestamp, UnitId, UserId};

/// One role of an actor on one subtree of the organisation.
#[derive(Clone, Debug)]
pub struct ActorGrant {
    /// The role as named by a pack.
    pub role_id: String,
    /// Root of the subtree.
    pub unit_id: UnitId,
    /// Its path; every unit below has it as a prefix.
    pub unit_path: String,
    /// What the role allows.
    pub permissions: BTreeSet<Permission>,
}

/// Who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Account, or the nil id for the machine itself.
    pub user_id: UserId,
    /// Name shown in the audit log.
    pub name: String,
    /// Roles and where they hold.
    pub grants: Vec<ActorGrant>,
}

/// The context of one request or one job.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who.
    pub actor: Actor,
    /// When; one request has one moment.
    pub now: Timestamp,
    /// Under which request; also picks the stream of the audit chain.
    pub request_id: Uuid,
    /// The session behind the request; none for jobs and commands.
    pub session: Option<SessionId>,
    /// Set only by the test that proves that every check counts: the scope
    /// check of this request is left out.
    pub(crate) scope_off: bool,
}

impl Ctx {
    /// The context of a signed-in user's request.
    pub fn for_user(actor: Actor, now: Timestamp, request_id: Uuid) -> Ctx {
        Ctx {
            actor,
            now,
            request_id,
            session: None,
            scope_off: false,
        }
    }

    /// The same request, made in a session.
    #[must_use]
    pub fn in_session(mut self, session: SessionId) -> Ctx {
        self.session = Some(session);
        self
    }

    /// The context of the machine working on one subtree (jobs, first start).
    /// `on_behalf` names the account that asked for the job.
    pub fn for_job(
        on_behalf: UserId,
        name: &str,
        root: &Unit,
        now: Timestamp,
        request_id: Uuid,
    ) -> Ctx {
        let grant = ActorGrant {
            role_id: "system".to_owned(),
            unit_id: root.id,
            unit_path: root.path.clone(),
            permissions: Permission::ALL.iter().copied().collect(),
        };
        Ctx::for_user(
            Actor {
                user_id: on_behalf,
                name: name.to_owned(),
                grants: vec![grant],
            },
            now,
            request_id,
        )
    }

    /// Leaves the scope check out; for the mutation test of the permission sweep only.
    #[doc(hidden)]
    #[must_use]
    pub fn with_scope_off(mut self) -> Ctx {
        self.scope_off = true;
        self
    }

    /// Gives a permission on the whole tree; for the mutation test only.
    #[doc(hidden)]
    #[must_use]
    pub fn with_permission(mut self, permission: Permission) -> Ctx {
        for grant in &mut self.actor.grants {
            grant.permissions.insert(permission);
        }
        self
    }

    /// The day of this request in China.
    pub fn today(&self) -> Day {
        self.now.day()
    }

    /// May this actor do that anywhere at all?
    pub fn may(&self, permission: Permission) -> bool {
        self.actor
            .grants
            .iter()
            .any(|g| g.permissions.contains(&permission))
    }

    /// The right to act on one unit, or "not found" when the unit is out of
    /// reach: whoever may not see a thing is not told that it exists.
    pub fn scope(&self, permission: Permission, unit: &Unit) -> Result<UnitScope> {
        let allowed = self.scope_off
            || self.actor.grants.iter().any(|g| {
                g.permissions.contains(&permission) && unit.path.starts_with(&g.unit_path)
            });
        if !allowed {
            return Err(KernelError::refused(ErrorCode::NOT_FOUND));
        }
        Ok(UnitScope::new(unit.clone(), permission))
    }

    /// Roots of the subtrees in which the actor has this permission, without
    /// those that lie inside another.
    pub fn roots(&self, permission: Permission) -> Vec<(UnitId, String)> {
        if self.scope_off {
            return vec![(UnitId(Uuid::nil()), "/".to_owned())];
        }
        let mut roots: Vec<(UnitId, String)> = self
            .actor
            .grants
            .iter()
            .filter(|g| g.permissions.contains(&permission))
            .map(|g| (g.unit_id, g.unit_path.clone()))
            .collect();
        roots.sort_by(|a, b| a.1.cmp(&b.1));
        roots.dedup_by(|later, earlier| later.1.starts_with(&earlier.1));
        roots
    }
}
