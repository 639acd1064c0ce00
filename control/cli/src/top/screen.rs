//! The screen of `top`.

use super::figures::Flow;
use super::{List, Mode, Top};
use control::operator::{Drop, Rate};
use control::recent_changes::{ChangeRow, What};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Row, Table, Wrap};

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const KEYS: &str = "↑↓ choose   Tab connections or drops   w why   q quit";

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, top: &Top<'_>) {
    let areas = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(4),
        Constraint::Fill(4),
        Constraint::Fill(4),
        Constraint::Fill(3),
        Constraint::Length(1),
    ]);
    let [head, ports, flows, drops, changes, foot] = areas.areas(frame.area());
    frame.render_widget(headline(top), head);
    frame.render_widget(port_table(&top.figures.rates), ports);
    frame.render_widget(flow_table(top, rows_in(flows)), flows);
    frame.render_widget(drop_table(top, rows_in(drops)), drops);
    frame.render_widget(change_table(top), changes);
    match &top.mode {
        Mode::Watch => frame.render_widget(Line::styled(KEYS, Color::DarkGray), foot),
        Mode::Write(text) => frame.render_widget(Line::from(format!("why? {text}▏")), foot),
        Mode::Read { title, lines, from } => {
            frame.render_widget(Line::styled("↑↓ move   any other key goes back", Color::DarkGray), foot);
            answer(frame, title, lines.get(*from..).unwrap_or_default());
        }
    }
}

fn headline(top: &Top<'_>) -> Line<'static> {
    if let Some(why) = &top.figures.trouble {
        return Line::styled(why.clone(), Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
    }
    let Some(status) = &top.figures.status else { return Line::from("classiclink") };
    if status.version.is_none() {
        return Line::styled("the dataplane is down and is being restarted", Color::Red);
    }
    let running = status.instances.iter().filter(|instance| instance.state == "running").count();
    let dropped: u64 = status.drops.values().sum();
    let (endpoint, flows) = (&status.endpoint, status.flows);
    Line::styled(format!("{endpoint}  {running} running  {flows} flows  {dropped} dropped"), BOLD)
}

fn port_table(rates: &[Rate]) -> Table<'static> {
    let row = |rate: &Rate| {
        let host = rate.name.as_ref().unwrap_or(&rate.host);
        Row::new([
            format!("{host} {}", rate.interface),
            bits(rate.sent_bits),
            rate.sent_packets.to_string(),
            bits(rate.received_bits),
            rate.received_packets.to_string(),
            rate.dropped.to_string(),
        ])
    };
    let widths = [Constraint::Fill(1), Constraint::Length(10), Constraint::Length(9), Constraint::Length(10)];
    let widths = widths.into_iter().chain([Constraint::Length(9), Constraint::Length(8)]);
    let head = Row::new(["interface", "sends", "pkt/s", "receives", "pkt/s", "drops/s"]).style(BOLD);
    Table::new(rates.iter().map(row), widths).header(head).block(section("traffic"))
}

/// Connections, likewise.
fn flow_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let row = |(index, Flow { row, bits: rate }): (usize, &Flow)| {
        let end = |name: &Option<String>, host: &String| name.clone().unwrap_or_else(|| host.clone());
        let ends = format!("{} → {}", end(&row.from_name, &row.from), end(&row.to_name, &row.to));
        Row::new([ends, row.sent.to_string(), row.state.clone(), bits(*rate)]).style(top.style_of(List::Flows, index))
    };
    let widths = [Constraint::Fill(2), Constraint::Fill(3), Constraint::Length(11), Constraint::Length(10)];
    let rows = top.figures.flows.iter().enumerate().skip(top.first(List::Flows, room)).take(room).map(row);
    let head = Row::new(["from → to", "first packet", "state", "both ways"]).style(BOLD);
    Table::new(rows, widths).header(head).block(section("connections"))
}

impl Top<'_> {
    /// The first row to show, so that the selected one is visible.
    fn first(&self, list: List, room: usize) -> usize {
        if self.list == list { self.chosen.saturating_sub(room.saturating_sub(1)) } else { 0 }
    }

    fn style_of(&self, list: List, index: usize) -> Style {
        let is_chosen = self.list == list && self.chosen == index;
        if is_chosen { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() }
    }
}

/// The drops, beginning with the first row to show.
fn drop_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let row = |(index, drop): (usize, &Drop)| {
        let style = top.style_of(List::Drops, index);
        let host = drop.name.as_ref().unwrap_or(&drop.host);
        let packet = drop.packet.map_or("-".to_owned(), |packet| packet.to_string());
        Row::new([clock(drop.at / 1_000_000), host.clone(), drop.reason.to_string(), packet]).style(style)
    };
    let widths = [Constraint::Length(8), Constraint::Length(12), Constraint::Length(18), Constraint::Fill(1)];
    let rows = top.figures.drops.iter().enumerate().skip(top.first(List::Drops, room)).take(room).map(row);
    Table::new(rows, widths).header(Row::new(["when", "from", "reason", "packet"]).style(BOLD)).block(section("drops"))
}

