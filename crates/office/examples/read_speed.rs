//! Measures reading: `cargo run --release -p zf-office --example read_speed -- FOLDER`
//! writes an `.xlsx` and a `.csv` of 100,000 rows × 10 columns into the folder, then reads
//! each in a process of its own and prints rows per second and the peak memory.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use zf_base::{Day, Fen, Timestamp};
use zf_office::list::{CellKind, CellValue, TableBook, TableColumn, TableSheet};
use zf_office::{BookMeta, Fonts, Table, TableOptions, write_csv, write_table};

const ROWS: i64 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().ok_or("folder missing")?;
    if first == "read" {
        return read(Path::new(&arguments.next().ok_or("file missing")?));
    }
    let folder = Path::new(&first);
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    let book = sample();
    std::fs::write(folder.join("speed.xlsx"), write_table(&book)?)?;
    std::fs::write(folder.join("speed.csv"), write_csv(&book.sheets[0]))?;
    println!(
        "written in {:.1} s, peak {} MB",
        start.elapsed().as_secs_f64(),
        peak_mb()
    );
    for name in ["speed.xlsx", "speed.csv"] {
        let status = Command::new(std::env::current_exe()?)
            .arg("read")
            .arg(folder.join(name))
            .status()?;
        if !status.success() {
            return Err(format!("reading {name} failed").into());
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut table = Table::open(path, "", &TableOptions::default(), &|h| h == "h0")?;
    let (mut rows, mut chars) = (0u64, 0usize);
    for row in table.rows() {
        rows += 1;
        chars += row?.cells.iter().map(String::len).sum::<usize>();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}: {} bytes, {rows} rows ({chars} bytes of text) in {seconds:.2} s = {:.0} rows/s, peak {} MB",
        path.display(),
        std::fs::metadata(path)?.len(),
        rows as f64 / seconds,
        peak_mb()
    );
    Ok(())
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kb = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    kb.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn sample() -> TableBook {
    let kinds = [
        CellKind::Text,
        CellKind::Text,
        CellKind::Text,
        CellKind::Text,
        CellKind::Text,
        CellKind::Money,
        CellKind::Date,
        CellKind::Integer,
        CellKind::Text,
        CellKind::Text,
    ];
    let row = |i: i64| {
        vec![
            CellValue::Text(format!("{i:08}")),
            CellValue::Text(format!("\u{5f20}{i}")),
            CellValue::Text(format!("9901011990{i:08}")),
            CellValue::Text(format!("100{i:08}")),
            CellValue::Text(format!("\u{6751} {}", i % 300)),
            CellValue::Money(Fen(i * 137)),
            CellValue::Date(Day::from_epoch_days(17_000 + (i % 1_000) as i32)),
            CellValue::Integer(i),
            CellValue::Text("\u{519c}\u{6c11}".into()),
            CellValue::Empty,
        ]
    };
    TableBook {
        meta: BookMeta {
            title: "speed".into(),
            author: "speed".into(),
            created: Timestamp(1_476_000_000_000_000),
        },
        fonts: Fonts {
            title: "Calibri".into(),
            body: "Calibri".into(),
        },
        sheets: vec![TableSheet {
            name: "speed".into(),
            title_lines: Vec::new(),
            columns: kinds
                .iter()
                .enumerate()
                .map(|(i, kind)| TableColumn {
                    header: format!("h{i}"),
                    kind: *kind,
                })
                .collect(),
            rows: (1..=ROWS).map(row).collect(),
            page_foot: String::new(),
        }],
    }
}
