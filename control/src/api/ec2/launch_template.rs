//! Launch templates.

use super::launch_form::{shown_data, specification, warning};
use super::listing::{Attributes, by_age, paged};
use super::vpc::tenancy;
use super::{each_of, tags, text, token};
use crate::api::action::{Actions, Change, View};
use crate::api::{Params, image_alias};
use model::{
    Caller, Error, IdKind, Instance, LaunchForm, LaunchTemplate, LaunchTemplateVersion, Model, NewVersion, Resource,
    Result, Tags,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write_with_form(Params::form, create)
        .write_with_form(Params::form, create_version)
        .read(describe)
        .read(describe_versions)
        .write(modify)
        .write(delete)
        .write(delete_versions)
        .read(data_of_instance)
}

static ATTRIBUTES: Attributes<LaunchTemplate> = Attributes(&[
    ("create-time", |_, template| vec![template.created.to_string()]),
    ("launch-template-name", |_, template| vec![template.name.clone()]),
]);

fn number(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

fn creator(template: &LaunchTemplate) -> Option<String> {
    text(format!("arn:{}:iam::{}:root", template.scope.partition(), template.scope.account))
}

fn shown(template: &LaunchTemplate) -> ec2::LaunchTemplate {
    ec2::LaunchTemplate {
        launch_template_id: text(&template.id),
        launch_template_name: text(&template.name),
        create_time: Some(template.created),
        created_by: creator(template),
        default_version_number: number(template.default),
        latest_version_number: number(template.latest_version()),
        tags: tags::if_any(&template.tags),
        ..Default::default()
    }
}

fn shown_version(template: &LaunchTemplate, version: &LaunchTemplateVersion) -> Result<ec2::LaunchTemplateVersion> {
    Ok(ec2::LaunchTemplateVersion {
        launch_template_id: text(&template.id),
        launch_template_name: text(&template.name),
        version_number: number(version.number),
        version_description: version.description.clone(),
        create_time: Some(version.created),
        created_by: creator(template),
        default_version: Some(version.number == template.default),
        launch_template_data: Some(shown_data(&version.data)?),
        ..Default::default()
    })
}

fn create(
    Change { model, caller }: Change,
    sent: ec2::CreateLaunchTemplateRequest,
    data: LaunchForm,
) -> Result<ec2::CreateLaunchTemplateResult> {
    let ec2::CreateLaunchTemplateRequest {
        client_token,
        launch_template_name,
        version_description: description,
        launch_template_data: _,
        tag_specifications,
    } = sent;
    let (specification, warning) = (specification(model, &data)?, warning(&data));
    let tags = tags::of(tag_specifications, "launch-template")?;
    let id = model.once(caller, "CreateLaunchTemplate", token(&client_token), |model| {
        model.create_launch_template(
            caller,
            &launch_template_name,
            NewVersion { description, data, specification },
            tags,
        )
    })?;
    let launch_template = Some(shown(model.launch_templates.find(&caller.scope, &id)?));
    Ok(ec2::CreateLaunchTemplateResult { launch_template, warning })
}

fn create_version(
    Change { model, caller }: Change,
    sent: ec2::CreateLaunchTemplateVersionRequest,
    data: LaunchForm,
) -> Result<ec2::CreateLaunchTemplateVersionResult> {
    let ec2::CreateLaunchTemplateVersionRequest {
        client_token,
        launch_template_id,
        launch_template_name,
        source_version,
        version_description: description,
        launch_template_data: _,
    } = sent;
    // On the wire a structure without members is not there.
    if data.is_empty() && source_version.is_none() {
        return Err(Error::missing("LaunchTemplateData"));
    }
    let id = meant(model, caller, launch_template_id, launch_template_name)?;
    let data = model.template_data(caller, &id, source_version.as_deref(), data)?;
    let (specification, warning) = (specification(model, &data)?, warning(&data));
    let number = model.once(caller, "CreateLaunchTemplateVersion", token(&client_token), |model| {
        Ok(model.add_template_version(caller, &id, NewVersion { description, data, specification })?.to_string())
    })?;
    let template = model.launch_templates.find(&caller.scope, &id)?;
    let launch_template_version = Some(shown_version(template, template.version(&number)?)?);
    Ok(ec2::CreateLaunchTemplateVersionResult { launch_template_version, warning })
}

/// The id of the template with that id or name.
fn meant(model: &Model, caller: &Caller, id: Option<String>, name: Option<String>) -> Result<String> {
    Ok(model.launch_template(&caller.scope, id.as_deref(), name.as_deref())?.id.clone())
}

fn describe(cx: View, sent: ec2::DescribeLaunchTemplatesRequest) -> Result<ec2::DescribeLaunchTemplatesResult> {
    let ec2::DescribeLaunchTemplatesRequest { launch_template_ids, launch_template_names, filters, page } = sent;
    for name in &launch_template_names {
        cx.model.launch_template(&cx.caller.scope, None, Some(name)).map_err(|_| Error::TemplateNamesMissing {})?;
    }
    for id in &launch_template_ids {
        IdKind::LaunchTemplate.check(id)?;
        cx.model.launch_templates.find(&cx.caller.scope, id).map_err(|_| Error::TemplateIdsMissing {})?;
    }
    let all = cx.model.launch_templates.of(&cx.caller.scope);
    let mut templates = ATTRIBUTES.choose(cx.model, all, &launch_template_ids, &filters)?;
    templates.retain(|template| launch_template_names.is_empty() || launch_template_names.contains(&template.name));
    let (templates, next_token) = by_age(cx.model, &page, templates, |template| &template.id)?;
    Ok(ec2::DescribeLaunchTemplatesResult { launch_templates: templates.into_iter().map(shown).collect(), next_token })
}

/// The launch parameters of a version.
fn said(version: &LaunchTemplateVersion, name: &str) -> Vec<String> {
    version.data.get(name).cloned().into_iter().collect()
}

/// A version with its template's default and what sorts it.
struct Row<'m> {
    template: &'m LaunchTemplate,
    version: &'m LaunchTemplateVersion,
    place: String,
}

