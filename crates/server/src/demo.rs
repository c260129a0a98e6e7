//! The demo county on first start: keys, schema, an invented organisation with
//! its customers through the same imports as real files, accounts for every
//! role, a campaign with this week's plans. Every step looks whether it was
//! done, so an interrupted first start goes on where it stopped and a second
//! start changes nothing.

use crate::config::{Config, Env};
use crate::error::{CliError, Result};
use crate::{cli::progress::Progress, keys, open, words};
use serde_json::json;
use std::path::{Path, PathBuf};
use zf_base::StaffId;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_demo::{BankRow, DemoData, DemoSpec, Size};
use zf_kernel::setting::{is_demo, setting_read, setting_write};
use zf_kernel::staff::service::staff_list;
use zf_kernel::unit::service::{unit_add_root, unit_by_code, unit_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::user::Grant;
use zf_kernel::user::service::{NewUser, user_add, user_by_login};
use zf_kernel::{App, Ctx, Permission};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, ImportKind};
use zf_plan::filing::approval::approve;
use zf_plan::program::service::{
    FromPreset, from_preset, program_by_code, program_check, program_create, program_list,
    program_start, program_unit_put,
};
use zf_plan::program::{Program, State};
use zf_plan::targets::jobs::build_all;
use zf_plan::week_plan::make::plan_week;
use zf_plan::week_plan::told::Told;
use zf_vault::{KdfParams, Suite};

/// Where a demo account has its home and its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The top of the tree.
    Root,
    /// The county (of a city: the city).
    Middle,
    /// The first branch in the country.
    Branch,
}

/// One sign-in of the demo, shown on the sign-in page and when it starts.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// What is typed.
    pub login: &'static str,
    /// Its password; worth nothing outside of this machine.
    pub password: &'static str,
    /// Role of a pack.
    pub role: &'static str,
    /// Where it holds.
    pub home: Home,
}

const fn login(
    login: &'static str,
    password: &'static str,
    role: &'static str,
    home: Home,
) -> Login {
    Login {
        login,
        password,
        role,
        home,
    }
}

/// All sign-ins of the demo.
pub const LOGINS: &[Login] = &[
    login("market", "market-demo", "market_department", Home::Middle),
    login("branch", "branch-demo", "branch_head", Home::Branch),
    login("visitor", "visitor-demo", "visitor", Home::Branch),
    login("director", "director-demo", "director", Home::Middle),
    login(
        "coordinator",
        "coordinator-demo",
        "city_coordinator",
        Home::Middle,
    ),
    login("compliance", "compliance-demo", "compliance", Home::Middle),
    login("inspector", "inspector-demo", "inspector", Home::Middle),
    login("system", "system-demo", "system_admin", Home::Root),
    login("security", "security-demo", "security_admin", Home::Root),
    login("audit", "audit-demo", "audit_admin", Home::Root),
];

/// What to make.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// How large.
    pub size: Size,
    /// Same seed, same people.
    pub seed: u64,
    /// Rows of the source data set instead of drawn ones.
    pub from: Option<PathBuf>,
}

/// Set when everything is in.
const LOADED: &str = "demo.loaded";

