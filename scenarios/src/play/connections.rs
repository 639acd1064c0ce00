//! Connections that stay open from step to step.

use super::drops::Sought;
use super::{Outcome, PATIENCE, Play};
use crate::agent::protocol::{End, Event, Order, What};
use crate::format::sentence::{Drop, Service, Target};
use std::net::SocketAddrV4;
use std::time::Duration;

/// A connection and its two ends.
#[derive(Clone, Debug)]
pub struct Connection {
    what: What,
    opener: String,
    far: Option<String>,
    /// The opener's address, as the opener sees it.
    local: SocketAddrV4,
    /// The opener's address, as the server sees it.
    peer: SocketAddrV4,
}

/// The extra time that agents get beyond their own patience.
const SLACK: Duration = Duration::from_secs(2);

impl Play<'_> {
    /// `web opens tcp 6001 on app as t1`.
    pub fn open(&mut self, from: &str, what: Service, to: &Target, name: &str) -> Outcome {
        self.refresh_hosts()?;
        let what = What::from(what);
        if let Some(host) = to.host() {
            self.serve(host, what)?;
        }
        let order = Order::Open { name: name.to_owned(), what, to: self.address(from, to)?, patience: PATIENCE };
        match self.agent(from)?.order(order)?.recv_timeout(PATIENCE + PATIENCE) {
            Ok(Event::Opened { local, by, peer }) => {
                let far = to.host().map(str::to_owned).or(Some(by).filter(|by| !by.is_empty()));
                let connection = Connection { what, opener: from.to_owned(), far, local, peer };
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
        let connection = self.connection(name)?;
        let end = End::Opener(name.to_owned());
        let agent = self.agent(&connection.opener)?;
        let text = self.token();
        let sought = self.both_ways(&connection)?;
        agent.done(Order::Say { end: end.clone(), text: text.clone() }, PATIENCE)?;
        match agent.order(Order::Hear { end, text, patience: PATIENCE })?.recv_timeout(PATIENCE + SLACK) {
            Ok(Event::Done) => Ok(()),
            Ok(Event::Failed { why }) => Err(why),
            _ => {
                let dropped = sought.iter().find_map(|sought| self.drops.find(sought).ok().flatten());
                Err(dropped
                    .map_or_else(|| "no echo".to_owned(), |record| format!("no echo; dropped: {}", record.reason)))
            }
        }
    }

    /// `t1 is cut: no-such-address`.
    pub fn is_cut(&mut self, name: &str, drop: &Drop) -> Outcome {
        let connection = self.connection(name)?;
        let end = End::Opener(name.to_owned());
        let agent = self.agent(&connection.opener)?;
        let text = self.token();
        let sought = self.both_ways(&connection)?;
        agent.done(Order::Say { end: end.clone(), text: text.clone() }, PATIENCE)?;
        let news = agent.order(Order::Hear { end, text, patience: PATIENCE })?;
        self.expect_drop(drop, &news, &sought, "it still works")
    }

    /// `app can send on t1`, `app cannot send on t1: ingress-filter`.
    pub fn push(&mut self, from: &str, name: &str, drop: Option<&Drop>) -> Outcome {
        let connection = self.connection(name)?;
        let opener = End::Opener(name.to_owned());
        let server = End::Server { what: connection.what, peer: connection.peer };
        let far = connection.far.clone().ok_or("its far end is no host of this scenario")?;
        let [there, back] = self.both_ways(&connection)?;
        let (sender, receiver, to, sought) = if from == connection.opener {
            (opener, server, far, there)
        } else if from == far {
            (server, opener, connection.opener.clone(), back)
        } else {
            return Err(format!("{from} is no end of {name}"));
        };
        let text = self.token();
        self.agent(from)?.done(Order::Say { end: sender, text: format!("say {text}") }, PATIENCE)?;
        let news = self.agent(&to)?.order(Order::Hear { end: receiver, text, patience: PATIENCE })?;
        match drop {
            Some(drop) => self.expect_drop(drop, &news, &[sought], "it arrived"),
            None => match news.recv_timeout(PATIENCE + SLACK) {
                Ok(Event::Done) => Ok(()),
                Ok(Event::Failed { why }) => Err(why),
                _ => {
                    let record = self.drops.find(&sought)?;
                    Err(record.map_or_else(
                        || "it did not arrive".to_owned(),
                        |record| format!("it was dropped: {}", record.reason),
                    ))
                }
            },
        }
    }

    fn connection(&self, name: &str) -> Outcome<Connection> {
        self.connections.get(name).cloned().ok_or_else(|| format!("`{name}` was not opened"))
    }

    /// How to recognise its packets in the record of drops: those of the opener, and the answers.
    fn both_ways(&self, connection: &Connection) -> Outcome<[Sought; 2]> {
        let id = |name: &str| self.hosts.get(name).map(|host| host.id.clone());
        let there = Sought::from_now(Some(id(&connection.opener)?)).request(connection.what, connection.local.port());
        let far = connection.far.as_deref().map(id).transpose()?;
        let back = Sought::from_now(far).answer(connection.what, connection.peer.port());
        Ok([there, back])
    }
}
