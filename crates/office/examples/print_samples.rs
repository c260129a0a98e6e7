//! Writes the sample workbooks of the tests into a folder, to look at them printed:
//! `cargo run -p zf-office --example print_samples -- FOLDER`.

#[path = "../tests/common/sample.rs"]
mod sample;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("folder missing")?);
    std::fs::create_dir_all(&folder)?;
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes);
    write(
        "week.xlsx",
        zf_office::write_week_plan(&sample::week_plan(24))?,
    )?;
    write("list.xlsx", zf_office::write_table(&sample::list())?)?;
    write("list.csv", zf_office::write_csv(&sample::list().sheets[0]))?;
    write(
        "errors.xlsx",
        zf_office::write_error_book(&sample::errors())?,
    )?;
    write(
        "template.xlsx",
        zf_office::write_template(&sample::template())?,
    )?;
    let mut landscape = sample::week_plan(6);
    for day in &mut landscape.days {
        for visit in day.teams.iter_mut().flat_map(|t| &mut t.visits) {
            visit.reason = visit.reason.repeat(4);
        }
    }
    write("landscape.xlsx", zf_office::write_week_plan(&landscape)?)?;
    Ok(())
}
