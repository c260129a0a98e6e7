//! The rows of the demo, in the shape of the import files: business keys
//! instead of ids, one struct per file. Codes are the ones the rest of the
//! system stores; labels are what a bank's file would say.

use crate::words;
use std::fmt;
use zf_base::identity::Sex;
use zf_base::{Datum, Day, Fen};

macro_rules! coded {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:expr;)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The stored code.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }
            /// What a bank's file says.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label),* }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.code()) }
        }
    )* };
}

coded! {
    /// Level of a unit.
    Level {
        /// 省.
        Province = "province", words::LEVELS[0];
        /// 市 (分行).
        City = "city", words::LEVELS[1];
        /// 县.
        County = "county", words::LEVELS[2];
        /// 网点.
        Branch = "branch", words::LEVELS[3];
    }
    /// Where a branch is.
    Area {
        /// 农村.
        Rural = "rural", words::AREAS[0];
        /// 城区.
        Urban = "urban", words::AREAS[1];
        /// 城乡结合.
        Mixed = "mixed", words::AREAS[2];
    }
    /// Which procedure a branch's visits follow (CUS-015).
    Market {
        /// 农村市场.
        Rural = "rural", words::MARKETS[0];
        /// 城区市场.
        Urban = "urban", words::MARKETS[1];
    }
    /// Post of a member of staff (ORG-003…016).
    Post {
        /// 局长.
        Director = "director", words::POSTS[0];
        /// 主管局长.
        DeputyDirector = "deputy_director", words::POSTS[1];
        /// 市场部.
        MarketDepartment = "market_department", words::POSTS[2];
        /// 包点人员.
        Liaison = "liaison", words::POSTS[3];
        /// 支局长.
        BranchHead = "branch_head", words::POSTS[4];
        /// 营业员.
        Teller = "teller", words::POSTS[5];
        /// 客户经理.
        AccountManager = "account_manager", words::POSTS[6];
        /// 理财经理.
        WealthManager = "wealth_manager", words::POSTS[7];
        /// 投递员.
        Postman = "postman", words::POSTS[8];
        /// 台区员: an outside ally, not the bank's own.
        PowerAreaWorker = "power_area_worker", words::POSTS[9];
    }
    /// The ten must-visit groups (CUS-002…011).
    Tag {
        /// 重点富裕户.
        Affluent = "affluent", words::TAGS[0];
        /// 村组主要干部.
        VillageCadre = "village_cadre", words::TAGS[1];
        /// 种养植户.
        Grower = "grower", words::TAGS[2];
        /// 个体经商户.
        Trader = "trader", words::TAGS[3];
        /// 运输大户.
        Transport = "transport", words::TAGS[4];
        /// 三外人员.
        Away = "away", words::TAGS[5];
        /// 三农服务站.
        ServiceStation = "service_station", words::TAGS[6];
        /// 万元以上及即将到期客户.
        Depositor = "depositor", words::TAGS[7];
        /// 保险满期给付客户.
        InsuranceMaturity = "insurance_maturity", words::TAGS[8];
        /// 专业银行大户.
        RivalLarge = "rival_large", words::TAGS[9];
    }
    /// Products of CUS-017.
    Product {
        /// 绿卡.
        GreenCard = "green_card", words::PRODUCTS[0];
        /// 商易通.
        MerchantPhone = "merchant_phone", words::PRODUCTS[1];
    }
    /// Band of the average balance, yuan.
    BalanceBand {
        /// 0 or overdrawn.
        None = "none", words::BANDS[0];
        /// Below 10,000.
        Under10k = "under_10k", words::BANDS[1];
        /// 10,000 to below 50,000.
        From10k = "10k_50k", words::BANDS[2];
        /// 50,000 to below 100,000.
        From50k = "50k_100k", words::BANDS[3];
        /// 100,000 to below 200,000.
        From100k = "100k_200k", words::BANDS[4];
        /// 200,000 to below 500,000.
        From200k = "200k_500k", words::BANDS[5];
        /// 500,000 and more.
        From500k = "over_500k", words::BANDS[6];
    }
    /// Consent to being contacted for marketing.
    Consent {
        /// Signed.
        Given = "given", words::CONSENTS[0];
        /// Not asked yet.
        Unknown = "unknown", words::CONSENTS[1];
        /// Declined: not to be visited.
        Declined = "declined", words::CONSENTS[2];
    }
}

