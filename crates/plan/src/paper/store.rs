//! SQL of service cards. Forms are read through the services of the week plan
//! and of customers.

use zf_store::statements;

statements! {
    /// The card of an outlet.
    CARD: unit = "SELECT address, hours, services, updated_at, updated_by_name FROM service_card WHERE unit_id = $1";
    /// The leading member of a household that is to be visited.
    STOP_CUSTOMER: unit = "SELECT customer_id FROM target WHERE unit_id = $1 AND id = $2";
    /// Writes the card of an outlet.
    CARD_PUT: unit = "INSERT INTO service_card (unit_id, address, hours, services, updated_at, updated_by_name) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id) DO UPDATE SET address = $2, hours = $3, services = $4, updated_at = $5, updated_by_name = $6";
}
