//! A file of any bytes as an import opens it: CSV in every encoding, workbooks.
//! The first byte chooses the options, the rest is the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zf_office::{ColumnMap, ColumnSpec, Table, TableOptions, TextEncoding};

const COLUMNS: &[ColumnSpec<'static>] = &[
    ColumnSpec {
        key: "customer_no",
        aliases: &["客户号"],
        required: true,
    },
    ColumnSpec {
        key: "name",
        aliases: &["姓名"],
        required: true,
    },
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, file)) = data.split_first() else {
        return;
    };
    let mut options = TableOptions::default();
    options.limits.max_uncompressed_bytes = 1 << 22;
    options.limits.max_shared_text_bytes = 1 << 18;
    options.limits.max_rows = 2_000;
    options.encoding = TextEncoding::ALL.get(usize::from(choice % 8)).copied();
    options.header_row = (choice >> 6 == 3).then(|| u64::from(choice >> 3 & 7));
    let name = if choice & 32 == 0 { "a.csv" } else { "a.xlsx" };
    let known = |h: &str| zf_office::columns::is_known_header(COLUMNS, h);
    let Ok(mut table) = Table::open(file.to_vec(), name, &options, &known) else {
        return;
    };
    let (headers, mut last) = (table.headers().to_vec(), table.header_row());
    let map = ColumnMap::resolve(COLUMNS, &headers);
    for row in table.rows() {
        let Ok(row) = row else { return };
        assert!(row.row_number > last);
        assert!(row.cells.len() >= headers.len());
        let _ = map.cell(&row, "name").parse::<zf_base::Day>();
        last = row.row_number;
    }
});
