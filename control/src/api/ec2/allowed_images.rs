//! Allowed AMIs: the images of others that an account can find and launch in a Region.

use super::region_settings::MANAGED_BY;
use super::{int, maybe_count, text};
use crate::api::action::{Actions, Change, View};
use model::{AllowedImages, Caller, Error, ImageCriterion, Model, Result, is_account_id};
use shapes::ec2;

/// The most criteria, and the most values of each list of a criterion (EC2 API Reference, "ImageCriterionRequest").
const MOST_CRITERIA: usize = 10;
const MOST_PROVIDERS: usize = 200;
const MOST_NAMES: usize = 50;
const MOST_PRODUCT_CODES: usize = 50;

pub fn actions(all: Actions) -> Actions {
    all.write(enable).write(disable).write(replace_criteria).read(describe)
}

fn set(model: &mut Model, caller: &Caller, state: AllowedImages) -> String {
    model.change_settings(caller, |settings| settings.allowed_images = state).allowed_images.word().to_owned()
}

fn enable(cx: Change, input: ec2::EnableAllowedImagesSettingsRequest) -> Result<String> {
    let word = &input.allowed_images_settings_state;
    match AllowedImages::read("AllowedImagesSettingsState", word)? {
        AllowedImages::Disabled => Err(Error::invalid("AllowedImagesSettingsState", word)),
        state => Ok(set(cx.model, cx.caller, state)),
    }
}

fn disable(cx: Change, _: ec2::DisableAllowedImagesSettingsRequest) -> Result<String> {
    Ok(set(cx.model, cx.caller, AllowedImages::Disabled))
}

fn is_provider(name: &str) -> bool {
    is_account_id(name) || ["amazon", "aws-marketplace", "aws-backup-vault", "none"].contains(&name)
}

fn check_count(parameter: &str, count: usize, most: usize) -> Result<()> {
    if count > most { Err(Error::invalid(parameter, format!("{count} values, more than {most}"))) } else { Ok(()) }
}

fn criterion(sent: ec2::ImageCriterionRequest) -> Result<ImageCriterion> {
    check_count("ImageProvider", sent.image_providers.len(), MOST_PROVIDERS)?;
    check_count("ImageName", sent.image_names.len(), MOST_NAMES)?;
    check_count("MarketplaceProductCode", sent.marketplace_product_codes.len(), MOST_PRODUCT_CODES)?;
    if let Some(unknown) = sent.image_providers.iter().find(|name| !is_provider(name)) {
        return Err(Error::invalid("ImageProvider", unknown));
    }
    let deprecated = sent.deprecation_time_condition.and_then(|condition| condition.maximum_days_since_deprecated);
    let created = sent.creation_date_condition.and_then(|condition| condition.maximum_days_since_created);
    Ok(ImageCriterion {
        providers: sent.image_providers.into_iter().collect(),
        names: sent.image_names.into_iter().collect(),
        product_codes: sent.marketplace_product_codes.into_iter().collect(),
        days_deprecated: maybe_count("MaximumDaysSinceDeprecated", deprecated)?,
        days_created: maybe_count("MaximumDaysSinceCreated", created)?,
    })
}

fn replace_criteria(cx: Change, input: ec2::ReplaceImageCriteriaInAllowedImagesSettingsRequest) -> Result<()> {
    check_count("ImageCriterion", input.image_criteria.len(), MOST_CRITERIA)?;
    let criteria = input.image_criteria.into_iter().map(criterion).collect::<Result<_>>()?;
    cx.model.change_settings(cx.caller, |settings| settings.image_criteria = criteria);
    Ok(())
}

fn shown(criterion: ImageCriterion) -> ec2::ImageCriterion {
    let deprecated = |days| ec2::DeprecationTimeCondition { maximum_days_since_deprecated: int(days) };
    let created = |days| ec2::CreationDateCondition { maximum_days_since_created: int(days) };
    ec2::ImageCriterion {
        image_providers: criterion.providers.into(),
        marketplace_product_codes: criterion.product_codes.into(),
        image_names: criterion.names.into(),
        deprecation_time_condition: criterion.days_deprecated.map(deprecated),
        creation_date_condition: criterion.days_created.map(created),
        ..Default::default()
    }
}

fn describe(cx: View, _: ec2::GetAllowedImagesSettingsRequest) -> Result<ec2::GetAllowedImagesSettingsResult> {
    let settings = cx.model.settings(&cx.caller.scope);
    Ok(ec2::GetAllowedImagesSettingsResult {
        state: text(settings.allowed_images.word()),
        image_criteria: settings.image_criteria.into_iter().map(shown).collect(),
        managed_by: text(MANAGED_BY),
    })
}
