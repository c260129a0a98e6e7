//! Programs on a small organisation, on every database that is there.

use super::network::spread_of;
use super::schedule::reschedule;
use super::service::*;
use super::*;
use crate::check::Severity;
use crate::definition::Aliases;
use crate::filing::approval::approve;
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;
use zf_base::UserId;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::staff::StaffInput;
use zf_kernel::staff::service::staff_add;
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, UnitInput};
use zf_kernel::{Actor, App, Clock, Ctx, UnitScope};
use zf_store::testing::{TestDb, test_databases};
use zf_vault::{KdfParams, Keyring, Suite};

struct Standing;
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        "2026-11-23T09:00:00+08:00".parse().unwrap()
    }
}

/// A head office with two counties of two branches each.
struct House {
    app: App,
    head: Unit,
    counties: [Unit; 2],
    branches: [Unit; 4],
    _db: TestDb,
}

fn input(code: &str, level: Level, parent: Option<&Unit>) -> UnitInput {
    UnitInput {
        code: code.to_owned(),
        name: format!("机构{code}"),
        level,
        parent: parent.map(|p| p.id),
        area_kind: (level == Level::Branch).then(|| "rural".to_owned()),
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
    }
}

/// Somebody with all permissions below a unit, or with these.
fn somebody(root: &Unit, only: Option<&[Permission]>) -> Ctx {
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

impl House {
    /// Somebody who has not written it approves the version in force.
    async fn approve(&self, program: &Program) {
        let mut other = somebody(&self.head, None);
        other.actor.user_id = UserId(Uuid::from_u128(8));
        approve(&self.app, &other, program, program.version, "先批后补报")
            .await
            .unwrap();
    }
}

async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for db in test_databases(MIGRATIONS).await {
        let ring = Keyring::create_with(
            Suite::Intl,
            "pass",
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        )
        .unwrap()
        .0;
        let app = App::new(
            (*db).clone(),
            ring,
            Arc::new(Standing),
            Packs::embedded().unwrap(),
        )
        .await
        .unwrap();
        let nobody = Ctx::for_user(
            Actor {
                user_id: UserId(Uuid::nil()),
                name: "首次启动".to_owned(),
                grants: vec![],
            },
            Standing.now(),
            Uuid::now_v7(),
        );
        let head = unit_add_root(&app, &nobody, &input("1", Level::Head, None), false)
            .await
            .unwrap();
        let ctx = somebody(&head, None);
        let add = async |code: &str, level, parent: &Unit| {
            let scope = ctx.scope(Permission::UnitWrite, parent).unwrap();
            unit_add(&app, &ctx, &scope, &input(code, level, Some(parent)), false)
                .await
                .unwrap()
        };
        let counties = [
            add("11", Level::County, &head).await,
            add("12", Level::County, &head).await,
        ];
        let branches = [
            add("1101", Level::Branch, &counties[0]).await,
            add("1102", Level::Branch, &counties[0]).await,
            add("1201", Level::Branch, &counties[1]).await,
            add("1202", Level::Branch, &counties[1]).await,
        ];
        all.push(House {
            app,
            head,
            counties,
            branches,
            _db: db,
        });
    }
    all
}

fn preset(code: &str) -> FromPreset {
    FromPreset {
        preset: "program".to_owned(),
        code: code.to_owned(),
        name: "客户大走访".to_owned(),
        first_day: None,
        last_day: None,
    }
}

impl House {
    fn ctx(&self) -> Ctx {
        somebody(&self.counties[0], None)
    }
    fn scope(&self, ctx: &Ctx) -> UnitScope {
        ctx.scope(Permission::ProgramWrite, &self.counties[0])
            .unwrap()
    }
    async fn draft(&self, code: &str) -> Program {
        let ctx = self.ctx();
        let preset_id = self
            .app
            .packs
            .program_presets()
            .next()
            .unwrap()
            .id
            .to_owned();
        let definition = from_preset(
            &self.app,
            &FromPreset {
                preset: preset_id,
                ..preset(code)
            },
        )
        .unwrap();
        program_create(&self.app, &ctx, &self.scope(&ctx), &definition, "")
            .await
            .unwrap()
    }
    async fn events(&self, unit: &Unit, target: ProgramId) -> Vec<String> {
        let ctx = somebody(&self.head, None);
        let scope = ctx.scope(Permission::AuditRead, unit).unwrap();
        let events =
            zf_kernel::event::service::event_history(&self.app, &scope, &target.to_string(), 50)
                .await
                .unwrap();
        let mut actions: Vec<String> = events.into_iter().map(|e| e.action).collect();
        actions.sort();
        actions
    }
}

