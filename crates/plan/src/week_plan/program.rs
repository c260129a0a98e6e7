//! What targets and week plans ask of a program: its branches in the actor's
//! scope, a branch's quota, the must-visit groups and the planner's figures. All
//! of it comes from the version in force (CMP-003…011).

use super::tuning::Tuning;
use crate::groups::InForce;
use crate::groups::rules::presets;
use crate::program::life::quota::quota_history;
use crate::program::service::{program_by_code, program_fetch, program_list};
use crate::program::{Program, State, visible};
use crate::targets::groups::{Groups, figures_of};
use zf_base::code::ErrorCode;
use zf_base::{Day, ProgramId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope};

/// A program by id that the actor may do this on.
pub async fn by_id(app: &App, ctx: &Ctx, permission: Permission, id: ProgramId) -> Result<Program> {
    checked(ctx, permission, program_fetch(app, ctx, id).await?)
}

/// A program by code, for command lines.
pub async fn by_code(app: &App, ctx: &Ctx, permission: Permission, code: &str) -> Result<Program> {
    checked(ctx, permission, program_by_code(app, ctx, code).await?)
}

fn checked(ctx: &Ctx, permission: Permission, program: Program) -> Result<Program> {
    if visible(ctx, permission, &program.unit) {
        return Ok(program);
    }
    Err(KernelError::refused(ErrorCode::PROGRAM_NOT_FOUND))
}

/// The program the overview is about: started before others, running today
/// before others, then the nearest in time. Closed ones are over.
pub async fn current(app: &App, ctx: &Ctx, today: Day) -> Result<Option<Program>> {
    let rank = |p: &Program| {
        let running = (p.first_day..=p.last_day).contains(&today);
        let distance = if today < p.first_day {
            today.days_until(p.first_day)
        } else {
            p.last_day.days_until(today)
        };
        (
            p.state != State::Started,
            !running,
            distance.abs(),
            p.code.clone(),
        )
    };
    let open = program_list(app, ctx)
        .await?
        .into_iter()
        .filter(|p| p.state != State::Closed);
    Ok(open.min_by_key(rank))
}

impl Program {
    /// A unit of the program that the actor may do this on.
    pub async fn scope(
        &self,
        app: &App,
        ctx: &Ctx,
        permission: Permission,
        unit: zf_base::UnitId,
    ) -> Result<UnitScope> {
        let unit = unit_fetch(app, unit).await?;
        self.inside(&unit)?;
        ctx.scope(permission, &unit)
    }

    /// Is the unit part of the program?
    fn inside(&self, unit: &Unit) -> Result<()> {
        if unit.path.starts_with(&self.unit.path) {
            return Ok(());
        }
        Err(KernelError::refused(ErrorCode::NOT_FOUND))
    }

    /// One branch of the program that the actor may do this on.
    pub async fn branch(
        &self,
        app: &App,
        ctx: &Ctx,
        permission: Permission,
        unit: zf_base::UnitId,
    ) -> Result<UnitScope> {
        let scope = self.scope(app, ctx, permission, unit).await?;
        if scope.unit().level != Level::Branch {
            return Err(KernelError::refused(ErrorCode::UNIT_NOT_FOUND));
        }
        Ok(scope)
    }

    /// The program's branches that the actor may do this on, by code; only
    /// those below `unit` when one is given.
    pub async fn branches(
        &self,
        app: &App,
        ctx: &Ctx,
        permission: Permission,
        unit: Option<zf_base::UnitId>,
    ) -> Result<Vec<UnitScope>> {
        let root = match unit {
            Some(id) => {
                let unit = unit_fetch(app, id).await?;
                self.inside(&unit)?;
                unit
            }
            None => self.unit.clone(),
        };
        let units = unit_subtree(app, &root.path).await?;
        let branches = units
            .iter()
            .filter(|u| u.level == Level::Branch && u.active);
        let mut scopes: Vec<UnitScope> = branches
            .filter_map(|u| ctx.scope(permission, u).ok())
            .collect();
        if scopes.is_empty() && unit.is_some() {
            // Whoever may do nothing there is not told what is there.
            ctx.scope(permission, &root)?;
        }
        scopes.sort_by(|a, b| a.unit().code.cmp(&b.unit().code));
        Ok(scopes)
    }

    /// Households per planned day of a branch that hold on a day: its own figure
    /// or the campaign's. A change in mid-campaign holds from a Monday on.
    pub async fn quota(&self, app: &App, scope: &UnitScope, day: Day) -> Result<i64> {
        Ok(quota_history(app, self, scope.unit_id()).await?.on(day))
    }

    /// The must-visit groups of the packs with the figures of this campaign; for
    /// their names. Which rules hold differs by branch, see [`Program::groups_by`].
    pub fn groups(&self, app: &App) -> Result<Groups> {
        self.groups_by(&presets(app))
    }

    /// The must-visit groups by these rules with the figures of this campaign;
    /// a figure that its version does not have yet is the packs'.
    pub fn groups_by(&self, rules: &InForce) -> Result<Groups> {
        let mut figures = rules.figures.clone();
        figures.extend(figures_of(&self.definition));
        Groups::with(&rules.must_visit, &figures)
    }

    /// The planner's figures with this campaign's own on top.
    pub fn tuning(&self) -> Result<Tuning> {
        Tuning::of(&self.definition)
    }
}
