//! Chinese words of this room: headers of import files, reasons in error
//! workbooks, codes in cells. English headers are accepted beside them. Only
//! words: what they decide is said where they are used.

use zf_office::ColumnSpec;

const fn col(
    key: &'static str,
    aliases: &'static [&'static str],
    required: bool,
) -> ColumnSpec<'static> {
    ColumnSpec {
        key,
        aliases,
        required,
    }
}

/// Columns of a file of units.
pub const UNIT_COLUMNS: &[ColumnSpec<'static>] = &[
    col(
        "code",
        &["机构编码", "机构号", "机构代码", "unit_code"],
        true,
    ),
    col("name", &["机构名称", "名称", "unit_name"], true),
    col("level", &["级别", "机构级别", "层级"], true),
    col(
        "parent",
        &["上级编码", "上级机构", "上级机构编码", "parent_code"],
        false,
    ),
    col("area_kind", &["地区类型", "区域类型"], false),
    col("market_kind", &["市场类型"], false),
    col("lon", &["经度", "longitude"], false),
    col("lat", &["纬度", "latitude"], false),
    col("datum", &["坐标系"], false),
    col("phone", &["电话", "联系电话"], false),
];

/// Columns of a file of staff.
pub const STAFF_COLUMNS: &[ColumnSpec<'static>] = &[
    col("staff_no", &["工号", "员工号", "柜员号"], true),
    col("name", &["姓名", "员工姓名"], true),
    col(
        "unit",
        &["机构编码", "所属机构", "机构号", "unit_code"],
        true,
    ),
    col("post", &["岗位", "职务"], true),
    col("phone", &["手机号", "联系电话", "电话", "手机"], false),
];

/// Columns of a file of village groups.
pub const VILLAGE_GROUP_COLUMNS: &[ColumnSpec<'static>] = &[
    col(
        "unit",
        &["机构编码", "所属机构", "机构号", "unit_code"],
        true,
    ),
    col("code", &["村组编码", "村组代码", "group_code"], true),
    col("township", &["乡镇", "镇"], false),
    col("village", &["村", "行政村"], false),
    col("name", &["村组", "村组名称", "group_name"], true),
    col(
        "mail_route",
        &["邮路段道", "段道", "投递段道", "mail_route"],
        false,
    ),
    col("lon", &["经度", "longitude"], false),
    col("lat", &["纬度", "latitude"], false),
    col("datum", &["坐标系"], false),
];

/// Columns of a file of customers.
pub const CUSTOMER_COLUMNS: &[ColumnSpec<'static>] = &[
    col(
        "customer_no",
        &["客户号", "客户编号", "客户编码", "cust_no"],
        true,
    ),
    col("name", &["姓名", "客户姓名", "户主姓名"], true),
    col(
        "unit",
        &["所属机构", "机构编码", "机构号", "开户机构", "unit_code"],
        true,
    ),
    col("sex", &["性别", "gender"], false),
    col(
        "id_number",
        &["证件号码", "身份证号", "身份证号码", "证件号"],
        false,
    ),
    col(
        "phone",
        &["手机号", "联系电话", "手机", "电话", "mobile"],
        false,
    ),
    col(
        "address",
        &[
            "家庭住址",
            "住址",
            "地址",
            "家庭地址",
            "联系地址",
            "居住地址",
            "通讯地址",
            "详细地址",
        ],
        false,
    ),
    col("village_group", &["村组", "村组编码", "group_code"], false),
    col("lon", &["经度", "longitude"], false),
    col("lat", &["纬度", "latitude"], false),
    col("datum", &["坐标系"], false),
    col("occupation", &["职业"], false),
    col("balance_band", &["资产档次", "资产等级"], false),
    col("deposit_due_day", &["存款到期日", "到期日"], false),
    col("insurance_due_day", &["保险满期日"], false),
    col("tags", &["必访标签", "必访群体"], false),
    col("products", &["持有产品", "产品"], false),
    col("household_no", &["户号", "家庭号"], false),
    col("notes", &["备注"], false),
];

