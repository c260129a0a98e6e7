//! `zoufang admin user …` and `zoufang admin keys …`: what an administrator of
//! the computer does when the page cannot (a forgotten password of the last
//! security administrator, a new key). Everything is in the audit log under the
//! name of the command line; `--dry-run` shows what would happen.

use super::common::{Out, config, installation, unit, user};
use crate::config::{Flags, process_env};
use crate::error::{CliError, Result};
use crate::{disk, keys, open, words};
use clap::Subcommand;
use serde_json::json;
use zf_kernel::keys::{keys_adopt, rotate_keys};
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::user::grant::{check_grants, grant_list};
use zf_kernel::user::service::{
    NewUser, user_add, user_list, user_reset, user_retire, user_unlock,
};
use zf_kernel::user::{Grant, User};
use zf_kernel::{App, Ctx, Permission, UnitScope};

/// Accounts and keys.
#[derive(Subcommand)]
pub enum AdminCommand {
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// The keys of the installation
    #[command(subcommand)]
    Keys(KeysCommand),
}

/// Accounts.
#[derive(Subcommand)]
pub enum UserCommand {
    /// All accounts
    #[command(after_help = "Example:\n  zoufang admin user list")]
    List,
    /// A new account; the initial password is printed once
    #[command(
        after_help = "Example:\n  zoufang admin user create --login li.wei --name LiWei --unit 29010101 --role branch_head"
    )]
    Create {
        /// What is typed at sign-in
        #[arg(long)]
        login: String,
        /// Name shown
        #[arg(long)]
        name: String,
        /// Code of the home unit
        #[arg(long)]
        unit: String,
        /// Role, on the home unit, or ROLE@UNIT; may be given several times
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// Only show what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// A new initial password; ends the account's sessions
    #[command(after_help = "Example:\n  zoufang admin user reset li.wei")]
    Reset {
        /// The account
        login: String,
        /// Only show what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// End a lock-out early
    #[command(after_help = "Example:\n  zoufang admin user unlock li.wei")]
    Unlock {
        /// The account
        login: String,
        /// Only show what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// Retire an account and hand its open work over
    #[command(after_help = "Example:\n  zoufang admin user retire li.wei --hand-over-to wang.fang")]
    Retire {
        /// The account
        login: String,
        /// Who takes the open work
        #[arg(long, value_name = "LOGIN")]
        hand_over_to: String,
        /// Only show what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

/// The keys of the installation.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Suite, fingerprint and generation
    #[command(after_help = "Example:\n  zoufang admin keys status")]
    Status,
    /// A new key generation seals everything new; older values still open
    #[command(
        after_help = "Example:\n  zoufang admin keys rotate\n\nRunning servers read the new key file by themselves; on several machines copy it to each data\nfolder. A job seals older values anew. Take a backup afterwards."
    )]
    Rotate {
        /// Only show what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs them.
pub async fn run(command: AdminCommand, flags: Flags, out: Out) -> Result<()> {
    match command {
        AdminCommand::User(c) => {
            let (app, _) = installation(&flags).await?;
            let ctx = open::machine(&app);
            let result = run_user(&app, &ctx, c, out).await;
            app.db.close().await?;
            result
        }
        AdminCommand::Keys(KeysCommand::Status) => {
            let file = keys::read(&config(&flags)?.key_path())?;
            let suite = format!("{:?}", file.suite()).to_lowercase();
            let text = words::key_file(file.fingerprint(), &suite, file.current_key_id());
            out.result(&json!({ "fingerprint": file.fingerprint(), "suite": suite, "key_id": file.current_key_id() }), text)
        }
        AdminCommand::Keys(KeysCommand::Rotate { dry_run }) => rotate(&flags, dry_run, out).await,
    }
}

async fn run_user(app: &App, ctx: &Ctx, command: UserCommand, out: Out) -> Result<()> {
    match command {
        UserCommand::List => list(app, out).await,
        UserCommand::Create {
            login,
            name,
            unit,
            roles,
            dry_run,
        } => create(app, ctx, (login, name, unit), &roles, dry_run, out).await,
        UserCommand::Reset { login, dry_run } => {
            let (who, scope) = account(app, ctx, &login).await?;
            if dry_run {
                return changed(&login, true, out);
            }
            let password = user_reset(app, ctx, &scope, &who).await?;
            password_shown(&who.login, &password, out)
        }
        UserCommand::Unlock { login, dry_run } => {
            let (who, scope) = account(app, ctx, &login).await?;
            if !dry_run {
                user_unlock(app, ctx, &scope, &who).await?;
            }
            changed(&login, dry_run, out)
        }
        UserCommand::Retire {
            login,
            hand_over_to,
            dry_run,
        } => {
            let (who, scope) = account(app, ctx, &login).await?;
            let successor = user(app, &hand_over_to).await?;
            if successor.state != "active" || successor.id == who.id {
                return Err(CliError::input(words::no_such_user(&hand_over_to)));
            }
            if !dry_run {
                user_retire(app, ctx, &scope, &who, Some(successor.id)).await?;
            }
            changed(&login, dry_run, out)
        }
    }
}

/// `who` are login, name and code of the home unit.
async fn create(
    app: &App,
    ctx: &Ctx,
    who: (String, String, String),
    roles: &[String],
    dry_run: bool,
    out: Out,
) -> Result<()> {
    let (login, name, code) = who;
    let home = unit(app, &code).await?;
    let mut grants = Vec::new();
    for role in roles {
        let (role, at) = role.split_once('@').unwrap_or((role, &code));
        grants.push(Grant {
            role_id: role.to_owned(),
            unit_id: unit(app, at).await?.id,
        });
    }
    check_grants(app, &grants).await?;
    if dry_run {
        return changed(&login, true, out);
    }
    let scope = ctx.scope(Permission::UserWrite, &home)?;
    let new = NewUser {
        login,
        name,
        staff_id: None,
        grants,
        is_demo: false,
        password: None,
    };
    let (made, password) = user_add(app, ctx, &scope, &new).await?;
    password_shown(&made.login, &password, out)
}

async fn account(app: &App, ctx: &Ctx, login: &str) -> Result<(User, UnitScope)> {
    let who = user(app, login).await?;
    let home = unit_fetch(app, who.unit_id).await?;
    Ok((who, ctx.scope(Permission::UserWrite, &home)?))
}

fn changed(login: &str, dry_run: bool, out: Out) -> Result<()> {
    let text = if dry_run {
        words::would_change(login)
    } else {
        words::user_changed(login)
    };
    out.result(&json!({ "login": login, "dry_run": dry_run }), text)
}

fn password_shown(login: &str, password: &str, out: Out) -> Result<()> {
    out.result(
        &json!({ "login": login, "initial_password": password }),
        words::initial_password(login, password),
    )
}

async fn list(app: &App, out: Out) -> Result<()> {
    let root = open::root(app).await?;
    let mut rows = Vec::new();
    let mut text = Vec::new();
    let mut after = String::new();
    loop {
        let page = user_list(app, &root.path, &after, 200).await?;
        for u in &page {
            let grants = grant_list(app, u.id).await?;
            let roles: Vec<String> = grants
                .iter()
                .map(|g| format!("{}@{}", g.grant.role_id, g.unit_name))
                .collect();
            let state = if u.is_locked(app.now()) {
                "locked"
            } else {
                u.state.as_str()
            };
            text.push(format!(
                "{:<16} {:<8} {} {}",
                u.login,
                state,
                u.name,
                roles.join(" ")
            ));
            rows.push(json!({ "login": u.login, "name": u.name, "state": state, "roles": roles, "last_sign_in": u.last_sign_in_at }));
        }
        match page.last() {
            Some(last) if page.len() == 200 => after = last.login.clone(),
            _ => break,
        }
    }
    out.result(&json!({ "items": rows }), text.join("\n"))
}

async fn rotate(flags: &Flags, dry_run: bool, out: Out) -> Result<()> {
    let (app, config) = installation(flags).await?;
    let path = config.key_path();
    let file = keys::read(&path)?;
    let next = file.current_key_id() + 1;
    if dry_run {
        return out.result(
            &json!({ "dry_run": true, "key_id": next }),
            words::would_rotate(next),
        );
    }
    let passphrase = keys::passphrase(&config, &process_env)?;
    let rotated = rotate_keys(&app, &file, &passphrase)?;
    // The file first: no value may be sealed with a key that exists in memory alone.
    disk::write_private(&path.with_extension("json.old"), file.to_text().as_bytes())?;
    disk::write_private(&path, rotated.to_text().as_bytes())?;
    let (ctx, root) = (open::machine(&app), open::root(&app).await?);
    keys_adopt(&app, &ctx, &root, &rotated, &passphrase).await?;
    app.db.close().await?;
    out.result(&json!({ "key_id": next }), words::rotated(next))
}
