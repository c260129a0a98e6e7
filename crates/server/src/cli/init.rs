//! `zoufang init`: the first start of a real installation. Makes the keys under
//! a passphrase, the schema, the head unit and the three administrators, who
//! must be three people: none of them can do the work of another.

use super::common::{Out, config};
use crate::config::{Flags, process_env};
use crate::error::{CliError, Result};
use crate::{disk, jobs, keys, open, words};
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use zf_kernel::setting::{level_name_preset, setting_write};
use zf_kernel::unit::service::{unit_add_root, unit_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::user::Grant;
use zf_kernel::user::service::{NewUser, check_password, user_add, user_by_login};
use zf_kernel::{App, Ctx, Permission};
use zf_vault::{KdfParams, Suite};

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SuiteArg {
    /// AES-256-GCM, SHA-256
    Intl,
    /// SM4-GCM, SM3
    Gm,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LevelNames {
    /// 总行, 分行, 支行, 网点
    Bank,
    /// 市局, 县局, 支局
    Post,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LevelArg {
    Head,
    Province,
    City,
    County,
}

/// First start without demo: head unit, three administrators, keys.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  zoufang init --code 3701 --name Qingshan --level city --level-names post --suite gm\n\nThe passphrase of the root key comes from ZOUFANG_PASSPHRASE or is asked for twice. Keep it apart\nfrom the backups: without it nothing can be read. The initial passwords are printed once; with\n--password-file they are taken from a file of three lines LOGIN:PASSWORD, readable by you only."
)]
pub struct InitArgs {
    /// Code of the head unit, as in the bank's own systems
    #[arg(long)]
    code: String,
    /// Name of the head unit
    #[arg(long)]
    name: String,
    /// Level of the head unit
    #[arg(long, value_enum, default_value = "head")]
    level: LevelArg,
    /// What the levels are called
    #[arg(long, value_enum, default_value = "bank")]
    level_names: LevelNames,
    /// Cipher suite; cannot be changed later
    #[arg(long, value_enum, default_value = "intl")]
    suite: SuiteArg,
    /// Lines LOGIN:PASSWORD for system, security and audit administrator
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Logins and roles of the three administrators.
const ADMINISTRATORS: [(&str, &str); 3] = [
    ("sysadmin", "system_admin"),
    ("secadmin", "security_admin"),
    ("auditor", "audit_admin"),
];

#[derive(Serialize)]
struct Made {
    login: String,
    role: &'static str,
    /// Only when it was made here.
    initial_password: Option<String>,
}

/// Runs it.
pub async fn run(args: InitArgs, flags: Flags, out: Out) -> Result<()> {
    let config = config(&flags)?;
    let chosen = args
        .password_file
        .as_deref()
        .map(read_passwords)
        .transpose()?;
    let db = open::database_new(&config).await?;
    let path = config.key_path();
    // Keys that are there come from an attempt that stopped half-way.
    let ring = match path.exists() {
        true => keys::unlock(&path, &keys::passphrase(&config, &process_env)?)?,
        false => {
            let suite = match args.suite {
                SuiteArg::Intl => Suite::Intl,
                SuiteArg::Gm => Suite::Gm,
            };
            let passphrase = keys::new_passphrase(&config, &process_env)?;
            keys::create(&path, suite, &passphrase, KdfParams::KEY_FILE)?
        }
    };
    let app = open::assemble(db, ring).await?;
    let ctx = open::machine(&app);
    let root = head_unit(&app, &ctx, &args).await?;
    let preset = match args.level_names {
        LevelNames::Bank => "bank",
        LevelNames::Post => "post",
    };
    level_name_preset(preset)?;
    setting_write(&app, &ctx, &root, "names.levels", json!(preset)).await?;
    jobs::schedules(&app).await?;
    let made = administrators(&app, &ctx, &root, chosen.as_deref()).await?;
    app.db.close().await?;
    let text = words::init_done(&config.key_path(), &lines(&app, &made));
    out.result(
        &json!({ "fingerprint": app.vault.fingerprint(), "administrators": made }),
        text,
    )
}

async fn head_unit(app: &App, ctx: &Ctx, args: &InitArgs) -> Result<Unit> {
    if let Some(root) = unit_root(app).await? {
        let finished = user_by_login(app, ADMINISTRATORS[2].0).await?.is_some();
        if finished || root.code != args.code {
            return Err(CliError::input(words::INIT_TWICE));
        }
        return Ok(root);
    }
    let level = match args.level {
        LevelArg::Head => Level::Head,
        LevelArg::Province => Level::Province,
        LevelArg::City => Level::City,
        LevelArg::County => Level::County,
    };
    let input = UnitInput {
        code: args.code.clone(),
        name: args.name.clone(),
        level,
        parent: None,
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    };
    Ok(unit_add_root(app, ctx, &input, false).await?)
}

async fn administrators(
    app: &App,
    ctx: &Ctx,
    root: &Unit,
    chosen: Option<&[(String, String)]>,
) -> Result<Vec<Made>> {
    let scope = ctx.scope(Permission::UserWrite, root)?;
    let mut made = Vec::new();
    for (i, (usual, role)) in ADMINISTRATORS.into_iter().enumerate() {
        let own = chosen.and_then(|c| c.get(i));
        let login = own.map_or(usual.to_owned(), |(login, _)| login.clone());
        if user_by_login(app, &login).await?.is_some() {
            continue;
        }
        if let Some((_, password)) = own {
            check_password(app, password, &login)?;
        }
        let new = NewUser {
            name: app
                .roles
                .get(role)
                .map_or(role.to_owned(), |r| r.name_zh.clone()),
            login: login.clone(),
            staff_id: None,
            grants: vec![Grant {
                role_id: role.to_owned(),
                unit_id: root.id,
            }],
            is_demo: false,
            password: own.map(|(_, password)| password.clone()),
        };
        let (_, clear) = user_add(app, ctx, &scope, &new).await?;
        let initial_password = own.is_none().then_some(clear);
        made.push(Made {
            login,
            role,
            initial_password,
        });
    }
    Ok(made)
}

fn lines(app: &App, made: &[Made]) -> String {
    let line = |m: &Made| {
        let role = app.roles.get(m.role).map_or(m.role, |r| r.name_zh.as_str());
        format!(
            "  {:<12} {:<18} {role}",
            m.login,
            m.initial_password.as_deref().unwrap_or("—")
        )
    };
    made.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Three lines `LOGIN:PASSWORD`, in the order system, security, audit.
fn read_passwords(path: &Path) -> Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| CliError::input(words::file_unreadable(path, &e.to_string())))?;
    if disk::is_open_to_others(path)? {
        return Err(CliError::input(words::passphrase_file_open(path)));
    }
    let pairs: Vec<(String, String)> = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .filter_map(|l| l.split_once(':'))
        .map(|(login, password)| (login.trim().to_lowercase(), password.to_owned()))
        .collect();
    let different: std::collections::BTreeSet<_> = pairs.iter().map(|(login, _)| login).collect();
    if pairs.len() != ADMINISTRATORS.len() || different.len() != pairs.len() {
        return Err(CliError::input(words::PASSWORD_FILE_FORM));
    }
    Ok(pairs)
}