fn code_of<T: std::fmt::Debug>(r: zf_kernel::error::Result<T>) -> &'static str {
    r.unwrap_err().code().unwrap()
}

/// Collection plans for both branches, and a quota of its own for the second.
async fn two_branches_get_their_figures(h: &House, ctx: &Ctx, made: &Program) {
    for b in &h.branches[..2] {
        program_unit_put(&h.app, ctx, made, b.id, Some(3_000), None)
            .await
            .unwrap();
    }
    program_unit_put(&h.app, ctx, made, h.branches[1].id, None, Some(18))
        .await
        .unwrap();
    let units = program_units(&h.app, ctx, made).await.unwrap();
    let figures: Vec<_> = units
        .iter()
        .map(|u| (u.unit.code.as_str(), u.collection_plan, u.quota_per_day))
        .collect();
    assert_eq!(
        figures,
        [("1101", Some(3_000), 20), ("1102", Some(3_000), 18)]
    );
}

#[tokio::test]
async fn a_program_goes_from_preset_to_start_to_close_and_leaves_events() {
    for h in houses().await {
        let ctx = h.ctx();
        let made = h.draft("zf-1").await;
        assert_eq!(
            (made.state, made.version, made.unit.id),
            (State::Draft, 1, h.counties[0].id)
        );

        // Without collection plans it cannot be started (ERR-061).
        let report = program_check(&h.app, &ctx, &made).await.unwrap();
        assert!(
            report
                .findings
                .iter()
                .any(|f| f.requirement == "ERR-061" && f.severity == Severity::Error)
        );
        assert_eq!(report.capacity.len(), 2);
        assert_eq!(
            code_of(program_start(&h.app, &ctx, &made).await),
            ErrorCode::PROGRAM_INFEASIBLE.code
        );

        two_branches_get_their_figures(&h, &ctx, &made).await;
        assert_eq!(
            code_of(program_start(&h.app, &ctx, &made).await),
            ErrorCode::PROGRAM_NOT_APPROVED.code
        );
        assert_eq!(
            code_of(approve(&h.app, &ctx, &made, 1, "").await),
            ErrorCode::PERMISSION_SECOND_PERSON.code
        );
        h.approve(&made).await;
        let started = program_start(&h.app, &ctx, &made).await.unwrap();
        assert_eq!(started.state, State::Started);
        assert_eq!(
            code_of(program_start(&h.app, &ctx, &started).await),
            "conflict"
        );
        assert_eq!(
            code_of(program_delete(&h.app, &ctx, &started).await),
            "conflict"
        );
        let closed = program_close(&h.app, &ctx, &started).await.unwrap();
        assert_eq!(closed.state, State::Closed);
        assert_eq!(
            code_of(program_unit_put(&h.app, &ctx, &closed, h.branches[0].id, Some(1), None).await),
            "conflict"
        );
        assert_eq!(
            h.events(&h.counties[0], made.id).await,
            [
                "program.approve",
                "program.close",
                "program.create",
                "program.start"
            ]
        );
        assert_eq!(
            h.events(&h.branches[1], made.id).await,
            ["program.unit", "program.unit"]
        );
    }
}

#[tokio::test]
async fn a_change_is_a_new_version_and_two_people_do_not_overwrite_each_other() {
    for h in houses().await {
        let ctx = h.ctx();
        let first = h.draft("zf-2").await;
        let mut definition = (*first.definition).clone();
        definition.quota.households_per_outlet_per_day = 16;
        let second = program_change(&h.app, &ctx, &first, &definition, "调低任务", Some(1))
            .await
            .unwrap();
        assert_eq!(
            (
                second.version,
                second.definition.quota.households_per_outlet_per_day
            ),
            (2, 16)
        );
        assert_eq!(
            code_of(program_change(&h.app, &ctx, &first, &definition, "", None).await),
            "conflict"
        );
        assert_eq!(
            code_of(program_change(&h.app, &ctx, &second, &definition, "", Some(1)).await),
            "conflict"
        );
        let versions = program_versions(&h.app, &second).await.unwrap();
        assert_eq!(
            versions
                .iter()
                .map(|v| (v.version, v.note.as_str()))
                .collect::<Vec<_>>(),
            [(2, "调低任务"), (1, "")]
        );
        definition.program.id = "other".to_owned();
        assert_eq!(
            code_of(program_change(&h.app, &ctx, &second, &definition, "", None).await),
            "input.invalid"
        );
    }
}

