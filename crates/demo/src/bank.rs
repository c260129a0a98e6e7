//! The source of the customers' economic features: the Bank Marketing data set
//! (S. Moro, P. Cortez, P. Rita, Decision Support Systems 62, 2014; UCI Machine
//! Learning Repository, CC BY 4.0), 45,211 clients of a bank. Reads its file, or
//! draws rows from its marginals when the file is not there. Knows nothing of
//! the demo county.

use crate::rng::Rng;
use std::io::Read;
use thiserror::Error;

/// Yuan per euro of the source (about the rate of its years, 2008 to 2010), so
/// that three in ten customers have the 10,000 yuan of CUS-009.
pub const BALANCE_TO_YUAN: i64 = 9;

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum $name { $($variant),* }
        impl $name {
            /// All of them, in the order of the tables below.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The word of the source file.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
            fn read(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }
    )* };
}

values! {
    /// Occupation in the source.
    Job {
        BlueCollar = "blue-collar",
        Management = "management",
        Technician = "technician",
        Admin = "admin.",
        Services = "services",
        Retired = "retired",
        SelfEmployed = "self-employed",
        Entrepreneur = "entrepreneur",
        Unemployed = "unemployed",
        Housemaid = "housemaid",
        Student = "student",
        Unknown = "unknown",
    }
    /// Marital state; divorced includes widowed.
    Marital {
        Married = "married",
        Single = "single",
        Divorced = "divorced",
    }
    /// Education.
    Education {
        Primary = "primary",
        Secondary = "secondary",
        Tertiary = "tertiary",
        Unknown = "unknown",
    }
}

/// One client of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankRow {
    /// Years.
    pub age: u8,
    /// Occupation.
    pub job: Job,
    /// Marital state.
    pub marital: Marital,
    /// Education.
    pub education: Education,
    /// Credit in default.
    pub default: bool,
    /// Average yearly balance in euros; may be negative.
    pub balance: i32,
    /// Has a housing loan.
    pub housing: bool,
    /// Has a personal loan.
    pub loan: bool,
}

/// Why the source file cannot be read.
#[derive(Debug, Error)]
pub enum ParseError {
    /// Not gzip after all, or damaged.
    #[error("cannot unpack: {0}")]
    Unpack(#[from] std::io::Error),
    /// Not the expected `;`-separated file.
    #[error("not a table: {0}")]
    Table(#[from] csv::Error),
    /// A column is missing.
    #[error("column missing: {0}")]
    Column(&'static str),
    /// A value is none of the published ones.
    #[error("line {line}: column {column} has an unknown value")]
    Value {
        /// 1-based, the header is line 1.
        line: usize,
        /// Name of the column.
        column: &'static str,
    },
}

/// Reads `bank-full.csv`, plain or packed with gzip.
pub fn parse_bank_marketing(bytes: &[u8]) -> Result<Vec<BankRow>, ParseError> {
    let mut unpacked = Vec::new();
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut unpacked)?;
        &unpacked[..]
    } else {
        bytes
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text);
    let headers = reader.headers()?.clone();
    let position = |name: &'static str| {
        headers
            .iter()
            .position(|h| h == name)
            .ok_or(ParseError::Column(name))
    };
    const COLUMNS: [&str; 8] = [
        "age",
        "job",
        "marital",
        "education",
        "default",
        "balance",
        "housing",
        "loan",
    ];
    let mut at = [0; 8];
    for (slot, name) in at.iter_mut().zip(COLUMNS) {
        *slot = position(name)?;
    }
    let mut rows = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record?;
        let cell = |k: usize| record.get(at[k]).unwrap_or("");
        let bad = |k: usize| ParseError::Value {
            line: i + 2,
            column: COLUMNS[k],
        };
        let flag = |k: usize| match cell(k) {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(bad(k)),
        };
        rows.push(BankRow {
            age: cell(0).parse().map_err(|_| bad(0))?,
            job: Job::read(cell(1)).ok_or_else(|| bad(1))?,
            marital: Marital::read(cell(2)).ok_or_else(|| bad(2))?,
            education: Education::read(cell(3)).ok_or_else(|| bad(3))?,
            default: flag(4)?,
            balance: cell(5).parse().map_err(|_| bad(5))?,
            housing: flag(6)?,
            loan: flag(7)?,
        });
    }
    Ok(rows)
}

