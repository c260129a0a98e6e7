//! The rules of exports: what is free, how long a file is kept, the purposes,
//! and the template of the bank's own customer system. A preset that the
//! setting `custody.export` replaces as a whole; settings are told of with
//! author and time.

use serde::{Deserialize, Serialize};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::setting_read;

/// Name of the setting.
pub const SETTING: &str = "custody.export";

/// All rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Figures.
    pub rules: Rules,
    /// What an export may be for.
    pub purpose: Vec<Purpose>,
    /// Template of the bank's customer system.
    pub core: Core,
    /// How its receipts are read.
    pub receipt: Receipt,
}

/// Figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Masked lists of up to so many rows need no second person.
    pub free_rows: i64,
    /// Days a file is kept.
    pub keep_days: i32,
    /// Times a file may be taken.
    pub downloads: i64,
    /// Most rows of one export.
    pub rows_max: i64,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Stable code.
    pub code: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// It leads to people: whoever has refused visits is left out, and numbers
    /// of whom is not to be contacted.
    #[serde(default)]
    pub to_people: bool,
}

/// A field of ours that a template can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Our number: the key of the receipt.
    CustomerNo,
    /// 姓名.
    Name,
    /// 证件号码.
    IdNumber,
    /// 电话.
    Phone,
    /// 家庭住址.
    Address,
    /// 性别.
    Sex,
    /// 职业.
    Occupation,
    /// 村组.
    VillageGroup,
    /// 机构编码.
    UnitCode,
    /// 备注.
    Notes,
}

/// One column of the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreColumn {
    /// Header as that system wants it.
    pub header: String,
    /// Which value.
    pub field: Field,
}

/// Template of the bank's customer system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// `gb18030` or `utf-8`.
    pub encoding: String,
    /// Only records with all four fields.
    pub only_complete: bool,
    /// Columns in order.
    pub column: Vec<CoreColumn>,
}

/// How a receipt is read: headers that mean the same, words that mean "taken".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Our number.
    pub key: Vec<String>,
    /// What became of it.
    pub result: Vec<String>,
    /// The number that system gave.
    pub core_no: Vec<String>,
    /// Why not.
    pub message: Vec<String>,
    /// Results that mean success.
    pub accepted: Vec<String>,
}

impl Policy {
    /// The preset.
    ///
    /// # Errors
    /// A preset that does not read: a fault of ours.
    pub fn preset() -> Result<Policy> {
        toml::from_str(include_str!("../../presets/export.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/export.toml: {e}")))
    }

    /// Does a purpose lead to people? One that is not known any more might.
    pub fn to_people(&self, code: &str) -> bool {
        let known = self.purpose.iter().find(|p| p.code == code);
        known.is_none_or(|p| p.to_people)
    }

    /// Name of a purpose in Chinese.
    pub fn purpose_name(&self, code: &str) -> Option<&str> {
        self.purpose
            .iter()
            .find(|p| p.code == code)
            .map(|p| p.zh.as_str())
    }
}

/// The rules in force.
pub async fn policy(app: &App) -> Result<Policy> {
    match setting_read(app, SETTING).await? {
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("{SETTING}: {e}"))),
        None => Policy::preset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_its_template_carries_the_key_of_the_receipt() {
        let p = Policy::preset().unwrap();
        assert!(p.rules.free_rows > 0 && p.rules.keep_days > 0 && p.rules.downloads > 0);
        let keys = p
            .core
            .column
            .iter()
            .filter(|c| c.field == Field::CustomerNo);
        let headers: Vec<&str> = keys.map(|c| c.header.as_str()).collect();
        assert_eq!(headers.len(), 1);
        assert!(p.receipt.key.iter().any(|k| k == headers[0]));
        assert!(p.purpose_name("core").is_some());
    }
}
