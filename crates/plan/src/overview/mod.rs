//! The overview: where a unit stands this week, and what waits for somebody.
//! Reads only; figures come from the slices of this room and from network, and
//! every line of the to-do list leads to the page where it is done.

pub mod http;
pub mod service;
pub mod store;
pub mod words;

use crate::program::Program;
use zf_base::{IsoWeek, UnitId};
use zf_kernel::unit::Unit;
use zf_network::import::Import;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Branches whose plan of the week is not confirmed.
    Unconfirmed {
        /// How many.
        branches: i64,
    },
    /// Branches without a plan of the week.
    Unplanned {
        /// How many.
        branches: i64,
    },
    /// The check of feasibility found errors.
    CheckErrors {
        /// Errors.
        errors: i64,
        /// Warnings.
        warnings: i64,
    },
    /// An import gave rows back.
    ImportRows {
        /// File.
        file: String,
        /// Rows.
        rows: i64,
        /// The import.
        import: zf_base::ImportId,
    },
    /// Something matures this week and no plan has it.
    Due {
        /// Households.
        households: i64,
    },
}

/// One branch of the overview.
#[derive(Clone, Debug)]
pub struct BranchState {
    /// Branch.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// Households planned.
    pub planned: i64,
    /// Quota × planned days.
    pub needed: i64,
    /// `none`, `draft` or `confirmed`.
    pub state: String,
}

/// Customers of the subtree.
#[derive(Clone, Copy, Debug, Default)]
pub struct CustomerFigures {
    /// All.
    pub total: i64,
    /// With all four fields.
    pub four_fields: i64,
    /// With a door of their own.
    pub placed: i64,
}

/// Plans of the week.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanFigures {
    /// Branches with a plan.
    pub with_plan: i64,
    /// Branches whose plan is confirmed.
    pub confirmed: i64,
    /// Households planned.
    pub planned: i64,
    /// Quota × planned days.
    pub needed: i64,
    /// Still open, debt included.
    pub left: i64,
}

/// The overview of one subtree.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Its root.
    pub unit: Unit,
    /// The program in force.
    pub program: Option<Program>,
    /// The week shown.
    pub week: IsoWeek,
    /// Customers.
    pub customers: CustomerFigures,
    /// Branches below.
    pub branches: Vec<BranchState>,
    /// Active staff below.
    pub staff: i64,
    /// Plans.
    pub plan: PlanFigures,
    /// What waits for somebody.
    pub todo: Vec<Todo>,
    /// The newest import in scope.
    pub last_import: Option<Import>,
}
