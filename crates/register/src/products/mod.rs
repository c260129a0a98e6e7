//! Products a customer has and wants (CUS-017). What somebody has stands in
//! the record, as the bank's file or a visitor said; what somebody wants is a
//! mark beside the must-visit tags, so that it leaves, moves and comes back
//! with the customer and a list can be made of it. Which products there are is
//! data (`presets/products.toml`). It recommends nothing.

pub mod http;
pub mod service;
pub mod store;

use serde::Deserialize;
use zf_base::search::compare_key;
use zf_kernel::error::{KernelError, Result};

/// One product.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Stable code.
    pub code: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Other names in files.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Requirements that name it.
    #[serde(default)]
    pub req: Vec<String>,
}

impl Product {
    /// Is this how a file names it?
    pub fn is_called(&self, name: &str) -> bool {
        let name = compare_key(name);
        let ways = [&self.code, &self.zh, &self.en]
            .into_iter()
            .chain(&self.aliases);
        ways.into_iter().any(|way| compare_key(way) == name)
    }

    /// The mark of somebody who wants it.
    pub fn wish(&self) -> String {
        format!("want:{}", self.code)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    product: Vec<Product>,
}

/// The products of the preset.
///
/// # Errors
/// A preset that does not read: a fault of ours.
pub fn products() -> Result<Vec<Product>> {
    let preset: Preset = toml::from_str(include_str!("../../presets/products.toml"))
        .map_err(|e| KernelError::Internal(format!("presets/products.toml: {e}")))?;
    Ok(preset.product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_products_of_the_source_are_there_under_the_names_of_files() {
        let all = products().unwrap();
        let named = |name: &str| -> Vec<&str> {
            let found = all.iter().filter(|p| p.is_called(name));
            found.map(|p| p.code.as_str()).collect()
        };
        assert_eq!(named("绿卡"), ["green_card"]);
        assert_eq!(named("借记卡"), ["green_card"]);
        assert_eq!(named(" 商易通 "), ["merchant_phone"]);
        assert!(named("白卡").is_empty());
        let of_the_source = all.iter().filter(|p| p.req.iter().any(|r| r == "CUS-017"));
        assert_eq!(of_the_source.count(), 2);
    }
}
