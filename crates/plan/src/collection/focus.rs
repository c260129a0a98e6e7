//! Which village and mail route the postman's daytime visits collect first:
//! beyond the near ring head and postman go by day (PLN-007, ORG-012), so there
//! the households without complete data of one unit of later collection get
//! points on top, and the rest waits for another week. Pure; the campaign says
//! by `collection.later_units` whether it collects by mail route at all.

use super::Area;
use crate::definition::{Definition, Side};
use crate::week_plan::build::side_of;
use crate::week_plan::facts::Candidate;
use std::collections::BTreeMap;
use zf_base::geo::Point;

/// The unit of later collection that is a mail route.
const MAIL_ROUTE: &str = "mail_route";

/// What the choice has to know of a candidate, in the same order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lacking {
    /// Something of the four fields is missing.
    pub missing: bool,
    /// Village and mail route; none where the group is on no route.
    pub area: Option<Area>,
}

/// The unit with most households still missing beyond the near ring; of equals
/// the first by name, so that the same data give the same plan.
fn first<'a>(due: impl Iterator<Item = &'a Area>) -> Option<&'a Area> {
    let mut counts: BTreeMap<&Area, i64> = BTreeMap::new();
    for area in due {
        *counts.entry(area).or_insert(0) += 1;
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, n)| *n == most)
        .map(|(area, _)| area)
}

/// Puts the households of one village and mail route first: points on top, and
/// the list in the order of points again. Says which unit it was.
pub fn take_first(
    definition: &Definition,
    points: i64,
    branch: Point,
    candidates: &mut [Candidate],
    lacking: &[Lacking],
) -> Option<Area> {
    let by_route = definition
        .collection
        .later_units
        .iter()
        .any(|u| u == MAIL_ROUTE);
    if !by_route || points == 0 {
        return None;
    }
    let due = |c: &Candidate, l: &'_ Lacking| {
        let far = c
            .place
            .is_some_and(|p| side_of(definition, branch, p) == Side::Far);
        l.missing && far
    };
    let pairs = candidates.iter().zip(lacking);
    let areas = pairs.filter(|(c, l)| due(c, l));
    let chosen = first(areas.filter_map(|(_, l)| l.area.as_ref()))?.clone();
    for (c, l) in candidates.iter_mut().zip(lacking) {
        if due(c, l) && l.area.as_ref() == Some(&chosen) {
            c.points += points;
        }
    }
    // Stable: equals keep the order of the list, those tried often enough stay last.
    let retries = i64::from(definition.quota.absent_retries);
    candidates.sort_by_key(|c| (c.tried.times > retries, std::cmp::Reverse(c.points)));
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Aliases;
    use crate::week_plan::rest::Tried;
    use zf_base::{TargetId, Uuid};

    const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");

    fn definition() -> Definition {
        Definition::parse(PRESET, &Aliases::default()).unwrap()
    }

    fn area(route: &str) -> Option<Area> {
        Some(Area {
            township: "青山镇".to_owned(),
            village: "大河村".to_owned(),
            mail_route: route.to_owned(),
        })
    }

    /// Households east of a branch at 38.9, 82.1: kilometres, points, missing, route.
    fn list(rows: &[(f64, i64, bool, &str)]) -> (Vec<Candidate>, Vec<Lacking>) {
        let one = |(n, (km, points, missing, route)): (usize, &(f64, i64, bool, &str))| {
            let candidate = Candidate {
                id: TargetId(Uuid::from_u128(n as u128)),
                place: Point::new(38.9, 82.1 + km / 86.5).ok(),
                approximate: false,
                points: *points,
                due_day: None,
                tried: Tried::default(),
            };
            let lacking = Lacking {
                missing: *missing,
                area: if route.is_empty() { None } else { area(route) },
            };
            (candidate, lacking)
        };
        rows.iter().enumerate().map(one).unzip()
    }

    fn order(candidates: &[Candidate]) -> Vec<(u128, i64)> {
        let of = |c: &Candidate| (c.id.uuid().as_u128(), c.points);
        candidates.iter().map(of).collect()
    }

    const ROWS: [(f64, i64, bool, &str); 7] = [
        (7.0, 30, false, "1段"),
        (8.0, 20, true, "2段"),
        (8.0, 17, true, "1段"),
        (3.0, 16, true, "1段"),
        (9.0, 15, true, "1段"),
        (9.0, 14, true, ""),
        (9.0, 13, false, "1段"),
    ];

    #[test]
    fn the_route_with_most_households_missing_beyond_the_ring_comes_first() {
        let branch = Point::new(38.9, 82.1).unwrap();
        let (mut all, lacking) = list(&ROWS);
        let chosen = take_first(&definition(), 12, branch, &mut all, &lacking);
        assert_eq!(chosen, area("1段"));
        // Only 2 and 4 lack something, lie on it, and are beyond five kilometres.
        let points = [
            (0, 30),
            (2, 29),
            (4, 27),
            (1, 20),
            (3, 16),
            (5, 14),
            (6, 13),
        ];
        assert_eq!(order(&all), points);
    }

    #[test]
    fn a_campaign_that_does_not_collect_by_mail_route_changes_nothing() {
        let branch = Point::new(38.9, 82.1).unwrap();
        let mut by_village = definition();
        by_village.collection.later_units = vec!["administrative_village".to_owned()];
        for (definition, points) in [(by_village, 12), (definition(), 0)] {
            let (mut all, lacking) = list(&ROWS);
            let before = order(&all);
            let chosen = take_first(&definition, points, branch, &mut all, &lacking);
            assert_eq!((chosen, order(&all)), (None, before));
        }
        // Nor does one whose groups lie on no route, or lack nothing.
        let without = ROWS.map(|(km, points, missing, _)| (km, points, missing, ""));
        let complete = ROWS.map(|(km, points, _, route)| (km, points, false, route));
        for rows in [without, complete] {
            let (mut all, lacking) = list(&rows);
            let before = order(&all);
            let chosen = take_first(&definition(), 12, branch, &mut all, &lacking);
            assert_eq!((chosen, order(&all)), (None, before));
        }
    }

    #[test]
    fn of_equal_routes_the_first_by_name_is_taken() {
        let branch = Point::new(38.9, 82.1).unwrap();
        let (mut all, lacking) = list(&[(8.0, 9, true, "2段"), (8.0, 8, true, "1段")]);
        let chosen = take_first(&definition(), 12, branch, &mut all, &lacking);
        assert_eq!(chosen, area("1段"));
        assert_eq!(order(&all), [(1, 20), (0, 9)]);
    }
}
