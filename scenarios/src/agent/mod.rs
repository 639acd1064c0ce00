//! The helper that runs inside a host and carries out the runner's orders: serves, probes, holds connections, sends
//! unusual packets.
//!
//! Orders are JSON lines on standard input, events JSON lines on standard output. It ends when its input does.

mod capture;
mod held;
mod patience;
mod probe;
pub mod protocol;
mod serve;

use capture::Capture;
use held::Held;
use patience::Probes;
use protocol::{Event, Order, Report, Request};
use serve::Servers;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex};
use std::thread;

/// What all orders share.
struct Agent {
    name: String,
    servers: Servers,
    held: Held,
    probes: Probes,
    capture: Capture,
}

/// Carries out orders until standard input ends. `name` is the name of its servers.
///
/// # Errors
/// When the capture cannot be started or standard input cannot be read.
pub fn run(name: &str) -> io::Result<()> {
    let agent = Arc::new(Agent {
        name: name.to_owned(),
        servers: Servers::default(),
        held: Held::default(),
        probes: Probes::default(),
        capture: Capture::start()?,
    });
    let output = Arc::new(Mutex::new(io::stdout()));
    for line in io::stdin().lock().lines() {
        let Ok(request) = serde_json::from_str::<Request>(&line?) else { continue };
        let (agent, output) = (agent.clone(), output.clone());
        thread::spawn(move || {
            let id = request.id;
            let report = |event: Event| {
                let line = serde_json::to_string(&Report { id, event }).unwrap_or_default();
                if let Ok(mut output) = output.lock() {
                    // If the runner is gone, standard input ends too.
                    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
                }
            };
            let last = agent.execute(request, &report);
            report(last.unwrap_or_else(|error| Event::Failed { why: error.to_string() }));
        });
    }
    Ok(())
}

impl Agent {
    fn execute(&self, Request { id, order }: Request, report: &dyn Fn(Event)) -> io::Result<Event> {
        match order {
            Order::Greet => Ok(Event::Done),
            Order::Serve { what } => self.servers.serve(&self.name, what).map(|()| Event::Done),
            Order::Probe { what, to, from, patience } => {
                self.probes.run(id, patience, |patience| probe::probe(what, (from, to), patience, report))
            }
            Order::GiveUp { probe } => self.probes.give_up(probe).map(|()| Event::Done),
            Order::Open { name, what, to, patience } => self.held.open(name, what, to, patience),
            Order::Say { end, text } => match &end {
                protocol::End::Opener(name) => self.held.say(name, &text),
                protocol::End::Server { what, peer } => self.servers.say(*what, *peer, &text),
            }
            .map(|()| Event::Done),
            Order::Hear { end, text, patience } => {
                let inbox = match &end {
                    protocol::End::Opener(name) => self.held.inbox(name)?,
                    protocol::End::Server { what, peer } => self.servers.inbox(*what, *peer)?,
                };
                Ok(if inbox.wait_for(&text, patience) { Event::Done } else { Event::TimedOut })
            }
            Order::Inject { interface, ether_type, packets } => {
                capture::inject(&interface, ether_type, &packets).map(|()| Event::Done)
            }
            Order::Watch { sign, patience } => {
                Ok(if self.capture.wait_for(&sign, patience) { Event::Done } else { Event::TimedOut })
            }
        }
    }
}
