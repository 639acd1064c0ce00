//! What hosts are told by DHCP where programs look for it; answers of the platform while processes are killed; what interrupts a host.

use super::*;
use std::fs;

/// A VPC with a subnet, and an instance in it that runs.
fn in_vpc(system: &System<'_>) -> (String, String) {
    let made = |query: &str, name: &str| element(&system.get(query).1, name);
    let vpc = made("Action=CreateVpc&CidrBlock=10.5.0.0/16", "vpcId");
    let subnet = made(&format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.5.0.0/24"), "subnetId");
    let instance = made(&format!("{RUN}&SubnetId={subnet}"), "instanceId");
    system.instance_with(&instance, "<name>running</name>");
    (vpc, instance)
}

/// Gives a VPC a time server.
fn set_time_server(system: &System<'_>, vpc: &str, server: &str) {
    let option = format!("DhcpConfiguration.1.Key=ntp-servers&DhcpConfiguration.1.Value.1={server}");
    let options = element(&system.get(&format!("Action=CreateDhcpOptions&{option}")).1, "dhcpOptionsId");
    let (status, _) = system.get(&format!("Action=AssociateDhcpOptions&DhcpOptionsId={options}&VpcId={vpc}"));
    assert!(status.contains("200"), "{status}");
}

#[test]
fn time_servers_are_where_programs_look_for_them_and_follow_the_options() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let (vpc, instance) = in_vpc(&system);
    set_time_server(&system, &vpc, "10.5.0.123");
    // A machine on which the DHCP client is installed: this one may not be.
    let places = "mount -t tmpfs none /var/lib && mkdir /var/lib/dhcp";
    let inside = |script: &str| {
        let run = format!("{places} && exec \"$0\" exec --state \"$1\" \"$2\" -- sh -c '{script}'");
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &run, PROGRAM]).arg(system.state).arg(&instance);
        command
    };
    let lease = inside("cat /var/lib/dhcp/dhclient.leases").output().unwrap();
    let lease = String::from_utf8_lossy(&lease.stdout).into_owned() + &String::from_utf8_lossy(&lease.stderr);
    assert!(lease.contains("option ntp-servers 10.5.0.123;"), "{lease}");
    if Path::new("/etc/systemd/timesyncd.conf").exists() {
        let told = system.tell(&["exec", &instance, "--", "cat", "/etc/systemd/timesyncd.conf"]);
        assert_eq!(told, "[Time]\nNTP=10.5.0.123");
    }
    // A program that runs already sees the next ones.
    let until = "until grep -q 10.5.0.77 /var/lib/dhcp/dhclient.leases; do sleep 0.1; done";
    let mut waiting = inside(until).spawn().unwrap();
    set_time_server(&system, &vpc, "10.5.0.77");
    assert!(waiting.wait().unwrap().success());
}

/// Programs in a host that ask again and again until they are told to stop. Each prints what it misses.
fn askers(system: &System<'_>, instance: &str, stop: &Path) -> Vec<Child> {
    let again = |ask: &str| format!("echo begun; until [ -e {} ]; do {ask}; done; echo ended", stop.display());
    // A resolver asks a second time, five seconds later; a client of the metadata service connects again.
    let request =
        "exec 3<>/dev/tcp/169.254.169.254/80; printf \"GET /latest/meta-data/instance-id HTTP/1.0\\r\\n\\r\\n\" >&3";
    let metadata = format!("bash -c '{request}; grep -q ^i- <&3' 2>/dev/null");
    let asks = [
        "getent hosts www.example.com >/dev/null || echo no answer".to_owned(),
        format!("{metadata} || {metadata} || echo no metadata"),
    ];
    let start = |ask: &String| {
        let arguments = ["exec", instance, "--", "bash", "-c", &again(ask)];
        let mut asker = classiclink(system.state, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut begun = [0; 6];
        asker.stdout.as_mut().unwrap().read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"begun\n");
        asker
    };
    asks.iter().map(start).collect()
}

#[test]
fn nobody_misses_an_answer_while_processes_are_killed() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    system.tell(&["host", "add", "www.example.com", "--address", "203.0.113.80"]);
    let (_, instance) = in_vpc(&system);
    let stop = directory.path().join("stop");
    let askers = askers(&system, &instance, &stop);
    for name in ["control", "dataplane", "control", "dataplane", "control"] {
        let before = system.process(name, None);
        kill(Pid::from_raw(before.try_into().unwrap()), Signal::SIGKILL).unwrap();
        assert!(system.process(name, Some(before)) > 0);
        // It asks control, and shows that the host is reached again.
        system.tell(&["exec", &instance, "--", "getent", "hosts", "www.example.com"]);
    }
    fs::write(&stop, "").unwrap();
    for asker in askers {
        let output = asker.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "ended\n");
    }
}

#[test]
fn an_interrupted_spot_instance_ends_when_the_clock_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let spot = element(&system.get(&format!("{RUN}&InstanceMarketOptions.MarketType=spot")).1, "instanceId");
    system.instance_with(&spot, "<name>running</name>");
    let said = system.tell(&["interrupt", &spot]);
    assert!(said.starts_with("interrupted at 20") && said.ends_with('Z'), "{said}");
    let again = system.run(&["interrupt", &spot]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("has been told already"));
    system.tell(&["clock", "advance", "2m"]);
    system.instance_with(&spot, "Server.SpotInstanceTermination");
}

#[test]
fn the_identity_document_is_signed_by_the_certificate_that_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start(directory.path());
    let (_, instance) = in_vpc(&system);
    let get = |name: &str| {
        let request = format!("GET /latest/dynamic/instance-identity/{name} HTTP/1.0\\r\\n\\r\\n");
        let ask = format!("exec 3<>/dev/tcp/169.254.169.254/80; printf '{request}' >&3; cat <&3");
        let answer = system.tell(&["exec", &instance, "--", "bash", "-c", &ask]);
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    file("certificate", &(system.tell(&["identity-certificate"]) + "\n"));
    file("pkcs7", &format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", get("pkcs7")));
    assert!(!get("signature").is_empty());
    let verify = "smime -verify -in pkcs7 -inform PEM -certfile certificate -noverify";
    let verified = Command::new("openssl").current_dir(directory.path()).args(verify.split(' ')).output();
    // Machines without openssl prove nothing here.
    if let Ok(verified) = verified {
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        assert!(String::from_utf8_lossy(&verified.stdout).contains(&instance));
    }
}
