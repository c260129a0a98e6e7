//! What is carried, left behind and sold: key projects with a product
//! (CMP-013), and things that go along but are never printed (CAP-001,
//! DOC-007). Knows the file only.

use super::Plan;
use super::finding::{Finding, Issue, Named, Repair, Severity};
use crate::definition::{Definition, Project, Scalar};

/// Free parameters that name the product of a key project, by the project's id.
pub(super) const PROJECT_PRODUCT: &str = "project_product";

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    for project in &d.project {
        out.extend(without_product(d, project));
    }
    printed(plan, out);
}

/// The product of a project: the one the campaign names, else the one of the
/// same id.
fn product_of(d: &Definition, project: &Project) -> Option<String> {
    let named = d.parameters.get(PROJECT_PRODUCT);
    match named.and_then(|g| g.get(&project.id)) {
        Some(Scalar::Text(id)) => Some(id.clone()),
        _ => d
            .product
            .iter()
            .find(|p| p.id == project.id)
            .map(|p| p.id.clone()),
    }
}

fn without_product(d: &Definition, project: &Project) -> Option<Finding> {
    let named = Named::new(&project.id, &project.title);
    let issue = match product_of(d, project) {
        Some(id) if d.product.iter().any(|p| p.id == id) => return None,
        Some(product) => Issue::ProductUnknown {
            project: named.clone(),
            product,
        },
        None => Issue::ProjectAlone {
            project: named.clone(),
        },
    };
    let products = d.product.iter().take(2);
    let mut repairs: Vec<Repair> = products
        .map(|p| Repair::LinkProduct {
            project: named.clone(),
            product: Named::new(&p.id, &p.title),
        })
        .collect();
    repairs.push(Repair::DropProject { project: named });
    Some(Finding {
        severity: Severity::Warning,
        requirement: "CMP-013",
        issue,
        repairs,
    })
}

/// Everything that goes along: carried, left as a trace, asked for at the door.
fn needed(d: &Definition) -> impl Iterator<Item = &String> {
    let notice = d.collection.door_fields.iter().filter(|f| *f == "notice");
    let all = d.materials.carry.iter().chain(&d.evidence.traces);
    all.chain(notice)
}

fn printed(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let have = |item: &String| {
        d.materials.printed.contains(item) || d.materials.county_prints.contains(item)
    };
    let mut items: Vec<String> = needed(d)
        .filter(|item| {
            let by = plan.figures.covered_by.get(*item);
            by.is_some_and(|by| !by.iter().any(have))
        })
        .cloned()
        .collect();
    items.sort();
    items.dedup();
    if items.is_empty() {
        return;
    }
    let mut repairs = vec![Repair::Print {
        items: items.clone(),
    }];
    // What is asked for at the door is not given up.
    let given_up: Vec<String> = items.iter().filter(|i| *i != "notice").cloned().collect();
    if given_up.len() == items.len() {
        repairs.push(Repair::Leave { items: given_up });
    }
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "DOC-007",
        issue: Issue::MaterialMissing { items },
        repairs,
    });
}

/// What must be printed so that an item is there: the first that covers it.
pub(super) fn print_of(plan: &super::figures::Figures, item: &str) -> String {
    let by = plan.covered_by.get(item).and_then(|by| by.first());
    by.map_or_else(|| item.to_owned(), Clone::clone)
}
