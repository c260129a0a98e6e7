//! `zoufang bench import | plan`: figures of this machine. Each prints a ratio
//! against a reference measured in the same run, because seconds alone say more
//! about the machine than about the program.

use super::common::Out;
use crate::error::{CliError, Result};
use crate::{open, words};
use clap::Subcommand;
use serde_json::json;
use std::time::Instant;
use zf_base::geo::Datum;
use zf_base::{Day, Uuid};
use zf_demo::{DemoData, DemoSpec, Size};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::setting::setting_write;
use zf_kernel::unit::service::unit_add_root;
use zf_kernel::unit::{Level, UnitInput};
use zf_kernel::{App, Permission};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, ImportKind};
use zf_store::Db;
use zf_vault::{Aad, BlindKind, KdfParams, Keyring, Suite};

/// Measure this machine.
#[derive(Subcommand)]
pub enum BenchCommand {
    /// Import of customers against the bare cost of sealing the same fields
    #[command(after_help = "Example:\n  zoufang bench import --quick --json")]
    Import {
        /// A tenth of the rows
        #[arg(long)]
        quick: bool,
        /// 国密
        #[arg(long)]
        gm: bool,
    },
}

/// Runs them.
pub async fn run(command: BenchCommand, out: Out) -> Result<()> {
    let BenchCommand::Import { quick, gm } = command;
    let suite = if gm { Suite::Gm } else { Suite::Intl };
    import(suite, quick, out).await
}

struct Quiet;

impl Reporter for Quiet {
    async fn report(&self, _: Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }
}

async fn import(suite: Suite, quick: bool, out: Out) -> Result<()> {
    let anchor = Day::new(2016, 10, 10).map_err(CliError::system)?;
    let mut data = zf_demo::generate(
        &DemoSpec {
            size: Size::County,
            seed: 1,
            anchor,
        },
        None,
    );
    if quick {
        data.customers.truncate(data.customers.len() / 10);
    }
    let dir = tempfile::tempdir()?;
    let app = scratch(&dir.path().join("bench.db"), suite).await?;
    let sealing = seal_only(&app.vault, &data);
    let seconds = load(&app, &data).await?;
    let rows = data.customers.len();
    let value = json!({
        "rows": rows, "suite": format!("{suite:?}").to_lowercase(), "import_seconds": seconds,
        "rows_per_second": rows as f64 / seconds, "sealing_seconds": sealing, "ratio": seconds / sealing,
    });
    out.result(&value, words::bench_import(rows, seconds, sealing))
}

async fn scratch(path: &std::path::Path, suite: Suite) -> Result<App> {
    let db = Db::open(&format!("sqlite:{}", path.display())).await?;
    db.migrate(MIGRATIONS).await?;
    let (ring, _) = Keyring::create_with(
        suite,
        "bench",
        KdfParams::TESTS_ONLY,
        &mut zf_vault::os_random,
    )?;
    open::assemble(db, ring).await
}

/// The reference: sealing and indexing the same values, one thread, no database.
fn seal_only(ring: &Keyring, data: &DemoData) -> f64 {
    let began = Instant::now();
    let mut bytes = 0;
    for c in &data.customers {
        let row = Uuid::nil();
        for (column, text) in [
            ("name", &c.name),
            ("phone", &c.phone),
            ("id_number", &c.id_number),
            ("address", &c.address),
        ] {
            bytes += ring
                .seal_text(
                    &Aad {
                        table: "customer",
                        column,
                        unit: row,
                        row,
                    },
                    text,
                )
                .len();
        }
        bytes += ring.blind(BlindKind::Phone, &c.phone).len()
            + ring.blind(BlindKind::IdNumber, &c.id_number).len();
    }
    std::hint::black_box(bytes);
    began.elapsed().as_secs_f64().max(1e-6)
}

/// Seconds for the customers alone.
async fn load(app: &App, data: &DemoData) -> Result<f64> {
    let ctx = open::machine(app);
    let top = data
        .units
        .first()
        .ok_or_else(|| CliError::system("no units"))?;
    let input = UnitInput {
        code: top.code.clone(),
        name: top.name.clone(),
        level: top.level.code().parse().unwrap_or(Level::Head),
        parent: None,
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    };
    let root = unit_add_root(app, &ctx, &input, true).await?;
    setting_write(app, &ctx, &root, "system.demo", json!(true)).await?;
    let scope = ctx.scope(Permission::ImportWrite, &root)?;
    let files = [
        (ImportKind::Units, zf_demo::write_units_csv(data)),
        (
            ImportKind::VillageGroups,
            zf_demo::write_village_groups_csv(data),
        ),
        (ImportKind::Customers, zf_demo::write_customers_csv(data)),
    ];
    let mut seconds = 0.0;
    for (kind, text) in files {
        let began = Instant::now();
        let new = NewImport {
            kind,
            file_name: "bench.csv".to_owned(),
            datum: Datum::Wgs84,
            dry_run: false,
        };
        let import = import_start(app, &ctx, &scope, &new, text.as_bytes(), false).await?;
        let done = import_run(app, &ctx, import.id, &Quiet).await?;
        if done.counts.bad > 0 {
            return Err(CliError::system(words::DEMO_REFUSED));
        }
        seconds = began.elapsed().as_secs_f64();
    }
    Ok(seconds)
}
