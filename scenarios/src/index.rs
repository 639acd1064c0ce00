//! The table of the user guide's rows and the spec's cases, each with the scenarios that prove it.

use crate::format::load::Loaded;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The rows of the user guide that scenarios prove. M40 needs policies and M45 other clients: `scripts/clients*` show those.
pub fn rows() -> Vec<String> {
    (1..=39).chain(41..=44).map(|row| format!("M{row}")).collect()
}

/// A Markdown table, row by row and case by case, with links relative to `root`.
pub fn table(scenarios: &[Loaded], root: &Path) -> String {
    let mut proofs: BTreeMap<(bool, char, u32), Vec<String>> =
        rows().iter().map(|row| (key(row), Vec::new())).collect();
    for loaded in scenarios {
        let path = loaded.path.strip_prefix(root).unwrap_or(&loaded.path).display();
        for proved in &loaded.scenario.proves {
            proofs.entry(key(proved)).or_default().push(format!("[{}]({path})", loaded.scenario.name));
        }
    }
    let mut table = String::from("| | shown by |\n|---|---|\n");
    for ((_, letter, number), proofs) in proofs {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {letter}{number} | {} |", proofs.join(", "));
    }
    table
}

/// The rows (M) first, then the cases by letter and number.
fn key(name: &str) -> (bool, char, u32) {
    let letter = name.chars().next().unwrap_or('?');
    (letter != 'M', letter, name.get(1..).and_then(|number| number.parse().ok()).unwrap_or(0))
}
