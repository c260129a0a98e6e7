//! Every Chinese word of the demo: labels of the import files, invented places
//! and the parts of invented names. Data only; how they are put together is
//! decided in `people` and `world`.

use crate::bank::Job;
use crate::rows::Tag;

/// What the last column of every demo file says.
pub const DEMO_MARK: &str = "演示数据";

pub const LEVELS: [&str; 4] = ["省", "市", "县", "网点"];
pub const AREAS: [&str; 3] = ["农村", "城区", "城乡结合"];
pub const MARKETS: [&str; 2] = ["农村市场", "城区市场"];
pub const POSTS: [&str; 10] = [
    "局长",
    "主管局长",
    "市场部",
    "包点人员",
    "支局长",
    "营业员",
    "客户经理",
    "理财经理",
    "投递员",
    "台区员（外部）",
];
pub const TAGS: [&str; 10] = [
    "重点富裕户",
    "村组主要干部",
    "种养植户",
    "个体经商户",
    "运输大户",
    "三外人员",
    "三农服务站",
    "万元以上及即将到期客户",
    "保险满期给付客户",
    "专业银行大户",
];
pub const PRODUCTS: [&str; 2] = ["绿卡", "商易通"];
pub const BANDS: [&str; 7] = [
    "无余额",
    "1万以下",
    "1万–5万",
    "5万–10万",
    "10万–20万",
    "20万–50万",
    "50万以上",
];
pub const CONSENTS: [&str; 3] = ["已同意", "未征询", "不同意"];
pub const MALE: &str = "男";
pub const FEMALE: &str = "女";
pub const SEPARATOR: &str = "；";

pub const UNIT_HEADERS: [&str; 11] = [
    "机构编码",
    "机构名称",
    "级别",
    "上级编码",
    "地区类型",
    "市场类型",
    "经度",
    "纬度",
    "坐标系",
    "电话",
    "数据标记",
];
pub const STAFF_HEADERS: [&str; 6] = ["工号", "姓名", "机构编码", "岗位", "手机号", "数据标记"];
pub const GROUP_HEADERS: [&str; 9] = [
    "机构编码",
    "村组编码",
    "乡镇",
    "村",
    "村组",
    "经度",
    "纬度",
    "坐标系",
    "数据标记",
];
pub const CUSTOMER_HEADERS: [&str; 19] = [
    "客户号",
    "姓名",
    "性别",
    "证件号码",
    "手机号",
    "家庭住址",
    "所属机构",
    "村组",
    "经度",
    "纬度",
    "坐标系",
    "职业",
    "资产档次",
    "存款到期日",
    "保险满期日",
    "必访标签",
    "持有产品",
    "户号",
    "数据标记",
];

pub const PROVINCE_UNIT: &str = "云岭省局";
pub const CITY_UNIT: &str = "明川市局";
pub const COUNTY_SUFFIX: &str = "县局";
pub const BRANCH_SUFFIX: &str = "支局";
/// None of these is a county of GB/T 2260.
pub const COUNTIES: [&str; 12] = [
    "青禾", "云泉", "禾丰", "望川", "石桥", "长滩", "柳泉", "银坪", "白鹭", "梨园", "枫林", "丰谷",
];
pub const URBAN_PLACES: [&str; 2] = ["城关", "东门"];
pub const MIXED_PLACES: [&str; 3] = ["站前", "南桥", "北坪"];
pub const RURAL_PLACES: [&str; 12] = [
    "青山", "大坪", "龙潭", "马场", "新寨", "双溪", "石板", "高坡", "沙湾", "竹林", "岩脚", "花溪",
];
pub const STREET_OFFICE: &str = "街道";
pub const TOWN: &str = "镇";
pub const TOWNSHIP: &str = "乡";
pub const VILLAGE: &str = "村";
pub const COMMUNITY: &str = "社区";
pub const RURAL_GROUPS: [&str; 3] = ["一组", "二组", "三组"];
pub const URBAN_GROUPS: [&str; 3] = ["一片区", "二片区", "三片区"];
pub const HOUSE: &str = "号";
pub const BUILDING: &str = "号楼";
pub const ENTRANCE: &str = "单元";
pub const ROOM: &str = "室";
/// Village names are one of these and one of [`VILLAGE_STEMS`]: 676 in all.
pub const VILLAGE_STARTS: [&str; 26] = [
    "大", "小", "上", "下", "新", "老", "东", "西", "南", "北", "前", "后", "高", "长", "青", "白",
    "红", "黄", "金", "银", "石", "双", "三", "清", "平", "安",
];
pub const VILLAGE_STEMS: [&str; 26] = [
    "河", "山", "坪", "坝", "塘", "湾", "沟", "桥", "井", "坡", "溪", "岭", "冲", "寨", "沙", "梁",
    "岩", "田", "林", "洞", "箐", "坳", "屯", "营", "关", "庄",
];

