//! The rules of customers and imports, each tried on every database there is:
//! what an update keeps, what a reveal costs, what a look-up may find, and
//! that an interrupted import ends as if nothing had happened. HTTP is tried
//! elsewhere.

#![allow(clippy::unwrap_used, missing_docs)]

mod customers;
mod imports;
mod keys;
mod scale;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use zf_base::geo::Datum;
use zf_base::{Timestamp, UserId, Uuid};
use zf_kernel::error::Result;
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::{Actor, App, Clock, Ctx, Permission, UnitScope};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, Import, ImportKind};
use zf_store::testing::{TestDb, test_databases};
use zf_vault::{KdfParams, KeyFile, Keyring, Suite, os_random};

pub const PASSPHRASE: &str = "twelve letters at least";

pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
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

fn input(code: &str, level: Level) -> UnitInput {
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
        let app = App::new((*db).clone(), ring, clock.clone(), packs)
            .await
            .unwrap();
        let nobody = Actor {
            user_id: UserId(Uuid::nil()),
            name: "machine".to_owned(),
            grants: vec![],
        };
        let ctx = Ctx::for_user(nobody, app.now(), app.new_id());
        let root = input("C1", Level::County);
        let county = unit_add_root(&app, &ctx, &root, false).await.unwrap();
        let mut w = World {
            east: county.clone(),
            west: county.clone(),
            app,
            clock,
            key_file,
            county,
            db,
        };
        w.east = w.branch("B1").await;
        w.west = w.branch("B2").await;
        w
    }

    pub fn machine(&self) -> Ctx {
        self.acting_on(&self.county)
    }

    /// Somebody who may do everything on one subtree.
    pub fn acting_on(&self, unit: &Unit) -> Ctx {
        let app = &self.app;
        Ctx::for_job(
            UserId(Uuid::nil()),
            "machine",
            unit,
            app.now(),
            app.new_id(),
        )
    }

    pub fn scope(&self, permission: Permission, unit: &Unit) -> UnitScope {
        self.machine().scope(permission, unit).unwrap()
    }

    async fn branch(&self, code: &str) -> Unit {
        let parent = self.scope(Permission::UnitWrite, &self.county);
        let new = input(code, Level::Branch);
        unit_add(&self.app, &self.machine(), &parent, &new, false)
            .await
            .unwrap()
    }

    pub async fn start(&self, kind: ImportKind, csv: &str, dry_run: bool) -> Import {
        let new = NewImport {
            kind,
            file_name: "rows.csv".to_owned(),
            datum: Datum::Wgs84,
            dry_run,
        };
        let scope = self.scope(Permission::ImportWrite, &self.county);
        let ctx = self.machine();
        let started = import_start(&self.app, &ctx, &scope, &new, csv.as_bytes(), false);
        started.await.unwrap()
    }

    /// Imports to the end.
    pub async fn import(&self, kind: ImportKind, csv: &str) -> Import {
        let import = self.start(kind, csv, false).await;
        self.run(&import, None).await.unwrap()
    }

    /// Runs an import; with a number, it breaks down after that many reports.
    pub async fn run(&self, import: &Import, breaks_after: Option<i64>) -> Result<Import> {
        let reporter = Breaking(AtomicI64::new(breaks_after.unwrap_or(i64::MAX)));
        import_run(&self.app, &self.machine(), import.id, &reporter).await
    }
}

struct Breaking(AtomicI64);

impl Reporter for Breaking {
    async fn report(&self, _: Counts) -> Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(zf_kernel::KernelError::Internal("power cut".to_owned()));
        }
        Ok(())
    }
}
