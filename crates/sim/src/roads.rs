//! Two branches with confirmed plans of ten days, the people who go on their
//! routes, and an oracle: which entities somebody may see on a day, worked out
//! by brute force from plain maps that are changed together with the rows. It
//! shares no code with the server's reader and asks it nothing.

use crate::Result;
use crate::rng::Rng;
use crate::world::World;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zf_base::Day;
use zf_store::{Scope, Sql, Value, params};

/// Days that have routes.
const DAYS: i32 = 10;
/// Households of a branch that are on a plan at first; the others may come in.
const PLANNED: usize = 40;
/// Village groups of a branch.
const GROUPS: usize = 4;
/// Days around today that a phone carries, as the preset says.
const AROUND: i32 = 3;

pub(crate) const fn sql(name: &'static str, text: &'static str) -> Sql {
    Sql {
        name,
        text,
        scope: Scope::Ref,
        module: "sim",
    }
}

const STAFF: Sql = sql(
    "SIM_STAFF",
    "INSERT INTO staff (id, unit_id, staff_no, name, post, phone_state, active, created_at, updated_at) VALUES ($1, $2, $3, $4, 'postman', 'missing', $5, $6, $6)",
);
const ACCOUNT: Sql = sql(
    "SIM_ACCOUNT",
    "INSERT INTO user_account (id, login, name, unit_id, staff_id, password_hash, must_change_password, totp_on, totp_last_step, state, failed_count, is_demo, large_type, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, '', $6, $6, 0, 'active', 0, $6, $6, $7, $7)",
);
const GROUP: Sql = sql(
    "SIM_GROUP",
    "INSERT INTO village_group (unit_id, id, code, township, village, name, updated_at) VALUES ($1, $2, $3, 't', 'v', $3, $4)",
);
const TARGET: Sql = sql(
    "SIM_TARGET",
    "INSERT INTO target (unit_id, id, program_id, household_id, customer_id, kind, priority, reasons, four_fields, members, state, approximate, updated_at) VALUES ($1, $2, $3, $4, $5, 'precise', 1, '[]', $6, 1, 'open', $6, $7)",
);
const PLAN: Sql = sql(
    "SIM_PLAN",
    "INSERT INTO week_plan (unit_id, id, program_id, week, state, version, planned, needed, carried, shortfall, travel_seconds, travel_meters, teams, seed, program_version, made_at, made_by) VALUES ($1, $2, $3, '2016-W40', 'confirmed', 1, 0, 0, 0, 0, 0, 0, 2, 1, 1, $4, $2)",
);
const ROUTE: Sql = sql(
    "SIM_ROUTE",
    "INSERT INTO plan_route (unit_id, id, week_plan_id, day, seq, team_code, team_name, kind, starts, ends, members, travel_seconds, travel_meters, back_at) VALUES ($1, $2, $3, $4, 1, 'T', 'T', 'precise', 0, 0, $5, 0, 0, 0)",
);
const STOP: Sql = sql(
    "SIM_STOP",
    "INSERT INTO plan_stop (unit_id, id, week_plan_id, route_id, seq, target_id, village_group_id, households, arrive, leave, lat, lon, approximate) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, 0, 25.0, 102.0, $8)",
);
const PLAN_STATE: Sql = sql(
    "SIM_PLAN_STATE",
    "UPDATE week_plan SET state = $3 WHERE unit_id = $1 AND id = $2",
);
const MEMBERS: Sql = sql(
    "SIM_MEMBERS",
    "UPDATE plan_route SET members = $3 WHERE unit_id = $1 AND id = $2",
);
const STRIKE: Sql = sql(
    "SIM_STRIKE",
    "UPDATE plan_stop SET struck_at = $3 WHERE unit_id = $1 AND id = $2",
);
const MERGE: Sql = sql(
    "SIM_MERGE",
    "UPDATE target SET household_id = $3 WHERE unit_id = $1 AND id = $2",
);
const REGROUP: Sql = sql(
    "SIM_REGROUP",
    "UPDATE household SET village_group_id = $3 WHERE unit_id = $1 AND id = $2",
);
const MOVE_PERSON: Sql = sql(
    "SIM_MOVE_PERSON",
    "UPDATE customer SET household_id = $3 WHERE unit_id = $1 AND id = $2",
);
const CHANGE_PERSON: Sql = sql(
    "SIM_CHANGE_PERSON",
    "UPDATE customer SET products = $3 WHERE unit_id = $1 AND id = $2",
);
const UNTAG: Sql = sql(
    "SIM_UNTAG",
    "DELETE FROM customer_tag WHERE unit_id = $1 AND customer_id = $2",
);
const ERASE: Sql = sql(
    "SIM_ERASE",
    "DELETE FROM customer WHERE unit_id = $1 AND id = $2",
);
const MOVE_STAFF: Sql = sql(
    "SIM_MOVE_STAFF",
    "UPDATE staff SET unit_id = $2 WHERE id = $1",
);

