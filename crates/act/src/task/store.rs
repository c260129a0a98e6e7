//! SQL of tasks. A change names the entry of the history that was seen, so
//! that nobody overwrites another's; entries are only ever added. Knows no
//! flow: what may follow what is asked before.

use zf_store::statements;

statements! {
    /// A new task, unless its source has opened one already.
    TASK_ADD: unit = "INSERT INTO task (unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32) ON CONFLICT (unit_id, source, source_id) DO NOTHING";
    /// One task.
    TASK_GET: unit = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE unit_id = $1 AND id = $2";
    /// The task of a source.
    TASK_OF_SOURCE: unit = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE unit_id = $1 AND source = $2 AND source_id = $3";
    /// Parts of a task.
    TASK_PARTS: unit = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE unit_id = $1 AND parent_id = $2 ORDER BY opened_at, id LIMIT 200";
    /// Parts of a task that are open.
    TASK_PARTS_OPEN: unit = "SELECT COUNT(*) FROM task WHERE unit_id = $1 AND parent_id = $2 AND waits <> 'nobody'";
    /// Everything that may change, unless somebody else was first.
    TASK_MOVE: unit = "UPDATE task SET seq = seq + 1, state = $4, waits = $5, owner_user = $6, owner_name = $7, submitted_by = $8, raised = $9, raised_post = $10, raised_unit_id = $11, due_at = $12, paused_at = $13, reminded_at = $14, ended_at = $15 WHERE unit_id = $1 AND id = $2 AND seq = $3";
    /// An entry of the history.
    TASK_EVENT_ADD: unit = "INSERT INTO task_event (unit_id, task_id, seq, what, state, says, towards, form_id, form_version, answers, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// The history.
    TASK_EVENTS: unit = "SELECT seq, what, state, says, towards, form_id, form_version, answers, at, by_name FROM task_event WHERE unit_id = $1 AND task_id = $2 ORDER BY seq LIMIT 1000";
    /// Open tasks of a person.
    INBOX_OWN: cross = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE owner_user = $1 AND waits = 'owner' AND paused_at IS NULL ORDER BY due_at, id LIMIT $2";
    /// Open tasks of a post that are nobody's in person.
    INBOX_POST: cross = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE owner_unit_id = $1 AND owner_post = $2 AND owner_user IS NULL AND waits = 'owner' AND paused_at IS NULL ORDER BY due_at, id LIMIT $3";
    /// What a post must check.
    INBOX_CHECK: cross = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE checker_unit_id = $1 AND checker_post = $2 AND waits = 'checker' AND paused_at IS NULL ORDER BY due_at, id LIMIT $3";
    /// Late tasks that a post was told of.
    INBOX_RAISED: cross = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE raised_unit_id = $1 AND raised_post = $2 AND waits <> 'nobody' AND paused_at IS NULL ORDER BY due_at, id LIMIT $3";
    /// Open tasks whose time is over or nearly, of all units.
    TASKS_DUE: cross = "SELECT unit_id, id, kind, title, note, state, waits, source, source_id, program_id, day, parent_id, owner_post, owner_unit_id, owner_user, owner_name, checker_post, checker_unit_id, submitted_by, raised, raised_post, raised_unit_id, opened_at, opened_by, opened_by_name, term, until_clock, due_at, paused_at, reminded_at, ended_at, seq FROM task WHERE waits <> 'nobody' AND paused_at IS NULL AND (due_at, id) > ($1, $2) AND due_at <= $3 ORDER BY due_at, id LIMIT $4";
    /// Open tasks below a unit, soonest due first.
    TASKS_OPEN: cross = "SELECT t.unit_id, t.id, t.kind, t.title, t.note, t.state, t.waits, t.source, t.source_id, t.program_id, t.day, t.parent_id, t.owner_post, t.owner_unit_id, t.owner_user, t.owner_name, t.checker_post, t.checker_unit_id, t.submitted_by, t.raised, t.raised_post, t.raised_unit_id, t.opened_at, t.opened_by, t.opened_by_name, t.term, t.until_clock, t.due_at, t.paused_at, t.reminded_at, t.ended_at, t.seq FROM unit n JOIN task t ON t.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND t.waits <> 'nobody' AND (t.kind = $3 OR $3 = '') AND (t.due_at, t.id) > ($4, $5) ORDER BY t.due_at, t.id LIMIT $6";
    /// Ended tasks below a unit, newest first.
    TASKS_ENDED: cross = "SELECT t.unit_id, t.id, t.kind, t.title, t.note, t.state, t.waits, t.source, t.source_id, t.program_id, t.day, t.parent_id, t.owner_post, t.owner_unit_id, t.owner_user, t.owner_name, t.checker_post, t.checker_unit_id, t.submitted_by, t.raised, t.raised_post, t.raised_unit_id, t.opened_at, t.opened_by, t.opened_by_name, t.term, t.until_clock, t.due_at, t.paused_at, t.reminded_at, t.ended_at, t.seq FROM unit n JOIN task t ON t.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND t.waits = 'nobody' AND (t.kind = $3 OR $3 = '') AND (t.ended_at, t.id) < ($4, $5) ORDER BY t.ended_at DESC, t.id DESC LIMIT $6";
}