/// How the sentence of a note begins: the row goes in. No other sentence of
/// [`reason`] begins so.
pub const NOTE: &str = "提示：";

/// Reason of a refused cell, for the error workbook.
pub fn reason(code: &str) -> &'static str {
    match code {
        "field.required" => "这一格必须填写",
        "field.too_long" => "太长，请缩短",
        "field.day" => "日期写法不对，请写成 2026-11-23",
        "field.place" => "经纬度不对：经度、纬度要成对，且在范围之内",
        "field.not_in_list" => "不在可选范围，请对照模板说明",
        "phone.invalid" => "电话号码位数或号段不对",
        "id_number.invalid" => "证件号码位数、日期或末位校验不对",
        "id_number.unknown_county" => {
            "提示：证件号码前六位不在现行区县代码里，多是旧区县的号码。这一行照常导入，不用改"
        }
        "column.repeated" => {
            "提示：有几列是同一个内容，用的是{about}。如果不对，请改列名，或在预览里指定"
        }
        "id_number.very_old" => "提示：照证件号码已过 120 岁，请核对。这一行照常导入",
        "channel.needs_basis" => {
            "这个来源要先有经两人批准、在有效期内的合法来源记录，请到“合法来源”登记后再导入"
        }
        "tag.needs_basis" => {
            "这个群体的名单要先有经两人批准、在有效期内的合法来源记录，请登记后再导入"
        }
        "unit.unknown" => "没有这个机构，请先导入机构",
        "unit.out_of_scope" => "这个机构不在您的管辖范围",
        "unit.not_branch" => "客户和村组要归到网点，这个机构不是网点",
        "unit.level" => "级别请写：总行、省、市、县、网点",
        "unit.parent" => "没有这个上级机构；上级要排在下级前面，级别要更高",
        "unit.duplicate" => "机构编码在本文件里重复",
        "staff.post_unknown" => "没有这个岗位，请对照模板说明",
        "village_group.unknown" => "没有这个村组，请先导入村组",
        "village_group.ambiguous" => "有几个村组同名，请写“村名+组名”，或写村组编码",
        "place.coordinates" => {
            "没有村组的行是整村或整个乡镇的位置，请填经度和纬度；如果是村组，请填村组编码和名称"
        }
        "place.duplicate" => "这个村或乡镇的位置在本文件里重复，已用前面那一行",
        "row.duplicate" => "编号在本文件里重复，已用前面那一行",
        "row.moved" => "这位客户已转到{about}，请由那边导入",
        "row.erased" => "本人要求删除，资料已删，不能再导入",
        "field.keeps" => "这一格不能清空",
        "row.unreadable" => "有认不出的字，请改正，或换一种编码再导入",
        _ => "这一格不对，请检查",
    }
}

/// A cell that says: remove what is stored. An empty cell keeps it.
pub fn clears(text: &str) -> bool {
    matches!(text.trim(), "（清空）" | "(清空)" | "（清空)" | "(清空）")
}

/// Columns a workbook of refused rows has behind those of the file.
pub const REFUSED_COLUMNS: [&str; 2] = ["原文件行号", "退回原因"];
/// Sheet of the refused rows that can be corrected.
pub const REFUSED_SHEET: &str = "改好再导入";

/// One reason of a refused row.
pub fn refused_because(column: &str, reason: &str) -> String {
    format!("{column}：{reason}")
}

/// What an import says whose program has died.
pub const INTERRUPTED: &str = "导入中断了。点“接着导”，从停下的地方继续；已导入的行不会重复。";