/// Common surnames with their share of the population in 0.1 ‰ steps, rounded
/// (order after the police ministry's yearly name reports).
pub const SURNAMES: &[(&str, u32)] = &[
    ("王", 710),
    ("李", 700),
    ("张", 670),
    ("刘", 510),
    ("陈", 450),
    ("杨", 310),
    ("黄", 230),
    ("赵", 210),
    ("吴", 200),
    ("周", 190),
    ("徐", 150),
    ("孙", 145),
    ("马", 135),
    ("朱", 125),
    ("胡", 120),
    ("郭", 115),
    ("何", 110),
    ("林", 108),
    ("罗", 105),
    ("高", 100),
    ("郑", 92),
    ("梁", 85),
    ("谢", 76),
    ("宋", 75),
    ("唐", 73),
    ("许", 72),
    ("韩", 70),
    ("邓", 66),
    ("冯", 64),
    ("曹", 60),
    ("彭", 58),
    ("曾", 57),
    ("肖", 56),
    ("田", 54),
    ("董", 53),
    ("潘", 51),
    ("袁", 50),
    ("蔡", 49),
    ("蒋", 48),
    ("余", 47),
    ("于", 46),
    ("杜", 45),
    ("叶", 44),
    ("程", 43),
    ("魏", 42),
    ("苏", 41),
    ("吕", 40),
    ("丁", 39),
    ("任", 38),
    ("卢", 37),
    ("姚", 36),
    ("沈", 35),
    ("钟", 34),
    ("姜", 33),
    ("崔", 32),
    ("谭", 31),
    ("陆", 30),
    ("范", 29),
    ("汪", 28),
    ("廖", 27),
    ("石", 26),
    ("金", 25),
    ("韦", 25),
    ("贾", 24),
    ("夏", 24),
    ("付", 23),
    ("方", 23),
    ("邹", 22),
    ("熊", 22),
    ("白", 21),
    ("孟", 21),
    ("秦", 20),
    ("邱", 20),
    ("侯", 19),
    ("江", 19),
    ("尹", 18),
    ("薛", 18),
    ("闫", 17),
    ("段", 17),
    ("雷", 17),
    ("龙", 16),
    ("黎", 16),
    ("史", 16),
    ("陶", 15),
    ("贺", 15),
    ("毛", 15),
    ("郝", 14),
    ("顾", 14),
    ("龚", 14),
    ("邵", 14),
    ("万", 13),
    ("覃", 13),
    ("武", 13),
    ("钱", 13),
    ("戴", 12),
    ("严", 12),
    ("莫", 12),
    ("孔", 11),
    ("向", 11),
    ("常", 11),
    ("欧阳", 7),
];

