//! Probes with real sockets, many at a time.

use super::drops::Sought;
use super::wait::First;
use super::{Outcome, PATIENCE, Play};
use crate::agent::protocol::{Event, Order, What};
use crate::format::sentence::{self, Probe, Service, Target};
use std::net::SocketAddrV4;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

impl From<Service> for What {
    fn from(service: Service) -> Self {
        match service {
            Service::Tcp(port) => Self::Tcp(port),
            Service::Udp(port) => Self::Udp(port),
            Service::Ping => Self::Ping,
        }
    }
}

impl Play<'_> {
    /// Makes all probes at the same time. Results are in the probes' order.
    pub fn probe_all(&mut self, probes: &[&Probe]) -> Vec<(Outcome, Duration)> {
        if let Err(why) = self.refresh_hosts() {
            return probes.iter().map(|_| (Err(why.clone()), Duration::ZERO)).collect();
        }
        let play = &*self;
        thread::scope(|scope| {
            let running: Vec<_> = probes
                .iter()
                .map(|probe| {
                    scope.spawn(move || {
                        let start = Instant::now();
                        (play.probe(probe), start.elapsed())
                    })
                })
                .collect();
            running
                .into_iter()
                .map(|probe| probe.join().unwrap_or_else(|_| (Err("the probe panicked".to_owned()), Duration::ZERO)))
                .collect()
        })
    }

    fn probe(&self, probe: &Probe) -> Outcome {
        let what = What::from(probe.what);
        let (answered_by, seen_as) = match &probe.outcome {
            sentence::Outcome::Can { answered_by, seen_as } => (answered_by.as_deref(), seen_as.as_ref()),
            sentence::Outcome::Cannot(_) => (None, None),
        };
        let answerer = probe.to.host().or(answered_by);
        // A host that must not answer serves too, so that silence has the named reason and no other.
        if let Some(host) = answerer {
            self.serve(host, what)?;
        }
        let to = self.address(&probe.from, &probe.to)?;
        let source = probe.source.as_ref().map(|own| self.address(&probe.from, own)).transpose()?;
        let from = Sought::from_now(Some(self.hosts.get(&probe.from)?.id.clone()));
        let far =
            Sought::from_now(probe.to.host().map(|name| self.hosts.get(name)).transpose()?.map(|host| host.id.clone()));
        let agent = self.agent(&probe.from)?;
        let (number, news) = agent.numbered(Order::Probe { what, to, from: source, patience: PATIENCE })?;
        let local = started(&news)?;
        let there = Sought { destination: Some(to), ..from.request(what, local.port()) };
        let back = far.answer(what, local.port());
        let outcome = match &probe.outcome {
            sentence::Outcome::Cannot(drop) => {
                self.expect_drop(drop, &news, &[there, back], "it got through and was answered")
            }
            sentence::Outcome::Can { .. } => match self.first(&news, &[there, back])? {
                First::News(Event::Answered { by, seen_as: seen }) => {
                    self.right_answer(probe, answerer, seen_as, &by, &seen)
                }
                First::News(Event::Refused) => Err("it was refused".to_owned()),
                First::News(Event::Failed { why }) => Err(why),
                First::News(event) => Err(format!("the agent says {event:?}")),
                First::Dropped(index, record) => {
                    Err(format!("{} was dropped: {}", if index == 0 { "it" } else { "the answer" }, record.reason))
                }
                First::Nothing => Err("no answer, and no drop on record".to_owned()),
            },
        };
        // A decided probe must not meet what later steps set up.
        let ended = agent.done(Order::GiveUp { probe: number }, PATIENCE);
        outcome.and(ended)
    }

    /// Checks that the right host answered and saw the right source. Ping shows neither.
    fn right_answer(
        &self,
        probe: &Probe,
        answerer: Option<&str>,
        seen_as: Option<&Target>,
        by: &str,
        seen: &str,
    ) -> Outcome {
        if probe.what == Service::Ping {
            return Ok(());
        }
        if let Some(answerer) = answerer.filter(|name| *name != by) {
            return Err(format!("{by} answered, not {answerer}"));
        }
        match seen_as {
            None => Ok(()),
            Some(target) => {
                let expected = self.address(&probe.from, target)?.to_string();
                if seen == expected { Ok(()) } else { Err(format!("it was seen as {seen}, not as {expected}")) }
            }
        }
    }
}

/// The address of a probe in progress.
fn started(news: &Receiver<Event>) -> Outcome<SocketAddrV4> {
    match news.recv_timeout(PATIENCE) {
        Ok(Event::Started { local }) => Ok(local),
        Ok(Event::Failed { why }) => Err(why),
        Ok(other) => Err(format!("the agent says {other:?}")),
        Err(_) => Err("the agent does not answer".to_owned()),
    }
}
