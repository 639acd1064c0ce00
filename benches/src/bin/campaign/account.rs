//! Account: the time to import a large account, and the time of `reach` among its instances.

use super::Obstacle;
use super::report::Report;
use clap::Args;
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

/// Instances in a subnet.
const PER_SUBNET: usize = 250;

/// The size of the account and the time limit.
#[derive(Args)]
pub struct Options {
    /// How many instances the account has.
    #[arg(long, default_value_t = 5000)]
    pub instances: usize,
    /// How many of them are asked about.
    #[arg(long, default_value_t = 1000)]
    pub asked: usize,
    /// How many security groups there are, over which instances are spread.
    #[arg(long, default_value_t = 100)]
    pub groups: usize,
    /// How many services are asked about.
    #[arg(long, default_value_t = 10)]
    pub services: u16,
    /// How long each may take, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub most: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let directory = tempfile::tempdir()?;
    write(options, directory.path())?;
    let mut report = Report::default();
    let files = directory.path().to_string_lossy().into_owned();
    let import = time(&system, &["import", &files])?;
    report.at_most(&format!("{} instances are imported in", options.instances), import, "s", options.most);
    report.figure("import", import);
    let ports: Vec<String> = (0..options.services).map(|number| (1000 + number).to_string()).collect();
    let mut question = vec!["reach", "--from", "vpc-00000000", "--to", "vpc-00000000", "--json"];
    ports.iter().for_each(|port| question.extend(["--tcp", port]));
    let asked = options.asked;
    let reach = time(&system, &question)?;
    report.at_most(&format!("{asked} × {asked} × {} are listed in", options.services), reach, "s", options.most);
    report.figure("reach", reach);
    Ok(report)
}

/// The run time of a command, in seconds.
fn time(system: &System, arguments: &[&str]) -> Result<f64, Obstacle> {
    let start = Instant::now();
    let ended = system.command(arguments).stdout(Stdio::null()).status()?;
    if !ended.success() {
        return Err(format!("`classiclink {}` failed", arguments.join(" ")).into());
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Writes the account as the aws command line prints it. The first VPC has the instances that are asked about.
pub fn write(options: &Options, directory: &Path) -> Result<(), Obstacle> {
    let place = |number: usize| if number < options.asked { (0, number) } else { (1, number - options.asked) };
    let vpc = |number: usize| format!("vpc-{number:08x}");
    let subnet = |(vpc, number): (usize, usize)| format!("subnet-{vpc:04x}{:04x}", number / PER_SUBNET);
    let group = |vpc: usize, number: usize| format!("sg-{vpc:04x}{number:04x}");
    let vpcs = (0..2).map(|number| json!({"VpcId": vpc(number), "CidrBlock": "10.0.0.0/8"}));
    let subnets = (0..options.instances).map(place).filter(|(_, number)| number % PER_SUBNET == 0).map(|at| {
        let cidr = format!("10.{}.{}.0/24", at.1 / PER_SUBNET / 256, at.1 / PER_SUBNET % 256);
        json!({"SubnetId": subnet(at), "VpcId": vpc(at.0), "CidrBlock": cidr, "AvailabilityZone": "us-east-1a"})
    });
    let groups = (0..2 * options.groups).map(|number| {
        let (of, number) = (number % 2, number / 2);
        // Each group lets in the group before it, at its services' ports.
        let before = group(of, (number + options.groups - 1) % options.groups);
        let port = 1000 + number % usize::from(options.services).max(1);
        json!({"GroupId": group(of, number), "GroupName": format!("group-{number}"), "Description": "-", "VpcId": vpc(of),
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                "UserIdGroupPairs": [{"GroupId": before, "UserId": "111122223333"}]}],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]})
    });
    let tables = (0..2).map(|number| {
        json!({"RouteTableId": format!("rtb-{number:08x}"), "VpcId": vpc(number),
            "Associations": [{"RouteTableAssociationId": format!("rtbassoc-{number:08x}"), "Main": true}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local", "Origin": "CreateRouteTable"}]})
    });
    let reservations = (0..options.instances).map(|number| {
        let at = place(number);
        let (network, host) = (at.1 / PER_SUBNET, at.1 % PER_SUBNET + 4);
        let address = Ipv4Addr::new(10, (network / 256) as u8, (network % 256) as u8, host as u8);
        let groups = json!([{"GroupId": group(at.0, at.1 % options.groups)}]);
        let interface = json!({"NetworkInterfaceId": format!("eni-{number:08x}"), "SubnetId": subnet(at), "VpcId": vpc(at.0),
            "PrivateIpAddress": address, "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": true}],
            "Groups": groups, "Attachment": {"AttachmentId": format!("eni-attach-{number:08x}"), "DeviceIndex": 0}});
        json!({"ReservationId": format!("r-{number:08x}"), "OwnerId": "111122223333", "Instances": [{
            "InstanceId": format!("i-{number:08x}"), "State": {"Code": 16, "Name": "running"}, "InstanceType": "m3.medium",
            "VpcId": vpc(at.0), "SubnetId": subnet(at), "Placement": {"AvailabilityZone": "us-east-1a"},
            "NetworkInterfaces": [interface]}]})
    });
    let lists: [(&str, Vec<Value>); 5] = [
        ("Vpcs", vpcs.collect()),
        ("Subnets", subnets.collect()),
        ("SecurityGroups", groups.collect()),
        ("RouteTables", tables.collect()),
        ("Reservations", reservations.collect()),
    ];
    let directory = directory.join("111122223333/us-east-1");
    std::fs::create_dir_all(&directory)?;
    for (list, items) in lists {
        std::fs::write(directory.join(format!("{list}.json")), serde_json::to_vec(&json!({ list: items }))?)?;
    }
    Ok(())
}
