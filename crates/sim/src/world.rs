//! The installation that a simulation runs on: a county with its branches, a
//! campaign of the delivered preset, and a few known households in each
//! branch, all made through the services of the house. The clock stands where
//! the simulation puts it; ids and keys come from the operating system and
//! decide nothing.

use crate::{Result, SimError};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;
use zf_base::{Day, ProgramId, Timestamp, UserId};
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::{Actor, App, Ctx, Permission, UnitScope};
use zf_network::customer::CustomerInput;
use zf_network::customer::service::customer_add;
use zf_plan::program::service::{FromPreset, from_preset, program_create};
use zf_store::Db;
use zf_vault::{KdfParams, Keyring, Suite};

/// Households that each branch knows.
pub const HOMES: usize = 60;

/// The clock of the server; moved by the simulation alone.
pub struct Clock(AtomicI64);

impl Clock {
    /// Puts it on a moment, in milliseconds.
    pub fn set_ms(&self, ms: i64) {
        self.0.store(ms * 1_000, Ordering::Relaxed);
    }
}

impl zf_kernel::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// A household that its branch knows.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// Household.
    pub household: Uuid,
    /// Its only member.
    pub customer: Uuid,
    /// The bank has all four fields of the member.
    pub complete: bool,
}

/// A branch.
pub struct Branch {
    /// The unit.
    pub unit: Unit,
    /// The right to write visits there.
    pub scope: UnitScope,
    /// Who is known.
    pub homes: Vec<Home>,
}

/// The installation.
pub struct World {
    /// The services.
    pub app: App,
    /// The clock.
    pub clock: Arc<Clock>,
    /// Whole tree.
    pub root: Unit,
    /// The branches.
    pub branches: Vec<Branch>,
    /// The campaign.
    pub program: ProgramId,
    /// Its first day.
    pub first_day: Day,
    /// Its last day.
    pub last_day: Day,
}

impl World {
    /// Builds it on an empty, migrated database.
    ///
    /// # Errors
    /// The services and the database.
    pub async fn new(db: Db, branches: usize) -> Result<World> {
        let ring = Keyring::create_with(
            Suite::Intl,
            "simulated passphrase",
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        );
        let (ring, _) = ring.map_err(|e| SimError::Keys(e.to_string()))?;
        let clock = Arc::new(Clock(AtomicI64::new(0)));
        clock.set_ms(1_475_251_200_000); // 2016-10-01, first day of the preset
        let packs = Packs::with_folder(None)?;
        let app = App::new(db, ring, clock.clone(), packs).await?;
        let root = root(&app).await?;
        let ctx = machine(&app, &root);
        let county = unit(&app, &ctx, &root, "1001", Level::County).await?;
        let input = FromPreset {
            preset: "household-visit/program".to_owned(),
            code: "sim".to_owned(),
            name: "模拟活动".to_owned(), // not shown: lives in a database that is thrown away
            first_day: None,
            last_day: None,
        };
        let definition = from_preset(&app, &input)?;
        let scope = ctx.scope(Permission::ProgramWrite, &county)?;
        let program = program_create(&app, &ctx, &scope, &definition, "").await?;
        let mut all = Vec::with_capacity(branches);
        for i in 0..branches {
            let code = format!("1001{i:04}");
            let unit = unit(&app, &ctx, &county, &code, Level::Branch).await?;
            all.push(branch(&app, &ctx, unit, i).await?);
        }
        Ok(World {
            first_day: program.first_day,
            last_day: program.last_day,
            program: program.id,
            branches: all,
            root,
            clock,
            app,
        })
    }

    /// The context of a request at this moment.
    pub fn ctx(&self) -> Ctx {
        machine(&self.app, &self.root)
    }
}

fn machine(app: &App, root: &Unit) -> Ctx {
    let user = UserId(Uuid::nil());
    Ctx::for_job(user, "sim", root, app.now(), app.new_id())
}

fn input(code: &str, level: Level) -> UnitInput {
    UnitInput {
        code: code.to_owned(),
        name: format!("unit {code}"),
        level,
        parent: None,
        area_kind: (level == Level::Branch).then(|| "rural".to_owned()),
        market_kind: (level == Level::Branch).then(|| "rural".to_owned()),
        place: None,
        datum: None,
        phone: None,
        active: true,
    }
}

async fn root(app: &App) -> Result<Unit> {
    let nobody = Actor {
        user_id: UserId(Uuid::nil()),
        name: "sim".to_owned(),
        grants: vec![],
    };
    let ctx = Ctx::for_user(nobody, app.now(), app.new_id());
    Ok(unit_add_root(app, &ctx, &input("10", Level::Head), true).await?)
}

async fn unit(app: &App, ctx: &Ctx, parent: &Unit, code: &str, level: Level) -> Result<Unit> {
    let scope = ctx.scope(Permission::UnitWrite, parent)?;
    Ok(unit_add(app, ctx, &scope, &input(code, level), true).await?)
}

async fn branch(app: &App, ctx: &Ctx, unit: Unit, number: usize) -> Result<Branch> {
    let scope = ctx.scope(Permission::CustomerWrite, &unit)?;
    let mut homes = Vec::with_capacity(HOMES);
    for i in 0..HOMES {
        let complete = i % 2 == 0;
        let no = format!("S{number:04}{i:04}");
        let person = CustomerInput {
            name: Some("甲某某".to_owned()), // not shown: an invented customer
            phone: complete.then(|| format!("199{number:04}{i:04}")),
            // Masked by the bank: verified, and complete for the four fields (CUS-016).
            id_number: complete.then(|| "530103********1234".to_owned()),
            address: complete.then(|| "青山村一组3号".to_owned()), // not shown: invented
            ..CustomerInput::default()
        };
        let made = customer_add(app, ctx, &scope, &no, &person, true).await?;
        homes.push(Home {
            household: made.household_id.uuid(),
            customer: made.id.uuid(),
            complete,
        });
    }
    let scope = ctx.scope(Permission::VisitWrite, &unit)?;
    Ok(Branch { unit, scope, homes })
}
