//! Characters and endings an address is read by. Not shown to anybody: what a
//! person sees is the text that was typed, or a name from the table. Only the
//! language is here, no place.

/// Endings of provinces.
pub const PROVINCE: &[&str] = &[
    "特别行政区",
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "自治区",
    "省",
    "市",
];
/// Endings of cities.
pub const CITY: &[&str] = &["自治州", "地区", "市", "州", "盟"];
/// Endings by which a city is told without a table.
pub const CITY_SHAPE: &[&str] = &["自治州", "地区", "市", "盟"];
/// Endings by which a province is told without a table.
pub const PROVINCE_SHAPE: &[&str] = &["壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省"];
/// Cities that are provinces.
pub const MUNICIPALITIES: &[&str] = &["北京市", "天津市", "上海市", "重庆市"];
/// Endings of counties.
pub const COUNTY: &[&str] = &[
    "自治县",
    "自治旗",
    "新区",
    "林区",
    "特区",
    "县",
    "区",
    "市",
    "旗",
];
/// Endings of townships.
pub const TOWNSHIP: &[&str] = &[
    "街道办事处",
    "民族乡",
    "街道办",
    "办事处",
    "街道",
    "苏木",
    "镇",
    "乡",
];
/// Endings of villages.
pub const VILLAGE: &[&str] = &[
    "村村民委员会",
    "村村委会",
    "社区居民委员会",
    "社区居委会",
    "社区村",
    "村民委员会",
    "居民委员会",
    "村委会",
    "居委会",
    "社区",
    "嘎查",
    "村",
];
/// Endings of village groups after a number or a name.
pub const GROUP: &[&str] = &[
    "村民小组",
    "居民小组",
    "生产队",
    "村民组",
    "居民组",
    "小组",
    "组",
    "社",
    "队",
    "屯",
];
/// The ending every numbered group gets.
pub const GROUP_ENDING: &str = "组";
/// Words that end in a group's ending and are none.
pub const NO_GROUP: &[&str] = &["社区", "社会", "社保", "队伍"];
/// Words that a group's ending ends.
pub const WORDS_WITH_ENDING: &[&str] = &[
    "合作社",
    "供销社",
    "报社",
    "旅社",
    "信用社",
    "部队",
    "中队",
    "大队",
];
/// Endings that a county's or a township's ending may be part of.
pub const NO_COUNTY_BEFORE: &[&str] = &[
    "社", "小", "园", "发", "校", "库", "矿", "景", "生活", "管理", "住宅", "工业",
];
/// What makes 市 and 县 part of another word when it follows.
pub const NO_CITY_AFTER: &[&str] = &["场", "政", "民", "郊", "城", "委", "市"];
/// Peoples in the names of autonomous places, dropped in everyday use.
pub const PEOPLES: &[&str] = &[
    "蒙古族",
    "回族",
    "藏族",
    "维吾尔",
    "苗族",
    "彝族",
    "壮族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "土家族",
    "哈尼族",
    "哈萨克",
    "傣族",
    "黎族",
    "傈僳族",
    "佤族",
    "畲族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "柯尔克孜",
    "土族",
    "达斡尔族",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "锡伯",
    "普米族",
    "塔吉克",
    "怒族",
    "鄂温克族",
    "保安族",
    "裕固族",
    "独龙族",
    "鄂伦春",
    "门巴族",
    "珞巴族",
    "蒙古",
    "各族",
];
/// Everyday signs of provinces and of a few large cities, with the name's beginning.
pub const SIGNS: &[(&str, &str)] = &[
    ("京", "北京"),
    ("津", "天津"),
    ("冀", "河北"),
    ("晋", "山西"),
    ("蒙", "内蒙古"),
    ("辽", "辽宁"),
    ("吉", "吉林"),
    ("黑", "黑龙江"),
    ("沪", "上海"),
    ("苏", "江苏"),
    ("浙", "浙江"),
    ("皖", "安徽"),
    ("闽", "福建"),
    ("赣", "江西"),
    ("鲁", "山东"),
    ("豫", "河南"),
    ("鄂", "湖北"),
    ("湘", "湖南"),
    ("粤", "广东"),
    ("桂", "广西"),
    ("琼", "海南"),
    ("渝", "重庆"),
    ("川", "四川"),
    ("蜀", "四川"),
    ("黔", "贵州"),
    ("贵", "贵州"),
    ("滇", "云南"),
    ("云", "云南"),
    ("藏", "西藏"),
    ("陕", "陕西"),
    ("秦", "陕西"),
    ("甘", "甘肃"),
    ("陇", "甘肃"),
    ("青", "青海"),
    ("宁", "宁夏"),
    ("新", "新疆"),
];
/// Everyday signs of cities.
pub const CITY_SIGNS: &[(&str, &str)] = &[
    ("蓉", "成都"),
    ("穗", "广州"),
    ("筑", "贵阳"),
    ("杭", "杭州"),
    ("甬", "宁波"),
    ("邕", "南宁"),
];
/// A group's ending that is part of its name.
pub const HAMLET: &str = "屯";
/// What makes a village's name part of a street's or an estate's.
pub const ROADS: &[&str] = &["路", "街", "大道", "大街", "巷", "小区"];
/// Cities that are a level only on paper.
pub const PAPER_CITIES: &[&str] = &[
    "市辖区",
    "县",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
];
/// What may not follow a name without its ending: then it is another name.
pub const NEXT_OF_ANOTHER: &str = "省市县区旗州盟镇乡街村路道巷弄社组屯桥";
/// Digits as they are written in words.
pub const DIGITS: &str = "〇一二三四五六七八九";
/// Other writings of digits.
pub const OTHER_DIGITS: &[(char, u32)] = &[
    ('零', 0),
    ('两', 2),
    ('壹', 1),
    ('贰', 2),
    ('叁', 3),
    ('肆', 4),
    ('伍', 5),
    ('陆', 6),
    ('柒', 7),
    ('捌', 8),
    ('玖', 9),
];
/// Ten.
pub const TEN: [char; 2] = ['十', '拾'];
/// Hundred.
pub const HUNDRED: [char; 2] = ['百', '佰'];
/// Twenty and thirty in one character.
pub const TENS: &[(char, u32)] = &[('廿', 20), ('卅', 30)];
/// Before a number.
pub const ORDINAL: char = '第';
/// A house number ends so.
pub const HOUSE: char = '号';
/// A house beside a house.
pub const BESIDE: char = '附';
/// Separators that people type between parts.
pub const SEPARATORS: &str = ",，、;；。.|/·“”\"'()[]（）【】";
/// What a text of no address says.
pub const NOTHING: &[&str] = &["-", "--", "无", "不详", "未知", "暂无", "/"];
/// The kinds of village in the table: mark and ending.
pub const KINDS: [(char, &str); 3] = [('+', "社区"), ('-', "居委会"), ('!', "")];
/// The ending of a village without a mark.
pub const VILLAGE_ENDING: &str = "村";
