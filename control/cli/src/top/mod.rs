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

/// The interval between readings.
const EVERY: Duration = Duration::from_secs(1);

/// What the screen is used for.
enum Mode {
    /// Watching.
    Watch,
    /// Writing a question.
    Write(String),
    /// Reading an answer, beginning with this line.
    Read { title: String, lines: Vec<String>, from: usize },
}

/// The list with the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Flows,
    Drops,
}

struct Top<'s> {
    state: &'s State,
    figures: Figures,
    mode: Mode,
    list: List,
    /// The index of the selected connection or drop.
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
                KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
                KeyCode::Down => self.chosen = (self.chosen + 1).min(self.rows().saturating_sub(1)),
                KeyCode::Tab => {
                    self.list = if self.list == List::Drops { List::Flows } else { List::Drops };
                    self.chosen = 0;
                }
                KeyCode::Enter | KeyCode::Char('w') => {
                    let question = self.question().map(|question| question.to_string());
                    self.mode = Mode::Write(question.unwrap_or_default());
                }
                _ => {}
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
                KeyCode::Up => *from = from.saturating_sub(1),
                KeyCode::Down => *from = (*from + 1).min(lines.len().saturating_sub(1)),
                _ => self.mode = Mode::Watch,
            },
        }
        false
    }

    /// The number of rows in the list.
    fn rows(&self) -> usize {
        match self.list {
            List::Flows => self.figures.flows.len(),
            List::Drops => self.figures.drops.len(),
        }
    }

    /// The question about the selected row.
    fn question(&self) -> Option<Question> {
        match self.list {
            List::Flows => {
                let row = &self.figures.flows.get(self.chosen)?.row;
                Some(Question::of_packet(&row.from, row.sent))
            }
            List::Drops => Question::of(self.figures.drops.get(self.chosen)?),
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
