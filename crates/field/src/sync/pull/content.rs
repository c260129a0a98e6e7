//! What an account may see now, as phones show it: the stops of its own routes
//! from some days before today to some after, their households with members
//! and history, village groups, the programs and forms they name, and the own
//! visits of those days. The same entity reads the same for everybody who may
//! see it. Phones are masked; names and addresses are as on the paper form,
//! because the phone keeps them encrypted and leaves no other copy.

use super::programs::{self, ProgramView};
use super::store::*;
use crate::blob::service::photos_settle;
use crate::device::parameters::PhoneRules;
use crate::team::{Staff, goes};
use crate::words;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;
use zf_base::mask::{Masked, Phone};
use zf_base::{
    CustomerId, Day, HouseholdId, ProgramId, RouteId, StaffId, TargetId, UnitId, VillageGroupId,
    VisitId,
};
use zf_kernel::error::Result;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, UnitScope};
use zf_network::customer::FieldState;
use zf_network::customer::seal::{Column, open};
use zf_network::village_group::service::village_group_list;
use zf_plan::targets::Reason;
use zf_plan::targets::words as target_words;
use zf_store::{Row, Value, params};
use zf_vault::canonical_json;

/// Kind of a household.
pub const HOUSEHOLD: &str = "household";
/// Kind of a visit; the only one that comes and goes without a new set.
const VISIT: &str = "visit";
/// In the order of the snapshot: what others name comes before them.
const KINDS: [&str; 6] = ["form", HOUSEHOLD, "program", "stop", "village_group", VISIT];

/// The name of a kind that is stored.
pub(super) fn kind(stored: &str) -> &'static str {
    let known = KINDS.iter().find(|k| **k == stored);
    known.copied().unwrap_or("unknown")
}

/// One entity as a phone shows it.
pub struct Entity {
    /// What it is.
    pub kind: &'static str,
    /// Its name for phones.
    pub id: String,
    /// Its name in the database.
    pub row: Uuid,
    /// Keyed digest of `data`.
    pub digest: Vec<u8>,
    /// Its content.
    pub data: Json,
}

/// All of it, by kind and id.
#[derive(Default)]
pub struct Seen {
    /// In the order of `(kind, id)`.
    pub entities: Vec<Entity>,
    /// The days that were read; none when nothing may be seen.
    pub days: Option<(Day, Day)>,
}

impl Seen {
    /// One entity by its row.
    pub fn find(&self, kind: &str, row: Uuid) -> Option<&Entity> {
        self.entities
            .iter()
            .find(|e| e.kind == kind && e.row == row)
    }

    /// Digest of the days and of the set of ids, visits left out: a plan made
    /// anew, a move or a new day changes it, a visit handed in does not. The
    /// days, because a visit that falls out of them is changed by nobody: with
    /// the same routes, or none, no phone would hear that it is gone.
    pub fn epoch(&self, app: &App) -> String {
        let mut text = String::new();
        if let Some((first, last)) = self.days {
            text = format!("{first} {last}\n");
        }
        for e in self.entities.iter().filter(|e| e.kind != VISIT) {
            text.push_str(e.kind);
            text.push(' ');
            text.push_str(&e.id);
            text.push('\n');
        }
        let mac = app.vault.mac("sync.epoch", text.as_bytes());
        mac[..16].iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Reads what the account may see now in its branch.
///
/// # Errors
/// Only the database and the keys.
pub async fn visible(app: &App, ctx: &Ctx, scope: &UnitScope, rules: &PhoneRules) -> Result<Seen> {
    let today = ctx.today();
    let reader = Reader {
        app,
        ctx,
        scope,
        unit: scope.unit_id(),
        first: today.plus_days(-rules.days_around),
        last: today.plus_days(rules.days_around),
        history: usize::try_from(rules.history_rows).unwrap_or(0),
        all: vec![],
    };
    reader.read().await
}

struct Reader<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    scope: &'a UnitScope,
    unit: UnitId,
    first: Day,
    last: Day,
    history: usize,
    all: Vec<Entity>,
}

struct Route {
    day: Day,
    team: String,
    kind: String,
    program: ProgramId,
    /// Who goes, as far as the branch knows them.
    members: Vec<(StaffId, String)>,
}

struct Stop {
    id: Uuid,
    route: RouteId,
    seq: i64,
    target: Option<TargetId>,
    group: Option<VillageGroupId>,
    households: i64,
    arrive: i64,
    leave: i64,
    place: (f64, f64),
    approximate: bool,
    household: Option<HouseholdId>,
    lead: Option<CustomerId>,
    reasons: Vec<Reason>,
}

struct Member {
    id: CustomerId,
    name: String,
    phone_masked: String,
    missing: Vec<&'static str>,
    address: String,
    products: Vec<String>,
    refuses: bool,
    person_only: bool,
}

impl Reader<'_> {
    fn days(&self) -> Vec<Value> {
        params![self.first, self.last]
    }

