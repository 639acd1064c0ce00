//! The table of the user guide's rows and the spec's cases, each with the scenarios that prove it, and the index of the gallery.

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

/// A Markdown table of the gallery's faults, each with its report.
///
/// `text_of` is the text of a scenario's file.
pub fn gallery(faults: &[Loaded], text_of: impl Fn(&Path) -> String) -> String {
    let row = |Loaded { path, scenario }: &Loaded| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let report = report(&text_of(path)).unwrap_or_default();
        format!("| [{}]({file}) | {report} |\n", scenario.name)
    };
    let rows: String = faults.iter().map(row).collect();
    format!("| fault | as reported |\n|---|---|\n{rows}")
}

/// The report that the comment at the start of a file quotes: `# Reported: "…"`.
fn report(text: &str) -> Option<String> {
    let comment: Vec<_> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let comment = comment.join(" ");
    comment.split_once("Reported")?.1.split('"').nth(1).map(str::to_owned)
}

/// The rows (M) first, then the cases by letter and number.
fn key(name: &str) -> (bool, char, u32) {
    let letter = name.chars().next().unwrap_or('?');
    (letter != 'M', letter, name.get(1..).and_then(|number| number.parse().ok()).unwrap_or(0))
}
