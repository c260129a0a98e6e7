//! What a phone may see, as a state machine: answers of the server go in, the
//! pack comes out. The twin of the field app's own module: a snapshot replaces
//! the whole pack when its last page is in, changes put by revision and take
//! away. Pure; traces of it are replayed there.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One entity of the pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackItem {
    /// What it is.
    pub kind: String,
    /// Which one.
    pub id: String,
    /// Branch.
    pub unit_id: String,
    /// How often phones were told of it.
    pub rev: i64,
    /// Content.
    pub data: Json,
}

/// The same on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BodyItem {
    /// The entity.
    #[serde(flatten)]
    pub item: PackItem,
    /// `put` or `gone`.
    pub op: String,
}

/// Where the feed of a branch stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitCursor {
    /// Branch.
    pub unit_id: String,
    /// Number.
    pub cursor: i64,
}

/// One answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Digest of what may be seen.
    pub scope_epoch: String,
    /// Where the feeds stand.
    pub units: Vec<UnitCursor>,
    /// Everything anew.
    pub snapshot: bool,
    /// The next page.
    pub next: Option<String>,
    /// Entities.
    pub items: Vec<BodyItem>,
}

/// What the phone asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Last number taken in, by branch.
    pub cursors: BTreeMap<String, i64>,
    /// Of the last pull.
    pub scope_epoch: Option<String>,
    /// The next page.
    pub after: Option<String>,
}

/// A snapshot that is coming in pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staging {
    /// Digest under which it began.
    pub epoch: String,
    /// Where the feeds stood then.
    pub cursors: BTreeMap<String, i64>,
    /// What has come.
    pub items: BTreeMap<String, PackItem>,
    /// The next page.
    pub after: String,
}

/// The phone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// As the server last said.
    pub epoch: Option<String>,
    /// Number up to which the pack is true, by branch.
    pub cursors: BTreeMap<String, i64>,
    /// `kind/id` → entity.
    pub items: BTreeMap<String, PackItem>,
    /// What is coming.
    pub staging: Option<Staging>,
}

/// What happens to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PullEvent {
    /// An answer.
    Answer {
        /// It.
        body: Body,
    },
    /// The cursor is too old.
    Resync,
    /// The phone was revoked.
    Revoked,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PullEffect {
    /// Ask at once.
    Ask {
        /// That.
        request: Request,
    },
    /// Throw the pack and its key away.
    Wipe,
}

impl Pack {
    /// What to ask next.
    pub fn request(&self) -> Request {
        match &self.staging {
            Some(s) => Request {
                cursors: BTreeMap::new(),
                scope_epoch: Some(s.epoch.clone()),
                after: Some(s.after.clone()),
            },
            None => Request {
                cursors: self.cursors.clone(),
                scope_epoch: self.epoch.clone(),
                after: None,
            },
        }
    }

    /// Takes an event in.
    pub fn step(&mut self, event: &PullEvent) -> Vec<PullEffect> {
        match event {
            PullEvent::Answer { body } if body.snapshot => self.snapshot(body),
            PullEvent::Answer { body } => {
                put(&mut self.items, body);
                self.cursors.extend(cursors(body));
                self.epoch = Some(body.scope_epoch.clone());
                self.staging = None;
                match body.next {
                    Some(_) => self.ask(),
                    None => vec![],
                }
            }
            PullEvent::Resync => self.anew(),
            PullEvent::Revoked => {
                *self = Pack::default();
                vec![PullEffect::Wipe]
            }
        }
    }

    fn ask(&self) -> Vec<PullEffect> {
        let request = self.request();
        vec![PullEffect::Ask { request }]
    }

    fn anew(&mut self) -> Vec<PullEffect> {
        self.epoch = None;
        self.cursors.clear();
        self.staging = None;
        self.ask()
    }

    fn snapshot(&mut self, body: &Body) -> Vec<PullEffect> {
        let going = self.staging.take();
        let began = going.is_some();
        let going = going.filter(|s| s.epoch == body.scope_epoch);
        if began && going.is_none() {
            return self.anew();
        }
        let (mut items, cursors) = match going {
            Some(s) => (s.items, s.cursors),
            None => (BTreeMap::new(), cursors(body)),
        };
        put(&mut items, body);
        let epoch = body.scope_epoch.clone();
        let Some(after) = body.next.clone() else {
            (self.epoch, self.cursors, self.items) = (Some(epoch), cursors, items);
            return vec![];
        };
        self.staging = Some(Staging {
            epoch,
            cursors,
            items,
            after,
        });
        self.ask()
    }
}

fn cursors(body: &Body) -> BTreeMap<String, i64> {
    let each = body.units.iter().map(|u| (u.unit_id.clone(), u.cursor));
    each.collect()
}

fn put(items: &mut BTreeMap<String, PackItem>, body: &Body) {
    for BodyItem { item, op } in &body.items {
        let key = format!("{}/{}", item.kind, item.id);
        if op == "gone" {
            items.remove(&key);
        } else if items.get(&key).is_none_or(|old| old.rev <= item.rev) {
            items.insert(key, item.clone());
        }
    }
}