static VERSION_ATTRIBUTES: Attributes<(LaunchTemplateVersion, bool)> = Attributes(&[
    ("create-time", |_, (version, _)| vec![version.created.to_string()]),
    ("ebs-optimized", |_, (version, _)| said(version, "EbsOptimized")),
    ("http-endpoint", |_, (version, _)| said(version, "MetadataOptions.HttpEndpoint")),
    ("http-tokens", |_, (version, _)| said(version, "MetadataOptions.HttpTokens")),
    ("iam-instance-profile", |_, (version, _)| said(version, "IamInstanceProfile.Arn")),
    ("image-id", |_, (version, _)| said(version, "ImageId")),
    ("instance-type", |_, (version, _)| said(version, "InstanceType")),
    ("is-default-version", |_, (_, default)| vec![default.to_string()]),
    ("kernel-id", |_, (version, _)| said(version, "KernelId")),
    ("ram-disk-id", |_, (version, _)| said(version, "RamDiskId")),
]);

/// The versions that are named, or all; without a template, the default or the latest ones of all templates.
fn describe_versions(
    cx: View,
    sent: ec2::DescribeLaunchTemplateVersionsRequest,
) -> Result<ec2::DescribeLaunchTemplateVersionsResult> {
    let ec2::DescribeLaunchTemplateVersionsRequest {
        launch_template_id: id,
        launch_template_name: name,
        versions,
        min_version,
        max_version,
        filters,
        resolve_alias,
        page,
    } = sent;
    let templates = match id.is_some() || name.is_some() {
        true => vec![cx.model.launch_template(&cx.caller.scope, id.as_deref(), name.as_deref())?],
        false if versions.is_empty() => return Err(Error::TemplateOrVersions {}),
        false if versions.iter().any(|word| !word.starts_with('$')) => return Err(Error::VersionsOfAllTemplates {}),
        false => cx.model.launch_templates.of(&cx.caller.scope).collect(),
    };
    let bound = |parameter, text: Option<String>, usual: u64| match text {
        Some(text) => text.parse::<u64>().map_err(|_| Error::invalid(parameter, text)),
        None => Ok(usual),
    };
    let range = bound("MinVersion", min_version, 0)?..=bound("MaxVersion", max_version, u64::MAX)?;
    let wanted = VERSION_ATTRIBUTES.wanted(&filters)?;
    let mut rows = Vec::new();
    for template in templates {
        let chosen: Vec<&LaunchTemplateVersion> = match versions.is_empty() {
            true => template.versions.iter().collect(),
            false => versions.iter().map(|word| template.version(word)).collect::<Result<_>>()?,
        };
        for version in chosen.into_iter().filter(|version| range.contains(&version.number)) {
            let default = version.number == template.default;
            if wanted.pass(cx.model, &(version.clone(), default), &Tags::new()) {
                rows.push(Row { template, version, place: format!("{} {:020}", template.id, version.number) });
            }
        }
    }
    rows.sort_by(|one, other| one.place.cmp(&other.place));
    rows.dedup_by(|one, other| one.place == other.place);
    let (rows, next_token) = paged(&page, rows, |row| &row.place)?;
    let shown = rows.iter().map(|row| shown_version(row.template, row.version)).collect::<Result<Vec<_>>>()?;
    let shown = if resolve_alias == Some(true) { shown.into_iter().map(resolved).collect() } else { shown };
    Ok(ec2::DescribeLaunchTemplateVersionsResult { launch_template_versions: shown.into(), next_token })
}

/// A version with the image's id in place of the parameter that names it.
fn resolved(version: ec2::LaunchTemplateVersion) -> ec2::LaunchTemplateVersion {
    let launch_template_data = version.launch_template_data.map(|data| ec2::ResponseLaunchTemplateData {
        image_id: data.image_id.as_deref().map(image_alias::meant).map(str::to_owned),
        ..data
    });
    ec2::LaunchTemplateVersion { launch_template_data, ..version }
}

