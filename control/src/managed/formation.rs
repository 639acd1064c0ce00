//! Real servers of Redis as one cache: replicas copy their primary, and with shards all are one cluster. Control connects to
//! each server from within its own host, and gives it the commands that [`Formation`] asks for. What servers decide among
//! themselves, such as a failover, stays.

use super::process::Place;
use super::{OFTEN, PATIENCE, SELDOM};
use crate::service::Service;
use dataplane::host::within;
use model::Condition;
use model::services::Formation;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

/// How long a server may take to accept a connection, or to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// The greatest length of an answer in bytes. It fits the nodes of the largest cluster.
const ANSWER: usize = 1 << 18;
/// The greatest length of an answer's first line in bytes.
const LINE: u64 = 1 << 12;

/// Makes a host's server part of its cache, and keeps it there. Reports when it first is, or that it is not in time. Never
/// returns. A cache of one server needs nothing.
pub(super) async fn keep(
    service: &Service,
    place: &Place,
    (host, port): (&str, u16),
    tell: &impl Fn(Condition),
) -> String {
    let (begun, mut server, mut was_formed) = (Instant::now(), None, false);
    loop {
        let formation = service.look(|model| model.formation_of(host));
        let formed = match formation.filter(|formation| formation.slots.is_some() || !formation.others.is_empty()) {
            Some(formation) => form(&mut server, place.namespace(host), &formation, port).await,
            None => Ok(true),
        };
        was_formed |= matches!(formed, Ok(true));
        let is_late = begun.elapsed() > PATIENCE;
        let lack = "its program is not part of its cache";
        match formed {
            Ok(true) => tell(Condition::Up),
            Ok(false) if is_late && !was_formed => tell(Condition::Failed(lack.to_owned())),
            Err(error) if is_late && !was_formed => tell(Condition::Failed(format!("{lack}: {error}"))),
            Ok(false) | Err(_) => {}
        }
        sleep(if is_late || was_formed { SELDOM } else { OFTEN }).await;
    }
}

/// Gives a server the next commands of its formation, over the open connection or a new one. Returns whether the formation is
/// complete.
async fn form(
    server: &mut Option<Server>,
    namespace: Option<PathBuf>,
    formation: &Formation,
    port: u16,
) -> io::Result<bool> {
    let mut connected = match server.take() {
        Some(connected) => connected,
        None => Server::reach(namespace.ok_or(io::ErrorKind::NotFound)?, formation.own, port).await?,
    };
    let formed = connected.form(formation, port).await?;
    // A connection that has failed is not used again.
    *server = Some(connected);
    Ok(formed)
}

/// A connection to a server, in the protocol of Redis (RESP2).
struct Server(BufReader<TcpStream>);

impl Server {
    /// Connects to a server from within its host.
    async fn reach(namespace: PathBuf, address: Ipv4Addr, port: u16) -> io::Result<Server> {
        let to = SocketAddr::from((address, port));
        let connect = move || std::net::TcpStream::connect_timeout(&to, ANSWERS_WITHIN);
        let stream = spawn_blocking(move || within(&namespace, connect)).await??;
        stream.set_nonblocking(true)?;
        Ok(Server(BufReader::new(TcpStream::from_std(stream)?)))
    }

    /// Gives the server the next commands of its formation. All servers listen on the same port. Returns whether the formation is
    /// complete.
    async fn form(&mut self, formation: &Formation, port: u16) -> io::Result<bool> {
        let port = port.to_string();
        match &formation.slots {
            None => self.copy(formation.primary, &port).await,
            Some(slots) => {
                let slots = slots.iter().cloned().flatten().collect();
                self.join(formation, slots, &port).await
            }
        }
    }

    /// Lets a server without shards copy its primary. Returns whether it does already.
    async fn copy(&mut self, primary: Option<Ipv4Addr>, port: &str) -> io::Result<bool> {
        let info = self.ask(&["INFO", "replication"]).await?;
        let copied: Option<Ipv4Addr> =
            info.lines().find_map(|line| line.strip_prefix("master_host:")?.trim().parse().ok());
        if copied == primary {
            return Ok(true);
        }
        match primary {
            Some(primary) => self.ask(&["REPLICAOF", &primary.to_string(), port]).await?,
            None => self.ask(&["REPLICAOF", "NO", "ONE"]).await?,
        };
        Ok(false)
    }

