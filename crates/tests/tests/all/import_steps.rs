//! The steps of an import over HTTP: held, looked at, columns assigned, tried,
//! started, stopped, gone on with, corrected; and who may do what with it.

use serde_json::{Value as Json, json};
use zf_base::{CustomerId, UnitId};
use zf_kernel::{Permission, UnitTx};
use zf_network::customer::past::{Fate, Leaving, customer_leave};
use zf_network::customer::service::{Filter, customer_list};
use zf_tests::browser::{Browser, Payload};
use zf_tests::files::{Sheet, read_workbook};
use zf_tests::people::{Person, needles, person};
use zf_tests::{World, both};

/// Uploads a file that waits for its preview.
pub(crate) async fn hold(browser: &Browser, name: &str, bytes: &[u8]) -> Json {
    let reply = send(
        browser,
        name,
        bytes,
        &[("kind", "customers"), ("hold", "true")],
    )
    .await;
    let made = reply.good();
    assert_eq!(made["state"], "held", "{made}");
    made
}

async fn send(
    browser: &Browser,
    name: &str,
    bytes: &[u8],
    fields: &[(&str, &str)],
) -> zf_tests::browser::Reply {
    let text = |(k, v): &(&str, &str)| ((*k).to_owned(), None, v.as_bytes().to_vec());
    let mut form: Vec<(String, Option<String>, Vec<u8>)> = fields.iter().map(text).collect();
    form.push(("file".to_owned(), Some(name.to_owned()), bytes.to_vec()));
    browser.send("POST", "/imports", Payload::Form(form)).await
}

fn path(import: &Json, rest: &str) -> String {
    format!("/imports/{}{rest}", import["id"].as_str().unwrap())
}

/// total, done, new, changed, same, bad
fn counts(import: &Json) -> [i64; 6] {
    ["total", "done", "new", "changed", "same", "bad"]
        .map(|k| import[format!("rows_{k}")].as_i64().unwrap())
}

fn keys(preview: &Json) -> Vec<&str> {
    let columns = preview["columns"].as_array().unwrap();
    columns.iter().map(|c| c["key"].as_str().unwrap()).collect()
}

fn guessed_by(preview: &Json) -> Vec<&str> {
    let columns = preview["columns"].as_array().unwrap();
    let by = |c: &'_ Json| c["guessed_by"].as_str().unwrap().to_owned();
    columns
        .iter()
        .map(|c| match by(c).as_str() {
            "remembered" => "remembered",
            "header" => "header",
            "content" => "content",
            _ => "nothing",
        })
        .collect()
}

const ODD: [&str; 7] = ["标识", "户主", "证照", "联络", "位置", "网点代号", "备用"];

/// A file as some core system writes it: a title, a blank row, headers of its own.
fn odd(people: &[Person], unit: &str) -> Sheet {
    people.iter().fold(Sheet::new(&ODD), |sheet, p| {
        sheet.row(&[
            &p.no,
            &p.name,
            &p.id_number,
            &p.phone,
            &p.address,
            unit,
            "x",
        ])
    })
}

/// The market department after its session has ended.
async fn again_signed_in(w: &World) -> Browser {
    let login = format!("market-department-{}", w.home_of("market_department").code);
    w.browser().sign_in(&login, zf_tests::world::PASSWORD).await
}

fn people(range: std::ops::Range<usize>) -> Vec<Person> {
    range.map(person).collect()
}

async fn customers(w: &World) -> i64 {
    w.count("SELECT COUNT(*) FROM customer").await
}

