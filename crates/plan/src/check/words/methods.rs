//! Chinese of the findings about methods of visiting and their gifts. Figures
//! and names come from the finding; nothing is computed here, and nothing is
//! known of the campaign but what the finding says.

use super::super::methods::Lacking;
use super::super::view::PostName;
use super::{materials, yuan};
use crate::definition::MarketKind;
use zf_base::Fen;

fn market(market: MarketKind) -> &'static str {
    match market {
        MarketKind::Rural => "农村",
        MarketKind::Urban => "城区",
    }
}

/// What a method lacks, by kind.
pub(super) fn lacks(lacking: &Lacking, post_name: PostName<'_>) -> String {
    let posts: Vec<String> = lacking.posts.iter().map(|p| post_name(p)).collect();
    let kinds = [
        ("小组没有的岗位", posts.join("、")),
        ("没有安排的物料", materials(&lacking.materials)),
        ("没有的话术", lacking.scripts.join("、")),
        ("没有的礼品方案", lacking.gifts.join("、")),
    ];
    let filled = kinds.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = filled
        .map(|(kind, names)| format!("{kind}：{names}"))
        .collect();
    parts.join("；")
}

/// The gifts of a market against the cap.
pub(super) fn over_cap(of: MarketKind, names: &[&str], total: Fen, cap: Fen) -> String {
    format!(
        "{}的礼品方案（{}）加起来每人最多 {}，超过每人上限 {}。",
        market(of),
        names.join("、"),
        yuan(total),
        yuan(cap)
    )
}

/// Gifts made smaller.
pub(super) fn within(of: MarketKind, cap: Fen, total: Fen) -> (String, String) {
    (
        format!("{}的礼品按比例降到每人合计 {} 以内", market(of), yuan(cap)),
        format!("每人少 {}", yuan(Fen(total.0 - cap.0))),
    )
}
