//! The results of a run: text for a person, JSON lines for a program, JUnit for a CI server.

use crate::format::load::Loaded;
use crate::play::{Kept, Played};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The totals of a run in steps. Building a network counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps that succeeded.
    pub passed: usize,
    /// Steps that failed, or were skipped because an earlier one had failed.
    pub failed: usize,
}

/// A kind of report.
pub trait Report {
    /// A step was carried out. The steps of one scenario come together.
    fn step(&mut self, loaded: &Loaded, step: &Played) -> io::Result<()>;
    /// A system stays up.
    fn kept(&mut self, kept: &Kept) -> io::Result<()>;
    /// A scenario has ended.
    fn end(&mut self, loaded: &Loaded) -> io::Result<()>;
    /// All scenarios have ended.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// All reports that were asked for.
pub struct Reports(Vec<Box<dyn Report>>);

impl Reports {
    /// Text or JSON on standard output, and JUnit if a file is named.
    pub fn new(json: bool, junit: Option<&Path>, scenarios: usize) -> io::Result<Self> {
        let mut reports: Vec<Box<dyn Report>> = Vec::new();
        reports.push(if json { Box::new(Json) } else { Box::new(Text::new(scenarios)) });
        if let Some(path) = junit {
            // An error shows now rather than after minutes.
            fs::File::create(path)?;
            reports.push(Box::new(Junit {
                path: path.to_owned(),
                suites: String::new(),
                cases: String::new(),
                steps: 0,
                failures: 0,
            }));
        }
        Ok(Self(reports))
    }
}

impl Report for Reports {
    fn step(&mut self, loaded: &Loaded, step: &Played) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.step(loaded, step))
    }

    fn kept(&mut self, kept: &Kept) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.kept(kept))
    }

    fn end(&mut self, loaded: &Loaded) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.end(loaded))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.finish(summary))
    }
}

/// Lines for a person. On a terminal the last one shows the progress.
struct Text {
    scenarios: usize,
    ended: usize,
    failed: usize,
    in_scenario: bool,
    progress: bool,
}

impl Text {
    fn new(scenarios: usize) -> Self {
        Self {
            scenarios,
            ended: 0,
            failed: 0,
            in_scenario: false,
            progress: io::stdout().is_terminal() && scenarios > 1,
        }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        // A carriage return and an erase sequence remove the progress line.
        writeln!(out, "{}{text}", if self.progress { "\r\x1b[K" } else { "" })?;
        if self.progress && self.ended < self.scenarios {
            write!(out, "{} of {} scenarios done, {} steps failed", self.ended, self.scenarios, self.failed)?;
        }
        out.flush()
    }
}

impl Report for Text {
    fn step(&mut self, loaded: &Loaded, step: &Played) -> io::Result<()> {
        if !self.in_scenario {
            self.in_scenario = true;
            self.line(&format!("{}: {}", loaded.path.display(), loaded.scenario.name))?;
        }
        match &step.failure {
            None => self.line(&format!("  ok      {}", step.text)),
            Some(why) => {
                self.failed += 1;
                self.line(&format!("  FAILED  {}\n          {}", step.text, why.replace('\n', "\n          ")))
            }
        }
    }

    fn kept(&mut self, kept: &Kept) -> io::Result<()> {
        let Kept { endpoint, state } = kept;
        self.line(&format!("the system stays up until Ctrl-C: http://{endpoint}, --state {}", state.display()))?;
        self.line(&format!("its map: http://{endpoint}/_map"))
    }

    fn end(&mut self, _: &Loaded) -> io::Result<()> {
        self.in_scenario = false;
        self.ended += 1;
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.ended < self.scenarios {
            self.line(&format!(
                "interrupted: {} of {} scenarios were not run",
                self.scenarios - self.ended,
                self.scenarios
            ))?;
        }
        self.ended = self.scenarios;
        self.line(&format!("{} passed, {} failed", summary.passed, summary.failed))
    }
}

/// One JSON object a line.
struct Json;

impl Json {
    fn line(&self, value: &serde_json::Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{value}")?;
        out.flush()
    }
}

impl Report for Json {
    fn step(&mut self, loaded: &Loaded, step: &Played) -> io::Result<()> {
        self.line(&json!({
            "event": "step",
            "file": loaded.path,
            "scenario": loaded.scenario.name,
            "step": step.text,
            "passed": step.failure.is_none(),
            "why": step.failure,
            "seconds": step.took.as_secs_f64(),
        }))
    }

    fn kept(&mut self, kept: &Kept) -> io::Result<()> {
        self.line(&json!({"event": "kept", "endpoint": format!("http://{}", kept.endpoint), "state": kept.state}))
    }

    fn end(&mut self, loaded: &Loaded) -> io::Result<()> {
        self.line(&json!({"event": "end", "file": loaded.path, "scenario": loaded.scenario.name, "proves": loaded.scenario.proves}))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(&json!({"event": "summary", "passed": summary.passed, "failed": summary.failed}))
    }
}

/// A JUnit file: a suite for each scenario, a case for each step.
struct Junit {
    path: PathBuf,
    suites: String,
    cases: String,
    steps: usize,
    failures: usize,
}

impl Report for Junit {
    fn step(&mut self, loaded: &Loaded, step: &Played) -> io::Result<()> {
        let (text, class) = (escape(&step.text), escape(&loaded.scenario.name));
        let seconds = step.took.as_secs_f64();
        let open = format!("    <testcase name=\"{text}\" classname=\"{class}\" time=\"{seconds:.3}\"");
        self.steps += 1;
        // Writing to a string cannot fail.
        let _ = match &step.failure {
            None => writeln!(self.cases, "{open}/>"),
            Some(why) => {
                self.failures += 1;
                writeln!(self.cases, "{open}><failure message=\"{}\"/></testcase>", escape(why))
            }
        };
        Ok(())
    }

    fn kept(&mut self, _: &Kept) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, loaded: &Loaded) -> io::Result<()> {
        let file = escape(&loaded.path.display().to_string());
        let _ = writeln!(
            self.suites,
            "  <testsuite name=\"{}\" file=\"{file}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>",
            escape(&loaded.scenario.name),
            self.steps,
            self.failures,
            self.cases
        );
        self.cases.clear();
        (self.steps, self.failures) = (0, 0);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let (all, failed) = (summary.passed + summary.failed, summary.failed);
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        let suites = &self.suites;
        fs::write(
            &self.path,
            format!("{head}\n<testsuites tests=\"{all}\" failures=\"{failed}\">\n{suites}</testsuites>\n"),
        )
    }
}

/// Text for an XML attribute; characters that XML does not allow become `?`.
fn escape(text: &str) -> String {
    let allowed = |c: char| if c < ' ' && !"\n\t".contains(c) { '?' } else { c };
    quick_xml::escape::escape(text.chars().map(allowed).collect::<String>()).replace('\n', "&#10;")
}
