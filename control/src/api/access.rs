//! Who calls: the account and the Region, out of the credentials of a request. Signatures are not checked.

use crate::model::{REGIONS, Region, Scope};

/// The account of whoever names no other: an access key id of twelve digits is an account's number.
pub const DEFAULT_ACCOUNT: &str = "111122223333";

/// What a request says about its sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: Option<String>,
    /// The Region the request is signed for.
    pub region: Option<String>,
    /// The service it is signed for.
    pub service: Option<String>,
}

impl Credentials {
    /// Out of an `Authorization` header: `AWS4-HMAC-SHA256 Credential=KEY/20150107/us-east-1/ec2/aws4_request, …`.
    pub fn from_header(authorization: &str) -> Credentials {
        let scope = authorization.split("Credential=").nth(1).and_then(|rest| rest.split([',', ' ']).next());
        scope.map(Credentials::from_scope).unwrap_or_default()
    }

    /// Out of a credential scope: `KEY/20150107/us-east-1/ec2/aws4_request`.
    pub fn from_scope(scope: &str) -> Credentials {
        let mut parts = scope.split('/').map(str::to_owned);
        Credentials { access_key: parts.next(), region: parts.nth(1), service: parts.next() }
    }

    /// The account and the Region that are meant.
    ///
    /// Who signs for no Region (IAM, Route 53), or for what is none (boto 2 takes it from the endpoint's name, be that an IP
    /// address), means the first one.
    pub fn scope(&self) -> Scope {
        let region = self.region.as_deref().and_then(Region::named).map_or(REGIONS[0].name, |region| region.name);
        let is_account = |key: &&str| key.len() == 12 && key.bytes().all(|b| b.is_ascii_digit());
        let account = self.access_key.as_deref().filter(is_account).unwrap_or(DEFAULT_ACCOUNT);
        Scope { account: account.to_owned(), region: region.to_owned() }
    }
}
