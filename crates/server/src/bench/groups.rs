//! `zoufang bench groups`: what a rule of a must-visit group would do over a
//! whole county, and the search for households in one large branch. References
//! of the same run in the same database: the rule as a plain count, and the bare
//! reading of the branch. The preview must find what the count finds.

use super::{On, Rig, Spent, percentile, round, rows, words};
use crate::error::{CliError, Result};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::{Permission, UnitScope};
use zf_network::import::ImportKind;
use zf_plan::groups::facts::facts_of_branch;
use zf_plan::groups::preview::preview;
use zf_register::household::run::propose_branch;
use zf_store::{Scope, Sql, params};

/// The group that is tried, and its rule with another figure.
const CODE: &str = "deposit";
const DAYS: i32 = 45;
const RULE: &str = "answered(days_to_deposit_maturity) && days_to_deposit_maturity >= 0 && days_to_deposit_maturity <= 45";

const BARE_RULE: Sql = Sql {
    name: "BARE_RULE",
    text: "SELECT unit_id, COUNT(DISTINCT household_id), COUNT(*) FROM customer WHERE deposit_due_day >= $1 AND deposit_due_day <= $2 GROUP BY unit_id",
    scope: Scope::Cross,
    module: module_path!(),
};
const BARE_PEOPLE: Sql = Sql {
    name: "BARE_PEOPLE",
    text: "SELECT c.*, h.household_no FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1",
    scope: Scope::Cross,
    module: module_path!(),
};

/// Measures; `branch_rows` are the customers of the branch in which households
/// are looked for.
///
/// # Errors
/// When customers cannot be loaded, or the preview and the count disagree.
pub async fn measure(spec: &rows::Spec, on: &On, calls: usize, branch_rows: u64) -> Result<Json> {
    let tried = rule(spec, on, calls.max(1)).await?;
    let households = households(branch_rows, on).await?;
    Ok(json!({
        "bench": "groups", "engine": on.name(), "rows": spec.rows, "branches": spec.branches,
        "preview": tried, "households": households,
    }))
}

async fn scopes(rig: &Rig, spec: &rows::Spec, permission: Permission) -> Result<Vec<UnitScope>> {
    let mut all = Vec::new();
    for b in 0..spec.branches {
        let unit = unit_by_code(&rig.app, &rows::branch_code(b)).await?;
        let unit = unit.ok_or_else(|| CliError::system("a branch is missing"))?;
        all.push(rig.ctx.scope(permission, &unit)?);
    }
    Ok(all)
}

/// The middle of some times, milliseconds.
fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    percentile(&times, 500)
}