/// Why a file cannot be read, and what to do.
pub fn file_fault(e: &zf_office::TableError) -> String {
    use zf_office::TableError as T;
    use zf_office::table::ForeignFormat as F;
    match e {
        T::Foreign(F::OldExcel) => {
            "这是旧版 Excel（.xls）。请在 Excel 里另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Encrypted) => "这个工作簿设了密码。请去掉密码再导入。".to_owned(),
        T::Foreign(F::Html) => {
            "这其实是网页，不是表格。请在 Excel 里打开，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::NotAWorkbook) => {
            "文件名是 .xlsx，里面却不是工作簿。请在 Excel 里另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Picture) => {
            "这是图片，不是表格。请用系统导出的 .xlsx 或 CSV；只有照片时，先照着录进 Excel，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Pdf) => {
            "这是 PDF，不是表格。请用系统导出的 .xlsx 或 CSV；没有时，把表格录进 Excel，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Word) => {
            "这是 Word 文档，不是表格。请把里面的表格复制到 Excel，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Slides) => {
            "这是演示文稿，不是表格。请把里面的表格复制到 Excel，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::OpenDocument) => {
            "这是 .ods 一类的文件。请在 Excel 或 WPS 里打开，另存为 .xlsx 再导入。".to_owned()
        }
        T::Foreign(F::Archive) => {
            "这是压缩包，不是表格。请先解压，再导入里面的 .xlsx 或 CSV 文件。".to_owned()
        }
        T::Foreign(F::Binary) => {
            "认不出这是什么文件。请在 Excel 里打开，另存为 .xlsx 或 CSV 再导入。".to_owned()
        }
        T::Io(_) => "文件没有读出来。请重新选文件；还不行，就在 Excel 里另存为 .xlsx 再导入。".to_owned(),
        T::Empty => {
            "文件里没有数据。请打开看一下：上面一行写列名，下面至少一行数据，存成 .xlsx 或 CSV 再导入。".to_owned()
        }
        T::NoSuchSheet { .. } => "没有这个工作表。".to_owned(),
        T::TooLarge { .. } | T::TooManyRows { .. } => {
            "一次最多 100 万行、512 MB，请分成几个文件。".to_owned()
        }
        T::TooManyColumns { row, limit } => {
            format!("第 {row} 行的列太多，最多 {limit} 列。请删掉多余的列。")
        }
        T::CellTooLong { row, column, limit } => {
            format!("第 {row} 行第 {column} 列太长，最多 {limit} 个字。请缩短。")
        }
        T::QuoteNotClosed { row, column } => {
            format!("第 {row} 行第 {column} 列的引号没有成对。请补上后一个引号，或删掉前一个。")
        }
        T::UnknownEncoding { line } => format!(
            "第 {line} 行有认不出的字。请选一种编码再试（Excel 存的 CSV 多为 GB18030），或另存为 .xlsx。"
        ),
        T::Damaged { .. } => "工作簿坏了。请在 Excel 里打开，另存一份再导入。".to_owned(),
    }
}

/// Which of several columns for one field is read: 1-based positions.
pub fn column_taken(taken: usize, left: &[usize]) -> String {
    let left: Vec<String> = left.iter().map(usize::to_string).collect();
    format!("第 {taken} 列，第 {} 列没有读", left.join("、"))
}

/// Has it the form of a Chinese name: two to four characters, nothing else?
pub fn looks_like_name(text: &str) -> bool {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let known = sex(text).is_some() || level(text).is_some() || area_kind(text).is_some();
    let masked = |c: char| matches!(c, '*' | '＊' | '某' | '·');
    let n = text.chars().count();
    (2..=4).contains(&n)
        && text.chars().next().is_some_and(han)
        && text.chars().all(|c| han(c) || masked(c))
        && !known
        && !text.ends_with(['组', '村', '镇', '乡', '县', '支'])
}

/// Has it the form of an address: several names of places, one after the other?
pub fn looks_like_address(text: &str) -> bool {
    const MARKS: [char; 12] = [
        '省', '市', '县', '区', '镇', '乡', '村', '组', '街', '路', '号', '社',
    ];
    text.chars().count() >= 5 && text.chars().filter(|c| MARKS.contains(c)).count() >= 2
}

/// Level of a unit from the words of any preset of names.
pub fn level(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "总行" | "省局" | "总部" | "head" => "head",
        "省行" | "省分行" | "省" | "一级分行" | "province" => "province",
        "分行" | "市" | "市局" | "市分行" | "二级分行" | "city" => "city",
        "支行" | "县" | "县局" | "县支行" | "一级支行" | "county" => "county",
        "网点" | "支局" | "所" | "二级支行" | "营业所" | "branch" => "branch",
        _ => return None,
    })
}

