//! The parameters of households: points of the evidence, bounds, what stands
//! between the parts of an address, relations to the head. They come from
//! `presets/households.toml`, compiled in; the rules that use them are in
//! `propose`. Reads nothing else.

use serde::Deserialize;
use std::sync::OnceLock;
use zf_kernel::error::{KernelError, Result};

/// Everything a bank may set about households.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Points of a pair of people.
    pub evidence: Points,
    /// From where on something counts.
    pub bounds: Bounds,
    /// How addresses are brought into one shape.
    pub address: AddressWords,
    /// Names.
    pub names: NameWords,
    /// Relations to the head; the first is the head.
    #[serde(rename = "relation")]
    pub relations: Vec<Named>,
    /// Kinds of market.
    #[serde(rename = "market")]
    pub markets: Vec<Named>,
}

/// A code and what people call it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// As stored.
    pub code: String,
    /// As shown.
    pub name: String,
}

/// Points for and against two people living together; see the preset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // Each is explained beside its figure in the preset.
pub struct Points {
    pub same_door: i64,
    pub same_phone: i64,
    pub same_phone_other_door: i64,
    pub same_masked_phone: i64,
    pub near: i64,
    pub far: i64,
    pub same_surname: i64,
    pub same_surname_common: i64,
    pub couple: i64,
    pub generation: i64,
    pub unknown_age: i64,
    pub unlike: i64,
    pub other_door: i64,
    pub other_group: i64,
}

/// Bounds; see the preset for the units.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // Each is explained beside its figure in the preset.
pub struct Bounds {
    pub link: i64,
    pub average: i64,
    pub members_max: usize,
    pub crowded: usize,
    pub near_metres: f64,
    pub far_metres: f64,
    pub couple_years: i64,
    pub generation_years: [i64; 2],
    pub head_years: [i64; 2],
    pub common_share: f64,
    pub common_people: usize,
}

/// What stands between the parts of an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressWords {
    /// Written in several ways: from, to.
    pub replace: Vec<[String; 2]>,
    /// Ends of the names above the township.
    pub prefix: Vec<String>,
    /// Looks like one of them and is none.
    pub not_prefix: Vec<String>,
    /// Ends of the name of a township.
    pub township: Vec<String>,
    /// A name that says where; without one a number says nothing.
    pub place: Vec<String>,
    /// After a number: it is not the number of a door.
    pub not_a_door: Vec<String>,
    /// After a number: a building with many doors.
    pub block: Vec<String>,
    /// Between the numbers of building, entrance and room.
    pub joint: Vec<String>,
    /// Dropped at the end.
    pub end: Vec<String>,
    /// The digits 0 to 9 in words.
    pub numerals: String,
    /// Ten in words.
    pub ten: String,
    /// What follows a number written in words.
    pub numbered: Vec<String>,
}

/// Surnames.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameWords {
    /// Surnames of two characters.
    pub compound: Vec<String>,
}

impl Preset {
    /// The preset of the program.
    pub fn get() -> Result<&'static Preset> {
        static READ: OnceLock<std::result::Result<Preset, String>> = OnceLock::new();
        let text = include_str!("../../presets/households.toml");
        READ.get_or_init(|| toml::from_str(text).map_err(|e| e.to_string()))
            .as_ref()
            .map_err(|e| KernelError::Internal(format!("households.toml: {e}")))
    }

    /// Is it one of the relations?
    pub fn knows_relation(&self, code: &str) -> bool {
        self.relations.iter().any(|r| r.code == code)
    }

    /// What a relation is called; the code itself when it is not in the list.
    pub fn relation_name(&self, code: &str) -> String {
        name_of(&self.relations, code)
    }

    /// What a kind of market is called.
    pub fn market_name(&self, code: &str) -> String {
        name_of(&self.markets, code)
    }
}

fn name_of(list: &[Named], code: &str) -> String {
    let found = list.iter().find(|n| n.code == code);
    found.map_or_else(|| code.to_owned(), |n| n.name.clone())
}
