//! Steps about connections, which stay open from step to step.

use super::Play;
use super::connection::Connection;
use super::drops::DropQuery;
use super::outcome::{Outcome, PATIENCE};
use crate::agent::protocol::{End, Event, ONE_WAY, Order};
use crate::format::sentence::{Drop, Service, Target};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// The time that an agent's event may take beyond the agent's own patience.
const SLACK: Duration = Duration::from_secs(2);

impl Play<'_> {
    /// `web opens tcp 6001 on app as t1`.
    pub fn open(&mut self, from: &str, service: Service, to: &Target, name: &str) -> Outcome {
        self.refresh_hosts()?;
        if let Some(host) = to.host() {
            self.serve(host, service)?;
        }
        let order = Order::Open { name: name.to_owned(), service, to: self.address(from, to)?, patience: PATIENCE };
        match self.agent(from)?.order(order)?.recv_timeout(PATIENCE + PATIENCE) {
            Ok(Event::Opened { local, by, peer }) => {
                let far = to.host().map(str::to_owned).or(Some(by).filter(|by| !by.is_empty()));
                let connection = Connection { service, opener: from.to_owned(), far, local, peer };
                self.connections.insert(name.to_owned(), connection);
                Ok(())
            }
            Ok(Event::Refused) => Err("it was refused".to_owned()),
            Ok(Event::TimedOut) => Err("no answer".to_owned()),
            Ok(Event::Failed { why }) => Err(why),
            Ok(other) => Err(format!("the agent says {other:?}")),
            Err(_) => Err("the agent does not answer".to_owned()),
        }
    }

    /// `t1 still works`.
    pub fn still_works(&mut self, name: &str) -> Outcome {
        let (events, queries) = self.request_echo(name)?;
        match events.recv_timeout(PATIENCE + SLACK) {
            Ok(Event::Done) => Ok(()),
            Ok(Event::Failed { why }) => Err(why),
            _ => {
                let dropped = queries.iter().find_map(|query| self.drops.find(query).ok().flatten());
                Err(dropped
                    .map_or_else(|| "no echo".to_owned(), |record| format!("no echo; dropped: {}", record.reason)))
            }
        }
    }

    /// `t1 is cut: no-such-address`.
    pub fn is_cut(&mut self, name: &str, drop: &Drop) -> Outcome {
        let (events, queries) = self.request_echo(name)?;
        self.expect_drop(drop, &events, &queries, "it still works")
    }

    /// Sends data on a connection and waits for its echo. Returns the channel of the result, and the queries for dropped
    /// packets.
    fn request_echo(&mut self, name: &str) -> Outcome<(Receiver<Event>, [DropQuery; 2])> {
        let connection = self.connection(name)?;
        let end = End::Opener(name.to_owned());
        let agent = self.agent(&connection.opener)?;
        let text = self.token();
        let queries = self.drop_queries(&connection)?;
        agent.done(Order::Send { end: end.clone(), text: text.clone() }, PATIENCE)?;
        let events = agent.order(Order::Receive { end, text, patience: PATIENCE })?;
        Ok((events, queries))
    }

    /// `app can send on t1`, `app cannot send on t1: ingress-filter`.
    pub fn push(&mut self, from: &str, name: &str, drop: Option<&Drop>) -> Outcome {
        let connection = self.connection(name)?;
        let opener = End::Opener(name.to_owned());
        let server = End::Server { service: connection.service, peer: connection.peer };
        let far = connection.far.clone().ok_or("its far end is no host of this scenario")?;
        let [request, answer] = self.drop_queries(&connection)?;
        let (sender, receiver, to, query) = if from == connection.opener {
            (opener, server, far, request)
        } else if from == far {
            (server, opener, connection.opener.clone(), answer)
        } else {
            return Err(format!("{from} is no end of {name}"));
        };
        let text = self.token();
        self.agent(from)?.done(Order::Send { end: sender, text: format!("{ONE_WAY}{text}") }, PATIENCE)?;
        let events = self.agent(&to)?.order(Order::Receive { end: receiver, text, patience: PATIENCE })?;
        match drop {
            Some(drop) => self.expect_drop(drop, &events, &[query], "it arrived"),
            None => match events.recv_timeout(PATIENCE + SLACK) {
                Ok(Event::Done) => Ok(()),
                Ok(Event::Failed { why }) => Err(why),
                _ => self.not_arrived(&query),
            },
        }
    }

    fn connection(&self, name: &str) -> Outcome<Connection> {
        self.connections.get(name).cloned().ok_or_else(|| format!("`{name}` was not opened"))
    }

    /// The queries for its dropped packets: the opener's, and the answers.
    fn drop_queries(&self, connection: &Connection) -> Outcome<[DropQuery; 2]> {
        let id = |name: &str| self.hosts.get(name).map(|host| host.id.clone());
        let request =
            DropQuery::from_now(Some(id(&connection.opener)?)).request(connection.service, connection.local.port());
        let far = connection.far.as_deref().map(id).transpose()?;
        let answer = DropQuery::from_now(far).answer(connection.service, connection.peer.port());
        Ok([request, answer])
    }
}
