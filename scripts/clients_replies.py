"""A proxy between clients and the cloud that checks every reply against the clients' own service models.

Usage: clients_replies.py ENDPOINT. The first line says where it listens; after SIGINT it prints what is wrong with the replies that
passed, each kind once, and fails if anything is. A reply is wrong if it has elements that botocore's model of the service does not know,
values of another type, or lacks members that are required or that AWS always sends.
"""

import contextlib
import http.client
import re
import signal
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session

# By names in signatures; the other service that signs as elasticloadbalancing has another version.
SERVICES = {
    "autoscaling": "autoscaling",
    "ec2": "ec2",
    "elasticache": "elasticache",
    "elasticloadbalancing": "elb",
    "iam": "iam",
    "rds": "rds",
    "redshift": "redshift",
    "route53": "route53",
    "sts": "sts",
}

# Members that the model requires, and that AWS leaves out where the request does not have them.
NOT_ALWAYS = {
    "ListHealthChecksResponse": "Marker",
    "ListHostedZonesResponse": "Marker",
    "ListReusableDelegationSetsResponse": "Marker",
}

# Members that AWS always sends, by shapes of EC2; the model itself does not say so.
ALWAYS = {
    "Address": "PublicIp Domain",
    "AvailabilityZone": "ZoneName ZoneId RegionName State OptInStatus GroupName NetworkBorderGroup ZoneType Messages",
    "CustomerGateway": "CustomerGatewayId State Type BgpAsn",
    "DhcpOptions": "DhcpOptionsId DhcpConfigurations OwnerId Tags",
    "FlowLog": "FlowLogId FlowLogStatus CreationTime ResourceId LogDestinationType LogFormat MaxAggregationInterval",
    "Image": "ImageId ImageLocation State OwnerId Public Architecture ImageType RootDeviceType VirtualizationType "
    "CreationDate Name BlockDeviceMappings PlatformDetails UsageOperation",
    "Instance": "InstanceId ImageId State PrivateDnsName PublicDnsName StateTransitionReason AmiLaunchIndex ProductCodes "
    "InstanceType LaunchTime Placement Monitoring Architecture RootDeviceType RootDeviceName BlockDeviceMappings "
    "VirtualizationType ClientToken SecurityGroups EbsOptimized Hypervisor NetworkInterfaces CpuOptions "
    "CapacityReservationSpecification HibernationOptions MetadataOptions EnclaveOptions PlatformDetails UsageOperation "
    "UsageOperationUpdateTime MaintenanceOptions CurrentInstanceBootMode",
    "InternetGateway": "InternetGatewayId OwnerId Attachments Tags",
    "KeyPairInfo": "KeyPairId KeyName KeyFingerprint KeyType CreateTime Tags",
    "LaunchTemplate": "LaunchTemplateId LaunchTemplateName CreateTime CreatedBy DefaultVersionNumber LatestVersionNumber",
    "NatGateway": "NatGatewayId SubnetId VpcId State CreateTime NatGatewayAddresses ConnectivityType",
    "NetworkAcl": "NetworkAclId VpcId IsDefault Entries Associations OwnerId Tags",
    "NetworkInterface": "NetworkInterfaceId SubnetId VpcId AvailabilityZone Description OwnerId RequesterManaged Status "
    "MacAddress PrivateIpAddress SourceDestCheck Groups PrivateIpAddresses Ipv6Addresses InterfaceType TagSet",
    "Region": "RegionName Endpoint OptInStatus",
    "Reservation": "ReservationId OwnerId Instances Groups",
    "RouteTable": "RouteTableId VpcId OwnerId Routes Associations PropagatingVgws Tags",
    "SecurityGroup": "GroupId GroupName Description OwnerId IpPermissions",
    "SecurityGroupRule": "SecurityGroupRuleId GroupId GroupOwnerId IsEgress IpProtocol FromPort ToPort SecurityGroupRuleArn",
    "Snapshot": "SnapshotId VolumeId State StartTime Progress OwnerId VolumeSize Encrypted StorageTier",
    "Subnet": "SubnetId SubnetArn State VpcId CidrBlock AvailableIpAddressCount AvailabilityZone AvailabilityZoneId "
    "DefaultForAz MapPublicIpOnLaunch AssignIpv6AddressOnCreation Ipv6CidrBlockAssociationSet OwnerId EnableDns64 "
    "Ipv6Native PrivateDnsNameOptionsOnLaunch MapCustomerOwnedIpOnLaunch BlockPublicAccessStates",
    "Volume": "VolumeId Size SnapshotId AvailabilityZone State CreateTime Attachments VolumeType Encrypted MultiAttachEnabled",
    "Vpc": "VpcId State CidrBlock DhcpOptionsId InstanceTenancy IsDefault OwnerId CidrBlockAssociationSet "
    "BlockPublicAccessStates",
    "VpcEndpoint": "VpcEndpointId VpcEndpointType VpcId ServiceName State CreationTimestamp OwnerId",
    "VpcPeeringConnection": "VpcPeeringConnectionId Status AccepterVpcInfo RequesterVpcInfo",
    "VpnGateway": "VpnGatewayId State Type VpcAttachments AmazonSideAsn",
}

