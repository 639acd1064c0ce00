//! The agent: a program in a host that carries out the runner's orders. It serves, probes, keeps connections open and injects
//! packets.
//!
//! Orders are lines of JSON on standard input, events lines of JSON on standard output. The agent ends with its input.

mod capture;
mod connections;
mod inbox;
mod patience;
mod probe;
pub mod protocol;
mod serve;

use capture::Capture;
use connections::Connections;
use patience::Probes;
use protocol::{Event, Order, Report, Request};
use serve::Servers;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex};
use std::thread;

/// The state that all orders share.
struct Agent {
    name: String,
    servers: Servers,
    connections: Connections,
    probes: Probes,
    capture: Capture,
}

/// Carries out orders until standard input ends. Servers greet clients with `name`.
///
/// # Errors
/// If packets cannot be captured or standard input cannot be read.
pub fn run(name: &str) -> io::Result<()> {
    let agent = Arc::new(Agent {
        name: name.to_owned(),
        servers: Servers::default(),
        connections: Connections::default(),
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
    /// Carries out an order. Reports what happens meanwhile, and returns the last event.
    fn execute(&self, Request { id, order }: Request, report: &dyn Fn(Event)) -> io::Result<Event> {
        match order {
            Order::Greet => Ok(Event::Done),
            Order::Serve { service } => self.servers.serve(&self.name, service).map(|()| Event::Done),
            Order::Probe { service, to, from, patience } => {
                self.probes.run(id, patience, |patience| probe::probe(service, (from, to), patience, report))
            }
            Order::GiveUp { probe } => self.probes.give_up(probe).map(|()| Event::Done),
            Order::Open { name, service, to, patience } => self.connections.open(name, service, to, patience),
            Order::Send { end, text } => match &end {
                protocol::End::Opener(name) => self.connections.send(name, &text),
                protocol::End::Server { service, peer } => self.servers.send(*service, *peer, &text),
            }
            .map(|()| Event::Done),
            Order::Receive { end, text, patience } => {
                let inbox = match &end {
                    protocol::End::Opener(name) => self.connections.inbox(name)?,
                    protocol::End::Server { service, peer } => self.servers.inbox(*service, *peer)?,
                };
                Ok(if inbox.wait_for(&text, patience) { Event::Done } else { Event::TimedOut })
            }
            Order::Inject { interface, ether_type, packets } => {
                capture::inject(&interface, ether_type, &packets).map(|()| Event::Done)
            }
            Order::Capture { pattern, patience } => {
                Ok(if self.capture.wait_for(&pattern, patience) { Event::Done } else { Event::TimedOut })
            }
        }
    }
}
