//! A small county for tests: a rural and an urban branch with staff, village
//! groups and customers, a neighbour county, and a program, on every database.

use crate::program::Program;
use crate::program::service::{FromPreset, from_preset, program_create, program_scope};
use crate::targets::store::TARGET_STORED;
use crate::targets::visited::{Tried, target_tried};
use crate::week_plan::make::{Summary, plan_weeks};
use crate::week_plan::service::{Mark, confirm, mark_stop, week_plan};
use crate::week_plan::told::Nobody;
use crate::week_plan::{Header, WeekPlan};
use std::collections::BTreeSet;
use std::sync::Arc;
use zf_base::geo::{Datum, Point};
use zf_base::{
    CustomerId, Day, IsoWeek, StopId, TargetId, Timestamp, UserId, Uuid, VillageGroupId,
};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::staff::{StaffInput, service::staff_add};
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::{Actor, App, Clock, Ctx, Permission, UnitScope, UnitTx};
use zf_network::customer::CustomerInput;
use zf_network::customer::service::customer_add;
use zf_network::village_group::store::VILLAGE_GROUP_PUT;
use zf_store::params;
use zf_store::testing::{TestDb, test_databases};
use zf_vault::{KdfParams, Keyring, Suite};

struct Standing;
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        "2016-10-10T09:00:00+08:00".parse().unwrap()
    }
}

pub const WEEK: &str = "2016-W42";

pub fn week(text: &str) -> IsoWeek {
    text.parse().unwrap()
}

/// A county with a rural and an urban branch, and a neighbour county.
pub struct House {
    pub app: App,
    pub county: Unit,
    pub neighbour: Unit,
    pub rural: Unit,
    pub urban: Unit,
    pub ctx: Ctx,
    pub program: Program,
    pub customers: Vec<CustomerId>,
    pub name: &'static str,
    pub _db: TestDb,
}

pub fn unit_input(code: &str, level: Level, area: Option<&str>, place: Option<Point>) -> UnitInput {
    UnitInput {
        code: code.to_owned(),
        name: format!("机构{code}"),
        level,
        parent: None,
        area_kind: area.map(str::to_owned),
        market_kind: None,
        place,
        datum: place.map(|_| Datum::Wgs84),
        phone: None,
        active: true,
    }
}

pub fn whoever(root: &Unit, only: Option<&[Permission]>) -> Ctx {
    let all = Ctx::for_job(
        UserId(Uuid::from_u128(7)),
        "市场部",
        root,
        Standing.now(),
        Uuid::now_v7(),
    );
    let Some(only) = only else { return all };
    let mut actor: Actor = all.actor;
    actor.grants[0].permissions = only.iter().copied().collect();
    Ctx::for_user(actor, Standing.now(), Uuid::now_v7())
}

/// Families, so that a masked and a full name can be told apart.
pub const NAMES: [&str; 4] = ["赵春生", "钱秀英", "孙大勇", "李玉兰"];

pub async fn add_staff(app: &App, ctx: &Ctx, branch: &Unit) {
    let scope = ctx.scope(Permission::StaffWrite, branch).unwrap();
    let posts = [
        "branch_head",
        "teller",
        "teller",
        "postman",
        "power_area_worker",
    ];
    for (n, post) in posts.iter().enumerate() {
        let input = StaffInput {
            staff_no: format!("{}-{n}", branch.code),
            name: format!("员工{n}"),
            post: (*post).to_owned(),
            phone: None,
            active: true,
        };
        staff_add(app, ctx, &scope, &input).await.unwrap();
    }
}

pub async fn add_groups(app: &App, ctx: &Ctx, branch: &Unit) -> Vec<VillageGroupId> {
    let scope = ctx.scope(Permission::CustomerWrite, branch).unwrap();
    let mut tx = UnitTx::begin(app, ctx, &scope).await.unwrap();
    let mut ids = Vec::new();
    for n in 0..4u32 {
        let id = VillageGroupId(app.new_id());
        let name = format!("第{}组", n + 1);
        let lat = 39.0 + 0.02 * f64::from(n + 1);
        let p = params![
            id,
            format!("G{n}"),
            "青山镇",
            "大河村",
            name,
            lat,
            83.0,
            "wgs84",
            ctx.now,
            None::<&str>
        ];
        tx.exec(VILLAGE_GROUP_PUT, p).await.unwrap();
        ids.push(id);
    }
    tx.record(
        "village_group.put",
        "village_group",
        "test",
        serde_json::json!({}),
    );
    tx.commit().await.unwrap();
    ids
}

pub async fn add_customers(
    app: &App,
    ctx: &Ctx,
    branch: &Unit,
    groups: &[VillageGroupId],
    n: usize,
) -> Vec<CustomerId> {
    let scope = ctx.scope(Permission::CustomerWrite, branch).unwrap();
    let mut ids = Vec::new();
    for i in 0..n {
        let input = CustomerInput {
            name: Some(NAMES[i % 4].to_owned()),
            address: Some("青山镇大河村12号".to_owned()),
            village_group_id: groups.get(i % groups.len().max(1)).copied(),
            tags: Some(if i % 3 == 0 {
                vec!["B03".to_owned()]
            } else {
                vec![]
            }),
            deposit_due_day: (i == 5).then(|| Some("2016-10-19".parse::<Day>().unwrap())),
            ..CustomerInput::default()
        };
        ids.push(
            customer_add(app, ctx, &scope, &format!("K{i:03}"), &input, false)
                .await
                .unwrap()
                .id,
        );
    }
    ids
}

