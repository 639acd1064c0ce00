//! Health checks, which are told again as they were said.

use super::*;

const CHECKS: &str = "/2013-04-01/healthcheck";

fn create(reference: &str, config: &str) -> String {
    format!("<R><CallerReference>{reference}</CallerReference><HealthCheckConfig>{config}</HealthCheckConfig></R>")
}

impl Cloud {
    fn check(&mut self, method: &str, path: &str, body: &str) -> Result<String, String> {
        self.route53(method, &format!("{CHECKS}{path}"), body).map_err(|(code, _)| code)
    }
}

#[test]
fn a_health_check_is_made_once_changed_and_deleted() {
    let mut cloud = Cloud::new();
    let http = "<Type>HTTP</Type><FullyQualifiedDomainName>www.example</FullyQualifiedDomainName>";
    assert_eq!(cloud.check("POST", "", &create("a", "<Type>HTTP</Type>")), Err("InvalidInput".into()));
    let made = cloud.check("POST", "", &create("a", http)).unwrap();
    let id = first(&made, "Id").unwrap();
    for (element, value) in
        [("Port", "80"), ("RequestInterval", "30"), ("HealthCheckVersion", "1"), ("Disabled", "false")]
    {
        assert_eq!(first(&made, element).as_deref(), Some(value), "{element}");
    }
    assert_eq!(first(&cloud.check("POST", "", &create("a", http)).unwrap(), "Id").unwrap(), id);
    assert_eq!(
        cloud.check("POST", "", &create("a", "<Type>CALCULATED</Type>")),
        Err("HealthCheckAlreadyExists".into())
    );
    let change = |version: u32| {
        format!("<R><HealthCheckVersion>{version}</HealthCheckVersion><ResourcePath>/health</ResourcePath></R>")
    };
    let at = format!("/{id}");
    assert_eq!(cloud.check("POST", &at, &change(2)), Err("HealthCheckVersionMismatch".into()));
    let changed = cloud.check("POST", &at, &change(1)).unwrap();
    assert_eq!(
        (first(&changed, "ResourcePath").unwrap(), first(&changed, "Port").unwrap()),
        ("/health".into(), "80".into())
    );
    let reset = |name: &str| {
        format!("<R><ResetElements><ResettableElementName>{name}</ResettableElementName></ResetElements></R>")
    };
    for name in ["Type", "FullyQualifiedDomainName"] {
        assert_eq!(cloud.check("POST", &at, &reset(name)), Err("InvalidInput".into()), "{name}");
    }
    assert_eq!(first(&cloud.check("POST", &at, &reset("ResourcePath")).unwrap(), "ResourcePath"), None);
    let tag = "<R><AddTags><Tag><Key>team</Key><Value>a</Value></Tag></AddTags></R>";
    let tags = format!("/2013-04-01/tags/healthcheck/{id}");
    cloud.route53("POST", &tags, tag).unwrap();
    assert_eq!(texts(&cloud.route53("GET", &tags, "").unwrap(), "Key"), ["team"]);
    assert_eq!(texts(&cloud.check("GET", "", "").unwrap(), "Id"), [id.as_str()]);
    cloud.check("DELETE", &at, "").unwrap();
    assert_eq!(cloud.check("GET", &at, ""), Err("NoSuchHealthCheck".into()));
}

#[test]
fn a_check_of_an_endpoint_says_how_it_is_made() {
    let mut cloud = Cloud::new();
    let at = "<IPAddress>203.0.113.9</IPAddress>";
    let regions = "<Regions><Region>us-east-1</Region><Region>us-west-1</Region></Regions>";
    for (place, config) in [
        format!("<Type>TCP</Type>{at}"),
        format!("<Type>TCP</Type>{at}<Port>0</Port>"),
        format!("<Type>HTTP_STR_MATCH</Type>{at}"),
        format!("<Type>HTTP</Type>{at}<RequestInterval>20</RequestInterval>"),
        format!("<Type>HTTP</Type>{at}{regions}"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(
            cloud.check("POST", "", &create(&place.to_string(), config)),
            Err("InvalidInput".into()),
            "{config}"
        );
    }
}