#[tokio::test]
async fn a_running_program_takes_no_version_that_cannot_be_done() {
    for h in houses().await {
        let ctx = h.ctx();
        let mut p = h.draft("zf-3").await;
        for b in &h.branches[..2] {
            program_unit_put(&h.app, &ctx, &p, b.id, Some(3_000), None)
                .await
                .unwrap();
        }
        h.approve(&p).await;
        p = program_start(&h.app, &ctx, &p).await.unwrap();
        let mut definition = (*p.definition).clone();
        definition.quota.households_per_outlet_per_day = 31; // 12 + 12 + 6 a day at the most
        assert_eq!(
            code_of(program_change(&h.app, &ctx, &p, &definition, "", None).await),
            ErrorCode::PROGRAM_INFEASIBLE.code
        );
        definition.quota.households_per_outlet_per_day = 30;
        assert_eq!(
            program_change(&h.app, &ctx, &p, &definition, "", None)
                .await
                .unwrap()
                .version,
            2
        );
    }
}

#[tokio::test]
async fn a_branch_sees_the_program_of_its_county_and_a_neighbour_does_not() {
    for h in houses().await {
        let p = h.draft("zf-4").await;
        let may = |root: &Unit| somebody(root, Some(&[Permission::ProgramRead]));
        for root in [&h.head, &h.counties[0], &h.branches[0]] {
            assert_eq!(
                program_fetch(&h.app, &may(root), p.id).await.unwrap().code,
                "zf-4",
                "{}",
                root.code
            );
            assert_eq!(program_list(&h.app, &may(root)).await.unwrap().len(), 1);
        }
        for root in [&h.counties[1], &h.branches[2]] {
            assert_eq!(
                code_of(program_fetch(&h.app, &may(root), p.id).await),
                "program.not_found",
                "{}",
                root.code
            );
            assert!(program_list(&h.app, &may(root)).await.unwrap().is_empty());
        }
        let without = somebody(&h.counties[0], Some(&[Permission::PlanRead]));
        assert_eq!(
            code_of(program_fetch(&h.app, &without, p.id).await),
            "program.not_found"
        );

        // A branch sees its own row only, and changes nothing.
        let branch = somebody(&h.branches[0], None);
        let units = program_units(&h.app, &branch, &p).await.unwrap();
        assert_eq!(
            units
                .iter()
                .map(|u| u.unit.code.as_str())
                .collect::<Vec<_>>(),
            ["1101"]
        );
        assert_eq!(
            program_check(&h.app, &branch, &p)
                .await
                .unwrap()
                .capacity
                .len(),
            1
        );
        assert_eq!(
            code_of(program_change(&h.app, &branch, &p, &p.definition, "", None).await),
            "not_found"
        );
        assert_eq!(
            code_of(program_start(&h.app, &branch, &p).await),
            "not_found"
        );
        assert_eq!(
            code_of(program_delete(&h.app, &branch, &p).await),
            "not_found"
        );
        let ctx = h.ctx();
        assert_eq!(
            code_of(program_unit_put(&h.app, &ctx, &p, h.branches[2].id, Some(5), None).await),
            "not_found"
        );
        let all = somebody(&h.head, None);
        assert_eq!(
            code_of(program_unit_put(&h.app, &all, &p, h.branches[2].id, Some(5), None).await),
            "unit.not_found"
        );
    }
}

#[tokio::test]
async fn a_campaign_of_the_upper_bureau_takes_in_every_branch_of_its_counties() {
    // ORG-001: decided above, run below; ORG-005: all sub-branches take part.
    for h in houses().await {
        let above = somebody(&h.head, None);
        let scope = above.scope(Permission::ProgramWrite, &h.head).unwrap();
        let definition = from_preset(&h.app, &preset("zf-7")).unwrap();
        let p = program_create(&h.app, &above, &scope, &definition, "")
            .await
            .unwrap();
        let codes = async |ctx: &Ctx| {
            let units = program_units(&h.app, ctx, &p).await.unwrap();
            units.into_iter().map(|u| u.unit.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&above).await, ["1101", "1102", "1201", "1202"]);
        let county = somebody(&h.counties[1], None);
        assert_eq!(codes(&county).await, ["1201", "1202"]);
        // A county cannot change what was decided above it.
        let changed = program_change(&h.app, &county, &p, &p.definition, "", None).await;
        assert_eq!(code_of(changed), "not_found");
    }
}

