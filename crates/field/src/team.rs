//! Who goes: the plan names the members of a route by name and post, a visit
//! names members of staff. This resolves the one into the other, for phones and
//! for the desk alike. Knows the active staff of a branch; changes nothing.

use serde::Deserialize;
use std::collections::HashMap;
use zf_base::{StaffId, UnitId};
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_store::{params, statements};

statements! {
    /// Who may be on the routes of a branch.
    TEAM_STAFF: reference = "SELECT id, name, post FROM staff WHERE unit_id = $1 AND active ORDER BY name, id";
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Their post (岗位), as a code.
    pub post: String,
}

/// A member of a route, as the plan keeps them.
#[derive(Deserialize)]
struct Goer {
    post: String,
    name: String,
}

/// The active staff of a branch, by name.
pub struct Staff {
    all: Vec<Colleague>,
}

impl Staff {
    /// Reads them.
    ///
    /// # Errors
    /// Only the database.
    pub async fn read(app: &App, unit: UnitId) -> Result<Staff> {
        let mut all = Vec::new();
        for r in app.db.query(TEAM_STAFF, params![unit]).await? {
            all.push(Colleague {
                id: r.get(0)?,
                name: r.get(1)?,
                post: r.get(2)?,
            });
        }
        Ok(Staff { all })
    }

    /// All of them, by name.
    pub fn all(&self) -> &[Colleague] {
        &self.all
    }

    /// The members of a route as the plan keeps them, in its order; whom two
    /// share, by name and post, is nobody.
    pub fn of_route(&self, members: &str) -> Vec<Colleague> {
        let goers: Vec<Goer> = serde_json::from_str(members).unwrap_or_default();
        let known = self.by_name_and_post();
        let each = goers
            .iter()
            .filter_map(|g| *known.get(&(g.name.as_str(), g.post.as_str()))?);
        each.cloned().collect()
    }

    fn by_name_and_post(&self) -> HashMap<(&str, &str), Option<&Colleague>> {
        let mut found = HashMap::new();
        for c in &self.all {
            let key = (c.name.as_str(), c.post.as_str());
            found
                .entry(key)
                .and_modify(|known| *known = None)
                .or_insert(Some(c));
        }
        found
    }
}

/// Whether a route, as the plan keeps its members, has somebody on it.
pub fn goes(members: &str, name: &str, post: &str) -> bool {
    let goers: Vec<Goer> = serde_json::from_str(members).unwrap_or_default();
    goers.iter().any(|g| g.name == name && g.post == post)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colleague(n: u128, name: &str, post: &str) -> Colleague {
        Colleague {
            id: StaffId(zf_base::Uuid::from_u128(n)),
            name: name.to_owned(),
            post: post.to_owned(),
        }
    }

    #[test]
    fn a_route_names_staff_by_name_and_post_and_whom_two_share_is_nobody() {
        let staff = Staff {
            all: vec![
                colleague(1, "甲", "postman"),
                colleague(2, "甲", "teller"),
                colleague(3, "乙", "postman"),
                colleague(4, "乙", "postman"),
            ],
        };
        let members = r#"[{"post":"teller","name":"甲"},{"post":"postman","name":"乙"},{"post":"postman","name":"丙"}]"#;
        assert_eq!(staff.of_route(members), [colleague(2, "甲", "teller")]);
        assert!(goes(members, "丙", "postman"));
        assert!(!goes(members, "丙", "teller"));
        assert_eq!(staff.of_route("torn"), []);
    }
}
