//! Roles as the packs define them, ready for use: names and sets of known
//! permissions. Made once at start from the packs; an unknown permission, an
//! unknown level or a role defined twice stops the start.

use super::Permission;
use crate::error::{KernelError, Result};
use crate::pack::Packs;
use crate::unit::Level;
use std::collections::{BTreeMap, BTreeSet};

/// A role: a named set of permissions.
#[derive(Clone, Debug)]
pub struct Role {
    /// Id, unique over all packs.
    pub id: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// Levels of the units it may be given on; empty = every level.
    pub levels: Vec<Level>,
    /// What it allows.
    pub permissions: BTreeSet<Permission>,
    /// Roles that the same account may not hold.
    pub excludes: Vec<String>,
}

impl Role {
    /// May it be given on a unit of this level?
    pub fn fits(&self, level: Level) -> bool {
        self.levels.is_empty() || self.levels.contains(&level)
    }
}

/// All roles.
#[derive(Clone, Debug, Default)]
pub struct Roles(BTreeMap<String, Role>);

impl Roles {
    /// Reads the roles of all packs; an unknown permission is an error of the pack.
    pub fn from_packs(packs: &Packs) -> Result<Roles> {
        let mut all: BTreeMap<String, Role> = BTreeMap::new();
        for role in packs.roles() {
            let mut permissions = BTreeSet::new();
            for p in &role.permissions {
                let known = p.parse().map_err(|p| {
                    KernelError::Internal(format!("role {}: unknown permission {p}", role.id))
                })?;
                permissions.insert(known);
            }
            let mut levels = Vec::new();
            for level in &role.levels {
                let unknown =
                    |()| KernelError::Internal(format!("role {}: unknown level {level}", role.id));
                levels.push(level.parse().map_err(unknown)?);
            }
            let made = Role {
                id: role.id.clone(),
                name_zh: role.name.zh.clone(),
                name_en: role.name.en.clone(),
                levels,
                permissions,
                excludes: role.excludes.clone(),
            };
            if all.insert(role.id.clone(), made).is_some() {
                return Err(KernelError::Internal(format!(
                    "role {} is defined twice",
                    role.id
                )));
            }
        }
        Ok(Roles(all))
    }

    /// One role.
    pub fn get(&self, id: &str) -> Option<&Role> {
        self.0.get(id)
    }

    /// All roles by id.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }
}
