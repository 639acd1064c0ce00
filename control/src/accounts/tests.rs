use super::*;
use crate::api::{Call, Request, Signed};
use crate::import::{Export, File, import};
use model::Scope;
use model::iam::Tagged;
use tempfile::NamedTempFile;

const FILE: &str = r#"{ "accounts": [ {
  "id": "111122223333",
  "keys": [ { "id": "AKIDEXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" } ],
  "policies": { "see": { "Statement": { "Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*" } } },
  "groups": [ { "name": "ops", "attached": [ "see" ] } ],
  "users": [ { "name": "alice", "keys": [ { "id": "AKIAALICE", "secret": "s" } ], "groups": [ "ops" ],
               "policies": { "own": { "Statement": { "Effect": "Allow", "Action": "ec2:*", "Resource": "*" } } } } ],
  "roles": [ { "name": "linker", "attached": [ "AmazonEC2FullAccess" ],
               "trust": { "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*" } } } ]
} ] }"#;

fn read(text: &str) -> Result<Accounts, AccountsError> {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    Accounts::read(file.path())
}

fn declared() -> Model {
    let mut model = Model::new(1);
    read(FILE).unwrap().declare(&mut model, Time(0)).unwrap();
    model
}

#[test]
fn declared_accounts_exist_and_are_not_stored() {
    let mut model = declared();
    assert!(model.take_changes().is_empty());
    assert!(model.platform.accounts_known);
    let alice = model.identity("111122223333", Class::User, "alice").unwrap();
    assert_eq!(model.policies_of(alice).len(), 2);
    let id = alice.named.unique_id.clone();
    let again = declared();
    assert_eq!(again.identity("111122223333", Class::User, "alice").unwrap().named.unique_id, id);
    // Every start reads the file again, over the stored rows.
    read(FILE).unwrap().declare(&mut model, Time(0)).unwrap();
    assert_eq!(model.identities.len(), again.identities.len());
}

/// A declared identity cannot be changed by a request: the change would be stored, and survive the file's.
#[test]
fn declared_identities_change_in_the_file_only() {
    let (mut model, me) = (declared(), "111122223333");
    let see = format!("arn:aws:iam::{me}:policy/see");
    let own = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = || Policy::of_identity(own).unwrap();
    model.create_identity(me, Time(0), ("bob", None), Tags::new(), Of::new_user()).unwrap();
    model.take_changes();
    let refused = [
        model.activate_access_key(me, Some("alice"), "AKIAALICE", false),
        model.delete_access_key(me, None, "AKIDEXAMPLE"),
        model.put_inline(me, Class::User, "alice", "more", own),
        model.delete_inline(me, Class::User, "alice", "own"),
        model.attach_policy(me, Class::Role, "linker", &see),
        model.remove_user_from_group(me, "alice", "ops"),
        model.rename_identity(me, Class::Group, "ops", (Some("net"), None)),
        model.delete_identity(me, Class::Role, "linker"),
        model.retag(me, Tagged::User("alice"), |tags| tags.clear()),
        model.update_role(me, "linker", |role| role.description = None),
        model.create_policy_version(me, Time(0), &see, policy(), true).map(|_| ()),
        model.delete_policy(me, &see),
    ];
    for (place, result) in refused.into_iter().enumerate() {
        assert_eq!(result.map_err(|error| error.code()), Err("UnmodifiableEntity"), "{place}");
    }
    assert!(model.take_changes().is_empty());
    model.add_user_to_group(me, "bob", "ops").unwrap();
    model.put_inline(me, Class::User, "bob", "own", own).unwrap();
    model.create_access_key(me, Time(0), Some("alice"), "secret".into()).unwrap();
}

