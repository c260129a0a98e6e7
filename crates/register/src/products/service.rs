//! Reading and setting what a customer has and wants; counts of a branch. A
//! product the preset does not know stays in the record untouched.
//! It begins the transactions and knows no HTTP.

use super::store::*;
use super::{Product, products};
use serde_json::json;
use std::collections::BTreeMap;
use zf_base::CustomerId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::CustomerInput;
use zf_network::customer::service::{customer_change, customer_fetch};
use zf_store::params;

/// A product and one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The product.
    pub product: Product,
    /// The customer has it.
    pub held: bool,
    /// The customer wants it.
    pub wanted: bool,
}

/// What a customer has and wants, in the order of the preset.
pub async fn products_of(app: &App, scope: &UnitScope, id: CustomerId) -> Result<Vec<Stand>> {
    let customer = customer_fetch(app, scope, id).await?;
    let rows = app
        .read_unit(scope.unit_id(), WISHES_OF, params![id])
        .await?;
    let wishes: Vec<String> = rows
        .iter()
        .map(|r| r.get(0))
        .collect::<zf_store::Result<_>>()?;
    Ok(products()?
        .into_iter()
        .map(|product| Stand {
            held: customer.products.iter().any(|name| product.is_called(name)),
            wanted: wishes.contains(&product.wish()),
            product,
        })
        .collect())
}

fn known(all: &[Product], codes: &[String], field: &'static str) -> Result<()> {
    match codes.iter().all(|c| all.iter().any(|p| p.code == *c)) {
        true => Ok(()),
        false => Err(KernelError::field(field, "field.not_in_list")),
    }
}

/// Sets what a customer has and wants, by codes.
pub async fn products_set(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    held: &[String],
    wanted: &[String],
    demo: bool,
) -> Result<Vec<Stand>> {
    let all = products()?;
    known(&all, held, "held")?;
    known(&all, wanted, "wanted")?;
    let customer = customer_fetch(app, scope, id).await?;
    let strange = |name: &&String| !all.iter().any(|p| p.is_called(name));
    let kept = customer.products.iter().filter(strange).cloned();
    let has = all.iter().filter(|p| held.contains(&p.code));
    let names: Vec<String> = has.map(|p| p.zh.clone()).chain(kept).collect();
    if names != customer.products {
        let input = CustomerInput {
            products: Some(names),
            ..CustomerInput::default()
        };
        customer_change(app, ctx, scope, id, &input, demo).await?;
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.exec(WISHES_CLEAR, params![id]).await?;
        for product in all.iter().filter(|p| wanted.contains(&p.code)) {
            tx.exec(WISH_ADD, params![product.wish(), id]).await?;
        }
        tx.record(
            "customer.wishes",
            "customer",
            id,
            json!({ "wanted": wanted }),
        );
        tx.commit().await
    })
    .await?;
    products_of(app, scope, id).await
}

/// How many customers of a branch have and want each product.
pub async fn product_counts(app: &App, scope: &UnitScope) -> Result<Vec<(Product, i64, i64)>> {
    let unit = scope.unit_id();
    let mut wishes = BTreeMap::new();
    for row in app.read_unit(unit, WISH_COUNTS, params![]).await? {
        wishes.insert(row.get::<String>(0)?, row.get::<i64>(1)?);
    }
    let mut held: Vec<(Vec<String>, i64)> = Vec::new();
    for row in app.read_unit(unit, HELD, params![]).await? {
        let names: String = row.get(0)?;
        held.push((
            serde_json::from_str(&names).unwrap_or_default(),
            row.get(1)?,
        ));
    }
    Ok(products()?
        .into_iter()
        .map(|p| {
            let have = held
                .iter()
                .filter(|(names, _)| names.iter().any(|n| p.is_called(n)));
            let have = have.map(|(_, n)| n).sum();
            let want = wishes.get(&p.wish()).copied().unwrap_or(0);
            (p, have, want)
        })
        .collect())
}
