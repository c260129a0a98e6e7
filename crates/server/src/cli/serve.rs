//! `zoufang serve`, `zoufang work` and `zoufang openapi`: options of the server
//! and the worker. What they do is in `crate::serve`; the document comes from
//! `crate::openapi` and needs no installation.

use super::common::{config, installation, print_line};
use crate::config::Flags;
use crate::error::Result;
use crate::{openapi as document, serve, words};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Serve the pages and the API, and work on jobs.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  zoufang serve\n  zoufang serve --listen 0.0.0.0:8443 --tls-cert server.crt --tls-key server.key\n\nThe passphrase comes from ZOUFANG_PASSPHRASE, from the file `passphrase` in the data folder,\nor is asked for."
)]
pub struct ServeArgs {
    /// Address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// Port on this machine only
    #[arg(long)]
    port: Option<u16>,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A gateway of the bank speaks TLS in front
    #[arg(long)]
    behind_gateway: bool,
    /// Leave the jobs to `zoufang work`
    #[arg(long)]
    no_worker: bool,
}

/// Runs `serve`.
pub async fn run(args: ServeArgs, mut flags: Flags) -> Result<()> {
    flags.listen = args.listen;
    flags.port = args.port;
    flags.tls_cert = args.tls_cert;
    flags.tls_key = args.tls_key;
    flags.behind_gateway = args.behind_gateway;
    flags.no_worker = args.no_worker;
    // The rules that need no database first: a usage error shall not ask for a passphrase.
    serve::door(&config(&flags)?, false)?;
    let (app, config) = installation(&flags).await?;
    crate::open::root(&app).await?;
    serve::serve(app, &config, |address| {
        println!("{}", words::serving(address))
    })
    .await
}

/// Work on jobs without HTTP.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  zoufang work --db postgres://zoufang@db/zoufang")]
pub struct WorkArgs {}

/// Runs `work`.
pub async fn work(_: WorkArgs, flags: Flags) -> Result<()> {
    let (app, _) = installation(&flags).await?;
    serve::work(app).await
}

/// Print the OpenAPI 3.1 document that /api/openapi.json serves.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  zoufang openapi")]
pub struct OpenapiArgs {}

/// Runs `openapi`.
pub async fn openapi() -> Result<()> {
    // The document ends with its own newline.
    print_line(document::document().await?.trim_end())
}
