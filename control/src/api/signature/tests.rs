//! Tests with others' signatures: AWS's published examples and test suite, and botocore's.

use super::*;

/// 2015-08-30T12:36:00Z, the time of AWS's test suite.
const NOW: Time = Time(1_440_938_160_000);
/// The secret of AWS's test suite.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn params(form: &str) -> Params {
    Params::parse(form).unwrap()
}

/// A request of AWS's test suite: `GET` of a path and query with the headers Host and X-Amz-Date.
fn suite(path: &str, query: &str, value: &str) -> bool {
    let credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={value}");
    let headers =
        [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"), ("Authorization", &authorization)];
    let signed = Signed { method: "GET", path, query, headers: &headers, body: b"", received: NOW };
    Signature::of(&signed, &params("")).unwrap().is_by(SECRET)
}

#[test]
fn the_published_test_suite_passes() {
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    for path in ["/", "//", "/./", "/example/..", "/example1/example2/../.."] {
        assert!(suite(path, "", vanilla), "{path}");
    }
    let two = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    assert!(suite("/", "Param2=value2&Param1=value1", two));
    assert!(suite("/", "Param1=value1&Param2=value2", two));
    assert!(!suite("/", "Param1=value1&Param2=value3", two));
    assert!(!suite("/", "Param1=value1", vanilla));
}

/// The example of the General Reference: IAM's ListUsers.
#[test]
fn the_published_example_passes() {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                         SignedHeaders=content-type;host;x-amz-date, \
                         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let headers = [
        ("host", "iam.amazonaws.com"),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization),
    ];
    let query = "Action=ListUsers&Version=2010-05-08";
    let signed = Signed { method: "GET", path: "/", query, headers: &headers, body: b"", received: NOW };
    let signature = Signature::of(&signed, &params(query)).unwrap();
    assert!(signature.is_by(SECRET));
    assert!(!signature.is_by("another secret"));
}

const FORM: &str = "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3Aa+b";

/// A request that botocore sent for [`FORM`], changed as a test wants.
fn by_botocore(body: &str, received: Time, change: impl Fn(&str) -> String) -> Result<bool, AuthenticationError> {
    let authorization = change(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=4a95b4ded38476136b549b646d1cc047622e351f35d3716586f78a2c941b1ada",
    );
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded;   charset=utf-8 "),
        ("Host", "127.0.0.1:4570"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("Authorization", authorization.as_str()),
    ];
    let signed = Signed { method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes(), received };
    Signature::of(&signed, &params(body)).map(|signature| signature.is_by(SECRET))
}

#[test]
fn botocores_signature_passes_and_a_changed_request_does_not() {
    let same = str::to_owned;
    assert_eq!(by_botocore(FORM, NOW, same), Ok(true));
    assert_eq!(by_botocore(&FORM.replace("DescribeVpcs", "DeleteVpc"), NOW, same), Ok(false));
    assert_eq!(by_botocore(FORM, NOW, |header| header.replace("us-east-1", "us-west-2")), Ok(false));
    assert_eq!(by_botocore(FORM, NOW, |header| header.replace("1ada", "1adb")), Ok(false));
    assert_eq!(by_botocore(FORM, NOW, |header| header.replace("1ada", "")), Ok(false));
    let incomplete =
        |change: fn(&str) -> String| matches!(by_botocore(FORM, NOW, change), Err(AuthenticationError::Incomplete(_)));
    assert!(incomplete(|header| header.replace("host;", "")));
    assert!(incomplete(|header| header.replace("20150830/", "20150831/")));
    assert!(incomplete(|header| header.replace("Signature", "Sign")));
    assert!(incomplete(|header| header.replace("HMAC-SHA256", "HMAC-SHA1")));
    assert!(incomplete(|_| "Basic YTpi".to_owned()));
    assert!(incomplete(|header| header.replace("host;", "host;host;")));
    assert!(incomplete(|header| header.replace("content-type;host", "host;content-type")));
}

#[test]
fn a_signature_of_another_time_is_refused() {
    let at = |minutes: i64| Time(NOW.0.saturating_add_signed(minutes * 60_000));
    assert_eq!(by_botocore(FORM, at(14), str::to_owned), Ok(true));
    assert_eq!(by_botocore(FORM, at(-14), str::to_owned), Ok(true));
    for minutes in [16, -16, 60 * 24] {
        let expired = AuthenticationError::Expired { signed: NOW, now: at(minutes) };
        assert_eq!(by_botocore(FORM, at(minutes), str::to_owned), Err(expired));
    }
}

/// A URL presigned by botocore for an hour.
const PRESIGNED: &str = "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3Aa%20b&X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fec2%2Faws4_request&X-Amz-Date=20150830T123600Z\
    &X-Amz-Expires=3600&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=ae09853b4e727f9ea9c3d4187c53caa9683fc2f2c7aa4a6d2f089bb329149030";

