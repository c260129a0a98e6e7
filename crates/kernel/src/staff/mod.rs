//! Staff and posts. A post (岗位) is what somebody does in a team; which posts
//! exist is data of the packs. Telephone numbers are sealed; names are not,
//! because they stand on every plan and bulletin inside the bank.

pub mod service;
pub mod store;

use zf_base::{StaffId, UnitId};

/// 员工.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Id.
    pub id: StaffId,
    /// Unit they work in.
    pub unit_id: UnitId,
    /// The bank's staff number, unique.
    pub staff_no: String,
    /// Name.
    pub name: String,
    /// Code of the post.
    pub post: String,
    /// Telephone, sealed.
    pub phone_sealed: Option<Vec<u8>>,
    /// Still working here.
    pub active: bool,
}

/// What is needed to add or change a staff member.
#[derive(Clone, Debug)]
pub struct StaffInput {
    /// The bank's staff number.
    pub staff_no: String,
    /// Name.
    pub name: String,
    /// Code of the post.
    pub post: String,
    /// Telephone in clear; `None` keeps what is stored.
    pub phone: Option<String>,
    /// Still working here.
    pub active: bool,
}
