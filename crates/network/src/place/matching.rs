//! Which village group of a branch an address names. Pure: groups and parsed
//! addresses come in. A group is given only when exactly one fits: a wrong group
//! sends somebody to the wrong village.

use crate::village_group::VillageGroup;
use std::collections::HashMap;
use zf_address::{GroupKey, Parsed, group_key, parse, township_core, village_core};
use zf_base::VillageGroupId;

/// The groups of a branch by village, ready for many addresses.
#[derive(Clone, Debug, Default)]
pub struct GroupIndex {
    villages: HashMap<String, Vec<Seat>>,
}

#[derive(Clone, Debug)]
struct Seat {
    id: VillageGroupId,
    township: String,
    key: Option<GroupKey>,
}

impl GroupIndex {
    /// Prepares the groups of one branch.
    pub fn of(groups: &[VillageGroup]) -> GroupIndex {
        let mut villages: HashMap<String, Vec<Seat>> = HashMap::new();
        for g in groups {
            let village = village_core(g.village.trim());
            let name = g.name.trim();
            // Some lists repeat the village in the group's name.
            let own = [g.village.trim(), village]
                .into_iter()
                .filter(|v| !v.is_empty());
            let own = own
                .filter_map(|v| name.strip_prefix(v))
                .find(|n| !n.is_empty());
            villages.entry(village.to_owned()).or_default().push(Seat {
                id: g.id,
                township: township_core(g.township.trim()).to_owned(),
                key: group_key(own.unwrap_or(name)),
            });
        }
        GroupIndex { villages }
    }

    /// The only group of the branch that the address can mean.
    pub fn find(&self, address: &Parsed) -> Option<VillageGroupId> {
        let township = address.township.as_ref().map(|t| township_core(&t.name));
        let (seats, group) = village_of(&self.villages, address)?;
        only(seats, township, group.as_ref())
    }
}

/// The village (of those listed by the core of their name) that an address names,
/// and the group it names in it.
pub(super) fn village_of<'a, T>(
    villages: &'a HashMap<String, T>,
    address: &Parsed,
) -> Option<(&'a T, Option<GroupKey>)> {
    if let Some(village) = &address.village {
        let listed = villages.get(village_core(&village.name))?;
        return Some((listed, address.group.clone()));
    }
    by_text(villages, address)
}

/// A village that was written without its ending stands in what no level took.
fn by_text<'a, T>(
    villages: &'a HashMap<String, T>,
    address: &Parsed,
) -> Option<(&'a T, Option<GroupKey>)> {
    let left = match &address.group {
        // 大河三组 is read as a group named 大河三.
        Some(GroupKey::Name(name)) => format!("{name}{}{}", address.road, address.rest),
        _ => format!("{}{}", address.road, address.rest),
    };
    let named = villages.iter().filter(|(core, _)| core.chars().count() > 1);
    let mut fits = named.filter(|(core, _)| left.starts_with(core.as_str()));
    let (core, listed) = fits.next()?;
    if fits.next().is_some() {
        return None;
    }
    let behind = parse(None, &zf_address::Hint::default(), &left[core.len()..]);
    let group = match &address.group {
        Some(GroupKey::Name(name)) => name.strip_prefix(core.as_str()).and_then(group_key),
        _ => behind.group,
    };
    Some((listed, group))
}

fn only(
    seats: &[Seat],
    township: Option<&str>,
    group: Option<&GroupKey>,
) -> Option<VillageGroupId> {
    let near = |s: &&Seat| s.township.is_empty() || township.is_none_or(|t| t == s.township);
    let mut fits = seats.iter().filter(near);
    let fits: Vec<&Seat> = match group {
        Some(key) => fits.filter(|s| s.key.as_ref() == Some(key)).collect(),
        // Without a group in the address the village must have one only.
        None => return fits.next().filter(|_| fits.next().is_none()).map(|s| s.id),
    };
    (fits.len() == 1).then(|| fits[0].id)
}

/// The only village group among `groups` that an address names. For many
/// addresses of one branch make a [`GroupIndex`] once.
pub fn group_of_address(groups: &[VillageGroup], address: &Parsed) -> Option<VillageGroupId> {
    GroupIndex::of(groups).find(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_address::Hint;
    use zf_base::Uuid;

    fn groups() -> Vec<VillageGroup> {
        let rows = [
            ("河坝镇", "大河村", "一组"),
            ("河坝镇", "大河村", "二组"),
            ("河坝镇", "大河村", "大河村十二组"),
            ("河坝镇", "三合村", "河湾组"),
            ("龙场镇", "新农村", "一组"),
            ("河坝镇", "新农村", "一组"),
            ("河坝镇", "独山村", "独山村"),
        ];
        let all = rows.iter().enumerate();
        all.map(|(n, (township, village, name))| VillageGroup {
            id: VillageGroupId(Uuid::from_u128(n as u128)),
            code: n.to_string(),
            township: (*township).to_owned(),
            village: (*village).to_owned(),
            name: (*name).to_owned(),
            mail_route: None,
            place: None,
            datum: None,
        })
        .collect()
    }

    fn found(text: &str) -> Option<u128> {
        let address = parse(None, &Hint::default(), text);
        group_of_address(&groups(), &address).map(|id| id.uuid().as_u128())
    }

    #[test]
    fn the_group_an_address_names_is_found_in_any_writing() {
        for (text, group) in [
            ("河坝镇大河村一组3号", Some(0)),
            ("河坝乡大河村委会第2村民小组", Some(1)),
            ("大河村１２社", Some(2)),
            ("大河二组8号", Some(1)),
            ("河坝镇三合村河湾组", Some(3)),
            ("龙场镇新农村1组", Some(4)),
            ("河坝镇独山村5号", Some(6)),
        ] {
            assert_eq!(found(text), group, "{text}");
        }
    }

    #[test]
    fn in_doubt_no_group_is_given() {
        for text in [
            "新农村一组",
            "河坝镇大河村9组",
            "河坝镇大河村",
            "白果村一组",
            "一组",
            "人民路12号",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
