//! Pairs closed to clusters: the surest pairs first; two groups are not joined
//! when they hold two different verified numbers, or when their records, one
//! by one, speak against each other. Knows scores and records, no fields.

use super::data::Data;
use super::model::{Model, common_in};

/// Cross pairs looked at before two groups are joined.
const CROSS_MAX: usize = 64;
/// The most one pair can say for or against joining, in bits.
const LIMIT: f64 = 12.0;

/// A scored pair of ranks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub a: u32,
    pub b: u32,
    pub score: f64,
}

/// Groups of ranks, each with the least score that holds it together.
pub(super) struct Group {
    pub ranks: Vec<u32>,
    pub weakest: f64,
    /// The one verified number its records hold.
    verified: Option<u64>,
}

struct Joined<'a> {
    data: &'a Data,
    model: &'a Model,
    parent: Vec<u32>,
    /// Members of a group, at its root; empty = only itself.
    groups: std::collections::HashMap<u32, Group>,
}

/// Joins the edges, which must be sorted by falling score.
pub(super) fn clusters(data: &Data, model: &Model, edges: &[Edge]) -> Vec<Group> {
    let mut joined = Joined {
        data,
        model,
        parent: (0..data.len as u32).collect(),
        groups: std::collections::HashMap::new(),
    };
    for edge in edges {
        joined.join(*edge);
    }
    let mut groups: Vec<Group> = joined.groups.into_values().collect();
    for group in &mut groups {
        group.ranks.sort_unstable();
    }
    groups.sort_unstable_by_key(|g| g.ranks[0]);
    groups
}

impl Joined<'_> {
    fn root(&mut self, mut rank: u32) -> u32 {
        while self.parent[rank as usize] != rank {
            let above = self.parent[rank as usize];
            self.parent[rank as usize] = self.parent[above as usize];
            rank = above;
        }
        rank
    }

    fn join(&mut self, edge: Edge) {
        let (a, b) = (self.root(edge.a), self.root(edge.b));
        if a == b {
            return;
        }
        let first = self.take(a);
        let second = self.take(b);
        if !self.agree(&first, &second) {
            for (root, group) in [(a, first), (b, second)] {
                if group.ranks.len() > 1 {
                    self.groups.insert(root, group);
                }
            }
            return;
        }
        let (root, mut large, small) = match first.ranks.len() >= second.ranks.len() {
            true => (a, first, second),
            false => (b, second, first),
        };
        large.weakest = large.weakest.min(small.weakest).min(edge.score);
        large.verified = large.verified.or(small.verified);
        large.ranks.extend(small.ranks);
        self.parent[a as usize] = root;
        self.parent[b as usize] = root;
        self.groups.insert(root, large);
    }

    fn record(&self, rank: u32) -> usize {
        self.data.order[rank as usize] as usize
    }

    /// The group at a root.
    fn take(&mut self, root: u32) -> Group {
        let alone = || Group {
            ranks: vec![root],
            weakest: 1.0,
            verified: self.data.verified(self.data.order[root as usize] as usize),
        };
        self.groups.remove(&root).unwrap_or_else(alone)
    }

    fn agree(&self, first: &Group, second: &Group) -> bool {
        if let (Some(x), Some(y)) = (first.verified, second.verified)
            && x != y
        {
            return false;
        }
        let (first, second) = (&first.ranks, &second.ranks);
        if first.len() == 1 && second.len() == 1 {
            return true;
        }
        let cross = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| (*a, *b)));
        let say: f64 = cross
            .take(CROSS_MAX)
            .map(|(a, b)| {
                let (i, j) = (self.record(a), self.record(b));
                let levels = self.data.compare(i, self.data, j);
                self.model.evidence(levels, common_in(self.data, i), LIMIT)
            })
            .sum();
        say > 0.0
    }
}
