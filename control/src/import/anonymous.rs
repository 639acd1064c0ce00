//! Anonymises an export: names, tags, account numbers and public addresses are replaced, each by the same value
//! everywhere. Addresses that share a prefix still share one, so that rules and routes keep their meaning.

mod names;

use super::File;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::is_public;
use names::{
    BALANCERS, DESTINATIONS, NAMED, NAMES, PARAMETERS, PRINCIPALS, TAKEN_OUT, TOPICS, is_made_of_names, is_of_platform,
    is_plain_setting,
};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The public addresses of IPv6 (RFC 4291 §2.4).
const GLOBAL: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// First octets of ranges that are partly public. Only the last two octets of such addresses change, so that public
/// ones stay public.
const MIXED: [u8; 6] = [100, 169, 172, 192, 198, 203];
/// What is said of members that consist of names.
const OF_NAMES: &str = "identities, policies and hosted zones: little of them is left without names";
/// What is said of values of parameters.
const OF_PARAMETERS: &str = "values of parameters that are neither numbers nor their engine's own words";

/// What is said of values of parameters of Systems Manager.
const OF_SYSTEMS_MANAGER: &str = "values of parameters of Systems Manager";

/// Replaces values, and remembers the replacements.
pub struct Anonymous {
    words: HashMap<String, String>,
    hasher: RandomState,
    /// The logical names of the resources in the current template.
    made: BTreeSet<String>,
    /// The parts that were left out, a sentence each.
    left_out: BTreeSet<&'static str>,
}

impl Default for Anonymous {
    fn default() -> Self {
        Self { words: HashMap::new(), hasher: RandomState::new(), made: BTreeSet::new(), left_out: BTreeSet::new() }
    }
}

impl Anonymous {
    /// Anonymises files: their contents, and the accounts in their paths.
    pub fn files(&mut self, files: &mut [File]) {
        for file in files {
            let documents = file.content.as_array().map_or(std::slice::from_ref(&file.content), Vec::as_slice);
            let made =
                documents.iter().filter_map(|document| document.get("Resources")?.as_object()).flat_map(Map::keys);
            self.made = made.cloned().collect();
            self.value(&mut file.content);
            let parts = file.path.iter().map(|part| match part.to_str() {
                Some(text) => self.text(text).into(),
                None => part.to_owned(),
            });
            file.path = parts.collect();
        }
    }