async fn rule(spec: &rows::Spec, on: &On, calls: usize) -> Result<Json> {
    let rig = Rig::new(on, zf_vault::Suite::Intl, spec).await?;
    let mut file = Vec::new();
    spec.write(&mut file)?;
    let spent = Spent::default();
    rig.load(ImportKind::Customers, "customers.csv", file, &spent)
        .await?;
    rig.app.db.vacuum().await?;
    let (app, ctx) = (&rig.app, &rig.ctx);
    let scopes = scopes(&rig, spec, Permission::GroupRead).await?;
    let (mut tried, mut read, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = (0, 0);
    let today = ctx.today();
    for _ in 0..calls {
        let began = Instant::now();
        let shown = preview(app, ctx, &scopes, Some(CODE), RULE).await?;
        tried.push(began.elapsed());
        found = shown
            .branches
            .iter()
            .fold((0, 0), |sum, b| (sum.0 + b.households, sum.1 + b.customers));
        let began = Instant::now();
        for scope in &scopes {
            facts_of_branch(app, scope).await?;
        }
        read.push(began.elapsed());
        let began = Instant::now();
        let p = params![today, today.plus_days(DAYS)];
        let counted = app.db.query(BARE_RULE, p).await?;
        bare.push(began.elapsed());
        let mut wanted = (0, 0);
        for row in &counted {
            wanted = (wanted.0 + row.get::<i64>(1)?, wanted.1 + row.get::<i64>(2)?);
        }
        if wanted != found || wanted.0 == 0 {
            return Err(CliError::system("the preview and the count disagree"));
        }
    }
    rig.end().await?;
    let (tried, read, bare) = (middle(tried), middle(read), middle(bare));
    Ok(json!({
        "calls": calls, "households": found.0, "customers": found.1, "p50_ms": tried,
        "reading_ms": read, "reference_ms": bare, "ratio": round(tried / bare.max(0.001)),
    }))
}

/// One branch whose customers come without household numbers.
async fn households(rows: u64, on: &On) -> Result<Json> {
    let spec = rows::Spec {
        rows,
        branches: 1,
        sorted: true,
        later: false,
    };
    let rig = Rig::new(on, zf_vault::Suite::Intl, &spec).await?;
    let mut file = Vec::new();
    spec.write(&mut file)?;
    let file = alone(&String::from_utf8_lossy(&file));
    let spent = Spent::default();
    rig.load(ImportKind::Customers, "customers.csv", file, &spent)
        .await?;
    let scope = scopes(&rig, &spec, Permission::CustomerMerge).await?;
    let Some(scope) = scope.first() else {
        return Err(CliError::system("a branch is missing"));
    };
    let began = Instant::now();
    let bare = rig
        .app
        .db
        .query(BARE_PEOPLE, params![scope.unit_id()])
        .await?;
    let reference = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let done = propose_branch(&rig.app, &rig.ctx, scope, None).await?;
    let seconds = began.elapsed().as_secs_f64();
    if bare.len() as u64 != rows || done.proposed == 0 {
        return Err(CliError::system("no households were proposed"));
    }
    rig.end().await?;
    Ok(json!({
        "customers": rows, "proposed": done.proposed, "seconds": round(seconds),
        "reference_seconds": round(reference), "ratio": round(seconds / reference.max(1e-6)),
    }))
}

/// The file as core systems export it, without household numbers, and with doors
/// as close to each other as in a large village: about 300 households on a
/// square kilometre. No cell of the file has a comma in it.
fn alone(file: &str) -> Vec<u8> {
    let mut out = String::with_capacity(file.len());
    for (at, line) in file.lines().enumerate() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if at > 0 && cells.len() == words::CUSTOMER_HEADERS.split(',').count() {
            for (cell, whole) in [(LON, 88), (LAT, 39)] {
                if let Some((_, part)) = cells[cell].split_once('.') {
                    let step: u64 = part.parse().unwrap_or(0) % 500;
                    cells[cell] = format!("{whole}.{step:04}");
                }
            }
            cells[HOUSEHOLD_NO].clear();
        }
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out.into_bytes()
}

/// Columns of the file.
const LON: usize = 8;
const LAT: usize = 9;
const HOUSEHOLD_NO: usize = 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_branch_names_no_household_and_keeps_everything_else() {
        let spec = rows::Spec {
            rows: 60,
            branches: 1,
            sorted: true,
            later: false,
        };
        let mut file = Vec::new();
        spec.write(&mut file).unwrap();
        let before = String::from_utf8(file).unwrap();
        let after = String::from_utf8(alone(&before)).unwrap();
        assert_eq!(after.lines().count(), 61);
        assert_eq!(after.lines().next(), before.lines().next());
        for (a, b) in before.lines().zip(after.lines()).skip(1) {
            let (a, b): (Vec<&str>, Vec<&str>) = (a.split(',').collect(), b.split(',').collect());
            assert_eq!((a.len(), b.len()), (19, 19));
            assert!(a[HOUSEHOLD_NO].starts_with('H') && b[HOUSEHOLD_NO].is_empty());
            assert_eq!(a[LON].is_empty(), b[LON].is_empty());
            assert_eq!((&a[..LON], &a[10..17]), (&b[..LON], &b[10..17]));
        }
    }
}
