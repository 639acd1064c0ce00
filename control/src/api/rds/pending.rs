//! Changes of a DB instance that wait for its maintenance window, unless the request applies them immediately. No window comes here, so
//! that they wait for such a request.

use shapes::rds;

/// Whether a request changes anything: its instance, or that what waits is applied now.
pub fn is_change(input: &rds::ModifyDBInstanceMessage, is: &rds::DBInstance) -> bool {
    let rds::ModifyDBInstanceMessage { db_instance_identifier, apply_immediately, .. } = input.clone();
    let waits = is.pending_modified_values.as_ref().is_some_and(|waits| *waits != Default::default());
    let applies = apply_immediately == Some(true) && waits;
    applies
        || *input != rds::ModifyDBInstanceMessage { db_instance_identifier, apply_immediately, ..Default::default() }
}

/// Splits a request into what changes now and what waits. A requested value replaces one that waits already.
pub fn split(
    mut now: rds::ModifyDBInstanceMessage,
    is: &rds::DBInstance,
) -> (rds::ModifyDBInstanceMessage, rds::PendingModifiedValues) {
    let mut waits = is.pending_modified_values.clone().unwrap_or_default();
    let at_once = now.apply_immediately == Some(true);
    // Backups wait only to be switched on or off.
    let days = now.backup_retention_period.or(waits.backup_retention_period);
    let backups_at_once = at_once || (days == Some(0)) == (is.backup_retention_period == Some(0));
    now.new_db_instance_identifier = now.new_db_instance_identifier.map(|name| name.to_ascii_lowercase());
    place(&mut now.allocated_storage, &mut waits.allocated_storage, is.allocated_storage.as_ref(), at_once);
    place(
        &mut now.backup_retention_period,
        &mut waits.backup_retention_period,
        is.backup_retention_period.as_ref(),
        backups_at_once,
    );
    place(
        &mut now.ca_certificate_identifier,
        &mut waits.ca_certificate_identifier,
        is.ca_certificate_identifier.as_ref(),
        at_once,
    );
    place(&mut now.db_instance_class, &mut waits.db_instance_class, is.db_instance_class.as_ref(), at_once);
    place(
        &mut now.enable_iam_database_authentication,
        &mut waits.iam_database_authentication_enabled,
        is.iam_database_authentication_enabled.as_ref(),
        at_once,
    );
    place(&mut now.engine_version, &mut waits.engine_version, is.engine_version.as_ref(), at_once);
    place(&mut now.iops, &mut waits.iops, is.iops.as_ref(), at_once);
    place(&mut now.license_model, &mut waits.license_model, is.license_model.as_ref(), at_once);
    place(&mut now.multi_az, &mut waits.multi_az, is.multi_az.as_ref(), at_once);
    place(
        &mut now.new_db_instance_identifier,
        &mut waits.db_instance_identifier,
        is.db_instance_identifier.as_ref(),
        at_once,
    );
    place(&mut now.storage_throughput, &mut waits.storage_throughput, is.storage_throughput.as_ref(), at_once);
    place(&mut now.storage_type, &mut waits.storage_type, is.storage_type.as_ref(), at_once);
    (now, waits)
}

/// Applies a value now, or lets it wait if it differs from the present one.
pub fn place<T: PartialEq>(now: &mut Option<T>, waits: &mut Option<T>, is: Option<&T>, at_once: bool) {
    let value = now.take().or(waits.take());
    if at_once {
        *now = value;
    } else {
        *waits = value.filter(|value| is != Some(value));
    }
}