    fn put(&mut self, kind: &'static str, id: String, row: Uuid, data: Json) {
        let text = canonical_json(&data);
        let digest = self.app.vault.mac("sync.shown", text.as_bytes()).to_vec();
        self.all.push(Entity {
            kind,
            id,
            row,
            digest,
            data,
        });
    }

    async fn read(mut self) -> Result<Seen> {
        let routes = self.routes().await?;
        let stops = self.stops(&routes).await?;
        let named: BTreeSet<ProgramId> = routes.values().map(|r| r.program).collect();
        let unit = unit_fetch(self.app, self.unit).await?;
        let days = (self.first, self.last);
        let programs = programs::of(self.app, self.ctx, &unit, &named, days).await?;
        self.put_stops(&routes, &stops);
        let groups = self.put_households(&routes, &stops, &programs).await?;
        self.put_groups(&groups, &programs).await?;
        self.put_visits().await?;
        for p in programs.values() {
            self.put("program", p.id.to_string(), p.id.uuid(), p.data.clone());
        }
        for (id, form) in programs::forms(self.app, &unit).await? {
            let mac = self.app.vault.mac("sync.form", id.as_bytes());
            let row = Uuid::from_slice(&mac[..16]).unwrap_or_default();
            self.put("form", id, row, form);
        }
        self.all
            .sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        Ok(Seen {
            entities: self.all,
            days: Some((self.first, self.last)),
        })
    }

    /// The routes on which the account's own member of staff goes.
    async fn routes(&self) -> Result<HashMap<RouteId, Route>> {
        let p = params![self.ctx.actor.user_id];
        let rows = self.app.db.query(PULL_STAFF, p).await?;
        let Some(own) = rows.first() else {
            return Ok(HashMap::new());
        };
        let (_, name, post): (StaffId, String, String) = (own.get(0)?, own.get(1)?, own.get(2)?);
        if own.get::<UnitId>(3)? != self.unit {
            return Ok(HashMap::new());
        }
        let team = Staff::read(self.app, self.unit).await?;
        let mut routes = HashMap::new();
        for r in self
            .app
            .read_unit(self.unit, PULL_ROUTES, self.days())
            .await?
        {
            let members: String = r.get(4)?;
            if goes(&members, &name, &post) {
                let goers = team.of_route(&members).into_iter();
                let route = Route {
                    day: r.get(1)?,
                    team: r.get(2)?,
                    kind: r.get(3)?,
                    program: r.get(5)?,
                    members: goers.map(|c| (c.id, c.name)).collect(),
                };
                routes.insert(r.get(0)?, route);
            }
        }
        Ok(routes)
    }

    async fn stops(&self, routes: &HashMap<RouteId, Route>) -> Result<Vec<Stop>> {
        let mut stops = Vec::new();
        if routes.is_empty() {
            return Ok(stops);
        }
        for r in self
            .app
            .read_unit(self.unit, PULL_STOPS, self.days())
            .await?
        {
            let route: RouteId = r.get(1)?;
            if routes.contains_key(&route) {
                stops.push(stop(&r)?);
            }
        }
        Ok(stops)
    }

    fn put_stops(&mut self, routes: &HashMap<RouteId, Route>, stops: &[Stop]) {
        for s in stops {
            let Some(route) = routes.get(&s.route) else {
                continue;
            };
            let must = |r: &Reason| matches!(r, Reason::MustVisit { .. });
            let kind = if s.target.is_some() {
                "precise"
            } else {
                "first"
            };
            let members: Vec<Json> = route
                .members
                .iter()
                .map(|(id, name)| json!({ "id": id, "name": name }))
                .collect();
            let data = json!({
                "day": route.day.to_string(), "program_id": route.program, "kind": kind,
                "route_id": s.route, "route_kind": route.kind, "team": route.team, "seq": s.seq,
                "arrive": s.arrive / 60, "leave": s.leave / 60,
                "lat": s.place.0, "lon": s.place.1, "approximate": s.approximate,
                "target_id": s.target, "household_id": s.household, "village_group_id": s.group,
                "households": s.households, "must": s.reasons.iter().any(must),
                "members": members,
            });
            self.put("stop", s.id.to_string(), s.id, data);
        }
    }

    async fn members(&self) -> Result<HashMap<HouseholdId, Vec<Member>>> {
        let mut all: HashMap<HouseholdId, Vec<Member>> = HashMap::new();
        for r in self
            .app
            .read_unit(self.unit, PULL_MEMBERS, self.days())
            .await?
        {
            all.entry(r.get(1)?).or_default().push(self.member(&r)?);
        }
        Ok(all)
    }

