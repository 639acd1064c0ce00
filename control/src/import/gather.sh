#!/bin/sh
# Writes the network of an account into ./network/ACCOUNT/REGION/, for `classiclink import network`.
# It only asks: `Describe*` of EC2 and of what runs in it, `ec2:Get*`, `ec2:SearchTransitGatewayRoutes`, and `Get*` and
# `List*` of IAM and Route 53 are all that it may do. Run it with each account's credentials, and name the Regions:
#   sh gather.sh us-east-1 eu-west-1
# What cannot be asked is left out, with a line about it. Answers that are there are not asked for again, so a second run
# goes on where the first one stopped; remove ./network to begin anew.
set -eu
[ $# -gt 0 ] || set -- "${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}"
account=$(aws sts get-caller-identity --region "$1" --query Account --output text)
# Runs aws and saves its answer in a file: whole, or not at all.
answer() {
    file=$1
    shift
    if error=$(aws "$@" --region "$region" 2>&1 > "$file.part"); then
        mv "$file.part" "$file"
    else
        rm -f "$file.part"
        reason=$(printf '%s\n' "$error" | sed -n -e '/rror/{p;q;}' -e '$p')
        echo "$region: left out: aws $1 $2: $reason" >&2
    fi
}
# The same under a name. What nobody uses, or may not be asked, or this Region or version of aws does not have, is left out.
save() {
    name="$directory/$1.json"
    shift
    [ -e "$name" ] || answer "$name" "$@" --output json
}
# A service's answer under the name of its action.
of() {
    save "$1-$2" "$@"
}
ec2() {
    save "$1" ec2 "$@"
}
# Prints the ids or names in an answer that is saved: ids NAME SERVICE ACTION QUERY.
ids() {
    [ -e "$directory/$1.json" ] || return 0
    answer "$directory/ids" "$2" "$3" --query "$4" --output text
    [ ! -e "$directory/ids" ] || tr '\t' '\n' < "$directory/ids" | sed '/^None$/d'
    rm -f "$directory/ids"
}
ids_of_ec2() {
    ids "$1" ec2 "$1" "$2"
}
# What belongs to no Region.
region=$1
directory="network/$account"
mkdir -p "$directory"
of iam get-account-authorization-details --filter User Group Role LocalManagedPolicy
for what in roles instance-profiles; do of iam "list-$what"; done
of route53 list-health-checks
for check in $(ids route53-list-health-checks route53 list-health-checks 'HealthChecks[].Id'); do
    save "$check-tags" route53 list-tags-for-resource --resource-type healthcheck --resource-id "$check"
done
of route53 list-hosted-zones
for id in $(ids route53-list-hosted-zones route53 list-hosted-zones 'HostedZones[].Id'); do
    zone=${id##*/}
    save "$zone-tags" route53 list-tags-for-resource --resource-type hostedzone --resource-id "$zone"
    save "$zone-zone" route53 get-hosted-zone --id "$zone"
    # The answer does not say whose they are, so the id is put beside them.
    save "$zone-records" route53 list-resource-record-sets --hosted-zone-id "$zone" \
        --query "{HostedZoneId: '$zone', ResourceRecordSets: ResourceRecordSets}"
done
for region in "$@"; do
    directory="network/$account/$region"
    mkdir -p "$directory"
    # The last lines have what is only where there is EC2-Classic, and in newer versions of the aws command line.
    for what in vpcs subnets route-tables security-groups security-group-rules network-acls network-interfaces instances \
        addresses internet-gateways egress-only-internet-gateways nat-gateways vpn-gateways customer-gateways vpn-connections \
        vpc-endpoints vpc-peering-connections dhcp-options transit-gateways transit-gateway-route-tables \
        transit-gateway-vpc-attachments transit-gateway-peering-attachments transit-gateway-attachments managed-prefix-lists \
        launch-templates flow-logs volumes hosts capacity-reservations \
        vpc-classic-link vpc-classic-link-dns-support classic-link-instances \
        vpc-block-public-access-options vpc-block-public-access-exclusions carrier-gateways security-group-vpc-associations \
        instance-connect-endpoints vpc-endpoint-service-configurations client-vpn-endpoints traffic-mirror-filters \
        traffic-mirror-targets traffic-mirror-sessions network-insights-paths placement-groups ipams ipam-scopes ipam-pools; do
        ec2 "describe-$what"
    done
    ec2 describe-snapshots --owner-ids self
    ec2 describe-images --owners self
    ec2 describe-key-pairs --include-public-key
    for what in db-subnet-groups db-security-groups db-clusters db-instances db-parameter-groups \
        db-cluster-parameter-groups; do of rds "describe-$what"; done
    for what in cache-subnet-groups cache-security-groups replication-groups cache-parameter-groups; do of elasticache "describe-$what"; done
    of elasticache describe-cache-clusters --show-cache-node-info
    for what in cluster-subnet-groups cluster-security-groups clusters cluster-parameter-groups; do of redshift "describe-$what"; done
    of elb describe-load-balancers
    for what in auto-scaling-groups launch-configurations policies scheduled-actions; do of autoscaling "describe-$what"; done
    # These answers do not name the group, so its name is put beside them. Only what its owner has set is asked for.
    parameters() {
        for group in $(ids "$1-$2" "$1" "$2" "$3[].$5"); do
            case $group in default.*) continue ;; esac
            save "$1-$4-$group" "$1" "$4" "$6" "$group" --source user --query "{$5: '$group', Parameters: Parameters}"
        done
    }
    parameters rds describe-db-parameter-groups DBParameterGroups \
        describe-db-parameters DBParameterGroupName --db-parameter-group-name
    parameters rds describe-db-cluster-parameter-groups DBClusterParameterGroups \
        describe-db-cluster-parameters DBClusterParameterGroupName --db-cluster-parameter-group-name
    parameters elasticache describe-cache-parameter-groups CacheParameterGroups \
        describe-cache-parameters CacheParameterGroupName --cache-parameter-group-name
    parameters redshift describe-cluster-parameter-groups ParameterGroups \
        describe-cluster-parameters ParameterGroupName --parameter-group-name
    for vpc in $(ids_of_ec2 describe-vpcs 'Vpcs[].VpcId'); do
        for attribute in enableDnsSupport enableDnsHostnames; do
            save "$vpc-$attribute" ec2 describe-vpc-attribute --vpc-id "$vpc" --attribute "$attribute"
        done
    done
    for subnet in $(ids_of_ec2 describe-subnets 'Subnets[].SubnetId'); do
        save "$subnet-reservations" ec2 get-subnet-cidr-reservations --subnet-id "$subnet"
    done
    # These answers do not say whose they are, so the id is put beside them.
    for table in $(ids_of_ec2 describe-transit-gateway-route-tables 'TransitGatewayRouteTables[].TransitGatewayRouteTableId'); do
        save "$table-routes" ec2 search-transit-gateway-routes --transit-gateway-route-table-id "$table" \
            --filters Name=type,Values=static,propagated --query "{TransitGatewayRouteTableId: '$table', Routes: Routes}"
        list=TransitGatewayRouteTablePropagations
        save "$table-propagations" ec2 get-transit-gateway-route-table-propagations --transit-gateway-route-table-id "$table" \
            --query "{TransitGatewayRouteTableId: '$table', $list: $list}"
    done
    for service in $(ids_of_ec2 describe-vpc-endpoint-service-configurations 'ServiceConfigurations[].ServiceId'); do
        save "$service-permissions" ec2 describe-vpc-endpoint-service-permissions --service-id "$service" \
            --query "{AllowedPrincipals: AllowedPrincipals[].merge(@, {ServiceId: '$service'})}"
    done
    for endpoint in $(ids_of_ec2 describe-client-vpn-endpoints 'ClientVpnEndpoints[].ClientVpnEndpointId'); do
        for what in target-networks:ClientVpnTargetNetworks routes:Routes authorization-rules:AuthorizationRules; do
            list=${what#*:}
            save "$endpoint-${what%:*}" ec2 "describe-client-vpn-${what%:*}" --client-vpn-endpoint-id "$endpoint" \
                --query "{ClientVpnEndpointId: '$endpoint', $list: $list}"
        done
    done
    for pool in $(ids_of_ec2 describe-ipam-pools "IpamPools[?IpamRegion == '$region'].IpamPoolId"); do
        for what in cidrs:IpamPoolCidrs allocations:IpamPoolAllocations; do
            list=${what#*:}
            save "$pool-${what%:*}" ec2 "get-ipam-pool-${what%:*}" --ipam-pool-id "$pool" \
                --query "{IpamPoolId: '$pool', $list: $list}"
        done
    done
    for list in $(ids_of_ec2 describe-managed-prefix-lists "PrefixLists[?OwnerId != 'AWS'].PrefixListId"); do
        save "$list-entries" ec2 get-managed-prefix-list-entries --prefix-list-id "$list" \
            --query "{PrefixListId: '$list', Entries: Entries}"
    done
    for template in $(ids_of_ec2 describe-launch-templates 'LaunchTemplates[].LaunchTemplateId'); do
        save "$template-versions" ec2 describe-launch-template-versions --launch-template-id "$template"
    done
done
echo "network/$account: done; anonymise it with: classiclink import --anonymise network"
