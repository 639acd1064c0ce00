//! Instances, their further network interfaces, and their links.

use super::{Done, SetUp, SetUpError};
use serde_json::{Value, json};
use std::thread;
use std::time::{Duration, Instant};

/// How long all instances together may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

impl SetUp<'_> {
    pub(super) fn instances(&mut self) -> Done {
        for (name, instance) in &self.network.instances {
            let owner = self.owner_of_instance(instance)?;
            let groups = self.ids(&instance.security_groups)?;
            let mut tags = vec![json!({"Key": "Name", "Value": name})];
            tags.extend(instance.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})));
            let mut parameters = json!({"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1});
            parameters["InstanceType"] = instance.instance_type.as_deref().unwrap_or("m3.medium").into();
            match &instance.subnet_id {
                Some(subnet) => {
                    let public = instance.associate_public_ip_address;
                    let secondary = instance.secondary_private_ip_addresses.iter();
                    let mut interface = json!({
                        "DeviceIndex": 0,
                        "SubnetId": self.id(subnet)?,
                        "AssociatePublicIpAddress": public,
                        "SecurityGroupId": groups,
                        "PrivateIpAddresses": secondary.map(|it| json!({"PrivateIpAddress": it})).collect::<Vec<_>>(),
                    });
                    if let Some(address) = instance.private_ip_address {
                        interface["PrivateIpAddress"] = address.to_string().into();
                    }
                    parameters["NetworkInterface"] = json!([interface]);
                }
                None => {
                    if let Some(address) = instance.private_ip_address {
                        tags.push(json!({"Key": "classiclink:private-ip", "Value": address}));
                    }
                    if let Some(address) = instance.public_ip_address {
                        tags.push(json!({"Key": "classiclink:public-ip", "Value": address}));
                    }
                    parameters["SecurityGroupId"] = groups.into();
                }
            }
            parameters["TagSpecification"] = json!([{"ResourceType": "instance", "Tag": tags}]);
            self.create(name, &owner, "RunInstances", parameters, "/instancesSet/0/instanceId")?;
            if let Some(check) = instance.source_dest_check {
                let parameters = json!({"InstanceId": self.id(name)?, "SourceDestCheck": {"Value": check}});
                self.call(name, &owner, "ModifyInstanceAttribute", parameters)?;
            }
        }
        Ok(())
    }

    /// Waits until every instance runs, which links, addresses and further interfaces require.
    pub(super) fn wait_for_instances(&self) -> Done {
        let end = Instant::now() + PATIENCE;
        for (name, instance) in &self.network.instances {
            let owner = self.owner_of_instance(instance)?;
            let described = json!({"InstanceId": [self.id(name)?]});
            let is_pending = || -> Done<bool> {
                let reply = self.call(name, &owner, "DescribeInstances", described.clone())?;
                let state = reply.pointer("/reservationSet/0/instancesSet/0/instanceState/name");
                Ok(state.and_then(Value::as_str) == Some("pending"))
            };
            while is_pending()? {
                if Instant::now() > end {
                    return Err(SetUpError::Pending(name.clone()));
                }
                thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }

    pub(super) fn network_interfaces(&mut self) -> Done {
        for (name, interface) in &self.network.network_interfaces {
            let owner = self.owner_of_subnet(&interface.subnet_id)?;
            let mut parameters = json!({"SubnetId": self.id(&interface.subnet_id)?});
            if let Some(address) = interface.private_ip_address {
                parameters["PrivateIpAddress"] = address.to_string().into();
            }
            if !interface.security_groups.is_empty() {
                parameters["SecurityGroupId"] = self.ids(&interface.security_groups)?.into();
            }
            self.create(name, &owner, "CreateNetworkInterface", parameters, "/networkInterface/networkInterfaceId")?;
            let id = self.id(name)?;
            if !interface.secondary_private_ip_addresses.is_empty() {
                let more =
                    json!({"NetworkInterfaceId": id, "PrivateIpAddress": interface.secondary_private_ip_addresses});
                self.call(name, &owner, "AssignPrivateIpAddresses", more)?;
            }
            if let Some(check) = interface.source_dest_check {
                let parameters = json!({"NetworkInterfaceId": id, "SourceDestCheck": {"Value": check}});
                self.call(name, &owner, "ModifyNetworkInterfaceAttribute", parameters)?;
            }
            if let Some(instance) = &interface.instance_id {
                let index = interface.device_index.unwrap_or(1);
                let at = json!({"NetworkInterfaceId": id, "InstanceId": self.id(instance)?, "DeviceIndex": index});
                let reply = self.call(name, &owner, "AttachNetworkInterface", at)?;
                self.names.set(format!("{name}.attachment"), reply["attachmentId"].as_str().unwrap_or_default());
            }
        }
        Ok(())
    }

    pub(super) fn links(&mut self) -> Done {
        for (name, instance) in &self.network.instances {
            let Some(link) = &instance.link else { continue };
            let owner = self.owner_of_instance(instance)?;
            let groups = self.ids(&link.security_groups)?;
            let parameters =
                json!({"InstanceId": self.id(name)?, "VpcId": self.id(&link.vpc_id)?, "SecurityGroupId": groups});
            self.call(name, &owner, "AttachClassicLinkVpc", parameters)?;
        }
        Ok(())
    }
}
