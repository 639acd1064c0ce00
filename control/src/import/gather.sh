#!/bin/sh
# Writes the network of an account into ./network/ACCOUNT/REGION/, for `classiclink import network`.
# It only asks; `ec2:Describe*` is all that it may do. Run it with each account's credentials, and name the Regions:
#   sh gather.sh us-east-1 eu-west-1
set -eu
[ $# -gt 0 ] || set -- "${AWS_DEFAULT_REGION:-us-east-1}"
account=$(aws sts get-caller-identity --query Account --output text)
for region in "$@"; do
    directory="network/$account/$region"
    mkdir -p "$directory"
    ask() {
        aws ec2 "$@" --region "$region" --output json
    }
    for what in vpcs subnets route-tables security-groups security-group-rules network-acls network-interfaces instances \
        addresses internet-gateways egress-only-internet-gateways nat-gateways vpn-gateways customer-gateways vpn-connections \
        vpc-endpoints vpc-peering-connections dhcp-options; do
        ask "describe-$what" > "$directory/describe-$what.json"
    done
    # Only where there is EC2-Classic.
    for what in vpc-classic-link vpc-classic-link-dns-support classic-link-instances; do
        ask "describe-$what" > "$directory/describe-$what.json" 2> /dev/null || rm -f "$directory/describe-$what.json"
    done
    for vpc in $(aws ec2 describe-vpcs --region "$region" --query 'Vpcs[].VpcId' --output text); do
        for attribute in enableDnsSupport enableDnsHostnames; do
            ask describe-vpc-attribute --vpc-id "$vpc" --attribute "$attribute" > "$directory/$vpc-$attribute.json"
        done
    done
done
echo "network/$account: done; anonymise it with: classiclink import --anonymise network"
