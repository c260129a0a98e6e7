//! How long the path takes on the demo: import, targets, one week for all
//! branches. `week_speed [county|city] [WEEK]`, on a SQLite file in a temporary
//! folder. Prints one line per step.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use zf_base::geo::Datum;
use zf_base::{Day, Timestamp, UserId, Uuid};
use zf_demo::{DemoData, DemoSpec, Size, generate};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::setting::setting_write;
use zf_kernel::unit::service::{unit_add_root, unit_root};
use zf_kernel::unit::{Level, UnitInput};
use zf_kernel::{Actor, App, Clock, Ctx, Permission};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, ImportKind};
use zf_plan::program::service::{FromPreset, from_preset, program_create, program_scope};
use zf_plan::targets::jobs::build_all;
use zf_plan::week_plan::make::{BranchResult, plan_weeks};
use zf_plan::week_plan::told::Nobody;
use zf_store::Db;
use zf_vault::{KdfParams, Keyring, Suite};

struct Standing;
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        // Noon of Friday 2026-11-20.
        Timestamp(1_795_147_200_000_000)
    }
}

struct Quiet;
impl Reporter for Quiet {
    async fn report(&self, _: Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }
}

type Outcome<T> = Result<T, Box<dyn Error>>;

async fn bring(app: &App, ctx: &Ctx, kind: ImportKind, csv: String) -> Outcome<()> {
    let root = unit_root(app).await?.ok_or("no root")?;
    let scope = ctx.scope(Permission::ImportWrite, &root)?;
    let new = NewImport {
        kind,
        file_name: format!("{}.csv", kind.as_str()),
        datum: Datum::Wgs84,
        dry_run: false,
    };
    let import = import_start(app, ctx, &scope, &new, csv.as_bytes(), false).await?;
    let done = import_run(app, ctx, import.id, &Quiet).await?;
    println!(
        "import {}: {} rows, {} bad",
        kind.as_str(),
        done.counts.total,
        done.counts.bad
    );
    Ok(())
}

/// An empty installation marked as a demo, with the root of the data.
async fn installation(folder: &std::path::Path, data: &DemoData) -> Outcome<(App, Ctx)> {
    let db = Db::open(&format!("sqlite:{}", folder.join("speed.db").display())).await?;
    db.migrate(MIGRATIONS).await?;
    let kdf = KdfParams::TESTS_ONLY;
    let (ring, _) = Keyring::create_with(Suite::Intl, "pass", kdf, &mut zf_vault::os_random)?;
    let app = App::new(db, ring, Arc::new(Standing), Packs::embedded()?).await?;
    let nobody = Actor {
        user_id: UserId(Uuid::nil()),
        name: "speed".to_owned(),
        grants: vec![],
    };
    let ctx = Ctx::for_user(nobody, Standing.now(), Uuid::now_v7());
    let input = UnitInput {
        code: data.units[0].code.clone(),
        name: data.units[0].name.clone(),
        level: Level::Province,
        parent: None,
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    };
    let head = unit_add_root(&app, &ctx, &input, true).await?;
    setting_write(&app, &ctx, &head, "system.demo", serde_json::json!(true)).await?;
    let ctx = Ctx::for_job(
        UserId(Uuid::nil()),
        "speed",
        &head,
        Standing.now(),
        Uuid::now_v7(),
    );
    Ok((app, ctx))
}

async fn imports(app: &App, ctx: &Ctx, data: &DemoData) -> Outcome<()> {
    let start = Instant::now();
    bring(app, ctx, ImportKind::Units, zf_demo::write_units_csv(data)).await?;
    bring(app, ctx, ImportKind::Staff, zf_demo::write_staff_csv(data)).await?;
    bring(
        app,
        ctx,
        ImportKind::VillageGroups,
        zf_demo::write_village_groups_csv(data),
    )
    .await?;
    bring(
        app,
        ctx,
        ImportKind::Customers,
        zf_demo::write_customers_csv(data),
    )
    .await?;
    println!("imports: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

async fn targets(app: &App, ctx: &Ctx) -> Outcome<()> {
    let preset = FromPreset {
        preset: "program".to_owned(),
        code: "speed".to_owned(),
        name: "speed".to_owned(),
        first_day: Some("2026-11-02".parse()?),
        last_day: None,
    };
    let scope = program_scope(app, ctx, None).await?;
    let definition = from_preset(app, &preset)?;
    let program = program_create(app, ctx, &scope, &definition, "").await?;
    for round in ["new", "again"] {
        let start = Instant::now();
        let built = build_all(app, ctx, program.id, &Nobody).await?;
        println!(
            "targets {round}: {built:?} {:.1} s",
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let county = args.next().as_deref() == Some("county");
    let size = if county { Size::County } else { Size::City };
    let week = args
        .next()
        .unwrap_or_else(|| "2026-W48".to_owned())
        .parse()?;
    let anchor: Day = "2026-11-20".parse()?;
    let data = generate(
        &DemoSpec {
            size,
            seed: 1,
            anchor,
        },
        None,
    );
    let folder = tempfile::tempdir()?;
    let (app, ctx) = installation(folder.path(), &data).await?;
    imports(&app, &ctx, &data).await?;
    targets(&app, &ctx).await?;
    let start = Instant::now();
    let summary = plan_weeks(&app, &ctx, "speed", week, None, &Nobody).await?;
    let seconds = start.elapsed().as_secs_f64();
    let sum = |of: fn(&BranchResult) -> i64| summary.branches.iter().map(of).sum::<i64>();
    println!(
        "week {week}: {} branches, planned {} of {}, open {}: {seconds:.1} s",
        summary.branches.len(),
        sum(|b| b.planned),
        sum(|b| b.needed),
        sum(|b| b.left)
    );
    Ok(())
}
