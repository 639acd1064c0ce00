//! TestDNSAnswer: what a public zone's name servers would answer.

use super::record_set::name_of;
use super::{Result, bare};
use crate::api::action::{Actions, View};
use crate::names::test_answer;
use hickory_proto::rr::RecordType;
use model::{RECORD_TYPES, ZoneError};
use shapes::route53;
use std::net::IpAddr;
use std::str::FromStr;

pub fn actions(all: Actions) -> Actions {
    all.read(test)
}

fn test(cx: View, input: route53::TestDNSAnswerRequest) -> Result<route53::TestDNSAnswerResponse> {
    let route53::TestDNSAnswerRequest { hosted_zone_id, record_name, record_type, resolver_ip, edns0_client_subnet_ip } =
        input;
    let zone = cx.model.zone_of(&cx.caller.scope.account, bare(&hosted_zone_id))?;
    if zone.private {
        return Err(ZoneError::PrivateZoneTested {}.into());
    }
    let address = |text: &String| text.parse::<IpAddr>().map_err(|_| ZoneError::NoAddress { text: text.clone() });
    let resolver = resolver_ip.as_ref().map(address).transpose()?;
    let client = edns0_client_subnet_ip.as_ref().map(address).transpose()?.or(resolver);
    let name = name_of(&record_name)?;
    if name != zone.name && !name.ends_with(&format!(".{}", zone.name)) {
        return Err(ZoneError::OutsideZone { name: record_name, zone: zone.name.clone() }.into());
    }
    let kind = RecordType::from_str(&record_type).ok().filter(|_| RECORD_TYPES.contains(&record_type.as_str()));
    let kind = kind.ok_or_else(|| ZoneError::UnsupportedType { kind: record_type.clone() })?;
    let (code, data) = test_answer(cx.model, zone, &name, kind, client);
    let servers = cx.model.name_servers_of(&zone.account, &zone.id)?;
    Ok(route53::TestDNSAnswerResponse {
        nameserver: servers.into_iter().next().unwrap_or_default(),
        record_name,
        record_type,
        record_data: data.into_iter().collect(),
        response_code: code.into(),
        protocol: "UDP".into(),
    })
}