/// Area kind from words.
pub fn area_kind(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "农村" | "乡镇" | "rural" => "rural",
        "城区" | "城市" | "urban" => "urban",
        "城乡结合" | "混合" | "县城" | "mixed" => "mixed",
        _ => return None,
    })
}

/// Market kind from words.
pub fn market_kind(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "农村市场" | "农村" | "rural" => "rural",
        "城区市场" | "城区" | "城市" | "urban" => "urban",
        _ => return None,
    })
}

/// Sex from words.
pub fn sex(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "男" | "male" | "M" | "m" => "male",
        "女" | "female" | "F" | "f" => "female",
        _ => return None,
    })
}

/// Author in the properties of workbooks.
pub const AUTHOR: &str = "走访";
/// Font of titles.
pub const FONT_TITLE: &str = "黑体";
/// Font of everything else.
pub const FONT_BODY: &str = "宋体";
/// Sheet with examples.
pub const EXAMPLE_SHEET: &str = "填写示例";
/// Shown by Excel when an entry is not in the list.
pub const CHOICE_ERROR: &str = "请从下拉列表里选一项。";
/// What an import says whose job was given up.
pub const GIVEN_UP: &str = "试了几次都没有做完，已停下。请把同一个文件再导入一次，已导入的行不会重复；还不行，请联系系统管理员。";
/// Title of the workbook of refused rows.
pub const ERROR_TITLE: &str = "导入退回清单";

/// What a kind of file is called.
pub fn kind_name(kind: &str) -> &'static str {
    match kind {
        "units" => "机构",
        "staff" => "员工",
        "village_groups" => "村组",
        _ => "客户",
    }
}

/// Columns that stay empty where a row is the position of a village or a township.
pub fn only_for_groups(kind: &str, key: &str) -> bool {
    kind == "village_groups" && matches!(key, "code" | "name")
}

/// Name of the sheet, and title, of village groups taken out.
pub const GROUPS_SHEET: &str = "村组";
/// Foot of its pages.
pub const GROUPS_FOOT: &str = "第 {page} 页，共 {pages} 页";

/// What to enter in a column.
pub fn explanation(kind: &str, key: &str) -> &'static str {
    match key {
        "code" if only_for_groups(kind, key) => {
            "村组必填，不能重复；编码和村组名称都留空的一行，是整村或整个乡镇的位置"
        }
        "name" if only_for_groups(kind, key) => "村组必填；是整村或整个乡镇的位置就留空",
        "mail_route" => "投递员按段道补采信息，同一行政村同一段道合在一起；空着不改",
        "village" if kind == "village_groups" => "留空而且没有村组，就是整个乡镇的位置",
        "code" => "行内编码，不能重复",
        "staff_no" => "行内工号，不能重复",
        "customer_no" => "核心系统客户号，同一网点内不能重复",
        "level" => "总行、省、市、县、网点",
        "parent" => "上级机构的编码；上级要排在前面",
        "area_kind" => "农村、城区、城乡结合",
        "market_kind" => "农村市场、城区市场",
        "lon" | "lat" => "度，小数；经度和纬度要成对",
        "datum" => "WGS84、GCJ02 或 BD09；不写按导入时选的",
        "post" => "从列表里选",
        "unit" => "网点的机构编码",
        "id_number" => "18 位；行内已脱敏的也可以",
        "phone" => "手机或带区号的固定电话；行内已脱敏的也可以",
        "village_group" => "村组编码或名称，先导入村组",
        "deposit_due_day" | "insurance_due_day" => "如 2026-11-23",
        "tags" | "products" => "多项用分号隔开",
        "balance_band" => "只写档次，不写具体金额",
        "household_no" => "同一户填同一个号；不填则一人一户",
        "sex" => "男、女",
        _ => "",
    }
}

