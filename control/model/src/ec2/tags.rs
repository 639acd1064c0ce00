//! Tags: their rules, and the actions that add and remove them.

use crate::{
    Caller, Error, IMPAIR_TAG, IdKind, Model, Resource, Result, Row, Scope, Tags, arn, not_in_xml, parse_impairments,
};

/// Tags a resource may have (EC2's limit).
const LIMIT: usize = 50;

/// Whether a key belongs to AWS.
fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// Checks tags of a user. Keys with `aws:` are AWS's.
pub fn check(tags: &Tags) -> Result<()> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 127 {
            return Err(Error::TagKeyLength { key: key.clone() });
        }
        if is_reserved(key) {
            return Err(Error::TagKeyReserved { key: key.clone() });
        }
        if value.chars().count() > 255 {
            return Err(Error::TagValueLength { value: value.clone() });
        }
        if key == IMPAIR_TAG {
            parse_impairments(value)?;
        }
        if let Some(character) = not_in_xml(key).or_else(|| not_in_xml(value)) {
            return Err(Error::BadCharacter { what: "A tag".to_owned(), character });
        }
    }
    if tags.len() > LIMIT {
        return Err(Error::TagLimit {});
    }
    Ok(())
}

/// Implements the functions for tags of all kinds of resources.
macro_rules! tagged {
    ($($field:ident),*) => {
        impl Model {
            /// The tags of a resource, to change them.
            fn tags_mut(&mut self, scope: &Scope, id: &str) -> Option<&mut Tags> {
                // An address of EC2-Classic is its own id, and has no tags.
                IdKind::of(id)?;
                $(if self.$field.find(scope, id).is_ok() {
                    return self.$field.get_mut(id).map(Resource::tags_mut);
                })*
                if self.peerings.get(id).is_some_and(|peering| peering.accepter.scope == *scope) {
                    return self.peerings.get_mut(id).map(|peering| &mut peering.accepter_tags);
                }
                let of_rule = self.security_groups.by(id).find(|group| {
                    group.scope == *scope && group.rules.iter().any(|rule| rule.id == id)
                });
                let group = of_rule?.id.clone();
                let rules = &mut self.security_groups.get_mut(&group)?.rules;
                rules.iter_mut().find(|rule| rule.id == id).map(|rule| &mut rule.tags)
            }

            /// The tags of a resource.
            pub fn tags_of<'a>(&'a self, scope: &'a Scope, id: &'a str) -> Option<&'a Tags> {
                $(if let Ok(row) = self.$field.find(scope, id) {
                    return Some(row.tags());
                })*
                match IdKind::of(id)? {
                    IdKind::VpcPeeringConnection => {
                        let accepted = self.peerings.get(id).filter(|peering| peering.accepter.scope == *scope);
                        accepted.map(|peering| &peering.accepter_tags)
                    }
                    IdKind::SecurityGroupRule => {
                        let groups = self.security_groups.by(id).filter(|group| group.scope == *scope);
                        let mut rules = groups.flat_map(|group| &group.rules);
                        rules.find(|rule| rule.id == id).map(|rule| &rule.tags)
                    }
                    _ => None,
                }
            }

            /// The id and the tags of every tagged resource of a scope.
            pub fn tagged<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = (&'a str, &'a Tags)> {
                let rules = self.security_groups.of(scope).flat_map(|group| &group.rules);
                let accepted = self.peerings.iter().filter(|peering| peering.accepter.scope == *scope);
                // One type of so many chained iterators would be too deep for the compiler.
                let rows: Vec<Box<dyn Iterator<Item = (&'a str, &'a Tags)> + 'a>> =
                    vec![$(Box::new(self.$field.of(scope).map(|row| (row.id(), row.tags()))),)*];
                rules.map(|rule| (rule.id.as_str(), &rule.tags))
                    .chain(accepted.map(|peering| (peering.id.as_str(), &peering.accepter_tags)))
                    .chain(rows.into_iter().flatten())
                    .filter(|(_, tags)| !tags.is_empty())
            }
        }
    };
}