# Values that AWS sends and its model does not list.
UNLISTED = {
    "Image.Platform": {"windows"},
    "InternetGatewayAttachment.State": {"available"},
    "NetworkInterface.Status": {"pending"},
}

NUMBER = re.compile(r"-?\d+")
TYPES = {
    "boolean": re.compile("true|false"),
    "double": re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?"),
    "float": re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?"),
    "integer": NUMBER,
    "long": NUMBER,
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"),
}


class Findings:
    """The faults of replies: each kind with the first action at which it was found."""

    def __init__(self):
        self.session = botocore.session.get_session()
        self.lock, self.models, self.kinds, self.replies = threading.Lock(), {}, {}, 0

    def model(self, service):
        with self.lock:
            if service not in self.models:
                self.models[service] = self.session.get_service_model(service)
            return self.models[service]

    def note(self, where, what):
        with self.lock:
            self.kinds.setdefault(what, where)

    def reply(self, service, action, status, headers, body):
        """Checks one reply."""
        with self.lock:
            self.replies += 1
        if "x-amzn-requestid" not in {name.lower() for name, _ in headers}:
            self.note(action, "no header x-amzn-RequestId")
        if service is None:
            return
        model = self.model(service)
        protocol, known = model.metadata["protocol"], action in model.operation_names
        if status < 400 and not known:
            return self.note(action, "an action that the clients do not know was accepted")
        if not body:
            # Only replies of REST actions may be empty.
            if status >= 400 or protocol != "rest-xml" or model.operation_model(action).output_shape:
                self.note(action, "no document")
            return
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            return self.note(action, f"no XML: {error}")
        if status >= 400:
            self.refusal(protocol, action, root)
        else:
            self.accepted(protocol, model.operation_model(action), root)

    def refusal(self, protocol, action, root):
        expected = "Response" if protocol == "ec2" else "ErrorResponse"
        error = root.find("Errors/Error") if protocol == "ec2" else child(root, "Error")
        if plain(root) != expected or error is None:
            self.note(action, f"a refusal that is no <{expected}>")
        elif child(error, "Code") is None or child(error, "Message") is None:
            self.note(action, "a refusal without code or message")

    def accepted(self, protocol, operation, root):
        output, action = operation.output_shape, operation.name
        if protocol == "rest-xml":
            return output and self.structure(action, output, root)
        if plain(root) != f"{action}Response":
            self.note(action, f"<{plain(root)}> in place of <{action}Response>")
        around = {"requestId"} if protocol == "ec2" else {"ResponseMetadata"}
        if not around & {plain(node) for node in root}:
            self.note(action, "no request id in the document")
        if protocol == "query":
            wrapper = output and output.serialization.get("resultWrapper")
            root = child(root, wrapper) if wrapper else None
            if wrapper and root is None:
                return self.note(action, f"no <{wrapper}>")
        if output is not None and root is not None:
            self.structure(action, output, root, around)
        elif output is None and protocol == "ec2" and root.findtext(ns(root) + "return") != "true":
            self.note(action, "no <return>true</return>")

    def structure(self, where, shape, node, around=frozenset()):
        members = {}
        for name, member in shape.members.items():
            if "location" in member.serialization or member.serialization.get("xmlAttribute"):
                continue
            element = member.serialization.get("name", name)
            if is_flat(member):
                element = member.serialization.get("name") or member.member.serialization.get("name", name)
            members[element] = (name, member)
        seen = set()
        for element in node:
            name, member = members.get(plain(element), (None, None))
            if name is None:
                # EC2's replies have `return` where they have nothing else, whether the model has it or not.
                says_yes = plain(element) == "return" and element.text == "true"
                if plain(element) not in around and not says_yes:
                    self.note(where, f"{shape.name} has no member <{plain(element)}>")
                continue
            if name in seen and not is_flat(member):
                self.note(where, f"{shape.name}.{name} is there twice")
            seen.add(name)
            self.value(where, f"{shape.name}.{name}", member, element)
        always = ALWAYS.get(shape.name, "").split() if self.is_of_ec2(shape) else []
        required = {*shape.required_members} - {*NOT_ALWAYS.get(shape.name, "").split()}
        for name in {*required, *always} & set(shape.members):
            if name not in seen and "location" not in shape.members[name].serialization:
                self.note(where, f"{shape.name} lacks {name}")

    def value(self, where, path, shape, node):
        if shape.type_name == "structure":
            self.structure(where, shape, node)
        elif shape.type_name == "list":
            if is_flat(shape):
                return self.value(where, path, shape.member, node)
            item = shape.member.serialization.get("name", "member")
            for element in node:
                if plain(element) != item:
                    self.note(where, f"{path} has items <{plain(element)}>, not <{item}>")
                self.value(where, path, shape.member, element)
        elif shape.type_name == "map":
            return
        elif len(node):
            self.note(where, f"{path} is a {shape.type_name} and has elements")
        else:
            text = node.text or ""
            if shape.type_name in TYPES and not TYPES[shape.type_name].fullmatch(text):
                self.note(where, f"{path} is no {shape.type_name}: {text!r}")
            if shape.type_name == "string" and shape.enum and text not in {*shape.enum, *UNLISTED.get(path, ())}:
                self.note(where, f"{path} is none of its values: {text!r}")

    def is_of_ec2(self, shape):
        ec2 = self.models.get("ec2")
        return ec2 is not None and shape._shape_resolver is ec2._shape_resolver


