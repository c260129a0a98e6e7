//! Reading tasks: one with its history and parts, lists below a unit, and who
//! may act on one. Knows rows, posts and flows; changes nothing and decides
//! nothing about time.

use super::store::*;
use super::{Answered, Entry, PostAt, Task};
use std::collections::BTreeSet;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Timestamp, UnitId, UserId};
use zf_forms::pack::tasks::{Flow, TaskKind, Verb, Waits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::{path_end, unit_fetch};
use zf_kernel::user::grant::{PostHolder, post_holders, posts_of};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_store::{Row, params};

fn lost(what: &str) -> KernelError {
    KernelError::Internal(format!("a stored task is not readable: {what}"))
}

fn waits(text: &str) -> Result<Waits> {
    [Waits::Owner, Waits::Checker, Waits::Nobody]
        .into_iter()
        .find(|w| w.as_str() == text)
        .ok_or_else(|| lost(text))
}

fn post_at(post: Option<String>, unit: Option<UnitId>) -> Option<PostAt> {
    post.zip(unit).map(|(post, unit)| PostAt { post, unit })
}

pub(crate) fn read(r: &Row) -> Result<Task> {
    let (state_of, term, until): (String, String, String) = (r.get(6)?, r.get(25)?, r.get(26)?);
    Ok(Task {
        unit_id: r.get(0)?,
        id: r.get(1)?,
        kind: r.get(2)?,
        title: r.get(3)?,
        note: r.get(4)?,
        state: r.get(5)?,
        waits: waits(&state_of)?,
        source: r.get(7)?,
        source_id: r.get(8)?,
        program_id: r.get(9)?,
        day: r.get(10)?,
        parent_id: r.get(11)?,
        owner: PostAt {
            post: r.get(12)?,
            unit: r.get(13)?,
        },
        owner_user: r.get(14)?,
        owner_name: r.get(15)?,
        checker: post_at(r.get(16)?, r.get(17)?),
        submitted_by: r.get(18)?,
        raised: r.get(19)?,
        raised_to: post_at(r.get(20)?, r.get(21)?),
        opened_at: r.get(22)?,
        opened_by: r.get(23)?,
        opened_by_name: r.get(24)?,
        term: serde_json::from_str(&term).map_err(|_| lost("term"))?,
        until: until.parse().map_err(|_| lost("until"))?,
        due_at: r.get(27)?,
        paused_at: r.get(28)?,
        reminded_at: r.get(29)?,
        ended_at: r.get(30)?,
        seq: r.get(31)?,
    })
}

/// A kind that a pack has, with its flow.
///
/// # Errors
/// No pack has it (any more).
pub fn kind_of<'a>(app: &'a App, kind: &str) -> Result<(&'a TaskKind, &'a Flow)> {
    let known = app.packs.task_kind(kind);
    known.ok_or_else(|| KernelError::field("kind", "field.not_in_list"))
}

/// One task of the scope's unit.
///
/// # Errors
/// There is none.
pub async fn task_fetch(app: &App, scope: &UnitScope, id: Uuid) -> Result<Task> {
    let rows = app
        .read_unit(scope.unit_id(), TASK_GET, params![id])
        .await?;
    rows.first()
        .map(read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// Its parts.
///
/// # Errors
/// Only the database.
pub async fn task_parts(app: &App, task: &Task) -> Result<Vec<Task>> {
    let rows = app
        .read_unit(task.unit_id, TASK_PARTS, params![task.id])
        .await?;
    rows.iter().map(read).collect()
}

fn entry(r: &Row) -> Result<Entry> {
    let form: Option<String> = r.get(5)?;
    let answers = match form {
        None => None,
        Some(form_id) => {
            let text: String = r.get(7)?;
            Some(Answered {
                form_id,
                form_version: r.get(6)?,
                answers: serde_json::from_str(&text).map_err(|_| lost("answers"))?,
            })
        }
    };
    Ok(Entry {
        seq: r.get(0)?,
        what: r.get(1)?,
        state: r.get(2)?,
        says: r.get(3)?,
        towards: r.get(4)?,
        answers,
        at: r.get(8)?,
        by_name: r.get(9)?,
    })
}

/// Its history, oldest first.
///
/// # Errors
/// Only the database.
pub async fn task_history(app: &App, task: &Task) -> Result<Vec<Entry>> {
    let rows = app
        .read_unit(task.unit_id, TASK_EVENTS, params![task.id])
        .await?;
    rows.iter().map(entry).collect()
}

/// Which tasks are listed.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    /// Those that have ended, else the open ones.
    pub ended: bool,
    /// Of one kind; empty = all.
    pub kind: String,
    /// Below this path; all that the actor may see when absent.
    pub path: Option<String>,
    /// Where the page before ended.
    pub after: Option<(Timestamp, Uuid)>,
}

/// A page of tasks that the actor may see: open ones soonest due first, ended
/// ones newest first.
///
/// # Errors
/// Only the database.
pub async fn task_list(app: &App, ctx: &Ctx, filter: &ListFilter, limit: i64) -> Result<Vec<Task>> {
    let roots = ctx.roots(Permission::TaskRead).into_iter().map(|(_, p)| p);
    let paths: Vec<String> = match &filter.path {
        Some(path) => vec![path.clone()],
        None => roots.collect(),
    };
    let far = Timestamp(i64::MAX / 4);
    let first = if filter.ended {
        (far, Uuid::max())
    } else {
        (Timestamp(0), Uuid::nil())
    };
    let (at, id) = filter.after.unwrap_or(first);
    let sql = if filter.ended {
        TASKS_ENDED
    } else {
        TASKS_OPEN
    };
    let mut all = Vec::new();
    for path in paths {
        let end = path_end(&path);
        let p = params![path, end, filter.kind.as_str(), at, id, limit];
        for row in &app.db.query(sql, p).await? {
            all.push(read(row)?);
        }
    }
    match filter.ended {
        true => all.sort_by_key(|t| std::cmp::Reverse((t.ended_at, t.id))),
        false => all.sort_by_key(|t| (t.due_at, t.id)),
    }
    all.dedup_by_key(|t| t.id);
    all.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(all)
}

/// What the actor is to a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is theirs.
    pub owner: bool,
    /// They check it.
    pub checker: bool,
    /// They may assign, pause and cancel tasks of others there.
    pub manager: bool,
    /// They have opened it by hand.
    pub opener: bool,
    /// They have handed it in.
    pub submitter: bool,
}

