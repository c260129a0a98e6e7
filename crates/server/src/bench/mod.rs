//! Measurements: what `zoufang bench` runs. Each makes an installation of its
//! own that is gone afterwards, fills it with invented rows, and sets what it
//! measures against a reference measured in the same run, because seconds
//! alone say more about the machine than about the program. Never touches the
//! data of an installation; with a PostgreSQL URL it makes a database of its
//! own on that server.

pub mod customers;
pub mod full;
pub mod groups;
pub mod import;
pub mod kill;
pub mod plain;
pub mod rows;
pub mod sim;
pub mod sync;
pub mod words;
pub mod xlsx;

use crate::error::{CliError, Result};
use crate::{demo, open};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use zf_base::geo::Datum;
use zf_base::{Day, ProgramId};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, Permission};
use zf_network::import::run::{Reporter, Stage, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, Import, ImportKind};
use zf_plan::definition::Definition;
use zf_plan::program::schedule::reschedule;
use zf_plan::program::service::{aliases, program_create};
use zf_store::Db;
use zf_store::testing::TestDb;
use zf_vault::{KdfParams, Keyring, Suite};

/// Where a measurement keeps its rows.
#[derive(Clone, Debug)]
pub enum On {
    /// A file that is removed afterwards.
    Sqlite,
    /// A new database on this server.
    Postgres(String),
}

impl On {
    /// PostgreSQL when the URL says so, else SQLite.
    pub fn from_url(url: Option<&str>) -> On {
        match url {
            Some(url) if url.starts_with("postgres") => On::Postgres(url.to_owned()),
            _ => On::Sqlite,
        }
    }

    /// `sqlite` or `postgres`.
    pub fn name(&self) -> &'static str {
        match self {
            On::Sqlite => "sqlite",
            On::Postgres(_) => "postgres",
        }
    }
}

/// A database that vanishes.
enum Held {
    Folder(TempDir),
    Server(Box<TestDb>),
    /// Somebody else removes it.
    Elsewhere,
}

/// An installation to be measured.
pub struct Rig {
    /// The installation.
    pub app: App,
    /// The machine, on the whole tree.
    pub ctx: Ctx,
    /// The head of the tree.
    pub root: Unit,
    held: Held,
}

