//! Where secrets hide, and who finds them there.
//!
//! For each blind spot a small repository is made with one secret in it, and every scanner is run over
//! its history and over the range that brought the secret. `cargo run --example blind-spots` runs our
//! own binary, which must have been built (`cargo build`); each argument `NAME=PROGRAM` adds another
//! scanner, of the command line that NAME says: `betterleaks`, `gitleaks` or `kingfisher`. What is on
//! the `PATH` under these names runs by itself.
//!
//! A cell says `yes` (found, in the commit that brought it), `late` (found, in another commit or in
//! none), `no`, or `-` (the scanner has no such mode, or the spot cannot be there). In the rows in
//! which nothing new came in, `quiet` is right and `ALARM` is not.

#![expect(clippy::print_stdout, reason = "the table is what the example is for")]

mod hiding;
mod history;
mod packing;
mod repository;
mod scanner;
mod spot;

use scanner::{Cell, Mode, Scanner};
use spot::{Spot, Wanted};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let work = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/blind-spots");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let scanners = scanner::scanners(&arguments)?;
    let columns: Vec<(&Scanner, Mode)> = scanners
        .iter()
        .flat_map(|scanner| scanner.modes().iter().map(move |mode| (scanner, *mode)))
        .collect();
    println!("{}", heading(&columns));
    let mut totals = vec![(0, 0); columns.len()];
    for (spot, seed) in spot::spots().iter().zip(1..) {
        let place = work.join(format!("{seed:02}"));
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        let made = repository::make(spot, &place, seed)?;
        let cells = columns.iter().map(|(scanner, mode)| scanner.look(spot, &made, *mode));
        let cells: Vec<Cell> = cells.collect::<Result<_, _>>()?;
        for (total, cell) in totals.iter_mut().zip(&cells) {
            count(total, *cell);
        }
        println!("{}", row(spot, &columns, &cells));
    }
    println!("{}", footer(&totals, &columns));
    Ok(())
}

fn count(total: &mut (usize, usize), cell: Cell) {
    match cell {
        Cell::Yes | Cell::Quiet => *total = (total.0 + 1, total.1 + 1),
        Cell::Late | Cell::No | Cell::Alarm => total.1 += 1,
        Cell::NotApplicable => {}
    }
}

fn heading(columns: &[(&Scanner, Mode)]) -> String {
    let names =
        columns.iter().map(|(scanner, mode)| format!(" {} {} |", scanner.name(), mode.as_str()));
    let rules = columns.iter().map(|_| " --- |".to_owned());
    let line = |first: &str, cells: Vec<String>| format!("| {first:<44} |{}", cells.concat());
    [line("blind spot", names.collect()), line(&"-".repeat(44), rules.collect())].join("\n")
}

fn row(spot: &Spot, columns: &[(&Scanner, Mode)], cells: &[Cell]) -> String {
    let quiet = if spot.wanted == Wanted::Quiet { " (nothing new)" } else { "" };
    let name = format!("{}{quiet}", spot.name);
    let cells = columns.iter().zip(cells).map(|((scanner, mode), cell)| {
        let width = scanner.name().len() + mode.as_str().len() + 1;
        format!(" {:<width$} |", cell.as_str())
    });
    format!("| {name:<44} |{}", cells.collect::<String>())
}

fn footer(totals: &[(usize, usize)], columns: &[(&Scanner, Mode)]) -> String {
    let cells = columns.iter().zip(totals).map(|((scanner, mode), (right, all))| {
        let width = scanner.name().len() + mode.as_str().len() + 1;
        format!(" {:<width$} |", format!("{right}/{all}"))
    });
    format!("| {:<44} |{}", "right", cells.collect::<String>())
}
