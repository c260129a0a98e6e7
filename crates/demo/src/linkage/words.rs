//! Words of the linkage benchmark: characters that sound alike, traditional
//! forms, parts of addresses. Data only.
//! How they are put together is decided in `linkage` and `noise`.

/// Characters of given names that sound the same.
pub const ALIKE: [(&str, &str); 28] = [
    ("伟", "玮"),
    ("丽", "莉"),
    ("静", "婧"),
    ("艳", "燕"),
    ("军", "钧"),
    ("涛", "韬"),
    ("斌", "彬"),
    ("鹏", "朋"),
    ("辉", "晖"),
    ("杰", "捷"),
    ("飞", "非"),
    ("峰", "锋"),
    ("健", "建"),
    ("志", "智"),
    ("文", "雯"),
    ("霞", "侠"),
    ("娟", "涓"),
    ("玲", "铃"),
    ("萍", "平"),
    ("浩", "皓"),
    ("宇", "雨"),
    ("轩", "萱"),
    ("欣", "鑫"),
    ("明", "铭"),
    ("清", "青"),
    ("兰", "岚"),
    ("英", "瑛"),
    ("琴", "芹"),
];

/// Simplified characters with their traditional form.
pub const TRADITIONAL: [(&str, &str); 24] = [
    ("国", "國"),
    ("伟", "偉"),
    ("张", "張"),
    ("刘", "劉"),
    ("陈", "陳"),
    ("杨", "楊"),
    ("赵", "趙"),
    ("吴", "吳"),
    ("孙", "孫"),
    ("马", "馬"),
    ("华", "華"),
    ("丽", "麗"),
    ("强", "強"),
    ("军", "軍"),
    ("凤", "鳳"),
    ("兰", "蘭"),
    ("鹏", "鵬"),
    ("飞", "飛"),
    ("县", "縣"),
    ("镇", "鎮"),
    ("乡", "鄉"),
    ("号", "號"),
    ("组", "組"),
    ("岭", "嶺"),
];

pub const PROVINCE: &str = "云岭省";
pub const CITY: &str = "明川市";
pub const COUNTY: &str = "县";
pub const ROADS: [&str; 20] = [
    "人民路",
    "解放路",
    "建设路",
    "中山路",
    "和平路",
    "新华路",
    "文化路",
    "胜利路",
    "青年路",
    "友谊路",
    "滨河路",
    "迎宾路",
    "光明路",
    "朝阳路",
    "府前街",
    "学府街",
    "东大街",
    "西大街",
    "南大街",
    "北大街",
];
pub const ESTATES: [&str; 16] = [
    "阳光花园",
    "金色家园",
    "翠竹苑",
    "锦绣华庭",
    "龙湖新城",
    "滨江名邸",
    "丽景小区",
    "福星小区",
    "安居苑",
    "桃源居",
    "幸福里",
    "和谐家园",
    "书香苑",
    "银杏园",
    "紫薇园",
    "康乐小区",
];
pub const BLOCK: &str = "栋";
pub const GROUP: &str = "组";
pub const NUMERALS: [&str; 13] = [
    "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二",
];
