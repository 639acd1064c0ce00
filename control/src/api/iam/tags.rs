//! Tags. The actions of all kinds of resources differ only in their names and in what they call the resource.

use super::{Result, paged};
use crate::api::action::{Actions, Change, View};
use model::iam::{Error, Rule, Tagged};
use model::{Caller, Model, Tags};
use shapes::{List, Page, iam};
use std::collections::BTreeSet;

/// The most tags in a request.
const MOST: usize = 50;

macro_rules! tagging {
    ($($kind:ident $name:ident: $tag:ident, $untag:ident, $list:ident -> $listed:ident;)*) => {
        pub fn actions(all: Actions) -> Actions {
            all$(
                .write(|cx: Change, input: iam::$tag| -> Result<()> {
                    tag(cx.model, cx.caller, Tagged::$kind(&input.$name), input.tags)
                })
                .write(|cx: Change, input: iam::$untag| -> Result<()> {
                    untag(cx.model, cx.caller, Tagged::$kind(&input.$name), input.tag_keys)
                })
                .read(|cx: View, input: iam::$list| -> Result<iam::$listed> {
                    let (tags, is_truncated, marker) = list(cx.model, cx.caller, Tagged::$kind(&input.$name), input.page)?;
                    Ok(iam::$listed { tags, is_truncated, marker })
                })
            )*
        }
    };
}

tagging! {
    User user_name: TagUserRequest, UntagUserRequest, ListUserTagsRequest -> ListUserTagsResponse;
    Role role_name: TagRoleRequest, UntagRoleRequest, ListRoleTagsRequest -> ListRoleTagsResponse;
    Policy policy_arn: TagPolicyRequest, UntagPolicyRequest, ListPolicyTagsRequest -> ListPolicyTagsResponse;
    InstanceProfile instance_profile_name: TagInstanceProfileRequest, UntagInstanceProfileRequest,
        ListInstanceProfileTagsRequest -> ListInstanceProfileTagsResponse;
    ServerCertificate server_certificate_name: TagServerCertificateRequest, UntagServerCertificateRequest,
        ListServerCertificateTagsRequest -> ListServerCertificateTagsResponse;
    MfaDevice serial_number: TagMFADeviceRequest, UntagMFADeviceRequest,
        ListMFADeviceTagsRequest -> ListMFADeviceTagsResponse;
    OpenIdConnectProvider open_id_connect_provider_arn: TagOpenIDConnectProviderRequest,
        UntagOpenIDConnectProviderRequest,
        ListOpenIDConnectProviderTagsRequest -> ListOpenIDConnectProviderTagsResponse;
    SamlProvider saml_provider_arn: TagSAMLProviderRequest, UntagSAMLProviderRequest,
        ListSAMLProviderTagsRequest -> ListSAMLProviderTagsResponse;
}

fn tag(model: &mut Model, caller: &Caller, tagged: Tagged<'_>, tags: List<iam::Tag>) -> Result<()> {
    let new = tags_of(tags)?;
    Ok(model.retag(&caller.scope.account, tagged, |tags| tags.extend(new))?)
}

fn untag(model: &mut Model, caller: &Caller, tagged: Tagged<'_>, keys: List<String>) -> Result<()> {
    check_count("tagKeys", keys.len())?;
    for (place, key) in keys.iter().enumerate() {
        check_text(format!("tagKeys.{}.member", place + 1), key, 128)?;
    }
    Ok(model.retag(&caller.scope.account, tagged, |tags| tags.retain(|key, _| !keys.contains(key)))?)
}

/// A page of tags, whether there are more, and the marker of the next page.
type Listed = (List<iam::Tag>, Option<bool>, Option<String>);

fn list(model: &Model, caller: &Caller, tagged: Tagged<'_>, page: Page) -> Result<Listed> {
    let tags = tags_shown(&model.iam_tags_of(&caller.scope.account, tagged)?);
    paged(page, tags, |tag| &tag.key, |tag| tag)
}

/// The tags in a request. Keys must differ by more than case.
pub fn tags_of(list: List<iam::Tag>) -> Result<Tags> {
    check_count("tags", list.len())?;
    for (place, tag) in list.iter().enumerate() {
        let field = |part: &str| format!("tags.{}.member.{part}", place + 1);
        check_text(field("key"), &tag.key, 128)?;
        check_text(field("value"), &tag.value, 256)?;
    }
    let mut seen = BTreeSet::new();
    if list.iter().any(|tag| !seen.insert(tag.key.to_ascii_lowercase())) {
        return Err(Error::TagKeyTwice {}.into());
    }
    Ok(list.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Tags in a reply.
pub fn tags_shown(tags: &Tags) -> List<iam::Tag> {
    tags.iter().map(|(key, value)| iam::Tag { key: key.clone(), value: value.clone() }).collect()
}

fn check_count(field: &str, count: usize) -> Result<()> {
    if count <= MOST {
        return Ok(());
    }
    Err(Error::constraint(field, format!("{count} tags"), Rule::MostLengthOfTags(MOST)).into())
}

/// Checks a tag's key or value.
fn check_text(field: String, text: &str, most: usize) -> Result<()> {
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c);
    let rule = match () {
        () if text.chars().count() > most => Rule::MostLengthOfTags(most),
        () if text.chars().all(fits) => return Ok(()),
        () => Rule::Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
    };
    Err(Error::constraint(field, text, rule).into())
}
