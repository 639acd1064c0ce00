//! A real network brought in, and asked about.

use super::*;
use serde_json::{Value, json};
use std::fs;

/// As `aws ec2 describe-…` prints it: a web server and a database of an account in eu-west-1.
fn network(directory: &Path) {
    let account = directory.join("123456789012/eu-west-1");
    fs::create_dir_all(&account).unwrap();
    let instance = |id: &str, name: &str, address: &str, group: &str| {
        let interface = format!("eni-{}", &id[2..]);
        json!({"InstanceId": id, "State": {"Name": "running"}, "InstanceType": "t2.micro", "VpcId": "vpc-11111111",
            "SubnetId": "subnet-11111111", "Tags": [{"Key": "Name", "Value": name}], "Placement": {"AvailabilityZone": "eu-west-1a"},
            "NetworkInterfaces": [{"NetworkInterfaceId": interface, "SubnetId": "subnet-11111111", "VpcId": "vpc-11111111",
                "PrivateIpAddress": address, "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": true}],
                "Groups": [{"GroupId": group}], "Attachment": {"DeviceIndex": 0}}]})
    };
    let group = |id: &str, name: &str, ingress: Value| {
        json!({"GroupId": id, "GroupName": name, "Description": name, "VpcId": "vpc-11111111", "IpPermissions": ingress,
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]})
    };
    let from_web = json!([{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": "sg-11111111"}]}]);
    let all = |egress| json!({"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "Egress": egress});
    let contents = [
        ("vpcs", json!({"Vpcs": [{"VpcId": "vpc-11111111", "CidrBlock": "10.9.0.0/16"}]})),
        (
            "subnets",
            json!({"Subnets": [{"SubnetId": "subnet-11111111", "VpcId": "vpc-11111111", "CidrBlock": "10.9.1.0/24",
            "AvailabilityZone": "eu-west-1a"}]}),
        ),
        (
            "route-tables",
            json!({"RouteTables": [{"RouteTableId": "rtb-11111111", "VpcId": "vpc-11111111",
            "Associations": [{"RouteTableAssociationId": "rtbassoc-11111111", "Main": true}],
            "Routes": [{"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"}]}]}),
        ),
        (
            "network-acls",
            json!({"NetworkAcls": [{"NetworkAclId": "acl-11111111", "VpcId": "vpc-11111111", "IsDefault": true,
            "Entries": [all(false), all(true)],
            "Associations": [{"NetworkAclAssociationId": "aclassoc-11111111", "SubnetId": "subnet-11111111"}]}]}),
        ),
        (
            "security-groups",
            json!({"SecurityGroups": [group("sg-11111111", "web", json!([])), group("sg-22222222", "db", from_web)]}),
        ),
        (
            "instances",
            json!({"Reservations": [{"ReservationId": "r-11111111", "Instances": [
            instance("i-11111111", "web", "10.9.1.10", "sg-11111111"), instance("i-22222222", "db", "10.9.1.20", "sg-22222222")]}]}),
        ),
    ];
    for (name, content) in contents {
        fs::write(account.join(format!("describe-{name}.json")), content.to_string()).unwrap();
    }
}

/// A command that asks the API of the endpoint it is given.
pub fn request(form: &str) -> String {
    format!(
        "endpoint=${{AWS_ENDPOINT_URL#http://}}; exec 3<>/dev/tcp/${{endpoint%:*}}/${{endpoint#*:}}; \
         printf 'GET /?{form} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n' >&3; \
         printf 'Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20150101/eu-west-1/ec2/aws4_request\\r\\n\\r\\n' >&3; \
         head -1 <&3 | grep -q ' 200 '"
    )
}

#[test]
fn a_network_is_imported_asked_about_and_exported() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let system = System::start(directory.path());
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let real = path("real");
    network(Path::new(&real));

    let told = system.tell(&["import", &real, "--hosts", "web"]);
    assert!(told.contains("1 VPCs") && told.contains("2 instances") && !told.contains("left out"), "{told}");
    let again = system.run(&["import", &real]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    system.tell(&["exec", "web", "--", "true"]);
    let dormant = system.run(&["exec", "db", "--", "true"]);
    let dormant = String::from_utf8_lossy(&dormant.stderr).into_owned();
    assert!(dormant.contains("import --hosts=db`"), "{dormant}");

    // Whether or not they have hosts, all reach whom they reach.
    let reach = system.tell(&["reach", "--csv", "--tcp", "5432", "--tcp", "80"]);
    let lines: Vec<&str> = reach.lines().collect();
    assert!(lines.contains(&"i-11111111,i-22222222,tcp 5432,open"), "{reach}");
    assert!(lines.contains(&"i-11111111,i-22222222,tcp 80,ingress-filter"), "{reach}");
    assert!(lines.contains(&"i-22222222,i-11111111,tcp 5432,ingress-filter"), "{reach}");
    let table = system.tell(&["reach", "--from", "sg-11111111", "--to", "db"]);
    assert_eq!(table.lines().last().unwrap().split_whitespace().collect::<Vec<_>>(), ["web", "db", "tcp", "5432"]);

    system.tell(&["import", "--hosts", "db"]);
    system.tell(&["exec", "db", "--", "true"]);
    system.tell(&["why", "web", "db", "--tcp", "5432"]);

    // Nobody listens, and the connection is known all the same.
    system.run(&["exec", "web", "--", "bash", "-c", "echo > /dev/tcp/10.9.1.20/5432"]);
    let flows: Value = serde_json::from_str(&system.tell(&["flows", "--json"])).unwrap();
    let flow = &flows["flows"][0];
    assert_eq!(
        (&flow["from_name"], &flow["to_name"], &flow["sent"]["destination_port"]),
        (&json!("web"), &json!("db"), &json!(5432))
    );
    assert_eq!(flow["in_by"], "sg-22222222 (db): tcp 5432 from sg-11111111 (web)");

    let revoke = request(
        "Action=RevokeSecurityGroupIngress&GroupId=sg-22222222&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5432\
         &IpPermissions.1.ToPort=5432&IpPermissions.1.Groups.1.GroupId=sg-11111111",
    );
    let what_if = system.tell(&["what-if", "--", "bash", "-c", &revoke]);
    assert_eq!(what_if, "closed\n  web → db  tcp 5432");
    let what_if = system.tell(&["what-if", "--csv", "--tcp", "5000-6000", "--", "bash", "-c", &revoke]);
    assert_eq!(what_if, "change,from,to,service\nclosed,i-11111111,i-22222222,tcp 5432");
    let allow = request(
        "Action=AuthorizeSecurityGroupIngress&GroupId=sg-22222222&IpPermissions.1.IpProtocol=50&IpPermissions.1.Groups.1.GroupId=sg-11111111",
    );
    let what_if = system.tell(&["what-if", "--", "bash", "-c", &allow]);
    assert_eq!(what_if, "opened\n  web → db  protocol 50");
    assert_eq!(system.run(&["why", "web", "db", "--protocol", "50"]).status.code(), Some(1));
    assert_eq!(system.run(&["why", "web", "nobody"]).status.code(), Some(2));
    // It has changed nothing.
    system.tell(&["why", "web", "db", "--tcp", "5432"]);
    let failed = system.run(&["what-if", "--", "sh", "-c", "exit 3"]);
    assert!(String::from_utf8_lossy(&failed.stderr).contains("the command failed"), "{failed:?}");

    let exported = path("exported");
    system.tell(&["export", &exported]);
    assert_eq!(system.tell(&["diff", "now", &exported]), "nothing opens and nothing closes");
    let vpcs = fs::read(Path::new(&exported).join("123456789012/eu-west-1/describe-vpcs.json")).unwrap();
    let vpcs: Value = serde_json::from_slice(&vpcs).unwrap();
    assert_eq!(vpcs["Vpcs"][0]["VpcId"], "vpc-11111111");

    let scenario = system.tell(&["export", "--scenario"]);
    let steps = "steps:\n  - web can tcp 5432 on db\n  - db cannot tcp 80 on web: ingress-filter\n";
    fs::write(path("scenario.yaml"), scenario.replace("steps: []", steps)).unwrap();
    let played = Command::new(PROGRAM).arg("run").arg(path("scenario.yaml")).output().unwrap();
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stdout));
}

#[test]
fn reach_takes_words_for_many_hosts_and_ranges_of_ports() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    network(files.path());
    let real = files.path().to_str().unwrap();
    let reach = |arguments: &[&str]| {
        let asked = [&["reach", "--csv", "--in", real][..], arguments].concat();
        let output = classiclink(directory.path(), &asked).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let range = "from,to,service,verdict\n\
                 i-11111111,i-22222222,tcp 5000-5431,ingress-filter\n\
                 i-11111111,i-22222222,tcp 5432,open\n\
                 i-11111111,i-22222222,tcp 5433-6000,ingress-filter\n";
    assert_eq!(reach(&["--from", "10.9.1.10", "--to", "db", "--tcp", "5000-6000"]), (true, range.to_owned()));
    let both: [&[&str]; 5] = [&["web", "db"], &["10.9.1.0/24"], &["123456789012"], &["eu-west-1"], &["rtb-11111111"]];
    for words in both {
        let (_, told) = reach(&[&["--icmp", "--from"][..], words].concat());
        assert_eq!(told.lines().count(), 3, "{words:?}: {told}");
    }
    for word in ["internet", "10.0.0.0/16", "tag:Name=cache", "", "a\nb"] {
        let (done, told) = reach(&["--to", "web", "--from", word]);
        assert!(!done && told.starts_with("classiclink: nothing that runs is called "), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    network(files.path());
    let real = files.path().to_str().unwrap();
    for arguments in [&["import", "--how"][..], &["reach", "--in", real], &["diff", real, real]] {
        let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let told = classiclink(directory.path(), arguments).stdout(full()).output().unwrap();
        let words = String::from_utf8(told.stderr).unwrap();
        assert!(words.starts_with("classiclink: cannot write standard output: "), "{arguments:?}: {words}");
        assert_eq!(words.lines().count(), 1, "{words}");
        let mute = classiclink(directory.path(), arguments).stdout(full()).stderr(full()).status().unwrap();
        assert!(matches!(mute.code(), Some(1 | 2)), "{arguments:?}: {mute}");
    }
}

#[test]
fn a_rehearsed_command_cannot_name_another_endpoint() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    network(files.path());
    let real = files.path().to_str().unwrap();
    let named = ["what-if", "--in", real, "--", "echo", "--endpoint-url", "http://real.example"];
    let told = classiclink(directory.path(), &named).output().unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.starts_with("--endpoint-url=http://127.0.0.1:") && !told.contains("real.example"), "{told}");
    assert!(told.contains("sent the copy no request"), "{told}");
}

#[test]
fn a_rehearsed_command_finds_no_other_cloud_than_the_copy() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    network(files.path());
    let real = files.path().to_str().unwrap();
    let mut what_if = classiclink(directory.path(), &["what-if", "--in", real, "--", "env"]);
    what_if.env("AWS_ENDPOINT_URL", "http://real.example").env("AWS_ENDPOINT_URL_EC2", "http://real.example");
    let told = what_if.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true").output().unwrap();
    let environment = String::from_utf8(told.stderr).unwrap();
    assert!(environment.contains("AWS_ENDPOINT_URL=http://127.0.0.1:"), "{environment}");
    assert!(environment.contains("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false"), "{environment}");
    assert!(!environment.contains("real.example"), "{environment}");
    assert_eq!(told.stdout, b"nothing opens and nothing closes\n");

    // A Region and credentials are given only to users who have none.
    let configured = directory.path().join("aws");
    fs::write(&configured, "[default]\n").unwrap();
    for (path, given) in [(Path::new("/nonexistent"), true), (configured.as_path(), false)] {
        let mut what_if = classiclink(directory.path(), &["what-if", "--in", real, "--", "env"]);
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_PROFILE"] {
            what_if.env_remove(name);
        }
        what_if.env("AWS_CONFIG_FILE", path).env("AWS_SHARED_CREDENTIALS_FILE", path);
        let environment = String::from_utf8(what_if.output().unwrap().stderr).unwrap();
        assert_eq!(environment.contains("AWS_DEFAULT_REGION=us-east-1"), given, "{environment}");
        assert_eq!(environment.contains("AWS_ACCESS_KEY_ID=test"), given, "{environment}");
    }
}

