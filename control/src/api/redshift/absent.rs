//! What Redshift has and this platform does not: reservations, endpoints in other VPCs, shared data, keys in hardware.

use crate::api::absent::absent;
use crate::api::action::Actions;
use crate::api::deployment::paged;
use model::services::{Error, Result};
use model::{Caller, Model};
use shapes::redshift;

absent! { redshift:
    reserved_nodes DescribeReservedNodesMessage ReservedNodesMessage reserved_nodes [reserved_node_id "ReservedNodeNotFound"];
    reserved_offerings DescribeReservedNodeOfferingsMessage ReservedNodeOfferingsMessage reserved_node_offerings [reserved_node_offering_id "ReservedNodeOfferingNotFound"];
    endpoints DescribeEndpointAccessMessage EndpointAccessList endpoint_access_list [endpoint_name "EndpointNotFound"];
    endpoint_authorizations DescribeEndpointAuthorizationMessage EndpointAuthorizationList endpoint_authorization_list [];
    usage_limits DescribeUsageLimitsMessage UsageLimitList usage_limits [];
    data_shares DescribeDataSharesMessage DescribeDataSharesResult data_shares [data_share_arn "InvalidDataShareFault"];
    hsm_certificates DescribeHsmClientCertificatesMessage HsmClientCertificateMessage hsm_client_certificates [hsm_client_certificate_identifier "HsmClientCertificateNotFoundFault"];
    hsm_configurations DescribeHsmConfigurationsMessage HsmConfigurationMessage hsm_configurations [hsm_configuration_identifier "HsmConfigurationNotFoundFault"];
    table_restores DescribeTableRestoreStatusMessage TableRestoreStatusMessage table_restore_status_details [table_restore_request_id "TableRestoreNotFoundFault"];
    custom_domains DescribeCustomDomainAssociationsMessage CustomDomainAssociationsMessage associations [custom_domain_name "CustomDomainAssociationNotFoundFault"];
    integrations DescribeIntegrationsMessage IntegrationsMessage integrations [integration_arn "IntegrationNotFoundFault"];
}
