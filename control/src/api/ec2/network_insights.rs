//! Reachability Analyzer (Network Insights): paths, and what is found of them.

use super::listing::{Attributes, each, one};
use super::network_insights_item::{explanation, path_part};
use super::{cidr, tags, text, token};
use crate::api::action::{Actions, Change, View};
use crate::insights::analyse;
use model::{
    Error, Findings, InsightsProtocol, Model, NetworkInsightsAnalysis, NetworkInsightsPath, PathPart, Result, arn,
};
use shapes::{List, ec2};
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).read(describe).write(delete);
    all.search(found, start).read(describe_analyses).write(delete_analysis)
}

static PATHS: Attributes<NetworkInsightsPath> = Attributes(&[
    ("destination", |_, path| each(&path.destination)),
    ("filter-at-source.destination-address", |_, path| each(path.destination_ip)),
    ("filter-at-source.source-address", |_, path| each(path.source_ip)),
    ("protocol", |_, path| one(path.protocol.word())),
    ("source", |_, path| one(&path.source)),
]);

static ANALYSES: Attributes<NetworkInsightsAnalysis> = Attributes(&[
    ("path-found", |_, analysis| one(analysis.findings.obstacle.is_none())),
    ("status", |_, _| one("succeeded")),
]);

fn shown(path: &NetworkInsightsPath) -> ec2::NetworkInsightsPath {
    let end = |id: &str| arn_of(path, id);
    ec2::NetworkInsightsPath {
        network_insights_path_id: text(&path.id),
        network_insights_path_arn: text(arn(&path.scope, "network-insights-path", &path.id)),
        created_date: Some(path.created),
        source: text(&path.source),
        destination: path.destination.clone(),
        source_arn: text(end(&path.source)),
        destination_arn: path.destination.as_deref().map(end),
        source_ip: path.source_ip.and_then(text),
        destination_ip: path.destination_ip.and_then(text),
        protocol: text(path.protocol.word()),
        destination_port: path.port.map(Into::into),
        tags: tags::shown(&path.tags),
        ..Default::default()
    }
}

fn arn_of(path: &NetworkInsightsPath, id: &str) -> String {
    let kind = model::IdKind::of(id).map(model::IdKind::resource_type).unwrap_or_default();
    arn(&path.scope, &kind, id)
}

/// An end of a path by its id, or by the last part of its ARN.
fn end(named: String) -> String {
    named.rsplit('/').next().map_or(named.clone(), str::to_owned)
}

fn address(parameter: &str, text: Option<String>) -> Result<Option<Ipv4Addr>> {
    text.map(|text| cidr::address(parameter, &text)).transpose()
}

fn port(sent: i32) -> Result<u16> {
    u16::try_from(sent).map_err(|_| Error::invalid("DestinationPort", sent))
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateNetworkInsightsPathRequest,
) -> Result<ec2::NetworkInsightsPath> {
    let ec2::CreateNetworkInsightsPathRequest {
        source_ip,
        destination_ip,
        source,
        destination,
        protocol,
        destination_port,
        tag_specifications,
        client_token,
    } = input;
    let path = NetworkInsightsPath {
        id: String::new(),
        scope: caller.scope.clone(),
        tags: tags::of(tag_specifications, "network-insights-path")?,
        source: end(source),
        destination: destination.map(end),
        source_ip: address("SourceIp", source_ip)?,
        destination_ip: address("DestinationIp", destination_ip)?,
        protocol: InsightsProtocol::read("Protocol", &protocol.to_ascii_lowercase())?,
        port: destination_port.map(port).transpose()?,
        created: caller.now,
    };
    let id = model.once(caller, "CreateNetworkInsightsPath", token(&client_token), |model| {
        model.create_insights_path(caller, path)
    })?;
    Ok(shown(model.insights_paths.find(&caller.scope, &id)?))
}

fn describe(
    cx: View,
    input: ec2::DescribeNetworkInsightsPathsRequest,
) -> Result<ec2::DescribeNetworkInsightsPathsResult> {
    let all = cx.model.insights_paths.of(&cx.caller.scope);
    PATHS.list(cx.model, all, input, shown)
}

