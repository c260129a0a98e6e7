//! HTTP of the kernel's nouns: sign-in and the own account, accounts and
//! roles, the audit log, jobs, packs with forms and indicators, the state of
//! the system. They live here because the kernel knows no HTTP and no room
//! owns them. Rooms add their own operations.

pub mod account;
pub mod audit;
pub mod jobs;
pub mod packs;
pub mod system;
pub mod users;

use zf_web::Api;

/// All operations of the product.
pub fn api(api: Api) -> Api {
    let api = account::api(api);
    let api = users::api(api);
    let api = audit::api(api);
    let api = jobs::api(api);
    let api = packs::api(api);
    let api = system::api(api);
    let api = zf_network::api(api);
    let api = zf_custody::api(api);
    let api = zf_register::api(api);
    let api = zf_plan::api(api);
    let api = zf_field::api(api);
    zf_act::api(api)
}
