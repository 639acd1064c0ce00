//! What Redshift has and this platform does not: reservations, permissions for endpoints, shared data, other identities.

use crate::api::absent::absent;
use crate::api::action::Actions;
use crate::api::deployment::paged;
use model::services::{Error, Result};
use shapes::redshift;

absent! { redshift:
    reserved_nodes DescribeReservedNodesMessage ReservedNodesMessage reserved_nodes [reserved_node_id "ReservedNodeNotFound"];
    reserved_offerings DescribeReservedNodeOfferingsMessage ReservedNodeOfferingsMessage reserved_node_offerings [reserved_node_offering_id "ReservedNodeOfferingNotFound"];
    endpoint_authorizations DescribeEndpointAuthorizationMessage EndpointAuthorizationList endpoint_authorization_list [];
    data_shares DescribeDataSharesMessage DescribeDataSharesResult data_shares [data_share_arn "InvalidDataShareFault"];
    table_restores DescribeTableRestoreStatusMessage TableRestoreStatusMessage table_restore_status_details [table_restore_request_id "TableRestoreNotFoundFault"];
    custom_domains DescribeCustomDomainAssociationsMessage CustomDomainAssociationsMessage associations [custom_domain_name "CustomDomainAssociationNotFoundFault"];
    data_shares_for_consumer DescribeDataSharesForConsumerMessage DescribeDataSharesForConsumerResult data_shares [];
    data_shares_for_producer DescribeDataSharesForProducerMessage DescribeDataSharesForProducerResult data_shares [];
    inbound_integrations DescribeInboundIntegrationsMessage InboundIntegrationsMessage inbound_integrations [integration_arn "IntegrationNotFoundFault"];
    idc_applications DescribeRedshiftIdcApplicationsMessage DescribeRedshiftIdcApplicationsResult redshift_idc_applications [redshift_idc_application_arn "RedshiftIdcApplicationNotExists"];
    node_exchanges DescribeReservedNodeExchangeStatusInputMessage DescribeReservedNodeExchangeStatusOutputMessage reserved_node_exchange_status_details [reserved_node_id "ReservedNodeNotFound"];
    integrations DescribeIntegrationsMessage IntegrationsMessage integrations [integration_arn "IntegrationNotFoundFault"];
}