#[tokio::test]
async fn a_file_is_loaded_once_and_then_changes_the_program_with_its_code() {
    for h in houses().await {
        let ctx = h.ctx();
        let text = h
            .app
            .packs
            .program_presets()
            .next()
            .unwrap()
            .toml
            .to_owned();
        let load = async |text: &str| campaign_load(&h.app, &ctx, &h.scope(&ctx), text).await;
        let (p, what) = load(&text).await.unwrap();
        assert_eq!((what, p.version), (Loaded::Created, 1));
        assert_eq!(load(&text).await.unwrap().1, Loaded::Same);
        let (p, what) = load(&text.replace("near_km = 5.0", "near_km = 4.5"))
            .await
            .unwrap();
        assert_eq!(
            (what, p.version, p.definition.ring.near_km),
            (Loaded::Changed, 2, 4.5)
        );
        let faults = load(&text.replace("near_km = 5.0", "near_km = -1"))
            .await
            .unwrap_err();
        let zf_kernel::KernelError::Refused(refusal) = faults else {
            panic!("{faults:?}")
        };
        assert_eq!(refusal.fields[0].field, "ring.near_km");
        // The same code again is refused when it is meant to be new.
        let again = program_create(&h.app, &ctx, &h.scope(&ctx), &p.definition, "").await;
        assert_eq!(code_of(again), "duplicate");
    }
}

#[tokio::test]
async fn a_draft_can_be_deleted_with_the_figures_of_its_branches() {
    for h in houses().await {
        let ctx = h.ctx();
        let p = h.draft("zf-5").await;
        program_unit_put(&h.app, &ctx, &p, h.branches[0].id, Some(9), Some(9))
            .await
            .unwrap();
        program_delete(&h.app, &ctx, &p).await.unwrap();
        assert_eq!(
            code_of(program_fetch(&h.app, &ctx, p.id).await),
            "program.not_found"
        );
        assert_eq!(
            h.events(&h.counties[0], p.id).await,
            ["program.create", "program.delete"]
        );
        assert_eq!(h.draft("zf-5").await.version, 1);
    }
}

#[tokio::test]
async fn the_network_has_the_staff_of_the_branches_as_the_database_counts_them() {
    for h in houses().await {
        let ctx = h.ctx();
        let p = h.draft("zf-6").await;
        let before = network::network_of(&h.app, &ctx, &p).await.unwrap();
        assert!(!before.staff_known);
        let scope = ctx.scope(Permission::StaffWrite, &h.branches[0]).unwrap();
        for (i, post) in ["branch_head", "teller", "teller"].iter().enumerate() {
            let input = StaffInput {
                staff_no: format!("S{i}"),
                name: "某某".into(),
                post: (*post).into(),
                phone: None,
                active: true,
            };
            staff_add(&h.app, &ctx, &scope, &input).await.unwrap();
        }
        let n = network::network_of(&h.app, &ctx, &p).await.unwrap();
        assert!(n.staff_known);
        let posts: Vec<_> = n.outlets[0]
            .posts
            .iter()
            .map(|(k, v)| (k.as_str(), *v))
            .collect();
        assert_eq!(posts, [("branch_head", 1), ("teller", 2)]);
        assert_eq!(
            (n.outlets[0].households, n.outlets[0].spread),
            (Some(0), None)
        );
        // Nobody carries letters there: two teams cannot be formed.
        let report = program_check(&h.app, &ctx, &p).await.unwrap();
        let posts = report
            .findings
            .iter()
            .filter(|f| f.issue.code() == "CHK-POST")
            .count();
        assert!(posts >= 2, "{posts}");
    }
}

#[tokio::test]
async fn every_statement_is_prepared_on_every_database() {
    for db in test_databases(MIGRATIONS).await {
        for sql in store::STATEMENTS {
            db.check(sql)
                .await
                .unwrap_or_else(|e| panic!("{} on {}: {e}", sql.name, db.name()));
        }
    }
}

