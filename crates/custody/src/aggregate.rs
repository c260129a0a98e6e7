//! Counts that may leave the house (ERR-032): cells of fewer than k people are
//! withheld, and as many others as it takes that nobody can work them out from
//! the totals. Pure. A withheld cell counts as safe when somebody who has every
//! published figure must still hold k or more for possible; that is checked by
//! the flow the withheld cells leave to each other, not by a rule of thumb.

use serde::Serialize;
use utoipa::ToSchema;

/// A table with totals; `None` = withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Aggregate {
    /// Names of the rows.
    pub rows: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Row by row.
    #[schema(value_type = Vec<Vec<Option<i64>>>)]
    pub cells: Vec<Vec<Option<i64>>>,
    /// One per row.
    #[schema(value_type = Vec<Option<i64>>)]
    pub row_totals: Vec<Option<i64>>,
    /// One per column.
    #[schema(value_type = Vec<Option<i64>>)]
    pub column_totals: Vec<Option<i64>>,
    /// Of everybody; withheld below k.
    pub total: Option<i64>,
    /// Figures withheld, totals too.
    pub withheld: i64,
}

/// The table with its totals as one more row and column, so that every line
/// adds up: the totals stand with a minus in the lines they are the sum of.
struct Extended {
    counts: Vec<Vec<i64>>,
    hidden: Vec<Vec<bool>>,
    k: i64,
}

impl Extended {
    fn new(counts: &[Vec<i64>], columns: usize, k: i64) -> Extended {
        let mut all: Vec<Vec<i64>> = counts.to_vec();
        for row in &mut all {
            row.push(row.iter().sum());
        }
        let totals = (0..=columns)
            .map(|c| all.iter().map(|row| row[c]).sum())
            .collect();
        all.push(totals);
        let small = |n: &i64| *n > 0 && *n < k;
        let hidden = all
            .iter()
            .map(|row| row.iter().map(small).collect())
            .collect();
        Extended {
            counts: all,
            hidden,
            k,
        }
    }

    fn last(&self) -> (usize, usize) {
        (self.counts.len() - 1, self.counts[0].len() - 1)
    }

    /// How far a withheld figure can rise in the equations' own sense: a total
    /// has the other sign, so it rises as it falls.
    fn room_up(&self, r: usize, c: usize) -> i64 {
        let (last_row, last_column) = self.last();
        match (r == last_row) != (c == last_column) {
            true => self.counts[r][c],
            false => FREE,
        }
    }

    fn room_down(&self, r: usize, c: usize) -> i64 {
        let (last_row, last_column) = self.last();
        match (r == last_row) != (c == last_column) {
            true => FREE,
            false => self.counts[r][c],
        }
    }

    /// Could the cell be k or more for all that is published? A total is safe
    /// when it may be k or more as well.
    fn is_safe(&self, r: usize, c: usize) -> bool {
        let (last_row, last_column) = self.last();
        let is_total = (r == last_row) != (c == last_column);
        let wanted = self.k - self.counts[r][c];
        wanted <= 0 || self.flow(r, c, wanted, is_total) >= wanted
    }

    /// How much the figure can change, at most `wanted`, when the other
    /// withheld ones make up for it. `falls`: in the equations' sense the
    /// figure falls (a total that grows).
    fn flow(&self, r: usize, c: usize, wanted: i64, falls: bool) -> i64 {
        // change[i][j]: how much each withheld figure has been moved so far.
        let mut change = vec![vec![0i64; self.counts[0].len()]; self.counts.len()];
        let mut done = 0;
        while done < wanted {
            let Some(path) = self.path(r, c, &change, falls) else {
                break;
            };
            // One at a time: k is small.
            for (i, j, up) in path {
                change[i][j] += if up { 1 } else { -1 };
            }
            done += 1;
        }
        done
    }