/// Somebody who goes on routes.
pub struct Goer {
    /// Their account.
    pub user: Uuid,
    /// The branch of their phone.
    pub branch: usize,
    staff: Uuid,
    /// Where they are on the list of staff now.
    works: usize,
}

struct Route {
    branch: usize,
    day: Day,
    goers: BTreeSet<usize>,
}

struct Stop {
    id: Uuid,
    route: usize,
    target: Option<usize>,
    group: Option<Uuid>,
    struck: bool,
}

struct Target {
    id: Uuid,
    branch: usize,
    household: Uuid,
}

/// The oracle, and the rows it speaks of.
pub struct Roads {
    /// Who has a phone.
    pub goers: Vec<Goer>,
    plans: Vec<(Uuid, bool)>,
    routes: Vec<(Uuid, Route)>,
    stops: Vec<Stop>,
    targets: Vec<Target>,
    spare: Vec<Vec<Uuid>>,
    groups: Vec<Vec<Uuid>>,
    grouped: BTreeMap<Uuid, Uuid>,
    people: Vec<(usize, Uuid)>,
    /// Visits: who, day, id, branch.
    pub visits: Vec<(usize, Day, Uuid, usize)>,
    forms: Vec<String>,
    changed: u64,
}

fn name(goer: usize) -> String {
    format!("goer {goer}")
}

fn members(goers: &BTreeSet<usize>) -> String {
    let each = goers
        .iter()
        .map(|g| json!({ "post": "postman", "name": name(*g) }));
    json!(each.collect::<Vec<_>>()).to_string()
}