def plain(node):
    """An element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def ns(node):
    return node.tag[: node.tag.rfind("}") + 1]


def child(node, name):
    return next((one for one in node if plain(one) == name), None)


def is_flat(shape):
    return shape.type_name == "list" and shape.serialization.get("flattened", False)


class Between(BaseHTTPRequestHandler):
    """A connection to the proxy: forwards requests, and checks the replies."""

    protocol_version = "HTTP/1.1"
    findings = upstream = None

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = http.client.HTTPConnection(self.upstream, timeout=120)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                upstream.putheader(name, value)
        upstream.endheaders(body)
        reply = upstream.getresponse()
        answer = reply.read()
        upstream.close()
        if not self.path.startswith(("/_", "/metrics")):
            self.findings.reply(*self.asked(body), reply.status, reply.getheaders(), answer)
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_DELETE = do_PUT = pass_on

    def asked(self, body):
        """The service and the action that a request names."""
        url = urllib.parse.urlsplit(self.path)
        form = dict(urllib.parse.parse_qsl(f"{url.query}&{body.decode(errors='replace')}"))
        scope = re.search(r"Credential=[^,/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        service = SERVICES.get(scope.group(1)) if scope else None
        if service == "elb" and form.get("Version", "") > "2013":
            service = None
        if service == "route53":
            return service, self.of_path(service, url.path)
        return service, form.get("Action", self.path)

    def of_path(self, service, path):
        model = self.findings.model(service)
        for name in model.operation_names:
            http_of = model.operation_model(name).http
            uri = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(http_of["requestUri"].split("?")[0]))
            if http_of["method"] == self.command and re.fullmatch(uri + "/?", path):
                return name
        return path

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def between(endpoint):
    """Runs a proxy before an endpoint; gives the proxy's address and its findings."""
    Between.upstream = urllib.parse.urlsplit(endpoint).netloc
    Between.findings = findings = Findings()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", findings
    finally:
        server.shutdown()


def report(findings):
    """Prints the faults of replies, and returns whether there are any."""
    for what, where in sorted(findings.kinds.items()):
        print(f"wrong reply: {what} (first seen at {where})")
    print(f"{findings.replies} replies checked, {len(findings.kinds)} kinds of faults")
    return len(findings.kinds) > 0


def main():
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with between(sys.argv[1]) as (address, findings):
        print(address, flush=True)
        signal.sigwait(ends)
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