    /// A way from the column of the figure back to its row through other
    /// withheld figures, one down, one up, in turn (or up and down).
    fn path(
        &self,
        r: usize,
        c: usize,
        change: &[Vec<i64>],
        falls: bool,
    ) -> Option<Vec<(usize, usize, bool)>> {
        let (rows, columns) = (self.counts.len(), self.counts[0].len());
        let mut row_from: Vec<Option<usize>> = vec![None; rows];
        let mut column_from: Vec<Option<usize>> = vec![None; columns];
        let mut queue = std::collections::VecDeque::from([(false, c)]);
        let mut seen = vec![false; columns];
        seen[c] = true;
        while let Some((is_row, at)) = queue.pop_front() {
            if is_row {
                // Along the row: the figure moves the same way as (r, c).
                for j in 0..columns {
                    let free = self.may_move(at, j, change, !falls);
                    if !seen[j] && (at, j) != (r, c) && self.hidden[at][j] && free {
                        (seen[j], column_from[j]) = (true, Some(at));
                        queue.push_back((false, j));
                    }
                }
                continue;
            }
            // Down the column: the figure moves against (r, c).
            for (i, from) in row_from.iter_mut().enumerate() {
                let free = self.may_move(i, at, change, falls);
                if from.is_none() && (i, at) != (r, c) && self.hidden[i][at] && free {
                    *from = Some(at);
                    if i == r {
                        return Some(back(r, c, &row_from, &column_from, falls));
                    }
                    queue.push_back((true, i));
                }
            }
        }
        None
    }

    fn may_move(&self, r: usize, c: usize, change: &[Vec<i64>], up: bool) -> bool {
        match up {
            true => change[r][c] < self.room_up(r, c),
            false => -change[r][c] < self.room_down(r, c),
        }
    }

    /// Withholds one more figure on a line of an unsafe one: the smallest that
    /// hides somebody, a cell before a total; false when all are withheld.
    fn withhold_near(&mut self, r: usize, c: usize) -> bool {
        let (last_row, last_column) = self.last();
        let mut best: Option<(bool, bool, i64, usize, usize)> = None;
        let in_row = (0..=last_column).map(|j| (r, j));
        let in_column = (0..=last_row).map(|i| (i, c));
        for (i, j) in in_row.chain(in_column) {
            if self.hidden[i][j] {
                continue;
            }
            let is_total = i == last_row || j == last_column;
            // A nought cannot fall, so it seldom hides another: last.
            let n = self.counts[i][j];
            let key = (is_total, n == 0, n, i, j);
            if best.is_none_or(|b| key < b) {
                best = Some(key);
            }
        }
        let Some((_, _, _, i, j)) = best else {
            return false;
        };
        self.hidden[i][j] = true;
        true
    }

    fn protect(&mut self) {
        let (rows, columns) = self.last();
        for r in 0..=rows {
            for c in 0..=columns {
                let small = self.counts[r][c] > 0 && self.counts[r][c] < self.k;
                // Withholding more makes no other figure less safe: one pass is enough.
                while small && !self.is_safe(r, c) {
                    // Its lines may all be withheld: then go on elsewhere.
                    if !self.withhold_near(r, c) && !self.withhold_any() {
                        return;
                    }
                }
            }
        }
    }

    fn withhold_any(&mut self) -> bool {
        for row in &mut self.hidden {
            if let Some(open) = row.iter_mut().find(|h| !**h) {
                *open = true;
                return true;
            }
        }
        false
    }
}

/// More than any count of people.
const FREE: i64 = i64::MAX / 4;

/// The way that was found, from the row of the figure back to its column.
fn back(
    r: usize,
    c: usize,
    row_from: &[Option<usize>],
    column_from: &[Option<usize>],
    falls: bool,
) -> Vec<(usize, usize, bool)> {
    let (mut way, mut row) = (Vec::new(), r);
    while let Some(column) = row_from[row] {
        way.push((row, column, falls));
        if column == c {
            break;
        }
        let Some(from) = column_from[column] else {
            break;
        };
        way.push((from, column, !falls));
        row = from;
    }
    way
}

