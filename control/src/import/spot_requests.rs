//! Spot Instance requests, each with its instance.

use super::form::{flatten, text};
use super::{Importer, tags};
use model::{IdKind, Interruption, LaunchForm, Scope, SpotRequest, SpotTerms, Tags};
use serde_json::Value as Json;
use shapes::{ec2, of_json};

/// The list of requests.
pub const LIST: &str = "SpotInstanceRequests";

/// The parts of a launch specification that its instance does not show, with their names in requests.
const SPECIFIED: [(&str, &str); 6] = [
    ("/BlockDeviceMappings", "BlockDeviceMapping"),
    ("/IamInstanceProfile", "IamInstanceProfile"),
    ("/NetworkInterfaces", "NetworkInterface"),
    ("/UserData", "UserData"),
    ("/KernelId", "KernelId"),
    ("/RamdiskId", "RamdiskId"),
];

impl Importer<'_> {
    /// Makes the requests in the files.
    pub(super) fn spot_requests(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, _, item) in items.iter().filter(|(_, list, _)| *list == LIST) {
            match of_json(item) {
                Ok(told) => self.spot_request(scope, told, specification(item)),
                Err(fault) => self.leave_out(format!("a Spot Instance request: {fault}")),
            }
        }
    }

    fn spot_request(&mut self, scope: &Scope, told: ec2::SpotInstanceRequest, specification: LaunchForm) {
        let Some(id) = self.id(IdKind::SpotInstancesRequest, told.spot_instance_request_id) else { return };
        let instance = told.instance_id.unwrap_or_default();
        if self.model.instances.get(&instance).is_none() {
            let state = told.state.map_or_else(String::new, |state| format!("it is {state}, and "));
            return self.leave_out(format!("{id}: {state}its instance is not in the files"));
        }
        let behavior = told.instance_interruption_behavior;
        let interruption = behavior.and_then(|word| Interruption::read("InstanceInterruptionBehavior", &word).ok());
        let terms = SpotTerms {
            price: told.spot_price,
            persistent: told.r#type.is_some_and(|kind| kind == "persistent"),
            interruption: interruption.unwrap_or_default(),
            from: told.valid_from,
            until: told.valid_until,
            launch_group: told.launch_group,
            zone_group: told.availability_zone_group,
            tags: Tags::new(),
        };
        self.model.spot_requests.adopt(SpotRequest {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            created: told.create_time.unwrap_or(self.now),
            terms,
            cancelled: told.state.is_some_and(|state| state == "cancelled"),
            instance,
            interruption: None,
            specification,
        });
    }
}

/// The launch specification in the form of a request.
fn specification(item: &Json) -> LaunchForm {
    let told = item.get("LaunchSpecification").unwrap_or(&Json::Null);
    let parts = SPECIFIED.iter().filter_map(|(from, to)| Some(flatten(to, told.pointer(from)?)));
    parts.flatten().collect()
}

/// The id of a request.
pub fn id(item: &Json) -> Option<String> {
    text(item, "/SpotInstanceRequestId")
}
