//! `zoufang demo`: makes the demo on first start (see `crate::demo`), prints the
//! address and the sign-ins, and serves on this machine only. The rules of
//! listening are checked before any data is made.

use super::common::{Out, config};
use super::progress::Progress;
use crate::config::{Flags, process_env};
use crate::demo::{self, LOGINS, Wanted};
use crate::error::Result;
use crate::{serve, words};
use std::path::PathBuf;
use zf_demo::Size;

/// How large a demo.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SizeArg {
    /// One county with 12 branches
    County,
    /// One city with 12 counties and 36 branches
    City,
}

/// Make a demo county on first start, then serve it on this machine.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  zoufang demo --data demo-data --port 8080")]
pub struct DemoArgs {
    /// Port on this machine [default: 8080]
    #[arg(long)]
    port: Option<u16>,
    /// How large
    #[arg(long, value_enum, default_value = "county")]
    size: SizeArg,
    /// Same seed, same people
    #[arg(long, default_value_t = 2016)]
    seed: u64,
    /// bank-full.csv or bank-full.csv.gz (UCI Bank Marketing) instead of drawn rows
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Make the data and leave
    #[arg(long)]
    no_serve: bool,
}

/// Runs it.
pub async fn run(args: DemoArgs, mut flags: Flags, out: Out) -> Result<()> {
    flags.port = args.port;
    let config = config(&flags)?;
    // The rules of listening first: no data is made for a server that may not run.
    serve::door(&config, true)?;
    let size = match args.size {
        SizeArg::County => Size::County,
        SizeArg::City => Size::City,
    };
    let wanted = Wanted {
        size,
        seed: args.seed,
        from: args.from,
    };
    let progress = Progress::new(out.json);
    let app = demo::open_or_make(&config, &process_env, &wanted, &progress).await?;
    progress.line(&words::demo_ready(progress.seconds()));
    if args.no_serve {
        app.db.close().await?;
        return out.result(&serde_json::json!({ "seconds": progress.seconds() }), "");
    }
    serve::serve(app.clone(), &config, |address| announce(&app, address, out)).await
}

fn announce(app: &zf_kernel::App, address: &str, out: Out) {
    if out.json {
        let logins: Vec<_> = LOGINS
            .iter()
            .map(
                |l| serde_json::json!({ "login": l.login, "password": l.password, "role": l.role }),
            )
            .collect();
        println!(
            "{}",
            serde_json::json!({ "address": address, "logins": logins })
        );
        return;
    }
    println!("{}", words::serving(address));
    println!("{}", words::DEMO_LOGINS);
    for l in LOGINS {
        let role = app.roles.get(l.role).map_or(l.role, |r| r.name_zh.as_str());
        println!("  {:<12} {:<18} {role}", l.login, l.password);
    }
}
