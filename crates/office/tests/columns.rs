//! Headers against fields.

use zf_office::columns::{OddColumn, is_known_header};
use zf_office::{ColumnMap, ColumnSpec, RowCells};

const SPECS: [ColumnSpec<'_>; 4] = [
    ColumnSpec {
        key: "customer_no",
        aliases: &["客户编号", "客户号"],
        required: true,
    },
    ColumnSpec {
        key: "name",
        aliases: &["姓名", "客户姓名"],
        required: true,
    },
    ColumnSpec {
        key: "balance",
        aliases: &["余额（元）", "存款余额"],
        required: false,
    },
    ColumnSpec {
        key: "phone",
        aliases: &["手机", "联系电话"],
        required: true,
    },
];

fn map(headers: &[&str]) -> ColumnMap {
    let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
    ColumnMap::resolve(&SPECS, &headers)
}

#[test]
fn chinese_and_english_headers_find_their_fields_despite_blanks_marks_and_widths() {
    let found = map(&[
        "Customer No",
        "＊姓 名：",
        "存款余额 (万元)",
        "",
        "联系电话*",
    ]);
    assert_eq!(found.index("customer_no"), Some(0));
    assert_eq!(found.index("name"), Some(1));
    assert_eq!(found.index("balance"), Some(2));
    assert_eq!(found.index("phone"), Some(4));
    assert_eq!(found.unit("balance"), Some("万元"));
    assert_eq!(found.unit("phone"), None);
    assert!(found.missing.is_empty() && found.unknown.is_empty() && found.repeated.is_empty());
}

#[test]
fn a_unit_in_the_name_itself_is_not_reported_and_a_missing_one_is_no_obstacle() {
    assert_eq!(map(&["余额（元）"]).unit("balance"), None);
    assert_eq!(map(&["余额（元）"]).index("balance"), Some(0));
    assert_eq!(map(&["余额"]).index("balance"), Some(0));
    assert_eq!(map(&["余额[万元]"]).unit("balance"), Some("万元"));
}

#[test]
fn missing_unknown_and_repeated_columns_are_reported() {
    let found = map(&["姓名", "客户姓名", "备注", "(元)"]);
    assert_eq!(found.missing, ["customer_no", "phone"]);
    let odd = |column, header: &str| OddColumn {
        column,
        header: header.to_owned(),
    };
    assert_eq!(found.unknown, [odd(3, "备注"), odd(4, "(元)")]);
    assert_eq!(found.repeated, [odd(2, "客户姓名")]);
    assert_eq!(found.index("name"), Some(0));
}

#[test]
fn cells_are_fetched_by_field_and_empty_where_there_is_no_column() {
    let found = map(&["备注", "姓名"]);
    let row = RowCells {
        row_number: 2,
        cells: vec!["x".into(), "张三".into()],
    };
    assert_eq!(found.cell(&row, "name"), "张三");
    assert_eq!(found.cell(&row, "phone"), "");
    assert!(is_known_header(&SPECS, "手 机"));
    assert!(!is_known_header(&SPECS, "备注"));
}