tagged!(
    instances,
    volumes,
    snapshots,
    images,
    key_pairs,
    placement_groups,
    launch_templates,
    spot_requests,
    subnet_cidr_reservations,
    vpcs,
    subnets,
    route_tables,
    security_groups,
    network_acls,
    network_interfaces,
    internet_gateways,
    elastic_addresses,
    nat_gateways,
    peerings,
    vpn_gateways,
    customer_gateways,
    vpn_connections,
    vpc_endpoints,
    transit_gateways,
    transit_attachments,
    transit_route_tables,
    insights_paths,
    insights_analyses,
    egress_only_gateways,
    carrier_gateways,
    block_exclusions,
    connect_endpoints,
    client_vpn_endpoints,
    ipams,
    ipam_scopes,
    ipam_pools,
    ipam_allocations,
    ipam_discoveries,
    ipam_discovery_associations,
    endpoint_services,
    mirror_filters,
    mirror_rules,
    mirror_targets,
    mirror_sessions,
    dedicated_hosts,
    capacity_reservations,
    event_windows,
    fleets,
    spot_fleets,
    transit_peerings,
    transit_vpns,
    transit_connects,
    connect_peers,
    multicast_domains,
    policy_tables,
    route_servers,
    route_server_endpoints,
    route_server_peers,
    flow_logs,
    dhcp_options,
    prefix_lists
);

impl Model {
    /// The ARN of a resource, in which key pairs and placement groups are called by their names. `None` if the id is of no kind.
    pub fn arn_of(&self, scope: &Scope, id: &str) -> Option<String> {
        let kind = IdKind::of(id)?;
        let name = match kind {
            IdKind::KeyPair => self.key_pairs.find(scope, id).ok().map(|pair| &pair.name),
            IdKind::PlacementGroup => self.placement_groups.find(scope, id).ok().map(|group| &group.name),
            _ => None,
        };
        Some(arn(scope, &kind.resource_type(), name.map_or(id, String::as_str)))
    }

    /// The id of the resource that is called so in ARNs.
    pub fn id_in_arn<'a>(&'a self, scope: &Scope, resource_type: &str, called: &'a str) -> &'a str {
        let found = match resource_type {
            "key-pair" => self.key_pair(scope, called).ok().map(|pair| &pair.id),
            "placement-group" => self.placement_group(scope, called).ok().map(|group| &group.id),
            _ => None,
        };
        found.map_or(called, String::as_str)
    }

    /// CreateTags: adds tags, or replaces their values.
    pub fn create_tags(&mut self, caller: &Caller, ids: &[String], new: &Tags) -> Result<()> {
        check(new)?;
        for id in ids {
            let tags = self.tags_mut(&caller.scope, id).ok_or_else(|| no_such(id))?;
            tags.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
            if tags.len() > LIMIT {
                return Err(Error::TagLimit {});
            }
        }
        Ok(())
    }

    /// Gives a resource its tags. AWS's own tags are taken, too.
    pub fn adopt_tags(&mut self, scope: &Scope, id: &str, tags: Tags) {
        if let Some(own) = self.tags_mut(scope, id) {
            *own = tags;
        }
    }

    /// DeleteTags: deletes the tags with a key, with a value only if it has that value, or all tags. Those of AWS stay.
    pub fn delete_tags(&mut self, caller: &Caller, ids: &[String], gone: &[(String, Option<String>)]) -> Result<()> {
        if let Some((key, _)) = gone.iter().find(|(key, _)| is_reserved(key)) {
            return Err(Error::TagKeyReserved { key: key.clone() });
        }
        for id in ids {
            let tags = self.tags_mut(&caller.scope, id).ok_or_else(|| no_such(id))?;
            let named = |key: &String, value: &String| {
                gone.iter().any(|(k, v)| k == key && v.as_ref().is_none_or(|v| v == value))
            };
            tags.retain(|key, value| is_reserved(key) || !gone.is_empty() && !named(key, value));
        }
        Ok(())
    }
}

fn no_such(id: &str) -> Error {
    match IdKind::of(id) {
        Some(kind) => Error::NotFound { kind, id: id.to_owned() },
        None => Error::InvalidId { id: id.to_owned() },
    }
}
