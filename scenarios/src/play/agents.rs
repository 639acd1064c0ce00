//! The agents in hosts, which are started when a step needs them.

use super::Play;
use super::agent::Agent;
use super::outcome::Outcome;
use crate::agent::protocol::Order;
use crate::format::sentence::Service;
use crate::format::step::Action;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(15);

impl Play<'_> {
    /// The agent in a host, started if there is none, and ready.
    pub fn agent(&self, name: &str) -> Outcome<Arc<Agent>> {
        let agent = self.launch(name)?;
        agent.ready()?;
        Ok(agent)
    }

    /// The agent in a host, started if there is none.
    fn launch(&self, name: &str) -> Outcome<Arc<Agent>> {
        let mut agents = self.hosts.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(name).filter(|agent| agent.is_running()) {
            return Ok(agent.clone());
        }
        self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).retain(|(host, _)| host != name);
        let agent = Arc::new(Agent::start(self.system.agent(&self.hosts.get(name)?.id, name))?);
        agents.insert(name.to_owned(), agent.clone());
        Ok(agent)
    }

    /// Starts the agents of all hosts in the steps.
    pub fn start_agents(&self) -> Outcome {
        let sentences = self.scenario.steps.iter().filter_map(|step| match &step.action {
            Action::Sentence(sentence) => Some(sentence.hosts()),
            _ => None,
        });
        let names: BTreeSet<_> = sentences.flatten().filter(|name| self.hosts.get(name).is_ok()).collect();
        // All are started before the first is waited for.
        names.iter().try_for_each(|name| self.launch(name).map(drop))?;
        names.iter().try_for_each(|name| self.agent(name).map(drop))
    }

    /// Has a host serve a service.
    pub fn serve(&self, name: &str, service: Service) -> Outcome {
        if service == Service::Ping {
            return Ok(());
        }
        let agent = self.agent(name)?;
        if self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).contains(&(name.to_owned(), service)) {
            return Ok(());
        }
        agent.done(Order::Serve { service }, START).map_err(|why| format!("{name} cannot serve {service:?}: {why}"))?;
        self.hosts.served.lock().unwrap_or_else(PoisonError::into_inner).insert((name.to_owned(), service));
        Ok(())
    }
}
