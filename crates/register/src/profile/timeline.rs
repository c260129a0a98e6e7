//! What has happened to a household and its present members, newest first,
//! out of the audit chains and the visits: also those of the branches they came
//! from and of the records that were merged into theirs. A visit stays where it
//! was made. Words are made when shown; a line that has nothing personal in the
//! chain has nothing personal here, and of a visit only day and outcome are told.

use super::store::{TIMELINE, TIMELINE_HOME, TIMELINE_PERSON};
use crate::household::{read::Household, words};
use crate::transfer::trail::trail;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;
use zf_base::{CustomerId, Day, Timestamp, UnitId, VisitId};
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
    /// The visit it is, and the branch it was made in.
    pub visit: Option<(UnitId, VisitId)>,
}

/// A page of the timeline: what lies before a moment and an id.
pub async fn timeline(
    app: &App,
    scope: &UnitScope,
    h: &Household,
    before: (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Line>> {
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    for place in places(app, scope.unit_id(), h).await? {
        // The household went on without them in the branch they left.
        let before = match place.until {
            Some(at) => before.min((at, Uuid::max())),
            None => before,
        };
        let page = params![place.id.to_string(), before.0, before.1, limit];
        for row in app.read_unit(place.unit, TIMELINE, page).await? {
            let (action, detail): (String, String) = (row.get(3)?, row.get(5)?);
            let detail: Json = serde_json::from_str(&detail).unwrap_or(Json::Null);
            lines.push(Line {
                at: row.get(0)?,
                id: row.get(1)?,
                actor: row.get(2)?,
                summary: words::event(&action, &detail),
                action,
                about: place.about,
                visit: None,
            });
        }
        for line in visits(app, &place, before, limit).await? {
            if seen.insert(line.id) {
                lines.push(line);
            }
        }
    }
    lines.extend(firsts(h).filter(|l| (l.at, l.id) < before));
    lines.sort_by_key(|l| std::cmp::Reverse((l.at, l.id)));
    lines.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(lines)
}

/// The visits of one place. That of a person is one of the household they lived
/// in then, so a line is about the household.
async fn visits(
    app: &App,
    place: &Place,
    before: (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Line>> {
    let sql = match place.about {
        Some(_) => TIMELINE_PERSON,
        None => TIMELINE_HOME,
    };
    let target: Uuid = place.id;
    let mut lines = Vec::new();
    let page = params![target, before.0, before.1, limit];
    for row in app.read_unit(place.unit, sql, page).await? {
        let (id, day): (VisitId, Day) = (row.get(1)?, row.get(3)?);
        let (outcome, state): (String, String) = (row.get(4)?, row.get(5)?);
        lines.push(Line {
            at: row.get(0)?,
            id: id.uuid(),
            actor: row.get(2)?,
            action: "visit".to_owned(),
            summary: words::visit(day, &outcome, &state),
            about: None,
            visit: Some((place.unit, id)),
        });
    }
    Ok(lines)
}

/// Where lines of a timeline lie.
struct Place {
    unit: UnitId,
    /// Of the person or, where it is about nobody, of the household.
    id: Uuid,
    about: Option<CustomerId>,
    until: Option<Timestamp>,
}

/// The household's own chain and those of the branches it came from with a
/// member; of every member all places of their history.
async fn places(app: &App, unit: UnitId, h: &Household) -> Result<Vec<Place>> {
    let mut homes: BTreeMap<UnitId, Option<Timestamp>> = BTreeMap::from([(unit, None)]);
    let mut all = Vec::new();
    for (member, _) in &h.members {
        for step in trail(app, unit, member.id).await? {
            all.push(Place {
                unit: step.unit,
                id: step.id.uuid(),
                about: Some(member.id),
                until: None,
            });
            // A move keeps the id, of the person and of the household.
            if step.id == member.id && step.unit != unit {
                let home = homes.entry(step.unit).or_insert(step.until);
                *home = (*home).max(step.until);
            }
        }
    }
    all.extend(homes.into_iter().map(|(unit, until)| Place {
        unit,
        id: h.row.id.uuid(),
        about: None,
        until,
    }));
    Ok(all)
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
            visit: None,
        })
}