    /// The parts that were left out, a sentence each.
    pub fn left_out(&self) -> impl Iterator<Item = &'static str> {
        self.left_out.iter().copied()
    }

    /// Anonymises the parameters of templates.
    pub fn parameters(&mut self, parameters: &mut BTreeMap<String, String>) {
        parameters.values_mut().for_each(|value| *value = self.text(value));
    }

    fn value(&mut self, json: &mut Json) {
        match json {
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Json::Object(members) => self.object(members),
            Json::String(text) => *text = self.text(text),
            _ => {}
        }
    }

    fn object(&mut self, members: &mut Map<String, Json>) {
        members.retain(|name, value| !TAKEN_OUT.contains(&name.as_str()) || is_of_platform(name, value));
        self.leave_out(members, OF_NAMES, is_made_of_names);
        if members.contains_key("LastModifiedDate") {
            self.leave_out(members, OF_SYSTEMS_MANAGER, |name, _| name == "Value");
        }
        self.parameters_of_groups(members);
        if members.contains_key("Key") && members.contains_key("Value") {
            return self.tag(members);
        }
        let named = NAMED.iter().find(|(id, _)| members.contains_key(*id)).map(|(_, word)| *word);
        let is_dhcp_option = members.contains_key("Key") && members.contains_key("Values");
        for (name, value) in members.iter_mut() {
            let word = NAMES.iter().find(|(known, _)| known == name).map(|(_, word)| *word);
            match word.or_else(|| named.filter(|_| name == "Name")) {
                _ if is_dhcp_option && name == "Values" => self.dhcp_values(value),
                _ if DESTINATIONS.contains(&name.as_str()) => self.destination(value),
                _ if TOPICS.contains(&name.as_str()) => self.topic(value),
                _ if name == "Target" => self.after_slash("path", value),
                _ if PRINCIPALS.contains(&name.as_str()) => self.after_slash("principal", value),
                _ if BALANCERS.contains(&name.as_str()) => self.balancers(value),
                Some(word) => self.name(name, word, value),
                None => self.value(value),
            }
        }
    }

    /// Leaves out the members that are of a kind, and remembers the sentence about it.
    fn leave_out(
        &mut self,
        members: &mut Map<String, Json>,
        why: &'static str,
        is_of_kind: impl Fn(&str, &Json) -> bool,
    ) {
        let before = members.len();
        members.retain(|name, value| !is_of_kind(name, value));
        if members.len() < before {
            self.left_out.insert(why);
        }
    }

    /// Leaves out the values of parameters that may say something of their owner: names, statements, addresses. They are those
    /// of a parameter, or those that a template gives a parameter group.
    fn parameters_of_groups(&mut self, members: &mut Map<String, Json>) {
        let allowed = members.get("AllowedValues").and_then(Json::as_str).unwrap_or_default().to_owned();
        self.leave_out(members, OF_PARAMETERS, |name, value| {
            name == "ParameterValue" && !is_plain_setting(value, &allowed)
        });
        for (family, list) in PARAMETERS {
            if members.contains_key(family)
                && let Some(Json::Object(parameters)) = members.get_mut(list)
            {
                self.leave_out(parameters, OF_PARAMETERS, |_, value| !is_plain_setting(value, ""));
            }
        }
    }

    /// Replaces a name or several.
    fn name(&mut self, of: &str, word: &str, value: &mut Json) {
        match value {
            Json::Array(names) => names.iter_mut().for_each(|name| self.name(of, word, name)),
            _ if is_text(value) && !is_of_platform(of, value) && !self.is_made(value) => {
                *value = self.word(word, value).into();
            }
            _ => self.value(value),
        }
    }

    /// Whether a value refers to a resource of the template, whose own name is replaced where it is made.
    fn is_made(&self, value: &Json) -> bool {
        let name = value.get("Ref").and_then(Json::as_str);
        name.is_some_and(|name| self.made.contains(name)) || value.get("Fn::GetAtt").is_some()
    }

    /// Anonymises a tag. Tags that express what the API cannot keep their meaning.
    fn tag(&mut self, tag: &mut Map<String, Json>) {
        let of_group = tag.get("ResourceType").is_some_and(|kind| kind == "auto-scaling-group");
        let says_more = tag["Key"].as_str().is_some_and(|key| key.starts_with("classiclink:"));
        for (name, value) in tag.iter_mut() {
            match name.as_str() {
                "Key" if *value != "Name" && !says_more => *value = self.word("key", value).into(),
                "Value" if !says_more && !is_network(value) => *value = self.word("name", value).into(),
                "Value" => self.value(value),
                // The name of the Auto Scaling group with the tag.
                "ResourceId" if of_group && is_text(value) => *value = self.word("scaling", value).into(),
                _ => {}
            }
        }
    }

    /// Anonymises DHCP options. Only names in them identify anybody.
    fn dhcp_values(&mut self, values: &mut Json) {
        for value in values.as_array_mut().into_iter().flatten() {
            let Some(value) = value.get_mut("Value") else { continue };
            let is_number = value.as_str().is_some_and(|text| text.parse::<u32>().is_ok());
            match is_network(value) || is_number || is_of_platform("domain-name", value) {
                true => self.value(value),
                false => *value = self.word("domain", value).into(),
            }
        }
    }

    /// The replacement of a value, which is always the same. The value is a text, or an expression of a template.
    fn word(&mut self, word: &str, value: &Json) -> String {
        let next = self.words.len() + 1;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.words.entry(format!("{word} {text}")).or_insert_with(|| format!("{word}-{next}")).clone()
    }

    /// Replaces the name in the ARN of what takes the records of flow logs.
    fn destination(&mut self, value: &mut Json) {
        let Some(arn) = value.as_str() else { return self.value(value) };
        let marks = [":log-group:", ":deliverystream/", ":::"];
        let start = marks.iter().find_map(|mark| Some(arn.find(mark)? + mark.len())).unwrap_or_default();
        let (place, name) = arn.split_at(start);
        *value = (self.text(place) + &self.word("logs", &name.trim_end_matches(":*").into())).into();
    }

    /// Replaces the name in the ARN of what is notified.
    fn topic(&mut self, value: &mut Json) {
        match value.as_str().and_then(|arn| arn.rsplit_once(':')) {
            Some((place, name)) => {
                *value = format!("{}:{}", self.text(place), self.word("topic", &name.into())).into();
            }
            None => self.value(value),
        }
    }

    /// Replaces what follows the first slash: the path in the target of a load balancer's health check, `HTTP:80/path`, or the name
    /// in the ARN of a user or role.
    fn after_slash(&mut self, word: &str, value: &mut Json) {
        let is_function = is_text(value);
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| self.after_slash(word, item)),
            Json::Object(parts) if is_function => parts.values_mut().for_each(|part| self.after_slash(word, part)),
            Json::String(text) => match text.split_once('/') {
                Some((place, name)) if !name.is_empty() => {
                    *text = format!("{}/{}", self.text(place), self.word(word, &name.into()));
                }
                _ => *text = self.text(text),
            },
            _ => self.value(value),
        }
    }

    /// Replaces the names in ARNs of load balancers, `…:loadbalancer/net/NAME/ID`.
    fn balancers(&mut self, value: &mut Json) {
        if let Json::Array(arns) = value {
            return arns.iter_mut().for_each(|arn| self.balancers(arn));
        }
        let parts = value.as_str().map(|arn| arn.rsplitn(3, '/').collect::<Vec<_>>());
        match parts.as_deref() {
            Some([id, name, place]) => {
                *value = format!("{}/{}/{id}", self.text(place), self.word("balancer", &(*name).into())).into();
            }
            _ => self.value(value),
        }
    }

    /// Replaces accounts and addresses in a text.
    fn text(&mut self, text: &str) -> String {
        text.split_inclusive([',', ' ']).map(|part| with_end(part, &[',', ' '], |body| self.one(body))).collect()
    }

    /// Replaces an address, a block, or accounts in a word.
    fn one(&mut self, text: &str) -> String {
        if let Ok(net) = text.parse::<Ipv4Net>() {
            let other = Ipv4Net::new(self.v4(net.addr()), net.prefix_len());
            return other.map_or_else(|_| text.to_owned(), |net| net.trunc().to_string());
        }
        if let Ok(net) = text.parse::<Ipv6Net>() {
            let other = Ipv6Net::new(self.v6(net.addr()), net.prefix_len());
            return other.map_or_else(|_| text.to_owned(), |net| net.trunc().to_string());
        }
        if let Ok(address) = text.parse() {
            return self.v4(address).to_string();
        }
        if let Ok(address) = text.parse() {
            return self.v6(address).to_string();
        }
        let parts = text.split_inclusive([':', '/']);
        parts.map(|part| with_end(part, &[':', '/'], |body| self.account(body))).collect()
    }

    /// Replaces an account number. Other text stays.
    fn account(&mut self, text: &str) -> String {
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.to_owned();
        }
        let next = self.words.len();
        self.words
            .entry(format!("account {text}"))
            .or_insert_with(|| format!("{:012}", 200_000_000_000 + next as u64))
            .clone()
    }

    /// Replaces a public address, so that shared prefixes stay shared. Other addresses stay.
    fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        if !is_public(address) {
            return address;
        }
        let kept = if MIXED.contains(&address.octets()[0]) { 16 } else { 8 };
        let turned = self.turned::<32>(address.to_bits().into(), kept);
        Ipv4Addr::from_bits(u32::try_from(turned).unwrap_or(address.to_bits()))
    }

    /// The same for IPv6.
    fn v6(&self, address: Ipv6Addr) -> Ipv6Addr {
        match GLOBAL.contains(&address) {
            true => Ipv6Addr::from_bits(self.turned::<128>(address.to_bits(), GLOBAL.prefix_len().into())),
            false => address,
        }
    }

    /// Inverts each bit after the kept ones, or not, depending on the bits before it.
    fn turned<const LENGTH: u32>(&self, bits: u128, kept: u32) -> u128 {
        let turns = |bit: &u32| self.hasher.hash_one((LENGTH, bit, bits >> (LENGTH - bit))) & 1 == 1;
        (kept..LENGTH).filter(turns).fold(bits, |all, bit| all ^ 1 << (LENGTH - 1 - bit))
    }
}

