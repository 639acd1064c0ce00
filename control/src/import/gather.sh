#!/bin/sh
# Writes the network of an account into ./network/ACCOUNT/REGION/, for `classiclink import network`.
# It only asks: `Describe*` of EC2, of what runs in it and of CloudWatch Logs, `ec2:Get*`, `ec2:SearchTransitGateway*`,
# `Get*` and `List*` of IAM and Route 53, and `ssm:DescribeParameters` and `ssm:GetParameterHistory` are all that it may do.
# Run it with each account's credentials, and name the Regions:
#   sh gather.sh us-east-1 eu-west-1
set -eu
[ $# -gt 0 ] || set -- "${AWS_DEFAULT_REGION:-us-east-1}"
account=$(aws sts get-caller-identity --region "$1" --query Account --output text)
# Services that nobody uses, or may not be asked, are left out.
of() {
    aws "$@" --region "$region" --output json > "$directory/$1-$2.json" 2> /dev/null && return
    rm -f "$directory/$1-$2.json"
    echo "$region: left out: aws $1 $2" >&2
}
# What belongs to no Region.
region=$1
directory="network/$account"
mkdir -p "$directory"
of iam get-account-authorization-details --filter User Group Role LocalManagedPolicy
for what in roles instance-profiles; do of iam "list-$what"; done
for what in health-checks reusable-delegation-sets cidr-collections traffic-policy-instances query-logging-configs; do
    of route53 "list-$what"
done
for policy in $(aws route53 list-traffic-policies --region "$region" --query 'TrafficPolicySummaries[].Id' --output text 2> /dev/null); do
    aws route53 list-traffic-policy-versions --region "$region" --id "$policy" --output json > "$directory/$policy-versions.json"
done
for collection in $(aws route53 list-cidr-collections --region "$region" --query 'CidrCollections[].Id' --output text 2> /dev/null); do
    # The answer does not say whose they are, so the id is put beside them.
    aws route53 list-cidr-blocks --region "$region" --collection-id "$collection" --output json \
        --query "{CollectionId: '$collection', CidrBlocks: CidrBlocks}" > "$directory/$collection-blocks.json"
done
tags() {
    aws route53 list-tags-for-resource --region "$region" --resource-type "$1" --resource-id "$2" --output json \
        > "$directory/$2-tags.json"
}
for check in $(aws route53 list-health-checks --region "$region" --query 'HealthChecks[].Id' --output text 2> /dev/null); do
    tags healthcheck "$check"
done
for path in $(aws route53 list-hosted-zones --region "$region" --query 'HostedZones[].Id' --output text 2> /dev/null); do
    zone=${path##*/}
    tags hostedzone "$zone"
    aws route53 get-hosted-zone --region "$region" --id "$zone" --output json > "$directory/$zone-zone.json"
    # The answer does not say whose they are, so the id is put beside them.
    aws route53 list-resource-record-sets --region "$region" --hosted-zone-id "$zone" --output json \
        --query "{HostedZoneId: '$zone', ResourceRecordSets: ResourceRecordSets}" > "$directory/$zone-records.json"
done
for region in "$@"; do
    directory="network/$account/$region"
    mkdir -p "$directory"
    ask() {
        aws ec2 "$@" --region "$region" --output json
    }
    ids() {
        aws ec2 "$1" --region "$region" --query "$2" --output text
    }
    for what in vpcs subnets route-tables security-groups security-group-rules network-acls network-interfaces instances \
        addresses internet-gateways egress-only-internet-gateways nat-gateways vpn-gateways customer-gateways vpn-connections \
        vpc-endpoints vpc-peering-connections dhcp-options transit-gateways transit-gateway-route-tables \
        transit-gateway-vpc-attachments transit-gateway-peering-attachments transit-gateway-attachments managed-prefix-lists \
        launch-templates flow-logs volumes hosts capacity-reservations; do
        ask "describe-$what" > "$directory/describe-$what.json"
    done
    for what in db-subnet-groups db-security-groups db-clusters db-instances db-parameter-groups \
        db-cluster-parameter-groups option-groups; do of rds "describe-$what"; done
    for what in cache-subnet-groups cache-security-groups replication-groups cache-parameter-groups; do of elasticache "describe-$what"; done
    of elasticache describe-cache-clusters --show-cache-node-info
    for what in cluster-subnet-groups cluster-security-groups clusters cluster-parameter-groups; do of redshift "describe-$what"; done
    # These answers do not name the group, so its name is put beside them. Only what its owner has set is asked for.
    parameters() {
        for group in $(aws "$1" "$2" --region "$region" --query "$3[].$5" --output text 2> /dev/null); do
            case $group in default.*) continue ;; esac
            aws "$1" "$4" --region "$region" "$6" "$group" --source user --output json \
                --query "{$5: '$group', Parameters: Parameters}" > "$directory/$1-$4-$group.json"
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
    of elb describe-load-balancers
    for balancer in $(aws elb describe-load-balancers --region "$region" --output text \
        --query 'LoadBalancerDescriptions[].LoadBalancerName' 2> /dev/null); do
        for what in load-balancer-attributes:LoadBalancerAttributes load-balancer-policies:PolicyDescriptions; do
            list=${what#*:}
            aws elb "describe-${what%:*}" --region "$region" --load-balancer-name "$balancer" --output json \
                --query "{LoadBalancerName: '$balancer', $list: $list}" > "$directory/elb-${what%:*}-$balancer.json"
        done
        aws elb describe-tags --region "$region" --load-balancer-names "$balancer" --output json \
            > "$directory/elb-tags-$balancer.json"
    done
    of logs describe-log-groups
    # Secret values stay encrypted, and are not imported.
    for name in $(aws ssm describe-parameters --region "$region" --query 'Parameters[].Name' --output text 2> /dev/null); do
        aws ssm get-parameter-history --region "$region" --name "$name" --output json \
            > "$directory/ssm-parameter-$(echo "$name" | sed 's|/|%2F|g').json"
    done
    # Their names may have spaces and slashes.
    aws autoscaling describe-auto-scaling-groups --region "$region" --output text \
        --query 'AutoScalingGroups[].[AutoScalingGroupName]' 2> /dev/null | while read -r group; do
        aws autoscaling describe-lifecycle-hooks --region "$region" --auto-scaling-group-name "$group" --output json \
            > "$directory/autoscaling-lifecycle-hooks-$(echo "$group" | sed 's|/|%2F|g').json"
    done
    for what in auto-scaling-groups launch-configurations policies scheduled-actions; do of autoscaling "describe-$what"; done
    ask describe-snapshots --owner-ids self > "$directory/describe-snapshots.json"
    ask describe-images --owners self > "$directory/describe-images.json"
    ask describe-key-pairs --include-public-key > "$directory/describe-key-pairs.json" 2> /dev/null ||
        ask describe-key-pairs > "$directory/describe-key-pairs.json"
    # Only where there is EC2-Classic, and in newer versions of the aws command line.
    for what in vpc-classic-link vpc-classic-link-dns-support classic-link-instances \
        vpc-block-public-access-options vpc-block-public-access-exclusions carrier-gateways security-group-vpc-associations \
        instance-connect-endpoints vpc-endpoint-service-configurations client-vpn-endpoints traffic-mirror-filters \
        traffic-mirror-targets traffic-mirror-sessions network-insights-paths placement-groups ipams ipam-scopes ipam-pools \
        ipam-resource-discoveries ipam-resource-discovery-associations transit-gateway-connects \
        transit-gateway-connect-peers transit-gateway-multicast-domains transit-gateway-policy-tables route-servers \
        route-server-endpoints route-server-peers network-interface-permissions vpc-endpoint-connection-notifications \
        instance-event-windows fast-snapshot-restores spot-instance-requests; do
        ask "describe-$what" > "$directory/describe-$what.json" 2> /dev/null || rm -f "$directory/describe-$what.json"
    done
    file="$directory/describe-addresses-attribute.json"
    ask describe-addresses-attribute --attribute domain-name --query '{Addresses: Addresses[?PtrRecord]}' > "$file" \
        2> /dev/null || rm -f "$file"
    for vpc in $(ids describe-vpcs 'Vpcs[].VpcId'); do
        for attribute in enableDnsSupport enableDnsHostnames enableNetworkAddressUsageMetrics; do
            file="$directory/$vpc-$attribute.json"
            ask describe-vpc-attribute --vpc-id "$vpc" --attribute "$attribute" > "$file" 2> /dev/null || rm -f "$file"
        done
    done
    for subnet in $(ids describe-subnets 'Subnets[].SubnetId'); do
        file="$directory/$subnet-reservations.json"
        ask get-subnet-cidr-reservations --subnet-id "$subnet" > "$file" 2> /dev/null || rm -f "$file"
    done
    # These answers do not say whose they are, so the id is put beside them.
    for table in $(ids describe-transit-gateway-route-tables 'TransitGatewayRouteTables[].TransitGatewayRouteTableId'); do
        ask search-transit-gateway-routes --transit-gateway-route-table-id "$table" --filters Name=type,Values=static,propagated \
            --query "{TransitGatewayRouteTableId: '$table', Routes: Routes}" > "$directory/$table-routes.json"
        list=TransitGatewayRouteTablePropagations
        ask get-transit-gateway-route-table-propagations --transit-gateway-route-table-id "$table" \
            --query "{TransitGatewayRouteTableId: '$table', $list: $list}" > "$directory/$table-propagations.json"
    done
    # part OPTION MEMBER ID ACTION:LIST…
    part() {
        option=$1 member=$2 id=$3
        shift 3
        for what in "$@"; do
            list=${what#*:}
            ask "${what%:*}" "--$option" "$id" --query "{$member: '$id', $list: $list}" > "$directory/$id-${what%:*}.json"
        done
    }
    for domain in $(ids describe-transit-gateway-multicast-domains \
        'TransitGatewayMulticastDomains[].TransitGatewayMulticastDomainId' 2> /dev/null); do
        part transit-gateway-multicast-domain-id TransitGatewayMulticastDomainId "$domain" \
            get-transit-gateway-multicast-domain-associations:MulticastDomainAssociations \
            search-transit-gateway-multicast-groups:MulticastGroups
    done
    for table in $(ids describe-transit-gateway-policy-tables 'TransitGatewayPolicyTables[].TransitGatewayPolicyTableId' 2> /dev/null); do
        part transit-gateway-policy-table-id TransitGatewayPolicyTableId "$table" \
            get-transit-gateway-policy-table-associations:Associations \
            get-transit-gateway-policy-table-entries:TransitGatewayPolicyTableEntries
    done
    for server in $(ids describe-route-servers 'RouteServers[].RouteServerId' 2> /dev/null); do
        part route-server-id RouteServerId "$server" get-route-server-associations:RouteServerAssociations \
            get-route-server-propagations:RouteServerPropagations
    done
    for service in $(ids describe-vpc-endpoint-service-configurations 'ServiceConfigurations[].ServiceId' 2> /dev/null); do
        part service-id ServiceId "$service" describe-vpc-endpoint-service-permissions:AllowedPrincipals
    done
    for endpoint in $(ids describe-client-vpn-endpoints 'ClientVpnEndpoints[].ClientVpnEndpointId' 2> /dev/null); do
        part client-vpn-endpoint-id ClientVpnEndpointId "$endpoint" describe-client-vpn-target-networks:ClientVpnTargetNetworks \
            describe-client-vpn-routes:Routes describe-client-vpn-authorization-rules:AuthorizationRules
    done
    for pool in $(ids describe-ipam-pools "IpamPools[?IpamRegion == '$region'].IpamPoolId" 2> /dev/null); do
        part ipam-pool-id IpamPoolId "$pool" get-ipam-pool-cidrs:IpamPoolCidrs get-ipam-pool-allocations:IpamPoolAllocations
    done
    for list in $(ids describe-managed-prefix-lists "PrefixLists[?OwnerId != 'AWS'].PrefixListId"); do
        part prefix-list-id PrefixListId "$list" get-managed-prefix-list-entries:Entries
    done
    for template in $(ids describe-launch-templates 'LaunchTemplates[].LaunchTemplateId'); do
        ask describe-launch-template-versions --launch-template-id "$template" > "$directory/$template-versions.json"
    done
done
echo "network/$account: done; anonymise it with: classiclink import --anonymise network"
