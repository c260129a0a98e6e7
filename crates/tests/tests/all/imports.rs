//! Imports over HTTP: what goes in, what comes back, and that doing it again,
//! or being stopped in the middle, changes nothing.

use serde_json::{Value as Json, json};
use zf_tests::files::{Sheet, read_workbook, sheet_names};
use zf_tests::people::{Person, needles, person};
use zf_tests::{World, both};

const HEADERS: [&str; 6] = [
    "客户号",
    "姓名",
    "手机号",
    "证件号码",
    "家庭住址",
    "所属机构",
];

fn sheet(people: &[Person], unit: &str) -> Sheet {
    people.iter().fold(Sheet::new(&HEADERS), |sheet, p| {
        sheet.row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, unit])
    })
}

fn people(range: std::ops::Range<usize>) -> Vec<Person> {
    range.map(person).collect()
}

/// total, done, new, changed, same, bad
fn counts(import: &Json) -> [i64; 6] {
    ["total", "done", "new", "changed", "same", "bad"]
        .map(|k| import[format!("rows_{k}")].as_i64().unwrap())
}

/// Every sealed and clear column of a customer that an import writes, opened
/// through a reveal, as one text per customer.
async fn stored(w: &World, unit: &zf_kernel::unit::Unit) -> Vec<String> {
    let scope = w.scope(zf_kernel::Permission::CustomerRead, unit);
    let filter = zf_network::customer::service::Filter::default();
    let permit = zf_base::mask::Permit::for_reason(zf_base::mask::Reason::new("test").unwrap());
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let list = zf_network::customer::service::customer_list;
        let page = list(&w.app, &scope, &filter, &after, 200).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = last.customer_no.clone();
        for c in &page {
            all.push(format!(
                "{} {} {} {} {} {:?} {:?} {:?}",
                c.customer_no,
                c.name.reveal(&permit),
                c.phone.reveal(&permit),
                c.id_number.reveal(&permit),
                c.address.reveal(&permit),
                c.occupation,
                c.tags,
                c.deposit_due_day,
            ));
        }
    }
}

