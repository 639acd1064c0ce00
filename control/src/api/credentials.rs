//! The credentials in a request: the access key, and the Region and service that it is signed for.

use super::{Params, signature};
use model::{REGIONS, Region, is_account_id};

/// The default account. An access key id of twelve digits names another account.
pub const DEFAULT_ACCOUNT: &str = "111122223333";

/// A request's credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: Option<String>,
    /// The token of a session.
    pub token: Option<String>,
    /// The Region the request is signed for.
    pub region: Option<String>,
    /// The service it is signed for.
    pub service: Option<String>,
}

impl Credentials {
    /// Reads them from the `Authorization` header or, without one, from the parameters of a signed URL.
    pub fn of(authorization: Option<&str>, token: Option<&str>, params: &mut Params) -> Credentials {
        let presigned = params.text("X-Amz-Credential");
        let version_2 = params.text("AWSAccessKeyId");
        let sent = params.text("X-Amz-Security-Token").or_else(|| params.text("SecurityToken"));
        let credentials = match (authorization, presigned) {
            (Some(header), _) => Credentials::from_header(header),
            (None, Some(scope)) => Credentials::from_scope(&scope),
            (None, None) => Credentials { access_key: version_2, ..Credentials::default() },
        };
        Credentials { token: token.map(str::to_owned).or(sent), ..credentials }
    }

    /// Reads them from an `Authorization` header: `AWS4-HMAC-SHA256 Credential=KEY/20150107/us-east-1/ec2/aws4_request,
    /// …`.
    fn from_header(authorization: &str) -> Credentials {
        signature::field(authorization, "Credential").map(Credentials::from_scope).unwrap_or_default()
    }

    /// Reads them from a credential scope: `KEY/20150107/us-east-1/ec2/aws4_request`.
    pub fn from_scope(scope: &str) -> Credentials {
        let mut parts = scope.split('/').map(str::to_owned);
        Credentials { access_key: parts.next(), region: parts.nth(1), service: parts.next(), ..Credentials::default() }
    }

    /// The Region. Services without Regions (IAM, Route 53) use the first one, and so does a request that names none or
    /// an unknown one: some clients derive a Region from the endpoint's address.
    pub fn region(&self) -> &'static str {
        self.region.as_deref().and_then(Region::named).unwrap_or(&REGIONS[0]).name
    }

    /// The account of a sender whose key is unknown.
    pub fn account(&self) -> &str {
        self.access_key.as_deref().map_or(DEFAULT_ACCOUNT, account_of_unknown)
    }
}

/// The account that an unknown key belongs to.
pub fn account_of_unknown(key: &str) -> &str {
    if is_account_id(key) { key } else { DEFAULT_ACCOUNT }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Region signed for and the Region asked for come from the same field.
    #[test]
    fn a_field_whose_name_ends_like_another_is_not_that_one() {
        let scope = |key: &str, region: &str| format!("{key}/20150107/{region}/ec2/aws4_request");
        let (other, own) = (scope("AKIAOTHER", "eu-west-1"), scope("AKIAOWN", "us-west-2"));
        let header = format!("AWS4-HMAC-SHA256 XCredential={other}, Credential={own}, SignedHeaders=host");
        let credentials = Credentials::of(Some(&header), None, &mut Params::default());
        assert_eq!((credentials.access_key.as_deref(), credentials.region()), (Some("AKIAOWN"), "us-west-2"));
    }
}
