//! The kernel's promises, each tried on every database there is: who may do
//! what where, how sign-in locks, what a transaction refuses, how jobs survive
//! their workers, how the audit chain shows what was done to it, and what a new
//! installation brings as data. HTTP is tried elsewhere.

#![allow(clippy::unwrap_used, missing_docs)]

mod accounts;
mod chain;
mod house;
mod jobs;
mod keys;
mod presets;
mod scope;
mod units_of_work;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use zf_base::Timestamp;
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::user::service::{NewUser, user_add};
use zf_kernel::user::{Grant, User};
use zf_kernel::{App, Clock, Ctx, Permission, UnitScope};
use zf_store::testing::{TestDb, test_databases};
use zf_vault::{KdfParams, KeyFile, Keyring, Suite, os_random};

pub const PASSPHRASE: &str = "twelve letters at least";
pub const PASSWORD: &str = "green hills far away";

/// A clock that stands still until it is moved.
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Hands {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

/// A county with two branches.
pub struct World {
    pub app: App,
    pub clock: Arc<Hands>,
    pub key_file: KeyFile,
    pub county: Unit,
    pub east: Unit,
    pub west: Unit,
    pub db: TestDb,
}

pub fn input(code: &str, level: Level) -> UnitInput {
    UnitInput {
        code: code.to_owned(),
        name: code.to_owned(),
        level,
        parent: None,
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    }
}

impl World {
    /// One on each database.
    pub async fn all() -> Vec<World> {
        let mut worlds = Vec::new();
        for db in test_databases(MIGRATIONS).await {
            worlds.push(World::on(db).await);
        }
        worlds
    }

    async fn on(db: TestDb) -> World {
        let cost = KdfParams::TESTS_ONLY;
        let (ring, key_file) =
            Keyring::create_with(Suite::Intl, PASSPHRASE, cost, &mut os_random).unwrap();
        let start: Timestamp = "2016-10-12T01:00:00Z".parse().unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(start.0)));
        let packs = Packs::embedded().unwrap();
        let app = App::new((*db).clone(), ring, clock.clone(), packs);
        let app = app.await.unwrap();
        let machine = Ctx::for_user(nobody(), app.now(), app.new_id());
        let root = input("C1", Level::County);
        let county = unit_add_root(&app, &machine, &root, false).await.unwrap();
        let mut world = World {
            east: county.clone(),
            west: county.clone(),
            app,
            clock,
            key_file,
            county,
            db,
        };
        world.east = world.branch("B1").await;
        world.west = world.branch("B2").await;
        world
    }

    /// The machine itself, allowed everything on the county.
    pub fn machine(&self) -> Ctx {
        let nil = zf_base::UserId(zf_base::Uuid::nil());
        Ctx::for_job(
            nil,
            "machine",
            &self.county,
            self.app.now(),
            self.app.new_id(),
        )
    }

    pub fn scope(&self, permission: Permission, unit: &Unit) -> UnitScope {
        self.machine().scope(permission, unit).unwrap()
    }

    async fn branch(&self, code: &str) -> Unit {
        let ctx = self.machine();
        let parent = self.scope(Permission::UnitWrite, &self.county);
        let new = input(code, Level::Branch);
        let unit = unit_add(&self.app, &ctx, &parent, &new, false).await;
        unit.unwrap()
    }

    /// An account with its home in a unit and a role on another.
    pub async fn user(&self, login: &str, home: &Unit, role: &str, on: &Unit) -> User {
        self.account(login, home, role, on, false).await
    }

    pub async fn account(
        &self,
        login: &str,
        home: &Unit,
        role: &str,
        on: &Unit,
        demo: bool,
    ) -> User {
        let new = NewUser {
            login: login.to_owned(),
            name: login.to_owned(),
            staff_id: None,
            grants: vec![Grant {
                role_id: role.to_owned(),
                unit_id: on.id,
            }],
            is_demo: demo,
            password: Some(PASSWORD.to_owned()),
        };
        let scope = self.scope(Permission::UserWrite, home);
        let made = user_add(&self.app, &self.machine(), &scope, &new).await;
        made.unwrap().0
    }

    pub async fn ctx_of(&self, user: &User) -> Ctx {
        let actor = zf_kernel::user::grant::actor_of(&self.app, user).await;
        Ctx::for_user(actor.unwrap(), self.app.now(), self.app.new_id())
    }
}

pub fn nobody() -> zf_kernel::Actor {
    zf_kernel::Actor {
        user_id: zf_base::UserId(zf_base::Uuid::nil()),
        name: "machine".to_owned(),
        grants: vec![],
    }
}