/// A table of counts that may be given out: no figure of 1…k−1, and none of
/// them can be worked out from the others. `counts` has one row per name in
/// `rows` and one count per name in `columns`.
pub fn aggregate(
    rows: Vec<String>,
    columns: Vec<String>,
    counts: &[Vec<i64>],
    k: i64,
) -> Aggregate {
    let mut table = Extended::new(counts, columns.len(), k);
    table.protect();
    let shown = |r: usize, c: usize| (!table.hidden[r][c]).then_some(table.counts[r][c]);
    let (last_row, last_column) = table.last();
    let withheld = table.hidden.iter().flatten().filter(|h| **h).count() as i64;
    Aggregate {
        cells: (0..last_row)
            .map(|r| (0..last_column).map(|c| shown(r, c)).collect())
            .collect(),
        row_totals: (0..last_row).map(|r| shown(r, last_column)).collect(),
        column_totals: (0..last_column).map(|c| shown(last_row, c)).collect(),
        total: shown(last_row, last_column),
        withheld,
        rows,
        columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(counts: &[&[i64]], k: i64) -> Aggregate {
        let rows = (0..counts.len()).map(|r| format!("r{r}")).collect();
        let width = counts.first().map_or(0, |r| r.len());
        let columns = (0..width).map(|c| format!("c{c}")).collect();
        let counts: Vec<Vec<i64>> = counts.iter().map(|r| r.to_vec()).collect();
        aggregate(rows, columns, &counts, k)
    }

    #[test]
    fn large_cells_are_all_shown_with_their_totals() {
        let t = table(&[&[9, 0], &[7, 12]], 5);
        assert_eq!(t.cells, [[Some(9), Some(0)], [Some(7), Some(12)]]);
        assert_eq!(
            (t.row_totals, t.column_totals),
            (vec![Some(9), Some(19)], vec![Some(16), Some(12)])
        );
        assert_eq!((t.total, t.withheld), (Some(28), 0));
    }

    #[test]
    fn one_small_cell_takes_others_with_it() {
        let t = table(&[&[3, 20, 30], &[40, 50, 60], &[70, 80, 90]], 5);
        assert_eq!(t.cells[0][0], None);
        // Alone in its row or column the totals would tell it.
        assert!(t.cells[0].iter().filter(|c| c.is_none()).count() >= 2);
        assert!(t.cells.iter().filter(|r| r[0].is_none()).count() >= 2);
    }

    #[test]
    fn a_table_of_few_people_shows_no_figure_but_noughts() {
        let t = table(&[&[1, 0], &[0, 2]], 5);
        let all = t
            .cells
            .iter()
            .flatten()
            .chain(&t.row_totals)
            .chain(&t.column_totals);
        assert!(all.chain([&t.total]).all(|f| f.is_none_or(|n| n == 0)));
    }

    /// Every table of non-negative counts that fits what is published.
    fn fits(t: &Aggregate, max: i64) -> Vec<Vec<i64>> {
        let (rows, columns) = (t.rows.len(), t.columns.len());
        let mut all: Vec<Vec<i64>> = vec![vec![]];
        for at in 0..rows * columns {
            let known = t.cells[at / columns][at % columns];
            let mut next = Vec::new();
            for so_far in &all {
                let range = known.map_or(0..=max, |n| n..=n);
                next.extend(range.map(|n| [so_far.as_slice(), &[n]].concat()));
            }
            if (at + 1) % columns == 0
                && let Some(total) = t.row_totals[at / columns]
            {
                next.retain(|cells| cells[cells.len() - columns..].iter().sum::<i64>() == total);
            }
            all = next;
        }
        all.retain(|cells| {
            (0..columns).all(|c| {
                let sum: i64 = (0..rows).map(|r| cells[r * columns + c]).sum();
                t.column_totals[c].is_none_or(|total| total == sum)
            }) && t
                .total
                .is_none_or(|total| total == cells.iter().sum::<i64>())
        });
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn whoever_knows_every_published_figure_cannot_tell_that_a_cell_is_small(
            counts in proptest::collection::vec(proptest::collection::vec(0i64..7, 2), 2..4)
        ) {
            let k = 3;
            let refs: Vec<&[i64]> = counts.iter().map(Vec::as_slice).collect();
            let t = table(&refs, k);
            let possible = fits(&t, 10);
            prop_assert!(!possible.is_empty());
            for (r, row) in counts.iter().enumerate() {
                for (c, n) in row.iter().enumerate() {
                    match t.cells[r][c] {
                        Some(shown) => {
                            prop_assert_eq!(shown, *n);
                            prop_assert!(shown == 0 || shown >= k);
                        }
                        None if *n > 0 && *n < k => {
                            let at = r * row.len() + c;
                            let values: std::collections::BTreeSet<i64> =
                                possible.iter().map(|p| p[at]).collect();
                            prop_assert!(values.len() > 1, "{counts:?} {t:?}");
                            prop_assert!(values.iter().any(|v| *v >= k), "{counts:?} {t:?}");
                        }
                        None => {}
                    }
                }
            }
        }
    }
}
