//! VPC Block Public Access.

use super::services::exported_alike;
use super::*;
use model::InternetBlock;

fn exclusion(id: &str, arn: &str, state: &str) -> serde_json::Value {
    json!({"ExclusionId": id, "ResourceArn": arn, "InternetGatewayExclusionMode": "allow-egress", "State": state,
        "CreationTimestamp": "2024-11-01T00:00:00.000Z", "Tags": []})
}

#[test]
fn what_is_kept_from_the_internet_and_what_is_excluded_are_imported() {
    let mut files = account();
    let arn = |place: &str| format!("arn:aws:ec2:eu-west-1:123456789012:{place}");
    files.extend([
        (
            "x/options.json",
            json!({"VpcBlockPublicAccessOptions": {"AwsAccountId": "123456789012", "AwsRegion": "eu-west-1",
            "State": "update-complete", "InternetGatewayBlockMode": "block-bidirectional",
            "LastUpdateTimestamp": "2024-11-01T00:00:00.000Z"}}),
        ),
        (
            "x/exclusions.json",
            json!({"VpcBlockPublicAccessExclusions": [
            exclusion("vpcbpa-exclude-1a2b3c4d", &arn("subnet/subnet-1a2b3c4d"), "create-complete"),
            exclusion("vpcbpa-exclude-2a2b3c4d", &arn("vpc/vpc-1a2b3c4d"), "delete-complete"),
            exclusion("vpcbpa-exclude-3a2b3c4d", &arn("vpc/vpc-9a2b3c4d"), "create-complete")]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert_eq!(
        told.left_out,
        [
            "vpcbpa-exclude-2a2b3c4d is delete-complete",
            "vpcbpa-exclude-3a2b3c4d: its VPC or subnet vpc-9a2b3c4d is not in the files",
        ]
    );
    let subnet = model.subnets.get("subnet-1a2b3c4d").unwrap();
    assert_eq!(model.settings(&subnet.scope).internet_block, InternetBlock::Bidirectional);
    assert_eq!(model.internet_block_of(subnet), InternetBlock::Ingress);
    exported_alike(&model);
}

#[test]
fn a_mode_that_is_not_known_is_said() {
    let mut files = account();
    files.push(("x/options.json", json!({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "everything"}})));
    let (_, told) = imported(&files);
    assert_eq!(told.left_out, ["123456789012 in eu-west-1: its block of public access everything is not understood"]);
}
