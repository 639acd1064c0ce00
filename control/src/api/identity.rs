//! GetCallerIdentity: the one action of the Security Token Service, by which clients (Ansible's modules, say) learn whose
//! credentials they have. It is asked at the same endpoint when that is set for all services.

use super::{Credentials, Params, Reply, xml};
use crate::model::Scope;

/// The action's name.
const ACTION: &str = "GetCallerIdentity";

/// Answers a GetCallerIdentity request; anything else is none of it.
pub fn identity(form: &str, authorization: Option<&str>) -> Option<Reply> {
    let mut params = Params::parse(form).ok()?;
    if params.text("Action").as_deref() != Some(ACTION) {
        return None;
    }
    let credentials = authorization.map(Credentials::from_header).unwrap_or_default();
    Some(match credentials.scope() {
        Ok(Scope { account, .. }) => {
            let arn = format!("arn:aws:iam::{account}:root");
            let who = xml::Node::new().text("Arn", arn).text("UserId", &account).text("Account", &account);
            Reply { status: 200, body: xml::identity(ACTION, &super::request::request_id(), who) }
        }
        Err(error) => Reply::error(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_learns_its_account_and_other_actions_are_let_through() {
        let authorization =
            "AWS4-HMAC-SHA256 Credential=123456789012/20150107/us-east-1/sts/aws4_request, SignedHeaders=host";
        let reply = identity("Action=GetCallerIdentity&Version=2011-06-15", Some(authorization)).unwrap();
        assert!(reply.status == 200 && reply.body.contains("<Account>123456789012</Account>"));
        assert_eq!(identity("Action=DescribeVpcs", Some(authorization)), None);
    }
}
