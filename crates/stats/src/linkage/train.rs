//! Weights from the file itself. Shares among strangers come from random pairs;
//! shares among records of one person and of one household from expectation and
//! maximisation over the candidates, with the strangers' shares held fixed and
//! the classes counted in the whole population (counted inside the candidates,
//! the way it is often done, strangers drown the rest). The preset counts as so
//! many pairs, so a small file keeps the preset and a large one its own.

use super::block::RankPair;
use super::data::{Data, Levels};
use super::model::{Model, common_in};
use super::schema::{LEVELS, Level, Settings, Shares};
use super::text::mix;

const RANDOM_PAIRS: u64 = 400_000;
const TRAINING_PAIRS: usize = 300_000;
const ROUNDS: usize = 12;

/// Weight of the preset's share of strangers, in pairs, per unit of strength.
const STRANGERS: f64 = 20.0;

/// Learns the weights.
pub(super) fn train(
    data: &Data,
    settings: &Settings,
    pairs: &[RankPair],
    levels: &[Levels],
) -> Model {
    let mut model = Model::preset(settings, data.len);
    strangers(data, settings, &mut model);
    let step = pairs.len().div_ceil(TRAINING_PAIRS).max(1) as u64;
    let chosen = |i: &usize| {
        let (a, b) = pairs[*i].ranks();
        step == 1 || mix(settings.seed ^ a as u64, b as u64).is_multiple_of(step)
    };
    let sample: Vec<usize> = (0..pairs.len()).filter(chosen).collect();
    for _ in 0..ROUNDS {
        improve(data, settings, &mut model, |f| {
            for i in &sample {
                f(data.order[pairs[*i].ranks().0] as usize, levels[*i]);
            }
            step as f64
        });
    }
    model
}

/// Shares of levels among pairs drawn at random.
fn strangers(data: &Data, settings: &Settings, model: &mut Model) {
    let n = data.len as u64;
    if n < 2 {
        return;
    }
    let mut counts = vec![[0.0; LEVELS]; model.fields.len()];
    let mut state = settings.seed;
    for draw in 0..RANDOM_PAIRS.min(n * (n - 1) / 2) {
        state = mix(state, draw);
        let (a, b) = (state % n, (state >> 32) % n);
        if a == b {
            continue;
        }
        let (i, j) = (
            data.order[a as usize] as usize,
            data.order[b as usize] as usize,
        );
        let levels = data.compare(i, data, j);
        let classes = model.classes(levels, common_in(data, i));
        // In a small file random pairs are now and then one person or one family.
        if classes.same + classes.household > 0.01 {
            continue;
        }
        for (c, count) in counts.iter_mut().enumerate() {
            if let Some(level) = levels.get(c) {
                count[level as usize] += 1.0;
            }
        }
    }
    for ((field, spec), count) in model.fields.iter_mut().zip(&settings.fields).zip(&counts) {
        field.unrelated = blended(count, &spec.unrelated, settings.strength * STRANGERS);
    }
}

/// Measured counts with the preset's shares added as `strength` more.
fn blended(count: &[f64; LEVELS], preset: &Shares, strength: f64) -> [f64; LEVELS] {
    let total: f64 = count.iter().sum::<f64>() + strength;
    Level::ALL.map(|l| {
        let start = preset.get(&l).copied().unwrap_or(1e-6);
        ((count[l as usize] + strength * start) / total).log2()
    })
}

/// One round. `visit` shows every pair of the sample and returns how many pairs each stands for.
fn improve(
    data: &Data,
    settings: &Settings,
    model: &mut Model,
    visit: impl Fn(&mut dyn FnMut(usize, Levels)) -> f64,
) {
    let width = model.fields.len();
    let mut same = vec![[0.0; LEVELS]; width];
    let mut household = same.clone();
    let (mut matches, mut relatives) = (0.0, 0.0);
    let current = &*model;
    let stands_for = visit(&mut |record, levels| {
        let common = common_in(data, record);
        let mut p = current.classes(levels, common);
        // What is never linked must not teach what one person looks like.
        if p.same > 0.01 && !current.stands(levels, common) {
            p.same = 0.0;
        }
        matches += p.same;
        relatives += p.household;
        for c in 0..width {
            if let Some(level) = levels.get(c) {
                same[c][level as usize] += p.same;
                household[c][level as usize] += p.household;
            }
        }
    });
    for (c, spec) in settings.fields.iter().enumerate() {
        let field = &mut model.fields[c];
        let scaled = |counts: &[f64; LEVELS]| counts.map(|x| x * stands_for);
        let before = field.same;
        field.same = blended(&scaled(&same[c]), &spec.same, settings.strength);
        // Known, not learned: where twins are many, they would teach the opposite.
        for known in [Level::Distinct, Level::Serial] {
            field.same[known as usize] = before[known as usize];
        }
        if settings.relatives > 0.0 {
            field.household = blended(&scaled(&household[c]), &spec.household, settings.strength);
        }
    }
    let rate = |pairs: f64, start: f64| {
        (2.0 * pairs * stands_for + settings.strength * start)
            / (data.len as f64 + settings.strength)
    };
    model.set_priors(
        rate(matches, settings.duplicates),
        if settings.relatives > 0.0 {
            rate(relatives, settings.relatives)
        } else {
            0.0
        },
    );
}
