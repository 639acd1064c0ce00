//! `classiclink top`: what the map shows, in a terminal of 80 columns.

mod figures;
mod screen;

use super::Failure;
use control::admin;
use control::operator::ExplainPath;
use control::state::State;
use figures::{Figures, Question};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::{Duration, Instant};

/// How many rows a page has.
const PAGE: usize = 10;
/// The interval between readings.
const EVERY: Duration = Duration::from_secs(1);

/// The use of the screen.
enum Mode {
    /// Watching.
    Watch,
    /// Writing a question.
    Write(String),
    /// Reading an answer, beginning with this line.
    Read { title: String, lines: Vec<String>, from: usize },
}

/// A list, in the order of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Traffic,
    Flows,
    Drops,
    Changes,
}

impl List {
    const ALL: [List; 4] = [List::Traffic, List::Flows, List::Drops, List::Changes];

    /// The list that is so many further on, around the screen.
    fn step(self, by: usize) -> List {
        List::ALL[(self as usize + by) % List::ALL.len()]
    }
}

struct Top<'s> {
    state: &'s State,
    figures: Figures,
    mode: Mode,
    /// The list with the selection.
    list: List,
    /// The index of the selected row.
    chosen: usize,
}

/// Runs until the user quits.
pub(super) fn run(state: &State) -> Result<(), Failure> {
    // An error now is better than an empty screen.
    state.running()?;
    let mut top = Top { state, figures: Figures::default(), mode: Mode::Watch, list: List::Drops, chosen: 0 };
    let mut terminal = ratatui::try_init().map_err(|error| format!("top needs a terminal: {error}"))?;
    let ended = top.watch(&mut terminal);
    ratatui::try_restore()?;
    ended
}

impl Top<'_> {
    fn watch(&mut self, terminal: &mut DefaultTerminal) -> Result<(), Failure> {
        let mut next = Instant::now();
        loop {
            if Instant::now() >= next {
                self.figures.look(self.state);
                // A list may have become shorter.
                self.choose(self.chosen);
                next = Instant::now() + EVERY;
            }
            terminal.draw(|frame| screen::draw(frame, self))?;
            if !event::poll(next.saturating_duration_since(Instant::now()))? {
                continue;
            }
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
                && self.press(key)
            {
                return Ok(());
            }
        }
    }

    /// Handles a key. Returns `true` to quit.
    fn press(&mut self, key: KeyEvent) -> bool {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return true;
        }
        match &mut self.mode {
            Mode::Watch => match key.code {
                KeyCode::Char('q') | KeyCode::Esc => return true,
                KeyCode::Tab => self.open(self.list.step(1)),
                KeyCode::BackTab => self.open(self.list.step(List::ALL.len() - 1)),
                KeyCode::Enter | KeyCode::Char('w') => self.mode = Mode::Write(self.question().unwrap_or_default()),
                code => self.choose(moved(self.chosen, code)),
            },
            Mode::Write(text) => match key.code {
                KeyCode::Esc => self.mode = Mode::Watch,
                KeyCode::Backspace => drop(text.pop()),
                KeyCode::Char(letter) => text.push(letter),
                KeyCode::Enter => {
                    let text = std::mem::take(text);
                    self.mode = self.ask(text);
                }
                _ => {}
            },
            Mode::Read { lines, from, .. } => match key.code {
                KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown | KeyCode::Home | KeyCode::End => {
                    *from = moved(*from, key.code).min(lines.len().saturating_sub(1));
                }
                _ => self.mode = Mode::Watch,
            },
        }
        false
    }

    fn open(&mut self, list: List) {
        (self.list, self.chosen) = (list, 0);
    }

    /// Selects a row, the last one if there are fewer.
    fn choose(&mut self, row: usize) {
        let rows = match self.list {
            List::Traffic => self.figures.rates.len(),
            List::Flows => self.figures.flows.len(),
            List::Drops => self.figures.drops.len(),
            List::Changes => self.figures.changes.len(),
        };
        self.chosen = row.min(rows.saturating_sub(1));
    }

    /// The question about the selected row, as far as the row says it.
    fn question(&self) -> Option<String> {
        match self.list {
            List::Traffic => Some(format!("{} ", self.figures.rates.get(self.chosen)?.host)),
            List::Flows => {
                let row = &self.figures.flows.get(self.chosen)?.row;
                Some(Question::of_packet(&row.from, row.sent).to_string())
            }
            List::Drops => Some(Question::of(self.figures.drops.get(self.chosen)?)?.to_string()),
            List::Changes => None,
        }
    }

    /// Asks a question, as `classiclink why` does.
    fn ask(&self, text: String) -> Mode {
        let answer = text.parse::<Question>().map_err(|error| error.to_string()).and_then(|question| {
            let Question { from, source, to, traffic } = question;
            let question = ExplainPath { from, source, to, traffic };
            admin::ask(self.state, question).map_err(|error| error.to_string())
        });
        let lines = match answer {
            Ok(why) => super::show::why_text(&why).lines().map(str::to_owned).collect(),
            Err(why) => vec![why],
        };
        Mode::Read { title: format!("why {text}"), lines, from: 0 }
    }
}

/// The row or line that a key leads to.
fn moved(from: usize, key: KeyCode) -> usize {
    match key {
        KeyCode::Up => from.saturating_sub(1),
        KeyCode::Down => from + 1,
        KeyCode::PageUp => from.saturating_sub(PAGE),
        KeyCode::PageDown => from + PAGE,
        KeyCode::Home => 0,
        KeyCode::End => usize::MAX,
        _ => from,
    }
}
