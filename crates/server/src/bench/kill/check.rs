//! What the server has in the end, read back over HTTP, against what people
//! saw as saved on their phones: every visit once, every photo once and byte
//! for byte, the feed without a gap, no visit that nobody wrote. A visit is
//! known by what it says, not by its id: a repetition under another id is seen
//! too. Decides nothing about how it came about.

use super::line::Line as Wire;
use super::memory::{Line, all_seen, journal};
use super::phone::hex;
use super::site::{Branch, Site};
use crate::error::{CliError, Result};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use zf_kernel::App;
use zf_sim::outbox::Said;
use zf_store::{Scope, Sql, params};

macro_rules! bare {
    ($name:ident, $text:literal) => {
        const $name: Sql = Sql {
            name: stringify!($name),
            text: $text,
            scope: Scope::Ref,
            module: module_path!(),
        };
    };
}
bare!(FEED, "SELECT seq FROM feed WHERE unit_id = $1 ORDER BY seq");
bare!(FEED_HEAD, "SELECT seq FROM feed_head WHERE unit_id = $1");
bare!(OPS, "SELECT COUNT(*) FROM sync_op");
bare!(VISITS, "SELECT COUNT(*) FROM visit");

/// What was found. All but the first three are zero when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Visits that people saw as saved.
    pub saved: usize,
    /// Visits on the server.
    pub visits: usize,
    /// Photos on the server, whole and right.
    pub photos: usize,
    /// Saved visits that the server does not have.
    pub lost: usize,
    /// Visits of which the server has more than one.
    pub doubled: usize,
    /// Photos of saved visits that the server does not have whole.
    pub photos_lost: usize,
    /// Photos of which a visit has more than one.
    pub photos_doubled: usize,
    /// Photos with other bytes than those that were taken.
    pub photos_wrong: usize,
    /// Numbers missing in the feed of a branch.
    pub gaps: usize,
    /// Visits that nobody wrote, and operations without a visit.
    pub strange: usize,
}

impl Found {
    /// Nothing is wrong.
    pub fn is_sound(&self) -> bool {
        let good = Found {
            saved: self.saved,
            visits: self.visits,
            photos: self.photos,
            ..Found::default()
        };
        *self == good && self.saved > 0
    }
}

/// What the phones went through, as their journals have it.
#[derive(Clone, Debug, Default)]
pub struct Went {
    /// Requests without an answer.
    pub unanswered: usize,
    /// Operations that the server had before.
    pub duplicates: usize,
    /// Operations kept aside.
    pub aside: usize,
    /// Photos that went on in the middle.
    pub resumed: usize,
    /// Refusals: status, code and sentence, and how many.
    pub refused: BTreeMap<(u16, String, String), usize>,
    /// Tokens of everything that was written, saved or not.
    written: BTreeSet<String>,
}

/// Reads the journals.
///
/// # Errors
/// A journal is not readable.
pub fn went(phones: &[PathBuf]) -> Result<Went> {
    let mut went = Went::default();
    for folder in phones {
        for line in journal(folder)? {
            match line {
                Line::Unanswered => went.unanswered += 1,
                Line::Resumed { .. } => went.resumed += 1,
                Line::Refused {
                    status,
                    code,
                    detail,
                } => *went.refused.entry((status, code, detail)).or_default() += 1,
                Line::Answered { items } => {
                    let of = |said: Said| items.iter().filter(|i| i.answer == said).count();
                    went.duplicates += of(Said::Duplicate);
                    went.aside += of(Said::Quarantined);
                }
                Line::Visit(w) => {
                    let token = w.op["payload"]["answers"]["remarks"].as_str();
                    went.written.insert(token.unwrap_or_default().to_owned());
                }
                _ => {}
            }
        }
    }
    Ok(went)
}