/// Opens the demo, making it first when it is not there.
pub async fn open_or_make(
    config: &Config,
    env: Env<'_>,
    wanted: &Wanted,
    progress: &Progress,
) -> Result<App> {
    let source = wanted.from.as_deref().map(read_source).transpose()?;
    let app = house(config, env).await?;
    if setting_read(&app, LOADED).await?.is_some() {
        return Ok(app);
    }
    if unit_root(&app).await?.is_some() && !is_demo(&app).await? {
        return Err(CliError::input(words::not_a_demo(&config.data.value)));
    }
    let spec = DemoSpec {
        size: wanted.size,
        seed: wanted.seed,
        anchor: app.today(),
    };
    progress.step(words::DEMO_GENERATE);
    let data = tokio::task::spawn_blocking(move || zf_demo::generate(&spec, source.as_deref()));
    let data = data.await.map_err(CliError::system)?;
    let ctx = open::machine(&app);
    let root = head(&app, &ctx, &data).await?;
    load(&app, &ctx, &root, &data, progress).await?;
    progress.step(words::DEMO_ACCOUNTS);
    accounts(&app, &ctx, &root, &data).await?;
    let owner = home(&app, &root, &data, Home::Middle).await?;
    let program = campaign(&app, &ctx, &owner, progress).await?;
    plans(&app, &ctx, &program, progress).await?;
    // Today's routines stand in the inboxes from the start.
    zf_act::routine::service::settle(&app, &ctx, &root.path).await?;
    let size = if wanted.size == Size::City {
        "city"
    } else {
        "county"
    };
    let fact = json!({ "seed": wanted.seed, "size": size, "at": app.now() });
    setting_write(&app, &ctx, &root, LOADED, fact).await?;
    Ok(app)
}

/// Keys and schema.
async fn house(config: &Config, env: Env<'_>) -> Result<App> {
    let db = open::database_new(config).await?;
    let passphrase = keys::demo_passphrase(config, env)?;
    let path = config.key_path();
    let ring = match path.exists() {
        true => open::unlocked(config, passphrase)?,
        false => keys::create(&path, Suite::Intl, &passphrase, KdfParams::KEY_FILE)?,
    };
    let app = open::assemble(db, ring).await?;
    Ok(app.with_blobs(&config.data.value.join("blobs")))
}

/// The rows of `bank-full.csv`, plain or compressed.
fn read_source(path: &Path) -> Result<Vec<BankRow>> {
    let bad = |e: String| CliError::input(words::file_unreadable(path, &e));
    let bytes = std::fs::read(path).map_err(|e| bad(e.to_string()))?;
    zf_demo::parse_bank_marketing(&bytes).map_err(|e| bad(e.to_string()))
}

/// The head unit and the mark that everything here is a demo: before the first
/// customer, because demo identities are refused elsewhere.
pub(crate) async fn head(app: &App, ctx: &Ctx, data: &DemoData) -> Result<Unit> {
    let root = match unit_root(app).await? {
        Some(root) => root,
        None => {
            let top = data
                .units
                .first()
                .ok_or_else(|| CliError::system("the demo has no units"))?;
            let input = UnitInput {
                code: top.code.clone(),
                name: top.name.clone(),
                level: top.level.code().parse().unwrap_or(Level::Head),
                parent: None,
                area_kind: None,
                market_kind: None,
                place: zf_base::geo::Point::new(top.lat, top.lon).ok(),
                datum: Some(top.datum),
                phone: Some(top.phone.clone()),
                active: true,
            };
            unit_add_root(app, ctx, &input, true).await?
        }
    };
    setting_write(app, ctx, &root, "system.demo", json!(true)).await?;
    setting_write(app, ctx, &root, "names.levels", json!("post")).await?;
    Ok(root)
}

/// Shows how far an import is.
struct Shown<'a> {
    progress: &'a Progress,
    what: &'static str,
}

impl Reporter for Shown<'_> {
    async fn report(&self, counts: Counts) -> zf_kernel::error::Result<()> {
        self.progress.count(self.what, counts.done, counts.total);
        Ok(())
    }
}

