//! Targets, week plans and the overview on a small county, on every database.

use super::house::{NAMES, WEEK, houses, refused, visited, week, whoever};
use crate::overview::{Todo, service::overview};
use crate::program::service::{program_close, program_unit_put};
use crate::targets::service::{After, target_build, target_count, target_list};
use crate::targets::visited::Tried;
use crate::week_plan::adherence::{Adherence, adherence};
use crate::week_plan::assign::Why;
use crate::week_plan::make::Became;
use crate::week_plan::print::{print_permit, week_plan_workbook};
use crate::week_plan::program::by_id;
use crate::week_plan::service::{self, Mark, reopen};
use crate::week_plan::view::Viewer;
use crate::week_plan::{CONFIRMED, DRAFT, Title};
use std::collections::{BTreeSet, HashSet};
use zf_base::code::ErrorCode;
use zf_base::{Day, TargetId};
use zf_kernel::Permission;
use zf_kernel::event::service::event_list;
use zf_kernel::job::worker::{Handlers, drain};
use zf_kernel::job::{NewJob, service::job_enqueue, service::job_fetch};
use zf_kernel::migrations::MIGRATIONS;
use zf_network::customer::CustomerInput;
use zf_network::customer::service::{customer_add, customer_change};
use zf_network::village_group::service::village_group_list;
use zf_store::testing::test_databases;

#[tokio::test]
async fn every_statement_is_understood_by_every_database() {
    for db in test_databases(MIGRATIONS).await {
        let all = [
            crate::targets::store::STATEMENTS,
            crate::week_plan::desk::store::STATEMENTS,
            crate::week_plan::store::STATEMENTS,
            crate::overview::store::STATEMENTS,
        ]
        .concat();
        assert!(all.len() > 25);
        for sql in all {
            db.check(&sql)
                .await
                .unwrap_or_else(|e| panic!("{} on {}: {e}", sql.name, db.name()));
        }
    }
}

#[tokio::test]
async fn building_targets_again_changes_nothing_and_follows_the_customers() {
    for h in houses().await {
        let scope = h.scope(Permission::ProgramWrite, &h.rural);
        let first = target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        assert_eq!(
            (first.targets, first.new, first.changed, first.dropped),
            (70, 70, 0, 0),
            "{}",
            h.name
        );
        let before = target_list(&h.app, h.program.id, &scope, None, 200)
            .await
            .unwrap();
        let again = target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        assert_eq!(
            (again.targets, again.new, again.changed, again.dropped),
            (70, 0, 0, 0)
        );
        // One asks for no visits, one becomes a must-visit customer.
        let no = CustomerInput {
            do_not_visit: Some(true),
            ..CustomerInput::default()
        };
        customer_change(&h.app, &h.ctx, &scope, h.customers[1], &no, false)
            .await
            .unwrap();
        let tag = CustomerInput {
            tags: Some(vec!["B01".to_owned()]),
            ..CustomerInput::default()
        };
        customer_change(&h.app, &h.ctx, &scope, h.customers[2], &tag, false)
            .await
            .unwrap();
        let third = target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        assert_eq!(
            (third.targets, third.new, third.changed, third.dropped),
            (69, 0, 1, 1)
        );
        assert_eq!(
            target_count(&h.app, h.program.id, &scope).await.unwrap(),
            69
        );
        let yes = CustomerInput {
            do_not_visit: Some(false),
            ..CustomerInput::default()
        };
        customer_change(&h.app, &h.ctx, &scope, h.customers[1], &yes, false)
            .await
            .unwrap();
        target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        let after = target_list(&h.app, h.program.id, &scope, None, 200)
            .await
            .unwrap();
        let ids = |all: &[crate::targets::Target]| all.iter().map(|t| t.id).collect::<HashSet<_>>();
        assert_eq!(ids(&before), ids(&after), "{}", h.name);
    }
}

