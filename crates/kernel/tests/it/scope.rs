//! Roles on subtrees: what they reach, what excludes what, and that nobody
//! gets further by taking another account over.

use crate::World;
use zf_base::Timestamp;
use zf_kernel::ctx::{Actor, ActorGrant};
use zf_kernel::unit::service::units_visible;
use zf_kernel::user::service::{user_fetch, user_reset, user_retire};
use zf_kernel::user::{Grant, grant};
use zf_kernel::{Ctx, KernelError, Permission};

fn grant_on(unit: &zf_kernel::unit::Unit, permissions: &[Permission]) -> ActorGrant {
    ActorGrant {
        role_id: "test".to_owned(),
        unit_id: unit.id,
        unit_path: unit.path.clone(),
        permissions: permissions.iter().copied().collect(),
    }
}

fn actor(grants: Vec<ActorGrant>) -> Ctx {
    let actor = Actor {
        grants,
        ..crate::nobody()
    };
    Ctx::for_user(actor, Timestamp(0), zf_base::Uuid::max())
}

#[tokio::test]
async fn a_role_reaches_its_subtree_and_nothing_beside_or_above_it() {
    for w in World::all().await {
        let head = w.user("head", &w.east, "branch_head", &w.east).await;
        let ctx = w.ctx_of(&head).await;
        assert!(ctx.scope(Permission::CustomerRead, &w.east).is_ok());
        for unit in [&w.west, &w.county] {
            let refused = ctx.scope(Permission::CustomerRead, unit).unwrap_err();
            assert_eq!(refused.code(), Some("not_found"), "not even that it exists");
        }
        let refused = ctx.scope(Permission::ImportWrite, &w.east).unwrap_err();
        assert_eq!(refused.code(), Some("not_found"));
        let seen = units_visible(&w.app, &ctx, Permission::CustomerRead).await;
        let seen: Vec<String> = seen.unwrap().into_iter().map(|u| u.code).collect();
        assert_eq!(seen, ["B1"]);
    }
}

#[tokio::test]
async fn a_path_that_only_begins_alike_is_another_unit() {
    for w in World::all().await {
        let ctx = actor(vec![grant_on(&w.east, &[Permission::UnitRead])]);
        let mut near = w.west.clone();
        near.path = format!("{}0/", w.east.path.trim_end_matches('/'));
        assert!(near.path.starts_with(w.east.path.trim_end_matches('/')));
        assert!(ctx.scope(Permission::UnitRead, &near).is_err());
    }
}

#[tokio::test]
async fn nested_roles_with_different_rights_do_not_swallow_each_other() {
    for w in World::all().await {
        let ctx = actor(vec![
            grant_on(&w.county, &[Permission::UnitRead]),
            grant_on(&w.east, &[Permission::UnitRead, Permission::CustomerReveal]),
        ]);
        let paths = |p| {
            ctx.roots(p)
                .into_iter()
                .map(|(_, path)| path)
                .collect::<Vec<_>>()
        };
        assert_eq!(paths(Permission::UnitRead), vec![w.county.path.clone()]);
        assert_eq!(paths(Permission::CustomerReveal), vec![w.east.path.clone()]);
        assert!(paths(Permission::AuditRead).is_empty());
        assert!(ctx.scope(Permission::CustomerReveal, &w.west).is_err());
    }
}

#[tokio::test]
async fn the_three_administrators_exclude_each_other() {
    for w in World::all().await {
        let user = w.user("sys", &w.county, "system_admin", &w.county).await;
        let scope = w.scope(Permission::GrantWrite, &w.county);
        let pairs = [
            ["system_admin", "security_admin"],
            ["security_admin", "audit_admin"],
            ["audit_admin", "system_admin"],
        ];
        for pair in pairs {
            let wanted = pair.map(|role| Grant {
                role_id: role.to_owned(),
                unit_id: w.county.id,
            });
            let got = grant::grants_set(&w.app, &w.machine(), &scope, &user, &wanted).await;
            assert_eq!(
                got.unwrap_err().code(),
                Some("permission.exclusive"),
                "{pair:?}"
            );
        }
        let held = grant::grant_list(&w.app, user.id).await.unwrap();
        assert_eq!(held.len(), 1, "a refused change changes nothing");
    }
}