/// The posts of the actor.
///
/// # Errors
/// Only the database; the machine has none.
pub async fn own_posts(app: &App, ctx: &Ctx) -> Result<BTreeSet<(UnitId, String)>> {
    let mut all: BTreeSet<(UnitId, String)> = BTreeSet::new();
    match posts_of(app, ctx.actor.user_id).await {
        Ok(posts) => all.extend(posts),
        // The machine and retired accounts have no posts.
        Err(KernelError::Refused(_)) => {}
        Err(e) => return Err(e),
    }
    Ok(all)
}

/// What the actor is to a task.
///
/// # Errors
/// Only the database.
pub async fn standing(app: &App, ctx: &Ctx, scope: &UnitScope, task: &Task) -> Result<Standing> {
    let posts = own_posts(app, ctx).await?;
    let me = ctx.actor.user_id;
    let has = |p: &PostAt| posts.contains(&(p.unit, p.post.clone()));
    Ok(Standing {
        owner: task
            .owner_user
            .map_or_else(|| has(&task.owner), |u| u == me),
        checker: task.checker.as_ref().is_some_and(has),
        manager: ctx.scope(Permission::TaskManage, scope.unit()).is_ok(),
        opener: task.opened_by == me,
        submitter: task.submitted_by == Some(me),
    })
}

/// What the actor may do with a task now, in words of the API.
pub fn allowed(flow: &Flow, task: &Task, who: Standing) -> Vec<&'static str> {
    let mut all = Vec::new();
    let paused = task.paused_at.is_some();
    for verb in flow.verbs(&task.state) {
        let may = match verb {
            Verb::Submit => who.owner && !paused,
            Verb::Assign => (who.owner || who.manager) && !paused,
            Verb::Return | Verb::Close => who.checker && !who.submitter && !paused,
            Verb::Cancel => who.manager || who.opener,
            Verb::Open => who.manager,
        };
        if may {
            all.push(verb.as_str());
        }
    }
    let open = task.waits != Waits::Nobody;
    if open && (who.manager || who.checker) {
        all.push(if paused { "resume" } else { "pause" });
    }
    all.push("comment");
    all
}

/// Who may be given a task: the accounts of its unit and of its owner's, each
/// once, by name.
///
/// # Errors
/// Only the database.
pub async fn candidates(app: &App, task: &Task) -> Result<Vec<PostHolder>> {
    let mut all = post_holders(app, task.owner.unit).await?;
    if task.unit_id != task.owner.unit {
        all.extend(post_holders(app, task.unit_id).await?);
    }
    let mut seen = BTreeSet::new();
    all.retain(|h| seen.insert(h.user_id));
    Ok(all)
}

/// A post where it is held: at the unit of a level above (or the unit itself),
/// or, where nobody has it there, at the nearest one further up that has.
///
/// # Errors
/// Only the database.
pub async fn post_near(app: &App, unit: UnitId, post: &str, level: &str) -> Result<PostAt> {
    let mut at = unit_fetch(app, unit).await?;
    while at.level.as_str() != level {
        match at.parent_id {
            Some(parent) if at.level.as_str() != "head" => at = unit_fetch(app, parent).await?,
            _ => {
                // The tree has no such level above: the unit itself answers.
                at = unit_fetch(app, unit).await?;
                break;
            }
        }
    }
    let wanted = PostAt {
        post: post.to_owned(),
        unit: at.id,
    };
    loop {
        let holders = post_holders(app, at.id).await?;
        if holders.iter().any(|h| h.post == post) {
            return Ok(PostAt {
                post: post.to_owned(),
                unit: at.id,
            });
        }
        match at.parent_id {
            Some(parent) => at = unit_fetch(app, parent).await?,
            None => return Ok(wanted),
        }
    }
}

/// Whether an account is among those who may be given a task.
pub(super) fn named(all: &[PostHolder], user: UserId) -> Option<&PostHolder> {
    all.iter().find(|h| h.user_id == user)
}