#[test]
fn households_are_put_into_the_ring_they_lie_in() {
    let definition = definition();
    let from = Point::new(26.0, 118.0).unwrap();
    // One degree of latitude is about 111.2 km.
    let at = |km: f64| Point::new(26.0 + km / 111.195, 118.0).unwrap();
    let s = spread_of(from, &[at(1.0), at(3.0), at(8.0)], &definition).unwrap();
    assert_eq!((s.near, s.far), (2, 1));
    assert!(
        (s.near_mean.0 - 2_000.0).abs() < 5.0 && (s.far_mean.0 - 8_000.0).abs() < 10.0,
        "{s:?}"
    );
    assert_eq!(spread_of(from, &[], &definition), None);
}

fn definition() -> Definition {
    let text = include_str!("../../../../packs/household-visit/program.toml");
    Definition::parse(text, &Aliases::default()).unwrap()
}

#[test]
fn a_preset_on_the_same_days_stays_as_it_is() {
    let mut moved = definition();
    let (first, last) = (moved.program.start, moved.program.end);
    reschedule(&mut moved, first, last);
    assert_eq!(moved, definition());
}

proptest! {
    #[test]
    fn moved_phases_still_cover_the_campaign_without_gap(start in 15_000i32..25_000, days in 30i32..1_000) {
        let mut d = definition();
        let (first, last) = (Day::from_epoch_days(start), Day::from_epoch_days(start + days - 1));
        reschedule(&mut d, first, last);
        prop_assert_eq!((d.phase[0].start, d.phase[1].end), (first, last));
        prop_assert_eq!(d.phase[0].end.plus_days(1), d.phase[1].start);
        prop_assert!(d.phase[0].start <= d.phase[0].end && d.phase[1].start <= d.phase[1].end);
        prop_assert_eq!(d.program.filing_due, Some(first.plus_days(-1)));
    }
}

#[test]
fn a_network_is_read_from_the_files_of_the_imports() {
    let file = |name: &str, text: &str| files::NamedFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let units = "机构编码,机构名称,级别,经度,纬度,采集计划\n35,县局,县局,,,\n3501,城关支局,网点,118.0,26.0,2600\n3502,河口支局,网点,,,\n";
    let staff = "工号,姓名,机构编码,岗位\n1,甲,3501,支局长\n2,乙,3501,柜员\n3,丙,3501,teller\n4,丁,35,局长\n";
    let customers = "客户号,姓名,所属机构,户号,经度,纬度\nC1,甲,3501,H1,118.0,26.01\nC2,乙,3501,H1,118.0,26.01\nC3,丙,3501,,118.0,26.1\nC4,丁,3502,,,\n";
    let packs = Packs::embedded().unwrap();
    let aliases = aliases_of(&packs);
    let post = |text: &str| post_of(&packs, &aliases, text);
    let definition = definition();
    let read = |staff: &str| {
        let (staff, customers) = (file("staff.csv", staff), file("customers.csv", customers));
        files::network_from_files(
            file("units.csv", units),
            Some(staff),
            Some(customers),
            &definition,
            &post,
        )
    };
    let n = read(staff).unwrap();
    assert_eq!(
        n.outlets
            .iter()
            .map(|o| o.code.as_str())
            .collect::<Vec<_>>(),
        ["3501", "3502"]
    );
    let o = &n.outlets[0];
    assert_eq!(
        (o.collection_plan, o.customers, o.households),
        (Some(2_600), Some(3), Some(2))
    );
    assert_eq!(
        o.posts
            .iter()
            .map(|(k, v)| (k.as_str(), *v))
            .collect::<Vec<_>>(),
        [("branch_head", 1), ("teller", 2)]
    );
    // 0.01° of latitude is 1.1 km, 0.1° is 11 km.
    let s = o.spread.unwrap();
    assert_eq!((s.near, s.far), (1, 1));
    assert_eq!(
        (n.outlets[1].households, n.outlets[1].spread),
        (Some(1), None)
    );
    let wrong = read("工号,姓名,机构编码,岗位\n1,甲,3501,船长\n").unwrap_err();
    assert_eq!(
        words::files_error(&wrong),
        "staff.csv 第 2 行 post：“船长”不对，请检查。"
    );
    let missing = read("工号,姓名,岗位\n1,甲,支局长\n").unwrap_err();
    assert!(
        words::files_error(&missing).contains("机构编码"),
        "{missing}"
    );
}