/// Who works where: the bank's own table of duties.
const LEVELS: [(&str, bool, bool); 10] = [
    ("market_department", true, false),
    ("branch_head", false, true),
    ("visitor", false, true),
    ("inspector", true, false),
    ("city_coordinator", true, false),
    ("director", true, false),
    ("compliance", true, false),
    ("system_admin", true, false),
    ("security_admin", true, false),
    ("audit_admin", true, false),
];

#[tokio::test]
async fn a_role_is_given_only_on_the_levels_it_is_made_for() {
    for w in World::all().await {
        let user = w.user("somebody", &w.county, "inspector", &w.county).await;
        let scope = w.scope(Permission::GrantWrite, &w.county);
        let set = async |role: &str, unit: &zf_kernel::unit::Unit| {
            let wanted = [Grant {
                role_id: role.to_owned(),
                unit_id: unit.id,
            }];
            grant::grants_set(&w.app, &w.machine(), &scope, &user, &wanted).await
        };
        for (role, county, branch) in LEVELS {
            for (unit, fits) in [(&w.county, county), (&w.east, branch)] {
                let Err(KernelError::Refused(refused)) = set(role, unit).await else {
                    assert!(fits, "{role} on {}", unit.code);
                    continue;
                };
                assert!(!fits, "{role} on {}", unit.code);
                assert_eq!(refused.fields[0].code, "role.level");
            }
        }
        let held = grant::grant_list(&w.app, user.id).await.unwrap();
        assert_eq!(held[0].grant.role_id, "audit_admin", "the last that fits");
    }
}

#[tokio::test]
async fn a_retired_account_has_no_roles_and_gets_none() {
    for w in World::all().await {
        let user = w.user("gone", &w.east, "branch_head", &w.east).await;
        let scope = w.scope(Permission::UserWrite, &w.east);
        user_retire(&w.app, &w.machine(), &scope, &user, None)
            .await
            .unwrap();
        let user = user_fetch(&w.app, user.id).await.unwrap();
        assert!(w.ctx_of(&user).await.actor.grants.is_empty());
        let back = [Grant {
            role_id: "branch_head".to_owned(),
            unit_id: w.east.id,
        }];
        let got = grant::grants_set(&w.app, &w.machine(), &scope, &user, &back).await;
        assert_eq!(got.unwrap_err().code(), Some("conflict"));
        let got = user_reset(&w.app, &w.machine(), &scope, &user).await;
        assert_eq!(got.unwrap_err().code(), Some("conflict"));
    }
}

#[tokio::test]
async fn an_account_that_reaches_further_than_the_administrator_cannot_be_taken_over() {
    for w in World::all().await {
        let security = w.user("sec", &w.east, "visitor", &w.east).await;
        let rights = [Permission::UserWrite, Permission::GrantWrite];
        let mut ctx = w.ctx_of(&security).await;
        ctx.actor.grants = vec![grant_on(&w.east, &rights)];
        // At home in the branch, with a role on the whole county.
        let strong = w
            .user("strong", &w.east, "market_department", &w.county)
            .await;
        let scope = ctx.scope(Permission::UserWrite, &w.east).unwrap();
        let got = user_reset(&w.app, &ctx, &scope, &strong).await;
        assert_eq!(got.unwrap_err().code(), Some("permission.denied"));
        let got = user_retire(&w.app, &ctx, &scope, &strong, None).await;
        assert_eq!(got.unwrap_err().code(), Some("permission.denied"));
        let grants = ctx.scope(Permission::GrantWrite, &w.east).unwrap();
        let got = grant::grants_set(&w.app, &ctx, &grants, &strong, &[]).await;
        assert_eq!(got.unwrap_err().code(), Some("permission.denied"));

        let equal = w.user("equal", &w.east, "branch_head", &w.east).await;
        assert!(user_reset(&w.app, &ctx, &scope, &equal).await.is_ok());
        let own = user_reset(&w.app, &ctx, &scope, &security).await;
        assert_eq!(own.unwrap_err().code(), Some("permission.second_person"));
    }
}
