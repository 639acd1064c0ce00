//! Changes of a cluster that wait for its maintenance window, unless the request applies them immediately. As with DB instances, they wait
//! for such a request. What is not here changes immediately in any case.

use super::pending::place;
use shapes::rds;

/// Splits a request into what changes now and what waits. A requested value replaces one that waits already.
pub fn split(
    mut input: rds::ModifyDBClusterMessage,
    is: &rds::DBCluster,
) -> (rds::ModifyDBClusterMessage, rds::ClusterPendingModifiedValues) {
    let mut waits = is.pending_modified_values.clone().unwrap_or_default();
    let at_once = input.apply_immediately == Some(true);
    let name = &mut input.new_db_cluster_identifier;
    *name = name.take().map(|name| name.to_ascii_lowercase());
    place(name, &mut waits.db_cluster_identifier, &is.db_cluster_identifier, at_once);
    let (now, later) = (&mut input.settings, &mut waits);
    let (iam, iam_later) =
        (&mut now.enable_iam_database_authentication, &mut later.iam_database_authentication_enabled);
    place(iam, iam_later, &is.iam_database_authentication_enabled, at_once);
    place(&mut now.allocated_storage, &mut later.allocated_storage, &is.allocated_storage, at_once);
    place(&mut now.engine_version, &mut later.engine_version, &is.engine_version, at_once);
    place(&mut now.iops, &mut later.iops, &is.iops, at_once);
    place(&mut now.storage_type, &mut later.storage_type, &is.storage_type, at_once);
    (input, waits)
}
