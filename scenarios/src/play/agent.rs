//! The runner's side of a host's agent.

use super::outcome::Outcome;
use crate::agent::protocol::{Event, Order, Report, Request};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The senders of events by the numbers of their orders, or `None` once the agent has ended.
type Waiting = Arc<Mutex<Option<HashMap<u64, Sender<Event>>>>>;

/// A running agent. Dropping it ends it.
pub struct Agent {
    child: Child,
    orders: Mutex<(u64, ChildStdin)>,
    waiting: Waiting,
    greeting: Mutex<Option<Receiver<Event>>>,
}

/// How long an agent may take to get ready.
const START: Duration = Duration::from_secs(15);

impl Agent {
    /// Starts the agent's command, without waiting until it is ready.
    pub fn start(mut command: Command) -> Outcome<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("the agent does not start: {error}"))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the agent has no standard streams".to_owned());
        };
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let readers = waiting.clone();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let Ok(Report { id, event }) = serde_json::from_str(&line) else { continue };
                if let Some(waiting) = readers.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
                    && let Some(sender) = waiting.get(&id)
                {
                    // The receiver of a probe whose drop is on record is gone.
                    let _ = sender.send(event);
                }
            }
            // The agent has ended. Whoever waits for an event gets its error output.
            let mut output = String::new();
            let _ = BufReader::new(stderr).read_to_string(&mut output);
            let waiting = readers.lock().unwrap_or_else(PoisonError::into_inner).take();
            for sender in waiting.into_iter().flat_map(HashMap::into_values) {
                let _ = sender.send(Event::Failed { why: format!("the agent is gone: {}", output.trim()) });
            }
        });
        let agent = Self { child, orders: Mutex::new((0, stdin)), waiting, greeting: Mutex::new(None) };
        let greeting = agent.order(Order::Greet)?;
        *agent.greeting.lock().unwrap_or_else(PoisonError::into_inner) = Some(greeting);
        Ok(agent)
    }

    /// Waits until the agent is ready. From then on it captures every packet that arrives.
    pub fn ready(&self) -> Outcome {
        let mut greeting = self.greeting.lock().unwrap_or_else(PoisonError::into_inner);
        match greeting.take().map(|greeting| greeting.recv_timeout(START)) {
            None | Some(Ok(Event::Done)) => Ok(()),
            Some(Ok(Event::Failed { why })) => Err(why),
            Some(other) => Err(format!("the agent does not get ready: {other:?}")),
        }
    }

    /// Sends an order. Its events come through the channel.
    pub fn order(&self, order: Order) -> Outcome<Receiver<Event>> {
        self.numbered_order(order).map(|(_, events)| events)
    }

    /// Sends an order. Returns its number and the channel of its events.
    pub fn numbered_order(&self, order: Order) -> Outcome<(u64, Receiver<Event>)> {
        let gone = || "the agent is gone".to_owned();
        let (sender, receiver) = mpsc::channel();
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.0 += 1;
        let id = orders.0;
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).as_mut().ok_or_else(gone)?.insert(id, sender);
        let line = serde_json::to_string(&Request { id, order }).map_err(|error| error.to_string())?;
        writeln!(orders.1, "{line}").and_then(|()| orders.1.flush()).map_err(|_| gone())?;
        Ok((id, receiver))
    }

    /// Sends an order that ends in [`Event::Done`], and waits for that.
    pub fn done(&self, order: Order, patience: Duration) -> Outcome {
        match self.order(order)?.recv_timeout(patience) {
            Ok(Event::Done) => Ok(()),
            Ok(Event::Failed { why }) => Err(why),
            Ok(other) => Err(format!("the agent says {other:?}")),
            Err(_) => Err("the agent does not answer".to_owned()),
        }
    }

    /// Whether the agent runs.
    pub fn is_running(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
