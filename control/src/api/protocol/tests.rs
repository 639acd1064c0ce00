use super::*;

/// The part of an error that each dialect's clients look for.
#[test]
fn every_dialect_has_errors_that_its_clients_can_read() {
    let error = RequestError::UnsupportedService { service: "s<3".into() };
    let body = |dialect: Dialect| dialect.error(&error).body;
    assert!(
        body(Dialect::Ec2)
            .contains("<Response><Errors><Error><Code>UnsupportedOperation</Code><Message>The service s&lt;3")
    );
    for dialect in [Dialect::Query, Dialect::RestXml] {
        assert!(body(dialect).contains("<ErrorResponse><Error><Type>Sender</Type><Code>UnsupportedOperation</Code>"));
    }
    let json: serde_json::Value = serde_json::from_str(&body(Dialect::Json)).unwrap();
    assert_eq!((&json["__type"], json["message"].is_string()), (&"UnsupportedOperation".into(), true));
    assert_eq!(Dialect::Query.error(&RequestError::NoXml(std::io::Error::other("full").into())).status, 500);
}

#[test]
fn a_reply_repeats_its_id_and_follows_the_dialect() {
    let success = Success {
        action: "DoIt",
        version: "2014-10-01",
        namespace: "urn:x",
        status: 200,
        members: Some("<a>1</a>".into()),
    };
    let ec2 = Dialect::Ec2.reply(&success);
    let id = &ec2.request_id;
    assert!(ec2.body.ends_with(&format!(
        "<DoItResponse xmlns=\"http://ec2.amazonaws.com/doc/2014-10-01/\"><requestId>{id}</requestId><a>1</a></DoItResponse>"
    )));
    let query = Dialect::Query.reply(&success);
    let id = &query.request_id;
    assert!(query.body.ends_with(&format!(
        "<DoItResponse xmlns=\"urn:x\"><DoItResult><a>1</a></DoItResult><ResponseMetadata><RequestId>{id}</RequestId>\
         </ResponseMetadata></DoItResponse>"
    )));
    let nothing = Success { members: None, ..success };
    assert!(Dialect::Ec2.reply(&nothing).body.contains("<return>true</return>"));
    assert!(!Dialect::Query.reply(&nothing).body.contains("Result"));
}
