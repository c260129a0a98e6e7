//! `zoufang bench customers`: what a page asks for, over a million customers:
//! lists, filters, exact look-ups over all branches, search by name inside a
//! branch, the overview. Time of the services, without HTTP; the reference is
//! the bare statement in the same database in the same run.

use super::{On, Rig, Spent, customers_file, percentile, round, rows};
use crate::error::{CliError, Result};
use serde_json::{Map, Value as Json, json};
use std::time::{Duration, Instant};
use zf_base::VillageGroupId;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::{Ctx, Permission, UnitScope};
use zf_network::customer::figures::customer_count_by_unit;
use zf_network::customer::service::{Filter, LookUp, customer_list, customer_lookup};
use zf_network::import::ImportKind;
use zf_network::village_group::service::village_group_list;
use zf_plan::overview::service::overview;
use zf_store::{Scope, Sql, Value, params};
use zf_vault::BlindKind;

/// A page as the pages ask for it.
const PAGE: i64 = 50;

macro_rules! bare {
    ($name:ident, $text:literal) => {
        const $name: Sql = Sql {
            name: stringify!($name),
            text: $text,
            scope: Scope::Cross,
            module: module_path!(),
        };
    };
}
bare!(
    BARE_LIST,
    "SELECT * FROM customer WHERE unit_id = $1 AND customer_no > $2 ORDER BY customer_no LIMIT $3"
);
bare!(
    BARE_PHONE,
    "SELECT * FROM customer WHERE unit_id = $1 AND phone_bidx = $2"
);
bare!(
    BARE_NAMES,
    "SELECT id, customer_no, name_sealed FROM customer WHERE unit_id = $1"
);
bare!(
    BARE_COUNT,
    "SELECT unit_id, COUNT(*) FROM customer GROUP BY unit_id"
);

/// What calls are made on.
struct Field<'a> {
    rig: &'a Rig,
    spec: &'a rows::Spec,
    scopes: Vec<UnitScope>,
    groups: Vec<Vec<VillageGroupId>>,
    tag: String,
    calls: usize,
}

/// Measures.
///
/// # Errors
/// When the customers cannot be loaded or a call fails or finds nothing.
pub async fn measure(spec: &rows::Spec, on: &On, calls: usize) -> Result<Json> {
    let rig = Rig::new(on, zf_vault::Suite::Intl, spec).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("customers.csv");
    customers_file(spec, &file)?;
    rig.load(
        ImportKind::Customers,
        "customers.csv",
        std::fs::read(&file)?,
        &Spent::default(),
    )
    .await?;
    rig.app.db.vacuum().await?;
    let field = Field::new(&rig, spec, calls).await?;
    let mut out = Map::new();
    out.insert("bench".to_owned(), json!("customers"));
    out.insert("engine".to_owned(), json!(on.name()));
    out.insert("rows".to_owned(), json!(spec.rows));
    out.insert("branches".to_owned(), json!(spec.branches));
    out.insert(
        "customers_per_branch".to_owned(),
        json!(spec.rows / spec.branches),
    );
    field.lists(&mut out).await?;
    field.lookups(&mut out).await?;
    field.names(&mut out).await?;
    field.overviews(&mut out).await?;
    rig.end().await?;
    Ok(Json::Object(out))
}

/// p50, p99 and the longest of some calls, milliseconds.
fn told(mut times: Vec<Duration>) -> Json {
    times.sort();
    json!({
        "calls": times.len(), "p50_ms": percentile(&times, 500), "p99_ms": percentile(&times, 990),
        "max_ms": times.last().map_or(0.0, |d| round(d.as_secs_f64() * 1000.0)),
    })
}

/// Makes the calls, each with a number of its own, and times them.
async fn timed<F>(calls: usize, mut call: impl FnMut(usize) -> F) -> Result<Json>
where
    F: Future<Output = Result<usize>>,
{
    let mut times = Vec::with_capacity(calls);
    let mut found = 0;
    for n in 0..calls {
        let began = Instant::now();
        found += call(n).await?;
        times.push(began.elapsed());
    }
    if found == 0 {
        return Err(CliError::system("the calls found nothing"));
    }
    Ok(told(times))
}