#[test]
fn a_presigned_query_is_good_for_its_time() {
    let ask = |query: &str, minutes: i64| {
        let received = Time(NOW.0.saturating_add_signed(minutes * 60_000));
        let headers = [("host", "127.0.0.1:4570")];
        let signed = Signed { method: "GET", path: "/", query, headers: &headers, body: b"", received };
        Signature::of(&signed, &params(query)).map(|signature| signature.is_by(SECRET))
    };
    assert_eq!(ask(PRESIGNED, 0), Ok(true));
    assert_eq!(ask(PRESIGNED, 59), Ok(true));
    assert!(matches!(ask(PRESIGNED, 61), Err(AuthenticationError::Expired { .. })));
    assert!(matches!(ask(PRESIGNED, -20), Err(AuthenticationError::Expired { .. })));
    assert_eq!(ask(&PRESIGNED.replace("Expires=3600", "Expires=7200"), 0), Ok(false));
    assert!(matches!(
        ask(&PRESIGNED.replace("Expires=3600", "Expires=604801"), 0),
        Err(AuthenticationError::Incomplete(_))
    ));
    assert_eq!(ask(&PRESIGNED.replace("DescribeVpcs", "DeleteVpc"), 0), Ok(false));
}

#[test]
fn version_2_signs_all_parameters() {
    // botocore's.
    let form = "Action=DescribeVpcs&Version=2014-10-01&Name=a+b%2A~&AWSAccessKeyId=AKIDEXAMPLE&SignatureVersion=2\
                &SignatureMethod=HmacSHA256&Timestamp=2015-08-30T12%3A36%3A00Z\
                &Signature=2WhYeun4tDkdKIqyn7aAy8FPTsK6kmvarY0R0UseBfc%3D";
    let ask = |form: &str, minutes: u64| {
        let headers = [("host", "127.0.0.1:4570")];
        let received = Time(NOW.0 + minutes * 60_000);
        let signed =
            Signed { method: "POST", path: "/", query: "", headers: &headers, body: form.as_bytes(), received };
        Signature::of(&signed, &params(form)).map(|signature| signature.is_by("secret"))
    };
    assert_eq!(ask(form, 0), Ok(true));
    assert_eq!(ask(&form.replace("Name=a", "Name=b"), 0), Ok(false));
    assert!(matches!(ask(form, 16), Err(AuthenticationError::Expired { .. })));
    assert!(matches!(
        ask(&form.replace("SignatureVersion=2", "SignatureVersion=1"), 0),
        Err(AuthenticationError::Incomplete(_))
    ));
    // The General Reference's, on 2011-10-03.
    let query = "Action=DescribeJobFlows&Version=2009-03-31&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&SignatureVersion=2\
                 &SignatureMethod=HmacSHA256&Timestamp=2011-10-03T15%3A19%3A30\
                 &Signature=i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf%2FMj6vPxyYIs%3D";
    let headers = [("host", "elasticmapreduce.amazonaws.com")];
    let received = Time(1_317_655_170_000);
    let signed = Signed { method: "GET", path: "/", query, headers: &headers, body: b"", received };
    let signature = Signature::of(&signed, &params(query)).unwrap();
    assert!(signature.is_by("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
}

/// Version 2 signs no document, so it proves nothing of a request that has one.
#[test]
fn version_2_is_none_of_a_document() {
    let query = "AWSAccessKeyId=AKIDEXAMPLE&SignatureVersion=2&SignatureMethod=HmacSHA256\
                 &Timestamp=2015-08-30T12%3A36%3A00Z&Signature=x";
    let host = ("host", "127.0.0.1:4570");
    let ask = |path: &str, headers: &[(&str, &str)]| {
        let signed = Signed { method: "POST", path, query, headers, body: b"a&a&a", received: NOW };
        Signature::of(&signed, &params(query))
    };
    assert!(ask("/", &[host]).is_ok());
    assert_eq!(ask("/2013-04-01/hostedzone", &[host]), Err(AuthenticationError::NotSigned));
    let target = ("X-Amz-Target", "AmazonSSM.GetParameters");
    assert_eq!(ask("/", &[host, target]), Err(AuthenticationError::NotSigned), "its body would not be signed");
    let protocol = ("smithy-protocol", "rpc-v2-cbor");
    assert_eq!(ask("/service/S/operation/O", &[host, protocol]), Err(AuthenticationError::NotSigned));
}

#[test]
fn a_request_without_a_signature_is_not_signed() {
    let signed = Signed { method: "GET", path: "/", query: "", headers: &[], body: b"", received: NOW };
    assert_eq!(Signature::of(&signed, &params("")), Err(AuthenticationError::NotSigned));
}