/// Compares; the server must run, and nobody may write meanwhile.
///
/// # Errors
/// The server does not answer what it is asked.
pub async fn compare(site: &Site, phones: &[PathBuf], went: &Went) -> Result<Found> {
    let mut found = Found::default();
    let mut there: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for branch in &site.branches {
        let head = site.signed_in(&branch.head)?;
        for (token, photos) in branch_visits(site, branch, &head, &mut found)? {
            there.entry(token).or_default().push(photos);
        }
    }
    found.visits = there.values().map(Vec::len).sum();
    for (token, copies) in &there {
        found.doubled += copies.len() - 1;
        found.strange += usize::from(!went.written.contains(token));
    }
    for folder in phones {
        for saw in all_seen(folder)? {
            found.saved += 1;
            let Some(copies) = there.get(&saw.token) else {
                found.lost += 1;
                found.photos_lost += 1;
                continue;
            };
            let of: Vec<&String> = copies.iter().flatten().collect();
            let right = of.iter().filter(|sha| ***sha == saw.sha256).count();
            found.photos += usize::from(right > 0);
            found.photos_lost += usize::from(right == 0);
            found.photos_doubled += right.saturating_sub(1);
            found.photos_wrong += of.len() - right;
        }
    }
    let app = site.open().await?;
    let gaps = gaps(&app, site).await;
    app.db.close().await?;
    let (gaps, strange) = gaps?;
    found.gaps = gaps;
    found.strange += strange;
    Ok(found)
}

/// Token and hashes of the photos of every visit of a branch.
fn branch_visits(
    site: &Site,
    branch: &Branch,
    head: &Wire,
    found: &mut Found,
) -> Result<Vec<(String, Vec<String>)>> {
    let (program, unit) = (site.program, branch.unit);
    let list = format!(
        "/programs/{program}/units/{unit}/visits?limit=100&day={}",
        site.day
    );
    let (mut all, mut after) = (vec![], String::new());
    loop {
        let page = good(head, "GET", &format!("{list}{after}"))?;
        for visit in page["items"].as_array().into_iter().flatten() {
            let id = visit["visit_id"].as_str().unwrap_or_default();
            let path = format!("/units/{unit}/visits/{id}");
            let reason = serde_json::json!({ "reason": "bench" });
            let says = head.post(&format!("{path}/reveal"), &reason)?.json();
            let token = says["answers"]["remarks"].as_str().unwrap_or_default();
            all.push((token.to_owned(), photos(head, &path, found)?));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

/// Hashes of the photos of a visit, of the bytes that the server gives.
fn photos(head: &Wire, visit: &str, found: &mut Found) -> Result<Vec<String>> {
    let listed = good(head, "GET", &format!("{visit}/photos"))?;
    let mut all = vec![];
    for p in listed["items"].as_array().into_iter().flatten() {
        let said = head.get(&format!("{visit}/photos/{}", p["n"]))?;
        match said.status {
            200 => all.push(hex(&said.body)),
            // Announced and never whole; whose it is shows as a lost photo.
            404 => {}
            _ => found.photos_wrong += 1,
        }
    }
    Ok(all)
}

fn good(line: &Wire, method: &str, path: &str) -> Result<Json> {
    let said = line.call(method, path, &[], &[])?;
    match said.status {
        200 => Ok(said.json()),
        status => Err(CliError::system(format!("{path}: {status}"))),
    }
}

/// Numbers missing in the feeds; operations that are no visit.
async fn gaps(app: &App, site: &Site) -> Result<(usize, usize)> {
    let mut missing = 0;
    for branch in &site.branches {
        let rows = app.db.query(FEED, params![branch.unit]).await?;
        let head = app.db.query_opt(FEED_HEAD, params![branch.unit]).await?;
        let last: i64 = head.map_or(Ok(0), |r| r.get(0))?;
        let mut seen = BTreeSet::new();
        for r in &rows {
            seen.insert(r.get::<i64>(0)?);
        }
        missing += (1..=last).filter(|n| !seen.contains(n)).count();
        missing += seen.range(last + 1..).count();
    }
    let count = async |sql| -> Result<i64> { Ok(app.db.query_one(sql, params![]).await?.get(0)?) };
    let (ops, visits) = (count(OPS).await?, count(VISITS).await?);
    Ok((missing, ops.abs_diff(visits) as usize))
}