/// Allowed entries of a column.
pub fn choices(key: &str) -> &'static [&'static str] {
    match key {
        "level" => &["总行", "省", "市", "县", "网点"],
        "area_kind" => &["农村", "城区", "城乡结合"],
        "market_kind" => &["农村市场", "城区市场"],
        "datum" => &["WGS84", "GCJ02", "BD09"],
        "sex" => &["男", "女"],
        _ => &[],
    }
}

/// Example rows of a kind, in the order of the columns: one, and for village
/// groups the positions of a village and of a township besides.
pub fn examples(kind: &str, specs: &[ColumnSpec<'static>]) -> Vec<Vec<String>> {
    let value = |key: &str| match (kind, key) {
        ("units", "code") => "35010101",
        ("units", "name") => "青山镇支局",
        ("units", "level") => "网点",
        ("units", "parent") => "350101",
        ("staff", "staff_no") => "Y0001",
        ("staff", "name") => "张三",
        ("staff", "post") => "支局长",
        ("village_groups", "code") => "35010101001",
        ("village_groups", "name") => "3组",
        ("customers", "customer_no") => "100000001",
        ("customers", "name") => "李四",
        ("village_groups", "lon") => "105.3021",
        ("village_groups", "lat") => "27.2984",
        ("village_groups", "datum") => "WGS84",
        ("village_groups", "mail_route") => "青山2段",
        (_, "unit") => "35010101",
        (_, "township") => "青山镇",
        (_, "village") => "大河村",
        (_, "village_group") => "35010101001",
        (_, "address") => "青山镇大河村3组12号",
        (_, "sex") => "男",
        (_, "deposit_due_day") => "2026-12-03",
        (_, "tags") => "种养植户；三外人员",
        _ => "",
    };
    let row = |empty: &[&str]| {
        let cell = |s: &ColumnSpec<'static>| match empty.contains(&s.key) {
            true => String::new(),
            false => value(s.key).to_owned(),
        };
        specs.iter().map(cell).collect()
    };
    if kind != "village_groups" {
        return vec![row(&[])];
    }
    vec![
        row(&["lon", "lat", "datum"]),
        row(&["code", "name", "mail_route"]),
        row(&["code", "name", "village", "mail_route"]),
    ]
}

/// Words of the workbook of refused rows.
pub fn error_words() -> zf_office::ErrorWords {
    zf_office::ErrorWords {
        summary_sheet: "汇总".to_owned(),
        rows_sheet: "退回的行".to_owned(),
        row: "原文件行号".to_owned(),
        key: "编号".to_owned(),
        column: "列".to_owned(),
        reason: "原因和改法".to_owned(),
        value: "原值（已脱敏）".to_owned(),
        count: "处数".to_owned(),
        page_foot: "第 {page} 页，共 {pages} 页".to_owned(),
    }
}

/// Columns are missing, and the sheet has a name of the list of faults, which
/// people correct and send instead of their file.
pub fn list_of_faults_sent(sheet: &str, missing: &str) -> Option<String> {
    let own = error_words();
    ([own.summary_sheet, own.rows_sheet].iter().any(|s| s == sheet)).then(|| {
        format!("缺少必须的列：{missing}。如果这是退回清单，它已脱敏，不能导入：请在原文件里改好再导入，或下载退回的行的完整内容，改好后导入那个文件。")
    })
}

/// Lines on top of the workbook of refused rows.
pub fn error_summary(file: &str, rows: i64, bad: i64, notes: usize) -> Vec<String> {
    let mut lines = vec![
        ERROR_TITLE.to_owned(),
        format!("文件：{file}"),
        format!(
            "共 {rows} 行，退回 {bad} 行。请在原文件里改好，再导入原文件，已导入的行不会重复。"
        ),
        "本清单已脱敏，只供对照，不能导入。".to_owned(),
    ];
    if notes > 0 {
        lines.push(format!("另有 {notes} 处提示，所在的行已照常导入。"));
    }
    lines
}
