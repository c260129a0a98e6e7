//! The convenience service card (网点便民服务卡, DOC-006): what an outlet does,
//! where and when, with its own telephone. It is left at every door, so it
//! names nobody and promises nothing; limits come from `presets/paper.toml`.

use super::store::*;
use serde::Deserialize;
use serde_json::json;
use zf_base::{Timestamp, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::params;

/// Defaults and limits, see `presets/paper.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Id of the form whose questions stand on a collection form.
    pub visit_form: String,
    /// Empty lines that a collection form has for further members.
    pub row_lines: u32,
    /// Services of an outlet that has not written its own.
    pub services: Vec<String>,
    /// Most lines of services.
    pub lines_max: usize,
    /// Most characters of a line.
    pub line_chars_max: usize,
    /// What every card says at its foot.
    pub notice: String,
}

impl Preset {
    /// The preset.
    ///
    /// # Errors
    /// A preset that cannot be read.
    pub fn read() -> Result<Preset> {
        toml::from_str(include_str!("../../presets/paper.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/paper.toml: {e}")))
    }
}

/// The card of an outlet.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Address of the outlet.
    pub address: String,
    /// Opening hours in words.
    pub hours: String,
    /// Services, a line each.
    pub services: Vec<String>,
    /// Last change and by whom; none while it is the preset's.
    pub changed: Option<(Timestamp, String)>,
}

/// What is to stand on a card.
#[derive(Clone, Debug)]
pub struct NewCard {
    /// Address of the outlet.
    pub address: String,
    /// Opening hours in words.
    pub hours: String,
    /// Services, a line each; empty lines are passed over.
    pub services: Vec<String>,
}

/// The card of an outlet, or the preset's.
///
/// # Errors
/// Only the database.
pub async fn card(app: &App, scope: &UnitScope) -> Result<Card> {
    let rows = app.read_unit(scope.unit_id(), CARD, params![]).await?;
    let Some(row) = rows.first() else {
        return Ok(Card {
            address: String::new(),
            hours: String::new(),
            services: Preset::read()?.services,
            changed: None,
        });
    };
    let services: String = row.get(2)?;
    Ok(Card {
        address: row.get(0)?,
        hours: row.get(1)?,
        services: services.lines().map(str::to_owned).collect(),
        changed: Some((row.get(3)?, row.get(4)?)),
    })
}

fn checked(new: &NewCard, preset: &Preset) -> Result<NewCard> {
    let optional = |field: &str, text: &str| match text.trim() {
        "" => Ok(String::new()),
        text if text.chars().count() > limits::NAME_CHARS_MAX => {
            Err(KernelError::field(field, "field.too_long"))
        }
        text => Ok(text.to_owned()),
    };
    let lines = new.services.iter().filter(|line| !line.trim().is_empty());
    let services: Result<Vec<String>> = lines.map(|line| clear_text("services", line)).collect();
    let services = services?;
    if services.is_empty() {
        return Err(KernelError::field("services", "field.required"));
    }
    let long = |line: &String| line.chars().count() > preset.line_chars_max;
    if services.len() > preset.lines_max || services.iter().any(long) {
        return Err(KernelError::field("services", "card.space"));
    }
    Ok(NewCard {
        address: optional("address", &new.address)?,
        hours: optional("hours", &new.hours)?,
        services,
    })
}

/// Writes the card of an outlet.
///
/// # Errors
/// Fields that are wrong: too long for the card, or with somebody's number.
pub async fn card_put(app: &App, ctx: &Ctx, scope: &UnitScope, new: &NewCard) -> Result<Card> {
    let new = checked(new, &Preset::read()?)?;
    let row = params![
        new.address.as_str(),
        new.hours.as_str(),
        new.services.join("\n"),
        ctx.now,
        ctx.actor.name.as_str()
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(CARD_PUT, row).await?;
    let detail = json!({ "services": new.services.len() });
    tx.record("service_card.put", "service_card", scope.unit_id(), detail);
    tx.commit().await?;
    card(app, scope).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(services: &[&str]) -> NewCard {
        NewCard {
            address: " 青山镇正街1号 ".to_owned(),
            hours: "8:30—17:00".to_owned(),
            services: services.iter().map(|s| (*s).to_owned()).collect(),
        }
    }

    fn code(new: &NewCard) -> &'static str {
        match checked(new, &Preset::read().unwrap()) {
            Err(KernelError::Refused(r)) => r.fields[0].code,
            _ => "",
        }
    }

    #[test]
    fn a_card_keeps_its_lines_and_drops_empty_ones() {
        let kept = checked(
            &new(&["存取款", " ", "代收电费 "]),
            &Preset::read().unwrap(),
        )
        .unwrap();
        assert_eq!(kept.services, ["存取款", "代收电费"]);
        assert_eq!(kept.address, "青山镇正街1号");
    }

    #[test]
    fn a_card_is_not_longer_than_its_paper_and_has_nobodys_number() {
        assert_eq!(code(&new(&[])), "field.required");
        assert_eq!(code(&new(&["长"; 9])), "card.space");
        assert_eq!(code(&new(&[&"长".repeat(25)])), "card.space");
        assert_eq!(code(&new(&["找小王 10412345678"])), "text.personal");
    }

    #[test]
    fn the_preset_fits_its_own_limits() {
        let preset = Preset::read().unwrap();
        let services: Vec<&str> = preset.services.iter().map(String::as_str).collect();
        assert_eq!(code(&new(&services)), "");
    }
}
