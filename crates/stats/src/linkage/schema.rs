//! What a register looks like: its fields, how each is compared, the weights to
//! start from and the keys under which candidates meet. Data, read from TOML
//! (`presets/linkage.toml` carries two: people of a Chinese bank, and an
//! English-language register); no code knows a particular field.

use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

const PRESETS: &str = include_str!("../../presets/linkage.toml");

/// How two values of a field compare. Codes for words and tests: [`Level::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Level {
    /// Equal after folding.
    Same = 0,
    /// A name that sounds the same, written in other characters.
    Homophone,
    /// A name with two characters swapped.
    Swapped,
    /// A name with the same surname and one character different, missing or more.
    OneChar,
    /// A name of three characters of which one has two.
    Shorter,
    /// Only the surname is the same.
    Surname,
    /// Only the given name is the same.
    Given,
    /// Partly hidden; enough of what is shown is the same.
    Masked,
    /// Partly hidden; what is shown is the same, but says little.
    MaskedFew,
    /// One digit or letter wrong, missing, too many or swapped with its neighbour.
    OneEdit,
    /// Two digits wrong.
    TwoEdits,
    /// ID numbers of one county and day of birth with different serials: of twins, or mistyped.
    Serial,
    /// One address is a shortened or re-ordered form of the other.
    Abbreviated,
    /// One address stops at the village or group of the other.
    Place,
    /// Same village or estate, another door.
    Neighbour,
    /// Nearly the same text.
    Close,
    /// Similar text.
    Near,
    /// Partly hidden; what is shown differs.
    Conflict,
    /// Different.
    Different,
    /// Both verified and different: never one person.
    Distinct,
    /// Not a comparison: what is shared may come from one household.
    Household,
    /// Not a comparison: linked through another record of the same cluster.
    Chain,
}

/// Levels a comparison can have.
pub(super) const LEVELS: usize = 20;

impl Level {
    /// All levels of comparisons, in order.
    pub(super) const ALL: [Level; LEVELS] = [
        Level::Same,
        Level::Homophone,
        Level::Swapped,
        Level::OneChar,
        Level::Shorter,
        Level::Surname,
        Level::Given,
        Level::Masked,
        Level::MaskedFew,
        Level::OneEdit,
        Level::TwoEdits,
        Level::Serial,
        Level::Abbreviated,
        Level::Place,
        Level::Neighbour,
        Level::Close,
        Level::Near,
        Level::Conflict,
        Level::Different,
        Level::Distinct,
    ];

    /// Snake-case name, as in the preset: `one_char`.
    pub fn code(self) -> &'static str {
        match self {
            Level::Same => "same",
            Level::Homophone => "homophone",
            Level::Swapped => "swapped",
            Level::OneChar => "one_char",
            Level::Shorter => "shorter",
            Level::Surname => "surname",
            Level::Given => "given",
            Level::Masked => "masked",
            Level::MaskedFew => "masked_few",
            Level::OneEdit => "one_edit",
            Level::TwoEdits => "two_edits",
            Level::Serial => "serial",
            Level::Abbreviated => "abbreviated",
            Level::Place => "place",
            Level::Neighbour => "neighbour",
            Level::Close => "close",
            Level::Near => "near",
            Level::Conflict => "conflict",
            Level::Different => "different",
            Level::Distinct => "distinct",
            Level::Household => "household",
            Level::Chain => "chain",
        }
    }
}

/// A field of a record, or (the last two) what a reason can be about besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The names say it.
pub enum Field {
    Name,
    Phone,
    Id,
    Address,
    Birth,
    GivenName,
    Surname,
    StreetNumber,
    Street,
    Place,
    Suburb,
    Postcode,
    State,
    SocialNumber,
    /// The two records as a whole.
    Pair,
}

impl Field {
    /// Snake-case name, as in the preset.
    pub fn code(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Phone => "phone",
            Field::Id => "id",
            Field::Address => "address",
            Field::Birth => "birth",
            Field::GivenName => "given_name",
            Field::Surname => "surname",
            Field::StreetNumber => "street_number",
            Field::Street => "street",
            Field::Place => "place",
            Field::Suburb => "suburb",
            Field::Postcode => "postcode",
            Field::State => "state",
            Field::SocialNumber => "social_number",
            Field::Pair => "pair",
        }
    }
}

/// What a field holds, and so how it is read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's name in Chinese characters.
    ChineseName,
    /// An ID number of GB 11643.
    IdNumber,
    /// A phone.
    Phone,
    /// An address in Chinese.
    Address,
    /// A day as YYYYMMDD (or with separators), or an ID number that holds one.
    Day,
    /// Words in Latin letters.
    Words,
    /// Digits or letters of a code.
    Code,
    /// One of a few values.
    Category,
}