    /// Makes a server part of its cluster: it meets the others and forgets strangers, and then takes the free slots of its shard or
    /// copies its primary. Returns whether the cluster is complete.
    async fn join(&mut self, formation: &Formation, slots: BTreeSet<u16>, port: &str) -> io::Result<bool> {
        let nodes = nodes(&self.ask(&["CLUSTER", "NODES"]).await?);
        let (strangers, others): (Vec<&Node>, Vec<&Node>) = nodes
            .iter()
            .filter(|node| !node.is_self)
            .partition(|node| !node.address.is_some_and(|address| formation.others.contains(&address)));
        // A replica cannot forget its primary until it copies another one.
        let copied = nodes.iter().find(|node| node.is_self).and_then(|own| own.primary.as_ref());
        for stranger in strangers.into_iter().filter(|stranger| Some(&stranger.id) != copied) {
            self.ask(&["CLUSTER", "FORGET", &stranger.id]).await?;
        }
        let is_known = |other: &Ipv4Addr| others.iter().any(|node| node.address == Some(*other));
        let unknown: Vec<Ipv4Addr> = formation.others.iter().copied().filter(|other| !is_known(other)).collect();
        for other in &unknown {
            self.ask(&["CLUSTER", "MEET", &other.to_string(), port]).await?;
        }
        // The slots of a server are known once it has answered.
        if !unknown.is_empty() || nodes.iter().any(|node| node.is_silent) {
            return Ok(false);
        }
        match formation.primary {
            None => self.take(&nodes, slots).await?,
            Some(primary) => self.follow(&nodes, primary).await?,
        }
        Ok(self.ask(&["CLUSTER", "INFO"]).await?.contains("cluster_state:ok"))
    }

    /// Takes those of these slots that are free.
    async fn take(&mut self, nodes: &[Node], mut slots: BTreeSet<u16>) -> io::Result<()> {
        for taken in nodes.iter().flat_map(|node| &node.slots) {
            while let Some(slot) = slots.range(taken.clone()).next().copied() {
                slots.remove(&slot);
            }
        }
        if slots.is_empty() {
            return Ok(());
        }
        let slots: Vec<String> = slots.iter().map(u16::to_string).collect();
        let command: Vec<&str> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
        self.ask(&command).await.map(drop)
    }