/// What it holds, its name, and how it is written.
type File = (ImportKind, &'static str, fn(&DemoData) -> String);

/// Loads the files the way a bank's own files are loaded.
pub(crate) async fn load(
    app: &App,
    ctx: &Ctx,
    root: &Unit,
    data: &DemoData,
    progress: &Progress,
) -> Result<()> {
    let files: [File; 4] = [
        (ImportKind::Units, "units.csv", zf_demo::write_units_csv),
        (ImportKind::Staff, "staff.csv", zf_demo::write_staff_csv),
        (
            ImportKind::VillageGroups,
            "village_groups.csv",
            zf_demo::write_village_groups_csv,
        ),
        (
            ImportKind::Customers,
            "customers.csv",
            zf_demo::write_customers_csv,
        ),
    ];
    let scope = ctx.scope(Permission::ImportWrite, root)?;
    for (kind, name, write) in files {
        let new = NewImport {
            kind,
            file_name: name.to_owned(),
            datum: Datum::Wgs84,
            dry_run: false,
        };
        let import = import_start(app, ctx, &scope, &new, write(data).as_bytes(), false).await?;
        let shown = Shown {
            progress,
            what: words::import_kind(kind.as_str()),
        };
        let done = import_run(app, ctx, import.id, &shown).await?;
        progress.line(&words::import_done(
            words::import_kind(kind.as_str()),
            &done.counts,
        ));
        if done.counts.bad > 0 {
            return Err(CliError::system(words::DEMO_REFUSED));
        }
    }
    Ok(())
}

async fn accounts(app: &App, ctx: &Ctx, root: &Unit, data: &DemoData) -> Result<()> {
    for l in LOGINS {
        if user_by_login(app, l.login).await?.is_some() {
            continue;
        }
        let home = home(app, root, data, l.home).await?;
        let role = app
            .roles
            .get(l.role)
            .map_or(l.role.to_owned(), |r| r.name_zh.clone());
        let new = NewUser {
            login: l.login.to_owned(),
            name: words::demo_person(&role),
            staff_id: goes_out(app, ctx, &home, l.role).await?,
            grants: vec![Grant {
                role_id: l.role.to_owned(),
                unit_id: home.id,
            }],
            is_demo: true,
            password: Some(l.password.to_owned()),
        };
        user_add(app, ctx, &ctx.scope(Permission::UserWrite, &home)?, &new).await?;
    }
    Ok(())
}

/// Who the demo account of a role is on the routes of the branch.
async fn goes_out(app: &App, ctx: &Ctx, home: &Unit, role: &str) -> Result<Option<StaffId>> {
    let post = match role {
        "branch_head" => "branch_head",
        "visitor" => "postman",
        _ => return Ok(None),
    };
    let all = staff_list(app, &ctx.scope(Permission::StaffRead, home)?).await?;
    Ok(all.iter().find(|s| s.post == post).map(|s| s.id))
}

pub(crate) async fn home(app: &App, root: &Unit, data: &DemoData, home: Home) -> Result<Unit> {
    use zf_demo::{Area, Level};
    let counties = data
        .units
        .iter()
        .filter(|u| u.level == Level::County)
        .count();
    // A market department plans for its county, or for the city when there are several.
    let middle = if counties > 1 {
        Level::City
    } else {
        Level::County
    };
    let row = match home {
        Home::Root => return Ok(root.clone()),
        Home::Middle => data.units.iter().find(|u| u.level == middle),
        Home::Branch => data
            .units
            .iter()
            .find(|u| u.level == Level::Branch && u.area == Some(Area::Rural)),
    };
    let code = row.map_or("", |u| u.code.as_str());
    unit_by_code(app, code)
        .await?
        .ok_or_else(|| CliError::system(words::DEMO_REFUSED))
}

/// Shows how far the plans are.
struct Branches<'a> {
    progress: &'a Progress,
    what: &'static str,
}

impl Told for Branches<'_> {
    async fn told(&self, done: i64, total: i64, _: &str) -> zf_kernel::error::Result<()> {
        self.progress.count(self.what, done, total);
        Ok(())
    }
}

/// Code of the demo campaign.
const CAMPAIGN: &str = "demo-visit";
/// Weeks of the campaign that are over: enough for a history, not for the end.
const WEEKS_BEFORE: i32 = 3;
/// Records a branch has to collect in the demo.
const COLLECTION_PLAN: i64 = 1_500;

