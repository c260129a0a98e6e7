//! SQL of places. Coordinates are in clear (class C2): they are planned with
//! and name nobody. Addresses come out sealed and are opened by the service; a
//! pin never touches the coordinates of the bank's file.

use zf_store::statements;

statements! {
    /// Doors known in a branch, the pinned ones first of all.
    /// With the sealed address where no village group tells the village.
    PLACE_DOORS: unit = "SELECT household_id, village_group_id, COALESCE(pin_lat, lat), COALESCE(pin_lon, lon), CASE WHEN village_group_id IS NULL THEN address_sealed END, id FROM customer WHERE unit_id = $1 AND COALESCE(pin_lat, lat) IS NOT NULL ORDER BY id";
    /// Customers of a branch without a door, with their sealed address.
    PLACE_DOORLESS: unit = "SELECT id, household_id, village_group_id, address_sealed FROM customer WHERE unit_id = $1 AND COALESCE(pin_lat, lat) IS NULL AND address_sealed IS NOT NULL AND id > $2 ORDER BY id LIMIT $3";
    /// Villages and townships that the bank's file places.
    PLACE_LIST: unit = "SELECT level, township, village, lat, lon FROM place WHERE unit_id = $1 ORDER BY level, township, village";
    /// Places a village or a township.
    PLACE_PUT: unit = "INSERT INTO place (unit_id, level, township, village, lat, lon, datum, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (unit_id, level, township, village) DO UPDATE SET lat = $5, lon = $6, datum = $7, updated_at = $8";
    /// What is known of one customer's place.
    PLACE_OF_CUSTOMER: unit = "SELECT c.household_id, COALESCE(c.village_group_id, h.village_group_id), c.lat, c.lon, c.datum, c.pin_lat, c.pin_lon, c.pin_datum, c.pin_accuracy_m, c.pinned_at, c.pinned_by_name, COALESCE(h.pin_lat, h.lat), COALESCE(h.pin_lon, h.lon), c.address_sealed FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.id = $2";
    /// Pins a customer's door; a second time moves the pin.
    CUSTOMER_PIN: unit = "UPDATE customer SET pin_lat = $3, pin_lon = $4, pin_datum = $5, pin_accuracy_m = $6, pinned_at = $7, pinned_by_name = $8, rev = rev + 1, updated_at = $7, updated_by = $9 WHERE unit_id = $1 AND id = $2";
    /// The household has the same door.
    HOUSEHOLD_PIN: unit = "UPDATE household SET pin_lat = $3, pin_lon = $4, pin_customer_id = $5, updated_at = $6 WHERE unit_id = $1 AND id = $2";
    /// Takes a customer's pin back; the file's coordinates count again.
    CUSTOMER_UNPIN: unit = "UPDATE customer SET pin_lat = NULL, pin_lon = NULL, pin_datum = NULL, pin_accuracy_m = NULL, pinned_at = NULL, pinned_by_name = NULL, rev = rev + 1, updated_at = $3, updated_by = $4 WHERE unit_id = $1 AND id = $2 AND pinned_at IS NOT NULL";
    /// Takes the household's pin back when it was this customer's.
    HOUSEHOLD_UNPIN: unit = "UPDATE household SET pin_lat = NULL, pin_lon = NULL, pin_customer_id = NULL, updated_at = $3 WHERE unit_id = $1 AND pin_customer_id = $2";
    /// Customers without a village group, and how many of them have an address.
    WITHOUT_GROUP: unit = "SELECT COUNT(*), COUNT(address_sealed) FROM customer WHERE unit_id = $1 AND village_group_id IS NULL";
    /// Sealed addresses of customers without a village group, in the order of ids.
    WITHOUT_GROUP_PAGE: unit = "SELECT id, household_id, address_sealed FROM customer WHERE unit_id = $1 AND village_group_id IS NULL AND address_sealed IS NOT NULL AND id > $2 ORDER BY id LIMIT $3";
    /// Gives a customer the village group their address names, unless somebody has meanwhile.
    GROUP_ASSIGN: unit = "UPDATE customer SET village_group_id = $3, rev = rev + 1, updated_at = $4, updated_by = $5 WHERE unit_id = $1 AND id = $2 AND village_group_id IS NULL";
    /// The household has the same village group when it has none.
    GROUP_ASSIGN_HOUSEHOLD: unit = "UPDATE household SET village_group_id = $3, updated_at = $4 WHERE unit_id = $1 AND id = $2 AND village_group_id IS NULL";
}
