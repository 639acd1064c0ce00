//! Partner integrations of clusters' databases. They are stored and returned.

use super::cluster::THING as CLUSTER;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{one_of, said_over, text};
use crate::api::entry;
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use model::{Caller, Model, Tags};
use shapes::List;
use shapes::redshift::{self, PartnerIntegrationInfo, PartnerIntegrationOutputMessage};

const THING: Thing = Thing::Partner;
const STATUSES: [&str; 4] = ["Active", "Inactive", "RuntimeFailure", "ConnectionFailure"];

pub fn actions(all: Actions) -> Actions {
    all.write(add).read(describe).write(update).write(delete)
}

/// The ARN of a cluster of the caller's account.
fn cluster(model: &Model, caller: &Caller, (account, name): (&str, &str)) -> Result<String> {
    if account != caller.scope.account {
        return Err(Error::State { thing: THING, name: account.to_owned(), why: Obstacle::OtherAccount {} });
    }
    Ok(model.deployment(&caller.scope, CLUSTER, name)?.id.clone())
}

/// The partner integrations of a cluster, of all databases and names or of one.
fn partners<'m>(
    model: &'m Model,
    caller: &'m Caller,
    cluster: &'m str,
    (database, partner): (Option<&'m str>, Option<&'m str>),
) -> impl Iterator<Item = &'m ServiceEntry> {
    let is_asked = move |entry: &&ServiceEntry| {
        let told: PartnerIntegrationInfo = entry::told(entry);
        entry.of.as_deref() == Some(cluster)
            && database.is_none_or(|asked| told.database_name.as_deref() == Some(asked))
            && partner.is_none_or(|asked| told.partner_name.as_deref() == Some(asked))
    };
    model.service_entries_of(&caller.scope, THING).filter(is_asked)
}

/// The integration of a partner with a database.
fn find(model: &Model, caller: &Caller, cluster: &str, (database, partner): (&str, &str)) -> Result<ServiceEntry> {
    let found = partners(model, caller, cluster, (Some(database), Some(partner))).next();
    found.cloned().ok_or_else(|| Error::NotFound { thing: THING, name: partner.to_owned() })
}

fn reply(database: String, partner: String) -> PartnerIntegrationOutputMessage {
    PartnerIntegrationOutputMessage { database_name: Some(database), partner_name: Some(partner) }
}

fn add(cx: Change, input: redshift::AddPartnerRequest) -> Result<PartnerIntegrationOutputMessage> {
    let redshift::AddPartnerRequest { account_id, cluster_identifier, database_name, partner_name } = input;
    let cluster = cluster(cx.model, cx.caller, (&account_id, &cluster_identifier))?;
    if let Ok(before) = find(cx.model, cx.caller, &cluster, (&database_name, &partner_name)) {
        cx.model.delete_service_entry(&cx.caller.scope, THING, &before.id)?;
    }
    let info = PartnerIntegrationInfo {
        database_name: text(&database_name),
        partner_name: text(&partner_name),
        status: text("Active"),
        created_at: Some(cx.caller.now),
        updated_at: Some(cx.caller.now),
        ..Default::default()
    };
    let id = cx.model.number().to_string();
    let told = (Some(cluster), said_over("", &info));
    cx.model.create_service_entry(cx.caller, (THING, &id, &id), told, Tags::new())?;
    Ok(reply(database_name, partner_name))
}

fn describe(cx: View, input: redshift::DescribePartnersInputMessage) -> Result<List<PartnerIntegrationInfo>> {
    let cluster = cluster(cx.model, cx.caller, (&input.account_id, &input.cluster_identifier))?;
    let named = (input.database_name.as_deref(), input.partner_name.as_deref());
    Ok(partners(cx.model, cx.caller, &cluster, named).map(entry::told).collect())
}

fn update(cx: Change, input: redshift::UpdatePartnerStatusInputMessage) -> Result<PartnerIntegrationOutputMessage> {
    one_of("Status", Some(&input.status), &STATUSES)?;
    let cluster = cluster(cx.model, cx.caller, (&input.account_id, &input.cluster_identifier))?;
    let entry = find(cx.model, cx.caller, &cluster, (&input.database_name, &input.partner_name))?;
    entry::retold(cx.model, &cx.caller.scope, (THING, &entry.id), |_, told: &mut PartnerIntegrationInfo| {
        told.status = Some(input.status);
        told.status_message = input.status_message;
        told.updated_at = Some(cx.caller.now);
        Ok(())
    })?;
    Ok(reply(input.database_name, input.partner_name))
}

fn delete(cx: Change, input: redshift::DeletePartnerRequest) -> Result<PartnerIntegrationOutputMessage> {
    let redshift::DeletePartnerRequest { account_id, cluster_identifier, database_name, partner_name } = input;
    let cluster = cluster(cx.model, cx.caller, (&account_id, &cluster_identifier))?;
    let entry = find(cx.model, cx.caller, &cluster, (&database_name, &partner_name))?;
    cx.model.delete_service_entry(&cx.caller.scope, THING, &entry.id)?;
    Ok(reply(database_name, partner_name))
}