/// Clients per year of age, 18 to 95.
const AGES: [u32; 78] = [
    12, 35, 50, 79, 129, 202, 302, 527, 805, 909, 1038, 1185, 1757, 1996, 2085, 1972, 1930, 1894,
    1806, 1696, 1466, 1487, 1355, 1291, 1242, 1161, 1136, 1216, 1175, 1088, 997, 994, 939, 936,
    911, 891, 811, 806, 778, 828, 740, 770, 596, 147, 80, 77, 74, 59, 63, 54, 36, 44, 67, 54, 52,
    44, 37, 39, 32, 44, 30, 25, 31, 17, 19, 22, 9, 5, 9, 4, 2, 3, 2, 0, 2, 2, 1, 2,
];
/// Clients per job, for ages below 30, 30 to 59, 60 and more.
const JOBS: [[u32; 12]; 3] = [
    [1133, 758, 787, 751, 616, 3, 181, 96, 160, 55, 717, 16],
    [
        8501, 8508, 6722, 4340, 3516, 1171, 1357, 1365, 1125, 1084, 221, 244,
    ],
    [98, 192, 88, 80, 22, 1090, 41, 26, 18, 101, 0, 28],
];
/// Married, single, divorced, for the same ages.
const MARITALS: [[u32; 3]; 3] = [[1386, 3787, 100], [24408, 8942, 4804], [1420, 61, 303]];
/// Primary, secondary, tertiary, unknown, for the same ages.
const EDUCATIONS: [[u32; 4]; 3] = [
    [389, 3207, 1474, 203],
    [5895, 19323, 11433, 1503],
    [567, 672, 394, 151],
];
/// Thousandths of the clients and the balance they stay below, euros.
const BALANCES: [(u32, i32); 32] = [
    (0, -8019),
    (5, -868),
    (10, -627),
    (20, -435),
    (40, -242),
    (60, -104),
    (80, -7),
    (100, 0),
    (155, 0),
    (200, 22),
    (250, 72),
    (300, 131),
    (350, 198),
    (400, 272),
    (450, 352),
    (500, 448),
    (550, 563),
    (600, 701),
    (650, 883),
    (700, 1126),
    (750, 1428),
    (800, 1859),
    (850, 2539),
    (900, 3574),
    (930, 4688),
    (950, 5768),
    (970, 7780),
    (980, 9444),
    (990, 13165),
    (995, 18016),
    (999, 32948),
    (1000, 102127),
];
/// Of 45,211 clients: in default, with a housing loan, with a personal loan.
const FLAGS: [f64; 3] = [815.0 / 45211.0, 25130.0 / 45211.0, 7244.0 / 45211.0];

/// Rows whose marginals are those of the source; job, marital state and
/// education depend on three groups of age, everything else is independent.
pub fn draw_from_marginals(count: usize, seed: u64) -> Vec<BankRow> {
    let mut rng = Rng::stream(seed, "marginals");
    (0..count)
        .map(|_| {
            let age = 18 + rng.weighted(&AGES) as u8;
            let group = match age {
                0..30 => 0,
                30..60 => 1,
                _ => 2,
            };
            BankRow {
                age,
                job: Job::ALL[rng.weighted(&JOBS[group])],
                marital: Marital::ALL[rng.weighted(&MARITALS[group])],
                education: Education::ALL[rng.weighted(&EDUCATIONS[group])],
                default: rng.chance(FLAGS[0]),
                balance: draw_balance(&mut rng),
                housing: rng.chance(FLAGS[1]),
                loan: rng.chance(FLAGS[2]),
            }
        })
        .collect()
}