fn delete(cx: Change, input: ec2::DeleteNetworkInsightsPathRequest) -> Result<String> {
    cx.model.delete_insights_path(cx.caller, &input.network_insights_path_id)?;
    Ok(input.network_insights_path_id)
}

fn shown_analysis(model: &Model, analysis: &NetworkInsightsAnalysis) -> ec2::NetworkInsightsAnalysis {
    let findings = &analysis.findings;
    let parts = |parts: &[PathPart]| -> List<ec2::PathComponent> {
        let numbered = (1..).zip(parts);
        numbered.map(|(number, part)| path_part(model, &analysis.scope, number, part)).collect()
    };
    let obstacle = findings.obstacle.iter().map(|obstacle| explanation(model, &analysis.scope, obstacle));
    ec2::NetworkInsightsAnalysis {
        network_insights_analysis_id: text(&analysis.id),
        network_insights_analysis_arn: text(arn(&analysis.scope, "network-insights-analysis", &analysis.id)),
        network_insights_path_id: text(&analysis.path),
        start_date: Some(analysis.started),
        status: text("succeeded"),
        network_path_found: Some(findings.obstacle.is_none()),
        forward_path_components: parts(&findings.forward).unless_empty(),
        return_path_components: parts(&findings.back).unless_empty(),
        explanations: obstacle.collect::<List<_>>().unless_empty(),
        tags: tags::shown(&analysis.tags),
        ..Default::default()
    }
}

/// Analyses a path, which takes the tables of the whole cloud.
fn found(cx: View, input: &ec2::StartNetworkInsightsAnalysisRequest) -> Result<Findings> {
    analyse(cx.model, cx.model.insights_paths.find(&cx.caller.scope, &input.network_insights_path_id)?)
}

fn start(
    Change { model, caller }: Change,
    input: ec2::StartNetworkInsightsAnalysisRequest,
    findings: Findings,
) -> Result<ec2::StartNetworkInsightsAnalysisResult> {
    let ec2::StartNetworkInsightsAnalysisRequest { network_insights_path_id: path, tag_specifications, client_token } =
        input;
    let tags = tags::of(tag_specifications, "network-insights-analysis")?;
    let id = model.once(caller, "StartNetworkInsightsAnalysis", token(&client_token), |model| {
        // The path may have been deleted meanwhile.
        model.insights_paths.find(&caller.scope, &path)?;
        model.keep_insights_analysis(caller, &path, findings, tags)
    })?;
    let analysis = model.insights_analyses.find(&caller.scope, &id)?;
    // The findings are shown when the analysis is described.
    let running = ec2::NetworkInsightsAnalysis {
        status: text("running"),
        network_path_found: None,
        forward_path_components: List::default(),
        return_path_components: List::default(),
        explanations: List::default(),
        ..shown_analysis(model, analysis)
    };
    Ok(ec2::StartNetworkInsightsAnalysisResult { network_insights_analysis: Some(running) })
}

fn describe_analyses(
    cx: View,
    input: ec2::DescribeNetworkInsightsAnalysesRequest,
) -> Result<ec2::DescribeNetworkInsightsAnalysesResult> {
    let ec2::DescribeNetworkInsightsAnalysesRequest {
        network_insights_analysis_ids: ids,
        network_insights_path_id,
        filters,
        page,
    } = input;
    let all = cx.model.insights_analyses.of(&cx.caller.scope);
    let of_path = |analysis: &&NetworkInsightsAnalysis| {
        network_insights_path_id.as_ref().is_none_or(|path| analysis.path == *path)
    };
    let (analyses, next_token) = ANALYSES.page(cx.model, all.filter(of_path), &ids, &filters, &page)?;
    let network_insights_analyses = analyses.into_iter().map(|analysis| shown_analysis(cx.model, analysis)).collect();
    Ok(ec2::DescribeNetworkInsightsAnalysesResult { network_insights_analyses, next_token })
}

fn delete_analysis(cx: Change, input: ec2::DeleteNetworkInsightsAnalysisRequest) -> Result<String> {
    let id = input.network_insights_analysis_id;
    cx.model.delete_insights_analysis(cx.caller, &id)?;
    Ok(id)
}
