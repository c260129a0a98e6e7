//! `zoufang bench import`: a million customers by file, with every check, seal,
//! index and tag, against the database's own loader with the same indexes; then
//! the same file again, and the same customers with a change in every row.

use super::{On, Rig, Spent, customers_file, forget_peak, peak_mib, plain, round, rows};
use crate::error::Result;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::time::Instant;
use zf_base::limits;
use zf_network::import::ImportKind;
use zf_network::import::run::columns_of;
use zf_office::{Table, TableOptions};
use zf_vault::Suite;

/// What is measured.
pub struct Ask {
    /// The customers.
    pub spec: rows::Spec,
    /// Where.
    pub on: On,
    /// Only the first load, only the suite `intl`.
    pub short: bool,
}

/// Measures.
///
/// # Errors
/// When a load fails or refuses a row.
pub async fn measure(ask: &Ask) -> Result<Json> {
    let (spec, on) = (&ask.spec, &ask.on);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("customers.csv");
    let bytes = customers_file(spec, &file)?;
    let read = read_alone(&file)?;
    let plain = plain::load(on, &file, folder.path(), spec).await?;
    let per_second = |seconds: f64| (spec.rows as f64 / seconds).round();
    let mut out = json!({
        "bench": "import", "engine": on.name(), "rows": spec.rows, "branches": spec.branches,
        "sorted": spec.sorted, "file_bytes": bytes, "read_alone_seconds": round(read),
        "reference": { "tool": plain.tool, "seconds": round(plain.seconds), "rows_per_second": per_second(plain.seconds) },
    });
    let suites: &[Suite] = match ask.short {
        true => &[Suite::Intl],
        false => &[Suite::Intl, Suite::Gm],
    };
    for suite in suites {
        let rig = Rig::new(on, *suite, spec).await?;
        let mut one = first(&rig, &file, plain.seconds).await?;
        one["rows_per_second"] = json!(per_second(one["seconds"].as_f64().unwrap_or(1.0)));
        if *suite == Suite::Intl && !ask.short {
            one["again"] = again(&rig, &file).await?;
            let later = folder.path().join("later.csv");
            customers_file(
                &rows::Spec {
                    later: true,
                    ..*spec
                },
                &later,
            )?;
            one["changed"] = again(&rig, &later).await?;
        }
        rig.end().await?;
        out[format!("{suite:?}").to_lowercase()] = one;
    }
    Ok(out)
}

/// The first load of a file.
async fn first(rig: &Rig, file: &Path, reference: f64) -> Result<Json> {
    let spent = Spent::default();
    forget_peak();
    let loaded = rig
        .load(
            ImportKind::Customers,
            "customers.csv",
            std::fs::read(file)?,
            &spent,
        )
        .await?;
    let seconds = loaded.all.as_secs_f64();
    Ok(json!({
        "seconds": round(seconds), "ratio": round(seconds / reference), "new": loaded.import.counts.new,
        "store_file_seconds": round(loaded.stored.as_secs_f64()), "stages": spent.json(),
        "peak_mib": peak_mib(), "database_bytes": rig.bytes(),
    }))
}

/// A load into what is there already.
async fn again(rig: &Rig, file: &Path) -> Result<Json> {
    let spent = Spent::default();
    forget_peak();
    let loaded = rig
        .load(
            ImportKind::Customers,
            "customers.csv",
            std::fs::read(file)?,
            &spent,
        )
        .await?;
    let counts = loaded.import.counts;
    Ok(json!({
        "seconds": round(loaded.all.as_secs_f64()), "new": counts.new, "changed": counts.changed, "same": counts.same,
        "stages": spent.json(), "peak_mib": peak_mib(),
    }))
}

/// Seconds of reading and splitting the file, nothing else.
fn read_alone(file: &Path) -> Result<f64> {
    let specs = columns_of(ImportKind::Customers);
    let began = Instant::now();
    let known = |h: &str| zf_office::columns::is_known_header(specs, h);
    let mut options = TableOptions::default();
    options.limits.max_bytes = limits::IMPORT_BYTES_MAX;
    let opened = Table::open(file.to_owned(), "customers.csv", &options, &known);
    let mut table = opened.map_err(crate::error::CliError::system)?;
    let mut cells = 0;
    for row in table.rows() {
        cells += row.map_err(crate::error::CliError::system)?.cells.len();
    }
    std::hint::black_box(cells);
    Ok(began.elapsed().as_secs_f64())
}