fn change_table(top: &Top<'_>) -> Table<'static> {
    let row = |change: &ChangeRow| {
        let what = match (&change.state, change.what) {
            (Some(state), _) => state.as_str(),
            (None, What::Added) => "added",
            (None, What::Changed) => "changed",
            (None, What::Removed) => "removed",
        };
        Row::new([clock(change.at), what.to_owned(), change.kind.replace('_', " "), change.id.clone()])
    };
    let widths = [Constraint::Length(8), Constraint::Length(13), Constraint::Length(20), Constraint::Fill(1)];
    Table::new(top.figures.changes.iter().take(50).map(row), widths).block(section("changes"))
}

fn section(title: &'static str) -> Block<'static> {
    Block::new().borders(Borders::TOP).title(title)
}

/// How many rows fit in a section with a header.
fn rows_in(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

fn answer(frame: &mut Frame<'_>, title: &str, lines: &[String]) {
    let [_, area, _] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(frame.area());
    let text = Text::from(lines.iter().map(|line| Line::from(line.clone())).collect::<Vec<_>>());
    let block = Block::bordered().title(title.to_owned());
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: false }).block(block), area);
}

/// The time of day (UTC) of milliseconds since 1970.
fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// A rate in bits per second, with three digits.
fn bits(a_second: u64) -> String {
    let mut value = a_second as f64;
    let mut units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while value >= 1000.0 {
        let Some(larger) = units.next() else { break };
        (value, unit) = (value / 1000.0, larger);
    }
    if value < 10.0 && value.fract() > 0.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::super::figures::Figures;
    use super::*;
    use control::operator::{FlowRow, Packet};
    use control::state::State;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::KeyCode;
    use wire::DropReason;

    fn drawn(top: &Top<'_>) -> String {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(frame, top)).unwrap();
        terminal.backend().to_string()
    }

    fn dropped(number: u16) -> Drop {
        let packet = Packet {
            source: [10, 0, 0, 1].into(),
            destination: [192, 168, 1, 20].into(),
            protocol: 6,
            source_port: 40000,
            destination_port: number,
        };
        let (at, host, name) = (1_000_000_000, "i-1".to_owned(), Some("web".to_owned()));
        Drop { at, host, name, packet: Some(packet), reason: DropReason::EgressFilter, text: String::new() }
    }

    fn flow(number: u16) -> Flow {
        let packet = Packet {
            source: [10, 0, 0, 1].into(),
            destination: [192, 168, 1, 20].into(),
            protocol: 6,
            source_port: number,
            destination_port: 6004,
        };
        let row = FlowRow {
            from: "i-2".into(),
            from_name: Some("app".into()),
            to: "i-3".into(),
            to_name: Some("db".into()),
            sent: packet,
            delivered: packet,
            state: "established".into(),
            tracked: [true; 2],
            idle: Default::default(),
            age: None,
            packets: 1,
            bytes: 1,
            out_by: None,
            in_by: None,
        };
        Flow { row, bits: 5000 }
    }

    fn press(top: &mut Top<'_>, code: KeyCode) {
        assert!(!top.press(code.into()));
    }

    #[test]
    fn everything_has_room_in_80_columns() {
        let state = State::at(None);
        let rate = Rate {
            host: "i-1".into(),
            name: Some("web".into()),
            interface: "eth0".into(),
            sent_packets: 900_000,
            sent_bits: 12_300_000_000,
            received_packets: 7,
            received_bits: 1234,
            dropped: 3,
        };
        let mut figures = Figures::default();
        (figures.rates, figures.drops) = (vec![rate], (1..=30).map(dropped).collect());
        figures.flows = (1..=30).map(flow).collect();
        let change = ChangeRow {
            number: 1,
            at: 1000,
            kind: "security_groups".into(),
            id: "sg-1a2b3c4d".into(),
            what: What::Changed,
            state: None,
        };
        figures.changes = vec![change];
        let mut top = Top { state: &state, figures, mode: Mode::Watch, list: List::Drops, chosen: 0 };
        let screen = drawn(&top);
        let flow = ["app → db", "tcp 10.0.0.1:1 →", "established", "5 kbit/s"];
        let others = [
            "web eth0",
            "12 Gbit/s",
            "1.2 kbit/s",
            "egress-filter",
            "192.168.1.20:1 ",
            "security groups",
            "sg-1a2b3c4d",
            "w why",
        ];
        for word in flow.into_iter().chain(others) {
            assert!(screen.contains(word), "{word}:\n{screen}");
        }
        // The selected row is visible.
        top.chosen = 29;
        assert!(drawn(&top).contains("192.168.1.20:30 "), "{}", drawn(&top));
        // Connections can be selected too, and the question is about the selected row.
        assert_eq!(top.question().unwrap().to_string(), "i-1 192.168.1.20 tcp 30 source 10.0.0.1");
        press(&mut top, KeyCode::Tab);
        (0..9).for_each(|_| press(&mut top, KeyCode::Down));
        assert!(drawn(&top).contains("10.0.0.1:10 "), "{}", drawn(&top));
        press(&mut top, KeyCode::Char('w'));
        assert!(drawn(&top).contains("why? i-2 192.168.1.20 tcp 6004 source 10.0.0.1"), "{}", drawn(&top));
        let lines = (0..40).map(|number| format!("step {number}.")).collect();
        top.mode = Mode::Read { title: "why web db tcp 6004".into(), lines, from: 0 };
        assert!(drawn(&top).contains("step 0.") && !drawn(&top).contains("step 39."));
        (0..30).for_each(|_| press(&mut top, KeyCode::Down));
        assert!(drawn(&top).contains("step 39."), "{}", drawn(&top));
        press(&mut top, KeyCode::Enter);
        assert!(matches!(top.mode, Mode::Watch));
    }
}