#[test]
fn a_verb_whose_output_nobody_reads_ends_in_silence() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    network(files.path());
    let real = files.path().to_str().unwrap();
    for arguments in [&["reach", "--csv", "--in", real][..], &["export", "--scenario", "--in", real]] {
        let mut command = classiclink(directory.path(), arguments);
        let mut verb = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(verb.stdout.take());
        let ended = verb.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{arguments:?}: {:?}", ended.status);
    }
}

#[test]
fn counters_and_drops_are_there_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    system.tell(&["host", "add", "visitor", "--address", "203.0.113.1"]);
    let mut follow = classiclink(system.state, &["drops", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    let send = ["exec", "visitor", "--", "bash", "-c", "echo > /dev/udp/203.0.113.9/53"];
    system.tell(&send);
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("no-such-address") && first.contains("203.0.113.9:53"), "{first}");
    system.tell(&send);
    assert_ne!(lines.next().unwrap().unwrap(), first);
    // Nobody reads any more: it ends as other programs do.
    drop(lines);
    system.tell(&send);
    assert_eq!(follow.wait().unwrap().signal(), Some(Signal::SIGPIPE as i32));

    let mut stream = TcpStream::connect(&system.endpoint).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let drops =
        "classiclink_dropped_packets_total{host=\"visitor\",name=\"\",interface=\"eth0\",reason=\"no-such-address\"} 3";
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(drops), "{answer}");
    assert!(
        answer.contains("\nclassiclink_up 1\n") && answer.contains("\nclassiclink_changes_total{result=\"made\"}"),
        "{answer}"
    );
    // The guard stands before this, too.
    let mut stream = TcpStream::connect(&system.endpoint).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut refused = String::new();
    stream.read_to_string(&mut refused).unwrap();
    assert!(!refused.starts_with("HTTP/1.1 200"), "{refused}");
}

#[test]
fn a_capture_follows_a_host_that_is_made_again() {
    let (directory, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let system = System::start(directory.path());
    let (file, add) = (files.path().join("visitor.pcapng"), ["host", "add", "visitor", "--address", "203.0.113.1"]);
    system.tell(&add);
    let arguments = ["capture", "visitor", "-c", "1", "--seconds", "60", "-w", file.to_str().unwrap()];
    let capture = classiclink(system.state, &arguments).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !file.exists() {
        assert!(Instant::now() < deadline, "the capture does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    system.tell(&["host", "remove", "visitor"]);
    system.tell(&add);
    system.tell(&["exec", "visitor", "--", "bash", "-c", "echo > /dev/udp/203.0.113.9/53"]);
    let ended = capture.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "1 packets captured, 0 lost\n");
}
