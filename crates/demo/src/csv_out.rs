//! Writes the demo as the import files: UTF-8, comma-separated, Chinese headers
//! and values. The last column of every file says that it is demo data; importers
//! ignore columns they do not know.

use crate::words::{self, DEMO_MARK};
use crate::{DemoData, Product, Tag};
use zf_base::Day;
use zf_base::identity::Sex;

/// `units.csv`: parents before children.
pub fn write_units_csv(data: &DemoData) -> String {
    let mut out = Table::new(&words::UNIT_HEADERS);
    for u in &data.units {
        out.row(&[
            &u.code,
            &u.name,
            u.level.label(),
            u.parent_code.as_deref().unwrap_or(""),
            u.area.map_or("", |a| a.label()),
            u.market.map_or("", |m| m.label()),
            &degrees(u.lon),
            &degrees(u.lat),
            u.datum.code(),
            &u.phone,
            DEMO_MARK,
        ]);
    }
    out.text
}

/// `staff.csv`.
pub fn write_staff_csv(data: &DemoData) -> String {
    let mut out = Table::new(&words::STAFF_HEADERS);
    for s in &data.staff {
        out.row(&[
            &s.staff_no,
            &s.name,
            &s.unit_code,
            s.post.label(),
            &s.phone,
            DEMO_MARK,
        ]);
    }
    out.text
}

/// `village_groups.csv`.
pub fn write_village_groups_csv(data: &DemoData) -> String {
    let mut out = Table::new(&words::GROUP_HEADERS);
    for g in &data.village_groups {
        out.row(&[
            &g.unit_code,
            &g.code,
            &g.township,
            &g.village,
            &g.name,
            &degrees(g.lon),
            &degrees(g.lat),
            g.datum.code(),
            DEMO_MARK,
        ]);
    }
    out.text
}

/// `customers.csv`: exact balances, loans and consent are not in it.
pub fn write_customers_csv(data: &DemoData) -> String {
    let mut out = Table::new(&words::CUSTOMER_HEADERS);
    let day = |d: Option<Day>| d.map_or(String::new(), |d| d.to_string());
    for c in &data.customers {
        // A list of other banks' customers needs a lawful basis that no demo has (ERR-031).
        let own = c.tags.iter().filter(|t| **t != Tag::RivalLarge);
        let tags: Vec<&str> = own.map(|t: &Tag| t.label()).collect();
        let products: Vec<&str> = c.products.iter().map(|p: &Product| p.label()).collect();
        out.row(&[
            &c.customer_no,
            &c.name,
            match c.sex {
                Sex::Male => words::MALE,
                Sex::Female => words::FEMALE,
            },
            &c.id_number,
            &c.phone,
            &c.address,
            &c.unit_code,
            &c.village_group_code,
            &c.door.map_or(String::new(), |(_, lon)| degrees(lon)),
            &c.door.map_or(String::new(), |(lat, _)| degrees(lat)),
            c.datum.code(),
            c.occupation,
            c.balance_band.label(),
            &day(c.deposit_maturity),
            &day(c.insurance_maturity),
            &tags.join(words::SEPARATOR),
            &products.join(words::SEPARATOR),
            &c.household_no,
            DEMO_MARK,
        ]);
    }
    out.text
}

fn degrees(x: f64) -> String {
    format!("{x:.6}")
}

/// A text that grows by rows.
pub(crate) struct Table {
    pub(crate) text: String,
}

impl Table {
    pub(crate) fn new(headers: &[&str]) -> Self {
        let mut table = Table {
            text: String::new(),
        };
        table.row(headers);
        table
    }
    pub(crate) fn row(&mut self, cells: &[&str]) {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push('\n');
    }
}
