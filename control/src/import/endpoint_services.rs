//! Endpoint services, and who may have endpoints of them.

use super::{Importer, tags};
use model::{AllowedPrincipal, IdKind, OfferedName, Scope, ServiceOffer, VpcEndpointService};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn endpoint_service(&mut self, scope: &Scope, told: ec2::ServiceConfiguration) {
        let Some(id) = self.id(IdKind::VpcEndpointService, told.service_id) else { return };
        if let Some(state) = told.service_state.filter(|state| state != "Available" && state != "Pending") {
            return self.leave_out(format!("{id} is {state}"));
        }
        let proof = told.private_dns_name_configuration.unwrap_or_default();
        let name = told.private_dns_name.map(|name| OfferedName {
            name,
            proof: proof.name.unwrap_or_default().trim_start_matches('_').to_owned(),
            verified: proof.state.is_some_and(|state| state == "verified"),
        });
        self.model.endpoint_services.adopt(VpcEndpointService {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            offer: ServiceOffer {
                network: told.network_load_balancer_arns.to_vec(),
                gateway: told.gateway_load_balancer_arns.to_vec(),
                acceptance: told.acceptance_required != Some(false),
                address_types: told.supported_ip_address_types.to_vec(),
                regions: told.supported_regions.into_iter().filter_map(|region| region.region).collect(),
            },
            name,
            principals: Vec::new(),
            owner_pays: told.payer_responsibility.is_some_and(|payer| payer == "ServiceOwner"),
        });
    }

    pub(super) fn allowed_principal(&mut self, told: ec2::AllowedPrincipal) {
        let (Some(id), Some(arn)) = (told.service_permission_id, told.principal) else {
            return self.leave_out("a permission for an endpoint service has no id or principal");
        };
        let service = told.service_id.unwrap_or_default();
        let Some(mut row) = self.model.endpoint_services.get(&service).cloned() else {
            return self.leave_out(format!("{id}: its service {service} is not in the files"));
        };
        if row.principals.iter().all(|known| known.id != id) {
            row.principals.push(AllowedPrincipal { id, arn });
            self.model.endpoint_services.adopt(row);
        }
    }

    /// The name within VPCs of an account's service, once it is verified.
    pub(super) fn offered_name(&self, service: &str) -> Option<String> {
        let id = service.rsplit('.').next()?;
        let name = self.model.endpoint_services.get(id)?.name.as_ref()?;
        name.verified.then(|| name.name.clone())
    }
}