impl<'a> Field<'a> {
    async fn new(rig: &'a Rig, spec: &'a rows::Spec, calls: usize) -> Result<Field<'a>> {
        let (mut scopes, mut groups) = (Vec::new(), Vec::new());
        for b in 0..spec.branches {
            let unit: Option<Unit> = unit_by_code(&rig.app, &rows::branch_code(b)).await?;
            let unit = unit.ok_or_else(|| CliError::system("a branch is missing"))?;
            let scope = rig.ctx.scope(Permission::CustomerRead, &unit)?;
            let of = village_group_list(&rig.app, &scope).await?;
            groups.push(of.into_iter().map(|g| g.id).collect());
            scopes.push(scope);
        }
        let tag = rig.app.packs.tag_of(super::words::TAGS[0]);
        let tag = tag
            .ok_or_else(|| CliError::system("a tag is missing"))?
            .to_owned();
        Ok(Field {
            rig,
            spec,
            scopes,
            groups,
            tag,
            calls,
        })
    }

    /// The branch and the customer of call `n`: all over the base.
    fn pick(&self, n: usize) -> (usize, u64) {
        let i = (n as u64).wrapping_mul(7_919) * 131 % self.spec.rows;
        (self.spec.branch(i) as usize, i)
    }

    async fn bare(&self, sql: Sql, p: Vec<Value>) -> Result<usize> {
        Ok(self.rig.app.db.query(sql, p).await?.len())
    }

    async fn list(&self, n: usize, filter: Filter) -> Result<usize> {
        let (b, i) = self.pick(n);
        let after = rows::customer_no(i);
        let page = customer_list(&self.rig.app, &self.scopes[b], &filter, &after, PAGE).await?;
        Ok(page.len())
    }

    async fn lists(&self, out: &mut Map<String, Json>) -> Result<()> {
        let plain = timed(self.calls, |n| self.list(n, Filter::default())).await?;
        let tag = |_| Filter {
            tag: Some(self.tag.clone()),
            ..Filter::default()
        };
        let group = |n: usize| {
            let groups = &self.groups[self.pick(n).0];
            let village_group = groups.get(n % groups.len().max(1)).copied();
            Filter {
                village_group,
                ..Filter::default()
            }
        };
        let both = |n| Filter {
            tag: Some(self.tag.clone()),
            ..group(n)
        };
        out.insert("list".to_owned(), plain);
        out.insert(
            "filter_tag".to_owned(),
            timed(self.calls, |n| self.list(n, tag(n))).await?,
        );
        out.insert(
            "filter_village_group".to_owned(),
            timed(self.calls, |n| self.list(n, group(n))).await?,
        );
        out.insert(
            "filter_both".to_owned(),
            timed(self.calls, |n| self.list(n, both(n))).await?,
        );
        let bare = timed(self.calls, |n| {
            let (b, i) = self.pick(n);
            self.bare(
                BARE_LIST,
                params![self.scopes[b].unit_id(), rows::customer_no(i), PAGE],
            )
        });
        out.insert("list_reference".to_owned(), bare.await?);
        Ok(())
    }

    async fn lookup(&self, what: LookUp) -> Result<usize> {
        // A request has a moment of its own; the quota of an hour is not measured.
        let (app, user) = (&self.rig.app, zf_base::UserId(self.rig.app.new_id()));
        let ctx = Ctx::for_job(user, "bench", &self.rig.root, app.now(), app.new_id());
        Ok(customer_lookup(&self.rig.app, &ctx, &what, true)
            .await?
            .len())
    }

    async fn lookups(&self, out: &mut Map<String, Json>) -> Result<()> {
        let at = |n| self.pick(n).1;
        let phone = timed(self.calls, |n| {
            self.lookup(LookUp::Phone(rows::phone(at(n))))
        })
        .await?;
        let id = timed(self.calls, |n| {
            self.lookup(LookUp::IdNumber(rows::id_number(at(n))))
        })
        .await?;
        let no = timed(self.calls, |n| {
            self.lookup(LookUp::CustomerNo(rows::customer_no(at(n))))
        })
        .await?;
        let bare = timed(self.calls, |n| {
            let (b, i) = self.pick(n);
            let index = self.rig.app.vault.blind(BlindKind::Phone, &rows::phone(i));
            self.bare(BARE_PHONE, params![self.scopes[b].unit_id(), index])
        });
        out.insert("lookup_phone".to_owned(), phone);
        out.insert("lookup_id_number".to_owned(), id);
        out.insert("lookup_customer_no".to_owned(), no);
        out.insert("lookup_reference".to_owned(), bare.await?);
        Ok(())
    }

    async fn names(&self, out: &mut Map<String, Json>) -> Result<()> {
        let calls = self.calls.min(1_000);
        let search = timed(calls, |n| async move {
            let (b, i) = self.pick(n);
            // Two syllables of a name, as somebody types them.
            let name = rows::name(i).chars().take(2).collect();
            let filter = Filter {
                name: Some(name),
                ..Filter::default()
            };
            Ok(
                customer_list(&self.rig.app, &self.scopes[b], &filter, "", PAGE)
                    .await?
                    .len(),
            )
        });
        out.insert("name_search".to_owned(), search.await?);
        let bare = timed(calls, |n| {
            let b = self.pick(n).0;
            self.bare(BARE_NAMES, params![self.scopes[b].unit_id()])
        });
        out.insert("name_search_reference".to_owned(), bare.await?);
        Ok(())
    }

    async fn overviews(&self, out: &mut Map<String, Json>) -> Result<()> {
        let (rig, calls) = (self.rig, self.calls);
        let one = |_| async {
            let found = overview(&rig.app, &rig.ctx, Some(rig.root.id)).await?;
            Ok(usize::try_from(found.customers.total).unwrap_or(0))
        };
        let first = timed(1, one).await?;
        out.insert("overview_first".to_owned(), first);
        out.insert("overview".to_owned(), timed(calls, one).await?);
        let tree = |_| async { Ok(customer_count_by_unit(&rig.app).await?.len()) };
        out.insert("count_by_unit".to_owned(), timed(calls, tree).await?);
        let bare = timed(calls.min(20), |_| self.bare(BARE_COUNT, params![]));
        out.insert("count_by_unit_reference".to_owned(), bare.await?);
        Ok(())
    }
}
