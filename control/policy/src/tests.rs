//! Tables of cases: the evaluation of documents, and the errors of invalid ones.

use super::*;
use proptest::prelude::*;

fn policy(statements: &str) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Document::parse(&text, Use::Identity).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn context(pairs: &[(&str, &str)]) -> Context {
    pairs.iter().copied().collect()
}

fn says(document: &Document, action: &str, resource: &str, context: &Context) -> &'static str {
    let query = Query { principals: &[], account: "111122223333", action, resource, context };
    match evaluate([("p", document)], &query) {
        Verdict::Allowed(_) => "allow",
        Verdict::Denied(_) => "deny",
        Verdict::ImplicitDeny => "nothing",
    }
}

const VPC: &str = "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1a2b3c4d";

#[test]
fn actions_and_resources_match_by_wildcards_or_by_not_elements() {
    let allow = |rest: &str| policy(&format!(r#"{{"Effect":"Allow",{rest}}}"#));
    let none = Context::default();
    for (rest, action, resource, expected) in [
        (r#""Action":"*","Resource":"*""#, "ec2:EnableVpcClassicLink", VPC, "allow"),
        (r#""Action":"ec2:*VpcClassicLink","Resource":"*""#, "ec2:EnableVpcClassicLink", VPC, "allow"),
        (r#""Action":"EC2:enablevpcclassiclink","Resource":"*""#, "ec2:EnableVpcClassicLink", VPC, "allow"),
        (r#""Action":"ec2:*VpcClassicLink","Resource":"*""#, "ec2:AttachClassicLinkVpc", VPC, "nothing"),
        (r#""Action":"ec2:*VpcClassicLink","Resource":"*""#, "ec2:EnableVpcClassicLinkDnsSupport", VPC, "nothing"),
        (
            r#""Action":["ec2:A*","ec2:E*"],"Resource":"arn:aws:ec2:*:*:vpc/*""#,
            "ec2:EnableVpcClassicLink",
            VPC,
            "allow",
        ),
        (r#""Action":"ec2:*","Resource":"arn:aws:ec2:*:*:vpc/*""#, "ec2:DescribeVpcClassicLink", "*", "nothing"),
        (r#""Action":"ec2:*","Resource":"arn:aws:ec2""#, "ec2:EnableVpcClassicLink", VPC, "allow"),
        (r#""Action":"ec2:*","Resource":"arn:aws:ec2:us-west-2:*:vpc/*""#, "ec2:EnableVpcClassicLink", VPC, "nothing"),
        (r#""Action":"ec2:*","Resource":"arn:aws:ec2:*:*:VPC/*""#, "ec2:EnableVpcClassicLink", VPC, "nothing"),
        (r#""NotAction":"ec2:Delete*","Resource":"*""#, "ec2:EnableVpcClassicLink", VPC, "allow"),
        (r#""NotAction":"ec2:Delete*","Resource":"*""#, "ec2:DeleteVpc", VPC, "nothing"),
        (r#""Action":"ec2:*","NotResource":"arn:aws:ec2:*:*:vpc/*""#, "ec2:DeleteVpc", VPC, "nothing"),
        (r#""Action":"ec2:*","NotResource":"arn:aws:ec2:*:*:subnet/*""#, "ec2:DeleteVpc", VPC, "allow"),
        (r#""Action":"ec2:?reateVpc","Resource":"*""#, "ec2:CreateVpc", VPC, "allow"),
    ] {
        assert_eq!(says(&allow(rest), action, resource, &none), expected, "{rest} {action}");
    }
}

/// Operator, policy's value, request's values, whether the condition holds. Without values the key is
/// missing.
const CONDITIONS: &[(&str, &str, &[&str], bool)] = &[
    ("StringEquals", "a", &["a"], true),
    ("StringEquals", "a", &["A"], false),
    ("StringEquals", "a*", &["ab"], false),
    ("StringEquals", "a", &[], false),
    ("StringEqualsIfExists", "a", &[], true),
    ("StringEqualsIfExists", "a", &["b"], false),
    ("StringNotEquals", "a", &["b"], true),
    ("StringNotEquals", "a", &["a"], false),
    ("StringNotEquals", "a", &[], true),
    ("StringEqualsIgnoreCase", "aB", &["Ab"], true),
    ("StringNotEqualsIgnoreCase", "aB", &["Ab"], false),
    ("StringLike", "a*z?", &["abczd"], true),
    ("StringLike", "a*z?", &["abcz"], false),
    ("StringNotLike", "m3.*", &["m3.large"], false),
    ("StringNotLike", "m3.*", &["m1.small"], true),
    ("NumericEquals", "10", &["10.0"], true),
    ("NumericNotEquals", "10", &["10.0"], false),
    ("NumericLessThan", "10", &["9.5"], true),
    ("NumericLessThan", "10", &["10"], false),
    ("NumericLessThanEquals", "10", &["10"], true),
    ("NumericGreaterThan", "10", &["11"], true),
    ("NumericGreaterThanEquals", "10", &["9"], false),
    ("NumericEquals", "10", &["ten"], false),
    ("DateLessThan", "2015-02-01T00:00:00Z", &["2015-01-07T12:00:00.000Z"], true),
    ("DateGreaterThan", "2015-02-01", &["2015-01-07T12:00:00Z"], false),
    ("DateEquals", "1420632000", &["2015-01-07T12:00:00Z"], true),
    ("DateEquals", "2015-01-07T14:00:00+02:00", &["2015-01-07T12:00:00Z"], true),
    ("DateNotEquals", "2015-01-07T12:00Z", &["2015-01-07T12:00:00Z"], false),
    ("DateLessThanEquals", "2015-01-07T12:00:00Z", &["1420632000"], true),
    ("DateGreaterThanEquals", "2015-01-07T12:00:01Z", &["1420632000"], false),
    ("Bool", "true", &["true"], true),
    ("Bool", "true", &["false"], false),
    ("Bool", "true", &["1"], true),
    ("Bool", "false", &["0"], true),
    ("Bool", "false", &[], false),
    ("BoolIfExists", "true", &[], true),
    ("BinaryEquals", "QmluYXJ5", &["QmluYXJ5"], true),
    ("BinaryEquals", "QmluYXJ5", &["qmluYXJ5"], false),
    ("IpAddress", "203.0.113.0/24", &["203.0.113.9"], true),
    ("IpAddress", "203.0.113.0/24", &["203.0.114.9"], false),
    ("IpAddress", "203.0.113.9", &["203.0.113.9"], true),
    ("IpAddress", "2001:db8::/32", &["2001:db8::1"], true),
    ("NotIpAddress", "203.0.113.0/24", &["203.0.113.9"], false),
    ("NotIpAddress", "203.0.113.0/24", &["198.51.100.1"], true),
    ("ArnEquals", "arn:aws:ec2:*:*:vpc/*", &[VPC], true),
    ("ArnLike", "arn:aws:ec2:*:*:subnet/*", &[VPC], false),
    ("ArnLike", "arn:aws:ec2:*:vpc/*", &[VPC], false),
    ("ArnNotEquals", "arn:aws:ec2:*:*:vpc/*", &[VPC], false),
    ("ArnNotLike", "arn:aws:ec2:*:*:subnet/*", &[VPC], true),
    ("ArnEqualsIfExists", "arn:aws:ec2:*:*:vpc/*", &[], true),
    ("Null", "true", &[], true),
    ("Null", "true", &["a"], false),
    ("Null", "false", &["a"], true),
    ("Null", "false", &[], false),
    ("ForAnyValue:StringEquals", "a", &["b", "a"], true),
    ("ForAnyValue:StringEquals", "a", &["b"], false),
    ("ForAnyValue:StringEquals", "a", &[], false),
    ("ForAnyValue:StringNotEquals", "a", &["b", "a"], true),
    ("ForAnyValue:StringNotEquals", "a", &["a"], false),
    ("ForAnyValue:StringNotEquals", "a", &[], false),
    ("ForAllValues:StringLike", "a*", &["ab", "ac"], true),
    ("ForAllValues:StringLike", "a*", &["ab", "bc"], false),
    ("ForAllValues:StringLike", "a*", &[], true),
    ("ForAllValues:StringNotLike", "a*", &["b", "ac"], false),
    ("ForAnyValue:StringEqualsIfExists", "a", &[], true),
    ("ForAnyValue:StringNotEqualsIfExists", "a", &[], true),
    ("ForAnyValue:NumericLessThan", "10", &["12", "9"], true),
    ("ForAnyValue:ArnLike", "arn:aws:ec2:*:*:vpc/*", &["arn:aws:iam::1:user/a", VPC], true),
    ("ForAllValues:StringEquals", "a", &["a", "a"], true),
    ("ForAllValues:StringNotEquals", "a", &[], true),
    ("ForAllValues:StringEqualsIfExists", "a", &["a", "b"], false),
    ("ForAllValues:IpAddress", "203.0.113.0/24", &["203.0.113.1", "198.51.100.1"], false),
    ("ForAllValues:Bool", "true", &["true", "false"], false),
    ("StringNotLike", "a*", &[], true),
    ("StringNotEqualsIfExists", "a", &["a"], false),
    ("NumericEquals", "10", &["ten"], false),
    ("NumericNotEquals", "10", &[], true),
    ("NumericLessThanIfExists", "10", &["11"], false),
    ("NumericLessThanIfExists", "10", &[], true),
    ("NumericGreaterThan", "-1", &["-0.5"], true),
    ("DateNotEquals", "2015-01-07", &[], true),
    ("DateLessThan", "2015-01-07", &[], false),
    ("DateGreaterThan", "2015-01-07T12:00:00+01:00", &["2015-01-07T11:30:00Z"], true),
    ("Bool", "TRUE", &["true"], true),
    ("NotIpAddress", "203.0.113.0/24", &[], true),
    ("IpAddress", "203.0.113.0/24", &["::ffff:203.0.113.9"], true),
    ("IpAddress", "0.0.0.0/0", &["2001:db8::1"], false),
    ("ArnLike", "arn:*:ec2:us-*-1:*:vpc/vpc-?a2b3c4d", &[VPC], true),
    ("ArnLike", "arn:aws:ec2:us-east-1:*/vpc-1a2b3c4d", &[VPC], false),
    ("ArnNotLike", "arn:aws:ec2:*:*:vpc/*", &[], true),
];

#[test]
fn every_operator_compares_as_it_is_documented() {
    for (operator, wanted, values, expected) in CONDITIONS {
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"OP":{"my:Key":"VALUE"}}}"#;
        let document = policy(&statement.replace("OP", operator).replace("VALUE", wanted));
        let context = values.iter().map(|value| ("My:key", *value)).collect();
        let holds = says(&document, "ec2:X", "*", &context) == "allow";
        assert_eq!(holds, *expected, "{operator} {wanted} of {values:?}");
    }
}

#[test]
fn a_condition_wants_any_of_its_values_and_all_of_its_keys_and_operators() {
    let document = policy(
        r#"[{"Effect":"Allow","Action":"*","Resource":"*","Condition":
            {"StringEquals":{"a":["1","2"],"b":"1"},"NumericLessThan":{"c":5}}}]"#,
    );
    for (pairs, expected) in [
        (&[("a", "1"), ("b", "1"), ("c", "4")][..], "allow"),
        (&[("a", "2"), ("b", "1"), ("c", "4")], "allow"),
        (&[("a", "3"), ("b", "1"), ("c", "4")], "nothing"),
        (&[("a", "1"), ("b", "2"), ("c", "4")], "nothing"),
        (&[("a", "1"), ("b", "1"), ("c", "5")], "nothing"),
        (&[("a", "1"), ("b", "1")], "nothing"),
    ] {
        assert_eq!(says(&document, "x:Y", "*", &context(pairs)), expected, "{pairs:?}");
    }
}

#[test]
fn a_context_has_the_keys_of_its_base() {
    let base = std::sync::Arc::new(context(&[("a", "1"), ("b", "1")]));
    let mut upon = Context::upon(&base);
    upon.extend([("B", "2"), ("c", "3"), ("c", "4")]);
    let get = |key: &str| upon.get(key).unwrap_or_default().join(",");
    assert_eq!(["A", "b", "c", "d"].map(get), ["1", "2", "3,4", ""]);
    assert_eq!(upon.iter().filter(|(key, _)| *key == "a").count(), 1);
}

#[test]
fn variables_make_a_resource_the_callers_own() {
    let document = policy(r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}"#);
    let alice = context(&[("aws:username", "alice")]);
    assert_eq!(says(&document, "iam:GetUser", "arn:aws:iam::111122223333:user/alice", &alice), "allow");
    assert_eq!(says(&document, "iam:GetUser", "arn:aws:iam::111122223333:user/bob", &alice), "nothing");
    assert_eq!(says(&document, "iam:GetUser", "arn:aws:iam::111122223333:user/", &Context::default()), "nothing");
}

#[test]
fn invalid_documents_are_refused_with_the_errors_place() {
    let line = |statement: &str| format!("{{\n  \"Statement\": [\n    {statement}\n  ]\n}}");
    let ok = r#""Effect":"Allow","Action":"ec2:*","Resource":"*""#;
    for (text, at, why) in [
        ("{".to_owned(), 1, "EOF"),
        ("{}".to_owned(), 1, "missing field `Statement`"),
        (line(r#"{"Effect":"Maybe","Action":"*","Resource":"*"}"#), 3, "unknown variant `Maybe`"),
        (line(r#"{"Effect":"Allow","Action":"*","Resource":"*","Colour":1}"#), 3, "unknown field `Colour`"),
        (line(r#"{"Effect":"Allow","Resource":"*"}"#), 3, "Action or NotAction"),
        (line(r#"{"Effect":"Allow","Action":"*","NotAction":"x:y","Resource":"*"}"#), 3, "not both"),
        (line(r#"{"Effect":"Allow","Action":"*"}"#), 3, "Resource or NotResource"),
        (line(r#"{"Effect":"Allow","Action":"Describe","Resource":"*"}"#), 3, "is not an action"),
        (line(r#"{"Effect":"Allow","Action":"*","Resource":"vpc-1"}"#), 3, "is not a resource"),
        (line(r#"{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}"#), 3, "has no Principal"),
        (
            line(&format!("{{{ok},\"Condition\":{{\"StringIs\":{{\"a\":\"x\"}}}}}}")),
            3,
            "no condition operator StringIs",
        ),
        (line(&format!("{{{ok},\"Condition\":{{\"NullIfExists\":{{\"a\":\"x\"}}}}}}")), 3, "no condition operator"),
        (line(&format!("{{{ok},\"Condition\":{{\"NumericEquals\":{{\"a\":\"x\"}}}}}}")), 3, "a number"),
        (line(&format!("{{{ok},\"Condition\":{{\"IpAddress\":{{\"a\":\"x\"}}}}}}")), 3, "an IP address"),
        (line(&format!("{{\"Sid\":\"a\",{ok}}},\n{{\"Sid\":\"a\",{ok}}}")), 5, "two statements have the Sid a"),
        (
            line(&format!("{{{ok},\"Condition\":{{\"Null\":{{\"a\":\"true\",\"a\":\"false\"}}}}}}")),
            3,
            "a is there twice",
        ),
        (
            line(&format!("{{{ok},\"Condition\":{{\"Bool\":{{\"a\":\"true\"}},\"Bool\":{{}}}}}}")),
            3,
            "Bool is there twice",
        ),
        (line(r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#), 3, "at least one item"),
        (line(r#"{"Effect":"Allow","Action":"*","NotResource":[]}"#), 3, "at least one item"),
        (line(r#"{"Effect":"Allow","Action":"*","Resource":[null]}"#), 3, "at least one item"),
        ("{\"Version\":\"2020-01-01\",\n\"Statement\":[]}".to_owned(), 1, "unknown variant `2020-01-01`"),
        ("{\n\"Statement\":[]}".to_owned(), 2, "at least one statement"),
    ] {
        let error = Document::parse(&text, Use::Identity).unwrap_err();
        assert!(error.why.contains(why), "{text}: {error}");
        assert!(error.line == at && error.column > 0, "{text}: {error}");
    }
    let trust = |rest: &str| Document::parse(&format!(r#"{{"Statement":{{"Effect":"Allow",{rest}}}}}"#), Use::Trust);
    assert!(trust(r#""Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}"#).is_ok());
    assert!(trust(r#""Action":"sts:AssumeRole","Principal":"*""#).is_ok());
    assert!(trust(r#""Action":"sts:AssumeRole""#).unwrap_err().why.contains("Principal"));
    assert!(trust(r#""Action":"sts:AssumeRole","Principal":{"Me":"x"}"#).unwrap_err().why.contains("not Me"));
    assert!(trust(r#""Action":"sts:AssumeRole","Principal":{"AWS":"111122223333","Service":[]}"#).is_ok());
    for (principal, why) in [
        (r#"{"AWS":"1","AWS":"2"}"#, "AWS is there twice"),
        ("{}", "is named"),
        (r#"{"AWS":[],"Service":[]}"#, "is named"),
    ] {
        for name in ["Principal", "NotPrincipal"] {
            let error = trust(&format!(r#""Action":"sts:AssumeRole","{name}":{principal}"#)).unwrap_err();
            assert!(error.why.contains(why), "{name} {principal}: {error}");
        }
    }
    assert!(trust(r#""Action":"sts:*","Principal":"*","Resource":"*""#).unwrap_err().why.contains("no Resource"));
}

/// IAM accepts these.
#[test]
fn a_null_in_a_list_is_nothing_and_a_condition_without_values_never_holds() {
    let none = Context::default();
    let null =
        policy(r#"{"Effect":"Allow","Action":["ec2:DeleteVpc",null],"Resource":["arn:aws:ec2:*:*:vpc/*",null]}"#);
    assert_eq!(says(&null, "ec2:DeleteVpc", VPC, &none), "allow");
    let empty = policy(r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":[]}}}"#);
    assert_eq!(says(&empty, "ec2:DeleteVpc", VPC, &context(&[("a", "1")])), "nothing");
}

#[test]
fn a_stored_policy_never_allows_more_than_its_text() {
    let stored = |statement: &str| Document::stored(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#));
    let at_noon = context(&[("aws:CurrentTime", "2015-01-07T12:00:00Z")]);
    let can = |statement: &str| says(&stored(statement), "ec2:DeleteVpc", VPC, &at_noon);
    for (statement, expected) in [
        (r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#, "allow"),
        (r#"{"Effect":"Allow","Action":"ec2:*","Resource":["vpcs","*"]}"#, "allow"),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"later"}}}"#,
            "nothing",
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateIs":{"aws:CurrentTime":"now"}}}"#,
            "nothing",
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateNotEquals":{"aws:CurrentTime":["later","0"]}}}"#,
            "nothing",
        ),
        (
            r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"later"}}}]"#,
            "deny",
        ),
        (
            r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateIs":{"aws:CurrentTime":"now"}}}]"#,
            "deny",
        ),
        (
            r#"[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"DateIs":{"a":"b"}}}]"#,
            "allow",
        ),
        (r#"{"Effect":"Allow","Resource":"*"}"#, "deny"),
        (r#"{"Effect":"Allow","Action":"*"}"#, "deny"),
        ("1", "deny"),
    ] {
        assert_eq!(can(statement), expected, "{statement}");
    }
}

#[test]
fn principals_are_named_by_arn_or_account() {
    let trust = |principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}}}"#
        );
        Document::parse(&text, Use::Trust).unwrap()
    };
    let alice = ["arn:aws:iam::111122223333:user/alice".to_owned()];
    let none = Context::default();
    let query = Query {
        principals: &alice,
        account: "111122223333",
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::111122223333:role/r",
        context: &none,
    };
    for (principal, allowed, directly) in [
        (r#""*""#, true, true),
        (r#"{"AWS":"*"}"#, true, true),
        (r#"{"AWS":"111122223333"}"#, true, false),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, true, false),
        (r#"{"AWS":["444455556666","arn:aws:iam::111122223333:user/alice"]}"#, true, true),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/bob"}"#, false, false),
        (r#"{"Service":"ec2.amazonaws.com"}"#, false, false),
    ] {
        let document = trust(principal);
        let is = matches!(evaluate([("t", &document)], &query), Verdict::Allowed(_));
        assert_eq!((is, allows_directly(&document, &query)), (allowed, directly), "{principal}");
    }
    let service = Query { principals: &["ec2.amazonaws.com".to_owned()], account: "", ..query };
    for (principal, allowed) in [
        (r#"{"Service":"ec2.amazonaws.com"}"#, true),
        (r#"{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}"#, true),
        (r#"{"Service":"lambda.amazonaws.com"}"#, false),
        (r#"{"AWS":"111122223333"}"#, false),
    ] {
        let is = matches!(evaluate([("t", &trust(principal))], &service), Verdict::Allowed(_));
        assert_eq!(is, allowed, "{principal}");
    }
}

/// Everybody but the principals that NotPrincipal names is denied.
#[test]
fn a_not_principal_is_about_all_others() {
    let alice = "arn:aws:iam::111122223333:user/alice";
    let text = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Principal":"*"}},
            {{"Effect":"Deny","Action":"*","NotPrincipal":{{"AWS":["{alice}","444455556666"]}}}}]}}"#
    );
    let document = Document::parse(&text, Use::Trust).unwrap();
    let none = Context::default();
    for (principal, account, allowed) in [
        (alice, "111122223333", true),
        ("arn:aws:iam::111122223333:user/bob", "111122223333", false),
        ("arn:aws:iam::444455556666:user/bob", "444455556666", true),
    ] {
        let principals = [principal.to_owned()];
        let (action, resource) = ("sts:AssumeRole", "arn:aws:iam::111122223333:role/r");
        let query = Query { principals: &principals, account, action, resource, context: &none };
        assert_eq!(matches!(evaluate([("t", &document)], &query), Verdict::Allowed(_)), allowed, "{principal}");
    }
}

#[test]
fn a_variable_with_several_values_or_none_fits_nothing_but_its_default() {
    let document = policy(
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"a":["${b}/*","${c, 'x'}"]}}}"#,
    );
    for (pairs, expected) in [
        (&[("a", "1/2"), ("b", "1")][..], "allow"),
        (&[("a", "1/2"), ("b", "1"), ("b", "2")], "nothing"),
        (&[("a", "1/2")], "nothing"),
        (&[("a", "/2"), ("b", "*")], "nothing"),
        (&[("a", "x")], "allow"),
        (&[("a", "x"), ("c", "y")], "nothing"),
    ] {
        assert_eq!(says(&document, "x:Y", "*", &context(pairs)), expected, "{pairs:?}");
    }
}

proptest! {
    /// The order of statements and policies does not matter: a deny decides, then an allow.
    #[test]
    fn an_explicit_deny_decides_and_without_an_allow_nothing_is_allowed(
        statements in proptest::collection::vec((any::<bool>(), 0..3usize, 0..3usize), 1..8),
        split in any::<prop::sample::Index>(),
        asked in (0..3usize, 0..3usize),
    ) {
        let (actions, resources) = (["a:One", "a:Two", "*"], ["arn:aws:a:::x", "arn:aws:a:::y", "*"]);
        let write = |(allow, action, resource): &(bool, usize, usize)| {
            let effect = if *allow { "Allow" } else { "Deny" };
            format!(r#"{{"Effect":"{effect}","Action":"{}","Resource":"{}"}}"#, actions[*action], resources[*resource])
        };
        let (action, resource) = (["a:One", "a:Two", "b:Three"][asked.0], ["arn:aws:a:::x", "arn:aws:a:::y", "arn:aws:z:::z"][asked.1]);
        let about = |(_, a, r): &&(bool, usize, usize)| {
            (*a == 2 || *a == asked.0) && (*r == 2 || *r == asked.1)
        };
        let found: Vec<bool> = statements.iter().filter(about).map(|(allow, _, _)| *allow).collect();
        let expected = match () {
            () if found.contains(&false) => "deny",
            () if found.contains(&true) => "allow",
            () => "nothing",
        };
        let at = split.index(statements.len());
        let documents: Vec<Document> = [&statements[..at], &statements[at..]]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| policy(&format!("[{}]", part.iter().map(write).collect::<Vec<_>>().join(","))))
            .collect();
        let none = Context::default();
        let query = Query { principals: &[], account: "1", action, resource, context: &none };
        let is = match evaluate(documents.iter().map(|document| ("p", document)), &query) {
            Verdict::Allowed(_) => "allow",
            Verdict::Denied(_) => "deny",
            Verdict::ImplicitDeny => "nothing",
        };
        prop_assert_eq!(is, expected);
    }

    /// Whatever is sent as a policy is read or refused.
    #[test]
    fn the_reader_never_panics(text in "\\PC{0,60}") {
        let _ = Document::parse(&text, Use::Identity);
        let _ = Document::parse(&format!(r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"{text}"}}}}"#), Use::Identity);
    }
}