async fn installation(db: &TestDb) -> App {
    let ring = Keyring::create_with(
        Suite::Intl,
        "pass",
        KdfParams::TESTS_ONLY,
        &mut zf_vault::os_random,
    )
    .unwrap()
    .0;
    App::new(
        (**db).clone(),
        ring,
        Arc::new(Standing),
        Packs::embedded().unwrap(),
    )
    .await
    .unwrap()
}

async fn a_program(app: &App, ctx: &Ctx, county: &Unit) -> Program {
    let preset = FromPreset {
        preset: "program".to_owned(),
        code: "visit-2016".to_owned(),
        name: "客户大走访".to_owned(),
        first_day: None,
        last_day: None,
    };
    let scope = program_scope(app, ctx, Some(county.id)).await.unwrap();
    program_create(app, ctx, &scope, &from_preset(app, &preset).unwrap(), "")
        .await
        .unwrap()
}

pub async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for db in test_databases(MIGRATIONS).await {
        all.push(house(db).await);
    }
    all
}

async fn house(db: TestDb) -> House {
    let app = installation(&db).await;
    let nobody = Actor {
        user_id: UserId(Uuid::nil()),
        name: "首次启动".to_owned(),
        grants: vec![],
    };
    let nobody = Ctx::for_user(nobody, Standing.now(), Uuid::now_v7());
    let root = unit_input("1", Level::Head, None, None);
    let head = unit_add_root(&app, &nobody, &root, false).await.unwrap();
    let top = whoever(&head, None);
    let add = async |input: UnitInput, parent: &Unit| {
        let scope = top.scope(Permission::UnitWrite, parent).unwrap();
        unit_add(&app, &top, &scope, &input, false).await.unwrap()
    };
    let county = add(unit_input("11", Level::County, None, None), &head).await;
    let neighbour = add(unit_input("12", Level::County, None, None), &head).await;
    let at = Point::new(39.0, 83.0).ok();
    let rural = add(
        unit_input("1101", Level::Branch, Some("rural"), at),
        &county,
    )
    .await;
    let urban = add(
        unit_input("1102", Level::Branch, Some("urban"), at),
        &county,
    )
    .await;
    let ctx = whoever(&county, None);
    let mut customers = Vec::new();
    for branch in [&rural, &urban] {
        add_staff(&app, &ctx, branch).await;
        let groups = add_groups(&app, &ctx, branch).await;
        customers.extend(add_customers(&app, &ctx, branch, &groups, 70).await);
    }
    let program = a_program(&app, &ctx, &county).await;
    let name = db.name();
    House {
        app,
        county,
        neighbour,
        rural,
        urban,
        ctx,
        program,
        customers,
        name,
        _db: db,
    }
}

impl House {
    pub fn scope(&self, permission: Permission, unit: &Unit) -> UnitScope {
        self.ctx.scope(permission, unit).unwrap()
    }
    pub async fn plan(
        &self,
        week_text: &str,
        unit: Option<&str>,
    ) -> zf_kernel::error::Result<Summary> {
        plan_weeks(
            &self.app,
            &self.ctx,
            "visit-2016",
            week(week_text),
            unit,
            &Nobody,
        )
        .await
    }
    pub async fn shown(&self, unit: &Unit, week_text: &str) -> WeekPlan {
        let scope = self.scope(Permission::PlanRead, unit);
        week_plan(&self.app, &self.program, &scope, week(week_text))
            .await
            .unwrap()
    }
    pub async fn header(&self, unit: &Unit, week_text: &str) -> Header {
        self.shown(unit, week_text).await.header
    }
    pub async fn confirm(&self, unit: &Unit, week_text: &str) -> zf_kernel::error::Result<()> {
        let scope = self.scope(Permission::PlanConfirm, unit);
        confirm(&self.app, &self.ctx, &self.program, &scope, week(week_text)).await
    }
    pub async fn mark(&self, stop: StopId, mark: Mark) -> zf_kernel::error::Result<()> {
        let scope = self.scope(Permission::PlanWrite, &self.rural);
        mark_stop(
            &self.app,
            &self.ctx,
            &self.program,
            &scope,
            week(WEEK),
            stop,
            mark,
        )
        .await
    }
}

impl House {
    /// Nobody was met at a household of the rural branch on these days.
    pub async fn away(&self, target: TargetId, days: &[&str]) {
        self.tried(target, days, Tried::Absent(None)).await;
    }

    /// What came of going to a household of the rural branch on these days.
    pub async fn tried(&self, target: TargetId, days: &[&str], tried: Tried) {
        let scope = self.scope(Permission::PlanWrite, &self.rural);
        let p = params![self.program.id];
        let rows = self
            .app
            .read_unit(scope.unit_id(), TARGET_STORED, p)
            .await
            .unwrap();
        let mut of = rows
            .iter()
            .filter(|r| r.get::<TargetId>(0).unwrap() == target);
        let household = of.next().unwrap().get(1).unwrap();
        let mut tx = UnitTx::begin(&self.app, &self.ctx, &scope).await.unwrap();
        for day in days {
            let (program, day) = (self.program.id, day.parse().unwrap());
            target_tried(&mut tx, &self.ctx, program, household, day, tried)
                .await
                .unwrap();
        }
        tx.record("visit.add", "visit", "test", serde_json::json!({}));
        tx.commit().await.unwrap();
    }
}

pub fn visited(plan: &WeekPlan) -> BTreeSet<TargetId> {
    plan.routes
        .iter()
        .flat_map(|r| &r.stops)
        .filter_map(|s| s.target_id)
        .collect()
}

pub fn refused(result: zf_kernel::error::Result<impl Sized>) -> &'static str {
    match result {
        Ok(_) => panic!("accepted"),
        Err(e) => e.code().unwrap_or_else(|| panic!("{e}")),
    }
}