/// Headers of a workbook as an import finds them.
fn headers_of(bytes: &[u8], columns: &[zf_office::ColumnSpec<'static>]) -> Vec<String> {
    let known = |h: &str| zf_office::columns::is_known_header(columns, h);
    let options = zf_office::TableOptions::default();
    let table = zf_office::Table::open(bytes.to_vec(), "模板.xlsx", &options, &known);
    table.unwrap().headers().to_vec()
}

both! {
    async fn good_rows_go_in_and_bad_rows_come_back_with_row_column_and_reason(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let good = people(0..5);
        let bad = person(99);
        w.guard.plant(&needles(&good));
        w.guard.plant(&needles([&bad]));
        let mut wrong_id = bad.id_number.clone();
        let last = if wrong_id.ends_with('5') { "6" } else { "5" };
        wrong_id.replace_range(17.., last);
        let file = sheet(&good, &branch.code)
            .row(&["700", &bad.name, "12345", &bad.id_number, &bad.address, &branch.code])
            .row(&["701", &bad.name, &bad.phone, &wrong_id, &bad.address, &branch.code])
            .row(&["702", "", &bad.phone, "", "", &branch.code])
            .row(&["", &bad.name, "", "", "", &branch.code])
            .row(&["704", &bad.name, "", "", "", "99999999"])
            .row(&["705", &bad.name, "", "", "", &w.org.county.code])
            .row(&["706", &bad.name, "", "", "", &w.org.other_branch.code])
            .row(&[&good[0].no, &bad.name, "", "", "", &branch.code]);
        let done = w.import(&market, "customers", "名单.csv", file.csv().as_bytes()).await;
        assert_eq!((&done["state"], counts(&done)), (&json!("done"), [13, 13, 5, 0, 0, 8]), "{done}");
        let errors = done["errors"].as_array().unwrap();
        let told: Vec<(i64, &str, &str)> = errors.iter().map(|e| (e["row"].as_i64().unwrap(), e["column"].as_str().unwrap(), e["reason"].as_str().unwrap())).collect();
        assert_eq!(told, [
            (7, "手机号", "电话号码位数或号段不对"),
            (8, "证件号码", "证件号码位数、日期或末位校验不对"),
            (9, "姓名", "这一格必须填写"),
            (10, "客户号", "这一格必须填写"),
            (11, "所属机构", "没有这个机构，请先导入机构"),
            (12, "所属机构", "客户和村组要归到网点，这个机构不是网点"),
            (13, "所属机构", "这个机构不在您的管辖范围"),
            (14, "客户号", "编号在本文件里重复，已用前面那一行"),
        ]);
        assert_eq!(errors[0]["business_key"], "700");
        assert!(!errors[1]["masked_value"].as_str().unwrap().contains(&wrong_id[3..14]), "{}", errors[1]);
        assert_eq!(stored(&w, branch).await.len(), 5);
        let other = &w.org.other_branch;
        assert!(stored(&w, other).await.is_empty());
    }

    async fn refused_rows_come_back_as_a_workbook_that_opens(w: World) {
        let market = w.role("market_department").await;
        let mut file = sheet(&people(0..3), &w.org.branches[0].code);
        for n in 0..40 {
            file = file.row(&[format!("8{n:02}"), "某人".to_owned(), "1".to_owned(), String::new(), String::new(), w.org.branches[0].code.clone()]);
        }
        let done = w.import(&market, "customers", "名单.csv", file.csv().as_bytes()).await;
        let id = done["id"].as_str().unwrap();
        let reply = market.get(&format!("/imports/{id}/errors.xlsx")).await.ok();
        assert!(reply.headers["content-disposition"].to_str().unwrap().contains(".xlsx"));
        assert_eq!(sheet_names(&reply.bytes), ["汇总", "退回的行"]);
        let rows = read_workbook(&reply.bytes, Some("退回的行"), &["原文件行号", "原因和改法"]);
        assert_eq!(rows.rows.len(), 40);
        assert_eq!((rows.rows[0][0].as_str(), rows.rows[0][1].as_str()), ("5", "800"));
        assert!(rows.rows.iter().all(|r| r.iter().any(|c| c == "电话号码位数或号段不对")));
    }

    async fn importing_the_same_file_again_changes_nothing(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let file = sheet(&people(0..60), &branch.code).csv();
        let first = w.import(&market, "customers", "名单.csv", file.as_bytes()).await;
        assert_eq!(counts(&first), [60, 60, 60, 0, 0, 0]);
        let before = w.query("SELECT id, rev, updated_at FROM customer ORDER BY id", vec![]).await;
        w.clock.forward_minutes(1);
        let again = w.import(&market, "customers", "名单.csv", file.as_bytes()).await;
        assert_eq!(counts(&again), [60, 60, 0, 0, 60, 0]);
        assert_eq!(w.query("SELECT id, rev, updated_at FROM customer ORDER BY id", vec![]).await, before);
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 0, "the file is forgotten");
    }

    async fn a_changed_row_never_blanks_what_its_file_does_not_carry(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let all = people(0..3);
        let mut full = Sheet::new(&["客户号", "姓名", "手机号", "证件号码", "家庭住址", "所属机构", "职业", "存款到期日", "必访标签"]);
        for p in &all {
            full = full.row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, &branch.code, "务农", "2026-12-03", "种养植户；三外人员"]);
        }
        w.import(&market, "customers", "全.csv", full.csv().as_bytes()).await;
        let before = stored(&w, branch).await;
        // Only a new address of the first; an empty telephone column for all.
        let fewer = Sheet::new(&["客户号", "姓名", "手机号", "家庭住址", "所属机构"])
            .row(&[&all[0].no, &all[0].name, "", "青山镇新村1组1号", &branch.code])
            .row(&[&all[1].no, &all[1].name, "", &all[1].address, &branch.code]);
        let done = w.import(&market, "customers", "少.csv", fewer.csv().as_bytes()).await;
        assert_eq!(done["rows_bad"], 0, "{done}");
        let after = stored(&w, branch).await;
        assert_eq!(after[0], before[0].replace(&all[0].address, "青山镇新村1组1号"));
        assert_eq!(after[1..], before[1..]);
        assert!(before[0].contains("务农") && before[0].contains("B03") && before[0].contains("2026-12-03"), "{}", before[0]);
    }

    async fn the_same_rows_arrive_from_utf8_gb18030_and_a_workbook(w: World) {
        let market = w.role("market_department").await;
        let all = people(200..230);
        let mut seen: Vec<Vec<String>> = Vec::new();
        for (n, name) in ["名单.csv", "名单-gb.csv", "名单.xlsx"].into_iter().enumerate() {
            let branch = &w.org.branches[n];
            let file = sheet(&all, &branch.code);
            let bytes = vec![file.csv().into_bytes(), file.gb18030(), file.xlsx()].swap_remove(n);
            let done = w.import(&market, "customers", name, &bytes).await;
            assert_eq!(counts(&done), [30, 30, 30, 0, 0, 0], "{name}: {done}");
            seen.push(stored(&w, branch).await);
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0], seen[2]);
        assert!(seen[0][0].contains(&all[0].name));
    }

    async fn headers_may_be_english_or_other_common_words(w: World) {
        let market = w.role("market_department").await;
        let p = person(5);
        let unit = &w.org.branches[0];
        for headers in [["cust_no", "name", "mobile", "id_number", "address", "unit_code"], ["客户编号", "客户姓名", "联系电话", "身份证号", "住址", "机构号"]] {
            let file = Sheet::new(&headers).row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, &unit.code]);
            let done = w.import(&market, "customers", "list.csv", file.csv().as_bytes()).await;
            assert_eq!(done["rows_bad"], 0, "{done}");
            assert_eq!(done["rows_done"], 1);
        }
        assert_eq!(stored(&w, unit).await.len(), 1);
    }

    async fn a_file_without_a_needed_column_or_without_rows_says_what_to_do(w: World) {
        let market = w.role("market_department").await;
        let no_unit = Sheet::new(&["客户号", "姓名"]).row(&["1", "某人"]);
        let done = w.import(&market, "customers", "缺列.csv", no_unit.csv().as_bytes()).await;
        assert_eq!(done["state"], "failed");
        assert!(done["message"].as_str().unwrap().contains("所属机构"), "{done}");
        let empty = w.import(&market, "customers", "空.csv", Sheet::new(&HEADERS).csv().as_bytes()).await;
        assert_eq!(empty["state"], "failed", "{empty}");
        assert!(empty["message"].as_str().unwrap().contains("下面至少一行数据"), "{empty}");
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 0);
        market.upload("cats", "猫.csv", b"x", false).await.refused(422, "input.invalid");
    }

    async fn a_file_that_is_no_table_is_refused_at_once_and_told_what_it_is(w: World) {
        let market = w.role("market_department").await;
        let old = [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600]].concat();
        for (name, bytes, what, remedy) in [
            ("空.csv", &b""[..], "文件里没有数据", "上面一行写列名"),
            ("空.xlsx", b"", "文件里没有数据", "上面一行写列名"),
            ("旧.xls", &old, "这是旧版 Excel（.xls）", "另存为 .xlsx"),
            ("照片.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "这是图片", "另存为 .xlsx"),
            ("照片.xlsx", b"\xFF\xD8\xFF\xE0\0\x10JFIF", "这是图片", "另存为 .xlsx"),
            ("扫描.pdf", b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\n", "这是 PDF", "另存为 .xlsx"),
            ("名单.csv", b"Rar!\x1A\x07\0", "这是压缩包", "先解压"),
            ("乱.csv", b"a\0b", "认不出这是什么文件", "另存为 .xlsx 或 CSV"),
        ] {
            let told = market.upload("customers", name, bytes, false).await.refused(422, "import.file");
            let detail = told["detail"].as_str().unwrap();
            assert!(detail.contains(what) && detail.contains(remedy), "{name}: {detail}");
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM import_run").await, 0, "nothing is left of them");
    }

    async fn a_wrong_code_can_be_read_in_the_list_of_faults(w: World) {
        let market = w.role("market_department").await;
        let file = Sheet::new(&["客户号", "姓名", "所属机构", "村组"])
            .row(&["1", "某人", "10010109", ""])
            .row(&["2", "某人", w.org.branches[0].code.as_str(), "G-77"])
            .row(&["3", "某人", "13800001234", ""]);
        let done = w.import(&market, "customers", "客户.csv", file.csv().as_bytes()).await;
        let shown: Vec<(&str, &str)> = done["errors"].as_array().unwrap().iter()
            .map(|e| (e["column"].as_str().unwrap(), e["masked_value"].as_str().unwrap()))
            .collect();
        assert_eq!(shown, [("所属机构", "10010109"), ("村组", "G-77"), ("所属机构", "***********")]);
    }

    async fn the_masked_list_of_faults_sent_instead_of_the_file_is_told_apart(w: World) {
        let market = w.role("market_department").await;
        let file = Sheet::new(&["客户号", "姓名", "所属机构"]).row(&["1", "某人", "10010109"]);
        let done = w.import(&market, "customers", "客户.csv", file.csv().as_bytes()).await;
        let list = market.get(&format!("/imports/{}/errors.xlsx", done["id"].as_str().unwrap())).await.ok();
        let sent = w.import(&market, "customers", "退回清单.xlsx", &list.bytes).await;
        assert_eq!(sent["state"], "failed");
        let told = sent["message"].as_str().unwrap();
        assert!(told.contains("缺少必须的列") && told.contains("下载退回的行的完整内容"), "{told}");
    }

    async fn of_several_columns_for_one_field_it_is_said_which_is_read(w: World) {
        let market = w.role("market_department").await;
        let file = Sheet::new(&["客户号", "姓名", "手机号", "所属机构", "联系电话", "手机号", "备用", "备用"])
            .row(&["1", "某人", "13800001234", w.org.branches[0].code.as_str(), "13800005678", "", "", ""]);
        let want = "提示：有几列是同一个内容，用的是第 3 列，第 5、6 列没有读。如果不对，请改列名，或在预览里指定";
        let notes = |v: &Json| v["notes"].as_array().unwrap().iter()
            .map(|n| (n["row"].as_i64().unwrap(), n["column"].as_str().unwrap().to_owned(), n["reason"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>();
        let told = vec![(1, "手机号".to_owned(), want.to_owned())];
        let done = w.import(&market, "customers", "客户.csv", file.csv().as_bytes()).await;
        assert_eq!((&done["rows_new"], notes(&done)), (&json!(1), told.clone()), "{done}");
        let held = crate::import_steps::hold(&market, "客户.csv", file.csv().as_bytes()).await;
        let preview = market.get(&format!("/imports/{}/preview", held["id"].as_str().unwrap())).await.good();
        assert_eq!(notes(&preview), told);
        // One row below the headers, whether or not its line is ended.
        assert_eq!(preview["rows_estimate"], 1);
    }

    async fn a_dry_run_says_what_would_happen_and_writes_nothing(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        w.import(&market, "customers", "旧.csv", sheet(&people(0..4), &branch.code).csv().as_bytes()).await;
        let mut new = people(0..9);
        new[1].phone = person(5000).phone;
        let file = sheet(&new, &branch.code).row(&["900", "某人", "1", "", "", &branch.code]);
        let events = w.count("SELECT COUNT(*) FROM event").await;
        let started = market.upload("customers", "试.csv", file.csv().as_bytes(), true).await.good();
        w.drain().await;
        let done = market.get(&format!("/imports/{}", started["id"].as_str().unwrap())).await.good();
        assert_eq!(counts(&done), [10, 10, 5, 1, 3, 1], "{done}");
        assert_eq!(stored(&w, branch).await.len(), 4);
        assert_eq!(w.count("SELECT COUNT(*) FROM event").await, events);
    }

    async fn an_organisation_is_imported_and_tried_without_writing(w: World) {
        let market = w.role("market_department").await;
        let units = Sheet::new(&["机构编码", "机构名称", "级别", "上级编码", "经度", "纬度", "坐标系"])
            .row(&["10010104", "黑石网点", "网点", "100101", "82.2", "38.9", "WGS84"])
            .row(&["10010105", "飞地网点", "网点", "100102", "", "", ""])
            .row(&["10010106", "怪网点", "村", "100101", "", "", ""]);
        let started = market.upload("units", "机构.csv", units.csv().as_bytes(), true).await.good();
        w.drain().await;
        let tried = market.get(&format!("/imports/{}", started["id"].as_str().unwrap())).await.good();
        let done = w.import(&market, "units", "机构.csv", units.csv().as_bytes()).await;
        for import in [&tried, &done] {
            assert_eq!(counts(import), [3, 3, 1, 0, 0, 2], "{import}");
        }
        let staff = Sheet::new(&["工号", "姓名", "机构编码", "岗位", "手机号"])
            .row(&["Y1", "钱进", "10010104", "支局长", "10455556666"])
            .row(&["Y2", "孙丽", "10010104", "宇航员", ""]);
        let done = w.import(&market, "staff", "员工.csv", staff.csv().as_bytes()).await;
        assert_eq!(counts(&done), [2, 2, 1, 0, 0, 1], "{done}");
        let groups = Sheet::new(&["机构编码", "村组编码", "乡镇", "村", "村组", "经度", "纬度"])
            .row(&["10010104", "G1", "青山镇", "大河村", "3组", "82.21", "38.91"])
            .row(&["100101", "G2", "青山镇", "大河村", "4组", "", ""]);
        let done = w.import(&market, "village_groups", "村组.csv", groups.csv().as_bytes()).await;
        assert_eq!(counts(&done), [2, 2, 1, 0, 0, 1], "{done}");
        let p = person(1);
        let customers = Sheet::new(&["客户号", "姓名", "所属机构", "村组", "户号"])
            .row(&[&p.no, &p.name, "10010104", "大河村3组", "H1"])
            .row(&["77", "某人", "10010104", "G1", "H1"])
            .row(&["78", "某人", "10010104", "没有的组", "H2"]);
        let done = w.import(&market, "customers", "客户.csv", customers.csv().as_bytes()).await;
        assert_eq!(counts(&done), [3, 3, 2, 0, 0, 1], "{done}");
        let all = market.get("/units").await.items();
        let unit = all.iter().find(|u| u["code"] == "10010104").unwrap();
        assert_eq!((&unit["customers"], &unit["staff"]), (&json!(2), &json!(1)));
        let groups = market.get(&format!("/units/{}/village-groups", unit["id"].as_str().unwrap())).await.items();
        assert_eq!((&groups[0]["customers"], &groups[0]["households"]), (&json!(2), &json!(1)));
    }

    async fn a_new_unit_below_a_new_unit_passes_a_dry_run(w: World) {
        let admin = w.role_at("market_department", &w.org.city).await;
        let units = Sheet::new(&["机构编码", "机构名称", "级别", "上级编码"])
            .row(&["100103", "新县支行", "县", "1001"])
            .row(&["10010301", "新县网点", "网点", "100103"]);
        let started = admin.upload("units", "机构.csv", units.csv().as_bytes(), true).await.good();
        w.drain().await;
        let tried = admin.get(&format!("/imports/{}", started["id"].as_str().unwrap())).await.good();
        assert_eq!(counts(&tried), [2, 2, 2, 0, 0, 0], "{tried}");
    }

    async fn an_import_that_is_cancelled_stops_and_keeps_the_file_to_go_on(w: World) {
        let market = w.role("market_department").await;
        let file = sheet(&people(0..50), &w.org.branches[0].code).csv();
        let started = market.upload("customers", "名单.csv", file.as_bytes(), false).await.good();
        let id = started["id"].as_str().unwrap();
        assert_eq!(started["state"], "waiting");
        market.press(&format!("/imports/{id}/cancel")).await.ok();
        w.drain().await;
        let done = market.get(&format!("/imports/{id}")).await.good();
        assert_eq!(done["state"], "canceled", "{done}");
        assert!(done["finished_at"].is_string());
        assert_eq!(stored(&w, &w.org.branches[0]).await.len(), 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 1);
        let again = w.import(&market, "customers", "名单.csv", file.as_bytes()).await;
        assert_eq!(again["rows_new"], 50);
    }

    async fn templates_of_every_kind_open_and_carry_the_headers_that_are_read(w: World) {
        let market = w.role("market_department").await;
        use zf_network::words::{CUSTOMER_COLUMNS, STAFF_COLUMNS, UNIT_COLUMNS, VILLAGE_GROUP_COLUMNS};
        for (kind, columns) in [("units", UNIT_COLUMNS), ("staff", STAFF_COLUMNS), ("village_groups", VILLAGE_GROUP_COLUMNS), ("customers", CUSTOMER_COLUMNS)] {
            let reply = market.get(&format!("/import-templates/{kind}.xlsx")).await.ok();
            assert_eq!(sheet_names(&reply.bytes).len(), 2, "{kind}");
            let done = w.import(&market, kind, "模板.xlsx", &reply.bytes).await;
            // No row yet, but no column is missing.
            assert!(!done["message"].as_str().unwrap().contains("缺少"), "{kind}: {done}");
            let headers = headers_of(&reply.bytes, columns);
            let map = zf_office::ColumnMap::resolve(columns, &headers);
            let read = columns.iter().filter(|c| map.index(c.key).is_some()).count();
            assert_eq!(read, columns.len(), "{kind}: {headers:?}");
        }
        market.get("/import-templates/cats.xlsx").await.refused(404, "not_found");
    }

    async fn imports_are_listed_newest_first_within_the_scope(w: World) {
        let market = w.role("market_department").await;
        let other = w.role_at("market_department", &w.org.other_county).await;
        for n in 0..5 {
            w.clock.forward_seconds(1);
            let who = if n == 2 { &other } else { &market };
            let file = sheet(&people(n..n + 1), &w.org.branches[0].code).csv();
            w.import(who, "customers", &format!("第{n}份.csv"), file.as_bytes()).await;
        }
        let mut names = Vec::new();
        let mut after = String::new();
        loop {
            let page = market.get(&format!("/imports?limit=3&after={after}")).await.good();
            names.extend(page["items"].as_array().unwrap().iter().map(|i| i["file_name"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(names, ["第4份.csv", "第3份.csv", "第1份.csv", "第0份.csv"]);
        let theirs = other.get("/imports").await.items();
        assert_eq!(theirs.len(), 1);
        assert_eq!(theirs[0]["rows_bad"], 1, "the branch is not theirs");
        market.get(&format!("/imports/{}", theirs[0]["id"].as_str().unwrap())).await.refused(404, "import.not_found");
    }

    async fn a_file_whose_columns_are_shifted_shows_nobody(w: World) {
        // Somebody deleted a heading: every value stands one column to the left.
        let market = w.role("market_department").await;
        let all = people(0..30);
        w.guard.plant(&needles(&all));
        let mut file = Sheet::new(&["客户号", "姓名", "所属机构", "手机号", "家庭住址"]);
        for p in &all {
            file = file.row(&[&p.name, &p.phone, &p.id_number, &p.address, &p.address]);
            file = file.row(&[&p.phone, &p.no, &p.address, &p.name, &p.id_number]);
            file = file.row(&[&p.id_number, &p.no, &p.name, &p.name, &p.id_number]);
        }
        let done = w.import(&market, "customers", "错列.csv", file.csv().as_bytes()).await;
        assert_eq!(done["rows_bad"], 90, "{done}");
        market.get(&format!("/imports/{}/errors.xlsx", done["id"].as_str().unwrap())).await.ok();
    }

    async fn counts_add_up_whatever_the_file_holds(w: World) {
        let market = w.role("market_department").await;
        let units = [w.org.branches[0].code.as_str(), w.org.branches[1].code.as_str(), "100101", "", "nowhere", "10010201"];
        let mut seed = 7u64;
        let mut pick = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        for round in 0..12 {
            let mut file = Sheet::new(&["客户号", "姓名", "手机号", "证件号码", "家庭住址", "所属机构", "经度", "纬度", "存款到期日", "必访标签", "性别"]);
            let rows = 1 + pick(60);
            for _ in 0..rows {
                let p = person(pick(40));
                let odd = ["", " ", "-", "=1+1", "138****1234", "２０２６", "\u{7}x", "\"", "2026/13/45", "999", "种养植户；火星人"][pick(11)];
                let choose = [pick(4), pick(4), pick(4), pick(4), pick(9), pick(9), pick(9)];
                let of = |i: usize, good: &str| if choose[i] == 0 { odd.to_owned() } else { good.to_owned() };
                file = file.row(&[of(0, &p.no), of(1, &p.name), of(2, &p.phone), of(3, &p.id_number), p.address.clone(), units[pick(6)].to_owned(), of(4, "82.1"), of(5, "38.9"), of(6, "2026-12-03"), of(4, "种养植户"), of(5, "男")]);
            }
            let done = w.import(&market, "customers", &format!("{round}.csv"), file.csv().as_bytes()).await;
            assert_eq!(done["state"], "done", "{done}");
            let [total, read, new, changed, same, bad] = counts(&done);
            assert_eq!((total, read), (rows as i64, rows as i64), "{done}");
            assert_eq!(new + changed + same + bad, total, "{done}");
            let again = w.import(&market, "customers", &format!("{round}-2.csv"), file.csv().as_bytes()).await;
            assert_eq!(counts(&again), [total, read, 0, 0, total - bad, bad], "{again}");
        }
        assert!(zf_kernel::event::verify::verify_all(&w.app).await.unwrap().findings.is_empty());
    }
}
