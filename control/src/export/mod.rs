//! A cloud as the files that `classiclink import` takes: the API's own answers, as `aws --output json` prints them.

mod scenario;

pub(crate) use scenario::names;
pub use scenario::{scenario, scenario_with};

use crate::api::Request;
use crate::model::{Model, Scope, Time};
use serde_json::Value as Json;
use shapes::{Shape, ec2, json_of_xml};
use std::path::PathBuf;

#[cfg(test)]
pub(crate) mod tests;

/// Why a cloud was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The API refused one of the questions, which is a fault of this program.
    #[error("{action} of {account} in {region} is not answered: {reply}")]
    Refused {
        /// The action.
        action: &'static str,
        /// The account that asked.
        account: String,
        /// The Region that it asked in.
        region: String,
        /// The answer.
        reply: String,
    },
}

/// An action that describes something, and its reply as JSON.
type Question = (&'static str, fn(&str) -> Option<Json>);

fn json<S: Shape + Default>(xml: &str) -> Option<Json> {
    json_of_xml::<S>(xml).ok()
}

/// What is asked in every Region.
const QUESTIONS: &[Question] = &[
    ("DescribeVpcs", json::<ec2::DescribeVpcsResult>),
    ("DescribeSubnets", json::<ec2::DescribeSubnetsResult>),
    ("DescribeRouteTables", json::<ec2::DescribeRouteTablesResult>),
    ("DescribeSecurityGroups", json::<ec2::DescribeSecurityGroupsResult>),
    ("DescribeSecurityGroupRules", json::<ec2::DescribeSecurityGroupRulesResult>),
    ("DescribeNetworkAcls", json::<ec2::DescribeNetworkAclsResult>),
    ("DescribeNetworkInterfaces", json::<ec2::DescribeNetworkInterfacesResult>),
    ("DescribeInstances", json::<ec2::DescribeInstancesResult>),
    ("DescribeAddresses", json::<ec2::DescribeAddressesResult>),
    ("DescribeInternetGateways", json::<ec2::DescribeInternetGatewaysResult>),
    ("DescribeEgressOnlyInternetGateways", json::<ec2::DescribeEgressOnlyInternetGatewaysResult>),
    ("DescribeNatGateways", json::<ec2::DescribeNatGatewaysResult>),
    ("DescribeVpnGateways", json::<ec2::DescribeVpnGatewaysResult>),
    ("DescribeCustomerGateways", json::<ec2::DescribeCustomerGatewaysResult>),
    ("DescribeVpnConnections", json::<ec2::DescribeVpnConnectionsResult>),
    ("DescribeVpcEndpoints", json::<ec2::DescribeVpcEndpointsResult>),
    ("DescribeVpcPeeringConnections", json::<ec2::DescribeVpcPeeringConnectionsResult>),
    ("DescribeDhcpOptions", json::<ec2::DescribeDhcpOptionsResult>),
];

/// What is asked where there is EC2-Classic.
const OF_CLASSIC: &[Question] = &[
    ("DescribeVpcClassicLink", json::<ec2::DescribeVpcClassicLinkResult>),
    ("DescribeVpcClassicLinkDnsSupport", json::<ec2::DescribeVpcClassicLinkDnsSupportResult>),
    ("DescribeClassicLinkInstances", json::<ec2::DescribeClassicLinkInstancesResult>),
];

/// The attributes of a VPC that its description lacks.
const VPC_ATTRIBUTES: [&str; 2] = ["enableDnsSupport", "enableDnsHostnames"];

/// The files of a cloud, by path: `ACCOUNT/REGION/describe-vpcs.json` and so on.
///
/// # Errors
/// [`ExportError`].
pub fn files(model: &Model, now: Time) -> Result<Vec<(PathBuf, Json)>, ExportError> {
    let mut files = Vec::new();
    for scope in scopes(model) {
        let directory = PathBuf::from(&scope.account).join(&scope.region);
        let classic = if model.has_classic(&scope) { OF_CLASSIC } else { &[] };
        for question in QUESTIONS.iter().chain(classic) {
            let answer = ask(model, &scope, now, question, "")?;
            files.push((directory.join(format!("{}.json", kebab(question.0))), answer));
        }
        for vpc in model.vpcs.of(&scope) {
            for attribute in VPC_ATTRIBUTES {
                let question = ("DescribeVpcAttribute", json::<ec2::DescribeVpcAttributeResult> as fn(&str) -> _);
                let answer = ask(model, &scope, now, &question, &format!("&VpcId={}&Attribute={attribute}", vpc.id))?;
                files.push((directory.join(format!("{}-{attribute}.json", vpc.id)), answer));
            }
        }
    }
    Ok(files)
}

/// Wherever an account has been.
fn scopes(model: &Model) -> Vec<Scope> {
    let scope = |id: &str| {
        let (account, region) = id.split_once('/')?;
        Some(Scope { account: account.to_owned(), region: region.to_owned() })
    };
    model.visits.iter().filter_map(|visit| scope(&visit.id)).collect()
}

fn ask(model: &Model, scope: &Scope, now: Time, question: &Question, more: &str) -> Result<Json, ExportError> {
    let (action, json) = *question;
    let Scope { account, region } = scope;
    let form = format!("Action={action}{more}");
    let reply = Request::of_process(scope, &form, now).and_then(|request| request.read(model));
    let reply = reply.unwrap_or_else(|refusal| refusal);
    let answer = (reply.status == 200).then(|| json(&reply.body)).flatten();
    let refused =
        || ExportError::Refused { action, account: account.clone(), region: region.clone(), reply: reply.body };
    answer.ok_or_else(refused)
}

/// `DescribeVpcs` → `describe-vpcs`.
fn kebab(action: &str) -> String {
    let mut name = String::new();
    for letter in action.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