    fn member(&self, r: &Row) -> Result<Member> {
        let id: CustomerId = r.get(0)?;
        let opened = |column: Column, at: usize| -> Result<String> {
            let sealed: Option<Vec<u8>> = r.get(at)?;
            open(self.app, column, self.unit, id, sealed.as_deref())
        };
        let address = opened(Column::Address, 6)?;
        let empty = |at: usize| -> Result<bool> {
            let state: String = r.get(at)?;
            Ok(!FieldState::from_stored(&state).is_complete())
        };
        let missing = [
            ("phone", empty(4)?),
            ("id_number", empty(5)?),
            ("address", address.is_empty()),
        ];
        let products: String = r.get(7)?;
        Ok(Member {
            id,
            name: opened(Column::Name, 2)?,
            phone_masked: Masked::<Phone>::new(opened(Column::Phone, 3)?).masked(),
            missing: missing
                .iter()
                .filter(|(_, m)| *m)
                .map(|(f, _)| *f)
                .collect(),
            address,
            products: serde_json::from_str(&products).unwrap_or_default(),
            refuses: r.get(8)?,
            person_only: r.get(9)?,
        })
    }

    async fn history(&self) -> Result<HashMap<HouseholdId, Vec<Json>>> {
        let mut all: HashMap<HouseholdId, Vec<Json>> = HashMap::new();
        for r in self
            .app
            .read_unit(self.unit, PULL_HISTORY, self.days())
            .await?
        {
            let (day, outcome, by): (Day, String, String) = (r.get(1)?, r.get(2)?, r.get(3)?);
            let of = all.entry(r.get(0)?).or_default();
            if of.len() < self.history {
                of.push(json!({ "day": day.to_string(), "outcome": outcome, "by": by }));
            }
        }
        Ok(all)
    }

    /// Gives the village groups that stops and households name.
    async fn put_households(
        &mut self,
        routes: &HashMap<RouteId, Route>,
        stops: &[Stop],
        programs: &BTreeMap<ProgramId, ProgramView>,
    ) -> Result<BTreeSet<VillageGroupId>> {
        let mut groups: BTreeSet<VillageGroupId> = stops.iter().filter_map(|s| s.group).collect();
        let named: HashMap<HouseholdId, &Stop> = stops
            .iter()
            .filter_map(|s| Some((s.household?, s)))
            .collect();
        if named.is_empty() {
            return Ok(groups);
        }
        let mut members = self.members().await?;
        let mut history = self.history().await?;
        let names = self.group_names().await?;
        for r in self
            .app
            .read_unit(self.unit, PULL_HOUSEHOLDS, self.days())
            .await?
        {
            let id: HouseholdId = r.get(0)?;
            let Some(stop) = named.get(&id) else { continue };
            let group: Option<VillageGroupId> = r.get(2)?;
            groups.extend(group);
            let program = routes
                .get(&stop.route)
                .and_then(|r| programs.get(&r.program));
            let home = Home {
                people: members.remove(&id).unwrap_or_default(),
                history: history.remove(&id).unwrap_or_default(),
                group: group.and_then(|g| names.get(&g).cloned()),
                reasons: program.map_or_else(Vec::new, |p| {
                    target_words::reasons(&stop.reasons, &p.groups)
                }),
            };
            let data = home.data(&r, stop)?;
            self.put(HOUSEHOLD, id.to_string(), id.uuid(), data);
        }
        Ok(groups)
    }

    async fn group_names(&self) -> Result<HashMap<VillageGroupId, String>> {
        let all = village_group_list(self.app, self.scope).await?;
        let name =
            |g: zf_network::village_group::VillageGroup| (g.id, format!("{}{}", g.village, g.name));
        Ok(all.into_iter().map(name).collect())
    }

