//! Managed prefix lists, those of services included.

use super::listing::{Attributes, by_age, each, paged};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use ipnet::IpNet;
use model::{
    Caller, Error, IdKind, Model, NewPrefixList, PrefixList, PrefixListChange, PrefixListEntry, PrefixListState,
    Result, Scope, Tags, prefix_list_id, service_prefix_lists,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).read(entries).read(associations).write(modify).write(restore).write(delete)
}

static ATTRIBUTES: Attributes<ec2::ManagedPrefixList> = Attributes(&[
    ("owner-id", |_, list| each(&list.owner_id)),
    ("prefix-list-id", |_, list| each(&list.prefix_list_id)),
    ("prefix-list-name", |_, list| each(&list.prefix_list_name)),
]);

/// Why a list cannot be deleted.
const IN_USE: &str = "The prefix list is in use by route tables or security groups.";

fn shown(list: &PrefixList) -> ec2::ManagedPrefixList {
    ec2::ManagedPrefixList {
        prefix_list_id: text(&list.id),
        address_family: text(if list.ipv6 { "IPv6" } else { "IPv4" }),
        state: text(match list.state {
            PrefixListState::Created => "create-complete",
            PrefixListState::Modified => "modify-complete",
            PrefixListState::Restored => "restore-complete",
            PrefixListState::DeletionFailed => "delete-failed",
        }),
        state_message: (list.state == PrefixListState::DeletionFailed).then(|| IN_USE.to_owned()),
        prefix_list_arn: text(arn(&list.scope, "prefix-list", &list.id)),
        prefix_list_name: text(&list.name),
        max_entries: i32::try_from(list.max_entries).ok(),
        version: i64::try_from(list.version()).ok(),
        tags: tags::shown(&list.tags),
        owner_id: text(&list.scope.account),
        ..Default::default()
    }
}

/// The list of a service.
fn amazons(scope: &Scope, service: &str) -> ec2::ManagedPrefixList {
    let (id, owner) = (prefix_list_id(service), Scope { account: "aws".into(), region: scope.region.clone() });
    ec2::ManagedPrefixList {
        prefix_list_arn: text(arn(&owner, "prefix-list", &id)),
        prefix_list_id: Some(id),
        address_family: text(if service.contains(".ipv6.") { "IPv6" } else { "IPv4" }),
        state: text("create-complete"),
        prefix_list_name: text(service),
        tags: Vec::new().into(),
        owner_id: text("AWS"),
        ..Default::default()
    }
}

/// The reply while a change is in progress.
fn under_way(model: &Model, caller: &Caller, id: &str, state: &str) -> Result<ec2::ManagedPrefixList> {
    let list = shown(model.prefix_lists.find(&caller.scope, id)?);
    Ok(ec2::ManagedPrefixList { state: text(state), ..list })
}

fn cidr(block: &str) -> Result<IpNet> {
    let net: Result<IpNet> = super::cidr::cidr("Cidr", block);
    net.map(|net| net.trunc())
}

fn added(entries: List<ec2::AddPrefixListEntry>) -> Result<Vec<PrefixListEntry>> {
    let entry = |entry: ec2::AddPrefixListEntry| {
        Ok(PrefixListEntry { cidr: cidr(&entry.cidr)?, description: entry.description })
    };
    entries.into_iter().map(entry).collect()
}

fn size(entries: i32) -> Result<usize> {
    usize::try_from(entries).map_err(|_| Error::invalid("MaxEntries", entries))
}

fn version(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| Error::invalid("CurrentVersion", number))
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateManagedPrefixListRequest,
) -> Result<ec2::ManagedPrefixList> {
    let ec2::CreateManagedPrefixListRequest {
        client_token,
        prefix_list_name,
        entries,
        max_entries,
        tag_specifications,
        address_family,
    } = input;
    let new = NewPrefixList {
        name: prefix_list_name,
        ipv6: match address_family.as_str() {
            "IPv4" => false,
            "IPv6" => true,
            other => return Err(Error::invalid("AddressFamily", other)),
        },
        max_entries: size(max_entries)?,
        entries: added(entries)?,
        tags: tags::of(tag_specifications, "prefix-list")?,
    };
    let make = |model: &mut Model| model.create_prefix_list(caller, new);
    let id = model.once(caller, "CreateManagedPrefixList", token(&client_token), make)?;
    under_way(model, caller, &id, "create-in-progress")
}

