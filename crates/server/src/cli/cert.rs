//! `zoufang cert`: writes the three files of a county server and prints, in
//! Chinese, how phones and computers come to trust it. Needs neither database
//! nor keys.

use super::common::Out;
use crate::error::Result;
use crate::{cert, words};
use serde_json::json;
use std::path::PathBuf;

/// Make a certificate for a county server, with the steps to trust it.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  zoufang cert --name zoufang.local --name 192.168.1.20 --out certs"
)]
pub struct CertArgs {
    /// Name or IP address that phones and computers use; may be given several times
    #[arg(long = "name", required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Folder for the three files
    #[arg(long, default_value = "certs", value_name = "DIR")]
    out: PathBuf,
}

/// Runs it.
pub fn run(args: CertArgs, out: Out) -> Result<()> {
    let today = zf_kernel::Clock::now(&zf_kernel::SystemClock).day();
    let made = cert::make(&args.out, &args.names, today)?;
    let first = args.names.first().map_or("", String::as_str);
    let text = words::cert_steps(
        &made.issuer,
        &made.cert,
        &made.key,
        &made.last_day.to_string(),
        first,
    );
    let value = json!({ "issuer": made.issuer, "cert": made.cert, "key": made.key, "last_day": made.last_day });
    out.result(&value, text)
}
