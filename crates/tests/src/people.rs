//! Invented people with values that stand nowhere else: every name holds two
//! rare characters, phones and ID numbers are of the kind only a demo accepts.
//! The same number always gives the same person.

use crate::scan::Needles;
use zf_base::identity::with_check_char;

/// Sixty-four characters that no page, label or other name of ours uses.
const RARE: &str = "彧翀旻昶翯燚骉骎犇猋羴鱻淼垚焱晶矞赟赑贔甡甦畾皛皕睿矍磊礴祎禛穰竑竦筱籁粲縠纛缃缦羿翊耄聿肇胤舸芃芊苒茜茱荻莜莳菀菡萁蕤薏藜蘅蓁";

/// One invented person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Customer number, in clear everywhere.
    pub no: String,
    /// 姓名.
    pub name: String,
    /// 手机号 of the demo.
    pub phone: String,
    /// 证件号码 of the demo, with a right check digit.
    pub id_number: String,
    /// 家庭住址.
    pub address: String,
}

/// Person number `n`, below 262,144.
pub fn person(n: usize) -> Person {
    let rare: Vec<char> = RARE.chars().collect();
    let pick = |i: usize| rare[i % rare.len()];
    let surnames: Vec<char> = "赵钱孙李周吴郑王".chars().collect();
    let (a, b, c) = (n, n / 64, n / 4096);
    // A permutation of 0…99,999,999: neighbours do not look alike.
    let scrambled = (n * 48_271 + 12_345) % 99_999_989;
    let (year, month, day) = (1940 + n % 60, 1 + n / 60 % 12, 1 + n / 720 % 28);
    Person {
        no: format!("{}", 900_000_000 + n),
        name: format!("{}{}{}", surnames[c % 8], pick(a), pick(b)),
        phone: format!("104{scrambled:08}"),
        id_number: with_check_char(&format!(
            "29019{}{year}{month:02}{day:02}{:03}",
            n / 20_160 % 10,
            n / 20_160
        )),
        address: format!(
            "青山镇大河村{}组{}号{}{}院",
            1 + n % 9,
            1 + n,
            pick(b + 7),
            pick(a + 13)
        ),
    }
}

/// The clear values of people, to be looked for.
pub fn needles<'a>(people: impl IntoIterator<Item = &'a Person>) -> Needles {
    let mut needles = Needles::default();
    for p in people {
        needles.add("name", &p.name);
        needles.add("phone", &p.phone);
        needles.add("id_number", &p.id_number);
        needles.add("address", &p.address);
    }
    needles
}
