//! Chinese words of the to-do list.

use super::Todo;

/// Title and one line of detail.
pub fn todo(todo: &Todo) -> (&'static str, String) {
    match todo {
        Todo::Unconfirmed { branches } => (
            "周计划待确认",
            format!("{branches} 个网点的周计划还没有确认"),
        ),
        Todo::Unplanned { branches } => (
            "周计划待编排",
            format!("{branches} 个网点本周还没有走访计划"),
        ),
        Todo::CheckErrors { errors, warnings } => (
            "活动可行性体检",
            format!("有 {errors} 个问题要解决，{warnings} 个提醒"),
        ),
        Todo::ImportRows { file, rows, .. } => (
            "导入有退回行",
            format!("{file}：{rows} 行退回，请改好再导入"),
        ),
        Todo::Due { households } => (
            "本周到期没排进计划",
            format!("{households} 户本周有到期事项，还没有排进走访计划"),
        ),
    }
}
