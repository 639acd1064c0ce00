//! Aliases of images: the name of a published parameter in place of an image's id, `resolve:ssm:/aws/service/…`.

use super::{Params, ssm};

/// The parameter of RunInstances that names the image.
const IMAGE: &str = "ImageId";

/// The id of the image that a text names. Text that is no known alias stays, and is refused as a malformed id.
pub fn meant(image: &str) -> &str {
    image.strip_prefix("resolve:ssm:").and_then(ssm::image_named).unwrap_or(image)
}

/// Replaces an alias by the image's id, so that permission is asked for the image.
pub fn read(params: &mut Params) {
    if let Some(image) = params.value(IMAGE) {
        let id = meant(image).to_owned();
        params.replace(IMAGE, id);
    }
}