fn describe(cx: View, input: ec2::DescribeManagedPrefixListsRequest) -> Result<ec2::DescribeManagedPrefixListsResult> {
    let ec2::DescribeManagedPrefixListsRequest { filters, page, prefix_list_ids } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let own = cx.model.prefix_lists.of(&cx.caller.scope).map(|list| (list.id.clone(), shown(list), list.tags.clone()));
    let services = service_prefix_lists(&cx.caller.scope.region);
    let amazons = services.map(|name| (prefix_list_id(&name), amazons(&cx.caller.scope, &name), Tags::new()));
    let mut all: Vec<_> = own.chain(amazons).collect();
    for id in &prefix_list_ids {
        IdKind::PrefixList.check(id)?;
        if !all.iter().any(|(known, ..)| known == id) {
            return Err(Error::NotFound { kind: IdKind::PrefixList, id: id.clone() });
        }
    }
    all.retain(|(id, list, tags)| {
        (prefix_list_ids.is_empty() || prefix_list_ids.contains(id)) && wanted.pass(cx.model, list, tags)
    });
    let (all, next_token) = by_age(cx.model, &page, all, |(id, ..)| id)?;
    Ok(ec2::DescribeManagedPrefixListsResult {
        next_token,
        prefix_lists: all.into_iter().map(|(_, list, _)| list).collect(),
    })
}

fn entries(cx: View, input: ec2::GetManagedPrefixListEntriesRequest) -> Result<ec2::GetManagedPrefixListEntriesResult> {
    let ec2::GetManagedPrefixListEntriesRequest { prefix_list_id: id, target_version, page } = input;
    let entry = |cidr: String, description| ec2::PrefixListEntry { cidr: Some(cidr), description };
    let service = service_prefix_lists(&cx.caller.scope.region).find(|name| prefix_list_id(name) == id);
    let all: Vec<_> = match service {
        Some(service) => cx.model.service_addresses(&service).map(|net| (net.to_string(), None)).collect(),
        None => {
            let list = cx.model.prefix_lists.find(&cx.caller.scope, &id)?;
            let version = target_version.map(version).transpose()?.unwrap_or(list.version());
            let entries = list.entries_of(version).ok_or_else(|| Error::invalid("TargetVersion", version))?;
            entries.iter().map(|entry| (entry.cidr.to_string(), entry.description.clone())).collect()
        }
    };
    let (all, next_token) = paged(&page, all, |(cidr, _)| cidr)?;
    let entries = all.into_iter().map(|(cidr, description)| entry(cidr, description)).collect();
    Ok(ec2::GetManagedPrefixListEntriesResult { entries, next_token })
}

fn associations(
    cx: View,
    input: ec2::GetManagedPrefixListAssociationsRequest,
) -> Result<ec2::GetManagedPrefixListAssociationsResult> {
    let ec2::GetManagedPrefixListAssociationsRequest { prefix_list_id, page } = input;
    cx.model.prefix_lists.find(&cx.caller.scope, &prefix_list_id)?;
    let users = cx.model.users_of_prefix_list(&prefix_list_id);
    let (users, next_token) = by_age(cx.model, &page, users, |id| id)?;
    let owner = &cx.caller.scope.account;
    let user = |id| ec2::PrefixListAssociation { resource_id: Some(id), resource_owner: text(owner) };
    Ok(ec2::GetManagedPrefixListAssociationsResult {
        prefix_list_associations: users.into_iter().map(user).collect(),
        next_token,
    })
}

fn modify(cx: Change, input: ec2::ModifyManagedPrefixListRequest) -> Result<ec2::ManagedPrefixList> {
    let ec2::ModifyManagedPrefixListRequest {
        prefix_list_id,
        current_version,
        prefix_list_name,
        add_entries,
        remove_entries,
        max_entries,
    } = input;
    let change = PrefixListChange {
        version: current_version.map(version).transpose()?,
        name: prefix_list_name,
        add: added(add_entries)?,
        remove: remove_entries.iter().map(|entry| cidr(&entry.cidr)).collect::<Result<_>>()?,
        max_entries: max_entries.map(size).transpose()?,
    };
    cx.model.modify_prefix_list(cx.caller, &prefix_list_id, change)?;
    under_way(cx.model, cx.caller, &prefix_list_id, "modify-in-progress")
}

fn restore(cx: Change, input: ec2::RestoreManagedPrefixListVersionRequest) -> Result<ec2::ManagedPrefixList> {
    let ec2::RestoreManagedPrefixListVersionRequest { prefix_list_id: id, previous_version, current_version } = input;
    let previous =
        usize::try_from(previous_version).map_err(|_| Error::invalid("PreviousVersion", previous_version))?;
    cx.model.restore_prefix_list(cx.caller, &id, previous, version(current_version)?)?;
    under_way(cx.model, cx.caller, &id, "restore-in-progress")
}

fn delete(cx: Change, input: ec2::DeleteManagedPrefixListRequest) -> Result<ec2::ManagedPrefixList> {
    let list = shown(&cx.model.delete_prefix_list(cx.caller, &input.prefix_list_id)?);
    Ok(ec2::ManagedPrefixList { state: text("delete-in-progress"), ..list })
}