/// Part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The whole value.
    Full,
    /// Sounds of a name in any order; Soundex of a word.
    Sound,
    /// Surname by sound; first three letters of a word.
    Head,
    /// The last four places; the village of an address.
    Tail,
    /// Sounds of a given name of two characters or more.
    Given,
    /// The first three and the last four places of a number.
    Ends,
    /// Village and number of an address.
    Door,
    /// Day of birth in an ID number.
    Birth,
}

/// Share of pairs at each level, by what the two records are to each other.
pub type Shares = BTreeMap<Level, f64>;

/// One field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Which.
    pub field: Field,
    /// What it holds.
    pub kind: Kind,
    /// Share of people who have one particular value nobody else in the file
    /// has; with it, agreement on a common value counts less than on a rare one.
    #[serde(default)]
    pub rare: Option<f64>,
    /// A value under more different names than this is what clerks write into
    /// a field they must fill, and counts as missing.
    #[serde(default)]
    pub names_max: Option<usize>,
    /// Not counted when this field was compared: it would say the same twice.
    #[serde(default)]
    pub unless: Option<Field>,
    /// Shares among records of one person.
    pub same: Shares,
    /// Shares among records of two unrelated people.
    pub unrelated: Shares,
    /// Shares among two people of one household; empty when the register has none.
    #[serde(default)]
    pub household: Shares,
}

/// A whole register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Seed of the sample of unrelated pairs.
    #[serde(default)]
    pub seed: u64,
    /// From this probability on two records are one person, 0.5…1.
    pub threshold: f64,
    /// Expected further records of the same person for each record, before training.
    pub duplicates: f64,
    /// Expected records of other people of the household, before training; 0 = no such class.
    #[serde(default)]
    pub relatives: f64,
    /// People a record may be confused with when the file itself is smaller than this.
    pub pool: f64,
    /// Records that the shares below count for against the file's own.
    pub strength: f64,
    /// Blocks larger than this are searched along a sorted window only.
    pub block_max: usize,
    /// Width of that window.
    pub window: usize,
    /// Fields, in the order of the values of a record.
    #[serde(rename = "field")]
    pub fields: Vec<FieldSpec>,
    /// Keys: parts that must all agree.
    pub keys: Vec<Vec<(Field, Part)>>,
}

/// Why settings cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// Not TOML of this shape.
    #[error("linkage settings cannot be read: {0}")]
    Unreadable(String),
    /// No preset of that name.
    #[error("no linkage preset {0}")]
    NoPreset(String),
    /// A number out of its range, or a key of a field that does not exist.
    #[error("linkage settings: {0}")]
    Wrong(&'static str),
}

impl Settings {
    /// A preset: `person` (name, phone, id, address, birth) or `register`
    /// (given name, surname, street number, street, place, suburb, postcode,
    /// state, birth, social number).
    ///
    /// # Errors
    /// When there is no such preset.
    pub fn preset(name: &str) -> Result<Settings, SettingsError> {
        let mut all: BTreeMap<String, Settings> =
            toml::from_str(PRESETS).map_err(|e| SettingsError::Unreadable(e.to_string()))?;
        let settings = all
            .remove(name)
            .ok_or_else(|| SettingsError::NoPreset(name.to_owned()))?;
        settings.checked()
    }

    /// Settings of a file, checked.
    ///
    /// # Errors
    /// When it is not of the right shape or a number is out of range.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let settings: Settings =
            toml::from_str(text).map_err(|e| SettingsError::Unreadable(e.to_string()))?;
        settings.checked()
    }

    fn checked(self) -> Result<Settings, SettingsError> {
        let share = |x: f64| x > 0.0 && x <= 1.0;
        let shares = |s: &Shares| s.values().all(|x| share(*x));
        let known = |f: Field| self.fields.iter().any(|s| s.field == f);
        if !(0.5..1.0).contains(&self.threshold) {
            return Err(SettingsError::Wrong(
                "threshold must be 0.5 or more, below 1",
            ));
        }
        if !(self.duplicates > 0.0 && self.pool >= 1.0 && self.strength > 0.0)
            || self.relatives < 0.0
        {
            return Err(SettingsError::Wrong(
                "duplicates, pool and strength must be positive",
            ));
        }
        if self.fields.is_empty() || self.fields.len() > 12 || self.window == 0 {
            return Err(SettingsError::Wrong(
                "1 to 12 fields, a window of at least 1",
            ));
        }
        let good = |s: &FieldSpec| {
            shares(&s.same)
                && shares(&s.unrelated)
                && shares(&s.household)
                && s.rare.is_none_or(share)
        };
        if !self.fields.iter().all(good) {
            return Err(SettingsError::Wrong("shares must be above 0 and at most 1"));
        }
        if !self.keys.iter().flatten().all(|(f, _)| known(*f)) {
            return Err(SettingsError::Wrong(
                "a key names a field that is not there",
            ));
        }
        Ok(self)
    }

    /// Position of a field.
    pub(super) fn position(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|s| s.field == field)
    }
}
