//! Virtio headers: a wrong one is refused or does no harm.

use bolero::check;
use dataplane::packet::{Offload, View, segment};
use fuzz::packet::{Header, Packet};
use fuzz::{Tally, reference};

#[test]
fn virtio_headers_are_checked() {
    let tally = Tally::new("offloads::virtio_headers_are_checked", "packets");
    check!().with_type::<(Packet, Header)>().for_each(|(packet, header)| {
        tally.add(1);
        let mut bytes = packet.build();
        if bytes.len() < 20 {
            return;
        }
        let header = header.of(&mut bytes);
        let Ok(view) = View::parse(&bytes) else { return };
        let Some(offload) = Offload::check(&header, &view, &mut bytes) else { return };
        assert_eq!(View::parse(&bytes), Ok(view), "the header that decides is unchanged");
        bytes.truncate(view.length);
        let written = offload.virtio();
        assert_eq!(
            Offload::check(&written, &view, &mut bytes.clone()),
            Some(offload),
            "the receiver's header is valid"
        );
        let mut pieces = Vec::new();
        segment(&offload, &bytes, |headers, payload| pieces.push([headers, payload].concat()));
        assert_eq!(pieces, reference::segments(&written, &bytes));
        assert!(pieces.len() <= 2048, "{} pieces", pieces.len());
        assert_eq!(
            offload.segments_and_bytes(bytes.len()),
            (pieces.len() as u64, pieces.iter().map(|piece| piece.len() as u64).sum())
        );
        assert!(pieces.iter().all(|piece| piece.len() <= offload.largest(bytes.len())));
    });
}
