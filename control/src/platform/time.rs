//! The time service for NTP clients (RFC 5905). It tells the machine's time, which all hosts share.

use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::UdpSocket;

/// The length of a message without extensions, in bytes.
const LENGTH: usize = 48;
/// The modes of messages.
const CLIENT: u8 = 3;
const SERVER: u8 = 4;
/// The distance of its clock from a reference clock.
const STRATUM: u8 = 3;
/// The reference clock in answers, which is what Amazon Time Sync names.
const REFERENCE: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 122);
/// The precision of its clock: a power of two, in seconds.
const PRECISION: i8 = -20;
/// The seconds from the epoch of NTP (1900) to that of Unix (1970).
const UNIX: u64 = 2_208_988_800;
/// The pause after an error of the socket, most likely because there is no memory.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers queries. Never returns. Where an answer is lost, the client asks again.
pub async fn serve(socket: UdpSocket) {
    let mut query = [0; LENGTH];
    loop {
        let (length, client) = match socket.recv_from(&mut query).await {
            Ok(received) => received,
            Err(error) => {
                tracing::debug!(%error, "the time service's socket");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if let Some(answer) = answer(&query[..length], SystemTime::now()) {
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// The answer to a client's query. `None` if these bytes are not one.
pub fn answer(query: &[u8], now: SystemTime) -> Option<[u8; LENGTH]> {
    let query: &[u8; LENGTH] = query.first_chunk()?;
    let (version, mode) = (query[0] >> 3 & 7, query[0] & 7);
    if mode != CLIENT || !(1..=4).contains(&version) {
        return None;
    }
    let mut answer = [0; LENGTH];
    // Version and mode, stratum, the client's own poll interval, precision.
    answer[..4].copy_from_slice(&[version << 3 | SERVER, STRATUM, query[2], PRECISION as u8]);
    answer[12..16].copy_from_slice(&REFERENCE.octets());
    // The reference time, the client's sending time, the receiving time, the sending time.
    for at in [16, 32, 40] {
        answer[at..at + 8].copy_from_slice(&timestamp(now));
    }
    answer[24..32].copy_from_slice(&query[40..]);
    Some(answer)
}

/// A time as NTP has it: seconds since 1900, which wrap around every 136 years, and their fraction.
fn timestamp(time: SystemTime) -> [u8; 8] {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    ((since.as_secs() + UNIX) << 32 | fraction).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_answered_with_its_own_time_and_that_of_the_clock() {
        let mut query = [0; LENGTH];
        query[0] = 4 << 3 | CLIENT;
        query[40..].copy_from_slice(b"its time");
        let told = answer(&query, UNIX_EPOCH + Duration::from_millis(1_500)).unwrap();
        assert_eq!((told[0], told[1]), (4 << 3 | SERVER, STRATUM));
        assert_eq!(&told[24..32], &query[40..]);
        assert_eq!(told[40..], ((UNIX + 1) << 32 | 1 << 31).to_be_bytes());
    }

    #[test]
    fn nothing_else_is_answered() {
        let message = |first: u8| [&[first][..], &[0; LENGTH - 1]].concat();
        for other in [message(4 << 3 | SERVER), message(CLIENT), message(4 << 3 | CLIENT)[1..].to_vec(), Vec::new()] {
            assert_eq!(answer(&other, UNIX_EPOCH), None);
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_longer_than_its_query(query in vec(any::<u8>(), 0..100), seconds: u32) {
            let answer = answer(&query, UNIX_EPOCH + Duration::from_secs(seconds.into()));
            prop_assert!(answer.is_none_or(|answer| answer.len() <= query.len() && query[0] & 7 == CLIENT));
        }
    }
}