#[test]
fn errors_name_their_place_in_the_file() {
    let why = |from: &str, to: &str| {
        assert!(FILE.contains(from));
        read(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert!(why("\"Effect\": \"Allow\", \"Action\": \"ec2:*\"", "\"Effect\": \"Allow\"").contains(", line 7, column "));
    assert!(why("\"Principal\": \"*\"", "\"Resource\": \"*\"").contains(", line 9, column "));
    assert!(why("\"users\"", "\"people\"").contains("line 6 column"));
    assert!(
        why("\"groups\": [ \"ops\" ]", "\"groups\": [ \"nobody\" ]")
            .contains("account 111122223333: The group with name")
    );
    let attached = why("[ \"see\" ]", "[ \"look\" ]");
    assert!(attached.contains("look does not exist or is not attachable"), "{attached}");
    assert!(why("AKIAALICE", "AKIDEXAMPLE").contains("is defined twice"));
    for empty in ["\"secret\": \"s\"", "\"id\": \"AKIAALICE\""] {
        let with = format!("{}\"\"", &empty[..empty.find(": ").unwrap() + 2]);
        assert!(why(empty, &with).contains("has an empty id or secret"), "{empty}");
    }
    assert!(why("111122223333", "1").contains("12 digits"));
    let missing = Accounts::read(Path::new("/nowhere/accounts.json")).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/accounts.json: "), "{missing}");
}

/// A request that botocore signed at that time with the account's own key, changed as the test wants.
fn code(change: impl Fn(&str) -> String, service: &str) -> String {
    let authorization = change(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=4a95b4ded38476136b549b646d1cc047622e351f35d3716586f78a2c941b1ada",
    );
    let form = "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3Aa+b";
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("host", "127.0.0.1:4570"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    let received = Time(1_440_938_160_000);
    let signed = Signed { method: "POST", path: "/", query: "", headers: &headers, body: form.as_bytes(), received };
    let form = if service == "ec2" { form } else { "Action=GetCallerIdentity&Version=2011-06-15" };
    let authorization = (!authorization.is_empty()).then_some(authorization.as_str());
    let call = Call { path: "/", form, authorization, signed: Some(signed), ..Call::default() };
    let reply = Request::parse(&call, received).and_then(|request| request.read(&declared()));
    let body = reply.map_or_else(|refusal| format!("{} {}", refusal.status, refusal.body), |reply| reply.body);
    body.split_once("<Code>").map_or("ok".to_owned(), |(before, rest)| {
        format!("{} {}", before.get(..3).unwrap_or_default(), rest.split('<').next().unwrap_or_default())
    })
}

#[test]
fn with_accounts_a_signature_must_be_right_and_each_service_has_its_codes() {
    assert_eq!(code(str::to_owned, "ec2"), "ok");
    let wrong = |header: &str| header.replace("1ada", "1adb");
    let stranger = |header: &str| header.replace("AKIDEXAMPLE", "AKIASTRANGER");
    let nobody = |header: &str| header.replace(header, "");
    assert_eq!(code(wrong, "ec2"), "403 SignatureDoesNotMatch");
    assert_eq!(code(stranger, "ec2"), "401 AuthFailure");
    assert_eq!(code(nobody, "ec2"), "403 MissingAuthenticationToken");
    let sts = |header: &str| header.replace("/ec2/", "/sts/");
    assert_eq!(code(|header| stranger(&sts(header)), "sts"), "403 InvalidClientTokenId");
    assert_eq!(code(sts, "sts"), "403 SignatureDoesNotMatch");
}

/// A request with a missing part of its signature is refused.
#[test]
fn an_incomplete_signature_is_refused() {
    let authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, SignedHeaders=host";
    let call = Call { path: "/", form: "Action=DescribeVpcs", authorization: Some(authorization), ..Call::default() };
    let refusal = Request::parse(&call, Time(0)).and_then(|request| request.read(&declared())).unwrap_err();
    assert_eq!(refusal.status, 403);
}

/// Import, export and templates make requests in an account's name without a key. A client that claims the same is
/// refused.
#[test]
fn this_process_needs_no_key_and_a_client_does() {
    let scope = Scope { account: "123456789012".into(), region: "us-east-1".into() };
    let mut model = declared();
    let form = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    let made = Request::of_process(&scope, form, Time(0)).and_then(|request| request.write(&mut model)).unwrap();
    assert!(made.body.contains("<ownerId>123456789012<"), "{}", made.body);
    assert!(crate::export::files(&model, Time(0)).unwrap().iter().any(|(path, _)| path.starts_with("123456789012")));
    let authorization = "AWS4-HMAC-SHA256 Credential=123456789012/20150101/us-east-1/ec2/aws4_request";
    let call = Call { path: "/", form, authorization: Some(authorization), ..Call::default() };
    let refusal = Request::parse(&call, Time(0)).and_then(|request| request.write(&mut model)).unwrap_err();
    assert_eq!(refusal.status, 401);
}

/// A template's resources are made by API calls that need no signature.
#[test]
fn with_accounts_a_network_is_imported_too() {
    let template = r#"{"Resources": {"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}"#;
    let content = serde_json::from_str(template).unwrap();
    let files = [File { path: "123456789012/us-east-1/net.json".into(), content }];
    let mut model = declared();
    let imported = import(&mut model, Export::of(&files).unwrap(), Time(0)).unwrap();
    assert_eq!((imported.left_out, model.vpcs.len()), (Vec::new(), 1));
}

/// The documentation's example is valid.
#[test]
fn the_documented_example_can_be_used() {
    let page = include_str!("../../../docs/iam.md");
    let example: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let mut model = Model::new(1);
    read(&example.join("\n")).unwrap().declare(&mut model, Time(0)).unwrap();
    let alice = model.identity("111122223333", Class::User, "alice").unwrap();
    assert_eq!(model.policies_of(alice).len(), 1);
}
