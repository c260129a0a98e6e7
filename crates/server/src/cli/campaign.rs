//! `zoufang campaign check | load`. The check needs no database when files of
//! units, staff and customers are given, and stores nothing; loading makes a new
//! version when the file says something else than what is in force.

use super::common::{Out, config, installation, read_file, unit};
use crate::config::{Flags, process_env};
use crate::error::{CliError, Result};
use crate::{offline, open, openapi, words};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use zf_base::{ProgramId, Uuid};
use zf_kernel::calendar::work_calendar;
use zf_kernel::{App, Permission};
use zf_plan::check::{Network, view};
use zf_plan::definition::{Definition, words as definition_words};
use zf_plan::program::network::network_of;
use zf_plan::program::service::{Loaded, aliases, campaign_load, post_name};
use zf_plan::program::{Program, State};

/// Campaigns.
#[derive(Subcommand)]
pub enum CampaignCommand {
    /// Can it be done? Dates, people, hours and distances against the target
    #[command(
        after_help = "Examples:\n  zoufang campaign check campaign.toml\n  zoufang campaign check campaign.toml --units units.csv --staff staff.csv --customers customers.csv\n\nExit code 1 when there are errors. With files no database is needed; without them the branches of\nthe installation are taken, and without an installation only the file itself is looked at."
    )]
    Check {
        /// The campaign file
        file: PathBuf,
        /// Units (.xlsx or .csv)
        #[arg(long, value_name = "FILE")]
        units: Option<PathBuf>,
        /// Staff
        #[arg(long, value_name = "FILE", requires = "units")]
        staff: Option<PathBuf>,
        /// Village groups
        #[arg(long, value_name = "FILE", requires = "customers")]
        village_groups: Option<PathBuf>,
        /// Customers
        #[arg(long, value_name = "FILE", requires = "units")]
        customers: Option<PathBuf>,
    },
    /// Create the campaign, or put the file in force as its next version
    #[command(after_help = "Example:\n  zoufang campaign load campaign.toml --unit 29010100")]
    Load {
        /// The campaign file
        file: PathBuf,
        /// Code of the unit that orders it [default: the head unit]
        #[arg(long)]
        unit: Option<String>,
    },
}

/// Runs them.
pub async fn run(command: CampaignCommand, flags: Flags, out: Out) -> Result<()> {
    match command {
        CampaignCommand::Check {
            file,
            units,
            staff,
            village_groups,
            customers,
        } => {
            let text = text_of(&file)?;
            let files = units.map(|units| offline::Files {
                units,
                staff,
                village_groups,
                customers,
            });
            check(&text, files, &flags, out).await
        }
        CampaignCommand::Load { file, unit: code } => {
            load(&text_of(&file)?, code.as_deref(), flags, out).await
        }
    }
}

fn text_of(path: &Path) -> Result<String> {
    String::from_utf8(read_file(path)?)
        .map_err(|_| CliError::input(words::file_unreadable(path, "UTF-8")))
}

async fn check(text: &str, files: Option<offline::Files>, flags: &Flags, out: Out) -> Result<()> {
    let (state, _dir) = openapi::empty_state().await?;
    let empty = &state.app;
    let parsed = Definition::parse(text, &aliases(empty));
    let definition =
        parsed.map_err(|e| CliError::Input(e.iter().map(definition_words::sentence).collect()))?;
    let (network, calendar) = match files {
        Some(files) => (
            offline::network(empty, &files, &definition)?,
            work_calendar(empty).await?,
        ),
        None => match open_if_there(flags).await? {
            Some(app) => (
                of_installation(&app, definition.clone()).await?,
                work_calendar(&app).await?,
            ),
            None => (Network::default(), work_calendar(empty).await?),
        },
    };
    let report = zf_plan::check::check(&definition, &calendar, &network);
    let post = |code: &str| post_name(empty, code);
    let errors = report.count(zf_plan::check::Severity::Error);
    out.result(
        &view::view(&report, &post),
        view::render_text(&report, &post),
    )?;
    if errors > 0 {
        Err(CliError::input(words::check_errors(errors)))
    } else {
        Ok(())
    }
}

/// The installation, when there is one.
async fn open_if_there(flags: &Flags) -> Result<Option<App>> {
    let config = config(flags)?;
    if !config.key_path().exists() {
        return Ok(None);
    }
    Ok(Some(open::app(&config, &process_env).await?))
}

/// The branches as they are, with the own figures of the program when it is known.
async fn of_installation(app: &App, definition: Definition) -> Result<Network> {
    let (ctx, root) = (open::machine(app), open::root(app).await?);
    let programs = zf_plan::program::service::program_list(app, &ctx).await?;
    let known = programs
        .into_iter()
        .find(|p| p.code == definition.program.id);
    let program = Program {
        id: known.as_ref().map_or(ProgramId(Uuid::nil()), |p| p.id),
        code: definition.program.id.clone(),
        name: definition.program.title.clone(),
        state: State::Draft,
        version: 1,
        unit: known.map_or(root, |p| p.unit),
        first_day: definition.program.start,
        last_day: definition.program.end,
        created_at: ctx.now,
        updated_at: ctx.now,
        definition: definition.into(),
    };
    Ok(network_of(app, &ctx, &program).await?)
}

async fn load(text: &str, code: Option<&str>, flags: Flags, out: Out) -> Result<()> {
    let (app, _) = installation(&flags).await?;
    // First for all faults with their lines; the service would only say that there are some.
    let parsed = Definition::parse(text, &aliases(&app));
    parsed.map_err(|e| CliError::Input(e.iter().map(definition_words::sentence).collect()))?;
    let ctx = open::machine(&app);
    let owner = match code {
        Some(code) => unit(&app, code).await?,
        None => open::root(&app).await?,
    };
    let scope = ctx.scope(Permission::ProgramWrite, &owner)?;
    let (program, loaded) = campaign_load(&app, &ctx, &scope, text).await?;
    app.db.close().await?;
    let (name, how) = match loaded {
        Loaded::Created => ("created", words::LOADED_NEW),
        Loaded::Changed => ("changed", words::LOADED_CHANGED),
        Loaded::Same => ("same", words::LOADED_SAME),
    };
    let value = json!({ "id": program.id, "code": program.code, "version": program.version, "loaded": name });
    out.result(
        &value,
        words::campaign_loaded(&program.code, program.version, how),
    )
}