impl BalanceBand {
    /// The band of an amount.
    pub fn of(balance: Fen) -> Self {
        match balance.0 / 100 {
            i64::MIN..=0 => BalanceBand::None,
            1..10_000 => BalanceBand::Under10k,
            10_000..50_000 => BalanceBand::From10k,
            50_000..100_000 => BalanceBand::From50k,
            100_000..200_000 => BalanceBand::From100k,
            200_000..500_000 => BalanceBand::From200k,
            _ => BalanceBand::From500k,
        }
    }
}

/// One row of `units.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitRow {
    /// Business key.
    pub code: String,
    /// Name on screen.
    pub name: String,
    /// Level.
    pub level: Level,
    /// Code of the parent; `None` for the root.
    pub parent_code: Option<String>,
    /// Where it is; `None` above the branches.
    pub area: Option<Area>,
    /// Which market it serves; `None` above the branches.
    pub market: Option<Market>,
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// Reference of the coordinates.
    pub datum: Datum,
    /// A demo phone.
    pub phone: String,
}

/// One row of `staff.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    /// Business key.
    pub staff_no: String,
    /// Invented name.
    pub name: String,
    /// Unit the person belongs to.
    pub unit_code: String,
    /// Post.
    pub post: Post,
    /// A demo phone.
    pub phone: String,
}

/// One row of `village_groups.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct VillageGroupRow {
    /// Branch that looks after it.
    pub unit_code: String,
    /// Business key, unique in the whole demo.
    pub code: String,
    /// 乡镇 or 街道.
    pub township: String,
    /// 村 or 社区.
    pub village: String,
    /// 村组 or 小区.
    pub name: String,
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// Reference of the coordinates.
    pub datum: Datum,
}

/// One row of `customers.csv`, with what the file does not show (age band,
/// exact balance, loans, consent) for tests and for the demo itself.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRow {
    /// Business key.
    pub customer_no: String,
    /// Invented name.
    pub name: String,
    /// Sex; agrees with the ID number.
    pub sex: Sex,
    /// Day of birth; agrees with the ID number and the source row's age.
    pub birth: Day,
    /// 18 characters with a valid check character and no real province; for a
    /// few customers empty or masked, as in real exports.
    pub id_number: String,
    /// 11 digits no carrier has; for a few customers empty or masked.
    pub phone: String,
    /// Invented address; empty for a few customers.
    pub address: String,
    /// Branch.
    pub unit_code: String,
    /// Village group.
    pub village_group_code: String,
    /// Household; shared by its one to five members.
    pub household_no: String,
    /// Latitude and longitude of the door; `None` = only the village group is known.
    pub door: Option<(f64, f64)>,
    /// Reference of the coordinates.
    pub datum: Datum,
    /// Local occupation, in words.
    pub occupation: &'static str,
    /// First age of the five-year band: 20, 25, ….
    pub age_band: u8,
    /// Marital state of the source row.
    pub marital: crate::Marital,
    /// Education of the source row.
    pub education: crate::Education,
    /// Average balance: the source's euros times [`crate::BALANCE_TO_YUAN`].
    pub balance: Fen,
    /// Band of the balance.
    pub balance_band: BalanceBand,
    /// Has a loan for housing.
    pub housing_loan: bool,
    /// Has another personal loan.
    pub other_loan: bool,
    /// A loan is overdue.
    pub in_default: bool,
    /// Day a term deposit matures, within 60 days of the anchor.
    pub deposit_maturity: Option<Day>,
    /// Day an insurance pays out, within 60 days of the anchor.
    pub insurance_maturity: Option<Day>,
    /// Must-visit groups, in order.
    pub tags: Vec<Tag>,
    /// Products held, in order.
    pub products: Vec<Product>,
    /// Consent to be contacted.
    pub consent: Consent,
}