    /// Copies a primary of the cluster. A server with slots is a primary itself, and copies none.
    async fn follow(&mut self, nodes: &[Node], primary: Ipv4Addr) -> io::Result<()> {
        let own = nodes.iter().find(|node| node.is_self && node.slots.is_empty());
        let primary = nodes.iter().find(|node| node.address == Some(primary) && node.primary.is_none());
        match (own, primary) {
            (Some(own), Some(primary)) if own.primary.as_ref() != Some(&primary.id) => {
                self.ask(&["CLUSTER", "REPLICATE", &primary.id]).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Sends a command. Returns the text of the answer.
    async fn ask(&mut self, command: &[&str]) -> io::Result<String> {
        timeout(ANSWERS_WITHIN, self.exchange(command)).await?
    }

    async fn exchange(&mut self, command: &[&str]) -> io::Result<String> {
        let mut request = format!("*{}\r\n", command.len());
        for word in command {
            let _ = write!(request, "${}\r\n{word}\r\n", word.len());
        }
        self.0.write_all(request.as_bytes()).await?;
        let mut line = String::new();
        (&mut self.0).take(LINE).read_line(&mut line).await?;
        if !line.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("+" | ":", text)) => Ok(text.to_owned()),
            Some(("$", length)) => self.text(length.parse().map_err(io::Error::other)?).await,
            Some((_, text)) => Err(io::Error::other(text.to_owned())),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    async fn text(&mut self, length: usize) -> io::Result<String> {
        if length > ANSWER {
            return Err(io::Error::other("the answer is too long"));
        }
        let mut text = vec![0; length + 2];
        self.0.read_exact(&mut text).await?;
        text.truncate(length);
        String::from_utf8(text).map_err(io::Error::other)
    }
}

/// A server of a cluster, as another one knows it.
#[derive(Debug)]
pub struct Node {
    id: String,
    address: Option<Ipv4Addr>,
    is_self: bool,
    /// Whether it has not answered yet.
    is_silent: bool,
    /// The id of the server that it copies.
    primary: Option<String>,
    slots: Vec<RangeInclusive<u16>>,
}

/// The servers that `CLUSTER NODES` lists, one a line: id, address, flags, primary, the times when it was last asked and
/// last answered, its epoch, its state, its slots.
pub fn nodes(listing: &str) -> Vec<Node> {
    listing.lines().filter_map(node).collect()
}

fn node(line: &str) -> Option<Node> {
    let mut fields = line.split_whitespace();
    let (id, address, flags, primary) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let answered = fields.nth(1)?;
    let has = |wanted: &str| flags.split(',').any(|flag| flag == wanted);
    // Slots that are on their way are in brackets, and listed again by the server that has them.
    let slots = fields.skip(2).filter(|slots| !slots.starts_with('[')).filter_map(|slots| {
        let (first, last) = slots.split_once('-').unwrap_or((slots, slots));
        Some(first.parse::<u16>().ok()?..=last.parse().ok()?).filter(|slots| !slots.is_empty())
    });
    Some(Node {
        id: id.to_owned(),
        address: address.split(':').next().and_then(|address| address.parse().ok()),
        is_self: has("myself"),
        is_silent: has("handshake") || answered == "0" && !has("myself") && !has("fail"),
        primary: Some(primary.to_owned()).filter(|id| id != "-"),
        slots: slots.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use tokio::net::TcpListener;

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    /// The commands that a server gets for a formation if it gives these answers, without `INFO` and `CLUSTER NODES`, and whether the
    /// formation is complete.
    async fn asked(answers: &[(&str, &str)], formation: Formation) -> (Vec<String>, bool) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: BTreeMap<String, String> =
            answers.iter().map(|(command, answer)| ((*command).to_owned(), (*answer).to_owned())).collect();
        let serving = tokio::spawn(async move {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            let mut asked = Vec::new();
            while let Some(command) = command(&mut stream).await {
                let answer = match answers.get(&command) {
                    Some(text) => format!("${}\r\n{text}\r\n", text.len()),
                    None => "+OK\r\n".to_owned(),
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
                asked.push(command);
            }
            asked
        });
        let mut server = Server(BufReader::new(TcpStream::connect(address).await.unwrap()));
        let is_formed = server.form(&formation, 6379).await.unwrap();
        drop(server);
        let mut asked = serving.await.unwrap();
        asked.retain(|command| {
            !command.starts_with("INFO") && !["CLUSTER NODES", "CLUSTER INFO"].contains(&command.as_str())
        });
        (asked, is_formed)
    }

    /// The next command's words.
    async fn command(stream: &mut BufReader<TcpStream>) -> Option<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let words: usize = line.trim_end().strip_prefix('*')?.parse().ok()?;
        for _ in 0..2 * words {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            lines.push(line.trim_end().to_owned());
        }
        Some(lines.iter().skip(1).step_by(2).map(String::as_str).collect::<Vec<_>>().join(" "))
    }

    fn formation(primary: Option<Ipv4Addr>, slots: Option<RangeInclusive<u16>>) -> Formation {
        Formation { own: OWN, others: vec![OTHER], primary, slots: slots.map(|slots| vec![slots]) }
    }

    #[tokio::test]
    async fn answers_without_an_end_and_slots_without_number_are_bounded() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            while stream.write_all(&[b'+'; 1024]).await.is_ok() {}
        });
        let mut server = Server(BufReader::new(TcpStream::connect(address).await.unwrap()));
        assert_eq!(server.ask(&["INFO"]).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let all = "aa 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 5-3 ".to_owned() + &"0-65535 ".repeat(10_000);
        let (commands, _) = asked(&[("CLUSTER NODES", &all), OK], alone(0..=3)).await;
        assert!(commands.is_empty(), "{commands:?}");
    }

    /// The only server of a cache.
    fn alone(slots: RangeInclusive<u16>) -> Formation {
        Formation { others: Vec::new(), ..formation(None, Some(slots)) }
    }

    const OK: (&str, &str) = ("CLUSTER INFO", "cluster_state:ok\r\ncluster_size:1");

    #[tokio::test]
    async fn a_replica_copies_its_primary_and_a_primary_nobody() {
        let info = |text: &'static str| [("INFO replication", text)];
        let of_other = "role:slave\r\nmaster_host:10.0.0.2\r\nmaster_port:6379";
        let copies = formation(Some(OTHER), None);
        assert_eq!(asked(&info("role:master"), copies.clone()).await, (vec!["REPLICAOF 10.0.0.2 6379".into()], false));
        assert_eq!(asked(&info(of_other), copies).await, (vec![], true));
        assert_eq!(asked(&info(of_other), formation(None, None)).await, (vec!["REPLICAOF NO ONE".into()], false));
    }

    #[tokio::test]
    async fn servers_meet_and_then_take_their_slots() {
        let alone = "aa :6379@16379 myself,master - 0 0 0 connected";
        let (commands, is_formed) = asked(&[("CLUSTER NODES", alone)], formation(None, Some(0..=3))).await;
        assert_eq!((commands, is_formed), (vec!["CLUSTER MEET 10.0.0.2 6379".to_owned()], false));
        let greeting = format!("{alone}\nbb 10.0.0.2:6379@16379 handshake - 0 7 0 connected");
        let (commands, is_formed) = asked(&[("CLUSTER NODES", &greeting)], formation(None, Some(0..=3))).await;
        assert!(commands.is_empty() && !is_formed, "{commands:?}");
        let met = "aa 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0\nbb 10.0.0.2:6379@16379 master - 0 7 2 connected 2-3";
        let (commands, is_formed) = asked(&[("CLUSTER NODES", met), OK], formation(None, Some(0..=3))).await;
        assert_eq!((commands, is_formed), (vec!["CLUSTER ADDSLOTS 1".to_owned()], true));
    }

    #[tokio::test]
    async fn a_replica_of_a_cluster_follows_its_primary_and_forgets_who_is_gone() {
        let met = "aa 10.0.0.1:6379@16379 myself,master - 0 0 1 connected\nbb 10.0.0.2:6379@16379 master - 0 7 2 connected 0-3\n\
                   cc 10.0.0.9:6379@16379 master,fail - 0 7 2 disconnected 4-5";
        let (commands, _) = asked(&[("CLUSTER NODES", met), OK], formation(Some(OTHER), Some(0..=3))).await;
        assert_eq!(commands, ["CLUSTER FORGET cc", "CLUSTER REPLICATE bb"]);
        let follows = met.replace("myself,master -", "myself,slave bb").replace("cc 10.0.0.9", "cc 10.0.0.2");
        let (commands, is_formed) =
            asked(&[("CLUSTER NODES", &follows), OK], formation(Some(OTHER), Some(0..=3))).await;
        assert!(commands.is_empty() && is_formed, "{commands:?}");
    }
    proptest! {
        #[test]
        fn nearly_valid_listings_are_read_without_panic(
            lines in vec("[a-f]{0,2} [0-9.:@]{0,14} [a-z,]{0,10} [-a-f]{0,2} 0 [07] 1 [a-z]{0,9}( \\[?[0-9]{0,6}-?[0-9]{0,6}){0,4}", 0..5)
        ) {
            for node in nodes(&lines.join("\n")) {
                prop_assert!(node.slots.iter().all(|slots| slots.start() <= slots.end()));
            }
        }
    }
}
