//! Probes with real sockets, many at a time.

use super::Play;
use super::drops::DropQuery;
use super::outcome::{Outcome, PATIENCE};
use super::wait::First;
use crate::agent::protocol::{Event, Order};
use crate::format::sentence::{self, Probe, Service, Target};
use std::net::SocketAddrV4;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

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
        let service = probe.service;
        let (answered_by, seen_as) = match &probe.outcome {
            sentence::Outcome::Can { answered_by, seen_as } => (answered_by.as_deref(), seen_as.as_ref()),
            sentence::Outcome::Cannot(_) => (None, None),
        };
        let answerer = probe.to.host().or(answered_by);
        // A host that must not answer serves, too, so that silence has no other reason than the expected one.
        if let Some(host) = answerer {
            self.serve(host, service)?;
        }
        let to = self.address(&probe.from, &probe.to)?;
        let source = probe.source.as_ref().map(|own| self.address(&probe.from, own)).transpose()?;
        let sent_from = DropQuery::from_now(Some(self.hosts.get(&probe.from)?.id.clone()));
        let answered_from = DropQuery::from_now(
            probe.to.host().map(|name| self.hosts.get(name)).transpose()?.map(|host| host.id.clone()),
        );
        let agent = self.agent(&probe.from)?;
        let (number, events) = agent.numbered_order(Order::Probe { service, to, from: source, patience: PATIENCE })?;
        let local = started(&events)?;
        let request = DropQuery { destination: Some(to), ..sent_from.request(service, local.port()) };
        let answer = answered_from.answer(service, local.port());
        let outcome = match &probe.outcome {
            sentence::Outcome::Cannot(drop) => {
                self.expect_drop(drop, &events, &[request, answer], "it got through and was answered")
            }
            sentence::Outcome::Can { .. } => match self.first(&events, &[request, answer])? {
                First::Event(Event::Answered { by, seen_as: seen }) => {
                    self.check_answer(probe, answerer, seen_as, &by, &seen)
                }
                First::Event(Event::Refused) => Err("it was refused".to_owned()),
                First::Event(Event::Failed { why }) => Err(why),
                First::Event(event) => Err(format!("the agent says {event:?}")),
                First::Dropped(index, record) => {
                    Err(format!("{} was dropped: {}", if index == 0 { "it" } else { "the answer" }, record.reason))
                }
                First::Nothing => Err("no answer, and no drop on record".to_owned()),
            },
        };
        // The probe's retransmissions must not reach what later steps set up.
        let ended = agent.done(Order::GiveUp { probe: number }, PATIENCE);
        outcome.and(ended)
    }

    /// Checks that the right host answered and saw the right source. Ping shows neither.
    fn check_answer(
        &self,
        probe: &Probe,
        answerer: Option<&str>,
        seen_as: Option<&Target>,
        by: &str,
        seen: &str,
    ) -> Outcome {
        if probe.service == Service::Ping {
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

/// The local address of a probe, once its first packet is sent.
fn started(events: &Receiver<Event>) -> Outcome<SocketAddrV4> {
    match events.recv_timeout(PATIENCE) {
        Ok(Event::Started { local }) => Ok(local),
        Ok(Event::Failed { why }) => Err(why),
        Ok(other) => Err(format!("the agent says {other:?}")),
        Err(_) => Err("the agent does not answer".to_owned()),
    }
}