/// Takes a customer out of the first branch in one transaction.
async fn leaves(w: &World, no: &str, fate: Fate, into: Option<(UnitId, CustomerId)>) {
    let branch = w.org.branches[0].clone();
    let scope = w.scope(Permission::CustomerWrite, &branch);
    let ctx = w.machine();
    let found = customer_list(&w.app, &scope, &Filter::default(), "", 50)
        .await
        .unwrap();
    let customer = found.into_iter().find(|c| c.customer_no == no).unwrap();
    let leaving = Leaving {
        fate,
        into,
        reason: "test",
        keep_snapshot: fate != Fate::Erased,
    };
    let mut tx = UnitTx::begin(&w.app, &ctx, &scope).await.unwrap();
    customer_leave(&mut tx, &w.app, &ctx, &customer, &leaving)
        .await
        .unwrap();
    tx.record("test.leave", "customer", customer.id, json!({}));
    tx.commit().await.unwrap();
}

both! {
    async fn a_file_with_headers_of_its_own_is_guessed_assigned_and_remembered(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let all = people(0..30);
        w.guard.plant(&needles(&all));
        let mut bytes = encoding_rs::GB18030.encode("青山县支行客户清单\r\n\r\n").0.into_owned();
        bytes.extend(odd(&all, unit).gb18030());
        let held = hold(&market, "核心.csv", &bytes).await;
        w.drain().await;
        assert_eq!((customers(&w).await, held["rows_total"].as_i64()), (0, Some(0)), "nothing before it is asked for");

        let seen = market.get(&path(&held, "/preview")).await.good();
        assert_eq!((seen["encoding"].as_str(), seen["encoding_found"].as_str()), (Some("gb18030"), Some("gb18030")));
        assert_eq!((seen["header_row"].as_i64(), seen["rows"][0]["row"].as_i64()), (Some(3), Some(4)));
        assert_eq!(seen["rows"].as_array().unwrap().len(), 20, "the first twenty");
        assert_eq!(keys(&seen), ["customer_no", "name", "id_number", "phone", "address", "unit", ""]);
        assert_eq!(guessed_by(&seen), ["content", "content", "content", "content", "content", "content", "nothing"]);
        assert_eq!(["rows", "new", "changed", "same", "bad"].map(|k| seen[format!("sample_{k}")].as_i64().unwrap()), [30, 30, 0, 0, 0]);
        assert_eq!(seen["missing"], json!([]));
        assert_eq!(customers(&w).await, 0, "a preview writes nothing");

        let chosen = json!({ "mapping": keys(&seen) });
        market.post(&path(&held, "/start"), chosen).await.good();
        w.drain().await;
        let done = market.get(&path(&held, "")).await.good();
        assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [30, 30, 30, 0, 0, 0]), "{done}");
        assert_eq!((done["customers_before"].as_i64(), done["customers_after"].as_i64()), (Some(0), Some(30)));

        // Next month: the same headers, another encoding, one more customer.
        let next = odd(&people(0..31), unit).csv();
        let held = hold(&market, "核心2.csv", next.as_bytes()).await;
        let seen = market.get(&path(&held, "/preview")).await.good();
        assert_eq!((seen["encoding"].as_str(), seen["remembered"].as_bool()), (Some("utf-8"), Some(true)));
        assert_eq!(guessed_by(&seen)[..6], ["remembered"; 6]);
        assert_eq!((seen["sample_new"].as_i64(), seen["sample_same"].as_i64()), (Some(1), Some(30)));
        // In one step too, without being asked.
        let again = w.import(&market, "customers", "核心3.csv", next.as_bytes()).await;
        assert_eq!(counts(&again), [31, 31, 1, 0, 30, 0], "{again}");
    }

    async fn a_file_is_tried_in_full_and_then_started_with_the_same_upload(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let headers = ["客户号", "姓名", "手机号", "所属机构"];
        let mut file = Sheet::new(&headers);
        for n in 0..450 {
            let p = person(n);
            let phone = if n % 90 == 7 { "12" } else { &p.phone };
            file = file.row(&[&p.no, &p.name, phone, unit]);
        }
        let held = hold(&market, "名单.xlsx", &file.xlsx()).await;
        let seen = market.get(&path(&held, "/preview")).await.good();
        assert_eq!((seen["encoding"].as_str(), seen["sheet"].as_str()), (None, Some("名单")));
        assert_eq!((seen["sample_rows"].as_i64(), seen["sample_bad"].as_i64()), (Some(200), Some(3)), "a sample of the top");
        market.post(&path(&held, "/start"), json!({ "dry_run": true })).await.good();
        w.drain().await;
        let tried = market.get(&path(&held, "")).await.good();
        assert_eq!((tried["state"].as_str(), counts(&tried)), (Some("checked"), [450, 450, 445, 0, 0, 5]), "{tried}");
        assert_eq!(customers(&w).await, 0);
        market.post(&path(&held, "/start"), json!({})).await.good();
        w.drain().await;
        let done = market.get(&path(&held, "")).await.good();
        assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [450, 450, 445, 0, 0, 5]), "{done}");
        assert_eq!(customers(&w).await, 445);
        market.post(&path(&held, "/start"), json!({})).await.refused(409, "import.file_gone");
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 0, "the file is forgotten");
        market.get(&path(&held, "/preview")).await.refused(409, "import.file_gone");
    }

    async fn refused_rows_come_back_in_full_only_to_who_uploaded_them_and_can_be_imported(w: World) {
        let market = w.role("market_department").await;
        let other = w.account("second-market", &[("market_department", &w.org.county)], false).await;
        let other = w.browser().sign_in(&other.login, zf_tests::world::PASSWORD).await;
        let unit = &w.org.branches[0].code;
        let (good, bad) = (person(1), person(2));
        let headers = ["客户号", "姓名", "手机号", "家庭住址", "所属机构", "没人认识的列"];
        let file = Sheet::new(&headers)
            .row(&[&good.no, &good.name, &good.phone, &good.address, unit, "a"])
            .row(&[&bad.no, &bad.name, "12", &bad.address, unit, "b"])
            .row(&["", &bad.name, "", "", unit, "c"]);
        let done = w.import(&market, "customers", "名单.csv", file.csv().as_bytes()).await;
        assert_eq!((counts(&done), done["can_correct"].as_bool()), ([3, 3, 1, 0, 0, 2], Some(true)), "{done}");
        let theirs = other.get(&path(&done, "")).await.good();
        assert_eq!(theirs["can_correct"].as_bool(), Some(false));
        other.press(&path(&done, "/refused.xlsx")).await.refused(403, "permission.denied");

        let book = market.press(&path(&done, "/refused.xlsx")).await.ok();
        let sheet = read_workbook(&book.bytes, None, &headers);
        assert_eq!(sheet.headers[..6], headers);
        assert_eq!(sheet.headers[6..], ["原文件行号", "退回原因"]);
        assert_eq!(sheet.rows[0][..7], [&bad.no, &bad.name, "12", &bad.address, unit, "b", "3"].map(str::to_owned));
        assert_eq!(sheet.rows[1][7], "客户号：这一格必须填写");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'import.refused'").await, 1, "it is recorded");

        // Corrected and sent again as it is.
        let mut fixed = Sheet { headers: sheet.headers, rows: sheet.rows };
        fixed.rows[0][2] = bad.phone.clone();
        fixed.rows[1][0] = "77777".to_owned();
        let again = w.import(&market, "customers", "改好.xlsx", &fixed.xlsx()).await;
        assert_eq!(counts(&again), [2, 2, 2, 0, 0, 0], "{again}");
        w.clock.forward_minutes(8 * 24 * 60);
        let market = again_signed_in(&w).await;
        w.import(&market, "customers", "后来.csv", file.csv().as_bytes()).await;
        market.press(&path(&done, "/refused.xlsx")).await.refused(409, "import.file_gone");
    }

    async fn a_stopped_import_goes_on_or_is_discarded(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let mut file = Sheet::new(&["客户号", "姓名", "所属机构"]);
        for n in 0..50 {
            let p = person(n);
            file = file.row(&[&p.no, &p.name, unit]);
        }
        let csv = file.csv();
        let started = market.upload("customers", "名单.csv", csv.as_bytes(), false).await.good();
        market.press(&path(&started, "/resume")).await.refused(409, "import.state");
        market.press(&path(&started, "/cancel")).await.ok();
        w.drain().await;
        let stopped = market.get(&path(&started, "")).await.good();
        assert_eq!((stopped["state"].as_str(), stopped["can_resume"].as_bool()), (Some("canceled"), Some(true)), "{stopped}");
        market.press(&path(&started, "/resume")).await.good();
        w.drain().await;
        let done = market.get(&path(&started, "")).await.good();
        assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [50, 50, 50, 0, 0, 0]), "{done}");

        let held = hold(&market, "名单.csv", csv.as_bytes()).await;
        let gone = market.press(&path(&held, "/discard")).await.good();
        assert_eq!((gone["state"].as_str(), gone["can_resume"].as_bool()), (Some("canceled"), Some(false)), "{gone}");
        market.press(&path(&held, "/resume")).await.refused(409, "import.file_gone");
        market.get(&path(&held, "/preview")).await.refused(409, "import.file_gone");
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 0);
    }

    async fn a_file_nobody_starts_is_forgotten_after_seven_days(w: World) {
        let market = w.role("market_department").await;
        let held = hold(&market, "名单.csv", b"\xe5\xa7\x93\xe5\x90\x8d,x\n1,2\n").await;
        w.clock.forward_minutes(7 * 24 * 60 + 1);
        let market = again_signed_in(&w).await;
        hold(&market, "另一份.csv", b"a,b\n1,2\n").await;
        let old = market.get(&path(&held, "")).await.good();
        assert_eq!((old["state"].as_str(), old["can_resume"].as_bool()), (Some("canceled"), Some(false)));
        assert_eq!(w.count("SELECT COUNT(*) FROM import_file").await, 1, "only the new one");
    }

    async fn a_cell_blanks_a_field_only_when_it_says_so(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let p = person(3);
        let headers = ["客户号", "姓名", "所属机构", "手机号", "职业", "必访标签", "存款到期日", "家庭住址"];
        let full = Sheet::new(&headers).row(&[&p.no, &p.name, unit, &p.phone, "务农", "种养植户", "2026-12-03", &p.address]);
        w.import(&market, "customers", "全.csv", full.csv().as_bytes()).await;
        let facts = "SELECT occupation, tags, deposit_due_day, phone_state, address_sealed IS NULL FROM customer";
        let before = w.query(facts, vec![]).await;
        let empty = Sheet::new(&headers).row(&[&p.no, &p.name, unit, "", "", "", "", ""]);
        let kept = w.import(&market, "customers", "空.csv", empty.csv().as_bytes()).await;
        assert_eq!(kept["rows_bad"], 0);
        assert_eq!(w.query(facts, vec![]).await, before, "an empty cell keeps");
        let clear = "（清空）";
        let blank = Sheet::new(&headers).row(&[&p.no, &p.name, unit, clear, clear, "(清空)", clear, clear]);
        let done = w.import(&market, "customers", "清.csv", blank.csv().as_bytes()).await;
        assert_eq!(counts(&done), [1, 1, 0, 1, 0, 0], "{done}");
        let row = &w.query(facts, vec![]).await[0];
        assert_eq!(row.get::<Option<String>>(0).unwrap(), None);
        assert_eq!(row.get::<Option<zf_base::Day>>(2).unwrap(), None);
        assert_eq!(row.get::<String>(3).unwrap(), "empty");
        let name = Sheet::new(&headers).row(&[&p.no, clear, unit, "", "", "", "", ""]);
        let refused = w.import(&market, "customers", "名.csv", name.csv().as_bytes()).await;
        assert_eq!(refused["errors"][0]["reason"], "这一格不能清空", "{refused}");
    }

    async fn coordinates_are_not_taken_before_somebody_says_in_which_system(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let p = person(4);
        let file = Sheet::new(&["客户号", "姓名", "所属机构", "经度", "纬度"]).row(&[&p.no, &p.name, unit, "82.1", "38.9"]);
        let held = hold(&market, "名单.csv", file.csv().as_bytes()).await;
        let seen = market.get(&path(&held, "/preview")).await.good();
        assert_eq!(seen["needs_datum"].as_bool(), Some(true));
        assert_eq!(seen["rows"][0]["cells"][3], "82.1…", "a door is not shown");
        market.post(&path(&held, "/start"), json!({})).await.refused(422, "import.datum");
        market.post(&path(&held, "/start"), json!({ "datum": "gcj02" })).await.good();
        w.drain().await;
        let datum = w.query("SELECT datum FROM customer", vec![]).await;
        assert_eq!(datum[0].get::<String>(0).unwrap(), "gcj02");
    }

    async fn bytes_the_encoding_does_not_know_refuse_their_row_and_no_other(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0].code;
        let all = people(0..5);
        let mut file = Sheet::new(&["客户号", "姓名", "所属机构"]);
        for p in &all {
            file = file.row(&[&p.no, &p.name, unit]);
        }
        let mut bytes = file.gb18030();
        // The last character of the last name is cut in half, as fields of a fixed width are.
        let lost = bytes.len() - unit.len() - 3 - 1;
        bytes.remove(lost);
        let failed = w.import(&market, "customers", "截断.csv", &bytes).await;
        assert_eq!(failed["state"], "failed");
        assert!(failed["message"].as_str().unwrap().contains("第 6 行"), "{failed}");
        let held = hold(&market, "截断.csv", &bytes).await;
        market.get(&path(&held, "/preview")).await.refused(422, "import.file");
        market.post(&path(&held, "/start"), json!({ "encoding": "gb18030" })).await.good();
        w.drain().await;
        let done = market.get(&path(&held, "")).await.good();
        assert_eq!(counts(&done), [5, 5, 4, 0, 0, 1], "{done}");
        assert_eq!((done["errors"][0]["row"].as_i64(), done["errors"][0]["column"].as_str()), (Some(6), Some("姓名")));
    }

    async fn who_may_write_to_several_subtrees_says_to_which(w: World) {
        let user = w.account("two-counties", &[("market_department", &w.org.county), ("market_department", &w.org.other_county)], false).await;
        let both = w.browser().sign_in(&user.login, zf_tests::world::PASSWORD).await;
        let (here, there) = (&w.org.branches[0].code, &w.org.other_branch.code);
        let file = Sheet::new(&["客户号", "姓名", "所属机构"]).row(&["1", "某人", here]).row(&["2", "某人", there]);
        both.upload("customers", "名单.csv", file.csv().as_bytes(), false).await.refused(422, "input.invalid");
        let fields = [("kind", "customers"), ("unit_id", &w.org.other_county.id.to_string())];
        let started = send(&both, "名单.csv", file.csv().as_bytes(), &fields).await.good();
        assert_eq!(started["unit_name"].as_str(), Some(w.org.other_county.name.as_str()));
        w.drain().await;
        let done = both.get(&path(&started, "")).await.good();
        assert_eq!(counts(&done), [2, 2, 1, 0, 0, 1], "{done}");
        assert_eq!(done["errors"][0]["row"].as_i64(), Some(2));
    }

    async fn a_channel_needs_its_lawful_basis_before_anything_is_stored(w: World) {
        let market = w.role("market_department").await;
        let file = Sheet::new(&["客户号", "姓名", "所属机构"]).row(&["1", "某人", &w.org.branches[0].code]);
        let with = |channel| [("kind", "customers"), ("channel", channel)];
        send(&market, "名单.csv", file.csv().as_bytes(), &with("rumour")).await.refused(422, "input.invalid");
        send(&market, "名单.csv", file.csv().as_bytes(), &with("family_planning")).await.refused(422, "input.invalid");
        assert_eq!(w.count("SELECT COUNT(*) FROM import_run").await, 0);
        let started = send(&market, "名单.csv", file.csv().as_bytes(), &with("delivery_route")).await.good();
        w.drain().await;
        let done = market.get(&path(&started, "")).await.good();
        assert_eq!((done["channel"].as_str(), done["rows_new"].as_i64()), (Some("delivery_route"), Some(1)), "{done}");
        let channel = w.query("SELECT source_channel FROM customer", vec![]).await;
        assert_eq!(channel[0].get::<String>(0).unwrap(), "delivery_route");
        let ids: Vec<String> = market.get("/import-channels").await.good().as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect();
        for id in ["core_system", "on_site", "delivery_route", "remittance", "village_office", "family_planning", "commerce_bureau", "education_bureau", "service_station", "association"] {
            assert!(ids.iter().any(|i| i == id), "{id}: {ids:?}");
        }
    }

    async fn a_row_with_a_note_goes_in_and_the_note_is_told_everywhere(w: World) {
        let market = w.role("market_department").await;
        let unit = &w.org.branches[0];
        let mut all = people(70..73);
        // Born in 1901: worth a look, and no reason to refuse.
        all[1].id_number = zf_base::identity::with_check_char("29019019010203127");
        w.guard.plant(&needles(&all));
        let mut file = Sheet::new(&["客户号", "姓名", "证件号码", "所属机构"]);
        for (n, p) in all.iter().enumerate() {
            // The third is refused, so nothing else is told of it.
            let id = if n == 2 { "123" } else { p.id_number.as_str() };
            file = file.row(&[&p.no, &p.name, id, &unit.code]);
        }
        let held = hold(&market, "名单.csv", file.csv().as_bytes()).await;
        let seen = market.get(&path(&held, "/preview")).await.good();
        assert_eq!((seen["sample_new"].as_i64(), seen["sample_bad"].as_i64()), (Some(2), Some(1)), "{seen}");
        let told = |list: &Json| -> Vec<(i64, String)> {
            let all = list.as_array().unwrap().iter();
            all.map(|e| (e["row"].as_i64().unwrap(), e["reason"].as_str().unwrap().to_owned())).collect()
        };
        let note = (3, "提示：照证件号码已过 120 岁，请核对。这一行照常导入".to_owned());
        assert_eq!(told(&seen["notes"]), std::slice::from_ref(&note));
        market.post(&path(&held, "/start"), json!({})).await.good();
        w.drain().await;
        let done = market.get(&path(&held, "")).await.good();
        assert_eq!(counts(&done), [3, 3, 2, 0, 0, 1], "{done}");
        assert_eq!(told(&done["notes"]), std::slice::from_ref(&note));
        assert_eq!(told(&done["errors"]).iter().map(|e| e.0).collect::<Vec<_>>(), [4]);
        let book = market.get(&path(&held, "/errors.xlsx")).await.ok();
        let rows = read_workbook(&book.bytes, Some("退回的行"), &["原文件行号", "原因和改法"]).rows;
        let rows: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows.iter().any(|r| r.starts_with("3|") && r.contains(&note.1)), "{rows:?}");
        let says = |text: &str| zf_tests::scan::unzip(&book.bytes).iter().any(|(_, part)| String::from_utf8_lossy(part).contains(text));
        assert!(says("另有 1 处提示"));
        assert_eq!(customers(&w).await, 2);
        let list = market.get(&format!("/units/{}/customers", unit.id)).await.items();
        for (customer, notes) in list.iter().zip([json!([]), json!(["very_old"])]) {
            let id = customer["id"].as_str().unwrap();
            let one = market.get(&format!("/units/{}/customers/{id}", unit.id)).await.good();
            assert_eq!((&one["id_number_state"], &one["id_number_notes"]), (&json!("full"), &notes));
        }
    }

    async fn an_import_brings_nobody_back_who_has_left(w: World) {
        let market = w.role("market_department").await;
        let (here, there) = (w.org.branches[0].clone(), w.org.branches[1].clone());
        let people: Vec<Person> = (40..44).map(person).collect();
        let mut sheet = Sheet::new(&["客户号", "姓名", "手机号", "所属机构"]);
        for p in &people {
            sheet = sheet.row(&[&p.no, &p.name, &p.phone, &here.code]);
        }
        let file = sheet.csv();
        let done = w.import(&market, "customers", "a.csv", file.as_bytes()).await;
        assert_eq!(counts(&done), [4, 4, 4, 0, 0, 0]);
        let scope = w.scope(Permission::CustomerRead, &here);
        let kept = customer_list(&w.app, &scope, &Filter::default(), "", 50).await.unwrap();
        let kept = kept.iter().find(|c| c.customer_no == people[3].no).unwrap().id;
        leaves(&w, &people[0].no, Fate::Erased, None).await;
        leaves(&w, &people[1].no, Fate::Moved, Some((there.id, CustomerId(w.app.new_id())))).await;
        leaves(&w, &people[2].no, Fate::Merged, Some((here.id, kept))).await;

        // Nor is somebody else added by hand under one of the numbers.
        let head = w.role("branch_head").await;
        let add = format!("/units/{}/customers", here.id);
        for (at, wanted) in [(0, "已删"), (1, there.name.as_str()), (2, "已并入")] {
            let body = json!({ "customer_no": people[at].no, "name": "吴用" });
            let refused = head.post(&add, body).await.refused(422, "input.invalid");
            let fault = &refused["errors"][0];
            assert_eq!(fault["field"], "customer_no", "{refused}");
            assert!(fault["message"].as_str().unwrap().contains(wanted), "{refused}");
        }
        let taken = json!({ "customer_no": people[3].no, "name": "吴用" });
        head.post(&add, taken).await.refused(409, "duplicate");
        assert_eq!(customers(&w).await, 1);

        // The same file again, with another phone of the one that is kept.
        let again = file.replace(&people[3].phone, "10400000001");
        let done = w.import(&market, "customers", "b.csv", again.as_bytes()).await;
        // Merged counts as unchanged; erased and moved come back with the reason.
        assert_eq!(counts(&done), [4, 4, 0, 1, 1, 2], "{done}");
        let why = |row: i64| {
            let errors = done["errors"].as_array().unwrap();
            let one = errors.iter().find(|e| e["row"] == row).unwrap();
            one["reason"].as_str().unwrap().to_owned()
        };
        assert!(why(2).contains("删除"), "{}", why(2));
        assert!(why(3).contains(&there.name), "{}", why(3));
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 1);
    }

    async fn an_upload_that_was_never_imported_is_forgotten_at_night_without_another_import(w: World) {
        zf_server::jobs::schedules(&w.app).await.unwrap();
        let market = w.role("market_department").await;
        let held = hold(&market, "名单.csv", odd(&[person(1)], &w.org.branches[0].code).csv().as_bytes()).await;
        let pieces = "SELECT COUNT(*) FROM import_file";
        w.clock.forward_minutes(6 * 24 * 60);
        w.drain().await;
        assert_eq!(w.count(pieces).await, 1, "somebody may still come back");
        w.clock.forward_minutes(2 * 24 * 60);
        w.drain().await;
        assert_eq!(w.count(pieces).await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM job WHERE kind = 'import.forget' AND state = 'done'").await, 2);
        let told = again_signed_in(&w).await.get(&path(&held, "")).await.good();
        assert_eq!((&told["state"], told["finished_at"].is_string()), (&json!("canceled"), true), "{told}");
    }
}
