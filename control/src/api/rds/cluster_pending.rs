//! Changes of a cluster that wait for its maintenance window, unless the request applies them immediately. As with DB instances, they wait
//! for such a request. What is not here changes immediately in any case.

use super::pending::place;
use shapes::rds;

/// Splits a request into what changes now and what waits. A requested value replaces one that waits already.
pub fn split(
    mut now: rds::ModifyDBClusterMessage,
    is: &rds::DBCluster,
) -> (rds::ModifyDBClusterMessage, rds::ClusterPendingModifiedValues) {
    let mut waits = is.pending_modified_values.clone().unwrap_or_default();
    let at_once = now.apply_immediately == Some(true);
    now.new_db_cluster_identifier = now.new_db_cluster_identifier.map(|name| name.to_ascii_lowercase());
    place(&mut now.allocated_storage, &mut waits.allocated_storage, is.allocated_storage.as_ref(), at_once);
    place(
        &mut now.enable_iam_database_authentication,
        &mut waits.iam_database_authentication_enabled,
        is.iam_database_authentication_enabled.as_ref(),
        at_once,
    );
    place(&mut now.engine_version, &mut waits.engine_version, is.engine_version.as_ref(), at_once);
    place(&mut now.iops, &mut waits.iops, is.iops.as_ref(), at_once);
    place(
        &mut now.new_db_cluster_identifier,
        &mut waits.db_cluster_identifier,
        is.db_cluster_identifier.as_ref(),
        at_once,
    );
    place(&mut now.storage_type, &mut waits.storage_type, is.storage_type.as_ref(), at_once);
    (now, waits)
}
