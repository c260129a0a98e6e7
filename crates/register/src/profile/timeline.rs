//! What has happened to a household and its present members, newest first,
//! out of the audit chain. Words are made when shown; a line that has nothing
//! personal in the chain has nothing personal here.

use super::store::TIMELINE;
use crate::household::{read::Household, words};
use serde_json::Value as Json;
use uuid::Uuid;
use zf_base::{CustomerId, Timestamp};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_store::params;

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Id of the event, or of the customer for the first line of a record.
    pub id: Uuid,
    /// Who.
    pub actor: String,
    /// Code of the action.
    pub action: String,
    /// In words.
    pub summary: String,
    /// The member it is about; none = the household.
    pub about: Option<CustomerId>,
}

/// A page of the timeline: what lies before a moment and an id.
pub async fn timeline(
    app: &App,
    scope: &UnitScope,
    h: &Household,
    before: (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let members = h
        .members
        .iter()
        .map(|(c, _)| (c.id.to_string(), Some(c.id)));
    let targets = std::iter::once((h.row.id.to_string(), None)).chain(members);
    for (target, about) in targets {
        let page = params![target.as_str(), before.0, before.1, limit];
        for row in app.read_unit(scope.unit_id(), TIMELINE, page).await? {
            let (action, detail): (String, String) = (row.get(3)?, row.get(5)?);
            let detail: Json = serde_json::from_str(&detail).unwrap_or(Json::Null);
            lines.push(Line {
                at: row.get(0)?,
                id: row.get(1)?,
                actor: row.get(2)?,
                summary: words::event(&action, &detail),
                action,
                about,
            });
        }
    }
    lines.extend(firsts(h).filter(|l| (l.at, l.id) < before));
    lines.sort_by_key(|l| std::cmp::Reverse((l.at, l.id)));
    lines.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(lines)
}

/// Imports are told of once a batch, so the record itself says how it began.
fn firsts(h: &Household) -> impl Iterator<Item = Line> {
    h.members
        .iter()
        .filter(|(c, _)| c.source_channel != "page")
        .map(|(c, _)| Line {
            at: c.created_at,
            id: c.id.uuid(),
            actor: String::new(),
            action: "customer.first".to_owned(),
            summary: words::first(&c.source_channel),
            about: Some(c.id),
        })
}
