//! What hosts send to the platform's services and answer to them: no bytes make a reader panic.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::check;
use control::managed::formation::nodes;
use control::platform::time::answer;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};
use std::time::{Duration, UNIX_EPOCH};

/// A listing of a Redis cluster: a primary, its replica, a server that is being met.
const LISTING: &str = "\
07c3 10.0.0.1:6379@16379,one myself,master - 0 0 1 connected 0-5460 5462 [93->-292f]
292f 10.0.0.2:6379@16379 slave 07c3 0 1426238316232 3 connected
e7d1 :0@0 handshake - 1426238318243 0 0 disconnected
";

#[test]
fn any_time_query_is_answered_at_no_greater_length_or_not_at_all() {
    let tally = Tally::new("services::any_time_query_is_answered_at_no_greater_length_or_not_at_all", "messages");
    check!().with_type::<(Vec<u8>, u64)>().for_each(|(query, seconds)| {
        tally.add(1);
        let now = UNIX_EPOCH + Duration::from_secs(seconds % (1 << 40));
        assert!(answer(query, now).is_none_or(|answer| answer.len() <= query.len()));
    });
}

#[test]
fn listings_of_clusters() {
    let tally = Tally::new("services::listings_of_clusters", "messages");
    check!().with_type::<Vec<Damage>>().for_each(|damage| {
        tally.add(1);
        let listing = damaged(LISTING.as_bytes(), damage);
        let listing = String::from_utf8_lossy(&listing);
        assert!(nodes(&listing).len() <= listing.lines().count());
    });
}
