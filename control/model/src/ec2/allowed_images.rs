//! Allowed AMIs: the images of others that an account can find and launch in a Region.

use crate::{AllowedImages, Caller, Image, ImageCriterion, RegionSettings, Time};
use policy::wildcard::{self, Piece};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn is_called(image: &Image, pattern: &str) -> bool {
    let piece = |c| match c {
        '*' => Piece::Any,
        '?' => Piece::One,
        other => Piece::Char(other),
    };
    wildcard::fits(&pattern.chars().map(piece).collect::<Vec<_>>(), &image.name)
}

impl ImageCriterion {
    fn is_met_by(&self, image: &Image, now: Time) -> bool {
        let is_owner =
            |name: &String| *name == image.scope.account || image.owner_alias().is_some_and(|alias| alias == name);
        let within = |since: Time, days: u32| now.since(since) <= DAY * days;
        (self.providers.is_empty() || self.providers.iter().any(is_owner))
            && (self.names.is_empty() || self.names.iter().any(|name| is_called(image, name)))
            && self.product_codes.is_empty()
            && self.days_deprecated.is_none_or(|days| image.deprecated.is_none_or(|since| within(since, days)))
            && self.days_created.is_none_or(|days| within(image.created, days))
    }
}

impl RegionSettings {
    /// Whether an image is allowed. An account's own images always are.
    pub fn allows_image(&self, caller: &Caller, image: &Image) -> bool {
        self.allowed_images == AllowedImages::Disabled
            || image.scope.account == caller.scope.account
            || self.image_criteria.iter().any(|criterion| criterion.is_met_by(image, caller.now))
    }

    /// Whether an image can be neither found nor launched.
    pub fn hides_image(&self, caller: &Caller, image: &Image) -> bool {
        self.allowed_images == AllowedImages::Enabled && !self.allows_image(caller, image)
    }
}