/// Replaces a text without its last letter, if that is one of `ends`.
fn with_end(text: &str, ends: &[char], body: impl FnOnce(&str) -> String) -> String {
    let whole = text.strip_suffix(ends).unwrap_or(text);
    body(whole) + &text[whole.len()..]
}

/// Whether a value is a text, or an expression of a template.
fn is_text(value: &Json) -> bool {
    let is_function =
        |members: &Map<String, Json>| members.keys().all(|name| name == "Ref" || name.starts_with("Fn::"));
    value.is_string() || value.as_object().is_some_and(is_function)
}

/// Whether a value is an address or a block.
fn is_network(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn equal_values_get_equal_replacements_and_nothing_remains() {
        let content = json!({
            "OwnerId": "123456789012", "Arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-11111111", "GroupName": "payroll",
            "Description": "of Jane", "Tags": [{"Key": "Name", "Value": "payroll-db"}, {"Key": "Boss", "Value": "Jane"}],
            "PublicIp": "52.95.110.1", "CidrIp": "52.95.110.1/32", "PrivateIpAddress": "10.0.0.5", "VpcId": "vpc-11111111",
        });
        let mut files = [File { path: "123456789012/us-east-1/x.json".into(), content }];
        Anonymous::default().files(&mut files);
        let [File { path, content }] = &files;
        let text = content.to_string();
        for secret in ["123456789012", "payroll", "Jane", "Boss", "52.95.110.1\""] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let account = content["OwnerId"].as_str().unwrap();
        assert_eq!(path.to_str().unwrap(), format!("{account}/us-east-1/x.json"));
        assert_eq!(content["Arn"], format!("arn:aws:ec2:us-east-1:{account}:vpc/vpc-11111111"));
        assert_eq!(content["CidrIp"], format!("{}/32", content["PublicIp"].as_str().unwrap()));
        assert_eq!((&content["PrivateIpAddress"], &content["VpcId"]), (&json!("10.0.0.5"), &json!("vpc-11111111")));
    }

    /// A document after anonymisation.
    fn anonymised(content: Json) -> Json {
        let mut files = [File { path: "x.json".into(), content }];
        Anonymous::default().files(&mut files);
        files[0].content.clone()
    }

    #[test]
    fn groups_of_ec2_classic_have_one_name_wherever_they_stand() {
        let told = anonymised(json!([
            {"GroupName": "payroll"},
            {"SecurityGroups": ["payroll", "default", "sg-903004f8"]},
            {"SecurityGroups": [{"GroupId": "sg-903004f8", "GroupName": "payroll"}]},
            {"SecurityGroups": [{"Ref": "Own"}, {"Fn::If": ["C", "sg-903004f8", {"Ref": "Own"}]}]},
        ]));
        let name = &told[0]["GroupName"];
        assert_ne!(name, "payroll");
        assert_eq!(told[1]["SecurityGroups"], json!([name, "default", "sg-903004f8"]));
        assert_eq!(told[2]["SecurityGroups"], json!([{"GroupId": "sg-903004f8", "GroupName": name}]));
        assert_eq!(told[3]["SecurityGroups"][0], json!({"Ref": "Own"}));
        assert_eq!(told[3]["SecurityGroups"][1], json!({"Fn::If": ["C", "sg-903004f8", {"Ref": "Own"}]}));
    }

    #[test]
    fn a_placement_group_has_one_name_wherever_it_stands() {
        let told = anonymised(json!([
            {"PlacementGroups": [{"GroupId": "pg-903004f8", "GroupName": "payroll"}]},
            {"Placement": {"GroupName": "payroll"}},
            {"PlacementGroup": "payroll"},
            {"PlacementGroupName": "payroll"},
        ]));
        let name = &told[0]["PlacementGroups"][0]["GroupName"];
        assert!(name != "payroll" && [&told[1]["Placement"]["GroupName"], &told[2]["PlacementGroup"]] == [name; 2]);
        assert_eq!(&told[3]["PlacementGroupName"], name);
    }

    #[test]
    fn names_in_dhcp_options_go_and_what_is_the_platforms_stays() {
        let option = |key: &str, value: &str| json!({"Key": key, "Values": [{"Value": value}]});
        let told = anonymised(json!([
            option("domain-name", "payroll.example.com"),
            option("domain-name-servers", "52.95.110.1")
        ]));
        assert!(!told.to_string().contains("payroll") && !told.to_string().contains("52.95.110.1"), "{told}");
        assert_eq!(told[0]["Key"], "domain-name");
        for (key, value) in [
            ("domain-name", "eu-west-1.compute.internal"),
            ("domain-name-servers", "AmazonProvidedDNS"),
            ("domain-name-servers", "10.0.0.2"),
            ("netbios-node-type", "2"),
        ] {
            assert_eq!(anonymised(option(key, value)), option(key, value));
        }
    }

    #[test]
    fn destinations_of_flow_logs_keep_their_form_without_their_names() {
        let told = anonymised(json!([
            {"LogGroupName": "payroll", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/payroll"},
            {"LogDestination": "arn:aws:logs:us-east-1:123456789012:log-group:payroll:*"},
            {"LogDestination": "arn:aws:s3:::payroll/flows"},
            {"LogDestination": "arn:aws:firehose:us-east-1:123456789012:deliverystream/payroll"},
        ]));
        let text = told.to_string();
        assert!(!text.contains("payroll") && !text.contains("123456789012"), "{text}");
        let group = told[0]["LogGroupName"].as_str().unwrap();
        assert!(told[1]["LogDestination"].as_str().unwrap().ends_with(&format!(":log-group:{group}")), "{text}");
        assert!(text.contains("arn:aws:s3:::logs-") && text.contains(":deliverystream/logs-"), "{text}");
    }

    #[test]
    fn names_of_what_a_load_balancer_has_go() {
        let told = anonymised(json!({
            "HealthCheck": {"Target": "HTTP:80/payroll"},
            "Policies": {"AppCookieStickinessPolicies": [{"PolicyName": "payroll", "CookieName": "payroll"}]},
            "ListenerDescriptions": [{"PolicyNames": ["payroll"]}],
        }));
        assert!(!told.to_string().contains("payroll"), "{told}");
        assert!(told["HealthCheck"]["Target"].as_str().unwrap().starts_with("HTTP:80/path-"));
        let policy = &told["Policies"]["AppCookieStickinessPolicies"][0]["PolicyName"];
        assert_eq!(&told["ListenerDescriptions"][0]["PolicyNames"][0], policy);
        assert_eq!(anonymised(json!({"Target": "TCP:80"})), json!({"Target": "TCP:80"}));
    }

    #[test]
    fn names_of_users_keys_and_load_balancers_go_from_endpoints() {
        let told = anonymised(json!([
            {"KeyName": "payroll", "PublicKey": "ssh-rsa AAAA payroll", "KeyFingerprint": "12:34"},
            {"Principal": "arn:aws:iam::123456789012:user/payroll"},
            {"Principal": "arn:aws:iam::123456789012:root"},
            {"NetworkLoadBalancerArns": [
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/payroll/50dc6c495c0c9188"]},
            {"ClientVpnEndpointId": "cvpn-endpoint-903004f8", "GroupId": "payroll", "AccessAll": false},
            {"GroupId": "sg-903004f8"},
            {"ImageId": "ami-903004f8", "Name": "payroll", "ImageLocation": "123456789012/payroll"},
            {"ConnectionLogOptions": {"CloudwatchLogGroup": "payroll"}, "ClientLoginBannerOptions": {"BannerText": "payroll"}},
        ]));
        let text = told.to_string();
        assert!(!text.contains("payroll") && !text.contains("123456789012"), "{text}");
        assert!(text.contains(":loadbalancer/net/balancer-") && text.contains("/50dc6c495c0c9188"), "{text}");
        assert!(text.contains(":user/principal-") && text.contains(":root"), "{text}");
        assert_eq!(told[5], json!({"GroupId": "sg-903004f8"}));
    }

    #[test]
    fn values_of_parameters_stay_if_they_are_numbers_or_the_engines_words() {
        let parameter = |name: &str, value: &str, allowed: &str| json!({"ParameterName": name, "ParameterValue": value, "AllowedValues": allowed});
        let kept =
            [parameter("max_connections", "7", "1-16000"), parameter("character_set_server", "utf8", "latin1, utf8")];
        let said = parameter("init_connect", "SET @owner = 'payroll'", "");
        let mut files = [File {
            path: "x.json".into(),
            content: json!([kept[0], kept[1], said, {"Resources": {
            "A": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": "mysql8.0",
                "Parameters": {"max_connections": 7, "init_connect": "payroll"}}},
            "B": {"Type": "AWS::ElastiCache::ParameterGroup", "Properties": {"CacheParameterGroupFamily": "redis3.2",
                "Properties": {"timeout": "20", "notify": "payroll"}}}}}]),
        }];
        let mut anonymous = Anonymous::default();
        anonymous.files(&mut files);
        let told = &files[0].content;
        assert!(!told.to_string().contains("payroll"), "{told}");
        assert_eq!((&told[0], &told[1]), (&kept[0], &kept[1]));
        assert_eq!(told[3]["Resources"]["A"]["Properties"]["Parameters"], json!({"max_connections": 7}));
        assert_eq!(told[3]["Resources"]["B"]["Properties"]["Properties"], json!({"timeout": "20"}));
        assert_eq!(anonymous.left_out().collect::<Vec<_>>(), [OF_PARAMETERS]);
    }

    #[test]
    fn names_in_templates_endpoints_policies_and_arns_go() {
        let told = anonymised(json!([
            {"AccessGroupId": "payroll", "TargetNetworkCidr": "10.0.0.0/16"},
            {"GroupId": "sg-payroll", "AccessAll": false},
            {"AllowedPrincipals": ["arn:aws:iam::123456789012:user/payroll", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/payroll"}]},
            {"Target": {"Fn::Join": ["", ["HTTP:", {"Ref": "Port"}, "/payroll"]]}},
            {"KeyName": "payroll", "PublicKeyMaterial": "ssh-ed25519 AAAA payroll"},
            {"FederatedAuthentication": {"SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/payroll"}},
            {"GroupName": "payroll", "GroupArn": "arn:aws:ec2:us-east-1:123456789012:placement-group/payroll"},
            {"CapacityReservationId": "cr-903004f8", "PlacementGroupArn": "arn:aws:ec2:us-east-1:123456789012:placement-group/payroll"},
            {"CustomizedMetricSpecification": {"MetricName": "payroll", "Namespace": "payroll", "Statistic": "Sum",
                "Dimensions": [{"Name": "payroll", "Value": "payroll"}]}},
            {"LifecycleHookName": "payroll", "NotificationMetadata": "payroll"},
            {"LogOptions": {"LogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:payroll"}},
            {"DBParameterGroupName": "default-payroll"},
            {"InstanceEventWindowId": "iew-903004f8", "Name": "payroll"},
            {"ConnectionNotificationArn": "arn:aws:sns:us-east-1:123456789012:payroll"},
            {"LifecycleHookName": "h", "RoleARN": "arn:aws:iam::123456789012:role/payroll"},
            {"AttributeName": "CookieName", "AttributeValue": "payroll"},
            {"OptionName": "o", "OptionSettings": [{"Name": "PASSWORD", "Value": "payroll"}]},
        ]));
        assert!(!told.to_string().contains("payroll") && !told.to_string().contains("123456789012"), "{told}");
    }

    #[test]
    fn descriptions_of_the_platforms_own_interfaces_stay() {
        for own in ["ClientVPN Endpoint resource", "RDSNetworkInterface", "RedshiftNetworkInterface"] {
            assert_eq!(anonymised(json!({"Description": own})), json!({"Description": own}));
        }
        assert_eq!(anonymised(json!({"Description": "ELB payroll"})), json!({}));
    }

    #[test]
    fn identities_and_hosted_zones_go() {
        let told = anonymised(json!({
            "HostedZone": {"Name": "payroll.internal."}, "HealthChecks": [{"Id": "payroll"}],
            "ResourceTagSet": {"Tags": [{"Key": "payroll", "Value": "x"}]}, "ResourceRecordSets": [{"Name": "payroll.internal."}],
            "UserDetailList": [{"UserName": "jane"}], "Policies": [{"PolicyName": "payroll"}],
            "Resources": {"Role": {"Type": "AWS::IAM::Role"}, "Zone": {"Type": "AWS::Route53::HostedZone"},
                "Vpc": {"Type": "AWS::EC2::VPC"}},
        }));
        assert_eq!(told, json!({"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}}));
    }

    #[test]
    fn tags_that_express_what_the_api_cannot_keep_their_meaning() {
        for (key, value) in [("mtu", "9001"), ("port", "plain"), ("private-ip", "10.1.2.3")] {
            let tag = json!({"Key": format!("classiclink:{key}"), "Value": value});
            assert_eq!(anonymised(tag.clone()), tag);
        }
        let public = anonymised(json!({"Key": "classiclink:public-ip", "Value": "52.95.110.1"}));
        assert!(public["Value"].as_str().unwrap().parse().is_ok_and(is_public) && public["Value"] != "52.95.110.1");
    }

    #[test]
    fn expressions_of_templates_are_anonymised() {
        let told = anonymised(json!({"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": "of Jane", "GroupName": {"Fn::Sub": "${AWS::StackName}-Jane"},
            "Tags": [{"Key": "Name", "Value": {"Fn::Join": ["-", ["Jane", {"Ref": "Env"}]]}}],
            "SecurityGroupIngress": [{"CidrIp": {"Fn::Select": [0, {"Fn::Split": [",", "52.95.110.1/32,10.0.0.0/8"]}]}}]}}}}));
        assert!(!told.to_string().contains("Jane") && !told.to_string().contains("52.95.110.1/"), "{told}");
        assert!(told.to_string().contains(",10.0.0.0/8"), "{told}");
        let parameter = json!({"Parameters": {"KeyName": {"Type": "AWS::EC2::KeyPair::KeyName", "Default": "k"}}});
        assert_eq!(anonymised(parameter.clone()), parameter);
        let mut given = BTreeMap::from([("Office".to_owned(), "52.95.110.1/32".to_owned())]);
        Anonymous::default().parameters(&mut given);
        assert_ne!(given["Office"], "52.95.110.1/32");
    }

    #[test]
    fn public_addresses_of_ipv6_become_others_in_the_same_blocks() {
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        let told = anonymised(json!([
            "2600:1f18:1234:5600::/56",
            "2600:1f18:1234:5601::/64",
            "2600:1f18:1234:5601::7",
            "::/0",
            "fd00::1"
        ]));
        let [vpc, subnet]: [Ipv6Net; 2] = [&told[0], &told[1]].map(|net| text(net).parse().unwrap());
        let host: Ipv6Addr = text(&told[2]).parse().unwrap();
        assert!(vpc.contains(&subnet) && subnet.contains(&host), "{told}");
        assert!(GLOBAL.contains(&vpc) && !told.to_string().contains("1f18:1234"), "{told}");
        assert_eq!((&told[3], &told[4]), (&json!("::/0"), &json!("fd00::1")));
    }

    proptest! {
        #[test]
        fn shared_prefixes_stay_and_what_is_public_stays_public(one: u32, other: u32, shared in 0..=32u32) {
            let mask = u32::MAX.checked_shl(32 - shared).unwrap_or(0);
            let (one, other) = (Ipv4Addr::from_bits(one), Ipv4Addr::from_bits(one & mask | other & !mask));
            let anonymous = Anonymous::default();
            let [first, second] = [one, other].map(|address| anonymous.v4(address));
            prop_assert_eq!(is_public(one), is_public(first));
            if is_public(one) && is_public(other) {
                let common = |a: Ipv4Addr, b: Ipv4Addr| (a.to_bits() ^ b.to_bits()).leading_zeros();
                prop_assert_eq!(common(one, other), common(first, second));
            }
        }
    }
}
