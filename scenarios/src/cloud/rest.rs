//! Calls of Route 53 (REST-XML): each action's method and path, with the parameters as a document.

use serde_json::{Map, Value};

/// Action, method and path. `{Id}` is the parameter with that name.
const ACTIONS: [(&str, &str, &str); 9] = [
    ("CreateHostedZone", "POST", "/2013-04-01/hostedzone"),
    ("DeleteHostedZone", "DELETE", "/2013-04-01/hostedzone/{Id}"),
    ("GetHostedZone", "GET", "/2013-04-01/hostedzone/{Id}"),
    ("ChangeResourceRecordSets", "POST", "/2013-04-01/hostedzone/{Id}/rrset/"),
    ("ListResourceRecordSets", "GET", "/2013-04-01/hostedzone/{Id}/rrset"),
    ("AssociateVPCWithHostedZone", "POST", "/2013-04-01/hostedzone/{Id}/associatevpc"),
    ("DisassociateVPCFromHostedZone", "POST", "/2013-04-01/hostedzone/{Id}/disassociatevpc"),
    ("CreateVPCAssociationAuthorization", "POST", "/2013-04-01/hostedzone/{Id}/authorizevpcassociation"),
    ("DeleteVPCAssociationAuthorization", "POST", "/2013-04-01/hostedzone/{Id}/deauthorizevpcassociation"),
];

/// A request's method, path and body.
pub struct Rest {
    /// HTTP's method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The document.
    pub body: String,
}

/// The request for an action, if it belongs to Route 53.
pub fn request(action: &str, parameters: &Map<String, Value>) -> Option<Rest> {
    let (_, method, path) = ACTIONS.into_iter().find(|(name, ..)| *name == action)?;
    let id = parameters.get("Id").and_then(Value::as_str).unwrap_or_default();
    let path = path.replace("{Id}", id.trim_start_matches("/hostedzone/"));
    let mut body = String::new();
    if method == "POST" {
        let members = parameters.iter().filter(|(name, _)| *name != "Id");
        let members: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        write("Request", &Value::Object(members), &mut body);
    }
    Some(Rest { method, path, body })
}

/// Writes a value: an object as an element with children, a list as several elements with one name.
fn write(name: &str, value: &Value, to: &mut String) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| write(name, item, to)),
        Value::Object(members) => {
            to.push_str(&format!("<{name}>"));
            members.iter().for_each(|(name, value)| write(name, value, to));
            to.push_str(&format!("</{name}>"));
        }
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            to.push_str(&format!("<{name}>{}</{name}>", quick_xml::escape::escape(text)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_become_a_document() {
        let parameters = json!({"Id": "/hostedzone/Z1", "VPC": {"VPCId": "vpc-1"}, "Tag": ["a&b", "c"]});
        let rest = request("AssociateVPCWithHostedZone", parameters.as_object().unwrap()).unwrap();
        assert_eq!((rest.method, rest.path.as_str()), ("POST", "/2013-04-01/hostedzone/Z1/associatevpc"));
        assert_eq!(rest.body, "<Request><Tag>a&amp;b</Tag><Tag>c</Tag><VPC><VPCId>vpc-1</VPCId></VPC></Request>");
        assert!(request("CreateVpc", &Map::new()).is_none());
    }
}
