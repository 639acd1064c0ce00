//! The medians as a bar chart in SVG: for every row a bar of each candidate.

use crate::candidate::Candidate;
use crate::results::Results;
use crate::row::Row;
use std::fmt::Write;

/// Width of the picture, in SVG units, as all lengths here.
const WIDTH: f64 = 880.0;
/// Where bars begin, and how long the longest is.
const LEFT: f64 = 330.0;
const LONGEST: f64 = 420.0;
/// Heights of a bar, and of the gap between two rows.
const BAR: f64 = 13.0;
const GAP: f64 = 22.0;
/// Bars are cut off at this multiple of the largest of ours, the kernel's and the bare copy's.
const CUT: f64 = 1.5;

/// Draws the picture.
pub fn draw(results: &Results) -> String {
    let (rows, candidates) = (results.rows(), results.candidates());
    let height = 40.0 + rows.len() as f64 * (candidates.len() as f64 * BAR + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let mut y = 24.0;
    for row in rows {
        let better = if row.more_is_better() { "more is better" } else { "less is better" };
        text(&mut svg, 12.0, y + 10.0, "font-weight=\"bold\"", row.label());
        text(&mut svg, 12.0, y + 24.0, "fill=\"#666\"", &format!("{}, {better}", row.unit()));
        let scale = scale(results, row, &candidates);
        for candidate in &candidates {
            bar(&mut svg, y, *candidate, results.median(row, *candidate), scale);
            y += BAR;
        }
        y += GAP;
    }
    svg.push_str("</svg>\n");
    svg
}

/// The value of a bar of full length. A value far beyond the others is cut off, so that theirs stay visible.
fn scale(results: &Results, row: Row, candidates: &[Candidate]) -> f64 {
    let values = |of: &[Candidate]| of.iter().filter_map(|of| results.median(row, *of)).fold(0.0, f64::max);
    let (all, interesting) = (values(candidates), values(&[Candidate::Ours, Candidate::Kernel, Candidate::Bare]));
    if interesting > 0.0 { all.min(interesting * CUT) } else { all }
}

fn bar(svg: &mut String, y: f64, candidate: Candidate, value: Option<f64>, scale: f64) {
    let ours = candidate == Candidate::Ours;
    let (color, weight) = if ours { ("#d9480f", "font-weight=\"bold\"") } else { ("#adb5bd", "fill=\"#333\"") };
    text(svg, LEFT - 8.0, y + 10.0, &format!("text-anchor=\"end\" {weight}"), candidate.label());
    let length = value.map_or(0.0, |value| (value / scale).min(1.0) * LONGEST);
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"{}\" fill=\"{color}\"/>",
        y + 1.0,
        BAR - 2.0
    );
    let label = value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.2}"));
    text(svg, LEFT + length + 6.0, y + 10.0, weight, &label);
}

fn text(svg: &mut String, x: f64, y: f64, style: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    // Writing to a string cannot fail.
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{text}</text>");
}
