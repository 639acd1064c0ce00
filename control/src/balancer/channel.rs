//! The channel to control, which sends the configuration and receives the targets' health. Without control the balancer
//! continues as it is.

use super::Balancer;
use super::configuration::Hello;
use serde::Serialize;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::time::{Instant, MissedTickBehavior};

/// The pause before another attempt to reach control.
const PAUSE: Duration = Duration::from_millis(200);
/// How often control is sent an empty line, which says that the balancer does not hang.
const BEAT: Duration = Duration::from_secs(1);

/// Follows control's configuration. Never returns.
pub async fn follow(socket: &Path, hello: &Hello, mut balancer: Balancer) {
    loop {
        if let Err(error) = speak(socket, hello, &mut balancer).await {
            tracing::debug!("cannot reach control: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Talks with control until it disconnects.
async fn speak(socket: &Path, hello: &Hello, balancer: &mut Balancer) -> io::Result<()> {
    let (read, mut write) = UnixStream::connect(socket).await?.into_split();
    say(&mut write, hello).await?;
    let mut lines = BufReader::new(read).lines();
    let mut news = balancer.news();
    news.mark_changed();
    let mut beats = tokio::time::interval_at(Instant::now() + BEAT, BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => balancer.configure(serde_json::from_str(&line)?),
                None => return Ok(()),
            },
            // The balancer, which sends news, is owned here.
            _ = news.changed() => say(&mut write, &balancer.report()).await?,
            _ = beats.tick() => write.write_all(b"\n").await?,
        }
    }
}

async fn say(to: &mut OwnedWriteHalf, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line).await
}
