//! The only place that prints.
#![expect(clippy::print_stderr, reason = "this is where the command line speaks")]

use serde_json::Value;
use std::io::Write;

/// Prints one line. A reader at the end of a pipe sees it at once. A reader that has gone (`| head`) is no error.
pub(crate) fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints what a person may want to know and a script does not.
pub(crate) fn aside(text: impl std::fmt::Display) {
    eprintln!("{text}");
}

/// Prints why a command failed, causes included.
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("opencx-hubspot: {error:#}");
}

/// Prints a value as JSON.
pub(crate) fn json(value: &Value) {
    line(format_args!("{value:#}"));
}

/// Prints rows under their headings, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    for row in laid_out(headings, rows) {
        line(row);
    }
}

/// Prints one row of a table that is not complete yet, under its headings where it is the first.
pub(crate) fn row<const N: usize>(headings: Option<[&str; N]>, row: &[String; N], widths: [usize; N]) {
    if let Some(headings) = headings {
        line(lay(&headings.map(str::to_owned), widths));
    }
    line(lay(row, widths));
}

fn lay<const N: usize>(row: &[String; N], widths: [usize; N]) -> String {
    let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}

fn laid_out<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let mut widths = [0; N];
    for row in std::iter::once(&headings).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    std::iter::once(&headings).chain(rows).map(|row| lay(row, widths)).collect()
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "long cell".to_owned()], ["ähnlich".to_owned(), String::new()]];
        assert_eq!(laid_out(["id", "state"], &rows), ["id       state", "a        long cell", "ähnlich"]);
    }
}