/// Characters of given names by time of birth (before 1970, before 1990, later)
/// and sex (male, female).
pub const GIVEN: [[&[&str]; 2]; 3] = [
    [
        &[
            "国", "建", "德", "明", "志", "正", "永", "文", "光", "世", "兴", "福", "贵", "清",
            "昌", "云", "学", "朝", "庆", "华", "发", "忠", "荣", "祥",
        ],
        &[
            "秀", "兰", "英", "玉", "珍", "凤", "桂", "芳", "梅", "莲", "香", "琼", "素", "淑",
            "翠", "菊", "群", "华", "连", "美", "琴", "芬", "仙", "先",
        ],
    ],
    [
        &[
            "勇", "军", "伟", "强", "波", "涛", "斌", "鹏", "磊", "刚", "海", "平", "林", "辉",
            "超", "杰", "飞", "龙", "江", "峰", "健", "俊", "志", "文",
        ],
        &[
            "丽", "艳", "燕", "敏", "静", "红", "霞", "娟", "玲", "萍", "娜", "琴", "梅", "婷",
            "英", "晓", "春", "雪", "小", "芳", "蓉", "莉", "倩", "慧",
        ],
    ],
    [
        &[
            "浩", "宇", "轩", "杰", "俊", "鑫", "博", "文", "航", "睿", "泽", "子", "涵", "豪",
            "昊", "翔", "晨", "阳", "鹏", "龙", "凯", "威", "铭", "恒",
        ],
        &[
            "婷", "雨", "欣", "怡", "梦", "佳", "颖", "琪", "静", "雪", "思", "涵", "慧", "萱",
            "诗", "悦", "文", "雅", "晓", "玲", "子", "洁", "蕊", "瑶",
        ],
    ],
];

/// A local occupation that a job of the source may stand for.
pub struct Occupation {
    /// What the customer's record says.
    pub label: &'static str,
    /// Weight in a village; in a town.
    pub weights: [u32; 2],
    /// The must-visit group that follows from the occupation alone.
    pub tag: Option<Tag>,
}

const fn occupation(label: &'static str, village: u32, town: u32, tag: Option<Tag>) -> Occupation {
    Occupation {
        label,
        weights: [village, town],
        tag,
    }
}

pub const VILLAGE_CLERK: &str = "村便民服务员";

/// The local occupations of a job. The source's clients live in cities; the
/// weights turn, for example, its blue-collar workers into migrant workers and
/// growers in a village and into factory workers in a town.
pub fn occupations(job: Job) -> &'static [Occupation] {
    const MANAGEMENT: &[Occupation] = &[
        occupation("学校教师", 40, 24, None),
        occupation("企业管理人员", 20, 60, None),
        occupation("乡镇机关干部", 22, 15, None),
        occupation("村组干部", 18, 1, Some(Tag::VillageCadre)),
    ];
    const TECHNICIAN: &[Occupation] = &[
        occupation("建筑技工", 45, 25, None),
        occupation("电工", 23, 25, None),
        occupation("农机驾驶员", 20, 2, None),
        occupation("货运司机", 12, 8, None),
        occupation("技术员", 0, 40, None),
    ];
    const ADMIN: &[Occupation] = &[
        occupation("单位职员", 70, 90, None),
        occupation("合作社会计", 15, 7, None),
        occupation(VILLAGE_CLERK, 15, 3, None),
    ];
    const BLUE_COLLAR: &[Occupation] = &[
        occupation("外出务工", 45, 15, Some(Tag::Away)),
        occupation("种养植户", 35, 3, Some(Tag::Grower)),
        occupation("工厂工人", 20, 82, None),
    ];
    const SERVICES: &[Occupation] = &[
        occupation("餐饮服务人员", 40, 55, None),
        occupation("小商超店主", 35, 25, Some(Tag::Trader)),
        occupation("快递员", 25, 20, None),
    ];
    const RETIRED: &[Occupation] = &[
        occupation("退休人员", 45, 95, None),
        occupation("居家老人", 55, 5, None),
    ];
    const SELF_EMPLOYED: &[Occupation] = &[
        occupation("个体工商户", 55, 80, Some(Tag::Trader)),
        occupation("种养大户", 30, 2, Some(Tag::Grower)),
        occupation("个体运输户", 15, 18, Some(Tag::Transport)),
    ];
    const ENTREPRENEUR: &[Occupation] = &[
        occupation("私营企业主", 50, 80, None),
        occupation("合作社负责人", 35, 5, Some(Tag::Grower)),
        occupation("运输车队负责人", 15, 15, Some(Tag::Transport)),
    ];
    const UNEMPLOYED: &[Occupation] = &[
        occupation("务农", 80, 15, None),
        occupation("待业", 20, 85, None),
    ];
    const HOUSEMAID: &[Occupation] = &[
        occupation("居家务农", 65, 25, None),
        occupation("家政服务员", 35, 75, None),
    ];
    const STUDENT: &[Occupation] = &[
        occupation("在外求学", 70, 50, Some(Tag::Away)),
        occupation("在校学生", 30, 50, None),
    ];
    const UNKNOWN: &[Occupation] = &[occupation("未登记", 1, 1, None)];
    match job {
        Job::Management => MANAGEMENT,
        Job::Technician => TECHNICIAN,
        Job::Admin => ADMIN,
        Job::BlueCollar => BLUE_COLLAR,
        Job::Services => SERVICES,
        Job::Retired => RETIRED,
        Job::SelfEmployed => SELF_EMPLOYED,
        Job::Entrepreneur => ENTREPRENEUR,
        Job::Unemployed => UNEMPLOYED,
        Job::Housemaid => HOUSEMAID,
        Job::Student => STUDENT,
        Job::Unknown => UNKNOWN,
    }
}

