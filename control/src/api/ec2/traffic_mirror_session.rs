//! Sessions of traffic mirroring.

use super::listing::{Attributes, each, one};
use super::{int, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{Error, MirrorSession, Result, TrafficMirrorSession};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<TrafficMirrorSession> = Attributes(&[
    ("description", |_, row| each(&row.session.description)),
    ("network-interface-id", |_, row| one(&row.interface)),
    ("owner-id", |_, row| one(&row.scope.account)),
    ("packet-length", |_, row| each(row.session.length)),
    ("session-number", |_, row| one(row.session.number)),
    ("traffic-mirror-filter-id", |_, row| one(&row.session.filter)),
    ("traffic-mirror-session-id", |_, row| one(&row.id)),
    ("traffic-mirror-target-id", |_, row| one(&row.session.target)),
    ("virtual-network-id", |_, row| one(row.session.network)),
]);

/// The largest of what can be said.
const NUMBERS: u32 = 32766;
const NETWORKS: u32 = (1 << 24) - 1;

fn number(sent: i32) -> Result<u32> {
    let number = u32::try_from(sent).ok().filter(|number| (1..=NUMBERS).contains(number));
    number.ok_or_else(|| Error::invalid("SessionNumber", sent))
}

fn network(sent: i32) -> Result<u32> {
    let network = u32::try_from(sent).ok().filter(|network| *network <= NETWORKS);
    network.ok_or_else(|| Error::invalid("VirtualNetworkId", sent))
}

fn length(sent: i32) -> Result<u32> {
    u32::try_from(sent).map_err(|_| Error::invalid("PacketLength", sent))
}

fn shown(row: &TrafficMirrorSession) -> ec2::TrafficMirrorSession {
    let MirrorSession { target, filter, length, number, network, description } = row.session.clone();
    ec2::TrafficMirrorSession {
        traffic_mirror_session_id: text(&row.id),
        traffic_mirror_target_id: Some(target),
        traffic_mirror_filter_id: Some(filter),
        network_interface_id: text(&row.interface),
        owner_id: text(&row.scope.account),
        packet_length: length.and_then(int),
        session_number: int(number),
        virtual_network_id: int(network),
        description,
        tags: tags::shown(&row.tags),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateTrafficMirrorSessionRequest,
) -> Result<ec2::CreateTrafficMirrorSessionResult> {
    let ec2::CreateTrafficMirrorSessionRequest {
        network_interface_id,
        traffic_mirror_target_id,
        traffic_mirror_filter_id,
        packet_length,
        session_number,
        virtual_network_id,
        description,
        tag_specifications,
        client_token,
    } = input;
    let tags = tags::of(tag_specifications, "traffic-mirror-session")?;
    let named = virtual_network_id.map(network).transpose()?;
    let mut session = MirrorSession {
        target: traffic_mirror_target_id,
        filter: traffic_mirror_filter_id,
        length: packet_length.map(length).transpose()?,
        number: number(session_number)?,
        network: 0,
        description,
    };
    let id = model.once(caller, "CreateTrafficMirrorSession", token(&client_token), |model| {
        session.network = named.unwrap_or_else(|| model.number() & NETWORKS);
        model.create_mirror_session(caller, &network_interface_id, session, tags)
    })?;
    let traffic_mirror_session = Some(shown(model.mirror_sessions.find(&caller.scope, &id)?));
    Ok(ec2::CreateTrafficMirrorSessionResult { traffic_mirror_session, client_token: client_token.text })
}

fn describe(
    cx: View,
    input: ec2::DescribeTrafficMirrorSessionsRequest,
) -> Result<ec2::DescribeTrafficMirrorSessionsResult> {
    let all = cx.model.mirror_sessions.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, shown)
}

fn modify(cx: Change, input: ec2::ModifyTrafficMirrorSessionRequest) -> Result<ec2::TrafficMirrorSession> {
    let ec2::ModifyTrafficMirrorSessionRequest {
        traffic_mirror_session_id: id,
        traffic_mirror_target_id,
        traffic_mirror_filter_id,
        packet_length,
        session_number,
        virtual_network_id,
        description,
        remove_fields,
    } = input;
    let mut session = cx.model.mirror_sessions.find(&cx.caller.scope, &id)?.session.clone();
    for field in &remove_fields {
        match field.as_str() {
            "packet-length" => session.length = None,
            "description" => session.description = None,
            "virtual-network-id" => session.network = cx.model.number() & NETWORKS,
            other => return Err(Error::invalid("RemoveField", other)),
        }
    }
    let session = MirrorSession {
        target: traffic_mirror_target_id.unwrap_or(session.target),
        filter: traffic_mirror_filter_id.unwrap_or(session.filter),
        length: packet_length.map(length).transpose()?.or(session.length),
        number: session_number.map_or(Ok(session.number), number)?,
        network: virtual_network_id.map_or(Ok(session.network), network)?,
        description: description.or(session.description),
    };
    cx.model.modify_mirror_session(cx.caller, &id, session)?;
    Ok(shown(cx.model.mirror_sessions.find(&cx.caller.scope, &id)?))
}

fn delete(cx: Change, input: ec2::DeleteTrafficMirrorSessionRequest) -> Result<String> {
    cx.model.delete_mirror_session(cx.caller, &input.traffic_mirror_session_id)?;
    Ok(input.traffic_mirror_session_id)
}