/// A campaign around today with collection plans and targets.
pub(crate) async fn campaign(
    app: &App,
    ctx: &Ctx,
    owner: &Unit,
    progress: &Progress,
) -> Result<Program> {
    let known = program_list(app, ctx)
        .await?
        .into_iter()
        .find(|p| p.code == CAMPAIGN);
    let program = match known {
        Some(program) => program,
        None => new_campaign(app, ctx, owner, progress).await?,
    };
    for branch in program
        .branches(app, ctx, Permission::ProgramWrite, None)
        .await?
    {
        program_unit_put(
            app,
            ctx,
            &program,
            branch.unit_id(),
            Some(COLLECTION_PLAN),
            None,
        )
        .await?;
    }
    if program.state == State::Draft {
        lower_quotas(app, ctx, &program, progress).await?;
        if !start(app, ctx, &program).await? {
            progress.line(words::DEMO_NOT_STARTED);
        }
    }
    build_all(
        app,
        ctx,
        program.id,
        &Branches {
            progress,
            what: words::DEMO_TARGETS,
        },
    )
    .await?;
    // The worker fills the groups while the pages already open.
    zf_plan::groups::jobs::ask(app, ctx, program.unit.id).await?;
    Ok(program_by_code(app, ctx, CAMPAIGN).await?)
}

/// This week's plans of all branches.
async fn plans(app: &App, ctx: &Ctx, program: &Program, progress: &Progress) -> Result<()> {
    let told = Branches {
        progress,
        what: words::DEMO_PLANS,
    };
    plan_week(app, ctx, program, ctx.today().week(), None, &told).await?;
    progress.clear();
    Ok(())
}

async fn new_campaign(app: &App, ctx: &Ctx, owner: &Unit, progress: &Progress) -> Result<Program> {
    let first = ctx.today().week().monday().plus_days(-7 * WEEKS_BEFORE);
    let preset = app.packs.program_presets().next().map(|p| p.id.to_owned());
    let input = FromPreset {
        preset: preset.unwrap_or_default(),
        code: CAMPAIGN.to_owned(),
        name: words::DEMO_CAMPAIGN.to_owned(),
        first_day: Some(first),
        last_day: None,
    };
    let definition = from_preset(app, &input)?;
    progress.line(&words::demo_campaign(
        definition.program.start,
        definition.program.end,
    ));
    let scope = ctx.scope(Permission::ProgramWrite, owner)?;
    Ok(program_create(app, ctx, &scope, &definition, "").await?)
}

/// Does what the check says about branches that cannot reach their quota: the
/// quota they can reach becomes their own.
async fn lower_quotas(app: &App, ctx: &Ctx, program: &Program, progress: &Progress) -> Result<()> {
    let report = program_check(app, ctx, program).await?;
    let mut lowered = Vec::new();
    for row in &report.capacity {
        if row.short == 0 || row.quota_possible == 0 {
            continue;
        }
        let quota = i64::try_from(row.quota_possible).map_err(CliError::system)?;
        program_unit_put(app, ctx, program, row.unit_id, None, Some(quota)).await?;
        lowered.push((row.name.as_str(), quota));
    }
    if !lowered.is_empty() {
        progress.line(&words::demo_quotas(&lowered));
    }
    Ok(())
}

/// Who approves the demo campaign: not the one who wrote it.
const APPROVER: zf_base::UserId = zf_base::UserId(zf_base::Uuid::from_u128(2));

/// Approves and starts the campaign; false when the check found errors, which
/// the pages show.
async fn start(app: &App, ctx: &Ctx, program: &Program) -> Result<bool> {
    let approver = Ctx::for_job(
        APPROVER,
        words::DEMO_APPROVER,
        &program.unit,
        ctx.now,
        ctx.request_id,
    );
    let note = words::DEMO_APPROVAL;
    match approve(app, &approver, program, program.version, note).await {
        Ok(()) => {}
        // Approved by an earlier run that did not come to its end.
        Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => {}
        Err(e) if e.code() == Some(ErrorCode::PROGRAM_INFEASIBLE.code) => return Ok(false),
        Err(e) => return Err(e.into()),
    }
    match program_start(app, ctx, program).await {
        Ok(_) => Ok(true),
        Err(e) if e.code() == Some(ErrorCode::PROGRAM_INFEASIBLE.code) => Ok(false),
        Err(e) => Err(e.into()),
    }
}