/// Words of the practice files.
pub mod messy {
    /// Names of the files.
    pub const FILES: [&str; 3] = ["核心系统客户.csv", "网点台账.csv", "保险客户.xlsx"];
    /// Headers of the core system.
    pub const CORE: [&str; 14] = [
        "客户号",
        "姓名",
        "性别",
        "证件号码",
        "手机号",
        "家庭住址",
        "所属机构",
        "村组",
        "经度",
        "纬度",
        "职业",
        "资产档次",
        "存款到期日",
        "必访标签",
    ];
    /// What stands above the headers of the ledger.
    pub const ABOVE: [&str; 2] = ["客户走访台账", "制表：网点　　单位：户"];
    /// Headers of the ledger, some of them like nobody else's.
    pub const LEDGER: [&str; 11] = [
        "序号",
        "客户编码",
        "户名",
        "证件编号",
        "移动电话",
        "通讯地址",
        "开户机构",
        "经度",
        "纬度",
        "职业",
        "到期日",
    ];
    /// Headers of the insurance agency.
    pub const ENGLISH: [&str; 11] = [
        "cust_no",
        "name",
        "gender",
        "id_number",
        "mobile",
        "address",
        "unit_code",
        "group_code",
        "longitude",
        "latitude",
        "insurance_due_day",
    ];
    /// A unit nobody has.
    pub const NO_SUCH_UNIT: &str = "29019999";
    /// The start of something that is no phone.
    pub const NOT_A_PHONE: &str = "12345";
    /// An ID number with a wrong check character.
    pub const BAD_CHECK_CHAR: &str = "29010119800101001Z";

    /// Column of a field in file `which`.
    pub fn column(which: usize, field: &str) -> usize {
        let header = match (which, field) {
            (0, "name") => "姓名",
            (0, "id_number") => "证件号码",
            (0, "phone") => "手机号",
            (0, _) => "所属机构",
            (1, "name") => "户名",
            (1, "id_number") => "证件编号",
            (1, "phone") => "移动电话",
            (1, _) => "开户机构",
            (_, "name") => "name",
            (_, "id_number") => "id_number",
            (_, "phone") => "mobile",
            (_, _) => "unit_code",
        };
        let headers: &[&str] = match which {
            0 => &CORE,
            1 => &LEDGER,
            _ => &ENGLISH,
        };
        headers.iter().position(|h| *h == header).unwrap_or(0)
    }
}
