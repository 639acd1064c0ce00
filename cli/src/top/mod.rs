//! `classiclink top`: what the map shows, in a terminal of 80 columns.

mod figures;
mod screen;

use super::Failure;
use control::admin;
use control::operator::{Ask, Why};
use control::state::State;
use figures::{Figures, Question};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::{Duration, Instant};

/// How often figures are asked for.
const EVERY: Duration = Duration::from_secs(1);

/// What a person is doing.
enum Mode {
    /// Watching.
    Watch,
    /// Writing a question.
    Write(String),
    /// Reading an answer.
    Read { title: String, lines: Vec<String> },
}

struct Top<'s> {
    state: &'s State,
    figures: Figures,
    mode: Mode,
    /// The chosen drop, counted from the newest.
    chosen: usize,
}

/// Runs until a person has seen enough.
pub(super) fn run(state: &State) -> Result<(), Failure> {
    // Better a sentence now than an empty screen.
    state.running()?;
    let mut top = Top { state, figures: Figures::default(), mode: Mode::Watch, chosen: 0 };
    let mut terminal = ratatui::try_init()?;
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

    /// What a key does; `true` ends it all.
    fn press(&mut self, key: KeyEvent) -> bool {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return true;
        }
        match &mut self.mode {
            Mode::Watch => match key.code {
                KeyCode::Char('q') | KeyCode::Esc => return true,
                KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
                KeyCode::Down => self.chosen = (self.chosen + 1).min(self.figures.drops.len().saturating_sub(1)),
                KeyCode::Enter | KeyCode::Char('w') => {
                    let of_drop = self.figures.drops.get(self.chosen).and_then(Question::of);
                    let question = of_drop.map(|question| question.to_string()).unwrap_or_default();
                    self.mode = Mode::Write(question);
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
            Mode::Read { .. } => self.mode = Mode::Watch,
        }
        false
    }

    /// Asks why, as `classiclink why` does.
    fn ask(&self, text: String) -> Mode {
        let answer = text.parse::<Question>().map_err(|error| error.to_string()).and_then(|question| {
            let Question { from, source, to, traffic } = question;
            let ask = Ask::Why { from, source, to, traffic };
            admin::ask::<Why>(self.state, &ask).map_err(|error| error.to_string())
        });
        let lines = match answer {
            Ok(why) => super::show::why_text(&why).lines().map(str::to_owned).collect(),
            Err(why) => vec![why],
        };
        Mode::Read { title: format!("why {text}"), lines }
    }
}