impl Roads {
    /// Lays them out: `phones` people, the first half in the first branch.
    ///
    /// # Errors
    /// The database.
    pub async fn new(world: &World, rng: &mut Rng, phones: usize) -> Result<Roads> {
        let mut newest: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, form) in world.app.packs.forms() {
            let known = newest.entry(&form.id).or_default();
            *known = form.version.max(*known);
        }
        let mut roads = Roads {
            goers: vec![],
            plans: vec![],
            routes: vec![],
            stops: vec![],
            targets: vec![],
            spare: vec![],
            groups: vec![],
            grouped: BTreeMap::new(),
            people: vec![],
            visits: vec![],
            forms: newest.iter().map(|(id, v)| format!("{id}@{v}")).collect(),
            changed: 0,
        };
        for i in 0..phones {
            roads.goer(world, rng, i, phones).await?;
        }
        for branch in 0..world.branches.len() {
            roads.branch(world, rng, branch).await?;
        }
        Ok(roads)
    }

    async fn goer(&mut self, w: &World, rng: &mut Rng, i: usize, phones: usize) -> Result<()> {
        let (user, staff) = (rng.id(0), rng.id(0));
        let branch = i * w.branches.len() / phones.max(1);
        let (unit, now) = (w.branches[branch].unit.id, w.app.now());
        let (no, title) = (format!("{i:06}"), name(i));
        let row = params![staff, unit, no.as_str(), title.as_str(), true, now];
        w.app.db.exec(STAFF, row).await?;
        let row = params![user, no.as_str(), title.as_str(), unit, staff, false, now];
        w.app.db.exec(ACCOUNT, row).await?;
        self.goers.push(Goer {
            user,
            branch,
            staff,
            works: branch,
        });
        Ok(())
    }

    async fn branch(&mut self, w: &World, rng: &mut Rng, branch: usize) -> Result<()> {
        let (unit, now, db) = (w.branches[branch].unit.id, w.app.now(), &w.app.db);
        let mut groups = vec![];
        for i in 0..GROUPS {
            let id = rng.id(0);
            db.exec(GROUP, params![unit, id, format!("g{i}"), now])
                .await?;
            groups.push(id);
        }
        self.groups.push(groups);
        let homes = &w.branches[branch].homes;
        let first = self.targets.len();
        for home in homes {
            self.people.push((branch, home.customer));
        }
        for home in &homes[..PLANNED] {
            let id = rng.id(0);
            let row = params![
                unit,
                id,
                w.program,
                home.household,
                home.customer,
                false,
                now
            ];
            db.exec(TARGET, row).await?;
            self.targets.push(Target {
                id,
                branch,
                household: home.household,
            });
        }
        let spare = homes[PLANNED..].iter().map(|h| h.household);
        self.spare.push(spare.collect());
        let plan = rng.id(0);
        db.exec(PLAN, params![unit, plan, w.program, now]).await?;
        self.plans.push((plan, true));
        self.days(w, rng, branch, first).await
    }

    /// Two routes a day: four households each, and a village group.
    async fn days(&mut self, w: &World, rng: &mut Rng, branch: usize, first: usize) -> Result<()> {
        let (unit, plan, db) = (w.branches[branch].unit.id, self.plans[branch].0, &w.app.db);
        for n in 0..DAYS * 2 {
            let (id, day) = (rng.id(0), w.first_day.plus_days(n / 2));
            let goers = self.some(rng, branch);
            db.exec(ROUTE, params![unit, id, plan, day, members(&goers)])
                .await?;
            let route = self.routes.len();
            self.routes.push((id, Route { branch, day, goers }));
            for seq in 0..5 {
                let target = (seq < 4).then(|| first + rng.below(PLANNED as u64) as usize);
                let group = (seq == 4).then(|| *rng.pick(&self.groups[branch]));
                let stop = rng.id(0);
                let named = target.map(|t| self.targets[t].id);
                let row = params![unit, stop, plan, id, i64::from(seq), named, group, false];
                db.exec(STOP, row).await?;
                self.stops.push(Stop {
                    id: stop,
                    route,
                    target,
                    group,
                    struck: false,
                });
            }
        }
        Ok(())
    }

    /// Some of those who have a phone of the branch.
    fn some(&self, rng: &mut Rng, branch: usize) -> BTreeSet<usize> {
        let own = (0..self.goers.len()).filter(|g| self.goers[*g].branch == branch);
        own.filter(|_| rng.chance(600)).collect()
    }

    /// What somebody may see on a day: `kind/id` of everything.
    pub fn sees(&self, w: &World, goer: usize, today: Day) -> BTreeSet<String> {
        let g = &self.goers[goer];
        let near = |d: Day| (today.plus_days(-AROUND)..=today.plus_days(AROUND)).contains(&d);
        let mut all: BTreeSet<String> = self.forms.iter().map(|f| format!("form/{f}")).collect();
        let own = |r: &Route| {
            let goes = r.branch == g.branch && g.works == g.branch && r.goers.contains(&goer);
            goes && self.plans[r.branch].1 && near(r.day)
        };
        if self.routes.iter().any(|(_, r)| own(r)) {
            all.insert(format!("program/{}", w.program));
        }
        for s in &self.stops {
            if s.struck || !own(&self.routes[s.route].1) {
                continue;
            }
            all.insert(format!("stop/{}", s.id));
            let household = s.target.map(|t| self.targets[t].household);
            let swept = household.and_then(|h| self.grouped.get(&h)).copied();
            for group in [s.group, swept].into_iter().flatten() {
                all.insert(format!("village_group/{group}"));
            }
            all.extend(household.map(|h| format!("household/{h}")));
        }
        for (who, day, id, branch) in &self.visits {
            if *who == goer && *branch == g.branch && near(*day) {
                all.insert(format!("visit/{id}"));
            }
        }
        all
    }

    /// Changes something that decides what is seen, in the rows and here.
    ///
    /// # Errors
    /// The database.
    pub async fn change(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        self.changed += 1;
        match rng.below(9) {
            0 => self.plan_state(w, rng).await,
            1 | 2 => self.reassign(w, rng).await,
            3 => self.strike(w, rng).await,
            4 => self.merge(w, rng).await,
            5 => self.regroup(w, rng).await,
            6 => self.person(w, rng).await,
            7 => self.erase(w, rng).await,
            _ => self.staff(w, rng).await,
        }
    }

    async fn exec(&self, w: &World, sql: Sql, branch: usize, rest: Vec<Value>) -> Result<()> {
        let mut p: Vec<Value> = params![w.branches[branch].unit.id];
        p.extend(rest);
        w.app.db.exec(sql, p).await?;
        Ok(())
    }

    async fn plan_state(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let branch = rng.below(self.plans.len() as u64) as usize;
        let (id, confirmed) = self.plans[branch];
        let confirmed = !confirmed || rng.chance(700);
        self.plans[branch].1 = confirmed;
        let state = if confirmed { "confirmed" } else { "draft" };
        self.exec(w, PLAN_STATE, branch, params![id, state]).await
    }

    /// A route is given to others.
    async fn reassign(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let at = rng.below(self.routes.len() as u64) as usize;
        let branch = self.routes[at].1.branch;
        let goers = self.some(rng, branch);
        let p = params![self.routes[at].0, members(&goers)];
        self.routes[at].1.goers = goers;
        self.exec(w, MEMBERS, branch, p).await
    }

    async fn strike(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let at = rng.below(self.stops.len() as u64) as usize;
        let s = &mut self.stops[at];
        s.struck = !s.struck;
        let when = s.struck.then(|| w.app.now());
        let (id, branch) = (s.id, self.routes[s.route].1.branch);
        self.exec(w, STRIKE, branch, params![id, when]).await
    }

    /// A household goes up in another one, and its target with it.
    async fn merge(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let at = rng.below(self.targets.len() as u64) as usize;
        let t = &mut self.targets[at];
        let spare = &mut self.spare[t.branch];
        let to = rng.below(spare.len() as u64) as usize;
        std::mem::swap(&mut spare[to], &mut t.household);
        let (id, branch, household) = (t.id, t.branch, t.household);
        self.exec(w, MERGE, branch, params![id, household]).await
    }

    async fn regroup(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let at = rng.below(self.targets.len() as u64) as usize;
        let (branch, household) = (self.targets[at].branch, self.targets[at].household);
        let group = rng.chance(700).then(|| *rng.pick(&self.groups[branch]));
        match group {
            Some(g) => self.grouped.insert(household, g),
            None => self.grouped.remove(&household),
        };
        self.exec(w, REGROUP, branch, params![household, group])
            .await
    }

    /// Somebody changes, or moves in with others.
    async fn person(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        if self.people.is_empty() {
            return Ok(());
        }
        let (branch, id) = *rng.pick(&self.people);
        if rng.chance(500) {
            let products = format!("[\"p{}\"]", self.changed);
            return self
                .exec(w, CHANGE_PERSON, branch, params![id, products])
                .await;
        }
        let to = rng.pick(&w.branches[branch].homes).household;
        self.exec(w, MOVE_PERSON, branch, params![id, to]).await
    }

    /// Somebody is erased.
    async fn erase(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        if self.people.is_empty() || rng.chance(500) {
            return Ok(());
        }
        let at = rng.below(self.people.len() as u64) as usize;
        let (branch, id) = self.people.swap_remove(at);
        self.exec(w, UNTAG, branch, params![id]).await?;
        self.exec(w, ERASE, branch, params![id]).await
    }

    /// Somebody is put to another branch, or comes back.
    async fn staff(&mut self, w: &World, rng: &mut Rng) -> Result<()> {
        let at = rng.below(self.goers.len() as u64) as usize;
        let g = &mut self.goers[at];
        let away = g.works == g.branch && rng.chance(400);
        g.works = if away {
            (g.branch + 1) % w.branches.len()
        } else {
            g.branch
        };
        let p = params![g.staff, w.branches[g.works].unit.id];
        w.app.db.exec(MOVE_STAFF, p).await?;
        Ok(())
    }
}