#[tokio::test]
async fn targets_are_listed_best_first_in_pages_with_masked_names() {
    for h in houses().await {
        let scope = h.scope(Permission::ProgramWrite, &h.rural);
        target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        let whole = target_list(&h.app, h.program.id, &scope, None, 200)
            .await
            .unwrap();
        assert_eq!(whole.len(), 70);
        assert!(
            whole
                .windows(2)
                .all(|w| (w[0].priority, w[1].id) > (w[1].priority, w[0].id)
                    || w[0].priority > w[1].priority)
        );
        // The customer with a deposit due on 19 October: 5 + 90 + 30 × 21/30 + 2 × 6 for phone and ID number.
        assert_eq!(whole[0].priority, 128);
        assert_eq!(whole[0].due_day.unwrap().to_string(), "2016-10-19");
        let names: BTreeSet<String> = whole.iter().map(|t| t.name.masked()).collect();
        assert_eq!(
            names.iter().map(String::as_str).collect::<Vec<_>>(),
            ["孙**", "李**", "赵**", "钱**"]
        );
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = target_list(&h.app, h.program.id, &scope, after, 9)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(After {
                priority: last.priority,
                id: last.id,
            });
            paged.extend(page.iter().map(|t| t.id));
        }
        assert_eq!(
            paged,
            whole.iter().map(|t| t.id).collect::<Vec<_>>(),
            "{}",
            h.name
        );
    }
}

