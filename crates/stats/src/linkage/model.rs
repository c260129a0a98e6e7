//! From levels to a probability. Two records are of one person, of two people
//! of one household, or of strangers; each class has its share of every level,
//! and the posterior weighs the three. The household class is what keeps twins,
//! couples and children apart: they share phone, address and surname far more
//! often than chance, so that these add up to little there.

use super::data::{Data, Levels};
use super::schema::{Field, FieldSpec, LEVELS, Level, Settings};
use super::{Reason, Shares};

/// Share given to a level nobody has measured.
const UNSEEN: f64 = 1e-6;

/// Logarithms (base 2) of the shares of one field.
#[derive(Clone, Debug)]
pub(super) struct FieldModel {
    pub field: Field,
    pub same: [f64; LEVELS],
    pub unrelated: [f64; LEVELS],
    pub household: [f64; LEVELS],
    pub rare: Option<f64>,
}

fn logs(shares: &Shares) -> [f64; LEVELS] {
    Level::ALL.map(|l| shares.get(&l).copied().unwrap_or(UNSEEN).log2())
}

impl FieldModel {
    fn new(spec: &FieldSpec, household: bool) -> FieldModel {
        FieldModel {
            field: spec.field,
            same: logs(&spec.same),
            unrelated: logs(&spec.unrelated),
            household: logs(if household {
                &spec.household
            } else {
                &spec.unrelated
            }),
            rare: spec.rare,
        }
    }
}

/// Weights of all fields and how common each class is.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) fields: Vec<FieldModel>,
    /// log2 of the odds that two records, not looked at, are one person.
    pub(super) match_prior: f64,
    /// The same for two people of one household.
    pub(super) household_prior: f64,
    records: f64,
    pool: f64,
}

/// Probabilities of the classes of a pair; strangers are the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Classes {
    pub same: f64,
    pub household: f64,
}

/// The three sums of logarithms.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    same: f64,
    household: f64,
    unrelated: f64,
}

impl Model {
    /// The learned shares as a table, one level a line: share among records of
    /// one person, of strangers, of a household. For people who check the model.
    pub fn table(&self) -> String {
        let mut out = format!(
            "odds 2^{:.1}, household 2^{:.1}\n",
            self.match_prior, self.household_prior
        );
        for field in &self.fields {
            for level in Level::ALL {
                let shares = [&field.same, &field.unrelated, &field.household]
                    .map(|s| s[level as usize].exp2());
                if shares.iter().any(|s| *s > 2e-5) {
                    let [same, unrelated, household] = shares;
                    let line = format!(
                        "{}.{} {same:.5} {unrelated:.7} {household:.5}\n",
                        field.field.code(),
                        level.code()
                    );
                    out.push_str(&line);
                }
            }
        }
        out
    }

    /// The preset's own weights for a file of `records` records.
    pub(super) fn preset(settings: &Settings, records: usize) -> Model {
        let household = settings.relatives > 0.0;
        let mut model = Model {
            fields: settings
                .fields
                .iter()
                .map(|s| FieldModel::new(s, household))
                .collect(),
            match_prior: 0.0,
            household_prior: 0.0,
            records: records as f64,
            pool: settings.pool,
        };
        model.set_priors(settings.duplicates, settings.relatives);
        model
    }

    /// From the expected further records of the same person and household.
    pub(super) fn set_priors(&mut self, duplicates: f64, relatives: f64) {
        let among = self.records.max(self.pool);
        self.match_prior = (duplicates / among).log2();
        // No class at all: never likelier than strangers.
        self.household_prior = if relatives > 0.0 {
            (relatives / among).log2()
        } else {
            -300.0
        };
    }

    /// log2 of the share of strangers at a level; for a value `common` records have, of that value.
    fn unrelated(&self, field: &FieldModel, level: Level, common: u32) -> f64 {
        let Some(rare) = field.rare.filter(|_| level == Level::Same) else {
            return field.unrelated[level as usize];
        };
        // The two records themselves do not show how common the value is elsewhere.
        let others = f64::from(common.saturating_sub(2)) + 0.5;
        ((others + self.pool * rare) / (self.records + self.pool)).log2()
    }

