//! The screen of `top`.

use super::figures::Flow;
use super::{List, Mode, Top};
use crate::show::clock;
use control::explain::Namesakes;
use control::operator::{Drop, Packet, Rate};
use control::recent_changes::{ChangeRow, What};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Row, Table, Wrap};
use wire::{ICMP, TCP, UDP};

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const KEYS: &str = "↑↓ choose   Tab next list   w why   q quit";

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, top: &Top<'_>) {
    // The list with the selection has the most room.
    let room = |list: List| Constraint::Fill(if top.list == list { 3 } else { 2 });
    let [ports, flows, drops, changes] = List::ALL.map(room);
    let areas = Layout::vertical([Constraint::Length(1), ports, flows, drops, changes, Constraint::Length(1)]);
    let [head, ports, flows, drops, changes, foot] = areas.areas(frame.area());
    frame.render_widget(headline(top), head);
    frame.render_widget(port_table(top, rows_in(ports)), ports);
    frame.render_widget(flow_table(top, rows_in(flows)), flows);
    frame.render_widget(drop_table(top, rows_in(drops)), drops);
    frame.render_widget(change_table(top, rows_in(changes)), changes);
    match &top.mode {
        Mode::Watch => frame.render_widget(Line::styled(KEYS, Color::DarkGray), foot),
        Mode::Write(text) if text.is_empty() => {
            frame.render_widget(Line::from("why? ▏FROM TO tcp PORT, udp PORT or ping"), foot);
        }
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
    if !status.processes.contains_key("dataplane") {
        return Line::styled(format!("{}  on paper: no packets", status.endpoint), BOLD);
    }
    if status.version.is_none() {
        return Line::styled("the dataplane is down and is being restarted", Color::Red);
    }
    let running = status.instances.iter().filter(|instance| instance.state == "running").count();
    let dropped: u64 = status.drops.values().sum();
    let (endpoint, flows) = (&status.endpoint, status.flows);
    Line::styled(format!("{endpoint}  {running} running  {flows} flows  {dropped} dropped"), BOLD)
}

fn port_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let namesakes = top.namesakes();
    let row = |rate: &Rate| {
        let host = namesakes.shown(&rate.host, rate.name.as_ref());
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
    let rows = top.shown(List::Traffic, room, &top.figures.rates, row);
    Table::new(rows, widths).header(head).block(top.section(List::Traffic, "traffic"))
}

fn flow_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let namesakes = top.namesakes();
    let row = |Flow { row, bits: rate }: &Flow| {
        let from = namesakes.shown(&row.from, row.from_name.as_ref());
        let ends = format!("{from} → {}", namesakes.shown(&row.to, row.to_name.as_ref()));
        Row::new([ends, sent(row.sent), row.state.clone(), bits(*rate)])
    };
    let widths = [Constraint::Fill(1), SENT, Constraint::Length(11), Constraint::Length(10)];
    let rows = top.shown(List::Flows, room, &top.figures.flows, row);
    let head = Row::new(["from → to", "first packet", "state", "both ways"]).style(BOLD);
    Table::new(rows, widths).header(head).block(top.section(List::Flows, "connections"))
}

impl Top<'_> {
    /// The rows of a list that have room, with the selected one among them.
    fn shown<T>(&self, list: List, room: usize, all: &[T], row: impl Fn(&T) -> Row<'static>) -> Vec<Row<'static>> {
        let chosen = (self.list == list).then_some(self.chosen);
        let first = chosen.map_or(0, |chosen| chosen.saturating_sub(room.saturating_sub(1)));
        let style =
            |index| if Some(index) == chosen { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let rows = all.iter().enumerate().skip(first).take(room);
        rows.map(|(index, one)| row(one).style(style(index))).collect()
    }

    fn section(&self, list: List, title: &'static str) -> Block<'static> {
        let title = if self.list == list { Line::styled(format!("▸ {title}"), BOLD) } else { Line::from(title) };
        Block::new().borders(Borders::TOP).title(title)
    }

    /// The names of the hosts that have interfaces.
    fn namesakes(&self) -> Namesakes<'_> {
        let ports = self.figures.status.iter().flat_map(|status| &status.ports);
        Namesakes::among(ports.map(|port| (&port.host, port.name.as_ref())))
    }

    /// The Name tag of an instance.
    fn name(&self, id: &str) -> Option<&str> {
        let instances = &self.figures.status.as_ref()?.instances;
        instances.iter().find(|instance| instance.id == id)?.name.as_deref()
    }
}

fn drop_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let namesakes = top.namesakes();
    let row = |drop: &Drop| {
        let host = namesakes.shown(&drop.host, drop.name.as_ref());
        let packet = drop.packet.map_or("-".to_owned(), sent);
        Row::new([clock(drop.at / 1_000_000_000), host, packet, drop.reason.to_string()])
    };
    let widths = [Constraint::Length(8), Constraint::Fill(1), SENT, Constraint::Length(18)];
    let rows = top.shown(List::Drops, room, &top.figures.drops, row);
    let head = Row::new(["when", "from", "packet", "reason"]).style(BOLD);
    Table::new(rows, widths).header(head).block(top.section(List::Drops, "drops"))
}

/// The width of [`sent`].
const SENT: Constraint = Constraint::Length(33);

/// A packet without the address of its sender, whose name is shown beside it.
fn sent(packet: Packet) -> String {
    let Packet { protocol, destination, source_port, destination_port, .. } = packet;
    match protocol {
        TCP => format!("tcp {source_port} → {destination}:{destination_port}"),
        UDP => format!("udp {source_port} → {destination}:{destination_port}"),
        ICMP => format!("icmp → {destination}"),
        other => format!("protocol {other} → {destination}"),
    }
}

fn change_table(top: &Top<'_>, room: usize) -> Table<'static> {
    let row = |change: &ChangeRow| {
        let what = match (&change.state, change.what) {
            (Some(state), _) => state.as_str(),
            (None, What::Added) => "added",
            (None, What::Changed) => "changed",
            (None, What::Removed) => "removed",
        };
        let id = top.name(&change.id).map_or(change.id.clone(), |name| format!("{} ({name})", change.id));
        Row::new([clock(change.at / 1000), what.to_owned(), change.kind.replace('_', " "), id])
    };
    let widths = [Constraint::Length(8), Constraint::Length(13), Constraint::Length(20), Constraint::Fill(1)];
    let rows = top.shown(List::Changes, room, &top.figures.changes, row);
    let head = Row::new(["when", "now", "kind", "id"]).style(BOLD);
    Table::new(rows, widths).header(head).block(top.section(List::Changes, "changes"))
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
    use control::operator::FlowRow;
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
        let flow = ["app → db", "tcp 1 → 192.168.1.20:6004 ", "established", "5 kbit/s"];
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
        assert_eq!(top.question().unwrap(), "i-1 192.168.1.20 tcp 30 source 10.0.0.1");
        press(&mut top, KeyCode::BackTab);
        (0..9).for_each(|_| press(&mut top, KeyCode::Down));
        assert!(drawn(&top).contains("tcp 10 → 192.168.1.20:6004 "), "{}", drawn(&top));
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