#[tokio::test]
async fn a_week_is_planned_for_all_branches_and_shown_without_names() {
    for h in houses().await {
        let summary = h.plan(WEEK, None).await.unwrap();
        assert_eq!(summary.branches.len(), 2);
        assert_eq!(summary.count(Became::Planned), 2);
        let rural = h.shown(&h.rural, WEEK).await;
        assert_eq!(
            (
                rural.header.state.as_str(),
                rural.header.version,
                rural.header.needed
            ),
            (DRAFT, 1, 100)
        );
        assert!(rural.routes.iter().any(|r| r.kind == "preliminary"));
        // Urban customers are filtered, not swept (CUS-014).
        let urban = h.shown(&h.urban, WEEK).await;
        assert!(urban.routes.iter().all(|r| r.kind != "preliminary"));
        for plan in [&rural, &urban] {
            let stops = plan.routes.iter().flat_map(|r| &r.stops);
            assert_eq!(
                stops.map(|s| s.households).sum::<i64>(),
                plan.header.planned
            );
            assert_eq!(plan.header.left(), (100 - plan.header.planned).max(0));
        }
        // The one whose deposit matures on Wednesday is visited by then.
        let due = "2016-10-19".parse::<Day>().unwrap();
        let day = rural.routes.iter().find(|r| {
            let deposit = |s: &crate::week_plan::Stop| {
                s.reasons
                    .iter()
                    .any(|x| matches!(x, crate::targets::Reason::Deposit { .. }))
            };
            r.stops.iter().any(deposit)
        });
        assert!(day.unwrap().day <= due);
        let scope = h.scope(Permission::PlanRead, &h.rural);
        let viewer = Viewer::new(&h.app, &h.program, &scope, None).unwrap();
        let json = serde_json::to_string(&viewer.view(&rural)).unwrap();
        assert!(
            json.contains("赵**") && json.contains("种养植户"),
            "{}",
            h.name
        );
        for name in NAMES {
            assert!(!json.contains(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_branch_visits_its_own_households_and_village_groups_around_its_own_place() {
    for h in houses().await {
        h.plan(WEEK, None).await.unwrap();
        for branch in [&h.rural, &h.urban] {
            let scope = h.scope(Permission::PlanRead, branch);
            let own = target_list(&h.app, h.program.id, &scope, None, 200).await;
            let own: BTreeSet<_> = own.unwrap().into_iter().map(|t| t.id).collect();
            let plan = h.shown(branch, WEEK).await;
            let went = visited(&plan);
            // PLN-002: what the outlet serves and nothing else.
            assert!(!went.is_empty() && went.is_subset(&own), "{}", branch.code);
            let groups = village_group_list(&h.app, &scope).await.unwrap();
            let swept = plan.routes.iter().flat_map(|r| &r.stops);
            for group in swept.filter_map(|s| s.village_group_id) {
                assert!(groups.iter().any(|g| g.id == group), "{}", branch.code);
            }
            // SYS-002: the map gets the outlet, its ring and where every stop is.
            let viewer = Viewer::new(&h.app, &h.program, &scope, None).unwrap();
            let json = serde_json::to_value(viewer.view(&plan)).unwrap();
            assert_eq!(json["rings"][0]["meters"], 5_000.0);
            assert_eq!(
                (&json["unit"]["lat"], &json["unit"]["lon"]),
                (&39.0.into(), &83.0.into())
            );
        }
    }
}

#[tokio::test]
async fn a_household_recorded_when_it_was_met_becomes_a_target() {
    // ERR-063: before a sweep of a village group there is no list of it.
    for h in houses().await {
        let scope = h.scope(Permission::ProgramWrite, &h.rural);
        target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        let met = CustomerInput {
            name: Some("周小满".to_owned()),
            ..CustomerInput::default()
        };
        let write = h.scope(Permission::CustomerWrite, &h.rural);
        customer_add(&h.app, &h.ctx, &write, "NEW", &met, false)
            .await
            .unwrap();
        let built = target_build(&h.app, &h.ctx, &h.program, &scope).await;
        let built = built.unwrap();
        assert_eq!((built.targets, built.new), (71, 1), "{}", h.name);
    }
}

#[tokio::test]
async fn planning_a_draft_again_replaces_it_by_the_same_plan() {
    for h in houses().await {
        h.plan(WEEK, None).await.unwrap();
        let before = h.shown(&h.urban, WEEK).await;
        h.plan(WEEK, Some("1102")).await.unwrap();
        let after = h.shown(&h.urban, WEEK).await;
        assert_eq!((before.header.version, after.header.version), (1, 2));
        assert_eq!(before.header.id, after.header.id);
        assert_eq!(visited(&before), visited(&after), "{}", h.name);
        assert_eq!(h.header(&h.rural, WEEK).await.version, 1);
    }
}

#[tokio::test]
async fn a_confirmed_plan_is_left_alone_and_what_it_leaves_open_is_owed() {
    for h in houses().await {
        h.plan(WEEK, None).await.unwrap();
        let urban = h.shown(&h.urban, WEEK).await;
        let short = urban.header.needed - urban.header.planned;
        assert!(short > 0);
        h.confirm(&h.urban, WEEK).await.unwrap();
        assert_eq!(h.header(&h.urban, WEEK).await.state, CONFIRMED);
        assert_eq!(
            refused(h.confirm(&h.urban, WEEK).await),
            ErrorCode::PLAN_RELEASED.code
        );
        // Alone it is refused, among others it is passed over.
        assert_eq!(
            refused(h.plan(WEEK, Some("1102")).await),
            ErrorCode::PLAN_RELEASED.code
        );
        let summary = h.plan(WEEK, None).await.unwrap();
        let became: Vec<Became> = summary.branches.iter().map(|b| b.became).collect();
        assert_eq!(became, [Became::Planned, Became::Released]);
        assert_eq!(h.header(&h.urban, WEEK).await.version, 1);
        // Next week: nobody twice, and the debt is seen; the bar stays (CMP-010).
        h.plan("2016-W43", None).await.unwrap();
        let next = h.shown(&h.urban, "2016-W43").await;
        assert!(visited(&urban).is_disjoint(&visited(&next)), "{}", h.name);
        assert_eq!((next.header.carried, next.header.needed), (short, 100));
        let scope = h.scope(Permission::PlanConfirm, &h.urban);
        reopen(&h.app, &h.ctx, &h.program, &scope, week(WEEK))
            .await
            .unwrap();
        h.plan("2016-W43", Some("1102")).await.unwrap();
        assert_eq!(h.header(&h.urban, "2016-W43").await.carried, 0);
        h.plan(WEEK, Some("1102")).await.unwrap();
        assert_eq!(h.header(&h.urban, WEEK).await.version, 2);
    }
}

/// ERR-007: who was not at home comes back, not at once and not for ever.
#[tokio::test]
async fn a_household_where_nobody_was_met_is_planned_again_after_its_days_and_only_so_often() {
    for h in houses().await {
        h.plan(WEEK, Some("1101")).await.unwrap();
        h.confirm(&h.rural, WEEK).await.unwrap();
        let first = h.shown(&h.rural, WEEK).await;
        let planned: Vec<_> = visited(&first).into_iter().collect();
        let (back, often, soon, moved) = (planned[0], planned[1], planned[2], planned[3]);
        // Away on the Friday of the plan, which is three days before Monday.
        h.away(back, &["2016-10-21"]).await;
        h.away(often, &["2016-10-17", "2016-10-19", "2016-10-21"])
            .await;
        h.away(soon, &["2016-10-28"]).await;
        // Tried before its planned day: that visit is still to come.
        h.away(moved, &["2016-10-16"]).await;
        h.plan("2016-W43", Some("1101")).await.unwrap();
        let next = h.shown(&h.rural, "2016-W43").await;
        assert!(visited(&next).contains(&back), "{}", h.name);
        let again: Vec<_> = planned
            .iter()
            .filter(|t| visited(&next).contains(t))
            .collect();
        assert_eq!(again, [&back], "{}", h.name);
        let why = |t| {
            next.unserved
                .iter()
                .find(|l| l.target_id == t)
                .map(|l| l.why.clone())
        };
        assert_eq!(why(often), Some(Why::TriedEnough { times: 3 }));
        let from = "2016-10-31".parse().unwrap();
        assert_eq!(why(soon), Some(Why::NotYet { from }));
        assert_eq!(why(moved), None);
        // A week later the second may come, the first is in the draft of this week.
        h.plan("2016-W44", Some("1101")).await.unwrap();
        let third = visited(&h.shown(&h.rural, "2016-W44").await);
        assert!(third.contains(&soon) && !third.contains(&back) && !third.contains(&often));
    }
}

/// PLN-005: going on the day of the plan follows it, whether somebody was met or not.
#[tokio::test]
async fn following_the_plan_is_counted_from_visits_on_their_day() {
    for h in houses().await {
        h.plan(WEEK, Some("1101")).await.unwrap();
        let count = async |until: &str| {
            let all = adherence(&h.app, h.program.id, week(WEEK), until.parse().unwrap());
            all.await.unwrap().get(&h.rural.id).copied()
        };
        assert_eq!(
            count("2016-10-23").await,
            None,
            "a draft is not to be followed yet"
        );
        h.confirm(&h.rural, WEEK).await.unwrap();
        let plan = h.shown(&h.rural, WEEK).await;
        let mut of: Vec<(Day, TargetId)> = Vec::new();
        for route in &plan.routes {
            of.extend(
                route
                    .stops
                    .iter()
                    .filter_map(|s| Some((route.day, s.target_id?))),
            );
        }
        of.sort();
        let first = of.iter().filter(|(day, _)| *day == of[0].0).count() as i64;
        let counted = |due, on_day, other_day| {
            Some(Adherence {
                due,
                on_day,
                other_day,
            })
        };
        // Nothing is late before its day has come.
        assert_eq!(count(&of[0].0.to_string()).await, counted(first, 0, 0));
        let [(day, met), (day2, away), (_, later)] = [of[0], of[1], of[2]];
        h.tried(met, &[&day.to_string()], Tried::Visited).await;
        h.tried(away, &[&day2.to_string()], Tried::Absent(None))
            .await;
        h.tried(later, &["2016-10-22"], Tried::Visited).await;
        // One of the last day a week too late.
        h.tried(of[of.len() - 1].1, &["2016-10-29"], Tried::Visited)
            .await;
        let all = of.len() as i64;
        assert_eq!(count("2016-10-30").await, counted(all, 2, 1), "{}", h.name);
    }
}

#[tokio::test]
async fn a_stop_is_struck_out_and_taken_back_while_the_plan_is_a_draft() {
    for h in houses().await {
        h.plan(WEEK, Some("1101")).await.unwrap();
        let plan = h.shown(&h.rural, WEEK).await;
        let stop = plan
            .routes
            .iter()
            .flat_map(|r| &r.stops)
            .find(|s| s.target_id.is_some())
            .unwrap()
            .id;
        h.mark(stop, Mark::Strike).await.unwrap();
        let struck = h.header(&h.rural, WEEK).await;
        assert_eq!(struck.planned, plan.header.planned - 1);
        assert_eq!(struck.shortfall, (100 - struck.planned).max(0));
        assert_eq!(
            refused(h.mark(stop, Mark::Strike).await),
            ErrorCode::NOT_FOUND.code
        );
        h.mark(stop, Mark::Restore).await.unwrap();
        assert_eq!(h.header(&h.rural, WEEK).await.planned, plan.header.planned);
        h.confirm(&h.rural, WEEK).await.unwrap();
        assert_eq!(
            refused(h.mark(stop, Mark::Strike).await),
            ErrorCode::PLAN_RELEASED.code
        );
        let scope = h.scope(Permission::AuditRead, &h.rural);
        let events = event_list(
            &h.app,
            &scope,
            "plan.",
            zf_kernel::event::service::Before::newest(),
            20,
        )
        .await
        .unwrap();
        let mut actions: Vec<&str> = events.iter().map(|e| e.action.as_str()).collect();
        actions.sort_unstable();
        assert_eq!(
            actions,
            ["plan.confirm", "plan.make", "plan.restore", "plan.strike"],
            "{}",
            h.name
        );
    }
}

fn sheet_texts(bytes: Vec<u8>) -> (Vec<String>, String) {
    let mut archive = zip_texts(bytes);
    let names = archive.remove("xl/workbook.xml").unwrap();
    let sheets = names
        .split("<sheet ")
        .skip(1)
        .filter_map(|s| s.split('"').nth(1).map(str::to_owned))
        .collect();
    (
        sheets,
        archive.remove("xl/sharedStrings.xml").unwrap_or_default()
            + &archive.into_values().collect::<String>(),
    )
}

fn zip_texts(bytes: Vec<u8>) -> std::collections::BTreeMap<String, String> {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut all = std::collections::BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_ok() {
            all.insert(file.name().to_owned(), text);
        }
    }
    all
}

/// CMP-006, CMP-007, CMP-008, CMP-017: as the market of the branch has it.
#[tokio::test]
async fn the_workbook_says_which_method_each_route_follows() {
    for h in houses().await {
        h.plan(WEEK, None).await.unwrap();
        let text = async |branch| {
            let scope = h.scope(Permission::CustomerExport, branch);
            let book = week_plan_workbook(&h.app, &h.ctx, &scope, &h.program, week(WEEK));
            sheet_texts(book.await.unwrap().1).1
        };
        let (rural, urban) = (text(&h.rural).await, text(&h.urban).await);
        let first = "走法：农村第一步：跟台区员走村组；农村：请村组长召集返乡人员";
        assert!(
            rural.contains(first) && !urban.contains("农村"),
            "{}",
            h.name
        );
        assert!(rural.contains("走法：农村第二步：回村组走选出的客户"));
        assert!(urban.contains("走法：城区：先预热再走访；城区：理财沙龙和二次营销"));
    }
}

#[tokio::test]
async fn the_workbook_names_householders_in_full_and_leaves_one_event() {
    for h in houses().await {
        h.plan(WEEK, Some("1101")).await.unwrap();
        let scope = h.scope(Permission::CustomerExport, &h.rural);
        let (name, bytes) = week_plan_workbook(&h.app, &h.ctx, &scope, &h.program, week(WEEK))
            .await
            .unwrap();
        assert_eq!(name, "走访计划表-机构1101-2016-W42.xlsx");
        let (sheets, text) = sheet_texts(bytes);
        assert_eq!(
            sheets,
            [
                "本周总览",
                "10-17 周一",
                "10-18 周二",
                "10-19 周三",
                "10-20 周四",
                "10-21 周五"
            ]
        );
        let plan = h.shown(&h.rural, WEEK).await;
        let permit = print_permit(&h.app, &h.ctx, &scope, &h.program, &plan, "核对")
            .await
            .unwrap();
        let mut full = 0;
        for stop in plan.routes.iter().flat_map(|r| &r.stops) {
            if let Title::Householder(name) = &stop.title {
                assert!(text.contains(name.reveal(&permit)));
                full += 1;
            }
        }
        assert!(full > 20, "{full}");
        assert!(text.contains("初步走访，预计见到 12 户") && text.contains("种养植户"));
        let audit = h.scope(Permission::AuditRead, &h.rural);
        let events = event_list(
            &h.app,
            &audit,
            "plan.print",
            zf_kernel::event::service::Before::newest(),
            20,
        )
        .await
        .unwrap();
        assert_eq!(events.len(), 2, "{}", h.name);
        for e in &events {
            assert!(e.detail.contains("2016-W42") && e.detail.contains("visit-2016"));
            assert!(NAMES.iter().all(|n| !e.detail.contains(n)));
        }
        let blank = print_permit(&h.app, &h.ctx, &scope, &h.program, &plan, "  ").await;
        assert_eq!(refused(blank), ErrorCode::REVEAL_REASON.code);
        // A reason is kept in clear and must not name anybody.
        let name = plan
            .routes
            .iter()
            .flat_map(|r| &r.stops)
            .find_map(|s| match &s.title {
                Title::Householder(name) => Some(name.reveal(&permit).to_owned()),
                Title::Group(_) => None,
            });
        for told in [
            format!("去看{}", name.unwrap()),
            "电话13712349050".to_owned(),
        ] {
            let refused_reason =
                print_permit(&h.app, &h.ctx, &scope, &h.program, &plan, &told).await;
            assert_eq!(refused(refused_reason), ErrorCode::INPUT_INVALID.code);
        }
    }
}

#[tokio::test]
async fn a_branch_sees_its_county_s_program_and_only_its_own_plan() {
    for h in houses().await {
        h.plan(WEEK, None).await.unwrap();
        let head = whoever(
            &h.rural,
            Some(&[
                Permission::PlanRead,
                Permission::ProgramRead,
                Permission::PlanConfirm,
            ]),
        );
        let program = by_id(&h.app, &head, Permission::PlanRead, h.program.id)
            .await
            .unwrap();
        assert!(
            program
                .branch(&h.app, &head, Permission::PlanRead, h.rural.id)
                .await
                .is_ok()
        );
        let other = program
            .branch(&h.app, &head, Permission::PlanRead, h.urban.id)
            .await;
        assert_eq!(refused(other), ErrorCode::NOT_FOUND.code);
        let branches = program
            .branches(&h.app, &head, Permission::PlanRead, None)
            .await
            .unwrap();
        assert_eq!(
            branches
                .iter()
                .map(|b| b.unit().code.as_str())
                .collect::<Vec<_>>(),
            ["1101"]
        );
        assert_eq!(
            refused(
                program
                    .branch(&h.app, &head, Permission::PlanWrite, h.rural.id)
                    .await
            ),
            ErrorCode::NOT_FOUND.code
        );
        let stranger = whoever(&h.neighbour, None);
        let hidden = by_id(&h.app, &stranger, Permission::PlanRead, h.program.id).await;
        assert_eq!(refused(hidden), ErrorCode::PROGRAM_NOT_FOUND.code);
        // The neighbour's own units are not part of this program.
        let outside = program
            .scope(
                &h.app,
                &whoever(&h.neighbour, None),
                Permission::PlanRead,
                h.neighbour.id,
            )
            .await;
        assert_eq!(refused(outside), ErrorCode::NOT_FOUND.code);
    }
}

#[tokio::test]
async fn the_jobs_build_targets_and_plan_weeks() {
    for h in houses().await {
        let mut handlers = Handlers::default();
        crate::handlers(&mut handlers);
        let args = serde_json::json!({ "program_id": h.program.id, "week": WEEK });
        let build = NewJob::new(crate::targets::jobs::KIND, h.county.id, args.clone());
        let build = job_enqueue(&h.app, &h.ctx, &build).await.unwrap();
        let plan = job_enqueue(
            &h.app,
            &h.ctx,
            &NewJob::new(crate::week_plan::jobs::KIND, h.county.id, args),
        )
        .await
        .unwrap();
        assert_eq!(drain(&h.app, &handlers).await.unwrap(), 2);
        let built = job_fetch(&h.app, build.id).await.unwrap();
        assert_eq!(
            (built.state.as_str(), built.done, built.total),
            ("done", 2, 2),
            "{}",
            h.name
        );
        assert_eq!(built.result.unwrap()["targets"], 140);
        let planned = job_fetch(&h.app, plan.id).await.unwrap();
        assert_eq!(planned.state, "done");
        assert_eq!(planned.result.unwrap()["planned_branches"], 2);
    }
}

#[tokio::test]
async fn a_branch_may_have_its_own_quota_and_a_closed_program_is_not_planned() {
    for h in houses().await {
        program_unit_put(&h.app, &h.ctx, &h.program, h.urban.id, None, Some(7))
            .await
            .unwrap();
        h.plan(WEEK, None).await.unwrap();
        assert_eq!(h.header(&h.urban, WEEK).await.needed, 35);
        assert_eq!(h.header(&h.rural, WEEK).await.needed, 100);
        let scope = h.scope(Permission::PlanRead, &h.urban);
        assert!(
            service::header(&h.app, h.program.id, &scope, week("2016-W44"))
                .await
                .unwrap()
                .is_none()
        );
        // A draft cannot be closed, so this program stays plannable.
        assert_eq!(
            refused(program_close(&h.app, &h.ctx, &h.program).await),
            ErrorCode::CONFLICT.code
        );
    }
}

#[tokio::test]
async fn the_overview_counts_plans_and_lists_what_waits() {
    for h in houses().await {
        let scope = h.scope(Permission::ProgramWrite, &h.rural);
        target_build(&h.app, &h.ctx, &h.program, &scope)
            .await
            .unwrap();
        let before = overview(&h.app, &h.ctx, None).await.unwrap();
        assert_eq!(before.unit.id, h.county.id);
        assert_eq!(
            (
                before.week.to_string().as_str(),
                before.customers.total,
                before.staff
            ),
            ("2016-W41", 140, 10)
        );
        assert!(
            before.todo.contains(&Todo::Unplanned { branches: 2 }),
            "{:?}",
            before.todo
        );
        h.plan("2016-W41", None).await.unwrap();
        h.confirm(&h.rural, "2016-W41").await.unwrap();
        let after = overview(&h.app, &h.ctx, Some(h.county.id)).await.unwrap();
        assert_eq!(
            (
                after.plan.with_plan,
                after.plan.confirmed,
                after.plan.needed
            ),
            (2, 1, 200)
        );
        assert!(after.todo.contains(&Todo::Unconfirmed { branches: 1 }));
        assert!(
            !after
                .todo
                .iter()
                .any(|t| matches!(t, Todo::Unplanned { .. }))
        );
        let states: Vec<&str> = after.branches.iter().map(|b| b.state.as_str()).collect();
        assert_eq!(states, ["confirmed", "draft"], "{}", h.name);
        let stranger = whoever(&h.neighbour, None);
        let hidden = overview(&h.app, &stranger, Some(h.county.id)).await;
        assert_eq!(refused(hidden), ErrorCode::NOT_FOUND.code);
        let theirs = overview(&h.app, &stranger, None).await.unwrap();
        assert_eq!(
            (theirs.unit.id, theirs.customers.total),
            (h.neighbour.id, 0)
        );
        assert!(theirs.program.is_none());
    }
}