impl Rig {
    /// Makes one with the units and village groups of `spec`.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub async fn new(on: &On, suite: Suite, spec: &rows::Spec) -> Result<Rig> {
        let (db, held) = match on {
            On::Sqlite => {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("bench.db");
                let db = Db::open(&format!("sqlite:{}", path.display())).await?;
                db.migrate(MIGRATIONS).await?;
                (db, Held::Folder(folder))
            }
            On::Postgres(url) => {
                let db = TestDb::postgres(url, MIGRATIONS).await?;
                (db.clone(), Held::Server(Box::new(db)))
            }
        };
        Rig::filled(db, ring(suite)?, held, spec).await
    }

    /// Puts the units and village groups of `spec` into an empty database.
    async fn filled(db: Db, ring: Keyring, held: Held, spec: &rows::Spec) -> Result<Rig> {
        let app = open::assemble(db, ring).await?;
        let ctx = open::machine(&app);
        let data = spec.organisation();
        let root = demo::head(&app, &ctx, &data).await?;
        let rig = Rig {
            app,
            ctx,
            root,
            held,
        };
        let files = [
            (ImportKind::Units, zf_demo::write_units_csv(&data)),
            (
                ImportKind::VillageGroups,
                zf_demo::write_village_groups_csv(&data),
            ),
        ];
        for (kind, text) in files {
            rig.load(kind, "bench.csv", text.into_bytes(), &Spent::default())
                .await?;
        }
        Ok(rig)
    }

    /// Imports a file to its end.
    ///
    /// # Errors
    /// When a row is refused: nothing of the measurement would be comparable.
    pub async fn load(
        &self,
        kind: ImportKind,
        name: &str,
        bytes: Vec<u8>,
        spent: &Spent,
    ) -> Result<Loaded> {
        let scope = self.ctx.scope(Permission::ImportWrite, &self.root)?;
        let new = NewImport {
            kind,
            file_name: name.to_owned(),
            datum: Datum::Wgs84,
            dry_run: false,
        };
        let began = Instant::now();
        let import = import_start(&self.app, &self.ctx, &scope, &new, &bytes, false).await?;
        drop(bytes);
        let stored = began.elapsed();
        let import = import_run(&self.app, &self.ctx, import.id, spent).await?;
        if import.counts.bad > 0 || import.counts.done == 0 {
            return Err(CliError::system(words::ROWS_REFUSED));
        }
        Ok(Loaded {
            import,
            stored,
            all: began.elapsed(),
        })
    }

    /// Bytes of the database; none where the engine does not say.
    pub fn bytes(&self) -> Option<u64> {
        match &self.held {
            Held::Folder(folder) => {
                let files = std::fs::read_dir(folder.path()).ok()?.flatten();
                Some(
                    files
                        .filter_map(|f| f.metadata().ok())
                        .map(|m| m.len())
                        .sum(),
                )
            }
            Held::Server(_) | Held::Elsewhere => None,
        }
    }

    /// Closes and removes the database.
    ///
    /// # Errors
    /// When what was written cannot be finished.
    pub async fn end(self) -> Result<()> {
        self.app.db.close().await?;
        if let Held::Server(db) = self.held {
            drop(db);
            // The server removes it on a thread of its own.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }
}

/// What became of a file.
pub struct Loaded {
    /// The import as it ended.
    pub import: Import,
    /// Sealing and storing the file itself.
    pub stored: Duration,
    /// Everything.
    pub all: Duration,
}

fn ring(suite: Suite) -> Result<Keyring> {
    let made = Keyring::create_with(
        suite,
        "bench",
        KdfParams::TESTS_ONLY,
        &mut zf_vault::os_random,
    );
    Ok(made?.0)
}

/// Where the time of an import went, stage by stage. Stages run side by side,
/// so their sum is more than the clock shows.
#[derive(Default)]
pub struct Spent(Mutex<Vec<(Stage, Duration)>>);

impl Reporter for Spent {
    async fn report(&self, _: Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }

    fn spent(&self, stage: Stage, time: Duration) {
        if let Ok(mut all) = self.0.lock() {
            match all.iter_mut().find(|(s, _)| *s == stage) {
                Some((_, sum)) => *sum += time,
                None => all.push((stage, time)),
            }
        }
    }
}

impl Spent {
    /// Seconds of a stage.
    pub fn seconds(&self, stage: Stage) -> f64 {
        let all = self.0.lock().map(|all| all.clone()).unwrap_or_default();
        let found = all.iter().find(|(s, _)| *s == stage);
        found.map_or(0.0, |(_, time)| time.as_secs_f64())
    }

    /// All stages, seconds.
    pub fn json(&self) -> Json {
        json!({
            "check": round(self.seconds(Stage::Check)),
            "seal": round(self.seconds(Stage::Seal)),
            "write": round(self.seconds(Stage::Write)),
        })
    }
}

/// Three digits behind the point are more than a measurement is good for.
pub fn round(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

/// Most memory this process has had since [`forget_peak`], MiB; none where the
/// system does not tell.
pub fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib.div_ceil(1024))
}

/// Begins a new peak at what is in use now.
pub fn forget_peak() {
    // Where the system cannot, the peak is that of the whole process: never too low.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The value below which `per_mille` of a thousand lie, milliseconds.
pub fn percentile(sorted: &[Duration], per_mille: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (sorted.len() * per_mille / 1000).min(last);
    sorted
        .get(at)
        .map_or(0.0, |d| round(d.as_secs_f64() * 1000.0))
}

/// A campaign with the first preset, from a week ago for three months.
async fn program(rig: &Rig, day: Day) -> Result<ProgramId> {
    let app = &rig.app;
    let preset = app.packs.program_presets().next();
    let preset = preset.ok_or_else(|| CliError::system("no preset of a program"))?;
    let definition = Definition::parse(preset.toml, &aliases(app));
    let mut definition = definition.map_err(|_| CliError::system("the preset does not read"))?;
    reschedule(&mut definition, day.plus_days(-7), day.plus_days(90));
    let scope = rig.ctx.scope(Permission::ProgramWrite, &rig.root)?;
    let made = program_create(app, &rig.ctx, &scope, &definition, "").await?;
    Ok(made.id)
}

/// Writes the customers' file; gives its bytes.
fn customers_file(spec: &rows::Spec, path: &Path) -> Result<u64> {
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    spec.write(&mut out)?;
    Ok(std::fs::metadata(path)?.len())
}