    fn sums(&self, levels: Levels, common: impl Fn(usize) -> u32) -> Sums {
        let mut sums = Sums::default();
        for (c, field) in self.fields.iter().enumerate() {
            let Some(level) = levels.get(c) else { continue };
            sums.same += field.same[level as usize];
            sums.household += field.household[level as usize];
            sums.unrelated += self.unrelated(field, level, common(c));
        }
        sums
    }

    /// How likely each class is.
    pub(super) fn classes(&self, levels: Levels, common: impl Fn(usize) -> u32) -> Classes {
        let sums = self.sums(levels, common);
        let same = (sums.same + self.match_prior - sums.unrelated)
            .min(500.0)
            .exp2();
        let household = (sums.household + self.household_prior - sums.unrelated)
            .min(500.0)
            .exp2();
        let all = 1.0 + same + household;
        Classes {
            same: same / all,
            household: household / all,
        }
    }

    /// Weights of the compared fields: log2 of how much likelier the level is
    /// among records of one person than among strangers.
    fn weights<'a>(
        &'a self,
        levels: Levels,
        common: impl Fn(usize) -> u32 + 'a,
    ) -> impl Iterator<Item = Reason> + 'a {
        let fields = self.fields.iter().enumerate();
        fields.filter_map(move |(c, field)| {
            let level = levels.get(c)?;
            let weight = field.same[level as usize] - self.unrelated(field, level, common(c));
            Some(Reason {
                field: field.field,
                level,
                weight,
            })
        })
    }

    /// Whether the evidence is more than one thing: two fields that speak for
    /// it, or a whole ID number under a name that is not another one. A name alone
    /// never makes two records one person; nor does a number typed under a second
    /// name, which is a slip of the clerk unless something else agrees.
    pub(super) fn stands(&self, levels: Levels, common: impl Fn(usize) -> u32) -> bool {
        let (mut count, mut id, mut near_id, mut other_name) = (0, false, false, false);
        for reason in self.weights(levels, common) {
            let speaks = reason.weight > 1.0;
            count += usize::from(speaks);
            near_id |= speaks && reason.field == Field::Id;
            id |= speaks && reason.field == Field::Id && reason.level == Level::Same;
            other_name |= reason.field == Field::Name
                && matches!(reason.level, Level::Different | Level::Surname)
                && reason.weight < 0.0;
        }
        match other_name {
            true => near_id && count >= 2,
            false => id || count >= 2,
        }
    }

    /// Evidence without the prior, within ±`limit`; 0 when nothing was comparable.
    pub(super) fn evidence(
        &self,
        levels: Levels,
        common: impl Fn(usize) -> u32,
        limit: f64,
    ) -> f64 {
        let sum: f64 = self.weights(levels, common).map(|r| r.weight).sum();
        sum.clamp(-limit, limit)
    }

    /// Probability and what it is made of, the heaviest first.
    pub(super) fn explain(
        &self,
        levels: Levels,
        common: impl Fn(usize) -> u32 + Copy,
    ) -> (f64, Vec<Reason>) {
        let mut reasons: Vec<Reason> = self.weights(levels, common).collect();
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let sums = self.sums(levels, common);
        // What the other people of the household take away from the evidence.
        let taken = -(1.0
            + (sums.household + self.household_prior - sums.unrelated)
                .min(500.0)
                .exp2())
        .log2();
        if taken < -0.5 {
            reasons.push(Reason {
                field: Field::Pair,
                level: Level::Household,
                weight: taken,
            });
        }
        (self.classes(levels, common).same, reasons)
    }
}

/// How common the values of a pair are, for the fields where they are equal.
pub(super) fn common_in(data: &Data, record: usize) -> impl Fn(usize) -> u32 + Copy + '_ {
    move |column| data.common(column, record)
}
