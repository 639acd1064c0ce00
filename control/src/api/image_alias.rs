//! Images of launches that are named by a published parameter: `resolve:ssm:/aws/service/…`.

use super::{Params, ssm};

/// The parameter of a launch that names its image.
const IMAGE: &str = "ImageId";

/// The id of the image that is meant. Other text stays, and is refused as any malformed id.
pub fn meant(image: &str) -> &str {
    image.strip_prefix("resolve:ssm:").and_then(ssm::image_named).unwrap_or(image)
}

/// Puts the image's id in place of its name, so that permission is asked for the image.
pub fn read(params: &mut Params) {
    if let Some(image) = params.value(IMAGE) {
        let id = meant(image).to_owned();
        params.replace(IMAGE, id);
    }
}