fn draw_balance(rng: &mut Rng) -> i32 {
    let q = rng.unit() * 1000.0;
    let at = BALANCES
        .iter()
        .position(|(p, _)| f64::from(*p) > q)
        .unwrap_or(BALANCES.len() - 1)
        .max(1);
    let ((p0, b0), (p1, b1)) = (BALANCES[at - 1], BALANCES[at]);
    let share = (q - f64::from(p0)) / f64::from(p1 - p0);
    b0 + (f64::from(b1 - b0) * share) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\"age\";\"job\";\"marital\";\"education\";\"default\";\"balance\";\"housing\";\"loan\";\"y\"\n\
        58;\"management\";\"married\";\"tertiary\";\"no\";2143;\"yes\";\"no\";\"no\"\n\
        33;\"admin.\";\"single\";\"unknown\";\"yes\";-2;\"no\";\"yes\";\"no\"\n";

    #[test]
    fn the_source_file_is_read() {
        let rows = parse_bank_marketing(SAMPLE.as_bytes()).unwrap();
        let second = BankRow {
            age: 33,
            job: Job::Admin,
            marital: Marital::Single,
            education: Education::Unknown,
            default: true,
            balance: -2,
            housing: false,
            loan: true,
        };
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].age, rows[0].balance), (58, 2143));
        assert_eq!(rows[1], second);
    }

    #[test]
    fn a_file_that_is_something_else_is_refused_with_the_place() {
        let no_column = parse_bank_marketing(b"age;job\n1;student\n");
        assert!(matches!(no_column, Err(ParseError::Column("marital"))));
        let bad = SAMPLE.replace("admin.", "astronaut");
        let error = parse_bank_marketing(bad.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "line 3: column job has an unknown value");
    }

    #[test]
    fn the_tables_add_up_to_the_published_totals() {
        assert_eq!(AGES.iter().sum::<u32>(), 45_211);
        assert_eq!(JOBS.iter().flatten().sum::<u32>(), 45_211);
        assert_eq!(MARITALS.iter().flatten().sum::<u32>(), 45_211);
        assert_eq!(EDUCATIONS.iter().flatten().sum::<u32>(), 45_211);
        // Published: 9,732 blue-collar, 27,214 married, 13,301 tertiary.
        assert_eq!(JOBS.iter().map(|g| g[0]).sum::<u32>(), 9_732);
        assert_eq!(MARITALS.iter().map(|g| g[0]).sum::<u32>(), 27_214);
        assert_eq!(EDUCATIONS.iter().map(|g| g[2]).sum::<u32>(), 13_301);
    }

    #[test]
    fn drawn_rows_have_the_marginals_of_the_source() {
        let rows = draw_from_marginals(45_211, 7);
        let share = |f: &dyn Fn(&BankRow) -> bool| {
            rows.iter().filter(|r| f(r)).count() as f64 / rows.len() as f64
        };
        // Published counts over 45,211, within one point.
        for (got, published) in [
            (share(&|r| r.job == Job::BlueCollar), 0.2153),
            (share(&|r| r.marital == Marital::Married), 0.6019),
            (share(&|r| r.housing), 0.5558),
            (share(&|r| r.loan), 0.1602),
            (share(&|r| r.balance <= 0), 0.1610),
            (share(&|r| r.age < 30), 0.1166),
        ] {
            assert!((got - published).abs() < 0.01, "{got} {published}");
        }
        let mut balances: Vec<i32> = rows.iter().map(|r| r.balance).collect();
        balances.sort_unstable();
        let median = balances[balances.len() / 2];
        assert!((430..470).contains(&median), "{median}");
        assert!(rows.iter().all(|r| (18..=95).contains(&r.age)));
    }
}
