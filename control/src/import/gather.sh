#!/bin/sh
# Writes the network of an account into ./network/ACCOUNT/REGION/, for `classiclink import network`.
# It only asks: `Describe*` of EC2, of what runs in it and of CloudWatch Logs, `ec2:Get*`, `ec2:SearchTransitGateway*`,
# `Get*` and `List*` of IAM and Route 53, and `ssm:DescribeParameters` and `ssm:GetParameterHistory` are all that it may do.
# Run it with each account's credentials, and name the Regions:
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
# Prints the ids or names in an answer: listed SERVICE ACTION QUERY.
listed() {
    answer "$directory/ids" "$1" "$2" --query "$3" --output text
    [ ! -e "$directory/ids" ] || tr '\t' '\n' < "$directory/ids" | sed '/^None$/d'
    rm -f "$directory/ids"
}
# The same of an answer that is saved, unless it was left out: ids NAME SERVICE ACTION QUERY.
ids() {
    [ -e "$directory/$1.json" ] || return 0
    shift
    listed "$@"
}
ids_of_ec2() {
    ids "$1" ec2 "$1" "$2"
}
# A name as a part of a file's name.
file_name() {
    printf '%s' "$1" | sed 's|/|%2F|g'
}
# Saves answers that do not say whose they are, with the id beside them: part OPTION MEMBER ID ACTION:LIST…
part() {
    option=$1 member=$2 id=$3
    shift 3
    for what in "$@"; do
        list=${what#*:}
        save "$id-${what%:*}" ec2 "${what%:*}" "--$option" "$id" --query "{$member: '$id', $list: $list}"
    done
}
# What belongs to no Region.
region=$1
directory="network/$account"
mkdir -p "$directory"
of iam get-account-authorization-details --filter User Group Role LocalManagedPolicy
for what in roles instance-profiles; do of iam "list-$what"; done
for what in health-checks reusable-delegation-sets cidr-collections traffic-policy-instances \
    query-logging-configs hosted-zones; do
    of route53 "list-$what"
done
for policy in $(listed route53 list-traffic-policies 'TrafficPolicySummaries[].Id'); do
    save "$policy-versions" route53 list-traffic-policy-versions --id "$policy"
done
for collection in $(ids route53-list-cidr-collections route53 list-cidr-collections 'CidrCollections[].Id'); do
    # The answer does not say whose they are, so the id is put beside them.
    save "$collection-blocks" route53 list-cidr-blocks --collection-id "$collection" \
        --query "{CollectionId: '$collection', CidrBlocks: CidrBlocks}"
done
for check in $(ids route53-list-health-checks route53 list-health-checks 'HealthChecks[].Id'); do
    save "$check-tags" route53 list-tags-for-resource --resource-type healthcheck --resource-id "$check"
done
for id in $(ids route53-list-hosted-zones route53 list-hosted-zones 'HostedZones[].Id'); do
    zone=${id##*/}
    save "$zone-tags" route53 list-tags-for-resource --resource-type hostedzone --resource-id "$zone"
    save "$zone-zone" route53 get-hosted-zone --id "$zone"
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
        traffic-mirror-targets traffic-mirror-sessions network-insights-paths placement-groups ipams ipam-scopes ipam-pools \
        ipam-resource-discoveries ipam-resource-discovery-associations transit-gateway-connects \
        transit-gateway-connect-peers transit-gateway-multicast-domains transit-gateway-policy-tables route-servers \
        route-server-endpoints route-server-peers network-interface-permissions vpc-endpoint-connection-notifications \
        instance-event-windows fast-snapshot-restores spot-instance-requests; do
        ec2 "describe-$what"
    done
    ec2 describe-snapshots --owner-ids self
    ec2 describe-images --owners self
    ec2 describe-key-pairs --include-public-key
    save describe-addresses-attribute ec2 describe-addresses-attribute --attribute domain-name \
        --query '{Addresses: Addresses[?PtrRecord]}'
    for what in db-subnet-groups db-security-groups db-clusters db-instances db-parameter-groups \
        db-cluster-parameter-groups option-groups; do of rds "describe-$what"; done
    for what in cache-subnet-groups cache-security-groups replication-groups cache-parameter-groups; do of elasticache "describe-$what"; done
    of elasticache describe-cache-clusters --show-cache-node-info
    for what in cluster-subnet-groups cluster-security-groups clusters cluster-parameter-groups; do of redshift "describe-$what"; done
    of elb describe-load-balancers
    for balancer in $(ids elb-describe-load-balancers elb describe-load-balancers 'LoadBalancerDescriptions[].LoadBalancerName'); do
        for what in load-balancer-attributes:LoadBalancerAttributes load-balancer-policies:PolicyDescriptions; do
            list=${what#*:}
            save "elb-${what%:*}-$balancer" elb "describe-${what%:*}" --load-balancer-name "$balancer" \
                --query "{LoadBalancerName: '$balancer', $list: $list}"
        done
        save "elb-tags-$balancer" elb describe-tags --load-balancer-names "$balancer"
    done
    of logs describe-log-groups
    # Secret values stay encrypted, and are not imported.
    for parameter in $(listed ssm describe-parameters 'Parameters[].Name'); do
        save "ssm-parameter-$(file_name "$parameter")" ssm get-parameter-history --name "$parameter"
    done
    for what in auto-scaling-groups launch-configurations policies scheduled-actions notification-configurations; do of autoscaling "describe-$what"; done
    # Their names may have spaces.
    ids autoscaling-describe-auto-scaling-groups autoscaling describe-auto-scaling-groups \
        'AutoScalingGroups[].[AutoScalingGroupName]' | while read -r group; do
        save "autoscaling-lifecycle-hooks-$(file_name "$group")" autoscaling describe-lifecycle-hooks \
            --auto-scaling-group-name "$group"
    done
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
        for attribute in enableDnsSupport enableDnsHostnames enableNetworkAddressUsageMetrics; do
            save "$vpc-$attribute" ec2 describe-vpc-attribute --vpc-id "$vpc" --attribute "$attribute"
        done
    done
    for subnet in $(ids_of_ec2 describe-subnets 'Subnets[].SubnetId'); do
        save "$subnet-reservations" ec2 get-subnet-cidr-reservations --subnet-id "$subnet"
    done
    for table in $(ids_of_ec2 describe-transit-gateway-route-tables 'TransitGatewayRouteTables[].TransitGatewayRouteTableId'); do
        save "$table-routes" ec2 search-transit-gateway-routes --transit-gateway-route-table-id "$table" \
            --filters Name=type,Values=static,propagated --query "{TransitGatewayRouteTableId: '$table', Routes: Routes}"
        part transit-gateway-route-table-id TransitGatewayRouteTableId "$table" \
            get-transit-gateway-route-table-propagations:TransitGatewayRouteTablePropagations
    done
    for domain in $(ids_of_ec2 describe-transit-gateway-multicast-domains \
        'TransitGatewayMulticastDomains[].TransitGatewayMulticastDomainId'); do
        part transit-gateway-multicast-domain-id TransitGatewayMulticastDomainId "$domain" \
            get-transit-gateway-multicast-domain-associations:MulticastDomainAssociations \
            search-transit-gateway-multicast-groups:MulticastGroups
    done
    for table in $(ids_of_ec2 describe-transit-gateway-policy-tables 'TransitGatewayPolicyTables[].TransitGatewayPolicyTableId'); do
        part transit-gateway-policy-table-id TransitGatewayPolicyTableId "$table" \
            get-transit-gateway-policy-table-associations:Associations \
            get-transit-gateway-policy-table-entries:TransitGatewayPolicyTableEntries
    done
    for server in $(ids_of_ec2 describe-route-servers 'RouteServers[].RouteServerId'); do
        part route-server-id RouteServerId "$server" get-route-server-associations:RouteServerAssociations \
            get-route-server-propagations:RouteServerPropagations
    done
    for service in $(ids_of_ec2 describe-vpc-endpoint-service-configurations 'ServiceConfigurations[].ServiceId'); do
        part service-id ServiceId "$service" describe-vpc-endpoint-service-permissions:AllowedPrincipals
    done
    for endpoint in $(ids_of_ec2 describe-client-vpn-endpoints 'ClientVpnEndpoints[].ClientVpnEndpointId'); do
        part client-vpn-endpoint-id ClientVpnEndpointId "$endpoint" describe-client-vpn-target-networks:ClientVpnTargetNetworks \
            describe-client-vpn-routes:Routes describe-client-vpn-authorization-rules:AuthorizationRules
    done
    for pool in $(ids_of_ec2 describe-ipam-pools "IpamPools[?IpamRegion == '$region'].IpamPoolId"); do
        part ipam-pool-id IpamPoolId "$pool" get-ipam-pool-cidrs:IpamPoolCidrs get-ipam-pool-allocations:IpamPoolAllocations
    done
    for list in $(ids_of_ec2 describe-managed-prefix-lists "PrefixLists[?OwnerId != 'AWS'].PrefixListId"); do
        part prefix-list-id PrefixListId "$list" get-managed-prefix-list-entries:Entries
    done
    for template in $(ids_of_ec2 describe-launch-templates 'LaunchTemplates[].LaunchTemplateId'); do
        save "$template-versions" ec2 describe-launch-template-versions --launch-template-id "$template"
    done
done
echo "network/$account: done; anonymise it with: classiclink import --anonymise network"