fn modify(cx: Change, sent: ec2::ModifyLaunchTemplateRequest) -> Result<ec2::LaunchTemplate> {
    let ec2::ModifyLaunchTemplateRequest { client_token: _, launch_template_id, launch_template_name, default_version } =
        sent;
    if launch_template_id.is_some() && launch_template_name.is_some() {
        return Err(Error::TemplateTwiceToModify {});
    }
    let id = meant(cx.model, cx.caller, launch_template_id, launch_template_name)?;
    if let Some(version) = default_version {
        cx.model.set_default_template_version(cx.caller, &id, &version)?;
    }
    Ok(shown(cx.model.launch_templates.find(&cx.caller.scope, &id)?))
}

fn delete(cx: Change, sent: ec2::DeleteLaunchTemplateRequest) -> Result<ec2::LaunchTemplate> {
    let ec2::DeleteLaunchTemplateRequest { launch_template_id, launch_template_name } = sent;
    let id = meant(cx.model, cx.caller, launch_template_id, launch_template_name)?;
    Ok(shown(&cx.model.delete_launch_template(cx.caller, &id)?))
}

/// Deletes the versions that can be deleted. The reply names the others.
fn delete_versions(
    Change { model, caller }: Change,
    sent: ec2::DeleteLaunchTemplateVersionsRequest,
) -> Result<ec2::DeleteLaunchTemplateVersionsResult> {
    let ec2::DeleteLaunchTemplateVersionsRequest { launch_template_id, launch_template_name, versions } = sent;
    let id = meant(model, caller, launch_template_id, launch_template_name)?;
    let name = text(&model.launch_templates.find(&caller.scope, &id)?.name);
    let (done, failed) = each_of(
        versions,
        |version| model.delete_template_version(caller, &id, version),
        |_, deleted| ec2::DeleteLaunchTemplateVersionsResponseSuccessItem {
            launch_template_id: text(&id),
            launch_template_name: name.clone(),
            version_number: number(deleted),
        },
        |version, error| ec2::DeleteLaunchTemplateVersionsResponseErrorItem {
            launch_template_id: text(&id),
            launch_template_name: name.clone(),
            version_number: version.parse().ok(),
            response_error: Some(ec2::ResponseError { code: text(code(&error)), message: text(error) }),
        },
    );
    Ok(ec2::DeleteLaunchTemplateVersionsResult {
        successfully_deleted_launch_template_versions: done,
        unsuccessfully_deleted_launch_template_versions: failed,
    })
}

/// The launch parameters for another instance like this one.
fn data_of_instance(cx: View, sent: ec2::GetLaunchTemplateDataRequest) -> Result<ec2::ResponseLaunchTemplateData> {
    Ok(like(cx.model, cx.model.instances.find(&cx.caller.scope, &sent.instance_id)?))
}

fn like(model: &Model, instance: &Instance) -> ec2::ResponseLaunchTemplateData {
    let tags = (!instance.tags().is_empty()).then(|| ec2::LaunchTemplateTagSpecification {
        resource_type: text("instance"),
        tags: tags::shown(instance.tags()),
    });
    let interface = instance.vpc().and_then(|place| model.network_interfaces.get(place.interfaces.first()?));
    let interface = interface.map(|interface| ec2::LaunchTemplateInstanceNetworkInterfaceSpecification {
        device_index: Some(0),
        delete_on_termination: Some(true),
        description: text(&interface.description),
        groups: interface.groups.iter().cloned().collect(),
        subnet_id: text(&interface.subnet),
        ..Default::default()
    });
    let classic = instance.classic().map(|place| place.groups.clone()).unwrap_or_default();
    ec2::ResponseLaunchTemplateData {
        image_id: text(&instance.image),
        instance_type: text(&instance.instance_type),
        key_name: instance.key_name.clone(),
        ebs_optimized: Some(instance.ebs_optimized),
        monitoring: Some(ec2::LaunchTemplatesMonitoring { enabled: Some(instance.monitored), ..Default::default() }),
        placement: Some(ec2::LaunchTemplatePlacement {
            availability_zone: text(&instance.zone),
            tenancy: text(tenancy(instance.tenancy)),
            ..Default::default()
        }),
        network_interfaces: interface.into_iter().collect(),
        security_group_ids: classic.into_iter().collect(),
        disable_api_termination: Some(instance.termination_protected),
        instance_initiated_shutdown_behavior: text(if instance.terminates_on_shutdown { "terminate" } else { "stop" }),
        user_data: instance.user_data.clone(),
        tag_specifications: tags.into_iter().collect(),
        ..Default::default()
    }
}

/// The few codes that this reply knows.
fn code(error: &Error) -> &'static str {
    match error {
        Error::NoSuchTemplateVersion { .. } => "launchTemplateVersionDoesNotExist",
        _ => "unexpectedError",
    }
}