    async fn put_groups(
        &mut self,
        groups: &BTreeSet<VillageGroupId>,
        programs: &BTreeMap<ProgramId, ProgramView>,
    ) -> Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        let since = programs.values().map(|p| p.first_day).min();
        let since = since.unwrap_or(self.first);
        let mut traces: HashMap<VillageGroupId, Vec<Json>> = HashMap::new();
        for r in self
            .app
            .read_unit(self.unit, PULL_TRACES, params![since])
            .await?
        {
            let (day, place, count): (Day, String, i64) = (r.get(1)?, r.get(2)?, r.get(3)?);
            let line = json!({ "day": day.to_string(), "place": place, "count": count });
            traces.entry(r.get(0)?).or_default().push(line);
        }
        for g in village_group_list(self.app, self.scope).await? {
            if !groups.contains(&g.id) {
                continue;
            }
            let data = json!({
                "name": g.name, "village": g.village, "township": g.township,
                "lat": g.place.map(|p| p.lat()), "lon": g.place.map(|p| p.lon()),
                "traces": traces.remove(&g.id).unwrap_or_default(),
            });
            self.put("village_group", g.id.to_string(), g.id.uuid(), data);
        }
        Ok(())
    }

    async fn put_visits(&mut self) -> Result<()> {
        let p = || params![self.ctx.actor.user_id, self.first, self.last];
        photos_settle(self.app, self.ctx, self.scope).await?;
        let mut photos: HashMap<VisitId, i64> = HashMap::new();
        for r in self.app.read_unit(self.unit, PULL_PHOTOS, p()).await? {
            photos.insert(r.get(0)?, r.get(1)?);
        }
        let mut reviews: HashMap<VisitId, Vec<&'static str>> = HashMap::new();
        for r in self.app.read_unit(self.unit, PULL_REVIEWS, p()).await? {
            let codes: String = r.get(1)?;
            let of = reviews.entry(r.get(0)?).or_default();
            of.extend(codes.split(' ').map(words::review_reason));
        }
        for r in self.app.read_unit(self.unit, PULL_VISITS, p()).await? {
            let id: VisitId = r.get(0)?;
            let verified = photos.get(&id).copied().unwrap_or(0);
            let data = visit(&r, verified, reviews.get(&id))?;
            self.put(VISIT, id.to_string(), id.uuid(), data);
        }
        Ok(())
    }
}

/// A household with what is said of it.
struct Home {
    people: Vec<Member>,
    history: Vec<Json>,
    group: Option<String>,
    reasons: Vec<String>,
}

impl Home {
    fn data(&self, r: &Row, stop: &Stop) -> Result<Json> {
        let (group_id, lat, lon): (Option<VillageGroupId>, Option<f64>, Option<f64>) =
            (r.get(2)?, r.get(3)?, r.get(4)?);
        let is_lead = |m: &&Member| Some(m.id) == stop.lead;
        let lead = self.people.iter().find(is_lead).or(self.people.first());
        let products: BTreeSet<&str> = self
            .people
            .iter()
            .flat_map(|m| m.products.iter().map(String::as_str))
            .collect();
        // Whoever refuses for the house, or is the one to be met.
        let refuses = |m: &Member| m.refuses && (!m.person_only || Some(m.id) == stop.lead);
        let member = |m: &Member| {
            json!({
                "customer_id": m.id, "name": m.name, "phone_masked": m.phone_masked,
                "lead": Some(m.id) == lead.map(|l| l.id), "missing": m.missing,
                "do_not_visit": m.refuses,
            })
        };
        let place = lat.zip(lon).unwrap_or(stop.place);
        Ok(json!({
            "name": lead.map_or("", |m| m.name.as_str()),
            "address": lead.map_or("", |m| m.address.as_str()),
            "village_group_id": group_id, "village_group": self.group,
            "lat": place.0, "lon": place.1,
            "approximate": lat.is_none() && stop.approximate,
            "pinned": r.get::<bool>(5)?,
            "members": self.people.iter().map(member).collect::<Vec<_>>(),
            "reasons": self.reasons, "products": products,
            "do_not_visit": self.people.iter().any(refuses),
            "history": self.history,
        }))
    }
}

fn stop(r: &Row) -> Result<Stop> {
    let reasons: Option<String> = r.get(13)?;
    let swept: Option<VillageGroupId> = r.get(4)?;
    let home: Option<VillageGroupId> = r.get(14)?;
    Ok(Stop {
        id: r.get(0)?,
        route: r.get(1)?,
        seq: r.get(2)?,
        target: r.get(3)?,
        group: swept.or(home),
        households: r.get(5)?,
        arrive: r.get(6)?,
        leave: r.get(7)?,
        place: (r.get(8)?, r.get(9)?),
        approximate: r.get(10)?,
        household: r.get(11)?,
        lead: r.get(12)?,
        reasons: reasons
            .and_then(|t| serde_json::from_str(&t).ok())
            .unwrap_or_default(),
    })
}

fn visit(r: &Row, verified: i64, review: Option<&Vec<&'static str>>) -> Result<Json> {
    let (household, target): (Option<HouseholdId>, Option<TargetId>) = (r.get(1)?, r.get(2)?);
    let (stop, day): (Option<Uuid>, Day) = (r.get(3)?, r.get(4)?);
    let (outcome, counts, state): (String, bool, String) = (r.get(5)?, r.get(6)?, r.get(7)?);
    let number = |at: usize| r.get::<i64>(at);
    Ok(json!({
        "household_id": household, "target_id": target, "stop_id": stop,
        "day": day.to_string(), "outcome": outcome, "counts": counts, "state": state,
        "rev": number(8)?, "members": number(9)?, "valid_records": number(10)?,
        "photos": number(11)?, "photos_verified": verified, "review": review,
    }))
}
